//! The binary `hailong` as a library, so that tests can hold every part.
//!
//! A tour: `entry` reads the command line (`cli`, `config`) and calls one of `commands`; `serve` assembles the router
//! (`routes`) inside the frame that every request goes through (`http`) and listens.

/// Agencies by the codes that people write.
pub mod agencies;
/// The command line.
pub mod cli;
/// What can be asked of the binary, one file per command.
pub mod commands;
/// Settings from flags and the environment.
pub mod config;
/// Compressed copies of pages.
pub mod encoding;
/// The process, from the command line to the exit code.
pub mod entry;
/// How a command ends: the exit code and the one line.
pub mod failure;
/// What every request goes through, and the addresses of operations.
pub mod http;
/// Pages that are rendered once and kept.
pub mod page_cache;
/// The addresses of the site.
pub mod routes;
/// The server: start, listen, stop.
pub mod serve;
/// What handlers share.
pub mod state;
/// Certificates.
pub mod tls;
