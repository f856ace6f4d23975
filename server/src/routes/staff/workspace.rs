//! The workspace of officials. Everything is looked up within the scope: what lies outside it and what does not exist
//! take the same path to the same bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::components::page::AnyView;
use app::domain::agency::Agency;
use app::domain::breakdown::Dimension;
use app::domain::ids::{AgencyId, RoundId};
use app::domain::response::Stream;
use app::domain::role::{Role, Scope, SeeWorkspace};
use app::domain::round::RoundState;
use app::domain::text::Lang;
use app::pages::results::query::Query;
use app::pages::staff::{self, with_notice};
use app::pages::workspace::agency::{agency_work_title, agency_work_view};
use app::pages::workspace::agency_model::{AgencyWork, agency_work};
use app::pages::workspace::breakdown_model::{BreakdownTable, Kept, in_words, step};
use app::pages::workspace::overview::{nothing_view, overview_title, overview_view};
use app::pages::workspace::overview_model;
use app::pages::workspace::pair::{pair_title, pair_view};
use app::pages::workspace::pair_model::pair_page;
use app::pages::workspace::ranking::{ranking_page, ranking_title, ranking_view};
use app::pages::workspace::{Covered, Reader, Seen, address};
use app::store::StoreError;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::closed::show_rest;
use super::guard::{Head, Staff, busy, missing, page};
use crate::routes::ready::pairs;
use crate::routes::results::{Current, Tools};
use crate::state::AppState;

type Known = Arc<HashMap<AgencyId, Agency>>;

/// The rounds of a scope, and which of them is looked at.
pub(super) struct Rounds {
    /// From the first one up to the one that is looked at.
    until: Vec<Current>,
    /// Code and name of all of the scope, the newest first.
    all: Vec<(String, String)>,
    known: Known,
    pub(super) covered: Covered,
    /// Whom a sum over the round speaks of.
    place: String,
}

impl Rounds {
    /// None where no round measures an agency of the scope, or none of them has the code that is asked for.
    pub(super) async fn of(
        staff: &Staff<SeeWorkspace>,
        state: &AppState,
        tools: &Tools,
        query: &Query,
    ) -> Result<Option<Self>, StoreError> {
        let known = state.store.known_agencies().await?;
        let scope = staff.may.scope();
        let mut covered = Covered::of(scope, &known);
        let mut until = Current::all(state, tools).await?;
        let mut moved = false;
        for round in &until {
            moved |= show_rest(state, tools, &staff.actor, round).await?;
        }
        if moved {
            until = Current::all(state, tools).await?;
        }
        until.retain(|round| covered.meets(round.context.agencies.keys()));
        let name = |round: &Current| {
            let round = &round.context.round;
            (round.code.clone(), round.name.get(query.lang).to_owned())
        };
        let all = until.iter().rev().map(name).collect();
        if let Some(code) = &query.round {
            let at = until.iter().position(|round| round.context.round.code == *code);
            until.truncate(at.map_or(0, |at| at + 1));
        } else {
            // A round that is set up and has not begun is looked at only when it is asked for.
            let now = state.clock.now_ms();
            let begun = |round: &Current| round.context.round.state(now) != RoundState::NotBegun;
            let at = until.iter().rposition(begun).unwrap_or(until.len());
            until.truncate(at + 1);
        }
        let mut place = state.site.info.place.clone();
        // Where a round measures nobody but the units of a sector, who leads the sector sees it as a whole, beside
        // rounds of the same kind.
        let whole = |round: &Current| round.context.agencies.keys().all(|agency| covered.holds(*agency));
        if let Scope::Sector { lead, .. } = scope
            && until.last().is_some_and(whole)
        {
            until.retain(whole);
            let name = known.get(lead).map_or("", |lead| lead.name.as_str());
            place = match query.lang {
                Lang::Vi => format!("Các đơn vị do {name} phụ trách"),
                Lang::En => format!("Units led by {name}"),
            };
            covered = covered.seeing_all();
        }
        Ok((!until.is_empty()).then_some(Self { until, all, known, covered, place }))
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { known: &self.known, covered: &self.covered, place: &self.place }
    }

    /// The round that is looked at, and the one before it that it is compared with: the last of the same form and
    /// method, otherwise the last.
    pub(super) fn now_and_before(&self) -> (Option<&Current>, Option<&Current>) {
        let Some((now, earlier)) = self.until.split_last() else { return (None, None) };
        let basis = |current: &&Current| {
            let (own, other) = (&now.context.round, &current.context.round);
            own.questionnaire == other.questionnaire && own.method == other.method
        };
        (Some(now), earlier.iter().rev().find(basis).or_else(|| earlier.last()))
    }
}

/// Makes a page of the round that is looked at.
fn framed(
    state: &AppState,
    staff: &Staff<SeeWorkspace>,
    now: &Seen<'_>,
    query: &Query,
    (here, path, title): (&str, &str, String),
    main: impl FnOnce() -> AnyView,
) -> Response {
    let head = Head {
        title: format!("{title} · {}", now.data.round.name.get(query.lang)),
        here,
        address: Query { lang: Lang::Vi, ..query.clone() }.href(path),
        lang: query.lang,
        sample_data: now.data.round.sample_data,
        stamp: Some(now.stamp),
    };
    page(state, &staff.actor, &head, StatusCode::OK, main)
}

/// `GET /quan-tri`.
pub(super) async fn overview(
    staff: Staff<SeeWorkspace>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref())).elsewhere();
    let rounds = match Rounds::of(&staff, &state, &tools, &query).await {
        Ok(Some(rounds)) => rounds,
        Ok(None) => return nothing(&state, &staff, &query),
        Err(error) => return busy(error),
    };
    let (Some(now), before) = rounds.now_and_before() else { return missing() };
    let (agencies, agencies_before) = (now.agencies(), before.map(Current::agencies).unwrap_or_default());
    let seen = now.seen(&agencies);
    let before = before.map(|before| before.seen(&agencies_before));
    let model = overview_model::overview(&seen, before.as_ref(), &rounds.reader(), &query, rounds.all.clone());
    let here = address::OVERVIEW;
    // Who draws the samples is told here that their names cannot be read.
    let keyless = match staff.actor.role() {
        Role::Admin => match state.contact_keys.of_lists(&state.store).await {
            Ok((_, wrong)) => wrong,
            Err(error) => return busy(error),
        },
        _ => vec![],
    };
    framed(&state, &staff, &seen, &query, (here, here, overview_title(query.lang).to_owned()), || {
        with_notice(staff::keyless(&keyless, query.lang), overview_view(&model, &seen.data.round.code))
    })
}

pub(super) fn nothing(state: &AppState, staff: &Staff<SeeWorkspace>, query: &Query) -> Response {
    if query.round.is_some() {
        return missing();
    }
    let head = Head::plain(overview_title(query.lang).to_owned(), address::OVERVIEW, query.lang);
    page(state, &staff.actor, &head, StatusCode::OK, || nothing_view(query.lang))
}

/// `GET /quan-tri/co-quan/{code}`.
pub(super) async fn agency(
    staff: Staff<SeeWorkspace>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    Extension(kept): Extension<Arc<Tables>>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref())).elsewhere();
    let rounds = match Rounds::of(&staff, &state, &tools, &query).await {
        Ok(Some(rounds)) => rounds,
        Ok(None) => return missing(),
        Err(error) => return busy(error),
    };
    let agencies: Vec<_> = rounds.until.iter().map(Current::agencies).collect();
    let seen: Vec<Seen<'_>> = rounds.until.iter().zip(&agencies).map(|(round, of)| round.seen(of)).collect();
    let Some(work) = agency_work(&seen, &rounds.reader(), &query, &code) else { return missing() };
    let Some(now) = seen.last() else { return missing() };
    let tables = match tables(&state, &kept, now, &work, query.lang).await {
        Ok(tables) => tables,
        Err(error) => return busy(error),
    };
    let path = format!("{}{}", address::AGENCY, work.page.code);
    let title = agency_work_title(&work, query.lang);
    framed(&state, &staff, now, &query, (address::OVERVIEW, &path, title), || {
        agency_work_view(&work, &tables, &rounds.all, &now.data.round.code)
    })
}

/// What was last shown of the one-way tables, the same for everybody.
#[derive(Debug, Default)]
pub(super) struct Tables(Mutex<HashMap<(RoundId, AgencyId, Stream), Kept>>);

/// The one-way tables of an agency in the stream that its page shows.
async fn tables(
    state: &AppState,
    kept: &Tables,
    now: &Seen<'_>,
    work: &AgencyWork,
    lang: Lang,
) -> Result<Vec<BreakdownTable>, StoreError> {
    let Some(agency) = now.data.agencies.iter().find(|a| a.code == work.page.code) else { return Ok(Vec::new()) };
    let moves = !now.data.round.sample_data && now.stamp.edition().is_none();
    // The index by month and the index of the agency, a few responses apart, would give those few away. So a real round
    // has its tables once it is published, of agencies whose figures are of all their responses.
    if moves || now.collected.is_held(agency.id, work.page.heading.stream) {
        return Ok(Vec::new());
    }
    let (round, stream) = (now.data.round.id, work.page.heading.stream);
    let mut breakdowns = Vec::new();
    for dimension in Dimension::all(now.data.questionnaire) {
        breakdowns.push(state.store.breakdown(round, agency.id, stream, dimension).await?);
    }
    let desks = state.store.desks().await?;
    let desks = desks.into_iter().map(|desk| (desk.desk.id.0, desk.desk.name)).collect();
    let mut all = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (round, agency.id, stream);
    let Some(next) = step(now, agency.id, stream, &breakdowns, all.get(&key)) else { return Ok(Vec::new()) };
    let tables = in_words(&next, now, &desks, lang);
    all.insert(key, next);
    Ok(tables)
}

/// `GET /quan-tri/xep-hang`.
pub(super) async fn ranking(
    staff: Staff<SeeWorkspace>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref()));
    let rounds = match Rounds::of(&staff, &state, &tools, &query).await {
        Ok(Some(rounds)) => rounds,
        Ok(None) => return nothing(&state, &staff, &query),
        Err(error) => return busy(error),
    };
    let (Some(now), _) = rounds.now_and_before() else { return missing() };
    let agencies = now.agencies();
    let seen = now.seen(&agencies);
    let model = ranking_page(&seen, &rounds.covered, &query);
    let here = address::RANKING;
    framed(&state, &staff, &seen, &query, (here, here, ranking_title(query.lang).to_owned()), || {
        ranking_view(&model, &rounds.all, &seen.data.round.code, rounds.covered.is_whole())
    })
}

/// `GET /quan-tri/so-sanh?a=&b=`.
pub(super) async fn pair(
    staff: Staff<SeeWorkspace>,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = pairs(query.as_deref());
    let code = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, code)| code.as_str());
    let asked = (code("a").filter(|c| !c.is_empty()), code("b").filter(|c| !c.is_empty()));
    let query = Query::from_pairs(pairs.iter().map(|(name, value)| (name, value))).elsewhere();
    let rounds = match Rounds::of(&staff, &state, &tools, &query).await {
        Ok(Some(rounds)) => rounds,
        Ok(None) if asked == (None, None) => return nothing(&state, &staff, &query),
        Ok(None) => return missing(),
        Err(error) => return busy(error),
    };
    let (Some(now), _) = rounds.now_and_before() else { return missing() };
    let agencies = now.agencies();
    let seen = now.seen(&agencies);
    let Some(model) = pair_page(&seen, &rounds.covered, &query, asked) else { return missing() };
    let title = pair_title(query.lang).to_owned();
    let own = Query { lang: Lang::Vi, ..query.clone() }.href(address::PAIR);
    let codes = [("a", &model.asked.0), ("b", &model.asked.1)];
    let own = codes
        .iter()
        .filter_map(|(name, code)| code.as_ref().map(|code| (name, code)))
        .fold(own, |address, (name, code)| {
            format!("{address}{}{name}={code}", if address.contains('?') { '&' } else { '?' })
        });
    let head = Head {
        title,
        here: address::PAIR,
        address: own,
        lang: query.lang,
        sample_data: seen.data.round.sample_data,
        stamp: Some(seen.stamp),
    };
    page(&state, &staff.actor, &head, StatusCode::OK, || pair_view(&model, &rounds.all, &seen.data.round.code))
}
