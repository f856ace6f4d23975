//! Opening the database of the settings: connected, its schema brought up or checked, its key the right one.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use app::server_side::clock::Clock;
use app::server_side::contacts::ContactKeys;
use app::server_side::keys::Keys;
use app::store::Store;
use migrations::{Migrator, MigratorTrait};
use sea_orm::DbBackend;

use super::sqlite;
use crate::config::Settings;
use crate::failure::Failure;

/// Under this name the database keeps the fingerprint of its secret key.
const FINGERPRINT: &str = "key-fingerprint";

/// The folder of a file, which may be the current one.
pub fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Connects; a SQLite file is made if absent, and its owner alone can read it: SQLite gives the log beside it the same
/// mode.
///
/// # Errors
/// What the database says, in one line.
pub async fn store(settings: &Settings, clock: &Clock) -> Result<Store, Failure> {
    if let Some(file) = settings.sqlite_file() {
        let made = fs::create_dir_all(folder_of(file))
            .and_then(|()| OpenOptions::new().write(true).create_new(true).mode(0o600).open(file));
        match made {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && file.exists() => {}
            Err(error) => {
                return Err(Failure::System(format!("DATABASE_URL: {}: cannot be made: {error}", file.display())));
            }
        }
    }
    Ok(Store::open(&settings.database_url, clock.clone()).await?)
}

/// Connects to a database that must be there with the schema of this program; nothing is made or changed. For
/// commands that run beside a server.
///
/// # Errors
/// [`Failure::Usage`] when the file is absent or the schema is stale.
pub async fn existing(settings: &Settings, clock: &Clock) -> Result<Store, Failure> {
    if let Some(file) = settings.sqlite_file().filter(|file| !file.exists()) {
        let file = file.display();
        return Err(Failure::Usage(format!(
            "DATABASE_URL: {file}: no such database; `hailong demo` or `hailong serve` makes it"
        )));
    }
    let store = store(settings, clock).await?;
    refuse_stale(&store).await?;
    Ok(store)
}

/// Connects with the schema brought up on SQLite; on PostgreSQL a stale one is refused, for several processes may share it.
///
/// # Errors
/// As [`store`], and [`Failure::Usage`] for a stale schema on PostgreSQL.
pub async fn ready(settings: &Settings, clock: &Clock) -> Result<Store, Failure> {
    let store = store(settings, clock).await?;
    if store.backend() == DbBackend::Sqlite {
        bring_up(settings, &store, clock).await?;
    } else {
        refuse_stale(&store).await?;
    }
    // Should the step before have been broken off between schema and counting.
    store.build_breakdowns().await?;
    Ok(store)
}

/// As [`ready`], with the secret key that belongs to the database.
///
/// # Errors
/// As [`ready`], and [`Failure::Usage`] for a key that is missing, open to others, or another one.
pub async fn with_key(settings: &Settings, clock: &Clock) -> Result<(Store, Keys), Failure> {
    let file = settings.key_file().ok_or_else(|| {
        let how = "openssl rand -hex 32 > FILE; chmod 600 FILE";
        Failure::Usage(format!(
            "SECRET_KEY_FILE: must be given on PostgreSQL, the same file on every machine; made by: {how}"
        ))
    })?;
    let store = ready(settings, clock).await?;
    let known = store.meta(FINGERPRINT).await?;
    // A database that knows its key is never given a new one in silence.
    let keys = if known.is_some() { Keys::load(&file)? } else { Keys::load_or_create(&file)? };
    let kept = store.meta_once(FINGERPRINT, &keys.fingerprint()).await?;
    if kept == keys.fingerprint() {
        Ok((store, keys))
    } else {
        let file = file.display();
        Err(Failure::Usage(format!("SECRET_KEY_FILE: {file} is another key than the one this database was made with")))
    }
}

/// Where the contact keys of the rounds are: beside the secret key.
///
/// # Errors
/// [`Failure::Usage`] on PostgreSQL without SECRET_KEY_FILE.
pub fn contact_keys(settings: &Settings) -> Result<ContactKeys, Failure> {
    let file = settings.key_file();
    let file = file.ok_or_else(|| Failure::Usage("SECRET_KEY_FILE: must be given on PostgreSQL".to_owned()))?;
    Ok(ContactKeys::beside(&file))
}

/// Whether the key at hand is the one of the database; none where the database knows none yet.
///
/// # Errors
/// What the database says.
pub async fn key_fits(store: &Store, keys: &Keys) -> Result<Option<bool>, Failure> {
    Ok(store.meta(FINGERPRINT).await?.map(|kept| kept == keys.fingerprint()))
}

/// Whether the database was made with a key; no where it cannot tell, for it has no schema yet.
pub async fn key_is_known(store: &Store) -> bool {
    matches!(store.meta(FINGERPRINT).await, Ok(Some(_)))
}

/// Brings the schema up, on SQLite after a backup when there is a schema already; says how many steps it took.
///
/// # Errors
/// What the database says.
pub async fn bring_up(settings: &Settings, store: &Store, clock: &Clock) -> Result<usize, Failure> {
    let pending = store.pending_migrations().await?;
    if pending.is_empty() {
        return Ok(0);
    }
    if let Some(file) = settings.sqlite_file()
        && pending.len() < Migrator::migrations().len()
    {
        let copy = sqlite::beside(file, "before-migration", clock.now_ms());
        sqlite::copy(file, &copy).await?;
        tracing::info!(backup = %copy.display(), "the database was copied before its schema is brought up");
    }
    store.migrate().await?;
    tracing::info!(steps = pending.len(), "the schema was brought up");
    Ok(pending.len())
}

async fn refuse_stale(store: &Store) -> Result<(), Failure> {
    match store.pending_migrations().await?.len() {
        0 => Ok(()),
        n => Err(Failure::Usage(format!(
            "the schema of the database is {n} steps behind this program; run: hailong migrate"
        ))),
    }
}
