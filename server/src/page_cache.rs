//! Ready pages within a bound of bytes: rendered and compressed once per key, then handed out.
//!
//! Knows nothing of pages: the key says all that a page depends on (version, address, language, encoding), so nothing
//! is ever invalidated; what is no longer asked for ages out. Two generations: when the young one holds half of the
//! bound it becomes the old one and the former old one is dropped. What is asked for again is carried over.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// What an entry costs beside its page: key, map slot, counters. A guess on the high side.
const ENTRY_BYTES: usize = 256;

/// Filled once; who comes while it is being filled waits for that page instead of making another.
type Slot<V> = Arc<OnceLock<Arc<V>>>;

/// A bounded cache of values that are costly to make.
#[derive(Debug)]
pub struct PageCache<K, V> {
    generations: Mutex<Generations<K, V>>,
    bytes_max: usize,
    weigh: fn(&V) -> usize,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, Slot<V>>,
    old: HashMap<K, Slot<V>>,
    young_bytes: usize,
}

impl<K: Eq + Hash, V> PageCache<K, V> {
    /// A cache of at most `bytes_max` bytes, as `weigh` counts them, and one page more.
    pub fn new(bytes_max: usize, weigh: fn(&V) -> usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), young_bytes: 0 };
        Self { generations: Mutex::new(generations), bytes_max, weigh }
    }

    /// The value of `key`, made by `make` where it is not there: without the lock held, and once however many ask.
    pub fn get_or_make(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let slot = self.slot(key);
        let mut made_bytes = None;
        let value = slot.get_or_init(|| {
            let value = make();
            made_bytes = Some((self.weigh)(&value) + ENTRY_BYTES);
            Arc::new(value)
        });
        if let Some(bytes) = made_bytes {
            self.count(&mut self.lock(), bytes);
        }
        Arc::clone(value)
    }

    /// The value of `key`, where it is there: for values that are made in steps that wait.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let generations = self.lock();
        let slot = generations.young.get(key).or_else(|| generations.old.get(key))?;
        slot.get().map(Arc::clone)
    }

    /// How many pages are held, for the metrics.
    pub fn len(&self) -> usize {
        let generations = self.lock();
        generations.young.len() + generations.old.len()
    }

    /// Whether no page is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slot(&self, key: K) -> Slot<V> {
        let mut generations = self.lock();
        if let Some(slot) = generations.young.get(&key) {
            return Arc::clone(slot);
        }
        let slot = generations.old.remove(&key).unwrap_or_default();
        let carried_bytes = slot.get().map_or(0, |value| (self.weigh)(value) + ENTRY_BYTES);
        generations.young.insert(key, Arc::clone(&slot));
        self.count(&mut generations, carried_bytes);
        slot
    }

    fn count(&self, generations: &mut Generations<K, V>, bytes: usize) {
        generations.young_bytes += bytes;
        if generations.young_bytes > self.bytes_max / 2 {
            generations.old = std::mem::take(&mut generations.young);
            generations.young_bytes = 0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        // Whoever panicked with the lock left at worst a page uncounted.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(bytes_max: usize) -> PageCache<u32, Vec<u8>> {
        PageCache::new(bytes_max, Vec::len)
    }

    #[test]
    fn a_page_is_made_once_and_then_handed_out() {
        let cache = cache(100_000);
        cache.get_or_make(1, || b"first".to_vec());
        let again = cache.get_or_make(1, || b"never made".to_vec());
        assert_eq!(*again, b"first");
    }

    #[test]
    fn many_who_ask_at_once_get_the_page_of_one() {
        let (cache, made) = (cache(100_000), std::sync::atomic::AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    cache.get_or_make(1, || {
                        made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        std::thread::sleep(std::time::Duration::from_millis(5));
                        vec![0; 10]
                    })
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn a_flood_of_addresses_stays_within_the_bound_and_leaves_the_popular_page() {
        let cache = cache(100_000);
        cache.get_or_make(0, || vec![7; 1_000]);
        for key in 1..10_000 {
            cache.get_or_make(key, || vec![0; 1_000]);
            cache.get_or_make(0, || unreachable!("the popular page was dropped"));
            assert!(cache.len() <= 100_000 / 1_000);
        }
    }
}
