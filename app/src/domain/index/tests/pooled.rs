//! Intervals of method version 2.

use proptest::prelude::*;

use super::direct::{Respondents, respondents, tally};
use super::fixture::{agency, all, method as method_1, pattern, shape, tally as tally_of};
use crate::domain::index::{self, AgencyResult, Basis, Estimate, Interval, Uncertainty};
use crate::domain::method::{IntervalRule, Method};
use crate::domain::stats;
use crate::domain::tally::Tally;

fn method() -> Method {
    Method { version: 2, interval: IntervalRule::Pooled, ..method_1() }
}

/// Every estimate of an agency.
fn estimates(result: &AgencyResult) -> Vec<Estimate> {
    let figures = &result.figures;
    let criteria = figures.criteria.iter().map(|c| &c.figure);
    let factors = figures.factors.iter().map(|f| &f.figure);
    let overall = [&figures.overall.mean_of_factors, &figures.overall.pooled, &figures.all_satisfied];
    criteria.chain(factors).chain(overall).filter_map(|figure| figure.as_ref().ok().copied()).collect()
}

fn results(round: &[Vec<Respondents>]) -> Vec<AgencyResult> {
    let tallies: Vec<Vec<Tally>> = round.iter().map(|strata| strata.iter().map(tally).collect()).collect();
    let mut agencies = Vec::with_capacity(round.len());
    for (id, (strata, tallies)) in (1..).zip(round.iter().zip(&tallies)) {
        let pairs: Vec<_> = strata.iter().zip(tallies).map(|(s, t)| (Some(s.population), t)).collect();
        agencies.push(agency(id, &pairs));
    }
    index::agencies(&shape(), &method(), &agencies)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn limits_stay_between_0_and_1_and_hold_the_share(
        round in prop::collection::vec(prop::collection::vec(respondents(), 1..4), 1..7),
    ) {
        for estimate in results(&round).iter().flat_map(estimates) {
            if let Some(i) = estimate.interval() {
                prop_assert!(0.0 <= i.low && i.low <= estimate.value() && estimate.value() <= i.high && i.high <= 1.0);
                let (low, high) = estimate.limits_at(0.999).unwrap();
                prop_assert!(low <= i.low + 1e-9 && i.high <= high + 1e-9, "more confidence, wider");
                prop_assert!(estimate.se().is_none(), "an agency has no standard error");
            }
        }
    }

    #[test]
    fn an_interval_narrows_as_the_effective_sample_grows(share in 0.0_f64..=1.0, n in 1.0_f64..5e4, more in 1.0_f64..9.0) {
        let quantile = stats::t_quantile(0.975, 40.0);
        let (low, high) = stats::wilson_around(share, n, quantile);
        let (lower, higher) = stats::wilson_around(share, n * more, quantile);
        prop_assert!(higher - lower <= high - low + 1e-12);
    }

    #[test]
    fn the_order_of_agencies_only_moves_rounding(
        round in prop::collection::vec(prop::collection::vec(respondents(), 1..3), 2..7),
    ) {
        let there = results(&round);
        let backwards: Vec<_> = round.iter().rev().cloned().collect();
        let mut back = results(&backwards);
        back.reverse();
        for (a, b) in there.iter().flat_map(estimates).zip(back.iter().flat_map(estimates)) {
            match (a.interval(), b.interval()) {
                (Some(a), Some(b)) => prop_assert!((a.low - b.low).abs() < 1e-9 && (a.high - b.high).abs() < 1e-9),
                (a, b) => prop_assert!(a.is_none() == b.is_none()),
            }
        }
    }
}

#[test]
fn an_interval_says_nothing_of_how_answers_of_one_person_go_together() {
    let shape = shape();
    // Three unsatisfied answers of one factor: all of one person, or one each of three.
    let (together, apart) = (
        tally_of(&shape, &[(pattern([4, 5, 6, 0, 4]), 1), (all(5), 99)]),
        tally_of(&shape, &[(pattern([4, 5, 6, 2, 4]), 3), (all(5), 97)]),
    );
    let overall = |tally: &Tally| {
        let result = index::agency(&shape, &method(), &agency(1, &[(Some(900), tally)]));
        *result.figures.overall.mean_of_factors.as_ref().unwrap()
    };
    let (together, apart) = (overall(&together), overall(&apart));
    assert!((together.value() - apart.value()).abs() < 1e-15);
    let limits = |e: &Estimate| e.interval().map(|i| (i.low, i.high)).unwrap();
    let (a, b) = (limits(&together), limits(&apart));
    assert!((a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12, "{a:?} {b:?}");
}

#[test]
fn at_one_the_interval_needs_no_special_case_and_a_census_has_none() {
    let shape = shape();
    let forty = tally_of(&shape, &[(all(5), 40)]);
    let of = |population| {
        let result = index::agency(&shape, &method(), &agency(1, &[(Some(population), &forty)]));
        result.figures.overall.mean_of_factors.unwrap().uncertainty()
    };
    let Uncertainty::Interval(Interval { low, high, basis: Basis::Pooled { n, n_effective, df, design, .. } }) =
        of(400)
    else {
        panic!("it has a pooled interval");
    };
    assert_eq!((n, high), (40, 1.0));
    assert!((n_effective - 40.0 / 0.9).abs() < 1e-9 && (df - 39.0).abs() < 1e-9 && (design - 1.0).abs() < 1e-15);
    assert!(low > 0.9 && low < 0.95);
    assert_eq!(of(40), Uncertainty::Census);
}

#[test]
fn small_strata_are_merged_and_named() {
    let shape = shape();
    let (large, small) = (tally_of(&shape, &[(all(5), 50)]), tally_of(&shape, &[(all(2), 4)]));
    let subject = agency(1, &[(Some(900), &large), (Some(40), &small)]);
    let figures = index::agency(&shape, &method(), &subject).figures;
    assert_eq!(figures.merged.len(), 1);
    assert_eq!((figures.merged[0].strata.len(), figures.merged[0].population, figures.merged[0].n), (2, Some(940), 54));
    assert!((figures.estimate().unwrap().value() - 50.0 / 54.0).abs() < 1e-12);
    assert!(!figures.is_weighted());
    let old = index::agency(&shape, &method_1(), &subject).figures;
    assert!(old.merged.is_empty() && old.is_weighted(), "version 1 stays as it was");
}
