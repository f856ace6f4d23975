//! Integer moments against exact fractions, at ten million responses.

use proptest::prelude::*;

use super::fixture::{self, SIZES};
use crate::domain::index;
use crate::domain::tally::Tally;

/// A pattern of satisfaction and how many respondents show it.
type Pattern = ([usize; 5], i64);

fn patterns(most: i64) -> impl Strategy<Value = Vec<Pattern>> {
    let satisfied = (0..=4_usize, 0..=5_usize, 0..=6_usize, 0..=3_usize, 0..=4_usize);
    let one = (satisfied, 1..=most).prop_map(|((a, b, c, d, e), times)| ([a, b, c, d, e], times));
    prop::collection::vec(one, 2..6)
}

fn tally(patterns: &[Pattern]) -> Tally {
    let shape = fixture::shape();
    let sheets: Vec<_> = patterns.iter().map(|(p, times)| (fixture::pattern(*p), *times)).collect();
    fixture::tally(&shape, &sheets)
}

/// A fraction of whole numbers that is not yet computed.
struct Variance {
    terms: Vec<(i128, f64)>,
}

/// The variance of an index in strata (weight, patterns), all criteria answered by everybody, with whole weights w, so
/// that everything up to one division a stratum is whole. `scale` are whole numbers s_F with
/// z_i = Σ_F s_F·(U_F − W·u_iF) / unit.
fn exact(strata: &[(i64, Vec<Pattern>)], scale: [i128; 5], unit: f64) -> f64 {
    let n = |p: &[Pattern]| p.iter().map(|(_, t)| i128::from(*t)).sum::<i128>();
    let low = |p: &[usize; 5], f: usize| (SIZES[f] - p[f]) as i128;
    let w_all: i128 = strata.iter().map(|(w, p)| i128::from(*w) * n(p)).sum();
    let u_all: Vec<i128> = (0..5)
        .map(|f| {
            let of = |(w, ps): &(i64, Vec<Pattern>)| {
                i128::from(*w) * ps.iter().map(|(p, t)| i128::from(*t) * low(p, f)).sum::<i128>()
            };
            strata.iter().map(of).sum()
        })
        .collect();
    let mut variance = Variance { terms: Vec::new() };
    for (w, ps) in strata {
        let n = n(ps);
        let z = |p: &[usize; 5]| (0..5).map(|f| scale[f] * (u_all[f] - w_all * low(p, f))).sum::<i128>();
        let sum: i128 = ps.iter().map(|(p, t)| i128::from(*t) * z(p)).sum();
        let mean_free = |p: &[usize; 5]| z(p) - sum.div_euclid(n);
        // Σ(z − a)² − (Σ(z − a))²/n with a whole a near the mean keeps the squares small.
        let rest = sum.rem_euclid(n);
        let squares: i128 = ps.iter().map(|(p, t)| i128::from(*t) * mean_free(p) * mean_free(p)).sum();
        let (big, n_f) = (*w as f64 * n as f64, n as f64);
        // rest² / n < n is far below the squares of a spread that is not 0; it is exact to a double's digits.
        let about_the_mean = squares as f64 - (rest * rest) as f64 / n_f;
        variance.terms.push((n, big * (big - n_f) / (n_f * (n_f - 1.0)) * about_the_mean));
    }
    variance.terms.iter().map(|(_, term)| term).sum::<f64>() / (unit * unit)
}

fn assert_agrees(got: f64, variance: f64) {
    let wanted = variance.sqrt();
    assert!((got - wanted).abs() <= 1e-11 * wanted, "got {got}, exactly {wanted}");
}

fn check(strata: &[(i64, Vec<Pattern>)]) {
    let (shape, method) = (fixture::shape(), fixture::method());
    let tallies: Vec<Tally> = strata.iter().map(|(_, p)| tally(p)).collect();
    let pairs: Vec<_> = strata.iter().zip(&tallies).map(|((w, _), t)| (Some(w * t.n()), t)).collect();
    let figures = index::agency(&shape, &method, &fixture::agency(1, &pairs)).figures;
    let w: f64 = strata.iter().zip(&tallies).map(|((w, _), t)| *w as f64 * t.n() as f64).sum();
    // Mean of factors: z = Σ_F (U_F/W − u_F)/(5·m_F·W) = Σ_F (60/m_F)·(U_F − W·u_F) / (300·W²).
    let mean = figures.overall.mean_of_factors.unwrap();
    if let Some(interval) = mean.interval()
        && let index::Basis::Logit { se, .. } = interval.basis
    {
        assert_agrees(se, exact(strata, SIZES.map(|m| 60 / m as i128), 300.0 * w * w));
    }
    // Pooled: z = Σ_F (U·m_F/(22·W) − u_F)/(22·W); ΣU_F stands for U since all answer all.
    let pooled = figures.overall.pooled.unwrap();
    if let Some(index::Basis::Logit { se, .. }) = pooled.interval().map(|i| i.basis) {
        assert_agrees(se, exact(strata, [1; 5], 22.0 * w * w));
    }
    for f in 0..5 {
        let factor = figures.factors[f].figure.unwrap();
        if let Some(index::Basis::Logit { se, .. }) = factor.interval().map(|i| i.basis) {
            let mut scale = [0; 5];
            scale[f] = 1;
            assert_agrees(se, exact(strata, scale, SIZES[f] as f64 * w * w));
        }
    }
}

proptest! {
    #[test]
    fn one_stratum_of_ten_million(patterns in patterns(5_000_000), weight in 2_i64..9) {
        check(&[(weight, patterns)]);
    }

    #[test]
    fn three_strata_of_millions(a in patterns(1_000_000), b in patterns(1_000_000), c in patterns(1000)) {
        check(&[(2, a), (3, b), (7, c)]);
    }
}

#[test]
fn one_unsatisfied_answer_among_ten_million_people_keeps_its_digits() {
    check(&[(3, vec![([4, 5, 6, 3, 4], 9_999_999), ([4, 5, 6, 2, 4], 1)])]);
    check(&[(3, vec![([0; 5], 9_999_999), ([0, 0, 1, 0, 0], 1)])]);
    // Everybody alike but one: the terms are ten million times their sum.
    check(&[(3, vec![([2, 3, 2, 1, 2], 9_999_999), ([2, 3, 3, 1, 2], 1)])]);
}
