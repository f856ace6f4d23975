//! The short way of a commit: responses that are all new go to the database in one statement and one trip.
//!
//! A transaction step by step costs a trip to the database for each step, and on two busy cores the waiting for those
//! trips was most of the time. So the common case is tried whole: rows, comments and delta stand in one statement that
//! succeeds or changes nothing. Where one of the ids is there already, the long way (`commit`) decides.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, SqlErr, Statement, Value};

use super::commit::{COLUMNS, Packed, row_values};
use super::contribution::write_all;
use super::rows::push_rows;
use super::writer::{Outcome, Stored};
use super::{Store, StoreError};
use crate::domain::response::NewResponse;

/// Most responses of one such statement. Its text depends on their number, and each text is prepared once and kept;
/// larger batches have enough work to pay for their trips.
pub(super) const MOST: usize = 64;

impl Store {
    /// Stores a batch of new responses with their comments and one delta. `rows` pairs the positions of `items` with
    /// serial numbers. None where one of the ids was there: nothing has been written then.
    pub(super) async fn commit_new(
        &self,
        items: &[Packed],
        rows: &[(usize, i64)],
    ) -> Result<Option<Vec<Outcome>>, StoreError> {
        if rows.is_empty() || rows.len() > MOST || rows.len() != items.len() {
            return Ok(None);
        }
        let connection = self.hot_connection();
        let backend = self.backend();
        let Ok(statement) = statement_of(backend, items, rows) else { return Ok(None) };
        let _turn = self.write_turn().await;
        if let Err(error) = connection.execute_raw(statement).await {
            if backend == DbBackend::Sqlite {
                // Nobody else uses this connection, so the transaction that is rolled back can only be this one; where
                // SQLite has already done so by itself, there is none.
                let _ = connection.execute_unprepared("ROLLBACK").await;
            }
            return match error.sql_err() {
                Some(SqlErr::UniqueConstraintViolation(_)) => Ok(None),
                _ => Err(error.into()),
            };
        }
        let mut outcomes = vec![None; items.len()];
        for (i, serial) in rows {
            let response = &items[*i].response;
            outcomes[*i] = Some(Outcome {
                id: response.id,
                serial: *serial,
                stored: Stored::New,
                received_at: response.received_at,
            });
        }
        Ok(outcomes.into_iter().collect())
    }
}

impl Store {
    /// Makes the statement that would store new responses, without sending it. How many values it has; for the count of
    /// instructions in `bench`.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a round that does not exist.
    pub async fn prepare(&self, responses: Vec<NewResponse>) -> Result<usize, StoreError> {
        let items = self.pack_all(responses).await?;
        let rows: Vec<(usize, i64)> = (0..items.len()).zip(1..).collect();
        let statement = statement_of(self.backend(), &items, &rows);
        let statement = statement.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
        Ok(statement.values.map_or(0, |values| values.iter().count()))
    }
}

/// The statement that stores new responses, their comments and their delta.
fn statement_of(backend: DbBackend, items: &[Packed], rows: &[(usize, i64)]) -> serde_json::Result<Statement> {
    let comments = comments(items)?;
    let mut values: Vec<Value> = Vec::with_capacity(rows.len() * COLUMNS.len() + 2);
    values.extend(rows.iter().flat_map(|(i, serial)| row_values(&items[*i], *serial)));
    let sql = text(backend, rows.len(), comments.is_some());
    values.extend(comments.map(Value::from));
    values.push(write_all(items.iter().map(|item| item.contribution(1))).into());
    Ok(Statement::from_sql_and_values(backend, sql, values))
}

/// The comments as JSON, `[[id, body], …]`, so that their number does not change the statement; none where there are none.
fn comments(items: &[Packed]) -> serde_json::Result<Option<String>> {
    let with_comment = items.iter().filter_map(|item| {
        let body = item.response.comment.as_deref()?;
        Some((item.response.id.as_simple().to_string(), body))
    });
    let pairs: Vec<(String, &str)> = with_comment.collect();
    if pairs.is_empty() { Ok(None) } else { serde_json::to_string(&pairs).map(Some) }
}

fn text(backend: DbBackend, rows: usize, comments: bool) -> String {
    let mut sql = String::with_capacity(400 + rows * COLUMNS.len() * 6);
    let columns = COLUMNS.join(", ");
    // Writing to a String cannot fail.
    if backend == DbBackend::Postgres {
        let _ = write!(sql, "WITH stored AS (INSERT INTO response ({columns}) VALUES ");
        let mut n = push_rows(&mut sql, backend, rows, COLUMNS.len(), 0);
        sql.push(')');
        if comments {
            n += 1;
            let _ = write!(
                sql,
                ", said AS (INSERT INTO comment (response_id, body) \
                 SELECT (pair ->> 0)::uuid, pair ->> 1 FROM json_array_elements(${n}::json) AS pair)"
            );
        }
        let _ = write!(sql, " INSERT INTO delta (changes) VALUES (${})", n + 1);
    } else {
        let _ = write!(sql, "BEGIN IMMEDIATE; INSERT INTO response ({columns}) VALUES ");
        push_rows(&mut sql, backend, rows, COLUMNS.len(), 0);
        if comments {
            sql.push_str(
                "; INSERT INTO comment (response_id, body) \
                 SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?)",
            );
        }
        sql.push_str("; INSERT INTO delta (changes) VALUES (?); COMMIT");
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_of_a_batch_is_one_text_whatever_it_holds() {
        let sqlite = text(DbBackend::Sqlite, 2, false);
        assert!(sqlite.starts_with("BEGIN IMMEDIATE; INSERT INTO response (id, serial, "), "{sqlite}");
        assert!(sqlite.ends_with("; INSERT INTO delta (changes) VALUES (?); COMMIT"), "{sqlite}");
        assert_eq!(sqlite.matches('?').count(), 2 * COLUMNS.len() + 1);
        let postgres = text(DbBackend::Postgres, 2, true);
        let last = 2 * COLUMNS.len() + 2;
        assert!(postgres.ends_with(&format!("INSERT INTO delta (changes) VALUES (${last})")), "{postgres}");
        assert!(postgres.contains(&format!("json_array_elements(${}::json)", last - 1)), "{postgres}");
    }
}
