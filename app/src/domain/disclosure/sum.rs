//! A sum over some options of a question, beside the table of its options in which some are hidden: "would return" is
//! two answers of six. The sum must not give back what the table hides.

use super::{Count, LEAST_RESPONDENTS};

fn few(count: i64) -> bool {
    (1..LEAST_RESPONDENTS).contains(&count)
}

/// Whether a part of a whole may be said at all: neither it nor what is left is 1 to 4 people.
pub fn part_may_be_said(part: i64, whole: i64) -> bool {
    whole >= LEAST_RESPONDENTS && !few(part) && !few(whole - part)
}

/// Whether the sum over the options in `listed` may be said. `shown` is what the table of exclusive options says.
///
/// With the sum, the hidden options fall into those in it and those outside it, each with a known total. A side with one
/// hidden option gives it away, and one with a total of 1 to 4 all of them.
pub fn sum_may_be_said(counts: &[i64], shown: &[Count], listed: &[bool]) -> bool {
    let of = |inside: bool| counts.iter().zip(listed).filter(move |(_, l)| **l == inside).map(|(c, _)| *c);
    let (part, whole) = (of(true).sum::<i64>(), counts.iter().sum());
    if !part_may_be_said(part, whole) || counts.len() != shown.len() || counts.len() != listed.len() {
        return false;
    }
    [true, false].into_iter().all(|inside| {
        let hidden: Vec<i64> = counts
            .iter()
            .zip(shown)
            .zip(listed)
            .filter(|((_, shown), l)| **l == inside && !matches!(shown, Count::Exactly(_)))
            .map(|((count, _), _)| *count)
            .collect();
        let total: i64 = hidden.iter().sum();
        hidden.is_empty() || (hidden.len() >= 2 && total >= LEAST_RESPONDENTS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Count::{Exactly, Few, Hidden};

    #[test]
    fn a_few_people_or_all_but_a_few_are_never_a_part() {
        for (part, whole) in [(3, 60), (57, 60), (1, 4), (0, 3)] {
            assert!(!part_may_be_said(part, whole), "{part} of {whole}");
        }
        assert!(part_may_be_said(5, 10) && part_may_be_said(0, 10) && part_may_be_said(10, 10));
    }

    #[test]
    fn a_sum_gives_no_hidden_option_back() {
        let listed = [false, false, false, true, true, false];
        let counts = [0, 6, 6, 20, 28, 0];
        assert!(sum_may_be_said(&counts, &counts.map(Exactly), &listed), "nothing is hidden");
        // Option 1 (3 people) is hidden with option 5: the sum of 4 and 5 would give 5, and with it 1.
        let counts = [3, 0, 9, 20, 28, 0];
        let shown = [Few, Exactly(0), Exactly(9), Exactly(20), Hidden, Exactly(0)];
        assert!(!sum_may_be_said(&counts, &shown, &listed));
        // Two are hidden on one side, 12 people together, and none on the other.
        let shown = [Few, Exactly(0), Hidden, Exactly(20), Exactly(28), Exactly(0)];
        assert!(sum_may_be_said(&counts, &shown, &listed));
    }
}
