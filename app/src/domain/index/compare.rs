//! Two figures side by side: differences, changes between rounds, bands, what-if.

use serde::Serialize;

use super::super::ids::{AgencyId, StratumId};
use super::super::method::{Band, Method};
use super::super::response::Stream;
use super::super::stats;
use super::super::tally::{Shape, Tally};
use super::NestedStratum;
use super::compute::published_form;
use super::estimate::{Basis, Estimate, Interval, Uncertainty};
use super::pool::{self, Cell, Pool};

/// A difference of two shares with its interval, −1 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// First less second.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

/// What may be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The first is higher.
    Higher,
    /// The first is lower.
    Lower,
    /// The interval holds 0: "tương đương" for a pair, "chưa thấy thay đổi rõ" for a change.
    NotClear,
}

impl Difference {
    /// What the interval allows to say.
    pub fn verdict(&self) -> Verdict {
        if self.low > 0.0 {
            Verdict::Higher
        } else if self.high < 0.0 {
            Verdict::Lower
        } else {
            Verdict::NotClear
        }
    }
}

/// The difference of two estimates from independent samples (two agencies, or two rounds) at a confidence level.
/// Degrees of freedom add up. Where one of them stands at 0 or 1 its distance to the Wilson limit takes the place of
/// the standard error (Newcombe 1998, method 10). None where one has no interval.
pub fn difference(first: &Estimate, second: &Estimate, level: f64) -> Option<Difference> {
    let value = first.value() - second.value();
    let wilson = |e: &Estimate| matches!(e.interval().map(|i| i.basis), Some(Basis::Wilson { .. }));
    let (below, above) = if wilson(first) || wilson(second) {
        let ((l1, u1), (l2, u2)) = (first.limits_at(level)?, second.limits_at(level)?);
        ((first.value() - l1).hypot(u2 - second.value()), (u1 - first.value()).hypot(second.value() - l2))
    } else {
        let (se1, df1) = spread(first)?;
        let (se2, df2) = spread(second)?;
        let se = se1.hypot(se2);
        // Two censuses differ by what they differ by.
        let half = if se > 0.0 { stats::t_quantile(f64::midpoint(1.0, level), (df1 + df2) as f64) * se } else { 0.0 };
        (half, half)
    };
    Some(Difference { value, low: (value - below).max(-1.0), high: (value + above).min(1.0) })
}

fn spread(estimate: &Estimate) -> Option<(f64, i64)> {
    match estimate.uncertainty() {
        Uncertainty::Census => Some((0.0, 0)),
        Uncertainty::Interval(Interval { basis: Basis::Logit { se, df }, .. }) => Some((se, df)),
        _ => None,
    }
}

/// One agency in two rounds of the same method.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The agency.
    pub agency: AgencyId,
    /// Now less before, at the level that holds for all comparisons together; none without two intervals.
    pub difference: Option<Difference>,
}

/// Changes between two rounds of one method: (agency, before, now). Each interval stands at 1 − 0.05/(number
/// compared), so that a change is named only where all of them together allow it.
pub fn changes(pairs: &[(AgencyId, &Estimate, &Estimate)]) -> Vec<Change> {
    let comparable = |before: &Estimate, now: &Estimate| difference(now, before, 0.95).is_some();
    let compared = pairs.iter().filter(|(_, before, now)| comparable(before, now)).count().max(1);
    let level = 1.0 - 0.05 / compared as f64;
    pairs
        .iter()
        .map(|(agency, before, now)| Change { agency: *agency, difference: difference(now, before, level) })
        .collect()
}

/// The published index of a part less that of the total which contains it, with the joint residual. An agency within
/// the city: its strata have their whole tally as the part, the others none. A month: each stratum has its month.
/// None where either has no index or no interval can be given.
pub fn difference_with_total(
    shape: &Shape,
    method: &Method,
    strata: &[NestedStratum<'_>],
    level: f64,
) -> Option<Difference> {
    let cell = |s: &NestedStratum<'_>| (s.agency, s.id, s.population, s.whole.n());
    let whole = Pool::new(shape, strata.iter().map(|s| nested_cell(cell(s), s.whole))).ok()?;
    // The part keeps the weights of the whole strata; strata it does not reach are no part of its degrees of freedom.
    let part = Pool::new(shape, strata.iter().filter_map(|s| s.part.map(|part| nested_cell(cell(s), part)))).ok()?;
    if whole.cells().iter().any(|c| c.population.is_none() || (c.n == 1 && c.population != Some(1))) {
        return None;
    }
    let (whole_ratio, whole_form) = published_form(shape, method, &whole)?;
    let (part_ratio, part_form) = published_form(shape, method, &part)?;
    let parts: Vec<Option<&Tally>> = strata.iter().filter(|s| s.whole.n() > 0).map(|s| s.part).collect();
    let se = whole.joint_variance(&whole_form, &part_form, &parts).max(0.0).sqrt();
    let half = if se > 0.0 { stats::t_quantile(f64::midpoint(1.0, level), whole.df() as f64) * se } else { 0.0 };
    let value = (part_ratio.r - whole_ratio.r).to_f64();
    Some(Difference { value, low: (value - half).max(-1.0), high: (value + half).min(1.0) })
}

fn nested_cell((agency, stratum, population, n): (AgencyId, StratumId, Option<i64>, i64), tally: &Tally) -> Cell<'_> {
    Cell { agency, stratum, population, n, tally }
}

/// The band of an index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandReading<'m> {
    /// The band of the unrounded value.
    pub band: &'m Band,
    /// The interval crosses a limit: "Tốt, sát ngưỡng".
    pub near_limit: bool,
}

/// The band of an estimate; none where the method cites no basis for bands.
pub fn band<'m>(method: &'m Method, estimate: &Estimate) -> Option<BandReading<'m>> {
    let band = method.band(estimate.value())?;
    let near_limit = estimate.interval().is_some_and(|i| {
        let other = |share: f64| method.band(share).is_none_or(|b| b != band);
        other(i.low) || other(i.high)
    });
    Some(BandReading { band, near_limit })
}

/// Points of the PAR-INDEX: published index × maximum points / 100; "ước tính nội bộ".
pub fn par_points(estimate: &Estimate, maximum_points: f64) -> f64 {
    estimate.value() * maximum_points
}

/// What an interval would be if `satisfied` of `n` respondents out of `population` were satisfied with one thing that
/// all of them answered. None unless 0 ≤ satisfied ≤ n ≤ population and n ≥ 1.
pub fn what_if(population: i64, n: i64, satisfied: i64) -> Option<Estimate> {
    if !(0..=n).contains(&satisfied) || n < 1 || population < n {
        return None;
    }
    let (k, size) = (satisfied as f64, n as f64);
    let (value, complement) = (k / size, (n - satisfied) as f64 / size);
    let uncertainty = if n == population {
        Uncertainty::Census
    } else if n == 1 {
        Uncertainty::None { why: super::NoInterval::SingleRespondent { stratum: StratumId::UNKNOWN } }
    } else {
        let left = (population - n) as f64 / population as f64;
        if satisfied == 0 || satisfied == n {
            pool::wilson(value, size / left)
        } else {
            let se = (left * value * complement / (size - 1.0)).sqrt();
            pool::logit(value, complement, se, n - 1, stats::t_quantile(0.975, size - 1.0))
        }
    };
    Some(Estimate::from_sides(value, complement, uncertainty))
}

/// How the figures of a stream may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Intervals, ranks, bands, PAR points (sample, intercept).
    Probability,
    /// Intervals with the response rate beside them; no rank, no PAR points (code).
    WithResponseRate,
    /// No interval, rank, band, or sum over agencies (open).
    Voluntary,
}

/// How the figures of a stream may be read.
pub fn reading(stream: Stream) -> Reading {
    match stream {
        Stream::Sample | Stream::Intercept => Reading::Probability,
        Stream::Code => Reading::WithResponseRate,
        Stream::Open => Reading::Voluntary,
    }
}
