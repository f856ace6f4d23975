//! The one-way tallies: what was counted by month, desk, field, mode, language and each fact about the respondent.

use sea_orm_migration::prelude::*;

use crate::clustered;
use crate::columns::{bytes, int, small};

/// Creates the tables of the one-way tallies.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_breakdown"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One row a value of a dimension in one stratum and stream: the valid responses with that value, packed like
        // the main tally. The key begins with what a page asks for, so that a look reads some ten rows. What the
        // numbers in `dimension` and `value` mean stands in the program; they are never reused.
        let mut breakdown = Table::create()
            .table("breakdown")
            .col(int("round_id"))
            .col(int("agency_id"))
            .col(small("stream"))
            .col(small("dimension"))
            .col(int("stratum_id"))
            .col(int("value"))
            .col(bytes("counts"))
            .primary_key(
                Index::create()
                    .col("round_id")
                    .col("agency_id")
                    .col("stream")
                    .col("dimension")
                    .col("stratum_id")
                    .col("value"),
            )
            .take();
        manager.create_table(clustered(manager, &mut breakdown)).await?;
        // What the fold of the main tallies passes on, gathered by agency, so that the slower fold meets the rows of
        // one agency together; emptied by it.
        manager
            .create_table(
                Table::create()
                    .table("breakdown_delta")
                    .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
                    .col(int("round_id"))
                    .col(int("agency_id"))
                    .col(bytes("changes"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("breakdown_delta_agency_idx")
                    .table("breakdown_delta")
                    .col("round_id")
                    .col("agency_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        // The second row: version, time and lock of the slower fold. Responses that are there already are counted by
        // the program when it next opens the database.
        manager
            .execute(
                Query::insert()
                    .into_table("fold_state")
                    .columns(["id", "version", "folded_at"])
                    .values_panic([2.into(), 0_i64.into(), 0_i64.into()])
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["breakdown_delta", "breakdown"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        // Whoever comes up again counts again.
        let built = Query::delete().from_table("meta").and_where(Expr::col("key").eq("one-way-tallies")).to_owned();
        manager.execute(built).await?;
        let state = Query::delete().from_table("fold_state").and_where(Expr::col("id").eq(2)).to_owned();
        manager.execute(state).await
    }
}
