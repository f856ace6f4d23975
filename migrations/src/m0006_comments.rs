//! Comments as staff read them: released in batches, labelled, assigned, answered.

use sea_orm_migration::prelude::*;

use crate::columns::{int, small, text};

/// Creates the tables of released comments.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_comments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row a comment that was released. What was written stays in `comment`; here is what is read.
        manager
            .create_table(
                Table::create()
                    .table("comment_item")
                    // A keyed number of the response, so that neither name nor order says when it came.
                    .col(ColumnDef::new("id").big_integer().not_null().primary_key())
                    // Never leaves the store: it is how the standing is known and the original found.
                    .col(ColumnDef::new("response_id").uuid().not_null())
                    .col(int("round_id"))
                    .col(int("agency_id"))
                    // The local day on which its batch was released, and the months of the answers in the batch
                    // (12 × year + month − 1). The day orders the batches; staff see the months alone.
                    .col(int("released_day"))
                    .col(int("first_month"))
                    .col(int("last_month"))
                    // 0: for its agency; 1 corruption, 2 harassment: for Sở Nội vụ and the inspectorate.
                    .col(small("sensitive"))
                    .col(ColumnDef::new("masked").boolean().not_null())
                    .col(text("body"))
                    // 0: none yet.
                    .col(small("theme"))
                    .col(text("assigned"))
                    // 1 new, 2 taken up, 3 resolved.
                    .col(small("progress"))
                    // What the public reads; empty while nothing was done.
                    .col(text("sentence"))
                    .to_owned(),
            )
            .await?;
        // A comment is released once, whatever two processes do.
        manager
            .create_index(
                Index::create()
                    .name("comment_item_response_key")
                    .table("comment_item")
                    .col("response_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("comment_item_agency_idx")
                    .table("comment_item")
                    .col("agency_id")
                    .col("released_day")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        // One row: the last local day for which everything that may be released was, and the lock of the release.
        manager
            .create_table(
                Table::create()
                    .table("comment_release")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(int("released_day"))
                    .to_owned(),
            )
            .await?;
        manager
            .execute(
                Query::insert()
                    .into_table("comment_release")
                    .columns(["id", "released_day"])
                    .values_panic([1.into(), 0.into()])
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["comment_release", "comment_item"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
