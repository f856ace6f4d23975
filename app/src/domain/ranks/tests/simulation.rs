//! The promise of rank ranges, by experiment: in drawn samples of a known city all true ranks lie in their ranges at
//! least 95 times in 100.

use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::super::*;
use crate::domain::answer::{Answer, Sheet};
use crate::domain::ids::StratumId;
use crate::domain::index::{self, Agency, LeftOut, Stratum};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::tally::{Shape, Tally};

const SAMPLES: usize = 2_000;
const SEED: u64 = 703;

/// Two factors of two criteria: enough for an index with spread within and between respondents, and quick.
fn small_form() -> Questionnaire {
    let text = |t: &str| serde_json::json!({ "vi": t, "en": t });
    let criterion = |code: &str| serde_json::json!({ "code": code, "text": text("c"), "source": "sourced" });
    let factor = |code: &str| {
        let criteria = [criterion(&format!("{code}.1")), criterion(&format!("{code}.2"))];
        serde_json::json!({ "code": code, "name": text("f"), "criteria": criteria })
    };
    serde_json::from_value(serde_json::json!({
        "key": "thu", "version": 1, "title": text("thử"), "short_title": text("thử"), "service": "administrative",
        "method": "thu", "legal_basis": [], "source_note": text("thử"), "tap": text("thử"),
        "scale": { "labels": [], "not_applicable": text("không") }, "factors": [factor("1"), factor("2")],
    }))
    .unwrap()
}

/// How people of a city answer: all satisfied, with one thing not, with half, with nothing; the last left one blank.
const KINDS: [[i64; 4]; 5] = [[5, 5, 4, 4], [5, 4, 4, 2], [4, 2, 4, 3], [2, 1, 3, 2], [4, 4, 5, -1]];

/// An agency: how many dossiers of each kind, and how many are drawn.
struct Known {
    kinds: [i64; 5],
    n: i64,
    truth: f64,
}

fn sheet(kind: usize) -> Sheet {
    let answers = KINDS[kind].map(|figure| Answer::from_figure(figure).unwrap_or_default()).to_vec();
    Sheet { answers, ..Sheet::default() }
}

fn tally(shape: &Shape, of_kind: &[i64; 5]) -> Tally {
    let mut tally = Tally::zero(shape);
    for (kind, times) in of_kind.iter().enumerate() {
        tally.add(shape, &sheet(kind), *times, true);
    }
    tally
}

fn measured(shape: &Shape, method: &Method, id: i32, population: i64, tally: &Tally) -> AgencyResult {
    let strata = vec![Stratum { id: StratumId(id), population: Some(population), tally }];
    index::agency(shape, method, &Agency { id: AgencyId(id), strata, left_out: LeftOut::default() })
}

/// Twenty agencies from 60 to 96 %, some of them close together, small and large.
fn city(shape: &Shape, method: &Method) -> Vec<Known> {
    (0..20_i64)
        .map(|at| {
            let population = 600 + 700 * (at % 5);
            // Pairs of neighbours differ by a tenth of a point or two.
            let satisfied = population * (60 + 4 * (at / 2)) / 100 + at % 2;
            let rest = population - satisfied;
            let kinds = [satisfied - satisfied / 6, rest / 2, rest / 4, rest - rest / 2 - rest / 4, satisfied / 6];
            let everybody = tally(shape, &kinds);
            let truth = measured(shape, method, 1, population, &everybody).figures.estimate().unwrap().value();
            Known { kinds, n: 300 + 10 * at, truth }
        })
        .collect()
}

/// Draws `n` dossiers without putting any back.
fn draw(rng: &mut ChaCha8Rng, known: &Known) -> [i64; 5] {
    let mut left = known.kinds;
    let mut drawn = [0; 5];
    let mut all: i64 = left.iter().sum();
    for _ in 0..known.n {
        let mut at = rng.random_range(0..all);
        for (left, drawn) in left.iter_mut().zip(&mut drawn) {
            if at < *left {
                *left -= 1;
                *drawn += 1;
                break;
            }
            at -= *left;
        }
        all -= 1;
    }
    drawn
}

#[test]
fn all_true_ranks_lie_in_their_ranges_in_95_of_100_samples() {
    let method =
        Method { overall: crate::domain::method::OverallRule::MeanOfFactors, ..index::tests::fixture::method() };
    let shape = Shape::new(&small_form(), &method);
    let city = city(&shape, &method);
    // An agency's true rank: from the best to the worst that equals allow.
    let true_rank = |at: usize| {
        let better = city.iter().filter(|other| other.truth > city[at].truth).count();
        let not_worse = city.iter().filter(|other| other.truth >= city[at].truth).count();
        (1 + better, not_worse)
    };
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let (mut held, mut widths) = (0_usize, 0_usize);
    for _ in 0..SAMPLES {
        let results: Vec<AgencyResult> = city
            .iter()
            .zip(0..)
            .map(|(known, id)| {
                let drawn = tally(&shape, &draw(&mut rng, known));
                measured(&shape, &method, id, known.kinds.iter().sum(), &drawn)
            })
            .collect();
        let ranking = rank(&method, &results.iter().collect::<Vec<_>>());
        assert_eq!(ranking.ranked, city.len(), "everybody is measured well enough to be ranked");
        let mut all = true;
        for line in &ranking.lines {
            let place = line.place.unwrap();
            let (first, last) = true_rank(line.agency.0 as usize);
            all &= place.best <= last && first <= place.worst;
            widths += place.worst - place.best;
        }
        held += usize::from(all);
    }
    assert!(held * 100 >= SAMPLES * 95, "all true ranks lay in their ranges in {held} of {SAMPLES} samples");
    // The ranges are no empty words: of the 19 ranks that an agency could be away, they leave out nearly half.
    let mean = widths as f64 / (SAMPLES * city.len()) as f64;
    assert!(mean < 11.0, "the mean width is {mean}");
}
