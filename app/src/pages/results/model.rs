//! What the results pages show, as plain values: no tally, no unrounded secret. The assembly is in `city_model` and
//! `agency_model`, the views are in `city` and `agency`.

use super::query::Query;
use super::shown::Shown;
use crate::components::charts::LikertScale;
use crate::components::number::decimal;
use crate::components::page::Stamp;
use crate::domain::agency::Level;
pub use crate::domain::disclosure::Count;
use crate::domain::disclosure::ScaleGroup;
use crate::domain::index::LeftOut;
use crate::domain::method::Tone;
use crate::domain::questionnaire::Scale;
use crate::domain::ranks::NotRanked;
use crate::domain::response::Stream;
use crate::domain::text::Lang;

/// What every results page says of its round.
#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// The address as it was read.
    pub query: Query,
    /// Name of the round.
    pub round: String,
    /// Official title of the questionnaire.
    pub questionnaire: String,
    /// Its wording is reconstructed ("mẫu tham khảo").
    pub reference_form: bool,
    /// Title of the method.
    pub method: String,
    /// All data are simulated.
    pub sample_data: bool,
    /// What the figures stand on.
    pub stamp: Stamp,
    /// The stream that is shown.
    pub stream: Stream,
    /// All streams that have responses, with the number of valid ones.
    pub streams: Vec<(Stream, Count)>,
    /// The target line: share and label.
    pub target: Option<(f64, String)>,
}

/// The figure of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Headline {
    /// The published index.
    pub figure: Shown,
    /// Valid responses.
    pub n: Count,
    /// Dossiers in the frame.
    pub population: Option<i64>,
    /// Share of the dossiers for which agencies with responses stand; groups only.
    pub coverage: Option<f64>,
    /// How many factors count, and how many there are, where some are missing.
    pub factors: Option<(usize, usize)>,
    /// What is in no figure.
    pub left_out: LeftOut,
}

/// One level of the administration.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelLine {
    /// The level.
    pub level: Level,
    /// Its agencies in the round.
    pub agencies: usize,
    /// Those with responses.
    pub measured: usize,
    /// Its index.
    pub figure: Shown,
    /// Valid responses.
    pub n: Count,
    /// Dossiers.
    pub population: Option<i64>,
}

/// Where an agency stands among those of its level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Ranked, with the range that the data allow.
    Ranked {
        /// The rank.
        rank: usize,
        /// The best possible.
        best: usize,
        /// The worst possible.
        worst: usize,
        /// How many are ranked.
        of: usize,
    },
    /// "Chưa đủ độ tin cậy".
    NotRanked(NotRanked),
    /// The stream gives no ranks, or the figure is hidden.
    Unranked,
}

/// The band of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct BandWord {
    /// "Tốt", or "Tốt, sát ngưỡng".
    pub words: String,
    /// Its tint.
    pub tone: Tone,
}

/// One agency in the ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct RankLine {
    /// Code in the address.
    pub code: String,
    /// Name, with the agency above it for communes.
    pub name: String,
    /// Its place.
    pub place: Place,
    /// Its index.
    pub figure: Shown,
    /// Valid responses.
    pub n: Count,
    /// Dossiers.
    pub population: Option<i64>,
    /// Its band, where the method gives bands.
    pub band: Option<BandWord>,
    /// How many factors count, where some are missing.
    pub factors: Option<(usize, usize)>,
}

/// The agencies of one level, in the order asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RankGroup {
    /// The level.
    pub level: Level,
    /// Its agencies that fit search and filter.
    pub lines: Vec<RankLine>,
}

/// Where a ranking stands: its own address, and the front of those of its agencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its address.
    pub list: &'static str,
    /// What the code of an agency is put behind.
    pub agency: &'static str,
}

impl Room {
    /// Open to all.
    pub const PUBLIC: Self = Self { list: "/ket-qua", agency: "/ket-qua/" };
}

/// `/ket-qua`.
#[derive(Clone, Debug, PartialEq)]
pub struct CityPage {
    /// Where it stands.
    pub room: Room,
    /// The round.
    pub heading: Heading,
    /// The city's figure; none in a voluntary stream, which is never added up.
    pub headline: Option<Headline>,
    /// The levels; empty in a voluntary stream.
    pub levels: Vec<LevelLine>,
    /// The ranking by level.
    pub groups: Vec<RankGroup>,
    /// Left end of the dot plot's axis, a share.
    pub axis_from: f64,
    /// Limits of bands, shares; empty where the method gives none.
    pub band_limits: Vec<f64>,
    /// Something is hidden, so that the note must stand on the page.
    pub hides_something: bool,
}

/// One factor of an agency.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorLine {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its share.
    pub figure: Shown,
    /// Respondents.
    pub n: Count,
    /// Enough respondents to count in the index.
    pub counts: bool,
}

/// One criterion of an agency.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionLine {
    /// Code.
    pub code: String,
    /// Position of its factor.
    pub factor: usize,
    /// The statement.
    pub text: String,
    /// Its share.
    pub figure: Shown,
    /// How many answered it.
    pub n: Count,
    /// Its whole interval lies below that of the index.
    pub clearly_lower: bool,
    /// How many gave each answer, neighbours merged where few did; empty: hidden.
    pub scores: Vec<ScaleGroup>,
    /// Count of 0.
    pub not_applicable: Count,
}

/// A figure that the method gives beside the index.
#[derive(Clone, Debug, PartialEq)]
pub struct BesideLine {
    /// Its name.
    pub label: String,
    /// A share; none for a mean.
    pub share: Option<Shown>,
    /// A mean.
    pub mean: Option<Mean>,
    /// How many answered.
    pub n: Count,
}

/// One question beside the criteria.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionBlock {
    /// The question.
    pub text: String,
    /// How many answered it.
    pub n: Count,
    /// Several options could be chosen, so that shares add up to more than 100 %.
    pub several: bool,
    /// Options with their counts and shares.
    pub options: Vec<OptionLine>,
    /// For a number: the mean.
    pub mean: Option<Mean>,
}

/// The mean of a question that asks for a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Mean {
    /// Unrounded.
    pub value: f64,
    /// What is counted, where the question says it.
    pub unit: Option<String>,
}

impl Mean {
    /// "3,5 lần".
    pub fn words(&self, lang: Lang) -> String {
        let value = decimal(self.value, 1, lang);
        self.unit.as_ref().map_or_else(|| value.clone(), |unit| format!("{value} {unit}"))
    }
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionLine {
    /// The option, or several that were merged.
    pub text: String,
    /// How many chose it.
    pub n: Count,
    /// Their share of those who answered.
    pub share: Shown,
}

/// How a figure came about, with its own counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// One line a factor: name, satisfied answers, answers, share; unweighted counts.
    pub factors: Vec<ExplainedFactor>,
    /// There are several strata, so that responses are weighted.
    pub several: bool,
    /// One line a stratum: dossiers, responses; empty where one of them has only a few.
    pub strata: Vec<ExplainedStratum>,
    /// Rule of the overall index.
    pub pooled: bool,
    /// The index, unrounded.
    pub index: f64,
    /// Standard error (a share) and degrees of freedom of a logit interval.
    pub logit: Option<(f64, i64)>,
    /// What a pooled interval rests on (method version 2).
    pub design: Option<ExplainedDesign>,
    /// Names of the fields that are computed as one, a group a line.
    pub merged: Vec<Vec<String>>,
}

/// What the interval of an agency rests on under method version 2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplainedDesign {
    /// Responses that the figure rests on.
    pub n: i64,
    /// Dossiers of the agency.
    pub population: Option<i64>,
    /// A of the design.
    pub a: f64,
    /// D, the design ratio of the round.
    pub ratio: f64,
    /// 1/(D·A).
    pub n_effective: f64,
    /// Satterthwaite's degrees of freedom.
    pub df: f64,
}

/// One factor in an explanation.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedFactor {
    /// Name.
    pub name: String,
    /// Satisfied answers and all answers; none where responses are weighted, because counts without weights beside
    /// weighted shares can be solved for the answers of a small stratum.
    pub counted: Option<(i64, i64)>,
    /// The weighted share.
    pub share: f64,
    /// Counts in the index.
    pub counts: bool,
}

/// One stratum in an explanation.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedStratum {
    /// Its field.
    pub name: String,
    /// Dossiers.
    pub population: i64,
    /// Valid responses.
    pub n: i64,
}

/// What one stream says of an agency, in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamLine {
    /// The stream.
    pub stream: Stream,
    /// Its figure.
    pub figure: Shown,
    /// Valid responses.
    pub n: Count,
}

/// `/ket-qua/{agency}`.
#[derive(Clone, Debug, PartialEq)]
pub struct AgencyPage {
    /// The round.
    pub heading: Heading,
    /// Code in the address.
    pub code: String,
    /// Name.
    pub name: String,
    /// The agency above it.
    pub parent: Option<String>,
    /// Level.
    pub level: Level,
    /// The figure.
    pub headline: Headline,
    /// Its place among those of its level.
    pub place: Place,
    /// Its band.
    pub band: Option<BandWord>,
    /// All streams side by side, where there are several.
    pub streams: Vec<StreamLine>,
    /// Factors in the order of the questionnaire.
    pub factors: Vec<FactorLine>,
    /// Criteria in the order of the questionnaire.
    pub criteria: Vec<CriterionLine>,
    /// The scale of the Likert bars.
    pub likert: LikertScale,
    /// Words of the scale.
    pub scale: Scale,
    /// Nhận định, đánh giá.
    pub facts: Vec<QuestionBlock>,
    /// The one-tap answers at its desks; none where there are none.
    pub taps: Option<QuestionBlock>,
    /// Mong đợi.
    pub expectations: Vec<QuestionBlock>,
    /// Figures beside the index, where the method gives some.
    pub beside: Vec<BesideLine>,
    /// Something is hidden or merged, so that the note must stand on the page.
    pub hides_something: bool,
    /// How the index came about; none where a count in it is hidden or there is no index.
    pub explanation: Option<Explanation>,
}
