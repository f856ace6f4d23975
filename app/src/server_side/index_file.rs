//! The files of `hailong index`: answers and populations as CSV, read with constant memory in the number of rows.
//!
//! Whatever is not right is refused with the file, the line, the column and the reason; nothing is guessed or skipped.

mod fault;

use std::collections::HashMap;
use std::io::Read;

use unicode_normalization::UnicodeNormalization;

use fault::shortened;
pub use fault::{File, IndexFileError, Reason};

use super::csv_table::{CsvFault, CsvTable};
use super::index_report::Report;
use crate::domain::answer::{Answer, Sheet, Validity};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{self, LeftOut, Stratum};
use crate::domain::limits;
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::tally::{Shape, Tally};

/// Computes the index of two files.
///
/// # Errors
/// The first thing that is wrong with either file, the population first.
pub fn run(
    responses: impl Read,
    population: impl Read,
    questionnaire: &Questionnaire,
    method: &Method,
) -> Result<Report, IndexFileError> {
    let shape = Shape::new(questionnaire, method);
    let mut frame = read_population(population, &shape)?;
    read_responses(responses, questionnaire, &shape, &mut frame)?;
    for row in &frame.strata {
        if let Some(population) = row.population.filter(|p| *p < row.tally.n()) {
            let agency = frame.agencies[row.agency].code.clone();
            let reason = Reason::MoreThanPopulation { agency, stratum: row.code.clone(), n: row.tally.n(), population };
            let column = Some((frame.population_column, "population".to_owned()));
            return Err(IndexFileError { file: File::Population, line: row.line, column, reason });
        }
    }
    // By code: it decides which of two strata of equal size is merged first.
    for agency in &mut frame.agencies {
        agency.strata.sort_by(|a, b| frame.strata[*a].code.cmp(&frame.strata[*b].code));
    }
    let agencies: Vec<index::Agency<'_>> = frame
        .agencies
        .iter()
        .zip(0..)
        .map(|(agency, id)| index::Agency {
            id: AgencyId(id),
            strata: agency
                .strata
                .iter()
                .map(|at| {
                    let row = &frame.strata[*at];
                    Stratum { id: stratum_id(*at), population: row.population, tally: &row.tally }
                })
                .collect(),
            left_out: LeftOut { incomplete: agency.n_invalid, ..LeftOut::default() },
        })
        .collect();
    let names: Vec<&str> = frame.agencies.iter().map(|a| a.code.as_str()).collect();
    let strata: Vec<Option<&str>> = frame.strata.iter().map(|s| s.code.as_deref()).collect();
    Ok(Report::new(questionnaire, method, &shape, &agencies, &names, &strata))
}

/// Strata are numbered from 1 in the order of the file.
fn stratum_id(position: usize) -> StratumId {
    StratumId(i32::try_from(position + 1).unwrap_or(i32::MAX))
}

/// What the population file says.
struct FrameFile {
    agencies: Vec<AgencyRow>,
    by_code: HashMap<String, usize>,
    strata: Vec<StratumRow>,
    population_column: usize,
}

struct AgencyRow {
    code: String,
    /// Positions in `strata`.
    strata: Vec<usize>,
    n_invalid: i64,
}

struct StratumRow {
    agency: usize,
    code: Option<String>,
    population: Option<i64>,
    line: u64,
    tally: Tally,
}

fn read_population(input: impl Read, shape: &Shape) -> Result<FrameFile, IndexFileError> {
    let mut table = Columns::open(File::Population, input)?;
    let (mut agency_at, mut stratum_at, mut population_at) = (None, None, None);
    for (at, heading) in table.headings.iter().enumerate() {
        match heading.as_str() {
            "agency" => agency_at = Some(at),
            "stratum" => stratum_at = Some(at),
            "population" => population_at = Some(at),
            _ => return Err(table.here(at, Reason::UnknownColumn)),
        }
    }
    let agency_at = agency_at.ok_or_else(|| table.missing("agency"))?;
    let population_at = population_at.ok_or_else(|| table.missing("population"))?;
    let mut frame = FrameFile {
        agencies: Vec::new(),
        by_code: HashMap::new(),
        strata: Vec::new(),
        population_column: population_at + 1,
    };
    while table.next()? {
        let code = table.name(agency_at)?;
        let stratum = stratum_at.map(|at| table.name(at)).transpose()?;
        let text = table.cell(population_at);
        let population = match text {
            "" => None,
            text => match text.parse::<i64>() {
                Ok(n) if (0..=limits::POPULATION).contains(&n) => Some(n),
                _ => return Err(table.here(population_at, Reason::BadPopulation(shortened(text)))),
            },
        };
        let agency = *frame.by_code.entry(code.clone()).or_insert_with(|| {
            frame.agencies.push(AgencyRow { code, strata: Vec::new(), n_invalid: 0 });
            frame.agencies.len() - 1
        });
        let strata = &mut frame.agencies[agency].strata;
        if strata.iter().any(|at| frame.strata[*at].code == stratum) {
            return Err(table.here(stratum_at.unwrap_or(agency_at), Reason::RepeatedStratum));
        }
        strata.push(frame.strata.len());
        let tally = Tally::zero(shape);
        frame.strata.push(StratumRow { agency, code: stratum, population, line: table.table.line(), tally });
    }
    Ok(frame)
}

/// What a column of the responses file holds.
#[derive(Clone, Copy)]
enum Column {
    Respondent,
    Agency,
    Stratum,
    Criterion(usize),
}

fn read_responses(
    input: impl Read,
    questionnaire: &Questionnaire,
    shape: &Shape,
    frame: &mut FrameFile,
) -> Result<(), IndexFileError> {
    let mut table = Columns::open(File::Responses, input)?;
    let mut columns = Vec::with_capacity(table.headings.len());
    for (at, heading) in table.headings.iter().enumerate() {
        columns.push(match heading.as_str() {
            "respondent_id" => Column::Respondent,
            "agency" => Column::Agency,
            "stratum" => Column::Stratum,
            code => match questionnaire.criterion_index(code) {
                Some(criterion) => Column::Criterion(criterion),
                None => return Err(table.here(at, Reason::UnknownColumn)),
            },
        });
    }
    let agency_at = columns.iter().position(|c| matches!(c, Column::Agency)).ok_or_else(|| table.missing("agency"))?;
    let stratum_at = columns.iter().position(|c| matches!(c, Column::Stratum));
    for (factor, criterion) in questionnaire.criteria() {
        // A file may lack an optional factor as a whole or in part: nobody answered it.
        if !questionnaire.factors[factor].optional && !table.headings.contains(&criterion.code) {
            return Err(table.missing(&criterion.code));
        }
    }
    let blank = Sheet::blank(questionnaire);
    let mut sheet = blank.clone();
    while table.next()? {
        sheet.answers.clone_from(&blank.answers);
        for (at, column) in columns.iter().enumerate() {
            let Column::Criterion(criterion) = column else { continue };
            sheet.answers[*criterion] = match table.cell(at) {
                "" => Answer::Blank,
                text => score(text).ok_or_else(|| table.here(at, Reason::BadScore(shortened(text))))?,
            };
        }
        let agency = frame.agency(&table, agency_at)?;
        let stratum = frame.stratum(&table, agency, agency_at, stratum_at)?;
        match sheet.validity(questionnaire) {
            Validity::Valid => frame.strata[stratum].tally.add(shape, &sheet, 1, false),
            Validity::Incomplete => frame.agencies[agency].n_invalid += 1,
        }
    }
    Ok(())
}

/// One figure from 0 to 5.
fn score(text: &str) -> Option<Answer> {
    match text.as_bytes() {
        [figure @ b'0'..=b'5'] => Answer::from_figure(i64::from(figure - b'0')),
        _ => None,
    }
}

impl FrameFile {
    fn agency(&self, table: &Columns<impl Read>, at: usize) -> Result<usize, IndexFileError> {
        // The common case needs no new string.
        if let Some(agency) = self.by_code.get(table.cell(at)) {
            return Ok(*agency);
        }
        let code = table.name(at)?;
        let known = self.by_code.get(&code).copied();
        known.ok_or_else(|| table.here(at, Reason::UnknownAgency(shortened(&code))))
    }

    fn stratum(
        &self,
        table: &Columns<impl Read>,
        agency: usize,
        agency_at: usize,
        stratum_at: Option<usize>,
    ) -> Result<usize, IndexFileError> {
        let row = &self.agencies[agency];
        let Some(at) = stratum_at else {
            return match row.strata.as_slice() {
                [only] => Ok(*only),
                _ => Err(table.here(agency_at, Reason::StratumNotSaid { agency: shortened(&row.code) })),
            };
        };
        let cell = table.cell(at);
        let find = |code: &str| row.strata.iter().copied().find(|s| self.strata[*s].code.as_deref() == Some(code));
        if let Some(stratum) = find(cell) {
            return Ok(stratum);
        }
        let code = table.name(at)?;
        find(&code).ok_or_else(|| {
            let reason = Reason::UnknownStratum { agency: shortened(&row.code), stratum: shortened(&code) };
            table.here(at, reason)
        })
    }
}

/// A CSV table that knows which file it is, so that faults can say so.
struct Columns<R> {
    file: File,
    table: CsvTable<R>,
    headings: Vec<String>,
}

impl<R: Read> Columns<R> {
    fn open(file: File, input: R) -> Result<Self, IndexFileError> {
        let mut columns = Self { file, table: CsvTable::new(input), headings: Vec::new() };
        if !columns.advance()? {
            return Err(columns.whole_line(1, Reason::Empty));
        }
        for at in 0..columns.table.len() {
            let heading: String = columns.table.cell(at).nfc().collect();
            let repeated = columns.headings.contains(&heading);
            columns.headings.push(heading);
            if repeated {
                return Err(columns.here(at, Reason::RepeatedColumn));
            }
        }
        Ok(columns)
    }

    /// Goes to the next row; false at the end.
    fn next(&mut self) -> Result<bool, IndexFileError> {
        if !self.advance()? {
            return Ok(false);
        }
        let (fields, headings) = (self.table.len(), self.headings.len());
        if fields != headings {
            return Err(self.whole_line(self.table.line(), Reason::Ragged { fields, headings }));
        }
        Ok(true)
    }

    fn advance(&mut self) -> Result<bool, IndexFileError> {
        self.table.advance().map_err(|fault| {
            let line = self.table.line();
            match fault {
                CsvFault::Unreadable(error) => self.whole_line(line, Reason::Unreadable(error)),
                CsvFault::LineTooLong => self.whole_line(line, Reason::LineTooLong),
                CsvFault::BadQuote { column } => self.at(line, column, Reason::BadQuote),
                CsvFault::NotUtf8 { column } => self.at(line, column, Reason::NotUtf8),
            }
        })
    }

    fn cell(&self, at: usize) -> &str {
        self.table.cell(at)
    }

    /// The name in a cell, which must be there.
    fn name(&self, at: usize) -> Result<String, IndexFileError> {
        let cell = self.cell(at);
        if cell.is_empty() {
            return Err(self.here(at, Reason::EmptyCell));
        }
        if cell.len() > limits::FILE_NAME_BYTES || cell.chars().any(char::is_control) {
            return Err(self.here(at, Reason::BadName));
        }
        Ok(cell.nfc().collect())
    }

    fn at(&self, line: u64, column: usize, reason: Reason) -> IndexFileError {
        let heading = self.headings.get(column).cloned().unwrap_or_default();
        IndexFileError { file: self.file, line, column: Some((column + 1, heading)), reason }
    }

    fn here(&self, column: usize, reason: Reason) -> IndexFileError {
        self.at(self.table.line(), column, reason)
    }

    fn whole_line(&self, line: u64, reason: Reason) -> IndexFileError {
        IndexFileError { file: self.file, line, column: None, reason }
    }

    fn missing(&self, name: &str) -> IndexFileError {
        self.whole_line(1, Reason::MissingColumn(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
