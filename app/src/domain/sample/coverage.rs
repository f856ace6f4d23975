//! Drawn, visited, answered and weighted: does the interval of the index hold the truth of a simulated city as often as
//! it says?

use super::draw::tests::chance;
use super::draw::{Chance, Rule, below, draw};
use super::plan::{Counted, Size, plan};
use crate::domain::answer::Sheet;
use crate::domain::ids::StratumId;
use crate::domain::index::tests::fixture::{self, SIZES};
use crate::domain::index::{self, Agency};
use crate::domain::tally::Tally;

const REPETITIONS: usize = 1_000;
/// Agencies with their strata: people, how satisfied they are on the whole, how many of them answer.
const CITY: [&[(u32, f64, f64)]; 4] = [
    &[(3_000, 0.62, 0.9), (700, 0.85, 0.6)],
    &[(900, 0.74, 0.8)],
    &[(260, 0.55, 0.7), (120, 0.7, 0.95), (1_400, 0.9, 0.75)],
    &[(80, 0.8, 0.85)],
];

fn share(source: &mut dyn Chance) -> f64 {
    (source.number() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A person whose answers hang together: who is content with one thing is with others. The last factor is about
/// complaints, and three quarters have made none.
fn person(satisfied: f64, source: &mut dyn Chance) -> Sheet {
    let mood = 0.6 * (share(source) - 0.5);
    let complained = share(source) < 0.25;
    let mut figures = Vec::new();
    for (factor, size) in SIZES.iter().enumerate() {
        let chance_of_satisfied = satisfied + mood - 0.04 * factor as f64;
        for _ in 0..*size {
            let asked = factor < 4 || complained;
            let answer = if share(source) < chance_of_satisfied { 5 } else { 2 };
            let blank = share(source) < 0.05;
            figures.push(if !asked || blank { 9 } else { answer });
        }
    }
    fixture::sheet(&figures)
}

/// The index over everybody: the mean of the factors' ratios.
fn truth(people: &[&Sheet]) -> f64 {
    let mut sums = [(0_u32, 0_u32); 5];
    for sheet in people {
        let mut at = 0;
        for (size, (k, m)) in SIZES.iter().zip(&mut sums) {
            for answer in &sheet.answers[at..at + size] {
                if let Some(score) = answer.score() {
                    *m += 1;
                    *k += u32::from(score >= 4);
                }
            }
            at += size;
        }
    }
    sums.iter().map(|(k, m)| f64::from(*k) / f64::from(*m)).sum::<f64>() / 5.0
}

/// The tally of who was reached: those drawn, and for each who did not answer the next of the reserve, who may not
/// answer either.
fn visited(stratum: &[Sheet], answering: f64, rule: Rule, (n, reserve): (u32, u32), source: &mut dyn Chance) -> Tally {
    let shape = fixture::shape();
    let mut tally = Tally::zero(&shape);
    let drawn = draw(rule, stratum.len() as u32, n, reserve, source);
    let mut held = drawn.reserve.into_iter();
    let mut order: Vec<usize> = (0..stratum.len()).collect();
    if rule == Rule::Systematic {
        // The order in which dossiers were returned is chance as well. Under one and the same order a systematic draw has
        // few outcomes, and its spread may be far above or below the formula's; over orders it is the formula's.
        for last in (1..order.len()).rev() {
            order.swap(last, below(last as u64 + 1, source) as usize);
        }
    }
    for place in drawn.main {
        let mut next = Some(place);
        while let Some(place) = next {
            if share(source) < answering {
                tally.add(&shape, &stratum[order[place as usize - 1]], 1, true);
                break;
            }
            next = held.next();
        }
    }
    tally
}

/// Covered among [`REPETITIONS`] draws: the city, and each agency.
fn covered(rule: Rule, seed: u64) -> Vec<usize> {
    let mut source = chance(seed);
    let people: Vec<Vec<Vec<Sheet>>> = CITY
        .iter()
        .map(|agency| agency.iter().map(|(n, s, _)| (0..*n).map(|_| person(*s, &mut source)).collect()).collect())
        .collect();
    let true_agencies: Vec<f64> = people.iter().map(|a| truth(&a.iter().flatten().collect::<Vec<_>>())).collect();
    let true_city = truth(&people.iter().flatten().flatten().collect::<Vec<_>>());
    let plans: Vec<Vec<(u32, u32)>> = CITY
        .iter()
        .map(|agency| {
            let counted =
                |(id, s): (i32, &(u32, f64, f64))| Counted { stratum: StratumId(id), dossiers: s.0, people: s.0 };
            let strata: Vec<Counted> = (1..).zip(*agency).map(counted).collect();
            let plan = plan(&strata, &Size::Margin(50), 20).expect("all have fifty");
            plan.iter().map(|p| (p.n, p.reserve)).collect()
        })
        .collect();
    let (shape, method) = (fixture::shape(), fixture::method());
    let mut hits = vec![0; 1 + CITY.len()];
    for _ in 0..REPETITIONS {
        let tallies: Vec<Vec<(Option<i64>, Tally)>> = (0..CITY.len())
            .map(|a| {
                let mut strata = Vec::new();
                for ((sheets, (people, _, answering)), sizes) in people[a].iter().zip(CITY[a]).zip(&plans[a]) {
                    strata.push((Some(i64::from(*people)), visited(sheets, *answering, rule, *sizes, &mut source)));
                }
                strata
            })
            .collect();
        let agencies: Vec<Agency<'_>> = (1..)
            .zip(&tallies)
            .map(|(id, strata)| fixture::agency(id, &strata.iter().map(|(n, t)| (*n, t)).collect::<Vec<_>>()))
            .collect();
        let results = index::agencies(&shape, &method, &agencies);
        let members: Vec<_> = agencies.iter().zip(&results).collect();
        let city = index::group(&shape, &method, &members);
        let figures = std::iter::once((city.published(), true_city))
            .chain(results.iter().map(|result| result.figures.index()).zip(true_agencies.iter().copied()));
        for (hit, (figure, truth)) in hits.iter_mut().zip(figures) {
            let interval = figure.as_ref().expect("a figure").interval().expect("an interval");
            *hit += usize::from((interval.low..=interval.high).contains(&truth));
        }
    }
    hits
}

/// 95 % of 1,000 repetitions, give or take three standard errors of that count (2 points).
#[test]
fn the_interval_of_a_drawn_and_weighted_sample_holds_the_true_index_as_often_as_it_says() {
    for (rule, seed) in [(Rule::Simple, 703), (Rule::Systematic, 2_018)] {
        let hits = covered(rule, seed);
        println!("{rule:?}: of {REPETITIONS}, the city {} and its agencies {:?}", hits[0], &hits[1..]);
        assert!((930..=970).contains(&hits[0]), "{rule:?}: the city {}", hits[0]);
        for (agency, (hit, strata)) in (1..).zip(hits[1..].iter().zip(CITY)) {
            // Of the 80 people of the smallest agency some 14 judge the factor of complaints: with so few its ratio is not
            // quite normal, and the interval of the index holds the truth in 92 to 93 of 100 cases.
            let people: u32 = strata.iter().map(|(people, ..)| people).sum();
            let least = if people < 100 { 900 } else { 930 };
            assert!((least..=970).contains(hit), "{rule:?}: agency {agency}: {hit}");
        }
    }
}
