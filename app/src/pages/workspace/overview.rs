//! `/quan-tri`: four answers on one screen, and what lies behind each.

use leptos::prelude::*;

use super::address;
use super::overview_model::{Changed, LowCriterion, Overview};
use super::parts::{agency_link, agency_table, heading, rounds, streams};
use crate::components::charts::ChartPatterns;
use crate::components::conclusions;
use crate::components::number::{decimal, percent, say};
use crate::domain::text::Lang;
use crate::pages::results::model::{Count, StreamLine};
use crate::pages::results::parts::{Basis, HeadlineBlock, HiddenNote, count_words};
use crate::pages::results::query::{Query, Sort, SortKey};
use crate::pages::results::words;

/// How many lines a list has before the rest moves to the ranking.
const FIRST: usize = 5;

/// The title of the page.
pub fn overview_title(lang: Lang) -> &'static str {
    say(lang, "Tổng quan", "Overview")
}

/// The page of somebody whose agencies no round measures.
pub fn nothing_view(lang: Lang) -> AnyView {
    view! {
        <div>
            <h1>{overview_title(lang)}</h1>
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có đợt đo lường nào với cơ quan thuộc phạm vi của Ông/Bà.",
                        "No survey round measures an agency in your scope yet.",
                    )}
                </p>
                <p>
                    {say(
                        lang,
                        "Số liệu hiện ra ở đây khi đợt đầu tiên mở. Nếu phạm vi chưa đúng, xin báo Sở Nội vụ.",
                        "Figures appear here once the first round opens. If the scope is wrong, please tell Sở Nội vụ.",
                    )}
                </p>
            </div>
        </div>
    }
    .into_any()
}

/// The page.
pub fn overview_view(page: &Overview, round: &str) -> AnyView {
    let lang = page.heading.query.lang;
    let empty = page.heading.streams.is_empty().then(|| {
        view! {
            <div class="empty">
                <p>{say(lang, "Chưa có phiếu nào trong đợt này.", "There are no responses in this round yet.")}</p>
                <p>
                    {say(
                        lang,
                        "Số liệu hiện ra sau phiếu đầu tiên; bảng dưới đây cho biết mỗi cơ quan cần bao nhiêu phiếu.",
                        "Figures appear with the first response; the table below says how many each agency needs.",
                    )}
                </p>
            </div>
        }
    });
    let headline = page.headline.clone().filter(|_| empty.is_none()).map(|headline| {
        // Where nothing could be compared, the part below says why.
        let change = (page.changes.compared > 0).then(|| page.changes.sentence.clone());
        let (precision, links) = (precision(page), links(page));
        view! {
            <HeadlineBlock headline=headline heading=page.heading.clone() subject=page.subject.clone()>
                {change.map(|words| view! { <p>{words}</p> })}
                {precision.map(|words| view! { <p>{words}</p> })}
                <p class="jump">{links}</p>
            </HeadlineBlock>
        }
    });
    view! {
        <div>
            <ChartPatterns/>
            {heading(&page.heading, overview_title(lang).to_owned(), None)}
            {rounds(&page.heading, &page.rounds, round, address::OVERVIEW)}
            {(!page.heading.streams.is_empty()).then(|| streams(&page.heading, address::OVERVIEW))}
            {empty}
            {headline}
            {(!page.heading.streams.is_empty()).then(|| {
                view! { {act(page)} }
            })}
            <div class="desk-columns">
                {(!page.heading.streams.is_empty()).then(|| changed(page))}
                {trust(page)}
            </div>
            {(page.own.is_some() && page.agencies.len() > 1).then(|| below_own(page))}
            {page.hides_something.then(|| view! { <HiddenNote lang=lang/> })}
            <Basis heading=page.heading.clone()/>
        </div>
    }
    .into_any()
}

fn precision(page: &Overview) -> Option<String> {
    let lang = page.heading.query.lang;
    let half = decimal(100.0 * page.half_width?, 1, lang);
    Some(match lang {
        Lang::Vi => format!("Sai số đạt được: {half} điểm về mỗi phía."),
        Lang::En => format!("Precision reached: {half} points to either side."),
    })
}

fn links(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    let elsewhere = page.heading.query.elsewhere();
    let summary = match &page.own {
        Some(own) => elsewhere.href(&format!("{}/{}", address::SUMMARY, own.code)),
        None => elsewhere.href(address::SUMMARY),
    };
    let own = page.own.as_ref().map(|own| {
        let href = elsewhere.href(&format!("{}{}", address::AGENCY, own.code));
        view! {
            <a href=href>{say(lang, "Xem từng yếu tố, tiêu chí", "See factors and criteria")}</a>
            " · "
        }
    });
    view! {
        {own}
        <a href=summary>{say(lang, "Bản tóm tắt 1 trang", "One-page summary")}</a>
    }
    .into_any()
}

/// Where to act: what is surely below the target, and what people are surely less satisfied with.
fn act(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    let target = page.heading.target.as_ref().map(|(at, _)| percent_line(*at, lang));
    let below = match (&target, page.below.is_empty()) {
        (None, _) => view! {
            <p>{say(lang, "Phương pháp này không có mức mục tiêu.", "This method has no target line.")}</p>
        }
        .into_any(),
        (Some(line), true) => {
            let words = match lang {
                Lang::Vi => format!("Chưa có cơ quan nào chắc chắn dưới mức {line}."),
                Lang::En => format!("No agency is surely below {line}."),
            };
            view! { <p>{words}</p> }.into_any()
        }
        (Some(line), false) => {
            let title = match lang {
                Lang::Vi => format!("Chắc chắn dưới mức {line}: {} cơ quan", page.below.len()),
                Lang::En => format!("Surely below {line}: {} agencies", page.below.len()),
            };
            let line = |agency: &super::overview_model::AgencyLine| {
                let figure = format!("{} ({})", agency.figure.words(lang), agency.figure.precision_words(lang));
                view! {
                    <li>
                        {agency_link(&page.heading, &agency.agency)}
                        <span class="note">{figure}</span>
                    </li>
                }
            };
            let sort = Sort { key: SortKey::Index, descending: false };
            let ranking = Query { sort, ..page.heading.query.elsewhere() }.href(address::RANKING);
            view! {
                <h3>{title}</h3>
                <ol class="desk-list">{page.below.iter().take(FIRST).map(line).collect_view()}</ol>
                {(page.below.len() > FIRST)
                    .then(|| view! { <p><a href=ranking>{say(lang, "Xem tất cả trong bảng xếp hạng", "See all in the ranking")}</a></p> })}
            }
            .into_any()
        }
    };
    view! {
        <section aria-labelledby="hanh-dong">
            <h2 id="hanh-dong">{say(lang, "Nơi cần hành động", "Where to act")}</h2>
            <div class="desk-columns">
                <div>{below}</div>
                <div>{lowest(&page.lowest, lang)}</div>
            </div>
        </section>
    }
    .into_any()
}

pub(super) fn percent_line(at: f64, lang: Lang) -> String {
    let digits = u8::from((100.0 * at).fract().abs() > 1e-9);
    format!("{}%", decimal(100.0 * at, digits, lang))
}

fn lowest(criteria: &[LowCriterion], lang: Lang) -> AnyView {
    if criteria.is_empty() {
        return view! {
            <p>
                {say(
                    lang,
                    "Chưa có tiêu chí nào chắc chắn thấp hơn chỉ số chung.",
                    "No criterion is surely lower than the index.",
                )}
            </p>
        }
        .into_any();
    }
    let title = match lang {
        Lang::Vi => format!("Tiêu chí chắc chắn thấp hơn chỉ số chung: {}", criteria.len()),
        Lang::En => format!("Criteria surely lower than the index: {}", criteria.len()),
    };
    let line = |criterion: &LowCriterion| {
        let figure = format!("{} ({})", criterion.figure.words(lang), criterion.figure.precision_words(lang));
        view! {
            <li>
                {format!("{} {}", criterion.code, criterion.text)}
                <span class="note">{figure}</span>
            </li>
        }
    };
    view! {
        <h3>{title}</h3>
        <ol class="desk-list">{criteria.iter().take(FIRST).map(line).collect_view()}</ol>
    }
    .into_any()
}

fn changed(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    let changes = &page.changes;
    let body = if changes.compared == 0 {
        let first = say(lang, "Đợt đầu, chưa có số để so sánh", "First round, nothing to compare with yet");
        let why = if changes.sentence.is_empty() { first } else { changes.sentence.trim_end_matches('.') };
        view! { <p>{format!("{why}.")}</p> }.into_any()
    } else if changes.lines.is_empty() {
        let words = match lang {
            Lang::Vi => format!("Đã so sánh {} cơ quan: chưa thấy thay đổi rõ ở cơ quan nào.", changes.compared),
            Lang::En => format!("{} agencies compared: no clear change in any of them.", changes.compared),
        };
        view! { <p>{words}</p> }.into_any()
    } else {
        let line = |changed: &Changed| {
            let up = changed.difference.value > 0.0;
            let word = if up { say(lang, "▲ tăng ", "▲ up ") } else { say(lang, "▼ giảm ", "▼ down ") };
            view! {
                <li>
                    {agency_link(&page.heading, &changed.agency)}
                    <span class="note">{format!("{word}{}", conclusions::difference(&changed.difference, lang))}</span>
                </li>
            }
        };
        let words = match lang {
            Lang::Vi => {
                format!("{} trong {} cơ quan so sánh được đã thay đổi rõ.", changes.lines.len(), changes.compared)
            }
            Lang::En => format!("{} of {} compared agencies clearly changed.", changes.lines.len(), changes.compared),
        };
        view! {
            <p>{words}</p>
            <ol class="desk-list">{changes.lines.iter().map(line).collect_view()}</ol>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="thay-doi">
            <h2 id="thay-doi">{say(lang, "Điều gì đã thay đổi chắc chắn", "What changed for certain")}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// Streams, what was left out, and how many agencies have enough responses.
fn trust(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    view! {
        <section aria-labelledby="tin-cay">
            <h2 id="tin-cay">{say(lang, "Có tin được không", "Can it be trusted")}</h2>
            {left_out(page).map(|words| view! { <p class="prose">{words}</p> })}
            {(!page.streams.is_empty()).then(|| stream_table(page))}
            {coverage(page)}
        </section>
    }
    .into_any()
}

/// "2,1% số phiếu đang xem xét; …".
fn left_out(page: &Overview) -> Option<String> {
    let lang = page.heading.query.lang;
    let headline = page.headline.as_ref()?;
    let Count::Exactly(n) = headline.n else { return None };
    let all = n + headline.left_out.total();
    if all == 0 {
        return None;
    }
    let parts: Vec<String> = words::left_out(&headline.left_out, lang)
        .iter()
        .map(|(kind, n)| format!("{} {kind}", percent(*n as f64 / all as f64, lang)))
        .collect();
    if parts.is_empty() {
        return Some(say(lang, "Mọi phiếu đều được tính.", "Every response is counted.").to_owned());
    }
    let counted = percent(n as f64 / all as f64, lang);
    Some(match lang {
        Lang::Vi => format!("{counted} số phiếu nhận được nằm trong chỉ số. Không tính: {}.", parts.join("; ")),
        Lang::En => format!("{counted} of the responses received are in the index. Left out: {}.", parts.join("; ")),
    })
}

fn stream_table(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    let row = |line: &StreamLine| {
        view! {
            <tr>
                <th scope="row" class="desk-table__name">
                    {words::stream(line.stream, lang)}
                    <span class="note">{words::stream_note(line.stream, lang)}</span>
                </th>
                <td class="num strong">{line.figure.words(lang)}</td>
                <td class="num">{line.figure.precision_words(lang)}</td>
                <td class="num">
                    {count_words(line.n, lang)}
                    <span class="narrow">{say(lang, " phiếu", " responses")}</span>
                </td>
            </tr>
        }
    };
    view! {
        <h3 class="desk-title" id="cac-nguon">{say(lang, "Từng nguồn phiếu, không cộng với nhau", "Stream by stream, never added up")}</h3>
        <table class="plain desk-table" aria-labelledby="cac-nguon">
            <thead>
                <tr>
                    <th scope="col">{say(lang, "Nguồn phiếu", "Stream")}</th>
                    <th scope="col" class="num">{say(lang, "Chỉ số", "Index")}</th>
                    <th scope="col" class="num">{say(lang, "Khoảng", "Interval")}</th>
                    <th scope="col" class="num">{say(lang, "Phiếu", "Responses")}</th>
                </tr>
            </thead>
            <tbody>{page.streams.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn coverage(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    if page.headline.as_ref().is_some_and(|h| h.figure.is_voluntary()) || page.agencies.is_empty() {
        return ().into_any();
    }
    let (enough, all) = (page.enough, page.agencies.len());
    let words = match lang {
        Lang::Vi => format!("{enough} trong {all} cơ quan đã đủ phiếu để sai số không quá 5 điểm về mỗi phía."),
        Lang::En => format!("{enough} of {all} agencies have enough responses for 5 points to either side."),
    };
    let more = (!page.few.is_empty()).then(|| {
        let title = match lang {
            Lang::Vi => format!("{} cơ quan còn thiếu phiếu", page.few.len()),
            Lang::En => format!("{} agencies with too few responses", page.few.len()),
        };
        view! {
            <details class="desk-more">
                <summary id="con-thieu">{title}</summary>
                {agency_table(&page.heading, &page.few, "con-thieu")}
            </details>
        }
    });
    view! {
        <h3 class="desk-title">{say(lang, "Độ phủ", "Coverage")}</h3>
        <p>{words}</p>
        {more}
    }
    .into_any()
}

fn below_own(page: &Overview) -> AnyView {
    let lang = page.heading.query.lang;
    view! {
        <section aria-labelledby="truc-thuoc">
            <h2 id="truc-thuoc">{say(lang, "Cơ quan trong phạm vi", "Agencies in your scope")}</h2>
            {agency_table(&page.heading, &page.agencies, "truc-thuoc")}
        </section>
    }
    .into_any()
}
