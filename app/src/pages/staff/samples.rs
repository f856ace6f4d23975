//! Samples (danh sách mẫu): N and n of every agency of a round, the draw, the N of the lists, the end of contact data.
//! For Sở Nội vụ alone. Nobody who was drawn is named here.

use leptos::prelude::*;

use super::{done, fault, in_lang, options};
use crate::components::number::{count, day, decimal, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::response::local_day;
use crate::domain::sample::draw::Rule;
use crate::domain::text::Lang;
use crate::store::VoidedSample;

mod one;
mod populations;
#[cfg(test)]
mod tests;
mod void;

pub use one::{ListPage, OnePage, StratumLine, list_title, list_view, one_title, one_view};
use populations::populations_form;
pub use populations::{PopulationAgency, PopulationLine, change_of};

/// Where it is.
pub const SAMPLES_PATH: &str = "/quan-tri/mau";
/// Margins of error to choose from, in parts of a thousand.
pub const MARGINS: [u16; 5] = [30, 40, 50, 70, 100];

/// How the reader wants to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The rule.
    pub rule: Rule,
    /// Margin of error in parts of a thousand.
    pub margin: u16,
    /// Reserve in per cent of n.
    pub reserve: u32,
    /// 32 hexadecimal digits, as typed.
    pub seed: String,
}

/// What is to be drawn of an agency, or why nothing is.
#[derive(Clone, Debug)]
pub enum Prospect {
    /// So many are asked and held in reserve.
    Planned {
        /// n over all strata.
        n: u32,
        /// Reserve.
        reserve: u32,
        /// Key of the frame.
        frame: i32,
    },
    /// It is left out, and why; with the key of its frame where n can be set by hand.
    LeftOut(String, Option<i32>),
    /// Its sample was drawn: key of the list, n and reserve.
    Drawn(i32, u32, u32),
}

/// An agency of the round.
#[derive(Clone, Debug)]
pub struct AgencyLine {
    /// Its name.
    pub name: String,
    /// N and people of its list; none where there is none.
    pub counted: Option<(u32, u32)>,
    /// What is to be drawn.
    pub prospect: Prospect,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct SamplesPage {
    /// Language.
    pub lang: Lang,
    /// Codes and names of the rounds.
    pub rounds: Vec<(String, String)>,
    /// Code of the round.
    pub code: String,
    /// Its agencies.
    pub agencies: Vec<AgencyLine>,
    /// How to draw.
    pub wish: Wish,
    /// Agencies whose N differ from their lists; none once the round is frozen.
    pub populations: Vec<PopulationAgency>,
    /// When contact data are erased at the latest, and when they were; milliseconds since 1970.
    pub purge: Purge,
    /// Samples that were voided, each with the name of its agency.
    pub voided: Vec<(String, VoidedSample)>,
    /// What is wrong.
    pub fault: Option<String>,
    /// What was done.
    pub done: Option<String>,
}

/// How it stands with the contact data of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// There are none.
    Nothing,
    /// They are there; erased by itself then, milliseconds since 1970. None while no end of the round is set.
    Kept(Option<i64>),
    /// They were erased then.
    Erased(i64),
}

/// The title; an error comes first in it.
pub fn samples_title(page: &SamplesPage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{}", title(page.lang))
}

fn title(lang: Lang) -> &'static str {
    say(lang, "Rút mẫu", "Draw samples")
}

pub(crate) fn number(n: u32, lang: Lang) -> String {
    count(i64::from(n), lang)
}

/// The name of a rule.
pub fn rule_name(rule: Rule, lang: Lang) -> &'static str {
    match rule {
        Rule::Systematic => {
            say(lang, "Hệ thống (cách đều, điểm đầu ngẫu nhiên)", "Systematic (equal distance, random start)")
        }
        Rule::Simple => say(lang, "Ngẫu nhiên đơn giản", "Simple random"),
    }
}

/// "5%".
pub fn margin_words(permille: u16, lang: Lang) -> String {
    let decimals = u8::from(!permille.is_multiple_of(10));
    decimal(f64::from(permille) / 10.0, decimals, lang) + "%"
}

/// "2.000 / (1 + 2.000 × 0,05²) = 334", rounded up.
pub fn formula(dossiers: u32, margin: u16, lang: Lang) -> String {
    let n = crate::domain::sample::yamane(u64::from(dossiers), margin);
    let (big, e) = (number(dossiers, lang), decimal(f64::from(margin) / 1000.0, 2, lang));
    format!("{big} / (1 + {big} × {e}²) → {}", count(i64::try_from(n).unwrap_or(i64::MAX), lang))
}

/// The page.
pub fn samples_view(page: &SamplesPage) -> AnyView {
    let lang = page.lang;
    if page.rounds.is_empty() {
        return view! {
            <h1>{title(lang)}</h1>
            <div class="empty">
                <p>{say(lang, "Chưa có đợt đo lường nào.", "There is no round yet.")}</p>
                <p>{say(lang, "Lập đợt và nhận danh sách hồ sơ trước, rồi rút mẫu ở đây.", "Set a round up and take lists first.")}</p>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="spaced">
            <h1>{title(lang)}</h1>
            {done(page.done.as_deref())}
            {fault(page.fault.as_deref())}
            {rounds_form(page)}
            <h2 id="co-quan">{say(lang, "Cơ quan trong đợt", "Agencies of the round")}</h2>
            {agencies_table(page)}
            {draw_form(page)}
            {void::voided_view(&page.voided, lang)}
            {populations_form(page)}
            {purge_form(page)}
        </div>
    }
    .into_any()
}

fn english(lang: Lang) -> Option<AnyView> {
    (lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> }.into_any())
}

fn margin_field(chosen: u16, lang: Lang) -> AnyView {
    let options: Vec<_> = MARGINS
        .iter()
        .map(|margin| {
            view! {
                <option value=margin.to_string() selected=*margin == chosen>
                    {margin_words(*margin, lang)}
                </option>
            }
        })
        .collect();
    view! {
        <div class="filter__field">
            <label class="label" for="sai-so">
                {say(lang, "Sai số cho phép", "Margin of error")}
            </label>
            <select class="field" id="sai-so" name="sai-so">
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn rounds_form(page: &SamplesPage) -> AnyView {
    let lang = page.lang;
    let options = options(&page.rounds, &page.code);
    view! {
        <form class="filter" method="get" action=SAMPLES_PATH>
            {english(lang)}
            <div class="filter__field">
                <label class="label" for="dot">
                    {say(lang, "Đợt đo lường", "Round")}
                </label>
                <select class="field" id="dot" name="dot">
                    {options}
                </select>
            </div>
            {margin_field(page.wish.margin, lang)}
            <div class="filter__field">
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
            <button class="button">{say(lang, "Tính lại", "Work out")}</button>
        </form>
    }
    .into_any()
}

fn agencies_table(page: &SamplesPage) -> AnyView {
    let lang = page.lang;
    if page.agencies.is_empty() {
        return view! {
            <div class="empty">
                <p>{say(lang, "Đợt này chưa có cơ quan nào.", "This round has no agency yet.")}</p>
                <p>{say(lang, "Đưa cơ quan vào đợt trước khi nhận danh sách.", "Put agencies into the round first.")}</p>
            </div>
        }
        .into_any();
    }
    let (with, without): (Vec<&AgencyLine>, Vec<&AgencyLine>) =
        page.agencies.iter().partition(|line| line.counted.is_some());
    let rows: Vec<_> = with.into_iter().map(|line| agency_row(line, page.wish.margin, lang)).collect();
    if rows.is_empty() {
        return view! {
            <div class="empty">
                <p>{say(lang, "Chưa cơ quan nào nộp danh sách hồ sơ.", "No agency has handed in a list yet.")}</p>
                <p>
                    <a href=in_lang("/quan-tri/khung", lang)>{say(lang, "Nộp danh sách hồ sơ", "Hand a list in")}</a>
                </p>
            </div>
            {waiting(&without, lang)}
        }
        .into_any();
    }
    view! {
        <Scroll labelled_by="co-quan">
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                        <th scope="col" class="num">{say(lang, "Hồ sơ (N)", "Dossiers (N)")}</th>
                        <th scope="col" class="num">{say(lang, "Người, tổ chức", "People")}</th>
                        <th scope="col" class="num">{say(lang, "Hỏi (n)", "Asked (n)")}</th>
                        <th scope="col" class="num">{say(lang, "Dự phòng", "Reserve")}</th>
                        <th scope="col">{say(lang, "Cách tính, tình trạng", "Formula, state")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
        {waiting(&without, lang)}
    }
    .into_any()
}

/// The agencies that have handed in nothing, folded away.
fn waiting(agencies: &[&AgencyLine], lang: Lang) -> Option<AnyView> {
    if agencies.is_empty() {
        return None;
    }
    let names: Vec<_> = agencies.iter().map(|line| view! { <li>{line.name.clone()}</li> }).collect();
    let summary = match lang {
        Lang::Vi => format!("{} cơ quan chưa nộp danh sách hồ sơ", agencies.len()),
        Lang::En => format!("{} agencies have handed in no list", agencies.len()),
    };
    Some(
        view! {
            <details class="staff-more">
                <summary>{summary}</summary>
                <ul class="prose">{names}</ul>
            </details>
        }
        .into_any(),
    )
}

fn agency_row(line: &AgencyLine, margin: u16, lang: Lang) -> AnyView {
    let dash = || "–".to_owned();
    let (dossiers, people) = line.counted.map_or((dash(), dash()), |(d, p)| (number(d, lang), number(p, lang)));
    let (n, reserve) = match &line.prospect {
        Prospect::Planned { n, reserve, .. } | Prospect::Drawn(_, n, reserve) => {
            (number(*n, lang), number(*reserve, lang))
        }
        Prospect::LeftOut(..) => (dash(), dash()),
    };
    let by_hand = |frame: i32| {
        let label = format!("{} {}", say(lang, "Rút riêng", "Draw alone"), line.name);
        view! {
            " "
            <a href=in_lang(&format!("{SAMPLES_PATH}/khung/{frame}"), lang) aria-label=label>
                {say(lang, "Rút riêng", "Draw alone")}
            </a>
        }
    };
    let state = match &line.prospect {
        Prospect::Planned { frame, .. } => {
            let words = line.counted.map(|(dossiers, _)| formula(dossiers, margin, lang));
            view! { {words} {by_hand(*frame)} }.into_any()
        }
        Prospect::LeftOut(why, frame) => view! { {why.clone()} {frame.map(by_hand)} }.into_any(),
        Prospect::Drawn(list, ..) => {
            let label = format!("{} {}", say(lang, "Đã rút mẫu", "Drawn"), line.name);
            view! {
                <a href=in_lang(&format!("{SAMPLES_PATH}/danh-sach/{list}"), lang) aria-label=label>
                    {say(lang, "Đã rút mẫu", "Drawn")}
                </a>
            }
            .into_any()
        }
    };
    view! {
        <tr>
            <th scope="row">{line.name.clone()}</th>
            <td class="num">{dossiers}</td>
            <td class="num">{people}</td>
            <td class="num">{n}</td>
            <td class="num">{reserve}</td>
            <td>{state}</td>
        </tr>
    }
    .into_any()
}

/// The rule and the seed, of both forms that draw.
pub(crate) fn how_fields(wish: &Wish, wrong: bool, lang: Lang) -> AnyView {
    let rules: Vec<_> = Rule::ALL
        .iter()
        .map(|rule| {
            view! {
                <option value=rule.word() selected=*rule == wish.rule>
                    {rule_name(*rule, lang)}
                </option>
            }
        })
        .collect();
    view! {
        <div class="staff-field">
            <label class="label" for="cach">
                {say(lang, "Cách rút", "Rule")}
            </label>
            <select class="field" id="cach" name="cach">
                {rules}
            </select>
        </div>
        <div class="staff-field">
            <label class="label" for="hat-giong">
                {say(lang, "Hạt giống", "Seed")}
            </label>
            <p class="secondary" id="hat-giong-goi-y">
                {say(
                    lang,
                    "32 chữ số thập lục phân. Để nguyên số máy đã lấy, hoặc ghi số do hội đồng bốc thăm.",
                    "32 hexadecimal digits. Leave the machine's, or write the one that a panel has drawn.",
                )}
            </p>
            <input
                class="field"
                id="hat-giong"
                name="hat-giong"
                value=wish.seed.clone()
                maxlength="40"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=wrong.then_some("true")
                aria-describedby="hat-giong-goi-y"
            />
        </div>
    }
    .into_any()
}

fn draw_form(page: &SamplesPage) -> Option<AnyView> {
    let lang = page.lang;
    let ready = page.agencies.iter().filter(|line| matches!(line.prospect, Prospect::Planned { .. })).count();
    if ready == 0 || matches!(page.purge, Purge::Erased(_)) {
        return None;
    }
    let asked: u32 =
        page.agencies.iter().map(|line| if let Prospect::Planned { n, .. } = line.prospect { n } else { 0 }).sum();
    let asked = number(asked, lang);
    let button = match lang {
        Lang::Vi => format!("Rút mẫu của {ready} cơ quan"),
        Lang::En => format!("Draw the samples of {ready} agencies"),
    };
    let words = match lang {
        Lang::Vi => format!(
            "Rút {asked} người và tổ chức của {ready} cơ quan. Mỗi cơ quan chỉ rút một lần; người không được rút bị xoá khỏi danh sách ngay."
        ),
        Lang::En => format!(
            "{asked} people and organisations of {ready} agencies are drawn. Each agency is drawn once; who is not drawn is erased at once."
        ),
    };
    Some(
        view! {
            <h2>{say(lang, "Rút mẫu", "Draw")}</h2>
            <p class="prose">{words}</p>
            <form class="staff-form" method="post" action=in_lang(SAMPLES_PATH, lang)>
                <input type="hidden" name="dot" value=page.code.clone()/>
                <input type="hidden" name="sai-so" value=page.wish.margin.to_string()/>
                <input type="hidden" name="du-phong" value=page.wish.reserve.to_string()/>
                {how_fields(&page.wish, page.fault.is_some(), lang)}
                <button class="button">{button}</button>
            </form>
        }
        .into_any(),
    )
}

fn purge_form(page: &SamplesPage) -> Option<AnyView> {
    let lang = page.lang;
    let heading = say(lang, "Dữ liệu liên hệ", "Contact data");
    let until = match page.purge {
        Purge::Nothing => return None,
        Purge::Erased(at) => {
            let day = day(local_day(at));
            let words = match lang {
                Lang::Vi => format!(
                    "Đã xoá ngày {day}: tên, địa chỉ, điện thoại, mối nối với phiếu và khoá giải mã. Số đếm và kết quả tiếp xúc còn."
                ),
                Lang::En => format!(
                    "Erased on {day}: names, addresses, telephones, links to responses and the key. Counts and outcomes stay."
                ),
            };
            return Some(view! { <h2>{heading}</h2> <p class="prose">{words}</p> }.into_any());
        }
        Purge::Kept(until) => until,
    };
    let days = limits::CONTACTS_MS / 86_400_000;
    let words = match (until.map(|at| day(local_day(at))), lang) {
        (Some(day), Lang::Vi) => format!(
            "Tự xoá chậm nhất ngày {day}, {days} ngày sau khi đóng đợt. Kiểm tra chất lượng xong thì xoá ngay được."
        ),
        (Some(day), Lang::En) => format!(
            "Erased by itself on {day} at the latest, {days} days after the round closes. Once quality control is done it can be done now."
        ),
        (None, Lang::Vi) => format!("Tự xoá {days} ngày sau khi đóng đợt. Kiểm tra chất lượng xong thì xoá ngay được."),
        (None, Lang::En) => format!(
            "Erased by itself {days} days after the round closes. Once quality control is done it can be done now."
        ),
    };
    Some(
        view! {
            <h2>{heading}</h2>
            <p class="prose">{words}</p>
            <form class="staff-form" method="post" action=in_lang(&format!("{SAMPLES_PATH}/xoa"), lang)>
                <input type="hidden" name="dot" value=page.code.clone()/>
                <p class="staff-field">
                    <input id="dong-y" name="dong-y" type="checkbox" value="1"/>
                    " "
                    <label for="dong-y">
                        {say(
                            lang,
                            "Xoá vĩnh viễn tên, địa chỉ, điện thoại và mối nối với phiếu của đợt này",
                            "Erase names, addresses, telephones and links to responses of this round for ever",
                        )}
                    </label>
                </p>
                <button class="button">{say(lang, "Xoá dữ liệu liên hệ", "Erase contact data")}</button>
            </form>
        }
        .into_any(),
    )
}
