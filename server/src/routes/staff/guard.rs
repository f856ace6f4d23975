//! Who asks, and what they may: the door of every page of staff. And what those pages are framed with.

use app::components::page::{AnyView, Frame, Place, Stamp, document, document_with};
use app::domain::role::Capability;
use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::staff::frame::staff_nav;
use app::pages::staff::in_lang;
use app::pages::staff::refused::{Refusal, refused_title, refused_view};
use app::server_side::guard::{self, Actor, Step, Stop, Visitor};
use app::store::StoreError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::cookies;
use crate::http::security::is_own_post;
use crate::routes::ready::{Frames, pairs};
use crate::state::AppState;

/// Where the pages of staff begin.
const HOME: &str = "/quan-tri";
/// Longest address that sign-in leads back to.
const NEXT_CHARS: usize = 400;

/// A member of staff who holds a capability. As the first argument of a handler it is the whole check: no session, a
/// step of sign-in that is still open, a role that may not, a post from elsewhere – the handler is not called.
#[derive(Debug)]
pub struct Staff<C> {
    /// Who.
    pub actor: Actor,
    /// What they may, and about which agencies.
    pub may: C,
    /// The language of the page, from `?lang=`.
    pub lang: Lang,
}

impl<C: Capability> FromRequestParts<AppState> for Staff<C> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let lang = lang_of(parts);
        let visitor = visitor(parts, state).await?;
        let agencies = state.store.known_agencies().await.map_err(busy)?;
        let agency = visitor.account.agency.and_then(|id| agencies.get(&id));
        let next = next_of(parts);
        let actor = guard::actor(visitor, agency).map_err(|stop| match stop {
            Stop::Step(step) => go(&step_address(step, &next, lang)),
            Stop::Nothing => refused(state, None, Refusal::NoScope, lang),
        })?;
        let Some(may) = actor.may() else {
            state
                .store
                .log(&actor.who(), Act::Refused, parts.uri.path(), "vai trò không có quyền")
                .await
                .map_err(busy)?;
            return Err(refused(state, Some(&actor), Refusal::Role, lang));
        };
        Ok(Self { actor, may, lang })
    }
}

/// Who has a session, whatever it still asks of them: for the steps of sign-in.
#[derive(Debug)]
pub(super) struct Visiting {
    pub(super) visitor: Visitor,
    pub(super) lang: Lang,
}

impl FromRequestParts<AppState> for Visiting {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let lang = lang_of(parts);
        Ok(Self { visitor: visitor(parts, state).await?, lang })
    }
}

/// A post that a page of this site sent; for the one post that needs no session, sign-in.
#[derive(Debug)]
pub(super) struct OwnPost {
    pub(super) lang: Lang,
}

impl FromRequestParts<AppState> for OwnPost {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let lang = lang_of(parts);
        refuse_foreign(parts, state, lang)?;
        Ok(Self { lang })
    }
}

#[expect(clippy::result_large_err, reason = "a refusal is the response itself")]
fn refuse_foreign(parts: &Parts, state: &AppState, lang: Lang) -> Result<(), Response> {
    let safe = matches!(parts.method, Method::GET | Method::HEAD);
    if safe || is_own_post(&parts.headers, parts.uri.host(), &state.site) {
        Ok(())
    } else {
        Err(refused(state, None, Refusal::Foreign, lang))
    }
}

async fn visitor(parts: &Parts, state: &AppState) -> Result<Visitor, Response> {
    let lang = lang_of(parts);
    refuse_foreign(parts, state, lang)?;
    let found = match cookies::session(state, &parts.headers) {
        Some(token) => guard::visitor(&state.store, token).await.map_err(busy)?,
        None => None,
    };
    found.ok_or_else(|| go(&with_next("/quan-tri/dang-nhap", &next_of(parts), lang)))
}

fn lang_of(parts: &Parts) -> Lang {
    let pairs = pairs(parts.uri.query());
    pairs.iter().find(|(name, _)| name == "lang").map_or(Lang::Vi, |(_, tag)| Lang::from_tag(tag))
}

/// Where to go after sign-in: here, if here is a page.
fn next_of(parts: &Parts) -> String {
    if parts.method == Method::GET {
        safe_next(parts.uri.path_and_query().map_or(HOME, |path| path.as_str())).to_owned()
    } else {
        HOME.to_owned()
    }
}

/// A local address of a page of staff, or the first one: sign-in leads nowhere else.
pub(super) fn safe_next(next: &str) -> &str {
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let below = next.strip_prefix(HOME).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let sign_in = next.starts_with("/quan-tri/dang-");
    if plain && below && !sign_in && !next.contains("//") && next.len() <= NEXT_CHARS { next } else { HOME }
}

/// `path` with the address to go to then.
pub(super) fn with_next(path: &str, next: &str, lang: Lang) -> String {
    if next == HOME {
        return in_lang(path, lang);
    }
    let query = serde_urlencoded::to_string([("tiep", next)]).unwrap_or_default();
    in_lang(&format!("{path}?{query}"), lang)
}

/// The address of a step of sign-in.
pub(super) fn step_address(step: Step, next: &str, lang: Lang) -> String {
    let path = match step {
        Step::SecondFactor => "/quan-tri/dang-nhap/ma",
        Step::NewPassword => "/quan-tri/mat-khau",
        Step::Enrolment => "/quan-tri/dang-nhap/thiet-lap",
    };
    with_next(path, next, lang)
}

/// After a post: look there. 303.
pub fn go(address: &str) -> Response {
    let to = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static(HOME));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))])
        .into_response()
}

/// What exists not, or not for this reader: the same bytes for both. Look the object up *within the scope* (see
/// `Scope::find`), so that the path is the same too.
pub fn missing() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// The store cannot say just now.
pub fn busy(error: StoreError) -> Response {
    tracing::error!(%error, "a page of staff could not be answered");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// What the frame needs to know of a page of staff.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Title; the site's name is put behind it.
    pub title: String,
    /// The path in the navigation that the page belongs to.
    pub here: &'a str,
    /// The address of the page itself, without its language.
    pub address: String,
    /// Language.
    pub lang: Lang,
    /// Its figures are of simulated data.
    pub sample_data: bool,
    /// What its figures stand on.
    pub stamp: Option<Stamp>,
}

impl<'a> Head<'a> {
    /// A page without figures.
    pub fn plain(title: String, here: &'a str, lang: Lang) -> Self {
        Self { title, here, address: here.to_owned(), lang, sample_data: false, stamp: None }
    }
}

/// A page of staff, with its navigation; never kept by a browser.
pub fn page(
    state: &AppState,
    actor: &Actor,
    head: &Head<'_>,
    status: StatusCode,
    main: impl FnOnce() -> AnyView,
) -> Response {
    framed(state, Some(actor), head, status, main)
}

/// The same for who is not signed in yet.
pub(super) fn outside(
    state: &AppState,
    head: &Head<'_>,
    status: StatusCode,
    main: impl FnOnce() -> AnyView,
) -> Response {
    framed(state, None, head, status, main)
}

fn framed(
    state: &AppState,
    actor: Option<&Actor>,
    head: &Head<'_>,
    status: StatusCode,
    main: impl FnOnce() -> AnyView,
) -> Response {
    let frames = Frames::new(state);
    let other = if head.lang == Lang::Vi { Lang::En } else { Lang::Vi };
    let frame = Frame {
        lang: head.lang,
        title: head.title.clone(),
        place: Place::Staff,
        other_language: in_lang(&head.address, other),
        sample_data: head.sample_data,
        stamp: head.stamp,
        printed_address: format!("{}{}", frames.host, head.address),
        has_island: false,
        assets: &frames.assets,
        site: &frames.site,
    };
    let html = match actor {
        Some(actor) => document_with(&frame, || Some(staff_nav(actor, head.here, head.lang)), main),
        None => document(&frame, main),
    };
    (status, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Html(html)).into_response()
}

fn refused(state: &AppState, actor: Option<&Actor>, why: Refusal, lang: Lang) -> Response {
    let head = Head::plain(refused_title(lang).to_owned(), HOME, lang);
    framed(state, actor, &head, StatusCode::FORBIDDEN, || refused_view(why, lang))
}

/// The fields of a form; what cannot be decoded reads as nothing.
pub(super) fn fields(body: &[u8]) -> Vec<(String, String)> {
    serde_urlencoded::from_bytes(body).unwrap_or_default()
}

/// The first field of a name; empty where there is none.
pub(super) fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
}

/// What the browser calls itself.
pub(super) fn agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_leads_to_pages_of_staff_and_nowhere_else() {
        for good in ["/quan-tri", "/quan-tri/nhat-ky?viec=export&ai=lan", "/quan-tri?a=1"] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "https://evil.example/quan-tri",
            "/quan-tri//evil.example",
            "/quan-tri\\evil",
            "/quan-tri.evil.example",
            "/quan-tri/\r\nSet-Cookie: a=b",
            "/quan-tri/dang-xuat",
            "/quan-tri/dang-nhap",
            "/ket-qua",
        ] {
            assert_eq!(safe_next(bad), HOME, "{bad:?}");
        }
        assert_eq!(safe_next(&format!("/quan-tri/{}", "a".repeat(NEXT_CHARS))), HOME);
    }
}
