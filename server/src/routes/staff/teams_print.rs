//! What is printed for a team. A list with names is noted in the log before it is shown.

use app::components::number::say;
use app::domain::field_work::Work;
use app::domain::ids::AccountId;
use app::domain::response::local_day;
use app::domain::role::LeadTeam;
use app::domain::staff_log::Act;
use app::pages::staff::teams::TEAMS_PATH;
use app::pages::staff::teams::print::{Letter, PrintLine, PrintList, accepted_view, card_view, letter_view, list_view};
use app::store::StoreError;
use app::store::field::{MemberLine, TeamLine};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, field, missing, page};
use super::teams::{found, in_words};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// `GET /quan-tri/doi/the-tra-loi`: the show card.
pub(super) async fn card(staff: Staff<LeadTeam>, State(state): State<AppState>) -> Response {
    let mut head = Head::plain(say(staff.lang, "Thẻ trả lời", "Show card").to_owned(), TEAMS_PATH, staff.lang);
    head.address = format!("{TEAMS_PATH}/the-tra-loi");
    page(&state, &staff.actor, &head, StatusCode::OK, || card_view(staff.lang))
}

/// `GET /quan-tri/doi/{id}/in/{what}?ai=`.
pub(super) async fn show(
    staff: Staff<LeadTeam>,
    State(state): State<AppState>,
    Path((id, what)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.as_deref());
    match printed(&state, &staff, &id, &what, field(&query, "ai")).await {
        Ok(Some(response)) => response,
        Ok(None) => missing(),
        Err(error) => busy(error),
    }
}

async fn printed(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    id: &str,
    what: &str,
    whose: &str,
) -> Result<Option<Response>, StoreError> {
    let Some(team) = found(state, staff, id).await? else { return Ok(None) };
    let whose = whose.parse().map(AccountId);
    let Some(member) = team.members.iter().find(|member| Ok(member.id) == whose) else { return Ok(None) };
    let (lang, address) = (staff.lang, format!("{TEAMS_PATH}/{}/in/{what}?ai={}", team.id, member.id.0));
    let framed = |title: &str| {
        let mut head = Head::plain(format!("{title} · {}", member.name), TEAMS_PATH, lang);
        head.address.clone_from(&address);
        head
    };
    let response = match what {
        "giay-gioi-thieu" => {
            let letter = letter(state, staff, &team, member).await?;
            let head = framed(say(lang, "Giấy giới thiệu", "Letter of introduction"));
            page(state, &staff.actor, &head, StatusCode::OK, || letter_view(&letter))
        }
        "danh-sach" if team.work == Work::Sample => {
            let list = list(state, staff, &team, member, true).await?;
            let head = framed(say(lang, "Danh sách mẫu", "Sample list"));
            page(state, &staff.actor, &head, StatusCode::OK, || list_view(&list))
        }
        "bang-ke" if team.work == Work::Sample => {
            let list = list(state, staff, &team, member, false).await?;
            let head = framed(say(lang, "Bảng kê nghiệm thu phiếu", "Acceptance list"));
            page(state, &staff.actor, &head, StatusCode::OK, || accepted_view(&list))
        }
        _ => return Ok(None),
    };
    Ok(Some(response))
}

async fn letter(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    team: &TeamLine,
    member: &MemberLine,
) -> Result<Letter, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let round = state.store.round(team.round).await?;
    let records = state.store.unit_records(&staff.may, team.round, Some(team.id)).await?;
    let mut named: Vec<_> = records.iter().filter(|unit| unit.with.1 == member.id).map(|unit| unit.agency).collect();
    named.extend(state.store.posts(team).await?.iter().map(|post| post.agency));
    named.sort_unstable();
    named.dedup();
    Ok(Letter {
        lang: staff.lang,
        surveyor: member.name.clone(),
        team: team.name.clone(),
        round: round.as_ref().map_or_else(String::new, |round| round.round.name.vi.clone()),
        agencies: named.iter().filter_map(|id| agencies.get(id).map(|agency| agency.name.clone())).collect(),
        until: round.and_then(|round| round.round.closes_at).map(|at| local_day(at - 1)),
    })
}

async fn list(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    team: &TeamLine,
    member: &MemberLine,
    names: bool,
) -> Result<PrintList, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let round = state.store.round(team.round).await?;
    let mut records = state.store.unit_records(&staff.may, team.round, Some(team.id)).await?;
    records.retain(|unit| unit.with.1 == member.id);
    let key = if names && !records.is_empty() {
        let detail = format!("{}: {} người", member.name, records.len());
        state.store.log(&staff.actor.who(), Act::ListPrinted, &team.name, &detail).await?;
        // Without its key (erased, or a restored backup) the list has numbers alone.
        state.contact_keys.load(team.round).ok()
    } else {
        None
    };
    let ids: Vec<_> = records.iter().map(|unit| unit.unit).collect();
    let sealed = match &key {
        Some(_) => state.store.sealed_contacts(&staff.may, &ids).await?,
        None => std::collections::HashMap::new(),
    };
    let lines = records
        .into_iter()
        .map(|unit| PrintLine {
            number: unit.number,
            agency: agencies.get(&unit.agency).map_or_else(String::new, |agency| agency.name.clone()),
            reserve: unit.reserve,
            contact: key.as_ref().and_then(|key| key.open_unit(unit.unit, sealed.get(&unit.unit)?)),
            attempts: unit.attempts,
            answered: unit.answered,
        })
        .collect();
    Ok(PrintList {
        lang: staff.lang,
        surveyor: member.name.clone(),
        team: team.name.clone(),
        round: round.map_or_else(String::new, |round| in_words(&round.round.name, staff.lang)),
        lines,
    })
}
