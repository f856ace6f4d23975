//! The citizen's posted form: from bytes to a sheet, a comment and what was pressed, with every fault named.
//!
//! Criteria and questions are fields named by their codes; the other names are in [`names`]. What can be kept is kept
//! even where something else is wrong, so that the page can show it again.

mod fields;

use uuid::Uuid;

use super::answer::{Answer, FieldError, Problem, Score, Sheet, Value, clean_comment};
use super::limits;
use super::questionnaire::{Kind, Questionnaire};

pub use fields::{BadEncoding, Fields};

/// Names of the fields beside criteria and questions. No code may be one of them ([`names::ALL`]).
pub mod names {
    /// One of the five faces: 1 to 5.
    pub const TAP: &str = "tap";
    /// Which button was pressed, see [`super::Press`].
    pub const GO: &str = "di";
    /// Change of language or size, see [`super::Switch`].
    pub const SWITCH: &str = "xem";
    /// The response id that script made.
    pub const ID: &str = "id";
    /// First touch by the device's clock, milliseconds since 1970; filled by script.
    pub const STARTED: &str = "luc";
    /// Sending by the device's clock, milliseconds since 1970; filled by script.
    pub const SENT: &str = "gui";
    /// Present when the page has already asked about unanswered questions.
    pub const ASKED: &str = "hoi";
    /// The invisible field that only programs fill.
    pub const HONEYPOT: &str = "website";
    /// The open question.
    pub const COMMENT: &str = "comment";
    /// All of them.
    pub const ALL: [&str; 9] = [TAP, GO, SWITCH, ID, STARTED, SENT, ASKED, HONEYPOT, COMMENT];
}

/// A change of how the page looks, everything else kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Tiếng Việt.
    Vietnamese,
    /// English.
    English,
    /// Chữ to.
    Large,
    /// Chữ thường.
    Normal,
}

impl Switch {
    /// The value of the button.
    pub fn word(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
            Self::Large => "to",
            Self::Normal => "vua",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Vietnamese, Self::English, Self::Large, Self::Normal].into_iter().find(|switch| switch.word() == word)
    }
}

/// The button that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// One of the faces.
    Tap,
    /// "Gửi": the whole form.
    Send,
    /// "Dừng ở đây và gửi": what is there, the rest may follow. Also Enter in a text field of the form.
    Stop,
    /// "Chọn lại".
    Again,
    /// "Đánh giá kỹ hơn".
    Form,
    /// "Thế là đủ".
    Enough,
    /// "Đánh giá cho hồ sơ khác".
    Other,
    /// Language or size.
    Switch(Switch),
}

impl Press {
    /// The value of the button under [`names::GO`]; none for the faces and for [`Press::Switch`], which have own names.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Send => Some("gui"),
            Self::Stop => Some("dung"),
            Self::Again => Some("lai"),
            Self::Form => Some("phieu"),
            Self::Enough => Some("xong"),
            Self::Other => Some("khac"),
            Self::Tap | Self::Switch(_) => None,
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Send, Self::Stop, Self::Again, Self::Form, Self::Enough, Self::Other];
        all.into_iter().find(|p| p.word() == Some(word))
    }
}

/// All that a posted form says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// What was pressed.
    pub press: Press,
    /// The answers; what could not be read is blank, too many choices are kept for the page.
    pub sheet: Sheet,
    /// The comment, cleaned; none when empty or faulty.
    pub comment: Option<String>,
    /// The comment as typed, for the page.
    pub typed_comment: String,
    /// What was typed into number fields, by code, for the page.
    pub typed_numbers: Vec<(String, String)>,
    /// A UUIDv7 that script made, not yet judged by its time.
    pub id: Option<Uuid>,
    /// First touch by the device's clock.
    pub started_at: Option<i64>,
    /// Sending by the device's clock.
    pub sent_at: Option<i64>,
    /// The page has already asked about unanswered questions.
    pub asked: bool,
    /// The invisible field was filled.
    pub honeypot: bool,
    /// What is wrong, in the order of the fields as posted.
    pub errors: Vec<FieldError>,
}

impl Posted {
    /// Reads the fields of a form. Of a field that may stand once the last value counts; empty values are blanks.
    pub fn read(fields: &Fields, questionnaire: &Questionnaire) -> Self {
        let mut posted = Self::blank(questionnaire);
        let mut go = None;
        for (name, value) in fields.iter() {
            match name {
                names::COMMENT => value.clone_into(&mut posted.typed_comment),
                _ if value.is_empty() => {}
                names::TAP => match value.parse().ok().and_then(Score::new) {
                    Some(score) => posted.sheet.tap = Some(score),
                    None => posted.fault(name, Problem::ForeignValue),
                },
                names::GO => go = Press::from_word(value),
                names::SWITCH => go = Switch::from_word(value).map(Press::Switch),
                names::ID => posted.id = Uuid::try_parse(value).ok().filter(|id| id.get_version_num() == 7),
                names::STARTED => posted.started_at = value.parse().ok(),
                names::SENT => posted.sent_at = value.parse().ok(),
                names::ASKED => posted.asked = true,
                names::HONEYPOT => posted.honeypot = true,
                code => posted.answer(code, value, questionnaire),
            }
        }
        posted.check_choices(questionnaire);
        match clean_comment(&posted.typed_comment) {
            Ok(comment) => posted.comment = comment,
            Err(problem) => posted.fault(names::COMMENT, problem),
        }
        // A face alone is a tap; a face among answers is one of the answers.
        let tapped = fields.get(names::TAP).is_some() && posted.sheet.has_no_form() && posted.comment.is_none();
        posted.press = go.unwrap_or(if tapped { Press::Tap } else { Press::Send });
        posted
    }

    /// Nothing posted: what an untouched page shows.
    pub fn blank(questionnaire: &Questionnaire) -> Self {
        Self {
            press: Press::Send,
            sheet: Sheet::blank(questionnaire),
            comment: None,
            typed_comment: String::new(),
            typed_numbers: Vec::new(),
            id: None,
            started_at: None,
            sent_at: None,
            asked: false,
            honeypot: false,
            errors: Vec::new(),
        }
    }

    /// What was sent before, as the page shows it again.
    pub fn sent(sheet: Sheet, comment: Option<String>, questionnaire: &Questionnaire) -> Self {
        let numbers = questionnaire.questions.iter().zip(&sheet.values).filter_map(|(question, value)| match value {
            Value::Number(n) => Some((question.code.clone(), n.to_string())),
            _ => None,
        });
        let typed_numbers = numbers.collect();
        let typed_comment = comment.clone().unwrap_or_default();
        Self { sheet, comment, typed_comment, typed_numbers, ..Self::blank(questionnaire) }
    }

    /// Nothing of the form is filled, the comment included.
    pub fn has_no_form(&self) -> bool {
        self.sheet.has_no_form() && self.typed_comment.trim().is_empty() && self.typed_numbers.is_empty()
    }

    /// The fault of a field, if it has one.
    pub fn problem(&self, field: &str) -> Option<&Problem> {
        self.errors.iter().find(|e| e.field == field).map(|e| &e.problem)
    }

    /// How long the form was open, by the device's clock, in milliseconds.
    pub fn fill_ms(&self) -> Option<i64> {
        self.sent_at.zip(self.started_at).and_then(|(sent, started)| sent.checked_sub(started))
    }

    fn fault(&mut self, field: &str, problem: Problem) {
        let field: String = field.chars().take(limits::CODE_BYTES).collect();
        self.errors.push(FieldError::new(field, problem));
    }

    fn answer(&mut self, code: &str, value: &str, questionnaire: &Questionnaire) {
        if let Some(slot) = questionnaire.criterion_index(code).and_then(|i| self.sheet.answers.get_mut(i)) {
            match value.parse().ok().and_then(Answer::from_figure) {
                Some(answer) => *slot = answer,
                None => self.fault(code, Problem::ForeignValue),
            }
            return;
        }
        let index = questionnaire.question_index(code);
        let Some((index, question)) = index.and_then(|i| questionnaire.questions.get(i).map(|q| (i, q))) else {
            return self.fault(code, Problem::UnknownField);
        };
        let before = self.sheet.values.get(index).copied().unwrap_or_default();
        if matches!(question.kind, Kind::Number { .. }) {
            self.typed_numbers.retain(|(c, _)| c != code);
            self.typed_numbers.push((code.to_owned(), value.chars().take(limits::CODE_BYTES).collect()));
        }
        match before.with(question, value) {
            Ok(chosen) => {
                if let Some(slot) = self.sheet.values.get_mut(index) {
                    *slot = chosen;
                }
            }
            Err(problem) => self.fault(code, problem),
        }
    }

    fn check_choices(&mut self, questionnaire: &Questionnaire) {
        for index in 0..self.sheet.values.len() {
            let (Some(question), Some(value)) = (questionnaire.questions.get(index), self.sheet.values.get(index))
            else {
                continue;
            };
            if let Err(problem) = value.check(question) {
                self.fault(&question.code, problem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Questionnaire {
        let t = |vi: &str| serde_json::json!({"vi": vi, "en": vi});
        let option = |code: &str| serde_json::json!({"code": code, "text": t(code)});
        let criterion = |code: &str| serde_json::json!({"code": code, "text": t(code), "source": "reference"});
        let question = |code: &str, purpose: &str, kind: serde_json::Value| {
            let mut question = kind;
            question["code"] = code.into();
            question["purpose"] = purpose.into();
            question["text"] = t(code);
            question["source"] = "reference".into();
            question
        };
        serde_json::from_value(serde_json::json!({
            "key": "mau", "version": 1, "title": t("Mẫu"), "short_title": t("Mẫu"), "service": "administrative",
            "method": "mau", "legal_basis": [], "source_note": t(""), "tap": t("Nhìn chung?"),
            "scale": {"labels": [t("1"), t("2"), t("3"), t("4"), t("5")], "not_applicable": t("0")},
            "factors": [{"code": "1", "name": t("Một"), "criteria": [criterion("1.1"), criterion("1.2")]}],
            "questions": [
                question("visit", "visit", serde_json::json!({"kind": "single", "options": [option("nop"), option("nhan")]})),
                question("wish", "expectation", serde_json::json!({
                    "kind": "multiple", "most": 2, "options": [option("a"), option("b"), option("c")]})),
                question("percent", "fact", serde_json::json!({"kind": "number", "min": 0, "max": 100, "unit": "%"})),
            ],
        }))
        .expect("a questionnaire")
    }

    fn read(body: &str) -> Posted {
        Posted::read(&Fields::decode(body.as_bytes()).expect("a form"), &sample())
    }

    #[test]
    fn a_face_alone_is_a_tap() {
        let posted = read("di=&tap=4&comment=&website=&id=");
        assert_eq!((posted.press, posted.sheet.tap.map(Score::get)), (Press::Tap, Some(4)));
        assert!(posted.errors.is_empty() && posted.has_no_form());
    }

    #[test]
    fn enter_in_a_text_field_sends_the_form_and_keeps_the_face_out_of_it() {
        // The browser presses the first submit button of the form, which is "Gửi".
        let posted = read("di=gui&1.1=5&comment=T%E1%BB%91t");
        assert_eq!(posted.press, Press::Send);
        assert_eq!(posted.sheet.tap, None);
        assert_eq!(posted.comment.as_deref(), Some("Tốt"));
    }

    #[test]
    fn a_face_among_answers_is_one_of_the_answers() {
        let posted = read("tap=2&1.1=1&1.2=0");
        assert_eq!((posted.press, posted.sheet.tap.map(Score::get)), (Press::Send, Some(2)));
        assert_eq!(posted.sheet.answers[1], Answer::NotApplicable);
    }

    #[test]
    fn every_fault_is_named_and_the_rest_is_kept() {
        let posted = read("1.1=6&1.2=5&9.9=1&visit=bay&tap=0&percent=101");
        let faults: Vec<_> = posted.errors.iter().map(|e| (e.field.as_str(), e.problem.clone())).collect();
        assert_eq!(
            faults,
            [
                ("1.1", Problem::ForeignValue),
                ("9.9", Problem::UnknownField),
                ("visit", Problem::ForeignValue),
                ("tap", Problem::ForeignValue),
                ("percent", Problem::OutOfRange { min: 0, max: 100 }),
            ]
        );
        assert_eq!(posted.sheet.answers[1].score(), Some(5));
        assert_eq!(posted.typed_numbers, [("percent".to_owned(), "101".to_owned())]);
    }

    #[test]
    fn too_many_choices_are_refused_and_shown_again() {
        let posted = read("wish=a&wish=b&wish=c");
        assert_eq!(posted.errors, [FieldError::new("wish", Problem::TooManyChoices { most: 2 })]);
        let wish = sample().question_index("wish").expect("there");
        assert_eq!(posted.sheet.values[wish], Value::Multiple(0b111));
    }

    #[test]
    fn a_comment_is_refused_above_its_length_and_for_control_characters() {
        let long = format!("comment={}", "%E1%BB%91".repeat(limits::COMMENT_CHARS + 1));
        assert!(matches!(read(&long).problem("comment"), Some(Problem::TooLong { .. })));
        let longest = format!("comment={}", "%E1%BB%91".repeat(limits::COMMENT_CHARS));
        assert!(longest.len() < limits::FORM_BYTES && read(&longest).errors.is_empty());
        assert_eq!(read("comment=a%00b").problem("comment"), Some(&Problem::ControlCharacter));
    }

    #[test]
    fn only_a_version_7_id_is_taken() {
        assert!(read("id=01932c07-209c-7f3e-8c56-1b2d3e4f5a6b").id.is_some());
        for id in ["", "x", "c232ab00-9414-11ec-b3c8-9f6bdeced846", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(read(&format!("id={id}")).id, None, "{id}");
        }
    }

    #[test]
    fn times_that_are_no_times_are_left_out() {
        assert_eq!(read("luc=1000&gui=9500").fill_ms(), Some(8_500));
        assert_eq!(read("luc=x&gui=9500").fill_ms(), None);
        assert_eq!(read(&format!("luc={}&gui={}", i64::MIN, i64::MAX)).fill_ms(), None);
    }
}
