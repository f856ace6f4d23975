//! Connections: one writer and a few readers on SQLite, one pool on PostgreSQL.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr};

use super::error::StoreError;

/// Readers on SQLite. Pages read cached tallies; a few connections serve recount, exports and cache misses.
const SQLITE_READERS: u32 = 4;
/// Connections of one process on PostgreSQL: writer, fold, and readers.
const POSTGRES_CONNECTIONS: u32 = 10;
/// Rows that SQLite's thread may be ahead of who reads them: with the 50 of the driver, a recount of all responses spends
/// a third of its time on the two waking each other.
const READ_AHEAD_ROWS: usize = 1024;
/// Kibibytes of page cache: the writer meets the whole index, a reader little.
const WRITER_CACHE_KIB: i64 = 8192;
const READER_CACHE_KIB: i64 = 2048;

/// Prepared statements that a connection keeps: one for each size of a small batch, with and without comments, and
/// those of the fold and the pages.
const STATEMENTS: usize = 2 * super::hot::MOST + 64;

/// The ways into the database. On PostgreSQL `writer` and `reader` are the same pool.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pub(super) writer: DatabaseConnection,
    pub(super) reader: DatabaseConnection,
    /// One connection that only the writer task uses: its statements stay prepared there, and a transaction of one
    /// statement can be rolled back without meeting anybody.
    pub(super) hot: DatabaseConnection,
}

impl Connections {
    /// Connects; makes the SQLite file and its folder if they are absent.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool =
                Database::connect(postgres(url, POSTGRES_CONNECTIONS)).await.map_err(|e| cannot_open(url, &e))?;
            let hot = Database::connect(postgres(url, 1)).await.map_err(|e| cannot_open(url, &e))?;
            Ok(Self { writer: pool.clone(), reader: pool, hot })
        } else {
            Err(StoreError::Refused("DATABASE_URL: it must begin with sqlite:// or postgres://".to_owned()))
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let path = sqlite_path(url);
        if let Some(folder) = std::path::Path::new(path).parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|e| StoreError::Unavailable(format!("cannot make the folder {}: {e}", folder.display())))?;
        }
        let writer = Database::connect(sqlite(url, true)).await.map_err(|e| cannot_open(url, &e))?;
        // A write that changes nothing: tells now, not at the first response, that the file is read-only.
        writer.execute_unprepared("PRAGMA user_version = 1").await.map_err(|e| cannot_open(url, &e))?;
        let reader = Database::connect(sqlite(url, false)).await.map_err(|e| cannot_open(url, &e))?;
        let hot = Database::connect(sqlite(url, true)).await.map_err(|e| cannot_open(url, &e))?;
        Ok(Self { writer, reader, hot })
    }

    /// Which of the two databases.
    pub(super) fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }
}

/// The file of a SQLite address.
pub fn sqlite_path(url: &str) -> &str {
    let path = url.trim_start_matches("sqlite:");
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().unwrap_or(path)
}

fn cannot_open(url: &str, error: &DbErr) -> StoreError {
    // A PostgreSQL address may hold a password: only what stands behind the @ is said.
    let place = url.rsplit('@').next().unwrap_or(url);
    StoreError::Unavailable(format!("cannot open {place}: {error}"))
}

fn sqlite(url: &str, writer: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(if writer { 1 } else { SQLITE_READERS })
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |o| {
            let cache = if writer { WRITER_CACHE_KIB } else { READER_CACHE_KIB };
            let o = o
                .create_if_missing(writer)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(STATEMENTS)
                .pragma("journal_mode", "WAL")
                // Acknowledged means on the disk.
                .pragma("synchronous", "FULL")
                .pragma("mmap_size", "0")
                .pragma("cache_size", (-cache).to_string())
                .pragma("journal_size_limit", (64 * 1024 * 1024).to_string())
                .pragma("temp_store", "MEMORY")
                .row_buffer_size(READ_AHEAD_ROWS);
            if writer { o.optimize_on_close(true, None) } else { o.pragma("query_only", "ON") }
        });
    options
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(connections)
        .min_connections(connections.min(2))
        .connect_timeout(Duration::from_secs(5))
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .set_application_name("hailong")
        .map_sqlx_postgres_opts(|o| o.statement_cache_capacity(STATEMENTS));
    options
}
