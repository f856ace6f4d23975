//! Two rounds side by side: only figures that may be printed as they are take part, so that a change gives away nothing
//! that a page keeps back.

use crate::components::number::iso_day;
use crate::domain::agency::Agency;
use crate::domain::ids::AgencyId;
use crate::domain::index::{Absence, Figure, Figures};
use crate::domain::response::Stream;
use crate::domain::round::Round;
use crate::domain::text::Lang;
use crate::domain::trend::RoundFigure;
use crate::pages::results::collect::RoundData;
use crate::pages::results::shown::Shown;
use crate::pages::results::solve::{Results, Solved, whole};

/// Takes the place of a figure that is not shown: nothing is said of why.
const UNSEEN: Figure = Err(Absence::NobodyAnswered);
/// The city in a comparison; no agency has this key.
pub(super) const CITY: AgencyId = AgencyId(0);

/// A figure as comparisons may use it: only where the page prints it as it is.
fn printed<'f>(figure: &'f Figure, shown: &Shown) -> &'f Figure {
    if matches!(shown, Shown::Known { .. } | Shown::Absent(_)) { figure } else { &UNSEEN }
}

/// The index of figures in a comparison of rounds.
pub(super) fn of_figures<'f>(
    data: &RoundData<'f>,
    agency: AgencyId,
    stream: Stream,
    n: i64,
    figure: &'f Figure,
    shown: &Shown,
) -> RoundFigure<'f> {
    let round = data.round;
    RoundFigure {
        round: round.id,
        agency,
        questionnaire: (&round.questionnaire.0, round.questionnaire.1),
        method: (&round.method.0, round.method.1),
        stream,
        n,
        figure: printed(figure, shown),
    }
}

/// The index of an agency in a round; none where the round does not measure it, or its stream has no interval.
pub(super) fn of_agency<'f>(
    data: &RoundData<'f>,
    solved: &'f Solved<'_>,
    agency: AgencyId,
) -> Option<(RoundFigure<'f>, &'f Figures)> {
    let Results::Probability(results) = &solved.results else { return None };
    let figures = &results.iter().find(|r| r.agency == agency)?.figures;
    let shown = whole(Shown::from(figures.index()), figures, solved.row(agency));
    Some((of_figures(data, agency, solved.stream, figures.n, figures.index(), &shown), figures))
}

/// The record of an agency in an earlier round: the same, or one whose area went over to it.
pub(super) fn earlier(data: &RoundData<'_>, agency: AgencyId) -> Option<AgencyId> {
    let same = data.agencies.iter().find(|a| a.id == agency);
    same.or_else(|| data.agencies.iter().find(|a| a.successors.contains(&agency))).map(|a| a.id)
}

/// "năm 2017"; the name of the round where both are of one year.
pub(super) fn since(now: &Round, before: &Round, lang: Lang) -> String {
    let year = |round: &Round| iso_day(round.period.1).chars().take(4).collect::<String>();
    if year(now) == year(before) {
        return before.name.get(lang).to_owned();
    }
    match lang {
        Lang::Vi => format!("năm {}", year(before)),
        Lang::En => year(before),
    }
}

/// All records as comparisons of areas need them.
pub(super) fn records(known: &std::collections::HashMap<AgencyId, Agency>) -> Vec<Agency> {
    known.values().cloned().collect()
}
