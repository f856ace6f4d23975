//! One agency: its draw with n set by hand, and the facts of a sample that was drawn.

use leptos::prelude::*;

use super::void::void_form;
use super::{SAMPLES_PATH, Wish, how_fields, margin_words, number, rule_name};
use crate::components::number::{instant, say};
use crate::components::tables::Scroll;
use crate::domain::sample::draw::Rule;
use crate::domain::sample::plan::Planned;
use crate::domain::text::Lang;
use crate::pages::staff::{done, fault, in_lang};
use crate::store::VoidFault;

/// A stratum by name.
#[derive(Clone, Debug)]
pub struct StratumLine {
    /// Its field, or "toàn cơ quan".
    pub name: String,
    /// Its counts, n and reserve.
    pub planned: Planned,
}

/// An agency that is to be drawn.
#[derive(Clone, Debug)]
pub struct OnePage {
    /// Language.
    pub lang: Lang,
    /// Key of its frame.
    pub frame: i32,
    /// Name of the agency.
    pub agency: String,
    /// Code and name of the round.
    pub round: (String, String),
    /// Its strata, with n as proposed or as typed.
    pub strata: Vec<StratumLine>,
    /// How to draw.
    pub wish: Wish,
    /// What is wrong.
    pub fault: Option<String>,
}

/// The title; an error comes first in it.
pub fn one_title(page: &OnePage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{} · {}", say(page.lang, "Rút riêng", "Draw alone"), page.agency)
}

fn back(round: &str, lang: Lang) -> AnyView {
    view! {
        <p>
            <a href=in_lang(&format!("{SAMPLES_PATH}?dot={round}"), lang)>
                {say(lang, "Về các cơ quan của đợt", "Back to the agencies of the round")}
            </a>
        </p>
    }
    .into_any()
}

/// The page of an agency that is to be drawn.
pub fn one_view(page: &OnePage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .strata
        .iter()
        .map(|stratum| {
            let counted = stratum.planned.counted;
            let name = format!("n-{}", counted.stratum.0);
            let label = format!("{}: {}", say(lang, "Hỏi (n)", "Asked (n)"), stratum.name);
            view! {
                <tr>
                    <th scope="row">{stratum.name.clone()}</th>
                    <td class="num">{number(counted.dossiers, lang)}</td>
                    <td class="num">{number(counted.people, lang)}</td>
                    <td class="num">
                        <input
                            class="field"
                            name=name
                            type="number"
                            min="0"
                            max=counted.people.to_string()
                            value=stratum.planned.n.to_string()
                            aria-label=label
                        />
                    </td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="spaced">
            <h1>{format!("{} · {}", say(lang, "Rút riêng", "Draw alone"), page.agency)}</h1>
            <p class="secondary">{page.round.1.clone()}</p>
            {fault(page.fault.as_deref())}
            <form method="post" action=in_lang(&format!("{SAMPLES_PATH}/khung/{}", page.frame), lang)>
                <Scroll label=say(lang, "Các tầng", "Strata")>
                    <table class="plain">
                        <thead>
                            <tr>
                                <th scope="col">{say(lang, "Tầng", "Stratum")}</th>
                                <th scope="col" class="num">{say(lang, "Hồ sơ (N)", "Dossiers (N)")}</th>
                                <th scope="col" class="num">{say(lang, "Người, tổ chức", "People")}</th>
                                <th scope="col" class="num">{say(lang, "Hỏi (n)", "Asked (n)")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Scroll>
                <p class="prose">
                    {say(
                        lang,
                        "n đã điền theo công thức; sửa bằng tay nếu phương án điều tra ấn định khác. Một tầng chỉ có một người trả lời thì không tính được khoảng tin cậy.",
                        "n is filled in by the formula; change it where the plan of the survey says otherwise. A stratum with one respondent has no interval.",
                    )}
                </p>
                <div class="staff-form">
                    <div class="staff-field">
                        <label class="label" for="du-phong">
                            {say(lang, "Dự phòng, % của n", "Reserve, % of n")}
                        </label>
                        <input
                            class="field"
                            id="du-phong"
                            name="du-phong"
                            type="number"
                            min="0"
                            max="100"
                            value=page.wish.reserve.to_string()
                        />
                    </div>
                    {how_fields(&page.wish, page.fault.is_some(), lang)}
                    <button class="button">{say(lang, "Rút mẫu của cơ quan này", "Draw the sample of this agency")}</button>
                </div>
            </form>
            {back(&page.round.0, lang)}
        </div>
    }
    .into_any()
}

/// The facts of a sample.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// Language.
    pub lang: Lang,
    /// Key.
    pub list: i32,
    /// Name of the agency.
    pub agency: String,
    /// Code and name of the round.
    pub round: (String, String),
    /// How it was drawn.
    pub rule: Rule,
    /// The seed.
    pub seed: String,
    /// SHA-256 over the people of the frame, hexadecimal.
    pub frame_hash: String,
    /// SHA-256 of the file, hexadecimal.
    pub file_hash: String,
    /// Margin of error in parts of a thousand; none where n was set by hand.
    pub margin: Option<u16>,
    /// Who drew it.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// Version of the program.
    pub program: String,
    /// Strata, with their keys.
    pub strata: Vec<StratumLine>,
    /// What drawing again came to: the same, and different ones.
    pub again: Option<(usize, usize)>,
    /// It was just drawn.
    pub done: bool,
    /// The reason to void it as it was typed, and why it was not voided.
    pub voiding: (String, Option<VoidFault>),
}

/// The title.
pub fn list_title(page: &ListPage) -> String {
    let error = if page.voiding.1.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{} · {}", say(page.lang, "Mẫu đã rút", "Sample drawn"), page.agency)
}

/// The page of a sample.
pub fn list_view(page: &ListPage) -> AnyView {
    let lang = page.lang;
    let drawn = match page.margin {
        Some(margin) => {
            format!("{} {}", say(lang, "theo công thức, sai số", "by the formula, margin"), margin_words(margin, lang))
        }
        None => say(lang, "ấn định bằng tay", "set by hand").to_owned(),
    };
    let facts = [
        (say(lang, "Cách rút", "Rule"), rule_name(page.rule, lang).to_owned()),
        (say(lang, "Cỡ mẫu n", "Sample size n"), drawn),
        (say(lang, "Hạt giống", "Seed"), page.seed.clone()),
        (say(lang, "Hàm băm khung (SHA-256)", "Hash of the frame (SHA-256)"), page.frame_hash.clone()),
        (say(lang, "Hàm băm tệp cơ quan nộp (SHA-256)", "Hash of the agency's file (SHA-256)"), page.file_hash.clone()),
        (say(lang, "Người rút, lúc", "Drawn by, at"), format!("{}, {}", page.by, instant(page.at, lang))),
        (say(lang, "Phiên bản chương trình", "Version of the program"), page.program.clone()),
    ];
    let facts: Vec<_> = facts.into_iter().map(|(name, value)| view! { <dt>{name}</dt> <dd>{value}</dd> }).collect();
    let rows: Vec<_> = page
        .strata
        .iter()
        .map(|stratum| {
            let Planned { counted, n, reserve } = stratum.planned;
            view! {
                <tr>
                    <th scope="row">{stratum.name.clone()}</th>
                    <td class="num">{counted.stratum.0.to_string()}</td>
                    <td class="num">{number(counted.dossiers, lang)}</td>
                    <td class="num">{number(counted.people, lang)}</td>
                    <td class="num">{number(n, lang)}</td>
                    <td class="num">{number(reserve, lang)}</td>
                </tr>
            }
        })
        .collect();
    let was_done = page.done.then(|| {
        say(
            lang,
            "Đã rút mẫu; người không được rút đã bị xoá khỏi danh sách.",
            "Drawn; who was not drawn was erased from the list.",
        )
    });
    view! {
        <div class="spaced">
            <h1>{format!("{} · {}", say(lang, "Mẫu đã rút", "Sample drawn"), page.agency)}</h1>
            <p class="secondary">{page.round.1.clone()}</p>
            {done(was_done)}
            {page.again.map(|again| again_view(again, lang))}
            <dl class="chain">{facts}</dl>
            <h2 id="tang">{say(lang, "Các tầng", "Strata")}</h2>
            <Scroll labelled_by="tang">
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Tầng", "Stratum")}</th>
                            <th scope="col" class="num">{say(lang, "Số tầng", "Key")}</th>
                            <th scope="col" class="num">{say(lang, "Hồ sơ (N)", "Dossiers (N)")}</th>
                            <th scope="col" class="num">{say(lang, "Người, tổ chức", "People")}</th>
                            <th scope="col" class="num">{say(lang, "Hỏi (n)", "Asked (n)")}</th>
                            <th scope="col" class="num">{say(lang, "Dự phòng", "Reserve")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
            <h2>{say(lang, "Rút lại để kiểm tra", "Draw again, to check")}</h2>
            <p class="prose">
                {say(
                    lang,
                    "Từ hạt giống, cách rút và số người của mỗi tầng, ai cũng rút lại được đúng những người này: số ngẫu nhiên là SHA-256 của chuỗi “hailong-draw-1/HẠT GIỐNG/SỐ TẦNG/0, 1, 2 …”, mỗi lần bốn số 64 bit.",
                    "From the seed, the rule and the people of each stratum anybody draws the same: the numbers of chance are the SHA-256 of “hailong-draw-1/SEED/KEY/0, 1, 2 …”, four numbers of 64 bits each.",
                )}
            </p>
            <form class="staff-end" method="get" action=format!("{SAMPLES_PATH}/danh-sach/{}", page.list)>
                {super::english(lang)}
                <input type="hidden" name="kiem-tra" value="1"/>
                <button class="button">{say(lang, "Rút lại và so sánh", "Draw again and compare")}</button>
            </form>
            {void_form(page.list, &page.voiding.0, page.voiding.1, lang)}
            {back(&page.round.0, lang)}
        </div>
    }
    .into_any()
}

fn again_view((same, different): (usize, usize), lang: Lang) -> AnyView {
    let words = match (different, lang) {
        (0, Lang::Vi) => format!("Đã rút lại: trùng khớp cả {same} người và tổ chức."),
        (0, Lang::En) => format!("Drawn again: all {same} are the same."),
        (_, Lang::Vi) => {
            format!("Rút lại KHÔNG khớp: {same} trùng, {different} khác. Danh sách đã bị sửa sau khi rút.")
        }
        (_, Lang::En) => {
            format!("Drawn again: NOT the same: {same} agree, {different} differ. The list was changed after the draw.")
        }
    };
    if different == 0 { done_words(words) } else { fault(Some(&words)).unwrap_or_else(|| ().into_any()) }
}

fn done_words(words: String) -> AnyView {
    view! {
        <p class="done" role="status">
            {words}
        </p>
    }
    .into_any()
}
