//! Makes the bundle for the browser: WASM, its script and the style sheet, with content hashes in their names
//! and compressed copies beside them, in `app/dist/`, where the server's build embeds them.
//!
//! Run through `make build`, which chooses the compiler; it does again only what has changed.

mod bundle;
mod css;
mod files;

use anyhow::{Context, Result, bail};
use std::path::Path;

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask stands in the repository")?;
    match std::env::args().nth(1).as_deref() {
        Some("bundle") => bundle::make(root),
        _ => bail!("usage: xtask bundle"),
    }
}
