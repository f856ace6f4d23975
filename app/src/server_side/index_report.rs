//! What `hailong index` prints: the shape of the reference files as JSON with more beside it, or a table for people.

mod table;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{
    self, Absence, Basis, DesignRatios, Figure, Figures, GroupResult, NoInterval, StratumLine, Uncertainty,
};
use crate::domain::method::{CityRule, Method, OverallRule};
use crate::domain::questionnaire::{Factor, Questionnaire};
use crate::domain::tally::Shape;

/// The report on two files.
#[derive(Debug, Serialize)]
pub struct Report {
    questionnaire: Versioned,
    method: MethodLine,
    /// D of the round by figure, where the method pools it.
    #[serde(skip_serializing_if = "Option::is_none")]
    design_ratio: Option<DesignLine>,
    city: CityLine,
    agencies: Vec<AgencyLine>,
}

#[derive(Debug, Serialize)]
struct Versioned {
    key: String,
    version: u16,
}

#[derive(Debug, Serialize)]
struct MethodLine {
    key: String,
    version: u16,
    overall: OverallRule,
    city: CityRule,
    title: String,
}

#[derive(Debug, Serialize)]
struct DesignLine {
    overall: f64,
    factors: BTreeMap<String, f64>,
    criteria: BTreeMap<String, f64>,
}

/// Strata that are computed as one.
#[derive(Debug, Serialize)]
struct MergedLine {
    agency: String,
    strata: Vec<Option<String>>,
    population: Option<i64>,
    n: i64,
}

#[derive(Debug, Serialize)]
struct CityLine {
    /// "direct": the variance of its own answers; "pooled": as an agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(flatten)]
    figures: FiguresLine,
    published: FigureLine,
    mean_of_units: FigureLine,
    /// Share of ΣN that the strata with responses stand for.
    coverage: Option<f64>,
    agencies: usize,
    agencies_measured: usize,
    /// Strata that nobody answered for; they are outside the sums.
    unmeasured: Vec<UnmeasuredLine>,
}

#[derive(Debug, Serialize)]
struct UnmeasuredLine {
    agency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stratum: Option<String>,
    population: Option<i64>,
}

#[derive(Debug, Serialize)]
struct AgencyLine {
    agency: String,
    #[serde(flatten)]
    figures: FiguresLine,
    strata: Vec<StratumOut>,
    /// Strata with too few responses for a weight of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merged: Vec<MergedLine>,
}

#[derive(Debug, Serialize)]
struct StratumOut {
    stratum: Option<String>,
    population: Option<i64>,
    n: i64,
}

#[derive(Debug, Serialize)]
struct FiguresLine {
    population: Option<i64>,
    n: i64,
    n_invalid: i64,
    df: i64,
    overall: OverallLine,
    all_satisfied: FigureLine,
    factors: Vec<FactorLine>,
    /// Factors that too few answered: they have a figure, and no part in the mean.
    factors_not_counted: Vec<FactorLine>,
    criteria: Vec<CriterionLine>,
}

#[derive(Debug, Serialize)]
struct OverallLine {
    mean_of_factors: FigureLine,
    pooled: FigureLine,
    factors_counted: usize,
    factors_of: usize,
}

#[derive(Debug, Serialize)]
struct FactorLine {
    code: String,
    n_respondents: i64,
    n_valid: i64,
    n_satisfied: i64,
    #[serde(flatten)]
    figure: FigureLine,
    mean_score: Option<f64>,
}

#[derive(Debug, Serialize)]
struct CriterionLine {
    code: String,
    n_valid: i64,
    n_satisfied: i64,
    n_not_applicable: i64,
    scores: [i64; 5],
    #[serde(flatten)]
    figure: FigureLine,
    mean_score: Option<f64>,
}

/// A figure as it is printed: nulls with the reason beside them.
#[derive(Debug, Serialize)]
struct FigureLine {
    index: Option<f64>,
    se: Option<f64>,
    ci95: Option<(f64, f64)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n_eff: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    df: Option<f64>,
    /// "logit", "wilson", "census" or "none".
    interval: IntervalWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl FigureLine {
    fn none() -> Self {
        let interval = IntervalWord::None;
        Self { index: None, se: None, ci95: None, n_eff: None, df: None, interval, reason: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IntervalWord {
    Logit,
    Wilson,
    Census,
    None,
}

impl Serialize for IntervalWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Logit => "logit",
            Self::Wilson => "wilson",
            Self::Census => "census",
            Self::None => "none",
        })
    }
}

/// Names for the keys that the computing rooms use.
#[derive(Clone, Copy)]
struct Names<'a> {
    agencies: &'a [&'a str],
    strata: &'a [Option<&'a str>],
}

impl Names<'_> {
    fn agency(&self, id: AgencyId) -> &str {
        usize::try_from(id.0).ok().and_then(|at| self.agencies.get(at)).copied().unwrap_or("?")
    }

    /// Strata are numbered from 1.
    fn stratum(&self, id: StratumId) -> Option<&str> {
        usize::try_from(id.0 - 1).ok().and_then(|at| self.strata.get(at)).copied().flatten()
    }

    fn place(&self, agency: Option<AgencyId>, stratum: StratumId) -> String {
        let agency = agency.map(|a| format!("cơ quan {}", self.agency(a)));
        let stratum = self.stratum(stratum).map(|s| format!("tầng {s}"));
        [agency, stratum].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn absence(&self, absence: Absence) -> String {
        match absence {
            Absence::NobodyAnswered => "không có ai trả lời (nobody answered)".to_owned(),
            Absence::NoFactorCounts => {
                "không yếu tố nào có đủ người trả lời (no factor has enough respondents)".to_owned()
            }
            Absence::PopulationMissing { agency, stratum } => {
                format!("thiếu số hồ sơ của {} (N is missing)", self.place(Some(agency), stratum))
            }
            Absence::MoreThanPopulation { agency, stratum, n, population } => format!(
                "{}: {n} phiếu, nhiều hơn {population} hồ sơ (more responses than dossiers)",
                self.place(Some(agency), stratum)
            ),
        }
    }

    fn no_interval(&self, why: NoInterval) -> String {
        let place = |stratum| {
            let place = self.place(None, stratum);
            if place.is_empty() { place } else { format!(", {place}") }
        };
        match why {
            NoInterval::SingleRespondent { stratum } => {
                format!("chỉ có một phiếu{} (a single respondent)", place(stratum))
            }
            NoInterval::PopulationMissing { stratum } => {
                format!("thiếu số hồ sơ{} (N is missing)", place(stratum))
            }
            NoInterval::NoSpread => "mọi phiếu như nhau, sai số chuẩn bằng 0 (no spread)".to_owned(),
            NoInterval::UnitWithout { agency } => {
                format!("cơ quan {} không có khoảng tin cậy (a unit has no interval)", self.agency(agency))
            }
        }
    }

    fn figure(&self, figure: &Figure) -> FigureLine {
        let estimate = match figure {
            Ok(estimate) => estimate,
            Err(absence) => {
                let reason = Some(self.absence(*absence));
                return FigureLine { reason, ..FigureLine::none() };
            }
        };
        let (n_eff, df) = match estimate.interval().map(|i| i.basis) {
            Some(Basis::Pooled { n_effective, df, .. }) => (Some(n_effective), Some(df)),
            Some(Basis::Direct { df, .. }) => (None, Some(df)),
            _ => (None, None),
        };
        let (interval, reason) = match estimate.uncertainty() {
            Uncertainty::Interval(i) if matches!(i.basis, Basis::Wilson { .. } | Basis::Pooled { .. }) => {
                (IntervalWord::Wilson, None)
            }
            Uncertainty::Interval(_) => (IntervalWord::Logit, None),
            Uncertainty::Census => {
                (IntervalWord::Census, Some("điều tra toàn bộ, không có sai số chọn mẫu (census)".to_owned()))
            }
            Uncertainty::None { why } => (IntervalWord::None, Some(self.no_interval(why))),
        };
        FigureLine {
            index: Some(estimate.value()),
            se: estimate.se(),
            ci95: estimate.interval().map(|i| (i.low, i.high)),
            n_eff,
            df,
            interval,
            reason,
        }
    }
}

impl Report {
    /// The report on agencies that are keyed by their position, with strata keyed by theirs plus 1.
    pub(super) fn new(
        questionnaire: &Questionnaire,
        method: &Method,
        shape: &Shape,
        agencies: &[index::Agency<'_>],
        names: &[&str],
        strata: &[Option<&str>],
    ) -> Self {
        let names = Names { agencies: names, strata };
        let results = index::agencies(shape, method, agencies);
        let members: Vec<_> = agencies.iter().zip(&results).collect();
        let city = index::group(shape, method, &members);
        Self {
            questionnaire: Versioned { key: questionnaire.key.clone(), version: questionnaire.version },
            method: MethodLine {
                key: method.key.clone(),
                version: method.version,
                overall: method.overall,
                city: method.city,
                title: method.title.vi.clone(),
            },
            design_ratio: city.design.as_deref().map(|design| design_line(questionnaire, method, design)),
            city: city_line(questionnaire, names, &city),
            agencies: results
                .iter()
                .map(|result| AgencyLine {
                    agency: names.agency(result.agency).to_owned(),
                    figures: figures_line(questionnaire, names, &result.figures),
                    strata: result.figures.strata.iter().map(|s| stratum_line(names, s)).collect(),
                    merged: result
                        .figures
                        .merged
                        .iter()
                        .map(|group| MergedLine {
                            agency: names.agency(group.agency).to_owned(),
                            strata: group.strata.iter().map(|s| names.stratum(*s).map(str::to_owned)).collect(),
                            population: group.population,
                            n: group.n,
                        })
                        .collect(),
                })
                .collect(),
        }
    }

    /// The report as JSON, with a line break at the end.
    ///
    /// # Errors
    /// None that occurs: the report holds only text and finite numbers.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self).map(|text| text + "\n")
    }
}

fn design_line(questionnaire: &Questionnaire, method: &Method, design: &DesignRatios) -> DesignLine {
    let factors = questionnaire.factors.iter().map(|factor| factor.code.clone());
    let criteria = questionnaire.criteria().map(|(_, criterion)| criterion.code.clone());
    DesignLine {
        overall: match method.overall {
            OverallRule::MeanOfFactors => design.mean_of_factors,
            OverallRule::Pooled => design.pooled,
        },
        factors: factors.zip(design.factors.iter().copied()).collect(),
        criteria: criteria.zip(design.criteria.iter().copied()).collect(),
    }
}

fn city_line(questionnaire: &Questionnaire, names: Names<'_>, city: &GroupResult) -> CityLine {
    CityLine {
        rule: city.design.as_ref().map(|_| if city.own_variance { "direct" } else { "pooled" }),
        figures: figures_line(questionnaire, names, &city.pooled_by_n),
        published: names.figure(city.published()),
        mean_of_units: names.figure(&city.mean_of_units),
        coverage: city.pooled_by_n.coverage(),
        agencies: city.agencies,
        agencies_measured: city.measured,
        unmeasured: city
            .pooled_by_n
            .unmeasured()
            .map(|s| UnmeasuredLine {
                agency: names.agency(s.agency).to_owned(),
                stratum: names.stratum(s.stratum).map(str::to_owned),
                population: s.population,
            })
            .collect(),
    }
}

fn stratum_line(names: Names<'_>, s: &StratumLine) -> StratumOut {
    StratumOut { stratum: names.stratum(s.stratum).map(str::to_owned), population: s.population, n: s.n }
}

fn figures_line(questionnaire: &Questionnaire, names: Names<'_>, figures: &Figures) -> FiguresLine {
    let factor = |(factor, result): (&Factor, &index::FactorResult)| FactorLine {
        code: factor.code.clone(),
        n_respondents: result.respondents,
        n_valid: result.n_answered,
        n_satisfied: result.n_satisfied,
        figure: names.figure(&result.figure),
        mean_score: result.mean_score,
    };
    let factors = || questionnaire.factors.iter().zip(&figures.factors);
    FiguresLine {
        population: figures.population,
        n: figures.n,
        n_invalid: figures.left_out.total(),
        df: figures.df,
        overall: OverallLine {
            mean_of_factors: names.figure(&figures.overall.mean_of_factors),
            pooled: names.figure(&figures.overall.pooled),
            factors_counted: figures.overall.factors_counted,
            factors_of: figures.overall.n_factors,
        },
        all_satisfied: names.figure(&figures.all_satisfied),
        factors: factors().filter(|(_, r)| r.counts).map(factor).collect(),
        factors_not_counted: factors().filter(|(_, r)| !r.counts).map(factor).collect(),
        criteria: questionnaire
            .criteria()
            .zip(&figures.criteria)
            .map(|((_, criterion), result)| CriterionLine {
                code: criterion.code.clone(),
                n_valid: result.n_answered,
                n_satisfied: result.n_satisfied,
                n_not_applicable: result.not_applicable,
                scores: result.scores,
                figure: names.figure(&result.figure),
                mean_score: result.mean_score,
            })
            .collect(),
    }
}
