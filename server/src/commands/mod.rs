//! What can be asked of the binary, one file per command. A command prints its result on standard output, logs to
//! standard error, and ends with an answer or a failure.

pub mod backup;
pub mod demo;
pub mod desks;
pub mod device;
pub mod doctor;
pub mod import;
pub mod import_outbox;
pub mod import_sample;
pub mod index;
pub mod open;
pub mod recount;
pub mod restore;
pub mod user;
pub mod verify;
pub mod verify_log;
pub mod verify_publication;

mod sqlite;

use std::io::Write;

use app::server_side::clock::Clock;

use crate::cli::{Cli, Command, DeviceCommand, ImportCommand};
use crate::config::Settings;
use crate::failure::{Answer, Failure};
use crate::serve;

/// Carries out the command of a command line.
///
/// # Errors
/// What kept it from being carried out.
pub async fn run(cli: Cli) -> Result<Answer, Failure> {
    let settings = &cli.settings;
    match cli.command {
        Command::Serve => serve::run(settings).await,
        Command::Migrate => migrate(settings).await,
        Command::Demo { responses, seed } => demo::run(settings, responses as usize, seed).await,
        Command::Index { responses, population, questionnaire, method, format } => {
            index::run(&responses, &population, questionnaire.as_deref(), method.as_deref(), format)
        }
        Command::Device(DeviceCommand::Add { name, agency, stream }) => {
            device::add(settings, &name, &agency, stream).await
        }
        Command::Import(ImportCommand::Outbox { file, login, team }) => {
            let whose = login.as_deref().map(|login| import_outbox::As { login, team: team.as_deref() });
            import_outbox::run(settings, &file, whose).await
        }
        Command::Import(ImportCommand::Sample { file, round, agency, skip_bad }) => {
            import_sample::run(settings, &file, &round, &agency, skip_bad).await
        }
        Command::Import(ImportCommand::Agencies { file }) => import::agencies(settings, &file).await,
        Command::User(command) => user::run(settings, &command).await,
        Command::Desks { format } => desks::list(settings, format).await,
        Command::Recount => recount::run(settings).await,
        Command::Backup { file } => backup::run(settings, &file).await,
        Command::Restore { file, move_aside } => restore::run(settings, &file, move_aside).await,
        Command::Verify { file: Some(file), key, .. } => {
            if verify_publication::is_one(&file) {
                verify_publication::run(settings, &file, key.as_deref())
            } else {
                verify::run(&file).await
            }
        }
        Command::Verify { file: None, .. } => verify_log::run(settings).await,
        Command::Doctor => doctor::run(settings).await,
    }
}

async fn migrate(settings: &Settings) -> Result<Answer, Failure> {
    let store = open::store(settings, &Clock::System).await?;
    let applied = open::bring_up(settings, &store, &Clock::System).await?;
    store.build_breakdowns().await?;
    print(&format!("migrations applied {applied}\n"))?;
    Ok(Answer::Yes)
}

/// Writes a result to standard output.
///
/// # Errors
/// [`Failure::System`] when it is closed or full: a result that nobody got is no success.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::System(format!("standard output: {error}")))
}
