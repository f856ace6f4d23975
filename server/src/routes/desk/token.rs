//! The resume token of a citizen who is under way: which response this is, how far it has come, and on which phone. The
//! same letters stand in the address (`p`) and in the cookie. They are encrypted and authenticated, and bound to the desk:
//! who reads an address (a proxy's log, a shared link, the history of a browser) learns nothing, the tap included.

use app::domain::answer::Score;
use app::domain::limits;
use app::server_side::keys::Keys;
use app::server_side::seal::ShortSeal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Id, time, phone, serial number (40 bits: a million million), flags.
const FIXED_BYTES: usize = 16 + 4 + 8 + 5 + 1;
/// The label of the keys that tokens are sealed under.
const LABEL: &str = "resume-tokens";

/// How far a response has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The tap is there, it may change and the form may follow.
    Open,
    /// "Thế là đủ" after the tap: over for the person, still open in the store.
    Enough,
    /// The form was sent.
    Sent,
    /// A part of the form was sent, the rest may follow.
    Part,
}

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResumeToken {
    /// The response.
    pub id: Uuid,
    /// While open: first touch; afterwards: when it was sent. Seconds since 1970.
    pub at_s: u32,
    /// A number that the phone keeps from token to token, see [`open`].
    pub phone: u64,
    /// The phone is known to keep cookies: nothing opens without them.
    pub bound: bool,
    /// Its serial number, for the receipt.
    pub serial: i64,
    /// The face that was chosen.
    pub tap: Option<Score>,
    /// How far it has come.
    pub progress: Progress,
    /// When this phone had sent another response before, seconds since 1970.
    pub earlier_s: Option<u32>,
}

/// What a request brings along as its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Nothing: it keeps no cookies, or it is new here.
    Nothing,
    /// A cookie without a token: it was here and keeps cookies.
    Empty,
    /// The token of the last response of this phone.
    Token(ResumeToken),
}

impl Kept {
    pub(super) fn token(self) -> Option<ResumeToken> {
        if let Self::Token(token) = self { Some(token) } else { None }
    }
}

/// What the token of an address gives to whom it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// The address has no token.
    Absent,
    /// The phone that it was made for.
    Own(ResumeToken),
    /// A phone that keeps no cookies, within its visit: the form may follow, the tap is neither shown nor changed.
    Visit(ResumeToken),
    /// Another phone, too late, an old link, or no token at all.
    Closed,
}

impl Opened {
    /// The response that an answer from here belongs to.
    pub(super) fn response(self, tapped: bool) -> Option<ResumeToken> {
        match self {
            Self::Own(token) => Some(token),
            Self::Visit(token) if !tapped && token.progress == Progress::Open => Some(token),
            Self::Visit(_) | Self::Absent | Self::Closed => None,
        }
    }
}

/// Judges the token of an address: it opens on the phone that holds the same number in its cookie; where the phone keeps
/// no cookies, within [`limits::VISIT_S`].
pub(super) fn open(token: ResumeToken, kept: Kept, now_ms: i64) -> Opened {
    let age_s = now_ms / 1000 - i64::from(token.at_s);
    match kept {
        // 0: the system gave no random number when the token was made.
        Kept::Token(own) if own.phone == token.phone && own.phone != 0 => Opened::Own(token),
        Kept::Nothing if !token.bound && age_s <= limits::VISIT_S => Opened::Visit(token),
        _ => Opened::Closed,
    }
}

/// Makes and reads tokens. A token holds at the desk it was made for only.
pub(super) struct Tokens {
    seal: ShortSeal,
}

impl Tokens {
    pub(super) fn new(keys: &Keys) -> Self {
        Self { seal: ShortSeal::new(keys, LABEL) }
    }

    /// The token as text: 83 letters, 88 with an earlier time. None where the cipher fails, which it has no reason to.
    pub(super) fn write(&self, desk: &str, token: &ResumeToken) -> Option<String> {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + 4);
        bytes.extend(token.id.as_bytes());
        bytes.extend(token.at_s.to_be_bytes());
        bytes.extend(token.phone.to_be_bytes());
        bytes.extend(&token.serial.to_be_bytes()[3..]);
        let progress = match token.progress {
            Progress::Open => 0,
            Progress::Enough => 1,
            Progress::Sent => 2,
            Progress::Part => 3,
        };
        bytes.push(token.tap.map_or(0, Score::get) | progress << 3 | u8::from(token.bound) << 5);
        bytes.extend(token.earlier_s.iter().flat_map(|s| s.to_be_bytes()));
        Some(URL_SAFE_NO_PAD.encode(self.seal.seal(&bytes, desk)?))
    }

    /// The token of a text; none for another desk, another key, or anything that was not made here.
    pub(super) fn read(&self, desk: &str, text: &str) -> Option<ResumeToken> {
        let bytes = self.seal.open(&URL_SAFE_NO_PAD.decode(text).ok()?, desk)?;
        let (id, rest) = bytes.split_first_chunk::<16>()?;
        let (at_s, rest) = rest.split_first_chunk::<4>()?;
        let (phone, rest) = rest.split_first_chunk::<8>()?;
        let (serial, rest) = rest.split_first_chunk::<5>()?;
        let (flags, rest) = rest.split_first()?;
        Some(ResumeToken {
            id: Uuid::from_bytes(*id),
            at_s: u32::from_be_bytes(*at_s),
            phone: u64::from_be_bytes(*phone),
            bound: flags >> 5 & 1 == 1,
            serial: serial.iter().fold(0, |n, byte| n << 8 | i64::from(*byte)),
            tap: Score::new(flags & 7),
            progress: match flags >> 3 & 3 {
                0 => Progress::Open,
                1 => Progress::Enough,
                2 => Progress::Sent,
                _ => Progress::Part,
            },
            earlier_s: rest.first_chunk::<4>().map(|s| u32::from_be_bytes(*s)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_541_990_520_000;

    fn tokens(secret: u8) -> Tokens {
        Tokens::new(&Keys::from_bytes([secret; 32]))
    }

    fn token() -> ResumeToken {
        ResumeToken {
            id: Uuid::from_u128(0x0193_2c07_209c_7f3e_8c56_1b2d_3e4f_5a6b),
            at_s: 1_541_990_520,
            phone: 0x0102_0304_0506_0708,
            bound: true,
            serial: 656_099_999_999,
            tap: Score::new(4),
            progress: Progress::Open,
            earlier_s: None,
        }
    }

    #[test]
    fn a_token_reads_back_as_it_was_written() {
        for earlier_s in [None, Some(1_541_990_000)] {
            for progress in [Progress::Open, Progress::Enough, Progress::Sent, Progress::Part] {
                for (tap, bound) in [(None, false), (Score::new(1), true), (Score::new(5), false)] {
                    let token = ResumeToken { tap, bound, progress, earlier_s, ..token() };
                    let text = tokens(7).write("AB2C", &token).expect("written");
                    assert!(text.len() <= 88, "{}", text.len());
                    assert_eq!(tokens(7).read("AB2C", &text), Some(token));
                }
            }
        }
    }

    #[test]
    fn the_letters_tell_nothing_of_the_tap_and_no_letter_can_be_changed() {
        let text = tokens(7).write("AB2C", &token()).expect("written");
        let other = tokens(7).write("AB2C", &ResumeToken { tap: Score::new(5), ..token() }).expect("written");
        let alike = text.bytes().zip(other.bytes()).filter(|(a, b)| a == b).count();
        assert!(alike < 12, "{alike} letters alike: {text} {other}");
        assert_eq!(tokens(7).read("AB2D", &text), None);
        assert_eq!(tokens(8).read("AB2C", &text), None);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(changed == text || tokens(7).read("AB2C", &changed).is_none(), "letter {at}");
        }
        for garbage in ["", "A", "AAAA", &"A".repeat(200), "ế"] {
            assert_eq!(tokens(7).read("AB2C", garbage), None);
        }
    }

    #[test]
    fn a_token_opens_on_its_phone_or_without_cookies_within_the_visit() {
        let (bound, free) = (token(), ResumeToken { bound: false, ..token() });
        let other = Kept::Token(ResumeToken { phone: 9, ..token() });
        let late = NOW_MS + limits::VISIT_S * 1000 + 1000;
        for (token, kept, now_ms, opened) in [
            (bound, Kept::Token(bound), NOW_MS, Opened::Own(bound)),
            (bound, Kept::Token(free), late, Opened::Own(bound)),
            (bound, Kept::Nothing, NOW_MS, Opened::Closed),
            (bound, Kept::Empty, NOW_MS, Opened::Closed),
            (bound, other, NOW_MS, Opened::Closed),
            (free, Kept::Nothing, NOW_MS, Opened::Visit(free)),
            (free, Kept::Nothing, late, Opened::Closed),
            (free, Kept::Empty, NOW_MS, Opened::Closed),
            (free, other, NOW_MS, Opened::Closed),
        ] {
            assert_eq!(open(token, kept, now_ms), opened, "{kept:?}");
        }
        assert_eq!(Opened::Visit(free).response(true), None, "a tap is not changed");
        assert_eq!(Opened::Visit(free).response(false), Some(free));
        let part = ResumeToken { progress: Progress::Part, ..free };
        assert_eq!(Opened::Visit(part).response(false), None);
    }
}
