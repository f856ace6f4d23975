//! Pictures for documents: a share with its interval on a line from 0 to 100 %, as PNG. No words stand in them, so no
//! font is needed; the words stand beside, and behind them for who cannot see.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::domain::disclosure::Count;
use crate::pages::results::shown::Shown;

/// Pixels; shown at a third of it, so that print stays sharp.
pub const WIDTH: u16 = 600;
/// See [`WIDTH`].
pub const HEIGHT: u16 = 60;

/// Red, green and blue of white and of each [`Ink`]: dark enough for a grey printer.
const PALETTE: [[u8; 3]; 5] =
    [[0xFF, 0xFF, 0xFF], [0xE1, 0xE7, 0xEB], [0x8F, 0xB8, 0xD2], [0x0A, 0x5A, 0x8C], [0xA1, 0x2A, 0x1E]];
const WHITE: u8 = 0;

/// What a rectangle of a picture stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The line from end to end.
    Track,
    /// The interval.
    Band,
    /// The figure.
    Figure,
    /// The target line.
    Target,
}

impl Ink {
    /// Its position in [`PALETTE`].
    fn colour(self) -> u8 {
        match self {
            Self::Track => 1,
            Self::Band => 2,
            Self::Figure => 3,
            Self::Target => 4,
        }
    }
}

/// A rectangle, in pixels of a picture of [`WIDTH`] by [`HEIGHT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What it stands for.
    pub ink: Ink,
    /// Left and upper edge.
    pub from: (u16, u16),
    /// Right and lower edge.
    pub to: (u16, u16),
}

/// What stands in the picture of a figure, from back to front; the line alone where it is hidden or there is none.
/// `axis_from` is the left end, a share.
pub fn marks(shown: &Shown, n: Count, axis_from: f64, target: Option<f64>) -> Vec<Mark> {
    let x = |share: f64| {
        let along = ((share - axis_from) / (1.0 - axis_from)).clamp(0.0, 1.0);
        6 + (along * f64::from(WIDTH - 12)) as u16
    };
    let mut marks = vec![Mark { ink: Ink::Track, from: (x(axis_from), 28), to: (x(1.0), 32) }];
    if let Some(target) = target {
        marks.push(Mark { ink: Ink::Target, from: (x(target) - 1, 4), to: (x(target) + 2, HEIGHT - 4) });
    }
    if n != Count::Hidden {
        if let Some((low, high)) = shown.interval() {
            marks.push(Mark { ink: Ink::Band, from: (x(low), 20), to: (x(high).max(x(low) + 2), 40) });
        }
        if let Some(value) = shown.value() {
            marks.push(Mark { ink: Ink::Figure, from: (x(value).saturating_sub(4), 12), to: (x(value) + 4, 48) });
        }
    }
    marks
}

/// The picture of a figure as PNG.
///
/// # Errors
/// What the compressor says; none when it writes into memory.
pub(super) fn bar(shown: &Shown, n: Count, axis_from: f64, target: Option<f64>) -> std::io::Result<Vec<u8>> {
    let mut picture = Canvas::new();
    for Mark { ink, from, to } in marks(shown, n, axis_from, target) {
        picture.fill(from, to, ink.colour());
    }
    picture.png()
}

struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    fn new() -> Self {
        Self { pixels: vec![WHITE; usize::from(WIDTH) * usize::from(HEIGHT)] }
    }

    /// A rectangle from its first corner to before its second.
    fn fill(&mut self, from: (u16, u16), to: (u16, u16), colour: u8) {
        for row in self.pixels.chunks_mut(usize::from(WIDTH)).skip(from.1.into()).take((to.1 - from.1).into()) {
            row.iter_mut().skip(from.0.into()).take((to.0 - from.0).into()).for_each(|pixel| *pixel = colour);
        }
    }

    /// PNG with a palette, eight bits a pixel.
    fn png(&self) -> std::io::Result<Vec<u8>> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        for row in self.pixels.chunks(usize::from(WIDTH)) {
            packed.write_all(&[0])?;
            packed.write_all(row)?;
        }
        let mut head = Vec::new();
        head.extend(u32::from(WIDTH).to_be_bytes());
        head.extend(u32::from(HEIGHT).to_be_bytes());
        head.extend([8, 3, 0, 0, 0]);
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, content) in
            [(b"IHDR", head), (b"PLTE", PALETTE.concat()), (b"IDAT", packed.finish()?), (b"IEND", vec![])]
        {
            let mut crc = Crc::new();
            crc.update(name);
            crc.update(&content);
            out.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend(name);
            out.extend(content);
            out.extend(crc.sum().to_be_bytes());
        }
        Ok(out)
    }
}
