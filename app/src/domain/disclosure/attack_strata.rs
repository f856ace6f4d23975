//! The attacker who solves a hidden stratum: he knows N of every stratum and the method, and has the weighted shares.
//! Counts without weights gave him a second equation; now strata below 10 responses are merged, and counts are shown
//! only where there is one stratum.

use crate::domain::index;
use crate::domain::index::tests::fixture::{agency, all, method, shape, tally};
use crate::domain::method::{IntervalRule, Method};
use crate::domain::tally::Tally;

/// N and n of the large stratum and of the small one.
const LARGE: (i64, i64) = (2_000, 60);
const SMALL: (i64, i64) = (200, 3);

/// How many of the three people of the small stratum can be satisfied, as far as the attacker can tell from the share
/// (as printed, to a hundredth of a percent) and, where it is shown, the count of all satisfied.
fn possible(share_at: impl Fn(i64, i64) -> f64, printed: f64, count: Option<i64>) -> Vec<i64> {
    let mut found: Vec<i64> = (0..=SMALL.1)
        .filter(|small| {
            (0..=LARGE.1).any(|large| {
                count.is_none_or(|count| count == large + small)
                    && (share_at(large, *small) - printed).abs() <= 0.000_05 + 1e-12
            })
        })
        .collect();
    found.dedup();
    found
}

/// The share of a method and the count that is shown beside it.
fn published(method: &Method, satisfied: (i64, i64)) -> (f64, Option<i64>) {
    let shape = shape();
    let of = |n: i64, k: i64| tally(&shape, &[(all(5), k), (all(1), n - k)]);
    let (large, small): (Tally, Tally) = (of(LARGE.1, satisfied.0), of(SMALL.1, satisfied.1));
    let subject = agency(1, &[(Some(LARGE.0), &large), (Some(SMALL.0), &small)]);
    let figures = index::agency(&shape, method, &subject).figures;
    let share = figures.criteria[0].figure.as_ref().map(index::Estimate::value).unwrap_or(f64::NAN);
    let count = (!figures.is_weighted()).then_some(figures.criteria[0].n_satisfied);
    ((share * 10_000.0).round() / 10_000.0, count)
}

#[test]
fn a_hidden_stratum_of_three_came_out_of_shares_and_counts_and_does_not_any_more() {
    let old = method();
    let new = Method { interval: IntervalRule::Pooled, ..method() };
    let weight = |(population, n): (i64, i64)| population as f64 / n as f64;
    let (w, v) = (weight(LARGE), weight(SMALL));
    let weighted = |large: i64, small: i64| (w * large as f64 + v * small as f64) / (LARGE.0 + SMALL.0) as f64;
    let merged = |large: i64, small: i64| (large + small) as f64 / (LARGE.1 + SMALL.1) as f64;
    for large in [20, 45, 57] {
        for small in 0..=SMALL.1 {
            // Version 1 with the count that used to be printed beside the weighted share: solved.
            let (share, _) = published(&old, (large, small));
            assert_eq!(possible(weighted, share, Some(large + small)), [small], "it could be solved");
            // Version 2: one stratum of 63, every number of satisfied people in the small one fits.
            let (share, count) = published(&new, (large, small));
            assert_eq!(possible(merged, share, count).len(), 4, "{large} and {small}: all of 0 to 3 are possible");
        }
    }
}

#[test]
fn counts_without_weights_are_not_shown_where_responses_are_weighted() {
    assert_eq!(published(&method(), (45, 2)).1, None);
    assert_eq!(published(&Method { interval: IntervalRule::Pooled, ..method() }, (45, 2)).1, Some(47));
}
