//! The lock of a profile: a PIN of six digits, and the key behind it that seals contact data, the token and drafts.
//!
//! Finished answers are not behind it: they are sealed to the server ([`super::seal`]), so a forgotten PIN loses none
//! of them. Six digits are few; what protects the contacts is that ten wrong ones erase them. Chance comes in as bytes.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::Hmac;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::seal::letters;

/// Digits of a PIN.
pub const PIN_DIGITS: usize = 6;
/// Wrong PINs in a row after which contact data is erased from the device.
pub const TRIES: u32 = 10;
/// After that, one more try at most this often, in milliseconds: a million PINs would take a year.
pub const TRY_PAUSE_MS: i64 = 30_000;
/// Rounds of PBKDF2: half a second on a small tablet. Each lock says its own, so that it can grow.
pub const ROUNDS: u32 = 150_000;
const NONCE_BYTES: usize = 24;

/// The key of one profile on one device.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Key")
    }
}

impl Key {
    /// A key of 32 bytes of good chance.
    pub fn new(chance: [u8; 32]) -> Self {
        Self(chance)
    }

    /// Seals `plain`, so that it opens only as what it is (`belongs_to`). `nonce` is good chance, used once. The text is
    /// letters that any store takes.
    pub fn seal(&self, plain: &[u8], belongs_to: &str, nonce: [u8; NONCE_BYTES]) -> Option<String> {
        let payload = Payload { msg: plain, aad: belongs_to.as_bytes() };
        let sealed = XChaCha20Poly1305::new(&self.0.into()).encrypt(&XNonce::from(nonce), payload).ok()?;
        let mut all = nonce.to_vec();
        all.extend(sealed);
        Some(letters(&all))
    }

    /// Opens what was sealed; none where it was changed, or is something else.
    pub fn open(&self, sealed: &str, belongs_to: &str) -> Option<Vec<u8>> {
        let all = from_letters(sealed)?;
        let (nonce, sealed) = all.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: belongs_to.as_bytes() };
        XChaCha20Poly1305::new(&self.0.into()).decrypt(&XNonce::from(*nonce), payload).ok()
    }
}

/// The key, locked by a PIN; or, at a kiosk, which nobody could unlock in the morning, the key itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// Opened by a PIN.
    Pin {
        /// Salt of PBKDF2, as letters.
        salt: String,
        /// Its rounds.
        rounds: u32,
        /// The key, sealed.
        wrapped: String,
        /// Wrong PINs since the last right one.
        tries: u32,
        /// When the last wrong one was, by the device's clock.
        last_try: i64,
    },
    /// No PIN: a kiosk holds no contact data.
    Open {
        /// The key, as letters.
        key: String,
    },
}

/// Why a PIN did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Not this one; so many may follow before contact data is erased.
    Again {
        /// Tries left.
        left: u32,
    },
    /// That was the tenth: contact data must be erased now. The PIN still opens what else there is.
    Erase,
    /// Too soon after the last one; milliseconds to wait.
    Wait(i64),
}

/// Whether a text is a PIN that may be chosen: six digits, not all alike, not a plain run up or down.
pub fn is_good_pin(pin: &str) -> bool {
    let digits: Vec<i32> = pin.chars().filter_map(|c| c.to_digit(10)).map(|d| d as i32).collect();
    if digits.len() != PIN_DIGITS || pin.chars().count() != PIN_DIGITS {
        return false;
    }
    [0, 1, -1].iter().all(|step| digits.windows(2).any(|pair| matches!(pair, [a, b] if b - a != *step)))
}

impl Lock {
    /// Locks `key` with a PIN. `salt` and `nonce` are good chance.
    pub fn with_pin(pin: &str, key: &Key, salt: [u8; 16], nonce: [u8; NONCE_BYTES]) -> Option<Self> {
        let wrapped = stretch(pin, &salt, ROUNDS)?.seal(&key.0, "lock", nonce)?;
        Some(Self::Pin { salt: letters(&salt), rounds: ROUNDS, wrapped, tries: 0, last_try: 0 })
    }

    /// A lock that is open.
    pub fn open(key: &Key) -> Self {
        Self::Open { key: letters(&key.0) }
    }

    /// Whether a PIN is asked for.
    pub fn has_pin(&self) -> bool {
        matches!(self, Self::Pin { .. })
    }

    /// Tries a PIN and counts: the lock must be written to the device before the answer is shown, or a killed browser
    /// would give tries for nothing.
    ///
    /// # Errors
    /// What to do instead of opening.
    pub fn unlock(&mut self, pin: &str, now: i64) -> Result<Key, Wrong> {
        match self {
            Self::Open { key } => from_letters(key)
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
                .map(Key)
                .ok_or(Wrong::Again { left: 0 }),
            Self::Pin { salt, rounds, wrapped, tries, last_try } => {
                // A clock that was set back must not lock for a year.
                let since = now.saturating_sub(*last_try);
                if *tries >= TRIES && (0..TRY_PAUSE_MS).contains(&since) {
                    return Err(Wrong::Wait(TRY_PAUSE_MS - since));
                }
                let opened = from_letters(salt)
                    .and_then(|salt| stretch(pin, &salt, *rounds))
                    .and_then(|outer| outer.open(wrapped, "lock"))
                    .and_then(|key| <[u8; 32]>::try_from(key).ok());
                if let Some(key) = opened {
                    *tries = 0;
                    return Ok(Key(key));
                }
                *tries = tries.saturating_add(1);
                *last_try = now;
                Err(if *tries < TRIES { Wrong::Again { left: TRIES - *tries } } else { Wrong::Erase })
            }
        }
    }
}

/// PBKDF2-HMAC-SHA256 (RFC 8018).
fn stretch(pin: &str, salt: &[u8], rounds: u32) -> Option<Key> {
    let mut key = [0; 32];
    pbkdf2::pbkdf2::<Hmac<Sha256>>(pin.as_bytes(), salt, rounds, &mut key).ok()?;
    Some(Key(key))
}

/// The bytes of [`letters`].
pub fn from_letters(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    (held < 6 && bits == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PIN: &str = "270419";

    fn lock() -> (Lock, Key) {
        let key = Key::new([3; 32]);
        let Lock::Pin { salt, tries, last_try, .. } = Lock::with_pin(PIN, &key, [9; 16], [1; 24]).expect("locked")
        else {
            panic!("a PIN was given")
        };
        // Few rounds: the tests are about what is counted.
        let outer = stretch(PIN, &from_letters(&salt).expect("letters"), 2).expect("stretched");
        let wrapped = outer.seal(&key.0, "lock", [1; 24]).expect("sealed");
        (Lock::Pin { salt, rounds: 2, wrapped, tries, last_try }, key)
    }

    #[test]
    fn ten_wrong_pins_erase_contacts_once_and_the_right_one_still_opens() {
        let (mut lock, key) = lock();
        for n in 1..TRIES {
            assert_eq!(lock.unlock("000000", i64::from(n)), Err(Wrong::Again { left: TRIES - n }));
        }
        assert_eq!(lock.unlock("000000", 10), Err(Wrong::Erase));
        assert_eq!(lock.unlock(PIN, 10_010), Err(Wrong::Wait(TRY_PAUSE_MS - 10_000)));
        assert_eq!(lock.unlock(PIN, 10 + TRY_PAUSE_MS), Ok(key));
        // A right one begins the count anew.
        assert_eq!(lock.unlock("000000", 0), Err(Wrong::Again { left: TRIES - 1 }));
    }

    #[test]
    fn a_clock_set_back_does_not_keep_the_owner_out() {
        let (mut lock, key) = lock();
        for _ in 0..TRIES {
            let _ = lock.unlock("000000", 1_000_000_000);
        }
        assert_eq!(lock.unlock(PIN, 0), Ok(key));
    }

    #[test]
    fn the_count_survives_the_disk() {
        let (mut lock, _) = lock();
        let _ = lock.unlock("1", 5);
        let text = serde_json::to_string(&lock).expect("written");
        assert!(!text.contains(PIN));
        let mut again: Lock = serde_json::from_str(&text).expect("read");
        assert_eq!(again.unlock("2", 6), Err(Wrong::Again { left: TRIES - 2 }));
    }

    #[test]
    fn what_is_sealed_opens_only_as_what_it_is() {
        let key = Key::new([3; 32]);
        let sealed = key.seal("Nguyễn Văn A".as_bytes(), "contacts", [5; 24]).expect("sealed");
        assert_eq!(key.open(&sealed, "token"), None);
        assert_eq!(Key::new([4; 32]).open(&sealed, "contacts"), None);
        assert_eq!(key.open(&sealed[1..], "contacts"), None);
        assert_eq!(key.open(&sealed, "contacts").as_deref(), Some("Nguyễn Văn A".as_bytes()));
    }

    #[test]
    fn pins_that_everybody_tries_first_are_refused() {
        for pin in ["000000", "123456", "654321", "12345", "1234567", "12345a", "", "１２３４５６"] {
            assert!(!is_good_pin(pin), "{pin}");
        }
        assert!(is_good_pin(PIN) && is_good_pin("001122"));
    }

    #[test]
    fn a_kiosk_opens_by_itself() {
        let key = Key::new([3; 32]);
        let mut lock = Lock::open(&key);
        assert!(!lock.has_pin());
        assert_eq!(lock.unlock("", 0), Ok(key));
    }

    proptest! {
        #[test]
        fn letters_come_back_as_the_bytes_they_were(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(from_letters(&letters(&bytes)), Some(bytes));
        }
    }
}
