//! The results: `/ket-qua` (city, levels, ranking) and `/ket-qua/{agency}`.

pub mod agency;
pub mod agency_model;
mod beside;
pub mod city;
pub mod city_model;
pub mod collect;
pub(in crate::pages) mod explain;
pub mod json;
pub mod method;
pub mod model;
pub mod query;
pub mod ranking;
pub mod said;
pub mod shown;
pub mod words;

pub mod parts;
#[cfg(test)]
pub(in crate::pages) mod sample;
pub(in crate::pages) mod solve;
#[cfg(test)]
mod tests;

pub use solve::{HiddenCounts, hidden, patterns};
