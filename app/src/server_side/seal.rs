//! Sealing small secrets: XChaCha20-Poly1305 under a key derived from the secret key, bound to what they belong to.
//!
//! A sealed value is a random nonce of 24 bytes, then the ciphertext with its tag.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, XChaCha20Poly1305, XNonce};

use super::keys::{KEY_BYTES, Keys, mac};

const NONCE_BYTES: usize = 24;
const SHORT_NONCE_BYTES: usize = 12;

/// Seals and opens for one purpose.
pub struct Seal {
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Seal")
    }
}

impl Seal {
    /// For one purpose; see [`Keys::derive`].
    pub fn new(keys: &Keys, label: &str) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&keys.derive(label).into()) }
    }

    /// Seals `plain`, so that it opens only beside the same `belongs_to`. None where the system gives no random bytes.
    pub fn seal(&self, plain: &[u8], belongs_to: &str) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload { msg: plain, aad: belongs_to.as_bytes() };
        let mut sealed = nonce.to_vec();
        sealed.extend(self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?);
        Some(sealed)
    }

    /// Opens what was sealed; none where it was changed or belongs to something else.
    pub fn open(&self, sealed: &[u8], belongs_to: &str) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: belongs_to.as_bytes() }).ok()
    }

    /// As [`Self::seal`], in letters that fit in a field or a cookie.
    pub fn seal_text(&self, plain: &str, belongs_to: &str) -> Option<String> {
        Some(URL_SAFE_NO_PAD.encode(self.seal(plain.as_bytes(), belongs_to)?))
    }

    /// As [`Self::open`], of such letters.
    pub fn open_text(&self, sealed: &str, belongs_to: &str) -> Option<String> {
        String::from_utf8(self.open(&URL_SAFE_NO_PAD.decode(sealed).ok()?, belongs_to)?).ok()
    }
}

/// Seals values that travel in an address: ChaCha20-Poly1305, 28 bytes more than the value.
///
/// The nonce is a keyed hash of the value and of what it belongs to. So a nonce is never used for two values, however many
/// are sealed, and equal values give equal bytes.
pub struct ShortSeal {
    cipher: ChaCha20Poly1305,
    nonces: [u8; KEY_BYTES],
}

impl std::fmt::Debug for ShortSeal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ShortSeal")
    }
}

impl ShortSeal {
    /// For one purpose; see [`Keys::derive`].
    pub fn new(keys: &Keys, label: &str) -> Self {
        let nonces = keys.derive(&format!("{label}/nonces"));
        Self { cipher: ChaCha20Poly1305::new(&keys.derive(label).into()), nonces }
    }

    /// Seals `plain`, so that it opens only beside the same `belongs_to`. None where the cipher fails.
    pub fn seal(&self, plain: &[u8], belongs_to: &str) -> Option<Vec<u8>> {
        let mut hashed = Vec::with_capacity(belongs_to.len() + 1 + plain.len());
        hashed.extend(belongs_to.as_bytes());
        hashed.push(0);
        hashed.extend(plain);
        let mut nonce = [0; SHORT_NONCE_BYTES];
        nonce.copy_from_slice(&mac(&self.nonces, &hashed)[..SHORT_NONCE_BYTES]);
        let payload = Payload { msg: plain, aad: belongs_to.as_bytes() };
        let mut sealed = nonce.to_vec();
        sealed.extend(self.cipher.encrypt(&Nonce::from(nonce), payload).ok()?);
        Some(sealed)
    }

    /// Opens what was sealed; none where it was changed or belongs to something else.
    pub fn open(&self, sealed: &[u8], belongs_to: &str) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<SHORT_NONCE_BYTES>()?;
        self.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: belongs_to.as_bytes() }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_short_and_changed_or_moved_does_not_open() {
        let seal = ShortSeal::new(&Keys::from_bytes([1; 32]), "a");
        let sealed = seal.seal(b"secret", "AB2C").expect("sealed");
        assert_eq!(sealed.len(), 6 + 28);
        assert_eq!(seal.open(&sealed, "AB2C").as_deref(), Some(&b"secret"[..]));
        assert_eq!(seal.open(&sealed, "AB2D"), None);
        assert_eq!(ShortSeal::new(&Keys::from_bytes([1; 32]), "b").open(&sealed, "AB2C"), None);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert_eq!(seal.open(&other, "AB2C"), None, "byte {at}");
        }
        assert_eq!(seal.open(&[], "AB2C"), None);
        assert_ne!(seal.seal(b"secret", "AB2C"), seal.seal(b"secret", "AB2D"));
    }

    #[test]
    fn what_was_changed_or_moved_does_not_open() {
        let seal = Seal::new(&Keys::from_bytes([1; 32]), "a");
        let sealed = seal.seal(b"secret", "account 1").expect("sealed");
        assert_eq!(seal.open(&sealed, "account 2"), None);
        assert_eq!(Seal::new(&Keys::from_bytes([1; 32]), "b").open(&sealed, "account 1"), None);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert_eq!(seal.open(&other, "account 1"), None, "byte {at}");
        }
        assert_eq!(seal.open(&[], "account 1"), None);
        assert_eq!(seal.open(&sealed, "account 1").as_deref(), Some(&b"secret"[..]));
    }

    #[test]
    fn the_same_secret_is_never_sealed_alike() {
        let seal = Seal::new(&Keys::from_bytes([1; 32]), "a");
        assert_ne!(seal.seal_text("x", ""), seal.seal_text("x", ""));
        let text = seal.seal_text("mật khẩu", "").expect("sealed");
        assert_eq!(seal.open_text(&text, "").as_deref(), Some("mật khẩu"));
    }
}
