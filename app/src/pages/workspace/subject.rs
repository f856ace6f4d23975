//! Whom a page speaks of – the city, a level, an agency – with its figures and what may be shown of them.

use super::changes::{self, CITY, Common};
use super::covered::Seen;
use super::overview_model::{LowCriterion, Named, named};
use crate::components::conclusions;
use crate::domain::agency::{Agency, Level};
use crate::domain::disclosure::Row;
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, Figure, Figures};
use crate::domain::response::Stream;
use crate::domain::text::Lang;
use crate::domain::trend::{self, NoChange, RoundFigure};
use crate::pages::results::city_model::{group_headline, headline, open_headline};
use crate::pages::results::collect::RoundData;
use crate::pages::results::model::{Count, FactorLine, Headline};
use crate::pages::results::solve::{self, Results, Solved};

/// Whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// All agencies of the round together.
    City,
    /// The agencies of one level together.
    Level(Level),
    /// One agency.
    Agency(AgencyId),
}

/// The figures of whom a page speaks of; empty where there are none, as in the sum of a voluntary stream.
pub(super) struct Subject {
    pub(super) whom: Option<Whom>,
    /// The agency, for links and its name.
    pub(super) own: Option<Named>,
    pub(super) headline: Option<Headline>,
    figures: Option<Figures>,
    /// The index that the method publishes.
    index: Option<Figure>,
    row: Option<Row>,
}

impl Subject {
    /// Nobody.
    pub(super) fn nobody() -> Self {
        Self { whom: None, own: None, headline: None, figures: None, index: None, row: None }
    }

    /// The figures of one in a round.
    pub(super) fn of(seen: &Seen<'_>, solved: &Solved<'_>, whom: Whom) -> Self {
        match whom {
            Whom::City => Self::group(seen, solved, whom, solved.city(), &|_| true),
            Whom::Level(level) => Self::group(seen, solved, whom, solved.level(level), &|a| a.level == level),
            Whom::Agency(id) => Self::agency(seen, solved, id),
        }
    }

    fn group(
        seen: &Seen<'_>,
        solved: &Solved<'_>,
        whom: Whom,
        row: Option<&Row>,
        of_group: &dyn Fn(&Agency) -> bool,
    ) -> Self {
        let nothing = Self { whom: Some(whom), ..Self::nobody() };
        let Results::Probability(results) = &solved.results else { return nothing };
        let all = seen.data.agencies.iter().zip(solved.members.iter().zip(results));
        let members: Vec<_> = all.filter(|(agency, _)| of_group(agency)).map(|(_, member)| member).collect();
        if members.is_empty() {
            return nothing;
        }
        let group = index::group(seen.data.shape, seen.data.method, &members);
        Self {
            headline: Some(group_headline(&group, row)),
            index: Some(*group.published()),
            figures: Some(group.pooled_by_n),
            row: row.cloned(),
            ..nothing
        }
    }

    fn agency(seen: &Seen<'_>, solved: &Solved<'_>, id: AgencyId) -> Self {
        let nothing = Self { whom: Some(Whom::Agency(id)), ..Self::nobody() };
        let Some(position) = seen.data.agencies.iter().position(|a| a.id == id) else { return nothing };
        let Some(agency) = seen.data.agencies.get(position) else { return nothing };
        let row = solved.row(id);
        let own = Some(named(seen, agency));
        match &solved.results {
            Results::Probability(results) => {
                let figures = results.get(position).map(|r| r.figures.clone());
                Self {
                    own,
                    headline: figures.as_ref().map(|f| headline(f, row)),
                    index: figures.as_ref().map(|f| *f.index()),
                    figures,
                    row: row.cloned(),
                    ..nothing
                }
            }
            Results::Voluntary(results) => {
                Self { own, headline: results.get(position).map(|r| open_headline(r, row)), ..nothing }
            }
        }
    }

    /// Its index in a comparison of rounds.
    fn in_round<'f>(&'f self, data: &RoundData<'f>, stream: Stream) -> Option<RoundFigure<'f>> {
        let (headline, figures, index) = (self.headline.as_ref()?, self.figures.as_ref()?, self.index.as_ref()?);
        let agency = if let Some(Whom::Agency(id)) = self.whom { id } else { CITY };
        Some(changes::of_figures(data, agency, stream, figures.n, index, &headline.figure))
    }

    /// The change of its index against the round before, as a sentence; empty where it has no figures.
    pub(super) fn change(
        &self,
        now: &Seen<'_>,
        solved: &Solved<'_>,
        before: Option<(&Seen<'_>, &Solved<'_>)>,
        records: &[Agency],
        lang: Lang,
    ) -> String {
        let Some(own) = self.in_round(&now.data, solved.stream) else { return String::new() };
        let Some((before, then)) = before else {
            return conclusions::change(&Err(NoChange::FirstRound), "", lang);
        };
        let level = if let Some(Whom::Level(level)) = self.whom { Some(level) } else { None };
        let of_group = |agency: &Agency| level.is_none_or(|level| agency.level == level);
        if !matches!(self.whom, Some(Whom::Agency(_)))
            && let Common::Some(pairs) = changes::common((now, solved), (before, then), records, &of_group)
        {
            return changes::of_common((now, solved), (before, then), records, &pairs, lang);
        }
        let whom = match self.whom {
            Some(Whom::Agency(id)) => changes::earlier(&before.data, id).map(Whom::Agency),
            other => other,
        };
        let was = whom.map(|whom| Self::of(before, then, whom));
        let was = was.as_ref().and_then(|was| was.in_round(&before.data, then.stream));
        let since = changes::since(now.data.round, before.data.round, lang);
        conclusions::change(&trend::change(records, was.as_ref(), &own, 0.95), &since, lang)
    }

    /// Its factors, in the order of the questionnaire.
    pub(super) fn factors(&self, now: &Seen<'_>, lang: Lang) -> Vec<FactorLine> {
        let Some(figures) = &self.figures else { return Vec::new() };
        let row = self.row.as_ref();
        let factors = now.data.questionnaire.factors.iter().zip(&figures.factors).enumerate();
        let line =
            |(at, (factor, result)): (usize, (&crate::domain::questionnaire::Factor, &index::result::FactorResult))| {
                let shown = row.and_then(|row| row.factors.get(at)) == Some(&true);
                FactorLine {
                    code: factor.code.clone(),
                    name: factor.name.get(lang).to_owned(),
                    figure: solve::factor(at, result, row),
                    n: if shown { Count::Exactly(result.respondents) } else { Count::Hidden },
                    counts: result.counts,
                }
            };
        factors.map(line).collect()
    }

    /// The criteria whose whole interval lies below that of the index, the lowest first.
    pub(super) fn lowest(&self, now: &Seen<'_>, lang: Lang) -> Vec<LowCriterion> {
        let index_low = self.headline.as_ref().and_then(|h| h.figure.interval()).map(|(low, _)| low);
        let (Some(figures), Some(index_low)) = (&self.figures, index_low) else { return Vec::new() };
        let criteria = now.data.questionnaire.criteria().zip(&figures.criteria).enumerate();
        let mut lowest: Vec<LowCriterion> = criteria
            .map(|(at, ((_, criterion), result))| LowCriterion {
                code: criterion.code.clone(),
                text: criterion.text.get(lang).to_owned(),
                figure: solve::criterion(at, result, self.row.as_ref()),
            })
            .filter(|line| line.figure.interval().is_some_and(|(_, high)| high < index_low))
            .collect();
        lowest.sort_by(|a, b| a.figure.value().unwrap_or(1.0).total_cmp(&b.figure.value().unwrap_or(1.0)));
        lowest
    }
}
