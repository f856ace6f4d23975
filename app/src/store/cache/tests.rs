//! The cache under a clock that the test moves and loads that the test lets end.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use futures::future::join_all;
use proptest::prelude::*;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::*;

const AGES: Ages = Ages { due: 1_000, spread: 500, oldest: 2_000 };
/// Every value is due by then.
const DUE: i64 = AGES.due + AGES.spread;

/// A row of a database: loads read it when they begin and end when they are let.
#[derive(Clone, Debug)]
struct Row {
    value: Arc<AtomicI64>,
    begun: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
    broken: Arc<AtomicI64>,
}

impl Row {
    fn new(value: i64) -> Self {
        Self {
            value: Arc::new(AtomicI64::new(value)),
            begun: Arc::default(),
            under_way: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            broken: Arc::default(),
        }
    }

    /// One whose loads end at once.
    fn quick(value: i64) -> Self {
        let row = Self::new(value);
        row.gate.add_permits(1_000_000);
        row
    }

    fn set(&self, value: i64) {
        self.value.store(value, Ordering::Relaxed);
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::Relaxed)
    }

    async fn load(self) -> Result<i64, StoreError> {
        let read = self.value.load(Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let permit = self.gate.acquire().await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        permit.forget();
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        match self.broken.load(Ordering::Relaxed) {
            0 => Ok(read),
            1 => Err(StoreError::Unavailable("the disk is full".to_owned())),
            _ => panic!("a load may panic"),
        }
    }
}

type Numbers = Arc<Cache<u32, i64>>;

fn numbers() -> Numbers {
    Arc::new(Cache::new(AGES, 100))
}

/// A request, as a task of its own.
fn ask(cache: &Numbers, key: u32, now: i64, row: &Row) -> JoinHandle<Result<i64, StoreError>> {
    let (cache, row) = (Arc::clone(cache), row.clone());
    tokio::spawn(async move { cache.get(&key, now, || row.load()).await })
}

/// Lets every task go as far as it can.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// What a request is answered at once; none where it waits.
async fn at_once(cache: &Numbers, now: i64, row: &Row) -> Option<i64> {
    let asked = ask(cache, 1, now, row);
    settle().await;
    if asked.is_finished() { asked.await.expect("no panic").ok() } else { None }
}

#[tokio::test]
async fn requests_at_the_same_time_cause_one_load() {
    let (cache, row) = (numbers(), Row::new(7));
    let asked: Vec<_> = (0..64).map(|_| ask(&cache, 1, 0, &row)).collect();
    settle().await;
    assert_eq!(row.begun(), 1);
    row.gate.add_permits(64);
    for answer in join_all(asked).await {
        assert_eq!(answer.expect("no panic").expect("loaded"), 7);
    }
    assert_eq!(row.begun(), 1);
}

#[tokio::test]
async fn the_old_value_is_served_while_one_load_renews_it() {
    let (cache, row) = (numbers(), Row::new(1));
    row.gate.add_permits(1);
    assert_eq!(at_once(&cache, 0, &row).await, Some(1));
    row.set(2);
    for _ in 0..64 {
        assert_eq!(at_once(&cache, DUE, &row).await, Some(1), "no request waits for a renewal");
    }
    assert_eq!(row.begun(), 2, "one renewal, however many ask");
    row.gate.add_permits(1);
    settle().await;
    assert_eq!(at_once(&cache, DUE, &row).await, Some(2));
    assert_eq!(row.begun(), 2);
}

#[tokio::test]
async fn a_value_is_not_served_from_its_oldest_age_on_however_slow_the_load_is() {
    let (cache, row) = (numbers(), Row::new(1));
    row.gate.add_permits(1);
    assert_eq!(at_once(&cache, 0, &row).await, Some(1));
    row.set(0);
    assert_eq!(at_once(&cache, AGES.oldest - 1, &row).await, Some(1));
    let waits = ask(&cache, 1, AGES.oldest, &row);
    settle().await;
    assert!(!waits.is_finished(), "what was revoked is served no more");
    row.gate.add_permits(1);
    assert_eq!(waits.await.expect("no panic").expect("loaded"), 0);
    assert_eq!(row.begun(), 2, "a request that waits joins the renewal that is under way");
}

#[tokio::test]
async fn a_load_that_hangs_is_not_joined_for_ever_and_what_it_brings_late_is_not_kept() {
    let (cache, row, slow) = (numbers(), Row::quick(2), Row::new(1));
    let first = ask(&cache, 1, 0, &slow);
    settle().await;
    assert_eq!(at_once(&cache, AGES.oldest, &row).await, Some(2), "it may have read what is too old by now");
    slow.gate.add_permits(1);
    assert_eq!(first.await.expect("no panic").expect("loaded"), 1);
    assert_eq!(at_once(&cache, AGES.oldest + 1, &row).await, Some(2));
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_value_until_it_is_too_old_and_poisons_nothing() {
    for broken in [1, 2] {
        let (cache, row) = (numbers(), Row::quick(1));
        assert_eq!(at_once(&cache, 0, &row).await, Some(1));
        row.broken.store(broken, Ordering::Relaxed);
        for _ in 0..10 {
            assert_eq!(at_once(&cache, DUE, &row).await, Some(1));
        }
        assert_eq!(row.begun(), 2, "a database that is down is not asked by every request");
        assert_eq!(at_once(&cache, DUE + RETRY_MS, &row).await, Some(1));
        assert_eq!(row.begun(), 3);
        let answers = join_all((0..8).map(|_| ask(&cache, 1, AGES.oldest, &row))).await;
        assert!(answers.into_iter().all(|answer| answer.expect("the request does not panic").is_err()));
        assert_eq!(row.begun(), 4, "all of them get the error of one load");
        row.broken.store(0, Ordering::Relaxed);
        assert_eq!(at_once(&cache, AGES.oldest, &row).await, Some(1), "the next request loads again");
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_the_load_to_the_others() {
    let (cache, row) = (numbers(), Row::new(5));
    let first = ask(&cache, 1, 0, &row);
    settle().await;
    let second = ask(&cache, 1, 0, &row);
    settle().await;
    first.abort();
    settle().await;
    row.gate.add_permits(1);
    assert_eq!(second.await.expect("no panic").expect("loaded"), 5);
    assert_eq!(row.begun(), 1);
}

#[tokio::test]
async fn what_a_load_read_before_a_change_of_this_process_is_not_kept() {
    let (cache, row) = (numbers(), Row::new(1));
    let before = ask(&cache, 1, 0, &row);
    settle().await;
    row.set(2);
    cache.clear();
    let after = ask(&cache, 1, 0, &row);
    settle().await;
    row.gate.add_permits(2);
    assert_eq!(before.await.expect("no panic").expect("loaded"), 1);
    assert_eq!(after.await.expect("no panic").expect("loaded"), 2);
    assert_eq!(at_once(&cache, 0, &row).await, Some(2));
    assert_eq!(row.begun(), 2);
}

#[tokio::test]
async fn after_a_clock_was_set_back_nothing_is_served_that_has_no_age() {
    let (cache, row) = (numbers(), Row::quick(1));
    assert_eq!(at_once(&cache, 3_600_000, &row).await, Some(1));
    row.set(2);
    assert_eq!(at_once(&cache, 0, &row).await, Some(2));
}

#[tokio::test]
async fn an_amended_value_keeps_its_age() {
    let (cache, row) = (numbers(), Row::quick(1));
    cache.amend(&1, |_| Some(9));
    assert_eq!(at_once(&cache, 0, &row).await, Some(1), "what is not there is not amended");
    cache.amend(&1, |known| Some(known + 10));
    cache.amend(&1, |_| None);
    assert_eq!(at_once(&cache, 1, &row).await, Some(11));
    assert_eq!(at_once(&cache, AGES.oldest, &row).await, Some(1));
}

#[test]
fn keys_that_were_loaded_together_are_due_one_after_another() {
    let mut due: Vec<i64> = (0..60_u32).map(|key| AGES.due_at(&key, 0)).collect();
    due.sort_unstable();
    assert!(due.iter().all(|at| (AGES.due..DUE).contains(at)), "{due:?}");
    // 60 keys in half a second: no 20 ms have a quarter of them.
    let most = due.iter().map(|from| due.iter().filter(|at| (*from..from + 20).contains(at)).count()).max();
    assert!(most.is_some_and(|most| most < 15), "{due:?}");
    let again: Vec<i64> = (0..60_u32).map(|key| AGES.due_at(&key, 5_000) - 5_000).collect();
    assert_ne!(
        again[0..5],
        (0..5_u32).map(|key| AGES.due_at(&key, 0)).collect::<Vec<_>>()[..],
        "nor in the same order"
    );
}

#[tokio::test]
async fn a_flood_of_keys_stays_within_the_bound_and_leaves_the_key_that_is_asked_for() {
    let (cache, row, other) = (numbers(), Row::quick(1), Row::quick(0));
    assert_eq!(at_once(&cache, 0, &row).await, Some(1));
    for key in 2..2_000 {
        ask(&cache, key, 0, &other).await.expect("no panic").expect("loaded");
        ask(&cache, 1, 0, &row).await.expect("no panic").expect("loaded");
        let entries = lock(&cache.shared.entries);
        assert!(entries.young.len() + entries.old.len() <= 100);
    }
    assert_eq!(row.begun(), 1);
}

/// What may happen to one key.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time goes by.
    Wait(i64),
    /// Another process changes the row.
    Change,
    /// A request asks.
    Ask,
    /// So many loads may end.
    End(usize),
    /// Loads that end from now on fail, or succeed again.
    Break(bool),
    /// This process changes the row and forgets what it knows.
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..1_200_i64).prop_map(Step::Wait),
        2 => Just(Step::Change),
        6 => Just(Step::Ask),
        3 => (1..3_usize).prop_map(Step::End),
        1 => any::<bool>().prop_map(Step::Break),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens in whatever order: an answer is never older than the bound when it was asked for, nor older than
    /// the last change of this process, and all requests are answered in the end.
    #[test]
    fn no_answer_is_older_than_the_bound(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (cache, row) = (numbers(), Row::new(0));
            let mut now = 0_i64;
            // When the row got which value; its values count up.
            let mut changes = vec![(i64::MIN, 0_i64)];
            let mut cleared = 0_i64;
            let mut asked: Vec<(i64, i64, JoinHandle<_>)> = vec![];
            let value_at = |changes: &[(i64, i64)], at: i64| {
                changes.iter().rev().find(|(from, _)| *from <= at).map_or(0, |(_, value)| *value)
            };
            for step in steps {
                match step {
                    Step::Wait(ms) => now += ms,
                    Step::Change | Step::Clear => {
                        let next = changes.last().map_or(0, |(_, value)| value + 1);
                        row.set(next);
                        changes.push((now, next));
                        if matches!(step, Step::Clear) {
                            cache.clear();
                            cleared = next;
                        }
                    }
                    Step::Ask => {
                        let oldest = value_at(&changes, now - AGES.oldest);
                        asked.push((oldest.max(cleared), now, ask(&cache, 1, now, &row)));
                    }
                    Step::End(n) => row.gate.add_permits(n),
                    Step::Break(on) => row.broken.store(i64::from(on), Ordering::Relaxed),
                }
                settle().await;
            }
            row.gate.add_permits(1_000);
            settle().await;
            for (oldest, at, answer) in asked {
                assert!(answer.is_finished(), "a request at {at} was not answered");
                if let Ok(value) = answer.await.expect("no panic") {
                    assert!(value >= oldest, "at {at}: {value}, and {oldest} is the oldest that may be served");
                }
            }
            assert_eq!(row.under_way.load(Ordering::Relaxed), 0);
        });
    }
}
