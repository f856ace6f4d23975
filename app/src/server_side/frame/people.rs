//! From lines to people: every bad line named, one person with several dossiers one unit, and the order of the frame with
//! its hash.
//!
//! A person whose dossiers lie in several strata of the agency is one unit in one of them, chosen among the dossiers with
//! equal chances by the round's key, so that no stratum gains or loses by the order of the file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::super::contacts::ContactKey;
use super::super::csv_table::{CsvFault, CsvTable};
use super::sheet::FileFault;
use crate::domain::field_work::Party;
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::limits;
use crate::domain::sample::frame::{BadLine, Line, Part, Reading, Why, letters, read};
use crate::domain::sample::plan::Counted;
use crate::store::{FrameUnit, RoundContext};

/// Bytes of a fingerprint: as few as tell half a million people apart beyond doubt.
const PRINT_BYTES: usize = 16;

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

/// The lines of a list below its headings, read one by one.
pub struct Lines<'a> {
    table: CsvTable<&'a [u8]>,
    reading: &'a Reading,
    place: &'a Place,
    headings: Vec<String>,
}

impl<'a> Lines<'a> {
    /// From the first line below the headings.
    pub fn new(text: &'a [u8], reading: &'a Reading, place: &'a Place) -> Self {
        let sign = u8::try_from(reading.separator).unwrap_or(b',');
        Self { table: CsvTable::separated(text, sign), reading, place, headings: Vec::new() }
    }

    fn bad(&self, column: Option<usize>, why: Why) -> BadLine {
        let column = column.map_or_else(String::new, |at| match self.headings.get(at).map(String::as_str) {
            Some(heading) if !heading.is_empty() => format!("{} ({heading})", letters(at)),
            _ => letters(at),
        });
        BadLine { line: self.table.line(), column, why }
    }

    /// The next line: its number, and what it says or what is wrong with it. None at the end.
    ///
    /// # Errors
    /// What keeps the rest of the file from being read.
    #[expect(clippy::type_complexity, reason = "a line, or what is wrong with it")]
    pub fn next_line(&mut self) -> Result<Option<(u64, Result<(Line, StratumId), BadLine>)>, FileFault> {
        loop {
            let more = self.table.advance();
            let line = self.table.line();
            match more {
                Ok(false) => return Ok(None),
                Ok(true) if line == self.reading.heading => {
                    self.headings = (0..self.table.len()).map(|at| self.table.cell(at).to_owned()).collect();
                }
                _ if line <= self.reading.heading => {}
                // A row that a spreadsheet kept and nobody filled in.
                Ok(true) if (0..self.table.len()).all(|at| self.table.cell(at).is_empty()) => {}
                Ok(true) => return Ok(Some((line, self.said()))),
                Err(CsvFault::BadQuote { column }) => {
                    return Ok(Some((line, Err(self.bad(Some(column), Why::BadQuote)))));
                }
                Err(CsvFault::NotUtf8 { column }) => {
                    return Ok(Some((line, Err(self.bad(Some(column), Why::NotUtf8)))));
                }
                Err(CsvFault::LineTooLong | CsvFault::Unreadable(_)) => return Err(FileFault::LineTooLong(line)),
            }
        }
    }

    fn said(&self) -> Result<(Line, StratumId), BadLine> {
        let column = |part: Part| self.reading.columns.column(part);
        let cell = |part: Part| column(part).map_or("", |at| self.table.cell(at));
        let line =
            read(&cell, &self.place.round.round.fields).map_err(|(part, why)| self.bad(part.and_then(column), why))?;
        let stratum = self.place.stratum(&line).map_err(|why| self.bad(column(Part::Field), why))?;
        Ok((line, stratum))
    }
}

/// A person of the frame, as the first pass finds them.
#[derive(Clone, Debug)]
struct Person {
    /// The line that stands for them.
    line: u32,
    stratum: StratumId,
    party: Party,
    print: [u8; PRINT_BYTES],
    dossiers: u32,
    /// Known by a number that nobody shares.
    numbered: bool,
}

/// What a list comes to.
#[derive(Debug)]
pub struct Scan {
    /// Lines below the headings.
    pub lines: u32,
    /// Bad ones.
    pub bad: u32,
    /// The first of them.
    pub faults: Vec<BadLine>,
    /// By stratum: dossiers and people.
    pub strata: Vec<Counted>,
    /// In the order of the file.
    people: Vec<Person>,
    /// SHA-256 over the people in their order.
    pub hash: [u8; 32],
}

impl Scan {
    /// N: good lines.
    pub fn dossiers(&self) -> u32 {
        self.lines - self.bad
    }

    /// People and organisations, each once.
    pub fn people(&self) -> u32 {
        u32::try_from(self.people.len()).unwrap_or(u32::MAX)
    }

    /// The people sealed, some at a time: `go` is called with at most `most` of them, in order.
    ///
    /// # Errors
    /// The list is not the one that was scanned, or the system gives no random bytes.
    pub fn seal(
        &self,
        frame: i32,
        (text, reading, place): (&[u8], &Reading, &Place),
        key: &ContactKey,
        most: usize,
        go: &mut dyn FnMut(Vec<FrameUnit>) -> bool,
    ) -> Result<(), FileFault> {
        let mut lines = Lines::new(text, reading, place);
        let mut batch = Vec::with_capacity(most);
        for (pos, person) in (1_u32..).zip(&self.people) {
            let line = loop {
                match lines.next_line()? {
                    Some((line, Ok((said, _)))) if line == u64::from(person.line) => break said,
                    Some(_) => {}
                    None => return Err(FileFault::Gone),
                }
            };
            let contact = key.seal_in_frame(frame, pos, &line.contact).ok_or(FileFault::Gone)?;
            batch.push(FrameUnit {
                pos,
                stratum: person.stratum,
                field: line.field,
                party: person.party,
                fingerprint: person.print.to_vec(),
                contact,
            });
            if batch.len() == most && !go(std::mem::replace(&mut batch, Vec::with_capacity(most))) {
                return Ok(());
            }
        }
        if !batch.is_empty() {
            go(batch);
        }
        Ok(())
    }
}

/// Reads a whole list and finds its people; nothing is kept.
///
/// # Errors
/// What keeps the list from being read to its end.
pub fn scan(text: &[u8], reading: &Reading, place: &Place, key: &ContactKey) -> Result<Scan, FileFault> {
    let mut lines = Lines::new(text, reading, place);
    let mut people: Vec<Person> = Vec::new();
    // Eight bytes of a keyed hash: among two million identities the chance of any collision is one in ten million.
    let mut known: HashMap<u64, u32> = HashMap::new();
    let mut dossiers: BTreeMap<StratumId, u32> = BTreeMap::new();
    let (mut count, mut bad, mut faults) = (0_u32, 0_u32, Vec::new());
    while let Some((line, said)) = lines.next_line()? {
        count += 1;
        if count > limits::FRAME_LINES {
            return Err(FileFault::TooManyLines);
        }
        match said {
            Err(fault) => {
                bad += 1;
                if faults.len() < limits::FRAME_FAULTS {
                    faults.push(fault);
                }
            }
            Ok((said, stratum)) => {
                *dossiers.entry(stratum).or_default() += 1;
                let line = u32::try_from(line).unwrap_or(u32::MAX);
                meet(&mut people, &mut known, key, (line, &said, stratum));
            }
        }
    }
    people.sort_by_key(|person| person.line);
    let mut strata: Vec<Counted> =
        dossiers.into_iter().map(|(stratum, dossiers)| Counted { stratum, dossiers, people: 0 }).collect();
    for person in &people {
        if let Some(stratum) = strata.iter_mut().find(|s| s.stratum == person.stratum) {
            stratum.people += 1;
        }
    }
    let hash = hash_of(&people);
    Ok(Scan { lines: count, bad, faults, strata, people, hash })
}

/// A dossier of somebody: known already, or new.
fn meet(
    people: &mut Vec<Person>,
    known: &mut HashMap<u64, u32>,
    key: &ContactKey,
    (line, said, stratum): (u32, &Line, StratumId),
) {
    let strong = said.identity.strong.as_deref().map(|words| key.fingerprint(words));
    let weak: Vec<[u8; 32]> = said.identity.weak.iter().map(|words| key.fingerprint(words)).collect();
    let find = |print: &[u8; 32]| known.get(&short(print)).copied();
    let at = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
    // A number decides. Without one, or where the other line has none, name and telephone or name and address do.
    let found = strong.as_ref().and_then(find).or_else(|| {
        let fits = |index: &u32| strong.is_none() || people.get(at(*index)).is_some_and(|person| !person.numbered);
        weak.iter().filter_map(find).find(fits)
    });
    let index = if let Some(index) = found {
        if let Some(person) = people.get_mut(at(index)) {
            person.dossiers = person.dossiers.saturating_add(1);
            person.numbered |= strong.is_some();
            // The n-th dossier stands for them with chance 1/n: in the end all are equally likely.
            let chance = key.fingerprint(&format!("dossier {:?} {}", person.print, person.dossiers));
            if short(&chance).is_multiple_of(u64::from(person.dossiers)) {
                (person.line, person.stratum, person.party) = (line, stratum, said.party);
            }
        }
        index
    } else {
        let index = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let full = strong.or_else(|| weak.first().copied()).unwrap_or_default();
        let mut print = [0; PRINT_BYTES];
        print.copy_from_slice(&full[..PRINT_BYTES]);
        let numbered = strong.is_some();
        people.push(Person { line, stratum, party: said.party, print, dossiers: 1, numbered });
        index
    };
    for print in strong.iter().chain(&weak) {
        known.entry(short(print)).or_insert(index);
    }
}

/// The first eight bytes as a number.
fn short(print: &[u8; 32]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&print[..8]);
    u64::from_be_bytes(bytes)
}

/// SHA-256 of `hailong-frame-1`, then for each person in order: place (u32), stratum (i32), party (i16), big-endian, and
/// the fingerprint.
fn hash_of(people: &[Person]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"hailong-frame-1");
    for (pos, person) in (1_u32..).zip(people) {
        hash.update(pos.to_be_bytes());
        hash.update(person.stratum.0.to_be_bytes());
        hash.update(person.party.code().to_be_bytes());
        hash.update(person.print);
    }
    hash.finalize().into()
}
