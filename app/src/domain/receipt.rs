//! What a receipt tells: whether its response was received and is counted, and why not. Never what was answered. Pure.

use super::ids::StratumId;
use super::response::{Marks, Phase, Standing, Stream};

/// The facts of a response that its receipt may rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptFacts {
    /// How the respondent came to answer.
    pub stream: Stream,
    /// Its standing now.
    pub standing: Standing,
    /// Where it counts.
    pub stratum: StratumId,
    /// Whether more than the tap was sent.
    pub phase: Phase,
    /// Its marks.
    pub marks: Marks,
}

/// A response that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptStatus {
    /// It is in the index of its round.
    Counted,
    /// It is not, and why.
    NotCounted(NotCounted),
}

/// Why a response that was received is not in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCounted {
    /// One tap and no form: a question of its own.
    TapOnly,
    /// Less than half of the questions were answered.
    Incomplete,
    /// Marked by a rule of arrival, to be looked at.
    UnderReview,
    /// It came after the round or after its freeze.
    Late,
    /// Left out by a named rule or by two persons.
    LeftOut,
    /// Taken back by the respondent.
    Withdrawn,
    /// Not of the people whom the index is about.
    OtherGroup,
    /// Voluntary feedback: it has figures of its own.
    Voluntary,
}

impl ReceiptStatus {
    /// Of a response with these facts.
    pub fn of(facts: ReceiptFacts) -> Self {
        let ReceiptFacts { stream, standing, stratum, phase, marks } = facts;
        let unweighed = stratum == StratumId::UNKNOWN && stream != Stream::Open;
        let why = match standing {
            Standing::Withdrawn => NotCounted::Withdrawn,
            Standing::Excluded => NotCounted::LeftOut,
            Standing::Suspect if marks.has(Marks::LATE) => NotCounted::Late,
            Standing::Suspect => NotCounted::UnderReview,
            Standing::Valid | Standing::Incomplete if phase == Phase::Tap => NotCounted::TapOnly,
            Standing::Valid | Standing::Incomplete if unweighed => NotCounted::OtherGroup,
            Standing::Incomplete => NotCounted::Incomplete,
            Standing::Valid if stratum == StratumId::OUTSIDE => NotCounted::OtherGroup,
            Standing::Valid if stream == Stream::Open => NotCounted::Voluntary,
            Standing::Valid => return Self::Counted,
        };
        Self::NotCounted(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_form_of_those_asked_is_counted_and_every_other_has_its_reason() {
        use NotCounted::{Incomplete, Late, LeftOut, OtherGroup, TapOnly, UnderReview, Voluntary, Withdrawn};
        let (home, form, none) = (StratumId(7), Phase::Form, Marks::default());
        for stream in [Stream::Sample, Stream::Intercept, Stream::Code] {
            let facts = ReceiptFacts { stream, standing: Standing::Valid, stratum: home, phase: form, marks: none };
            assert_eq!(ReceiptStatus::of(facts), ReceiptStatus::Counted, "{stream:?}");
        }
        for (stream, standing, stratum, phase, marks, why) in [
            (Stream::Open, Standing::Valid, home, form, none, Voluntary),
            (Stream::Open, Standing::Valid, StratumId::UNKNOWN, form, none, Voluntary),
            (Stream::Open, Standing::Incomplete, home, Phase::Tap, none, TapOnly),
            (Stream::Sample, Standing::Incomplete, home, Phase::Tap, none, TapOnly),
            (Stream::Open, Standing::Incomplete, home, form, none, Incomplete),
            (Stream::Sample, Standing::Incomplete, home, form, none, Incomplete),
            (Stream::Sample, Standing::Incomplete, StratumId::UNKNOWN, form, none, OtherGroup),
            (Stream::Open, Standing::Valid, StratumId::OUTSIDE, form, none, OtherGroup),
            (Stream::Sample, Standing::Valid, StratumId::OUTSIDE, form, none, OtherGroup),
            (Stream::Sample, Standing::Suspect, home, form, Marks::FAST, UnderReview),
            (Stream::Open, Standing::Suspect, home, Phase::Tap, Marks::HONEYPOT, UnderReview),
            (Stream::Sample, Standing::Suspect, home, form, Marks::LATE, Late),
            (Stream::Sample, Standing::Excluded, home, form, Marks::LATE, LeftOut),
            (Stream::Code, Standing::Withdrawn, home, form, none, Withdrawn),
        ] {
            let facts = ReceiptFacts { stream, standing, stratum, phase, marks };
            assert_eq!(ReceiptStatus::of(facts), ReceiptStatus::NotCounted(why), "{facts:?}");
        }
    }
}
