//! What may be shown (design 9), decided once for the whole set of tables of a round and stream, for screen, export and
//! API alike.
//!
//! A figure rests on at least 5 respondents, and so does whatever can be had by subtracting shown figures from shown
//! totals: where a total would give a small cell away, a second cell is hidden with it, and where there is none, a
//! total. The same holds for each factor and criterion over the agencies, and for the parts of one agency's index.
//! Not covered for factors and criteria: solving rows and columns together as one system of equations. That is held off by rounding to two
//! decimals, not by the pattern.

mod audit;
mod category;
pub mod moving;
mod sum;
mod suppress;
mod tables;

pub use category::{Count, Said, ScaleGroup, breakdown, options, said, scale};
pub use sum::{part_may_be_said, sum_may_be_said};
pub use tables::{
    Block, Dimension, DimensionPattern, Kind, Layout, Line, Past, Table, TablesPattern, Told, decide_tables,
    may_replace_table, step_tables,
};

use serde::{Deserialize, Serialize};

use super::ids::AgencyId;
use super::index::Figures;
use super::method::OverallRule;

/// Fewest respondents that a figure rests on.
pub const LEAST_RESPONDENTS: i64 = 5;

/// A value that a view may print, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown<T> {
    /// It may be printed.
    Value(T),
    /// "ẩn".
    Hidden,
}

impl<T> Shown<T> {
    /// The value where it is shown.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Hidden => None,
        }
    }

    /// Makes something of the value, if it is shown.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Shown<U> {
        match self {
            Self::Value(value) => Shown::Value(make(value)),
            Self::Hidden => Shown::Hidden,
        }
    }
}

/// How many respondents the figures of an agency rest on, in one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The agency.
    pub agency: AgencyId,
    /// Valid responses.
    pub n: i64,
    /// Respondents of each factor.
    pub factors: Vec<i64>,
    /// Respondents of each criterion.
    pub criteria: Vec<i64>,
}

impl Counts {
    /// The counts behind the figures of an agency.
    pub fn of(agency: AgencyId, figures: &Figures) -> Self {
        Self {
            agency,
            n: figures.n,
            factors: figures.factors.iter().map(|f| f.respondents).collect(),
            criteria: figures.criteria.iter().map(|c| c.n_answered).collect(),
        }
    }
}

/// Which figures of one agency or total are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The index, n, and everything else; when false, nothing at all.
    pub shown: bool,
    /// Each factor.
    pub factors: Vec<bool>,
    /// Each criterion, with its answers.
    pub criteria: Vec<bool>,
}

impl Row {
    /// A value of the whole agency, kept back where it must be.
    pub fn whole<T>(&self, value: T) -> Shown<T> {
        if self.shown { Shown::Value(value) } else { Shown::Hidden }
    }

    /// A value of a factor.
    pub fn factor<T>(&self, factor: usize, value: T) -> Shown<T> {
        if self.factors.get(factor) == Some(&true) { Shown::Value(value) } else { Shown::Hidden }
    }

    /// A value of a criterion.
    pub fn criterion<T>(&self, criterion: usize, value: T) -> Shown<T> {
        if self.criteria.get(criterion) == Some(&true) { Shown::Value(value) } else { Shown::Hidden }
    }

    /// Whether something of a shown row is hidden, so that the note must stand on the page.
    pub fn hides_something(&self) -> bool {
        !self.shown || self.factors.contains(&false) || self.criteria.contains(&false)
    }
}

/// What is shown of all agencies and totals; stored at the freeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    agencies: Vec<(AgencyId, Row)>,
    totals: Vec<Row>,
}

impl Pattern {
    /// What is shown of an agency; none when it was not among those that were decided on, and then nothing is.
    pub fn agency(&self, agency: AgencyId) -> Option<&Row> {
        self.agencies.iter().find(|(id, _)| *id == agency).map(|(_, row)| row)
    }

    /// What is shown of a total, by its position.
    pub fn total(&self, position: usize) -> Option<&Row> {
        self.totals.get(position)
    }
}

/// The relations between the figures of one row.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The factor of each criterion.
    pub factor_of: &'a [usize],
    /// How factors become the overall index.
    pub overall: OverallRule,
}

/// Decides on all agencies of a stream and on all totals over them that are shown anywhere (levels, the city, the
/// agencies below one agency), each given as positions in `agencies`. Zero respondents give nothing away and count as
/// shown. A voluntary stream has no totals.
pub fn decide(agencies: &[Counts], totals: &[Vec<usize>], parts: Parts<'_>) -> Pattern {
    let n: Vec<i64> = agencies.iter().map(|a| a.n).collect();
    let mut whole = suppress::Hidden::none(agencies.len(), totals.len());
    suppress::close(&n, totals, &mut whole);

    let width = |get: fn(&Counts) -> &Vec<i64>| agencies.first().map_or(0, |a| get(a).len());
    let (n_factors, n_criteria) = (width(|a| &a.factors), width(|a| &a.criteria));
    let column =
        |get: &dyn Fn(&Counts) -> Option<i64>| -> Vec<i64> { agencies.iter().map(|a| get(a).unwrap_or(0)).collect() };
    let factors: Vec<Vec<i64>> = (0..n_factors).map(|f| column(&|a| a.factors.get(f).copied())).collect();
    let criteria: Vec<Vec<i64>> = (0..n_criteria).map(|j| column(&|a| a.criteria.get(j).copied())).collect();
    let mut hidden_factors = vec![whole.clone(); n_factors];
    let mut hidden_criteria = vec![whole.clone(); n_criteria];

    // Columns (over agencies) and rows (parts of one index) ask for more of each other; each round hides something or
    // is the last.
    loop {
        for (counts, hidden) in factors.iter().zip(&mut hidden_factors) {
            suppress::close(counts, totals, hidden);
        }
        for (counts, hidden) in criteria.iter().zip(&mut hidden_criteria) {
            suppress::close(counts, totals, hidden);
        }
        let mut changed = false;
        for at in 0..agencies.len() + totals.len() {
            let sum = |counts: &[i64]| match at.checked_sub(agencies.len()) {
                None => counts.get(at).copied().unwrap_or(0),
                Some(total) => suppress::sum(counts, totals.get(total).map_or(&[][..], Vec::as_slice)),
            };
            if whole.is(at) {
                continue;
            }
            let counts_of_factors: Vec<i64> = factors.iter().map(|c| sum(c)).collect();
            changed |= second_part(at, &counts_of_factors, &mut hidden_factors, |f| {
                // A factor that too few answered has no part in the mean of factors.
                parts.overall == OverallRule::Pooled
                    || counts_of_factors.get(f).is_some_and(|n| *n >= LEAST_RESPONDENTS)
            });
            for factor in 0..n_factors {
                if hidden_factors.get(factor).is_some_and(|h| h.is(at)) {
                    continue;
                }
                let counts_of_criteria: Vec<i64> = criteria.iter().map(|c| sum(c)).collect();
                let of_factor = |j: usize| parts.factor_of.get(j) == Some(&factor);
                changed |= second_part(at, &counts_of_criteria, &mut hidden_criteria, of_factor);
            }
        }
        if !changed {
            break;
        }
    }
    let row = |at: usize| Row {
        shown: !whole.is(at),
        factors: hidden_factors.iter().map(|h| !h.is(at)).collect(),
        criteria: hidden_criteria.iter().map(|h| !h.is(at)).collect(),
    };
    Pattern {
        agencies: agencies.iter().enumerate().map(|(at, a)| (a.agency, row(at))).collect(),
        totals: (0..totals.len()).map(|total| row(agencies.len() + total)).collect(),
    }
}

/// A single hidden part of a shown whole would be what is left of it: hides the part with the fewest respondents
/// beside it. Returns whether it did.
fn second_part(at: usize, counts: &[i64], hidden: &mut [suppress::Hidden], takes_part: impl Fn(usize) -> bool) -> bool {
    let with_answers = || (0..counts.len()).filter(|p| takes_part(*p) && counts.get(*p).is_some_and(|n| *n > 0));
    let gone = with_answers().filter(|p| hidden.get(*p).is_some_and(|h| h.is(at))).count();
    if gone != 1 {
        return false;
    }
    let left = with_answers().filter(|p| hidden.get(*p).is_some_and(|h| !h.is(at)));
    let Some(second) = left.min_by_key(|p| counts.get(*p).copied()).and_then(|p| hidden.get_mut(p)) else {
        return false;
    };
    second.hide(at);
    true
}

/// Whether a newer tally may take the place of the one that is shown: at least `step` responses came or went since.
pub fn may_replace(n_shown: i64, n_now: i64, step: u32) -> bool {
    n_now.abs_diff(n_shown) >= u64::from(step.max(1))
}

/// What is shown of everything in one stream of a round: the figures and the one-way tables. Stored at the freeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundPattern {
    /// Agencies, totals, factors, criteria.
    pub figures: Pattern,
    /// One-way tables.
    pub tables: TablesPattern,
}

/// One pass over figures and tables of one stream at the freeze, for all agencies, totals and roles. `past` is what was
/// shown last while figures moved, see [`step_tables`].
pub fn decide_round(
    agencies: &[Counts],
    totals: &[Vec<usize>],
    parts: Parts<'_>,
    tables: &[Table],
    past: Option<Past<'_>>,
) -> RoundPattern {
    let figures = decide(agencies, totals, parts);
    let tables = decide_tables(agencies, totals, &figures, tables, past);
    RoundPattern { figures, tables }
}

#[cfg(test)]
mod attack;
#[cfg(test)]
mod attack_strata;
#[cfg(test)]
mod solver;
#[cfg(test)]
mod tests;
