//! Whom a sample names, sealed under one key for each round: a file beside the secret key, deleted when the round's contact
//! data are erased, so that no older backup of the database can be read either.
//!
//! The key is never in the database and never derived from another. Every sealed value is bound to its place.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::keys::{KEY_BYTES, KeyError, Keys, mac};
use super::seal::Seal;
use crate::domain::field_work::Contact;
use crate::domain::ids::RoundId;
use crate::domain::staff_log::Who;
use crate::store::{Store, StoreError};

/// Where the contact keys are.
#[derive(Clone, Debug)]
pub struct ContactKeys {
    folder: PathBuf,
}

/// The key of one round.
#[derive(Debug)]
pub struct ContactKey {
    seal: Seal,
    prints: [u8; KEY_BYTES],
}

impl ContactKeys {
    /// In the folder of the secret key.
    pub fn beside(secret_key: &Path) -> Self {
        let folder = secret_key.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self { folder: folder.unwrap_or(Path::new(".")).to_owned() }
    }

    fn path(&self, round: RoundId) -> PathBuf {
        self.folder.join(format!("contact-{}.key", round.0))
    }

    /// The key of a round, which must be there.
    ///
    /// # Errors
    /// [`KeyError`]; missing after the purge, or where a backup was restored without it.
    pub fn load(&self, round: RoundId) -> Result<ContactKey, KeyError> {
        Keys::load(&self.path(round)).map(|keys| ContactKey::new(&keys))
    }

    /// The key of a round for a list that is handed in: made with the first list, never again.
    ///
    /// # Errors
    /// [`KeyError`]; missing where there are lists and the key is gone.
    pub async fn for_upload(&self, store: &Store, round: RoundId) -> Result<Result<ContactKey, KeyError>, StoreError> {
        if store.has_frames(round).await? {
            return Ok(self.load(round));
        }
        Ok(Keys::load_or_create(&self.path(round)).map(|keys| ContactKey::new(&keys)))
    }

    /// Deletes the key of a round. What it sealed is noise from then on, wherever it was copied.
    ///
    /// # Errors
    /// What the file system says; a key that is not there is no error.
    pub fn erase(&self, round: RoundId) -> io::Result<()> {
        match fs::remove_file(self.path(round)) {
            Ok(()) => File::open(&self.folder)?.sync_all(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Erases contact data and links of a round, then its key. Says whether it was done now.
    ///
    /// # Errors
    /// The store's, and where the key cannot be deleted.
    pub async fn purge(&self, store: &Store, who: &Who, round: RoundId) -> Result<bool, StoreError> {
        let now = store.purge_contacts(who, round).await?;
        self.erase(round)
            .map_err(|error| StoreError::Unavailable(format!("contact key of round {}: {error}", round.0)))?;
        Ok(now)
    }

    /// Rounds with lists: how many have their key, and which have not, by code and with the reason. A key that opens
    /// nothing of its round is another one.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_lists(&self, store: &Store) -> Result<(usize, Vec<String>), StoreError> {
        let purged = store.purged_rounds().await?;
        let (mut kept, mut wrong) = (0, vec![]);
        for context in store.rounds().await?.iter() {
            let round = &context.round;
            if purged.contains(&round.id) || !store.has_frames(round.id).await? {
                continue;
            }
            let key = match self.load(round.id) {
                Ok(key) => key,
                Err(error) => {
                    wrong.push(format!("{}: {error}", round.code));
                    continue;
                }
            };
            let sample = store.one_sealed_contact(round.id).await?;
            if sample.is_some_and(|(unit, sealed)| key.open_unit(unit, &sealed).is_none()) {
                wrong.push(format!("{}: {}: another key", round.code, self.path(round.id).display()));
            } else {
                kept += 1;
            }
        }
        Ok((kept, wrong))
    }

    /// What is due: rounds that closed long enough ago are purged, and what an earlier purge left (it was cut off, another
    /// process wrote meanwhile) goes too. At the start and hourly.
    ///
    /// # Errors
    /// The store's, and where a key cannot be deleted.
    pub async fn purge_due(&self, store: &Store) -> Result<(), StoreError> {
        let now = store.clock().now_ms();
        let purged = store.purged_rounds().await?;
        for context in store.rounds().await?.iter() {
            let (id, round) = (context.round.id, &context.round);
            let due = round.closes_at.is_some_and(|at| now - at >= crate::domain::limits::CONTACTS_MS);
            if purged.contains(&id) || (due && store.has_frames(id).await?) {
                self.purge(store, &Who::command("hailong"), id).await?;
            }
        }
        store.sweep_frames().await
    }
}

impl ContactKey {
    fn new(keys: &Keys) -> Self {
        Self { seal: Seal::new(keys, "contacts"), prints: keys.derive("fingerprints") }
    }

    /// A piece of a file. None where the system gives no random bytes.
    pub fn seal_part(&self, frame: i32, seq: i32, piece: &[u8]) -> Option<Vec<u8>> {
        self.seal.seal(piece, &format!("part {frame} {seq}"))
    }

    /// The piece again.
    pub fn open_part(&self, frame: i32, seq: i32, sealed: &[u8]) -> Option<Vec<u8>> {
        self.seal.open(sealed, &format!("part {frame} {seq}"))
    }

    /// Somebody in a frame.
    pub fn seal_in_frame(&self, frame: i32, pos: u32, contact: &Contact) -> Option<Vec<u8>> {
        self.seal.seal(&serde_json::to_vec(contact).ok()?, &format!("frame {frame} {pos}"))
    }

    /// The same again.
    pub fn open_in_frame(&self, frame: i32, pos: u32, sealed: &[u8]) -> Option<Contact> {
        serde_json::from_slice(&self.seal.open(sealed, &format!("frame {frame} {pos}"))?).ok()
    }

    /// Whom a sample unit names.
    pub fn seal_unit(&self, unit: Uuid, contact: &Contact) -> Option<Vec<u8>> {
        self.seal.seal(&serde_json::to_vec(contact).ok()?, &format!("unit {unit}"))
    }

    /// The same again: for who has an assignment or the right to print the list.
    pub fn open_unit(&self, unit: Uuid, sealed: &[u8]) -> Option<Contact> {
        serde_json::from_slice(&self.seal.open(sealed, &format!("unit {unit}"))?).ok()
    }

    /// A keyed number of an identity: says whether two are the same, and nothing else.
    pub fn fingerprint(&self, words: &str) -> [u8; 32] {
        mac(&self.prints, words.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use testkit::Folder;

    const ROUND: RoundId = RoundId(7);

    fn contact() -> Contact {
        Contact {
            name: "Nguyễn Văn An".into(),
            address: "ấp 1".into(),
            phone: "0912345678".into(),
            note: String::new(),
        }
    }

    fn made(keys: &ContactKeys) -> ContactKey {
        Keys::load_or_create(&keys.path(ROUND)).map(|keys| ContactKey::new(&keys)).expect("made")
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_alone_and_never_without_the_key() {
        let folder = Folder::new("contacts-place");
        let keys = ContactKeys::beside(&folder.path().join("hailong.key"));
        assert!(matches!(keys.load(ROUND), Err(KeyError::Missing(_))));
        let key = made(&keys);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = key.seal_unit(one, &contact()).expect("sealed");
        assert_eq!(key.open_unit(other, &sealed), None);
        assert_eq!(key.open_in_frame(1, 1, &sealed), None);
        assert_eq!(keys.load(ROUND).expect("kept").open_unit(one, &sealed), Some(contact()));
        let mode = fs::metadata(keys.path(ROUND)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        keys.erase(ROUND).expect("erased");
        keys.erase(ROUND).expect("and again");
        assert!(matches!(keys.load(ROUND), Err(KeyError::Missing(_))));
        assert_eq!(made(&keys).open_unit(one, &sealed), None, "a new key opens nothing old");
    }
}
