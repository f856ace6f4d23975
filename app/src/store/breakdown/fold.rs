//! The slower fold: takes what the fold of the main tallies has passed on and adds it to the one-way tallies.
//!
//! Counting is done before the transaction begins; inside it a bounded number of rows is read and written, so that
//! the write lock of SQLite is never held long. Changes lie by agency, so that one pass meets each row once.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Value};
use tokio::sync::watch;

use super::one_way::OneWay;
use super::{add_to_rows, bump, lock};
use crate::domain::ids::{AgencyId, RoundId};
use crate::server_side::clock::Stopwatch;
use crate::store::contribution::Contribution;
use crate::store::rows::{chunks, insert, statement, within};
use crate::store::{Store, StoreError};

/// One-way tallies are read by people who look for patterns, not for the last answer; the longer the wait, the more
/// answers share the writing of a row.
const EVERY: Duration = Duration::from_secs(5);
/// Between two transactions the writer has its turn: who waits for SQLite's lock looks for it now and then, and could
/// miss it between two that follow at once.
const PAUSE: Duration = Duration::from_millis(20);
/// Rows that one transaction changes at most, before the last delta row it takes.
const ROWS: usize = 1_000;
/// Delta rows that are looked at for one transaction. Each transaction reads all rows of the agencies it meets while it
/// holds the lock: beside a writer these are few at a time, so that no response waits for long; alone, the fewer
/// transactions the better.
const DELTAS: i64 = 128;
const DELTAS_BESIDE_WRITER: i64 = 32;
/// Bytes of one delta row: some thousand contributions, about two milliseconds of counting.
const DELTA_BYTES: usize = 64 * 1024;

/// What the fold of the main tallies passes on, gathered by agency.
#[derive(Debug, Default)]
pub(in crate::store) struct PassedOn {
    open: BTreeMap<(RoundId, AgencyId), Vec<u8>>,
    full: Vec<((RoundId, AgencyId), Vec<u8>)>,
}

impl PassedOn {
    /// Takes a contribution, where the one-way tallies count it.
    pub(in crate::store) fn take(&mut self, change: &Contribution<'_>) {
        if change.one_way().is_none() {
            return;
        }
        let key = (change.cell.round, change.cell.agency);
        let bytes = self.open.entry(key).or_default();
        change.write(bytes);
        if bytes.len() >= DELTA_BYTES {
            self.full.push((key, std::mem::take(bytes)));
        }
    }

    /// Writes it, in the transaction that takes it away from the main deltas.
    pub(in crate::store) async fn write<C: ConnectionTrait>(self, db: &C) -> Result<(), StoreError> {
        let mut rows = self.full;
        rows.extend(self.open.into_iter().filter(|(_, bytes)| !bytes.is_empty()));
        let columns = ["round_id", "agency_id", "changes"];
        let mut rows = rows.as_mut_slice();
        while !rows.is_empty() {
            let size = chunks(rows).next().map_or(rows.len(), <[_]>::len);
            let (chunk, rest) = rows.split_at_mut(size);
            let values: Vec<Value> = chunk
                .iter_mut()
                .flat_map(|((round, agency), bytes)| [round.0.into(), agency.0.into(), std::mem::take(bytes).into()])
                .collect();
            let backend = db.get_database_backend();
            db.execute_raw(insert(backend, "breakdown_delta", &columns, size, "", values)).await?;
            rows = rest;
        }
        Ok(())
    }
}

/// Folds every five seconds until told to stop; the last fold is up to who stops it.
pub(in crate::store) async fn run(store: Store, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => break,
        }
        if let Err(error) = store.fold_breakdowns().await {
            tracing::warn!(%error, "the one-way tallies could not be folded and will be tried again");
        }
    }
}

impl Store {
    /// Folds what has been passed on until nothing is left. Before the first building there is nothing to add to.
    pub async fn fold_breakdowns(&self) -> Result<(), StoreError> {
        if self.has_breakdowns().await? {
            while self.fold_breakdowns_once().await? {
                if self.writer_stats().is_some() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        Ok(())
    }

    /// Folds up to [`ROWS`] rows; says whether there may be more.
    async fn fold_breakdowns_once(&self) -> Result<bool, StoreError> {
        let backend = self.backend();
        let sql = "SELECT id, changes FROM breakdown_delta ORDER BY round_id, agency_id, id LIMIT ?";
        let most = if self.writer_stats().is_some() { DELTAS_BESIDE_WRITER } else { DELTAS };
        let deltas = self.reader().query_all_raw(statement(backend, sql, vec![most.into()])).await?;
        if deltas.is_empty() {
            return Ok(false);
        }
        let rounds = self.rounds().await?;
        let mut sums = OneWay::default();
        let mut ids: Vec<i64> = vec![];
        for row in &deltas {
            if sums.len() >= ROWS {
                break;
            }
            let changes: Vec<u8> = row.try_get_by_index(1)?;
            sums.add_changes(&rounds, &changes, 1)?;
            ids.push(row.try_get_by_index(0)?);
            // Counting is work for the processor; answers go before.
            tokio::task::yield_now().await;
        }
        let more = ids.len() < deltas.len() || deltas.len() as i64 == most;
        drop(deltas);
        let sums = sums.into_cells(&rounds)?;
        let tallies = sums.len();
        let _turn = self.write_turn().await;
        let tx = self.begin_write().await?;
        let held = Stopwatch::start();
        lock(&tx, backend).await?;
        let mut taken = 0;
        for chunk in chunks(&ids) {
            let ids = chunk.iter().map(|id| (*id).into()).collect();
            taken +=
                tx.execute_raw(within(backend, "DELETE FROM breakdown_delta WHERE id", "", ids)).await?.rows_affected();
        }
        if taken != ids.len() as u64 {
            // Another process has counted some of them meanwhile.
            tx.rollback().await?;
            return Ok(true);
        }
        add_to_rows(&tx, backend, &rounds, sums).await?;
        bump(&tx, backend, self.clock().now_ms()).await?;
        tx.commit().await?;
        tracing::debug!(tallies, held_us = held.elapsed().as_micros(), "one-way tallies were folded");
        Ok(more)
    }
}
