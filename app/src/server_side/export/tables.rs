//! The tables of a round: ranking, levels, factors, criteria, distributions, questions, and what explains them.
//!
//! Cells come from the models of the pages. A cell that is hidden there is the word "ẩn" here; a number is unrounded for
//! sample data and has the digits of the page otherwise (`pages::results::json`).

mod method;
mod pages;

use method::method;
pub use pages::Pages;

use super::{Scope, Source};
use crate::components::number::say;
use crate::domain::agency::Level;
use crate::domain::disclosure::Count;
use crate::domain::text::Lang;
use crate::pages::results::json::{Digits, FigureJson};
use crate::pages::results::model::{AgencyPage, Headline, Place, QuestionBlock};
use crate::pages::results::shown::Shown;
use crate::pages::results::words;

/// A value in a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A whole number.
    Count(i64),
    /// A share of 1, shown as a percentage.
    Share(f64),
    /// Any other number.
    Number(f64),
    /// Nothing.
    Empty,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// How wide, in characters.
    pub width: u16,
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name in addresses and file names.
    pub key: &'static str,
    /// Name of its sheet, at most 31 characters.
    pub title: &'static str,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// All tables, the explanation first.
pub fn tables(source: &Source<'_>, scope: Scope<'_>) -> Vec<Table> {
    tables_of(source, &Pages::new(source, scope))
}

/// The same, of pages that are made already.
pub fn tables_of(source: &Source<'_>, pages: &Pages) -> Vec<Table> {
    let lang = source.query.lang;
    let digits = Digits::of(source.data.round.sample_data && source.stamp.edition().is_none());
    let mut tables = vec![method(source, pages, lang)];
    if pages.sees_all {
        tables.push(levels(pages, lang, digits));
    }
    tables.extend([
        ranking(pages, lang, digits),
        factors(pages, lang, digits),
        criteria(pages, lang, digits),
        distributions(pages, lang),
        questions(pages, lang, digits),
    ]);
    tables
}

fn columns(names: &[(&str, u16)]) -> Vec<Column> {
    names.iter().map(|(name, width)| Column { name: (*name).to_owned(), width: *width }).collect()
}

fn text(words: impl Into<String>) -> Cell {
    Cell::Text(words.into())
}

/// A count as far as it is said.
fn count(count: Count, lang: Lang) -> Cell {
    match count {
        Count::Exactly(n) => Cell::Count(n),
        Count::Few => text("< 5"),
        Count::Hidden => text(say(lang, "ẩn", "hidden")),
    }
}

fn optional(n: Option<i64>) -> Cell {
    n.map_or(Cell::Empty, Cell::Count)
}

/// Share, lower and upper limit, and a word where one of them is missing.
fn figure(shown: &Shown, lang: Lang, digits: Digits) -> [Cell; 4] {
    let word = text(shown.words(lang));
    let why = shown.why(lang).map_or(Cell::Empty, text);
    match FigureJson::new(shown, digits) {
        FigureJson::Interval { share, low, high } => {
            [Cell::Share(share), Cell::Share(low), Cell::Share(high), Cell::Empty]
        }
        FigureJson::Census { share, .. } => {
            [Cell::Share(share), Cell::Empty, Cell::Empty, text(shown.precision_words(lang))]
        }
        FigureJson::Without { share, .. } => [Cell::Share(share), Cell::Empty, Cell::Empty, why],
        FigureJson::Voluntary { share } => {
            let note = say(lang, "phản hồi tự nguyện", "voluntary feedback");
            [Cell::Share(share), Cell::Empty, Cell::Empty, text(note)]
        }
        FigureJson::AtLeast { .. } | FigureJson::AtMost { .. } => [word, Cell::Empty, Cell::Empty, Cell::Empty],
        FigureJson::Hidden { .. } | FigureJson::Absent { .. } => [word, Cell::Empty, Cell::Empty, why],
    }
}

/// The names of the four columns of a figure.
fn figure_columns(lang: Lang, what: &'static str) -> [(&'static str, u16); 4] {
    [
        (what, 12),
        (say(lang, "Cận dưới 95%", "Lower limit, 95%"), 14),
        (say(lang, "Cận trên 95%", "Upper limit, 95%"), 14),
        (say(lang, "Ghi chú", "Note"), 30),
    ]
}

fn level(level: Level, lang: Lang) -> Cell {
    text(words::level(level, lang))
}

fn levels(pages: &Pages, lang: Lang, digits: Digits) -> Table {
    let mut names = vec![
        (say(lang, "Cấp", "Level"), 28),
        (say(lang, "Số cơ quan", "Agencies"), 12),
        (say(lang, "Có phiếu", "With responses"), 12),
        (say(lang, "Số phiếu n", "Responses n"), 12),
        (say(lang, "Số hồ sơ N", "Dossiers N"), 12),
    ];
    names.extend(figure_columns(lang, say(lang, "Chỉ số", "Index")));
    let line = |name: Cell, agencies: [usize; 2], n: Count, population: Option<i64>, shown: &Shown| {
        let mut row = vec![name];
        row.extend(agencies.map(|k| Cell::Count(i64::try_from(k).unwrap_or(i64::MAX))));
        row.extend([count(n, lang), optional(population)]);
        row.extend(figure(shown, lang, digits));
        row
    };
    let levels = &pages.city.levels;
    let mut rows: Vec<_> = levels
        .iter()
        .map(|l| line(level(l.level, lang), [l.agencies, l.measured], l.n, l.population, &l.figure))
        .collect();
    if let Some(Headline { figure, n, population, .. }) = &pages.city.headline {
        let sum = |part: fn(&crate::pages::results::model::LevelLine) -> usize| levels.iter().map(part).sum();
        let all = [sum(|l| l.agencies), sum(|l| l.measured)];
        rows.insert(0, line(text(say(lang, "Toàn thành phố", "The city")), all, *n, *population, figure));
    }
    Table {
        key: "cap", title: say(lang, "Thành phố và các cấp", "City and levels"), columns: columns(&names), rows
    }
}

fn ranking(pages: &Pages, lang: Lang, digits: Digits) -> Table {
    let mut names = vec![
        (say(lang, "Cấp", "Level"), 28),
        (say(lang, "Mã", "Code"), 14),
        (say(lang, "Cơ quan", "Agency"), 44),
        (say(lang, "Hạng", "Rank"), 8),
        (say(lang, "Hạng tốt nhất có thể", "Best possible rank"), 12),
        (say(lang, "Hạng thấp nhất có thể", "Worst possible rank"), 12),
        (say(lang, "Số cơ quan được xếp hạng", "Agencies ranked"), 12),
        (say(lang, "Vì sao không xếp hạng", "Why not ranked"), 26),
    ];
    names.extend(figure_columns(lang, say(lang, "Chỉ số", "Index")));
    names.extend([
        (say(lang, "Số phiếu n", "Responses n"), 12),
        (say(lang, "Số hồ sơ N", "Dossiers N"), 12),
        (say(lang, "Mức", "Band"), 16),
        (say(lang, "Yếu tố", "Factors"), 18),
    ]);
    let number = |k: usize| Cell::Count(i64::try_from(k).unwrap_or(i64::MAX));
    let mut rows = Vec::new();
    for group in &pages.city.groups {
        for line in &group.lines {
            let mut row = vec![level(group.level, lang), text(&line.code), text(&line.name)];
            row.extend(match line.place {
                Place::Ranked { rank, best, worst, of } => {
                    [number(rank), number(best), number(worst), number(of), Cell::Empty]
                }
                Place::NotRanked(why) => {
                    [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, text(words::not_ranked(why, lang))]
                }
                Place::Unranked => [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty],
            });
            row.extend(figure(&line.figure, lang, digits));
            row.extend([
                count(line.n, lang),
                optional(line.population),
                line.band.as_ref().map_or(Cell::Empty, |band| text(&band.words)),
                line.factors.map_or(Cell::Empty, |(counted, of)| text(words::factors(counted, of, lang))),
            ]);
            rows.push(row);
        }
    }
    Table { key: "xep-hang", title: say(lang, "Xếp hạng", "Ranking"), columns: columns(&names), rows }
}

/// The first two cells of a row of an agency.
fn agency(page: &AgencyPage) -> Vec<Cell> {
    vec![text(&page.code), text(&page.name)]
}

fn agency_columns(lang: Lang) -> Vec<(&'static str, u16)> {
    vec![(say(lang, "Mã cơ quan", "Agency code"), 14), (say(lang, "Cơ quan", "Agency"), 40)]
}

fn factors(pages: &Pages, lang: Lang, digits: Digits) -> Table {
    let mut names = agency_columns(lang);
    names.extend([(say(lang, "Mã yếu tố", "Factor code"), 10), (say(lang, "Yếu tố", "Factor"), 40)]);
    names.extend(figure_columns(lang, say(lang, "Tỷ lệ hài lòng", "Satisfied")));
    names.extend([
        (say(lang, "Số người trả lời", "Respondents"), 12),
        (say(lang, "Tính vào chỉ số", "Counts in the index"), 12),
    ]);
    let mut rows = Vec::new();
    for page in &pages.agencies {
        for line in &page.factors {
            let mut row = agency(page);
            row.extend([text(&line.code), text(&line.name)]);
            row.extend(figure(&line.figure, lang, digits));
            // Whether it counts says whether there were five: only where n is shown.
            let counts = if line.counts { say(lang, "có", "yes") } else { say(lang, "không", "no") };
            let counts = if line.n == Count::Hidden { say(lang, "ẩn", "hidden") } else { counts };
            row.extend([count(line.n, lang), text(counts)]);
            rows.push(row);
        }
    }
    Table { key: "yeu-to", title: say(lang, "Yếu tố", "Factors"), columns: columns(&names), rows }
}

fn criteria(pages: &Pages, lang: Lang, digits: Digits) -> Table {
    let mut names = agency_columns(lang);
    names.extend([(say(lang, "Mã tiêu chí", "Criterion code"), 10), (say(lang, "Tiêu chí", "Criterion"), 60)]);
    names.extend(figure_columns(lang, say(lang, "Tỷ lệ hài lòng", "Satisfied")));
    names.extend([
        (say(lang, "Số người trả lời", "Respondents"), 12),
        (say(lang, "Không áp dụng", "Not applicable"), 12),
        (say(lang, "Thấp hơn chỉ số rõ rệt", "Clearly below the index"), 14),
    ]);
    let mut rows = Vec::new();
    for page in &pages.agencies {
        for line in &page.criteria {
            let mut row = agency(page);
            row.extend([text(&line.code), text(&line.text)]);
            row.extend(figure(&line.figure, lang, digits));
            let lower = if line.clearly_lower { text(say(lang, "có", "yes")) } else { Cell::Empty };
            row.extend([count(line.n, lang), count(line.not_applicable, lang), lower]);
            rows.push(row);
        }
    }
    Table { key: "tieu-chi", title: say(lang, "Tiêu chí", "Criteria"), columns: columns(&names), rows }
}

fn distributions(pages: &Pages, lang: Lang) -> Table {
    let mut names = agency_columns(lang);
    names.extend([
        (say(lang, "Mã tiêu chí", "Criterion code"), 10),
        (say(lang, "Từ mức", "From answer"), 10),
        (say(lang, "Đến mức", "To answer"), 10),
        (say(lang, "Số người", "People"), 12),
    ]);
    let mut rows = Vec::new();
    for page in &pages.agencies {
        for line in &page.criteria {
            for group in &line.scores {
                let mut row = agency(page);
                let ends = [group.from, group.to].map(|answer| Cell::Count(answer.into()));
                row.push(text(&line.code));
                row.extend(ends);
                row.push(count(group.count, lang));
                rows.push(row);
            }
        }
    }
    let title = say(lang, "Phân bố câu trả lời", "Distribution of answers");
    Table { key: "phan-bo", title, columns: columns(&names), rows }
}

fn questions(pages: &Pages, lang: Lang, digits: Digits) -> Table {
    let mut names = agency_columns(lang);
    names.extend([
        (say(lang, "Câu hỏi", "Question"), 60),
        (say(lang, "Lựa chọn", "Option"), 40),
        (say(lang, "Số người", "People"), 12),
    ]);
    names.extend(figure_columns(lang, say(lang, "Tỷ lệ", "Share")));
    let mut rows = Vec::new();
    for page in &pages.agencies {
        let blocks: Vec<&QuestionBlock> = page.facts.iter().chain(&page.expectations).chain(&page.taps).collect();
        for block in blocks {
            for option in &block.options {
                let mut row = agency(page);
                row.extend([text(&block.text), text(&option.text), count(option.n, lang)]);
                row.extend(figure(&option.share, lang, digits));
                rows.push(row);
            }
        }
    }
    Table {
        key: "cau-hoi",
        title: say(lang, "Nhận định, mong đợi", "Facts and expectations"),
        columns: columns(&names),
        rows,
    }
}
