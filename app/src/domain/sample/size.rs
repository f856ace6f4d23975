//! The sample size of the 2013 method (Quyết định 1383/QĐ-BNV) and its shares among strata.

/// Parts in a thousand, the unit of margins of error here: whole numbers keep the rounding exact.
pub const PERMILLE: u64 = 1_000;
/// The margin of the method, 5 %.
pub const MARGIN_PERMILLE: u16 = 50;

/// Yamane's sample size `n = N / (1 + N·e²)`, rounded up, for a population of `N` dossiers and a margin of error `e`
/// in parts of a thousand. Never more than the population; the population itself when the margin is 0.
///
/// ```
/// use app::domain::sample::{MARGIN_PERMILLE, yamane};
/// assert_eq!(yamane(2_000, MARGIN_PERMILLE), 334);
/// ```
pub fn yamane(population: u64, margin_permille: u16) -> u64 {
    let square = u128::from(PERMILLE * PERMILLE);
    let (n, e) = (u128::from(population), u128::from(margin_permille));
    // n·10⁶ / (10⁶ + n·e²), in whole numbers: no rounding error can push an exact quotient up by one.
    u64::try_from((n * square).div_ceil(square + n * e * e)).unwrap_or(population)
}

/// Shares out exactly `total` interviews over populations by Yamane's formula, with the one margin that uses the total
/// up: small populations are asked nearly whole, large ones about alike. No share exceeds its population, so less
/// than `total` is given only where there are fewer people.
pub fn allocate(total: u64, populations: &[u64]) -> Vec<u64> {
    if total >= populations.iter().sum() {
        return populations.to_vec();
    }
    let size = |n: u64, square: f64| n as f64 / (1.0 + n as f64 * square);
    // The sum falls as e² grows; e² is between 0 (everybody) and the number of strata over the total (size < 1/e²).
    let (mut low, mut high) = (0.0, populations.len() as f64 / (total.max(1) as f64) + 1.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if populations.iter().map(|n| size(*n, middle)).sum::<f64>() > total as f64 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let wanted: Vec<f64> = populations.iter().map(|n| size(*n, high)).collect();
    round_to(total, &wanted, populations)
}

/// Shares out exactly `total` in proportion to `weights` (not negative), without an upper limit.
/// All zeros where there is no weight at all.
pub fn proportional(total: u64, weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let wanted: Vec<f64> = weights.iter().map(|w| w / sum * total as f64).collect();
    round_to(total, &wanted, &vec![u64::MAX; weights.len()])
}

/// Whole numbers near `wanted` that add up to `total`: the largest remainders are rounded up, the earlier one of equals
/// first. None exceeds its limit.
fn round_to(total: u64, wanted: &[f64], limits: &[u64]) -> Vec<u64> {
    let mut shares: Vec<u64> = wanted.iter().zip(limits).map(|(w, limit)| (w.floor() as u64).min(*limit)).collect();
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*b].fract().total_cmp(&wanted[*a].fract()).then(a.cmp(b)));
    let mut left = total.saturating_sub(shares.iter().sum());
    while left > 0 {
        let before = left;
        for &i in &order {
            if left > 0 && shares[i] < limits[i] {
                shares[i] += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_the_method_comes_out() {
        for (population, n) in [
            (0, 0),
            (1, 1),
            (50, 45),
            (100, 80),
            (200, 134),
            (500, 223),
            (1_000, 286),
            (2_000, 334),
            (5_000, 371),
            (10_000, 385),
            (50_000, 397),
            (617_081, 400),
        ] {
            assert_eq!(yamane(population, MARGIN_PERMILLE), n, "N = {population}");
        }
    }

    #[test]
    fn an_exact_quotient_is_not_rounded_up() {
        assert_eq!(yamane(400, 50), 200);
        assert_eq!(yamane(100, 100), 50);
    }

    #[test]
    fn without_a_margin_everybody_is_asked_and_a_huge_population_does_not_overflow() {
        assert_eq!(yamane(1_234, 0), 1_234);
        assert_eq!(yamane(u64::MAX, 50), 400);
    }

    #[test]
    fn an_allocation_at_the_margin_of_the_method_is_that_of_yamane() {
        let populations = [46, 500, 4_000, 30_000];
        let total = populations.iter().map(|n| yamane(*n, MARGIN_PERMILLE)).sum();
        for (share, n) in allocate(total, &populations).into_iter().zip(populations) {
            assert!(share.abs_diff(yamane(n, MARGIN_PERMILLE)) <= 1, "N = {n}: {share}");
        }
    }

    #[test]
    fn a_larger_total_than_there_are_people_asks_everybody() {
        assert_eq!(allocate(1_000, &[3, 0, 5]), [3, 0, 5]);
    }

    #[test]
    fn shares_in_proportion_add_up_even_when_they_do_not_divide() {
        assert_eq!(proportional(10, &[1.0, 1.0, 1.0]), [4, 3, 3]);
        assert_eq!(proportional(10, &[0.0, 0.0]), [0, 0]);
        assert_eq!(proportional(0, &[2.0, 1.0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn an_allocation_gives_exactly_what_there_is(
            total in 0_u64..20_000,
            populations in prop::collection::vec(0_u64..50_000, 0..130),
        ) {
            let shares = allocate(total, &populations);
            prop_assert_eq!(shares.iter().sum::<u64>(), total.min(populations.iter().sum()));
            prop_assert!(shares.iter().zip(&populations).all(|(share, n)| share <= n));
        }

        #[test]
        fn a_sample_is_within_its_population_and_no_larger_than_the_margin_asks(n in 0_u64..10_000_000, e in 1_u16..1_000) {
            let size = yamane(n, e);
            prop_assert!(size <= n);
            prop_assert!(size * u64::from(e) * u64::from(e) < PERMILLE * PERMILLE + u64::from(e) * u64::from(e));
        }
    }
}
