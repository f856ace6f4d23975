//! Limits of the server, each with its reason. Those on what people send stand in `app::domain::limits`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use app::domain::ids::DeskId;

/// A handler that has not answered by then is given up, body included: a form over a 2G network takes 10 s, the writer
/// gives up after 20 s.
pub const REQUEST: Duration = Duration::from_secs(30);
/// The same for lists of dossiers: 32 MB over a line of 2 Mbit/s take two minutes, half a million lines are read in one;
/// and the samples of a whole city are drawn in one request.
pub const LISTS: Duration = Duration::from_mins(5);
/// A client that has not sent its head by then is cut off, and an idle connection is closed.
pub const HEADERS: Duration = Duration::from_secs(20);
/// Bytes of a request's head: a browser sends about 2 KiB, cookies included.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
pub const STREAMS: u32 = 100;
/// When the server stops, requests under way have this long; longer than the slowest honest one, shorter than the 30 s
/// after which systemd and containers kill.
pub const DRAIN: Duration = Duration::from_secs(10);
/// Then the writer commits what it has taken within this time.
pub const DRAIN_WRITER: Duration = Duration::from_secs(15);
/// Below this much room on the disk of the database the server is not ready: a million responses and their log.
pub const DISK_FREE_BYTES: u64 = 256 * 1024 * 1024;

/// How long a handler may take, by the pattern of its address.
pub fn request(path: &str) -> Duration {
    let lists = path.starts_with("/quan-tri/khung") || path.starts_with("/quan-tri/mau");
    if lists { LISTS } else { REQUEST }
}

/// One minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;

/// How many anonymous posts a desk takes a minute. It hangs on the desk and not on the address of the sender: a whole
/// office shares one address, and a script in a café must not close the desk of another town.
///
/// A bucket that refills evenly: after a quiet minute a burst of the whole budget passes at once, which is a hall that
/// opens its doors.
#[derive(Debug)]
pub struct DeskBudget {
    per_minute: u32,
    /// At most one entry a desk that exists, so the map is bounded by the number of desks.
    desks: Mutex<HashMap<DeskId, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Posts that may still pass, times [`MINUTE_MS`].
    left: i64,
    /// When that was so, in milliseconds since 1970.
    at: i64,
}

impl DeskBudget {
    /// A budget of so many posts a minute and desk; 0 = no budget.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, desks: Mutex::default() }
    }

    /// Takes one post at a desk that exists; no means: answer "busy", nothing was taken. `now` is milliseconds since
    /// 1970; a clock that goes back refills nothing.
    pub fn take(&self, desk: DeskId, now: i64) -> bool {
        if self.per_minute == 0 {
            return true;
        }
        let full = i64::from(self.per_minute) * MINUTE_MS;
        // Whoever panicked with the lock held left at worst one post uncounted.
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = desks.entry(desk).or_insert(Bucket { left: full, at: now });
        let passed = now.saturating_sub(bucket.at).clamp(0, MINUTE_MS);
        let left = (bucket.left + passed * i64::from(self.per_minute)).min(full);
        let yes = left >= MINUTE_MS;
        *bucket = Bucket { left: if yes { left - MINUTE_MS } else { left }, at: bucket.at.max(now) };
        yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_takes_its_budget_at_once_and_then_evenly() {
        let budget = DeskBudget::new(60);
        let taken = (0..100).filter(|_| budget.take(DeskId(1), 1_000)).count();
        assert_eq!(taken, 60);
        assert!(!budget.take(DeskId(1), 1_999));
        assert!(budget.take(DeskId(1), 2_000));
        assert!(!budget.take(DeskId(1), 2_000));
        // The crowd at one desk is no matter of another.
        assert!(budget.take(DeskId(2), 2_000));
    }

    #[test]
    fn a_clock_that_goes_back_refills_nothing() {
        let budget = DeskBudget::new(1);
        assert!(budget.take(DeskId(1), 100_000));
        assert!(!budget.take(DeskId(1), 0));
        assert!(!budget.take(DeskId(1), 100_000));
        assert!(budget.take(DeskId(1), 160_000));
    }

    #[test]
    fn no_budget_takes_everything() {
        let budget = DeskBudget::new(0);
        assert!((0..1_000).all(|_| budget.take(DeskId(1), 0)));
    }
}
