//! What every request goes through, and the addresses of operations.
//!
//! One frame instead of a tower of layers: a request of the hot path pays for one boxed future, one clock reading, one
//! counter and a handful of headers. The order in [`frame`] is the whole story.

pub mod assets;
pub mod budget;
pub mod errors;
pub mod health;
pub mod limits;
pub mod logs;
pub mod metrics;
pub mod security;

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::domain::limits::FORM_BYTES;
use app::server_side::clock::Stopwatch;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::FutureExt;

use crate::state::AppState;

/// The reference of a request: eight hexadecimal digits, on the error page and in the log line, so that who reads one
/// finds the other. It says nothing of who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference(u32);

impl Reference {
    /// The next one: they count up from a start that differs from process to process.
    pub fn next(state: &AppState) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(state.metrics.started_ms().cast_unsigned() as u32 ^ count.rotate_left(16))
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:08x}", self.0)
    }
}

/// What the frame remembers of a request while its handler has it: nothing that tells who asked or what was said.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The reference.
    pub reference: Reference,
    /// The method.
    pub method: Method,
    /// The pattern of the address, for instance `/k/{desk}`; none where no route fits.
    pub path: Option<MatchedPath>,
    /// Whether a program asked, not a browser: it is answered in JSON.
    pub program: bool,
}

impl Seen {
    fn of(request: &Request, state: &AppState) -> Self {
        Self {
            reference: Reference::next(state),
            method: request.method().clone(),
            path: request.extensions().get::<MatchedPath>().cloned(),
            program: request.uri().path().starts_with("/api/"),
        }
    }

    /// The pattern of the address as a word.
    pub fn path(&self) -> &str {
        self.path.as_ref().map_or("unmatched", MatchedPath::as_str)
    }
}

/// The addresses of operations: health, metrics, assets, robots.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .merge(assets::routes())
}

/// Puts every route of the site, and what fits no route, inside the frame.
pub fn framed(routes: Router<AppState>, state: AppState) -> Router {
    routes
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(state.clone(), frame))
        .with_state(state)
}

/// Lets a handler work for at most `limit`, and answers for one that panics or takes longer. What it had begun is
/// dropped; a response that the writer has taken is committed all the same, and its resend is recognised.
async fn within(limit: Duration, handler: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(limit, AssertUnwindSafe(handler).catch_unwind()).await {
        Ok(Ok(response)) => response,
        // Where it happened has been logged by the hook.
        Ok(Err(_panic)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(_elapsed) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What every request goes through.
async fn frame(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let watch = Stopwatch::start();
    let seen = Seen::of(&request, &state);
    // Handlers put it on their own error pages and log lines.
    request.extensions_mut().insert(seen.reference);

    let bytes = budget::form_bytes(&seen.method, seen.path(), request.headers());
    // Held until the handler is done with what it was sent.
    let room = (bytes > 0).then(|| state.budgets().forms.take(bytes));
    let mut response = if security::is_foreign_post(&request, &state.site) {
        StatusCode::FORBIDDEN.into_response()
    } else if matches!(room, Some(None)) {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else {
        within(limits::request(seen.path()), next.run(request)).await
    };
    drop(room);
    if response.status().is_client_error() || response.status().is_server_error() {
        response = errors::dress(response, &seen);
    }
    security::add_headers(&mut response, &state.site);
    if let Ok(reference) = HeaderValue::try_from(seen.reference.to_string()) {
        response.headers_mut().insert(REQUEST_ID, reference);
    }
    let elapsed = watch.elapsed();
    state.metrics.count(&seen, response.status(), elapsed);
    logs::request(&seen, response.status(), elapsed);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_handler_that_hangs_or_panics_is_answered_for() {
        let short = Duration::from_millis(20);
        assert_eq!(within(short, std::future::pending()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
        let broken = async { panic!("a defect") };
        assert_eq!(within(short, broken).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let good = async { StatusCode::NO_CONTENT.into_response() };
        assert_eq!(within(short, good).await.status(), StatusCode::NO_CONTENT);
    }
}
