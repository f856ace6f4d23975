//! Ready pages of the desk: compressed once, told apart by their content, kept within a bound.

use app::components::page::{Assets, SiteInfo};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::encoding::Encoding;
use crate::http::assets::bundle;
use crate::state::AppState;

/// Brotli for pages that live until the next fold.
const QUALITY: i32 = 5;

/// A page as it goes out.
#[derive(Debug)]
pub(super) struct Ready {
    body: Bytes,
    kind: HeaderValue,
    encoding: Encoding,
    tag: HeaderValue,
}

impl Ready {
    /// Packs a page.
    pub(super) fn new(html: &str, encoding: Encoding) -> Self {
        Self::of_kind(html, encoding, HeaderValue::from_static("text/html; charset=utf-8"))
    }

    /// Packs an answer for a program.
    pub(super) fn json(json: &str, encoding: Encoding) -> Self {
        Self::of_kind(json, encoding, HeaderValue::from_static("application/json"))
    }

    fn of_kind(text: &str, encoding: Encoding, kind: HeaderValue) -> Self {
        // Packing into memory does not fail; should it ever, the plain page is as good.
        let (body, encoding) = match encoding.pack(text.as_bytes(), QUALITY) {
            Ok(bytes) => (Bytes::from(bytes), encoding),
            Err(_) => (Bytes::copy_from_slice(text.as_bytes()), Encoding::Identity),
        };
        let digest = Sha256::digest(&body);
        let tag = format!("\"{}\"", app::domain::hex::hex(digest.get(..8).unwrap_or_default()));
        Self { body, kind, encoding, tag: HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"-\"")) }
    }

    /// The bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.body.len()
    }

    /// The answer: the page, or word that the browser's copy still holds.
    pub(super) fn respond(&self, status: StatusCode, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let own = self.tag.to_str().unwrap_or_default();
        let same = status == StatusCode::OK
            && known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == own));
        let mut response = if same {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            (status, Body::from(self.body.clone())).into_response()
        };
        let out = response.headers_mut();
        out.insert(header::CONTENT_TYPE, self.kind.clone());
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        out.insert(header::ETAG, self.tag.clone());
        if let Some(token) = self.encoding.token() {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
        }
        response
    }
}

/// A file that lives as long as the process, in each encoding.
#[derive(Debug)]
pub(super) struct Packed {
    plain: Ready,
    gzip: Ready,
    brotli: Ready,
}

impl Packed {
    /// Packs a file of this type.
    pub(super) fn new(kind: &'static str, text: &str) -> Self {
        let [plain, gzip, brotli] =
            Encoding::ALL.map(|encoding| Ready::of_kind(text, encoding, HeaderValue::from_static(kind)));
        Self { plain, gzip, brotli }
    }

    /// The file as the browser takes it.
    pub(super) fn respond(&self, headers: &HeaderMap) -> Response {
        let file = match accepted(headers) {
            Encoding::Identity => &self.plain,
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        file.respond(StatusCode::OK, headers)
    }
}

/// The encoding that a browser takes.
pub(super) fn accepted(headers: &HeaderMap) -> Encoding {
    Encoding::accepted(headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()))
}

/// The pairs of a query, decoded; what cannot be decoded reads as nothing.
pub(super) fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default()
}

/// What every page of the desk is framed with.
#[derive(Clone, Debug)]
pub(super) struct Frames {
    /// Addresses of style sheet and script.
    pub(super) assets: Assets,
    /// Who is responsible.
    pub(super) site: SiteInfo,
    /// The front of printed addresses: host and port.
    pub(super) host: String,
}

impl Frames {
    pub(super) fn new(state: &AppState) -> Self {
        let host = state.site.base_url.split_once("://").map_or("", |(_, host)| host).to_owned();
        let address = |name: &Option<String>| name.as_ref().map(|name| format!("/pkg/{name}"));
        let assets = Assets { style: address(&bundle().style), script: address(&bundle().script) };
        Self { assets, site: state.site.info.clone(), host }
    }
}
