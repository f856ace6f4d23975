//! SQLite files as files: copying one while it is used, looking into one without changing it, telling whether one is in use.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use crate::failure::Failure;

/// A name beside `file` that says what the new file is and when it was made (UTC).
pub(super) fn beside(file: &Path, what: &str, now_ms: i64) -> PathBuf {
    let at = DateTime::from_timestamp_millis(now_ms).unwrap_or_default().format("%Y%m%d-%H%M%S");
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{what}-{at}"));
    file.with_file_name(name)
}

/// Copies the database `from`, as of one instant and beside a running server, into the new file `to`; the copy is
/// checked before it gets its name, and only its owner can read it.
///
/// # Errors
/// [`Failure::Usage`] when `to` exists; [`Failure::System`] for the rest.
pub(super) async fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    refuse_existing(to)?;
    let part = part_of(to);
    let made = make_copy(from, &part).await;
    let done = match made {
        // Linking never replaces a file that appeared meanwhile.
        Ok(()) => fs::hard_link(&part, to).map_err(|error| cannot_write(to, &error)).and_then(|()| sync_folder(to)),
        Err(failure) => Err(failure),
    };
    // Nothing half-made is left behind; the first cause is the one to tell.
    let removed = fs::remove_file(&part);
    done.and_then(|()| removed.map_err(|error| cannot_write(&part, &error)))
}

async fn make_copy(from: &Path, part: &Path) -> Result<(), Failure> {
    // VACUUM INTO takes a file that is there and empty, so it can be private from the start.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)
        .map_err(|error| cannot_write(part, &error))?;
    let db = connect(&format!("sqlite://{}?mode=rw", from.display())).await.map_err(|error| database(from, &error))?;
    let sql = format!("VACUUM INTO '{}'", quoted(part)?);
    let vacuumed = db.execute_unprepared(&sql).await;
    // The connection is closed either way; what went wrong before is what matters.
    let _ = db.close().await;
    vacuumed.map_err(|error| database(from, &error))?;
    File::open(part).and_then(|file| file.sync_all()).map_err(|error| cannot_write(part, &error))?;
    let copy = look_into(part).await?;
    match faults(&copy, part).await?.as_slice() {
        [] => Ok(()),
        [first, ..] => Err(Failure::System(format!("{}: the copy is damaged: {first}", part.display()))),
    }
}

/// Puts a checked copy of `from` in the place of `to`, which must be free.
///
/// # Errors
/// [`Failure::System`].
pub(super) fn put(from: &Path, to: &Path) -> Result<(), Failure> {
    let part = part_of(to);
    let failed = |error: &io::Error| cannot_write(to, error);
    let mut source = File::open(from).map_err(|error| Failure::System(format!("{}: {error}", from.display())))?;
    let mut target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)
        .map_err(|error| cannot_write(&part, &error))?;
    let written = io::copy(&mut source, &mut target)
        .and_then(|_| target.sync_all())
        .and_then(|()| fs::hard_link(&part, to))
        .map_err(|error| failed(&error))
        .and_then(|()| sync_folder(to));
    let removed = fs::remove_file(&part).map_err(|error| failed(&error));
    written.and(removed)
}

/// How every SQLite file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Opens a file for looking: nothing of it or beside it changes, so it must not be in use.
///
/// # Errors
/// [`Failure::Usage`] when it is absent or no SQLite database.
pub(super) async fn look_into(file: &Path) -> Result<DatabaseConnection, Failure> {
    if !file.is_file() {
        return Err(Failure::Usage(format!("{}: no such file", file.display())));
    }
    // A file that begins like one and cannot be read is damaged, which is another thing to be told.
    let mut head = [0; MAGIC.len()];
    let begins = File::open(file).and_then(|mut opened| io::Read::read_exact(&mut opened, &mut head));
    if begins.is_err() || head != *MAGIC {
        return Err(Failure::Usage(format!("{}: not a SQLite database", file.display())));
    }
    let address = format!("sqlite://{}?mode=ro&immutable=1", file.display());
    let db = connect(&address).await.map_err(|error| database(file, &error))?;
    db.execute_unprepared("SELECT COUNT(*) FROM sqlite_schema").await.map_err(|error| database(file, &error))?;
    Ok(db)
}

/// What `integrity_check` finds wrong; nothing in a whole file.
///
/// # Errors
/// [`Failure::System`] when it cannot be carried out.
pub(super) async fn faults(db: &DatabaseConnection, file: &Path) -> Result<Vec<String>, Failure> {
    let rows = lines(db, "PRAGMA integrity_check").await.map_err(|error| database(file, &error))?;
    Ok(rows.into_iter().filter(|line| line != "ok").collect())
}

/// The first column of every row of a query, as text.
pub(super) async fn lines(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql.to_owned())).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Takes a database out of use: everything of its log goes into the file, which then is whole by itself.
///
/// # Errors
/// [`Failure::Usage`] when another program has it open: leaving the mode of the write-ahead log takes sole possession.
pub(super) async fn retire(file: &Path) -> Result<(), Failure> {
    let db = connect(&format!("sqlite://{}?mode=rw", file.display())).await.map_err(|error| database(file, &error))?;
    let mode = lines(&db, "PRAGMA journal_mode = DELETE").await;
    let closed = db.close().await;
    match mode {
        Ok(mode) if mode.iter().any(|mode| mode == "delete") => closed.map_err(|error| database(file, &error)),
        _ => Err(Failure::Usage(format!("{}: in use by a running server; stop it first", file.display()))),
    }
}

/// Takes the name of its epoch from a database that was restored; the next start makes another.
///
/// # Errors
/// [`Failure::System`].
pub(super) async fn forget_epoch(file: &Path) -> Result<(), Failure> {
    let db = connect(&format!("sqlite://{}?mode=rw", file.display())).await.map_err(|error| database(file, &error))?;
    let done = db.execute_unprepared("DELETE FROM meta WHERE key = 'epoch'").await;
    let closed = db.close().await;
    done.map_err(|error| database(file, &error))?;
    closed.map_err(|error| database(file, &error))
}

/// Refuses a path where something is already.
///
/// # Errors
/// [`Failure::Usage`].
pub(super) fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() {
        return Err(Failure::Usage(format!(
            "{}: exists already and is not replaced; choose another name",
            path.display()
        )));
    }
    Ok(())
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    to.with_file_name(name)
}

/// A path inside an SQL string.
fn quoted(path: &Path) -> Result<String, Failure> {
    let text = path.to_str().ok_or_else(|| Failure::Usage(format!("{}: the name is not UTF-8", path.display())))?;
    Ok(text.replace('\'', "''"))
}

fn sync_folder(file: &Path) -> Result<(), Failure> {
    let folder = super::open::folder_of(file);
    File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|error| cannot_write(&folder, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::System(format!("{}: cannot be written: {error}", path.display()))
}

fn database(path: &Path, error: &DbErr) -> Failure {
    Failure::System(format!("{}: {error}", path.display()))
}
