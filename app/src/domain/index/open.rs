//! The reading of a voluntary stream: unweighted shares an agency, with nothing that could be taken for precision.

use super::super::method::{Method, OverallRule};
use super::super::tally::{Shape, Tally};
use super::Agency;
use super::result::{OpenCriterion, OpenFactor, OpenResult, OpenShare};

/// What the volunteers of one agency said. Its strata are added up without weights.
pub fn open(shape: &Shape, method: &Method, agency: &Agency<'_>) -> OpenResult {
    let mut tally = Tally::zero(shape);
    for stratum in &agency.strata {
        tally.merge(stratum.tally);
    }
    let criteria = (0..shape.n_criteria())
        .map(|j| {
            let (n_satisfied, n_answered) = (tally.satisfied(shape, j), tally.answered(j));
            OpenCriterion {
                scores: tally.scores(j),
                not_applicable: tally.not_applicable(j),
                n_answered,
                n_satisfied,
                share: share(n_satisfied, n_answered),
            }
        })
        .collect();
    let factors: Vec<OpenFactor> = (0..shape.n_factors())
        .map(|f| {
            let sums = tally.factor(shape, f);
            OpenFactor {
                respondents: sums.respondents,
                n_answered: sums.m,
                n_satisfied: sums.m - sums.u,
                share: share(sums.m - sums.u, sums.m),
                counts: sums.respondents >= i64::from(method.min_factor_respondents.max(1)),
            }
        })
        .collect();
    let counted: Vec<f64> = factors.iter().filter(|f| f.counts).filter_map(|f| f.share.map(OpenShare::value)).collect();
    let index = match method.overall {
        OverallRule::Pooled => {
            share(factors.iter().map(|f| f.n_satisfied).sum(), factors.iter().map(|f| f.n_answered).sum())
        }
        OverallRule::MeanOfFactors if counted.is_empty() => None,
        OverallRule::MeanOfFactors => OpenShare::new((counted.iter().sum::<f64>() / counted.len() as f64).min(1.0)),
    };
    OpenResult {
        agency: agency.id,
        n: tally.n(),
        population: agency.strata.iter().map(|s| s.population).sum(),
        left_out: agency.left_out,
        factors_counted: counted.len(),
        criteria,
        factors,
        index,
    }
}

fn share(part: i64, whole: i64) -> Option<OpenShare> {
    (whole > 0).then(|| OpenShare::new(part as f64 / whole as f64)).flatten()
}
