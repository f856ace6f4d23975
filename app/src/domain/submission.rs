//! A response as a device sends it in JSON, and its reading against the questionnaire: every fault with its place.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::answer::{Answer, FieldError, Problem, Score, Sheet, Value, clean_comment};
use super::limits;
use super::moment::ClockNote;
use super::questionnaire::{Kind, Purpose, Question, Questionnaire};

/// Longest code, as `validator` counts it.
const CODE_CHARS: u64 = limits::CODE_BYTES as u64;

/// An instant as devices write it: RFC 3339, or milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instant {
    /// Milliseconds since 1970 UTC.
    Millis(i64),
    /// RFC 3339, for instance `2018-11-12T10:30:00+07:00`.
    Text(String),
}

/// One response of `POST /api/v1/responses`. What is not needed may be left out.
#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Item<'a> {
    /// UUID made by the device, the same at every resend.
    #[serde(borrow)]
    #[validate(length(equal = 36))]
    pub id: Cow<'a, str>,
    /// Code of the desk; or `agency`.
    #[serde(borrow)]
    #[validate(length(max = "CODE_CHARS"))]
    pub desk: Option<Cow<'a, str>>,
    /// Code of the agency, where there is no desk.
    #[serde(borrow)]
    #[validate(length(max = "CODE_CHARS"))]
    pub agency: Option<Cow<'a, str>>,
    /// Code of the field (lĩnh vực) of the round.
    #[serde(borrow)]
    #[validate(length(max = "CODE_CHARS"))]
    pub field: Option<Cow<'a, str>>,
    /// Option code of the visit question.
    #[serde(borrow)]
    pub visit: Option<Cow<'a, str>>,
    /// Option code of the respondent type.
    #[serde(borrow)]
    pub respondent_type: Option<Cow<'a, str>>,
    /// Key of the questionnaire; that of the desk's round when left out.
    #[serde(borrow)]
    pub questionnaire: Option<Cow<'a, str>>,
    /// Its version.
    pub version: Option<u16>,
    /// qr, kiosk, tablet, paper, online or phone.
    #[serde(borrow)]
    pub mode: Option<Cow<'a, str>>,
    /// vi or en.
    #[serde(borrow)]
    pub lang: Option<Cow<'a, str>>,
    /// First touch, by the device's clock.
    pub started_at: Option<Instant>,
    /// Finished, by the device's clock.
    pub finished_at: Option<Instant>,
    /// What the device knew of its clock then.
    pub clock: Option<ClockNote>,
    /// `YYYY-MM-DD`: the day on the paper form, where there is one; it decides the month.
    #[serde(borrow)]
    pub collected_on: Option<Cow<'a, str>>,
    /// Key of the person on the sample list.
    #[serde(borrow)]
    #[validate(length(max = "CODE_CHARS"))]
    pub sample_unit: Option<Cow<'a, str>>,
    /// Key of the post, where a device works at several.
    pub post: Option<i32>,
    /// The one-tap answer, 1 to 5.
    pub tap: Option<i64>,
    /// Scores by criterion: 1 to 5, 0 for "không áp dụng"; null or left out: blank.
    #[serde(borrow)]
    pub answers: Pairs<'a, Option<i64>>,
    /// Answers by question: an option code, a list of them, or a number.
    #[serde(borrow)]
    pub facts: Pairs<'a, Given<'a>>,
    /// Option codes of the expectations.
    #[serde(borrow, deserialize_with = "codes")]
    pub expectations: Vec<Cow<'a, str>>,
    /// Answers about the respondent.
    #[serde(borrow)]
    pub respondent: Pairs<'a, Given<'a>>,
    /// The open answer.
    #[serde(borrow)]
    pub comment: Option<Cow<'a, str>>,
}

/// The answer to a question beside the criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<'a> {
    /// A whole number.
    Number(i64),
    /// The code of an option.
    One(Cow<'a, str>),
    /// Codes of several options.
    Several(Vec<Cow<'a, str>>),
    /// Not answered.
    Blank(()),
}

/// The members of a JSON object in the order in which they came; a name that comes twice stays twice. At most
/// [`limits::ITEM_MEMBERS`].
#[derive(Clone, Debug)]
pub struct Pairs<'a, V>(pub Vec<(Cow<'a, str>, V)>);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Self(vec![])
    }
}

/// A name borrowed from the body where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<'a, V>(PhantomData<(&'a (), V)>);
        impl<'de: 'a, 'a, V: Deserialize<'de>> Visitor<'de> for Members<'a, V> {
            type Value = Pairs<'a, V>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(24);
                while let Some((Name(name), value)) = map.next_entry()? {
                    if pairs.len() == limits::ITEM_MEMBERS {
                        return Err(A::Error::invalid_length(pairs.len() + 1, &self));
                    }
                    pairs.push((name, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// Codes in a list, at most [`limits::ITEM_MEMBERS`], counted while they are read.
fn codes<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Cow<'a, str>>, D::Error> {
    struct Codes;
    impl<'de> Visitor<'de> for Codes {
        type Value = Vec<Cow<'de, str>>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a list of codes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, codes: A) -> Result<Self::Value, A::Error> {
            few(codes)
        }
    }
    deserializer.deserialize_seq(Codes)
}

fn few<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Vec<Cow<'de, str>>, A::Error> {
    let mut codes = vec![];
    while let Some(Name(code)) = list.next_element()? {
        if codes.len() == limits::ITEM_MEMBERS {
            return Err(A::Error::invalid_length(codes.len() + 1, &"fewer codes"));
        }
        codes.push(code);
    }
    Ok(codes)
}

// Written out: what serde derives for values of several kinds copies them first, whatever they are and however long.
impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Told;
        impl Visitor<'_> for Told {
            type Value = Instant;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("milliseconds or RFC 3339")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Instant, E> {
                Ok(Instant::Millis(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Instant, E> {
                i64::try_from(number).map(Instant::Millis).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Instant, E> {
                Ok(Instant::Text(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Told)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Given<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Told;
        impl<'de> Visitor<'de> for Told {
            type Value = Given<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a whole number, a code, a list of codes or null")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Given<'de>, E> {
                Ok(Given::Number(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Given<'de>, E> {
                i64::try_from(number).map(Given::Number).map_err(E::custom)
            }

            fn visit_borrowed_str<E: de::Error>(self, code: &'de str) -> Result<Given<'de>, E> {
                Ok(Given::One(Cow::Borrowed(code)))
            }

            fn visit_str<E: de::Error>(self, code: &str) -> Result<Given<'de>, E> {
                Ok(Given::One(Cow::Owned(code.to_owned())))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Given<'de>, E> {
                Ok(Given::Blank(()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, codes: A) -> Result<Given<'de>, A::Error> {
                few(codes).map(Given::Several)
            }
        }
        deserializer.deserialize_any(Told)
    }
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemResult {
    /// The id as it was sent.
    pub id: String,
    /// What happened.
    pub status: ItemStatus,
    /// The receipt, for what is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// For an enrolled device: HMAC-SHA256 of the id under its receipt key, in hexadecimal digits, for what is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Why it is invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// The four answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemStatus {
    /// Kept now.
    Stored,
    /// It was there already: the same success again.
    Duplicate,
    /// The id is there with other content: nothing changed.
    Conflict,
    /// Refused.
    Invalid,
}

impl ItemStatus {
    /// As it is written in the reply.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
        }
    }
}

impl ItemResult {
    /// A refusal.
    pub fn invalid(id: impl Into<String>, errors: Vec<FieldError>) -> Self {
        Self { id: id.into(), status: ItemStatus::Invalid, receipt: None, proof: None, errors }
    }
}

impl Item<'_> {
    /// Reads sheet and comment against the questionnaire; all faults at once.
    ///
    /// # Errors
    /// One [`FieldError`] per fault, with the code of the criterion or question.
    pub fn read(&self, questionnaire: &Questionnaire) -> Result<(Sheet, Option<String>), Vec<FieldError>> {
        let mut errors = vec![];
        let mut sheet = Sheet::blank(questionnaire);
        if let Some(tap) = self.tap {
            sheet.tap = u8::try_from(tap).ok().and_then(Score::new);
            if sheet.tap.is_none() {
                errors.push(FieldError::new("tap", Problem::ForeignValue));
            }
        }
        let codes: Vec<&str> = questionnaire.criteria().map(|(_, c)| c.code.as_str()).collect();
        for (n, (code, figure)) in self.answers.0.iter().enumerate() {
            // Devices send the criteria in order: the first guess is nearly always right.
            let guess = codes.get(n).is_some_and(|c| *c == code.as_ref()).then_some(n);
            let Some(index) = guess.or_else(|| codes.iter().position(|c| *c == code.as_ref())) else {
                errors.push(FieldError::new(code.clone(), Problem::UnknownField));
                continue;
            };
            match figure.map(Answer::from_figure) {
                None => {}
                Some(Some(answer)) => sheet.answers[index] = answer,
                Some(None) => errors.push(FieldError::new(code.clone(), Problem::ForeignValue)),
            }
        }
        let mut put = |code: &str, given: &Given<'_>, purposes: &[Purpose]| {
            let found = questionnaire.question_index(code).map(|i| (i, &questionnaire.questions[i]));
            match found.filter(|(_, q)| purposes.contains(&q.purpose)) {
                None => errors.push(FieldError::new(code, Problem::UnknownField)),
                Some((index, question)) => match value(question, given) {
                    Ok(value) => sheet.values[index] = value,
                    Err(problem) => errors.push(FieldError::new(code, problem)),
                },
            }
        };
        let of = |purpose| questionnaire.questions_for(purpose).next().map(|(_, q)| q.code.as_str());
        for (given, purpose, field) in [
            (&self.visit, Purpose::Visit, "visit"),
            (&self.respondent_type, Purpose::RespondentType, "respondent_type"),
        ] {
            if let Some(given) = given {
                put(of(purpose).unwrap_or(field), &Given::One(given.clone()), &[purpose]);
            }
        }
        for (code, given) in &self.facts.0 {
            put(code, given, &[Purpose::Fact, Purpose::Gate]);
        }
        if !self.expectations.is_empty() {
            let code = of(Purpose::Expectation).unwrap_or("expectations");
            put(code, &Given::Several(self.expectations.clone()), &[Purpose::Expectation]);
        }
        for (code, given) in &self.respondent.0 {
            put(code, given, &[Purpose::Respondent]);
        }
        let comment = match self.comment.as_deref().map(clean_comment) {
            None => None,
            Some(Ok(comment)) => comment,
            Some(Err(problem)) => {
                errors.push(FieldError::new("comment", problem));
                None
            }
        };
        if errors.is_empty() && sheet.is_blank() && comment.is_none() {
            errors.push(FieldError::new("answers", Problem::NothingAnswered));
        }
        if errors.is_empty() { Ok((sheet, comment)) } else { Err(errors) }
    }
}

/// The value of what was given for a question.
fn value(question: &Question, given: &Given<'_>) -> Result<Value, Problem> {
    match (&question.kind, given) {
        (_, Given::Blank(())) => Ok(Value::Blank),
        (Kind::Single { .. }, Given::One(code)) => Value::Blank.with(question, code),
        (Kind::Multiple { .. }, Given::Several(codes)) => {
            codes.iter().try_fold(Value::Blank, |value, code| value.with(question, code))?.check(question)
        }
        (Kind::Number { .. }, Given::Number(number)) => Value::number(question, *number),
        _ => Err(Problem::ForeignValue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(json: &str) -> Vec<FieldError> {
        let item: Item<'_> = serde_json::from_str(json).unwrap_or_default();
        item.read(&crate::domain::fixture::form()).err().unwrap_or_default()
    }

    #[test]
    fn a_full_item_is_read_whatever_the_order_of_its_answers() {
        let questionnaire = crate::domain::fixture::form();
        let json = r#"{"id":"0190aaaa-0000-7000-8000-000000000001","answers":{"1.2":0,"1.1":5,"2.1":null}}"#;
        let item: Item<'_> = serde_json::from_str(json).unwrap_or_default();
        let (sheet, comment) = item.read(&questionnaire).unwrap_or_default();
        assert_eq!(sheet.answers[0].score(), Some(5));
        assert_eq!(sheet.answers[1], Answer::NotApplicable);
        assert_eq!(sheet.answers.iter().filter(|a| **a != Answer::Blank).count(), 2);
        assert_eq!(comment, None);
    }

    #[test]
    fn foreign_criteria_and_scores_are_named_all_at_once() {
        let faults = problems(r#"{"answers":{"1.1":6,"9.9":5,"1.2":-1},"tap":0}"#);
        let fields: Vec<&str> = faults.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["tap", "1.1", "9.9", "1.2"]);
        assert_eq!(faults[2].problem, Problem::UnknownField);
    }

    #[test]
    fn nothing_answered_is_no_response() {
        assert_eq!(problems(r#"{"answers":{}}"#)[0].problem, Problem::NothingAnswered);
        assert_eq!(problems(r#"{"answers":{},"comment":"Tốt"}"#), []);
    }

    #[test]
    fn a_nul_byte_in_a_comment_is_refused() {
        assert_eq!(problems(r#"{"comment":"a\u0000b"}"#)[0].problem, Problem::ControlCharacter);
    }
}
