//! `GET /api/v1/results` and `GET /api/v1/openapi.json`: open to all, no token.
//!
//! The answer is the model of the pages under `/ket-qua`, made of the same state at the same step: what they hide is
//! not in it, and a round that they do not show is answered in words.

use std::sync::Arc;

use app::domain::response::Stream;
use app::domain::text::Lang;
use app::pages::results::agency_model::agency_page;
use app::pages::results::city_model::city_page;
use app::pages::results::json::{AgencyJson, CityJson};
use app::pages::results::query::Query;
use app::store::StoreError;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::super::ready::{Packed, Ready, accepted, pairs};
use super::super::results::{Current, Tools};
use crate::state::AppState;

/// The interface, described for programs; a test holds that it is complete.
const OPENAPI: &str = include_str!("openapi.json");
/// Seconds after which a failing server may be asked again.
const RETRY_S: HeaderValue = HeaderValue::from_static("5");

/// The addresses; `tools` are those of the pages.
pub(in crate::routes) fn routes(tools: Arc<Tools>) -> Router<AppState> {
    let description = Arc::new(Packed::new("application/json", OPENAPI));
    let describe = move |headers: HeaderMap| async move { description.respond(&headers) };
    let results = move |state: State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap| async move {
        results(&state, &tools, query.as_deref(), &headers).await.unwrap_or_else(Refusal::into_response)
    };
    Router::new().route("/api/v1/results", get(results)).route("/api/v1/openapi.json", get(describe))
}

/// Why there is no answer.
#[derive(Debug)]
enum Refusal {
    /// A parameter that is not known, or has a value that is none.
    Parameter(&'static str),
    /// There is none of that name.
    Unknown(&'static str),
    /// Nothing of the round is published yet.
    Unpublished,
    /// The database does not answer.
    Failed,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "results could not be read");
        Self::Failed
    }
}

impl Refusal {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Parameter(what) => (StatusCode::UNPROCESSABLE_ENTITY, what),
            Self::Unknown(what) => (StatusCode::NOT_FOUND, what),
            Self::Unpublished => (
                StatusCode::NOT_FOUND,
                "nothing of this round is published yet / kết quả của đợt này chưa được công bố",
            ),
            Self::Failed => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer; ask again later"),
        };
        let mut response = (status, axum::Json(serde_json::json!({ "error": error }))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_S);
        }
        response
    }
}

/// What is asked for. A page reads what it does not know as its default; a program would take the default for what it
/// asked, so here that is an error.
#[derive(Debug, Default)]
struct Asked {
    round: Option<String>,
    agency: Option<String>,
    stream: Option<Stream>,
    lang: Lang,
}

impl Asked {
    fn read(query: Option<&str>) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for (name, value) in pairs(query) {
            // `?round=&agency=` asks for neither.
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "round" => asked.round = Some(value),
                "agency" => asked.agency = Some(value),
                "stream" => {
                    let unknown = Refusal::Parameter("stream: one of sample, intercept, code, open");
                    asked.stream = Some(Stream::from_word(&value).ok_or(unknown)?);
                }
                "lang" => {
                    let known = ["vi", "en"].contains(&value.as_str());
                    asked.lang =
                        known.then(|| Lang::from_tag(&value)).ok_or(Refusal::Parameter("lang: one of vi, en"))?;
                }
                _ => return Err(Refusal::Parameter("parameters: round, agency, stream, lang")),
            }
        }
        Ok(asked)
    }
}

/// `GET /api/v1/results`.
async fn results(
    state: &AppState,
    tools: &Tools,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let asked = Asked::read(query)?;
    let query = Query { lang: asked.lang, round: asked.round, stream: asked.stream, ..Query::default() };
    let no_round = Refusal::Unknown("round: there is none with this code");
    let current = Current::of(state, tools, &query).await?;
    let current = current.ok_or(Refusal::Unknown("there is no round yet"))?;
    if query.round.as_ref().is_some_and(|code| *code != current.context.round.code) {
        return Err(no_round);
    }
    if !current.may_be_shown() {
        return Err(Refusal::Unpublished);
    }
    let agency = match &asked.agency {
        None => None,
        Some(code) => {
            let found = current.context.agencies.values().find(|a| a.code.eq_ignore_ascii_case(code));
            Some(found.ok_or(Refusal::Unknown("agency: the round has none with this code"))?.code.clone())
        }
    };
    if query.stream.is_some_and(|stream| !current.has(stream)) {
        return Err(Refusal::Unknown("stream: the round has no responses in it"));
    }
    let path = agency.as_ref().map_or_else(|| "/api".to_owned(), |code| format!("/api/{code}"));
    let encoding = accepted(headers);
    let ready = tools.pages.get_or_make(current.key(query.href(&path), encoding), || {
        let json = current.with(|data, collected, stamp| match &agency {
            None => serde_json::to_string(&CityJson::new(data, &city_page(data, collected, stamp, &query))),
            Some(code) => {
                let page = agency_page(data, collected, stamp, &query, code);
                serde_json::to_string(&page.as_ref().map(|page| AgencyJson::new(data, page)))
            }
        });
        // Texts and numbers alone: writing them into memory does not fail.
        Ready::json(&json.unwrap_or_default(), encoding)
    });
    Ok(ready.respond(StatusCode::OK, headers))
}
