//! Taking in the list of an agency (frame): the file as it comes, its lines, its people. Memory is bounded by
//! `limits::FRAME_FILE_BYTES`; what names somebody is sealed before it leaves.

mod people;
mod sheet;
mod take_in;

pub use people::{Lines, Place, Scan, scan};
pub use sheet::{FileFault, Preview, Table, preview, table};
pub use take_in::{TakeInFault, file_of, finish, keep_file, sha256};
