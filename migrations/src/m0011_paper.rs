//! Paper forms: batches, forms with their codes, and what was keyed of each, once or twice.

use sea_orm_migration::prelude::*;

use crate::columns::{big, int, nullable, small, text};

/// Creates the tables of paper forms.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0011_paper"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A pile of printed forms of one agency.
        manager
            .create_table(
                Table::create()
                    .table("paper_batch")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(int("round_id"))
                    .col(int("agency_id"))
                    // Position of the field in the round's list.
                    .col(nullable(small("field")))
                    .col(small("stream"))
                    // Language of the printed form: 0 Vietnamese, 1 English.
                    .col(small("lang"))
                    // 10: a drawn tenth is keyed twice; 100: all.
                    .col(small("again"))
                    // What the tenth was drawn by.
                    .col(big("seed"))
                    // "key@version" of the questionnaire that was printed.
                    .col(text("questionnaire"))
                    // The day that was last said for a form; offered for the next.
                    .col(nullable(int("collected_day")))
                    .col(text("made_by"))
                    .col(big("made_at"))
                    .to_owned(),
            )
            .await?;
        // One printed form. Its code decides the id of its response, so that it can never count twice.
        manager
            .create_table(
                Table::create()
                    .table("paper_form")
                    .col(ColumnDef::new("code").text().not_null().primary_key())
                    .col(int("batch_id"))
                    // From 1, as printed.
                    .col(small("number"))
                    // 1: keyed twice.
                    .col(small("twice"))
                    // What counts, as JSON; none while a pass or a decision is missing.
                    .col(nullable(text("settled")))
                    // Number on the drawn list, until the response is stored; erased with the links of the round.
                    .col(nullable(int("unit")))
                    .col(nullable(text("settled_by")))
                    .col(nullable(big("settled_at")))
                    // 1: its response is stored. The comment then stands in `comment` alone.
                    .col(small("responded"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("paper_form_batch_key")
                    .table("paper_form")
                    .col("batch_id")
                    .col("number")
                    .unique()
                    .to_owned(),
            )
            .await?;
        // What was keyed of a form: pass 1, and pass 2 by somebody else.
        manager
            .create_table(
                Table::create()
                    .table("paper_pass")
                    .col(text("code"))
                    .col(small("pass"))
                    .col(int("account_id"))
                    .col(text("login"))
                    .col(big("keyed_at"))
                    // JSON: values by code, comment, day.
                    .col(text("keyed"))
                    // Number on the drawn list, likewise.
                    .col(nullable(int("unit")))
                    // JSON: what stood there before each correction, in order.
                    .col(nullable(text("former")))
                    .primary_key(Index::create().col("code").col("pass"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["paper_pass", "paper_form", "paper_batch"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
