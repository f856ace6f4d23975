//! Rows of a CSV file, a line at a time, with exact line numbers and a bound on memory.
//!
//! A row is one line; where [`CsvTable::with_breaks`] allows it, a quoted cell may go on for some lines. The `csv` crate
//! sets no bound, so that an unclosed quote swallows the file and line numbers after CRLF or blank lines are off by some.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use crate::domain::limits;

/// What can be wrong with a line. Columns count from 0.
#[derive(Debug)]
pub enum CsvFault {
    /// The reader failed.
    Unreadable(io::Error),
    /// More than [`limits::CSV_LINE_BYTES`].
    LineTooLong,
    /// A quote inside a bare field, after the end of a quoted one, or never closed.
    BadQuote {
        /// Where.
        column: usize,
    },
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// Where.
        column: usize,
    },
}

/// Most lines of a row with line breaks: an address has four or five.
const ROW_LINES: usize = 12;

/// A reader of rows.
pub struct CsvTable<R> {
    input: BufReader<R>,
    raw: Vec<u8>,
    text: String,
    /// End of each field in `text`.
    ends: Vec<usize>,
    line: u64,
    separator: u8,
    /// How many lines a row may have.
    most_lines: usize,
    /// Lines that were read ahead and belong to no row yet.
    ahead: VecDeque<Vec<u8>>,
    /// How many lines the row has.
    lines: u64,
}

impl<R: Read> CsvTable<R> {
    /// Rows of `input`, from before the first line; commas stand between cells.
    pub fn new(input: R) -> Self {
        Self::separated(input, b',')
    }

    /// The same, with another sign between cells.
    pub fn separated(input: R, separator: u8) -> Self {
        let input = BufReader::with_capacity(limits::CSV_LINE_BYTES, input);
        Self {
            input,
            raw: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
            line: 0,
            separator,
            most_lines: 1,
            ahead: VecDeque::new(),
            lines: 0,
        }
    }

    /// Line breaks within quotes are part of the cell. A quote that does not close within some lines is still a fault of
    /// its own line alone.
    #[must_use]
    pub fn with_breaks(mut self) -> Self {
        self.most_lines = ROW_LINES;
        self
    }

    /// The first line of the row, from 1; 0 before the first.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many fields the row has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the row has no field, which is so only before the first.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A field without spaces around it; empty where the row has no such field.
    pub fn cell(&self, at: usize) -> &str {
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(at).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default().trim()
    }

    /// Goes to the next line that is not blank; false at the end.
    ///
    /// # Errors
    /// The first fault of the line.
    pub fn advance(&mut self) -> Result<bool, CsvFault> {
        loop {
            self.line += std::mem::take(&mut self.lines);
            if let Some(line) = self.ahead.pop_front() {
                self.raw = line;
            } else {
                self.raw.clear();
                if read_line(&mut self.input, &mut self.raw)? == 0 {
                    return Ok(false);
                }
            }
            (self.line, self.lines) = (self.line + 1, 0);
            if self.raw.len() > limits::CSV_LINE_BYTES {
                return Err(CsvFault::LineTooLong);
            }
            if self.line == 1 && self.raw.starts_with(b"\xef\xbb\xbf") {
                self.raw.drain(..3); // spreadsheets put a byte order mark before the first heading
            }
            if !self.raw.trim_ascii().is_empty() {
                let found = self.split();
                let open = matches!(found, Err(CsvFault::BadQuote { .. })) && self.most_lines > 1;
                return if open && self.goes_on()? { Ok(true) } else { found.map(|()| true) };
            }
        }
    }

    /// Whether the row is whole with some of the next lines; they are put back where it is not.
    fn goes_on(&mut self) -> Result<bool, CsvFault> {
        let first = self.raw.clone();
        for count in 1..self.most_lines {
            if self.ahead.len() < count {
                let mut line = Vec::new();
                if read_line(&mut self.input, &mut line)? == 0 {
                    break;
                }
                self.ahead.push_back(line);
            }
            let Some(next) = self.ahead.get(count - 1) else { break };
            self.raw.extend_from_slice(next);
            if self.raw.len() > limits::CSV_LINE_BYTES {
                break;
            }
            if self.split().is_ok() {
                self.ahead.drain(..count);
                self.lines = count as u64;
                return Ok(true);
            }
        }
        self.raw = first;
        Ok(false)
    }

    /// Splits the raw line into fields.
    fn split(&mut self) -> Result<(), CsvFault> {
        self.ends.clear();
        let mut text = std::mem::take(&mut self.text).into_bytes();
        text.clear();
        let line = self.raw.strip_suffix(b"\n").unwrap_or(&self.raw);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut state = State::Start;
        for &byte in line {
            let column = self.ends.len();
            state = match (state, byte) {
                (State::Quoted, b'"') => State::QuoteSeen,
                (State::Quoted, _) => {
                    text.push(byte);
                    State::Quoted
                }
                (State::Start | State::Bare | State::QuoteSeen, _) if byte == self.separator => {
                    self.ends.push(text.len());
                    State::Start
                }
                (State::Start, b'"') => State::Quoted,
                (State::QuoteSeen, b'"') => {
                    text.push(b'"');
                    State::Quoted
                }
                (State::QuoteSeen, _) | (State::Bare, b'"') => return Err(CsvFault::BadQuote { column }),
                (State::Start | State::Bare, _) => {
                    text.push(byte);
                    State::Bare
                }
            };
        }
        if state == State::Quoted {
            return Err(CsvFault::BadQuote { column: self.ends.len() });
        }
        self.ends.push(text.len());
        self.text = String::from_utf8(text).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            CsvFault::NotUtf8 { column: self.ends.iter().take_while(|end| **end <= at).count() }
        })?;
        Ok(())
    }
}

/// The next line with its end, cut off where it is too long; how many bytes.
fn read_line(input: &mut impl BufRead, into: &mut Vec<u8>) -> Result<usize, CsvFault> {
    let most = limits::CSV_LINE_BYTES as u64 + 1;
    input.take(most).read_until(b'\n', into).map_err(CsvFault::Unreadable)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a field.
    Start,
    /// In a field without quotes.
    Bare,
    /// Between the quotes.
    Quoted,
    /// After a quote within quotes: the end, or the first of two.
    QuoteSeen,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(input: &[u8]) -> Result<Vec<(u64, Vec<String>)>, CsvFault> {
        let mut table = CsvTable::new(input);
        let mut rows = Vec::new();
        while table.advance()? {
            rows.push((table.line(), (0..table.len()).map(|at| table.cell(at).to_owned()).collect()));
        }
        Ok(rows)
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let found = rows(b"\xef\xbb\xbfa,b\r\n\r\n1, 2 \r\n\n\"x, \"\"y\"\"\",\n,last").unwrap();
        let lines: Vec<_> = found.iter().map(|(line, fields)| (*line, fields.join("|"))).collect();
        let wanted = [(1, "a|b"), (3, "1|2"), (5, "x, \"y\"|"), (6, "|last")];
        assert_eq!(lines, wanted.map(|(line, fields)| (line, fields.to_owned())));
    }

    #[test]
    fn another_sign_may_stand_between_cells() {
        let mut table = CsvTable::separated(&b"a;\"b;c\";d,e\n"[..], b';');
        assert!(table.advance().unwrap());
        assert_eq!([table.cell(0), table.cell(1), table.cell(2)], ["a", "b;c", "d,e"]);
    }

    #[test]
    fn an_unclosed_quote_is_named_where_it_stands() {
        assert!(matches!(rows(b"a,b\n1,\"2\n3,4\n"), Err(CsvFault::BadQuote { column: 1 })));
        assert!(matches!(rows(b"a,b\"c\n"), Err(CsvFault::BadQuote { column: 1 })));
        assert!(matches!(rows(b"\"a\"b,c\n"), Err(CsvFault::BadQuote { column: 0 })));
    }

    #[test]
    fn a_line_break_within_quotes_is_part_of_the_cell_where_it_may_be() {
        let told = |input: &'static [u8]| {
            let (mut table, mut told) = (CsvTable::new(input).with_breaks(), Vec::new());
            loop {
                match table.advance() {
                    Ok(true) => told
                        .push((table.line(), (0..table.len()).map(|at| table.cell(at)).collect::<Vec<_>>().join("|"))),
                    Ok(false) => return told,
                    Err(CsvFault::BadQuote { .. }) => told.push((table.line(), "bad".to_owned())),
                    Err(fault) => panic!("{fault:?}"),
                }
            }
        };
        let rows = |rows: &[(u64, &str)]| rows.iter().map(|(line, row)| (*line, (*row).to_owned())).collect::<Vec<_>>();
        assert_eq!(told(b"a,b\n1,\"x\r\n\ny\"\n2,z\n"), rows(&[(1, "a|b"), (2, "1|x\r\n\ny"), (5, "2|z")]));
        // An unclosed quote costs its own line and no other.
        assert_eq!(told(b"1,\"x\n2,y\n3,\"z\"\n"), rows(&[(1, "bad"), (2, "2|y"), (3, "3|z")]));
        assert_eq!(told(b"1,\"x\n2,y"), rows(&[(1, "bad"), (2, "2|y")]));
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_their_column() {
        assert!(matches!(rows(b"a,b,c\n1,\xff\xfe,3\n"), Err(CsvFault::NotUtf8 { column: 1 })));
        assert!(matches!(rows(b"\xc3,b\n"), Err(CsvFault::NotUtf8 { column: 0 })));
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = io::repeat(b'1').take(1 << 40);
        assert!(matches!(CsvTable::new(endless).advance(), Err(CsvFault::LineTooLong)));
    }
}
