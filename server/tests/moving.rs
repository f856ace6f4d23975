//! The attacker of a round that still takes answers: an officer who keeps every page, over restarts and days.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use std::collections::BTreeMap;

use app::domain::response::{NewResponse, Standing, Stream};
use app::domain::role::Role;
use axum::http::StatusCode;
use hailong_server::routes;
use serde_json::Value;
use staff::{Browser, Office};
use uuid::Uuid;

/// What a page says of the agency: how many answered the first criterion with 1 to 5, as text.
async fn seen(browser: &mut Browser, code: &str) -> Option<(i64, String)> {
    let file = browser.get("/quan-tri/xuat/tat-ca.json?nguon=sample").await;
    assert_eq!(file.status, StatusCode::OK, "{file:?}");
    let document: Value = serde_json::from_str(&file.body).expect("JSON");
    let agencies = document["agencies"].as_array().expect("agencies");
    let own = agencies.iter().find(|agency| agency["agency"]["code"] == code).expect("the agency");
    let n = own["n"].as_i64()?;
    Some((n, format!("{} {} {}", own["figure"], own["factors"], own["criteria"])))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_two_versions_that_an_officer_ever_sees_are_five_responses_apart() {
    let (state, simulated, folder) = city::city("moving-http", 4_000, false).await;
    let of_sample = |r: &NewResponse| r.standing == Standing::Valid && r.stream == Stream::Sample;
    let agencies = state.store.known_agencies().await.expect("agencies");
    let code = "916".to_owned();
    let own = |r: &NewResponse| of_sample(r) && agencies[&r.agency].code == code;
    let model = simulated.responses().find(own).expect("one");
    let mut office = Office::over(state, folder);
    let mut officer = office.signed_in_at(Role::AgencyOfficer, &code).await;
    let mut versions: BTreeMap<i64, String> = BTreeMap::new();
    let mut look = |seen: Option<(i64, String)>| {
        let Some((n, figures)) = seen else { return };
        let known = versions.entry(n).or_insert_with(|| figures.clone());
        assert_eq!(*known, figures, "{n} responses are always the same ones");
        let numbers: Vec<i64> = versions.keys().copied().collect();
        assert!(numbers.windows(2).all(|two| two[1] - two[0] >= 5), "{numbers:?}");
    };
    for id in 0..23_u128 {
        look(seen(&mut officer, &code).await);
        let one = NewResponse { id: Uuid::from_u128(0xbeef_0000 + id), ..model.clone() };
        office.state.store.submit_many(vec![one]).await.expect("stored");
        office.state.store.fold_all().await.expect("folded");
        if id % 4 == 3 {
            // The program starts again.
            office.router = routes::router(office.state.clone());
            officer.router = office.router.clone();
        }
    }
    look(seen(&mut officer, &code).await);
    let page = officer.get(&format!("/quan-tri/co-quan/{code}")).await;
    assert!(page.body.contains("có sau khi công bố"), "no index by month beside an index that moves");

    let mut admin = office.signed_in(Role::Admin).await;
    let round = &simulated.round.code;
    for (act, body) in [("khoa-so", "dong=1"), ("cong-bo", "")] {
        let answer = admin.post(&format!("/quan-tri/cong-bo/{round}/{act}"), body).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{act}: {answer:?}");
    }
    let now = office.state.clock.now_ms();
    office.state.clock.set(now + 3_000);
    let published = seen(&mut officer, &code).await;
    let all = simulated.responses().filter(|r| of_sample(r) && r.agency == model.agency).count() as i64 + 23;
    let in_index = published.as_ref().map(|(n, _)| *n);
    assert!(in_index.is_some_and(|n| n <= all && n > all - 23), "{in_index:?} of {all}");
    look(published);
    assert!(versions.len() >= 4, "there was something to subtract: {:?}", versions.keys());
}
