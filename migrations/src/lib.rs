//! The schema of Hài Lòng, narrated and frozen: portable over SQLite and PostgreSQL.
//!
//! A migration that has been released never changes; it imports nothing of the application. Table names are
//! singular. Times are milliseconds since 1970 UTC (`…_at`), days are days since 1970-01-01 (`…_day`, `valid_…`),
//! both as integers, so that no engine-specific date function is ever needed.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m0001_catalogue;
mod m0002_responses;
mod m0003_staff;
mod m0004_breakdown;
mod m0005_publication;
mod m0006_comments;
mod m0007_trust;
mod m0009_sampling;
mod m0010_field;
mod m0011_paper;
mod m0012_quality;
mod m0013_bursts;
mod m0014_void;
mod m0016_outcomes;
mod m0018_receipt;

/// Runs the migrations in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_catalogue::Migration),
            Box::new(m0002_responses::Migration),
            Box::new(m0003_staff::Migration),
            Box::new(m0004_breakdown::Migration),
            Box::new(m0005_publication::Migration),
            Box::new(m0006_comments::Migration),
            Box::new(m0007_trust::Migration),
            Box::new(m0009_sampling::Migration),
            Box::new(m0010_field::Migration),
            Box::new(m0011_paper::Migration),
            Box::new(m0012_quality::Migration),
            Box::new(m0013_bursts::Migration),
            Box::new(m0014_void::Migration),
            Box::new(m0016_outcomes::Migration),
            Box::new(m0018_receipt::Migration),
        ]
    }
}

/// Column shorthands, so that a table reads like its description.
mod columns {
    use sea_orm_migration::prelude::*;

    /// `integer not null`.
    pub(crate) fn int(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).integer().not_null().take()
    }

    /// `smallint not null`.
    pub(crate) fn small(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).small_integer().not_null().take()
    }

    /// `bigint not null`.
    pub(crate) fn big(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).big_integer().not_null().take()
    }

    /// `text not null`.
    pub(crate) fn text(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).text().not_null().take()
    }

    /// `bytea not null`.
    pub(crate) fn bytes(name: &'static str) -> ColumnDef {
        ColumnDef::new(name).blob().not_null().take()
    }

    /// The same column, nullable.
    pub(crate) fn nullable(mut column: ColumnDef) -> ColumnDef {
        column.null().take()
    }
}

/// On SQLite a table whose primary key is its only way in is stored by that key, without a second tree.
fn clustered(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) -> TableCreateStatement {
    if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table.take()
}
