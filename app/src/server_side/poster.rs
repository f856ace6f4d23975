//! What stands on the poster of a desk: its address as a code that a phone reads, and whether posters may be printed.

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

/// The address as a QR code, an SVG element without script or style; none where it is too long for one.
pub fn qr(address: &str) -> Option<String> {
    Some(SvgBuilder::default().to_str(&QRBuilder::new(address).build().ok()?))
}

/// Why an address must not be printed: a poster hangs for weeks, and what it says must be reachable and safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprintable {
    /// Only this machine reaches it.
    Loopback,
    /// What is sent there can be read on the way.
    Plain,
}

/// Whether posters may carry addresses that begin so.
///
/// # Errors
/// Why not.
pub fn printable(base_url: &str) -> Result<(), Unprintable> {
    let host = base_url.split_once("://").map_or(base_url, |(_, host)| host);
    let name = host.strip_prefix('[').map_or_else(
        || host.split([':', '/']).next().unwrap_or_default(),
        |rest| rest.split(']').next().unwrap_or_default(),
    );
    let loops = name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified());
    match (loops, base_url.starts_with("https://")) {
        (true, _) => Err(Unprintable::Loopback),
        (false, false) => Err(Unprintable::Plain),
        (false, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_that_phones_reach_safely_is_printed() {
        for url in ["http://127.0.0.1:3000", "https://127.0.0.1", "http://localhost:3000", "https://[::1]:8443"] {
            assert_eq!(printable(url), Err(Unprintable::Loopback), "{url}");
        }
        for url in ["http://192.168.1.9:3000", "http://hailong.example.vn"] {
            assert_eq!(printable(url), Err(Unprintable::Plain), "{url}");
        }
        assert_eq!(printable("https://hailong.example.vn"), Ok(()));
    }

    #[test]
    fn a_code_is_a_picture_without_script_or_style() {
        let svg = qr("https://hailong.example.vn/k/AB2CD3EF").expect("it fits");
        assert!(svg.starts_with("<svg") && !svg.contains("script") && !svg.contains("style="), "{svg}");
    }
}
