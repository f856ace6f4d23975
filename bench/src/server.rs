//! The binary under measurement, with a database of its own.

use crate::load::now;
use std::error::Error;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use testkit::Folder;

/// One database and what to run on it.
#[derive(Debug)]
pub(crate) struct Site {
    binary: PathBuf,
    folder: Folder,
    database: String,
    pub(crate) address: String,
}

impl Site {
    /// A site on `database`, or on a SQLite file of its own, with `responses` simulated ones.
    pub(crate) fn new(binary: &Path, database: Option<String>, responses: u32) -> Result<Self, Box<dyn Error>> {
        let folder = Folder::new("bench");
        let database = database.unwrap_or_else(|| folder.sqlite_url());
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let site = Self { binary: binary.to_owned(), folder, database, address };
        if site.database.starts_with("postgres") {
            site.hailong(&["migrate"])?;
        }
        site.hailong(&["demo", "--responses", &responses.to_string(), "--seed", "7"])?;
        Ok(site)
    }

    /// The address of its database.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .env("DATABASE_URL", &self.database)
            .env("SECRET_KEY_FILE", self.folder.path().join("secret.key"))
            .env("LISTEN", &self.address)
            .env("PUBLIC_URL", format!("http://{}", self.address))
            .env("BUDGET_DESK", "0")
            .env("LOG", "warn")
            .stdin(Stdio::null());
        command
    }

    /// Runs one command to its end and returns its standard output.
    pub(crate) fn hailong(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let output = self.command(arguments).stderr(Stdio::inherit()).output()?;
        if output.status.success() {
            Ok(String::from_utf8(output.stdout)?)
        } else {
            Err(format!("hailong {}: {}", arguments.join(" "), output.status).into())
        }
    }

    /// Starts the server; the time is how long it took to be ready.
    pub(crate) async fn serve(&self) -> Result<(Running, Duration), Box<dyn Error>> {
        let start = now();
        let child = self.command(&["serve"]).stdout(Stdio::null()).spawn()?;
        let running = Running(child);
        let ready = crate::http::request("GET", "/readyz", "", "");
        while start.elapsed() < Duration::from_mins(1) {
            if let Ok(mut connection) = crate::http::Connection::open(&self.address).await
                && matches!(connection.ask(&ready).await, Ok((200, _)))
            {
                return Ok((running, start.elapsed()));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err("the server did not become ready within a minute".into())
    }

    /// Bytes of the SQLite files.
    pub(crate) fn disk(&self) -> u64 {
        let entries = fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        let database = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("hailong.db"));
        database.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
    }
}

/// A running server; dropped, it is asked to end and waited for.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    /// Resident memory now and at its highest, in MiB.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
        };
        (kib("VmRSS:"), kib("VmHWM:"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        if !asked.is_ok_and(|done| done.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
