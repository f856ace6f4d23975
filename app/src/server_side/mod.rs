//! What only the server has: the catalogue of questionnaires and methods, the clock, keys, the request context.

pub mod catalogue;
pub mod clock;
pub mod csv_table;
pub mod index_file;
pub mod index_report;
pub mod keys;
pub mod receipt;
