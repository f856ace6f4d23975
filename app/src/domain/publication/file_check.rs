//! A first look at a file that anybody may send: whether it is one of ours byte by byte, and how much memory it would take
//! to read. Neither reads it as JSON.

use serde_json::Value;

use super::{Crypto, FIRST_BYTES, Seal, file, message};
use crate::domain::hex::from_hex;

/// Longest end of a file, from its envelope on, in bytes: four times what an envelope takes.
const ENVELOPE_BYTES: usize = 2_048;

/// The seal of a file that is byte by byte as we make them, signed under `ours`. None for every other file: then
/// [`super::open`] finds what is wrong with it.
pub fn recognise(bytes: &[u8], ours: &[u8; 32], crypto: &impl Crypto) -> Option<Seal> {
    const BEFORE: &[u8] = b"{\"bundle\":";
    const BETWEEN: &[u8] = b",\"envelope\":";
    if !bytes.starts_with(FIRST_BYTES) {
        return None;
    }
    let from = bytes.len().saturating_sub(ENVELOPE_BYTES);
    let tail = bytes.get(from..)?;
    let cut = from + tail.windows(BETWEEN.len()).rposition(|window| window == BETWEEN)?;
    let bundle = bytes.get(BEFORE.len()..cut)?;
    let end = bytes.get(cut..)?;
    let envelope = end.get(BETWEEN.len()..)?.strip_suffix(b"}\n")?;
    let envelope: Value = serde_json::from_slice(envelope).ok()?;
    let text = |key: &str| envelope.get(key).and_then(Value::as_str);
    let seal = Seal {
        hash: from_hex::<32>(text("hash")?)?,
        key: from_hex::<32>(text("key")?)?,
        signature: from_hex::<64>(text("signature")?)?,
    };
    let as_made = file("", &seal);
    (seal.key == *ours
        && as_made.as_bytes().strip_prefix(BEFORE) == Some(end)
        && crypto.sha256(bundle) == seal.hash
        && crypto.is_signed(&seal.key, &message(&seal.hash), &seal.signature))
    .then_some(seal)
}

/// About how many bytes of memory a JSON text takes once it is read: never less than half of it. Brackets and commas within
/// strings do not count.
pub fn weight(json: &[u8]) -> u64 {
    let (mut weight, mut quoted, mut escaped) = (json.len() as u64, false, false);
    for byte in json {
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        weight += match byte {
            // A node of a map has room for 11 members, an array for 4 to begin with.
            b'{' => 640,
            b'[' => 160,
            b':' => 120,
            b',' => 64,
            b'"' => {
                quoted = true;
                32
            }
            _ => 0,
        };
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_and_unfolds_is_heavy_and_what_is_in_strings_is_not() {
        assert!(weight(b"[{\"\":0},{\"\":0}]") > 40 * 17);
        assert_eq!(weight(b"\"[{,:\\\"[[\""), 10 + 32);
        let long = format!("\"{}\"", "x".repeat(1_000));
        assert!(weight(long.as_bytes()) < 1_100);
    }
}
