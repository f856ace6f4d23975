//! What reading a list came to, as its sender is shown it before it is taken: bad lines, rows that are no dossier, dossiers
//! that come twice, names that share a number.

use leptos::prelude::*;

use crate::components::number::{count, say};
use crate::domain::text::Lang;
use crate::server_side::frame::{Group, Repeat, Scan, Shared};

/// What reading a list came to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Lines below the headings.
    pub lines: u32,
    /// Bad ones.
    pub bad: u32,
    /// N: every dossier once.
    pub dossiers: u32,
    /// People and organisations, each once.
    pub people: u32,
    /// The first bad lines in words.
    pub faults: Vec<String>,
    /// Rows that are no dossier: how many, and the first in words.
    pub aside: (u32, Vec<String>),
    /// Lines whose dossier code came before: how many, and the first in words.
    pub repeats: (u32, Vec<String>),
    /// Lines without a code that are the same as one before: how many, and the first in words.
    pub alike: (u32, Vec<String>),
    /// Names that share a number or a telephone: how many groups, and the first.
    pub groups: (u32, Vec<Group>),
    /// Lines whose identity number is a placeholder.
    pub placeholders: u32,
    /// Names all that is to be seen; empty where there is nothing.
    pub mark: String,
    /// Groups that are joined, by their first line.
    pub joined: Vec<u32>,
    /// Whether lines that are alike count once; none while it is not decided.
    pub drop_alike: Option<bool>,
}

impl Found {
    /// Of a list that was read.
    pub fn of(scan: &Scan, lang: Lang) -> Self {
        let repeat = |repeat: &Repeat| match (lang, repeat.code.as_str()) {
            (Lang::Vi, "") => format!("dòng {}: giống dòng {}", repeat.line, repeat.first),
            (Lang::En, "") => format!("line {}: the same as line {}", repeat.line, repeat.first),
            (Lang::Vi, code) => format!("dòng {}: mã hồ sơ {code} đã có ở dòng {}", repeat.line, repeat.first),
            (Lang::En, code) => format!("line {}: the dossier code {code} is on line {}", repeat.line, repeat.first),
        };
        let aside = |(line, aside): &(u32, _)| {
            let aside: &crate::domain::sample::aside::Aside = aside;
            format!("{} {line}: {}", say(lang, "dòng", "line"), aside.words(lang))
        };
        Self {
            lines: scan.lines,
            bad: scan.bad,
            dossiers: scan.dossiers(),
            people: scan.people(),
            faults: scan.faults.iter().map(|fault| fault.words(lang)).collect(),
            aside: (scan.aside_count, scan.aside.iter().map(aside).collect()),
            repeats: (scan.repeat_count, scan.repeats.iter().map(repeat).collect()),
            alike: (scan.alike_count, scan.alike.iter().map(repeat).collect()),
            groups: (scan.group_count, scan.groups.clone()),
            placeholders: scan.placeholders,
            mark: scan.mark(),
            joined: Vec::new(),
            drop_alike: None,
        }
    }
}

fn number(n: u32, lang: Lang) -> String {
    count(i64::from(n), lang)
}

/// What was found, to be read.
pub(super) fn found_view(found: &Found, lang: Lang) -> AnyView {
    let (lines, bad, people) = (number(found.lines, lang), number(found.bad, lang), number(found.people, lang));
    let dossiers = number(found.dossiers, lang);
    let summary = match lang {
        Lang::Vi => {
            format!("Đã đọc {lines} dòng: {people} người và tổ chức, {bad} dòng lỗi. N = {dossiers} hồ sơ.")
        }
        Lang::En => {
            format!("{lines} lines read: {people} people and organisations, {bad} bad lines. N = {dossiers} dossiers.")
        }
    };
    let placeholders = (found.placeholders > 0).then(|| {
        let lines = number(found.placeholders, lang);
        match lang {
            Lang::Vi => format!(
                "{lines} dòng có số định danh không phải của ai (như 000000000000, 123456789): số ấy không được dùng để nhận ra người."
            ),
            Lang::En => format!(
                "{lines} lines have an identity number of nobody (as 000000000000, 123456789): it is not used to tell people apart."
            ),
        }
    });
    view! {
        <p>{summary}</p>
        {placeholders.map(|words| view! { <p class="prose">{words}</p> })}
        {listed(lang, found.bad, &found.faults, ["Các dòng lỗi", "Bad lines"])}
        {listed(
            lang,
            found.repeats.0,
            &found.repeats.1,
            ["Mã hồ sơ lặp lại: mỗi mã chỉ tính một lần", "Dossier codes that come again: each counts once"],
        )}
        {listed(lang, found.alike.0, &found.alike.1, ["Các dòng giống hệt nhau, không có mã hồ sơ", "Lines that are the same, without a code"])}
        {listed(
            lang,
            found.aside.0,
            &found.aside.1,
            ["Các dòng không phải hồ sơ: không tính vào N", "Rows that are no dossier: not counted in N"],
        )}
    }
    .into_any()
}

/// A heading with its lines; how many are shown where there are more.
fn listed(lang: Lang, all: u32, words: &[String], [vi, en]: [&'static str; 2]) -> Option<AnyView> {
    if all == 0 {
        return None;
    }
    let shown = u32::try_from(words.len()).unwrap_or(u32::MAX);
    let heading = format!("{} ({})", say(lang, vi, en), number(all, lang));
    let rest = (shown < all).then(|| match lang {
        Lang::Vi => format!("… và {} dòng nữa", number(all - shown, lang)),
        Lang::En => format!("… and {} more", number(all - shown, lang)),
    });
    let items: Vec<_> = words.iter().cloned().chain(rest).map(|words| view! { <li>{words}</li> }).collect();
    Some(
        view! {
            <h2>{heading}</h2>
            <ul class="prose">{items}</ul>
        }
        .into_any(),
    )
}

/// What the official decides, within the form.
pub(super) fn decisions(found: &Found, lang: Lang) -> AnyView {
    view! {
        {(!found.mark.is_empty()).then(|| view! { <input type="hidden" name="da-xem" value=found.mark.clone()/> })}
        {bad_lines(found, lang)}
        {alike(found, lang)}
        {groups(found, lang)}
    }
    .into_any()
}

fn bad_lines(found: &Found, lang: Lang) -> Option<AnyView> {
    let bad = number(found.bad, lang);
    let words = match lang {
        Lang::Vi => format!("Bỏ {bad} dòng lỗi, không tính vào N, và nhận các dòng còn lại"),
        Lang::En => format!("Leave {bad} bad lines out, not counted in N, and take the others"),
    };
    (found.bad > 0).then(|| {
        view! {
            <p class="staff-field">
                <input id="bo-loi" name="bo-loi" type="checkbox" value="1"/>
                " "
                <label for="bo-loi">{words}</label>
            </p>
        }
        .into_any()
    })
}

fn alike(found: &Found, lang: Lang) -> Option<AnyView> {
    if found.alike.0 == 0 {
        return None;
    }
    let lines = number(found.alike.0, lang);
    let words = match lang {
        Lang::Vi => format!("{lines} dòng không có mã hồ sơ và giống hệt một dòng trước"),
        Lang::En => format!("{lines} lines without a dossier code are the same as one before"),
    };
    let choice = |value: &'static str, vi: &'static str, en: &'static str, chosen: bool| {
        view! {
            <p>
                <input id=format!("trung-{value}") name="trung" type="radio" value=value checked=chosen/>
                " "
                <label for=format!("trung-{value}")>{say(lang, vi, en)}</label>
            </p>
        }
    };
    Some(
        view! {
            <fieldset class="staff-field">
                <legend class="label">{words}</legend>
                {choice(
                    "bo",
                    "Là một hồ sơ bị chép lại: chỉ tính một lần",
                    "One dossier, copied: count it once",
                    found.drop_alike == Some(true),
                )}
                {choice(
                    "giu",
                    "Là những hồ sơ khác nhau: tính tất cả",
                    "Different dossiers: count them all",
                    found.drop_alike == Some(false),
                )}
            </fieldset>
        }
        .into_any(),
    )
}

fn groups(found: &Found, lang: Lang) -> Option<AnyView> {
    let (all, shown) = (found.groups.0, &found.groups.1);
    if all == 0 {
        return None;
    }
    let words = match lang {
        Lang::Vi => format!("{} nhóm tên khác nhau dùng chung một số", number(all, lang)),
        Lang::En => format!("{} groups of different names share a number", number(all, lang)),
    };
    let items: Vec<_> = shown.iter().map(|group| one_group(group, found, lang)).collect();
    Some(
        view! {
            <fieldset class="staff-field">
                <legend class="label">{words}</legend>
                <p class="secondary">
                    {say(
                        lang,
                        "Mỗi tên được tính là một người. Nếu một nhóm thật ra là một người, đánh dấu vào nhóm ấy.",
                        "Each name counts as one person. Where a group is one person in fact, tick it.",
                    )}
                </p>
                {items}
            </fieldset>
        }
        .into_any(),
    )
}

fn one_group(group: &Group, found: &Found, lang: Lang) -> AnyView {
    let first = group.lines.first().copied().unwrap_or(0);
    let lines = group.lines.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let more = if group.count as usize > group.lines.len() { ", …" } else { "" };
    let shared = match group.shared {
        Shared::Number => say(lang, "cùng số định danh", "one identity number"),
        Shared::Telephone => say(lang, "cùng điện thoại, tên chỉ khác dấu", "one telephone, names differ in tones"),
    };
    let words = match lang {
        Lang::Vi => format!("Gộp thành một người: {} ({shared}; dòng {lines}{more})", group.names.join(" · ")),
        Lang::En => format!("One person: {} ({shared}; lines {lines}{more})", group.names.join(" · ")),
    };
    let id = format!("gop-{first}");
    view! {
        <p>
            <input id=id.clone() name="gop" type="checkbox" value=first.to_string() checked=found.joined.contains(&first)/>
            " "
            <label for=id>{words}</label>
        </p>
    }
    .into_any()
}
