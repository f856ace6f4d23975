//! The built binary, as an operator has it: run to its end, or started and stopped.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use testkit::Folder;

/// `hailong` with these arguments, in this folder, with nothing of the environment but the database.
pub(crate) fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hailong"));
    command.args(arguments).current_dir(folder.path()).env_clear().env("DATABASE_URL", folder.sqlite_url());
    command
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for End {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl End {
    /// The end of a run that was to fail: this exit code, one line on standard error, nothing on standard output.
    #[track_caller]
    pub(crate) fn fails_with(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.out, "", "{self:?}");
        let lines: Vec<&str> = self.err.lines().collect();
        assert_eq!(lines.len(), 1, "{self:?}");
        assert!(lines[0].starts_with("hailong: ") && lines[0].contains(words), "{words} is not in {self:?}");
    }

    /// The end of a run that was to do its work.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        assert_eq!(self.code, Some(0), "{self:?}");
    }
}

/// Runs to the end.
pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> End {
    command(folder, arguments).output().expect("it runs").into()
}

/// Runs to the end with these variables set.
pub(crate) fn run_with(folder: &Folder, variables: &[(&str, &str)], arguments: &[&str]) -> End {
    command(folder, arguments).envs(variables.iter().copied()).output().expect("it runs").into()
}

/// A running server; killed when the test lets go of it.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    rest: Option<std::thread::JoinHandle<String>>,
}

impl Server {
    /// Starts `hailong serve` on a free port and waits until it says where.
    pub(crate) fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with more flags.
    pub(crate) fn start_with(folder: &Folder, flags: &[&str]) -> Self {
        let mut command = command(folder, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(flags);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut lines = BufReader::new(child.stderr.take().expect("piped"));
        let mut address = None;
        let mut said = String::new();
        while address.is_none() {
            let mut line = String::new();
            let read = lines.read_line(&mut line).expect("UTF-8");
            assert_ne!(read, 0, "it ended: {said}");
            address = line.split_once("://").map(|(_, rest)| rest.trim().trim_end_matches('/').to_owned());
            said.push_str(&line);
        }
        let rest = std::thread::spawn(move || {
            let mut rest = String::new();
            lines.read_to_string(&mut rest).expect("UTF-8");
            rest
        });
        Self { child, address: address.expect("an address"), rest: Some(rest) }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the end, at most this long; what it said meanwhile is with it.
    pub(crate) fn ends_within(mut self, limit: Duration) -> End {
        let step = Duration::from_millis(20);
        let mut waited = Duration::ZERO;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(waited < limit, "it still runs after {limit:?}");
            std::thread::sleep(step);
            waited += step;
        };
        let err = self.rest.take().expect("its lines").join().expect("read");
        End { code: status.code(), out: String::new(), err }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Names of the files in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}
