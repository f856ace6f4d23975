//! The frame of every page of staff: the navigation by capability, who is signed in, the way out.

use leptos::prelude::*;

use super::in_lang;
use crate::components::number::say;
use crate::domain::role::{
    Capability, ControlQuality, DrawSample, Export, LeadTeam, ManageAccounts, MethodTools, OwnAccount, Publish,
    ReadComments, ReadLog, SeePaper, SeeWorkspace, SetUpRounds, UploadFrame,
};
use crate::domain::text::Lang;
use crate::server_side::guard::Actor;

/// A page of the navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavPage {
    /// Its address.
    pub path: &'static str,
    /// Its name in Vietnamese and in English.
    pub name: (&'static str, &'static str),
    /// Who sees it there. Seeing is not being let in: the page itself asks the guard.
    pub open_to: fn(&Actor) -> bool,
}

/// Whether an actor has a capability; for [`NavPage::open_to`].
pub fn has<C: Capability>(actor: &Actor) -> bool {
    actor.may::<C>().is_some()
}

/// All pages of the navigation, in order. `/quan-tri` leads to the first that one may see.
pub const PAGES: &[NavPage] = &[
    NavPage { path: "/quan-tri", name: ("Tổng quan", "Overview"), open_to: has::<SeeWorkspace> },
    NavPage { path: "/quan-tri/xep-hang", name: ("Xếp hạng", "Ranking"), open_to: has::<SeeWorkspace> },
    NavPage { path: "/quan-tri/so-sanh", name: ("So sánh", "Compare"), open_to: has::<SeeWorkspace> },
    NavPage { path: "/quan-tri/nguoi-dung", name: ("Người dùng", "Accounts"), open_to: has::<ManageAccounts> },
    NavPage { path: "/quan-tri/xuat", name: ("Xuất dữ liệu", "Exports"), open_to: has::<Export> },
    NavPage { path: "/quan-tri/y-kien", name: ("Ý kiến", "Comments"), open_to: has::<ReadComments> },
    NavPage { path: "/quan-tri/dot", name: ("Đợt đo lường", "Rounds"), open_to: has::<SetUpRounds> },
    NavPage { path: "/quan-tri/phieu-giay", name: ("Phiếu giấy", "Paper forms"), open_to: has::<SeePaper> },
    NavPage { path: "/quan-tri/phuong-phap", name: ("Phương pháp", "Method"), open_to: has::<MethodTools> },
    NavPage { path: "/quan-tri/khung", name: ("Danh sách hồ sơ", "Lists"), open_to: has::<UploadFrame> },
    NavPage { path: "/quan-tri/mau", name: ("Rút mẫu", "Samples"), open_to: has::<DrawSample> },
    NavPage { path: "/quan-tri/cong-bo", name: ("Công bố", "Publication"), open_to: has::<Publish> },
    NavPage { path: "/quan-tri/doi", name: ("Đội điều tra", "Field teams"), open_to: has::<LeadTeam> },
    NavPage {
        path: "/quan-tri/chat-luong",
        name: ("Kiểm tra chất lượng", "Quality control"),
        open_to: has::<ControlQuality>,
    },
    NavPage { path: "/quan-tri/nhat-ky", name: ("Nhật ký", "Log"), open_to: has::<ReadLog> },
    NavPage {
        path: "/quan-tri/tai-khoan", name: ("Tài khoản của tôi", "My account"), open_to: has::<OwnAccount>
    },
];

/// Where `/quan-tri` leads.
pub fn first_page(actor: &Actor) -> &'static str {
    PAGES.iter().find(|page| (page.open_to)(actor)).map_or("/quan-tri/tai-khoan", |page| page.path)
}

/// The navigation. `here` is the path of the page, or of the page in the navigation that it belongs to.
pub fn staff_nav(actor: &Actor, here: &str, lang: Lang) -> AnyView {
    let items: Vec<_> = PAGES
        .iter()
        .filter(|page| (page.open_to)(actor))
        .map(|page| {
            let current = (page.path == here).then_some("page");
            view! {
                <li>
                    <a href=in_lang(page.path, lang) aria-current=current>
                        {say(lang, page.name.0, page.name.1)}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <section class="staff-bar" aria-label=say(lang, "Khu vực cán bộ", "Staff")>
            <nav class="tabs" aria-label=say(lang, "Trang của cán bộ", "Staff pages")>
                <ul>{items}</ul>
            </nav>
            <form class="staff-out" method="post" action=in_lang("/quan-tri/dang-xuat", lang)>
                <span>{format!("{} · {}", actor.name, actor.role().name(lang))}</span>
                <button class="linklike">{say(lang, "Đăng xuất", "Sign out")}</button>
            </form>
        </section>
    }
    .into_any()
}
