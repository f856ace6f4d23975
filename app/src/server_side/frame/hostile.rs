//! Workbooks that were made to do harm, and honest ones that look like it.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::super::clock::Stopwatch;
use super::sheet::{FileFault, table};
use crate::domain::limits;

const BOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="A" r:id="rId1"/></sheets></workbook>"#;
const LINKS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

/// A zip file of these parts. `claimed` is the unpacked size of each in the directory.
fn zip(parts: &[(&str, Vec<u8>)], claimed: u32) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, packed) in parts {
        let at = u32::try_from(file.len()).expect("small");
        let size = u32::try_from(packed.len()).expect("small");
        let length = u16::try_from(name.len()).expect("short");
        let head = |out: &mut Vec<u8>| {
            out.extend([0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            out.extend(size.to_le_bytes());
            out.extend(claimed.to_le_bytes());
            out.extend(length.to_le_bytes());
            out.extend([0, 0]);
        };
        file.extend(b"PK\x03\x04\x14\0");
        head(&mut file);
        file.extend(name.as_bytes());
        file.extend(packed);
        directory.extend(b"PK\x01\x02\x14\0\x14\0");
        head(&mut directory);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (begin, size) = (file.len() as u32, directory.len() as u32);
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(parts.len()).unwrap_or(u16::MAX);
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(size.to_le_bytes());
    file.extend(begin.to_le_bytes());
    file.extend([0; 2]);
    file
}

/// Deflated: `begin`, `pattern` so many times, `end`.
fn packed(begin: &str, pattern: &str, times: usize, end: &str) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::fast());
    out.write_all(begin.as_bytes()).expect("packed");
    let (each, at_once) = (pattern.repeat(1_000), times / 1_000);
    for _ in 0..at_once {
        out.write_all(each.as_bytes()).expect("packed");
    }
    out.write_all(pattern.repeat(times % 1_000).as_bytes()).expect("packed");
    out.write_all(end.as_bytes()).expect("packed");
    out.finish().expect("packed")
}

fn plain(words: &str) -> Vec<u8> {
    packed(words, "", 0, "")
}

/// A workbook of one sheet.
fn book(sheet: Vec<u8>, strings: Vec<u8>) -> Vec<u8> {
    let parts = [
        ("xl/workbook.xml", plain(BOOK)),
        ("xl/_rels/workbook.xml.rels", plain(LINKS)),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ];
    zip(&parts, 0)
}

const CELLS: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>912345678</v></c></row>"#;

fn sheet(before: &str, cells: &str) -> Vec<u8> {
    plain(&format!("<worksheet>{before}<sheetData>{cells}</sheetData></worksheet>"))
}

fn strings(attributes: &str) -> Vec<u8> {
    plain(&format!("<sst {attributes}><si><t>Họ tên</t></si></sst>"))
}

/// The text of a file.
fn text(file: Vec<u8>) -> Result<String, FileFault> {
    table(file).map(|table| String::from_utf8(table.text).expect("UTF-8"))
}

/// The most memory that this process took at once, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

#[test]
fn sizes_that_a_small_workbook_claims_are_not_believed() {
    for (before, attributes) in [
        ("", "uniqueCount=\"999999999999999\""),
        ("", "count=\"18446744073709551615\" uniqueCount=\"768614336404564650\""),
        ("<dimension ref=\"A1:XFD1048576\"/>", ""),
        ("<dimension ref=\"A0:AZ48943\"/>", ""),
        ("<dimension ref=\"ZZZZZZZZ99999999999\"/><cols><col min=\"1\" max=\"99999999\"/></cols>", ""),
    ] {
        let file = book(sheet(before, CELLS), strings(attributes));
        assert!(file.len() < 1_600, "{}", file.len());
        assert_eq!(text(file).as_deref(), Ok("Họ tên\t912345678"), "{before} {attributes}");
    }
}

#[test]
fn cells_far_away_are_no_reason_to_fill_the_memory() {
    let cell = |at: &str| format!("{CELLS}<row><c r=\"{at}\" t=\"str\"><v>x</v></c></row>");
    for (at, found) in [
        ("XFD2", Ok("Họ tên\t912345678")),
        ("A3", Ok("Họ tên\t912345678\n\nx")),
        ("A1048576", Err(FileFault::TooManyLines)),
        ("A99999999999", Err(FileFault::Unreadable)),
        ("ABCD1", Err(FileFault::Unreadable)),
        ("A0", Err(FileFault::Unreadable)),
        ("", Err(FileFault::Unreadable)),
    ] {
        assert_eq!(text(book(sheet("", &cell(at)), strings(""))).as_deref(), found.as_ref().copied(), "{at}");
    }
    // What is far away and empty was only coloured.
    let blank = format!("{CELLS}<row r=\"1048576\"><c r=\"A1048576\" s=\"4\"/></row>");
    assert_eq!(text(book(sheet("", &blank), strings(""))).as_deref(), Ok("Họ tên\t912345678"));
    let merged = plain(&format!(
        "<worksheet><sheetData>{CELLS}</sheetData><mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells></worksheet>"
    ));
    assert_eq!(text(book(merged, strings(""))).as_deref(), Ok("Họ tên\t912345678"));
}

#[test]
fn what_unpacks_without_end_is_refused_while_it_is_unpacked() {
    const MANY: usize = 60_000_000;
    let begun = Stopwatch::start();
    let rows = "<worksheet><sheetData>";
    for (name, file) in [
        ("empty strings", book(sheet("", CELLS), packed("<sst>", "<si/>", MANY, "</sst>"))),
        ("one string", book(sheet("", CELLS), packed("<sst><si><t>", "x", MANY, "</t></si></sst>"))),
        (
            "many strings",
            book(sheet("", CELLS), packed("<sst>", &format!("<si><t>{}</t></si>", "x".repeat(1_000)), MANY / 500, "")),
        ),
        ("one tag", book(packed("<worksheet ", "a=\"1\" ", MANY / 6, "/>"), strings(""))),
        ("cells without a word", book(packed(rows, "<c/>", MANY + MANY / 4, ""), strings(""))),
        (
            "one long string in every cell",
            book(
                packed(rows, "<row><c t=\"s\"><v>0</v></c></row>", 100_000, "</sheetData></worksheet>"),
                packed("<sst><si><t>", "x", 32_000, "</t></si></sst>"),
            ),
        ),
    ] {
        assert!(file.len() < 4_000_000, "{name}: {}", file.len());
        assert!(matches!(text(file), Err(FileFault::TooLarge | FileFault::Unreadable)), "{name}");
    }
    assert!(begun.elapsed() < Duration::from_secs(90), "{:?}", begun.elapsed());
    assert!(peak() < 500, "{} MiB", peak());
}

#[test]
fn a_directory_cannot_lead_past_the_bounds() {
    let good = book(sheet("", CELLS), strings(""));
    let end = good.len() - 22;
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        text(file)
    };
    // Counts and places of the larger format, a place outside the file, no such entry.
    assert_eq!(with(end + 10, &[0xff, 0xff]), Err(FileFault::TooLarge));
    assert_eq!(with(end + 16, &[0xff; 4]), Err(FileFault::Unreadable));
    assert_eq!(with(end + 16, &(end as u32 + 1).to_le_bytes()), Err(FileFault::Unreadable));
    assert_eq!(with(end + 10, &[5, 0]), Err(FileFault::Unreadable));
    assert!(text(good[..end].to_vec()).is_err());
    // Entries without number, and one file in another.
    let many: Vec<(&str, Vec<u8>)> = (0..=limits::ZIP_PARTS).map(|_| ("a", Vec::new())).collect();
    assert_eq!(text(zip(&many, 0)), Err(FileFault::TooLarge));
    assert_eq!(text(zip(&[("inner.xlsx", good.clone())], 0)), Err(FileFault::Unreadable));
    assert_eq!(text(zip(&[("word/document.xml", Vec::new())], 0)), Err(FileFault::Document));
    // Whatever unpacked size the directory claims.
    assert_eq!(text(zip(&[("xl/workbook.xml", plain(BOOK))], u32::MAX)), Err(FileFault::Empty));
}

#[test]
fn entities_that_unfold_are_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">]><worksheet/>";
    assert_eq!(text(book(plain(bomb), strings(""))), Err(FileFault::Unreadable));
}
