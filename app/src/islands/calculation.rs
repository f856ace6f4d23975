//! What the calculator calculates: pure, and the very code that the index is made with.

use serde::{Deserialize, Serialize};

use crate::components::number::{count, decimal, percent, say};
use crate::domain::index::{Uncertainty, what_if};
use crate::domain::sample::{MARGIN_PERMILLE, yamane};
use crate::domain::text::Lang;

/// The largest number of dossiers; a country has fewer in a year.
const POPULATION_MAX: i64 = 1_000_000_000;

/// The three fields as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// N: dossiers.
    pub population: String,
    /// n: responses.
    pub respondents: String,
    /// How many of them are satisfied.
    pub satisfied: String,
}

/// The fields, for the error that names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// N.
    Population,
    /// n.
    Respondents,
    /// Satisfied.
    Satisfied,
}

/// What is wrong with what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Which field.
    pub field: Field,
    /// In words.
    pub words: &'static str,
}

/// The lines of the answer: what it is, and its value.
pub type Lines = Vec<(&'static str, String)>;

impl Typed {
    /// Whether nothing was typed: there is nothing to answer, and nothing wrong.
    pub fn is_empty(&self) -> bool {
        [&self.population, &self.respondents, &self.satisfied].iter().all(|field| field.trim().is_empty())
    }
}

/// The answer to what was typed.
///
/// # Errors
/// The first field that is not right, in words.
pub fn calculate(typed: &Typed, lang: Lang) -> Result<Lines, Wrong> {
    let wrong = |field, words| Wrong { field, words };
    let whole = say(lang, "Xin nhập một số nguyên, ví dụ 2.004.", "Enter a whole number, for instance 2,004.");
    let population = number(&typed.population).filter(|n| *n >= 1).ok_or_else(|| wrong(Field::Population, whole))?;
    let respondents = number(&typed.respondents).filter(|n| *n >= 1).ok_or_else(|| wrong(Field::Respondents, whole))?;
    if respondents > population {
        let words = say(lang, "Số phiếu không thể lớn hơn số hồ sơ.", "There cannot be more responses than dossiers.");
        return Err(wrong(Field::Respondents, words));
    }
    let satisfied = number(&typed.satisfied).ok_or_else(|| wrong(Field::Satisfied, whole))?;
    let estimate = what_if(population, respondents, satisfied).ok_or_else(|| {
        let words = say(
            lang,
            "Số người hài lòng không thể lớn hơn số phiếu.",
            "The satisfied cannot be more than the responses.",
        );
        wrong(Field::Satisfied, words)
    })?;
    let interval = match estimate.uncertainty() {
        Uncertainty::Interval(i) => crate::components::number::range(i.low, i.high, lang),
        Uncertainty::Census => {
            say(lang, "điều tra toàn bộ, không có sai số chọn mẫu", "all were asked, no sampling error").into()
        }
        Uncertainty::None { .. } => {
            say(lang, "không tính được từ một phiếu", "not computable from one response").into()
        }
    };
    let half = estimate.half_width().filter(|half| *half > 0.0).map_or_else(
        || "–".to_owned(),
        |half| format!("{} {}", decimal(100.0 * half, 1, lang), say(lang, "điểm phần trăm", "percentage points")),
    );
    let needed = i64::try_from(yamane(population.unsigned_abs(), MARGIN_PERMILLE)).unwrap_or(population);
    Ok(vec![
        (say(lang, "Chỉ số", "Index"), percent(estimate.value(), lang)),
        (say(lang, "Khoảng tin cậy 95%", "95% interval"), interval),
        (say(lang, "Nửa độ rộng của khoảng", "Half the width of the interval"), half),
        (
            say(lang, "Cỡ mẫu theo công thức Yamane, sai số 5%", "Sample size by Yamane’s formula, margin 5%"),
            format!("{} {}", count(needed, lang), say(lang, "phiếu", "responses")),
        ),
    ])
}

/// A whole number as people type it, with separators of thousands.
fn number(typed: &str) -> Option<i64> {
    let digits: String = typed.chars().filter(|c| !matches!(c, '.' | ',' | ' ' | '\u{a0}')).take(20).collect();
    digits.parse().ok().filter(|n| (0..=POPULATION_MAX).contains(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(population: &str, respondents: &str, satisfied: &str) -> Typed {
        let [population, respondents, satisfied] = [population, respondents, satisfied].map(str::to_owned);
        Typed { population, respondents, satisfied }
    }

    #[test]
    fn the_example_of_the_page_is_right() {
        let lines = calculate(&typed("2.004", "312", "264"), Lang::Vi).expect("an answer");
        let values: Vec<&str> = lines.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["84,62%", "từ 80,5 đến 88,0", "3,7 điểm phần trăm", "334 phiếu"]);
    }

    #[test]
    fn what_cannot_be_is_refused_by_the_field_where_it_stands() {
        for (n, k, s, field) in [
            ("", "1", "1", Field::Population),
            ("0", "1", "1", Field::Population),
            ("9999999999999999999999", "1", "1", Field::Population),
            ("10", "x", "1", Field::Respondents),
            ("10", "11", "1", Field::Respondents),
            ("10", "5", "-1", Field::Satisfied),
            ("10", "5", "6", Field::Satisfied),
        ] {
            assert_eq!(calculate(&typed(n, k, s), Lang::Vi).map_err(|w| w.field), Err(field), "{n} {k} {s}");
        }
    }

    #[test]
    fn the_edges_are_answered_in_words() {
        let interval = |n, k, s| calculate(&typed(n, k, s), Lang::Vi).expect("an answer").swap_remove(1).1;
        assert_eq!(interval("10", "10", "9"), "điều tra toàn bộ, không có sai số chọn mẫu");
        assert_eq!(interval("10", "1", "1"), "không tính được từ một phiếu");
        assert!(interval("1000", "50", "50").starts_with("từ 9"));
    }
}
