//! `hailong import outbox FILE`: what a tablet exported because it could not send. It goes the way of `/api/v1`, so the
//! same file twice, or a tablet that sends after all, makes nothing twice.

use std::path::Path;
use std::sync::Arc;

use app::domain::ids::DeviceId;
use app::domain::limits;
use app::domain::staff_log::{Act, Who};
use app::offline::export::{FILE_VERSION, File};
use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use serde_json::{Value, json};

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};
use crate::http::limits::DeskBudget;
use crate::http::metrics::Metrics;
use crate::routes::api::{Carried, carried};
use crate::state::{AppState, Shared, Site};

/// Largest file, in bytes: three requests of the largest size.
const FILE_BYTES: u64 = 3 * limits::API_BYTES as u64;

/// Takes everything in the file and says how much of it is new. What is not kept is named on standard error.
///
/// # Errors
/// [`Failure::Usage`] for a file that cannot be read or is no outbox, and for a device that this database does not know.
pub async fn run(settings: &Settings, file: &Path) -> Result<Answer, Failure> {
    let shown = file.display();
    let unreadable = |why: String| Failure::Usage(format!("{shown}: {why}"));
    let size = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
    if size > FILE_BYTES {
        return Err(unreadable(format!("larger than {FILE_BYTES} bytes")));
    }
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let outbox: File =
        serde_json::from_slice(&bytes).map_err(|error| unreadable(format!("no outbox of a tablet: {error}")))?;
    if outbox.hailong_outbox != FILE_VERSION {
        return Err(unreadable(format!("an outbox of version {}, known is {FILE_VERSION}", outbox.hailong_outbox)));
    }
    let state = state(settings).await?;
    let device = state.store.device_by_key(DeviceId(outbox.device)).await?;
    let device = device
        .ok_or_else(|| unreadable(format!("device {} ({}) is not of this database", outbox.device, outbox.name)))?;
    let (responses, events) = (outbox.responses.len(), outbox.events.len());
    let detail = format!("{responses} phiếu, {events} ghi chép, từ tệp");
    state.store.log(&Who::command("hailong import"), Act::OutboxImported, &device.name, &detail).await?;

    // As if the device were sending now: what its clock is off by decides the months.
    let sent_at = state.clock.now_ms().saturating_add(outbox.clock_off.unwrap_or_default());
    let (mut told, mut taken) = (vec![], vec![]);
    let parts =
        outbox.responses.len().div_ceil(limits::API_RESPONSES).max(outbox.events.len().div_ceil(limits::FIELD_EVENTS));
    let part = |all: &[Value], most: usize, at: usize| -> Vec<Value> {
        all.chunks(most).nth(at).map(<[Value]>::to_vec).unwrap_or_default()
    };
    for at in 0..parts {
        let responses = json!({ "sent_at": sent_at, "responses": part(&outbox.responses, limits::API_RESPONSES, at) });
        let events = json!({ "sent_at": sent_at, "events": part(&outbox.events, limits::FIELD_EVENTS, at) });
        let (of_responses, of_events) =
            carried(&state, &device, responses.to_string().as_bytes(), events.to_string().as_bytes())
                .await
                .map_err(unreadable)?;
        taken.extend(of_responses);
        told.extend(of_events);
    }
    state.store.shutdown().await;
    print(&format!("{}\n{}\n", counts("responses", &taken), counts("events", &told)))?;
    let mut all_kept = true;
    for refused in taken.iter().chain(&told).filter(|each| !is_kept(each)) {
        tracing::warn!("{shown}: {}: {}", refused.id, refused.status);
        all_kept = false;
    }
    Ok(if all_kept { Answer::Yes } else { Answer::No })
}

fn is_kept(each: &Carried) -> bool {
    matches!(each.status, "stored" | "duplicate")
}

/// "responses 14 stored 12 duplicate 2 refused 0".
fn counts(what: &str, all: &[Carried]) -> String {
    let of = |status: &str| all.iter().filter(|each| each.status == status).count();
    let refused = all.iter().filter(|each| !is_kept(each)).count();
    format!("{what} {} stored {} duplicate {} refused {refused}", all.len(), of("stored"), of("duplicate"))
}

/// What handlers share, without a server around it.
async fn state(settings: &Settings) -> Result<AppState, Failure> {
    let clock = Clock::System;
    let catalogue = Catalogue::builtin().map_err(|error| Failure::System(error.to_string()))?;
    let info = settings.site_info().map_err(Failure::Usage)?;
    let (store, keys) = open::with_key(settings, &clock).await?;
    store.start();
    let base_url = settings.base_url();
    Ok(AppState::new(Shared {
        store,
        catalogue: Arc::new(catalogue),
        keys,
        contact_keys: open::contact_keys(settings)?,
        metrics: Metrics::new(&clock),
        clock,
        site: Site { https: base_url.starts_with("https://"), base_url, info, metrics_open: false, data_folder: None },
        desk_budget: DeskBudget::new(settings.budget_desk),
    }))
}
