//! What the screens share: who is signed in, the kit, the outbox, the interview that is going on; and where each of
//! them lies in the box.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::device;
use super::store::{Change, Store, Trouble};
use crate::components::number::say;
use crate::domain::field_work::{Enrolled, Event, Kit, KitRound, Post, Profile, Work};
use crate::domain::moment::ClockNote;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::response::Stream;
use crate::domain::text::Lang;
use crate::offline::contacts::Contacts;
use crate::offline::interview::Draft;
use crate::offline::people::{self, Person};
use crate::offline::queue::{Kind, Queue};
use crate::offline::reach::Reach;
use crate::offline::vault::{Key, Lock};

/// The screens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Screen {
    /// The box is being opened.
    Starting,
    /// Another tab has the app open.
    OtherTab,
    /// The browser gives no storage.
    NoStore(String),
    /// Enrolment by code: of a new profile, or in the place of one whose PIN is forgotten.
    Enrol(Option<String>),
    /// The PIN of what was just enrolled.
    ChoosePin(Box<Enrolled>, Option<String>),
    /// Who is working?
    Profiles,
    /// The PIN of a profile.
    Pin(String),
    /// The first screen of the day and the last.
    Home,
    /// The list.
    People,
    /// One person of it.
    Person(String),
    /// The interview.
    Interview,
    /// The respondent has finished: the device is handed back.
    HandedBack,
    /// A self-completion was interrupted.
    Interrupted,
    /// What is on the device.
    Outbox,
    /// Counting at a desk.
    Post(i32),
    /// A fixed tablet at a desk.
    Kiosk,
}

/// A profile as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Saved {
    /// Its key on this device.
    pub(super) pid: String,
    /// Who and what.
    pub(super) profile: Profile,
    /// What opens it.
    pub(super) lock: Lock,
    /// Token and receipt key, sealed.
    pub(super) secrets: String,
    /// A token that only sends, with the receipt key: outside the PIN, so that what is finished goes out without it.
    #[serde(default)]
    pub(super) send: Option<Carrier>,
    /// Device clock minus server clock at the last contact, in milliseconds; none once the clock was set back.
    pub(super) clock_off: Option<i64>,
    /// The epoch in which the server had all that is called received here; none before the first contact.
    #[serde(default)]
    pub(super) epoch: Option<String>,
    /// The server has another epoch by now, and has not proved yet which of the records it has.
    #[serde(default)]
    pub(super) doubted: bool,
    /// The server's clock at that contact.
    #[serde(default)]
    pub(super) clock_at: Option<i64>,
}

/// Token and receipt key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Secrets {
    pub(super) token: String,
    pub(super) receipt_key: String,
}

/// What carries records to the server and opens nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Carrier {
    pub(super) send: String,
    pub(super) receipt_key: String,
}

/// A profile that is open.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) pid: String,
    pub(super) profile: Profile,
    pub(super) key: Key,
    pub(super) secrets: Secrets,
    pub(super) kit: Option<Kit>,
}

impl Open {
    /// The round, where the kit has one.
    pub(super) fn round(&self) -> Option<&KitRound> {
        self.kit.as_ref()?.round.as_ref()
    }

    /// The questionnaire, where the kit has one.
    pub(super) fn questionnaire(&self) -> Option<&Questionnaire> {
        Some(&self.round()?.questionnaire)
    }

    /// A post.
    pub(super) fn post(&self, post: i32) -> Option<&Post> {
        self.kit.as_ref()?.posts.iter().find(|each| each.post == post)
    }

    /// Nothing may be recorded any more.
    pub(super) fn is_signed_out(&self) -> bool {
        self.kit.as_ref().is_some_and(|kit| kit.signed_out)
    }
}

/// What one person of this tablet has not sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unsent {
    pub(super) pid: String,
    pub(super) device: i32,
    pub(super) forms: usize,
    /// Forms and events.
    pub(super) records: usize,
}

/// What the device says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
pub(super) struct Facts {
    pub(super) space: Option<f64>,
    pub(super) lasting: bool,
    pub(super) kept: bool,
    pub(super) online: bool,
    pub(super) clock_off: Option<i64>,
    pub(super) clock_at: Option<i64>,
    pub(super) full_screen: bool,
}

/// Everything that the screens share.
#[derive(Clone, Copy)]
pub(super) struct Tablet {
    pub(super) lang: RwSignal<Lang>,
    pub(super) screen: RwSignal<Screen>,
    pub(super) profiles: RwSignal<Vec<Saved>>,
    pub(super) open: RwSignal<Option<Open>>,
    pub(super) queue: RwSignal<Queue>,
    pub(super) draft: RwSignal<Option<Draft>>,
    pub(super) facts: RwSignal<Facts>,
    /// How many forms of each profile are not with the server yet, and how many records in all.
    pub(super) unsent: RwSignal<Vec<Unsent>>,
    /// What went wrong last, in words.
    pub(super) trouble: RwSignal<Option<String>>,
    /// How the server was reached last.
    pub(super) reach: RwSignal<Reach>,
    /// A request is on its way.
    pub(super) sending: RwSignal<bool>,
    /// The enrolment code that the page was opened with; empty once it was used.
    pub(super) code: StoredValue<String>,
    /// When the screen was last touched.
    pub(super) touched: StoredValue<i64>,
    store: StoredValue<Option<Store>, LocalStorage>,
}

impl Tablet {
    pub(super) fn new() -> Self {
        Self {
            lang: RwSignal::new(Lang::Vi),
            screen: RwSignal::new(Screen::Starting),
            profiles: RwSignal::new(vec![]),
            open: RwSignal::new(None),
            queue: RwSignal::new(Queue::load([])),
            draft: RwSignal::new(None),
            facts: RwSignal::new(Facts::default()),
            unsent: RwSignal::new(vec![]),
            trouble: RwSignal::new(None),
            reach: RwSignal::new(Reach::Fine),
            sending: RwSignal::new(false),
            code: StoredValue::new(String::new()),
            touched: StoredValue::new(device::now()),
            store: StoredValue::new_local(None),
        }
    }

    /// Words in the language of the screen.
    pub(super) fn say(self, vi: &'static str, en: &'static str) -> &'static str {
        say(self.lang.get_untracked(), vi, en)
    }

    /// Shows a screen.
    pub(super) fn go(self, screen: Screen) {
        self.trouble.set(None);
        self.screen.set(screen);
    }

    pub(super) fn set_store(self, store: Store) {
        self.store.set_value(Some(store));
    }

    pub(super) fn store(self) -> Result<Store, Trouble> {
        self.store.get_value().ok_or_else(|| Trouble::Broken("closed".to_owned()))
    }

    /// Writes to the box, and says it where it could not be done.
    pub(super) async fn write(self, changes: &[(String, Change)]) -> Result<(), Trouble> {
        let done = match self.store() {
            Ok(store) => store.write(changes).await,
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = &done {
            self.trouble.set(Some(self.trouble_words(trouble)));
        }
        done
    }

    fn trouble_words(self, trouble: &Trouble) -> String {
        match trouble {
            Trouble::Full => self
                .say(
                    "Bộ nhớ đã đầy, CHƯA lưu được. Phiếu còn trên màn hình này: hãy xuất ra tệp, xoá bớt ảnh hoặc ứng dụng, rồi lưu lại.",
                    "Storage is full, NOT saved. The form is still on this screen: export it to a file, delete photos or apps, then save again.",
                )
                .to_owned(),
            Trouble::Broken(why) => {
                format!("{} ({why})", self.say("Máy CHƯA lưu được. Hãy thử lại.", "The device could NOT save. Try again."))
            }
        }
    }

    /// The profile that is open, as it is kept.
    pub(super) fn saved(self) -> Option<Saved> {
        let pid = self.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone()))?;
        self.profiles.with_untracked(|all| all.iter().find(|each| each.pid == pid).cloned())
    }

    /// Keeps what is known of a profile, on the disk and for the screens.
    pub(super) async fn save(self, saved: Saved, mut with: Vec<(String, Change)>) -> Result<(), Trouble> {
        with.push((keys::profile(&saved.pid), Change::Keep(serde_json::to_string(&saved).ok())));
        self.write(&with).await?;
        self.profiles.update(|all| {
            if let Some(each) = all.iter_mut().find(|each| each.pid == saved.pid) {
                *each = saved;
            }
        });
        Ok(())
    }

    /// Whether the server must be asked again what it has.
    pub(super) fn is_doubted(self) -> bool {
        let pid = self.open.with(|open| open.as_ref().map(|open| open.pid.clone()));
        self.profiles.with(|all| all.iter().any(|each| Some(&each.pid) == pid.as_ref() && each.doubted))
    }

    /// The list as it stands.
    pub(super) fn people(self) -> Vec<Person> {
        let events = self.events();
        self.open.with(|open| {
            let units = open.as_ref().and_then(|open| open.kit.as_ref()).map(|kit| kit.units.as_slice());
            people::people(units.unwrap_or_default(), &events)
        })
    }

    /// What happened on this device, as far as it is still here.
    pub(super) fn events(self) -> Vec<Event> {
        self.queue.with(|queue| {
            let events = queue.records().filter(|record| record.kind == Kind::Event);
            events.filter_map(|record| serde_json::from_slice(record.body.as_bytes()).ok()).collect()
        })
    }

    /// What is known of the device's clock; none before the first contact, and after the clock was set back.
    pub(super) fn clock(self) -> Option<ClockNote> {
        self.facts.with_untracked(|facts| Some(ClockNote { off: facts.clock_off?, at: facts.clock_at? }))
    }

    /// The stream of what is recorded here.
    pub(super) fn stream(self) -> Stream {
        self.open.with_untracked(|open| open.as_ref().map_or(Stream::Open, |open| open.profile.work.stream()))
    }

    /// The screen on which a profile begins.
    pub(super) fn first_screen(self) -> Screen {
        let kiosk = self.open.with_untracked(|open| open.as_ref().is_some_and(|open| open.profile.work == Work::Kiosk));
        if kiosk { Screen::Kiosk } else { Screen::Home }
    }
}

/// Keys of the box.
pub(super) mod keys {
    pub(crate) const PROFILE: &str = "profile/";
    pub(crate) const LANG: &str = "lang";

    pub(crate) fn profile(pid: &str) -> String {
        format!("{PROFILE}{pid}")
    }

    pub(crate) fn kit(pid: &str) -> String {
        format!("kit/{pid}")
    }

    pub(crate) fn contacts(pid: &str) -> String {
        format!("contacts/{pid}")
    }

    pub(crate) fn draft(pid: &str) -> String {
        format!("draft/{pid}")
    }

    pub(crate) fn outbox(pid: &str) -> String {
        format!("outbox/{pid}/")
    }

    pub(crate) fn record(pid: &str, id: &str) -> String {
        format!("outbox/{pid}/{id}")
    }

    pub(crate) fn shift(pid: &str) -> String {
        format!("shift/{pid}")
    }

    pub(crate) fn presses(pid: &str) -> String {
        format!("presses/{pid}")
    }
}

/// Seals a value as what it is; none where there is no chance to be had.
pub(super) fn sealed<T: Serialize>(key: &Key, what: &str, value: &T) -> Option<String> {
    key.seal(&serde_json::to_vec(value).ok()?, what, device::chance()?)
}

/// Opens what [`sealed`] has closed.
pub(super) fn opened<T: for<'de> Deserialize<'de>>(key: &Key, what: &str, text: &str) -> Option<T> {
    serde_json::from_slice(&key.open(text, what)?).ok()
}

/// Takes the contact data out of a kit: they lie in a part of the box of their own, so that they can be erased alone.
pub(super) fn split(kit: &mut Kit) -> Contacts {
    let taken = kit.units.iter_mut().filter_map(|unit| Some((unit.unit.clone(), unit.contact.take()?)));
    taken.collect()
}

/// Puts it back.
pub(super) fn join(kit: &mut Kit, contacts: &Contacts) {
    for unit in &mut kit.units {
        unit.contact = contacts.get(&unit.unit).cloned();
    }
}
