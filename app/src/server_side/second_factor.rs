//! The second factor: codes of six figures that change every 30 seconds (RFC 6238), from a secret that the
//! authenticator of an administrator and this server share.

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use totp_rs::{Builder, Secret};

use super::seal::Seal;
use crate::domain::ids::AccountId;

/// Bytes of a secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// Seconds of a step.
const STEP_S: i64 = 30;

/// A secret in the clear: made, shown once, sealed.
pub struct SharedSecret([u8; SECRET_BYTES]);

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SharedSecret")
    }
}

impl SharedSecret {
    /// A new one.
    ///
    /// # Errors
    /// The system gave no random bytes.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// A secret from bytes at hand.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Sealed for an account.
    pub fn seal(&self, seal: &Seal, account: AccountId) -> Option<Vec<u8>> {
        seal.seal(&self.0, &belongs_to(account))
    }

    /// Opens what was sealed for an account.
    pub fn open(sealed: &[u8], seal: &Seal, account: AccountId) -> Option<Self> {
        Self::from_bytes(&seal.open(sealed, &belongs_to(account))?)
    }

    /// In base32, in groups of four, for typing.
    pub fn words(&self) -> String {
        let text = Secret::new_stack(self.0).to_base32();
        let letters: Vec<char> = text.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }

    /// The address that an authenticator reads.
    pub fn address(&self, login: &str) -> String {
        let secret = Secret::new_stack(self.0).to_base32();
        // The issuer is ASCII; of a login name every byte that is not plain is escaped.
        let login: String = login
            .bytes()
            .map(|b| {
                if b.is_ascii_alphanumeric() || b"._-".contains(&b) {
                    char::from(b).to_string()
                } else {
                    format!("%{b:02X}")
                }
            })
            .collect();
        format!("otpauth://totp/Hai%20Long:{login}?secret={secret}&issuer=Hai%20Long")
    }

    /// That address as a QR code, an SVG element without script or style.
    pub fn qr(&self, login: &str) -> Option<String> {
        let code = QRBuilder::new(self.address(login)).build().ok()?;
        Some(SvgBuilder::default().to_str(&code))
    }

    /// The step whose code this is, at most one before or after `now_ms`; none for a wrong one.
    pub fn step_of(&self, code: &str, now_ms: i64) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let is_code = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        let now = u64::try_from(now_ms / 1000).ok()?;
        if !is_code {
            return None;
        }
        let totp = Builder::new().with_secret(Secret::new_stack(self.0)).build().ok()?;
        totp.check(&code, now).and_then(|step| i64::try_from(step).ok())
    }

    /// The code of an instant, as an authenticator shows it.
    pub fn code_at(&self, now_ms: i64) -> Option<String> {
        let totp = Builder::new().with_secret(Secret::new_stack(self.0)).build().ok()?;
        Some(totp.generate(u64::try_from(now_ms / 1000).ok()?).to_string())
    }
}

/// The step of an instant.
pub fn step_at(now_ms: i64) -> i64 {
    now_ms / 1000 / STEP_S
}

fn belongs_to(account: AccountId) -> String {
    format!("second factor of account {}", account.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_side::keys::Keys;

    /// The secret and a moment of RFC 6238, appendix B: 94287082 in eight figures, its last six here.
    fn rfc() -> SharedSecret {
        SharedSecret(*b"12345678901234567890")
    }

    #[test]
    fn a_code_holds_in_its_step_and_one_beside_it() {
        assert_eq!(rfc().step_of("287082", 59_000), Some(1));
        assert_eq!(rfc().step_of("287 082", 89_000), Some(1));
        assert_eq!(rfc().step_of("287082", 1_000), Some(1));
        assert_eq!(rfc().step_of("287082", 90_000), None);
        for wrong in ["287083", "28708", "2870820", "", "28708x", "２８７０８２"] {
            assert_eq!(rfc().step_of(wrong, 59_000), None, "{wrong}");
        }
        assert_eq!(rfc().code_at(59_000).as_deref(), Some("287082"));
        assert_eq!(step_at(59_000), 1);
    }

    #[test]
    fn a_secret_is_read_in_groups_of_four_and_by_a_camera() {
        assert_eq!(rfc().words(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let address = rfc().address("lê.lan");
        assert_eq!(
            address,
            "otpauth://totp/Hai%20Long:l%C3%AA.lan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hai%20Long"
        );
        let svg = rfc().qr("lan").expect("it fits");
        assert!(svg.starts_with("<svg") && !svg.contains("style") && !svg.contains("<script"), "{svg}");
    }

    #[test]
    fn a_sealed_secret_opens_for_its_account_only() {
        let seal = Seal::new(&Keys::from_bytes([2; 32]), "second-factor");
        let sealed = rfc().seal(&seal, AccountId(1)).expect("sealed");
        assert!(SharedSecret::open(&sealed, &seal, AccountId(2)).is_none());
        assert_eq!(SharedSecret::open(&sealed, &seal, AccountId(1)).map(|s| s.words()), Some(rfc().words()));
    }
}
