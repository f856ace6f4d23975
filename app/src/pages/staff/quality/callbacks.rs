//! Call-backs: the draw with its seed, whom to call, and what they said of the interview.

use leptos::prelude::*;
use uuid::Uuid;

use super::to;
use crate::components::number::{instant, say};
use crate::domain::field_work::Contact;
use crate::domain::limits;
use crate::domain::quality::callback::CallbackOutcome;
use crate::domain::text::Lang;
use crate::pages::staff::{done, fault, options};
use crate::store::quality::CallbackFault;

/// A draw on the page.
#[derive(Clone, Debug)]
pub struct DrawLine {
    /// Key.
    pub id: i32,
    /// The seed.
    pub seed: String,
    /// Who drew, and when.
    pub by: (String, i64),
    /// Drawn, and out of how many interviews.
    pub counts: (usize, u32),
    /// Whether drawing again gives the same.
    pub same: bool,
}

/// Somebody to call.
#[derive(Clone, Debug)]
pub struct Person {
    /// The unit.
    pub unit: Uuid,
    /// Number on the printed list, and the agency.
    pub place: (u32, String),
    /// Who asked.
    pub by: String,
    /// When the interview began.
    pub began: Option<i64>,
    /// Whom to call; none while it was not asked for, and once erased.
    pub contact: Option<Contact>,
    /// How it ended.
    pub outcome: Option<CallbackOutcome>,
    /// What was otherwise.
    pub note: String,
    /// Who noted it, and when.
    pub noted: Option<(String, i64)>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct CallbacksPage {
    /// Language.
    pub lang: Lang,
    /// Code and name of the round.
    pub round: (String, String),
    /// The draws.
    pub draws: Vec<DrawLine>,
    /// The people.
    pub people: Vec<Person>,
    /// Interviews that came since the last draw.
    pub waiting: usize,
    /// Names and addresses are shown.
    pub open: bool,
    /// Quality control has ended.
    pub ended: bool,
    /// What is wrong.
    pub fault: Option<&'static str>,
    /// What was done.
    pub done: Option<&'static str>,
}

/// The title; an error comes first in it.
pub fn callbacks_title(page: &CallbacksPage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{} · {}", say(page.lang, "Gọi lại", "Call-backs"), page.round.1)
}

/// The name of an outcome.
pub fn outcome_name(outcome: CallbackOutcome, lang: Lang) -> &'static str {
    match outcome {
        CallbackOutcome::Confirmed => say(lang, "Xác nhận có phỏng vấn", "Confirms the interview"),
        CallbackOutcome::Differs => say(lang, "Có phỏng vấn, có điểm khác", "Held, but something differs"),
        CallbackOutcome::NotReached => say(lang, "Không liên lạc được", "Not reached"),
        CallbackOutcome::Denied => say(lang, "Phủ nhận: không ai phỏng vấn", "Denies: nobody asked"),
    }
}

/// Why nothing was done, in words.
pub fn fault_words(fault: CallbackFault, lang: Lang) -> &'static str {
    match fault {
        CallbackFault::Ended => say(
            lang,
            "Kiểm tra chất lượng của đợt đã kết thúc: không gọi lại được nữa.",
            "Quality control of the round has ended: nobody can be called back.",
        ),
        CallbackFault::Nobody => {
            say(lang, "Chưa có phiếu mới theo danh sách mẫu để rút.", "No new interviews from the list to draw from.")
        }
        CallbackFault::Overtaken => {
            say(lang, "Vừa có người khác rút. Xin xem lại.", "Somebody else drew just now. Look again.")
        }
        CallbackFault::Unknown => say(lang, "Người này không thuộc danh sách gọi lại.", "Not on the call-back list."),
        CallbackFault::Note => {
            say(lang, "Xin ghi điểm khác là gì (không ghi câu trả lời).", "Write what differs (never the answers).")
        }
    }
}

/// The page.
pub fn callbacks_view(page: &CallbacksPage) -> AnyView {
    let lang = page.lang;
    let people: Vec<_> = page.people.iter().map(|person| person_view(page, person)).collect();
    let list = if people.is_empty() {
        let words = say(lang, "Chưa rút ai để gọi lại.", "Nobody was drawn yet.");
        view! { <p class="empty">{words}</p> }.into_any()
    } else {
        view! { <ul class="comments">{people}</ul> }.into_any()
    };
    let look = (!page.open && !page.ended && !page.people.is_empty()).then(|| {
        view! {
            <p>
                <a class="button" href=to(&page.round.0, "goi-lai?lien-he=1", lang)>
                    {say(lang, "Xem tên, địa chỉ, điện thoại", "Show names and addresses")}
                </a>
            </p>
            <p class="secondary">
                {say(lang, "Mỗi lần xem được ghi vào nhật ký.", "Each look is in the log.")}
            </p>
        }
    });
    view! {
        <div class="spaced">
            <h1>{format!("{} · {}", say(lang, "Gọi lại", "Call-backs"), page.round.1)}</h1>
            {fault(page.fault)}
            {done(page.done)}
            <p>
                <a href=to(&page.round.0, "", lang)>{say(lang, "Về trang của đợt", "Back to the round")}</a>
            </p>
            <p class="prose">
                {say(
                    lang,
                    "Mười phần trăm số phiếu của mỗi điều tra viên, ít nhất một phiếu, được rút ngẫu nhiên để hỏi lại người trả lời: có ai đến phỏng vấn không, khi nào, bao lâu. Không hỏi lại câu trả lời.",
                    "Ten per cent of each interviewer's interviews, one at least, are drawn by chance; the person is asked whether somebody came, when, and for how long. The answers are not asked again.",
                )}
            </p>
            {draw_form(page)}
            {draws(page)}
            <h2>{say(lang, "Người cần gọi lại", "Whom to call back")}</h2>
            {look}
            {list}
        </div>
    }
    .into_any()
}

fn draw_form(page: &CallbacksPage) -> AnyView {
    let lang = page.lang;
    if page.ended {
        let words = fault_words(CallbackFault::Ended, lang);
        return view! { <p class="secondary">{words}</p> }.into_any();
    }
    let words = match lang {
        Lang::Vi => format!("{} phiếu mới chưa qua lần rút nào.", page.waiting),
        Lang::En => format!("{} new interviews that no draw has covered.", page.waiting),
    };
    let form = (page.waiting > 0).then(|| {
        view! {
            <form class="staff-form" method="post" action=to(&page.round.0, "rut", lang)>
                <div class="staff-field">
                    <label class="label" for="hat-giong">
                        {say(lang, "Hạt giống (để trống thì máy tự lấy)", "Seed (left empty, the machine takes one)")}
                    </label>
                    <input class="field" id="hat-giong" name="hat-giong" maxlength="40" autocomplete="off" spellcheck="false"/>
                </div>
                <button class="button">{say(lang, "Rút mẫu gọi lại", "Draw call-backs")}</button>
            </form>
        }
    });
    view! {
        <p>{words}</p>
        {form}
    }
    .into_any()
}

fn draws(page: &CallbacksPage) -> AnyView {
    let lang = page.lang;
    let items: Vec<_> = page
        .draws
        .iter()
        .map(|draw| {
            let (n, of) = draw.counts;
            let (by, at) = (&draw.by.0, instant(draw.by.1, lang));
            let facts = match lang {
                Lang::Vi => format!("Lần {}: {n} trong {of} phiếu · {by}, {at}", draw.id),
                Lang::En => format!("Draw {}: {n} of {of} interviews · {by}, {at}", draw.id),
            };
            let check = if draw.same {
                say(lang, "rút lại trùng khớp", "drawn again: the same")
            } else {
                say(lang, "rút lại KHÔNG khớp: danh sách đã bị sửa", "drawn again: NOT the same, the list was changed")
            };
            view! {
                <div>
                    <dt>{facts}</dt>
                    <dd>{format!("{}: {} · {check}", say(lang, "hạt giống", "seed"), draw.seed)}</dd>
                </div>
            }
        })
        .collect();
    (!items.is_empty()).then(|| view! { <dl class="chain">{items}</dl> }).into_any()
}

fn person_view(page: &CallbacksPage, person: &Person) -> impl IntoView + use<> {
    let lang = page.lang;
    let (number, agency) = &person.place;
    let head = match lang {
        Lang::Vi => format!("Số {number} · {agency}"),
        Lang::En => format!("No. {number} · {agency}"),
    };
    let began = person.began.map(|at| format!(" · {}", instant(at, lang))).unwrap_or_default();
    let asked = format!("{}: {}{began}", say(lang, "Người phỏng vấn", "Asked by"), person.by);
    let contact = person.contact.as_ref().map(|contact| {
        let parts = [&contact.name, &contact.phone, &contact.address, &contact.note];
        let words: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        view! { <p>{words.join(" · ")}</p> }
    });
    let now = person.outcome.map(|outcome| {
        let noted =
            person.noted.as_ref().map(|(who, at)| format!(" · {who}, {}", instant(*at, lang))).unwrap_or_default();
        let note = if person.note.is_empty() { String::new() } else { format!(": {}", person.note) };
        view! { <p>{format!("{}{note}{noted}", outcome_name(outcome, lang))}</p> }
    });
    let form = (!page.ended).then(|| {
        let (outcome_id, note_id) = (format!("kq-{}", person.unit), format!("gc-{}", person.unit));
        // Nothing is chosen before somebody has called.
        let none = person.outcome.is_none().then(|| (String::new(), say(lang, "chọn kết quả", "choose").to_owned()));
        let named = CallbackOutcome::ALL.iter().map(|o| (o.word().to_owned(), outcome_name(*o, lang).to_owned()));
        let choices: Vec<_> = none.into_iter().chain(named).collect();
        let chosen = person.outcome.map_or("", CallbackOutcome::word).to_owned();
        let label = format!("{} {number}", say(lang, "Ghi kết quả gọi lại số", "Note the outcome of No."));
        view! {
            <details class="staff-more">
                <summary>{label}</summary>
                <form class="staff-form" method="post" action=to(&page.round.0, "goi", lang)>
                    <input type="hidden" name="ai" value=person.unit.to_string()/>
                    {page.open.then(|| view! { <input type="hidden" name="lien-he" value="1"/> })}
                    <div class="staff-field">
                        <label class="label" for=outcome_id.clone()>
                            {say(lang, "Kết quả", "Outcome")}
                        </label>
                        <select class="field" id=outcome_id name="ket-qua">
                            {options(&choices, &chosen)}
                        </select>
                    </div>
                    <div class="staff-field">
                        <label class="label" for=note_id.clone()>
                            {say(lang, "Điểm khác (không ghi câu trả lời)", "What differs (never the answers)")}
                        </label>
                        <input class="field" id=note_id name="ghi-chu" maxlength=limits::NOTE_CHARS value=person.note.clone() autocomplete="off"/>
                    </div>
                    <button class="button">{say(lang, "Lưu kết quả", "Save the outcome")}</button>
                </form>
            </details>
        }
    });
    view! {
        <li>
            <h3>{head}</h3>
            <p class="secondary">{asked}</p>
            {contact}
            {now}
            {form}
        </li>
    }
}
