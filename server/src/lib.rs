//! server

pub mod encoding;
pub mod page_cache;
