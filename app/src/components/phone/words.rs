//! Every word of the phone pages, both languages side by side, for whoever has to check them.

use crate::domain::text::Lang;

/// The words of one language. `{}` marks where a figure or a name goes.
#[derive(Debug)]
pub struct Words {
    /// Label of the link to the other language, in that language.
    pub other_language: &'static str,
    /// Larger type.
    pub large: &'static str,
    /// Back to usual type.
    pub normal: &'static str,
    /// Title of the first page.
    pub rate: &'static str,
    /// Accessible name of a face: its word, its level.
    pub level: &'static str,
    /// Below the faces.
    pub promise: &'static str,
    /// Link from the first page to the form.
    pub whole_form: &'static str,
    /// Heading after the tap.
    pub recorded: &'static str,
    /// The same where the face is not shown.
    pub recorded_only: &'static str,
    /// Back to the faces.
    pub choose_again: &'static str,
    /// Why one would go on.
    pub more_helps: &'static str,
    /// To the form: how many questions, how many minutes.
    pub more: &'static str,
    /// No more, thank you.
    pub enough: &'static str,
    /// Heading of the form.
    pub form: &'static str,
    /// Above the form.
    pub form_intro: &'static str,
    /// Counter of a statement.
    pub question_of: &'static str,
    /// The parts of the form beside the factors.
    pub part_visit: &'static str,
    /// See `part_visit`.
    pub part_facts: &'static str,
    /// See `part_visit`.
    pub part_wishes: &'static str,
    /// See `part_visit`.
    pub part_person: &'static str,
    /// See `part_visit`.
    pub part_comment: &'static str,
    /// Above the respondent section.
    pub person_hint: &'static str,
    /// Below the open question.
    pub comment_hint: &'static str,
    /// How many may be chosen.
    pub at_most: &'static str,
    /// Limits of a number.
    pub between: &'static str,
    /// The link from a part to the next one, by its number.
    pub next_part: &'static str,
    /// The link from a part to the next one, by its heading.
    pub next: &'static str,
    /// The button after a part that sends what is there.
    pub stop: &'static str,
    /// The button.
    pub send: &'static str,
    /// The button on a page that says the server was busy.
    pub send_again: &'static str,
    /// Under half answered: heading.
    pub left_open: &'static str,
    /// Under half answered: go on.
    pub go_on: &'static str,
    /// Before the title of a page with faults.
    pub error_prefix: &'static str,
    /// Heading of the summary.
    pub not_sent: &'static str,
    /// Nothing tapped, nothing answered.
    pub nothing_answered: &'static str,
    /// A field that the form does not have.
    pub unknown_field: &'static str,
    /// A value that cannot be chosen.
    pub foreign_value: &'static str,
    /// Too many choices.
    pub too_many: &'static str,
    /// A number outside its limits.
    pub out_of_range: &'static str,
    /// The comment is too long.
    pub too_long: &'static str,
    /// Signs that are no text.
    pub control: &'static str,
    /// The last page.
    pub thanks: &'static str,
    /// Below it.
    pub received: &'static str,
    /// After a part: what may follow.
    pub rest_hint: &'static str,
    /// The button that leads to it.
    pub rest: &'static str,
    /// Before the receipt.
    pub receipt: &'static str,
    /// What the receipt is for.
    pub receipt_hint: &'static str,
    /// Link to the check.
    pub receipt_check: &'static str,
    /// A second answer from the same phone: when the first came.
    pub same_phone: &'static str,
    /// What happens with the second.
    pub same_phone_hint: &'static str,
    /// The way out for an honest second dossier.
    pub other_dossier: &'static str,
    /// Shown by script while it sends.
    pub sending: &'static str,
    /// Shown by script when it could not send.
    pub offline: &'static str,
    /// Label of the invisible field.
    pub leave_empty: &'static str,
    /// On every page of a city of sample data.
    pub sample_data: &'static str,
    /// The wording is a reconstruction.
    pub reference_form: &'static str,
}

/// The words of a language.
pub fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::Vi => &VI,
        Lang::En => &EN,
    }
}

/// Puts figures or names into the `{}` of a text, in order.
pub fn fill(text: &str, parts: &[&str]) -> String {
    let mut pieces = text.split("{}");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for (i, piece) in pieces.enumerate() {
        out.push_str(parts.get(i).copied().unwrap_or_default());
        out.push_str(piece);
    }
    out
}

static VI: Words = Words {
    other_language: "English",
    large: "Chữ to",
    normal: "Chữ thường",
    rate: "Đánh giá sự phục vụ",
    level: "{}, mức {} trên 5",
    promise: "Chạm vào một mặt là gửi luôn. Không hỏi tên, số điện thoại. Cán bộ không biết ai trả lời.",
    whole_form: "Trả lời cả phiếu ({} câu, khoảng {} phút)",
    recorded: "Đã ghi nhận: {}",
    recorded_only: "Đã ghi nhận",
    choose_again: "Chọn lại",
    more_helps: "Ông/Bà còn thời gian? Xin trả lời thêm để cơ quan biết chỗ nào cần sửa. Câu nào không muốn thì bỏ qua.",
    more: "Đánh giá kỹ hơn ({} câu, khoảng {} phút)",
    enough: "Thế là đủ",
    form: "Đánh giá kỹ hơn",
    form_intro: "Câu nào không muốn trả lời, Ông/Bà cứ bỏ qua. Gửi một lần ở cuối phiếu.",
    question_of: "Câu {}/{}",
    part_visit: "Lần đến này",
    part_facts: "Khi giải quyết công việc",
    part_wishes: "Mong đợi",
    part_person: "Về người trả lời",
    part_comment: "Góp ý",
    person_hint: "Chỉ dùng để đếm theo nhóm.",
    comment_hint: "Nhiều nhất 2.000 ký tự. Xin đừng ghi tên, số điện thoại. Góp ý ở đây không thay thế phản ánh, kiến nghị, \
                   tố cáo theo quy định.",
    at_most: "Chọn nhiều nhất {} ý.",
    between: "Từ {} đến {}.",
    next_part: "Tiếp: phần {} ↓",
    next: "Tiếp: {} ↓",
    stop: "Dừng ở đây và gửi",
    send: "Gửi",
    send_again: "Gửi lại",
    left_open: "Còn {} câu chưa trả lời.",
    go_on: "Trả lời tiếp",
    error_prefix: "Lỗi: ",
    not_sent: "Phiếu chưa gửi được",
    nothing_answered: "Phiếu chưa có câu trả lời nào. Xin chọn ít nhất một mức.",
    unknown_field: "Phiếu này không có câu “{}”.",
    foreign_value: "Xin chọn một trong các mức có trên phiếu.",
    too_many: "Xin chọn nhiều nhất {} ý.",
    out_of_range: "Xin ghi một số từ {} đến {}.",
    too_long: "Góp ý dài quá. Xin rút còn {} ký tự.",
    control: "Góp ý có ký tự không đọc được. Xin xoá và ghi lại.",
    thanks: "Xin trân trọng cảm ơn Ông/Bà!",
    received: "Phiếu đã được ghi.",
    rest_hint: "Trong 24 giờ, Ông/Bà còn trả lời tiếp được trên máy này.",
    rest: "Trả lời tiếp phần còn lại",
    receipt: "Biên nhận",
    receipt_hint: "Giữ mã này nếu muốn xem phiếu có được tính hay không. Mã không cho biết ai trả lời, trả lời gì.",
    receipt_check: "Xem phiếu có được tính không",
    same_phone: "Máy này đã gửi một phiếu lúc {}.",
    same_phone_hint: "Phiếu này vẫn được nhận. Nếu là hồ sơ khác, xin bấm:",
    other_dossier: "Đánh giá cho hồ sơ khác",
    sending: "Đang gửi…",
    offline: "Chưa gửi được vì mạng. Câu trả lời còn trên máy này, máy sẽ tự gửi lại.",
    leave_empty: "Để trống ô này",
    sample_data: "SỐ LIỆU MÔ PHỎNG",
    reference_form: "Mẫu phiếu tham khảo.",
};

static EN: Words = Words {
    other_language: "Tiếng Việt",
    large: "Large text",
    normal: "Usual text",
    rate: "Rate the service",
    level: "{}, level {} of 5",
    promise: "One tap sends it. We ask for no name and no phone number. Staff cannot tell who answered.",
    whole_form: "Answer the whole form ({} questions, about {} min)",
    recorded: "Recorded: {}",
    recorded_only: "Recorded",
    choose_again: "Choose again",
    more_helps: "Do you have time? A few more answers tell the agency what to mend. Skip any question you like.",
    more: "Tell us more ({} questions, about {} min)",
    enough: "That is all",
    form: "Tell us more",
    form_intro: "Skip any question you like. Send once, at the end.",
    question_of: "Question {}/{}",
    part_visit: "This visit",
    part_facts: "What happened",
    part_wishes: "What should improve",
    part_person: "About you",
    part_comment: "Comments",
    person_hint: "Used only to count by group.",
    comment_hint: "At most 2,000 characters. Please leave out names and phone numbers. A comment here does not replace a \
                   formal petition or complaint.",
    at_most: "Choose at most {}.",
    between: "From {} to {}.",
    next_part: "Next: part {} ↓",
    next: "Next: {} ↓",
    stop: "Stop here and send",
    send: "Send",
    send_again: "Send again",
    left_open: "{} questions are not answered yet.",
    go_on: "Go on answering",
    error_prefix: "Error: ",
    not_sent: "The form could not be sent",
    nothing_answered: "Nothing has been answered yet. Please choose at least one level.",
    unknown_field: "This form has no question “{}”.",
    foreign_value: "Please choose one of the answers on the form.",
    too_many: "Please choose at most {}.",
    out_of_range: "Please enter a number from {} to {}.",
    too_long: "The comment is too long. Please shorten it to {} characters.",
    control: "The comment has unreadable characters. Please delete them and write again.",
    thanks: "Thank you very much!",
    received: "Your answer has been recorded.",
    rest_hint: "You can go on with it on this phone for 24 hours.",
    rest: "Answer the rest",
    receipt: "Receipt",
    receipt_hint: "Keep this code to see whether your answer was counted. It does not tell who answered, or what.",
    receipt_check: "See whether it was counted",
    same_phone: "This phone already sent an answer at {}.",
    same_phone_hint: "This one is recorded too. If it is about another visit, press:",
    other_dossier: "Rate another visit",
    sending: "Sending…",
    offline: "The network did not let it through. Your answers are kept on this phone and will be sent again.",
    leave_empty: "Leave this field empty",
    sample_data: "SIMULATED DATA",
    reference_form: "Reference form.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_go_where_the_braces_are() {
        assert_eq!(fill(VI.question_of, &["6", "22"]), "Câu 6/22");
        assert_eq!(fill(VI.left_open, &["14"]), "Còn 14 câu chưa trả lời.");
        assert_eq!(fill("không có", &["thừa"]), "không có");
    }
}
