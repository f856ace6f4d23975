//! The change of a standing: responses and tallies together, never once the round is frozen.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Value};
use uuid::Uuid;

use crate::domain::answer::Sheet;
use crate::domain::ids::{RoundId, StratumId};
use crate::domain::response::{Marks, Mode, Standing, Stream};
use crate::store::contribution::{Contribution, write_all};
use crate::store::field::recount_interviews;
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

    /// How interviews of a round would stand if nothing had put them under review ([`RoundContext::standing`]). A paper
    /// form of an agency with a drawn list also needs the number of its person, as when it was settled: it has a link, or
    /// is the second of somebody. Where the links are erased, nobody knows it any more.
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
            let prefix = format!(
                "SELECT r.id, r.stratum_id, r.stream, r.sheet, CASE WHEN r.mode = {} AND r.stream = {} AND r.marks & {} = 0 \
                 AND EXISTS (SELECT 1 FROM sample_list l WHERE l.round_id = r.round_id AND l.agency_id = r.agency_id) \
                 AND NOT EXISTS (SELECT 1 FROM sample_link k WHERE k.response_id = r.id) THEN 1 ELSE 0 END \
                 FROM response r WHERE r.round_id = {} AND r.id",
                Mode::Paper.code(),
                Stream::Sample.code(),
                Marks::SECOND_OF_UNIT.0,
                round.0
            );
            let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
            for row in tx.query_all_raw(within(self.backend(), &prefix, "", values)).await? {
                let damaged = || StoreError::Inconsistent("a response cannot be read".to_owned());
                let stream = Stream::from_code(row.try_get_by_index(2)?).ok_or_else(damaged)?;
                let sheet: Vec<u8> = row.try_get_by_index(3)?;
                let sheet = Sheet::unpack(&sheet, &context.questionnaire).ok_or_else(damaged)?;
                let of_nobody = row.try_get_by_index::<i32>(4)? == 1;
                let standing = if of_nobody {
                    Standing::Incomplete
                } else {
                    context.standing(&sheet, StratumId(row.try_get_by_index(1)?), stream)
                };
                own.insert(row.try_get_by_index(0)?, standing);
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
        let ids: Vec<Uuid> = changed.iter().map(|(id, _)| *id).collect();
        recount_interviews(tx, backend, &ids).await?;
        Ok(changed)
    }
}

impl Facts {
    fn contribution(self, sign: i8) -> Contribution<'static> {
        let (cell, occasion) = (self.cell, Some(self.occasion));
        Contribution { sign, cell, occasion, sheet: self.into_sheet().into() }
    }
}
