//! The secret key: one file of 32 random bytes, from which every other key is derived.
//!
//! The file holds 64 hexadecimal digits and a line end, readable by its owner alone. It is never in
//! the database and never in a backup; the database keeps only [`Keys::fingerprint`], so that a server
//! with another key is told apart at its start. May know the file system and nothing else.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::hex::{from_hex, hex};

/// Bytes of the secret key, and of every key derived from it.
pub const KEY_BYTES: usize = 32;

/// What can be wrong with the secret key file. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no file at the path, and none was to be made.
    #[error(
        "secret key: {0}: no such file (give SECRET_KEY_FILE, or make one: openssl rand -hex 32 > FILE; chmod 600 FILE)"
    )]
    Missing(PathBuf),
    /// The file cannot be made: the folder is absent or not writable.
    #[error("secret key: {path}: cannot be made: {source}")]
    Create {
        /// The file that was to be made.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there and cannot be read.
    #[error("secret key: {path}: cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read or write the file.
    #[error("secret key: {path}: mode {mode:04o} lets others in; run: chmod 600 {path}")]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The content is not 64 hexadecimal digits.
    #[error("secret key: {0}: must hold 64 hexadecimal digits, as `openssl rand -hex 32` prints them")]
    Malformed(PathBuf),
    /// The system gave no random bytes.
    #[error("secret key: the system gave no random bytes")]
    Random,
}

/// The secret key. Printing it for debugging shows the fingerprint only.
#[derive(Clone)]
pub struct Keys {
    secret: [u8; KEY_BYTES],
}

impl fmt::Debug for Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Keys({})", self.fingerprint())
    }
}

impl Keys {
    /// A key from bytes at hand; for tests and for keys that do not live in a file.
    pub fn from_bytes(secret: [u8; KEY_BYTES]) -> Self {
        Self { secret }
    }

    /// Reads the key at `path`.
    ///
    /// Errors: [`KeyError::Missing`], [`KeyError::Permissions`], [`KeyError::Malformed`], [`KeyError::Read`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
            _ => KeyError::Read { path: path.to_owned(), source },
        };
        let file = File::open(path).map_err(failed)?;
        refuse_open_doors(path, &file.metadata().map_err(failed)?)?;
        // One byte more than the longest good file (64 digits, CR, LF) is enough to see that it is too long.
        let mut text = String::new();
        file.take(2 * KEY_BYTES as u64 + 3).read_to_string(&mut text).map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => KeyError::Malformed(path.to_owned()),
            _ => failed(source),
        })?;
        let secret = from_hex(text.trim_end()).ok_or_else(|| KeyError::Malformed(path.to_owned()))?;
        Ok(Self { secret })
    }

    /// Reads the key at `path`, and makes it first where there is none.
    ///
    /// The new file appears whole or not at all, and of two processes that make it at once one wins
    /// and both read the winner's: it is written beside its place and linked there, which never replaces a file.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match Self::load(path) {
            Err(KeyError::Missing(_)) => {
                create(path)?;
                Self::load(path)
            }
            other => other,
        }
    }

    /// The key for one purpose: HMAC-SHA256 of `label` under the secret key. Labels in use:
    /// `receipt`, `resume-tokens` and `resume-tokens/nonces` (how far a phone has come at a desk), `cookies`,
    /// `desk-budget`, `fingerprint`, `second-factor`, `staff-browsers`, `staff-notes`,
    /// `exports` (the order of microdata), `comments` (the order of comments in a batch), `publications` (the seed of the
    /// Ed25519 key), `field-enrolment`, `field-receipts`, `sealing/<code of a round>` (what tablets seal to).
    pub fn derive(&self, label: &str) -> [u8; KEY_BYTES] {
        mac(&self.secret, label.as_bytes())
    }

    /// What the database may know of the key: 32 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        hex(&self.derive("fingerprint")[..16])
    }
}

/// HMAC-SHA256 of `message` under `key`.
pub fn mac(key: &[u8; KEY_BYTES], message: &[u8]) -> [u8; KEY_BYTES] {
    // A key shorter than the block of SHA-256 is padded with zeros (RFC 2104); done here, nothing can fail.
    let mut block = [0; 64];
    block[..KEY_BYTES].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn create(path: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::Create { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;

    let mut random = [0; KEY_BYTES + 8];
    getrandom::fill(&mut random).map_err(|_| KeyError::Random)?;
    let (secret, salt) = random.split_at(KEY_BYTES);
    let beside = folder.join(format!(".secret-{}.new", hex(salt)));

    let written = write_private(&beside, format!("{}\n", hex(secret)).as_bytes())
        .and_then(|()| fs::hard_link(&beside, path))
        .and_then(|()| File::open(folder)?.sync_all());
    // Whether it was linked or not, the name beside it has served; the cause that matters is the one above.
    let removed = fs::remove_file(&beside);
    match written {
        // Another process was faster: its key is the key.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(()) => removed.map_err(failed),
    }
}

/// Writes a new file that its owner alone can read, down to the disk; refuses an existing one.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_open_doors(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyError> {
    /// The bits of everybody but the owner.
    const OTHERS: u32 = 0o077;
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
    if mode & OTHERS == 0 { Ok(()) } else { Err(KeyError::Permissions { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open_doors(_: &Path, _: &fs::Metadata) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// An own folder per test, gone when the test is.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let name = format!("hailong-keys-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(&path).expect("a folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn write(path: &Path, content: &str, mode: u32) {
        fs::write(path, content).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode set");
    }

    #[test]
    fn the_first_command_makes_a_key_and_the_second_reads_the_same() {
        let folder = Folder::new();
        let path = folder.0.join("deeper/hailong.key");
        let first = Keys::load_or_create(&path).expect("made");
        let second = Keys::load_or_create(&path).expect("read");
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        // Nothing is left lying beside it.
        assert_eq!(fs::read_dir(path.parent().expect("folder")).expect("listed").count(), 1);
    }

    #[test]
    fn of_many_that_make_it_at_once_one_wins_and_all_agree() {
        let folder = Folder::new();
        let path = folder.0.join("hailong.key");
        let prints: Vec<String> = std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..8).map(|_| scope.spawn(|| Keys::load_or_create(&path).expect("a key").fingerprint())).collect();
            all.into_iter().map(|one| one.join().expect("joined")).collect()
        });
        assert!(prints.iter().all(|print| *print == prints[0]), "{prints:?}");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        let folder = Folder::new();
        let path = folder.0.join("k");
        write(&path, &format!("{}\n", "ab".repeat(32)), 0o640);
        let error = Keys::load(&path).expect_err("refused").to_string();
        assert!(error.contains("0640") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_key_of_the_wrong_length_or_alphabet_is_refused() {
        let folder = Folder::new();
        let path = folder.0.join("k");
        for content in ["", "ab", &"ab".repeat(31), &"ab".repeat(33), &"xy".repeat(32), "\u{ff}é"] {
            write(&path, content, 0o600);
            assert!(matches!(Keys::load(&path), Err(KeyError::Malformed(_))), "{content:?}");
        }
    }

    #[test]
    fn a_missing_key_is_not_made_by_reading() {
        let folder = Folder::new();
        let path = folder.0.join("k");
        assert!(matches!(Keys::load(&path), Err(KeyError::Missing(_))));
        assert!(!path.exists());
    }

    #[test]
    fn each_purpose_has_its_own_key_and_debug_shows_none() {
        let keys = Keys::from_bytes([7; KEY_BYTES]);
        assert_ne!(keys.derive("receipts"), keys.derive("tokens"));
        assert_eq!(keys.fingerprint().len(), 32);
        assert!(!format!("{keys:?}").contains(&hex(&[7; KEY_BYTES])));
    }

    #[test]
    fn the_mac_is_hmac_sha256() {
        // RFC 4231 has no 32-byte key; this value was computed with `openssl dgst -sha256 -mac HMAC`.
        let known = "198a607eb44bfbc69903a0f1cf2bbdc5";
        assert_eq!(hex(&mac(&[0x0b; KEY_BYTES], b"Hi There")[..16]), known);
    }
}
