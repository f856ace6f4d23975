//! The few parts that are alive in the browser. Each works without script too: the server renders the same component
//! from the same values, and its form posts or asks like any other. Nothing personal goes into the properties.

pub mod calculation;
pub mod calculator;
