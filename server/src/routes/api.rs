//! `/api/v1`: responses from tablets, kiosks and other systems, in JSON, with a device token.
//!
//! Stable and versioned: an old tablet may wake up weeks later. Everything is idempotent by the id of a response.

mod arrive;
mod body;
mod field;
mod read;
pub(super) mod results;
mod unreadable;

use std::sync::Arc;

use app::domain::limits;
use app::domain::response::NewResponse;
use app::domain::submission::{ItemResult, ItemStatus};
use app::offline::seal;
use app::server_side::field::FieldKeys;
use app::server_side::receipt::Receipts;
use app::server_side::token;
use app::store::{Device, Outcome, StoreError, Stored};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::future::BoxFuture;
use serde::Serialize;

use crate::state::AppState;
use body::{Given, batch, opened};
use read::{Times, instant};
use unreadable::unreadable;

/// Seconds after which a full server may be asked again.
const RETRY_S: &str = "5";

/// The addresses of the API.
pub fn routes(state: &AppState) -> Router<AppState> {
    let receipts = Arc::new(Receipts::new(&state.keys));
    let take = move |state: State<AppState>, headers: HeaderMap, body: Bytes| async move {
        responses(&state, &receipts, &headers, &body).await.unwrap_or_else(Refusal::into_response)
    };
    Router::new()
        .route("/api/v1/responses", post(take))
        .layer(DefaultBodyLimit::max(limits::API_BYTES))
        .merge(field::routes())
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
    TooManyEvents,
    /// An enrolment code that is not good.
    Code,
    /// Too many codes were tried.
    Slower,
    Full,
    Failed,
}

impl Refusal {
    /// Why, for who imports a file.
    fn words(self) -> String {
        match self {
            Self::Unreadable(why) => why,
            Self::Full => "busy, nothing was taken; import the same file again".to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Token => (StatusCode::UNAUTHORIZED, "the device token is missing, unknown or revoked".to_owned()),
            Self::Unreadable(why) => (StatusCode::UNPROCESSABLE_ENTITY, why),
            Self::TooMany => {
                let most = limits::API_RESPONSES;
                (StatusCode::PAYLOAD_TOO_LARGE, format!("responses: at most {most} in one request"))
            }
            Self::TooManyEvents => {
                let most = limits::FIELD_EVENTS;
                (StatusCode::PAYLOAD_TOO_LARGE, format!("events: at most {most} in one request"))
            }
            Self::Code => (
                StatusCode::FORBIDDEN,
                "this code is unknown, was used, or is older than a day; ask for another".to_owned(),
            ),
            Self::Slower => {
                (StatusCode::TOO_MANY_REQUESTS, "too many codes are being tried; try again in a minute".to_owned())
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
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
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
    let results = take(state, receipts, &device, body).await?;
    Ok(axum::Json(Results { results }).into_response())
}

/// The items of a request: those that go to the writer, what they claim, and in the place of each item its id or why it
/// is refused.
struct ReadItems {
    taken: Vec<NewResponse>,
    claims: Vec<read::Claim>,
    results: Vec<Result<String, ItemResult>>,
    /// Whether the device is enrolled, so that units and quotas are to be claimed.
    enrolled: bool,
}

/// Reads the items of a request and judges each. Stores nothing.
async fn read_items(state: &AppState, device: &Device, body: &[u8]) -> Result<ReadItems, Refusal> {
    let (mut items, sent_at) = batch(body)?;
    let now = state.clock.now_ms();
    let sent_at = sent_at.as_ref().map(|at| instant("sent_at", at)).transpose();
    let sent_at = sent_at.map_err(|_| Refusal::Unreadable("sent_at: neither RFC 3339 nor milliseconds".to_owned()))?;
    let offset = sent_at.map_or(0, |at| now - at);

    let open = opened(state, &items).await?;
    open.fill(&mut items);
    let known = arrive::known(state, device, &items).await?;
    let rounds = state.store.rounds().await?;
    let mut results: Vec<Result<String, ItemResult>> = Vec::with_capacity(items.len());
    let mut taken = Vec::with_capacity(items.len());
    let mut claims = vec![];
    for item in &items {
        let read = match item {
            Given::Item(item) => {
                read::read(state, &rounds, device, known.as_ref(), item, Times { now, offset }).await?
            }
            Given::Unreadable(raw) => Err(unreadable(raw)),
            Given::Sealed(sealed) => Err(sealed.invalid()),
        };
        match read {
            Ok((id, response, claim)) => {
                claims.push(claim);
                taken.push(response);
                results.push(Ok(id));
            }
            Err(invalid) => results.push(Err(invalid)),
        }
    }
    Ok(ReadItems { taken, claims, results, enrolled: known.is_some() })
}

/// Does with a request what comes before its responses are stored: reads and judges them and makes the statement of the
/// writer. How many values that has; for the count of instructions in `bench`. Boxed, so that it is compiled here once.
///
/// # Errors
/// Why the request is refused, in words.
pub fn prepare<'a>(state: &'a AppState, device: &'a Device, body: &'a [u8]) -> BoxFuture<'a, Result<usize, String>> {
    Box::pin(async move {
        let ReadItems { taken, .. } = read_items(state, device, body).await.map_err(Refusal::words)?;
        state.store.prepare(taken).await.map_err(|error| error.to_string())
    })
}

/// Takes the responses of a device and says what became of each.
async fn take(state: &AppState, receipts: &Receipts, device: &Device, body: &[u8]) -> Result<Vec<ItemResult>, Refusal> {
    let ReadItems { mut taken, claims, results, enrolled } = read_items(state, device, body).await?;
    if enrolled {
        arrive::claim(state, device, &claims, &mut taken).await?;
    }
    arrive::bursts(state, device, &mut taken).await?;
    let proofs = device.field.as_ref().map(|_| FieldKeys::new(&state.keys).receipt_key(device.id));
    let mut outcomes = state.store.submit_many(taken).await?.into_iter();
    results
        .into_iter()
        .map(|read| match read {
            Err(invalid) => Ok(invalid),
            Ok(id) => Ok(stored(id, receipts, proofs.as_ref(), &outcomes.next().ok_or(Refusal::Failed)??)),
        })
        .collect()
}

/// What became of one response or event that was carried by hand.
#[derive(Debug)]
pub(crate) struct Carried {
    /// Its id.
    pub(crate) id: String,
    /// `stored`, `duplicate`, or why not.
    pub(crate) status: &'static str,
}

/// Takes what a device wrote into a file instead of sending it: bodies as of the two requests, the same path, the same
/// answers. An error says in words why nothing of a body was taken.
pub(crate) async fn carried(
    state: &AppState,
    device: &Device,
    responses: &[u8],
    events: &[u8],
) -> Result<(Vec<Carried>, Vec<Carried>), String> {
    let receipts = Receipts::new(&state.keys);
    let taken = take(state, &receipts, device, responses).await.map_err(Refusal::words)?;
    let taken = taken.into_iter().map(|result| Carried { id: result.id, status: result.status.word() }).collect();
    let Some(field) = &device.field else { return Ok((taken, vec![])) };
    let told = field::take(state, device, field, events).await.map_err(Refusal::words)?;
    let told = told.into_iter().map(|result| Carried { id: result.id, status: result.status.word() }).collect();
    Ok((taken, told))
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

fn stored(id: String, receipts: &Receipts, proofs: Option<&[u8; seal::KEY_BYTES]>, outcome: &Outcome) -> ItemResult {
    let status = match outcome.stored {
        Stored::New | Stored::Changed => ItemStatus::Stored,
        Stored::Duplicate => ItemStatus::Duplicate,
        Stored::Conflict => ItemStatus::Conflict,
    };
    let kept = status != ItemStatus::Conflict;
    let receipt = kept.then(|| receipts.code(outcome.serial));
    let proof = proofs.filter(|_| kept).map(|key| seal::proof(key, &id));
    ItemResult { id, status, receipt, proof, errors: vec![] }
}
