//! The printed form, A4, from the questionnaire of the round: a code and its picture at the foot of every sheet, lines
//! that break where those of the entry screen do, and the keys of the answers in their boxes.

use leptos::prelude::*;

use super::{BatchHead, PAPER};
use crate::components::number::say;
use crate::domain::paper::{Item, OPTION_KEYS, Part, Shape};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::text::Lang;
use crate::pages::staff::in_lang;

/// One form to be printed.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Number in the batch.
    pub number: i16,
    /// Code as people read it.
    pub code: String,
    /// The same as a picture.
    pub qr: String,
}

/// `/quan-tri/phieu-giay/{batch}/in`.
#[derive(Clone, Debug)]
pub struct PrintPage<'a> {
    /// Language of the page.
    pub lang: Lang,
    /// Language of the form.
    pub form_lang: Lang,
    /// The batch.
    pub head: BatchHead,
    /// The questionnaire.
    pub questionnaire: &'a Questionnaire,
    /// Its parts.
    pub parts: &'a [Part],
    /// The forms.
    pub sheets: Vec<Sheet>,
    /// The forms are of people on a drawn list: each has a place for its number.
    pub listed: bool,
    /// All data are simulated.
    pub sample_data: bool,
}

/// The title.
pub fn print_title(page: &PrintPage<'_>) -> String {
    format!("{} · {}", say(page.lang, "In phiếu", "Print"), page.head.title(page.lang))
}

/// The page.
pub fn print_view(page: &PrintPage<'_>) -> AnyView {
    let lang = page.lang;
    view! {
        <div>
            <p class="heading__above narrow-print">
                <a href=in_lang(PAPER, lang)>{say(lang, "Phiếu giấy", "Paper forms")}</a>
            </p>
            <h1 class="narrow-print">{print_title(page)}</h1>
            <p class="narrow-print">
                {say(
                    lang,
                    "In bằng lệnh in của trình duyệt (Ctrl+P), khổ A4, tỉ lệ 100 %, in một mặt để không tờ nào mang hai phiếu. Mỗi phiếu có mã riêng: không phô-tô một phiếu thành nhiều phiếu.",
                    "Print from the browser (Ctrl+P), A4, at 100 %, on one side, so that no sheet carries two forms. Each form has a code of its own: do not photocopy one.",
                )}
            </p>
            {page.sheets.iter().map(|sheet| one(sheet, page)).collect_view()}
        </div>
    }
    .into_any()
}

fn one(sheet: &Sheet, page: &PrintPage<'_>) -> AnyView {
    let lang = page.form_lang;
    let q = page.questionnaire;
    let mark = page.sample_data.then(|| view! { <p class="poster__mark">"SỐ LIỆU MÔ PHỎNG"</p> });
    let field = page.head.field.clone().map(|field| format!(" · {field}"));
    let scale: Vec<String> =
        (1..).zip(&q.scale.labels).map(|(n, label)| format!("{n} = {}", label.get(lang))).collect();
    let comment = q.comment.as_ref().map(|comment| {
        view! {
            <h2>{comment.get(lang).to_owned()}</h2>
            <p class="paper-lines"></p>
        }
    });
    view! {
        <table class="paper-sheet">
            <tfoot>
                <tr>
                    <td>
                        <div class="paper-foot">
                            <div class="paper-qr" inner_html=sheet.qr.clone()></div>
                            <p>
                                {say(lang, "Mã phiếu ", "Form ")} <b>{sheet.code.clone()}</b>
                                {format!(" · {} {}, {} {}", say(lang, "tập", "batch"), page.head.id, say(lang, "số", "no."), sheet.number)}
                            </p>
                        </div>
                    </td>
                </tr>
            </tfoot>
            <tbody>
                <tr>
                    <td>
                        {mark}
                        <p class="poster__agency">{q.title.get(lang).to_owned()}</p>
                        <p>
                            <b>{page.head.agency.clone()}</b>
                            {field}
                            {format!(" · {}", page.head.round)}
                        </p>
                        <p>
                            {say(
                                lang,
                                "Xin khoanh tròn một số ở mỗi dòng. Không ghi tên, số điện thoại. Câu nào không muốn trả lời, xin để trống.",
                                "Please circle one number on each line. Give no name or telephone number. Leave blank what you would rather not answer.",
                            )}
                        </p>
                        <p>{format!("{} · 0 = {}", scale.join(" · "), q.scale.not_applicable.get(lang))}</p>
                        <p>
                            {say(lang, "Ngày trả lời: ……/……/…………", "Date: ……/……/…………")}
                            {page.listed.then(|| say(lang, " · Số trong danh sách mẫu: …………", " · Number on the sample list: …………"))}
                        </p>
                        {page.parts.iter().map(|part| printed_part(part, lang)).collect_view()}
                        {comment}
                        <p class="secondary">
                            {say(
                                lang,
                                "Phiếu này không thay thế phản ánh, kiến nghị, tố cáo theo quy định. Xin cảm ơn Ông/Bà.",
                                "This form does not replace a petition, complaint or denunciation under the law. Thank you.",
                            )}
                        </p>
                    </td>
                </tr>
            </tbody>
        </table>
    }
    .into_any()
}

fn printed_part(part: &Part, lang: Lang) -> AnyView {
    let lead = part.lead.as_ref().map(|lead| view! { <p>{lead.get(lang).to_owned()}</p> });
    view! {
        <h2>{part.title.get(lang).to_owned()}</h2>
        {lead}
        {part.items.iter().map(|item| printed_item(item, lang)).collect_view()}
    }
    .into_any()
}

fn printed_item(item: &Item, lang: Lang) -> AnyView {
    let answer = match &item.shape {
        Shape::Scale => {
            let ring = |figure: &'static str| view! { <span class="paper-ring">{figure}</span> };
            view! { <div class="paper-rings">{["1", "2", "3", "4", "5", "0"].map(ring).collect_view()}</div> }
                .into_any()
        }
        Shape::Single(options) | Shape::Multiple(_, options) => {
            let boxes = OPTION_KEYS.chars().zip(options).map(|(key, words)| {
                view! {
                    <li>
                        <span class="paper-ring">{key.to_string()}</span>
                        {words.get(lang).to_owned()}
                    </li>
                }
            });
            view! { <ul class="paper-options">{boxes.collect_view()}</ul> }.into_any()
        }
        Shape::Number(_, _, unit) => view! { <p class="paper-options">{format!("………… {unit}")}</p> }.into_any(),
    };
    let most = match &item.shape {
        Shape::Multiple(most, _) if lang == Lang::Vi => Some(format!(" (nhiều nhất {most})")),
        Shape::Multiple(most, _) => Some(format!(" (at most {most})")),
        _ => None,
    };
    view! {
        <div class="paper-item">
            <p class="paper-line">{line_words(item, lang)} {most}</p>
            {answer}
        </div>
    }
    .into_any()
}

/// The words of a question as they stand on paper and screen: its lead before it.
pub(super) fn line_words(item: &Item, lang: Lang) -> String {
    let lead = item.lead.as_ref().map(|lead| format!("{} ", lead.get(lang))).unwrap_or_default();
    // Codes like "1.1" are on the paper; keys of questions ("hom-nay") are for programs.
    let number = if item.code.starts_with(|first: char| first.is_ascii_digit() || first.is_ascii_uppercase()) {
        format!("{} ", item.code)
    } else {
        String::new()
    };
    format!("{number}{lead}{}", item.text.get(lang))
}
