//! Pages that say why there is nothing to answer here, or why an answer was not taken, and what to do.

use leptos::prelude::*;

use crate::components::phone::document::{Answers, Document, Form, Switches, document};
use crate::components::phone::look::{Look, Place};
use crate::components::phone::words::words;
use crate::domain::form::{Press, names};
use crate::domain::text::Lang;

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// 404: no desk has this code.
    UnknownDesk,
    /// 403: the round has not begun.
    NotBegun,
    /// 410: the round is over.
    Over,
    /// 409: this response was sent before with other answers.
    Conflict,
    /// 403: the address of a response, on another phone than the one that answered, too late, or of an older version.
    ElsewhereAnswered,
    /// 413: the body is too large.
    TooLarge,
    /// 400: the body is no form.
    Unreadable,
    /// 503, where there are no answers to keep.
    Busy,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::UnknownDesk,
        Self::NotBegun,
        Self::Over,
        Self::Conflict,
        Self::ElsewhereAnswered,
        Self::TooLarge,
        Self::Unreadable,
        Self::Busy,
    ];

    /// The status of the page.
    pub fn status(self) -> u16 {
        match self {
            Self::UnknownDesk => 404,
            Self::NotBegun | Self::ElsewhereAnswered => 403,
            Self::Over => 410,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::Unreadable => 400,
            Self::Busy => 503,
        }
    }

    /// Heading, and one sentence on why and what to do.
    fn words(self, lang: Lang) -> (&'static str, &'static str) {
        match (self, lang) {
            (Self::UnknownDesk, Lang::Vi) => {
                ("Không có quầy nào mang mã này", "Xin xem lại mã trên bảng ở quầy, rồi quét hoặc nhập lại.")
            }
            (Self::UnknownDesk, Lang::En) => {
                ("No desk has this code", "Please look at the code on the sign at the desk and scan or type it again.")
            }
            (Self::NotBegun, Lang::Vi) => {
                ("Đợt lấy ý kiến chưa bắt đầu", "Quầy này chưa nhận phiếu. Xin mời Ông/Bà quay lại sau.")
            }
            (Self::NotBegun, Lang::En) => {
                ("The survey has not begun", "This desk does not take answers yet. Please come back later.")
            }
            (Self::Over, Lang::Vi) => {
                ("Đợt lấy ý kiến đã kết thúc", "Quầy này không nhận phiếu nữa. Xin cảm ơn Ông/Bà đã quan tâm.")
            }
            (Self::Over, Lang::En) => {
                ("The survey is over", "This desk takes no more answers. Thank you for your interest.")
            }
            (Self::Conflict, Lang::Vi) => (
                "Phiếu này đã gửi rồi",
                "Phiếu đã được ghi ở lần gửi trước và không sửa được nữa. Câu trả lời vừa gửi khác lần trước nên không \
                 được ghi.",
            ),
            (Self::Conflict, Lang::En) => (
                "This form was already sent",
                "It was recorded the first time and cannot be changed any more. What was sent just now differs and was \
                 not recorded.",
            ),
            (Self::ElsewhereAnswered, Lang::Vi) => (
                "Trang này chỉ mở được trên máy đã trả lời",
                "Câu trả lời đã gửi vẫn được giữ nguyên. Muốn trả lời một phiếu của mình, xin bấm dưới đây.",
            ),
            (Self::ElsewhereAnswered, Lang::En) => (
                "This page opens only on the phone that answered",
                "What was sent is kept as it is. To give an answer of your own, press below.",
            ),
            (Self::TooLarge, Lang::Vi) => {
                ("Phiếu quá dài", "Phiếu CHƯA được ghi. Xin quay lại trang trước, rút ngắn phần góp ý, rồi gửi lại.")
            }
            (Self::TooLarge, Lang::En) => {
                ("The form is too long", "It was NOT recorded. Please go back, shorten the comment, and send it again.")
            }
            (Self::Unreadable, Lang::Vi) => {
                ("Không đọc được phiếu", "Phiếu CHƯA được ghi. Xin quay lại trang trước và gửi lại.")
            }
            (Self::Unreadable, Lang::En) => {
                ("The form could not be read", "It was NOT recorded. Please go back and send it again.")
            }
            (Self::Busy, Lang::Vi) => ("Máy chủ đang bận", "Xin chờ một phút rồi mở lại trang này."),
            (Self::Busy, Lang::En) => ("The server is busy", "Please wait a minute and open this page again."),
        }
    }

    /// Where to go from here, with its words.
    fn way_on(self, lang: Lang) -> Option<(&'static str, &'static str)> {
        let words = |vi, en| if lang == Lang::En { en } else { vi };
        match self {
            Self::UnknownDesk => Some(("/", words("Nhập mã trên bảng", "Type the code on the sign"))),
            Self::ElsewhereAnswered => {
                Some(("?", words("Đánh giá sự phục vụ tại quầy này", "Rate the service at this desk")))
            }
            Self::Over => Some(("/ket-qua", words("Xem kết quả", "See the results"))),
            _ => None,
        }
    }
}

/// "Máy chủ đang bận, phiếu CHƯA được ghi. …": said above the answers that are kept on the page.
pub fn busy_words(lang: Lang) -> &'static str {
    match lang {
        Lang::Vi => {
            "Máy chủ đang bận, phiếu CHƯA được ghi. Câu trả lời còn trên trang này: chờ một phút rồi bấm Gửi lại."
        }
        Lang::En => {
            "The server is busy, your answers are NOT recorded. They are still on this page: wait a minute, then press \
             Send again."
        }
    }
}

/// The same when the desk gets more answers a minute than its budget.
pub fn too_many_words(lang: Lang) -> &'static str {
    match lang {
        Lang::Vi => {
            "Quầy này đang có quá nhiều phiếu gửi cùng lúc, phiếu CHƯA được ghi. Câu trả lời còn trên trang này: chờ \
             một phút rồi bấm Gửi lại."
        }
        Lang::En => {
            "Too many answers are arriving for this desk, yours are NOT recorded. They are still on this page: wait a \
             minute, then press Send again."
        }
    }
}

/// A state page as HTML. `answer` says that it answers a post: it cannot be asked for again in another language.
pub fn state_page(look: Look, place: Option<&Place>, state: State, answer: bool) -> String {
    let (heading, why) = state.words(look.lang);
    let w = words(look.lang);
    let other = (state == State::Conflict).then(|| {
        view! { <p><button class="main" name=names::GO value=Press::Other.word()>{w.other_dossier}</button></p> }
    });
    let way_on = state.way_on(look.lang).map(|(href, words)| view! { <p><a class="link" href=href>{words}</a></p> });
    let main = view! {
        <h1>{heading}</h1>
        <p>{why}</p>
        {other}
        {way_on}
    };
    let switches = if answer { Switches::None } else { Switches::Links(String::new()) };
    let closed = state == State::Conflict;
    document(
        Document {
            look,
            title: heading.to_owned(),
            place,
            switches,
            form: Form::Answers(Answers { closed, kept: true, ..Answers::default() }),
        },
        main,
    )
}
