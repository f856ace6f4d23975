//! What happens when a response arrives whose id is already there: the same success again, a change while it is still
//! open, or a conflict. Nothing that was acknowledged is lost, nothing is counted twice.

use super::answer::Sheet;
use super::limits;
use super::response::{Marks, Phase, Standing};
use super::text::Lang;

/// The parts of a response by which a resend is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// The answers.
    pub sheet: Sheet,
    /// The comment.
    pub comment: Option<String>,
    /// Open or closed.
    pub phase: Phase,
    /// Standing given at arrival.
    pub standing: Standing,
    /// Marks given at arrival.
    pub marks: Marks,
    /// Language answered in.
    pub lang: Lang,
}

/// What to do with a response whose id exists.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// Same content, or a tap that comes after its form: the same success again.
    Duplicate,
    /// The stored one is still open: replace it by this content.
    Replace(Content),
    /// Closed, and the content is another: nothing changes.
    Conflict,
}

/// Judges an incoming response against the stored one with the same id.
///
/// `age_ms` is how long ago the stored one arrived. A response is open until its whole form is sent, at most
/// [`limits::OPEN_MS`]; a part of it that was sent gives way to more of it.
pub fn resolve(stored: &Content, incoming: &Content, age_ms: i64) -> Resolution {
    let same = stored.sheet == incoming.sheet && stored.comment == incoming.comment;
    // A form that rose from a tap keeps it; its resend need not name it again.
    let mut risen = incoming.clone();
    risen.sheet.tap = incoming.sheet.tap.or(stored.sheet.tap);
    let again = risen.sheet == stored.sheet && incoming.comment == stored.comment;
    match (stored.phase, incoming.phase) {
        (Phase::Tap, Phase::Tap) if same => Resolution::Duplicate,
        (Phase::Part | Phase::Form, Phase::Tap) => Resolution::Duplicate,
        (Phase::Part, Phase::Part) | (Phase::Form, Phase::Part | Phase::Form) if again => Resolution::Duplicate,
        (Phase::Tap | Phase::Part, _) if age_ms > limits::OPEN_MS => Resolution::Conflict,
        (Phase::Tap, Phase::Tap) => Resolution::Replace(incoming.clone()),
        (Phase::Tap | Phase::Part, Phase::Part | Phase::Form) => {
            // What quality control decided of a part holds for the whole.
            if matches!(stored.standing, Standing::Excluded | Standing::Withdrawn) {
                risen.standing = stored.standing;
            }
            Resolution::Replace(risen)
        }
        (Phase::Form, Phase::Part | Phase::Form) => Resolution::Conflict,
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::{Answer, Score};
    use super::*;

    fn content(phase: Phase, tap: Option<u8>, answers: &[i64]) -> Content {
        let answers = answers.iter().map(|a| Answer::from_figure(*a).unwrap_or_default()).collect();
        Content {
            sheet: Sheet { tap: tap.and_then(Score::new), answers, values: vec![] },
            comment: None,
            phase,
            standing: Standing::Valid,
            marks: Marks::default(),
            lang: Lang::Vi,
        }
    }

    #[test]
    fn the_same_again_is_the_same_success() {
        let tap = content(Phase::Tap, Some(4), &[]);
        let form = content(Phase::Form, Some(4), &[5, 4]);
        assert_eq!(resolve(&tap, &tap, 0), Resolution::Duplicate);
        assert_eq!(resolve(&form, &form, 0), Resolution::Duplicate);
        assert_eq!(resolve(&form, &form, limits::OPEN_MS * 9), Resolution::Duplicate);
    }

    #[test]
    fn an_open_tap_may_change_and_rise_to_a_form_that_keeps_it() {
        let tap = content(Phase::Tap, Some(4), &[]);
        assert_eq!(
            resolve(&tap, &content(Phase::Tap, Some(2), &[]), 1),
            Resolution::Replace(content(Phase::Tap, Some(2), &[]))
        );
        assert_eq!(
            resolve(&tap, &content(Phase::Form, None, &[5]), 1),
            Resolution::Replace(content(Phase::Form, Some(4), &[5]))
        );
    }

    #[test]
    fn a_part_gives_way_to_more_of_it_for_a_day_and_a_whole_form_to_nothing() {
        let part = content(Phase::Part, Some(4), &[5]);
        let (more, whole) = (content(Phase::Part, None, &[5, 4]), content(Phase::Form, None, &[5, 4]));
        assert_eq!(resolve(&content(Phase::Tap, Some(4), &[]), &part, 1), Resolution::Replace(part.clone()));
        assert_eq!(resolve(&part, &content(Phase::Part, None, &[5]), limits::OPEN_MS * 9), Resolution::Duplicate);
        assert_eq!(resolve(&part, &more, 1), Resolution::Replace(content(Phase::Part, Some(4), &[5, 4])));
        assert_eq!(resolve(&part, &whole, 1), Resolution::Replace(content(Phase::Form, Some(4), &[5, 4])));
        assert_eq!(
            resolve(&part, &content(Phase::Form, None, &[5]), 1),
            Resolution::Replace(content(Phase::Form, Some(4), &[5]))
        );
        assert_eq!(resolve(&part, &whole, limits::OPEN_MS + 1), Resolution::Conflict);
        assert_eq!(resolve(&part, &content(Phase::Tap, Some(1), &[]), 1), Resolution::Duplicate);
        // A part that was on its way for long arrives after the whole form.
        let stored = content(Phase::Form, Some(4), &[5, 4]);
        assert_eq!(resolve(&stored, &more, 1), Resolution::Duplicate);
        assert_eq!(resolve(&stored, &content(Phase::Part, None, &[1]), 1), Resolution::Conflict);
    }

    #[test]
    fn what_quality_control_left_out_stays_out_when_more_of_it_comes() {
        let part = Content { standing: Standing::Excluded, ..content(Phase::Part, Some(4), &[5]) };
        let Resolution::Replace(risen) = resolve(&part, &content(Phase::Form, None, &[5, 4]), 1) else {
            panic!("it is open");
        };
        assert_eq!(risen.standing, Standing::Excluded);
    }

    #[test]
    fn a_form_resent_without_its_tap_is_a_duplicate() {
        let stored = content(Phase::Form, Some(4), &[5]);
        assert_eq!(resolve(&stored, &content(Phase::Form, None, &[5]), 1), Resolution::Duplicate);
    }

    #[test]
    fn a_tap_after_its_form_changes_nothing() {
        let form = content(Phase::Form, Some(4), &[5]);
        assert_eq!(resolve(&form, &content(Phase::Tap, Some(1), &[]), 1), Resolution::Duplicate);
    }

    #[test]
    fn a_closed_response_with_other_content_is_a_conflict() {
        let form = content(Phase::Form, Some(4), &[5]);
        assert_eq!(resolve(&form, &content(Phase::Form, Some(4), &[1]), 1), Resolution::Conflict);
        let tap = content(Phase::Tap, Some(4), &[]);
        assert_eq!(resolve(&tap, &content(Phase::Form, None, &[5]), limits::OPEN_MS + 1), Resolution::Conflict);
    }
}
