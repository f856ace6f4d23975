//! Placeholders in the cells of a list, and the numbers by which people are known: identity cards, tax codes, dossier
//! codes.

use crate::domain::text::fold;

/// Words in the place of a name, folded.
const NO_NAMES: &[&str] = &[
    "khach",
    "khach hang",
    "khach vang lai",
    "khach le",
    "khach ngoai",
    "vang lai",
    "nguoi dan",
    "cong dan",
    "nguoi nop",
    "nguoi nop ho so",
    "nguoi yeu cau",
    "nguoi den",
    "to chuc",
    "ca nhan",
    "ca nhan to chuc",
    "ho ten",
    "ho va ten",
    "ten",
    "an danh",
    "vo danh",
    "nguyen van a",
    "nguyen van b",
    "nguyen thi a",
    "nguyen thi b",
    "tran van a",
    "tran van b",
    "tran thi b",
    "le van c",
    "le thi c",
    "test",
    "thu",
    "thu nghiem",
    "abc",
    "xyz",
    "xx",
    "xxx",
    "xxxx",
    "aaa",
    "anonymous",
    "unknown",
    "customer",
    "guest",
    "nv a",
    "nva",
    "ong a",
    "ba b",
    "ong ba",
];

/// Whether a folded cell means that nothing is known.
pub(super) fn is_no_word(folded: &str) -> bool {
    matches!(
        folded,
        "" | "khong"
            | "khong co"
            | "khong ro"
            | "khong biet"
            | "khong ten"
            | "khong xac dinh"
            | "khong cung cap"
            | "chua"
            | "chua co"
            | "chua ro"
            | "chua cap nhat"
            | "chua xac dinh"
            | "chua cung cap"
            | "bo trong"
            | "trong"
            | "x"
            | "k"
            | "ko"
            | "kc"
            | "n a"
            | "null"
            | "none"
            | "nil"
            | "undefined"
    ) || folded.bytes().all(|byte| byte == b'0' || byte == b' ')
}

/// Whether a name is a placeholder: a word for all customers, an example, one letter.
pub fn is_placeholder_name(name: &str) -> bool {
    let folded = fold(name);
    is_no_word(&folded) || NO_NAMES.contains(&folded.as_str()) || folded.chars().count() < 2
}

/// A dossier code that can be told from others: folded; none where the cell holds a placeholder.
pub fn dossier_code(cell: &str) -> Option<String> {
    let folded = fold(cell);
    (!is_no_word(&folded)).then_some(folded)
}

/// Whether digits are no number of anybody: one or two digits over and over (000000000000, 0900000000), seven zeros in a
/// row, a count up or down (123456789, 9876543210), a few digits repeated (123123123123).
pub fn is_placeholder_number(digits: &str) -> bool {
    let all = digits.as_bytes();
    if all.len() < 6 {
        return !all.is_empty();
    }
    let step = |by: u8| {
        let significant = digits.trim_start_matches('0').as_bytes();
        let counted = |pair: &[u8]| matches!(pair, [a, b] if (a - b'0' + by) % 10 == b - b'0');
        all.windows(2).all(counted) || (significant.len() >= 6 && significant.windows(2).all(counted))
    };
    let kinds = (b'0'..=b'9').filter(|digit| all.contains(digit)).count();
    let zeros = all.chunk_by(|a, b| a == b).filter(|run| run.starts_with(b"0")).map(<[u8]>::len).max().unwrap_or(0);
    let repeated = (1..=4)
        .any(|period| all.len() >= 2 * period + 2 && all.iter().zip(all.iter().skip(period)).all(|(a, b)| a == b));
    kinds <= 2 || zeros >= 7 || step(1) || step(9) || repeated
}

/// A number as a spreadsheet writes it that took it for a quantity: `9.12346E+08`. Its last digits are lost.
pub fn is_scientific(cell: &str) -> bool {
    let cell = cell.trim();
    // 12E5 may be a code; a spreadsheet writes a sign or decimals.
    let Some((front, power)) = cell.split_once(['E', 'e']).filter(|_| cell.contains(['.', ',', '+'])) else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let front = front.trim_start_matches('-').replace(',', ".");
    let front = front.split_once('.').map_or_else(|| digits(&front), |(whole, rest)| digits(whole) && digits(rest));
    front && power.trim_start_matches(['+', '-']).len() <= 3 && digits(power.trim_start_matches(['+', '-']))
}

/// The number of an identity card (12 digits, of old 9) or a tax code (10, or 13 with that of a branch). Zeros at the front
/// that a spreadsheet has eaten are put back where the length shows how many. None where it is neither.
pub fn id_number(cell: &str) -> Option<String> {
    let first = cell.split([',', ';', '/', '|']).next()?;
    let letters = first.chars().any(char::is_alphabetic);
    let number = digits(first);
    match number.len() {
        9 | 12 | 13 => Some(number),
        8 if !letters => Some(format!("0{number}")),
        11 => Some(format!("0{number}")),
        10 if is_eaten_card(&number) => Some(format!("00{number}")),
        10 => Some(number),
        _ => None,
    }
}

/// Whether ten digits are an identity card whose province begins with 00: its third digit, then 0 to 3 for sex and
/// century, and no check digit of a tax code.
fn is_eaten_card(number: &str) -> bool {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    let digits: Vec<u32> = number.bytes().map(|byte| u32::from(byte.saturating_sub(b'0'))).collect();
    let [province, century, .., check] = digits.as_slice() else { return false };
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    matches!(province, 1 | 2 | 4 | 6 | 8) && *century <= 3 && (10 - sum % 11) % 10 != *check
}

/// The digits of a number, whatever is between them.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_that_a_spreadsheet_ate_are_put_back_where_the_length_says_so() {
        for (cell, number) in [
            ("092123456789", Some("092123456789")),
            ("92123456789", Some("092123456789")),
            ("1185001234", Some("001185001234")),
            ("361234567", Some("361234567")),
            ("12345679", Some("012345679")),
            ("1800123456", Some("1800123456")),
            ("1800123456-001", Some("1800123456001")),
            ("092 123 456 789", Some("092123456789")),
            ("1234567", None),
            ("không có", None),
        ] {
            assert_eq!(id_number(cell).as_deref(), number, "{cell}");
        }
        for cell in ["9.12346E+08", "9,22123E+10", "9E+10", "9.22E10", "1.8e9"] {
            assert!(is_scientific(cell), "{cell}");
        }
        for cell in ["912346", "12E5", "E12", "H13-E5", "12E", "", "2.5"] {
            assert!(!is_scientific(cell), "{cell}");
        }
    }
}
