//! What counts: a form is settled by agreement, by a supervisor, or by closing its batch; then it becomes a response.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::keying::former_of;
use super::{PaperBatch, PaperFault, code_of, damaged, json, keyed_of, paper_response_id, unit_column, visit_id};
use crate::domain::field_work::Outcome;
use crate::domain::ids::StratumId;
use crate::domain::paper::{FormCode, Keyed, differences, layout};
use crate::domain::response::{Marks, Mode, NewResponse, Phase, Standing, local_day};
use crate::domain::role::{SeePaper, SettlePaper};
use crate::domain::staff_log::{Act, Who};
use crate::store::entity::{paper_form, paper_pass};
use crate::store::field::{Link, UnitPlace, Visit, note_interview};
use crate::store::rows::statement;
use crate::store::writer::Stored;
use crate::store::{Store, StoreError};

impl Store {
    /// Settles a form that two people keyed differently, and makes it a response. Both passes stay.
    pub async fn settle_form(
        &self,
        _may: &SettlePaper,
        who: &Who,
        batch: i32,
        code: &FormCode,
        settled: &Keyed,
    ) -> Result<Result<(), PaperFault>, StoreError> {
        let Some(of) = self.batch(batch).await? else { return Ok(Err(PaperFault::Nothing)) };
        let forms = self.forms(batch).await?;
        let Some(form) = forms.iter().find(|form| form.code == *code && form.differs()) else {
            return Ok(Err(PaperFault::Nothing));
        };
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let changed = paper_form::Entity::update_many()
            .col_expr(paper_form::Column::Settled, Expr::value(json(settled)?))
            .col_expr(paper_form::Column::Unit, Expr::value(unit_column(settled)))
            .col_expr(paper_form::Column::SettledBy, Expr::value(who.name.clone()))
            .col_expr(paper_form::Column::SettledAt, Expr::value(now))
            .filter(paper_form::Column::Code.eq(code.as_str()))
            .filter(paper_form::Column::Settled.is_null())
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Ok(Err(PaperFault::Nothing));
        }
        let n = match (&form.first, &form.second) {
            (Some(a), Some(b)) => differences(&layout(&of.round.questionnaire, of.stream), &a.keyed, &b.keyed).len(),
            _ => 0,
        };
        let (object, detail) = (format!("tập {batch}, phiếu {}", form.number), format!("{n} chỗ khác nhau"));
        let head = log.append(&tx, now, who, Act::PaperSettled, &object, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.hand_over(&of).await?;
        Ok(Ok(()))
    }

    /// Closes a batch as far as it was keyed: what is keyed once counts from now on and is corrected no more. Says how
    /// many forms. What is keyed later waits for the next closing.
    pub async fn close_batch(&self, _may: &SeePaper, who: &Who, batch: i32) -> Result<u64, StoreError> {
        let Some(of) = self.batch(batch).await? else { return Ok(0) };
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let sql = "UPDATE paper_form SET settled_by = ?, settled_at = ?, \
                   settled = (SELECT p.keyed FROM paper_pass p WHERE p.code = paper_form.code AND p.pass = 1), \
                   unit = (SELECT p.unit FROM paper_pass p WHERE p.code = paper_form.code AND p.pass = 1) \
                   WHERE batch_id = ? AND twice = 0 AND settled IS NULL \
                   AND EXISTS (SELECT 1 FROM paper_pass p WHERE p.code = paper_form.code AND p.pass = 1)";
        let values = vec![who.name.clone().into(), now.into(), batch.into()];
        let closed = tx.execute_raw(statement(self.backend(), sql, values)).await?.rows_affected();
        if closed > 0 {
            let detail = format!("{closed} phiếu");
            let head = log.append(&tx, now, who, Act::PaperClosed, &format!("tập {batch}"), &detail).await?;
            tx.commit().await?;
            log.moved(head);
        }
        self.hand_over(&of).await?;
        Ok(closed)
    }

    /// Gives the settled forms of a batch that have no response yet to the writer, and notes that they have.
    pub(super) async fn hand_over(&self, batch: &PaperBatch) -> Result<(), StoreError> {
        let due = paper_form::Entity::find()
            .filter(paper_form::Column::BatchId.eq(batch.id))
            .filter(paper_form::Column::Settled.is_not_null())
            .filter(paper_form::Column::Responded.eq(0))
            .order_by_asc(paper_form::Column::Number)
            .all(self.reader())
            .await?;
        for row in due {
            let code = code_of(&row.code)?;
            let settled = keyed_of(row.settled.as_deref().unwrap_or_default(), row.unit)?;
            let unit = match settled.unit {
                Some(number) => self.listed_unit(batch, number).await?,
                None => None,
            };
            let mut response = response_of(batch, &code, &settled, unit.map(|(_, place)| place), self.clock().now_ms());
            let id = response.id;
            let link = match unit {
                Some((unit, place)) => {
                    let pair = (unit, id);
                    self.link_units(place.round, &[pair]).await?.remove(&pair)
                }
                None => None,
            };
            if link == Some(Link::Other) {
                response.mark_suspect(Marks::SECOND_OF_UNIT);
            }
            if self.submit(response).await?.stored == Stored::Conflict {
                return Err(StoreError::Inconsistent(format!("another response has the id of form {}", row.code)));
            }
            let visited = unit.filter(|_| matches!(link, Some(Link::New | Link::Same)));
            self.responded(&code, &settled, visited.map(|(unit, _)| (unit, id))).await?;
        }
        Ok(())
    }

    /// Notes that the response of a form is stored, and the visit that it stands for. The response has the comment now;
    /// here it would be read by those who may not read comments. Whose it is stands with the links of the round alone.
    async fn responded(
        &self,
        code: &FormCode,
        settled: &Keyed,
        of_unit: Option<(Uuid, Uuid)>,
    ) -> Result<(), StoreError> {
        let without = |keyed: Keyed| json(&Keyed { comment: None, ..keyed });
        let backend = self.backend();
        let tx = self.begin_write().await?;
        for row in paper_pass::Entity::find().filter(paper_pass::Column::Code.eq(code.as_str())).all(&tx).await? {
            let keyed = without(keyed_of(&row.keyed, None)?)?;
            let mut former = former_of(row.former.as_deref())?;
            for keyed in &mut former {
                keyed.comment = None;
            }
            let former = serde_json::to_string(&former).map_err(|_| damaged("a correction"))?;
            let sql = "UPDATE paper_pass SET keyed = ?, unit = NULL, former = ? WHERE code = ? AND pass = ?";
            let former = row.former.map(|_| former);
            let values = vec![keyed.into(), former.into(), row.code.into(), row.pass.into()];
            tx.execute_raw(statement(backend, sql, values)).await?;
        }
        let sql = "UPDATE paper_form SET settled = ?, unit = NULL, responded = 1 WHERE code = ?";
        let values = vec![without(settled.clone())?.into(), code.as_str().into()];
        tx.execute_raw(statement(backend, sql, values)).await?;
        if let Some((unit, response)) = of_unit {
            note_interview(&tx, backend, (unit, response), None).await?;
            let visit = Visit {
                id: visit_id(code),
                unit,
                at: midday(settled.collected_day),
                outcome: Outcome::Done,
                device: None,
                by: None,
                note: String::new(),
            };
            visit.keep(&tx, backend).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Who has a number on the drawn list of a batch's agency.
    pub(super) async fn listed_unit(
        &self,
        batch: &PaperBatch,
        number: u32,
    ) -> Result<Option<(Uuid, UnitPlace)>, StoreError> {
        let Some(number) = i32::try_from(number).ok().filter(|_| batch.listed) else { return Ok(None) };
        let sql = "SELECT id, stratum_id, field FROM sample_unit WHERE round_id = ? AND agency_id = ? AND number = ?";
        let round = batch.round.round.id;
        let values = vec![round.0.into(), batch.agency.0.into(), number.into()];
        let row = self.reader().query_one_raw(statement(self.backend(), sql, values)).await?;
        row.map(|row| {
            let stratum = StratumId(row.try_get_by_index(1)?);
            let place = UnitPlace { round, agency: batch.agency, stratum, field: row.try_get_by_index(2)? };
            Ok((row.try_get_by_index(0)?, place))
        })
        .transpose()
    }
}

/// Midday of a local day, milliseconds since 1970 UTC: a form says no time.
fn midday(day: i32) -> i64 {
    const HOUR_MS: i64 = 3_600_000;
    i64::from(day) * 24 * HOUR_MS + 5 * HOUR_MS
}

/// The response of a settled form. The day on which it was filled in decides the month, and whether it is early or late;
/// who was drawn says the stratum.
fn response_of(batch: &PaperBatch, code: &FormCode, settled: &Keyed, unit: Option<UnitPlace>, now: i64) -> NewResponse {
    let round = &batch.round.round;
    let sheet = settled.sheet(&batch.round.questionnaire);
    let field = unit.map_or(batch.field, |unit| unit.field);
    let stratum = match (batch.round.locate(batch.agency, field, &sheet, batch.stream), unit) {
        (StratumId::OUTSIDE, _) => StratumId::OUTSIDE,
        (_, Some(unit)) => unit.stratum,
        (found, None) => found,
    };
    let early = round.opens_at.is_some_and(|at| settled.collected_day < local_day(at));
    let late = round.closes_at.is_some_and(|at| settled.collected_day > local_day(at));
    let mut marks = Marks::default();
    marks = if early { marks.with(Marks::EARLY) } else { marks };
    marks = if late { marks.with(Marks::LATE) } else { marks };
    let standing = if early || late {
        Standing::Suspect
    } else if batch.listed && unit.is_none() {
        // Without its number nobody knows that it was drawn.
        Standing::Incomplete
    } else {
        batch.round.standing(&sheet, stratum, batch.stream)
    };
    NewResponse {
        id: paper_response_id(code),
        round: round.id,
        agency: batch.agency,
        desk: None,
        device: None,
        stratum,
        field,
        stream: batch.stream,
        standing,
        mode: Mode::Paper,
        lang: batch.lang,
        marks,
        phase: Phase::Form,
        sheet,
        comment: settled.comment.clone(),
        started_at: None,
        finished_at: None,
        local_day: settled.collected_day,
        received_at: now,
    }
}
