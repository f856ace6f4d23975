//! A workbook: the explanation first, then a sheet a table, heads frozen, numbers as numbers with their format.

use std::fmt::Write as _;
use std::io;

use super::package::{Package, XML, escape};
use super::tables::{Cell, Table, tables};
use super::{Scope, Source, tame};
use crate::components::charts::SAMPLE_MARK;
use crate::components::number::say;

/// Positions in `cellXfs` of [`STYLES`].
const HEAD: u8 = 1;
const TEXT: u8 = 2;
const COUNT: u8 = 3;
const SHARE: u8 = 4;
const NUMBER: u8 = 5;
const MARK: u8 = 6;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

const STYLES: &str = r#"<numFmts count="1"><numFmt numFmtId="164" formatCode="0.0"/></numFmts>
<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><color rgb="FFA12A1E"/><name val="Calibri"/></font></fonts>
<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFE8EDF1"/><bgColor indexed="64"/></patternFill></fill></fills>
<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>
<border><left/><right/><top/><bottom style="thin"><color rgb="FF4A5966"/></bottom><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="0" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>
<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>
<xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>
<xf numFmtId="0" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>"#;

/// The workbook of a round.
///
/// # Errors
/// What the compressor says; none when it writes into memory.
pub fn workbook(source: &Source<'_>, scope: Scope<'_>) -> io::Result<Vec<u8>> {
    let tables = tables(source, scope);
    let head_row = if source.data.round.sample_data { 3 } else { 2 };
    let mut package = Package::default();
    let mut types = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{KIND}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{KIND}.styles+xml\"/>"
    );
    let mut sheets = String::new();
    let mut names = String::new();
    let mut relations = format!("<Relationship Id=\"rId0\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>");
    for (table, at) in tables.iter().zip(1..) {
        let title = escape(table.title);
        // Writing to a String cannot fail.
        let _ =
            write!(types, "<Override PartName=\"/xl/worksheets/sheet{at}.xml\" ContentType=\"{KIND}.worksheet+xml\"/>");
        let _ = write!(sheets, "<sheet name=\"{title}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>");
        // The head again on every printed sheet.
        let _ = write!(
            names,
            "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{}\">'{title}'!${head_row}:${head_row}</definedName>",
            at - 1
        );
        let target = format!("worksheets/sheet{at}.xml");
        let _ = write!(relations, "<Relationship Id=\"rId{at}\" Type=\"{OFFICE}/worksheet\" Target=\"{target}\"/>");
        package.add(&format!("xl/{target}"), sheet(source, table, head_row).as_bytes())?;
    }
    types.push_str("</Types>");
    let related = |inside: &str| format!("{XML}<Relationships xmlns=\"{RELATIONS}\">{inside}</Relationships>");
    let workbook = format!(
        "{XML}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{sheets}</sheets><definedNames>{names}</definedNames>\
         </workbook>"
    );
    let root = format!("<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/>");
    let styles = format!("{XML}<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>");
    package.add("xl/workbook.xml", workbook.as_bytes())?;
    package.add("xl/_rels/workbook.xml.rels", related(&relations).as_bytes())?;
    package.add("xl/styles.xml", styles.as_bytes())?;
    package.add("_rels/.rels", related(&root).as_bytes())?;
    package.add("[Content_Types].xml", types.as_bytes())?;
    Ok(package.finish())
}

fn sheet(source: &Source<'_>, table: &Table, head_row: usize) -> String {
    let lang = source.query.lang;
    let mut rows = Rows::default();
    if source.data.round.sample_data {
        let words = say(lang, " – không phải kết quả thật", " – simulated data, not real results");
        rows.open();
        rows.text(&format!("{SAMPLE_MARK}{words}"), MARK);
    }
    rows.open();
    rows.text(&format!("{} · {}", source.data.round.name.get(lang), source.stamp.words(lang)), 0);
    rows.open();
    for column in &table.columns {
        rows.text(&column.name, HEAD);
    }
    for cells in &table.rows {
        rows.open();
        for cell in cells {
            match cell {
                Cell::Text(words) => rows.text(words, TEXT),
                Cell::Count(n) => rows.number(n, COUNT),
                Cell::Share(share) => rows.number(share, SHARE),
                Cell::Number(value) => rows.number(value, NUMBER),
                Cell::Empty => rows.column += 1,
            }
        }
    }
    let mut widths = String::new();
    for (column, at) in table.columns.iter().zip(1..) {
        let _ = write!(widths, "<col min=\"{at}\" max=\"{at}\" width=\"{}\" customWidth=\"1\"/>", column.width);
    }
    // The head, and the names of what a row is about.
    let fixed = if table.columns.len() > 4 { 2 } else { 1 };
    let corner = format!("{}{}", letters(fixed), head_row + 1);
    let foot = if source.data.round.sample_data { format!("&amp;L{SAMPLE_MARK}") } else { String::new() };
    format!(
        "{XML}<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews>\
         <sheetView workbookViewId=\"0\"><pane xSplit=\"{fixed}\" ySplit=\"{head_row}\" topLeftCell=\"{corner}\" \
         activePane=\"bottomRight\" state=\"frozen\"/></sheetView></sheetViews><cols>{widths}</cols>\
         <sheetData>{}</sheetData><pageMargins left=\"0.6\" right=\"0.6\" top=\"0.7\" bottom=\"0.7\" header=\"0.3\" \
         footer=\"0.3\"/><pageSetup paperSize=\"9\" orientation=\"landscape\" fitToHeight=\"0\"/>\
         <headerFooter><oddFooter>{foot}&amp;R&amp;P/&amp;N</oddFooter></headerFooter></worksheet>",
        rows.finish()
    )
}

/// The rows of a sheet as XML.
#[derive(Default)]
struct Rows {
    out: String,
    row: usize,
    column: usize,
}

impl Rows {
    fn open(&mut self) {
        let close = if self.row > 0 { "</row>" } else { "" };
        self.row += 1;
        self.column = 0;
        let _ = write!(self.out, "{close}<row r=\"{}\">", self.row);
    }

    /// As a string, so that no program makes a formula of it; tamed, so that none does after it was copied.
    fn text(&mut self, words: &str, style: u8) {
        let place = self.place();
        let words = escape(&tame(words));
        let _ = write!(
            self.out,
            "<c r=\"{place}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{words}</t></is></c>"
        );
    }

    fn number(&mut self, value: &impl std::fmt::Display, style: u8) {
        let place = self.place();
        let _ = write!(self.out, "<c r=\"{place}\" s=\"{style}\"><v>{value}</v></c>");
    }

    fn place(&mut self) -> String {
        let place = format!("{}{}", letters(self.column), self.row);
        self.column += 1;
        place
    }

    fn finish(mut self) -> String {
        if self.row > 0 {
            self.out.push_str("</row>");
        }
        self.out
    }
}

/// The letters of a column, counted from 0; ours have at most two.
fn letters(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
    if column < 26 { letter(column).to_string() } else { format!("{}{}", letter(column / 26 - 1), letter(column)) }
}
