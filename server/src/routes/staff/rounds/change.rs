//! What is changed about a round: its own facts, agencies and their N, desks.

use std::sync::Arc;

use app::domain::limits;
use app::domain::round::setup::{PopulationRow, agency_of};
use app::domain::sheet::{SheetFault, local_instant};
use app::pages::staff::in_lang;
use app::pages::staff::rounds::ROUNDS;
use app::pages::staff::rounds::one::{Typed, Wrong};
use app::server_side::desk_codes::DeskCodes;
use app::server_side::population_sheet;
use app::store::{NewDesk, RoundContext, RoundFault, StoreError};
use axum::body::Bytes;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::one::{Forms, one};
use super::{Admin, Made, found, read, told, typed_round, version_changed};
use crate::http::budget::declared;
use crate::routes::staff::guard::{busy, field, fields, go, missing};
use crate::state::AppState;

/// The sign of a desk that nobody has named.
const USUAL_DESK: &str = "Bộ phận Tiếp nhận và Trả kết quả";

/// `POST /quan-tri/dot/{code}/{what}`.
pub(in crate::routes::staff) async fn change(
    staff: Admin,
    State(state): State<AppState>,
    Path((code, what)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let changed = async {
        let Some(context) = found(&state, &code).await? else { return Ok(missing()) };
        match what.as_str() {
            "sua" => edit(&state, &staff, &context, &fields).await,
            "dong" => close(&state, &staff, &context, &fields).await,
            "co-quan" => put(&state, &staff, &context, &fields).await,
            "bo-co-quan" => take_out(&state, &staff, &context, &fields).await,
            "quay" => desk(&state, &staff, &context, &fields).await,
            "moi-noi-mot-quay" => one_desk_each(&state, &staff, &context).await,
            _ => Ok(missing()),
        }
    };
    changed.await.unwrap_or_else(busy)
}

fn back(staff: &Admin, code: &str, done: &str) -> Response {
    go(&in_lang(&format!("{ROUNDS}/{code}?xong={done}"), staff.lang))
}

async fn edit(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, fields: &[(String, String)]) -> Made {
    let typed = typed_round(fields);
    let faults = match read(state, &typed) {
        Ok((draft, questionnaire, method)) => {
            let (who, id) = (staff.actor.who(), context.round.id);
            match state.store.change_round(&staff.may, &who, id, &draft, (&questionnaire, &method)).await {
                Ok(Ok(())) => return Ok(back(staff, &draft.code, "sua")),
                Ok(Err(fault)) => {
                    let column = if fault == RoundFault::CodeTaken { "ma" } else { "" };
                    vec![told(column, fault)]
                }
                Err(error) => vec![version_changed(&error).ok_or(error)?],
            }
        }
        Err(faults) => faults,
    };
    let forms = Forms { round: Some((typed, faults)), wrong: Wrong::Round, ..Forms::default() };
    one(state, staff, context, forms).await
}

async fn close(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, fields: &[(String, String)]) -> Made {
    let typed = field(fields, "dong-luc").trim().chars().take(limits::CODE_BYTES).collect::<String>();
    let fault = match local_instant(&typed) {
        None => SheetFault::new(0, "dong-luc", "Xin ghi ngày giờ đóng.", "Write when the round closes."),
        Some(at) => match state.store.set_closing(&staff.may, &staff.actor.who(), context.round.id, at).await? {
            Ok(()) => return Ok(back(staff, &context.round.code, "dong")),
            Err(fault) => told("dong-luc", fault),
        },
    };
    let typed = Typed { closes: typed, ..Typed::default() };
    one(state, staff, context, Forms { typed, wrong: Wrong::Closing(fault), ..Forms::default() }).await
}

async fn put(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, fields: &[(String, String)]) -> Made {
    let text = |name: &str| field(fields, name).trim().chars().take(limits::CODE_BYTES).collect::<String>();
    let typed = Typed {
        agency: text("co-quan"),
        field: text("linh-vuc-cua"),
        population: text("so-ho-so"),
        ..Typed::default()
    };
    let row = PopulationRow {
        line: 0,
        code: typed.agency.clone(),
        field: typed.field.clone(),
        population: typed.population.clone(),
    };
    written(state, staff, context, &[row], typed).await
}

/// Writes rows, from the form or from a file.
async fn written(
    state: &AppState,
    staff: &Admin,
    context: &Arc<RoundContext>,
    rows: &[PopulationRow],
    typed: Typed,
) -> Made {
    let done = state.store.set_populations(&staff.may, &staff.actor.who(), context.round.id, rows).await?;
    match done {
        Ok(plan) => {
            let (new, changed) = (plan.new.len(), plan.changed.len());
            let words = format!("co-quan&moi={new}&doi={changed}&nguyen={}", plan.unchanged);
            Ok(back(staff, &context.round.code, &words))
        }
        Err(faults) => {
            one(state, staff, context, Forms { typed, wrong: Wrong::Agencies(faults), ..Forms::default() }).await
        }
    }
}

/// `POST /quan-tri/dot/{code}/danh-sach`: agencies with their N from a file.
pub(in crate::routes::staff) async fn import(
    staff: Admin,
    State(state): State<AppState>,
    Path(code): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    /// Memory that reading a list of agencies takes for each of its bytes.
    const COST: usize = 8;
    let bytes = declared(&headers, limits::ROUND_FILE_BYTES) * COST;
    let Some(_room) = state.budgets().lists.take(bytes) else { return busy(StoreError::Busy) };
    let imported = async {
        let Some(context) = found(&state, &code).await? else { return Ok(missing()) };
        let bytes = match form {
            Ok(form) => file_of(form).await,
            Err(_) => Ok(None),
        };
        let read = match bytes {
            Err(refused) => return Ok(refused),
            Ok(Some(bytes)) => population_sheet::read(&bytes),
            Ok(None) => Err(vec![SheetFault::new(1, "", "chưa chọn tệp", "no file was chosen")]),
        };
        match read {
            Ok(rows) => written(&state, &staff, &context, &rows, Typed::default()).await,
            Err(faults) => {
                one(&state, &staff, &context, Forms { wrong: Wrong::Agencies(faults), ..Forms::default() }).await
            }
        }
    };
    imported.await.unwrap_or_else(busy)
}

/// The file that was sent, if it is not empty.
async fn file_of(mut form: Multipart) -> Result<Option<Bytes>, Response> {
    loop {
        match form.next_field().await.map_err(IntoResponse::into_response)? {
            None => return Ok(None),
            Some(field) if field.name() == Some("tep") => {
                let bytes = field.bytes().await.map_err(IntoResponse::into_response)?;
                return Ok(Some(bytes).filter(|bytes| !bytes.is_empty()));
            }
            Some(_) => {}
        }
    }
}

async fn take_out(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, fields: &[(String, String)]) -> Made {
    let code = field(fields, "co-quan");
    let Some(agency) = context.agencies.values().find(|agency| agency.code == code) else { return Ok(missing()) };
    match state.store.take_agency_out(&staff.may, &staff.actor.who(), context.round.id, agency.id).await? {
        Ok(()) => Ok(back(staff, &context.round.code, "bo")),
        Err(fault) => {
            let wrong = Wrong::Agencies(vec![told("", fault)]);
            one(state, staff, context, Forms { wrong, ..Forms::default() }).await
        }
    }
}

async fn desk(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, fields: &[(String, String)]) -> Made {
    let name: String = field(fields, "ten-quay").trim().chars().take(limits::ROUND_NAME_CHARS + 1).collect();
    let code: String = field(fields, "co-quan-quay").chars().take(limits::CODE_BYTES).collect();
    let agency = agency_of(&context.agencies, &code, context.round.period).map(|agency| agency.id);
    let long = name.chars().count() > limits::ROUND_NAME_CHARS;
    let fault = if name.is_empty() || long || name.chars().any(char::is_control) {
        SheetFault::new(
            0,
            "ten-quay",
            "Xin ghi tên quầy, nhiều nhất 120 ký tự.",
            "Write the name of the desk, at most 120 letters.",
        )
    } else if let Some(agency) = agency {
        match add(state, staff, context, &[(agency, name.clone())]).await? {
            Ok(response) => return Ok(response),
            Err(fault) => fault,
        }
    } else {
        told("co-quan-quay", RoundFault::Unknown)
    };
    let typed = Typed { desk: name, desk_agency: code, ..Typed::default() };
    one(state, staff, context, Forms { typed, wrong: Wrong::Desks(fault), ..Forms::default() }).await
}

async fn one_desk_each(state: &AppState, staff: &Admin, context: &Arc<RoundContext>) -> Made {
    let desks = state.store.desks().await?;
    let has = |agency| desks.iter().any(|desk| desk.round.round.id == context.round.id && desk.agency.id == agency);
    let mut without: Vec<_> = context.strata.iter().map(|s| s.agency).filter(|agency| !has(*agency)).collect();
    without.sort();
    without.dedup();
    let new: Vec<_> = without.into_iter().map(|agency| (agency, USUAL_DESK.to_owned())).collect();
    match add(state, staff, context, &new).await? {
        Ok(response) => Ok(response),
        Err(fault) => one(state, staff, context, Forms { wrong: Wrong::Desks(fault), ..Forms::default() }).await,
    }
}

async fn add(
    state: &AppState,
    staff: &Admin,
    context: &RoundContext,
    desks: &[(app::domain::ids::AgencyId, String)],
) -> Result<Result<Response, SheetFault>, StoreError> {
    let Ok(mut codes) = DeskCodes::fresh() else {
        return Ok(Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()));
    };
    let new: Vec<NewDesk> = desks
        .iter()
        .map(|(agency, name)| NewDesk { agency: *agency, name: name.clone(), code: codes.next_code() })
        .collect();
    if new.is_empty() {
        return Ok(Ok(back(staff, &context.round.code, "quay&so=0")));
    }
    let added = state.store.add_desks(&staff.may, &staff.actor.who(), context.round.id, &new).await?;
    Ok(match added {
        Ok(()) => Ok(back(staff, &context.round.code, &format!("quay&so={}", new.len()))),
        Err(fault) => Err(told("", fault)),
    })
}
