//! The outbox: what was recorded on this device and how far the server has it. Pure: no storage, no network, no clock.
//!
//! Finished → Sending → Kept, or Held where the server will not have it. A record leaves the device only fourteen days
//! after the server proved that it has it; a reply that was lost on the way is a resend, and a resend is a success.
//! Responses and events go through the same machine.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

/// Most records in one request: a lost reply costs a minute of a slow network, not the day's work.
pub const BATCH: usize = 50;
/// A record that the server has stays as a second copy this long, in milliseconds (14 days).
pub const KEEP_MS: i64 = 14 * 24 * 3_600_000;
/// First pause after a failure, in milliseconds; it doubles with each further one.
const PAUSE_MS: i64 = 5_000;
/// Longest pause, in milliseconds (10 minutes).
pub const PAUSE_MAX_MS: i64 = 10 * 60_000;

/// What is in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The answers of one person, for `POST /api/v1/responses`.
    Response,
    /// Something that happened on the way, for `POST /api/v1/field/sync`.
    Event,
}

/// How far a record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// On the device, to be sent.
    Finished,
    /// In a request that has not been answered.
    Sending,
    /// The server has it and has proved it.
    Kept {
        /// When the proof came, by the device's clock.
        at: i64,
        /// What the citizen or the surveyor can ask about.
        receipt: Option<String>,
    },
    /// The server will not have it as it is. It stays, and is shown, until somebody has looked into it.
    Held {
        /// `conflict`, `invalid`, `refused` or `unreadable`.
        status: String,
        /// Why, as the server said it.
        why: String,
    },
}

/// One response or event on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Made by the device; the same at every resend.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// When it was finished, by the device's clock.
    pub made_at: i64,
    /// How a person finds it again: "Số 12". Says nothing of the answers.
    pub label: String,
    /// What is sent, as JSON.
    pub body: String,
    /// How far it is.
    pub state: State,
}

/// What the server said of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Reply {
    /// The id as it was sent.
    #[serde(default)]
    pub id: String,
    /// `stored`, `duplicate`, or why not.
    pub status: String,
    /// The receipt of a response.
    #[serde(default)]
    pub receipt: Option<String>,
    /// HMAC of the id under the device's receipt key.
    #[serde(default)]
    pub proof: Option<String>,
    /// Why an event was not kept.
    #[serde(default)]
    pub error: Option<String>,
    /// What is wrong with a response.
    #[serde(default)]
    pub errors: Vec<Fault>,
}

/// One fault of a response, as far as it is shown to the surveyor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Fault {
    /// Where.
    #[serde(default)]
    pub field: String,
    /// What.
    #[serde(default)]
    pub problem: String,
}

/// Why a request came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No network, no answer, or an answer that makes no sense. The server may have it all the same.
    Lost,
    /// The server is busy and said when to come back, in milliseconds.
    Busy(i64),
    /// The request as a whole was refused: too large, or something in it cannot be read.
    Refused,
    /// The server does not know the token: it was restored to a state before the enrolment, or the request met another
    /// server.
    Unknown,
}

/// How many records are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// On the device and not proved to be with the server, held ones left out.
    pub waiting: usize,
    /// Proved to be with the server.
    pub kept: usize,
    /// To be looked into.
    pub held: usize,
}

impl Counts {
    /// All that were finished and are still on the device.
    pub fn all(self) -> usize {
        self.waiting + self.kept + self.held
    }
}

/// The outbox of one profile.
#[derive(Clone, Debug)]
pub struct Queue {
    records: BTreeMap<String, Record>,
    /// What was in a request since the device was opened: the server may have it.
    tried: HashSet<String>,
    failures: u32,
    not_before: i64,
    limit: usize,
    /// How many times a reply said "stored" without a proof that holds.
    pub unproven: u32,
}

impl Queue {
    /// The outbox as it was found on the device. What was on its way when the browser was killed is sent again.
    pub fn load(records: impl IntoIterator<Item = Record>) -> Self {
        let records = records.into_iter().map(|mut record| {
            if record.state == State::Sending {
                record.state = State::Finished;
            }
            (record.id.clone(), record)
        });
        Self {
            records: records.collect(),
            tried: HashSet::new(),
            failures: 0,
            not_before: i64::MIN,
            limit: BATCH,
            unproven: 0,
        }
    }

    /// Takes in what was just written to the device. An id that is there already stays as it is.
    pub fn add(&mut self, record: Record) {
        self.records.entry(record.id.clone()).or_insert(record);
    }

    /// Events about `subject` (their label) that were never in a request: a newer count may stand in their place. Answers
    /// are never among them.
    pub fn superseded(&self, subject: &str) -> Vec<String> {
        let events = self.records.values().filter(|record| record.kind == Kind::Event && record.label == subject);
        let fresh = events.filter(|record| record.state == State::Finished && !self.tried.contains(&record.id));
        fresh.map(|record| record.id.clone()).collect()
    }

    /// Takes out what [`Self::superseded`] named, where it still is as it was then.
    pub fn supersede(&mut self, ids: &[String]) {
        for id in ids {
            let fresh = |r: &Record| r.kind == Kind::Event && r.state == State::Finished;
            if !self.tried.contains(id) && self.records.get(id).is_some_and(fresh) {
                self.records.remove(id);
            }
        }
    }

    /// One record.
    pub fn get(&self, id: &str) -> Option<&Record> {
        self.records.get(id)
    }

    /// All records, the oldest first (ids begin with the time).
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.values()
    }

    /// How many of a kind are where.
    pub fn counts(&self, kind: Kind) -> Counts {
        let mut counts = Counts::default();
        for record in self.records.values().filter(|record| record.kind == kind) {
            match record.state {
                State::Finished | State::Sending => counts.waiting += 1,
                State::Kept { .. } => counts.kept += 1,
                State::Held { .. } => counts.held += 1,
            }
        }
        counts
    }

    /// Nothing is waiting: the app may be exchanged for a newer one.
    pub fn is_sent(&self) -> bool {
        [Kind::Response, Kind::Event].into_iter().all(|kind| self.counts(kind).waiting == 0)
    }

    /// Whether it is time for a request. A clock that was set back never makes the device wait longer than the
    /// longest pause.
    pub fn is_due(&self, now: i64) -> bool {
        now >= self.not_before || self.not_before.saturating_sub(now) > PAUSE_MAX_MS
    }

    /// Forgets the pause: somebody pressed "Gửi ngay", or the network is back.
    pub fn hurry(&mut self) {
        self.not_before = i64::MIN;
        self.failures = 0;
    }

    /// The next request of a kind: the oldest records that are waiting, now on their way. Empty when there are none.
    pub fn batch(&mut self, kind: Kind) -> Vec<String> {
        let waiting = |record: &&mut Record| record.kind == kind && record.state == State::Finished;
        let batch = self.records.values_mut().filter(waiting).take(self.limit);
        let batch: Vec<String> = batch
            .map(|record| {
                record.state = State::Sending;
                record.id.clone()
            })
            .collect();
        self.tried.extend(batch.iter().cloned());
        batch
    }

    /// Takes the server's answer to `batch` and returns the ids whose state is to be written. Only what was asked about
    /// is believed, and "stored" only with a proof (`proves(id, proof)`); what the answer leaves out is sent again.
    pub fn answered(
        &mut self,
        batch: &[String],
        replies: Vec<Reply>,
        now: i64,
        proves: &dyn Fn(&str, &str) -> bool,
    ) -> Vec<String> {
        let mut changed = Vec::new();
        let mut unproven = false;
        for id in batch {
            let Some(record) = self.records.get_mut(id).filter(|record| record.state == State::Sending) else {
                continue;
            };
            // A batch is short. Of two words about one, the last is the last.
            record.state = match replies.iter().rev().find(|reply| reply.id == *id) {
                None => State::Finished,
                Some(reply) => match reply.status.as_str() {
                    "stored" | "duplicate" => {
                        if reply.proof.as_deref().is_some_and(|proof| proves(id, proof)) {
                            State::Kept { at: now, receipt: reply.receipt.clone() }
                        } else {
                            unproven = true;
                            State::Finished
                        }
                    }
                    "conflict" | "invalid" | "refused" => State::Held { status: reply.status.clone(), why: why(reply) },
                    _ => State::Finished,
                },
            };
            if record.state != State::Finished {
                changed.push(id.clone());
            }
        }
        if unproven || changed.is_empty() {
            // Somebody else may be answering in the server's place: no hurry to ask again.
            self.unproven += u32::from(unproven);
            self.pause(now, PAUSE_MS, 1.0);
        } else {
            self.failures = 0;
            self.not_before = i64::MIN;
            self.limit = (self.limit * 2).min(BATCH);
        }
        changed
    }

    /// A request came to nothing: its records wait again. `jitter` (0 to 1) keeps two hundred tablets that come home
    /// together from asking together. Returns the ids whose state is to be written.
    pub fn failed(&mut self, batch: &[String], failure: Failure, now: i64, jitter: f64) -> Vec<String> {
        let alone = failure == Failure::Refused && batch.len() == 1;
        let mut changed = Vec::new();
        for id in batch {
            let Some(record) = self.records.get_mut(id).filter(|record| record.state == State::Sending) else {
                continue;
            };
            record.state = State::Finished;
            if alone {
                // Refused all by itself: it must not stop those behind it.
                record.state = State::Held { status: "unreadable".to_owned(), why: String::new() };
                changed.push(id.clone());
            }
        }
        match failure {
            Failure::Lost => self.pause(now, PAUSE_MS, jitter),
            Failure::Busy(ms) => self.pause(now, ms.clamp(PAUSE_MS, PAUSE_MAX_MS), jitter),
            Failure::Refused => self.limit = (batch.len() / 2).max(1),
            // Until it is adopted, or the right server answers again.
            Failure::Unknown => self.not_before = now.saturating_add(PAUSE_MAX_MS),
        }
        changed
    }

    /// Sends a held record again, after somebody has looked into it. Whether it was held.
    pub fn release(&mut self, id: &str) -> bool {
        match self.records.get_mut(id) {
            Some(record) if matches!(record.state, State::Held { .. }) => {
                record.state = State::Finished;
                true
            }
            _ => false,
        }
    }

    /// What the server has proved to have, in portions of so many: to be asked about where the server may have lost it.
    pub fn kept(&self, portion: usize) -> Vec<Vec<String>> {
        let kept = self.records.values().filter(|record| matches!(record.state, State::Kept { .. }));
        let ids: Vec<String> = kept.map(|record| record.id.clone()).collect();
        ids.chunks(portion).map(<[String]>::to_vec).collect()
    }

    /// The server has lost these: they wait again. Returns the ids whose state is to be written.
    pub fn lost(&mut self, ids: &[String]) -> Vec<String> {
        let mut changed = Vec::new();
        for id in ids {
            if let Some(record) = self.records.get_mut(id).filter(|record| matches!(record.state, State::Kept { .. })) {
                record.state = State::Finished;
                changed.push(id.clone());
            }
        }
        changed
    }

    /// What is sent first. Answers, for what happened on the way is worth less than what was said; but where a share of a
    /// quota is asked for, that first: the answers after it are within it.
    pub fn order(&self) -> [Kind; 2] {
        let asks = |record: &Record| {
            record.kind == Kind::Event && record.state == State::Finished && record.body.contains("\"what\":\"lease\"")
        };
        if self.records.values().any(asks) { [Kind::Event, Kind::Response] } else { [Kind::Response, Kind::Event] }
    }

    /// Lets go of what the server has had for fourteen days, and returns the ids to be removed from the device.
    pub fn expire(&mut self, now: i64) -> Vec<String> {
        let old = |record: &&Record| matches!(record.state, State::Kept { at, .. } if now.saturating_sub(at) > KEEP_MS);
        let gone: Vec<String> = self.records.values().filter(old).map(|record| record.id.clone()).collect();
        for id in &gone {
            self.records.remove(id);
        }
        gone
    }

    fn pause(&mut self, now: i64, least: i64, jitter: f64) {
        let doubled = least.saturating_mul(1 << self.failures.min(8)).min(PAUSE_MAX_MS);
        self.failures += 1;
        self.not_before = now.saturating_add((doubled as f64 * (0.5 + jitter.clamp(0.0, 1.0) / 2.0)) as i64);
    }
}

fn why(reply: &Reply) -> String {
    let faults = reply.errors.iter().map(|fault| format!("{}: {}", fault.field, fault.problem));
    reply.error.clone().into_iter().chain(faults).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
