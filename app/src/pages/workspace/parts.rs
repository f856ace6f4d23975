//! What the pages of the workspace share: the heading, the rounds, the streams without sums, a missing number.

use leptos::prelude::*;

use super::address;
use super::overview_model::{AgencyLine, Named, Need};
use crate::components::number::{count, say};
use crate::components::page::StampLine;
use crate::domain::text::Lang;
use crate::pages::results::model::{Count, Heading};
use crate::pages::results::parts::responses;
use crate::pages::results::query::Query;
use crate::pages::results::words;

/// Name of the page, round, what the figures stand on, and how far they have come.
pub(super) fn heading(heading: &Heading, title: String, above: Option<AnyView>) -> AnyView {
    let lang = heading.query.lang;
    view! {
        <div class="heading">
            {above}
            <h1>{title}</h1>
            <p class="heading__round">{heading.round.clone()}</p>
            <StampLine stamp=heading.stamp lang=lang/>
            <p class="secondary">{heading.stamp.note(lang)}</p>
        </div>
    }
    .into_any()
}

/// The streams as links. Without numbers where a sum over agencies may not be shown.
pub(super) fn streams(heading: &Heading, path: &str) -> AnyView {
    let lang = heading.query.lang;
    let links = (heading.streams.len() > 1).then(|| {
        let link = |(stream, n): &(_, Count)| {
            let href = Query { stream: Some(*stream), ..heading.query.clone() }.href(path);
            let name = words::stream(*stream, lang);
            let text = if *n == Count::Hidden { name.to_owned() } else { format!("{name} ({})", responses(*n, lang)) };
            view! {
                <li>
                    <a href=href aria-current=(*stream == heading.stream).then_some("true")>
                        {text}
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
            <strong>{words::stream(heading.stream, lang)}</strong>
            ": "
            {words::stream_note(heading.stream, lang)}
        </p>
    }
    .into_any()
}

/// The rounds as links, where there are several.
pub(super) fn rounds(heading: &Heading, rounds: &[(String, String)], current: &str, path: &str) -> Option<AnyView> {
    let lang = heading.query.lang;
    let link = |(code, name): &(String, String)| {
        let href = Query { round: Some(code.clone()), stream: None, ..heading.query.clone() }.href(path);
        view! {
            <li>
                <a href=href aria-current=(code == current).then_some("true")>
                    {name.clone()}
                </a>
            </li>
        }
    };
    (rounds.len() > 1).then(|| {
        view! {
            <nav class="tabs" aria-label=say(lang, "Đợt đo lường", "Rounds")>
                <ul>{rounds.iter().map(link).collect_view()}</ul>
            </nav>
        }
        .into_any()
    })
}

/// A link to the page of an agency, in the same round and stream.
pub(super) fn agency_link(heading: &Heading, agency: &Named) -> AnyView {
    let href = heading.query.elsewhere().href(&format!("{}{}", address::AGENCY, agency.code));
    view! { <a href=href>{agency.name.clone()}</a> }.into_any()
}

/// How many responses are missing for a half-width of 5 points.
pub(super) fn need_words(need: Option<Need>, lang: Lang) -> String {
    match (need, lang) {
        (None, _) => say(lang, "đủ", "enough").to_owned(),
        (Some(Need::More(more)), Lang::Vi) => format!("cần thêm khoảng {}", count(more, lang)),
        (Some(Need::More(more)), Lang::En) => format!("about {} more", count(more, lang)),
        (Some(Need::InAll(all)), Lang::Vi) => format!("cần khoảng {} phiếu", count(all, lang)),
        (Some(Need::InAll(all)), Lang::En) => format!("about {} in all", count(all, lang)),
    }
}

/// Agencies with their figures, in a table of four columns.
pub(super) fn agency_table(heading: &Heading, lines: &[AgencyLine], labelled_by: &'static str) -> AnyView {
    use crate::pages::results::parts::count_words;
    let lang = heading.query.lang;
    let row = |line: &AgencyLine| {
        view! {
            <tr>
                <th scope="row" class="desk-table__name">{agency_link(heading, &line.agency)}</th>
                <td class="num strong">{line.figure.words(lang)}</td>
                <td class="num">{line.figure.precision_words(lang)}</td>
                <td class="num">
                    {count_words(line.n, lang)}
                    <span class="narrow">{say(lang, " phiếu", " responses")}</span>
                </td>
                <td class="num">{need_words(line.need, lang)}</td>
            </tr>
        }
    };
    view! {
        <table class="plain desk-table" aria-labelledby=labelled_by>
            <thead>
                <tr>
                    <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                    <th scope="col" class="num">{say(lang, "Chỉ số", "Index")}</th>
                    <th scope="col" class="num">{say(lang, "Khoảng", "Interval")}</th>
                    <th scope="col" class="num">{say(lang, "Phiếu", "Responses")}</th>
                    <th scope="col" class="num">{say(lang, "Để sai số còn 5 điểm", "For 5 points to either side")}</th>
                </tr>
            </thead>
            <tbody>{lines.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
