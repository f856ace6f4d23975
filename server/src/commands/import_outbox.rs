//! `hailong import outbox FILE`: what a tablet exported because it could not send. It goes the way of `/api/v1`, so the
//! same file twice, or a tablet that sends after all, makes nothing twice.

use std::path::Path;
use std::sync::Arc;

use app::domain::limits;
use app::domain::staff_log::{Act, Who};
use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::server_side::token;
use app::store::Device;
use app::store::field::TeamLine;

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};
use crate::http::limits::DeskBudget;
use crate::http::metrics::Metrics;
use crate::routes::api::Carried;
use crate::routes::api::file::{Outbox, read, take, writer};
use crate::state::{AppState, Shared, Site};

/// Whose a file is, where its device is not of this database: the login name of the surveyor, and the team where the
/// surveyor is in several.
#[derive(Clone, Copy, Debug)]
pub struct As<'a> {
    /// Login name.
    pub login: &'a str,
    /// Name or key of the team.
    pub team: Option<&'a str>,
}

/// Takes everything in the file and says how much of it is new. What is not kept is named on standard error.
///
/// # Errors
/// [`Failure::Usage`] for a file that cannot be read or is no outbox, and for a device that this database does not know
/// where nobody says whose it is.
pub async fn run(settings: &Settings, file: &Path, whose: Option<As<'_>>) -> Result<Answer, Failure> {
    let shown = file.display();
    let unreadable = |why: String| Failure::Usage(format!("{shown}: {why}"));
    let size = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
    if size > limits::OUTBOX_FILE_BYTES as u64 {
        return Err(unreadable(format!("larger than {} bytes", limits::OUTBOX_FILE_BYTES)));
    }
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let outbox = read(&bytes).map_err(unreadable)?;
    let state = state(settings).await?;
    let device = match whose {
        Some(whose) => adopted(&state, &outbox, whose).await?.map_err(unreadable)?,
        None => writer(&state, &outbox).await?.ok_or_else(|| {
            unreadable(format!(
                "device {} ({}) is not of this database: it was enrolled after the backup that was restored, or elsewhere; \
                 say whose it is: --as LOGIN",
                outbox.device, outbox.name
            ))
        })?,
    };
    let detail = format!("{} phiếu, {} ghi chép, từ tệp", outbox.responses.len(), outbox.events.len());
    state.store.log(&Who::command("hailong import"), Act::OutboxImported, &device.name, &detail).await?;

    let (taken, told) = take(&state, &device, &outbox).await.map_err(unreadable)?;
    state.store.shutdown().await;
    print(&format!("{}\n{}\n", counts("responses", &taken), counts("events", &told)))?;
    let mut all_kept = outbox.broken.is_empty();
    for line in &outbox.broken {
        tracing::warn!("{shown}: line {line}: damaged, no whole record");
    }
    for refused in taken.iter().chain(&told).filter(|each| !each.is_kept()) {
        tracing::warn!("{shown}: {}: {}", refused.id, refused.status);
        all_kept = false;
    }
    Ok(if all_kept { Answer::Yes } else { Answer::No })
}

/// The device under which the records of a file count: one of the person who is named.
async fn adopted(state: &AppState, outbox: &Outbox, whose: As<'_>) -> Result<Result<Device, String>, Failure> {
    let Some(account) = state.store.account(whose.login).await? else {
        return Ok(Err(format!("--as {}: there is no such account", whose.login)));
    };
    let mut teams: Vec<TeamLine> = state.store.teams_of(account.id).await?;
    if let Some(wanted) = whose.team {
        teams.retain(|team| team.name == wanted || team.id.to_string() == wanted);
    }
    let [team] = teams.as_slice() else {
        let names: Vec<String> = teams.iter().map(|team| format!("{} ({})", team.name, team.id)).collect();
        return Ok(Err(match names.as_slice() {
            [] => format!("--as {}: is in no such team", whose.login),
            names => format!("--as {}: is in several teams, give --team: {}", whose.login, names.join(", ")),
        }));
    };
    let hash = token::hash(&token::new().map_err(|_| Failure::System("no random bytes".to_owned()))?);
    let who = Who::command("hailong import");
    let made = state.store.carried_device(&who, team, (Some(account.id), None), &outbox.name, hash).await?;
    let id = match made {
        Ok(id) => id,
        Err(fault) => return Ok(Err(format!("--as {}: cannot do the work of {} ({fault:?})", whose.login, team.name))),
    };
    Ok(state.store.device_by_key(id).await?.ok_or_else(|| "the device was not kept".to_owned()))
}

/// "responses 14 stored 12 duplicate 2 refused 0".
fn counts(what: &str, all: &[Carried]) -> String {
    let of = |status: &str| all.iter().filter(|each| each.status == status).count();
    let refused = all.iter().filter(|each| !each.is_kept()).count();
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
