//! A questionnaire version: factors and their criteria, the questions around them, routing and texts.
//!
//! It is data (`app/questionnaires/*.toml`); a version that has a response never changes. This room says
//! what a well-formed one is ([`Questionnaire::check`]) and in which order answers are kept.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::text::Text;

/// What kind of service the questionnaire measures. Indices are never formed across kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// Cơ quan hành chính nhà nước.
    Administrative,
    /// Cơ sở y tế.
    Health,
    /// Cơ sở giáo dục.
    Education,
}

/// Where a wording comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Read in an official or published form.
    Sourced,
    /// Reconstructed; labelled "mẫu tham khảo" wherever it is shown to staff or public.
    Reference,
}

/// One document a questionnaire or a rule rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// Number and name, as cited, for instance "Quyết định 2640/QĐ-BNV".
    pub document: String,
    /// Date of issue, `YYYY-MM-DD`, where known.
    #[serde(default)]
    pub date: Option<String>,
    /// What it gives: the method, the form, a target.
    pub gives: Text,
}

/// Asked only when another single-choice question was answered with one of these options, or not answered at all
/// (a page without script shows everything; blank must not hide a question).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Code of the question, which must stand earlier.
    pub question: String,
    /// Codes of its options.
    pub any_of: Vec<String>,
}

/// A statement rated on the scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Code, unique in the questionnaire, for instance "1.1" or "A1".
    pub code: String,
    /// The statement.
    pub text: Text,
    /// Where the wording comes from.
    pub source: Source,
    /// Routing; none: always asked (unless its factor is routed).
    #[serde(default)]
    pub asked_when: Option<Condition>,
    /// One line said above the first of the criteria that are routed together, where the page cannot hide them,
    /// for instance "Nếu Ông/Bà đã từng góp ý:".
    #[serde(default)]
    pub lead: Option<Text>,
}

/// A factor (yếu tố) with its criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Code, for instance "1" or "A".
    pub code: String,
    /// Name.
    pub name: Text,
    /// Optional factors (for instance handling of feedback) do not count for completeness.
    #[serde(default)]
    pub optional: bool,
    /// Routing of the whole factor.
    #[serde(default)]
    pub asked_when: Option<Condition>,
    /// One line said above its statements when the factor is routed and the page cannot hide it,
    /// for instance "Nếu đã nhận kết quả:".
    #[serde(default)]
    pub lead: Option<Text>,
    /// The statements.
    pub criteria: Vec<Criterion>,
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Code, unique in the question, ASCII, stable: it is what is stored and exported.
    pub code: String,
    /// Words.
    pub text: Text,
}

/// What a question beside the criteria is for, which decides where it stands and who may see its counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Why the person came today; decides what is asked and whether the response is in the index.
    Visit,
    /// Citizen or representative of an organisation.
    RespondentType,
    /// Asked inside a factor before `before`, for instance "Ông/Bà đã từng góp ý …?".
    Gate,
    /// Nhận định, đánh giá: what happened.
    Fact,
    /// Mong đợi.
    Expectation,
    /// Who answers: sex, age group, …
    Respondent,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// One of the options.
    Single {
        /// The options, in order.
        options: Vec<Choice>,
    },
    /// At most `most` of the options.
    Multiple {
        /// How many may be chosen.
        most: u8,
        /// The options, in order.
        options: Vec<Choice>,
    },
    /// A whole number, for instance a percentage of expectations met.
    Number {
        /// Least.
        min: u16,
        /// Most, at most 65,534.
        max: u16,
        /// Sign shown behind the field, the same in every language ("%"); may be empty.
        unit: String,
    },
}

/// A question beside the criteria.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Code, unique among questions and criteria, ASCII, stable.
    pub code: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The question.
    pub text: Text,
    /// Where the wording comes from.
    pub source: Source,
    /// Harassment, extra money: shown per agency and round only, never broken down.
    pub sensitive: bool,
    /// For a gate: the code of the criterion it stands before.
    pub before: Option<String>,
    /// Routing.
    pub asked_when: Option<Condition>,
    /// Words that make a routed question read right when it cannot be hidden: "Nếu trễ hẹn:".
    pub lead: Option<Text>,
    /// The answer.
    #[serde(flatten)]
    pub kind: Kind,
}

/// A question as it is read: flat, so that an unknown key is refused (serde does not refuse one beside a flattened
/// enum) and every error keeps its place in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlatQuestion {
    code: String,
    purpose: Purpose,
    text: Text,
    source: Source,
    #[serde(default)]
    sensitive: bool,
    before: Option<String>,
    asked_when: Option<Condition>,
    lead: Option<Text>,
    kind: KindName,
    options: Option<Vec<Choice>>,
    most: Option<u8>,
    min: Option<u16>,
    max: Option<u16>,
    unit: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindName {
    Single,
    Multiple,
    Number,
}

impl<'de> Deserialize<'de> for Question {
    /// Goes through a visitor of its own, so that a problem of the whole question is reported at the question and
    /// not at the list it stands in.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AQuestion;
        impl<'de> Visitor<'de> for AQuestion {
            type Value = Question;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a question")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Question, A::Error> {
                let flat = FlatQuestion::deserialize(MapAccessDeserializer::new(map))?;
                Question::try_from(flat).map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_map(AQuestion)
    }
}

impl TryFrom<FlatQuestion> for Question {
    type Error = String;

    fn try_from(flat: FlatQuestion) -> Result<Self, String> {
        let code = flat.code;
        let needs = |key: &str| format!("the question `{code}` needs `{key}`");
        let foreign = |keys: &str| Err(format!("the question `{code}` is of another kind than {keys}"));
        let kind = match (flat.kind, flat.options, flat.most, (flat.min, flat.max, flat.unit)) {
            (KindName::Single | KindName::Multiple, None, _, _) => return Err(needs("options")),
            (KindName::Single, Some(options), None, (None, None, None)) => Kind::Single { options },
            (KindName::Single, ..) => return foreign("`most`, `min`, `max`, `unit`"),
            (KindName::Multiple, Some(options), most, (None, None, None)) => {
                Kind::Multiple { most: most.ok_or_else(|| needs("most"))?, options }
            }
            (KindName::Multiple, ..) => return foreign("`min`, `max`, `unit`"),
            (KindName::Number, None, None, (min, max, unit)) => Kind::Number {
                min: min.ok_or_else(|| needs("min"))?,
                max: max.ok_or_else(|| needs("max"))?,
                unit: unit.ok_or_else(|| needs("unit"))?,
            },
            (KindName::Number, ..) => return foreign("`options`, `most`"),
        };
        Ok(Self {
            code,
            purpose: flat.purpose,
            text: flat.text,
            source: flat.source,
            sensitive: flat.sensitive,
            before: flat.before,
            asked_when: flat.asked_when,
            lead: flat.lead,
            kind,
        })
    }
}

impl Question {
    /// The options of a question with choices; empty for a number.
    pub fn options(&self) -> &[Choice] {
        match &self.kind {
            Kind::Single { options } | Kind::Multiple { options, .. } => options,
            Kind::Number { .. } => &[],
        }
    }
}

/// The scale of the statements: 1 to 5 from worst to best, and the words for "0".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Words of 1 to 5.
    pub labels: Vec<Text>,
    /// Words of 0, "Không biết / chưa dùng đến".
    pub not_applicable: Text,
}

/// One version of one questionnaire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questionnaire {
    /// Key, for instance `hanh-chinh-2018`.
    pub key: String,
    /// Version, from 1.
    pub version: u16,
    /// Official title of the form.
    pub title: Text,
    /// A name of a few words for lists.
    pub short_title: Text,
    /// Kind of service.
    pub service: Service,
    /// Key of the method that its rounds use unless they name another.
    pub method: String,
    /// What it rests on.
    pub legal_basis: Vec<LegalBasis>,
    /// A remark on the source for staff and public.
    pub source_note: Text,
    /// The one-tap question, never part of the index.
    pub tap: Text,
    /// The scale.
    pub scale: Scale,
    /// The factors, in order.
    pub factors: Vec<Factor>,
    /// The other questions, in order within each purpose.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// The open question at the end.
    #[serde(default)]
    pub comment: Option<Text>,
}

impl Questionnaire {
    /// All criteria in the order in which answers are kept, each with the index of its factor.
    pub fn criteria(&self) -> impl Iterator<Item = (usize, &Criterion)> {
        self.factors.iter().enumerate().flat_map(|(f, factor)| factor.criteria.iter().map(move |c| (f, c)))
    }

    /// How many criteria there are.
    pub fn n_criteria(&self) -> usize {
        self.factors.iter().map(|f| f.criteria.len()).sum()
    }

    /// The position of a criterion in the order of [`Self::criteria`].
    pub fn criterion_index(&self, code: &str) -> Option<usize> {
        self.criteria().position(|(_, c)| c.code == code)
    }

    /// The position of a question in [`Self::questions`].
    pub fn question_index(&self, code: &str) -> Option<usize> {
        self.questions.iter().position(|q| q.code == code)
    }

    /// The questions of one purpose, with their positions.
    pub fn questions_for(&self, purpose: Purpose) -> impl Iterator<Item = (usize, &Question)> {
        self.questions.iter().enumerate().filter(move |(_, q)| q.purpose == purpose)
    }
}
