//! Hài Lòng: a citizen satisfaction survey platform, the application crate.
//!
//! A tour, room by room; arrows point from who uses to who is used, and an architecture test holds them:
//! `pages → components, server functions → (domain, store)`; `store → domain`; `domain → nothing`.

/// Pieces of a page, with no server function.
pub mod components;
/// Rules of the field; pure.
pub mod domain;
/// The few parts that are alive in the browser; the tablet has a bundle of its own without them.
#[cfg(not(feature = "field"))]
pub mod islands;
/// Work without a network, and what a device and the server do alike.
#[cfg(any(feature = "ssr", feature = "field"))]
pub mod offline;
/// One file or folder per screen.
#[cfg(feature = "ssr")]
pub mod pages;
/// Server only: request context, guards, clock, keys, the catalogue of questionnaires and methods.
#[cfg(feature = "ssr")]
pub mod server_side;
/// Server only: all SQL.
#[cfg(feature = "ssr")]
pub mod store;

/// The tablet's screens; its own bundle.
#[cfg(feature = "field")]
pub mod tablet;

/// Called once by the page's script before it wakes the islands.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// Called once by the script of `/thuc-dia/`.
#[cfg(feature = "field")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn field() {
    tablet::start();
}
