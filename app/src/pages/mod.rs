//! One file or folder per screen: a pure view and its sample data; loaders and handlers fetch, views only show.

pub mod receipt;
pub mod respond;
