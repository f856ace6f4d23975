//! What is wrong with a table that people send as a file, said where it stands: line, column, reason. Pure.

use std::fmt;

use super::days::day_number;
use super::text::{Lang, Text};

/// One cell, or one line, that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The line in the file, from 1, the heading included; 0 for what was typed into a form.
    pub line: u64,
    /// The name of the column; empty where the whole line is wrong.
    pub column: String,
    /// What is wrong.
    pub why: Text,
}

impl SheetFault {
    /// A fault, in both languages.
    pub fn new(line: u64, column: &str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { line, column: column.to_owned(), why: Text { vi: vi.into(), en: en.into() } }
    }

    /// "dòng 4, cột parent: …"; of a form, where there is no line, the column and the reason.
    pub fn words(&self, lang: Lang) -> String {
        let why = self.why.get(lang);
        match (lang, self.line, self.column.as_str()) {
            (_, 0, "") => why.to_owned(),
            (_, 0, column) => format!("{column}: {why}"),
            (Lang::Vi, line, "") => format!("dòng {line}: {why}"),
            (Lang::Vi, line, column) => format!("dòng {line}, cột {column}: {why}"),
            (Lang::En, line, "") => format!("line {line}: {why}"),
            (Lang::En, line, column) => format!("line {line}, column {column}: {why}"),
        }
    }
}

impl fmt::Display for SheetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(Lang::En))
    }
}

/// A day as people and spreadsheets write it: `2018-11-12` or `12/11/2018`.
pub fn day(cell: &str) -> Option<i32> {
    let number = |part: &str| {
        let plain = !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<i64>().ok().filter(|_| plain)
    };
    let parts = |sign| {
        let mut parts = cell.split(sign);
        let all = (parts.next()?, parts.next()?, parts.next()?);
        parts.next().is_none().then_some(all)
    };
    let ((Some((year, month, day)), _) | (None, Some((day, month, year)))) = (parts('-'), parts('/')) else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    day_number(number(year)?, number(month)?, number(day)?)
}

/// A local date and time of a form, `2018-11-12T08:00`, as milliseconds since 1970 UTC.
pub fn local_instant(cell: &str) -> Option<i64> {
    const MINUTE_MS: i64 = 60_000;
    let (date, time) = cell.split_once(['T', ' '])?;
    let (hours, rest) = time.split_once(':')?;
    // Some browsers send seconds with it.
    let minutes = rest.split(':').next()?;
    let two = |part: &str, most: i64| {
        let plain = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<i64>().ok().filter(|n| plain && *n < most)
    };
    let minutes = two(hours, 24)? * 60 + two(minutes, 60)?;
    Some((i64::from(day(date)?) * 24 * 60 + minutes - 7 * 60) * MINUTE_MS)
}

/// A count as people write it: digits, with dots, commas or spaces between thousands.
pub fn count(cell: &str) -> Option<i64> {
    let groups: Vec<&str> = cell.split(['.', ',', ' ', '\u{a0}']).collect();
    let (first, rest) = groups.split_first()?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let fits = digits(first) && rest.iter().all(|part| part.len() == 3 && digits(part));
    if !fits || (!rest.is_empty() && first.len() > 3) {
        return None;
    }
    groups.concat().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_programs_and_as_people_write_it() {
        for cell in ["2018-11-12", "12/11/2018"] {
            assert_eq!(day(cell), Some(17_847), "{cell}");
        }
        assert_eq!(day("1/7/2025"), day("2025-07-01"));
        for cell in ["", "2018", "2018-02-30", "31/02/2018", "12/11/18", "2018-11-12-1", "2018/11/12", "+1/2/2018"] {
            assert_eq!(day(cell), None, "{cell}");
        }
    }

    #[test]
    fn an_instant_is_that_of_the_clock_on_the_wall() {
        assert_eq!(local_instant("2018-11-12T10:00"), Some(1_541_991_600_000));
        assert_eq!(local_instant("2018-11-12T10:00:30"), Some(1_541_991_600_000));
        for cell in ["", "2018-11-12", "2018-11-12T24:00", "2018-11-12T1:00", "2018-11-12T10:60", "2018-13-01T10:00"] {
            assert_eq!(local_instant(cell), None, "{cell}");
        }
    }

    #[test]
    fn thousands_may_stand_apart_and_nothing_else_is_a_count() {
        for (cell, n) in [("0", 0), ("617081", 617_081), ("617.081", 617_081), ("1,234,567", 1_234_567)] {
            assert_eq!(count(cell), Some(n), "{cell}");
        }
        for cell in ["", "-1", "1.5", "12.34", "1234.567", "x", "1..000", "99999999999999999999"] {
            assert_eq!(count(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_fault_says_line_column_and_reason_in_both_languages() {
        let fault = SheetFault::new(4, "kind", "để trống", "empty");
        assert_eq!(fault.words(Lang::Vi), "dòng 4, cột kind: để trống");
        assert_eq!(fault.to_string(), "line 4, column kind: empty");
        assert_eq!(SheetFault::new(0, "", "để trống", "empty").words(Lang::Vi), "để trống");
    }
}
