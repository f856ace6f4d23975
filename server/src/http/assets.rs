//! Files inside the binary: the bundle that `xtask` makes, the icon, the word to robots.
//!
//! Names of the bundle carry the hash of their content, so a browser keeps them for good. Compressed copies lie beside
//! the files and were made at build time; nothing is compressed here.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::LazyLock;

use crate::encoding::Encoding;
use crate::state::AppState;

#[derive(RustEmbed)]
#[folder = "../app/dist/"]
struct Dist;

/// The icon: a content face on the colour of the interface.
const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><circle cx=\"12\" cy=\"12\" r=\"12\" fill=\"#0A5A8C\"/>\
<g fill=\"#fff\"><circle cx=\"8.5\" cy=\"9.5\" r=\"1.6\"/><circle cx=\"15.5\" cy=\"9.5\" r=\"1.6\"/></g>\
<path d=\"M7 13.6Q12 20.6 17 13.6\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2\" stroke-linecap=\"round\"/></svg>";
/// Results are for everybody; desks, receipts and the inner rooms are for people.
const ROBOTS: &str =
    "User-agent: *\nDisallow: /k/\nDisallow: /bien-nhan\nDisallow: /api/\nDisallow: /quan-tri\nDisallow: /thuc-dia\n";

/// Names of the bundle's files, as pages write them; each absent where the bundle has not been built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Bundle {
    /// The module that starts the islands.
    pub script: Option<String>,
    /// The WASM that it loads.
    pub wasm: Option<String>,
    /// The style sheet of all pages but the phone's.
    pub style: Option<String>,
    /// The module that starts the field teams' app.
    pub field_script: Option<String>,
    /// The WASM that it loads.
    pub field_wasm: Option<String>,
    /// Its style sheet.
    pub field_style: Option<String>,
}

static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    Dist::get("bundle.json").and_then(|list| serde_json::from_slice(&list.data).ok()).unwrap_or_default()
});

/// What the bundle holds. Its files are served at `/pkg/NAME`.
pub fn bundle() -> &'static Bundle {
    &BUNDLE
}

/// The addresses of the files inside.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/pkg/{name}", get(file))
        .route("/favicon.ico", get(icon))
        .route("/favicon.svg", get(icon))
        .route("/robots.txt", get(robots))
}

async fn file(Path(name): Path<String>, request: Request) -> Response {
    serve::<Dist>(&name, request.headers())
}

/// The answer for one file of a bundle. Only names that the list holds are served: no list, no hidden file, no path.
fn serve<F: RustEmbed>(name: &str, headers: &HeaderMap) -> Response {
    let Some(kind) = kind(name) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(plain) = F::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let (file, encoding) = [Encoding::accepted(accepted), Encoding::Identity]
        .into_iter()
        .find_map(|encoding| Some((copy::<F>(name, encoding)?, encoding)))
        .unwrap_or((plain, Encoding::Identity));

    let tag = format!(
        "\"{}{}\"",
        app::domain::hex::hex(&file.metadata.sha256_hash()[..8]),
        encoding.token().unwrap_or_default()
    );
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(bytes(file.data)))
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        out.insert(header::ETAG, tag);
    }
    if let Some(token) = encoding.token() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    response
}

fn copy<F: RustEmbed>(name: &str, encoding: Encoding) -> Option<EmbeddedFile> {
    match encoding {
        Encoding::Brotli => F::get(&format!("{name}.br")),
        Encoding::Gzip => F::get(&format!("{name}.gz")),
        Encoding::Identity => F::get(name),
    }
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "wasm" => Some("application/wasm"),
        "css" => Some("text/css; charset=utf-8"),
        _ => None,
    }
}

async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=604800")], ICON).into_response()
}

async fn robots() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=86400")], ROBOTS)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bundle of one script whose compressed copies say what they are.
    #[derive(RustEmbed)]
    #[folder = "tests/fixtures/dist/"]
    struct Fixture;

    const SCRIPT: &str = "hailong.0123456789abcdef.js";

    async fn asked(name: &str, headers: &[(header::HeaderName, &str)]) -> (Response, String) {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).expect("a value")));
        let (parts, body) = serve::<Fixture>(name, &headers.collect()).into_parts();
        let bytes = axum::body::to_bytes(body, 1_000).await.expect("a body");
        (Response::from_parts(parts, Body::empty()), String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn only_files_that_pages_name_are_served() {
        for name in ["nothing.js", "bundle.json", ".gitkeep", "../Cargo.toml", "", SCRIPT.trim_end_matches("js")] {
            assert_eq!(asked(name, &[]).await.0.status(), StatusCode::NOT_FOUND, "{name}");
        }
        for copy in [".br", ".gz"] {
            assert_eq!(asked(&format!("{SCRIPT}{copy}"), &[]).await.0.status(), StatusCode::NOT_FOUND);
        }
    }

    #[tokio::test]
    async fn the_smallest_copy_that_a_browser_takes_is_sent() {
        for (accepted, copy, encoding) in [
            ("", "export const plain = 1;\n", None),
            ("gzip, deflate", "the gzip copy", Some("gzip")),
            ("gzip, deflate, br", "the brotli copy", Some("br")),
        ] {
            let (response, body) = asked(SCRIPT, &[(header::ACCEPT_ENCODING, accepted)]).await;
            assert_eq!(body, copy, "{accepted}");
            let said = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().expect("a word"));
            assert_eq!(said, encoding, "{accepted}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(response.headers()[header::VARY], "accept-encoding");
            assert!(response.headers()[header::CACHE_CONTROL].to_str().expect("words").contains("immutable"));
        }
    }

    #[tokio::test]
    async fn a_browser_that_has_the_copy_is_told_so() {
        let (first, _) = asked(SCRIPT, &[]).await;
        let tag = first.headers()[header::ETAG].to_str().expect("a tag").to_owned();
        let (again, body) = asked(SCRIPT, &[(header::IF_NONE_MATCH, &format!("\"other\", {tag}"))]).await;
        assert_eq!((again.status(), body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        // The compressed copy is another one.
        let both = [(header::IF_NONE_MATCH, tag.as_str()), (header::ACCEPT_ENCODING, "br")];
        assert_eq!(asked(SCRIPT, &both).await.0.status(), StatusCode::OK);
    }
}
