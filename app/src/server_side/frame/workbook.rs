//! A sheet of a workbook (.xlsx) as lines with tabs. Every count and size in the file is only a claim: what is held in
//! memory grows with what was read, up to limits.

use std::collections::HashMap;

use super::sheet::FileFault;
use super::xml::{NotXml, Token, Xml};
use super::zip::{Archive, Part};
use crate::domain::days::civil;
use crate::domain::limits;
use crate::domain::sample::frame::Mapping;

/// Days from 1899-12-30, where spreadsheets begin to count, to 1970-01-01.
const EPOCH: i64 = 25_569;
/// Days between the two ways of counting: from 1900, and from 1904.
const DAYS_1904: i64 = 1_462;

/// The workbook, apart from its cells.
struct Book<'f> {
    archive: &'f Archive<'f>,
    strings: Strings,
    /// By style: whether a number is a day.
    days: Vec<bool>,
    from_1904: bool,
}

/// The texts that cells share, end to end.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(index).copied().unwrap_or(start);
        self.text.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// A sheet: its part, and whether it is shown.
struct Sheet {
    part: String,
    hidden: bool,
}

/// The sheet of a workbook that looks most like a list, as text.
///
/// # Errors
/// Why there is none.
pub(super) fn text(file: &[u8]) -> Result<Vec<u8>, FileFault> {
    let archive = Archive::open(file)?;
    read(&archive).map_err(|fault| if archive.is_used_up() { FileFault::TooLarge } else { fault })
}

fn read(archive: &Archive<'_>) -> Result<Vec<u8>, FileFault> {
    let main = relations(archive, "_rels/.rels")?.into_values().find(|(kind, _)| kind == "officeDocument");
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| resolved("", &target));
    if archive.has("word/document.xml") {
        return Err(FileFault::Document);
    }
    let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
    let links = relations(archive, &format!("{folder}/_rels/{name}.rels"))?;
    let part_of =
        |wanted: &str| links.values().find(|(kind, _)| kind == wanted).map(|(_, target)| resolved(folder, target));
    let (sheets, from_1904) = sheets(archive, &main, folder, &links)?;
    let mut book = Book { archive, strings: Strings::default(), days: Vec::new(), from_1904 };
    if let Some(part) = part_of("sharedStrings") {
        book.strings = shared_strings(archive, &part)?;
    }
    if let Some(part) = part_of("styles") {
        book.days = styles(archive, &part)?;
    }
    let shown: Vec<&Sheet> = sheets.iter().filter(|sheet| !sheet.hidden).take(limits::FRAME_SHEETS).collect();
    let shown = if shown.is_empty() { sheets.iter().take(limits::FRAME_SHEETS).collect() } else { shown };
    let sheet = chosen(&book, &shown)?.ok_or(FileFault::Empty)?;
    let (text, merged) = cells(&book, &sheet.part, u32::MAX)?;
    carried_down(text, merged)
}

/// Of several sheets, the first one whose headings name the most columns; one with words before an empty one.
fn chosen<'s>(book: &Book<'_>, sheets: &[&'s Sheet]) -> Result<Option<&'s Sheet>, FileFault> {
    if let [only] = sheets {
        return Ok(Some(only));
    }
    let mut best = None;
    for sheet in sheets {
        let (top, _) = cells(book, &sheet.part, limits::FRAME_HEADING_LINES as u32)?;
        let top = String::from_utf8_lossy(&top);
        let named = |line: &str| Mapping::guess(&line.split('\t').map(str::to_owned).collect::<Vec<_>>()).0.len();
        let worth = (top.lines().map(named).max().unwrap_or(0), !top.trim().is_empty());
        if best.is_none_or(|(_, most)| worth > most) {
            best = Some((*sheet, worth));
        }
    }
    Ok(best.map(|(sheet, _)| sheet))
}

fn open<'f>(archive: &'f Archive<'_>, part: &str) -> Option<Xml<Part<'f>>> {
    archive.part(part).map(Xml::new)
}

fn unreadable(_: NotXml) -> FileFault {
    FileFault::Unreadable
}

/// A target as it is written in a folder, from the root.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The relations that a part names: by their id, the last word of their kind and where they lead.
fn relations(archive: &Archive<'_>, part: &str) -> Result<HashMap<String, (String, String)>, FileFault> {
    let mut found = HashMap::new();
    let Some(mut xml) = open(archive, part) else { return Ok(found) };
    loop {
        match xml.next().map_err(unreadable)? {
            Token::Open if xml.name() == b"Relationship" && found.len() < limits::ZIP_PARTS => {
                let kind = xml.attribute("Type").unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                let target = xml.attribute("Target").unwrap_or_default();
                found.insert(xml.attribute("Id").unwrap_or_default(), (kind, target));
            }
            Token::End => return Ok(found),
            _ => {}
        }
    }
}

/// The sheets of the workbook in their order, and whether days count from 1904.
fn sheets(
    archive: &Archive<'_>,
    main: &str,
    folder: &str,
    links: &HashMap<String, (String, String)>,
) -> Result<(Vec<Sheet>, bool), FileFault> {
    let mut xml = open(archive, main).ok_or(FileFault::Unreadable)?;
    let (mut found, mut from_1904) = (Vec::new(), false);
    loop {
        match xml.next().map_err(unreadable)? {
            Token::Open if xml.name() == b"workbookPr" => {
                from_1904 = xml.attribute("date1904").is_some_and(|said| matches!(said.as_str(), "1" | "true" | "on"));
            }
            Token::Open if xml.name() == b"sheet" && found.len() < limits::ZIP_PARTS => {
                let link = xml.attribute("id").and_then(|id| links.get(&id));
                if let Some((_, target)) = link.filter(|(kind, _)| kind == "worksheet") {
                    let hidden = xml.attribute("state").is_some_and(|state| state != "visible");
                    found.push(Sheet { part: resolved(folder, target), hidden });
                }
            }
            Token::End => return Ok((found, from_1904)),
            _ => {}
        }
    }
}

fn shared_strings(archive: &Archive<'_>, part: &str) -> Result<Strings, FileFault> {
    let mut strings = Strings::default();
    let Some(mut xml) = open(archive, part) else { return Ok(strings) };
    let (mut in_text, mut aside) = (false, false);
    loop {
        match xml.next().map_err(unreadable)? {
            Token::Open | Token::Close if xml.name() == b"rPh" => aside = !aside,
            Token::Open if xml.name() == b"t" => in_text = !aside,
            Token::Close if xml.name() == b"t" => in_text = false,
            Token::Text if in_text => strings.text.push_str(xml.text()),
            Token::Close if xml.name() == b"si" => {
                let end = u32::try_from(strings.text.len()).map_err(|_| FileFault::TooLarge)?;
                strings.ends.push(end);
            }
            Token::End => return Ok(strings),
            _ => {}
        }
        if strings.text.len() > limits::FRAME_STRINGS_BYTES || strings.ends.len() > limits::FRAME_STRINGS {
            return Err(FileFault::TooLarge);
        }
    }
}

/// Whether a number in each of the styles is a day.
fn styles(archive: &Archive<'_>, part: &str) -> Result<Vec<bool>, FileFault> {
    let mut days = Vec::new();
    let Some(mut xml) = open(archive, part) else { return Ok(days) };
    let (mut own, mut inside) = (HashMap::new(), false);
    loop {
        match xml.next().map_err(unreadable)? {
            Token::Open if xml.name() == b"numFmt" && own.len() < limits::FRAME_STYLES => {
                let id = xml.attribute("numFmtId").and_then(|id| id.parse::<u32>().ok());
                let code = xml.attribute("formatCode").unwrap_or_default();
                own.extend(id.map(|id| (id, is_day(&code))));
            }
            Token::Open | Token::Close if xml.name() == b"cellXfs" => inside = !inside,
            Token::Open if inside && xml.name() == b"xf" && days.len() < limits::FRAME_STYLES => {
                let id = xml.attribute("numFmtId").and_then(|id| id.parse::<u32>().ok()).unwrap_or(0);
                days.push(own.get(&id).copied().unwrap_or(matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)));
            }
            Token::End => return Ok(days),
            _ => {}
        }
    }
}

/// Whether a number format shows a day or a time: one of its letters, outside quotation marks and brackets.
fn is_day(code: &str) -> bool {
    let (mut closing, mut escaped) = (None, false);
    code.chars().any(|c| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match (closing, c) {
            (Some(end), _) => {
                if c == end {
                    closing = None;
                }
                false
            }
            (None, '\\' | '_' | '*') => {
                escaped = true;
                false
            }
            (None, '"') => {
                closing = Some('"');
                false
            }
            (None, '[') => {
                closing = Some(']');
                false
            }
            (None, _) => matches!(c.to_ascii_lowercase(), 'd' | 'y' | 'm' | 'h' | 's'),
        }
    })
}

/// Cells that were made one over several rows: first and last row, and the column; from 0.
type Merged = Vec<(u32, u32, usize)>;

/// The text of a sheet up to a row, and what is merged in it. What the file states of its size is not read.
fn cells(book: &Book<'_>, part: &str, rows: u32) -> Result<(Vec<u8>, Merged), FileFault> {
    let mut xml = open(book.archive, part).ok_or(FileFault::Unreadable)?;
    let (mut out, mut merged) = (Lines::default(), Merged::new());
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut cell: Option<Cell> = None;
    let (mut in_text, mut aside) = (false, false);
    loop {
        let token = xml.next().map_err(unreadable)?;
        match (token, xml.name()) {
            (Token::End, _) => break,
            (Token::Open, b"row") => {
                let given = xml.attribute("r").and_then(|r| r.parse::<u32>().ok()).and_then(|r| r.checked_sub(1));
                row = given.unwrap_or(row);
                if row >= rows {
                    break;
                }
            }
            (Token::Close, b"row") => (row, column) = (row.saturating_add(1), 0),
            (Token::Open, b"c") => {
                (row, column) = match xml.attribute("r") {
                    Some(at) => position(&at).ok_or(FileFault::Unreadable)?,
                    None => (row, column),
                };
                let style = xml.attribute("s").and_then(|s| s.parse().ok());
                cell = Some(Cell { kind: xml.attribute("t").unwrap_or_default(), style, value: String::new() });
            }
            (Token::Open | Token::Close, b"rPh") => aside = !aside,
            (Token::Open, b"v" | b"t") => in_text = !aside,
            (Token::Close, b"v" | b"t") => in_text = false,
            (Token::Text, _) => {
                if let Some(cell) = cell.as_mut().filter(|_| in_text) {
                    cell.value.push_str(xml.text());
                    if cell.value.len() > limits::XML_TOKEN_BYTES {
                        return Err(FileFault::TooLarge);
                    }
                }
            }
            (Token::Close, b"c") => {
                if let Some(cell) = cell.take() {
                    out.put(row, column, &cell.words(book))?;
                }
                column = column.saturating_add(1);
            }
            (Token::Open, b"mergeCell") => {
                let over = xml.attribute("ref").and_then(|area| {
                    let (from, to) = area.split_once(':')?;
                    let ((top, left), (bottom, _)) = (position(from)?, position(to)?);
                    Some((top, bottom, usize::try_from(left).ok()?))
                });
                let over = over.filter(|(top, bottom, left)| top < bottom && *left < limits::FRAME_COLUMNS);
                if merged.len() < limits::FRAME_LINES as usize {
                    merged.extend(over);
                }
            }
            _ => {}
        }
    }
    Ok((out.text, merged))
}

/// Row and column of `B12`, from 0; none where it is no place of a sheet.
fn position(at: &str) -> Option<(u32, u32)> {
    let letters = at.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = at.split_at(letters);
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column = column.bytes().fold(0, |sum, byte| sum * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column - 1))
}

/// A cell while it is read.
struct Cell {
    kind: String,
    style: Option<usize>,
    value: String,
}

impl Cell {
    /// Its text as it is read on the screen: whole numbers without decimals, days as 12/11/2018.
    fn words(self, book: &Book<'_>) -> String {
        match self.kind.as_str() {
            "s" => self.value.trim().parse().map_or_else(|_| String::new(), |index| book.strings.get(index).to_owned()),
            "inlineStr" | "str" | "d" => self.value,
            // Yes or no, and what could not be computed, are no words of a list.
            "b" | "e" => String::new(),
            _ => {
                let Ok(number) = self.value.trim().parse::<f64>() else { return self.value };
                let is_day = self.style.and_then(|style| book.days.get(style)).copied().unwrap_or(false);
                if is_day {
                    let epoch = if book.from_1904 { EPOCH - DAYS_1904 } else { EPOCH };
                    let (year, month, day) =
                        civil((number.floor() as i64).saturating_sub(epoch).clamp(-1_000_000, 3_000_000));
                    format!("{day:02}/{month:02}/{year}")
                } else if number.fract() == 0.0 && number.abs() < 1e15 {
                    format!("{number:.0}")
                } else {
                    number.to_string()
                }
            }
        }
    }
}

/// Lines with tabs that grow cell by cell.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    row: u32,
    column: u32,
}

impl Lines {
    fn put(&mut self, row: u32, column: u32, value: &str) -> Result<(), FileFault> {
        if value.is_empty() || column as usize >= limits::FRAME_COLUMNS {
            return Ok(());
        }
        // Rows come in order; one that goes back is of a damaged file.
        if row < self.row || (row == self.row && column < self.column) {
            return Err(FileFault::Unreadable);
        }
        if row >= limits::FRAME_LINES.saturating_mul(2) {
            return Err(FileFault::TooManyLines);
        }
        while self.row < row {
            self.text.push(b'\n');
            (self.row, self.column) = (self.row + 1, 0);
        }
        while self.column < column {
            self.text.push(b'\t');
            self.column += 1;
        }
        push_cell(&mut self.text, value);
        if self.text.len() > limits::FRAME_FILE_BYTES { Err(FileFault::TooLarge) } else { Ok(()) }
    }
}

/// A cell on one line, without tabs; quoted where it has quotation marks.
pub(super) fn push_cell(text: &mut Vec<u8>, value: &str) {
    let one_line: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if one_line.contains('"') {
        text.push(b'"');
        text.extend(one_line.replace('"', "\"\"").bytes());
        text.push(b'"');
    } else {
        text.extend(one_line.bytes());
    }
}

/// Puts what was written once for several merged rows into each of them. A row without a word of its own stays blank:
/// there a tall row was made of two.
fn carried_down(text: Vec<u8>, mut merged: Merged) -> Result<Vec<u8>, FileFault> {
    if merged.is_empty() {
        return Ok(text);
    }
    merged.sort_unstable();
    let mut next = merged.into_iter().peekable();
    let mut open: Vec<Option<(u32, &[u8])>> = vec![None; limits::FRAME_COLUMNS];
    let mut out = Vec::with_capacity(text.len());
    for (row, line) in (0_u32..).zip(text.split(|byte| *byte == b'\n')) {
        let mut cells: Vec<&[u8]> = line.split(|byte| *byte == b'\t').collect();
        if !line.trim_ascii().is_empty() {
            for (column, place) in open.iter_mut().enumerate() {
                let Some((last, value)) = *place else { continue };
                if row > last {
                    *place = None;
                } else if cells.get(column).is_none_or(|cell| cell.is_empty()) {
                    cells.resize(cells.len().max(column + 1), &[]);
                    if let Some(cell) = cells.get_mut(column) {
                        *cell = value;
                    }
                }
            }
        }
        while let Some((top, bottom, column)) = next.next_if(|(top, ..)| *top <= row) {
            if let Some(place) = open.get_mut(column).filter(|_| top == row) {
                *place = cells.get(column).map(|value| (bottom, *value));
            }
        }
        if row > 0 {
            out.push(b'\n');
        }
        out.extend(cells.join(&b'\t'));
        if out.len() > limits::FRAME_FILE_BYTES {
            return Err(FileFault::TooLarge);
        }
    }
    Ok(out)
}
