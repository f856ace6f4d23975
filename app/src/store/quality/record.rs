//! Decisions as they stand written: never deleted, and each says what it changed.

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};
use uuid::Uuid;

use super::standing::Changed;
use crate::domain::ids::{AccountId, RoundId};
use crate::domain::quality::decision::{DecisionKind, NamedRule, Reason, Verdict};
use crate::domain::response::{Standing, Stream};
use crate::domain::role::ControlQuality;
use crate::domain::staff_log::Who;
use crate::store::rows::{chunks, insert, statement};
use crate::store::{Store, StoreError};

/// A decision, or what waits to become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Key.
    pub id: i32,
    /// What it does.
    pub kind: DecisionKind,
    /// The rule and its version, where one was applied or withdrawn.
    pub rule: Option<(NamedRule, i16)>,
    /// What the rule measured by.
    pub parameters: String,
    /// The decision that it withdraws.
    pub withdraws: Option<i32>,
    /// The category that is shown.
    pub reason: Reason,
    /// The reason in words.
    pub words: String,
    /// Who decided, or proposed.
    pub proposed_by: AccountId,
    /// Their login name.
    pub proposed_name: String,
    /// When, milliseconds since 1970 UTC.
    pub proposed_at: i64,
    /// Where it stands.
    pub verdict: Verdict,
    /// Login name of the second person, and when.
    pub decided: Option<(String, i64)>,
    /// Responses that it is about.
    pub about: u32,
    /// Responses whose standing it changed.
    pub changed: u32,
}

/// What a decision is written down with.
pub(super) struct Written<'a> {
    pub(super) round: RoundId,
    pub(super) kind: DecisionKind,
    pub(super) rule: Option<NamedRule>,
    pub(super) parameters: &'a str,
    pub(super) withdraws: Option<i32>,
    pub(super) reason: Reason,
    pub(super) words: &'a str,
    pub(super) verdict: Verdict,
}

impl Store {
    /// The decisions of a round, the newest first.
    pub async fn decisions(&self, _may: &ControlQuality, round: RoundId) -> Result<Vec<Decision>, StoreError> {
        let mut all = self.decisions_in(self.reader(), round).await?;
        all.reverse();
        Ok(all)
    }

    /// Which responses a decision is about.
    pub async fn decided_responses(&self, _may: &ControlQuality, decision: i32) -> Result<Vec<Uuid>, StoreError> {
        Ok(self.responses_of(self.reader(), decision).await?.into_iter().map(|(id, _)| id).collect())
    }

    /// How many responses of a round are left out by decisions, by category: for everybody, as counts.
    pub async fn excluded_by_reason(&self, round: RoundId) -> Result<Vec<(Reason, u32)>, StoreError> {
        // The last decision in force about a response is why it is out.
        let sql = "SELECT d.reason, CAST(COUNT(*) AS BIGINT) FROM response r \
                   JOIN quality_response q ON q.response_id = r.id JOIN quality_decision d ON d.id = q.decision_id \
                   WHERE d.round_id = ? AND r.standing = ? AND d.kind IN (1, 2) AND q.was <> 0 AND NOT EXISTS \
                   (SELECT 1 FROM quality_response q2 JOIN quality_decision d2 ON d2.id = q2.decision_id \
                   WHERE q2.response_id = r.id AND q2.was <> 0 AND d2.kind IN (1, 2) AND d2.id > d.id) \
                   GROUP BY d.reason ORDER BY d.reason";
        let values = vec![round.0.into(), Standing::Excluded.code().into()];
        let mut counts = vec![];
        for row in self.reader().query_all_raw(statement(self.backend(), sql, values)).await? {
            let reason = Reason::from_code(row.try_get_by_index(0)?).unwrap_or(Reason::Other);
            counts.push((reason, u32::try_from(row.try_get_by_index::<i64>(1)?).unwrap_or(u32::MAX)));
        }
        Ok(counts)
    }

    pub(super) async fn round_code(&self, round: RoundId) -> Result<String, StoreError> {
        Ok(self.round(round).await?.map_or_else(|| "?".to_owned(), |r| r.round.code.clone()))
    }

    /// Gives what is left out the standing back that it had before it was left out last.
    pub(super) async fn restore(
        &self,
        tx: &DatabaseTransaction,
        round: RoundId,
        ids: &[Uuid],
    ) -> Result<Vec<Changed>, StoreError> {
        let mut before = std::collections::HashMap::with_capacity(ids.len());
        for id in ids {
            let sql = "SELECT q.was FROM quality_response q JOIN quality_decision d ON d.id = q.decision_id \
                       WHERE q.response_id = ? AND q.was <> 0 AND d.kind IN (1, 2) ORDER BY d.id DESC LIMIT 1";
            let row = tx.query_one_raw(statement(self.backend(), sql, vec![(*id).into()])).await?;
            let was = row.map(|row| row.try_get_by_index::<i16>(0)).transpose()?.and_then(Standing::from_code);
            before.extend(was.map(|was| (*id, was)));
        }
        let back = |id, now| if now == Standing::Excluded { before.get(&id).copied() } else { None };
        // Whatever was left out can come back.
        self.change_standing(tx, (round, Stream::ALL), ids, back).await
    }

    pub(super) async fn write_decision(
        &self,
        tx: &DatabaseTransaction,
        who: &Who,
        new: &Written<'_>,
    ) -> Result<Option<i32>, StoreError> {
        let Some(account) = who.account else { return Ok(None) };
        let backend = self.backend();
        let last = tx.query_one_raw(statement(backend, "SELECT MAX(id) FROM quality_decision", vec![])).await?;
        let id = last.map(|row| row.try_get_by_index::<Option<i32>>(0)).transpose()?.flatten().unwrap_or(0) + 1;
        let columns = [
            "id",
            "round_id",
            "kind",
            "rule",
            "rule_version",
            "parameters",
            "withdraws",
            "reason",
            "words",
            "proposed_by",
            "proposed_name",
            "proposed_at",
            "verdict",
            "decided_name",
            "changed",
        ];
        let values = vec![
            id.into(),
            new.round.0.into(),
            new.kind.code().into(),
            new.rule.map(NamedRule::code).into(),
            new.rule.map(NamedRule::version).into(),
            new.parameters.into(),
            new.withdraws.into(),
            new.reason.code().into(),
            new.words.into(),
            account.0.into(),
            who.name.clone().into(),
            self.clock().now_ms().into(),
            new.verdict.code().into(),
            "".into(),
            0.into(),
        ];
        tx.execute_raw(insert(backend, "quality_decision", &columns, 1, "", values)).await?;
        Ok(Some(id))
    }

    /// Writes down what a decision changed, and how many that were.
    pub(super) async fn note_changed(
        &self,
        tx: &DatabaseTransaction,
        id: i32,
        changed: &[Changed],
    ) -> Result<(), StoreError> {
        let backend = self.backend();
        for chunk in chunks(changed) {
            let values = chunk.iter().flat_map(|(response, was)| [id.into(), (*response).into(), was.code().into()]);
            let columns = ["decision_id", "response_id", "was"];
            tx.execute_raw(insert(backend, "quality_response", &columns, chunk.len(), "", values.collect())).await?;
        }
        let sql = "UPDATE quality_decision SET changed = ? WHERE id = ?";
        tx.execute_raw(statement(backend, sql, vec![whole(changed.len()).into(), id.into()])).await?;
        Ok(())
    }

    pub(super) async fn responses_of<C: ConnectionTrait>(
        &self,
        db: &C,
        decision: i32,
    ) -> Result<Vec<(Uuid, i16)>, StoreError> {
        let sql = "SELECT response_id, was FROM quality_response WHERE decision_id = ? ORDER BY response_id";
        let rows = db.query_all_raw(statement(self.backend(), sql, vec![decision.into()])).await?;
        rows.into_iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    pub(super) async fn decisions_in<C: ConnectionTrait>(
        &self,
        db: &C,
        round: RoundId,
    ) -> Result<Vec<Decision>, StoreError> {
        let sql = "SELECT d.id, d.kind, d.rule, d.rule_version, d.parameters, d.withdraws, d.reason, d.words, d.proposed_by, \
                   d.proposed_name, d.proposed_at, d.verdict, d.decided_name, d.decided_at, d.changed, \
                   CAST((SELECT COUNT(*) FROM quality_response q WHERE q.decision_id = d.id) AS BIGINT) \
                   FROM quality_decision d WHERE d.round_id = ? ORDER BY d.id";
        let rows = db.query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await?;
        rows.iter().map(decision_of).collect()
    }
}

fn decision_of(row: &QueryResult) -> Result<Decision, StoreError> {
    let id: i32 = row.try_get_by_index(0)?;
    let damaged = || StoreError::Inconsistent(format!("decision {id} cannot be read"));
    let rule = row.try_get_by_index::<Option<i16>>(2)?.and_then(NamedRule::from_code);
    let by: String = row.try_get_by_index(12)?;
    Ok(Decision {
        id,
        kind: DecisionKind::from_code(row.try_get_by_index(1)?).ok_or_else(damaged)?,
        rule: rule.zip(row.try_get_by_index(3)?),
        parameters: row.try_get_by_index(4)?,
        withdraws: row.try_get_by_index(5)?,
        reason: Reason::from_code(row.try_get_by_index(6)?).ok_or_else(damaged)?,
        words: row.try_get_by_index(7)?,
        proposed_by: AccountId(row.try_get_by_index(8)?),
        proposed_name: row.try_get_by_index(9)?,
        proposed_at: row.try_get_by_index(10)?,
        verdict: Verdict::from_code(row.try_get_by_index(11)?).ok_or_else(damaged)?,
        decided: row.try_get_by_index::<Option<i64>>(13)?.map(|at| (by, at)),
        about: u32::try_from(row.try_get_by_index::<i64>(15)?).unwrap_or(u32::MAX),
        changed: row.try_get_by_index::<i32>(14)?.unsigned_abs(),
    })
}

pub(super) fn whole(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
