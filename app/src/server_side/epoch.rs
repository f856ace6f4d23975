//! The epoch of the database: a random name of its state, which changes when an earlier state is restored. Field devices
//! ask again for what they sent in another epoch, so a restore loses no interview that a device still has.
//!
//! `hailong restore` takes the old name away. Other ways of restoring (`pg_restore`, a file copied back by hand) are found
//! by a count: a running server counts up in the database, and keeps the highest count in a small file beside the secret
//! key. A database that is behind the file, or a file that is missing, makes a new epoch. One epoch too many costs each
//! device one question.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use crate::domain::hex::hex;
use crate::store::{Store, StoreError};

/// Under this name the database keeps its epoch.
const EPOCH: &str = "epoch";
/// Under this name the database keeps the count of beats.
const BEATS: &str = "epoch-beats";

/// The epoch of a database; made where there is none yet.
///
/// # Errors
/// The store's, and where the system gives no random bytes.
pub async fn current(store: &Store) -> Result<String, StoreError> {
    match store.meta(EPOCH).await? {
        Some(epoch) => Ok(epoch),
        None => store.meta_once(EPOCH, &fresh()?).await,
    }
}

fn fresh() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Unavailable("the system gave no random bytes".to_owned()))?;
    Ok(hex(&bytes))
}

/// The count of beats that this machine has seen.
#[derive(Debug)]
pub struct Beats {
    file: PathBuf,
    /// The highest; below zero before the first beat of this process.
    seen: AtomicI64,
}

impl Beats {
    /// The file of the count, beside the secret key.
    pub fn beside(secret_key: &Path) -> Self {
        let mut name = secret_key.file_name().unwrap_or_default().to_owned();
        name.push(".seen");
        Self { file: secret_key.with_file_name(name), seen: AtomicI64::new(-1) }
    }

    /// Counts up, and makes a new epoch where the database is behind what was seen. Whether one was made. At the start
    /// before anything is answered, then every [`crate::domain::limits::EPOCH_BEAT_MS`], and at the end.
    ///
    /// # Errors
    /// The store's, and [`StoreError::Unavailable`] where the file cannot be written; the epoch is right even then.
    pub async fn beat(&self, store: &Store) -> Result<bool, StoreError> {
        // Read first: what another process of this machine counts meanwhile is no sign of a restore.
        let (memory, file) = (self.seen.load(Ordering::Acquire), self.read());
        let seen = memory.max(file.unwrap_or(-1));
        let mut count = store.count_meta(BEATS).await?;
        // A database that has been counted, on a machine that has not seen it: it was moved here or restored.
        let moved = seen < 0 && count > 1;
        let behind = count <= seen || moved;
        if behind {
            count = count.max(seen + 1);
            store.set_meta(BEATS, &count.to_string()).await?;
            store.set_meta(EPOCH, &fresh()?).await?;
        } else {
            current(store).await?;
        }
        self.seen.fetch_max(count, Ordering::AcqRel);
        self.write(count)
            .map_err(|error| StoreError::Unavailable(format!("{}: cannot be written: {error}", self.file.display())))?;
        Ok(behind)
    }

    fn read(&self) -> Option<i64> {
        fs::read_to_string(&self.file).ok()?.trim().parse().ok()
    }

    /// Another name first, so that a full disk leaves the old count.
    fn write(&self, count: i64) -> io::Result<()> {
        let part = self.file.with_extension(format!("{}.part", std::process::id()));
        fs::write(&part, format!("{count}\n"))?;
        fs::rename(&part, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_side::clock::Clock;
    use testkit::{Folder, Postgres};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_database_that_is_behind_what_was_seen_begins_a_new_epoch() {
        let folder = Folder::new("epoch");
        for (n, url) in [folder.sqlite_url(), Postgres::shared().database_url("epoch")].into_iter().enumerate() {
            let store = Store::open(&url, Clock::fixed(0)).await.expect("opened");
            store.migrate().await.expect("migrated");
            let key = folder.path().join(format!("{n}.key"));
            let beat = async |beats: &Beats| beats.beat(&store).await.expect("counted");
            let beats = Beats::beside(&key);
            assert!(!beat(&beats).await, "a new database");
            let first = current(&store).await.expect("read");
            assert!(!beat(&beats).await && !beat(&Beats::beside(&key)).await, "running, and started again");
            assert_eq!(current(&store).await.expect("read"), first);

            // Put back by hand, to the same epoch and an earlier count: found at the start, and while it runs.
            store.set_meta(BEATS, "2").await.expect("put back");
            assert!(beat(&Beats::beside(&key)).await);
            let second = current(&store).await.expect("read");
            assert_ne!(second, first);
            assert!(!beat(&Beats::beside(&key)).await, "one restore is one epoch");
            let running = Beats::beside(&key);
            assert!(!beat(&running).await);
            store.set_meta(BEATS, "1").await.expect("put back");
            assert!(beat(&running).await);

            // Another machine, whose file is missing.
            assert!(beat(&Beats::beside(&folder.path().join(format!("other-{n}.key")))).await);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_that_cannot_be_written_is_told_and_the_epoch_stays() {
        let folder = Folder::new("epoch-file");
        let store = Store::open(&folder.sqlite_url(), Clock::fixed(0)).await.expect("opened");
        store.migrate().await.expect("migrated");
        let beats = Beats::beside(&folder.path().join("nowhere/hailong.key"));
        assert!(beats.beat(&store).await.is_err());
        let epoch = current(&store).await.expect("read");
        assert!(beats.beat(&store).await.is_err());
        assert_eq!(current(&store).await.expect("read"), epoch, "the memory of the process is enough while it runs");
    }
}
