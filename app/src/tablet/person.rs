//! One person of the list: whom to visit, what was tried, how a visit ended, and the replacement from the reserve.

use leptos::prelude::*;

use super::device;
use super::frame::{SECOND, button, page, run, to};
use super::home::{outcome_words, progress_words};
use super::state::{Screen, Tablet};
use crate::components::number::say;
use crate::domain::days::civil;
use crate::domain::field_work::{Outcome, Party, Unit, What};
use crate::domain::text::Lang;
use crate::offline::interview::{Draft, Hands, Step};
use crate::offline::people::{Person, reserve_for};

/// Longest note on a visit, in characters: one line.
const NOTE_CHARS: usize = 200;
/// Ends of a visit that are tapped; an interview ends by being finished.
const ENDS: [Outcome; 6] =
    [Outcome::NotHome, Outcome::Refused, Outcome::NotFound, Outcome::Unable, Outcome::OutOfScope, Outcome::NoResult];

/// The screen of one person.
pub(super) fn person(tablet: Tablet, lang: Lang, unit: String) -> AnyView {
    let key = unit.clone();
    let found = Memo::new(move |_| tablet.people().into_iter().find(|person| person.unit.unit == key));
    let Some(first) = found.get_untracked() else {
        let words = say(lang, "Người này không còn trong danh sách.", "This person is no longer on the list.");
        let back = to(tablet, say(lang, "Danh sách", "The list"), Screen::People);
        return page(tablet, lang, words.to_owned(), ().into_any(), Some(back));
    };
    let contact = first.unit.contact.clone().unwrap_or_default();
    let name = if contact.name.is_empty() {
        say(lang, "(đã xoá tên)", "(name erased)").to_owned()
    } else {
        contact.name.clone()
    };
    let party = match first.unit.party {
        Party::Person => say(lang, "người dân", "citizen"),
        Party::Organisation => say(lang, "tổ chức", "organisation"),
    };
    let line =
        |words: &'static str, value: String| (!value.is_empty()).then(|| view! { <dt>{words}</dt> <dd>{value}</dd> });
    let (agency, field) =
        tablet.open.with_untracked(|open| names(open.as_ref().and_then(|o| o.round()), &first.unit, lang));
    let state = move || found.get().map(|person| progress_words(&person.progress, lang));
    let attempts = move || {
        let attempts = found.get().map(|person| person.attempts).unwrap_or_default();
        let rows = attempts.into_iter().map(|(day, outcome)| {
            let (_, month, of_month) = civil(i64::from(day));
            view! { <li>{format!("{of_month:02}/{month:02}: {}", outcome_words(outcome, lang))}</li> }
        });
        rows.collect_view()
    };
    // A memo: what is typed below must not be lost because something was sent meanwhile.
    let is_open = Memo::new(move |_| {
        let signed_out = tablet.open.with(|open| open.as_ref().is_some_and(super::state::Open::is_signed_out));
        !signed_out && found.get().is_some_and(|person| person.progress.is_open())
    });
    let (unit, number) = (first.unit.clone(), first.unit.number);
    let inside = view! {
        <dl class="tab-facts">
            {line(say(lang, "Tên", "Name"), format!("{name} ({party})"))}
            {line(say(lang, "Địa chỉ", "Address"), contact.address)}
            {line(say(lang, "Điện thoại", "Telephone"), contact.phone)}
            {line(say(lang, "Ghi chú", "Note"), contact.note)}
            {line(say(lang, "Cơ quan", "Agency"), agency)}
            {line(say(lang, "Lĩnh vực", "Field"), field)}
            <dt>{say(lang, "Tình trạng", "State")}</dt>
            <dd>{state}</dd>
        </dl>
        <ul class="tab-attempts">{attempts}</ul>
        {move || is_open.get().then(|| ends(tablet, lang, unit.clone()))}
        {move || found.get().and_then(|person| replacement(tablet, lang, &person))}
    };
    let foot = view! {
        {to(tablet, say(lang, "Danh sách", "The list"), Screen::People)}
        {move || {
            is_open
                .get()
                .then(|| {
                    let begin = move || {
                        if let Some(person) = found.get_untracked() {
                            run(async move { start(tablet, person.unit, lang).await });
                        }
                    };
                    button(say(lang, "Bắt đầu phỏng vấn", "Begin the interview"), "", begin)
                })
        }}
    };
    let heading = match lang {
        Lang::Vi => format!("Số {number}"),
        Lang::En => format!("Number {number}"),
    };
    page(tablet, lang, heading, inside.into_any(), Some(foot.into_any()))
}

fn names(round: Option<&crate::domain::field_work::KitRound>, unit: &Unit, lang: Lang) -> (String, String) {
    let Some(round) = round else { return (unit.agency.clone(), String::new()) };
    let agency = round.agencies.iter().find(|(code, _)| *code == unit.agency).map(|(_, name)| name.clone());
    let field = round.fields.iter().find(|(code, _)| Some(code) == unit.field.as_ref());
    (
        agency.unwrap_or_else(|| unit.agency.clone()),
        field.map(|(_, name)| name.get(lang).to_owned()).unwrap_or_default(),
    )
}

/// Begins the interview of a unit; greeting and consent come first.
async fn start(tablet: Tablet, unit: Unit, lang: Lang) {
    let Some((questionnaire, script)) = tablet.open.with_untracked(|open| {
        let round = open.as_ref()?.round()?;
        Some(((round.questionnaire.key.clone(), round.questionnaire.version), round.script.version))
    }) else {
        return;
    };
    let Some(id) = device::new_id() else { return };
    let draft = Draft {
        id,
        unit: Some(unit.unit),
        post: None,
        desk: None,
        agency: unit.agency,
        field: unit.field,
        label: format!("Số {}", unit.number),
        lang,
        script,
        started_at: device::now(),
        step: Step::Consent,
        hands: Hands::Interviewer,
        floor: None,
        questionnaire,
        sheet: String::new(),
        comment: String::new(),
    };
    tablet.begin(draft).await;
}

/// How a visit ended without an interview.
fn ends(tablet: Tablet, lang: Lang, unit: Unit) -> AnyView {
    let note = RwSignal::new(String::new());
    let buttons = ENDS.into_iter().map(|outcome| {
        let unit = unit.clone();
        let press = move || {
            let note: String = note.get_untracked().trim().chars().take(NOTE_CHARS).collect();
            let what = What::Attempt { unit: unit.unit.clone(), outcome, note };
            let label = format!("Số {}", unit.number);
            run(async move { drop(tablet.tell(what, &label, vec![]).await) });
        };
        button(capital(outcome_words(outcome, lang)), SECOND, press)
    });
    view! {
        <section class="tab-block">
            <h2>{say(lang, "Không phỏng vấn được?", "No interview?")}</h2>
            <label class="tab-label" for="ghi-chu">
                {say(lang, "Ghi chú (không ghi tên, không ghi câu trả lời)", "Note (no names, no answers)")}
            </label>
            <input
                class="tab-field"
                id="ghi-chu"
                autocomplete="off"
                maxlength=NOTE_CHARS.to_string()
                on:input=move |event| note.set(event_target_value(&event))
            />
            <div class="tab-choices">{buttons.collect_view()}</div>
        </section>
    }
    .into_any()
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Given up, with a reason, for the next of the reserve.
fn replacement(tablet: Tablet, lang: Lang, person: &Person) -> Option<AnyView> {
    use crate::offline::people::Progress;
    if !matches!(person.progress, Progress::Ended(_) | Progress::NotReached) {
        return None;
    }
    let people = untrack(|| tablet.people());
    let Some(other) = reserve_for(&people, &person.unit).map(|person| person.unit.clone()) else {
        let words = say(
            lang,
            "Danh sách dự phòng đã hết cho cơ quan và lĩnh vực này.",
            "The reserve is used up for this agency and field.",
        );
        return Some(view! { <p class="tab-block">{words}</p> }.into_any());
    };
    let reason = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let (unit, number) = (person.unit.clone(), other.number);
    let press = move || {
        let words: String = reason.get_untracked().trim().chars().take(NOTE_CHARS).collect();
        if words.is_empty() {
            return missing.set(true);
        }
        let what = What::Replace { unit: unit.unit.clone(), by: other.unit.clone(), reason: words };
        let (label, by) = (format!("Số {}", unit.number), other.unit.clone());
        run(async move {
            if tablet.tell(what, &label, vec![]).await.is_ok() {
                tablet.go(Screen::Person(by));
            }
        });
    };
    let words = match lang {
        Lang::Vi => format!("Thay bằng số {number} trong danh sách dự phòng"),
        Lang::En => format!("Replace by number {number} of the reserve"),
    };
    Some(
        view! {
            <section class="tab-block">
                <h2>{say(lang, "Thay người", "Replace")}</h2>
                <label class="tab-label" for="ly-do">
                    {say(lang, "Lý do", "Reason")}
                </label>
                <p class="tab-error" role="alert" id="ly-do-loi" hidden=move || !missing.get()>
                    {say(lang, "Xin ghi lý do.", "Please give the reason.")}
                </p>
                <input
                    class="tab-field"
                    id="ly-do"
                    autocomplete="off"
                    maxlength=NOTE_CHARS.to_string()
                    aria-describedby="ly-do-loi"
                    on:input=move |event| reason.set(event_target_value(&event))
                />
                {button(words, SECOND, press)}
            </section>
        }
        .into_any(),
    )
}
