//! What a tablet or kiosk and the server say to each other under `/api/v1/field/`: enrolment, the kit that is taken
//! along, and what happened on the way.
//!
//! Versioned by [`API`]: an old bundle may wake up weeks later, so members are added and never change their meaning;
//! unknown ones are ignored on both sides. Responses go the way of all devices, `POST /api/v1/responses`. Pure.

use serde::{Deserialize, Serialize};

use super::moment::ClockNote;
use super::questionnaire::Questionnaire;
use super::response::{Stream, coded};
use super::text::Text;

/// Version of this conversation.
pub const API: u16 = 1;
/// What an answer is sealed for (the `info` of RFC 9180), so that no other message can be passed off as one.
pub const SEAL_INFO: &[u8] = b"hailong/response/1";

coded!(
    /// What a device is enrolled for; with the agency it decides the stream, never the other way round.
    Work {
        /// Interviews from a drawn list.
        Sample = 1 "sample",
        /// Every k-th visitor at a desk.
        Intercept = 2 "intercept",
        /// A fixed tablet at a desk, answered by whoever stands there.
        Kiosk = 3 "kiosk",
        /// Paper forms, keyed in.
        Paper = 4 "paper",
    }
);

impl Work {
    /// The stream of what a device sends: by its work, never by what it says.
    pub fn stream(self) -> Stream {
        match self {
            Self::Sample | Self::Paper => Stream::Sample,
            Self::Intercept => Stream::Intercept,
            Self::Kiosk => Stream::Open,
        }
    }
}

coded!(
    /// How a contact attempt ended.
    Outcome {
        /// The interview was held; its response is in the outbox.
        Done = 1 "done",
        /// Did not want to.
        Refused = 2 "refused",
        /// Nobody there, or not this person. After three on different days the unit counts as not found.
        NotHome = 3 "not-home",
        /// Moved, died, unknown at the address.
        NotFound = 4 "not-found",
        /// Could not answer: illness, language, age.
        Unable = 5 "unable",
        /// Not in the population: never had a dossier there.
        OutOfScope = 6 "out-of-scope",
        /// Not in the population: the dossier has no result yet.
        NoResult = 7 "no-result",
    }
);

coded!(
    /// Who is on the list.
    Party {
        /// A citizen.
        Person = 1 "person",
        /// An organisation, by its representative.
        Organisation = 2 "organisation",
    }
);

/// `POST /api/v1/field/enrol`: a code that a supervisor has made, good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrol {
    /// The code as typed.
    pub code: String,
    /// [`API`] of the bundle.
    pub api: u16,
}

/// What an enrolled device keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// Bearer token of every later request.
    pub token: String,
    /// Key of the server's receipts for this device: 32 bytes in hexadecimal digits.
    pub receipt_key: String,
    /// Who and what it is.
    pub profile: Profile,
}

/// Who works with the device, and at what. Two surveyors on one tablet are two profiles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Key of the device.
    pub device: i32,
    /// Its name, as on the label.
    pub name: String,
    /// What for.
    pub work: Work,
    /// Full name of the surveyor or clerk; none at a kiosk.
    pub surveyor: Option<String>,
    /// Name of the team.
    pub team: Option<String>,
}

/// `GET /api/v1/field/kit`: all that is taken along. The same request again brings it up to date. `?waiting=N` says how
/// many answers and events are still on the device, so that the supervisor knows before it is signed out; `?ask=WORD` is a
/// word that the device made for this request, for the proof of [`Erase`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kit {
    /// The server's clock, milliseconds since 1970 UTC.
    pub server_time: i64,
    /// Who and what the device is.
    pub profile: Profile,
    /// The round; none while there is none for this device.
    pub round: Option<KitRound>,
    /// Units assigned to this surveyor, in the order of the walk.
    pub units: Vec<Unit>,
    /// Places to intercept at, and the desk of a kiosk.
    pub posts: Vec<Post>,
    /// Contact data must be erased from the device now: the round was purged, or the device was signed out. Read by
    /// bundles that know no [`Erase`]; the others erase by its proof alone.
    pub wipe_contacts: bool,
    /// The device was signed out: nothing may be recorded any more, what is in the outbox is still taken.
    pub signed_out: bool,
    /// The state of the server's database has this name; another name is an earlier state that was restored. Empty: the
    /// server knows no epochs.
    #[serde(default)]
    pub epoch: String,
    /// An order to erase contact data.
    #[serde(default)]
    pub erase: Option<Erase>,
    /// A token that only sends: it takes no kit, so it may lie outside the PIN. What one person of a shared tablet has
    /// finished goes out while another works with it.
    #[serde(default)]
    pub send: Option<String>,
}

/// An order to erase contact data. Nothing else erases any: what a kit leaves out stays on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// Units whose contact data go; none: those of all units.
    pub units: Option<Vec<String>>,
    /// HMAC-SHA256 of [`Self::message`] under the device's receipt key, in hexadecimal digits.
    pub proof: String,
}

impl Erase {
    /// What the server proves: the device that is meant, the word of its request, and whose data go. So an order is good
    /// for one device and one request.
    pub fn message(device: i32, ask: &str, units: Option<&[String]>) -> String {
        let units = units.map_or_else(|| "*".to_owned(), |units| units.join(","));
        format!("erase\n{device}\n{ask}\n{units}")
    }
}

/// `POST /api/v1/field/have`: which of these records the server has, asked when its epoch is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    /// A word that the device made for this request.
    pub ask: String,
    /// Ids of responses and events.
    pub ids: Vec<String>,
}

/// Which of them it has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Had {
    /// The epoch in which it looked.
    pub epoch: String,
    /// Ids that it has not.
    pub missing: Vec<String>,
    /// HMAC-SHA256 of [`Self::message`] under the device's receipt key, in hexadecimal digits.
    pub proof: String,
}

impl Had {
    /// What the server proves. The word of the request makes the proof good for that request alone.
    pub fn message(device: i32, ask: &str, epoch: &str, missing: &[String]) -> String {
        format!("have\n{device}\n{ask}\n{epoch}\n{}", missing.join(","))
    }
}

/// Most ids in one [`Have`].
pub const HAVE_IDS: usize = 500;

/// What a round says to its devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KitRound {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
    /// End of answers, milliseconds since 1970 UTC.
    pub closes_at: Option<i64>,
    /// The questionnaire that is asked.
    pub questionnaire: Questionnaire,
    /// Fields (lĩnh vực): code and name.
    pub fields: Vec<(String, Text)>,
    /// Agencies that are named in the kit: code and name.
    pub agencies: Vec<(String, String)>,
    /// What is read out before the first question.
    pub script: Script,
    /// Answers are sealed to this.
    pub sealing: SealingKey,
    /// An exercise: whatever is shown of it says "SỐ LIỆU MÔ PHỎNG".
    #[serde(default)]
    pub sample_data: bool,
}

/// Greeting and consent, read from the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Version; every interview says which was read.
    pub version: u16,
    /// Who is asking, and why.
    pub greeting: Text,
    /// What becomes of the answers and of the name.
    pub consent: Text,
}

/// The server's public key for one round (X25519, RFC 9180 base mode, HKDF-SHA256, ChaCha20-Poly1305).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingKey {
    /// Its name; travels beside what is sealed.
    pub key: String,
    /// 32 bytes in hexadecimal digits.
    pub public: String,
}

/// One sample unit on the list of a surveyor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// UUID; the `sample_unit` of its response.
    pub unit: String,
    /// Number in the printed list.
    pub number: u32,
    /// Code of the agency that served this person.
    pub agency: String,
    /// Code of the field (lĩnh vực).
    pub field: Option<String>,
    /// Citizen or organisation.
    pub party: Party,
    /// Held in reserve: visited only in the place of another.
    pub reserve: bool,
    /// Given up: one of the reserve was taken in its place. It is not visited any more and stays in the denominator.
    #[serde(default)]
    pub replaced: bool,
    /// Whom to visit; none once purged.
    pub contact: Option<Contact>,
    /// Attempts the server knows of: days since 1970-01-01 and how each ended.
    pub attempts: Vec<(i32, Outcome)>,
}

/// Whom to visit. Only to find the right house: kept apart from the answers, erased when the round ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Name of the person or organisation.
    pub name: String,
    /// Address; hamlet and ward last.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// What the dossier was about, or how to find the house.
    pub note: String,
}

/// A place at a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Key.
    pub post: i32,
    /// Code of the agency.
    pub agency: String,
    /// Code of the desk, for its responses.
    pub desk: String,
    /// Words on its sign.
    pub name: String,
    /// Every k-th visitor is asked; 1 at a kiosk.
    pub every: u32,
    /// How many interviews this device may still hold there: its lease. None: no limit (kiosk).
    pub lease: Option<Lease>,
}

/// A share of a quota that belongs to one device until it gives it back, so that teams offline cannot overrun it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Interviews granted in all.
    pub granted: u32,
    /// Of them the server has already.
    pub used: u32,
}

/// `POST /api/v1/field/sync`: what happened, beside the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sync {
    /// The device's clock at sending, milliseconds since 1970 UTC.
    pub sent_at: i64,
    /// In the order in which it happened.
    pub events: Vec<Event>,
    /// How much is still on the tablet of each person who works with it; of the team of this device alone it is believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Waiting>,
}

/// How many answers and events of one person are still on a tablet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Key of the device: one person on one tablet.
    pub device: i32,
    /// How many.
    pub left: u32,
}

/// Something that happened, told once or often: the id decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// UUID made by the device.
    pub id: String,
    /// The device's clock, milliseconds since 1970 UTC.
    pub at: i64,
    /// What the device knew of its clock then; none from an older app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockNote>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    /// A visit to a unit.
    Attempt {
        /// The unit.
        unit: String,
        /// How it ended.
        outcome: Outcome,
        /// In the surveyor's words; never about the answers.
        note: String,
    },
    /// A unit is given up for one of the reserve of the same stratum. The given-up one stays in the denominator.
    Replace {
        /// Given up.
        unit: String,
        /// In its place; of the same list.
        by: String,
        /// Why.
        reason: String,
    },
    /// The count of a shift so far; a later one of the same shift replaces it.
    Shift {
        /// UUID of the shift.
        shift: String,
        /// The post.
        post: i32,
        /// Local day, days since 1970-01-01.
        day: i32,
        /// Who passed.
        passers: u32,
        /// Who was asked.
        asked: u32,
        /// Who did not want to.
        refused: u32,
    },
    /// A larger lease is wanted, or what is left is given back (`want` below what was granted).
    Lease {
        /// The post.
        post: i32,
        /// Interviews wanted in all.
        want: u32,
    },
    /// How a kiosk was pressed on a day; one of the same day that counts as many or more replaces it.
    Presses {
        /// The post.
        post: i32,
        /// Local day, days since 1970-01-01.
        day: i32,
        /// Taps on faces.
        taps: u32,
        /// Taps ignored because they came within 3 s of the thanks.
        ignored: u32,
        /// Forms left behind by people who walked away.
        abandoned: u32,
    },
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventResult {
    /// Its id as sent.
    pub id: String,
    /// `stored`, `duplicate` or `refused`.
    pub status: EventStatus,
    /// HMAC-SHA256 of the id under the device's receipt key, in hexadecimal digits, when it was kept.
    pub proof: Option<String>,
    /// Why not, in words for the surveyor.
    pub error: Option<String>,
    /// The lease after it, when it was about one.
    pub lease: Option<Lease>,
}

coded!(
    /// Whether an event is kept.
    EventStatus {
        /// Kept now.
        Stored = 1 "stored",
        /// Kept before.
        Duplicate = 2 "duplicate",
        /// Not kept, and never will be.
        Refused = 3 "refused",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_as_one_flat_object() {
        let event = Event {
            id: "0190f5e0-0000-7000-8000-000000000001".to_owned(),
            at: 1_542_000_000_000,
            clock: Some(ClockNote { off: -5, at: 7 }),
            what: What::Attempt { unit: "u".to_owned(), outcome: Outcome::NotHome, note: String::new() },
        };
        let json = serde_json::to_value(&event).expect("written");
        assert_eq!(json["what"], "attempt");
        assert_eq!(json["outcome"], "not-home");
        assert_eq!(json["clock"]["off"], -5);
        assert_eq!(serde_json::from_value::<Event>(json).expect("read"), event);
    }

    #[test]
    fn what_a_newer_side_adds_is_ignored() {
        let read: Sync = serde_json::from_str(r#"{"sent_at":1,"events":[],"battery":80}"#).expect("read");
        assert!(read.events.is_empty());
    }
}
