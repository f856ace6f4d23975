//! `hailong`: reads the command line, carries out one command, and ends with its exit code.

use std::io::Write;
use std::process::ExitCode;

use hailong_server::cli::{self, NotACommand};
use hailong_server::commands;
use hailong_server::failure::Answer;
use hailong_server::http::logs;

fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(NotACommand::Told(text)) => {
            // Who closed standard output has seen enough of the manual.
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

/// Says in one line why nothing came of it.
fn end(code: u8, line: &str) -> ExitCode {
    let line = line.lines().collect::<Vec<_>>().join("; ");
    // Where standard error is closed there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "hailong: {line}");
    ExitCode::from(code)
}
