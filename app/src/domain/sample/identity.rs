//! Who a line is about: names as people write them, made comparable, so that one person with several dossiers is one
//! unit of the sample. And whether it is an organisation.

use crate::domain::field_work::Party;
use crate::domain::text::fold;

/// By what a person or organisation is known again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// By a number that nobody shares: identity card, tax code.
    pub strong: Option<String>,
    /// By name and telephone, by name and address; where there is no name, by the dossier code. At least one.
    pub weak: Vec<String>,
}

impl Identity {
    /// Of the parts of a line: `id` and `phone` as digits.
    pub fn of(name: &str, id: &str, phone: Option<&str>, address: &str, code: &str) -> Self {
        /// An old identity card has nine digits; less is a slip of the keyboard and proves nothing.
        const ID_DIGITS: usize = 9;
        let strong = (id.len() >= ID_DIGITS).then(|| format!("id {id}"));
        let (name, address) = (fold(name), fold(address));
        let mut weak = Vec::new();
        if name.is_empty() {
            weak.push(format!("code {}", fold(code)));
        } else {
            if let Some(phone) = phone {
                weak.push(format!("phone {name} {phone}"));
            }
            if !address.is_empty() {
                weak.push(format!("address {name} / {address}"));
            }
            if weak.is_empty() {
                weak.push(format!("code {name} / {}", fold(code)));
            }
        }
        Self { strong, weak }
    }
}

/// The digits of a number, whatever stands between them.
pub fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// A telephone number of Việt Nam as digits with its 0: `+84 912 345 678` and `0912.345.678` are the same. Of several in
/// one cell the first. None where it cannot be one; a 0 that a spreadsheet has eaten is put back.
pub fn phone(cell: &str) -> Option<String> {
    let first = cell.split([',', ';', '/', '|']).next()?;
    let number = digits(first);
    let national = match number.strip_prefix("84") {
        Some(rest) if number.len() >= 11 => rest.to_owned(),
        _ => number.trim_start_matches('0').to_owned(),
    };
    let national = national.trim_start_matches('0');
    (8..=10).contains(&national.len()).then(|| format!("0{national}"))
}

/// Beginnings of the names of organisations, folded.
const ORGANISATIONS: &[&str] = &[
    "cong ty",
    "cty",
    "ctcp",
    "tnhh",
    "hop tac xa",
    "htx",
    "lien hiep",
    "doanh nghiep",
    "dntn",
    "chi nhanh",
    "tap doan",
    "tong cong ty",
    "ngan hang",
    "van phong",
    "truong",
    "benh vien",
    "phong kham",
    "trung tam",
    "uy ban",
    "ubnd",
    "ho kinh doanh",
    "hkd",
    "co so",
    "cua hang",
    "hoi",
    "to hop tac",
    "ban quan ly",
    "quy",
    "vien",
    "so",
    "chi cuc",
    "nha thuoc",
    "company",
    "cooperative",
];

/// Words that belong to names of people as well ("Trương", "Sở" and "Hội" fold alike): one of these alone, followed by
/// at most two words, is read as a person.
const ALSO_NAMES: &[&str] = &["truong", "hoi", "quy", "vien", "so"];

/// Whether a name, or a tax code of 10 or 13 digits, is that of an organisation.
pub fn looks_like_organisation(name: &str, id: &str) -> bool {
    let name = fold(name);
    let words = name.split(' ').count();
    let begins = |word: &str| {
        name.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')) && (words > 4 || !ALSO_NAMES.contains(&word))
    };
    ORGANISATIONS.iter().any(|word| begins(word)) || matches!(digits(id).len(), 10 | 13)
}

/// What the column of person or organisation says.
pub fn organisation_word(said: &str) -> Option<Party> {
    let said = fold(said);
    let has = |words: &[&str]| words.iter().any(|word| format!(" {said} ").contains(&format!(" {word} ")));
    if has(&[
        "to chuc",
        "doanh nghiep",
        "cong ty",
        "co quan",
        "hop tac xa",
        "htx",
        "organisation",
        "organization",
        "company",
        "tc",
        "dn",
    ]) {
        Some(Party::Organisation)
    } else if has(&["ca nhan", "cong dan", "nguoi dan", "ho gia dinh", "person", "citizen", "individual", "cn"]) {
        Some(Party::Person)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_the_same_however_it_is_written() {
        for cell in [
            "0912345678",
            "0912 345 678",
            "+84 912.345.678",
            "84912345678",
            "912345678",
            "0912345678; 0710",
            "(0912)345-678",
        ] {
            assert_eq!(phone(cell).as_deref(), Some("0912345678"), "{cell}");
        }
        // A landline of Cần Thơ, and what is none.
        assert_eq!(phone("0292 3812345").as_deref(), Some("02923812345"));
        for cell in ["", "không", "12345", "0000000000", "0912345678901234"] {
            assert_eq!(phone(cell), None, "{cell}");
        }
    }

    #[test]
    fn one_person_is_known_again_by_number_by_telephone_or_by_address() {
        let one = Identity::of("Nguyễn Văn An", "092123456789", Some("0912345678"), "Ấp 1, xã A", "1");
        let other = Identity::of("NGUYỄN VĂN AN", "", Some("0912345678"), "", "2");
        assert_eq!(one.weak.first(), other.weak.first());
        let same = Identity::of("Nguyễn  Văn An", "", None, "ấp 1 - Xã A", "3");
        assert_eq!(one.weak.get(1), same.weak.first());
        assert_eq!(one.strong.as_deref(), Some("id 092123456789"));
        // A number that is too short to be one is none; a namesake elsewhere is somebody else.
        assert_eq!(Identity::of("An", "12", None, "x", "").strong, None);
        assert_ne!(Identity::of("An", "", None, "x", "").weak, Identity::of("An", "", None, "y", "").weak);
        assert_eq!(Identity::of("", "", Some("0912345678"), "x", "H13-1").weak, ["code h13 1"]);
    }

    #[test]
    fn organisations_are_told_from_people_with_similar_names() {
        for name in [
            "Công ty TNHH Hậu Giang",
            "CTY CP Sao Mai",
            "Hợp tác xã Thới An",
            "Trường Tiểu học Lê Lợi Phường 2",
            "UBND xã A",
        ] {
            assert!(looks_like_organisation(name, ""), "{name}");
        }
        for name in ["Trương Văn An", "Trương An", "Nguyễn Thị Công", "Hội", "Sở Văn Quý", ""] {
            assert!(!looks_like_organisation(name, ""), "{name}");
        }
        assert!(looks_like_organisation("Sao Mai", "1800123456"));
        assert!(looks_like_organisation("Sao Mai", "1800123456-001"));
        assert!(!looks_like_organisation("Nguyễn Văn An", "092123456789"));
    }

    #[test]
    fn the_column_says_it_in_many_words() {
        assert_eq!(organisation_word("Tổ chức"), Some(Party::Organisation));
        assert_eq!(organisation_word("DN"), Some(Party::Organisation));
        assert_eq!(organisation_word("Cá nhân"), Some(Party::Person));
        assert_eq!(organisation_word("citizen"), Some(Party::Person));
        assert_eq!(organisation_word("x"), None);
    }
}
