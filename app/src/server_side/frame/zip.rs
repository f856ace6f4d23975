//! The parts of a zip file, read within limits: the sizes that the file states are never believed.
//!
//! This is the only reader of such files, so that no second one can find another directory in the same bytes. Parts that
//! are not asked for are not unpacked.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read};

use flate2::read::DeflateDecoder;

use super::sheet::FileFault;
use crate::domain::limits;

/// Where a part lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Deflated, or stored as it is.
    deflated: bool,
    from: usize,
    to: usize,
}

/// The directory of a zip file, and how many bytes may still be unpacked from it.
#[derive(Debug)]
pub(super) struct Archive<'f> {
    file: &'f [u8],
    places: HashMap<String, Place>,
    left: Cell<u64>,
}

/// A little-endian number of at most four bytes.
fn number(file: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = file.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

impl<'f> Archive<'f> {
    /// Reads the directory.
    ///
    /// # Errors
    /// [`FileFault::Unreadable`] where there is none or parts are encrypted, [`FileFault::TooLarge`] where it has more
    /// than [`limits::ZIP_PARTS`] entries.
    pub(super) fn open(file: &'f [u8]) -> Result<Self, FileFault> {
        // The end of the directory comes last, before a comment of at most 64 KiB.
        let from = file.len().saturating_sub(22 + 65_535);
        let last = file.len().checked_sub(22).ok_or(FileFault::Unreadable)?;
        let signed = |at: &usize| file.get(*at..*at + 4) == Some(b"PK\x05\x06");
        let end = (from..=last).rev().find(signed).ok_or(FileFault::Unreadable)?;
        let (parts, at) = number(file, end + 10, 2).zip(number(file, end + 16, 4)).ok_or(FileFault::Unreadable)?;
        if parts > limits::ZIP_PARTS {
            return Err(FileFault::TooLarge);
        }
        let mut places = HashMap::new();
        let mut at = at;
        for _ in 0..parts {
            let (name, place, next) = entry(file, at).ok_or(FileFault::Unreadable)?;
            if let Some(place) = place {
                places.entry(name).or_insert(place);
            }
            at = next;
        }
        Ok(Self { file, places, left: Cell::new(limits::FRAME_UNPACKED_BYTES) })
    }

    /// Whether there is such a part.
    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(&plain(name))
    }

    /// The bytes of a part, unpacked while they are read.
    pub(super) fn part(&self, name: &str) -> Option<Part<'_>> {
        let place = self.places.get(&plain(name))?;
        let packed = self.file.get(place.from..place.to)?;
        let inside =
            if place.deflated { Inside::Deflated(DeflateDecoder::new(packed)) } else { Inside::Stored(packed) };
        Some(Part { inside, left: &self.left })
    }

    /// Whether more was asked for than [`limits::FRAME_UNPACKED_BYTES`].
    pub(super) fn is_used_up(&self) -> bool {
        self.left.get() == 0
    }
}

/// Names are compared without case and with plain slashes, as spreadsheet programs do.
fn plain(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase()
}

/// One entry of the directory: its name, where its bytes are (none where it cannot be read), and where the next begins.
fn entry(file: &[u8], at: usize) -> Option<(String, Option<Place>, usize)> {
    if file.get(at..at + 4)? != b"PK\x01\x02" {
        return None;
    }
    let (flags, method) = (number(file, at + 8, 2)?, number(file, at + 10, 2)?);
    let length = number(file, at + 28, 2)?;
    let name = String::from_utf8_lossy(file.get(at + 46..at + 46 + length)?);
    let next = at + 46 + length + number(file, at + 30, 2)? + number(file, at + 32, 2)?;
    let (size, local) = (number(file, at + 20, 4)?, number(file, at + 42, 4)?);
    let place = || {
        let from = local + 30 + number(file, local + 26, 2)? + number(file, local + 28, 2)?;
        // A deflated part ends by itself; some writers state its size elsewhere.
        let to = if method == 8 { file.len() } else { from.checked_add(size)? };
        (flags & 1 == 0 && matches!(method, 0 | 8) && from <= to && to <= file.len()).then_some(Place {
            deflated: method == 8,
            from,
            to,
        })
    };
    Some((plain(&name), place(), next))
}

#[derive(Debug)]
enum Inside<'f> {
    Stored(&'f [u8]),
    Deflated(DeflateDecoder<&'f [u8]>),
}

/// A part that is being read. All parts of a file share one limit on unpacked bytes.
#[derive(Debug)]
pub(super) struct Part<'f> {
    inside: Inside<'f>,
    left: &'f Cell<u64>,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.inside {
            Inside::Stored(bytes) => bytes.read(into)?,
            Inside::Deflated(bytes) => bytes.read(into)?,
        };
        match self.left.get().checked_sub(read as u64) {
            Some(left) if left > 0 => {
                self.left.set(left);
                Ok(read)
            }
            _ => {
                self.left.set(0);
                Err(io::Error::new(io::ErrorKind::FileTooLarge, "more is packed than is unpacked"))
            }
        }
    }
}
