//! What people think. On a scale where 0 is the border between "Bình thường" and "Hài lòng", an opinion is the mean of the
//! agency, plus what its factors and the criterion add, plus the person (some are pleased with everything), plus the
//! moment. All numbers are invented; they were set so that the city comes out near 84 % and agencies between about
//! 62 and 97 %.

use super::chance::Chance;
use super::frame::Office;
use crate::domain::answer::{Answer, Score};

/// Mean opinion of the city: satisfied in 84 of 100 answers, once all the spreads below are added.
const CITY_MEAN: f64 = 1.1;
/// Spread of agencies around it.
const AGENCY: f64 = 0.36;
/// No agency below about 62 % or above about 97 % satisfied.
const AGENCY_RANGE: (f64, f64) = (0.36, 1.92);
/// Spread of the factors of one agency, and of criteria everywhere.
const FACTOR: f64 = 0.16;
const CRITERION: f64 = 0.13;
/// Person and moment; their squares add up to 1, and the person's is the correlation within one form.
const PERSON: f64 = 0.68;
const MOMENT: f64 = 0.733;
/// Borders between 1|2, 2|3 and 4|5 around the 3|4 at 0.
const BORDERS: [f64; 4] = [-1.3, -0.7, 0.0, 1.58];
/// Who answers unasked is a little less pleased, more of one mind, and sooner at the ends of the scale.
const OPEN_SHIFT: f64 = -0.18;
const OPEN_PERSON: f64 = 1.45;
const OPEN_BORDERS: [f64; 4] = [-0.95, -0.55, 0.0, 1.3];

/// The opinions of a city.
pub(super) struct Opinions {
    /// One mean for each office, one for each office and factor, one for each criterion.
    offices: Vec<f64>,
    factors: Vec<Vec<f64>>,
    criteria: Vec<f64>,
}

/// One person at one office.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    office: usize,
    /// What the person adds to every answer.
    adds: f64,
    /// The office's mean for this person.
    mean: f64,
    /// At a desk of their own will, not on a sample list.
    unasked: bool,
}

impl Opinions {
    /// Opinions about `offices`, on a questionnaire with so many factors and criteria.
    pub(super) fn new(offices: &[Office], factors: usize, criteria: usize, chance: &mut Chance) -> Self {
        let spread: Vec<f64> = offices.iter().map(|_| AGENCY * chance.normal()).collect();
        // The city's figure weighs agencies by their dossiers: what the largest happen to be must not move it.
        let whole: f64 = offices.iter().map(|o| o.population as f64).sum();
        let centre: f64 = spread.iter().zip(offices).map(|(s, o)| s * o.population as f64 / whole).sum();
        let (low, high) = AGENCY_RANGE;
        Self {
            offices: spread.iter().map(|s| (CITY_MEAN + s - centre).clamp(low, high)).collect(),
            factors: offices.iter().map(|_| (0..factors).map(|_| FACTOR * chance.normal()).collect()).collect(),
            criteria: (0..criteria).map(|_| CRITERION * chance.normal()).collect(),
        }
    }

    /// Someone who was at an office; `unasked` at a desk of their own will, not on a sample list.
    pub(super) fn person(&self, office: usize, unasked: bool, chance: &mut Chance) -> Person {
        let mean = self.offices.get(office).copied().unwrap_or(CITY_MEAN);
        let adds = PERSON * chance.normal();
        if unasked {
            Person { office, adds: adds * OPEN_PERSON, mean: mean + OPEN_SHIFT, unasked }
        } else {
            Person { office, adds, mean, unasked }
        }
    }

    /// The person's answer to a criterion.
    pub(super) fn answer(&self, person: Person, factor: usize, criterion: usize, chance: &mut Chance) -> Answer {
        let of_factor = self.factors.get(person.office).and_then(|f| f.get(factor)).copied().unwrap_or(0.0);
        let of_criterion = self.criteria.get(criterion).copied().unwrap_or(0.0);
        let opinion = person.mean + person.adds + of_factor + of_criterion + MOMENT * chance.normal();
        person.score(opinion).map_or(Answer::Blank, Answer::Score)
    }
}

impl Person {
    /// One tap for the whole: what the person thinks on average, with a moment of its own.
    pub(super) fn tap(self, chance: &mut Chance) -> Option<Score> {
        self.score(self.overall() + 0.5 * MOMENT * chance.normal())
    }

    /// Opinion of the whole, 0 between "Bình thường" and "Hài lòng".
    pub(super) fn overall(self) -> f64 {
        self.mean + self.adds
    }

    /// One of the sixth of people who are hardest to please.
    pub(super) fn is_displeased(self) -> bool {
        self.adds < -PERSON
    }

    /// Whether nobody asked for the answer.
    pub(super) fn is_unasked(self) -> bool {
        self.unasked
    }

    fn score(self, opinion: f64) -> Option<Score> {
        let borders = if self.unasked { OPEN_BORDERS } else { BORDERS };
        Score::new(1 + borders.iter().filter(|border| opinion >= **border).count() as u8)
    }
}
