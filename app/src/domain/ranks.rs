//! Ranks with the range that the data allow (design 8).
//!
//! With H agencies, each interval is taken at level 0.95^(1/H), so that all of them hold together with 95 %. Rank i
//! then lies from 1 + #{j: L_j > U_i} to H − #{j: U_j < L_i}.

use serde::Serialize;

use super::ids::AgencyId;
use super::index::{AgencyResult, Estimate, Uncertainty};
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

/// The ranking of agencies (of one level) by their published index, under the rules of the method.
pub fn ranking(method: &Method, results: &[&AgencyResult]) -> Ranking {
    let eligible = |result: &AgencyResult| -> Result<Estimate, NotRanked> {
        let figures = &result.figures;
        let estimate = figures.estimate().ok_or(NotRanked::NoIndex)?;
        if !figures.overall.is_complete() {
            let (counted, of) = (figures.overall.factors_counted, figures.overall.n_factors);
            return Err(NotRanked::FactorMissing { counted, of });
        }
        if figures.n < i64::from(method.rank_min_n) && estimate.uncertainty() != Uncertainty::Census {
            return Err(NotRanked::TooFew { n: figures.n, needed: method.rank_min_n });
        }
        let half_width = estimate.half_width().ok_or(NotRanked::NoInterval)?;
        if half_width > method.rank_max_half_width {
            return Err(NotRanked::TooWide { half_width, most: method.rank_max_half_width });
        }
        Ok(*estimate)
    };
    let judged: Vec<_> = results.iter().map(|r| (r.agency, eligible(r))).collect();
    let mut ranked: Vec<_> = judged.iter().filter_map(|(agency, e)| Some((*agency, e.ok()?))).collect();
    ranked.sort_by(|a, b| b.1.value().total_cmp(&a.1.value()));
    let count = ranked.len();
    let level = 0.95_f64.powf(1.0 / count.max(1) as f64);
    let limits: Vec<_> =
        ranked.iter().map(|(_, e)| e.limits_at(level).unwrap_or((e.value(), e.value()))).collect();
    let mut lines: Vec<Ranked> = Vec::with_capacity(judged.len());
    for ((agency, estimate), own) in ranked.iter().zip(&limits) {
        let rank = 1 + ranked.iter().filter(|(_, other)| other.value() > estimate.value()).count();
        let best = 1 + limits.iter().filter(|other| other.0 > own.1).count();
        let worst = count - limits.iter().filter(|other| other.1 < own.0).count();
        lines.push(Ranked { agency: *agency, place: Ok(Rank { rank, best, worst, limits: *own }) });
    }
    lines.extend(judged.iter().filter_map(|(agency, e)| Some(Ranked { agency: *agency, place: Err(e.err()?) })));
    Ranking { ranked: count, level, lines }
}
