//! Field teams: who goes where with which device, what they may still do there, and what happened on the way.
//!
//! Ids of what happens on a device are made by the device, so that telling it again changes nothing.

use sea_orm_migration::prelude::*;

use crate::columns::{big, bytes, int, nullable, small, text};

/// Creates the tables of field teams.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_field"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        teams(manager).await?;
        devices(manager).await?;
        posts(manager).await?;
        happenings(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "replacement",
            "former_assignment",
            "post_response",
            "presses",
            "shift",
            "attempt",
            "assignment",
            "field_event",
            "lease",
            "field_device",
            "enrolment",
            "post",
            "team_member",
            "team",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn teams(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // `work`: 1 interviews from a list, 2 every k-th visitor, 3 kiosks, 4 paper. A team works in one round.
    manager
        .create_table(
            Table::create()
                .table("team")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(int("round_id"))
                .col(text("name"))
                .col(small("work"))
                // The account that leads it.
                .col(int("supervisor_id"))
                .col(big("created_at"))
                .foreign_key(ForeignKey::create().name("team_round_fk").from("team", "round_id").to("round", "id"))
                .foreign_key(
                    ForeignKey::create().name("team_supervisor_fk").from("team", "supervisor_id").to("account", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("team_member")
                .col(int("team_id"))
                .col(int("account_id"))
                .primary_key(Index::create().col("team_id").col("account_id"))
                .to_owned(),
        )
        .await
}

async fn devices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A code that makes a device of whoever types it, once. Only its HMAC is here. No account at a kiosk.
    manager
        .create_table(
            Table::create()
                .table("enrolment")
                .col(bytes("code_mac").primary_key().take())
                .col(int("team_id"))
                .col(nullable(int("account_id")))
                .col(nullable(int("post_id")))
                // What stands on the label of the device.
                .col(text("name"))
                .col(big("made_at"))
                .col(nullable(big("used_at")))
                .to_owned(),
        )
        .await?;
    // What a device is in the field; its token stands in `device`. A row here is for ever, as there.
    manager
        .create_table(
            Table::create()
                .table("field_device")
                .col(ColumnDef::new("device_id").integer().not_null().primary_key())
                .col(int("team_id"))
                .col(nullable(int("account_id")))
                .col(nullable(int("post_id")))
                // Version of the conversation that its bundle speaks.
                .col(small("api"))
                .col(big("seen_at"))
                // The local day on which it last asked for its kit: the look at contact data is noted once a day.
                .col(int("asked_day"))
                // Answers and events that it said were still on it; null: it has not said.
                .col(nullable(int("waiting")))
                .col(nullable(big("signed_out_at")))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(Index::create().name("field_device_team_idx").table("field_device").col("team_id").to_owned())
        .await
}

async fn posts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A place at a desk. `target`: interviews wanted there in all; null: as many as come (kiosk).
    manager
        .create_table(
            Table::create()
                .table("post")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(int("team_id"))
                .col(int("agency_id"))
                .col(int("desk_id"))
                .col(text("name"))
                .col(int("every"))
                .col(nullable(int("target")))
                .foreign_key(ForeignKey::create().name("post_team_fk").from("post", "team_id").to("team", "id"))
                .to_owned(),
        )
        .await?;
    // A device's share of a target. The sum of `granted` over a post never exceeds it; a device spends its own.
    manager
        .create_table(
            Table::create()
                .table("lease")
                .col(int("post_id"))
                .col(int("device_id"))
                .col(int("granted"))
                .col(int("used"))
                .primary_key(Index::create().col("post_id").col("device_id"))
                .to_owned(),
        )
        .await?;
    // Which responses were counted at a post, so that a resend is not counted again. `beyond`: past the lease.
    manager
        .create_table(
            Table::create()
                .table("post_response")
                .col(ColumnDef::new("response_id").uuid().not_null().primary_key())
                .col(int("post_id"))
                .col(int("device_id"))
                .col(ColumnDef::new("beyond").boolean().not_null())
                .to_owned(),
        )
        .await
}

async fn happenings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // Who visits whom.
    manager
        .create_table(
            Table::create()
                .table("assignment")
                .col(ColumnDef::new("unit_id").uuid().not_null().primary_key())
                .col(int("team_id"))
                .col(int("account_id"))
                .col(big("assigned_at"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("assignment_account_idx")
                .table("assignment")
                .col("account_id")
                .col("team_id")
                .to_owned(),
        )
        .await?;
    // Which teams had a unit before it was taken back: an interview that was held by then is still theirs.
    manager
        .create_table(
            Table::create()
                .table("former_assignment")
                .col(ColumnDef::new("unit_id").uuid().not_null())
                .col(int("team_id"))
                .primary_key(Index::create().col("unit_id").col("team_id"))
                .to_owned(),
        )
        .await?;
    // A unit given up for one of the reserve. The given-up one stays in the denominator; one of the reserve is used once.
    manager
        .create_table(
            Table::create()
                .table("replacement")
                .col(ColumnDef::new("unit_id").uuid().not_null().primary_key())
                .col(ColumnDef::new("by_id").uuid().not_null())
                .col(text("reason"))
                .col(big("at"))
                .col(int("device_id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(Index::create().name("replacement_by_key").table("replacement").col("by_id").unique().to_owned())
        .await?;
    // One row an event that was kept, whatever it was about: its id decides whether it is new.
    manager
        .create_table(
            Table::create()
                .table("field_event")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(int("device_id"))
                .col(big("at"))
                .col(big("received_at"))
                .to_owned(),
        )
        .await?;
    // A visit to a unit; `day` is the local day by the device's clock, set right by its offset.
    manager
        .create_table(
            Table::create()
                .table("attempt")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("unit_id").uuid().not_null())
                .col(int("day"))
                .col(small("outcome"))
                .col(big("at"))
                .col(int("device_id"))
                .col(text("note"))
                .to_owned(),
        )
        .await?;
    manager.create_index(Index::create().name("attempt_unit_idx").table("attempt").col("unit_id").to_owned()).await?;
    // The base of an intercept stream: who passed, who was asked, who did not want to. The latest count of a shift.
    manager
        .create_table(
            Table::create()
                .table("shift")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(int("post_id"))
                .col(int("device_id"))
                .col(int("day"))
                .col(int("passers"))
                .col(int("asked"))
                .col(int("refused"))
                .col(big("at"))
                .to_owned(),
        )
        .await?;
    // How a kiosk was pressed on a day, likewise.
    manager
        .create_table(
            Table::create()
                .table("presses")
                .col(int("post_id"))
                .col(int("device_id"))
                .col(int("day"))
                .col(int("taps"))
                .col(int("ignored"))
                .col(int("abandoned"))
                .col(big("at"))
                .primary_key(Index::create().col("post_id").col("device_id").col("day"))
                .to_owned(),
        )
        .await
}
