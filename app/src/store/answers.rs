//! The answers of many responses, for exports: read page by page in the order of the key, no transaction held between.
//!
//! Ids, times, desks and facts stay here; what leaves is agency, stratum and the packed sheet.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::rows::statement;
use super::{Store, StoreError};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::{Standing, Stream};
use crate::domain::role::Export;

/// Rows of one statement: about 4 MB in the driver, and few enough statements.
const PAGE_ROWS: i64 = 8_000;

/// One response as an export sees it.
#[derive(Debug)]
pub struct AnswersRow {
    /// Its agency.
    pub agency: AgencyId,
    /// Its stratum, or one of the reserved values.
    pub stratum: StratumId,
    /// Its packed sheet.
    pub sheet: Vec<u8>,
}

impl Store {
    /// Hands every valid response of these agencies in one stream of a round to `take`. The order is that of the ids,
    /// which is that of arrival: who writes them down has to shuffle.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for an agency outside the scope, before anything is read; what the database says, and
    /// what `take` says.
    pub async fn each_answers(
        &self,
        may: &Export,
        round: RoundId,
        stream: Stream,
        agencies: &[AgencyId],
        mut take: impl FnMut(AnswersRow) -> Result<(), StoreError> + Send,
    ) -> Result<(), StoreError> {
        if agencies.is_empty() {
            return Ok(());
        }
        let known = self.known_agencies().await?;
        if agencies.iter().any(|agency| !may.scope().covers(*agency, &known)) {
            return Err(StoreError::Refused("an agency outside the scope was asked for".to_owned()));
        }
        let backend = self.backend();
        let marks = vec!["?"; agencies.len()].join(", ");
        // The sum hides the column from the index (round, agency, id): in the order of the primary key the table is
        // read from one end to the other, by the index every row would be a search of its own.
        let sql = format!(
            "SELECT id, agency_id, stratum_id, sheet FROM response WHERE id > ? AND round_id + 0 = ? AND stream = ? \
             AND standing = ? AND agency_id + 0 IN ({marks}) ORDER BY id LIMIT ?"
        );
        let mut last = Uuid::nil();
        loop {
            let mut values: Vec<sea_orm::Value> =
                vec![last.into(), round.0.into(), stream.code().into(), Standing::Valid.code().into()];
            values.extend(agencies.iter().map(|agency| agency.0.into()));
            values.push(PAGE_ROWS.into());
            let rows = self.reader().query_all_raw(statement(backend, &sql, values)).await?;
            let (n, end) = (rows.len(), rows.last().map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?);
            for row in rows {
                take(AnswersRow {
                    agency: AgencyId(row.try_get_by_index(1)?),
                    stratum: StratumId(row.try_get_by_index(2)?),
                    sheet: row.try_get_by_index(3)?,
                })?;
            }
            match end {
                Some(end) if i64::try_from(n).is_ok_and(|n| n == PAGE_ROWS) => last = end,
                _ => return Ok(()),
            }
        }
    }
}
