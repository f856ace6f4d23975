//! When people answer: the working days of the period and the hours of a day, in local time (UTC+7).

use chrono::{Datelike, NaiveDate, Weekday};

use super::chance::Chance;
use crate::server_side::table::day_number;

const MINUTE_MS: u32 = 60_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Local time is seven hours ahead of UTC.
const OFFSET_MS: i64 = 7 * 3_600_000;

/// Public holidays of 2018 in the period: New Year, Tết Mậu Tuất, Giỗ Tổ, 30/4, 1/5, and the day in lieu of 2/9.
const HOLIDAYS: &[(u32, u32)] =
    &[(1, 1), (2, 14), (2, 15), (2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (4, 25), (4, 30), (5, 1), (9, 3)];

/// Minutes from midnight between which interviews begin.
const VISITS: &[(u32, u32)] = &[(7 * 60 + 30, 11 * 60), (13 * 60 + 30, 19 * 60 + 30)];
/// Minutes from midnight between which people answer at a desk.
const DESKS: &[(u32, u32)] = &[(7 * 60, 11 * 60), (13 * 60, 16 * 60 + 50)];

/// A day on which people answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// Days since 1970-01-01.
    pub(super) number: i32,
    /// How much of the period's answers has come by its evening, in parts of the last day's value.
    pub(super) by_evening: u64,
    /// Saturday: mornings only.
    pub(super) short: bool,
}

/// The days from `first` to `last` on which offices are open, Saturdays with a quarter of a day.
pub(super) fn days(first: NaiveDate, last: NaiveDate) -> Vec<Day> {
    let mut by_evening = 0;
    first
        .iter_days()
        .take_while(|date| *date <= last)
        .filter(|date| !HOLIDAYS.contains(&(date.month(), date.day())) && date.weekday() != Weekday::Sun)
        .map(|date| {
            let short = date.weekday() == Weekday::Sat;
            by_evening += if short { 1 } else { 4 };
            Day { number: day_number(date), by_evening, short }
        })
        .collect()
}

/// A moment of a day at which an interview or an answer at a desk begins, in milliseconds from local midnight.
pub(super) fn moment(day: Day, at_desk: bool, chance: &mut Chance) -> u32 {
    let windows = if at_desk { DESKS } else { VISITS };
    let windows = if day.short { windows.get(..1).unwrap_or(windows) } else { windows };
    let minutes: u32 = windows.iter().map(|(from, to)| to - from).sum();
    let mut at = chance.below(minutes * MINUTE_MS);
    for (from, to) in windows {
        let length = (to - from) * MINUTE_MS;
        if at < length {
            return from * MINUTE_MS + at;
        }
        at -= length;
    }
    at
}

/// A local moment of a day as milliseconds since 1970 UTC.
pub(super) fn instant(day: i32, moment: u32) -> i64 {
    i64::from(day) * DAY_MS + i64::from(moment) - OFFSET_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2018, m, d).unwrap()
    }

    #[test]
    fn offices_are_closed_on_sundays_and_holidays() {
        let days = days(date(2, 12), date(2, 25));
        let numbers: Vec<i32> = days.iter().map(|d| d.number - day_number(date(2, 1)) + 1).collect();
        assert_eq!(numbers, [12, 13, 21, 22, 23, 24]);
        assert_eq!(days.last().map(|d| (d.by_evening, d.short)), Some((21, true)));
    }

    #[test]
    fn moments_lie_in_the_hours_of_the_office_and_saturdays_end_at_noon() {
        let mut chance = Chance::new(1, 1);
        let day = Day { number: 17_600, by_evening: 1, short: true };
        for _ in 0..1_000 {
            let minute = moment(day, true, &mut chance) / MINUTE_MS;
            assert!((7 * 60..11 * 60).contains(&minute), "{minute}");
            let minute = moment(Day { short: false, ..day }, true, &mut chance) / MINUTE_MS;
            assert!((7 * 60..11 * 60).contains(&minute) || (13 * 60..17 * 60).contains(&minute), "{minute}");
        }
    }

    #[test]
    fn local_midnight_is_five_in_the_afternoon_before_in_utc() {
        assert_eq!(instant(1, 0), 17 * 3_600_000);
    }
}
