//! One additive table: cells with counts, and totals over some of them.

use std::collections::BTreeMap;

use super::LEAST_RESPONDENTS;

/// What is hidden in one table: the cells first, then the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    flags: Vec<bool>,
    cells: usize,
}

impl Hidden {
    pub(super) fn none(cells: usize, totals: usize) -> Self {
        Self { flags: vec![false; cells + totals], cells }
    }

    pub(super) fn is(&self, at: usize) -> bool {
        self.flags.get(at).copied().unwrap_or(true)
    }

    pub(super) fn hide(&mut self, at: usize) {
        if let Some(flag) = self.flags.get_mut(at) {
            *flag = true;
        }
    }

    fn total(&self, total: usize) -> bool {
        self.is(self.cells + total)
    }

    fn hide_total(&mut self, total: usize) {
        self.hide(self.cells + total);
    }
}

pub(super) fn sum(counts: &[i64], members: &[usize]) -> i64 {
    members.iter().filter_map(|m| counts.get(*m)).sum()
}

fn small(count: i64) -> bool {
    (1..LEAST_RESPONDENTS).contains(&count)
}

/// Hides until nothing small is shown or can be had by adding and subtracting what is shown.
///
/// Hidden cells that lie in the same shown totals form an atom: totals cannot tell them apart. Whatever a combination
/// of shown figures says about a set of hidden cells, the set is made of whole atoms; so it is enough that every atom
/// inside a shown total has 5 respondents.
pub(super) fn close(counts: &[i64], totals: &[Vec<usize>], hidden: &mut Hidden) {
    for (at, count) in counts.iter().enumerate() {
        if small(*count) {
            hidden.hide(at);
        }
    }
    let sums: Vec<i64> = totals.iter().map(|members| sum(counts, members)).collect();
    for (total, count) in sums.iter().enumerate() {
        if small(*count) {
            hidden.hide_total(total);
        }
    }
    let mut member_of: Vec<Vec<usize>> = vec![Vec::new(); counts.len()];
    for (total, members) in totals.iter().enumerate() {
        for member in members {
            if let Some(list) = member_of.get_mut(*member) {
                list.push(total);
            }
        }
    }
    // Each turn hides a cell or a total, so that there are at most as many as there are of these.
    while let Some(signature) = small_atom(counts, &member_of, hidden) {
        mend(counts, &sums, &member_of, &signature, hidden);
    }
}

/// The shown totals that a cell lies in.
fn signature(member_of: &[usize], hidden: &Hidden) -> Vec<usize> {
    member_of.iter().copied().filter(|total| !hidden.total(*total)).collect()
}

/// The first atom with too few respondents, by the totals it lies in.
fn small_atom(counts: &[i64], member_of: &[Vec<usize>], hidden: &Hidden) -> Option<Vec<usize>> {
    let mut atoms: BTreeMap<Vec<usize>, i64> = BTreeMap::new();
    for (at, (count, totals)) in counts.iter().zip(member_of).enumerate() {
        if hidden.is(at) && *count > 0 {
            *atoms.entry(signature(totals, hidden)).or_default() += count;
        }
    }
    atoms.into_iter().find(|(totals, count)| !totals.is_empty() && small(*count)).map(|(totals, _)| totals)
}

/// Hides a second cell for an atom: one that lies in the same shown totals, or in as few others as can be, which are
/// then hidden too; among these the one with the fewest respondents. Where no cell is left, the smallest total.
fn mend(counts: &[i64], sums: &[i64], member_of: &[Vec<usize>], atom: &[usize], hidden: &mut Hidden) {
    let candidates = counts.iter().zip(member_of).enumerate().filter(|(at, (count, _))| **count > 0 && !hidden.is(*at));
    let cell = candidates
        .filter_map(|(at, (count, totals))| {
            let totals = signature(totals, hidden);
            let inside = atom.iter().all(|total| totals.contains(total));
            let others: Vec<usize> = totals.into_iter().filter(|total| !atom.contains(total)).collect();
            inside.then_some((others.len(), sum(sums, &others), *count, at, others))
        })
        .min();
    match cell {
        Some((_, _, _, at, others)) => {
            hidden.hide(at);
            for total in others {
                hidden.hide_total(total);
            }
        }
        None => {
            if let Some(total) = atom.iter().copied().min_by_key(|total| sums.get(*total).copied()) {
                hidden.hide_total(total);
            }
        }
    }
}
