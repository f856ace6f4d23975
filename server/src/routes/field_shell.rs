//! `/thuc-dia/`: the shell of the field teams' app, its worker, manifest and icons. The same bytes for everyone; what
//! the app shows comes from the device and from `/api/v1`.
//!
//! The worker is served inside its scope and can never answer for `/k` or `/quan-tri`.

use std::sync::LazyLock;

use app::domain::hex::hex;
use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use super::ready::Packed;
use crate::http::assets::{Bundle, bundle};
use crate::state::AppState;

const WORKER: &str = include_str!("../../../app/public/sw.js");
const MANIFEST: &str = include_str!("../../../app/public/thuc-dia.webmanifest");
const ICON: &str = include_str!("../../../app/public/icon.svg");
const MASKABLE: &str = include_str!("../../../app/public/icon-maskable.svg");

/// Nothing from elsewhere, nothing inline; WASM may be compiled, the worker and the manifest are our own.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     manifest-src 'self'; worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
);
/// What the worker itself may do: fetch the files of the app.
const WORKER_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; connect-src 'self'");
const DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

const PAGE: &str = "/thuc-dia/";
const MANIFEST_AT: &str = "/thuc-dia/app.webmanifest";
const ICON_AT: &str = "/thuc-dia/icon.svg";
const MASKABLE_AT: &str = "/thuc-dia/icon-maskable.svg";

/// Page and worker of the bundle inside; none where it was not built. Both are asked for anew each time: one that a cache
/// holds back would hold back every correction.
static SHELL: LazyLock<Option<[Packed; 2]>> = LazyLock::new(|| {
    let shell = Shell::of(bundle())?;
    Some([
        Packed::new("text/html; charset=utf-8", &shell.page),
        Packed::new("text/javascript; charset=utf-8", &shell.worker),
    ])
});
/// Manifest and icons. On a village's network each file here is fetched twice, by the page and by its worker.
static FILES: LazyLock<[Packed; 3]> = LazyLock::new(|| {
    [("application/manifest+json", MANIFEST), ("image/svg+xml", ICON), ("image/svg+xml", MASKABLE)]
        .map(|(kind, text)| Packed::new(kind, text))
});

#[derive(Debug)]
struct Shell {
    page: String,
    worker: String,
}

impl Shell {
    fn of(bundle: &Bundle) -> Option<Self> {
        let [script, wasm, style] = [&bundle.field_script, &bundle.field_wasm, &bundle.field_style]
            .map(|name| name.as_ref().map(|name| format!("/pkg/{name}")));
        let (script, wasm, style) = (script?, wasm?, style?);
        let page = |version: &str| {
            format!(
                "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Hài Lòng – thực địa</title>\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
                 <meta name=\"version\" content=\"{version}\"><meta name=\"theme-color\" content=\"#0a5a8c\">\
                 <link rel=\"manifest\" href=\"{MANIFEST_AT}\"><link rel=\"icon\" href=\"{ICON_AT}\">\
                 <link rel=\"stylesheet\" href=\"{style}\"><link rel=\"modulepreload\" href=\"{script}\">\
                 <link rel=\"preload\" as=\"fetch\" crossorigin href=\"{wasm}\">\
                 <script type=\"module\" src=\"{script}\"></script></head><body>\
                 <noscript>Ứng dụng này cần JavaScript. · This app needs JavaScript.</noscript></body></html>"
            )
        };
        // Names carry hashes of what is in the files, so page, worker and these few bytes say it all.
        let parts = [page("").as_str(), WORKER, MANIFEST, ICON, MASKABLE].concat();
        let version = hex(&Sha256::digest(parts)[..6]);
        let files = [PAGE, &script, &wasm, &style, MANIFEST_AT, ICON_AT, MASKABLE_AT];
        let files = files.map(|file| format!("\"{file}\"")).join(", ");
        let worker = format!("const VERSION = \"{version}\";\nconst FILES = [{files}];\n{WORKER}");
        Some(Self { page: page(&version), worker })
    }
}

/// The addresses of the app.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/thuc-dia", get(async || Redirect::permanent(PAGE)))
        .route("/thuc-dia/", get(page))
        .route("/thuc-dia/sw.js", get(worker))
        .route(MANIFEST_AT, get(async |headers: HeaderMap| for_a_day(&FILES[0], &headers)))
        .route(ICON_AT, get(async |headers: HeaderMap| for_a_day(&FILES[1], &headers)))
        .route(MASKABLE_AT, get(async |headers: HeaderMap| for_a_day(&FILES[2], &headers)))
}

async fn page(headers: HeaderMap) -> Response {
    match &*SHELL {
        Some([page, _]) => with(page.respond(&headers), header::CONTENT_SECURITY_POLICY, POLICY),
        None => (StatusCode::NOT_FOUND, "Ứng dụng thực địa chưa được dựng: make build").into_response(),
    }
}

async fn worker(headers: HeaderMap) -> Response {
    match &*SHELL {
        Some([_, worker]) => with(worker.respond(&headers), header::CONTENT_SECURITY_POLICY, WORKER_POLICY),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn for_a_day(file: &Packed, headers: &HeaderMap) -> Response {
    with(file.respond(headers), header::CACHE_CONTROL, DAY)
}

fn with(mut response: Response, name: HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> Bundle {
        Bundle {
            field_script: Some("field.1.js".to_owned()),
            field_wasm: Some("field.2.wasm".to_owned()),
            field_style: Some("field.3.css".to_owned()),
            ..Bundle::default()
        }
    }

    #[test]
    fn without_the_bundle_there_is_no_app() {
        assert!(Shell::of(&Bundle { field_wasm: None, ..bundle() }).is_none());
    }

    #[test]
    fn another_file_is_another_version_and_page_and_worker_agree() {
        let one = Shell::of(&bundle()).expect("a shell");
        let other = Shell::of(&Bundle { field_wasm: Some("field.4.wasm".to_owned()), ..bundle() }).expect("a shell");
        let version = |shell: &Shell| shell.worker.split('"').nth(1).map(str::to_owned).expect("a version");
        assert_ne!(version(&one), version(&other));
        for shell in [one, other] {
            assert!(shell.page.contains(&format!("name=\"version\" content=\"{}\"", version(&shell))));
            assert!(shell.worker.contains("\"/pkg/field.1.js\"") && shell.worker.contains("\"/thuc-dia/\""));
        }
    }

    #[test]
    fn nothing_on_the_page_is_inline() {
        let page = Shell::of(&bundle()).expect("a shell").page;
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("<script>"));
    }
}
