//! `/quan-tri/nguoi-dung`: accounts, for the administrator.

use std::sync::Arc;

use app::domain::ids::AccountId;
use app::domain::limits;
use app::domain::password::fold_login;
use app::domain::role::{ManageAccounts, Role, Scope};
use app::domain::text::sort_key;
use app::pages::staff::in_lang;
use app::pages::staff::people::{Made, PeoplePage, PersonFault, PersonLine, Typed, people_title, people_view};
use app::server_side::password::one_time;
use app::store::{NewAccount, StoreError};
use axum::body::Bytes;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use super::{Tools, cookies};
use crate::agencies;
use crate::routes::ready::pairs;
use crate::state::AppState;

const HERE: &str = "/quan-tri/nguoi-dung";

/// `GET`: the list, and the note with a one-time password that was just made.
pub(super) async fn list(
    staff: Staff<ManageAccounts>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let done = match field(&pairs(query.as_deref()), "xong") {
        "khoa" => Some(("Đã khoá tài khoản.", "The account was disabled.")),
        "mo" => Some(("Đã mở lại tài khoản.", "The account was enabled.")),
        "ma" => Some(("Đã bỏ mã xác thực.", "The second factor was taken away.")),
        _ => None,
    };
    let done = done.map(|(vi, en)| app::components::number::say(staff.lang, vi, en));
    let made = cookies::note(&state, &headers, staff.actor.id.0)
        .and_then(|note| note.split_once(' ').map(|(login, password)| (login.to_owned(), password.to_owned())))
        .map(|(login, password)| Made { login, password });
    let had_note = made.is_some();
    match shown(&state, &staff, Typed::default(), None, made, done).await {
        Ok(mut response) => {
            if had_note {
                cookies::take_note(&state, &mut response);
            }
            response
        }
        Err(error) => busy(error),
    }
}

async fn shown(
    state: &AppState,
    staff: &Staff<ManageAccounts>,
    typed: Typed,
    fault: Option<PersonFault>,
    made: Option<Made>,
    done: Option<&'static str>,
) -> Result<Response, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let people = state.store.managed_accounts(&staff.may).await?;
    let people = people
        .into_iter()
        .map(|account| PersonLine {
            id: account.id.0,
            agency: account.agency.and_then(|id| agencies.get(&id)).map(|agency| agency.name.clone()),
            own: account.id == staff.actor.id,
            login: account.login,
            name: account.name,
            role: account.role,
            created_at: account.created_at,
            one_time: account.must_change,
            second_factor: account.totp_secret.is_some(),
            disabled: account.disabled_at.is_some(),
        })
        .collect();
    let rounds = state.store.rounds().await?;
    let mut choices: Vec<(String, String)> = match rounds.last() {
        Some(round) => round.agencies.values().map(|agency| (agency.code.clone(), agency.name.clone())).collect(),
        None => agencies.values().map(|agency| (agency.code.clone(), agency.name.clone())).collect(),
    };
    choices.sort_by_cached_key(|(_, name)| sort_key(name));
    let view = PeoplePage { lang: staff.lang, people, agencies: choices, typed, fault, made, done };
    let head = Head::plain(people_title(&view), HERE, staff.lang);
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || people_view(&view)))
}

/// `POST`: a new account with a one-time password.
pub(super) async fn add(
    staff: Staff<ManageAccounts>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let typed = Typed {
        login: field(&fields, "ten").chars().take(limits::LOGIN_CHARS + 1).collect(),
        name: field(&fields, "ho-ten").trim().chars().take(limits::PERSON_CHARS + 1).collect(),
        role: field(&fields, "vai-tro").to_owned(),
        agency: field(&fields, "co-quan").trim().chars().take(limits::CODE_BYTES).collect(),
    };
    match added(&state, &tools, &staff, &typed).await {
        Ok(Ok(made)) => with_note(&state, &staff, &made),
        Ok(Err(fault)) => shown(&state, &staff, typed, Some(fault), None, None).await.unwrap_or_else(busy),
        Err(error) => busy(error),
    }
}

fn with_note(state: &AppState, staff: &Staff<ManageAccounts>, made: &Made) -> Response {
    let mut response = go(&in_lang(HERE, staff.lang));
    cookies::give_note(state, &mut response, &format!("{} {}", made.login, made.password), staff.actor.id.0);
    response
}

async fn added(
    state: &AppState,
    tools: &Tools,
    staff: &Staff<ManageAccounts>,
    typed: &Typed,
) -> Result<Result<Made, PersonFault>, StoreError> {
    let Some(login) = fold_login(&typed.login) else { return Ok(Err(PersonFault::Login)) };
    let chars = typed.name.chars().count();
    if chars == 0 || chars > limits::PERSON_CHARS || typed.name.chars().any(char::is_control) {
        return Ok(Err(PersonFault::Name));
    }
    let Some(role) = Role::from_word(&typed.role) else { return Ok(Err(PersonFault::Role)) };
    let agency = match typed.agency.as_str() {
        "" => None,
        code => match agencies::find(&state.store, code).await? {
            Ok(agency) => Some(agency),
            Err(_) => return Ok(Err(PersonFault::Agency)),
        },
    };
    if role.needs_agency() && agency.is_none() {
        return Ok(Err(PersonFault::Agency));
    }
    if Scope::of(role, AccountId(0), agency.as_ref()).is_none() {
        return Ok(Err(PersonFault::Sector));
    }
    if state.store.account(&login).await?.is_some() {
        return Ok(Err(PersonFault::Taken));
    }
    let Some((password, hash)) = made(tools).await else { return Ok(Err(PersonFault::Busy)) };
    let agency = agency.map(|agency| agency.id);
    let new = NewAccount { login: &login, name: &typed.name, role, agency, password_hash: &hash };
    match state.store.add_account(&staff.actor.who(), &new).await {
        Ok(_) => Ok(Ok(Made { login, password })),
        Err(StoreError::Refused(_)) => Ok(Err(PersonFault::Taken)),
        Err(error) => Err(error),
    }
}

/// A one-time password and its hash.
async fn made(tools: &Tools) -> Option<(String, String)> {
    let password = one_time().ok()?;
    let hash = tools.hasher.hash(&password).await.ok()?;
    Some((password, hash))
}

/// `POST /quan-tri/nguoi-dung/{id}/{what}`: disables, enables or resets an account of somebody else.
pub(super) async fn change(
    staff: Staff<ManageAccounts>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    Path((id, what)): Path<(String, String)>,
) -> Response {
    let Ok(id) = id.parse().map(AccountId) else { return missing() };
    if id == staff.actor.id {
        let fault = Some(PersonFault::Own);
        return shown(&state, &staff, Typed::default(), fault, None, None).await.unwrap_or_else(busy);
    }
    match changed(&state, &tools, &staff, id, &what).await {
        Ok(Some(response)) => response,
        Ok(None) | Err(StoreError::Refused(_)) => missing(),
        Err(error) => busy(error),
    }
}

async fn changed(
    state: &AppState,
    tools: &Tools,
    staff: &Staff<ManageAccounts>,
    id: AccountId,
    what: &str,
) -> Result<Option<Response>, StoreError> {
    let who = staff.actor.who();
    match what {
        "khoa" | "mo" => state.store.disable_account(&who, id, what == "khoa").await?,
        "ma" => state.store.reset_second_factor(&who, id).await?,
        "mat-khau" => {
            let accounts = state.store.managed_accounts(&staff.may).await?;
            let Some(account) = accounts.into_iter().find(|account| account.id == id) else { return Ok(None) };
            let Some((password, hash)) = made(tools).await else {
                return Ok(Some(StatusCode::SERVICE_UNAVAILABLE.into_response()));
            };
            state.store.reset_password(&who, id, &hash).await?;
            return Ok(Some(with_note(state, staff, &Made { login: account.login, password })));
        }
        _ => return Ok(None),
    }
    Ok(Some(go(&in_lang(&format!("{HERE}?xong={what}"), staff.lang))))
}
