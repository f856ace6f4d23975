//! The figures of a frozen round as they would be published, before anything is: for each stream the city, its levels and
//! every agency with its rank. The pages of staff, which show the same figures, have the rest.

use leptos::prelude::*;

use super::ConfirmPage;
use crate::components::number::say;
use crate::components::tables::Scroll;
use crate::domain::text::Lang;
use crate::pages::results::model::{CityPage, LevelLine, Place, RankLine};
use crate::pages::results::parts::{HeadlineBlock, count_words, population_words};
use crate::pages::results::query::Query;
use crate::pages::results::words;
use crate::pages::workspace::address;

/// The preview; a sentence where nothing would be published.
pub(super) fn preview_view(page: &ConfirmPage) -> AnyView {
    let lang = page.lang;
    let query = Query { lang, round: Some(page.round.code.clone()), ..Query::default() };
    let streams: Vec<_> = page.preview.iter().map(|of_stream| stream(of_stream, &page.place, lang)).collect();
    let none = streams.is_empty().then(|| {
        let words = say(lang, "Đợt này không có phiếu nào để công bố.", "This round has no responses to publish.");
        view! { <p class="prose">{words}</p> }
    });
    view! {
        <h2>{say(lang, "Xem trước số liệu sẽ công bố", "The figures that will be published")}</h2>
        {none}
        {streams}
        <p class="prose">
            <a href=query.href(address::OVERVIEW)>
                {say(lang, "Xem đầy đủ số liệu đã chốt trên trang tổng quan", "All frozen figures, on the overview")}
            </a>
        </p>
    }
    .into_any()
}

fn stream(page: &CityPage, place: &str, lang: Lang) -> AnyView {
    let name = words::stream(page.heading.stream, lang);
    let headline = page.headline.clone().map(|headline| {
        view! {
            <HeadlineBlock headline=headline heading=page.heading.clone() subject=place.to_owned()>
                {()}
            </HeadlineBlock>
        }
    });
    let level = |line: &LevelLine| {
        let measured = format!("{}/{}", line.measured, line.agencies);
        view! {
            <tr>
                <th scope="row">{words::level(line.level, lang)}</th>
                <td class="num">{measured}</td>
                <td class="num strong">{line.figure.words(lang)}</td>
                <td class="num">{line.figure.precision_words(lang)}</td>
                <td class="num">{count_words(line.n, lang)}</td>
                <td class="num">{population_words(line.population, lang)}</td>
            </tr>
        }
    };
    let agency = |line: &RankLine| {
        let rank = match line.place {
            Place::Ranked { rank, .. } => rank.to_string(),
            Place::NotRanked(_) | Place::Unranked => "–".to_owned(),
        };
        view! {
            <tr>
                <th scope="row">{line.name.clone()}</th>
                <td class="num">{rank}</td>
                <td class="num strong">{line.figure.words(lang)}</td>
                <td class="num">{line.figure.precision_words(lang)}</td>
                <td class="num">{count_words(line.n, lang)}</td>
                <td class="num">{population_words(line.population, lang)}</td>
            </tr>
        }
    };
    let levels = (!page.levels.is_empty()).then(|| {
        let rows = page.levels.iter().map(level).collect_view();
        table(name, [say(lang, "Cấp", "Level"), say(lang, "Có phiếu", "Measured")], rows, lang)
    });
    let agencies = page.groups.iter().flat_map(|group| &group.lines).map(agency).collect_view();
    let agencies = table(name, [say(lang, "Cơ quan", "Agency"), say(lang, "Hạng", "Rank")], agencies, lang);
    view! {
        <h3>{name}</h3>
        {headline}
        {levels}
        {agencies}
    }
    .into_any()
}

fn table(name: &'static str, [first, second]: [&'static str; 2], rows: impl IntoView + 'static, lang: Lang) -> AnyView {
    view! {
        <Scroll label=name>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{first}</th>
                        <th scope="col" class="num">{second}</th>
                        <th scope="col" class="num">{say(lang, "Chỉ số", "Index")}</th>
                        <th scope="col" class="num">{say(lang, "Khoảng", "Interval")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu", "Responses")}</th>
                        <th scope="col" class="num">{say(lang, "Hồ sơ", "Dossiers")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}
