//! A document for word processors (WordprocessingML), as much of it as a report needs: paragraphs, tables, pictures,
//! page numbers. Knows nothing of figures; `report` says what stands in it.

use std::fmt::Write as _;
use std::io;

use super::package::{Package, XML, escape};
use super::picture::{HEIGHT, WIDTH};

const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006";
const KIND: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
/// English metric units of a pixel at 300 dots an inch.
const EMU: u32 = 3_048;

/// Nghị định 30/2020/NĐ-CP, Phụ lục I: A4, 20 mm above and below, 30 mm left, 15 mm right, in twentieths of a point.
const PAGE: &str = "<w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"850\" w:bottom=\"1134\" \
                    w:left=\"1701\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>";
/// The width between the margins.
pub(super) const TEXT_WIDTH: u32 = 9_355;

/// Where a paragraph stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
    /// Both sides, first line moved in: running text.
    Text,
}

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Half points.
    pub(super) size: u8,
    pub(super) bold: bool,
    pub(super) italic: bool,
}

impl Look {
    pub(super) const fn plain(points: u8) -> Self {
        Self { size: points * 2, bold: false, italic: false }
    }

    pub(super) const fn bold(points: u8) -> Self {
        Self { size: points * 2, bold: true, italic: false }
    }

    pub(super) const fn italic(points: u8) -> Self {
        Self { size: points * 2, bold: false, italic: true }
    }
}

/// A cell: paragraphs that are ready.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell(pub(super) String);

/// Words as a paragraph. `after`: space below, in twentieths of a point.
pub(super) fn paragraph(words: &str, look: Look, align: Align, after: u16) -> String {
    let place = match align {
        Align::Left => "",
        Align::Centre => "<w:jc w:val=\"center\"/>",
        Align::Right => "<w:jc w:val=\"right\"/>",
        Align::Text => "<w:ind w:firstLine=\"567\"/><w:jc w:val=\"both\"/>",
    };
    format!("<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"{after}\"/>{place}</w:pPr>{}</w:p>", run(words, look))
}

/// A heading that stays with what follows.
pub(super) fn heading(words: &str) -> String {
    format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/><w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/>\
         <w:ind w:firstLine=\"567\"/><w:outlineLvl w:val=\"0\"/></w:pPr>{}</w:p>",
        run(words, Look::bold(14))
    )
}

/// A heading within one, which stays with what follows.
pub(super) fn subheading(words: &str) -> String {
    format!(
        "<w:p><w:pPr><w:keepNext/><w:spacing w:before=\"120\" w:after=\"60\"/><w:ind w:firstLine=\"567\"/>\
         <w:outlineLvl w:val=\"1\"/></w:pPr>{}</w:p>",
        run(words, Look::bold(14))
    )
}

/// A line across the middle of a cell, so many twentieths of a point from each side.
pub(super) fn rule(indent: u32) -> String {
    format!(
        "<w:p><w:pPr><w:pBdr><w:top w:val=\"single\" w:sz=\"6\" w:space=\"1\" w:color=\"000000\"/></w:pBdr>\
         <w:spacing w:before=\"20\" w:after=\"0\" w:line=\"120\" w:lineRule=\"exact\"/>\
         <w:ind w:left=\"{indent}\" w:right=\"{indent}\"/></w:pPr></w:p>"
    )
}

fn run(words: &str, look: Look) -> String {
    let mut style = String::new();
    if look.bold {
        style.push_str("<w:b/>");
    }
    if look.italic {
        style.push_str("<w:i/>");
    }
    let size = look.size;
    let words = escape(words);
    format!(
        "<w:r><w:rPr>{style}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>\
         <w:t xml:space=\"preserve\">{words}</w:t></w:r>"
    )
}

/// A document that is being written.
#[derive(Debug, Default)]
pub(super) struct Document {
    body: String,
    pictures: Vec<Vec<u8>>,
}

impl Document {
    /// Adds what is ready.
    pub(super) fn push(&mut self, ready: &str) {
        self.body.push_str(ready);
    }

    /// Adds a table. `widths` in twentieths of a point; `head`: its first row comes again on every page.
    pub(super) fn table(&mut self, widths: &[u32], rows: &[Vec<Cell>], bordered: bool, head: bool) {
        let side = |name: &str| format!("<w:{name} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"4A5966\"/>");
        let borders = if bordered {
            let sides = ["top", "left", "bottom", "right", "insideH", "insideV"].map(side).concat();
            format!("<w:tblBorders>{sides}</w:tblBorders>")
        } else {
            String::new()
        };
        let _ = write!(
            self.body,
            "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/>{borders}<w:tblLayout w:type=\"fixed\"/>\
             <w:tblCellMar><w:left w:w=\"57\" w:type=\"dxa\"/><w:right w:w=\"57\" w:type=\"dxa\"/></w:tblCellMar>\
             </w:tblPr><w:tblGrid>",
            widths.iter().sum::<u32>()
        );
        for width in widths {
            let _ = write!(self.body, "<w:gridCol w:w=\"{width}\"/>");
        }
        self.body.push_str("</w:tblGrid>");
        for (at, row) in rows.iter().enumerate() {
            let again = if head && at == 0 { "<w:tblHeader/>" } else { "" };
            let _ = write!(self.body, "<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>");
            for (cell, width) in row.iter().zip(widths) {
                let shade =
                    if head && at == 0 { "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E8EDF1\"/>" } else { "" };
                let _ = write!(self.body, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}");
                if bordered {
                    self.body.push_str("<w:vAlign w:val=\"center\"/>");
                }
                self.body.push_str("</w:tcPr>");
                self.body.push_str(&cell.0);
                self.body.push_str("</w:tc>");
            }
            self.body.push_str("</w:tr>");
        }
        self.body.push_str("</w:tbl>");
    }

    /// Keeps a picture and gives the paragraph that shows it; `words` are for who cannot see it.
    pub(super) fn picture(&mut self, png: Vec<u8>, words: &str) -> String {
        self.pictures.push(png);
        let at = self.pictures.len();
        let (width, height) = (u32::from(WIDTH) * EMU, u32::from(HEIGHT) * EMU);
        let words = escape(words);
        format!(
            "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\"/><w:jc w:val=\"center\"/></w:pPr><w:r><w:drawing>\
             <wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{width}\" cy=\"{height}\"/>\
             <wp:docPr id=\"{at}\" name=\"Hình {at}\" descr=\"{words}\"/><a:graphic xmlns:a=\"{DRAWING}/main\">\
             <a:graphicData uri=\"{DRAWING}/picture\"><pic:pic xmlns:pic=\"{DRAWING}/picture\"><pic:nvPicPr>\
             <pic:cNvPr id=\"{at}\" name=\"Hình {at}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
             <a:blip r:embed=\"rIdP{at}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>\
             <a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/>\
             </a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )
    }

    /// The file. `mark` stands at the head of every page; the page number from the second on.
    ///
    /// # Errors
    /// What the compressor says; none when it writes into memory.
    pub(super) fn finish(self, title: &str, mark: Option<&str>) -> io::Result<Vec<u8>> {
        let mut package = Package::default();
        let mut relations = format!(
            "<Relationship Id=\"rIdS\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>\
             <Relationship Id=\"rIdH\" Type=\"{OFFICE}/header\" Target=\"header1.xml\"/>\
             <Relationship Id=\"rIdF\" Type=\"{OFFICE}/header\" Target=\"header2.xml\"/>"
        );
        for (png, at) in self.pictures.iter().zip(1..) {
            let _ =
                write!(relations, "<Relationship Id=\"rIdP{at}\" Type=\"{OFFICE}/image\" Target=\"media/{at}.png\"/>");
            package.add(&format!("word/media/{at}.png"), png)?;
        }
        let mark = mark.map(|mark| paragraph(mark, Look::bold(11), Align::Centre, 60)).unwrap_or_default();
        let number = "<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r>\
                      <w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r>\
                      <w:fldChar w:fldCharType=\"end\"/></w:r></w:p>";
        let header = |inside: &str| format!("{XML}<w:hdr xmlns:w=\"{WORD}\">{inside}</w:hdr>");
        let first = if mark.is_empty() { "<w:p/>" } else { &mark };
        let document = format!(
            "{XML}<w:document xmlns:w=\"{WORD}\" xmlns:r=\"{OFFICE}\" xmlns:wp=\"{DRAWING}/wordprocessingDrawing\"><w:body>{}\
             <w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdH\"/><w:headerReference w:type=\"first\" \
             r:id=\"rIdF\"/>{PAGE}<w:titlePg/></w:sectPr></w:body></w:document>",
            self.body
        );
        let styles = format!(
            "{XML}<w:styles xmlns:w=\"{WORD}\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts \
             w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:cs=\"Times New Roman\" \
             w:eastAsia=\"Times New Roman\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/><w:lang w:val=\"vi-VN\"/></w:rPr>\
             </w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">\
             <w:name w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"Heading1\">\
             <w:name w:val=\"heading 1\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/></w:style></w:styles>"
        );
        let types = format!(
            "{XML}<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
             <Override PartName=\"/word/document.xml\" ContentType=\"{KIND}.document.main+xml\"/>\
             <Override PartName=\"/word/styles.xml\" ContentType=\"{KIND}.styles+xml\"/>\
             <Override PartName=\"/word/header1.xml\" ContentType=\"{KIND}.header+xml\"/>\
             <Override PartName=\"/word/header2.xml\" ContentType=\"{KIND}.header+xml\"/>\
             <Override PartName=\"/docProps/core.xml\" \
             ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>"
        );
        let core = format!(
            "{XML}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:language>vi</dc:language>\
             </cp:coreProperties>",
            escape(title)
        );
        let related =
            |inside: &str| format!("{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{inside}</Relationships>");
        let root = format!(
            "<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"word/document.xml\"/><Relationship \
             Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"
        );
        package.add("word/document.xml", document.as_bytes())?;
        package.add("word/_rels/document.xml.rels", related(&relations).as_bytes())?;
        package.add("word/styles.xml", styles.as_bytes())?;
        package.add("word/header1.xml", header(&format!("{mark}{number}")).as_bytes())?;
        package.add("word/header2.xml", header(first).as_bytes())?;
        package.add("docProps/core.xml", core.as_bytes())?;
        package.add("_rels/.rels", related(&root).as_bytes())?;
        package.add("[Content_Types].xml", types.as_bytes())?;
        Ok(package.finish())
    }
}
