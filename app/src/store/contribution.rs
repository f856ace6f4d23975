//! What a commit changes in the tallies, as bytes: one contribution per response put in (+1) or taken back (−1).
//!
//! The sheet itself travels, not its counts: 40 bytes instead of some 250 counters, and the fold adds them up.

use std::borrow::Cow;

use super::tallies::Cell;
use crate::domain::breakdown::Occasion;
use crate::domain::ids::{AgencyId, DeskId, RoundId, StratumId};
use crate::domain::response::{Mode, Standing, Stream};
use crate::domain::text::Lang;

/// One response put into or taken out of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contribution<'a> {
    /// 1 or −1.
    pub(super) sign: i8,
    pub(super) cell: Cell,
    /// None in what a program before the one-way tallies wrote.
    pub(super) occasion: Option<Occasion>,
    /// The packed sheet.
    pub(super) sheet: Cow<'a, [u8]>,
}

/// Cell and length of the sheet, after the sign: all that stood there before the one-way tallies.
const HEAD: usize = 18;
/// A contribution with its occasion carries it between head and sheet, and has twice the sign.
const OCCASION: usize = 11;
/// No desk. The keys of desks count from 1.
const NO_DESK: i32 = -1;
/// No field. Positions count from 0.
const NO_FIELD: i16 = -1;

impl<'a> Contribution<'a> {
    /// Appends the bytes of the contribution.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let sign = if self.occasion.is_some() { 2 * self.sign } else { self.sign };
        out.push(sign as u8);
        for id in [self.cell.round.0, self.cell.agency.0, self.cell.stratum.0] {
            out.extend(id.to_le_bytes());
        }
        for code in [self.cell.stream.code(), self.cell.mode.code(), self.cell.standing.code()] {
            out.push(code as u8);
        }
        out.extend((self.sheet.len() as u16).to_le_bytes());
        if let Some(occasion) = &self.occasion {
            out.extend(occasion.desk.map_or(NO_DESK, |desk| desk.0).to_le_bytes());
            out.extend(occasion.field.unwrap_or(NO_FIELD).to_le_bytes());
            out.push(match occasion.lang {
                Lang::Vi => 0,
                Lang::En => 1,
            });
            out.extend(occasion.local_day.to_le_bytes());
        }
        out.extend(&*self.sheet);
    }

    /// Reads all contributions of a delta row; none where the bytes are not well formed.
    pub(super) fn read_all(mut bytes: &'a [u8]) -> Option<Vec<Self>> {
        let mut all = vec![];
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
            let id = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let sign = head[0] as i8;
            let (sign, occasion, rest) = match sign {
                1 | -1 => (sign, None, rest),
                2 | -2 => {
                    let (bytes, rest) = rest.split_first_chunk::<OCCASION>()?;
                    (sign / 2, Some(read_occasion(*bytes)?), rest)
                }
                _ => return None,
            };
            let len = usize::from(u16::from_le_bytes([head[16], head[17]]));
            let (sheet, rest) = rest.split_at_checked(len)?;
            all.push(Self {
                sign,
                cell: Cell {
                    round: RoundId(id(1)),
                    agency: AgencyId(id(5)),
                    stratum: StratumId(id(9)),
                    stream: Stream::from_code(head[13].into())?,
                    mode: Mode::from_code(head[14].into())?,
                    standing: Standing::from_code(head[15].into())?,
                },
                occasion,
                sheet: Cow::Borrowed(sheet),
            });
            bytes = rest;
        }
        Some(all)
    }

    /// What the one-way tallies take of it: valid responses only. What an older program wrote has no occasion; it was
    /// counted from its response when they were first built.
    pub(super) fn one_way(&self) -> Option<&Occasion> {
        self.occasion.as_ref().filter(|_| self.cell.standing == Standing::Valid)
    }
}

fn read_occasion(bytes: [u8; OCCASION]) -> Option<Occasion> {
    let [d0, d1, d2, d3, f0, f1, lang, rest @ ..] = bytes;
    let (desk, field) = (i32::from_le_bytes([d0, d1, d2, d3]), i16::from_le_bytes([f0, f1]));
    Some(Occasion {
        desk: (desk != NO_DESK).then_some(DeskId(desk)),
        field: (field != NO_FIELD).then_some(field),
        lang: match lang {
            0 => Lang::Vi,
            1 => Lang::En,
            _ => return None,
        },
        local_day: i32::from_le_bytes(rest),
    })
}

/// The bytes of a delta row.
pub(super) fn write_all<'a>(contributions: impl IntoIterator<Item = Contribution<'a>>) -> Vec<u8> {
    let contributions = contributions.into_iter();
    let mut changes = Vec::with_capacity(contributions.size_hint().0 * 64);
    contributions.for_each(|c| c.write(&mut changes));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contribution() -> Contribution<'static> {
        Contribution {
            sign: -1,
            cell: Cell {
                round: RoundId(1),
                agency: AgencyId(114),
                stratum: StratumId::UNKNOWN,
                stream: Stream::Open,
                mode: Mode::Qr,
                standing: Standing::Suspect,
            },
            occasion: Some(Occasion { desk: Some(DeskId(7)), field: Some(3), lang: Lang::En, local_day: 17_847 }),
            sheet: Cow::Borrowed(&[1, 4, 0x55]),
        }
    }

    #[test]
    fn contributions_come_back_as_they_went_and_torn_bytes_are_refused() {
        let one = contribution();
        let nowhere = Occasion { desk: None, field: None, lang: Lang::Vi, local_day: -1 };
        let two = Contribution { sign: 1, sheet: Cow::Borrowed(&[]), occasion: Some(nowhere), ..one.clone() };
        let mut bytes = vec![];
        one.write(&mut bytes);
        two.write(&mut bytes);
        assert_eq!(Contribution::read_all(&bytes), Some(vec![one, two]));
        for end in [1, HEAD, HEAD + OCCASION, bytes.len() - 1] {
            assert_eq!(Contribution::read_all(&bytes[..end]), None, "{end}");
        }
        assert_eq!(Contribution::read_all(&[]), Some(vec![]));
        bytes[0] = 3;
        assert_eq!(Contribution::read_all(&bytes), None);
    }

    #[test]
    fn what_a_program_before_the_one_way_tallies_wrote_is_still_read_and_is_not_in_them() {
        let old = [0xff, 1, 0, 0, 0, 114, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 4, 1, 1, 3, 0, 1, 4, 0x55];
        let mut cell = contribution().cell;
        cell.standing = Standing::Valid;
        let read = Contribution::read_all(&old);
        assert_eq!(read, Some(vec![Contribution { cell, occasion: None, ..contribution() }]));
        assert_eq!(read.and_then(|all| all[0].one_way().copied()), None);
        let new = Contribution { cell, ..contribution() };
        assert!(new.one_way().is_some());
        assert!(contribution().one_way().is_none(), "only valid ones are in the one-way tallies");
    }
}
