//! Names of streams, levels and reasons, in the register of public administration.

use crate::components::number::say;
use crate::domain::agency::Level;
use crate::domain::index::LeftOut;
use crate::domain::ranks::NotRanked;
use crate::domain::response::Stream;
use crate::domain::text::Lang;

/// The name of a stream.
pub fn stream(stream: Stream, lang: Lang) -> &'static str {
    match stream {
        Stream::Sample => say(lang, "Điều tra mẫu", "Sample survey"),
        Stream::Intercept => say(lang, "Phỏng vấn tại chỗ", "Interviews on site"),
        Stream::Code => say(lang, "Mã theo hồ sơ", "Codes by dossier"),
        Stream::Open => say(lang, "Phản hồi tự nguyện", "Voluntary feedback"),
    }
}

/// What stands behind a stream, in one sentence.
pub fn stream_note(stream: Stream, lang: Lang) -> &'static str {
    match stream {
        Stream::Sample => say(
            lang,
            "Người trả lời được chọn ngẫu nhiên từ danh sách hồ sơ đã trả kết quả.",
            "Respondents were drawn at random from the list of dossiers with a result.",
        ),
        Stream::Intercept => say(
            lang,
            "Điều tra viên phỏng vấn người thứ k ra khỏi nơi trả kết quả.",
            "Interviewers asked every k-th visitor who left with a result.",
        ),
        Stream::Code => say(
            lang,
            "Mỗi hồ sơ được phát một mã dùng một lần; chỉ một phần người nhận mã đã trả lời.",
            "Every dossier got a code for one response; only some of those who got one answered.",
        ),
        Stream::Open => say(
            lang,
            "Phản hồi tự nguyện, không suy rộng cho mọi người làm thủ tục.",
            "Voluntary feedback; it says nothing about everybody who dealt with the agency.",
        ),
    }
}

/// The name of a level.
pub fn level(level: Level, lang: Lang) -> &'static str {
    match level {
        Level::City => say(lang, "Cơ quan cấp thành phố", "City agencies"),
        Level::District => say(lang, "Quận, huyện", "Districts"),
        Level::Commune => say(lang, "Xã, phường, thị trấn", "Communes"),
    }
}

/// "trong 20 cơ quan cấp thành phố": behind the number of those ranked.
pub fn level_of(level: Level, lang: Lang) -> &'static str {
    match level {
        Level::City => say(lang, "cơ quan cấp thành phố", "city agencies"),
        Level::District => say(lang, "quận, huyện", "districts"),
        Level::Commune => say(lang, "xã, phường, thị trấn", "communes"),
    }
}

/// Why an agency is not ranked, in a few words.
pub fn not_ranked(why: NotRanked, lang: Lang) -> String {
    match why {
        NotRanked::NoIndex => say(lang, "chưa có chỉ số", "no index yet").to_owned(),
        NotRanked::TooFew { needed, .. } => match lang {
            Lang::Vi => format!("dưới {needed} phiếu"),
            Lang::En => format!("fewer than {needed} responses"),
        },
        NotRanked::NoInterval => say(lang, "không có khoảng tin cậy", "no interval").to_owned(),
        NotRanked::TooWide { .. } => say(lang, "khoảng tin cậy quá rộng", "interval too wide").to_owned(),
        NotRanked::FactorMissing { counted, of } => factors(counted, of, lang),
    }
}

/// "trên 4/5 yếu tố".
pub fn factors(counted: usize, of: usize, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("trên {counted}/{of} yếu tố"),
        Lang::En => format!("on {counted} of {of} factors"),
    }
}

/// What is in no figure: name and count of each kind that occurs.
pub fn left_out(left_out: &LeftOut, lang: Lang) -> Vec<(&'static str, i64)> {
    let kinds = [
        (
            say(
                lang,
                "chỉ chạm nhanh hoặc trả lời dưới một nửa số câu",
                "only tapped, or fewer than half of the questions answered",
            ),
            left_out.incomplete,
        ),
        (say(lang, "đang xem xét", "under review"), left_out.suspect),
        (say(lang, "bị loại, có lý do", "left out for a stated reason"), left_out.excluded),
        (say(lang, "người trả lời rút lại", "withdrawn by the respondent"), left_out.withdrawn),
        (say(lang, "chưa nhận kết quả", "no result received yet"), left_out.outside),
        (say(lang, "không rõ lĩnh vực", "field not known"), left_out.unknown_stratum),
    ];
    kinds.into_iter().filter(|(_, n)| *n > 0).collect()
}
