//! How the answers of a unit count as an interview: written at the unit when they arrive and when their standing
//! changes. The links alone tell which answers they are, and are erased; this is kept.

use sea_orm::{ConnectionTrait, DbBackend, Value};
use uuid::Uuid;

use crate::domain::ids::AccountId;
use crate::domain::outcome::Interview;
use crate::domain::quality::callback::CallbackOutcome;
use crate::domain::response::Standing;
use crate::store::rows::{MOST_ROWS, statement, within};
use crate::store::{Store, StoreError};

impl Store {
    /// Keeps at each unit how its answers count, once they are stored; pairs are (unit, response). A second response of a
    /// unit changes nothing. `by`: the account that brought them.
    pub async fn note_interviews(&self, pairs: &[(Uuid, Uuid)], by: Option<AccountId>) -> Result<(), StoreError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let mut sorted = pairs.to_vec();
        // In the order of the units, so that two processes wait for each other and not in a ring.
        sorted.sort_by_key(|(unit, _)| *unit);
        let tx = self.begin_write().await?;
        for (unit, response) in sorted {
            note_interview(&tx, self.backend(), (unit, response), by).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// As [`Store::note_interviews`], of one.
pub(in crate::store) async fn note_interview<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    (unit, response): (Uuid, Uuid),
    by: Option<AccountId>,
) -> Result<(), StoreError> {
    // Once the links are gone a second response cannot be told from a resend: the first one counts.
    let sql = format!(
        "UPDATE sample_unit SET interview = (SELECT {} FROM response r WHERE r.id = ?), \
         interviewer = COALESCE(interviewer, CAST(? AS INTEGER)) WHERE id = ? \
         AND EXISTS (SELECT 1 FROM response r WHERE r.id = ?) AND (EXISTS (SELECT 1 FROM sample_link l \
         WHERE l.unit_id = sample_unit.id AND l.response_id = ?) OR (interview IS NULL AND NOT EXISTS \
         (SELECT 1 FROM sample_link l WHERE l.unit_id = sample_unit.id)))",
        counted()
    );
    let by = by.map(|account| account.0);
    let values = vec![response.into(), by.into(), unit.into(), response.into(), response.into()];
    db.execute_raw(statement(backend, &sql, values)).await?;
    Ok(())
}

/// Writes anew how responses count whose standing was changed.
pub(in crate::store) async fn recount_interviews<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    responses: &[Uuid],
) -> Result<(), StoreError> {
    let prefix = format!("{} WHERE id IN (SELECT l.unit_id FROM sample_link l WHERE l.response_id", by_link());
    for chunk in responses.chunks(MOST_ROWS) {
        let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
        db.execute_raw(within(backend, &prefix, ")", values)).await?;
    }
    Ok(())
}

/// The same of one unit, after what its call-back found.
pub(in crate::store) async fn recount_unit<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    unit: Uuid,
) -> Result<(), StoreError> {
    let sql =
        format!("{} WHERE id = ? AND EXISTS (SELECT 1 FROM sample_link l WHERE l.unit_id = sample_unit.id)", by_link());
    db.execute_raw(statement(backend, &sql, vec![unit.into()])).await?;
    Ok(())
}

fn by_link() -> String {
    format!(
        "UPDATE sample_unit SET interview = (SELECT {} FROM sample_link k JOIN response r ON r.id = k.response_id \
         WHERE k.unit_id = sample_unit.id)",
        counted()
    )
}

/// How the response `r` of the unit counts: by its standing, unless the person denies the interview.
fn counted() -> String {
    let of = |standing: &Standing| format!("WHEN {} THEN {}", standing.code(), Interview::of(*standing).code());
    let cases: Vec<String> = Standing::ALL.iter().map(of).collect();
    format!(
        "CASE WHEN EXISTS (SELECT 1 FROM callback_unit c WHERE c.unit_id = sample_unit.id AND c.outcome = {}) THEN {} \
         ELSE CASE r.standing {} END END",
        CallbackOutcome::Denied.code(),
        Interview::Void.code(),
        cases.join(" ")
    )
}
