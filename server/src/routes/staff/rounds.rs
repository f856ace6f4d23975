//! `/quan-tri/dot`: rounds are made, filled with agencies, their N and desks, and closed. Who may is Sở Nội vụ alone; the
//! store notes each act in the log, in the transaction of the act.

use std::collections::HashMap;
use std::sync::Arc;

use app::components::number::{iso_day, iso_instant, say};
use app::domain::limits;
use app::domain::method::Method;
use app::domain::questionnaire::Questionnaire;
use app::domain::role::SetUpRounds;
use app::domain::round::RoundState;
use app::domain::round::setup::{PopulationRow, RoundDraft, TypedRound, agency_of, version_of};
use app::domain::sheet::{SheetFault, local_instant};
use app::domain::text::{Lang, sort_key};
use app::pages::staff::in_lang;
use app::pages::staff::rounds::one::{DeskRow, RoundPage, StratumRow, Typed, Wrong, round_title, round_view};
use app::pages::staff::rounds::posters::{Poster, PostersPage, posters_title, posters_view};
use app::pages::staff::rounds::{
    Choice, ROUNDS, RoundForm, RoundRow, RoundsPage, Stage, fault_words, rounds_title, rounds_view,
};
use app::server_side::desk_codes::DeskCodes;
use app::server_side::{population_sheet, poster};
use app::store::{DeskContext, NewDesk, RoundContext, RoundFault, StoreError};
use axum::body::Bytes;
use axum::extract::{Multipart, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// The sign of a desk that nobody has named.
const USUAL_DESK: &str = "Bộ phận Tiếp nhận và Trả kết quả";

type Admin = Staff<SetUpRounds>;
type Made = Result<Response, StoreError>;

/// `GET /quan-tri/dot`.
pub(super) async fn list(staff: Admin, State(state): State<AppState>) -> Response {
    listed(&state, &staff, TypedRound::default(), Vec::new()).await.unwrap_or_else(busy)
}

async fn listed(state: &AppState, staff: &Admin, typed: TypedRound, faults: Vec<SheetFault>) -> Made {
    let rounds = state.store.rounds().await?;
    let desks = state.store.desks().await?;
    let stages = stages(state, &rounds).await?;
    let rows = rounds.iter().rev().map(|context| row(context, &stages, &desks, staff.lang)).collect();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = RoundsPage {
        lang: staff.lang,
        rounds: rows,
        form: form(state, typed, faults, staff.lang),
        sample_data: state.store.holds_sample_data().await?,
        has_agencies: !state.store.known_agencies().await?.is_empty(),
    };
    let head = Head::plain(rounds_title(&view), ROUNDS, staff.lang);
    Ok(page(state, &staff.actor, &head, status, || rounds_view(&view)))
}

fn form(state: &AppState, typed: TypedRound, faults: Vec<SheetFault>, lang: Lang) -> RoundForm {
    let version = |key: &str, version: u16| format!("{key}@{version}");
    let questionnaires = state.catalogue.questionnaires().map(|q| {
        let words = format!("{} ({} v{})", q.short_title.get(lang), q.key, q.version);
        (version(&q.key, q.version), words)
    });
    let methods = state.catalogue.methods().map(|m| (version(&m.key, m.version), format!("{} v{}", m.key, m.version)));
    RoundForm { typed, faults, questionnaires: questionnaires.collect(), methods: methods.collect() }
}

/// Where each round stands.
async fn stages(state: &AppState, rounds: &[Arc<RoundContext>]) -> Result<HashMap<i32, Stage>, StoreError> {
    let publications = state.store.publications().await?;
    let now = state.clock.now_ms();
    let stage = |context: &RoundContext| match context.round.state(now) {
        _ if publications.iter().any(|p| p.round == context.round.id) => Stage::Published,
        _ if context.frozen_at.is_some() => Stage::Frozen,
        RoundState::NotBegun => Stage::NotBegun,
        RoundState::Open => Stage::Open,
        RoundState::Over => Stage::Closed,
    };
    Ok(rounds.iter().map(|context| (context.round.id.0, stage(context))).collect())
}

fn row(context: &RoundContext, stages: &HashMap<i32, Stage>, desks: &[DeskContext], lang: Lang) -> RoundRow {
    let round = &context.round;
    let measured: std::collections::HashSet<_> = context.strata.iter().map(|s| s.agency).collect();
    RoundRow {
        code: round.code.clone(),
        name: round.name.get(lang).to_owned(),
        questionnaire: format!("{} v{}", context.questionnaire.short_title.get(lang), round.questionnaire.1),
        period: round.period,
        open: (round.opens_at, round.closes_at),
        stage: stages.get(&round.id.0).copied().unwrap_or(Stage::NotBegun),
        agencies: measured.len(),
        desks: desks.iter().filter(|desk| desk.round.round.id == round.id).count(),
        sample_data: round.sample_data,
    }
}

fn typed_round(fields: &[(String, String)]) -> TypedRound {
    let most = limits::FIELDS * limits::ROUND_NAME_CHARS;
    let text = |name: &str| field(fields, name).chars().take(most).collect::<String>();
    TypedRound {
        code: text("ma"),
        name_vi: text("ten"),
        name_en: text("ten-en"),
        questionnaire: text("mau-phieu"),
        method: text("phuong-phap"),
        period_from: text("tu-ngay"),
        period_to: text("den-ngay"),
        opens: text("mo"),
        closes: text("dong"),
        fields: text("linh-vuc"),
    }
}

/// What was typed as a round with its versions, or everything that is wrong with it.
fn read(
    state: &AppState,
    typed: &TypedRound,
) -> Result<(RoundDraft, Arc<Questionnaire>, Arc<Method>), Vec<SheetFault>> {
    let questionnaire =
        version_of(&typed.questionnaire).and_then(|(key, version)| state.catalogue.questionnaire(key, Some(version)));
    let method = match (typed.method.as_str(), &questionnaire) {
        ("", Some(questionnaire)) => state.catalogue.method(&questionnaire.method, None),
        (word, _) => version_of(word).and_then(|(key, version)| state.catalogue.method(key, Some(version))),
    };
    let mut faults = Vec::new();
    if questionnaire.is_none() {
        faults.push(SheetFault::new(0, "mau-phieu", "Xin chọn mẫu phiếu.", "Choose a questionnaire."));
    } else if method.is_none() {
        faults.push(SheetFault::new(0, "phuong-phap", "Xin chọn phương pháp.", "Choose a method."));
    }
    match (typed.read(), questionnaire, method) {
        (Ok(draft), Some(questionnaire), Some(method)) => Ok((draft, questionnaire, method)),
        (draft, ..) => {
            let mut all = draft.err().unwrap_or_default();
            all.extend(faults);
            Err(all)
        }
    }
}

fn told(column: &str, fault: RoundFault) -> SheetFault {
    let (vi, en) = fault_words(fault);
    SheetFault::new(0, column, vi, en)
}

/// What the store refuses for its versions, in words.
fn version_changed(error: &StoreError) -> Option<SheetFault> {
    let StoreError::Refused(why) = error else { return None };
    let vi = format!("Mẫu phiếu hoặc phương pháp này đã dùng trong cơ sở dữ liệu với nội dung khác: {why}");
    Some(SheetFault::new(0, "mau-phieu", vi, format!("A version was used here with other content: {why}")))
}

/// `POST /quan-tri/dot`: a new round.
pub(super) async fn make(staff: Admin, State(state): State<AppState>, body: Bytes) -> Response {
    let typed = typed_round(&fields(&body));
    let made = async {
        let (draft, questionnaire, method) = match read(&state, &typed) {
            Ok(all) => all,
            Err(faults) => return listed(&state, &staff, typed, faults).await,
        };
        let who = staff.actor.who();
        let fault = match state.store.make_round(&staff.may, &who, &draft, (&questionnaire, &method)).await {
            Ok(Ok(_)) => {
                return Ok(go(&in_lang(&format!("{ROUNDS}/{}?xong=lap", draft.code), staff.lang)));
            }
            Ok(Err(fault)) => told("ma", fault),
            Err(error) => match version_changed(&error) {
                Some(fault) => fault,
                None => return Err(error),
            },
        };
        listed(&state, &staff, typed, vec![fault]).await
    };
    made.await.unwrap_or_else(busy)
}

async fn found(state: &AppState, code: &str) -> Result<Option<Arc<RoundContext>>, StoreError> {
    Ok(state.store.rounds().await?.iter().find(|context| context.round.code == code).cloned())
}

/// `GET /quan-tri/dot/{code}`.
pub(super) async fn show(
    staff: Admin,
    State(state): State<AppState>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.as_deref());
    let number = |name: &str| field(&query, name).parse::<u32>().unwrap_or(0);
    let done = match field(&query, "xong") {
        "lap" => Some(
            say(
                staff.lang,
                "Đã lập đợt. Tiếp theo: cơ quan, rồi quầy.",
                "The round is made. Next: agencies, then desks.",
            )
            .to_owned(),
        ),
        "sua" => Some(say(staff.lang, "Đã lưu.", "Saved.").to_owned()),
        "dong" => Some(say(staff.lang, "Đã đổi giờ đóng.", "The closing time was changed.").to_owned()),
        "bo" => Some(say(staff.lang, "Đã bỏ cơ quan khỏi đợt.", "The agency was taken out.").to_owned()),
        "co-quan" => {
            let (new, changed, same) = (number("moi"), number("doi"), number("nguyen"));
            Some(match staff.lang {
                Lang::Vi => format!("Đã ghi: {new} dòng mới, {changed} dòng đổi N, {same} dòng giữ nguyên."),
                Lang::En => format!("Saved: {new} new rows, {changed} with another N, {same} unchanged."),
            })
        }
        "quay" => {
            let n = number("so");
            Some(match staff.lang {
                Lang::Vi => format!("Đã thêm {n} quầy."),
                Lang::En => format!("Desks added: {n}."),
            })
        }
        _ => None,
    };
    let shown = async {
        match found(&state, &code).await? {
            Some(context) => one(&state, &staff, &context, Forms { done, ..Forms::default() }).await,
            None => Ok(missing()),
        }
    };
    shown.await.unwrap_or_else(busy)
}

/// What stands in the forms of a round's page.
#[derive(Default)]
struct Forms {
    round: Option<(TypedRound, Vec<SheetFault>)>,
    typed: Typed,
    wrong: Wrong,
    done: Option<String>,
}

async fn one(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, forms: Forms) -> Made {
    let lang = staff.lang;
    let round = &context.round;
    let all_desks = state.store.desks().await?;
    let stages = stages(state, std::slice::from_ref(context)).await?;
    let known = state.store.known_agencies().await?;
    let row = row(context, &stages, &all_desks, lang);
    let of_round: Vec<&DeskContext> = all_desks.iter().filter(|desk| desk.round.round.id == round.id).collect();
    let mut strata: Vec<StratumRow> = context
        .strata
        .iter()
        .filter_map(|stratum| {
            let agency = context.agencies.get(&stratum.agency)?;
            let field = stratum.field.and_then(|at| usize::try_from(at).ok()).and_then(|at| round.fields.get(at));
            Some(StratumRow {
                code: agency.code.clone(),
                name: agency.name.clone(),
                field: field.map(|field| field.name.get(lang).to_owned()),
                population: stratum.population,
                desks: of_round.iter().filter(|desk| desk.agency.id == agency.id).count(),
            })
        })
        .collect();
    strata.sort_by_cached_key(|stratum| (sort_key(&stratum.name), stratum.code.clone()));
    let mut desks: Vec<DeskRow> = of_round
        .iter()
        .map(|desk| DeskRow {
            code: desk.desk.code.clone(),
            agency: desk.agency.name.clone(),
            name: desk.desk.name.clone(),
        })
        .collect();
    desks.sort_by_cached_key(|desk| (sort_key(&desk.agency), sort_key(&desk.name)));
    let mut agencies: Vec<Choice> = known
        .values()
        .filter(|agency| agency.exists_on(round.period.1) || agency.exists_on(round.period.0))
        .map(|agency| (agency.code.clone(), agency.label(agency.parent.and_then(|id| known.get(&id)))))
        .collect();
    agencies.sort_by_cached_key(|(_, name)| sort_key(name));
    let may_edit = row.stage == Stage::NotBegun && !state.store.has_responses(round.id).await?;
    let kept = |(typed, faults)| form(state, typed, faults, lang);
    let edit = match forms.round {
        Some(sent) => Some(kept(sent)),
        None => may_edit.then(|| kept((as_typed(context), Vec::new()))),
    };
    let mut typed = forms.typed;
    if typed.closes.is_empty() {
        typed.closes = round.closes_at.map(local_minute).unwrap_or_default();
    }
    let status = if forms.wrong == Wrong::Nothing { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = RoundPage {
        lang,
        questionnaire: context.questionnaire.title.get(lang).to_owned(),
        method: format!("{} ({} v{})", context.method.title.get(lang), context.method.key, context.method.version),
        form: edit,
        strata,
        desks,
        agencies,
        fields: round.fields.iter().map(|f| (f.code.clone(), f.name.get(lang).to_owned())).collect(),
        typed,
        wrong: forms.wrong,
        done: forms.done,
        round: row,
    };
    let head = Head {
        address: format!("{ROUNDS}/{}", round.code),
        sample_data: round.sample_data,
        ..Head::plain(round_title(&view), ROUNDS, lang)
    };
    Ok(page(state, &staff.actor, &head, status, || round_view(&view)))
}

/// "2026-12-15T17:00", as the field of a form takes it.
fn local_minute(ms: i64) -> String {
    iso_instant(ms).chars().take(16).collect()
}

/// A round as it stands in its form.
fn as_typed(context: &RoundContext) -> TypedRound {
    let round = &context.round;
    let fields = round.fields.iter().map(|f| format!("{}; {}; {}\n", f.code, f.name.vi, f.name.en));
    TypedRound {
        code: round.code.clone(),
        name_vi: round.name.vi.clone(),
        name_en: round.name.en.clone(),
        questionnaire: format!("{}@{}", round.questionnaire.0, round.questionnaire.1),
        method: format!("{}@{}", round.method.0, round.method.1),
        period_from: iso_day(round.period.0),
        period_to: iso_day(round.period.1),
        opens: round.opens_at.map(local_minute).unwrap_or_default(),
        closes: round.closes_at.map(local_minute).unwrap_or_default(),
        fields: fields.collect(),
    }
}

/// `POST /quan-tri/dot/{code}/{what}`.
pub(super) async fn change(
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
pub(super) async fn import(
    staff: Admin,
    State(state): State<AppState>,
    Path(code): Path<String>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
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

/// `GET /quan-tri/dot/{code}/bang`: posters of all desks.
pub(super) async fn posters(staff: Admin, State(state): State<AppState>, Path(code): Path<String>) -> Response {
    let shown = async {
        let Some(context) = found(&state, &code).await? else { return Ok(missing()) };
        let round = &context.round;
        let posters = if let Err(why) = poster::printable(&state.site.base_url) {
            Err(why)
        } else {
            let desks = state.store.desks().await?;
            let mut posters: Vec<Poster> = desks
                .iter()
                .filter(|desk| desk.round.round.id == round.id)
                .filter_map(|desk| {
                    let address = format!("{}/k/{}", state.site.base_url, desk.desk.code);
                    Some(Poster {
                        agency: desk.agency.name.clone(),
                        desk: desk.desk.name.clone(),
                        code: desk.desk.code.clone(),
                        qr: poster::qr(&address)?,
                        address,
                    })
                })
                .collect();
            posters.sort_by_cached_key(|poster| (sort_key(&poster.agency), sort_key(&poster.desk)));
            Ok(posters)
        };
        let status = if posters.is_ok() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let view = PostersPage {
            lang: staff.lang,
            round: (round.code.clone(), round.name.get(staff.lang).to_owned()),
            posters,
            sample_data: round.sample_data,
        };
        let head = Head {
            address: format!("{ROUNDS}/{}/bang", round.code),
            sample_data: round.sample_data,
            ..Head::plain(posters_title(&view), ROUNDS, staff.lang)
        };
        Ok::<_, StoreError>(page(&state, &staff.actor, &head, status, || posters_view(&view)))
    };
    shown.await.unwrap_or_else(busy)
}
