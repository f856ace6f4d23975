//! Tokens of tablets and kiosks: 256 random bits that a device shows with every batch. The database keeps the SHA-256
//! only; a random value needs no slow hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A new token: 43 letters that fit in a header, an address and a QR code.
///
/// # Errors
/// The system gave no random bytes.
pub fn new() -> Result<String, getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok(URL_SAFE_NO_PAD.encode(secret))
}

/// What the database keeps of a token: the SHA-256 of its letters.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_alike_and_none_needs_escaping() {
        let (one, other) = (new().expect("random"), new().expect("random"));
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
}
