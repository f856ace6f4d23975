//! The results as data: the very models that the pages print, as JSON for the API and for files. Nothing is computed
//! here and no tally is seen, so that no figure can differ from the page and nothing that is hidden there can come out.
//!
//! Names are those of `server/src/routes/api/openapi.json`. Figures of sample data are unrounded. Those of a real round
//! have the digits of the page and no more: with more, the answers of a small stratum could be solved for (design 9).

use serde::Serialize;

use super::collect::RoundData;
use super::model::{
    AgencyPage, CityPage, CriterionLine, Explanation, FactorLine, Heading, Headline, Place, QuestionBlock, RankLine,
};
use super::shown::{Precision, Shown};
use crate::components::number::{iso_day, iso_instant};
use crate::components::page::Stamp;
use crate::domain::agency::Level;
use crate::domain::disclosure::{Count, LEAST_RESPONDENTS};
use crate::domain::index::{Absence, LeftOut, NoInterval};
use crate::domain::questionnaire::Scale;
use crate::domain::ranks::NotRanked;
use crate::domain::response::Stream;
use crate::domain::text::Lang;

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
        Self::of(heading.sample_data && heading.stamp.edition.is_none())
    }

    fn share(self, value: f64) -> f64 {
        self.rounded(value, 1e4)
    }

    fn limit(self, value: f64) -> f64 {
        self.rounded(value, 1e3)
    }

    /// Half up, as `components::number` rounds.
    fn rounded(self, value: f64, scale: f64) -> f64 {
        let scaled = value * scale;
        match self {
            Self::All => value,
            Self::OfThePage => (scaled + 0.5 + scaled * 4.0 * f64::EPSILON).floor() / scale,
        }
    }
}

/// The answer for the city.
#[derive(Clone, Debug, Serialize)]
pub struct CityJson<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    city: Option<HeadlineJson>,
    levels: Vec<LevelJson>,
    agencies: Vec<RankJson<'a>>,
}

/// The answer for one agency.
#[derive(Clone, Debug, Serialize)]
pub struct AgencyJson<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    agency: Subject<'a>,
    #[serde(flatten)]
    headline: HeadlineJson,
    place: PlaceJson,
    band: Option<&'a str>,
    by_stream: Vec<StreamJson>,
    factors: Vec<FactorJson<'a>>,
    criteria: Vec<CriterionJson<'a>>,
    scale: Vec<&'a str>,
    taps: Option<QuestionJson<'a>>,
    facts: Vec<QuestionJson<'a>>,
    expectations: Vec<QuestionJson<'a>>,
    explanation: Option<ExplanationJson<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct Head<'a> {
    round: RoundJson<'a>,
    questionnaire: Versioned<'a>,
    method: Versioned<'a>,
    sample_data: bool,
    stream: Stream,
    streams: Vec<StreamCount>,
    stamp: StampJson,
    target: Option<TargetJson<'a>>,
    hides_something: bool,
}

#[derive(Clone, Debug, Serialize)]
struct RoundJson<'a> {
    code: &'a str,
    name: &'a str,
    from: String,
    to: String,
}

#[derive(Clone, Debug, Serialize)]
struct Versioned<'a> {
    key: &'a str,
    version: u16,
    title: &'a str,
    /// "Mẫu tham khảo": reconstructed, not read in the legal text.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<bool>,
}

#[derive(Clone, Debug, Serialize)]
struct StampJson {
    data_until: Option<String>,
    closed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<EditionJson>,
}

#[derive(Clone, Debug, Serialize)]
struct EditionJson {
    number: i32,
    code: String,
}

impl From<Stamp> for StampJson {
    fn from(stamp: Stamp) -> Self {
        Self {
            data_until: stamp.data_until.map(iso_instant),
            // As the pages have it: nothing is closed before its publication.
            closed: stamp.edition.is_some(),
            publication: stamp.edition.map(|e| EditionJson { number: e.number, code: e.code.to_string() }),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct TargetJson<'a> {
    share: f64,
    label: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct StreamCount {
    stream: Stream,
    n: CountJson,
}

#[derive(Clone, Debug, Serialize)]
struct StreamJson {
    stream: Stream,
    figure: FigureJson,
    n: CountJson,
}

#[derive(Clone, Debug, Serialize)]
struct Subject<'a> {
    code: &'a str,
    name: &'a str,
    parent: Option<&'a str>,
    level: Level,
}

#[derive(Clone, Debug, Serialize)]
struct HeadlineJson {
    figure: FigureJson,
    n: CountJson,
    population: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<f64>,
    factors_missing: Option<FactorsJson>,
    left_out: LeftOut,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct FactorsJson {
    counted: usize,
    of: usize,
}

#[derive(Clone, Debug, Serialize)]
struct LevelJson {
    level: Level,
    agencies: usize,
    measured: usize,
    figure: FigureJson,
    n: CountJson,
    population: Option<i64>,
}

#[derive(Clone, Debug, Serialize)]
struct RankJson<'a> {
    code: &'a str,
    name: &'a str,
    level: Level,
    place: PlaceJson,
    figure: FigureJson,
    n: CountJson,
    population: Option<i64>,
    band: Option<&'a str>,
    factors_missing: Option<FactorsJson>,
    page: String,
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
enum PlaceJson {
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

#[derive(Clone, Debug, Serialize)]
struct FactorJson<'a> {
    code: &'a str,
    name: &'a str,
    figure: FigureJson,
    n: CountJson,
    counts: bool,
}

#[derive(Clone, Debug, Serialize)]
struct CriterionJson<'a> {
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
struct QuestionJson<'a> {
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
struct ExplanationJson<'a> {
    pooled: bool,
    factors: Vec<ExplainedFactorJson<'a>>,
    strata: Vec<ExplainedStratumJson<'a>>,
    index: f64,
    standard_error: Option<f64>,
    degrees_of_freedom: Option<i64>,
}

#[derive(Clone, Debug, Serialize)]
struct ExplainedFactorJson<'a> {
    name: &'a str,
    satisfied: i64,
    answered: i64,
    share: f64,
    counts: bool,
}

#[derive(Clone, Debug, Serialize)]
struct ExplainedStratumJson<'a> {
    name: &'a str,
    population: i64,
    n: i64,
}

impl<'a> CityJson<'a> {
    /// `/ket-qua` as data.
    pub fn new(data: &RoundData<'a>, page: &'a CityPage) -> Self {
        let digits = Digits::of_page(&page.heading);
        let level = |line: &super::model::LevelLine| LevelJson {
            level: line.level,
            agencies: line.agencies,
            measured: line.measured,
            figure: FigureJson::new(&line.figure, digits),
            n: line.n.into(),
            population: line.population,
        };
        let lines = page.groups.iter().flat_map(|group| group.lines.iter().map(|line| (group.level, line)));
        Self {
            head: Head::new(data, &page.heading, page.hides_something),
            city: page.headline.as_ref().map(|headline| HeadlineJson::new(headline, digits)),
            levels: page.levels.iter().map(level).collect(),
            agencies: lines.map(|(level, line)| RankJson::new(level, line, digits)).collect(),
        }
    }
}

impl<'a> AgencyJson<'a> {
    /// `/ket-qua/{agency}` as data.
    pub fn new(data: &RoundData<'a>, page: &'a AgencyPage) -> Self {
        let digits = Digits::of_page(&page.heading);
        let lang = page.heading.query.lang;
        let questions = |blocks: &'a [QuestionBlock]| blocks.iter().map(|b| QuestionJson::new(b, digits)).collect();
        Self {
            head: Head::new(data, &page.heading, page.hides_something),
            agency: Subject { code: &page.code, name: &page.name, parent: page.parent.as_deref(), level: page.level },
            headline: HeadlineJson::new(&page.headline, digits),
            place: page.place.into(),
            band: page.band.as_ref().map(|band| band.words.as_str()),
            by_stream: page
                .streams
                .iter()
                .map(|line| StreamJson {
                    stream: line.stream,
                    figure: FigureJson::new(&line.figure, digits),
                    n: line.n.into(),
                })
                .collect(),
            factors: page.factors.iter().map(|line| FactorJson::new(line, digits)).collect(),
            criteria: page.criteria.iter().map(|line| CriterionJson::new(line, digits)).collect(),
            scale: scale_words(&page.scale, lang),
            taps: page.taps.as_ref().map(|block| QuestionJson::new(block, digits)),
            facts: questions(&page.facts),
            expectations: questions(&page.expectations),
            explanation: page.explanation.as_ref().map(|explanation| ExplanationJson::new(explanation, digits)),
        }
    }
}

fn scale_words(scale: &Scale, lang: Lang) -> Vec<&str> {
    scale.labels.iter().map(|label| label.get(lang)).collect()
}

impl<'a> Head<'a> {
    fn new(data: &RoundData<'a>, heading: &'a Heading, hides_something: bool) -> Self {
        let lang = heading.query.lang;
        Self {
            round: RoundJson {
                code: &data.round.code,
                name: &heading.round,
                from: iso_day(data.round.period.0),
                to: iso_day(data.round.period.1),
            },
            questionnaire: Versioned {
                key: &data.questionnaire.key,
                version: data.questionnaire.version,
                title: &heading.questionnaire,
                reference: Some(heading.reference_form),
            },
            method: Versioned {
                key: &data.method.key,
                version: data.method.version,
                title: data.method.title.get(lang),
                reference: None,
            },
            sample_data: heading.sample_data,
            stream: heading.stream,
            streams: heading
                .streams
                .iter()
                .map(|(stream, n)| StreamCount { stream: *stream, n: (*n).into() })
                .collect(),
            stamp: heading.stamp.into(),
            target: heading.target.as_ref().map(|(share, label)| TargetJson { share: *share, label }),
            hides_something,
        }
    }
}

impl HeadlineJson {
    fn new(headline: &Headline, digits: Digits) -> Self {
        Self {
            figure: FigureJson::new(&headline.figure, digits),
            n: headline.n.into(),
            population: headline.population,
            coverage: headline.coverage.map(|share| digits.share(share)),
            factors_missing: headline.factors.map(FactorsJson::from),
            left_out: headline.left_out,
        }
    }
}

impl From<(usize, usize)> for FactorsJson {
    fn from((counted, of): (usize, usize)) -> Self {
        Self { counted, of }
    }
}

impl<'a> RankJson<'a> {
    fn new(level: Level, line: &'a RankLine, digits: Digits) -> Self {
        Self {
            code: &line.code,
            name: &line.name,
            level,
            place: line.place.into(),
            figure: FigureJson::new(&line.figure, digits),
            n: line.n.into(),
            population: line.population,
            band: line.band.as_ref().map(|band| band.words.as_str()),
            factors_missing: line.factors.map(FactorsJson::from),
            page: format!("/ket-qua/{}", line.code),
        }
    }
}

impl<'a> FactorJson<'a> {
    fn new(line: &'a FactorLine, digits: Digits) -> Self {
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
    fn new(line: &'a CriterionLine, digits: Digits) -> Self {
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
    fn new(block: &'a QuestionBlock, digits: Digits) -> Self {
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
    fn new(explanation: &'a Explanation, digits: Digits) -> Self {
        Self {
            pooled: explanation.pooled,
            factors: explanation
                .factors
                .iter()
                .map(|factor| ExplainedFactorJson {
                    name: &factor.name,
                    satisfied: factor.satisfied,
                    answered: factor.answered,
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
        }
    }
}
