//! `/k/{desk}` and `/bien-nhan`: what a citizen at a desk sees and sends.
//!
//! Plain handlers, not leptos routes: the pages are the same bytes for everyone, without nonces. The address carries a
//! signed pass after the first post; the cookie only recognises a phone that comes back.

mod address;
mod identity;
mod page;
mod pass;
mod post;

use std::sync::Arc;

use app::components::phone::look::Look;
use app::domain::round::{RoundState, normalise_code};
use app::pages::receipt::{ReceiptAnswer, receipt_page};
use app::pages::respond::after::after_page;
use app::pages::respond::clock_time;
use app::pages::respond::done::done_page;
use app::pages::respond::state::{State as Matter, state_page};
use app::server_side::receipt::Receipts;
use app::store::{DeskContext, StoreError};
use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;

use crate::state::AppState;
use address::{Address, Stage};
use page::{Pages, Shared, own, place};
use pass::{Pass, Passes, Progress};

/// Seconds after which a busy server may be asked again; the page says "chờ một phút".
const RETRY_S: u32 = 60;

/// What these addresses prepare once.
struct Tools {
    passes: Passes,
    receipts: Receipts,
    pages: Pages,
}

/// The addresses of the phone page.
pub fn routes(state: &AppState) -> Router<AppState> {
    let tools = Arc::new(Tools {
        passes: Passes::new(state.keys.derive("tokens")),
        receipts: Receipts::new(&state.keys),
        pages: Pages::new(),
    });
    let (for_get, for_post, for_receipt) = (tools.clone(), tools.clone(), tools);
    Router::new()
        .route(
            "/k/{desk}",
            get(move |state: State<AppState>, Path(code): Path<String>, RawQuery(query), headers: HeaderMap| async move {
                show(&state, &for_get, &code, query.as_deref(), &headers).await
            })
            .post(move |state: State<AppState>, Path(code): Path<String>, request: Request| async move {
                post::take(&state, &for_post, &code, request).await
            }),
        )
        .route(
            "/bien-nhan",
            get(move |state: State<AppState>, RawQuery(query), headers: HeaderMap| async move {
                receipt(&state, &for_receipt, query.as_deref(), &headers).await
            }),
        )
}

/// `GET /k/{desk}`.
async fn show(state: &AppState, tools: &Tools, code: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let address = Address::read(query);
    let look = address.look;
    let canonical = normalise_code(code);
    let desk = match open_desk(state, &canonical, look, headers, false).await {
        Ok(desk) => desk,
        Err(page) => return *page,
    };
    if canonical != code {
        return see_other(&address.path(&canonical));
    }
    let pass = address.pass.as_deref().and_then(|text| tools.passes.read(&canonical, text));
    let earlier = pass.and_then(|p| p.earlier_s).map(|s| clock_time(i64::from(s) * 1000));
    match (address.stage, pass) {
        (Stage::Start, None) => {
            let page = Shared::Tap { chosen: None, carried: false };
            tools.pages.shared(&desk, page, look, headers, true)
        }
        (Stage::Form, _) => tools.pages.shared(&desk, Shared::Form, look, headers, false),
        (Stage::Done, Some(pass)) if pass.progress != Progress::Open => {
            let receipt = tools.receipts.code(pass.serial);
            own(StatusCode::OK, &done_page(look, &place(&desk), &receipt, earlier.as_deref()), headers)
        }
        (Stage::Start | Stage::Done, Some(Pass { tap: Some(tap), .. })) => match earlier {
            None => tools.pages.shared(&desk, Shared::After(tap), look, headers, false),
            Some(at) => {
                let html = after_page(look, &place(&desk), &desk.round.questionnaire, tap, Some(&at));
                own(StatusCode::OK, &html, headers)
            }
        },
        (Stage::Start | Stage::Again | Stage::Done, pass) => {
            let page = Shared::Tap { chosen: pass.and_then(|p| p.tap), carried: true };
            tools.pages.shared(&desk, page, look, headers, false)
        }
    }
}

/// The desk of a code while its round takes answers; otherwise the page that says why not.
async fn open_desk(
    state: &AppState,
    code: &str,
    look: Look,
    headers: &HeaderMap,
    answer: bool,
) -> Result<Arc<DeskContext>, Box<Response>> {
    let matter = |matter, desk: Option<&DeskContext>| Box::new(matter_page(look, desk, matter, headers, answer));
    let desk = match state.store.desk(code).await {
        Ok(Some(desk)) => desk,
        Ok(None) => return Err(matter(Matter::UnknownDesk, None)),
        Err(error) => {
            log_unless_busy(&error);
            return Err(matter(Matter::Busy, None));
        }
    };
    match desk.round.round.state(state.clock.now_ms()) {
        RoundState::Open => Ok(desk),
        RoundState::NotBegun => Err(matter(Matter::NotBegun, Some(&desk))),
        RoundState::Over => Err(matter(Matter::Over, Some(&desk))),
    }
}

/// A page that says what is the matter.
fn matter_page(look: Look, desk: Option<&DeskContext>, matter: Matter, headers: &HeaderMap, answer: bool) -> Response {
    let html = state_page(look, desk.map(place).as_ref(), matter, answer);
    let status = StatusCode::from_u16(matter.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    busy_header(own(status, &html, headers))
}

/// Says when to ask again, on answers that say "later".
fn busy_header(mut response: Response) -> Response {
    if matches!(response.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_S.into());
    }
    response
}

/// A full queue is counted elsewhere; anything else belongs into the log. Answers never do.
fn log_unless_busy(error: &StoreError) {
    if !matches!(error, StoreError::Busy) {
        tracing::error!(%error, "the store did not serve a desk");
    }
}

/// On to another page, by GET.
fn see_other(path: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /bien-nhan?ma=…`.
async fn receipt(state: &AppState, tools: &Tools, query: Option<&str>, headers: &HeaderMap) -> Response {
    let look = Address::read(query).look;
    let fields = app::domain::form::Fields::decode(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let typed = fields.get("ma").unwrap_or_default().trim();
    let answer = match tools.receipts.serial(typed) {
        _ if typed.is_empty() => ReceiptAnswer::NotAsked,
        None => ReceiptAnswer::NoReceipt,
        Some(serial) => match state.store.is_counted(serial).await {
            Ok(counted) => ReceiptAnswer::Counted(counted),
            Err(error) => {
                log_unless_busy(&error);
                ReceiptAnswer::Busy
            }
        },
    };
    let status = if answer == ReceiptAnswer::Busy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let typed: String = typed.chars().take(app::domain::limits::CODE_BYTES).collect();
    busy_header(own(status, &receipt_page(look, &typed, &answer), headers))
}
