//! Samples that were drawn in error and given up before anybody was visited: what was drawn, by whom, and why it does not
//! count. Whom it named is gone.

use sea_orm_migration::prelude::*;

use crate::columns::{big, bytes, int, small, text};

/// Creates the table of voided samples.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0014_void"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("sample_void")
                    // The key that the list had; never given to another.
                    .col(ColumnDef::new("list_id").integer().not_null().primary_key())
                    .col(int("round_id"))
                    .col(int("agency_id"))
                    .col(int("frame_id"))
                    .col(small("rule"))
                    .col(text("seed"))
                    .col(bytes("frame_hash"))
                    .col(int("n"))
                    .col(int("reserve"))
                    .col(text("drawn_by"))
                    .col(big("drawn_at"))
                    .col(text("voided_by"))
                    .col(big("voided_at"))
                    .col(text("reason"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("sample_void_round_idx").table("sample_void").col("round_id").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("sample_void").to_owned()).await
    }
}
