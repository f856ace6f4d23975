//! Numbers and times as words: "84,62%", "2.004", "từ 83,3 đến 85,8", "17:30 ngày 12/11/2018".
//!
//! Rounding (half up) happens here and nowhere before: what comes in is unrounded.

use crate::domain::days::{civil, year_and_month};
use crate::domain::text::Lang;

/// The minus sign of text; a hyphen is too short and breaks lines.
const MINUS: char = '−';
/// The offset of Việt Nam, which knows no summer time, in milliseconds.
const UTC_PLUS_7_MS: i64 = 7 * 3600 * 1000;
const DAY_MS: i64 = 86_400_000;

/// The text of one of two languages.
pub fn say(lang: Lang, vi: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// A share (0 to 1) as a percentage with two decimals: `0.84615` is "84,62%".
///
/// ```
/// use app::{components::number::percent, domain::text::Lang};
/// assert_eq!(percent(0.84615, Lang::Vi), "84,62%");
/// assert_eq!(percent(0.84615, Lang::En), "84.62%");
/// ```
pub fn percent(share: f64, lang: Lang) -> String {
    decimal(100.0 * share, 2, lang) + "%"
}

/// A share as a whole percentage: "85%".
pub fn percent_whole(share: f64, lang: Lang) -> String {
    decimal(100.0 * share, 0, lang) + "%"
}

/// The limits of an interval of shares: "từ 83,3 đến 85,8".
pub fn range(low: f64, high: f64, lang: Lang) -> String {
    let (low, high) = (decimal(100.0 * low, 1, lang), decimal(100.0 * high, 1, lang));
    match lang {
        Lang::Vi => format!("từ {low} đến {high}"),
        Lang::En => format!("from {low} to {high}"),
    }
}

/// A number with so many decimals, rounded half up, thousands apart.
pub fn decimal(value: f64, decimals: u8, lang: Lang) -> String {
    let scale = 10_i64.pow(u32::from(decimals));
    // A ratio of integers that lies on the half is stored a hair beside it: the last bits must not decide.
    let scaled = value.abs() * scale as f64;
    let rounded = (scaled + 0.5 + scaled * 4.0 * f64::EPSILON).floor() as i64;
    let whole = count(rounded / scale, lang);
    let sign = if value < 0.0 && rounded != 0 { MINUS.to_string() } else { String::new() };
    if decimals == 0 {
        return sign + &whole;
    }
    let comma = say(lang, ",", ".");
    format!("{sign}{whole}{comma}{:0width$}", rounded % scale, width = usize::from(decimals))
}

/// A count with thousands apart: "2.004".
pub fn count(n: i64, lang: Lang) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if n < 0 {
        out.push(MINUS);
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(say(lang, ".", ","));
        }
        out.push(digit);
    }
    out
}

/// A day (since 1970-01-01) as "12/11/2018", the same in both languages as the administration writes it.
pub fn day(days: i32) -> String {
    let (year, month, day) = civil(i64::from(days));
    format!("{day:02}/{month:02}/{year}")
}

/// An instant (milliseconds since 1970 UTC) on the clock of Việt Nam: "17:30 ngày 12/11/2018".
pub fn instant(ms: i64, lang: Lang) -> String {
    let local = ms + UTC_PLUS_7_MS;
    let (days, minutes) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS) / 60_000);
    let (year, month, day) = civil(days);
    format!("{:02}:{:02} {} {day:02}/{month:02}/{year}", minutes / 60, minutes % 60, say(lang, "ngày", "on"))
}

/// The instant (milliseconds since 1970 UTC) at which a day (since 1970-01-01) begins in Việt Nam.
pub fn start_of_day(days: i32) -> i64 {
    i64::from(days) * DAY_MS - UTC_PLUS_7_MS
}

/// A day (since 1970-01-01) as programs read it: "2018-11-12".
pub fn iso_day(days: i32) -> String {
    let (year, month, day) = civil(i64::from(days));
    format!("{year:04}-{month:02}-{day:02}")
}

/// An instant (milliseconds since 1970 UTC) as programs read it, on the clock of Việt Nam: "2018-11-12T17:30:00+07:00".
pub fn iso_instant(ms: i64) -> String {
    let local = ms + UTC_PLUS_7_MS;
    let (days, seconds) = (local.div_euclid(DAY_MS), local.rem_euclid(DAY_MS) / 1_000);
    let (year, month, day) = civil(days);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}+07:00")
}

/// Months of `days::month_of` as people read them: "tháng 11/2018", "tháng 10/2018 đến 11/2018".
pub fn months((first, last): (i32, i32), lang: Lang) -> String {
    let one = |month| {
        let (year, month) = year_and_month(month);
        format!("{month}/{year}")
    };
    match (lang, first == last) {
        (Lang::Vi, true) => format!("tháng {}", one(first)),
        (Lang::Vi, false) => format!("tháng {} đến {}", one(first), one(last)),
        (Lang::En, true) => one(first),
        (Lang::En, false) => format!("{} to {}", one(first), one(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_on_the_half_is_rounded_up_however_it_is_stored() {
        for (share, words) in [
            (0.0, "0,00%"),
            (1.0, "100,00%"),
            (0.999_949_9, "99,99%"),
            (0.999_95, "100,00%"),
            (2_469.0 / 20_000.0, "12,35%"),
            (0.123_449_999, "12,34%"),
            (1.0 / 3.0, "33,33%"),
            (0.000_04, "0,00%"),
            (0.000_05, "0,01%"),
        ] {
            assert_eq!(percent(share, Lang::Vi), words, "{share}");
        }
        // Every ratio that lies exactly on a half of a hundredth of a percent, over 20,000.
        for k in (1..20_000_i64).step_by(2) {
            let up = (k + 1) / 2;
            assert_eq!(percent(k as f64 / 20_000.0, Lang::En), format!("{}.{:02}%", up / 100, up % 100));
        }
    }

    #[test]
    fn thousands_stand_apart_and_minus_is_a_minus() {
        assert_eq!(count(0, Lang::Vi), "0");
        assert_eq!(count(999, Lang::Vi), "999");
        assert_eq!(count(2_004, Lang::Vi), "2.004");
        assert_eq!(count(617_081, Lang::En), "617,081");
        assert_eq!(count(10_000_000, Lang::Vi), "10.000.000");
        assert_eq!(decimal(-1.25, 1, Lang::Vi), "−1,3");
        assert_eq!(decimal(-0.01, 1, Lang::Vi), "0,0");
        assert_eq!(decimal(1_234.5, 2, Lang::Vi), "1.234,50");
    }

    #[test]
    fn an_interval_reads_from_and_to() {
        assert_eq!(range(0.8331, 0.8578, Lang::Vi), "từ 83,3 đến 85,8");
        assert_eq!(range(0.9999, 1.0, Lang::En), "from 100.0 to 100.0");
    }

    #[test]
    fn days_and_times_are_those_of_the_wall_clock_in_can_tho() {
        assert_eq!(day(0), "01/01/1970");
        assert_eq!(day(17_847), "12/11/2018");
        assert_eq!(iso_day(17_847), "2018-11-12");
        assert_eq!(iso_instant(1_542_018_661_999), "2018-11-12T17:31:01+07:00");
        assert_eq!(day(11_016), "29/02/2000");
        assert_eq!(day(-1), "31/12/1969");
        let half_past_five = 17_847 * DAY_MS + (10 * 60 + 30) * 60_000;
        assert_eq!(instant(half_past_five, Lang::Vi), "17:30 ngày 12/11/2018");
        assert_eq!(instant(17_847 * DAY_MS + 18 * 3_600_000, Lang::En), "01:00 on 13/11/2018");
    }
}
