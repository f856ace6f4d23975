//! `/cong-bo`: all publications, the newest first.

use leptos::prelude::*;

use super::{Line, address, in_lang};
use crate::components::number::{instant, say};
use crate::components::tables::Scroll;
use crate::domain::text::Lang;

/// The title.
pub fn list_title(lang: Lang) -> &'static str {
    say(lang, "Các bản công bố", "Publications")
}

/// The page. `lines` come with the newest first.
pub fn list_view(lines: &[Line], lang: Lang) -> AnyView {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let number = match lang {
                Lang::Vi => format!("Bản số {}", line.number),
                Lang::En => format!("No. {}", line.number),
            };
            let state = match (line.corrected_by, line.corrects, lang) {
                (Some(by), _, Lang::Vi) => format!("đã đính chính bằng bản số {by}"),
                (Some(by), _, Lang::En) => format!("corrected by No. {by}"),
                (None, Some(of), Lang::Vi) => format!("đính chính bản số {of}, đang dùng"),
                (None, Some(of), Lang::En) => format!("corrects No. {of}, in use"),
                (None, None, _) => say(lang, "đang dùng", "in use").to_owned(),
            };
            let mark = line.sample_data.then(|| say(lang, " · số liệu mô phỏng", " · simulated data"));
            view! {
                <tr>
                    <th scope="row">
                        <a href=address(line.number, lang)>{number}</a>
                    </th>
                    <td>{line.code.to_string()}</td>
                    <td>{line.round.clone()}{mark}</td>
                    <td>{instant(line.published_at, lang)}</td>
                    <td>{state}</td>
                </tr>
            }
        })
        .collect();
    let table = if rows.is_empty() {
        view! {
            <div class="empty">
                <p>{say(lang, "Chưa có bản công bố nào.", "Nothing is published yet.")}</p>
                <p>
                    {say(
                        lang,
                        "Kết quả hiện ở đây sau khi Sở Nội vụ chốt số liệu và công bố một đợt đo lường.",
                        "Results appear here once a round has been frozen and published.",
                    )}
                </p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <Scroll label=list_title(lang)>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Bản công bố", "Publication")}</th>
                            <th scope="col">{say(lang, "Mã", "Code")}</th>
                            <th scope="col">{say(lang, "Đợt", "Round")}</th>
                            <th scope="col">{say(lang, "Công bố lúc", "Published at")}</th>
                            <th scope="col">{say(lang, "Tình trạng", "State")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
        .into_any()
    };
    view! {
        <h1>{list_title(lang)}</h1>
        <p class="prose">
            {say(
                lang,
                "Mỗi bản công bố giữ nguyên số liệu đã chốt, có số và mã riêng, và mang mã băm của bản đứng trước. Bản bị đính chính vẫn đọc được.",
                "Each publication keeps the figures as they were frozen, has a number and a code, and names the hash of the one before. What was corrected can still be read.",
            )}
        </p>
        {table}
        <p>
            <a href=in_lang("/cong-bo/kiem-tra", lang)>{say(lang, "Kiểm tra một mã hoặc một tệp", "Check a code or a file")}</a>
        </p>
    }
    .into_any()
}
