//! Receipts say what became of a response: a response is found by its serial number.

use sea_orm_migration::prelude::*;

/// Creates the index of responses by serial number.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0018_receipt"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Serial numbers rise with arrival, so that an insert appends at the end of the tree and its pages stay in memory.
        manager
            .create_index(Index::create().name("response_serial_idx").table("response").col("serial").to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("response_serial_idx").table("response").to_owned()).await
    }
}
