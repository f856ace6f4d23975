//! What stands out of single interviews: length, rows of one answer, clocks, interviews that come too close together.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    CLOCK_STEP_MS, CONTACT_MS, ITEM_MS, Interview, LONG_MS, MEDIAN_FROM, MEDIAN_PART, OVERLAP_MS, RUN, WALK_MS, median,
};
use crate::domain::ids::DeviceId;
use crate::domain::response::{Marks, Stream, coded};

coded!(
    /// A kind of what stands out.
    FlagKind {
        /// Shorter than anybody asks.
        TooFast = 1 "qua-nhanh",
        /// Longer than an interview lasts.
        TooLong = 2 "qua-lau",
        /// One answer throughout.
        Straight = 3 "mot-muc",
        /// It ended before it began.
        Backwards = 4 "lui-gio",
        /// The clock of the device was set between two contacts.
        ClockMoved = 5 "chinh-gio",
        /// The device held another interview at the same time.
        Overlap = 6 "trung-gio",
        /// Several in a row, closer together than can be.
        Crowded = 7 "don-dap",
        /// Marked when it arrived.
        Arrival = 8 "luc-nhan",
    }
);

/// What stands out of one interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// It took so long, and should have taken at least so long, in milliseconds.
    TooFast {
        /// Took.
        took: i64,
        /// The least that is believed.
        least: i64,
    },
    /// It took so long, in milliseconds.
    TooLong {
        /// Took.
        took: i64,
    },
    /// So many statements, one answer. Which one is not said: it is what one person answered.
    Straight {
        /// Statements answered.
        answered: u16,
    },
    /// It ended before it began.
    Backwards,
    /// The clock of the device was set, by so many milliseconds, between the two contacts that it arrived between.
    ClockMoved {
        /// The difference.
        by: i64,
    },
    /// It shares so many milliseconds with another on the same device.
    Overlap {
        /// Shared.
        shared: i64,
    },
    /// It is one of [`RUN`] in a row that took so many milliseconds together, and should have taken so many.
    Crowded {
        /// From the beginning of the first to the end of the last.
        took: i64,
        /// The least that is believed.
        least: i64,
    },
    /// One mark of arrival.
    Arrival(Marks),
}

impl Flag {
    /// Its kind.
    pub fn kind(self) -> FlagKind {
        match self {
            Self::TooFast { .. } => FlagKind::TooFast,
            Self::TooLong { .. } => FlagKind::TooLong,
            Self::Straight { .. } => FlagKind::Straight,
            Self::Backwards => FlagKind::Backwards,
            Self::ClockMoved { .. } => FlagKind::ClockMoved,
            Self::Overlap { .. } => FlagKind::Overlap,
            Self::Crowded { .. } => FlagKind::Crowded,
            Self::Arrival(_) => FlagKind::Arrival,
        }
    }
}

/// How far a device's clock was off (server minus device) over a span of contacts; times are of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSpan {
    /// The first contact.
    pub from: i64,
    /// The last contact.
    pub until: i64,
    /// Off by so many milliseconds.
    pub offset: i64,
}

/// Whether a clock that was off by `before` and is off by `now` was set meanwhile.
pub fn clock_was_set(before: i64, now: i64) -> bool {
    before.abs_diff(now) >= CLOCK_STEP_MS.unsigned_abs()
}

/// The spans of each device, in order.
pub type Clocks = HashMap<DeviceId, Vec<ClockSpan>>;

/// The least lengths that are believed, in milliseconds, by stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    medians: Vec<(Stream, i64, usize)>,
}

impl Lengths {
    /// Of all interviews of a round.
    pub fn of(interviews: &[Interview]) -> Self {
        let of_stream = |stream: Stream| {
            let lengths: Vec<i64> =
                interviews.iter().filter(|i| i.stream == stream).filter_map(Interview::length).collect();
            let n = lengths.len();
            median(lengths).map(|median| (stream, median, n))
        };
        Self { medians: Stream::ALL.iter().filter_map(|stream| of_stream(*stream)).collect() }
    }

    /// The median of a stream, where there are enough to take one.
    pub fn median(&self, stream: Stream) -> Option<i64> {
        let found = self.medians.iter().find(|(of, _, n)| *of == stream && *n >= MEDIAN_FROM);
        found.map(|(_, median, _)| *median)
    }

    /// The least that is believed of one interview.
    pub fn least(&self, interview: &Interview) -> i64 {
        let items = ITEM_MS * i64::from(interview.answers.answered);
        items.max(self.median(interview.stream).unwrap_or(0) / MEDIAN_PART)
    }
}

/// What stands out of each interview, in their order.
pub fn flags(interviews: &[Interview], clocks: &Clocks) -> Vec<Vec<Flag>> {
    let lengths = Lengths::of(interviews);
    let mut found: Vec<Vec<Flag>> = interviews.iter().map(|i| alone(i, &lengths, clocks)).collect();
    let mut by_device: HashMap<DeviceId, Vec<(i64, i64, usize)>> = HashMap::new();
    for (at, interview) in interviews.iter().enumerate() {
        if let (Some(device), Some((from, to))) = (interview.device, interview.times())
            && to >= from
        {
            by_device.entry(device).or_default().push((from, to, at));
        }
    }
    for mut held in by_device.into_values() {
        held.sort_unstable();
        together(interviews, &held, &lengths, &mut found);
    }
    found
}

fn alone(interview: &Interview, lengths: &Lengths, clocks: &Clocks) -> Vec<Flag> {
    let mut found = vec![];
    if let Some(took) = interview.length() {
        let least = lengths.least(interview);
        if took < least {
            found.push(Flag::TooFast { took, least });
        }
        if took > LONG_MS {
            found.push(Flag::TooLong { took });
        }
    } else if interview.times().is_some() {
        found.push(Flag::Backwards);
    }
    if interview.answers.straight {
        found.push(Flag::Straight { answered: interview.answers.answered });
    }
    if let Some(by) = interview.device.and_then(|device| moved(clocks.get(&device)?, interview.received_at)) {
        found.push(Flag::ClockMoved { by });
    }
    let told =
        [Marks::FAST, Marks::EARLY, Marks::LATE, Marks::CLOCK, Marks::BURST, Marks::SECOND_OF_UNIT, Marks::OVER_QUOTA];
    // What was marked fast is told with its figures above.
    let told = told.into_iter().filter(|mark| *mark != Marks::FAST || interview.length().is_none());
    found.extend(told.filter(|mark| interview.marks.has(*mark)).map(Flag::Arrival));
    found
}

/// By how much the clock was set before what arrived then was sent.
fn moved(spans: &[ClockSpan], received_at: i64) -> Option<i64> {
    spans.windows(2).find_map(|pair| {
        let [before, after] = pair else { return None };
        let between = received_at > before.until && received_at <= after.from.saturating_add(CONTACT_MS);
        between.then(|| after.offset - before.offset)
    })
}

/// What one device held, in the order of its clock.
fn together(interviews: &[Interview], held: &[(i64, i64, usize)], lengths: &Lengths, found: &mut [Vec<Flag>]) {
    let mut shared: HashMap<usize, i64> = HashMap::new();
    let mut latest: Option<(i64, usize)> = None;
    for (from, to, at) in held {
        if let Some((until, other)) = latest
            && until.min(*to) - from > OVERLAP_MS
        {
            let common = until.min(*to) - from;
            for one in [*at, other] {
                let most = shared.entry(one).or_default();
                *most = common.max(*most);
            }
        }
        if latest.is_none_or(|(until, _)| *to > until) {
            latest = Some((*to, *at));
        }
    }
    let mut crowded: HashMap<usize, (i64, i64)> = HashMap::new();
    for run in held.windows(RUN) {
        let (Some((first, ..)), Some(last)) = (run.first(), run.iter().map(|(_, to, _)| *to).max()) else { continue };
        let of_run = || run.iter().filter_map(|(.., at)| interviews.get(*at));
        let walks = of_run().skip(1).filter(|interview| interview.stream == Stream::Sample).count();
        let least = of_run().map(|interview| lengths.least(interview)).sum::<i64>()
            + WALK_MS * i64::try_from(walks).unwrap_or(0);
        if last - first < least {
            for (.., at) in run {
                crowded.entry(*at).or_insert((last - first, least));
            }
        }
    }
    for (.., at) in held {
        let Some(flags) = found.get_mut(*at) else { continue };
        flags.extend(shared.get(at).map(|shared| Flag::Overlap { shared: *shared }));
        flags.extend(crowded.get(at).map(|(took, least)| Flag::Crowded { took: *took, least: *least }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::interview;
    use super::*;
    use crate::domain::response::Mode;

    const MINUTE: i64 = 60_000;

    fn kinds(interviews: &[Interview], clocks: &Clocks) -> Vec<Vec<FlagKind>> {
        flags(interviews, clocks).into_iter().map(|flags| flags.into_iter().map(Flag::kind).collect()).collect()
    }

    #[test]
    fn a_day_of_plain_interviews_has_nothing_that_stands_out() {
        let day: Vec<_> = (0..30_u32).map(|n| interview(n.into(), 1, i64::from(n) * 10 * MINUTE)).collect();
        assert!(flags(&day, &Clocks::new()).iter().all(Vec::is_empty));
    }

    #[test]
    fn two_seconds_a_statement_is_the_floor_and_a_third_of_the_median_where_there_is_one() {
        let mut few: Vec<_> = (0..19_u32).map(|n| interview(n.into(), 1, i64::from(n) * 20 * MINUTE)).collect();
        few[3].finished_at = few[3].started_at.map(|at| at + 44_000);
        few[4].finished_at = few[4].started_at.map(|at| at + 43_999);
        let found = flags(&few, &Clocks::new());
        assert_eq!(found[3], [], "22 statements of two seconds are believed");
        assert_eq!(found[4], [Flag::TooFast { took: 43_999, least: 44_000 }]);
        // The twentieth length makes a median of five minutes: now a third of it counts.
        few.push(interview(99, 1, 20 * 20 * MINUTE));
        assert_eq!(flags(&few, &Clocks::new())[3], [Flag::TooFast { took: 44_000, least: 100_000 }]);
        // Who skips half of the statements may be quicker by the floor, and paper has no length.
        few[3].mode = Mode::Paper;
        assert_eq!(flags(&few, &Clocks::new())[3], []);
    }

    #[test]
    fn what_ended_before_it_began_and_what_took_hours_is_said_apart() {
        let mut two = vec![interview(1, 1, 0), interview(2, 1, 20 * MINUTE)];
        two[0].finished_at = Some(-1);
        two[1].finished_at = two[1].started_at.map(|at| at + LONG_MS + 1);
        assert_eq!(kinds(&two, &Clocks::new()), [vec![FlagKind::Backwards], vec![FlagKind::TooLong]]);
    }

    #[test]
    fn two_at_once_on_one_device_are_both_named_and_a_touch_is_forgiven() {
        let mut three = vec![interview(1, 1, 0), interview(2, 1, 5 * MINUTE - OVERLAP_MS), interview(3, 2, 0)];
        assert_eq!(kinds(&three, &Clocks::new()), [vec![], vec![], vec![]]);
        three[1].started_at = Some(3 * MINUTE);
        let found = flags(&three, &Clocks::new());
        assert_eq!(found[0], [Flag::Overlap { shared: 2 * MINUTE }]);
        assert_eq!((&found[1], found[2].len()), (&found[0], 0), "another device is another person");
    }

    #[test]
    fn five_in_a_row_without_time_to_walk_are_crowded_on_a_list_and_not_at_a_desk() {
        let short = |n: i64| {
            let mut one = interview(n.unsigned_abs().into(), 1, n * 70_000);
            one.finished_at = one.started_at.map(|at| at + 60_000);
            one
        };
        let mut five: Vec<_> = (0..5).map(short).collect();
        let least = 5 * 22 * ITEM_MS + 4 * WALK_MS;
        let found = flags(&five, &Clocks::new());
        assert!(found.iter().all(|flags| *flags == [Flag::Crowded { took: 340_000, least }]), "{found:?}");
        for one in &mut five {
            one.stream = Stream::Intercept;
        }
        assert!(flags(&five, &Clocks::new()).iter().all(Vec::is_empty), "220 s of asking fit into 340 s");
        assert!(flags(&five[..4], &Clocks::new()).iter().all(Vec::is_empty));
    }

    #[test]
    fn what_arrived_between_two_contacts_with_another_clock_is_named() {
        assert!(!clock_was_set(0, CLOCK_STEP_MS - 1) && clock_was_set(CLOCK_STEP_MS, 0));
        let span = |from, until, offset| ClockSpan { from, until, offset };
        let day = 24 * 60 * MINUTE;
        let clocks = Clocks::from([(DeviceId(1), vec![span(0, day, 0), span(2 * day, 3 * day, -day)])]);
        let received = |at: i64| {
            let mut one = interview(1, 1, 0);
            one.received_at = at;
            kinds(&[one], &clocks).remove(0)
        };
        assert_eq!(received(day), []);
        assert_eq!(received(day + 1), [FlagKind::ClockMoved]);
        assert_eq!(received(2 * day + CONTACT_MS), [FlagKind::ClockMoved]);
        assert_eq!(received(2 * day + CONTACT_MS + 1), []);
    }

    #[test]
    fn marks_of_arrival_are_told_one_by_one() {
        let mut one = interview(1, 1, 0);
        one.marks = Marks::SECOND_OF_UNIT.with(Marks::LATE).with(Marks::FAST);
        let found = flags(&[one], &Clocks::new());
        assert_eq!(found[0], [Flag::Arrival(Marks::LATE), Flag::Arrival(Marks::SECOND_OF_UNIT)]);
    }
}
