//! `GET /api/v1/results` and the description of the interface: what the pages show, no more, and all of it described.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod city;
#[path = "support/schema.rs"]
mod schema;
#[path = "support/site.rs"]
mod site;

use std::collections::BTreeSet;
use std::path::Path;

use app::components::number::{percent, range};
use app::domain::submission::Item;
use app::domain::text::Lang;
use axum::body::Body;
use axum::http::StatusCode;
use city::{city, code};
use hailong_server::routes;
use serde_json::{Value, json};
use site::{ask, get, request, site};
use testkit::Folder;

fn read(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

async fn description(router: &axum::Router) -> Value {
    read(&get(router, "/api/v1/openapi.json").await.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_not_published_is_answered_in_words_and_without_a_figure() {
    let (state, simulated, _folder) = city("open-real", 400, false).await;
    let router = routes::router(state);
    let code = code(&simulated, 0);
    for query in [String::new(), format!("agency={code}"), "round=2018&stream=open".to_owned()] {
        let answer = get(&router, &format!("/api/v1/results?{query}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
        let body = read(&answer.body);
        assert!(body["error"].as_str().unwrap().contains("chưa được công bố"), "{query}: {body}");
        assert_eq!(body.as_object().unwrap().len(), 1);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_refused_and_never_answered_with_something_else() {
    let folder = Folder::new("open-none");
    let none = get(&routes::router(site(&folder).await), "/api/v1/results").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);

    let (state, ..) = city("open-unknown", 300, true).await;
    let router = routes::router(state);
    for (query, status) in [
        ("round=1066", 404),
        ("agency=%3Cscript%3E", 404),
        ("agency=x%00y", 404),
        ("stream=code", 404),
        ("stream=all", 422),
        ("lang=fr", 422),
        ("nguon=open", 422),
    ] {
        let answer = get(&router, &format!("/api/v1/results?{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(!answer.body.contains("<script"), "{query}");
    }
    assert_eq!(get(&router, "/api/v1/results?round=&agency=").await.status, StatusCode::OK);
    let post = ask(&router, request("POST", "/api/v1/results", &[], Body::empty())).await;
    assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// The words with which a page prints a figure.
fn words(figure: &Value) -> String {
    if let Some(share) = figure["share"].as_f64() {
        return percent(share, Lang::Vi);
    }
    if figure["hidden"] == true {
        return "ẩn".to_owned();
    }
    if figure["at_least"].is_number() {
        return "≥ 95%".to_owned();
    }
    if figure["at_most"].is_number() { "≤ 5%".to_owned() } else { "–".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_is_the_one_on_the_page() {
    let (state, ..) = city("open-equal", 6_000, true).await;
    let router = routes::router(state);
    let city = read(&get(&router, "/api/v1/results").await.body);
    let page = get(&router, "/ket-qua").await.body;
    assert_eq!((&city["sample_data"], &city["stream"]), (&json!(true), &json!("sample")));
    let figure = &city["city"]["figure"];
    let interval = range(figure["low"].as_f64().unwrap(), figure["high"].as_f64().unwrap(), Lang::Vi);
    assert!(page.contains(&words(figure)) && page.contains(&interval));
    assert_eq!(city["agencies"].as_array().unwrap().len(), 114);
    for line in city["agencies"].as_array().unwrap() {
        let href = line["page"].as_str().unwrap();
        let row = page.split("<tr").find(|row| row.contains(&format!("href=\"{href}\""))).expect(href);
        assert!(row.contains(&words(&line["figure"])), "{href}: {} in {row}", words(&line["figure"]));
        if let Some(rank) = line["place"]["rank"].as_u64() {
            let (best, worst) = (&line["place"]["best"], &line["place"]["worst"]);
            assert!(row.contains(&format!(">{rank}<")) && row.contains(&worst.to_string()), "{href}: {best} {worst}");
        }
    }
    for line in city["agencies"].as_array().unwrap().iter().step_by(7) {
        let href = line["page"].as_str().unwrap();
        let (page, code) = (get(&router, href).await.body, line["code"].as_str().unwrap());
        let agency = read(&get(&router, &format!("/api/v1/results?agency={code}")).await.body);
        assert_eq!(agency["figure"], line["figure"], "{code}");
        assert_eq!(agency["place"], line["place"], "{code}");
        for part in ["factors", "criteria"] {
            for line in agency[part].as_array().unwrap() {
                assert!(page.contains(&words(&line["figure"])), "{code} {}", line["code"]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_page_hides_is_nowhere_in_the_answer() {
    // Few responses for 114 agencies: most have fewer than 5.
    let (state, ..) = city("open-hidden", 500, true).await;
    let router = routes::router(state);
    let page = get(&router, "/ket-qua").await.body;
    let city = read(&get(&router, "/api/v1/results").await.body);
    let mut hidden = 0;
    for line in city["agencies"].as_array().unwrap() {
        let href = line["page"].as_str().unwrap();
        let row = page.split("<tr").find(|row| row.contains(&format!("href=\"{href}\""))).expect(href);
        assert_eq!(row.contains("ẩn"), line["figure"]["hidden"] == true, "{href}");
        if line["figure"]["hidden"] != true {
            continue;
        }
        hidden += 1;
        assert_eq!(line["n"], json!({ "hidden": true }), "{href}");
        assert_eq!(line["place"], json!({ "not_ranked": "not_compared" }), "{href}");
        let code = line["code"].as_str().unwrap();
        let agency = read(&get(&router, &format!("/api/v1/results?agency={code}")).await.body);
        for part in ["factors", "criteria"] {
            for line in agency[part].as_array().unwrap() {
                assert_eq!((&line["figure"], &line["n"]), (&json!({ "hidden": true }), &json!({ "hidden": true })));
                assert!(part == "factors" || (line["scores"] == json!([]) && line["not_applicable"]["hidden"] == true));
            }
        }
        assert_eq!((&agency["facts"], &agency["explanation"]), (&json!([]), &Value::Null), "{code}");
    }
    assert!(hidden > 20, "{hidden}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_has_the_answer_is_not_sent_it_again() {
    let (state, ..) = city("open-etag", 300, true).await;
    let router = routes::router(state);
    for path in ["/api/v1/results", "/api/v1/openapi.json"] {
        let plain = get(&router, path).await;
        assert_eq!(plain.header("content-type"), "application/json");
        let tag = plain.header("etag");
        let again = ask(&router, request("GET", path, &[("if-none-match", tag)], Body::empty())).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        let packed = ask(&router, request("GET", path, &[("accept-encoding", "gzip")], Body::empty())).await;
        assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("gzip", "accept-encoding"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_that_is_sent_is_described() {
    let (state, ..) = city("open-described", 3_000, true).await;
    let router = routes::router(state.clone());
    let description = description(&router).await;
    let fits =
        |name: &str, body: &str| schema::check(&description, name, &read(body)).unwrap_or_else(|e| panic!("{e}"));
    for stream in ["sample", "open"] {
        let city = get(&router, &format!("/api/v1/results?stream={stream}&lang=en")).await.body;
        fits("CityResults", &city);
        for line in read(&city)["agencies"].as_array().unwrap() {
            let code = line["code"].as_str().unwrap();
            let path = format!("/api/v1/results?stream={stream}&agency={code}");
            fits("AgencyResults", &get(&router, &path).await.body);
        }
    }
    fits("Error", &get(&router, "/api/v1/results?round=1066").await.body);
    fits("Error", &get(&router, "/api/v1/nothing").await.body);
    fits("Ready", &get(&router, "/readyz").await.body);
    // And the check itself can fail.
    assert!(schema::check(&description, "Error", &json!({ "error": "x", "else": 1 })).is_err());
    assert!(schema::check(&description, "Figure", &json!({ "share": 2.0 })).is_err());
}

#[test]
fn every_member_that_is_read_is_described() {
    let description = read(include_str!("../src/routes/api/openapi.json"));
    let described: BTreeSet<&str> = description["components"]["schemas"]["Response"]["properties"]
        .as_object()
        .expect("members")
        .keys()
        .map(String::as_str)
        .collect();
    // serde names all that it knows when it meets a stranger.
    let stranger = serde_json::from_str::<Item<'_>>(r#"{"nobody":1}"#).unwrap_err().to_string();
    let read: BTreeSet<&str> = stranger.split('`').skip(3).step_by(2).collect();
    assert!(read.len() > 15, "{stranger}");
    assert_eq!(described, read);
}

#[test]
fn every_route_of_the_interface_is_described() {
    let description = read(include_str!("../src/routes/api/openapi.json"));
    let described: BTreeSet<String> = description["paths"].as_object().expect("paths").keys().cloned().collect();
    let mut routed = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(entry).unwrap();
                let routes = text.split(".route(").skip(1).filter_map(|rest| rest.split('"').nth(1));
                let open = routes.filter(|path| path.starts_with("/api/") || ["/healthz", "/readyz"].contains(path));
                routed.extend(open.map(str::to_owned));
            }
        }
    }
    assert_eq!(described, routed);
}
