//! Numbers as data: how many digits leave the house, counts, figures and places, each with why it is not said.

use serde::Serialize;

use crate::domain::disclosure::{Count, LEAST_RESPONDENTS};
use crate::domain::index::{Absence, NoInterval};
use crate::domain::ranks::NotRanked;
use crate::pages::results::model::{Heading, Place};
use crate::pages::results::shown::{Precision, Shown};

/// How many digits of a figure leave the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// All that a double has: sample data.
    All,
    /// Those of the page: a share to a hundredth of a percent, its limits to a tenth.
    OfThePage,
}

impl Digits {
    /// What may be said of a round.
    pub fn of(sample_data: bool) -> Self {
        if sample_data { Self::All } else { Self::OfThePage }
    }

    /// What may be said on a page: what is published has the digits of the page, be it sample data or not.
    pub fn of_page(heading: &Heading) -> Self {
        Self::of(heading.sample_data && heading.stamp.edition().is_none())
    }

    pub(super) fn share(self, value: f64) -> f64 {
        self.rounded(value, 1e4)
    }

    fn limit(self, value: f64) -> f64 {
        self.rounded(value, 1e3)
    }

    /// Half up, as `components::number` rounds.
    pub(super) fn rounded(self, value: f64, scale: f64) -> f64 {
        let scaled = value * scale;
        match self {
            Self::All => value,
            Self::OfThePage => (scaled + 0.5 + scaled * 4.0 * f64::EPSILON).floor() / scale,
        }
    }
}

/// A number of people, as far as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CountJson {
    /// So many.
    Exactly(i64),
    /// 1 to 4.
    Few {
        /// 5.
        fewer_than: i64,
    },
    /// Kept back.
    Hidden {
        /// Always true.
        hidden: bool,
    },
}

impl From<Count> for CountJson {
    fn from(count: Count) -> Self {
        match count {
            Count::Exactly(n) => Self::Exactly(n),
            Count::Few => Self::Few { fewer_than: LEAST_RESPONDENTS },
            Count::Hidden => Self::Hidden { hidden: true },
        }
    }
}

/// A figure with what may be said of its precision, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FigureJson {
    /// With a 95 % interval.
    Interval {
        /// 0 to 1.
        share: f64,
        /// Lower limit.
        low: f64,
        /// Upper limit.
        high: f64,
    },
    /// Everybody was asked.
    Census {
        /// 0 to 1.
        share: f64,
        /// Always true.
        census: bool,
    },
    /// None can be computed.
    Without {
        /// 0 to 1.
        share: f64,
        /// Why.
        no_interval: &'static str,
    },
    /// A voluntary stream.
    Voluntary {
        /// 0 to 1.
        share: f64,
    },
    /// All gave one answer.
    AtLeast {
        /// 0.95.
        at_least: f64,
    },
    /// All gave the other answer.
    AtMost {
        /// 0.05.
        at_most: f64,
    },
    /// Kept back.
    Hidden {
        /// Always true.
        hidden: bool,
    },
    /// There is none.
    Absent {
        /// Why.
        absent: &'static str,
    },
}

impl FigureJson {
    /// The figure with so many digits.
    pub fn new(shown: &Shown, digits: Digits) -> Self {
        match shown {
            Shown::Known { value, precision } => {
                let share = digits.share(*value);
                match precision {
                    Precision::Interval(low, high) => {
                        Self::Interval { share, low: digits.limit(*low), high: digits.limit(*high) }
                    }
                    Precision::Census => Self::Census { share, census: true },
                    Precision::Without(why) => Self::Without { share, no_interval: no_interval_word(*why) },
                    Precision::Voluntary => Self::Voluntary { share },
                }
            }
            Shown::AtLeast(share) => Self::AtLeast { at_least: *share },
            Shown::AtMost(share) => Self::AtMost { at_most: *share },
            Shown::Hidden => Self::Hidden { hidden: true },
            Shown::Absent(why) => Self::Absent { absent: absence_word(*why) },
        }
    }
}

/// The reason as a word; the counts and keys that the reason holds stay here.
fn no_interval_word(why: NoInterval) -> &'static str {
    match why {
        NoInterval::SingleRespondent { .. } => "single_respondent",
        NoInterval::PopulationMissing { .. } => "population_missing",
        NoInterval::NoSpread => "no_spread",
        NoInterval::UnitWithout { .. } => "unit_without",
    }
}

fn absence_word(why: Absence) -> &'static str {
    match why {
        Absence::NobodyAnswered => "nobody_answered",
        Absence::NoFactorCounts => "no_factor_counts",
        Absence::PopulationMissing { .. } => "population_missing",
        Absence::MoreThanPopulation { .. } => "more_than_population",
    }
}

/// A place in the ranking, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum PlaceJson {
    Ranked { rank: usize, best: usize, worst: usize, of: usize },
    TooFew { not_ranked: &'static str, needed: u32 },
    NotRanked { not_ranked: &'static str },
}

impl From<Place> for PlaceJson {
    fn from(place: Place) -> Self {
        let not_ranked = match place {
            Place::Ranked { rank, best, worst, of } => return Self::Ranked { rank, best, worst, of },
            Place::NotRanked(NotRanked::TooFew { needed, .. }) => {
                return Self::TooFew { not_ranked: "too_few", needed };
            }
            Place::NotRanked(NotRanked::NoIndex) => "no_index",
            Place::NotRanked(NotRanked::NoInterval) => "no_interval",
            Place::NotRanked(NotRanked::TooWide { .. }) => "interval_too_wide",
            Place::NotRanked(NotRanked::FactorMissing { .. }) => "factor_missing",
            Place::Unranked => "not_compared",
        };
        Self::NotRanked { not_ranked }
    }
}
