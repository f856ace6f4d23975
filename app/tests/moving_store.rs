//! Figures that move in steps, on both databases: the same after a restart, for a second process and at the freeze.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[path = "support/signed_in.rs"]
mod signed_in;

use app::domain::disclosure::moving::Part;
use app::domain::role::{Publish, Role};
use app::domain::staff_log::Who;
use app::server_side::clock::Clock;
use app::server_side::publication::collected;
use app::server_side::simulate::SimulatedCity;
use app::store::{Freeze, Store, StoreError};
use city::{form, stores_at, tap, with_city};
use sea_orm::ConnectionTrait as _;
use testkit::Folder;

struct Place {
    store: Store,
    city: SimulatedCity,
    clock: Clock,
    url: String,
    sent: u128,
    _folder: Option<Folder>,
}

/// A round of real people in one store of each kind.
async fn places(name: &str) -> Vec<Place> {
    let mut places = vec![];
    for (empty, clock, folder, url) in stores_at(name).await {
        let city = with_city(&empty, 0).await;
        run(&url, "UPDATE round SET step = 5, sample_data = FALSE").await;
        let store = Store::open(&url, clock.clone()).await.expect("it opens");
        store.start();
        places.push(Place { store, city, clock, url, sent: 0, _folder: folder });
    }
    places
}

async fn run(url: &str, sql: &str) {
    let db = sea_orm::Database::connect(url).await.expect("connects");
    let done = db.execute_unprepared(sql).await.expect("runs");
    assert!(done.rows_affected() > 0, "{sql}");
    db.close().await.expect("closes");
}

impl Place {
    /// Responses come, all in one batch.
    async fn come(&mut self, many: u128) {
        let forms = (0..many).map(|n| form(&self.city, self.sent + n + 1, 5)).collect();
        self.sent += many;
        self.store.submit_many(forms).await.expect("stored");
        self.store.fold_tallies().await.expect("folded");
    }

    async fn shown_by(&self, store: &Store, part: Part) -> i64 {
        let tallies = store.renewed_tallies().await.expect("read");
        let of_part = tallies.shown(self.city.round.id).filter(|((.., of), _)| *of == part);
        of_part.map(|(_, snapshot)| snapshot.n()).sum()
    }

    async fn shown(&self) -> i64 {
        self.shown_by(&self.store, Part::Valid).await
    }

    async fn freeze(&self) -> Freeze {
        let may: Publish = signed_in::may(&self.store, Role::Admin, None).await;
        let frozen = self.store.freeze(&may, &Who::command("test"), self.city.round.id, true).await;
        frozen.expect("it freezes").expect("nothing is in its way")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_five_behind_and_every_process_shows_the_same() {
    for mut place in places("moving_steps").await {
        let mut shown = vec![];
        for _ in 0..16 {
            place.come(1).await;
            shown.push(place.shown().await);
        }
        assert_eq!(shown, [0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]);
        let second = Store::open(&place.url, place.clock.clone()).await.expect("another process");
        assert_eq!(place.shown_by(&second, Part::Valid).await, 10);
        place.store.shutdown().await;
        let again = Store::open(&place.url, place.clock.clone()).await.expect("it starts again");
        again.start();
        place.store = again;
        assert_eq!(place.shown().await, 10);
        // Five hundred of one device in one fold: all but the last few are shown.
        place.come(500).await;
        let at_once = place.shown().await;
        assert!((507..=511).contains(&at_once), "{at_once}");
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_frozen_is_complete_and_nothing_moves_after_it() {
    for mut place in places("moving_freeze").await {
        place.come(13).await;
        assert_eq!(place.shown().await, 5);
        let freeze = place.freeze().await;
        let frozen = place.store.frozen(freeze.id).await.expect("read").expect("it is there");
        assert_eq!((frozen.held.len(), collected(&frozen).n(city_stream())), (0, 13));
        place.come(30).await;
        assert_eq!(place.shown().await, 5);
        place.store.shutdown().await;
    }
}

fn city_stream() -> app::domain::response::Stream {
    app::domain::response::Stream::Open
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_too_near_to_one_that_was_shown_is_not_frozen_and_what_is_held_is_guarded() {
    for mut place in places("moving_held").await {
        place.come(17).await;
        // As if the ten had been shown when they were seventeen: responses went since.
        run(
            &place.url,
            "INSERT INTO moving_past (round_id, agency_id, stream, part, n, version, counts) \
             SELECT round_id, agency_id, stream, part, 16, 99, pending FROM moving_figure WHERE part = 0",
        )
        .await;
        let freeze = place.freeze().await;
        let frozen = place.store.frozen(freeze.id).await.expect("read").expect("it is there");
        assert_eq!(frozen.held.len(), 1);
        let figures = collected(&frozen);
        assert_eq!(figures.n(city_stream()), 15);
        assert!(figures.is_held(place.city.desks[0].agency, city_stream()), "its responses stay in the house");
        run(&place.url, "UPDATE frozen_held SET stream = 1").await;
        let damaged = place.store.frozen(freeze.id).await;
        assert!(
            matches!(&damaged, Err(StoreError::Inconsistent(what)) if what.contains("what is held of")),
            "{damaged:?}"
        );
        run(&place.url, "DELETE FROM frozen_held").await;
        let damaged = place.store.frozen(freeze.id).await;
        assert!(matches!(damaged, Err(StoreError::Inconsistent(_))), "{damaged:?}");
        place.store.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tap_answers_move_in_steps_of_their_own() {
    for mut place in places("moving_taps").await {
        let taps = (1..=12).map(|id| tap(&place.city, id, 4)).collect();
        place.store.submit_many(taps).await.expect("stored");
        place.store.fold_tallies().await.expect("folded");
        assert_eq!((place.shown().await, place.shown_by(&place.store, Part::Taps).await), (0, 5));
        place.sent = 12;
        place.come(4).await;
        assert_eq!((place.shown().await, place.shown_by(&place.store, Part::Taps).await), (0, 5));
        place.store.shutdown().await;
    }
}
