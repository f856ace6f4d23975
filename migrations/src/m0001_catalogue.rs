//! What is measured, by what, and where: agencies, questionnaire versions, rounds, strata, desks, devices.

use sea_orm_migration::prelude::*;

use crate::columns::{big, bytes, int, nullable, small, text};

/// Creates the catalogue tables.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0001_catalogue"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Facts about this database: the fingerprint of its secret key, whether all it holds is sample data.
        manager
            .create_table(
                Table::create()
                    .table("meta")
                    .col(ColumnDef::new("key").text().not_null().primary_key())
                    .col(text("value"))
                    .to_owned(),
            )
            .await?;
        // Dated records: a code or name may come back for another area, `id` never does.
        manager
            .create_table(
                Table::create()
                    .table("agency")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(text("code"))
                    .col(text("name"))
                    .col(text("kind"))
                    .col(small("level"))
                    .col(nullable(int("parent_id")))
                    .col(int("valid_from"))
                    .col(nullable(int("valid_to")))
                    .foreign_key(
                        ForeignKey::create().name("agency_parent_fk").from("agency", "parent_id").to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("agency_code_from_key")
                    .table("agency")
                    .col("code")
                    .col("valid_from")
                    .unique()
                    .to_owned(),
            )
            .await?;
        // Other codes of an agency: GSO, both kinds of mã định danh.
        manager
            .create_table(
                Table::create()
                    .table("agency_alias")
                    .col(int("agency_id"))
                    .col(text("alias"))
                    .primary_key(Index::create().col("agency_id").col("alias"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("agency_alias_agency_fk")
                            .from("agency_alias", "agency_id")
                            .to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // Which records took over the area of which: a merger has many rows, so has a split.
        manager
            .create_table(
                Table::create()
                    .table("agency_successor")
                    .col(int("agency_id"))
                    .col(int("successor_id"))
                    .primary_key(Index::create().col("agency_id").col("successor_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("agency_successor_agency_fk")
                            .from("agency_successor", "agency_id")
                            .to("agency", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("agency_successor_successor_fk")
                            .from("agency_successor", "successor_id")
                            .to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        // The questionnaire and method versions that rounds use, as they were when first used: a later change of the
        // file with the same version is refused against this copy. `kind` is 'questionnaire' or 'method'.
        manager
            .create_table(
                Table::create()
                    .table("catalogue_version")
                    .col(text("kind"))
                    .col(text("key"))
                    .col(small("version"))
                    .col(text("content"))
                    .primary_key(Index::create().col("kind").col("key").col("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("round")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(text("code"))
                    .col(text("name_vi"))
                    .col(text("name_en"))
                    .col(text("questionnaire_key"))
                    .col(small("questionnaire_version"))
                    .col(text("method_key"))
                    .col(small("method_version"))
                    .col(int("period_from"))
                    .col(int("period_to"))
                    .col(nullable(big("opens_at")))
                    .col(nullable(big("closes_at")))
                    // Fields (lĩnh vực) as JSON, in the order that responses refer to by position.
                    .col(text("fields"))
                    // Moving figures move in steps of this many new responses.
                    .col(int("step"))
                    .col(ColumnDef::new("sample_data").boolean().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("round_code_key").table("round").col("code").unique().to_owned())
            .await?;
        // `id` counts from 1 over all rounds; 0 and -1 are reserved words of the domain (outside, unknown).
        manager
            .create_table(
                Table::create()
                    .table("stratum")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(int("round_id"))
                    .col(int("agency_id"))
                    .col(nullable(small("field")))
                    // N: dossiers returned in the frame period; null while not known.
                    .col(nullable(big("population")))
                    .foreign_key(
                        ForeignKey::create().name("stratum_round_fk").from("stratum", "round_id").to("round", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create().name("stratum_agency_fk").from("stratum", "agency_id").to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("stratum_round_agency_idx")
                    .table("stratum")
                    .col("round_id")
                    .col("agency_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("desk")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(text("code"))
                    .col(int("round_id"))
                    .col(int("agency_id"))
                    .col(text("name"))
                    .foreign_key(ForeignKey::create().name("desk_round_fk").from("desk", "round_id").to("round", "id"))
                    .foreign_key(
                        ForeignKey::create().name("desk_agency_fk").from("desk", "agency_id").to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("desk_code_key").table("desk").col("code").unique().to_owned())
            .await?;
        // Tablets and kiosks. The token itself is shown once; only its SHA-256 is kept. The stream comes from here.
        manager
            .create_table(
                Table::create()
                    .table("device")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(text("name"))
                    .col(int("agency_id"))
                    .col(small("stream"))
                    .col(bytes("token_hash"))
                    .col(big("created_at"))
                    .col(nullable(big("revoked_at")))
                    .foreign_key(
                        ForeignKey::create().name("device_agency_fk").from("device", "agency_id").to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("device_token_hash_key").table("device").col("token_hash").unique().to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "device",
            "desk",
            "stratum",
            "round",
            "catalogue_version",
            "agency_successor",
            "agency_alias",
            "agency",
            "meta",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
