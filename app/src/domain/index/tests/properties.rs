use proptest::prelude::*;

use super::direct::{Respondents, respondents, tally};
use super::fixture::{self, agency, method, shape};
use crate::domain::answer::{Answer, Score};
use crate::domain::index::{self, Figure, Figures};
use crate::domain::method::OverallRule;
use crate::domain::tally::Tally;

fn figures(strata: &[Respondents]) -> Figures {
    let tallies: Vec<Tally> = strata.iter().map(tally).collect();
    let pairs: Vec<_> = strata.iter().zip(&tallies).map(|(s, t)| (Some(s.population), t)).collect();
    index::agency(&shape(), &method(), &agency(1, &pairs)).figures
}

/// All figures of a set.
fn every(figures: &Figures) -> Vec<&Figure> {
    let criteria = figures.criteria.iter().map(|c| &c.figure);
    let factors = figures.factors.iter().map(|f| &f.figure);
    let overall = [&figures.overall.mean_of_factors, &figures.overall.pooled, &figures.all_satisfied];
    criteria.chain(factors).chain(overall).collect()
}

fn same(a: &Figure, b: &Figure) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-12;
            near(a.value(), b.value())
                && match (a.interval(), b.interval()) {
                    (Some(a), Some(b)) => near(a.low, b.low) && near(a.high, b.high),
                    (a, b) => a.is_none() && b.is_none(),
                }
        }
        (a, b) => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn shares_and_limits_stay_between_0_and_1_and_in_order(strata in prop::collection::vec(respondents(), 1..4)) {
        let figures = figures(&strata);
        for estimate in every(&figures).into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&estimate.value()));
            if let Some(i) = estimate.interval() {
                prop_assert!(0.0 <= i.low && i.low <= estimate.value() && estimate.value() <= i.high && i.high <= 1.0);
                let (low, high) = estimate.limits_at(0.999).unwrap();
                prop_assert!(low <= i.low + 1e-9 && i.high <= high + 1e-9, "more confidence, wider");
            }
        }
    }

    #[test]
    fn the_order_of_rows_and_the_splitting_of_cells_do_not_matter(
        strata in prop::collection::vec(respondents(), 1..4),
        cut in 0_usize..25,
    ) {
        let shape = shape();
        let whole = figures(&strata);
        let tallies: Vec<Tally> = strata
            .iter()
            .map(|s| {
                // Backwards, in two pieces, merged the other way round, with one sheet put in and taken back.
                let (left, right) = s.sheets.split_at(cut.min(s.sheets.len()));
                let mut merged = Tally::zero(&shape);
                for piece in [right, left] {
                    let mut part = Tally::zero(&shape);
                    for sheet in piece.iter().rev() {
                        part.add(&shape, sheet, 1, true);
                    }
                    merged.merge(&part);
                }
                merged.add(&shape, &fixture::all(3), 1, true);
                merged.add(&shape, &fixture::all(3), -1, true);
                merged
            })
            .collect();
        let pairs: Vec<_> = strata.iter().zip(&tallies).map(|(s, t)| (Some(s.population), t)).collect();
        let again = index::agency(&shape, &method(), &agency(1, &pairs)).figures;
        prop_assert_eq!(&again, &whole, "the same to the last bit");
        // The order of the strata only moves rounding.
        let backwards: Vec<Respondents> = strata.iter().rev().cloned().collect();
        let backwards = figures(&backwards);
        for (a, b) in every(&backwards).into_iter().zip(every(&whole)) {
            let keyless = |f: &Figure| f.as_ref().map(|e| e.interval().is_some()).map_err(|_| ());
            prop_assert!(same(a, b) || keyless(a) != Ok(true) && keyless(a) == keyless(b));
        }
    }

    #[test]
    fn one_answer_raised_never_lowers_an_index(
        strata in prop::collection::vec(respondents(), 1..4),
        stratum in 0_usize..4,
        sheet in 0_usize..25,
        criterion in 0_usize..22,
        to in 2_u8..=5,
    ) {
        let before = figures(&strata);
        let mut raised = strata.clone();
        let stratum = stratum % raised.len();
        let sheets = &mut raised[stratum].sheets;
        let sheet = sheet % sheets.len();
        let answer = &mut sheets[sheet].answers[criterion];
        let higher = Score::new(to).filter(|s| answer.score().is_some_and(|old| s.get() > old));
        prop_assume!(higher.is_some());
        *answer = higher.map_or(Answer::Blank, Answer::Score);
        let after = figures(&raised);
        for (a, b) in every(&after).into_iter().zip(every(&before)) {
            if let (Ok(a), Ok(b)) = (a, b) {
                prop_assert!(a.value() >= b.value() - 1e-15, "{} fell to {}", b.value(), a.value());
            }
        }
        for rule in [OverallRule::MeanOfFactors, OverallRule::Pooled] {
            let method = crate::domain::method::Method { overall: rule, ..method() };
            let tallies: Vec<Tally> = raised.iter().map(tally).collect();
            let pairs: Vec<_> = raised.iter().zip(&tallies).map(|(s, t)| (Some(s.population), t)).collect();
            let open = index::open(&shape(), &method, &agency(1, &pairs)).index;
            let old: Vec<Tally> = strata.iter().map(tally).collect();
            let pairs: Vec<_> = strata.iter().zip(&old).map(|(s, t)| (Some(s.population), t)).collect();
            let was = index::open(&shape(), &method, &agency(1, &pairs)).index;
            prop_assert!(open.map(index::OpenShare::value) >= was.map(|w| w.value() - 1e-15));
        }
    }
}
