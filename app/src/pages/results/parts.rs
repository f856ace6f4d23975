//! What the results pages share: the heading, the streams, the figure of the page and what may be concluded from it.

use leptos::prelude::*;

use super::model::{Count, Heading, Headline, Place};
use super::query::Query;
use super::shown::{Precision, Shown};
use super::words;
use crate::components::number::{count, percent, percent_whole, range, say};
use crate::components::page::StampLine;
use crate::domain::agency::Level;
use crate::domain::index::{self, Reading};
use crate::domain::response::Stream;
use crate::domain::text::Lang;

/// A count in a table cell.
pub(in crate::pages) fn count_words(n: Count, lang: Lang) -> String {
    match n {
        Count::Exactly(n) => count(n, lang),
        Count::Few => "< 5".to_owned(),
        Count::Hidden => say(lang, "ẩn", "hidden").to_owned(),
    }
}

/// A population in a table cell.
pub(in crate::pages) fn population_words(population: Option<i64>, lang: Lang) -> String {
    population.map_or_else(|| say(lang, "chưa có", "missing").to_owned(), |n| count(n, lang))
}

/// Name of the page, round, and what the figures stand on.
#[component]
pub fn PageHeading(heading: Heading, title: String, above: Option<AnyView>) -> impl IntoView {
    let lang = heading.query.lang;
    view! {
        <div class="heading">
            {above}
            <h1>{title}</h1>
            <p class="heading__round">{heading.round.clone()}</p>
            <StampLine stamp=heading.stamp lang=lang/>
        </div>
    }
}

/// The streams as links, with what stands behind the one that is shown. Streams are never added up.
#[component]
pub fn StreamTabs(heading: Heading, path: String) -> impl IntoView {
    let lang = heading.query.lang;
    let current = heading.stream;
    let links = (heading.streams.len() > 1).then(|| {
        let link = |(stream, n): &(Stream, Count)| {
            let href = Query { stream: Some(*stream), ..heading.query.clone() }.href(&path);
            let words = format!("{} ({})", words::stream(*stream, lang), responses(*n, lang));
            view! {
                <li>
                    <a href=href aria-current=(*stream == current).then_some("true")>
                        {words}
                    </a>
                </li>
            }
        };
        view! {
            <nav class="tabs" aria-label=say(lang, "Nguồn phiếu", "Streams of responses")>
                <ul>{heading.streams.iter().map(link).collect_view()}</ul>
            </nav>
        }
    });
    view! {
        {links}
        <p class="stream-note">
            <strong>{words::stream(current, lang)}</strong>
            ": "
            {words::stream_note(current, lang)}
        </p>
    }
}

/// "312 phiếu".
pub(in crate::pages) fn responses(n: Count, lang: Lang) -> String {
    match (n, lang) {
        (Count::Exactly(1), Lang::En) => "1 response".to_owned(),
        (n, Lang::En) => format!("{} responses", count_words(n, lang)),
        (n, Lang::Vi) => format!("{} phiếu", count_words(n, lang)),
    }
}

/// The figure of a page: index, interval, n and N, one sentence, what is left out.
#[component]
pub fn HeadlineBlock(
    headline: Headline,
    heading: Heading,
    /// Whom the figure speaks of: "thành phố", or the name of an agency.
    subject: String,
    children: Children,
) -> impl IntoView {
    let lang = heading.query.lang;
    let figure = headline.figure.clone();
    let base = match (headline.population, lang) {
        (Some(population), Lang::Vi) => format!("{} / {} hồ sơ", responses(headline.n, lang), count(population, lang)),
        (Some(population), Lang::En) => {
            format!("{} of {} dossiers", responses(headline.n, lang), count(population, lang))
        }
        (None, _) => responses(headline.n, lang),
    };
    let left_out = words::left_out(&headline.left_out, lang);
    let left_out = (!left_out.is_empty()).then(|| {
        let parts: Vec<_> =
            left_out.iter().map(|(kind, n)| format!("{} {kind}", responses(Count::Exactly(*n), lang))).collect();
        format!("{}: {}.", say(lang, "Không tính vào chỉ số", "Not in the index"), parts.join("; "))
    });
    view! {
        <section class="headline" aria-label=say(lang, "Chỉ số hài lòng", "Satisfaction index")>
            <p class="figure">
                <span class="figure__name">{say(lang, "Chỉ số hài lòng", "Satisfaction index")}</span>
                <strong class="figure__value">{figure.words(lang)}</strong>
                <span class="figure__range">{figure.precision_words(lang)}</span>
                <span class="figure__base">{base}</span>
            </p>
            <div class="headline__words">
                <p class="headline__saying">{conclusion(&headline, &heading, &subject)}</p>
                {headline.factors.map(|(counted, of)| view! { <p>{factors_sentence(counted, of, lang)}</p> })}
                {children()}
                {left_out.map(|words| view! { <p class="secondary">{words}</p> })}
            </div>
        </section>
    }
}

fn factors_sentence(counted: usize, of: usize, lang: Lang) -> String {
    let words = words::factors(counted, of, lang);
    match lang {
        Lang::Vi => format!("Chỉ số tính {words}; yếu tố có dưới 5 người trả lời chưa được tính."),
        Lang::En => format!("The index is {words}; factors answered by fewer than 5 people do not count yet."),
    }
}

/// One sentence that says what may be concluded, and not more.
fn conclusion(headline: &Headline, heading: &Heading, subject: &str) -> String {
    let lang = heading.query.lang;
    if let Some(why) = headline.figure.why(lang) {
        return why.to_owned();
    }
    if index::reading(heading.stream) == Reading::Voluntary {
        let n = if let Count::Exactly(n) = headline.n { Some(n) } else { None };
        let share = headline.population.zip(n).filter(|(population, _)| *population > 0);
        let share = share.map(|(population, n)| percent(n as f64 / population as f64, lang));
        return match (share, lang) {
            (Some(share), Lang::Vi) => {
                format!(
                    "Đây là ý kiến của những người tự trả lời, bằng {share} số hồ sơ; không suy rộng cho mọi người làm thủ tục tại {subject}."
                )
            }
            (None, Lang::Vi) => {
                format!(
                    "Đây là ý kiến của những người tự trả lời; không suy rộng cho mọi người làm thủ tục tại {subject}."
                )
            }
            (Some(share), Lang::En) => format!(
                "This is the view of those who chose to answer, {share} of the dossiers; it does not extend to everybody who dealt with {subject}."
            ),
            (None, Lang::En) => {
                format!(
                    "This is the view of those who chose to answer; it does not extend to everybody who dealt with {subject}."
                )
            }
        };
    }
    let whom = whom(headline, subject, lang);
    match headline.figure {
        Shown::Known { precision: Precision::Interval(low, high), .. } => {
            let against = heading.target.as_ref().map(|(at, label)| against_target(low, high, *at, label, lang));
            let against = against.unwrap_or_default();
            let limits = range(low, high, lang);
            match lang {
                Lang::Vi => {
                    format!("Với độ tin cậy 95%, chỉ số của {whom} nằm trong khoảng {limits}{against}.")
                }
                Lang::En => format!("With 95% confidence the index of {whom} lies {limits}{against}."),
            }
        }
        Shown::Known { precision: Precision::Census, .. } => match lang {
            Lang::Vi => format!("Đã hỏi {whom} trong kỳ, nên chỉ số không có sai số chọn mẫu."),
            Lang::En => format!("The survey asked {whom} in the period, so the index has no sampling error."),
        },
        Shown::AtLeast(share) => match lang {
            Lang::Vi => format!("Ít nhất {} câu trả lời ở mức hài lòng.", percent_whole(share, lang)),
            Lang::En => format!("At least {} of the answers are satisfied.", percent_whole(share, lang)),
        },
        Shown::AtMost(share) => match lang {
            Lang::Vi => format!("Nhiều nhất {} câu trả lời ở mức hài lòng.", percent_whole(share, lang)),
            Lang::En => format!("At most {} of the answers are satisfied.", percent_whole(share, lang)),
        },
        _ => String::new(),
    }
}

/// Of whom an index speaks: of everybody where all dossiers are covered, otherwise of the measured agencies alone, with
/// the share of the dossiers that they have.
fn whom(headline: &Headline, subject: &str, lang: Lang) -> String {
    let part = headline.coverage.zip(headline.population).filter(|(share, _)| *share < 1.0);
    match (part, lang) {
        (None, Lang::Vi) => format!("tất cả người đã nhận kết quả tại {subject}"),
        (None, Lang::En) => format!("everybody who received a result from {subject}"),
        (Some((share, all)), _) => {
            // Both are whole numbers, and so was what the share was made of.
            let measured = count((share * all as f64).round() as i64, lang);
            let (all, share) = (count(all, lang), percent(share, lang));
            match lang {
                Lang::Vi => format!(
                    "người đã nhận kết quả tại các cơ quan đã đo, chiếm {share} số hồ sơ của {subject} ({measured}/{all})"
                ),
                Lang::En => format!(
                    "those who received a result from the measured agencies, which have {share} of the dossiers of {subject} ({measured} of {all}),"
                ),
            }
        }
    }
}

fn against_target(low: f64, high: f64, target: f64, label: &str, lang: Lang) -> String {
    let mut letters = label.chars();
    let label =
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect::<String>());
    let (above, below, open) = match lang {
        Lang::Vi => (", cao hơn", ", thấp hơn", "; chưa thể nói cao hơn hay thấp hơn"),
        Lang::En => (", above", ", below", "; whether it is above or below cannot be said of"),
    };
    let verdict = if low > target {
        above
    } else if high < target {
        below
    } else {
        open
    };
    format!("{verdict} {label}")
}

/// "Hạng 4 (có thể từ 2 đến 31) trong 20 cơ quan cấp thành phố".
pub(in crate::pages) fn place_words(place: Place, level: Level, lang: Lang) -> Option<String> {
    let among = words::level_of(level, lang);
    match (place, lang) {
        (Place::Ranked { rank, best, worst, of }, Lang::Vi) => {
            Some(format!("Hạng {rank} (có thể từ {best} đến {worst}) trong {of} {among} được xếp hạng."))
        }
        (Place::Ranked { rank, best, worst, of }, Lang::En) => {
            Some(format!("Rank {rank} (possibly from {best} to {worst}) of {of} ranked {among}."))
        }
        (Place::NotRanked(why), Lang::Vi) => {
            Some(format!("Chưa xếp hạng, chưa đủ độ tin cậy: {}.", words::not_ranked(why, lang)))
        }
        (Place::NotRanked(why), Lang::En) => {
            Some(format!("Not ranked, not reliable enough: {}.", words::not_ranked(why, lang)))
        }
        (Place::Unranked, _) => None,
    }
}

/// What form and method the figures rest on.
#[component]
pub fn Basis(heading: Heading) -> impl IntoView {
    let lang = heading.query.lang;
    let method = Query { lang, round: heading.query.round.clone(), ..Query::default() }.href("/cach-tinh");
    view! {
        <section class="basis">
            <h2>{say(lang, "Căn cứ", "Basis")}</h2>
            <p>
                {heading.questionnaire.clone()}
                {heading
                    .reference_form
                    .then(|| view! { <strong>{say(lang, " (mẫu tham khảo)", " (reference form)")}</strong> })}
            </p>
            <p>{heading.method.clone()}</p>
            <p class="jump">
                <a href=method>{say(lang, "Chỉ số này tính thế nào", "How this index is calculated")}</a>
            </p>
        </section>
    }
}

/// The note that stands on a page where something is hidden or merged.
#[component]
pub fn HiddenNote(lang: Lang) -> impl IntoView {
    let words = say(
        lang,
        "Số liệu dựa trên dưới 5 người được ẩn (“ẩn”, “< 5”) hoặc gộp với mức bên cạnh, cùng một số liệu khác để không thể tính ngược; khi mọi người trả lời như nhau chỉ ghi “≥ 95%” hoặc “≤ 5%”. Như vậy không ai biết được câu trả lời của một người.",
        "Figures that rest on fewer than 5 people are hidden (“hidden”, “< 5”) or merged with their neighbour, and others with them so that they cannot be worked out; where everybody answered alike only “≥ 95%” or “≤ 5%” is said. So nobody’s answer can be known.",
    );
    view! { <p class="prose secondary">{words}</p> }
}

/// A sentence why there is nothing, one what to do, and one button.
#[component]
pub fn Empty(why: String, what: String, href: String, button: &'static str) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{why}</p>
            <p>{what}</p>
            <p>
                <a class="button" href=href>
                    {button}
                </a>
            </p>
        </div>
    }
}

/// "85%" for an option in words beside a bar.
pub(in crate::pages) fn share_words(share: &Shown, lang: Lang) -> String {
    match share {
        Shown::Known { precision: Precision::Voluntary, value } => percent_whole(*value, lang),
        other => other.words(lang),
    }
}
