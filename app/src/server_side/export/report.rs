//! The yearly report as DOCX, in the layout of Nghị định 30/2020/NĐ-CP: quốc hiệu, số, trích yếu, nơi nhận. It says what
//! the figures say and nothing else; number, date and signature are left to the office, and so are proposals.

use std::io;

use super::docx::{Align, Cell, Document, Look, TEXT_WIDTH, heading, paragraph, rule};
use super::picture::bar;
use super::tables::Pages;
use super::{Scope, Source};
use crate::components::charts::SAMPLE_MARK;
use crate::components::number::{count, day, percent};
use crate::components::page::SiteInfo;
use crate::domain::disclosure::Count;
use crate::domain::text::Lang;
use crate::pages::results::model::{AgencyPage, Headline, Place, RankGroup};
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::words;

/// The report is written in the language of the administration.
const VI: Lang = Lang::Vi;

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
///
/// # Errors
/// What the compressor says; none when it writes into memory.
pub fn yearly(source: &Source<'_>, scope: Scope<'_>, office: &Office) -> io::Result<Vec<u8>> {
    let query = Query { lang: VI, ..source.query.clone() };
    let source = Source { query: &query, ..*source };
    let pages = Pages::new(&source, scope);
    let mut document = Document::default();
    let title =
        format!("Kết quả đo lường sự hài lòng về sự phục vụ hành chính, {}", small_first(&pages.city.heading.round));
    head(&mut document, office, &title);
    foundations(&mut document, &source, &pages);
    if let Some(headline) = &pages.city.headline {
        city(&mut document, &pages, headline)?;
    }
    for group in &pages.city.groups {
        ranking(&mut document, &pages, group)?;
    }
    match pages.agencies.as_slice() {
        [only] => agency(&mut document, &pages, only)?,
        several => factors(&mut document, several),
    }
    limits(&mut document, &pages);
    foot(&mut document, office);
    let mark = format!("{SAMPLE_MARK} – không phải kết quả thật");
    document.finish(&title, source.data.round.sample_data.then_some(mark.as_str()))
}

fn small_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn text(document: &mut Document, words: &str) {
    document.push(&paragraph(words, Look::plain(14), Align::Text, 120));
}

fn head(document: &mut Document, office: &Office, title: &str) {
    let centred = |words: &str, look| paragraph(words, look, Align::Centre, 0);
    let left = [
        centred(&office.above, Look::plain(12)),
        centred(&office.name, Look::bold(13)),
        rule(1_200),
        centred(&format!("Số:          /BC-{}", office.letters), Look::plain(13)),
    ];
    let right = [
        centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Look::bold(12)),
        centred("Độc lập - Tự do - Hạnh phúc", Look::bold(13)),
        rule(1_150),
        centred(&format!("{}, ngày       tháng       năm", office.place), Look::italic(13)),
    ];
    document.table(&[3_655, 5_700], &[vec![Cell(left.concat()), Cell(right.concat())]], false, false);
    document.push(&paragraph("", Look::plain(14), Align::Left, 120));
    document.push(&paragraph("BÁO CÁO", Look::bold(14), Align::Centre, 0));
    document.push(&paragraph(title, Look::bold(14), Align::Centre, 0));
    document.push(&rule(3_400));
    document.push(&paragraph("", Look::plain(14), Align::Left, 60));
}

fn foundations(document: &mut Document, source: &Source<'_>, pages: &Pages) {
    let (data, heading_of) = (&source.data, &pages.city.heading);
    let (from, to) = data.round.period;
    document.push(&heading("I. PHẠM VI VÀ PHƯƠNG PHÁP"));
    text(
        document,
        &format!(
            "1. {} đo lường sự phục vụ của {} cơ quan trong thời gian từ ngày {} đến ngày {}. Báo cáo này trình bày kết quả của {} cơ quan.",
            heading_of.round,
            data.agencies.len(),
            day(from),
            day(to),
            pages.agencies.len()
        ),
    );
    let reference =
        if heading_of.reference_form { " Câu chữ của mẫu phiếu là mẫu tham khảo." } else { "" };
    text(
        document,
        &format!("2. Mẫu phiếu: {}, phiên bản {}.{reference}", heading_of.questionnaire, data.questionnaire.version),
    );
    text(document, &format!("3. Phương pháp: {}, phiên bản {}.", heading_of.method, data.method.version));
    text(
        document,
        &format!(
            "4. Nguồn phiếu: {}. {} Các nguồn phiếu khác nhau không cộng vào nhau.",
            small_first(words::stream(heading_of.stream, VI)),
            words::stream_note(heading_of.stream, VI)
        ),
    );
    text(document, &format!("5. {}.", heading_of.stamp.words(VI)));
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

fn small(words: &str, align: Align) -> Cell {
    Cell(paragraph(words, Look::plain(11), align, 0))
}

fn head_row(names: &[&str]) -> Vec<Cell> {
    names.iter().map(|name| Cell(paragraph(name, Look::bold(11), Align::Centre, 0))).collect()
}

fn chart(document: &mut Document, pages: &Pages, shown: &Shown, n: Count, name: &str) -> io::Result<Cell> {
    let target = pages.city.heading.target.as_ref().map(|(at, _)| *at);
    let png = bar(shown, n, pages.city.axis_from, target)?;
    Ok(Cell(document.picture(png, &format!("{name}: {}", figure(shown)))))
}

/// What the bars mean, once under each table that has them.
fn legend(document: &mut Document, pages: &Pages) {
    let from = percent(pages.city.axis_from, VI);
    let target = pages
        .city
        .heading
        .target
        .as_ref()
        .map_or_else(String::new, |(_, label)| format!(" Vạch đỏ: {}.", small_first(label)));
    let words = format!(
        "Biểu đồ từ {from} đến 100%: vạch đậm là chỉ số, dải nhạt là khoảng tin cậy 95%.{target} “ẩn”: số liệu được ẩn để không suy ra được câu trả lời của một người."
    );
    document.push(&paragraph(&words, Look::italic(11), Align::Left, 120));
}

fn city(document: &mut Document, pages: &Pages, headline: &Headline) -> io::Result<()> {
    document.push(&heading("II. KẾT QUẢ CHUNG"));
    let of = headline.population.map_or_else(String::new, |n| format!(" trên {} hồ sơ đã trả kết quả", count(n, VI)));
    text(
        document,
        &format!(
            "Chỉ số hài lòng chung là {}, tính từ {} phiếu hợp lệ{of}.",
            figure(&headline.figure),
            people(headline.n)
        ),
    );
    if let Some(coverage) = headline.coverage {
        text(document, &format!("Các cơ quan có phiếu đại diện cho {} số hồ sơ.", percent(coverage, VI)));
    }
    let left_out: Vec<String> = words::left_out(&headline.left_out, VI)
        .iter()
        .map(|(kind, n)| format!("{} phiếu {kind}", count(*n, VI)))
        .collect();
    if !left_out.is_empty() {
        text(document, &format!("Không tính vào chỉ số: {}.", left_out.join("; ")));
    }
    let mut rows = vec![head_row(&["Cấp", "Cơ quan có phiếu", "Số phiếu", "Chỉ số", "Biểu đồ"])];
    for line in &pages.city.levels {
        let name = words::level(line.level, VI);
        rows.push(vec![
            small(name, Align::Left),
            small(&format!("{}/{}", line.measured, line.agencies), Align::Right),
            small(&people(line.n), Align::Right),
            small(&figure(&line.figure), Align::Left),
            chart(document, pages, &line.figure, line.n, name)?,
        ]);
    }
    document.table(&[2_200, 1_100, 1_000, 1_955, 3_100], &rows, true, true);
    legend(document, pages);
    Ok(())
}

fn ranking(document: &mut Document, pages: &Pages, group: &RankGroup) -> io::Result<()> {
    document.push(&heading(&format!("KẾT QUẢ THEO CƠ QUAN: {}", words::level(group.level, VI).to_uppercase())));
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
                text(document, &format!("Chưa đủ căn cứ nói cơ quan nào {verdict} {label}."));
            } else {
                let n = names.len();
                text(document, &format!("{n} cơ quan {verdict} {label}: {}.", names.join("; ")));
            }
        }
    }
    let mut rows = vec![head_row(&["Hạng", "Cơ quan", "Số phiếu", "Chỉ số", "Biểu đồ"])];
    for line in &group.lines {
        let place = match line.place {
            Place::Ranked { rank, best, worst, .. } => format!("{rank} (có thể từ {best} đến {worst})"),
            Place::NotRanked(why) => format!("chưa xếp hạng: {}", words::not_ranked(why, VI)),
            Place::Unranked => "–".to_owned(),
        };
        rows.push(vec![
            small(&place, Align::Left),
            small(&line.name, Align::Left),
            small(&people(line.n), Align::Right),
            small(&figure(&line.figure), Align::Left),
            chart(document, pages, &line.figure, line.n, &line.name)?,
        ]);
    }
    document.table(&[1_500, 2_200, 800, 1_755, 3_100], &rows, true, true);
    legend(document, pages);
    Ok(())
}

/// All factors of several agencies.
fn factors(document: &mut Document, agencies: &[AgencyPage]) {
    let Some(first) = agencies.first() else { return };
    document.push(&heading("KẾT QUẢ THEO YẾU TỐ"));
    let mut names = vec!["Cơ quan"];
    names.extend(first.factors.iter().map(|factor| factor.name.as_str()));
    let mut rows = vec![head_row(&names)];
    for page in agencies {
        let mut row = vec![small(&page.name, Align::Left)];
        row.extend(page.factors.iter().map(|factor| small(&factor.figure.words(VI), Align::Right)));
        rows.push(row);
    }
    let n = u32::try_from(first.factors.len()).unwrap_or(1).max(1);
    let each = (TEXT_WIDTH - 2_600) / n;
    let mut widths = vec![TEXT_WIDTH - n * each];
    widths.extend(std::iter::repeat_n(each, first.factors.len()));
    document.table(&widths, &rows, true, true);
}

/// Factors and criteria of one agency.
fn agency(document: &mut Document, pages: &Pages, page: &AgencyPage) -> io::Result<()> {
    document.push(&heading("KẾT QUẢ THEO YẾU TỐ VÀ TIÊU CHÍ"));
    let mut rows = vec![head_row(&["Yếu tố, tiêu chí", "Số người", "Tỷ lệ hài lòng", "Biểu đồ"])];
    for (at, factor) in page.factors.iter().enumerate() {
        rows.push(vec![
            Cell(paragraph(&factor.name, Look::bold(11), Align::Left, 0)),
            small(&people(factor.n), Align::Right),
            small(&figure(&factor.figure), Align::Left),
            chart(document, pages, &factor.figure, factor.n, &factor.name)?,
        ]);
        for line in page.criteria.iter().filter(|line| line.factor == at) {
            rows.push(vec![
                small(&format!("{}. {}", line.code, line.text), Align::Left),
                small(&people(line.n), Align::Right),
                small(&figure(&line.figure), Align::Left),
                chart(document, pages, &line.figure, line.n, &line.text)?,
            ]);
        }
    }
    document.table(&[3_500, 900, 1_855, 3_100], &rows, true, true);
    legend(document, pages);
    Ok(())
}

fn limits(document: &mut Document, pages: &Pages) {
    document.push(&heading("GIỚI HẠN CỦA SỐ LIỆU"));
    text(
        document,
        "Khoảng tin cậy nói về sai số do chọn mẫu; không nói về người từ chối trả lời hoặc không tìm gặp được. Thứ hạng đi cùng khoảng thứ hạng mà số liệu cho phép; hai cơ quan có khoảng chồng lên nhau chưa phân biệt được.",
    );
    if pages.city.hides_something || pages.agencies.iter().any(|page| page.hides_something) {
        text(document, "Số liệu dựa trên dưới 5 người, hoặc từ đó suy ra được số liệu như vậy, được ẩn ở mọi bảng.");
    }
}

fn foot(document: &mut Document, office: &Office) {
    let line = |words: &str| paragraph(words, Look::plain(11), Align::Left, 0);
    let left = [
        paragraph("Nơi nhận:", Look { bold: true, ..Look::italic(12) }, Align::Left, 0),
        line("- Ủy ban nhân dân thành phố (để báo cáo);"),
        line("- Các cơ quan được đo lường;"),
        line(&format!("- Lưu: VT, {}.", office.letters)),
    ];
    let right = paragraph(&office.signer, Look::bold(14), Align::Centre, 1_800);
    document.push(&paragraph("", Look::plain(14), Align::Left, 120));
    document.table(&[4_655, 4_700], &[vec![Cell(left.concat()), Cell(right)]], false, false);
    document.push(&paragraph("", Look::plain(2), Align::Right, 0));
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
