//! `hailong doctor`: what is wrong and how to mend it, one line each. Changes nothing; asks everything, even when the
//! first answer is bad.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use app::server_side::clock::Clock;
use app::server_side::contacts::ContactKeys;
use app::server_side::keys::{KeyError, Keys};
use app::store::Store;

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};
use crate::http::health;
use crate::tls;

/// This was written on 2026-11-24; a clock before it is wrong, and with it every date of every answer.
const WRITTEN_MS: i64 = 1_795_478_400_000;
/// A certificate that ends sooner is worth a word: the time that a renewal by hand takes.
const EXPIRES_SOON_MS: i64 = 14 * DAY_MS;
const DAY_MS: i64 = 24 * 3600 * 1000;
/// A database file that was written later than now, by more than this, says that the clock went back.
const SKEW_MS: i64 = 60_000;
/// Every connection is an open file; fewer than this are met by one busy hour.
const FILES: u64 = 4096;
/// A server of ours answers within this.
const KNOCK: Duration = Duration::from_secs(2);

/// What was found about one thing.
enum Finding {
    /// Right.
    Ok(String),
    /// Right for a trial; something to know.
    Note(String),
    /// Wrong, and how to mend it.
    Problem(String),
}
use Finding::{Note, Ok as Good, Problem};

/// Asks everything and prints a line each; the answer is no when something is wrong.
///
/// # Errors
/// Only when standard output is closed.
pub async fn run(settings: &Settings) -> Result<Answer, Failure> {
    let clock = Clock::System;
    let mut findings = vec![
        ("address", address(settings.listen, settings.tls().is_ok_and(|tls| tls.is_some()))),
        ("public address", public_address(settings)),
        ("tls", certificate(settings, clock.now_ms())),
        ("clock", time(settings.sqlite_file(), clock.now_ms())),
        ("open files", open_files()),
    ];
    if let Some(file) = settings.sqlite_file() {
        findings.push(("disk", disk(file)));
    }
    let store = database(settings, &clock, &mut findings).await;
    findings.push(("key", key(settings, store.as_ref()).await));
    if let (Some(file), Some(store)) = (settings.key_file(), &store) {
        findings.extend(contact_keys(&file, store).await.map(|finding| ("contact keys", finding)));
    }

    let mut text = String::new();
    for (what, finding) in &findings {
        let (word, says) = match finding {
            Good(says) => ("ok", says),
            Note(says) => ("note", says),
            Problem(says) => ("problem", says),
        };
        text.push_str(&format!("{word:<8} {what:<15} {}\n", says.replace('\n', " ")));
    }
    print(&text)?;
    Ok(if findings.iter().any(|(_, finding)| matches!(finding, Problem(_))) { Answer::No } else { Answer::Yes })
}

fn address(listen: SocketAddr, tls: bool) -> Finding {
    match TcpListener::bind(listen) {
        Ok(_) if listen.ip().is_loopback() => Good(format!("{listen} is free; only this machine reaches it")),
        Ok(_) => Good(format!("{listen} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if !tls && is_hailong(listen) {
                Good(format!("{listen}: hailong answers there"))
            } else if tls {
                Note(format!("{listen} is taken; right if it is hailong that runs, else choose another LISTEN"))
            } else {
                Problem(format!("{listen} is taken by another program; stop it or choose another LISTEN"))
            }
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Problem(format!("{listen}: not for this user; choose a port above 1023, or let a proxy listen there"))
        }
        Err(error) => Problem(format!("{listen}: {error}; LISTEN must be an address of this machine")),
    }
}

/// Whether a server of ours answers at an address of this machine.
fn is_hailong(listen: SocketAddr) -> bool {
    let mut address = listen;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let knock = || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, KNOCK)?;
        stream.set_read_timeout(Some(KNOCK))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    knock().is_ok_and(|answer| answer.contains("hailong lives"))
}

fn public_address(settings: &Settings) -> Finding {
    let tls = settings.tls().is_ok_and(|tls| tls.is_some());
    let local = settings.listen.ip().is_loopback();
    match settings.given_public_url() {
        None if local => Note(
            "PUBLIC_URL is not set: fine for a trial. For citizens set it to https://HOST, with TLS_CERT and TLS_KEY or behind a \
             proxy that keeps Host and sets X-Forwarded-For"
                .to_owned(),
        ),
        None => Note(format!("PUBLIC_URL is not set: signs and codes would say {}; set it before printing any", settings.base_url())),
        Some(url) if url.starts_with("http://") => {
            Problem(format!("PUBLIC_URL {url} is not https: answers can be read on the way, tablets cannot work offline; get a certificate"))
        }
        Some(url) if tls => Good(format!("{url}, TLS built in")),
        Some(url) if local => Good(format!("{url}, through a proxy; it must keep Host, set X-Forwarded-For and not pass on /metrics")),
        Some(url) => Problem(format!(
            "{url}, but {} is open to the network without TLS; listen on 127.0.0.1 behind the proxy, or set TLS_CERT and TLS_KEY",
            settings.listen
        )),
    }
}

fn certificate(settings: &Settings, now_ms: i64) -> Finding {
    let (certificate, key) = match settings.tls() {
        Ok(None) => return Good("not built in (TLS_CERT and TLS_KEY are not set)".to_owned()),
        Ok(Some(files)) => files,
        Err(missing) => return Problem(format!("{missing}; give both or neither")),
    };
    if let Err(error) = tls::configuration(&certificate, &key) {
        return Problem(error.to_string());
    }
    let ends = tls::certificates(&certificate).ok().and_then(|chain| tls::expires_ms(chain.first()?));
    match ends {
        None => Note(format!("{}: belongs to its key; when it ends cannot be read", certificate.display())),
        Some(ends) if ends <= now_ms => Problem(format!("{}: ended on {}; renew it", certificate.display(), day(ends))),
        Some(ends) if ends - now_ms < EXPIRES_SOON_MS => {
            Note(format!("{}: ends on {}; renew it, then send SIGHUP", certificate.display(), day(ends)))
        }
        Some(ends) => Good(format!("{}: good until {}", certificate.display(), day(ends))),
    }
}

fn day(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default().format("%Y-%m-%d").to_string()
}

fn time(database: Option<&Path>, now_ms: i64) -> Finding {
    if now_ms < WRITTEN_MS {
        return Problem(format!(
            "says {}, before this program was written; set the clock (timedatectl set-ntp true)",
            day(now_ms)
        ));
    }
    let written = database.and_then(|file| file.metadata().ok()?.modified().ok());
    let written_ms =
        written.and_then(|at| i64::try_from(at.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis()).ok());
    match written_ms {
        Some(written) if written > now_ms + SKEW_MS => {
            Problem(format!("says {}, but the database was written on {}; set the clock", day(now_ms), day(written)))
        }
        _ => Good(format!(
            "{} (UTC)",
            chrono::DateTime::from_timestamp_millis(now_ms).unwrap_or_default().format("%Y-%m-%d %H:%M:%S")
        )),
    }
}

fn open_files() -> Finding {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let soft = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next()?.parse::<u64>().ok());
    match soft {
        Some(soft) if soft < FILES => Note(format!(
            "{soft} at once, so fewer connections; for a city: ulimit -n {FILES}, or LimitNOFILE={FILES} under systemd"
        )),
        Some(soft) => Good(format!("{soft} at once")),
        None => Good("the system does not tell".to_owned()),
    }
}

fn disk(file: &Path) -> Finding {
    let folder = open::folder_of(file);
    // The folder may not be there yet: its nearest ancestor has the disk.
    let there = folder.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(Path::new("."));
    match (health::disk_trouble(there), health::free_bytes(there)) {
        (Some(trouble), _) => Problem(format!("{}: {trouble}; make room, or move DATABASE_URL", there.display())),
        (None, Some(free)) => Good(format!("{} MiB free", free / (1024 * 1024))),
        (None, None) => Note(format!("{}: the system does not tell how much is free", there.display())),
    }
}

/// What is found about the database and its schema; the store, where it opens.
async fn database(settings: &Settings, clock: &Clock, findings: &mut Vec<(&'static str, Finding)>) -> Option<Store> {
    if let Some(file) = settings.sqlite_file().filter(|file| !file.exists()) {
        let folder = open::folder_of(file);
        let there = folder.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(Path::new("."));
        findings.push((
            "database",
            if writable(there) {
                Note(format!("{}: not there yet; the first start makes it", file.display()))
            } else {
                Problem(format!(
                    "{}: this user cannot write there; chown the folder, or choose another DATABASE_URL",
                    there.display()
                ))
            },
        ));
        return None;
    }
    let store = match open::store(settings, clock).await {
        Ok(store) => store,
        Err(failure) => {
            findings.push(("database", Problem(format!("{failure}; is it running, and may this user write it?"))));
            return None;
        }
    };
    findings.push((
        "database",
        match store.ping().await {
            Ok(()) => Good("answers".to_owned()),
            Err(error) => Problem(error.to_string()),
        },
    ));
    findings.push((
        "migrations",
        match store.pending_migrations().await {
            Ok(pending) if pending.is_empty() => Good("the schema is current".to_owned()),
            Ok(pending) if settings.sqlite_file().is_some() => {
                Note(format!("{} steps behind; the next start brings it up, after a backup", pending.len()))
            }
            Ok(pending) => Problem(format!("{} steps behind; run: hailong migrate", pending.len())),
            Err(error) => Problem(format!("{error}; was the database made by a newer program?")),
        },
    ));
    Some(store)
}

/// Whether this user may make files in a folder. The only way to know is to make one.
fn writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".hailong-doctor-{}", std::process::id()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&probe).is_ok();
    made && std::fs::remove_file(&probe).is_ok()
}

/// The keys of the contact data of lists that are kept: without one its names can be read by nobody, ever. Nothing to say
/// where no round has lists, and of a database that was told already.
async fn contact_keys(secret_key: &Path, store: &Store) -> Option<Finding> {
    let keys = ContactKeys::beside(secret_key);
    let (kept, wrong) = keys.of_lists(store).await.ok()?;
    match (kept, wrong.is_empty()) {
        (0, true) => None,
        (_, true) => Some(Good(format!(
            "{kept} round(s) with lists, each key is there. Keep copies apart from the backups, and delete them when the \
             contact data are erased"
        ))),
        (_, false) => Some(Problem(format!(
            "round {}; tablets get no kit (503, contact-key) and nobody can read the names of its lists until the file is \
             brought back from where it is kept",
            wrong.join("; round ")
        ))),
    }
}

async fn key(settings: &Settings, store: Option<&Store>) -> Finding {
    let Some(file) = settings.key_file() else {
        return Problem(
            "SECRET_KEY_FILE must be given on PostgreSQL: openssl rand -hex 32 > FILE; chmod 600 FILE".to_owned(),
        );
    };
    let keys = match Keys::load(&file) {
        Ok(keys) => keys,
        Err(KeyError::Missing(_)) => {
            let known = match store {
                Some(store) => open::key_is_known(store).await,
                None => false,
            };
            return if known {
                Problem(format!(
                    "{}: not there, and the database was made with one; bring it back from where it is kept",
                    file.display()
                ))
            } else {
                Note(format!(
                    "{}: not there yet; the first start makes it. Keep a copy apart from the backups",
                    file.display()
                ))
            };
        }
        Err(error) => return Problem(error.to_string()),
    };
    match store {
        Some(store) => match open::key_fits(store, &keys).await {
            Ok(Some(false)) => Problem(format!(
                "{}: another key than the one this database was made with; bring that one back",
                file.display()
            )),
            Ok(_) => Good(format!("{}: private and readable. Keep a copy apart from the backups", file.display())),
            // A database without a schema has been told already.
            Err(_) => Note(format!("{}: readable; the database could not be asked whether it fits", file.display())),
        },
        None => Good(format!("{}: private and readable", file.display())),
    }
}
