//! What people answered, and the counts of it.

use sea_orm_migration::prelude::*;

use crate::clustered;
use crate::columns::{big, bytes, int, nullable, small, text};

/// Creates the response tables.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_responses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row a response. The key is `id` alone, made by the client, so that a resend is found whatever its desk
        // now says. No foreign keys here: the ids come from rows that the process has just read, and each key would
        // cost a look-up per insert. No index on a random value either: inserts would fall to a fifth.
        let mut response = Table::create()
            .table("response")
            .col(ColumnDef::new("id").uuid().not_null().primary_key())
            // A number per response, from blocks of `serial_state`; the receipt is a keyed permutation of it.
            .col(big("serial"))
            .col(int("round_id"))
            .col(int("agency_id"))
            .col(int("stratum_id"))
            .col(nullable(int("desk_id")))
            .col(nullable(int("device_id")))
            .col(nullable(small("field")))
            .col(small("stream"))
            .col(small("standing"))
            .col(small("mode"))
            .col(small("lang"))
            // Bits: same phone, honeypot, fast, early, late, clock, burst.
            .col(small("marks"))
            // 0: only the tap is there, the form may follow; 1: the form was sent.
            .col(small("phase"))
            // The local day (UTC+7) that decides the month.
            .col(int("local_day"))
            .col(nullable(big("started_at")))
            .col(nullable(big("finished_at")))
            .col(big("received_at"))
            // All answers as one compact value; the questionnaire version of the round says how to read it.
            .col(bytes("sheet"))
            .take();
        manager.create_table(clustered(manager, &mut response)).await?;
        manager
            .create_index(
                Index::create()
                    .name("response_round_agency_idx")
                    .table("response")
                    .col("round_id")
                    .col("agency_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        // Comments apart: few responses have one, and few people may read them.
        let mut comment = Table::create()
            .table("comment")
            .col(ColumnDef::new("response_id").uuid().not_null().primary_key())
            .col(text("body"))
            .take();
        manager.create_table(clustered(manager, &mut comment)).await?;
        // What one commit of the writer changes in the tallies; emptied by the fold.
        manager
            .create_table(
                Table::create()
                    .table("delta")
                    .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
                    .col(bytes("changes"))
                    .to_owned(),
            )
            .await?;
        // One row: the version of the tallies, when they were last folded, and the lock that folds take.
        manager
            .create_table(
                Table::create()
                    .table("fold_state")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(big("version"))
                    .col(big("folded_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .execute(
                Query::insert()
                    .into_table("fold_state")
                    .columns(["id", "version", "folded_at"])
                    .values_panic([1.into(), 0_i64.into(), 0_i64.into()])
                    .to_owned(),
            )
            .await?;
        // One row: the next serial number that no process has reserved.
        manager
            .create_table(
                Table::create()
                    .table("serial_state")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(big("next"))
                    .to_owned(),
            )
            .await?;
        manager
            .execute(
                Query::insert()
                    .into_table("serial_state")
                    .columns(["id", "next"])
                    .values_panic([1.into(), 1_i64.into()])
                    .to_owned(),
            )
            .await?;
        // The main tally: counts and moments of one cell, packed.
        let mut tally = Table::create()
            .table("tally")
            .col(int("round_id"))
            .col(int("agency_id"))
            .col(int("stratum_id"))
            .col(small("stream"))
            .col(small("mode"))
            .col(small("standing"))
            .col(bytes("counts"))
            .primary_key(
                Index::create()
                    .col("round_id")
                    .col("agency_id")
                    .col("stratum_id")
                    .col("stream")
                    .col("mode")
                    .col("standing"),
            )
            .take();
        manager.create_table(clustered(manager, &mut tally)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["tally", "serial_state", "fold_state", "delta", "comment", "response"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
