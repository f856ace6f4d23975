//! The table of a page that a program wrote and named `.xls`: spreadsheets open it, so officials believe it is a workbook.

use super::sheet::FileFault;
use super::workbook::push_cell;
use super::xml::{Token, Xml};
use crate::domain::limits;

/// How far into a file its first tag is looked for, in bytes.
const FRONT: usize = 4_096;

/// The rows of the tables of a page as lines with tabs; none where the file is no page.
///
/// # Errors
/// [`FileFault::TooLarge`], [`FileFault::Unreadable`], and [`FileFault::NotUtf8`] where the page is in another encoding.
pub(super) fn text(bytes: &[u8]) -> Result<Option<Vec<u8>>, FileFault> {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let front = bare.get(..FRONT.min(bare.len())).unwrap_or_default().to_ascii_lowercase();
    let has = |word: &[u8]| front.windows(word.len()).any(|window| window == word);
    if !front.trim_ascii_start().starts_with(b"<") || !(has(b"<html") || has(b"<table") || has(b"<!doctype html")) {
        return Ok(None);
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(FileFault::NotUtf8);
    }
    let mut xml = Xml::lenient(bare);
    let mut rows = Rows::default();
    let mut cell: Option<(String, usize, u32)> = None;
    loop {
        // Half a list is worse than none.
        let token = xml.next().map_err(|_| FileFault::Unreadable)?;
        if token == Token::End {
            break;
        }
        let name = xml.name().to_ascii_lowercase();
        let span = |xml: &Xml<&[u8]>, name: &str| {
            xml.attribute(name).and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or(1)
        };
        match (token, name.as_slice()) {
            (Token::Text, _) => {
                if let Some((words, ..)) = cell.as_mut() {
                    words.push_str(xml.text());
                }
            }
            (Token::Open, b"br" | b"p" | b"div") => {
                if let Some((words, ..)) = cell.as_mut() {
                    words.push(' ');
                }
            }
            (Token::Open, b"td" | b"th") => {
                rows.put(cell.take())?;
                let down = u32::try_from(span(&xml, "rowspan")).unwrap_or(1);
                cell = Some((String::new(), span(&xml, "colspan").min(limits::FRAME_COLUMNS), down));
            }
            (Token::Close, b"td" | b"th") => rows.put(cell.take())?,
            (_, b"tr") => {
                rows.put(cell.take())?;
                rows.end()?;
            }
            _ => {}
        }
        if cell.as_ref().is_some_and(|(words, ..)| words.len() > limits::XML_TOKEN_BYTES) {
            return Err(FileFault::TooLarge);
        }
    }
    rows.put(cell)?;
    rows.end()?;
    Ok(Some(rows.text))
}

/// Rows that grow cell by cell.
#[derive(Default)]
struct Rows {
    text: Vec<u8>,
    /// The cells of the row so far.
    row: Vec<String>,
    /// By column: a cell that reaches down into the next so many rows.
    down: Vec<(u32, String)>,
    count: u32,
}

impl Rows {
    /// A cell with its words, the columns and the rows it covers.
    fn put(&mut self, cell: Option<(String, usize, u32)>) -> Result<(), FileFault> {
        let Some((words, across, down)) = cell else { return Ok(()) };
        self.carry();
        let words = words.replace("&nbsp;", " ").replace('\u{a0}', " ");
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        for at in 0..across.max(1) {
            if self.row.len() >= limits::FRAME_COLUMNS {
                return Ok(());
            }
            let words = if at == 0 { words.clone() } else { String::new() };
            let column = self.row.len();
            if self.down.len() <= column {
                self.down.resize(column + 1, (0, String::new()));
            }
            if let Some(place) = self.down.get_mut(column).filter(|_| down > 1) {
                *place = (down - 1, words.clone());
            }
            self.row.push(words);
        }
        Ok(())
    }

    /// Fills the next columns that cells of earlier rows reach into.
    fn carry(&mut self) {
        while let Some((left, words)) = self.down.get_mut(self.row.len()).filter(|(left, _)| *left > 0) {
            *left -= 1;
            self.row.push(words.clone());
        }
    }

    fn end(&mut self) -> Result<(), FileFault> {
        if self.row.is_empty() {
            return Ok(());
        }
        self.carry();
        self.count += 1;
        if self.count > limits::FRAME_LINES {
            return Err(FileFault::TooManyLines);
        }
        for (at, cell) in self.row.drain(..).enumerate() {
            if at > 0 {
                self.text.push(b'\t');
            }
            push_cell(&mut self.text, &cell);
        }
        self.text.push(b'\n');
        if self.text.len() > limits::FRAME_FILE_BYTES { Err(FileFault::TooLarge) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_a_page_is_read_and_what_is_no_page_is_left_alone() {
        let page = "<!DOCTYPE html><HTML><head><style>td > a {}</style></head><body><p>Danh s&#225;ch<table><TR><th rowspan=\"2\">A\
                    <th colspan='2'>B&nbsp;C</tr><tr><td>d<br>e<td>\"f\"</td></tr></table>";
        let text = text(page.as_bytes()).expect("read").expect("a page");
        assert_eq!(String::from_utf8(text).expect("UTF-8"), "A\tB C\t\nA\td e\t\"\"\"f\"\"\"\n");
        assert_eq!(super::text(b"ten,dia chi\nAn,<table>\n"), Ok(None));
        assert_eq!(super::text(b"<html>\xff"), Err(FileFault::NotUtf8));
    }
}
