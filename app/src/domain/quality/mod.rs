//! Quality control of interviews: what is looked at, what stands out, and what may be decided about it.
//!
//! Marks are for people to look at. None of them leaves anything out by itself: that is done by a named rule that somebody
//! applies, or by two people with a reason ([`decision`]). Pure: times and answers come in as arguments.

pub mod burst;
pub mod callback;
pub mod compare;
pub mod decision;
pub mod flags;
pub mod overview;

use uuid::Uuid;

use super::answer::{Answer, Sheet};
use super::ids::{AccountId, AgencyId, DeviceId};
use super::response::{Marks, Mode, Standing, Stream};

/// Nobody reads a statement, hears an answer and notes it in less than this, in milliseconds. Two seconds an item is the
/// bound of careless answering in self-completion (Huang et al. 2012, *Detecting and deterring insufficient effort
/// responding*); reading aloud takes longer, so it is generous to the interviewer.
pub const ITEM_MS: i64 = 2_000;
/// An interview shorter than the median of its stream divided by this stands out: "a third of the median" is the usual
/// bound of speeding (Greszki, Meyer and Schoen 2015 compare such bounds).
pub const MEDIAN_PART: i64 = 3;
/// Fewest interviews of which a median is taken: below, only [`ITEM_MS`] counts.
pub const MEDIAN_FROM: usize = 20;
/// An interview of 22 statements that took longer than this, in milliseconds (3 hours), was interrupted, or its clock was
/// moved.
pub const LONG_MS: i64 = 3 * 3_600_000;
/// Fewest scored statements of which "all the same" says anything.
pub const STRAIGHT_FROM: u16 = 10;
/// One device holds one interview at a time; ends and beginnings may miss each other by this much, in milliseconds.
pub const OVERLAP_MS: i64 = 60_000;
/// So many interviews in a row are looked at together.
pub const RUN: usize = 5;
/// From one house of a drawn list to the next, greeting and consent included, in milliseconds (2 minutes). At a desk people
/// stand in line.
pub const WALK_MS: i64 = 120_000;
/// A device's clock that moved against the server's by this much between two contacts was set, in milliseconds (5 minutes):
/// cheap tablets drift by seconds a day.
pub const CLOCK_STEP_MS: i64 = 5 * 60_000;
/// Answers and the contact that tells of the clock travel in two requests that may lie so far apart, in milliseconds.
pub const CONTACT_MS: i64 = 10 * 60_000;

/// The streams that interviewers make.
pub const INTERVIEWS: [Stream; 2] = [Stream::Sample, Stream::Intercept];

/// Whose work an interview is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interviewer {
    /// A surveyor.
    Account(AccountId),
    /// A device that belongs to nobody.
    Device(DeviceId),
    /// Who asked is not recorded: a paper form, or answers that came without a device.
    Unknown,
}

impl Interviewer {
    /// The stored number: the account, the device below zero, 0 where it is not recorded.
    pub fn code(self) -> i32 {
        match self {
            Self::Account(id) => id.0,
            Self::Device(id) => id.0.saturating_neg(),
            Self::Unknown => 0,
        }
    }

    /// The interviewer of a stored number.
    pub fn from_code(code: i32) -> Self {
        match code {
            0 => Self::Unknown,
            1.. => Self::Account(AccountId(code)),
            _ => Self::Device(DeviceId(code.saturating_neg())),
        }
    }

    /// Of what came from a device: the account that holds it; on paper the device is that of who keyed it.
    pub fn of(mode: Mode, device: Option<DeviceId>, account: Option<AccountId>) -> Self {
        match (mode, account, device) {
            (Mode::Paper, ..) | (_, None, None) => Self::Unknown,
            (_, Some(account), _) => Self::Account(account),
            (_, None, Some(device)) => Self::Device(device),
        }
    }
}

/// What quality control knows of the answers: never which they are, but for the comparison of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Statements answered 1 to 5, or 0.
    pub answered: u16,
    /// All scored statements got the same score, and there are [`STRAIGHT_FROM`] of them. The official questionnaires have
    /// no statement of reversed polarity, so nothing contradicts such a row by itself.
    pub straight: bool,
    /// The score that was given most often, the lower of two; none where nothing was scored.
    pub modal: Option<u8>,
}

impl Answers {
    /// Of a sheet.
    pub fn of(sheet: &Sheet) -> Self {
        let mut scores = [0_u16; 5];
        let mut answered = 0;
        for answer in &sheet.answers {
            answered += u16::from(*answer != Answer::Blank);
            if let Some(count) = answer.score().and_then(|score| scores.get_mut(usize::from(score) - 1)) {
                *count += 1;
            }
        }
        let most = scores.iter().copied().max().unwrap_or(0);
        let scored: u16 = scores.iter().sum();
        let modal = (1..).zip(scores).find(|(_, count)| most > 0 && *count == most).map(|(score, _)| score);
        Self { answered, straight: scored >= STRAIGHT_FROM && most == scored, modal }
    }
}

/// One interview as quality control sees it. Times are milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interview {
    /// The response.
    pub id: Uuid,
    /// Who held it.
    pub by: Interviewer,
    /// On which device.
    pub device: Option<DeviceId>,
    /// About which agency.
    pub agency: AgencyId,
    /// Drawn list or every k-th visitor.
    pub stream: Stream,
    /// By what means.
    pub mode: Mode,
    /// How it stands now.
    pub standing: Standing,
    /// Facts noted at arrival.
    pub marks: Marks,
    /// By the device's clock.
    pub started_at: Option<i64>,
    /// By the device's clock.
    pub finished_at: Option<i64>,
    /// By the server's clock.
    pub received_at: i64,
    /// What is known of the answers.
    pub answers: Answers,
}

impl Interview {
    /// How long it took, in milliseconds: not known of paper, whose times are those of keying, nor where the device said
    /// none.
    pub fn length(&self) -> Option<i64> {
        let (from, to) = self.times()?;
        (to >= from).then(|| to - from)
    }

    /// Beginning and end by the device's clock, of what was held on a device.
    pub fn times(&self) -> Option<(i64, i64)> {
        (self.mode != Mode::Paper).then_some(self.started_at.zip(self.finished_at)).flatten()
    }
}

/// The median: of an even number the lower of the two in the middle. None of nothing.
pub fn median(mut values: Vec<i64>) -> Option<i64> {
    if values.is_empty() {
        return None;
    }
    let middle = (values.len() - 1) / 2;
    Some(*values.select_nth_unstable(middle).1)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::answer::Score;

    /// A plain interview of five minutes on device 1 that began at `from`.
    pub(in crate::domain::quality) fn interview(n: u128, by: i32, from: i64) -> Interview {
        Interview {
            id: Uuid::from_u128(n),
            by: Interviewer::Account(AccountId(by)),
            device: Some(DeviceId(by)),
            agency: AgencyId(1),
            stream: Stream::Sample,
            mode: Mode::Tablet,
            standing: Standing::Valid,
            marks: Marks::default(),
            started_at: Some(from),
            finished_at: Some(from + 300_000),
            received_at: from + 400_000,
            answers: Answers { answered: 22, straight: false, modal: Some(4) },
        }
    }

    fn sheet(scores: &[u8]) -> Sheet {
        let answer = |s: &u8| match s {
            0 => Answer::NotApplicable,
            9 => Answer::Blank,
            s => Answer::Score(Score::new(*s).expect("1 to 5")),
        };
        Sheet { tap: None, answers: scores.iter().map(answer).collect(), values: vec![] }
    }

    #[test]
    fn all_the_same_needs_ten_scores_and_forgives_what_does_not_apply() {
        let ten = Answers::of(&sheet(&[4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 9]));
        assert_eq!(ten, Answers { answered: 11, straight: true, modal: Some(4) });
        assert!(!Answers::of(&sheet(&[4; 9])).straight, "nine say nothing");
        assert!(!Answers::of(&sheet(&[4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5])).straight);
    }

    #[test]
    fn the_score_given_most_often_is_the_lower_of_two() {
        assert_eq!(Answers::of(&sheet(&[5, 5, 3, 3, 1])).modal, Some(3));
        assert_eq!(Answers::of(&sheet(&[0, 9, 0])), Answers { answered: 2, straight: false, modal: None });
    }

    #[test]
    fn interviewers_come_back_from_their_numbers() {
        for by in [Interviewer::Account(AccountId(7)), Interviewer::Device(DeviceId(7)), Interviewer::Unknown] {
            assert_eq!(Interviewer::from_code(by.code()), by);
        }
        let (device, account) = (Some(DeviceId(3)), Some(AccountId(4)));
        assert_eq!(Interviewer::of(Mode::Paper, device, account), Interviewer::Unknown);
        assert_eq!(Interviewer::of(Mode::Tablet, device, account), Interviewer::Account(AccountId(4)));
        assert_eq!(Interviewer::of(Mode::Tablet, device, None), Interviewer::Device(DeviceId(3)));
    }

    #[test]
    fn the_median_is_one_of_the_values() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![9, 1, 5]), Some(5));
        assert_eq!(median(vec![9, 1, 5, 7]), Some(5));
    }
}
