mod simulation;

use super::*;
use crate::domain::index::tests::fixture::{agency, all, method, shape, sheet, tally};
use crate::domain::index::{self, Agency};
use crate::domain::tally::{Shape, Tally};

/// Agencies with `satisfied` of `n` respondents satisfied with everything, of N dossiers.
fn results(method: &Method, agencies: &[(i64, i64, i64)]) -> Vec<AgencyResult> {
    let shape: Shape = shape();
    let tallies: Vec<Tally> =
        agencies.iter().map(|(_, n, k)| tally(&shape, &[(all(5), *k), (all(2), n - k)])).collect();
    let agencies: Vec<Agency<'_>> =
        agencies.iter().zip(&tallies).zip(1..).map(|(((big, ..), t), id)| agency(id, &[(Some(*big), t)])).collect();
    index::agencies(&shape, method, &agencies)
}

fn ranked(method: &Method, agencies: &[(i64, i64, i64)]) -> Ranking {
    let results = results(method, agencies);
    rank(method, &results.iter().collect::<Vec<_>>())
}

fn place(ranking: &Ranking, id: i32) -> Result<(usize, usize, usize), NotRanked> {
    let line = ranking.lines.iter().find(|l| l.agency == AgencyId(id)).unwrap();
    line.place.map(|r| (r.rank, r.best, r.worst))
}

#[test]
fn far_apart_agencies_have_sure_ranks_and_near_ones_share_a_range() {
    let ranking = ranked(&method(), &[(90_000, 2000, 1000), (90_000, 2000, 1900), (90_000, 2000, 1010)]);
    assert_eq!(ranking.lines.iter().map(|l| l.agency.0).collect::<Vec<_>>(), [2, 3, 1]);
    assert_eq!(place(&ranking, 2), Ok((1, 1, 1)));
    assert_eq!((place(&ranking, 3), place(&ranking, 1)), (Ok((2, 2, 3)), Ok((3, 2, 3))));
    assert_eq!(ranking.ranked, 3);
    assert!((ranking.level.powi(3) - 0.95).abs() < 1e-12);
    let limits = ranking.lines[0].place.unwrap().limits;
    let own = results(&method(), &[(90_000, 2000, 1900)])[0].figures.estimate().unwrap().interval().unwrap();
    assert!(limits.0 < own.low && own.high < limits.1, "together they hold with 95 %, so each is wider");
}

#[test]
fn equal_figures_share_a_rank_and_the_next_one_skips() {
    let ranking = ranked(&method(), &[(90_000, 2000, 1500), (90_000, 2000, 1500), (90_000, 2000, 900)]);
    assert_eq!([1, 2, 3].map(|id| place(&ranking, id).unwrap().0), [1, 1, 3]);
}

#[test]
fn who_is_not_measured_well_enough_stands_below_with_the_reason() {
    let ranking = ranked(&method(), &[(900, 29, 29), (90_000, 100, 50), (90_000, 1, 1), (90, 90, 45), (10, 0, 0)]);
    assert_eq!(place(&ranking, 1), Err(NotRanked::TooFew { n: 29, needed: 30 }));
    assert!(matches!(place(&ranking, 2), Err(NotRanked::TooWide { most, .. }) if (most - 0.05).abs() < 1e-12));
    assert_eq!((place(&ranking, 3), place(&ranking, 5)), (Err(NotRanked::NoIndex), Err(NotRanked::NoIndex)));
    assert_eq!(place(&ranking, 4), Ok((1, 1, 1)), "a census is its own point");
    assert_eq!(ranking.lines.iter().map(|l| l.agency.0).collect::<Vec<_>>(), [4, 1, 2, 3, 5]);
}

#[test]
fn an_agency_with_a_factor_missing_is_not_ranked() {
    let (shape, method) = (shape(), method());
    let mut without = [4; 22];
    without[18..].fill(9);
    let tally = tally(&shape, &[(sheet(&without), 900), (all(2), 4)]);
    let result = index::agency(&shape, &method, &agency(1, &[(Some(9000), &tally)]));
    let ranking = rank(&method, &[&result]);
    assert_eq!(place(&ranking, 1), Err(NotRanked::FactorMissing { counted: 4, of: 5 }));
}

#[test]
fn all_satisfied_can_be_ranked() {
    assert_eq!(place(&ranked(&method(), &[(900, 200, 200), (9000, 2000, 1000)]), 1), Ok((1, 1, 1)));
}
