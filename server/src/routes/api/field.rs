//! `/api/v1/field`: tablets and kiosks enrol, fetch what they take along, and tell what happened on the way.
//!
//! The conversation stands in `app::domain::field_work`; answers go the way of all devices, `POST /api/v1/responses`.

use std::sync::{Mutex, PoisonError};

use app::domain::field_work::{
    Enrol, Enrolled, Erase, EventResult, EventStatus, HAVE_IDS, Had, Have, Kit, KitRound, Profile, Script, SealingKey,
    Sync, Work,
};
use app::domain::hex::hex;
use app::domain::limits;
use app::domain::round::normalise_code;
use app::domain::staff_log::Act;
use app::domain::text::Text;
use app::offline::seal;
use app::server_side::epoch;
use app::server_side::field::{FieldKeys, code_mac};
use app::server_side::token;
use app::store::field::{FieldDevice, KitData};
use app::store::{Device, RoundContext, StoreError};
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest as _, RawQuery, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;

use super::{Refusal, device, sender};
use crate::http::budget::declared;
use crate::routes::ready::pairs;
use crate::state::AppState;

/// Version of the greeting and consent below; a word of them changed is the next version.
const SCRIPT: u16 = 1;
/// Codes that may be tried a minute, by everybody together: a whole team enrols in a minute, and at this pace a code of
/// [`limits::ENROLMENT_LETTERS`] is guessed in some hundred million years.
const TRIES: i64 = 60;
const MINUTE_MS: i64 = 60_000;
/// Memory that a list of events takes for each of its bytes, at most.
const EVENTS_COST: usize = 32;

/// The addresses.
pub(super) fn routes() -> Router<AppState> {
    let tries = std::sync::Arc::new(Tries::default());
    let enrol = move |State(state): State<AppState>, body: Bytes| async move {
        enrol(&state, &tries, &body).await.unwrap_or_else(Refusal::into_response)
    };
    Router::new()
        // Anybody may try a code.
        .route("/api/v1/field/enrol", post(enrol).layer(DefaultBodyLimit::max(limits::FORM_BYTES)))
        .route("/api/v1/field/kit", get(kit))
        .route("/api/v1/field/sync", post(sync))
        .route("/api/v1/field/have", post(have).layer(DefaultBodyLimit::max(limits::FORM_BYTES)))
        .layer(DefaultBodyLimit::max(limits::FIELD_BYTES))
}

/// Tries at codes: a bucket that refills evenly.
#[derive(Debug, Default)]
struct Tries(Mutex<(i64, i64)>);

impl Tries {
    fn take(&self, now: i64) -> bool {
        let mut bucket = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (spent, at) = *bucket;
        let passed = now.saturating_sub(at).clamp(0, MINUTE_MS);
        let spent = (spent - passed * TRIES).max(0);
        let yes = spent + MINUTE_MS <= TRIES * MINUTE_MS;
        *bucket = (if yes { spent + MINUTE_MS } else { spent }, at.max(now));
        yes
    }
}

/// `POST /api/v1/field/enrol`.
async fn enrol(state: &AppState, tries: &Tries, body: &[u8]) -> Result<Response, Refusal> {
    let asked: Enrol = read(body)?;
    if !tries.take(state.clock.now_ms()) {
        return Err(Refusal::Slower);
    }
    let code = normalise_code(&asked.code);
    let token = token::new().map_err(|_| Refusal::Failed)?;
    let made = state.store.enrol(code_mac(&state.keys, &code), asked.api, token::hash(&token)).await;
    let made = made.or_else(|error| match error {
        // Its surveyor may not measure any more: to who typed it, a code like any other that is not good.
        StoreError::Refused(why) => {
            tracing::warn!(why, "an enrolment was refused");
            Ok(None)
        }
        error => Err(error),
    })?;
    if made.is_none() {
        return Err(Refusal::Code);
    }
    let device = state.store.device(token::hash(&token)).await?.ok_or(Refusal::Failed)?;
    let field = device.field.ok_or(Refusal::Failed)?;
    let data = state.store.kit(&device, &field).await?;
    let keys = FieldKeys::new(&state.keys);
    let receipt_key = hex(&keys.receipt_key(device.id));
    let profile = profile(&device, &field, data.surveyor, data.team);
    Ok(fresh(&Enrolled { token, receipt_key, profile }))
}

/// `GET /api/v1/field/kit`.
async fn kit(State(state): State<AppState>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    build_kit(&state, &headers, query.as_deref()).await.unwrap_or_else(Refusal::into_response)
}

async fn build_kit(state: &AppState, headers: &HeaderMap, query: Option<&str>) -> Result<Response, Refusal> {
    let (device, field) = field_device(state, headers).await?;
    let query = pairs(query);
    let given = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let waiting = given("waiting").and_then(|n| n.parse().ok());
    let ask = given("ask").filter(|ask| (1..=limits::ASK_BYTES).contains(&ask.len()));
    let mut data = state.store.kit(&device, &field).await?;
    name_contacts(state, &device, &field, &mut data).await?;
    state.store.device_seen(&device, waiting).await?;
    let round = state.store.round(field.round).await?;
    let keys = FieldKeys::new(&state.keys);
    let wipe = data.barred || data.purged;
    let erase = ask.and_then(|ask| erase(&keys, &device, ask, wipe, &data));
    Ok(fresh(&Kit {
        server_time: state.clock.now_ms(),
        round: round.map(|round| kit_round(&round, &keys, data.agencies)),
        profile: profile(&device, &field, data.surveyor, data.team),
        units: data.units,
        posts: data.posts,
        wipe_contacts: wipe,
        signed_out: data.barred,
        epoch: epoch::current(&state.store).await?,
        erase,
        send: Some(keys.send_token(device.id)),
    }))
}

/// The order of a kit to erase contact data, with its proof; none where all of them stay.
fn erase(keys: &FieldKeys<'_>, device: &Device, ask: &str, all: bool, data: &KitData) -> Option<Erase> {
    let units = (!all).then(|| data.gone.iter().map(ToString::to_string).collect::<Vec<_>>());
    if units.as_ref().is_some_and(Vec::is_empty) {
        return None;
    }
    let message = Erase::message(device.id.0, ask, units.as_deref());
    Some(Erase { units, proof: seal::proof(&keys.receipt_key(device.id), &message) })
}

/// Opens the contact data of the units in a kit, for the surveyor who visits them. Noted first, once a day and device.
async fn name_contacts(
    state: &AppState,
    device: &Device,
    field: &FieldDevice,
    data: &mut KitData,
) -> Result<(), Refusal> {
    if data.sealed.is_empty() {
        return Ok(());
    }
    let key = match state.contact_keys.load(field.round) {
        Ok(key) => key,
        Err(error) => {
            // A restored backup without its key. A kit without names would look like one of a list that has none.
            tracing::error!(%error, "the contact data of a kit cannot be read; the kit is refused");
            return Err(Refusal::NoContactKey);
        }
    };
    if data.first_today {
        let detail = format!("{} người, tải về máy {}", data.sealed.len(), device.name);
        state.store.log(&data.who, Act::SampleSeen, &data.team, &detail).await?;
    }
    for unit in &mut data.units {
        let Some(id) = uuid::Uuid::try_parse(&unit.unit).ok() else { continue };
        let Some(sealed) = data.sealed.get(&id) else { continue };
        unit.contact = key.open_unit(id, sealed);
        if unit.contact.is_none() {
            tracing::error!(unit = %id, "the contact key of the round opens nothing; the kit is refused");
            return Err(Refusal::NoContactKey);
        }
    }
    Ok(())
}

fn profile(device: &Device, field: &FieldDevice, surveyor: Option<String>, team: String) -> Profile {
    Profile { device: device.id.0, name: device.name.clone(), work: field.work, surveyor, team: Some(team) }
}

fn kit_round(round: &RoundContext, keys: &FieldKeys, agencies: Vec<(String, String)>) -> KitRound {
    let (name, public) = keys.sealing(&round.round.code);
    KitRound {
        code: round.round.code.clone(),
        name: round.round.name.clone(),
        closes_at: round.round.closes_at,
        questionnaire: (*round.questionnaire).clone(),
        fields: round.round.fields.iter().map(|field| (field.code.clone(), field.name.clone())).collect(),
        agencies,
        script: script(),
        sealing: SealingKey { key: name, public: hex(&public) },
        sample_data: round.round.sample_data,
    }
}

/// What is read out before the first question.
fn script() -> Script {
    Script {
        version: SCRIPT,
        greeting: Text {
            vi: "Kính chào Ông/Bà. Tôi đi khảo sát mức độ hài lòng của người dân, tổ chức đối với sự phục vụ của cơ quan \
                 hành chính nhà nước, theo kế hoạch của Ủy ban nhân dân thành phố. Ông/Bà được chọn ngẫu nhiên trong số \
                 những người đã nhận kết quả giải quyết hồ sơ. Xin phép được hỏi khoảng mười phút."
                .to_owned(),
            en: "Good day. I am asking citizens and organisations how satisfied they are with the service of state agencies, \
                 on behalf of the People's Committee of the city. You were chosen by chance among those who have received \
                 a result. May I ask you some questions? It takes about ten minutes."
                .to_owned(),
        },
        consent: Text {
            vi: "Tên chỉ để đi đúng nhà, tách khỏi câu trả lời, xoá khi hết đợt. Cơ quan được đánh giá không biết ai trả \
                 lời. Ông/Bà có thể không trả lời câu nào, hoặc thôi bất cứ lúc nào. Ông/Bà có đồng ý trả lời không?"
                .to_owned(),
            en: "Your name only serves to find the house; it is kept apart from the answers and erased when the round ends. \
                 The agency does not learn who answered. You may leave out any question, or stop at any time. Do you agree \
                 to answer?"
                .to_owned(),
        },
    }
}

/// `POST /api/v1/field/sync`.
async fn sync(State(state): State<AppState>, request: Request) -> Response {
    told(&state, request).await.unwrap_or_else(Refusal::into_response)
}

#[derive(Serialize)]
struct Taken {
    results: Vec<EventResult>,
    /// As in the kit: a device that sees another one asks for its kit.
    epoch: String,
}

async fn told(state: &AppState, request: Request) -> Result<Response, Refusal> {
    // The token comes first: without one the body is not read.
    let device = sender(state, request.headers()).await?;
    let field = device.field.ok_or(Refusal::Token)?;
    let bytes = declared(request.headers(), limits::FIELD_BYTES);
    let _room = state.budgets().devices.take(bytes * EVENTS_COST).ok_or(Refusal::Full)?;
    let body = Bytes::from_request(request, state).await.map_err(Refusal::Body)?;
    let results = take(state, &device, &field, &body).await?;
    Ok(fresh(&Taken { results, epoch: epoch::current(&state.store).await? }))
}

/// `POST /api/v1/field/have`.
async fn have(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    had(&state, &headers, &body).await.unwrap_or_else(Refusal::into_response)
}

async fn had(state: &AppState, headers: &HeaderMap, body: &[u8]) -> Result<Response, Refusal> {
    let (device, _) = field_device(state, headers).await?;
    let asked: Have = read(body)?;
    if asked.ids.len() > HAVE_IDS {
        return Err(Refusal::TooManyIds);
    }
    if asked.ask.len() > limits::ASK_BYTES {
        return Err(Refusal::Unreadable("ask: too long".to_owned()));
    }
    // The epoch first: should the database be exchanged in between, the device asks once more.
    let epoch = epoch::current(&state.store).await?;
    let ids: Vec<uuid::Uuid> = asked.ids.iter().filter_map(|id| uuid::Uuid::try_parse(id).ok()).collect();
    let found = state.store.have(&ids).await?;
    let is_there = |id: &String| uuid::Uuid::try_parse(id).is_ok_and(|id| found.contains(&id));
    let missing: Vec<String> = asked.ids.into_iter().filter(|id| !is_there(id)).collect();
    let key = FieldKeys::new(&state.keys).receipt_key(device.id);
    let proof = seal::proof(&key, &Had::message(device.id.0, &asked.ask, &epoch, &missing));
    Ok(fresh(&Had { epoch, missing, proof }))
}

/// Takes the events of a device and says what became of each.
pub(super) async fn take(
    state: &AppState,
    device: &Device,
    field: &FieldDevice,
    body: &[u8],
) -> Result<Vec<EventResult>, Refusal> {
    let told: Sync = read(body)?;
    if told.events.len() > limits::FIELD_EVENTS {
        return Err(Refusal::TooManyEvents);
    }
    state.store.devices_waiting(field.team, &told.waiting).await?;
    let offset = state.clock.now_ms().saturating_sub(told.sent_at);
    let kept = state.store.sync(device, field, &told.events, offset).await?;
    let key = FieldKeys::new(&state.keys).receipt_key(device.id);
    let results = told.events.iter().zip(kept);
    Ok(results
        .map(|(event, (status, fault, lease))| EventResult {
            id: event.id.clone(),
            status,
            proof: (status != EventStatus::Refused).then(|| seal::proof(&key, &event.id)),
            error: fault.map(|fault| fault.words().to_owned()),
            lease,
        })
        .collect())
}

/// The enrolled device of the bearer token.
async fn field_device(state: &AppState, headers: &HeaderMap) -> Result<(Device, FieldDevice), Refusal> {
    let device = device(state, headers).await?;
    let field = device.field.ok_or(Refusal::Token)?;
    Ok((device, field))
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Unreadable(error.to_string()))
}

/// An answer that nobody on the way keeps.
fn fresh<T: Serialize>(answer: &T) -> Response {
    let no_store = axum::http::HeaderValue::from_static("no-store");
    ([(axum::http::header::CACHE_CONTROL, no_store)], Json(answer)).into_response()
}

/// How a response was given where its device does not say.
pub(super) fn mode_of(work: Work) -> app::domain::response::Mode {
    use app::domain::response::Mode;
    match work {
        Work::Kiosk => Mode::Kiosk,
        Work::Paper => Mode::Paper,
        Work::Sample | Work::Intercept => Mode::Tablet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_tried_at_a_walk_and_a_clock_that_goes_back_refills_nothing() {
        let tries = Tries::default();
        let now = 1_000_000;
        assert_eq!((0..100).filter(|_| tries.take(now)).count(), 60);
        assert!(!tries.take(0));
        assert!(!tries.take(now + 999));
        assert!(tries.take(now + 1_000));
        assert!(!tries.take(now + 1_000));
    }
}
