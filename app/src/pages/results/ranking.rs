//! The ranking with what the data allow to say of it: searched, filtered and ordered by its address.

use leptos::prelude::*;

use super::model::{CityPage, Place, RankGroup, RankLine};
use super::parts::{Empty, count_words, population_words};
use super::query::{Query, Sort, SortKey, level_word};
use super::words;
use crate::components::charts::{Axis, DotPlot, DotPlotHead};
use crate::components::number::say;
use crate::domain::agency::Level;
use crate::domain::index::{self, Reading};
use crate::domain::method::Tone;
use crate::domain::text::Lang;

/// The id of its heading, for links.
pub(super) const RANKING: &str = "xep-hang";

/// The agencies by level, to be searched, filtered and ordered.
pub(in crate::pages) fn ranking(page: &CityPage) -> AnyView {
    let lang = page.heading.query.lang;
    let title = if voluntary(page) {
        say(lang, "Từng cơ quan", "Agency by agency")
    } else {
        say(lang, "Xếp hạng các cơ quan", "Ranking of the agencies")
    };
    let note = (!voluntary(page)).then(|| {
        say(
            lang,
            "Hạng tính trong từng cấp và loại hình, trên mọi cơ quan của đợt. “Có thể từ hạng” là những hạng mà số liệu cho phép: hai cơ quan có khoảng chồng lên nhau thì chưa thể nói bên nào hơn.",
            "Ranks are within each level and kind, among all agencies of the round. The possible ranks are those that the data allow: of two agencies whose intervals overlap it cannot be said which is better.",
        )
    });
    let body = if page.groups.is_empty() {
        let why = match lang {
            Lang::Vi => format!("Không có cơ quan nào khớp với “{}”.", page.heading.query.search),
            Lang::En => format!("No agency matches “{}”.", page.heading.query.search),
        };
        let all = Query { search: String::new(), level: None, ..page.heading.query.clone() }.href(page.room.list);
        let what =
            say(lang, "Xin thử tên ngắn hơn; không cần gõ dấu.", "Try a shorter name; diacritics are not needed.");
        view! {
            <Empty why=why what=what.to_owned() href=format!("{all}#{RANKING}") button=say(lang, "Xem tất cả cơ quan", "Show all agencies")/>
        }
        .into_any()
    } else {
        table(page)
    };
    view! {
        <section aria-labelledby=RANKING>
            <h2 id=RANKING>{title}</h2>
            {note.map(|note| view! { <p class="prose secondary">{note}</p> })}
            {filter(page)}
            {body}
        </section>
    }
    .into_any()
}

/// Search, level and order as a plain form: everything stands in the address.
fn filter(page: &CityPage) -> AnyView {
    let query = &page.heading.query;
    let lang = query.lang;
    let kept = query
        .fields()
        .into_iter()
        .filter(|(name, _)| matches!(*name, "dot" | "nguon" | "lang"))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    let level = |level: Level| {
        let selected = query.level == Some(level);
        view! {
            <option value=level_word(level) selected=selected>
                {words::level(level, lang)}
            </option>
        }
    };
    let orders = SortKey::ALL.map(|key| {
        let sort = if query.sort.key == key { query.sort } else { Sort::by(key) };
        let selected = query.sort.key == key;
        view! {
            <option value=sort.word() selected=selected>
                {column(key, lang)}
            </option>
        }
    });
    view! {
        <form class="filter" method="get" action=format!("{}#{RANKING}", page.room.list) role="search">
            {kept}
            <div class="filter__field filter__field--wide">
                <label class="label" for="tim">{say(lang, "Tìm cơ quan", "Find an agency")}</label>
                <input class="field" id="tim" name="tim" type="search" value=query.search.clone() autocomplete="off" maxlength="100"/>
            </div>
            <div class="filter__field">
                <label class="label" for="cap">{say(lang, "Cấp", "Level")}</label>
                <select class="field" id="cap" name="cap">
                    <option value="">{say(lang, "Tất cả", "All")}</option>
                    {Level::ALL.iter().copied().map(level).collect_view()}
                </select>
            </div>
            <div class="filter__field filter__field--order">
                <label class="label" for="sap">{say(lang, "Sắp xếp theo", "Order by")}</label>
                <select class="field" id="sap" name="sap">{orders.into_iter().collect_view()}</select>
            </div>
            <button class="button button--secondary">{say(lang, "Xem", "Show")}</button>
        </form>
    }
    .into_any()
}

fn column(key: SortKey, lang: Lang) -> &'static str {
    match key {
        SortKey::Rank => say(lang, "Hạng", "Rank"),
        SortKey::Name => say(lang, "Cơ quan", "Agency"),
        SortKey::Index => say(lang, "Chỉ số", "Index"),
        SortKey::Responses => say(lang, "Phiếu", "Responses"),
        SortKey::Population => say(lang, "Hồ sơ", "Dossiers"),
    }
}

fn table(page: &CityPage) -> AnyView {
    let query = &page.heading.query;
    let lang = query.lang;
    let axis = Axis { from: page.axis_from, to: 1.0 };
    let with_bands = page.groups.iter().flat_map(|g| &g.lines).any(|l| l.band.is_some());
    let columns = if with_bands { 9 } else { 8 };
    let head = |key: SortKey, class: &'static str| {
        let next = Query { sort: query.sort.clicked(key), ..query.clone() };
        let order = (query.sort.key == key).then_some(if query.sort.descending { "descending" } else { "ascending" });
        view! {
            <th scope="col" role="columnheader" class=class aria-sort=order>
                <a href=format!("{}#{RANKING}", next.href(page.room.list))>{column(key, lang)}</a>
            </th>
        }
    };
    let groups = page.groups.iter().map(|group| rows(page, group, axis, columns)).collect_view();
    view! {
        <table class="ranking" role="table" aria-labelledby=RANKING>
            <thead role="rowgroup">
                <tr role="row">
                    {head(SortKey::Rank, "ranking__rank")}
                    <th scope="col" role="columnheader" class="ranking__between">
                        {say(lang, "Có thể từ hạng", "Possible ranks")}
                    </th>
                    {head(SortKey::Name, "ranking__name")}
                    <th scope="col" role="columnheader" class="ranking__plot">
                        <DotPlotHead axis=axis/>
                        <span class="hidden">{say(lang, "Biểu đồ", "Chart")}</span>
                    </th>
                    {head(SortKey::Index, "ranking__index")}
                    <th scope="col" role="columnheader" class="ranking__range">
                        {say(lang, "Khoảng", "Interval")}
                    </th>
                    {head(SortKey::Responses, "ranking__n")}
                    {head(SortKey::Population, "ranking__population")}
                    {with_bands
                        .then(|| {
                            view! {
                                <th scope="col" role="columnheader" class="ranking__band">
                                    {say(lang, "Mức", "Band")}
                                </th>
                            }
                        })}
                </tr>
            </thead>
            {groups}
        </table>
    }
    .into_any()
}

fn rows(page: &CityPage, group: &RankGroup, axis: Axis, columns: usize) -> AnyView {
    let lang = page.heading.query.lang;
    let lines = group.lines.iter().map(|line| row(page, line, axis, columns)).collect_view();
    view! {
        <tbody role="rowgroup">
            <tr role="row" class="ranking__group">
                <th scope="rowgroup" role="rowheader" colspan=columns>
                    {format!("{} ({})", words::level(group.level, lang), group.lines.len())}
                </th>
            </tr>
            {lines}
        </tbody>
    }
    .into_any()
}

fn row(page: &CityPage, line: &RankLine, axis: Axis, columns: usize) -> AnyView {
    let lang = page.heading.query.lang;
    let href = page.heading.query.elsewhere().href(&format!("{}{}", page.room.agency, line.code));
    let voluntary = voluntary(page);
    let (rank, between) = match line.place {
        Place::Ranked { rank, best, worst, .. } => {
            let between = match lang {
                Lang::Vi => format!("{best} đến {worst}"),
                Lang::En => format!("{best} to {worst}"),
            };
            (rank.to_string(), Some(between))
        }
        _ => ("–".to_owned(), None),
    };
    let note = match (line.place, line.factors) {
        (Place::NotRanked(why), _) => Some(format!(
            "{}: {}",
            say(lang, "chưa đủ độ tin cậy", "not reliable enough"),
            words::not_ranked(why, lang)
        )),
        (_, Some((counted, of))) => Some(words::factors(counted, of, lang)),
        _ if voluntary => Some(say(lang, "phản hồi tự nguyện", "voluntary feedback").to_owned()),
        _ => None,
    };
    let band = (columns > 8).then(|| {
        let class = line.band.as_ref().map_or("ranking__band", |band| match band.tone {
            Tone::High => "ranking__band ranking__band--high",
            Tone::Mid => "ranking__band ranking__band--mid",
            Tone::Low => "ranking__band ranking__band--low",
        });
        let words = line.band.as_ref().map(|band| band.words.clone());
        view! { <td role="cell" class=class>{words}</td> }
    });
    view! {
        <tr role="row">
            <td role="cell" class="ranking__rank">
                <span class="narrow">{say(lang, "Hạng ", "Rank ")}</span>
                {rank}
            </td>
            <td role="cell" class="ranking__between">
                {between
                    .map(|between| {
                        view! {
                            <span class="narrow">{say(lang, "(có thể từ ", "(possibly from ")}</span>
                            {between}
                            <span class="narrow">")"</span>
                        }
                    })}
            </td>
            <th scope="row" role="rowheader" class="ranking__name">
                <a href=href>{line.name.clone()}</a>
                {note.map(|note| view! { <span class="note">{note}</span> })}
            </th>
            <td role="cell" class="ranking__plot">
                <DotPlot
                    axis=axis
                    value=line.figure.value()
                    interval=line.figure.interval()
                    hollow=line.figure.is_voluntary()
                    bands=page.band_limits.clone()
                    sample_data=page.heading.sample_data
                />
            </td>
            <td role="cell" class="ranking__index">{line.figure.words(lang)}</td>
            <td role="cell" class="ranking__range">{line.figure.precision_words(lang)}</td>
            <td role="cell" class="ranking__n">
                {count_words(line.n, lang)}
                <span class="narrow">{say(lang, " phiếu", " responses")}</span>
            </td>
            <td role="cell" class="ranking__population">
                <span class="narrow">" / "</span>
                {population_words(line.population, lang)}
                <span class="narrow">{say(lang, " hồ sơ", " dossiers")}</span>
            </td>
            {band}
        </tr>
    }
    .into_any()
}

fn voluntary(page: &CityPage) -> bool {
    index::reading(page.heading.stream) == Reading::Voluntary
}
