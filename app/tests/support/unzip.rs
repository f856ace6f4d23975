//! The parts of a ZIP file, read by its directory as every office program reads it.

use std::io::Read as _;

use flate2::read::DeflateDecoder;

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes[at..at + length].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// Name and content of each part; checks sizes and sums.
pub(crate) fn unzip(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let end = file.len() - 22;
    assert_eq!(&file[end..end + 4], b"PK\x05\x06");
    let (n, mut at) = (number(file, end + 10, 2), number(file, end + 16, 4));
    assert_eq!(at + number(file, end + 12, 4), end);
    let mut parts = Vec::new();
    for _ in 0..n {
        assert_eq!(&file[at..at + 4], b"PK\x01\x02");
        let (sum, packed, full) = (number(file, at + 16, 4), number(file, at + 20, 4), number(file, at + 24, 4));
        let (name_bytes, local) = (number(file, at + 28, 2), number(file, at + 42, 4));
        let name = String::from_utf8(file[at + 46..at + 46 + name_bytes].to_vec()).expect("UTF-8");
        assert_eq!(&file[local..local + 4], b"PK\x03\x04");
        let from = local + 30 + number(file, local + 26, 2) + number(file, local + 28, 2);
        let mut content = Vec::new();
        DeflateDecoder::new(&file[from..from + packed]).read_to_end(&mut content).expect("deflated");
        let mut crc = flate2::Crc::new();
        crc.update(&content);
        assert_eq!((content.len(), crc.sum() as usize), (full, sum), "{name}");
        parts.push((name, content));
        at += 46 + name_bytes;
    }
    parts
}
