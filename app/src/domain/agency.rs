//! Agencies as dated records: a code or a name may come back for another area, the surrogate key never does.

use serde::{Deserialize, Serialize};

use super::ids::AgencyId;

/// The level of an agency in the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The city itself and its specialised agencies (sở, ban).
    City,
    /// Quận, huyện (to 30/6/2025).
    District,
    /// Xã, phường, thị trấn.
    Commune,
}

impl Level {
    /// All levels from the top down.
    pub const ALL: &[Self] = &[Self::City, Self::District, Self::Commune];

    /// The stored number.
    pub fn code(self) -> i16 {
        match self {
            Self::City => 1,
            Self::District => 2,
            Self::Commune => 3,
        }
    }

    /// The level of a stored number.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|l| l.code() == code)
    }
}

/// One dated record of an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Surrogate key.
    pub id: AgencyId,
    /// Short stable code used in addresses, the API and exports, unique among the records of one day.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Kind as written in the source: "sở", "quận", "phường", …
    pub kind: String,
    /// Level.
    pub level: Level,
    /// The agency it belongs to, as of the same dates.
    pub parent: Option<AgencyId>,
    /// First day, as days since 1970-01-01.
    pub valid_from: i32,
    /// Last day, inclusive; none while it exists.
    pub valid_to: Option<i32>,
    /// Other codes under which it is known (GSO, both kinds of mã định danh).
    pub aliases: Vec<String>,
    /// The records that took over its area.
    pub successors: Vec<AgencyId>,
}

impl Agency {
    /// Whether the record holds on a day.
    pub fn exists_on(&self, day: i32) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}
