//! Codes of desks: unguessable, without letters that are mistaken for each other. Where the chance comes from is given.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::domain::round::{CODE_ALPHABET, CODE_LETTERS};

/// Makes codes, no two of them alike.
pub struct DeskCodes {
    rng: ChaCha20Rng,
    made: HashSet<String>,
}

impl DeskCodes {
    /// Codes that depend on `entropy` and on a number that tells series apart.
    pub fn new(entropy: [u8; 32], stream: u64) -> Self {
        let mut rng = ChaCha20Rng::from_seed(entropy);
        rng.set_stream(stream);
        Self { rng, made: HashSet::new() }
    }

    /// Codes from the random bytes of the system.
    ///
    /// # Errors
    /// The system gave none.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let mut entropy = [0; 32];
        getrandom::fill(&mut entropy)?;
        Ok(Self::new(entropy, 0))
    }

    /// The next one.
    pub fn next_code(&mut self) -> String {
        loop {
            let letters: String = (0..CODE_LETTERS)
                .filter_map(|_| CODE_ALPHABET.get(self.rng.random_range(0..CODE_ALPHABET.len())))
                .map(|letter| char::from(*letter))
                .collect();
            if self.made.insert(letters.clone()) {
                return letters;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::round::normalise_code;

    #[test]
    fn codes_are_read_back_as_they_are_typed_and_never_repeat() {
        let mut codes = DeskCodes::new([3; 32], 0);
        let made: HashSet<String> = (0..2_000).map(|_| codes.next_code()).collect();
        assert_eq!(made.len(), 2_000);
        assert!(made.iter().all(|code| *code == normalise_code(&code.to_lowercase()) && code.len() == CODE_LETTERS));
        assert!(made.iter().all(|code| !code.contains(['0', 'O', '1', 'I', 'L'])));
        assert_ne!(DeskCodes::new([3; 32], 1).next_code(), DeskCodes::new([3; 32], 0).next_code());
    }
}
