//! A cache in front of rows that other processes may change: one load at a time for each key, the old value meanwhile.
//!
//! A value is fresh at first, then due: the first request that meets a due value starts its renewal in the background, and
//! requests are answered with the old value until the new one is there. From the age [`Ages::oldest`] on the old value is
//! not served any more; requests wait then, all for the same load. So a change made by another process (a revoked token,
//! a closed round) is honoured after `oldest` at the latest, however slow the database is.
//!
//! `moka` also coalesces loads. It is not used because it serves no value while that is renewed (moka-rs/moka#467, #526)
//! and reads a clock of its own, so that no test could hold the bound.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::StoreError;
use super::context::lock;

/// How old a value may become, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ages {
    /// Renewal begins at this age at the earliest.
    pub(super) due: i64,
    /// It begins this much later at the latest: keys that were loaded together are not renewed together.
    pub(super) spread: i64,
    /// From this age on a value is not served. More than the other two together, so that a renewal has time to end.
    pub(super) oldest: i64,
}

/// The next attempt after a renewal began, whether it failed or hangs. A database that is down gets few attempts.
const RETRY_MS: i64 = 250;

impl Ages {
    /// When a value is due. The spread follows from key and time, so that it needs no source of randomness.
    fn due_at(self, key: &(impl Hash + ?Sized), read_at: i64) -> i64 {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        read_at.hash(&mut hasher);
        let later = hasher.finish() % self.spread.max(1).unsigned_abs();
        read_at.saturating_add(self.due).saturating_add_unsigned(later)
    }

    /// Whether what was read at `read_at` may be served at `now`. After a clock was set back, no age is known: it may not.
    fn allow(self, read_at: i64, now: i64) -> bool {
        (0..self.oldest).contains(&now.saturating_sub(read_at))
    }
}

/// A bounded cache of values that are loaded by key.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    shared: Arc<Shared<K, V>>,
}

#[derive(Debug)]
struct Shared<K, V> {
    ages: Ages,
    most: usize,
    entries: Mutex<Entries<K, V>>,
}

/// Two generations: when the young one holds half of the bound it becomes the old one and the former old one is dropped. A
/// key that is asked for again moves to the young one, so that a flood of other keys does not push it out.
#[derive(Debug)]
struct Entries<K, V> {
    young: HashMap<K, Entry<V>>,
    old: HashMap<K, Entry<V>>,
    /// Loads begun so far; never reset, so that each has its own number.
    loads: u64,
}

#[derive(Debug)]
struct Entry<V> {
    known: Option<Known<V>>,
    loading: Option<Loading<V>>,
}

impl<V> Default for Entry<V> {
    fn default() -> Self {
        Self { known: None, loading: None }
    }
}

#[derive(Debug)]
struct Known<V> {
    value: V,
    /// When its load began: the value cannot be older.
    read_at: i64,
    due_at: i64,
}

/// What a load came to; none while it runs.
type Answer<V> = Option<Result<V, Arc<StoreError>>>;

#[derive(Debug)]
struct Loading<V> {
    number: u64,
    begun_at: i64,
    answer: watch::Receiver<Answer<V>>,
}

impl<V> Loading<V> {
    /// Whether a request at `now` may wait for it: what it reads is young enough, and its task has not died.
    fn may_be_joined(&self, ages: Ages, now: i64) -> bool {
        ages.allow(self.begun_at, now) && self.answer.has_changed().is_ok()
    }
}

/// A load that the request at hand has to begin.
#[derive(Debug)]
struct Begin<V> {
    number: u64,
    begun_at: i64,
    answer: watch::Sender<Answer<V>>,
}

/// What a request finds.
#[derive(Debug)]
enum Found<V> {
    Value(V),
    /// Nothing that may be served: wait for this.
    Coming(watch::Receiver<Answer<V>>),
}

impl<V: Clone> Entry<V> {
    fn look(&mut self, now: i64, ages: Ages, loads: &mut u64) -> (Found<V>, Option<Begin<V>>) {
        let coming = self.loading.as_ref().filter(|loading| loading.may_be_joined(ages, now));
        if let Some(known) = &mut self.known
            && ages.allow(known.read_at, now)
        {
            let found = Found::Value(known.value.clone());
            if now < known.due_at || coming.is_some() {
                return (found, None);
            }
            known.due_at = now.saturating_add(RETRY_MS);
            let (begin, _) = self.begin(now, loads);
            return (found, Some(begin));
        }
        if let Some(loading) = coming {
            return (Found::Coming(loading.answer.clone()), None);
        }
        let (begin, answer) = self.begin(now, loads);
        (Found::Coming(answer), Some(begin))
    }

    fn begin(&mut self, now: i64, loads: &mut u64) -> (Begin<V>, watch::Receiver<Answer<V>>) {
        *loads += 1;
        let (sender, answer) = watch::channel(None);
        self.loading = Some(Loading { number: *loads, begun_at: now, answer: answer.clone() });
        (Begin { number: *loads, begun_at: now, answer: sender }, answer)
    }
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A cache of at most `most` keys.
    pub(super) fn new(ages: Ages, most: usize) -> Self {
        let entries = Entries { young: HashMap::new(), old: HashMap::new(), loads: 0 };
        Self { shared: Arc::new(Shared { ages, most, entries: Mutex::new(entries) }) }
    }

    /// The value of `key` at `now`. Where it has to be loaded, `load` makes the future of that, which runs as a task of its
    /// own: a request that is given up does not take the load with it.
    ///
    /// # Errors
    /// That of the load, for each request that waited for it. The next request loads again.
    pub(super) async fn get<Q, L, F>(&self, key: &Q, now: i64, load: L) -> Result<V, StoreError>
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Hash + Eq + ?Sized,
        L: FnOnce() -> F,
        F: Future<Output = Result<V, StoreError>> + Send + 'static,
    {
        let (found, begin) = self.shared.look(key, now);
        if let Some(begin) = begin {
            let (shared, key, load) = (Arc::clone(&self.shared), key.to_owned(), load());
            tokio::spawn(async move {
                let result = load.await;
                shared.finish(&key, begin, result);
            });
        }
        let mut answer = match found {
            Found::Value(value) => return Ok(value),
            Found::Coming(answer) => answer,
        };
        // The sender is dropped without an answer only where the load panicked.
        let answer = answer.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
        match answer {
            Some(Ok(value)) => Ok(value),
            Some(Err(error)) => Err(error.repeated()),
            None => Err(StoreError::Inconsistent("a load broke off".to_owned())),
        }
    }

    /// Puts in the place of a known value what `change` makes of it; none leaves it. Its age stays.
    pub(super) fn amend<Q>(&self, key: &Q, change: impl FnOnce(&V) -> Option<V>)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut entries = lock(&self.shared.entries);
        if let Some(known) = entries.get_mut(key).and_then(|entry| entry.known.as_mut())
            && let Some(value) = change(&known.value)
        {
            known.value = value;
        }
    }

    /// Forgets everything, after a change made by this process. What a load reads that is under way may be older than the
    /// change: its requests get it, and it is not kept.
    pub(super) fn clear(&self) {
        let mut entries = lock(&self.shared.entries);
        entries.young.clear();
        entries.old.clear();
    }
}

impl<K: Hash + Eq, V> Entries<K, V> {
    fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut Entry<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        match self.young.get_mut(key) {
            Some(entry) => Some(entry),
            None => self.old.get_mut(key),
        }
    }
}

impl<K: Hash + Eq, V: Clone> Shared<K, V> {
    fn look<Q>(&self, key: &Q, now: i64) -> (Found<V>, Option<Begin<V>>)
    where
        K: Borrow<Q>,
        Q: ToOwned<Owned = K> + Hash + Eq + ?Sized,
    {
        let mut entries = lock(&self.entries);
        let Entries { young, old, loads } = &mut *entries;
        if let Some(entry) = young.get_mut(key) {
            return entry.look(now, self.ages, loads);
        }
        let mut entry = old.remove(key).unwrap_or_default();
        let looked = entry.look(now, self.ages, loads);
        if young.len() >= self.most / 2 {
            *old = std::mem::take(young);
        }
        young.insert(key.to_owned(), entry);
        looked
    }

    fn finish(&self, key: &K, begun: Begin<V>, result: Result<V, StoreError>) {
        let result = result.map_err(Arc::new);
        {
            let mut entries = lock(&self.entries);
            let entry = entries.get_mut(key);
            // No entry, or one that waits for another load: everything was forgotten meanwhile, or this load took so long
            // that another was begun.
            let own = |entry: &&mut Entry<V>| entry.loading.as_ref().is_some_and(|now| now.number == begun.number);
            if let Some(entry) = entry.filter(own) {
                entry.loading = None;
                if let Ok(value) = &result {
                    let due_at = self.ages.due_at(key, begun.begun_at);
                    entry.known = Some(Known { value: value.clone(), read_at: begun.begun_at, due_at });
                }
            }
        }
        if let Err(error) = &result {
            // A request that waits logs it too; of a renewal in the background this line alone tells.
            tracing::warn!(%error, "a cached value could not be loaded; the old one is served until it is too old");
        }
        begun.answer.send_replace(Some(result));
    }
}

#[cfg(test)]
mod tests;
