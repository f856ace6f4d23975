//! Chance with a seed: the same numbers on every machine, because only whole numbers and exact float steps are used.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of seeded chance; each purpose has a stream of its own, so that one can change without the others.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// The numbers of a seed for one purpose.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(purpose);
        Self(rng)
    }

    /// A whole number below `limit`; 0 where the limit is 0. The bias of scaling 32 bits is far below what is simulated.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(limit)) >> 32) as u32
    }

    /// Yes with a probability between 0 and 1.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        f64::from(self.0.next_u32()) < probability * 4_294_967_296.0
    }

    /// The position of a weight, chosen in proportion; none where all are 0.
    pub(super) fn choose(&mut self, weights: &[u32]) -> Option<usize> {
        let sum = weights.iter().sum();
        if sum == 0 {
            return None;
        }
        let mut rest = self.below(sum);
        weights.iter().position(|weight| {
            let here = rest < *weight;
            rest = rest.saturating_sub(*weight);
            here
        })
    }

    /// Nearly a standard normal: four 16-bit numbers added (mean 131,070, standard deviation 37,837), within ±3.47.
    /// Unlike a true normal it needs no logarithm, which differs from one system to the next.
    pub(super) fn normal(&mut self) -> f64 {
        let bits = self.0.next_u64();
        let sum: u32 = [0, 16, 32, 48].iter().map(|shift| (bits >> shift) as u32 & 0xffff).sum();
        (f64::from(sum) - 131_070.0) / 37_837.0
    }

    /// Ten bytes, the random part of a UUIDv7.
    pub(super) fn ten_bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
