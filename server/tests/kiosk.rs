//! A kiosk at a desk: what is pressed on it in a hurry is marked when it arrives, in whatever pieces it comes, shown to who
//! controls quality, and left out only by a person.
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

use app::domain::response::Marks;
use app::domain::role::Role;
use axum::http::StatusCode;
use field::{Place, Tablet, event_id, interview, places, statuses};
use serde_json::{Value, json};
use site::NOW_MS;
use staff::Browser;

const PAGE: &str = "/quan-tri/chat-luong/2018";
const SECOND: i64 = 1_000;

/// A tap on a face that ended so many seconds before now.
fn tap(n: u32, seconds_ago: i64) -> Value {
    json!({
        "id": format!("0190cccc-0000-7000-8000-{n:012}"), "tap": 1,
        "started_at": NOW_MS - seconds_ago * SECOND - 500, "finished_at": NOW_MS - seconds_ago * SECOND,
    })
}

async fn kiosk<'p>(place: &'p Place, admin: &mut Browser) -> Tablet<'p> {
    let team = place.team(admin, "kiosk", &[]).await;
    place.post(admin, team, "").await;
    let code = place.kiosk_code(admin, team, "Máy sảnh <1>").await;
    place.device(&code).await
}

impl Place {
    async fn marked(&self) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM response WHERE marks & {} <> 0", Marks::BURST.0)).await
    }

    /// Left out, after a recount that agrees.
    async fn excluded(&self) -> i64 {
        let store = &self.office.state.store;
        store.fold_all().await.expect("folded");
        let recount = store.recount().await.expect("it runs");
        assert_eq!((recount.differences, recount.one_way), (vec![], vec![]));
        store.renewed_tallies().await.expect("read");
        self.number("SELECT COUNT(*) FROM response WHERE standing = 4").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn six_within_a_minute_are_marked_with_those_that_came_before_and_a_queue_is_not() {
    for place in places("kiosk-burst").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let kiosk = kiosk(&place, &mut admin).await;
        // A queue: one every 13 seconds, in one parcel after a day without a network.
        let queue: Vec<Value> = (0..20).map(|n| tap(n, 3_000 - 13 * i64::from(n))).collect();
        assert_eq!(statuses(&kiosk.send(&queue).await), ["stored"; 20]);
        assert_eq!(place.marked().await, 0);
        // A child at play, sent one by one: the sixth makes a burst of all six.
        for n in 0..5 {
            kiosk.send(&[tap(100 + n, 600 - 5 * i64::from(n))]).await;
            assert_eq!(place.marked().await, 0, "{n}");
        }
        kiosk.send(&[tap(105, 575)]).await;
        assert_eq!(place.marked().await, 6);
        // The same again is the same, and the seventh joins.
        assert_eq!(statuses(&kiosk.send(&[tap(105, 575), tap(106, 570)]).await), ["duplicate", "stored"]);
        assert_eq!(place.marked().await, 7);
        // Another kiosk at the same time is another one.
        let team = 1;
        let code = place.kiosk_code(&mut admin, team, "Máy 2").await;
        let other = place.device(&code).await;
        other.send(&(0..5).map(|n| tap(200 + n, 600 - i64::from(n))).collect::<Vec<_>>()).await;
        assert_eq!(place.marked().await, 7);
        // What says no end cannot be judged by its arrival.
        let mut timeless: Vec<Value> = (0..8).map(|n| tap(300 + n, 0)).collect();
        for one in &mut timeless {
            one.as_object_mut().expect("an object").remove("finished_at");
        }
        assert_eq!(statuses(&other.send(&timeless).await), ["stored"; 8]);
        assert_eq!(place.marked().await, 7);
        assert_eq!(place.excluded().await, 0, "a mark leaves nothing out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_controls_quality_sees_the_presses_and_one_person_leaves_a_burst_out_by_its_rule() {
    for place in places("kiosk-rule").await {
        let mut admin = place.office.signed_in(Role::Admin).await;
        let empty = admin.get(&format!("{PAGE}/may")).await;
        assert!(empty.body.contains("Đợt này chưa có máy đặt tại quầy."), "{}", empty.body);
        assert_eq!(admin.get("/quan-tri/chat-luong/2019/may").await.status, StatusCode::NOT_FOUND);
        let kiosk = kiosk(&place, &mut admin).await;
        let post = place.number("SELECT MAX(id) FROM post").await;
        let presses = |n: u32, taps: u32| {
            json!({
                "id": event_id(n), "at": NOW_MS, "what": "presses", "post": post, "day": 17_847,
                "taps": taps, "ignored": 31, "abandoned": 4,
            })
        };
        // An older count, or one after the clock was set back, takes nothing away.
        let mut later = presses(2, 1_240);
        later["at"] = (NOW_MS - 86_400_000).into();
        assert_eq!(statuses(&kiosk.sync(json!([presses(1, 1_239), later, presses(3, 900)])).await), ["stored"; 3]);
        let mut items: Vec<Value> = (0..9).map(|n| tap(n, 600 - 5 * i64::from(n))).collect();
        // Whole forms among them count in the index.
        for n in 0..2 {
            let mut form = interview(n, 1);
            form["finished_at"] = (NOW_MS - 570 * SECOND + i64::from(n) * SECOND).into();
            items.push(form);
        }
        items.push(interview(9, 5));
        assert_eq!(statuses(&kiosk.send(&items).await), ["stored"; 12]);
        assert_eq!((place.marked().await, place.excluded().await), (11, 0));
        let page = admin.get(&format!("{PAGE}/may")).await;
        for words in ["Máy sảnh &lt;1&gt;", "1.240", ">31<", ">4<", ">12<", ">11<", "40 giây", "Quầy 2"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let list = admin.get("/quan-tri/chat-luong").await;
        assert!(list.body.contains("11/12"), "{}", list.body);
        let round = admin.get(PAGE).await;
        assert!(round.body.contains("Hiện có 11 phiếu đang được tính phù hợp"), "{}", round.body);
        assert!(round.body.contains("từ 6 phiếu của một máy trong 60 giây"), "{}", round.body);

        let applied = admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=loat-phieu&dong-y=1").await;
        assert!(applied.header("location").ends_with("xong=quy-tac&so=11"), "{}", applied.body);
        assert_eq!(place.excluded().await, 11);
        let again = admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=loat-phieu&dong-y=1").await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing fits any more");
        let form = Browser::form(&[("quyet-dinh", "1"), ("ly-do-rut", "Một đoàn khách đến cùng lúc.")]);
        let back = admin.post(&format!("{PAGE}/rut-quy-tac"), &form).await;
        assert!(back.header("location").ends_with("xong=rut-quy-tac&so=11"), "{}", back.body);
        assert_eq!(place.excluded().await, 0);
        let standings = "SELECT COUNT(*) FROM response WHERE standing = 2";
        assert_eq!(place.number(standings).await, 9, "a tap is a tap again");
    }
}
