//! `/api/v1`: responses from tablets, kiosks and other systems, in JSON, with a device token.
//!
//! Stable and versioned: an old tablet may wake up weeks later. Everything is idempotent by the id of a response.

mod arrive;
mod body;
mod field;
pub(crate) mod file;
mod read;
pub(super) mod results;
mod unreadable;

use std::sync::Arc;

use app::domain::limits;
use app::domain::moment::Arrival;
use app::domain::response::NewResponse;
use app::domain::submission::{ItemResult, ItemStatus};
use app::offline::seal;
use app::server_side::field::FieldKeys;
use app::server_side::receipt::Receipts;
use app::server_side::token;
use app::store::{Device, Outcome, StoreError, Stored};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::future::BoxFuture;
use serde::Serialize;

use crate::http::budget::declared;
use crate::state::AppState;
use body::{Given, batch, opened};
use read::instant;
use unreadable::unreadable;

/// Seconds after which a full server may be asked again.
const RETRY_S: &str = "5";
/// A body from this size on, in bytes, is read away from the threads that answer requests: a usual batch of 100 responses
/// is smaller, and reading it takes less than a millisecond.
const ASIDE_BYTES: usize = 256 * 1024;
/// Memory that a batch of responses takes for each of its bytes: itself, what was sealed in it, opened, and its answers.
const RESPONSES_COST: usize = 4;

/// The addresses of the API.
pub fn routes(state: &AppState) -> Router<AppState> {
    let receipts = Arc::new(Receipts::new(&state.keys));
    let take = move |State(state): State<AppState>, request: Request| async move {
        responses(&state, &receipts, request).await.unwrap_or_else(Refusal::into_response)
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
    TooManyIds,
    /// The contact key of the round is not there, or is another one: a kit would have no names.
    NoContactKey,
    /// An enrolment code that is not good.
    Code,
    /// Too many codes were tried.
    Slower,
    Full,
    Failed,
    /// The body could not be read, or is too large.
    Body(BytesRejection),
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

    /// A word by which a program tells refusals of one status apart.
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Token => Some("unknown-device"),
            Self::NoContactKey => Some("contact-key"),
            _ => None,
        }
    }

    fn into_response(self) -> Response {
        let reason = self.reason();
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
            Self::TooManyIds => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("ids: at most {} in one request", app::domain::field_work::HAVE_IDS),
            ),
            Self::NoContactKey => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the contact key of the round is missing or is another one: no kit goes out without its names; the \
                 operator brings the key file back, see `hailong doctor`"
                    .to_owned(),
            ),
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
            Self::Body(rejection) => return rejection.into_response(),
            Self::Failed => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the server failed; send the same again later".to_owned())
            }
        };
        let body = match reason {
            Some(reason) => serde_json::json!({ "error": error, "reason": reason }),
            None => serde_json::json!({ "error": error }),
        };
        let mut response = (status, axum::Json(body)).into_response();
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
async fn responses(state: &AppState, receipts: &Arc<Receipts>, request: Request) -> Result<Response, Refusal> {
    // The token comes first: without one the body is not read.
    let device = sender(state, request.headers()).await?;
    let bytes = declared(request.headers(), limits::API_BYTES);
    let _room = state.budgets().devices.take(bytes * RESPONSES_COST).ok_or(Refusal::Full)?;
    let body = Bytes::from_request(request, state).await.map_err(Refusal::Body)?;
    let results = if body.len() < ASIDE_BYTES {
        take(state, receipts, &device, &body).await?
    } else {
        let (state, receipts, runtime) = (state.clone(), Arc::clone(receipts), tokio::runtime::Handle::current());
        let work = move || runtime.block_on(take(&state, &receipts, &device, &body));
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Failed)??
    };
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
    let offset = sent_at.map_or(0, |at| now.saturating_sub(at));

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
                read::read(state, &rounds, device, known.as_ref(), item, Arrival { now, offset }).await?
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
    let ids: Vec<_> = taken.iter().map(|response| response.id).collect();
    let outcomes = state.store.submit_many(taken).await?;
    arrive::noted(state, device, claims.iter().zip(ids).zip(&outcomes)).await?;
    let mut outcomes = outcomes.into_iter();
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

impl Carried {
    /// Whether the server has it now.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self.status, "stored" | "duplicate")
    }
}

/// Takes what a device wrote into a file instead of sending it: bodies as of the two requests, the same path, the same
/// answers. An error says in words why nothing of a body was taken.
async fn carried(
    state: &AppState,
    device: &Device,
    responses: &[u8],
    events: &[u8],
) -> Result<(Vec<Carried>, Vec<Carried>), String> {
    let receipts = Receipts::new(&state.keys);
    // Events first: a lease that was granted after the backup is granted again before its interviews come.
    let told = match &device.field {
        Some(field) => field::take(state, device, field, events).await.map_err(Refusal::words)?,
        None => vec![],
    };
    let told = told.into_iter().map(|result| Carried { id: result.id, status: result.status.word() }).collect();
    let taken = take(state, &receipts, device, responses).await.map_err(Refusal::words)?;
    let taken = taken.into_iter().map(|result| Carried { id: result.id, status: result.status.word() }).collect();
    Ok((taken, told))
}

/// The bearer token of a request.
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let (scheme, secret) = given.and_then(|v| v.trim().split_once(' ')).ok_or(Refusal::Token)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(secret.trim()) } else { Err(Refusal::Token) }
}

/// The device of the bearer token.
async fn device(state: &AppState, headers: &HeaderMap) -> Result<Device, Refusal> {
    state.store.device(token::hash(bearer(headers)?)).await?.ok_or(Refusal::Token)
}

/// The device that sends: by its token, or by the one that only sends ([`FieldKeys::send_token`]).
async fn sender(state: &AppState, headers: &HeaderMap) -> Result<Device, Refusal> {
    match FieldKeys::new(&state.keys).sender(bearer(headers)?) {
        Some(id) => state.store.device_in_use(id).await?.ok_or(Refusal::Token),
        None => device(state, headers).await,
    }
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
