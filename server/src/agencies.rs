//! Agencies by the codes that people write: codes are reused over the years.

use app::domain::agency::Agency;
use app::store::{Store, StoreError};

/// The agency of a code or alias: those that a round measures stand before the others, the latest round first.
///
/// # Errors
/// The store's; inside, in words, why the code names no agency.
pub async fn find(store: &Store, code: &str) -> Result<Result<Agency, String>, StoreError> {
    let has = |agency: &Agency| agency.code == code || agency.aliases.iter().any(|alias| alias == code);
    for round in store.rounds().await?.iter().rev() {
        match only(round.agencies.values().filter(|agency| has(agency)), code) {
            Ok(None) => {}
            Ok(Some(agency)) => return Ok(Ok(agency.clone())),
            Err(words) => return Ok(Err(words)),
        }
    }
    let all = store.known_agencies().await?;
    Ok(match only(all.values().filter(|agency| has(agency)), code) {
        Ok(Some(agency)) => Ok(agency.clone()),
        Ok(None) => Err(format!("no agency has the code {code}; `hailong desks` lists them")),
        Err(words) => Err(words),
    })
}

/// The only one, if there is one.
fn only<'a>(mut agencies: impl Iterator<Item = &'a Agency>, code: &str) -> Result<Option<&'a Agency>, String> {
    match (agencies.next(), agencies.next()) {
        (Some(one), Some(other)) => Err(format!("{code} is the code of {} and of {}", one.name, other.name)),
        (first, _) => Ok(first),
    }
}
