//! The figures that we promise, measured from outside: `bench BINARY [RESPONSES [PART]]`, by `make bench`; and what a
//! response costs in instructions, which no noise touches: `bench BINARY instructions`, by `make test`.
//!
//! Server and load share this machine and only its loopback interface. Beside every absolute figure stands what the
//! same machine did bare in the same run, since disks and cores differ more than programs do.

mod bare;
mod export;
mod field;
mod http;
mod instructions;
mod load;
mod payload;
mod server;
mod stalls;

use load::Outcome;
use payload::Payload;
use server::Site;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use testkit::{Folder, Postgres};

/// How long each load lasts.
const TIME: Duration = Duration::from_secs(5);
/// Where one screen of results at a large number of responses is measured, unless told otherwise.
const MANY: u32 = 1_000_000;

const USAGE: &str = "usage: bench BINARY [RESPONSES [sqlite|postgres|stalls|large|export|field]] | \
                     bench BINARY instructions [record]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let report = Report { out: std::io::stdout() };
    match words[..] {
        [instructions::WORK, database, token, requests] => {
            instructions::work(database, token, std::path::Path::new(requests))
        }
        [binary, "instructions"] => instructions::run(&PathBuf::from(binary), false, &report),
        [binary, "instructions", "record"] => instructions::run(&PathBuf::from(binary), true, &report),
        [binary] => measured(&PathBuf::from(binary), MANY, None, &report),
        [binary, many] => measured(&PathBuf::from(binary), many.parse()?, None, &report),
        [binary, many, part] => measured(&PathBuf::from(binary), many.parse()?, Some(part), &report),
        _ => Err(USAGE.into()),
    }
}

#[tokio::main]
async fn measured(
    binary: &std::path::Path,
    many: u32,
    part: Option<&str>,
    report: &Report,
) -> Result<(), Box<dyn Error>> {
    let wanted = |name: &str| part.is_none_or(|part| part == name);
    report.line("synced append of 4 KiB", &format!("{:.0} µs", bare::sync_us()?), "")?;
    if wanted("sqlite") {
        sqlite(binary, report).await?;
    }
    if wanted("postgres") {
        postgres(binary, report).await?;
    }
    if wanted("stalls") {
        stalls::run(binary, None, report).await?;
        let server = Postgres::start();
        stalls::run(binary, Some(server.database_url("stalls")), report).await?;
    }
    if wanted("large") {
        large(binary, many, report).await?;
    }
    if wanted("field") {
        field::run(binary, report).await?;
    }
    if wanted("export") {
        exports(binary, many, report).await?;
    }
    Ok(())
}

/// The answers as CSV, where the sample has so many.
async fn exports(binary: &std::path::Path, many: u32, report: &Report) -> Result<(), Box<dyn Error>> {
    // Three of four simulated responses are of the sample, and a file holds one stream.
    let site = Site::new(binary, None, many.saturating_add(many / 3))?;
    let token = export::session(&site).await?;
    let (running, _) = site.serve().await?;
    let idle = running.memory().0;
    let taken = export::take(&site, "/quan-tri/xuat/phieu.csv?nguon=sample", &token)?;
    let (s, mib) = (taken.elapsed.as_secs_f64(), taken.bytes as f64 / f64::from(1 << 20));
    let what = format!("answers as CSV, {} rows", taken.rows);
    report.line(&what, &format!("{s:.2} s, {mib:.0} MiB"), "≤ 5 s for 1 million")?;
    let highest = running.memory().1;
    report.line("memory, highest while it goes out", &format!("{highest:.1} MiB, before it {idle:.1}"), "≤ 80")
}

/// Writes and pages on SQLite, at ten thousand responses and what is written on top.
async fn sqlite(binary: &std::path::Path, report: &Report) -> Result<(), Box<dyn Error>> {
    let folder = Folder::new("bare");
    let bare = bare::insert(&folder.sqlite_url(), TIME).await?;
    report.line("bare insert, SQLite", &format!("{bare:.0} rows/s"), "one connection, 512 rows a transaction")?;

    let site = Site::new(binary, None, 10_000)?;
    let payload = payload(&site)?;
    let (running, ready) = site.serve().await?;
    report.line("start, 10 thousand responses", &format!("{:.0} ms", ready.as_secs_f64() * 1e3), "to ready")?;
    report.line("memory, idle", &format!("{:.1} MiB", running.memory().0), "≤ 25")?;

    let health = http::request("GET", "/healthz", "", "");
    let healthz = load::run(&site.address, 64, TIME, move |_| health.clone()).await;
    report.load("/healthz, 64 connections", &healthz, 1, "")?;

    results(&site, "10 thousand", report).await?;
    let pages = payload.clone();
    let outcome = load::run(&site.address, 64, TIME, move |chance| pages.page(chance)).await;
    report.load("phone page, 64 connections", &outcome, 1, "≥ 20,000/s")?;

    let forms = payload.clone();
    let outcome = load::run(&site.address, 64, TIME, move |chance| forms.form(chance)).await;
    report.load("form posts of browsers, 64 connections", &outcome, 1, "≥ 15,000/s")?;

    let before = site.disk();
    let mut written = 0;
    for (what, size, connections, promise) in [
        ("responses, one a request, 64 connections", 1, 64, "≥ 30,000/s, p99 ≤ 10 ms"),
        ("responses, 100 a request, 8 connections", 100, 8, "≥ 90,000/s"),
    ] {
        let items = payload.clone();
        let outcome = load::run(&site.address, connections, TIME, move |chance| items.batch(size, chance)).await;
        report.load(what, &outcome, size, promise)?;
        let rate = outcome.per_second() * size as f64;
        report.line("", &format!("{:.2} × /healthz, {:.2} × bare", rate / healthz.per_second(), rate / bare), "")?;
        written += outcome.answers * size;
    }
    report.line("memory, highest under this load", &format!("{:.1} MiB", running.memory().1), "≤ 100")?;
    drop(running);
    let recount = site.hailong(&["recount"])?;
    report.line("recount", recount.trim(), "0 differences")?;
    let each = site.disk().saturating_sub(before) as f64 / written.max(1) as f64;
    report.line("disk per full response", &format!("{each:.0} bytes"), "≤ 160")
}

async fn postgres(binary: &std::path::Path, report: &Report) -> Result<(), Box<dyn Error>> {
    let server = Postgres::start();
    let bare = bare::insert(&server.database_url("bare"), TIME).await?;
    report.line("bare insert, PostgreSQL", &format!("{bare:.0} rows/s"), "one connection, 512 rows a transaction")?;
    let site = Site::new(binary, Some(server.database_url("hailong")), 10_000)?;
    let payload = payload(&site)?;
    let (running, _) = site.serve().await?;
    let outcome = load::run(&site.address, 64, TIME, move |chance| payload.batch(1, chance)).await;
    report.load("the same on PostgreSQL, one a request", &outcome, 1, "≥ 25,000/s")?;
    report.line("", &format!("{:.2} × bare", outcome.per_second() / bare), "")?;
    drop(running);
    report.line("recount", site.hailong(&["recount"])?.trim(), "0 differences")
}

/// Every page of results, for the public and for staff. The agency is Quận Ninh Kiều, with the most fields and desks.
const PAGES: &[(&str, &str)] = &[
    ("results page", "/ket-qua"),
    ("results of an agency", "/ket-qua/916"),
    ("staff: overview", "/quan-tri"),
    ("staff: agency, one-way tables", "/quan-tri/co-quan/916"),
    ("staff: ranking", "/quan-tri/xep-hang"),
    ("staff: a pair", "/quan-tri/so-sanh?a=916&b=919"),
    ("staff: one-page summary", "/quan-tri/tom-tat/916"),
];

/// Start, results and recount where there are many responses, beside the same at ten thousand.
async fn large(binary: &std::path::Path, many: u32, report: &Report) -> Result<(), Box<dyn Error>> {
    let small = {
        let site = Site::new(binary, None, 10_000)?;
        let token = export::session(&site).await?;
        let (_running, _) = site.serve().await?;
        pages(&site, &token, "10 thousand", &[], report).await?
    };
    let site = Site::new(binary, None, many)?;
    let token = export::session(&site).await?;
    let (running, ready) = site.serve().await?;
    let what = format!("{many} responses");
    report.line(&format!("start, {what}"), &format!("{:.0} ms", ready.as_secs_f64() * 1e3), "≤ 200 at 10 million")?;
    pages(&site, &token, &what, &small, report).await?;
    report.line("memory there, highest", &format!("{:.1} MiB", running.memory().1), "≤ 100")?;
    let start = load::now();
    let recount = site.hailong(&["recount"])?;
    let s = start.elapsed().as_secs_f64();
    report.line("recount", &format!("{}, {s:.1} s", recount.trim()), "0 differences, ≤ 60 s at 10 million")
}

/// The medians of all pages, each beside what it was in `before`.
async fn pages(
    site: &Site,
    token: &str,
    what: &str,
    before: &[f64],
    report: &Report,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let headers = format!("accept-encoding: gzip\r\naccept: text/html\r\ncookie: hailong-staff={token}\r\n");
    let mut medians = vec![];
    for (i, (name, path)) in PAGES.iter().enumerate() {
        let page = http::request("GET", path, &headers, "");
        let outcome = load::run(&site.address, 8, TIME, move |_| page.clone()).await;
        report.load(&format!("{name}, {what}"), &outcome, 1, "≥ 2,000/s, p99 ≤ 5 ms at 8 connections")?;
        let median = outcome.quantile(0.5);
        if let Some(before) = before.get(i) {
            report.line("", &format!("{:.2} × the median at 10 thousand", median / before), "≤ 1.2")?;
        }
        medians.push(median);
    }
    Ok(medians)
}

async fn results(site: &Site, what: &str, report: &Report) -> Result<(), Box<dyn Error>> {
    let page = http::request("GET", "/ket-qua", "accept-encoding: gzip\r\naccept: text/html\r\n", "");
    let outcome = load::run(&site.address, 8, TIME, move |_| page.clone()).await;
    report.load(&format!("results page, {what}, 8 connections"), &outcome, 1, "≥ 2,000/s, p99 ≤ 5 ms")
}

fn payload(site: &Site) -> Result<Payload, Box<dyn Error>> {
    payload_and_token(site).map(|(payload, _)| payload)
}

fn payload_and_token(site: &Site) -> Result<(Payload, String), Box<dyn Error>> {
    let desks: serde_json::Value = serde_json::from_str(&site.hailong(&["desks", "--format", "json"])?)?;
    let agency = desks[0]["agency_code"].as_str().ok_or("the sample city has a desk")?;
    let token = site.hailong(&["device", "add", "bench", "--agency", agency, "--stream", "open"])?.trim().to_owned();
    let payload = Payload::new(&desks, vec![token.clone()])?;
    assert!(payload.n_desks() > 1, "the load is spread over the desks of many agencies");
    Ok((payload, token))
}

/// One line a figure: what, how much, and what was promised.
struct Report {
    out: std::io::Stdout,
}

impl Report {
    fn line(&self, what: &str, figure: &str, promise: &str) -> Result<(), Box<dyn Error>> {
        let mut out = self.out.lock();
        writeln!(out, "{what:<44} {figure:<44} {promise}")?;
        Ok(out.flush()?)
    }

    fn plain(&self, line: &str) -> Result<(), Box<dyn Error>> {
        let mut out = self.out.lock();
        writeln!(out, "{line}")?;
        Ok(out.flush()?)
    }

    fn load(&self, what: &str, outcome: &Outcome, size: usize, promise: &str) -> Result<(), Box<dyn Error>> {
        let rate = outcome.per_second() * size as f64;
        let (half, most) = (outcome.quantile(0.5), outcome.quantile(0.99));
        self.line(what, &format!("{rate:.0}/s, median {half:.2} ms, p99 {most:.2} ms"), promise)?;
        let other: Vec<_> = outcome.statuses.iter().filter(|(status, _)| ![200, 303].contains(*status)).collect();
        if !other.is_empty() || !outcome.broken.is_empty() {
            self.line("", &format!("NOT ALL WELL: statuses {other:?}, broken {:?}", outcome.broken.first()), "")?;
        }
        Ok(())
    }
}
