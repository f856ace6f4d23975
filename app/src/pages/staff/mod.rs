//! Pages of staff, under `/quan-tri`: sign-in, own account, accounts, the log. Pure views; they work without script.
//!
//! A new page joins the navigation with one line in [`frame::PAGES`].

pub mod account;
pub mod comments;
pub mod export;
pub mod frame;
pub mod frames;
pub mod log;
pub mod method_tools;
pub mod paper;
pub mod people;
pub mod publication;
pub mod quality;
pub mod refused;
pub mod report;
pub mod rounds;
pub mod samples;
pub mod sign_in;
pub mod teams;

#[cfg(test)]
mod tests;

use leptos::prelude::*;

use crate::components::number::say;
use crate::domain::text::Lang;

/// `path` in a language: Vietnamese is the address as it is.
pub fn in_lang(path: &str, lang: Lang) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    if lang == Lang::Vi { path.to_owned() } else { format!("{path}{sign}lang={}", lang.tag()) }
}

/// Choices of a field: what is sent and what is read. The one that is sent as `chosen` stands selected.
pub(crate) fn options(choices: &[(String, String)], chosen: &str) -> Vec<AnyView> {
    choices
        .iter()
        .map(|(code, name)| {
            view! {
                <option value=code.clone() selected=code == chosen>
                    {name.clone()}
                </option>
            }
            .into_any()
        })
        .collect()
}

/// A line above a form that says what is wrong; nothing where nothing is.
pub(crate) fn fault(words: Option<&str>) -> Option<AnyView> {
    words.map(|words| {
        view! {
            <p class="error" id="loi" role="alert">
                {words.to_owned()}
            </p>
        }
        .into_any()
    })
}

/// What the start pages say where the server lacks contact keys (rounds and reasons); nothing where it has all.
pub fn keyless(wrong: &[String], lang: Lang) -> Option<AnyView> {
    let words = match lang {
        Lang::Vi => format!(
            "Máy chủ thiếu khoá danh sách: máy thực địa không tải được danh sách, trang mẫu không mở được tên. Xin báo người \
             vận hành đưa lại tệp khoá (hailong doctor). Đợt {}",
            wrong.join("; đợt ")
        ),
        Lang::En => format!(
            "The server lacks a contact key: tablets get no list, and no page can read a name. Ask the operator to bring \
             the key file back (hailong doctor). Round {}",
            wrong.join("; round ")
        ),
    };
    fault((!wrong.is_empty()).then_some(words.as_str()))
}

/// A page with a notice above it.
pub fn with_notice(notice: Option<AnyView>, page: AnyView) -> AnyView {
    view! { {notice} {page} }.into_any()
}

/// A line that says what was done.
pub(crate) fn done(words: Option<&str>) -> Option<AnyView> {
    words.map(|words| {
        view! {
            <p class="done" role="status">
                {words.to_owned()}
            </p>
        }
        .into_any()
    })
}

/// A field with its label, of a form of staff.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) kind: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) value: Option<String>,
    pub(crate) wrong: bool,
}

impl Field {
    /// A password.
    pub(crate) fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self { name, label, hint: None, kind: "password", autocomplete, value: None, wrong: false }
    }

    /// A line of text.
    pub(crate) fn text(name: &'static str, label: &'static str, value: &str) -> Self {
        Self { name, label, hint: None, kind: "text", autocomplete: "off", value: Some(value.to_owned()), wrong: false }
    }

    pub(crate) fn view(self) -> AnyView {
        let hint_id = self.hint.map(|_| format!("{}-goi-y", self.name));
        let described = match (self.wrong, &hint_id) {
            (true, Some(hint)) => Some(format!("loi {hint}")),
            (true, None) => Some("loi".to_owned()),
            (false, hint) => hint.clone(),
        };
        view! {
            <div class="staff-field">
                <label class="label" for=self.name>
                    {self.label}
                </label>
                {self.hint.map(|hint| view! { <p class="secondary" id=hint_id>{hint}</p> })}
                <input
                    class="field"
                    id=self.name
                    name=self.name
                    type=self.kind
                    value=self.value
                    required
                    autocomplete=self.autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    aria-invalid=self.wrong.then_some("true")
                    aria-describedby=described
                />
            </div>
        }
        .into_any()
    }
}

/// "Firefox, Windows" of what a browser calls itself.
pub(crate) fn browser(agent: &str, lang: Lang) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("coc_coc", "Cốc Cốc"),
        ("Firefox", "Firefox"),
        ("Zalo", "Zalo"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 5] =
        [("Android", "Android"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];
    let known =
        |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => say(lang, "Trình duyệt khác", "Another browser").to_owned(),
    }
}
