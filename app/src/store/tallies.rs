//! The main tallies in memory: a mirror of the `tally` table, renewed when its version moves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, QueryResult};

use super::context::lock;
use super::moving;
use super::rows::statement;
use super::{RoundContext, Store, StoreError};
use crate::domain::disclosure::moving::{Part, Snapshot};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::{Mode, Standing, Stream};
use crate::domain::tally::Tally;

/// One cell of the main tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Round.
    pub round: RoundId,
    /// Agency.
    pub agency: AgencyId,
    /// Stratum, or outside, or unknown.
    pub stratum: StratumId,
    /// Stream; streams are never added up.
    pub stream: Stream,
    /// Mode.
    pub mode: Mode,
    /// Standing.
    pub standing: Standing,
}

/// All main tallies as of one fold.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// Moves with every fold that changed something.
    pub version: i64,
    /// When that was, milliseconds since 1970 UTC; 0 before the first.
    pub folded_at: i64,
    /// The cells that hold something.
    pub cells: BTreeMap<Cell, Arc<Tally>>,
    /// What is shown of rounds whose figures move in steps.
    pub(super) moving: moving::Figures,
}

impl Tallies {
    /// The cells of one round.
    pub fn round(&self, round: RoundId) -> impl Iterator<Item = (&Cell, &Tally)> {
        let least = Cell {
            round,
            agency: AgencyId(i32::MIN),
            stratum: StratumId(i32::MIN),
            stream: Stream::Sample,
            mode: Mode::Qr,
            standing: Standing::Valid,
        };
        self.cells.range(least..).take_while(move |(c, _)| c.round == round).map(|(c, t)| (c, &**t))
    }

    /// What is shown of a round whose figures move in steps.
    pub fn shown(&self, round: RoundId) -> impl Iterator<Item = ((AgencyId, Stream, Part), &Snapshot)> {
        let of_round = self.moving.iter().filter(move |(key, _)| key.round == round);
        of_round.map(|(key, moving)| ((key.agency, key.stream, key.part), &*moving.shown))
    }
}

/// The mirror that a process keeps.
#[derive(Debug, Default)]
pub(super) struct Mirror(Mutex<Option<Arc<Tallies>>>);

impl Store {
    /// The tallies as of the last fold, at most one second behind while `serve` runs.
    pub async fn tallies(&self) -> Result<Arc<Tallies>, StoreError> {
        // While the writer runs, its fold renews the mirror; a single command looks for itself.
        if let Some(mirror) = self.mirror()
            && self.inner.writer.get().is_some()
        {
            return Ok(mirror);
        }
        self.renewed_tallies().await
    }

    /// The mirror as it stands.
    pub(super) fn mirror(&self) -> Option<Arc<Tallies>> {
        lock(&self.inner.tallies.0).clone()
    }

    /// Sets the mirror.
    pub(super) fn set_mirror(&self, tallies: Arc<Tallies>) {
        *lock(&self.inner.tallies.0) = Some(tallies);
    }

    /// Looks whether the version has moved and reads the tallies again if so.
    pub async fn renewed_tallies(&self) -> Result<Arc<Tallies>, StoreError> {
        let (version, _) = read_version(self.reader(), self.backend()).await?;
        if let Some(mirror) = self.mirror()
            && mirror.version == version
        {
            return Ok(mirror);
        }
        let rounds = self.rounds().await?;
        let tallies = Arc::new(read_tallies(self.reader(), self.backend(), &rounds).await?);
        self.set_mirror(tallies.clone());
        Ok(tallies)
    }
}

/// Version and time of the last fold.
pub(super) async fn read_version<C: ConnectionTrait>(
    db: &C,
    backend: sea_orm::DbBackend,
) -> Result<(i64, i64), StoreError> {
    let row = db
        .query_one_raw(statement(backend, "SELECT version, folded_at FROM fold_state WHERE id = 1", vec![]))
        .await?
        .ok_or_else(|| StoreError::Inconsistent("fold_state has no row".to_owned()))?;
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

/// All tally rows. The version is read first: should a fold come between, the next look reads again.
pub(super) async fn read_tallies<C: ConnectionTrait>(
    db: &C,
    backend: sea_orm::DbBackend,
    rounds: &[Arc<RoundContext>],
) -> Result<Tallies, StoreError> {
    let (version, folded_at) = read_version(db, backend).await?;
    let sql = "SELECT round_id, agency_id, stratum_id, stream, mode, standing, counts FROM tally";
    let mut cells = BTreeMap::new();
    for row in db.query_all_raw(statement(backend, sql, vec![])).await? {
        let (cell, counts) = read_row(&row)?;
        let shape = rounds.iter().find(|r| r.round.id == cell.round).map(|r| &r.shape);
        let tally = shape.and_then(|s| Tally::unpack(s, &counts));
        let tally = tally.ok_or_else(|| StoreError::Inconsistent(format!("tally {cell:?} cannot be read")))?;
        cells.insert(cell, Arc::new(tally));
    }
    let moving = moving::read(db, backend, rounds).await?;
    Ok(Tallies { version, folded_at, cells, moving })
}

fn read_row(row: &QueryResult) -> Result<(Cell, Vec<u8>), StoreError> {
    let small = |at: usize| row.try_get_by_index::<i16>(at);
    let cell = (|| {
        Ok::<_, sea_orm::DbErr>((
            RoundId(row.try_get_by_index(0)?),
            AgencyId(row.try_get_by_index(1)?),
            StratumId(row.try_get_by_index(2)?),
            Stream::from_code(small(3)?),
            Mode::from_code(small(4)?),
            Standing::from_code(small(5)?),
            row.try_get_by_index::<Vec<u8>>(6)?,
        ))
    })()?;
    match cell {
        (round, agency, stratum, Some(stream), Some(mode), Some(standing), counts) => {
            Ok((Cell { round, agency, stratum, stream, mode, standing }, counts))
        }
        _ => Err(StoreError::Inconsistent("tally with an unknown stream, mode or standing".to_owned())),
    }
}
