//! Frozen rounds: the main tallies of a round copied, each row with its own hash, so that whatever arrives later moves none
//! of what is published from them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::context::CACHE_MS;
use super::contribution::Contribution;
use super::entity::{freeze, frozen_tally, publication};
use super::moving::{Held, read_held, settle, show_rest};
use super::rows::statement;
use super::tallies::{Cell, read_tallies};
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::outcome::Ends;
use crate::domain::response::{Mode, Standing, Stream};
use crate::domain::role::Publish;
use crate::domain::round::{RoundState, Stratum};
use crate::domain::staff_log::{Act, Who};
use crate::domain::tally::Tally;

/// Rows of one statement: eight columns stay far below the parameter limit of SQLite.
const ROWS: usize = 500;
/// How long a freeze waits for what the writer has taken: as long as a client waits for its commit.
const DRAIN: Duration = Duration::from_secs(20);

/// A freeze.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Key, from 1.
    pub id: i32,
    /// Its round.
    pub round: RoundId,
    /// When, milliseconds since 1970.
    pub frozen_at: i64,
    /// Login name of who did it.
    pub frozen_by: String,
    /// Arrival of the last response in it, milliseconds since 1970; none where there is none.
    pub data_until: Option<i64>,
    /// The strata with their N.
    pub strata: Vec<Stratum>,
    /// SHA-256 over versions, strata and counts.
    pub hash: [u8; 32],
}

/// A freeze with its counts.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// The freeze.
    pub freeze: Freeze,
    /// The cells of the main tally as they were.
    pub cells: Vec<(Cell, Tally)>,
    /// What is published in the place of some of them.
    pub held: Vec<Held>,
}

/// Why a round cannot be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeFault {
    /// There is no such round.
    Unknown,
    /// It still takes answers, and closing it was not asked for.
    Open,
    /// It is frozen, and what was frozen is not published yet.
    Frozen,
}

impl Store {
    /// Freezes a round: from now on what arrives is in no figure; what is stored is counted to its end and copied.
    /// `close` closes a round that still takes answers. A freeze that was cut off is finished by the next.
    ///
    /// # Errors
    /// What the database says, and [`StoreError::Busy`] when the writer does not come to an end.
    pub async fn freeze(
        &self,
        _may: &Publish,
        who: &Who,
        round: RoundId,
        close: bool,
    ) -> Result<Result<Freeze, FreezeFault>, StoreError> {
        let id = match self.begin_freeze(who, round, close).await? {
            Ok(id) => id,
            Err(fault) => return Ok(Err(fault)),
        };
        self.drained().await?;
        self.fold_all().await?;
        self.copy_tallies(id, round).await?;
        self.caches().clear();
        let row = freeze::Entity::find_by_id(id).one(self.reader()).await?;
        let row = row.ok_or_else(|| StoreError::Inconsistent(format!("freeze {id} was not kept")))?;
        freeze_of(row).map(Ok)
    }

    /// Notes the freeze and closes the round, in one transaction.
    async fn begin_freeze(
        &self,
        who: &Who,
        round: RoundId,
        close: bool,
    ) -> Result<Result<i32, FreezeFault>, StoreError> {
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let rounds = self.load_rounds(&tx).await?;
        let Some(context) = rounds.iter().find(|r| r.round.id == round) else {
            return Ok(Err(FreezeFault::Unknown));
        };
        let last = freeze::Entity::find()
            .filter(freeze::Column::RoundId.eq(round.0))
            .order_by_desc(freeze::Column::Id)
            .one(&tx)
            .await?;
        if let Some(last) = last {
            if last.hash.is_empty() {
                return Ok(Ok(last.id));
            }
            let published =
                publication::Entity::find().filter(publication::Column::FreezeId.eq(last.id)).count(&tx).await?;
            if published == 0 {
                return Ok(Err(FreezeFault::Frozen));
            }
        }
        if context.round.state(now) != RoundState::Over && !close {
            return Ok(Err(FreezeFault::Open));
        }
        let all = freeze::Entity::find().select_only().column(freeze::Column::Id);
        let ids: Vec<i32> = all.into_tuple().all(&tx).await?;
        let id = ids.into_iter().max().unwrap_or(0) + 1;
        let strata = strata_json(&context.strata).to_string();
        let row = freeze::ActiveModel {
            id: Set(id),
            round_id: Set(round.0),
            frozen_at: Set(now),
            frozen_by: Set(who.name.clone()),
            data_until: Set(0),
            strata: Set(strata),
            hash: Set(vec![]),
        };
        freeze::Entity::insert(row).exec_without_returning(&tx).await?;
        let sql = "UPDATE round SET closes_at = ? WHERE id = ? AND (closes_at IS NULL OR closes_at > ?)";
        tx.execute_raw(statement(self.backend(), sql, vec![now.into(), round.0.into(), now.into()])).await?;
        let detail = format!("lần chốt số liệu {id}");
        let head = log.append(&tx, now, who, Act::Freeze, &context.round.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(id))
    }

    /// Waits until nothing is on its way that was judged before the freeze was known.
    async fn drained(&self) -> Result<(), StoreError> {
        const STEP: Duration = Duration::from_millis(5);
        if self.backend() == DbBackend::Postgres {
            // Other processes hear of it when they read the round again.
            tokio::time::sleep(Duration::from_millis(CACHE_MS.unsigned_abs())).await;
        }
        let waiting = async {
            while self.writer_stats().is_some_and(|stats| stats.queued > 0) {
                tokio::time::sleep(STEP).await;
            }
        };
        tokio::time::timeout(DRAIN, waiting).await.map_err(|_| StoreError::Busy)
    }

    /// No fold, freeze or publication of another process comes between.
    pub(super) async fn lock_figures(&self, tx: &DatabaseTransaction) -> Result<(), StoreError> {
        if self.backend() == DbBackend::Postgres {
            let sql = "SELECT version FROM fold_state WHERE id = 1 FOR UPDATE";
            tx.query_one_raw(statement(self.backend(), sql, vec![])).await?;
        }
        Ok(())
    }

    /// Copies the tallies of the round, with the changes that are not folded yet, and hashes them.
    async fn copy_tallies(&self, id: i32, round: RoundId) -> Result<(), StoreError> {
        let backend = self.backend();
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let row = freeze::Entity::find_by_id(id).one(&tx).await?;
        let row = row.ok_or_else(|| StoreError::Inconsistent(format!("freeze {id} was not kept")))?;
        if !row.hash.is_empty() {
            // Another process has finished it.
            return Ok(());
        }
        let rounds = self.load_rounds(&tx).await?;
        let context = rounds.iter().find(|r| r.round.id == round);
        let context = context.ok_or_else(|| StoreError::Inconsistent(format!("round {} is gone", round.0)))?;
        let tallies = read_tallies(&tx, backend, &rounds).await?;
        let of_round = tallies.cells.iter().filter(|(cell, _)| cell.round == round);
        let mut cells: BTreeMap<Cell, Arc<Tally>> = of_round.map(|(cell, tally)| (*cell, Arc::clone(tally))).collect();
        add_pending(&tx, backend, context, &mut cells).await?;
        cells.retain(|_, tally| !tally.is_zero());
        let mut hashes = vec![];
        let mut rows = vec![];
        for (cell, tally) in &cells {
            let counts = tally.pack();
            let hash = row_hash(cell, &counts);
            hashes.push(hash);
            rows.push(frozen_tally::ActiveModel {
                freeze_id: Set(id),
                agency_id: Set(cell.agency.0),
                stratum_id: Set(cell.stratum.0),
                stream: Set(cell.stream.code()),
                mode: Set(cell.mode.code()),
                standing: Set(cell.standing.code()),
                counts: Set(counts),
                hash: Set(hash.to_vec()),
            });
        }
        for chunk in rows.chunks(ROWS) {
            frozen_tally::Entity::insert_many(chunk.to_vec()).exec_without_returning(&tx).await?;
        }
        let held = settle(&tx, backend, context, (id, tallies.version), &cells).await?;
        hashes.extend(held.iter().map(Held::hash));
        let hash = whole_hash(context, &row.strata, &hashes);
        let sql = "UPDATE round_freeze SET hash = ?, data_until = ? WHERE id = ?";
        let values = vec![hash.to_vec().into(), tallies.folded_at.into(), id.into()];
        tx.execute_raw(statement(backend, sql, values)).await?;
        let ends = self.round_ends(&tx, round).await?;
        if !ends.is_empty() {
            let sql = "INSERT INTO frozen_outcome (freeze_id, ends) VALUES (?, ?)";
            tx.execute_raw(statement(backend, sql, vec![id.into(), ends_json(&ends).into()])).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What became of the drawn people of a round, as it was frozen: all agencies together. None where nobody was drawn,
    /// or an older program froze it.
    pub async fn frozen_ends(&self, freeze: i32) -> Result<Option<Ends>, StoreError> {
        let sql = "SELECT ends FROM frozen_outcome WHERE freeze_id = ?";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![freeze.into()])).await?;
        let Some(row) = row else { return Ok(None) };
        let damaged = || StoreError::Inconsistent(format!("freeze {freeze}: its outcomes cannot be read"));
        let lists: Vec<[u64; 11]> = serde_json::from_str(&row.try_get_by_index::<String>(0)?).map_err(|_| damaged())?;
        Ok(Some(lists.into_iter().map(ends_of).fold(Ends::default(), Ends::with)))
    }

    /// Shows all that is there of a round whose figures moved in steps and that takes no answers any more, as far as that
    /// gives nobody's answer away. A round that takes answers, or is frozen, stays as it is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn show_rest(&self, _may: &Publish, round: RoundId) -> Result<bool, StoreError> {
        let backend = self.backend();
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let rounds = self.load_rounds(&tx).await?;
        let over = |context: &&RoundContext| {
            let own = &context.round;
            let moves = own.step > 1 && !own.sample_data && context.frozen_at.is_none();
            own.id == round && moves && own.state(self.clock().now_ms()) == RoundState::Over
        };
        let Some(context) = rounds.iter().map(|context| &**context).find(over) else { return Ok(false) };
        let tallies = read_tallies(&tx, backend, &rounds).await?;
        if !show_rest(&tx, backend, context, &tallies).await? {
            return Ok(false);
        }
        tx.execute_raw(statement(backend, "UPDATE fold_state SET version = version + 1 WHERE id = 1", vec![])).await?;
        tx.commit().await?;
        self.renewed_tallies().await?;
        Ok(true)
    }

    /// The finished freezes, the first one first.
    pub async fn freezes(&self) -> Result<Vec<Freeze>, StoreError> {
        let rows = freeze::Entity::find().order_by_asc(freeze::Column::Id).all(self.reader()).await?;
        rows.into_iter().filter(|row| !row.hash.is_empty()).map(freeze_of).collect()
    }

    /// A freeze with its counts; none where there is none of this key.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] naming the row that is not as it was frozen.
    pub async fn frozen(&self, id: i32) -> Result<Option<Frozen>, StoreError> {
        let Some(row) = freeze::Entity::find_by_id(id).one(self.reader()).await? else { return Ok(None) };
        let strata = row.strata.clone();
        let freeze = freeze_of(row)?;
        let context = self.round(freeze.round).await?;
        let context = context.ok_or_else(|| StoreError::Inconsistent(format!("freeze {id} has no round")))?;
        let damaged = |what: &str| StoreError::Inconsistent(format!("freeze {id}: {what}"));
        let mut cells = vec![];
        let mut hashes = vec![];
        for row in frozen_rows(self.reader(), id).await? {
            let cell = cell_of(freeze.round, &row).ok_or_else(|| damaged("a row of no stream, mode or standing"))?;
            let hash = row_hash(&cell, &row.counts);
            if hash.as_slice() != row.hash {
                return Err(damaged(&format!("{} is not what was frozen", name_of(&cell, &context))));
            }
            let tally = Tally::unpack(&context.shape, &row.counts);
            cells.push((cell, tally.ok_or_else(|| damaged(&format!("{} cannot be read", name_of(&cell, &context))))?));
            hashes.push(hash);
        }
        let held = read_held(self.reader(), self.backend(), &context, id).await?;
        hashes.extend(held.iter().map(Held::hash));
        if whole_hash(&context, &strata, &hashes) != freeze.hash {
            return Err(damaged("a row was added or removed, or versions or strata were changed"));
        }
        Ok(Some(Frozen { freeze, cells, held }))
    }
}

async fn frozen_rows<C: ConnectionTrait>(db: &C, id: i32) -> Result<Vec<frozen_tally::Model>, StoreError> {
    use frozen_tally::Column;
    let rows = frozen_tally::Entity::find().filter(Column::FreezeId.eq(id));
    let ordered = [Column::AgencyId, Column::StratumId, Column::Stream, Column::Mode, Column::Standing];
    let rows = ordered.into_iter().fold(rows, QueryOrder::order_by_asc);
    Ok(rows.all(db).await?)
}

/// Adds what was committed and is not folded yet.
async fn add_pending(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    context: &RoundContext,
    cells: &mut BTreeMap<Cell, Arc<Tally>>,
) -> Result<(), StoreError> {
    for row in tx.query_all_raw(statement(backend, "SELECT changes FROM delta ORDER BY id", vec![])).await? {
        let changes: Vec<u8> = row.try_get_by_index(0)?;
        let changes = Contribution::read_all(&changes)
            .ok_or_else(|| StoreError::Inconsistent("a delta row cannot be read".to_owned()))?;
        for change in changes.into_iter().filter(|change| change.cell.round == context.round.id) {
            let sheet = Sheet::unpack(&change.sheet, &context.questionnaire)
                .ok_or_else(|| StoreError::Inconsistent(format!("a change of {:?} cannot be read", change.cell)))?;
            let tally = cells.entry(change.cell).or_insert_with(|| Arc::new(Tally::zero(&context.shape)));
            Arc::make_mut(tally).add(&context.shape, &sheet, change.sign.into(), true);
        }
    }
    Ok(())
}

fn freeze_of(row: freeze::Model) -> Result<Freeze, StoreError> {
    let damaged = |what: &str| StoreError::Inconsistent(format!("freeze {}: {what} cannot be read", row.id));
    let strata: Vec<(i32, i32, Option<i16>, Option<i64>)> =
        serde_json::from_str(&row.strata).map_err(|_| damaged("its strata"))?;
    let stratum =
        |(id, agency, field, population)| Stratum { id: StratumId(id), agency: AgencyId(agency), field, population };
    let hash = row.hash.as_slice().try_into().map_err(|_| damaged("its hash"))?;
    Ok(Freeze {
        id: row.id,
        round: RoundId(row.round_id),
        frozen_at: row.frozen_at,
        frozen_by: row.frozen_by,
        data_until: Some(row.data_until).filter(|at| *at > 0),
        strata: strata.into_iter().map(stratum).collect(),
        hash,
    })
}

/// Each agency as [agency, I, P, R, NC, unable, replaced, open, void, out of scope, no result].
fn ends_json(ends: &BTreeMap<AgencyId, Ends>) -> String {
    let list = |(agency, e): (&AgencyId, &Ends)| {
        serde_json::json!([
            agency.0,
            e.complete,
            e.partial,
            e.refused,
            e.not_found,
            e.unable,
            e.replaced,
            e.open,
            e.void,
            e.out_of_scope,
            e.no_result
        ])
    };
    Value::Array(ends.iter().map(list).collect()).to_string()
}

fn ends_of(list: [u64; 11]) -> Ends {
    let [_, complete, partial, refused, not_found, unable, replaced, open, void, out_of_scope, no_result] = list;
    Ends { complete, partial, refused, not_found, unable, replaced, open, void, out_of_scope, no_result }
}

/// Each stratum as [id, agency, field, N].
fn strata_json(strata: &[Stratum]) -> Value {
    strata.iter().map(|s| serde_json::json!([s.id.0, s.agency.0, s.field, s.population])).collect()
}

fn cell_of(round: RoundId, row: &frozen_tally::Model) -> Option<Cell> {
    Some(Cell {
        round,
        agency: AgencyId(row.agency_id),
        stratum: StratumId(row.stratum_id),
        stream: Stream::from_code(row.stream)?,
        mode: Mode::from_code(row.mode)?,
        standing: Standing::from_code(row.standing)?,
    })
}

/// A row as people can look it up.
fn name_of(cell: &Cell, context: &RoundContext) -> String {
    let agency = context.agencies.get(&cell.agency).map_or("?", |agency| agency.code.as_str());
    let (stream, mode, standing) = (cell.stream.word(), cell.mode.word(), cell.standing.word());
    format!("the row of {agency}, stratum {}, {stream}, {mode}, {standing}", cell.stratum.0)
}

/// SHA-256 of the key and the counts, integers big-endian.
fn row_hash(cell: &Cell, counts: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"hailong-tally-1");
    for key in [cell.round.0, cell.agency.0, cell.stratum.0] {
        hash.update(key.to_be_bytes());
    }
    for code in [cell.stream.code(), cell.mode.code(), cell.standing.code()] {
        hash.update(code.to_be_bytes());
    }
    hash.update(counts);
    hash.finalize().into()
}

/// SHA-256 of the versions, the strata and the hashes of the rows in their order.
fn whole_hash(context: &RoundContext, strata: &str, rows: &[[u8; 32]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"hailong-tallies-1");
    for (key, version) in [&context.round.questionnaire, &context.round.method] {
        hash.update((key.len() as u64).to_be_bytes());
        hash.update(key.as_bytes());
        hash.update(version.to_be_bytes());
    }
    hash.update((strata.len() as u64).to_be_bytes());
    hash.update(strata.as_bytes());
    for row in rows {
        hash.update(row);
    }
    hash.finalize().into()
}
