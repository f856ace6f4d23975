//! `hailong device add`: enrols a tablet or kiosk and prints its token, the only time that it is ever seen.

use app::domain::agency::Agency;
use app::domain::response::Stream;
use app::server_side::clock::Clock;
use app::server_side::token;
use app::store::Store;

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Longest name of a device, in characters: it stands on a label.
const NAME_CHARS: usize = 80;

/// Enrols a device; the token stands alone on standard output.
///
/// # Errors
/// [`Failure::Usage`] for an empty or overlong name and for a code that no agency, or more than one, has.
pub async fn add(settings: &Settings, name: &str, agency: &str, stream: Stream) -> Result<Answer, Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Failure::Usage(format!("NAME: write 1 to {NAME_CHARS} characters on one line")));
    }
    let (store, _keys) = open::with_key(settings, &Clock::System).await?;
    let agency = find(&store, agency).await?;
    let token = token::new().map_err(|_| Failure::System("the system gave no random bytes".to_owned()))?;
    store.add_device(name, agency.id, stream, token::hash(&token)).await?;
    print(&format!("{token}\n"))?;
    tracing::info!(agency = agency.code, stream = stream.word(), "a device was enrolled");
    Ok(Answer::Yes)
}

/// The agency of a code. Codes are reused over the years: those that a round measures stand before the others, the
/// latest round first.
async fn find(store: &Store, code: &str) -> Result<Agency, Failure> {
    let has = |agency: &Agency| agency.code == code || agency.aliases.iter().any(|alias| alias == code);
    for round in store.rounds().await?.iter().rev() {
        if let Some(agency) = only(round.agencies.values().filter(|agency| has(agency)), code)? {
            return Ok(agency.clone());
        }
    }
    let all = store.agencies().await?;
    only(all.values().filter(|agency| has(agency)), code)?
        .cloned()
        .ok_or_else(|| Failure::Usage(format!("--agency: no agency has the code {code}; `hailong desks` lists them")))
}

/// The only one, if there is one.
fn only<'a>(mut agencies: impl Iterator<Item = &'a Agency>, code: &str) -> Result<Option<&'a Agency>, Failure> {
    match (agencies.next(), agencies.next()) {
        (Some(one), Some(other)) => {
            Err(Failure::Usage(format!("--agency: {code} is the code of {} and of {}", one.name, other.name)))
        }
        (first, _) => Ok(first),
    }
}
