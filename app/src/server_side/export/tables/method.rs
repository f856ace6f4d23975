//! The table that explains the others.

use super::{Cell, Pages, Source, Table, columns, count, optional, text};
use crate::components::charts::SAMPLE_MARK;
use crate::components::number::{iso_day, say};
use crate::domain::method::IntervalRule;
use crate::domain::text::Lang;
use crate::pages::results::words;

/// What the figures are, how they came about, and what is left out: the first thing in every file.
pub(super) fn method(source: &Source<'_>, pages: &Pages, lang: Lang) -> Table {
    let (data, heading) = (&source.data, &pages.city.heading);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut line = |name: &str, value: Cell| rows.push(vec![text(name), value]);
    if heading.sample_data {
        let words = say(lang, "không phải kết quả thật", "simulated data, not real results");
        line(SAMPLE_MARK, text(words));
    }
    let version = |key: &str, version: u16, title: &str| text(format!("{title} ({key}, {version})"));
    line(say(lang, "Đợt đo lường", "Round"), text(format!("{} ({})", heading.round, data.round.code)));
    let (from, to) = data.round.period;
    line(say(lang, "Kỳ đo lường", "Period"), text(format!("{} – {}", iso_day(from), iso_day(to))));
    let form = &data.questionnaire;
    line(
        say(lang, "Mẫu phiếu, phiên bản", "Questionnaire, version"),
        version(&form.key, form.version, &heading.questionnaire),
    );
    line(
        say(lang, "Phương pháp, phiên bản", "Method, version"),
        version(&data.method.key, data.method.version, &heading.method),
    );
    if heading.reference_form {
        let words =
            say(lang, "Câu chữ của mẫu phiếu là mẫu tham khảo.", "The wording of the form is a reference sample.");
        line(say(lang, "Lưu ý", "Note"), text(words));
    }
    line(say(lang, "Nguồn phiếu", "Stream"), text(words::stream(heading.stream, lang)));
    line("", text(words::stream_note(heading.stream, lang)));
    line(say(lang, "Số liệu", "Data"), text(heading.stamp.words(lang)));
    line("", text(heading.stamp.note(lang)));
    if let Some(headline) = &pages.city.headline {
        line(say(lang, "Số phiếu hợp lệ n", "Valid responses n"), count(headline.n, lang));
        line(say(lang, "Số hồ sơ N", "Dossiers N"), optional(headline.population));
        for (kind, n) in words::left_out(&headline.left_out, lang) {
            let name = say(lang, "Không tính", "Left out");
            line(&format!("{name}: {kind}"), Cell::Count(n));
        }
    }
    for (name, words) in explanations(data.method.interval, lang) {
        line(name, text(words));
    }
    let names = [(say(lang, "Mục", "Item"), 36), (say(lang, "Nội dung", "Content"), 110)];
    Table { key: "phuong-phap", title: say(lang, "Phương pháp", "Method"), columns: columns(&names), rows }
}

/// How each figure is made, and how to make it again.
fn explanations(interval: IntervalRule, lang: Lang) -> [(&'static str, &'static str); 8] {
    [
        (
            say(lang, "Hài lòng", "Satisfied"),
            say(
                lang,
                "Câu trả lời ở mức 4 hoặc 5. Câu bỏ trống và câu “không áp dụng” không tính vào tử số lẫn mẫu số.",
                "An answer of 4 or 5. Blanks and “not applicable” count on neither side.",
            ),
        ),
        (
            say(lang, "Tiêu chí", "Criterion"),
            say(
                lang,
                "Σ w·(số hài lòng) : Σ w·(số trả lời), w = N : n của từng tầng.",
                "Σ w·satisfied / Σ w·answered, w = N/n of each stratum.",
            ),
        ),
        (
            say(lang, "Yếu tố", "Factor"),
            say(
                lang,
                "Như tiêu chí, gộp mọi tiêu chí của yếu tố.",
                "As a criterion, pooled over the criteria of the factor.",
            ),
        ),
        (
            say(lang, "Chỉ số của cơ quan", "Index of an agency"),
            say(
                lang,
                "Theo phương pháp nêu trên; một yếu tố chỉ tính khi có ít nhất 5 người trả lời.",
                "By the method named above; a factor counts when at least 5 people answered it.",
            ),
        ),
        (
            say(lang, "Khoảng tin cậy 95%", "95% interval"),
            say(
                lang,
                match interval {
                    IntervalRule::Own => {
                        "Đơn vị chọn mẫu là người trả lời; có hiệu chỉnh tổng thể hữu hạn; tính trên thang logit."
                    }
                    IntervalRule::Pooled => {
                        "Đơn vị chọn mẫu là người trả lời; có hiệu chỉnh tổng thể hữu hạn; cơ quan tính theo Wilson với hệ số thiết kế của đợt, cấp và thành phố trên thang logit."
                    }
                },
                match interval {
                    IntervalRule::Own => {
                        "The respondent is the sampling unit; finite population correction; on the logit scale."
                    }
                    IntervalRule::Pooled => {
                        "The respondent is the sampling unit; finite population correction; an agency by Wilson with the design ratio of the round, a level and the city on the logit scale."
                    }
                },
            ),
        ),
        (
            say(lang, "Khoảng thứ hạng", "Range of a rank"),
            say(
                lang,
                "Các thứ hạng mà số liệu cho phép, đúng đồng thời cho mọi cơ quan cùng cấp với độ tin cậy 95%.",
                "The ranks that the data allow, for all agencies of the level at once with 95%.",
            ),
        ),
        (
            say(lang, "Ẩn", "Hidden"),
            say(
                lang,
                "Số liệu dựa trên dưới 5 người, hoặc từ đó suy ra được số liệu như vậy, được ẩn ở mọi bảng và mọi tệp.",
                "What rests on fewer than 5 people, or would give such a figure away, is hidden in every table and file.",
            ),
        ),
        (
            say(lang, "Tính lại", "To compute it again"),
            say(
                lang,
                "hailong index PHIEU.csv --population HO-SO.csv --method KHÓA@PHIÊN-BẢN (nêu ở dòng Phương pháp), với hai tệp dữ liệu phiếu kèm theo. Dấu thập phân trong tệp CSV là dấu chấm.",
                "hailong index RESPONSES.csv --population POPULATION.csv --method KEY@VERSION (of the line Method), with the two files of answers. Decimals in CSV files have a point.",
            ),
        ),
    ]
}
