//! The parts of an agency as data: factors, criteria, questions, and the counts behind the index.

use serde::Serialize;

use super::figure::{CountJson, Digits, FigureJson};
use crate::pages::results::model::{CriterionLine, Explanation, FactorLine, QuestionBlock};

#[derive(Clone, Debug, Serialize)]
pub(super) struct FactorJson<'a> {
    code: &'a str,
    name: &'a str,
    figure: FigureJson,
    n: CountJson,
    counts: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct CriterionJson<'a> {
    code: &'a str,
    text: &'a str,
    figure: FigureJson,
    n: CountJson,
    clearly_lower: bool,
    scores: Vec<ScoresJson>,
    not_applicable: CountJson,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct ScoresJson {
    from: u8,
    to: u8,
    n: CountJson,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct QuestionJson<'a> {
    text: &'a str,
    n: CountJson,
    several: bool,
    options: Vec<OptionJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<MeanJson<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct OptionJson<'a> {
    text: &'a str,
    n: CountJson,
    figure: FigureJson,
}

#[derive(Clone, Debug, Serialize)]
struct MeanJson<'a> {
    value: f64,
    unit: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ExplanationJson<'a> {
    pooled: bool,
    factors: Vec<ExplainedFactorJson<'a>>,
    strata: Vec<ExplainedStratumJson<'a>>,
    index: f64,
    standard_error: Option<f64>,
    degrees_of_freedom: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    design: Option<DesignJson>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    merged: &'a [Vec<String>],
}

/// What the interval rests on under method version 2.
#[derive(Clone, Copy, Debug, Serialize)]
struct DesignJson {
    n: i64,
    population: Option<i64>,
    a: f64,
    ratio: f64,
    n_eff: f64,
    df: f64,
}

#[derive(Clone, Debug, Serialize)]
struct ExplainedFactorJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    satisfied: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<i64>,
    share: f64,
    counts: bool,
}

#[derive(Clone, Debug, Serialize)]
struct ExplainedStratumJson<'a> {
    name: &'a str,
    population: i64,
    n: i64,
}

impl<'a> FactorJson<'a> {
    pub(super) fn new(line: &'a FactorLine, digits: Digits) -> Self {
        Self {
            code: &line.code,
            name: &line.name,
            figure: FigureJson::new(&line.figure, digits),
            n: line.n.into(),
            counts: line.counts,
        }
    }
}

impl<'a> CriterionJson<'a> {
    pub(super) fn new(line: &'a CriterionLine, digits: Digits) -> Self {
        Self {
            code: &line.code,
            text: &line.text,
            figure: FigureJson::new(&line.figure, digits),
            n: line.n.into(),
            clearly_lower: line.clearly_lower,
            scores: line
                .scores
                .iter()
                .map(|group| ScoresJson { from: group.from, to: group.to, n: group.count.into() })
                .collect(),
            not_applicable: line.not_applicable.into(),
        }
    }
}

impl<'a> QuestionJson<'a> {
    pub(super) fn new(block: &'a QuestionBlock, digits: Digits) -> Self {
        Self {
            text: &block.text,
            n: block.n.into(),
            several: block.several,
            options: block
                .options
                .iter()
                .map(|option| OptionJson {
                    text: &option.text,
                    n: option.n.into(),
                    figure: FigureJson::new(&option.share, digits),
                })
                .collect(),
            mean: block
                .mean
                .as_ref()
                .map(|mean| MeanJson { value: digits.rounded(mean.value, 10.0), unit: mean.unit.as_deref() }),
        }
    }
}

impl<'a> ExplanationJson<'a> {
    pub(super) fn new(explanation: &'a Explanation, digits: Digits) -> Self {
        Self {
            pooled: explanation.pooled,
            factors: explanation
                .factors
                .iter()
                .map(|factor| ExplainedFactorJson {
                    name: &factor.name,
                    satisfied: factor.counted.map(|(satisfied, _)| satisfied),
                    answered: factor.counted.map(|(_, answered)| answered),
                    share: digits.share(factor.share),
                    counts: factor.counts,
                })
                .collect(),
            strata: explanation
                .strata
                .iter()
                .map(|stratum| ExplainedStratumJson {
                    name: &stratum.name,
                    population: stratum.population,
                    n: stratum.n,
                })
                .collect(),
            index: digits.share(explanation.index),
            standard_error: explanation.logit.map(|(se, _)| digits.share(se)),
            degrees_of_freedom: explanation.logit.map(|(_, df)| df),
            design: explanation.design.map(|d| DesignJson {
                n: d.n,
                population: d.population,
                a: digits.rounded(d.a, 1e8),
                ratio: digits.rounded(d.ratio, 1e4),
                n_eff: digits.rounded(d.n_effective, 10.0),
                df: digits.rounded(d.df, 10.0),
            }),
            merged: &explanation.merged,
        }
    }
}
