//! What a member of staff reads who may not see a page, or whose request came from elsewhere.

use leptos::prelude::*;

use super::in_lang;
use crate::components::number::say;
use crate::domain::text::Lang;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role may not.
    Role,
    /// The request was not made by a page of this site.
    Foreign,
    /// The account says too little: an officer whose agency is not known any more.
    NoScope,
}

/// The title.
pub fn refused_title(lang: Lang) -> &'static str {
    say(lang, "Không được phép", "Not allowed")
}

/// The page.
pub fn refused_view(why: Refusal, lang: Lang) -> AnyView {
    let words = match why {
        Refusal::Role => say(
            lang,
            "Tài khoản của Ông/Bà không có quyền mở trang này. Nếu công việc cần đến, xin liên hệ người quản trị tại Sở Nội vụ.",
            "Your account may not open this page. If your work needs it, ask the administrator at Sở Nội vụ.",
        ),
        Refusal::Foreign => say(
            lang,
            "Yêu cầu này không được gửi từ trang của hệ thống nên chưa được thực hiện. Xin mở lại trang và làm lại.",
            "This request did not come from a page of this site, so nothing was done. Open the page again and repeat it.",
        ),
        Refusal::NoScope => say(
            lang,
            "Tài khoản của Ông/Bà chưa gắn với cơ quan nào. Xin liên hệ người quản trị tại Sở Nội vụ.",
            "Your account belongs to no agency yet. Ask the administrator at Sở Nội vụ.",
        ),
    };
    view! {
        <h1>{refused_title(lang)}</h1>
        <div class="empty">
            <p>{words}</p>
            <p>
                <a href=in_lang("/quan-tri", lang)>{say(lang, "Về trang làm việc", "Back to my pages")}</a>
            </p>
        </div>
    }
    .into_any()
}
