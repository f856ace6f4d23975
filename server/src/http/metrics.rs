//! Counters in the text format of Prometheus, kept in plain atomics: a request costs one look into a small map and
//! three additions.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use app::server_side::clock::Clock;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Seen;
use crate::state::AppState;

/// Upper bounds of the latency buckets, in microseconds: the figures to reach lie between 1 and 10 ms.
const BUCKETS_US: [u64; 12] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000, 10_000_000];
/// Statuses counted one by one; the rest is counted by its hundred.
const STATUSES: [u16; 18] = [200, 204, 206, 301, 302, 303, 304, 400, 401, 403, 404, 405, 409, 410, 413, 422, 500, 503];
/// The hundreds 1xx to 5xx.
const CLASSES: usize = 5;
/// Methods counted one by one; the rest is `OTHER`.
const METHODS: [&str; 3] = ["GET", "POST", "OTHER"];

/// What is counted for one pattern of address and one method.
#[derive(Debug, Default)]
struct Route {
    statuses: [AtomicU64; STATUSES.len() + CLASSES],
    buckets: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

/// The counters of this process.
#[derive(Debug)]
pub struct Metrics {
    /// By pattern of address; bounded by the number of routes, for unknown addresses share one name.
    routes: RwLock<HashMap<String, Arc<[Route; METHODS.len()]>>>,
    started_ms: i64,
}

impl Metrics {
    /// All zero.
    pub fn new(clock: &Clock) -> Self {
        Self { routes: RwLock::default(), started_ms: clock.now_ms() }
    }

    /// When counting began, in milliseconds since 1970.
    pub fn started_ms(&self) -> i64 {
        self.started_ms
    }

    /// Counts one answer.
    pub(super) fn count(&self, seen: &Seen, status: StatusCode, elapsed: Duration) {
        let method = match seen.method {
            Method::GET | Method::HEAD => 0,
            Method::POST => 1,
            _ => 2,
        };
        let routes = self.route(seen.path());
        let Some(route) = routes.get(method) else { return };
        let status = status.as_u16();
        let class = STATUSES.len() + usize::from(status / 100).clamp(1, CLASSES) - 1;
        let at = STATUSES.iter().position(|known| *known == status).unwrap_or(class);
        let us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS_US.iter().position(|bound| us <= *bound).unwrap_or(BUCKETS_US.len());
        for counter in [route.statuses.get(at), route.buckets.get(bucket)].into_iter().flatten() {
            counter.fetch_add(1, Relaxed);
        }
        route.sum_us.fetch_add(us, Relaxed);
    }

    fn route(&self, path: &str) -> Arc<[Route; METHODS.len()]> {
        // Whoever panicked with the lock held left the map whole.
        if let Some(route) = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Arc::clone(route);
        }
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(path.to_owned()).or_default())
    }

    /// The counters of requests as text.
    fn render_requests(&self, out: &mut String) {
        let mut routes: Vec<_> = {
            let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
            routes.iter().map(|(path, route)| (path.clone(), Arc::clone(route))).collect()
        };
        routes.sort_by(|a, b| a.0.cmp(&b.0));
        let counted = || {
            routes
                .iter()
                .flat_map(|(path, methods)| METHODS.iter().zip(methods.iter()).map(move |(m, r)| (path, *m, r)))
        };

        head(out, "hailong_http_requests_total", "counter", "Answers by pattern of address, method and status");
        for (path, method, route) in counted() {
            let words = STATUSES.iter().map(u16::to_string).chain((1..=CLASSES).map(|class| format!("{class}xx")));
            for (status, counter) in words.zip(&route.statuses) {
                let n = counter.load(Relaxed);
                if n > 0 {
                    line(
                        out,
                        &format!(
                            "hailong_http_requests_total{{path=\"{path}\",method=\"{method}\",status=\"{status}\"}}"
                        ),
                        n,
                    );
                }
            }
        }

        let name = "hailong_http_request_duration_seconds";
        head(out, name, "histogram", "Time from the head of a request to the head of its answer");
        for (path, method, route) in counted() {
            let labels = format!("path=\"{path}\",method=\"{method}\"");
            let n: u64 = route.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum();
            if n == 0 {
                continue;
            }
            let mut below = 0;
            for (bound, bucket) in BUCKETS_US.iter().zip(&route.buckets) {
                below += bucket.load(Relaxed);
                line(out, &format!("{name}_bucket{{{labels},le=\"{}\"}}", seconds(*bound)), below);
            }
            line(out, &format!("{name}_bucket{{{labels},le=\"+Inf\"}}"), n);
            line(out, &format!("{name}_sum{{{labels}}}"), seconds(route.sum_us.load(Relaxed)));
            line(out, &format!("{name}_count{{{labels}}}"), n);
        }
    }
}

/// `GET /metrics`: to this machine only, unless told otherwise.
pub(super) async fn show(
    State(state): State<AppState>,
    from: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Response {
    let from = from.map(|axum::Extension(ConnectInfo(address))| address);
    if !state.site.metrics_open && !is_local(from, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut out = String::with_capacity(16 * 1024);
    state.metrics.render_requests(&mut out);
    render_writer(&state, &mut out);
    if let Ok(tallies) = state.store.tallies().await {
        let help = "When responses were last added to the figures, in seconds since 1970";
        head(&mut out, "hailong_tally_timestamp_seconds", "gauge", help);
        line(&mut out, "hailong_tally_timestamp_seconds", tallies.folded_at / 1000);
        head(&mut out, "hailong_tally_version", "gauge", "Version of the figures: moves when responses are added");
        line(&mut out, "hailong_tally_version", tallies.version);
    }
    render_process(&state, &mut out);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], out)
        .into_response()
}

/// Whether the request comes from this machine itself. One that a proxy on this machine passes on comes from loopback
/// too: it says so in a header.
fn is_local(from: Option<SocketAddr>, headers: &HeaderMap) -> bool {
    let passed_on = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(HeaderName::from_static(name)));
    from.is_some_and(|address| address.ip().to_canonical().is_loopback()) && !passed_on
}

fn render_writer(state: &AppState, out: &mut String) {
    let Some(writer) = state.store.writer_stats() else { return };
    let counters = [
        ("hailong_writer_commits_total", "Transactions of the writer", writer.commits.to_string()),
        (
            "hailong_writer_responses_total",
            "Responses in them: divided by the commits, the size of a batch",
            writer.responses.to_string(),
        ),
        (
            "hailong_writer_commit_seconds_total",
            "Time spent in commits: divided by the commits, the latency of one",
            seconds(writer.commit_us),
        ),
        (
            "hailong_writer_failures_total",
            "Responses that were refused because they could not be written",
            writer.failures.to_string(),
        ),
    ];
    for (name, help, value) in counters {
        head(out, name, "counter", help);
        line(out, name, value);
    }
    head(out, "hailong_writer_queue_length", "gauge", "Responses that wait for their commit");
    line(out, "hailong_writer_queue_length", writer.queued);
}

fn render_process(state: &AppState, out: &mut String) {
    head(out, "hailong_build_info", "gauge", "The version that runs");
    line(out, &format!("hailong_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1);
    head(out, "process_start_time_seconds", "gauge", "When the process began, in seconds since 1970");
    line(out, "process_start_time_seconds", state.metrics.started_ms / 1000);
    if let Some(bytes) = resident_bytes() {
        head(out, "process_resident_memory_bytes", "gauge", "Memory held");
        line(out, "process_resident_memory_bytes", bytes);
    }
}

/// Memory held by this process, where the system tells (Linux).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name} {value}");
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_on_this_machine_is_not_this_machine() {
        let loopback = Some("127.0.0.1:5000".parse().expect("an address"));
        assert!(is_local(loopback, &HeaderMap::new()));
        assert!(is_local(Some("[::ffff:127.0.0.1]:5000".parse().expect("an address")), &HeaderMap::new()));
        assert!(!is_local(Some("192.0.2.7:5000".parse().expect("an address")), &HeaderMap::new()));
        assert!(!is_local(None, &HeaderMap::new()));
        let passed_on = HeaderMap::from_iter([(
            HeaderName::from_static("x-forwarded-for"),
            header::HeaderValue::from_static("192.0.2.7"),
        )]);
        assert!(!is_local(loopback, &passed_on));
    }

    #[test]
    fn seconds_are_written_with_a_point_and_six_places() {
        assert_eq!(seconds(250), "0.000250");
        assert_eq!(seconds(12_000_001), "12.000001");
    }
}
