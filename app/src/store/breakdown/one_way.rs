//! Counting responses into one-way tallies in memory: for the fold, the first building, and the recount.

use std::collections::{BTreeMap, HashMap};

use super::{OneWayCell, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::breakdown::Occasion;
use crate::domain::tally::Tally;
use crate::store::RoundContext;
use crate::store::contribution::Contribution;
use crate::store::tallies::Cell;

/// The one-way tallies of some responses.
#[derive(Debug, Default)]
pub(in crate::store) struct OneWay {
    /// One list a dimension, in the order of [`RoundContext::dimensions`]. A dimension has few values, so that looking
    /// through them is quicker than hashing each.
    groups: HashMap<Group, Vec<Vec<(i32, Tally)>>>,
    /// How many tallies there are.
    len: usize,
    /// The counts of the one sheet at hand, made once and added to every dimension.
    one: Tally,
}

/// Round, agency, stratum and stream: what stands before the dimension.
type Group = (i32, i32, i32, i16);

impl OneWay {
    /// How many tallies there are.
    pub(in crate::store) fn len(&self) -> usize {
        self.len
    }

    /// Counts a valid response `sign` times.
    pub(in crate::store) fn add(
        &mut self,
        round: &RoundContext,
        cell: &Cell,
        occasion: &Occasion,
        sheet: &Sheet,
        sign: i64,
    ) {
        self.one.reset(&round.shape);
        self.one.add(&round.shape, sheet, sign, false);
        let group = (cell.round.0, cell.agency.0, cell.stratum.0, cell.stream.code());
        let lists = self.groups.entry(group).or_insert_with(|| vec![vec![]; round.dimensions.len()]);
        for (list, dimension) in lists.iter_mut().zip(&round.dimensions) {
            let value = dimension.value(cell.mode, occasion, sheet);
            match list.iter_mut().find(|(v, _)| *v == value) {
                Some((_, tally)) => tally.merge(&self.one),
                None => {
                    list.push((value, self.one.clone()));
                    self.len += 1;
                }
            }
        }
    }

    /// Counts what the one-way tallies take of a delta, `times` times; says how many contributions that were.
    pub(in crate::store) fn add_changes(
        &mut self,
        rounds: &[std::sync::Arc<RoundContext>],
        changes: &[u8],
        times: i64,
    ) -> Result<u64, StoreError> {
        let changes = Contribution::read_all(changes)
            .ok_or_else(|| StoreError::Inconsistent("a delta row of the one-way tallies cannot be read".to_owned()))?;
        let mut counted = 0;
        for change in changes {
            let Some(occasion) = change.one_way() else { continue };
            let unreadable = || StoreError::Inconsistent(format!("a change of {:?} cannot be read", change.cell));
            let round = rounds.iter().find(|r| r.round.id == change.cell.round).ok_or_else(unreadable)?;
            let sheet = Sheet::unpack(&change.sheet, &round.questionnaire).ok_or_else(unreadable)?;
            self.add(round, &change.cell, occasion, &sheet, times * i64::from(change.sign));
            counted += 1;
        }
        Ok(counted)
    }

    /// The tallies in the order of the table.
    pub(in crate::store) fn into_cells(
        self,
        rounds: &[std::sync::Arc<RoundContext>],
    ) -> Result<BTreeMap<OneWayCell, Tally>, StoreError> {
        let mut cells = BTreeMap::new();
        for ((round, agency, stratum, stream), lists) in self.groups {
            let context = rounds.iter().find(|r| r.round.id.0 == round);
            let context = context.ok_or_else(|| StoreError::Inconsistent(format!("round {round} is gone")))?;
            for (dimension, list) in context.dimensions.iter().zip(lists) {
                for (value, tally) in list {
                    let cell = OneWayCell::new(round, agency, stream, *dimension, stratum, value)?;
                    cells.insert(cell, tally);
                }
            }
        }
        Ok(cells)
    }
}
