//! What field work comes to: who counts, when it was, the response rate, whose people a team may take. Refusals first, on
//! both databases.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/field.rs"]
mod field;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::hex::from_hex;
use app::domain::ids::StratumId;
use app::domain::response::{Marks, Standing, local_day};
use app::domain::role::Role;
use app::domain::staff_log::Who;
use app::offline::export;
use app::offline::queue::{Kind, Record, State};
use app::offline::seal;
use axum::http::StatusCode;
use field::{DAY_MS, Place, Tablet, attempt, event_id, import_outbox, interview, of_unit, places, statuses, unit};
use serde_json::{Value, json};
use site::NOW_MS;
use staff::Browser;

/// As the server keeps a mark.
fn clock_mark() -> i64 {
    Marks::CLOCK.0.into()
}

async fn sealed(tablet: &Tablet<'_>, item: &Value) -> Value {
    let kit = tablet.kit().await;
    let public = from_hex(kit["round"]["sealing"]["public"].as_str().expect("a key")).expect("32 bytes");
    let sealed = seal::seal(&public, [9; 32], item.to_string().as_bytes()).expect("sealed");
    json!({ "id": item["id"], "sealed": seal::letters(&sealed), "key": "2018" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drawn_person_counts_whatever_they_came_for_and_one_without_a_result_is_not_eligible() {
    for place in places("rules-visit").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        // As an app before the rule asked it, at home; the second was then not asked about the result either.
        let mut asked = of_unit(interview(1, 5), unit(1));
        asked["visit"] = "nop-ho-so".into();
        let mut short = of_unit(interview(2, 4), unit(2));
        short["visit"] = "viec-khac".into();
        for code in ["4.1", "4.2", "4.3"] {
            short["answers"].as_object_mut().expect("answers").remove(code);
        }
        assert_eq!(statuses(&tablet.send(&[asked.clone(), short]).await), ["stored", "stored"]);
        assert_eq!(statuses(&tablet.send(&[asked]).await), ["duplicate"], "what was answered is kept as it was");
        let inside = format!("SELECT COUNT(*) FROM response WHERE standing = {}", Standing::Valid.code());
        assert_eq!(place.number(&format!("{inside} AND stratum_id = 1")).await, 2);
        // No result came: an outcome of the visit, not of the questionnaire.
        let told = tablet.sync(json!([attempt(1, unit(3), "no-result", NOW_MS)])).await;
        assert_eq!(statuses(&told), ["stored"]);
        let page = admin.get(&format!("/quan-tri/doi/{team}")).await;
        assert!(page.body.contains("2 / (2 + 0 + 0 + 0 + 0 + 1) = 66,67%"), "{}", page.body);
        assert!(page.body.contains("Chưa có kết quả"), "{}", page.body);

        // At a desk the question is asked, and decides.
        let desk = place.team(&mut admin, "intercept", &["dtv2"]).await;
        place.post(&mut admin, desk, "30").await;
        let other = place.tablet(&mut admin, desk, "dtv2").await;
        let want = json!([{ "id": event_id(9), "at": NOW_MS, "what": "lease", "post": 1, "want": 5 }]);
        other.sync(want).await;
        let mut item = interview(3, 5);
        item["visit"] = "nop-ho-so".into();
        item["post"] = 1.into();
        assert_eq!(statuses(&other.send(&[item]).await), ["stored"]);
        let outside = format!("SELECT COUNT(*) FROM response WHERE stratum_id = {}", StratumId::OUTSIDE.0);
        assert_eq!(place.number(&outside).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_at_sending_moves_nothing_that_was_recorded_before() {
    let held = NOW_MS - 3 * DAY_MS;
    let note = json!({ "off": 0, "at": NOW_MS - 4 * DAY_MS });
    // How it comes, the clock at sending, what the record says and knew: the days before today that it counts for, and
    // whether it is marked.
    let rows = [
        ("sealed", NOW_MS - 2_000 * DAY_MS, held, Some(&note), 3, false),
        ("sealed", NOW_MS + 400 * DAY_MS, held, Some(&note), 3, false),
        ("sealed", NOW_MS, held, Some(&note), 3, false),
        ("sealed", NOW_MS - 2_000 * DAY_MS, held, None, 3, false),
        ("sealed", NOW_MS + 400 * DAY_MS, held + 400 * DAY_MS, Some(&note), 3, true),
        ("plain", NOW_MS - 2_000 * DAY_MS, held, Some(&note), 3, false),
        ("plain", NOW_MS - 2_000 * DAY_MS, held, None, 3, false),
        ("plain", NOW_MS, NOW_MS + 9 * DAY_MS, None, 0, true),
        ("event", NOW_MS - 2_000 * DAY_MS, held, Some(&note), 3, false),
        ("event", NOW_MS + 400 * DAY_MS, held, Some(&note), 3, false),
        ("event", NOW_MS, NOW_MS + 9 * DAY_MS, None, 0, false),
    ];
    for place in places("rules-clock").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let today = local_day(NOW_MS);
        for (n, (way, sent_at, said, note, ago, marked)) in (1..).zip(&rows) {
            let row = format!("row {n}: {way}");
            if *way == "event" {
                let mut event = attempt(n, unit(4), "not-home", *said);
                if let Some(note) = note {
                    event["clock"] = (*note).clone();
                }
                assert_eq!(statuses(&tablet.sync_at(*sent_at, json!([event])).await), ["stored"], "{row}");
                let day = place.number("SELECT day FROM attempt ORDER BY id DESC LIMIT 1").await;
                assert_eq!(day, i64::from(today - ago), "{row}");
                continue;
            }
            let mut item = of_unit(interview(n, 4), unit(1));
            item["finished_at"] = (*said).into();
            item["started_at"] = (said - 240_000).into();
            if let Some(note) = note {
                item["clock"] = (*note).clone();
            }
            let item = if *way == "sealed" { sealed(&tablet, &item).await } else { item };
            let body = json!({ "sent_at": sent_at, "responses": [item] });
            let (status, results) = place.ask("POST", "/api/v1/responses", &tablet.token, &body).await;
            assert_eq!(
                (status, &results["results"][0]["status"]),
                (StatusCode::OK, &json!("stored")),
                "{row} {results}"
            );
            let last = "FROM response ORDER BY id DESC LIMIT 1";
            assert_eq!(place.number(&format!("SELECT local_day {last}")).await, i64::from(today - ago), "{row}");
            let marks = place.number(&format!("SELECT marks {last}")).await;
            assert_eq!(marks & clock_mark() != 0, *marked, "{row}: {marks}");
        }
        carried(&place, &tablet, today).await;
    }
}

/// The same of a file that was written while the clock was wrong.
async fn carried(place: &Place, tablet: &Tablet<'_>, today: i32) {
    let mut item = of_unit(interview(90, 4), unit(2));
    item["finished_at"] = (NOW_MS - 3 * DAY_MS).into();
    item["clock"] = json!({ "off": 0, "at": NOW_MS - 4 * DAY_MS });
    let body = sealed(tablet, &item).await.to_string();
    let record = Record {
        id: event_id(90),
        kind: Kind::Response,
        made_at: 0,
        label: String::new(),
        body,
        state: State::Finished,
    };
    let device = place.number("SELECT MAX(device_id) FROM field_device").await;
    let device = i32::try_from(device).expect("small");
    let wrong = Some(-2_000 * DAY_MS);
    let enrolled = seal::token_print(&tablet.token);
    let writer = export::Writer { device, name: "Máy 7", surveyor: Some("dtv1"), enrolled: &enrolled };
    let text = export::text(writer, NOW_MS, wrong, [record].iter());
    place.office.state.store.shutdown().await;
    let output = import_outbox(place, &text);
    assert!(String::from_utf8_lossy(&output.stdout).contains("stored 1"), "{output:?}");
    let day = "SELECT local_day FROM response ORDER BY id DESC LIMIT 1";
    assert_eq!(place.number(day).await, i64::from(today - 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_response_rate_stays_when_names_go_and_a_denied_interview_leaves_it() {
    for place in places("rules-rate").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        let form = Browser::form(&[("danh-sach", "1"), ("cach", "deu")]);
        admin.post(&format!("/quan-tri/doi/{team}/chia"), &form).await;
        // All of them to one, for one tablet.
        let (one, two) = (place.account("dtv1").await.0.to_string(), place.account("dtv2").await.0.to_string());
        let all = Browser::form(&[("chuyen-tu", &two), ("chuyen-den", &one)]);
        admin.post(&format!("/quan-tri/doi/{team}/chuyen"), &all).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let mut partial = of_unit(interview(2, 4), unit(2));
        partial["answers"] = json!({ "1.1": 4 });
        let sent = tablet.send(&[of_unit(interview(1, 5), unit(1)), partial]).await;
        assert_eq!(statuses(&sent), ["stored", "stored"]);
        let told = tablet.sync(json!([attempt(3, unit(3), "refused", NOW_MS)])).await;
        assert_eq!(statuses(&told), ["stored"]);
        // What is left goes to another; what was refused was refused to the first.
        admin
            .post(&format!("/quan-tri/doi/{team}/chuyen"), &Browser::form(&[("chuyen-tu", &one), ("chuyen-den", &two)]))
            .await;
        let path = format!("/quan-tri/doi/{team}");
        let rate = "1 / (1 + 1 + 1 + 0 + 0 + 1) = 25,00%";
        let before = admin.get(&path).await.body;
        assert!(before.contains(rate), "{before}");
        let line = |page: &str, login: &str| {
            let table =
                page.split("theo-nguoi").nth(2).and_then(|rest| rest.split("</table>").next()).unwrap_or_default();
            let row = table.split("<tr>").find(|row| row.contains(&format!("({login})")));
            let cells = row.unwrap_or_default().split("<td class=\"num\">").skip(1);
            cells.map(|cell| cell.split('<').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        // Held, refused, …: of who knocked.
        assert_eq!(line(&before, "dtv1")[..2], ["2", "1"], "{before}");
        assert_eq!(line(&before, "dtv2")[..2], ["0", "0"], "{before}");

        let store = &place.office.state.store;
        assert!(store.purge_contacts(&Who::command("test"), app::domain::ids::RoundId(1)).await.expect("purged"));
        assert_eq!(place.number("SELECT COUNT(*) FROM sample_link").await, 0);
        let after = admin.get(&path).await.body;
        assert!(after.contains(rate), "{after}");
        assert_eq!(line(&after, "dtv1"), line(&before, "dtv1"));
        // What comes after that counts too, and is nobody's by name.
        assert_eq!(statuses(&tablet.send(&[of_unit(interview(4, 5), unit(4))]).await), ["stored"]);
        let later = admin.get(&path).await.body;
        assert!(later.contains("2 / (2 + 1 + 1 + 0 + 0 + 0) = 50,00%"), "{later}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interview_that_was_denied_leaves_the_rate_and_the_freeze_keeps_what_it_was() {
    for place in places("rules-denied").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let sent = tablet.send(&[of_unit(interview(1, 5), unit(1)), of_unit(interview(2, 5), unit(2))]).await;
        assert_eq!(statuses(&sent), ["stored", "stored"]);
        let path = format!("/quan-tri/doi/{team}");
        let page = admin.get(&path).await.body;
        assert!(page.contains("2 / (2 + 0 + 0 + 0 + 0 + 2) = 50,00%"), "{page}");
        // A call-back draws both and one says that nobody came.
        place.office.state.clock.set(NOW_MS + 60_000);
        let drawn = admin.post("/quan-tri/chat-luong/2018/rut", "").await;
        assert_eq!(drawn.status, StatusCode::SEE_OTHER, "{}", drawn.body);
        let of =
            place.number("SELECT u.number FROM callback_unit c JOIN sample_unit u ON u.id = c.unit_id LIMIT 1").await;
        let called = unit(u128::try_from(of).expect("a number")).to_string();
        let denied = Browser::form(&[("ai", &called), ("ket-qua", "phu-nhan"), ("ghi-chu", "không ai đến")]);
        let noted = admin.post("/quan-tri/chat-luong/2018/goi", &denied).await;
        assert_eq!(noted.status, StatusCode::SEE_OTHER, "{}", noted.body);
        let page = admin.get(&path).await.body;
        assert!(page.contains("1 / (1 + 0 + 0 + 0 + 0 + 3) = 25,00%"), "{page}");

        // The freeze keeps it; what is told later moves the pages of the team alone.
        let frozen = admin.post("/quan-tri/cong-bo/2018/khoa-so", "dong=1").await;
        assert_eq!(frozen.status, StatusCode::SEE_OTHER, "{}", frozen.body);
        let published = admin.post("/quan-tri/cong-bo/2018/cong-bo", "").await;
        assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.body);
        tablet.sync(json!([attempt(3, unit(3), "refused", NOW_MS)])).await;
        let public = admin.get("/cong-bo/1").await.body;
        assert!(public.contains("1 / (1 + 0 + 0 + 0 + 0 + 3) = 25,00%"), "{public}");
        let file: Value = serde_json::from_str(&admin.get("/cong-bo/1/ban-cong-bo.json").await.body).expect("JSON");
        let rate = &file["bundle"]["response_rate"];
        assert_eq!((&rate["rate"], &rate["complete"], &rate["unknown"]), (&json!("0.2500"), &json!(1), &json!(3)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_takes_the_people_that_were_given_to_the_team_and_no_others() {
    for place in places("rules-given").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        let mut leader = place.office.browser();
        assert_eq!(leader.sign_in("to1", staff::PASSWORD).await.status, StatusCode::SEE_OTHER);
        let path = format!("/quan-tri/doi/{team}");
        let split = Browser::form(&[("danh-sach", "1"), ("cach", "deu")]);
        let page = leader.get(&path).await;
        assert!(page.body.contains("Sở Nội vụ chưa giao cơ quan nào"), "{}", page.body);
        assert!(!page.body.contains("name=\"danh-sach\""), "{}", page.body);
        for way in ["deu", "khu-vuc"] {
            let form = Browser::form(&[("danh-sach", "1"), ("cach", way)]);
            let answer = leader.post(&format!("{path}/chia"), &form).await;
            assert!(answer.header("location").ends_with("n=0"), "{}", answer.header("location"));
        }
        assert_eq!(place.number("SELECT COUNT(*) FROM assignment").await, 0);
        // Nobody gives to themselves, and nothing is given of which nobody was drawn.
        let agency = place.number("SELECT agency_id FROM sample_list").await.to_string();
        let give = Browser::form(&[("co-quan", &agency)]);
        assert_eq!(leader.post(&format!("{path}/giao"), &give).await.status, StatusCode::NOT_FOUND);
        assert_eq!(admin.post(&format!("{path}/giao"), "co-quan=999999").await.status, StatusCode::NOT_FOUND);
        assert_eq!(place.number("SELECT COUNT(*) FROM team_agency").await, 0);

        assert_eq!(admin.post(&format!("{path}/giao"), &give).await.status, StatusCode::SEE_OTHER);
        let answer = leader.post(&format!("{path}/chia"), &split).await;
        assert!(answer.header("location").ends_with("n=5"), "{}", answer.header("location"));
        // What is taken away again stays with whom has it, and no more can be taken.
        let who = place.account("dtv1").await.0.to_string();
        assert_eq!(admin.post(&format!("{path}/thoi-giao"), &give).await.status, StatusCode::SEE_OTHER);
        assert_eq!(place.number("SELECT COUNT(*) FROM assignment").await, 5);
        leader.post(&format!("{path}/thu-hoi"), &Browser::form(&[("tu", &who)])).await;
        let answer = leader.post(&format!("{path}/chia"), &split).await;
        assert!(answer.header("location").ends_with("n=0"), "{}", answer.header("location"));
        assert!(place.office.log().await.iter().any(|entry| entry.detail.starts_with("giao cơ quan")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_sends_takes_no_names_and_tells_what_each_person_has_left() {
    for place in places("rules-send").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        place.split(&mut admin, team).await;
        let tablets = [place.tablet(&mut admin, team, "dtv1").await, place.tablet(&mut admin, team, "dtv2").await];
        let kits = [tablets[0].kit().await, tablets[1].kit().await];
        let (send, mine, other) = (&kits[0]["send"], &kits[0]["profile"]["device"], &kits[1]["profile"]["device"]);
        let send = send.as_str().expect("a token");
        assert_eq!(place.ask("GET", "/api/v1/field/kit", send, &Value::Null).await.0, StatusCode::UNAUTHORIZED);
        let forged = format!("{}0", &send[..send.len() - 1]);
        let forged = if forged == send { format!("{}1", &send[..send.len() - 1]) } else { forged };
        let empty = json!({ "sent_at": NOW_MS, "events": [] });
        assert_eq!(place.ask("POST", "/api/v1/field/sync", &forged, &empty).await.0, StatusCode::UNAUTHORIZED);

        let item = sealed(&tablets[0], &of_unit(interview(1, 5), unit(1))).await;
        let body = json!({ "sent_at": NOW_MS, "responses": [item] });
        let (status, results) = place.ask("POST", "/api/v1/responses", send, &body).await;
        assert_eq!((status, &results["results"][0]["status"]), (StatusCode::OK, &json!("stored")));
        let (id, proof) = (&results["results"][0]["id"], &results["results"][0]["proof"]);
        let proves = |id: &Value, proof: &Value| {
            seal::proves(&tablets[0].receipt_key, id.as_str().expect("an id"), proof.as_str().expect("a proof"))
        };
        assert!(proves(id, proof));
        let waiting =
            json!([{ "device": mine, "left": 0 }, { "device": other, "left": 3 }, { "device": 99, "left": 9 }]);
        let told = json!({ "sent_at": NOW_MS, "events": [], "waiting": waiting });
        assert_eq!(place.ask("POST", "/api/v1/field/sync", send, &told).await.0, StatusCode::OK);
        let page = admin.get(&format!("/quan-tri/doi/{team}")).await;
        assert!(page.body.contains("còn 3 trong máy") && page.body.contains("đã gửi hết"), "{}", page.body);
        place.run(&format!("UPDATE device SET revoked_at = 1 WHERE id = {mine}")).await;
        assert_eq!(place.ask("POST", "/api/v1/field/sync", send, &told).await.0, StatusCode::UNAUTHORIZED);
    }
}
