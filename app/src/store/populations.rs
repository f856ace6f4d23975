//! The N that lists count as the N of the strata: chosen agency by agency, each with what it was and what it becomes.

use std::collections::{BTreeMap, HashMap};

use sea_orm::ConnectionTrait;

use super::rows::statement;
use super::{FrameStanding, Store, StoreError};
use crate::domain::ids::{RoundId, StratumId};
use crate::domain::role::DrawSample;
use crate::domain::staff_log::{Act, Who};

/// N of a stratum that the list of its agency counts otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PopulationChange {
    /// The stratum.
    pub stratum: StratumId,
    /// N in the round.
    pub before: Option<i64>,
    /// N of the list.
    pub after: i64,
}

/// Why no N is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PopulationFault {
    /// The round is frozen, or there is none.
    Frozen,
    /// N or the list changed since they were looked at.
    Changed,
}

impl Store {
    /// The strata of a round whose N differs from the list of their agency.
    pub async fn population_changes(
        &self,
        _may: &DrawSample,
        round: RoundId,
    ) -> Result<Vec<PopulationChange>, StoreError> {
        let counted = self.counted_by_lists(round).await?;
        let Some(context) = self.round(round).await? else { return Ok(Vec::new()) };
        let change = |stratum: &crate::domain::round::Stratum| {
            let after = *counted.get(&stratum.id)?;
            (stratum.population != Some(after)).then_some(PopulationChange {
                stratum: stratum.id,
                before: stratum.population,
                after,
            })
        };
        Ok(context.strata.iter().filter_map(change).collect())
    }

    /// N of each stratum as the lists that count say.
    async fn counted_by_lists(&self, round: RoundId) -> Result<HashMap<StratumId, i64>, StoreError> {
        let frames = self.frames(round).await?;
        let counts = |standing| matches!(standing, FrameStanding::Uploaded | FrameStanding::Drawn);
        let frames: Vec<i32> =
            frames.into_iter().filter(|frame| counts(frame.standing)).map(|frame| frame.id).collect();
        let strata = self.frame_strata(&frames).await?.into_values().flatten();
        Ok(strata.map(|counted| (counted.stratum, i64::from(counted.dossiers))).collect())
    }

    /// Makes the chosen changes and notes them, an entry for each agency. None is made where one of them is not as it was
    /// looked at.
    pub async fn take_populations(
        &self,
        _may: &DrawSample,
        who: &Who,
        round: RoundId,
        chosen: &[PopulationChange],
    ) -> Result<Result<usize, PopulationFault>, StoreError> {
        let counted = self.counted_by_lists(round).await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let contexts = self.load_rounds(&tx).await?;
        let Some(context) = contexts.into_iter().find(|c| c.round.id == round && c.frozen_at.is_none()) else {
            return Ok(Err(PopulationFault::Frozen));
        };
        let mut noted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for change in chosen {
            let stratum = context.strata.iter().find(|stratum| stratum.id == change.stratum);
            let as_seen = |stratum: &&crate::domain::round::Stratum| {
                stratum.population == change.before && counted.get(&stratum.id) == Some(&change.after)
            };
            let Some(stratum) = stratum.filter(as_seen) else { return Ok(Err(PopulationFault::Changed)) };
            let sql = "UPDATE stratum SET population = ? WHERE id = ?";
            tx.execute_raw(statement(self.backend(), sql, vec![change.after.into(), stratum.id.0.into()])).await?;
            let code = context.agencies.get(&stratum.agency).map_or("?", |agency| agency.code.as_str());
            let field =
                stratum.field.and_then(|at| usize::try_from(at).ok()).and_then(|at| context.round.fields.get(at));
            let field = field.map_or_else(String::new, |field| format!("/{}", field.code));
            let was = change.before.map_or_else(|| "?".to_owned(), |n| n.to_string());
            noted.entry(code.to_owned()).or_default().push(format!("{code}{field} {was} -> {}", change.after));
        }
        let now = self.clock().now_ms();
        let mut head = None;
        for changes in noted.values() {
            if let Some(head) = head.take() {
                log.moved(head);
            }
            let detail = format!("{}: {}", changes.len(), changes.join("; "));
            head = Some(log.append(&tx, now, who, Act::PopulationsTaken, &context.round.code, &detail).await?);
        }
        if let Some(head) = head {
            tx.commit().await?;
            log.moved(head);
            self.caches().clear();
        }
        Ok(Ok(chosen.len()))
    }
}
