//! What may be decided about interviews: left out by a named rule that one person applies to all it fits, or one by one by
//! two people with a written reason; taken back likewise, and what is under review taken in. Never once the round is frozen.

use serde::{Deserialize, Serialize};

use super::INTERVIEWS;
use super::callback::CallbackOutcome;
use super::flags::{Flag, FlagKind};
use crate::domain::response::{Marks, Standing, Stream, coded};
use crate::domain::text::Lang;

/// Fewest characters of a reason: less says nothing to who reads it in a year.
pub const REASON_CHARS_MIN: usize = 10;
/// Most responses of one proposal: what two people can look at together.
pub const PROPOSAL: usize = 100;

coded!(
    /// A named rule. A rule whose meaning changes gets a new version; what was decided under the old one names it.
    ///
    /// A row of one answer is no rule: somebody who is content with everything answers just so, and to leave them out
    /// would push the index down.
    NamedRule {
        /// Shorter than anybody asks ([`FlagKind::TooFast`]).
        TooFast = 1 "qua-nhanh",
        /// The person says, when called back, that there was no interview.
        Denied = 2 "phu-nhan",
        /// One of a burst at a kiosk ([`super::burst`]).
        Burst = 3 "loat-phieu",
    }
);

impl NamedRule {
    /// The version of its meaning.
    pub fn version(self) -> i16 {
        match self {
            Self::TooFast | Self::Denied | Self::Burst => 1,
        }
    }

    /// The streams that it is about: what interviewers held, and of bursts whatever a kiosk sent.
    pub fn streams(self) -> &'static [Stream] {
        match self {
            Self::TooFast | Self::Denied => &INTERVIEWS,
            Self::Burst => Stream::ALL,
        }
    }

    /// Whether it leaves out what stands so: what is in the index, and of a burst the bare taps too, for these are
    /// counted in "Chạm nhanh".
    pub fn takes(self, standing: Standing) -> bool {
        match self {
            Self::TooFast | Self::Denied => standing == Standing::Valid,
            Self::Burst => matches!(standing, Standing::Valid | Standing::Incomplete),
        }
    }

    /// Whether it fits what stands so, with what stands out of it and what the person said when called back.
    pub fn fits(self, standing: Standing, flags: &[Flag], callback: Option<CallbackOutcome>) -> bool {
        self.takes(standing)
            && match self {
                Self::TooFast => flags.iter().any(|flag| flag.kind() == FlagKind::TooFast),
                Self::Denied => callback == Some(CallbackOutcome::Denied),
                Self::Burst => flags.contains(&Flag::Arrival(Marks::BURST)),
            }
    }

    /// The reason that is shown for what it leaves out.
    pub fn reason(self) -> Reason {
        match self {
            Self::TooFast => Reason::TooFast,
            Self::Denied => Reason::NotHeld,
            Self::Burst => Reason::Burst,
        }
    }
}

coded!(
    /// Why responses are left out: the category that is shown, with its count.
    Reason {
        /// Too short to have been asked.
        TooFast = 1 "qua-nhanh",
        /// No interview was held.
        NotHeld = 2 "khong-phong-van",
        /// Somebody else answered than was drawn.
        WrongPerson = 3 "sai-nguoi",
        /// The same person answered twice.
        Twice = 4 "trung",
        /// Device, clock or program failed.
        Technical = 5 "ky-thuat",
        /// Something else, said in words.
        Other = 6 "khac",
        /// One of a burst at a kiosk that nobody attends.
        Burst = 7 "loat-phieu",
    }
);

impl Reason {
    /// In words.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::TooFast => ("thời gian phỏng vấn ngắn bất thường", "too short to have been asked"),
            Self::NotHeld => ("không có cuộc phỏng vấn", "no interview was held"),
            Self::WrongPerson => ("không đúng người trong mẫu", "not the person drawn"),
            Self::Twice => ("một người trả lời hai lần", "the same person twice"),
            Self::Technical => ("lỗi thiết bị, đồng hồ hoặc phần mềm", "device, clock or program"),
            Self::Other => ("lý do khác", "another reason"),
            Self::Burst => ("loạt phiếu dồn dập tại máy đặt ở quầy", "a burst at a kiosk"),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

coded!(
    /// What a decision does.
    DecisionKind {
        /// Leaves out all that a rule fits; one person.
        RuleOut = 1 "quy-tac",
        /// Leaves out single responses; two people.
        Out = 2 "loai",
        /// Takes back single responses that were left out; two people.
        Back = 3 "lay-lai",
        /// Takes back all that one application of a rule left out; one person.
        RuleBack = 4 "rut-quy-tac",
        /// Takes in single responses that are under review; two people.
        In = 5 "nhan-vao",
    }
);

impl DecisionKind {
    /// Whether a second person must agree.
    pub fn needs_two(self) -> bool {
        matches!(self, Self::Out | Self::Back | Self::In)
    }
}

coded!(
    /// Where a decision stands.
    Verdict {
        /// Waits for the second person.
        Open = 1 "cho-duyet",
        /// In force.
        Agreed = 2 "dong-y",
        /// The second person did not agree, or who proposed it took it back; nothing was changed.
        Declined = 3 "khong-dong-y",
    }
);

/// A written reason as it is kept; none where it is too short or too long to be one.
pub fn reason_of(typed: &str) -> Option<String> {
    let words = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = words.chars().count();
    (REASON_CHARS_MIN..=crate::domain::limits::REASON_CHARS).contains(&length).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fits_what_counts_now_and_nothing_else() {
        let fast = [Flag::TooFast { took: 1, least: 2 }];
        assert!(NamedRule::TooFast.fits(Standing::Valid, &fast, None));
        for standing in Standing::ALL.iter().filter(|standing| **standing != Standing::Valid) {
            assert!(!NamedRule::TooFast.fits(*standing, &fast, None), "{standing:?}");
        }
        assert!(!NamedRule::TooFast.fits(Standing::Valid, &[Flag::Straight { answered: 22 }], None));
        for outcome in CallbackOutcome::ALL {
            let denied = *outcome == CallbackOutcome::Denied;
            assert_eq!(NamedRule::Denied.fits(Standing::Valid, &[], Some(*outcome)), denied, "{outcome:?}");
        }
        assert!(!NamedRule::Denied.fits(Standing::Valid, &fast, None));
        let burst = [Flag::Arrival(Marks::BURST)];
        let taken: Vec<_> =
            Standing::ALL.iter().filter(|standing| NamedRule::Burst.fits(**standing, &burst, None)).collect();
        assert_eq!(taken, [&Standing::Valid, &Standing::Incomplete], "bare taps too");
        assert!(!NamedRule::Burst.fits(Standing::Valid, &fast, None));
    }

    #[test]
    fn a_reason_says_something() {
        assert_eq!(reason_of("  quá  ngắn "), None);
        assert_eq!(
            reason_of(" Người dân  báo không ở nhà\nhôm đó "),
            Some("Người dân báo không ở nhà hôm đó".to_owned())
        );
        assert_eq!(reason_of(&"a".repeat(1_001)), None);
    }

    #[test]
    fn single_responses_need_two_people() {
        let two: Vec<_> = DecisionKind::ALL.iter().filter(|kind| kind.needs_two()).collect();
        assert_eq!(two, [&DecisionKind::Out, &DecisionKind::Back, &DecisionKind::In]);
    }
}
