//! The assembly of `/quan-tri/co-quan/{code}`: the public page of the agency, and beside it what changed, what is surely
//! so, what is missing, and the series over rounds.

use super::changes;
use super::covered::{Reader, Seen};
use super::overview_model::{Need, need};
use crate::components::conclusions;
use crate::domain::agency::Agency;
use crate::domain::conclude::{self, Needed};
use crate::domain::ids::{AgencyId, RoundId};
use crate::domain::index::{AgencyResult, Difference, Figures};
use crate::domain::tally::Tally;
use crate::domain::text::Lang;
use crate::domain::trend::{self, Break, NoChange, RoundFigure};
use crate::pages::results::agency_model::agency_page;
use crate::pages::results::model::AgencyPage;
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::solve::{self, Results, Solved};

/// One step of the series.
#[derive(Clone, Debug, PartialEq)]
pub enum TrendLine {
    /// An index that may be drawn.
    Point {
        /// Name of the round.
        round: String,
        /// Valid responses.
        n: i64,
        /// The index.
        figure: Shown,
    },
    /// Fewer than 30 responses, or no index: no point.
    Nothing {
        /// Name of the round.
        round: String,
        /// There are responses, but fewer than 30.
        too_few: bool,
    },
    /// The line is broken.
    Break(Break),
}

/// What the workspace says beside the public page.
#[derive(Clone, Debug, PartialEq)]
pub struct AgencyWork {
    /// The page as everybody would see it.
    pub page: AgencyPage,
    /// The change of the index, as a sentence.
    pub change: String,
    /// The change of each factor in a few words, where a round before can be compared.
    pub factor_changes: Vec<Option<Result<Difference, NoChange>>>,
    /// Each factor in the round before, as a share, where it may be shown.
    pub last: Vec<Option<f64>>,
    /// Where the index stands against each target line of the method.
    pub targets: Vec<String>,
    /// What is missing for a half-width of 5 points.
    pub need: Option<Need>,
    /// What half-widths of 5 and 3 points take; empty where that may not be said.
    pub needed: Vec<Needed>,
    /// Half the width of the interval, as a share.
    pub half_width: Option<f64>,
    /// The series over rounds, from the first.
    pub trend: Vec<TrendLine>,
    /// Key and version of the method.
    pub method: String,
}

/// Makes the page; none where the round does not measure the agency. `rounds` are all rounds from the first up to this
/// one, this one last.
pub fn agency_work(rounds: &[Seen<'_>], reader: &Reader<'_>, query: &Query, code: &str) -> Option<AgencyWork> {
    let covered = reader.covered;
    let now = rounds.last()?;
    let agency = *now.data.agencies.iter().find(|a| covered.holds(a.id) && a.code.eq_ignore_ascii_case(code))?;
    let heading = now.heading(query, covered);
    let asked = Query { stream: Some(heading.stream), ..query.clone() };
    let mut page = agency_page(&now.data, now.collected, now.stamp, &asked, code)?;
    page.heading.query.stream = query.stream;
    let zero = Tally::zero(now.data.shape);
    let solved = Solved::new(&now.data, now.collected, page.heading.stream, &zero);
    let method = format!("{} v{}", now.data.method.key, now.data.method.version);
    let Results::Probability(results) = &solved.results else {
        return Some(AgencyWork::voluntary(page, method));
    };
    let figures = &results.iter().find(|r| r.agency == agency.id)?.figures;
    let known_index = matches!(page.headline.figure, Shown::Known { .. });
    let conclusion = conclude::conclude(now.data.method, figures);
    let targets = conclusion.targets.iter().filter(|_| known_index);
    let targets = targets.map(|(target, against)| conclusions::target(target, *against, query.lang)).collect();
    let missing = need(figures, &page.headline.figure, page.headline.n);
    let told = !matches!(missing, Some(Need::InAll(_))) && !matches!(page.headline.figure, Shown::Hidden);

    let records = changes::records(reader.known);
    let zeros: Vec<Tally> = rounds.iter().map(|seen| Tally::zero(seen.data.shape)).collect();
    let solved_rounds: Vec<Solved<'_>> = rounds
        .iter()
        .zip(&zeros)
        .map(|(seen, zero)| Solved::new(&seen.data, seen.collected, page.heading.stream, zero))
        .collect();
    let history: Vec<(RoundFigure<'_>, &Figures, &Solved<'_>)> = rounds
        .iter()
        .zip(&solved_rounds)
        .filter_map(|(seen, solved)| {
            let id = changes::earlier(&seen.data, agency.id)?;
            let (figure, figures) = changes::of_agency(&seen.data, solved, id)?;
            Some((figure, figures, solved))
        })
        .collect();
    let (own, before) = match history.as_slice() {
        [.., before, own] => (own, Some(before)),
        [own] => (own, None),
        [] => return None,
    };
    let change = trend::change(&records, before.map(|b| &b.0), &own.0, 0.95);
    let since = rounds.iter().rev().nth(1).filter(|_| before.is_some());
    let since = since.map(|seen| changes::since(now.data.round, seen.data.round, query.lang)).unwrap_or_default();
    let of_factor = |at: usize| factor_change(&records, before, own, at);
    let (factor_changes, last) = (0..page.factors.len()).map(of_factor).unzip();
    Some(AgencyWork {
        change: conclusions::change(&change, &since, query.lang),
        factor_changes,
        last,
        targets,
        need: missing,
        needed: if told { conclusion.needed.to_vec() } else { Vec::new() },
        half_width: page.headline.figure.interval().map(|(low, high)| (high - low) / 2.0),
        trend: series(rounds, &records, &history, query.lang),
        method,
        page,
    })
}

impl AgencyWork {
    /// A voluntary stream has no interval, so nothing is concluded.
    fn voluntary(page: AgencyPage, method: String) -> Self {
        Self {
            change: String::new(),
            factor_changes: vec![None; page.factors.len()],
            last: vec![None; page.factors.len()],
            targets: Vec::new(),
            need: None,
            needed: Vec::new(),
            half_width: None,
            trend: Vec::new(),
            method,
            page,
        }
    }
}

/// A round of the agency: its index in comparisons, its figures, and what may be shown of them.
type Past<'f, 's> = (RoundFigure<'f>, &'f Figures, &'f Solved<'s>);

/// The change of one factor, and where it was; neither where a page would not print both figures.
fn factor_change(
    records: &[Agency],
    before: Option<&Past<'_, '_>>,
    own: &Past<'_, '_>,
    at: usize,
) -> (Option<Result<Difference, NoChange>>, Option<f64>) {
    let figure = |(round, figures, solved): &Past<'_, '_>| {
        let result = figures.factors.get(at)?;
        let shown = solve::factor(at, result, solved.row(round.agency));
        matches!(shown, Shown::Known { .. }).then(|| (result.figure, result.respondents))
    };
    let Some((before, (was, n_was))) = before.and_then(|b| Some((b, figure(b)?))) else { return (None, None) };
    let Some((is, n_is)) = figure(own) else { return (None, None) };
    let then = RoundFigure { figure: &was, n: n_was, ..before.0 };
    let now = RoundFigure { figure: &is, n: n_is, ..own.0 };
    let change = trend::change(records, Some(&then), &now, 0.95);
    let last = was.as_ref().ok().map(crate::domain::index::Estimate::value);
    let last = last.filter(|_| !matches!(change, Err(NoChange::Broken { .. })));
    (Some(change), last)
}

fn series(rounds: &[Seen<'_>], records: &[Agency], history: &[Past<'_, '_>], lang: Lang) -> Vec<TrendLine> {
    let figures: Vec<RoundFigure<'_>> = history.iter().map(|(figure, _, _)| *figure).collect();
    let name = |id: RoundId| {
        let round = rounds.iter().find(|seen| seen.data.round.id == id);
        round.map_or_else(String::new, |seen| seen.data.round.name.get(lang).to_owned())
    };
    let line = |step: trend::Step| match step {
        trend::Step::Point { round, n, estimate } => {
            TrendLine::Point { round: name(round), n, figure: Shown::from(&estimate) }
        }
        trend::Step::TooFew { round, .. } => TrendLine::Nothing { round: name(round), too_few: true },
        trend::Step::Absent { round, .. } => TrendLine::Nothing { round: name(round), too_few: false },
        trend::Step::Break { why } => TrendLine::Break(why),
    };
    trend::series(records, &figures).into_iter().map(line).collect()
}

/// The result of an agency, for comparisons.
pub(super) fn result_of(results: &[AgencyResult], agency: AgencyId) -> Option<&AgencyResult> {
    results.iter().find(|r| r.agency == agency)
}
