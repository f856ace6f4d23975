//! Strict tables from CSV: a header that must be as told, and cells that say where they stand when they are wrong.
//! Knows nothing of what the cells mean.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use csv::{ReaderBuilder, StringRecord};
use unicode_normalization::UnicodeNormalization;

/// What is wrong with a table, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}{}: {reason}", if column.is_empty() { String::new() } else { format!(", column {column}") })]
pub struct TableError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1, the header included.
    pub line: u64,
    /// The name of the column; empty where the whole line is wrong.
    pub column: String,
    /// What is wrong, in words.
    pub reason: String,
}

/// One row below the header.
#[derive(Clone, Debug)]
pub struct Row {
    file: String,
    line: u64,
    columns: &'static [&'static str],
    cells: StringRecord,
}

/// Reads a table whose header is exactly `columns`.
///
/// # Errors
/// A missing or different header, a row with more or fewer cells, text that is not UTF-8, control characters.
pub fn read(file: &str, bytes: &[u8], columns: &'static [&'static str]) -> Result<Vec<Row>, TableError> {
    let wrong = |line: u64, reason: String| TableError { file: file.to_owned(), line, column: String::new(), reason };
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let header = reader.headers().map_err(|e| wrong(1, plain(&e)))?;
    if header.iter().ne(columns.iter().copied()) {
        let found = header.iter().collect::<Vec<_>>().join(",");
        return Err(wrong(1, format!("the header must be \"{}\", found \"{found}\"", columns.join(","))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let cells = record.map_err(|e| wrong(e.position().map_or(0, csv::Position::line), plain(&e)))?;
        let line = cells.position().map_or(0, csv::Position::line);
        let row = Row { file: file.to_owned(), line, columns, cells };
        for (column, cell) in columns.iter().zip(row.cells.iter()) {
            if cell.chars().any(char::is_control) {
                return Err(row.wrong(column, "control characters"));
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The reason of a reader's error without its position, which stands beside it.
fn plain(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        other => format!("{other:?}"),
    }
}

impl Row {
    /// An error at a column of this row.
    pub fn wrong(&self, column: &str, reason: impl Display) -> TableError {
        TableError { file: self.file.clone(), line: self.line, column: column.to_owned(), reason: reason.to_string() }
    }

    /// The cell, NFC and trimmed, empty or not.
    ///
    /// # Errors
    /// A column that the table does not have.
    pub fn cell(&self, column: &str) -> Result<String, TableError> {
        let position = self.columns.iter().position(|c| *c == column);
        let cell = position.and_then(|p| self.cells.get(p)).ok_or_else(|| self.wrong(column, "no such column"))?;
        Ok(cell.trim().nfc().collect())
    }

    /// The cell, which must not be empty.
    ///
    /// # Errors
    /// An empty cell.
    pub fn text(&self, column: &str) -> Result<String, TableError> {
        let cell = self.cell(column)?;
        if cell.is_empty() { Err(self.wrong(column, "empty")) } else { Ok(cell) }
    }

    /// The cell read as a number or another plain value.
    ///
    /// # Errors
    /// A cell that does not read so.
    pub fn parse<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T, TableError> {
        let cell = self.text(column)?;
        cell.parse().map_err(|e| self.wrong(column, format_args!("\"{cell}\": {e}")))
    }

    /// The parts of a cell between `separator`, trimmed, without empty ones.
    ///
    /// # Errors
    /// A column that the table does not have.
    pub fn list(&self, column: &str, separator: char) -> Result<Vec<String>, TableError> {
        let cell = self.cell(column)?;
        Ok(cell.split(separator).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// A day `YYYY-MM-DD`, as days since 1970-01-01.
    ///
    /// # Errors
    /// An empty cell or no such day.
    pub fn day(&self, column: &str) -> Result<i32, TableError> {
        let date: NaiveDate = self.parse(column)?;
        Ok(day_number(date))
    }

    /// A day, none where the cell is empty.
    ///
    /// # Errors
    /// No such day.
    pub fn day_or_none(&self, column: &str) -> Result<Option<i32>, TableError> {
        if self.cell(column)?.is_empty() { Ok(None) } else { self.day(column).map(Some) }
    }
}

/// A date as days since 1970-01-01.
pub fn day_number(date: NaiveDate) -> i32 {
    const EPOCH_FROM_CE: i32 = 719_163;
    date.num_days_from_ce() - EPOCH_FROM_CE
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["code", "day"];

    fn refusal(bytes: &[u8]) -> String {
        match read("x.csv", bytes, COLUMNS) {
            Ok(rows) => rows.iter().find_map(|r| r.day("day").err()).map(|e| e.to_string()).unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_good_table_is_read_with_either_line_ending_and_in_nfc() {
        let rows = read("x.csv", "code,day\r\nHo\u{300}a,1970-01-02\r\n".as_bytes(), COLUMNS).unwrap();
        assert_eq!(rows[0].text("code").unwrap(), "Hòa");
        assert_eq!(rows[0].day("day").unwrap(), 1);
    }

    #[test]
    fn every_refusal_says_file_line_column_and_reason() {
        assert_eq!(refusal(b"code\nx"), "x.csv, line 1: the header must be \"code,day\", found \"code\"");
        assert_eq!(refusal(b""), "x.csv, line 1: the header must be \"code,day\", found \"\"");
        assert_eq!(refusal(b"code,day\na,2020-01-01\nb"), "x.csv, line 3: 1 cells where the header has 2");
        assert_eq!(refusal(b"code,day\n\xff,2020-01-01"), "x.csv, line 2: not UTF-8");
        assert_eq!(refusal(b"code,day\na\0,2020-01-01"), "x.csv, line 2, column code: control characters");
        assert_eq!(refusal(b"code,day\na,"), "x.csv, line 2, column day: empty");
        assert!(refusal(b"code,day\na,2020-02-30").starts_with("x.csv, line 2, column day: \"2020-02-30\": "));
    }
}
