//! The pipeline: cargo → wasm-bindgen → wasm-opt; beside it a script that starts what was made, made small by terser.

use crate::css;
use crate::files::{Manifest, hash, write};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
/// What starts the islands of a page.
const START: &str = include_str!("start.js");
/// What starts the field teams' app.
const FIELD: &str = include_str!("field.js");
/// What current compilers emit; binaryen reads no more than it is told to.
/// The second round finds what the first has laid open; to flatten, to find the loops anew and two rounds more take
/// another hundredth. Nothing lies in the first kilobyte of memory: the stack ends there.
const WASM_OPT: &[&str] = &[
    "-Oz",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The script is a module: nobody outside names what is in it.
const TERSER: &[&str] = &["--module", "--compress", "passes=2", "--mangle"];
/// Which versions of the tools: others make other bundles.
const TOOLS: &str = include_str!("../package-lock.json");

/// In the names of what a library of streams exports: nothing here streams, so nobody calls it, and what is exported stays
/// with all that it needs.
const STREAMS: &str = "intounderlying";

/// Brings `app/dist/` up to date: the islands of the pages, and the field teams' app in a bundle of its own, so that
/// neither carries the other's weight.
pub(crate) fn make(root: &Path) -> Result<()> {
    let dist = root.join("app/dist");
    fs::create_dir_all(&dist)?;
    let mut manifest = Manifest::read(&dist);
    let before = hash(&[serde_json::to_string(&manifest)?.as_bytes()]);

    if let Some(made) = module(root, &dist, "hydrate", START, &manifest.made_from_wasm)? {
        (manifest.script, manifest.wasm, manifest.made_from_wasm) = (Some(made.script), Some(made.wasm), made.from);
    }
    if let Some(made) = module(root, &dist, "field", FIELD, &manifest.made_from_field)? {
        (manifest.field_script, manifest.field_wasm, manifest.made_from_field) =
            (Some(made.script), Some(made.wasm), made.from);
    }
    sheet(root, &dist, "main.css", &mut manifest.style, &mut manifest.made_from_style)?;
    sheet(root, &dist, "tablet.css", &mut manifest.field_style, &mut manifest.made_from_field_style)?;

    if hash(&[serde_json::to_string(&manifest)?.as_bytes()]) == before {
        eprintln!("  nothing has changed");
        return Ok(());
    }
    manifest.write(&dist)
}

/// A module that was made.
struct Made {
    script: String,
    wasm: String,
    from: String,
}

/// Makes the module of a feature, unless the last one was made from the same.
fn module(root: &Path, dist: &Path, feature: &str, start: &str, made_from: &str) -> Result<Option<Made>> {
    let compiled = fs::read(compile(root, feature)?)?;
    let from = hash(&[
        &compiled,
        start.as_bytes(),
        [WASM_OPT, TERSER].concat().concat().as_bytes(),
        TOOLS.as_bytes(),
        STREAMS.as_bytes(),
    ]);
    if made_from == from {
        return Ok(None);
    }
    let (script, wasm) = bind(root, compiled)?;
    let wasm = write(dist, "wasm", &wasm)?;
    let script =
        small(root, (script + &start.replace("WASM_NAME", &wasm)).as_bytes(), "js", "terser/bin/terser", TERSER)?;
    let script = write(dist, "js", &script)?;
    Ok(Some(Made { script, wasm, from }))
}

/// Makes a style sheet, unless the last one was made from the same.
fn sheet(root: &Path, dist: &Path, name: &str, made: &mut Option<String>, made_from: &mut String) -> Result<()> {
    let sheet = css::bundle(&root.join("style"), name)?;
    let from = hash(&[sheet.as_deref().unwrap_or_default().as_bytes()]);
    if *made_from != from {
        *made = sheet.map(|sheet| write(dist, "css", sheet.as_bytes())).transpose()?;
        *made_from = from;
    }
    Ok(())
}

/// Compiles the browser's half of the application with a feature and returns where it is.
fn compile(root: &Path, feature: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--locked", "-p", "browser", "--lib"])
        .args(["--features", feature, "--profile", "wasm", "--target", TARGET])
        .status()?;
    ensure!(done.success(), "the browser's half does not compile");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(root.join(target).join(TARGET).join("wasm/browser.wasm"))
}

/// The script and the WASM as browsers take them.
fn bind(root: &Path, compiled: Vec<u8>) -> Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_bytes("hailong", compiled)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let snippets = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty()).map(|(from, _)| from);
    let brought: Vec<_> = snippets.chain(output.local_modules().keys()).collect();
    ensure!(brought.is_empty(), "scripts of their own, which the bundle has no place for, are brought by {brought:?}");
    let script = output.js().to_owned();
    let exports = &mut output.wasm_mut().exports;
    let mut unused = vec![];
    for export in exports.iter().filter(|export| export.name.contains(STREAMS)) {
        unused.push(export.id());
    }
    for id in unused {
        exports.delete(id);
    }
    let wasm = small(root, &output.wasm_mut().emit_wasm(), "wasm", "binaryen/bin/wasm-opt", WASM_OPT)?;
    Ok((script, wasm))
}

/// What a tool of Node's makes of a file.
fn small(root: &Path, bytes: &[u8], kind: &str, tool: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("hailong-xtask-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let [from, to] = ["in", "out"].map(|name| folder.join(name).with_extension(kind));
    fs::write(&from, bytes)?;
    let done = Command::new("node")
        .arg(root.join("xtask/node_modules").join(tool))
        .arg(&from)
        .args(arguments)
        .arg("-o")
        .arg(&to)
        .status()
        .with_context(|| format!("running {tool} by node"))?;
    ensure!(done.success(), "{tool} failed");
    let small = fs::read(&to)?;
    fs::remove_dir_all(&folder)?;
    Ok(small)
}
