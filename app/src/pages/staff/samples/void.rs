//! A sample that was drawn in error: the form that voids it, and those of a round that were voided.

use leptos::prelude::*;

use super::{SAMPLES_PATH, number};
use crate::components::number::{instant, say};
use crate::domain::limits;
use crate::domain::text::Lang;
use crate::pages::staff::{fault, in_lang};
use crate::store::{VoidFault, VoidedSample};

/// Why it was not voided, in words.
fn void_fault_words(fault: VoidFault, lang: Lang) -> &'static str {
    match fault {
        VoidFault::Gone => say(lang, "Mẫu này không còn.", "The sample is gone."),
        VoidFault::Used => say(
            lang,
            "Không huỷ được: đã giao người trong mẫu cho đội điều tra, hoặc đã nhập phiếu giấy của mẫu này.",
            "It cannot be voided: a team was given people of it, or a paper form was keyed for it.",
        ),
        VoidFault::Over => say(
            lang,
            "Không huỷ được: đợt đã chốt số liệu, hoặc dữ liệu liên hệ đã xoá.",
            "It cannot be voided: the round is frozen, or its contact data are erased.",
        ),
        VoidFault::Reason => {
            say(lang, "Xin ghi lý do, từ 10 đến 1.000 ký tự.", "Write a reason of 10 to 1,000 characters.")
        }
    }
}

/// The form that voids a sample; what was typed stays.
pub(super) fn void_form(list: i32, typed: &str, wrong: Option<VoidFault>, lang: Lang) -> AnyView {
    let words = wrong.map(|wrong| void_fault_words(wrong, lang));
    view! {
        <details class="fold" open=wrong.is_some()>
            <summary>{say(lang, "Rút nhầm danh sách?", "Drawn from the wrong list?")}</summary>
            {fault(words)}
            <p class="prose">
                {say(
                    lang,
                    "Khi chưa giao cho đội nào, lần rút này huỷ được. Người trong mẫu bị xoá; cơ quan phải nộp danh sách khác thì mới rút lại được. Số lần huỷ, lý do và người huỷ được giữ lại, hiện ở trang rút mẫu và trong nhật ký: rút đi rút lại cho đến khi vừa ý thì không còn là rút ngẫu nhiên.",
                    "While no team was given any of it, it can be voided. Its people are erased, and the agency hands in another list before it is drawn again. That it was voided, why and by whom stays on the page of samples and in the log: drawing until one likes the list is no draw.",
                )}
            </p>
            <form class="staff-form" method="post" action=in_lang(&format!("{SAMPLES_PATH}/danh-sach/{list}/huy"), lang)>
                <div class="staff-field">
                    <label class="label" for="ly-do-huy">
                        {say(lang, "Lý do huỷ", "Why it is voided")}
                    </label>
                    <textarea
                        class="field"
                        id="ly-do-huy"
                        name="ly-do"
                        rows="3"
                        maxlength=limits::REASON_CHARS
                        // A line break right after the tag is eaten by the parser: give it one to eat.
                        inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(typed))
                    ></textarea>
                </div>
                <button class="button button--secondary">{say(lang, "Huỷ lần rút này", "Void this sample")}</button>
            </form>
        </details>
    }
    .into_any()
}

/// The samples of a round that were voided, each with the name of its agency.
pub(super) fn voided_view(voided: &[(String, VoidedSample)], lang: Lang) -> Option<AnyView> {
    if voided.is_empty() {
        return None;
    }
    let items: Vec<_> = voided
        .iter()
        .map(|(agency, one)| {
            let (n, reserve) = (number(one.drawn.0, lang), number(one.drawn.1, lang));
            let (by, at) = (&one.voided.0, instant(one.voided.1, lang));
            let drawn = instant(one.by.1, lang);
            let words = match lang {
                Lang::Vi => format!(
                    "{agency}: mẫu số {} ({n} người, dự phòng {reserve}), {} rút lúc {drawn}; {by} huỷ lúc {at}. Lý do: {}",
                    one.list, one.by.0, one.reason
                ),
                Lang::En => format!(
                    "{agency}: sample {} ({n} people, reserve {reserve}), drawn by {} at {drawn}; voided by {by} at {at}. Why: {}",
                    one.list, one.by.0, one.reason
                ),
            };
            view! { <li>{words}</li> }
        })
        .collect();
    let view = view! {
        <h2>{say(lang, "Lần rút đã huỷ", "Voided samples")}</h2>
        <ul class="prose">{items}</ul>
    };
    Some(view.into_any())
}
