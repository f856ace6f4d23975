//! Building the one-way tallies of a database that was filled before they were there.
//!
//! Exact beside writers: in one snapshot the responses are counted, and what is on its way (`delta`,
//! `breakdown_delta`) is taken off again, for it will still be folded. Nothing is written until the end, so a kill
//! leaves the database as it was, and the next start counts again. Memory holds the tallies, never the responses.

use futures::TryStreamExt as _;
use sea_orm::{ConnectionTrait, EntityTrait, StreamTrait};

use super::one_way::OneWay;
use super::{bump, lock, write_rows};
use crate::domain::response::Standing;
use crate::store::entity::meta;
use crate::store::recount::{FACTS, Facts};
use crate::store::rows::statement;
use crate::store::{Store, StoreError};

/// Under this name the database keeps that its one-way tallies hold all its responses.
const BUILT: &str = "one-way-tallies";

impl Store {
    /// Whether the one-way tallies have been built; what is committed since is folded into them.
    pub(in crate::store) async fn has_breakdowns(&self) -> Result<bool, StoreError> {
        is_built(self.reader()).await
    }

    /// Builds the one-way tallies, unless that was done before; says how many responses it counted. To be called
    /// after the schema was brought up and before the first answer is taken.
    ///
    /// # Errors
    /// What the database says, and [`StoreError::Inconsistent`] for a response that cannot be read.
    pub async fn build_breakdowns(&self) -> Result<u64, StoreError> {
        if self.has_breakdowns().await? {
            return Ok(0);
        }
        let backend = self.backend();
        let tx = self.begin_snapshot().await?;
        let rounds = self.load_rounds(&tx).await?;
        let mut sums = OneWay::default();
        for table in ["delta", "breakdown_delta"] {
            let sql = format!("SELECT changes FROM {table}");
            let mut rows = tx.stream_raw(statement(backend, &sql, vec![])).await?;
            while let Some(row) = rows.try_next().await? {
                sums.add_changes(&rounds, &row.try_get_by_index::<Vec<u8>>(0)?, -1)?;
            }
        }
        let mut responses = 0;
        {
            let sql = format!("SELECT {FACTS} FROM response WHERE standing = ?");
            let mut rows = tx.stream_raw(statement(backend, &sql, vec![Standing::Valid.code().into()])).await?;
            while let Some(row) = rows.try_next().await? {
                let facts = Facts::of_row(&row)?;
                let (round, sheet) = facts.read(&rounds)?;
                sums.add(round, &facts.cell, &facts.occasion, &sheet, 1);
                responses += 1;
            }
        }
        tx.rollback().await?;
        let cells = sums.into_cells(&rounds)?;
        let tx = self.begin_write().await?;
        lock(&tx, backend).await?;
        if is_built(&tx).await? {
            // Another process was quicker.
            tx.rollback().await?;
            return Ok(0);
        }
        tx.execute_unprepared("DELETE FROM breakdown").await?;
        write_rows(&tx, backend, &cells).await?;
        bump(&tx, backend, self.clock().now_ms()).await?;
        let built = meta::ActiveModel { key: sea_orm::Set(BUILT.to_owned()), value: sea_orm::Set("built".to_owned()) };
        meta::Entity::insert(built).exec_without_returning(&tx).await?;
        tx.commit().await?;
        if responses > 0 {
            tracing::info!(responses, tallies = cells.len(), "the one-way tallies were built");
        }
        Ok(responses)
    }
}

async fn is_built<C: ConnectionTrait>(db: &C) -> Result<bool, StoreError> {
    Ok(meta::Entity::find_by_id(BUILT.to_owned()).one(db).await?.is_some())
}
