//! `/cong-bo/kiem-tra`: is this code or file one of ours, and as it was published?

use leptos::prelude::*;

use super::{address, in_lang};
use crate::components::number::say;
use crate::domain::limits;
use crate::domain::text::Lang;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Yes or no.
    pub yes: bool,
    /// Why.
    pub why: String,
    /// The publication that it is.
    pub number: Option<i32>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct VerifyPage {
    /// Language.
    pub lang: Lang,
    /// The code as it was typed.
    pub code: String,
    /// What was found; none before something was asked.
    pub verdict: Option<Verdict>,
    /// What is wrong with the chain of all publications; none where it is whole.
    pub broken: Option<String>,
    /// Public key, hexadecimal.
    pub key: String,
}

/// The title; a no comes first in it.
pub fn verify_title(page: &VerifyPage) -> &'static str {
    match &page.verdict {
        Some(verdict) if !verdict.yes => say(page.lang, "Không: kiểm tra bản công bố", "No: check a publication"),
        Some(_) => say(page.lang, "Đúng: kiểm tra bản công bố", "Yes: check a publication"),
        None => say(page.lang, "Kiểm tra bản công bố", "Check a publication"),
    }
}

/// The page.
pub fn verify_view(page: &VerifyPage) -> AnyView {
    let lang = page.lang;
    let verdict = page.verdict.clone().map(|verdict| {
        let (class, word) =
            if verdict.yes { ("done", say(lang, "Đúng.", "Yes.")) } else { ("error", say(lang, "Không.", "No.")) };
        let link = verdict.number.map(|number| {
            view! {
                <p>
                    <a href=address(number, lang)>{say(lang, "Mở bản công bố này", "Open this publication")}</a>
                </p>
            }
        });
        view! {
            <p class=class role="status">
                {format!("{word} {}", verdict.why)}
            </p>
            {link}
        }
    });
    let chain = match &page.broken {
        Some(words) => view! { <p class="error">{words.clone()}</p> }.into_any(),
        None => view! {
            <p>{say(lang, "Chuỗi các bản công bố ở đây liền mạch.", "The chain of publications here is whole.")}</p>
        }
        .into_any(),
    };
    let megabytes = limits::BUNDLE_BYTES / (1024 * 1024);
    let hint = match lang {
        Lang::Vi => format!("Tệp ban-cong-bo.json tải từ trang một bản công bố, nhiều nhất {megabytes} MB."),
        Lang::En => format!("The file ban-cong-bo.json of a publication's page, at most {megabytes} MB."),
    };
    view! {
        <div class="staff-form">
            <h1>{say(lang, "Kiểm tra bản công bố", "Check a publication")}</h1>
            {verdict}
            <form method="post" action=in_lang("/cong-bo/kiem-tra", lang) enctype="multipart/form-data">
                <div class="staff-field">
                    <label class="label" for="ma">
                        {say(lang, "Mã trên trang hoặc báo cáo", "The code on a page or report")}
                    </label>
                    <p class="secondary" id="ma-goi-y">
                        {say(lang, "Ví dụ: bản công bố số 2 · mã 4F7A, hoặc cả mã băm.", "For example: No. 2, code 4F7A, or the whole hash.")}
                    </p>
                    <input class="field" id="ma" name="ma" type="text" maxlength="200" autocomplete="off" value=page.code.clone() aria-describedby="ma-goi-y"/>
                </div>
                <div class="staff-field">
                    <label class="label" for="tep">
                        {say(lang, "Hoặc tệp bản công bố", "Or the file of a publication")}
                    </label>
                    <p class="secondary" id="tep-goi-y">
                        {hint}
                    </p>
                    <input class="field" id="tep" name="tep" type="file" accept="application/json,.json" aria-describedby="tep-goi-y"/>
                </div>
                <button class="button">{say(lang, "Kiểm tra", "Check")}</button>
            </form>
            <h2>{say(lang, "Tự kiểm tra", "Check it yourself")}</h2>
            {chain}
            <p>
                {say(
                    lang,
                    "Không cần máy chủ này: lệnh sau chỉ đọc tệp và so với khoá công khai của chúng tôi.",
                    "This server is not needed: the command reads the file alone and compares it with our public key.",
                )}
            </p>
            <p class="staff-key">
                <code>{format!("hailong verify ban-cong-bo.json --key {}", page.key)}</code>
            </p>
        </div>
    }
    .into_any()
}
