//! What a commit changes in the tallies, as bytes: one contribution per response put in (+1) or taken back (−1).
//!
//! The sheet itself travels, not its counts: 40 bytes instead of some 250 counters, and the fold adds them up.

use super::tallies::Cell;
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::{Mode, Standing, Stream};

/// One response put into or taken out of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contribution {
    pub(super) sign: i8,
    pub(super) cell: Cell,
    /// The packed sheet.
    pub(super) sheet: Vec<u8>,
}

impl Contribution {
    /// Appends the bytes of the contribution.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(self.sign as u8);
        for id in [self.cell.round.0, self.cell.agency.0, self.cell.stratum.0] {
            out.extend(id.to_le_bytes());
        }
        for code in [self.cell.stream.code(), self.cell.mode.code(), self.cell.standing.code()] {
            out.push(code as u8);
        }
        out.extend((self.sheet.len() as u16).to_le_bytes());
        out.extend(&self.sheet);
    }

    /// Reads all contributions of a delta row; none where the bytes are not well formed.
    pub(super) fn read_all(mut bytes: &[u8]) -> Option<Vec<Self>> {
        let mut all = vec![];
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_first_chunk::<18>()?;
            let id = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let len = usize::from(u16::from_le_bytes([head[16], head[17]]));
            let (sheet, rest) = rest.split_at_checked(len)?;
            all.push(Self {
                sign: head[0] as i8,
                cell: Cell {
                    round: RoundId(id(1)),
                    agency: AgencyId(id(5)),
                    stratum: StratumId(id(9)),
                    stream: Stream::from_code(head[13].into())?,
                    mode: Mode::from_code(head[14].into())?,
                    standing: Standing::from_code(head[15].into())?,
                },
                sheet: sheet.to_vec(),
            });
            bytes = rest;
        }
        Some(all)
    }
}

/// The bytes of a delta row.
pub(super) fn write_all(contributions: impl IntoIterator<Item = Contribution>) -> Vec<u8> {
    let contributions = contributions.into_iter();
    let mut changes = Vec::with_capacity(contributions.size_hint().0 * 64);
    contributions.for_each(|c| c.write(&mut changes));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contributions_come_back_as_they_went_and_torn_bytes_are_refused() {
        let one = Contribution {
            sign: -1,
            cell: Cell {
                round: RoundId(1),
                agency: AgencyId(114),
                stratum: StratumId::UNKNOWN,
                stream: Stream::Open,
                mode: Mode::Qr,
                standing: Standing::Suspect,
            },
            sheet: vec![1, 4, 0x55],
        };
        let two = Contribution { sign: 1, sheet: vec![], ..one.clone() };
        let mut bytes = vec![];
        one.write(&mut bytes);
        two.write(&mut bytes);
        assert_eq!(Contribution::read_all(&bytes), Some(vec![one, two]));
        assert_eq!(Contribution::read_all(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Contribution::read_all(&[]), Some(vec![]));
    }
}
