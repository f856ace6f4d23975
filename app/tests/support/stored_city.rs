//! The simulated city of 2018 in a database, and its round as the pages have it.

use std::sync::Arc;

use app::components::page::{Edition, FiguresState, Stamp};
use app::domain::agency::Agency;
use app::domain::ids::AgencyId;
use app::domain::publication::Code;
use app::domain::response::{NewResponse, Stream};
use app::domain::role::Role;
use app::domain::text::sort_key;
use app::pages::results::collect::{CellKey, Collected, RoundData};
use app::pages::results::query::Query;
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::export::{Scope, Source};
use app::server_side::guard::Actor;
use app::server_side::simulate::city_of_2018;
use app::store::{NewRound, RoundContext, Store};
use testkit::Folder;
use uuid::Uuid;

use crate::signed_in::signed_in;

/// 2018-11-12T03:00:00Z.
pub(crate) const NOW: i64 = 1_541_991_600_000;

/// A caller who may see all.
#[expect(non_upper_case_globals, reason = "it reads as the scope that it is")]
pub(crate) const everything: Scope<'static> = &|_: AgencyId| true;

pub(crate) struct StoredCity {
    pub(crate) store: Store,
    pub(crate) context: Arc<RoundContext>,
    collected: Collected,
    round: app::domain::round::Round,
    agencies: Vec<Agency>,
    edition: Option<Edition>,
    /// Somebody of Sở Nội vụ.
    pub(crate) admin: Actor,
    _folder: Option<Folder>,
}

impl StoredCity {
    /// With so many simulated responses.
    pub(crate) async fn new(name: &str, n: usize) -> Self {
        Self::filled(name, n, |responses| responses).await
    }

    /// The same people, who came in the opposite order under other ids.
    pub(crate) async fn turned(name: &str, n: usize) -> Self {
        Self::filled(name, n, |mut responses| {
            let ids: Vec<Uuid> = responses.iter().map(|r| Uuid::from_u128(!r.id.as_u128())).collect();
            for (response, id) in responses.iter_mut().zip(ids) {
                response.id = id;
            }
            responses.reverse();
            responses
        })
        .await
    }

    async fn filled(name: &str, n: usize, order: impl FnOnce(Vec<NewResponse>) -> Vec<NewResponse>) -> Self {
        let folder = Folder::new(name);
        let store = Store::open(&folder.sqlite_url(), Clock::fixed(NOW)).await.expect("a database");
        fill(&store, n, order).await;
        Self { _folder: Some(folder), ..Self::read(store).await }
    }

    async fn read(store: Store) -> Self {
        let tallies = store.tallies().await.expect("tallies");
        let context = store.rounds().await.expect("rounds").first().expect("a round").clone();
        let cells = tallies.round(context.round.id).map(|(cell, tally)| {
            let key =
                CellKey { agency: cell.agency, stratum: cell.stratum, stream: cell.stream, standing: cell.standing };
            (key, tally)
        });
        let collected = Collected::from_cells(cells);
        let mut agencies: Vec<Agency> = context.agencies.values().cloned().collect();
        agencies.sort_by_cached_key(|a| (a.level, sort_key(&a.name), a.id));
        let admin = signed_in(&store, Role::Admin, None).await;
        Self { store, round: context.round.clone(), context, collected, agencies, edition: None, admin, _folder: None }
    }

    /// As if the data were of people, and the desks open.
    pub(crate) fn real(&mut self) {
        self.round.sample_data = false;
    }

    /// As if the desks had closed yesterday.
    pub(crate) fn closed(&mut self) {
        self.round.closes_at = Some(NOW - 86_400_000);
    }

    /// As if these figures had been published.
    pub(crate) fn published(&mut self) {
        self.edition = Some(Edition { number: 1, code: Code::of(&[7; 32]) });
    }

    /// Gives the first agencies these names, which nobody could have given them.
    pub(crate) fn rename(&mut self, names: &[&str]) {
        for (agency, name) in self.agencies.iter_mut().zip(names) {
            (*name).clone_into(&mut agency.name);
        }
    }

    /// Hands the round to a test.
    pub(crate) fn with<T>(&self, stream: Option<Stream>, test: impl FnOnce(&Source<'_>) -> T) -> T {
        let agencies: Vec<&Agency> = self.agencies.iter().collect();
        let query = Query { stream, ..Query::default() };
        let data = RoundData {
            round: &self.round,
            questionnaire: &self.context.questionnaire,
            method: &self.context.method,
            shape: &self.context.shape,
            strata: &self.context.strata,
            agencies: &agencies,
        };
        let stamp = Stamp {
            data_until: Some(NOW),
            frozen_at: None,
            state: self.edition.map_or_else(FiguresState::default, FiguresState::Published),
        };
        test(&Source { data, collected: &self.collected, stamp, query: &query })
    }
}

pub(crate) async fn fill(store: &Store, n: usize, order: impl FnOnce(Vec<NewResponse>) -> Vec<NewResponse>) {
    store.migrate().await.expect("the schema");
    let (catalogue, city) = (Catalogue::builtin().expect("built in"), City::load().expect("built in"));
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("the form");
    let method = catalogue.method(&questionnaire.method, None).expect("its method");
    let made = city_of_2018(7, n, [9; 32], &city, &questionnaire, &method);
    store.save_agencies(city.agencies()).await.expect("agencies");
    let round = NewRound {
        round: &made.round,
        questionnaire: &questionnaire,
        method: &method,
        strata: &made.strata,
        desks: &made.desks,
    };
    store.save_round(&round).await.expect("a round");
    store.import(order(made.responses().collect()).into_iter()).await.expect("imported");
}
