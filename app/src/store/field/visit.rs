//! A visit to a drawn person, and how its unit stands after it: the one home of outcomes, for tablets and paper alike.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
};
use uuid::Uuid;

use crate::domain::field_work::Outcome;
use crate::domain::ids::{AccountId, DeviceId};
use crate::domain::outcome::{Disposition, disposition};
use crate::domain::response::local_day;
use crate::store::StoreError;
use crate::store::entity::attempt;
use crate::store::rows::statement;

/// The device of a visit that was told by no device: of a paper form.
const NO_DEVICE: i32 = 0;

/// One visit.
#[derive(Clone, Debug)]
pub(in crate::store) struct Visit {
    /// Key: kept once.
    pub(in crate::store) id: Uuid,
    /// Whom.
    pub(in crate::store) unit: Uuid,
    /// When, milliseconds since 1970 UTC.
    pub(in crate::store) at: i64,
    /// How it ended.
    pub(in crate::store) outcome: Outcome,
    /// Who told so; none: a paper form.
    pub(in crate::store) device: Option<DeviceId>,
    /// Who knocked; none where it is not known: the present assignee is taken.
    pub(in crate::store) by: Option<AccountId>,
    /// The surveyor's words.
    pub(in crate::store) note: String,
}

impl Visit {
    /// Keeps it and moves its unit.
    pub(in crate::store) async fn keep(self, tx: &DatabaseTransaction, backend: DbBackend) -> Result<(), StoreError> {
        let row = attempt::ActiveModel {
            id: Set(self.id),
            unit_id: Set(self.unit),
            day: Set(local_day(self.at)),
            outcome: Set(self.outcome.code()),
            at: Set(self.at),
            device_id: Set(self.device.map_or(NO_DEVICE, |device| device.0)),
            note: Set(self.note),
            account_id: Set(self.by.map(|account| account.0)),
        };
        attempt::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(tx).await?;
        let sql = "UPDATE attempt SET account_id = (SELECT a.account_id FROM assignment a \
                   WHERE a.unit_id = attempt.unit_id) WHERE id = ? AND account_id IS NULL";
        tx.execute_raw(statement(backend, sql, vec![self.id.into()])).await?;
        let mut tried = attempt::Entity::find().filter(attempt::Column::UnitId.eq(self.unit)).all(tx).await?;
        tried.sort_by_key(|row| (row.at, row.id));
        let known: Vec<(i32, Outcome)> =
            tried.iter().filter_map(|row| Some((row.day, Outcome::from_code(row.outcome)?))).collect();
        let end = disposition(&known, false);
        let closed = (end != Disposition::Open).then_some(self.at);
        let last = known.last().map(|(_, outcome)| outcome.code());
        let sql = "UPDATE sample_unit SET outcome = ?, attempts = ?, closed_at = ? WHERE id = ?";
        let attempts = i16::try_from(known.len()).unwrap_or(i16::MAX);
        let values = vec![last.into(), attempts.into(), closed.into(), self.unit.into()];
        tx.execute_raw(statement(backend, sql, values)).await?;
        Ok(())
    }
}
