//! `hailong verify FILE`: is a backup whole, does it fit this program, do its tallies say what its responses say?
//! Nothing of the file changes.

use std::path::Path;

use app::domain::text::Lang;
use app::server_side::clock::Clock;
use app::server_side::publication::Sha2AndEd25519;
use app::store::Store;
use migrations::{Migrator, MigratorTrait};

use super::{print, sqlite};
use crate::failure::{Answer, Failure};

/// Responses up to which the tallies are counted again: a few seconds. More is for `recount`, after a restore.
const RECOUNT_RESPONSES: u64 = 1_000_000;

/// What was found in a backup.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// What is wrong, in words; nothing in a good one.
    pub(super) faults: Vec<String>,
    /// Steps of the schema that this program knows and the file has not taken.
    pub(super) steps_behind: usize,
    /// Responses in it.
    pub(super) responses: u64,
}

/// Looks into a backup without changing it.
///
/// # Errors
/// [`Failure::Usage`] when it is absent or no database.
pub(super) async fn look(file: &Path) -> Result<Report, Failure> {
    let db = sqlite::look_into(file).await?;
    let mut report = Report { faults: sqlite::faults(&db, file).await?, ..Report::default() };
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    match sqlite::lines(&db, "SELECT version FROM seaql_migrations ORDER BY version").await {
        Ok(taken) if !taken.is_empty() => {
            report.faults.extend(
                taken
                    .iter()
                    .filter(|step| !known.contains(step))
                    .map(|step| format!("made by a newer program (schema step {step})")),
            );
            report.steps_behind = known.iter().filter(|step| !taken.contains(step)).count();
        }
        _ => report.faults.push("not a database of this program: it has no schema".to_owned()),
    }
    if report.faults.is_empty()
        && let Ok(count) = sqlite::lines(&db, "SELECT CAST(COUNT(*) AS TEXT) FROM response").await
    {
        report.responses = count.first().and_then(|count| count.parse().ok()).unwrap_or(0);
    }
    // It was opened for looking only.
    let _ = db.close().await;
    Ok(report)
}

/// Checks a backup and prints what was found; the answer is no when something is wrong.
///
/// # Errors
/// As [`look`].
pub async fn run(file: &Path) -> Result<Answer, Failure> {
    let mut report = look(file).await?;
    let mut text = String::new();
    if report.faults.is_empty() {
        text.push_str("integrity ok\n");
        text.push_str(&match report.steps_behind {
            0 => "schema current\n".to_owned(),
            n => format!("schema {n} steps behind; the next start brings it up\n"),
        });
        text.push_str(&format!("responses {}\n", report.responses));
        if report.steps_behind > 0 || report.responses > RECOUNT_RESPONSES {
            text.push_str("tallies not counted again; after a restore run: hailong recount\n");
        } else {
            let counted = recount(file).await?;
            match counted.differences {
                0 => text.push_str("tallies ok\n"),
                n => report.faults.push(format!("{n} tallies differ from the responses")),
            }
            if counted.faults.is_empty() && counted.publications > 0 {
                text.push_str(&format!("publications ok {}\n", counted.publications));
            }
            report.faults.extend(counted.faults);
        }
    }
    for fault in &report.faults {
        text.push_str(&format!("fault: {fault}\n"));
    }
    print(&text)?;
    Ok(if report.faults.is_empty() { Answer::Yes } else { Answer::No })
}

/// What a copy of the backup said.
struct Counted {
    /// Tallies that differ from the responses.
    differences: usize,
    /// Publications in it.
    publications: usize,
    /// What is wrong with them.
    faults: Vec<String>,
}

/// Counts a copy again and checks its publications, for a store writes to what it opens.
async fn recount(file: &Path) -> Result<Counted, Failure> {
    let scratch = std::env::temp_dir().join(format!("hailong-verify-{}", std::process::id()));
    let failed = |error: std::io::Error| Failure::System(format!("{}: {error}", scratch.display()));
    std::fs::create_dir(&scratch).map_err(failed)?;
    let counted = count_copy(file, &scratch.join("copy.db")).await;
    std::fs::remove_dir_all(&scratch).map_err(failed)?;
    counted
}

async fn count_copy(file: &Path, copy: &Path) -> Result<Counted, Failure> {
    sqlite::put(file, copy)?;
    let store = Store::open(&format!("sqlite://{}", copy.display()), Clock::System).await?;
    let differences = store.recount().await?.n_differences();
    let publications = store.publications().await?.len();
    let faults = store.verify_publications(&Sha2AndEd25519, Lang::En).await?;
    Ok(Counted { differences, publications, faults })
}
