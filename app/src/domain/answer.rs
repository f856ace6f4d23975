//! What one person answered: the sheet, its checks against the questionnaire, its compact form, and validity.

use serde::{Deserialize, Serialize};

use super::limits;
use super::questionnaire::{Choice, Condition, Kind, Purpose, Question, Questionnaire};

/// The answer to one statement. Blank and 0 count in no index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Answer {
    /// Not answered.
    #[default]
    Blank,
    /// 0: không áp dụng, không biết, chưa dùng đến.
    NotApplicable,
    /// 1 to 5.
    Score(Score),
}

/// A score from 1 (worst) to 5 (best).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Score(u8);

impl Score {
    /// A score, none outside 1 to 5.
    pub fn new(score: u8) -> Option<Self> {
        (1..=5).contains(&score).then_some(Self(score))
    }

    /// 1 to 5.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Answer {
    /// The answer of a figure as it stands on paper: 0 to 5.
    pub fn from_figure(figure: i64) -> Option<Self> {
        match figure {
            0 => Some(Self::NotApplicable),
            f => u8::try_from(f).ok().and_then(Score::new).map(Self::Score),
        }
    }

    /// The score, if one was given.
    pub fn score(self) -> Option<u8> {
        match self {
            Self::Score(s) => Some(s.0),
            _ => None,
        }
    }

    fn nibble(self) -> u8 {
        match self {
            Self::Blank => 0,
            Self::Score(s) => s.0,
            Self::NotApplicable => 6,
        }
    }

    fn from_nibble(n: u8) -> Option<Self> {
        match n {
            0 => Some(Self::Blank),
            6 => Some(Self::NotApplicable),
            s => Score::new(s).map(Self::Score),
        }
    }
}

/// The answer to a question beside the criteria.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Not answered.
    #[default]
    Blank,
    /// The position of the chosen option, from 0.
    Single(u8),
    /// Chosen options as bits, bit 0 the first; never 0.
    Multiple(u32),
    /// A number within the limits of the question.
    Number(u16),
}

impl Value {
    /// This value after one more answer to its question was read: the code of an option, or a number in digits.
    /// How many may be chosen is checked when all are read ([`Value::check`]).
    ///
    /// # Errors
    /// [`Problem::ForeignValue`] or [`Problem::OutOfRange`].
    pub fn with(self, question: &Question, raw: &str) -> Result<Self, Problem> {
        match &question.kind {
            Kind::Single { options } => position(options, raw).map(Self::Single),
            Kind::Multiple { options, .. } => {
                let bit = 1 << position(options, raw)?;
                Ok(Self::Multiple(bit | if let Self::Multiple(bits) = self { bits } else { 0 }))
            }
            Kind::Number { min, max, .. } => {
                Self::number(question, raw.trim().parse().map_err(|_| Problem::OutOfRange { min: *min, max: *max })?)
            }
        }
    }

    /// A number as the answer to a question for one.
    ///
    /// # Errors
    /// [`Problem::OutOfRange`]; [`Problem::ForeignValue`] where the question asks for no number.
    pub fn number(question: &Question, number: i64) -> Result<Self, Problem> {
        let Kind::Number { min, max, .. } = question.kind else { return Err(Problem::ForeignValue) };
        let number = u16::try_from(number).ok().filter(|n| (min..=max).contains(n));
        number.map(Self::Number).ok_or(Problem::OutOfRange { min, max })
    }

    /// Refuses more choices than the question allows.
    ///
    /// # Errors
    /// [`Problem::TooManyChoices`].
    pub fn check(self, question: &Question) -> Result<Self, Problem> {
        match (self, &question.kind) {
            (Self::Multiple(bits), Kind::Multiple { most, .. }) if bits.count_ones() > u32::from(*most) => {
                Err(Problem::TooManyChoices { most: *most })
            }
            _ => Ok(self),
        }
    }
}

/// The position of an option by its code; below [`limits::OPTIONS`], so that it fits the bits of a value.
fn position(options: &[Choice], code: &str) -> Result<u8, Problem> {
    let at = options.iter().position(|o| o.code == code).filter(|at| *at < limits::OPTIONS);
    at.and_then(|at| u8::try_from(at).ok()).ok_or(Problem::ForeignValue)
}

/// All that one person said about one visit, except the comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sheet {
    /// The one-tap answer; a question of its own, never in the index.
    pub tap: Option<Score>,
    /// One answer a criterion, in the order of [`Questionnaire::criteria`].
    pub answers: Vec<Answer>,
    /// One value a question, in the order of `questionnaire.questions`.
    pub values: Vec<Value>,
}

/// Whether a sheet counts in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Enough was answered.
    Valid,
    /// Kept, shown as left out.
    Incomplete,
}

impl Sheet {
    /// A sheet on which nothing is answered.
    pub fn blank(questionnaire: &Questionnaire) -> Self {
        Self {
            tap: None,
            answers: vec![Answer::Blank; questionnaire.n_criteria()],
            values: vec![Value::Blank; questionnaire.questions.len()],
        }
    }

    /// Nothing at all is answered, not even the tap.
    pub fn is_blank(&self) -> bool {
        self.tap.is_none() && self.has_no_form()
    }

    /// Nothing of the form is answered; at most the tap is there.
    pub fn has_no_form(&self) -> bool {
        self.answers.iter().all(|a| *a == Answer::Blank) && self.values.iter().all(|v| *v == Value::Blank)
    }

    /// Whether a routed item is asked, given what is on the sheet. An unanswered routing question hides nothing, but
    /// one that is itself not asked hides what depends on it: who has no result yet is not asked what happened when
    /// it was late.
    pub fn asks(&self, questionnaire: &Questionnaire, condition: Option<&Condition>) -> bool {
        let mut condition = condition;
        // Conditions lead to earlier questions, so the chain ends; the bound holds for an unchecked questionnaire too.
        for _ in 0..=questionnaire.questions.len() {
            let Some(Condition { question, any_of }) = condition else { return true };
            let Some(index) = questionnaire.question_index(question) else { return true };
            let Some(question) = questionnaire.questions.get(index) else { return true };
            if let Some(Value::Single(chosen)) = self.values.get(index)
                && let Some(option) = question.options().get(usize::from(*chosen))
                && !any_of.contains(&option.code)
            {
                return false;
            }
            condition = question.asked_when.as_ref();
        }
        true
    }

    /// The code of the chosen option of the first question with this purpose.
    pub fn chosen<'q>(&self, questionnaire: &'q Questionnaire, purpose: Purpose) -> Option<&'q str> {
        let (index, question) = questionnaire.questions_for(purpose).next()?;
        match self.values.get(index)? {
            Value::Single(chosen) => question.options().get(usize::from(*chosen)).map(|o| o.code.as_str()),
            _ => None,
        }
    }

    /// Criteria outside optional factors: how many are asked of this person, and how many of them are answered (1 to 5 or 0).
    pub fn completeness(&self, questionnaire: &Questionnaire) -> (u32, u32) {
        let (mut asked, mut answered) = (0, 0);
        for ((factor, criterion), answer) in questionnaire.criteria().zip(&self.answers) {
            let factor = &questionnaire.factors[factor];
            if factor.optional
                || !self.asks(questionnaire, factor.asked_when.as_ref())
                || !self.asks(questionnaire, criterion.asked_when.as_ref())
            {
                continue;
            }
            asked += 1;
            answered += u32::from(*answer != Answer::Blank);
        }
        (asked, answered)
    }

    /// Valid: twice the answered criteria outside optional factors reaches those asked, and at least one is 1 to 5
    /// (design 8).
    pub fn validity(&self, questionnaire: &Questionnaire) -> Validity {
        let (asked, answered) = self.completeness(questionnaire);
        let scored = self.answers.iter().any(|a| a.score().is_some());
        if scored && 2 * answered >= asked { Validity::Valid } else { Validity::Incomplete }
    }

    /// The sheet as a compact value: one byte of format, one of tap, answers as nibbles, values by kind.
    /// About 30 bytes for 22 criteria. The sheet must fit the questionnaire (values that it offers), as every sheet
    /// does that was read from a form or from [`Self::unpack`].
    pub fn pack(&self, questionnaire: &Questionnaire) -> Vec<u8> {
        let mut out = Vec::with_capacity(3 + self.answers.len().div_ceil(2) + self.values.len() * 2);
        out.push(FORMAT);
        out.push(self.tap.map_or(0, Score::get));
        for pair in self.answers.chunks(2) {
            out.push(pair[0].nibble() | pair.get(1).map_or(0, |a| a.nibble() << 4));
        }
        for (question, value) in questionnaire.questions.iter().zip(&self.values) {
            match (&question.kind, value) {
                (Kind::Single { .. }, Value::Single(v)) => out.push(v + 1),
                (Kind::Multiple { .. }, Value::Multiple(bits)) => out.extend(bits.to_le_bytes()),
                (Kind::Number { .. }, Value::Number(n)) => out.extend((n + 1).to_le_bytes()),
                (Kind::Single { .. }, _) => out.push(0),
                (Kind::Multiple { .. }, _) => out.extend([0; 4]),
                (Kind::Number { .. }, _) => out.extend([0; 2]),
            }
        }
        // Trailing zeros say "blank" and need not be kept.
        while out.len() > 2 && out.last() == Some(&0) {
            out.pop();
        }
        out
    }

    /// The sheet of a compact value; none where the bytes do not fit the questionnaire.
    pub fn unpack(bytes: &[u8], questionnaire: &Questionnaire) -> Option<Self> {
        let (&[format, tap], rest) = bytes.split_first_chunk::<2>()?;
        if format != FORMAT {
            return None;
        }
        let mut rest = rest.iter().copied();
        let mut next = || rest.next().unwrap_or(0);
        let mut sheet = Self::blank(questionnaire);
        sheet.tap = match tap {
            0 => None,
            t => Some(Score::new(t)?),
        };
        for pair in sheet.answers.chunks_mut(2) {
            let byte = next();
            pair[0] = Answer::from_nibble(byte & 15)?;
            if let Some(second) = pair.get_mut(1) {
                *second = Answer::from_nibble(byte >> 4)?;
            }
        }
        for (question, value) in questionnaire.questions.iter().zip(&mut sheet.values) {
            *value = match &question.kind {
                Kind::Single { options } => match next() {
                    0 => Value::Blank,
                    v if usize::from(v) <= options.len() => Value::Single(v - 1),
                    _ => return None,
                },
                Kind::Multiple { options, .. } => match u32::from_le_bytes([next(), next(), next(), next()]) {
                    0 => Value::Blank,
                    bits if u64::from(bits) >> options.len() == 0 => Value::Multiple(bits),
                    _ => return None,
                },
                Kind::Number { min, max, .. } => match u16::from_le_bytes([next(), next()]) {
                    0 => Value::Blank,
                    n if (*min..=*max).contains(&(n - 1)) => Value::Number(n - 1),
                    _ => return None,
                },
            };
        }
        rest.next().is_none().then_some(sheet)
    }
}

const FORMAT: u8 = 1;

/// Why a value was refused; `field` is the code of the criterion or question, or the name of the field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Where.
    pub field: String,
    /// What.
    #[serde(flatten)]
    pub problem: Problem,
}

/// The ways in which a value can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// Nothing was answered at all.
    NothingAnswered,
    /// The questionnaire has no such criterion or question.
    UnknownField,
    /// Not one of the values that may be chosen.
    ForeignValue,
    /// More than `most` options chosen.
    TooManyChoices {
        /// How many may be.
        most: u8,
    },
    /// A number outside `min` to `max`.
    OutOfRange {
        /// Least.
        min: u16,
        /// Most.
        max: u16,
    },
    /// A text longer than `most` characters.
    TooLong {
        /// How many it may have.
        most: usize,
    },
    /// A control character where text is expected.
    ControlCharacter,
}

impl FieldError {
    /// An error at `field`.
    pub fn new(field: impl Into<String>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }
}

/// A comment as it is kept: NFC, line breaks as `\n`, trimmed; none when empty.
///
/// # Errors
/// [`Problem::TooLong`] above [`limits::COMMENT_CHARS`], [`Problem::ControlCharacter`] for NUL and other control
/// characters except tab and line break.
pub fn clean_comment(raw: &str) -> Result<Option<String>, Problem> {
    use unicode_normalization::UnicodeNormalization;
    let text: String = raw.replace("\r\n", "\n").replace('\r', "\n").nfc().collect();
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Problem::ControlCharacter);
    }
    if text.chars().count() > limits::COMMENT_CHARS {
        return Err(Problem::TooLong { most: limits::COMMENT_CHARS });
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests;
