//! What became of each person on a sample list, and the response rate of the list.
//!
//! The rate is AAPOR RR1 (Standard Definitions, 10th edition), the strictest of theirs: complete interviews over all
//! whom one set out to ask and who may belong to the population,
//!
//! ```text
//! RR1 = I / (I + P + R + NC + O + U)
//! ```
//!
//! I complete, P partial, R refused, NC not reached, O could not answer or was replaced before anything was known, U
//! nothing known yet. Who turned out not to belong to the population is left out (not eligible): never had a dossier
//! there, or has no result yet. Who was replaced stays in. Pure.

use serde::{Deserialize, Serialize};

use super::field_work::Outcome;
use super::response::{Standing, coded};

/// Attempts on so many different days make "nobody there" final.
pub const ATTEMPT_DAYS: usize = 3;

coded!(
    /// What became of one unit.
    Disposition {
        /// The interview was held.
        Done = 1 "done",
        /// Did not want to.
        Refused = 2 "refused",
        /// Nobody there on three different days; or moved, died, unknown at the address.
        NotFound = 3 "not-found",
        /// Could not answer.
        Unable = 4 "unable",
        /// Not in the population.
        OutOfScope = 5 "out-of-scope",
        /// Given up for one of the reserve before anything final was known.
        Replaced = 6 "replaced",
        /// Still to be visited, or visited again.
        Open = 7 "open",
        /// Not in the population: the dossier has no result yet.
        NoResult = 8 "no-result",
        /// The interview was held, and too little of it was answered.
        Partial = 9 "partial",
        /// Answers came and are no interview: the person denies it, or they were left out or withdrawn.
        Void = 10 "void",
    }
);

coded!(
    /// How the answers of a unit count as an interview. Kept at the unit, so that it outlives the links.
    Interview {
        /// Enough was answered.
        Complete = 1 "complete",
        /// Too little was answered.
        Partial = 2 "partial",
        /// There was none after all.
        Void = 3 "void",
    }
);

impl Interview {
    /// How a response of this standing counts.
    pub fn of(standing: Standing) -> Self {
        match standing {
            Standing::Valid | Standing::Suspect => Self::Complete,
            Standing::Incomplete => Self::Partial,
            Standing::Excluded | Standing::Withdrawn => Self::Void,
        }
    }
}

/// What became of a unit: its answers, where some came, else its visits. Answers that are no interview leave what the
/// other visits said.
pub fn end(attempts: &[(i32, Outcome)], replaced: bool, interview: Option<Interview>) -> Disposition {
    match interview {
        Some(Interview::Complete) => Disposition::Done,
        Some(Interview::Partial) => Disposition::Partial,
        Some(Interview::Void) => {
            let others: Vec<_> = attempts.iter().copied().filter(|(_, outcome)| *outcome != Outcome::Done).collect();
            match disposition(&others, replaced) {
                Disposition::Open => Disposition::Void,
                known => known,
            }
        }
        None => disposition(attempts, replaced),
    }
}

/// The position of the attempt that decided an end, so that the end belongs to who knocked; none where no visit did.
pub fn decided_by(attempts: &[(i32, Outcome)], end: Disposition) -> Option<usize> {
    match end {
        Disposition::Done | Disposition::Partial => attempts.iter().position(|(_, outcome)| *outcome == Outcome::Done),
        Disposition::Open | Disposition::Void => None,
        _ => attempts.iter().rposition(|(_, outcome)| *outcome != Outcome::Done),
    }
}

/// What is known of a unit: the local day of each attempt and how it ended, in the order in which they happened.
///
/// An interview that was held stands, whatever was noted after it; otherwise the last word counts.
pub fn disposition(attempts: &[(i32, Outcome)], replaced: bool) -> Disposition {
    if attempts.iter().any(|(_, outcome)| *outcome == Outcome::Done) {
        return Disposition::Done;
    }
    let last = attempts.last().map(|(_, outcome)| *outcome);
    let known = match last {
        Some(Outcome::Refused) => Disposition::Refused,
        Some(Outcome::NotFound) => Disposition::NotFound,
        Some(Outcome::Unable) => Disposition::Unable,
        Some(Outcome::OutOfScope) => Disposition::OutOfScope,
        Some(Outcome::NoResult) => Disposition::NoResult,
        Some(Outcome::NotHome) if away_days(attempts) >= ATTEMPT_DAYS => Disposition::NotFound,
        Some(Outcome::NotHome | Outcome::Done) | None => Disposition::Open,
    };
    if known == Disposition::Open && replaced { Disposition::Replaced } else { known }
}

fn away_days(attempts: &[(i32, Outcome)]) -> usize {
    let away = attempts.iter().filter(|(_, outcome)| *outcome == Outcome::NotHome);
    let mut days: Vec<i32> = away.map(|(day, _)| *day).collect();
    days.sort_unstable();
    days.dedup();
    days.len()
}

/// How many units ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// I: complete interviews.
    pub complete: u64,
    /// P: interviews of which too little was answered.
    pub partial: u64,
    /// R.
    pub refused: u64,
    /// NC: not found.
    pub not_found: u64,
    /// O: could not answer.
    pub unable: u64,
    /// O: replaced before anything was known.
    pub replaced: u64,
    /// U: still open.
    pub open: u64,
    /// U: answers came and are no interview, so that nothing is known.
    pub void: u64,
    /// Not in the population, in no sum.
    pub out_of_scope: u64,
    /// Not in the population either: drawn, and no result has come.
    pub no_result: u64,
}

impl Ends {
    /// Adds one unit.
    pub fn add(&mut self, end: Disposition) {
        let count = match end {
            Disposition::Partial => &mut self.partial,
            Disposition::Done => &mut self.complete,
            Disposition::Refused => &mut self.refused,
            Disposition::NotFound => &mut self.not_found,
            Disposition::Unable => &mut self.unable,
            Disposition::Replaced => &mut self.replaced,
            Disposition::Open => &mut self.open,
            Disposition::Void => &mut self.void,
            Disposition::OutOfScope => &mut self.out_of_scope,
            Disposition::NoResult => &mut self.no_result,
        };
        *count += 1;
    }

    /// These and those.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            complete: self.complete + other.complete,
            partial: self.partial + other.partial,
            refused: self.refused + other.refused,
            not_found: self.not_found + other.not_found,
            unable: self.unable + other.unable,
            replaced: self.replaced + other.replaced,
            open: self.open + other.open,
            void: self.void + other.void,
            out_of_scope: self.out_of_scope + other.out_of_scope,
            no_result: self.no_result + other.no_result,
        }
    }

    /// The denominator of RR1.
    pub fn asked(&self) -> u64 {
        let met = self.complete + self.partial + self.refused;
        met + self.not_found + self.unable + self.replaced + self.open + self.void
    }

    /// All units.
    pub fn all(&self) -> u64 {
        self.asked() + self.out_of_scope + self.no_result
    }

    /// RR1, a share from 0 to 1; none where nobody is to be asked.
    pub fn rate(&self) -> Option<f64> {
        (self.asked() > 0).then(|| self.complete as f64 / self.asked() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nobody_there_is_final_on_the_third_day_and_not_at_the_third_knock() {
        let knocks = |days: &[i32]| days.iter().map(|day| (*day, Outcome::NotHome)).collect::<Vec<_>>();
        assert_eq!(disposition(&knocks(&[1, 1, 1]), false), Disposition::Open);
        assert_eq!(disposition(&knocks(&[1, 2, 2]), false), Disposition::Open);
        assert_eq!(disposition(&knocks(&[1, 2, 5]), false), Disposition::NotFound);
    }

    #[test]
    fn an_interview_stands_whatever_was_noted_beside_it() {
        let attempts = [(1, Outcome::NotHome), (2, Outcome::Done), (2, Outcome::Refused)];
        assert_eq!(disposition(&attempts, false), Disposition::Done);
        assert_eq!(disposition(&attempts, true), Disposition::Done);
    }

    #[test]
    fn the_last_word_counts_and_who_was_replaced_after_it_keeps_it() {
        assert_eq!(disposition(&[(1, Outcome::Refused), (2, Outcome::NotHome)], false), Disposition::Open);
        assert_eq!(disposition(&[(1, Outcome::NotHome), (2, Outcome::Refused)], true), Disposition::Refused);
        assert_eq!(disposition(&[(1, Outcome::NotHome)], true), Disposition::Replaced);
        assert_eq!(disposition(&[], false), Disposition::Open);
    }

    #[test]
    fn answers_that_are_no_interview_leave_what_the_other_visits_said() {
        let told = [(1, Outcome::Refused), (2, Outcome::Done)];
        #[rustfmt::skip]
        let rows = [
            (&told[..], None,                      Disposition::Done,    Some(1)),
            (&told[..], Some(Interview::Complete), Disposition::Done,    Some(1)),
            (&told[..], Some(Interview::Partial),  Disposition::Partial, Some(1)),
            (&told[..], Some(Interview::Void),     Disposition::Refused, Some(0)),
            (&told[1..], Some(Interview::Void),    Disposition::Void,    None),
            (&told[..1], Some(Interview::Complete), Disposition::Done,   None),
            (&told[..0], None,                     Disposition::Open,    None),
        ];
        for (attempts, interview, expected, by) in rows {
            let end = end(attempts, false, interview);
            assert_eq!((end, decided_by(attempts, end)), (expected, by), "{attempts:?} {interview:?}");
        }
        for standing in Standing::ALL {
            let counts = Interview::of(*standing) == Interview::Void;
            assert_eq!(counts, matches!(standing, Standing::Excluded | Standing::Withdrawn), "{standing:?}");
        }
    }

    #[test]
    fn the_rate_is_that_of_the_definitions() {
        let ends = Ends {
            complete: 60,
            partial: 2,
            refused: 10,
            not_found: 15,
            unable: 3,
            replaced: 4,
            open: 4,
            void: 2,
            out_of_scope: 17,
            no_result: 3,
        };
        // 60 / (60 + 2 + 10 + 15 + 3 + 4 + 6)
        assert_eq!(ends.rate(), Some(0.6));
        assert_eq!(ends.all(), 120);
        assert_eq!(Ends::default().rate(), None);
        assert_eq!(Ends { out_of_scope: 3, ..Ends::default() }.rate(), None);
    }

    proptest! {
        #[test]
        fn everybody_is_counted_once(units in prop::collection::vec(1_i16..=10, 0..60)) {
            let mut ends = Ends::default();
            for code in &units {
                ends.add(Disposition::from_code(*code).unwrap_or(Disposition::Open));
            }
            prop_assert_eq!(ends.all(), units.len() as u64);
            prop_assert_eq!(ends.with(Ends::default()), ends);
            prop_assert!(ends.rate().is_none_or(|rate| (0.0..=1.0).contains(&rate)));
        }
    }
}
