//! `hailong index`: the index of responses in a CSV file, without a database, so that any figure can be checked anywhere.

use std::fs::File;
use std::path::Path;

use app::server_side::catalogue::{Catalogue, FIRST};
use app::server_side::index_file;

use super::print;
use crate::cli::ReportFormat;
use crate::failure::{Answer, Failure};

/// Computes and prints the index.
///
/// # Errors
/// [`Failure::Usage`] for a file that cannot be read or is malformed, with the line and the column, and for an unknown
/// questionnaire or method.
pub fn run(
    responses: &Path,
    population: &Path,
    questionnaire: Option<&str>,
    method: Option<&str>,
    format: ReportFormat,
) -> Result<Answer, Failure> {
    let catalogue = Catalogue::builtin().map_err(|error| Failure::System(error.to_string()))?;
    let key = questionnaire.unwrap_or(FIRST);
    let unknown = |flag: &str, key: &str, keys: Vec<&str>| {
        Failure::Usage(format!("{flag}: {key} is not known; there are: {}", keys.join(", ")))
    };
    let questionnaire = catalogue
        .questionnaire(key, None)
        .ok_or_else(|| unknown("--questionnaire", key, catalogue.questionnaires().map(|q| q.key.as_str()).collect()))?;
    let key = method.unwrap_or(&questionnaire.method);
    let names: Vec<String> = catalogue.methods().map(|m| format!("{}@{}", m.key, m.version)).collect();
    let method = catalogue
        .method_named(key)
        .ok_or_else(|| unknown("--method", key, names.iter().map(String::as_str).collect()))?;
    let open = |file: &Path| File::open(file).map_err(|error| Failure::Usage(format!("{}: {error}", file.display())));
    let report = index_file::run(open(responses)?, open(population)?, &questionnaire, &method).map_err(|error| {
        let line = error.message(&responses.display().to_string(), &population.display().to_string());
        if error.reason.is_system_failure() { Failure::System(line) } else { Failure::Usage(line) }
    })?;
    let text = match format {
        ReportFormat::Json => report.to_json().map_err(|error| Failure::System(error.to_string()))?,
        ReportFormat::Table => report.to_table(),
    };
    print(&text)?;
    Ok(Answer::Yes)
}
