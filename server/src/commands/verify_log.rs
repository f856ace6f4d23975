//! `hailong verify --log`: is the log of staff as it was written? Runs beside a server.

use app::server_side::clock::Clock;
use app::store::LogVerdict;

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Walks the log and prints what was found: "log ok …", or the first entry that is broken. The answer is no then.
///
/// # Errors
/// [`Failure::Usage`] when there is no database or its schema is stale.
pub async fn run(settings: &Settings) -> Result<Answer, Failure> {
    let store = open::existing(settings, &Clock::System).await?;
    match store.verify_log().await? {
        LogVerdict::Whole { chains, entries } => {
            print(&format!("log ok chains {chains} entries {entries}\n"))?;
            Ok(Answer::Yes)
        }
        LogVerdict::Broken { entry, why } => {
            print(&format!("fault: log entry {entry}: {why}\n"))?;
            Ok(Answer::No)
        }
    }
}
