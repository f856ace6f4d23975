//! Tests of the index: against direct sums over respondents, against exact fractions, and at the edges.

mod by_value;
mod direct;
mod edges;
mod explained;
pub(crate) mod fixture;
mod fractions;
mod pairs;
mod pooled;
mod properties;
