//! In which order the responses come: day by day, and within a day by the clock, so that ids grow as those of real
//! devices do. Holds one day at a time, however many responses there are.

use super::calendar::{self, Day};
use super::chance::Chance;

/// Where a response comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// An interview: the office and the stratum in it, by position.
    Sample(usize, usize),
    /// An answer at a desk of the office.
    Desk(usize),
}

/// So many responses of one origin, spread over the whole period.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quota {
    pub(super) origin: Origin,
    pub(super) count: u64,
    /// Shifts the days of small quotas, so that they do not all fall on the same; below the last `Day::by_evening`.
    pub(super) phase: u64,
}

/// One response to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    pub(super) day: i32,
    /// Milliseconds from local midnight.
    pub(super) moment: u32,
    pub(super) origin: Origin,
}

/// The tickets of all quotas in the order of time.
pub(super) struct Schedule<'a> {
    days: std::slice::Iter<'a, Day>,
    quotas: &'a [Quota],
    whole: u64,
    /// Value of the last day that was laid out.
    done: u64,
    today: std::vec::IntoIter<Ticket>,
    chance: Chance,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(days: &'a [Day], quotas: &'a [Quota], chance: Chance) -> Self {
        let whole = days.last().map_or(1, |d| d.by_evening);
        Self { days: days.iter(), quotas, whole, done: 0, today: Vec::new().into_iter(), chance }
    }

    fn lay_out(&mut self, day: Day) {
        let mut tickets = Vec::new();
        for quota in self.quotas {
            // By the last evening `count·whole + phase` over `whole` is exactly the count, because phase < whole.
            let due = |by: u64| (quota.count * by + quota.phase) / self.whole;
            for _ in due(self.done)..due(day.by_evening) {
                let at_desk = matches!(quota.origin, Origin::Desk(_));
                let moment = calendar::moment(day, at_desk, &mut self.chance);
                tickets.push(Ticket { day: day.number, moment, origin: quota.origin });
            }
        }
        tickets.sort_unstable();
        self.done = day.by_evening;
        self.today = tickets.into_iter();
    }
}

impl Iterator for Schedule<'_> {
    type Item = Ticket;

    fn next(&mut self) -> Option<Ticket> {
        loop {
            if let Some(ticket) = self.today.next() {
                return Some(ticket);
            }
            let day = *self.days.next()?;
            self.lay_out(day);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quota_is_met_exactly_and_in_the_order_of_time() {
        let days: Vec<Day> = (1..=10).map(|d| Day { number: d, by_evening: 4 * d as u64, short: false }).collect();
        let counts = [0, 1, 7, 1_000];
        let quotas: Vec<Quota> = counts
            .iter()
            .enumerate()
            .map(|(i, count)| Quota { origin: Origin::Desk(i), count: *count, phase: 13 * i as u64 })
            .collect();
        let tickets: Vec<Ticket> = Schedule::new(&days, &quotas, Chance::new(3, 0)).collect();
        for (i, count) in counts.iter().enumerate() {
            assert_eq!(tickets.iter().filter(|t| t.origin == Origin::Desk(i)).count() as u64, *count);
        }
        assert!(tickets.is_sorted());
    }
}
