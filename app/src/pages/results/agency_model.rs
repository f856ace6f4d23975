//! The assembly of `/ket-qua/{agency}`: factors, criteria, answers, facts and expectations of one agency in one stream.

use super::beside;
use super::city_model::{band, heading, headline, label, open_headline, parent, places};
use super::collect::{Collected, RoundData};
use super::model::{
    AgencyPage, BandWord, Count, CriterionLine, ExplainedDesign, ExplainedFactor, ExplainedStratum, Explanation,
    FactorLine, Headline, Mean, OptionLine, Place, QuestionBlock, StreamLine,
};
use super::query::Query;
use super::shown::Shown;
use super::solve::{self, Results, Solved};
use crate::components::charts::LikertScale;
use crate::components::page::Stamp;
use crate::domain::agency::Agency;
use crate::domain::disclosure::{self, LEAST_RESPONDENTS, Row, ScaleGroup, Shown as Disclosed};
use crate::domain::ids::StratumId;
use crate::domain::index::{self, AgencyResult, Basis, Figures, Interval, OpenResult};
use crate::domain::method::OverallRule;
use crate::domain::questionnaire::{Criterion, Kind, Purpose, Question};
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
    let position = data.agencies.iter().position(|a| a.code.eq_ignore_ascii_case(code))?;
    let agency = *data.agencies.get(position)?;
    let lang = query.lang;
    let mut heading = heading(data, collected, stamp, query);
    let zero = Tally::zero(data.shape);
    let solved = Solved::new(data, collected, heading.stream, &zero);
    let row = solved.row(agency.id);
    let member = solved.members.get(position)?;
    let with_questions = row.is_some_and(|row| row.shown);
    let questions = |purpose| {
        if with_questions { questions(data, member, purpose, lang) } else { Vec::new() }
    };
    let streams = stream_lines(data, collected, position, &solved, &heading.streams, &zero);
    heading.streams = streams.iter().map(|line| (line.stream, line.n)).collect();
    let (facts, expectations) = (questions(Purpose::Fact), questions(Purpose::Expectation));
    let taps = taps(data, collected, agency, lang);
    let lines = match &solved.results {
        Results::Probability(results) => probability(data, results, position, &solved, &heading.query)?,
        Results::Voluntary(results) => voluntary(data, results.get(position)?, row, lang),
    };
    let place = match &solved.results {
        Results::Probability(results) => places(data, results, &solved, heading.stream).get(&agency.id).copied(),
        Results::Voluntary(_) => None,
    };
    let merged = lines.criteria.iter().any(|c| c.scores.len() < 5 && c.n != Count::Exactly(0));
    let few = |block: &QuestionBlock| block.options.iter().any(|o| !matches!(o.n, Count::Exactly(_)));
    Some(AgencyPage {
        code: agency.code.clone(),
        name: agency.name.clone(),
        parent: parent(data, agency).map(|p| label(data, p)),
        level: agency.level,
        headline: lines.headline,
        place: place.unwrap_or(Place::Unranked),
        band: lines.band,
        likert: LikertScale::fitting(lines.criteria.iter().map(|c| c.scores.as_slice())),
        hides_something: merged
            || row.is_none_or(Row::hides_something)
            || facts.iter().chain(&expectations).chain(&taps).any(few),
        streams,
        factors: lines.factors,
        criteria: lines.criteria,
        scale: data.questionnaire.scale.clone(),
        taps,
        facts,
        expectations,
        beside: beside::lines(data, &solved.results, position, member, row, lang),
        explanation: lines.explanation,
        heading,
    })
}

/// What differs between probability and voluntary streams.
struct Lines {
    headline: Headline,
    band: Option<BandWord>,
    factors: Vec<FactorLine>,
    criteria: Vec<CriterionLine>,
    explanation: Option<Explanation>,
}

fn probability(
    data: &RoundData<'_>,
    results: &[AgencyResult],
    position: usize,
    solved: &Solved<'_>,
    query: &Query,
) -> Option<Lines> {
    let lang = query.lang;
    let result = results.get(position)?;
    let figures = &result.figures;
    let row = solved.row(result.agency);
    let headline = headline(figures, row);
    let index_low = headline.figure.interval().map(|(low, _)| low);
    let factors = data
        .questionnaire
        .factors
        .iter()
        .zip(&figures.factors)
        .enumerate()
        .map(|(at, (factor, result))| FactorLine {
            code: factor.code.clone(),
            name: factor.name.get(lang).to_owned(),
            figure: solve::factor(at, result, row),
            n: part_count(result.respondents, row.and_then(|row| row.factors.get(at))),
            counts: result.counts,
        })
        .collect();
    let criteria = data
        .questionnaire
        .criteria()
        .zip(&figures.criteria)
        .enumerate()
        .map(|(at, ((factor, criterion), result))| {
            let answers = Answers { scores: result.scores, not_applicable: result.not_applicable };
            let mut line =
                criterion_line(criterion, factor, solve::criterion(at, result, row), &answers, at, row, lang);
            if figures.is_weighted() {
                line.scores = Vec::new();
                line.not_applicable = Count::Hidden;
            }
            line.clearly_lower = line.figure.interval().zip(index_low).is_some_and(|((_, high), low)| high < low);
            line
        })
        .collect();
    Some(Lines {
        band: band(data.method, figures.estimate(), row, lang),
        explanation: matches!(headline.figure, Shown::Known { .. })
            .then(|| explanation(data, figures, row, lang))
            .flatten(),
        headline,
        factors,
        criteria,
    })
}

fn voluntary(data: &RoundData<'_>, result: &OpenResult, row: Option<&Row>, lang: Lang) -> Lines {
    let told = |share, part, whole, n, shown: Option<&bool>| {
        solve::told(Shown::from(share), [(part, whole)], n, shown == Some(&true))
    };
    let factors = data
        .questionnaire
        .factors
        .iter()
        .zip(&result.factors)
        .enumerate()
        .map(|(at, (factor, result))| {
            let shown = row.and_then(|row| row.factors.get(at));
            FactorLine {
                code: factor.code.clone(),
                name: factor.name.get(lang).to_owned(),
                figure: told(result.share, result.n_satisfied, result.n_answered, result.respondents, shown),
                n: part_count(result.respondents, shown),
                counts: result.counts,
            }
        })
        .collect();
    let criteria = data
        .questionnaire
        .criteria()
        .zip(&result.criteria)
        .enumerate()
        .map(|(at, ((factor, criterion), result))| {
            let shown = row.and_then(|row| row.criteria.get(at));
            let figure = told(result.share, result.n_satisfied, result.n_answered, result.n_answered, shown);
            let answers = Answers { scores: result.scores, not_applicable: result.not_applicable };
            criterion_line(criterion, factor, figure, &answers, at, row, lang)
        })
        .collect();
    Lines { headline: open_headline(result, row), band: None, factors, criteria, explanation: None }
}

struct Answers {
    scores: [i64; 5],
    not_applicable: i64,
}

fn criterion_line(
    criterion: &Criterion,
    factor: usize,
    figure: Shown,
    answers: &Answers,
    at: usize,
    row: Option<&Row>,
    lang: Lang,
) -> CriterionLine {
    let shown = row.and_then(|row| row.criteria.get(at)) == Some(&true);
    let n: i64 = answers.scores.iter().sum();
    // Where all are satisfied, or nobody, the answers would say what the figure does not.
    let scores = match (shown, &figure) {
        (true, Shown::Known { .. }) => disclosure::scale(answers.scores).value().unwrap_or_default(),
        _ => Vec::<ScaleGroup>::new(),
    };
    CriterionLine {
        code: criterion.code.clone(),
        factor,
        text: criterion.text.get(lang).to_owned(),
        figure,
        n: part_count(n, row.and_then(|row| row.criteria.get(at))),
        clearly_lower: false,
        scores,
        not_applicable: if shown { solve::few(answers.not_applicable) } else { Count::Hidden },
    }
}

fn part_count(n: i64, shown: Option<&bool>) -> Count {
    if shown == Some(&true) { Count::Exactly(n) } else { Count::Hidden }
}

/// All streams of the agency at `position` side by side; the shown one is computed already.
pub(in crate::pages) fn stream_lines(
    data: &RoundData<'_>,
    collected: &Collected,
    position: usize,
    solved: &Solved<'_>,
    streams: &[(Stream, Count)],
    zero: &Tally,
) -> Vec<StreamLine> {
    let line = |stream, solved: &Solved<'_>| {
        let row = solved.members.get(position).and_then(|member| solved.row(member.id));
        let (figure, n) = match &solved.results {
            Results::Probability(results) => {
                let figures = &results.get(position)?.figures;
                (solve::whole(Shown::from(figures.index()), figures, row), figures.n)
            }
            Results::Voluntary(results) => {
                let result = results.get(position)?;
                (solve::whole_open(result, row), result.n)
            }
        };
        Some(StreamLine { stream, figure, n: solve::count(n, row) })
    };
    let own = solved.stream;
    streams
        .iter()
        .filter_map(|(stream, _)| {
            if *stream == own { line(own, solved) } else { line(*stream, &Solved::new(data, collected, *stream, zero)) }
        })
        .collect()
}

fn questions(data: &RoundData<'_>, member: &index::Agency<'_>, purpose: Purpose, lang: Lang) -> Vec<QuestionBlock> {
    data.questionnaire
        .questions_for(purpose)
        .map(|(position, question)| question_block(data, member, position, question, lang))
        .filter(|block| block.n != Count::Exactly(0))
        .collect()
}

fn question_block(
    data: &RoundData<'_>,
    member: &index::Agency<'_>,
    position: usize,
    question: &Question,
    lang: Lang,
) -> QuestionBlock {
    let result = index::question(data.shape, data.method, &[member], position);
    let n = result.n_answered;
    let weighted = member.strata.iter().filter(|s| s.tally.n() > 0).count() > 1;
    let exclusive = matches!(question.kind, Kind::Single { .. });
    let chosen: Vec<i64> = result.options.iter().map(|o| o.n_chosen).collect();
    let unanimous = exclusive && chosen.contains(&n);
    let counts = match disclosure::options(&chosen, n, exclusive) {
        Disclosed::Value(counts) if !unanimous => counts,
        _ => vec![Count::Hidden; chosen.len()],
    };
    let share = |at: usize, count: Count| {
        let option = result.options.get(at);
        match (count, option) {
            // Without N there is no weight: then the plain share is shown, without an interval.
            (Count::Exactly(k), Some(option)) => match &option.figure {
                Ok(estimate) => Shown::from(estimate),
                Err(_) => Shown::from(index::OpenShare::new(k as f64 / n.max(1) as f64)),
            },
            (Count::Hidden, Some(option)) if unanimous && n >= LEAST_RESPONDENTS => {
                if option.n_chosen == n {
                    Shown::AtLeast(0.95)
                } else {
                    Shown::AtMost(0.05)
                }
            }
            _ => Shown::Hidden,
        }
    };
    let options = question.options().iter().zip(counts).enumerate();
    QuestionBlock {
        text: with_lead(question, lang),
        n: solve::few(n),
        several: matches!(question.kind, Kind::Multiple { .. }),
        options: options
            .map(|(at, (choice, n))| {
                // Weighted shares beside counts without weights could be solved for a small stratum.
                let count = if weighted { Count::Hidden } else { n };
                OptionLine { text: choice.text.get(lang).to_owned(), n: count, share: share(at, n) }
            })
            .collect(),
        mean: result.mean.filter(|_| n >= LEAST_RESPONDENTS).map(|value| {
            let unit = if let Kind::Number { unit, .. } = &question.kind { Some(unit.clone()) } else { None };
            Mean { value, unit }
        }),
    }
}

/// The one-tap answers at the desks of an agency. They stand by themselves, whichever stream the page shows.
fn taps(data: &RoundData<'_>, collected: &Collected, agency: &Agency, lang: Lang) -> Option<QuestionBlock> {
    let counts = collected.counted(agency.id, Stream::Open)?.taps;
    let n: i64 = counts.iter().sum();
    let unanimous = counts.contains(&n);
    let shown = match disclosure::options(&counts, n, true) {
        Disclosed::Value(counts) if !unanimous => counts,
        _ => vec![Count::Hidden; counts.len()],
    };
    let share = |count| match count {
        Count::Exactly(k) => Shown::from(index::OpenShare::new(k as f64 / n.max(1) as f64)),
        _ => Shown::Hidden,
    };
    let options = data.questionnaire.scale.labels.iter().zip(shown);
    (n > 0).then(|| QuestionBlock {
        text: data.questionnaire.tap.get(lang).to_owned(),
        n: solve::few(n),
        several: false,
        options: options
            .map(|(label, n)| OptionLine { text: label.get(lang).to_owned(), n, share: share(n) })
            .collect(),
        mean: None,
    })
}

fn with_lead(question: &Question, lang: Lang) -> String {
    let text = question.text.get(lang);
    question.lead.as_ref().map_or_else(|| text.to_owned(), |lead| format!("{} {text}", lead.get(lang)))
}

/// The counts of the index; none where one of them may not be said.
fn explanation(data: &RoundData<'_>, figures: &Figures, row: Option<&Row>, lang: Lang) -> Option<Explanation> {
    let index = figures.estimate()?;
    let several = figures.is_weighted();
    let factors = data
        .questionnaire
        .factors
        .iter()
        .zip(&figures.factors)
        .enumerate()
        .filter(|(_, (_, result))| result.respondents > 0)
        .map(|(at, (factor, result))| {
            // A factor that is hidden or told only as a bound takes the whole explanation away.
            let share = solve::factor(at, result, row).value()?;
            Some(ExplainedFactor {
                name: factor.name.get(lang).to_owned(),
                counted: (!several).then_some((result.n_satisfied, result.n_answered)),
                share,
                counts: result.counts,
            })
        })
        .collect::<Option<_>>()?;
    let field = |id: StratumId| {
        let field = data.strata.iter().find(|s| s.id == id).and_then(|s| s.field);
        let field = field.and_then(|f| usize::try_from(f).ok()).and_then(|f| data.round.fields.get(f));
        field.map_or_else(String::new, |f| f.name.get(lang).to_owned())
    };
    // Fields that are computed as one are one line.
    let fields = |id: StratumId| match figures.merged.iter().find(|group| group.strata.first() == Some(&id)) {
        Some(group) => group.strata.iter().map(|id| field(*id)).collect::<Vec<_>>().join(" + "),
        None => field(id),
    };
    let answered = figures.strata.iter().filter(|s| s.n > 0);
    let strata: Vec<ExplainedStratum> = answered
        .filter_map(|s| Some(ExplainedStratum { name: fields(s.stratum), population: s.population?, n: s.n }))
        .collect();
    // A field with a few responses is a table of its own; it is left out rather than hidden in part.
    let strata = if strata.iter().any(|s| s.n < LEAST_RESPONDENTS) { Vec::new() } else { strata };
    Some(Explanation {
        factors,
        several,
        strata,
        pooled: figures.overall.rule == OverallRule::Pooled,
        index: index.value(),
        logit: match index.interval() {
            Some(Interval { basis: Basis::Logit { se, df }, .. }) => Some((se, df)),
            _ => None,
        },
        design: match index.interval() {
            Some(Interval { basis: Basis::Pooled { n, a, design, n_effective, df }, .. }) => {
                let (population, ratio) = (figures.population, design);
                Some(ExplainedDesign { n, population, a, ratio, n_effective, df })
            }
            _ => None,
        },
        merged: figures.merged.iter().map(|group| group.strata.iter().map(|id| field(*id)).collect()).collect(),
    })
}

/// The agency with the most responses, for the example of the method page.
pub fn example_code(data: &RoundData<'_>, collected: &Collected, stream: Stream) -> Option<String> {
    let n = |agency: &Agency| {
        collected.counted(agency.id, stream).map_or(0, |c| c.strata.values().map(Tally::n).sum::<i64>())
    };
    let most = data.agencies.iter().max_by_key(|agency| n(agency))?;
    (n(most) > 0).then(|| most.code.clone())
}
