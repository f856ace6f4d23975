//! The fold: takes the deltas of the last half second and adds them to the tally rows, which are written in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};
use tokio::sync::watch;

use super::breakdown::{self, PassedOn};
use super::contribution::Contribution;
use super::moving::Steps;
use super::rows::{chunks, insert, statement, within};
use super::tallies::{Cell, Tallies, read_tallies, read_version};
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::tally::Tally;

/// Pages are at most one second behind: half a second to the fold, and the time it takes.
const EVERY: Duration = Duration::from_millis(500);
/// Delta rows of one fold; the rest waits for the next, so that a fold never holds the write lock long.
const DELTAS: i64 = 2_000;

/// Folds every half second until told to stop, then once more to empty. The one-way tallies follow at their own pace.
pub(super) async fn run(store: Store, mut stop: watch::Receiver<bool>) {
    let slower = tokio::spawn(breakdown::run(store.clone(), stop.clone()));
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => break,
        }
        if let Err(error) = store.fold_tallies().await {
            tracing::warn!(%error, "the fold failed and will be tried again");
        }
        if let Err(error) = store.renewed_tallies().await {
            tracing::warn!(%error, "the tallies could not be read");
        }
    }
    // A panic inside has been logged; what it left is folded here.
    let _ = slower.await;
    if let Err(error) = store.fold_all().await {
        tracing::warn!(%error, "the last fold failed; the next start folds");
    }
}

impl Store {
    /// Folds until no delta is left, in the main tallies and in the one-way tallies.
    pub async fn fold_all(&self) -> Result<(), StoreError> {
        self.fold_tallies().await?;
        self.fold_breakdowns().await
    }

    /// Folds the main tallies until no delta is left.
    pub async fn fold_tallies(&self) -> Result<(), StoreError> {
        while self.fold_once().await? {}
        Ok(())
    }

    /// Folds up to [`DELTAS`] deltas; says whether there may be more.
    ///
    /// Counting takes most of the time and is done before the transaction: on SQLite no response is stored while a
    /// transaction is open. Where another fold came between, nothing is written, and the next turn counts anew.
    async fn fold_once(&self) -> Result<bool, StoreError> {
        let backend = self.backend();
        // Looking costs no lock.
        let sql = "SELECT id, changes FROM delta ORDER BY id LIMIT ?";
        let deltas = self.reader().query_all_raw(statement(backend, sql, vec![DELTAS.into()])).await?;
        if deltas.is_empty() {
            return Ok(false);
        }
        let rounds = self.rounds().await?;
        let counted = self.count_deltas(&deltas, &rounds).await?;
        let more = deltas.len() as i64 == DELTAS;
        drop(deltas);
        let Counted { version, ids, mut cells, steps, passed_on, rows } = counted;

        let _turn = self.write_turn().await;
        let tx = self.begin_write().await?;
        // This row is the lock among processes.
        let lock = if backend == DbBackend::Postgres { " FOR UPDATE" } else { "" };
        let sql = format!("SELECT version FROM fold_state WHERE id = 1{lock}");
        let now = tx.query_one_raw(statement(backend, &sql, vec![])).await?;
        let now: i64 = now.map_or(Ok(-1), |row| row.try_get_by_index(0))?;
        let mut taken = 0;
        if now == version {
            for chunk in chunks(&ids) {
                let ids = chunk.iter().map(|id| (*id).into()).collect();
                taken += tx.execute_raw(within(backend, "DELETE FROM delta WHERE id", "", ids)).await?.rows_affected();
            }
        }
        if taken != ids.len() as u64 {
            tx.rollback().await?;
            return Ok(true);
        }
        for chunk in chunks(&rows) {
            let columns = ["round_id", "agency_id", "stratum_id", "stream", "mode", "standing", "counts"];
            let suffix = "ON CONFLICT (round_id, agency_id, stratum_id, stream, mode, standing) \
                          DO UPDATE SET counts = excluded.counts";
            let values = chunk.iter().flat_map(|(cell, counts)| cell_values(cell, counts)).collect();
            tx.execute_raw(insert(backend, "tally", &columns, chunk.len(), suffix, values)).await?;
        }
        passed_on.write(&tx).await?;
        let moving = steps.write(&tx, backend, &rounds, version + 1).await?;
        let folded_at = self.clock().now_ms();
        let sql = "UPDATE fold_state SET version = version + 1, folded_at = ? WHERE id = 1";
        tx.execute_raw(statement(backend, sql, vec![folded_at.into()])).await?;
        tx.commit().await?;
        cells.retain(|_, tally| !tally.is_zero());
        self.set_mirror(Arc::new(Tallies { version: version + 1, folded_at, cells, moving }));
        Ok(more)
    }

    /// Adds deltas to the tallies of the last fold, in memory.
    async fn count_deltas(&self, deltas: &[QueryResult], rounds: &[Arc<RoundContext>]) -> Result<Counted, StoreError> {
        let backend = self.backend();
        let (version, _) = read_version(self.reader(), backend).await?;
        let base = match self.mirror() {
            Some(mirror) if mirror.version == version => mirror,
            _ => Arc::new(read_tallies(self.reader(), backend, rounds).await?),
        };
        let mut cells = base.cells.clone();
        let mut steps = Steps::new(base.moving.clone());
        let mut touched = BTreeSet::new();
        let mut passed_on = PassedOn::default();
        let mut ids = Vec::with_capacity(deltas.len());
        for row in deltas {
            ids.push(row.try_get_by_index(0)?);
            let changes: Vec<u8> = row.try_get_by_index(1)?;
            let changes = Contribution::read_all(&changes)
                .ok_or_else(|| StoreError::Inconsistent("a delta row cannot be read".to_owned()))?;
            for change in changes {
                let unreadable = || StoreError::Inconsistent(format!("a change of {:?} cannot be read", change.cell));
                let round = rounds.iter().find(|r| r.round.id == change.cell.round).ok_or_else(unreadable)?;
                let sheet = Sheet::unpack(&change.sheet, &round.questionnaire).ok_or_else(unreadable)?;
                let tally = cells.entry(change.cell).or_insert_with(|| Arc::new(Tally::zero(&round.shape)));
                Arc::make_mut(tally).add(&round.shape, &sheet, change.sign.into(), true);
                touched.insert(change.cell);
                steps.follow(round, &cells, &change, &sheet);
                passed_on.take(&change);
            }
            // Counting is work for the processor; answers go before.
            tokio::task::yield_now().await;
        }
        let rows = touched.iter().filter_map(|cell| cells.get(cell).map(|tally| (*cell, tally.pack()))).collect();
        Ok(Counted { version: base.version, ids, cells, steps, passed_on, rows })
    }
}

/// Deltas that were counted and are not written yet.
struct Counted {
    /// The version of the tallies that they were added to.
    version: i64,
    ids: Vec<i64>,
    cells: BTreeMap<Cell, Arc<Tally>>,
    steps: Steps,
    passed_on: PassedOn,
    /// The cells that changed, packed.
    rows: Vec<(Cell, Vec<u8>)>,
}

fn cell_values(cell: &Cell, counts: &[u8]) -> [Value; 7] {
    [
        cell.round.0.into(),
        cell.agency.0.into(),
        cell.stratum.0.into(),
        cell.stream.code().into(),
        cell.mode.code().into(),
        cell.standing.code().into(),
        counts.to_vec().into(),
    ]
}
