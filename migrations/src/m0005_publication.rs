//! What is published: frozen rounds with their counts, and the chain of publications.

use sea_orm_migration::prelude::*;

use crate::clustered;
use crate::columns::{big, bytes, int, nullable, small, text};

/// Creates the tables of publication.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_publication"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A round is frozen once, and once more for each correction. From the row on, what arrives is in no figure.
        manager
            .create_table(
                Table::create()
                    .table("round_freeze")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(int("round_id"))
                    .col(big("frozen_at"))
                    // Login name of who did it.
                    .col(text("frozen_by"))
                    // When the last fold before it was; 0 where there was none.
                    .col(big("data_until"))
                    // The strata with their N, as JSON.
                    .col(text("strata"))
                    // SHA-256 over the hashes of the counts; empty while the freeze is under way.
                    .col(bytes("hash"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("round_freeze_round_fk")
                            .from("round_freeze", "round_id")
                            .to("round", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // The main tally of the round as it was, each row with its own SHA-256, so that a changed one has a name.
        let mut frozen = Table::create()
            .table("frozen_tally")
            .col(int("freeze_id"))
            .col(int("agency_id"))
            .col(int("stratum_id"))
            .col(small("stream"))
            .col(small("mode"))
            .col(small("standing"))
            .col(bytes("counts"))
            .col(bytes("hash"))
            .primary_key(
                Index::create()
                    .col("freeze_id")
                    .col("agency_id")
                    .col("stratum_id")
                    .col("stream")
                    .col("mode")
                    .col("standing"),
            )
            .foreign_key(
                ForeignKey::create()
                    .name("frozen_tally_freeze_fk")
                    .from("frozen_tally", "freeze_id")
                    .to("round_freeze", "id"),
            )
            .take();
        manager.create_table(clustered(manager, &mut frozen)).await?;
        // Numbered 1, 2, 3, … over all rounds; never changed, never deleted. `bundle` is what the hash is of.
        manager
            .create_table(
                Table::create()
                    .table("publication")
                    .col(ColumnDef::new("number").integer().not_null().primary_key())
                    .col(int("round_id"))
                    .col(int("freeze_id"))
                    .col(big("published_at"))
                    .col(text("published_by"))
                    // What is hidden, by stream, as JSON: decided once, at this publication.
                    .col(text("pattern"))
                    .col(text("bundle"))
                    .col(bytes("hash"))
                    // The hash of the publication before; zeros for the first.
                    .col(bytes("previous"))
                    .col(bytes("key"))
                    .col(bytes("signature"))
                    // The publication that this one takes the place of, and why.
                    .col(nullable(int("corrects")))
                    .col(nullable(text("reason")))
                    .foreign_key(
                        ForeignKey::create()
                            .name("publication_round_fk")
                            .from("publication", "round_id")
                            .to("round", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("publication_freeze_fk")
                            .from("publication", "freeze_id")
                            .to("round_freeze", "id"),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["publication", "frozen_tally", "round_freeze"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
