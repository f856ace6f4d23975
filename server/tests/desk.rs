//! The phone page as citizens meet it: every journey without script, every refusal in words, every byte counted.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "desk/resume.rs"]
mod resume;
#[path = "support/world.rs"]
mod world;

use app::domain::ids::{RoundId, StratumId};
use app::domain::response::Standing;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use world::{Answer, EARLY, LATE, NOW, OPEN, Phone, World, form};

/// Answers in the round of the open desk, by standing, and how many lie outside the index.
async fn counted(world: &World, standing: Standing) -> (i64, i64) {
    world.store.fold_all().await.expect("folded");
    let tallies = world.store.tallies().await.expect("tallies");
    let cells = || tallies.round(RoundId(1)).filter(|(cell, _)| cell.standing == standing);
    let outside = cells().filter(|(cell, _)| cell.stratum == StratumId::OUTSIDE);
    (cells().map(|(_, tally)| tally.n()).sum(), outside.map(|(_, tally)| tally.n()).sum())
}

fn title(answer: &Answer) -> &str {
    let text = answer.text();
    text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map_or("", |(title, _)| title)
}

fn receipt(answer: &Answer) -> String {
    let (_, rest) = answer.text().split_once("class=\"receipt\">").expect("a receipt");
    rest.chars().take(9).collect()
}

#[tokio::test]
async fn a_tap_is_recorded_and_may_be_chosen_again() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    assert!(phone.open().await.text().contains("Nhìn chung, Ông/Bà hài lòng như thế nào"));
    let after = phone.post("tap=4").await;
    assert!(title(&after).starts_with("Đã ghi nhận: Hài lòng"), "{}", title(&after));
    assert_eq!(after.header(header::CACHE_CONTROL), "no-store");
    let again = phone.post("di=lai").await;
    assert!(again.text().contains("aria-pressed=\"true\""));
    assert!(title(&phone.post("tap=2").await).starts_with("Đã ghi nhận: Không hài lòng"));
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 1);
}

#[tokio::test]
async fn tap_form_thanks_and_a_receipt_that_was_counted() {
    for cookies in [true, false] {
        let world = World::new(0).await;
        let mut phone = if cookies { Phone::new(&world, OPEN) } else { Phone::without_cookies(&world, OPEN) };
        phone.post("tap=5").await;
        assert!(phone.post("di=phieu").await.text().contains("Câu 22/22"));
        world.clock.set(NOW + 60_000);
        let done = phone.post(&form(22)).await;
        assert!(done.text().contains("Xin trân trọng cảm ơn"));
        assert!(!done.text().contains("Hài lòng"), "the last page shows no answer");
        assert_eq!(counted(&world, Standing::Valid).await.0, 1);
        assert_eq!(counted(&world, Standing::Incomplete).await.0, 0);

        let mut checking = Phone::new(&world, OPEN);
        checking.at = format!("/bien-nhan?ma={}", receipt(&done).to_lowercase());
        assert!(title(&checking.open().await).starts_with("Đã nhận"));
        checking.at = "/bien-nhan?ma=%3Cscript%3E".into();
        let wrong = checking.open().await;
        assert!(title(&wrong).starts_with("Mã này không phải biên nhận"));
        assert!(!wrong.text().contains("<script>"));
    }
}

#[tokio::test]
async fn enough_after_the_tap_gives_a_receipt_and_takes_nothing_back() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.post("tap=3").await;
    let after = phone.at.clone();
    assert_eq!(receipt(&phone.post("di=xong").await).len(), 9);
    // They change their mind with the back button.
    phone.at = after;
    phone.post("di=phieu").await;
    world.clock.set(NOW + 60_000);
    assert!(phone.post(&form(22)).await.text().contains("Xin trân trọng cảm ơn"));
    assert_eq!(counted(&world, Standing::Valid).await.0, 1);
}

#[tokio::test]
async fn the_same_again_is_the_same_success_and_other_answers_are_refused_in_words() {
    let world = World::new(0).await;
    let mut phone = Phone::without_cookies(&world, OPEN);
    phone.post("tap=5").await;
    phone.post("di=phieu").await;
    let at_form = phone.at.clone();
    world.clock.set(NOW + 60_000);
    let first = receipt(&phone.post(&form(22)).await);
    phone.at.clone_from(&at_form);
    assert_eq!(receipt(&phone.post(&form(22)).await), first);
    phone.at = at_form;
    let other = phone.post(&form(20)).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.text().contains("Phiếu này đã gửi rồi") && other.text().contains("Đánh giá cho hồ sơ khác"));
    assert_eq!(counted(&world, Standing::Valid).await.0, 1);
}

#[tokio::test]
async fn a_second_answer_from_the_same_phone_is_taken_marked_and_told() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.at = format!("/k/{OPEN}?b=phieu");
    phone.post(&form(22)).await;
    world.clock.set(NOW + 600_000);
    phone.scan(OPEN);
    let second = phone.post("tap=1").await;
    assert!(second.text().contains("Máy này đã gửi một phiếu lúc 9:42."), "{}", second.text());
    assert!(title(&second).starts_with("Đã ghi nhận: Rất không hài lòng"));
    // Its resend is found again.
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 1);
    phone.post("di=phieu").await;
    world.clock.set(NOW + 660_000);
    let done = phone.post(&form(21)).await;
    assert!(done.text().contains("Máy này đã gửi một phiếu lúc 9:42."));
    assert_eq!(counted(&world, Standing::Valid).await.0, 2);
    // Another dossier: the phone is forgotten.
    let fresh = phone.post("di=khac").await;
    assert!(fresh.text().contains("Nhìn chung"));
    assert!(!phone.post("tap=3").await.text().contains("Máy này đã gửi"));
}

#[tokio::test]
async fn a_second_form_sent_twice_from_the_same_phone_is_one_answer() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.at = format!("/k/{OPEN}?b=phieu");
    let first = receipt(&phone.post(&form(22)).await);
    for _ in 0..2 {
        phone.at = format!("/k/{OPEN}?b=phieu");
        // The answer to this post never reaches the phone: it keeps its cookie.
        let answer = phone.post_without_listening(&form(19)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    phone.at = format!("/k/{OPEN}?b=phieu");
    let same = phone.post(&form(22)).await;
    assert_eq!(receipt(&same), first, "the first form again is its resend");
    assert!(!same.text().contains("Máy này đã gửi"));
    assert_eq!(counted(&world, Standing::Valid).await.0, 2);
}

#[tokio::test]
async fn enter_in_a_text_field_votes_for_nothing() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    let page = phone.open().await;
    let (first_button, tap) = (page.text().find("value=\"gui\""), page.text().find("name=\"tap\""));
    assert!(first_button < tap && first_button.is_some());
    let empty = phone.post("di=gui&website=&id=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text().contains("chưa có câu trả lời nào"));
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 0);
}

#[tokio::test]
async fn faults_bring_the_same_page_back_with_every_answer() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.at = format!("/k/{OPEN}?b=phieu");
    let hostile = "%3C%2Ftextarea%3E%3C%2Ftitle%3E%3Cscript%3Ex%3C%2Fscript%3E";
    let body = format!("1.1=6&1.2=5&9.9=1&hom-nay=nop-ho-so&comment={hostile}%00&di=gui");
    let page = phone.post(&body).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(title(&page).starts_with("Lỗi: "));
    assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
    let html = page.text();
    assert!(html.contains("href=\"#c-1.1\"") && html.contains("id=\"c-1.1\""));
    assert!(html.contains("name=\"1.2\" value=\"5\" checked"));
    assert!(html.contains("&lt;/textarea&gt;&lt;/title&gt;&lt;script&gt;x&lt;/script&gt;"));
    assert!(!html.contains("<script>x"));
    for (body, words) in [
        (format!("{}&mong-doi=thong-tin&mong-doi=co-so&mong-doi=le-phi&mong-doi=khac", form(22)), "nhiều nhất 3 ý"),
        (format!("{}&comment={}", form(22), "a".repeat(2_001)), "dài quá"),
        ("tap=6".into(), "một trong các mức"),
    ] {
        let page = phone.post(&body).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(page.text().contains(words), "{words}");
    }
    assert_eq!(counted(&world, Standing::Valid).await.0, 0);
}

#[tokio::test]
async fn under_half_answered_it_asks_once() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.at = format!("/k/{OPEN}?b=phieu");
    let page = phone.post(&form(4)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(title(&page).starts_with("Còn 14 câu chưa trả lời"), "{}", title(&page));
    assert!(page.text().contains("href=\"#c-2.1\"") && page.text().contains("id=\"c-2.1\""));
    assert!(page.text().contains("name=\"hoi\" value=\"1\""));
    let done = phone.post(&format!("hoi=1&{}", form(4))).await;
    assert!(done.text().contains("Xin trân trọng cảm ơn"));
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 1);
}

#[tokio::test]
async fn language_and_size_change_and_answers_stay() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    let first = phone.open().await;
    assert!(first.text().contains("href=\"?lang=en\"") && first.text().contains("href=\"?chu=to\""));
    phone.post("tap=4").await;
    let english = phone.post("xem=en").await;
    assert!(title(&english).starts_with("Recorded: Satisfied"));
    assert!(title(&phone.post("xem=to").await).starts_with("Recorded: Satisfied"));
    assert!(phone.at.contains("lang=en&chu=to") && phone.at.contains("p="));
    phone.post("di=phieu").await;
    let kept = phone.post("1.1=5&comment=hello&xem=vi").await;
    assert_eq!(kept.status, StatusCode::OK);
    let html = kept.text();
    assert!(html.contains("lang=\"vi\"") && html.contains("class=\"large\""));
    assert!(html.contains("name=\"1.1\" value=\"5\" checked") && html.contains("hello</textarea>"));
    assert!(html.contains("action=\"/k/AB2C?p="));
}

#[tokio::test]
async fn who_has_no_result_yet_is_outside_the_index() {
    let world = World::new(0).await;
    for (visit, outside) in [("nop-ho-so", 1), ("ket-qua", 1), ("hoi-thong-tin", 2)] {
        let mut phone = Phone::new(&world, OPEN);
        phone.at = format!("/k/{OPEN}?b=phieu");
        phone.post(&format!("hom-nay={visit}&{}", form(15))).await;
        assert_eq!(counted(&world, Standing::Valid).await.1, outside, "{visit}");
    }
}

#[tokio::test]
async fn what_programs_do_is_marked_and_kept_apart() {
    let world = World::new(0).await;
    let mut honeypot = Phone::new(&world, OPEN);
    honeypot.at = format!("/k/{OPEN}?b=phieu");
    honeypot.post(&format!("website=spam&{}", form(22))).await;
    let mut fast = Phone::new(&world, OPEN);
    fast.post("tap=5").await;
    fast.post("di=phieu").await;
    fast.post(&form(22)).await;
    assert_eq!(counted(&world, Standing::Suspect).await.0, 2);
    assert_eq!(counted(&world, Standing::Valid).await.0, 0);
}

#[tokio::test]
async fn an_id_of_script_makes_a_resend_one_answer() {
    let world = World::new(0).await;
    let id = uuid::Builder::from_unix_timestamp_millis(NOW.unsigned_abs(), &[5; 10]).into_uuid();
    for _ in 0..3 {
        let mut phone = Phone::without_cookies(&world, OPEN);
        phone.post(&format!("tap=4&id={id}&luc={NOW}&gui={}", NOW + 3_000)).await;
    }
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 1);
}

#[tokio::test]
async fn script_is_told_where_to_go() {
    let world = World::new(0).await;
    let post = |body: &str| {
        Request::post(format!("/k/{OPEN}"))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8")
            .body(Body::from(body.to_owned()))
            .expect("a request")
    };
    let answer = world.send(post("tap=4")).await;
    assert_eq!((answer.status, answer.header(header::CONTENT_TYPE)), (StatusCode::OK, "application/json"));
    assert!(answer.text().starts_with("{\"next\":\"/k/AB2C?p="), "{}", answer.text());
    assert!(answer.header(header::SET_COOKIE).contains("HttpOnly; SameSite=Lax"));
    // What needs words comes back as a page when the browser posts by itself.
    assert_eq!(world.send(post("1.1=6")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.send(post(&form(1))).await.text(), "{\"next\":null}");
}

#[tokio::test]
async fn every_refusal_has_words() {
    let world = World::new(0).await;
    for (desk, status, words) in [
        ("ZZZZ", StatusCode::NOT_FOUND, "Không có quầy nào mang mã này"),
        (EARLY, StatusCode::FORBIDDEN, "chưa bắt đầu"),
        (LATE, StatusCode::GONE, "href=\"/ket-qua\""),
    ] {
        let mut phone = Phone::new(&world, desk);
        for answer in [phone.open().await, phone.post("tap=4").await] {
            assert_eq!(answer.status, status, "{desk}");
            assert!(answer.text().contains(words), "{desk}");
        }
    }
    let mut phone = Phone::new(&world, OPEN);
    for (body, status, words) in [
        ("comment=".to_owned() + &"a".repeat(70_000), StatusCode::PAYLOAD_TOO_LARGE, "Phiếu quá dài"),
        ("comment=%ff%fe".into(), StatusCode::BAD_REQUEST, "Không đọc được phiếu"),
    ] {
        let answer = phone.post(&body).await;
        assert_eq!(answer.status, status, "{words}");
        assert!(answer.text().contains(words), "{words}");
    }
    let foreign = Request::post(format!("/k/{OPEN}")).header("sec-fetch-site", "cross-site").body(Body::from("tap=4"));
    assert_eq!(world.send(foreign.expect("a request")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 0);
}

#[tokio::test]
async fn a_busy_server_says_so_and_gives_the_answers_back() {
    let world = World::new(0).await;
    world.store.shutdown().await;
    let mut phone = Phone::new(&world, OPEN);
    let tap = phone.post("tap=4").await;
    assert_eq!(tap.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!tap.header(header::RETRY_AFTER).is_empty());
    assert!(tap.text().contains("Máy chủ đang bận, phiếu CHƯA được ghi.") && tap.text().contains("Gửi lại: Hài lòng"));
    phone.at = format!("/k/{OPEN}?b=phieu");
    let page = phone.post(&format!("{}&comment=ch%E1%BB%9D", form(22))).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text().contains("chờ</textarea>") && page.text().contains("name=\"3.1\" value=\"4\" checked"));
}

#[tokio::test]
async fn a_desk_over_its_budget_asks_to_wait() {
    let world = World::new(2).await;
    for (n, status) in [(1, StatusCode::OK), (2, StatusCode::OK), (3, StatusCode::TOO_MANY_REQUESTS)] {
        let answer = Phone::new(&world, OPEN).post("tap=4").await;
        assert_eq!(answer.status, status, "post {n}");
    }
    world.clock.set(NOW + 60_000);
    assert_eq!(Phone::new(&world, OPEN).post("tap=4").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_typed_in_small_letters_finds_its_desk() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, "ab-2c");
    let answer = phone.open().await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/k/AB2C"));
}

#[tokio::test]
async fn every_stage_paints_from_8_kb_headers_included() {
    const MOST: usize = 8 * 1024;
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.post("tap=4").await;
    let (after, pass) = (phone.at.clone(), phone.at.split_once("p=").expect("a token").1.to_owned());
    phone.post("di=xong").await;
    let done = phone.at.clone();
    for look in ["", "&lang=en", "&chu=to", "&lang=en&chu=to"] {
        let stages = [
            format!("/k/{OPEN}?{look}"),
            format!("/k/{OPEN}?b=phieu{look}"),
            format!("{after}{look}"),
            format!("/k/{OPEN}?p={pass}&b=lai{look}"),
            format!("/k/{OPEN}?p={pass}&b=phieu{look}"),
            format!("{done}{look}"),
            format!("/bien-nhan?{look}"),
        ];
        for stage in stages {
            let mut plain = 0;
            for encoding in ["identity", "gzip", "br"] {
                let request = Request::get(&stage).header(header::ACCEPT_ENCODING, encoding);
                let answer = world.send(request.body(Body::empty()).expect("a request")).await;
                assert_eq!(answer.status, StatusCode::OK, "{stage}");
                if encoding == "identity" {
                    plain = answer.bytes();
                    continue;
                }
                assert_eq!(answer.header(header::CONTENT_ENCODING), encoding);
                println!("{encoding:>4} {:>5} of {plain:>5} {}", answer.bytes(), stage.replace(&pass, "…"));
                assert!(answer.bytes() <= MOST, "{} bytes in {encoding}: {stage}", answer.bytes());
            }
        }
    }
}

#[tokio::test]
async fn the_policy_allows_the_style_and_the_script_that_are_inside_and_nothing_else() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let world = World::new(0).await;
    for stage in ["", "?b=phieu", "?b=xong"] {
        let mut phone = Phone::new(&world, OPEN);
        phone.at = format!("/k/{OPEN}{stage}");
        let answer = phone.open().await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        for tag in ["style", "script"] {
            let (_, rest) = answer.text().split_once(&format!("<{tag}>")).expect("a tag");
            let (source, _) = rest.split_once(&format!("</{tag}>")).expect("an end");
            let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(source));
            assert!(policy.contains(&format!("{tag}-src 'sha256-{hash}'")), "{tag} {stage}");
        }
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"));
        for attribute in [" style=\"", " onclick", " src=\""] {
            assert!(!answer.text().contains(attribute), "{attribute}");
        }
    }
}
