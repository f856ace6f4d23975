//! A comment as letters, so that a word is found however it was typed: in capitals, in pieces, with an emoji or a curly
//! quote beside it, with marks missing, composed or decomposed, with characters that are not seen.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Marks that make another letter (â, ă, ơ, đ) and marks of the tone, as bits.
mod mark {
    pub(super) const CIRCUMFLEX: u16 = 1;
    pub(super) const BREVE: u16 = 2;
    pub(super) const HORN: u16 = 4;
    pub(super) const STROKE: u16 = 8;
    pub(super) const TONES: u16 = 0x1f0;
}

/// A letter of the Latin alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Letter {
    /// a to z.
    base: char,
    /// Its marks, see [`mark`].
    marks: u16,
    /// The tones of its word, wherever they are written in it.
    word: u16,
    /// Anything but a letter is before it.
    first: bool,
}

/// The letters of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letters {
    letters: Vec<Letter>,
    /// The text has letters that are none of the Vietnamese or English alphabet.
    pub(super) foreign: bool,
}

impl Letters {
    /// The letters of a text. Signs that mean letters (Ⓗ, ℹ, full width) count as these letters.
    pub(super) fn of(text: &str) -> Self {
        Self::read(text.nfkd())
    }

    /// The same without signs that mean letters: an emoji such as ℹ between two letters is no letter.
    pub(super) fn without_signs(text: &str) -> Self {
        Self::read(text.nfd())
    }

    fn read(decomposed: impl Iterator<Item = char>) -> Self {
        let mut out = Self { letters: Vec::new(), foreign: false };
        // Whether a letter is directly before, so that it takes marks.
        let mut inside = false;
        for c in decomposed {
            if is_unseen(c) {
                continue;
            }
            if is_combining_mark(c) {
                match (vietnamese(c), out.letters.last_mut().filter(|_| inside)) {
                    (Some(one), Some(letter)) => {
                        // No letter has two tones.
                        out.foreign |= one & mark::TONES != 0 && letter.marks & mark::TONES & !one != 0;
                        letter.marks |= one;
                    }
                    // Marks of other languages; frames and variants of emoji are outside this block.
                    (None, Some(_)) if ('\u{300}'..='\u{36f}').contains(&c) => out.foreign = true,
                    _ => {}
                }
                continue;
            }
            let letter = match c {
                'a'..='z' | 'A'..='Z' => Some((c.to_ascii_lowercase(), 0)),
                'đ' | 'Đ' | 'ð' | 'Ð' => Some(('d', mark::STROKE)),
                _ => None,
            };
            out.foreign |= letter.is_none() && c.is_alphabetic();
            if let Some((base, marks)) = letter {
                out.letters.push(Letter { base, marks, word: 0, first: !inside });
            }
            inside = letter.is_some();
        }
        for word in out.letters.chunk_by_mut(|_, next| !next.first) {
            let tones = word.iter().fold(0, |tones, letter| tones | letter.marks & mark::TONES);
            word.iter_mut().for_each(|letter| letter.word = tones);
        }
        out
    }

    /// Whether a phrase is in the text: its letters from the beginning of a piece to the end of one, whatever divides the
    /// pieces. A letter of the text may lack marks; a letter with another mark is another letter. The place of the tone
    /// within a word does not matter (đe doạ, đe dọa).
    pub(super) fn have(&self, phrase: &Self) -> bool {
        let begins = self.letters.iter().enumerate().filter(|(_, letter)| letter.first);
        begins.map(|(at, _)| self.letters.get(at..).unwrap_or_default()).any(|rest| {
            let Some(found) = rest.get(..phrase.letters.len()).filter(|found| !found.is_empty()) else { return false };
            let ends = rest.get(found.len()).is_none_or(|next| next.first);
            ends && found.iter().zip(&phrase.letters).all(|(typed, meant)| {
                let (shape, tones) = (typed.marks & !mark::TONES, typed.marks & mark::TONES);
                typed.base == meant.base && shape & !meant.marks == 0 && tones & !meant.word == 0
            })
        })
    }
}

fn vietnamese(c: char) -> Option<u16> {
    Some(match c {
        '\u{302}' => mark::CIRCUMFLEX,
        '\u{306}' => mark::BREVE,
        '\u{31b}' => mark::HORN,
        '\u{300}' => 0x10,
        '\u{301}' => 0x20,
        '\u{303}' => 0x40,
        '\u{309}' => 0x80,
        '\u{323}' => 0x100,
        _ => return None,
    })
}

/// Characters that take no room: soft hyphen, joiners, marks of direction, selectors of variants, tags.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
