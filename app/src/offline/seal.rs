//! Answers sealed on a device to the server's key of a round (RFC 9180, base mode: X25519, HKDF-SHA256,
//! ChaCha20-Poly1305), and the server's proofs of receipt. The same code on both sides; chance comes in as bytes.
//!
//! A sealed answer is the encapsulated key (32 bytes), then the ciphertext with its tag. Whoever finds a tablet, and
//! whoever has forgotten its PIN, cannot read it; the server can.

use hmac::{Hmac, KeyInit, Mac};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{Infallible, TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use sha2::{Digest, Sha256};

use crate::domain::field_work::SEAL_INFO;
use crate::domain::hex::hex;

/// Bytes of a public or private key, of the seed of either, and of the key of receipts.
pub const KEY_BYTES: usize = 32;

/// The two keys of a round, derived from a secret of its own.
#[derive(Clone)]
pub struct RoundKeys {
    private: <X25519HkdfSha256 as Kem>::PrivateKey,
    /// What devices seal to.
    pub public: [u8; KEY_BYTES],
}

impl std::fmt::Debug for RoundKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "RoundKeys({})", hex(&self.public))
    }
}

impl RoundKeys {
    /// The keys that belong to a secret; the same at every call.
    pub fn derive(secret: &[u8; KEY_BYTES]) -> Self {
        let (private, public) = X25519HkdfSha256::derive_keypair(secret);
        Self { private, public: public.to_bytes().into() }
    }

    /// Opens what was sealed to the public key; none where it was changed, cut short, or sealed to another.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (key, ciphertext) = sealed.split_at_checked(KEY_BYTES)?;
        let key = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(key).ok()?;
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &self.private,
            &key,
            SEAL_INFO,
            ciphertext,
            b"",
        )
        .ok()
    }
}

/// Seals `plain` to the public key of a round. `seed` is 32 bytes of good chance, never used again.
/// None where the key is no point that anything can be sealed to.
pub fn seal(public: &[u8; KEY_BYTES], seed: [u8; KEY_BYTES], plain: &[u8]) -> Option<Vec<u8>> {
    let public = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(public).ok()?;
    let (key, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        SEAL_INFO,
        plain,
        b"",
        &mut Stretched { seed, taken: 0 },
    )
    .ok()?;
    let mut sealed = key.to_bytes().to_vec();
    sealed.extend(ciphertext);
    Some(sealed)
}

/// The server's proof that it has kept what bears `id`: HMAC-SHA256 of the id as sent, in hexadecimal digits.
pub fn proof(receipt_key: &[u8; KEY_BYTES], id: &str) -> String {
    hex(&mac(receipt_key, id.as_bytes()))
}

/// Whether a proof is the server's. The time it takes says nothing: the device checks what only it asked for.
pub fn proves(receipt_key: &[u8; KEY_BYTES], id: &str, given: &str) -> bool {
    proof(receipt_key, id) == given
}

/// The SHA-256 of a token, as the server keeps it, in hexadecimal digits: says which enrolment a file is of and opens
/// nothing.
pub fn token_print(token: &str) -> String {
    hex(&Sha256::digest(token))
}

/// Bytes in letters that JSON and addresses take as they are (base64url without padding, RFC 4648).
pub fn letters(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for n in 0..=group.len() {
            let index = (bits >> (18 - 6 * n)) as usize & 63;
            out.push(ALPHABET.get(index).map_or('A', |letter| char::from(*letter)));
        }
    }
    out
}

fn mac(key: &[u8; KEY_BYTES], message: &[u8]) -> [u8; 32] {
    // A key shorter than the block of SHA-256 is padded with zeros (RFC 2104); done here, nothing can fail.
    let mut block = [0; 64];
    block[..KEY_BYTES].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Chance from outside, stretched to whatever the sealing asks for: block n is the HMAC-SHA256 of n under the seed.
struct Stretched {
    seed: [u8; KEY_BYTES],
    taken: u64,
}

impl TryRng for Stretched {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for part in out.chunks_mut(32) {
            let block = mac(&self.seed, &self.taken.to_be_bytes());
            self.taken += 1;
            part.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

impl TryCryptoRng for Stretched {}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    #[test]
    fn what_was_changed_cut_short_or_sealed_to_another_round_does_not_open() {
        let keys = RoundKeys::derive(&SECRET);
        let sealed = seal(&keys.public, [1; 32], b"4").expect("sealed");
        assert_eq!(RoundKeys::derive(&[8; 32]).open(&sealed), None);
        for at in 0..sealed.len() {
            let mut other = sealed.clone();
            other[at] ^= 1;
            assert_eq!(keys.open(&other), None, "byte {at}");
            assert_eq!(keys.open(&sealed[..at]), None, "{at} bytes");
        }
        assert_eq!(keys.open(&sealed).as_deref(), Some(&b"4"[..]));
    }

    #[test]
    fn the_keys_of_a_round_are_the_same_after_a_restart_and_other_chance_seals_otherwise() {
        let (one, other) = (RoundKeys::derive(&SECRET), RoundKeys::derive(&SECRET));
        assert_eq!(one.public, other.public);
        let sealed = [[1; 32], [2; 32]].map(|seed| seal(&one.public, seed, b"same").expect("sealed"));
        assert_ne!(sealed[0], sealed[1]);
        assert!(sealed.iter().all(|sealed| other.open(sealed).as_deref() == Some(&b"same"[..])));
    }

    #[test]
    fn nothing_is_sealed_to_the_point_that_makes_every_secret_alike() {
        assert_eq!(seal(&[0; 32], [1; 32], b"x"), None);
    }

    #[test]
    fn the_chance_is_stretched_without_repeating_itself() {
        let mut chance = Stretched { seed: SECRET, taken: 0 };
        let mut long = [0; 96];
        assert_eq!(chance.try_fill_bytes(&mut long), Ok(()));
        assert_ne!(long[..32], long[32..64]);
        assert_ne!(chance.try_next_u64(), chance.try_next_u64());
        assert_ne!(chance.try_next_u32(), chance.try_next_u32());
    }

    #[test]
    fn a_proof_is_of_one_id_under_one_key() {
        let id = "0190f5e0-0000-7000-8000-000000000001";
        let proof = proof(&SECRET, id);
        assert_eq!(proof.len(), 64);
        assert!(proves(&SECRET, id, &proof));
        assert!(!proves(&[8; 32], id, &proof) && !proves(&SECRET, "other", &proof) && !proves(&SECRET, id, ""));
    }

    #[test]
    fn letters_are_those_of_the_standard() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"foob", "Zm9vYg"), (b"\xff\xfe", "__4")]
        {
            assert_eq!(letters(bytes), text);
        }
    }
}
