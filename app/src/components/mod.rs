//! Pieces of a page, with no server function.

pub mod phone;
