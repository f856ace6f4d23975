//! `/healthz`: the process lives. `/readyz`: it can take answers, and if not, what is missing.

use std::path::Path;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::limits::DISK_FREE_BYTES;
use crate::state::AppState;

/// The database has this long to answer.
const DATABASE: Duration = Duration::from_secs(2);

/// `GET /healthz`.
pub(super) async fn live() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "hailong lives\n").into_response()
}

/// One thing that must hold.
#[derive(Debug, Serialize)]
struct Check {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

impl Check {
    fn of(trouble: Option<String>) -> Self {
        Self { ok: trouble.is_none(), says: trouble }
    }
}

/// Everything that must hold.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "`ready` is what the document calls it")]
struct Ready {
    ready: bool,
    database: Check,
    migrations: Check,
    disk: Check,
    writer: Check,
}

/// `GET /readyz`: 200 when answers can be taken, else 503. Causes are for the log; the page is open to all.
pub(super) async fn ready(State(state): State<AppState>) -> Response {
    let database = match tokio::time::timeout(DATABASE, state.store.ping()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database does not answer");
            Some("does not answer".to_owned())
        }
        Err(_elapsed) => Some("does not answer in time".to_owned()),
    };
    let migrations = match tokio::time::timeout(DATABASE, state.store.pending_migrations()).await {
        Ok(Ok(pending)) if pending.is_empty() => None,
        Ok(Ok(pending)) => Some(format!("{} not applied", pending.len())),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the migrations cannot be read");
            Some("cannot be read".to_owned())
        }
        Err(_elapsed) => Some("cannot be read in time".to_owned()),
    };
    let disk = state.site.data_folder.as_deref().and_then(disk_trouble);
    let writer = (!state.store.writer_alive()).then(|| "takes nothing".to_owned());
    let ready = [&database, &migrations, &disk, &writer].iter().all(|trouble| trouble.is_none());
    let body = Ready {
        ready,
        database: Check::of(database),
        migrations: Check::of(migrations),
        disk: Check::of(disk),
        writer: Check::of(writer),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// What is wrong with the disk that holds `folder`; none when there is room, or when the system does not tell.
pub(crate) fn disk_trouble(folder: &Path) -> Option<String> {
    let free = free_bytes(folder)?;
    let mib = |bytes: u64| bytes / (1024 * 1024);
    (free < DISK_FREE_BYTES).then(|| format!("{} MiB free, {} MiB wanted", mib(free), mib(DISK_FREE_BYTES)))
}

/// Bytes that this process may still write on the disk that holds `folder`.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}
