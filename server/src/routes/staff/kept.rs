//! Pages of the workspace, kept ready for whoever looks at them again: a model of the whole city with its ranks, or the
//! disclosure pass over all one-way tables of an agency, costs some milliseconds each time.
//!
//! Kept per account, since its name, its navigation and its scope are in the page. The door stands before the cache:
//! a session that ended, or a role that changed, never meets a page that was made before.

use std::sync::Arc;

use app::domain::ids::{AccountId, AgencyId};
use app::domain::role::{OwnAccount, Role};
use axum::body::to_bytes;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::guard::{Staff, busy};
use crate::encoding::Encoding;
use crate::page_cache::PageCache;
use crate::routes::ready::{Ready, accepted};
use crate::state::AppState;

/// Room for the pages that some fifty officials have open at a time, packed.
const CACHE_BYTES: usize = 4 * 1024 * 1024;
/// A page is made anew after so long, in milliseconds, though no count has moved: names, desks and one-way tables, which
/// are folded apart, have moved on by then.
const KEPT_MS: i64 = 10_000;
/// Largest page that is kept, in bytes before packing: ten times the longest of a city.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// All that a page depends on.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    account: AccountId,
    name: String,
    role: Role,
    agency: Option<AgencyId>,
    /// Of the tallies.
    version: i64,
    publications: usize,
    /// The last freeze: it changes the state of the figures and perhaps no count.
    frozen_at: Option<i64>,
    /// The span of [`KEPT_MS`] that it was made in.
    span: i64,
    address: String,
    encoding: Encoding,
}

/// The pages that are kept.
#[derive(Debug)]
pub(super) struct Kept(PageCache<Key, Ready>);

impl Kept {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(PageCache::new(CACHE_BYTES, Ready::bytes)))
    }
}

/// Hands out a page that is kept, or lets it be made and keeps it. Refusals and redirections go through untouched.
pub(super) async fn keep(State((state, kept)): State<(AppState, Arc<Kept>)>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let asking = Staff::<OwnAccount>::from_request_parts(&mut parts, &state).await;
    let headers = parts.headers.clone();
    let request = Request::from_parts(parts, body);
    // Whoever is stopped at the door is told so by the page itself, in its own words.
    let Ok(Staff { actor, .. }) = asking else { return next.run(request).await };
    let versions = async {
        let frozen_at = state.store.rounds().await?.iter().filter_map(|round| round.frozen_at).max();
        Ok((state.store.tallies().await?.version, state.store.publications().await?.len(), frozen_at))
    };
    let (version, publications, frozen_at) = match versions.await {
        Ok(versions) => versions,
        Err(error) => return busy(error),
    };
    let key = Key {
        account: actor.id,
        role: actor.role(),
        agency: actor.agency,
        name: actor.name,
        version,
        publications,
        frozen_at,
        span: state.clock.now_ms() / KEPT_MS,
        address: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        encoding: accepted(&headers),
    };
    if let Some(ready) = kept.0.get(&key) {
        return private(ready.respond(StatusCode::OK, &headers));
    }
    let response = next.run(request).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if response.status() != StatusCode::OK || !is_page {
        return response;
    }
    let Ok(html) = to_bytes(response.into_body(), PAGE_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let encoding = key.encoding;
    let ready = kept.0.get_or_make(key, || Ready::new(&String::from_utf8_lossy(&html), encoding));
    private(ready.respond(StatusCode::OK, &headers))
}

/// Never kept by a browser: a desk in an office is shared.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
