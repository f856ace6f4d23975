//! From tallies to figures: agencies, groups of agencies, filtered sets, the other questions.

use std::sync::Arc;

use super::super::ids::{AgencyId, StratumId};
use super::super::limits;
use super::super::method::{IntervalRule, Method, OverallRule};
use super::super::tally::{Shape, Tally};
use super::design::DesignRatios;
use super::estimate::{Absence, Basis, Estimate, Figure, Interval, NoInterval, Uncertainty};
use super::exact::Exact;
use super::pool::{self, Cell, Linear, Of, Pool, Ratio, Variance};
use super::result::{
    AgencyResult, CriterionResult, FactorResult, Figures, GroupResult, LeftOut, OptionResult, Overall, QuestionResult,
    StratumLine,
};
use super::strata::{Joined, JoinedParts};
use super::{Agency, NestedStratum};
use crate::domain::stats;

/// The figures of one agency by itself: nothing is known of its round, so that a pooled interval is conservative.
pub fn agency(shape: &Shape, method: &Method, agency: &Agency<'_>) -> AgencyResult {
    let design = (method.interval == IntervalRule::Pooled).then(|| Arc::new(DesignRatios::unknown(shape)));
    agency_in(shape, method, agency, design)
}

/// The figures of the agencies of a round in one stream, in the order given.
pub fn agencies(shape: &Shape, method: &Method, all: &[Agency<'_>]) -> Vec<AgencyResult> {
    let design = DesignRatios::for_method(shape, method, all);
    all.iter().map(|a| agency_in(shape, method, a, design.clone())).collect()
}

fn agency_in(shape: &Shape, method: &Method, agency: &Agency<'_>, design: Option<Arc<DesignRatios>>) -> AgencyResult {
    let cells: Vec<Cell<'_>> = cells(agency).collect();
    let variance = design.as_deref().map_or(Variance::Own, Variance::Pooled);
    let figures = figures(shape, method, &cells, (Frame::OfAgency, variance), agency.left_out);
    AgencyResult { agency: agency.id, figures, design }
}

/// The figures of a group: a level, the city, or any other set of agencies that answered the same questionnaire.
/// Each member comes with its own result, which the mean of units is made of.
pub fn group(shape: &Shape, method: &Method, members: &[(&Agency<'_>, &AgencyResult)]) -> GroupResult {
    let cells: Vec<Cell<'_>> = members.iter().flat_map(|(agency, _)| cells(agency)).collect();
    let mut left_out = LeftOut::default();
    for (agency, _) in members {
        left_out.add(&agency.left_out);
    }
    let measured = members.iter().filter(|(_, result)| result.figures.n > 0).count();
    let units: Vec<(AgencyId, Estimate)> =
        members.iter().filter_map(|(a, result)| result.figures.estimate().map(|e| (a.id, *e))).collect();
    let design = members.first().and_then(|(_, result)| result.design.clone());
    let counts = Counts { agencies: members.len(), measured };
    group_of_cells(shape, method, &cells, (left_out, units.as_slice()), counts, design)
}

/// The figures of a part of the responses (a month, a mode): weights and n_h stay those of the whole strata, and the
/// residual is 0 outside the part. Strata without responses in the part stay in the frame. Design ratios are not known
/// of a part, so that its pooled interval is conservative.
pub fn filtered(shape: &Shape, method: &Method, strata: &[NestedStratum<'_>]) -> Figures {
    let zero = Tally::zero(shape);
    let joined = JoinedParts::new(method, strata);
    let strata = joined.strata();
    let cells = nested_cells(&strata, &zero);
    let several_agencies = cells.windows(2).any(|w| w[0].agency != w[1].agency);
    let frame = if several_agencies { Frame::OfGroup } else { Frame::OfAgency };
    let unknown = DesignRatios::unknown(shape);
    let variance = match method.interval {
        IntervalRule::Own => Variance::Own,
        IntervalRule::Pooled => Variance::Pooled(&unknown),
    };
    figures_of(shape, method, &cells, (frame, variance), LeftOut::default())
}

/// How many agencies a group has, and how many of them have responses.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) agencies: usize,
    pub(super) measured: usize,
}

/// A part of the responses of a group, by both city rules: `units` are the indices that its agencies have in the part.
pub(super) fn group_of(
    shape: &Shape,
    method: &Method,
    strata: &[NestedStratum<'_>],
    left_out: LeftOut,
    units: &[(AgencyId, Estimate)],
    counts: Counts,
) -> GroupResult {
    let zero = Tally::zero(shape);
    let joined = JoinedParts::new(method, strata);
    let strata = joined.strata();
    group_of_cells(shape, method, &nested_cells(&strata, &zero), (left_out, units), counts, None)
}

fn group_of_cells(
    shape: &Shape,
    method: &Method,
    cells: &[Cell<'_>],
    (left_out, units): (LeftOut, &[(AgencyId, Estimate)]),
    Counts { agencies, measured }: Counts,
    design: Option<Arc<DesignRatios>>,
) -> GroupResult {
    let n: i64 = cells.iter().map(|c| c.tally.n()).sum();
    let large = measured >= limits::POOLED_AGENCIES && n >= limits::POOLED_RESPONSES;
    let unknown = DesignRatios::unknown(shape);
    let variance = match method.interval {
        IntervalRule::Own => Variance::Own,
        IntervalRule::Pooled if large => Variance::Direct,
        IntervalRule::Pooled => Variance::Pooled(design.as_deref().unwrap_or(&unknown)),
    };
    let pooled_by_n = figures(shape, method, cells, (Frame::OfGroup, variance), left_out);
    // A missing N, or one that cannot be, takes the figure from the group under both rules.
    let mean_of_units = match frame_fault(cells) {
        Some(fault) => Err(fault),
        None if method.interval == IntervalRule::Own => mean_of_units(units, pooled_by_n.df),
        None => mean_of_pooled_units(units),
    };
    let own_variance = !matches!(variance, Variance::Pooled(_));
    GroupResult {
        agencies,
        measured,
        units: units.len(),
        pooled_by_n,
        mean_of_units,
        rule: method.city,
        own_variance,
        design,
    }
}

fn nested_cells<'a>(strata: &[NestedStratum<'a>], zero: &'a Tally) -> Vec<Cell<'a>> {
    let cell = |s: &NestedStratum<'a>| Cell {
        agency: s.agency,
        stratum: s.id,
        population: s.population,
        n: s.whole.n(),
        tally: s.part.unwrap_or(zero),
    };
    strata.iter().map(cell).collect()
}

/// A question beside the criteria over the strata of one agency or of several.
pub fn question(shape: &Shape, method: &Method, agencies: &[&Agency<'_>], question: usize) -> QuestionResult {
    let cells: Vec<Cell<'_>> = agencies.iter().flat_map(|a| cells(a)).collect();
    let answered = |t: &Tally| t.question_n(shape, question).0;
    let n_answered = cells.iter().map(|c| answered(c.tally)).sum();
    let n_options = cells.first().map_or(0, |c| c.tally.options(shape, question).len());
    let joined = Joined::new(method, &cells);
    let unknown = DesignRatios::unknown(shape);
    let pool = Pool::new(shape, joined.cells(), question_variance(method, agencies.len(), &cells, &unknown));
    let chosen = |t: &Tally, option: usize| t.options(shape, question).get(option).copied().unwrap_or(0);
    let options = (0..n_options)
        .map(|option| OptionResult {
            n_chosen: cells.iter().map(|c| chosen(c.tally, option)).sum(),
            figure: match &pool {
                Ok(pool) => pool.proportion(Of::Option, |t| (chosen(t, option), answered(t))),
                Err(absence) => Err(*absence),
            },
        })
        .collect();
    let mean = pool.ok().and_then(|pool| {
        let numbers = cells.iter().any(|c| c.tally.question_n(shape, question).1.is_some());
        if !numbers {
            return None;
        }
        pool.mean(|t| t.question_n(shape, question).1.unwrap_or(0), answered)
    });
    QuestionResult { n_answered, options, mean }
}

/// The share of those who chose one of `options` of a question with one choice, among those who answered it.
pub fn chosen(shape: &Shape, method: &Method, agencies: &[&Agency<'_>], question: usize, options: &[usize]) -> Figure {
    let cells: Vec<Cell<'_>> = agencies.iter().flat_map(|a| cells(a)).collect();
    let joined = Joined::new(method, &cells);
    let unknown = DesignRatios::unknown(shape);
    let pool = Pool::new(shape, joined.cells(), question_variance(method, agencies.len(), &cells, &unknown))?;
    pool.proportion(Of::Option, |t| {
        let counts = t.options(shape, question);
        let sum = options.iter().filter_map(|option| counts.get(*option)).sum();
        (sum, t.question_n(shape, question).0)
    })
}

/// The variance of a question beside the criteria: of the group's own answers where it is large, otherwise that of
/// single answers.
fn question_variance<'d>(
    method: &Method,
    agencies: usize,
    cells: &[Cell<'_>],
    unknown: &'d DesignRatios,
) -> Variance<'d> {
    let n: i64 = cells.iter().map(|c| c.n).sum();
    match method.interval {
        IntervalRule::Own => Variance::Own,
        IntervalRule::Pooled if agencies >= limits::POOLED_AGENCIES && n >= limits::POOLED_RESPONSES => {
            Variance::Direct
        }
        IntervalRule::Pooled => Variance::Pooled(unknown),
    }
}

pub(super) fn cells<'a>(agency: &Agency<'a>) -> impl Iterator<Item = Cell<'a>> {
    let id = agency.id;
    agency.strata.clone().into_iter().map(move |s| Cell {
        agency: id,
        stratum: s.id,
        population: s.population,
        n: s.tally.n(),
        tally: s.tally,
    })
}

/// Whether an unmeasured stratum without N takes the figure away: from a group it does, its coverage cannot be said;
/// an agency still has its index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    OfAgency,
    OfGroup,
}

/// An N that is missing in a group, or smaller than n.
fn frame_fault(cells: &[Cell<'_>]) -> Option<Absence> {
    cells.iter().find_map(|c| match c.population {
        None => Some(Absence::PopulationMissing { agency: c.agency, stratum: c.stratum }),
        Some(population) if population < c.n => {
            Some(Absence::MoreThanPopulation { agency: c.agency, stratum: c.stratum, n: c.n, population })
        }
        Some(_) => None,
    })
}

/// The figures of strata, merged where the method says so.
fn figures(
    shape: &Shape,
    method: &Method,
    cells: &[Cell<'_>],
    rules: (Frame, Variance<'_>),
    left_out: LeftOut,
) -> Figures {
    let joined = Joined::new(method, cells);
    Figures { merged: joined.merged(), ..figures_of(shape, method, &joined.cells(), rules, left_out) }
}

fn figures_of(
    shape: &Shape,
    method: &Method,
    cells: &[Cell<'_>],
    (frame, variance): (Frame, Variance<'_>),
    left_out: LeftOut,
) -> Figures {
    let fault = if frame == Frame::OfGroup { frame_fault(cells) } else { None };
    let pool = match fault {
        Some(fault) => Err(fault),
        None => Pool::new(shape, cells.iter().copied(), variance),
    };
    let criteria = (0..shape.n_criteria()).map(|j| criterion(shape, cells, &pool, j)).collect();
    let ratios: Vec<Option<Ratio>> = (0..shape.n_factors())
        .map(|f| {
            let counts = |t: &Tally| {
                let sums = t.factor(shape, f);
                (sums.m - sums.u, sums.m)
            };
            pool.as_ref().ok().and_then(|p| p.ratio(counts))
        })
        .collect();
    let factors: Vec<FactorResult> =
        (0..shape.n_factors()).map(|f| factor(shape, method, cells, &pool, &ratios, f)).collect();
    let overall = overall(shape, method, &pool, &ratios, &factors);
    let all_satisfied = match &pool {
        Ok(pool) => pool.proportion(Of::AllSatisfied, |t| (t.all_satisfied(), t.n())),
        Err(absence) => Err(*absence),
    };
    let measured = || cells.iter().filter(|c| c.n > 0);
    Figures {
        n: cells.iter().map(|c| c.tally.n()).sum(),
        population: cells.iter().map(|c| c.population).sum(),
        population_measured: measured().map(|c| c.population).sum(),
        strata: cells
            .iter()
            .map(|c| StratumLine { agency: c.agency, stratum: c.stratum, population: c.population, n: c.n })
            .collect(),
        df: measured().filter(|c| c.tally.n() > 0).map(|c| c.tally.n() - 1).sum(),
        left_out,
        merged: Vec::new(),
        criteria,
        factors,
        overall,
        all_satisfied,
    }
}

fn criterion(shape: &Shape, cells: &[Cell<'_>], pool: &Result<Pool<'_>, Absence>, j: usize) -> CriterionResult {
    let mut scores = [0; 5];
    let mut not_applicable = 0;
    for cell in cells {
        for (sum, count) in scores.iter_mut().zip(cell.tally.scores(j)) {
            *sum += count;
        }
        not_applicable += cell.tally.not_applicable(j);
    }
    let figure = match pool {
        Ok(pool) => pool.proportion(Of::Criterion(j), |t| (t.satisfied(shape, j), t.answered(j))),
        Err(absence) => Err(*absence),
    };
    let score = |t: &Tally| t.scores(j).iter().zip(1..).map(|(count, score)| count * score).sum();
    let mean_score = pool.as_ref().ok().and_then(|p| p.mean(score, |t| t.answered(j)));
    CriterionResult {
        scores,
        not_applicable,
        n_answered: scores.iter().sum(),
        n_satisfied: scores.iter().skip(usize::from(shape.satisfied_from()).saturating_sub(1)).sum(),
        figure,
        mean_score,
    }
}

fn factor(
    shape: &Shape,
    method: &Method,
    cells: &[Cell<'_>],
    pool: &Result<Pool<'_>, Absence>,
    ratios: &[Option<Ratio>],
    f: usize,
) -> FactorResult {
    let (mut respondents, mut n_answered, mut unsatisfied) = (0, 0, 0);
    for cell in cells {
        let sums = cell.tally.factor(shape, f);
        respondents += sums.respondents;
        n_answered += sums.m;
        unsatisfied += sums.u;
    }
    let ratio = ratios.get(f).copied().flatten();
    let figure = match (pool, ratio) {
        (Err(absence), _) => Err(*absence),
        (Ok(_), None) => Err(Absence::NobodyAnswered),
        (Ok(pool), Some(ratio)) => {
            let linear = Linear::new([(f, ratio)], Exact::from(1));
            Ok(pool.linear_estimate(Of::Factor(f), ratio, &linear, |t| t.factor(shape, f).respondents, &[f]))
        }
    };
    FactorResult {
        respondents,
        n_answered,
        n_satisfied: n_answered - unsatisfied,
        figure,
        counts: respondents >= i64::from(method.min_factor_respondents.max(1)),
        mean_score: pool.as_ref().ok().and_then(|p| p.mean(|t| t.factor(shape, f).s, |t| t.factor(shape, f).m)),
    }
}

fn overall(
    shape: &Shape,
    method: &Method,
    pool: &Result<Pool<'_>, Absence>,
    ratios: &[Option<Ratio>],
    factors: &[FactorResult],
) -> Overall {
    let counted: Vec<(usize, Ratio)> = factors
        .iter()
        .zip(ratios)
        .enumerate()
        .filter_map(|(f, (factor, ratio))| ratio.filter(|_| factor.counts).map(|r| (f, r)))
        .collect();
    let factors_counted = factors.iter().filter(|f| f.counts).count();
    let (mean_of_factors, pooled) = match pool {
        Err(absence) => (Err(*absence), Err(*absence)),
        Ok(pool) => (mean_of_factors(pool, &counted), pooled(shape, pool)),
    };
    Overall { rule: method.overall, mean_of_factors, pooled, factors_counted, n_factors: shape.n_factors() }
}

/// The form and the ratio of the mean of factors.
pub(super) fn mean_form(counted: &[(usize, Ratio)]) -> Option<(Ratio, Linear)> {
    let number = Exact::from(i64::try_from(counted.len()).ok().filter(|n| *n > 0)?);
    let share = Exact::from(1) / number;
    let r = counted.iter().map(|(_, ratio)| ratio.r).sum::<Exact>() / number;
    let t = counted.iter().map(|(_, ratio)| ratio.t).sum::<Exact>() / number;
    let m = Exact::from(1);
    Some((Ratio { r, t, m }, Linear::new(counted.iter().copied(), share)))
}

/// The form and the ratio of satisfied over answered over all criteria.
pub(super) fn pooled_form(shape: &Shape, pool: &Pool<'_>) -> Option<(Ratio, Linear)> {
    let all = |t: &Tally| {
        let sums = (0..shape.n_factors()).map(|f| t.factor(shape, f));
        sums.fold((0, 0), |(k, m), s| (k + s.m - s.u, m + s.m))
    };
    let ratio = pool.ratio(all)?;
    Some((ratio, Linear::new((0..shape.n_factors()).map(|f| (f, ratio)), Exact::from(1))))
}

fn mean_of_factors(pool: &Pool<'_>, counted: &[(usize, Ratio)]) -> Figure {
    let (ratio, linear) = mean_form(counted).ok_or(Absence::NoFactorCounts)?;
    let factors: Vec<usize> = counted.iter().map(|(f, _)| *f).collect();
    Ok(pool.linear_estimate(Of::MeanOfFactors, ratio, &linear, Tally::n, &factors))
}

fn pooled(shape: &Shape, pool: &Pool<'_>) -> Figure {
    let (ratio, linear) = pooled_form(shape, pool).ok_or(Absence::NobodyAnswered)?;
    Ok(pool.linear_estimate_of_all(ratio, &linear))
}

/// The published form of the overall index in a pool, for differences with a total.
pub(super) fn published_form(shape: &Shape, method: &Method, pool: &Pool<'_>) -> Option<(Ratio, Linear)> {
    match method.overall {
        OverallRule::Pooled => pooled_form(shape, pool),
        OverallRule::MeanOfFactors => mean_form_of(shape, method, pool),
    }
}

/// The form and the ratio of the mean of the factors that count in a pool.
pub(super) fn mean_form_of(shape: &Shape, method: &Method, pool: &Pool<'_>) -> Option<(Ratio, Linear)> {
    let counted: Vec<(usize, Ratio)> = (0..shape.n_factors())
        .filter_map(|f| {
            let respondents: i64 = pool.cells().iter().map(|c| c.tally.factor(shape, f).respondents).sum();
            let sums = |t: &Tally| t.factor(shape, f);
            let ratio = pool.ratio(|t| (sums(t).m - sums(t).u, sums(t).m))?;
            (respondents >= i64::from(method.min_factor_respondents)).then_some((f, ratio))
        })
        .collect();
    mean_form(&counted)
}

/// The form and the ratio of one factor in a pool.
pub(super) fn factor_form(shape: &Shape, pool: &Pool<'_>, factor: usize) -> Option<(Ratio, Linear)> {
    let sums = |t: &Tally| t.factor(shape, factor);
    let ratio = pool.ratio(|t| (sums(t).m - sums(t).u, sums(t).m))?;
    Some((ratio, Linear::new([(factor, ratio)], Exact::from(1))))
}

/// The plain mean of the units' indices; the variance is the sum of theirs over H².
fn mean_of_units(units: &[(AgencyId, Estimate)], df: i64) -> Figure {
    if units.is_empty() {
        return Err(Absence::NobodyAnswered);
    }
    let h = units.len() as f64;
    let value = (units.iter().map(|(_, e)| e.value()).sum::<f64>() / h).min(1.0);
    let complement = (units.iter().map(|(_, e)| e.complement()).sum::<f64>() / h).min(1.0);
    let mut variance = 0.0;
    let mut least_n = f64::INFINITY;
    let mut census = true;
    for (agency, estimate) in units {
        let Some(se) = estimate.se() else {
            let why = NoInterval::UnitWithout { agency: *agency };
            return Ok(Estimate::from_sides(value, complement, Uncertainty::None { why }));
        };
        variance += se * se;
        census &= estimate.uncertainty() == Uncertainty::Census;
        if let Some(Interval { basis: Basis::Wilson { n_effective }, .. }) = estimate.interval() {
            least_n = least_n.min(n_effective);
        }
    }
    let uncertainty = if census {
        Uncertainty::Census
    } else if (value <= 0.0 || complement <= 0.0) && least_n.is_finite() {
        pool::wilson(value, least_n)
    } else {
        pool::logit(value, complement, variance.sqrt() / h, df, stats::t_quantile(0.975, df as f64))
    };
    Ok(Estimate::from_sides(value, complement, uncertainty))
}

/// The plain mean of the units' indices under version 2: variance Σ D·p(1 − p)·A / H², degrees of freedom by
/// Satterthwaite from those of the units. At 0 or 1, where that variance is 0, Wilson's interval at H²/Σ 1/n_eff.
fn mean_of_pooled_units(units: &[(AgencyId, Estimate)]) -> Figure {
    if units.is_empty() {
        return Err(Absence::NobodyAnswered);
    }
    let h = units.len() as f64;
    let value = (units.iter().map(|(_, e)| e.value()).sum::<f64>() / h).min(1.0);
    let complement = (units.iter().map(|(_, e)| e.complement()).sum::<f64>() / h).min(1.0);
    let at_an_end = value <= 0.0 || complement <= 0.0;
    let (mut n, mut variance, mut squares) = (0, 0.0, 0.0);
    for (agency, estimate) in units {
        match estimate.uncertainty() {
            Uncertainty::Census => {}
            Uncertainty::Interval(Interval { basis: Basis::Pooled { n: own, n_effective, df, .. }, .. }) => {
                let spread = if at_an_end { 1.0 } else { estimate.value() * estimate.complement() };
                let term = spread / n_effective;
                n += own;
                variance += term;
                squares += term * term / df;
            }
            Uncertainty::Interval(_) | Uncertainty::None { .. } => {
                let why = NoInterval::UnitWithout { agency: *agency };
                return Ok(Estimate::from_sides(value, complement, Uncertainty::None { why }));
            }
        }
    }
    let df = (variance * variance / squares).max(1.0);
    let uncertainty = if variance <= 0.0 {
        Uncertainty::Census
    } else if at_an_end {
        pool::wilson_pooled(value, n, variance / (h * h), 1.0, df)
    } else {
        pool::direct(value, complement, variance / (h * h), df)
    };
    Ok(Estimate::from_sides(value, complement, uncertainty))
}

/// The first stratum with more valid responses than dossiers, for callers that must refuse such input.
pub fn more_than_population(all: &[Agency<'_>]) -> Option<(AgencyId, StratumId, i64, i64)> {
    all.iter().flat_map(cells).find_map(|c| {
        let population = c.population.filter(|p| *p < c.n)?;
        Some((c.agency, c.stratum, c.n, population))
    })
}
