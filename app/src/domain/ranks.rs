//! Ranks with the range that the data allow (design 8).
//!
//! With H agencies each interval is taken at level 0.95^(1/H), so that all of them hold together with 95 %. Rank i then
//! lies from 1 + #{j: L_j > U_i} to H − #{j: U_j < L_i}: "Hạng 4 (có thể từ 2 đến 31)". A census is its own point.

use serde::Serialize;

use super::ids::AgencyId;
use super::index::{AgencyResult, Estimate};
use super::method::Method;

/// The place of one agency.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rank {
    /// From 1, in the order of the published index; equal figures share a rank.
    pub rank: usize,
    /// The best rank that the data allow.
    pub best: usize,
    /// The worst rank that the data allow.
    pub worst: usize,
    /// The agency's limits at the simultaneous level, as shares.
    pub limits: (f64, f64),
}

/// Why an agency has no rank ("chưa đủ độ tin cậy").
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NotRanked {
    /// It has no index.
    NoIndex,
    /// Too few valid responses.
    TooFew {
        /// What it has.
        n: i64,
        /// What it needs.
        needed: u32,
    },
    /// The index has no interval.
    NoInterval,
    /// The interval is too wide.
    TooWide {
        /// Half its width, as a share.
        half_width: f64,
        /// The widest allowed, as a share.
        most: f64,
    },
    /// A factor is missing.
    FactorMissing {
        /// Factors that count.
        counted: usize,
        /// Factors of the questionnaire.
        of: usize,
    },
}

/// One line of a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// The agency.
    pub agency: AgencyId,
    /// Its place, or why it has none.
    pub place: Result<Rank, NotRanked>,
}

/// A ranking of the agencies of one level under one method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// How many are ranked, H.
    pub ranked: usize,
    /// The level of the individual intervals, 0.95^(1/H).
    pub level: f64,
    /// Ranked ones first, from the best; the others after them in the order given.
    pub lines: Vec<Ranked>,
}

/// Ranks agencies that answered the same questionnaire in a stream that may be ranked (sample, intercept).
pub fn rank(method: &Method, results: &[&AgencyResult]) -> Ranking {
    let mut eligible = Vec::new();
    let mut others = Vec::new();
    for result in results {
        match eligibility(method, result) {
            Ok(estimate) => eligible.push((result.agency, estimate)),
            Err(why) => others.push(Ranked { agency: result.agency, place: Err(why) }),
        }
    }
    let ranked = eligible.len();
    let level = 0.95_f64.powf(1.0 / ranked.max(1) as f64);
    // The best first; equal figures keep the order given.
    eligible.sort_by(|(_, a), (_, b)| b.value().total_cmp(&a.value()));
    let limits: Vec<(f64, f64)> =
        eligible.iter().map(|(_, e)| e.limits_at(level).unwrap_or((e.value(), e.value()))).collect();
    let mut lows: Vec<f64> = limits.iter().map(|(low, _)| *low).collect();
    let mut highs: Vec<f64> = limits.iter().map(|(_, high)| *high).collect();
    lows.sort_by(f64::total_cmp);
    highs.sort_by(f64::total_cmp);
    let mut rank = 0;
    let mut last = f64::NAN;
    let mut lines: Vec<Ranked> = Vec::with_capacity(results.len());
    for (position, ((agency, estimate), (low, high))) in eligible.iter().zip(&limits).enumerate() {
        if estimate.value().total_cmp(&last).is_ne() {
            rank = position + 1;
            last = estimate.value();
        }
        let surely_above = lows.len() - lows.partition_point(|l| *l <= *high);
        let surely_below = highs.partition_point(|h| *h < *low);
        let place = Rank { rank, best: 1 + surely_above, worst: ranked - surely_below, limits: (*low, *high) };
        lines.push(Ranked { agency: *agency, place: Ok(place) });
    }
    lines.extend(others);
    Ranking { ranked, level, lines }
}

/// The estimate that an agency is ranked by, or why it is not.
fn eligibility<'r>(method: &Method, result: &'r AgencyResult) -> Result<&'r Estimate, NotRanked> {
    let figures = &result.figures;
    let estimate = figures.estimate().ok_or(NotRanked::NoIndex)?;
    if figures.n < i64::from(method.rank_min_n) {
        return Err(NotRanked::TooFew { n: figures.n, needed: method.rank_min_n });
    }
    let overall = &figures.overall;
    if !overall.is_complete() {
        return Err(NotRanked::FactorMissing { counted: overall.factors_counted, of: overall.n_factors });
    }
    let half_width = estimate.half_width().ok_or(NotRanked::NoInterval)?;
    if half_width > method.rank_max_half_width {
        return Err(NotRanked::TooWide { half_width, most: method.rank_max_half_width });
    }
    Ok(estimate)
}

#[cfg(test)]
mod tests;
