//! Which response a post belongs to: the signed one of the address, else the one that script made, else the one of
//! the cookie, else a new one. Pure.

use app::domain::answer::{Score, Sheet};
use app::domain::limits;
use app::domain::questionnaire::Questionnaire;
use app::domain::response::Phase;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::token::{Progress, ResumeToken};

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

/// Decides. `address` is the token of the address where it opens for this phone, `now_ms` milliseconds since 1970, `fresh`
/// a new id.
pub(super) fn identify(
    address: Option<ResumeToken>,
    script: Option<Uuid>,
    cookie: Option<ResumeToken>,
    phase: Phase,
    now_ms: i64,
    fresh: Uuid,
) -> Identity {
    let cookie = cookie.filter(|c| now_ms / 1000 - i64::from(c.at_s) < limits::COOKIE_S);
    // A form after a part of it is the rest; a tap after it is another person, or another dossier.
    let sent = cookie.filter(|c| match c.progress {
        Progress::Open => false,
        Progress::Part => phase == Phase::Tap,
        Progress::Enough | Progress::Sent => true,
    });
    if let Some(token) = address {
        // A page left open for more than a day: the store has closed its tap, the form becomes a response of its own.
        let stale = token.progress == Progress::Open && now_ms - i64::from(token.at_s) * 1000 > limits::OPEN_MS;
        return Identity {
            id: token.id,
            when_closed: if stale { WhenClosed::Derive } else { WhenClosed::Refuse },
            tap: token.tap,
            touched_s: (token.progress == Progress::Open).then_some(token.at_s),
            earlier_s: token.earlier_s,
        };
    }
    if let Some(id) = script.filter(|id| near(*id, now_ms))
        && sent.is_none_or(|c| c.id != id)
    {
        let same = cookie.filter(|c| c.id == id);
        // The address of a page that is older than a day opens no more, and the store has closed its tap.
        let stale = made_ms(id).is_some_and(|made| now_ms - made > limits::OPEN_MS);
        return Identity {
            id,
            when_closed: if stale { WhenClosed::Derive } else { WhenClosed::Refuse },
            tap: same.and_then(|c| c.tap),
            touched_s: same.filter(|c| c.progress == Progress::Open).map(|c| c.at_s),
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
            touched_s: (open.progress == Progress::Open).then_some(open.at_s),
            earlier_s: open.earlier_s,
        },
        (None, None) => {
            Identity { id: fresh, when_closed: WhenClosed::Refuse, tap: None, touched_s: None, earlier_s: None }
        }
    }
}

/// The time inside a UUIDv7, to the second, in milliseconds since 1970.
fn made_ms(id: Uuid) -> Option<i64> {
    let (seconds, _) = id.get_timestamp()?.to_unix();
    i64::try_from(seconds).ok()?.checked_mul(1000)
}

/// Whether the time inside a UUIDv7 is near enough to now.
fn near(id: Uuid, now_ms: i64) -> bool {
    made_ms(id).is_some_and(|made| (made - now_ms).abs() <= ID_WINDOW_MS)
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
    hash.update([phase.code() as u8]);
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

    fn token(n: u128, progress: Progress) -> ResumeToken {
        ResumeToken {
            id: id(n),
            at_s: NOW_S - 60,
            phone: 5,
            bound: true,
            serial: 1,
            tap: Score::new(4),
            progress,
            earlier_s: None,
        }
    }

    fn of(address: Option<ResumeToken>, script: Option<Uuid>, cookie: Option<ResumeToken>) -> Identity {
        identify(address, script, cookie, Phase::Form, NOW_MS, id(99))
    }

    #[test]
    fn the_address_comes_before_script_script_before_the_cookie_the_cookie_before_a_new_one() {
        let (address, cookie) = (Some(token(1, Progress::Open)), Some(token(3, Progress::Open)));
        assert_eq!(of(address, Some(id(2)), cookie).id, id(1));
        assert_eq!(of(None, Some(id(2)), cookie).id, id(2));
        assert_eq!(of(None, None, cookie).id, id(3));
        assert_eq!(of(None, None, None).id, id(99));
    }

    #[test]
    fn an_open_response_keeps_its_tap_and_its_first_touch() {
        let identity = of(None, Some(id(3)), Some(token(3, Progress::Open)));
        assert_eq!((identity.tap, identity.touched_s), (Score::new(4), Some(NOW_S - 60)));
        assert_eq!(identity.earlier_s, None);
    }

    #[test]
    fn after_a_sent_form_the_same_phone_is_known_and_never_refused() {
        let sent = Some(token(3, Progress::Sent));
        let again = of(None, None, sent);
        assert_eq!((again.when_closed, again.earlier_s), (WhenClosed::Derive, Some(NOW_S - 60)));
        assert_eq!(of(None, None, Some(token(3, Progress::Enough))).when_closed, WhenClosed::DeriveAtOnce);
        // Script that did not notice the end counts as the cookie.
        assert_eq!(of(None, Some(id(3)), sent).when_closed, WhenClosed::Derive);
        // Script with a new id: a new response, marked.
        let fresh = of(None, Some(id(4)), sent);
        assert_eq!((fresh.id, fresh.earlier_s), (id(4), Some(NOW_S - 60)));
    }

    #[test]
    fn after_a_part_the_form_is_its_rest_and_a_tap_is_another_answer() {
        let part = Some(token(3, Progress::Part));
        for script in [None, Some(id(3))] {
            assert_eq!((of(None, script, part).id, of(None, script, part).earlier_s), (id(3), None));
            let tap = identify(None, script, part, Phase::Tap, NOW_MS, id(99));
            assert_eq!((tap.when_closed, tap.earlier_s), (WhenClosed::DeriveAtOnce, Some(NOW_S - 60)));
        }
    }

    #[test]
    fn a_form_that_script_began_more_than_a_day_ago_is_not_refused() {
        let old = Uuid::from_u128(id(2).as_u128() - ((25 * 3600 * 1000) << 80));
        assert_eq!((of(None, Some(old), None).id, of(None, Some(old), None).when_closed), (old, WhenClosed::Derive));
    }

    #[test]
    fn a_cookie_is_forgotten_after_twelve_hours() {
        let old = ResumeToken { at_s: NOW_S - 12 * 3600, ..token(3, Progress::Sent) };
        assert_eq!(of(None, None, Some(old)).id, id(99));
    }

    #[test]
    fn an_id_of_another_year_is_not_taken_from_script() {
        let last_year = Uuid::from_u128(id(2).as_u128() - ((365 * 24 * 3600 * 1000) << 80));
        assert_eq!(of(None, Some(last_year), None).id, id(99));
    }

    #[test]
    fn a_page_left_open_over_night_is_not_refused() {
        let stale = ResumeToken { at_s: NOW_S - 25 * 3600, ..token(1, Progress::Open) };
        assert_eq!(of(Some(stale), None, None).when_closed, WhenClosed::Derive);
        let fresh = token(1, Progress::Open);
        assert_eq!(of(Some(fresh), None, None).when_closed, WhenClosed::Refuse);
    }
}
