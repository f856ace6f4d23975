//! What the tests of several crates share: a throwaway PostgreSQL and a throwaway folder.
//!
//! Only a development dependency. It panics where it cannot do its work, as a failed test does, and it uses
//! nothing of the other rooms.

mod folder;
mod postgres;

pub use folder::Folder;
pub use postgres::Postgres;
