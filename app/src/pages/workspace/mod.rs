//! `/quan-tri`: what an official sees of the rounds in their scope, before publication too. Models are made from tallies
//! within one [`Covered`]; views print nothing that a model does not hold.

pub mod agency;
pub mod agency_model;
pub mod breakdown;
pub mod breakdown_model;
pub mod changes;
pub mod covered;
pub mod overview;
pub mod overview_model;
pub mod pair;
pub mod pair_model;
pub mod ranking;
pub mod sheet;
pub mod summary;
pub mod summary_model;

mod explain;
mod parts;
mod subject;
#[cfg(test)]
mod tests;

pub use covered::{Covered, Reader, Seen};

use super::results::model::Room;

/// Addresses of the workspace.
pub mod address {
    /// The overview.
    pub const OVERVIEW: &str = "/quan-tri";
    /// One agency; its code follows.
    pub const AGENCY: &str = "/quan-tri/co-quan/";
    /// Two agencies.
    pub const PAIR: &str = "/quan-tri/so-sanh";
    /// The ranking.
    pub const RANKING: &str = "/quan-tri/xep-hang";
    /// The page for the meeting; a slash and the code of an agency may follow.
    pub const SUMMARY: &str = "/quan-tri/tom-tat";
}

/// The ranking of the workspace.
pub const ROOM: Room = Room { list: address::RANKING, agency: address::AGENCY };
