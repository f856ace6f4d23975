//! Files that staff take along, actor by actor: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::role::Role;
use app::server_side::simulate::SimulatedCity;
use axum::http::StatusCode;
use staff::{Browser, Office};

const PAGE: &str = "/quan-tri/xuat";

/// Every file of a round, and its type.
const FILES: &[(&str, &str)] = &[
    ("tat-ca.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("tat-ca.json", "application/json"),
    ("cap.csv", "text/csv; charset=utf-8"),
    ("phuong-phap.csv", "text/csv; charset=utf-8"),
    ("xep-hang.csv", "text/csv; charset=utf-8"),
    ("yeu-to.csv", "text/csv; charset=utf-8"),
    ("tieu-chi.csv", "text/csv; charset=utf-8"),
    ("phan-bo.csv", "text/csv; charset=utf-8"),
    ("cau-hoi.csv", "text/csv; charset=utf-8"),
    ("phieu.csv", "text/csv; charset=utf-8"),
    ("tong-the.csv", "text/csv; charset=utf-8"),
    ("giu-lai.csv", "text/csv; charset=utf-8"),
    ("bao-cao.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
];

async fn office(name: &str, responses: usize, sample_data: bool) -> (Office, SimulatedCity) {
    let (state, city, folder) = city::city(name, responses, sample_data).await;
    (Office::over(state, folder), city)
}

async fn officer(office: &Office, agency: &str) -> Browser {
    office.signed_in_at(Role::AgencyOfficer, agency).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_export_gets_no_file_and_the_refusal_is_noted() {
    let (office, _) = office("export-roles", 200, true).await;
    for role in [Role::Auditor, Role::Supervisor, Role::Surveyor, Role::DataEntry] {
        let mut browser = office.signed_in(role).await;
        let files = ["phieu.csv", "bao-cao", "khong-co.csv"].map(|file| format!("{PAGE}/{file}"));
        for path in std::iter::once(PAGE.to_owned()).chain(files) {
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
    }
    let log = office.log().await;
    assert_eq!(log.iter().filter(|entry| entry.act == "refused").count(), 16);
    assert!(log.iter().all(|entry| entry.act != "export"), "nothing was exported");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_officer_of_ninh_kieu_gets_nothing_of_cai_rang_in_any_file() {
    let (office, city) = office("export-officer", 6_000, true).await;
    let mut lan = officer(&office, "916").await;
    let page = lan.get(PAGE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("Thành phố và các cấp"), "totals would say something of the others");
    let mut served = 0;
    for (file, _) in FILES {
        let answer = lan.get(&format!("{PAGE}/{file}")).await;
        if *file == "cap.csv" {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{file}");
            continue;
        }
        assert_eq!(answer.status, StatusCode::OK, "{file}: {answer:?}");
        served += 1;
        // Packed files are read by the tests of the files themselves; here their text parts are.
        for foreign in ["Cái Răng", "\n919,", ",919,", "Phường Lê Bình", "Sở Y tế,"] {
            assert!(!answer.body.contains(foreign), "{foreign} is in {file}");
        }
    }
    assert_eq!(served, FILES.len() - 1);
    let answers = lan.get(&format!("{PAGE}/phieu.csv")).await.body;
    assert!(answers.lines().count() > 5, "{answers}");
    assert!(answers.lines().skip(1).all(|line| !line.starts_with("919,")));
    // No parameter widens the scope, and a round without an agency of hers is like one that does not exist.
    for query in ["?co-quan=919", "?agency=919", "?tim=C%C3%A1i+R%C4%83ng", "?cap=thanh-pho"] {
        let answer = lan.get(&format!("{PAGE}/xep-hang.csv{query}")).await;
        assert!(!answer.body.contains("Cái Răng"), "{query}");
    }
    let unknown = lan.get(&format!("{PAGE}?dot=khong-co")).await;
    let (no_file, no_round) =
        (lan.get(&format!("{PAGE}/919.csv")).await, lan.get(&format!("{PAGE}/xep-hang.csv?dot=khong-co")).await);
    for answer in [unknown, no_file, no_round] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    assert!(city.desks.len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_still_takes_answers_gives_tables_and_no_answers() {
    let (office, _) = office("export-real", 1_000, false).await;
    let mut admin = office.signed_in(Role::Admin).await;
    let page = admin.get(PAGE).await;
    assert!(page.body.contains("đợt còn nhận phiếu") && !page.body.contains("phieu.csv"), "{page:?}");
    for file in ["phieu.csv", "tong-the.csv", "giu-lai.csv"] {
        assert_eq!(admin.get(&format!("{PAGE}/{file}")).await.status, StatusCode::NOT_FOUND, "{file}");
    }
    assert_eq!(admin.get(&format!("{PAGE}/xep-hang.csv")).await.status, StatusCode::OK);
    let exports = office.log().await.into_iter().filter(|entry| entry.act == "export").count();
    assert_eq!(exports, 1, "what was not given is not noted as given");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_a_page_too_for_the_own_agencies_and_is_noted_first() {
    let (office, _) = office("export-report", 6_000, true).await;
    let mut lan = officer(&office, "916").await;
    let unknown = lan.get(&format!("{PAGE}/bao-cao?dot=khong-co")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let own = lan.get(&format!("{PAGE}/bao-cao")).await;
    assert_eq!((own.status, own.header("cache-control")), (StatusCode::OK, "no-store"));
    for words in ["QUẬN NINH KIỀU", "Số:          /BC-QNK", "Nơi nhận:", "THỦ TRƯỞNG CƠ QUAN", "SỐ LIỆU MÔ PHỎNG"]
    {
        assert!(own.body.contains(words), "{words}");
    }
    for foreign in ["Cái Răng", "Sở Y tế", "KẾT QUẢ CHUNG"] {
        assert!(!own.body.contains(foreign), "{foreign}");
    }
    let mut admin = office.signed_in(Role::Admin).await;
    let whole = admin.get(&format!("{PAGE}/bao-cao?lang=en")).await.body;
    for words in ["SỞ NỘI VỤ", "II. KẾT QUẢ CHUNG", "Quận Cái Răng", "GIÁM ĐỐC", "The report to edit (DOCX)"]
    {
        assert!(whole.contains(words), "{words}");
    }
    let log = office.log().await;
    let noted = log.iter().filter(|entry| entry.act == "export" && entry.object == "bao-cao");
    assert!(noted.clone().all(|entry| entry.detail.contains("nguồn ")) && noted.count() == 2, "{log:?}");
}

/// A page as text: no tags, no white space.
fn bare(html: &str) -> String {
    let mut inside = false;
    let letters = html.chars().filter(|c| {
        inside = inside || *c == '<';
        let kept = !inside && !c.is_whitespace();
        inside = inside && *c != '>';
        kept
    });
    letters.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn page_csv_report_and_api_give_an_agency_one_rank() {
    let (office, _) = office("export-rank", 14_000, true).await;
    let mut admin = office.signed_in(Role::Admin).await;
    let api: serde_json::Value = serde_json::from_str(&admin.get("/api/v1/results").await.body).expect("JSON");
    let lines = api["agencies"].as_array().expect("agencies");
    let ranked = |line: &&serde_json::Value| line["level"] == "district" && line["place"]["of"].as_u64() > Some(1);
    let line = lines.iter().filter(ranked).max_by_key(|line| line["place"]["rank"].as_u64()).expect("a district");
    let code = line["code"].as_str().expect("a code");
    let [rank, best, worst, of] = ["rank", "best", "worst", "of"].map(|part| line["place"][part].as_u64().expect(part));
    assert!(rank > 1, "{line}");
    let words = format!("{rank}(cóthểtừ{best}đến{worst})");
    let mut officer = officer(&office, code).await;
    for browser in [&mut admin, &mut officer] {
        for path in [
            "/quan-tri/xep-hang".to_owned(),
            "/quan-tri/xep-hang?cap=quan-huyen&sap=-chi-so".to_owned(),
            format!("/quan-tri/co-quan/{code}"),
            format!("{PAGE}/bao-cao"),
        ] {
            let page = bare(&browser.get(&path).await.body);
            assert!(page.contains(&words), "{words} in {path}: {page}");
        }
        let table = browser.get(&format!("{PAGE}/xep-hang.csv")).await.body;
        let row = table.lines().find(|row| row.contains(&format!(",{code},"))).expect("its row");
        assert!(row.contains(&format!(",{rank},{best},{worst},{of},")), "{row}");
        let file = browser.get(&format!("{PAGE}/tat-ca.json")).await.body;
        let file: serde_json::Value = serde_json::from_str(&file).expect("JSON");
        let own = file["agencies"].as_array().expect("agencies").iter().find(|a| a["agency"]["code"] == code);
        assert_eq!(own.expect("its figures")["place"], line["place"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_round_the_page_says_so() {
    let office = Office::new("export-empty").await;
    let page = office.signed_in(Role::Admin).await.get(PAGE).await;
    assert!(page.status == StatusCode::OK && page.body.contains("Chưa có đợt đo lường nào"), "{page:?}");
    let answer = office.signed_in(Role::Admin).await.get(&format!("{PAGE}/tat-ca.xlsx")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_takes_every_file_along_and_each_is_noted_first() {
    let (office, _) = office("export-admin", 6_000, true).await;
    let mut admin = office.signed_in(Role::Admin).await;
    let page = admin.get(PAGE).await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.body.contains("SỐ LIỆU MÔ PHỎNG") && page.body.contains("Thành phố và các cấp"), "{page:?}");
    for (file, kind) in FILES {
        assert!(page.body.contains(&format!("{PAGE}/{file}?")), "{file} is linked");
        let answer = admin.get(&format!("{PAGE}/{file}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, *kind), "{file}");
        assert_eq!(answer.header("cache-control"), "no-store", "{file}");
        let name = answer.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"hailong-"), "{name}");
        assert!(
            name.contains("-so-lieu-mo-phong.") && name.contains("; filename*=UTF-8''H%C3%A0i%20L%C3%B2ng"),
            "{name}"
        );
        assert!(!answer.body.is_empty());
    }
    let log = office.log().await;
    let exports: Vec<_> = log.iter().filter(|entry| entry.act == "export").collect();
    assert_eq!(exports.len(), FILES.len());
    assert!(
        exports.iter().all(|entry| entry.who.name == "the-admin" && entry.detail.contains("nguồn ")),
        "{exports:?}"
    );
    // In English the links stay in English, and the stream that is asked for goes out.
    let english = admin.get(&format!("{PAGE}?lang=en&nguon=open")).await.body;
    assert!(english.contains("Exports") && english.contains("nguon=open"), "{english}");
    let sample = admin.get(&format!("{PAGE}/phieu.csv?nguon=sample")).await.body;
    let open = admin.get(&format!("{PAGE}/phieu.csv?nguon=open")).await.body;
    assert!(sample.lines().count() > open.lines().count() && open.lines().count() > 5);
}
