//! Decisions: a rule applied by one person, single responses by two. What was decided stays written down for good.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::record::{Written, whole};
use crate::domain::ids::RoundId;
use crate::domain::quality::INTERVIEWS;
use crate::domain::quality::decision::{DecisionKind, NamedRule, PROPOSAL, Reason, Verdict, reason_of};
use crate::domain::response::Standing;
use crate::domain::role::ControlQuality;
use crate::domain::staff_log::{Act, Who};
use crate::store::rows::{chunks, insert, statement};
use crate::store::{Store, StoreError};

/// A rule that is applied.
#[derive(Clone, Copy, Debug)]
pub struct RuleUse<'a> {
    /// Which.
    pub rule: NamedRule,
    /// What it measures by.
    pub parameters: &'a str,
    /// All that it fits.
    pub ids: &'a [Uuid],
}

/// A proposal about single responses.
#[derive(Clone, Copy, Debug)]
pub struct NewProposal<'a> {
    /// [`DecisionKind::Out`], [`DecisionKind::Back`] or [`DecisionKind::In`].
    pub kind: DecisionKind,
    /// Which.
    pub ids: &'a [Uuid],
    /// The category.
    pub reason: Reason,
    /// Why.
    pub words: &'a str,
}

/// Why nothing was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityFault {
    /// The round is frozen or published: its responses do not change any more.
    Frozen,
    /// Nothing fits, or nothing was chosen.
    Nothing,
    /// More than two people can look at together.
    TooMany,
    /// No written reason.
    Reason,
    /// One of them waits in another proposal.
    Waiting,
    /// The same person cannot agree to the own proposal.
    Own,
    /// It is not there, or was decided already.
    Gone,
    /// No person of this office.
    Nobody,
}

impl Store {
    /// Leaves out all that a named rule fits and that it takes still; one person does it, and it says how many.
    pub async fn apply_rule(
        &self,
        _may: &ControlQuality,
        who: &Who,
        round: RoundId,
        applied: &RuleUse<'_>,
    ) -> Result<Result<usize, QualityFault>, StoreError> {
        let code = self.round_code(round).await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if !self.open_to_decisions(&tx, round).await? {
            return Ok(Err(QualityFault::Frozen));
        }
        let out = |_, was| applied.rule.takes(was).then_some(Standing::Excluded);
        let changed = self.change_standing(&tx, (round, applied.rule.streams()), applied.ids, out).await?;
        if changed.is_empty() {
            return Ok(Err(QualityFault::Nothing));
        }
        let written = Written {
            round,
            kind: DecisionKind::RuleOut,
            rule: Some(applied.rule),
            parameters: applied.parameters,
            withdraws: None,
            reason: applied.rule.reason(),
            words: "",
            verdict: Verdict::Agreed,
        };
        let Some(id) = self.write_decision(&tx, who, &written).await? else { return Ok(Err(QualityFault::Nobody)) };
        self.note_changed(&tx, id, &changed).await?;
        let (rule, version) = (applied.rule.word(), applied.rule.version());
        let detail = format!("decision {id} {rule} v{version} {} n {}", applied.parameters, changed.len());
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::QualityRule, &code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(changed.len()))
    }

    /// Takes back all that one application of a rule left out and that is left out still.
    pub async fn withdraw_rule(
        &self,
        _may: &ControlQuality,
        who: &Who,
        round: RoundId,
        decision: i32,
        words: &str,
    ) -> Result<Result<usize, QualityFault>, StoreError> {
        let Some(words) = reason_of(words) else { return Ok(Err(QualityFault::Reason)) };
        let code = self.round_code(round).await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if !self.open_to_decisions(&tx, round).await? {
            return Ok(Err(QualityFault::Frozen));
        }
        let all = self.decisions_in(&tx, round).await?;
        let gone = all.iter().any(|d| d.withdraws == Some(decision));
        let Some(applied) = all.iter().find(|d| d.id == decision && d.kind == DecisionKind::RuleOut && !gone) else {
            return Ok(Err(QualityFault::Gone));
        };
        let about = self.responses_of(&tx, decision).await?;
        let changed = self.restore(&tx, round, &about.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
        let written = Written {
            round,
            kind: DecisionKind::RuleBack,
            rule: applied.rule.map(|(rule, _)| rule),
            parameters: "",
            withdraws: Some(decision),
            reason: applied.reason,
            words: &words,
            verdict: Verdict::Agreed,
        };
        let Some(id) = self.write_decision(&tx, who, &written).await? else { return Ok(Err(QualityFault::Nobody)) };
        self.note_changed(&tx, id, &changed).await?;
        let detail = format!("decision {id} withdraws {decision} n {}: {words}", changed.len());
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::QualityRule, &code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(changed.len()))
    }

    /// Proposes to leave single responses out or to take them back; nothing changes until another person agrees.
    pub async fn propose(
        &self,
        _may: &ControlQuality,
        who: &Who,
        round: RoundId,
        new: &NewProposal<'_>,
    ) -> Result<Result<i32, QualityFault>, StoreError> {
        let Some(words) = reason_of(new.words) else { return Ok(Err(QualityFault::Reason)) };
        if new.ids.is_empty() || !new.kind.needs_two() {
            return Ok(Err(QualityFault::Nothing));
        }
        if new.ids.len() > PROPOSAL {
            return Ok(Err(QualityFault::TooMany));
        }
        let code = self.round_code(round).await?;
        let backend = self.backend();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if !self.open_to_decisions(&tx, round).await? {
            return Ok(Err(QualityFault::Frozen));
        }
        // Changes nothing: it reads which of them stand so that the proposal can be about them.
        let mut ids = vec![];
        for id in new.ids {
            let sql = "SELECT standing FROM response WHERE id = ? AND round_id = ? AND stream IN (1, 2)";
            let row = tx.query_one_raw(statement(backend, sql, vec![(*id).into(), round.0.into()])).await?;
            let standing = row.map(|row| row.try_get_by_index::<i16>(0)).transpose()?.and_then(Standing::from_code);
            if standing.is_some_and(|was| may_become(new.kind, was)) && !ids.contains(id) {
                ids.push(*id);
            }
        }
        if ids.is_empty() {
            return Ok(Err(QualityFault::Nothing));
        }
        for id in &ids {
            let sql = "SELECT 1 FROM quality_response q JOIN quality_decision d ON d.id = q.decision_id \
                       WHERE q.response_id = ? AND d.verdict = ?";
            let values = vec![(*id).into(), Verdict::Open.code().into()];
            if tx.query_one_raw(statement(backend, sql, values)).await?.is_some() {
                return Ok(Err(QualityFault::Waiting));
            }
        }
        let written = Written {
            round,
            kind: new.kind,
            rule: None,
            parameters: "",
            withdraws: None,
            reason: new.reason,
            words: &words,
            verdict: Verdict::Open,
        };
        let Some(id) = self.write_decision(&tx, who, &written).await? else { return Ok(Err(QualityFault::Nobody)) };
        for chunk in chunks(&ids) {
            let values = chunk.iter().flat_map(|response| [id.into(), (*response).into(), 0_i16.into()]).collect();
            let columns = ["decision_id", "response_id", "was"];
            tx.execute_raw(insert(backend, "quality_response", &columns, chunk.len(), "", values)).await?;
        }
        let detail = format!("decision {id} {} n {} {}: {words}", new.kind.word(), ids.len(), new.reason.word());
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::QualityProposed, &code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(id))
    }

    /// The second person agrees, or does not. Who proposed it can only take it back. Says how many changed.
    pub async fn decide(
        &self,
        _may: &ControlQuality,
        who: &Who,
        round: RoundId,
        (decision, agree): (i32, bool),
    ) -> Result<Result<usize, QualityFault>, StoreError> {
        let Some(account) = who.account else { return Ok(Err(QualityFault::Nobody)) };
        let code = self.round_code(round).await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if !self.open_to_decisions(&tx, round).await? {
            return Ok(Err(QualityFault::Frozen));
        }
        let all = self.decisions_in(&tx, round).await?;
        let Some(proposal) = all.iter().find(|d| d.id == decision && d.verdict == Verdict::Open) else {
            return Ok(Err(QualityFault::Gone));
        };
        if agree && proposal.proposed_by == account {
            return Ok(Err(QualityFault::Own));
        }
        let mut changed = vec![];
        if agree {
            let ids: Vec<Uuid> = self.responses_of(&tx, decision).await?.into_iter().map(|(id, _)| id).collect();
            let interviews = (round, INTERVIEWS.as_slice());
            changed = match proposal.kind {
                DecisionKind::Back => self.restore(&tx, round, &ids).await?,
                DecisionKind::In => {
                    let own = self.own_standings(&tx, round, &ids).await?;
                    let taken = |id, was| own.get(&id).copied().filter(|_| may_become(DecisionKind::In, was));
                    self.change_standing(&tx, interviews, &ids, taken).await?
                }
                DecisionKind::Out | DecisionKind::RuleOut | DecisionKind::RuleBack => {
                    let out = |_, was| may_become(DecisionKind::Out, was).then_some(Standing::Excluded);
                    self.change_standing(&tx, interviews, &ids, out).await?
                }
            };
        }
        let now = self.clock().now_ms();
        let verdict = if agree { Verdict::Agreed } else { Verdict::Declined };
        let sql = "UPDATE quality_decision SET verdict = ?, decided_by = ?, decided_name = ?, decided_at = ?, changed = ? \
                   WHERE id = ? AND verdict = ?";
        let values = vec![
            verdict.code().into(),
            account.0.into(),
            who.name.clone().into(),
            now.into(),
            whole(changed.len()).into(),
            decision.into(),
            Verdict::Open.code().into(),
        ];
        if tx.execute_raw(statement(self.backend(), sql, values)).await?.rows_affected() == 0 {
            return Ok(Err(QualityFault::Gone));
        }
        for (response, was) in &changed {
            let sql = "UPDATE quality_response SET was = ? WHERE decision_id = ? AND response_id = ?";
            let values = vec![was.code().into(), decision.into(), (*response).into()];
            tx.execute_raw(statement(self.backend(), sql, values)).await?;
        }
        let detail = format!("decision {decision} {} {} n {}", proposal.kind.word(), verdict.word(), changed.len());
        let head = log.append(&tx, now, who, Act::QualityDecided, &code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(changed.len()))
    }
}

/// Whether a proposal of a kind can be about a response that stands so: what is in the index or under review can be left
/// out, what was left out can be taken back, what is under review can be taken in.
fn may_become(kind: DecisionKind, was: Standing) -> bool {
    match kind {
        DecisionKind::Out => matches!(was, Standing::Valid | Standing::Suspect),
        DecisionKind::Back => was == Standing::Excluded,
        DecisionKind::In => was == Standing::Suspect,
        DecisionKind::RuleOut | DecisionKind::RuleBack => false,
    }
}
