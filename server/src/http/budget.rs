//! Memory for bodies under way, over all requests together. One that finds no room is answered 503 with `Retry-After`
//! before its body is read.
//!
//! What each request may send is bounded by its route; these bounds hold for all at once. There are four, so that a crowd
//! at one address takes nothing from another: files that anybody may have checked never keep a citizen's form out.
//!
//! Reachable without sign-in: forms (`/k/{desk}`, sign-in, enrolment; [`limits::FORM_BYTES`] each) and the check of a
//! publication ([`limits::BUNDLE_BYTES`]). Devices and staff are known before their body is read.

use app::domain::limits;
use axum::http::{HeaderMap, Method, header};
use tokio::sync::{Semaphore, SemaphorePermit};

/// For all forms together: 2,000 of the longest, 40,000 of a usual length.
const FORMS: usize = 128 * 1024 * 1024;
/// For what devices send: four batches of the longest kind, some thousand of a usual length.
const DEVICES: usize = 128 * 1024 * 1024;
/// For lists of dossiers and of agencies: three of the largest at once.
const LISTS: usize = 192 * 1024 * 1024;
/// For files of publications that are checked: four of the largest.
const CHECKS: usize = 100 * 1024 * 1024;
/// What is counted in: small enough for a tap, and the largest pool fits in a number of 32 bits.
const UNIT: usize = 1024;

/// Room for bodies of one kind.
#[derive(Debug)]
pub struct Budget {
    room: Semaphore,
    units: usize,
}

impl Budget {
    fn new(bytes: usize) -> Self {
        let units = bytes / UNIT;
        Self { room: Semaphore::new(units), units }
    }

    /// Room for a request that may need so many bytes, until it is dropped; none where too many are under way. One that
    /// needs more than all gets all.
    pub fn take(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        let units = bytes.div_ceil(UNIT).clamp(1, self.units);
        self.room.try_acquire_many(u32::try_from(units).unwrap_or(u32::MAX)).ok()
    }
}

/// Room for all bodies.
#[derive(Debug)]
pub struct Budgets {
    /// Every request that takes no more than [`limits::FORM_BYTES`].
    pub forms: Budget,
    /// Batches of responses and events.
    pub devices: Budget,
    /// Lists of dossiers and of agencies.
    pub lists: Budget,
    /// Files of publications.
    pub checks: Budget,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            forms: Budget::new(FORMS),
            devices: Budget::new(DEVICES),
            lists: Budget::new(LISTS),
            checks: Budget::new(CHECKS),
        }
    }
}

/// Routes whose bodies are larger than a form; their handlers take the room, once they know who asks.
const LARGE: [&str; 5] = [
    "/api/v1/responses",
    "/api/v1/field/sync",
    "/cong-bo/kiem-tra",
    "/quan-tri/khung",
    "/quan-tri/dot/{code}/danh-sach",
];

/// How many bytes of a form a request may send: nothing where it sends none, or where its route takes larger ones.
pub(super) fn form_bytes(method: &Method, path: &str, headers: &HeaderMap) -> usize {
    if matches!(*method, Method::GET | Method::HEAD) || LARGE.contains(&path) {
        return 0;
    }
    declared(headers, limits::FORM_BYTES)
}

/// The length that a request states for its body, at most `most`; `most` where it states none.
pub fn declared(headers: &HeaderMap, most: usize) -> usize {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    length.map_or(most, |length| length.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn room_that_is_taken_comes_back() {
        let budget = Budget::new(10 * UNIT);
        let first = budget.take(6 * UNIT).expect("room");
        assert!(budget.take(5 * UNIT).is_none());
        let second = budget.take(4 * UNIT - 1).expect("room");
        assert!(budget.take(1).is_none());
        drop((first, second));
        assert!(budget.take(100 * UNIT).is_some(), "one that needs more than all gets all");
    }

    #[test]
    fn a_request_needs_what_it_states_and_the_most_where_it_states_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(form_bytes(&Method::POST, "/k/{desk}", &headers), limits::FORM_BYTES);
        assert_eq!(form_bytes(&Method::GET, "/k/{desk}", &headers), 0);
        assert_eq!(form_bytes(&Method::POST, "/api/v1/responses", &headers), 0);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("300"));
        assert_eq!(form_bytes(&Method::POST, "/k/{desk}", &headers), 300);
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("99999999999"));
        assert_eq!(form_bytes(&Method::POST, "/k/{desk}", &headers), limits::FORM_BYTES);
    }
}
