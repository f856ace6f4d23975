//! Bursts at a kiosk: nobody stands beside it, so a child at play or one person who presses again and again comes in as
//! many. Pure.

/// So many answers from one kiosk within [`BURST_MS`] are a burst. Coming up, reading the 25 words above the faces,
/// tapping, and the thanks, during which taps do nothing for 3 seconds, take a person some 12 seconds: a queue that
/// never breaks off gives five a minute.
pub const BURST_RESPONSES: usize = 6;
/// The span of a burst, in milliseconds (a minute), by the clock of the device.
pub const BURST_MS: i64 = 60_000;

/// Which of these ends of answers belong to a burst; they are in order, in milliseconds.
pub fn in_burst(ends: &[i64]) -> Vec<bool> {
    let mut inside = vec![false; ends.len()];
    for (from, window) in ends.windows(BURST_RESPONSES).enumerate() {
        if let [first, .., last] = window
            && last.saturating_sub(*first) <= BURST_MS
        {
            inside.iter_mut().skip(from).take(BURST_RESPONSES).for_each(|one| *one = true);
        }
    }
    inside
}

/// The spans in which something that ends at one of these times could share a burst with them: each reaches
/// [`BURST_MS`] to both sides, and those that touch are one.
pub fn spans(ends: &[i64]) -> Vec<(i64, i64)> {
    let mut sorted = ends.to_vec();
    sorted.sort_unstable();
    let mut spans: Vec<(i64, i64)> = vec![];
    for end in sorted {
        let (from, to) = (end.saturating_sub(BURST_MS), end.saturating_add(BURST_MS));
        match spans.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => spans.push((from, to)),
        }
    }
    spans
}

/// One burst: first and last end, milliseconds by the clock of the device, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// The first answer ended then.
    pub from: i64,
    /// The last.
    pub to: i64,
    /// Answers in it.
    pub n: u32,
}

/// The bursts among ends that are all marked, in order: a new one begins where nothing ended for [`BURST_MS`].
pub fn bursts(marked: impl IntoIterator<Item = i64>) -> Vec<Burst> {
    let mut bursts: Vec<Burst> = vec![];
    for end in marked {
        match bursts.last_mut() {
            Some(burst) if end.saturating_sub(burst.to) <= BURST_MS => {
                burst.to = end;
                burst.n = burst.n.saturating_add(1);
            }
            _ => bursts.push(Burst { from: end, to: end, n: 1 }),
        }
    }
    bursts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000;

    #[test]
    fn six_within_a_minute_are_a_burst_and_a_steady_queue_is_none() {
        let queue: Vec<i64> = (0..20).map(|n| n * 12_001).collect();
        assert_eq!(in_burst(&queue), [false; 20]);
        let quick: Vec<i64> = (0..6).map(|n| n * 12 * SECOND).collect();
        assert_eq!(in_burst(&quick), [true; 6]);
        assert_eq!(in_burst(&quick[..5]), [false; 5], "five are no burst");
        assert_eq!(in_burst(&[]), [false; 0]);
    }

    #[test]
    fn who_came_before_and_after_stays_outside() {
        let mut ends = vec![0];
        ends.extend((0..7).map(|n| 100 * SECOND + n * 4 * SECOND));
        ends.push(300 * SECOND);
        let inside = in_burst(&ends);
        assert_eq!(inside, [false, true, true, true, true, true, true, true, false]);
        let marked = ends.iter().zip(&inside).filter(|(_, inside)| **inside).map(|(end, _)| *end);
        assert_eq!(bursts(marked), [Burst { from: 100 * SECOND, to: 124 * SECOND, n: 7 }]);
    }

    #[test]
    fn two_bursts_of_a_day_are_two() {
        let ends = (0..12).map(|n| n % 6 * SECOND + n / 6 * 3_600 * SECOND);
        let found = bursts(ends);
        assert_eq!(found.iter().map(|burst| burst.n).collect::<Vec<_>>(), [6, 6]);
    }

    #[test]
    fn spans_that_touch_are_one_and_times_at_the_edge_overflow_nothing() {
        assert_eq!(spans(&[200_000, 0, 100_000]), [(-60_000, 260_000)]);
        assert_eq!(spans(&[0, 120_001]), [(-60_000, 60_000), (60_001, 180_001)]);
        assert_eq!(spans(&[i64::MAX, i64::MIN]).len(), 2);
        assert_eq!(in_burst(&[i64::MIN, i64::MIN, 0, 0, i64::MAX, i64::MAX]), [false; 6]);
    }

    proptest! {
        /// To look only within the spans finds the same as to look at the whole day.
        #[test]
        fn what_lies_outside_the_spans_changes_nothing(
            mut ends in prop::collection::vec(0..2_000_000_i64, 0..60),
            new in prop::collection::vec(0..2_000_000_i64, 1..20),
        ) {
            ends.extend(&new);
            ends.sort_unstable();
            let whole = in_burst(&ends);
            let near: Vec<i64> = {
                let spans = spans(&new);
                ends.iter().copied().filter(|end| spans.iter().any(|(from, to)| (from..=to).contains(&end))).collect()
            };
            let seen = in_burst(&near);
            for end in new {
                let at = |all: &[i64], inside: &[bool]| all.iter().position(|one| *one == end).map(|at| inside[at]);
                prop_assert_eq!(at(&ends, &whole), at(&near, &seen));
            }
        }
    }
}
