//! A line of the list that an agency hands in (frame, khung mẫu): which column is what, and what a line must say to be
//! taken. Words of a line are never repeated in a fault: faults are shown, logged and printed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::identity::{Identity, looks_like_organisation, organisation_word, phone};
use super::numbers::{dossier_code, is_scientific};
use crate::domain::field_work::{Contact, Party};
use crate::domain::limits;
use crate::domain::response::coded;
use crate::domain::round::Field;
use crate::domain::text::{Lang, fold};

coded!(
    /// What a column says.
    Part {
        /// Code of the dossier.
        Code = 1 "ma-ho-so",
        /// Name of the person or organisation.
        Name = 2 "ten",
        /// Person or organisation.
        Party = 3 "doi-tuong",
        /// Number of the identity card, or tax code.
        Id = 4 "so-dinh-danh",
        /// Telephone.
        Phone = 5 "dien-thoai",
        /// Address.
        Address = 6 "dia-chi",
        /// Ward or commune, where it stands apart from the address.
        Area = 7 "dia-ban",
        /// Field (lĩnh vực): code or name.
        Field = 8 "linh-vuc",
        /// What the dossier was about.
        Note = 9 "thu-tuc",
    }
);

impl Part {
    /// Its name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Code => ("Mã hồ sơ", "Dossier code"),
            Self::Name => ("Họ tên, tên tổ chức", "Name"),
            Self::Party => ("Cá nhân hay tổ chức", "Person or organisation"),
            Self::Id => ("Số định danh, mã số thuế", "Identity number, tax code"),
            Self::Phone => ("Điện thoại", "Telephone"),
            Self::Address => ("Địa chỉ", "Address"),
            Self::Area => ("Xã, phường (nếu ở cột riêng)", "Ward or commune (if in a column of its own)"),
            Self::Field => ("Lĩnh vực", "Field"),
            Self::Note => ("Thủ tục, nội dung", "Procedure"),
        };
        if lang == Lang::Vi { vi } else { en }
    }

    /// Headings it goes by, folded.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Code => &["ma ho so", "so ho so", "ma hs", "so bien nhan", "ma bien nhan", "dossier code", "dossier"],
            Self::Name => &[
                "ho ten",
                "ho va ten",
                "ten to chuc",
                "ten ca nhan to chuc",
                "nguoi nop",
                "chu ho so",
                "ten",
                "name",
                "full name",
                "applicant",
            ],
            Self::Party => &["doi tuong", "loai doi tuong", "ca nhan hay to chuc", "loai", "party", "kind"],
            Self::Id => &[
                "so dinh danh",
                "cccd",
                "so cccd",
                "cmnd",
                "so cmnd",
                "cmnd cccd",
                "cccd cmnd",
                "ma so thue",
                "mst",
                "identity number",
                "tax code",
            ],
            Self::Phone => {
                &["dien thoai", "so dien thoai", "sdt", "so dt", "dtdd", "di dong", "telephone", "phone", "mobile"]
            }
            Self::Address => &["dia chi", "dia chi lien he", "noi o", "noi cu tru", "thuong tru", "address"],
            Self::Area => &["dia ban", "xa phuong", "phuong xa", "xa phuong thi tran", "ward", "commune"],
            Self::Field => &["linh vuc", "ma linh vuc", "ten linh vuc", "field"],
            Self::Note => {
                &["thu tuc", "ten thu tuc", "thu tuc hanh chinh", "tthc", "noi dung", "trich yeu", "procedure"]
            }
        }
    }
}

/// Which column (from 0) says what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(pub BTreeMap<Part, usize>);

impl Mapping {
    /// What the headings suggest: a heading that is one of the known words, else one that holds it.
    pub fn guess(headings: &[String]) -> Self {
        let folded: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
        let mut found = BTreeMap::new();
        let holds = |heading: &str, word: &str| format!(" {heading} ").contains(&format!(" {word} "));
        for exact in [true, false] {
            for part in Part::ALL {
                for word in part.headings() {
                    let fits = |heading: &str| if exact { heading == *word } else { holds(heading, word) };
                    let free = |at: &usize| !found.values().any(|taken| taken == at);
                    let column = folded.iter().enumerate().find(|(at, heading)| fits(heading) && free(at));
                    if let (Some((at, _)), false) = (column, found.contains_key(part)) {
                        found.insert(*part, at);
                    }
                }
            }
        }
        Self(found)
    }

    /// The column of a part.
    pub fn column(&self, part: Part) -> Option<usize> {
        self.0.get(&part).copied()
    }

    /// What is missing before any line can be read.
    pub fn missing(&self, by_field: bool) -> Option<Missing> {
        let has = |part| self.0.contains_key(&part);
        if !has(Part::Name) && !has(Part::Code) {
            Some(Missing::Name)
        } else if !has(Part::Address) && !has(Part::Phone) {
            Some(Missing::Contact)
        } else if by_field && !has(Part::Field) {
            Some(Missing::Field)
        } else {
            None
        }
    }
}

/// How a file is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// What stands between cells.
    pub separator: char,
    /// The line of the headings, from 1; lists begin below it.
    pub heading: u64,
    /// Which column is what.
    pub columns: Mapping,
}

/// A column without which a list cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Neither name nor dossier code.
    Name,
    /// Neither address nor telephone.
    Contact,
    /// The agency is drawn by field, and there is none.
    Field,
}

impl Missing {
    /// In words.
    pub fn words(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Name => {
                ("Xin chọn cột họ tên hoặc cột mã hồ sơ.", "Choose the column of the name or that of the dossier code.")
            }
            Self::Contact => {
                ("Xin chọn cột địa chỉ hoặc cột điện thoại.", "Choose the column of the address or the telephone.")
            }
            Self::Field => (
                "Cơ quan này chia tầng theo lĩnh vực: xin chọn cột lĩnh vực.",
                "This agency is drawn by field: choose the column of the field.",
            ),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// The line of the headings (from 0): of the first ones, that which names the most columns; lists often begin with a title.
pub fn guess_heading(rows: &[Vec<String>]) -> usize {
    let named = |row: &Vec<String>| Mapping::guess(row).0.len();
    let best = rows.iter().map(named).max().unwrap_or(0);
    rows.iter().position(|row| named(row) == best).filter(|_| best >= 2).unwrap_or(0)
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Neither a name nor a dossier code.
    NoName,
    /// Neither an address nor a telephone.
    NoContact,
    /// The telephone cannot be one, and there is no address.
    BadPhone,
    /// More letters than `limits::CONTACT_CHARS`.
    TooLong,
    /// The agency is drawn by field, and the cell is empty.
    NoField,
    /// The round has no such field.
    UnknownField,
    /// The round has the field, the agency has no stratum of it.
    NoStratum,
    /// The cell of person or organisation says neither.
    BadParty,
    /// A quotation mark is not closed, or a line breaks within a cell.
    BadQuote,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The line is longer than `limits::CSV_LINE_BYTES`.
    LineTooLong,
    /// A number as 9.12346E+08: its last digits are lost.
    Scientific,
    /// Letters with tones became question marks.
    LostLetters,
}

impl Why {
    /// In words.
    pub fn words(self, lang: Lang) -> String {
        let (vi, en) = match self {
            Self::NoName => ("thiếu họ tên và mã hồ sơ", "neither a name nor a dossier code"),
            Self::NoContact => ("thiếu địa chỉ và điện thoại", "neither an address nor a telephone"),
            Self::BadPhone => {
                ("không phải số điện thoại, và thiếu địa chỉ", "not a telephone number, and there is no address")
            }
            Self::TooLong => {
                return match lang {
                    Lang::Vi => format!("dài quá {} ký tự", limits::CONTACT_CHARS),
                    Lang::En => format!("longer than {} letters", limits::CONTACT_CHARS),
                };
            }
            Self::NoField => {
                ("để trống, mà cơ quan này chia tầng theo lĩnh vực", "empty, and this agency is drawn by field")
            }
            Self::UnknownField => ("không phải lĩnh vực nào của đợt", "no field of the round"),
            Self::NoStratum => ("cơ quan không có tầng cho lĩnh vực này", "the agency has no stratum of this field"),
            Self::BadParty => ("không nói là cá nhân hay tổ chức", "says neither person nor organisation"),
            Self::BadQuote => (
                "dấu ngoặc kép không khép, hoặc xuống dòng trong ô",
                "a quotation mark is not closed, or a line breaks within a cell",
            ),
            Self::NotUtf8 => ("không phải UTF-8", "not UTF-8"),
            Self::LineTooLong => ("dòng quá dài", "the line is too long"),
            Self::LostLetters => (
                "chữ có dấu đã thành dấu “?” khi lưu tệp: xin mở lại tệp Excel gốc và lưu dạng .xlsx hoặc “CSV UTF-8”",
                "letters became “?” when the file was saved: open the original in Excel, save it as .xlsx or “CSV UTF-8”",
            ),
            Self::Scientific => (
                "số bị Excel rút gọn (kiểu 9,12E+08), đã mất các chữ số cuối: xin định dạng cột là Văn bản (Text) và nhập lại",
                "a number shortened by Excel (as 9.12E+08), its last digits are lost: format the column as text and enter it again",
            ),
        };
        if lang == Lang::Vi { vi.to_owned() } else { en.to_owned() }
    }
}

/// A line that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column: its letter as spreadsheets count, and its heading; empty where the whole line is wrong.
    pub column: String,
    /// Why.
    pub why: Why,
}

impl BadLine {
    /// "dòng 17, cột C (Địa chỉ): …".
    pub fn words(&self, lang: Lang) -> String {
        let why = self.why.words(lang);
        match (lang, self.column.as_str()) {
            (Lang::Vi, "") => format!("dòng {}: {why}", self.line),
            (Lang::En, "") => format!("line {}: {why}", self.line),
            (Lang::Vi, column) => format!("dòng {}, cột {column}: {why}", self.line),
            (Lang::En, column) => format!("line {}, column {column}: {why}", self.line),
        }
    }
}

/// "A", "B", … "Z", "AA", … of a column from 0, as spreadsheets name it.
pub fn letters(column: usize) -> String {
    let mut name = String::new();
    let mut n = column + 1;
    while n > 0 {
        name.insert(0, char::from(b'A' + u8::try_from((n - 1) % 26).unwrap_or(0)));
        n = (n - 1) / 26;
    }
    name
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whom to visit.
    pub contact: Contact,
    /// Citizen or organisation.
    pub party: Party,
    /// Position of the field in the round.
    pub field: Option<i16>,
    /// Who it is.
    pub identity: Identity,
    /// The dossier code, comparable; none where the line has none.
    pub code: Option<String>,
}

/// Reads a line; `cell` gives the words of a part, nothing where it has no column. Which stratum it belongs to is for the
/// caller.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn read<'c>(cell: &dyn Fn(Part) -> &'c str, fields: &[Field]) -> Result<Line, (Option<Part>, Why)> {
    let text = |part: Part| -> Result<String, (Option<Part>, Why)> {
        let clean = clean(cell(part));
        if clean.chars().count() > limits::CONTACT_CHARS { Err((Some(part), Why::TooLong)) } else { Ok(clean) }
    };
    for part in [Part::Code, Part::Id, Part::Phone] {
        if is_scientific(cell(part)) {
            return Err((Some(part), Why::Scientific));
        }
    }
    let (code, name) = (text(Part::Code)?, text(Part::Name)?);
    if has_lost_letters(&name) {
        return Err((Some(Part::Name), Why::LostLetters));
    }
    if code.is_empty() && name.is_empty() {
        return Err((Some(Part::Name), Why::NoName));
    }
    let (mut address, area, number) = (text(Part::Address)?, text(Part::Area)?, text(Part::Phone)?);
    if !area.is_empty() && !fold(&address).contains(&fold(&area)) {
        address = if address.is_empty() { area } else { format!("{address}, {area}") };
    }
    if address.is_empty() {
        if number.is_empty() {
            return Err((Some(Part::Address), Why::NoContact));
        }
        if phone(&number).is_none() {
            return Err((Some(Part::Phone), Why::BadPhone));
        }
    }
    // A spreadsheet that took it for a number has eaten its 0.
    let bare = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = phone(&number).filter(|_| bare).unwrap_or(number);
    let id = text(Part::Id)?;
    let party = match text(Part::Party)?.as_str() {
        "" if looks_like_organisation(&name, &id) => Party::Organisation,
        "" => Party::Person,
        said => organisation_word(said).ok_or((Some(Part::Party), Why::BadParty))?,
    };
    let field = match text(Part::Field)?.as_str() {
        "" => None,
        said => Some(field_of(said, fields).ok_or((Some(Part::Field), Why::UnknownField))?),
    };
    let note = text(Part::Note)?;
    let note = match (note.is_empty(), code.is_empty()) {
        (false, false) => format!("{note} · {code}"),
        (false, true) => note,
        _ => code.clone(),
    };
    let identity = Identity::of(&name, &id, phone(&number).as_deref(), &address, &code);
    let known = dossier_code(&code);
    let name = if name.is_empty() { code } else { name };
    Ok(Line { contact: Contact { name, address, phone: number, note }, party, field, identity, code: known })
}

/// Whether a question mark is in the place of a letter: `Nguy?n`.
fn has_lost_letters(name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    letters
        .windows(2)
        .any(|pair| matches!(pair, [a, '?'] if a.is_alphabetic()) || matches!(pair, ['?', b] if b.is_alphabetic()))
}

/// A field by its code or by its name in either language.
fn field_of(said: &str, fields: &[Field]) -> Option<i16> {
    let said = fold(said);
    let is_it =
        |field: &Field| [&field.code, &field.name.vi, &field.name.en].into_iter().any(|name| fold(name) == said);
    fields.iter().position(is_it).and_then(|at| i16::try_from(at).ok())
}

/// NFC, one space between words, nothing invisible.
fn clean(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    for c in cell.nfc() {
        let invisible = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
        if c.is_whitespace() || c.is_control() {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
        } else if !invisible {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Text;

    fn headings(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    fn fields() -> Vec<Field> {
        let field =
            |code: &str, vi: &str, en: &str| Field { code: code.into(), name: Text { vi: vi.into(), en: en.into() } };
        vec![field("ho-tich", "Hộ tịch", "Civil status"), field("dat-dai", "Đất đai", "Land")]
    }

    fn line(cells: &[(Part, &'static str)]) -> Result<Line, (Option<Part>, Why)> {
        let cell = |part: Part| cells.iter().find(|(p, _)| *p == part).map_or("", |(_, words)| *words);
        read(&cell, &fields())
    }

    #[test]
    fn a_line_without_a_name_or_a_way_to_find_the_person_is_refused_with_its_column() {
        for (cells, fault) in [
            (&[(Part::Address, "ấp 1")][..], (Part::Name, Why::NoName)),
            (&[(Part::Name, "Nguyễn Văn An")], (Part::Address, Why::NoContact)),
            (&[(Part::Name, "An"), (Part::Phone, "không có")], (Part::Phone, Why::BadPhone)),
            (&[(Part::Name, "An"), (Part::Address, "x"), (Part::Field, "Thuế")], (Part::Field, Why::UnknownField)),
            (&[(Part::Name, "An"), (Part::Address, "x"), (Part::Party, "khác")], (Part::Party, Why::BadParty)),
        ] {
            assert_eq!(line(cells), Err((Some(fault.0), fault.1)));
        }
        let long: &'static str = Box::leak("ấ".repeat(limits::CONTACT_CHARS + 1).into_boxed_str());
        assert_eq!(line(&[(Part::Name, long), (Part::Address, "x")]), Err((Some(Part::Name), Why::TooLong)));
    }

    #[test]
    fn a_line_says_whom_to_visit_and_what_about() {
        let read = line(&[
            (Part::Code, "000.1.H13"),
            (Part::Name, "  Nguyễn  Văn\u{200b} An\n"),
            (Part::Phone, "0912 345 678"),
            (Part::Address, "Số 2, ấp Thới An"),
            (Part::Area, "xã Thới Hưng"),
            (Part::Field, "HỘ TỊCH"),
            (Part::Note, "Đăng ký khai sinh"),
        ])
        .expect("a good line");
        let contact = Contact {
            name: "Nguyễn Văn An".into(),
            address: "Số 2, ấp Thới An, xã Thới Hưng".into(),
            phone: "0912 345 678".into(),
            note: "Đăng ký khai sinh · 000.1.H13".into(),
        };
        assert_eq!((read.contact, read.party, read.field), (contact, Party::Person, Some(0)));
        // A code will do for a name, a telephone for an address; the ward is not said twice.
        let read = line(&[(Part::Code, "7"), (Part::Phone, "912345678"), (Part::Field, "dat-dai")]).expect("good");
        assert_eq!((read.contact.name.as_str(), read.contact.phone.as_str(), read.field), ("7", "0912345678", Some(1)));
        let twice = line(&[(Part::Name, "An"), (Part::Address, "ấp 1, Xã Thới Hưng"), (Part::Area, "xã Thới Hưng")]);
        assert_eq!(twice.expect("good").contact.address, "ấp 1, Xã Thới Hưng");
    }

    #[test]
    fn headings_are_known_in_both_languages_however_they_are_written() {
        let guess = Mapping::guess(&headings(&[
            "STT",
            "MÃ HỒ SƠ",
            "Họ và tên người nộp",
            "Số CMND/CCCD",
            "Số điện thoại",
            "Địa chỉ",
            "Lĩnh vực",
            "Tên thủ tục",
            "Ngày trả",
        ]));
        let expected = [
            (Part::Code, 1),
            (Part::Name, 2),
            (Part::Id, 3),
            (Part::Phone, 4),
            (Part::Address, 5),
            (Part::Field, 6),
            (Part::Note, 7),
        ];
        assert_eq!(guess, Mapping(expected.into()));
        let english = Mapping::guess(&headings(&["Name", "Phone", "Address", "Field"]));
        assert_eq!(english.0.len(), 4);
        assert_eq!(english.missing(true), None);
        assert_eq!(Mapping::guess(&headings(&["a", "b"])).missing(false), Some(Missing::Name));
        assert_eq!(Mapping::guess(&headings(&["Tên"])).missing(false), Some(Missing::Contact));
        assert_eq!(Mapping::guess(&headings(&["Tên", "SĐT"])).missing(true), Some(Missing::Field));
    }

    #[test]
    fn headings_are_found_below_a_title() {
        let rows = [
            headings(&["UBND XÃ THỚI HƯNG"]),
            headings(&["DANH SÁCH HỒ SƠ ĐÃ TRẢ KẾT QUẢ"]),
            headings(&["STT", "Họ tên", "Địa chỉ"]),
            headings(&["1", "An", "ấp 1"]),
        ];
        assert_eq!(guess_heading(&rows), 2);
        assert_eq!(guess_heading(&rows[..2]), 0);
        assert_eq!(guess_heading(&[]), 0);
    }

    #[test]
    fn a_bad_line_is_told_without_its_words() {
        let bad = BadLine { line: 17, column: "C (Địa chỉ)".into(), why: Why::NoContact };
        assert_eq!(bad.words(Lang::Vi), "dòng 17, cột C (Địa chỉ): thiếu địa chỉ và điện thoại");
        assert_eq!(
            BadLine { column: String::new(), ..bad }.words(Lang::En),
            "line 17: neither an address nor a telephone"
        );
        assert_eq!([letters(0), letters(25), letters(26), letters(701), letters(702)], ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
