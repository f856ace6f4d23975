//! The simulated city of 2018 behind an HTTP site.

use app::server_side::city::City;
use app::server_side::simulate::{SimulatedCity, city_of_2018};
use app::store::NewRound;
use hailong_server::state::AppState;
use testkit::Folder;

use crate::site::site;

/// The city with so many responses; `sample_data` as the round says it.
pub(crate) async fn city(name: &str, responses: usize, sample_data: bool) -> (AppState, SimulatedCity, Folder) {
    let folder = Folder::new(name);
    let state = site(&folder).await;
    let simulated = fill(&state, responses, sample_data).await;
    (state, simulated, folder)
}

/// Fills a site with the city.
pub(crate) async fn fill(state: &AppState, responses: usize, sample_data: bool) -> SimulatedCity {
    let city = City::load().expect("the city");
    let questionnaire = state.catalogue.questionnaire("hanh-chinh-2018", None).expect("the form");
    let method = state.catalogue.method(&questionnaire.method, None).expect("its method");
    let mut simulated = city_of_2018(7, responses, [9; 32], &city, &questionnaire, &method);
    simulated.round.sample_data = sample_data;
    simulated.round.step = if sample_data { 1 } else { 5 };
    state.store.save_agencies(city.agencies()).await.expect("agencies");
    let round = NewRound {
        round: &simulated.round,
        questionnaire: &questionnaire,
        method: &method,
        strata: &simulated.strata,
        desks: &simulated.desks,
    };
    state.store.save_round(&round).await.expect("a round");
    state.store.start();
    let responses: Vec<_> = simulated.responses().collect();
    for many in responses.chunks(500) {
        state.store.submit_many(many.to_vec()).await.expect("stored");
    }
    state.store.fold_all().await.expect("folded");
    simulated
}

/// The code of the agency of a desk.
pub(crate) fn code(city: &SimulatedCity, desk: usize) -> String {
    let agency = city.desks[desk].agency;
    City::load().expect("the city").get(agency).expect("its agency").code.clone()
}
