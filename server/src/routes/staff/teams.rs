//! `/quan-tri/doi`: field teams, for who leads one and for Sở Nội vụ. What is not in the scope is not there.

use std::collections::HashMap;

use app::components::number::say;
use app::domain::assign::{area, by_area, evenly};
use app::domain::field_work::Work;
use app::domain::ids::{AccountId, AgencyId, DeviceId, RoundId};
use app::domain::outcome::Ends;
use app::domain::role::{LeadTeam, Role, Scope};
use app::domain::round::normalise_code;
use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::teams::one::{MadeCode, TeamPage, team_title, team_view};
use app::pages::staff::teams::progress::{DayRow, Progress};
use app::pages::staff::teams::{TEAMS_PATH, TeamRow, TeamsPage, teams_title, teams_view};
use app::server_side::field::{code_mac, new_code};
use app::store::StoreError;
use app::store::field::{MemberLine, NewPost, NewTeam, TeamFault, TeamLine, UnitRecord};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// `GET /quan-tri/doi`.
pub(super) async fn list(staff: Staff<LeadTeam>, State(state): State<AppState>) -> Response {
    listed(&state, &staff, String::new(), None).await.unwrap_or_else(busy)
}

async fn listed(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    typed: String,
    fault: Option<TeamFault>,
) -> Result<Response, StoreError> {
    let rounds = state.store.rounds().await?;
    let teams = state.store.teams(&staff.may).await?;
    let mut ends: HashMap<i32, Ends> = HashMap::new();
    for round in rounds.iter().filter(|round| teams.iter().any(|team| team.round == round.round.id)) {
        for unit in state.store.unit_records(&staff.may, round.round.id, None).await? {
            if !unit.reserve {
                ends.entry(unit.with.0).or_default().add(unit.end);
            }
        }
    }
    let round_name = |id: RoundId| {
        let round = rounds.iter().find(|round| round.round.id == id);
        round.map_or_else(String::new, |round| in_words(&round.round.name, staff.lang))
    };
    let sample = |id: RoundId| rounds.iter().any(|round| round.round.id == id && round.round.sample_data);
    let sample_data = teams.iter().any(|team| sample(team.round));
    let rows = teams
        .into_iter()
        .map(|team| TeamRow {
            ends: ends.get(&team.id).copied().unwrap_or_default(),
            round: round_name(team.round),
            members: team.members.len(),
            supervisor: team.supervisor.name,
            id: team.id,
            name: team.name,
            work: team.work,
        })
        .collect();
    let supervisors = state.store.field_people(&staff.may, &[Role::Supervisor, Role::Admin]).await?;
    let own = |id: AccountId| !matches!(staff.may.scope(), Scope::Team(leader) if *leader != id);
    let view = TeamsPage {
        lang: staff.lang,
        teams: rows,
        rounds: rounds.iter().rev().map(|r| (r.round.code.clone(), in_words(&r.round.name, staff.lang))).collect(),
        supervisors: supervisors.into_iter().filter(|s| own(s.id)).map(|s| (s.id.0, s.chosen_by())).collect(),
        typed,
        fault,
        keyless: state.contact_keys.of_lists(&state.store).await?.1,
    };
    let head = Head { sample_data, ..Head::plain(teams_title(&view), TEAMS_PATH, staff.lang) };
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || teams_view(&view)))
}

pub(super) fn in_words(text: &app::domain::text::Text, lang: Lang) -> String {
    if lang == Lang::Vi { text.vi.clone() } else { text.en.clone() }
}

/// `POST /quan-tri/doi`: a new team.
pub(super) async fn add(staff: Staff<LeadTeam>, State(state): State<AppState>, body: Bytes) -> Response {
    let fields = fields(&body);
    added(&state, &staff, &fields).await.unwrap_or_else(busy)
}

async fn added(state: &AppState, staff: &Staff<LeadTeam>, fields: &[(String, String)]) -> Result<Response, StoreError> {
    let rounds = state.store.rounds().await?;
    let round = rounds.iter().find(|round| round.round.code == field(fields, "dot"));
    let supervisor = field(fields, "to-truong").parse().map(AccountId);
    let name = field(fields, "ten");
    let made = match (round, Work::from_word(field(fields, "viec")), supervisor) {
        (Some(round), Some(work), Ok(supervisor)) => {
            let new = NewTeam { round: round.round.id, name, work, supervisor };
            state.store.add_team(&staff.may, &staff.actor.who(), &new).await?
        }
        _ => Err(TeamFault::Account),
    };
    match made {
        Ok(id) => Ok(go(&in_lang(&format!("{TEAMS_PATH}/{id}"), staff.lang))),
        Err(fault) => listed(state, staff, name.chars().take(200).collect(), Some(fault)).await,
    }
}

/// `GET /quan-tri/doi/{id}`.
pub(super) async fn show(
    staff: Staff<LeadTeam>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.as_deref());
    let n = field(&query, "n");
    let n = if n.bytes().all(|b| b.is_ascii_digit()) { n } else { "" };
    let done = match (field(&query, "xong"), staff.lang) {
        ("chia", Lang::Vi) => Some(format!("Đã giao {n} người.")),
        ("chia", Lang::En) => Some(format!("{n} were handed out.")),
        ("chuyen", Lang::Vi) => Some(format!("Đã chuyển {n} người.")),
        ("chuyen", Lang::En) => Some(format!("{n} were moved.")),
        ("thu-hoi", Lang::Vi) => Some(format!("Đã thu hồi {n} người.")),
        ("thu-hoi", Lang::En) => Some(format!("{n} were taken back.")),
        ("dang-xuat-may", lang) => Some(
            say(
                lang,
                "Máy đã bị đăng xuất: lần liên lạc tới máy sẽ xoá dữ liệu liên hệ và không ghi thêm; phiếu trong máy vẫn được nhận.",
                "The device is signed out: at its next contact it erases contact data and records nothing more; what is on it is still taken.",
            )
            .to_owned(),
        ),
        ("tep", Lang::Vi) => Some(format!("Đã nhận tệp của máy: {n} phiếu, ghi chép mới. Tệp ấy nhập lại không đếm hai lần.")),
        ("tep", Lang::En) => Some(format!("The file was taken in: {n} new records. The same file again counts nothing twice.")),
        ("luu", lang) => Some(say(lang, "Đã lưu.", "Saved.").to_owned()),
        _ => None,
    };
    match found(&state, &staff, &id).await {
        Ok(Some(team)) => shown(&state, &staff, team, Shown { done, ..Shown::default() }).await.unwrap_or_else(busy),
        Ok(None) => missing(),
        Err(error) => busy(error),
    }
}

pub(super) async fn found(state: &AppState, staff: &Staff<LeadTeam>, id: &str) -> Result<Option<TeamLine>, StoreError> {
    match id.parse() {
        Ok(id) => state.store.team(&staff.may, id).await,
        Err(_) => Ok(None),
    }
}

/// What the page of a team says beside the team.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) fault: Option<TeamFault>,
    pub(super) code: Option<MadeCode>,
    pub(super) done: Option<String>,
    pub(super) file_error: Option<String>,
}

pub(super) async fn shown(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    team: TeamLine,
    Shown { fault, code, done, file_error }: Shown,
) -> Result<Response, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let name_of = |id: AgencyId| agencies.get(&id).map_or_else(String::new, |agency| agency.name.clone());
    let round = state.store.round(team.round).await?;
    let draws = matches!(team.work, Work::Sample | Work::Paper);
    let roles: &[Role] =
        if team.work == Work::Paper { &[Role::DataEntry] } else { &[Role::Surveyor, Role::Supervisor] };
    let people = state.store.field_people(&staff.may, roles).await?;
    let (progress, lists) = if draws {
        let records = state.store.unit_records(&staff.may, team.round, Some(team.id)).await?;
        // Who knocked may be of another team by now.
        let known = state.store.field_people(&staff.may, Role::ALL).await?;
        (progress(&records, &known, &name_of), state.store.free_lists(&staff.may, &team).await?)
    } else {
        (Progress::default(), vec![])
    };
    let given = if draws { state.store.team_agencies(&team).await? } else { vec![] };
    let to_give = if draws && *staff.may.scope() == Scope::City {
        let drawn = state.store.drawn_agencies(&team).await?;
        Some(drawn.into_iter().filter(|agency| !given.contains(agency)).collect::<Vec<_>>())
    } else {
        None
    };
    let agency_choices = |agencies: Vec<AgencyId>| -> Vec<(String, String)> {
        agencies.into_iter().map(|agency| (agency.0.to_string(), name_of(agency))).collect()
    };
    let left = |n: i64| match staff.lang {
        Lang::Vi => format!("còn {n} người"),
        Lang::En => format!("{n} left"),
    };
    let sample_data = round.as_ref().is_some_and(|round| round.round.sample_data);
    let view = TeamPage {
        lang: staff.lang,
        round: round.map_or_else(String::new, |round| in_words(&round.round.name, staff.lang)),
        candidates: people
            .into_iter()
            .filter(|one| !team.members.iter().any(|member| member.id == one.id))
            .map(|one| (one.id.0.to_string(), one.chosen_by()))
            .collect(),
        lists: lists
            .into_iter()
            .map(|(list, agency, n)| (list.to_string(), format!("{} ({})", name_of(AgencyId(agency)), left(n))))
            .collect(),
        given: agency_choices(given),
        to_give: to_give.map(agency_choices),
        posts: state.store.posts(&team).await?.into_iter().map(|post| (post.clone(), name_of(post.agency))).collect(),
        devices: state.store.devices(&team).await?,
        progress,
        code,
        fault,
        done,
        file_error,
        team,
    };
    let head = Head {
        address: format!("{TEAMS_PATH}/{}", view.team.id),
        sample_data,
        ..Head::plain(team_title(&view), TEAMS_PATH, staff.lang)
    };
    let is_refused = view.fault.is_some() || view.file_error.is_some();
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || team_view(&view)))
}

/// Sums up the units of a team.
fn progress(records: &[UnitRecord], known: &[MemberLine], name_of: &impl Fn(AgencyId) -> String) -> Progress {
    let mut progress = Progress::default();
    let mut people: HashMap<AccountId, Ends> = HashMap::new();
    let mut agencies: Vec<(AgencyId, Ends)> = vec![];
    let mut days: HashMap<i32, DayRow> = HashMap::new();
    for unit in records {
        for (day, outcome) in &unit.attempts {
            let row = days.entry(*day).or_insert(DayRow { day: *day, ..DayRow::default() });
            row.visits += 1;
            row.done += u64::from(*outcome == app::domain::field_work::Outcome::Done);
            row.refused += u64::from(*outcome == app::domain::field_work::Outcome::Refused);
        }
        if unit.reserve {
            progress.reserve += 1;
            continue;
        }
        progress.ends.add(unit.end);
        people.entry(unit.by).or_default().add(unit.end);
        if let Some((_, ends)) = agencies.iter_mut().find(|(id, _)| *id == unit.agency) {
            ends.add(unit.end);
        } else {
            let mut ends = Ends::default();
            ends.add(unit.end);
            agencies.push((unit.agency, ends));
        }
    }
    let member = |id: AccountId| known.iter().find(|member| member.id == id);
    progress.people = people
        .into_iter()
        .map(|(id, ends)| (member(id).map_or_else(|| format!("#{}", id.0), MemberLine::chosen_by), ends))
        .collect();
    progress.people.sort_by(|a, b| a.0.cmp(&b.0));
    progress.agencies = agencies.into_iter().map(|(id, ends)| (name_of(id), ends)).collect();
    progress.days = days.into_values().collect();
    progress.days.sort_by_key(|row| std::cmp::Reverse(row.day));
    progress
}

/// `POST /quan-tri/doi/{id}/{what}`.
pub(super) async fn change(
    staff: Staff<LeadTeam>,
    State(state): State<AppState>,
    Path((id, what)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    match changed(&state, &staff, &id, &what, &fields).await {
        Ok(Some(response)) => response,
        Ok(None) => missing(),
        Err(error) => busy(error),
    }
}

async fn changed(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    id: &str,
    what: &str,
    fields: &[(String, String)],
) -> Result<Option<Response>, StoreError> {
    let Some(team) = found(state, staff, id).await? else { return Ok(None) };
    let (store, who) = (&state.store, staff.actor.who());
    let account = |name: &str| field(fields, name).parse().map(AccountId);
    let number = |name: &str| field(fields, name).parse::<u32>();
    let done = |what: &str, n: u64| {
        let address = format!("{TEAMS_PATH}/{}?xong={what}&n={n}", team.id);
        Ok(Some(go(&in_lang(&address, staff.lang))))
    };
    let saved = match what {
        "them" => match account("ai") {
            Ok(account) => store.add_member(&who, &team, account).await?,
            Err(_) => Err(TeamFault::Account),
        },
        "bot" => match account("ai") {
            Ok(account) => Ok(store.remove_member(&who, &team, account).await?),
            Err(_) => Err(TeamFault::Account),
        },
        "diem" => {
            let kiosk = team.work == Work::Kiosk;
            let every = if kiosk { 1 } else { number("k").unwrap_or(0) };
            let target = if kiosk { None } else { Some(number("chi-tieu").unwrap_or(u32::MAX)) };
            let desk = normalise_code(field(fields, "quay"));
            let new = NewPost { desk: &desk, name: field(fields, "ten-diem"), every, target };
            store.add_post(&who, &team, &new).await?
        }
        "chi-tieu" => match (field(fields, "diem").parse(), number("chi-tieu")) {
            (Ok(post), Ok(target)) => store.set_target(&who, &team, post, target).await?,
            _ => Err(TeamFault::Target),
        },
        "chia" => {
            let Ok(list) = field(fields, "danh-sach").parse() else { return Ok(None) };
            let n = split(state, staff, &team, list, field(fields, "cach") == "khu-vuc").await?;
            return done("chia", n);
        }
        "giao" | "thoi-giao" => {
            let Ok(agency) = field(fields, "co-quan").parse().map(AgencyId) else { return Ok(None) };
            if !store.give_agency(&staff.may, &who, &team, (agency, what == "giao")).await? {
                return Ok(None);
            }
            Ok(())
        }
        "thu-hoi" => {
            let Ok(from) = account("tu") else { return Ok(None) };
            return done("thu-hoi", store.take_back(&staff.may, &who, &team, from).await?);
        }
        "chuyen" => {
            let (Ok(from), Ok(to)) = (account("chuyen-tu"), account("chuyen-den")) else { return Ok(None) };
            return done("chuyen", store.reassign(&staff.may, &who, &team, from, to).await?);
        }
        "dang-xuat-may" => {
            let Ok(device) = field(fields, "may").parse().map(DeviceId) else { return Ok(None) };
            if !store.sign_out_device(&who, &team, device).await? {
                return Ok(None);
            }
            return done("dang-xuat-may", 1);
        }
        "ma" => return make_code(state, staff, team, fields).await.map(Some),
        _ => return Ok(None),
    };
    match saved {
        Ok(()) => done("luu", 1),
        Err(fault) => shown(state, staff, team, Shown { fault: Some(fault), ..Shown::default() }).await.map(Some),
    }
}

/// Hands a list out to all members of a team. By area needs the addresses: the look is noted, and nobody sees them.
async fn split(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    team: &TeamLine,
    list: i32,
    areas: bool,
) -> Result<u64, StoreError> {
    let units = state.store.free_units(&staff.may, team, list).await?;
    let people = team.members.len();
    let key = if areas && !units.is_empty() { state.contact_keys.load(team.round).ok() } else { None };
    let mut shares = vec![];
    if let Some(key) = &key {
        let who = staff.actor.who();
        state.store.log(&who, Act::SampleSeen, &team.name, &format!("chia theo khu vực, danh sách {list}")).await?;
        let area_of = |unit: &app::store::field::FreeUnit| {
            let contact = unit.sealed.as_deref().and_then(|sealed| key.open_unit(unit.unit, sealed));
            contact.map_or_else(String::new, |contact| area(&contact.address))
        };
        // Those in reserve are split apart, so that everybody has some of their own area.
        for reserve in [false, true] {
            let of_kind: Vec<_> = units.iter().filter(|unit| unit.reserve == reserve).collect();
            let areas: Vec<String> = of_kind.iter().map(|unit| area_of(unit)).collect();
            shares.extend(of_kind.iter().map(|unit| unit.unit).zip(by_area(&areas, people)));
        }
    } else {
        for reserve in [false, true] {
            let of_kind: Vec<_> = units.iter().filter(|unit| unit.reserve == reserve).collect();
            shares.extend(of_kind.iter().map(|unit| unit.unit).zip(evenly(of_kind.len(), people)));
        }
    }
    let shares: Vec<_> = shares.into_iter().filter_map(|(unit, at)| Some((unit, team.members.get(at)?.id))).collect();
    state.store.assign(&staff.may, &staff.actor.who(), team, &shares).await
}

/// Makes a code and shows it, this once.
async fn make_code(
    state: &AppState,
    staff: &Staff<LeadTeam>,
    team: TeamLine,
    fields: &[(String, String)],
) -> Result<Response, StoreError> {
    let code = new_code().map_err(|_| StoreError::Unavailable("the system gave no random bytes".to_owned()))?;
    let device = field(fields, "ten-may").trim();
    let holder = if team.work == Work::Kiosk {
        (None, field(fields, "diem").parse().ok())
    } else {
        (field(fields, "ai").parse().map(AccountId).ok(), None)
    };
    let mac = code_mac(&state.keys, &code);
    if let Err(fault) = state.store.add_code(&staff.actor.who(), &team, holder, device, mac).await? {
        return shown(state, staff, team, Shown { fault: Some(fault), ..Shown::default() }).await;
    }
    // Behind the #, so that no log of any server on the way sees it.
    let address = format!("{}/thuc-dia/#{code}", state.site.base_url);
    let qr = QRBuilder::new(address).build().map(|qr| SvgBuilder::default().to_str(&qr)).unwrap_or_default();
    let made = MadeCode { device: device.to_owned(), code, qr };
    shown(state, staff, team, Shown { code: Some(made), ..Shown::default() }).await
}
