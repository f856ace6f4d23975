//! The daily release: from what waits to batches. What is decided comes in as a function; here it is made to last.

use sea_orm::{ConnectionTrait, DbBackend, Value};
use uuid::Uuid;

use super::super::rows::{chunks, insert, statement};
use super::super::{Store, StoreError};
use super::shown;
use crate::domain::comment::{Batch, Progress, Sensitive, Waiting};
use crate::domain::ids::{AgencyId, RoundId};
use crate::domain::response::local_day;
use crate::domain::role::ReadComments;

const COLUMNS: &[&str] = &[
    "id",
    "response_id",
    "round_id",
    "agency_id",
    "released_day",
    "first_month",
    "last_month",
    "sensitive",
    "masked",
    "body",
    "theme",
    "assigned",
    "progress",
    "sentence",
];

/// Comments that were not released yet; with their responses.
fn waiting(columns: &str) -> String {
    format!(
        "SELECT {columns} FROM comment c JOIN response r ON r.id = c.response_id \
         LEFT JOIN comment_item i ON i.response_id = c.response_id \
         WHERE i.response_id IS NULL AND r.standing IN ({})",
        shown()
    )
}

impl Store {
    /// Releases what may be read from `today` (a local day) on, once a day: the first who looks brings it about, and how
    /// often is looked changes nothing of when anything is released. `decide` gets all that waits on one agency in one
    /// round and the day. What it returns is no more than the caller may be shown through [`Store::comments`].
    pub async fn release_comments(
        &self,
        _may: &ReadComments,
        today: i32,
        decide: &(dyn Fn(Vec<Waiting>, i32) -> Vec<Batch> + Send + Sync),
    ) -> Result<(), StoreError> {
        let sql = "SELECT released_day FROM comment_release WHERE id = 1";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![])).await?;
        let last: i32 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        if last >= today {
            return Ok(());
        }
        let sql = format!("{} GROUP BY r.round_id, r.agency_id", waiting("r.round_id, r.agency_id"));
        let groups = self.reader().query_all_raw(statement(self.backend(), &sql, vec![])).await?;
        for group in groups {
            let (round, agency) = (RoundId(group.try_get_by_index(0)?), AgencyId(group.try_get_by_index(1)?));
            self.release_of(round, agency, today, decide).await?;
        }
        let sql = "UPDATE comment_release SET released_day = ? WHERE id = 1 AND released_day < ?";
        let values = vec![today.into(), today.into()];
        self.writer_connection().execute_raw(statement(self.backend(), sql, values)).await?;
        Ok(())
    }

    /// One agency in one round, in one transaction: a batch is there whole or not at all.
    async fn release_of(
        &self,
        round: RoundId,
        agency: AgencyId,
        today: i32,
        decide: &(dyn Fn(Vec<Waiting>, i32) -> Vec<Batch> + Send + Sync),
    ) -> Result<(), StoreError> {
        let backend = self.backend();
        let tx = self.begin_write().await?;
        // This row is the lock among processes: what another one released meanwhile no longer waits.
        if backend == DbBackend::Postgres {
            let sql = "SELECT released_day FROM comment_release WHERE id = 1 FOR UPDATE";
            tx.query_one_raw(statement(backend, sql, vec![])).await?;
        }
        let sql = format!(
            "{} AND r.round_id = ? AND r.agency_id = ?",
            waiting("c.response_id, c.body, r.received_at, r.local_day")
        );
        let rows = tx.query_all_raw(statement(backend, &sql, vec![round.0.into(), agency.0.into()])).await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            all.push(Waiting {
                response: row.try_get_by_index::<Uuid>(0)?,
                body: row.try_get_by_index(1)?,
                arrived: local_day(row.try_get_by_index(2)?),
                day: row.try_get_by_index(3)?,
            });
        }
        for batch in decide(all, today) {
            let sensitive = batch.sensitive.map_or(0, Sensitive::code);
            for chunk in chunks(&batch.comments) {
                let mut values: Vec<Value> = Vec::with_capacity(chunk.len() * COLUMNS.len());
                for comment in chunk {
                    values.extend([
                        Value::from(comment.place),
                        comment.response.into(),
                        round.0.into(),
                        agency.0.into(),
                        today.into(),
                        batch.months.0.into(),
                        batch.months.1.into(),
                        sensitive.into(),
                        comment.masked.into(),
                        comment.body.as_str().into(),
                        0_i16.into(),
                        "".into(),
                        Progress::New.code().into(),
                        "".into(),
                    ]);
                }
                tx.execute_raw(insert(backend, "comment_item", COLUMNS, chunk.len(), "", values)).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}
