//! Holds what the tour in `lib.rs` promises: the arrows between rooms, where the features gate, how long files may be,
//! the two holes of leptos that must stay shut, and that style and markup know each other.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A file over this is split by idea.
const LINES_MAX: usize = 800;

struct Source {
    /// Relative to the repository, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The lines that are code, with their numbers: no comments, nothing of the tests at the end of a file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let product = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = product.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Every file under `folder` (of the repository) that ends in one of `endings`.
fn sources(folder: &str, endings: &[&str]) -> Vec<Source> {
    fn walk(root: &Path, folder: &Path, endings: &[&str], found: &mut Vec<Source>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", "node_modules", "dist"].contains(&name.as_str()) {
                    walk(root, &path, endings, found);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.push(Source { path, text });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    walk(root, &root.join(folder), endings, &mut found);
    found
}

/// Fails with every line of code under `folder` that has one of `words`.
fn nothing_under(folder: &str, words: &[&str], reason: &str) {
    let mut lines = Vec::new();
    for source in sources(folder, &[".rs"]).iter().filter(|source| !source.is_test()) {
        for (number, line) in source.code() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                lines.push(format!("{}:{number}: {word}", source.path));
            }
        }
    }
    assert!(lines.is_empty(), "{reason}: {lines:#?}");
}

#[test]
fn the_domain_is_pure() {
    assert!(!sources("app/src/domain", &[".rs"]).is_empty());
    nothing_under(
        "app/src/domain",
        &[
            "crate::store",
            "crate::pages",
            "crate::components",
            "crate::islands",
            "crate::offline",
            "crate::server_side",
            "cfg(feature",
            "leptos",
            "sea_orm",
            "axum",
            "tokio",
            "chrono",
            "std::fs",
            "std::net",
            "std::env",
            "Instant::now",
            "time::Instant",
            "SystemTime",
            "getrandom",
            "rand::",
            "async fn",
        ],
        "the domain may use nothing of the other rooms, no clock, no chance and no input or output",
    );
}

#[test]
fn the_store_knows_nothing_of_pages() {
    let words = ["crate::pages", "crate::components", "crate::islands", "leptos", "axum"];
    nothing_under("app/src/store", &words, "the store serves pages and the interface alike");
    // The clock is handed to it, and what it is handed has a type.
    for source in sources("app/src/store", &[".rs"]).iter().filter(|source| !source.is_test()) {
        for (number, line) in source.code() {
            let stranger = line.contains("crate::server_side") && !line.contains("server_side::clock");
            assert!(!stranger, "{}:{number}: {line}", source.path);
        }
    }
}

#[test]
fn components_are_given_what_they_show() {
    let words = ["crate::pages", "crate::store", "#[server"];
    nothing_under("app/src/components", &words, "a piece of a page has no data of its own");
}

#[test]
fn islands_stay_in_the_browser() {
    let words = ["crate::pages", "crate::store", "crate::server_side"];
    nothing_under("app/src/islands", &words, "an island asks the server through its interface");
}

#[test]
fn what_works_without_a_network_is_pure() {
    let words = [
        "crate::pages",
        "crate::store",
        "crate::server_side",
        "crate::tablet",
        "leptos",
        "js_sys",
        "web_sys",
        "getrandom",
    ];
    nothing_under("app/src/offline", &words, "clock, chance, storage and network come in as arguments");
}

#[test]
fn the_tablet_stays_in_the_browser() {
    let words = ["crate::pages", "crate::store", "crate::server_side", "crate::islands"];
    nothing_under("app/src/tablet", &words, "the tablet asks the server through its versioned interface");
}

#[test]
fn all_sql_is_in_the_store() {
    for folder in [
        "app/src/pages",
        "app/src/components",
        "app/src/islands",
        "app/src/tablet",
        "app/src/offline",
        "app/src/domain",
        "server/src/routes",
    ] {
        nothing_under(folder, &["sea_orm", "sqlx"], "all SQL goes through the store");
    }
}

#[test]
fn only_the_guard_makes_capabilities() {
    for source in sources("app/src", &[".rs"]).iter().filter(|source| !source.is_test()) {
        let at_home = ["app/src/server_side/guard.rs", "app/src/domain/role.rs"].contains(&source.path.as_str());
        for (number, line) in source.code().filter(|_| !at_home) {
            assert!(!line.contains("Holder {"), "{}:{number}: a capability comes from the guard", source.path);
        }
    }
}

#[test]
fn migrations_never_import_the_application() {
    nothing_under("migrations/src", &["app::", "hailong_server"], "a migration on live types breaks when they change");
}

#[test]
fn features_gate_whole_modules() {
    let doors = |path: &str| path.ends_with("/mod.rs") || path == "app/src/lib.rs";
    for source in sources("app/src", &[".rs"]).iter().filter(|source| !doors(&source.path)) {
        for (number, line) in source.code() {
            let gate = line.contains("cfg(feature") || line.contains("cfg_attr(feature");
            assert!(!gate, "{}:{number}: gate by module, not by line", source.path);
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let mut long = Vec::new();
    for folder in ["app", "server", "migrations", "testkit", "xtask", "style", "end2end", "scripts"] {
        for source in sources(folder, &[".rs", ".css", ".ts", ".js", ".sh"]) {
            let lines = source.text.lines().count();
            let most = if source.path == "server/src/main.rs" { 60 } else { LINES_MAX };
            if lines > most {
                long.push(format!("{}: {lines} lines of {most}", source.path));
            }
        }
    }
    assert!(long.is_empty(), "split by idea: {long:#?}");
}

#[test]
fn what_leptos_leaves_unescaped_is_written_where_it_is_escaped() {
    // Leptos 0.8 escapes neither the children of a <textarea> nor those of leptos_meta's <Title>.
    for source in sources("app/src", &[".rs"]).iter().filter(|source| !source.is_test()) {
        let code = source.code().map(|(_, line)| line).collect::<Vec<_>>().join("\n");
        for area in code.split("<textarea").skip(1) {
            let (inside, _) = area.split_once("</textarea>").unwrap_or((area, ""));
            assert!(inside.trim_end().ends_with('>'), "{}: a <textarea> has no children here", source.path);
            let escapes = !inside.contains("inner_html") || inside.contains("html_escape::");
            assert!(escapes, "{}: what goes into a <textarea> is escaped on the spot", source.path);
        }
        assert!(!code.contains("<Title"), "{}: a title goes through the page's head", source.path);
    }
}

/// The names in `class="…"`, `class=("name", …)` and `class:name=` of a view.
fn classes_worn(source: &Source) -> BTreeSet<String> {
    let part = |each: char| each.is_alphanumeric() || each == '-' || each == '_';
    let mut found = BTreeSet::new();
    for (_, line) in source.code() {
        for (at, word) in line.match_indices("class") {
            let rest = &line[at + word.len()..];
            if let Some(name) = rest.strip_prefix(':') {
                let name: String = name.chars().take_while(|each| part(*each)).collect();
                found.extend((!name.is_empty()).then_some(name));
            } else if let Some(value) = rest.strip_prefix("=\"").or_else(|| rest.strip_prefix("=(\"")) {
                let value = value.split('"').next().unwrap_or_default();
                found.extend(value.split_whitespace().filter(|name| name.chars().all(part)).map(str::to_owned));
            }
        }
    }
    found
}

/// The names after a dot in the selectors of the style sheets.
fn classes_styled() -> BTreeSet<String> {
    let part = |each: char| each.is_alphanumeric() || each == '-' || each == '_';
    let mut found = BTreeSet::new();
    for sheet in sources("style", &[".css"]) {
        let without_comments: String = sheet
            .text
            .split("/*")
            .enumerate()
            .map(|(at, text)| if at == 0 { text } else { after_comment(text) })
            .collect();
        for selector in without_comments.split(['{', '}', ';']) {
            for (at, _) in selector.match_indices('.') {
                let name: String = selector[at + 1..].chars().take_while(|each| part(*each)).collect();
                if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                    found.insert(name);
                }
            }
        }
    }
    found
}

fn after_comment(text: &str) -> &str {
    text.split_once("*/").map_or("", |(_, after)| after)
}

#[test]
fn every_class_in_a_view_has_a_style() {
    let styled = classes_styled();
    let mut unknown = BTreeSet::new();
    for source in sources("app/src", &[".rs"]).iter().filter(|source| !source.is_test()) {
        let worn = classes_worn(source).into_iter().filter(|name| !styled.contains(name));
        unknown.extend(worn.map(|name| format!("{}: {name}", source.path)));
    }
    assert!(unknown.is_empty(), "no rule in style/ for {unknown:#?}");
}

#[test]
fn every_style_has_a_wearer() {
    let code: String = ["app/src", "server/src"]
        .iter()
        .flat_map(|folder| sources(folder, &[".rs", ".js"]))
        .map(|source| source.text)
        .collect();
    // A name made of parts, `likert__segment--{score}`, counts by what stands before its last part.
    let unused: Vec<String> = classes_styled()
        .into_iter()
        .filter(|name| {
            let stem = name.rsplit_once("--").map_or(name.as_str(), |(stem, _)| stem);
            !code.contains(name.as_str()) && !code.contains(&format!("{stem}--{{"))
        })
        .collect();
    assert!(unused.is_empty(), "style/ has rules that nothing wears: {unused:#?}");
}
