//! One-way tables: the figures of a value against plain sums over respondents, and of everybody against the whole.

use proptest::prelude::*;

use super::direct::{self, Part, Respondents, agrees, counts, of_factor, respondents};
use super::fixture;
use crate::domain::answer::Sheet;
use crate::domain::breakdown::{Breakdown, Dimension, NOT_SAID, Row};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{self, Absence, NoInterval, Parts, Uncertainty};
use crate::domain::method::OverallRule;
use crate::domain::response::Stream;
use crate::domain::round::Stratum;
use crate::domain::tally::Tally;

/// Strata 1, 2, … of agency 1, or of an agency each.
fn frame(populations: &[Option<i64>], one_agency: bool) -> Vec<Stratum> {
    let stratum = |(id, population): (i32, &Option<i64>)| Stratum {
        id: StratumId(id),
        agency: AgencyId(if one_agency { 1 } else { id }),
        field: None,
        population: *population,
    };
    (1..).zip(populations).map(stratum).collect()
}

/// The breakdown of sheets: (agency, stratum, value of a respondent, sheet).
fn breakdown<'s>(sheets: impl IntoIterator<Item = (i32, i32, i32, &'s Sheet)>) -> Breakdown {
    let shape = fixture::shape();
    let mut breakdown =
        Breakdown { dimension: Dimension::Month, stream: Stream::Sample, version: 1, folded_at: 0, rows: vec![] };
    for (agency, stratum, value, sheet) in sheets {
        let (agency, stratum) = (AgencyId(agency), StratumId(stratum));
        let rows = &mut breakdown.rows;
        let at = rows.iter().position(|r| (r.agency, r.stratum, r.value) == (agency, stratum, value));
        let at = at.unwrap_or_else(|| {
            rows.push(Row { agency, stratum, value, tally: Tally::zero(&shape) });
            rows.len() - 1
        });
        rows[at].tally.add(&shape, sheet, 1, false);
    }
    breakdown
}

/// Respondent i of every stratum has the value `value_of(i)`.
fn broken_down(strata: &[Respondents], one_agency: bool, value_of: impl Fn(usize) -> i32) -> (Vec<Stratum>, Breakdown) {
    let populations: Vec<Option<i64>> = strata.iter().map(|s| Some(s.population)).collect();
    let sheets = (1..).zip(strata).flat_map(|(id, s)| {
        let value_of = &value_of;
        let agency = if one_agency { 1 } else { id };
        s.sheets.iter().enumerate().map(move |(i, sheet)| (agency, id, value_of(i), sheet))
    });
    (frame(&populations, one_agency), breakdown(sheets))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_value_agrees_with_sums_over_respondents(strata in prop::collection::vec(respondents(), 1..4)) {
        let (shape, method) = (fixture::shape(), fixture::method());
        let (frame, breakdown) = broken_down(&strata, true, |i| (i % 3) as i32 + NOT_SAID);
        let parts = Parts::new(&frame, &breakdown);
        let lines = index::by_value(&shape, &method, &parts);
        let all: usize = strata.iter().map(|s| s.sheets.len()).sum();
        prop_assert_eq!(lines.iter().map(|l| l.figures.n).sum::<i64>(), all as i64);
        prop_assert!(lines.iter().rev().skip(1).all(|l| l.value != NOT_SAID), "it stands last");
        for line in &lines {
            let inside = |i: usize| (i % 3) as i32 + NOT_SAID == line.value;
            let figures = &line.figures;
            for (j, criterion) in figures.criteria.iter().enumerate() {
                agrees(&criterion.figure, &strata, &[&|s: &Sheet| counts(s, j..j + 1)], &inside);
            }
            let factor = |f: usize| move |s: &Sheet| counts(s, of_factor(f));
            let factors = [factor(0), factor(1), factor(2), factor(3), factor(4)];
            for (f, part) in factors.iter().enumerate() {
                agrees(&figures.factors[f].figure, &strata, &[part], &inside);
            }
            agrees(&figures.overall.pooled, &strata, &[&|s: &Sheet| counts(s, 0..22)], &inside);
            let counted: Vec<Part<'_>> =
                figures.factors.iter().zip(&factors).filter(|(f, _)| f.respondents >= 5).map(|(_, p)| p as Part<'_>).collect();
            if counted.is_empty() {
                prop_assert!(figures.overall.mean_of_factors.is_err());
            } else {
                agrees(&figures.overall.mean_of_factors, &strata, &counted, &inside);
            }
            // Those who are inside, in the strata where there are any.
            let inside_of = |s: &Respondents| (0..s.sheets.len()).filter(|i| inside(*i)).count() as i64;
            prop_assert_eq!(figures.df, strata.iter().map(inside_of).filter(|n| *n > 0).map(|n| n - 1).sum::<i64>());
        }
    }

    /// When everybody has one value, its line is the whole table.
    #[test]
    fn a_value_that_everybody_has_is_the_whole_to_the_last_digit(
        strata in prop::collection::vec(respondents(), 1..4),
    ) {
        let (shape, method) = (fixture::shape(), fixture::method());
        let (frame, one) = broken_down(&strata, true, |_| 7);
        let tallies: Vec<Tally> = strata.iter().map(direct::tally).collect();
        let strata_of = |ids: Vec<i32>| ids.into_iter().zip(&frame).zip(&tallies).map(|((id, s), tally)| {
            index::Stratum { id: StratumId(id), population: s.population, tally }
        }).collect::<Vec<_>>();
        let agency = index::Agency {
            id: AgencyId(1), strata: strata_of((1..).take(frame.len()).collect()), left_out: index::LeftOut::default(),
        };
        let whole = index::agency(&shape, &method, &agency).figures;
        let lines = index::by_value(&shape, &method, &Parts::new(&frame, &one));
        prop_assert_eq!(lines.len(), 1);
        prop_assert_eq!(&lines[0].figures, &whole);

        // The same over a group, one agency a stratum, by both rules.
        let (frame, one) = broken_down(&strata, false, |_| 7);
        let agencies: Vec<index::Agency<'_>> = frame.iter().zip(&tallies).map(|(s, tally)| index::Agency {
            id: s.agency,
            strata: vec![index::Stratum { id: s.id, population: s.population, tally }],
            left_out: index::LeftOut::default(),
        }).collect();
        let results = index::agencies(&shape, &method, &agencies);
        let members: Vec<_> = agencies.iter().zip(&results).collect();
        let whole = index::group(&shape, &method, &members);
        let lines = index::group_by_value(&shape, &method, &Parts::new(&frame, &one));
        prop_assert_eq!(&lines[0].figures, &whole);
    }

    /// The difference of a month with the whole is the one of the joint residual, from the same table.
    #[test]
    fn a_value_less_the_whole_takes_its_strata_from_the_table(strata in prop::collection::vec(respondents(), 1..4)) {
        let (shape, mut method) = (fixture::shape(), fixture::method());
        method.overall = OverallRule::Pooled;
        let (frame, table) = broken_down(&strata, true, |i| (i % 2) as i32);
        let zero = Tally::zero(&shape);
        let parts = Parts::new(&frame, &table);
        let difference = index::difference_with_total(&shape, &method, &parts.nested(0, &zero), 0.95).unwrap();
        let line = index::by_value(&shape, &method, &parts).remove(0).figures;
        let everybody = broken_down(&strata, true, |_| 0);
        let whole = index::by_value(&shape, &method, &Parts::new(&everybody.0, &everybody.1)).remove(0).figures;
        let (part, whole) = (line.index().as_ref().unwrap(), whole.index().as_ref().unwrap());
        prop_assert!((difference.value - (part.value() - whole.value())).abs() < 1e-12);
    }
}

#[test]
fn a_stratum_of_one_respondent_takes_the_interval_from_its_values_and_n_above_the_population_the_figure() {
    let (shape, method) = (fixture::shape(), fixture::method());
    let sheets = vec![fixture::all(5); 3];
    let rows = || sheets.iter().map(|s| (1, 1, 0, s)).chain([(1, 2, 0, &sheets[0])]);
    let table = breakdown(rows());
    let figures = |populations: &[Option<i64>]| {
        let frame = frame(populations, true);
        index::by_value(&shape, &method, &Parts::new(&frame, &table)).remove(0).figures
    };
    let single = figures(&[Some(40), Some(40)]);
    let why = NoInterval::SingleRespondent { stratum: StratumId(2) };
    assert_eq!(single.overall.pooled.map(|e| e.uncertainty()), Ok(Uncertainty::None { why }));
    let census = figures(&[Some(3), Some(1)]);
    assert_eq!(census.overall.pooled.map(|e| e.uncertainty()), Ok(Uncertainty::Census));
    let too_many = figures(&[Some(2), Some(40)]);
    assert!(matches!(too_many.overall.pooled, Err(Absence::MoreThanPopulation { n: 3, population: 2, .. })));
    let unknown = figures(&[None, Some(40)]);
    assert!(matches!(unknown.overall.pooled, Err(Absence::PopulationMissing { .. })));
}

#[test]
fn who_is_in_no_stratum_is_left_out_and_counted_and_other_agencies_are_nowhere() {
    let (shape, method) = (fixture::shape(), fixture::method());
    let sheet = fixture::all(4);
    let in_all = [(1, 1, 3), (1, 1, 3), (1, 0, 3), (1, -1, 3), (1, -1, 3), (2, 9, 3)];
    let table = breakdown(in_all.iter().map(|(agency, stratum, value)| (*agency, *stratum, *value, &sheet)));
    let frame = frame(&[Some(10)], true);
    let lines = index::by_value(&shape, &method, &Parts::new(&frame, &table));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].figures.n, 2);
    assert_eq!((lines[0].figures.left_out.outside, lines[0].figures.left_out.unknown_stratum), (1, 2));
}

#[test]
fn the_voluntary_stream_by_value_has_shares_only_and_belongs_to_one_agency() {
    let (shape, method) = (fixture::shape(), fixture::method());
    let (happy, unhappy) = (fixture::all(5), fixture::all(1));
    let six = std::iter::repeat_n((1, 1, 0, &happy), 6);
    let rows = six.chain([(1, -1, 0, &unhappy), (1, 0, 0, &unhappy), (1, 1, NOT_SAID, &happy), (2, 2, 0, &unhappy)]);
    let table = breakdown(rows);
    let frame = frame(&[Some(100), Some(50)], false);
    let lines = index::open_by_value(&shape, &method, AgencyId(1), &frame, &table);
    let read: Vec<_> = lines.iter().map(|l| (l.value, l.figures.n, l.figures.left_out.outside)).collect();
    assert_eq!(read, [(0, 7, 1), (NOT_SAID, 1, 0)], "of no stratum or not, but not from outside");
    assert_eq!(lines[0].figures.population, Some(100));
    let share = lines[0].figures.index.map(index::OpenShare::value).unwrap();
    assert!((share - 6.0 / 7.0).abs() < 1e-12);
    assert_eq!(lines[1].figures.index, None, "no factor that five have answered");
    assert!(index::open_by_value(&shape, &method, AgencyId(3), &frame, &table).is_empty());
}
