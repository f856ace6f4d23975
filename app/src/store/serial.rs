//! Serial numbers of responses, reserved in blocks so that processes that share a database never meet.

use sea_orm::ConnectionTrait;
use tokio::sync::Mutex;

use super::rows::statement;
use super::{Store, StoreError};
use crate::domain::ids::StratumId;
use crate::domain::receipt::ReceiptFacts;
use crate::domain::response::{Marks, Phase, Standing, Stream};

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

    /// What the receipt with this serial number may tell of its response; none where there is no such response.
    pub async fn receipt_facts(&self, serial: i64) -> Result<Option<ReceiptFacts>, StoreError> {
        let sql = "SELECT stream, standing, stratum_id, phase, marks FROM response WHERE serial = ?";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![serial.into()])).await?;
        let Some(row) = row else { return Ok(None) };
        let damaged = || StoreError::Inconsistent("a response cannot be read".to_owned());
        let code = |at: usize| row.try_get_by_index::<i16>(at);
        Ok(Some(ReceiptFacts {
            stream: Stream::from_code(code(0)?).ok_or_else(damaged)?,
            standing: Standing::from_code(code(1)?).ok_or_else(damaged)?,
            stratum: StratumId(row.try_get_by_index(2)?),
            phase: Phase::from_code(code(3)?).ok_or_else(damaged)?,
            marks: Marks(code(4)?.into()),
        }))
    }
}
