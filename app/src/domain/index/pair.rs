//! A pair compared: two agencies, or an agency and a total that contains it, by the index and by each factor.
//!
//! Two agencies are independent samples. A part and its total share respondents, and the interval uses the joint
//! residual; where one of them stands at 0 or 1 the residual says nothing, and the two Wilson intervals take its place
//! as if they were independent, which is wider.

use serde::Serialize;

use super::super::ids::AgencyId;
use super::super::method::{CityRule, Method};
use super::super::tally::Shape;
use super::compare::{
    Difference, Verdict, difference, difference_with_mean_of_units, difference_with_total, factor_difference_with_total,
};
use super::estimate::{Absence, Estimate, Figure, NoInterval, Uncertainty};
use super::result::{AgencyResult, Figures, GroupResult};
use super::{Agency, NestedStratum};

/// Why two figures are not compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NotCompared {
    /// One of them is not there.
    NoFigure {
        /// Why.
        why: Absence,
    },
    /// One of them has no interval.
    NoInterval {
        /// Why.
        why: NoInterval,
    },
    /// Too few answered this factor in one of them.
    FactorMissing,
}

/// A difference with its interval, or why there is none.
pub type Compared = Result<Difference, NotCompared>;

/// Two sets of figures side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Two-sided confidence level of each interval.
    pub level: f64,
    /// The published index, first less second.
    pub index: Compared,
    /// Each factor, in the order of the questionnaire.
    pub factors: Vec<Compared>,
}

/// What may be said of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairVerdict {
    /// The first is higher.
    Higher,
    /// The first is lower.
    Lower,
    /// "Tương đương": the interval holds 0 and nothing that matters.
    Equivalent,
    /// "Chưa đủ căn cứ": the interval holds 0, and large differences too.
    NotEnough,
}

impl Difference {
    /// What may be said of a pair, `margin` (a share) being the difference that matters: 5 points, as for a rank.
    pub fn of_pair(&self, margin: f64) -> PairVerdict {
        match self.verdict() {
            Verdict::Higher => PairVerdict::Higher,
            Verdict::Lower => PairVerdict::Lower,
            Verdict::NotClear if -margin <= self.low && self.high <= margin => PairVerdict::Equivalent,
            Verdict::NotClear => PairVerdict::NotEnough,
        }
    }
}

/// Two figures of independent samples.
///
/// # Errors
/// [`NotCompared`] where one has no value or no interval.
pub fn compared(first: &Figure, second: &Figure, level: f64) -> Compared {
    let (a, b) = (value(first)?, value(second)?);
    difference(a, b, level).ok_or_else(|| no_interval(a, b))
}

/// Two agencies, or one agency in two rounds.
pub fn pair(first: &Figures, second: &Figures, level: f64) -> Pair {
    let factors = first.factors.iter().zip(&second.factors).map(|(a, b)| {
        if a.counts && b.counts { compared(&a.figure, &b.figure, level) } else { Err(NotCompared::FactorMissing) }
    });
    Pair { level, index: compared(first.index(), second.index(), level), factors: factors.collect() }
}

/// The strata of a group with those of one agency of it as the part.
pub fn within<'a>(members: &[(&Agency<'a>, &AgencyResult)], part: AgencyId) -> Vec<NestedStratum<'a>> {
    let of_agency = |agency: &Agency<'a>| {
        let id = agency.id;
        agency.strata.clone().into_iter().map(move |s| NestedStratum {
            agency: id,
            id: s.id,
            population: s.population,
            whole: s.tally,
            part: (id == part).then_some(s.tally),
        })
    };
    members.iter().flat_map(|(agency, _)| of_agency(agency)).collect()
}

/// An agency less the group that contains it, `group` being the result of `members`.
pub fn pair_with_total(
    shape: &Shape,
    method: &Method,
    members: &[(&Agency<'_>, &AgencyResult)],
    group: &GroupResult,
    part: AgencyId,
    level: f64,
) -> Pair {
    let strata = within(members, part);
    let Some((_, own)) = members.iter().find(|(agency, _)| agency.id == part) else {
        let nothing = || Err(NotCompared::NoFigure { why: Absence::NobodyAnswered });
        return Pair { level, index: nothing(), factors: (0..shape.n_factors()).map(|_| nothing()).collect() };
    };
    let index = joint(own.figures.index(), group.published(), level, || match group.rule {
        CityRule::PooledByN => difference_with_total(shape, method, &strata, level),
        CityRule::MeanOfUnits => {
            let units: Vec<_> =
                members.iter().filter_map(|(a, result)| Some((a.id, result.figures.estimate()?))).collect();
            difference_with_mean_of_units(part, &units, group.pooled_by_n.df, level)
        }
    });
    let of_factor = |at: usize| {
        let (first, second) = (own.figures.factors.get(at), group.pooled_by_n.factors.get(at));
        let (first, second) = first.zip(second).ok_or(NotCompared::FactorMissing)?;
        if !(first.counts && second.counts) {
            return Err(NotCompared::FactorMissing);
        }
        let difference = || factor_difference_with_total(shape, method, &strata, at, level);
        joint(&first.figure, &second.figure, level, difference)
    };
    Pair { level, index, factors: (0..shape.n_factors()).map(of_factor).collect() }
}

fn joint(first: &Figure, second: &Figure, level: f64, difference: impl FnOnce() -> Option<Difference>) -> Compared {
    let (a, b) = (value(first)?, value(second)?);
    if a.is_at_an_end() || b.is_at_an_end() {
        return compared(first, second, level);
    }
    difference().ok_or_else(|| no_interval(a, b))
}

fn value(figure: &Figure) -> Result<&Estimate, NotCompared> {
    figure.as_ref().map_err(|why| NotCompared::NoFigure { why: *why })
}

fn no_interval(a: &Estimate, b: &Estimate) -> NotCompared {
    let why = [a, b].into_iter().find_map(|e| match e.uncertainty() {
        Uncertainty::None { why } => Some(why),
        _ => None,
    });
    NotCompared::NoInterval { why: why.unwrap_or(NoInterval::NoSpread) }
}
