//! `/quan-tri/chat-luong/{code}/goi-lai`: call-backs. Whom to call is shown to who asks for it, and each look is noted.

use std::collections::HashMap;

use app::domain::quality::callback::CallbackOutcome;
use app::domain::role::ControlQuality;
use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::quality::callbacks::{
    CallbacksPage, DrawLine, Person, callbacks_title, callbacks_view, fault_words,
};
use app::pages::staff::quality::{QUALITY_PATH, name_of};
use app::server_side::quality::{draw_callbacks, same_again};
use app::server_side::sampling::{new_seed, seed_of};
use app::store::{RoundContext, StoreError};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use uuid::Uuid;

use super::guard::{Staff, busy, field, go, missing, page};
use super::quality::{Form, head, round_of, status};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// `GET /quan-tri/chat-luong/{code}/goi-lai`; with `?lien-he=1` names and addresses are shown.
pub(super) async fn show(
    staff: Staff<ControlQuality>,
    State(state): State<AppState>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = pairs(query.as_deref());
    let done = match (field(&form, "xong"), staff.lang) {
        ("rut", Lang::Vi) => Some("Đã rút mẫu gọi lại."),
        ("rut", Lang::En) => Some("Call-backs were drawn."),
        ("goi", Lang::Vi) => Some("Đã ghi kết quả."),
        ("goi", Lang::En) => Some("The outcome was noted."),
        _ => None,
    };
    let shown = async {
        let Some(context) = round_of(&state, &code).await? else { return Ok(missing()) };
        listed(&state, &staff, &context, field(&form, "lien-he") == "1", None, done).await
    };
    shown.await.unwrap_or_else(busy)
}

async fn listed(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    open: bool,
    fault: Option<&'static str>,
    done: Option<&'static str>,
) -> Result<Response, StoreError> {
    let (lang, id) = (staff.lang, context.round.id);
    let mut callbacks = state.store.callbacks(&staff.may, id).await?;
    // Who is still to be called comes first.
    callbacks.sort_by_key(|callback| callback.outcome.is_some());
    let ended =
        state.store.quality_ended_at(id).await?.is_some() || state.store.contacts_purged_at(id).await?.is_some();
    let open = open && !ended && !callbacks.is_empty();
    let mut sealed = HashMap::new();
    let mut key = None;
    if open {
        let detail = format!("n {}", callbacks.len());
        state.store.log(&staff.actor.who(), Act::CallbackSeen, &context.round.code, &detail).await?;
        sealed = state.store.callback_contacts(&staff.may, id).await?;
        key = state.contact_keys.load(id).ok();
    }
    let contact = |unit: Uuid| key.as_ref()?.open_unit(unit, sealed.get(&unit)?);
    let names = state.store.interviewer_names(&staff.may).await?;
    let began: HashMap<Uuid, Option<i64>> =
        state.store.interviews(&staff.may, context).await?.into_iter().map(|i| (i.id, i.started_at)).collect();
    let draws = state.store.callback_draws(&staff.may, id).await?;
    let view = CallbacksPage {
        lang,
        round: (context.round.code.clone(), context.round.name.get(lang).to_owned()),
        draws: draws
            .into_iter()
            .map(|draw| DrawLine {
                id: draw.id,
                same: same_again(&draw, &callbacks),
                counts: (
                    callbacks.iter().filter(|callback| callback.draw == draw.id).count(),
                    draw.interviews.iter().map(|(_, n)| n).sum(),
                ),
                seed: draw.seed,
                by: (draw.by, draw.at),
            })
            .collect(),
        people: callbacks
            .iter()
            .map(|callback| Person {
                unit: callback.unit,
                place: (
                    callback.number,
                    context.agencies.get(&callback.agency).map(|agency| agency.name.clone()).unwrap_or_default(),
                ),
                by: name_of(callback.by, &names, lang),
                began: callback.response.and_then(|response| began.get(&response).copied().flatten()),
                contact: contact(callback.unit),
                outcome: callback.outcome,
                note: callback.note.clone(),
                noted: callback.noted.clone(),
            })
            .collect(),
        waiting: state.store.callback_candidates(&staff.may, id).await?.0.len(),
        open,
        ended,
        fault,
        done,
    };
    let head = head(context, callbacks_title(&view), "/goi-lai", lang);
    Ok(page(state, &staff.actor, &head, status(fault.as_ref()), || callbacks_view(&view)))
}

fn after(context: &RoundContext, what: &str, lang: Lang) -> Response {
    go(&in_lang(&format!("{QUALITY_PATH}/{}/goi-lai?xong={what}", context.round.code), lang))
}

/// Draws a tenth of what came since the last draw.
pub(super) async fn draw(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    form: &Form,
) -> Result<Response, StoreError> {
    let typed = field(form, "hat-giong").trim();
    let seed = if typed.is_empty() { Some(new_seed()?) } else { seed_of(typed) };
    let Some(seed) = seed else {
        let words = match staff.lang {
            Lang::Vi => "Hạt giống gồm đúng 32 chữ số thập lục phân (0–9, a–f); để trống thì máy tự lấy.",
            Lang::En => "A seed is 32 hexadecimal digits (0–9, a–f); left empty, the machine takes one.",
        };
        return listed(state, staff, context, false, Some(words), None).await;
    };
    match draw_callbacks(&state.store, (&staff.may, &staff.actor.who()), context, &seed).await? {
        Ok(_) => Ok(after(context, "rut", staff.lang)),
        Err(fault) => listed(state, staff, context, false, Some(fault_words(fault, staff.lang)), None).await,
    }
}

/// Notes how a call-back ended.
pub(super) async fn note(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    form: &Form,
) -> Result<Response, StoreError> {
    let open = field(form, "lien-he") == "1";
    let outcome = CallbackOutcome::from_word(field(form, "ket-qua"));
    let Ok(unit) = Uuid::try_parse(field(form, "ai")) else { return Ok(missing()) };
    let Some(outcome) = outcome else {
        let words = match staff.lang {
            Lang::Vi => "Xin chọn kết quả gọi lại.",
            Lang::En => "Choose how the call-back ended.",
        };
        return listed(state, staff, context, open, Some(words), None).await;
    };
    let said = (outcome, field(form, "ghi-chu"));
    match state.store.note_callback(&staff.may, &staff.actor.who(), context.round.id, unit, said).await? {
        Ok(()) => Ok(after(context, if open { "goi&lien-he=1" } else { "goi" }, staff.lang)),
        Err(fault) => listed(state, staff, context, open, Some(fault_words(fault, staff.lang)), None).await,
    }
}
