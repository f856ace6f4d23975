//! Two rounds side by side: only figures that may be printed as they are take part, so that a change gives away nothing
//! that a page keeps back.

use super::covered::Seen;
use crate::components::conclusions;
use crate::components::number::iso_day;
use crate::domain::agency::Agency;
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, Absence, AgencyResult, Figure, Figures, GroupResult};
use crate::domain::response::Stream;
use crate::domain::round::Round;
use crate::domain::text::Lang;
use crate::domain::trend::{self, Break, NoChange, RoundFigure};
use crate::pages::results::collect::RoundData;
use crate::pages::results::shown::Shown;
use crate::pages::results::solve::{Results, Solved, told, whole};

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

/// The agencies over which a sum of two rounds is compared.
pub(super) enum Common {
    /// All that have responses in either round: the sums themselves are compared.
    All,
    /// Some: position in this round and in the one before.
    Some(Vec<(usize, usize)>),
}

/// The agencies of a group that have responses in both rounds and the same area: a sum over other agencies, or over areas
/// that a merger made anew, is another sum. Where these are not all, an agency that hides something stays out, since the
/// sum of the others, held against that of all, would tell it.
pub(super) fn common(
    (now, solved): (&Seen<'_>, &Solved<'_>),
    (before, then): (&Seen<'_>, &Solved<'_>),
    records: &[Agency],
    of_group: &dyn Fn(&Agency) -> bool,
) -> Common {
    let (Results::Probability(is), Results::Probability(was)) = (&solved.results, &then.results) else {
        return Common::All;
    };
    let measured = |data: &RoundData<'_>, results: &[AgencyResult]| -> Vec<usize> {
        let all = data.agencies.iter().zip(results).enumerate();
        all.filter(|(_, (agency, result))| of_group(agency) && result.figures.n > 0).map(|(at, _)| at).collect()
    };
    let (of_now, of_before) = (measured(&now.data, is), measured(&before.data, was));
    let pair = |at: &usize| {
        let agency = now.data.agencies.get(*at)?;
        let id = earlier(&before.data, agency.id).filter(|id| trend::same_area(records, *id, agency.id))?;
        let earlier = of_before.iter().find(|at| before.data.agencies.get(**at).is_some_and(|a| a.id == id))?;
        Some((*at, *earlier))
    };
    let mut pairs: Vec<(usize, usize)> = of_now.iter().filter_map(pair).collect();
    if pairs.len() == of_now.len() && pairs.len() == of_before.len() {
        return Common::All;
    }
    let whole = |solved: &Solved<'_>, data: &RoundData<'_>, at: usize| {
        let row = data.agencies.get(at).and_then(|agency| solved.row(agency.id));
        row.is_some_and(|row| !row.hides_something())
    };
    pairs.retain(|(at, earlier)| whole(solved, &now.data, *at) && whole(then, &before.data, *earlier));
    Common::Some(pairs)
}

/// The change of a sum over these agencies alone, as a sentence.
pub(super) fn of_common(
    (now, solved): (&Seen<'_>, &Solved<'_>),
    (before, then): (&Seen<'_>, &Solved<'_>),
    records: &[Agency],
    pairs: &[(usize, usize)],
    lang: Lang,
) -> String {
    let positions = |first: bool| pairs.iter().map(move |(at, earlier)| if first { *at } else { *earlier });
    let (is, was) = (sum(now, solved, positions(true)), sum(before, then, positions(false)));
    let (own, earlier) = (of_sum(&now.data, solved.stream, &is), of_sum(&before.data, then.stream, &was));
    let broken = trend::break_between(records, &earlier, &own);
    let why = broken.or(pairs.is_empty().then_some(Break::Area));
    let change = match why {
        Some(why) => Err(NoChange::Broken { why }),
        None => trend::change(records, Some(&earlier), &own, 0.95),
    };
    let words = conclusions::change(&change, &since(now.data.round, before.data.round, lang), lang);
    match (change, lang) {
        (Err(_), _) => words,
        (Ok(_), Lang::Vi) => {
            format!("{words}, tính trên {} cơ quan có phiếu ở cả hai đợt và giữ nguyên địa bàn", pairs.len())
        }
        (Ok(_), Lang::En) => {
            format!("{words}, over the {} agencies with responses in both rounds and the same area", pairs.len())
        }
    }
}

fn of_sum<'f>(data: &RoundData<'f>, stream: Stream, sum: &'f GroupResult) -> RoundFigure<'f> {
    let figures = &sum.pooled_by_n;
    let answers = figures.factors.iter().map(|f| (f.n_satisfied, f.n_answered));
    let shown = told(Shown::from(sum.published()), answers, figures.n, true);
    of_figures(data, CITY, stream, figures.n, sum.published(), &shown)
}

fn sum(seen: &Seen<'_>, solved: &Solved<'_>, positions: impl Iterator<Item = usize>) -> GroupResult {
    let results = if let Results::Probability(results) = &solved.results { results.as_slice() } else { &[] };
    let member = |at: usize| solved.members.get(at).zip(results.get(at));
    let members: Vec<_> = positions.filter_map(member).collect();
    index::group(seen.data.shape, seen.data.method, &members)
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
