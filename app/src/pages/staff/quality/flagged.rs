//! Interviews one by one: what stands out of each, and the proposal to leave some out or to take them back.

use leptos::prelude::*;
use uuid::Uuid;

use super::{flag_words, kind_name, span_words, to};
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::quality::decision::Reason;
use crate::domain::quality::flags::{Flag, FlagKind};
use crate::domain::response::{Standing, coded};
use crate::domain::text::Lang;
use crate::pages::staff::{fault, options};
use serde::{Deserialize, Serialize};

coded!(
    /// Which interviews are shown.
    Which {
        /// Those with something that stands out.
        Flagged = 1 "co-dau",
        /// All.
        All = 2 "tat-ca",
        /// Those that were left out.
        Excluded = 3 "da-loai",
    }
);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Which.
    pub which: Which,
    /// Of one interviewer, by number.
    pub by: Option<i32>,
    /// With one kind of what stands out.
    pub kind: Option<FlagKind>,
    /// Of one proposal or decision.
    pub decision: Option<i32>,
    /// The page, from 1.
    pub page: usize,
}

impl Filter {
    /// As the end of an address, without the page.
    pub fn query(&self) -> String {
        let mut parts = vec![format!("nao={}", self.which.word())];
        parts.extend(self.by.map(|by| format!("ai={by}")));
        parts.extend(self.kind.map(|kind| format!("dau={}", kind.word())));
        parts.extend(self.decision.map(|id| format!("de-nghi={id}")));
        parts.join("&")
    }
}

/// An interview in the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The response. Whoever sees this page sees no answers anywhere, so that the key leads to none.
    pub id: Uuid,
    /// Whose.
    pub by: String,
    /// About which agency.
    pub agency: String,
    /// When it began, by the device's clock; when it arrived where the device said none.
    pub at: i64,
    /// How long it took, in milliseconds.
    pub length: Option<i64>,
    /// How it stands.
    pub standing: Standing,
    /// What stands out.
    pub flags: Vec<Flag>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct FlaggedPage {
    /// Language.
    pub lang: Lang,
    /// Code and name of the round.
    pub round: (String, String),
    /// What is asked for.
    pub filter: Filter,
    /// Numbers and names of interviewers.
    pub people: Vec<(String, String)>,
    /// The interviews of this page.
    pub rows: Vec<Row>,
    /// How many there are in all.
    pub of: usize,
    /// Whether there is another page.
    pub more: bool,
    /// What was chosen and typed before.
    pub chosen: Vec<Uuid>,
    /// The reason as it was typed.
    pub words: String,
    /// The category as it was chosen.
    pub reason: String,
    /// The round is frozen: nothing can be proposed.
    pub frozen: bool,
    /// What is wrong.
    pub fault: Option<&'static str>,
}

/// The title; an error comes first in it.
pub fn flagged_title(page: &FlaggedPage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{} · {}", say(page.lang, "Phiếu cần xem", "Interviews to look at"), page.round.1)
}

/// How a response stands, in a word.
pub fn standing_name(standing: Standing, lang: Lang) -> &'static str {
    match standing {
        Standing::Valid => say(lang, "trong chỉ số", "in the index"),
        Standing::Incomplete => say(lang, "chưa đủ câu", "incomplete"),
        Standing::Suspect => say(lang, "đang xem xét", "under review"),
        Standing::Excluded => say(lang, "đã loại", "left out"),
        Standing::Withdrawn => say(lang, "đã rút lại", "withdrawn"),
    }
}

/// The page.
pub fn flagged_view(page: &FlaggedPage) -> AnyView {
    let lang = page.lang;
    let code = &page.round.0;
    let found = i64::try_from(page.of).unwrap_or(i64::MAX);
    let found = match lang {
        Lang::Vi => format!("{} phiếu", count(found, lang)),
        Lang::En => format!("{} interviews", count(found, lang)),
    };
    let list = if page.rows.is_empty() {
        let words = say(lang, "Không có phiếu nào như vậy.", "There are none like that.");
        view! { <p class="empty">{words}</p> }.into_any()
    } else {
        chosen_form(page)
    };
    let turn = |n: usize, words: &'static str| {
        let address = to(code, &format!("phieu?{}&trang={n}", page.filter.query()), lang);
        view! {
            <li>
                <a href=address>{words}</a>
            </li>
        }
    };
    let before = (page.filter.page > 1).then(|| turn(page.filter.page - 1, say(lang, "Trang trước", "Previous page")));
    let after = page.more.then(|| turn(page.filter.page + 1, say(lang, "Trang sau", "Next page")));
    let turning = before.is_some() || after.is_some();
    view! {
        <div class="spaced">
            <h1>{format!("{} · {}", say(lang, "Phiếu cần xem", "Interviews to look at"), page.round.1)}</h1>
            {fault(page.fault)}
            <p>
                <a href=to(code, "", lang)>{say(lang, "Về trang của đợt", "Back to the round")}</a>
            </p>
            {filters(page)}
            <h2>{found}</h2>
            {list}
            {turning.then(|| view! { <ul class="files files--row">{before} {after}</ul> })}
        </div>
    }
    .into_any()
}

fn filters(page: &FlaggedPage) -> AnyView {
    let lang = page.lang;
    let any = (String::new(), say(lang, "tất cả", "all").to_owned());
    let which = [
        (Which::Flagged.word().to_owned(), say(lang, "có dấu hiệu", "with something that stands out").to_owned()),
        (Which::All.word().to_owned(), say(lang, "mọi phiếu", "all interviews").to_owned()),
        (Which::Excluded.word().to_owned(), say(lang, "đã loại", "left out").to_owned()),
    ];
    let people: Vec<_> = std::iter::once(any.clone()).chain(page.people.iter().cloned()).collect();
    let kinds = FlagKind::ALL.iter().map(|kind| (kind.word().to_owned(), kind_name(*kind, lang).to_owned()));
    let kinds: Vec<_> = std::iter::once(any).chain(kinds).collect();
    let by = page.filter.by.map_or_else(String::new, |by| by.to_string());
    let select = |name: &'static str, label: &'static str, choices: &[(String, String)], chosen: &str| {
        view! {
            <div class="staff-field">
                <label class="label" for=name>
                    {label}
                </label>
                <select class="field" id=name name=name>
                    {options(choices, chosen)}
                </select>
            </div>
        }
    };
    view! {
        <form class="staff-form" method="get" action=super::to(&page.round.0, "phieu", Lang::Vi)>
            {(lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> })}
            {select("nao", say(lang, "Phiếu", "Interviews"), &which, page.filter.which.word())}
            {select("ai", say(lang, "Điều tra viên", "Interviewer"), &people, &by)}
            {select("dau", say(lang, "Dấu hiệu", "What stands out"), &kinds, page.filter.kind.map_or("", FlagKind::word))}
            <button class="button">{say(lang, "Lọc", "Filter")}</button>
        </form>
    }
    .into_any()
}

fn chosen_form(page: &FlaggedPage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let label = match lang {
                Lang::Vi => format!("Chọn phiếu {}: {}, {}", at + 1, row.by, row.agency),
                Lang::En => format!("Choose interview {}: {}, {}", at + 1, row.by, row.agency),
            };
            let why: Vec<_> = row.flags.iter().map(|flag| flag_words(*flag, lang)).collect();
            let choosable =
                !page.frozen && matches!(row.standing, Standing::Valid | Standing::Suspect | Standing::Excluded);
            let chosen = page.chosen.contains(&row.id);
            let id = row.id.to_string();
            view! {
                <tr>
                    <td>
                        {choosable
                            .then(|| {
                                view! { <input type="checkbox" name="phieu" value=id aria-label=label checked=chosen/> }
                            })}
                    </td>
                    <th scope="row">{row.by.clone()}</th>
                    <td>{row.agency.clone()}</td>
                    <td>{instant(row.at, lang)}</td>
                    <td class="num">{row.length.map_or_else(|| "–".to_owned(), |ms| span_words(ms, lang))}</td>
                    <td>{standing_name(row.standing, lang)}</td>
                    <td>{if why.is_empty() { "–".to_owned() } else { why.join(" ") }}</td>
                </tr>
            }
        })
        .collect();
    let title = say(lang, "Các phiếu", "The interviews");
    let table = view! {
        <Scroll label=title>
            <table class="plain staff-log">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Chọn", "Choose")}</th>
                        <th scope="col">{say(lang, "Điều tra viên", "Interviewer")}</th>
                        <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                        <th scope="col">{say(lang, "Bắt đầu", "Began")}</th>
                        <th scope="col" class="num">{say(lang, "Thời lượng", "Length")}</th>
                        <th scope="col">{say(lang, "Tình trạng", "Standing")}</th>
                        <th scope="col">{say(lang, "Vì sao cần xem", "Why it is here")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    };
    if page.frozen {
        let words = super::decisions::fault_words(crate::store::quality::QualityFault::Frozen, lang);
        return view! {
            {table}
            <p class="secondary">{words}</p>
        }
        .into_any();
    }
    let action = to(&page.round.0, "de-nghi", lang);
    view! {
        <form method="post" action=action>
            {table}
            <input type="hidden" name="loc" value=page.filter.query()/>
            {proposal(page)}
        </form>
    }
    .into_any()
}

fn proposal(page: &FlaggedPage) -> AnyView {
    let lang = page.lang;
    let reasons: Vec<_> =
        Reason::ALL.iter().map(|reason| (reason.word().to_owned(), reason.name(lang).to_owned())).collect();
    view! {
        <div class="staff-form">
            <h2>{say(lang, "Đề nghị về các phiếu đã chọn", "Proposal about those chosen")}</h2>
            <p class="prose">
                {say(
                    lang,
                    "Chưa có gì thay đổi cho đến khi một người khác đồng ý. Nhóm lý do và số phiếu được công khai; lời giải thích chỉ lưu nội bộ.",
                    "Nothing changes until another person agrees. The category and the count are public; the words stay in the office.",
                )}
            </p>
            <div class="staff-field">
                <label class="label" for="ly-do">
                    {say(lang, "Nhóm lý do", "Category")}
                </label>
                <select class="field" id="ly-do" name="ly-do">
                    {options(&reasons, &page.reason)}
                </select>
            </div>
            <div class="staff-field">
                <label class="label" for="loi-ly-do">
                    {say(lang, "Lý do cụ thể", "The reason in words")}
                </label>
                <textarea
                    class="field"
                    id="loi-ly-do"
                    name="loi"
                    rows="3"
                    maxlength=limits::REASON_CHARS
                    // A line break right after the tag is eaten by the parser: give it one to eat.
                    inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(&page.words))
                ></textarea>
            </div>
            <p>
                <button class="button" name="viec" value="loai">
                    {say(lang, "Đề nghị loại khỏi chỉ số", "Propose to leave them out")}
                </button>
            </p>
            <p>
                <button class="linklike" name="viec" value="lay-lai">
                    {say(lang, "Đề nghị lấy lại phiếu đã loại", "Propose to take them back")}
                </button>
            </p>
            <p>
                <button class="linklike" name="viec" value="nhan-vao">
                    {say(lang, "Đề nghị nhận phiếu đang xem xét vào chỉ số", "Propose to take in those under review")}
                </button>
            </p>
        </div>
    }
    .into_any()
}
