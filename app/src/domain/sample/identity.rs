//! Who a line is about: names as people write them, made comparable, so that one person with several dossiers is one
//! unit of the sample. And whether it is an organisation.

use unicode_normalization::UnicodeNormalization;

use super::numbers::{digits, id_number, is_no_word, is_placeholder_name, is_placeholder_number};
use crate::domain::field_work::Party;
use crate::domain::text::fold;

/// By what a person or organisation is known again.
///
/// A number that many share, a placeholder for a name and an address that is only a ward identify no person; tones tell
/// people apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// By a number of their own: identity card, tax code. Only the whole list can show whether others use it.
    pub strong: Option<String>,
    /// By name and telephone, by name and address; where there is no name, by the dossier code. May be empty: then
    /// nothing links the line to an earlier one.
    pub weak: Vec<String>,
    /// The name with its tones, so that the same name is the same text; empty where there is none.
    pub spoken: String,
    /// The name without tones, and whether it was written without any.
    pub folded: (String, bool),
    /// Name without tones and telephone: perhaps the same person, badly typed.
    pub near: Option<String>,
    /// Its number is a placeholder.
    pub placeholder: bool,
}

impl Identity {
    /// Of the parts of a line: `id` as it is written, `phone` as digits.
    pub fn of(name: &str, id: &str, phone: Option<&str>, address: &str, code: &str) -> Self {
        let number = id_number(id);
        let placeholder = number.as_deref().is_some_and(is_placeholder_number)
            || number.is_none() && is_placeholder_number(&digits(id));
        let strong = number.filter(|number| !is_placeholder_number(number)).map(|number| format!("id {number}"));
        let phone = phone.filter(|phone| !is_placeholder_number(phone));
        let name = if is_placeholder_name(name) { "" } else { name };
        let (said, folded) = (spoken(name), fold(name));
        let toneless = !has_marks(name);
        let (mut weak, mut near) = (Vec::new(), None);
        if folded.is_empty() {
            let code = fold(code);
            weak.extend((!code.is_empty() && !is_no_word(&code)).then(|| format!("code {code}")));
        } else {
            if let Some(phone) = phone {
                weak.push(format!("phone {said} {phone}"));
                near = Some(format!("near {folded} {phone}"));
            }
            // A name without tones is shared by too many people: name and address are not enough.
            if !toneless && is_a_place(address) {
                weak.push(format!("address {said} / {}", fold(address)));
            }
        }
        Self { strong, weak, spoken: said, folded: (folded, toneless), near, placeholder }
    }
}

/// A name so that the same name is the same text however it was typed: small letters, one space between words, the tone of
/// each word behind it (hoà and hòa are one).
pub fn spoken(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut tone = None;
    let end = |out: &mut String, tone: &mut Option<char>| out.extend(tone.take());
    for c in name.nfd() {
        match c {
            TONE_GRAVE..=TONE_ACUTE | TONE_TILDE | TONE_HOOK | TONE_DOT => tone = Some(c),
            'Đ' | 'đ' | 'Ð' | 'ð' => out.push('đ'),
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            '\u{302}' | '\u{306}' | '\u{31b}' => out.push(c),
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {}
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => {
                end(&mut out, &mut tone);
                out.push(' ');
            }
        }
    }
    end(&mut out, &mut tone);
    out.truncate(out.trim_end().len());
    out
}

const TONE_GRAVE: char = '\u{300}';
const TONE_ACUTE: char = '\u{301}';
const TONE_TILDE: char = '\u{303}';
const TONE_HOOK: char = '\u{309}';
const TONE_DOT: char = '\u{323}';

/// Whether a name has any sign of Vietnamese writing: a tone, â ă ê ô ơ ư, đ.
fn has_marks(name: &str) -> bool {
    name.nfd().any(|c| matches!(c, '\u{300}'..='\u{36f}' | 'Đ' | 'đ' | 'Ð' | 'ð'))
}

/// Whether an address leads to a house or a hamlet; a ward alone is the address of thousands.
fn is_a_place(address: &str) -> bool {
    const PARTS: [&str; 14] = [
        "ap", "thon", "khom", "khu vuc", "to", "duong", "hem", "ngo", "ngach", "so nha", "buon", "ban", "lo",
        "chung cu",
    ];
    let folded = format!(" {} ", fold(address));
    // "phường 3" and "quận 1" are wards with a figure.
    let mut words = folded.split_whitespace().peekable();
    let mut house = false;
    while let Some(word) = words.next() {
        if matches!(word, "phuong" | "quan" | "p" | "q") {
            let _ = words.next_if(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        } else if word.bytes().any(|byte| byte.is_ascii_digit()) {
            house = true;
        }
    }
    house || PARTS.iter().any(|part| folded.contains(&format!(" {part} ")))
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
    "c ty",
    "dn tu nhan",
    "cn cong ty",
    "ho kd",
    "cong an",
    "buu dien",
    "dang uy",
    "toa an",
    "kho bac",
    "bao hiem xa hoi",
    "mat tran",
    "khach san",
    "phong",
    "chua",
];

/// Words that fold like names of people, with their tones: "Trường" is a school, "Trương" a family. In a name without any
/// tone one of them alone, followed by at most two words, is read as a person.
const ALSO_NAMES: &[(&str, &str)] = &[
    ("truong", "trường"),
    ("hoi", "hội"),
    ("quy", "quỹ"),
    ("vien", "viện"),
    ("so", "sở"),
    ("phong", "phòng"),
    ("chua", "chùa"),
];

/// Whether a name, or a tax code of 10 or 13 digits, is that of an organisation.
pub fn looks_like_organisation(name: &str, id: &str) -> bool {
    let (folded, said) = (fold(name), spoken(name));
    let words = folded.split(' ').count();
    let begins = |word: &str| {
        let also = ALSO_NAMES.iter().find(|(also, _)| *also == word).map(|(_, toned)| spoken(toned));
        folded.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
            && match also {
                Some(toned) if has_marks(name) => said.strip_prefix(&toned).is_some_and(|rest| rest.starts_with(' ')),
                Some(_) => words > 4,
                None => true,
            }
    };
    ORGANISATIONS.iter().any(|word| begins(word)) || id_number(id).is_some_and(|number| matches!(number.len(), 10 | 13))
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
    use super::super::numbers::dossier_code;
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
        let at = |address| Identity::of("Lê Văn Ấn", "", None, address, "").weak;
        assert_ne!(at("ấp 1, xã A"), at("ấp 2, xã A"));
        assert_eq!(Identity::of("", "", Some("0912345678"), "x", "H13-1").weak, ["code h13 1"]);
    }

    #[test]
    fn tones_tell_people_apart_and_a_ward_or_a_name_without_tones_is_not_enough() {
        let phone = |name| Identity::of(name, "", Some("0912000222"), "", "").weak;
        assert_ne!(phone("Lê Thị Hà"), phone("Lê Thị Hạ"));
        assert_ne!(phone("Nguyễn Văn Tú"), phone("Nguyễn Văn Tý"));
        assert_eq!(phone("LÊ THỊ HOÀ"), phone("Lê Thị Hòa"));
        let near = |name| Identity::of(name, "", Some("0912000222"), "", "").near;
        assert_eq!(near("Lê Thị Hà"), near("Lê Thị Hạ"), "perhaps one, badly typed");
        let at = |name, address| Identity::of(name, "", None, address, "").weak;
        for ward in ["xã Mỹ Khánh", "phường An Hội, quận Ninh Kiều", "phường 3, quận 1", "Phường 12"]
        {
            assert!(at("Nguyễn Văn An", ward).is_empty(), "{ward}");
            assert!(at("Nguyen Van An", ward).is_empty(), "{ward}");
        }
        assert!(at("Nguyen Van An", "ap 1, xa My Khanh").is_empty());
        assert_eq!(at("Nguyễn Văn An", "12 đường 3/2, phường 3").len(), 1);
    }

    #[test]
    fn placeholders_identify_nobody() {
        for number in [
            "000000000000",
            "111111111",
            "999999999999",
            "123456789",
            "0123456789",
            "1234567890",
            "123456789012",
            "987654321",
            "0900000000",
            "0909090909",
            "092000000000",
            "123123123123",
            "0000000001",
            "12345",
            "1",
        ] {
            assert!(is_placeholder_number(number), "{number}");
            let identity = Identity::of("Nguyễn Văn An", number, Some(number), "xã A", "");
            assert_eq!((identity.strong, identity.weak), (None, vec![]), "{number}");
        }
        for number in [
            "092999999999",
            "092123456789",
            "092085001111",
            "0912345678",
            "0912000000",
            "1800123456",
            "0939111222",
            "02923812345",
        ] {
            assert!(!is_placeholder_number(number), "{number}");
        }
        for name in ["Khách vãng lai", "KHACH VANG LAI", "Công dân", "Nguyễn Văn A", "x", "…", "Không có", "n/a", "A"]
        {
            let identity = Identity::of(name, "", Some("0912345678"), "ấp 1, xã A", "");
            assert_eq!(identity.weak, [""; 0], "{name}");
        }
        for name in ["Nguyễn Văn An", "Công", "Lê Na", "Khách sạn Mường Thanh"] {
            assert!(!is_placeholder_name(name), "{name}");
        }
        assert_eq!([dossier_code("-"), dossier_code("000"), dossier_code("không có")], [None, None, None]);
        assert_eq!(dossier_code(" H13-0 "), Some("h13 0".to_owned()));
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
        for name in [
            "Trường THPT Châu Văn Liêm",
            "Phòng Tư pháp quận Ninh Kiều",
            "Công an phường An Hội",
            "C.ty TNHH ABC",
            "Hội Nông dân phường",
            "Chùa Ông",
        ] {
            assert!(looks_like_organisation(name, ""), "{name}");
        }
        for name in [
            "Trương Nguyễn Hoàng Bảo Ngọc",
            "Quý Nguyễn Hoàng Minh Anh",
            "Trương Văn An",
            "Trương An",
            "Nguyễn Thị Công",
            "Hội",
            "",
        ] {
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
