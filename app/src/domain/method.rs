//! A method: how answers become an index, and what may be said about it. Versioned data with its legal basis
//! (`app/questionnaires/methods/*.toml`).

use serde::{Deserialize, Serialize};

use super::questionnaire::{LegalBasis, Source};
use super::text::Text;

/// How the factors of an agency become its overall index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverallRule {
    /// The plain mean of the factors that at least `min_factor_respondents` answered.
    MeanOfFactors,
    /// Satisfied over answered, over all criteria.
    Pooled,
}

/// How agencies become a level or the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CityRule {
    /// The same sums over all strata, each weighted by its N.
    PooledByN,
    /// The plain mean of the agencies' overall indices.
    MeanOfUnits,
}

/// How the interval of an agency is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalRule {
    /// Version 1: the variance of the agency's own answers, on the logit scale.
    #[default]
    Own,
    /// Version 2: Wilson's interval with the design ratio of the round; strata below 10 responses are merged.
    Pooled,
}

impl IntervalRule {
    fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

/// A band of the index, from `from` (inclusive, a share) upwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Lower limit as a share of 1, inclusive (or exclusive where `exclusive`).
    pub from: f64,
    /// "Rất Tốt > 90": the limit itself belongs to the band below.
    #[serde(default)]
    pub exclusive: bool,
    /// Name.
    pub name: Text,
    /// Tint: high, mid or low.
    pub tone: Tone,
}

/// The three tints of bands in look.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Rất tốt, Tốt.
    High,
    /// Khá.
    Mid,
    /// Trung bình, Yếu.
    Low,
}

impl Band {
    /// The band of an unrounded share among bands that stand from the highest down.
    pub fn of(bands: &[Self], share: f64) -> Option<&Self> {
        bands.iter().find(|b| if b.exclusive { share > b.from } else { share >= b.from })
    }
}

/// What the index is worth in the index of administrative reform (PAR-INDEX). Its bands grade reform, not satisfaction:
/// points and bands are for Sở Nội vụ only, as "ước tính nội bộ".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Par {
    /// Points of an index of 100 %.
    pub maximum_points: f64,
    /// The document that sets them.
    pub basis: String,
    /// Bands, from the highest down; only those that a document gives.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// The document that gives the bands.
    #[serde(default)]
    pub bands_basis: Option<String>,
}

/// A target line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// As a share of 1.
    pub at: f64,
    /// "Mục tiêu 80".
    pub label: Text,
    /// The document that sets it.
    pub basis: String,
}

/// A figure that a method gives beside its index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Beside {
    /// The share of those who were satisfied with all that they answered ("toàn diện").
    AllSatisfied {
        /// Its name.
        label: Text,
    },
    /// The mean of a question that is answered with a number.
    Mean {
        /// Its name.
        label: Text,
        /// Code of the question.
        question: String,
    },
    /// The share of those who chose one of some options.
    Chosen {
        /// Its name.
        label: Text,
        /// Code of the question, of one choice.
        question: String,
        /// Codes of the options.
        options: Vec<String>,
    },
}

/// One version of one method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Key, for instance `tham-khao-2640`.
    pub key: String,
    /// Version, from 1.
    pub version: u16,
    /// Title shown beside every figure.
    pub title: Text,
    /// Whether its text was read or reconstructed.
    pub source: Source,
    /// What it rests on.
    pub legal_basis: Vec<LegalBasis>,
    /// Rule of the overall index.
    pub overall: OverallRule,
    /// Rule of level and city.
    pub city: CityRule,
    /// Rule of the interval. Left out of what is kept where it is the first one, so that versions kept before there was
    /// another stay the same to the byte.
    #[serde(default, skip_serializing_if = "IntervalRule::is_own")]
    pub interval: IntervalRule,
    /// An answer from this score upwards is "satisfied".
    pub satisfied_from: u8,
    /// A factor counts in the overall index from this number of respondents who answered it.
    pub min_factor_respondents: u32,
    /// Option codes of the visit question that lie outside the population (no result received yet).
    #[serde(default)]
    pub outside_visits: Vec<String>,
    /// Fewest valid responses for a rank.
    pub rank_min_n: u32,
    /// Widest half-width of the interval for a rank, as a share.
    pub rank_max_half_width: f64,
    /// Bands, from the highest down; empty where no document gives them.
    #[serde(default)]
    pub bands: Vec<Band>,
    /// The document that gives the bands; bands are shown only with it.
    #[serde(default)]
    pub bands_basis: Option<String>,
    /// Target lines.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// e of the sample size n = N/(1 + N·e²), in parts of a thousand.
    #[serde(default = "margin")]
    pub margin_permille: u16,
    /// Points in the PAR-INDEX; none where no document counts this survey.
    #[serde(default)]
    pub par: Option<Par>,
    /// Figures beside the index. Left out of what is kept where there are none, so that versions kept before there were
    /// such figures stay the same to the byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Beside>,
}

fn margin() -> u16 {
    super::sample::MARGIN_PERMILLE
}

impl Method {
    /// The band of an unrounded index, none where the method cites no basis.
    pub fn band(&self, index: f64) -> Option<&Band> {
        self.bands_basis.as_ref()?;
        Band::of(&self.bands, index)
    }
}
