//! Settings: every environment variable is also a flag, read once, checked before anything starts.
//!
//! An empty variable counts as absent, so that `LISTEN= hailong serve` means the default. May know the environment
//! through clap and nothing of the rooms behind.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use app::components::page::SiteInfo;
use app::store::sqlite_path;
use clap::{Args, ValueEnum};

/// Where the data are when nothing is said.
const DATABASE: &str = "sqlite://data/hailong.db";
/// Where the server listens when nothing is said: this machine alone, so that nothing is open by mistake.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// Anonymous posts a minute at one desk when nothing is said: a busy hall of ten counters that share one code, each
/// sending someone away every 20 seconds with a tap and a form, needs 60; twice that, so that only a machine meets it.
const DESK_BUDGET: u32 = 120;

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// The settings of every command.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings (each flag is also an environment variable; an empty one counts as absent)")]
pub struct Settings {
    /// The data: sqlite://FILE, made if absent, or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, env = "DATABASE_URL", value_name = "URL", default_value = DATABASE, value_parser = database_url)]
    #[arg(global = true, hide_env_values = true)]
    pub database_url: String,
    /// The secret key; default: beside the SQLite database, made by the first command that needs it.
    /// On PostgreSQL it must be given, the same file on every machine
    #[arg(long, env = "SECRET_KEY_FILE", value_name = "FILE", value_parser = path, global = true)]
    secret_key_file: Option<PathBuf>,
    /// Address and port to listen on; 0.0.0.0:3000 for phones on the same network
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", default_value_t = LISTEN, value_parser = listen, global = true)]
    pub listen: SocketAddr,
    /// What citizens type and scan, for instance https://hailong.example.vn; default: made from LISTEN
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", value_parser = public_url, global = true)]
    public_url: Option<String>,
    /// Anonymous posts a minute at one desk before it answers "busy"; 0 = no budget
    #[arg(long, env = "BUDGET_DESK", value_name = "N", default_value_t = DESK_BUDGET, value_parser = desk_budget, global = true)]
    pub budget_desk: u32,
    /// Certificate chain, PEM; with TLS_KEY the server speaks https by itself. SIGHUP reads both again
    #[arg(long, env = "TLS_CERT", value_name = "FILE", value_parser = path, global = true)]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM
    #[arg(long, env = "TLS_KEY", value_name = "FILE", value_parser = path, global = true)]
    tls_key: Option<PathBuf>,
    /// Who is responsible for this site, as TOML with the members place, authority, contact, phone and email; it stands
    /// at the foot of every page. Default: the sample city
    #[arg(long, env = "SITE_FILE", value_name = "FILE", value_parser = path, global = true)]
    site_file: Option<PathBuf>,
    /// Show /metrics to everybody, not only to this machine
    #[arg(long, env = "METRICS_OPEN", global = true, value_name = "BOOL", num_args = 0..=1)]
    #[arg(default_value = "false", default_missing_value = "true", value_parser = boolean)]
    pub metrics_open: bool,
    /// What is logged: off, error, warn, info, debug, trace, or TARGET=LEVEL, with commas between them;
    /// info,access=debug writes a line for every request
    #[arg(long, env = "LOG", value_name = "LEVEL", default_value = "info", value_parser = log, global = true)]
    pub log: String,
    /// How log lines are written, to standard error: text or json
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT", default_value = "text", value_parser = log_format, global = true)]
    pub log_format: LogFormat,
}

impl Settings {
    /// The SQLite file; none on PostgreSQL.
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.database_url.starts_with("sqlite:").then(|| Path::new(sqlite_path(&self.database_url)))
    }

    /// The secret key file: the one that was given, else beside the SQLite database; none on PostgreSQL.
    pub fn key_file(&self) -> Option<PathBuf> {
        given(self.secret_key_file.as_ref()).or_else(|| Some(self.sqlite_file()?.with_extension("key")))
    }

    /// Certificate and key, where the server speaks TLS by itself.
    ///
    /// # Errors
    /// One without the other.
    pub fn tls(&self) -> Result<Option<(PathBuf, PathBuf)>, String> {
        match (given(self.tls_cert.as_ref()), given(self.tls_key.as_ref())) {
            (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
            (None, None) => Ok(None),
            (Some(_), None) => Err("TLS_KEY: missing beside TLS_CERT".to_owned()),
            (None, Some(_)) => Err("TLS_CERT: missing beside TLS_KEY".to_owned()),
        }
    }

    /// Who is responsible for the site.
    ///
    /// # Errors
    /// The file cannot be read, or what stands in it: with its path, and the line where there is one.
    pub fn site_info(&self) -> Result<SiteInfo, String> {
        let Some(file) = given(self.site_file.as_ref()) else { return Ok(SiteInfo::default()) };
        let place = file.display();
        let text = std::fs::read_to_string(&file).map_err(|error| format!("SITE_FILE: {place}: {error}"))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
            format!("SITE_FILE: {place}:{line}: {}", error.message())
        })
    }

    /// `PUBLIC_URL` as it was given, without a slash at its end.
    pub fn given_public_url(&self) -> Option<&str> {
        self.public_url.as_deref().filter(|url| !url.is_empty())
    }

    /// The front of every absolute address, without a slash at its end: `PUBLIC_URL`, else made from `LISTEN`, with the
    /// address on the local network where the server listens on all.
    pub fn base_url(&self) -> String {
        if let Some(url) = self.given_public_url() {
            return url.to_owned();
        }
        let scheme = if matches!(self.tls(), Ok(Some(_))) { "https" } else { "http" };
        let mut address = self.listen;
        if address.ip().is_unspecified() {
            address.set_ip(lan_address().unwrap_or(Ipv4Addr::LOCALHOST).into());
        }
        format!("{scheme}://{address}")
    }
}

fn given(path: Option<&PathBuf>) -> Option<PathBuf> {
    path.filter(|path| !path.as_os_str().is_empty()).cloned()
}

/// The address of this machine on its network, if it has one. Connecting a datagram socket sends nothing: it only asks
/// the system which address it would send from.
fn lan_address() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address reserved for documentation (RFC 5737): routed like any other, and nobody's.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        std::net::IpAddr::V4(address) if !address.is_loopback() && !address.is_unspecified() => Some(address),
        _ => None,
    }
}

fn database_url(raw: &str) -> Result<String, String> {
    match raw {
        "" => Ok(DATABASE.to_owned()),
        url if url.starts_with("sqlite:") && sqlite_path(url).is_empty() => {
            Err("DATABASE_URL: no file after sqlite://".to_owned())
        }
        url if url.starts_with("sqlite:") && sqlite_path(url).contains(":memory:") => {
            Err("DATABASE_URL: a database in memory would forget every answer; name a file".to_owned())
        }
        url if ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) => {
            Ok(url.to_owned())
        }
        _ => Err("DATABASE_URL: write sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME".to_owned()),
    }
}

fn listen(raw: &str) -> Result<SocketAddr, String> {
    if raw.is_empty() {
        return Ok(LISTEN);
    }
    let local = raw.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let wrong = |_| "LISTEN: write ADDRESS:PORT, for instance 127.0.0.1:3000 or 0.0.0.0:3000".to_owned();
    local.as_deref().unwrap_or(raw).parse().map_err(wrong)
}

fn public_url(raw: &str) -> Result<String, String> {
    let url = raw.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = |host: &str| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    if raw.is_empty() || host.is_some_and(fits) {
        Ok(url.to_owned())
    } else {
        Err("PUBLIC_URL: write https://HOST or http://HOST:PORT, without a path".to_owned())
    }
}

fn desk_budget(raw: &str) -> Result<u32, String> {
    if raw.is_empty() {
        return Ok(DESK_BUDGET);
    }
    raw.parse().map_err(|_| "BUDGET_DESK: write a whole number, 0 for no budget".to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser that may fail")]
fn path(raw: &str) -> Result<PathBuf, String> {
    Ok(PathBuf::from(raw))
}

fn boolean(raw: &str) -> Result<bool, String> {
    match raw {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("METRICS_OPEN: write true or false".to_owned()),
    }
}

fn log(raw: &str) -> Result<String, String> {
    if raw.is_empty() {
        return Ok("info".to_owned());
    }
    let level = |word: &str| matches!(word, "off" | "error" | "warn" | "info" | "debug" | "trace");
    let target =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'));
    let fits = |item: &str| item.split_once('=').map_or(level(item), |(name, word)| target(name) && level(word));
    match raw.split(',').find(|item| !fits(item)) {
        None => Ok(raw.to_owned()),
        Some(item) => Err(format!(
            "LOG: `{item}` is neither off, error, warn, info, debug, trace nor TARGET=LEVEL with one of them"
        )),
    }
}

fn log_format(raw: &str) -> Result<LogFormat, String> {
    match raw {
        "" | "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("LOG_FORMAT: write text or json".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_site_is_read_whole_or_refused_with_its_line() {
        let folder = testkit::Folder::new("site");
        let file = folder.path().join("site.toml");
        let read = |text: &str| {
            std::fs::write(&file, text).expect("a file");
            let line = ["hailong", "doctor", "--site-file", file.to_str().expect("a path in UTF-8")];
            crate::cli::parse(line).expect("a command line").settings.site_info()
        };
        let info = read("place = 'tỉnh An Giang'\nauthority = 'UBND tỉnh An Giang'\n").expect("a site");
        assert_eq!((info.place.as_str(), info.contact), ("tỉnh An Giang", None));
        let error = read("place = 'x'\nauthority = 'y'\ntelephone = '1'\n").expect_err("an unknown member");
        assert!(error.contains("site.toml:3: unknown field `telephone`"), "{error}");
        assert!(read("place = 'x'\n").expect_err("no authority").contains("authority"));
    }
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    /// The settings of a command line. The tests give every value that they look at, whatever the environment says.
    fn settings(line: &[&str]) -> Result<Settings, String> {
        let line = std::iter::once("hailong").chain(line.iter().copied());
        Line::try_parse_from(line).map(|line| line.settings).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_value_means_the_default() {
        let empty =
            ["--listen=", "--database-url=", "--budget-desk=", "--log=", "--log-format=", "--tls-cert=", "--tls-key="];
        let settings = settings(&empty).expect("parsed");
        assert_eq!(settings.listen, LISTEN);
        assert_eq!(settings.database_url, DATABASE);
        assert_eq!(settings.budget_desk, DESK_BUDGET);
        assert_eq!(settings.log, "info");
        assert_eq!(settings.tls(), Ok(None));
    }

    #[test]
    fn a_bad_value_is_refused_by_the_name_of_its_variable() {
        for (flag, name) in [
            ("--listen=here", "LISTEN"),
            ("--listen=127.0.0.1", "LISTEN"),
            ("--listen=127.0.0.1:70000", "LISTEN"),
            ("--log=loud", "LOG"),
            ("--log=info,access=loud", "LOG"),
            ("--log=info,,", "LOG"),
            ("--log-format=xml", "LOG_FORMAT"),
            ("--database-url=mysql://db", "DATABASE_URL"),
            ("--database-url=sqlite://", "DATABASE_URL"),
            ("--database-url=sqlite::memory:", "DATABASE_URL"),
            ("--public-url=hailong.example.vn", "PUBLIC_URL"),
            ("--public-url=https://example.vn/hailong", "PUBLIC_URL"),
            ("--budget-desk=-1", "BUDGET_DESK"),
            ("--budget-desk=many", "BUDGET_DESK"),
        ] {
            let error = settings(&[flag]).expect_err(flag);
            assert!(error.contains(&format!("{name}: ")), "{flag}: {error}");
        }
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let settings = settings(&["--tls-cert=cert.pem", "--tls-key="]).expect("parsed");
        assert_eq!(settings.tls(), Err("TLS_KEY: missing beside TLS_CERT".to_owned()));
    }

    #[test]
    fn the_key_lies_beside_the_sqlite_database_and_nowhere_on_postgresql() {
        let file = |line: &[&str]| settings(line).expect("parsed").key_file();
        let beside = file(&["--database-url=sqlite://data/city.db", "--secret-key-file="]);
        assert_eq!(beside, Some(PathBuf::from("data/city.key")));
        assert_eq!(file(&["--database-url=postgres://db/city", "--secret-key-file="]), None);
        let given = file(&["--database-url=postgres://db/city", "--secret-key-file=/etc/hailong.key"]);
        assert_eq!(given, Some(PathBuf::from("/etc/hailong.key")));
    }

    #[test]
    fn the_public_address_stands_before_the_one_that_is_listened_on() {
        let base = |line: &[&str]| settings(line).expect("parsed").base_url();
        assert_eq!(base(&["--public-url=https://hailong.example.vn/"]), "https://hailong.example.vn");
        assert_eq!(base(&["--listen=127.0.0.1:8080", "--public-url="]), "http://127.0.0.1:8080");
        let tls = ["--listen=127.0.0.1:8443", "--public-url=", "--tls-cert=c", "--tls-key=k"];
        assert_eq!(base(&tls), "https://127.0.0.1:8443");
        assert!(!base(&["--listen=0.0.0.0:3000", "--public-url="]).contains("0.0.0.0"));
    }
}
