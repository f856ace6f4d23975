//! `/ket-qua`, `/ket-qua/{agency}` and `/cach-tinh`: open to all.
//!
//! A published round shows the figures that were frozen, and no others. Before that a sample-data round shows its moving
//! figures and says so; any other shows nothing. Pages are made once per version of the tallies, address, language and
//! encoding.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use app::components::page::{FiguresState, Frame, Place, Stamp, document};
use app::domain::agency::Agency;
use app::domain::disclosure::moving::most_behind;
use app::domain::ids::RoundId;
use app::domain::response::Stream;
use app::domain::round::{RoundState, Stratum};
use app::domain::text::{Lang, sort_key};
use app::islands::calculation::Typed;
use app::pages::results::agency::agency_view;
use app::pages::results::agency_model::{agency_page, example_code};
use app::pages::results::city::{city_view, nothing_view, title, unknown_agency_view};
use app::pages::results::city_model::city_page;
use app::pages::results::collect::{CellKey, Collected, RoundData};
use app::pages::results::method::{MethodPage, first_example, method_title, method_view};
use app::pages::results::query::Query;
use app::pages::results::said::{SaidLine, with_said};
use app::pages::workspace::Seen;
use app::server_side::catalogue::FIRST;
use app::server_side::publication::{self, Preview, Published, with_round};
use app::store::{RoundContext, Said, Store, StoreError, Tallies};
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::api;
use super::ready::{Frames, Ready, accepted, pairs};
use crate::encoding::Encoding;
use crate::page_cache::PageCache;
use crate::state::AppState;

/// The page of every agency in one language, brotli and gzip, several times over.
const CACHE_BYTES: usize = 12 * 1024 * 1024;
/// After so long it is tried again to show the rest of a closed round.
const REST_AGAIN_MS: i64 = 60_000;
/// As the pages without script have it, and room for the WASM of the calculator.
const ISLAND_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// All that a page depends on.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    version: i64,
    /// Names, strata and versions of the round: they may change without a response.
    round: u64,
    /// What the agency says to the public: 0 where it says nothing, or the page has none of it.
    said: u64,
    /// In its canonical spelling, language included.
    address: String,
    encoding: Encoding,
}

/// What all addresses of the results share, those of the API too.
pub(super) struct Tools {
    frames: Frames,
    pub(super) pages: PageCache<Key, Ready>,
    /// What is shown of each round, and of which version it is.
    shown: Mutex<HashMap<RoundId, (i64, Moving)>>,
    /// When it was last tried to show the rest of a closed round, and at which version of the tallies.
    tried: Mutex<HashMap<RoundId, (i64, i64)>>,
    /// The figures of rounds that are frozen and not published; a freeze never changes.
    frozen: Mutex<HashMap<RoundId, Arc<Preview>>>,
    /// The last publication of each round that has one; a publication never changes.
    published: Mutex<HashMap<RoundId, Arc<Published>>>,
}

/// What the addresses of the results share, those of staff too.
pub(super) fn tools(state: &AppState) -> Arc<Tools> {
    Arc::new(Tools {
        frames: Frames::new(state),
        pages: PageCache::new(CACHE_BYTES, Ready::bytes),
        shown: Mutex::new(HashMap::new()),
        tried: Mutex::new(HashMap::new()),
        frozen: Mutex::new(HashMap::new()),
        published: Mutex::new(HashMap::new()),
    })
}

/// The addresses of the results.
pub(super) fn routes(tools: Arc<Tools>) -> Router<AppState> {
    let (for_agency, for_method) = (Arc::clone(&tools), Arc::clone(&tools));
    Router::new()
        .merge(api::results::routes(Arc::clone(&tools)))
        .route(
            "/ket-qua",
            get(move |state: State<AppState>, RawQuery(query), headers: HeaderMap| async move {
                answer(city(&state, &tools, query.as_deref(), &headers).await)
            }),
        )
        .route(
            "/ket-qua/{agency}",
            get(move |state: State<AppState>, Path(code): Path<String>, RawQuery(query), headers: HeaderMap| async move {
                answer(agency(&state, &for_agency, &code, query.as_deref(), &headers).await)
            }),
        )
        .route(
            "/cach-tinh",
            get(move |state: State<AppState>, RawQuery(query), headers: HeaderMap| async move {
                answer(method(&state, &for_method, query.as_deref(), &headers).await)
            }),
        )
}

/// Whether the figures of a round move in steps.
fn in_steps(context: &RoundContext) -> bool {
    context.round.step > 1 && !context.round.sample_data
}

fn hash_of(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn lines(said: &[Said]) -> Vec<SaidLine> {
    let line = |said: &Said| SaidLine { theme: said.theme, progress: said.progress, sentence: said.sentence.clone() };
    said.iter().map(line).collect()
}

fn answer(made: Result<Response, StoreError>) -> Response {
    made.unwrap_or_else(|error| {
        tracing::error!(%error, "results could not be read");
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    })
}

async fn city(
    state: &AppState,
    tools: &Tools,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, StoreError> {
    let query = Query::from_pairs(pairs(query));
    let encoding = accepted(headers);
    let address = query.href("/ket-qua");
    let Some(current) = Current::of(state, tools, &query).await? else {
        return Ok(Ready::new(&tools.nothing(&query, None), encoding).respond(StatusCode::OK, headers));
    };
    let make = || {
        let html = if current.may_be_shown() {
            current.with(|data, collected, stamp| {
                let page = city_page(data, collected, stamp, &query);
                let title = format!("{} · {}", title(query.lang), page.heading.round);
                let place = &tools.frames.site.place;
                tools.document(&query, "/ket-qua", title, Some(stamp), data.round.sample_data, || {
                    city_view(&page, place)
                })
            })
        } else {
            tools.nothing(&query, Some(current.context.round.name.get(query.lang)))
        };
        Ready::new(&html, encoding)
    };
    // Whatever people search for must not push out what all look at.
    if query.search.is_empty() {
        Ok(tools.pages.get_or_make(current.key(address, encoding), make).respond(StatusCode::OK, headers))
    } else {
        Ok(make().respond(StatusCode::OK, headers))
    }
}

async fn agency(
    state: &AppState,
    tools: &Tools,
    code: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, StoreError> {
    let query = Query::from_pairs(pairs(query)).elsewhere();
    let encoding = accepted(headers);
    let Some(current) = Current::of(state, tools, &query).await? else {
        return Ok(Ready::new(&tools.nothing(&query, None), encoding).respond(StatusCode::NOT_FOUND, headers));
    };
    let Some(agency) = current.context.agencies.values().find(|a| a.code.eq_ignore_ascii_case(code)) else {
        let title = app::components::number::say(query.lang, "Không có cơ quan này", "No such agency").to_owned();
        let html = tools.document(&query, "/ket-qua", title, None, false, || unknown_agency_view(query.lang));
        return Ok(Ready::new(&html, encoding).respond(StatusCode::NOT_FOUND, headers));
    };
    let path = format!("/ket-qua/{}", agency.code);
    let address = query.href(&path);
    let kept = state.store.said().await?;
    let said = kept.of(current.context.round.id, agency.id);
    let mut key = current.key(address, encoding);
    key.said = hash_of(&said);
    let ready = tools.pages.get_or_make(key, || {
        let html = current.may_be_shown().then(|| {
            current.with(|data, collected, stamp| {
                let page = agency_page(data, collected, stamp, &query, code)?;
                let title = format!("{} · {}", page.name, title(query.lang));
                Some(tools.document(&query, &path, title, Some(stamp), data.round.sample_data, || {
                    with_said(agency_view(&page), &lines(said), query.lang)
                }))
            })
        });
        let html = html.flatten();
        let html = html.unwrap_or_else(|| tools.nothing(&query, Some(current.context.round.name.get(query.lang))));
        Ready::new(&html, encoding)
    });
    Ok(ready.respond(StatusCode::OK, headers))
}

async fn method(
    state: &AppState,
    tools: &Tools,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, StoreError> {
    let pairs = pairs(query);
    let typed = |name: &str| {
        let value = pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().chars().take(20).collect());
        value.unwrap_or_default()
    };
    let typed = Typed { population: typed("ho-so"), respondents: typed("phieu"), satisfied: typed("hai-long") };
    let query = Query::from_pairs(pairs.iter().map(|(name, value)| (name, value))).elsewhere();
    let encoding = accepted(headers);
    let current = Current::of(state, tools, &query).await?;
    let make = |typed: Typed| {
        let shown = current.as_ref().filter(|current| current.may_be_shown());
        let method = match &current {
            Some(current) => Some(Arc::clone(&current.context.method)),
            None => {
                state.catalogue.questionnaire(FIRST, None).and_then(|form| state.catalogue.method(&form.method, None))
            }
        };
        let Some(method) = method else { return tools.nothing(&query, None) };
        let pages = shown.map(|current| {
            current.with(|data, collected, stamp| {
                let city = city_page(data, collected, stamp, &query);
                let code = example_code(data, collected, city.heading.stream);
                let example = code.and_then(|code| agency_page(data, collected, stamp, &query, &code));
                (city, example)
            })
        });
        let (city, example) = pages.unzip();
        let stamp = city.as_ref().map(|city| city.heading.stamp);
        let sample_data = city.as_ref().is_some_and(|city| city.heading.sample_data);
        let page = MethodPage { lang: query.lang, method: (*method).clone(), city, example: example.flatten(), typed };
        tools.document(&query, "/cach-tinh", method_title(query.lang).to_owned(), stamp, sample_data, || {
            method_view(&page)
        })
    };
    let mut response = if typed.is_empty() {
        match &current {
            Some(current) => {
                let key = current.key(query.href("/cach-tinh"), encoding);
                let ready = tools.pages.get_or_make(key, || Ready::new(&make(first_example()), encoding));
                ready.respond(StatusCode::OK, headers)
            }
            None => Ready::new(&make(first_example()), encoding).respond(StatusCode::OK, headers),
        }
    } else {
        Ready::new(&make(typed), encoding).respond(StatusCode::OK, headers)
    };
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, ISLAND_POLICY);
    Ok(response)
}

/// The round that is asked for, with what may be shown of it now.
pub(super) struct Current {
    pub(super) context: Arc<RoundContext>,
    version: i64,
    figures: Shown,
}

/// What the figures of a page are made of.
enum Shown {
    /// The counts as they move.
    Moving(Moving, Stamp),
    /// Those of a freeze that is not published.
    Frozen(Arc<Preview>),
    /// Those of a publication.
    Published(Arc<Published>),
}

/// Counts as they move.
#[derive(Clone)]
struct Moving {
    collected: Arc<Collected>,
    /// Every response that may be shown before a freeze is in them.
    whole: bool,
}

impl Current {
    /// The round with the code in the address, otherwise the newest of which something may be shown, otherwise the newest:
    /// a round that is set up, or runs, never hides what was published before. None where there is no round.
    pub(super) async fn of(state: &AppState, tools: &Tools, query: &Query) -> Result<Option<Self>, StoreError> {
        let rounds = state.store.rounds().await?;
        let named = query.round.as_ref().and_then(|code| rounds.iter().find(|r| r.round.code == *code));
        let published = state.store.publications().await?;
        let shown = |r: &Arc<RoundContext>| r.round.sample_data || published.iter().any(|p| p.round == r.round.id);
        let newest = || rounds.iter().rfind(|r| shown(r)).or_else(|| rounds.last());
        let Some(context) = named.or_else(newest).cloned() else { return Ok(None) };
        let tallies = state.store.tallies().await?;
        Self::at(state, tools, context, &tallies).await.map(Some)
    }

    /// All rounds, the oldest first.
    pub(super) async fn all(state: &AppState, tools: &Tools) -> Result<Vec<Self>, StoreError> {
        let rounds = state.store.rounds().await?;
        let tallies = state.store.tallies().await?;
        let mut all = Vec::with_capacity(rounds.len());
        for context in rounds.iter() {
            all.push(Self::at(state, tools, context.clone(), &tallies).await?);
        }
        all.sort_by_key(|current| (current.context.round.period.0, current.context.round.id));
        Ok(all)
    }

    /// What is shown of a round now: what was published, otherwise what was frozen, otherwise the figures as they move.
    async fn at(
        state: &AppState,
        tools: &Tools,
        context: Arc<RoundContext>,
        tallies: &Tallies,
    ) -> Result<Self, StoreError> {
        if let Some(published) = tools.published(&state.store, context.round.id).await? {
            return Ok(Self { context, version: 0, figures: Shown::Published(published) });
        }
        if let Some(frozen) = tools.frozen(&state.store, &context).await? {
            return Ok(Self { context, version: 0, figures: Shown::Frozen(frozen) });
        }
        let moving = tools.moving(&context, tallies);
        let over = context.round.state(state.clock.now_ms()) == RoundState::Over;
        let behind = if in_steps(&context) { most_behind(context.round.step) } else { 0 };
        let figures = match over {
            true if moving.whole => FiguresState::Closed { behind: 0 },
            true => FiguresState::Closed { behind },
            false => FiguresState::Open { behind },
        };
        let data_until = Some(tallies.folded_at).filter(|at| *at > 0);
        let stamp = Stamp { data_until, frozen_at: None, state: figures };
        Ok(Self { context, version: tallies.version, figures: Shown::Moving(moving, stamp) })
    }

    /// Whether the round takes no answers any more, is not frozen, and has responses that are not shown.
    fn has_rest(&self) -> bool {
        matches!(&self.figures, Shown::Moving(moving, stamp)
            if !moving.whole && matches!(stamp.state, FiguresState::Closed { .. }))
    }

    /// The version of the tallies that the figures are of; 0 for frozen and published ones, which never change.
    pub(super) fn version(&self) -> i64 {
        self.version
    }

    /// Whether the figures are those of a publication.
    pub(super) fn is_published(&self) -> bool {
        matches!(self.figures, Shown::Published(_))
    }

    /// The agencies of the round, in the order of its pages.
    pub(super) fn agencies(&self) -> Vec<&Agency> {
        let mut agencies: Vec<&Agency> = self.context.agencies.values().collect();
        agencies.sort_by_cached_key(|a| (a.level, sort_key(&a.name), a.id));
        agencies
    }

    /// The round as models take it.
    pub(super) fn seen<'a>(&'a self, agencies: &'a [&'a Agency]) -> Seen<'a> {
        let (strata, stamp) = self.basis();
        let data = RoundData {
            round: &self.context.round,
            questionnaire: &self.context.questionnaire,
            method: &self.context.method,
            shape: &self.context.shape,
            strata,
            agencies,
        };
        Seen { data, collected: self.collected(), stamp }
    }

    fn basis(&self) -> (&[Stratum], Stamp) {
        match &self.figures {
            Shown::Moving(_, stamp) => (&self.context.strata, *stamp),
            Shown::Frozen(frozen) => (&frozen.strata, frozen.stamp),
            Shown::Published(published) => (&published.strata, published.stamp),
        }
    }

    fn collected(&self) -> &Collected {
        match &self.figures {
            Shown::Moving(moving, _) => &moving.collected,
            Shown::Frozen(frozen) => &frozen.collected,
            Shown::Published(published) => &published.collected,
        }
    }

    /// Figures that are not published are open to all of sample data only; others wait for their publication.
    pub(super) fn may_be_shown(&self) -> bool {
        self.context.round.sample_data || matches!(self.figures, Shown::Published(_))
    }

    /// Whether a stream has valid responses that are shown.
    pub(super) fn has(&self, stream: Stream) -> bool {
        self.collected().n(stream) > 0
    }

    /// Hands the round to whoever makes something of it.
    pub(super) fn with<T>(&self, make: impl FnOnce(&RoundData<'_>, &Collected, Stamp) -> T) -> T {
        let (strata, stamp) = self.basis();
        with_round(&self.context, strata, |data| make(data, self.collected(), stamp))
    }

    /// What a page of the round at this address depends on.
    pub(super) fn key(&self, address: String, encoding: Encoding) -> Key {
        let context = &self.context;
        let mut round = DefaultHasher::new();
        (context.round.id, &context.round.name.vi, &context.round.questionnaire, &context.round.method)
            .hash(&mut round);
        (context.strata.len(), context.agencies.len()).hash(&mut round);
        let stamp = self.basis().1;
        (std::mem::discriminant(&stamp.state), stamp.state.behind()).hash(&mut round);
        if let Shown::Published(published) = &self.figures {
            published.publication.number.hash(&mut round);
        }
        Key { version: self.version, round: round.finish(), said: 0, address, encoding }
    }
}

impl Tools {
    /// What is shown of a round at this version, collected once: its counts, or, where figures move in steps, those whose
    /// turn it is. The store keeps them, so every process shows the same, before and after a restart.
    fn moving(&self, context: &RoundContext, tallies: &Tallies) -> Moving {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, moving)) = shown.get(&context.round.id)
            && *version == tallies.version
        {
            return moving.clone();
        }
        let cells = tallies.round(context.round.id).map(|(cell, tally)| {
            let key =
                CellKey { agency: cell.agency, stratum: cell.stratum, stream: cell.stream, standing: cell.standing };
            (key, tally)
        });
        let now = Collected::from_cells(cells);
        let (collected, whole) = if in_steps(context) {
            let moving = now.clone().moving(tallies.shown(context.round.id), context.round.step);
            let whole = moving.has_all_of(&now, context.round.step);
            (moving, whole)
        } else {
            (now, true)
        };
        let moving = Moving { collected: Arc::new(collected), whole };
        shown.insert(context.round.id, (tallies.version, moving.clone()));
        moving
    }

    /// Whether to try now to show the rest of a closed round: once a version of the tallies, and again after a while, since
    /// what is under way may end without a response.
    pub(super) fn tries_rest(&self, current: &Current, now: i64) -> bool {
        if !current.has_rest() {
            return false;
        }
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let last = tried.get(&current.context.round.id);
        let again = last.is_none_or(|(version, at)| *version != current.version || now - at >= REST_AGAIN_MS);
        if again {
            tried.insert(current.context.round.id, (current.version, now));
        }
        again
    }

    /// The figures of a round that is frozen and not published; none where it is not frozen, or its freeze is under way.
    async fn frozen(&self, store: &Store, context: &RoundContext) -> Result<Option<Arc<Preview>>, StoreError> {
        if context.frozen_at.is_none() {
            return Ok(None);
        }
        let known = self.frozen.lock().unwrap_or_else(PoisonError::into_inner).get(&context.round.id).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let read = publication::preview(store, context).await?.map(Arc::new);
        if let Some(read) = &read {
            let mut frozen = self.frozen.lock().unwrap_or_else(PoisonError::into_inner);
            frozen.insert(context.round.id, Arc::clone(read));
        }
        Ok(read)
    }

    /// The last publication of a round; none where it has none.
    async fn published(&self, store: &Store, round: RoundId) -> Result<Option<Arc<Published>>, StoreError> {
        let publications = store.publications().await?;
        let Some(last) = publications.iter().rfind(|p| p.round == round) else { return Ok(None) };
        let known = self.published.lock().unwrap_or_else(PoisonError::into_inner).get(&round).cloned();
        if let Some(known) = known.filter(|known| known.publication.number == last.number) {
            return Ok(Some(known));
        }
        let read = publication::published(store, last.number).await?.map(Arc::new);
        if let Some(read) = &read {
            self.published.lock().unwrap_or_else(PoisonError::into_inner).insert(round, Arc::clone(read));
        }
        Ok(read)
    }

    fn nothing(&self, query: &Query, round: Option<&str>) -> String {
        self.document(query, "/ket-qua", title(query.lang).to_owned(), None, false, || nothing_view(round, query.lang))
    }

    fn document(
        &self,
        query: &Query,
        path: &str,
        title: String,
        stamp: Option<Stamp>,
        sample_data: bool,
        main: impl FnOnce() -> app::components::page::AnyView,
    ) -> String {
        let lang = if query.lang == Lang::Vi { Lang::En } else { Lang::Vi };
        let is_method = path == "/cach-tinh";
        let frame = Frame {
            lang: query.lang,
            title,
            place: if is_method { Place::Method } else { Place::Results },
            other_language: Query { lang, ..query.clone() }.href(path),
            sample_data,
            stamp,
            printed_address: format!("{}{}", self.frames.host, query.href(path)),
            has_island: is_method,
            assets: &self.frames.assets,
            site: &self.frames.site,
        };
        document(&frame, main)
    }
}
