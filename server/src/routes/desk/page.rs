//! Ready bytes of the phone pages: rendered once and compressed once where they are the same for everyone, and the
//! headers that go with them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use app::components::phone::assets::{self, Kind};
use app::components::phone::look::{Look, Place};
use app::domain::answer::Score;
use app::domain::form::Posted;
use app::domain::questionnaire::Questionnaire;
use app::pages::respond::after::after_page;
use app::pages::respond::form::{FormNotice, FormPage, form_page};
use app::pages::respond::tap::{TapNotice, TapPage, tap_page};
use app::store::DeskContext;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::encoding::Encoding;
use crate::page_cache::PageCache;

/// Bytes of ready pages kept: 250 desks with the two pages that most people see, in both languages and encodings.
const CACHE_BYTES: usize = 8 * 1024 * 1024;
/// Brotli of a page that is handed out many times, and of one that is made for one person.
const KEPT_QUALITY: i32 = 10;
const ONCE_QUALITY: i32 = 5;

static POLICY_FACES: LazyLock<HeaderValue> = LazyLock::new(|| policy(Kind::Faces));
static POLICY_FORM: LazyLock<HeaderValue> = LazyLock::new(|| policy(Kind::Form));

/// The style and the script inside the pages of a kind, by their hashes, and nothing else.
fn policy(kind: Kind) -> HeaderValue {
    let hash = |source: &str| STANDARD.encode(Sha256::digest(source));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src 'self' data:; form-action 'self'; \
         connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        hash(assets::style(kind)),
        hash(assets::script(kind))
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// A page that is the same bytes for everyone at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shared {
    /// The faces; the address carries a response where `carried`.
    Tap { chosen: Option<Score>, carried: bool },
    /// What was recorded; none where the phone is not known to be the one that answered.
    After(Option<Score>),
    /// The untouched form.
    Form,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    page: Shared,
    look: Look,
    encoding: Encoding,
    /// Desk, names and questionnaire: a renamed desk is another page.
    content: u64,
}

/// The pages that are kept.
#[derive(Debug)]
pub(super) struct Pages {
    cache: PageCache<Key, Bytes>,
}

impl Pages {
    pub(super) fn new() -> Self {
        Self { cache: PageCache::new(CACHE_BYTES, Bytes::len) }
    }

    /// A page that is the same for everyone, from the cache. `keep` says whether the browser may keep it and ask again.
    pub(super) fn shared(
        &self,
        desk: &DeskContext,
        page: Shared,
        look: Look,
        headers: &HeaderMap,
        keep: bool,
    ) -> Response {
        let encoding = accepted(headers);
        let place = place(desk);
        let questionnaire = &desk.round.questionnaire;
        let mut content = DefaultHasher::new();
        (&desk.desk.code, &place, &questionnaire.key, questionnaire.version).hash(&mut content);
        let key = Key { page, look, encoding, content: content.finish() };
        let bytes = self.cache.get_or_make(key, || {
            let html = render(page, look, &place, questionnaire);
            encoding.pack(html.as_bytes(), KEPT_QUALITY).map_or_else(|_| Bytes::new(), Bytes::from)
        });
        let kind = if page == Shared::Form { Kind::Form } else { Kind::Faces };
        respond(StatusCode::OK, Bytes::clone(&bytes), kind, encoding, keep)
    }
}

/// A page made for one person; never kept by the browser.
pub(super) fn own(status: StatusCode, html: &str, headers: &HeaderMap) -> Response {
    let encoding = accepted(headers);
    let kind = Kind::of(html);
    match encoding.pack(html.as_bytes(), ONCE_QUALITY) {
        Ok(bytes) => respond(status, Bytes::from(bytes), kind, encoding, false),
        Err(_) => respond(status, Bytes::copy_from_slice(html.as_bytes()), kind, Encoding::Identity, false),
    }
}

/// Where the citizen stands.
pub(super) fn place(desk: &DeskContext) -> Place {
    Place::new(&desk.agency, &desk.desk, &desk.round.round, &desk.round.questionnaire)
}

fn render(page: Shared, look: Look, place: &Place, questionnaire: &Questionnaire) -> String {
    match page {
        Shared::Tap { chosen, carried } => {
            tap_page(TapPage { look, place, questionnaire, chosen, carried, action: None, notice: TapNotice::None })
        }
        Shared::After(tap) => after_page(look, place, questionnaire, tap, None),
        Shared::Form => {
            let posted = Posted::blank(questionnaire);
            form_page(&FormPage { look, place, questionnaire, posted: &posted, action: None, notice: FormNotice::None })
        }
    }
}

fn accepted(headers: &HeaderMap) -> Encoding {
    Encoding::accepted(headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()))
}

fn respond(status: StatusCode, bytes: Bytes, kind: Kind, encoding: Encoding, keep: bool) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = if kind == Kind::Form { &POLICY_FORM } else { &POLICY_FACES };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::clone(policy));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(if keep { "no-cache" } else { "no-store" }));
    if let Some(token) = encoding.token() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(token));
    }
    response
}
