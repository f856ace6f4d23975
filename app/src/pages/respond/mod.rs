//! The phone page: a citizen at a desk taps a face, then perhaps fills the form. One view a file, each a whole
//! document with its style and script inside, rendered once and handed out as bytes; no island, no hydration.
//!
//! May know the domain and the pieces in `components::phone`; the handlers stand with the server's routes.

pub mod after;
pub mod done;
pub mod form;
pub mod sample;
pub mod state;
pub mod tap;

use crate::domain::questionnaire::Questionnaire;
use crate::domain::text::Lang;

/// Minutes for the whole form: its words read at 200 a minute, and 3 seconds to choose at each question. To be
/// measured again on people; it is said as "khoảng".
pub fn minutes(questionnaire: &Questionnaire, lang: Lang) -> usize {
    let words = |text: &crate::domain::text::Text| text.get(lang).split_whitespace().count();
    let statements: usize = questionnaire.criteria().map(|(_, c)| words(&c.text)).sum();
    let questions: usize = questionnaire
        .questions
        .iter()
        .map(|q| words(&q.text) + q.options().iter().map(|o| words(&o.text)).sum::<usize>())
        .sum();
    let choices = questionnaire.n_criteria() + questionnaire.questions.len();
    let seconds = (statements + questions) * 60 / 200 + choices * 3;
    seconds.div_ceil(60).max(1)
}

/// "9:42" of an instant (milliseconds since 1970), local time (UTC+7).
pub fn clock_time(at_ms: i64) -> String {
    let minutes = (at_ms.div_euclid(60_000) + 7 * 60).rem_euclid(24 * 60);
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_day_is_local() {
        // 2018-11-12T02:42:00Z is 9:42 in Cần Thơ.
        assert_eq!(clock_time(1_541_990_520_000), "9:42");
        assert_eq!(clock_time(17 * 3_600_000), "0:00");
    }
}
