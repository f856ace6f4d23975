//! Counting at a desk: a shift of an intercept team, and the presses of a kiosk. Pure.

use serde::{Deserialize, Serialize};

use super::queue::{Kind, Record, State};
use crate::domain::field_work::{Lease, What};

/// One shift at one post, so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// UUID of the shift.
    pub shift: String,
    /// The post.
    pub post: i32,
    /// Local day.
    pub day: i32,
    /// Every how many-th visitor is asked; at least 1.
    pub every: u32,
    /// Who passed.
    pub passers: u32,
    /// Who was asked.
    pub asked: u32,
    /// Who did not want to.
    pub refused: u32,
    /// The last one who passed is to be asked, and has not been.
    pub due: bool,
}

impl Shift {
    /// A new shift.
    pub fn begin(shift: String, post: i32, day: i32, every: u32) -> Self {
        Self { shift, post, day, every: every.max(1), passers: 0, asked: 0, refused: 0, due: false }
    }

    /// One more visitor came out. Every k-th is to be asked, whoever it is: the team does not choose.
    pub fn pass(&mut self) {
        self.passers = self.passers.saturating_add(1);
        if self.passers.is_multiple_of(self.every.max(1)) {
            self.due = true;
        }
    }

    /// How many more until the next one to be asked; 0 when it is the one who stands there.
    pub fn until_next(&self) -> u32 {
        if self.due { 0 } else { self.every.max(1) - self.passers % self.every.max(1) }
    }

    /// The one who was due was asked, and agreed or refused.
    pub fn ask(&mut self, agreed: bool) {
        self.asked = self.asked.saturating_add(1);
        self.refused = self.refused.saturating_add(u32::from(!agreed));
        self.due = false;
    }

    /// What is told to the server.
    pub fn told(&self) -> What {
        let Self { shift, post, day, passers, asked, refused, .. } = self.clone();
        What::Shift { shift, post, day, passers, asked, refused }
    }
}

/// How many interviews of a post (`label`) the kit that came at `kit_at` (device clock) does not count: those that wait
/// here, and those that the server took after it.
pub fn spent_here<'r>(records: impl Iterator<Item = &'r Record>, label: &str, kit_at: i64) -> u32 {
    let counts = |record: &&Record| {
        record.kind == Kind::Response
            && record.label == label
            && match record.state {
                State::Finished | State::Sending => true,
                State::Kept { at, .. } => at >= kit_at,
                State::Held { .. } => false,
            }
    };
    u32::try_from(records.filter(counts).count()).unwrap_or(u32::MAX)
}

/// How many interviews a lease still allows; `here` are those on this device that the server has not counted.
pub fn lease_left(lease: Option<Lease>, here: u32) -> Option<u32> {
    lease.map(|lease| lease.granted.saturating_sub(lease.used).saturating_sub(here))
}

/// After this many milliseconds without a touch a kiosk asks whether anybody is there.
pub const IDLE_MS: i64 = 60_000;
/// So long it waits for an answer, in milliseconds.
pub const LEAVE_MS: i64 = 20_000;
/// After this many milliseconds without a touch the page after a tap gives way to the faces: the question on it is read in
/// five seconds, and the next visitor must not find it.
pub const TAPPED_MS: i64 = 15_000;
/// Taps so soon after the thanks are those of the person before, in milliseconds.
pub const THANKS_MS: i64 = 3_000;

/// What a kiosk shows besides its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Somebody is there.
    Here,
    /// "Ông/Bà còn trả lời không?", so many seconds left.
    Asking(i64),
    /// Gone: what was answered stands, and the first page is shown.
    Gone,
}

/// Whether somebody is still at the kiosk. A clock that jumped back means nothing.
pub fn idle(last_touch: i64, now: i64) -> Idle {
    let still = now.saturating_sub(last_touch);
    if still < IDLE_MS {
        Idle::Here
    } else if still < IDLE_MS + LEAVE_MS {
        Idle::Asking((IDLE_MS + LEAVE_MS - still + 999) / 1_000)
    } else {
        Idle::Gone
    }
}

/// Whether the person who tapped has left the page after the tap. A clock that jumped back means nothing.
pub fn left_after_tap(last_touch: i64, now: i64) -> bool {
    now.saturating_sub(last_touch) >= TAPPED_MS
}

/// Presses of one day at a kiosk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presses {
    /// Local day.
    pub day: i32,
    /// Taps on faces.
    pub taps: u32,
    /// Taps ignored after the thanks.
    pub ignored: u32,
    /// Forms left behind.
    pub abandoned: u32,
}

impl Presses {
    /// The count of `day`: this one, or a new one where the day is over.
    #[must_use]
    pub fn of(self, day: i32) -> Self {
        if self.day == day { self } else { Self { day, ..Self::default() } }
    }

    /// What is told to the server.
    pub fn told(&self, post: i32) -> What {
        let Self { day, taps, ignored, abandoned } = *self;
        What::Presses { post, day, taps, ignored, abandoned }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_is_asked_and_nobody_is_chosen() {
        let mut shift = Shift::begin("s".to_owned(), 1, 100, 3);
        let mut due = Vec::new();
        for n in 1..=7 {
            shift.pass();
            if shift.due {
                due.push(n);
                shift.ask(n != 3);
            }
        }
        assert_eq!(due, [3, 6]);
        assert_eq!((shift.passers, shift.asked, shift.refused, shift.until_next()), (7, 2, 1, 2));
    }

    #[test]
    fn who_passes_while_one_is_being_asked_is_counted_and_the_one_stays_due() {
        let mut shift = Shift::begin("s".to_owned(), 1, 100, 2);
        shift.pass();
        shift.pass();
        shift.pass();
        assert!(shift.due);
        assert_eq!((shift.passers, shift.until_next()), (3, 0));
        assert_eq!(Shift::begin("s".to_owned(), 1, 100, 0).every, 1);
    }

    #[test]
    fn a_lease_counts_what_the_server_has_not_seen() {
        assert_eq!(lease_left(Some(Lease { granted: 15, used: 10 }), 4), Some(1));
        assert_eq!(lease_left(Some(Lease { granted: 15, used: 10 }), 6), Some(0));
        assert_eq!(lease_left(None, 6), None);
    }

    #[test]
    fn what_was_sent_after_the_kit_came_is_still_counted_here() {
        let record = |id: &str, label: &str, state: State| Record {
            id: id.to_owned(),
            kind: Kind::Response,
            made_at: 0,
            label: label.to_owned(),
            body: String::new(),
            state,
        };
        let kept = |at: i64| State::Kept { at, receipt: None };
        let records = [
            record("a", "Quầy 1", kept(99)),
            record("b", "Quầy 1", kept(100)),
            record("c", "Quầy 1", State::Sending),
            record("d", "Quầy 1", State::Finished),
            record("e", "Quầy 1", State::Held { status: "invalid".to_owned(), why: String::new() }),
            record("f", "Quầy 2", State::Finished),
        ];
        assert_eq!(spent_here(records.iter(), "Quầy 1", 100), 3);
        assert_eq!(spent_here(records.iter(), "Quầy 2", 100), 1);
    }

    #[test]
    fn a_kiosk_asks_after_a_minute_and_leaves_after_twenty_seconds() {
        assert_eq!(idle(0, 59_999), Idle::Here);
        assert_eq!(idle(0, 60_000), Idle::Asking(20));
        assert_eq!(idle(0, 79_999), Idle::Asking(1));
        assert_eq!(idle(0, 80_000), Idle::Gone);
        assert_eq!(idle(80_000, 0), Idle::Here);
    }

    #[test]
    fn after_a_tap_a_kiosk_is_back_at_the_faces_in_a_quarter_of_a_minute() {
        assert!(!left_after_tap(0, 14_999));
        assert!(left_after_tap(0, 15_000));
        assert!(!left_after_tap(80_000, 0));
    }

    #[test]
    fn a_new_day_begins_a_new_count() {
        let presses = Presses { day: 5, taps: 9, ignored: 1, abandoned: 2 };
        assert_eq!(presses.clone().of(5), presses);
        assert_eq!(presses.of(6), Presses { day: 6, ..Presses::default() });
    }
}
