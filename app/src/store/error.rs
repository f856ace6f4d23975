//! What can go wrong in the store, as the callers must tell it apart.

/// An error of the store. Causes are for the log; what a user is told hangs on the variant alone.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of the writer is full, or it is shutting down: nothing was taken, try again. 503.
    #[error("the write queue is full")]
    Busy,
    /// The database cannot be reached or cannot write (disk full, connection lost): nothing was acknowledged. 503.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The schema is older or newer than this program. Exit 2.
    #[error("the database schema does not fit this program: {0}")]
    Schema(String),
    /// The request cannot be carried out as given. Exit 2.
    #[error("{0}")]
    Refused(String),
    /// What is stored contradicts itself; a defect. 500.
    #[error("inconsistent data: {0}")]
    Inconsistent(String),
    /// Anything else the database says. 500.
    #[error(transparent)]
    Database(sea_orm::DbErr),
}

impl StoreError {
    /// The same error for one more of the requests that waited for one load.
    pub(super) fn repeated(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            Self::Schema(why) => Self::Schema(why.clone()),
            Self::Refused(why) => Self::Refused(why.clone()),
            Self::Inconsistent(why) => Self::Inconsistent(why.clone()),
            // The cause is for the log alone; callers do not tell these two apart.
            Self::Database(error) => Self::Inconsistent(error.to_string()),
        }
    }
}

/// How a failing statement is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Another transaction was in the way: the same again may go through.
    Contention,
    /// Nothing can be written now.
    Outage,
    /// Something about the data.
    Data,
}

/// Sorts an error of the driver by its SQLSTATE (PostgreSQL) or result code (SQLite).
pub(crate) fn trouble(error: &sea_orm::DbErr) -> Trouble {
    use sea_orm::{DbErr, RuntimeErr, SqlxError};
    let (DbErr::Exec(RuntimeErr::SqlxError(e))
    | DbErr::Query(RuntimeErr::SqlxError(e))
    | DbErr::Conn(RuntimeErr::SqlxError(e))) = error
    else {
        return if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
            Trouble::Outage
        } else {
            Trouble::Data
        };
    };
    match &**e {
        SqlxError::Database(e) => match e.code().as_deref() {
            // serialization failure, deadlock, lock not available; SQLITE_BUSY, SQLITE_LOCKED and their extensions.
            Some("40001" | "40P01" | "55P03" | "5" | "6" | "261" | "517" | "773" | "262") => Trouble::Contention,
            // SQLSTATE classes: connection, insufficient resources, operator intervention, system error, read only.
            Some(code) if code.len() == 5 && ["08", "53", "57", "58", "25"].contains(&&code[..2]) => Trouble::Outage,
            // SQLITE_READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: primary code is the low byte.
            Some(code) => match code.parse::<u32>() {
                Ok(code) if [8, 10, 11, 13, 14, 26].contains(&(code & 255)) => Trouble::Outage,
                _ => Trouble::Data,
            },
            None => Trouble::Data,
        },
        SqlxError::Io(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed
        | SqlxError::Tls(_) => Trouble::Outage,
        _ => Trouble::Data,
    }
}

impl From<sea_orm::DbErr> for StoreError {
    fn from(error: sea_orm::DbErr) -> Self {
        match trouble(&error) {
            Trouble::Outage => Self::Unavailable(error.to_string()),
            Trouble::Contention => Self::Busy,
            Trouble::Data => Self::Database(error),
        }
    }
}
