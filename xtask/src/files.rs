//! Content-hashed names, compressed copies, and the list of what the bundle holds.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

/// What stands in `bundle.json`. The server reads the first three; the others say what they were made from.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// File name of the module that starts the islands.
    pub(crate) script: Option<String>,
    /// File name of the WASM that it loads.
    pub(crate) wasm: Option<String>,
    /// File name of the style sheet of all pages but the phone's.
    pub(crate) style: Option<String>,
    /// The module that starts the field teams' app.
    #[serde(default)]
    pub(crate) field_script: Option<String>,
    /// The WASM that it loads.
    #[serde(default)]
    pub(crate) field_wasm: Option<String>,
    /// Its style sheet.
    #[serde(default)]
    pub(crate) field_style: Option<String>,
    /// Hash of the compiler's WASM and of the tools' own sources.
    pub(crate) made_from_wasm: String,
    /// The same of the app.
    #[serde(default)]
    pub(crate) made_from_field: String,
    /// Hash of its bundled style sheet.
    #[serde(default)]
    pub(crate) made_from_field_style: String,
    /// Hash of the bundled style sheet.
    pub(crate) made_from_style: String,
}

impl Manifest {
    /// The last build's list, or an empty one where there is none that can be read.
    pub(crate) fn read(dist: &Path) -> Self {
        let text = fs::read_to_string(dist.join("bundle.json")).unwrap_or_default();
        let manifest: Self = serde_json::from_str(&text).unwrap_or_default();
        let whole = manifest.names().all(|name| dist.join(name).is_file());
        if whole { manifest } else { Self::default() }
    }

    /// Writes the list and removes what no longer is in it.
    pub(crate) fn write(&self, dist: &Path) -> Result<()> {
        fs::write(dist.join("bundle.json"), serde_json::to_string_pretty(self)? + "\n")?;
        let mut keep: BTreeSet<String> = [".gitkeep".to_owned(), "bundle.json".to_owned()].into();
        for name in self.names() {
            keep.extend([name.to_owned(), format!("{name}.br"), format!("{name}.gz")]);
        }
        for entry in fs::read_dir(dist)? {
            let entry = entry?;
            if !keep.contains(&*entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let field = [&self.field_script, &self.field_wasm, &self.field_style];
        [&self.script, &self.wasm, &self.style].into_iter().chain(field).filter_map(|name| name.as_deref())
    }
}

/// Sixteen hexadecimal digits that stand for these bytes.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().take(8).fold(String::new(), |name, byte| name + &format!("{byte:02x}"))
}

/// Writes `hailong.HASH.extension` with its `.br` and `.gz` into `dist` and returns the name.
pub(crate) fn write(dist: &Path, extension: &str, bytes: &[u8]) -> Result<String> {
    let name = format!("hailong.{}.{extension}", hash(&[bytes]));
    fs::write(dist.join(&name), bytes).with_context(|| format!("writing {name}"))?;

    let mut smaller = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut smaller, &parameters)?;
    fs::write(dist.join(format!("{name}.br")), &smaller)?;

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes)?;
    let zipped = gzip.finish()?;
    fs::write(dist.join(format!("{name}.gz")), &zipped)?;

    eprintln!("  {name}: {} bytes, {} in brotli, {} in gzip", bytes.len(), smaller.len(), zipped.len());
    Ok(name)
}
