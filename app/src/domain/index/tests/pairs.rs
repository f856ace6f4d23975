//! A pair compared, an agency against a total that contains it, and the other rules side by side.

use super::fixture::{agency, all, method, pattern, shape, tally};
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, Absence, Agency, AgencyResult, NotCompared, PairVerdict};
use crate::domain::method::{CityRule, Method, OverallRule};
use crate::domain::tally::{Shape, Tally};

/// Agencies of one stratum: N and how many answered each way (all, most, half, nothing).
fn tallies(shape: &Shape, agencies: &[[i64; 4]]) -> Vec<Tally> {
    let sheets = [[4, 5, 6, 3, 4], [4, 4, 5, 2, 3], [2, 2, 3, 1, 2], [0; 5]];
    let tally_of = |counts: &[i64; 4]| {
        let pairs: Vec<_> = sheets.iter().zip(counts).map(|(kind, n)| (pattern(*kind), *n)).collect();
        tally(shape, &pairs)
    };
    agencies.iter().map(tally_of).collect()
}

fn city<'a>(populations: &[i64], tallies: &'a [Tally]) -> Vec<Agency<'a>> {
    populations.iter().zip(tallies).zip(1..).map(|((big, t), id)| agency(id, &[(Some(*big), t)])).collect()
}

fn against_the_city(method: &Method, agencies: &[Agency<'_>], part: i32) -> index::Pair {
    let shape = shape();
    let results = index::agencies(&shape, method, agencies);
    let members: Vec<(&Agency<'_>, &AgencyResult)> = agencies.iter().zip(&results).collect();
    let group = index::group(&shape, method, &members);
    index::pair_with_total(&shape, method, &members, &group, AgencyId(part), 0.95)
}

#[test]
fn what_has_no_figure_or_no_interval_is_not_compared_and_says_why() {
    let (shape, mut method) = (shape(), method());
    method.min_factor_respondents = 1;
    let (many, one, none) =
        (tally(&shape, &[(all(5), 40), (all(2), 20)]), tally(&shape, &[(all(5), 1)]), tally(&shape, &[]));
    let figures = |t: &Tally| index::agency(&shape, &method, &agency(1, &[(Some(900), t)])).figures;
    let pair = index::pair(&figures(&many), &figures(&none), 0.95);
    assert_eq!(pair.index, Err(NotCompared::NoFigure { why: Absence::NobodyAnswered }));
    assert_eq!(pair.factors, vec![Err(NotCompared::FactorMissing); 5]);
    let pair = index::pair(&figures(&one), &figures(&many), 0.95);
    assert!(matches!(pair.index, Err(NotCompared::NoInterval { why: index::NoInterval::SingleRespondent { .. } })));
}

#[test]
fn a_pair_is_higher_equivalent_or_not_decided() {
    let (shape, method) = (shape(), method());
    let tallies = tallies(&shape, &[[900, 60, 20, 20], [700, 100, 100, 100], [30, 4, 3, 3], [880, 70, 30, 20]]);
    let agencies = city(&[90_000; 4], &tallies);
    let results = index::agencies(&shape, &method, &agencies);
    let verdict = |a: usize, b: usize| {
        let pair = index::pair(&results[a].figures, &results[b].figures, 0.95);
        pair.index.unwrap().of_pair(method.rank_max_half_width)
    };
    assert_eq!((verdict(0, 1), verdict(1, 0)), (PairVerdict::Higher, PairVerdict::Lower));
    assert_eq!(verdict(0, 3), PairVerdict::Equivalent);
    assert_eq!(verdict(2, 1), PairVerdict::NotEnough, "forty answers leave large differences open");
    let pair = index::pair(&results[0].figures, &results[1].figures, 0.95);
    assert!(pair.factors.iter().all(|f| f.unwrap().low > 0.0), "each factor too");
    let wider = index::pair(&results[0].figures, &results[1].figures, 0.999).index.unwrap();
    assert!(wider.low < pair.index.unwrap().low);
}

#[test]
fn against_the_city_that_holds_it_an_agency_is_not_an_independent_sample() {
    let shape = shape();
    let method = Method { overall: OverallRule::Pooled, ..method() };
    let tallies = tallies(&shape, &[[300, 60, 30, 30], [280, 80, 40, 20]]);
    let agencies = city(&[80_000, 20_000], &tallies);
    let joint = against_the_city(&method, &agencies, 1);
    // With two agencies of shares W and 1 − W the difference to the city is (1 − W) of that between them.
    let results = index::agencies(&shape, &method, &agencies);
    let pair = index::pair(&results[0].figures, &results[1].figures, 0.95).index.unwrap();
    let joint_index = joint.index.unwrap();
    assert!((joint_index.value - 0.2 * pair.value).abs() < 1e-12);
    let (half, of_pair) = (joint_index.high - joint_index.low, pair.high - pair.low);
    assert!((half - 0.2 * of_pair).abs() < 1e-9 * half.max(1e-9) + 1e-6, "{half} {of_pair}");
    assert_eq!(joint.factors.iter().filter(|f| f.is_ok()).count(), 5);
}

#[test]
fn against_a_mean_of_units_the_difference_shrinks_by_the_own_share() {
    let shape = shape();
    let method = Method { city: CityRule::MeanOfUnits, ..method() };
    let tallies = tallies(&shape, &[[300, 60, 30, 30], [280, 80, 40, 20]]);
    let agencies = city(&[80_000, 20_000], &tallies);
    let results = index::agencies(&shape, &method, &agencies);
    let pair = index::pair(&results[0].figures, &results[1].figures, 0.95).index.unwrap();
    let joint = against_the_city(&method, &agencies, 1).index.unwrap();
    assert!((joint.value - pair.value / 2.0).abs() < 1e-12);
    assert!(((joint.high - joint.low) - (pair.high - pair.low) / 2.0).abs() < 1e-9);
}

#[test]
fn an_agency_where_all_are_satisfied_still_has_an_interval_beside_the_city() {
    let shape = shape();
    let tallies = tallies(&shape, &[[40, 0, 0, 0], [280, 80, 40, 20]]);
    let joint = against_the_city(&method(), &city(&[9_000, 20_000], &tallies), 1).index.unwrap();
    assert!(joint.low < joint.value && joint.value <= joint.high && joint.high - joint.low > 0.03, "{joint:?}");
}

#[test]
fn an_agency_that_is_not_in_the_total_is_not_compared_with_it() {
    let shape = shape();
    let tallies = tallies(&shape, &[[40, 5, 5, 0], [280, 80, 40, 20]]);
    let pair = against_the_city(&method(), &city(&[9_000, 20_000], &tallies), 9);
    assert_eq!(pair.index, Err(NotCompared::NoFigure { why: Absence::NobodyAnswered }));
}

#[test]
fn every_rule_side_by_side_is_what_a_method_with_that_rule_publishes() {
    let shape = shape();
    let tallies = tallies(&shape, &[[300, 60, 30, 30], [280, 80, 40, 20], [50, 10, 0, 9]]);
    let agencies = city(&[80_000, 20_000, 900], &tallies);
    let members: Vec<&Agency<'_>> = agencies.iter().collect();
    let side = index::side_by_side(&shape, &method(), &members);
    assert_eq!(side.city.len(), 4);
    assert_eq!(side.city.iter().filter(|c| c.published).count(), 1);
    for under in &side.city {
        let method = Method { overall: under.overall, city: under.city, ..method() };
        let results = index::agencies(&shape, &method, &agencies);
        let pairs: Vec<_> = agencies.iter().zip(&results).collect();
        assert_eq!(&under.figure, index::group(&shape, &method, &pairs).published());
    }
    let first = index::agency(&shape, &method(), &agencies[0]).figures.overall;
    assert_eq!((&side.units[0].mean_of_factors, &side.units[0].pooled), (&first.mean_of_factors, &first.pooled));
}
