//! One interviewer beside all others: are their interviews distributed alike?
//!
//! The test is the generalised Cochran–Mantel–Haenszel test of general association (Landis, Heyman and Koch 1978), strata
//! being the agencies: who works at a poorly run office is compared with others at that office, not with the city. The
//! unit is the interview, not the statement: 22 answers of one person are no 22 observations. With one stratum the
//! statistic is Pearson's χ² times (N − 1)/N. Many interviewers are tested, so the level is divided by how many
//! (Bonferroni).

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Level of one whole comparison of a round: of a hundred rounds in which nobody does anything odd, one names somebody.
pub const LEVEL: f64 = 0.01;
/// Fewest interviews of one interviewer, and fewest of the others at the same agencies: below, nothing is said.
pub const COMPARE_FROM: u32 = 20;
/// Fewest interviews expected in a category (Cochran 1954); neighbours are merged until it is reached.
const EXPECTED: f64 = 5.0;

/// Counts of one agency by category: the interviewer's, and everybody's with theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// The interviewer's.
    pub own: Vec<u32>,
    /// Everybody's, the interviewer's among them.
    pub all: Vec<u32>,
}

/// What the comparison says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compared {
    /// Too few interviews, or nobody else at the same agencies.
    NotEnough,
    /// As the others', or not surely otherwise. The probability of such a difference by chance alone.
    Alike(f64),
    /// Surely otherwise, at the level given. Not that anything is wrong: that is for people to find out.
    Differs(f64),
}

/// Compares at a level: [`LEVEL`] divided by the number of comparisons.
pub fn compare(strata: &[Stratum], level: f64) -> Compared {
    let sum = |counts: &[u32]| counts.iter().sum::<u32>();
    // An agency where nobody else asked compares nothing.
    let strata: Vec<&Stratum> = strata.iter().filter(|s| sum(&s.own) > 0 && sum(&s.all) > sum(&s.own)).collect();
    let own: u32 = strata.iter().map(|s| sum(&s.own)).sum();
    let others = strata.iter().map(|s| sum(&s.all)).sum::<u32>() - own;
    if own < COMPARE_FROM || others < COMPARE_FROM {
        return Compared::NotEnough;
    }
    let merged = merge(&strata);
    let groups = merged.first().map_or(0, |(own, _)| own.len());
    if groups < 2 {
        return Compared::Alike(1.0);
    }
    let p = statistic(&merged, groups - 1).map_or(1.0, |value| tail(value, groups - 1));
    if p < level { Compared::Differs(p) } else { Compared::Alike(p) }
}

/// The probability of a χ² of `value` or more.
fn tail(value: f64, freedom: usize) -> f64 {
    ChiSquared::new(freedom as f64).map_or(1.0, |chi| chi.sf(value.max(0.0)))
}

type Counts = (Vec<f64>, Vec<f64>);

/// The counts with neighbouring categories merged until each expects enough of the interviewer's.
fn merge(strata: &[&Stratum]) -> Vec<Counts> {
    let categories = strata.first().map_or(0, |s| s.all.len());
    let expected = |at: usize| -> f64 {
        let one = |s: &&Stratum| {
            let (own, all) = (s.own.iter().sum::<u32>(), s.all.iter().sum::<u32>());
            f64::from(own) * f64::from(s.all.get(at).copied().unwrap_or(0)) / f64::from(all)
        };
        strata.iter().map(one).sum()
    };
    // The group of each category; the last group, if it stays small, goes to the one before.
    let (mut groups, mut group, mut held) = (vec![], 0_usize, 0.0);
    for at in 0..categories {
        groups.push(group);
        held += expected(at);
        if held >= EXPECTED {
            (group, held) = (group + 1, 0.0);
        }
    }
    let last = group.saturating_sub(1);
    let groups: Vec<usize> = groups.into_iter().map(|group| group.min(last)).collect();
    let pour = |counts: &[u32]| {
        let mut merged = vec![0.0; last + 1];
        for (count, group) in counts.iter().zip(&groups) {
            if let Some(sum) = merged.get_mut(*group) {
                *sum += f64::from(*count);
            }
        }
        merged
    };
    strata.iter().map(|s| (pour(&s.own), pour(&s.all))).collect()
}

/// dᵀV⁻¹d over the first categories; none where V has no inverse.
fn statistic(strata: &[Counts], freedom: usize) -> Option<f64> {
    let mut difference = vec![0.0; freedom];
    let mut variance = vec![vec![0.0; freedom]; freedom];
    for (own, all) in strata {
        let (n, total) = (own.iter().sum::<f64>(), all.iter().sum::<f64>());
        let scale = n * (total - n) / (total * total * (total - 1.0));
        for (i, row) in variance.iter_mut().enumerate() {
            let (own_i, all_i) = (own.get(i)?, all.get(i)?);
            *difference.get_mut(i)? += own_i - n * all_i / total;
            for (j, cell) in row.iter_mut().enumerate() {
                let diagonal = if i == j { total * all_i } else { 0.0 };
                *cell += scale * (diagonal - all_i * all.get(j)?);
            }
        }
    }
    let solved = solve(variance, difference.clone())?;
    Some(difference.iter().zip(solved).map(|(d, x)| d * x).sum())
}

/// x of V·x = d by elimination with the largest pivot; none where V is singular.
fn solve(mut rows: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    /// Counts are whole and below a million: a true pivot is far above this.
    const ZERO: f64 = 1e-9;
    let n = right.len();
    for at in 0..n {
        let pivot = (at..n).max_by(|a, b| rows[*a][at].abs().total_cmp(&rows[*b][at].abs()))?;
        rows.swap(at, pivot);
        right.swap(at, pivot);
        let (above, below) = rows.split_at_mut(at + 1);
        let head = above.last()?;
        if head[at].abs() < ZERO {
            return None;
        }
        for (row, step) in below.iter_mut().zip(at + 1..n) {
            let part = row[at] / head[at];
            row.iter_mut().zip(head).for_each(|(cell, pivot)| *cell -= part * pivot);
            right[step] -= part * right[at];
        }
    }
    let mut x = vec![0.0; n];
    for at in (0..n).rev() {
        let known: f64 = (at + 1..n).map(|j| rows[at][j] * x[j]).sum();
        x[at] = (right[at] - known) / rows[at][at];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stratum(own: &[u32], others: &[u32]) -> Stratum {
        Stratum { own: own.to_vec(), all: own.iter().zip(others).map(|(a, b)| a + b).collect() }
    }

    fn value(strata: &[Stratum]) -> f64 {
        let counts: Vec<Counts> = strata
            .iter()
            .map(|s| (s.own.iter().map(|n| f64::from(*n)).collect(), s.all.iter().map(|n| f64::from(*n)).collect()))
            .collect();
        statistic(&counts, strata[0].own.len() - 1).expect("it has an inverse")
    }

    #[test]
    fn with_one_stratum_it_is_pearsons_statistic_less_one_part_in_n() {
        // Pearson's χ² of (20, 30) and (30, 20) is 4; of (10, 20, 30) and (20, 20, 20) it is 16/3.
        let two = [stratum(&[20, 30], &[30, 20])];
        assert!((value(&two) - 4.0 * 99.0 / 100.0).abs() < 1e-12, "{}", value(&two));
        let three = [stratum(&[10, 20, 30], &[20, 20, 20])];
        assert!((value(&three) - 16.0 / 3.0 * 119.0 / 120.0).abs() < 1e-12, "{}", value(&three));
    }

    #[test]
    fn over_strata_it_is_the_mantel_haenszel_statistic() {
        // By hand: a = 10 and 15, E = 8 and 13; V = 20·20·16·24/(40²·39) and 20·20·26·14/(40²·39).
        let two = [stratum(&[10, 10], &[6, 14]), stratum(&[15, 5], &[11, 9])];
        let v = 20.0 * 20.0 * 16.0 * 24.0 / (1_600.0 * 39.0) + 20.0 * 20.0 * 26.0 * 14.0 / (1_600.0 * 39.0);
        assert!((value(&two) - 16.0 / v).abs() < 1e-12, "{}", value(&two));
    }

    #[test]
    fn too_few_and_nobody_beside_say_nothing() {
        let few = [stratum(&[10, 9], &[500, 500])];
        assert_eq!(compare(&few, LEVEL), Compared::NotEnough);
        let alone = [stratum(&[40, 40], &[0, 0]), stratum(&[5, 5], &[50, 50])];
        assert_eq!(compare(&alone, LEVEL), Compared::NotEnough, "where nobody else asks nothing is compared");
    }

    #[test]
    fn an_office_that_is_poor_accuses_nobody_and_a_made_up_row_is_found() {
        // At the poor office everybody hears 2, at the good one everybody hears 4; this one worked mostly at the poor one.
        let fair = [stratum(&[36, 4], &[180, 20]), stratum(&[1, 9], &[20, 180])];
        assert!(matches!(compare(&fair, LEVEL), Compared::Alike(p) if p > 0.9), "{:?}", compare(&fair, LEVEL));
        let odd = [stratum(&[0, 40], &[180, 20]), stratum(&[0, 10], &[20, 180])];
        assert!(matches!(compare(&odd, LEVEL), Compared::Differs(p) if p < 1e-20), "{:?}", compare(&odd, LEVEL));
    }

    #[test]
    fn rare_categories_are_merged_with_their_neighbours() {
        // 1 and 2 are rare everywhere: one group with 3; what is left are two groups, of one degree of freedom.
        let rare = [stratum(&[0, 1, 5, 20, 14], &[1, 1, 30, 120, 88])];
        let merged = merge(&rare.iter().collect::<Vec<_>>());
        assert_eq!(merged[0].0, [6.0, 20.0, 14.0]);
        let same = [stratum(&[0, 0, 0, 40, 0], &[0, 0, 0, 100, 0])];
        assert_eq!(compare(&same, LEVEL), Compared::Alike(1.0), "all said one thing");
        // The tail that stays small goes to the group before it.
        let tail = [stratum(&[20, 20, 1], &[100, 100, 3])];
        assert_eq!(merge(&tail.iter().collect::<Vec<_>>())[0].0, [20.0, 21.0]);
    }

    #[test]
    fn the_tail_is_that_of_the_tables() {
        // 3.841 and 9.488 are the 5 % points of one and four degrees of freedom.
        assert!((tail(3.841_458_8, 1) - 0.05).abs() < 1e-8);
        assert!((tail(9.487_729, 4) - 0.05).abs() < 1e-8);
    }
}
