//! `hailong demo`: the city of 2018 with one round, its desks and simulated responses, all marked as sample data.

use app::server_side::catalogue::{Catalogue, FIRST};
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::simulate::city_of_2018;
use app::store::{NewRound, SAMPLE_DATA as RECIPE};

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Makes the sample city; a second call with the same numbers changes nothing, and completes one that was broken off.
///
/// # Errors
/// [`Failure::Usage`] when the database holds real rounds, or a sample city made with other numbers.
pub async fn run(settings: &Settings, responses: usize, seed: u64) -> Result<Answer, Failure> {
    let system = |error: &dyn std::fmt::Display| Failure::System(error.to_string());
    let (store, keys) = open::with_key(settings, &Clock::System).await?;
    let recipe = format!("responses {responses} seed {seed}");
    let kept = store.meta(RECIPE).await?;
    // Agencies that were imported are a real city, even before its first round.
    let real = !store.rounds().await?.is_empty() || !store.agencies().await?.is_empty();
    if kept.is_none() && real {
        return Err(Failure::Usage(
            "DATABASE_URL: this database holds real agencies or rounds; sample data are never mixed with them"
                .to_owned(),
        ));
    }
    if let Some(kept) = kept.filter(|kept| *kept != recipe) {
        return Err(Failure::Usage(format!(
            "DATABASE_URL: this database already holds a sample city ({kept}); for another one use another database"
        )));
    }
    store.meta_once(RECIPE, &recipe).await?;
    let catalogue = Catalogue::builtin().map_err(|e| system(&e))?;
    let city = City::load().map_err(|e| system(&e))?;
    let missing = || Failure::System(format!("the built-in questionnaire {FIRST} or its method is missing"));
    let questionnaire = catalogue.questionnaire(FIRST, None).ok_or_else(missing)?;
    let method = catalogue.method(&questionnaire.method, None).ok_or_else(missing)?;
    // Desk codes hang on the secret key, so that they stay the same here and cannot be guessed from the seed.
    let made = city_of_2018(seed, responses, keys.derive("demo-desk-codes"), &city, &questionnaire, &method);
    store.save_agencies(city.agencies()).await?;
    store
        .save_round(&NewRound {
            round: &made.round,
            questionnaire: &questionnaire,
            method: &method,
            strata: &made.strata,
            desks: &made.desks,
        })
        .await?;
    let new = store.import(made.responses()).await?;
    print(&format!("desks {} responses {} new {new}\n", made.desks.len(), made.n_responses()))?;
    Ok(Answer::Yes)
}
