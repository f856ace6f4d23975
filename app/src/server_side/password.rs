//! Passwords of staff: hashed with argon2id, a few at a time, and made up for who has none yet.
//!
//! A hash is kept as `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH` (PHC string format, base64 without padding), so that
//! the parameters can grow and old hashes still read.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::Semaphore;

use crate::domain::password::normal;
use crate::server_side::keys::mac;

/// Memory of one hash, in KiB (OWASP: 19 MiB with two passes and one lane).
pub const MEMORY_KIB: u32 = 19_456;
/// Passes over it.
pub const PASSES: u32 = 2;
/// Lanes.
pub const LANES: u32 = 1;
/// Bytes of salt and of hash.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Hashes at once: their memory is all that signing in ever takes, 38 MiB.
const AT_ONCE: usize = 2;
/// Hashes waiting; more is answered with "busy". At 30 ms each the last one waits half a second.
const WAITING: usize = 32;
/// Most memory that a stored hash may ask for, in KiB: a changed row must not fill the machine.
const MEMORY_KIB_MAX: u32 = 8 * MEMORY_KIB;

/// Too many people sign in at once; or the system gave no memory or no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Not this password.
    Wrong,
    /// This one.
    Right,
    /// This one, hashed with older parameters: hash it again.
    RightButOld,
}

/// Hashes passwords, a few at a time, away from the threads that answer.
#[derive(Debug)]
pub struct Hasher {
    at_once: Semaphore,
    waiting: Semaphore,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { at_once: Semaphore::new(AT_ONCE), waiting: Semaphore::new(AT_ONCE + WAITING) }
    }
}

impl Hasher {
    /// The hash of a password, with a new salt.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &str) -> Result<String, Busy> {
        let password = normal(password);
        self.away(move || hash_now(&password)).await?.ok_or(Busy)
    }

    /// Whether a password is the one of a stored hash. Where there is none, takes as long as if there were one, and
    /// says no.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn check(&self, password: &str, stored: Option<&str>) -> Result<Check, Busy> {
        let password = normal(password);
        let stored = stored.map(str::to_owned);
        self.away(move || {
            if let Some(stored) = stored.as_deref().and_then(Stored::read) {
                stored.check(&password)
            } else {
                // The answer is no whatever comes out.
                let _ = digest(&password, &[0; SALT_BYTES], MEMORY_KIB, PASSES, LANES);
                Some(Check::Wrong)
            }
        })
        .await?
        .ok_or(Busy)
    }

    async fn away<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _waiting = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _turn = self.at_once.acquire().await.map_err(|_| Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Busy)
    }
}

/// As [`Hasher::hash`], here and now; for commands. None where the system gives no memory or no random bytes.
pub fn hash_now(password: &str) -> Option<String> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).ok()?;
    let hash = digest(&normal(password), &salt, MEMORY_KIB, PASSES, LANES)?;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    Some(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

fn digest(password: &str, salt: &[u8], memory: u32, passes: u32, lanes: u32) -> Option<[u8; HASH_BYTES]> {
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES)).ok()?;
    let mut out = [0; HASH_BYTES];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(password.as_bytes(), salt, &mut out).ok()?;
    Some(out)
}

/// A stored hash, read.
struct Stored {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("$argon2id$v=19$")?;
        let mut parts = rest.split('$');
        let (parameters, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let mut numbers = parameters.split(',');
        let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse().ok();
        let (memory, passes, lanes) = (number("m=")?, number("t=")?, number("p=")?);
        let decode = |text: &str| STANDARD_NO_PAD.decode(text).ok();
        (memory <= MEMORY_KIB_MAX).then_some(Self { memory, passes, lanes, salt: decode(salt)?, hash: decode(hash)? })
    }

    fn check(&self, password: &str) -> Option<Check> {
        let hash = digest(password, &self.salt, self.memory, self.passes, self.lanes)?;
        // Compared through a keyed hash under a fresh key, so that the time tells nothing.
        let mut key = [0; 32];
        getrandom::fill(&mut key).ok()?;
        Some(match mac(&key, &hash) == mac(&key, &self.hash) {
            false => Check::Wrong,
            true if (self.memory, self.passes, self.lanes) == (MEMORY_KIB, PASSES, LANES) => Check::Right,
            true => Check::RightButOld,
        })
    }
}

/// Letters and figures that nobody confuses, read from paper or over the telephone.
const ALPHABET: &[u8; 16] = b"bcdfghkmnprtwx79";

/// A one-time password: five groups of four, 80 bits, which argon2id makes far more than enough.
///
/// # Errors
/// The system gave no random bytes.
pub fn one_time() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes)?;
    let groups: Vec<String> = bytes.chunks(4).map(|group| group.iter().map(|byte| letter(*byte)).collect()).collect();
    Ok(groups.join("-"))
}

fn letter(byte: u8) -> char {
    ALPHABET.get(usize::from(byte % 16)).map_or('b', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wrong_password_an_unknown_hash_and_none_are_all_refused() {
        let hasher = Hasher::default();
        let hash = hasher.hash("sông hậu nước lớn").await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        for stored in [Some(hash.as_str()), Some("nonsense"), Some("$argon2id$v=19$m=9999999,t=2,p=1$AAAA$AAAA"), None]
        {
            assert_eq!(hasher.check("sông hậu nước ròng", stored).await, Ok(Check::Wrong), "{stored:?}");
        }
        assert_eq!(hasher.check("so\u{302}ng hậu nước lớn", Some(&hash)).await, Ok(Check::Right));
    }

    #[test]
    fn a_hash_with_older_parameters_still_opens_and_says_so() {
        let salt = [3; SALT_BYTES];
        let hash = digest("cũ", &salt, 8_192, 1, 1).expect("hashed");
        let text =
            format!("$argon2id$v=19$m=8192,t=1,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
        assert_eq!(Stored::read(&text).and_then(|stored| stored.check("cũ")), Some(Check::RightButOld));
    }

    #[test]
    fn a_one_time_password_would_pass_as_a_password_and_is_never_made_twice() {
        let (one, other) = (one_time().expect("random"), one_time().expect("random"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 24);
        assert_eq!(crate::domain::password::check(&one, "lan"), Ok(()));
    }
}
