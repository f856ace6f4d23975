//! Taking in the list of an agency (frame): the file as it comes, its lines, its people. Memory is bounded by
//! `limits::FRAME_FILE_BYTES`; what names somebody is sealed before it leaves.

#[cfg(test)]
mod hostile;
mod html;
mod lines;
mod people;
mod sheet;
mod take_in;
mod told_apart;
mod workbook;
mod xml;
mod zip;

pub use lines::{Lines, Place, Row};
pub use people::{Decisions, Repeat, Scan, scan, scan_with};
pub use sheet::{FileFault, Preview, Table, preview, table};
pub use take_in::{TakeInFault, file_of, finish, keep_file, sha256};
pub use told_apart::{Group, Shared};
