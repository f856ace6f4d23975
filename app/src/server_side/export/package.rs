//! The container of a DOCX: a ZIP file with deflated parts, and the escapes of their XML.
//!
//! Written out here for what is a page of code over `flate2`. No time stands in it: the same parts give the same bytes.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// 1 January 1980, the first day that the format knows.
const DAY: [u8; 4] = [0, 0, 0x21, 0];
/// The version that reads deflated parts, and names as UTF-8.
const VERSION: [u8; 2] = [20, 0];
const FLAGS: [u8; 2] = [0, 8];
const DEFLATED: [u8; 2] = [8, 0];

/// A package that is being written. Bounded by 4 GB, which is a thousand times the largest of ours.
#[derive(Debug, Default)]
pub(super) struct Package {
    out: Vec<u8>,
    directory: Vec<u8>,
    n: u16,
}

impl Package {
    /// Adds a part.
    ///
    /// # Errors
    /// What the compressor says; none when it writes into memory.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> std::io::Result<()> {
        let mut crc = Crc::new();
        crc.update(content);
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(content)?;
        let packed = deflate.finish()?;
        let at = size(self.out.len());
        let mut facts: Vec<u8> = Vec::with_capacity(26);
        facts.extend([VERSION, FLAGS, DEFLATED].concat());
        facts.extend(DAY);
        facts.extend(crc.sum().to_le_bytes());
        facts.extend(size(packed.len()));
        facts.extend(size(content.len()));
        facts.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
        facts.extend([0, 0]);
        self.out.extend(b"PK\x03\x04");
        self.out.extend(&facts);
        self.out.extend(name.bytes());
        self.out.extend(packed);
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(VERSION);
        self.directory.extend(facts);
        // No comment, first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(at);
        self.directory.extend(name.bytes());
        self.n += 1;
        Ok(())
    }

    /// The whole file.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let (at, length) = (size(self.out.len()), size(self.directory.len()));
        self.out.append(&mut self.directory);
        self.out.extend(b"PK\x05\x06\0\0\0\0");
        self.out.extend([self.n.to_le_bytes(), self.n.to_le_bytes()].concat());
        self.out.extend(length);
        self.out.extend(at);
        self.out.extend([0, 0]);
        self.out
    }
}

fn size(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

/// The head of every XML part.
pub(super) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// A text inside XML: escaped, and without what XML 1.0 cannot hold (NUL and its like, U+FFFE, U+FFFF).
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
