//! Ranks with the range that the data allow (design 8).
//!
//! With H agencies, each interval is taken at level 0.95^(1/H), so that all of them hold together with 95 %. Rank i
//! then lies from 1 + #{j: L_j > U_i} to H − #{j: U_j < L_i}.

use serde::Serialize;

use super::ids::AgencyId;

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
