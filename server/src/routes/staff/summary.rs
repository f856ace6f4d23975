//! `/quan-tri/tom-tat`: the page for the meeting, and what a mark on a print stood for. Each page that is shown is kept
//! under its mark before it goes out.

use std::sync::Arc;

use app::domain::publication::canonical;
use app::domain::role::SeeWorkspace;
use app::domain::text::Lang;
use app::pages::results::query::Query;
use app::pages::staff::in_lang;
use app::pages::workspace::address;
use app::pages::workspace::sheet::{Now, Sheet, sheet_title, sheet_view};
use app::pages::workspace::summary::summary_view;
use app::pages::workspace::summary_model::{self, Asked, Summary, mark_of, summary_title};
use app::store::{KeptSummary, StoreError};
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, field, go, missing, page};
use super::workspace::{Rounds, nothing};
use crate::routes::ready::pairs;
use crate::routes::results::{Current, Tools};
use crate::state::AppState;

/// `GET /quan-tri/tom-tat`: the city, a level (`cap`), or the own agency.
pub(super) async fn own_summary(
    staff: Staff<SeeWorkspace>,
    state: State<AppState>,
    tools: Extension<Arc<Tools>>,
    query: RawQuery,
) -> Response {
    one_page(staff, state.0, tools.0, None, query).await.unwrap_or_else(busy)
}

/// `GET /quan-tri/tom-tat/{code}`.
pub(super) async fn summary(
    staff: Staff<SeeWorkspace>,
    state: State<AppState>,
    tools: Extension<Arc<Tools>>,
    Path(code): Path<String>,
    query: RawQuery,
) -> Response {
    one_page(staff, state.0, tools.0, Some(code), query).await.unwrap_or_else(busy)
}

/// The page as it is now, of whom and in the language that the query asks for. None where there is none.
fn made(rounds: &Rounds, query: &Query, code: Option<&str>, given: Option<&str>) -> Option<Summary> {
    let (now, before) = rounds.now_and_before();
    let now = now?;
    let (agencies, agencies_before) = (now.agencies(), before.map(Current::agencies).unwrap_or_default());
    let before = before.map(|before| before.seen(&agencies_before));
    let whom = match (code, query.level) {
        (Some(code), _) => Asked::Agency(code),
        (None, Some(level)) => Asked::Level(level),
        (None, None) => Asked::Own,
    };
    let (seen, reader) = (now.seen(&agencies), rounds.reader());
    summary_model::summary(&seen, before.as_ref(), &reader, query, whom, now.version(), given)
}

/// What is kept of the page that [`made`] makes.
fn to_keep(rounds: &Rounds, state: &AppState, query: &Query, code: Option<&str>) -> Option<KeptSummary> {
    let page = |lang: Lang| made(rounds, &Query { lang, ..query.clone() }, code, None);
    let (vi, en) = (page(Lang::Vi)?, page(Lang::En)?);
    let context = &rounds.now_and_before().0?.context;
    let round = &context.round;
    let sheet = Sheet::of([&vi, &en], &round.code, [&round.questionnaire, &round.method]);
    let own = vi.path.strip_prefix('/');
    let agency = own.and_then(|code| context.agencies.values().find(|a| a.code == code)).map(|a| a.id);
    let content = canonical(&serde_json::to_value(sheet).ok()?);
    Some(KeptSummary { round: round.id, agency, shown_at: state.clock.now_ms(), content })
}

async fn one_page(
    staff: Staff<SeeWorkspace>,
    state: AppState,
    tools: Arc<Tools>,
    code: Option<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, StoreError> {
    let pairs = pairs(query.as_deref());
    let given: Option<String> =
        pairs.iter().find(|(name, _)| name == "ma").map(|(_, mark)| mark.chars().take(40).collect());
    let asked = Query::from_pairs(pairs.iter().map(|(name, value)| (name, value)));
    let query = Query { level: asked.level.filter(|_| code.is_none()), ..asked.elsewhere() };
    let rounds = match Rounds::of(&staff, &state, &tools, &query).await? {
        Some(rounds) => rounds,
        None if code.is_none() => return Ok(nothing(&state, &staff, &query)),
        None => return Ok(missing()),
    };
    let Some(model) = made(&rounds, &query, code.as_deref(), given.as_deref()) else {
        // Who leads a sector has no figure of the own agency where the round does not measure it: the overview lists
        // the units, each with its summary.
        let no_own = code.is_none() && query.level.is_none() && query.round.is_none();
        return Ok(if no_own { go(&in_lang(address::OVERVIEW, staff.lang)) } else { missing() });
    };
    let mark = mark_of(&model.mark);
    if !state.store.has_summary(&mark).await?
        && let Some(new) = to_keep(&rounds, &state, &query, code.as_deref())
    {
        state.store.keep_summary(&mark, &new).await?;
    }
    let path = format!("{}{}", address::SUMMARY, model.path);
    // The printed address carries the mark, so that who types it learns whether the figures still hold.
    let printed = Query { lang: Lang::Vi, ..query.clone() }.href(&path);
    let sign = if printed.contains('?') { '&' } else { '?' };
    let head = Head {
        title: format!("{} · {}", model.subject, summary_title(query.lang)),
        here: address::OVERVIEW,
        address: format!("{printed}{sign}ma={}", model.mark),
        lang: query.lang,
        sample_data: model.heading.sample_data,
        stamp: Some(model.heading.stamp),
    };
    Ok(page(&state, &staff.actor, &head, StatusCode::OK, || summary_view(&model, rounds.covered.is_whole())))
}

/// `GET /quan-tri/tom-tat/ma?ma=`: a mark as it was typed.
pub(super) async fn typed(
    staff: Staff<SeeWorkspace>,
    state: State<AppState>,
    tools: Extension<Arc<Tools>>,
    RawQuery(query): RawQuery,
) -> Response {
    let typed = field(&pairs(query.as_deref()), "ma").to_owned();
    reopened(&staff, &state, &tools, &typed).await.unwrap_or_else(busy)
}

/// `GET /quan-tri/tom-tat/ma/{mark}`.
pub(super) async fn kept(
    staff: Staff<SeeWorkspace>,
    state: State<AppState>,
    tools: Extension<Arc<Tools>>,
    Path(mark): Path<String>,
) -> Response {
    reopened(&staff, &state, &tools, &mark).await.unwrap_or_else(busy)
}

async fn reopened(
    staff: &Staff<SeeWorkspace>,
    state: &AppState,
    tools: &Tools,
    given: &str,
) -> Result<Response, StoreError> {
    let mark = mark_of(given);
    let kept = state.store.summary(&staff.may, &mark).await?;
    let known = state.store.known_agencies().await?;
    let covered = app::pages::workspace::Covered::of(staff.may.scope(), &known);
    let own = kept.filter(|kept| kept.agency.map_or(covered.is_whole(), |agency| covered.holds(agency)));
    let Some(kept) = own else { return Ok(missing()) };
    let sheet: Sheet = serde_json::from_str(&kept.content)
        .map_err(|_| StoreError::Inconsistent(format!("summary {mark} cannot be read")))?;
    let lang = staff.lang;
    let live = Query::from_pairs(pairs(sheet.live.split_once('?').map(|(_, query)| query)));
    let live = Query { lang, ..live };
    let code = kept.agency.and_then(|agency| known.get(&agency)).map(|agency| agency.code.as_str());
    let rounds = Rounds::of(staff, state, tools, &live).await?;
    let now = rounds.as_ref().and_then(|rounds| made(rounds, &live, code, None));
    let now = now.map(|page| Now::of(&page, &mark));
    let here = format!("{}/ma/{mark}", address::SUMMARY);
    let head = Head {
        title: format!("{} · {}", sheet.said(lang).subject(), sheet_title(&mark, lang)),
        here: address::OVERVIEW,
        address: in_lang(&here, lang),
        lang,
        sample_data: sheet.sample_data,
        stamp: None,
    };
    let view = || sheet_view(&sheet, &mark, kept.shown_at, now.as_ref(), lang);
    Ok(page(state, &staff.actor, &head, StatusCode::OK, view))
}
