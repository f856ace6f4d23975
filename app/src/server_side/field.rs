//! Keys of the field: those that answers are sealed to, those of receipts, and the codes that enrol a device.

use super::keys::{KEY_BYTES, Keys, mac};
use crate::domain::hex::{from_hex, hex};
use crate::domain::ids::DeviceId;
use crate::domain::limits;
use crate::domain::round::{CODE_ALPHABET, normalise_code};
use crate::offline::seal::RoundKeys;

/// What a token that only sends begins with.
const SEND: &str = "send.";

/// Whether two proofs are the same; how much of them is takes no longer to say.
fn same(one: &[u8; KEY_BYTES], other: &[u8; KEY_BYTES]) -> bool {
    one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Derived once for a request; cheap.
#[derive(Clone, Debug)]
pub struct FieldKeys<'a> {
    keys: &'a Keys,
}

impl<'a> FieldKeys<'a> {
    /// Under the secret key.
    pub fn new(keys: &'a Keys) -> Self {
        Self { keys }
    }

    /// The key of a device's receipts: the MAC of its key under `field-receipts`.
    pub fn receipt_key(&self, device: DeviceId) -> [u8; KEY_BYTES] {
        mac(&self.keys.derive("field-receipts"), &device.0.to_be_bytes())
    }

    /// A token with which a device sends and takes nothing: it opens no kit, and so no name. The server knows it by
    /// making it again.
    pub fn send_token(&self, device: DeviceId) -> String {
        let proof = mac(&self.keys.derive("field-send"), &device.0.to_be_bytes());
        format!("{SEND}{}.{}", device.0, hex(&proof))
    }

    /// The device of such a token; none where the server has not made it.
    pub fn sender(&self, token: &str) -> Option<DeviceId> {
        let (device, proof) = token.strip_prefix(SEND)?.split_once('.')?;
        let device = DeviceId(device.parse().ok()?);
        let known = mac(&self.keys.derive("field-send"), &device.0.to_be_bytes());
        from_hex::<KEY_BYTES>(proof).filter(|proof| same(proof, &known)).map(|_| device)
    }

    /// Name and public half of the key of a round.
    pub fn sealing(&self, round: &str) -> (String, [u8; KEY_BYTES]) {
        (round.to_owned(), self.round(round).public)
    }

    /// Both halves of the key with this name, which is the code of its round.
    pub fn round(&self, name: &str) -> RoundKeys {
        RoundKeys::derive(&self.keys.derive(&format!("sealing/{name}")))
    }
}

/// What the database keeps of an enrolment code: its HMAC, so that the table is of no use to who reads it.
pub fn code_mac(keys: &Keys, code: &str) -> [u8; KEY_BYTES] {
    mac(&keys.derive("field-enrolment"), normalise_code(code).as_bytes())
}

/// A new enrolment code, in groups of four letters that are not mistaken for each other.
///
/// # Errors
/// The system gave no random bytes.
pub fn new_code() -> Result<String, getrandom::Error> {
    /// Multiples of the alphabet's 30 letters below 256: bytes above would favour the first letters.
    const FAIR: u8 = 240;
    let mut code = String::with_capacity(limits::ENROLMENT_LETTERS + 2);
    let mut letters = 0;
    while letters < limits::ENROLMENT_LETTERS {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        for byte in bytes.into_iter().filter(|byte| *byte < FAIR) {
            if letters == limits::ENROLMENT_LETTERS {
                break;
            }
            if letters > 0 && letters % 4 == 0 {
                code.push('-');
            }
            let letter = CODE_ALPHABET.get(usize::from(byte) % CODE_ALPHABET.len());
            code.extend(letter.map(|letter| char::from(*letter)));
            letters += 1;
        }
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_letters_that_nobody_mistakes_and_is_found_however_it_is_typed() {
        let code = new_code().expect("random");
        assert_eq!(code.len(), limits::ENROLMENT_LETTERS + 2);
        assert!(code.bytes().all(|b| b == b'-' || CODE_ALPHABET.contains(&b)), "{code}");
        assert_ne!(code, new_code().expect("random"));
        let keys = Keys::from_bytes([1; 32]);
        let typed = code.replace('-', " ").to_lowercase();
        assert_eq!(code_mac(&keys, &code), code_mac(&keys, &typed));
        assert_ne!(code_mac(&keys, &code), code_mac(&Keys::from_bytes([2; 32]), &code));
    }

    #[test]
    fn a_token_that_sends_is_of_one_device_and_of_this_server() {
        let keys = Keys::from_bytes([1; 32]);
        let field = FieldKeys::new(&keys);
        let token = field.send_token(DeviceId(7));
        assert_eq!(field.sender(&token), Some(DeviceId(7)));
        assert_eq!(field.sender(&token.replacen(".7.", ".8.", 1)), None);
        assert_eq!(field.sender("send.7."), None);
        assert_eq!(FieldKeys::new(&Keys::from_bytes([2; 32])).sender(&token), None);
    }

    #[test]
    fn devices_and_rounds_have_keys_of_their_own() {
        let keys = Keys::from_bytes([1; 32]);
        let field = FieldKeys::new(&keys);
        assert_ne!(field.receipt_key(DeviceId(1)), field.receipt_key(DeviceId(2)));
        assert_ne!(field.sealing("2018").1, field.sealing("2019").1);
        assert_eq!(field.round("2018").public, field.sealing("2018").1);
    }
}
