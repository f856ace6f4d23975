//! What every request goes through: refusals first.

#[path = "support/site.rs"]
mod site;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{get as on_get, post as on_post};
use hailong_server::http;
use hailong_server::routes;
use site::{ask, get, request, seen_from, site};
use testkit::Folder;

/// The frame around addresses that misbehave.
async fn misbehaving(folder: &Folder) -> Router {
    let site = site(folder).await;
    let routes = http::routes()
        .route("/broken", on_get(|| async { std::hint::black_box(Vec::<u8>::new())[3].to_string() }))
        .route("/busy", on_get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/words", on_post(|words: String| async { words }))
        .route("/api/v1/broken", on_get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .route("/own", on_get(|| async { (StatusCode::NOT_FOUND, axum::response::Html("<p>own words</p>")) }));
    http::framed(routes, site)
}

#[tokio::test]
async fn an_unknown_address_is_answered_in_words_in_both_languages() {
    let folder = Folder::new("frame");
    let site = routes::router(site(&folder).await);
    let page = get(&site, "/no/such/page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        page.body.contains("Không tìm thấy trang này") && page.body.contains("This page does not exist"),
        "{page:?}"
    );
    // The one style of the page is allowed by its hash, and nothing else is.
    let policy = page.header("content-security-policy");
    assert!(policy.contains("style-src 'sha256-") && policy.contains("script-src 'none'"), "{policy}");
}

#[tokio::test]
async fn nothing_of_an_address_is_shown_back() {
    let folder = Folder::new("frame");
    let site = routes::router(site(&folder).await);
    let page = get(&site, "/%3Cscript%3Ealert(1)%3C/script%3E?q=%3Cscript%3E").await;
    assert!(!page.body.contains("alert") && !page.body.to_lowercase().contains("<script"), "{page:?}");
}

#[tokio::test]
async fn a_program_is_answered_in_json() {
    let folder = Folder::new("frame");
    let site = misbehaving(&folder).await;
    for path in ["/api/v1/nothing", "/api/v1/broken"] {
        let answer = get(&site, path).await;
        assert!(answer.status.is_client_error() || answer.status.is_server_error());
        assert_eq!(answer.header("content-type"), "application/json");
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(json["reference"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn a_wrong_method_says_which_are_right() {
    let folder = Folder::new("frame");
    let site = routes::router(site(&folder).await);
    let page = ask(&site, request("DELETE", "/healthz", &[], Body::empty())).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(page.header("allow"), "GET,HEAD");
    assert!(page.body.contains("không nhận yêu cầu"), "{page:?}");
}

#[tokio::test]
async fn a_defect_becomes_a_page_with_a_reference_and_without_details() {
    let folder = Folder::new("frame");
    let site = misbehaving(&folder).await;
    let page = get(&site, "/broken").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let reference = page.header("x-request-id");
    assert!(reference.len() == 8 && page.body.contains(reference), "{page:?}");
    assert!(!page.body.contains("index out of bounds") && !page.body.contains(".rs"), "{page:?}");
    // The next request is served as if nothing had happened, under another reference.
    let next = get(&site, "/healthz").await;
    assert_eq!(next.status, StatusCode::OK);
    assert_ne!(next.header("x-request-id"), reference);
}

#[tokio::test]
async fn a_busy_server_says_that_nothing_was_recorded_and_when_to_come_back() {
    let folder = Folder::new("frame");
    let page = get(&misbehaving(&folder).await, "/busy").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.header("retry-after"), "60");
    assert!(page.body.contains("CHƯA được ghi"), "{page:?}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let folder = Folder::new("frame");
    let site = misbehaving(&folder).await;
    let long = "x".repeat(app::domain::limits::FORM_BYTES + 1);
    let page = ask(&site, request("POST", "/words", &[], long)).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.body.contains("quá dài"), "{page:?}");
    let fits = "x".repeat(app::domain::limits::FORM_BYTES);
    assert_eq!(ask(&site, request("POST", "/words", &[], fits)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_page_with_words_of_its_own_keeps_them() {
    let folder = Folder::new("frame");
    let page = get(&misbehaving(&folder).await, "/own").await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::NOT_FOUND, "<p>own words</p>"));
}

#[tokio::test]
async fn a_post_that_another_site_made_is_refused_and_no_other() {
    let folder = Folder::new("frame");
    let site = misbehaving(&folder).await;
    let host = ("host", "127.0.0.1:3000");
    for (headers, status) in [
        (vec![("sec-fetch-site", "cross-site")], 403),
        (vec![("sec-fetch-site", "same-site"), ("origin", "https://other.example.vn")], 403),
        (vec![("origin", "https://evil.example")], 403),
        (vec![("origin", "nonsense")], 403),
        (vec![("origin", "https://127.0.0.1:3000.evil.example")], 403),
        // Old browsers, privacy settings, programs.
        (vec![], 200),
        (vec![("origin", "null")], 200),
        (vec![("sec-fetch-site", "none")], 200),
        (vec![("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:3000")], 200),
        (vec![("origin", "http://127.0.0.1:3000")], 200),
        // The public address, behind a proxy that asks by another name.
        (vec![("origin", "https://hailong.example.vn")], 200),
        (vec![("origin", "https://hai-long.example.vn"), ("x-forwarded-host", "hai-long.example.vn")], 200),
    ] {
        let headers: Vec<_> = headers.into_iter().chain([host]).collect();
        let answer = ask(&site, request("POST", "/words", &headers, "words")).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
    // Looking is free: a link from anywhere opens a page.
    let link = request("GET", "/healthz", &[("sec-fetch-site", "cross-site")], Body::empty());
    assert_eq!(ask(&site, link).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_browsers_careful() {
    let folder = Folder::new("frame");
    let site = routes::router(site(&folder).await);
    for path in ["/healthz", "/favicon.svg", "/no/such/page"] {
        let answer = get(&site, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 8, "{path}");
    }
    let page = get(&site, "/no/such/page").await;
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert!(page.header("permissions-policy").contains("camera=()"));
}

#[tokio::test]
async fn metrics_are_for_this_machine_only() {
    let folder = Folder::new("frame");
    let site = routes::router(site(&folder).await);
    assert_eq!(get(&site, "/metrics").await.status, StatusCode::FORBIDDEN);
    let stranger = seen_from(site.clone(), "192.0.2.7:4000");
    assert_eq!(get(&stranger, "/metrics").await.status, StatusCode::FORBIDDEN);
    let here = seen_from(site, "127.0.0.1:4000");
    let through_a_proxy = request("GET", "/metrics", &[("x-forwarded-for", "192.0.2.7")], Body::empty());
    assert_eq!(ask(&here, through_a_proxy).await.status, StatusCode::FORBIDDEN);
    assert_eq!(get(&here, "/metrics").await.status, StatusCode::OK);
}

#[tokio::test]
async fn metrics_count_by_pattern_and_never_by_address() {
    let folder = Folder::new("frame");
    let state = site(&folder).await;
    state.store.start();
    let here = seen_from(routes::router(state.clone()), "[::1]:4000");
    for _ in 0..3 {
        get(&here, "/healthz").await;
    }
    get(&here, "/pkg/secret-name.js").await;
    get(&here, "/secret/address?secret=query").await;
    let text = get(&here, "/metrics").await.body;
    for line in [
        "hailong_http_requests_total{path=\"/healthz\",method=\"GET\",status=\"200\"} 3",
        "hailong_http_requests_total{path=\"/pkg/{name}\",method=\"GET\",status=\"404\"} 1",
        "hailong_http_requests_total{path=\"unmatched\",method=\"GET\",status=\"404\"} 1",
        "hailong_http_request_duration_seconds_bucket{path=\"/healthz\",method=\"GET\",le=\"+Inf\"} 3",
        "hailong_http_request_duration_seconds_count{path=\"/healthz\",method=\"GET\"} 3",
        "hailong_writer_commits_total 0",
        "hailong_writer_queue_length 0",
        "hailong_tally_version 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("secret"), "{text}");
    state.store.shutdown().await;
}

#[tokio::test]
async fn ready_means_that_everything_holds_and_says_what_does_not() {
    let folder = Folder::new("frame");
    let state = site(&folder).await;
    let site = routes::router(state.clone());
    let json = |body: &str| serde_json::from_str::<serde_json::Value>(body).expect("JSON");

    let before = get(&site, "/readyz").await;
    assert_eq!(before.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json(&before.body)["writer"]["ok"], false);
    assert_eq!(json(&before.body)["database"]["ok"], true);

    state.store.start();
    let running = get(&site, "/readyz").await;
    assert_eq!(running.status, StatusCode::OK);
    assert_eq!(json(&running.body)["ready"], true);
    assert_eq!(running.header("cache-control"), "no-store");

    state.store.migrate_down().await.expect("the schema goes");
    let after = get(&site, "/readyz").await;
    assert_eq!(after.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json(&after.body)["migrations"]["ok"], false);
    // It lives all the while.
    assert_eq!(get(&site, "/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn robots_may_read_results_and_leave_people_alone() {
    let folder = Folder::new("frame");
    let robots = get(&routes::router(site(&folder).await), "/robots.txt").await;
    assert!(robots.body.contains("Disallow: /k/") && !robots.body.contains("ket-qua"), "{robots:?}");
}

#[tokio::test]
async fn many_at_once_are_all_answered() {
    let folder = Folder::new("frame");
    let site = routes::router(site(&folder).await);
    let asked = (0..200).map(|_| get(&site, "/healthz"));
    let all = tokio::time::timeout(Duration::from_secs(10), futures::future::join_all(asked)).await.expect("in time");
    let references: std::collections::HashSet<_> =
        all.iter().map(|one| one.header("x-request-id").to_owned()).collect();
    assert_eq!(references.len(), 200);
}
