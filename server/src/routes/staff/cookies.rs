//! The cookies of staff: the session, the sign of a browser that has signed in before, the note that is read once.

use std::net::{IpAddr, SocketAddr};

use app::domain::hex::hex;
use app::server_side::keys::{Keys, mac};
use app::server_side::seal::Seal;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::state::AppState;

/// How long a browser is known, in seconds (half a year).
const KNOWN_S: i64 = 180 * 24 * 3600;
/// How long a note may wait to be read, in seconds.
const NOTE_S: i64 = 120;

/// The whole name of a cookie: `__Host-` over TLS, which no other host and no plain page can set.
fn full_name(state: &AppState, name: &str) -> String {
    if state.site.https { format!("__Host-hailong-{name}") } else { format!("hailong-{name}") }
}

/// The value of a cookie.
fn value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// A line that sets a cookie; `age_s` none: until the browser closes.
fn set(state: &AppState, name: &str, value: &str, age_s: Option<i64>) -> Option<HeaderValue> {
    let age = age_s.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    let secure = if state.site.https { "; Secure" } else { "" };
    let name = full_name(state, name);
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}")).ok()
}

fn append(response: &mut Response, line: Option<HeaderValue>) {
    if let Some(line) = line {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// The token of the session.
pub(super) fn session<'h>(state: &AppState, headers: &'h HeaderMap) -> Option<&'h str> {
    value(headers, &full_name(state, "staff")).filter(|token| token.len() == 43)
}

/// Gives the browser its session.
pub(super) fn give_session(state: &AppState, response: &mut Response, token: &str) {
    append(response, set(state, "staff", token, None));
}

/// Takes the session away.
pub(super) fn take_session(state: &AppState, response: &mut Response) {
    append(response, set(state, "staff", "", Some(0)));
}

fn digest_of(login: &str) -> [u8; 32] {
    Sha256::digest(login).into()
}

fn known_name(login: &str) -> String {
    format!("may-{}", hex(digest_of(login).get(..4).unwrap_or_default()))
}

fn known_mac(keys: &Keys, login: &str, id: &[u8]) -> [u8; 32] {
    let mut message = digest_of(login).to_vec();
    message.extend(id);
    mac(&keys.derive("staff-browsers"), &message)
}

/// The id of this browser, if it has signed in to this login name before.
pub(super) fn known_browser(state: &AppState, headers: &HeaderMap, login: &str) -> Option<Vec<u8>> {
    let text = value(headers, &full_name(state, &known_name(login)))?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (id, sign) = bytes.split_at_checked(16)?;
    // Not a secret that is guessed byte by byte: 32 of them, and what it opens is a budget of its own.
    (sign == known_mac(&state.keys, login, id)).then(|| id.to_vec())
}

/// Marks the browser as one that has signed in to this login name.
pub(super) fn mark_browser(state: &AppState, response: &mut Response, login: &str) {
    let mut id = [0; 16];
    // Without the mark the browser is one of the unknown, that is all.
    if getrandom::fill(&mut id).is_err() {
        return;
    }
    let mut bytes = id.to_vec();
    bytes.extend(known_mac(&state.keys, login, &id));
    append(response, set(state, &known_name(login), &URL_SAFE_NO_PAD.encode(bytes), Some(KNOWN_S)));
}

/// A sealed note that the next page reads, once: a one-time password must not stand in an address.
pub(super) fn give_note(state: &AppState, response: &mut Response, words: &str, reader: i32) {
    let sealed = Seal::new(&state.keys, "staff-notes").seal_text(words, &format!("account {reader}"));
    append(response, sealed.and_then(|sealed| set(state, "giay", &sealed, Some(NOTE_S))));
}

/// The note, if there is one for this reader; the browser forgets it with the answer.
pub(super) fn note(state: &AppState, headers: &HeaderMap, reader: i32) -> Option<String> {
    let sealed = value(headers, &full_name(state, "giay"))?;
    Seal::new(&state.keys, "staff-notes").open_text(sealed, &format!("account {reader}"))
}

/// Takes the note away.
pub(super) fn take_note(state: &AppState, response: &mut Response) {
    append(response, set(state, "giay", "", Some(0)));
}

/// Where a request comes from. A proxy on this machine says so in the last entry of its header; from elsewhere that
/// header is anybody's word.
pub(super) fn address(peer: Option<SocketAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = peer?.ip().to_canonical();
    let passed_on = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let named = passed_on.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse::<IpAddr>().ok());
    Some(named.filter(|_| peer.is_loopback()).map_or(peer, |named| named.to_canonical()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_on_this_machine_names_the_address() {
        let headers = HeaderMap::from_iter([(
            header::HeaderName::from_static("x-forwarded-for"),
            HeaderValue::from_static("10.0.0.1, 192.0.2.7"),
        )]);
        let from = |peer: &str| address(Some(peer.parse().expect("an address")), &headers).map(|ip| ip.to_string());
        assert_eq!(from("127.0.0.1:1").as_deref(), Some("192.0.2.7"));
        assert_eq!(from("203.0.113.9:1").as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("xa=1; a=2;a=3"))]);
        assert_eq!(value(&headers, "a"), Some("2"));
        assert_eq!(value(&headers, "b"), None);
    }
}
