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

#[cfg(test)]
mod tests {
    use super::verify::{Verdict, VerifyPage, verify_title, verify_view};
    use super::*;

    fn line(number: i32) -> Line {
        Line {
            number,
            code: Code::of(&[0xab; 32]),
            round: "Đợt <2018>".into(),
            published_at: 1_542_018_600_000,
            corrects: None,
            corrected_by: None,
            sample_data: true,
        }
    }

    #[test]
    fn an_empty_list_says_what_will_stand_there() {
        let html = list::list_view(&[], Lang::Vi).to_html();
        assert!(html.contains("Chưa có bản công bố nào") && !html.contains("<table"), "{html}");
    }

    #[test]
    fn what_was_corrected_says_so_first_and_a_name_is_text() {
        let old = Line { corrected_by: Some(2), ..line(1) };
        let new = Line { corrects: Some(1), ..line(2) };
        let html = list::list_view(&[new, old.clone()], Lang::Vi).to_html();
        assert!(html.contains("đã đính chính bằng bản số 2") && html.contains("&lt;2018&gt;"), "{html}");
        let note = correction(&old, None, Lang::Vi).map(RenderHtml::to_html).unwrap_or_default();
        assert!(note.contains("nay dùng bản công bố số 2") && note.contains("href=\"/cong-bo/2\""), "{note}");
    }

    #[test]
    fn a_citation_names_number_code_and_that_the_data_are_simulated() {
        let words = citation(&line(2), &SiteInfo::default(), Lang::Vi);
        assert!(words.contains("bản công bố số 2 (mã ABAB)") && words.ends_with("Số liệu mô phỏng."), "{words}");
    }

    #[test]
    fn a_no_comes_first_in_the_title_and_what_was_typed_is_text() {
        let verdict = Verdict { yes: false, why: "vì <b>".into(), number: None };
        let page = VerifyPage {
            lang: Lang::Vi,
            code: "\"><script>".into(),
            verdict: Some(verdict),
            broken: None,
            key: "00".into(),
        };
        assert!(verify_title(&page).starts_with("Không"));
        let html = verify_view(&page).to_html();
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
    }
}
