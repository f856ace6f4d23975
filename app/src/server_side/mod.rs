//! What only the server has: the catalogue of questionnaires and methods, the clock, the request context.

/// The city as data: its dated agencies and the fields they serve.
pub mod city;
/// The simulated city, for the demonstration and for measuring.
pub mod simulate;
/// Strict tables from CSV files.
pub mod table;
