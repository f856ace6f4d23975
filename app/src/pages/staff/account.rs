//! The own account: sessions, password.

use leptos::prelude::*;

use super::{Field, browser, done, fault, in_lang};
use crate::components::number::{instant, say};
use crate::components::tables::Scroll;
use crate::domain::password::PasswordFault;
use crate::domain::text::Lang;

/// A session, as its owner sees it.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// Key.
    pub id: i64,
    /// What the browser calls itself.
    pub agent: String,
    /// When it began, milliseconds since 1970.
    pub began: i64,
    /// When it was last used.
    pub seen: i64,
    /// It is this one.
    pub own: bool,
}

/// What the page of the own account shows.
#[derive(Clone, Debug)]
pub struct AccountPage {
    /// Language.
    pub lang: Lang,
    /// Name of the person.
    pub name: String,
    /// Login name.
    pub login: String,
    /// Role, for people.
    pub role: &'static str,
    /// Name of the agency.
    pub agency: Option<String>,
    /// Sessions, this one included.
    pub sessions: Vec<SessionLine>,
    /// What was just done.
    pub done: Option<&'static str>,
}

/// The title.
pub fn account_title(lang: Lang) -> &'static str {
    say(lang, "Tài khoản của tôi", "My account")
}

/// The page of the own account.
pub fn account_view(page: &AccountPage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .sessions
        .iter()
        .map(|session| {
            let end = if session.own {
                view! { <span>{say(lang, "phiên này", "this one")}</span> }.into_any()
            } else {
                view! {
                    <form method="post" action=in_lang("/quan-tri/tai-khoan/dang-xuat", lang)>
                        <input type="hidden" name="phien" value=session.id.to_string()/>
                        <button
                            class="linklike"
                            aria-label=format!(
                                "{} {}",
                                say(lang, "Đăng xuất", "Sign out"),
                                browser(&session.agent, lang),
                            )
                        >
                            {say(lang, "Đăng xuất", "Sign out")}
                        </button>
                    </form>
                }
                .into_any()
            };
            view! {
                <tr>
                    <th scope="row">{browser(&session.agent, lang)}</th>
                    <td>{instant(session.began, lang)}</td>
                    <td>{instant(session.seen, lang)}</td>
                    <td>{end}</td>
                </tr>
            }
        })
        .collect();
    let who = [Some(page.role.to_owned()), page.agency.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <h1>{account_title(lang)}</h1>
        {done(page.done)}
        <p class="heading__round">
            <strong>{page.name.clone()}</strong>
            {format!(" ({}) · {who}", page.login)}
        </p>
        <p>
            <a href=in_lang("/quan-tri/mat-khau", lang)>{say(lang, "Đổi mật khẩu", "Change the password")}</a>
        </p>
        <section aria-labelledby="phien">
            <h2 id="phien">{say(lang, "Đang đăng nhập ở đâu", "Where you are signed in")}</h2>
            <Scroll labelled_by="phien">
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Trình duyệt", "Browser")}</th>
                            <th scope="col">{say(lang, "Đăng nhập lúc", "Signed in at")}</th>
                            <th scope="col">{say(lang, "Dùng lần cuối", "Last used")}</th>
                            <th scope="col">{say(lang, "Việc", "Action")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
            <form class="staff-end" method="post" action=in_lang("/quan-tri/tai-khoan/dang-xuat-het", lang)>
                <button class="button button--secondary">
                    {say(lang, "Đăng xuất mọi nơi", "Sign out everywhere")}
                </button>
            </form>
        </section>
    }
    .into_any()
}

/// What keeps a password from being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeFault {
    /// The new one is not taken.
    New(PasswordFault),
    /// The old one is wrong.
    Old,
    /// Nothing could be checked just now, or too many tries.
    Busy,
}

impl ChangeFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::New(fault) => fault.words(lang),
            Self::Old => say(lang, "Mật khẩu hiện tại không đúng.", "The current password is wrong."),
            Self::Busy => say(
                lang,
                "Chưa đổi được. Xin chờ một phút rồi thử lại.",
                "It could not be changed now. Wait a minute, then try again.",
            ),
        }
    }
}

/// What the page that changes the password shows.
#[derive(Clone, Debug)]
pub struct PasswordPage {
    /// Language.
    pub lang: Lang,
    /// The password is a one-time one: it must be changed, and is not asked again.
    pub forced: bool,
    /// Login name, for the browser's own list of passwords.
    pub login: String,
    /// Where to go then.
    pub next: String,
    /// What is wrong.
    pub fault: Option<ChangeFault>,
}

/// The title; an error comes first in it.
pub fn password_title(page: &PasswordPage) -> String {
    let title = say(page.lang, "Đổi mật khẩu", "Change the password");
    if page.fault.is_some() { format!("{}: {title}", say(page.lang, "Lỗi", "Error")) } else { title.to_owned() }
}

/// The page that changes the password.
pub fn password_view(page: &PasswordPage) -> AnyView {
    let lang = page.lang;
    let old_wrong = page.fault == Some(ChangeFault::Old);
    let new_wrong = matches!(page.fault, Some(ChangeFault::New(_)));
    let old = (!page.forced).then(|| {
        let label = say(lang, "Mật khẩu hiện tại", "Current password");
        Field { wrong: old_wrong, ..Field::password("cu", label, "current-password") }.view()
    });
    let intro = if page.forced {
        say(
            lang,
            "Mật khẩu vừa dùng do người khác cấp. Xin đặt mật khẩu của riêng Ông/Bà để tiếp tục.",
            "The password you used was made by somebody else. Choose your own to go on.",
        )
    } else {
        say(
            lang,
            "Đổi xong, mọi nơi khác đang đăng nhập bằng tài khoản này sẽ bị đăng xuất.",
            "Then everywhere else this account is signed out.",
        )
    };
    view! {
        <div class="staff-form">
            <h1>{say(lang, "Đổi mật khẩu", "Change the password")}</h1>
            <p class="prose">{intro}</p>
            <form method="post" action=in_lang("/quan-tri/mat-khau", lang)>
                {fault(page.fault.map(|fault| fault.words(lang)))}
                <input type="hidden" name="tiep" value=page.next.clone()/>
                <input class="hidden" type="text" name="ten" value=page.login.clone() autocomplete="username" tabindex="-1" aria-hidden="true" readonly/>
                {old}
                {Field {
                    hint: Some(say(
                        lang,
                        "Ít nhất 12 ký tự. Một câu dễ nhớ, có dấu cách cũng được.",
                        "At least 12 characters. A sentence, with spaces if you like.",
                    )),
                    wrong: new_wrong,
                    ..Field::password("moi", say(lang, "Mật khẩu mới", "New password"), "new-password")
                }
                    .view()}
                {Field {
                    wrong: new_wrong,
                    ..Field::password("lai", say(lang, "Nhập lại mật khẩu mới", "New password again"), "new-password")
                }
                    .view()}
                <button class="button">{say(lang, "Đổi mật khẩu", "Change the password")}</button>
            </form>
        </div>
    }
    .into_any()
}
