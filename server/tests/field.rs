//! Field teams as supervisors, surveyors and their devices meet them: refusals first, on both databases.
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
use app::domain::response::{Marks, Standing};
use app::domain::role::Role;
use app::offline::seal;
use axum::http::StatusCode;
use field::{DAY_MS, attempt, event_id, import_outbox, interview, of_unit, places, statuses, unit};
use serde_json::{Value, json};
use site::NOW_MS;
use staff::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_for_a_day_and_guessing_is_slowed() {
    for place in places("field-code").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        let (code, late) = (place.code(&mut admin, team, "dtv1").await, place.code(&mut admin, team, "dtv1").await);
        assert_eq!(place.enrol("AAAA-BBBB-CCCC").await.0, StatusCode::FORBIDDEN);
        assert_eq!(place.enrol(&code.to_lowercase().replace('-', " ")).await.0, StatusCode::OK);
        assert_eq!(place.enrol(&code).await.0, StatusCode::FORBIDDEN);
        place.office.state.clock.set(NOW_MS + DAY_MS);
        assert_eq!(place.enrol(&late).await.0, StatusCode::FORBIDDEN);
        let mut tries = vec![];
        for _ in 0..80 {
            tries.push(place.enrol("AAAA-BBBB-CCCC").await.0);
        }
        assert!(tries.contains(&StatusCode::TOO_MANY_REQUESTS));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_measured_agency_measures_nothing_and_a_supervisor_leads_the_own_team_alone() {
    for place in places("field-refused").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        // A surveyor of the measured agency, and an officer.
        let own = place.office.account("dtv-cq", Role::Surveyor, Some(&place.measured)).await.0.to_string();
        let answer = admin.post(&format!("/quan-tri/doi/{team}/them"), &Browser::form(&[("ai", &own)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("không tự đo"), "{}", answer.body);
        let mut officer = place.office.signed_in_at(Role::AgencyOfficer, &place.measured).await;
        for path in
            ["/quan-tri/doi".to_owned(), format!("/quan-tri/doi/{team}"), format!("/quan-tri/doi/{team}/in/danh-sach")]
        {
            assert_eq!(officer.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(officer.post(&format!("/quan-tri/doi/{team}/ma"), "").await.status, StatusCode::FORBIDDEN);
        // Another supervisor: the team is not there.
        let mut other = place.office.signed_in(Role::Supervisor).await;
        assert_eq!(other.get("/quan-tri/doi").await.status, StatusCode::OK);
        assert_eq!(other.get(&format!("/quan-tri/doi/{team}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            other.post(&format!("/quan-tri/doi/{team}/chia"), "danh-sach=1").await.status,
            StatusCode::NOT_FOUND
        );
        let leader = place.account("to1").await.0.to_string();
        let form = Browser::form(&[("ten", "Đội"), ("viec", "sample"), ("dot", "2018"), ("to-truong", &leader)]);
        assert_eq!(other.post("/quan-tri/doi", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        // No token, and one that is no field device's.
        assert_eq!(place.ask("GET", "/api/v1/field/kit", "x", &Value::Null).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(place.ask("POST", "/api/v1/field/sync", "x", &json!({})).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_takes_its_list_along_and_the_look_is_noted_once_a_day() {
    for place in places("field-kit").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let kit = tablet.kit().await;
        assert_eq!(kit["round"]["code"], "2018");
        assert_eq!(kit["profile"]["surveyor"], "dtv1");
        let units = kit["units"].as_array().expect("a list");
        assert!(!units.is_empty() && units.len() < 5, "its own share: {}", units.len());
        assert!(units[0]["contact"]["name"].as_str().is_some_and(|name| name.starts_with("Người số")), "{}", units[0]);
        tablet.kit().await;
        let looks = |entries: Vec<app::domain::staff_log::Entry>| {
            entries.into_iter().filter(|e| e.act == "sample-seen" && e.who.name == "dtv1").count()
        };
        assert_eq!(looks(place.office.log().await), 1);
        place.office.state.clock.set(NOW_MS + DAY_MS);
        tablet.kit().await;
        assert_eq!(looks(place.office.log().await), 2);
        // The printed list is a look as well; the page of the team says what is still on the device.
        let mut admin = place.office.signed_in(Role::Admin).await;
        let who = place.account("dtv1").await.0;
        let list = admin.get(&format!("/quan-tri/doi/{team}/in/danh-sach?ai={who}")).await;
        assert!(list.body.contains("Người số"), "{}", list.body);
        assert!(place.office.log().await.iter().any(|entry| entry.act == "list-printed"));
        let page = admin.get(&format!("/quan-tri/doi/{team}")).await;
        assert!(page.body.contains("còn 2 trong máy") && !page.body.contains("Người số"), "{}", page.body);
        let freeze = admin.get("/quan-tri/cong-bo/2018/khoa-so").await;
        assert!(freeze.body.contains(": 2 còn trong máy của đội"), "{}", freeze.body);
        for what in ["giay-gioi-thieu", "bang-ke"] {
            let answer = admin.get(&format!("/quan-tri/doi/{team}/in/{what}?ai={who}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{what}");
            assert!(!answer.body.contains("Người số"), "{what}");
        }
        assert_eq!(admin.get("/quan-tri/doi/the-tra-loi").await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_opened_is_invalid_in_its_place_and_what_is_kept_is_proven() {
    for place in places("field-sealed").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let kit = tablet.kit().await;
        let public = from_hex(kit["round"]["sealing"]["public"].as_str().expect("a key")).expect("32 bytes");
        let good =
            seal::seal(&public, [1; 32], of_unit(interview(1, 5), unit(1)).to_string().as_bytes()).expect("sealed");
        let no_answer = seal::seal(&public, [2; 32], b"7").expect("sealed");
        let items = [
            json!({ "sealed": "AAAA", "key": "2018", "id": "mine" }),
            json!({ "sealed": seal::letters(&good), "key": "2019" }),
            json!({ "sealed": seal::letters(&good), "key": "2018" }),
            json!({ "sealed": seal::letters(&no_answer), "key": "2018" }),
            json!(["sealed", "key"]),
            // A unit of nobody, and none at all.
            of_unit(interview(2, 5), unit(77)),
            interview(3, 5),
        ];
        let results = tablet.send_raw(&items).await;
        assert_eq!(statuses(&results), ["invalid", "invalid", "stored", "invalid", "invalid", "invalid", "invalid"]);
        assert_eq!((&results[0]["id"], &results[0]["errors"][0]["field"]), (&json!("mine"), &json!("sealed")));
        for result in &results[5..] {
            assert_eq!(result["errors"][0]["field"], "sample_unit", "{result}");
        }
        let (id, proof) = (results[2]["id"].as_str().expect("an id"), results[2]["proof"].as_str().expect("a proof"));
        assert!(seal::proves(&tablet.receipt_key, id, proof));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_answer_for_one_person_is_kept_apart_and_the_same_again_is_the_same() {
    for place in places("field-second").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let (first, second) = (of_unit(interview(1, 5), unit(1)), of_unit(interview(2, 4), unit(1)));
        assert_eq!(statuses(&tablet.send(&[first.clone(), second.clone()]).await), ["stored", "stored"]);
        assert_eq!(statuses(&tablet.send(&[second, first]).await), ["duplicate", "duplicate"]);
        let of = |standing: Standing| format!("SELECT COUNT(*) FROM response WHERE standing = {}", standing.code());
        assert_eq!(place.number(&of(Standing::Valid)).await, 1);
        assert_eq!(place.number(&of(Standing::Suspect)).await, 1);
        let marked = format!("SELECT COUNT(*) FROM response WHERE marks = {}", Marks::SECOND_OF_UNIT.0);
        assert_eq!(place.number(&marked).await, 1);
        let sample = "SELECT COUNT(*) FROM response WHERE stream = 1 AND stratum_id = 1";
        assert_eq!(place.number(sample).await, 2);
        place.office.state.store.shutdown().await;
        let recount = place.office.state.store.recount().await.expect("it runs");
        assert_eq!(recount.differences, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tablets_on_one_quota_of_thirty_never_make_thirty_one() {
    for place in places("field-lease").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "intercept", &["dtv1", "dtv2"]).await;
        place.post(&mut admin, team, "30").await;
        let tablets = [place.tablet(&mut admin, team, "dtv1").await, place.tablet(&mut admin, team, "dtv2").await];
        let want =
            |n: u32, want: u32| json!([{ "id": event_id(n), "at": NOW_MS, "what": "lease", "post": 1, "want": want }]);
        // Asked at the same moment, over and over.
        for turn in 0..8 {
            let (one, other) =
                futures::join!(tablets[0].sync(want(2 * turn, 20)), tablets[1].sync(want(2 * turn + 1, 20)));
            let granted = |told: &[Value]| told[0]["lease"]["granted"].as_i64().expect("a lease");
            assert!(granted(&one) + granted(&other) <= 30, "{one:?} {other:?}");
            assert!(place.number("SELECT SUM(granted) FROM lease").await <= 30);
        }
        assert_eq!(place.number("SELECT SUM(granted) FROM lease").await, 30);
        // Offline, both are too eager.
        for (t, tablet) in (0..).zip(&tablets) {
            let items: Vec<Value> = (0..25)
                .map(|n| {
                    let mut item = interview(100 * (t + 1) + n, 4);
                    item["post"] = 1.into();
                    item
                })
                .collect();
            assert_eq!(statuses(&tablet.send(&items).await), ["stored"; 25]);
            assert_eq!(statuses(&tablet.send(&items).await), ["duplicate"; 25]);
        }
        let valid = format!("SELECT COUNT(*) FROM response WHERE stream = 2 AND standing = {}", Standing::Valid.code());
        assert_eq!(place.number(&valid).await, 30);
        let over = format!("SELECT COUNT(*) FROM response WHERE marks = {}", Marks::OVER_QUOTA.0);
        assert_eq!(place.number(&over).await, 20);
        assert_eq!(place.number("SELECT SUM(used) FROM lease").await, 30);
        // What devices hold cannot be taken away by lowering the quota.
        let low = Browser::form(&[("diem", "1"), ("chi-tieu", "10")]);
        let answer = admin.post(&format!("/quan-tri/doi/{team}/chi-tieu"), &low).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_twice_happened_once_and_a_clock_a_day_wrong_is_set_right() {
    for place in places("field-sync").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let ahead = NOW_MS + DAY_MS;
        let replace = |n: u32, of: u128, by: u128| {
            json!({ "id": event_id(n), "at": ahead, "what": "replace", "unit": unit(of).to_string(),
                    "by": unit(by).to_string(), "reason": "chuyển đi" })
        };
        let events = json!([
            attempt(1, unit(1), "done", ahead),
            attempt(2, unit(2), "refused", ahead),
            attempt(3, unit(77), "done", ahead),
            replace(4, 2, 3),
            replace(5, 2, 5),
            replace(6, 3, 5),
            replace(7, 1, 5),
            { "id": "no id", "at": ahead, "what": "attempt", "unit": "x", "outcome": "done", "note": "" },
        ]);
        let told = tablet.sync_at(ahead, events.clone()).await;
        let expected = ["stored", "stored", "refused", "refused", "stored", "refused", "refused", "refused"];
        assert_eq!(statuses(&told), expected, "{told:?}");
        assert!(told[2]["error"].as_str().is_some_and(|words| words.contains("danh sách của đội")), "{}", told[2]);
        let again = tablet.sync_at(ahead, events).await;
        let expected = ["duplicate", "duplicate", "refused", "refused", "duplicate", "refused", "refused", "refused"];
        assert_eq!(statuses(&again), expected);
        assert_eq!(place.number("SELECT COUNT(*) FROM attempt").await, 2);
        let today = i64::from(app::domain::response::local_day(NOW_MS));
        assert_eq!(place.number("SELECT MAX(day) FROM attempt").await, today);
        let kit = tablet.kit().await;
        let of = |n: u128| {
            let units = kit["units"].as_array().expect("a list");
            units.iter().find(|u| u["unit"] == unit(n).to_string()).expect("a unit").clone()
        };
        assert_eq!(of(1)["attempts"], json!([[today, "done"]]));
        assert_eq!((&of(2)["replaced"], &of(5)["reserve"]), (&json!(true), &json!(false)));
        // 1 done, 2 refused and replaced, 3 and 4 open, 5 called up and open: 1 of 5.
        let page = admin.get(&format!("/quan-tri/doi/{team}")).await;
        assert!(page.body.contains("1 / (1 + 0 + 1 + 0 + 0 + 3) = 20,00%"), "{}", page.body);
        // What was interviewed stays when the rest is taken back, and what was held before that is still taken.
        let who = place.account("dtv1").await.0.to_string();
        let answer = admin.post(&format!("/quan-tri/doi/{team}/thu-hoi"), &Browser::form(&[("tu", &who)])).await;
        assert!(answer.header("location").ends_with("n=4"), "{}", answer.header("location"));
        assert_eq!(statuses(&tablet.send(&[of_unit(interview(9, 5), unit(4))]).await), ["stored"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_signed_out_from_afar_wipes_names_and_its_outbox_is_still_taken() {
    for place in places("field-out").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let item = of_unit(interview(1, 5), unit(1));
        let kit = tablet.kit().await;
        assert_eq!((&kit["signed_out"], &kit["wipe_contacts"]), (&json!(false), &json!(false)));
        let device = kit["profile"]["device"].to_string();
        let path = format!("/quan-tri/doi/{team}/dang-xuat-may");
        assert_eq!(admin.post(&path, "may=999").await.status, StatusCode::NOT_FOUND);
        assert_eq!(admin.post(&path, &Browser::form(&[("may", &device)])).await.status, StatusCode::SEE_OTHER);
        let kit = tablet.kit().await;
        assert_eq!(
            (&kit["signed_out"], &kit["wipe_contacts"], &kit["units"]),
            (&json!(true), &json!(true), &json!([]))
        );
        assert_eq!(statuses(&tablet.send(&[item]).await), ["stored"]);
        assert_eq!(statuses(&tablet.sync(json!([attempt(1, unit(1), "done", NOW_MS)])).await), ["stored"]);
        assert!(place.office.log().await.iter().any(|entry| entry.act == "device-signed-out"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_is_the_base_of_its_stream_and_a_later_count_replaces_the_earlier() {
    for place in places("field-shift").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "intercept", &["dtv1"]).await;
        place.post(&mut admin, team, "30").await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let shift = |n: u32, at: i64, post: i32, passers: u32| {
            json!({ "id": event_id(n), "at": at, "what": "shift", "shift": event_id(900), "post": post, "day": 17_847,
                    "passers": passers, "asked": 10, "refused": 2 })
        };
        let events = json!([shift(1, NOW_MS, 1, 50), shift(2, NOW_MS - 1, 1, 40), shift(3, NOW_MS, 9, 1)]);
        assert_eq!(statuses(&tablet.sync(events).await), ["stored", "stored", "refused"]);
        assert_eq!(place.number("SELECT SUM(passers) FROM shift").await, 50);
        let page = admin.get(&format!("/quan-tri/doi/{team}")).await;
        assert!(page.body.contains("50 / 10 / 2"), "{}", page.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_between_two_contacts_is_noted_for_quality_control() {
    for place in places("field-clock").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let tell = |n: u32| json!([attempt(n, unit(1), "not-home", NOW_MS)]);
        let hour = 3_600_000;
        tablet.sync_at(NOW_MS + hour, tell(1)).await;
        // It drifts a minute, which is nobody's doing; then somebody sets it right.
        place.office.state.clock.set(NOW_MS + 60_000);
        tablet.sync_at(NOW_MS + hour, tell(2)).await;
        assert_eq!(place.number("SELECT COUNT(*) FROM device_clock").await, 1);
        place.office.state.clock.set(NOW_MS + 120_000);
        tablet.sync_at(NOW_MS + 120_000, tell(3)).await;
        assert_eq!(place.number("SELECT COUNT(*) FROM device_clock").await, 2);
        let until = "SELECT until_at FROM device_clock ORDER BY from_at LIMIT 1";
        assert_eq!(place.number(until).await, NOW_MS + 60_000);
        assert_eq!(place.number("SELECT MAX(offset_ms) FROM device_clock").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tablet_that_cannot_send_is_carried_in_as_a_file_and_counts_once() {
    use app::offline::export;
    use app::offline::queue::{Kind, Record, State};
    for place in places("field-file").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let kit = tablet.kit().await;
        let public = from_hex(kit["round"]["sealing"]["public"].as_str().expect("a key")).expect("32 bytes");
        let record = |n: u32, kind: Kind, body: String| Record {
            id: event_id(n),
            kind,
            made_at: NOW_MS,
            label: format!("Số {n}"),
            body,
            state: State::Finished,
        };
        let answers = |n: u32| {
            let item = of_unit(interview(n, 4), unit(n.into()));
            let sealed = seal::seal(&public, [9; 32], item.to_string().as_bytes()).expect("sealed");
            record(
                n,
                Kind::Response,
                json!({ "id": item["id"], "sealed": seal::letters(&sealed), "key": "2018" }).to_string(),
            )
        };
        let done = |n: u32| record(10 + n, Kind::Event, attempt(n, unit(n.into()), "done", NOW_MS).to_string());
        let records = [answers(1), answers(2), done(1), done(2)];
        let device = i32::try_from(kit["profile"]["device"].as_i64().expect("a key")).expect("small");
        let enrolled = seal::token_print(&tablet.token);
        let writer = export::Writer { device, name: "Máy 7", surveyor: Some("dtv1"), enrolled: &enrolled };
        let text = export::text(writer, NOW_MS, Some(0), records.iter());
        // What this server holds open is written before another process comes.
        place.office.state.store.shutdown().await;
        let out = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
        let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();

        // No outbox at all, and one of a device that this database does not know, though another has its key.
        let refused = import_outbox(&place, &text.replacen("hailong_outbox", "outbox", 1));
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let stranger = import_outbox(&place, &text.replacen(&enrolled, &"0".repeat(64), 1));
        assert!(said(&stranger).contains("--as LOGIN"), "{stranger:?}");
        assert_eq!(place.number("SELECT COUNT(*) FROM response").await, 0);
        // Damaged on the way: the line is named, and every other record is taken.
        let damaged = import_outbox(&place, &text.replacen("\"key\"", "\"key", 1));
        assert_eq!(damaged.status.code(), Some(1), "{damaged:?}");
        assert!(said(&damaged).contains("line 2"), "{}", said(&damaged));

        let first = import_outbox(&place, &text);
        assert_eq!(
            out(&first),
            "responses 2 stored 1 duplicate 1 refused 0\nevents 2 stored 0 duplicate 2 refused 0\n",
            "{first:?}"
        );
        assert_eq!(first.status.code(), Some(0));
        let again = import_outbox(&place, &text);
        assert_eq!(
            out(&again),
            "responses 2 stored 0 duplicate 2 refused 0\nevents 2 stored 0 duplicate 2 refused 0\n",
            "{again:?}"
        );
        assert_eq!(place.number("SELECT COUNT(*) FROM response WHERE device_id IS NOT NULL").await, 2);
        assert_eq!(place.number("SELECT COUNT(*) FROM sample_link").await, 2);
        assert_eq!(place.number("SELECT COUNT(*) FROM attempt").await, 2);

        // One that was tampered with is named; the rest is taken all the same.
        let third = answers(3);
        let spoilt =
            Record { body: json!({ "id": event_id(4), "sealed": "AAAA", "key": "2018" }).to_string(), ..answers(4) };
        let text = export::text(writer, NOW_MS, Some(0), [third, spoilt].iter());
        let partly = import_outbox(&place, &text);
        assert_eq!(
            out(&partly),
            "responses 2 stored 1 duplicate 0 refused 1\nevents 0 stored 0 duplicate 0 refused 0\n",
            "{partly:?}"
        );
        assert_eq!(partly.status.code(), Some(1));
        assert!(said(&partly).contains(&event_id(4)), "{}", said(&partly));
        let imports = place.office.log().await.into_iter().filter(|entry| entry.act == "outbox-imported");
        assert_eq!(imports.count(), 4, "each file that was taken is noted");
    }
}
