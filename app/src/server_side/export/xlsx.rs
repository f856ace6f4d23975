//! A workbook: the explanation first, then a sheet a table, heads frozen and filtered, numbers as numbers with their
//! format. It holds tables only, whose size is that of the city and not of its responses, so it is made in memory.

use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, RowNum, Workbook, Worksheet, XlsxError,
};

use super::tables::{Cell, Table, tables};
use super::{Scope, Source, tame};
use crate::components::charts::SAMPLE_MARK;
use crate::components::number::say;

/// A4, as the format counts paper.
const A4: u8 = 9;
const HEADER_INCHES: f64 = 0.3;
const MARGIN_INCHES: f64 = 0.6;
/// From this width a column of words is wrapped, in characters.
const WRAPPED_FROM: u16 = 26;
const SECONDS_A_DAY: i64 = 86_400;

/// How cells look.
struct Looks {
    title: Format,
    mark: Format,
    stamp: Format,
    head: Format,
    words: Format,
    wrapped: Format,
    /// A word in a column of numbers: "ẩn", "< 5".
    word: Format,
    count: Format,
    /// A whole number among words.
    count_of_words: Format,
    share: Format,
    number: Format,
}

impl Looks {
    fn new() -> Self {
        let cell = Format::new().set_align(FormatAlign::Top);
        let right = cell.clone().set_align(FormatAlign::Right);
        let secondary = 0x004A_5966;
        Self {
            title: Format::new().set_bold().set_font_size(14),
            mark: Format::new().set_bold().set_font_color(0x007A_4E00).set_background_color(0x00FF_F4D6),
            stamp: Format::new().set_font_color(secondary),
            head: cell
                .clone()
                .set_bold()
                .set_text_wrap()
                .set_background_color(0x00E8_EDF1)
                .set_border_bottom(FormatBorder::Medium)
                .set_border_bottom_color(secondary),
            wrapped: cell.clone().set_text_wrap(),
            word: right.clone().set_font_color(secondary),
            count: right.clone().set_num_format("#,##0"),
            count_of_words: cell.clone().set_align(FormatAlign::Left).set_num_format("#,##0"),
            share: right.clone().set_num_format("0.00%"),
            number: right.set_num_format("0.0"),
            words: cell,
        }
    }
}

/// The workbook of a round.
///
/// # Errors
/// A table larger than the format holds, or what the compressor says.
pub fn workbook(source: &Source<'_>, scope: Scope<'_>) -> Result<Vec<u8>, XlsxError> {
    let lang = source.query.lang;
    // Of the data and not of the hour of the download: the same figures give the same bytes.
    let of_data = source.stamp.file_time().map(|ms| ms.div_euclid(1_000));
    let made = of_data.unwrap_or_else(|| i64::from(source.data.round.period.0) * SECONDS_A_DAY);
    let properties = DocProperties::new()
        .set_title(format!("Hài Lòng – {}", plain(source.data.round.name.get(lang))))
        .set_creation_datetime(&ExcelDateTime::from_timestamp(made)?);
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties);
    let looks = Looks::new();
    for table in tables(source, scope) {
        fill(workbook.add_worksheet(), source, &table, &looks)?;
    }
    workbook.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, source: &Source<'_>, table: &Table, looks: &Looks) -> Result<(), XlsxError> {
    let (lang, sample_data) = (source.query.lang, source.data.round.sample_data);
    sheet.set_name(table.title)?;
    sheet.write_string_with_format(0, 0, table.title, &looks.title)?;
    let stamp = format!("{} · {}", source.data.round.name.get(lang), source.stamp.words(lang));
    sheet.write_string_with_format(1, 0, plain(&stamp), &looks.stamp)?;
    let mut head: RowNum = 2;
    if sample_data {
        let words = say(lang, " – không phải kết quả thật", " – simulated data, not real results");
        sheet.write_string_with_format(head, 0, format!("{SAMPLE_MARK}{words}"), &looks.mark)?;
        head += 1;
    }
    for (column, at) in table.columns.iter().zip(0..) {
        sheet.write_string_with_format(head, at, plain(&column.name), &looks.head)?;
        sheet.set_column_width(at, column.width)?;
    }
    let of_numbers = columns_of_numbers(table);
    for (cells, row) in table.rows.iter().zip(head + 1..) {
        for (((cell, column), numbers), at) in cells.iter().zip(&table.columns).zip(&of_numbers).zip(0..) {
            let words = match (numbers, column.width) {
                (true, _) => &looks.word,
                (false, WRAPPED_FROM..) => &looks.wrapped,
                (false, _) => &looks.words,
            };
            let count = if *numbers { &looks.count } else { &looks.count_of_words };
            write(sheet, (row, at), cell, [words, count], looks)?;
        }
    }
    // The head, and the names of what a row is about.
    let wide = table.columns.len() > 4;
    sheet.set_freeze_panes(head + 1, if wide { 2 } else { 1 })?;
    sheet.set_repeat_rows(head, head)?;
    let last = |n: usize| n.saturating_sub(1);
    if let (true, Ok(row), Ok(column)) =
        (wide, RowNum::try_from(table.rows.len()), ColNum::try_from(last(table.columns.len())))
    {
        sheet.autofilter(head, 0, head + row, column)?;
    }
    let foot = if sample_data { format!("&L{SAMPLE_MARK}") } else { String::new() };
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(MARGIN_INCHES, MARGIN_INCHES, MARGIN_INCHES, MARGIN_INCHES, HEADER_INCHES, HEADER_INCHES)
        .set_footer(format!("{foot}&C{}&R&P/&N", table.title));
    Ok(())
}

/// Which columns hold numbers, so that a word in them stands where the numbers do.
fn columns_of_numbers(table: &Table) -> Vec<bool> {
    let is_number = |cell: Option<&Cell>| matches!(cell, Some(Cell::Count(_) | Cell::Share(_) | Cell::Number(_)));
    // The sheet that explains has numbers among its words: they stand on the left with them.
    let of_figures = table.columns.len() > 2;
    (0..table.columns.len()).map(|at| of_figures && table.rows.iter().any(|row| is_number(row.get(at)))).collect()
}

fn write(
    sheet: &mut Worksheet,
    (row, at): (RowNum, ColNum),
    cell: &Cell,
    [words, count]: [&Format; 2],
    looks: &Looks,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, at, plain(text), words)?,
        Cell::Count(n) => sheet.write_number_with_format(row, at, *n as f64, count)?,
        Cell::Share(share) => sheet.write_number_with_format(row, at, *share, &looks.share)?,
        Cell::Number(value) => sheet.write_number_with_format(row, at, *value, &looks.number)?,
        Cell::Empty => sheet,
    };
    Ok(())
}

/// As a string, so that no program makes a formula of it; tamed, so that none does after it was copied; and without
/// the two characters that XML cannot hold.
fn plain(text: &str) -> String {
    tame(text).replace(['\u{fffe}', '\u{ffff}'], "")
}
