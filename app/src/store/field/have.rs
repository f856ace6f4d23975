//! What the server has of the records that a device names, and whether the person of a device still works in its team.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::FieldDevice;
use crate::store::rows::{MOST_ROWS, statement, within};
use crate::store::{Store, StoreError};

impl Store {
    /// Those of `ids` under which a response or an event is kept, from whichever device it came.
    pub async fn have(&self, ids: &[Uuid]) -> Result<HashSet<Uuid>, StoreError> {
        let mut found = HashSet::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_ROWS) {
            let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
            for table in ["response", "field_event"] {
                let sql = format!("SELECT id FROM {table} WHERE id");
                let rows = self.reader().query_all_raw(within(self.backend(), &sql, "", values.clone())).await?;
                for row in rows {
                    found.insert(row.try_get_by_index(0)?);
                }
            }
        }
        Ok(found)
    }

    /// Whether the person of a device may not work with it any more: the account is disabled, or is no member of the team.
    /// What they recorded before is still taken. A device of no person is barred by its sign-out alone.
    pub async fn is_barred(&self, field: &FieldDevice) -> Result<bool, StoreError> {
        let Some(account) = field.account else { return Ok(false) };
        let sql = "SELECT 1 FROM account a JOIN team_member m ON m.account_id = a.id \
                   WHERE a.id = ? AND m.team_id = ? AND a.disabled_at IS NULL";
        let values = vec![account.0.into(), field.team.into()];
        let row = self.reader().query_one_raw(statement(self.backend(), sql, values)).await?;
        Ok(row.is_none())
    }
}
