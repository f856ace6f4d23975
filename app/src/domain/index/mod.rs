//! The index, exactly.

pub mod estimate;
pub mod result;

pub use estimate::{Absence, Basis, Estimate, Figure, Interval, NoInterval, Uncertainty};
pub use result::{
    AgencyResult, CriterionResult, FactorResult, Figures, GroupResult, LeftOut, OpenCriterion, OpenFactor, OpenResult,
    OpenShare, Overall, StratumLine,
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
