//! Who is asked why they came today, and what an answer to that decides. One rule for tablet, paper, API and tallies.
//!
//! A drawn person is on a list of dossiers whose result was returned: the question is not asked at home, nor on their
//! paper, and what depends on it is asked of all of them. At a desk, a kiosk or a post people come for many things.

use std::borrow::Cow;

use super::answer::{Sheet, Value};
use super::questionnaire::{Condition, Purpose, Questionnaire};
use super::response::Stream;
use super::text::Text;

impl Stream {
    /// Whether respondents of this stream are asked why they came.
    pub fn asks_visit(self) -> bool {
        self != Self::Sample
    }
}

impl Sheet {
    /// The sheet as it counts in a stream. An answer to the visit question from a stream that does not ask it (an older
    /// tablet, an older paper form) stays with the response and decides nothing.
    pub fn counted(&self, questionnaire: &Questionnaire, stream: Stream) -> Cow<'_, Self> {
        let visit = questionnaire.questions_for(Purpose::Visit).next().map(|(at, _)| at);
        match visit {
            Some(at) if !stream.asks_visit() && self.values.get(at).is_some_and(|value| *value != Value::Blank) => {
                let mut sheet = self.clone();
                if let Some(value) = sheet.values.get_mut(at) {
                    *value = Value::Blank;
                }
                Cow::Owned(sheet)
            }
            _ => Cow::Borrowed(self),
        }
    }
}

impl Questionnaire {
    /// The words above what is routed by `condition` ("Nếu đã nhận kết quả:"), in a stream: none where the question that
    /// decides is not asked.
    pub fn lead_in<'q>(
        &self,
        stream: Stream,
        lead: Option<&'q Text>,
        condition: Option<&Condition>,
    ) -> Option<&'q Text> {
        let of_visit = |condition: &Condition| {
            self.questions_for(Purpose::Visit).any(|(_, question)| question.code == condition.question)
        };
        lead.filter(|_| stream.asks_visit() || !condition.is_some_and(of_visit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answer::Validity;
    use crate::domain::fixture::form;

    #[test]
    fn the_purpose_counts_where_it_is_asked_and_nowhere_else() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        sheet.values[0] = Value::Single(0);
        for (stream, asked) in
            [(Stream::Sample, false), (Stream::Intercept, true), (Stream::Code, true), (Stream::Open, true)]
        {
            assert_eq!(stream.asks_visit(), asked, "{stream:?}");
            let counted = sheet.counted(&form, stream);
            assert_eq!(counted.chosen(&form, Purpose::Visit).is_some(), asked, "{stream:?}");
            // Factor 2 is asked of those who have the result: all six criteria then, four otherwise.
            assert_eq!(counted.completeness(&form).0, if asked { 4 } else { 6 }, "{stream:?}");
            let factor = &form.factors[1];
            let lead = form.lead_in(stream, factor.lead.as_ref(), factor.asked_when.as_ref());
            assert_eq!(lead.is_some(), asked, "{stream:?}");
        }
        // A lead of another question stays.
        let behind_gate = &form.factors[2].criteria[1];
        let lead = form.lead_in(Stream::Sample, behind_gate.lead.as_ref(), behind_gate.asked_when.as_ref());
        assert!(lead.is_some());
    }

    #[test]
    fn what_is_kept_is_not_changed() {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        assert!(matches!(sheet.counted(&form, Stream::Sample), Cow::Borrowed(_)));
        sheet.values[0] = Value::Single(0);
        assert_eq!(sheet.counted(&form, Stream::Sample).validity(&form), Validity::Incomplete);
        assert_eq!(sheet.chosen(&form, Purpose::Visit), Some("nop-ho-so"));
    }
}
