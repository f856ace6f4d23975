//! A sample that was drawn in error, from the wrong list as a rule, is voided while nobody has been sent to anybody. What
//! was drawn stays written down with the reason, for drawing until one likes the list is no draw; the agency hands in
//! another list before it is drawn again.

use sea_orm::{ConnectionTrait, DbBackend};

use super::frame::FrameStanding;
use super::rows::statement;
use super::{Store, StoreError};
use crate::domain::ids::{AgencyId, RoundId};
use crate::domain::quality::decision::reason_of;
use crate::domain::role::{DrawSample, SeesSample};
use crate::domain::staff_log::{Act, Who};

/// A sample that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoidedSample {
    /// The key that it had.
    pub list: i32,
    /// Whose people.
    pub agency: AgencyId,
    /// People drawn, and in reserve.
    pub drawn: (u32, u32),
    /// Login name of who drew it, and when, milliseconds since 1970 UTC.
    pub by: (String, i64),
    /// Login name of who voided it, and when.
    pub voided: (String, i64),
    /// Why.
    pub reason: String,
}

/// Why a sample is not voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoidFault {
    /// It is not there.
    Gone,
    /// Somebody was given a part of it, or a form was keyed for it.
    Used,
    /// The round is frozen, or its contact data are erased.
    Over,
    /// No written reason.
    Reason,
}

impl Store {
    /// Voids a sample of which nobody has been given anything: units and contact data go, the facts and the reason stay.
    ///
    /// # Errors
    /// The database's.
    pub async fn void_sample(
        &self,
        _may: &DrawSample,
        who: &Who,
        list: i32,
        words: &str,
    ) -> Result<Result<RoundId, VoidFault>, StoreError> {
        let Some(words) = reason_of(words) else { return Ok(Err(VoidFault::Reason)) };
        let backend = self.backend();
        let agencies = self.known_agencies().await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if backend == DbBackend::Postgres {
            // Whoever hands out units or keys a form at this moment waits, and finds them gone.
            tx.execute_unprepared("LOCK TABLE assignment, paper_form, paper_pass IN SHARE ROW EXCLUSIVE MODE").await?;
        }
        let found = "SELECT round_id, agency_id, frame_id FROM sample_list WHERE id = ?";
        let Some(row) = tx.query_one_raw(statement(backend, found, vec![list.into()])).await? else {
            return Ok(Err(VoidFault::Gone));
        };
        let (round, agency) = (RoundId(row.try_get_by_index(0)?), AgencyId(row.try_get_by_index(1)?));
        let frame: i32 = row.try_get_by_index(2)?;
        let rounds = self.load_rounds(&tx).await?;
        let context = rounds.iter().find(|context| context.round.id == round && context.frozen_at.is_none());
        let purged = "SELECT 1 FROM contact_purge WHERE round_id = ?";
        let purged = tx.query_one_raw(statement(backend, purged, vec![round.0.into()])).await?.is_some();
        let Some(context) = context.filter(|_| !purged) else { return Ok(Err(VoidFault::Over)) };
        let handed = "SELECT 1 FROM sample_unit u WHERE u.list_id = ? AND (EXISTS (SELECT 1 FROM assignment a \
                      WHERE a.unit_id = u.id) OR EXISTS (SELECT 1 FROM former_assignment f WHERE f.unit_id = u.id) \
                      OR EXISTS (SELECT 1 FROM sample_link l WHERE l.unit_id = u.id)) LIMIT 1";
        let keyed = "SELECT 1 FROM paper_batch b JOIN paper_form f ON f.batch_id = b.id \
                     LEFT JOIN paper_pass p ON p.code = f.code WHERE b.round_id = ? AND b.agency_id = ? \
                     AND (f.unit IS NOT NULL OR p.unit IS NOT NULL) LIMIT 1";
        let handed = tx.query_one_raw(statement(backend, handed, vec![list.into()])).await?;
        let keyed = tx.query_one_raw(statement(backend, keyed, vec![round.0.into(), agency.0.into()])).await?;
        if handed.is_some() || keyed.is_some() {
            return Ok(Err(VoidFault::Used));
        }
        let now = self.clock().now_ms();
        let kept = "INSERT INTO sample_void (list_id, round_id, agency_id, frame_id, rule, seed, frame_hash, n, reserve, \
                    drawn_by, drawn_at, voided_by, voided_at, reason) SELECT l.id, l.round_id, l.agency_id, l.frame_id, \
                    l.rule, l.seed, l.frame_hash, \
                    (SELECT COUNT(*) FROM sample_unit u WHERE u.list_id = l.id AND NOT u.reserve), \
                    (SELECT COUNT(*) FROM sample_unit u WHERE u.list_id = l.id AND u.reserve), \
                    l.drawn_by, l.drawn_at, CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT) \
                    FROM sample_list l WHERE l.id = ?";
        let values = vec![who.name.clone().into(), now.into(), words.clone().into(), list.into()];
        tx.execute_raw(statement(backend, kept, values)).await?;
        for sql in [
            "DELETE FROM sample_contact WHERE unit_id IN (SELECT id FROM sample_unit WHERE list_id = ?)",
            "DELETE FROM sample_unit WHERE list_id = ?",
            "DELETE FROM sample_stratum WHERE list_id = ?",
            "DELETE FROM sample_list WHERE id = ?",
        ] {
            tx.execute_raw(statement(backend, sql, vec![list.into()])).await?;
        }
        let sql = "UPDATE frame SET standing = ? WHERE id = ?";
        let values = vec![FrameStanding::Replaced.code().into(), frame.into()];
        tx.execute_raw(statement(backend, sql, values)).await?;
        let code = agencies.get(&agency).map_or("?", |agency| agency.code.as_str());
        let detail = format!("round {} list {list}: {words}", context.round.code);
        let head = log.append(&tx, now, who, Act::SampleVoided, code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(round))
    }

    /// The samples of a round that were voided, the first one first.
    pub async fn voided_samples(
        &self,
        _may: &impl SeesSample,
        round: RoundId,
    ) -> Result<Vec<VoidedSample>, StoreError> {
        let sql = "SELECT list_id, agency_id, n, reserve, drawn_by, drawn_at, voided_by, voided_at, reason \
                   FROM sample_void WHERE round_id = ? ORDER BY list_id";
        let whole = |n: i32| u32::try_from(n).unwrap_or(0);
        let mut voided = vec![];
        for row in self.reader().query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            voided.push(VoidedSample {
                list: row.try_get_by_index(0)?,
                agency: AgencyId(row.try_get_by_index(1)?),
                drawn: (whole(row.try_get_by_index(2)?), whole(row.try_get_by_index(3)?)),
                by: (row.try_get_by_index(4)?, row.try_get_by_index(5)?),
                voided: (row.try_get_by_index(6)?, row.try_get_by_index(7)?),
                reason: row.try_get_by_index(8)?,
            });
        }
        Ok(voided)
    }
}
