//! All SQL, through sea-orm: one file per aggregate, entities private, one writer per process.
//!
//! May use the domain; knows nothing of pages. What leaves it are domain types. Surprising fact: the hot table has no
//! foreign keys and is written by one task only (`writer`), which answers after the commit.

mod account;
mod agencies;
mod answers;
mod breakdown;
mod cache;
mod city;
mod comment;
mod commit;
mod connect;
mod context;
mod contribution;
mod device;
mod entity;
mod error;
pub mod field;
mod fold;
mod frame;
mod freeze;
mod hot;
pub mod kiosk;
mod moving;
mod paper;
mod populations;
mod publication;
pub mod quality;
mod recount;
mod resume;
mod rounds;
mod rows;
mod sample;
mod sample_void;
mod serial;
mod session;
mod staff_log;
mod summary;
mod tallies;
mod unfinished;
mod writer;

use std::sync::{Arc, OnceLock};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait};

use crate::server_side::clock::Clock;
use connect::Connections;

pub use account::{Account, NewAccount};
pub use answers::AnswersRow;
pub use breakdown::OneWayCell;
pub use city::NewRound;
pub use comment::{Asked, Change, CommentPage, CommentRow, Kept, Said};
pub use connect::sqlite_path;
pub use context::{DeskContext, Device, RoundContext};
pub use error::StoreError;
pub use frame::{Frame, FrameCounts, FrameFault, FrameStanding, FrameUnit, NewFrame};
pub use freeze::{Freeze, FreezeFault, Frozen};
pub use moving::Held;
pub use paper::{
    KeyDone, KeyFault, KeyedForm, NewBatch, PaperBatch, PaperFault, PaperForm, PaperPass, PaperProgress,
    paper_response_id,
};
pub use populations::{PopulationChange, PopulationFault};
pub use publication::{NewPublication, Publication, PublishFault};
pub use recount::{Difference, Recount};
pub use rounds::{NewDesk, RoundFault, SAMPLE_DATA};
pub use sample::{NewSample, NewUnit, SampleFault, SampleList, SampleUnit};
pub use sample_void::{VoidFault, VoidedSample};
pub use session::{Session, SignedIn};
pub use staff_log::{LogFilter, LogPage, LogVerdict};
pub use summary::KeptSummary;
pub use tallies::{Cell, Tallies};
pub use unfinished::Unfinished;
pub use writer::{Outcome, Stored, WriterStats};

/// The store: a cheap handle, cloned freely.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connections: Connections,
    clock: Clock,
    caches: context::Caches,
    serials: serial::Serials,
    tallies: tallies::Mirror,
    log: staff_log::Chain,
    write_turn: tokio::sync::Mutex<()>,
    writer: OnceLock<writer::Handle>,
}

impl Store {
    /// Connects to the database at `url` (`sqlite://path` or `postgres://…`). Changes nothing in it yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it cannot be opened or written, [`StoreError::Refused`] for another scheme.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let connections = Connections::open(url).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                connections,
                clock,
                caches: context::Caches::default(),
                serials: serial::Serials::default(),
                tallies: tallies::Mirror::default(),
                log: staff_log::Chain::default(),
                write_turn: tokio::sync::Mutex::default(),
                writer: OnceLock::new(),
            }),
        })
    }

    /// Brings the schema up, and counts what a new part of it needs counted.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Migrator::up(self.writer_connection(), None).await?;
        self.build_breakdowns().await?;
        Ok(())
    }

    /// Takes the schema down again, everything in it included; for the tests of the migrations.
    pub async fn migrate_down(&self) -> Result<(), StoreError> {
        Migrator::down(self.writer_connection(), None).await.map_err(StoreError::from)
    }

    /// Names of the migrations that have not been applied, without changing anything.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let pending = Migrator::get_pending_migrations_read_only(self.reader()).await?;
        Ok(pending.iter().map(|m| m.name().to_owned()).collect())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.reader().execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// A fact about this database, for instance `key-fingerprint`.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = entity::meta::Entity::find_by_id(key.to_owned()).one(self.reader()).await?;
        Ok(row.map(|r| r.value))
    }

    /// Notes a fact about this database, once: an existing one stays as it is and is returned.
    pub async fn meta_once(&self, key: &str, value: &str) -> Result<String, StoreError> {
        let row =
            entity::meta::ActiveModel { key: sea_orm::Set(key.to_owned()), value: sea_orm::Set(value.to_owned()) };
        entity::meta::Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(self.writer_connection())
            .await?;
        self.meta(key).await?.ok_or_else(|| StoreError::Inconsistent(format!("meta {key} was not kept")))
    }

    /// Changes a fact about this database.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let values = vec![key.into(), value.into()];
        self.writer_connection().execute_raw(rows::statement(self.backend(), sql, values)).await?;
        Ok(())
    }

    /// Counts a fact about this database up by one, and says the new count. Two servers never get the same one.
    pub async fn count_meta(&self, key: &str) -> Result<i64, StoreError> {
        let tx = self.begin_write().await?;
        let sql = "INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO UPDATE \
                   SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)";
        tx.execute_raw(rows::statement(self.backend(), sql, vec![key.into()])).await?;
        let row = entity::meta::Entity::find_by_id(key.to_owned()).one(&tx).await?;
        tx.commit().await?;
        let count = row.and_then(|row| row.value.parse().ok());
        count.ok_or_else(|| StoreError::Inconsistent(format!("meta {key} is no count")))
    }

    /// SQLite or PostgreSQL.
    pub fn backend(&self) -> DbBackend {
        self.inner.connections.backend()
    }

    /// A connection for reading only, for the exports and checks of the server crate.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.inner.connections.reader
    }

    /// The connection that writes; on SQLite there is one, and who holds it holds up everybody.
    pub(crate) fn writer_connection(&self) -> &DatabaseConnection {
        &self.inner.connections.writer
    }

    /// The connection of the writer task alone, for statements that are a whole transaction.
    fn hot_connection(&self) -> &DatabaseConnection {
        &self.inner.connections.hot
    }

    /// The clock that the store was opened with.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    fn caches(&self) -> &context::Caches {
        &self.inner.caches
    }
}
