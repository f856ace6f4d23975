//! The way out: batches to the server and its proofs back, the kit from it, and the beat that drives both.

use leptos::prelude::*;
use serde::Deserialize;

use super::device::{self, Answer};
use super::state::{Screen, Tablet, keys};
use super::store::Change;
use crate::domain::field_work::{Kit, Lease, What, Work};
use crate::domain::hex::from_hex;
use crate::domain::moment::CLOCK_SLACK_MS;
use crate::offline::queue::{Failure, Kind, Queue, Record, Reply};
use crate::offline::seal::proves;
use crate::offline::shift::{Idle, idle};

/// Between two looks at clock, network and outbox, in milliseconds.
const BEAT_MS: i32 = 1_000;
/// The kit is fetched anew this often while there is a network, in beats (10 minutes).
const KIT_BEATS: u32 = 600;
/// What others of this tablet have finished is sent this often, in beats.
const OTHERS_BEATS: u32 = 20;
/// The device's own facts are looked at this often, in beats.
const FACT_BEATS: u32 = 10;
/// Between two looks at whether another request has come back, in milliseconds.
const TURN_MS: i32 = 50;
/// A profile that nobody touched for so long is locked, in milliseconds (15 minutes).
const LOCK_MS: i64 = 15 * 60_000;

#[derive(Deserialize)]
struct Replies {
    results: Vec<Reply>,
}

/// What the answer to an event says of a lease.
#[derive(Deserialize)]
struct Leased {
    results: Vec<OfEvent>,
}

#[derive(Deserialize)]
struct OfEvent {
    id: String,
    lease: Option<Lease>,
}

impl Tablet {
    /// The beat: for as long as the page lives.
    pub(super) async fn beat(self) {
        let mut beats: u32 = 0;
        let mut before = device::now();
        loop {
            device::sleep(BEAT_MS).await;
            beats = beats.wrapping_add(1);
            let now = device::now();
            if now < before.saturating_sub(CLOCK_SLACK_MS) {
                self.forget_clock().await;
            }
            before = now;
            if beats % OTHERS_BEATS == 1 && device::is_online() {
                self.send_of_others().await;
            }
            if beats.is_multiple_of(FACT_BEATS) {
                self.look_at_device().await;
            }
            let Some(work) = self.open.with_untracked(|open| open.as_ref().map(|open| open.profile.work)) else {
                continue;
            };
            if work != Work::Kiosk && device::now().saturating_sub(self.touched.get_value()) > LOCK_MS {
                self.lock();
                continue;
            }
            if device::is_online() {
                if beats.is_multiple_of(KIT_BEATS) {
                    let _ = self.fetch_kit().await;
                }
                self.send_all(false).await;
            }
        }
    }

    /// Whether anybody is still at the kiosk.
    pub(super) fn idle(self) -> Idle {
        idle(self.touched.get_value(), device::now())
    }

    /// Fetches the kit. Says whether the server was there. Never beside a request that sends: what a kit says of a lease
    /// counts then all that was kept before it came, and nothing that was kept after.
    pub(super) async fn fetch_kit(self) -> bool {
        while self.sending.get_untracked() {
            device::sleep(TURN_MS).await;
        }
        self.sending.set(true);
        let reached = self.ask_for_kit().await;
        self.sending.set(false);
        if reached {
            device::look_for_newer().await;
        }
        reached
    }

    async fn ask_for_kit(self) -> bool {
        let asker = self.open.with_untracked(|open| open.as_ref().map(|o| (o.pid.clone(), o.secrets.token.clone())));
        let Some((pid, token)) = asker else { return false };
        // The supervisor sees how much is still on the device.
        let waiting = self.queue.with_untracked(|queue| {
            let here = |kind| queue.counts(kind).waiting + queue.counts(kind).held;
            here(Kind::Response) + here(Kind::Event)
        });
        let path = format!("/api/v1/field/kit?waiting={waiting}");
        let Ok(answer) = device::ask("GET", &path, Some(&token), None).await else { return false };
        if !self.is_open(&pid) {
            // Another works here by now: this kit, and the names in it, are not for that one.
            return true;
        }
        match answer.status {
            200 => {
                // A kit that this bundle cannot read is one of a newer server: what is here stays in use.
                if let Ok(kit) = serde_json::from_slice::<Kit>(answer.body.as_bytes()) {
                    drop(self.keep_kit(kit).await);
                }
            }
            401 => self.forget_contacts().await,
            _ => return false,
        }
        true
    }

    /// Whether this profile is the one that is open.
    pub(super) fn is_open(self, pid: &str) -> bool {
        self.open.with_untracked(|open| open.as_ref().is_some_and(|open| open.pid == pid))
    }

    /// Sends what is waiting: everything now, or what is due. One request at a time.
    pub(super) async fn send_all(self, now: bool) {
        if self.sending.get_untracked() {
            return;
        }
        self.sending.set(true);
        if now {
            self.queue.update(Queue::hurry);
        }
        // Answers first: what happened on the way is worth less than what was said.
        let mut asked = false;
        for kind in [Kind::Response, Kind::Event] {
            while self.queue.with_untracked(|queue| queue.is_due(device::now()) && queue.counts(kind).waiting > 0) {
                asked = true;
                if !self.send_batch(kind).await {
                    break;
                }
            }
        }
        self.clear_out().await;
        self.sending.set(false);
        if asked || now {
            self.offer_renewal().await;
        }
    }

    /// One request. Whether there was one.
    async fn send_batch(self, kind: Kind) -> bool {
        let Some(open) = self.open.get_untracked() else { return false };
        let batch = self.queue.try_update(|queue| queue.batch(kind)).unwrap_or_default();
        if batch.is_empty() {
            return false;
        }
        let (path, body) = self.queue.with_untracked(|queue| request(queue, kind, &batch));
        let answer = device::ask("POST", path, Some(&open.secrets.token), Some(&body)).await;
        if !self.is_open(&open.pid) {
            // Locked meanwhile: the box is as it was, and the same is sent again.
            return false;
        }
        let receipt_key = from_hex(&open.secrets.receipt_key);
        let proved = |id: &str, proof: &str| receipt_key.is_some_and(|key| proves(&key, id, proof));
        let changed = match read(answer.as_ref()) {
            Ok(replies) => {
                if kind == Kind::Event {
                    self.take_leases(&answer).await;
                }
                let taken = self.queue.try_update(|queue| queue.answered(&batch, replies, device::now(), &proved));
                taken.unwrap_or_default()
            }
            Err(failure) => {
                if failure == Failure::SignedOut {
                    self.forget_contacts().await;
                }
                let jitter = device::jitter();
                let failed = self.queue.try_update(|queue| queue.failed(&batch, failure, device::now(), jitter));
                failed.unwrap_or_default()
            }
        };
        let changes: Vec<_> = self.queue.with_untracked(|queue| {
            let changed = changed.iter().filter_map(|id| queue.get(id));
            changed.map(|r| (keys::record(&open.pid, &r.id), Change::Keep(serde_json::to_string(r).ok()))).collect()
        });
        // Where this is not kept, the record is sent again after a restart and is a duplicate.
        changes.is_empty() || self.write(&changes).await.is_ok()
    }

    /// Takes what the server granted, and keeps it for the days without a network. `used` stays as the kit said it: what
    /// was sent since is counted here ([`crate::offline::shift::spent_here`]).
    async fn take_leases(self, answer: &Result<Answer, ()>) {
        let leased =
            answer.as_ref().ok().and_then(|answer| serde_json::from_slice::<Leased>(answer.body.as_bytes()).ok());
        let events = self.events();
        let mut changed = false;
        for told in leased.into_iter().flat_map(|leased| leased.results) {
            let post = events.iter().find(|event| event.id == told.id).and_then(|event| match event.what {
                What::Lease { post, .. } => Some(post),
                _ => None,
            });
            if let (Some(post), Some(lease)) = (post, told.lease) {
                changed = true;
                self.open.update(|open| {
                    let posts = open.as_mut().and_then(|open| open.kit.as_mut()).map(|kit| kit.posts.iter_mut());
                    for each in posts.into_iter().flatten().filter(|each| each.post == post) {
                        let used = each.lease.map_or(lease.used, |before| before.used);
                        each.lease = Some(Lease { used, ..lease });
                    }
                });
            }
        }
        if changed {
            drop(self.keep_leases().await);
        }
    }

    /// Lets go of second copies that are old enough.
    async fn clear_out(self) {
        let Some(pid) = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone())) else { return };
        let gone = self.queue.try_update(|queue| queue.expire(device::now())).unwrap_or_default();
        if !gone.is_empty() {
            let changes: Vec<_> = gone.iter().map(|id| (keys::record(&pid, id), Change::Erase)).collect();
            drop(self.write(&changes).await);
        }
    }

    /// A newer app may take over where nothing of any profile is waiting and nobody is in the middle of something.
    async fn offer_renewal(self) {
        let calm = || {
            matches!(self.screen.get_untracked(), Screen::Home | Screen::Outbox | Screen::Kiosk)
                && self.draft.with_untracked(Option::is_none)
        };
        let Ok(store) = self.store() else { return };
        if !calm() || !self.queue.with_untracked(Queue::is_sent) {
            return;
        }
        let drafts = store.read("draft/").await.unwrap_or_default();
        let records = store.read("outbox/").await.unwrap_or_default();
        let records = records.iter().filter_map(|(_, text)| serde_json::from_slice::<Record>(text.as_bytes()).ok());
        if drafts.is_empty() && Queue::load(records).is_sent() && calm() {
            device::may_renew();
        }
    }
}

/// Where records of a kind are sent, and the body that carries them.
pub(super) fn request(queue: &Queue, kind: Kind, batch: &[String]) -> (&'static str, String) {
    let now = device::now();
    let bodies = batch.iter().filter_map(|id| queue.get(id)).map(|record| record.body.as_str());
    let bodies = bodies.collect::<Vec<_>>().join(",");
    let (path, name) = match kind {
        Kind::Response => ("/api/v1/responses", "responses"),
        Kind::Event => ("/api/v1/field/sync", "events"),
    };
    (path, format!("{{\"sent_at\":{now},\"{name}\":[{bodies}]}}"))
}

pub(super) fn read(answer: Result<&Answer, &()>) -> Result<Vec<Reply>, Failure> {
    let answer = answer.map_err(|()| Failure::Lost)?;
    match answer.status {
        200 => serde_json::from_slice::<Replies>(answer.body.as_bytes())
            .map(|read| read.results)
            .map_err(|_| Failure::Lost),
        401 => Err(Failure::SignedOut),
        413 | 422 => Err(Failure::Refused),
        429 | 503 => Err(Failure::Busy(answer.retry_ms.unwrap_or_default())),
        _ => Err(Failure::Lost),
    }
}
