//! What was sent of a form that is still open, for the phone that goes on with it.

use sea_orm::ConnectionTrait as _;
use uuid::Uuid;

use super::rows::statement;
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::response::Phase;

impl Store {
    /// The answers and the comment of a response of which a part was sent; none where it is closed, or not of this round.
    pub async fn open_part(
        &self,
        id: Uuid,
        round: &RoundContext,
    ) -> Result<Option<(Sheet, Option<String>)>, StoreError> {
        let sql = "SELECT r.sheet, c.body FROM response r LEFT JOIN comment c ON c.response_id = r.id \
                   WHERE r.id = ? AND r.round_id = ? AND r.phase = ?";
        let values = vec![id.into(), round.round.id.0.into(), Phase::Part.code().into()];
        let row = self.reader().query_one_raw(statement(self.backend(), sql, values)).await?;
        let Some(row) = row else { return Ok(None) };
        let sheet: Vec<u8> = row.try_get_by_index(0)?;
        let sheet = Sheet::unpack(&sheet, &round.questionnaire)
            .ok_or_else(|| StoreError::Inconsistent("a response cannot be read".to_owned()))?;
        Ok(Some((sheet, row.try_get_by_index(1)?)))
    }
}
