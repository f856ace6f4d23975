//! How far a team is: by surveyor, agency and day, and the response rate with its formula.

use leptos::prelude::*;

use crate::components::number::{day, percent, say};
use crate::components::tables::Scroll;
use crate::domain::outcome::Ends;
use crate::domain::text::Lang;

/// What happened on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayRow {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Visits.
    pub visits: u64,
    /// Interviews among them.
    pub done: u64,
    /// Refusals among them.
    pub refused: u64,
}

/// How far a team is.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// All its units.
    pub ends: Ends,
    /// Held in reserve, called up by nobody.
    pub reserve: u64,
    /// By surveyor.
    pub people: Vec<(String, Ends)>,
    /// By agency.
    pub agencies: Vec<(String, Ends)>,
    /// By day.
    pub days: Vec<DayRow>,
}

/// The rate as a sentence with its numbers.
pub fn rate_words(ends: &Ends, lang: Lang) -> String {
    let numbers = format!(
        "{} / ({} + {} + {} + {} + {} + {})",
        ends.complete,
        ends.complete,
        ends.partial,
        ends.refused,
        ends.not_found,
        ends.unable + ends.replaced,
        ends.open + ends.void
    );
    match ends.rate() {
        Some(rate) => format!("RR1 = I / (I + P + R + NC + O + U) = {numbers} = {}", percent(rate, lang)),
        None => say(lang, "RR1: chưa có ai phải hỏi.", "RR1: nobody is to be asked yet.").to_owned(),
    }
}

/// The section.
pub fn progress_view(progress: &Progress, lang: Lang) -> AnyView {
    if progress.ends.all() == 0 && progress.reserve == 0 {
        return view! {
            <section aria-labelledby="tien-do">
                <h2 id="tien-do">{say(lang, "Tiến độ", "Progress")}</h2>
                <p class="empty">{say(lang, "Chưa giao người nào.", "Nobody has been handed out yet.")}</p>
            </section>
        }
        .into_any();
    }
    let days: Vec<_> = progress
        .days
        .iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{day(row.day)}</th>
                    <td class="num">{row.visits}</td>
                    <td class="num">{row.done}</td>
                    <td class="num">{row.refused}</td>
                </tr>
            }
        })
        .collect();
    let reserve = match lang {
        Lang::Vi => format!("Dự phòng chưa dùng: {}.", progress.reserve),
        Lang::En => format!("In reserve, not called up: {}.", progress.reserve),
    };
    view! {
        <section aria-labelledby="tien-do">
            <h2 id="tien-do">{say(lang, "Tiến độ", "Progress")}</h2>
            <p>{rate_words(&progress.ends, lang)}</p>
            <p class="secondary">
                {say(
                    lang,
                    "Tỷ lệ trả lời AAPOR RR1. I: xong; P: trả lời dở; R: từ chối; NC: không gặp sau 3 lần ở 3 ngày, hoặc \
                     không còn ở địa chỉ; O: không trả lời được, hoặc đã thay; U: còn mở, hoặc phiếu bị phủ nhận, bị loại. Người được thay vẫn ở mẫu số; \
                     người ngoài phạm vi và người chưa có kết quả giải quyết hồ sơ không tính.",
                    "Response rate AAPOR RR1. I: complete; P: partial; R: refused; NC: not found on 3 days, or gone from the \
                     address; O: could not answer, or replaced; U: still open, or the form was denied or left out. Who was replaced stays in the denominator; \
                     who is out of scope, or has no result yet, is not counted.",
                )}
            </p>
            <p class="secondary">{reserve}</p>
            {ends_table("theo-nguoi", say(lang, "Theo điều tra viên", "By surveyor"), &progress.people, lang)}
            {ends_table("theo-co-quan", say(lang, "Theo cơ quan", "By agency"), &progress.agencies, lang)}
            <h3 id="theo-ngay">{say(lang, "Theo ngày", "By day")}</h3>
            {if days.is_empty() {
                view! { <p class="empty">{say(lang, "Chưa có lượt thăm nào.", "No visits yet.")}</p> }.into_any()
            } else {
                view! {
                    <Scroll labelled_by="theo-ngay">
                        <table class="plain">
                            <thead>
                                <tr>
                                    <th scope="col">{say(lang, "Ngày", "Day")}</th>
                                    <th scope="col" class="num">{say(lang, "Lượt thăm", "Visits")}</th>
                                    <th scope="col" class="num">{say(lang, "Xong", "Done")}</th>
                                    <th scope="col" class="num">{say(lang, "Từ chối", "Refused")}</th>
                                </tr>
                            </thead>
                            <tbody>{days}</tbody>
                        </table>
                    </Scroll>
                }
                .into_any()
            }}
        </section>
    }
    .into_any()
}

fn ends_table(id: &'static str, title: &'static str, rows: &[(String, Ends)], lang: Lang) -> AnyView {
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, ends)| {
            let rate = ends.rate().map_or_else(|| "–".to_owned(), |rate| percent(rate, lang));
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    <td class="num">{ends.complete + ends.partial}</td>
                    <td class="num">{ends.refused}</td>
                    <td class="num">{ends.not_found}</td>
                    <td class="num">{ends.unable}</td>
                    <td class="num">{ends.replaced}</td>
                    <td class="num">{ends.out_of_scope}</td>
                    <td class="num">{ends.no_result}</td>
                    <td class="num">{ends.open}</td>
                    <td class="num">{ends.void}</td>
                    <td class="num">{rate}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <h3 id=id>{title}</h3>
        <Scroll labelled_by=id>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Tên", "Name")}</th>
                        <th scope="col" class="num">{say(lang, "Xong", "Done")}</th>
                        <th scope="col" class="num">{say(lang, "Từ chối", "Refused")}</th>
                        <th scope="col" class="num">{say(lang, "Không gặp", "Not found")}</th>
                        <th scope="col" class="num">{say(lang, "Không trả lời được", "Unable")}</th>
                        <th scope="col" class="num">{say(lang, "Đã thay", "Replaced")}</th>
                        <th scope="col" class="num">{say(lang, "Ngoài phạm vi", "Out of scope")}</th>
                        <th scope="col" class="num">{say(lang, "Chưa có kết quả", "No result yet")}</th>
                        <th scope="col" class="num">{say(lang, "Còn mở", "Open")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu bị loại", "Left out")}</th>
                        <th scope="col" class="num">"RR1"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}
