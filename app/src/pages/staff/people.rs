//! Accounts: the list, a new one, disabling, one-time passwords.

use leptos::prelude::*;

use super::{Field, done, fault, in_lang};
use crate::components::number::{day, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::response::local_day;
use crate::domain::role::Role;
use crate::domain::text::Lang;

/// An account in the list.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that the list says in words")]
#[derive(Clone, Debug)]
pub struct PersonLine {
    /// Key.
    pub id: i32,
    /// Login name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Name of the agency.
    pub agency: Option<String>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// Its password is a one-time one, not yet changed.
    pub one_time: bool,
    /// It has a second factor.
    pub second_factor: bool,
    /// It is disabled.
    pub disabled: bool,
    /// It is the reader's own.
    pub own: bool,
}

/// A one-time password that was just made, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// For whom.
    pub login: String,
    /// The password.
    pub password: String,
}

/// What was typed into the form of a new account.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Login name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Word of the role.
    pub role: String,
    /// Code of the agency.
    pub agency: String,
}

/// Why no account was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonFault {
    /// The login name has signs, or none.
    Login,
    /// The login name is taken.
    Taken,
    /// There is no name, or it is too long.
    Name,
    /// No such role.
    Role,
    /// The role belongs to an agency, and none was given or none has this code.
    Agency,
    /// The agency leads no sector.
    Sector,
    /// Nobody disables the own account, or takes the own second factor away.
    Own,
    /// The server is busy.
    Busy,
}

impl PersonFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Login => say(
                lang,
                "Tên đăng nhập gồm chữ, số và các dấu . - _, nhiều nhất 40 ký tự.",
                "A name is made of letters, figures and . - _, at most 40 of them.",
            ),
            Self::Taken => say(lang, "Tên đăng nhập này đã có.", "This name is taken."),
            Self::Name => say(lang, "Xin ghi họ tên.", "Write the name of the person."),
            Self::Role => say(lang, "Xin chọn vai trò.", "Choose a role."),
            Self::Agency => say(
                lang,
                "Vai trò này cần mã cơ quan; xin chọn trong danh sách.",
                "This role needs the code of an agency; choose it from the list.",
            ),
            Self::Sector => say(
                lang,
                "Chỉ Sở Y tế và Sở Giáo dục và Đào tạo phụ trách ngành.",
                "Only Sở Y tế and Sở Giáo dục và Đào tạo lead a sector.",
            ),
            Self::Own => say(
                lang,
                "Không tự khoá hay tự cấp lại tài khoản của mình; xin một người quản trị khác.",
                "Nobody does this to the own account; ask another administrator.",
            ),
            Self::Busy => say(lang, "Máy chủ đang bận. Xin thử lại.", "The server is busy. Try again."),
        }
    }
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct PeoplePage {
    /// Language.
    pub lang: Lang,
    /// All accounts.
    pub people: Vec<PersonLine>,
    /// Codes and names of agencies to choose from.
    pub agencies: Vec<(String, String)>,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong.
    pub fault: Option<PersonFault>,
    /// A one-time password to show.
    pub made: Option<Made>,
    /// What was just done.
    pub done: Option<&'static str>,
}

/// The title; an error comes first in it.
pub fn people_title(page: &PeoplePage) -> String {
    let title = say(page.lang, "Người dùng", "Accounts");
    if page.fault.is_some() { format!("{}: {title}", say(page.lang, "Lỗi", "Error")) } else { title.to_owned() }
}

fn state(person: &PersonLine, lang: Lang) -> String {
    let parts = [
        person.disabled.then(|| say(lang, "đã khoá", "disabled")),
        person.one_time.then(|| say(lang, "chưa đổi mật khẩu lần đầu", "one-time password")),
        person.second_factor.then(|| say(lang, "có mã xác thực", "second factor")),
    ];
    let words: Vec<_> = parts.into_iter().flatten().collect();
    if words.is_empty() { say(lang, "đang dùng", "in use").to_owned() } else { words.join(", ") }
}

fn actions(person: &PersonLine, lang: Lang) -> AnyView {
    if person.own {
        return view! { <span>{say(lang, "tài khoản này", "this account")}</span> }.into_any();
    }
    let to = |what: &str| in_lang(&format!("/quan-tri/nguoi-dung/{}/{what}", person.id), lang);
    let one = |what: &str, words: &'static str| {
        view! {
            <form method="post" action=to(what)>
                <button class="linklike">{words}</button>
            </form>
        }
    };
    view! {
        <details class="staff-more">
            <summary aria-label=format!("{} {}", say(lang, "Sửa", "Change"), person.login)>{say(lang, "Sửa", "Change")}</summary>
            {one("mat-khau", say(lang, "Cấp mật khẩu dùng một lần", "Give a one-time password"))}
            {person.second_factor.then(|| one("ma", say(lang, "Bỏ mã xác thực", "Take the second factor away")))}
            {if person.disabled {
                one("mo", say(lang, "Mở lại", "Enable"))
            } else {
                one("khoa", say(lang, "Khoá tài khoản", "Disable"))
            }}
        </details>
    }
    .into_any()
}

/// The page.
pub fn people_view(page: &PeoplePage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .people
        .iter()
        .map(|person| {
            let agency = person.agency.clone().unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{person.login.clone()}</th>
                    <td>{person.name.clone()}</td>
                    <td>{person.role.name(lang)}</td>
                    <td>{agency}</td>
                    <td>{day(local_day(person.created_at))}</td>
                    <td>{state(person, lang)}</td>
                    <td>{actions(person, lang)}</td>
                </tr>
            }
        })
        .collect();
    let made = page.made.as_ref().map(|made| {
        let words = match lang {
            Lang::Vi => format!("Mật khẩu dùng một lần của {}:", made.login),
            Lang::En => format!("One-time password of {}:", made.login),
        };
        view! {
            <div class="empty" role="status">
                <p>{words}</p>
                <p>
                    <code class="staff-key">{made.password.clone()}</code>
                </p>
                <p>
                    {say(
                        lang,
                        "Chỉ hiện một lần. Xin chuyển tận tay; người nhận phải đổi khi đăng nhập, trong 7 ngày.",
                        "It is shown once. Hand it over in person; it must be changed at sign-in, within 7 days.",
                    )}
                </p>
            </div>
        }
    });
    view! {
        <h1>{say(lang, "Người dùng", "Accounts")}</h1>
        {done(page.done)}
        {made}
        <section aria-labelledby="danh-sach">
            <h2 id="danh-sach">{say(lang, "Danh sách", "List")}</h2>
            <Scroll labelled_by="danh-sach">
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Tên đăng nhập", "Name")}</th>
                            <th scope="col">{say(lang, "Họ tên", "Person")}</th>
                            <th scope="col">{say(lang, "Vai trò", "Role")}</th>
                            <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                            <th scope="col">{say(lang, "Từ ngày", "Since")}</th>
                            <th scope="col">{say(lang, "Tình trạng", "State")}</th>
                            <th scope="col">{say(lang, "Việc", "Action")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        </section>
        <section aria-labelledby="them">
            <h2 id="them">{say(lang, "Thêm người dùng", "Add an account")}</h2>
            {add_form(page)}
        </section>
    }
    .into_any()
}

fn add_form(page: &PeoplePage) -> AnyView {
    let lang = page.lang;
    let wrong = |faults: &[PersonFault]| page.fault.is_some_and(|fault| faults.contains(&fault));
    let roles: Vec<_> = Role::ALL
        .iter()
        .map(|role| {
            let chosen = page.typed.role == role.word();
            view! {
                <option value=role.word() selected=chosen>
                    {role.name(lang)}
                </option>
            }
        })
        .collect();
    let agencies: Vec<_> =
        page.agencies.iter().map(|(code, name)| view! { <option value=code.clone()>{name.clone()}</option> }).collect();
    let agency_wrong = wrong(&[PersonFault::Agency, PersonFault::Sector]);
    view! {
        <form class="staff-form" method="post" action=in_lang("/quan-tri/nguoi-dung", lang)>
            {fault(page.fault.map(|fault| fault.words(lang)))}
            {Field {
                wrong: wrong(&[PersonFault::Login, PersonFault::Taken]),
                ..Field::text("ten", say(lang, "Tên đăng nhập", "Name"), &page.typed.login)
            }
                .view()}
            {Field {
                wrong: wrong(&[PersonFault::Name]),
                ..Field::text("ho-ten", say(lang, "Họ tên", "Person"), &page.typed.name)
            }
                .view()}
            <div class="staff-field">
                <label class="label" for="vai-tro">
                    {say(lang, "Vai trò", "Role")}
                </label>
                <select class="field" id="vai-tro" name="vai-tro">
                    {roles}
                </select>
            </div>
            <div class="staff-field">
                <label class="label" for="co-quan">
                    {say(lang, "Mã cơ quan", "Code of the agency")}
                </label>
                <p class="secondary" id="co-quan-goi-y">
                    {say(
                        lang,
                        "Cần cho cán bộ cơ quan và phụ trách ngành; gõ vài chữ rồi chọn.",
                        "Needed for agency officers and sector leads; type a few letters and choose.",
                    )}
                </p>
                <input
                    class="field"
                    id="co-quan"
                    name="co-quan"
                    list="co-quan-ds"
                    value=page.typed.agency.clone()
                    maxlength=limits::CODE_BYTES
                    autocomplete="off"
                    aria-invalid=agency_wrong.then_some("true")
                    aria-describedby=if agency_wrong { "loi co-quan-goi-y" } else { "co-quan-goi-y" }
                />
                <datalist id="co-quan-ds">{agencies}</datalist>
            </div>
            <button class="button">{say(lang, "Thêm", "Add")}</button>
        </form>
    }
    .into_any()
}
