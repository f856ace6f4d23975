//! The lines of a list below its headings: what each holds, what is wrong with it, or why it is no dossier.

use std::sync::Arc;

use super::super::csv_table::{CsvFault, CsvTable};
use super::sheet::FileFault;
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::sample::aside::{Aside, Asides};
use crate::domain::sample::frame::{BadLine, Line, Part, Reading, Why, letters, read};
use crate::domain::text::fold;
use crate::store::RoundContext;

/// Where the people belong.
#[derive(Clone, Debug)]
pub struct Place {
    /// The round.
    pub round: Arc<RoundContext>,
    /// The agency; it has a stratum in the round.
    pub agency: AgencyId,
}

impl Place {
    /// Whether the agency is drawn by field.
    pub fn by_field(&self) -> bool {
        self.round.strata.iter().any(|stratum| stratum.agency == self.agency && stratum.field.is_some())
    }

    fn stratum(&self, line: &Line) -> Result<StratumId, Why> {
        if self.by_field() && line.field.is_none() {
            return Err(Why::NoField);
        }
        match self.round.stratum(self.agency, line.field) {
            StratumId::UNKNOWN => Err(Why::NoStratum),
            stratum => Ok(stratum),
        }
    }
}

/// A line below the headings.
#[derive(Debug)]
pub enum Row {
    /// A dossier and its stratum.
    Dossier(Box<Line>, StratumId),
    /// It should be one and is not.
    Bad(BadLine),
    /// It is none.
    Aside(Aside),
}

/// The lines of a list below its headings, read one by one.
pub struct Lines<'a> {
    table: CsvTable<&'a [u8]>,
    reading: &'a Reading,
    place: &'a Place,
    headings: Vec<String>,
    /// The column of running numbers: it tells two copies of a line apart that are the same otherwise.
    running: Option<usize>,
    asides: Asides,
}

impl<'a> Lines<'a> {
    /// From the first line below the headings.
    pub fn new(text: &'a [u8], reading: &'a Reading, place: &'a Place) -> Self {
        let sign = u8::try_from(reading.separator).unwrap_or(b',');
        let table = CsvTable::separated(text, sign).with_breaks();
        Self { table, reading, place, headings: Vec::new(), running: None, asides: Asides::default() }
    }

    fn bad(&self, column: Option<usize>, why: Why) -> BadLine {
        let column = column.map_or_else(String::new, |at| match self.headings.get(at).map(String::as_str) {
            Some(heading) if !heading.is_empty() => format!("{} ({heading})", letters(at)),
            _ => letters(at),
        });
        BadLine { line: self.table.line(), column, why }
    }

    /// The next line with its number. None at the end.
    ///
    /// # Errors
    /// What keeps the rest of the file from being read.
    pub fn next_line(&mut self) -> Result<Option<(u64, Row)>, FileFault> {
        loop {
            let more = self.table.advance();
            let line = self.table.line();
            match more {
                Ok(false) => return Ok(None),
                Ok(true) if line == self.reading.heading => {
                    self.headings = (0..self.table.len()).map(|at| self.table.cell(at).to_owned()).collect();
                    self.asides = Asides::below(&self.headings);
                    let counts = |heading: &String| {
                        matches!(fold(heading).as_str(), "stt" | "tt" | "so tt" | "so thu tu" | "no")
                    };
                    self.running = self.headings.iter().position(counts);
                }
                _ if line <= self.reading.heading => {}
                // A row of empty cells that a spreadsheet kept.
                Ok(true) if (0..self.table.len()).all(|at| self.table.cell(at).is_empty()) => {}
                Ok(true) => return Ok(Some((line, self.said()))),
                Err(CsvFault::BadQuote { column }) => {
                    return Ok(Some((line, Row::Bad(self.bad(Some(column), Why::BadQuote)))));
                }
                Err(CsvFault::NotUtf8 { column }) => {
                    return Ok(Some((line, Row::Bad(self.bad(Some(column), Why::NotUtf8)))));
                }
                Err(CsvFault::LineTooLong | CsvFault::Unreadable(_)) => return Err(FileFault::LineTooLong(line)),
            }
        }
    }

    /// The whole line without its running number, to recognise a copy.
    pub fn whole(&self) -> String {
        let cells = (0..self.table.len()).filter(|at| Some(*at) != self.running).map(|at| fold(self.table.cell(at)));
        cells.collect::<Vec<_>>().join("\t")
    }

    fn said(&mut self) -> Row {
        let cells: Vec<&str> = (0..self.table.len()).map(|at| self.table.cell(at)).collect();
        if let Some(aside) = self.asides.next(&cells) {
            return Row::Aside(aside);
        }
        let column = |part: Part| self.reading.columns.column(part);
        let cell = |part: Part| column(part).map_or("", |at| self.table.cell(at));
        let line = match read(&cell, &self.place.round.round.fields) {
            Ok(line) => line,
            Err((part, why)) => return Row::Bad(self.bad(part.and_then(column), why)),
        };
        match self.place.stratum(&line) {
            Ok(stratum) => Row::Dossier(Box::new(line), stratum),
            Err(why) => Row::Bad(self.bad(column(Part::Field), why)),
        }
    }
}
