//! The index, exactly.

mod compare;
mod compute;
pub mod estimate;
mod exact;
mod open;
mod pool;
pub mod result;

pub use compare::{
    BandReading, Change, Difference, Reading, Verdict, band, changes, difference, difference_with_total, par_points,
    reading, what_if,
};
pub use compute::{agencies, agency, filtered, group, more_than_population, question};
pub use estimate::{Absence, Basis, Estimate, Figure, Interval, NoInterval, Uncertainty};
pub use open::open;
pub use result::{
    AgencyResult, CriterionResult, FactorResult, Figures, GroupResult, LeftOut, OpenCriterion, OpenFactor, OpenResult,
    OpenShare, OptionResult, Overall, QuestionResult, StratumLine,
};

use super::ids::{AgencyId, StratumId};
use super::tally::Tally;

/// A stratum with what was counted in it.
#[derive(Clone, Copy, Debug)]
pub struct Stratum<'a> {
    /// Its key.
    pub id: StratumId,
    /// N: dossiers in the frame; none while not known.
    pub population: Option<i64>,
    /// The valid responses of the stratum in one stream.
    pub tally: &'a Tally,
}

/// An agency with its strata in one stream.
#[derive(Clone, Debug)]
pub struct Agency<'a> {
    /// Its key.
    pub id: AgencyId,
    /// Its strata, those without responses too.
    pub strata: Vec<Stratum<'a>>,
    /// What is in no figure.
    pub left_out: LeftOut,
}

/// A stratum of a total with the part of it that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct NestedStratum<'a> {
    /// Its agency.
    pub agency: AgencyId,
    /// Its key.
    pub id: StratumId,
    /// N of the whole stratum.
    pub population: Option<i64>,
    /// The valid responses of the whole stratum.
    pub whole: &'a Tally,
    /// Those of them in the part; none when the stratum has nothing to do with it.
    pub part: Option<&'a Tally>,
}

#[cfg(test)]
pub(crate) mod tests;
