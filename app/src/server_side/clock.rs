//! The clock: the one place that reads the time. Everything else is given the time, or this.
//!
//! Wall-clock time is milliseconds since 1970-01-01T00:00:00Z as `i64`, here and in the database.
//! Durations are measured with [`Stopwatch`], which never goes backwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Where the time comes from. Clones of a fixed clock share one hand.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The clock of the machine.
    #[default]
    System,
    /// A clock that stands still until it is set; for tests and for figures that must repeat.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now_ms`.
    pub fn fixed(now_ms: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now_ms)))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
    pub fn now_ms(&self) -> i64 {
        match self {
            Self::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
                Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
            },
            Self::Fixed(hand) => hand.load(Ordering::Relaxed),
        }
    }

    /// Moves a fixed clock to `now_ms`; the clock of the machine is not ours to move, there nothing happens.
    pub fn set(&self, now_ms: i64) {
        if let Self::Fixed(hand) = self {
            hand.store(now_ms, Ordering::Relaxed);
        }
    }
}

/// Measures how long something took.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_the_machine_is_past_the_day_this_was_written() {
        // 2026-11-01T00:00:00Z
        assert!(Clock::System.now_ms() > 1_793_491_200_000);
    }

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed(1_000);
        let same = clock.clone();
        same.set(2_000);
        assert_eq!(clock.now_ms(), 2_000);
    }
}
