//! The store on both databases: what is acknowledged is there once, the tallies say what the responses say.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod support;

use app::domain::response::{Standing, Stream};
use app::server_side::catalogue::Catalogue;
use app::server_side::clock::Clock;
use app::store::{NewRound, Store, StoreError, Stored};
use support::{NOW, form, stores, stores_at, tap, with_city};
use testkit::Folder;

async fn agrees(store: &Store, responses: u64) {
    let recount = store.recount().await.expect("a recount runs beside everything");
    assert_eq!(recount.differences, []);
    assert_eq!(recount.one_way, []);
    assert_eq!(recount.responses, responses);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_goes_up_and_down_and_up_again() {
    for (store, ..) in stores("up_down_up").await {
        assert!(store.pending_migrations().await.expect("they can be listed").is_empty());
        store.migrate_down().await.expect("it goes down");
        assert!(!store.pending_migrations().await.expect("they can be listed").is_empty());
        store.migrate().await.expect("and up again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_is_refused_while_no_writer_runs() {
    for (store, _, _folder) in stores("no_writer").await {
        let city = with_city(&store, 0).await;
        assert!(matches!(store.submit(form(&city, 1, 5)).await, Err(StoreError::Busy)));
        store.start();
        store.submit(form(&city, 1, 5)).await.expect("now it is taken");
        store.shutdown().await;
        assert!(matches!(store.submit(form(&city, 2, 5)).await, Err(StoreError::Busy)));
        agrees(&store, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resending_a_response_is_the_same_success_and_other_content_a_conflict() {
    for (store, _, _folder) in stores("resend").await {
        let city = with_city(&store, 0).await;
        store.start();
        let first = store.submit(form(&city, 1, 5)).await.expect("stored");
        assert_eq!(first.stored, Stored::New);
        let again = store.submit(form(&city, 1, 5)).await.expect("answered");
        assert_eq!((again.stored, again.serial), (Stored::Duplicate, first.serial));
        let other = store.submit(form(&city, 1, 1)).await.expect("answered");
        assert_eq!((other.stored, other.serial), (Stored::Conflict, first.serial));
        assert!(store.receipt_facts(first.serial).await.expect("it can be asked").is_some());
        assert_eq!(store.receipt_facts(first.serial + 5).await.expect("it can be asked"), None);
        store.shutdown().await;
        agrees(&store, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_may_change_and_rises_to_a_form_once() {
    for (store, clock, _folder) in stores("tap_to_form").await {
        let city = with_city(&store, 0).await;
        store.start();
        store.submit(tap(&city, 1, 2)).await.expect("stored");
        assert_eq!(store.submit(tap(&city, 1, 4)).await.expect("answered").stored, Stored::Changed);
        let mut risen = form(&city, 1, 5);
        risen.comment = Some("Cán bộ hướng dẫn dễ hiểu.".to_owned());
        assert_eq!(store.submit(risen.clone()).await.expect("answered").stored, Stored::Changed);
        assert_eq!(store.submit(risen.clone()).await.expect("answered").stored, Stored::Duplicate);
        assert_eq!(store.submit(tap(&city, 1, 1)).await.expect("answered").stored, Stored::Duplicate);
        // A tap that nobody followed up for a day is closed.
        store.submit(tap(&city, 2, 2)).await.expect("stored");
        let mut late = form(&city, 2, 5);
        late.received_at = NOW + 25 * 3_600_000;
        clock.set(late.received_at);
        assert_eq!(store.submit(late).await.expect("answered").stored, Stored::Conflict);
        store.shutdown().await;
        agrees(&store, 2).await;
        let tallies = store.renewed_tallies().await.expect("they can be read");
        let cells: Vec<_> =
            tallies.round(city.round.id).map(|(c, t)| (c.standing, t.n(), t.taps(), t.answered(0))).collect();
        assert_eq!(cells, [(Standing::Valid, 1, [0, 0, 0, 1, 0], 1), (Standing::Incomplete, 1, [0, 1, 0, 0, 0], 0)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_response_a_hundred_times_at_once_is_one_row() {
    for (store, _, _folder) in stores("hundred").await {
        let city = with_city(&store, 0).await;
        store.start();
        let sends = (0..100).map(|_| {
            let (store, response) = (store.clone(), form(&city, 1, 4));
            tokio::spawn(async move { store.submit(response).await })
        });
        let mut new = 0;
        for send in sends.collect::<Vec<_>>() {
            let outcome = send.await.expect("no panic").expect("answered");
            new += u32::from(outcome.stored == Stored::New);
        }
        assert_eq!(new, 1);
        store.shutdown().await;
        agrees(&store, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_repeats_inside_keeps_the_order_of_its_answers() {
    for (store, _, _folder) in stores("repeats").await {
        let city = with_city(&store, 0).await;
        store.start();
        let batch = vec![form(&city, 9, 5), tap(&city, 3, 1), form(&city, 9, 5), form(&city, 3, 4), form(&city, 9, 1)];
        let outcomes = store.submit_many(batch).await.expect("taken");
        let stored: Vec<Stored> = outcomes.into_iter().map(|o| o.expect("answered").stored).collect();
        assert_eq!(stored, [Stored::New, Stored::New, Stored::Duplicate, Stored::Changed, Stored::Conflict]);
        store.shutdown().await;
        agrees(&store, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_database_count_every_response_once() {
    for (one, _, _folder, url) in stores_at("two_processes").await {
        let city = with_city(&one, 0).await;
        let other = Store::open(&url, Clock::fixed(NOW)).await.expect("a second process opens it");
        one.start();
        other.start();
        let sends: Vec<_> = (0..400_u128)
            .flat_map(|id| [(&one, id), (&other, id)])
            .map(|(store, id)| {
                let (store, response) = (store.clone(), form(&city, id, 4));
                tokio::spawn(async move { store.submit(response).await })
            })
            .collect();
        let mut new = 0;
        for send in sends {
            new += u32::from(send.await.expect("no panic").expect("answered").stored == Stored::New);
        }
        assert_eq!(new, 400);
        one.shutdown().await;
        other.shutdown().await;
        agrees(&one, 400).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_revokes_or_closes_is_honoured_after_two_seconds() {
    use sea_orm::ConnectionTrait as _;
    for (one, clock, _folder, url) in stores_at("honoured").await {
        let city = with_city(&one, 0).await;
        let (desk, token) = (&city.desks[0], [7; 32]);
        one.add_device("máy 7", desk.agency, Stream::Open, token).await.expect("added");
        let other = Store::open(&url, clock.clone()).await.expect("a second process opens it");
        assert!(other.device(token).await.expect("it can be asked").is_some());
        assert_eq!(other.rounds().await.expect("they can be asked").len(), 1);

        clock.set(NOW + 100);
        let outside = sea_orm::Database::connect(&url).await.expect("a third process");
        for sql in ["UPDATE device SET revoked_at = 1", "UPDATE round SET closes_at = 77"] {
            outside.execute_unprepared(sql).await.expect("it changes");
        }
        // What is asked for the first time now is made with a round that was read before.
        clock.set(NOW + 1_990);
        assert!(other.desk(&desk.code).await.expect("it can be asked").is_some());

        clock.set(NOW + 2_100);
        assert!(other.device(token).await.expect("it can be asked").is_none(), "the token is revoked");
        let found = other.desk(&desk.code).await.expect("it can be asked").expect("it is there");
        assert_eq!(found.round.round.closes_at, Some(77), "a desk is as new as its round");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_city_is_counted_as_it_was_made_and_a_second_import_changes_nothing() {
    for (store, _, _folder) in stores("city").await {
        let city = with_city(&store, 3_000).await;
        let new = store.import(city.responses()).await.expect("the import lands");
        assert_eq!(new, 3_000);
        agrees(&store, 3_000).await;
        assert_eq!(store.import(city.responses()).await.expect("again"), 0);
        agrees(&store, 3_000).await;
        let desks = store.desks().await.expect("they can be listed");
        assert_eq!(desks.len(), city.desks.len());
        let desk = store.desk(&desks[0].desk.code).await.expect("it can be asked").expect("it is there");
        assert_eq!(desk.agency.id, desks[0].agency.id);
        assert!(store.desk("NOSUCHDE").await.expect("it can be asked").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_tally_row_is_found_and_named() {
    use sea_orm::ConnectionTrait as _;
    let folder = Folder::new("tampered");
    let store = Store::open(&folder.sqlite_url(), Clock::fixed(NOW)).await.expect("it opens");
    store.migrate().await.expect("the schema comes up");
    let city = with_city(&store, 500).await;
    store.import(city.responses()).await.expect("the import lands");
    let outside = sea_orm::Database::connect(folder.sqlite_url()).await.expect("another program may write the file");
    outside
        .execute_unprepared("UPDATE tally SET counts = X'0202' WHERE agency_id = (SELECT min(agency_id) FROM tally)")
        .await
        .expect("it changes");
    let recount = store.recount().await.expect("it runs");
    assert!(!recount.differences.is_empty());
    let least = city.responses().map(|r| r.agency).min().expect("there are some");
    assert!(recount.differences.iter().all(|d| d.cell.agency == least));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_questionnaire_that_changed_after_its_use_is_refused() {
    for (store, _, _folder) in stores("frozen").await {
        let city = with_city(&store, 0).await;
        let catalogue = Catalogue::builtin().expect("well formed");
        let mut changed = (*catalogue.questionnaire("hanh-chinh-2018", None).expect("built in")).clone();
        changed.factors[0].criteria[0].text.vi = "Câu khác".to_owned();
        let method = catalogue.method(&changed.method, None).expect("built in");
        let new = NewRound { round: &city.round, questionnaire: &changed, method: &method, strata: &[], desks: &[] };
        assert!(matches!(store.save_round(&new).await, Err(StoreError::Refused(_))));
    }
}
