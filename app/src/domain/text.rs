//! Words: two languages side by side, and search that folds Vietnamese.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The languages of the interface. Vietnamese is the first and the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Tiếng Việt.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// The tag for `lang=""` and for `?lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The language of a tag; anything unknown reads as Vietnamese, a page must never fail over it.
    pub fn from_tag(tag: &str) -> Self {
        if tag.eq_ignore_ascii_case("en") { Self::En } else { Self::Vi }
    }
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Vietnamese, NFC.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// Folds a text for search: lower case, no diacritics, đ as d, other signs as one space.
/// Both tone placements (hoà, hòa) fold to the same. So do composed and decomposed letters, full-width letters,
/// and Ð (eth), which converters of old Vietnamese fonts left in place of Đ.
///
/// ```
/// use app::domain::text::fold;
/// assert_eq!(fold("Phường  Bình Thuỷ"), "phuong binh thuy");
/// assert_eq!(fold("ĐẶNG hoà-HÒA"), "dang hoa hoa");
/// ```
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)) {
        match c {
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
            c if c.is_alphanumeric() => out.extend(c.to_lowercase().filter(|l| !is_combining_mark(*l))),
            _ if out.ends_with(' ') || out.is_empty() => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Signs that pasted text carries inside words and nobody sees: soft hyphen, zero-width space and joiners, byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The letters of the alphabet in their order, with those of foreign words where dictionaries put them.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// The weights of a key, from the first to the last: end of a level, space, figures, letters, letters of other scripts.
mod weight {
    pub(super) const END: u8 = 0;
    pub(super) const SPACE: u8 = 1;
    pub(super) const FIGURE: u8 = 2;
    pub(super) const LETTER: u8 = 16;
    pub(super) const FOREIGN: u8 = 250;
}

/// A key whose byte order is Vietnamese collation: first the letters (a ă â b c d đ e ê …), then the tone of each word
/// (ngang, huyền, hỏi, ngã, sắc, nặng), then small before capital letters. Because the tone is that of the word,
/// hoà and hòa have the same key. Signs count as a space.
///
/// ```
/// use app::domain::text::sort_key;
/// let mut names = ["Ô Môn", "Đông Hiệp", "An Hòa", "Ấn Độ", "Dương", "Ăn", "An Hoà", "Ơ"];
/// names.sort_by_key(|name| sort_key(name));
/// assert_eq!(names, ["An Hòa", "An Hoà", "Ăn", "Ấn Độ", "Dương", "Đông Hiệp", "Ô Môn", "Ơ"]);
/// ```
pub fn sort_key(text: &str) -> Vec<u8> {
    let (mut letters, mut tones, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    let mut tone = 0;
    // Composed first, so that every letter of the alphabet, tone aside, is found as one character.
    for c in text.nfc().filter(|c| !is_invisible(*c)) {
        let (letter, mark) = without_tone(c);
        tone = tone.max(mark);
        if is_combining_mark(letter) {
            continue;
        }
        if !letter.is_alphanumeric() {
            if letters.last().is_some_and(|last| *last != weight::SPACE) {
                letters.push(weight::SPACE);
                tones.push(std::mem::take(&mut tone));
            }
            continue;
        }
        cases.push(u8::from(letter.is_uppercase()));
        for small in letter.to_lowercase() {
            push_letter(&mut letters, small);
        }
    }
    if letters.last() == Some(&weight::SPACE) {
        letters.pop();
    } else {
        tones.push(tone);
    }
    letters.push(weight::END);
    letters.append(&mut tones);
    letters.push(weight::END);
    letters.append(&mut cases);
    letters
}

fn push_letter(letters: &mut Vec<u8>, small: char) {
    if let Some(position) = ALPHABET.chars().position(|l| l == small) {
        letters.push(weight::LETTER + position as u8);
    } else if let Some(figure) = small.to_digit(10) {
        letters.push(weight::FIGURE + figure as u8);
    } else {
        // Seven bits a byte keep the order of the code points; with the high bit none reads as an end or a space.
        let code = u32::from(small);
        letters.extend([weight::FOREIGN, (code >> 14) as u8 | 0x80, (code >> 7) as u8 | 0x80, code as u8 | 0x80]);
    }
}

/// A letter without its tone, and the tone: 0 ngang, 1 huyền, 2 hỏi, 3 ngã, 4 sắc, 5 nặng.
fn without_tone(c: char) -> (char, u8) {
    let mut tone = 0;
    let bare: String = std::iter::once(c)
        .nfd()
        .filter(|mark| match mark {
            '\u{300}' => set(&mut tone, 1),
            '\u{309}' => set(&mut tone, 2),
            '\u{303}' => set(&mut tone, 3),
            '\u{301}' => set(&mut tone, 4),
            '\u{323}' => set(&mut tone, 5),
            _ => true,
        })
        .nfc()
        .collect();
    (bare.chars().next().unwrap_or(c), tone)
}

/// Notes a tone and says that its mark is to be left out.
fn set(tone: &mut u8, value: u8) -> bool {
    *tone = value;
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_tone_placements_fold_to_the_same_in_every_rhyme_that_has_two() {
        for (old, new) in [
            ("hòa", "hoà"),
            ("hóa", "hoá"),
            ("hỏa", "hoả"),
            ("họa", "hoạ"),
            ("lõa", "loã"),
            ("khỏe", "khoẻ"),
            ("hòe", "hoè"),
            ("lóe", "loé"),
            ("thủy", "thuỷ"),
            ("thùy", "thuỳ"),
            ("thúy", "thuý"),
            ("lũy", "luỹ"),
            ("lụy", "luỵ"),
            ("HÒA", "HOÀ"),
            ("THỦY", "THUỶ"),
        ] {
            assert_eq!(fold(old), fold(new), "{old} {new}");
            assert_eq!(sort_key(old), sort_key(new), "{old} {new}");
        }
    }

    #[test]
    fn folding_reads_decomposed_letters_full_width_letters_and_the_d_of_old_fonts() {
        let decomposed: String = "Phường Thới Hòa".nfd().collect();
        assert_eq!(fold(&decomposed), "phuong thoi hoa");
        assert_eq!(fold("Ｎｉｎｈ Ｋｉề\u{200b}u"), "ninh kieu");
        assert_eq!(fold("Ðông Hiệp, ĐÔNG HIỆP"), "dong hiep dong hiep");
        assert_eq!(fold("ươ ƯỠNG ữ ợ ắ ậ ệ ỗ"), "uo uong u o a a e o");
    }

    #[test]
    fn folding_leaves_one_space_between_words_and_none_outside() {
        assert_eq!(fold("  000.00.00.H13 -- (Sở) "), "000 00 00 h13 so");
        assert_eq!(fold("…"), "");
        assert_eq!(fold(""), "");
    }

    #[test]
    fn letters_sort_as_in_the_alphabet_and_tones_after_letters() {
        let order = [
            "a", "à", "ả", "ã", "á", "ạ", "ă", "ằ", "â", "ấ", "b", "d", "đ", "e", "ê", "g", "o", "ô", "ơ", "u", "ư",
            "v",
        ];
        let keys: Vec<_> = order.iter().map(|w| sort_key(w)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{order:?}");
    }

    #[test]
    fn a_tone_decides_only_between_words_of_the_same_letters() {
        assert!(sort_key("Hòa An") < sort_key("Hoa Lư"));
        assert!(sort_key("Thới An") < sort_key("Thới An Đông"));
        assert!(sort_key("Thạnh Lộc") < sort_key("Thạnh Lợi"));
        assert!(sort_key("Trường Xuân") < sort_key("Trường Xuân A"));
        assert!(sort_key("Vị Thanh") < sort_key("Vị Thanh 1"));
        assert!(sort_key("an") < sort_key("An"));
        assert!(sort_key("ga") < sort_key("ក"));
    }

    #[test]
    fn composed_and_decomposed_texts_have_one_key() {
        let decomposed: String = "Thị trấn Thạnh An".nfd().collect();
        assert_eq!(sort_key(&decomposed), sort_key("Thị trấn Thạnh An"));
    }

    proptest! {
        #[test]
        fn any_text_folds_once_and_for_all(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
        }

        #[test]
        fn any_text_has_a_key(text in "\\PC{0,40}") {
            prop_assert!(!sort_key(&text).is_empty());
        }
    }
}
