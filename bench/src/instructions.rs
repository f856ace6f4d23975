//! What a response costs in instructions, from the bytes of its request to the statement of the writer. Rates differ from
//! machine to machine and from minute to minute; a count does not, so a test can hold it.
//!
//! [`run`] calls this program again under callgrind ([`work`]) and compares with what `instructions.json` records for the
//! compiler. Valgrind is called directly: the crates around it (`gungraun`, formerly `iai-callgrind`) need a second program,
//! installed by hand in the very version of the crate, and keep their baselines outside the repository.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::Arc;

use app::components::page::SiteInfo;
use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::server_side::contacts::ContactKeys;
use app::server_side::keys::Keys;
use app::server_side::token;
use app::store::Store;
use hailong_server::http::limits::DeskBudget;
use hailong_server::http::metrics::Metrics;
use hailong_server::routes::api::prepare;
use hailong_server::state::{AppState, Shared, Site as SiteSettings};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use testkit::Folder;
use tokio::runtime::Runtime;

use crate::Report;
use crate::server::Site;

/// The first argument of the run under callgrind; then come database, token and file of requests.
pub(crate) const WORK: &str = "instructions-work";
/// Recorded figures by compiler, beside the sources.
const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json");
/// More than this above the record is a failed test: less than a careless clone of a response, more than what the order
/// of a hash map changes.
const MOST_PERCENT: f64 = 5.0;
/// Requests of one response each; what differs by chance (scores, desks) evens out.
const REQUESTS: usize = 200;
/// Runs, of which the cheapest counts: hash maps and addresses differ by chance, by up to 1.5 %.
const RUNS: usize = 3;
/// In the round of the sample city. The clock does not move, so that no cache is renewed while it is counted.
const NOW_MS: u64 = 1_542_018_600_000;
/// Valgrind shows the program the processor of its host; the C library's copies for newer ones differ in their counts.
const SAME_COPIES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX,-ERMS,-FSRM";

/// Which compiler made this, on which kind of processor.
fn compiler() -> String {
    format!("rustc {} {}", env!("MADE_BY_RUSTC"), std::env::consts::ARCH)
}

/// Counts and compares; with `record` it writes the figure down instead. The last line is one that `count-tests.js` reads.
pub(crate) fn run(binary: &Path, record: bool, report: &Report) -> Result<(), Box<dyn Error>> {
    let each = count(binary)?;
    let mut recorded: BTreeMap<String, u64> = match std::fs::read_to_string(RECORD) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(error.into()),
    };
    let compiler = compiler();
    if record {
        recorded.insert(compiler.clone(), each);
        std::fs::write(RECORD, serde_json::to_string_pretty(&recorded)? + "\n")?;
        return report.plain(&format!("recorded for {compiler}: {each} instructions a response"));
    }
    let how = "to record it: scripts/instructions.sh record, and commit bench/instructions.json with the reason";
    let Some(known) = recorded.get(&compiler) else {
        report.plain(&format!(
            "{each} instructions a response; none are recorded for {compiler}, so nothing is held; {how}"
        ))?;
        return report.plain("test result: ok. 0 passed; 0 failed; no figure for this compiler");
    };
    let percent = (each as f64 / *known as f64 - 1.0) * 100.0;
    report.plain(&format!(
        "{each} instructions a response, {known} recorded for {compiler}: {percent:+.1} %, at most {MOST_PERCENT:+.0} %"
    ))?;
    if percent > MOST_PERCENT {
        report.plain(&format!("test result: FAILED. 0 passed; 1 failed; if the cost has a reason, {how}"))?;
        return Err("a response costs more instructions than recorded".into());
    }
    if percent < -MOST_PERCENT {
        report.plain(&format!("it costs less than recorded; {how}"))?;
    }
    report.plain("test result: ok. 1 passed; 0 failed; instructions of a response")
}

/// Instructions of one response.
fn count(binary: &Path) -> Result<u64, Box<dyn Error>> {
    let folder = Folder::new("instructions");
    let site = Site::new(binary, None, 100)?;
    let (payload, token) = crate::payload_and_token(&site)?;
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let bodies: Vec<String> = (0..REQUESTS).map(|_| payload.body(1, NOW_MS, &mut chance)).collect();
    let (requests, out) = (folder.path().join("requests"), folder.path().join("callgrind.out"));
    std::fs::write(&requests, bodies.join("\n"))?;

    let mut least = u64::MAX;
    for _ in 0..RUNS {
        least = least.min(count_once(&site, &token, &requests, &out)?);
    }
    Ok(least / REQUESTS as u64)
}

/// Instructions of all requests, in one run under callgrind.
fn count_once(site: &Site, token: &str, requests: &Path, out: &Path) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*hot_path_of_responses*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .args([WORK, site.database(), token])
        .arg(requests)
        .env("GLIBC_TUNABLES", SAME_COPIES)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind (a Debian package): {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into());
    }
    let counted = std::fs::read_to_string(out)?;
    let total = counted.lines().find_map(|line| line.strip_prefix("totals:")).ok_or("callgrind wrote no totals")?;
    let total: u64 = total.trim().parse()?;
    if total == 0 {
        return Err("callgrind has not met the function that is counted; was it made part of another?".into());
    }
    Ok(total)
}

/// The run under callgrind: opens the database, answers each request once to warm the caches, then once to be counted.
pub(crate) fn work(database: &str, token: &str, requests: &Path) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bodies = std::fs::read_to_string(requests)?;
    let (state, device) = runtime.block_on(async {
        let clock = Clock::fixed(i64::try_from(NOW_MS)?);
        let store = Store::open(database, clock.clone()).await?;
        let device = store.device(token::hash(token)).await?.ok_or("the device is there")?;
        let state = AppState::new(Shared {
            store,
            catalogue: Arc::new(Catalogue::builtin()?),
            keys: Keys::from_bytes([7; 32]),
            contact_keys: ContactKeys::beside(requests),
            metrics: Metrics::new(&clock),
            clock,
            site: SiteSettings {
                base_url: "http://127.0.0.1".to_owned(),
                https: false,
                info: SiteInfo::default(),
                metrics_open: false,
                data_folder: None,
            },
            desk_budget: DeskBudget::new(0),
        });
        Ok::<_, Box<dyn Error>>((state, device))
    })?;
    let all = async || {
        let mut values = 0;
        for body in bodies.lines() {
            values += prepare(&state, &device, body.as_bytes()).await?;
        }
        Ok::<_, String>(values)
    };
    let warm = runtime.block_on(all())?;
    let mut again = Box::pin(all());
    let counted = hot_path_of_responses(&runtime, again.as_mut())?;
    // 19 columns and the delta.
    if warm != counted || counted != REQUESTS * 20 {
        return Err(format!("{counted} values of {REQUESTS} responses: some were refused").into());
    }
    Ok(())
}

/// Callgrind counts while this runs. It has no closure of its own, whose name would contain this one's and switch the
/// count off again.
#[inline(never)]
fn hot_path_of_responses(
    runtime: &Runtime,
    work: Pin<&mut dyn Future<Output = Result<usize, String>>>,
) -> Result<usize, String> {
    runtime.block_on(work)
}
