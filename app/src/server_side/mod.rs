//! What only the server has: the catalogue of questionnaires and methods, the clock, the request context.

pub mod catalogue;
pub mod city;
pub mod simulate;
pub mod table;
