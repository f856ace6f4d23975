//! What is published, for everybody: the list, one publication with its open data, and the check of a code or file.
//! Pure views; they work without script.

pub mod list;
pub mod one;
pub mod verify;

use leptos::prelude::*;

use crate::components::number::{instant, say};
use crate::components::page::SiteInfo;
use crate::domain::publication::Code;
use crate::domain::text::Lang;

/// A publication in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: i32,
    /// Its code.
    pub code: Code,
    /// Name of the round.
    pub round: String,
    /// When it was published, milliseconds since 1970.
    pub published_at: i64,
    /// The one that it corrects.
    pub corrects: Option<i32>,
    /// The one that corrects it.
    pub corrected_by: Option<i32>,
    /// The figures are simulated.
    pub sample_data: bool,
}

/// `/cong-bo/2` in a language.
pub fn address(number: i32, lang: Lang) -> String {
    in_lang(&format!("/cong-bo/{number}"), lang)
}

fn in_lang(path: &str, lang: Lang) -> String {
    if lang == Lang::Vi { path.to_owned() } else { format!("{path}?lang={}", lang.tag()) }
}

/// "Trích dẫn: …", as it is copied into a report.
pub fn citation(line: &Line, site: &SiteInfo, lang: Lang) -> String {
    let (number, code, round, authority) = (line.number, line.code, &line.round, &site.authority);
    let at = instant(line.published_at, lang);
    let mark = if line.sample_data { say(lang, " Số liệu mô phỏng.", " Simulated data.") } else { "" };
    match lang {
        Lang::Vi => format!(
            "{authority}, Kết quả đo lường sự hài lòng, {round}, bản công bố số {number} (mã {code}), {at}.{mark}"
        ),
        Lang::En => {
            format!(
                "{authority}, Results of the satisfaction survey, {round}, publication No. {number} (code {code}), {at}.{mark}"
            )
        }
    }
}

/// The line at the top of what was corrected, or corrects.
fn correction(line: &Line, reason: Option<&str>, lang: Lang) -> Option<AnyView> {
    let by = line.corrected_by.map(|by| {
        let words = match lang {
            Lang::Vi => format!("Bản này đã được đính chính, nay dùng bản công bố số {by}."),
            Lang::En => format!("This publication was corrected; publication No. {by} takes its place."),
        };
        view! {
            <p class="error">
                <a href=address(by, lang)>{words}</a>
            </p>
        }
    });
    let of = line.corrects.map(|of| {
        let words = match lang {
            Lang::Vi => format!("Bản này đính chính bản công bố số {of}."),
            Lang::En => format!("This publication corrects publication No. {of}."),
        };
        let why = reason.map(|reason| format!(" {}: {reason}", say(lang, "Lý do", "Reason")));
        view! {
            <p>
                <a href=address(of, lang)>{words}</a>
                {why}
            </p>
        }
    });
    (by.is_some() || of.is_some()).then(|| view! { {by}{of} }.into_any())
}
