//! `/quan-tri/doi/{id}/tep`: a supervisor takes in the file of a device, in two steps: what is in it, then whose it is.

use std::sync::{Arc, Mutex, PoisonError};

use app::domain::ids::AccountId;
use app::domain::limits;
use app::domain::role::LeadTeam;
use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::teams::TEAMS_PATH;
use app::pages::staff::teams::file::{FilePage, file_title, file_view};
use app::server_side::token;
use app::store::field::{TeamFault, TeamLine};
use app::store::{Device, StoreError};
use axum::extract::{Extension, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use super::teams::{Shown, found, shown};
use crate::routes::api::file::{Outbox, known, read, take, writer};
use crate::state::AppState;

/// Room in the body for the marks of the form, and for reading a file that is too large to its end, so that the browser
/// gets an answer in words.
pub(super) const BODY_BYTES: usize = 2 * limits::OUTBOX_FILE_BYTES;
/// Files that wait at one time, over all supervisors.
const WAITING: usize = 4;

/// Files that were sent and wait for the word, in memory: where the server is started again, the file is sent again. Of
/// each account the last one.
#[derive(Debug, Default)]
pub(super) struct Files(Mutex<Vec<Waiting>>);

#[derive(Debug)]
struct Waiting {
    token: String,
    account: AccountId,
    team: i32,
    at: i64,
    outbox: Arc<Outbox>,
}

impl Files {
    fn put(&self, new: Waiting) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|each| each.account != new.account && new.at - each.at < limits::OUTBOX_FILE_MS);
        if all.len() >= WAITING {
            all.remove(0);
        }
        all.push(new);
    }

    fn get(&self, token: &str, account: AccountId, team: i32, now: i64) -> Option<Arc<Outbox>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = |each: &&Waiting| each.account == account && each.team == team && each.token == token;
        let found = all.iter().find(mine).filter(|each| now - each.at < limits::OUTBOX_FILE_MS)?;
        Some(Arc::clone(&found.outbox))
    }

    fn drop_of(&self, account: AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|each| each.account != account);
    }
}

/// `POST /quan-tri/doi/{id}/tep`: a file. What is in it is shown.
pub(super) async fn upload(
    staff: Staff<LeadTeam>,
    State(state): State<AppState>,
    Extension(files): Extension<Arc<Files>>,
    Path(id): Path<String>,
    mut form: Multipart,
) -> Response {
    let team = match found(&state, &staff, &id).await {
        Ok(Some(team)) => team,
        Ok(None) => return missing(),
        Err(error) => return busy(error),
    };
    let mut bytes = vec![];
    loop {
        let mut part = match form.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) => return error.into_response(),
        };
        if part.name() != Some("tep") {
            continue;
        }
        loop {
            match part.chunk().await {
                // One byte past the limit says that it is too large; the rest is read and dropped.
                Ok(Some(chunk)) => {
                    let room = (limits::OUTBOX_FILE_BYTES + 1).saturating_sub(bytes.len());
                    bytes.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
                }
                Ok(None) => break,
                Err(error) => return error.into_response(),
            }
        }
    }
    previewed(&state, &staff, &files, team, bytes).await.unwrap_or_else(busy)
}

async fn previewed(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    files: &Files,
    team: TeamLine,
    bytes: Vec<u8>,
) -> Result<Response, StoreError> {
    let outbox = tokio::task::spawn_blocking(move || read(&bytes)).await;
    let outbox = outbox.map_err(|error| StoreError::Inconsistent(format!("reading a file: {error}")))?;
    let outbox = match outbox {
        Ok(outbox) => outbox,
        Err(why) => {
            let words = match staff.lang {
                Lang::Vi => format!("Không đọc được tệp này ({why}). Xin chọn tệp mà máy đã xuất ra."),
                Lang::En => format!("This file cannot be read ({why}). Choose the file that the device wrote."),
            };
            return shown(state, staff, team, Shown { file_error: Some(words), ..Shown::default() }).await;
        }
    };
    let device = writer(state, &outbox).await?;
    let token = token::new().map_err(|_| StoreError::Unavailable("the system gave no random bytes".to_owned()))?;
    let view = FilePage {
        lang: staff.lang,
        team: team.id,
        team_name: team.name.clone(),
        token: token.clone(),
        device: outbox.name.chars().filter(|c| !c.is_control()).take(limits::LABEL_NAME_CHARS).collect(),
        surveyor: outbox.surveyor.clone(),
        written_at: outbox.written_at,
        records: (outbox.responses.len(), outbox.events.len()),
        known: known(state, &outbox).await?,
        broken: outbox.broken.clone(),
        is_known: device.is_some(),
        holders: holders(state, &team, &outbox, device.as_ref()).await?,
    };
    let at = state.clock.now_ms();
    files.put(Waiting { token, account: staff.actor.id, team: team.id, at, outbox: Arc::new(outbox) });
    let address = format!("{TEAMS_PATH}/{}", team.id);
    let head = Head { address, ..Head::plain(file_title(&view), TEAMS_PATH, staff.lang) };
    Ok(page(state, &staff.actor, &head, StatusCode::OK, || file_view(&view)))
}

/// Whose a file may be: the members of the team, or its posts; the one that the file speaks of first.
async fn holders(
    state: &AppState,
    team: &TeamLine,
    outbox: &Outbox,
    device: Option<&Device>,
) -> Result<Vec<(String, String)>, StoreError> {
    if team.work == app::domain::field_work::Work::Kiosk {
        let posts = state.store.posts(team).await?;
        return Ok(posts.into_iter().map(|post| (post.id.to_string(), post.name)).collect());
    }
    let of_device = device.and_then(|device| device.field).and_then(|field| field.account);
    let mut members: Vec<_> = team.members.iter().collect();
    members.sort_by_key(|member| {
        let is_likely = of_device == Some(member.id) || outbox.surveyor.as_deref() == Some(member.name.as_str());
        !is_likely
    });
    Ok(members.into_iter().map(|member| (member.id.0.to_string(), member.chosen_by())).collect())
}

/// The word to take a file in: `POST /quan-tri/doi/{id}/tep-nhan`. None where the team has no such holder.
pub(super) async fn accept(
    staff: Staff<LeadTeam>,
    State(state): State<AppState>,
    Extension(files): Extension<Arc<Files>>,
    Path(id): Path<String>,
    body: axum::body::Bytes,
) -> Response {
    let team = match found(&state, &staff, &id).await {
        Ok(Some(team)) => team,
        Ok(None) => return missing(),
        Err(error) => return busy(error),
    };
    accepted(&state, &staff, &files, team, &fields(&body)).await.unwrap_or_else(busy)
}

/// The device under which a file counts: its own where it is of this holder, else one that is made for files.
async fn device_of(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    team: &TeamLine,
    outbox: &Outbox,
    holder: (Option<AccountId>, Option<i32>),
) -> Result<Result<Device, TeamFault>, StoreError> {
    let is_own = |device: &Device| {
        device.field.is_some_and(|field| field.team == team.id && (field.account, field.post) == holder)
    };
    if let Some(device) = writer(state, outbox).await?.filter(is_own) {
        return Ok(Ok(device));
    }
    let secret = token::new().map_err(|_| StoreError::Unavailable("the system gave no random bytes".to_owned()))?;
    let (who, hash) = (staff.actor.who(), token::hash(&secret));
    let id = match state.store.carried_device(&who, team, holder, &outbox.name, hash).await? {
        Ok(id) => id,
        Err(fault) => return Ok(Err(fault)),
    };
    let device = state.store.device_by_key(id).await?;
    device.map(Ok).ok_or_else(|| StoreError::Inconsistent("a device was not kept".to_owned()))
}

async fn accepted(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    files: &Files,
    team: TeamLine,
    given: &[(String, String)],
) -> Result<Response, StoreError> {
    let refuse = |vi: &str, en: &str| {
        let words = if staff.lang == Lang::Vi { vi } else { en };
        Shown { file_error: Some(words.to_owned()), ..Shown::default() }
    };
    let Some(outbox) = files.get(field(given, "tep"), staff.actor.id, team.id, state.clock.now_ms()) else {
        let words = refuse("Tệp đã để quá lâu. Xin chọn lại tệp.", "The file waited too long. Choose it again.");
        return shown(state, staff, team, words).await;
    };
    let holder = field(given, "cua").parse().ok();
    let holder = match team.work {
        app::domain::field_work::Work::Kiosk => (None, holder),
        _ => (holder.map(AccountId), None),
    };
    let device = match device_of(state, staff, &team, &outbox, holder).await? {
        Ok(device) => device,
        Err(fault) => return shown(state, staff, team, Shown { fault: Some(fault), ..Shown::default() }).await,
    };
    let (responses, events) = (outbox.responses.len(), outbox.events.len());
    let detail =
        format!("{responses} phiếu, {events} ghi chép, từ tệp của máy {}, tính cho {}", outbox.name, device.name);
    state.store.log(&staff.actor.who(), Act::OutboxImported, &team.name, &detail).await?;
    let (taken, told) = match take(state, &device, &outbox).await {
        Ok(taken) => taken,
        Err(why) => {
            let vi = format!("Chưa nhận hết tệp ({why}). Xin gửi lại tệp ấy: không đếm hai lần.");
            let en = format!("Not all of the file was taken ({why}). Send it again: nothing counts twice.");
            return shown(state, staff, team, refuse(&vi, &en)).await;
        }
    };
    files.drop_of(staff.actor.id);
    let all = || taken.iter().chain(&told);
    let refused: Vec<_> = all().filter(|each| !each.is_kept()).collect();
    if !refused.is_empty() {
        let named = refused.iter().take(20).map(|each| format!("{} ({})", each.id, each.status));
        let named = named.collect::<Vec<_>>().join(", ");
        let (n, kept) = (refused.len(), all().count() - refused.len());
        let vi = format!(
            "Đã nhận {kept}; {n} không nhận được: {named}. Xem danh sách của đội đã giao đủ chưa, rồi gửi lại tệp."
        );
        let en =
            format!("{kept} were taken; {n} were not: {named}. See that the list is handed out, then send it again.");
        return shown(state, staff, team, refuse(&vi, &en)).await;
    }
    let new = all().filter(|each| each.status == "stored").count();
    Ok(go(&in_lang(&format!("{TEAMS_PATH}/{}?xong=tep&n={new}", team.id), staff.lang)))
}
