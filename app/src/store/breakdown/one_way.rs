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
            if let Some((_, tally)) = values.others.iter_mut().find(|(v, _)| *v == value) {
                tally.merge(&self.one);
            } else {
                values.others.push((value, self.one.clone()));
                self.len += 1;
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::answer::{Answer, Value};
    use crate::domain::ids::{AgencyId, DeskId, RoundId, StratumId};
    use crate::domain::response::{Mode, Standing, Stream};
    use crate::domain::round::Round;
    use crate::domain::tally::Shape;
    use crate::domain::text::{Lang, Text};
    use crate::server_side::catalogue::Catalogue;

    fn round() -> Arc<RoundContext> {
        let catalogue = Catalogue::builtin().unwrap();
        let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).unwrap();
        let method = catalogue.method(&questionnaire.method, None).unwrap();
        let shape = Shape::new(&questionnaire, &method);
        Arc::new(RoundContext {
            frozen_at: None,
            round: Round {
                id: RoundId(1),
                code: "2018".to_owned(),
                name: Text::default(),
                questionnaire: (questionnaire.key.clone(), 1),
                method: (method.key.clone(), 1),
                period: (17_532, 17_896),
                opens_at: None,
                closes_at: None,
                fields: vec![],
                step: 5,
                sample_data: false,
            },
            dimensions: Dimension::all(&questionnaire),
            one_way_shape: shape.of_criteria_only(),
            shape,
            questionnaire,
            method,
            strata: vec![],
            agencies: HashMap::new(),
            codes: HashMap::new(),
            frozen_at: None,
        })
    }

    /// Where and when, figures for all criteria, options for all questions.
    type Response = (Cell, Occasion, Vec<u8>, Vec<u8>);

    fn response() -> impl Strategy<Value = Response> {
        let cell = (1..3_i32, -1..2_i32, 0..2_usize, 0..6_usize).prop_map(|(agency, stratum, stream, mode)| Cell {
            round: RoundId(1),
            agency: AgencyId(agency),
            stratum: StratumId(stratum),
            stream: Stream::ALL[stream],
            mode: Mode::ALL[mode],
            standing: Standing::Valid,
        });
        let occasion = (prop::option::of(1..4_i32), prop::option::of(0..3_i16), any::<bool>(), 17_800..17_900_i32);
        let occasion = occasion.prop_map(|(desk, field, english, local_day)| Occasion {
            desk: desk.map(DeskId),
            field,
            lang: if english { Lang::En } else { Lang::Vi },
            local_day,
        });
        (cell, occasion, prop::collection::vec(0_u8..=6, 22), prop::collection::vec(0_u8..=2, 64))
    }

    fn sheet(round: &RoundContext, figures: &[u8], options: &[u8]) -> Sheet {
        let mut sheet = Sheet::blank(&round.questionnaire);
        for (answer, figure) in sheet.answers.iter_mut().zip(figures) {
            *answer = Answer::from_figure(i64::from(*figure)).unwrap_or_default();
        }
        for ((value, question), option) in sheet.values.iter_mut().zip(&round.questionnaire.questions).zip(options) {
            if let (crate::domain::questionnaire::Kind::Single { .. }, Some(option)) =
                (&question.kind, option.checked_sub(1))
            {
                *value = Value::Single(option);
            }
        }
        sheet
    }

    fn count(round: &Arc<RoundContext>, changes: &[(&Response, i64)]) -> BTreeMap<OneWayCell, Tally> {
        let mut sums = OneWay::default();
        for ((cell, occasion, figures, options), sign) in changes {
            sums.add(round, cell, occasion, &sheet(round, figures, options), *sign);
        }
        sums.into_cells(std::slice::from_ref(round)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn the_values_of_every_dimension_add_up_to_the_main_tally_of_their_stratum_and_stream(
            responses in prop::collection::vec(response(), 1..40),
        ) {
            let round = round();
            let mut main: BTreeMap<(AgencyId, StratumId, Stream), Tally> = BTreeMap::new();
            for (cell, _, figures, options) in &responses {
                let whole = main.entry((cell.agency, cell.stratum, cell.stream));
                let whole = whole.or_insert_with(|| Tally::zero(&round.shape));
                whole.add(&round.shape, &sheet(&round, figures, options), 1, false);
            }
            let cells = count(&round, &responses.iter().map(|r| (r, 1)).collect::<Vec<_>>());
            for dimension in &round.dimensions {
                let mut wholes: BTreeMap<(AgencyId, StratumId, Stream), Tally> = BTreeMap::new();
                for (cell, tally) in cells.iter().filter(|(cell, _)| cell.dimension == *dimension) {
                    // As a page reads it: packed by one shape, read by the other.
                    let tally = Tally::unpack(&round.shape, &tally.pack()).unwrap();
                    let whole = wholes.entry((cell.agency, cell.stratum, cell.stream));
                    whole.or_insert_with(|| Tally::zero(&round.shape)).merge(&tally);
                }
                prop_assert_eq!(&wholes, &main, "{}", dimension);
            }
        }

        #[test]
        fn order_does_not_matter_and_what_is_taken_back_was_never_there(
            responses in prop::collection::vec(response(), 1..30),
            gone in prop::collection::vec(response(), 0..10),
        ) {
            let round = round();
            let kept: Vec<(&Response, i64)> = responses.iter().map(|r| (r, 1)).collect();
            let mut all: Vec<(&Response, i64)> = gone.iter().map(|r| (r, -1)).collect();
            all.extend(kept.iter().rev());
            all.extend(gone.iter().map(|r| (r, 1)));
            prop_assert_eq!(count(&round, &all), count(&round, &kept));
        }

        /// Each value counts those who have it, and nobody else.
        #[test]
        fn every_value_holds_its_own_responses(responses in prop::collection::vec(response(), 1..30)) {
            let round = round();
            let mut plain: BTreeMap<OneWayCell, Tally> = BTreeMap::new();
            for (cell, occasion, figures, options) in &responses {
                let sheet = sheet(&round, figures, options);
                for dimension in &round.dimensions {
                    let (agency, stratum, stream) = (cell.agency, cell.stratum, cell.stream);
                    let value = dimension.value(cell.mode, occasion, &sheet);
                    let key = OneWayCell { round: cell.round, agency, stream, dimension: *dimension, stratum, value };
                    let tally = plain.entry(key).or_insert_with(|| Tally::zero(&round.one_way_shape));
                    tally.add(&round.one_way_shape, &sheet, 1, false);
                }
            }
            prop_assert_eq!(count(&round, &responses.iter().map(|r| (r, 1)).collect::<Vec<_>>()), plain);
        }
    }
}
