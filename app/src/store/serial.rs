//! Serial numbers of responses, reserved in blocks so that processes that share a database never meet.

use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use super::rows::statement;
use super::{Store, StoreError};

/// Numbers reserved at a time: one extra statement per ten thousand responses; what a stop leaves unused is lost,
/// of some 656 thousand million.
const BLOCK: i64 = 10_000;

/// The numbers that this process has reserved and not used.
#[derive(Debug, Default)]
pub(super) struct Serials {
    free: Mutex<std::ops::Range<i64>>,
}

impl Store {
    /// Takes `n` serial numbers.
    pub(super) async fn take_serials(&self, n: usize) -> Result<Vec<i64>, StoreError> {
        let mut free = self.inner.serials.free.lock().await;
        let mut taken = Vec::with_capacity(n);
        while taken.len() < n {
            if free.is_empty() {
                let sql = "UPDATE serial_state SET next = next + ? WHERE id = 1 RETURNING next";
                let row = self
                    .writer_connection()
                    .query_one_raw(statement(self.backend(), sql, vec![BLOCK.into()]))
                    .await?
                    .ok_or_else(|| StoreError::Inconsistent("serial_state has no row".to_owned()))?;
                let end: i64 = row.try_get_by_index(0)?;
                *free = end - BLOCK..end;
            }
            taken.extend(free.by_ref().take(n - taken.len()));
        }
        Ok(taken)
    }

    /// Whether a serial number has been given to a response. Numbers that another process has reserved but not
    /// used yet also say yes: nobody holds a receipt for them.
    pub async fn is_counted(&self, serial: i64) -> Result<bool, StoreError> {
        if serial < 1 {
            return Ok(false);
        }
        let free = self.inner.serials.free.lock().await.clone();
        if free.contains(&serial) {
            return Ok(false);
        }
        let sql = "SELECT next FROM serial_state WHERE id = 1";
        let row = self
            .reader()
            .query_one_raw(statement(self.backend(), sql, vec![]))
            .await?
            .ok_or_else(|| StoreError::Inconsistent("serial_state has no row".to_owned()))?;
        Ok(serial < row.try_get_by_index::<i64>(0)?)
    }
}
