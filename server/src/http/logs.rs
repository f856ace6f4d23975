//! Logs: to standard error, structured, without personal data.
//!
//! A line of a request has the method, the pattern of the address (never the address: it holds desk codes and
//! queries), the status, the time it took and the reference. Never a body, a header or where the request came from.

use std::time::Duration;

use axum::http::StatusCode;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Seen;
use crate::config::LogFormat;

/// A request that took longer is worth a line of its own.
const SLOW: Duration = Duration::from_secs(1);

/// Starts the logs of this process. `levels` was checked where it was read; what cannot be read here means `info`.
pub fn start(levels: &str, format: LogFormat) {
    let levels: Targets = levels.parse().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(levels);
    // A second start, in a test, leaves the first one in place.
    let _ = match format {
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
    // The message of a panic may quote what somebody sent; the place never does.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        tracing::error!(place, "a defect: the program panicked");
    }));
}

/// The line of one request. What went well is written at level debug only: at thirty thousand a second a line each would
/// cost more than the request.
pub(super) fn request(seen: &Seen, status: StatusCode, elapsed: Duration) {
    macro_rules! line {
        ($level:ident, $words:literal) => {
            tracing::$level!(
                target: "access",
                method = %seen.method,
                path = seen.path(),
                status = status.as_u16(),
                micros = elapsed.as_micros() as u64,
                reference = %seen.reference,
                $words
            )
        };
    }
    if status.is_server_error() {
        line!(error, "failed");
    } else if elapsed > SLOW {
        line!(warn, "slow");
    } else if status.is_client_error() {
        line!(info, "refused");
    } else {
        line!(debug, "answered");
    }
}
