//! Certificates: read, checked against their key, and read again on SIGHUP without dropping a connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::failure::Failure;

/// What can be wrong with the two files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds nothing that can be used.
    #[error("{variable}: {path}: {cause}")]
    File {
        /// The variable that names it.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The two do not belong together, or rustls refuses them.
    #[error("TLS_CERT and TLS_KEY: {0}")]
    Pair(rustls::Error),
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// The certificate chain, its own certificate first.
///
/// # Errors
/// [`TlsError::File`].
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |cause: String| TlsError::File { variable: "TLS_CERT", path: path.to_owned(), cause };
    let chain = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| failed(in_words(&error, "a certificate")))?;
    if chain.is_empty() { Err(failed("holds no certificate in PEM form".to_owned())) } else { Ok(chain) }
}

/// What rustls needs to speak TLS with these two files.
///
/// # Errors
/// See [`TlsError`]; a certificate that does not belong to the key is one.
pub fn configuration(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::File {
        variable: "TLS_KEY",
        path: key.to_owned(),
        cause: in_words(&error, "a private key"),
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn in_words(error: &PemError, wanted: &str) -> String {
    match error {
        PemError::Io(error) => error.to_string(),
        _ => format!("holds no {} in PEM form", wanted.trim_start_matches("a ")),
    }
}

/// When a certificate ends, in milliseconds since 1970; none when it cannot be read.
///
/// Walks the outermost fields of X.509 (RFC 5280, 4.1) as far as `validity`: version, serial number, signature
/// algorithm and issuer stand before it.
pub fn expires_ms(certificate: &CertificateDer<'_>) -> Option<i64> {
    const SEQUENCE: u8 = 0x30;
    const VERSION: u8 = 0xa0;
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    let (first, _, after) = element(fields)?;
    if first == VERSION {
        fields = after;
    }
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (kind, validity, _) = element(fields)?;
    let (kind, end, _) = if kind == SEQUENCE { element(element(validity)?.2)? } else { return None };
    time_ms(kind, std::str::from_utf8(end).ok()?)
}

/// The first element of DER data: tag, content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
        // A certificate longer than 2^32 bytes is none.
        let long = digits.len() <= 4;
        (if long { digits.iter().fold(0, |all, digit| all << 8 | usize::from(*digit)) } else { return None }, rest)
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `UTCTime` (two digits of year, 1950 to 2049) or `GeneralizedTime` (four), both ending in Z.
fn time_ms(kind: u8, text: &str) -> Option<i64> {
    const UTC_TIME: u8 = 0x17;
    let full = match (kind, text.as_bytes().first()) {
        (UTC_TIME, Some(b'5'..=b'9')) => format!("19{text}"),
        (UTC_TIME, _) => format!("20{text}"),
        _ => text.to_owned(),
    };
    chrono::NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%SZ").ok().map(|at| at.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2126-10-31T09:42:01Z, as `openssl x509 -enddate` says of the first fixture.
    const EXPIRES: i64 = 4_949_113_321_000;

    #[test]
    fn both_forms_of_time_are_read() {
        assert_eq!(time_ms(0x17, "700101000000Z"), Some(0));
        assert_eq!(time_ms(0x17, "260101000000Z"), Some(1_767_225_600_000));
        assert_eq!(time_ms(0x18, "20500101000000Z"), Some(2_524_608_000_000));
        assert_eq!(time_ms(0x18, "20501301000000Z"), None);
    }

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
    }

    #[test]
    fn a_certificate_goes_with_its_key_and_with_no_other() {
        assert!(configuration(&fixture("first.cert.pem"), &fixture("first.key.pem")).is_ok());
        let other = configuration(&fixture("first.cert.pem"), &fixture("second.key.pem"));
        assert!(matches!(other, Err(TlsError::Pair(_))), "{other:?}");
        let turned = configuration(&fixture("first.key.pem"), &fixture("first.cert.pem"));
        assert!(matches!(turned, Err(TlsError::File { variable: "TLS_CERT", .. })), "{turned:?}");
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        let chain = certificates(&fixture("first.cert.pem")).expect("a chain");
        assert_eq!(expires_ms(&chain[0]), Some(EXPIRES));
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        for der in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x02\x30\x00", &[0x30; 40]] {
            assert_eq!(expires_ms(&CertificateDer::from(der)), None, "{der:?}");
        }
    }
}
