//! Quality control by actor: refusals first; then a rule, two people, call-backs and the end, with the index before and
//! after.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod city;
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::answer::{Answer, Score};
use app::domain::field_work::Contact;
use app::domain::ids::{DeviceId, RoundId};
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use app::domain::role::Role;
use app::domain::text::Lang;
use axum::http::StatusCode;
use sea_orm::ConnectionTrait as _;
use site::NOW_MS;
use staff::{Browser, Office};
use uuid::Uuid;

const PAGE: &str = "/quan-tri/chat-luong/2018";
const MINUTE: i64 = 60_000;
const WHY: &str = "Người dân cho biết <không> có ai đến hỏi.";
const LONG: &str = "Nguyễn Hoàng Thị Tuyết Nhung Ngọc Phương Thảo Nguyên, Hội Cựu chiến binh xã Thạnh Phú";

/// Thirty interviews of two surveyors about one agency: 24 content, three not, and three not content of ten seconds each.
struct Place {
    office: Office,
    agency: String,
    url: String,
}

fn unit(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn response(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_aaaa_0000_7000_8000_0000_0000_0000 + n)
}

async fn place(name: &str) -> Place {
    let (state, city, folder) = city::city(name, 0, true).await;
    let url = folder.sqlite_url();
    let (agency, desk) = (city::code(&city, 0), &city.desks[0]);
    let stratum = city.strata.iter().find(|s| s.agency == desk.agency).expect("a stratum");
    let interview = |n: u128| {
        let started = NOW_MS - 5 * 24 * 60 * MINUTE + i64::try_from(n).expect("small") * 20 * MINUTE;
        let (score, took) = match n {
            1..=24 => (4, 5 * MINUTE),
            25..=27 => (2, 5 * MINUTE),
            _ => (1, 10_000),
        };
        let questionnaire = state.catalogue.questionnaire("hanh-chinh-2018", None).expect("the form");
        let mut sheet = app::domain::answer::Sheet::blank(&questionnaire);
        sheet.answers.fill(Answer::Score(Score::new(score).expect("1 to 5")));
        NewResponse {
            id: response(n),
            round: desk.round,
            agency: desk.agency,
            desk: None,
            device: Some(DeviceId(i32::try_from(n % 2).expect("small") + 1)),
            stratum: stratum.id,
            field: stratum.field,
            stream: Stream::Sample,
            standing: Standing::Valid,
            mode: Mode::Tablet,
            lang: Lang::Vi,
            marks: Marks::default(),
            phase: Phase::Form,
            sheet,
            comment: None,
            started_at: Some(started),
            finished_at: Some(started + took),
            local_day: 17_847,
            received_at: NOW_MS - 60 * MINUTE,
        }
    };
    for outcome in state.store.submit_many((1..=30).map(interview).collect()).await.expect("taken") {
        outcome.expect("stored");
    }
    // Pages look at counts that may be a moment old; the test does not wait for it.
    state.store.fold_all().await.expect("folded");
    state.store.renewed_tallies().await.expect("read");
    let (round, measured) = (desk.round, desk.agency.0);
    let key = state.contact_keys.for_upload(&state.store, round).await.expect("asked").expect("a key");
    let office = Office::over(state, folder);
    let leader = office.account("to1", Role::Supervisor, None).await.0;
    let mut sql = vec![
        format!(
            "INSERT INTO team (id, round_id, name, work, supervisor_id, created_at) VALUES (1, {}, 'Đội', 1, {leader}, 0)",
            round.0
        ),
        format!(
            "INSERT INTO frame (id, round_id, agency_id, file_name, sha256, lines, dossiers, people, bad_lines, mapping, \
             uploaded_by, uploaded_at, standing) VALUES (1, {}, {measured}, 'f', x'00', 1, 1, 1, 0, '', 'x', 0, 2)",
            round.0
        ),
        format!(
            "INSERT INTO sample_list (id, round_id, agency_id, frame_id, rule, seed, frame_hash, drawn_by, drawn_at, program) \
             VALUES (1, {}, {measured}, 1, 1, '00', x'00', 'x', 0, '0')",
            round.0
        ),
    ];
    for (id, login) in [(1, "dtv1"), (2, LONG)] {
        let account = office.account(login, Role::Surveyor, None).await.0;
        sql.push(format!(
            "INSERT INTO device (id, name, agency_id, stream, token_hash, created_at) VALUES ({id}, 'Máy {id}', {measured}, 1, x'0{id}', 0)"
        ));
        sql.push(format!(
            "INSERT INTO field_device (device_id, team_id, account_id, api, seen_at, asked_day) VALUES ({id}, 1, {account}, 1, 0, 0)"
        ));
    }
    for n in 1..=20 {
        let id = unit(n).simple();
        let contact = Contact { name: format!("Người số {n}"), phone: "0912000111".into(), ..Contact::default() };
        let sealed = app::domain::hex::hex(&key.seal_unit(unit(n), &contact).expect("sealed"));
        sql.push(format!(
            "INSERT INTO sample_unit (id, list_id, round_id, agency_id, stratum_id, party, number, pos, reserve, attempts) \
             VALUES (x'{id}', 1, {}, {measured}, {}, 1, {n}, {n}, FALSE, 0)",
            round.0, stratum.id.0
        ));
        sql.push(format!(
            "INSERT INTO sample_link (unit_id, response_id) VALUES (x'{id}', x'{}')",
            response(n).simple()
        ));
        sql.push(format!("INSERT INTO sample_contact (unit_id, sealed) VALUES (x'{id}', x'{sealed}')"));
    }
    let place = Place { office, agency, url };
    for sql in sql {
        place.run(&sql).await;
    }
    place
}

impl Place {
    async fn run(&self, sql: &str) {
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(sql).await.expect(sql);
        db.close().await.expect("closes");
    }

    /// The index of the agency in the sample, as everybody reads it, after a recount that agrees; and how many are left
    /// out for a stated reason.
    async fn index(&self) -> (f64, u64) {
        let store = &self.office.state.store;
        store.fold_all().await.expect("folded");
        let recount = store.recount().await.expect("it runs");
        assert_eq!((recount.n_differences(), recount.responses), (0, 30));
        store.renewed_tallies().await.expect("read");
        let answer =
            site::get(&self.office.router, &format!("/api/v1/results?stream=sample&agency={}", self.agency)).await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        let share = json["figure"]["share"].as_f64().unwrap_or_else(|| panic!("{json}"));
        (share, json["left_out"]["excluded"].as_u64().unwrap_or(0))
    }

    async fn admin(&self) -> Browser {
        self.office.signed_in(Role::Admin).await
    }

    /// Another administrator.
    async fn second(&self) -> Browser {
        self.office.signed_in_at(Role::Admin, "so-noi-vu").await
    }
}

fn near(found: (f64, u64), share: f64, excluded: u64) {
    assert!((found.0 - share).abs() < 1e-9 && found.1 == excluded, "{found:?}, wanted {share} {excluded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_is_controlled_or_measured_comes_here() {
    let place = place("quality-roles").await;
    let roles = [Role::Supervisor, Role::Surveyor, Role::DataEntry, Role::Auditor];
    let mut strangers = vec![place.office.signed_in_at(Role::AgencyOfficer, &place.agency).await];
    strangers.push(place.office.signed_in_at(Role::SectorLead, "so-y-te").await);
    for role in roles {
        strangers.push(place.office.signed_in(role).await);
    }
    for browser in &mut strangers {
        for path in ["", "/2018", "/2018/phieu", "/2018/goi-lai?lien-he=1"] {
            let answer = browser.get(&format!("/quan-tri/chat-luong{path}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        for (what, form) in [
            ("quy-tac", "quy-tac=qua-nhanh&dong-y=1".to_owned()),
            ("de-nghi", format!("viec=loai&phieu={}&loi=mot+ly+do+du+dai", response(1))),
            ("duyet", "de-nghi=1&viec=dong-y".to_owned()),
            ("rut", String::new()),
            ("goi", format!("ai={}&ket-qua=phu-nhan", unit(1))),
            ("ket-thuc", "dong-y=1".to_owned()),
        ] {
            assert_eq!(browser.post(&format!("{PAGE}/{what}"), &form).await.status, StatusCode::FORBIDDEN, "{what}");
        }
    }
    near(place.index().await, 0.8, 0);
    let mut admin = place.admin().await;
    for path in ["/quan-tri/chat-luong/2019", "/quan-tri/chat-luong/2019/phieu", "/quan-tri/chat-luong/2019/goi-lai"] {
        assert_eq!(admin.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for what in ["khac", "quy-tac", "de-nghi", "goi"] {
        assert_eq!(admin.post(&format!("{PAGE}/{what}"), "").await.status, StatusCode::NOT_FOUND, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_moves_the_index_by_all_it_fits_and_its_withdrawal_moves_it_back() {
    let place = place("quality-rule").await;
    let mut admin = place.admin().await;
    let list = admin.get("/quan-tri/chat-luong").await;
    assert!(list.body.contains("href=\"/quan-tri/chat-luong/2018\""), "{}", list.body);
    let page = admin.get(PAGE).await;
    for words in [
        "dtv1",
        "Nguyễn Hoàng Thị Tuyết Nhung",
        "quá nhanh",
        "Hiện có 3 phiếu đang được tính phù hợp",
        "30 phiếu phỏng vấn",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(page.body.contains("chưa đủ để so sánh"), "fifteen interviews each: {}", page.body);
    let unsure = admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=qua-nhanh").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains("<title>Lỗi: ") && unsure.body.contains("xin đánh dấu"), "{}", unsure.body);
    near(place.index().await, 0.8, 0);

    let applied = admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=qua-nhanh&dong-y=1").await;
    assert_eq!(applied.header("location"), "/quan-tri/chat-luong/2018?xong=quy-tac&so=3", "{}", applied.body);
    near(place.index().await, 24.0 / 27.0, 3);
    let again = admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=qua-nhanh&dong-y=1").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing fits any more");
    let page = admin.get(&format!("{PAGE}?xong=quy-tac&so=3")).await;
    for words in ["Đã loại 3 phiếu theo quy tắc.", "bản 1", "2 giây mỗi câu; danh sách mẫu: 1/3 của trung vị 300 giây"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let short = admin.post(&format!("{PAGE}/rut-quy-tac"), "quyet-dinh=1&ly-do-rut=sai").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = Browser::form(&[("quyet-dinh", "1"), ("ly-do-rut", WHY)]);
    let back = admin.post(&format!("{PAGE}/rut-quy-tac"), &form).await;
    assert_eq!(back.header("location"), "/quan-tri/chat-luong/2018?xong=rut-quy-tac&so=3", "{}", back.body);
    near(place.index().await, 0.8, 0);
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("&lt;không&gt;") && !page.body.contains("<không>"), "{}", page.body);
    let noted: Vec<String> =
        place.office.log().await.into_iter().filter(|e| e.act == "quality-rule").map(|e| e.detail).collect();
    assert_eq!(noted.len(), 2);
    assert!(noted[1].contains("qua-nhanh v1 2 giây mỗi câu") && noted[1].ends_with("n 3"), "{noted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_and_why_is_signed_with_the_figures() {
    let place = place("quality-signed").await;
    let mut admin = place.admin().await;
    admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=qua-nhanh&dong-y=1").await;
    for (act, form) in [("khoa-so", "dong=1"), ("cong-bo", "")] {
        let answer = admin.post(&format!("/quan-tri/cong-bo/2018/{act}"), form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{act}: {}", answer.body);
    }
    let mut anybody = place.office.browser();
    let bundle = anybody.get("/cong-bo/1/ban-cong-bo.json").await.body;
    let file: serde_json::Value = serde_json::from_str(&bundle).expect("JSON");
    assert_eq!(file["bundle"]["excluded_by_reason"], serde_json::json!({ "qua-nhanh": 3 }));
    let page = anybody.get("/cong-bo/1").await;
    assert!(page.body.contains("thời gian phỏng vấn ngắn bất thường"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_responses_need_a_second_person_and_a_written_reason() {
    let place = place("quality-two").await;
    let (mut first, mut second) = (place.admin().await, place.second().await);
    let list = first.get(&format!("{PAGE}/phieu?nao=tat-ca")).await;
    assert!(list.body.contains(">30 phiếu<") && list.body.contains(&response(25).to_string()), "{}", list.body);
    let flagged = first.get(&format!("{PAGE}/phieu?dau=qua-nhanh")).await;
    assert!(flagged.body.contains("Chỉ 10 giây; ít nhất phải 1 phút 40 giây."), "{}", flagged.body);
    assert!(!flagged.body.contains(&response(25).to_string()), "{}", flagged.body);

    let three = [25, 26, 27].map(|n| response(n).to_string());
    let chosen = |more: &[(&str, &str)]| {
        let mut form: Vec<(&str, &str)> = three.iter().map(|id| ("phieu", id.as_str())).collect();
        form.extend([("ly-do", "khong-phong-van"), ("loc", "nao=tat-ca"), ("viec", "loai")]);
        form.extend(more);
        Browser::form(&form)
    };
    let silent = first.post(&format!("{PAGE}/de-nghi"), &chosen(&[("loi", "ngắn")])).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        silent.body.contains("từ 10 đến 1.000 ký tự") && silent.body.contains("ngắn</textarea>"),
        "{}",
        silent.body
    );
    assert_eq!(silent.body.matches(" checked").count(), 3, "what was ticked stays ticked");
    let proposed = first.post(&format!("{PAGE}/de-nghi"), &chosen(&[("loi", WHY)])).await;
    assert_eq!(proposed.header("location"), "/quan-tri/chat-luong/2018?xong=de-nghi&so=3", "{}", proposed.body);
    near(place.index().await, 0.8, 0);

    let freeze = first.get("/quan-tri/cong-bo/2018/khoa-so").await;
    assert!(freeze.body.contains(": 1 chờ người thứ hai"), "{}", freeze.body);
    let own = first.post(&format!("{PAGE}/duyet"), "de-nghi=1&viec=dong-y").await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.body.contains("không tự duyệt") && !own.body.contains("value=\"dong-y\""), "{}", own.body);
    near(place.index().await, 0.8, 0);
    let seen = second.get(&format!("{PAGE}/phieu?de-nghi=1")).await;
    assert!(seen.body.contains(">3 phiếu<") && seen.body.contains(&three[0]), "{}", seen.body);
    let agreed = second.post(&format!("{PAGE}/duyet"), "de-nghi=1&viec=dong-y").await;
    assert_eq!(agreed.header("location"), "/quan-tri/chat-luong/2018?xong=duyet&so=3", "{}", agreed.body);
    near(place.index().await, 24.0 / 27.0, 3);
    let twice = second.post(&format!("{PAGE}/duyet"), "de-nghi=1&viec=dong-y").await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);

    // One of them back, proposed by the second and agreed to by the first.
    let form = Browser::form(&[("phieu", &three[0]), ("viec", "lay-lai"), ("ly-do", "khac"), ("loi", WHY)]);
    assert_eq!(second.post(&format!("{PAGE}/de-nghi"), &form).await.status, StatusCode::SEE_OTHER);
    let agreed = first.post(&format!("{PAGE}/duyet"), "de-nghi=2&viec=dong-y").await;
    assert_eq!(agreed.header("location"), "/quan-tri/chat-luong/2018?xong=duyet&so=1", "{}", agreed.body);
    near(place.index().await, 24.0 / 28.0, 2);
    let acts: Vec<(String, String)> = place.office.log().await.into_iter().map(|e| (e.act, e.who.name)).collect();
    let decided: Vec<_> =
        acts.iter().filter(|(act, _)| act == "quality-decided").map(|(_, who)| who.as_str()).collect();
    assert_eq!(decided, ["the-admin", "the-admin-so-noi-vu"], "the newest first: {acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_back_is_drawn_seen_by_few_and_erased_at_the_end() {
    let place = place("quality-callback").await;
    let mut admin = place.admin().await;
    let empty = admin.get(&format!("{PAGE}/goi-lai")).await;
    assert!(
        empty.body.contains("20 phiếu mới chưa qua lần rút nào.") && empty.body.contains("Chưa rút ai"),
        "{}",
        empty.body
    );
    let wrong = admin.post(&format!("{PAGE}/rut"), "hat-giong=abc").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let seed = "0123456789abcdef0123456789abcdef";
    let drawn = admin.post(&format!("{PAGE}/rut"), &format!("hat-giong={seed}")).await;
    assert_eq!(drawn.header("location"), "/quan-tri/chat-luong/2018/goi-lai?xong=rut", "{}", drawn.body);
    let page = admin.get(&format!("{PAGE}/goi-lai")).await;
    // Ten interviews of each of the two: one of each.
    assert!(page.body.contains("2 trong 20 phiếu") && page.body.contains("rút lại trùng khớp"), "{}", page.body);
    assert!(page.body.contains(seed) && !page.body.contains("Người số"), "no name unasked: {}", page.body);
    let seen =
        |entries: Vec<app::domain::staff_log::Entry>| entries.iter().filter(|e| e.act == "callback-seen").count();
    assert_eq!(seen(place.office.log().await), 0);
    let open = admin.get(&format!("{PAGE}/goi-lai?lien-he=1")).await;
    assert_eq!(open.body.matches("Người số").count(), 2, "those drawn and nobody else: {}", open.body);
    assert_eq!(seen(place.office.log().await), 1);
    assert_eq!(admin.post(&format!("{PAGE}/rut"), "").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let called: Vec<Uuid> = (1..=20).map(unit).filter(|unit| page.body.contains(&unit.to_string())).collect();
    let other = (1..=20).map(unit).find(|unit| !called.contains(unit)).expect("somebody not drawn");
    let note = |unit: Uuid, outcome: &str, words: &str| {
        Browser::form(&[("ai", &unit.to_string()), ("ket-qua", outcome), ("ghi-chu", words)])
    };
    for (form, words) in [
        (note(other, "phu-nhan", ""), "không thuộc danh sách"),
        (note(called[0], "co-khac", ""), "Xin ghi điểm khác"),
        (note(called[0], "", ""), "Xin chọn kết quả gọi lại"),
    ] {
        let answer = admin.post(&format!("{PAGE}/goi"), &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    for (unit, outcome) in [(called[0], "phu-nhan"), (called[1], "xac-nhan")] {
        let answer = admin.post(&format!("{PAGE}/goi"), &note(unit, outcome, "")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("1/1, 1 phủ nhận"), "{}", page.body);
    let applied = admin.post(&format!("{PAGE}/quy-tac"), "quy-tac=phu-nhan&dong-y=1").await;
    assert_eq!(applied.header("location"), "/quan-tri/chat-luong/2018?xong=quy-tac&so=1", "{}", applied.body);
    near(place.index().await, 23.0 / 29.0, 1);

    let early = admin.post(&format!("{PAGE}/ket-thuc"), "dong-y=1").await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "interviews may still come");
    place.run(&format!("UPDATE round SET closes_at = {}", NOW_MS + MINUTE)).await;
    place.office.state.clock.set(NOW_MS + MINUTE);
    let mut admin = place.admin().await;
    let unsure = admin.post(&format!("{PAGE}/ket-thuc"), "").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let ended = admin.post(&format!("{PAGE}/ket-thuc"), "dong-y=1").await;
    assert_eq!(ended.header("location"), "/quan-tri/chat-luong/2018?xong=ket-thuc&so=0", "{}", ended.body);
    let page = admin.get(&format!("{PAGE}/goi-lai?lien-he=1")).await;
    assert!(page.body.contains("đã kết thúc") && !page.body.contains("Người số"), "{}", page.body);
    assert_eq!(seen(place.office.log().await), 1, "there is nothing to look at any more");
    let log = place.office.log().await;
    let detail = |act: &str| log.iter().find(|entry| entry.act == act).map(|entry| entry.detail.clone());
    assert_eq!(detail("quality-ended").as_deref(), Some("xac-nhan 1, phu-nhan 1"));
    assert_eq!(detail("contacts-purged").as_deref(), Some("contacts 20 links 20"));
    assert!(place.office.state.store.contacts_purged_at(RoundId(1)).await.expect("read").is_some());
    assert!(place.office.state.contact_keys.load(RoundId(1)).is_err(), "the key is gone too");
    near(place.index().await, 23.0 / 29.0, 1);
}
