//! Quality control: the clocks of devices, call-backs, and who decided what about which responses.
//!
//! What was decided is never deleted. Which response a call-back was about stands in `sample_link` alone, and goes with it.

use sea_orm_migration::prelude::*;

use crate::columns::{big, int, nullable, small, text};

/// Creates the tables of quality control.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0012_quality"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // How far a device's clock was off, from the first to the last contact at which it was so: a new row only where
        // it was set in between.
        manager
            .create_table(
                Table::create()
                    .table("device_clock")
                    .col(int("device_id"))
                    .col(big("from_at"))
                    .col(big("until_at"))
                    // Server minus device, milliseconds.
                    .col(big("offset_ms"))
                    .primary_key(Index::create().col("device_id").col("from_at"))
                    .to_owned(),
            )
            .await?;
        callbacks(manager).await?;
        decisions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            "quality_end",
            "quality_response",
            "quality_decision",
            "callback_unit",
            "callback_interviewer",
            "callback_draw",
            "device_clock",
        ];
        for table in tables {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn callbacks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A draw takes of what arrived in (since_at, until_at], so that no interview has two chances.
    manager
        .create_table(
            Table::create()
                .table("callback_draw")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(int("round_id"))
                .col(text("seed"))
                .col(big("since_at"))
                .col(big("until_at"))
                .col(text("drawn_by"))
                .col(big("drawn_at"))
                .col(text("program"))
                .foreign_key(
                    ForeignKey::create()
                        .name("callback_draw_round_fk")
                        .from("callback_draw", "round_id")
                        .to("round", "id"),
                )
                .to_owned(),
        )
        .await?;
    // Out of how many. `interviewer`: the account; the device below zero where nobody holds it; 0 where
    // who asked is not recorded.
    manager
        .create_table(
            Table::create()
                .table("callback_interviewer")
                .col(int("draw_id"))
                .col(int("interviewer"))
                .col(int("interviews"))
                .primary_key(Index::create().col("draw_id").col("interviewer"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("callback_unit")
                .col(ColumnDef::new("unit_id").uuid().not_null().primary_key())
                .col(int("draw_id"))
                .col(int("interviewer"))
                // Place among the interviewer's interviews in the order of the units' keys, from 1.
                .col(int("pos"))
                // How it ended; null before.
                .col(nullable(small("outcome")))
                .col(text("note"))
                .col(text("noted_by"))
                .col(nullable(big("noted_at")))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(Index::create().name("callback_unit_draw_idx").table("callback_unit").col("draw_id").to_owned())
        .await?;
    // From then on nobody is called back any more.
    manager
        .create_table(
            Table::create()
                .table("quality_end")
                .col(ColumnDef::new("round_id").integer().not_null().primary_key())
                .col(text("ended_by"))
                .col(big("ended_at"))
                .to_owned(),
        )
        .await
}

async fn decisions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // `kind`: 1 out by a rule, 2 single ones out, 3 single ones back, 4 a rule's back. `verdict`: 1 waits, 2 in force,
    // 3 declined. Of kinds 2 and 3 the second person is another than the first.
    manager
        .create_table(
            Table::create()
                .table("quality_decision")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(int("round_id"))
                .col(small("kind"))
                .col(nullable(small("rule")))
                .col(nullable(small("rule_version")))
                // What the rule measured by, as it stood then.
                .col(text("parameters"))
                // The decision that a withdrawal withdraws.
                .col(nullable(int("withdraws")))
                .col(small("reason"))
                .col(text("words"))
                .col(int("proposed_by"))
                .col(text("proposed_name"))
                .col(big("proposed_at"))
                .col(small("verdict"))
                .col(nullable(int("decided_by")))
                .col(text("decided_name"))
                .col(nullable(big("decided_at")))
                // Responses whose standing it changed.
                .col(int("changed"))
                .check(Expr::cust(
                    "kind IN (1, 4) OR verdict <> 2 OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
                ))
                .foreign_key(
                    ForeignKey::create()
                        .name("quality_decision_round_fk")
                        .from("quality_decision", "round_id")
                        .to("round", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("quality_decision_round_idx")
                .table("quality_decision")
                .col("round_id")
                .col("id")
                .to_owned(),
        )
        .await?;
    // `was`: the standing before, 0 while nothing was changed.
    manager
        .create_table(
            Table::create()
                .table("quality_response")
                .col(int("decision_id"))
                .col(ColumnDef::new("response_id").uuid().not_null())
                .col(small("was"))
                .primary_key(Index::create().col("decision_id").col("response_id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("quality_response_response_idx")
                .table("quality_response")
                .col("response_id")
                .to_owned(),
        )
        .await
}
