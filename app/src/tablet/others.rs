//! A shared tablet: what each person has not sent is named without a PIN, and goes out without one. Answers are sealed to
//! the server, and the token that carries them only sends; names stay behind the PIN.

use leptos::prelude::*;

use super::device;
use super::send::{read, request};
use super::state::{Carrier, Saved, Tablet, Unsent, keys};
use super::store::Change;
use crate::components::number::say;
use crate::domain::field_work::{Sync, Waiting};
use crate::domain::hex::from_hex;
use crate::domain::text::Lang;
use crate::offline::queue::{Kind, Queue, Record};
use crate::offline::seal::proves;

impl Tablet {
    /// The outbox of a profile as it lies on the device.
    async fn outbox_of(self, pid: &str) -> Queue {
        let records = match self.store() {
            Ok(store) => store.read(&keys::outbox(pid)).await.unwrap_or_default(),
            Err(_) => vec![],
        };
        Queue::load(records.iter().filter_map(|(_, text)| serde_json::from_slice::<Record>(text.as_bytes()).ok()))
    }

    /// Counts what each person of this tablet has not sent.
    pub(super) async fn count_unsent(self) {
        let mut all = vec![];
        for saved in self.profiles.get_untracked() {
            let queue = self.outbox_of(&saved.pid).await;
            let left = |kind| queue.counts(kind).waiting + queue.counts(kind).held;
            let forms = left(Kind::Response);
            let records = forms + left(Kind::Event);
            all.push(Unsent { pid: saved.pid, device: saved.profile.device, forms, records });
        }
        if self.unsent.with_untracked(|before| *before != all) {
            self.unsent.set(all);
        }
    }

    /// Sends what those who do not work here now have finished, and tells the server how much everybody has left.
    pub(super) async fn send_of_others(self) {
        if self.sending.get_untracked() {
            return;
        }
        let told = self.unsent.get_untracked();
        for saved in self.profiles.get_untracked() {
            let Some(send) = saved.send.clone().filter(|_| !self.is_open(&saved.pid)) else { continue };
            self.sending.set(true);
            for kind in [Kind::Response, Kind::Event] {
                while self.send_one(&saved, &send, kind).await {}
            }
            self.sending.set(false);
        }
        self.count_unsent().await;
        let left = self.unsent.get_untracked();
        if left != told || left.iter().any(|each| each.records > 0) {
            self.tell_unsent(&left).await;
        }
    }

    /// One request for a profile that is not open. Whether another may follow.
    async fn send_one(self, saved: &Saved, send: &Carrier, kind: Kind) -> bool {
        let mut queue = self.outbox_of(&saved.pid).await;
        let batch = queue.batch(kind);
        if batch.is_empty() {
            return false;
        }
        let (path, body) = request(&queue, kind, &batch);
        let answer = device::ask("POST", path, Some(&send.send), Some(&body)).await;
        // Opened meanwhile: its own outbox sends the same again, and hears that it is there.
        let replies = read(answer.as_ref()).ok().filter(|_| !self.is_open(&saved.pid));
        let Some(replies) = replies else { return false };
        let key = from_hex(&send.receipt_key);
        let proved = |id: &str, proof: &str| key.is_some_and(|key| proves(&key, id, proof));
        let changed = queue.answered(&batch, replies, device::now(), &proved);
        let keep =
            |record: &Record| (keys::record(&saved.pid, &record.id), Change::Keep(serde_json::to_string(record).ok()));
        let changes: Vec<_> = changed.iter().filter_map(|id| queue.get(id)).map(keep).collect();
        !changes.is_empty() && self.write(&changes).await.is_ok()
    }

    /// Tells the server what is still here, of each person, with the first token that sends.
    async fn tell_unsent(self, left: &[Unsent]) {
        let sender = self.profiles.with_untracked(|all| all.iter().find_map(|saved| saved.send.clone()));
        let Some(sender) = sender else { return };
        let waiting = left
            .iter()
            .map(|each| Waiting { device: each.device, left: u32::try_from(each.records).unwrap_or(u32::MAX) });
        let told = Sync { sent_at: device::now(), events: vec![], waiting: waiting.collect() };
        let body = serde_json::to_string(&told).unwrap_or_default();
        drop(device::ask("POST", "/api/v1/field/sync", Some(&sender.send), Some(&body)).await);
    }

    /// "3 phiếu chưa gửi", of one person; nothing where all is sent.
    pub(super) fn unsent_words(self, pid: &str, lang: Lang) -> String {
        let forms = self.unsent.with(|all| all.iter().find(|each| each.pid == pid).map_or(0, |each| each.forms));
        match (forms, lang) {
            (0, _) => say(lang, "đã gửi hết", "all sent").to_owned(),
            (1, Lang::En) => "1 form not sent".to_owned(),
            (n, Lang::Vi) => format!("{n} phiếu chưa gửi"),
            (n, Lang::En) => format!("{n} forms not sent"),
        }
    }
}
