//! Publication by actor, refusals first; then the way of a round from its freeze to a citizen who checks a file, on
//! both databases.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/binary.rs"]
mod binary;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::components::number::percent;
use app::domain::publication::{canonical, file};
use app::domain::response::{NewResponse, Standing};
use app::domain::role::Role;
use app::domain::text::Lang;
use app::server_side::keys::Keys;
use app::server_side::publication::{Sha2AndEd25519, Signer};
use app::server_side::simulate::SimulatedCity;
use axum::http::StatusCode;
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;
use site::Answer;
use staff::{Browser, Office};
use testkit::{Folder, Postgres};
use uuid::Uuid;

const ROUNDS: &str = "/quan-tri/cong-bo";

/// An office over the city with so many responses, and the address of its database.
struct World {
    office: Office,
    simulated: SimulatedCity,
    url: String,
}

impl World {
    async fn at(url: String, folder: Folder, responses: usize, sample_data: bool) -> Self {
        let state = site::site_at(&url, &folder).await;
        let simulated = city::fill(&state, responses, sample_data).await;
        Self { office: Office::over(state, folder), simulated, url }
    }

    async fn new(name: &str, responses: usize, sample_data: bool) -> Self {
        let folder = Folder::new(name);
        Self::at(folder.sqlite_url(), folder, responses, sample_data).await
    }

    async fn on_both(name: &str, responses: usize) -> [Self; 2] {
        let postgres = Postgres::shared().database_url(&name.replace('-', "_"));
        [Self::new(name, responses, false).await, Self::at(postgres, Folder::new(name), responses, false).await]
    }

    fn address(&self, act: &str) -> String {
        format!("{ROUNDS}/{}/{act}", self.simulated.round.code)
    }

    /// Freezes and publishes; the administrator's browser.
    async fn published(&self) -> Browser {
        let mut admin = self.office.signed_in(Role::Admin).await;
        for (act, body) in [("khoa-so", "dong=1"), ("cong-bo", "")] {
            let answer = admin.post(&self.address(act), body).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{act}: {answer:?}");
            assert_eq!(answer.header("location"), format!("{ROUNDS}?xong={act}"));
        }
        admin
    }

    /// A response like the first simulated one, of another person.
    fn another(&self, id: u128) -> NewResponse {
        let mut valid = self.simulated.responses().filter(|r| r.standing == Standing::Valid);
        NewResponse { id: Uuid::from_u128(id), ..valid.next().expect("one") }
    }

    /// Changes the database behind the server's back.
    async fn tamper(&self, sql: &str) {
        let db = Database::connect(&self.url).await.expect("connected");
        let done = db.execute_unprepared(sql).await.expect(sql);
        assert!(done.rows_affected() > 0, "{sql}");
        // What a server remembers for two seconds.
        let now = self.office.state.clock.now_ms();
        self.office.state.clock.set(now + 3_000);
    }

    async fn faults(&self) -> Vec<String> {
        self.office.state.store.verify_publications(&Sha2AndEd25519, Lang::En).await.expect("checked")
    }
}

fn read(body: &str) -> Value {
    serde_json::from_str(body).expect("JSON")
}

/// Sends a code or a file to be checked, as a form without script does.
async fn check(browser: &mut Browser, code: &str, file: &str) -> Answer {
    let part = |name: &str, more: &str, body: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{body}\r\n")
    };
    let body = part("ma", "", code) + &part("tep", "; filename=\"a.json\"", file) + "--x--\r\n";
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    browser.send("POST", "/cong-bo/kiem-tra", &kind, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_department_of_home_affairs_freezes_and_publishes() {
    let world = World::new("publication-roles", 50, false).await;
    let mut stranger = world.office.browser();
    for act in ["khoa-so", "cong-bo", "dinh-chinh"] {
        let answer = stranger.post(&world.address(act), "dong=1").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{act}");
        assert!(answer.header("location").starts_with("/quan-tri/dang-nhap"), "{act}");
        for role in [Role::AgencyOfficer, Role::Auditor, Role::SectorLead, Role::Supervisor] {
            let mut browser = world.office.signed_in(role).await;
            assert_eq!(browser.get(&world.address(act)).await.status, StatusCode::FORBIDDEN, "{role:?} {act}");
            let answer = browser.post(&world.address(act), "dong=1&ly-do=x").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?} {act}");
        }
    }
    assert!(world.office.state.store.freezes().await.expect("read").is_empty());
    let mut admin = world.office.signed_in(Role::Admin).await;
    for path in ["/quan-tri/cong-bo/1066/khoa-so", "/quan-tri/cong-bo/2018/xoa"] {
        assert_eq!(admin.post(path, "dong=1").await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_round_is_frozen_only_when_it_is_closed_in_the_same_act() {
    let world = World::new("publication-open", 300, false).await;
    let mut admin = world.office.signed_in(Role::Admin).await;
    let asked = admin.get(&world.address("khoa-so")).await;
    assert!(asked.body.contains("Không thể hoàn tác") && asked.body.contains("Đóng đợt này"), "{}", asked.body);
    let refused = admin.post(&world.address("khoa-so"), "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("còn nhận phiếu"), "{}", refused.body);
    // Nothing can be published or corrected that is not frozen.
    for act in ["cong-bo", "dinh-chinh"] {
        assert_eq!(admin.post(&world.address(act), "ly-do=x").await.status, StatusCode::CONFLICT, "{act}");
    }
    let desk = format!("/k/{}", world.simulated.desks[0].code);
    assert_eq!(admin.get(&desk).await.status, StatusCode::OK);

    let frozen = admin.post(&world.address("khoa-so"), "dong=1").await;
    assert_eq!(frozen.status, StatusCode::SEE_OTHER, "{frozen:?}");
    assert_eq!(admin.get(&desk).await.status, StatusCode::GONE, "the desk says that it is over");
    assert_eq!(admin.post(&world.address("khoa-so"), "dong=1").await.status, StatusCode::CONFLICT, "only once");
    let preview = admin.get(&world.address("cong-bo")).await;
    assert!(preview.body.contains("Ẩn vì dưới 5 phiếu"), "{}", preview.body);
    let acts: Vec<String> = world.office.log().await.into_iter().map(|entry| entry.act).collect();
    assert_eq!(acts.iter().filter(|act| *act == "freeze").count(), 1, "{acts:?}");
}

/// How large the city is in which page, API and bundle are held against each other: 3,000 responses, or as many as
/// `HAILONG_EQUALITY` says.
#[expect(clippy::disallowed_methods, reason = "the size of a test comes from who runs it")]
fn equality_responses() -> usize {
    const USUAL: usize = 3_000;
    std::env::var("HAILONG_EQUALITY").ok().and_then(|n| n.parse().ok()).unwrap_or(USUAL)
}

#[tokio::test(flavor = "multi_thread")]
async fn page_api_and_bundle_say_the_same_and_late_responses_move_none_of_them() {
    for world in World::on_both("publication-equal", equality_responses()).await {
        let mut citizen = world.office.browser();
        assert_eq!(citizen.get("/api/v1/results").await.status, StatusCode::NOT_FOUND);
        assert!(citizen.get("/ket-qua").await.body.contains("chưa được công bố"));
        world.published().await;

        let state = &world.office.state;
        let code = state.store.publications().await.expect("read").last().expect("one").code().to_string();
        let page = citizen.get("/ket-qua?nguon=sample").await;
        let stamp = format!("Bản công bố số 1 · mã {code}");
        assert!(page.body.contains(&stamp), "{}", page.body);
        let bundle = read(&citizen.get("/cong-bo/1/ban-cong-bo.json").await.body);
        assert_eq!(bundle["bundle"]["sample_data"], false);
        let mut compared = 0;
        for stream in bundle["bundle"]["figures"].as_array().expect("streams") {
            let word = stream["stream"].as_str().expect("a word");
            let api = read(&citizen.get(&format!("/api/v1/results?stream={word}")).await.body);
            assert_eq!(api["stamp"]["publication"]["code"], code.as_str());
            let same = |ours: &Value, theirs: &Value| assert_eq!(read(&canonical(theirs)), *ours, "{word}");
            same(&stream["city"]["agencies"], &api["agencies"]);
            same(&stream["city"]["city"], &api["city"]);
            for line in api["agencies"].as_array().expect("agencies") {
                let share = line["figure"]["share"].as_f64().filter(|_| word == "sample");
                if let Some(share) = share {
                    assert!(page.body.contains(&percent(share, Lang::Vi)), "{line}");
                    compared += 1;
                }
            }
            let agency = &stream["agencies"][3];
            let own = agency["agency"]["code"].as_str().expect("a code");
            let api = read(&citizen.get(&format!("/api/v1/results?stream={word}&agency={own}")).await.body);
            for part in ["figure", "factors", "criteria", "facts", "taps", "explanation"] {
                same(&agency[part], &api[part]);
            }
        }
        assert!(compared > 10, "{compared}");

        let before = citizen.get("/api/v1/results").await.body;
        let stored = state.store.submit_many((0..40).map(|n| world.another(0xface_0000 + n)).collect()).await;
        assert_eq!(stored.expect("stored").len(), 40);
        state.store.fold_all().await.expect("folded");
        let tallies = state.store.renewed_tallies().await.expect("read");
        let of = |standing| {
            let cells = tallies.cells.iter().filter(move |(cell, _)| cell.standing == standing);
            cells.map(|(_, tally)| tally.n()).sum::<i64>()
        };
        let suspect = world.simulated.responses().filter(|r| r.standing == Standing::Suspect).count() as i64;
        assert_eq!(of(Standing::Suspect), suspect + 40, "late ones are stored and marked");
        assert_eq!(citizen.get("/api/v1/results").await.body, before);
        assert_eq!(world.faults().await, Vec::<String>::new());
    }
}

/// What a file of staff says of the sample stream: figures and counts of the city and of every agency.
async fn figures(browser: &mut Browser) -> (Value, Vec<[Value; 6]>) {
    let file = browser.get("/quan-tri/xuat/tat-ca.json?nguon=sample").await;
    assert_eq!(file.status, StatusCode::OK, "{file:?}");
    let document = read(&file.body);
    let agencies = document["agencies"].as_array().expect("agencies").iter();
    let of = |agency: &Value| {
        let code = agency["agency"]["code"].clone();
        let parts = ["n", "figure", "factors", "criteria", "place"].map(|part| agency[part].clone());
        let [n, figure, factors, criteria, place] = parts;
        [code, n, figure, factors, criteria, place]
    };
    let agencies = agencies.map(of).collect();
    (document, agencies)
}

/// Pages of staff with figures.
const PAGES: [&str; 6] = [
    "/quan-tri",
    "/quan-tri/co-quan/916",
    "/quan-tri/xep-hang",
    "/quan-tri/so-sanh?a=916&b=919",
    "/quan-tri/tom-tat",
    "/quan-tri/tom-tat/916",
];

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_one_state_from_open_over_frozen_to_published() {
    for world in World::on_both("publication-state", 3_000).await {
        let mut admin = world.office.signed_in(Role::Admin).await;
        let mut officer = world.office.signed_in_at(Role::AgencyOfficer, "916").await;
        let (_, moving) = figures(&mut admin).await;
        for path in PAGES {
            let body = admin.get(path).await.body;
            assert!(body.contains("chưa chốt số liệu") && body.contains("Tối đa 9 phiếu mới nhất"), "{path}: {body}");
        }

        let answer = admin.post(&world.address("khoa-so"), "dong=1").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        for path in PAGES {
            let body = admin.get(path).await.body;
            assert!(body.contains("đã chốt số liệu"), "{path}: {body}");
            for not in ["chưa chốt", "Tối đa 9", "Số tạm tính", "Bản công bố số"] {
                assert!(!body.contains(not), "{not} in {path}");
            }
        }
        assert!(officer.get("/quan-tri/co-quan/916").await.body.contains("đã chốt số liệu"));
        assert!(admin.get("/quan-tri/xuat/phuong-phap.csv").await.body.contains("đã chốt số liệu"));
        let (document, frozen) = figures(&mut admin).await;
        assert_ne!(frozen, moving, "the newest answers are in the frozen figures");
        assert!(world.office.browser().get("/ket-qua").await.body.contains("chưa được công bố"));

        let asked = admin.get(&world.address("cong-bo")).await.body;
        let share = document["city"]["city"]["figure"]["share"].as_f64().expect("a share");
        assert!(asked.contains("Xem trước số liệu sẽ công bố"), "{asked}");
        assert!(asked.contains(&percent(share, Lang::Vi)), "{share}: {asked}");
        let shares = frozen.iter().filter_map(|[.., figure, _, _, _]| figure["share"].as_f64());
        let shown = shares.filter(|share| asked.contains(&percent(*share, Lang::Vi))).count();
        assert!(shown > 10, "{shown}");

        let answer = admin.post(&world.address("cong-bo"), "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        for path in PAGES {
            let body = admin.get(path).await.body;
            assert!(body.contains("Bản công bố số 1"), "{path}: {body}");
            for not in ["chốt số liệu ·", "chưa chốt", "Tối đa 9", "Số tạm tính"] {
                assert!(!body.contains(not), "{not} in {path}");
            }
        }
        let (published, after) = figures(&mut admin).await;
        assert_eq!(after, frozen);
        let state = |document: &Value| document["agencies"][0]["stamp"]["state"].clone();
        assert_eq!((state(&document), state(&published)), (Value::from("frozen"), Value::from("published")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_round_shows_home_affairs_all_that_was_counted() {
    for world in World::on_both("publication-closed", 3_000).await {
        let mut admin = world.office.signed_in(Role::Admin).await;
        let sum = |agencies: &[[Value; 6]]| agencies.iter().filter_map(|[_, n, ..]| n.as_i64()).sum::<i64>();
        let (_, open) = figures(&mut admin).await;
        world.tamper("UPDATE round SET closes_at = 1").await;
        let mut officer = world.office.signed_in_at(Role::AgencyOfficer, "916").await;
        let before = officer.get("/quan-tri/co-quan/916").await.body;
        assert!(before.contains("đã kết thúc thu phiếu") && before.contains("Tối đa 9"), "nothing moves by itself");
        let page = admin.get("/quan-tri").await.body;
        assert!(page.contains("đã kết thúc thu phiếu") && !page.contains("Tối đa 9"), "{page}");
        let (_, closed) = figures(&mut admin).await;
        assert!(sum(&closed) > sum(&open), "{} and {}", sum(&closed), sum(&open));

        // The freeze finds the same, so that no two versions are a few answers apart.
        let answer = admin.post(&world.address("khoa-so"), "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let (_, frozen) = figures(&mut admin).await;
        let both = |(closed, frozen): &(&[Value; 6], &[Value; 6])| {
            closed[1].as_i64().is_some_and(|n| n > 0) && frozen[1].is_i64()
        };
        let both: Vec<_> = closed.iter().zip(&frozen).filter(both).collect();
        assert!(both.len() > 10, "{}", both.len());
        for (closed, frozen) in both {
            assert_eq!(closed[..3], frozen[..3], "code, number and index");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_checks_a_code_and_a_file_and_is_told_why_not() {
    let world = World::new("publication-check", 800, true).await;
    world.published().await;
    let mut citizen = world.office.browser();
    let good = citizen.get("/cong-bo/1/ban-cong-bo.json").await;
    assert!(good.header("content-disposition").contains("so-lieu-mo-phong"), "{good:?}");
    let page = citizen.get("/cong-bo/1").await;
    assert!(page.body.contains("Trích dẫn") && page.body.contains("SỐ LIỆU MÔ PHỎNG"), "{}", page.body);
    let links: Vec<&str> = page.body.split("href=\"").filter_map(|rest| rest.split('"').next()).collect();
    let tables: Vec<&&str> =
        links.iter().filter(|link| std::path::Path::new(link).extension().is_some_and(|end| end == "csv")).collect();
    assert_eq!(tables.len(), 14, "two streams of seven tables: {links:?}");
    for table in tables {
        let file = citizen.get(table).await;
        assert_eq!((file.status, file.body.starts_with('\u{feff}')), (StatusCode::OK, true), "{table}");
    }
    let code = world.office.state.store.publications().await.expect("read")[0].code().to_string();

    let none = check(&mut citizen, "", "").await;
    assert!(none.body.contains("Không. Xin nhập mã"), "{}", none.body);
    let wrong = if code == "AAAA" { "BBBB" } else { "AAAA" };
    assert!(check(&mut citizen, wrong, "").await.body.contains("Không có bản công bố nào mang mã này"));
    let typed = format!("Bản công bố số 1 · mã {code}");
    assert!(check(&mut citizen, &typed, "").await.body.contains("Đúng. Đây là bản công bố số 1"));

    assert!(check(&mut citizen, "", &good.body).await.body.contains("Đúng. Đây là bản công bố số 1"));
    assert!(check(&mut citizen, "", "<script>").await.body.contains("không phải tệp bản công bố"));
    let (at, _) = good.body.match_indices("\"share\":\"0.8").next().expect("a share");
    let mut changed = good.body.clone();
    changed.replace_range(at + 11..at + 12, "9");
    let answer = check(&mut citizen, "", &changed).await;
    assert!(answer.body.contains("Nội dung đã bị sửa sau khi công bố"), "{}", answer.body);
    assert!(answer.body.contains("share."), "the place is named: {}", answer.body);

    let bundle = world.office.state.store.publication_bundle(1).await.expect("read").expect("one");
    let theirs = Signer::new(&Keys::from_bytes([8; 32]));
    let answer = check(&mut citizen, "", &file(&bundle, &theirs.seal(&bundle))).await;
    assert!(answer.body.contains("ký bằng khoá khác"), "{}", answer.body);
    for path in ["/cong-bo/2", "/cong-bo/01", "/cong-bo/x", "/cong-bo/1/khac.csv"] {
        assert_eq!(citizen.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_takes_the_place_of_the_publication_and_says_why() {
    let world = World::new("publication-correct", 500, false).await;
    let mut admin = world.published().await;
    let address = world.address("dinh-chinh");
    assert_eq!(admin.post(&address, "ly-do=+").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = Browser::form(&[("ly-do", "Bỏ sót một tập <phiếu giấy>")]);
    let answer = admin.post(&address, &reason).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    let mut citizen = world.office.browser();
    assert!(citizen.get("/ket-qua").await.body.contains("Bản công bố số 2"));
    let old = citizen.get("/cong-bo/1").await;
    assert!(old.body.contains("đã được đính chính") && old.status == StatusCode::OK, "{}", old.body);
    let new = citizen.get("/cong-bo/2").await;
    assert!(new.body.contains("Bỏ sót một tập &lt;phiếu giấy&gt;"), "{}", new.body);
    assert_eq!(world.faults().await, Vec::<String>::new());
    let list = admin.get(ROUNDS).await;
    assert!(list.body.contains("toàn vẹn, chưa bị thay đổi"), "{}", list.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_row_a_changed_bundle_and_a_removed_publication_are_found_and_named() {
    let world = World::new("publication-tamper", 500, false).await;
    let mut admin = world.published().await;
    let reason = Browser::form(&[("ly-do", "Đếm lại")]);
    assert_eq!(admin.post(&world.address("dinh-chinh"), &reason).await.status, StatusCode::SEE_OTHER);

    world
        .tamper("UPDATE publication SET bundle = REPLACE(bundle, '\"number\":2', '\"number\":3') WHERE number = 2")
        .await;
    let faults = world.faults().await;
    assert!(faults.iter().any(|f| f.starts_with("Publication No. 2: The content was changed")), "{faults:?}");
    world
        .tamper("UPDATE publication SET bundle = REPLACE(bundle, '\"number\":3', '\"number\":2') WHERE number = 2")
        .await;
    assert_eq!(world.faults().await, Vec::<String>::new());

    world.tamper("UPDATE frozen_tally SET standing = 1 WHERE standing = 3 AND freeze_id = 1").await;
    let faults = world.faults().await;
    assert!(faults.iter().any(|f| f.contains("the row of ") && f.contains("is not what was frozen")), "{faults:?}");

    world.tamper("DELETE FROM publication WHERE number = 1").await;
    let faults = world.faults().await;
    assert!(faults.iter().any(|f| f.contains("publication No. 1 is missing")), "{faults:?}");
    assert!(admin.get("/cong-bo/kiem-tra").await.body.contains("thiếu bản công bố số 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_judges_a_file_without_a_database() {
    let world = World::new("publication-command", 200, false).await;
    world.published().await;
    let good = world.office.browser().get("/cong-bo/1/ban-cong-bo.json").await.body;
    let ours = app::domain::hex::hex(&Signer::new(&world.office.state.keys).public());
    let folder = Folder::new("publication-files");
    let place = folder.path().join("ban-cong-bo.json");
    let verify = |content: &str, more: &[&str]| {
        std::fs::write(&place, content).expect("written");
        let arguments = [&["verify", "ban-cong-bo.json"], more].concat();
        binary::End::from(binary::command(&folder, &arguments).output().expect("it runs"))
    };
    let changed = good.replacen("\"population\":", "\"population\":1", 1);
    let end = verify(&changed, &[]);
    assert_eq!(end.code, Some(1), "{end:?}");
    assert!(end.out.starts_with("no\nfault: The content was changed"), "{end:?}");
    let end = verify(&good, &["--key", &"ab".repeat(32)]);
    assert!(end.code == Some(1) && end.out.contains("signed under another key"), "{end:?}");
    verify(&good, &["--key", "abc"]).fails_with(2, "64 hexadecimal digits");
    verify("nothing of ours", &[]).fails_with(2, "ban-cong-bo.json");

    let end = verify(&good, &["--key", &ours]);
    assert!(end.code == Some(0) && end.out.starts_with("yes\npublication 1 code "), "{end:?}");
    assert!(end.out.contains("as expected"), "{end:?}");
    let end = verify(&good, &[]);
    assert!(end.code == Some(0) && end.out.contains("compare it with the one on /cong-bo/kiem-tra"), "{end:?}");
    assert!(!folder.path().join("hailong.db").exists(), "no database is made");
}
