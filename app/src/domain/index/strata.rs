//! Strata that are too small for a figure of their own are merged before anything is computed (method version 2).
//!
//! A stratum of a few people gives no usable variance, and its weight lets its answers be solved from weighted shares.
//! Within one agency the smallest stratum joins the next smallest until each has
//! [`limits::STRATUM_RESPONSES`] valid responses or one is left. N and responses add up.

use std::collections::BTreeMap;

use super::super::ids::AgencyId;
use super::super::limits;
use super::super::method::{IntervalRule, Method};
use super::super::tally::Tally;
use super::NestedStratum;
use super::pool::Cell;
use super::result::MergedStrata;

/// Size of a stratum: its agency, its valid responses n, its dossiers N.
pub(super) type Size = (AgencyId, i64, Option<i64>);

/// The strata that are computed as one: positions, in the order of the first of each group. Strata of one agency come
/// in the order of their codes, which decides between strata of equal n. A missing N, or one smaller than n, must
/// surface as such, so that nothing of its agency is merged.
pub(super) fn together(sizes: &[Size]) -> Vec<Vec<usize>> {
    let mut of_agency: BTreeMap<AgencyId, Vec<usize>> = BTreeMap::new();
    for (at, (agency, ..)) in sizes.iter().enumerate() {
        of_agency.entry(*agency).or_default().push(at);
    }
    let mut all = Vec::with_capacity(sizes.len());
    for positions in of_agency.into_values() {
        let measured = |at: &usize| sizes[*at].1 > 0;
        let (with, without): (Vec<usize>, Vec<usize>) = positions.into_iter().partition(measured);
        all.extend(without.into_iter().map(|at| vec![at]));
        let known = with.iter().all(|at| sizes[*at].2.is_some_and(|population| population >= sizes[*at].1));
        let mut groups: Vec<(i64, Vec<usize>)> = with.into_iter().map(|at| (sizes[at].1, vec![at])).collect();
        while known && groups.len() > 1 {
            groups.sort();
            if groups[0].0 >= limits::STRATUM_RESPONSES {
                break;
            }
            let (n, members) = groups.remove(0);
            let next = &mut groups[0];
            next.0 += n;
            next.1.extend(members);
            next.1.sort_unstable();
        }
        all.extend(groups.into_iter().map(|(_, members)| members));
    }
    all.sort();
    all
}

/// The groups of a method: single strata unless the method merges.
fn groups(method: &Method, sizes: &[Size]) -> Vec<Vec<usize>> {
    match method.interval {
        IntervalRule::Own => (0..sizes.len()).map(|at| vec![at]).collect(),
        IntervalRule::Pooled => together(sizes),
    }
}

fn add(sum: Option<i64>, more: Option<i64>) -> Option<i64> {
    Some(sum? + more?)
}

/// Cells as a method computes them, with the tallies that were added up.
pub(super) struct Joined<'a> {
    cells: Vec<(Cell<'a>, Option<Tally>)>,
    merged: Vec<MergedStrata>,
}

impl<'a> Joined<'a> {
    /// Merges the cells of each agency where the method says so.
    pub(super) fn new(method: &Method, cells: &[Cell<'a>]) -> Self {
        let sizes: Vec<Size> = cells.iter().map(|c| (c.agency, c.n, c.population)).collect();
        let (mut joined, mut merged) = (Vec::with_capacity(cells.len()), Vec::new());
        for group in groups(method, &sizes) {
            let [first, rest @ ..] = &group[..] else { continue };
            let mut cell = cells[*first];
            let mut sum = (!rest.is_empty()).then(|| cell.tally.clone());
            for other in rest.iter().map(|at| &cells[*at]) {
                cell.n += other.n;
                cell.population = add(cell.population, other.population);
                if let Some(sum) = &mut sum {
                    sum.merge(other.tally);
                }
            }
            if !rest.is_empty() {
                let strata = group.iter().map(|at| cells[*at].stratum).collect();
                merged.push(MergedStrata { agency: cell.agency, strata, population: cell.population, n: cell.n });
            }
            joined.push((cell, sum));
        }
        Self { cells: joined, merged }
    }

    /// The cells to compute with.
    pub(super) fn cells(&self) -> Vec<Cell<'_>> {
        self.cells.iter().map(|(cell, sum)| Cell { tally: sum.as_ref().unwrap_or(cell.tally), ..*cell }).collect()
    }

    /// Which strata were merged.
    pub(super) fn merged(&self) -> Vec<MergedStrata> {
        self.merged.clone()
    }
}

/// Strata with their parts as a method computes them.
pub(super) struct JoinedParts<'a> {
    strata: Vec<(NestedStratum<'a>, Option<Tally>, Option<Tally>)>,
}

impl<'a> JoinedParts<'a> {
    /// Merges the strata of each agency where the method says so; n is that of the whole stratum.
    pub(super) fn new(method: &Method, strata: &[NestedStratum<'a>]) -> Self {
        let sizes: Vec<Size> = strata.iter().map(|s| (s.agency, s.whole.n(), s.population)).collect();
        let mut joined = Vec::with_capacity(strata.len());
        for group in groups(method, &sizes) {
            let [first, rest @ ..] = &group[..] else { continue };
            let mut stratum = strata[*first];
            if rest.is_empty() {
                joined.push((stratum, None, None));
                continue;
            }
            let (mut whole, mut part) = (stratum.whole.clone(), stratum.part.cloned());
            for other in rest.iter().map(|at| &strata[*at]) {
                stratum.population = add(stratum.population, other.population);
                whole.merge(other.whole);
                part = match (part.take(), other.part) {
                    (Some(mut sum), Some(more)) => {
                        sum.merge(more);
                        Some(sum)
                    }
                    (sum, more) => sum.or_else(|| more.cloned()),
                };
            }
            joined.push((stratum, Some(whole), part));
        }
        Self { strata: joined }
    }

    /// The strata to compute with.
    pub(super) fn strata(&self) -> Vec<NestedStratum<'_>> {
        self.strata
            .iter()
            .map(|(stratum, whole, part)| match whole {
                None => *stratum,
                Some(whole) => NestedStratum { whole, part: part.as_ref(), ..*stratum },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups_of(n: &[i64]) -> Vec<Vec<usize>> {
        together(&n.iter().map(|n| (AgencyId(1), *n, Some(1000))).collect::<Vec<_>>())
    }

    #[test]
    fn the_smallest_stratum_joins_the_next_smallest_until_each_has_ten() {
        assert_eq!(groups_of(&[40, 3, 12]), [vec![0], vec![1, 2]]);
        assert_eq!(groups_of(&[10, 10]), [vec![0], vec![1]]);
        assert_eq!(groups_of(&[2, 3, 4]), [vec![0, 1, 2]], "2 and 3 are 5, and 4 is smaller still");
        assert_eq!(groups_of(&[4]), [vec![0]], "the only stratum stays as it is");
        assert_eq!(groups_of(&[9, 0, 50]), [vec![0, 2], vec![1]], "a stratum without responses stays outside");
    }

    #[test]
    fn among_strata_of_equal_size_the_first_code_joins_first() {
        // 5 and 5 are 10; the third 5 is then the smallest, and joins them.
        assert_eq!(groups_of(&[5, 5, 5, 30]), [vec![0, 1, 2], vec![3]]);
        assert_eq!(groups_of(&[8, 20, 20]), [vec![0, 1], vec![2]]);
    }

    #[test]
    fn agencies_stay_apart_and_a_missing_population_is_not_hidden_by_a_merger() {
        let two = [(AgencyId(2), 3, Some(9)), (AgencyId(1), 3, Some(9)), (AgencyId(2), 40, Some(99))];
        assert_eq!(together(&two), [vec![0, 2], vec![1]]);
        assert_eq!(together(&[(AgencyId(1), 3, None), (AgencyId(1), 40, Some(99))]), [vec![0], vec![1]]);
        assert_eq!(together(&[(AgencyId(1), 3, Some(2)), (AgencyId(1), 40, Some(99))]), [vec![0], vec![1]]);
    }
}
