//! What field devices and the server do for each other after a loss: a database that was restored, a device that it does
//! not know, a contact key that is missing, a person who left. On both databases.
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

use app::domain::field_work::{Erase, Had};
use app::domain::role::Role;
use app::offline::{export, seal};
use axum::http::StatusCode;
use field::{DAY_MS, Place, Tablet, attempt, event_id, interview, of_unit, places, statuses, unit};
use serde_json::{Value, json};
use site::{Answer, NOW_MS};
use staff::Browser;

/// The kit of a device that makes the word `ask` for its request.
async fn kit(tablet: &Tablet<'_>, ask: &str) -> (StatusCode, Value) {
    let path = format!("/api/v1/field/kit?waiting=0&ask={ask}");
    tablet.place.ask("GET", &path, &tablet.token, &Value::Null).await
}

/// Whether the order of a kit is proven for this device and word; the units that it names.
fn order(tablet: &Tablet<'_>, kit: &Value, ask: &str) -> Option<Option<Vec<String>>> {
    let erase: Erase = serde_json::from_value(kit["erase"].clone()).ok()?;
    let device = i32::try_from(kit["profile"]["device"].as_i64().expect("a key")).expect("small");
    let message = Erase::message(device, ask, erase.units.as_deref());
    assert!(seal::proves(&tablet.receipt_key, &message, &erase.proof), "{erase:?}");
    Some(erase.units)
}

fn names(kit: &Value) -> usize {
    kit["units"].as_array().expect("a list").iter().filter(|unit| !unit["contact"].is_null()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_a_disabled_account_or_a_removed_member_gets_no_names_and_a_proven_order() {
    for place in places("lost-person").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        place.split(&mut admin, team).await;
        let (removed, disabled) =
            (place.tablet(&mut admin, team, "dtv1").await, place.tablet(&mut admin, team, "dtv2").await);
        for tablet in [&removed, &disabled] {
            let (_, kit) = kit(tablet, "q").await;
            assert!(names(&kit) > 0 && kit["signed_out"] == false, "{kit}");
        }
        let who = place.account("dtv1").await.0.to_string();
        let answer = admin.post(&format!("/quan-tri/doi/{team}/bot"), &Browser::form(&[("ai", &who)])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        place.office.disable("dtv2").await;
        for tablet in [&removed, &disabled] {
            let (status, kit) = kit(tablet, "q2").await;
            assert_eq!((status, names(&kit), &kit["units"]), (StatusCode::OK, 0, &json!([])));
            assert_eq!((&kit["signed_out"], order(tablet, &kit, "q2")), (&json!(true), Some(None)));
            // What they recorded before is still taken.
            let visit = json!([attempt(u32::from(tablet.token == removed.token), unit(1), "not-home", NOW_MS)]);
            assert_eq!(statuses(&tablet.sync(visit).await), ["stored"]);
        }
        // A removal by mistake is undone: the names come again.
        let answer = admin.post(&format!("/quan-tri/doi/{team}/them"), &Browser::form(&[("ai", &who)])).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let (_, kit) = kit(&removed, "q3").await;
        assert!(names(&kit) > 0 && kit["signed_out"] == false, "{kit}");
        assert_ne!(order(&removed, &kit, "q3"), Some(None), "the names of colleagues' units at most");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_units_that_were_moved_leave_by_an_order_and_no_kit_erases_by_leaving_out() {
    for place in places("lost-moved").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let units = |kit: &Value| -> Vec<String> {
            let all = kit["units"].as_array().expect("a list").iter();
            all.map(|unit| unit["unit"].as_str().expect("a key").to_owned()).collect()
        };
        let (_, before) = kit(&tablet, "q").await;
        let (one, other) = (place.account("dtv1").await.0.to_string(), place.account("dtv2").await.0.to_string());
        let form = Browser::form(&[("chuyen-tu", &one), ("chuyen-den", &other)]);
        admin.post(&format!("/quan-tri/doi/{team}/chuyen"), &form).await;
        let (_, after) = kit(&tablet, "q2").await;
        assert_eq!(units(&after), Vec::<String>::new());
        let gone = order(&tablet, &after, "q2").flatten().expect("an order that names units");
        assert!(units(&before).iter().all(|unit| gone.contains(unit)), "{gone:?}");
        // An app that makes no word of its own gets no order, and a signed-out device one for its own word alone.
        assert!(tablet.kit().await["erase"].is_null());
        let device = before["profile"]["device"].to_string();
        admin.post(&format!("/quan-tri/doi/{team}/dang-xuat-may"), &Browser::form(&[("may", &device)])).await;
        let (_, out) = kit(&tablet, "q3").await;
        assert_eq!(order(&tablet, &out, "q3"), Some(None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_its_contact_key_refuses_kits_and_says_so_to_staff() {
    for place in places("lost-key").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        assert!(names(&kit(&tablet, "q").await.1) > 0);
        let folder = place.office.state.site.data_folder.as_deref().expect("a folder");
        let (key, aside) = (folder.join("contact-1.key"), folder.join("aside"));
        std::fs::rename(&key, &aside).expect("lost");
        let refused = async || {
            let (status, body) = kit(&tablet, "q").await;
            assert_eq!((status, &body["reason"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("contact-key")), "{body}");
            assert!(admin_page(&place, "/quan-tri/doi").await.contains("Máy chủ thiếu khoá danh sách"));
        };
        refused().await;
        assert!(admin_page(&place, "/quan-tri").await.contains("Máy chủ thiếu khoá danh sách"));
        // Another key in its place is as bad.
        let text = std::fs::read_to_string(&aside).expect("read");
        let other: String = text.chars().map(|c| if c == '0' { '1' } else { '0' }).take(64).collect();
        std::fs::write(&key, other).expect("written");
        private(&key);
        refused().await;
        std::fs::rename(&aside, &key).expect("back");
        assert!(names(&kit(&tablet, "q").await.1) > 0);
        assert!(!admin_page(&place, "/quan-tri/doi").await.contains("Máy chủ thiếu khoá danh sách"));
    }
}

fn private(key: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).expect("set");
}

async fn admin_page(place: &Place, path: &str) -> String {
    place.office.signed_in(Role::Admin).await.get(path).await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_server_has_is_asked_for_and_proven_and_a_resend_counts_once() {
    for place in places("lost-have").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let epoch = kit(&tablet, "q").await.1["epoch"].as_str().expect("an epoch").to_owned();
        assert!(!epoch.is_empty());
        let (kept, lost) = (of_unit(interview(1, 5), unit(1)), of_unit(interview(2, 5), unit(2)));
        tablet.send(std::slice::from_ref(&kept)).await;
        tablet.sync(json!([attempt(1, unit(1), "done", NOW_MS)])).await;
        let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
        let ids = [id(&kept), id(&lost), event_id(1), event_id(2), "no id".to_owned()];
        let asked = json!({ "ask": "word", "ids": ids });
        let (status, had) = place.ask("POST", "/api/v1/field/have", &tablet.token, &asked).await;
        assert_eq!(status, StatusCode::OK, "{had}");
        let had: Had = serde_json::from_value(had).expect("read");
        assert_eq!((&had.epoch, &had.missing[..]), (&epoch, &[id(&lost), event_id(2), "no id".to_owned()][..]));
        let message = |ask: &str| Had::message(1, ask, &had.epoch, &had.missing);
        assert!(seal::proves(&tablet.receipt_key, &message("word"), &had.proof));
        assert!(!seal::proves(&tablet.receipt_key, &message("another"), &had.proof));
        // Refusals: a stranger, too many.
        assert_eq!(place.ask("POST", "/api/v1/field/have", "x", &asked).await.0, StatusCode::UNAUTHORIZED);
        let many = json!({ "ask": "word", "ids": vec!["x"; 501] });
        let (status, _) = place.ask("POST", "/api/v1/field/have", &tablet.token, &many).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
        // All of it again, and once more: each once.
        for expected in [["duplicate", "stored"], ["duplicate", "duplicate"]] {
            assert_eq!(statuses(&tablet.send(&[kept.clone(), lost.clone()]).await), expected);
        }
        assert_eq!(place.number("SELECT COUNT(*) FROM response").await, 2);
    }
}

/// The file of a device of this name that this database does not know: two interviews and their visits.
fn file_of(kit: &Value, name: &str) -> String {
    use app::offline::queue::{Kind, Record, State};
    let public = kit["round"]["sealing"]["public"].as_str().and_then(app::domain::hex::from_hex).expect("a key");
    let record = |n: u32, kind: Kind, body: String| Record {
        id: event_id(n),
        kind,
        made_at: NOW_MS,
        label: format!("Số {n}"),
        body,
        state: State::Kept { at: NOW_MS, receipt: None },
    };
    let answers = |n: u32| {
        let item = of_unit(interview(n, 4), unit(n.into()));
        let sealed = seal::seal(&public, [9; 32], item.to_string().as_bytes()).expect("sealed");
        let body = json!({ "id": item["id"], "sealed": seal::letters(&sealed), "key": "2018" });
        record(n, Kind::Response, body.to_string())
    };
    let done = |n: u32| record(10 + n, Kind::Event, attempt(10 + n, unit(n.into()), "done", NOW_MS).to_string());
    let records = [answers(1), answers(2), done(1), done(2)];
    let writer = export::Writer { device: 1, name, surveyor: Some("dtv2"), enrolled: &"0".repeat(64) };
    export::text(writer, NOW_MS, Some(0), records.iter())
}

async fn upload(browser: &mut Browser, team: i32, file: &str) -> Answer {
    let head = "--x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"hailong-may-1.json\"\r\n\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x"), ("sec-fetch-site", "same-origin")];
    let body = format!("{head}{file}\r\n--x--\r\n");
    browser.send("POST", &format!("/quan-tri/doi/{team}/tep"), &headers, body).await
}

fn hidden(page: &Answer, name: &str) -> String {
    let value = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a field");
    value.split('"').next().expect("its end").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_an_unknown_device_is_taken_in_on_the_word_of_the_supervisor() {
    for place in places("lost-file").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        place.split(&mut admin, team).await;
        // Another device has the key that the file names.
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let file = file_of(&kit(&tablet, "q").await.1, "Máy 9");

        // Another supervisor has no such team; what is no file is said; nothing was taken by looking.
        let mut other = place.office.signed_in(Role::Supervisor).await;
        assert_eq!(upload(&mut other, team, &file).await.status, StatusCode::NOT_FOUND);
        let wrong = upload(&mut admin, team, "<html>").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("Không đọc được tệp này"), "{}", wrong.body);
        let seen = upload(&mut admin, team, &file).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        for words in [
            "Máy 9 · dtv2",
            "Máy chủ không nhận ra máy này",
            "<dt>Phiếu</dt><dd>2</dd>",
            "<dt>Máy chủ đã có</dt><dd>0</dd>",
        ] {
            assert!(seen.body.contains(words), "{words}: {}", seen.body);
        }
        assert_eq!(place.number("SELECT COUNT(*) FROM response").await, 0);

        let token = hidden(&seen, "tep");
        let path = format!("/quan-tri/doi/{team}/tep-nhan");
        let who = place.account("dtv2").await.0.to_string();
        // The word of somebody else, a stranger as holder, another file, and one that waited too long.
        let mut second = place.office.signed_in_at(Role::Admin, "so-noi-vu").await;
        let form = Browser::form(&[("tep", &token), ("cua", &who)]);
        assert_eq!(second.post(&path, &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let stranger = Browser::form(&[("tep", &token), ("cua", "999")]);
        assert_eq!(admin.post(&path, &stranger).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let taken = admin.post(&path, &form).await;
        assert!(taken.header("location").ends_with("xong=tep&n=4"), "{} {}", taken.header("location"), taken.body);
        assert_eq!(place.number("SELECT COUNT(*) FROM response").await, 2);
        let of_them = format!(
            "SELECT COUNT(*) FROM response r JOIN field_device f ON f.device_id = r.device_id WHERE f.account_id = {who}"
        );
        assert_eq!(place.number(&of_them).await, 2, "they count for the person who was named");
        assert!(place.office.log().await.iter().any(|entry| entry.act == "outbox-imported"));

        // The same file again: everything is there, under the same device.
        let again = upload(&mut admin, team, &file).await;
        assert!(again.body.contains("<dt>Máy chủ đã có</dt><dd>4</dd>"), "{}", again.body);
        let token = hidden(&again, "tep");
        let taken = admin.post(&path, &Browser::form(&[("tep", &token), ("cua", &who)])).await;
        assert!(taken.header("location").ends_with("xong=tep&n=0"), "{}", taken.header("location"));
        assert_eq!(place.number("SELECT COUNT(*) FROM response").await, 2);
        assert_eq!(place.number("SELECT COUNT(*) FROM field_device").await, 2);
        let late = hidden(&upload(&mut admin, team, &file).await, "tep");
        place.office.state.clock.set(NOW_MS + DAY_MS / 24);
        let mut admin = place.office.signed_in(Role::Admin).await;
        let answer = admin.post(&path, &Browser::form(&[("tep", &late), ("cua", &who)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_takes_the_file_of_an_unknown_device_for_the_person_who_is_named() {
    for place in places("lost-command").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let team = place.team(&mut admin, "sample", &["dtv1", "dtv2"]).await;
        place.split(&mut admin, team).await;
        let tablet = place.tablet(&mut admin, team, "dtv1").await;
        let file = file_of(&kit(&tablet, "q").await.1, "Máy 9");
        place.office.state.store.shutdown().await;
        let refused = import(&place, &file, &[]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        for (login, words) in [("nobody", "no such account"), ("to1", "in no such team")] {
            let refused = import(&place, &file, &["--as", login]);
            assert!(String::from_utf8_lossy(&refused.stderr).contains(words), "{refused:?}");
        }
        for expected in ["responses 2 stored 2 duplicate 0", "responses 2 stored 0 duplicate 2"] {
            let taken = import(&place, &file, &["--as", "dtv2"]);
            assert!(String::from_utf8_lossy(&taken.stdout).contains(expected), "{taken:?}");
        }
        assert_eq!(place.number("SELECT COUNT(*) FROM response").await, 2);
        assert_eq!(place.number("SELECT COUNT(*) FROM field_device").await, 2);
    }
}

/// `hailong import outbox` over the database of a place, with the key of its server.
fn import(place: &Place, text: &str, more: &[&str]) -> std::process::Output {
    let folder = place.office.state.site.data_folder.as_deref().expect("a folder");
    let (key, file) = (folder.join("hailong.key"), folder.join("outbox.json"));
    std::fs::write(&key, "07".repeat(32)).expect("a key");
    private(&key);
    std::fs::write(&file, text).expect("a file");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hailong"));
    command.env_clear().env("DATABASE_URL", &place.url).env("SECRET_KEY_FILE", &key).current_dir(folder);
    command.args(["import", "outbox"]).arg(&file).args(more).output().expect("it runs")
}
