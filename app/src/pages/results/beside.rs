//! The figures that a method gives beside its index, for one agency: health says who was satisfied with everything, how
//! much of what was expected was met, and who would return.

use super::collect::RoundData;
use super::model::{BesideLine, Count, Mean};
use super::shown::Shown;
use super::solve::{self, Results};
use crate::domain::disclosure::{self, LEAST_RESPONDENTS, Row, Shown as Disclosed, part_may_be_said, sum_may_be_said};
use crate::domain::index::{self, Agency, OpenShare};
use crate::domain::method::Beside;
use crate::domain::questionnaire::Kind;
use crate::domain::tally::Tally;
use crate::domain::text::Lang;

/// The lines; empty where the method gives none, or nothing of the agency is shown.
pub(super) fn lines(
    data: &RoundData<'_>,
    results: &Results,
    position: usize,
    member: &Agency<'_>,
    row: Option<&Row>,
    lang: Lang,
) -> Vec<BesideLine> {
    if row.is_none_or(|row| !row.shown) {
        return Vec::new();
    }
    let voluntary = matches!(results, Results::Voluntary(_));
    let line = |beside: &Beside| match beside {
        Beside::AllSatisfied { label } => {
            let sum = |of: &dyn Fn(&Tally) -> i64| member.strata.iter().map(|s| of(s.tally)).sum::<i64>();
            let (part, whole) = (sum(&Tally::all_satisfied), sum(&Tally::n));
            let estimate = match results {
                Results::Probability(results) => results.get(position).map(|r| &r.figures.all_satisfied),
                Results::Voluntary(_) => None,
            };
            let figure = estimate.map_or_else(|| plain(part, whole), |figure| known(figure.as_ref().ok(), part, whole));
            Some(BesideLine {
                label: label.get(lang).to_owned(),
                share: Some(share(figure, part, whole, part_may_be_said(part, whole))),
                mean: None,
                n: solve::few(whole),
            })
        }
        Beside::Mean { label, question } => {
            let (at, question) = data.questionnaire.questions.iter().enumerate().find(|(_, q)| q.code == *question)?;
            let result = index::question(data.shape, data.method, &[member], at);
            let unit = if let Kind::Number { unit, .. } = &question.kind { Some(unit.clone()) } else { None };
            (result.n_answered > 0).then(|| BesideLine {
                label: label.get(lang).to_owned(),
                share: None,
                mean: result.mean.filter(|_| result.n_answered >= LEAST_RESPONDENTS).map(|value| Mean { value, unit }),
                n: solve::few(result.n_answered),
            })
        }
        Beside::Chosen { label, question, options } => {
            let (at, question) = data.questionnaire.questions.iter().enumerate().find(|(_, q)| q.code == *question)?;
            let listed: Vec<bool> = question.options().iter().map(|o| options.contains(&o.code)).collect();
            let wanted: Vec<usize> = (0..listed.len()).filter(|at| listed.get(*at) == Some(&true)).collect();
            let result = index::question(data.shape, data.method, &[member], at);
            let counts: Vec<i64> = result.options.iter().map(|option| option.n_chosen).collect();
            let (part, whole) = (wanted.iter().filter_map(|at| counts.get(*at)).sum(), result.n_answered);
            let shown = match disclosure::options(&counts, whole, true) {
                Disclosed::Value(shown) => shown,
                Disclosed::Hidden => vec![Count::Hidden; counts.len()],
            };
            let figure = if voluntary {
                plain(part, whole)
            } else {
                known(index::chosen(data.shape, data.method, &[member], at, &wanted).as_ref().ok(), part, whole)
            };
            let safe = sum_may_be_said(&counts, &shown, &listed);
            (whole > 0).then(|| BesideLine {
                label: label.get(lang).to_owned(),
                share: Some(share(figure, part, whole, safe)),
                mean: None,
                n: solve::few(whole),
            })
        }
    };
    data.method.beside.iter().filter_map(line).collect()
}

/// A share of people without an interval: a voluntary stream, or no N.
fn plain(part: i64, whole: i64) -> Shown {
    Shown::from(OpenShare::new(part as f64 / whole.max(1) as f64))
}

fn known(estimate: Option<&index::Estimate>, part: i64, whole: i64) -> Shown {
    estimate.map_or_else(|| plain(part, whole), Shown::from)
}

/// All of them, nobody, or the figure, where it may be said.
fn share(figure: Shown, part: i64, whole: i64, may_be_said: bool) -> Shown {
    solve::told(figure, [(part, whole)], whole, may_be_said)
}
