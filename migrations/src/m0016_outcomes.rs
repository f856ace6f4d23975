//! Outcomes that outlive the names: how the answers of a drawn person count as an interview is kept with the unit,
//! each visit names who knocked, a freeze keeps the outcomes of its round, and a team has the agencies that it may visit.

use sea_orm_migration::prelude::*;

use crate::columns::{int, nullable, small, text};

/// Adds what outcomes need beside the links.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0016_outcomes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `interview`: 1 complete, 2 partial, 3 none after all (denied, left out or withdrawn); null: no answers came.
        // Which answers they are is not kept. `interviewer`: the account that brought them.
        add(manager, "sample_unit", nullable(small("interview"))).await?;
        add(manager, "sample_unit", nullable(int("interviewer"))).await?;
        // Who knocked: the present assignee may be another.
        add(manager, "attempt", nullable(int("account_id"))).await?;
        let by_response =
            Index::create().name("sample_link_response_idx").table("sample_link").col("response_id").take();
        manager.create_index(by_response).await?;
        // Outcomes of the drawn people of a round at its freeze: [agency, I, P, R, NC, unable, replaced, open, void, out of
        // scope, no result], as JSON, a list an agency.
        manager
            .create_table(
                Table::create()
                    .table("frozen_outcome")
                    .col(ColumnDef::new("freeze_id").integer().not_null().primary_key())
                    .col(text("ends"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("frozen_outcome_freeze_fk")
                            .from("frozen_outcome", "freeze_id")
                            .to("round_freeze", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // Whose drawn people a team may take: given by Sở Nội vụ.
        manager
            .create_table(
                Table::create()
                    .table("team_agency")
                    .col(int("team_id"))
                    .col(int("agency_id"))
                    .primary_key(Index::create().col("team_id").col("agency_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("team_agency_team_fk")
                            .from("team_agency", "team_id")
                            .to("team", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        for sql in FILL {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["team_agency", "frozen_outcome"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name("sample_link_response_idx").table("sample_link").to_owned()).await?;
        for (table, column) in [("attempt", "account_id"), ("sample_unit", "interviewer"), ("sample_unit", "interview")]
        {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// What is known of rounds whose links are still there; of purged ones the visits alone say it, as before.
const FILL: [&str; 5] = [
    "UPDATE attempt SET account_id = (SELECT f.account_id FROM field_device f WHERE f.device_id = attempt.device_id)",
    "UPDATE sample_unit SET interview = (SELECT CASE r.standing WHEN 2 THEN 2 WHEN 4 THEN 3 WHEN 5 THEN 3 ELSE 1 END \
     FROM sample_link l JOIN response r ON r.id = l.response_id WHERE l.unit_id = sample_unit.id)",
    // A call-back that found no interview (outcome 4).
    "UPDATE sample_unit SET interview = 3 WHERE interview IS NOT NULL \
     AND id IN (SELECT c.unit_id FROM callback_unit c WHERE c.outcome = 4)",
    "UPDATE sample_unit SET interviewer = (SELECT f.account_id FROM sample_link l JOIN response r ON r.id = l.response_id \
     JOIN field_device f ON f.device_id = r.device_id WHERE l.unit_id = sample_unit.id)",
    // What a team has in hand is of its agencies.
    "INSERT INTO team_agency (team_id, agency_id) SELECT DISTINCT a.team_id, u.agency_id FROM assignment a \
     JOIN sample_unit u ON u.id = a.unit_id",
];

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}
