//! The resume token: what an address gives on the phone that answered, on another one, and without cookies; and a form that
//! is sent in two parts.

use app::domain::limits;
use app::domain::response::Standing;
use axum::http::{StatusCode, header};

use crate::world::{NOW, OPEN, Phone, World, form};
use crate::{counted, receipt, title};

#[tokio::test]
async fn the_address_of_a_tap_on_another_phone_shows_nothing_of_it_and_changes_nothing() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.open().await;
    phone.post("tap=5").await;
    let address = phone.at.clone();
    assert!(
        !phone.open().await.text().contains(address.split_once("p=").expect("a token").1),
        "not in the page either"
    );

    let (mut incomplete, mut valid) = (1, 0);
    for (minute, visited) in (1..).zip(["never", "looked", "answered"]) {
        let mut thief = Phone::new(&world, OPEN);
        if visited != "never" {
            thief.open().await;
        }
        if visited == "answered" {
            thief.post("tap=2").await;
            incomplete += 1;
        }
        for stage in ["", "&b=lai", "&b=phieu", "&b=xong"] {
            thief.at = format!("{address}{stage}");
            let page = thief.open().await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{visited} {stage}");
            assert!(
                !page.text().contains("Rất hài lòng") && !page.text().contains(" aria-pressed=\""),
                "{visited} {stage}"
            );
            assert!(page.text().contains("chỉ mở được trên máy đã trả lời") && page.text().contains("href=\"?\""));
        }
        // What is sent from there is an answer of the other phone.
        thief.at.clone_from(&address);
        let page = thief.post("tap=1").await;
        assert!(title(&page).starts_with("Đã ghi nhận: Rất không hài lòng"), "{visited}: {}", title(&page));
        incomplete += i64::from(visited != "answered");
        thief.at = format!("{address}&b=phieu");
        world.clock.set(NOW + minute * 60_000);
        assert!(thief.post(&form(22)).await.text().contains("Xin trân trọng cảm ơn"));
        // It joins the tap of that phone, whose cookie it has by now.
        (incomplete, valid) = (incomplete - 1, valid + 1);
        assert_eq!(counted(&world, Standing::Valid).await.0, valid, "{visited}");
        assert_eq!(counted(&world, Standing::Incomplete).await.0, incomplete, "{visited}");
    }
    // The phone that answered finds everything as it was.
    assert!(title(&phone.open().await).starts_with("Đã ghi nhận: Rất hài lòng"));
    phone.post("di=phieu").await;
    phone.post(&form(22)).await;
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 0);
    assert_eq!(counted(&world, Standing::Valid).await.0, valid + 1);
}

#[tokio::test]
async fn without_cookies_the_form_may_follow_within_the_visit_and_the_tap_is_not_shown() {
    let world = World::new(0).await;
    let mut phone = Phone::without_cookies(&world, OPEN);
    phone.open().await;
    let after = phone.post("tap=5").await;
    assert_eq!(after.status, StatusCode::OK);
    assert!(title(&after).starts_with("Đã ghi nhận ·") && !after.text().contains("Rất hài lòng"), "{}", title(&after));
    let address = phone.at.clone();
    let again = phone.post("tap=1").await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 2, "another tap from there is another answer");
    // After the visit the page is closed, and a form that was typed on it is taken all the same.
    world.clock.set(NOW + limits::VISIT_S * 1000 + 1000);
    phone.at = format!("{address}&b=phieu");
    assert_eq!(phone.open().await.status, StatusCode::FORBIDDEN);
    let done = phone.post(&form(22)).await;
    assert!(done.text().contains("Xin trân trọng cảm ơn"));
    assert_eq!(counted(&world, Standing::Valid).await.0, 1);
    assert_eq!(counted(&world, Standing::Incomplete).await.0, 2);
}

#[tokio::test]
async fn a_link_of_an_older_version_has_a_page_and_loses_nothing() {
    let world = World::new(0).await;
    let old = format!("/k/{OPEN}?p={}&b=phieu", "AZMsByCcfz6MVhstPk9aa1vo04gAAAAAAQRhYmNkZWZnaGlqa2xtbm9w");
    let mut phone = Phone::new(&world, OPEN);
    phone.at.clone_from(&old);
    let page = phone.open().await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(title(&page).starts_with("Trang này chỉ mở được trên máy đã trả lời"));
    assert!(page.text().contains("vẫn được giữ nguyên"));
    phone.at = old;
    assert!(phone.post(&format!("{}&comment=xong", form(22))).await.text().contains("Xin trân trọng cảm ơn"));
    assert_eq!(counted(&world, Standing::Valid).await.0, 1);
}

#[tokio::test]
async fn who_stops_before_the_end_is_asked_once_and_may_go_on_for_a_day() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.open().await;
    phone.post("tap=4").await;
    let page = phone.post("di=phieu").await;
    for way in ["href=\"#p4\"", "Tiếp: phần 4 ↓", "Dừng ở đây và gửi"] {
        assert!(page.text().contains(way), "{way}");
    }
    assert_eq!(page.text().matches("value=\"gui\"").count(), 1, "one way to end the form");
    let (at_form, part) = (phone.at.clone(), form(12).replace("di=gui", "comment=ch%E1%BA%ADm&di=dung"));
    world.clock.set(NOW + 60_000);
    let asked = phone.post(&part).await;
    assert!(title(&asked).starts_with("Còn 6 câu chưa trả lời"), "{}", title(&asked));
    assert_eq!(counted(&world, Standing::Valid).await.0, 0);
    let done = phone.post(&format!("hoi=1&{part}")).await;
    assert!(done.text().contains("Trả lời tiếp phần còn lại") && !done.text().contains("data-closed"));
    let first = receipt(&done);
    assert_eq!((counted(&world, Standing::Valid).await.0, counted(&world, Standing::Incomplete).await.0), (1, 0));

    // Back, the button, and the form without its address: what was sent is there, the form is never empty.
    phone.at.clone_from(&at_form);
    let back = phone.open().await;
    assert!(back.text().contains("name=\"2.1\" value=\"4\" checked") && back.text().contains("chậm</textarea>"));
    assert_eq!(back.header(header::CACHE_CONTROL), "no-store");
    phone.at = format!("/k/{OPEN}?b=phieu");
    let choice = phone.open().await;
    assert!(choice.text().contains("Trả lời tiếp phần còn lại") && choice.text().contains("action=\"/k/AB2C?p="));
    world.clock.set(NOW + limits::OPEN_MS - 60_000);
    phone.at.clone_from(&at_form);
    // Sent again, and sent whole: the same response.
    assert_eq!(receipt(&phone.post(&format!("hoi=1&{part}")).await), first);
    phone.at.clone_from(&at_form);
    let whole = phone.post(&form(22)).await;
    assert_eq!(receipt(&whole), first);
    assert!(!whole.text().contains("Trả lời tiếp phần còn lại") && whole.text().contains("data-closed"));
    assert_eq!((counted(&world, Standing::Valid).await.0, counted(&world, Standing::Incomplete).await.0), (1, 0));

    // Once it is whole, Back leads to the last page.
    phone.at.clone_from(&at_form);
    assert_eq!(receipt(&phone.open().await), first);
    phone.at = format!("/k/{OPEN}?b=phieu");
    let known = phone.open().await;
    assert!(known.text().contains("Máy này đã gửi một phiếu lúc") && known.text().contains("Đánh giá cho hồ sơ khác"));
}

#[tokio::test]
async fn a_tap_after_a_part_is_another_answer() {
    let world = World::new(0).await;
    let mut phone = Phone::new(&world, OPEN);
    phone.open().await;
    phone.at = format!("/k/{OPEN}?b=phieu");
    let part = form(12).replace("di=gui", "hoi=1&di=dung");
    phone.post(&part).await;
    phone.scan(OPEN);
    let tap = phone.post("tap=1").await;
    assert!(tap.text().contains("Máy này đã gửi một phiếu lúc"));
    assert_eq!((counted(&world, Standing::Valid).await.0, counted(&world, Standing::Incomplete).await.0), (1, 1));
    // Without cookies there is no way back to a part, so it is whole.
    let mut without = Phone::without_cookies(&world, OPEN);
    without.at = format!("/k/{OPEN}?b=phieu");
    assert!(!without.post(&part).await.text().contains("Trả lời tiếp phần còn lại"));
}

#[tokio::test]
async fn a_receipt_tells_what_became_of_its_answer_and_nothing_of_the_answer() {
    let world = World::new(0).await;
    let form_page = format!("/k/{OPEN}?b=phieu");
    let mut seen = vec![];
    for (body, words) in [
        (form(22), "phản hồi tự nguyện"),
        (format!("hom-nay=hoi-thong-tin&{}", form(15)), "không thuộc nhóm hồ sơ"),
        (format!("hoi=1&{}", form(3)), "chưa được một nửa"),
        (format!("website=x&{}", form(22)), "đang được kiểm tra"),
    ] {
        let mut phone = Phone::new(&world, OPEN);
        phone.at.clone_from(&form_page);
        seen.push((receipt(&phone.post(&body).await), words));
    }
    let mut phone = Phone::new(&world, OPEN);
    phone.post("tap=5").await;
    seen.push((receipt(&phone.post("di=xong").await), "mới chọn mức hài lòng chung"));
    for (code, words) in seen {
        phone.at = format!("/bien-nhan?ma={code}");
        let page = phone.open().await;
        assert!(title(&page).starts_with("Đã nhận, không tính vào chỉ số"), "{words}: {}", title(&page));
        assert!(page.text().contains(words), "{words}");
        assert!(!page.text().contains("được tính.") && !page.text().contains("Rất hài lòng"), "{words}");
    }
    phone.at = "/bien-nhan?ma=2222-2222".into();
    assert!(title(&phone.open().await).starts_with("Chưa tìm thấy phiếu có mã này"));
}
