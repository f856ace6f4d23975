//! `/` and `/k?ma=…`: the first page, and the way from a typed code to its desk.

use std::sync::Arc;

use app::components::page::{Frame, Place, document};
use app::domain::limits::CODE_BYTES;
use app::domain::round::normalise_code;
use app::domain::text::Lang;
use app::pages::home::{HomePage, home_title, home_view};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::ready::{Frames, Ready, accepted, pairs};
use crate::encoding::Encoding;
use crate::page_cache::PageCache;
use crate::state::AppState;

/// Two languages in three encodings, a few kilobytes each.
const CACHE_BYTES: usize = 256 * 1024;

struct Tools {
    frames: Frames,
    pages: PageCache<(Lang, Encoding), Ready>,
}

/// The addresses of the first page.
pub fn routes(_state: &AppState) -> Router<AppState> {
    let tools = Arc::new(Tools { frames: Frames::new(), pages: PageCache::new(CACHE_BYTES, Ready::bytes) });
    let for_code = Arc::clone(&tools);
    Router::new()
        .route(
            "/",
            get(move |RawQuery(query), headers: HeaderMap| async move { first(&tools, query.as_deref(), &headers) }),
        )
        .route(
            "/k",
            get(move |state: State<AppState>, RawQuery(query), headers: HeaderMap| async move {
                by_code(&state, &for_code, query.as_deref(), &headers).await
            }),
        )
}

fn lang_of(pairs: &[(String, String)]) -> Lang {
    pairs.iter().find(|(name, _)| name == "lang").map_or(Lang::Vi, |(_, value)| Lang::from_tag(value))
}

fn first(tools: &Tools, query: Option<&str>, headers: &HeaderMap) -> Response {
    let (lang, encoding) = (lang_of(&pairs(query)), accepted(headers));
    let ready = tools.pages.get_or_make((lang, encoding), || Ready::new(&html(tools, lang, None), encoding));
    ready.respond(StatusCode::OK, headers)
}

/// `GET /k?ma=…`: to the desk, or back to the first page with a word why not.
async fn by_code(state: &AppState, tools: &Tools, query: Option<&str>, headers: &HeaderMap) -> Response {
    let pairs = pairs(query);
    let lang = lang_of(&pairs);
    let typed = pairs.into_iter().find(|(name, _)| name == "ma").map(|(_, value)| value).unwrap_or_default();
    let code = normalise_code(&typed);
    let found = if code.is_empty() { Ok(None) } else { state.store.desk(&code).await };
    match found {
        Ok(Some(_)) => {
            let address = match lang {
                Lang::Vi => format!("/k/{code}"),
                Lang::En => format!("/k/{code}?lang=en"),
            };
            // The code is ASCII letters and figures by now.
            HeaderValue::try_from(address).map_or(StatusCode::NOT_FOUND.into_response(), |to| {
                (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
            })
        }
        Ok(None) => {
            let shown = typed.trim().chars().take(CODE_BYTES).collect();
            Ready::new(&html(tools, lang, Some(shown)), accepted(headers)).respond(StatusCode::NOT_FOUND, headers)
        }
        Err(error) => {
            tracing::error!(%error, "the desk could not be looked up");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn html(tools: &Tools, lang: Lang, unknown_code: Option<String>) -> String {
    let Frames { assets, site } = &tools.frames;
    let page = HomePage { lang, place: site.place.clone(), unknown_code };
    let other_language = if lang == Lang::Vi { "/?lang=en" } else { "/" };
    let frame = Frame {
        lang,
        title: home_title(&page).to_owned(),
        place: Place::Home,
        other_language: other_language.to_owned(),
        sample_data: false,
        stamp: None,
        has_island: false,
        assets,
        site,
    };
    document(&frame, || home_view(&page))
}
