//! An interview while it goes on: where it stands, what has been answered, what comes next. Pure.
//!
//! One group of criteria at a time, in the order in which it is read aloud. Routing is that of the sheet
//! ([`Sheet::asks`]): a step that asks nothing of this person is passed over.

use serde::{Deserialize, Serialize};

use super::record::About;
use crate::domain::answer::{Answer, Sheet, Value};
use crate::domain::hex::hex;
use crate::domain::limits;
use crate::domain::moment::ClockNote;
use crate::domain::questionnaire::{Criterion, Kind, Purpose, Question, Questionnaire};
use crate::domain::response::{Mode, Stream};
use crate::domain::text::Lang;

/// One screen of the interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Greeting and consent, read out.
    Consent,
    /// Why the person came, and as whom.
    Opening,
    /// One factor, by its position.
    Factor(usize),
    /// What happened.
    Facts,
    /// What should improve.
    Wishes,
    /// Who answers.
    Person,
    /// The open question.
    Comment,
    /// What is still open, and the end.
    Finish,
}

/// Who holds the tablet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hands {
    /// The interviewer reads and taps.
    #[default]
    Interviewer,
    /// The respondent answers alone; nobody goes back to see it.
    Respondent,
}

/// An interview that has begun. Kept on the device after every answer, under the key of the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// UUID of the response to come.
    pub id: String,
    /// The unit that is interviewed, where there is a list.
    pub unit: Option<String>,
    /// The post, where there is one.
    pub post: Option<i32>,
    /// Code of the desk.
    pub desk: Option<String>,
    /// Code of the agency.
    pub agency: String,
    /// Code of the field.
    pub field: Option<String>,
    /// How a person finds it again: "Số 12".
    pub label: String,
    /// Language in which it is asked.
    pub lang: Lang,
    /// Version of the greeting that was read.
    pub script: u16,
    /// First touch, by the device's clock.
    pub started_at: i64,
    /// The screen it stands at.
    pub step: Step,
    /// Who holds the tablet.
    pub hands: Hands,
    /// Nobody goes back beyond this screen: what the respondent answered alone stays unseen.
    #[serde(default)]
    pub floor: Option<Step>,
    /// Key and version of the questionnaire that it answers.
    pub questionnaire: (String, u16),
    /// The sheet, packed, in hexadecimal digits.
    pub sheet: String,
    /// The open answer as typed.
    pub comment: String,
}

impl Draft {
    /// What was answered so far; a blank sheet where the draft is of another version. A drawn person is not asked why
    /// they came, so what an older app asked of one decides nothing.
    pub fn sheet(&self, questionnaire: &Questionnaire) -> Sheet {
        let same = self.fits(questionnaire);
        let bytes = unhex(&self.sheet).filter(|_| same && !self.sheet.is_empty());
        let sheet =
            bytes.and_then(|bytes| Sheet::unpack(&bytes, questionnaire)).unwrap_or_else(|| Sheet::blank(questionnaire));
        if self.unit.is_some() { sheet.counted(questionnaire, Stream::Sample).into_owned() } else { sheet }
    }

    /// Puts the sheet back.
    pub fn keep(&mut self, sheet: &Sheet, questionnaire: &Questionnaire) {
        self.sheet = hex(&sheet.pack(questionnaire));
    }

    /// Whether it answers this version.
    pub fn fits(&self, questionnaire: &Questionnaire) -> bool {
        self.questionnaire.0 == questionnaire.key && self.questionnaire.1 == questionnaire.version
    }

    /// The open answer as it goes out: no control characters, at most as long as the server takes; the server brings it
    /// into its normal form. None when empty.
    pub fn said(&self) -> Option<String> {
        let fine = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\t');
        let said: String = self.comment.trim().chars().filter(fine).take(limits::COMMENT_CHARS).collect();
        (!said.is_empty()).then_some(said)
    }

    /// What goes out beside the answers.
    pub fn about(&self, mode: Mode, finished_at: i64, clock: Option<ClockNote>) -> About {
        About {
            id: self.id.clone(),
            desk: self.desk.clone(),
            agency: self.agency.clone(),
            field: self.field.clone(),
            mode,
            lang: self.lang,
            started_at: self.started_at,
            finished_at,
            clock,
            unit: self.unit.clone(),
            post: self.post,
        }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// One thing asked on a screen, by its position on the sheet.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'q> {
    /// A statement to rate.
    Statement(usize, &'q Criterion),
    /// A question beside the criteria.
    Question(usize, &'q Question),
}

/// What a screen asks of this person, in order. The stream decides whether the visit is asked about.
pub fn asked<'q>(step: Step, questionnaire: &'q Questionnaire, sheet: &Sheet, stream: Stream) -> Vec<Asked<'q>> {
    let questions = |purpose: Purpose| {
        let open =
            questionnaire.questions_for(purpose).filter(|(_, q)| sheet.asks(questionnaire, q.asked_when.as_ref()));
        open.map(|(at, question)| Asked::Question(at, question)).collect::<Vec<_>>()
    };
    match step {
        Step::Consent | Step::Comment | Step::Finish => vec![],
        Step::Opening if stream.asks_visit() => {
            [questions(Purpose::Visit), questions(Purpose::RespondentType)].concat()
        }
        Step::Opening => questions(Purpose::RespondentType),
        Step::Facts => questions(Purpose::Fact),
        Step::Wishes => questions(Purpose::Expectation),
        Step::Person => questions(Purpose::Respondent),
        Step::Factor(number) => {
            let Some(factor) = questionnaire.factors.get(number) else { return vec![] };
            if !sheet.asks(questionnaire, factor.asked_when.as_ref()) {
                return vec![];
            }
            let gates = questions(Purpose::Gate);
            let mut out = Vec::new();
            for (at, (of, criterion)) in questionnaire.criteria().enumerate() {
                if of != number {
                    continue;
                }
                let stands_here = |gate: &&Asked<'q>| matches!(gate, Asked::Question(_, q) if q.before.as_deref() == Some(criterion.code.as_str()));
                out.extend(gates.iter().filter(stands_here));
                if sheet.asks(questionnaire, criterion.asked_when.as_ref()) {
                    out.push(Asked::Statement(at, criterion));
                }
            }
            out
        }
    }
}

/// The screens of this person's interview. `read_out` says whether greeting and consent come first.
pub fn steps(questionnaire: &Questionnaire, sheet: &Sheet, stream: Stream, read_out: bool) -> Vec<Step> {
    let all = [Step::Opening].into_iter().chain((0..questionnaire.factors.len()).map(Step::Factor)).chain([
        Step::Facts,
        Step::Wishes,
        Step::Person,
    ]);
    let mut out = if read_out { vec![Step::Consent] } else { vec![] };
    out.extend(all.filter(|step| !asked(*step, questionnaire, sheet, stream).is_empty()));
    out.extend(questionnaire.comment.is_some().then_some(Step::Comment));
    out.push(Step::Finish);
    out
}

impl Step {
    /// Where it stands in the whole form.
    pub fn rank(self) -> usize {
        match self {
            Self::Consent => 0,
            Self::Opening => 1,
            Self::Factor(number) => 2 + number.min(900),
            Self::Facts => 1_000,
            Self::Wishes => 1_001,
            Self::Person => 1_002,
            Self::Comment => 1_003,
            Self::Finish => 1_004,
        }
    }
}

/// The screen after (`forward`) or before one. Where the screen itself is asked no more, its neighbour in the whole form.
pub fn next(steps: &[Step], from: Step, forward: bool) -> Step {
    let rank = Step::rank;
    let here = rank(from);
    let found = if forward {
        steps.iter().copied().find(|step| rank(*step) > here)
    } else {
        steps.iter().copied().rev().find(|step| rank(*step) < here)
    };
    found.unwrap_or(from)
}

/// The first screen on which nothing at all is answered: where a self-completion goes on after a break, so that
/// whoever sees the screen then sees no answer. The end where there is none.
pub fn first_untouched(questionnaire: &Questionnaire, sheet: &Sheet, stream: Stream) -> Step {
    let touched = |asked: &Asked<'_>| match asked {
        Asked::Statement(at, _) => sheet.answers.get(*at).is_some_and(|answer| *answer != Answer::Blank),
        Asked::Question(at, _) => sheet.values.get(*at).is_some_and(|value| *value != Value::Blank),
    };
    let steps = steps(questionnaire, sheet, stream, false);
    let last = steps.iter().rposition(|step| asked(*step, questionnaire, sheet, stream).iter().any(touched));
    steps.get(last.map_or(0, |at| at + 1)).copied().unwrap_or(Step::Finish)
}

/// Statements and questions that are asked of this person and not answered, on all screens.
pub fn left_open(questionnaire: &Questionnaire, sheet: &Sheet, stream: Stream) -> Vec<(Step, usize)> {
    let open = |asked: &Asked<'_>| match asked {
        Asked::Statement(at, _) => sheet.answers.get(*at).is_none_or(|answer| *answer == Answer::Blank),
        Asked::Question(at, _) => sheet.values.get(*at).is_none_or(|value| *value == Value::Blank),
    };
    let steps = steps(questionnaire, sheet, stream, false).into_iter();
    let counted =
        steps.map(|step| (step, asked(step, questionnaire, sheet, stream).iter().filter(|asked| open(asked)).count()));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// The value of a question after one of its options was tapped: chosen, or taken back where it was chosen already.
/// A further option of a full list is refused, so that the person sees what to take back.
pub fn tapped(question: &Question, value: Value, option: usize) -> Value {
    let Ok(at) = u8::try_from(option) else { return value };
    match (&question.kind, value) {
        (Kind::Single { .. }, Value::Single(chosen)) if chosen == at => Value::Blank,
        (Kind::Single { .. }, _) => Value::Single(at),
        (Kind::Multiple { .. }, value) => {
            let before = if let Value::Multiple(bits) = value { bits } else { 0 };
            let after = before ^ (1 << (at & 31));
            match Value::Multiple(after).check(question) {
                Ok(Value::Multiple(0)) => Value::Blank,
                Ok(after) => after,
                Err(_) => value,
            }
        }
        (Kind::Number { .. }, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answer::Score;
    use crate::domain::fixture::form;
    use proptest::prelude::*;

    const DESK: Stream = Stream::Intercept;

    #[test]
    fn a_drawn_person_is_not_asked_why_they_came_and_is_asked_about_the_result() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        // As a tablet before this rule left it.
        sheet.values[0] = Value::Single(0);
        let mut drawn = Draft { unit: Some("u".to_owned()), ..draft() };
        drawn.keep(&sheet, &form);
        let sheet = drawn.sheet(&form);
        assert!(asked(Step::Opening, &form, &sheet, Stream::Sample).is_empty());
        let steps = steps(&form, &sheet, Stream::Sample, true);
        assert!(steps.contains(&Step::Factor(1)) && !steps.contains(&Step::Opening), "{steps:?}");
        assert_eq!(codes(&asked(Step::Facts, &form, &sheet, Stream::Sample)), ["hen", "thu", "dap-ung"]);
        // At a desk the question is asked, and its answer stays.
        assert_eq!(codes(&asked(Step::Opening, &form, &sheet, DESK)), ["visit"]);
        let desk = Draft { unit: None, ..drawn };
        assert_eq!(desk.sheet(&form).values[0], Value::Single(0));
    }

    fn codes(asked: &[Asked<'_>]) -> Vec<String> {
        let code = |asked: &Asked<'_>| match asked {
            Asked::Statement(_, criterion) => criterion.code.clone(),
            Asked::Question(_, question) => question.code.clone(),
        };
        asked.iter().map(code).collect()
    }

    fn draft() -> Draft {
        Draft {
            id: "id".to_owned(),
            unit: None,
            post: None,
            desk: None,
            agency: "a".to_owned(),
            field: None,
            label: "Số 1".to_owned(),
            lang: Lang::Vi,
            script: 1,
            started_at: 1,
            step: Step::Opening,
            hands: Hands::Interviewer,
            floor: None,
            questionnaire: ("thu".to_owned(), 1),
            sheet: String::new(),
            comment: String::new(),
        }
    }

    #[test]
    fn who_has_no_result_yet_is_not_asked_about_it() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        assert!(steps(&form, &sheet, DESK, false).contains(&Step::Factor(1)));
        sheet.values[0] = Value::Single(0);
        let left = steps(&form, &sheet, DESK, true);
        assert_eq!(left[..3], [Step::Consent, Step::Opening, Step::Factor(0)]);
        assert!(!left.contains(&Step::Factor(1)));
        assert_eq!(next(&left, Step::Factor(0), true), Step::Factor(2));
        assert_eq!(codes(&asked(Step::Facts, &form, &sheet, DESK)), ["dap-ung"]);
    }

    #[test]
    fn a_gate_is_read_before_what_it_opens() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        assert_eq!(codes(&asked(Step::Factor(2), &form, &sheet, DESK)), ["3.1", "gate", "3.2"]);
        sheet.values[1] = Value::Single(1);
        assert_eq!(codes(&asked(Step::Factor(2), &form, &sheet, DESK)), ["3.1", "gate"]);
    }

    #[test]
    fn one_goes_back_and_forth_without_falling_off_the_ends() {
        let form = form();
        let all = steps(&form, &Sheet::blank(&form), DESK, true);
        assert_eq!(next(&all, Step::Consent, false), Step::Consent);
        assert_eq!(next(&all, Step::Finish, true), Step::Finish);
        let mut here = Step::Consent;
        for step in &all[1..] {
            here = next(&all, here, true);
            assert_eq!(here, *step);
        }
    }

    #[test]
    fn a_second_tap_takes_back_and_a_full_list_takes_no_more() {
        let form = form();
        let (visit, wishes) = (&form.questions[0], &form.questions[4]);
        let once = tapped(visit, Value::Blank, 1);
        assert_eq!(once, Value::Single(1));
        assert_eq!(tapped(visit, once, 1), Value::Blank);
        let full = (0..3).fold(Value::Blank, |value, option| tapped(wishes, value, option));
        assert_eq!(tapped(wishes, full, 3), full);
        assert_eq!(tapped(wishes, full, 0), Value::Multiple(0b110));
    }

    #[test]
    fn what_is_still_open_is_counted_by_screen() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        sheet.answers[0] = Answer::Score(Score::new(3).expect("a score"));
        assert!(left_open(&form, &sheet, DESK).contains(&(Step::Factor(0), 3)));
    }

    #[test]
    fn a_comment_goes_out_as_the_server_takes_it() {
        let said = |comment: &str| Draft { comment: comment.to_owned(), ..draft() }.said();
        assert_eq!(said(" \n "), None);
        assert_eq!(said("Phải chờ\u{0}\r\nlâu ").as_deref(), Some("Phải chờ\nlâu"));
        let long = said(&"ố".repeat(limits::COMMENT_CHARS + 5)).unwrap_or_default();
        assert_eq!(crate::domain::answer::clean_comment(&long), Ok(Some(long.clone())));
    }

    #[test]
    fn after_a_break_nothing_that_was_answered_alone_is_shown() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        assert_eq!(first_untouched(&form, &sheet, DESK), Step::Opening);
        sheet.answers[6] = Answer::NotApplicable;
        assert_eq!(first_untouched(&form, &sheet, DESK), Step::Facts);
        sheet.values[4] = Value::Multiple(1);
        assert_eq!(first_untouched(&form, &sheet, DESK), Step::Comment);
    }

    #[test]
    fn a_draft_of_another_version_begins_anew_and_one_of_this_version_goes_on() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        sheet.values[5] = Value::Number(80);
        let mut draft = draft();
        assert_eq!(draft.sheet(&form), Sheet::blank(&form));
        draft.keep(&sheet, &form);
        let text = serde_json::to_string(&draft).expect("written");
        let mut again: Draft = serde_json::from_str(&text).expect("read");
        assert_eq!(again.sheet(&form), sheet);
        again.questionnaire.1 = 2;
        assert_eq!(again.sheet(&form), Sheet::blank(&form));
    }

    proptest! {
        #[test]
        fn a_draft_with_a_broken_sheet_is_a_blank_one_and_no_panic(sheet in "\\PC{0,20}") {
            let form = form();
            let broken = Draft { sheet, ..draft() };
            prop_assert_eq!(broken.sheet(&form).answers.len(), form.n_criteria());
        }
    }
}
