//! The workspace of officials, actor by actor: refusals first.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod city;
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::role::Role;
use app::server_side::token;
use axum::http::StatusCode;
use city::{city, code};
use hailong_server::routes;
use staff::{Browser, Office};

/// Codes of two districts, and one that nobody bears.
const NINH_KIEU: &str = "916";
const CAI_RANG: &str = "919";
const NOBODY: &str = "999";

/// An office over a city with so many responses that are not sample data, so that the public sees none of them.
async fn office(name: &str, responses: usize) -> (Office, String) {
    let (state, simulated, folder) = city(name, responses, false).await;
    let first = code(&simulated, 0);
    (Office { router: routes::router(state.clone()), state, _folder: folder }, first)
}

async fn officer(office: &Office, login: &str, agency: &str) -> Browser {
    let id = office.account(login, Role::AgencyOfficer, Some(agency)).await;
    let token = token::new().expect("random");
    office.state.store.begin_session(id, token::hash(&token), true, "Firefox", None).await.expect("begun");
    let mut browser = office.browser();
    browser.keep("__Host-hailong-staff", &token);
    browser
}

/// Every address that names an agency.
fn addresses(agency: &str) -> Vec<String> {
    vec![
        format!("/quan-tri/co-quan/{agency}"),
        format!("/quan-tri/co-quan/{agency}?lang=en"),
        format!("/quan-tri/co-quan/{agency}?nguon=open"),
        format!("/quan-tri/tom-tat/{agency}"),
        format!("/quan-tri/tom-tat/{agency}?ma=1-00000000"),
        format!("/quan-tri/so-sanh?a={agency}"),
        format!("/quan-tri/so-sanh?a={NINH_KIEU}&b={agency}"),
        format!("/quan-tri/so-sanh?a={agency}&b={NINH_KIEU}"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_another_agency_an_officer_gets_the_same_bytes_as_of_none() {
    let (office, _) = office("workspace-scope", 3_000).await;
    let mut officer = officer(&office, "lan", NINH_KIEU).await;
    for (there, nowhere) in addresses(CAI_RANG).iter().zip(addresses(NOBODY)) {
        let (there, nowhere) = (officer.get(there).await, officer.get(&nowhere).await);
        assert_eq!(there.status, StatusCode::NOT_FOUND);
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert_eq!(there.body.replace(CAI_RANG, NOBODY), nowhere.body);
        let headers = |answer: &site::Answer| {
            let names = answer.headers.iter().filter(|(name, _)| *name != "x-request-id");
            names.map(|(name, value)| format!("{name}: {value:?}")).collect::<Vec<_>>()
        };
        assert_eq!(headers(&there), headers(&nowhere));
    }
    for own in addresses(NINH_KIEU).iter().take(6) {
        assert_eq!(officer.get(own).await.status, StatusCode::OK, "{own}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_an_officer_names_an_agency_outside_the_scope_or_a_sum_over_the_city() {
    let (office, _) = office("workspace-names", 6_000).await;
    let mut officer = officer(&office, "lan", NINH_KIEU).await;
    for page in [
        "/quan-tri",
        "/quan-tri?lang=en",
        "/quan-tri?nguon=open",
        "/quan-tri/xep-hang",
        "/quan-tri/xep-hang?tim=cai+rang",
        "/quan-tri/xep-hang?cap=quan-huyen&sap=-chi-so",
        "/quan-tri/so-sanh",
        "/quan-tri/tom-tat",
        "/quan-tri/co-quan/916",
    ] {
        let answer = officer.get(page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        for other in ["Cái Răng", "Bình Thu", "Sở Y tế"] {
            assert!(!answer.body.contains(other), "{page} names {other}");
        }
        assert_eq!(answer.header("cache-control"), "no-store", "{page}");
        assert!(!answer.body.contains("<script") && !answer.body.contains(" style="), "{page}");
    }
    assert_eq!(officer.get("/quan-tri/tom-tat?cap=quan-huyen").await.status, StatusCode::NOT_FOUND, "no level");
    assert_eq!(officer.get("/quan-tri?dot=2031").await.status, StatusCode::NOT_FOUND, "no such round");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sees_moving_figures_before_publication_and_the_public_does_not() {
    let (office, first) = office("workspace-admin", 6_000).await;
    let mut admin = office.signed_in(Role::Admin).await;
    let page = admin.get("/quan-tri").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "Tổng quan",
        "Số tạm tính",
        "Nơi cần hành động",
        "Đợt đầu, chưa có số để so sánh",
        "Có tin được không",
        "cơ quan đã đủ phiếu",
        "không cộng với nhau",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
    let agency = admin.get(&format!("/quan-tri/co-quan/{first}")).await;
    for words in ["Kết luận được gì", "Các tiêu chí, thấp nhất trước", "Phân bố câu trả lời"]
    {
        assert!(agency.body.contains(words), "{words}");
    }
    assert!(admin.get("/quan-tri/xep-hang").await.body.contains("href=\"/quan-tri/co-quan/916\""));
    let pair = admin.get(&format!("/quan-tri/so-sanh?a={NINH_KIEU}&b={CAI_RANG}")).await;
    assert!(pair.body.contains("Chênh lệch, khoảng tin cậy 95%"));
    let summary = admin.get("/quan-tri/tom-tat").await;
    let mark = summary.body.split("ma=").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark").to_owned();
    let again = admin.get(&format!("/quan-tri/tom-tat?ma={mark}")).await;
    assert!(again.body.contains("đúng như trên bản in"), "{mark}");
    let kept = admin.get(&format!("/quan-tri/tom-tat/ma/{mark}")).await;
    assert!(kept.status == StatusCode::OK && kept.body.contains("nay vẫn đúng như vậy"), "{}", kept.body);
    assert!(admin.get("/quan-tri/tom-tat?ma=1-00000000").await.body.contains("Số liệu đã thay đổi"));
    assert_eq!(admin.get("/quan-tri/tom-tat?cap=quan-huyen").await.status, StatusCode::OK);
    let public = site::get(&office.router, "/ket-qua").await;
    assert!(public.body.contains("chưa được công bố"));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_round_the_overview_says_what_to_do() {
    let office = Office::new("workspace-none").await;
    for role in [Role::Admin, Role::SectorLead, Role::AgencyOfficer] {
        let mut browser = office.signed_in(role).await;
        for page in ["/quan-tri", "/quan-tri/xep-hang", "/quan-tri/so-sanh", "/quan-tri/tom-tat"] {
            let answer = browser.get(page).await;
            assert_eq!(answer.status, StatusCode::OK, "{role:?} {page}");
            assert!(answer.body.contains("Chưa có đợt đo lường nào"), "{role:?} {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_opens_its_own_figures_after_a_restart_and_when_they_have_moved() {
    let (state, simulated, folder) = city("workspace-sheet", 4_000, true).await;
    let mut office = Office::over(state, folder);
    let mut lan = officer(&office, "lan", NINH_KIEU).await;
    let page = lan.get(&format!("/quan-tri/tom-tat/{NINH_KIEU}")).await.body;
    let mark = page.split("ma=").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark").to_owned();
    let address = format!("/quan-tri/tom-tat/ma/{mark}");
    // Nobody else's: the same bytes as of a mark that was never printed.
    let mut other = officer(&office, "minh", CAI_RANG).await;
    let (theirs, none) = (other.get(&address).await, other.get("/quan-tri/tom-tat/ma/0123456789AB").await);
    assert_eq!(
        (theirs.status, none.status, theirs.body == none.body),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND, true)
    );
    let mut admin = office.signed_in(Role::Admin).await;
    let city_page = admin.get("/quan-tri/tom-tat").await.body;
    let of_city = city_page.split("ma=").nth(1).and_then(|rest| rest.split('"').next()).expect("a mark").to_owned();
    assert_eq!(lan.get(&format!("/quan-tri/tom-tat/ma/{of_city}")).await.status, StatusCode::NOT_FOUND);

    let first = lan.get(&address).await;
    let figures =
        |body: &str| body.split("<table").nth(1).and_then(|rest| rest.split("</table>").next()).map(str::to_owned);
    assert!(figures(&first.body).is_some_and(|table| table.contains('%')), "{}", first.body);
    let agencies = office.state.store.known_agencies().await.expect("agencies");
    let own = simulated.responses().filter(|r| agencies[&r.agency].code == NINH_KIEU);
    let more: Vec<_> = own
        .zip(1_u128..)
        .map(|(r, id)| app::domain::response::NewResponse { id: uuid::Uuid::from_u128(0xabcd_0000 + id), ..r })
        .collect();
    office.state.store.submit_many(more).await.expect("stored");
    office.state.store.fold_all().await.expect("folded");
    office.router = routes::router(office.state.clone());
    lan.router = office.router.clone();
    let later = lan.get(&format!("/quan-tri/tom-tat/ma?ma=+{}", mark.to_lowercase())).await;
    assert_eq!(figures(&later.body), figures(&first.body), "the old figures stand");
    assert!(later.body.contains("; nay là "), "{}", later.body);
}
