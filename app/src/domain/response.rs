//! A response (phiếu trả lời) and the words around it: stream, standing, mode, marks, phase.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::Sheet;
use super::ids::{AgencyId, DeskId, DeviceId, RoundId, StratumId};
use super::text::Lang;

/// Declares a small closed set that is stored as a number and spelled as a word at the edges.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The stored number; never reused.
            pub fn code(self) -> i16 { match self { $(Self::$variant => $code),+ } }
            /// The value of a stored number.
            pub fn from_code(code: i16) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
            /// The word used in the API, in exports and in addresses.
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word),+ } }
            /// The value of a word.
            pub fn from_word(word: &str) -> Option<Self> { match word { $($word => Some(Self::$variant),)+ _ => None } }
        }
    };
}
pub(crate) use coded;

coded!(
    /// Stream (nguồn phiếu): how the respondent came to answer. Never inferred from the mode; streams are never added up.
    Stream {
        /// A drawn list.
        Sample = 1 "sample",
        /// Every k-th visitor, by a team.
        Intercept = 2 "intercept",
        /// A one-time code per dossier.
        Code = 3 "code",
        /// Whoever scans.
        Open = 4 "open",
    }
);

coded!(
    /// Standing (tình trạng phiếu).
    Standing {
        /// Counts.
        Valid = 1 "valid",
        /// Too little answered.
        Incomplete = 2 "incomplete",
        /// Marked by a rule; shown, counted apart.
        Suspect = 3 "suspect",
        /// Left out by a named rule or two persons.
        Excluded = 4 "excluded",
        /// Taken back by the respondent.
        Withdrawn = 5 "withdrawn",
    }
);

coded!(
    /// Mode: by what means the answers were given.
    Mode {
        /// A code at a desk, on the citizen's phone.
        Qr = 1 "qr",
        /// A fixed tablet at a desk.
        Kiosk = 2 "kiosk",
        /// An interviewer's tablet.
        Tablet = 3 "tablet",
        /// A paper form keyed in.
        Paper = 4 "paper",
        /// A link.
        Online = 5 "online",
        /// A telephone interview.
        Phone = 6 "phone",
    }
);

/// Facts about how a response came in, as bits; they are shown and never drop anything in silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(pub i32);

impl Marks {
    /// The same phone had already answered within 12 hours.
    pub const SAME_PHONE: Self = Self(1);
    /// The invisible field was filled.
    pub const HONEYPOT: Self = Self(2);
    /// Filled faster than anyone reads.
    pub const FAST: Self = Self(4);
    /// Finished before the round opened.
    pub const EARLY: Self = Self(8);
    /// Finished after the round closed.
    pub const LATE: Self = Self(16);
    /// The device's clock was off by more than a day.
    pub const CLOCK: Self = Self(32);
    /// One of a burst from one device.
    pub const BURST: Self = Self(64);
    /// Another response for the same sample unit was there already.
    pub const SECOND_OF_UNIT: Self = Self(128);
    /// Past the share of a quota that its device held.
    pub const OVER_QUOTA: Self = Self(256);

    /// These marks and those.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

coded!(
    /// How far a response has come. Open ([`Phase::Tap`], [`Phase::Part`]): more may follow for
    /// [`OPEN_MS`](super::limits::OPEN_MS). Closed: never changes again.
    Phase {
        /// Only the tap is there.
        Tap = 0 "tap",
        /// The form was sent.
        Form = 1 "form",
        /// A part of the form was sent, the rest may follow.
        Part = 2 "part",
    }
);

/// A response as it goes to the store. Times are milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq)]
pub struct NewResponse {
    /// Made by the client (UUIDv7) where a client creates it.
    pub id: Uuid,
    /// Round; its questionnaire version is the one answered.
    pub round: RoundId,
    /// Agency as it was.
    pub agency: AgencyId,
    /// Desk, for answers at a desk.
    pub desk: Option<DeskId>,
    /// Device, for answers through the API.
    pub device: Option<DeviceId>,
    /// Stratum, or one of the two reserved values.
    pub stratum: StratumId,
    /// Position of the field (lĩnh vực) in the round's list, where known.
    pub field: Option<i16>,
    /// Stream.
    pub stream: Stream,
    /// Standing by the rules at arrival.
    pub standing: Standing,
    /// Mode.
    pub mode: Mode,
    /// Language answered in.
    pub lang: Lang,
    /// Marks.
    pub marks: Marks,
    /// Open or closed.
    pub phase: Phase,
    /// The answers.
    pub sheet: Sheet,
    /// The comment, cleaned.
    pub comment: Option<String>,
    /// First touch, by the device's clock.
    pub started_at: Option<i64>,
    /// Sent, by the device's clock.
    pub finished_at: Option<i64>,
    /// Local date (UTC+7) that decides the month, as days since 1970-01-01.
    pub local_day: i32,
    /// Arrival at the server.
    pub received_at: i64,
}

impl NewResponse {
    /// Marks it; one that would count is suspect then.
    pub fn mark_suspect(&mut self, mark: Marks) {
        self.marks = self.marks.with(mark);
        if matches!(self.standing, Standing::Valid | Standing::Incomplete) {
            self.standing = Standing::Suspect;
        }
    }
}

/// The local day (UTC+7, no summer time) of an instant in milliseconds since 1970 UTC, as days since 1970-01-01.
pub fn local_day(at_ms: i64) -> i32 {
    const HOUR_MS: i64 = 3_600_000;
    at_ms.saturating_add(7 * HOUR_MS).div_euclid(24 * HOUR_MS) as i32
}
