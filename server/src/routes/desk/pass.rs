//! The pass of a citizen who is under way: which response this is and how far it has come, signed, short enough for
//! an address. The same bytes stand in the address (`p`) and in the cookie; neither says who, neither holds an answer
//! but the tap.

use app::domain::answer::Score;
use app::server_side::keys::{KEY_BYTES, mac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Bytes of the signature: HMAC-SHA256, cut to the strength of the id.
const MAC_BYTES: usize = 16;
/// Id, time, serial number (40 bits: a million million), flags.
const FIXED_BYTES: usize = 16 + 4 + 5 + 1;

/// How far a response has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The tap is there, it may change and the form may follow.
    Open,
    /// "Thế là đủ" after the tap: over for the person, still open in the store.
    Enough,
    /// The form was sent.
    Sent,
}

/// What a pass says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    /// The response.
    pub id: Uuid,
    /// While open: first touch; afterwards: when it was sent. Seconds since 1970.
    pub at_s: u32,
    /// Its serial number, for the receipt.
    pub serial: i64,
    /// The face that was chosen.
    pub tap: Option<Score>,
    /// How far it has come.
    pub progress: Progress,
    /// When this phone had sent another response before, seconds since 1970.
    pub earlier_s: Option<u32>,
}

/// Signs and reads passes. A pass holds at the desk it was made for only.
#[derive(Clone)]
pub(super) struct Passes {
    key: [u8; KEY_BYTES],
}

impl Passes {
    pub(super) fn new(key: [u8; KEY_BYTES]) -> Self {
        Self { key }
    }

    /// The pass as text: 56 letters, 62 with an earlier time.
    pub(super) fn sign(&self, desk: &str, pass: &Pass) -> String {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + 4 + MAC_BYTES);
        bytes.extend(pass.id.as_bytes());
        bytes.extend(pass.at_s.to_be_bytes());
        bytes.extend(&pass.serial.to_be_bytes()[3..]);
        let progress = match pass.progress {
            Progress::Open => 0,
            Progress::Enough => 1,
            Progress::Sent => 2,
        };
        let earlier = u8::from(pass.earlier_s.is_some());
        bytes.push(pass.tap.map_or(0, Score::get) | progress << 3 | earlier << 5);
        bytes.extend(pass.earlier_s.iter().flat_map(|s| s.to_be_bytes()));
        let signature = self.signature(desk, &bytes);
        bytes.extend(signature);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The pass of a text; none for another desk, another key, or anything that was not signed here.
    pub(super) fn read(&self, desk: &str, text: &str) -> Option<Pass> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, signature) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        // Constant time: every byte is looked at.
        let differs = self.signature(desk, body).iter().zip(signature).fold(0, |all, (a, b)| all | (a ^ b));
        if differs != 0 {
            return None;
        }
        let (id, rest) = body.split_first_chunk::<16>()?;
        let (at_s, rest) = rest.split_first_chunk::<4>()?;
        let (serial, rest) = rest.split_first_chunk::<5>()?;
        let (flags, rest) = rest.split_first()?;
        Some(Pass {
            id: Uuid::from_bytes(*id),
            at_s: u32::from_be_bytes(*at_s),
            serial: serial.iter().fold(0, |n, byte| n << 8 | i64::from(*byte)),
            tap: Score::new(flags & 7),
            progress: match flags >> 3 & 3 {
                0 => Progress::Open,
                1 => Progress::Enough,
                2 => Progress::Sent,
                _ => return None,
            },
            earlier_s: rest.first_chunk::<4>().map(|s| u32::from_be_bytes(*s)),
        })
    }

    fn signature(&self, desk: &str, body: &[u8]) -> [u8; MAC_BYTES] {
        let mut signed = Vec::with_capacity(desk.len() + 1 + body.len());
        signed.extend(desk.as_bytes());
        signed.push(0);
        signed.extend(body);
        let mut out = [0; MAC_BYTES];
        out.copy_from_slice(&mac(&self.key, &signed)[..MAC_BYTES]);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass() -> Pass {
        Pass {
            id: Uuid::from_u128(0x0193_2c07_209c_7f3e_8c56_1b2d_3e4f_5a6b),
            at_s: 1_541_990_520,
            serial: 656_099_999_999,
            tap: Score::new(4),
            progress: Progress::Open,
            earlier_s: None,
        }
    }

    #[test]
    fn a_pass_reads_back_as_it_was_signed() {
        let passes = Passes::new([7; KEY_BYTES]);
        for earlier_s in [None, Some(1_541_990_000)] {
            for progress in [Progress::Open, Progress::Enough, Progress::Sent] {
                for tap in [None, Score::new(1), Score::new(5)] {
                    let pass = Pass { tap, progress, earlier_s, ..pass() };
                    let text = passes.sign("AB2C", &pass);
                    assert!(text.len() <= 62, "{}", text.len());
                    assert_eq!(passes.read("AB2C", &text), Some(pass));
                }
            }
        }
    }

    #[test]
    fn another_desk_another_key_and_a_changed_letter_are_refused() {
        let passes = Passes::new([7; KEY_BYTES]);
        let text = passes.sign("AB2C", &pass());
        assert_eq!(passes.read("AB2D", &text), None);
        assert_eq!(Passes::new([8; KEY_BYTES]).read("AB2C", &text), None);
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            if changed != text {
                assert_ne!(passes.read("AB2C", &changed), Some(pass()), "letter {at}");
            }
        }
        for garbage in ["", "A", "AAAA", &"A".repeat(200), "ế"] {
            assert_eq!(passes.read("AB2C", garbage), None);
        }
    }
}
