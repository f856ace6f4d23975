//! Counts of answers within one agency: the scale, the options of a question, one-way breakdowns.

use serde::{Deserialize, Serialize};

use super::{LEAST_RESPONDENTS, Shown, suppress};

/// How many gave an answer, as far as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// So many.
    Exactly(i64),
    /// "< 5": between 1 and 4.
    Few,
    /// "ẩn": hidden so that a few cannot be worked out.
    Hidden,
}

/// Neighbouring answers of the scale that are shown as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScaleGroup {
    /// Lowest answer, 1 to 5.
    pub from: u8,
    /// Highest answer.
    pub to: u8,
    /// How many gave one of them.
    pub count: Count,
}

/// What may be said of a share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The share itself.
    Exactly,
    /// All gave one answer: "≥ 95 %".
    AtLeast(f64),
    /// All gave the other answer: "≤ 5 %".
    AtMost(f64),
    /// Too few respondents: "ẩn".
    Nothing,
}

/// What may be said of `part` out of `whole` answers of `respondents` people: for an index, a factor, a criterion.
pub fn said(part: i64, whole: i64, respondents: i64) -> Said {
    if respondents < LEAST_RESPONDENTS {
        Said::Nothing
    } else if part >= whole {
        Said::AtLeast(0.95)
    } else if part <= 0 {
        Said::AtMost(0.05)
    } else {
        Said::Exactly
    }
}

fn few(count: i64) -> bool {
    (1..LEAST_RESPONDENTS).contains(&count)
}

/// The answers 1 to 5 of a criterion whose figure is shown. Because the figure says how many are satisfied (4 and 5),
/// the two sides are merged each for itself: 1–2, then 1–3; 4–5. A whole side of 1 to 4 reads "< 5", and the other
/// side is hidden with it. Hidden as a whole below 5 respondents.
pub fn scale(scores: [i64; 5]) -> Shown<Vec<ScaleGroup>> {
    let [c1, c2, c3, c4, c5] = scores;
    let n: i64 = scores.iter().sum();
    if few(n) {
        return Shown::Hidden;
    }
    let group = |from: u8, to: u8, count: i64| ScaleGroup { from, to, count: Count::Exactly(count) };
    let (low, high) = (c1 + c2 + c3, c4 + c5);
    if few(low) || few(high) {
        let side = |count: i64| if few(count) { Count::Few } else { Count::Hidden };
        let both_few = few(low) && few(high);
        let count = |count: i64| if both_few { Count::Hidden } else { side(count) };
        return Shown::Value(vec![
            ScaleGroup { from: 1, to: 3, count: count(low) },
            ScaleGroup { from: 4, to: 5, count: count(high) },
        ]);
    }
    let mut groups = if ![c1, c2, c3].into_iter().any(few) {
        vec![group(1, 1, c1), group(2, 2, c2), group(3, 3, c3)]
    } else if ![c1 + c2, c3].into_iter().any(few) {
        vec![group(1, 2, c1 + c2), group(3, 3, c3)]
    } else {
        vec![group(1, 3, low)]
    };
    if few(c4) || few(c5) {
        groups.push(group(4, 5, high));
    } else {
        groups.extend([group(4, 4, c4), group(5, 5, c5)]);
    }
    Shown::Value(groups)
}

/// The options of a question that `n` answered. `exclusive`: one option each, so that options add up to n. An option of
/// 1 to 4 reads "< 5"; then enough others are hidden that any number from 1 to 4 could stand in its place.
/// An option that all but 1 to 4 chose is hidden where several may be chosen: who did not would stand out.
pub fn options(counts: &[i64], n: i64, exclusive: bool) -> Shown<Vec<Count>> {
    if n < LEAST_RESPONDENTS {
        return if n == 0 { Shown::Value(counts.iter().map(|c| Count::Exactly(*c)).collect()) } else { Shown::Hidden };
    }
    let mut shown: Vec<Count> = counts
        .iter()
        .map(|count| match *count {
            c if few(c) => Count::Few,
            c if !exclusive && few(n - c) => Count::Hidden,
            c => Count::Exactly(c),
        })
        .collect();
    if exclusive {
        loop {
            let number = |wanted: Count| shown.iter().filter(|c| **c == wanted).count() as i64;
            let (few, hidden) = (number(Count::Few), number(Count::Hidden));
            let exactly: i64 = shown.iter().map(|c| if let Count::Exactly(c) = c { *c } else { 0 }).sum();
            // What the others leave must have room for 4 in each "< 5" and 5 in each hidden one.
            let rest = n - exactly;
            if few == 0 || (hidden > 0 && rest >= 4 * few + LEAST_RESPONDENTS * hidden) {
                break;
            }
            let next =
                counts.iter().zip(&shown).enumerate().filter(|(_, (c, s))| **c > 0 && **s == Count::Exactly(**c));
            let Some((at, _)) = next.min_by_key(|(_, (c, _))| **c) else {
                return Shown::Hidden;
            };
            if let Some(cell) = shown.get_mut(at) {
                *cell = Count::Hidden;
            }
        }
    }
    Shown::Value(shown)
}

/// A one-way table of respondents (month, desk, lĩnh vực, a respondent fact) within an agency whose n is shown.
pub fn breakdown(counts: &[i64]) -> Vec<Shown<i64>> {
    let mut hidden = suppress::Hidden::none(counts.len(), 1);
    suppress::close(counts, &[(0..counts.len()).collect()], &mut hidden);
    counts.iter().enumerate().map(|(at, c)| if hidden.is(at) { Shown::Hidden } else { Shown::Value(*c) }).collect()
}
