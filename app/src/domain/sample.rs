//! Samples (danh sách mẫu): how many people to ask, who of an agency's list (frame, khung mẫu) is drawn, in which order
//! they are visited, and what a line of that list must say.
//!
//! Pure: chance comes in as numbers ([`draw::Chance`]), names and addresses only pass through.

pub mod aside;
pub mod draw;
pub mod frame;
pub mod identity;
pub mod numbers;
pub mod plan;
mod size;
pub mod walk;

#[cfg(test)]
mod coverage;

pub use size::{MARGIN_PERMILLE, PERMILLE, allocate, proportional, yamane};
