//! Recount: the tallies computed again from the responses, and compared.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::TryStreamExt as _;
use sea_orm::{AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, QueryResult, StreamTrait, TransactionTrait};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::breakdown::{self, OneWay, OneWayCell};
use super::contribution::Contribution;
use super::rows::statement;
use super::tallies::{Cell, read_tallies};
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::breakdown::Occasion;
use crate::domain::ids::{AgencyId, DeskId, RoundId, StratumId};
use crate::domain::response::{Mode, Standing, Stream};
use crate::domain::tally::Tally;
use crate::domain::text::Lang;

/// A cell whose tally is not what its responses say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<C = Cell> {
    /// Which.
    pub cell: C,
    /// How many responses the tally has.
    pub tally_n: i64,
    /// How many there are.
    pub responses_n: i64,
}

/// The result of a recount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Responses read.
    pub responses: u64,
    /// Changes that are committed and not in all tallies yet; they were added before the comparison.
    pub pending: u64,
    /// Cells of the main tally that differ.
    pub differences: Vec<Difference>,
    /// Cells of the one-way tallies that differ.
    pub one_way: Vec<Difference<OneWayCell>>,
}

impl Recount {
    /// How many cells differ.
    pub fn n_differences(&self) -> usize {
        self.differences.len() + self.one_way.len()
    }
}

/// Threads that count beside the one that reads. Counting takes twice as long as reading.
const COUNTERS: usize = 2;
/// Rows that a counting thread is given at once: so many that handing them over costs nothing, and a megabyte at most.
const BATCH: usize = 4_096;

/// The columns of a response that the tallies are made of.
pub(super) const FACTS: &str =
    "round_id, agency_id, stratum_id, stream, mode, standing, desk_id, field, lang, local_day, sheet";

/// What the tallies are made of.
pub(super) struct Facts {
    pub(super) cell: Cell,
    pub(super) occasion: Occasion,
    sheet: Vec<u8>,
}

impl Facts {
    /// The facts of a row that begins with [`FACTS`].
    pub(super) fn of_row(row: &QueryResult) -> Result<Self, StoreError> {
        let damaged = || StoreError::Inconsistent("a response has an unknown stream, mode or standing".to_owned());
        Ok(Self {
            cell: Cell {
                round: RoundId(row.try_get_by_index(0)?),
                agency: AgencyId(row.try_get_by_index(1)?),
                stratum: StratumId(row.try_get_by_index(2)?),
                stream: Stream::from_code(row.try_get_by_index(3)?).ok_or_else(damaged)?,
                mode: Mode::from_code(row.try_get_by_index(4)?).ok_or_else(damaged)?,
                standing: Standing::from_code(row.try_get_by_index(5)?).ok_or_else(damaged)?,
            },
            occasion: Occasion {
                desk: row.try_get_by_index::<Option<i32>>(6)?.map(DeskId),
                field: row.try_get_by_index(7)?,
                lang: if row.try_get_by_index::<i16>(8)? == 1 { Lang::En } else { Lang::Vi },
                local_day: row.try_get_by_index(9)?,
            },
            sheet: row.try_get_by_index(10)?,
        })
    }

    /// The packed sheet.
    pub(super) fn into_sheet(self) -> Vec<u8> {
        self.sheet
    }

    /// The round and the sheet as it was answered.
    pub(super) fn read<'r>(&self, rounds: &'r [Arc<RoundContext>]) -> Result<(&'r RoundContext, Sheet), StoreError> {
        unpack(rounds, &self.cell, &self.sheet)
    }
}

fn unpack<'r>(
    rounds: &'r [Arc<RoundContext>],
    cell: &Cell,
    sheet: &[u8],
) -> Result<(&'r RoundContext, Sheet), StoreError> {
    let unreadable = || StoreError::Inconsistent(format!("a response of {cell:?} cannot be read"));
    let round = rounds.iter().find(|r| r.round.id == cell.round).ok_or_else(unreadable)?;
    let sheet = Sheet::unpack(sheet, &round.questionnaire).ok_or_else(unreadable)?;
    Ok((round, sheet))
}

impl Store {
    /// A transaction that only reads, and sees one moment from its first statement on.
    pub(super) async fn begin_snapshot(&self) -> Result<DatabaseTransaction, sea_orm::DbErr> {
        match self.backend() {
            DbBackend::Postgres => {
                let (level, mode) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
                self.reader().begin_with_config(Some(level), Some(mode)).await
            }
            // Deferred, on SQLite.
            _ => self.reader().begin().await,
        }
    }

    /// Counts everything again in one snapshot, beside a running server.
    ///
    /// # Errors
    /// [`StoreError::Refused`] while the one-way tallies have not been built.
    pub async fn recount(&self) -> Result<Recount, StoreError> {
        if !self.has_breakdowns().await? {
            return Err(StoreError::Refused(
                "the one-way tallies of this database have not been built yet; run: hailong migrate".to_owned(),
            ));
        }
        let tx = self.begin_snapshot().await?;
        let rounds = self.load_rounds(&tx).await?;
        let mut recount = Recount::default();
        let mut main = Counts::default();
        let mut one_way = Counts::default();
        main.said = read_tallies(&tx, self.backend(), &rounds)
            .await?
            .cells
            .into_iter()
            .map(|(cell, tally)| (cell, Arc::unwrap_or_clone(tally)))
            .collect();
        (one_way.said, one_way.unreadable) = breakdown::read_all(&tx, self.backend(), &rounds).await?;
        let on_the_way = self.add_pending(&tx, &rounds, &mut recount, &mut main.said).await?;
        merge(&mut one_way.said, on_the_way.into_cells(&rounds)?);
        let counters: Vec<Counter> = (0..COUNTERS).map(|_| Counter::start(&rounds)).collect();
        {
            let sql = format!("SELECT {FACTS} FROM response");
            let mut rows = tx.stream_raw(statement(self.backend(), &sql, vec![])).await?;
            let mut batch = Vec::with_capacity(BATCH);
            let mut next = counters.iter().cycle();
            while let Some(row) = rows.try_next().await? {
                batch.push(Facts::of_row(&row)?);
                recount.responses += 1;
                if batch.len() == BATCH
                    && let Some(counter) = next.next()
                {
                    counter.give(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).await;
                }
            }
            if let Some(counter) = next.next() {
                counter.give(batch).await;
            }
        }
        tx.rollback().await?;
        for counter in counters {
            let (counted, counted_one_way) = counter.end().await?;
            merge(&mut main.counted, counted);
            merge(&mut one_way.counted, counted_one_way.into_cells(&rounds)?);
        }
        recount.differences = main.differences();
        recount.one_way = one_way.differences();
        Ok(recount)
    }

    /// Adds what is committed and not folded: to the main tallies what is in `delta`; what both tables hold for the
    /// one-way tallies is returned.
    async fn add_pending(
        &self,
        tx: &DatabaseTransaction,
        rounds: &[Arc<RoundContext>],
        recount: &mut Recount,
        main: &mut BTreeMap<Cell, Tally>,
    ) -> Result<OneWay, StoreError> {
        let mut one_way = OneWay::default();
        let sql = "SELECT changes FROM breakdown_delta";
        let mut rows = tx.stream_raw(statement(self.backend(), sql, vec![])).await?;
        while let Some(row) = rows.try_next().await? {
            recount.pending += one_way.add_changes(rounds, &row.try_get_by_index::<Vec<u8>>(0)?, 1)?;
        }
        drop(rows);
        let mut rows = tx.stream_raw(statement(self.backend(), "SELECT changes FROM delta", vec![])).await?;
        while let Some(row) = rows.try_next().await? {
            let changes: Vec<u8> = row.try_get_by_index(0)?;
            one_way.add_changes(rounds, &changes, 1)?;
            let changes = Contribution::read_all(&changes)
                .ok_or_else(|| StoreError::Inconsistent("a delta row cannot be read".to_owned()))?;
            for change in changes {
                let (round, sheet) = unpack(rounds, &change.cell, &change.sheet)?;
                let tally = main.entry(change.cell).or_insert_with(|| Tally::zero(&round.shape));
                tally.add(&round.shape, &sheet, change.sign.into(), true);
                recount.pending += 1;
            }
        }
        Ok(one_way)
    }
}

/// Adds tallies to those of the same cells.
fn merge<C: Ord>(into: &mut BTreeMap<C, Tally>, from: BTreeMap<C, Tally>) {
    for (cell, tally) in from {
        match into.entry(cell) {
            Entry::Occupied(mut there) => there.get_mut().merge(&tally),
            Entry::Vacant(place) => {
                place.insert(tally);
            }
        }
    }
}

/// What one thread has counted.
type Counted = (BTreeMap<Cell, Tally>, OneWay);

/// A thread that counts what it is given, while the next rows are read.
struct Counter {
    give: mpsc::Sender<Vec<Facts>>,
    counted: JoinHandle<Result<Counted, StoreError>>,
}

impl Counter {
    fn start(rounds: &[Arc<RoundContext>]) -> Self {
        let rounds = rounds.to_vec();
        let (give, mut take) = mpsc::channel::<Vec<Facts>>(1);
        let counted = tokio::task::spawn_blocking(move || {
            let (mut main, mut one_way) = (BTreeMap::new(), OneWay::default());
            while let Some(batch) = take.blocking_recv() {
                for facts in batch {
                    let (round, sheet) = facts.read(&rounds)?;
                    let tally = main.entry(facts.cell).or_insert_with(|| Tally::zero(&round.shape));
                    tally.add(&round.shape, &sheet, 1, true);
                    if facts.cell.standing == Standing::Valid {
                        one_way.add(round, &facts.cell, &facts.occasion, &sheet, 1);
                    }
                }
            }
            Ok((main, one_way))
        });
        Self { give, counted }
    }

    /// Waits while the counter is busy. One that has met a damaged row takes no more, and says so in [`Self::end`].
    async fn give(&self, batch: Vec<Facts>) {
        let _ended = self.give.send(batch).await;
    }

    async fn end(self) -> Result<Counted, StoreError> {
        drop(self.give);
        let failed = |error| StoreError::Inconsistent(format!("a thread that counted did not end: {error}"));
        self.counted.await.map_err(failed)?
    }
}

/// The two sides of a comparison.
struct Counts<C> {
    said: BTreeMap<C, Tally>,
    counted: BTreeMap<C, Tally>,
    /// Cells whose row cannot be read: they differ whatever there is to count.
    unreadable: Vec<C>,
}

impl<C> Default for Counts<C> {
    fn default() -> Self {
        Self { said: BTreeMap::new(), counted: BTreeMap::new(), unreadable: vec![] }
    }
}

impl<C: Copy + Ord> Counts<C> {
    fn differences(&self) -> Vec<Difference<C>> {
        let cells: BTreeSet<C> = self.said.keys().chain(self.counted.keys()).chain(&self.unreadable).copied().collect();
        cells.into_iter().filter_map(|cell| self.difference(cell)).collect()
    }

    fn difference(&self, cell: C) -> Option<Difference<C>> {
        let (said, counted) = (self.said.get(&cell), self.counted.get(&cell));
        let same = !self.unreadable.contains(&cell)
            && match (said, counted) {
                (Some(said), Some(counted)) => said == counted,
                (Some(one), None) | (None, Some(one)) => one.is_zero(),
                (None, None) => true,
            };
        (!same).then(|| Difference {
            cell,
            tally_n: said.map_or(0, Tally::n),
            responses_n: counted.map_or(0, Tally::n),
        })
    }
}
