//! Paper forms: the code on each, the order of its questions, what a clerk keys, and how two passes are compared.
//!
//! A batch is a pile of at most [`BATCH_FORMS`] printed forms of one agency. What was keyed is kept as it stood on the
//! paper, "không đọc được" and "đánh hai ô" included; only when a form is settled does it become a response. Pure.

mod code;
mod keyed;
mod layout;

pub use code::{CODE_TAIL, FormCode};
pub use keyed::{
    COLLECTED, COMMENT, ClerkRate, Keyed, KeyedPass, MULTIPLE, UNIT, UNREADABLE, differences, is_value, rates,
    values_of,
};
pub use layout::{Item, OPTION_KEYS, Part, Shape, layout};

use serde::{Deserialize, Serialize};

use super::response::coded;

/// Most forms of a batch: what a clerk keys in one sitting, and what a clip holds.
pub const BATCH_FORMS: u16 = 50;
/// One form in so many is keyed twice where not all are.
pub const SECOND_SHARE: u16 = 10;

coded!(
    /// First keying, or the blind second one.
    Pass {
        /// The first.
        First = 1 "1",
        /// The second, by somebody else who does not see the first.
        Second = 2 "2",
    }
);

coded!(
    /// How many forms of a batch are keyed twice.
    Again {
        /// A tenth, drawn.
        Tenth = 10 "10",
        /// All.
        All = 100 "100",
    }
);

/// Which of the forms 1 to `forms` are keyed twice: all, or a tenth (rounded up) drawn by `seed`. The same seed draws
/// the same forms.
pub fn drawn_twice(forms: u16, again: Again, seed: u64) -> Vec<u16> {
    let mut all: Vec<u16> = (1..=forms).collect();
    if again == Again::All {
        return all;
    }
    let wanted = usize::from(forms.div_ceil(SECOND_SHARE));
    let mut state = seed;
    // Fisher and Yates, from the front; the remainder's bias at 50 out of 2⁶⁴ is nothing.
    for at in 0..wanted.min(all.len()) {
        let left = (all.len() - at) as u64;
        let other = at + usize::try_from(split_mix(&mut state) % left).unwrap_or(0);
        all.swap(at, other);
    }
    all.truncate(wanted);
    all.sort_unstable();
    all
}

/// The next number of SplitMix64 (Steele, Lea and Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_drawn_by_its_seed_and_every_form_alike() {
        assert_eq!(drawn_twice(50, Again::All, 1).len(), 50);
        assert_eq!(drawn_twice(50, Again::Tenth, 7), drawn_twice(50, Again::Tenth, 7));
        assert_ne!(drawn_twice(50, Again::Tenth, 7), drawn_twice(50, Again::Tenth, 8));
        assert_eq!([1, 10, 11, 50].map(|n| drawn_twice(n, Again::Tenth, 3).len()), [1, 1, 2, 5]);
        let mut counts = [0_u32; 51];
        for seed in 0..10_000 {
            for form in drawn_twice(50, Again::Tenth, seed) {
                counts[usize::from(form)] += 1;
            }
        }
        // Chi-square with 49 degrees of freedom: 85.4 is passed once in a thousand.
        let chi: f64 = counts[1..].iter().map(|n| (f64::from(*n) - 1_000.0).powi(2) / 1_000.0).sum();
        assert!(chi < 85.4, "{chi}");
    }
}
