//! How many responses each list and each desk gives: the interviews of the drawn samples, and the rest, which anyone
//! may give.

use super::chance::Chance;
use super::frame::Office;
use crate::domain::sample::{allocate, proportional};

/// An agency is ranked from this number of respondents, so small demonstrations ask the largest agencies at least that.
const ENOUGH: u64 = 30;

/// Three of four responses are of the drawn samples.
pub(super) fn sample_total(responses: u64) -> u64 {
    (3 * responses).div_ceil(4)
}

/// The interviews of each stratum of each office, Yamane's formula with the margin that uses up `total`; never more than
/// there are dossiers. Where that would leave even the largest agencies below [`ENOUGH`], half of the interviews
/// give as many of them as possible just enough, and the others share the rest.
pub(super) fn samples(total: u64, offices: &[Office]) -> Vec<Vec<u64>> {
    let populations: Vec<u64> = offices.iter().map(|o| o.population).collect();
    let mut quotas = allocate(total, &populations);
    if quotas.iter().max().is_some_and(|most| *most < ENOUGH) {
        let mut largest: Vec<usize> = (0..offices.len()).collect();
        largest.sort_by_key(|i| (std::cmp::Reverse(populations.get(*i)), *i));
        largest.retain(|i| populations.get(*i).is_some_and(|n| *n >= ENOUGH));
        largest.truncate(usize::try_from(total / 2 / ENOUGH).unwrap_or(usize::MAX));
        let others: Vec<u64> =
            populations.iter().enumerate().map(|(i, n)| if largest.contains(&i) { 0 } else { *n }).collect();
        quotas = allocate(total - ENOUGH * largest.len() as u64, &others);
        for i in largest {
            if let Some(quota) = quotas.get_mut(i) {
                *quota = ENOUGH;
            }
        }
    }
    offices.iter().zip(quotas).map(|(office, quota)| allocate(quota, &stratum_sizes(office))).collect()
}

fn stratum_sizes(office: &Office) -> Vec<u64> {
    office.strata.iter().map(|s| s.population.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)).collect()
}

/// The answers at the desks of each office: seven of ten alike, so that one answer more shows at every agency of the
/// sample city; of the others larger offices get more, and some offices advertise their codes better.
pub(super) fn open(total: u64, offices: &[Office], chance: &mut Chance) -> Vec<u64> {
    let weights: Vec<f64> =
        offices.iter().map(|o| (o.population as f64).sqrt() * (1.0 + 0.6 * chance.normal()).max(0.08)).collect();
    let alike = vec![1.0; offices.len()];
    let (base, rest) = (total * 7 / 10, total - total * 7 / 10);
    proportional(base, &alike).into_iter().zip(proportional(rest, &weights)).map(|(a, b)| a + b).collect()
}
