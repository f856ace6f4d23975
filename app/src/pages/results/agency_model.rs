//! The assembly of `/ket-qua/{agency}`: factors, criteria, answers, facts and expectations of one agency in one stream.

use super::city_model::{band, headline_of, heading, label, parent, places};
use super::collect::{Collected, RoundData};
use super::model::{
    AgencyPage, CriterionLine, ExplainedFactor, ExplainedStratum, Explanation, FactorLine, Headline, OptionLine, Place,
    QuestionBlock, StreamLine,
};
use super::query::Query;
use super::shown::Shown;
use crate::components::charts::LikertScale;
use crate::components::number::decimal;
use crate::components::page::Stamp;
use crate::domain::agency::Agency;
use crate::domain::index::{self, Basis, Figures, Interval, OpenResult, Reading};
use crate::domain::method::OverallRule;
use crate::domain::questionnaire::{Kind, Purpose, Question};
use crate::domain::response::Stream;
use crate::domain::tally::Tally;
use crate::domain::text::Lang;

/// The page of one agency of the round; none where the round has no agency with this code.
pub fn agency_page(
    data: &RoundData<'_>,
    collected: &Collected,
    stamp: Stamp,
    query: &Query,
    code: &str,
) -> Option<AgencyPage> {
    let agency = data.agencies.iter().copied().find(|a| a.code.eq_ignore_ascii_case(code))?;
    let heading = heading(data, collected, stamp, query);
    let lang = query.lang;
    let zero = Tally::zero(data.shape);
    let members = collected.of_stream(data, heading.stream, &zero);
    let member = members.iter().find(|m| m.id == agency.id)?;
    let streams = stream_lines(data, collected, agency, &heading.streams, &zero);
    let questions = |purpose| questions(data, member, purpose, lang);
    let mut page = AgencyPage {
        code: agency.code.clone(),
        name: agency.name.clone(),
        parent: parent(data, agency).map(|p| label(data, p)),
        level: agency.level,
        headline: Headline {
            figure: Shown::Hidden,
            n: None,
            population: None,
            coverage: None,
            factors: None,
            left_out: member.left_out,
        },
        place: Place::Unranked,
        band: None,
        streams,
        factors: Vec::new(),
        criteria: Vec::new(),
        likert: LikertScale::fitting([]),
        scale: data.questionnaire.scale.clone(),
        facts: questions(Purpose::Fact),
        expectations: questions(Purpose::Expectation),
        explanation: None,
        heading,
    };
    if index::reading(page.heading.stream) == Reading::Voluntary {
        fill_voluntary(&mut page, data, &index::open(data.shape, data.method, member));
    } else {
        // Ranks compare, so they need the results of all; the rest needs only this one.
        let results = index::agencies(data.shape, data.method, &members);
        let result = results.iter().find(|r| r.agency == agency.id)?;
        page.place = places(data, &results, page.heading.stream).get(&agency.id).copied().unwrap_or(Place::Unranked);
        page.band = band(data.method, result.figures.estimate(), lang);
        fill_probability(&mut page, data, &result.figures);
    }
    page.likert = LikertScale::fitting(page.criteria.iter().filter_map(|c| c.scores.as_ref()));
    Some(page)
}

fn fill_probability(page: &mut AgencyPage, data: &RoundData<'_>, figures: &Figures) {
    let lang = page.heading.query.lang;
    page.headline = headline_of(figures, Shown::from(figures.index()), false);
    let index_low = page.headline.figure.interval().map(|(low, _)| low);
    page.factors = data
        .questionnaire
        .factors
        .iter()
        .zip(&figures.factors)
        .map(|(factor, result)| FactorLine {
            code: factor.code.clone(),
            name: factor.name.get(lang).to_owned(),
            figure: Shown::from(&result.figure),
            n: Some(result.respondents),
            counts: result.counts,
        })
        .collect();
    page.criteria = data
        .questionnaire
        .criteria()
        .zip(&figures.criteria)
        .map(|((factor, criterion), result)| {
            let figure = Shown::from(&result.figure);
            let clearly_lower =
                figure.interval().zip(index_low).is_some_and(|((_, high), index_low)| high < index_low);
            CriterionLine {
                code: criterion.code.clone(),
                factor,
                text: criterion.text.get(lang).to_owned(),
                figure,
                n: Some(result.n_answered),
                clearly_lower,
                scores: Some(result.scores),
                not_applicable: Some(result.not_applicable),
            }
        })
        .collect();
    page.explanation = explanation(data, figures, lang);
}

fn fill_voluntary(page: &mut AgencyPage, data: &RoundData<'_>, result: &OpenResult) {
    let lang = page.heading.query.lang;
    page.headline = Headline {
        figure: Shown::from(result.index),
        n: Some(result.n),
        population: result.population,
        coverage: None,
        factors: (result.n > 0 && result.factors_counted < result.factors.len())
            .then_some((result.factors_counted, result.factors.len())),
        left_out: result.left_out,
    };
    page.factors = data
        .questionnaire
        .factors
        .iter()
        .zip(&result.factors)
        .map(|(factor, result)| FactorLine {
            code: factor.code.clone(),
            name: factor.name.get(lang).to_owned(),
            figure: Shown::from(result.share),
            n: Some(result.respondents),
            counts: result.counts,
        })
        .collect();
    page.criteria = data
        .questionnaire
        .criteria()
        .zip(&result.criteria)
        .map(|((factor, criterion), result)| CriterionLine {
            code: criterion.code.clone(),
            factor,
            text: criterion.text.get(lang).to_owned(),
            figure: Shown::from(result.share),
            n: Some(result.n_answered),
            clearly_lower: false,
            scores: Some(result.scores),
            not_applicable: Some(result.not_applicable),
        })
        .collect();
}

fn stream_lines(
    data: &RoundData<'_>,
    collected: &Collected,
    agency: &Agency,
    streams: &[(Stream, Option<i64>)],
    zero: &Tally,
) -> Vec<StreamLine> {
    if streams.len() < 2 {
        return Vec::new();
    }
    let only = RoundData { agencies: &[agency], ..*data };
    let line = |stream: Stream| {
        let members = collected.of_stream(&only, stream, zero);
        let member = members.first()?;
        let (figure, n) = if index::reading(stream) == Reading::Voluntary {
            let result = index::open(data.shape, data.method, member);
            (Shown::from(result.index), result.n)
        } else {
            let result = index::agency(data.shape, data.method, member);
            (Shown::from(result.figures.index()), result.figures.n)
        };
        Some(StreamLine { stream, figure, n: Some(n) })
    };
    streams.iter().filter_map(|(stream, _)| line(*stream)).collect()
}

fn questions(data: &RoundData<'_>, member: &index::Agency<'_>, purpose: Purpose, lang: Lang) -> Vec<QuestionBlock> {
    let voluntary = |n: i64, of: i64| Shown::from(index::OpenShare::new(n as f64 / of.max(1) as f64));
    data.questionnaire
        .questions_for(purpose)
        .map(|(position, question)| {
            let result = index::question(data.shape, &[member], position);
            let options = question
                .options()
                .iter()
                .zip(&result.options)
                .map(|(choice, option)| OptionLine {
                    text: choice.text.get(lang).to_owned(),
                    n: Some(option.n_chosen),
                    // Without N there is no weight: the plain share is shown, without an interval.
                    share: if option.figure.is_ok() { Shown::from(&option.figure) } else { voluntary(option.n_chosen, result.n_answered) },
                })
                .collect();
            QuestionBlock {
                text: with_lead(question, lang),
                n: Some(result.n_answered),
                several: matches!(question.kind, Kind::Multiple { .. }),
                options,
                mean: result.mean.map(|mean| match &question.kind {
                    Kind::Number { unit, .. } => format!("{} {unit}", decimal(mean, 1, lang)),
                    _ => decimal(mean, 1, lang),
                }),
            }
        })
        .filter(|block| block.n != Some(0))
        .collect()
}

fn with_lead(question: &Question, lang: Lang) -> String {
    let text = question.text.get(lang);
    question.lead.as_ref().map_or_else(|| text.to_owned(), |lead| format!("{} {text}", lead.get(lang)))
}

fn explanation(data: &RoundData<'_>, figures: &Figures, lang: Lang) -> Option<Explanation> {
    let index = figures.estimate()?;
    let factors = data
        .questionnaire
        .factors
        .iter()
        .zip(&figures.factors)
        .filter_map(|(factor, result)| {
            Some(ExplainedFactor {
                name: factor.name.get(lang).to_owned(),
                satisfied: result.n_satisfied,
                answered: result.n_answered,
                share: result.figure.as_ref().ok()?.value(),
                counts: result.counts,
            })
        })
        .collect();
    let with_responses: Vec<_> = figures.strata.iter().filter(|s| s.n > 0).collect();
    let field = |id| {
        let field = data.strata.iter().find(|s| s.id == id).and_then(|s| s.field);
        let field = field.and_then(|f| usize::try_from(f).ok()).and_then(|f| data.round.fields.get(f));
        field.map_or_else(String::new, |f| f.name.get(lang).to_owned())
    };
    let strata = with_responses
        .iter()
        .filter_map(|s| Some(ExplainedStratum { name: field(s.stratum), population: s.population?, n: s.n }))
        .collect();
    Some(Explanation {
        factors,
        strata,
        pooled: figures.overall.rule == OverallRule::Pooled,
        index: index.value(),
        logit: match index.interval() {
            Some(Interval { basis: Basis::Logit { se, df }, .. }) => Some((se, df)),
            _ => None,
        },
    })
}
