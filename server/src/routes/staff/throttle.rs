//! Slows guessing down without ever shutting a door: every budget refills by itself, and a browser that has signed in
//! before has one of its own, which nobody else can use up.
//!
//! Kept in tables of a fixed size, by a keyed hash: whatever an attacker sends takes no more memory, and pushes
//! nobody's count out.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Slots of a table. Two keys rarely meet in one; where they do they share a budget.
const SLOTS: u64 = 8_192;

/// Tries at once, and one more each time so many milliseconds have passed.
#[derive(Clone, Copy, Debug)]
struct Budget {
    tries: i64,
    refill_ms: i64,
}

/// A browser that has signed in to this account before: ten slips of the finger.
const KNOWN: Budget = Budget { tries: 10, refill_ms: 60_000 };
/// An unknown browser, by account and address prefix.
const UNKNOWN: Budget = Budget { tries: 10, refill_ms: 90_000 };
/// All unknown browsers on one account: a hundred an hour, however many addresses.
const ACCOUNT: Budget = Budget { tries: 100, refill_ms: 36_000 };
/// All unknown browsers of one address prefix: an office behind one address signs in at eight.
const PREFIX: Budget = Budget { tries: 60, refill_ms: 15_000 };

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Milliseconds' worth of tries that are left.
    left_ms: i64,
    at: i64,
    /// That it is empty was told once.
    told: bool,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// Milliseconds.
    pub(super) ms: i64,
    /// It is the first refusal of this kind: worth an entry of the log, the thousand after it are not.
    pub(super) first: bool,
}

impl Wait {
    /// Whole minutes, at least one.
    pub(super) fn minutes(self) -> i64 {
        self.ms.div_euclid(60_000) + 1
    }
}

/// Who tries.
#[derive(Clone, Copy, Debug)]
pub(super) enum From<'a> {
    /// A browser that has signed in to this account before, by its id.
    Known(&'a [u8]),
    /// Another one, by its address.
    Unknown(Option<IpAddr>),
}

/// The budgets of this process.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    state: RandomState,
    buckets: Mutex<HashMap<(u8, u64), Bucket>>,
}

impl Throttle {
    /// Takes one try at an account. Unknown login names have budgets as real ones have.
    ///
    /// # Errors
    /// How long to wait; nothing was taken then.
    pub(super) fn take(&self, login: &str, from: From<'_>, now: i64) -> Result<(), Wait> {
        let keys = self.keys(login, from);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, budget) in &keys {
            let bucket = filled(&mut buckets, *key, *budget, now);
            if bucket.left_ms < budget.refill_ms {
                let first = !std::mem::replace(&mut bucket.told, true);
                return Err(Wait { ms: budget.refill_ms - bucket.left_ms, first });
            }
        }
        for (key, budget) in &keys {
            let bucket = filled(&mut buckets, *key, *budget, now);
            bucket.left_ms -= budget.refill_ms;
            bucket.told = false;
        }
        Ok(())
    }

    /// Gives the try back: it was a good one.
    pub(super) fn give_back(&self, login: &str, from: From<'_>, now: i64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, budget) in self.keys(login, from) {
            let bucket = filled(&mut buckets, key, budget, now);
            bucket.left_ms = (bucket.left_ms + budget.refill_ms).min(budget.tries * budget.refill_ms);
        }
    }

    fn keys(&self, login: &str, from: From<'_>) -> Vec<((u8, u64), Budget)> {
        let slot = |table: u8, key: u64| (table, key % SLOTS);
        match from {
            From::Known(id) => vec![(slot(0, self.state.hash_one((login, id))), KNOWN)],
            From::Unknown(address) => {
                let prefix = address.map(prefix_of);
                vec![
                    (slot(1, self.state.hash_one((login, prefix))), UNKNOWN),
                    (slot(2, self.state.hash_one(login)), ACCOUNT),
                    (slot(3, self.state.hash_one(prefix)), PREFIX),
                ]
            }
        }
    }
}

fn filled(buckets: &mut HashMap<(u8, u64), Bucket>, key: (u8, u64), budget: Budget, now: i64) -> &mut Bucket {
    let full = budget.tries * budget.refill_ms;
    let bucket = buckets.entry(key).or_insert(Bucket { left_ms: full, at: now, told: false });
    let passed = now.saturating_sub(bucket.at).clamp(0, full);
    bucket.left_ms = (bucket.left_ms + passed).min(full);
    bucket.at = bucket.at.max(now);
    bucket
}

/// What one customer of a provider has: 24 bits of IPv4, 56 of IPv6.
fn prefix_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address) >> 8),
        IpAddr::V6(address) => (1 << 64) | (u128::from(address) >> 72),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> From<'static> {
        From::Unknown(Some(text.parse().expect("an address")))
    }

    #[test]
    fn guessing_runs_dry_and_refills_by_itself() {
        let throttle = Throttle::default();
        let taken = (0..50).filter(|_| throttle.take("lan", at("192.0.2.1"), 0).is_ok()).count();
        assert_eq!(taken, 10);
        let wait = throttle.take("lan", at("192.0.2.99"), 1_000).expect_err("the same prefix");
        assert_eq!((wait.minutes(), wait.first), (2, false), "it was told already");
        assert!(throttle.take("lan", at("192.0.2.1"), 90_000).is_ok());
    }

    #[test]
    fn only_the_first_refusal_is_worth_an_entry() {
        let throttle = Throttle::default();
        let waits: Vec<bool> =
            (0..14).filter_map(|_| throttle.take("lan", at("192.0.2.1"), 0).err()).map(|wait| wait.first).collect();
        assert_eq!(waits, [true, false, false, false]);
    }

    #[test]
    fn nobody_uses_up_the_budget_of_a_browser_that_has_signed_in_before() {
        let throttle = Throttle::default();
        for n in 0..3_000_u32 {
            let address = IpAddr::from((n << 8).to_be_bytes());
            let _ = throttle.take("lan", From::Unknown(Some(address)), 0);
        }
        assert!(throttle.take("lan", at("198.51.100.1"), 0).is_err(), "a new browser has to wait");
        assert!(throttle.take("lan", From::Known(&[1; 16]), 0).is_ok(), "a known one does not");
    }

    #[test]
    fn one_address_that_tries_every_name_runs_dry_too() {
        let throttle = Throttle::default();
        let taken = (0..500).filter(|n| throttle.take(&n.to_string(), at("192.0.2.1"), 0).is_ok()).count();
        assert!(taken <= 60, "{taken}");
        assert!(throttle.take("lan", at("198.51.100.1"), 0).is_ok(), "elsewhere nothing is felt of it");
    }

    #[test]
    fn a_good_try_costs_nothing() {
        let throttle = Throttle::default();
        for _ in 0..200 {
            assert!(throttle.take("lan", at("192.0.2.1"), 0).is_ok());
            throttle.give_back("lan", at("192.0.2.1"), 0);
        }
    }
}
