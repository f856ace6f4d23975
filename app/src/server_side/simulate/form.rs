//! How a simulated person fills the form in. The questionnaire is looked through once: after that a sheet is filled by
//! position, without comparing codes, because ten million of them are.

use super::chance::Chance;
use super::frame::Office;
use super::habits::HABITS;
use super::opinion::{Opinions, Person};
use crate::domain::answer::{Answer, Sheet, Value};
use crate::domain::method::Method;
use crate::domain::questionnaire::{Condition, Kind, Purpose, Question, Questionnaire};

/// Who handed in feedback before answers the optional factor; where no question asks that, this share does.
const FEEDBACK: f64 = 0.12;
/// Share of those without such experience who still answer one of its criteria that everyone is asked.
const FEEDBACK_ALL_THE_SAME: f64 = 0.035;

/// The questionnaire as it is filled in.
pub(super) struct Form {
    criteria: Vec<Item>,
    questions: Vec<Asked>,
    /// The visit question and its options that lie outside the population, as bits.
    visit: Option<(usize, u32)>,
    /// The question whose first option says that feedback was given.
    gate: Option<usize>,
    factors: usize,
}

struct Item {
    factor: usize,
    optional: bool,
    routes: Vec<Route>,
}

/// Asked only with one of these options (bits) of the question at this position.
#[derive(Clone, Copy)]
struct Route {
    question: usize,
    any_of: u32,
}

struct Asked {
    kind: Kind,
    purpose: Purpose,
    routes: Vec<Route>,
    weights: Vec<u32>,
    /// Position of the option that stands for something going wrong, and how often.
    mishap: Option<(usize, f64)>,
    lives_in: bool,
}

/// How carefully a form is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    /// To the end.
    Whole,
    /// Given up after so many criteria.
    GivenUpAfter(usize),
    /// The same figure everywhere, nothing read.
    Careless,
}

impl Form {
    pub(super) fn new(questionnaire: &Questionnaire, method: &Method) -> Self {
        let route = |condition: Option<&Condition>| {
            let condition = condition?;
            let question = questionnaire.question_index(&condition.question)?;
            let codes = questionnaire.questions.get(question)?.options().iter().map(|o| &o.code);
            Some(Route { question, any_of: bits(codes.map(|code| condition.any_of.contains(code))) })
        };
        let criteria = questionnaire
            .factors
            .iter()
            .enumerate()
            .flat_map(|(factor, f)| {
                f.criteria.iter().map(move |criterion| Item {
                    factor,
                    optional: f.optional,
                    routes: route(f.asked_when.as_ref())
                        .into_iter()
                        .chain(route(criterion.asked_when.as_ref()))
                        .collect(),
                })
            })
            .collect();
        let questions = questionnaire.questions.iter().map(|q| Asked::new(q, route(q.asked_when.as_ref()))).collect();
        let visit = questionnaire.questions_for(Purpose::Visit).next().map(|(position, question)| {
            (position, bits(question.options().iter().map(|o| method.outside_visits.contains(&o.code))))
        });
        let gate = questionnaire.questions_for(Purpose::Gate).next().map(|(position, _)| position);
        Self { criteria, questions, visit, gate, factors: questionnaire.factors.len() }
    }

    /// How many factors and criteria it has.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.factors, self.criteria.len())
    }

    /// A sheet on which nothing is answered.
    pub(super) fn blank(&self) -> Sheet {
        Sheet {
            tap: None,
            answers: vec![Answer::Blank; self.criteria.len()],
            values: vec![Value::Blank; self.questions.len()],
        }
    }

    /// Whether the person came for something that lies outside the population: there is no result yet.
    pub(super) fn is_outside(&self, sheet: &Sheet) -> bool {
        self.visit.is_some_and(|(question, outside)| match sheet.values.get(question) {
            Some(Value::Single(chosen)) => outside & bit(usize::from(*chosen)) != 0,
            _ => false,
        })
    }

    /// Fills a sheet in.
    pub(super) fn fill(
        &self,
        sheet: &mut Sheet,
        opinions: &Opinions,
        person: Person,
        office: &Office,
        care: Care,
        chance: &mut Chance,
    ) {
        for (position, question) in self.questions.iter().enumerate() {
            let late = !matches!(question.purpose, Purpose::Visit | Purpose::RespondentType | Purpose::Gate);
            if (late && matches!(care, Care::GivenUpAfter(_) | Care::Careless)) || !asked(&question.routes, sheet) {
                continue;
            }
            let value = self.value(position, question, person, office, chance);
            if let Some(place) = sheet.values.get_mut(position) {
                *place = value;
            }
        }
        let experienced = match self.gate.and_then(|gate| sheet.values.get(gate)) {
            Some(Value::Single(chosen)) => *chosen == 0,
            _ => chance.happens(FEEDBACK),
        };
        let careless = opinions.answer(person, 0, 0, chance);
        let skips = if person.is_unasked() { 0.02 } else { 0.006 };
        for (position, item) in self.criteria.iter().enumerate() {
            if matches!(care, Care::GivenUpAfter(last) if position >= last) || !asked(&item.routes, sheet) {
                continue;
            }
            let answer = if care == Care::Careless {
                careless
            } else if item.optional && !experienced && !chance.happens(FEEDBACK_ALL_THE_SAME) {
                if chance.happens(0.6) { Answer::NotApplicable } else { Answer::Blank }
            } else if chance.happens(skips) {
                Answer::Blank
            } else if chance.happens(0.015) {
                Answer::NotApplicable
            } else {
                opinions.answer(person, item.factor, position, chance)
            };
            if let Some(place) = sheet.answers.get_mut(position) {
                *place = answer;
            }
        }
    }

    fn value(&self, position: usize, question: &Asked, person: Person, office: &Office, chance: &mut Chance) -> Value {
        let single =
            |chosen: Option<usize>| chosen.and_then(|c| u8::try_from(c).ok()).map_or(Value::Blank, Value::Single);
        if !person.is_unasked()
            && let Some((visit, outside)) = self.visit
            && visit == position
        {
            // The list holds returned dossiers only: the interview is about the result.
            return single((0..question.weights.len()).find(|option| outside & bit(*option) == 0));
        }
        let blank = match (question.purpose, person.is_unasked()) {
            (Purpose::Visit | Purpose::Gate, _) => 0.0,
            (Purpose::Respondent, false) => 0.01,
            (Purpose::Respondent, true) => 0.12,
            (_, false) => 0.004,
            (_, true) => 0.05,
        };
        if chance.happens(blank) {
            return Value::Blank;
        }
        match &question.kind {
            Kind::Single { .. } if question.purpose == Purpose::RespondentType => {
                single(Some(usize::from(chance.happens(office.organisations))))
            }
            Kind::Single { .. } if question.lives_in => single(Some(usize::from(!chance.happens(office.urban)))),
            Kind::Single { .. } => match question.mishap {
                // A sixth of people are displeased; five times as likely there, it stays the share on the whole.
                Some((option, share)) if chance.happens(share * if person.is_displeased() { 5.0 } else { 0.2 }) => {
                    single(Some(option))
                }
                _ => single(chance.choose(&question.weights)),
            },
            Kind::Multiple { most, .. } => {
                let picks = 1 + chance.below(u32::from((*most).min(3)));
                let bits = (0..picks).filter_map(|_| chance.choose(&question.weights)).fold(0, |bits, o| bits | bit(o));
                if bits == 0 { Value::Blank } else { Value::Multiple(bits) }
            }
            Kind::Number { min, max, .. } => {
                let near = (85.0 + 10.0 * person.overall()).clamp(f64::from(*min), f64::from(*max));
                Value::Number(near as u16)
            }
        }
    }
}

impl Asked {
    fn new(question: &Question, route: Option<Route>) -> Self {
        let habit = HABITS.iter().find(|h| h.question == question.code);
        let mishap = habit
            .and_then(|h| h.mishap)
            .and_then(|(code, share)| Some((question.options().iter().position(|o| o.code == code)?, share)));
        let weight = |code: &str| {
            habit.and_then(|h| h.weights.iter().find(|(option, _)| *option == code)).map_or(1, |(_, weight)| *weight)
        };
        let mut weights: Vec<u32> = question.options().iter().map(|o| weight(&o.code)).collect();
        // What goes wrong is drawn by itself.
        if let Some(weight) = mishap.and_then(|(option, _)| weights.get_mut(option)) {
            *weight = 0;
        }
        Self {
            kind: question.kind.clone(),
            purpose: question.purpose,
            routes: route.into_iter().collect(),
            weights,
            mishap,
            lives_in: question.code == "noi-song",
        }
    }
}

fn asked(routes: &[Route], sheet: &Sheet) -> bool {
    routes.iter().all(|route| match sheet.values.get(route.question) {
        Some(Value::Single(chosen)) => route.any_of & bit(usize::from(*chosen)) != 0,
        _ => true,
    })
}

fn bit(option: usize) -> u32 {
    u32::try_from(option).ok().and_then(|o| 1_u32.checked_shl(o)).unwrap_or(0)
}

fn bits(options: impl Iterator<Item = bool>) -> u32 {
    options.enumerate().filter(|(_, set)| *set).fold(0, |bits, (option, _)| bits | bit(option))
}
