//! A city in an empty store of each kind, and answers at its first desk.

use app::domain::answer::{Answer, Score, Sheet};
use app::domain::ids::DeskId;
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use app::domain::text::Lang;
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::simulate::{SimulatedCity, city_of_2018};
use app::store::{NewRound, Store};
use testkit::{Folder, Postgres};
use uuid::Uuid;

/// 2018-11-12 10:30 UTC.
pub(crate) const NOW: i64 = 1_542_018_600_000;

/// One empty store of each kind, with the folder that must outlive it.
pub(crate) async fn stores(name: &str) -> Vec<(Store, Clock, Option<Folder>)> {
    stores_at(name).await.into_iter().map(|(store, clock, folder, _)| (store, clock, folder)).collect()
}

/// The same, with their addresses.
pub(crate) async fn stores_at(name: &str) -> Vec<(Store, Clock, Option<Folder>, String)> {
    let folder = Folder::new(name);
    let mut stores = vec![];
    for (url, folder) in [(folder.sqlite_url(), Some(folder)), (Postgres::shared().database_url(name), None)] {
        let clock = Clock::fixed(NOW);
        let store = Store::open(&url, clock.clone()).await.expect("the database opens");
        store.migrate().await.expect("the schema comes up");
        stores.push((store, clock, folder, url));
    }
    stores
}

pub(crate) async fn with_city(store: &Store, n: usize) -> SimulatedCity {
    let catalogue = Catalogue::builtin().expect("the built-in files are well formed");
    let city = City::load().expect("the built-in data is well formed");
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("it is built in");
    let method = catalogue.method(&questionnaire.method, None).expect("it is built in");
    let simulated = city_of_2018(7, n, [9; 32], &city, &questionnaire, &method);
    store.save_agencies(city.agencies()).await.expect("agencies are saved");
    store
        .save_round(&NewRound {
            round: &simulated.round,
            questionnaire: &questionnaire,
            method: &method,
            strata: &simulated.strata,
            desks: &simulated.desks,
        })
        .await
        .expect("the round is saved");
    simulated
}

/// A form in which every statement got `score`, sent at the first desk.
pub(crate) fn form(city: &SimulatedCity, id: u128, score: u8) -> NewResponse {
    let mut response = tap(city, id, score);
    response.phase = Phase::Form;
    response.standing = Standing::Valid;
    response.sheet.tap = None;
    response.sheet.answers = vec![Answer::Score(Score::new(score).expect("1 to 5")); 22];
    response
}

/// A one-tap answer at the first desk.
pub(crate) fn tap(city: &SimulatedCity, id: u128, score: u8) -> NewResponse {
    let desk = &city.desks[0];
    let catalogue = Catalogue::builtin().expect("the built-in files are well formed");
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("it is built in");
    let mut sheet = Sheet::blank(&questionnaire);
    sheet.tap = Score::new(score);
    NewResponse {
        id: Uuid::from_u128(id),
        round: desk.round,
        agency: desk.agency,
        desk: Some(DeskId(desk.id.0)),
        device: None,
        stratum: city.strata.iter().find(|s| s.agency == desk.agency).expect("every agency has a stratum").id,
        field: None,
        stream: Stream::Open,
        standing: Standing::Incomplete,
        mode: Mode::Qr,
        lang: Lang::Vi,
        marks: Marks::default(),
        phase: Phase::Tap,
        sheet,
        comment: None,
        started_at: None,
        finished_at: None,
        local_day: 17_847,
        received_at: NOW,
    }
}
