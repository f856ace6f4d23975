//! `/quan-tri/mau/danh-sach/{id}`: the facts of a sample, its draw repeated, and its end where it was drawn in error.

use app::domain::hex::hex;
use app::domain::limits;
use app::domain::role::DrawSample;
use app::pages::staff::samples::{ListPage, SAMPLES_PATH, list_title, list_view};
use app::server_side::sampling::draw_again;
use app::store::{StoreError, VoidFault};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, field, fields, missing, page};
use super::samples::{after, agency_name, lines};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// What the page shows besides the sample.
#[derive(Default)]
struct Asked {
    /// Draw it again and compare.
    again: bool,
    /// It was just drawn.
    done: bool,
    /// The reason to void it, and why it was not voided.
    voiding: (String, Option<VoidFault>),
}

/// `GET /quan-tri/mau/danh-sach/{id}`: the facts of a sample; with `?kiem-tra=1` it is drawn again and compared.
pub(super) async fn show(
    staff: Staff<DrawSample>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = pairs(query.as_deref());
    let asked = Asked { again: field(&form, "kiem-tra") == "1", done: field(&form, "xong") == "1", ..Asked::default() };
    shown(&state, &staff, &id, asked).await.unwrap_or_else(busy)
}

async fn shown(state: &AppState, staff: &Staff<DrawSample>, id: &str, asked: Asked) -> Result<Response, StoreError> {
    let Ok(id) = id.parse() else { return Ok(missing()) };
    let Some(list) = state.store.sample_list(&staff.may, id).await? else { return Ok(missing()) };
    let Some(context) = state.store.round(list.round).await? else { return Ok(missing()) };
    let frame = state.store.frame(list.frame).await?;
    let again = if asked.again {
        let units = state.store.sample_units(&staff.may, id).await?;
        let again = draw_again(&list, &units);
        Some((again.same, again.different))
    } else {
        None
    };
    let status = if asked.voiding.1.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = ListPage {
        lang: staff.lang,
        list: id,
        agency: agency_name(&context, list.agency),
        round: (context.round.code.clone(), context.round.name.get(staff.lang).to_owned()),
        rule: list.rule,
        seed: list.seed,
        frame_hash: hex(&list.frame_hash),
        file_hash: frame.map(|frame| hex(&frame.sha256)).unwrap_or_default(),
        margin: list.margin,
        by: list.drawn_by,
        at: list.drawn_at,
        program: list.program,
        strata: lines(&context, &list.strata, staff.lang),
        again,
        done: asked.done,
        voiding: asked.voiding,
    };
    let head = Head {
        address: format!("{SAMPLES_PATH}/danh-sach/{id}"),
        sample_data: context.round.sample_data,
        ..Head::plain(list_title(&view), SAMPLES_PATH, staff.lang)
    };
    Ok(page(state, &staff.actor, &head, status, || list_view(&view)))
}

/// `POST /quan-tri/mau/danh-sach/{id}/huy`: voids it.
pub(super) async fn void(
    staff: Staff<DrawSample>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let words: String = field(&form, "ly-do").chars().take(limits::REASON_CHARS + 1).collect();
    let done = async {
        let Ok(list) = id.parse() else { return Ok(missing()) };
        match state.store.void_sample(&staff.may, &staff.actor.who(), list, &words).await? {
            Ok(round) => {
                state.store.sweep_frames().await?;
                let code = state.store.round(round).await?.map(|context| context.round.code.clone());
                Ok(after(&code.unwrap_or_default(), "huy", 1, staff.lang))
            }
            Err(VoidFault::Gone) => Ok(missing()),
            Err(fault) => shown(&state, &staff, &id, Asked { voiding: (words, Some(fault)), ..Asked::default() }).await,
        }
    };
    done.await.unwrap_or_else(busy)
}
