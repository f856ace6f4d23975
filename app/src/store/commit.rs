//! One transaction of the writer: a batch of responses, their comments, and one delta row with what they change.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, Value,
};
use uuid::Uuid;

use super::contribution::{Contribution, write_all};
use super::rows::{MOST_ROWS, chunks, insert, statement, within};
use super::tallies::Cell;
use super::writer::{Outcome, Stored};
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::breakdown::Occasion;
use crate::domain::ids::{AgencyId, DeskId, RoundId, StratumId};
use crate::domain::resend::{Content, Resolution, resolve};
use crate::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use crate::domain::text::Lang;

/// A response ready to be written: the sheet is packed where it was submitted, not in the one writer.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    pub(super) response: NewResponse,
    pub(super) sheet: Vec<u8>,
    pub(super) round: Arc<RoundContext>,
}

impl Packed {
    /// What it changes in the tallies.
    pub(super) fn contribution(&self, sign: i8) -> Contribution<'_> {
        let r = &self.response;
        let occasion = Occasion { desk: r.desk, field: r.field, lang: r.lang, local_day: r.local_day };
        Contribution { sign, cell: self.cell(), occasion: Some(occasion), sheet: Cow::Borrowed(&self.sheet) }
    }

    fn cell(&self) -> Cell {
        let r = &self.response;
        Cell {
            round: r.round,
            agency: r.agency,
            stratum: r.stratum,
            stream: r.stream,
            mode: r.mode,
            standing: r.standing,
        }
    }

    fn content(&self) -> Content {
        let r = &self.response;
        Content {
            sheet: r.sheet.clone(),
            comment: r.comment.clone(),
            phase: r.phase,
            standing: r.standing,
            marks: r.marks,
            lang: r.lang,
        }
    }
}

/// A response as it stands in the database at this point of the transaction.
struct Current {
    serial: i64,
    received_at: i64,
    cell: Cell,
    desk: Option<DeskId>,
    field: Option<i16>,
    local_day: i32,
    sheet: Vec<u8>,
    content: Content,
}

/// The columns of a response, in the order of [`row_values`].
pub(super) const COLUMNS: [&str; 19] = [
    "id",
    "serial",
    "round_id",
    "agency_id",
    "stratum_id",
    "desk_id",
    "device_id",
    "field",
    "stream",
    "standing",
    "mode",
    "lang",
    "marks",
    "phase",
    "local_day",
    "started_at",
    "finished_at",
    "received_at",
    "sheet",
];

impl Store {
    /// Begins a transaction that writes. On SQLite it must take the write lock at once: a deferred one fails when
    /// another has written in between.
    pub(super) async fn begin_write(&self) -> Result<DatabaseTransaction, sea_orm::DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer_connection().begin_with_options(options).await
    }

    /// The turn of the tasks that write again and again: the writer, the two folds, the claims of tablets. SQLite lets one
    /// write at a time, and a connection that finds it taken sleeps for a growing time (up to 100 ms) before it looks
    /// again; a task that waits here goes on at once, and in order. PostgreSQL needs none.
    pub(super) async fn write_turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        match self.backend() {
            DbBackend::Sqlite => Some(self.inner.write_turn.lock().await),
            _ => None,
        }
    }

    /// Writes a batch in one transaction. Outcomes come in the order of the items. An error means: nothing of it is there.
    pub(super) async fn commit(&self, items: &[Packed]) -> Result<Vec<Outcome>, StoreError> {
        let backend = self.backend();
        // Sorted by id, so that two processes lock the same rows in the same order.
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_key(|i| items[*i].response.id);
        let (firsts, repeats): (Vec<usize>, Vec<usize>) = {
            let mut last = None;
            order.into_iter().partition(|i| last.replace(items[*i].response.id) != Some(items[*i].response.id))
        };
        let serials = self.take_serials(firsts.len()).await?;
        let rows: Vec<(usize, i64)> = firsts.into_iter().zip(serials).collect();
        if let Some(outcomes) = self.commit_new(items, &rows).await? {
            return Ok(outcomes);
        }

        let _turn = self.write_turn().await;
        let tx = self.begin_write().await?;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; items.len()];
        let mut contributions = Vec::with_capacity(items.len());
        let mut lost: Vec<usize> = vec![];
        for chunk in chunks(&rows) {
            let values = chunk.iter().flat_map(|(i, serial)| row_values(&items[*i], *serial)).collect();
            let result = tx
                .execute_raw(insert(backend, "response", &COLUMNS, chunk.len(), "ON CONFLICT (id) DO NOTHING", values))
                .await?;
            let losers = if result.rows_affected() == chunk.len() as u64 {
                vec![]
            } else {
                losers(&tx, backend, items, chunk).await?
            };
            for (i, serial) in chunk {
                let item = &items[*i];
                if losers.contains(i) {
                    lost.push(*i);
                } else {
                    contributions.push(item.contribution(1));
                    outcomes[*i] = Some(Outcome {
                        id: item.response.id,
                        serial: *serial,
                        stored: Stored::New,
                        received_at: item.response.received_at,
                    });
                }
            }
        }
        insert_comments(&tx, backend, items, &rows, &lost).await?;
        if !(lost.is_empty() && repeats.is_empty()) {
            let mut again: Vec<usize> = lost.into_iter().chain(repeats).collect();
            again.sort_unstable();
            self.resend(&tx, items, &again, &mut outcomes, &mut contributions).await?;
        }
        if !contributions.is_empty() {
            let changes = write_all(contributions);
            tx.execute_raw(statement(backend, "INSERT INTO delta (changes) VALUES (?)", vec![changes.into()])).await?;
        }
        tx.commit().await?;
        outcomes
            .into_iter()
            .map(|o| o.ok_or_else(|| StoreError::Inconsistent("a response was neither stored nor found".to_owned())))
            .collect()
    }

    /// Judges responses whose id was already there, in order of arrival, and writes what changes.
    async fn resend(
        &self,
        tx: &DatabaseTransaction,
        items: &[Packed],
        again: &[usize],
        outcomes: &mut [Option<Outcome>],
        contributions: &mut Vec<Contribution<'_>>,
    ) -> Result<(), StoreError> {
        let rounds = self.rounds().await?;
        let mut ids: Vec<Uuid> = again.iter().map(|i| items[*i].response.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut current = read_current(tx, self.backend(), &rounds, &ids).await?;
        for &i in again {
            let item = &items[i];
            let id = item.response.id;
            let now = current
                .get_mut(&id)
                .ok_or_else(|| StoreError::Inconsistent("a response vanished while it was being resent".to_owned()))?;
            let age = item.response.received_at - now.received_at;
            let resolution = if now.cell.round == item.response.round {
                resolve(&now.content, &item.content(), age)
            } else if now.sheet == item.sheet && now.content.comment == item.response.comment {
                // The desk has moved to another round since; the response is the same.
                Resolution::Duplicate
            } else {
                Resolution::Conflict
            };
            let stored = match resolution {
                Resolution::Duplicate => Stored::Duplicate,
                Resolution::Conflict => Stored::Conflict,
                Resolution::Replace(content) => {
                    let cleared = now.content.comment.is_some() && content.comment.is_none();
                    contributions.push(now.contribution(-1));
                    now.replace(item, content);
                    contributions.push(now.contribution(1));
                    write_current(tx, self.backend(), item, now).await?;
                    if cleared {
                        let sql = "DELETE FROM comment WHERE response_id = ?";
                        tx.execute_raw(statement(self.backend(), sql, vec![id.into()])).await?;
                    }
                    Stored::Changed
                }
            };
            outcomes[i] = Some(Outcome { id, serial: now.serial, stored, received_at: now.received_at });
        }
        Ok(())
    }
}

impl Current {
    fn contribution(&self, sign: i8) -> Contribution<'static> {
        let (desk, field, lang, local_day) = (self.desk, self.field, self.content.lang, self.local_day);
        let occasion = Occasion { desk, field, lang, local_day };
        Contribution { sign, cell: self.cell, occasion: Some(occasion), sheet: Cow::Owned(self.sheet.clone()) }
    }

    fn replace(&mut self, item: &Packed, content: Content) {
        self.sheet = content.sheet.pack(&item.round.questionnaire);
        self.cell.standing = content.standing;
        if self.cell.agency == item.response.agency {
            self.cell.stratum = item.response.stratum;
            self.field = item.response.field;
        }
        self.local_day = item.response.local_day;
        self.content = Content { marks: self.content.marks.with(content.marks), ..content };
    }
}

pub(super) fn row_values(item: &Packed, serial: i64) -> [Value; 19] {
    let r = &item.response;
    [
        r.id.into(),
        serial.into(),
        r.round.0.into(),
        r.agency.0.into(),
        r.stratum.0.into(),
        r.desk.map(|d| d.0).into(),
        r.device.map(|d| d.0).into(),
        r.field.into(),
        r.stream.code().into(),
        r.standing.code().into(),
        r.mode.code().into(),
        lang_code(r.lang).into(),
        (r.marks.0 as i16).into(),
        r.phase.code().into(),
        r.local_day.into(),
        r.started_at.into(),
        r.finished_at.into(),
        r.received_at.into(),
        item.sheet.clone().into(),
    ]
}

fn lang_code(lang: Lang) -> i16 {
    match lang {
        Lang::Vi => 0,
        Lang::En => 1,
    }
}

/// Which rows of a chunk were already there: those whose serial is not the one just given.
async fn losers(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    items: &[Packed],
    chunk: &[(usize, i64)],
) -> Result<Vec<usize>, StoreError> {
    let ids = chunk.iter().map(|(i, _)| items[*i].response.id.into()).collect();
    let found = tx.query_all_raw(within(backend, "SELECT id, serial FROM response WHERE id", "", ids)).await?;
    let mut serials: HashMap<Uuid, i64> = HashMap::with_capacity(found.len());
    for row in found {
        serials.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    Ok(chunk
        .iter()
        .filter(|(i, serial)| serials.get(&items[*i].response.id) != Some(serial))
        .map(|(i, _)| *i)
        .collect())
}

async fn insert_comments(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    items: &[Packed],
    rows: &[(usize, i64)],
    lost: &[usize],
) -> Result<(), StoreError> {
    let with_comment: Vec<(Uuid, &String)> = rows
        .iter()
        .filter(|(i, _)| !lost.contains(i))
        .filter_map(|(i, _)| items[*i].response.comment.as_ref().map(|c| (items[*i].response.id, c)))
        .collect();
    for chunk in chunks(&with_comment) {
        let values = chunk.iter().flat_map(|(id, body)| [Value::from(*id), (*body).clone().into()]).collect();
        tx.execute_raw(insert(backend, "comment", &["response_id", "body"], chunk.len(), "", values)).await?;
    }
    Ok(())
}

async fn read_current(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    rounds: &[Arc<RoundContext>],
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Current>, StoreError> {
    let mut current = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(MOST_ROWS) {
        let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
        let comments = tx
            .query_all_raw(within(
                backend,
                "SELECT response_id, body FROM comment WHERE response_id",
                "",
                values.clone(),
            ))
            .await?;
        let mut bodies: HashMap<Uuid, String> = HashMap::new();
        for row in comments {
            bodies.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
        // A new statement, so that it sees what the insert above waited for; the lock keeps it so.
        let lock = if backend == DbBackend::Postgres { "ORDER BY id FOR UPDATE" } else { "ORDER BY id" };
        let columns = "SELECT id, serial, received_at, round_id, agency_id, stratum_id, stream, mode, standing, field, lang, \
                       marks, phase, sheet, desk_id, local_day FROM response WHERE id";
        for row in tx.query_all_raw(within(backend, columns, lock, values)).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            current.insert(id, current_of(&row, rounds, bodies.remove(&id))?);
        }
    }
    Ok(current)
}

fn current_of(row: &QueryResult, rounds: &[Arc<RoundContext>], comment: Option<String>) -> Result<Current, StoreError> {
    let damaged = || StoreError::Inconsistent("a response cannot be read".to_owned());
    let code = |at: usize| row.try_get_by_index::<i16>(at);
    let sheet: Vec<u8> = row.try_get_by_index(13)?;
    let round = RoundId(row.try_get_by_index(3)?);
    let cell = Cell {
        round,
        agency: AgencyId(row.try_get_by_index(4)?),
        stratum: StratumId(row.try_get_by_index(5)?),
        stream: Stream::from_code(code(6)?).ok_or_else(damaged)?,
        mode: Mode::from_code(code(7)?).ok_or_else(damaged)?,
        standing: Standing::from_code(code(8)?).ok_or_else(damaged)?,
    };
    let context = rounds.iter().find(|r| r.round.id == round).ok_or_else(damaged)?;
    Ok(Current {
        serial: row.try_get_by_index(1)?,
        received_at: row.try_get_by_index(2)?,
        cell,
        desk: row.try_get_by_index::<Option<i32>>(14)?.map(DeskId),
        field: row.try_get_by_index(9)?,
        local_day: row.try_get_by_index(15)?,
        content: Content {
            sheet: Sheet::unpack(&sheet, &context.questionnaire).ok_or_else(damaged)?,
            comment,
            phase: Phase::from_code(code(12)?).ok_or_else(damaged)?,
            standing: cell.standing,
            marks: Marks(code(11)?.into()),
            lang: if code(10)? == 1 { Lang::En } else { Lang::Vi },
        },
        sheet,
    })
}

async fn write_current(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    item: &Packed,
    now: &Current,
) -> Result<(), StoreError> {
    let id: Value = item.response.id.into();
    let sql = "UPDATE response SET stratum_id = ?, field = ?, standing = ?, lang = ?, marks = ?, phase = ?, local_day = ?, \
               finished_at = ?, sheet = ? WHERE id = ?";
    let values = vec![
        now.cell.stratum.0.into(),
        now.field.into(),
        now.cell.standing.code().into(),
        lang_code(now.content.lang).into(),
        (now.content.marks.0 as i16).into(),
        now.content.phase.code().into(),
        now.local_day.into(),
        item.response.finished_at.into(),
        now.sheet.clone().into(),
        id.clone(),
    ];
    tx.execute_raw(statement(backend, sql, values)).await?;
    if let Some(body) = &now.content.comment {
        let sql = "INSERT INTO comment (response_id, body) VALUES (?, ?) \
                   ON CONFLICT (response_id) DO UPDATE SET body = excluded.body";
        tx.execute_raw(statement(backend, sql, vec![id, body.clone().into()])).await?;
    }
    Ok(())
}
