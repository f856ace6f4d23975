//! The assembly of `/ket-qua`: city, levels and the ranking, for one stream.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::collect::{Collected, RoundData};
use super::model::{BandWord, CityPage, Heading, Headline, LevelLine, Place, RankGroup, RankLine};
use super::query::{Query, SortKey};
use super::shown::Shown;
use crate::components::charts::Axis;
use crate::components::page::Stamp;
use crate::domain::agency::{self, Agency, Level};
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, AgencyResult, Estimate, Figures, Overall, Reading};
use crate::domain::method::Method;
use crate::domain::questionnaire::Source;
use crate::domain::ranks;
use crate::domain::response::Stream;
use crate::domain::tally::Tally;
use crate::domain::text::{Lang, sort_key};

/// The page of a round.
pub fn city_page(data: &RoundData<'_>, collected: &Collected, stamp: Stamp, query: &Query) -> CityPage {
    let heading = heading(data, collected, stamp, query);
    let zero = Tally::zero(data.shape);
    let members = collected.of_stream(data, heading.stream, &zero);
    let found = found(data, query);
    let mut page = CityPage {
        headline: None,
        levels: Vec::new(),
        groups: Vec::new(),
        axis_from: 0.5,
        band_limits: band_limits(data.method),
        agencies: data.agencies.len(),
        heading,
    };
    let mut lines = match index::reading(page.heading.stream) {
        Reading::Voluntary => {
            members.iter().map(|member| voluntary_line(data, member)).collect::<BTreeMap<_, _>>()
        }
        Reading::Probability | Reading::WithResponseRate => {
            let results = index::agencies(data.shape, data.method, &members);
            let everybody: Vec<_> = members.iter().zip(&results).collect();
            let city = index::group(data.shape, data.method, &everybody);
            page.headline = Some(headline_of(&city.pooled_by_n, Shown::from(city.published()), true));
            page.levels = levels(data, &everybody);
            lines(data, &results, page.heading.stream, query.lang)
        }
    };
    let lowest = lines.values().filter_map(|l| l.figure.interval().map(|i| i.0).or(l.figure.value())).reduce(f64::min);
    page.axis_from = Axis::from_tens_below(lowest.unwrap_or(0.5)).from;
    for level in Level::ALL.iter().copied().filter(|level| query.level.is_none_or(|only| only == *level)) {
        let of_level = data.agencies.iter().filter(|a| a.level == level);
        let mut lines: Vec<RankLine> =
            of_level.filter(|a| found.as_ref().is_none_or(|f| f.contains(&a.id))).filter_map(|a| lines.remove(&a.id)).collect();
        sort(&mut lines, query);
        if !lines.is_empty() {
            page.groups.push(RankGroup { level, lines });
        }
    }
    page
}

/// What a page says of its round.
pub(super) fn heading(data: &RoundData<'_>, collected: &Collected, stamp: Stamp, query: &Query) -> Heading {
    let lang = query.lang;
    let streams: Vec<_> =
        Stream::ALL.iter().map(|s| (*s, collected.n(*s))).filter(|(_, n)| *n > 0).map(|(s, n)| (s, Some(n))).collect();
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

/// The headline of an agency or a group.
pub(super) fn headline_of(figures: &Figures, figure: Shown, with_coverage: bool) -> Headline {
    Headline {
        figure,
        n: Some(figures.n),
        population: figures.population,
        coverage: figures.coverage().filter(|_| with_coverage),
        factors: missing_factors(&figures.overall, figures.n),
        left_out: figures.left_out,
    }
}

/// Where an agency stands in each level, by agency.
pub(super) fn places(
    data: &RoundData<'_>,
    results: &[AgencyResult],
    stream: Stream,
) -> BTreeMap<AgencyId, Place> {
    let mut places = BTreeMap::new();
    if index::reading(stream) != Reading::Probability {
        return places;
    }
    for level in Level::ALL {
        let of_level: BTreeSet<AgencyId> = data.agencies.iter().filter(|a| a.level == *level).map(|a| a.id).collect();
        let results: Vec<&AgencyResult> = results.iter().filter(|r| of_level.contains(&r.agency)).collect();
        let ranking = ranks::ranking(data.method, &results);
        for line in ranking.lines {
            let place = match line.place {
                Ok(rank) => {
                    Place::Ranked { rank: rank.rank, best: rank.best, worst: rank.worst, of: ranking.ranked }
                }
                Err(why) => Place::NotRanked(why),
            };
            places.insert(line.agency, place);
        }
    }
    places
}

/// The band of a figure in words.
pub(super) fn band(method: &Method, estimate: Option<&Estimate>, lang: Lang) -> Option<BandWord> {
    let reading = index::band(method, estimate?)?;
    let near = match (reading.near_limit, lang) {
        (false, _) => "",
        (true, Lang::Vi) => ", sát ngưỡng",
        (true, Lang::En) => ", near the limit",
    };
    Some(BandWord { words: format!("{}{near}", reading.band.name.get(lang)), tone: reading.band.tone })
}

/// The name of an agency with the one above it.
pub(super) fn label(data: &RoundData<'_>, agency: &Agency) -> String {
    agency.label(parent(data, agency))
}

/// The agency above.
pub(super) fn parent<'a>(data: &RoundData<'a>, agency: &Agency) -> Option<&'a Agency> {
    agency.parent.and_then(|id| data.agencies.iter().copied().find(|a| a.id == id))
}

fn missing_factors(overall: &Overall, n: i64) -> Option<(usize, usize)> {
    (n > 0 && !overall.is_complete()).then_some((overall.factors_counted, overall.n_factors))
}

fn levels(data: &RoundData<'_>, everybody: &[(&index::Agency<'_>, &AgencyResult)]) -> Vec<LevelLine> {
    let mut lines = Vec::new();
    for level in Level::ALL.iter().copied() {
        let of_level: BTreeSet<AgencyId> = data.agencies.iter().filter(|a| a.level == level).map(|a| a.id).collect();
        let members: Vec<_> = everybody.iter().copied().filter(|(a, _)| of_level.contains(&a.id)).collect();
        if members.is_empty() {
            continue;
        }
        let group = index::group(data.shape, data.method, &members);
        lines.push(LevelLine {
            level,
            agencies: group.agencies,
            measured: group.measured,
            figure: Shown::from(group.published()),
            n: Some(group.pooled_by_n.n),
            population: group.pooled_by_n.population,
        });
    }
    lines
}

fn lines(
    data: &RoundData<'_>,
    results: &[AgencyResult],
    stream: Stream,
    lang: Lang,
) -> BTreeMap<AgencyId, RankLine> {
    let places = places(data, results, stream);
    let line = |agency: &Agency, result: &AgencyResult| RankLine {
        code: agency.code.clone(),
        name: label(data, agency),
        place: places.get(&agency.id).copied().unwrap_or(Place::Unranked),
        figure: Shown::from(result.figures.index()),
        n: Some(result.figures.n),
        population: result.figures.population,
        band: band(data.method, result.figures.estimate(), lang),
        factors: missing_factors(&result.figures.overall, result.figures.n),
    };
    data.agencies.iter().zip(results).map(|(agency, result)| (agency.id, line(agency, result))).collect()
}

fn voluntary_line(data: &RoundData<'_>, member: &index::Agency<'_>) -> (AgencyId, RankLine) {
    let result = index::open(data.shape, data.method, member);
    let agency = data.agencies.iter().find(|a| a.id == member.id);
    let line = RankLine {
        code: agency.map(|a| a.code.clone()).unwrap_or_default(),
        name: agency.map(|a| label(data, a)).unwrap_or_default(),
        place: Place::Unranked,
        figure: Shown::from(result.index),
        n: Some(result.n),
        population: result.population,
        band: None,
        factors: (result.n > 0 && result.factors_counted < result.factors.len())
            .then_some((result.factors_counted, result.factors.len())),
    };
    (member.id, line)
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
    let by_number = |lines: &mut [RankLine], key: &dyn Fn(&RankLine) -> Option<i64>, falling: bool| {
        lines.sort_by_cached_key(|line| {
            let value = key(line);
            (value.is_none(), value.map(|v| if falling { -v } else { v }), name(line))
        });
    };
    let falling = query.sort.descending;
    match query.sort.key {
        SortKey::Rank => {
            let rank = |line: &RankLine| match line.place {
                Place::Ranked { rank, .. } => i64::try_from(rank).ok(),
                _ => None,
            };
            by_number(lines, &rank, falling);
        }
        SortKey::Name if falling => lines.sort_by_cached_key(|line| Reverse(name(line))),
        SortKey::Name => lines.sort_by_cached_key(name),
        // Twelve digits of a share are more than any page shows.
        SortKey::Index => by_number(lines, &|line| line.figure.value().map(|v| (v * 1e12) as i64), falling),
        SortKey::Responses => by_number(lines, &|line| line.n, falling),
        SortKey::Population => by_number(lines, &|line| line.population, falling),
    }
}

