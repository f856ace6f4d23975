//! Tables that people send as CSV: columns by name in any order, each fault with line and column, and every fault of the
//! file at once, so that it is mended in one go. Knows nothing of what the cells mean.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use super::csv_table::{CsvFault, CsvTable};
use crate::domain::sheet::SheetFault;

/// Most rows of one file: ten times the units, schools and clinics of the largest city.
const ROWS: usize = 20_000;

/// Faults after which the rest of a file is not read: more than anybody mends in one go.
const FAULTS: usize = 500;

/// A column that a table may have.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// Whether the table must have it.
    pub required: bool,
}

impl Column {
    /// One that must be there.
    pub const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }

    /// One that may be left out.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, required: false }
    }
}

/// A row below the heading.
#[derive(Clone, Debug)]
pub struct SheetRow {
    /// Its line.
    pub line: u64,
    columns: &'static [Column],
    cells: Vec<String>,
}

impl SheetRow {
    /// The cell of a column, trimmed and in NFC; empty where it is blank or the table has no such column.
    pub fn cell(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|c| c.name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// The parts of a cell between spaces and semicolons.
    pub fn list(&self, column: &str) -> Vec<String> {
        self.cell(column).split([';', ' ']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A fault in a column of this row.
    pub fn wrong(&self, column: &str, vi: impl Into<String>, en: impl Into<String>) -> SheetFault {
        SheetFault::new(self.line, column, vi, en)
    }

    /// The cell, which must not be empty or longer than so many letters.
    ///
    /// # Errors
    /// Where it is.
    pub fn text(&self, column: &str, most: usize) -> Result<String, SheetFault> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Err(self.wrong(column, "để trống", "empty"));
        }
        if cell.chars().count() > most {
            return Err(self.wrong(column, format!("dài quá {most} ký tự"), format!("longer than {most} letters")));
        }
        Ok(cell.to_owned())
    }
}

/// Reads a table. Rows that are whole come back beside the faults of the others.
pub fn read(bytes: &[u8], columns: &'static [Column]) -> (Vec<SheetRow>, Vec<SheetFault>) {
    let mut table = CsvTable::new(bytes);
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let places = match heading(&mut table, columns) {
        Ok(places) => places,
        Err(fault) => return (rows, vec![fault]),
    };
    let width = table.len();
    loop {
        match table.advance() {
            Ok(false) => break,
            Ok(true) if table.len() != width => {
                let found = table.len();
                faults.push(SheetFault::new(
                    table.line(),
                    "",
                    format!("có {found} ô, dòng đầu có {width} cột"),
                    format!("{found} cells where the heading has {width}"),
                ));
            }
            Ok(true) => {
                let cells = places.iter().map(|at| at.map_or_else(String::new, |at| table.cell(at).nfc().collect()));
                let row = SheetRow { line: table.line(), columns, cells: cells.collect() };
                let bad = columns.iter().find(|column| row.cell(column.name).chars().any(char::is_control));
                match bad {
                    Some(column) => faults.push(row.wrong(column.name, "có ký tự điều khiển", "control characters")),
                    None => rows.push(row),
                }
            }
            Err(fault) => {
                let last = matches!(fault, CsvFault::Unreadable(_) | CsvFault::LineTooLong);
                faults.push(told(&fault, table.line(), &places, columns));
                if last {
                    break;
                }
            }
        }
        if faults.len() >= FAULTS {
            break;
        }
        if rows.len() > ROWS {
            faults.push(SheetFault::new(
                table.line(),
                "",
                format!("tệp có hơn {ROWS} dòng"),
                format!("more than {ROWS} rows"),
            ));
            break;
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(SheetFault::new(1, "", "tệp chỉ có dòng đầu", "the file has a heading and nothing below it"));
    }
    (rows, faults)
}

/// Where each column stands.
fn heading(table: &mut CsvTable<&[u8]>, columns: &'static [Column]) -> Result<Vec<Option<usize>>, SheetFault> {
    let all = columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
    let wrong = |vi: String, en: String| SheetFault::new(1, "", vi, en);
    match table.advance() {
        Ok(true) => {}
        Ok(false) => {
            return Err(wrong(format!("tệp trống; dòng đầu ghi: {all}"), format!("empty; write first: {all}")));
        }
        Err(fault) => return Err(told(&fault, table.line(), &[], columns)),
    }
    let found: Vec<String> = (0..table.len()).map(|at| table.cell(at).to_lowercase()).collect();
    if found.len() == 1 && found.iter().any(|one| one.contains(';')) {
        return Err(wrong(
            "các ô cách nhau bằng dấu chấm phẩy; xin lưu lại thành CSV với dấu phẩy".to_owned(),
            "the cells are parted by semicolons; save it as CSV with commas".to_owned(),
        ));
    }
    let mut seen = HashSet::new();
    for name in &found {
        if !columns.iter().any(|column| column.name == name) {
            return Err(wrong(
                format!("không có cột “{name}”; các cột là: {all}"),
                format!("there is no column \"{name}\"; the columns are: {all}"),
            ));
        }
        if !seen.insert(name.as_str()) {
            return Err(wrong(format!("cột “{name}” có hai lần"), format!("the column \"{name}\" stands twice")));
        }
    }
    let places: Vec<Option<usize>> =
        columns.iter().map(|column| found.iter().position(|name| name == column.name)).collect();
    let missing = columns.iter().zip(&places).find(|(column, place)| column.required && place.is_none());
    match missing {
        Some((column, _)) => Err(wrong(
            format!("thiếu cột “{}”; các cột là: {all}", column.name),
            format!("the column \"{}\" is missing; the columns are: {all}", column.name),
        )),
        None => Ok(places),
    }
}

fn told(fault: &CsvFault, line: u64, places: &[Option<usize>], columns: &[Column]) -> SheetFault {
    let name = |at: usize| {
        let column = places.iter().position(|place| *place == Some(at)).and_then(|place| columns.get(place));
        column.map_or("", |column| column.name)
    };
    match fault {
        CsvFault::Unreadable(error) => {
            SheetFault::new(line, "", format!("không đọc được: {error}"), format!("cannot be read: {error}"))
        }
        CsvFault::LineTooLong => SheetFault::new(line, "", "dòng quá dài", "the line is too long"),
        CsvFault::BadQuote { column } => SheetFault::new(
            line,
            name(*column),
            "dấu ngoặc kép không khép hoặc đứng sai chỗ",
            "a quotation mark is not closed or stands in the wrong place",
        ),
        CsvFault::NotUtf8 { column } => SheetFault::new(
            line,
            name(*column),
            "không phải UTF-8; xin lưu lại dạng “CSV UTF-8”",
            "not UTF-8; save it as \"CSV UTF-8\"",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Lang;

    const COLUMNS: &[Column] = &[Column::required("code"), Column::required("name"), Column::optional("note")];

    fn faults(bytes: &[u8]) -> Vec<String> {
        read(bytes, COLUMNS).1.iter().map(|fault| fault.words(Lang::En)).collect()
    }

    #[test]
    fn a_heading_that_does_not_fit_is_refused_with_the_one_that_does() {
        for (bytes, why) in [
            (&b""[..], "empty; write first: code,name,note"),
            (b"code\na\n", "the column \"name\" is missing"),
            (b"code,name,color\n", "there is no column \"color\""),
            (b"code,name,code\n", "the column \"code\" stands twice"),
            (b"code;name\na;b\n", "semicolons"),
            (b"code,name\n", "nothing below it"),
        ] {
            let said = faults(bytes);
            assert!(said.len() == 1 && said[0].contains(why), "{said:?}");
            assert!(said[0].starts_with("line 1"), "{said:?}");
        }
    }

    #[test]
    fn every_bad_line_is_named_and_the_good_ones_are_read() {
        let (rows, faults) = read(b"name,code\nA,a\nB\n\"C,c\n\xff,d\nE\x01,e\nF,f\n", COLUMNS);
        let said: Vec<String> = faults.iter().map(|fault| fault.words(Lang::En)).collect();
        for (said, start) in said.iter().zip([
            "line 3: 1 cells",
            "line 4, column name: a quotation mark",
            "line 5, column name: not UTF-8",
            "line 6, column name: control",
        ]) {
            assert!(said.starts_with(start), "{said}");
        }
        assert_eq!(said.len(), 4, "{said:?}");
        let codes: Vec<(u64, &str)> = rows.iter().map(|row| (row.line, row.cell("code"))).collect();
        assert_eq!(codes, [(2, "a"), (7, "f")]);
        assert_eq!(rows.first().map(|row| row.cell("note")), Some(""), "a column that the file does not have");
    }
}
