//! Counting responses into one-way tallies in memory: for the fold, the first building, and the recount.

use std::collections::{BTreeMap, HashMap};

use super::{OneWayCell, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::breakdown::{Dimension, Occasion};
use crate::domain::tally::Tally;
use crate::store::RoundContext;
use crate::store::contribution::Contribution;
use crate::store::tallies::Cell;

/// The one-way tallies of some responses.
#[derive(Debug, Default)]
pub(in crate::store) struct OneWay {
    groups: HashMap<GroupKey, Group>,
    /// How many tallies there are.
    len: usize,
    /// The counts of the one sheet at hand, made once and added wherever they belong.
    one: Tally,
}

/// Round, agency, stratum and stream: what stands before the dimension.
type GroupKey = (i32, i32, i32, i16);

/// The responses of one group.
#[derive(Debug)]
struct Group {
    whole: Tally,
    /// One a dimension, in the order of [`RoundContext::dimensions`].
    dimensions: Vec<Values>,
}

/// The values of one dimension. The first that came is not counted: it is the whole less the others. Most dimensions
/// have a value that most responses share, so this halves the work.
#[derive(Debug)]
struct Values {
    first: i32,
    /// A dimension has few values, so that looking through them is quicker than hashing each.
    others: Vec<(i32, Tally)>,
}

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
        self.one.reset(&round.one_way_shape);
        self.one.add(&round.one_way_shape, sheet, sign, false);
        let key = (cell.round.0, cell.agency.0, cell.stratum.0, cell.stream.code());
        let group = self.groups.entry(key).or_insert_with(|| {
            let first = |d: &Dimension| Values { first: d.value(cell.mode, occasion, sheet), others: vec![] };
            self.len += round.dimensions.len();
            Group { whole: Tally::zero(&round.one_way_shape), dimensions: round.dimensions.iter().map(first).collect() }
        });
        group.whole.merge(&self.one);
        for (values, dimension) in group.dimensions.iter_mut().zip(&round.dimensions) {
            let value = dimension.value(cell.mode, occasion, sheet);
            if value == values.first {
                continue;
            }
            match values.others.iter_mut().find(|(v, _)| *v == value) {
                Some((_, tally)) => tally.merge(&self.one),
                None => {
                    values.others.push((value, self.one.clone()));
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

    /// The tallies that are not 0, in the order of the table.
    pub(in crate::store) fn into_cells(
        self,
        rounds: &[std::sync::Arc<RoundContext>],
    ) -> Result<BTreeMap<OneWayCell, Tally>, StoreError> {
        let mut cells = BTreeMap::new();
        for ((round, agency, stratum, stream), group) in self.groups {
            let context = rounds.iter().find(|r| r.round.id.0 == round);
            let context = context.ok_or_else(|| StoreError::Inconsistent(format!("round {round} is gone")))?;
            for (dimension, values) in context.dimensions.iter().zip(group.dimensions) {
                let mut first = group.whole.clone();
                for (value, tally) in values.others {
                    first.subtract(&tally);
                    cells.insert(OneWayCell::new(round, agency, stream, *dimension, stratum, value)?, tally);
                }
                cells.insert(OneWayCell::new(round, agency, stream, *dimension, stratum, values.first)?, first);
            }
        }
        cells.retain(|_, tally: &mut Tally| !tally.is_zero());
        Ok(cells)
    }
}
