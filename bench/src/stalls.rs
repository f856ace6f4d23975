//! A minute of many devices at many agencies, and a probe beside them: how long at most does nothing go on?
//!
//! The load asks as fast as it is answered. The probe has a thread of its own, so that the load's own waiting is not
//! measured as the server's, and asks a hundred times a second.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use app::domain::ids::AgencyId;
use app::domain::response::Stream;
use app::server_side::clock::Clock;
use app::server_side::token;
use app::store::Store;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Report;
use crate::load::{self, now};
use crate::payload::Payload;
use crate::server::Site;

/// How long. Whatever happens every few seconds happens many times.
const TIME: Duration = Duration::from_mins(1);
const CONNECTIONS: u64 = 64;
/// Agencies, each with one device and its desks.
const AGENCIES: usize = 60;
/// Between two requests of the probe.
const PAUSE: Duration = Duration::from_millis(10);
/// From here on it is called a stall.
const STALL: Duration = Duration::from_millis(40);

/// Measures and reports, on `database` or on a SQLite file of its own.
pub(crate) async fn run(binary: &Path, database: Option<String>, report: &Report) -> Result<(), Box<dyn Error>> {
    let name = if database.is_some() { "PostgreSQL" } else { "SQLite" };
    let site = Site::new(binary, database, 10_000)?;
    let payload = payload(&site).await?;
    let (running, _) = site.serve().await?;
    let others = machine_load();

    let until = now() + TIME;
    let (address, own) = (site.address.clone(), payload.clone());
    let probe = std::thread::spawn(move || probe(&address, &own, until));
    let outcome = load::run(&site.address, CONNECTIONS, TIME, move |chance| payload.batch(1, chance)).await;
    let beats = probe.join().map_err(|_| "the probe panicked")??;

    let what = format!("{AGENCIES} agencies and devices, 60 s, {name}");
    report.load(&what, &outcome, 1, "p99 ≤ 10 ms")?;
    report.line("", &format!("longest {:.1} ms", outcome.quantile(1.0)), "")?;
    let mut sorted: Vec<Duration> = beats.iter().map(|(_, took)| *took).collect();
    sorted.sort_unstable();
    let at = |share: f64| {
        let place = (sorted.len() as f64 * share) as usize;
        sorted.get(place.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
    };
    let figure = format!("{}, median {:.1} ms, p99 {:.1} ms", beats.len(), at(0.5), at(0.99));
    report.line("a probe beside them", &figure, "p99 ≤ 10 ms")?;
    let words = |(when, took): &(Duration, Duration)| {
        format!("{:.0} ms at {:.2} s", took.as_secs_f64() * 1e3, when.as_secs_f64())
    };
    let longest = beats.iter().max_by_key(|(_, took)| *took).map_or_else(String::new, words);
    report.line("longest stall", &longest, "≤ 40 ms")?;
    let stalls: Vec<String> = beats.iter().filter(|(_, took)| *took > STALL).map(words).collect();
    let some = stalls.iter().take(12).map(String::as_str).collect::<Vec<_>>().join(", ");
    report.line("stalls over 40 ms", &format!("{}: {some}", stalls.len()), "none")?;
    report.line("", &format!("the machine's load before {others}, after {}", machine_load()), "")?;
    drop(running);
    report.line("recount", site.hailong(&["recount"])?.trim(), "0 differences")
}

/// The load averages of one, five and fifteen minutes: other work on this machine lengthens every stall.
fn machine_load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Enrols a device at each of the first agencies, and sends to the desks of these.
async fn payload(site: &Site) -> Result<Payload, Box<dyn Error>> {
    let desks: serde_json::Value = serde_json::from_str(&site.hailong(&["desks", "--format", "json"])?)?;
    let all = desks.as_array().ok_or("the desks are a list")?;
    let mut codes: Vec<&str> = vec![];
    for code in all.iter().filter_map(|desk| desk["agency_code"].as_str()) {
        if !codes.contains(&code) && codes.len() < AGENCIES {
            codes.push(code);
        }
    }
    if codes.len() < AGENCIES {
        return Err(format!("the sample city has only {} agencies with desks", codes.len()).into());
    }
    let of_these = all.iter().filter(|desk| desk["agency_code"].as_str().is_some_and(|code| codes.contains(&code)));
    let of_these = serde_json::Value::Array(of_these.cloned().collect());

    let store = Store::open(site.database(), Clock::System).await?;
    let agencies = store.agencies().await?;
    let mut tokens = vec![];
    for code in &codes {
        let agency: AgencyId = agencies.values().find(|a| a.code == *code).ok_or("a desk has an agency")?.id;
        let token = token::new()?;
        store.add_device(&format!("bench {code}"), agency, Stream::Open, token::hash(&token)).await?;
        tokens.push(token);
    }
    Payload::new(&of_these, tokens)
}

/// Sends one response after another until then. When each was sent, from the start, and how long it took.
fn probe(address: &str, payload: &Payload, until: Instant) -> std::io::Result<Vec<(Duration, Duration)>> {
    let mut chance = ChaCha8Rng::seed_from_u64(CONNECTIONS);
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let start = now();
    let mut beats = vec![];
    let mut answer = vec![0; 64 << 10];
    while now() < until {
        let request = payload.batch(1, &mut chance);
        let asked = now();
        stream.write_all(&request)?;
        let mut read = 0;
        // An answer to one response fits into a packet; its JSON ends it.
        loop {
            let more = stream.read(answer.get_mut(read..).unwrap_or_default())?;
            read += more;
            let body = answer.get(..read).unwrap_or_default();
            if more == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if body.ends_with(b"}") && body.windows(4).any(|four| four == b"\r\n\r\n") {
                break;
            }
        }
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(std::io::Error::other(String::from_utf8_lossy(answer.get(..read).unwrap_or_default())));
        }
        beats.push((asked - start, asked.elapsed()));
        std::thread::sleep(PAUSE);
    }
    Ok(beats)
}
