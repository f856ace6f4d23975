//! Figures that move in steps, in the database: the fold keeps them beside the tallies, in its transaction, so that
//! every process and every restart shows the same. Rounds of sample data have none of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use sha2::{Digest, Sha256};

use super::contribution::Contribution;
use super::rows::{chunks, insert, statement};
use super::tallies::{Cell, Tallies};
use super::{RoundContext, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::disclosure::moving::{Moving, Part, Snapshot, instead, may_be_shown};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::{Mode, Standing, Stream};
use crate::domain::tally::{Shape, Tally};

/// A part of an agency's figures in one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) round: RoundId,
    pub(super) agency: AgencyId,
    pub(super) stream: Stream,
    pub(super) part: Part,
}

impl Key {
    fn values(&self) -> [Value; 4] {
        [self.round.0.into(), self.agency.0.into(), self.stream.code().into(), self.part.code().into()]
    }

    /// The key of a row that begins with agency, stream and part.
    fn of_row(round: RoundId, row: &QueryResult, from: usize) -> Result<Self, StoreError> {
        let unknown = || StoreError::Inconsistent("a moving figure of no stream or part".to_owned());
        Ok(Self {
            round,
            agency: AgencyId(row.try_get_by_index(from)?),
            stream: Stream::from_code(row.try_get_by_index(from + 1)?).ok_or_else(unknown)?,
            part: Part::from_code(row.try_get_by_index(from + 2)?).ok_or_else(unknown)?,
        })
    }

    /// The first and last cell of its agency.
    fn cells(&self) -> std::ops::RangeInclusive<Cell> {
        let first = Cell {
            round: self.round,
            agency: self.agency,
            stratum: StratumId(i32::MIN),
            stream: Stream::Sample,
            mode: Mode::Qr,
            standing: Standing::Valid,
        };
        let (round, agency, stratum) = (self.round, self.agency, StratumId(i32::MAX));
        first..=Cell { round, agency, stratum, ..first }
    }

    /// What is there of it now.
    fn snapshot<T: AsRef<Tally>>(&self, shape: &Shape, cells: &BTreeMap<Cell, T>) -> Snapshot {
        let own = cells.range(self.cells()).filter(|(cell, _)| cell.stream == self.stream);
        Snapshot::of(self.part, self.stream, shape, own.map(|(c, tally)| (c.stratum, c.standing, tally.as_ref())))
    }
}

const KEY: [&str; 4] = ["round_id", "agency_id", "stream", "part"];

/// All moving figures.
pub(super) type Figures = BTreeMap<Key, Arc<Moving>>;

fn damaged() -> StoreError {
    StoreError::Inconsistent("a moving figure cannot be read".to_owned())
}

/// Reads all of them.
pub(super) async fn read<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    rounds: &[Arc<RoundContext>],
) -> Result<Figures, StoreError> {
    let sql = "SELECT round_id, agency_id, stream, part, shown, pending FROM moving_figure";
    let mut figures = Figures::new();
    for row in db.query_all_raw(statement(backend, sql, vec![])).await? {
        let key = Key::of_row(RoundId(row.try_get_by_index(0)?), &row, 1)?;
        let shape = &rounds.iter().find(|r| r.round.id == key.round).ok_or_else(damaged)?.shape;
        let read = |at: usize| -> Result<Arc<Snapshot>, StoreError> {
            let bytes: Vec<u8> = row.try_get_by_index(at)?;
            Snapshot::unpack(shape, &bytes).map(Arc::new).ok_or_else(damaged)
        };
        figures.insert(key, Arc::new(Moving { shown: read(4)?, pending: read(5)? }));
    }
    Ok(figures)
}

/// The versions that were shown and whose number lies less than a step from `n`: only they can be too near.
async fn past<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    round: &RoundContext,
    key: &Key,
    n: i64,
) -> Result<Vec<Snapshot>, StoreError> {
    let sql = "SELECT counts FROM moving_past WHERE round_id = ? AND agency_id = ? AND stream = ? AND part = ? \
               AND n > ? AND n < ? ORDER BY n, version";
    let step = i64::from(round.round.step);
    let values = key.values().into_iter().chain([(n - step).into(), (n + step).into()]).collect();
    let rows = db.query_all_raw(statement(backend, sql, values)).await?;
    let read = |row: QueryResult| {
        let bytes: Vec<u8> = row.try_get_by_index(0)?;
        Snapshot::unpack(&round.shape, &bytes).ok_or_else(damaged)
    };
    rows.into_iter().map(read).collect()
}

/// Notes versions as shown, for good.
async fn note_past<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    version: i64,
    shown: &[(Key, Arc<Snapshot>)],
) -> Result<(), StoreError> {
    let columns = [KEY[0], KEY[1], KEY[2], KEY[3], "n", "version", "counts"];
    for chunk in chunks(shown) {
        let row = |(key, snapshot): &(Key, Arc<Snapshot>)| {
            key.values().into_iter().chain([snapshot.n().into(), version.into(), snapshot.pack().into()])
        };
        let values = chunk.iter().flat_map(row).collect();
        let suffix = "ON CONFLICT (round_id, agency_id, stream, part, n, version) DO NOTHING";
        db.execute_raw(insert(backend, "moving_past", &columns, chunk.len(), suffix, values)).await?;
    }
    Ok(())
}

/// The moving figures in the course of one fold.
pub(super) struct Steps {
    figures: Figures,
    /// What was touched: how many responses are there now, and the snapshot whose turn it is.
    touched: HashMap<Key, (i64, Option<Arc<Snapshot>>)>,
}

impl Steps {
    pub(super) fn new(figures: Figures) -> Self {
        Self { figures, touched: HashMap::new() }
    }

    /// Follows one change, which `cells` have taken in already.
    pub(super) fn follow(
        &mut self,
        round: &RoundContext,
        cells: &BTreeMap<Cell, Arc<Tally>>,
        change: &Contribution<'_>,
        sheet: &Sheet,
    ) {
        // What was frozen does not move any more, and nobody is behind simulated answers.
        if round.round.step <= 1 || round.round.sample_data || round.frozen_at.is_some() {
            return;
        }
        let Cell { round: id, agency, stratum, stream, standing, .. } = change.cell;
        for part in Part::ALL {
            let counts = part == Part::Valid || sheet.tap.is_some();
            if !counts || part.place(stream, stratum, standing).is_none() {
                continue;
            }
            let key = Key { round: id, agency, stream, part };
            let touched = self.touched.entry(key);
            let (n, due) = touched
                .and_modify(|(n, _)| *n += i64::from(change.sign))
                .or_insert_with(|| (key.snapshot(&round.shape, cells).n(), None));
            let moving = Arc::make_mut(self.figures.entry(key).or_default());
            if let Some(next) = moving.follow(*n, round.round.step, || key.snapshot(&round.shape, cells)) {
                *due = Some(next);
            }
        }
    }

    /// Shows those whose turn it is and that may be shown beside all that were, and writes what changed.
    pub(super) async fn write<C: ConnectionTrait>(
        mut self,
        db: &C,
        backend: DbBackend,
        rounds: &[Arc<RoundContext>],
        version: i64,
    ) -> Result<Figures, StoreError> {
        let mut shown = vec![];
        let mut changed = vec![];
        let mut due: Vec<(Key, Arc<Snapshot>)> =
            self.touched.into_iter().filter_map(|(key, (_, due))| Some((key, due?))).collect();
        due.sort_unstable_by_key(|(key, _)| *key);
        for (key, next) in due {
            let (Some(round), Some(moving)) =
                (rounds.iter().find(|r| r.round.id == key.round), self.figures.get_mut(&key))
            else {
                continue;
            };
            let past = past(db, backend, round, &key, next.n()).await?;
            if *next != *moving.shown && may_be_shown(&next, &past, round.round.step, &round.shape) {
                Arc::make_mut(moving).shown = Arc::clone(&next);
                shown.push((key, next));
            }
            changed.push((key, Arc::clone(moving)));
        }
        note_past(db, backend, version, &shown).await?;
        write_figures(db, backend, &changed).await?;
        Ok(self.figures)
    }
}

async fn write_figures<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    changed: &[(Key, Arc<Moving>)],
) -> Result<(), StoreError> {
    let columns = [KEY[0], KEY[1], KEY[2], KEY[3], "shown", "pending"];
    for chunk in chunks(changed) {
        let row = |(key, moving): &(Key, Arc<Moving>)| {
            key.values().into_iter().chain([moving.shown.pack().into(), moving.pending.pack().into()])
        };
        let values = chunk.iter().flat_map(row).collect();
        let suffix = "ON CONFLICT (round_id, agency_id, stream, part) \
                      DO UPDATE SET shown = excluded.shown, pending = excluded.pending";
        db.execute_raw(insert(backend, "moving_figure", &columns, chunk.len(), suffix, values)).await?;
    }
    Ok(())
}

/// Shows all that is there of a round that takes no answers any more; says whether anything moved. The proof of
/// `domain/disclosure/moving.rs` holds on: a version is shown only where it is the same as each shown one or surely a step
/// apart, and it is kept like every other, so that a late answer moves nothing until there is a step of them. What is
/// smaller than a step stays back, since no figure could be said of it. The voluntary stream has no list of people who were
/// asked, so that somebody may put their own answers around one citizen's: its rest waits for the freeze.
pub(super) async fn show_rest<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    round: &RoundContext,
    tallies: &Tallies,
) -> Result<bool, StoreError> {
    let (shape, step) = (&round.shape, round.round.step);
    let of_round = tallies.round(round.round.id).filter(|(cell, _)| cell.stream != Stream::Open);
    let mut keys: Vec<Key> = of_round
        .flat_map(|(cell, _)| Part::ALL.map(|part| (cell.agency, cell.stream, part)))
        .map(|(agency, stream, part)| Key { round: round.round.id, agency, stream, part })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let (mut changed, mut shown) = (vec![], vec![]);
    for key in keys {
        let found = key.snapshot(shape, &tallies.cells);
        let is_shown = tallies.moving.get(&key).is_some_and(|moving| *moving.shown == found);
        if is_shown || found.n() < i64::from(step) {
            continue;
        }
        let past = past(db, backend, round, &key, found.n()).await?;
        if may_be_shown(&found, &past, step, shape) {
            let found = Arc::new(found);
            changed.push((key, Arc::new(Moving { shown: Arc::clone(&found), pending: Arc::clone(&found) })));
            shown.push((key, found));
        }
    }
    note_past(db, backend, tallies.version + 1, &shown).await?;
    write_figures(db, backend, &changed).await?;
    Ok(!changed.is_empty())
}

/// Counts that a freeze publishes in the place of what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Agency.
    pub agency: AgencyId,
    /// Stream.
    pub stream: Stream,
    /// What of it.
    pub part: Part,
    /// The counts: a version that was shown.
    pub snapshot: Snapshot,
}

impl Held {
    /// SHA-256 of key and counts, integers big-endian.
    pub(super) fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"hailong-held-1");
        hash.update(self.agency.0.to_be_bytes());
        hash.update(self.stream.code().to_be_bytes());
        hash.update(self.part.code().to_be_bytes());
        hash.update(self.snapshot.pack());
        hash.finalize().into()
    }
}

/// Decides what a freeze publishes of a round whose figures moved, notes it as shown, and keeps what it holds back.
pub(super) async fn settle<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    round: &RoundContext,
    (freeze, version): (i32, i64),
    cells: &BTreeMap<Cell, Arc<Tally>>,
) -> Result<Vec<Held>, StoreError> {
    if round.round.step <= 1 || round.round.sample_data {
        return Ok(vec![]);
    }
    let (id, shape, step) = (round.round.id, &round.shape, round.round.step);
    // What was shown and has no responses any more is settled too.
    let sql = "SELECT agency_id, stream, part FROM moving_figure WHERE round_id = ?";
    let rows = db.query_all_raw(statement(backend, sql, vec![id.0.into()])).await?;
    let mut keys = rows.iter().map(|row| Key::of_row(id, row, 0)).collect::<Result<Vec<_>, _>>()?;
    for part in Part::ALL {
        keys.extend(cells.keys().map(|c| Key { round: id, agency: c.agency, stream: c.stream, part }));
    }
    keys.sort_unstable();
    keys.dedup();
    let (mut held, mut shown) = (vec![], vec![]);
    for key in keys {
        let found = key.snapshot(shape, cells);
        let past = past(db, backend, round, &key, found.n()).await?;
        match instead(&found, &past, step, shape) {
            Some(snapshot) => {
                let Key { agency, stream, part, .. } = key;
                held.push(Held { agency, stream, part, snapshot: snapshot.clone() });
            }
            None => shown.push((key, Arc::new(found))),
        }
    }
    note_past(db, backend, version, &shown).await?;
    let columns = ["freeze_id", KEY[1], KEY[2], KEY[3], "counts", "hash"];
    for chunk in chunks(&held) {
        let row = |held: &Held| -> [Value; 6] {
            let Held { agency, stream, part, snapshot } = held;
            let key = [freeze.into(), agency.0.into(), stream.code().into(), part.code().into()];
            let [a, b, c, d] = key;
            [a, b, c, d, snapshot.pack().into(), held.hash().to_vec().into()]
        };
        let values = chunk.iter().flat_map(row).collect();
        db.execute_raw(insert(backend, "frozen_held", &columns, chunk.len(), "", values)).await?;
    }
    Ok(held)
}

/// What a freeze holds back, each checked against its hash.
pub(super) async fn read_held<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    round: &RoundContext,
    freeze: i32,
) -> Result<Vec<Held>, StoreError> {
    let sql = "SELECT agency_id, stream, part, counts, hash FROM frozen_held WHERE freeze_id = ? \
               ORDER BY agency_id, stream, part";
    let mut all = vec![];
    for row in db.query_all_raw(statement(backend, sql, vec![freeze.into()])).await? {
        let Key { agency, stream, part, .. } = Key::of_row(round.round.id, &row, 0)?;
        let (counts, hash): (Vec<u8>, Vec<u8>) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let snapshot = Snapshot::unpack(&round.shape, &counts).ok_or_else(damaged)?;
        let held = Held { agency, stream, part, snapshot };
        if held.hash().as_slice() != hash {
            let code = round.agencies.get(&agency).map_or("?", |agency| agency.code.as_str());
            return Err(StoreError::Inconsistent(format!(
                "freeze {freeze}: what is held of {code}, {}, is not what was frozen",
                stream.word()
            )));
        }
        all.push(held);
    }
    Ok(all)
}
