//! Figures of a round that still takes answers: which versions of an agency's counts may be shown, so that any two that
//! anybody ever sees, the frozen one among them, are the same or are at least a step (5) of responses apart.
//!
//! Counts follow every single response. What is *shown* is never the newest: a snapshot is *pending* until another step
//! of responses has come after it, and takes the place of the shown one then. So with responses that only come, what is
//! shown is always a step or more behind whatever the freeze may find: with s the shown count, p the pending one and n
//! the present one, p is shown only at n ≥ p + step, the next pending one is n, and the freeze finds at least n.
//!
//! Responses also go (a change of standing). Counts alone then prove nothing: 60 that go and 56 that come make 4 in the
//! number and 116 in the content. So every shown version is kept, and a new one is shown only where each kept one is the
//! same or surely a step apart ([`Snapshot::apart`]); at the freeze the nearest kept one is frozen in the place of one
//! that is not ([`instead`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::may_replace;
use crate::domain::ids::StratumId;
use crate::domain::response::{Standing, Stream};
use crate::domain::tally::{Shape, Tally};

/// What is shown of an agency in a stream and moves by itself: each rests on responses of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The valid responses that the index is made of, by stratum.
    Valid,
    /// The one-tap answers, those of incomplete responses too.
    Taps,
}

impl Part {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Valid, Self::Taps];

    /// The stored code.
    pub fn code(self) -> i16 {
        match self {
            Self::Valid => 0,
            Self::Taps => 1,
        }
    }

    /// The part of a stored code.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// Where the responses of a cell stand in a snapshot of this part; none where they are not in it.
    pub fn place(self, stream: Stream, stratum: StratumId, standing: Standing) -> Option<StratumId> {
        match self {
            Self::Valid if standing == Standing::Valid => in_index(stream, stratum),
            Self::Taps if matches!(standing, Standing::Valid | Standing::Incomplete) => Some(StratumId::WHOLE),
            _ => None,
        }
    }
}

/// The stratum in which a valid response is in the index; none where it is in no figure. Nobody drew the voluntary
/// stream and nothing in it is weighted: it has one stratum an agency, whatever the field.
pub fn in_index(stream: Stream, stratum: StratumId) -> Option<StratumId> {
    match (stream, stratum) {
        (_, StratumId::OUTSIDE) => None,
        (Stream::Open, _) => Some(StratumId::WHOLE),
        (_, StratumId::UNKNOWN) => None,
        (_, stratum) => Some(stratum),
    }
}

/// The counts of one part at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    cells: BTreeMap<StratumId, Tally>,
}

impl Snapshot {
    /// The part of an agency's cells in one stream: stratum, standing and counts of each.
    pub fn of<'a>(
        part: Part,
        stream: Stream,
        shape: &Shape,
        cells: impl IntoIterator<Item = (StratumId, Standing, &'a Tally)>,
    ) -> Self {
        let mut snapshot = Self::default();
        for (stratum, standing, tally) in cells {
            let Some(place) = part.place(stream, stratum, standing) else { continue };
            let own = match part {
                Part::Valid => tally.clone(),
                Part::Taps => Tally::of_taps(shape, tally.taps()),
            };
            snapshot.cells.entry(place).and_modify(|sum| sum.merge(&own)).or_insert(own);
        }
        snapshot.cells.retain(|_, tally| !tally.is_zero());
        snapshot
    }

    /// Responses in it.
    pub fn n(&self) -> i64 {
        self.cells.values().map(Tally::n).sum()
    }

    /// By stratum.
    pub fn strata(&self) -> &BTreeMap<StratumId, Tally> {
        &self.cells
    }

    /// The one-tap answers 1 to 5.
    pub fn taps(&self) -> [i64; 5] {
        let mut sum = [0; 5];
        for tally in self.cells.values() {
            sum.iter_mut().zip(tally.taps()).for_each(|(sum, n)| *sum += n);
        }
        sum
    }

    /// At least so many responses are in one of the two and not in the other. A response stands in one stratum and, for
    /// one criterion, under one answer: so each that is in one only moves the counts by 1, summed over strata and answers.
    pub fn apart(&self, other: &Self, shape: &Shape) -> i64 {
        let zero = Tally::zero(shape);
        let strata: std::collections::BTreeSet<_> = self.cells.keys().chain(other.cells.keys()).collect();
        let pairs: Vec<(&Tally, &Tally)> = strata
            .into_iter()
            .map(|at| (self.cells.get(at).unwrap_or(&zero), other.cells.get(at).unwrap_or(&zero)))
            .collect();
        let sum = |difference: &dyn Fn(&Tally, &Tally) -> i64| pairs.iter().map(|(a, b)| difference(a, b)).sum::<i64>();
        let five = |a: [i64; 5], b: [i64; 5]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<i64>();
        let by_criterion = (0..shape.n_criteria()).map(|j| sum(&|a, b| five(a.scores(j), b.scores(j))));
        let n = sum(&|a, b| (a.n() - b.n()).abs());
        let taps = sum(&|a, b| five(a.taps(), b.taps()));
        by_criterion.chain([n, taps]).max().unwrap_or(0)
    }

    /// As bytes: stratum, length and packed counts of each, integers little-endian.
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = vec![];
        for (stratum, tally) in &self.cells {
            let counts = tally.pack();
            bytes.extend(stratum.0.to_le_bytes());
            bytes.extend(u32::try_from(counts.len()).unwrap_or(0).to_le_bytes());
            bytes.extend(counts);
        }
        bytes
    }

    /// From its bytes; none where they are not well formed.
    pub fn unpack(shape: &Shape, mut bytes: &[u8]) -> Option<Self> {
        let mut cells = BTreeMap::new();
        while !bytes.is_empty() {
            let (stratum, rest) = bytes.split_first_chunk::<4>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (counts, rest) = rest.split_at_checked(length)?;
            cells.insert(StratumId(i32::from_le_bytes(*stratum)), Tally::unpack(shape, counts)?);
            bytes = rest;
        }
        Some(Self { cells })
    }
}

/// What is shown of one part, and what comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moving {
    /// What is shown.
    pub shown: Arc<Snapshot>,
    /// What is shown once a step of responses has come after it.
    pub pending: Arc<Snapshot>,
}

impl Moving {
    /// After a response came or went and `n` are there: the snapshot whose turn it is to be shown, where it is one's.
    /// `now` makes a snapshot of what is there.
    pub fn follow(&mut self, n: i64, step: u32, now: impl FnOnce() -> Snapshot) -> Option<Arc<Snapshot>> {
        let due = may_replace(self.pending.n(), n, step);
        due.then(|| std::mem::replace(&mut self.pending, Arc::new(now())))
    }
}

/// How many responses may be there that are not shown, where responses only come: the pending snapshot is a step behind
/// the shown one, and as many as one less than a step have come after it. 0 where figures do not move in steps.
#[must_use]
pub fn most_behind(step: u32) -> u32 {
    if step <= 1 { 0 } else { 2 * step - 1 }
}

/// Whether two versions may both be seen.
fn agree(one: &Snapshot, other: &Snapshot, step: u32, shape: &Shape) -> bool {
    one == other || one.apart(other, shape) >= i64::from(step)
}

/// Whether a version may be shown beside those that were. Only those whose number is less than a step away matter.
pub fn may_be_shown(next: &Snapshot, past: &[Snapshot], step: u32, shape: &Shape) -> bool {
    past.iter().all(|was| agree(next, was, step, shape))
}

/// What is frozen in the place of what the freeze found, where that could be held against a version that was shown: the
/// shown one that is nearest in number, the newer of two. None where what was found stands.
pub fn instead<'p>(found: &Snapshot, past: &'p [Snapshot], step: u32, shape: &Shape) -> Option<&'p Snapshot> {
    let too_near = past.iter().filter(|was| !agree(found, was, step, shape));
    too_near.min_by_key(|was| (was.n().abs_diff(found.n()), std::cmp::Reverse(was.n())))
}

#[cfg(test)]
mod tests;
