//! The yearly report in the layout of Nghị định 30/2020/NĐ-CP: quốc hiệu, số, trích yếu, nơi nhận. It says what the
//! figures say and nothing else; number, date and signature are left to the office, and so are proposals. What stands in
//! it is said here once; [`word`] writes it as DOCX, `pages::staff::report` as a page that prints.

mod word;

pub use word::docx;

use super::docx::TEXT_WIDTH;
use super::tables::Pages;
use super::{Scope, Source};
use crate::components::charts::SAMPLE_MARK;
use crate::components::number::{count, day, percent};
use crate::components::page::SiteInfo;
use crate::domain::disclosure::Count;
use crate::domain::text::Lang;
use crate::pages::results::model::{AgencyPage, Headline, LevelLine, Place, RankGroup, RankLine};
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::words;

/// The report is written in the language of the administration.
const VI: Lang = Lang::Vi;

/// The report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Who reports.
    pub office: Office,
    /// Trích yếu: what it reports on.
    pub title: String,
    /// "SỐ LIỆU MÔ PHỎNG", for the head of every sheet.
    pub mark: Option<String>,
    /// Left end of every bar, a share.
    pub axis_from: f64,
    /// The target line of every bar, a share.
    pub target: Option<f64>,
    /// What it says, in order.
    pub parts: Vec<Part>,
    /// Nơi nhận, a line each.
    pub recipients: Vec<String>,
}

/// A piece of the report.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// "II. KẾT QUẢ CHUNG".
    Heading(String),
    /// A heading within one.
    Subheading(String),
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// What the signs of the table above it mean.
    Legend(String),
}

/// A table of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Heading and width of each column; the widths, in twentieths of a point, add up to that of the text.
    pub columns: Vec<(String, u32)>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Words(String),
    /// Words that head the rows below them.
    Strong(String),
    /// A number, on the right.
    Number(String),
    /// A figure as a bar, with its words for who cannot see it.
    Bar(Bar),
}

/// A figure that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The figure.
    pub figure: Shown,
    /// Of how many.
    pub n: Count,
    /// "Quận Ninh Kiều: 84,62% (từ 83,3 đến 85,8)".
    pub words: String,
}

/// Who reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// The body above: "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ".
    pub above: String,
    /// The body that reports: "SỞ NỘI VỤ".
    pub name: String,
    /// Its letters in the number of the document: "SNV".
    pub letters: String,
    /// Place before the date: "Cần Thơ".
    pub place: String,
    /// Who signs: "GIÁM ĐỐC".
    pub signer: String,
}

impl Office {
    /// The office that is responsible for the site, as its settings name it.
    pub fn of_site(info: &SiteInfo) -> Self {
        let name = info.contact.as_deref().unwrap_or(&info.authority);
        // "Sở Nội vụ thành phố Cần Thơ" signs as "SỞ NỘI VỤ": the place stands above it already.
        let short = name.strip_suffix(info.place.as_str()).map(str::trim_end).filter(|short| !short.is_empty());
        let signer = if name.starts_with("Sở ") { "GIÁM ĐỐC" } else { "THỦ TRƯỞNG CƠ QUAN" };
        Self::named(info, short.unwrap_or(name), signer)
    }

    /// "Số:          /BC-SNV": `kind` is the short name of a kind of document, Phụ lục III of Nghị định 30/2020/NĐ-CP.
    pub fn number_line(&self, kind: &str) -> String {
        format!("Số:          /{kind}-{}", self.letters)
    }

    /// "Cần Thơ, ngày       tháng       năm".
    pub fn date_line(&self) -> String {
        format!("{}, ngày       tháng       năm", self.place)
    }

    /// An agency that reports on itself and what is below it.
    pub fn of_agency(info: &SiteInfo, agency: &str) -> Self {
        Self::named(info, agency, "THỦ TRƯỞNG CƠ QUAN")
    }

    fn named(info: &SiteInfo, name: &str, signer: &str) -> Self {
        let bare = |place: &str| {
            let kinds = ["thành phố ", "tỉnh ", "Thành phố ", "Tỉnh "];
            kinds.iter().find_map(|kind| place.strip_prefix(kind)).unwrap_or(place).to_owned()
        };
        let initials = name.split_whitespace().filter_map(|word| word.chars().next());
        Self {
            above: info.authority.to_uppercase(),
            name: name.to_uppercase(),
            letters: initials.flat_map(char::to_uppercase).collect(),
            place: bare(&info.place),
            signer: signer.to_owned(),
        }
    }
}

/// The report on a round, on the agencies in scope.
pub fn yearly(source: &Source<'_>, scope: Scope<'_>, office: &Office) -> Report {
    let query = Query { lang: VI, ..source.query.clone() };
    let source = Source { query: &query, ..*source };
    let pages = Pages::new(&source, scope);
    let mut writing = Writing::default();
    foundations(&mut writing, &source, &pages);
    if let Some(headline) = &pages.city.headline {
        city(&mut writing, &pages, headline);
    }
    agencies(&mut writing, &pages);
    match pages.agencies.as_slice() {
        [only] => agency(&mut writing, &pages, only),
        several => factors(&mut writing, several),
    }
    limits(&mut writing, &pages);
    let mark = format!("{SAMPLE_MARK} – không phải kết quả thật");
    Report {
        title: format!(
            "Kết quả đo lường sự hài lòng về sự phục vụ hành chính, {}",
            small_first(&pages.city.heading.round)
        ),
        mark: source.data.round.sample_data.then_some(mark),
        axis_from: pages.city.axis_from,
        target: pages.city.heading.target.as_ref().map(|(at, _)| *at),
        parts: writing.parts,
        recipients: vec![
            "- Ủy ban nhân dân thành phố (để báo cáo);".into(),
            "- Các cơ quan được đo lường;".into(),
            format!("- Lưu: VT, {}.", office.letters),
        ],
        office: office.clone(),
    }
}

/// The parts as they come, the headings numbered.
#[derive(Debug, Default)]
struct Writing {
    parts: Vec<Part>,
    headings: usize,
}

impl Writing {
    fn heading(&mut self, words: &str) {
        const ROMAN: [&str; 8] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII"];
        let number = ROMAN.get(self.headings).map_or_else(String::new, |number| format!("{number}. "));
        self.headings += 1;
        self.parts.push(Part::Heading(format!("{number}{words}")));
    }

    fn text(&mut self, words: impl Into<String>) {
        self.parts.push(Part::Text(words.into()));
    }

    fn table(&mut self, columns: Vec<(String, u32)>, rows: Vec<Vec<Cell>>) {
        self.parts.push(Part::Table(Table { columns, rows }));
    }

    /// What the bars mean, once under each table that has them.
    fn legend(&mut self, pages: &Pages) {
        let from = percent(pages.city.axis_from, VI);
        let target = pages
            .city
            .heading
            .target
            .as_ref()
            .map_or_else(String::new, |(_, label)| format!(" Vạch đỏ: {}.", small_first(label)));
        self.parts.push(Part::Legend(format!(
            "Biểu đồ từ {from} đến 100%: vạch đậm là chỉ số, dải nhạt là khoảng tin cậy 95%.{target} “ẩn”: số liệu được ẩn để không suy ra được câu trả lời của một người."
        )));
    }
}

fn small_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn named<const N: usize>(columns: [(&str, u32); N]) -> Vec<(String, u32)> {
    columns.map(|(name, width)| (name.to_owned(), width)).to_vec()
}

fn foundations(writing: &mut Writing, source: &Source<'_>, pages: &Pages) {
    let (data, heading_of) = (&source.data, &pages.city.heading);
    let (from, to) = data.round.period;
    writing.heading("PHẠM VI VÀ PHƯƠNG PHÁP");
    writing.text(format!(
        "1. {} đo lường sự phục vụ của {} cơ quan trong thời gian từ ngày {} đến ngày {}. Báo cáo này trình bày kết quả của {} cơ quan.",
        heading_of.round,
        data.agencies.len(),
        day(from),
        day(to),
        pages.agencies.len()
    ));
    let reference =
        if heading_of.reference_form { " Câu chữ của mẫu phiếu là mẫu tham khảo." } else { "" };
    writing.text(format!(
        "2. Mẫu phiếu: {}, phiên bản {}.{reference}",
        heading_of.questionnaire, data.questionnaire.version
    ));
    writing.text(format!("3. Phương pháp: {}, phiên bản {}.", heading_of.method, data.method.version));
    writing.text(format!(
        "4. Nguồn phiếu: {}. {} Các nguồn phiếu khác nhau không cộng vào nhau.",
        small_first(words::stream(heading_of.stream, VI)),
        words::stream_note(heading_of.stream, VI)
    ));
    writing.text(format!("5. {}. {}", heading_of.stamp.words(VI), heading_of.stamp.note(VI)));
}

/// "84,62% (từ 83,3 đến 85,8)".
fn figure(shown: &Shown) -> String {
    let precision = shown.precision_words(VI);
    if precision.is_empty() { shown.words(VI) } else { format!("{} ({precision})", shown.words(VI)) }
}

fn people(n: Count) -> String {
    match n {
        Count::Exactly(n) => count(n, VI),
        Count::Few => "< 5".into(),
        Count::Hidden => "ẩn".into(),
    }
}

fn words_cell(words: &str) -> Cell {
    Cell::Words(words.to_owned())
}

fn bar(shown: &Shown, n: Count, name: &str) -> Cell {
    Cell::Bar(Bar { figure: shown.clone(), n, words: format!("{name}: {}", figure(shown)) })
}

fn city(writing: &mut Writing, pages: &Pages, headline: &Headline) {
    writing.heading("KẾT QUẢ CHUNG");
    let of = headline.population.map_or_else(String::new, |n| format!(" trên {} hồ sơ đã trả kết quả", count(n, VI)));
    // Of a part of the dossiers nothing is said for all.
    let measured = headline.coverage.is_some_and(|share| share < 1.0);
    let whose =
        if measured { "Chỉ số hài lòng của các cơ quan đã đo" } else { "Chỉ số hài lòng chung" };
    writing.text(format!("{whose} là {}, tính từ {} phiếu hợp lệ{of}.", figure(&headline.figure), people(headline.n)));
    if let Some(coverage) = headline.coverage {
        writing.text(format!("Các cơ quan có phiếu chiếm {} tổng số hồ sơ.", percent(coverage, VI)));
    }
    let left_out: Vec<String> = words::left_out(&headline.left_out, VI)
        .iter()
        .map(|(kind, n)| format!("{} phiếu {kind}", count(*n, VI)))
        .collect();
    if !left_out.is_empty() {
        writing.text(format!("Không tính vào chỉ số: {}.", left_out.join("; ")));
    }
    let columns = named([
        ("Cấp", 2_200),
        ("Cơ quan có phiếu", 1_100),
        ("Số phiếu", 1_000),
        ("Chỉ số", 1_955),
        ("Biểu đồ", 3_100),
    ]);
    let row = |line: &LevelLine| {
        let name = words::level(line.level, VI);
        vec![
            words_cell(name),
            Cell::Number(format!("{}/{}", line.measured, line.agencies)),
            Cell::Number(people(line.n)),
            Cell::Words(figure(&line.figure)),
            bar(&line.figure, line.n, name),
        ]
    };
    writing.table(columns, pages.city.levels.iter().map(row).collect());
    writing.legend(pages);
}

/// The agencies of every level.
fn agencies(writing: &mut Writing, pages: &Pages) {
    match pages.city.groups.as_slice() {
        [] => {}
        [only] => {
            writing.heading(&format!("KẾT QUẢ THEO CƠ QUAN: {}", words::level(only.level, VI).to_uppercase()));
            ranking(writing, pages, only);
        }
        several => {
            writing.heading("KẾT QUẢ THEO CƠ QUAN");
            for (group, at) in several.iter().zip(1..) {
                let level = words::level(group.level, VI);
                writing.parts.push(Part::Subheading(format!("{at}. {level}")));
                ranking(writing, pages, group);
            }
        }
    }
}

fn ranking(writing: &mut Writing, pages: &Pages, group: &RankGroup) {
    if let Some((target, label)) = &pages.city.heading.target {
        let sure = |above: bool| {
            let found = group.lines.iter().filter(|line| {
                line.figure.interval().is_some_and(|(low, high)| if above { low > *target } else { high < *target })
            });
            found.map(|line| line.name.as_str()).collect::<Vec<_>>()
        };
        for (above, verdict) in [(true, "chắc chắn cao hơn"), (false, "chắc chắn thấp hơn")] {
            let names = sure(above);
            let label = small_first(label);
            if names.is_empty() {
                writing.text(format!("Chưa đủ căn cứ nói cơ quan nào {verdict} {label}."));
            } else {
                let n = names.len();
                writing.text(format!("{n} cơ quan {verdict} {label}: {}.", names.join("; ")));
            }
        }
    }
    let columns =
        named([("Hạng", 1_500), ("Cơ quan", 2_200), ("Số phiếu", 800), ("Chỉ số", 1_755), ("Biểu đồ", 3_100)]);
    let row = |line: &RankLine| {
        let place = match line.place {
            Place::Ranked { rank, best, worst, .. } => format!("{rank} (có thể từ {best} đến {worst})"),
            Place::NotRanked(why) => format!("chưa xếp hạng: {}", words::not_ranked(why, VI)),
            Place::Unranked => "–".to_owned(),
        };
        vec![
            Cell::Words(place),
            words_cell(&line.name),
            Cell::Number(people(line.n)),
            Cell::Words(figure(&line.figure)),
            bar(&line.figure, line.n, &line.name),
        ]
    };
    writing.table(columns, group.lines.iter().map(row).collect());
    writing.legend(pages);
}

/// All factors of several agencies.
fn factors(writing: &mut Writing, agencies: &[AgencyPage]) {
    let Some(first) = agencies.first() else { return };
    writing.heading("KẾT QUẢ THEO YẾU TỐ");
    let n = u32::try_from(first.factors.len()).unwrap_or(1).max(1);
    let each = (TEXT_WIDTH - 2_600) / n;
    let mut columns = vec![("Cơ quan".to_owned(), TEXT_WIDTH - n * each)];
    columns.extend(first.factors.iter().map(|factor| (factor.name.clone(), each)));
    let row = |page: &AgencyPage| {
        let mut row = vec![words_cell(&page.name)];
        row.extend(page.factors.iter().map(|factor| Cell::Number(factor.figure.words(VI))));
        row
    };
    writing.table(columns, agencies.iter().map(row).collect());
}

/// Factors and criteria of one agency.
fn agency(writing: &mut Writing, pages: &Pages, page: &AgencyPage) {
    writing.heading("KẾT QUẢ THEO YẾU TỐ VÀ TIÊU CHÍ");
    let mut rows = Vec::new();
    for (at, factor) in page.factors.iter().enumerate() {
        rows.push(vec![
            Cell::Strong(factor.name.clone()),
            Cell::Number(people(factor.n)),
            Cell::Words(figure(&factor.figure)),
            bar(&factor.figure, factor.n, &factor.name),
        ]);
        for line in page.criteria.iter().filter(|line| line.factor == at) {
            rows.push(vec![
                Cell::Words(format!("{}. {}", line.code, line.text)),
                Cell::Number(people(line.n)),
                Cell::Words(figure(&line.figure)),
                bar(&line.figure, line.n, &line.text),
            ]);
        }
    }
    let columns =
        named([("Yếu tố, tiêu chí", 3_500), ("Số người", 900), ("Tỷ lệ hài lòng", 1_855), ("Biểu đồ", 3_100)]);
    writing.table(columns, rows);
    writing.legend(pages);
}

fn limits(writing: &mut Writing, pages: &Pages) {
    writing.heading("GIỚI HẠN CỦA SỐ LIỆU");
    writing.text(
        "Khoảng tin cậy nói về sai số do chọn mẫu; không nói về người từ chối trả lời hoặc không tìm gặp được. Thứ hạng đi cùng khoảng thứ hạng mà số liệu cho phép; hai cơ quan có khoảng chồng lên nhau chưa phân biệt được.",
    );
    if pages.city.hides_something || pages.agencies.iter().any(|page| page.hides_something) {
        writing.text("Số liệu dựa trên dưới 5 người, hoặc từ đó suy ra được số liệu như vậy, được ẩn ở mọi bảng.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_the_report_names_the_office_of_the_site() {
        let city = Office::of_site(&SiteInfo::default());
        assert_eq!(
            city,
            Office {
                above: "ỦY BAN NHÂN DÂN THÀNH PHỐ CẦN THƠ".into(),
                name: "SỞ NỘI VỤ".into(),
                letters: "SNV".into(),
                place: "Cần Thơ".into(),
                signer: "GIÁM ĐỐC".into(),
            }
        );
        let nobody = SiteInfo { contact: None, ..SiteInfo::default() };
        assert_eq!(Office::of_site(&nobody).name, "ỦY BAN NHÂN DÂN");
        let agency = Office::of_agency(&SiteInfo::default(), "Quận Ninh Kiều");
        assert_eq!((agency.name.as_str(), agency.letters.as_str()), ("QUẬN NINH KIỀU", "QNK"));
    }
}
