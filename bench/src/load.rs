//! Many connections that ask as fast as they are answered, for a fixed time.

use crate::http::Connection;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Answers in all.
    pub(crate) answers: usize,
    /// How often each status came.
    pub(crate) statuses: BTreeMap<u16, usize>,
    /// Bytes of the bodies.
    pub(crate) bytes: usize,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// Sorted, microseconds.
    latencies: Vec<u32>,
    /// Connections that broke, with why.
    pub(crate) broken: Vec<String>,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// The latency that this share of the answers stayed under, in milliseconds.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let at = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(at.min(self.latencies.len().saturating_sub(1))).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    }

    fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.bytes += other.bytes;
        self.latencies.extend(other.latencies);
        self.broken.extend(other.broken);
        for (status, times) in other.statuses {
            *self.statuses.entry(status).or_default() += times;
        }
    }
}

/// The moment now.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this tool is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks over `connections` connections for `duration`; `next` makes each request.
pub(crate) async fn run<F>(address: &str, connections: u64, duration: Duration, next: F) -> Outcome
where
    F: Fn(&mut ChaCha8Rng) -> Vec<u8> + Clone + Send + 'static,
{
    let start = now();
    let until = start + duration;
    let mut tasks = Vec::new();
    for number in 0..connections {
        let (address, next) = (address.to_owned(), next.clone());
        tasks.push(tokio::spawn(async move {
            let mut chance = ChaCha8Rng::seed_from_u64(number);
            let mut outcome = Outcome::default();
            if let Err(error) = ask_until(&address, until, &mut chance, next, &mut outcome).await {
                outcome.broken.push(error.to_string());
            }
            outcome
        }));
    }
    let mut all = Outcome::default();
    for task in tasks {
        match task.await {
            Ok(outcome) => all.add(outcome),
            Err(error) => all.broken.push(error.to_string()),
        }
    }
    all.elapsed = start.elapsed();
    all.latencies.sort_unstable();
    all
}

async fn ask_until<F>(
    address: &str,
    until: Instant,
    chance: &mut ChaCha8Rng,
    next: F,
    outcome: &mut Outcome,
) -> std::io::Result<()>
where
    F: Fn(&mut ChaCha8Rng) -> Vec<u8>,
{
    let mut connection = Connection::open(address).await?;
    loop {
        let request = next(chance);
        let asked = now();
        if asked >= until {
            return Ok(());
        }
        let (status, length) = connection.ask(&request).await?;
        outcome.latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        *outcome.statuses.entry(status).or_default() += 1;
        outcome.answers += 1;
        outcome.bytes += length;
    }
}
