//! `/quan-tri/chat-luong`: quality control. The rounds here; one round in [`round`], its decisions in [`decisions`], what
//! stands out in [`flagged`], call-backs in [`callbacks`], kiosks in [`kiosks`].
//!
//! Which answers somebody gave is on none of these pages, and no distribution of them by interviewer: an interviewer with
//! few interviews would give single people away. A row of one answer is named without its answer, and a comparison
//! says only whether an interviewer's work differs. To leave one response out and watch a figure move tells nothing
//! either: what is shown of a running round moves in steps. Days, names of interviewers and agencies are shown: who controls
//! quality is of Sở Nội vụ, which makes the measurement, and is never of a measured agency.

pub mod callbacks;
pub mod decisions;
pub mod flagged;
pub mod kiosks;
pub mod round;

#[cfg(test)]
mod tests;

use leptos::prelude::*;

use super::in_lang;
use crate::components::number::{count, say};
use crate::components::tables::Scroll;
use crate::domain::quality::Interviewer;
use crate::domain::quality::flags::{Flag, FlagKind};
use crate::domain::quality::overview::Measure;
use crate::domain::response::Marks;
use crate::domain::text::Lang;

/// Where these pages begin.
pub const QUALITY_PATH: &str = "/quan-tri/chat-luong";

/// The address of a page of a round.
pub(crate) fn to(code: &str, what: &str, lang: Lang) -> String {
    let slash = if what.is_empty() || what.starts_with('?') { "" } else { "/" };
    in_lang(&format!("{QUALITY_PATH}/{code}{slash}{what}"), lang)
}

/// "1 phút 40 giây".
pub fn span_words(ms: i64, lang: Lang) -> String {
    let seconds = ms.unsigned_abs() / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let part = |n: u64, vi: &str, en: &str| match lang {
        Lang::Vi => format!("{n} {vi}"),
        Lang::En => format!("{n} {en}"),
    };
    match (hours, minutes, seconds) {
        (0, 0, s) => part(s, "giây", "s"),
        (0, m, 0) => part(m, "phút", "min"),
        (0, m, s) => format!("{} {}", part(m, "phút", "min"), part(s, "giây", "s")),
        (h, 0, _) => part(h, "giờ", "h"),
        (h, m, _) => format!("{} {}", part(h, "giờ", "h"), part(m, "phút", "min")),
    }
}

/// What stands out, as a sentence.
pub fn flag_words(flag: Flag, lang: Lang) -> String {
    let span = |ms| span_words(ms, lang);
    match (flag, lang) {
        (Flag::TooFast { took, least }, Lang::Vi) => format!("Chỉ {}; ít nhất phải {}.", span(took), span(least)),
        (Flag::TooFast { took, least }, Lang::En) => format!("{} only; {} at the least.", span(took), span(least)),
        (Flag::TooLong { took }, Lang::Vi) => format!("Kéo dài {}.", span(took)),
        (Flag::TooLong { took }, Lang::En) => format!("It lasted {}.", span(took)),
        (Flag::Straight { answered }, Lang::Vi) => format!("Cả {answered} câu cùng một mức trả lời."),
        (Flag::Straight { answered }, Lang::En) => format!("One answer to all {answered} statements."),
        (Flag::Backwards, lang) => {
            say(lang, "Giờ kết thúc đứng trước giờ bắt đầu.", "It ended before it began.").to_owned()
        }
        (Flag::ClockMoved { by }, Lang::Vi) => format!("Đồng hồ của máy bị chỉnh {} giữa hai lần liên lạc.", span(by)),
        (Flag::ClockMoved { by }, Lang::En) => {
            format!("The device's clock was set by {} between two contacts.", span(by))
        }
        (Flag::Overlap { shared }, Lang::Vi) => format!("Trùng {} với phiếu khác trên cùng máy.", span(shared)),
        (Flag::Overlap { shared }, Lang::En) => format!("{} at the same time as another on the device.", span(shared)),
        (Flag::Crowded { took, least }, Lang::Vi) => {
            format!("5 phiếu liền nhau trong {}; ít nhất phải {}.", span(took), span(least))
        }
        (Flag::Crowded { took, least }, Lang::En) => {
            format!("5 in a row within {}; {} at the least.", span(took), span(least))
        }
        (Flag::Arrival(mark), lang) => mark_words(mark, lang).to_owned(),
    }
}

fn mark_words(mark: Marks, lang: Lang) -> &'static str {
    match mark {
        Marks::EARLY => say(lang, "Xong trước khi đợt mở.", "Finished before the round opened."),
        Marks::LATE => {
            say(lang, "Xong sau khi đợt đóng hoặc chốt số liệu.", "Finished after the round closed or was frozen.")
        }
        Marks::CLOCK => {
            say(lang, "Đồng hồ của máy lệch hơn một ngày.", "The device's clock was off by more than a day.")
        }
        Marks::BURST => say(lang, "Một trong loạt phiếu dồn dập.", "One of a burst."),
        Marks::SECOND_OF_UNIT => say(lang, "Người trong mẫu này đã có phiếu khác.", "Its unit has another response."),
        Marks::OVER_QUOTA => say(lang, "Vượt phần chỉ tiêu của máy.", "Past the device's share of the quota."),
        _ => say(lang, "Điền nhanh hơn mức đọc được.", "Filled faster than anyone reads."),
    }
}

/// The name of a kind of what stands out.
pub fn kind_name(kind: FlagKind, lang: Lang) -> &'static str {
    match kind {
        FlagKind::TooFast => say(lang, "quá nhanh", "too fast"),
        FlagKind::TooLong => say(lang, "quá lâu", "too long"),
        FlagKind::Straight => say(lang, "cùng một mức", "one answer"),
        FlagKind::Backwards => say(lang, "giờ đi lùi", "clock ran back"),
        FlagKind::ClockMoved => say(lang, "đồng hồ bị chỉnh", "clock was set"),
        FlagKind::Overlap => say(lang, "trùng giờ", "at the same time"),
        FlagKind::Crowded => say(lang, "dồn dập", "crowded"),
        FlagKind::Arrival => say(lang, "dấu lúc nhận", "marked at arrival"),
    }
}

/// The name of a measure.
pub fn measure_name(measure: Measure, lang: Lang) -> &'static str {
    match measure {
        Measure::Answers => say(lang, "câu trả lời", "answers"),
        Measure::Straight => say(lang, "phiếu cùng một mức", "rows of one answer"),
        Measure::Lengths => say(lang, "thời lượng", "lengths"),
        Measure::Visits => say(lang, "kết quả lượt thăm", "ends of visits"),
    }
}

/// The name of an interviewer.
pub fn name_of(by: Interviewer, names: &std::collections::BTreeMap<Interviewer, String>, lang: Lang) -> String {
    match by {
        Interviewer::Unknown => say(lang, "Không ghi người hỏi", "Not recorded").to_owned(),
        by => names.get(&by).cloned().unwrap_or_else(|| format!("#{}", by.code())),
    }
}

/// A round in the list.
#[derive(Clone, Debug)]
pub struct RoundRow {
    /// Code in addresses.
    pub code: String,
    /// Name.
    pub name: String,
    /// Interviews in the index, under review, left out.
    pub counts: (i64, i64, i64),
    /// Proposals that wait for the second person.
    pub waiting: usize,
    /// Call-backs noted, and drawn.
    pub callbacks: (usize, usize),
    /// Answers of kiosks received, and of these in bursts.
    pub kiosks: (i64, i64),
    /// Quality control has ended.
    pub ended: bool,
}

/// "3/1.240": in bursts, out of all that kiosks sent; a dash where there are none.
fn in_bursts((received, marked): (i64, i64), lang: Lang) -> String {
    if received == 0 { "–".to_owned() } else { format!("{}/{}", count(marked, lang), count(received, lang)) }
}

/// The title.
pub fn list_title(lang: Lang) -> &'static str {
    say(lang, "Kiểm tra chất lượng", "Quality control")
}

/// The rounds.
pub fn list_view(rows: &[RoundRow], lang: Lang) -> AnyView {
    let table = if rows.is_empty() {
        view! {
            <div class="empty">
                <p>{say(lang, "Chưa có phiếu phỏng vấn nào, cũng chưa có máy đặt tại quầy.", "There are no interviews and no kiosks yet.")}</p>
                <p>
                    {say(
                        lang,
                        "Khi các đội điều tra gửi phiếu về, mỗi đợt hiện ở đây với những gì cần xem xét.",
                        "Once field teams send their interviews, each round is here with what needs a look.",
                    )}
                </p>
            </div>
        }
        .into_any()
    } else {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                let (valid, suspect, excluded) = row.counts;
                let ended = row.ended.then(|| say(lang, " · đã kết thúc", " · ended"));
                view! {
                    <tr>
                        <th scope="row">
                            <a href=to(&row.code, "", lang)>{row.name.clone()}</a>
                            {ended}
                        </th>
                        <td class="num">{count(valid, lang)}</td>
                        <td class="num">{count(suspect, lang)}</td>
                        <td class="num">{count(excluded, lang)}</td>
                        <td class="num">{row.waiting}</td>
                        <td class="num">{format!("{}/{}", row.callbacks.0, row.callbacks.1)}</td>
                        <td class="num">{in_bursts(row.kiosks, lang)}</td>
                    </tr>
                }
            })
            .collect();
        view! {
            <Scroll label=list_title(lang)>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Đợt", "Round")}</th>
                            <th scope="col" class="num">{say(lang, "Phiếu hợp lệ", "Valid")}</th>
                            <th scope="col" class="num">{say(lang, "Đang xem xét", "Under review")}</th>
                            <th scope="col" class="num">{say(lang, "Đã loại", "Left out")}</th>
                            <th scope="col" class="num">{say(lang, "Chờ duyệt", "Waiting")}</th>
                            <th scope="col" class="num">{say(lang, "Đã gọi lại", "Called back")}</th>
                            <th scope="col" class="num">{say(lang, "Máy tại quầy: dồn dập", "Kiosks: in bursts")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
        .into_any()
    };
    view! {
        <div class="spaced">
            <h1>{list_title(lang)}</h1>
            <p class="prose">
                {say(
                    lang,
                    "Phiếu do điều tra viên thu, theo danh sách mẫu và tại quầy, và loạt phiếu dồn dập trên máy đặt tại quầy. Dấu hiệu bất thường chỉ để người xem xét; phiếu chỉ bị loại bằng một quy tắc có tên, hoặc khi hai người cùng quyết định và ghi lý do.",
                    "Interviews held by field teams, from lists and at desks, and bursts at kiosks. What stands out is for people to look at; a response is left out only by a named rule, or by two people with a written reason.",
                )}
            </p>
            {table}
        </div>
    }
    .into_any()
}
