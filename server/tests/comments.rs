//! Comments, actor by actor: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::role::Role;
use axum::http::StatusCode;
use staff::{Browser, Office};

const LIST: &str = "/quan-tri/y-kien";
/// Ninh Kiều and Cái Răng.
const OWN: &str = "916";
const OTHER: &str = "919";

async fn office(name: &str) -> Office {
    // So many that Cái Răng has a batch as well.
    let (state, _, folder) = city::city(name, 30_000, true).await;
    Office::over(state, folder)
}

/// The addresses of the comments on a page of the list.
fn links(body: &str) -> Vec<String> {
    let parts = body.split("href=\"/quan-tri/y-kien/").skip(1);
    parts.filter_map(|part| part.split_once('"')).map(|(id, _)| format!("{LIST}/{id}")).collect()
}

fn form(sentence: &str) -> String {
    let fields =
        [("chu-de", "co-so-vat-chat"), ("giao", "Bộ phận một cửa"), ("tinh-trang", "da-giai-quyet"), ("cau", sentence)];
    Browser::form(&fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_comments_is_refused_and_it_is_noted() {
    let office = office("comments-roles").await;
    for role in [Role::Auditor, Role::Supervisor, Role::Surveyor, Role::DataEntry] {
        let mut browser = office.signed_in(role).await;
        assert_eq!(browser.get(LIST).await.status, StatusCode::FORBIDDEN, "{role:?}");
        assert_eq!(browser.post(&format!("{LIST}/1f"), &form("x")).await.status, StatusCode::FORBIDDEN, "{role:?}");
    }
    let log = office.log().await;
    assert_eq!(log.iter().filter(|entry| entry.act == "refused").count(), 8);
    assert!(log.iter().all(|entry| entry.act != "comments-read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_officer_of_ninh_kieu_finds_no_comment_on_cai_rang() {
    let office = office("comments-officer").await;
    let mut admin = office.signed_in(Role::Admin).await;
    let theirs = links(&admin.get(&format!("{LIST}?co-quan={OTHER}")).await.body);
    assert!(!theirs.is_empty());
    let mut lan = office.signed_in_at(Role::AgencyOfficer, OWN).await;
    let page = lan.get(LIST).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("Cái Răng"), "{page:?}");
    assert!(!links(&page.body).is_empty() && links(&page.body).iter().all(|link| !theirs.contains(link)));
    let unknown = lan.get(&format!("{LIST}/1f")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    for path in [
        theirs[0].clone(),
        format!("{LIST}?co-quan={OTHER}"),
        format!("{LIST}?co-quan=khong-co"),
        format!("{LIST}/khong-co"),
    ] {
        let answer = lan.get(&path).await;
        assert_eq!((answer.status, answer.body), (StatusCode::NOT_FOUND, unknown.body.clone()), "{path}");
    }
    for path in [theirs[0].clone(), format!("{}/nguyen-van", theirs[0])] {
        assert_eq!(lan.post(&path, &form("Xong.")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let before = admin.get(&theirs[0]).await.body;
    assert!(before.contains("chưa xử lý"), "nothing was changed: {before}");
    // The original of her own is not hers to see.
    let own = links(&page.body)[0].clone();
    assert_eq!(lan.post(&format!("{own}/nguyen-van"), "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_well_is_not_kept_and_what_was_typed_stays() {
    let office = office("comments-faults").await;
    let mut lan = office.signed_in_at(Role::AgencyOfficer, OWN).await;
    let link = links(&lan.get(LIST).await.body).remove(0);
    let hostile = "</textarea><script>x</script>";
    for (sentence, words) in [
        ("", "xin ghi một câu"),
        ("Gọi 0912 345 678", "không ghi số điện thoại"),
        (&"ế".repeat(301), "dài nhất 300"),
        (&format!("{hostile} 0912345678"), "không ghi số điện thoại"),
    ] {
        let answer = lan.post(&link, &form(sentence)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert!(answer.body.contains(words) && answer.body.contains("Bộ phận một cửa"), "{sentence}: {answer:?}");
        assert!(!answer.body.contains(hostile), "{answer:?}");
    }
    let fields = [("tinh-trang", "khong-co"), ("cau", "Xong.")];
    assert_eq!(lan.post(&link, &Browser::form(&fields)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let public = site::get(&hailong_server::routes::router(office.state.clone()), &format!("/ket-qua/{OWN}")).await;
    assert!(!public.body.contains("Ông/Bà nói"), "nothing is said yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_answers_the_public_reads_the_sentence_and_every_look_is_in_the_log() {
    let office = office("comments-answer").await;
    let mut lan = office.signed_in_at(Role::AgencyOfficer, OWN).await;
    let list = lan.get(LIST).await;
    assert_eq!(list.header("cache-control"), "no-store");
    assert!(list.body.contains("Quận Ninh Kiều") && list.body.contains("tháng "), "{list:?}");
    for secret in ["12/11/2018", "Quầy", "hailong.example.vn/k/"] {
        assert!(!list.body.contains(secret), "{secret} is on the page");
    }
    let link = links(&list.body).remove(0);
    let one = lan.get(&link).await;
    assert_eq!(one.status, StatusCode::OK);
    let comment = one.body.split("class=\"comment\">").nth(1).expect("a comment");
    let comment = comment.split('<').next().expect("its end").to_owned();
    let saved = lan.post(&link, &form("Đã thêm 10 ghế ở phòng chờ.")).await;
    assert_eq!((saved.status, saved.header("location")), (StatusCode::SEE_OTHER, "/quan-tri/y-kien?xong=luu"));
    assert!(lan.get("/quan-tri/y-kien?xong=luu&tinh-trang=da-giai-quyet").await.body.contains("Đã thêm 10 ghế"));

    let site = hailong_server::routes::router(office.state.clone());
    let public = site::get(&site, &format!("/ket-qua/{OWN}")).await;
    assert!(public.body.contains("Ông/Bà nói, cơ quan làm"), "{}", public.body);
    assert!(public.body.contains("Đã thêm 10 ghế ở phòng chờ.") && !public.body.contains(&comment));
    assert!(!site::get(&site, &format!("/ket-qua/{OTHER}")).await.body.contains("Đã thêm 10 ghế"));

    let log = office.log().await;
    let of = |act: &str| log.iter().filter(|entry| entry.act == act).count();
    assert_eq!((of("comments-read"), of("comment-changed")), (3, 1), "{log:?}");
    assert!(log.iter().all(|entry| !entry.detail.contains(&comment)), "the log holds no comment");
}
