//! A city with one round, one measured agency and a drawn list, its teams and their devices, over either database.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use app::domain::agency::Level;
use app::domain::hex::from_hex;
use app::domain::ids::{AccountId, AgencyId, DeskId, RoundId, StratumId};
use app::domain::role::Role;
use app::domain::round::{Desk, Round, Stratum};
use app::offline::seal;
use app::server_side::city::City;
use app::store::NewRound;
use axum::body::Body;
use axum::http::StatusCode;
use sea_orm::{ConnectionTrait as _, DbBackend};
use serde_json::{Value, json};
use testkit::{Folder, Postgres};
use uuid::Uuid;

use crate::site::{self, NOW_MS};
use crate::staff::{Browser, Office};

pub(crate) const DAY_MS: i64 = 24 * 3_600_000;
pub(crate) const DESK: &str = "AB2C";
/// Units of the one list: 1 to 4 and, in reserve, 5.
pub(crate) const UNITS: u128 = 5;

/// A city with one round, one measured agency and a drawn list, over one of the two databases.
pub(crate) struct Place {
    pub(crate) office: Office,
    pub(crate) url: String,
    pub(crate) measured: String,
}

pub(crate) async fn places(name: &str) -> Vec<Place> {
    let mut places = vec![];
    for postgres in [false, true] {
        let folder = Folder::new(name);
        let url = if postgres { Postgres::shared().database_url(name) } else { folder.sqlite_url() };
        places.push(Place::new(url, folder).await);
    }
    places
}

pub(crate) fn unit(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

impl Place {
    pub(crate) async fn new(url: String, folder: Folder) -> Self {
        let state = site::site_at(&url, &folder).await;
        let city = City::load().expect("built in");
        state.store.save_agencies(city.agencies()).await.expect("agencies");
        let questionnaire = state.catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
        let method = state.catalogue.method(&questionnaire.method, None).expect("built in");
        let today = i32::try_from(NOW_MS / DAY_MS).expect("a day");
        let agency = city.units(Level::City, today).find(|agency| agency.code != "so-noi-vu").expect("an agency");
        let round = Round {
            id: RoundId(1),
            code: "2018".into(),
            name: questionnaire.short_title.clone(),
            questionnaire: (questionnaire.key.clone(), questionnaire.version),
            method: (method.key.clone(), method.version),
            period: (today - 90, today + 90),
            opens_at: None,
            closes_at: None,
            fields: vec![],
            step: 1,
            sample_data: true,
        };
        let strata = [Stratum { id: StratumId(1), agency: agency.id, field: None, population: Some(1_000) }];
        let desks =
            [Desk { id: DeskId(1), code: DESK.into(), agency: agency.id, round: RoundId(1), name: "Quầy 2".into() }];
        let new =
            NewRound { round: &round, questionnaire: &questionnaire, method: &method, strata: &strata, desks: &desks };
        state.store.save_round(&new).await.expect("a round");
        state.store.start();
        let (id, measured) = (agency.id, agency.code.clone());
        let office = Office::over(state, folder);
        for (login, role) in [("to1", Role::Supervisor), ("dtv1", Role::Surveyor), ("dtv2", Role::Surveyor)] {
            office.account(login, role, None).await;
        }
        let place = Self { office, url, measured };
        place.draw(id).await;
        place
    }

    /// What the sampling would leave: a list of four and one in reserve, with sealed contact data.
    pub(crate) async fn draw(&self, agency: AgencyId) {
        let state = &self.office.state;
        let key = state.contact_keys.for_upload(&state.store, RoundId(1)).await.expect("asked").expect("a key");
        let a = agency.0;
        self.run(&format!(
            "INSERT INTO frame (id, round_id, agency_id, file_name, sha256, lines, dossiers, people, bad_lines, mapping, \
             uploaded_by, uploaded_at, standing) VALUES (1, 1, {a}, 'f', {}, 1, 1, 1, 0, '{{}}', 'x', 0, 2)",
            self.bytes(&[0])
        ))
        .await;
        self.run(&format!(
            "INSERT INTO sample_list (id, round_id, agency_id, frame_id, rule, seed, frame_hash, drawn_by, drawn_at, \
             program) VALUES (1, 1, {a}, 1, 1, '00', {}, 'x', 0, '0')",
            self.bytes(&[0])
        ))
        .await;
        for n in 1..=UNITS {
            let reserve = n == UNITS;
            self.run(&format!(
                "INSERT INTO sample_unit (id, list_id, round_id, agency_id, stratum_id, party, number, pos, reserve, \
                 attempts) VALUES ({}, 1, 1, {a}, 1, 1, {n}, {n}, {reserve}, 0)",
                self.id(unit(n))
            ))
            .await;
            let contact = app::domain::field_work::Contact {
                name: format!("Người số {n}"),
                address: "Số 1, ấp 2, xã An Hoà".into(),
                ..app::domain::field_work::Contact::default()
            };
            let sealed = key.seal_unit(unit(n), &contact).expect("sealed");
            let sealed = self.bytes(&sealed);
            self.run(&format!("INSERT INTO sample_contact (unit_id, sealed) VALUES ({}, {sealed})", self.id(unit(n))))
                .await;
        }
    }

    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let hex = app::domain::hex::hex(bytes);
        if self.office.state.store.backend() == DbBackend::Sqlite { format!("x'{hex}'") } else { format!("'\\x{hex}'") }
    }

    pub(crate) fn id(&self, id: Uuid) -> String {
        if self.office.state.store.backend() == DbBackend::Sqlite {
            self.bytes(id.as_bytes())
        } else {
            format!("'{id}'")
        }
    }

    /// Around the store, as somebody with the database would.
    pub(crate) async fn run(&self, sql: &str) {
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(sql).await.expect(sql);
        db.close().await.expect("closes");
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let sql = format!("SELECT CAST(({sql}) AS BIGINT)");
        let statement = sea_orm::Statement::from_string(self.office.state.store.backend(), sql);
        let row = self.office.state.store.reader().query_one_raw(statement).await.expect("read").expect("a row");
        row.try_get_by_index::<Option<i64>>(0).expect("a number").unwrap_or(-1)
    }

    pub(crate) async fn account(&self, login: &str) -> AccountId {
        self.office.state.store.account(login).await.expect("read").expect(login).id
    }

    /// An administrator makes a team led by `to1` with these members; its key.
    pub(crate) async fn team(&self, admin: &mut Browser, work: &str, members: &[&str]) -> i32 {
        let leader = self.account("to1").await.0.to_string();
        let form = Browser::form(&[("ten", "Đội 1"), ("viec", work), ("dot", "2018"), ("to-truong", &leader)]);
        let answer = admin.post("/quan-tri/doi", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let id = answer.header("location").rsplit('/').next().expect("a key").parse().expect("a number");
        for login in members {
            let member = self.account(login).await.0.to_string();
            let answer = admin.post(&format!("/quan-tri/doi/{id}/them"), &Browser::form(&[("ai", &member)])).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        }
        id
    }

    pub(crate) async fn post(&self, admin: &mut Browser, team: i32, target: &str) {
        let form = [("quay", "ab2c"), ("ten-diem", "Quầy 2"), ("k", "5"), ("chi-tieu", target)];
        let answer = admin.post(&format!("/quan-tri/doi/{team}/diem"), &Browser::form(&form)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }

    pub(crate) async fn split(&self, admin: &mut Browser, team: i32) {
        let form = Browser::form(&[("danh-sach", "1"), ("cach", "khu-vuc")]);
        let answer = admin.post(&format!("/quan-tri/doi/{team}/chia"), &form).await;
        assert!(answer.header("location").contains("xong=chia"), "{}", answer.body);
    }

    pub(crate) async fn code(&self, admin: &mut Browser, team: i32, login: &str) -> String {
        let holder = self.account(login).await.0.to_string();
        self.code_by(admin, team, &[("ten-may", "Máy 7"), ("ai", &holder)]).await
    }

    /// The code of a kiosk at the only post.
    pub(crate) async fn kiosk_code(&self, admin: &mut Browser, team: i32, name: &str) -> String {
        let post = self.number("SELECT MAX(id) FROM post").await.to_string();
        self.code_by(admin, team, &[("ten-may", name), ("diem", &post)]).await
    }

    async fn code_by(&self, admin: &mut Browser, team: i32, form: &[(&str, &str)]) -> String {
        let answer = admin.post(&format!("/quan-tri/doi/{team}/ma"), &Browser::form(form)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let code = answer.body.split("staff-key\">").nth(1).expect("a code").split('<').next().expect("its end");
        code.to_owned()
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
        let bearer = format!("Bearer {token}");
        let body = if method == "GET" { String::new() } else { body.to_string() };
        // As every browser does: without it a request counts as one of the longest.
        let length = body.len().to_string();
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("content-length", length.as_str()),
        ];
        let answer = site::ask(&self.office.router, site::request(method, path, &headers, Body::from(body))).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or(Value::Null))
    }

    pub(crate) async fn enrol(&self, code: &str) -> (StatusCode, Value) {
        self.ask("POST", "/api/v1/field/enrol", "", &json!({ "code": code, "api": 1 })).await
    }

    pub(crate) async fn tablet(&self, admin: &mut Browser, team: i32, login: &str) -> Tablet<'_> {
        let code = self.code(admin, team, login).await;
        self.device(&code).await
    }

    /// A device enrolled with a code.
    pub(crate) async fn device(&self, code: &str) -> Tablet<'_> {
        let (status, enrolled) = self.enrol(code).await;
        assert_eq!(status, StatusCode::OK, "{enrolled}");
        let word = |name: &str| enrolled[name].as_str().expect(name).to_owned();
        Tablet { place: self, token: word("token"), receipt_key: from_hex(&word("receipt_key")).expect("32 bytes") }
    }
}

pub(crate) struct Tablet<'p> {
    pub(crate) place: &'p Place,
    pub(crate) token: String,
    pub(crate) receipt_key: [u8; 32],
}

impl Tablet<'_> {
    pub(crate) async fn kit(&self) -> Value {
        let (status, kit) = self.place.ask("GET", "/api/v1/field/kit?waiting=2", &self.token, &Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{kit}");
        kit
    }

    pub(crate) async fn sync_at(&self, sent_at: i64, events: Value) -> Vec<Value> {
        let told = json!({ "sent_at": sent_at, "events": events });
        let (status, results) = self.place.ask("POST", "/api/v1/field/sync", &self.token, &told).await;
        assert_eq!(status, StatusCode::OK, "{results}");
        for result in results["results"].as_array().expect("a list") {
            let proven = result["proof"]
                .as_str()
                .is_some_and(|proof| seal::proves(&self.receipt_key, result["id"].as_str().expect("an id"), proof));
            assert_eq!(proven, result["status"] != "refused", "{result}");
        }
        results["results"].as_array().expect("a list").clone()
    }

    pub(crate) async fn sync(&self, events: Value) -> Vec<Value> {
        self.sync_at(NOW_MS, events).await
    }

    /// Sends items, sealed as a tablet does.
    pub(crate) async fn send(&self, items: &[Value]) -> Vec<Value> {
        let kit = self.kit().await;
        let sealing = &kit["round"]["sealing"];
        let public = from_hex(sealing["public"].as_str().expect("a key")).expect("32 bytes");
        let sealed: Vec<Value> = items
            .iter()
            .map(|item| {
                let sealed = seal::seal(&public, [9; 32], item.to_string().as_bytes()).expect("sealed");
                json!({ "sealed": seal::letters(&sealed), "key": sealing["key"] })
            })
            .collect();
        self.send_raw(&sealed).await
    }

    pub(crate) async fn send_raw(&self, items: &[Value]) -> Vec<Value> {
        let body = json!({ "sent_at": NOW_MS, "responses": items });
        let (status, results) = self.place.ask("POST", "/api/v1/responses", &self.token, &body).await;
        assert_eq!(status, StatusCode::OK, "{results}");
        results["results"].as_array().expect("a list").clone()
    }
}

/// `hailong import outbox` over the database of a place, with the key of its server.
pub(crate) fn import_outbox(place: &Place, text: &str) -> std::process::Output {
    use std::os::unix::fs::OpenOptionsExt as _;
    let folder = place.office.state.site.data_folder.as_deref().expect("a folder");
    let (key, file) = (folder.join("hailong.key"), folder.join("outbox.json"));
    if !key.exists() {
        let mut made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key).expect("a key");
        std::io::Write::write_all(&mut made, "07".repeat(32).as_bytes()).expect("written");
    }
    std::fs::write(&file, text).expect("a file");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hailong"));
    command.env_clear().env("DATABASE_URL", &place.url).env("SECRET_KEY_FILE", &key).current_dir(folder);
    command.args(["import", "outbox"]).arg(&file).output().expect("it runs")
}

pub(crate) fn event_id(n: u32) -> String {
    format!("0190bbbb-0000-7000-8000-{n:012}")
}

pub(crate) fn attempt(n: u32, of: Uuid, outcome: &str, at: i64) -> Value {
    json!({ "id": event_id(n), "at": at, "what": "attempt", "unit": of.to_string(), "outcome": outcome, "note": "" })
}

/// A full interview.
pub(crate) fn interview(n: u32, score: i64) -> Value {
    let codes = [
        "1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "4.1",
        "4.2", "4.3", "5.1", "5.2", "5.3", "5.4",
    ];
    let answers: serde_json::Map<String, Value> = codes.iter().map(|c| ((*c).to_owned(), score.into())).collect();
    json!({
        "id": format!("0190aaaa-0000-7000-8000-{n:012}"), "visit": "ket-qua", "answers": answers,
        "started_at": NOW_MS - 240_000, "finished_at": NOW_MS,
    })
}

pub(crate) fn of_unit(mut item: Value, of: Uuid) -> Value {
    item["sample_unit"] = of.to_string().into();
    item
}

pub(crate) fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|r| r["status"].as_str().expect("a word")).collect()
}
