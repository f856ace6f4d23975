//! Rows of a list that are no dossier: the numbers of the columns, headings that a page repeats, totals, the place and
//! day, signatures. They are recognised, named and left out; none of them counts in N.
//!
//! Tones decide where folded words would be alike: "Tổng cộng" is a total, "Tống Công" a person.

use unicode_normalization::UnicodeNormalization;

use crate::domain::text::{Lang, fold};

/// What a row is that is no dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aside {
    /// (1) (2) (3), below the headings.
    ColumnNumbers,
    /// The headings once more, as on the next page of a print.
    Headings,
    /// A total, or what is carried over from page to page.
    Total,
    /// Place and day below the list.
    Day,
    /// Who made, checked or signed the list.
    Signature,
    /// What comes below a signature or the day: names of those who signed.
    Below,
}

impl Aside {
    /// In words.
    pub fn words(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::ColumnNumbers => ("dòng số thứ tự của các cột", "the numbers of the columns"),
            Self::Headings => ("dòng tiêu đề lặp lại", "the headings once more"),
            Self::Total => ("dòng tổng cộng", "a total"),
            Self::Day => ("dòng địa danh, ngày tháng", "place and day"),
            Self::Signature => ("dòng chữ ký", "a signature"),
            Self::Below => ("dòng dưới phần ký", "below the signatures"),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// Reads rows from the first one below the headings.
#[derive(Clone, Debug, Default)]
pub struct Asides {
    /// The headings, folded.
    headings: Vec<String>,
    /// Place and day or a signature was met.
    at_end: bool,
}

impl Asides {
    /// Below these headings.
    pub fn below(headings: &[String]) -> Self {
        Self { headings: headings.iter().map(|heading| fold(heading)).collect(), at_end: false }
    }

    /// What the next row is; none for a dossier.
    pub fn next(&mut self, cells: &[&str]) -> Option<Aside> {
        let filled: Vec<&str> = cells.iter().copied().filter(|cell| !cell.is_empty()).collect();
        let found = self.of(cells, &filled);
        self.at_end |= matches!(found, Some(Aside::Day | Aside::Signature));
        found
    }

    fn of(&self, cells: &[&str], filled: &[&str]) -> Option<Aside> {
        if are_labels(filled) {
            return Some(Aside::ColumnNumbers);
        }
        if filled.len() >= 2 {
            let same =
                cells.iter().zip(&self.headings).filter(|(cell, heading)| !cell.is_empty() && fold(cell) == **heading);
            if same.count() == filled.len() {
                return Some(Aside::Headings);
            }
        }
        let words: Vec<String> = filled.iter().map(|cell| tidy(cell)).collect();
        let first = words.iter().find(|words| words.chars().any(char::is_alphabetic));
        if first.is_some_and(|words| is_total(words)) {
            return Some(Aside::Total);
        }
        if filled.len() <= 3 && words.iter().any(|words| is_day(words)) {
            return Some(Aside::Day);
        }
        // A dossier has a number: its own, of the line, the house or the telephone.
        if filled.is_empty() || filled.iter().any(|cell| cell.chars().any(|c| c.is_ascii_digit())) {
            return None;
        }
        let signs = words.iter().filter(|words| is_signature(words, filled.len() <= 3)).count();
        if signs * 2 >= filled.len() {
            return Some(Aside::Signature);
        }
        self.at_end.then_some(Aside::Below)
    }
}

/// Small letters in one form, one space between words, no signs at the ends.
fn tidy(cell: &str) -> String {
    let lower: String = cell.nfc().collect::<String>().to_lowercase();
    let joined = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.trim_matches(|c: char| !c.is_alphanumeric() && c != '(').to_owned()
}

/// (1) (2) (3), or A B 1 2: labels of columns, each one further than the one before of its kind.
fn are_labels(filled: &[&str]) -> bool {
    let (mut letters, mut numbers) = (0_u32, 0_u32);
    let further = |cell: &&str| {
        let bare = cell.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | '.' | ' '));
        // A computed column names its formula: (7)=(5)+(6).
        let bare = bare.split(['=', ' ']).next().unwrap_or_default().trim_matches(['(', ')', '[', ']']);
        if let Ok(number) = bare.parse::<u32>() {
            let further = bare.len() <= 2 && number > numbers && number <= 60;
            numbers = number;
            return further;
        }
        let mut signs = bare.chars();
        match (signs.next(), signs.next()) {
            (Some(letter), None) if letter.is_ascii_alphabetic() => {
                let place = u32::from(letter.to_ascii_uppercase());
                let further = place > letters && numbers == 0;
                letters = place;
                further
            }
            _ => false,
        }
    };
    let begins = filled.first().is_some_and(|cell| matches!(cell.trim_matches(['(', ')', '[', ']']), "1" | "A" | "a"));
    begins && filled.len() >= 3 && filled.iter().all(further)
}

fn is_total(words: &str) -> bool {
    let rest = |start: &str| words.strip_prefix(start).map(|rest| rest.trim_start_matches([' ', ':', '(', '.', '=']));
    let number = |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit());
    // No person or organisation has such a name.
    let whole = [
        "tổng cộng",
        "tổng số",
        "tổng hồ sơ",
        "tổng dòng",
        "tổng toàn",
        "tổng chung",
        "cộng dồn",
        "cộng trang",
        "cộng chuyển",
        "cộng mang sang",
        "mang sang",
        "chuyển sang trang",
        "lũy kế",
        "luỹ kế",
        "cộng chung",
        "cộng số",
        "cộng toàn",
        "cộng tháng",
        "cộng quý",
        "tong cong",
        "tong so",
        "luy ke",
        "grand total",
        "subtotal",
        "sub total",
    ];
    whole.iter().any(|start| words.starts_with(start))
        || ["tổng", "cộng", "total"].iter().any(|start| rest(start).is_some_and(number))
}

fn is_day(words: &str) -> bool {
    let folded = fold(words);
    let places = [" ngay ", " thang ", " nam "].map(|word| format!(" {folded} ").find(word));
    let [Some(day), Some(month), Some(year)] = places else { return false };
    // With figures, with dots to be filled in, or with nothing.
    let known: usize = folded.split(' ').filter(|word| word.chars().all(|c| c.is_ascii_digit())).count();
    day < month && month < year && (known > 0 || folded.split(' ').count() <= 8)
}

/// Titles of those who sign, with their tones.
const SIGNS: &[&str] = &[
    "người lập biểu",
    "người lập bảng",
    "người lập danh sách",
    "người lập",
    "lập biểu",
    "lập bảng",
    "người kiểm tra",
    "người kiểm soát",
    "người duyệt",
    "người báo cáo",
    "người tổng hợp",
    "người ký",
    "người thực hiện",
    "người giao",
    "người nhận",
    "cán bộ tổng hợp",
    "cán bộ lập",
    "cán bộ phụ trách",
    "cán bộ tiếp nhận",
    "công chức phụ trách",
    "chuyên viên",
    "kế toán trưởng",
    "kế toán",
    "thủ quỹ",
    "văn thư",
    "thủ trưởng",
    "thủ trưởng đơn vị",
    "thủ trưởng cơ quan",
    "lãnh đạo",
    "lãnh đạo đơn vị",
    "lãnh đạo phòng",
    "trưởng phòng",
    "phó trưởng phòng",
    "phó phòng",
    "trưởng bộ phận",
    "phụ trách bộ phận",
    "giám đốc",
    "phó giám đốc",
    "tổng giám đốc",
    "chủ tịch",
    "phó chủ tịch",
    "chánh văn phòng",
    "phó chánh văn phòng",
    "trưởng ban",
    "phó trưởng ban",
    "hiệu trưởng",
    "phó hiệu trưởng",
    "viện trưởng",
    "cục trưởng",
    "chi cục trưởng",
    "trưởng công an",
    "đại diện đơn vị",
    "đại diện lãnh đạo",
    "xác nhận",
    "xác nhận của",
    "phê duyệt",
    "ký tên",
    "đã ký",
    "nơi nhận",
    "nguoi lap bieu",
    "nguoi lap",
    "thu truong don vi",
    "thu truong",
    "truong phong",
    "giam doc",
    "chu tich",
    "prepared by",
    "approved by",
    "signature",
];

/// How a row of signatures begins, whatever follows.
const SIGN_STARTS: &[&str] = &[
    "(ký",
    "ký, ghi",
    "ký và ghi",
    "ký, đóng dấu",
    "tm. ủy",
    "tm. uỷ",
    "tm.ủy",
    "tm.uỷ",
    "kt. ",
    "tl. ",
    "tuq. ",
    "kt.chủ",
    "kt.giám",
    "kt.trưởng",
    "(đã ký",
    "(ky",
    "nơi nhận:",
    "lưu: vt",
    "ghi chú:",
];

/// Whether a cell is of a signature; `sparse`: its row has at most three.
fn is_signature(words: &str, sparse: bool) -> bool {
    SIGNS.contains(&words)
        || SIGN_STARTS.iter().any(|start| words.starts_with(start))
        || (sparse
            && SIGNS.iter().any(|sign| words.strip_prefix(sign).is_some_and(|rest| rest.starts_with([' ', ',', '(']))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADINGS: [&str; 4] = ["STT", "Mã hồ sơ", "Họ và tên", "Địa chỉ"];

    fn one(cells: &[&str]) -> Option<Aside> {
        Asides::below(&HEADINGS.map(str::to_owned)).next(cells)
    }

    #[test]
    fn rows_that_are_no_dossier_are_known_by_what_they_say() {
        for (cells, aside) in [
            (&["(1)", "(2)", "(3)", "(4)"][..], Aside::ColumnNumbers),
            (&["1", "2", "3", "4"], Aside::ColumnNumbers),
            (&["A", "B", "1", "2"], Aside::ColumnNumbers),
            (&["[1]", "[2]", "", "[4]=[1]+[2]"], Aside::ColumnNumbers),
            (&["STT", "MÃ HỒ SƠ", "Họ và  tên", ""], Aside::Headings),
            (&["", "Tổng cộng:", "6 hồ sơ", ""], Aside::Total),
            (&["TỔNG CỘNG", "", "", ""], Aside::Total),
            (&["", "Cộng", "", "120"], Aside::Total),
            (&["", "Cộng:", "", ""], Aside::Total),
            (&["", "", "Tổng: 6 hồ sơ", ""], Aside::Total),
            (&["", "Tổng số: 120", "", ""], Aside::Total),
            (&["", "", "Lũy kế", "35"], Aside::Total),
            (&["", "TONG CONG", "", ""], Aside::Total),
            (&["", "", "", "Cần Thơ, ngày 30 tháng 11 năm 2025"], Aside::Day),
            (&["", "", "", "Ninh Kiều, ngày ... tháng ... năm ......"], Aside::Day),
            (&["", "Người lập biểu", "", "Trưởng phòng"], Aside::Signature),
            (&["NGƯỜI LẬP BIỂU", "", "", "THỦ TRƯỞNG ĐƠN VỊ"], Aside::Signature),
            (&["", "(Ký, ghi rõ họ tên)", "", "(Ký, đóng dấu)"], Aside::Signature),
            (&["", "TM. ỦY BAN NHÂN DÂN", "", "KT. CHỦ TỊCH"], Aside::Signature),
            (&["", "Thủ trưởng đơn vị (ký tên)", "", ""], Aside::Signature),
        ] {
            assert_eq!(one(cells), Some(aside), "{cells:?}");
        }
    }

    #[test]
    fn people_and_organisations_with_such_words_are_dossiers() {
        for cells in [
            &["1", "H13-1", "Nguyễn Văn An", "12 Nguyễn Trãi"][..],
            &["2", "H13-2", "Tống Văn Cộng", "Ấp 2"],
            &["3", "H13-3", "Tổng công ty Điện lực", "Lô 2"],
            &["4", "H13-4", "Cộng đồng dân cư ấp 3", "Ấp 3"],
            &["5", "H13-5", "Trần Trưởng Phòng", "Ấp 4"],
            &["6", "7", "8", "Ấp 4"],
            &["", "H13-6", "Giám đốc Công ty A, Lê Văn B", "12 đường 3/2, 0912345678"],
            &["7", "H13-7", "Công ty Ngày Tháng Năm", "12 đường 3/2"],
            &["8", "H13-8", "Lê Thị Hạ", "Ấp 2"],
        ] {
            assert_eq!(one(cells), None, "{cells:?}");
        }
    }

    #[test]
    fn names_below_a_signature_are_not_asked() {
        let mut asides = Asides::below(&HEADINGS.map(str::to_owned));
        assert_eq!(asides.next(&["", "Nguyễn Văn Ký", "", "Trần Thị Trưởng"]), None);
        assert_eq!(asides.next(&["", "Người lập biểu", "", "Trưởng phòng"]), Some(Aside::Signature));
        assert_eq!(asides.next(&["", "Nguyễn Văn Ký", "", "Trần Thị Trưởng"]), Some(Aside::Below));
        assert_eq!(asides.next(&["7", "H13-7", "Lê Văn An", "Ấp 2"]), None, "a list that goes on");
    }
}
