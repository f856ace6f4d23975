//! What is printed for a team, A4: the letter of introduction, the list of a surveyor, the acceptance list, the show card.
//! Quốc hiệu stands at the head of letters, as Nghị định 30/2020/NĐ-CP sets it.

use leptos::prelude::*;

use crate::components::number::{day, say};
use crate::components::phone::face::face;
use crate::components::tables::Scroll;
use crate::domain::field_work::{Contact, Outcome};
use crate::domain::text::Lang;
use crate::pages::staff::report::office_head;
use crate::server_side::export::report::Office;

/// A letter of introduction.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Language of the page; the letter itself is Vietnamese.
    pub lang: Lang,
    /// The surveyor.
    pub surveyor: String,
    /// Their team.
    pub team: String,
    /// The round.
    pub round: String,
    /// Names of agencies whose people are visited.
    pub agencies: Vec<String>,
    /// Who introduces.
    pub office: Office,
    /// Until which day it is good, days since 1970-01-01; none while the round has no end.
    pub until: Option<i32>,
}

/// The letter.
pub fn letter_view(letter: &Letter) -> AnyView {
    let until = letter.until.map(|until| format!("Giấy có giá trị đến hết ngày {}.", day(until)));
    let agencies = letter.agencies.join("; ");
    view! {
        <article class="report letter" lang="vi">
            {office_head(&letter.office, "GGT")}
            <h1>"GIẤY GIỚI THIỆU"</h1>
            <p>
                {format!("{} trân trọng giới thiệu Ông/Bà ", letter.office.name)}
                <strong>{letter.surveyor.clone()}</strong>
                {format!(", điều tra viên của {}.", letter.team)}
            </p>
            <p>
                {format!(
                    "Được cử đến các hộ gia đình, tổ chức có trong danh sách mẫu để phỏng vấn về mức độ hài lòng đối với sự phục \
                     vụ của cơ quan hành chính nhà nước, {}.",
                    letter.round,
                )}
            </p>
            {(!agencies.is_empty()).then(|| view! { <p>{format!("Các cơ quan được đo lường: {agencies}.")}</p> })}
            <p>
                "Việc trả lời là tự nguyện. Tên chỉ để đi đúng nhà, tách khỏi câu trả lời, xoá khi hết đợt. Điều tra viên không \
                 thu tiền, không bán hàng, không xem giấy tờ tùy thân."
            </p>
            <p>
                "Đề nghị Ủy ban nhân dân xã, phường, ấp, khu vực và Ông/Bà tạo điều kiện để điều tra viên hoàn thành nhiệm vụ."
            </p>
            {until.map(|until| view! { <p>{until}</p> })}
            <div class="letter__signs">
                <p><strong>"ĐIỀU TRA VIÊN"</strong> <br/> "(ký, ghi rõ họ tên)"</p>
                <p><strong>{letter.office.signer.clone()}</strong> <br/> "(ký tên, đóng dấu)"</p>
            </div>
        </article>
    }
    .into_any()
}

/// A line of a printed list.
#[derive(Clone, Debug)]
pub struct PrintLine {
    /// Number on the list of its agency.
    pub number: u32,
    /// Name of the agency.
    pub agency: String,
    /// Held in reserve.
    pub reserve: bool,
    /// Whom to visit; none once erased, or where it cannot be read.
    pub contact: Option<Contact>,
    /// How the visits ended.
    pub attempts: Vec<(i32, Outcome)>,
    /// Its answers are here.
    pub answered: bool,
}

/// A printed list.
#[derive(Clone, Debug)]
pub struct PrintList {
    /// Language.
    pub lang: Lang,
    /// Whose.
    pub surveyor: String,
    /// Of which team.
    pub team: String,
    /// The round.
    pub round: String,
    /// Its lines.
    pub lines: Vec<PrintLine>,
}

/// How a visit ended, in words.
pub fn outcome_name(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Done => say(lang, "xong", "done"),
        Outcome::Refused => say(lang, "từ chối", "refused"),
        Outcome::NotHome => say(lang, "vắng nhà", "not at home"),
        Outcome::NotFound => say(lang, "không còn ở địa chỉ", "gone from the address"),
        Outcome::Unable => say(lang, "không trả lời được", "unable"),
        Outcome::OutOfScope => say(lang, "ngoài phạm vi", "out of scope"),
        Outcome::NoResult => say(lang, "chưa có kết quả", "no result yet"),
    }
}

/// The list of a surveyor, with names and addresses.
pub fn list_view(list: &PrintList) -> AnyView {
    let lang = list.lang;
    if list.lines.is_empty() {
        return empty(list, say(lang, "Danh sách mẫu", "Sample list"));
    }
    let rows: Vec<_> = list
        .lines
        .iter()
        .map(|line| {
            let contact = line.contact.clone().unwrap_or_default();
            let reserve = line.reserve.then(|| say(lang, "dự phòng", "reserve"));
            view! {
                <tr>
                    <td class="num">{line.number}</td>
                    <th scope="row">{contact.name}</th>
                    <td>{contact.address}</td>
                    <td>{contact.phone}</td>
                    <td>{line.agency.clone()}</td>
                    <td>{contact.note} " " {reserve}</td>
                    <td class="walk__box"></td>
                    <td class="walk__box"></td>
                    <td class="walk__box"></td>
                </tr>
            }
        })
        .collect();
    view! {
        <article class="walk">
            <h1>{say(lang, "Danh sách mẫu", "Sample list")}</h1>
            <p>{format!("{} · {} · {}", list.surveyor, list.team, list.round)}</p>
            <p class="secondary">
                {say(
                    lang,
                    "Chỉ để đi đúng nhà. Không sao chụp, không ghi câu trả lời lên đây; nộp lại khi hết việc.",
                    "Only to find the right house. Do not copy it nor write answers on it; hand it back when done.",
                )}
            </p>
            <Scroll label=say(lang, "Danh sách mẫu", "Sample list")>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col" class="num">{say(lang, "Số", "No.")}</th>
                            <th scope="col">{say(lang, "Họ tên", "Name")}</th>
                            <th scope="col">{say(lang, "Địa chỉ", "Address")}</th>
                            <th scope="col">{say(lang, "Điện thoại", "Telephone")}</th>
                            <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                            <th scope="col">{say(lang, "Ghi chú", "Note")}</th>
                            <th scope="col">{say(lang, "Lần 1", "Visit 1")}</th>
                            <th scope="col">{say(lang, "Lần 2", "Visit 2")}</th>
                            <th scope="col">{say(lang, "Lần 3", "Visit 3")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        </article>
    }
    .into_any()
}

/// The list by which the work of a surveyor is accepted: numbers and ends, no names.
pub fn accepted_view(list: &PrintList) -> AnyView {
    let lang = list.lang;
    if list.lines.is_empty() {
        return empty(list, say(lang, "Bảng kê nghiệm thu phiếu", "Acceptance list"));
    }
    let rows: Vec<_> = list
        .lines
        .iter()
        .map(|line| {
            let visits: Vec<String> = line
                .attempts
                .iter()
                .map(|(at, outcome)| format!("{} {}", day(*at), outcome_name(*outcome, lang)))
                .collect();
            view! {
                <tr>
                    <td class="num">{line.number}</td>
                    <td>{line.agency.clone()}</td>
                    <td>{visits.join("; ")}</td>
                    <td>{if line.answered { say(lang, "đã nhận", "received") } else { "" }}</td>
                </tr>
            }
        })
        .collect();
    let received = list.lines.iter().filter(|line| line.answered).count();
    let sum = match lang {
        Lang::Vi => format!("Cộng: {} người được giao, {received} phiếu đã nhận.", list.lines.len()),
        Lang::En => format!("In all: {} handed out, {received} answers received.", list.lines.len()),
    };
    view! {
        <article class="walk">
            <h1>{say(lang, "Bảng kê nghiệm thu phiếu", "Acceptance list")}</h1>
            <p>{format!("{} · {} · {}", list.surveyor, list.team, list.round)}</p>
            <Scroll label=say(lang, "Bảng kê", "List")>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col" class="num">{say(lang, "Số", "No.")}</th>
                            <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                            <th scope="col">{say(lang, "Các lần đến", "Visits")}</th>
                            <th scope="col">{say(lang, "Phiếu", "Answers")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
            <p class="walk__sum">{sum}</p>
            <div class="letter__signs">
                <p>{say(lang, "Điều tra viên", "Surveyor")}</p>
                <p>{say(lang, "Tổ trưởng", "Supervisor")}</p>
                <p>{say(lang, "Người nghiệm thu", "Accepted by")}</p>
            </div>
        </article>
    }
    .into_any()
}

fn empty(list: &PrintList, title: &'static str) -> AnyView {
    view! {
        <h1>{title}</h1>
        <p>{format!("{} · {}", list.surveyor, list.team)}</p>
        <p class="empty">{say(list.lang, "Chưa giao ai cho người này.", "Nobody has been handed to this person.")}</p>
    }
    .into_any()
}

/// The show card: the five answers, large enough to be read across a table.
pub fn card_view(lang: Lang) -> AnyView {
    let words = [
        ("Rất không hài lòng", "Very dissatisfied"),
        ("Không hài lòng", "Dissatisfied"),
        ("Bình thường", "Neutral"),
        ("Hài lòng", "Satisfied"),
        ("Rất hài lòng", "Very satisfied"),
    ];
    let faces: Vec<_> = (1_u8..)
        .zip(words)
        .map(|(level, (vi, en))| {
            view! {
                <li class="show-card__level">
                    {face(level)}
                    <strong>{level}</strong>
                    <span>{say(lang, vi, en)}</span>
                </li>
            }
        })
        .collect();
    view! {
        <article class="show-card">
            <h1>{say(lang, "Ông/Bà hài lòng ở mức nào?", "How satisfied are you?")}</h1>
            <ol>{faces}</ol>
            <p>{say(lang, "0: không áp dụng, không biết", "0: does not apply, do not know")}</p>
        </article>
    }
    .into_any()
}
