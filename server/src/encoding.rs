//! Content encodings of ready pages: which one a browser takes, and the compressed bytes.

use std::io::Write as _;

/// How the bytes of a page are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// gzip; what browsers ask for over plain http.
    Gzip,
    /// Brotli; browsers ask for it only over https or from localhost.
    Brotli,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Brotli];

    /// The best encoding that an `Accept-Encoding` header takes; an encoding with `q=0` is refused by it.
    pub fn accepted(header: Option<&str>) -> Self {
        let takes = |name: &str| {
            header.unwrap_or_default().split(',').any(|item| {
                let mut parts = item.split(';').map(str::trim);
                let named = parts.next().is_some_and(|n| n.eq_ignore_ascii_case(name));
                let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)));
                named && !refused
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// The value of `Content-Encoding`; none for plain bytes.
    pub fn token(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The bytes in this encoding. `brotli_quality` is 0 to 11: about 5 for a page that lives a second, 11 for one that
    /// lives as long as the process.
    pub fn pack(self, bytes: &[u8], brotli_quality: i32) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(bytes.to_vec()),
            Self::Gzip => {
                let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                out.write_all(bytes)?;
                out.finish()
            }
            Self::Brotli => {
                let mut out = Vec::new();
                let parameters = brotli::enc::BrotliEncoderParams { quality: brotli_quality, ..Default::default() };
                brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
                Ok(out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_accepted_encoding_is_chosen() {
        for (header, encoding) in [
            (None, Encoding::Identity),
            (Some(""), Encoding::Identity),
            (Some("gzip, deflate"), Encoding::Gzip),
            (Some("gzip, deflate, br, zstd"), Encoding::Brotli),
            (Some("BR;q=1.0, gzip"), Encoding::Brotli),
            (Some("br;q=0, gzip;q=0.5"), Encoding::Gzip),
            (Some("brotli"), Encoding::Identity),
        ] {
            assert_eq!(Encoding::accepted(header), encoding, "{header:?}");
        }
    }

    #[test]
    fn a_packed_page_unpacks_to_itself() -> std::io::Result<()> {
        use std::io::Read as _;
        let page = "Rất hài lòng ".repeat(500).into_bytes();
        let mut gzip = Vec::new();
        flate2::read::GzDecoder::new(&*Encoding::Gzip.pack(&page, 5)?).read_to_end(&mut gzip)?;
        let mut brotli = Vec::new();
        brotli::BrotliDecompress(&mut &*Encoding::Brotli.pack(&page, 5)?, &mut brotli)?;
        assert!(gzip == page && brotli == page);
        Ok(())
    }
}
