//! A real city sets its own measurement up, and who leads a sector sees its units: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::response::Stream;
use app::domain::role::Role;
use app::domain::staff_log::Who;
use app::server_side::agency_sheet;
use app::server_side::token;
use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use site::{Answer, NOW_MS, request};
use staff::{Browser, Office};
use testkit::Folder;

const TOKEN: &str = "a-token-of-the-test";
const HOSPITALS: [&str; 3] = ["bv-da-khoa", "bv-nhi-dong", "ttyt-so-1"];
const FORM: &str = "y-te-noi-tru-2019";

/// A city of the test's own: nothing of the sample city.
const AGENCIES: &str = "code,name,kind,level,parent,valid_from\n\
    can-tho,Thành phố Cần Thơ,thành phố,thanh-pho,,2017-01-01\n\
    so-noi-vu,Sở Nội vụ,sở,thanh-pho,can-tho,2017-01-01\n\
    so-y-te,Sở Y tế,sở,thanh-pho,can-tho,2017-01-01\n\
    so-gddt,Sở Giáo dục và Đào tạo,sở,thanh-pho,can-tho,2017-01-01\n\
    bv-da-khoa,Bệnh viện Đa khoa,bệnh viện,thanh-pho,so-y-te,2017-01-01\n\
    bv-nhi-dong,Bệnh viện Nhi đồng,bệnh viện,thanh-pho,so-y-te,2017-01-01\n\
    ttyt-so-1,Trung tâm Y tế số 1,trung tâm y tế,thanh-pho,so-y-te,2017-01-01\n\
    phuong-so-1,Phường số 1,phường,phuong-xa,can-tho,2017-01-01\n";

async fn office(name: &str) -> Office {
    let folder = Folder::new(name);
    let state = site::site(&folder).await;
    let rows = agency_sheet::read(AGENCIES.as_bytes()).expect("a good file");
    let plan = state.store.import_agencies(&Who::command("test"), "agencies.csv", &rows).await.expect("written");
    assert_eq!(plan.expect("taken").new.len(), 8);
    Office::over(state, folder)
}

/// The form of a round of hospitals that is open now.
fn round() -> Vec<(&'static str, &'static str)> {
    vec![
        ("ma", "y-te-2018"),
        ("ten", "Đợt đo lường y tế năm 2018"),
        ("ten-en", "Health round of 2018"),
        ("mau-phieu", "y-te-noi-tru-2019@1"),
        ("phuong-phap", ""),
        ("tu-ngay", "2018-01-01"),
        ("den-ngay", "2018-12-31"),
        ("mo", "2018-11-01T07:00"),
        ("dong", "2018-12-15T17:00"),
        ("linh-vuc", ""),
    ]
}

fn with(mut form: Vec<(&'static str, &'static str)>, name: &'static str, value: &'static str) -> String {
    form.retain(|(found, _)| *found != name);
    form.push((name, value));
    Browser::form(&form)
}

async fn upload(admin: &mut Browser, path: &str, csv: &str) -> Answer {
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"tep\"; filename=\"n.csv\"\r\ncontent-type: text/csv\r\n\r\n{csv}\r\n--x--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=x"), ("sec-fetch-site", "same-origin")];
    admin.send("POST", path, &headers, body).await
}

fn is_at(answer: &Answer, place: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), place);
}

/// A round of three hospitals with N and a desk each, made as an administrator makes it.
async fn set_up(office: &Office) -> Browser {
    let mut admin = office.signed_in(Role::Admin).await;
    let made = admin.post("/quan-tri/dot", &Browser::form(&round())).await;
    is_at(&made, "/quan-tri/dot/y-te-2018?xong=lap");
    let csv = "agency,n\nbv-da-khoa,12.000\nbv-nhi-dong,6000\nttyt-so-1,900\n";
    let imported = upload(&mut admin, "/quan-tri/dot/y-te-2018/danh-sach", csv).await;
    is_at(&imported, "/quan-tri/dot/y-te-2018?xong=co-quan&moi=3&doi=0&nguyen=0");
    let desks = admin.post("/quan-tri/dot/y-te-2018/moi-noi-mot-quay", "").await;
    is_at(&desks, "/quan-tri/dot/y-te-2018?xong=quay&so=3");
    admin
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_a_round_makes_none_and_keeps_what_was_typed() {
    let office = office("rounds-form").await;
    let mut admin = office.signed_in(Role::Admin).await;
    let empty = admin.get("/quan-tri/dot").await;
    assert!(empty.body.contains("Chưa có đợt nào: lập một đợt dưới đây"), "{}", empty.body);
    for (name, value, words) in [
        ("ma", "Đợt 1", "Mã gồm chữ thường"),
        ("ten", " ", "Xin ghi tên đợt"),
        ("mau-phieu", "y-te-noi-tru-2019@99", "Xin chọn mẫu phiếu"),
        ("phuong-phap", "nowhere@1", "Xin chọn phương pháp"),
        ("den-ngay", "2017-12-31", "ngày cuối không trước ngày đầu"),
        ("dong", "2018-11-01T07:00", "giờ đóng sau giờ mở"),
        ("linh-vuc", "noi", "Dòng 1: xin ghi mã; tên"),
    ] {
        let answer = admin.post("/quan-tri/dot", &with(round(), name, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(answer.body.contains(words) && answer.body.contains("<title>Lỗi: "), "{name}: {}", answer.body);
        let kept = if name == "ten" { "y-te-2018" } else { "Đợt đo lường y tế năm 2018" };
        assert!(answer.body.contains(kept), "{name}: what was typed is kept");
    }
    assert!(office.state.store.rounds().await.expect("read").is_empty());
    is_at(&admin.post("/quan-tri/dot", &Browser::form(&round())).await, "/quan-tri/dot/y-te-2018?xong=lap");
    let again = admin.post("/quan-tri/dot", &Browser::form(&round())).await;
    assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY && again.body.contains("Mã này đã có"), "{}", again.body);
    let made = &office.state.store.rounds().await.expect("read")[0];
    assert!(!made.round.sample_data && made.round.step == 5, "real data move in steps of five");
    assert_eq!(made.round.method.0, "y-te-2019", "the questionnaire's own method");
    assert_eq!(admin.get("/quan-tri/dot/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_a_bad_row_changes_nothing_and_every_bad_row_is_named() {
    let office = office("rounds-list").await;
    let mut admin = office.signed_in(Role::Admin).await;
    admin.post("/quan-tri/dot", &Browser::form(&round())).await;
    let place = "/quan-tri/dot/y-te-2018/danh-sach";
    let bad = upload(&mut admin, place, "agency,n\nbv-da-khoa,12000\nbv-x,1\nbv-nhi-dong,nhiều\n").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in ["dòng 3, cột agency: không có cơ quan nào", "dòng 4, cột n: “nhiều”"] {
        assert!(bad.body.contains(words), "{words}: {}", bad.body);
    }
    for (file, words) in [("", "chưa chọn tệp"), ("co-quan;n\n", "dấu chấm phẩy"), ("agency\nbv-x\n", "thiếu cột “n”")]
    {
        let answer = upload(&mut admin, place, file).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains(words), "{}", answer.body);
    }
    let one = admin.post("/quan-tri/dot/y-te-2018/co-quan", "co-quan=bv-x&so-ho-so=77").await;
    assert!(one.status == StatusCode::UNPROCESSABLE_ENTITY && one.body.contains("value=\"77\""), "{}", one.body);
    assert!(office.state.store.rounds().await.expect("read")[0].strata.is_empty());
    // No desk without an agency of the round.
    let desk = admin.post("/quan-tri/dot/y-te-2018/quay", "co-quan-quay=bv-da-khoa&ten-quay=A").await;
    assert!(
        desk.status == StatusCode::UNPROCESSABLE_ENTITY && desk.body.contains("không có trong đợt"),
        "{}",
        desk.body
    );

    let done = admin.post("/quan-tri/dot/y-te-2018/co-quan", "co-quan=bv-da-khoa&so-ho-so=").await;
    is_at(&done, "/quan-tri/dot/y-te-2018?xong=co-quan&moi=1&doi=0&nguyen=0");
    let page = admin.get("/quan-tri/dot/y-te-2018").await;
    assert!(page.body.contains("chưa có số hồ sơ (N)"), "{}", page.body);
    is_at(
        &admin.post("/quan-tri/dot/y-te-2018/bo-co-quan", "co-quan=bv-da-khoa").await,
        "/quan-tri/dot/y-te-2018?xong=bo",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_begun_keeps_its_questionnaire_and_only_its_closing_moves() {
    let office = office("rounds-change").await;
    let mut admin = set_up(&office).await;
    let edit = admin.post("/quan-tri/dot/y-te-2018/sua", &with(round(), "mau-phieu", "hanh-chinh-2018@1")).await;
    assert_eq!(edit.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(edit.body.contains("không đổi được nữa"), "{}", edit.body);
    for (when, words) in [("", "Xin ghi ngày giờ đóng"), ("2018-11-12T09:00", "không ở trong quá khứ")] {
        let answer = admin.post("/quan-tri/dot/y-te-2018/dong", &Browser::form(&[("dong-luc", when)])).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains(words), "{}", answer.body);
    }
    let moved = admin.post("/quan-tri/dot/y-te-2018/dong", &Browser::form(&[("dong-luc", "2018-11-12T10:30")])).await;
    is_at(&moved, "/quan-tri/dot/y-te-2018?xong=dong");
    let rounds = office.state.store.rounds().await.expect("read");
    assert_eq!(rounds[0].round.closes_at, Some(NOW_MS + 30 * 60_000));
    // Before it opens, everything may still be changed.
    office.state.clock.set(NOW_MS - 30 * 24 * 3_600_000);
    let edit = admin.post("/quan-tri/dot/y-te-2018/sua", &with(round(), "ten", "Đợt y tế")).await;
    is_at(&edit, "/quan-tri/dot/y-te-2018?xong=sua");
    office.state.clock.set(NOW_MS);
    let acts: Vec<String> = office.log().await.into_iter().rev().map(|entry| entry.act).collect();
    let ours = |act: &&String| act.starts_with("round") || act.starts_with("desks") || act.starts_with("agencies");
    // The clock was set back on the way, so the order of time is not that of the acts.
    let mut ours: Vec<&String> = acts.iter().filter(ours).collect();
    ours.sort();
    assert_eq!(
        ours,
        ["agencies-imported", "desks-added", "round-agencies", "round-changed", "round-changed", "round-made"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn posters_carry_the_code_of_each_desk_and_only_a_safe_address() {
    let office = office("rounds-posters").await;
    let mut admin = set_up(&office).await;
    let page = admin.get("/quan-tri/dot/y-te-2018/bang").await;
    assert_eq!((page.status, page.body.matches("<svg").count()), (StatusCode::OK, 3));
    for desk in office.state.store.desks().await.expect("read") {
        assert_eq!(desk.desk.code.len(), 8);
        assert!(page.body.contains(&desk.desk.code) && !desk.desk.code.contains(['0', 'O', '1', 'I', 'L']));
        let phone = site::get(&office.router, &format!("/k/{}", desk.desk.code)).await;
        assert_eq!(phone.status, StatusCode::OK);
        assert!(phone.body.contains("đợt điều trị tại bệnh viện"), "{}", phone.body);
        assert!(!phone.body.contains("SỐ LIỆU MÔ PHỎNG"), "a real round");
    }
}

fn answers(state: &hailong_server::state::AppState, score: i64) -> Value {
    let form = state.catalogue.questionnaire(FORM, None).expect("built in");
    form.criteria()
        .map(|(_, criterion)| (criterion.code.clone(), Value::from(score)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Sixty interviews at each hospital by a team of Sở Nội vụ, and one answer on a phone at each desk.
async fn answered(office: &Office) {
    let state = &office.state;
    state.store.start();
    let agencies = state.store.agencies().await.expect("read");
    let team = agencies.values().find(|a| a.code == "so-noi-vu").expect("Sở Nội vụ").id;
    state.store.add_device("Máy tính bảng 1", team, Stream::Sample, token::hash(TOKEN)).await.expect("enrolled");
    let authorization = format!("Bearer {TOKEN}");
    for (at, hospital) in HOSPITALS.iter().enumerate() {
        // Figures that move are five to nine behind: they stand on the first sixty.
        let items: Vec<Value> = (0..65)
            .map(|n| {
                let score = if n % 10 < 2 + at as i64 { 3 } else { 5 };
                json!({
                    "id": format!("0190aaaa-0000-7000-8000-{:012}", at * 1000 + n as usize),
                    "agency": hospital, "questionnaire": FORM, "version": 1, "mode": "tablet",
                    "started_at": NOW_MS - 600_000, "finished_at": NOW_MS - 1_000, "answers": answers(state, score),
                    "facts": { "G1": if score == 5 { 90 } else { 60 }, "G2": if score == 5 { "5" } else { "3" } },
                })
            })
            .collect();
        let body = json!({ "responses": items }).to_string();
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let answer = site::ask(&office.router, request("POST", "/api/v1/responses", &headers, Body::from(body))).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body.matches("\"stored\"").count(), 65, "{}", answer.body);
    }
    for desk in state.store.desks().await.expect("read") {
        let mut phone = office.browser();
        let tap = phone.post(&format!("/k/{}", desk.desk.code), "tap=4").await;
        assert_eq!(tap.status, StatusCode::SEE_OTHER);
    }
    state.store.fold_all().await.expect("folded");
    state.store.fold_breakdowns().await.expect("folded");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leads_the_sector_sees_its_hospitals_and_nobody_else_s() {
    let office = office("rounds-lead").await;
    let mut admin = set_up(&office).await;
    // A round of the communes beside it, that is none of the lead's business.
    let other = with(round(), "ma", "phuong-2018").replace("y-te-noi-tru-2019%401", "hanh-chinh-2018%401");
    is_at(&admin.post("/quan-tri/dot", &other).await, "/quan-tri/dot/phuong-2018?xong=lap");
    admin.post("/quan-tri/dot/phuong-2018/co-quan", "co-quan=phuong-so-1&so-ho-so=500").await;
    answered(&office).await;

    let mut lead = office.signed_in_at(Role::SectorLead, "so-y-te").await;
    for nowhere in [
        "/quan-tri/co-quan/phuong-so-1",
        "/quan-tri/co-quan/so-gddt",
        "/quan-tri/tom-tat/phuong-so-1",
        "/quan-tri?dot=phuong-2018",
        "/quan-tri/so-sanh?a=bv-da-khoa&b=phuong-so-1",
    ] {
        assert_eq!(lead.get(nowhere).await.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    for door in ["/quan-tri/dot", "/quan-tri/dot/y-te-2018", "/quan-tri/cong-bo"] {
        assert_eq!(lead.get(door).await.status, StatusCode::FORBIDDEN, "{door}");
    }
    let overview = lead.get("/quan-tri").await;
    for words in ["Các đơn vị do Sở Y tế phụ trách", "Bệnh viện Đa khoa", "Bệnh viện Nhi đồng", "Trung tâm Y tế số 1"]
    {
        assert!(overview.body.contains(words), "{words}: {}", overview.body);
    }
    assert!(!overview.body.contains("Phường số 1") && !overview.body.contains("SỐ LIỆU MÔ PHỎNG"));
    let ranking = lead.get("/quan-tri/xep-hang").await;
    assert!(HOSPITALS.iter().all(|code| ranking.body.contains(&format!("/quan-tri/co-quan/{code}"))));
    for page in ["/quan-tri/tom-tat", "/quan-tri/tom-tat/bv-nhi-dong", "/quan-tri/xuat"] {
        let answer = lead.get(page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(!answer.body.contains("Phường số 1"), "{page}");
    }
    let file = lead.get("/quan-tri/xuat/tat-ca.xlsx").await;
    assert_eq!(file.status, StatusCode::OK);
    // The method of health: pooled over the criteria, and what stands beside the index.
    let hospital = lead.get("/quan-tri/co-quan/bv-da-khoa").await;
    for words in ["80,00%", "Hài lòng toàn diện", "Đáp ứng mong đợi", "Sẽ quay lại hoặc giới thiệu", "84,0 %"]
    {
        assert!(hospital.body.contains(words), "{words}: {}", hospital.body);
    }

    let mut officer = office.signed_in_at(Role::AgencyOfficer, "bv-nhi-dong").await;
    let own = officer.get("/quan-tri").await;
    assert!(own.body.contains("Bệnh viện Nhi đồng") && !own.body.contains("Bệnh viện Đa khoa"), "{}", own.body);
    for other in ["bv-da-khoa", "ttyt-so-1", "so-y-te", "phuong-so-1"] {
        assert_eq!(officer.get(&format!("/quan-tri/co-quan/{other}")).await.status, StatusCode::NOT_FOUND, "{other}");
    }
    let mut schools = office.signed_in_at(Role::SectorLead, "so-gddt").await;
    assert_eq!(schools.get("/quan-tri/co-quan/bv-da-khoa").await.status, StatusCode::NOT_FOUND);
    assert!(schools.get("/quan-tri").await.body.contains("Chưa có đợt đo lường nào"));
    // A real round: nothing of it is public before its publication.
    let public = site::get(&office.router, "/ket-qua?dot=y-te-2018").await;
    assert!(public.body.contains("chưa được công bố"), "{}", public.body);
    assert_eq!(site::get(&office.router, "/api/v1/results?round=y-te-2018").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_freeze_n_and_desks_stay_and_what_was_published_is_not_hidden_by_the_next_round() {
    let office = office("rounds-frozen").await;
    let mut admin = set_up(&office).await;
    answered(&office).await;
    is_at(&admin.post("/quan-tri/cong-bo/y-te-2018/khoa-so", "dong=1").await, "/quan-tri/cong-bo?xong=khoa-so");
    for (what, body) in [
        ("co-quan", "co-quan=bv-da-khoa&so-ho-so=1"),
        ("bo-co-quan", "co-quan=bv-da-khoa"),
        ("quay", "co-quan-quay=bv-da-khoa&ten-quay=A"),
        ("dong", "dong-luc=2019-01-01T08%3A00"),
    ] {
        let answer = admin.post(&format!("/quan-tri/dot/y-te-2018/{what}"), body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(answer.body.contains("đã chốt số liệu"), "{what}: {}", answer.body);
    }
    is_at(&admin.post("/quan-tri/cong-bo/y-te-2018/cong-bo", "").await, "/quan-tri/cong-bo?xong=cong-bo");
    let next = with(round(), "ma", "y-te-2019");
    is_at(&admin.post("/quan-tri/dot", &next).await, "/quan-tri/dot/y-te-2019?xong=lap");
    let public = site::get(&office.router, "/ket-qua").await;
    assert!(public.body.contains("Bệnh viện Đa khoa") && public.body.contains("Bản công bố số 1"), "{}", public.body);
    assert!(!public.body.contains("SỐ LIỆU MÔ PHỎNG"));
}
