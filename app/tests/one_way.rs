//! The one-way tallies on both databases: they say what the responses say, whatever happened in between.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod support;

use std::collections::BTreeMap;

use app::domain::answer::{Score, Value};
use app::domain::breakdown::{Breakdown, Dimension, NOT_SAID};
use app::domain::days::month_of;
use app::domain::ids::{AgencyId, StratumId};
use app::domain::questionnaire::Purpose;
use app::domain::response::{Mode, NewResponse, Phase, Standing, Stream};
use app::domain::tally::{Shape, Tally};
use app::domain::text::Lang;
use app::server_side::clock::Clock;
use app::server_side::simulate::SimulatedCity;
use app::store::{OneWayCell, RoundContext, Store, StoreError, Stored};
use sea_orm::ConnectionTrait as _;
use support::{NOW, form, stores, stores_at, tap, with_city};
use testkit::Folder;

/// The fact that the tests look at: sex, of two options.
fn sex(store: &RoundContext) -> Dimension {
    let at = store.questionnaire.question_index("gioi-tinh").expect("the form asks it");
    Dimension::Respondent(u8::try_from(at).expect("few"))
}

async fn round_of(store: &Store, city: &SimulatedCity) -> std::sync::Arc<RoundContext> {
    store.round(city.round.id).await.expect("it can be asked").expect("it is there")
}

/// n of each value for the agency of the first desk in the voluntary stream.
async fn counts(store: &Store, city: &SimulatedCity, dimension: Dimension) -> BTreeMap<i32, i64> {
    let agency = city.desks[0].agency;
    let breakdown = store.breakdown(city.round.id, agency, Stream::Open, dimension).await.expect("it can be read");
    let mut counts = BTreeMap::new();
    for row in &breakdown.rows {
        *counts.entry(row.value).or_default() += row.tally.n();
    }
    counts
}

async fn agrees(store: &Store) {
    let recount = store.recount().await.expect("it runs beside everything");
    assert_eq!((recount.differences, recount.one_way), (vec![], vec![]));
}

/// A valid response by somebody who says the sex.
fn said(city: &SimulatedCity, round: &RoundContext, id: u128, option: u8) -> NewResponse {
    let mut response = form(city, id, 4);
    if let Dimension::Respondent(at) = sex(round) {
        response.sheet.values[usize::from(at)] = Value::Single(option);
    }
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_read_or_counted_again_before_the_first_building() {
    for (store, _, _folder, url) in stores_at("not_built").await {
        let city = with_city(&store, 0).await;
        let unknown = store.breakdown(app::domain::ids::RoundId(99), AgencyId(1), Stream::Open, Dimension::Month).await;
        assert!(matches!(unknown, Err(StoreError::Refused(_))));
        assert_eq!(counts(&store, &city, Dimension::Month).await, BTreeMap::new());
        agrees(&store).await;
        forget_building(&url).await;
        let refused = store.recount().await.expect_err("nobody may say that they agree");
        assert!(refused.to_string().contains("hailong migrate"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_is_under_its_month_desk_field_mode_language_and_facts_once_however_often_it_is_sent() {
    for (store, _, _folder) in stores("values").await {
        let city = with_city(&store, 0).await;
        let round = round_of(&store, &city).await;
        store.start();
        for id in 1..=3 {
            let mut response = said(&city, &round, id, 1);
            response.field = Some(2);
            response.lang = Lang::En;
            for _ in 0..2 {
                store.submit(response.clone()).await.expect("stored");
            }
        }
        // Another month, nothing said, no desk, on paper; and one that is no valid response.
        let mut other = form(&city, 4, 2);
        other.local_day += 30;
        other.desk = None;
        other.mode = Mode::Paper;
        store.submit(other).await.expect("stored");
        store.submit(tap(&city, 5, 2)).await.expect("stored");
        store.shutdown().await;
        agrees(&store).await;
        let november = month_of(form(&city, 1, 1).local_day);
        let desk = city.desks[0].id.0;
        let mode = |mode: Mode| i32::from(mode.code());
        for (dimension, expected) in [
            (Dimension::Month, [(november, 3), (november + 1, 1)]),
            (Dimension::Desk, [(NOT_SAID, 1), (desk, 3)]),
            (Dimension::Field, [(NOT_SAID, 1), (2, 3)]),
            (Dimension::Mode, [(mode(Mode::Qr), 3), (mode(Mode::Paper), 1)]),
            (Dimension::Language, [(0, 1), (1, 3)]),
            (sex(&round), [(NOT_SAID, 1), (1, 3)]),
        ] {
            assert_eq!(counts(&store, &city, dimension).await, BTreeMap::from(expected), "{dimension}");
        }
        let agency = city.desks[0].agency;
        let one = store.breakdown(city.round.id, agency, Stream::Open, Dimension::Month).await.expect("it can be read");
        assert_eq!(one.version, store.breakdown_version().await.expect("it can be read"));
        assert_eq!(one.folded_at, NOW);
        let all =
            store.breakdown_of_round(city.round.id, Stream::Open, Dimension::Month).await.expect("it can be read");
        assert_eq!(all, one, "nobody else has any");
        let drawn =
            store.breakdown(city.round.id, agency, Stream::Sample, Dimension::Month).await.expect("it can be read");
        assert_eq!(drawn.rows, [], "streams stay apart");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_that_changes_and_rises_takes_its_old_day_language_and_facts_along() {
    for (store, _, _folder) in stores("one_way_tap").await {
        let city = with_city(&store, 0).await;
        let round = round_of(&store, &city).await;
        store.start();
        // An open response that counts already: its desk takes a tap for a whole answer.
        let mut first = said(&city, &round, 1, 0);
        first.phase = Phase::Tap;
        first.sheet.tap = Score::new(3);
        first.field = Some(1);
        store.submit(first.clone()).await.expect("stored");
        store.fold_all().await.expect("it folds");
        let november = month_of(first.local_day);
        assert_eq!(counts(&store, &city, Dimension::Month).await, BTreeMap::from([(november, 1)]));
        // Changed after midnight of the last day of the month, in English, by somebody who says another sex.
        let mut second = said(&city, &round, 1, 1);
        second.phase = Phase::Tap;
        second.sheet.tap = Score::new(5);
        second.local_day = first.local_day + 20;
        second.lang = Lang::En;
        second.field = Some(4);
        assert_eq!(store.submit(second.clone()).await.expect("answered").stored, Stored::Changed);
        store.fold_all().await.expect("it folds");
        for (dimension, value) in [
            (Dimension::Month, november + 1),
            (Dimension::Language, 1),
            (Dimension::Field, 4),
            (Dimension::Desk, city.desks[0].id.0),
            (sex(&round), 1),
        ] {
            assert_eq!(counts(&store, &city, dimension).await, BTreeMap::from([(value, 1)]), "{dimension}");
        }
        // And as the form it is final.
        let mut third = second.clone();
        third.phase = Phase::Form;
        third.lang = Lang::Vi;
        third.local_day = first.local_day;
        assert_eq!(store.submit(third.clone()).await.expect("answered").stored, Stored::Changed);
        assert_eq!(store.submit(third).await.expect("answered").stored, Stored::Duplicate);
        // One that does not count yet, and then does.
        store.submit(tap(&city, 2, 2)).await.expect("stored");
        assert_eq!(store.submit(form(&city, 2, 5)).await.expect("answered").stored, Stored::Changed);
        store.shutdown().await;
        agrees(&store).await;
        assert_eq!(counts(&store, &city, Dimension::Month).await, BTreeMap::from([(november, 2)]));
        assert_eq!(counts(&store, &city, Dimension::Language).await, BTreeMap::from([(0, 2)]));
    }
}

/// What every dimension says of a stratum, added up over its values.
fn wholes(shape: &Shape, breakdown: &Breakdown) -> BTreeMap<(AgencyId, StratumId), Tally> {
    let mut wholes: BTreeMap<_, Tally> = BTreeMap::new();
    for row in &breakdown.rows {
        wholes.entry((row.agency, row.stratum)).or_insert_with(|| Tally::zero(shape)).merge(&row.tally);
    }
    wholes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_values_of_every_dimension_add_up_to_the_main_tallies_whatever_the_order_of_folds() {
    for (store, _, _folder) in stores("adds_up").await {
        let city = with_city(&store, 4_000).await;
        let round = round_of(&store, &city).await;
        // One fold after all of it, folds in the middle of it, and some of it the other way round.
        let responses: Vec<NewResponse> = city.responses().collect();
        let (first, rest) = responses.split_at(1_500);
        store.start();
        for batch in first.chunks(500) {
            store.submit_many(batch.to_vec()).await.expect("taken");
            store.fold_tallies().await.expect("it folds");
        }
        store.fold_breakdowns().await.expect("it folds");
        for batch in rest.rchunks(500) {
            store.submit_many(batch.to_vec()).await.expect("taken");
        }
        let on_its_way = store.recount().await.expect("it counts what is on its way");
        assert_eq!((on_its_way.differences, on_its_way.one_way), (vec![], vec![]));
        assert!(on_its_way.pending > 0);
        store.shutdown().await;
        agrees(&store).await;
        assert_eq!(store.recount().await.expect("it runs").pending, 0);

        let tallies = store.renewed_tallies().await.expect("they can be read");
        for stream in Stream::ALL {
            // What was counted by nothing at all, without the other questions.
            let mut main: BTreeMap<_, Tally> = BTreeMap::new();
            for response in responses.iter().filter(|r| r.stream == *stream && r.standing == Standing::Valid) {
                let key = (response.agency, response.stratum);
                let tally = main.entry(key).or_insert_with(|| Tally::zero(&round.shape));
                tally.add(&round.shape, &response.sheet, 1, false);
            }
            let n: i64 = tallies
                .round(city.round.id)
                .filter(|(cell, _)| cell.stream == *stream && cell.standing == Standing::Valid)
                .map(|(_, tally)| tally.n())
                .sum();
            assert_eq!(main.values().map(Tally::n).sum::<i64>(), n);
            for dimension in &round.dimensions {
                let all = store.breakdown_of_round(city.round.id, *stream, *dimension).await.expect("it can be read");
                assert_eq!(wholes(&round.shape, &all), main, "{dimension}");
                let Some((agency, _)) = main.keys().next() else { continue };
                let one = store.breakdown(city.round.id, *agency, *stream, *dimension).await.expect("it can be read");
                let of_one: Vec<_> = all.rows.iter().filter(|row| row.agency == *agency).cloned().collect();
                assert_eq!(one.rows, of_one);
            }
        }
        assert!(responses.iter().any(|r| r.stream == Stream::Sample && r.standing == Standing::Valid));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_that_fold_at_once_count_everything_once() {
    for (one, _, _folder, url) in stores_at("one_way_two").await {
        let city = with_city(&one, 3_000).await;
        let other = Store::open(&url, Clock::fixed(NOW)).await.expect("a second process opens it");
        one.start();
        other.start();
        let responses: Vec<NewResponse> = city.responses().collect();
        let folds: Vec<_> = [one.clone(), other.clone()]
            .into_iter()
            .map(|store| {
                tokio::spawn(async move {
                    for _ in 0..40 {
                        // Who meets the other tries again later.
                        let _ = store.fold_all().await;
                        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    }
                })
            })
            .collect();
        for (at, batch) in responses.chunks(100).enumerate() {
            let store = if at % 2 == 0 { &one } else { &other };
            for outcome in store.submit_many(batch.to_vec()).await.expect("taken") {
                assert_eq!(outcome.expect("answered").stored, Stored::New);
            }
        }
        for fold in folds {
            fold.await.expect("no panic");
        }
        one.shutdown().await;
        other.shutdown().await;
        agrees(&one).await;
        assert_eq!(one.recount().await.expect("it runs").pending, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_byte_in_a_one_way_tally_is_found_and_named() {
    let folder = Folder::new("one_way_byte");
    let store = Store::open(&folder.sqlite_url(), Clock::fixed(NOW)).await.expect("it opens");
    store.migrate().await.expect("the schema comes up");
    let city = with_city(&store, 500).await;
    store.import(city.responses()).await.expect("the import lands");
    agrees(&store).await;
    let outside = sea_orm::Database::connect(folder.sqlite_url()).await.expect("another program may write the file");
    let query = |sql: &str| sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, sql.to_owned());
    // A desk of some agency, first its last byte, then the one that says how many: both times the row alone.
    let row = "SELECT round_id, agency_id, stratum_id, value, counts FROM breakdown WHERE dimension = 2 LIMIT 1";
    let row = outside.query_one_raw(query(row)).await.expect("it reads").expect("there are some");
    let at = |index: usize| row.try_get_by_index::<i32>(index).expect("a number");
    let counts: Vec<u8> = row.try_get_by_index(4).expect("bytes");
    let key = format!(
        "round_id = {} AND agency_id = {} AND dimension = 2 AND stratum_id = {} AND value = {}",
        at(0),
        at(1),
        at(2),
        at(3)
    );
    for (place, bit) in [(counts.len() - 1, 2), (0, 2), (counts.len() - 1, 0x80)] {
        let mut changed = counts.clone();
        changed[place] ^= bit;
        let put = |counts: &[u8]| {
            let hex = counts.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat();
            format!("UPDATE breakdown SET counts = X'{hex}' WHERE {key}")
        };
        outside.execute_unprepared(&put(&changed)).await.expect("it changes");
        let recount = store.recount().await.expect("it runs");
        assert_eq!(recount.differences, []);
        let named: Vec<OneWayCell> = recount.one_way.iter().map(|d| d.cell).collect();
        assert_eq!(named.len(), 1);
        let cell = named[0];
        assert_eq!((cell.agency.0, cell.dimension, cell.stratum.0, cell.value), (at(1), Dimension::Desk, at(2), at(3)));
        let words = cell.to_string();
        assert!(
            words.contains(&format!("agency {}", at(1))) && words.contains(&format!("dimension desk value {}", at(3)))
        );
        outside.execute_unprepared(&put(&counts)).await.expect("it changes back");
    }
    agrees(&store).await;
}

/// Makes the database one that was filled before the one-way tallies were there.
async fn forget_building(url: &str) {
    let outside = sea_orm::Database::connect(url).await.expect("another program may write it");
    for sql in
        ["DELETE FROM breakdown", "DELETE FROM breakdown_delta", "DELETE FROM meta WHERE key = 'one-way-tallies'"]
    {
        outside.execute_unprepared(sql).await.expect("it is forgotten");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_filled_before_they_were_there_is_counted_beside_what_is_still_on_its_way() {
    for (store, _, _folder, url) in stores_at("before_them").await {
        let city = with_city(&store, 2_000).await;
        let round = round_of(&store, &city).await;
        let responses: Vec<NewResponse> = city.responses().collect();
        store.import(responses[..1_500].iter().cloned()).await.expect("the import lands");
        forget_building(&url).await;
        // Committed and not folded, folded and only passed on: both are in the responses that are counted.
        store.start();
        store.submit_many(responses[1_500..1_700].to_vec()).await.expect("taken");
        store.fold_tallies().await.expect("it folds");
        store.submit_many(responses[1_700..].to_vec()).await.expect("taken");
        assert_eq!(counts(&store, &city, Dimension::Month).await, BTreeMap::new());
        let valid = responses.iter().filter(|r| r.standing == Standing::Valid).count() as u64;
        assert_eq!(store.build_breakdowns().await.expect("they are built"), valid);
        assert_eq!(store.build_breakdowns().await.expect("once is enough"), 0);
        agrees(&store).await;
        store.shutdown().await;
        agrees(&store).await;
        for dimension in &round.dimensions {
            let mut n = 0;
            for stream in Stream::ALL {
                let all = store.breakdown_of_round(city.round.id, *stream, *dimension).await.expect("it can be read");
                n += all.rows.iter().map(|row| row.tally.n()).sum::<i64>();
            }
            assert_eq!(n, valid as i64, "{dimension}");
        }
    }
}

#[test]
fn the_form_of_the_city_has_its_facts_as_dimensions() {
    let catalogue = app::server_side::catalogue::Catalogue::builtin().expect("well formed");
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
    let dimensions = Dimension::all(&questionnaire);
    let facts = questionnaire.questions_for(Purpose::Respondent).count();
    assert_eq!(dimensions.len(), 5 + facts + 1, "the facts, and whether it was a citizen or an organisation");
}
