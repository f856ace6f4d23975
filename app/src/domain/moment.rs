//! When something happened by the server's clock, told by a device whose clock may be wrong, then or now.
//!
//! Each record carries what its device knew of its clock when it made the record ([`ClockNote`]); a request carries the
//! device's clock at sending. A clock that was set between the two moves only what was recorded after that: of the two
//! offsets the one is taken by which the record lies between the contact and its arrival. Nothing ever happened after it
//! arrived. One rule for answers, sealed or plain, carried by file or sent, and for events. Pure.

use serde::{Deserialize, Serialize};

/// Two clocks that differ by less are the same: the way of a request, and what devices correct by themselves, in
/// milliseconds (5 minutes).
pub const CLOCK_SLACK_MS: i64 = 5 * 60_000;

/// What a device knew of its clock when it recorded something: the last contact with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockNote {
    /// Device clock minus server clock, in milliseconds.
    pub off: i64,
    /// The server's clock at that contact, milliseconds since 1970 UTC. The record is younger.
    pub at: i64,
}

/// The clocks at the arrival of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The server's clock, milliseconds since 1970 UTC.
    pub now: i64,
    /// Server clock minus device clock at sending, in milliseconds; 0 where the device does not say.
    pub offset: i64,
}

/// When something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the server's clock, milliseconds since 1970 UTC; never after the arrival.
    pub at: i64,
    /// No offset puts it before its arrival: the time of arrival is used.
    pub doubtful: bool,
}

/// When something happened that a device says was at `said` by its own clock. `since`: before it nothing is expected,
/// the opening of the round.
pub fn moment(said: i64, note: Option<ClockNote>, since: Option<i64>, arrival: Arrival) -> Moment {
    let Arrival { now, offset } = arrival;
    let latest = now.saturating_add(CLOCK_SLACK_MS);
    let sending = said.saturating_add(offset);
    // What the record knew comes first. Without a note a clock that was right until it was sent is
    // the other reading.
    let (readings, floor) = match note {
        Some(note) => ([said.saturating_sub(note.off), sending], Some(note.at)),
        None => ([sending, said], since),
    };
    let floor = floor.map_or(i64::MIN, |floor| floor.saturating_sub(CLOCK_SLACK_MS));
    let fits = readings.into_iter().find(|at| (floor..=latest).contains(at));
    // Before the opening, or the device told nothing true of its clock: an early moment is kept as it is.
    let found = fits.or_else(|| readings.into_iter().find(|at| *at <= latest));
    match found {
        Some(at) => Moment { at: at.min(now), doubtful: false },
        None => Moment { at: now, doubtful: true },
    }
}

/// A day that a device or a form says, in days since 1970-01-01: never after the day of arrival.
pub fn day_of(said: i32, today: i32) -> i32 {
    said.min(today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 24 * 3_600_000;
    /// Arrival of all rows.
    const NOW: i64 = 20_000 * DAY;
    /// Three days ago, when the interview was held.
    const HELD: i64 = NOW - 3 * DAY;
    const YEAR: i64 = 365 * DAY;

    fn note(off: i64, at: i64) -> Option<ClockNote> {
        Some(ClockNote { off, at })
    }

    #[test]
    fn the_offset_counts_from_the_jump_on() {
        let morning = NOW - 4 * DAY;
        let opened = Some(NOW - 30 * DAY);
        // Said, what the record knew, the opening, the offset at sending, what comes of it.
        #[rustfmt::skip]
        let rows = [
            ("right all the time",                  HELD,            note(0, morning),    None,   0,         HELD),
            ("right all the time, no note",         HELD,            None,                None,   0,         HELD),
            ("a day fast all the time",             HELD + DAY,      note(DAY, morning),  None,   -DAY,      HELD),
            ("a day fast all the time, no note",    HELD + DAY,      None,                None,   -DAY,      HELD),
            ("years slow at sending",               HELD,            note(0, morning),    None,   6 * YEAR,  HELD),
            ("years slow at sending, no note",      HELD,            None,                None,   6 * YEAR,  HELD),
            ("a year fast at sending",              HELD,            note(0, morning),    None,   -YEAR,     HELD),
            ("a year fast at sending, no note",     HELD,            None,                opened, -YEAR,     HELD),
            ("a day slow at sending",               HELD,            note(0, morning),    None,   DAY,       HELD),
            ("slow since before the interview",     HELD - 6 * YEAR, note(0, morning),    None,   6 * YEAR,  HELD),
            ("fast since before the interview",     HELD + YEAR,     note(0, morning),    None,   -YEAR,     HELD),
            ("slow then, set right before sending", HELD - DAY,      note(-DAY, morning), None,   0,         HELD),
            ("fast then, set right before sending", HELD + YEAR,     note(YEAR, morning), None,   0,         HELD),
            ("before the opening, and right",       HELD - 60 * DAY, None,                opened, 0,         HELD - 60 * DAY),
            ("the way of the request took a while", NOW + 60_000,    note(0, morning),    None,   0,         NOW),
        ];
        for (row, said, note, since, offset, at) in rows {
            assert_eq!(
                moment(said, note, since, Arrival { now: NOW, offset }),
                Moment { at, doubtful: false },
                "{row}"
            );
        }
    }

    #[test]
    fn what_claims_to_end_in_the_future_gets_the_day_of_arrival_and_is_in_doubt() {
        for (row, said, note, offset) in [
            ("no clock at sending", NOW + 9 * DAY, None, 0),
            ("by either clock", NOW + 9 * DAY, note(DAY, NOW - DAY), -2 * DAY),
            ("moved by a wrong clock at sending", NOW + DAY, None, YEAR),
            ("the last number there is", i64::MAX, note(i64::MIN, i64::MIN), i64::MAX),
        ] {
            let found = moment(said, note, None, Arrival { now: NOW, offset });
            assert_eq!(found, Moment { at: NOW, doubtful: true }, "{row}");
        }
        assert_eq!((day_of(20_001, 20_000), day_of(19_999, 20_000)), (20_000, 19_999));
    }

    proptest! {
        #[test]
        fn nothing_happened_after_it_arrived(
            said: i64, known in proptest::option::of((any::<i64>(), any::<i64>())), since: Option<i64>, offset: i64, now: i64,
        ) {
            let note = known.map(|(off, at)| ClockNote { off, at });
            let found = moment(said, note, since, Arrival { now, offset });
            prop_assert!(found.at <= now);
        }
    }
}
