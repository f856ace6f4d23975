//! The tally (bảng đếm): everything an index needs of many responses, as integers.
//!
//! Per criterion the counts of 1 to 5 and 0; per factor F of a respondent u = how many answered criteria he is *not*
//! satisfied with, m = how many he answered, s = the sum of his scores; the sums of these and of their products over
//! all pairs of factors; how many were satisfied with all they answered; counts of the options of the other questions.
//! Tallies of disjoint sets add up, and taking a response back is adding it with −1, so the order never matters.

use super::answer::{Sheet, Value};
use super::method::Method;
use super::questionnaire::{Kind, Questionnaire};

/// Where each counter stands, for one questionnaire version under one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    factor_of: Vec<usize>,
    n_factors: usize,
    satisfied_from: u8,
    questions: Vec<(QuestionShape, usize)>,
    moments_at: usize,
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuestionShape {
    Single(usize),
    Multiple(usize),
    /// Two counters: how many answered, and the sum.
    Number,
}

/// n, satisfied with everything, and the one-tap answers 1 to 5.
const HEAD: usize = 7;
const PER_CRITERION: usize = 6;
const PER_FACTOR: usize = 4;

impl Shape {
    /// The shape of tallies of a questionnaire under a method.
    pub fn new(questionnaire: &Questionnaire, method: &Method) -> Self {
        let factor_of: Vec<usize> = questionnaire.criteria().map(|(f, _)| f).collect();
        let n_factors = questionnaire.factors.len();
        let moments_at = HEAD + PER_CRITERION * factor_of.len() + PER_FACTOR * n_factors;
        // uu, mm, ss over unordered pairs; um and sm over ordered ones.
        let mut at = moments_at + 3 * n_factors * (n_factors + 1) / 2 + 2 * n_factors * n_factors;
        let questions = questionnaire
            .questions
            .iter()
            .map(|q| {
                let (shape, width) = match &q.kind {
                    Kind::Single { options } => (QuestionShape::Single(options.len()), options.len()),
                    Kind::Multiple { options, .. } => (QuestionShape::Multiple(options.len()), options.len() + 1),
                    Kind::Number { .. } => (QuestionShape::Number, 2),
                };
                at += width;
                (shape, at - width)
            })
            .collect();
        Self { factor_of, n_factors, satisfied_from: method.satisfied_from, questions, moments_at, len: at }
    }

    /// The same without the other questions: the shape of one-way tallies, which never count them. Its counters are the
    /// first ones of this shape, so that packed counts are read by either.
    #[must_use]
    pub fn of_criteria_only(&self) -> Self {
        let (un, f) = (self.n_unordered(), self.n_factors);
        Self { questions: vec![], len: self.moments_at + 3 * un + 2 * f * f, ..self.clone() }
    }

    /// How many criteria.
    pub fn n_criteria(&self) -> usize {
        self.factor_of.len()
    }

    /// How many factors.
    pub fn n_factors(&self) -> usize {
        self.n_factors
    }

    /// The factor of each criterion.
    pub fn factor_of(&self) -> &[usize] {
        &self.factor_of
    }

    /// Scores from here upwards are "satisfied".
    pub fn satisfied_from(&self) -> u8 {
        self.satisfied_from
    }

    /// How many counters.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never; clippy wants it beside `len`.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn factor_at(&self, factor: usize) -> usize {
        HEAD + PER_CRITERION * self.factor_of.len() + PER_FACTOR * factor
    }

    fn unordered(&self, a: usize, b: usize) -> usize {
        let (a, b) = (a.min(b), a.max(b));
        a * self.n_factors - a * (a + 1) / 2 + b
    }

    fn n_unordered(&self) -> usize {
        self.n_factors * (self.n_factors + 1) / 2
    }
}

/// The sums over all respondents of one factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactorSums {
    /// Σu: answered criteria that the respondent is not satisfied with.
    pub u: i64,
    /// Σm: answered criteria.
    pub m: i64,
    /// Σs: scores.
    pub s: i64,
    /// Respondents who answered at least one criterion of the factor.
    pub respondents: i64,
}

/// The counters of a set of responses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: Vec<i64>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn zero(shape: &Shape) -> Self {
        Self { counts: vec![0; shape.len] }
    }

    /// The tally of nothing but one-tap answers 1 to 5.
    pub fn of_taps(shape: &Shape, taps: [i64; 5]) -> Self {
        let mut tally = Self::zero(shape);
        tally.counts[0] = taps.iter().sum();
        tally.counts[2..HEAD].copy_from_slice(&taps);
        tally
    }

    /// Forgets what was counted and takes on this shape: for counting sheets one after the other without asking for
    /// memory each time.
    pub fn reset(&mut self, shape: &Shape) {
        self.counts.clear();
        self.counts.resize(shape.len, 0);
    }

    /// The tally of one sheet.
    pub fn of(shape: &Shape, sheet: &Sheet) -> Self {
        let mut tally = Self::zero(shape);
        tally.add(shape, sheet, 1, true);
        tally
    }

    /// Counts a sheet `sign` times (1: put it in, −1: take it back). One-way tallies leave the other questions out
    /// (`questions` false): they are never crossed.
    #[expect(clippy::many_single_char_names, reason = "u, m and s are the words of the method")]
    pub fn add(&mut self, shape: &Shape, sheet: &Sheet, sign: i64, questions: bool) {
        let c = &mut self.counts;
        let mut u = [0_i64; super::limits::FACTORS];
        let mut m = [0_i64; super::limits::FACTORS];
        let mut s = [0_i64; super::limits::FACTORS];
        let (mut scored, mut unsatisfied) = (false, false);
        for (j, (answer, factor)) in sheet.answers.iter().zip(&shape.factor_of).enumerate() {
            let at = HEAD + PER_CRITERION * j;
            match answer.score() {
                Some(score) => {
                    c[at + usize::from(score) - 1] += sign;
                    let low = score < shape.satisfied_from;
                    u[*factor] += i64::from(low);
                    m[*factor] += 1;
                    s[*factor] += i64::from(score);
                    scored = true;
                    unsatisfied |= low;
                }
                None if *answer == super::answer::Answer::NotApplicable => c[at + 5] += sign,
                None => {}
            }
        }
        c[0] += sign;
        c[1] += sign * i64::from(scored && !unsatisfied);
        if let Some(tap) = sheet.tap {
            c[1 + usize::from(tap.get())] += sign;
        }
        let f = shape.n_factors;
        let un = shape.n_unordered();
        let mut pair = shape.moments_at;
        for a in 0..f {
            let at = shape.factor_at(a);
            c[at] += sign * u[a];
            c[at + 1] += sign * m[a];
            c[at + 2] += sign * s[a];
            c[at + 3] += sign * i64::from(m[a] > 0);
            for b in a..f {
                c[pair] += sign * u[a] * u[b];
                c[pair + un] += sign * m[a] * m[b];
                c[pair + 2 * un] += sign * s[a] * s[b];
                pair += 1;
            }
        }
        let um = shape.moments_at + 3 * un;
        for a in 0..f {
            for b in 0..f {
                c[um + a * f + b] += sign * u[a] * m[b];
                c[um + f * f + a * f + b] += sign * s[a] * m[b];
            }
        }
        if questions {
            for ((kind, at), value) in shape.questions.iter().zip(&sheet.values) {
                match (kind, value) {
                    (QuestionShape::Single(n), Value::Single(v)) if usize::from(*v) < *n => {
                        c[at + usize::from(*v)] += sign;
                    }
                    (QuestionShape::Multiple(n), Value::Multiple(bits)) => {
                        c[*at] += sign;
                        for option in (0..*n).filter(|o| bits >> o & 1 == 1) {
                            c[at + 1 + option] += sign;
                        }
                    }
                    (QuestionShape::Number, Value::Number(v)) => {
                        c[*at] += sign;
                        c[at + 1] += sign * i64::from(*v);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Adds another tally of the same shape.
    pub fn merge(&mut self, other: &Self) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            // Nobody counts to 2⁶³; without the check the compiler adds several at a time.
            *a = a.wrapping_add(*b);
        }
    }

    /// Takes another tally of the same shape away.
    pub fn subtract(&mut self, other: &Self) {
        for (a, b) in self.counts.iter_mut().zip(&other.counts) {
            *a = a.wrapping_sub(*b);
        }
    }

    /// Whether every counter is 0.
    pub fn is_zero(&self) -> bool {
        self.counts.iter().all(|c| *c == 0)
    }

    /// Responses counted.
    pub fn n(&self) -> i64 {
        self.counts[0]
    }

    /// Responses that answered something and were satisfied with all of it.
    pub fn all_satisfied(&self) -> i64 {
        self.counts[1]
    }

    /// Counts of the one-tap answers 1 to 5 ("Chạm nhanh"), a question of its own that is never in the index.
    pub fn taps(&self) -> [i64; 5] {
        std::array::from_fn(|i| self.counts[2 + i])
    }

    /// Counts of the answers 1 to 5 of a criterion.
    pub fn scores(&self, criterion: usize) -> [i64; 5] {
        let at = HEAD + PER_CRITERION * criterion;
        std::array::from_fn(|i| self.counts[at + i])
    }

    /// Count of the answer 0 of a criterion.
    pub fn not_applicable(&self, criterion: usize) -> i64 {
        self.counts[HEAD + PER_CRITERION * criterion + 5]
    }

    /// How many answered a criterion with 1 to 5.
    pub fn answered(&self, criterion: usize) -> i64 {
        self.scores(criterion).iter().sum()
    }

    /// How many are satisfied with a criterion.
    pub fn satisfied(&self, shape: &Shape, criterion: usize) -> i64 {
        self.scores(criterion)[usize::from(shape.satisfied_from) - 1..].iter().sum()
    }

    /// The sums of a factor.
    pub fn factor(&self, shape: &Shape, factor: usize) -> FactorSums {
        let at = shape.factor_at(factor);
        FactorSums {
            u: self.counts[at],
            m: self.counts[at + 1],
            s: self.counts[at + 2],
            respondents: self.counts[at + 3],
        }
    }

    /// Σ u_a·u_b over respondents.
    pub fn uu(&self, shape: &Shape, a: usize, b: usize) -> i64 {
        self.counts[shape.moments_at + shape.unordered(a, b)]
    }

    /// Σ m_a·m_b over respondents.
    pub fn mm(&self, shape: &Shape, a: usize, b: usize) -> i64 {
        self.counts[shape.moments_at + shape.n_unordered() + shape.unordered(a, b)]
    }

    /// Σ s_a·s_b over respondents.
    pub fn ss(&self, shape: &Shape, a: usize, b: usize) -> i64 {
        self.counts[shape.moments_at + 2 * shape.n_unordered() + shape.unordered(a, b)]
    }

    /// Σ u_a·m_b over respondents (ordered).
    pub fn um(&self, shape: &Shape, a: usize, b: usize) -> i64 {
        self.counts[shape.moments_at + 3 * shape.n_unordered() + a * shape.n_factors + b]
    }

    /// Σ s_a·m_b over respondents (ordered).
    pub fn sm(&self, shape: &Shape, a: usize, b: usize) -> i64 {
        let f = shape.n_factors;
        self.counts[shape.moments_at + 3 * shape.n_unordered() + f * f + a * f + b]
    }

    /// Counts of the options of a question; for several choices only the options; empty for a number.
    pub fn options(&self, shape: &Shape, question: usize) -> &[i64] {
        match shape.questions.get(question) {
            Some((QuestionShape::Single(n), at)) => &self.counts[*at..at + n],
            Some((QuestionShape::Multiple(n), at)) => &self.counts[at + 1..at + 1 + n],
            _ => &[],
        }
    }

    /// How many answered a question; for a number also the sum of the numbers.
    pub fn question_n(&self, shape: &Shape, question: usize) -> (i64, Option<i64>) {
        match shape.questions.get(question) {
            Some((QuestionShape::Single(n), at)) => (self.counts[*at..at + n].iter().sum(), None),
            Some((QuestionShape::Multiple(_), at)) => (self.counts[*at], None),
            Some((QuestionShape::Number, at)) => (self.counts[*at], Some(self.counts[at + 1])),
            None => (0, None),
        }
    }

    /// The counters as bytes: zigzag varints without trailing zeros.
    pub fn pack(&self) -> Vec<u8> {
        let end = self.counts.iter().rposition(|c| *c != 0).map_or(0, |i| i + 1);
        let mut out = Vec::with_capacity(end + end / 2);
        for count in &self.counts[..end] {
            let mut z = ((count << 1) ^ (count >> 63)) as u64;
            while z >= 0x80 {
                out.push(z as u8 | 0x80);
                z >>= 7;
            }
            out.push(z as u8);
        }
        out
    }

    /// The tally of packed counters; none where the bytes do not fit the shape.
    pub fn unpack(shape: &Shape, bytes: &[u8]) -> Option<Self> {
        let mut tally = Self::zero(shape);
        let mut counts = tally.counts.iter_mut();
        let mut bytes = bytes.iter();
        while let Some(&first) = bytes.next() {
            let mut z = u64::from(first & 0x7f);
            let (mut byte, mut shift) = (first, 7);
            while byte & 0x80 != 0 {
                byte = *bytes.next()?;
                if shift > 63 {
                    return None;
                }
                z |= u64::from(byte & 0x7f).checked_shl(shift)?;
                shift += 7;
            }
            *counts.next()? = (z >> 1) as i64 ^ -((z & 1) as i64);
        }
        Some(tally)
    }
}
