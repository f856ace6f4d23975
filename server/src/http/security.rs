//! Headers that every answer carries, and the refusal of posts that another site made.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;

use crate::state::Site;

/// For pages that set no policy of their own: nothing from elsewhere, nothing inline.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// For everything that is not a page: it may load nothing, should a browser ever show it as one.
const OTHER_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// Two years, as browsers ask before they keep it; without `includeSubDomains`, other names of the office are not ours.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// What only matters for pages; left out elsewhere, each answer pays for its bytes.
static PAGE_HEADERS: LazyLock<[(HeaderName, HeaderValue); 3]> = LazyLock::new(|| {
    [
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        ),
    ]
});

/// Adds what is missing; a handler that set one of them knows better.
pub(super) fn add_headers(response: &mut Response, site: &Site) {
    let headers = response.headers_mut();
    let page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer`: forms without script come back to the page they were sent from.
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(if page { PAGE_POLICY } else { OTHER_POLICY });
    if page {
        for (name, value) in &*PAGE_HEADERS {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
    if site.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}

/// Whether another site made this browser send the request. A citizen's post holds no authority, so only what is
/// plainly foreign is refused: `Sec-Fetch-Site: cross-site`, or an `Origin` that is neither the host that was asked nor
/// the public address. A missing or null origin (old browsers, privacy settings, programs) passes.
pub(super) fn is_foreign_post(request: &Request, site: &Site) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("cross-site") => true,
        Some("same-origin" | "none") => false,
        _ => text(header::ORIGIN)
            .filter(|origin| *origin != "null")
            .is_some_and(|origin| !is_ours(origin, request.headers(), request.uri().host(), site)),
    }
}

/// Whether a page of this site sent a post that holds authority: the browser says so itself (`Sec-Fetch-Site`), or its
/// `Origin` is ours, scheme included. A post that says neither is refused; every browser of today says one of them.
pub(crate) fn is_own_post(headers: &HeaderMap, authority: Option<&str>, site: &Site) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some(said) => said == "same-origin",
        None => text(header::ORIGIN).is_some_and(|origin| {
            origin.starts_with(if site.https { "https://" } else { "http" })
                && is_ours(origin, headers, authority, site)
        }),
    }
}

fn is_ours(origin: &str, headers: &HeaderMap, authority: Option<&str>, site: &Site) -> bool {
    let host_of = |url: &str| url.split_once("://").map(|(_, host)| host.to_ascii_lowercase());
    let Some(origin) = host_of(origin) else { return false };
    // A proxy may ask us by another name and say here which one the browser used; a form of another site cannot set it.
    let named = [header::HOST, HeaderName::from_static("x-forwarded-host")].map(|name| headers.get(name));
    named.iter().flatten().any(|host| host.as_bytes().eq_ignore_ascii_case(origin.as_bytes()))
        || host_of(&site.base_url).is_some_and(|host| host == origin)
        // HTTP/2 has the host in the address.
        || authority.is_some_and(|host| origin.eq_ignore_ascii_case(host) || origin.starts_with(&format!("{host}:")))
}
