//! The addresses, one file per group. Each has `pub fn routes(state: &AppState) -> Router<AppState>`: what a group
//! prepares once (its page cache, derived keys) it makes there and gives to its own handlers.

pub mod api;
pub mod desk;
pub mod field_shell;
pub mod home;
pub mod publications;
pub mod results;
pub mod staff;

mod ready;

use std::sync::Arc;

use axum::Router;

use crate::http;
use crate::state::AppState;

/// The whole site, ready to serve: every group of addresses inside the frame that all requests go through.
pub fn router(state: AppState) -> Router {
    let pages = http::routes().merge(api::routes(&state)).merge(desk::routes(&state));
    // Staff see the figures of the results pages, at the same step.
    let results = results::tools(&state);
    let pages = pages.merge(home::routes(&state)).merge(results::routes(Arc::clone(&results)));
    let pages =
        pages.merge(publications::routes(&state)).merge(field_shell::routes()).merge(staff::routes(&state, results));
    http::framed(pages, state)
}
