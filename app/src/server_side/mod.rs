//! What only the server has: the catalogue of questionnaires and methods, the city, the clock, keys, receipts.
//! What only the server has: the catalogue of questionnaires and methods, the clock, keys, the request context.
//! What only the server has: the catalogue of questionnaires and methods, the city, the clock, keys, receipts, the
//! files of `hailong index`.

pub mod agency_sheet;
pub mod catalogue;
pub mod city;
pub mod clock;
pub mod comments;
pub mod contacts;
pub mod csv_table;
pub mod desk_codes;
pub mod epoch;
pub mod export;
pub mod field;
pub mod frame;
pub mod guard;
pub mod index_file;
pub mod index_report;
pub mod keys;
pub mod password;
pub mod population_sheet;
pub mod poster;
pub mod publication;
pub mod quality;
pub mod receipt;
pub mod sampling;
pub mod seal;
pub mod second_factor;
pub mod sheet;
pub mod simulate;
pub mod table;
pub mod token;
