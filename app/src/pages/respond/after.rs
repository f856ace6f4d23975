//! After the tap: what was recorded, and whether to say more.

use leptos::prelude::*;

use super::minutes;
use crate::components::phone::document::{Answers, Document, Form, Switches, document};
use crate::components::phone::look::{Look, Place};
use crate::components::phone::words::{Words, fill, words};
use crate::domain::answer::Score;
use crate::domain::form::{Press, names};
use crate::domain::questionnaire::Questionnaire;

/// "Đã ghi nhận: Hài lòng" as HTML; without the face where the phone may be another one. `earlier` is the time of day of an
/// answer that this phone sent before.
pub fn after_page(
    look: Look,
    place: &Place,
    questionnaire: &Questionnaire,
    tap: Option<Score>,
    earlier: Option<&str>,
) -> String {
    let w = words(look.lang);
    let label = tap.and_then(|tap| questionnaire.scale.labels.get(usize::from(tap.get()) - 1));
    let recorded = label.map_or_else(|| w.recorded_only.to_owned(), |label| fill(w.recorded, &[label.get(look.lang)]));
    let (count, time) = (questionnaire.n_criteria().to_string(), minutes(questionnaire, look.lang).to_string());
    let main = view! {
        <h1>{recorded.clone()}</h1>
        {label.map(|_| view! { <p><button class="link" name=names::GO value=Press::Again.word()>{w.choose_again}</button></p> })}
        {earlier.map(|at| same_phone(w, at))}
        <p>{w.more_helps}</p>
        <p><button class="main" name=names::GO value=Press::Form.word()>{fill(w.more, &[&count, &time])}</button></p>
        <p><button class="plain" name=names::GO value=Press::Enough.word()>{w.enough}</button></p>
    };
    let (place, switches) = (Some(place), Switches::Buttons);
    document(
        Document {
            look,
            title: recorded,
            place,
            switches,
            form: Form::Answers(Answers { idle: true, ..Answers::default() }),
        },
        main,
    )
}

/// Said when the same phone answers again; the button makes the next answer one for another dossier.
pub(super) fn same_phone(w: &'static Words, at: &str) -> impl IntoView + use<> {
    view! {
        <div class="notice">
            <p><b>{fill(w.same_phone, &[at])}</b>" "{w.same_phone_hint}</p>
            <button class="link" name=names::GO value=Press::Other.word()>{w.other_dossier}</button>
        </div>
    }
}
