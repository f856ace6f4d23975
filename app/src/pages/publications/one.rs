//! `/cong-bo/{number}`: one publication: what it stands on, open data, how to cite it, its place in the chain.

use leptos::prelude::*;

use super::{Line, correction, in_lang};
use crate::components::number::{count, instant, say};
use crate::domain::outcome::Ends;
use crate::domain::quality::decision::Reason;
use crate::domain::text::Lang;
use crate::pages::staff::teams::progress::rate_words;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct OnePage {
    /// Language.
    pub lang: Lang,
    /// The publication.
    pub line: Line,
    /// Reason of a correction.
    pub reason: Option<String>,
    /// "Trích dẫn: …".
    pub citation: String,
    /// The address of its results; none where another publication took its place.
    pub results: Option<String>,
    /// Hash, hexadecimal.
    pub hash: String,
    /// Hash of the one before.
    pub previous: String,
    /// Public key.
    pub key: String,
    /// Tables: address of the file, name.
    pub tables: Vec<(String, String)>,
    /// Responses of the round that quality control left out, by category.
    pub excluded: Vec<(Reason, u32)>,
    /// What became of the drawn people, as it was frozen with the round.
    pub ends: Option<Ends>,
}

/// The title.
pub fn one_title(line: &Line, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("Bản công bố số {} · mã {}", line.number, line.code),
        Lang::En => format!("Publication No. {} · code {}", line.number, line.code),
    }
}

/// The page.
pub fn one_view(page: &OnePage) -> AnyView {
    let lang = page.lang;
    let line = &page.line;
    let results = page.results.clone().map(|href| {
        view! {
            <p>
                <a class="button" href=href>
                    {say(lang, "Xem kết quả", "See the results")}
                </a>
            </p>
        }
    });
    let tables: Vec<_> = page
        .tables
        .iter()
        .map(|(href, name)| {
            view! {
                <li>
                    <a href=href.clone() download="">
                        {name.clone()}
                    </a>
                </li>
            }
        })
        .collect();
    let before = if line.number == 1 {
        say(lang, "đây là bản đầu tiên", "this is the first one").to_owned()
    } else {
        page.previous.clone()
    };
    let fact = |term: &'static str, value: String| {
        view! {
            <div>
                <dt>{term}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! {
        <div class="spaced">
            <h1>{one_title(line, lang)}</h1>
        {correction(line, page.reason.as_deref(), lang)}
        <p>{line.round.clone()}</p>
        <p class="stamp">
            {format!("{} {}", say(lang, "Công bố lúc", "Published at"), instant(line.published_at, lang))}
        </p>
        {results}
        <h2>{say(lang, "Trích dẫn", "How to cite")}</h2>
        <p class="prose">{format!("{}: {}", say(lang, "Trích dẫn", "Cite as"), page.citation)}</p>
        <h2>{say(lang, "Dữ liệu mở", "Open data")}</h2>
        <p class="prose">
            {say(
                lang,
                "Tệp JSON là bản gốc có chữ ký. Các bảng CSV chép từ cùng số liệu ấy, mở được bằng phần mềm bảng tính.",
                "The JSON file is the signed original. The CSV tables hold the same figures for spreadsheets.",
            )}
        </p>
        <ul>
            <li>
                <a href=format!("/cong-bo/{}/ban-cong-bo.json", line.number) download="">
                    {say(lang, "Bản công bố (JSON, có mã kiểm tra toàn vẹn)", "The publication (JSON, with its signature)")}
                </a>
            </li>
            {tables}
        </ul>
        {page.ends.as_ref().map(|ends| rate_view(ends, lang))}
        {excluded_view(&page.excluded, lang)}
        <h2>{say(lang, "Kiểm tra toàn vẹn", "Integrity")}</h2>
        <dl class="chain">
            {fact(say(lang, "Mã băm (SHA-256)", "Hash (SHA-256)"), page.hash.clone())}
            {fact(say(lang, "Mã băm của bản đứng trước", "Hash of the one before"), before)}
            {fact(say(lang, "Khoá công khai (Ed25519)", "Public key (Ed25519)"), page.key.clone())}
        </dl>
        <p>
            <a href=in_lang("/cong-bo/kiem-tra", lang)>{say(lang, "Kiểm tra một mã hoặc một tệp", "Check a code or a file")}</a>
        </p>
        <p>
            <a href=in_lang("/cong-bo", lang)>{say(lang, "Các bản công bố", "All publications")}</a>
        </p>
        </div>
    }
    .into_any()
}

/// The response rate, with its numbers.
fn rate_view(ends: &Ends, lang: Lang) -> AnyView {
    view! {
        <h2>{say(lang, "Tỷ lệ trả lời của người được chọn mẫu", "Response rate of the people drawn")}</h2>
        <p>{rate_words(ends, lang)}</p>
        <p class="prose">
            {say(
                lang,
                "AAPOR RR1, chốt cùng số liệu. I: phỏng vấn xong; P: trả lời dở; R: từ chối; NC: không gặp; O: không trả lời được hoặc đã thay; U: chưa rõ. Người ngoài phạm vi và người chưa có kết quả giải quyết hồ sơ không tính.",
                "AAPOR RR1, frozen with the figures. I: complete; P: partial; R: refused; NC: not contacted; O: could not answer, or replaced; U: unknown. Who is out of scope or has no result yet is not counted.",
            )}
        </p>
    }
    .into_any()
}

/// What quality control left out, and why; nothing where it left out nothing.
fn excluded_view(excluded: &[(Reason, u32)], lang: Lang) -> Option<AnyView> {
    let items: Vec<_> = excluded
        .iter()
        .map(|(reason, n)| view! { <li>{format!("{}: {}", reason.name(lang), count((*n).into(), lang))}</li> })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <h2>{say(lang, "Phiếu phỏng vấn bị loại khi kiểm tra chất lượng", "Interviews left out by quality control")}</h2>
            <p class="prose">
                {say(
                    lang,
                    "Loại theo quy tắc có tên, hoặc do hai người cùng quyết định và ghi lý do, trước khi chốt số liệu. Cơ quan có dưới 5 phiếu thay đổi giữ số liệu đã hiện, để không ai suy ra được câu trả lời của một người.",
                    "By a named rule, or by two people with a written reason, before the round was frozen. An agency with fewer than 5 changed responses keeps the figures that were shown, so that nobody's answer can be worked out.",
                )}
            </p>
            <ul>{items}</ul>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_told_by_category_and_nothing_is_said_where_there_is_nothing() {
        let html = |excluded: &[(Reason, u32)], lang| {
            Owner::new().with(|| excluded_view(excluded, lang).map(RenderHtml::to_html))
        };
        assert_eq!(html(&[], Lang::Vi), None);
        let told = html(&[(Reason::TooFast, 1_203), (Reason::Other, 2)], Lang::Vi).unwrap_or_default();
        assert!(
            told.contains("thời gian phỏng vấn ngắn bất thường: 1.203") && told.contains("lý do khác: 2"),
            "{told}"
        );
        let english = html(&[(Reason::NotHeld, 1)], Lang::En).unwrap_or_default();
        assert!(english.contains("no interview was held: 1"), "{english}");
    }
}
