//! Who works here: accounts, their sessions, and the log of what they did.

use sea_orm_migration::prelude::*;

use crate::columns::{big, bytes, int, nullable, small, text};

/// Creates the tables of staff.
#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_staff"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // An account is never deleted: the log names it for ever. `login` is folded (NFC, lower case).
        manager
            .create_table(
                Table::create()
                    .table("account")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(text("login"))
                    .col(text("name"))
                    .col(small("role"))
                    .col(nullable(int("agency_id")))
                    // Argon2id with its parameters, as text.
                    .col(text("password_hash"))
                    .col(big("password_at"))
                    // The password was made by another person: it opens nothing but the page that changes it.
                    .col(ColumnDef::new("must_change").boolean().not_null())
                    // Sealed under a key derived from the secret key; null before the second factor is set up.
                    .col(nullable(bytes("totp_secret")))
                    // The last time step whose code was taken: no code is taken twice.
                    .col(big("totp_step"))
                    .col(big("created_at"))
                    .col(nullable(big("disabled_at")))
                    .foreign_key(
                        ForeignKey::create().name("account_agency_fk").from("account", "agency_id").to("agency", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("account_login_key").table("account").col("login").unique().to_owned())
            .await?;
        // The browser holds a random token, this table its SHA-256 alone.
        manager
            .create_table(
                Table::create()
                    .table("session")
                    .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
                    .col(bytes("token_hash"))
                    .col(int("account_id"))
                    // Whether the second factor was given in it.
                    .col(ColumnDef::new("verified").boolean().not_null())
                    .col(big("created_at"))
                    .col(big("seen_at"))
                    // What the browser calls itself, shortened: so that its owner knows it in the list.
                    .col(text("agent"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("session_account_fk")
                            .from("session", "account_id")
                            .to("account", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("session_token_hash_key").table("session").col("token_hash").unique().to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("session_account_idx").table("session").col("account_id").to_owned())
            .await?;
        // Append-only. One chain a process; `hash` covers the row and `previous`. No foreign key to `account`: the log
        // must be writable whatever happens to the other tables.
        manager
            .create_table(
                Table::create()
                    .table("staff_log")
                    .col(text("chain"))
                    .col(big("seq"))
                    .col(big("at"))
                    .col(nullable(int("account_id")))
                    .col(text("account_name"))
                    .col(text("act"))
                    .col(text("object"))
                    .col(text("detail"))
                    .col(bytes("previous"))
                    .col(bytes("hash"))
                    .primary_key(Index::create().col("chain").col("seq"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("staff_log_at_idx")
                    .table("staff_log")
                    .col("at")
                    .col("chain")
                    .col("seq")
                    .to_owned(),
            )
            .await?;
        // Where each chain ends, and how far other chains have anchored it. Entries cut off at the end show here.
        manager
            .create_table(
                Table::create()
                    .table("staff_log_head")
                    .col(ColumnDef::new("chain").text().not_null().primary_key())
                    .col(big("seq"))
                    .col(bytes("hash"))
                    .col(big("anchored_seq"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["staff_log_head", "staff_log", "session", "account"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
