//! Receipts (biên nhận): a keyed permutation of the serial number of a response, eight letters such as `7K3F-92QD`.
//!
//! Decoded, never looked up: no index, no table. Knowing one receipt tells nothing of another, and a guess is right
//! with a chance of (responses stored) in 656 thousand million.

use siphasher::sip::SipHasher24;
use std::hash::Hasher as _;

use super::keys::Keys;
use crate::domain::round::{CODE_ALPHABET, normalise_code};

/// Values of one half: four letters of thirty.
const HALF: u64 = 30 * 30 * 30 * 30;
/// Rounds of the Feistel network; four would do against anyone without the key.
const ROUNDS: u64 = 8;

/// Makes and reads receipts under the secret key.
#[derive(Clone, Debug)]
pub struct Receipts {
    key: [u8; 16],
}

impl Receipts {
    /// Receipts under these keys.
    pub fn new(keys: &Keys) -> Self {
        let derived = keys.derive("receipt");
        let mut key = [0; 16];
        key.copy_from_slice(&derived[..16]);
        Self { key }
    }

    /// The receipt of a serial number, which must be at least 0 and below 30^8.
    pub fn code(&self, serial: i64) -> String {
        let serial = serial.unsigned_abs() % (HALF * HALF);
        let (mut left, mut right) = (serial / HALF, serial % HALF);
        for round in 0..ROUNDS {
            (left, right) = (right, (left + self.mix(round, right)) % HALF);
        }
        let mut letters = Vec::with_capacity(9);
        for half in [left, right] {
            if !letters.is_empty() {
                letters.push(b'-');
            }
            for place in [27_000, 900, 30, 1] {
                letters.push(CODE_ALPHABET[(half / place % 30) as usize]);
            }
        }
        String::from_utf8(letters).unwrap_or_default()
    }

    /// The serial number of a receipt as typed (any case, with or without the hyphen); none when it is not one.
    pub fn serial(&self, typed: &str) -> Option<i64> {
        let code = normalise_code(typed);
        if code.len() != 8 {
            return None;
        }
        let mut halves = [0_u64; 2];
        for (i, letter) in code.bytes().enumerate() {
            let digit = CODE_ALPHABET.iter().position(|a| *a == letter)? as u64;
            halves[i / 4] = halves[i / 4] * 30 + digit;
        }
        let [mut left, mut right] = halves;
        for round in (0..ROUNDS).rev() {
            (left, right) = ((right + HALF - self.mix(round, left)) % HALF, left);
        }
        i64::try_from(left * HALF + right).ok()
    }

    fn mix(&self, round: u64, half: u64) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.key);
        hasher.write_u64(round);
        hasher.write_u64(half);
        hasher.finish() % HALF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_reads_back_however_it_is_typed() {
        let receipts = Receipts::new(&Keys::from_bytes([7; 32]));
        for serial in [0, 1, 2, 809_999, 810_000, 9_999_999, 656_099_999_999] {
            let code = receipts.code(serial);
            assert_eq!(code.len(), 9);
            assert_eq!(receipts.serial(&code), Some(serial));
            assert_eq!(receipts.serial(&code.to_lowercase().replace('-', " ")), Some(serial));
        }
        assert_eq!(receipts.serial("7K3F-92Q"), None);
        assert_eq!(receipts.serial("7K3F-92QO"), None);
    }

    #[test]
    fn neighbours_look_unrelated_and_another_key_gives_another_code() {
        let (one, other) = (Receipts::new(&Keys::from_bytes([1; 32])), Receipts::new(&Keys::from_bytes([2; 32])));
        let codes: std::collections::HashSet<String> = (0..2_000).map(|s| one.code(s)).collect();
        assert_eq!(codes.len(), 2_000);
        assert_ne!(one.code(5), other.code(5));
        let alike = (0..1_000).filter(|s| one.code(*s).as_bytes()[0] == one.code(s + 1).as_bytes()[0]).count();
        assert!(alike < 100, "{alike} of 1000 neighbours share their first letter");
    }
}
