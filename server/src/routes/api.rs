//! `/api/v1`: responses from tablets, kiosks and other systems, in JSON, with a device token.
//!
//! Stable and versioned: an old tablet may wake up weeks later. Everything is idempotent by the id of a response.

mod body;
pub(super) mod results;
mod unreadable;

use std::collections::HashSet;
use std::sync::Arc;

use app::domain::answer::{FieldError, Problem, Sheet, Validity};
use app::domain::ids::{AgencyId, DeskId, StratumId};
use app::domain::limits;
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream, local_day};
use app::domain::round::{RoundState, normalise_code};
use app::domain::submission::{Instant, Item, ItemResult, ItemStatus};
use app::domain::text::Lang;
use app::server_side::receipt::Receipts;
use app::server_side::token;
use app::store::{Device, Outcome, RoundContext, StoreError, Stored};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Serialize;
use uuid::Uuid;
use validator::Validate;

use crate::state::AppState;
use body::items;
use unreadable::unreadable;

/// A device whose clock is off by more than this is marked, in milliseconds (a day).
const CLOCK_MS: i64 = 24 * 3_600_000;
/// Seconds after which a full server may be asked again.
const RETRY_S: &str = "5";

/// The addresses of the API.
pub fn routes(state: &AppState) -> Router<AppState> {
    let receipts = Arc::new(Receipts::new(&state.keys));
    let take = move |state: State<AppState>, headers: HeaderMap, body: Bytes| async move {
        responses(&state, &receipts, &headers, &body).await.unwrap_or_else(Refusal::into_response)
    };
    Router::new().route("/api/v1/responses", post(take)).layer(DefaultBodyLimit::max(limits::API_BYTES))
}

#[derive(Serialize)]
struct Results {
    results: Vec<ItemResult>,
}

/// Why a whole request is refused.
#[derive(Debug)]
enum Refusal {
    Token,
    Unreadable(String),
    TooMany,
    Full,
    Failed,
}

impl Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Token => (StatusCode::UNAUTHORIZED, "the device token is missing, unknown or revoked".to_owned()),
            Self::Unreadable(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
            Self::TooMany => {
                let most = limits::API_RESPONSES;
                (StatusCode::PAYLOAD_TOO_LARGE, format!("responses: at most {most} in one request"))
            }
            Self::Full => {
                (StatusCode::SERVICE_UNAVAILABLE, "busy, nothing was acknowledged; send the same again".to_owned())
            }
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the server failed; send the same again later".to_owned())
            }
        };
        let mut response = (status, axum::Json(serde_json::json!({ "error": error }))).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_S));
            }
            _ => {}
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Full,
            StoreError::Unavailable(_) => {
                tracing::error!(%error, "responses were not taken");
                Self::Full
            }
            error => {
                tracing::error!(%error, "responses could not be stored");
                Self::Failed
            }
        }
    }
}

/// `POST /api/v1/responses`.
async fn responses(
    state: &AppState,
    receipts: &Receipts,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let device = device(state, headers).await?;
    let (items, sent_at) = items(body)?;
    let now = state.clock.now_ms();
    let sent_at = sent_at.as_ref().map(|at| instant("sent_at", at)).transpose();
    let sent_at = sent_at.map_err(|_| Refusal::Unreadable("sent_at: neither RFC 3339 nor milliseconds".to_owned()))?;
    let offset = sent_at.map_or(0, |at| now - at);

    let rounds = state.store.rounds().await?;
    let mut results: Vec<Result<String, ItemResult>> = Vec::with_capacity(items.len());
    let mut taken = Vec::with_capacity(items.len());
    for item in &items {
        let read = match item {
            Ok(item) => read(state, &rounds, &device, item, Times { now, offset }).await?,
            Err(raw) => Err(unreadable(raw)),
        };
        match read {
            Ok((id, response)) => {
                taken.push(response);
                results.push(Ok(id));
            }
            Err(invalid) => results.push(Err(invalid)),
        }
    }
    let mut outcomes = state.store.submit_many(taken).await?.into_iter();
    let results = results
        .into_iter()
        .map(|read| match read {
            Err(invalid) => Ok(invalid),
            Ok(id) => Ok(stored(id, receipts, &outcomes.next().ok_or(Refusal::Failed)??)),
        })
        .collect::<Result<_, Refusal>>()?;
    Ok(axum::Json(Results { results }).into_response())
}

/// The device of the bearer token.
async fn device(state: &AppState, headers: &HeaderMap) -> Result<Device, Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let (scheme, secret) = given.and_then(|v| v.trim().split_once(' ')).ok_or(Refusal::Token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::Token);
    }
    state.store.device(token::hash(secret.trim())).await?.ok_or(Refusal::Token)
}

fn stored(id: String, receipts: &Receipts, outcome: &Outcome) -> ItemResult {
    let status = match outcome.stored {
        Stored::New | Stored::Changed => ItemStatus::Stored,
        Stored::Duplicate => ItemStatus::Duplicate,
        Stored::Conflict => ItemStatus::Conflict,
    };
    let receipt = (status != ItemStatus::Conflict).then(|| receipts.code(outcome.serial));
    ItemResult { id, status, receipt, errors: vec![] }
}

#[derive(Clone, Copy)]
struct Times {
    now: i64,
    /// Server clock minus device clock.
    offset: i64,
}

/// A refusal that names every place once, with what was found there first.
fn invalid(id: String, mut errors: Vec<FieldError>) -> ItemResult {
    let mut seen = HashSet::with_capacity(errors.len());
    errors.retain(|error| seen.insert(error.field.clone()));
    ItemResult::invalid(id, errors)
}

/// Where an item belongs.
struct Place {
    round: Arc<RoundContext>,
    agency: AgencyId,
    desk: Option<DeskId>,
}

/// Reads one item: its id as it was sent and a response for the store, or why it is refused.
async fn read(
    state: &AppState,
    rounds: &[Arc<RoundContext>],
    device: &Device,
    item: &Item<'_>,
    times: Times,
) -> Result<Result<(String, NewResponse), ItemResult>, Refusal> {
    let id = item.id.to_string();
    let mut errors: Vec<FieldError> = vec![];
    if let Err(faults) = item.validate() {
        errors.extend(
            faults.field_errors().keys().map(|field| FieldError::new(field.to_string(), Problem::ForeignValue)),
        );
    }
    let uuid = Uuid::try_parse(&item.id).ok().filter(|id| !id.is_nil());
    if uuid.is_none() && errors.iter().all(|e| e.field != "id") {
        errors.push(FieldError::new("id", Problem::ForeignValue));
    }
    let place = match place(state, rounds, item).await? {
        Ok(place) => place,
        Err(error) => {
            errors.push(error);
            return Ok(Err(invalid(id, errors)));
        }
    };
    let response = match (item.read(&place.round.questionnaire), uuid) {
        (Ok((sheet, comment)), Some(uuid)) => {
            Some(respond(item, &place, device, times, uuid, sheet, comment, &mut errors))
        }
        (Err(faults), _) => {
            errors.extend(faults);
            None
        }
        (Ok(_), None) => None,
    };
    Ok(match response.filter(|_| errors.is_empty()) {
        Some(response) => Ok((id, response)),
        None => Err(invalid(id, errors)),
    })
}

async fn place(
    state: &AppState,
    rounds: &[Arc<RoundContext>],
    item: &Item<'_>,
) -> Result<Result<Place, FieldError>, Refusal> {
    let foreign = |field: &str| Ok(Err(FieldError::new(field, Problem::ForeignValue)));
    let fits = |round: &RoundContext| {
        let (key, version) = &round.round.questionnaire;
        item.questionnaire.as_deref().is_none_or(|k| k == key) && item.version.is_none_or(|v| v == *version)
    };
    if let Some(code) = &item.desk {
        let Some(desk) = state.store.desk(&normalise_code(code)).await? else { return foreign("desk") };
        if item.agency.as_deref().is_some_and(|a| desk.round.codes.get(a) != Some(&desk.agency.id)) {
            return foreign("agency");
        }
        if !fits(&desk.round) {
            return foreign(if item.questionnaire.as_deref().is_some_and(|k| k != desk.round.round.questionnaire.0) {
                "questionnaire"
            } else {
                "version"
            });
        }
        return Ok(Ok(Place { round: desk.round.clone(), agency: desk.agency.id, desk: Some(desk.desk.id) }));
    }
    let Some(code) = &item.agency else { return foreign("desk") };
    // Without a desk the round is the newest that takes answers, then the newest that did: one that is only set up takes
    // none of those of the round that runs.
    let now = state.clock.now_ms();
    let mut latest: Vec<_> =
        rounds.iter().rev().filter_map(|r| r.codes.get(code.as_ref()).map(|agency| (r, *agency))).collect();
    latest.sort_by_key(|(round, _)| match round.round.state(now) {
        RoundState::Open => 0,
        RoundState::Over => 1,
        RoundState::NotBegun => 2,
    });
    if latest.is_empty() {
        return foreign("agency");
    }
    match latest.into_iter().find(|(round, _)| fits(round)) {
        Some((round, agency)) => Ok(Ok(Place { round: round.clone(), agency, desk: None })),
        None => foreign("version"),
    }
}

/// Puts the response together; faults go to `errors`.
#[expect(clippy::too_many_arguments, reason = "the parts of one response, each from another source")]
fn respond(
    item: &Item<'_>,
    place: &Place,
    device: &Device,
    times: Times,
    id: Uuid,
    sheet: Sheet,
    comment: Option<String>,
    errors: &mut Vec<FieldError>,
) -> NewResponse {
    let round = &place.round;
    let mut known = |field: &str, given: Option<&str>, find: &dyn Fn(&str) -> Option<i16>| {
        let found = given.map(find);
        if found == Some(None) {
            errors.push(FieldError::new(field, Problem::ForeignValue));
        }
        found.flatten()
    };
    let field = known("field", item.field.as_deref(), &|code| round.round.field_index(code));
    let mode = known("mode", item.mode.as_deref(), &|word| Mode::from_word(word).map(Mode::code));
    known("lang", item.lang.as_deref(), &|tag| ["vi", "en"].contains(&tag).then_some(0));
    // No round has a sample list yet, so no key can be on one.
    known("sample_unit", item.sample_unit.as_deref(), &|_| None);
    let mut time = |name: &str, given: Option<&Instant>| match given.map(|at| instant(name, at)) {
        None => None,
        Some(Ok(at)) => Some(at),
        Some(Err(error)) => {
            errors.push(error);
            None
        }
    };
    let started_at = time("started_at", item.started_at.as_ref());
    let finished_at = time("finished_at", item.finished_at.as_ref());
    let finished = finished_at.map_or(times.now, |at| at.saturating_add(times.offset));
    let collected = item.collected_on.as_deref().map(day);
    if collected == Some(None) {
        errors.push(FieldError::new("collected_on", Problem::ForeignValue));
    }
    let phase = if sheet.has_no_form() && comment.is_none() { Phase::Tap } else { Phase::Form };
    let stratum = round.locate(place.agency, field, &sheet);
    let (standing, marks) = judge(place, device, times, &sheet, stratum, (started_at, finished_at), finished);
    NewResponse {
        id,
        round: round.round.id,
        agency: place.agency,
        desk: place.desk,
        device: Some(device.id),
        stratum,
        field,
        stream: device.stream,
        standing,
        mode: mode.and_then(Mode::from_code).unwrap_or(Mode::Tablet),
        lang: Lang::from_tag(item.lang.as_deref().unwrap_or_default()),
        marks,
        phase,
        sheet,
        comment,
        started_at,
        finished_at,
        local_day: collected.flatten().unwrap_or_else(|| local_day(finished)),
        received_at: times.now,
    }
}

/// Standing and marks by the rules of arrival. What was recorded is kept in any case.
fn judge(
    place: &Place,
    device: &Device,
    times: Times,
    sheet: &Sheet,
    stratum: StratumId,
    (started_at, finished_at): (Option<i64>, Option<i64>),
    finished: i64,
) -> (Standing, Marks) {
    let round = &place.round.round;
    let mut marks = Marks::default();
    let mut mark = |on: bool, mark| marks = if on { marks.with(mark) } else { marks };
    let late = round.closes_at.is_some_and(|at| finished >= at);
    let early = round.opens_at.is_some_and(|at| finished < at);
    mark(late, Marks::LATE);
    mark(early, Marks::EARLY);
    mark(times.offset.abs() > CLOCK_MS, Marks::CLOCK);
    let filled = started_at.zip(finished_at).map(|(from, to)| to.saturating_sub(from));
    mark(filled.is_some_and(|ms| ms < limits::FAST_MS), Marks::FAST);
    let standing = if early || late {
        Standing::Suspect
    } else if sheet.validity(&place.round.questionnaire) == Validity::Incomplete
        // Without its stratum a drawn response has no weight.
        || (stratum == StratumId::UNKNOWN && device.stream != Stream::Open)
    {
        Standing::Incomplete
    } else {
        Standing::Valid
    };
    (standing, marks)
}

/// Milliseconds since 1970 UTC.
fn instant(field: &str, at: &Instant) -> Result<i64, FieldError> {
    /// The year 2200: no clock is that wrong, and sums of such times stay far from overflow.
    const LAST: i64 = 7_258_118_400_000;
    let millis = match at {
        Instant::Millis(millis) => Some(*millis),
        Instant::Text(text) => chrono::DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_millis()),
    };
    millis.filter(|ms| (0..LAST).contains(ms)).ok_or_else(|| FieldError::new(field, Problem::ForeignValue))
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
fn day(text: &str) -> Option<i32> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(chrono::NaiveDate::default()).num_days())
        .ok()
        .filter(|d| (0..84_000).contains(d))
}
