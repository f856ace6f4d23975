//! The page of one round, with its forms as they were sent.

use std::sync::Arc;

use app::components::number::{iso_day, iso_instant, say};
use app::domain::round::setup::TypedRound;
use app::domain::sheet::SheetFault;
use app::domain::text::{Lang, sort_key};
use app::pages::staff::rounds::one::{DeskRow, RoundPage, StratumRow, Typed, Wrong, round_title, round_view};
use app::pages::staff::rounds::{Choice, ROUNDS, Stage};
use app::store::{DeskContext, RoundContext};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{Admin, Made, form, found, row, stages};
use crate::routes::ready::pairs;
use crate::routes::staff::guard::{Head, busy, field, missing, page};
use crate::state::AppState;

/// `GET /quan-tri/dot/{code}`.
pub(in crate::routes::staff) async fn show(
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
pub(super) struct Forms {
    pub(super) round: Option<(TypedRound, Vec<SheetFault>)>,
    pub(super) typed: Typed,
    pub(super) wrong: Wrong,
    pub(super) done: Option<String>,
}

pub(super) async fn one(state: &AppState, staff: &Admin, context: &Arc<RoundContext>, forms: Forms) -> Made {
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
