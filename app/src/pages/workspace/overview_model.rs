//! The assembly of `/quan-tri`: how are we, what changed for certain, where to act, can it be trusted.

use super::changes;
use super::covered::{Covered, Reader, Seen};
use super::subject::{Subject, Whom};
use crate::components::conclusions;
use crate::domain::agency::Agency;
use crate::domain::conclude::{self, Against, HALF_WIDTHS};
use crate::domain::ids::AgencyId;
use crate::domain::index::{Absence, AgencyResult, Difference, Estimate, Figures, Verdict};
use crate::domain::tally::Tally;
use crate::domain::trend;
use crate::pages::results::agency_model::stream_lines;
use crate::pages::results::city_model::label;
use crate::pages::results::model::{Count, Heading, Headline, StreamLine};
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::solve::{self, Results, Solved};

/// Whom a line speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Code in the address.
    pub code: String,
    /// Name.
    pub name: String,
}

/// An agency with its figure.
#[derive(Clone, Debug, PartialEq)]
pub struct AgencyLine {
    /// Which one.
    pub agency: Named,
    /// Its index.
    pub figure: Shown,
    /// Valid responses.
    pub n: Count,
    /// What it needs for a half-width of 5 points; none where it has it, or nothing can be said.
    pub need: Option<Need>,
}

/// How many responses are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// So many more.
    More(i64),
    /// So many in all; what there is, is kept back.
    InAll(i64),
}

/// A criterion that is surely lower than the index.
#[derive(Clone, Debug, PartialEq)]
pub struct LowCriterion {
    /// Code.
    pub code: String,
    /// The statement.
    pub text: String,
    /// Its share.
    pub figure: Shown,
}

/// An agency whose index surely changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Which one.
    pub agency: Named,
    /// Now less before.
    pub difference: Difference,
}

/// What changed against the round before.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// The sentence on the city, or on the own agency.
    pub sentence: String,
    /// The agencies of the scope that surely changed, the largest change first.
    pub lines: Vec<Changed>,
    /// How many were compared.
    pub compared: usize,
}

/// `/quan-tri`.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The round.
    pub heading: Heading,
    /// All rounds of the scope: code and name, the newest first.
    pub rounds: Vec<(String, String)>,
    /// Whom the figure speaks of.
    pub subject: String,
    /// The own agency, for links; none for the city.
    pub own: Option<Named>,
    /// The figure; none where the stream is never added up, or the round does not measure the own agency.
    pub headline: Option<Headline>,
    /// Half the width of its interval, as a share.
    pub half_width: Option<f64>,
    /// What changed.
    pub changes: Changes,
    /// Agencies surely below the target, the lowest first.
    pub below: Vec<AgencyLine>,
    /// Criteria surely lower than the index, the lowest first.
    pub lowest: Vec<LowCriterion>,
    /// Streams side by side.
    pub streams: Vec<StreamLine>,
    /// Agencies that reach a half-width of 5 points.
    pub enough: usize,
    /// Agencies with too few responses for that, the own one first.
    pub few: Vec<AgencyLine>,
    /// All agencies of the scope in this round.
    pub agencies: Vec<AgencyLine>,
    /// Something is hidden.
    pub hides_something: bool,
}

/// Makes the page. `rounds` are those of the scope.
pub fn overview(
    now: &Seen<'_>,
    before: Option<&Seen<'_>>,
    reader: &Reader<'_>,
    query: &Query,
    rounds: Vec<(String, String)>,
) -> Overview {
    let Reader { covered, place, .. } = *reader;
    let heading = now.heading(query, covered);
    let zero = Tally::zero(now.data.shape);
    let solved = Solved::new(&now.data, now.collected, heading.stream, &zero);
    let whom = if covered.is_whole() { Some(Whom::City) } else { covered.root().map(Whom::Agency) };
    let subject = whom.map_or_else(Subject::nobody, |whom| Subject::of(now, &solved, whom));
    let target = heading.target.as_ref().map(|(at, _)| *at);
    let lines = lines(now, &solved, &|agency| covered.holds(agency.id), covered.root());
    let below = target.map(|at| below(now, &solved, &|agency| covered.holds(agency.id), at)).unwrap_or_default();
    let (few, enough) = coverage(&lines);
    Overview {
        rounds,
        subject: match (&subject.own, covered.root().filter(|_| !covered.is_whole())) {
            (Some(own), _) => own.name.clone(),
            // A round that does not measure the own agency is still looked at by it.
            (None, Some(root)) => reader.known.get(&root).map_or_else(String::new, |own| own.name.clone()),
            (None, None) => place.to_owned(),
        },
        half_width: subject.headline.as_ref().and_then(|h| h.figure.interval()).map(|(low, high)| (high - low) / 2.0),
        changes: what_changed(now, before, reader, &solved, &subject, query),
        lowest: subject.lowest(now, query.lang),
        streams: streams(now, covered, &solved, &heading, &subject, &zero),
        headline: subject.headline,
        own: subject.own,
        below,
        enough,
        few,
        agencies: lines,
        hides_something: if covered.is_whole() {
            solved.hides_something()
        } else {
            solved.hides_some_of(&|agency| covered.holds(agency))
        },
        heading,
    }
}

pub(super) fn named(now: &Seen<'_>, agency: &Agency) -> Named {
    Named { code: agency.code.clone(), name: label(&now.data, agency) }
}

/// Every agency of a group, in the order of the round; `root` first.
fn lines(
    now: &Seen<'_>,
    solved: &Solved<'_>,
    of_group: &dyn Fn(&Agency) -> bool,
    root: Option<AgencyId>,
) -> Vec<AgencyLine> {
    let mut lines: Vec<(bool, AgencyLine)> = Vec::new();
    for (at, agency) in now.data.agencies.iter().enumerate().filter(|(_, a)| of_group(a)) {
        let row = solved.row(agency.id);
        let (figure, n, need) = match &solved.results {
            Results::Probability(results) => {
                let Some(AgencyResult { figures, .. }) = results.get(at) else { continue };
                let figure = solve::whole(Shown::from(figures.index()), figures, row);
                let need = need(figures, &figure, solve::count(figures.n, row));
                (figure, figures.n, need)
            }
            Results::Voluntary(results) => {
                let Some(result) = results.get(at) else { continue };
                (solve::whole_open(result, row), result.n, None)
            }
        };
        let line = AgencyLine { agency: named(now, agency), figure, n: solve::count(n, row), need };
        lines.push((Some(agency.id) == root, line));
    }
    lines.sort_by_key(|(own, _)| !own);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// What is missing for a half-width of 5 points. Of what is kept back not even the number is said.
pub(super) fn need(figures: &Figures, figure: &Shown, n: Count) -> Option<Need> {
    let [wide, _] = HALF_WIDTHS;
    let estimate = figures.estimate().filter(|_| matches!(figure, Shown::Known { .. }));
    let (n, hidden) = if let Count::Exactly(n) = n { (n, false) } else { (0, true) };
    // All gave one answer: the interval is one-sided, and nobody is missing for it.
    if matches!(figure, Shown::AtLeast(_) | Shown::AtMost(_)) {
        let reached = figures.estimate().and_then(Estimate::half_width).is_some_and(|own| own <= wide);
        if reached {
            return None;
        }
    }
    let needed = conclude::needed(estimate, n, figures.population, wide);
    match (hidden, needed.more) {
        (true, _) => Some(Need::InAll(needed.wanted)),
        (false, 0) => None,
        (false, more) => Some(Need::More(more)),
    }
}

/// How many agencies of a group have enough responses, of how many.
pub(super) fn coverage_of(now: &Seen<'_>, solved: &Solved<'_>, of_group: &dyn Fn(&Agency) -> bool) -> (usize, usize) {
    let lines = lines(now, solved, of_group, None);
    (lines.iter().filter(|line| line.need.is_none()).count(), lines.len())
}

/// What an agency needs for a half-width of 5 points.
pub(super) fn need_of(solved: &Solved<'_>, agency: AgencyId, headline: &Headline) -> Option<Need> {
    let Results::Probability(results) = &solved.results else { return None };
    let result = results.iter().find(|r| r.agency == agency)?;
    need(&result.figures, &headline.figure, headline.n)
}

fn coverage(lines: &[AgencyLine]) -> (Vec<AgencyLine>, usize) {
    let few: Vec<AgencyLine> = lines.iter().filter(|line| line.need.is_some()).cloned().collect();
    let enough = lines.len() - few.len();
    (few, enough)
}

/// The agencies of a group whose index is surely below a target (a share), the lowest first.
pub(super) fn below(
    now: &Seen<'_>,
    solved: &Solved<'_>,
    of_group: &dyn Fn(&Agency) -> bool,
    target: f64,
) -> Vec<AgencyLine> {
    let Results::Probability(results) = &solved.results else { return Vec::new() };
    let mut below = Vec::new();
    for (agency, result) in now.data.agencies.iter().zip(results).filter(|(a, _)| of_group(a)) {
        let figures = &result.figures;
        let row = solved.row(agency.id);
        let figure = solve::whole(Shown::from(figures.index()), figures, row);
        let known = figures.estimate().filter(|_| matches!(figure, Shown::Known { .. }));
        if known.is_some_and(|estimate| conclude::against(estimate, target) == Against::Below) {
            below.push(AgencyLine { agency: named(now, agency), figure, n: solve::count(figures.n, row), need: None });
        }
    }
    below.sort_by(|a, b| a.figure.value().unwrap_or(1.0).total_cmp(&b.figure.value().unwrap_or(1.0)));
    below
}

fn streams(
    now: &Seen<'_>,
    covered: &Covered,
    solved: &Solved<'_>,
    heading: &Heading,
    subject: &Subject,
    zero: &Tally,
) -> Vec<StreamLine> {
    let position = now.data.agencies.iter().position(|a| subject.whom == Some(Whom::Agency(a.id)));
    if let Some(position) = position {
        return stream_lines(&now.data, now.collected, position, solved, &heading.streams, zero);
    }
    if !covered.is_whole() {
        return Vec::new();
    }
    let line = |(stream, n): &(_, Count)| {
        let own = (*stream == solved.stream).then_some(subject);
        let figure = if let Some(headline) = own.and_then(|subject| subject.headline.as_ref()) {
            headline.figure.clone()
        } else {
            let other = Solved::new(&now.data, now.collected, *stream, zero);
            let headline = Subject::of(now, &other, Whom::City).headline;
            headline.map_or(Shown::Absent(Absence::NobodyAnswered), |headline| headline.figure)
        };
        StreamLine { stream: *stream, figure, n: *n }
    };
    heading.streams.iter().map(line).collect()
}

fn what_changed(
    now: &Seen<'_>,
    before: Option<&Seen<'_>>,
    reader: &Reader<'_>,
    solved: &Solved<'_>,
    subject: &Subject,
    query: &Query,
) -> Changes {
    let nothing = |sentence: String| Changes { sentence, lines: Vec::new(), compared: 0 };
    let first = || conclusions::change(&Err(trend::NoChange::FirstRound), "", query.lang);
    let Some(before) = before else { return nothing(first()) };
    let records = changes::records(reader.known);
    let zero = Tally::zero(before.data.shape);
    let then = Solved::new(&before.data, before.collected, solved.stream, &zero);
    let of_scope: Vec<&Agency> = now.data.agencies.iter().copied().filter(|a| reader.covered.holds(a.id)).collect();
    let pairs: Vec<_> = of_scope
        .iter()
        .filter_map(|agency| {
            let (own, _) = changes::of_agency(&now.data, solved, agency.id)?;
            let was = changes::earlier(&before.data, agency.id);
            let was = was.and_then(|id| Some(changes::of_agency(&before.data, &then, id)?.0));
            Some((*agency, (was, own)))
        })
        .collect();
    let figures: Vec<_> = pairs.iter().map(|(_, pair)| *pair).collect();
    let all = trend::changes(&records, &figures);
    let mut lines: Vec<Changed> = pairs
        .iter()
        .zip(&all.lines)
        .filter_map(|((agency, _), line)| {
            let difference = line.change.ok().filter(|d| d.verdict() != Verdict::NotClear)?;
            Some(Changed { agency: named(now, agency), difference })
        })
        .collect();
    lines.sort_by(|a, b| b.difference.value.abs().total_cmp(&a.difference.value.abs()));

    let sentence = subject.change(now, solved, Some((before, &then)), &records, query.lang);
    Changes { sentence, lines, compared: all.compared }
}
