//! Requests made to take the server's memory: each is refused with words, and the peak of the process is measured.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::domain::response::Stream;
use app::domain::{limits, publication};
use app::server_side::token;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use hailong_server::routes;
use serde_json::Value;
use site::{ask, request};
use testkit::Folder;
use tokio::sync::{Mutex, MutexGuard};
use world::{Answer, OPEN, World};

const MIB: u64 = 1024 * 1024;
const TOKEN: &str = "a-token-of-the-test";

/// The peak of this process, from now on. Tests that measure run one after the other.
struct Peak {
    before: u64,
    _alone: MutexGuard<'static, ()>,
}

fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let found = status.lines().find_map(|found| found.strip_prefix(line)).expect("the line");
    found.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

impl Peak {
    async fn new() -> Self {
        static ALONE: Mutex<()> = Mutex::const_new(());
        let alone = ALONE.lock().await;
        fs::write("/proc/self/clear_refs", "5").expect("the peak can be reset");
        Self { before: memory("VmRSS:"), _alone: alone }
    }

    fn grew(&self) -> u64 {
        memory("VmHWM:").saturating_sub(self.before) / MIB
    }
}

/// A server with one tablet.
async fn api() -> World {
    let world = World::new(0).await;
    let team = world.store.agencies().await.expect("read").values().find(|a| a.code == "so-noi-vu").expect("it").id;
    world.store.add_device("Máy tính bảng 1", team, Stream::Sample, token::hash(TOKEN)).await.expect("enrolled");
    world
}

async fn send(world: &World, body: impl Into<Body>) -> Answer {
    let request = Request::post("/api/v1/responses").header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    world.send(request.body(body.into()).expect("a request")).await
}

/// `pattern` over and over, between two ends, just below `bytes`.
fn filled(bytes: usize, begin: &str, pattern: &str, end: &str) -> String {
    let times = (bytes - begin.len() - end.len()) / pattern.len();
    let mut text = String::with_capacity(bytes);
    text.push_str(begin);
    for _ in 0..times {
        text.push_str(pattern);
    }
    text + end
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_megabytes_of_tiny_items_are_counted_and_not_kept() {
    let world = api().await;
    for pattern in ["{},", "{\"facts\":{}},", "1,"] {
        let body = Bytes::from(filled(limits::API_BYTES, "{\"responses\":[", pattern, "{}]}"));
        let peak = Peak::new().await;
        let answer = send(&world, body).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{pattern}: {}", answer.text());
        assert!(answer.text().contains("at most 500"), "{}", answer.text());
        assert!(peak.grew() < 16, "{pattern}: {} MiB", peak.grew());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_item_of_eight_megabytes_is_invalid_and_small() {
    let world = api().await;
    let id = "0190aaaa-0000-7000-8000-000000000001";
    for (member, pattern, end) in [
        ("\"expectations\":[", "\"\",", "\"\"]"),
        ("\"answers\":{", "\"1\":5,", "\"1\":5}"),
        ("\"facts\":{\"a\":[", "\"\",", "\"\"]}"),
        ("\"respondent\":{", "\"a\":[[]],", "\"a\":1}"),
        ("\"started_at\":[", "0,", "0]"),
        ("\"unknown\":[", "{\"\":[]},", "0]"),
    ] {
        let begin = format!("{{\"responses\":[{{\"id\":\"{id}\",\"desk\":\"{OPEN}\",{member}");
        let body = Bytes::from(filled(limits::API_BYTES, &begin, pattern, &format!("{end}}}]}}")));
        let peak = Peak::new().await;
        let answer = send(&world, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{member}: {}", answer.text());
        let results: Value = serde_json::from_str(answer.text()).expect("JSON");
        assert_eq!(results["results"][0]["status"], "invalid", "{member}");
        assert!(answer.body.len() < 10_000, "{member}");
        assert!(peak.grew() < 48, "{member}: {} MiB", peak.grew());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_lists_are_no_batch_and_do_not_take_the_stack() {
    let world = api().await;
    let deep = "[".repeat(limits::API_BYTES / 2) + &"]".repeat(limits::API_BYTES / 2 - 100);
    let answer = send(&world, format!("{{\"responses\":{deep}}}")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_of_a_device_without_a_token() {
    let world = api().await;
    for path in ["/api/v1/responses", "/api/v1/field/sync"] {
        let read = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&read);
        let body = Body::from_stream(futures::stream::once(async move {
            seen.store(true, Ordering::SeqCst);
            Ok::<_, std::io::Error>(Bytes::from_static(b"{}"))
        }));
        let answer = world.send(Request::post(path).body(body).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(!read.load(Ordering::SeqCst), "{path}");
    }
    let long = "x".repeat(limits::FORM_BYTES + 1);
    let enrol = world.send(Request::post("/api/v1/field/enrol").body(Body::from(long)).expect("a request")).await;
    assert_eq!(enrol.status, StatusCode::PAYLOAD_TOO_LARGE);
}

fn check(file: &[u8]) -> Request<Body> {
    let mut body = b"--x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"a.json\"\r\n\r\n".to_vec();
    body.extend(file);
    body.extend(b"\r\n--x--\r\n");
    request("POST", "/cong-bo/kiem-tra", &[("content-type", "multipart/form-data; boundary=x")], body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_that_anybody_may_send_is_weighed_before_it_is_read() {
    let folder = Folder::new("attack-check");
    let site = routes::router(site::site(&folder).await);
    let first = String::from_utf8(publication::FIRST_BYTES.to_vec()).expect("UTF-8");
    for pattern in ["{\"a\":0},", "[0],", "[],", "0,", "{\"a\":{\"a\":{}}},"] {
        let file = filled(limits::BUNDLE_BYTES, &format!("{first}\"a\":["), pattern, "0]}}");
        let request = check(file.as_bytes());
        drop(file);
        let peak = Peak::new().await;
        let answer = ask(&site, request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("quá lớn để tìm chỗ khác"), "{pattern}");
        // The file itself, twice while it is put together.
        assert!(peak.grew() < 80, "{pattern}: {} MiB", peak.grew());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_room_is_used_up_a_request_is_told_when_to_come_back_and_others_are_served() {
    let folder = Folder::new("attack-room");
    let state = site::site(&folder).await;
    let site = routes::router(state.clone());
    let all = state.budgets().checks.take(usize::MAX).expect("nothing is under way");
    let answer = ask(&site, check(b"{}")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "60"));
    // A citizen's form has room of its own.
    let form = || request("POST", "/k/AB2C", &[("content-type", "application/x-www-form-urlencoded")], "di=gui");
    assert_eq!(ask(&site, form()).await.status, StatusCode::NOT_FOUND);
    drop(all);
    assert_eq!(ask(&site, check(b"{}")).await.status, StatusCode::OK);

    let forms = state.budgets().forms.take(usize::MAX).expect("nothing is under way");
    let busy = ask(&site, form()).await;
    assert_eq!((busy.status, busy.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "60"));
    assert!(busy.body.contains("CHƯA được ghi"), "{busy:?}");
    assert_eq!(ask(&site, request("GET", "/healthz", &[], Body::empty())).await.status, StatusCode::OK);
    drop(forms);
    assert_eq!(ask(&site, form()).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_very_many_fields_are_answered_at_once() {
    let world = World::new(0).await;
    let forms = (0..50).map(|at| {
        let body = filled(limits::FORM_BYTES, "1.1=5&", if at % 2 == 0 { "a&" } else { "1.1=5&" }, "di=gui");
        let request =
            Request::post(format!("/k/{OPEN}")).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        world.send(request.body(Body::from(body)).expect("a request"))
    });
    let peak = Peak::new().await;
    let answers = tokio::time::timeout(std::time::Duration::from_secs(20), futures::future::join_all(forms));
    for answer in answers.await.expect("in time") {
        // Stored, asked whether that is all, or refused: answered in each case.
        assert!(!answer.status.is_server_error(), "{}", answer.status);
    }
    assert!(peak.grew() < 80, "{} MiB", peak.grew());
}
