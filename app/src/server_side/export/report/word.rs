//! The report as DOCX.

use std::io;

use super::{Bar, Cell, Office, Part, Report, Table};
use crate::server_side::export::docx::{self, Align, Document, Look, heading, paragraph, rule, subheading};
use crate::server_side::export::picture;

/// The file.
///
/// # Errors
/// What the compressor says; none when it writes into memory.
pub fn docx(report: &Report) -> io::Result<Vec<u8>> {
    let mut document = Document::default();
    head(&mut document, &report.office, &report.title);
    for part in &report.parts {
        match part {
            Part::Heading(words) => document.push(&heading(words)),
            Part::Subheading(words) => document.push(&subheading(words)),
            Part::Text(words) => document.push(&paragraph(words, Look::plain(14), Align::Text, 120)),
            Part::Table(table) => draw(&mut document, report, table)?,
            Part::Legend(words) => document.push(&paragraph(words, Look::italic(11), Align::Left, 120)),
        }
    }
    foot(&mut document, report);
    document.finish(&report.title, report.mark.as_deref())
}

fn head(document: &mut Document, office: &Office, title: &str) {
    let centred = |words: &str, look| paragraph(words, look, Align::Centre, 0);
    let left = [
        centred(&office.above, Look::plain(12)),
        centred(&office.name, Look::bold(13)),
        rule(1_200),
        centred(&office.number_line("BC"), Look::plain(13)),
    ];
    let right = [
        centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Look::bold(12)),
        centred("Độc lập - Tự do - Hạnh phúc", Look::bold(13)),
        rule(1_150),
        centred(&office.date_line(), Look::italic(13)),
    ];
    document.table(&[3_655, 5_700], &[vec![docx::Cell(left.concat()), docx::Cell(right.concat())]], false, false);
    document.push(&paragraph("", Look::plain(14), Align::Left, 120));
    document.push(&paragraph("BÁO CÁO", Look::bold(14), Align::Centre, 0));
    document.push(&paragraph(title, Look::bold(14), Align::Centre, 0));
    document.push(&rule(3_400));
    document.push(&paragraph("", Look::plain(14), Align::Left, 60));
}

fn draw(document: &mut Document, report: &Report, table: &Table) -> io::Result<()> {
    let small = |words: &str, look, align| docx::Cell(paragraph(words, look, align, 0));
    let widths: Vec<u32> = table.columns.iter().map(|(_, width)| *width).collect();
    let mut rows = vec![table.columns.iter().map(|(name, _)| small(name, Look::bold(11), Align::Centre)).collect()];
    for cells in &table.rows {
        let mut row = Vec::new();
        for cell in cells {
            row.push(match cell {
                Cell::Words(words) => small(words, Look::plain(11), Align::Left),
                Cell::Strong(words) => small(words, Look::bold(11), Align::Left),
                Cell::Number(words) => small(words, Look::plain(11), Align::Right),
                Cell::Bar(Bar { figure, n, words }) => {
                    let png = picture::bar(figure, *n, report.axis_from, report.target)?;
                    docx::Cell(document.picture(png, words))
                }
            });
        }
        rows.push(row);
    }
    document.table(&widths, &rows, true, true);
    Ok(())
}

fn foot(document: &mut Document, report: &Report) {
    let title = paragraph("Nơi nhận:", Look { bold: true, ..Look::italic(12) }, Align::Left, 0);
    let lines = report.recipients.iter().map(|words| paragraph(words, Look::plain(11), Align::Left, 0));
    let left: String = std::iter::once(title).chain(lines).collect();
    let right = paragraph(&report.office.signer, Look::bold(14), Align::Centre, 1_800);
    document.push(&paragraph("", Look::plain(14), Align::Left, 120));
    document.table(&[4_655, 4_700], &[vec![docx::Cell(left), docx::Cell(right)]], false, false);
    document.push(&paragraph("", Look::plain(2), Align::Right, 0));
}
