//! What only the server has: the catalogue of questionnaires and methods, the clock, the request context.

pub mod catalogue;
