//! Pieces of a page: the frame around it, figures, charts. No server function, no store, no clock; everything shown
//! comes in as an argument, so that a test can render a page with any data.

pub mod charts;
pub mod conclusions;
pub mod fold;
pub mod number;
pub mod page;
pub mod phone;
pub mod tables;
