//! CSV as spreadsheets of every language read it: UTF-8 with a byte order mark, commas between fields, a point before
//! decimals, CRLF at the end of a row (RFC 4180), no formula anywhere.

use std::fmt::Write as _;

use super::tables::{Cell, Table};
use super::tame;

/// The mark by which spreadsheets know UTF-8.
pub const BOM: &str = "\u{feff}";

/// One table as a file.
pub fn table(table: &Table) -> String {
    let mut out = String::from(BOM);
    row(&mut out, table.columns.iter().map(|column| text(&column.name)));
    for cells in &table.rows {
        row(&mut out, cells.iter().map(cell));
    }
    out
}

/// A text as a field: tamed, and quoted where it has to be.
pub fn text(text: &str) -> String {
    let tamed = tame(text);
    if tamed.contains([',', '"', ';', '\'']) { format!("\"{}\"", tamed.replace('"', "\"\"")) } else { tamed }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Text(words) => text(words),
        Cell::Count(n) => n.to_string(),
        // The shortest digits that read back as the same double.
        Cell::Number(value) | Cell::Share(value) => value.to_string(),
        Cell::Empty => String::new(),
    }
}

fn row(out: &mut String, fields: impl Iterator<Item = String>) {
    for (at, field) in fields.enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}{field}", if at == 0 { "" } else { "," });
    }
    out.push_str("\r\n");
}
