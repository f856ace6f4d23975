//! What only the server has: the catalogue of questionnaires and methods, the clock, keys, the request context.

pub mod clock;
pub mod keys;
pub mod receipt;
//! What only the server has: the catalogue of questionnaires and methods, the clock, the request context.

pub mod catalogue;
pub mod city;
pub mod simulate;
pub mod table;
pub mod clock;
pub mod keys;
