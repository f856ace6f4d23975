//! One-way tallies (bảng đếm một chiều): the valid responses of a stratum and stream, apart by one circumstance at a
//! time: month, desk, field, mode, language, or one fact about the respondent.
//!
//! The list of dimensions is fixed and nothing is ever crossed (design 9), so that no table comes down to one person.
//! Every response has exactly one value in every dimension, "không trả lời" among them, so the values of a dimension
//! add up to the stratum.

use super::answer::{Sheet, Value};
use super::days::{month_of, year_and_month};
use super::ids::{AgencyId, DeskId, StratumId};
use super::limits;
use super::questionnaire::{Kind, Purpose, Question, Questionnaire};
use super::response::{Mode, Stream};
use super::round::Field;
use super::tally::Tally;
use super::text::{Lang, Text};

/// By what the responses are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// Month of the local day; the value is [`month_of`] it.
    Month,
    /// Desk; the value is its id.
    Desk,
    /// Field (lĩnh vực); the value is its position in the round.
    Field,
    /// Mode; the value is [`Mode::code`].
    Mode,
    /// Language answered in; the value is 0 for Vietnamese, 1 for English.
    Language,
    /// A fact about the respondent; inside the position of its question, the value is the position of the option.
    Respondent(u8),
}

/// The value of who left it blank, or where there is none to have: "không trả lời".
pub const NOT_SAID: i32 = -1;

/// From here upwards the stored numbers of dimensions are positions of questions.
const RESPONDENT_FROM: i16 = 100;

/// The circumstances of a response that its sheet does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Desk, for answers at a desk.
    pub desk: Option<DeskId>,
    /// Position of the field in the round, where known.
    pub field: Option<i16>,
    /// Language answered in.
    pub lang: Lang,
    /// Local date that decides the month, as days since 1970-01-01.
    pub local_day: i32,
}

impl Dimension {
    /// The dimensions of a questionnaire, in the order in which they are shown.
    pub fn all(questionnaire: &Questionnaire) -> Vec<Self> {
        let facts = questionnaire.questions.iter().enumerate().filter(|(_, q)| is_respondent_fact(q));
        [Self::Month, Self::Desk, Self::Field, Self::Mode, Self::Language]
            .into_iter()
            .chain(facts.filter_map(|(at, _)| Some(Self::Respondent(u8::try_from(at).ok()?))))
            .collect()
    }

    /// The stored number; never reused.
    pub fn code(self) -> i16 {
        match self {
            Self::Month => 1,
            Self::Desk => 2,
            Self::Field => 3,
            Self::Mode => 4,
            Self::Language => 5,
            Self::Respondent(question) => RESPONDENT_FROM + i16::from(question),
        }
    }

    /// The dimension of a stored number.
    pub fn from_code(code: i16) -> Option<Self> {
        match code {
            1 => Some(Self::Month),
            2 => Some(Self::Desk),
            3 => Some(Self::Field),
            4 => Some(Self::Mode),
            5 => Some(Self::Language),
            _ => {
                let question = u8::try_from(code.checked_sub(RESPONDENT_FROM)?).ok()?;
                (usize::from(question) < limits::QUESTIONS).then_some(Self::Respondent(question))
            }
        }
    }

    /// The value of a response.
    pub fn value(self, mode: Mode, occasion: &Occasion, sheet: &Sheet) -> i32 {
        match self {
            Self::Month => month_of(occasion.local_day),
            Self::Desk => occasion.desk.map_or(NOT_SAID, |desk| desk.0),
            Self::Field => occasion.field.map_or(NOT_SAID, i32::from),
            Self::Mode => i32::from(mode.code()),
            Self::Language => match occasion.lang {
                Lang::Vi => 0,
                Lang::En => 1,
            },
            Self::Respondent(question) => match sheet.values.get(usize::from(question)) {
                Some(Value::Single(option)) => i32::from(*option),
                _ => NOT_SAID,
            },
        }
    }

    /// What the dimension is called.
    pub fn title(self, questionnaire: &Questionnaire) -> Text {
        match self {
            Self::Month => text("Tháng", "Month"),
            Self::Desk => text("Quầy", "Desk"),
            Self::Field => text("Lĩnh vực", "Field"),
            Self::Mode => text("Cách trả lời", "How it was answered"),
            Self::Language => text("Ngôn ngữ", "Language"),
            Self::Respondent(at) => {
                let question = questionnaire.questions.get(usize::from(at));
                question.map_or_else(|| text("Người trả lời", "Respondent"), |q| q.text.clone())
            }
        }
    }

    /// What a value is called; none for a desk, whose name stands in the catalogue, and for a value that is unknown.
    pub fn value_title(self, value: i32, questionnaire: &Questionnaire, fields: &[Field]) -> Option<Text> {
        if value == NOT_SAID {
            return Some(match self {
                Self::Desk => text("Không tại quầy", "Not at a desk"),
                Self::Field => text("Không rõ lĩnh vực", "Field not known"),
                _ => text("Không trả lời", "Not answered"),
            });
        }
        let at = usize::try_from(value).ok()?;
        match self {
            Self::Month => {
                let (year, month) = year_and_month(value);
                Some(text(&format!("Tháng {month}/{year}"), &format!("{year}-{month:02}")))
            }
            Self::Desk => None,
            Self::Field => fields.get(at).map(|field| field.name.clone()),
            Self::Mode => Some(match Mode::from_code(i16::try_from(value).ok()?)? {
                Mode::Qr => text("Quét mã trên điện thoại", "Code on a phone"),
                Mode::Kiosk => text("Máy đặt tại quầy", "Kiosk"),
                Mode::Tablet => text("Phỏng vấn bằng máy tính bảng", "Interview on a tablet"),
                Mode::Paper => text("Phiếu giấy", "Paper form"),
                Mode::Online => text("Qua đường dẫn", "Link"),
                Mode::Phone => text("Phỏng vấn qua điện thoại", "Interview by telephone"),
            }),
            Self::Language => match value {
                0 => Some(text("Tiếng Việt", "Vietnamese")),
                1 => Some(text("Tiếng Anh", "English")),
                _ => None,
            },
            Self::Respondent(question) => {
                let question = questionnaire.questions.get(usize::from(question))?;
                question.options().get(at).map(|option| option.text.clone())
            }
        }
    }
}

impl std::fmt::Display for Dimension {
    /// For operators, as `recount` names a row.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Month => f.write_str("month"),
            Self::Desk => f.write_str("desk"),
            Self::Field => f.write_str("field"),
            Self::Mode => f.write_str("mode"),
            Self::Language => f.write_str("language"),
            Self::Respondent(question) => write!(f, "respondent question {question}"),
        }
    }
}

/// Facts about the respondent that may be broken down: one choice, so that every response has one value, and nothing
/// sensitive.
fn is_respondent_fact(question: &Question) -> bool {
    matches!(question.purpose, Purpose::Respondent | Purpose::RespondentType)
        && matches!(question.kind, Kind::Single { .. })
        && !question.sensitive
}

fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}

/// What was counted by one dimension in one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// By what.
    pub dimension: Dimension,
    /// Of which stream.
    pub stream: Stream,
    /// Moves with every fold of the one-way tallies; not the version of the main tallies.
    pub version: i64,
    /// When that was, milliseconds since 1970 UTC; 0 before the first.
    pub folded_at: i64,
    /// The counts that are not 0, by agency, stratum and value.
    pub rows: Vec<Row>,
}

/// The valid responses of one stratum with one value; questions beside the criteria are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Agency.
    pub agency: AgencyId,
    /// Stratum, or outside, or unknown.
    pub stratum: StratumId,
    /// Value in the dimension.
    pub value: i32,
    /// The counts.
    pub tally: Tally,
}

impl Breakdown {
    /// The values that occur, in order, "không trả lời" last.
    pub fn values(&self) -> Vec<i32> {
        let mut values: Vec<i32> = self.rows.iter().map(|row| row.value).collect();
        values.sort_unstable_by_key(|value| (*value == NOT_SAID, *value));
        values.dedup();
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;
    use crate::domain::questionnaire::Choice;

    fn questionnaire() -> Questionnaire {
        let mut questionnaire = fixture::form();
        let option = |code: &str| Choice { code: code.to_owned(), text: text(code, code) };
        let add = |code: &str, purpose, sensitive, kind| Question {
            code: code.to_owned(),
            purpose,
            sensitive,
            kind,
            ..fixture::form().questions[0].clone()
        };
        let single = || Kind::Single { options: vec![option("a"), option("b")] };
        let multiple = Kind::Multiple { most: 1, options: vec![option("a"), option("b")] };
        questionnaire.questions.extend([
            add("gioi", Purpose::Respondent, false, single()),
            add("dan-toc", Purpose::Respondent, true, single()),
            add("kenh", Purpose::Respondent, false, multiple),
            add("la", Purpose::RespondentType, false, single()),
        ]);
        questionnaire
    }

    #[test]
    fn sensitive_facts_and_those_with_several_choices_are_never_broken_down() {
        let dimensions = Dimension::all(&questionnaire());
        let facts: Vec<_> = dimensions.iter().filter(|d| matches!(d, Dimension::Respondent(_))).collect();
        assert_eq!(facts, [&Dimension::Respondent(6), &Dimension::Respondent(9)]);
        assert_eq!(dimensions.len(), 7);
    }

    #[test]
    fn codes_come_back_and_foreign_ones_are_refused() {
        for dimension in Dimension::all(&questionnaire()) {
            assert_eq!(Dimension::from_code(dimension.code()), Some(dimension));
        }
        for code in [i16::MIN, -1, 0, 6, 99, RESPONDENT_FROM + limits::QUESTIONS as i16, i16::MAX] {
            assert_eq!(Dimension::from_code(code), None);
        }
    }

    #[test]
    fn what_was_left_blank_is_a_value_of_its_own() {
        let questionnaire = questionnaire();
        let mut sheet = Sheet::blank(&questionnaire);
        let occasion = Occasion { desk: None, field: None, lang: Lang::En, local_day: 17_847 };
        let value = |dimension: Dimension, sheet: &Sheet| dimension.value(Mode::Paper, &occasion, sheet);
        for dimension in [Dimension::Desk, Dimension::Field, Dimension::Respondent(6), Dimension::Respondent(200)] {
            assert_eq!(value(dimension, &sheet), NOT_SAID);
        }
        sheet.values[6] = Value::Single(0);
        assert_eq!(value(Dimension::Respondent(6), &sheet), 0);
        assert_eq!(value(Dimension::Mode, &sheet), 4);
        assert_eq!(value(Dimension::Language, &sheet), 1);
        assert_eq!(year_and_month(value(Dimension::Month, &sheet)), (2018, 11));
    }

    #[test]
    fn months_turn_on_the_right_days() {
        for (day, year, month) in [
            (0, 1970, 1),
            (-1, 1969, 12),
            (17_835, 2018, 10),
            (17_836, 2018, 11),
            (18_321, 2020, 2), // the leap day
            (18_322, 2020, 3),
            (11_016, 2000, 2),
            (11_017, 2000, 3),
            (47_540, 2100, 2),
            (47_541, 2100, 3),
        ] {
            assert_eq!(year_and_month(month_of(day)), (year, month), "{day}");
        }
        // No day of four centuries is in another month than the day before, unless that month is the next.
        let months: Vec<i32> = (-60_000..100_000).map(month_of).collect();
        assert!(months.windows(2).all(|w| w[1] - w[0] == 0 || w[1] - w[0] == 1));
        assert!((month_of(i32::MAX) - month_of(i32::MIN)) > 0);
    }

    #[test]
    fn every_value_of_the_form_has_a_name() {
        let questionnaire = questionnaire();
        let name = |dimension: Dimension, value| dimension.value_title(value, &questionnaire, &[]).map(|t| t.vi);
        assert_eq!(name(Dimension::Month, month_of(17_847)).as_deref(), Some("Tháng 11/2018"));
        assert_eq!(name(Dimension::Respondent(6), 1).as_deref(), Some("b"));
        assert_eq!(name(Dimension::Respondent(6), NOT_SAID).as_deref(), Some("Không trả lời"));
        for mode in Mode::ALL {
            assert!(name(Dimension::Mode, i32::from(mode.code())).is_some());
        }
        for (dimension, foreign) in [(Dimension::Mode, 77), (Dimension::Language, 2), (Dimension::Respondent(6), 2)] {
            assert_eq!(name(dimension, foreign), None);
        }
    }
}
