//! Reading the answers for an export, on both databases: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/signed_in.rs"]
mod signed_in;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/stored_city.rs"]
mod stored_city;

use std::collections::BTreeMap;

use app::domain::ids::AgencyId;
use app::domain::response::{Standing, Stream};
use app::domain::role::{Export, Role};
use app::server_side::clock::Clock;
use app::store::{Store, StoreError};
use signed_in::may;
use testkit::{Folder, Postgres};

/// The stores of both kinds with one simulated city, and the folder that must outlive one of them.
async fn cities(name: &str) -> Vec<(Store, Option<Folder>)> {
    let folder = Folder::new(name);
    let mut cities = vec![];
    for (url, folder) in [(folder.sqlite_url(), Some(folder)), (Postgres::shared().database_url(name), None)] {
        let store = Store::open(&url, Clock::fixed(stored_city::NOW)).await.expect("the database opens");
        stored_city::fill(&store, 1_200, |responses| responses).await;
        cities.push((store, folder));
    }
    cities
}

/// How many answers of each sheet an agency has.
type Found = BTreeMap<(AgencyId, Vec<u8>), usize>;

async fn read(store: &Store, may: &Export, stream: Stream, agencies: &[AgencyId]) -> Result<Found, StoreError> {
    let round = store.rounds().await.expect("rounds").first().expect("a round").round.id;
    let mut found = Found::new();
    let take = |row: app::store::AnswersRow| {
        *found.entry((row.agency, row.sheet)).or_default() += 1;
        Ok(())
    };
    store.each_answers(may, round, stream, agencies, take).await?;
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_the_answers_of_an_agency_outside_the_scope() {
    for (store, _folder) in cities("answers-scope").await {
        let agencies = store.agencies().await.expect("agencies");
        let named = |name: &str| agencies.values().find(|agency| agency.name == name).expect(name).id;
        let (own, other) = (named("Quận Ninh Kiều"), named("Quận Cái Răng"));
        let may: Export = may(&store, Role::AgencyOfficer, Some(own)).await;
        for asked in [vec![other], vec![own, other], vec![AgencyId(999_999)]] {
            let refused = read(&store, &may, Stream::Sample, &asked).await;
            assert!(matches!(refused, Err(StoreError::Refused(_))), "{asked:?}: {refused:?}");
        }
        let found = read(&store, &may, Stream::Sample, &[own]).await.expect("read");
        assert!(!found.is_empty() && found.keys().all(|(agency, _)| *agency == own));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_hand_out_every_valid_answer_of_the_stream_once() {
    let mut both = vec![];
    for (store, _folder) in cities("answers-all").await {
        let may: Export = may(&store, Role::Admin, None).await;
        let all: Vec<AgencyId> = store.rounds().await.expect("rounds")[0].agencies.keys().copied().collect();
        let tallies = store.tallies().await.expect("tallies");
        let mut of_store = vec![];
        for stream in [Stream::Sample, Stream::Open, Stream::Code] {
            let found = read(&store, &may, stream, &all).await.expect("read");
            let counted: i64 = tallies
                .round(store.rounds().await.expect("rounds")[0].round.id)
                .filter(|(cell, _)| cell.stream == stream && cell.standing == Standing::Valid)
                .map(|(_, tally)| tally.n())
                .sum();
            assert_eq!(found.values().sum::<usize>(), usize::try_from(counted).expect("a count"), "{stream:?}");
            of_store.push(found);
        }
        assert!(of_store[0].len() > 100 && of_store[2].is_empty());
        both.push(of_store);
    }
    assert_eq!(both[0], both[1]);
}
