//! `/quan-tri/phieu-giay`: batches of paper forms are made, printed, keyed once or twice, closed and settled. An account
//! of a measured agency does none of it.

mod batches;
mod entry;
mod form;
mod settle;

use app::components::number::say;
use app::domain::role::SeePaper;
use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::staff::paper::{BatchHead, PAPER, SCRIPT, measured_view};
use app::server_side::guard::Actor;
use app::store::{PaperBatch, RoundContext, StoreError};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::guard::{Head, missing, page};
use crate::state::AppState;

pub(super) use batches::{list, make, print};
pub(super) use entry::{check, entry, key};
pub(super) use settle::{batch, close, settle, show};

/// `GET /quan-tri/phieu-giay.js`.
pub(super) async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, SCRIPT).into_response()
}

type Made = Result<Response, StoreError>;
type Fields = Vec<(String, String)>;

/// Whether somebody belongs to an agency that a round measures.
async fn measured(state: &AppState, actor: &Actor, round: &RoundContext) -> Result<bool, StoreError> {
    match actor.agency {
        Some(agency) => state.store.is_measured(round.round.id, agency).await,
        None => Ok(false),
    }
}

/// The refusal, noted.
async fn refused(state: &AppState, actor: &Actor, lang: Lang) -> Made {
    state.store.log(&actor.who(), Act::Refused, PAPER, "tài khoản thuộc cơ quan được đo lường").await?;
    let head = Head::plain(say(lang, "Không có quyền", "Not allowed").to_owned(), PAPER, lang);
    Ok(page(state, actor, &head, StatusCode::FORBIDDEN, || measured_view(lang)))
}

/// Why a batch is not shown.
enum Shut {
    Missing,
    Measured,
}

/// A batch that somebody may work on.
async fn opened(state: &AppState, actor: &Actor, id: &str) -> Result<Result<PaperBatch, Shut>, StoreError> {
    let number = id.parse::<i32>().ok().filter(|n| n.to_string() == id);
    let (Some(may), Some(number)) = (actor.may::<SeePaper>(), number) else { return Ok(Err(Shut::Missing)) };
    let Some(batch) = state.store.paper_batch(&may, number).await? else { return Ok(Err(Shut::Missing)) };
    Ok(if measured(state, actor, &batch.round).await? { Err(Shut::Measured) } else { Ok(batch) })
}

async fn shut(state: &AppState, actor: &Actor, why: Shut, lang: Lang) -> Made {
    match why {
        Shut::Missing => Ok(missing()),
        Shut::Measured => refused(state, actor, lang).await,
    }
}

fn head_of(batch: &PaperBatch, lang: Lang) -> BatchHead {
    let round = &batch.round.round;
    let field = batch.field.and_then(|at| usize::try_from(at).ok()).and_then(|at| round.fields.get(at));
    BatchHead {
        id: batch.id,
        round: round.name.get(lang).to_owned(),
        agency: batch.round.agencies.get(&batch.agency).map_or_else(String::new, |agency| agency.name.clone()),
        field: field.map(|field| field.name.get(lang).to_owned()),
        stream: batch.stream,
        progress: batch.progress,
    }
}

fn framing<'a>(title: String, batch: &PaperBatch, below: &str, lang: Lang) -> Head<'a> {
    Head {
        address: format!("{PAPER}/{}{below}", batch.id),
        sample_data: batch.round.round.sample_data,
        ..Head::plain(title, PAPER, lang)
    }
}
