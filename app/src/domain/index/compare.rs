//! Two figures side by side: differences, bands, points, what-if. Rounds side by side are in `domain::trend`.

use serde::Serialize;

use super::super::ids::{AgencyId, StratumId};
use super::super::method::{Band, Method, Par};
use super::super::response::Stream;
use super::super::stats;
use super::super::tally::{Shape, Tally};
use super::NestedStratum;
use super::compute::{factor_form, published_form};
use super::estimate::{Basis, Estimate, Interval, Uncertainty};
use super::pool::{self, Cell, Linear, Pool, Ratio, Variance};
use super::strata::JoinedParts;

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
/// Degrees of freedom add up. Where one of them has a Wilson interval (at 0 or 1, and always under version 2) the
/// distances to the limits take the place of the standard errors (Newcombe 1998, method 10; MOVER). None where one has
/// no interval.
pub fn difference(first: &Estimate, second: &Estimate, level: f64) -> Option<Difference> {
    let value = first.value() - second.value();
    let wilson =
        |e: &Estimate| matches!(e.interval().map(|i| i.basis), Some(Basis::Wilson { .. } | Basis::Pooled { .. }));
    let (below, above) = if wilson(first) || wilson(second) {
        let ((l1, u1), (l2, u2)) = (first.limits_at(level)?, second.limits_at(level)?);
        ((first.value() - l1).hypot(u2 - second.value()), (u1 - first.value()).hypot(second.value() - l2))
    } else {
        let (se1, df1) = spread(first)?;
        let (se2, df2) = spread(second)?;
        let se = se1.hypot(se2);
        // Two censuses differ by what they differ by.
        let half = if se > 0.0 { stats::t_quantile(f64::midpoint(1.0, level), df1 + df2) * se } else { 0.0 };
        (half, half)
    };
    Some(Difference { value, low: (value - below).max(-1.0), high: (value + above).min(1.0) })
}

fn spread(estimate: &Estimate) -> Option<(f64, f64)> {
    match estimate.uncertainty() {
        Uncertainty::Census => Some((0.0, 0.0)),
        Uncertainty::Interval(Interval { basis: Basis::Logit { se, df }, .. }) => Some((se, df as f64)),
        Uncertainty::Interval(Interval { basis: Basis::Direct { se, df }, .. }) => Some((se, df)),
        _ => None,
    }
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
    nested_difference(shape, method, strata, level, |pool| published_form(shape, method, pool))
}

/// The same for one factor.
pub fn factor_difference_with_total(
    shape: &Shape,
    method: &Method,
    strata: &[NestedStratum<'_>],
    factor: usize,
    level: f64,
) -> Option<Difference> {
    nested_difference(shape, method, strata, level, |pool| factor_form(shape, pool, factor))
}

fn nested_difference(
    shape: &Shape,
    method: &Method,
    strata: &[NestedStratum<'_>],
    level: f64,
    form: impl Fn(&Pool<'_>) -> Option<(Ratio, Linear)>,
) -> Option<Difference> {
    let joined = JoinedParts::new(method, strata);
    let strata = joined.strata();
    let cell = |s: &NestedStratum<'_>| (s.agency, s.id, s.population, s.whole.n());
    let whole = Pool::new(shape, strata.iter().map(|s| nested_cell(cell(s), s.whole)), Variance::Own).ok()?;
    // The part keeps the weights of the whole strata; strata it does not reach are no part of its degrees of freedom.
    let parts = strata.iter().filter_map(|s| s.part.map(|part| nested_cell(cell(s), part)));
    let part = Pool::new(shape, parts, Variance::Own).ok()?;
    if whole.cells().iter().any(|c| c.population.is_none() || (c.n == 1 && c.population != Some(1))) {
        return None;
    }
    let (whole_ratio, whole_form) = form(&whole)?;
    let (part_ratio, part_form) = form(&part)?;
    let parts: Vec<Option<&Tally>> = strata.iter().filter(|s| s.whole.n() > 0).map(|s| s.part).collect();
    let se = whole.joint_variance(&whole_form, &part_form, &parts).max(0.0).sqrt();
    let half = if se > 0.0 { stats::t_quantile(f64::midpoint(1.0, level), whole.df() as f64) * se } else { 0.0 };
    let value = (part_ratio.r - whole_ratio.r).to_f64();
    Some(Difference { value, low: (value - half).max(-1.0), high: (value + half).min(1.0) })
}

/// An agency's index less the plain mean of the units it is one of (`mean_of_units`): e_a − Σe_u/H, whose variance is
/// (1 − 1/H)²·v_a + Σ_{u≠a} v_u/H². `df` is that of the group. None where a unit has no standard error, or `part` is
/// not among them.
pub fn difference_with_mean_of_units(
    part: AgencyId,
    units: &[(AgencyId, &Estimate)],
    df: i64,
    level: f64,
) -> Option<Difference> {
    let own = units.iter().find(|(id, _)| *id == part).map(|(_, e)| *e)?;
    let share = 1.0 / units.len() as f64;
    let mut variance = 0.0;
    for (id, estimate) in units {
        let weight = if *id == part { 1.0 - share } else { share };
        let se = estimate.se().or_else(|| estimate.variance().map(f64::sqrt))?;
        variance += (weight * se).powi(2);
    }
    let mean = units.iter().map(|(_, e)| e.value()).sum::<f64>() * share;
    let se = variance.sqrt();
    let half = if se > 0.0 { stats::t_quantile(f64::midpoint(1.0, level), df as f64) * se } else { 0.0 };
    let value = own.value() - mean;
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
    method.bands_basis.as_ref()?;
    band_among(&method.bands, estimate)
}

fn band_among<'m>(bands: &'m [Band], estimate: &Estimate) -> Option<BandReading<'m>> {
    let band = Band::of(bands, estimate.value())?;
    let near_limit = estimate.interval().is_some_and(|i| {
        let other = |share: f64| Band::of(bands, share).is_none_or(|b| b != band);
        other(i.low) || other(i.high)
    });
    Some(BandReading { band, near_limit })
}

/// What the index would be worth in the PAR-INDEX; "ước tính nội bộ".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParReading<'m> {
    /// Points: index × maximum points, from the unrounded index.
    pub points: f64,
    /// The points of both limits of the interval, where there is one.
    pub range: Option<(f64, f64)>,
    /// The band of the reform grading, where one is sourced and the index falls into it.
    pub band: Option<BandReading<'m>>,
    /// The rule, with its documents.
    pub rule: &'m Par,
}

/// Points and band of an index; none where the method has no rule for them. Only for streams whose reading is
/// [`Reading::Probability`].
pub fn par<'m>(method: &'m Method, estimate: &Estimate) -> Option<ParReading<'m>> {
    let rule = method.par.as_ref()?;
    Some(ParReading {
        points: estimate.value() * rule.maximum_points,
        range: estimate.interval().map(|i| (i.low * rule.maximum_points, i.high * rule.maximum_points)),
        band: band_among(&rule.bands, estimate),
        rule,
    })
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
