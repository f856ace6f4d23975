//! What was shown and is held to: the versions of figures that move, what a freeze kept back, and the one-page
//! summaries that were handed out.

use sea_orm_migration::prelude::*;

use crate::clustered;
use crate::columns::{big, bytes, int, small, text};

/// Creates the tables of what was shown.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_trust"
    }
}

/// An agency in a stream; part 0 is its valid responses, 1 its one-tap answers.
fn of_part(table: &'static str) -> TableCreateStatement {
    Table::create().table(table).col(int("agency_id")).col(small("stream")).col(small("part")).take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Rounds whose figures move in steps: what is shown of each part, and the snapshot that comes next. Packed
        // counts by stratum. Written by the fold alone, in its transaction.
        let mut moving = of_part("moving_figure")
            .col(int("round_id"))
            .col(bytes("shown"))
            .col(bytes("pending"))
            .primary_key(Index::create().col("round_id").col("agency_id").col("stream").col("part"))
            .take();
        manager.create_table(clustered(manager, &mut moving)).await?;
        // Every version that was ever shown, the frozen ones too, found by its number of responses. Never changed.
        let mut past = of_part("moving_past")
            .col(int("round_id"))
            .col(big("n"))
            // The version of the fold that showed it.
            .col(big("version"))
            .col(bytes("counts"))
            .primary_key(
                Index::create().col("round_id").col("agency_id").col("stream").col("part").col("n").col("version"),
            )
            .take();
        manager.create_table(clustered(manager, &mut past)).await?;
        // Counts that a freeze published in the place of those it found, because somebody could have held the two
        // against what was shown before; each with its SHA-256, which is in the hash of the freeze.
        let mut held = of_part("frozen_held")
            .col(int("freeze_id"))
            .col(bytes("counts"))
            .col(bytes("hash"))
            .primary_key(Index::create().col("freeze_id").col("agency_id").col("stream").col("part"))
            .foreign_key(
                ForeignKey::create()
                    .name("frozen_held_freeze_fk")
                    .from("frozen_held", "freeze_id")
                    .to("round_freeze", "id"),
            )
            .take();
        manager.create_table(clustered(manager, &mut held)).await?;
        // One-page summaries by their mark, as they were when they were first shown.
        manager
            .create_table(
                Table::create()
                    .table("summary_sheet")
                    .col(ColumnDef::new("mark").text().not_null().primary_key())
                    .col(int("round_id"))
                    // The agency it speaks of; 0 for the city and its levels.
                    .col(int("agency_id"))
                    .col(big("shown_at"))
                    // Canonical JSON: every figure of the sheet, with the versions of form and method.
                    .col(text("content"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("summary_sheet_shown_at").table("summary_sheet").col("shown_at").to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["summary_sheet", "frozen_held", "moving_past", "moving_figure"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
