//! What the screens do: enrol, open and lock a profile, keep a draft, finish an interview, tell what happened. Each
//! change is on the disk before the screen says so.

use leptos::prelude::*;

use super::device;
use super::state::{Carrier, Open, Saved, Screen, Secrets, Tablet, join, keys, opened, sealed, split};
use super::store::{Change, Store, Trouble};
use crate::domain::field_work::{API, Enrol, Enrolled, Event, Kit, Outcome, Profile, What, Work};
use crate::domain::hex::from_hex;
use crate::domain::moment::CLOCK_SLACK_MS;
use crate::domain::response::Mode;
use crate::domain::text::Lang;
use crate::offline::contacts::{Contacts, after};
use crate::offline::export;
use crate::offline::interview::{Draft, Hands, Step};
use crate::offline::queue::{Kind, Queue, Record, State};
use crate::offline::reach::Reach;
use crate::offline::record::{item, sealed_item};
use crate::offline::seal::token_print;
use crate::offline::vault::{Key, Lock, Wrong};

/// Why something was not done, in words for the screen.
pub(super) type Said = String;

impl Tablet {
    /// Opens the box and shows who works here.
    pub(super) async fn start(self) {
        if !device::is_only_tab().await {
            return self.go(Screen::OtherTab);
        }
        let store = match Store::open().await {
            Ok(store) => store,
            Err(trouble) => return self.go(Screen::NoStore(format!("{trouble:?}"))),
        };
        let lang = store.get(keys::LANG).await.ok().flatten();
        self.lang.set(Lang::from_tag(lang.as_deref().unwrap_or("vi")));
        let saved = store.read(keys::PROFILE).await.unwrap_or_default();
        self.set_store(store);
        let profiles: Vec<Saved> =
            saved.iter().filter_map(|(_, text)| serde_json::from_slice(text.as_bytes()).ok()).collect();
        self.profiles.set(profiles.clone());
        self.count_unsent().await;
        self.code.set_value(device::take_code().unwrap_or_default());
        match profiles.as_slice() {
            _ if self.code.with_value(|code| !code.is_empty()) => self.go(Screen::Enrol(None)),
            [] => self.go(Screen::Enrol(None)),
            [one] if !one.lock.has_pin() => {
                let _ = self.unlock(one.pid.clone(), String::new()).await;
            }
            [one] => self.go(Screen::Pin(one.pid.clone())),
            _ => self.go(Screen::Profiles),
        }
    }

    /// A code was scanned while the app was open: it is not looked at before whoever works here has locked the device, save
    /// where the server does not know the device.
    pub(super) fn scanned(self) {
        if (self.open.with_untracked(Option::is_none) || self.reach.get_untracked() == Reach::Unknown)
            && let Some(code) = device::take_code()
        {
            self.code.set_value(code);
            self.go(Screen::Enrol(None));
        }
    }

    /// Shows a code to the server and takes what it gives.
    pub(super) async fn enrol(self, code: String, over: Option<String>) -> Result<(), Said> {
        let body = serde_json::to_string(&Enrol { code: code.trim().to_owned(), api: API }).unwrap_or_default();
        let answer = device::ask("POST", "/api/v1/field/enrol", None, Some(&body)).await;
        let no_network = || {
            self.say(
                "Chưa tới được máy chủ. Ghi danh cần có mạng.",
                "The server could not be reached. Enrolling needs a network.",
            )
            .to_owned()
        };
        let answer = answer.map_err(|()| no_network())?;
        let enrolled: Option<Enrolled> =
            if answer.status == 200 { serde_json::from_slice(answer.body.as_bytes()).ok() } else { None };
        let Some(enrolled) = enrolled else {
            return Err(match answer.status {
                429 => {
                    self.say("Thử quá nhiều lần. Xin chờ một phút.", "Too many tries. Please wait a minute.").to_owned()
                }
                400..=499 => self
                    .say(
                        "Mã không đúng, đã dùng hoặc đã hết hạn. Xin xem lại, hoặc hỏi tổ trưởng mã mới.",
                        "The code is wrong, used or expired. Check it, or ask the supervisor for a new one.",
                    )
                    .to_owned(),
                _ => no_network(),
            });
        };
        self.code.set_value(String::new());
        if self.open.with_untracked(Option::is_some) {
            return self.adopted(enrolled).await;
        }
        if enrolled.profile.work == Work::Kiosk {
            return self.take_in(enrolled, None, over).await;
        }
        self.go(Screen::ChoosePin(Box::new(enrolled), over));
        Ok(())
    }

    /// Goes on with the open profile under a new enrolment: names, list, draft, outbox and second copies stay, and the
    /// server is asked which of these it has.
    async fn adopted(self, enrolled: Enrolled) -> Result<(), Said> {
        let failed = || self.say("Máy CHƯA lưu được. Hãy thử lại.", "The device could NOT save. Try again.").to_owned();
        let (Some(open), Some(saved)) = (self.open.get_untracked(), self.saved()) else { return Err(failed()) };
        let who = |profile: &Profile| (profile.work, profile.surveyor.clone());
        if who(&enrolled.profile) != who(&open.profile) {
            let other = enrolled.profile.surveyor.unwrap_or(enrolled.profile.name);
            let words = self.say(
                "Mã này của người khác hoặc việc khác, không nhận lại máy này được. Không có gì thay đổi. Mã của:",
                "This code is another person's or for other work, and cannot take this device back. Nothing changed. It is of:",
            );
            return Err(format!("{words} {other}"));
        }
        let secrets = Secrets { token: enrolled.token, receipt_key: enrolled.receipt_key };
        let sealed = sealed(&open.key, "secrets", &secrets).ok_or_else(failed)?;
        let profile = enrolled.profile;
        let doubted = Saved { profile: profile.clone(), secrets: sealed, epoch: None, doubted: true, ..saved };
        self.save(doubted, vec![]).await.map_err(|_| failed())?;
        self.open.update(|open| {
            if let Some(open) = open {
                open.profile = profile;
                open.secrets = secrets;
            }
        });
        self.reach.set(Reach::Fine);
        self.go(self.first_screen());
        leptos::task::spawn_local(async move { self.contact().await });
        Ok(())
    }

    /// Keeps what was enrolled under a PIN (none at a kiosk). In the place of a profile (`over`), its outbox goes on under
    /// the new token; its contacts and its draft cannot be opened any more and go.
    pub(super) async fn take_in(
        self,
        enrolled: Enrolled,
        pin: Option<String>,
        over: Option<String>,
    ) -> Result<(), Said> {
        let failed = || self.say("Máy CHƯA lưu được. Hãy thử lại.", "The device could NOT save. Try again.").to_owned();
        let key = device::chance().map(Key::new).ok_or_else(failed)?;
        let lock = match &pin {
            Some(pin) => {
                let (salt, nonce) = device::chance().zip(device::chance()).ok_or_else(failed)?;
                Lock::with_pin(pin, &key, salt, nonce).ok_or_else(failed)?
            }
            None => Lock::open(&key),
        };
        let secrets = Secrets { token: enrolled.token, receipt_key: enrolled.receipt_key };
        // An outbox that goes on under another token: the server may have lost what the first one sent.
        let doubted = over.is_some();
        let pid = match over {
            Some(pid) => pid,
            None => device::new_id().ok_or_else(failed)?,
        };
        let saved = Saved {
            pid: pid.clone(),
            profile: enrolled.profile.clone(),
            lock,
            secrets: sealed(&key, "secrets", &secrets).ok_or_else(failed)?,
            send: None,
            clock_off: None,
            epoch: None,
            doubted,
            clock_at: None,
        };
        let text = serde_json::to_string(&saved).map_err(|_| failed())?;
        let changes = [
            (keys::profile(&pid), Change::Keep(Some(text))),
            (keys::kit(&pid), Change::Erase),
            (keys::contacts(&pid), Change::Erase),
            (keys::draft(&pid), Change::Erase),
        ];
        self.write(&changes).await.map_err(|_| failed())?;
        self.profiles.update(|all| {
            all.retain(|each| each.pid != pid);
            all.push(saved);
        });
        let lasting = device::ask_to_keep().await;
        self.facts.update(|facts| facts.lasting = lasting);
        self.enter(Open { pid, profile: enrolled.profile, key, secrets, kit: None }).await;
        Ok(())
    }

    /// Tries a PIN. The count of wrong ones is on the disk before the answer is shown.
    pub(super) async fn unlock(self, pid: String, pin: String) -> Result<(), Wrong> {
        let saved = self.profiles.with_untracked(|all| all.iter().find(|each| each.pid == pid).cloned());
        let Some(mut saved) = saved else { return Err(Wrong::Again { left: 0 }) };
        let tried = saved.lock.unlock(&pin, device::now());
        let mut changes = vec![(keys::profile(&pid), Change::Keep(serde_json::to_string(&saved).ok()))];
        if tried == Err(Wrong::Erase) {
            changes.push((keys::contacts(&pid), Change::Erase));
        }
        if saved.lock.has_pin() && self.write(&changes).await.is_err() {
            return Err(Wrong::Wait(0));
        }
        self.profiles.update(|all| {
            if let Some(each) = all.iter_mut().find(|each| each.pid == pid) {
                *each = saved.clone();
            }
        });
        let key = tried?;
        let Some(secrets) = opened(&key, "secrets", &saved.secrets) else { return Err(Wrong::Again { left: 0 }) };
        self.facts.update(|facts| (facts.clock_off, facts.clock_at) = (saved.clock_off, saved.clock_at));
        self.enter(Open { pid, profile: saved.profile, key, secrets, kit: None }).await;
        Ok(())
    }

    /// Reads everything of a profile and shows its first screen; an interview that was interrupted goes on.
    async fn enter(self, mut open: Open) {
        let Ok(store) = self.store() else { return };
        let text = store.get(&keys::kit(&open.pid)).await.ok().flatten();
        let mut kit: Option<Kit> = text.and_then(|text| opened(&open.key, "kit", &text));
        let text = store.get(&keys::contacts(&open.pid)).await.ok().flatten();
        let contacts: Option<Contacts> = text.and_then(|text| opened(&open.key, "contacts", &text));
        if let Some(kit) = &mut kit {
            join(kit, &contacts.unwrap_or_default());
        }
        open.kit = kit;
        let records = store.read(&keys::outbox(&open.pid)).await.unwrap_or_default();
        let records = records.iter().filter_map(|(_, text)| serde_json::from_slice::<Record>(text.as_bytes()).ok());
        let records: Vec<Record> = records.collect();
        let latest = records.iter().map(|record| record.made_at).max();
        let contact = self.clock().map(|note| note.at.saturating_add(note.off));
        let set_back = latest.max(contact).is_some_and(|at| device::now() < at.saturating_sub(CLOCK_SLACK_MS));
        self.queue.set(Queue::load(records));
        let text = store.get(&keys::draft(&open.pid)).await.ok().flatten();
        let draft: Option<Draft> = text.and_then(|text| opened(&open.key, "draft", &text));
        let screen = match &draft {
            Some(draft) if draft.hands == Hands::Respondent => Screen::Interrupted,
            Some(_) if open.profile.work != Work::Kiosk => Screen::Interview,
            _ => Screen::Home,
        };
        self.draft.set(draft);
        self.reach.set(Reach::Fine);
        self.open.set(Some(open));
        self.touched.set_value(device::now());
        let first = self.first_screen();
        self.go(if first == Screen::Kiosk { first } else { screen });
        leptos::task::spawn_local(async move {
            if set_back {
                self.forget_clock().await;
            }
            self.look_at_device().await;
            self.contact().await;
        });
    }

    /// Closes the profile: its key is forgotten until the PIN is given again.
    pub(super) fn lock(self) {
        let pid = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone()));
        let several = self.profiles.with_untracked(|all| all.len() > 1);
        self.open.set(None);
        self.draft.set(None);
        self.queue.set(Queue::load([]));
        leptos::task::spawn_local(self.count_unsent());
        self.go(match pid {
            Some(pid) if !several => Screen::Pin(pid),
            _ => Screen::Profiles,
        });
    }

    /// Asks the device for its facts.
    pub(super) async fn look_at_device(self) {
        let space = device::space().await;
        self.facts.update(|facts| {
            facts.space = space;
            facts.kept = device::is_app_kept();
            facts.online = device::is_online();
            facts.full_screen = device::is_full_screen();
        });
    }

    /// Chooses the language of the screens, for good.
    pub(super) fn speak(self, lang: Lang) {
        self.lang.set(lang);
        leptos::task::spawn_local(async move {
            drop(self.write(&[(keys::LANG.to_owned(), Change::Keep(Some(lang.tag().to_owned())))]).await);
        });
    }

    /// Keeps a new kit: the contact data apart from the rest, both under the key. Contact data go only by an order that is
    /// proven for `ask`, the word of the request.
    pub(super) async fn keep_kit(self, mut kit: Kit, ask: &str) -> Result<(), Trouble> {
        let (Some(open), Some(saved)) = (self.open.get_untracked(), self.saved()) else { return Ok(()) };
        let Some(receipt_key) = from_hex(&open.secrets.receipt_key) else { return Ok(()) };
        // An interview that is going on is finished with the form that it began with.
        let draft = self.draft.get_untracked();
        if draft.is_some_and(|draft| kit.round.as_ref().is_none_or(|round| !draft.fits(&round.questionnaire))) {
            kit.round = open.kit.as_ref().and_then(|kit| kit.round.clone());
        }
        let off = device::now().saturating_sub(kit.server_time);
        let text = self.store()?.get(&keys::contacts(&open.pid)).await?;
        let old: Contacts = text.and_then(|text| opened(&open.key, "contacts", &text)).unwrap_or_default();
        let (new, order) = (split(&mut kit), kit.erase.take());
        let contacts = after(old, new, order.as_ref(), (open.profile.device, &receipt_key, ask));
        let send = kit.send.clone().map(|send| Carrier { send, receipt_key: open.secrets.receipt_key.clone() });
        let saved = Saved {
            profile: kit.profile.clone(),
            send: send.or(saved.send),
            clock_off: Some(off),
            clock_at: Some(kit.server_time),
            ..saved
        };
        let contacts_now =
            if contacts.is_empty() { Change::Erase } else { Change::Keep(sealed(&open.key, "contacts", &contacts)) };
        let changes = vec![
            (keys::kit(&open.pid), Change::Keep(sealed(&open.key, "kit", &kit))),
            (keys::contacts(&open.pid), contacts_now),
        ];
        self.save(saved, changes).await?;
        join(&mut kit, &contacts);
        self.facts.update(|facts| (facts.clock_off, facts.clock_at) = (Some(off), Some(kit.server_time)));
        self.open.update(|now| {
            if let Some(now) = now.as_mut().filter(|now| now.pid == open.pid) {
                now.profile = kit.profile.clone();
                now.kit = Some(kit);
            }
        });
        Ok(())
    }

    /// Keeps the kit as it stands on the screens, after the server has granted more.
    pub(super) async fn keep_leases(self) -> Result<(), Trouble> {
        let Some(open) = self.open.get_untracked() else { return Ok(()) };
        let Some(mut kit) = open.kit else { return Ok(()) };
        // The names lie in a part of their own, which stays as it is.
        drop(split(&mut kit));
        self.write(&[(keys::kit(&open.pid), Change::Keep(sealed(&open.key, "kit", &kit)))]).await
    }

    /// Begins an interview, on the disk from its first moment on.
    pub(super) async fn begin(self, draft: Draft) {
        if self.keep_draft(&draft).await.is_ok() {
            self.draft.set(Some(draft));
            self.go(Screen::Interview);
        }
    }

    /// Puts a draft on the disk.
    pub(super) async fn keep_draft(self, draft: &Draft) -> Result<(), Trouble> {
        let Some((pid, key)) = self.open.with_untracked(|open| open.as_ref().map(|o| (o.pid.clone(), o.key.clone())))
        else {
            return Ok(());
        };
        let text = sealed(&key, "draft", draft);
        self.write(&[(keys::draft(&pid), Change::Keep(text))]).await
    }

    /// Gives up an interview that was begun by mistake.
    pub(super) async fn drop_draft(self) -> Result<(), Trouble> {
        let Some(pid) = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone())) else {
            return Ok(());
        };
        self.write(&[(keys::draft(&pid), Change::Erase)]).await?;
        self.draft.set(None);
        Ok(())
    }

    /// The finished interview as it goes out: sealed where the kit has a key. None where there is nothing to finish.
    fn record(self, draft: &Draft, mode: Mode) -> Option<Record> {
        let now = device::now();
        let body = self.open.with_untracked(|open| {
            let round = open.as_ref()?.round()?;
            let questionnaire = Some(&round.questionnaire).filter(|form| draft.fits(form))?;
            let comment = draft.said();
            let plain = item(
                &draft.about(mode, now, self.clock()),
                questionnaire,
                &draft.sheet(questionnaire),
                comment.as_deref(),
            );
            sealed_item(&draft.id, &plain, &round.sealing, device::chance()?)
        })?;
        Some(Record {
            id: draft.id.clone(),
            kind: Kind::Response,
            made_at: now,
            label: draft.label.clone(),
            body,
            state: State::Finished,
        })
    }

    /// Something that happened, as it goes out; none where there is no chance to be had.
    fn event(self, what: What, label: &str) -> Option<Record> {
        let (id, at) = (device::new_id()?, device::now());
        let body = serde_json::to_string(&Event { id: id.clone(), at, clock: self.clock(), what }).ok()?;
        Some(Record { id, kind: Kind::Event, made_at: at, label: label.to_owned(), body, state: State::Finished })
    }

    /// The clock was set back: what was known of it holds no more, until the next contact.
    pub(super) async fn forget_clock(self) {
        self.facts.update(|facts| (facts.clock_off, facts.clock_at) = (None, None));
        let pid = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone()));
        let saved = self.profiles.try_update(|all| {
            let saved = all.iter_mut().find(|each| Some(&each.pid) == pid.as_ref())?;
            (saved.clock_off, saved.clock_at) = (None, None);
            Some(saved.clone())
        });
        if let Some(saved) = saved.flatten() {
            drop(self.write(&[(keys::profile(&saved.pid), Change::Keep(serde_json::to_string(&saved).ok()))]).await);
        }
    }

    /// Finishes the interview: sealed, on the disk, and the draft gone, all at once or not at all.
    pub(super) async fn finish(self, mode: Mode) -> Result<(), Trouble> {
        let Some(draft) = self.draft.get_untracked() else { return Ok(()) };
        let Some(pid) = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone())) else {
            return Ok(());
        };
        let record = self.record(&draft, mode).ok_or_else(|| Trouble::Broken("seal".to_owned()));
        let record = record.inspect_err(|_| {
            self.trouble
                .set(Some(self.say("Máy CHƯA niêm phong được phiếu.", "The form could NOT be sealed.").to_owned()));
        })?;
        let mut records = vec![record];
        if let Some(unit) = draft.unit {
            let what = What::Attempt { unit, outcome: Outcome::Done, note: String::new() };
            records.extend(self.event(what, &draft.label));
        }
        let mut changes: Vec<_> =
            records.iter().map(|r| (keys::record(&pid, &r.id), Change::Keep(serde_json::to_string(r).ok()))).collect();
        changes.push((keys::draft(&pid), Change::Erase));
        self.write(&changes).await?;
        self.queue.update(|queue| records.into_iter().for_each(|record| queue.add(record)));
        self.draft.set(None);
        Ok(())
    }

    /// Notes something that happened, together with other changes of the box.
    pub(super) async fn tell(self, what: What, label: &str, with: Vec<(String, Change)>) -> Result<(), Trouble> {
        let Some(pid) = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone())) else {
            return Ok(());
        };
        let event = self.event(what, label).ok_or_else(|| Trouble::Broken("chance".to_owned()))?;
        let mut changes = with;
        changes.push((keys::record(&pid, &event.id), Change::Keep(serde_json::to_string(&event).ok())));
        self.write(&changes).await?;
        self.queue.update(|queue| queue.add(event));
        Ok(())
    }

    /// Notes a count that grows: a record of the same subject that has not been sent yet gives way to this one, so that a
    /// day of presses is one event and not a thousand. One that may be on its way stays, and this one follows it.
    pub(super) async fn tell_again(
        self,
        subject: &str,
        what: What,
        with: Vec<(String, Change)>,
    ) -> Result<(), Trouble> {
        let Some(pid) = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone())) else {
            return Ok(());
        };
        let event = self.event(what, subject).ok_or_else(|| Trouble::Broken("chance".to_owned()))?;
        let before = self.queue.with_untracked(|queue| queue.superseded(subject));
        let mut changes = with;
        changes.push((keys::record(&pid, &event.id), Change::Keep(serde_json::to_string(&event).ok())));
        changes.extend(before.iter().map(|id| (keys::record(&pid, id), Change::Erase)));
        self.write(&changes).await?;
        self.queue.update(|queue| {
            queue.add(event);
            queue.supersede(&before);
        });
        Ok(())
    }

    /// Hands the outbox over as a file, the interview on the screen included (it may be the one that found no room).
    pub(super) fn export(self) {
        let unsaved = self.draft.get_untracked().filter(|draft| draft.step == Step::Finish);
        let unsaved = unsaved.and_then(|draft| self.record(&draft, Mode::Tablet));
        let Some(open) = self.open.get_untracked() else { return };
        let now = device::now();
        let clock_off = self.facts.with_untracked(|facts| facts.clock_off);
        let text = self.queue.with_untracked(|queue| {
            let records = queue.records().chain(unsaved.iter());
            let enrolled = token_print(&open.secrets.token);
            let writer = export::Writer {
                device: open.profile.device,
                name: &open.profile.name,
                surveyor: open.profile.surveyor.as_deref(),
                enrolled: &enrolled,
            };
            export::text(writer, now, clock_off, records)
        });
        if device::hand_over(&export::file_name(open.profile.device, now), &text).is_err() {
            self.trouble.set(Some(
                self.say("Trình duyệt không cho xuất tệp.", "The browser would not write a file.").to_owned(),
            ));
        }
    }
}
