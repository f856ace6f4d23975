//! What the index says of an agency, of a group of agencies, and of a voluntary stream.

use std::sync::Arc;

use serde::Serialize;

use super::super::ids::{AgencyId, StratumId};
use super::super::method::{CityRule, OverallRule};
use super::design::DesignRatios;
use super::estimate::{Absence, Estimate, Figure};

/// Responses that are in no figure. They are always shown beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Too little answered.
    pub incomplete: i64,
    /// Marked by a rule, not yet decided.
    pub suspect: i64,
    /// Left out by a named rule or two persons.
    pub excluded: i64,
    /// Taken back by the respondent.
    pub withdrawn: i64,
    /// Not in the population of the index: no result received yet.
    pub outside: i64,
    /// The agency has several strata and the response does not say which.
    pub unknown_stratum: i64,
}

impl LeftOut {
    /// All of them.
    pub fn total(&self) -> i64 {
        self.incomplete + self.suspect + self.excluded + self.withdrawn + self.outside + self.unknown_stratum
    }

    /// Each brought down to whole steps.
    #[must_use]
    pub fn in_steps(&self, step: u32) -> Self {
        let step = i64::from(step.max(1));
        let whole = |n: i64| n - n.rem_euclid(step);
        Self {
            incomplete: whole(self.incomplete),
            suspect: whole(self.suspect),
            excluded: whole(self.excluded),
            withdrawn: whole(self.withdrawn),
            outside: whole(self.outside),
            unknown_stratum: whole(self.unknown_stratum),
        }
    }

    /// Adds another count.
    pub fn add(&mut self, other: &Self) {
        self.incomplete += other.incomplete;
        self.suspect += other.suspect;
        self.excluded += other.excluded;
        self.withdrawn += other.withdrawn;
        self.outside += other.outside;
        self.unknown_stratum += other.unknown_stratum;
    }
}

/// One stratum as it went in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StratumLine {
    /// Its agency.
    pub agency: AgencyId,
    /// The stratum.
    pub stratum: StratumId,
    /// N, dossiers in the frame.
    pub population: Option<i64>,
    /// Valid responses; at 0 the stratum is outside all sums.
    pub n: i64,
}

/// Strata of an agency that are computed as one, because one of them had too few valid responses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MergedStrata {
    /// The agency.
    pub agency: AgencyId,
    /// The strata; the first one gives its key to all of them.
    pub strata: Vec<StratumId>,
    /// N over them.
    pub population: Option<i64>,
    /// Valid responses in them.
    pub n: i64,
}

/// One criterion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CriterionResult {
    /// Unweighted counts of the answers 1 to 5.
    pub scores: [i64; 5],
    /// Unweighted count of 0, "không áp dụng".
    pub not_applicable: i64,
    /// How many answered 1 to 5.
    pub n_answered: i64,
    /// How many are satisfied.
    pub n_satisfied: i64,
    /// Weighted share of the satisfied.
    pub figure: Figure,
    /// Weighted mean of the scores, 1 to 5.
    pub mean_score: Option<f64>,
}

/// One factor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactorResult {
    /// Respondents who answered at least one criterion of it.
    pub respondents: i64,
    /// Answers 1 to 5 to its criteria.
    pub n_answered: i64,
    /// Satisfied ones among them.
    pub n_satisfied: i64,
    /// Satisfied over answered, weighted (pooled over its criteria). Known even when the factor does not count.
    pub figure: Figure,
    /// At least `min_factor_respondents` answered it, so that it counts in the mean of factors.
    pub counts: bool,
    /// Weighted mean of the scores, 1 to 5.
    pub mean_score: Option<f64>,
}

/// The overall index under both rules; the method says which one is published.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overall {
    /// The rule of the method.
    pub rule: OverallRule,
    /// Plain mean of the factors that count.
    pub mean_of_factors: Figure,
    /// Satisfied over answered, over all criteria.
    pub pooled: Figure,
    /// How many factors count.
    pub factors_counted: usize,
    /// How many factors the questionnaire has.
    pub n_factors: usize,
}

impl Overall {
    /// The index that the method publishes.
    pub fn published(&self) -> &Figure {
        match self.rule {
            OverallRule::MeanOfFactors => &self.mean_of_factors,
            OverallRule::Pooled => &self.pooled,
        }
    }

    /// All factors count. Otherwise the page says "trên 4/5 yếu tố" and there is no rank.
    pub fn is_complete(&self) -> bool {
        self.factors_counted == self.n_factors
    }
}

/// The figures of a set of strata: one agency, or several together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Valid responses.
    pub n: i64,
    /// N over all strata of the set, measured or not; none when one is missing.
    pub population: Option<i64>,
    /// N over the strata with responses; none when one is missing.
    pub population_measured: Option<i64>,
    /// The strata with their N and n, those without responses too; those that were merged are one.
    pub strata: Vec<StratumLine>,
    /// Which strata were merged.
    pub merged: Vec<MergedStrata>,
    /// Degrees of freedom: respondents less strata with responses.
    pub df: i64,
    /// What is in no figure.
    pub left_out: LeftOut,
    /// One a criterion, in the order of the questionnaire.
    pub criteria: Vec<CriterionResult>,
    /// One a factor, in the order of the questionnaire.
    pub factors: Vec<FactorResult>,
    /// The overall index.
    pub overall: Overall,
    /// "Hài lòng toàn diện": satisfied with all that they answered, among those who answered anything.
    pub all_satisfied: Figure,
}

impl Figures {
    /// The published index.
    pub fn index(&self) -> &Figure {
        self.overall.published()
    }

    /// The published index where there is one.
    pub fn estimate(&self) -> Option<&Estimate> {
        self.index().as_ref().ok()
    }

    /// The share of the population that the strata with responses stand for; none when an N is missing or all are 0.
    pub fn coverage(&self) -> Option<f64> {
        let (measured, all) = (self.population_measured?, self.population?);
        (all > 0).then(|| measured as f64 / all as f64)
    }

    /// Responses have different weights: several strata have responses. Counts without weights are not shown beside
    /// weighted shares then, because together with N they can be solved for the answers of a small stratum.
    pub fn is_weighted(&self) -> bool {
        self.strata.iter().filter(|s| s.n > 0).count() > 1
    }

    /// The strata that nobody answered for.
    pub fn unmeasured(&self) -> impl Iterator<Item = &StratumLine> {
        self.strata.iter().filter(|s| s.n == 0)
    }
}

/// One agency in a probability stream (sample, intercept, code).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgencyResult {
    /// The agency.
    pub agency: AgencyId,
    /// Its figures.
    pub figures: Figures,
    /// The design ratios that its intervals rest on; none where they rest on its own variance.
    #[serde(skip)]
    pub design: Option<Arc<DesignRatios>>,
}

/// A level, or the city, in a probability stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupResult {
    /// How many agencies are in the group.
    pub agencies: usize,
    /// How many of them have responses.
    pub measured: usize,
    /// How many have an index, which the mean of units is taken over.
    pub units: usize,
    /// The same sums over all strata. Criteria and factors of a group are always these.
    pub pooled_by_n: Figures,
    /// The plain mean of the agencies' published indices.
    pub mean_of_units: Figure,
    /// Which of the two is published.
    pub rule: CityRule,
    /// The group has a variance of its own: always under version 1, under version 2 where it is large enough.
    pub own_variance: bool,
    /// The design ratios of the round, where its method pools them and they are known.
    #[serde(skip)]
    pub design: Option<Arc<DesignRatios>>,
}

impl GroupResult {
    /// The index that the method publishes for the group.
    pub fn published(&self) -> &Figure {
        match self.rule {
            CityRule::PooledByN => self.pooled_by_n.index(),
            CityRule::MeanOfUnits => &self.mean_of_units,
        }
    }
}

/// A question beside the criteria (nhận định, mong đợi), weighted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuestionResult {
    /// How many answered it.
    pub n_answered: i64,
    /// One an option, in order; empty for a number.
    pub options: Vec<OptionResult>,
    /// For a number: the weighted mean of the answers.
    pub mean: Option<f64>,
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OptionResult {
    /// How many chose it, unweighted.
    pub n_chosen: i64,
    /// The weighted share of those who answered the question.
    pub figure: Figure,
}

/// A share of a voluntary stream. It has no interval, no rank and no band: there is nowhere to put one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct OpenShare(f64);

impl OpenShare {
    /// A share; none outside 0 to 1.
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }

    /// The share, 0 to 1.
    pub fn value(self) -> f64 {
        self.0
    }

    /// The share as a percentage, unrounded.
    pub fn percent(self) -> f64 {
        100.0 * self.0
    }
}

/// One criterion of a voluntary stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenCriterion {
    /// Counts of the answers 1 to 5.
    pub scores: [i64; 5],
    /// Count of 0.
    pub not_applicable: i64,
    /// How many answered 1 to 5.
    pub n_answered: i64,
    /// How many are satisfied.
    pub n_satisfied: i64,
    /// Satisfied over answered.
    pub share: Option<OpenShare>,
}

/// One factor of a voluntary stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenFactor {
    /// Respondents who answered at least one criterion of it.
    pub respondents: i64,
    /// Answers 1 to 5 to its criteria.
    pub n_answered: i64,
    /// Satisfied ones among them.
    pub n_satisfied: i64,
    /// Satisfied over answered.
    pub share: Option<OpenShare>,
    /// Enough respondents to count in the mean of factors.
    pub counts: bool,
}

/// One agency in the voluntary stream: "phản hồi tự nguyện, không suy rộng cho mọi người làm thủ tục".
/// Unweighted, and never summed over agencies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenResult {
    /// The agency.
    pub agency: AgencyId,
    /// Valid responses.
    pub n: i64,
    /// N of the agency, where known for all its strata.
    pub population: Option<i64>,
    /// What is in no figure.
    pub left_out: LeftOut,
    /// One a criterion.
    pub criteria: Vec<OpenCriterion>,
    /// One a factor.
    pub factors: Vec<OpenFactor>,
    /// The index by the rule of the method, unweighted.
    pub index: Option<OpenShare>,
    /// How many factors count.
    pub factors_counted: usize,
}

impl OpenResult {
    /// n over N; none when N is not known or 0. May pass 1: volunteers may answer more than once a dossier.
    pub fn share_of_population(&self) -> Option<f64> {
        self.population.filter(|p| *p > 0).map(|p| self.n as f64 / p as f64)
    }
}

impl std::fmt::Display for Absence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NobodyAnswered => write!(f, "nobody answered"),
            Self::NoFactorCounts => write!(f, "no factor was answered by enough respondents"),
            Self::PopulationMissing { agency, stratum } => {
                write!(f, "agency {}, stratum {}: N is missing", agency.0, stratum.0)
            }
            Self::MoreThanPopulation { agency, stratum, n, population } => {
                write!(f, "agency {}, stratum {}: {n} valid responses, but N is {population}", agency.0, stratum.0)
            }
        }
    }
}
