//! From lines to people: every bad line named, every dossier counted once, one person with several dossiers one unit, and
//! the order of the frame with its hash.
//!
//! A person whose dossiers lie in several strata of the agency is one unit in one of them, chosen among the dossiers with
//! equal chances by the round's key, so that no stratum gains or loses by the order of the file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::super::contacts::ContactKey;
use super::lines::{Lines, Place, Row};
use super::sheet::FileFault;
use super::told_apart::{Dossier, Group, Person, grouped, people, short};
use crate::domain::hex::hex;
use crate::domain::ids::StratumId;
use crate::domain::limits;
use crate::domain::sample::aside::Aside;
use crate::domain::sample::frame::{BadLine, Reading};
use crate::domain::sample::plan::Counted;
use crate::store::FrameUnit;

/// What the official decides of a list that is not plain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Groups that are one person each, by their first line.
    pub joined: BTreeSet<u32>,
    /// Lines without a dossier code that are the same as one before are not counted.
    pub drop_alike: bool,
}

/// A line that repeats an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The line.
    pub line: u32,
    /// The first one.
    pub first: u32,
    /// The dossier code; empty where there is none.
    pub code: String,
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
    /// The first rows that are no dossier.
    pub aside: Vec<(u32, Aside)>,
    /// How many there are.
    pub aside_count: u32,
    /// The first lines whose dossier code came before; none of them counts.
    pub repeats: Vec<Repeat>,
    /// How many there are.
    pub repeat_count: u32,
    /// The first lines without a code that are the same as one before.
    pub alike: Vec<Repeat>,
    /// How many there are.
    pub alike_count: u32,
    /// The first groups of different names that share a number or a telephone.
    pub groups: Vec<Group>,
    /// How many there are.
    pub group_count: u32,
    /// Lines whose identity number is a placeholder.
    pub placeholders: u32,
    /// By stratum: dossiers and people.
    pub strata: Vec<Counted>,
    /// In the order of the file.
    people: Vec<Person>,
    /// SHA-256 over the people in their order.
    pub hash: [u8; 32],
}

impl Scan {
    /// N: every dossier once.
    pub fn dossiers(&self) -> u32 {
        self.strata.iter().map(|stratum| stratum.dossiers).sum()
    }

    /// People and organisations, each once.
    pub fn people(&self) -> u32 {
        u32::try_from(self.people.len()).unwrap_or(u32::MAX)
    }

    /// A word for all that an official should see before the list is taken; empty where there is nothing. It changes with
    /// the file and the columns, not with what is decided.
    pub fn mark(&self) -> String {
        if self.aside_count + self.repeat_count + self.alike_count + self.group_count == 0 {
            return String::new();
        }
        let mut hash = Sha256::new();
        hash.update(format!("{} {} {} {}", self.aside_count, self.repeat_count, self.alike_count, self.group_count));
        let lines = self.aside.iter().map(|(line, _)| *line);
        let lines = lines.chain(self.repeats.iter().chain(&self.alike).map(|repeat| repeat.line));
        for line in lines.chain(self.groups.iter().flat_map(|group| group.lines.iter().copied())) {
            hash.update(line.to_be_bytes());
        }
        hex(&hash.finalize()).chars().take(16).collect()
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
                    Some((line, Row::Dossier(said, _))) if line == u64::from(person.line) => break said,
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

/// Reads a whole list and finds its people; nothing is kept. Groups stay apart, lines that are alike count.
///
/// # Errors
/// What keeps the list from being read to its end.
pub fn scan(text: &[u8], reading: &Reading, place: &Place, key: &ContactKey) -> Result<Scan, FileFault> {
    scan_with(text, reading, place, key, &Decisions::default())
}

/// The same, as the official decided.
///
/// # Errors
/// What keeps the list from being read to its end.
pub fn scan_with(
    text: &[u8],
    reading: &Reading,
    place: &Place,
    key: &ContactKey,
    decided: &Decisions,
) -> Result<Scan, FileFault> {
    let mut lines = Lines::new(text, reading, place);
    let mut found = Scan {
        lines: 0,
        bad: 0,
        faults: Vec::new(),
        aside: Vec::new(),
        aside_count: 0,
        repeats: Vec::new(),
        repeat_count: 0,
        alike: Vec::new(),
        alike_count: 0,
        groups: Vec::new(),
        group_count: 0,
        placeholders: 0,
        strata: Vec::new(),
        people: Vec::new(),
        hash: [0; 32],
    };
    let mut dossiers: Vec<Dossier> = Vec::new();
    let mut met: HashMap<u64, u32> = HashMap::new();
    let mut counts: BTreeMap<StratumId, u32> = BTreeMap::new();
    while let Some((line, row)) = lines.next_line()? {
        found.lines += 1;
        if found.lines > limits::FRAME_LINES {
            return Err(FileFault::TooManyLines);
        }
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let (said, stratum) = match row {
            Row::Bad(fault) => {
                found.bad += 1;
                push(&mut found.faults, fault);
                continue;
            }
            Row::Aside(aside) => {
                found.aside_count += 1;
                push(&mut found.aside, (line, aside));
                continue;
            }
            Row::Dossier(said, stratum) => (said, stratum),
        };
        let whole = said.code.as_ref().map_or_else(|| format!("line {}", lines.whole()), |code| format!("code {code}"));
        let first = *met.entry(short(&key.fingerprint(&whole))).or_insert(line);
        if first != line {
            let repeat = Repeat { line, first, code: said.code.clone().unwrap_or_default() };
            if said.code.is_some() {
                found.repeat_count += 1;
                push(&mut found.repeats, repeat);
                continue;
            }
            found.alike_count += 1;
            push(&mut found.alike, repeat);
            if decided.drop_alike {
                continue;
            }
        }
        found.placeholders += u32::from(said.identity.placeholder);
        *counts.entry(stratum).or_default() += 1;
        dossiers.push(Dossier::new(key, line, &said, stratum));
    }
    drop(met);
    (found.groups, found.group_count) = grouped(&mut dossiers, &decided.joined);
    name_groups(&mut found.groups, Lines::new(text, reading, place))?;
    found.people = people(&dossiers, key);
    found.strata = counts.into_iter().map(|(stratum, dossiers)| Counted { stratum, dossiers, people: 0 }).collect();
    for person in &found.people {
        if let Some(stratum) = found.strata.iter_mut().find(|s| s.stratum == person.stratum) {
            stratum.people += 1;
        }
    }
    found.hash = hash_of(&found.people);
    Ok(found)
}

/// Keeps the first ones of a kind.
fn push<T>(into: &mut Vec<T>, one: T) {
    if into.len() < limits::FRAME_FAULTS {
        into.push(one);
    }
}

/// Puts the names of the lines into the groups.
fn name_groups(groups: &mut [Group], mut lines: Lines<'_>) -> Result<(), FileFault> {
    let mut wanted: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        for line in &group.lines {
            wanted.entry(*line).or_default().push(at);
        }
    }
    while !wanted.is_empty() {
        let Some((line, row)) = lines.next_line()? else { break };
        let Some(at) = u32::try_from(line).ok().and_then(|line| wanted.remove(&line)) else { continue };
        let Row::Dossier(said, _) = row else { continue };
        for at in at {
            if let Some(group) = groups.get_mut(at).filter(|group| !group.names.contains(&said.contact.name)) {
                group.names.push(said.contact.name.clone());
            }
        }
    }
    Ok(())
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
