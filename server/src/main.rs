//! `hailong`: the binary. Everything is in the library, so that this file only links.

use std::process::ExitCode;

fn main() -> ExitCode {
    hailong_server::entry::run()
}
