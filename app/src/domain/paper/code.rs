//! The code of a form: seven letters by chance and one that checks them.

use crate::domain::round::{CODE_ALPHABET, normalise_code};

/// Letters of a code before the check letter: 30⁷, so that no form is met by a slip of the hand.
pub const CODE_TAIL: usize = 7;
/// Weights of the letters, in turn. Both are prime to 30, so every single wrong letter is found; they differ by 2, so of
/// two neighbours that were swapped only those exactly 15 apart in the alphabet are not.
const WEIGHTS: [usize; 2] = [11, 13];
/// The inverse of 13 modulo 30: the check letter stands eighth.
const INVERSE: usize = 7;

/// The code of a form, without its hyphen: "7K3F92QD".
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FormCode(String);

impl FormCode {
    /// The code that begins with these letters; none unless they are seven of the alphabet.
    pub fn with_check(letters: &str) -> Option<Self> {
        let sum = weighted(letters)?;
        let check = (CODE_ALPHABET.len() - sum % CODE_ALPHABET.len()) * INVERSE % CODE_ALPHABET.len();
        let check = char::from(*CODE_ALPHABET.get(check)?);
        (letters.len() == CODE_TAIL).then(|| Self(format!("{letters}{check}")))
    }

    /// A code as typed or scanned: any case, with or without spaces and hyphens; none where the check letter says no.
    pub fn read(typed: &str) -> Option<Self> {
        let code = normalise_code(typed);
        let good = code.len() == CODE_TAIL + 1 && weighted(&code)? % CODE_ALPHABET.len() == 0;
        good.then_some(Self(code))
    }

    /// Eight letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people read it: "7K3F-92QD".
    pub fn words(&self) -> String {
        let (front, back) = self.0.split_at(self.0.len() / 2);
        format!("{front}-{back}")
    }
}

fn weighted(letters: &str) -> Option<usize> {
    let mut sum = 0;
    for (letter, weight) in letters.bytes().zip(WEIGHTS.iter().cycle()) {
        sum += weight * CODE_ALPHABET.iter().position(|known| *known == letter)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_letter_is_always_found_and_a_swap_nearly_always() {
        let code = FormCode::with_check("7K3F92Q").expect("a code");
        assert_eq!(FormCode::read(&format!(" {} ", code.words().to_lowercase())), Some(code.clone()));
        let letters = code.as_str().as_bytes().to_vec();
        for at in 0..letters.len() {
            for other in CODE_ALPHABET.iter().filter(|other| **other != letters[at]) {
                let mut wrong = letters.clone();
                wrong[at] = *other;
                assert_eq!(FormCode::read(&String::from_utf8_lossy(&wrong)), None);
            }
        }
        for at in 1..letters.len() {
            let mut wrong = letters.clone();
            wrong.swap(at - 1, at);
            assert!(letters[at - 1] == letters[at] || FormCode::read(&String::from_utf8_lossy(&wrong)).is_none());
        }
        for wrong in ["", "7K3F92Q", "OOOOOOOO", "7K3F92QDD", "ỐỐỐỐ"] {
            assert_eq!(FormCode::read(wrong), None, "{wrong}");
        }
        assert_eq!(FormCode::with_check("7K3"), None);
    }
}
