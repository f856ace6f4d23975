//! A real PostgreSQL, started by `scripts/postgres.sh` and gone when the test process is.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

/// Kept inside, so that a program that was built elsewhere finds it too.
const SCRIPT: &str = include_str!("../../scripts/postgres.sh");

/// A running server of the test's own. Dropped: stopped, and its folder removed; the same happens when the test
/// process dies, since the script that keeps the server waits for the end of its standard input.
#[derive(Debug)]
pub struct Postgres {
    keeper: Child,
    lifeline: Option<ChildStdin>,
    url: String,
}

impl Postgres {
    /// Starts a server, which takes about two seconds. Prefer [`Postgres::shared`].
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start; the script says why on standard error.
    #[expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]
    pub fn start() -> Self {
        let mut keeper = Command::new("sh")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("scripts/postgres.sh runs");
        let lifeline = keeper.stdin.take();
        let mut url = String::new();
        let output = keeper.stdout.take().expect("standard output is piped");
        BufReader::new(output).read_line(&mut url).expect("scripts/postgres.sh prints an address");
        assert!(url.starts_with("postgres://"), "PostgreSQL did not start, see the lines above");
        Self { keeper, lifeline, url: url.trim().to_owned() }
    }

    /// The one server of this test binary, started by the first test that asks. Each test takes a database of its
    /// own from it with [`Postgres::database_url`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// The address of the maintenance database, `postgres://postgres@127.0.0.1:PORT/postgres`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes a fresh, empty database `name` (one that is there is dropped) and returns its address.
    ///
    /// # Panics
    /// When the server refuses; `name` is lower-case letters, digits and `_`.
    pub fn database_url(&self, name: &str) -> String {
        self.run("dropdb", &["--if-exists", "--force", name]);
        self.run("createdb", &[name]);
        match self.url.rsplit_once('/') {
            Some((server, _)) => format!("{server}/{name}"),
            None => unreachable!("the address ends in the name of a database"),
        }
    }

    #[expect(clippy::expect_used, reason = "a test that cannot have its database has failed")]
    fn run(&self, tool: &str, arguments: &[&str]) {
        let output = Command::new(tool)
            .arg(format!("--maintenance-db={}", self.url))
            .args(arguments)
            .output()
            .expect("the PostgreSQL client tools are installed");
        assert!(output.status.success(), "{tool} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _ = self.keeper.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::Postgres;
    use std::net::TcpStream;

    #[test]
    fn a_server_answers_hands_out_databases_and_is_gone_when_dropped() {
        let server = Postgres::start();
        let one = server.database_url("one");
        assert!(one.ends_with("/one"), "{one}");
        // Asking again makes it anew.
        assert_eq!(one, server.database_url("one"));
        let address = one.trim_start_matches("postgres://postgres@").trim_end_matches("/one").to_owned();
        assert!(TcpStream::connect(&address).is_ok());
        drop(server);
        assert!(TcpStream::connect(&address).is_err());
    }
}
