//! The assembly of `/ket-qua`: city, levels and the ranking, for one stream.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::collect::{Collected, RoundData};
use super::model::{BandWord, CityPage, Count, Heading, Headline, LevelLine, Place, RankGroup, RankLine, Room};
use super::query::{Query, SortKey};
use super::shown::Shown;
use super::solve::{self, Results, Solved};
use crate::components::charts::Axis;
use crate::components::page::Stamp;
use crate::domain::agency::{self, Agency, Level};
use crate::domain::disclosure::Row;
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, AgencyResult, Estimate, Figures, GroupResult, OpenResult, Overall, Reading};
use crate::domain::method::Method;
use crate::domain::questionnaire::Source;
use crate::domain::ranks;
use crate::domain::response::Stream;
use crate::domain::role::Sector;
use crate::domain::tally::Tally;
use crate::domain::text::{Lang, sort_key};

/// The page of a round.
pub fn city_page(data: &RoundData<'_>, collected: &Collected, stamp: Stamp, query: &Query) -> CityPage {
    let heading = heading(data, collected, stamp, query);
    ranked_page(data, collected, heading, Room::PUBLIC, &|_| true, true)
}

/// The ranking of the round, of which the agencies that are `within` are listed; sums over agencies `with_totals`.
pub(in crate::pages) fn ranked_page(
    data: &RoundData<'_>,
    collected: &Collected,
    heading: Heading,
    room: Room,
    within: &dyn Fn(AgencyId) -> bool,
    with_totals: bool,
) -> CityPage {
    let query = &heading.query.clone();
    let zero = Tally::zero(data.shape);
    let solved = Solved::new(data, collected, heading.stream, &zero);
    let mut page = CityPage {
        room,
        headline: None,
        levels: Vec::new(),
        groups: Vec::new(),
        axis_from: 0.5,
        band_limits: band_limits(data.method),
        hides_something: if with_totals { solved.hides_something() } else { solved.hides_some_of(within) },
        heading,
    };
    let lines = match &solved.results {
        Results::Voluntary(results) => voluntary_lines(data, results, &solved),
        Results::Probability(results) => {
            if with_totals {
                let everybody: Vec<_> = solved.members.iter().zip(results).collect();
                let city = index::group(data.shape, data.method, &everybody);
                page.headline = Some(group_headline(&city, solved.city()));
                page.levels = levels(data, &solved, &everybody);
            }
            let places = places(data, results, &solved, page.heading.stream);
            lines(data, results, &solved, &places, query.lang)
        }
    };
    let lines: BTreeMap<_, _> = lines.into_iter().filter(|(agency, _)| within(*agency)).collect();
    let lowest = lines.values().filter_map(|l| l.figure.interval().map(|i| i.0).or(l.figure.value())).reduce(f64::min);
    page.axis_from = Axis::from_tens_below(lowest.unwrap_or(0.5)).from;
    page.groups = groups(data, lines, query);
    page
}

/// What a page says of its round.
pub(in crate::pages) fn heading(data: &RoundData<'_>, collected: &Collected, stamp: Stamp, query: &Query) -> Heading {
    let lang = query.lang;
    let streams: Vec<_> = Stream::ALL
        .iter()
        .map(|stream| (*stream, collected.n(*stream)))
        .filter(|(_, n)| *n > 0)
        .map(|(stream, n)| (stream, solve::few(n)))
        .collect();
    let asked_for = query.stream.filter(|asked| streams.iter().any(|(s, _)| s == asked));
    let stream = asked_for.or(streams.first().map(|(s, _)| *s)).unwrap_or(Stream::Sample);
    Heading {
        query: query.clone(),
        round: data.round.name.get(lang).to_owned(),
        questionnaire: data.questionnaire.title.get(lang).to_owned(),
        reference_form: data.questionnaire.criteria().any(|(_, c)| c.source == Source::Reference),
        method: data.method.title.get(lang).to_owned(),
        sample_data: data.round.sample_data,
        stamp,
        stream,
        streams,
        target: data.method.targets.first().map(|t| (t.at, t.label.get(lang).to_owned())),
    }
}

/// The headline of an agency.
pub(in crate::pages) fn headline(figures: &Figures, row: Option<&Row>) -> Headline {
    Headline {
        figure: solve::whole(Shown::from(figures.index()), figures, row),
        n: solve::count(figures.n, row),
        population: figures.population,
        coverage: None,
        factors: missing_factors(&figures.overall, figures.n, row),
        left_out: figures.left_out,
    }
}

/// The headline of an agency in a voluntary stream.
pub(in crate::pages) fn open_headline(result: &OpenResult, row: Option<&Row>) -> Headline {
    Headline {
        figure: solve::whole_open(result, row),
        n: solve::count(result.n, row),
        population: result.population,
        coverage: None,
        factors: open_missing_factors(result, row),
        left_out: result.left_out,
    }
}

/// The headline of the city or a level.
pub(in crate::pages) fn group_headline(group: &GroupResult, row: Option<&Row>) -> Headline {
    let figures = &group.pooled_by_n;
    Headline {
        figure: solve::whole(Shown::from(group.published()), figures, row),
        coverage: figures.coverage(),
        ..headline(figures, row)
    }
}

/// Where the agencies stand among those of their level and sector in the whole round, whoever reads: an agency has one rank on every
/// page and in every file. Hidden ones are not in the comparison.
pub(in crate::pages) fn places(
    data: &RoundData<'_>,
    results: &[AgencyResult],
    solved: &Solved<'_>,
    stream: Stream,
) -> BTreeMap<AgencyId, Place> {
    let mut places = BTreeMap::new();
    if index::reading(stream) != Reading::Probability {
        return places;
    }
    // A hospital is not ranked among the departments of the city.
    let group_of = |agency: &Agency| (agency.level, Sector::of_kind(&agency.kind));
    let mut groups: Vec<_> = data.agencies.iter().map(|agency| group_of(agency)).collect();
    groups.sort_by_key(|(level, sector)| (*level, sector.map(Sector::code)));
    groups.dedup();
    for group in groups {
        let of_group = data.agencies.iter().zip(results).filter(|(a, _)| group_of(a) == group);
        let shown = of_group.filter(|(agency, _)| solved.row(agency.id).is_some_and(|row| row.shown));
        let compared: Vec<&AgencyResult> = shown.map(|(_, result)| result).collect();
        let ranking = ranks::rank(data.method, &compared);
        for line in ranking.lines {
            let place = match line.place {
                Ok(rank) => Place::Ranked { rank: rank.rank, best: rank.best, worst: rank.worst, of: ranking.ranked },
                Err(why) => Place::NotRanked(why),
            };
            places.insert(line.agency, place);
        }
    }
    places
}

/// The band of a figure in words.
pub(in crate::pages) fn band(
    method: &Method,
    estimate: Option<&Estimate>,
    row: Option<&Row>,
    lang: Lang,
) -> Option<BandWord> {
    let reading = index::band(method, estimate.filter(|_| row.is_some_and(|row| row.shown))?)?;
    let near = match (reading.near_limit, lang) {
        (false, _) => "",
        (true, Lang::Vi) => ", sát ngưỡng",
        (true, Lang::En) => ", near the limit",
    };
    Some(BandWord { words: format!("{}{near}", reading.band.name.get(lang)), tone: reading.band.tone })
}

/// The name of an agency with the one above it.
pub(in crate::pages) fn label(data: &RoundData<'_>, agency: &Agency) -> String {
    agency.label(parent(data, agency))
}

/// The agency above.
pub(in crate::pages) fn parent<'a>(data: &RoundData<'a>, agency: &Agency) -> Option<&'a Agency> {
    agency.parent.and_then(|id| data.agencies.iter().copied().find(|a| a.id == id))
}

fn missing_factors(overall: &Overall, n: i64, row: Option<&Row>) -> Option<(usize, usize)> {
    let known = n > 0 && row.is_some_and(|row| row.shown);
    (known && !overall.is_complete()).then_some((overall.factors_counted, overall.n_factors))
}

fn open_missing_factors(result: &OpenResult, row: Option<&Row>) -> Option<(usize, usize)> {
    let known = result.n > 0 && row.is_some_and(|row| row.shown);
    let all = result.factors.len();
    (known && result.factors_counted < all).then_some((result.factors_counted, all))
}

fn levels(
    data: &RoundData<'_>,
    solved: &Solved<'_>,
    everybody: &[(&index::Agency<'_>, &AgencyResult)],
) -> Vec<LevelLine> {
    let line = |level: Level| {
        let of_level = data.agencies.iter().zip(everybody).filter(|(agency, _)| agency.level == level);
        let members: Vec<_> = of_level.map(|(_, member)| *member).collect();
        if members.is_empty() {
            return None;
        }
        let group = index::group(data.shape, data.method, &members);
        let row = solved.level(level);
        Some(LevelLine {
            level,
            agencies: group.agencies,
            measured: group.measured,
            figure: solve::whole(Shown::from(group.published()), &group.pooled_by_n, row),
            n: solve::count(group.pooled_by_n.n, row),
            population: group.pooled_by_n.population,
        })
    };
    Level::ALL.iter().copied().filter_map(line).collect()
}

fn lines(
    data: &RoundData<'_>,
    results: &[AgencyResult],
    solved: &Solved<'_>,
    places: &BTreeMap<AgencyId, Place>,
    lang: Lang,
) -> BTreeMap<AgencyId, RankLine> {
    let line = |(agency, result): (&&Agency, &AgencyResult)| {
        let row = solved.row(agency.id);
        let figures = &result.figures;
        let line = RankLine {
            code: agency.code.clone(),
            name: label(data, agency),
            place: places.get(&agency.id).copied().unwrap_or(Place::Unranked),
            figure: solve::whole(Shown::from(figures.index()), figures, row),
            n: solve::count(figures.n, row),
            population: figures.population,
            band: band(data.method, figures.estimate(), row, lang),
            factors: missing_factors(&figures.overall, figures.n, row),
        };
        (agency.id, line)
    };
    data.agencies.iter().zip(results).map(line).collect()
}

fn voluntary_lines(data: &RoundData<'_>, results: &[OpenResult], solved: &Solved<'_>) -> BTreeMap<AgencyId, RankLine> {
    let line = |(agency, result): (&&Agency, &OpenResult)| {
        let row = solved.row(agency.id);
        let line = RankLine {
            code: agency.code.clone(),
            name: label(data, agency),
            place: Place::Unranked,
            figure: solve::whole_open(result, row),
            n: solve::count(result.n, row),
            population: result.population,
            band: None,
            factors: open_missing_factors(result, row),
        };
        (agency.id, line)
    };
    data.agencies.iter().zip(results).map(line).collect()
}

/// The lines by level, as filter, search and order ask.
fn groups(data: &RoundData<'_>, mut lines: BTreeMap<AgencyId, RankLine>, query: &Query) -> Vec<RankGroup> {
    let found = found(data, query);
    let wanted = |level: &Level| query.level.is_none_or(|only| only == *level);
    let mut groups = Vec::new();
    for level in Level::ALL.iter().copied().filter(wanted) {
        let of_level = data.agencies.iter().filter(|a| a.level == level);
        let of_search = of_level.filter(|a| found.as_ref().is_none_or(|found| found.contains(&a.id)));
        let mut lines: Vec<RankLine> = of_search.filter_map(|a| lines.remove(&a.id)).collect();
        sort(&mut lines, query);
        if !lines.is_empty() {
            groups.push(RankGroup { level, lines });
        }
    }
    groups
}

/// The agencies that the search finds; none where nothing is searched for.
fn found(data: &RoundData<'_>, query: &Query) -> Option<BTreeSet<AgencyId>> {
    (!query.search.is_empty()).then(|| {
        let all = data.agencies.iter().copied();
        agency::search(all, &query.search, data.round.period.1, data.agencies.len()).iter().map(|a| a.id).collect()
    })
}

fn band_limits(method: &Method) -> Vec<f64> {
    let limits = method.bands.iter().map(|b| b.from).filter(|from| *from > 0.0);
    if method.bands_basis.is_some() { limits.collect() } else { Vec::new() }
}

/// Orders the lines of a level. What has no value in the column stands below, in either direction.
fn sort(lines: &mut [RankLine], query: &Query) {
    let name = |line: &RankLine| sort_key(&line.name);
    let falling = query.sort.descending;
    let by_number = |lines: &mut [RankLine], key: &dyn Fn(&RankLine) -> Option<i64>| {
        lines.sort_by_cached_key(|line| {
            let value = key(line);
            (value.is_none(), value.map(|v| if falling { -v } else { v }), name(line))
        });
    };
    match query.sort.key {
        SortKey::Rank => by_number(lines, &|line| match line.place {
            Place::Ranked { rank, .. } => i64::try_from(rank).ok(),
            _ => None,
        }),
        SortKey::Name if falling => lines.sort_by_cached_key(|line| Reverse(name(line))),
        SortKey::Name => lines.sort_by_cached_key(name),
        // Twelve digits of a share are more than any page shows.
        SortKey::Index => by_number(lines, &|line| line.figure.value().map(|v| (v * 1e12) as i64)),
        SortKey::Responses => by_number(lines, &|line| match line.n {
            Count::Exactly(n) => Some(n),
            Count::Few | Count::Hidden => None,
        }),
        SortKey::Population => by_number(lines, &|line| line.population),
    }
}
