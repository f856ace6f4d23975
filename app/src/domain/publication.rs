//! A publication (bản công bố): frozen figures as one file that anybody can check without a database.
//!
//! # The file
//! `{"bundle":…,"envelope":…}` in canonical JSON: UTF-8, the keys of every object in the order of their bytes, no space
//! between signs, texts escaped only where JSON asks for it, counts as integers, every other number as a text with four
//! decimals (a share of 0.8462 is `"0.8462"`, which pages print as 84,62%), one line end after the last brace.
//!
//! `bundle` holds the figures, what they rest on, the number of the publication and the hash of the one before.
//! `envelope.hash` is the SHA-256 of the canonical bytes of `bundle`, `envelope.signature` an Ed25519 signature (RFC
//! 8032) of `"hailong-cong-bo-1\n"` and these 32 bytes under `envelope.key`. The code of a publication is the front of its
//! hash: `4F7A`.
//!
//! Pure: hashing and the check of a signature come in as [`Crypto`].

mod file_check;

use std::fmt;

use serde_json::Value;

use super::hex::{from_hex, hex};
use super::text::Lang;

pub use file_check::{recognise, weight};

/// The name of this layout, first word of what is signed.
pub const FORMAT: &str = "hailong-cong-bo-1";
/// What every file of a publication begins with.
pub const FIRST_BYTES: &[u8] = b"{\"bundle\":{";
/// The hash before the first publication.
pub const NOTHING_BEFORE: [u8; 32] = [0; 32];

/// SHA-256 and Ed25519.
pub trait Crypto {
    /// SHA-256.
    fn sha256(&self, bytes: &[u8]) -> [u8; 32];
    /// Whether `signature` is one of `message` under `key`.
    fn is_signed(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

/// The front of a hash, as people write it: "4F7A".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code([u8; 2]);

impl Code {
    /// The code of a hash.
    pub fn of(hash: &[u8; 32]) -> Self {
        Self([hash[0], hash[1]])
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02X}{:02X}", self.0[0], self.0[1])
    }
}

/// Canonical JSON of a value.
///
/// ```
/// use app::domain::publication::canonical;
/// let value = serde_json::json!({"n": 2004, "index": 0.8462, "a": ["Cần Thơ", null, true]});
/// assert_eq!(canonical(&value), r#"{"a":["Cần Thơ",null,true],"index":"0.8462","n":2004}"#);
/// ```
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_bytes());
            out.push('{');
            for (at, (key, value)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(share) => out.push_str(&format!("\"{share:.4}\"")),
            None => out.push_str(&number.to_string()),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&value.to_string()),
    }
}

/// What is signed.
pub fn message(hash: &[u8; 32]) -> Vec<u8> {
    [FORMAT.as_bytes(), b"\n", hash].concat()
}

/// What makes a bundle a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// SHA-256 of the bundle.
    pub hash: [u8; 32],
    /// The public key.
    pub key: [u8; 32],
    /// The signature.
    pub signature: [u8; 64],
}

/// The file of a publication: `bundle` is its canonical JSON.
pub fn file(bundle: &str, seal: &Seal) -> String {
    let envelope = serde_json::json!({
        "algorithm": "Ed25519, SHA-256",
        "hash": hex(&seal.hash),
        "key": hex(&seal.key),
        "signature": hex(&seal.signature),
    });
    format!("{{\"bundle\":{bundle},\"envelope\":{}}}\n", canonical(&envelope))
}

/// A file that was opened and holds what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Number of the publication.
    pub number: i32,
    /// Hash of the one before.
    pub previous: [u8; 32],
    /// Its seal.
    pub seal: Seal,
    /// Name of the round.
    pub round: String,
    /// When it was published, as it says.
    pub published_at: String,
    /// The figures are simulated.
    pub sample_data: bool,
    /// The number of the publication that it corrects.
    pub corrects: Option<i64>,
    /// All of it.
    pub bundle: Value,
}

/// Why a file is not a publication as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is something else, or cut short.
    NotAPublication,
    /// Its layout is of another version.
    OtherFormat(String),
    /// It reads as JSON and is not spelled as publications are: something was changed by hand, at this byte.
    Spelling(usize),
    /// The figures are not those of the hash: they were changed.
    Changed,
    /// The hash was not signed under the key that stands beside it.
    Signature,
    /// It is whole, and signed under a key that is not ours.
    ForeignKey([u8; 32]),
}

impl Fault {
    /// In words.
    pub fn words(&self, lang: Lang) -> String {
        let (vi, en) = match self {
            Self::NotAPublication => (
                "Đây không phải tệp bản công bố, hoặc tệp bị cắt mất phần cuối.".to_owned(),
                "This is not the file of a publication, or its end is missing.".to_owned(),
            ),
            Self::OtherFormat(name) => (
                format!("Tệp dùng định dạng “{name}” mà chương trình này không biết."),
                format!("The file has the format “{name}”, which this program does not know."),
            ),
            Self::Spelling(at) => (
                format!("Tệp đã bị sửa: cách viết ở byte thứ {} không còn đúng như khi công bố.", at + 1),
                format!("The file was changed: its spelling at byte {} is not that of a publication.", at + 1),
            ),
            Self::Changed => (
                "Nội dung đã bị sửa sau khi công bố: mã băm của số liệu không khớp với mã trong tệp.".to_owned(),
                "The content was changed after publication: the figures do not have the hash that the file names."
                    .to_owned(),
            ),
            Self::Signature => (
                "Chữ ký không khớp với mã băm: mã băm, khoá hoặc chữ ký trong tệp đã bị sửa.".to_owned(),
                "The signature is not one of this hash: hash, key or signature in the file were changed.".to_owned(),
            ),
            Self::ForeignKey(key) => (
                format!(
                    "Tệp còn nguyên vẹn nhưng được ký bằng khoá khác ({}…): nơi này không công bố nó.",
                    hex(key).get(..16).unwrap_or_default()
                ),
                format!(
                    "The file is whole, but signed under another key ({}…): it was not published here.",
                    hex(key).get(..16).unwrap_or_default()
                ),
            ),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// Opens a file and checks spelling, hash and signature; with `ours`, also that it was signed under this key.
///
/// ```
/// use app::domain::publication::{Fault, open};
/// use app::server_side::publication::Sha2AndEd25519;
/// assert_eq!(open(b"SQLite format 3\0", None, &Sha2AndEd25519), Err(Fault::NotAPublication));
/// ```
pub fn open(bytes: &[u8], ours: Option<&[u8; 32]>, crypto: &impl Crypto) -> Result<Opened, Fault> {
    if !bytes.starts_with(FIRST_BYTES) {
        return Err(Fault::NotAPublication);
    }
    let whole: Value = serde_json::from_slice(bytes).map_err(|_| Fault::NotAPublication)?;
    let again = canonical(&whole) + "\n";
    if let Some(at) = first_other_byte(again.as_bytes(), bytes) {
        return Err(Fault::Spelling(at));
    }
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(bundle), Some(envelope)) = (whole.get("bundle"), whole.get("envelope")) else {
        return Err(Fault::NotAPublication);
    };
    match text(bundle, "format") {
        Some(format) if format == FORMAT => {}
        Some(format) => return Err(Fault::OtherFormat(format.chars().take(40).collect())),
        None => return Err(Fault::NotAPublication),
    }
    let hash = text(envelope, "hash").and_then(|hash| from_hex::<32>(&hash)).ok_or(Fault::Changed)?;
    if crypto.sha256(canonical(bundle).as_bytes()) != hash {
        return Err(Fault::Changed);
    }
    let key = text(envelope, "key").and_then(|key| from_hex::<32>(&key)).ok_or(Fault::Signature)?;
    let signature = text(envelope, "signature").and_then(|text| from_hex::<64>(&text)).ok_or(Fault::Signature)?;
    if !crypto.is_signed(&key, &message(&hash), &signature) {
        return Err(Fault::Signature);
    }
    let seal = Seal { hash, key, signature };
    // The envelope, too, says nothing but what we would have written: the name of the algorithm, the case of a digit.
    if let Some(at) = first_other_byte(file(&canonical(bundle), &seal).as_bytes(), bytes) {
        return Err(Fault::Spelling(at));
    }
    if ours.is_some_and(|ours| *ours != key) {
        return Err(Fault::ForeignKey(key));
    }
    let number = bundle.get("number").and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok());
    let previous = text(bundle, "previous").and_then(|hash| from_hex::<32>(&hash));
    let (Some(number), Some(previous)) = (number, previous) else { return Err(Fault::NotAPublication) };
    Ok(Opened {
        number,
        previous,
        seal,
        round: bundle.get("round").and_then(|round| text(round, "name")).unwrap_or_default(),
        published_at: text(bundle, "published_at").unwrap_or_default(),
        sample_data: bundle.get("sample_data").and_then(Value::as_bool).unwrap_or(true),
        corrects: bundle.get("corrects").and_then(Value::as_i64),
        bundle: bundle.clone(),
    })
}

fn first_other_byte(one: &[u8], other: &[u8]) -> Option<usize> {
    let differs = one.iter().zip(other).position(|(a, b)| a != b);
    differs.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))
}

/// The first place at which two values differ, as a path: "streams/0/agencies/3/figure/share".
pub fn first_difference(one: &Value, other: &Value) -> Option<String> {
    let below = |key: &str, one: Option<&Value>, other: Option<&Value>| {
        let (Some(one), Some(other)) = (one, other) else { return Some(key.to_owned()) };
        let path = first_difference(one, other)?;
        Some(if path.is_empty() { key.to_owned() } else { format!("{key}/{path}") })
    };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            keys.into_iter().find_map(|key| below(key, one.get(key), other.get(key)))
        }
        (Value::Array(one), Value::Array(other)) => {
            (0..one.len().max(other.len())).find_map(|at| below(&at.to_string(), one.get(at), other.get(at)))
        }
        (one, other) => (one != other).then(String::new),
    }
}

/// One publication in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub number: i32,
    /// The hash that it names as the one before.
    pub previous: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
}

/// Where the chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// This number is not there.
    Missing(i32),
    /// This one names another one before it than the one that is there.
    Other(i32),
}

impl Break {
    /// In words.
    pub fn words(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Missing(number), Lang::Vi) => format!("Chuỗi bị đứt: thiếu bản công bố số {number}."),
            (Self::Missing(number), Lang::En) => format!("The chain is broken: publication No. {number} is missing."),
            (Self::Other(number), Lang::Vi) => {
                format!("Chuỗi bị đứt: bản công bố số {number} không nối với bản đứng trước nó.")
            }
            (Self::Other(number), Lang::En) => {
                format!("The chain is broken: publication No. {number} does not follow the one before it.")
            }
        }
    }
}

/// Walks the chain from its first publication; the links come in the order of their numbers.
pub fn walk(links: &[Link]) -> Result<(), Break> {
    let mut before = NOTHING_BEFORE;
    for (number, link) in (1..).zip(links) {
        if link.number != number {
            return Err(Break::Missing(number));
        }
        if link.previous != before {
            return Err(Break::Other(number));
        }
        before = link.hash;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Adds up, which is enough to see who asks what.
    struct Sum;

    impl Crypto for Sum {
        fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
            let mut sum = [0_u8; 32];
            for (at, byte) in bytes.iter().enumerate() {
                sum[at % 32] = sum[at % 32].wrapping_mul(31).wrapping_add(*byte);
            }
            sum
        }

        fn is_signed(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
            let sum = self.sha256(message);
            signature[..32] == sum && signature[32..] == *key
        }
    }

    fn sealed(bundle: &Value, key: [u8; 32]) -> String {
        let bundle = canonical(bundle);
        let hash = Sum.sha256(bundle.as_bytes());
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&Sum.sha256(&message(&hash)));
        signature[32..].copy_from_slice(&key);
        file(&bundle, &Seal { hash, key, signature })
    }

    fn bundle() -> Value {
        json!({
            "format": FORMAT, "number": 2, "previous": hex(&[3; 32]), "round": {"name": "Đợt 2018"},
            "published_at": "2018-12-01T08:00:00+07:00", "sample_data": false, "corrects": null,
            "streams": [{"city": {"figure": {"share": 0.8462}}}],
        })
    }

    #[test]
    fn what_is_no_publication_is_told_so() {
        for other in [&b""[..], b"SQLite format 3\0", b"{}", b"{\"bundle\":{", b"{\"bundle\":{}}\n"] {
            assert_eq!(open(other, None, &Sum), Err(Fault::NotAPublication), "{other:?}");
        }
    }

    #[test]
    fn one_changed_byte_anywhere_is_found() {
        let good = sealed(&bundle(), [7; 32]);
        assert!(open(good.as_bytes(), Some(&[7; 32]), &Sum).is_ok());
        for at in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1;
            assert!(open(&bytes, Some(&[7; 32]), &Sum).is_err(), "byte {at}");
        }
        assert!(open(&good.as_bytes()[..good.len() - 1], None, &Sum).is_err());
        assert_eq!(open(format!("{good} ").as_bytes(), None, &Sum), Err(Fault::Spelling(good.len())));
    }

    #[test]
    fn a_changed_figure_with_a_new_hash_lacks_the_signature() {
        let good = sealed(&bundle(), [7; 32]);
        let mut other = bundle();
        other["streams"][0]["city"]["figure"]["share"] = json!(0.9462);
        let forged = canonical(&other);
        let opened = open(good.as_bytes(), None, &Sum).expect("whole");
        let forged = file(&forged, &Seal { hash: Sum.sha256(forged.as_bytes()), ..opened.seal });
        assert_eq!(open(forged.as_bytes(), None, &Sum), Err(Fault::Signature));
    }

    #[test]
    fn the_key_of_another_installation_is_refused_in_words() {
        let theirs = sealed(&bundle(), [8; 32]);
        let fault = open(theirs.as_bytes(), Some(&[7; 32]), &Sum).expect_err("refused");
        assert_eq!(fault, Fault::ForeignKey([8; 32]));
        assert!(fault.words(Lang::Vi).contains("khoá khác (0808080808080808…)"), "{}", fault.words(Lang::Vi));
        assert!(open(theirs.as_bytes(), None, &Sum).is_ok(), "without a key at hand only the file is judged");
    }

    #[test]
    fn a_removed_publication_breaks_the_chain() {
        let link = |number, before: u8, own: u8| Link { number, previous: [before; 32], hash: [own; 32] };
        let all = [link(1, 0, 1), link(2, 1, 2), link(3, 2, 3)];
        assert_eq!(walk(&all), Ok(()));
        assert_eq!(walk(&all[..0]), Ok(()));
        assert_eq!(walk(&all[1..]), Err(Break::Missing(1)));
        assert_eq!(walk(&[all[0], all[2]]), Err(Break::Missing(2)));
        assert_eq!(walk(&[all[0], link(2, 2, 3)]), Err(Break::Other(2)), "renumbered");
    }

    #[test]
    fn a_difference_has_a_place() {
        let mut other = bundle();
        other["streams"][0]["city"]["figure"]["share"] = json!(0.9462);
        assert_eq!(first_difference(&bundle(), &other).as_deref(), Some("streams/0/city/figure/share"));
        assert_eq!(first_difference(&bundle(), &bundle()), None);
    }

    #[test]
    fn a_code_is_the_front_of_the_hash() {
        let mut hash = [0; 32];
        (hash[0], hash[1]) = (0x4f, 0x7a);
        assert_eq!(Code::of(&hash).to_string(), "4F7A");
        assert_eq!(from_hex::<2>("4f7A"), Some([0x4f, 0x7a]));
        assert_eq!((from_hex::<2>("4f7"), from_hex::<2>("4f7ag"), from_hex::<2>("4f7g")), (None, None, None));
    }
}
