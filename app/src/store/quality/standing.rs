//! The change of a standing: responses and tallies together, never once the round is frozen.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Value};
use uuid::Uuid;

use crate::domain::answer::{Sheet, Validity};
use crate::domain::ids::{RoundId, StratumId};
use crate::domain::response::{Standing, Stream};
use crate::store::contribution::{Contribution, write_all};
use crate::store::recount::{FACTS, Facts};
use crate::store::rows::{MOST_ROWS, statement, within};
use crate::store::{Store, StoreError};

/// A response whose standing was changed, and what it was.
pub(super) type Changed = (Uuid, Standing);

impl Store {
    /// Whether the round takes decisions still; locks its figures until the transaction ends, so that a freeze comes
    /// before or after and never between.
    pub(super) async fn open_to_decisions(&self, tx: &DatabaseTransaction, round: RoundId) -> Result<bool, StoreError> {
        self.lock_figures(tx).await?;
        let rounds = self.load_rounds(tx).await?;
        Ok(rounds.iter().any(|context| context.round.id == round && context.frozen_at.is_none()))
    }

    /// How interviews of a round would stand if nothing had put them under review: by what is answered, and whether their
    /// stratum is known.
    pub(super) async fn own_standings(
        &self,
        tx: &DatabaseTransaction,
        round: RoundId,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Standing>, StoreError> {
        let context = self.round(round).await?;
        let context = context.ok_or_else(|| StoreError::Inconsistent("the round is not there".to_owned()))?;
        let mut own = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(MOST_ROWS) {
            let prefix = format!("SELECT id, stratum_id, sheet FROM response WHERE round_id = {} AND id", round.0);
            let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
            for row in tx.query_all_raw(within(self.backend(), &prefix, "", values)).await? {
                let sheet: Vec<u8> = row.try_get_by_index(2)?;
                let sheet = Sheet::unpack(&sheet, &context.questionnaire)
                    .ok_or_else(|| StoreError::Inconsistent("a response cannot be read".to_owned()))?;
                let whole = sheet.validity(&context.questionnaire) == Validity::Valid
                    && StratumId(row.try_get_by_index(1)?) != StratumId::UNKNOWN;
                own.insert(row.try_get_by_index(0)?, if whole { Standing::Valid } else { Standing::Incomplete });
            }
        }
        Ok(own)
    }

    /// Gives responses of a round and of these streams another standing, where `to` names one for the standing that
    /// they have; says which were changed. The caller holds the figures ([`Store::open_to_decisions`]).
    pub(super) async fn change_standing(
        &self,
        tx: &DatabaseTransaction,
        (round, streams): (RoundId, &[Stream]),
        ids: &[Uuid],
        to: impl Fn(Uuid, Standing) -> Option<Standing>,
    ) -> Result<Vec<Changed>, StoreError> {
        let backend = self.backend();
        let mut sorted = ids.to_vec();
        // In the order of the keys, as the writer takes them, so that two never wait for each other in a ring.
        sorted.sort_unstable();
        sorted.dedup();
        let mut changed = vec![];
        for chunk in sorted.chunks(MOST_ROWS) {
            let lock = if backend == DbBackend::Postgres { "ORDER BY id FOR UPDATE" } else { "ORDER BY id" };
            let prefix = format!("SELECT {FACTS}, id FROM response WHERE round_id = {} AND id", round.0);
            let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
            let mut contributions = vec![];
            for row in tx.query_all_raw(within(backend, &prefix, lock, values)).await? {
                let facts = Facts::of_row(&row)?;
                let id: Uuid = row.try_get_by_index(FACTS.split(',').count())?;
                let was = facts.cell.standing;
                let ours = streams.contains(&facts.cell.stream);
                let Some(standing) = to(id, was).filter(|standing| ours && *standing != was) else { continue };
                let sql = "UPDATE response SET standing = ? WHERE id = ?";
                tx.execute_raw(statement(backend, sql, vec![standing.code().into(), id.into()])).await?;
                let out = facts.contribution(-1);
                let mut back = out.clone();
                (back.sign, back.cell.standing) = (1, standing);
                contributions.extend([out, back]);
                changed.push((id, was));
            }
            if !contributions.is_empty() {
                let changes = write_all(contributions);
                tx.execute_raw(statement(backend, "INSERT INTO delta (changes) VALUES (?)", vec![changes.into()]))
                    .await?;
            }
        }
        Ok(changed)
    }
}

impl Facts {
    fn contribution(self, sign: i8) -> Contribution<'static> {
        let (cell, occasion) = (self.cell, Some(self.occasion));
        Contribution { sign, cell, occasion, sheet: self.into_sheet().into() }
    }
}
