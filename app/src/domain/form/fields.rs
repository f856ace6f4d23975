//! `application/x-www-form-urlencoded`, read strictly: what a browser never sends is refused, not mended.

/// The names and values of a form, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// The body is not `application/x-www-form-urlencoded` in UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a form in UTF-8")]
pub struct BadEncoding;

impl Fields {
    /// Decodes a body or a query. Nothing is mended: a broken escape or a byte that is not UTF-8 is an error.
    ///
    /// ```
    /// use app::domain::form::Fields;
    /// let fields = Fields::decode(b"1.1=5&comment=R%E1%BA%A5t+t%E1%BB%91t").unwrap();
    /// assert_eq!(fields.get("comment"), Some("Rất tốt"));
    /// assert!(Fields::decode(b"comment=%C3").is_err());
    /// ```
    pub fn decode(body: &[u8]) -> Result<Self, BadEncoding> {
        let mut fields = Vec::new();
        for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            fields.push((unescape(name)?, unescape(value.get(1..).unwrap_or_default())?));
        }
        Ok(Self(fields))
    }

    /// Names and values in the order of the body.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The last value under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

fn unescape(raw: &[u8]) -> Result<String, BadEncoding> {
    let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).ok_or(BadEncoding);
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => (digit(bytes.next())? * 16 + digit(bytes.next())?) as u8,
            other => *other,
        });
    }
    String::from_utf8(out).map_err(|_| BadEncoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_encodings_are_refused_not_mended() {
        for body in ["comment=%", "comment=%4", "comment=%zz", "comment=%ff%fe", "%C3=1"] {
            assert_eq!(Fields::decode(body.as_bytes()), Err(BadEncoding), "{body}");
        }
        assert_eq!(Fields::decode(b"comment=\xff"), Err(BadEncoding));
    }
}
