//! A file of rows, whatever program wrote it: CSV with commas, semicolons or tabs, or the sheet of a workbook
//! that looks like a list, which becomes text with tabs. Line numbers stay those of the file.

use super::super::csv_table::CsvTable;
use super::{html, workbook};
use crate::domain::limits;
use crate::domain::sample::frame::{Mapping, Reading, guess_heading};
use crate::domain::text::Lang;

/// Why a file cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// Nothing in it.
    Empty,
    /// More than `limits::FRAME_FILE_BYTES`, packed or unpacked.
    TooLarge,
    /// More than `limits::FRAME_LINES` lines.
    TooManyLines,
    /// A line longer than `limits::CSV_LINE_BYTES`: no list, or a quotation mark that swallows it.
    LineTooLong(u64),
    /// A workbook of before 2007.
    OldWorkbook,
    /// A workbook that is damaged or has a password.
    Unreadable,
    /// A document of a word processor.
    Document,
    /// Text in another encoding than UTF-8.
    NotUtf8,
    /// The file that was kept cannot be opened any more.
    Gone,
}

impl FileFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> String {
        let mega = limits::FRAME_FILE_BYTES / 1024 / 1024;
        let lines = limits::FRAME_LINES / 1000;
        let (vi, en) = match self {
            Self::Empty => (
                "Tệp không có dòng nào. Xin chọn tệp CSV hoặc Excel (.xlsx).".to_owned(),
                "The file has no line. Choose a CSV or Excel (.xlsx) file.".to_owned(),
            ),
            Self::TooLarge => (
                format!("Tệp lớn hơn {mega} MB. Xin bỏ bớt cột không cần, hoặc lưu lại dạng “CSV UTF-8”."),
                format!("The file is larger than {mega} MB. Leave columns out, or save it as “CSV UTF-8”."),
            ),
            Self::TooManyLines => (
                format!("Tệp có hơn {lines}.000 dòng. Xin xem lại: danh sách chỉ gồm hồ sơ đã trả trong kỳ."),
                format!("More than {lines},000 lines. The list holds the dossiers returned in the period only."),
            ),
            Self::LineTooLong(line) => (
                format!("Dòng {line} quá dài. Xin xem dấu ngoặc kép ở dòng ấy, rồi tải lại."),
                format!("Line {line} is too long. See the quotation marks on it, then upload again."),
            ),
            Self::OldWorkbook => (
                "Tệp Excel đời cũ (.xls). Xin lưu lại dạng .xlsx hoặc “CSV UTF-8”.".to_owned(),
                "An old Excel file (.xls). Save it as .xlsx or “CSV UTF-8”.".to_owned(),
            ),
            Self::Unreadable => (
                "Tệp Excel hỏng hoặc có mật khẩu. Xin mở ra, bỏ mật khẩu và lưu lại.".to_owned(),
                "The workbook is damaged or has a password. Open it, take the password off, save it again.".to_owned(),
            ),
            Self::Document => (
                "Đây là tệp Word (.docx). Xin mở tệp, chép bảng sang Excel rồi lưu dạng .xlsx.".to_owned(),
                "This is a Word file (.docx). Open it, copy the table into Excel and save it as .xlsx.".to_owned(),
            ),
            Self::NotUtf8 => (
                "Chữ trong tệp không phải UTF-8. Xin lưu lại dạng “CSV UTF-8” hoặc .xlsx.".to_owned(),
                "The text is not UTF-8. Save it as “CSV UTF-8” or .xlsx.".to_owned(),
            ),
            Self::Gone => (
                "Tệp không còn giữ ở đây nữa. Xin tải lên lại.".to_owned(),
                "The file is not kept any more. Upload it again.".to_owned(),
            ),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// A file as text, and what stands between its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Lines.
    pub text: Vec<u8>,
    /// Comma, semicolon or tab.
    pub separator: char,
}

/// The first lines of a file, and how it seems to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// How.
    pub reading: Reading,
    /// The cells of the headings.
    pub headings: Vec<String>,
    /// The first lines below, for who sent the file.
    pub rows: Vec<Vec<String>>,
    /// The first lines of the file with their numbers: where the headings may be.
    pub top: Vec<(u64, Vec<String>)>,
}

/// Makes text of a file.
///
/// # Errors
/// Why it is none.
pub fn table(bytes: Vec<u8>) -> Result<Table, FileFault> {
    if bytes.len() > limits::FRAME_FILE_BYTES {
        return Err(FileFault::TooLarge);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(FileFault::OldWorkbook);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let text = workbook::text(&bytes)?;
        return if text.is_empty() { Err(FileFault::Empty) } else { Ok(Table { text, separator: '\t' }) };
    }
    if bytes.trim_ascii().is_empty() {
        return Err(FileFault::Empty);
    }
    // UTF-16 has a zero in every other byte; no text has one at all.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(FileFault::NotUtf8);
    }
    if let Some(text) = html::text(&bytes)? {
        return if text.is_empty() { Err(FileFault::Empty) } else { Ok(Table { text, separator: '\t' }) };
    }
    // Where most lines are in another encoding, no column has a name; one such line is named among the bad ones.
    let wrong = bytes.split(|byte| *byte == b'\n').filter(|line| std::str::from_utf8(line).is_err()).count();
    if wrong * 2 > bytes.split(|byte| *byte == b'\n').count() {
        return Err(FileFault::NotUtf8);
    }
    let mut bytes = bytes;
    if !bytes.contains(&b'\n') {
        // Lines that end as on old Macintoshes.
        bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let separator = separator(&bytes);
    Ok(Table { text: bytes, separator })
}

/// The sign that stands between the cells: of the first lines, the one that parts the most, outside quotation marks.
fn separator(bytes: &[u8]) -> char {
    let mut counts = [(b'\t', 0_u32), (b';', 0), (b',', 0)];
    for line in bytes.split(|byte| *byte == b'\n').take(limits::FRAME_HEADING_LINES) {
        let mut quoted = false;
        for byte in line {
            quoted ^= *byte == b'"';
            if !quoted && let Some((_, count)) = counts.iter_mut().find(|(sign, _)| sign == byte) {
                *count += 1;
            }
        }
    }
    // Addresses are full of commas: what parts a list with tabs or semicolons does so on every line.
    let [tabs, semicolons, commas] = counts.map(|(_, count)| count);
    if tabs > 0 && tabs * 2 >= commas {
        '\t'
    } else if semicolons > 0 && semicolons * 2 >= commas {
        ';'
    } else {
        ','
    }
}

/// The first lines of a file. With a `reading` given, by it; otherwise as it seems to be.
pub fn preview(table: &Table, given: Option<&Reading>) -> Preview {
    let sign = u8::try_from(table.separator).unwrap_or(b',');
    let mut rows = CsvTable::separated(table.text.as_slice(), sign).with_breaks();
    let (mut top, mut below) = (Vec::new(), Vec::new());
    while top.len() < limits::FRAME_HEADING_LINES + limits::FRAME_PREVIEW {
        match rows.advance() {
            Ok(true) => {
                let cells = (0..rows.len().min(limits::FRAME_COLUMNS)).map(|at| rows.cell(at).to_owned());
                top.push((rows.line(), cells.collect::<Vec<_>>()));
            }
            // A line that cannot be read is named when the list is taken in.
            Err(_) if rows.line() < 1_000 => {}
            Ok(false) | Err(_) => break,
        }
    }
    let candidates: Vec<Vec<String>> =
        top.iter().take(limits::FRAME_HEADING_LINES).map(|(_, cells)| cells.clone()).collect();
    let heading =
        given.map(|reading| reading.heading).or_else(|| top.get(guess_heading(&candidates)).map(|(line, _)| *line));
    let heading = heading.unwrap_or(1);
    let headings = top.iter().find(|(line, _)| *line == heading).map(|(_, cells)| cells.clone()).unwrap_or_default();
    below.extend(
        top.iter().filter(|(line, _)| *line > heading).take(limits::FRAME_PREVIEW).map(|(_, cells)| cells.clone()),
    );
    let columns = given.map_or_else(|| Mapping::guess(&headings), |reading| reading.columns.clone());
    top.truncate(limits::FRAME_HEADING_LINES);
    Preview { reading: Reading { separator: table.separator, heading, columns }, headings, rows: below, top }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::frame::Part;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    fn lines(table: &Table) -> Vec<String> {
        String::from_utf8(table.text.clone()).expect("text").lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_no_list_is_refused_with_what_to_do() {
        for (bytes, fault) in [
            (&b""[..], FileFault::Empty),
            (b" \r\n", FileFault::Empty),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", FileFault::OldWorkbook),
            (b"PK\x03\x04 and then nothing", FileFault::Unreadable),
            (b"\xff\xfeT\0e\0n\0", FileFault::NotUtf8),
        ] {
            assert_eq!(table(bytes.to_vec()), Err(fault));
            assert!(!fault.words(Lang::Vi).is_empty() && !fault.words(Lang::En).is_empty());
        }
        assert_eq!(table(vec![b'a'; limits::FRAME_FILE_BYTES + 1]), Err(FileFault::TooLarge));
        let mut other = Workbook::new();
        other.add_worksheet();
        assert_eq!(table(other.save_to_buffer().expect("written")), Err(FileFault::Empty));
    }

    #[test]
    fn the_sign_between_cells_is_found_even_among_addresses_with_commas() {
        for (text, sign) in [
            ("ten,dia chi\nAn,ap 1\n", ','),
            ("ten;dia chi\nAn;ap 1, xa A, quan B\nBình;ấp 2, xã A\n", ';'),
            ("ten\tdia chi\nAn\tap 1, xa A\n", '\t'),
            ("ten,\"dia chi; noi o\"\n", ','),
            ("ten\nAn\n", ','),
        ] {
            assert_eq!(table(text.as_bytes().to_vec()).expect("text").separator, sign, "{text}");
        }
    }

    #[test]
    fn a_workbook_reads_as_it_looks_on_the_screen_line_by_line() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "DANH SÁCH").expect("written");
        sheet.write(2, 0, "Họ tên").expect("written");
        sheet.write(2, 2, "Điện thoại").expect("written");
        sheet.write(3, 0, "Nguyễn\n\"An\"\tB").expect("written");
        sheet.write(3, 1, 12.5).expect("written");
        sheet.write(3, 2, 912_345_678).expect("written");
        let day = ExcelDateTime::from_ymd(2018, 11, 12).expect("a day");
        sheet.write_with_format(3, 3, &day, &Format::new().set_num_format("dd/mm/yyyy")).expect("written");
        let table = table(book.save_to_buffer().expect("written")).expect("read");
        let wanted = ["DANH SÁCH", "", "Họ tên\t\tĐiện thoại", "\"Nguyễn \"\"An\"\" B\"\t12.5\t912345678\t12/11/2018"];
        assert_eq!(lines(&table), wanted);
        let preview = preview(&table, None);
        assert_eq!((preview.reading.heading, preview.headings.len()), (3, 3));
        assert_eq!(preview.reading.columns.column(Part::Phone), Some(2));
        assert_eq!(preview.rows, [["Nguyễn \"An\" B", "12.5", "912345678", "12/11/2018"]]);
    }

    #[test]
    fn a_small_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_read() {
        use flate2::{Compression, write::DeflateEncoder};
        use std::io::Write as _;
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        for _ in 0..=limits::FRAME_UNPACKED_BYTES / (1 << 20) {
            packed.write_all(&vec![b' '; 1 << 20]).expect("packed");
        }
        let packed = packed.finish().expect("packed");
        assert!(packed.len() < 1 << 20);
        // One part that says it is empty.
        let mut file = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend([0; 8]);
        file.extend(b"\x01\0\0\0x");
        file.extend(&packed);
        let directory = file.len() as u32;
        file.extend(b"PK\x01\x02\x14\0\x14\0\0\0\x08\0");
        file.extend([0; 16]);
        file.extend(b"\x01\0");
        file.extend([0; 16]);
        file.extend(b"x");
        let size = file.len() as u32 - directory;
        file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
        file.extend(size.to_le_bytes());
        file.extend(directory.to_le_bytes());
        file.extend([0; 2]);
        assert_eq!(table(file), Err(FileFault::Unreadable), "it is no workbook, and what is in it was not unpacked");
    }

    #[test]
    fn a_chosen_heading_and_columns_stand() {
        let table = table("a,b\nHọ tên,Địa chỉ\nAn,ấp 1\n".as_bytes().to_vec()).expect("text");
        assert_eq!(preview(&table, None).reading.heading, 2);
        let chosen = Reading { separator: ',', heading: 1, columns: Mapping::default() };
        let shown = preview(&table, Some(&chosen));
        assert_eq!((shown.headings, shown.rows.len()), (vec!["a".to_owned(), "b".to_owned()], 2));
        assert_eq!(shown.reading, chosen);
    }
}
