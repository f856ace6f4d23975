//! `/api/v1/responses` as tablets, kiosks and other systems meet it: refusals first, then what is kept and how it counts.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the phone of the other tests stays at home")]
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeMap;

use app::domain::ids::{AgencyId, StratumId};
use app::domain::limits;
use app::domain::response::{Standing, Stream};
use app::domain::round::normalise_code;
use app::server_side::token;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use world::{Answer, EARLY, LATE, NOW, OPEN, World};

const TOKEN: &str = "a-token-of-the-test";
const CRITERIA: [&str; 22] = [
    "1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4.1",
    "4.2", "4.3", "5.1", "5.2", "5.3", "5.4",
];

/// A server with one tablet of the sample stream.
struct Api {
    world: World,
    agency: AgencyId,
}

impl Api {
    async fn new() -> Self {
        let world = World::new(0).await;
        let agency = world.store.desk(OPEN).await.expect("it can be asked").expect("a desk").agency.id;
        let hash = token::hash(TOKEN);
        // The measured agency measures nothing: the tablet is of Sở Nội vụ, which no round here measures.
        let agencies = world.store.agencies().await.expect("they can be read");
        let team = agencies.values().find(|a| a.code == "so-noi-vu").expect("Sở Nội vụ").id;
        assert_ne!(team, agency);
        world.store.add_device("Máy tính bảng 1", team, Stream::Sample, hash).await.expect("enrolled");
        Self { world, agency }
    }

    async fn post_as(&self, authorization: Option<&str>, body: impl Into<Body>) -> Answer {
        let mut request = Request::post("/api/v1/responses").header(header::CONTENT_TYPE, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.world.send(request.body(body.into()).expect("a request")).await
    }

    async fn post(&self, body: impl Into<Body>) -> Answer {
        self.post_as(Some(&format!("Bearer {TOKEN}")), body).await
    }

    /// Sends a list that must be taken; what became of each item.
    async fn send(&self, items: &[Value]) -> Vec<Value> {
        let answer = self.post(json!({ "responses": items }).to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let results: Value = serde_json::from_str(answer.text()).expect("JSON");
        let results = results["results"].as_array().expect("a list").clone();
        assert_eq!(results.len(), items.len());
        for (item, result) in items.iter().zip(&results).filter(|(item, _)| item["id"].is_string()) {
            assert_eq!(item["id"], result["id"], "every answer names its item, in the same order");
        }
        results
    }

    async fn send_one(&self, item: Value) -> Value {
        self.send(&[item]).await.remove(0)
    }

    /// Stops the writer, and how many responses there are by stratum and standing.
    async fn counted(&self) -> BTreeMap<(StratumId, Standing), i64> {
        self.world.store.shutdown().await;
        let recount = self.world.store.recount().await.expect("it runs");
        assert_eq!(recount.differences, []);
        let mut counted = BTreeMap::new();
        for (cell, tally) in &self.world.store.renewed_tallies().await.expect("they can be read").cells {
            assert_eq!((cell.agency, cell.stream), (self.agency, Stream::Sample));
            if !tally.is_zero() {
                *counted.entry((cell.stratum, cell.standing)).or_default() += tally.n();
            }
        }
        counted
    }
}

fn id(n: u32) -> String {
    format!("0190aaaa-0000-7000-8000-{n:012}")
}

/// A full form at the open desk on which every statement got `score`.
fn full(n: u32, score: i64) -> Value {
    let answers: serde_json::Map<String, Value> = CRITERIA.iter().map(|c| ((*c).to_owned(), score.into())).collect();
    json!({
        "id": id(n), "desk": OPEN, "questionnaire": "hanh-chinh-2018", "version": 1, "mode": "tablet", "lang": "vi",
        "visit": "ket-qua", "started_at": NOW - 240_000, "finished_at": NOW, "answers": answers,
    })
}

/// The same with one member changed.
fn with(mut item: Value, member: &str, value: impl Into<Value>) -> Value {
    item[member] = value.into();
    item
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|r| r["status"].as_str().expect("a word")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_the_right_token_is_refused_and_told_which_kind_is_wanted() {
    let api = Api::new().await;
    let body = json!({ "responses": [full(1, 5)] }).to_string();
    let basic = format!("Basic {TOKEN}");
    for authorization in
        [None, Some(""), Some("Bearer"), Some("Bearer "), Some("Bearer other"), Some(TOKEN), Some(basic.as_str())]
    {
        let answer = api.post_as(authorization, body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{authorization:?}");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
        assert!(!answer.text().contains(TOKEN));
    }
    assert!(api.counted().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_list_of_responses_is_refused_as_a_whole() {
    let api = Api::new().await;
    let good = full(1, 5).to_string();
    let mut not_utf8 = format!("{{\"responses\":[{good},{{\"comment\":\"").into_bytes();
    not_utf8.extend(b"\xff\"}]}");
    let bodies: [Vec<u8>; 10] = [
        b"".to_vec(),
        b"responses=1".to_vec(),
        b"[]".to_vec(),
        format!("[[{good}],null]").into_bytes(),
        b"{}".to_vec(),
        b"{\"responses\":{}}".to_vec(),
        format!("{{\"responses\":[{good}").into_bytes(),
        format!("{{\"responses\":[{good}],\"sent_at\":\"yesterday\"}}").into_bytes(),
        format!("{{\"responses\":[{good}]}} and more").into_bytes(),
        not_utf8,
    ];
    for body in bodies {
        let words = String::from_utf8_lossy(&body).into_owned();
        let answer = api.post(body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        let said: Value = serde_json::from_str(answer.text()).expect("JSON");
        assert!(said["error"].as_str().is_some_and(|e| !e.is_empty()), "{words}: {said}");
    }
    assert!(api.counted().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_and_too_much_are_refused_and_the_most_is_taken() {
    let api = Api::new().await;
    let items = |n: u32| json!({ "responses": (0..n).map(|n| full(n, 4)).collect::<Vec<_>>() }).to_string();
    let answer = api.post(items(501)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("500"), "{}", answer.text());
    let padding = " ".repeat(limits::API_BYTES);
    let answer = api.post(items(1) + &padding).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(api.post(items(500)).await.status, StatusCode::OK);
    assert_eq!(api.counted().await, BTreeMap::from([((StratumId(1), Standing::Valid), 500)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_item_names_its_place_and_the_good_one_beside_it_is_kept() {
    let api = Api::new().await;
    let answers = |code: &str, figure: Value| json!({ code: figure, "1.2": 5 });
    let wrong = [
        (with(full(0, 5), "desk", "ZZ9Z"), "desk", "foreign_value"),
        (with(full(0, 5), "desk", Value::Null), "desk", "foreign_value"),
        (with(full(0, 5), "desk", 7), "desk", "foreign_value"),
        (with(full(0, 5), "desk", "A".repeat(41)), "desk", "foreign_value"),
        (with(full(0, 5), "agency", "so-khong-co"), "agency", "foreign_value"),
        (with(full(0, 5), "questionnaire", "y-te-noi-tru-2019"), "questionnaire", "foreign_value"),
        (with(full(0, 5), "version", 2), "version", "foreign_value"),
        (with(full(0, 5), "version", -1), "version", "foreign_value"),
        (with(full(0, 5), "field", "dat-dai"), "field", "foreign_value"),
        (with(full(0, 5), "mode", "fax"), "mode", "foreign_value"),
        (with(full(0, 5), "lang", "fr"), "lang", "foreign_value"),
        (with(full(0, 5), "visit", "di-choi"), "hom-nay", "foreign_value"),
        (with(full(0, 5), "sample_unit", "HS-1"), "sample_unit", "foreign_value"),
        (with(full(0, 5), "started_at", "9 o'clock"), "started_at", "foreign_value"),
        (with(full(0, 5), "finished_at", -1), "finished_at", "foreign_value"),
        (with(full(0, 5), "collected_on", "12/11/2018"), "collected_on", "foreign_value"),
        (with(full(0, 5), "tap", 6), "tap", "foreign_value"),
        (with(full(0, 5), "answers", answers("9.9", 5.into())), "9.9", "unknown_field"),
        (with(full(0, 5), "answers", answers("1.1", 6.into())), "1.1", "foreign_value"),
        (with(full(0, 5), "answers", answers("1.1", json!(4.5))), "1.1", "foreign_value"),
        (with(full(0, 5), "answers", answers("1.1", "5".into())), "1.1", "foreign_value"),
        (with(full(0, 5), "answers", "5"), "answers", "foreign_value"),
        (with(full(0, 5), "facts", json!({ "di-lai": "9-lan" })), "di-lai", "foreign_value"),
        (with(full(0, 5), "facts", json!({ "di-lai": {} })), "di-lai", "foreign_value"),
        (with(full(0, 5), "facts", json!({ "gioi-tinh": "nu" })), "gioi-tinh", "unknown_field"),
        (
            with(full(0, 5), "expectations", json!(["thong-tin", "cong-khai", "co-so", "le-phi"])),
            "mong-doi",
            "too_many_choices",
        ),
        (with(full(0, 5), "comment", "a\0b"), "comment", "control_character"),
        (with(full(0, 5), "comment", "ế".repeat(2_001)), "comment", "too_long"),
        (with(full(0, 5), "comment", "x".repeat(1 << 20)), "comment", "too_long"),
        (with(full(0, 5), "surprise", true), "surprise", "unknown_field"),
        (with(full(0, 5), "id", "12"), "id", "foreign_value"),
        (with(full(0, 5), "id", "zzzzzzzz-0000-7000-8000-000000000000"), "id", "foreign_value"),
        (with(full(0, 5), "id", "00000000-0000-0000-0000-000000000000"), "id", "foreign_value"),
        (with(full(0, 5), "answers", json!({})), "answers", "nothing_answered"),
    ];
    let mut kept = 0;
    for (mut item, field, problem) in wrong {
        if item["answers"] == json!({}) {
            item["visit"] = Value::Null;
        }
        kept += 1;
        let comment = "ế".repeat(2_000);
        let results = api.send(&[item.clone(), with(full(kept, 5), "comment", comment)]).await;
        assert_eq!(statuses(&results), ["invalid", "stored"], "{field}: {results:?}");
        assert_eq!(results[0]["errors"].as_array().map(Vec::len), Some(1), "{results:?}");
        assert_eq!(results[0]["errors"][0]["field"], field, "{results:?}");
        assert_eq!(results[0]["errors"][0]["problem"], problem, "{results:?}");
        assert!(results[0]["receipt"].is_null() && results[1]["errors"].is_null(), "{results:?}");
    }
    assert_eq!(api.counted().await, BTreeMap::from([((StratumId(1), Standing::Valid), i64::from(kept))]));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_with_an_item_is_said_at_once() {
    let api = Api::new().await;
    let fields = |result: &Value| -> Vec<String> {
        let errors = result["errors"].as_array().expect("a list");
        errors.iter().map(|e| e["field"].as_str().expect("a word").to_owned()).collect()
    };
    let item = json!({ "id": id(1), "desk": OPEN, "tap": 0, "answers": { "1.1": 6, "7.7": 1 }, "comment": "\u{0}" });
    assert_eq!(fields(&api.send_one(item).await), ["tap", "1.1", "7.7", "comment"]);
    let item = json!({ "a": 1, "answers": { "1.1": "5", "1.2": [], "1.3": 3 }, "b": 2, "desk": OPEN, "id": id(1), "version": "1" });
    assert_eq!(fields(&api.send_one(item).await), ["a", "1.1", "1.2", "b", "version"]);
    // Members that come twice, and items that are no objects.
    let body =
        format!(r#"{{"responses":[{{"id":"{}","desk":"{OPEN}","tap":1,"tap":2}},["{}"],7,null]}}"#, id(1), id(2));
    let answer: Value = serde_json::from_str(api.post(body).await.text()).expect("JSON");
    let results = answer["results"].as_array().expect("a list");
    assert_eq!(statuses(results), ["invalid"; 4]);
    assert_eq!(fields(&results[0]), ["tap"]);
    assert_eq!(results[0]["id"], id(1));
    assert!(api.counted().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_has_the_same_receipt_and_other_content_has_none() {
    let api = Api::new().await;
    let first = api.send_one(full(1, 5)).await;
    assert_eq!(first["status"], "stored");
    assert!(first["receipt"].as_str().is_some_and(|r| !r.is_empty()));
    let again = api.send_one(full(1, 5)).await;
    assert_eq!((&again["status"], &again["receipt"]), (&json!("duplicate"), &first["receipt"]));
    // The order of the answers is not content.
    let mut turned = full(1, 5);
    turned["answers"] = serde_json::from_str(r#"{"5.4":5,"1.1":5}"#).expect("JSON");
    for code in CRITERIA {
        turned["answers"][code] = 5.into();
    }
    assert_eq!(api.send_one(turned).await["status"], "duplicate");
    // Nor is the case of the id.
    let id_upper = full(1, 5)["id"].as_str().expect("an id").to_uppercase();
    assert_eq!(api.send_one(with(full(1, 5), "id", id_upper)).await["status"], "duplicate");
    for other in [full(1, 4), with(full(1, 5), "comment", "Thêm một câu")] {
        let other = api.send_one(other).await;
        assert_eq!(other["status"], "conflict");
        assert!(other["receipt"].is_null(), "{other}");
    }
    let both = api.send(&[full(2, 4), full(2, 4), full(2, 3), full(1, 5)]).await;
    assert_eq!(statuses(&both), ["stored", "duplicate", "conflict", "duplicate"]);
    assert_eq!(both[0]["receipt"], both[1]["receipt"]);
    assert_eq!(api.counted().await, BTreeMap::from([((StratumId(1), Standing::Valid), 2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_rises_to_a_form_and_counts_once() {
    let api = Api::new().await;
    let tap = json!({ "id": id(1), "desk": format!("{} {}", &OPEN[..2], &OPEN[2..]).to_lowercase(), "tap": 2 });
    assert_eq!(normalise_code("ab 2c"), OPEN);
    let first = api.send_one(tap.clone()).await;
    assert_eq!(api.send_one(tap.clone()).await["status"], "duplicate");
    let risen = api.send_one(with(full(1, 5), "tap", 4)).await;
    assert_eq!((&risen["status"], &risen["receipt"]), (&json!("stored"), &first["receipt"]));
    // The tap may come late, over another connection.
    assert_eq!(api.send_one(tap).await["status"], "duplicate");
    assert_eq!(api.counted().await, BTreeMap::from([((StratumId(1), Standing::Valid), 1)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_is_kept_and_gets_its_standing() {
    let api = Api::new().await;
    let items = [
        // A drawn person has received the result, whatever purpose an old tablet sends.
        with(full(1, 5), "visit", "nop-ho-so"),
        with(full(2, 5), "desk", EARLY),
        with(full(3, 5), "desk", LATE),
        // Sent after the end, filled in before it.
        with(with(full(4, 5), "desk", LATE), "finished_at", NOW - 30 * 3_600_000),
        with(full(5, 5), "answers", json!({ "1.1": 5 })),
        full(6, 5),
    ];
    let results = api.send(&items).await;
    assert_eq!(statuses(&results), ["stored"; 6], "{results:?}");
    let expected = [
        ((StratumId(1), Standing::Valid), 2),
        ((StratumId(1), Standing::Incomplete), 1),
        ((StratumId(2), Standing::Suspect), 1),
        ((StratumId(3), Standing::Valid), 1),
        ((StratumId(3), Standing::Suspect), 1),
    ];
    assert_eq!(api.counted().await, BTreeMap::from(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_set_right_by_the_time_of_sending() {
    let api = Api::new().await;
    // A tablet that lives two days ahead: its "now" is the server's now, and the round of LATE ended a day ago.
    let ahead = NOW + 2 * 24 * 3_600_000;
    let item = |n, finished: i64| {
        with(with(with(full(n, 5), "desk", LATE), "started_at", Value::Null), "finished_at", finished)
    };
    let before_the_end = item(1, ahead - 30 * 3_600_000);
    let after_it = item(2, ahead - 3_600_000);
    let body = json!({ "sent_at": ahead, "responses": [before_the_end, after_it] }).to_string();
    assert_eq!(api.post(body).await.status, StatusCode::OK);
    let expected = [((StratumId(3), Standing::Valid), 1), ((StratumId(3), Standing::Suspect), 1)];
    assert_eq!(api.counted().await, BTreeMap::from(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_write_acknowledges_nothing() {
    let api = Api::new().await;
    api.world.store.shutdown().await;
    let answer = api.post(json!({ "responses": [full(1, 5)] }).to_string()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_ne!(answer.header(header::RETRY_AFTER), "");
    assert!(!answer.text().contains("receipt"));
    // Nothing to write is no reason to refuse.
    assert_eq!(api.post(r#"{"responses":[]}"#).await.status, StatusCode::OK);
    assert!(api.counted().await.is_empty());
}
