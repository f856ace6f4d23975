//! Call-backs: a tenth of each interviewer's interviews, drawn by chance, asked again whether the interview was held.

use serde::{Deserialize, Serialize};

use crate::domain::response::coded;
use crate::domain::sample::draw::{Chance, Rule, draw};

/// One interview in so many is called back: 10 %, and at least one of everybody's.
pub const ONE_IN: u32 = 10;
/// A draw leaves out what arrived within this time before it, in milliseconds (30 s): a commit may still be under way.
pub const SETTLED_MS: i64 = 30_000;

coded!(
    /// How a call-back ended.
    CallbackOutcome {
        /// The interview was held as it is told.
        Confirmed = 1 "xac-nhan",
        /// It was held, but something is otherwise: the note says what.
        Differs = 2 "co-khac",
        /// Nobody was reached.
        NotReached = 3 "khong-gap",
        /// The person says that there was no interview.
        Denied = 4 "phu-nhan",
    }
);

/// How many of so many interviews are called back.
pub fn size(interviews: u32) -> u32 {
    interviews.div_ceil(ONE_IN)
}

/// The places of those called back, from 1, among an interviewer's interviews in the order of the keys of their units. The
/// draw is that of samples, under the simple rule.
pub fn drawn(interviews: u32, chance: &mut dyn Chance) -> Vec<u32> {
    draw(Rule::Simple, interviews, size(interviews), 0, chance).main
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_drawn_and_at_least_one_of_everybodys() {
        assert_eq!([0, 1, 9, 10, 11, 200].map(size), [0, 1, 1, 1, 2, 20]);
    }

    #[test]
    fn the_same_chance_draws_the_same() {
        let chance = || {
            let mut state = 5_u64;
            move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state
            }
        };
        let first = drawn(40, &mut chance());
        assert_eq!((first.len(), first == drawn(40, &mut chance())), (4, true));
    }
}
