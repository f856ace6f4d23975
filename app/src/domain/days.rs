//! Days as numbers: the calendar, and which days are working days in Việt Nam. Pure.
//!
//! A day is the number of days since 1970-01-01. Where the State moves a day off by a decision of its own, nothing here
//! knows; what depends on working days must be right when one of them is missed by such a day.

/// Year, month and day of the Gregorian calendar. Hinnant, "chrono-compatible low-level date algorithms": years that
/// begin in March, so that the leap day is last; 719,468 days lie between 0000-03-01 and 1970-01-01, 146,097 days are
/// 400 years.
pub fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The number of a day of the calendar, years 1 to 9999; none where there is no such day.
pub fn day_number(year: i64, month: i64, day: i64) -> Option<i32> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let march_year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let of_era = 365 * year_of_era + year_of_era / 4 - year_of_era / 100 + of_year;
    let days = era * 146_097 + of_era - 719_468;
    (civil(days) == (year, month, day)).then(|| i32::try_from(days).ok()).flatten()
}

/// The month of a day: 12 × year + month − 1, so that months can be compared.
pub fn month_of(day: i32) -> i32 {
    let (year, month, _) = civil(i64::from(day));
    i32::try_from(year * 12 + month - 1).unwrap_or(i32::MAX)
}

/// Year and month (1 to 12) of a month of [`month_of`].
pub fn year_and_month(month: i32) -> (i32, i32) {
    (month.div_euclid(12), month.rem_euclid(12) + 1)
}

/// A month and a day of it, both from 1.
type MonthDay = (i64, i64);

/// Days off that are the same every year (Bộ luật Lao động 2019, Điều 112); Quốc khánh is two days, one of them beside.
const FIXED: [MonthDay; 6] = [(1, 1), (4, 30), (5, 1), (9, 1), (9, 2), (9, 3)];

/// The first day of the lunar year, month and day; and the tenth of the third lunar month (Giỗ Tổ Hùng Vương). Computed
/// for UTC+7 from the new moons and the sun's longitude after Meeus, as Hồ Ngọc Đức has it.
const LUNAR: [(i64, MonthDay, MonthDay); 13] = [
    (2018, (2, 16), (4, 25)),
    (2019, (2, 5), (4, 14)),
    (2020, (1, 25), (4, 2)),
    (2021, (2, 12), (4, 21)),
    (2022, (2, 1), (4, 10)),
    (2023, (1, 22), (4, 29)),
    (2024, (2, 10), (4, 18)),
    (2025, (1, 29), (4, 7)),
    (2026, (2, 17), (4, 26)),
    (2027, (2, 6), (4, 16)),
    (2028, (1, 26), (4, 4)),
    (2029, (2, 13), (4, 23)),
    (2030, (2, 2), (4, 12)),
];

/// Days around the first of the lunar year on which offices may be closed; the five days off are among them.
const TET: std::ops::RangeInclusive<i64> = -2..=5;

/// Whether offices are surely open on a day: Monday to Friday, and no day off. Of Tết the whole week is taken, since the
/// State decides each year which days it gives: "not before the next working day" stays true whatever it decides.
pub fn is_working_day(day: i32) -> bool {
    // 1970-01-01 was a Thursday.
    let weekday = (i64::from(day) + 3).rem_euclid(7);
    let (year, month, of_month) = civil(i64::from(day));
    let fixed = FIXED.contains(&(month, of_month));
    let lunar = LUNAR.iter().any(|(of, (tet_month, tet_day), ancestors)| {
        // Tết lies in January or February, both within the first 60 days: days of the year suffice.
        let of_year = |month: i64, day: i64| if month == 2 { 31 + day } else { day };
        let near = month <= 2 && TET.contains(&(of_year(month, of_month) - of_year(*tet_month, *tet_day)));
        *of == year && (near || (month, of_month) == *ancestors)
    });
    weekday < 5 && !fixed && !lunar
}

/// The first working day after a day. Ends, for no calendar here closes offices for a fortnight.
pub fn next_working_day(day: i32, is_working: &dyn Fn(i32) -> bool) -> i32 {
    (1..=14).map(|n| day.saturating_add(n)).find(|day| is_working(*day)).unwrap_or(day.saturating_add(14))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2018-11-12, a Monday.
    const MONDAY: i32 = 17_847;

    #[test]
    fn months_follow_each_other() {
        assert_eq!(civil(i64::from(MONDAY)), (2018, 11, 12));
        assert_eq!(year_and_month(month_of(MONDAY)), (2018, 11));
        assert_eq!(month_of(MONDAY + 19) - month_of(MONDAY), 1);
        assert_eq!(year_and_month(month_of(MONDAY + 50)), (2019, 1));
        assert_eq!(year_and_month(month_of(MONDAY + 49)), (2018, 12));
    }

    #[test]
    fn weekends_days_off_and_tet_are_no_working_days() {
        assert!(is_working_day(MONDAY) && !is_working_day(MONDAY - 1) && !is_working_day(MONDAY - 2));
        // 2018: 30 April, 1 May, Giỗ Tổ on 25 April, 3 September in lieu; Tết from 14 to 20 February.
        for off in [17_651, 17_652, 17_646, 17_777, 17_576, 17_578, 17_582] {
            assert!(!is_working_day(off), "{off} {:?}", civil(i64::from(off)));
        }
        assert!(is_working_day(17_647) && is_working_day(17_574));
    }

    #[test]
    fn the_next_working_day_passes_over_the_weekend() {
        assert_eq!(next_working_day(MONDAY, &is_working_day), MONDAY + 1);
        for day in [MONDAY + 4, MONDAY + 5, MONDAY + 6] {
            assert_eq!(next_working_day(day, &is_working_day), MONDAY + 7);
        }
        assert_eq!(next_working_day(0, &|_| false), 14);
    }
}
