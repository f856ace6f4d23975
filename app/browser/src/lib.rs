//! The browser's half of the application: links `app`, whose entry points wasm-bindgen exports.

pub use app;
