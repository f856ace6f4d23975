//! Agencies from a file, written as one transaction with its entry of the log: all of it or nothing.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait};

use super::context::load_agencies;
use super::entity::{agency, agency_alias, agency_successor};
use super::{Store, StoreError};
use crate::domain::agency::file::{AgencyPlan, AgencyRow, plan};
use crate::domain::sheet::SheetFault;
use crate::domain::staff_log::{Act, Who};

/// Rows per statement: eight columns stay far below the parameter limit of SQLite.
const ROWS: usize = 200;

impl Store {
    /// Imports agencies; what is known already stays as it is.
    ///
    /// # Errors
    /// The store's; inside, everything that is wrong with the rows, and then nothing of them was written.
    pub async fn import_agencies(
        &self,
        who: &Who,
        file: &str,
        rows: &[AgencyRow],
    ) -> Result<Result<AgencyPlan, Vec<SheetFault>>, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let plan = match plan(&load_agencies(&tx).await?, rows) {
            Ok(plan) => plan,
            Err(faults) => return Ok(Err(faults)),
        };
        if plan.is_empty() {
            return Ok(Ok(plan));
        }
        write(&tx, &plan).await?;
        let detail = format!("new {} ended {} unchanged {}", plan.new.len(), plan.ended.len(), plan.unchanged);
        let head = log.append(&tx, self.clock().now_ms(), who, Act::AgenciesImported, file, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(plan))
    }
}

async fn write(tx: &DatabaseTransaction, plan: &AgencyPlan) -> Result<(), StoreError> {
    for chunk in plan.new.chunks(ROWS) {
        let rows = chunk.iter().map(|a| agency::ActiveModel {
            id: Set(a.id.0),
            code: Set(a.code.clone()),
            name: Set(a.name.clone()),
            kind: Set(a.kind.clone()),
            level: Set(a.level.code()),
            parent_id: Set(a.parent.map(|parent| parent.0)),
            valid_from: Set(a.valid_from),
            valid_to: Set(a.valid_to),
        });
        agency::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for (id, day) in &plan.ended {
        let row = agency::ActiveModel { id: Set(id.0), valid_to: Set(Some(*day)), ..Default::default() };
        row.update(tx).await?;
    }
    let aliases: Vec<(i32, &String)> = plan.aliases.iter().map(|(id, alias)| (id.0, alias)).collect();
    let of_new = plan.new.iter().flat_map(|a| a.aliases.iter().map(move |alias| (a.id.0, alias)));
    let aliases: Vec<(i32, &String)> = aliases.into_iter().chain(of_new).collect();
    for chunk in aliases.chunks(ROWS) {
        let rows = chunk
            .iter()
            .map(|(id, alias)| agency_alias::ActiveModel { agency_id: Set(*id), alias: Set((*alias).clone()) });
        agency_alias::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(tx).await?;
    }
    let of_new = plan.new.iter().flat_map(|a| a.successors.iter().map(move |next| (a.id, *next)));
    let successors: Vec<_> = plan.successors.iter().copied().chain(of_new).collect();
    for chunk in successors.chunks(ROWS) {
        let rows = chunk
            .iter()
            .map(|(id, next)| agency_successor::ActiveModel { agency_id: Set(id.0), successor_id: Set(next.0) });
        agency_successor::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(tx).await?;
    }
    Ok(())
}
