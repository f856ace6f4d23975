//! The way out: batches to the server and its proofs back, the kit from it, and the beat that drives both.

use leptos::prelude::*;
use serde::Deserialize;

use super::device::{self, Answer};
use super::state::{Saved, Screen, Tablet, keys};
use super::store::Change;
use crate::domain::field_work::{HAVE_IDS, Had, Have, Kit, Lease, What, Work};
use crate::domain::hex::from_hex;
use crate::domain::moment::CLOCK_SLACK_MS;
use crate::offline::queue::{Failure, Kind, Queue, Record, Reply};
use crate::offline::reach::{Reach, reach};
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
    #[serde(default)]
    epoch: String,
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

    /// Asks for the kit, then sends everything that waits.
    pub(super) async fn contact(self) {
        let _ = self.fetch_kit().await;
        self.send_all(true).await;
    }

    /// Fetches the kit. Says whether anything answered. Never beside a request that sends: what a kit says of a lease
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
        let Some(ask) = device::new_id() else { return false };
        let path = format!("/api/v1/field/kit?waiting={waiting}&ask={ask}");
        let Ok(answer) = device::ask("GET", &path, Some(&token), None).await else { return false };
        if !self.is_open(&pid) {
            // Another works here by now: this kit, and the names in it, are not for that one.
            return true;
        }
        let kit = serde_json::from_slice::<Kit>(answer.body.as_bytes()).ok().filter(|_| answer.status == 200);
        let Some(kit) = kit else {
            // A kit that this bundle cannot read is one of a newer server. Either way what is here stays in use.
            self.reach.set(reach(answer.status, &answer.body));
            return true;
        };
        self.reach.set(Reach::Fine);
        // A kit counts in its leases what the server has: it is not taken before both agree on that.
        if self.agree(&kit.epoch).await {
            drop(self.keep_kit(kit, &ask).await);
        }
        true
    }

    /// Makes sure that the server has, in this epoch, all that is called received here; what it has lost is sent again.
    /// Whether it is sure.
    async fn agree(self, epoch: &str) -> bool {
        let Some(saved) = self.saved() else { return false };
        if epoch.is_empty() || (saved.epoch.as_deref() == Some(epoch) && !saved.doubted) {
            return true;
        }
        let portions = self.queue.with_untracked(|queue| queue.kept(HAVE_IDS));
        if !portions.is_empty() && self.doubt(epoch).await.is_err() {
            return false;
        }
        for ids in portions {
            if !self.ask_for(ids, epoch).await {
                return false;
            }
        }
        let Some(saved) = self.saved() else { return false };
        self.save(Saved { epoch: Some(epoch.to_owned()), doubted: false, ..saved }, vec![]).await.is_ok()
    }

    /// Notes that the server has another epoch, before anything else is done: the screens must not say that all was
    /// received, also after a restart.
    async fn doubt(self, epoch: &str) -> Result<(), super::store::Trouble> {
        let Some(saved) = self.saved() else { return Ok(()) };
        let is_news = !epoch.is_empty() && saved.epoch.as_deref() != Some(epoch) && !saved.doubted;
        if is_news { self.save(Saved { doubted: true, ..saved }, vec![]).await } else { Ok(()) }
    }

    /// Asks whether the server has these, and puts back what it has not. Whether it answered with a proof.
    async fn ask_for(self, ids: Vec<String>, epoch: &str) -> bool {
        let (Some(open), Some(ask)) = (self.open.get_untracked(), device::new_id()) else { return false };
        let asked = Have { ask, ids };
        let Ok(body) = serde_json::to_string(&asked) else { return false };
        let answer = device::ask("POST", "/api/v1/field/have", Some(&open.secrets.token), Some(&body)).await;
        let Ok(answer) = answer else { return false };
        if !self.is_open(&open.pid) {
            return false;
        }
        let had = serde_json::from_slice::<Had>(answer.body.as_bytes()).ok().filter(|had| had.epoch == epoch);
        let (Some(had), Some(key)) = (had, from_hex(&open.secrets.receipt_key)) else { return false };
        let message = Had::message(open.profile.device, &asked.ask, epoch, &had.missing);
        if !proves(&key, &message, &had.proof) {
            return false;
        }
        let lost = self.queue.try_update(|queue| queue.lost(&had.missing)).unwrap_or_default();
        self.write_records(&open.pid, &lost).await
    }

    /// Puts the state of these records on the disk. Whether it is there.
    async fn write_records(self, pid: &str, ids: &[String]) -> bool {
        let changes: Vec<_> = self.queue.with_untracked(|queue| {
            let records = ids.iter().filter_map(|id| queue.get(id));
            records.map(|r| (keys::record(pid, &r.id), Change::Keep(serde_json::to_string(r).ok()))).collect()
        });
        changes.is_empty() || self.write(&changes).await.is_ok()
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
        let doubted = || untrack(|| self.is_doubted());
        if doubted() && self.queue.with_untracked(|queue| queue.is_due(device::now())) {
            let _ = self.ask_for_kit().await;
            if doubted() {
                let jitter = device::jitter();
                self.queue.update(|queue| drop(queue.failed(&[], Failure::Lost, device::now(), jitter)));
            }
        }
        let mut asked = false;
        for kind in self.queue.with_untracked(Queue::order) {
            while self.queue.with_untracked(|queue| queue.is_due(device::now()) && queue.counts(kind).waiting > 0) {
                asked = true;
                if !self.send_batch(kind).await {
                    break;
                }
            }
        }
        if !doubted() {
            self.clear_out().await;
        }
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
                if let Ok(answer) = &answer {
                    self.reach.set(reach(answer.status, &answer.body));
                }
                let jitter = device::jitter();
                let failed = self.queue.try_update(|queue| queue.failed(&batch, failure, device::now(), jitter));
                failed.unwrap_or_default()
            }
        };
        // Where this is not kept, the record is sent again after a restart and is a duplicate.
        self.write_records(&open.pid, &changed).await
    }

    /// Takes what the server granted, and keeps it for the days without a network. `used` stays as the kit said it: what
    /// was sent since is counted here ([`crate::offline::shift::spent_here`]).
    async fn take_leases(self, answer: &Result<Answer, ()>) {
        let leased =
            answer.as_ref().ok().and_then(|answer| serde_json::from_slice::<Leased>(answer.body.as_bytes()).ok());
        if let Some(leased) = &leased {
            drop(self.doubt(&leased.epoch).await);
        }
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
        401 => Err(Failure::Unknown),
        413 | 422 => Err(Failure::Refused),
        429 | 503 => Err(Failure::Busy(answer.retry_ms.unwrap_or_default())),
        _ => Err(Failure::Lost),
    }
}
