//! Who of a list is one person: numbers that only one name uses, then name and telephone, name and address. Numbers and
//! telephones that different names share are shown in groups, which stay apart unless the official joins them.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use super::super::contacts::ContactKey;
use crate::domain::field_work::Party;
use crate::domain::ids::StratumId;
use crate::domain::limits;
use crate::domain::sample::frame::Line;

/// Bytes of a fingerprint: as few as tell half a million people apart beyond doubt.
pub(super) const PRINT_BYTES: usize = 16;

pub(super) type Print = [u8; PRINT_BYTES];

/// What people share who have different names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// An identity number or tax code.
    Number,
    /// A telephone, and a name that differs in its tones alone.
    Telephone,
}

/// Lines that share something and have different names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they share.
    pub shared: Shared,
    /// The first [`limits::FRAME_GROUP_LINES`] of them; the first one names the group.
    pub lines: Vec<u32>,
    /// How many there are.
    pub count: u32,
    /// The names on these lines, each once.
    pub names: Vec<String>,
}

/// A good line, as far as telling people apart needs it.
#[derive(Clone, Debug)]
pub(super) struct Dossier {
    pub(super) line: u32,
    pub(super) stratum: StratumId,
    pub(super) party: Party,
    strong: Option<Print>,
    weak: [Option<Print>; 2],
    near: Option<u64>,
    spoken: u64,
    folded: u64,
    named: bool,
    toneless: bool,
}

/// A person of the frame.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// The line that represents them.
    pub(super) line: u32,
    pub(super) stratum: StratumId,
    pub(super) party: Party,
    pub(super) print: Print,
    dossiers: u32,
    /// Known by a number that no other name uses.
    numbered: bool,
}

fn hashed(words: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

fn print(key: &ContactKey, words: &str) -> Print {
    let mut print = [0; PRINT_BYTES];
    print.copy_from_slice(&key.fingerprint(words)[..PRINT_BYTES]);
    print
}

/// The first eight bytes as a number.
pub(super) fn short(print: &[u8]) -> u64 {
    print.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

impl Dossier {
    pub(super) fn new(key: &ContactKey, line: u32, said: &Line, stratum: StratumId) -> Self {
        let identity = &said.identity;
        let mut weak = identity.weak.iter().map(|words| print(key, words));
        Self {
            line,
            stratum,
            party: said.party,
            strong: identity.strong.as_deref().map(|words| print(key, words)),
            weak: [weak.next(), weak.next()],
            near: identity.near.as_deref().map(hashed),
            spoken: hashed(&identity.spoken),
            folded: hashed(&identity.folded.0),
            named: !identity.spoken.is_empty(),
            toneless: identity.folded.1,
        }
    }

    /// Whether it can be the person of the other: the same name, or one of the two was written without tones.
    fn fits(&self, other: &Self) -> bool {
        !self.named
            || !other.named
            || self.spoken == other.spoken
            || (self.folded == other.folded && (self.toneless || other.toneless))
    }
}

/// The groups of a list, at most [`limits::FRAME_GROUPS`] with their lines, and how many there are. Takes away what
/// identifies no person, except from groups that are joined; `joined` has the first line of each.
pub(super) fn grouped(dossiers: &mut [Dossier], joined: &BTreeSet<u32>) -> (Vec<Group>, u32) {
    let mut shared: Vec<(Shared, Vec<usize>)> = Vec::new();
    let number = |dossier: &Dossier| dossier.strong.as_ref().map(|print| short(print));
    shared.extend(conflicts(dossiers, number, Dossier::fits).into_iter().map(|rows| (Shared::Number, rows)));
    // Where each has a number of its own, the number decides.
    let telephone = |dossier: &Dossier| dossier.near.filter(|_| dossier.strong.is_none());
    let same = |one: &Dossier, other: &Dossier| one.spoken == other.spoken;
    shared.extend(conflicts(dossiers, telephone, same).into_iter().map(|rows| (Shared::Telephone, rows)));
    let line_of = |row: &usize| dossiers.get(*row).map_or(0, |dossier| dossier.line);
    shared.sort_by_key(|(_, rows)| rows.first().map(line_of));
    let count = u32::try_from(shared.len()).unwrap_or(u32::MAX);
    let mut groups = Vec::new();
    let mut changes = Vec::new();
    for (shared, rows) in shared {
        let lines: Vec<u32> = rows.iter().take(limits::FRAME_GROUP_LINES).map(line_of).collect();
        let join = lines.first().is_some_and(|first| joined.contains(first));
        changes.extend(rows.iter().map(|row| (*row, shared, join)));
        if groups.len() < limits::FRAME_GROUPS {
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            groups.push(Group { shared, lines, count, names: Vec::new() });
        }
    }
    for (row, shared, join) in changes {
        let Some(dossier) = dossiers.get_mut(row) else { continue };
        match (shared, join) {
            (Shared::Number, false) => dossier.strong = None,
            (Shared::Telephone, true) => {
                // Under one print they meet; it is made of what they share.
                let near = dossier.near.unwrap_or_default().to_be_bytes();
                let mut print = [0xff; PRINT_BYTES];
                print[..8].copy_from_slice(&near);
                dossier.weak[0] = Some(print);
            }
            (Shared::Number, true) | (Shared::Telephone, false) => {}
        }
    }
    (groups, count)
}

/// Rows that share a key although they cannot be one person's, by the first row of each.
fn conflicts(
    dossiers: &[Dossier],
    key: impl Fn(&Dossier) -> Option<u64>,
    fits: impl Fn(&Dossier, &Dossier) -> bool,
) -> Vec<Vec<usize>> {
    // By key: a row that represents the others, and whether one does not fit it.
    let mut seen: HashMap<u64, (usize, bool)> = HashMap::new();
    for (row, dossier) in dossiers.iter().enumerate() {
        let Some(key) = key(dossier) else { continue };
        match seen.entry(key) {
            Entry::Vacant(place) => {
                place.insert((row, false));
            }
            Entry::Occupied(mut place) => {
                let (first, broken) = place.get_mut();
                if let Some(other) = dossiers.get(*first) {
                    *broken |= !fits(dossier, other);
                    // The one with a name, and with tones, tells more.
                    if (!other.named && dossier.named) || (other.toneless && dossier.named && !dossier.toneless) {
                        *first = row;
                    }
                }
            }
        }
    }
    seen.retain(|_, (_, broken)| *broken);
    let mut rows: HashMap<u64, Vec<usize>> = HashMap::new();
    for (row, dossier) in dossiers.iter().enumerate() {
        if let Some(key) = key(dossier).filter(|key| seen.contains_key(key)) {
            rows.entry(key).or_default().push(row);
        }
    }
    let mut rows: Vec<Vec<usize>> = rows.into_values().collect();
    rows.sort_unstable();
    rows
}

/// The people of a list, in its order.
pub(super) fn people(dossiers: &[Dossier], key: &ContactKey) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    // Eight bytes of a keyed hash: among two million identities the chance of any collision is one in ten million.
    let mut known: HashMap<u64, u32> = HashMap::new();
    for dossier in dossiers {
        meet(&mut people, &mut known, key, dossier);
    }
    people.sort_by_key(|person| person.line);
    people
}

/// Adds a dossier to its person: known already, or new.
fn meet(people: &mut Vec<Person>, known: &mut HashMap<u64, u32>, key: &ContactKey, dossier: &Dossier) {
    let find = |print: &Print| known.get(&short(print)).copied();
    let at = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
    let (strong, weak) = (dossier.strong, dossier.weak);
    // A number decides. Without one, or where the other line has none, name and telephone or name and address do.
    let found = strong.as_ref().and_then(find).or_else(|| {
        let fits = |index: &u32| strong.is_none() || people.get(at(*index)).is_some_and(|person| !person.numbered);
        weak.iter().flatten().filter_map(find).find(fits)
    });
    let index = if let Some(index) = found {
        if let Some(person) = people.get_mut(at(index)) {
            person.dossiers = person.dossiers.saturating_add(1);
            person.numbered |= strong.is_some();
            // The n-th dossier represents them with chance 1/n: in the end all are equally likely.
            let chance = key.fingerprint(&format!("dossier {:?} {}", person.print, person.dossiers));
            if short(&chance).is_multiple_of(u64::from(person.dossiers)) {
                (person.line, person.stratum, person.party) = (dossier.line, dossier.stratum, dossier.party);
            }
        }
        index
    } else {
        let index = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let own = || print(key, &format!("line {}", dossier.line));
        let print = strong.or_else(|| weak.iter().flatten().next().copied()).unwrap_or_else(own);
        people.push(Person {
            line: dossier.line,
            stratum: dossier.stratum,
            party: dossier.party,
            print,
            dossiers: 1,
            numbered: strong.is_some(),
        });
        index
    };
    for print in strong.iter().chain(weak.iter().flatten()) {
        known.entry(short(print)).or_insert(index);
    }
}
