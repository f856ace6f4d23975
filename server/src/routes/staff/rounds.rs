//! `/quan-tri/dot`: rounds are made, filled with agencies, their N and desks, and closed. Who may is Sở Nội vụ alone; the
//! store notes each act in the log, in the transaction of the act. One round in [`one`], what is changed about it in
//! [`change`].

mod change;
mod one;

use std::collections::HashMap;
use std::sync::Arc;

use app::domain::limits;
use app::domain::method::Method;
use app::domain::questionnaire::Questionnaire;
use app::domain::role::SetUpRounds;
use app::domain::round::RoundState;
use app::domain::round::setup::{RoundDraft, TypedRound, version_of};
use app::domain::sheet::SheetFault;
use app::domain::text::{Lang, sort_key};
use app::pages::staff::in_lang;
use app::pages::staff::rounds::posters::{Poster, PostersPage, posters_title, posters_view};
use app::pages::staff::rounds::{
    ROUNDS, RoundForm, RoundRow, RoundsPage, Stage, fault_words, rounds_title, rounds_view,
};
use app::server_side::poster;
use app::store::{DeskContext, RoundContext, RoundFault, StoreError};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

pub(in crate::routes::staff) use self::change::{change, import};
pub(in crate::routes::staff) use self::one::show;
use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::state::AppState;

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
