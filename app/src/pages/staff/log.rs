//! The log: filtered by day, act and account; read by auditor and administrator.

use leptos::prelude::*;

use super::in_lang;
use crate::components::number::{instant, say};
use crate::components::tables::Scroll;
use crate::domain::staff_log::{Act, Entry};
use crate::domain::text::Lang;

/// What was asked for, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// First day, "2018-11-12".
    pub from: String,
    /// Last day.
    pub to: String,
    /// Word of the act.
    pub act: String,
    /// Login name or object.
    pub account: String,
}

impl Asked {
    /// The query of an address, without its sign.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        [("tu", &self.from), ("den", &self.to), ("viec", &self.act), ("ai", &self.account)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.as_str()))
            .collect()
    }
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct LogView {
    /// Language.
    pub lang: Lang,
    /// What was asked for.
    pub asked: Asked,
    /// The entries, the newest first.
    pub entries: Vec<Entry>,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the same as a file.
    pub file: String,
}

/// The title.
pub fn log_title(lang: Lang) -> &'static str {
    say(lang, "Nhật ký", "Log")
}

/// The name of an act for people; one that this program does not know, as it is.
pub fn act_name(word: &str, lang: Lang) -> String {
    Act::from_word(word).map_or_else(|| word.to_owned(), |act| act.name(lang).to_owned())
}

/// The page.
pub fn log_view(page: &LogView) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .entries
        .iter()
        .map(|entry| {
            view! {
                <tr>
                    <td class="num">{instant(entry.at, lang)}</td>
                    <td>{who(entry, lang)}</td>
                    <td>{act_name(&entry.act, lang)}</td>
                    <td>{entry.object.clone()}</td>
                    <td>{entry.detail.clone()}</td>
                </tr>
            }
        })
        .collect();
    let table = if rows.is_empty() {
        view! {
            <div class="empty">
                <p>{say(lang, "Không có mục nào khớp.", "No entry fits.")}</p>
                <p>
                    <a href=in_lang("/quan-tri/nhat-ky", lang)>{say(lang, "Xem tất cả", "See all")}</a>
                </p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <Scroll label=log_title(lang)>
                <table class="plain staff-log">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Lúc", "At")}</th>
                            <th scope="col">{say(lang, "Ai", "Who")}</th>
                            <th scope="col">{say(lang, "Việc", "Act")}</th>
                            <th scope="col">{say(lang, "Với", "To what")}</th>
                            <th scope="col">{say(lang, "Chi tiết", "Detail")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
        .into_any()
    };
    let older = page.older.clone().map(|href| {
        view! {
            <p>
                <a href=href rel="next">
                    {say(lang, "Cũ hơn", "Older")}
                </a>
            </p>
        }
    });
    view! {
        <h1>{log_title(lang)}</h1>
        <p class="prose">
            {say(
                lang,
                "Mỗi lần đăng nhập, từ chối, thay đổi, xuất dữ liệu và xem ý kiến. Không ai sửa hay xoá được; lệnh hailong verify --log kiểm tra.",
                "Every sign-in, refusal, change, export and look at comments. Nobody can change or delete it; hailong verify --log checks.",
            )}
        </p>
        {filter_form(page)}
        {table}
        {older}
        <p class="staff-log-file">
            <a href=page.file.clone()>{say(lang, "Tải về dạng CSV", "Download as CSV")}</a>
        </p>
    }
    .into_any()
}

/// Who did it; before sign-in nobody has a name.
fn who(entry: &Entry, lang: Lang) -> String {
    if entry.who.name.is_empty() {
        say(lang, "(chưa đăng nhập)", "(not signed in)").to_owned()
    } else {
        entry.who.name.clone()
    }
}

fn filter_form(page: &LogView) -> AnyView {
    let lang = page.lang;
    let acts: Vec<_> = Act::ALL
        .iter()
        .map(|act| {
            view! {
                <option value=act.word() selected=page.asked.act == act.word()>
                    {act.name(lang)}
                </option>
            }
        })
        .collect();
    let field = |name: &'static str, kind: &'static str, label: &'static str, value: &str| {
        view! {
            <div class="filter__field">
                <label class="label" for=name>
                    {label}
                </label>
                <input class="field" id=name name=name type=kind value=value.to_owned()/>
            </div>
        }
    };
    view! {
        <form class="filter" method="get" action="/quan-tri/nhat-ky">
            {(lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> })}
            {field("tu", "date", say(lang, "Từ ngày", "From"), &page.asked.from)}
            {field("den", "date", say(lang, "Đến ngày", "To"), &page.asked.to)}
            <div class="filter__field">
                <label class="label" for="viec">
                    {say(lang, "Việc", "Act")}
                </label>
                <select class="field" id="viec" name="viec">
                    <option value="">{say(lang, "Tất cả", "All")}</option>
                    {acts}
                </select>
            </div>
            {field("ai", "text", say(lang, "Tài khoản", "Account"), &page.asked.account)}
            <button class="button">{say(lang, "Xem", "Show")}</button>
        </form>
    }
    .into_any()
}
