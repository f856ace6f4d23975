//! The draw: which places of a list are asked, by chance alone, so that the same seed draws the same people.
//!
//! Places count from 1 in the order of the list. Every place has the same chance n/M of being asked, under both rules,
//! exactly: everything is whole numbers, and numbers of chance that would favour a place are thrown away.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::response::coded;

coded!(
    /// How a sample is drawn.
    Rule {
        /// Every (M/n)-th of the list from a random start: neighbours in the list are never drawn together, so an ordered
        /// list is represented evenly.
        Systematic = 1 "systematic",
        /// Each set of n people is as likely as any other.
        Simple = 2 "simple",
    }
);

/// Where chance comes from: whole numbers of 64 bits, all equally likely.
pub trait Chance {
    /// The next number.
    fn number(&mut self) -> u64;
}

impl<F: FnMut() -> u64> Chance for F {
    fn number(&mut self) -> u64 {
        self()
    }
}

/// A number from 0 to `limit` − 1, all equally likely: numbers at or above the largest multiple of `limit` are passed over.
/// 0 where the limit is 0.
pub fn below(limit: u64, chance: &mut dyn Chance) -> u64 {
    if limit == 0 {
        return 0;
    }
    // 2⁶⁴ mod limit numbers at the top belong to no whole cycle.
    let last = u64::MAX - (u64::MAX % limit + 1) % limit;
    loop {
        let number = chance.number();
        if number <= last {
            return number % limit;
        }
    }
}

/// Who is asked, and who is held in reserve: places from 1, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Asked.
    pub main: Vec<u32>,
    /// Visited only in the place of another.
    pub reserve: Vec<u32>,
}

/// Draws `n` of `people` and then `reserve` more, of those left; fewer where there are fewer.
///
/// - systematic: n + reserve places at equal distance from one random start, and of these every ((n + reserve)/reserve)-th
///   from a second random start is held in reserve;
/// - simple: n + reserve places one after the other, each among those not drawn yet; the first n are asked.
pub fn draw(rule: Rule, people: u32, n: u32, reserve: u32, chance: &mut dyn Chance) -> Drawn {
    let n = n.min(people);
    let reserve = reserve.min(people - n);
    let all = n + reserve;
    let (mut main, mut held) = match rule {
        Rule::Systematic => {
            let places = systematic(people, all, chance);
            let held = systematic(all, reserve, chance);
            let (mut main, mut kept) = (Vec::new(), Vec::new());
            for (at, place) in (1..).zip(places) {
                if held.binary_search(&at).is_ok() { kept.push(place) } else { main.push(place) }
            }
            (main, kept)
        }
        Rule::Simple => {
            let mut places = simple(people, all, chance);
            let held = places.split_off(n as usize);
            (places, held)
        }
    };
    main.sort_unstable();
    held.sort_unstable();
    Drawn { main, reserve: held }
}

/// `take` places of `of` at equal, fractional distance: ⌊(r + i·of)/take⌋ + 1 with r below `of`.
fn systematic(of: u32, take: u32, chance: &mut dyn Chance) -> Vec<u32> {
    if take == 0 {
        return Vec::new();
    }
    let (of, take) = (u64::from(of), u64::from(take));
    let start = below(of, chance);
    (0..take).filter_map(|i| u32::try_from((start + i * of) / take + 1).ok()).collect()
}

/// `take` places of `of` in the order in which they are drawn (the first steps of a shuffle by Fisher and Yates).
fn simple(of: u32, take: u32, chance: &mut dyn Chance) -> Vec<u32> {
    // Only places that were exchanged are written down: a list of half a million costs no more than its sample.
    let mut moved: HashMap<u64, u64> = HashMap::new();
    (0..u64::from(take))
        .filter_map(|i| {
            let other = i + below(u64::from(of) - i, chance);
            let drawn = moved.get(&other).copied().unwrap_or(other);
            let here = moved.get(&i).copied().unwrap_or(i);
            moved.insert(other, here);
            u32::try_from(drawn + 1).ok()
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `SplitMix64`: chance for tests, from a seed.
    pub(in crate::domain::sample) fn chance(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }

    /// Σ(observed − expected)²/expected.
    fn chi_square(observed: &[u64], expected: f64) -> f64 {
        observed.iter().map(|o| (*o as f64 - expected).powi(2) / expected).sum()
    }

    #[test]
    fn the_same_chance_draws_the_same_people_and_another_draws_others() {
        for rule in Rule::ALL {
            let first = draw(*rule, 5_000, 371, 75, &mut chance(1));
            assert_eq!(first, draw(*rule, 5_000, 371, 75, &mut chance(1)));
            assert_ne!(first, draw(*rule, 5_000, 371, 75, &mut chance(2)));
        }
    }

    #[test]
    fn nobody_is_drawn_twice_or_from_outside_and_a_small_list_is_drawn_whole() {
        for rule in Rule::ALL {
            assert_eq!(draw(*rule, 0, 10, 2, &mut chance(1)), Drawn::default());
            let whole = draw(*rule, 7, 10, 2, &mut chance(1));
            assert_eq!((whole.main, whole.reserve), ((1..=7).collect(), vec![]));
            let short = draw(*rule, 7, 6, 9, &mut chance(1));
            assert_eq!((short.main.len(), short.reserve.len()), (6, 1));
        }
    }

    #[test]
    fn a_systematic_draw_keeps_its_distance() {
        let drawn = draw(Rule::Systematic, 1_000, 120, 0, &mut chance(3));
        assert!(drawn.main.windows(2).all(|pair| (8..=9).contains(&(pair[1] - pair[0]))), "1,000/120 = 8.33…");
    }

    /// 40 places, 20,000 draws: asked, held in reserve and left are each as often as they should be. Critical value of
    /// χ² with 39 degrees of freedom at 0.001: 72.05.
    #[test]
    fn every_place_is_asked_and_held_in_reserve_equally_often() {
        const DRAWS: u64 = 20_000;
        for (rule, seed) in [(Rule::Systematic, 11), (Rule::Simple, 12)] {
            let (mut main, mut reserve) = ([0_u64; 40], [0_u64; 40]);
            let mut source = chance(seed);
            for _ in 0..DRAWS {
                let drawn = draw(rule, 40, 9, 4, &mut source);
                drawn.main.iter().for_each(|place| main[*place as usize - 1] += 1);
                drawn.reserve.iter().for_each(|place| reserve[*place as usize - 1] += 1);
            }
            for (counts, share) in [(main, 9.0 / 40.0), (reserve, 4.0 / 40.0)] {
                let statistic = chi_square(&counts, DRAWS as f64 * share);
                assert!(statistic < 72.05, "{rule:?}: {statistic}: {counts:?}");
            }
        }
    }

    /// Under the simple rule each of the 66 pairs of 12 places is as likely as any other: χ² with 65 degrees of freedom
    /// at 0.001 is 105.99. A systematic draw must fail here: neighbours never come together.
    #[test]
    fn pairs_are_equally_likely_under_the_simple_rule_alone() {
        const DRAWS: u64 = 30_000;
        let statistic = |rule, seed| {
            let mut pairs = vec![0_u64; 66];
            let mut source = chance(seed);
            for _ in 0..DRAWS {
                let places = draw(rule, 12, 4, 0, &mut source).main;
                for (i, a) in places.iter().enumerate() {
                    for b in &places[i + 1..] {
                        let (a, b) = (*a as usize - 1, *b as usize - 1);
                        pairs[b * (b - 1) / 2 + a] += 1;
                    }
                }
            }
            chi_square(&pairs, DRAWS as f64 * 6.0 / 66.0)
        };
        let simple = statistic(Rule::Simple, 21);
        assert!(simple < 105.99, "{simple}");
        assert!(statistic(Rule::Systematic, 22) > 1_000.0);
    }

    #[test]
    fn numbers_that_would_favour_a_place_are_passed_over() {
        let mut source = [u64::MAX, u64::MAX - 1, 5].into_iter();
        // 2⁶⁴ mod 3 = 1: the largest number belongs to no whole cycle of three, the next one does.
        assert_eq!(below(3, &mut || source.next().unwrap_or_default()), (u64::MAX - 1) % 3);
        assert_eq!(source.next(), Some(5));
        assert_eq!(below(0, &mut || 1), 0);
    }

    proptest! {
        #[test]
        fn any_draw_has_distinct_places_within_the_list(
            people in 0_u32..3_000, n in 0_u32..600, reserve in 0_u32..200, seed in any::<u64>(), simple in any::<bool>(),
        ) {
            let rule = if simple { Rule::Simple } else { Rule::Systematic };
            let drawn = draw(rule, people, n, reserve, &mut chance(seed));
            prop_assert_eq!(drawn.main.len() as u32, n.min(people));
            prop_assert_eq!(drawn.reserve.len() as u32, reserve.min(people - n.min(people)));
            let mut all: Vec<u32> = drawn.main.into_iter().chain(drawn.reserve).collect();
            all.sort_unstable();
            prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(all.iter().all(|place| (1..=people).contains(place)));
        }
    }
}
