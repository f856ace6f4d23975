//! The catalogue: every questionnaire version and every method, read from the files inside the binary and, where one
//! is named, from a directory of the operator. Adding a questionnaire is adding a file. A file that is not right is
//! refused in one line, `path:line: reason`, and nothing of a faulty set is used.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use crate::domain::check::Defect;
use crate::domain::limits;
use crate::domain::method::Method;
use crate::domain::questionnaire::{Purpose, Questionnaire};

/// The questionnaire that stands first in every list.
pub const FIRST: &str = "hanh-chinh-2018";

/// The folder of method files beside the questionnaire files.
const METHODS: &str = "methods";

#[derive(RustEmbed)]
#[folder = "questionnaires/"]
struct Embedded;

/// One thing wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, as the operator knows it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.reason)
    }
}

/// Files that were refused; shown as one line a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// Never empty.
    pub faults: Vec<Fault>,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for CatalogueError {}

/// Versions by number, below each key.
type Versions<T> = BTreeMap<String, BTreeMap<u16, Arc<T>>>;

/// All questionnaire versions and methods that this process knows. Read once at start.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    questionnaires: Versions<Questionnaire>,
    methods: Versions<Method>,
}

impl Catalogue {
    /// The catalogue of the files inside the binary.
    ///
    /// # Errors
    /// Every fault of every file; a test holds that there is none.
    pub fn builtin() -> Result<Self, CatalogueError> {
        let files = Embedded::iter().filter(|name| is_toml(name)).filter_map(|name| {
            let file = Embedded::get(&name)?;
            Some((format!("questionnaires/{name}"), Ok(file.data.into_owned())))
        });
        Self::default().with(files)
    }

    /// This catalogue and the files of a directory: questionnaires in it, methods in its folder `methods`.
    ///
    /// # Errors
    /// Every fault of every file; a version that is in the catalogue already is one.
    pub fn with_dir(self, dir: &Path) -> Result<Self, CatalogueError> {
        let mut files = list(dir)?;
        let methods = dir.join(METHODS);
        if methods.is_dir() {
            files.extend(list(&methods)?);
        }
        self.with(files)
    }

    /// A questionnaire version; without a version the newest.
    pub fn questionnaire(&self, key: &str, version: Option<u16>) -> Option<Arc<Questionnaire>> {
        find(&self.questionnaires, key, version)
    }

    /// A method version; without a version the newest.
    pub fn method(&self, key: &str, version: Option<u16>) -> Option<Arc<Method>> {
        find(&self.methods, key, version)
    }

    /// A method by `KEY` (the newest version) or `KEY@VERSION`.
    pub fn method_named(&self, name: &str) -> Option<Arc<Method>> {
        match name.split_once('@') {
            None => self.method(name, None),
            Some((key, version)) => self.method(key, Some(version.parse().ok()?)),
        }
    }

    /// Every questionnaire version, [`FIRST`] first, then by key and version.
    pub fn questionnaires(&self) -> impl Iterator<Item = &Arc<Questionnaire>> {
        let all = |first: bool| self.questionnaires.iter().filter(move |(key, _)| (*key == FIRST) == first);
        all(true).chain(all(false)).flat_map(|(_, versions)| versions.values())
    }

    /// Every method version, by key and version.
    pub fn methods(&self) -> impl Iterator<Item = &Arc<Method>> {
        self.methods.values().flat_map(BTreeMap::values)
    }

    /// Reads files into the catalogue, all of them or none.
    fn with(mut self, files: impl IntoIterator<Item = (String, Bytes)>) -> Result<Self, CatalogueError> {
        let mut faults = Vec::new();
        let mut read = Vec::new();
        for (path, bytes) in files {
            match Document::new(path, bytes) {
                Ok(document) => {
                    if let Err(found) = self.take(&document) {
                        faults.extend(found);
                    }
                    read.push(document);
                }
                Err(fault) => faults.push(fault),
            }
        }
        // A questionnaire may name a method of a file that is read after it.
        faults.extend(read.iter().filter(|d| !d.is_method()).flat_map(|document| self.check_method(document)));
        faults.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        if faults.is_empty() { Ok(self) } else { Err(CatalogueError { faults }) }
    }

    fn take(&mut self, document: &Document) -> Result<(), Vec<Fault>> {
        if document.is_method() {
            let method: Method = document.read()?;
            document.refuse(method.check())?;
            document.insert(&mut self.methods, &method.key.clone(), method.version, method)
        } else {
            let questionnaire: Questionnaire = document.read()?;
            document.refuse(questionnaire.check())?;
            document.insert(&mut self.questionnaires, &questionnaire.key.clone(), questionnaire.version, questionnaire)
        }
    }

    /// The method that a questionnaire names exists, and what it says of visits fits the questionnaire.
    fn check_method(&self, document: &Document) -> Vec<Fault> {
        let Some(questionnaire) = document.file_name().and_then(|(key, v)| self.questionnaire(key, Some(v))) else {
            return Vec::new();
        };
        let Some(method) = self.method(&questionnaire.method, None) else {
            return vec![document.fault("method", format!("there is no method `{}`", questionnaire.method))];
        };
        let Some((_, visit)) = questionnaire.questions_for(Purpose::Visit).next() else { return Vec::new() };
        let foreign = |code: &&String| visit.options().iter().all(|o| o.code != **code);
        let reason = |code: &String| {
            format!("the method `{}` leaves out visits `{code}`, which `{}` does not offer", method.key, visit.code)
        };
        method.outside_visits.iter().filter(foreign).map(|code| document.fault("method", reason(code))).collect()
    }
}

fn find<T>(versions: &Versions<T>, key: &str, version: Option<u16>) -> Option<Arc<T>> {
    let versions = versions.get(key)?;
    match version {
        Some(version) => versions.get(&version),
        None => versions.values().next_back(),
    }
    .cloned()
}

/// The bytes of a file, or why they cannot be had.
type Bytes = Result<Vec<u8>, String>;

/// The `.toml` files of a directory, in the order of their names.
fn list(dir: &Path) -> Result<Vec<(String, Bytes)>, CatalogueError> {
    let unreadable = |error: std::io::Error| CatalogueError {
        faults: vec![Fault {
            path: dir.display().to_string(),
            line: 1,
            reason: format!("the directory cannot be read: {error}"),
        }],
    };
    let mut paths = fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>())
        .map_err(unreadable)?;
    paths.retain(|path| path.is_file() && path.file_name().is_some_and(|name| is_toml(&name.to_string_lossy())));
    paths.sort();
    Ok(paths
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).map_err(|error| format!("the file cannot be read: {error}"));
            (path.display().to_string(), bytes)
        })
        .collect())
}

/// Whether a name is that of a questionnaire or method file; names that begin with a dot are an editor's.
fn is_toml(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|extension| extension == "toml")
        && path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'))
}

/// One file being read.
struct Document {
    path: String,
    text: String,
}

impl Document {
    fn new(path: String, bytes: Bytes) -> Result<Self, Fault> {
        let fault = |line, reason| Fault { path: path.clone(), line, reason };
        let bytes = bytes.map_err(|reason| fault(1, reason))?;
        if bytes.len() > limits::QUESTIONNAIRE_FILE_BYTES {
            return Err(fault(1, format!("the file is larger than {} bytes", limits::QUESTIONNAIRE_FILE_BYTES)));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { path, text }),
            Err(error) => {
                let fine = error.utf8_error().valid_up_to();
                Err(fault(line_at(error.as_bytes(), fine), "the file is not UTF-8".to_owned()))
            }
        }
    }

    fn is_method(&self) -> bool {
        Path::new(&self.path).parent().and_then(Path::file_name).is_some_and(|folder| folder == METHODS)
    }

    /// The key and version that the name of the file promises: `KEY.toml` is version 1, `KEY.v2.toml` version 2.
    fn file_name(&self) -> Option<(&str, u16)> {
        let stem = Path::new(&self.path).file_name()?.to_str()?.strip_suffix(".toml")?;
        match stem.split_once(".v") {
            None => Some((stem, 1)),
            Some((key, version)) => Some((key, version.parse().ok().filter(|v| *v > 1)?)),
        }
    }

    /// The file as a typed value.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<Fault>> {
        toml::from_str(&self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(self.text.as_bytes(), span.start));
            let reason = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            vec![Fault { path: self.path.clone(), line, reason }]
        })
    }

    /// Defects as faults, with their lines.
    fn refuse(&self, checked: Result<(), Vec<Defect>>) -> Result<(), Vec<Fault>> {
        checked.map_err(|defects| {
            defects.into_iter().map(|d| self.fault(&d.place, format!("{}: {}", d.place, d.reason))).collect()
        })
    }

    /// Puts a version into its place, where the file has the right name and the version is new.
    fn insert<T>(&self, versions: &mut Versions<T>, key: &str, version: u16, value: T) -> Result<(), Vec<Fault>> {
        let expected = if version == 1 { format!("{key}.toml") } else { format!("{key}.v{version}.toml") };
        match self.file_name() {
            Some((k, _)) if k != key => {
                return Err(vec![
                    self.fault("key", format!("`{key}` version {version} belongs in a file `{expected}`")),
                ]);
            }
            Some((_, v)) if v == version => {}
            _ => {
                return Err(vec![
                    self.fault("version", format!("`{key}` version {version} belongs in a file `{expected}`")),
                ]);
            }
        }
        let versions = versions.entry(key.to_owned()).or_default();
        if versions.contains_key(&version) {
            let reason = format!("version {version} of `{key}` exists already and never changes; write a new version");
            return Err(vec![self.fault("version", reason)]);
        }
        versions.insert(version, Arc::new(value));
        Ok(())
    }

    fn fault(&self, place: &str, reason: String) -> Fault {
        Fault { path: self.path.clone(), line: self.line_of(place), reason }
    }

    /// The line of a place; where it is not in the file (it is missing), the line of what it is missing from.
    fn line_of(&self, place: &str) -> usize {
        let Ok(table) = DeTable::parse(&self.text) else { return 1 };
        let mut line = 1;
        let mut at: Option<&DeValue<'_>> = None;
        for step in steps(place) {
            let next = match (step, at) {
                (Step::Key(key), None) => table.get_ref().get(key),
                (Step::Key(key), Some(value)) => value.get(key),
                (Step::Index(index), Some(value)) => value.get(index),
                (Step::Index(_), None) => None,
            };
            let Some(next) = next else { break };
            line = line_at(self.text.as_bytes(), next.span().start);
            at = Some(next.get_ref());
        }
        line
    }
}

/// One step of a place.
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// The steps of a place such as `factors[1].text.en`.
fn steps(place: &str) -> impl Iterator<Item = Step<'_>> {
    place
        .split(['.', '['])
        .filter(|s| !s.is_empty())
        .map(|step| step.strip_suffix(']').and_then(|index| index.parse().ok()).map_or(Step::Key(step), Step::Index))
}

/// The line, from 1, of a byte of a text.
fn line_at(text: &[u8], offset: usize) -> usize {
    1 + text.iter().take(offset).filter(|b| **b == b'\n').count()
}

#[cfg(test)]
mod tests;
