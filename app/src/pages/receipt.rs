//! Was this receipt counted? Yes or no, never the answers.

use leptos::prelude::*;

use crate::components::phone::document::{Document, Form, Switches, document};
use crate::components::phone::look::Look;
use crate::domain::text::Lang;

/// What is said about a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReceiptAnswer {
    /// No receipt was typed yet.
    #[default]
    NotAsked,
    /// What was typed is no receipt.
    NoReceipt,
    /// A receipt; whether its response counts.
    Counted(bool),
    /// The store cannot say just now.
    Busy,
}

/// `/bien-nhan` as HTML. `typed` is what came in under `ma`, shown again in the field.
pub fn receipt_page(look: Look, typed: &str, answer: &ReceiptAnswer) -> String {
    let en = look.lang == Lang::En;
    let t = |vi: &'static str, en_words: &'static str| if en { en_words } else { vi };
    let heading = t("Phiếu có được tính không?", "Was it counted?");
    let said = match answer {
        ReceiptAnswer::NotAsked => None,
        ReceiptAnswer::Counted(true) => Some((
            t("Có.", "Yes."),
            t("Phiếu này đã được nhận và được tính.", "This answer was received and is counted."),
        )),
        ReceiptAnswer::Counted(false) => Some((
            t("Không.", "No."),
            t(
                "Chưa có phiếu nào mang biên nhận này. Xin xem lại từng chữ trên biên nhận.",
                "There is no answer with this receipt. Please check every letter of it.",
            ),
        )),
        ReceiptAnswer::NoReceipt => Some((
            t("Mã này không phải biên nhận.", "This is no receipt."),
            t("Biên nhận có dạng 7K3F-92QD. Xin xem lại.", "A receipt looks like 7K3F-92QD. Please check it."),
        )),
        ReceiptAnswer::Busy => Some((
            t("Máy chủ đang bận.", "The server is busy."),
            t("Xin chờ một phút rồi xem lại.", "Please wait a minute and look again."),
        )),
    };
    let title = said.map_or(heading, |(short, _)| short.trim_end_matches('.'));
    let wrong = *answer == ReceiptAnswer::NoReceipt;
    let notice = said.map(|(short, long)| {
        view! { <div class=if wrong { "notice wrong" } else { "notice" } role="status"><p><b>{short}</b>" "{long}</p></div> }
    });
    let main = view! {
        <h1>{heading}</h1>
        {notice}
        <label class="ask" for="ma">{t("Biên nhận", "Receipt")}</label>
        <p class="hint" id="h-ma">{t("Tám chữ và số, ví dụ 7K3F-92QD.", "Eight letters and figures, such as 7K3F-92QD.")}</p>
        <input id="ma" name="ma" type="text" aria-describedby="h-ma" autocapitalize="characters" value=typed.to_owned() />
        {en.then(|| view! { <input type="hidden" name="lang" value="en" /> })}
        {look.large.then(|| view! { <input type="hidden" name="chu" value="to" /> })}
        <p><button class="main">{t("Xem", "Look")}</button></p>
    };
    let keep = if *answer == ReceiptAnswer::NotAsked { String::new() } else { format!("ma={}", plain(typed)) };
    let (title, switches) = (title.to_owned(), Switches::Links(keep));
    document(Document { look, title, place: None, switches, form: Form::Lookup("/bien-nhan") }, main)
}

/// What of a typed code may stand in an address as it is.
fn plain(typed: &str) -> String {
    typed.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
}
