//! What the HTTP tests share: a site over a database of its own, and short ways to ask it.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::server_side::keys::Keys;
use app::store::Store;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use hailong_server::http::limits::DeskBudget;
use hailong_server::http::metrics::Metrics;
use hailong_server::state::{AppState, Shared, Site};
use http_body_util::BodyExt;
use testkit::Folder;
use tower::ServiceExt;

/// 2018-11-12T03:00:00Z, ten in the morning in Cần Thơ.
pub(crate) const NOW_MS: i64 = 1_541_991_600_000;

/// A site over an empty database with the current schema. The writer is not started.
pub(crate) async fn site(folder: &Folder) -> AppState {
    site_at(&folder.sqlite_url(), folder).await
}

/// The same over the database at `url`.
pub(crate) async fn site_at(url: &str, folder: &Folder) -> AppState {
    let clock = Clock::fixed(NOW_MS);
    let store = Store::open(url, clock.clone()).await.expect("a database");
    store.migrate().await.expect("the schema");
    AppState::new(Shared {
        store,
        catalogue: Arc::new(Catalogue::builtin().expect("the questionnaires")),
        keys: Keys::from_bytes([7; 32]),
        contact_keys: app::server_side::contacts::ContactKeys::beside(&folder.path().join("hailong.key")),
        metrics: Metrics::new(&clock),
        clock,
        site: Site {
            base_url: "https://hailong.example.vn".to_owned(),
            https: true,
            info: app::components::page::SiteInfo::default(),
            metrics_open: false,
            data_folder: Some(folder.path().to_owned()),
        },
        desk_budget: DeskBudget::new(0),
    })
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header as text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }
}

/// A request with these headers and this body.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("a request")
}

/// Asks the site.
pub(crate) async fn ask(site: &Router, request: Request<Body>) -> Answer {
    let response = site.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// `GET path`.
pub(crate) async fn get(site: &Router, path: &str) -> Answer {
    ask(site, request("GET", path, &[], Body::empty())).await
}
