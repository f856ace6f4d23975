//! Identifiers as types, so that an agency is never passed where a desk is meant.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i32);
    };
}

id!(/// Surrogate key of a dated agency record; codes and names are reused over the years, this is not.
    AgencyId);
id!(/// Key of a desk, a place with a code.
    DeskId);
id!(/// Key of a round.
    RoundId);
id!(/// Key of an enrolled tablet or kiosk.
    DeviceId);
id!(/// Key of a staff account.
    AccountId);
id!(/// Key of a stratum of a round; two values are reserved, see [`StratumId::OUTSIDE`] and [`StratumId::UNKNOWN`].
    StratumId);

impl StratumId {
    /// The respondent does not belong to the population of the index: no result received yet.
    pub const OUTSIDE: Self = Self(0);
    /// The agency has several strata and the response does not say which.
    pub const UNKNOWN: Self = Self(-1);
    /// The agency as a whole, in figures where strata are no matter; never stored.
    pub const WHOLE: Self = Self(-2);
}
