//! The assembly of `/quan-tri/so-sanh`: two agencies of the scope by the interval of their difference.

use super::agency_model::result_of;
use super::covered::{Covered, Seen};
use super::overview_model::{Named, named};
use crate::domain::agency::Agency;
use crate::domain::index::{self, Difference, Figures, NotCompared};
use crate::domain::tally::Tally;
use crate::pages::results::model::{Count, Heading};
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::solve::{self, Results, Solved};

/// One thing compared.
#[derive(Clone, Debug, PartialEq)]
pub struct PairLine {
    /// "Chỉ số hài lòng", or a factor.
    pub name: String,
    /// Of the first.
    pub first: Shown,
    /// Of the second.
    pub second: Shown,
    /// First less second; none where a page does not print both.
    pub difference: Option<Result<Difference, NotCompared>>,
}

/// Two agencies side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Sides {
    /// The first.
    pub first: (Named, Count),
    /// The second.
    pub second: (Named, Count),
    /// The index.
    pub index: PairLine,
    /// The factors.
    pub factors: Vec<PairLine>,
    /// The difference that matters, as a share.
    pub margin: f64,
}

/// `/quan-tri/so-sanh`.
#[derive(Clone, Debug, PartialEq)]
pub struct PairPage {
    /// The round.
    pub heading: Heading,
    /// The agencies to choose from.
    pub choices: Vec<Named>,
    /// The codes that were asked for.
    pub asked: (Option<String>, Option<String>),
    /// The comparison, where two different agencies were asked for.
    pub sides: Option<Sides>,
    /// The stream has no intervals.
    pub voluntary: bool,
}

/// Makes the page; none where a code is not one of the scope in this round.
pub fn pair_page(
    now: &Seen<'_>,
    covered: &Covered,
    query: &Query,
    asked: (Option<&str>, Option<&str>),
) -> Option<PairPage> {
    let heading = now.heading(query, covered);
    let of_scope: Vec<&Agency> = now.data.agencies.iter().copied().filter(|a| covered.holds(a.id)).collect();
    let find = |code: Option<&str>| match code {
        None => Some(None),
        Some(code) => of_scope.iter().find(|a| a.code.eq_ignore_ascii_case(code)).map(|a| Some(*a)),
    };
    let (first, second) = (find(asked.0)?, find(asked.1)?);
    let zero = Tally::zero(now.data.shape);
    let solved = Solved::new(&now.data, now.collected, heading.stream, &zero);
    let both = first.zip(second).filter(|(a, b)| a.id != b.id);
    Some(PairPage {
        choices: of_scope.iter().map(|agency| named(now, agency)).collect(),
        asked: (first.map(|a| a.code.clone()), second.map(|a| a.code.clone())),
        sides: both.and_then(|(a, b)| sides(now, &solved, a, b, query)),
        voluntary: matches!(solved.results, Results::Voluntary(_)),
        heading,
    })
}

fn sides(now: &Seen<'_>, solved: &Solved<'_>, a: &Agency, b: &Agency, query: &Query) -> Option<Sides> {
    let Results::Probability(results) = &solved.results else { return None };
    let figures = |agency: &Agency| Some(&result_of(results, agency.id)?.figures);
    let (first, second) = (figures(a)?, figures(b)?);
    let pair = index::pair(first, second, 0.95);
    let whole =
        |agency: &Agency, figures: &Figures| solve::whole(Shown::from(figures.index()), figures, solved.row(agency.id));
    let line = |name: String, first: Shown, second: Shown, difference| {
        // Only what is printed on both sides is compared: a difference gives its terms away.
        let printed = |shown: &Shown| matches!(shown, Shown::Known { .. } | Shown::Absent(_));
        let difference = (printed(&first) && printed(&second)).then_some(difference);
        PairLine { name, first, second, difference }
    };
    let factors = now.data.questionnaire.factors.iter().zip(&pair.factors).enumerate();
    let factors = factors.filter_map(|(at, (factor, difference))| {
        let of = |agency: &Agency, figures: &Figures| {
            Some(solve::factor(at, figures.factors.get(at)?, solved.row(agency.id)))
        };
        let name = format!("{}. {}", factor.code, factor.name.get(query.lang));
        Some(line(name, of(a, first)?, of(b, second)?, *difference))
    });
    let name = crate::components::number::say(query.lang, "Chỉ số hài lòng", "Satisfaction index").to_owned();
    Some(Sides {
        factors: factors.collect(),
        index: line(name, whole(a, first), whole(b, second), pair.index),
        first: (named(now, a), solve::count(first.n, solved.row(a.id))),
        second: (named(now, b), solve::count(second.n, solved.row(b.id))),
        margin: now.data.method.rank_max_half_width,
    })
}
