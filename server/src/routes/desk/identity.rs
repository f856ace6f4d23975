//! Which response a post belongs to: the signed one of the address, else the one that script made, else the one of
//! the cookie, else a new one. Pure.

use app::domain::answer::{Score, Sheet};
use app::domain::limits;
use app::domain::questionnaire::Questionnaire;
use app::domain::response::Phase;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::pass::{Pass, Progress};

/// What an id of script may be off the server's clock, in milliseconds: a phone that is days wrong still gets its
/// resends recognised, but nobody sows ids over the years.
const ID_WINDOW_MS: i64 = 7 * 24 * 3600 * 1000;

/// What to do when the response is closed already and holds other answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenClosed {
    /// Say so: the same response was meant.
    Refuse,
    /// Another person, or another dossier, at the same phone: take it under an id derived from this one.
    Derive,
    /// The same, without trying this id first: in the store it is still open and would be changed.
    DeriveAtOnce,
}

/// The response that a post belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Its id.
    pub id: Uuid,
    /// When closed with other answers.
    pub when_closed: WhenClosed,
    /// The face chosen before, where known.
    pub tap: Option<Score>,
    /// First touch, where known, seconds since 1970.
    pub touched_s: Option<u32>,
    /// When this phone had sent another response, seconds since 1970.
    pub earlier_s: Option<u32>,
}

/// Decides. `now_ms` is milliseconds since 1970, `fresh` a new id.
pub(super) fn identify(
    address: Option<Pass>,
    script: Option<Uuid>,
    cookie: Option<Pass>,
    now_ms: i64,
    fresh: Uuid,
) -> Identity {
    let cookie = cookie.filter(|c| now_ms / 1000 - i64::from(c.at_s) < limits::COOKIE_S);
    let sent = cookie.filter(|c| c.progress != Progress::Open);
    if let Some(pass) = address {
        // A page left open for more than a day: the store has closed its tap, the form becomes a response of its own.
        let stale = pass.progress == Progress::Open && now_ms - i64::from(pass.at_s) * 1000 > limits::OPEN_MS;
        return Identity {
            id: pass.id,
            when_closed: if stale { WhenClosed::Derive } else { WhenClosed::Refuse },
            tap: pass.tap,
            touched_s: (pass.progress == Progress::Open).then_some(pass.at_s),
            earlier_s: pass.earlier_s,
        };
    }
    if let Some(id) = script.filter(|id| near(*id, now_ms))
        && sent.is_none_or(|c| c.id != id)
    {
        let same = cookie.filter(|c| c.id == id);
        return Identity {
            id,
            when_closed: WhenClosed::Refuse,
            tap: same.and_then(|c| c.tap),
            touched_s: same.map(|c| c.at_s),
            earlier_s: sent.map(|c| c.at_s),
        };
    }
    match (cookie, sent) {
        (_, Some(sent)) => Identity {
            id: sent.id,
            when_closed: if sent.progress == Progress::Sent { WhenClosed::Derive } else { WhenClosed::DeriveAtOnce },
            tap: None,
            touched_s: None,
            earlier_s: Some(sent.at_s),
        },
        (Some(open), None) => Identity {
            id: open.id,
            when_closed: WhenClosed::Derive,
            tap: open.tap,
            touched_s: Some(open.at_s),
            earlier_s: open.earlier_s,
        },
        (None, None) => {
            Identity { id: fresh, when_closed: WhenClosed::Refuse, tap: None, touched_s: None, earlier_s: None }
        }
    }
}

/// Whether the time inside a UUIDv7 is near enough to now.
fn near(id: Uuid, now_ms: i64) -> bool {
    let made = id.get_timestamp().map(|t| t.to_unix());
    made.and_then(|(s, _)| i64::try_from(s).ok()).is_some_and(|s| (s * 1000 - now_ms).abs() <= ID_WINDOW_MS)
}

/// The id of what the same phone says next: the same for the same answers, so that a resend is found again. Keeps the
/// time of the old id in front, for the order of the index.
pub(super) fn derived(
    old: Uuid,
    phase: Phase,
    sheet: &Sheet,
    comment: Option<&str>,
    questionnaire: &Questionnaire,
) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(old.as_bytes());
    hash.update([u8::from(phase == Phase::Form)]);
    let packed = sheet.pack(questionnaire);
    hash.update((packed.len() as u64).to_be_bytes());
    hash.update(packed);
    hash.update(comment.unwrap_or_default());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes[..6].copy_from_slice(&old.as_bytes()[..6]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_733_000_000_000;
    const NOW_S: u32 = 1_733_000_000;

    fn id(n: u128) -> Uuid {
        let ms = u128::from(NOW_MS.unsigned_abs());
        Uuid::from_u128(ms << 80 | 7 << 76 | 0b10 << 62 | n)
    }

    fn pass(n: u128, progress: Progress) -> Pass {
        Pass { id: id(n), at_s: NOW_S - 60, serial: 1, tap: Score::new(4), progress, earlier_s: None }
    }

    fn of(address: Option<Pass>, script: Option<Uuid>, cookie: Option<Pass>) -> Identity {
        identify(address, script, cookie, NOW_MS, id(99))
    }

    #[test]
    fn the_address_comes_before_script_script_before_the_cookie_the_cookie_before_a_new_one() {
        let (address, cookie) = (Some(pass(1, Progress::Open)), Some(pass(3, Progress::Open)));
        assert_eq!(of(address, Some(id(2)), cookie).id, id(1));
        assert_eq!(of(None, Some(id(2)), cookie).id, id(2));
        assert_eq!(of(None, None, cookie).id, id(3));
        assert_eq!(of(None, None, None).id, id(99));
    }

    #[test]
    fn an_open_response_keeps_its_tap_and_its_first_touch() {
        let identity = of(None, Some(id(3)), Some(pass(3, Progress::Open)));
        assert_eq!((identity.tap, identity.touched_s), (Score::new(4), Some(NOW_S - 60)));
        assert_eq!(identity.earlier_s, None);
    }

    #[test]
    fn after_a_sent_form_the_same_phone_is_known_and_never_refused() {
        let sent = Some(pass(3, Progress::Sent));
        let again = of(None, None, sent);
        assert_eq!((again.when_closed, again.earlier_s), (WhenClosed::Derive, Some(NOW_S - 60)));
        assert_eq!(of(None, None, Some(pass(3, Progress::Enough))).when_closed, WhenClosed::DeriveAtOnce);
        // Script that did not notice the end counts as the cookie.
        assert_eq!(of(None, Some(id(3)), sent).when_closed, WhenClosed::Derive);
        // Script with a new id: a new response, marked.
        let fresh = of(None, Some(id(4)), sent);
        assert_eq!((fresh.id, fresh.earlier_s), (id(4), Some(NOW_S - 60)));
    }

    #[test]
    fn a_cookie_is_forgotten_after_twelve_hours() {
        let old = Pass { at_s: NOW_S - 12 * 3600, ..pass(3, Progress::Sent) };
        assert_eq!(of(None, None, Some(old)).id, id(99));
    }

    #[test]
    fn an_id_of_another_year_is_not_taken_from_script() {
        let last_year = Uuid::from_u128(id(2).as_u128() - ((365 * 24 * 3600 * 1000) << 80));
        assert_eq!(of(None, Some(last_year), None).id, id(99));
    }

    #[test]
    fn a_page_left_open_over_night_is_not_refused() {
        let stale = Pass { at_s: NOW_S - 25 * 3600, ..pass(1, Progress::Open) };
        assert_eq!(of(Some(stale), None, None).when_closed, WhenClosed::Derive);
        let fresh = pass(1, Progress::Open);
        assert_eq!(of(Some(fresh), None, None).when_closed, WhenClosed::Refuse);
    }
}
