//! One posted form: read, or refused in words.

use app::components::number::{instant, say};
use app::domain::answer::Problem;
use app::domain::paper::{FormCode, Keyed, Part, UNIT};
use app::domain::sheet;
use app::domain::text::Lang;
use app::store::KeyFault;

use super::super::guard::field;

/// Why a form is not keyed, in words.
pub(super) fn key_fault(fault: &KeyFault, lang: Lang) -> String {
    match fault {
        KeyFault::Unknown => {
            say(lang, "Tập này không có phiếu mang mã đó.", "No form of this batch has the code.").to_owned()
        }
        KeyFault::Keyed(who, at) => match lang {
            Lang::Vi => format!("Phiếu này {who} đã nhập lúc {}.", instant(*at, lang)),
            Lang::En => format!("{who} keyed this form at {}.", instant(*at, lang)),
        },
        KeyFault::Own => say(
            lang,
            "Ông/Bà đã nhập phiếu này lần một; lần hai do người khác nhập.",
            "You keyed this form first; somebody else keys it again.",
        )
        .to_owned(),
        KeyFault::Once => {
            say(lang, "Phiếu này không được bốc để nhập lần hai.", "This form was not drawn to be keyed again.")
                .to_owned()
        }
        KeyFault::NoFirst => {
            say(lang, "Phiếu này chưa được nhập lần một.", "This form was not keyed a first time yet.").to_owned()
        }
        KeyFault::NoUnit => say(
            lang,
            "Danh sách mẫu của cơ quan không có số này: xin xem lại trên phiếu.",
            "The agency’s sample list has no such number: look at the form again.",
        )
        .to_owned(),
        KeyFault::Final => say(
            lang,
            "Phiếu này không sửa được nữa: đã nhập lần hai hoặc đã tính. Xin báo tổ trưởng.",
            "This form is corrected no more: it was keyed again, or counts. Tell your supervisor.",
        )
        .to_owned(),
        KeyFault::Outdated => say(
            lang,
            "Mẫu phiếu của đợt đã đổi sau khi in tập này, nên không nhập được. Xin lập và in tập mới.",
            "The round’s questionnaire changed after this batch was printed. Make and print a new one.",
        )
        .to_owned(),
    }
}

/// What is wrong with a posted form: its words and its fields.
pub(super) struct Wrong {
    pub(super) words: String,
    pub(super) fields: Vec<String>,
}

/// Reads a posted form; what can be read of it, and its code or what is wrong. `today` is a local day.
pub(super) fn read_form(
    today: i32,
    parts: &[Part],
    fields: &[(String, String)],
    lang: Lang,
) -> (Keyed, Result<FormCode, Wrong>) {
    let code = FormCode::read(field(fields, "ma"));
    // Ten years back no round was measured on such forms; it is a slip of the hand.
    let day = sheet::day(field(fields, "ngay")).filter(|day| (today - 3_653..=today).contains(day));
    let get = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect::<Vec<String>>();
    let (keyed, faults) = match Keyed::read(parts, day.unwrap_or_default(), &get) {
        Ok(keyed) => (keyed, vec![]),
        Err((keyed, faults)) => (keyed, faults),
    };
    let mut wrong = Wrong { words: String::new(), fields: vec![] };
    let mut add = |name: &str, words: String| {
        if !wrong.words.is_empty() {
            wrong.words.push(' ');
        }
        wrong.words.push_str(&words);
        wrong.fields.push(name.to_owned());
    };
    if code.is_none() {
        let words = say(
            lang,
            "Mã phiếu không đúng: xin gõ hoặc quét lại.",
            "This is no code of a form: type or scan it again.",
        );
        add("ma", words.to_owned());
    }
    if day.is_none() {
        let words =
            say(lang, "Xin ghi ngày trả lời, không ở sau hôm nay.", "Give the date on the form, not after today.");
        add("ngay", words.to_owned());
    }
    for fault in faults {
        let words = match (fault.problem, lang) {
            (Problem::TooLong { most }, Lang::Vi) => format!("Ý kiến dài quá {most} ký tự."),
            (Problem::TooLong { most }, Lang::En) => format!("The comment is longer than {most} characters."),
            (_, lang) if fault.field == UNIT => {
                say(lang, "Số trong danh sách mẫu không đúng.", "The number on the sample list is no number.")
                    .to_owned()
            }
            (_, Lang::Vi) => format!("Câu {}: giá trị này không có trên phiếu.", fault.field),
            (_, Lang::En) => format!("Question {}: the form has no such value.", fault.field),
        };
        add(&fault.field, words);
    }
    match code {
        Some(code) if wrong.fields.is_empty() => (keyed, Ok(code)),
        _ => (keyed, Err(wrong)),
    }
}
