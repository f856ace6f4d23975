//! The design ratio of a round (method version 2): how far the variance of a figure is from that of single yes-or-no
//! answers, estimated over all agencies of one questionnaire and stream.
//!
//! For a figure g of agency a: m_h valid responses of stratum h that answered at least one item of g, w_h = N_h/n_h,
//! W_h = w_h·m_h / Σ w·m, f_h = n_h/N_h.
//!
//! ```text
//! A_a = Σ_h W_h²·(1 − f_h)/m_h
//! D_g = Σ_a n_a·(v_a/A_a) / Σ_a n_a·p_a(1 − p_a),   n_a = Σ m_h, v_a the variance from the agency's own answers
//! ```
//!
//! The interval of an agency then rests on n_eff = 1/(D_g·A_a), see [`super::pool`]. It depends on the agency's own
//! answers through p only, so that it says nothing of how one person's answers go together.

use std::sync::Arc;

use serde::Serialize;

use super::super::limits;
use super::super::method::{IntervalRule, Method};
use super::super::tally::{Shape, Tally};
use super::Agency;
use super::compute::{cells, factor_form, mean_form_of, pooled_form};
use super::pool::{Linear, Of, Pool, Ratio, Variance};
use super::strata::Joined;

/// The design ratios of a round, one for each figure. 1 where fewer than [`limits::POOLED_AGENCIES`] agencies or
/// [`limits::POOLED_RESPONSES`] responses give one, which is conservative.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DesignRatios {
    /// Of the mean of factors.
    pub mean_of_factors: f64,
    /// Of satisfied over answered over all criteria.
    pub pooled: f64,
    /// Of each factor.
    pub factors: Vec<f64>,
    /// Of each criterion.
    pub criteria: Vec<f64>,
    /// Of "hài lòng toàn diện".
    pub all_satisfied: f64,
}

/// What one agency contributes to the ratio of one figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contribution {
    /// Σ m_h.
    pub(super) n: i64,
    /// p.
    pub(super) share: f64,
    /// 1 − p with its own digits.
    pub(super) complement: f64,
    /// v.
    pub(super) variance: f64,
    /// A.
    pub(super) a: f64,
}

/// The ratio of one figure.
fn ratio(contributions: &[Contribution]) -> f64 {
    let responses: i64 = contributions.iter().map(|c| c.n).sum();
    if contributions.len() < limits::POOLED_AGENCIES || responses < limits::POOLED_RESPONSES {
        return 1.0;
    }
    let direct: f64 = contributions.iter().map(|c| c.n as f64 * (c.variance / c.a)).sum();
    let binomial: f64 = contributions.iter().map(|c| c.n as f64 * (c.share * c.complement)).sum();
    // Where all agencies are at 0 or 1 there is no spread to compare.
    if direct > 0.0 && binomial > 0.0 { direct / binomial } else { 1.0 }
}

impl DesignRatios {
    /// 1 for every figure: nothing is known of the round.
    pub fn unknown(shape: &Shape) -> Self {
        Self {
            mean_of_factors: 1.0,
            pooled: 1.0,
            factors: vec![1.0; shape.n_factors()],
            criteria: vec![1.0; shape.n_criteria()],
            all_satisfied: 1.0,
        }
    }

    /// The ratios of the agencies of a round in one stream.
    pub fn of(shape: &Shape, method: &Method, all: &[Agency<'_>]) -> Self {
        let mut means = Vec::new();
        let mut pooled = Vec::new();
        let mut all_satisfied = Vec::new();
        let mut factors = vec![Vec::new(); shape.n_factors()];
        let mut criteria = vec![Vec::new(); shape.n_criteria()];
        for agency in all {
            let raw: Vec<_> = cells(agency).collect();
            let joined = Joined::new(method, &raw);
            let Ok(pool) = Pool::new(shape, joined.cells(), Variance::Own) else { continue };
            if !pool.is_sampled() {
                continue;
            }
            let linear = |form: Option<(Ratio, Linear)>, answered: &dyn Fn(&Tally) -> i64| {
                let (ratio, linear) = form?;
                pool.linear_contribution(ratio, &linear, answered)
            };
            means.extend(linear(mean_form_of(shape, method, &pool), &Tally::n));
            pooled.extend(linear(pooled_form(shape, &pool), &Tally::n));
            for (f, of_factor) in factors.iter_mut().enumerate() {
                of_factor.extend(linear(factor_form(shape, &pool, f), &|t| t.factor(shape, f).respondents));
            }
            for (j, of_criterion) in criteria.iter_mut().enumerate() {
                of_criterion.extend(pool.proportion_contribution(|t| (t.satisfied(shape, j), t.answered(j))));
            }
            all_satisfied.extend(pool.proportion_contribution(|t| (t.all_satisfied(), t.n())));
        }
        Self {
            mean_of_factors: ratio(&means),
            pooled: ratio(&pooled),
            factors: factors.iter().map(|c| ratio(c)).collect(),
            criteria: criteria.iter().map(|c| ratio(c)).collect(),
            all_satisfied: ratio(&all_satisfied),
        }
    }

    /// The ratios that a method needs; none where it takes each agency's own variance.
    pub fn for_method(shape: &Shape, method: &Method, all: &[Agency<'_>]) -> Option<Arc<Self>> {
        match method.interval {
            IntervalRule::Own => None,
            IntervalRule::Pooled => Some(Arc::new(Self::of(shape, method, all))),
        }
    }

    /// The ratio of a figure.
    pub(super) fn of_figure(&self, of: Of) -> f64 {
        match of {
            Of::MeanOfFactors => self.mean_of_factors,
            Of::Pooled => self.pooled,
            Of::Factor(f) => self.factors.get(f).copied().unwrap_or(1.0),
            Of::Criterion(j) => self.criteria.get(j).copied().unwrap_or(1.0),
            Of::AllSatisfied => self.all_satisfied,
            Of::Option => 1.0,
        }
    }
}
