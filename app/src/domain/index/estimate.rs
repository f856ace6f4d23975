//! One figure of the index: a share with what may be said about its precision.
//!
//! An interval cannot exist without the way it was made, a census has none, and where there is none the reason stands
//! in its place. Views print what these types hold and nothing else.

use serde::Serialize;

use super::super::ids::{AgencyId, StratumId};
use super::super::stats;

/// A figure, or the reason why there is none.
pub type Figure = Result<Estimate, Absence>;

/// Why there is no figure at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Absence {
    /// Nobody in the set answered it (n = 0, or only "không áp dụng" and blanks).
    NobodyAnswered,
    /// No factor was answered by enough respondents, so that there is no mean of factors.
    NoFactorCounts,
    /// The strata cannot be weighted, or the coverage cannot be said, because this one has no N.
    PopulationMissing {
        /// Its agency.
        agency: AgencyId,
        /// The stratum without N.
        stratum: StratumId,
    },
    /// More valid responses than dossiers: one of the two is wrong, and nothing may be built on it.
    MoreThanPopulation {
        /// Its agency.
        agency: AgencyId,
        /// The stratum.
        stratum: StratumId,
        /// Valid responses.
        n: i64,
        /// Dossiers in the frame.
        population: i64,
    },
}

/// How precise an estimate is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Uncertainty {
    /// A 95 % interval.
    Interval(Interval),
    /// Everybody in the frame was asked ("điều tra toàn bộ"): no sampling error.
    Census,
    /// No interval, and why.
    None {
        /// The reason.
        why: NoInterval,
    },
}

/// Why an estimate has no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoInterval {
    /// A stratum with a single respondent has no spread to estimate.
    SingleRespondent {
        /// The stratum.
        stratum: StratumId,
    },
    /// N of the stratum is not known, so that neither weight nor finite population correction can be had.
    PopulationMissing {
        /// The stratum.
        stratum: StratumId,
    },
    /// The standard error is 0 although the figure lies strictly between 0 and 1: every respondent says the same mix.
    NoSpread,
    /// One of the agencies that are averaged has no interval.
    UnitWithout {
        /// The agency.
        agency: AgencyId,
    },
}

/// A two-sided interval of shares, 0 ≤ low ≤ high ≤ 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// How it was made, from which it can be made again at another level.
    pub basis: Basis,
}

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Basis {
    /// logit(p) ± t(df)·se/(p(1−p)).
    Logit {
        /// Standard error of the share.
        se: f64,
        /// Respondents less strata.
        df: i64,
    },
    /// Wilson's score interval at 0 or 1, where the standard error says nothing.
    Wilson {
        /// Respondents (Kish's n over several strata) divided by the sampling fraction left, 1 − n/N.
        n_effective: f64,
    },
    /// logit(p) ± t(df)·se/(p(1−p)) of a group, with Satterthwaite's degrees of freedom (method version 2).
    Direct {
        /// Standard error of the share.
        se: f64,
        /// (Σ v_h)² / Σ v_h²/(n_h − 1).
        df: f64,
    },
    /// Wilson's score interval of an agency with the design ratio of the round (method version 2).
    Pooled {
        /// Responses that answered at least one item of the figure.
        n: i64,
        /// A = Σ W_h²·(1 − f_h)/m_h: the variance of a share of one answer a person, over p(1 − p).
        a: f64,
        /// D, the design ratio of the round.
        design: f64,
        /// 1/(D·A).
        n_effective: f64,
        /// A² / Σ a_h²/(m_h − 1).
        df: f64,
    },
}

/// A share between 0 and 1 with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    value: f64,
    /// 1 − value, kept apart because near 100 % it has digits that the value has lost.
    complement: f64,
    uncertainty: Uncertainty,
}

impl Estimate {
    /// An estimate; none when the value is no share, or an interval does not hold it.
    pub fn new(value: f64, uncertainty: Uncertainty) -> Option<Self> {
        let held = match uncertainty {
            Uncertainty::Interval(i) => 0.0 <= i.low && i.low <= value && value <= i.high && i.high <= 1.0,
            Uncertainty::Census | Uncertainty::None { .. } => true,
        };
        ((0.0..=1.0).contains(&value) && held).then_some(Self { value, complement: 1.0 - value, uncertainty })
    }

    /// An estimate from both sides of the share, for the computing rooms only.
    pub(super) fn from_sides(satisfied: f64, unsatisfied: f64, uncertainty: Uncertainty) -> Self {
        Self { value: satisfied, complement: unsatisfied, uncertainty }
    }

    /// The share, 0 to 1, unrounded.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// 1 − share, with its own digits.
    pub(super) fn complement(&self) -> f64 {
        self.complement
    }

    /// The share as a percentage, unrounded.
    pub fn percent(&self) -> f64 {
        100.0 * self.value
    }

    /// What may be said about its precision.
    pub fn uncertainty(&self) -> Uncertainty {
        self.uncertainty
    }

    /// The 95 % interval, where there is one; a census has none.
    pub fn interval(&self) -> Option<Interval> {
        match self.uncertainty {
            Uncertainty::Interval(interval) => Some(interval),
            _ => None,
        }
    }

    /// The standard error of the share; 0 for a census and where nothing varies. None of a pooled interval: it has none
    /// to be shown.
    pub fn se(&self) -> Option<f64> {
        match self.uncertainty {
            Uncertainty::Interval(Interval { basis: Basis::Logit { se, .. } | Basis::Direct { se, .. }, .. }) => {
                Some(se)
            }
            Uncertainty::Interval(Interval { basis: Basis::Pooled { .. }, .. }) => None,
            Uncertainty::Interval(Interval { basis: Basis::Wilson { .. }, .. })
            | Uncertainty::Census
            | Uncertainty::None { why: NoInterval::NoSpread } => Some(0.0),
            Uncertainty::None { .. } => None,
        }
    }

    /// The variance of the share: what was estimated of its own answers, or p(1 − p)/n_eff.
    pub fn variance(&self) -> Option<f64> {
        match self.uncertainty {
            Uncertainty::Interval(Interval { basis: Basis::Pooled { n_effective, .. }, .. }) => {
                Some(self.value * self.complement / n_effective)
            }
            _ => self.se().map(|se| se * se),
        }
    }

    /// Whether the standard error says nothing of this figure, because it is 0 or 1.
    pub(super) fn is_at_an_end(&self) -> bool {
        match self.uncertainty {
            Uncertainty::Interval(Interval { basis: Basis::Wilson { .. }, .. }) => true,
            Uncertainty::Interval(Interval { basis: Basis::Pooled { .. }, .. }) => {
                self.value <= 0.0 || self.complement <= 0.0
            }
            _ => false,
        }
    }

    /// Half the width of the 95 % interval, as a share; 0 for a census; none without an interval.
    pub fn half_width(&self) -> Option<f64> {
        match self.uncertainty {
            Uncertainty::Interval(i) => Some((i.high - i.low) / 2.0),
            Uncertainty::Census => Some(0.0),
            Uncertainty::None { .. } => None,
        }
    }

    /// The limits at another two-sided confidence level (0 < level < 1); a census is its own point.
    pub fn limits_at(&self, level: f64) -> Option<(f64, f64)> {
        match self.uncertainty {
            Uncertainty::Interval(Interval { basis: Basis::Logit { se, df }, .. }) => {
                let t = stats::t_quantile(f64::midpoint(1.0, level), df as f64);
                Some(stats::logit_interval(self.value, self.complement, se, t))
            }
            Uncertainty::Interval(Interval { basis: Basis::Direct { se, df }, .. }) => {
                let t = stats::t_quantile(f64::midpoint(1.0, level), df);
                Some(stats::logit_interval(self.value, self.complement, se, t))
            }
            Uncertainty::Interval(Interval { basis: Basis::Pooled { n_effective, df, .. }, .. }) => {
                let t = stats::t_quantile(f64::midpoint(1.0, level), df);
                Some(stats::wilson_around(self.value, n_effective, t))
            }
            Uncertainty::Interval(Interval { basis: Basis::Wilson { n_effective }, .. }) => {
                let z = stats::normal_quantile(f64::midpoint(1.0, level));
                Some(stats::wilson_interval(self.value, n_effective, z))
            }
            Uncertainty::Census => Some((self.value, self.value)),
            Uncertainty::None { .. } => None,
        }
    }
}
