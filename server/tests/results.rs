//! Home, results and method pages as a browser without script meets them.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod city;
#[path = "support/site.rs"]
mod site;

use app::domain::answer::{Answer as Given, Score, Sheet};
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use app::domain::text::Lang;
use app::server_side::simulate::SimulatedCity;
use axum::body::Body;
use axum::http::StatusCode;
use city::{city, code};
use hailong_server::routes;
use hailong_server::state::AppState;
use site::{NOW_MS, ask, get, request, site};
use testkit::Folder;
use uuid::Uuid;

/// A full form at the first desk.
fn form(state: &AppState, city: &SimulatedCity, id: u128) -> NewResponse {
    let desk = &city.desks[0];
    let questionnaire = state.catalogue.questionnaire("hanh-chinh-2018", None).expect("the form");
    let mut sheet = Sheet::blank(&questionnaire);
    sheet.answers.fill(Given::Score(Score::new(4).unwrap()));
    NewResponse {
        id: Uuid::from_u128(id),
        round: desk.round,
        agency: desk.agency,
        desk: Some(desk.id),
        device: None,
        stratum: city.strata.iter().find(|s| s.agency == desk.agency).unwrap().id,
        field: None,
        stream: Stream::Open,
        standing: Standing::Valid,
        mode: Mode::Qr,
        lang: Lang::Vi,
        marks: Marks::default(),
        phase: Phase::Form,
        sheet,
        comment: None,
        started_at: None,
        finished_at: None,
        local_day: 17_847,
        received_at: NOW_MS,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_round_and_before_publication_there_are_words_instead_of_figures() {
    let folder = Folder::new("results-none");
    let router = routes::router(site(&folder).await);
    let page = get(&router, "/ket-qua").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Chưa có đợt đo lường nào.") && page.body.contains("Nhập mã trên bảng"));
    assert_eq!(get(&router, "/cach-tinh").await.status, StatusCode::OK);

    let (state, simulated, _folder) = city("results-real", 400, false).await;
    let router = routes::router(state);
    for path in ["/ket-qua".to_owned(), format!("/ket-qua/{}", code(&simulated, 0))] {
        let page = get(&router, &path).await;
        assert!(page.body.contains("chưa được công bố") && !page.body.contains('%'), "{path}");
    }
    assert!(!get(&router, "/cach-tinh").await.body.contains("Trong đợt này"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_city_shows_its_moving_figures_and_says_what_they_are() {
    let (state, simulated, _folder) = city("results-sample", 2_000, true).await;
    let router = routes::router(state);
    let page = get(&router, "/ket-qua").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["SỐ LIỆU MÔ PHỎNG", "Chỉ số hài lòng", "Có thể từ hạng", "chưa chốt số liệu", "mẫu tham khảo"]
    {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(page.header("content-security-policy").contains("style-src 'self'"));
    assert!(!page.body.contains("<script") && !page.body.contains(" style=") && !page.body.contains('±'));

    let agency = get(&router, &format!("/ket-qua/{}", code(&simulated, 0).to_uppercase())).await;
    assert_eq!(agency.status, StatusCode::OK);
    assert!(agency.body.contains("Phân bố câu trả lời") && agency.body.contains("SỐ LIỆU MÔ PHỎNG"));
    let unknown = get(&router, "/ket-qua/%3Cscript%3E").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.body.contains("Không có cơ quan này") && !unknown.body.contains("<script>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_at_a_desk_moves_the_figures_of_its_agency() {
    let (state, simulated, _folder) = city("results-move", 1_500, true).await;
    let router = routes::router(state.clone());
    let path = format!("/ket-qua/{}?nguon=open", code(&simulated, 0));
    for id in 0..6 {
        state.store.submit(form(&state, &simulated, 7_000 + id)).await.expect("stored");
    }
    state.store.fold_all().await.expect("folded");
    let before = get(&router, &path).await;
    state.store.submit(form(&state, &simulated, 8_000)).await.expect("stored");
    state.store.fold_all().await.expect("folded");
    let after = get(&router, &path).await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_ne!(before.body, after.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_has_the_page_is_not_sent_it_again() {
    let (state, _, _folder) = city("results-etag", 300, true).await;
    let router = routes::router(state);
    let plain = get(&router, "/ket-qua").await;
    let tag = plain.header("etag").to_owned();
    let again = ask(&router, request("GET", "/ket-qua", &[("if-none-match", &tag)], Body::empty())).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let packed = ask(&router, request("GET", "/ket-qua", &[("accept-encoding", "gzip, br")], Body::empty())).await;
    assert_eq!((packed.header("content-encoding"), packed.header("vary")), ("br", "accept-encoding"));
    assert_ne!(packed.header("etag"), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_the_address_is_text() {
    let (state, _, _folder) = city("results-address", 300, true).await;
    let router = routes::router(state);
    for path in
        ["/ket-qua?tim=%22%3E%3Cscript%3Ex%3C/script%3E", "/ket-qua?tim=%FF%FE&sap=%00", "/ket-qua?dot=%3Cb%3E&nguon=x"]
    {
        let page = get(&router, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("<script>") && !page.body.contains("<b>"), "{path}");
    }
    let found = get(&router, "/ket-qua?tim=binh%20thuy").await;
    assert!(found.body.contains("Quận Bình Th") && !found.body.contains("Quận Ninh Kiều"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_code_leads_to_its_desk_however_it_is_written() {
    let (state, simulated, _folder) = city("results-code", 0, true).await;
    let router = routes::router(state);
    let desk = &simulated.desks[0].code;
    let (head, tail) = desk.split_at(2);
    let typed = format!("/k?ma=%20{}%20-{}&lang=en", head.to_lowercase(), tail);
    let answer = get(&router, &typed).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, &*format!("/k/{desk}?lang=en")));
    for wrong in ["/k?ma=%3Cscript%3E0000", "/k?ma=", "/k"] {
        let answer = get(&router, wrong).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        assert!(answer.body.contains("Không có bảng nào mang mã") && !answer.body.contains("<script>"), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calculator_is_answered_by_the_server() {
    let folder = Folder::new("results-calculator");
    let router = routes::router(site(&folder).await);
    let page = get(&router, "/cach-tinh?ho-so=2.004&phieu=312&hai-long=264").await;
    assert!(page.body.contains("84,62%") && page.body.contains("từ 80,5 đến 88,0"), "{}", page.body);
    assert!(page.header("content-security-policy").contains("'wasm-unsafe-eval'"));
    let wrong = get(&router, "/cach-tinh?ho-so=10&phieu=11&hai-long=%3Cb%3E").await;
    assert!(wrong.body.contains("Số phiếu không thể lớn hơn số hồ sơ.") && !wrong.body.contains("<b>"));
    assert!(get(&router, "/cach-tinh?lang=en").await.body.contains("How this index is calculated"));
}
