//! The figures of one stream of a round, with what may be shown of them: computed for all agencies at once, because
//! ranks compare and because what is hidden depends on every total that is shown.

use super::collect::{Collected, Patterns, RoundData};
use super::shown::Shown;
use crate::domain::agency::Level;
use crate::domain::disclosure::{self, Count, Counts, LEAST_RESPONDENTS, Parts, Pattern, Row, said};
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, AgencyResult, CriterionResult, FactorResult, Figures, OpenResult, Reading};
use crate::domain::response::Stream;
use crate::domain::tally::Tally;

/// What the agencies of a stream say.
#[derive(Debug)]
pub(in crate::pages) enum Results {
    /// With intervals.
    Probability(Vec<AgencyResult>),
    /// Without.
    Voluntary(Vec<OpenResult>),
}

/// A stream, computed.
#[derive(Debug)]
pub(in crate::pages) struct Solved<'a> {
    /// Which one.
    pub(in crate::pages) stream: Stream,
    /// The agencies with their tallies, in the order of the round.
    pub(in crate::pages) members: Vec<index::Agency<'a>>,
    /// Their results, in the same order.
    pub(in crate::pages) results: Results,
    pattern: Pattern,
    /// The levels that have agencies, in the order of the totals; the city is the total after them.
    levels: Vec<Level>,
    counts: Vec<Counts>,
}

/// How much of a stream is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HiddenCounts {
    /// Agencies of the round.
    pub agencies: usize,
    /// Those hidden because fewer than 5 answered.
    pub agencies_few: usize,
    /// Those hidden beside them, so that nothing can be subtracted.
    pub agencies_beside: usize,
    /// Levels, and the city, that are hidden for the same reason.
    pub totals: usize,
    /// Factors hidden in agencies that are shown.
    pub factors: usize,
    /// Criteria hidden in agencies that are shown.
    pub criteria: usize,
}

/// What is hidden in every stream that has responses: the one pass whose outcome is kept with a publication.
pub fn patterns(data: &RoundData<'_>, collected: &Collected) -> Patterns {
    let zero = Tally::zero(data.shape);
    let (_, totals) = levels_and_totals(data);
    let streams = Stream::ALL.iter().copied().filter(|stream| collected.n(*stream) > 0);
    let pattern = |stream| {
        let counts = Solved::new(data, collected, stream, &zero).counts;
        (stream, disclosure::decide_round(&counts, &totals, parts_of(data), &[], None))
    };
    streams.map(pattern).collect()
}

/// How much is hidden in every stream that has responses.
pub fn hidden(data: &RoundData<'_>, collected: &Collected) -> Vec<(Stream, HiddenCounts)> {
    let zero = Tally::zero(data.shape);
    let streams = Stream::ALL.iter().copied().filter(|stream| collected.n(*stream) > 0);
    streams.map(|stream| (stream, Solved::new(data, collected, stream, &zero).hidden())).collect()
}

/// The levels that have agencies, and the totals over agencies that are shown: those levels, then the city.
fn levels_and_totals(data: &RoundData<'_>) -> (Vec<Level>, Vec<Vec<usize>>) {
    let positions = |level: Level| -> Vec<usize> {
        (0..data.agencies.len()).filter(|at| data.agencies.get(*at).is_some_and(|a| a.level == level)).collect()
    };
    let levels: Vec<Level> = Level::ALL.iter().copied().filter(|l| !positions(*l).is_empty()).collect();
    let mut totals: Vec<Vec<usize>> = levels.iter().map(|level| positions(*level)).collect();
    totals.push((0..data.agencies.len()).collect());
    (levels, totals)
}

fn parts_of<'a>(data: &RoundData<'a>) -> Parts<'a> {
    Parts { factor_of: data.shape.factor_of(), overall: data.method.overall }
}

impl<'a> Solved<'a> {
    /// Computes a stream. `zero` is a tally of nothing.
    pub(in crate::pages) fn new(
        data: &RoundData<'_>,
        collected: &'a Collected,
        stream: Stream,
        zero: &'a Tally,
    ) -> Self {
        let members = collected.of_stream(data, stream, zero);
        let (results, counts) = if index::reading(stream) == Reading::Voluntary {
            let results: Vec<_> = members.iter().map(|m| index::open(data.shape, data.method, m)).collect();
            let counts: Vec<_> = results.iter().map(counts_of_open).collect();
            (Results::Voluntary(results), counts)
        } else {
            let results = index::agencies(data.shape, data.method, &members);
            let counts: Vec<_> = results.iter().map(|r| Counts::of(r.agency, &r.figures)).collect();
            (Results::Probability(results), counts)
        };
        let (levels, totals) = levels_and_totals(data);
        let decide = || disclosure::decide(&counts, &totals, parts_of(data));
        let pattern = collected.pattern(stream).cloned().unwrap_or_else(decide);
        Self { stream, members, results, pattern, levels, counts }
    }

    /// What is hidden, and why, in numbers.
    pub(super) fn hidden(&self) -> HiddenCounts {
        let mut hidden = HiddenCounts { agencies: self.counts.len(), ..HiddenCounts::default() };
        let few = |n: &i64| (1..LEAST_RESPONDENTS).contains(n);
        for counts in &self.counts {
            let Some(row) = self.row(counts.agency) else { continue };
            match (row.shown, few(&counts.n)) {
                (true, _) => {
                    hidden.factors += row.factors.iter().filter(|shown| !**shown).count();
                    hidden.criteria += row.criteria.iter().filter(|shown| !**shown).count();
                }
                (false, true) => hidden.agencies_few += 1,
                (false, false) => hidden.agencies_beside += 1,
            }
        }
        let totals = self.levels.iter().map(|level| self.level(*level)).chain([self.city()]);
        hidden.totals = totals.filter(|row| row.is_none_or(|row| !row.shown)).count();
        hidden
    }

    /// What may be shown of an agency.
    pub(in crate::pages) fn row(&self, agency: AgencyId) -> Option<&Row> {
        self.pattern.agency(agency)
    }

    /// What may be shown of a level.
    pub(in crate::pages) fn level(&self, level: Level) -> Option<&Row> {
        self.levels.iter().position(|l| *l == level).and_then(|at| self.pattern.total(at))
    }

    /// What may be shown of the city.
    pub(in crate::pages) fn city(&self) -> Option<&Row> {
        self.pattern.total(self.levels.len())
    }

    /// Whether something is hidden anywhere.
    pub(in crate::pages) fn hides_something(&self) -> bool {
        let agencies = self.members.iter().map(|m| self.row(m.id));
        let totals = self.levels.iter().map(|l| self.level(*l)).chain([self.city()]);
        agencies.chain(totals).any(|row| row.is_none_or(|row| !row.shown))
    }
}

impl Solved<'_> {
    /// What may be shown of all agencies and totals.
    pub(in crate::pages) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Whether something is hidden of the agencies that are `within`.
    pub(in crate::pages) fn hides_some_of(&self, within: &dyn Fn(AgencyId) -> bool) -> bool {
        let own = self.members.iter().filter(|m| within(m.id));
        own.map(|m| self.row(m.id)).any(|row| row.is_none_or(|row| !row.shown))
    }
}

/// A number of responses, as far as the row lets it be said.
pub(in crate::pages) fn count(n: i64, row: Option<&Row>) -> Count {
    if row.is_some_and(|row| row.shown) { Count::Exactly(n) } else { Count::Hidden }
}

/// A count of people that stands alone.
pub(in crate::pages) fn few(n: i64) -> Count {
    if (1..LEAST_RESPONDENTS).contains(&n) { Count::Few } else { Count::Exactly(n) }
}

/// The figure of an agency, a level or the city, as far as the row lets it be said. `published` is the figure that the
/// method publishes of these figures.
pub(in crate::pages) fn whole(published: Shown, figures: &Figures, row: Option<&Row>) -> Shown {
    let answers = figures.factors.iter().map(|f| (f.n_satisfied, f.n_answered));
    told(published, answers, figures.n, row.is_some_and(|row| row.shown))
}

/// The figure of a voluntary stream.
pub(in crate::pages) fn whole_open(result: &OpenResult, row: Option<&Row>) -> Shown {
    let answers = result.factors.iter().map(|f| (f.n_satisfied, f.n_answered));
    told(Shown::from(result.index), answers, result.n, row.is_some_and(|row| row.shown))
}

/// The figure of a factor.
pub(in crate::pages) fn factor(at: usize, result: &FactorResult, row: Option<&Row>) -> Shown {
    let shown = row.and_then(|row| row.factors.get(at)) == Some(&true);
    told(Shown::from(&result.figure), [(result.n_satisfied, result.n_answered)], result.respondents, shown)
}

/// The figure of a criterion.
pub(in crate::pages) fn criterion(at: usize, result: &CriterionResult, row: Option<&Row>) -> Shown {
    let shown = row.and_then(|row| row.criteria.get(at)) == Some(&true);
    told(Shown::from(&result.figure), [(result.n_satisfied, result.n_answered)], result.n_answered, shown)
}

/// A figure that rests on `answers` (satisfied, all) of so many people.
pub(in crate::pages) fn told(
    figure: Shown,
    answers: impl IntoIterator<Item = (i64, i64)>,
    respondents: i64,
    shown: bool,
) -> Shown {
    if !shown {
        return Shown::Hidden;
    }
    let (satisfied, answered) = answers.into_iter().fold((0, 0), |(s, a), (k, m)| (s + k, a + m));
    if answered == 0 { figure } else { figure.told(said(satisfied, answered, respondents)) }
}

fn counts_of_open(result: &OpenResult) -> Counts {
    Counts {
        agency: result.agency,
        n: result.n,
        factors: result.factors.iter().map(|f| f.respondents).collect(),
        criteria: result.criteria.iter().map(|c| c.n_answered).collect(),
    }
}
