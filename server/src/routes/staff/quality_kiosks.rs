//! `/quan-tri/chat-luong/{code}/may`: kiosks, what was pressed on them, and the bursts.

use std::collections::BTreeMap;

use app::domain::ids::DeviceId;
use app::domain::quality::burst::bursts;
use app::domain::role::ControlQuality;
use app::pages::staff::quality::kiosks::{BURSTS, KiosksPage, kiosks_title, kiosks_view};
use app::store::StoreError;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Staff, busy, missing, page};
use super::quality::{head, round_of};
use crate::state::AppState;

/// `GET /quan-tri/chat-luong/{code}/may`.
pub(super) async fn show(
    staff: Staff<ControlQuality>,
    State(state): State<AppState>,
    Path(code): Path<String>,
) -> Response {
    let shown = async {
        let Some(context) = round_of(&state, &code).await? else { return Ok::<_, StoreError>(missing()) };
        let id = context.round.id;
        let kiosks = state.store.kiosks(&staff.may, id).await?;
        let mut ends: BTreeMap<DeviceId, Vec<i64>> = BTreeMap::new();
        for one in state.store.marked_bursts(&staff.may, id).await? {
            ends.entry(one.device).or_default().push(one.ended_at);
        }
        let name = |id| kiosks.iter().find(|(of, _)| *of == id).map_or("", |(_, kiosk)| &kiosk.name);
        let mut all: Vec<_> =
            ends.into_iter().flat_map(|(id, ends)| bursts(ends).into_iter().map(move |burst| (id, burst))).collect();
        all.sort_by_key(|(_, burst)| std::cmp::Reverse(burst.from));
        let view = KiosksPage {
            lang: staff.lang,
            round: (context.round.code.clone(), context.round.name.get(staff.lang).to_owned()),
            of: all.len(),
            bursts: all.into_iter().take(BURSTS).map(|(id, burst)| (name(id).to_owned(), burst)).collect(),
            kiosks: kiosks
                .iter()
                .map(|(_, kiosk)| {
                    let agency = context.agencies.get(&kiosk.agency).map(|agency| agency.name.clone());
                    (kiosk.clone(), agency.unwrap_or_default())
                })
                .collect(),
        };
        let head = head(&context, kiosks_title(&view), "/may", staff.lang);
        Ok(page(&state, &staff.actor, &head, StatusCode::OK, || kiosks_view(&view)))
    };
    shown.await.unwrap_or_else(busy)
}
