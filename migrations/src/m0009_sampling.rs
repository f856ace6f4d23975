//! Who is asked: the lists of transactions that agencies hand in, and the samples drawn from them.
//!
//! Names, addresses and telephone numbers stand in three columns only (`frame_part.sealed`, `frame_unit.contact`,
//! `sample_contact.sealed`), sealed under a key of the round that is not in the database.

use sea_orm_migration::prelude::*;

use crate::clustered;
use crate::columns::{big, bytes, int, nullable, small, text};

/// Creates the tables of frames and samples.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_sampling"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frames(manager).await?;
        samples(manager).await?;
        // Rounds whose contact data and links were erased; their key is gone, so no more can be taken in.
        manager
            .create_table(
                Table::create()
                    .table("contact_purge")
                    .col(ColumnDef::new("round_id").integer().not_null().primary_key())
                    .col(big("purged_at"))
                    .col(text("purged_by"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "contact_purge",
            "sample_link",
            "sample_contact",
            "sample_unit",
            "sample_stratum",
            "sample_list",
            "frame_unit",
            "frame_stratum",
            "frame_part",
            "frame",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

/// What agencies hand in.
async fn frames(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // One uploaded file. `standing`: 0 arriving (nothing of it counts yet), 1 uploaded, 2 drawn, 3 replaced by a later
    // one. The row stays for ever, with its counts; its people do not.
    manager
        .create_table(
            Table::create()
                .table("frame")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(int("round_id"))
                .col(int("agency_id"))
                .col(text("file_name"))
                // Of the file as it was sent.
                .col(bytes("sha256"))
                // Lines below the headings; dossiers taken; people and organisations after de-duplication.
                .col(int("lines"))
                .col(int("dossiers"))
                .col(int("people"))
                .col(int("bad_lines"))
                // Which column is what, as JSON.
                .col(text("mapping"))
                .col(text("uploaded_by"))
                .col(big("uploaded_at"))
                .col(small("standing"))
                // SHA-256 over the people in their order, by keyed fingerprints; null while arriving.
                .col(nullable(bytes("hash")))
                .foreign_key(ForeignKey::create().name("frame_round_fk").from("frame", "round_id").to("round", "id"))
                .foreign_key(ForeignKey::create().name("frame_agency_fk").from("frame", "agency_id").to("agency", "id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create().name("frame_round_agency_idx").table("frame").col("round_id").col("agency_id").to_owned(),
        )
        .await?;
    // The file itself between its arrival and the choice of its columns, sealed piece by piece; then erased.
    manager
        .create_table(
            Table::create()
                .table("frame_part")
                .col(int("frame_id"))
                .col(int("seq"))
                .col(bytes("sealed"))
                .primary_key(Index::create().col("frame_id").col("seq"))
                .to_owned(),
        )
        .await?;
    // How many dossiers (N) and people each stratum has; stays.
    manager
        .create_table(
            Table::create()
                .table("frame_stratum")
                .col(int("frame_id"))
                .col(int("stratum_id"))
                .col(int("dossiers"))
                .col(int("people"))
                .primary_key(Index::create().col("frame_id").col("stratum_id"))
                .to_owned(),
        )
        .await?;
    // One person or organisation of a frame that has not been drawn. The draw moves those drawn to `sample_unit` and
    // deletes all rows: who was not drawn is known to nobody afterwards.
    let mut unit = Table::create()
        .table("frame_unit")
        .col(int("frame_id"))
        // Order in the file, from 1.
        .col(int("pos"))
        .col(int("stratum_id"))
        .col(nullable(small("field")))
        .col(small("party"))
        // HMAC of the normalised identity, so that one person is one row.
        .col(bytes("fingerprint"))
        .col(bytes("contact"))
        .primary_key(Index::create().col("frame_id").col("pos"))
        .take();
    manager.create_table(clustered(manager, &mut unit)).await
}

/// What was drawn.
async fn samples(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // One draw. With the seed, the rule and the counts of `sample_stratum` anybody can repeat it.
    manager
        .create_table(
            Table::create()
                .table("sample_list")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(int("round_id"))
                .col(int("agency_id"))
                .col(int("frame_id"))
                // 1 systematic, 2 simple.
                .col(small("rule"))
                // 32 hexadecimal digits.
                .col(text("seed"))
                .col(bytes("frame_hash"))
                // Margin of error in parts of a thousand; null where n was set by hand.
                .col(nullable(small("margin")))
                .col(text("drawn_by"))
                .col(big("drawn_at"))
                // Version of the program.
                .col(text("program"))
                .foreign_key(
                    ForeignKey::create().name("sample_list_frame_fk").from("sample_list", "frame_id").to("frame", "id"),
                )
                .to_owned(),
        )
        .await?;
    // A sample is drawn once: drawing until one likes the list is no draw.
    manager
        .create_index(
            Index::create()
                .name("sample_list_round_agency_key")
                .table("sample_list")
                .col("round_id")
                .col("agency_id")
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("sample_stratum")
                .col(int("list_id"))
                .col(int("stratum_id"))
                .col(int("dossiers"))
                .col(int("people"))
                .col(int("n"))
                .col(int("reserve"))
                .primary_key(Index::create().col("list_id").col("stratum_id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("sample_unit")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(int("list_id"))
                .col(int("round_id"))
                .col(int("agency_id"))
                .col(int("stratum_id"))
                .col(nullable(small("field")))
                .col(small("party"))
                // Number on the printed list: the order of the walk, those held in reserve last.
                .col(int("number"))
                // Place among the people of its stratum in the order of the frame, from 1.
                .col(int("pos"))
                .col(ColumnDef::new("reserve").boolean().not_null())
                // How the last contact ended; null before the first.
                .col(nullable(small("outcome")))
                .col(small("attempts"))
                .col(nullable(ColumnDef::new("replaced_by").uuid().not_null().take()))
                .col(nullable(big("closed_at")))
                .foreign_key(
                    ForeignKey::create()
                        .name("sample_unit_list_fk")
                        .from("sample_unit", "list_id")
                        .to("sample_list", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("sample_unit_list_number_key")
                .table("sample_unit")
                .col("list_id")
                .col("number")
                .unique()
                .to_owned(),
        )
        .await?;
    manager
        .create_index(Index::create().name("sample_unit_round_idx").table("sample_unit").col("round_id").to_owned())
        .await?;
    // Whom to visit, sealed; erased with the key of the round.
    manager
        .create_table(
            Table::create()
                .table("sample_contact")
                .col(ColumnDef::new("unit_id").uuid().not_null().primary_key())
                .col(bytes("sealed"))
                .to_owned(),
        )
        .await?;
    // Which response is whose: one a unit. Erased together with the contact data.
    manager
        .create_table(
            Table::create()
                .table("sample_link")
                .col(ColumnDef::new("unit_id").uuid().not_null().primary_key())
                .col(ColumnDef::new("response_id").uuid().not_null())
                .to_owned(),
        )
        .await
}
