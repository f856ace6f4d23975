//! The one writer of a process: collects what arrives while a commit is under way, commits it in one transaction, and
//! only then answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::commit::Packed;
use super::error::{Trouble, trouble};
use super::{Store, StoreError};
use crate::domain::response::NewResponse;
use crate::server_side::clock::Stopwatch;

/// Most responses of one transaction: above it, latency grows and throughput does not.
const BATCH: usize = 512;
/// Most responses waiting: about half a second of work. More is answered with "busy", not with silence.
const QUEUE: usize = 16_384;
/// How often a transaction that met another is tried again.
const RETRIES: u32 = 5;
/// How long a client waits for its commit before it is told to try again; the resend is recognised by its id.
const PATIENCE: Duration = Duration::from_secs(20);

/// What became of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Stored now.
    New,
    /// Its id was there, open, and now holds this content.
    Changed,
    /// It was there already: the same success again.
    Duplicate,
    /// Its id is there, closed, with other content: nothing changed.
    Conflict,
}

/// The answer to a submission, given after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The id of the response.
    pub id: Uuid,
    /// Its serial number, from which the receipt is made.
    pub serial: i64,
    /// What happened.
    pub stored: Stored,
    /// When the stored response first arrived, milliseconds since 1970 UTC.
    pub received_at: i64,
}

/// Counters of the writer since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterStats {
    /// Responses waiting now.
    pub queued: u64,
    /// Transactions committed.
    pub commits: u64,
    /// Responses in them.
    pub responses: u64,
    /// Microseconds spent in commits.
    pub commit_us: u64,
    /// Transactions that failed and were answered with an error.
    pub failures: u64,
}

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    responses: AtomicU64,
    commit_us: AtomicU64,
    failures: AtomicU64,
}

type Reply = oneshot::Sender<Vec<Result<Outcome, StoreError>>>;

struct Job {
    items: Vec<Packed>,
    reply: Reply,
    /// Held until the job is done; given back when it is dropped.
    room: OwnedSemaphorePermit,
}

/// The way to the writer task.
#[derive(Debug)]
pub(super) struct Handle {
    jobs: Mutex<Option<mpsc::UnboundedSender<Job>>>,
    /// A second sender-side handle without the lock, for the hot path.
    hot: mpsc::WeakUnboundedSender<Job>,
    room: Arc<Semaphore>,
    counters: Arc<Counters>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Store {
    /// Starts the writer and the fold of this process. Further calls do nothing.
    pub fn start(&self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let counters = Arc::new(Counters::default());
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let handle = Handle {
            hot: sender.downgrade(),
            jobs: Mutex::new(Some(sender)),
            room: Arc::new(Semaphore::new(QUEUE)),
            counters: counters.clone(),
            tasks: Mutex::default(),
            stop,
        };
        if self.inner.writer.set(handle).is_err() {
            return;
        }
        let writer = tokio::spawn(run(self.clone(), receiver, counters));
        let fold = tokio::spawn(super::fold::run(self.clone(), stopped));
        if let Some(handle) = self.inner.writer.get()
            && let Ok(mut tasks) = handle.tasks.try_lock()
        {
            tasks.extend([writer, fold]);
        }
    }

    /// Takes nothing more, commits what is waiting, folds, and ends the tasks.
    pub async fn shutdown(&self) {
        let Some(handle) = self.inner.writer.get() else { return };
        handle.jobs.lock().await.take();
        let tasks: Vec<_> = handle.tasks.lock().await.drain(..).collect();
        let mut tasks = tasks.into_iter();
        if let Some(writer) = tasks.next() {
            // A panic inside was already counted as a failure.
            let _ = writer.await;
        }
        let _ = handle.stop.send(true);
        for task in tasks {
            let _ = task.await;
        }
    }

    /// Submits one response; answers after the commit.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the queue is full, [`StoreError::Unavailable`] when the database cannot write:
    /// nothing was acknowledged then, and the same may be sent again.
    pub async fn submit(&self, response: NewResponse) -> Result<Outcome, StoreError> {
        let mut outcomes = self.submit_many(vec![response]).await?;
        outcomes.pop().unwrap_or_else(|| Err(StoreError::Inconsistent("the writer gave no answer".to_owned())))
    }

    /// Submits several responses together; outcomes come in the same order, after the commit.
    pub async fn submit_many(
        &self,
        responses: Vec<NewResponse>,
    ) -> Result<Vec<Result<Outcome, StoreError>>, StoreError> {
        if responses.is_empty() {
            return Ok(vec![]);
        }
        let handle = self.inner.writer.get().ok_or(StoreError::Busy)?;
        let sender = handle.hot.upgrade().ok_or(StoreError::Busy)?;
        let room = u32::try_from(responses.len()).map_err(|_| StoreError::Busy)?;
        let room = handle.room.clone().try_acquire_many_owned(room).map_err(|_| StoreError::Busy)?;
        let items = self.pack_all(responses).await?;
        let (reply, answer) = oneshot::channel();
        sender.send(Job { items, reply, room }).map_err(|_| StoreError::Busy)?;
        drop(sender);
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(outcomes)) => Ok(outcomes),
            Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable("the commit did not finish in time".to_owned())),
        }
    }

    pub(super) async fn pack_all(&self, responses: Vec<NewResponse>) -> Result<Vec<Packed>, StoreError> {
        let rounds = self.rounds().await?;
        responses
            .into_iter()
            .map(|mut response| {
                let round = rounds.iter().find(|r| r.round.id == response.round);
                let round = round.ok_or_else(|| StoreError::Refused("the round does not exist".to_owned()))?;
                round.settle(&mut response);
                Ok(Packed { sheet: response.sheet.pack(&round.questionnaire), round: round.clone(), response })
            })
            .collect()
    }

    /// Counters of the writer; none while it has not been started.
    pub fn writer_stats(&self) -> Option<WriterStats> {
        let handle = self.inner.writer.get()?;
        let c = &handle.counters;
        Some(WriterStats {
            queued: (QUEUE - handle.room.available_permits()) as u64,
            commits: c.commits.load(Ordering::Relaxed),
            responses: c.responses.load(Ordering::Relaxed),
            commit_us: c.commit_us.load(Ordering::Relaxed),
            failures: c.failures.load(Ordering::Relaxed),
        })
    }

    /// Whether the writer task takes responses.
    pub fn writer_alive(&self) -> bool {
        self.inner.writer.get().is_some_and(|h| h.hot.upgrade().is_some_and(|s| !s.is_closed()))
    }
}

async fn run(store: Store, mut jobs: mpsc::UnboundedReceiver<Job>, counters: Arc<Counters>) {
    while let Some(first) = jobs.recv().await {
        let mut batch = vec![first];
        let mut n = batch[0].items.len();
        while n < BATCH
            && let Ok(job) = jobs.try_recv()
        {
            n += job.items.len();
            batch.push(job);
        }
        let mut items = Vec::with_capacity(n);
        for job in &mut batch {
            items.append(&mut job.items);
        }
        let lengths: Vec<(Reply, usize, OwnedSemaphorePermit)> = batch
            .into_iter()
            .map(|job| {
                let n = job.room.num_permits();
                (job.reply, n, job.room)
            })
            .collect();
        let watch = Stopwatch::start();
        let mut outcomes = commit_in_parts(&store, &items).await.into_iter();
        counters.commits.fetch_add(1, Ordering::Relaxed);
        counters.responses.fetch_add(n as u64, Ordering::Relaxed);
        counters.commit_us.fetch_add(watch.elapsed().as_micros() as u64, Ordering::Relaxed);
        for (reply, n, _room) in lengths {
            let outcomes: Vec<_> = outcomes.by_ref().take(n).collect();
            counters.failures.fetch_add(outcomes.iter().filter(|o| o.is_err()).count() as u64, Ordering::Relaxed);
            // Who no longer listens will resend.
            let _ = reply.send(outcomes);
        }
    }
}

/// Commits a batch; where it fails for what is in it, commits its halves, so that one bad item cannot refuse the others.
fn commit_in_parts<'a>(
    store: &'a Store,
    items: &'a [Packed],
) -> futures::future::BoxFuture<'a, Vec<Result<Outcome, StoreError>>> {
    Box::pin(async move {
        let error = match commit_again(store, items).await {
            Ok(outcomes) => return outcomes.into_iter().map(Ok).collect(),
            Err(error) => error,
        };
        match error {
            StoreError::Unavailable(_) | StoreError::Busy => {
                tracing::error!(%error, responses = items.len(), "nothing was written");
                items.iter().map(|_| Err(StoreError::Unavailable(error.to_string()))).collect()
            }
            error if items.len() > 1 => {
                tracing::warn!(%error, responses = items.len(), "a batch failed and is tried in halves");
                let (left, right) = items.split_at(items.len() / 2);
                let mut outcomes = commit_in_parts(store, left).await;
                outcomes.extend(commit_in_parts(store, right).await);
                outcomes
            }
            error => {
                tracing::error!(%error, "a response could not be written");
                vec![Err(error)]
            }
        }
    })
}

/// Commits, once more after each meeting with another transaction. A panic inside reads as an error.
async fn commit_again(store: &Store, items: &[Packed]) -> Result<Vec<Outcome>, StoreError> {
    let mut tries = 0;
    loop {
        let result = std::panic::AssertUnwindSafe(store.commit(items)).catch_unwind().await;
        match result {
            Ok(Ok(outcomes)) => return Ok(outcomes),
            Ok(Err(StoreError::Busy)) if tries < RETRIES => tries += 1,
            Ok(Err(StoreError::Database(error))) if trouble(&error) == Trouble::Contention && tries < RETRIES => {
                tries += 1;
            }
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(StoreError::Inconsistent("the commit panicked".to_owned())),
        }
        tokio::time::sleep(Duration::from_millis(5 << tries)).await;
    }
}

impl Store {
    /// Writes responses straight away, in chunks, and folds: for commands that run without the writer. Returns how
    /// many were new.
    pub async fn import(&self, responses: impl Iterator<Item = NewResponse>) -> Result<u64, StoreError> {
        /// Rows of one chunk; the fold comes after every fifty, so that deltas stay few, and into the one-way tallies
        /// seldom, for each time most of them are written anew.
        const CHUNK: usize = 1_000;
        const CHUNKS_PER_FOLD: usize = 50;
        const CHUNKS_PER_FULL_FOLD: usize = 500;
        let mut responses = responses.peekable();
        let mut new = 0;
        let mut chunks = 0;
        while responses.peek().is_some() {
            let chunk: Vec<NewResponse> = responses.by_ref().take(CHUNK).collect();
            let items = self.pack_all(chunk).await?;
            new += commit_again(self, &items).await?.iter().filter(|o| o.stored == Stored::New).count() as u64;
            chunks += 1;
            if chunks % CHUNKS_PER_FULL_FOLD == 0 {
                self.fold_all().await?;
            } else if chunks % CHUNKS_PER_FOLD == 0 {
                self.fold_tallies().await?;
            }
        }
        self.fold_all().await?;
        Ok(new)
    }
}
