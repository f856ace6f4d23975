//! The process: reads the command line, carries out one command, and ends with its exit code.
//!
//! The async runtime starts here and not in `main.rs`: `Runtime::block_on` compiles the whole tree of async functions
//! into the crate that calls it, so that the binary itself only links.

use std::io::Write;
use std::process::ExitCode;

use crate::cli::{self, NotACommand};
use crate::commands;
use crate::failure::Answer;
use crate::http::logs;

/// Runs the process to its end: exit code 0 done, 1 the answer is no, 2 wrong usage or input, 3 the system failed.
pub fn run() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(NotACommand::Told(text)) => {
            // A reader that closed standard output has seen enough of the manual.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(NotACommand::Wrong(line)) => return end(2, &line),
    };
    logs::start(&cli.settings.log, cli.settings.log_format);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return end(3, &format!("no threads: {error}")),
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(failure) => end(failure.code(), &failure.to_string()),
    }
}

/// Prints the reason of a failure in one line.
fn end(code: u8, line: &str) -> ExitCode {
    let line = line.lines().collect::<Vec<_>>().join("; ");
    // With standard error closed there is no reader for the reason.
    let _ = writeln!(std::io::stderr(), "hailong: {line}");
    ExitCode::from(code)
}
