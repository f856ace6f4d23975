//! A round (đợt đo lường): which questionnaire and method, which period, which strata with how many dossiers, and its desks.

pub mod setup;

use serde::{Deserialize, Serialize};

use super::ids::{AgencyId, DeskId, RoundId, StratumId};
use super::text::Text;

/// A field (lĩnh vực) that a round tells apart. Responses keep its position in the round's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Code, ASCII, stable.
    pub code: String,
    /// Name.
    pub name: Text,
}

/// One round of measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Key.
    pub id: RoundId,
    /// Short code for addresses, for instance `2018`.
    pub code: String,
    /// Name, for instance "Đợt đo lường năm 2018".
    pub name: Text,
    /// Key and version of the questionnaire.
    pub questionnaire: (String, u16),
    /// Key and version of the method.
    pub method: (String, u16),
    /// First and last day of the period that is measured, as days since 1970-01-01.
    pub period: (i32, i32),
    /// When answers are taken, milliseconds since 1970; outside, desks say "not yet" or "over". None: always open (the demo).
    pub opens_at: Option<i64>,
    /// See `opens_at`.
    pub closes_at: Option<i64>,
    /// Fields, in order.
    pub fields: Vec<Field>,
    /// Moving figures move in steps of this many new responses: 5, or 1 in a sample-data city.
    pub step: u32,
    /// All its data are simulated.
    pub sample_data: bool,
}

/// Whether a round takes answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundState {
    /// Before `opens_at`.
    NotBegun,
    /// Taking answers.
    Open,
    /// After `closes_at`.
    Over,
}

impl Round {
    /// The state at an instant (milliseconds since 1970).
    pub fn state(&self, now: i64) -> RoundState {
        if self.opens_at.is_some_and(|at| now < at) {
            RoundState::NotBegun
        } else if self.closes_at.is_some_and(|at| now >= at) {
            RoundState::Over
        } else {
            RoundState::Open
        }
    }

    /// The position of a field by its code.
    pub fn field_index(&self, code: &str) -> Option<i16> {
        self.fields.iter().position(|f| f.code == code).and_then(|i| i16::try_from(i).ok())
    }
}

/// A stratum (tầng): an agency, or one of its fields, with the number of dossiers in the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// Key, from 1.
    pub id: StratumId,
    /// Agency.
    pub agency: AgencyId,
    /// Position of the field in the round, where the agency is drawn by field.
    pub field: Option<i16>,
    /// N: dossiers returned in the frame period; none while not known.
    pub population: Option<i64>,
}

/// A desk (quầy).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Key.
    pub id: DeskId,
    /// Unguessable code in the address, from [`CODE_ALPHABET`].
    pub code: String,
    /// Agency it stands in.
    pub agency: AgencyId,
    /// Round it serves.
    pub round: RoundId,
    /// Words on the sign, for instance "Bộ phận Tiếp nhận và Trả kết quả, quầy 2".
    pub name: String,
}

/// The letters of desk codes and receipts: no 0 O 1 I L, and no U, so that no word is spelled by chance.
pub const CODE_ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters of a desk code: 30^8, so that guessing one of 140 takes 4·10⁹ tries.
pub const CODE_LETTERS: usize = 8;

/// A code as typed on the home page, made comparable: upper case, without spaces and hyphens.
pub fn normalise_code(raw: &str) -> String {
    raw.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(40).collect()
}
