//! The results as data: the very models that the pages print, as JSON for the API and for files. Nothing is computed
//! here and no tally is seen, so that no figure can differ from the page and nothing that is hidden there can come out.
//!
//! Names are those of `server/src/routes/api/openapi.json`. Figures of sample data are unrounded. Those of a real round
//! have the digits of the page and no more: with more, the answers of a small stratum could be solved for (design 9).

mod figure;
mod parts;

use serde::Serialize;

pub use figure::{CountJson, Digits, FigureJson};

use self::figure::PlaceJson;
use self::parts::{CriterionJson, ExplanationJson, FactorJson, QuestionJson};
use super::collect::RoundData;
use super::model::{AgencyPage, CityPage, Heading, Headline, QuestionBlock, RankLine};
use crate::components::number::iso_day;
use crate::components::page::Stamp;
use crate::domain::agency::Level;
use crate::domain::index::LeftOut;
use crate::domain::questionnaire::Scale;
use crate::domain::response::Stream;
use crate::domain::text::Lang;

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
    state: &'static str,
    not_shown_at_most: u32,
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
            data_until: stamp.day().map(iso_day),
            closed: stamp.state.is_frozen(),
            state: stamp.state.word(),
            not_shown_at_most: stamp.state.behind(),
            publication: stamp.edition().map(|e| EditionJson { number: e.number, code: e.code.to_string() }),
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
