//! What became of the response of a receipt: counted, not counted and why, or unknown. Never the answers.

use leptos::prelude::*;

use crate::components::phone::document::{Document, Form, Switches, document};
use crate::components::phone::look::Look;
use crate::domain::receipt::{NotCounted, ReceiptStatus};
use crate::domain::text::Lang;

/// What is said about a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReceiptAnswer {
    /// No receipt was typed yet.
    #[default]
    NotAsked,
    /// What was typed is no receipt.
    NoReceipt,
    /// The receipt of a response.
    Found(ReceiptStatus),
    /// A receipt of no response.
    Unknown,
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
        ReceiptAnswer::Found(ReceiptStatus::Counted) => Some((
            t("Đã nhận và được tính.", "Received and counted."),
            t("Phiếu này được tính vào chỉ số của đợt.", "This answer is in the index of its round."),
        )),
        ReceiptAnswer::Found(ReceiptStatus::NotCounted(why)) => {
            let (vi, en_words) = why_not(*why);
            Some((t("Đã nhận, không tính vào chỉ số.", "Received, not in the index."), t(vi, en_words)))
        }
        ReceiptAnswer::Unknown => Some((
            t("Chưa tìm thấy phiếu có mã này.", "No answer with this code was found."),
            t("Xin xem lại từng chữ trên biên nhận.", "Please check every letter of the receipt."),
        )),
        ReceiptAnswer::NoReceipt => Some((
            t("Mã này không phải biên nhận.", "That is not a receipt code."),
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

/// Why a response is not in the index, for its respondent, in both languages. Says nothing of the answers, the visit
/// included.
fn why_not(why: NotCounted) -> (&'static str, &'static str) {
    match why {
        NotCounted::TapOnly => (
            "Ông/Bà mới chọn mức hài lòng chung. Lượt chọn này được đếm riêng; chỉ số tính từ phiếu trả lời các câu hỏi.",
            "You chose an overall level only. That is counted apart; the index rests on forms.",
        ),
        NotCounted::Incomplete => {
            ("Phiếu trả lời chưa được một nửa số câu.", "Fewer than half of the questions were answered.")
        }
        NotCounted::UnderReview => ("Phiếu đang được kiểm tra.", "The answer is being checked."),
        NotCounted::Late => (
            "Phiếu đến sau khi đợt kết thúc hoặc sau khi chốt số liệu.",
            "It came after the round was over or its figures were final.",
        ),
        NotCounted::LeftOut => (
            "Phiếu đã được loại theo quy định kiểm tra chất lượng.",
            "It was left out by the rules of quality control.",
        ),
        NotCounted::Withdrawn => ("Phiếu đã được rút lại.", "It was withdrawn."),
        NotCounted::OtherGroup => (
            "Phiếu không thuộc nhóm hồ sơ dùng để tính chỉ số của đợt này.",
            "It is not of the group that the index of this round is about.",
        ),
        NotCounted::Voluntary => (
            "Phiếu trả lời tại quầy là phản hồi tự nguyện: được tính trong phần phản hồi tự nguyện của cơ quan, xem riêng.",
            "An answer given at a desk is voluntary feedback: it counts in the agency's voluntary feedback, shown apart.",
        ),
    }
}

/// What of a typed code may stand in an address as it is.
fn plain(typed: &str) -> String {
    typed.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(40).collect()
}
