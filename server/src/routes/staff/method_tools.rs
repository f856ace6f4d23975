//! `/quan-tri/phuong-phap`: the other rules side by side, for Sở Nội vụ, on rounds that are not published. Each look is
//! in the log, and there is no file of it.

use std::sync::Arc;

use app::domain::role::MethodTools;
use app::domain::staff_log::Act;
use app::pages::results::query::Query;
use app::pages::staff::in_lang;
use app::pages::staff::method_tools::{PATH, method_tools_page, method_tools_title, method_tools_view, no_round_view};
use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, page};
use crate::routes::ready::pairs;
use crate::routes::results::{Current, Tools};
use crate::state::AppState;

/// `GET /quan-tri/phuong-phap?dot=`.
pub(super) async fn show(
    staff: Staff<MethodTools>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref())).elsewhere();
    let mut rounds = match Current::all(&state, &tools).await {
        Ok(rounds) => rounds,
        Err(error) => return busy(error),
    };
    rounds.retain(|round| !round.is_published());
    let names = rounds.iter().rev().map(|round| {
        let round = &round.context.round;
        (round.code.clone(), round.name.get(staff.lang).to_owned())
    });
    let names: Vec<(String, String)> = names.collect();
    let named = query.round.as_ref().and_then(|code| rounds.iter().find(|r| r.context.round.code == *code));
    let title = method_tools_title(staff.lang).to_owned();
    let Some(now) = named.or(rounds.last()) else {
        let head = Head::plain(title, PATH, staff.lang);
        return page(&state, &staff.actor, &head, StatusCode::OK, || no_round_view(staff.lang));
    };
    let code = &now.context.round.code;
    if let Err(error) = state.store.log(&staff.actor.who(), Act::MethodTools, code, "").await {
        return busy(error);
    }
    let model = now.with(|data, collected, stamp| method_tools_page(data, collected, stamp, names, staff.lang));
    let head = Head {
        title,
        here: PATH,
        address: in_lang(&Query { round: query.round.clone(), ..Query::default() }.href(PATH), staff.lang),
        lang: staff.lang,
        sample_data: now.context.round.sample_data,
        stamp: Some(model.stamp),
    };
    page(&state, &staff.actor, &head, StatusCode::OK, || method_tools_view(&model))
}
