use super::scan::MASK;
use super::words::{WORDS, sensitive};
use super::*;
use crate::domain::days::is_working_day;

/// 2018-11-12, a Monday.
const MONDAY: i32 = 17_847;

fn waiting(n: u128, body: &str, arrived: i32) -> Waiting {
    Waiting { response: Uuid::from_u128(n), body: body.to_owned(), arrived, day: arrived }
}

/// A place that turns the order of the ids around.
fn turned(id: Uuid) -> i64 {
    -i64::try_from(id.as_u128()).unwrap()
}

fn released(waiting: Vec<Waiting>, today: i32) -> Vec<Batch> {
    release(waiting, today, &is_working_day, &turned)
}

#[test]
fn four_comments_reach_nobody_and_the_fifth_brings_them_all() {
    let four: Vec<Waiting> = (0..4).map(|n| waiting(n, "Ghế chờ hư.", MONDAY)).collect();
    assert!(released(four.clone(), MONDAY + 1).is_empty());
    assert!(released(four.clone(), MONDAY + 365).is_empty());
    let five = [four, vec![waiting(4, "Rất tốt.", MONDAY)]].concat();
    let batches = released(five, MONDAY + 1);
    assert_eq!(batches.len(), 1);
    assert_eq!(batches[0].comments.len(), 5);
}

#[test]
fn nothing_is_read_on_the_day_it_came_nor_at_the_weekend_after() {
    let friday = MONDAY + 4;
    let five: Vec<Waiting> = (0..5).map(|n| waiting(n, "Rất tốt.", friday)).collect();
    for early in [friday, friday + 1, friday + 2] {
        assert!(released(five.clone(), early).is_empty(), "{early}");
    }
    assert_eq!(released(five, friday + 3).len(), 1);
}

#[test]
fn what_came_today_is_no_part_of_the_five() {
    let mut comments: Vec<Waiting> = (0..4).map(|n| waiting(n, "Rất tốt.", MONDAY)).collect();
    comments.push(waiting(4, "Rất tốt.", MONDAY + 1));
    assert!(released(comments.clone(), MONDAY + 1).is_empty());
    assert_eq!(released(comments, MONDAY + 2)[0].comments.len(), 5);
}

#[test]
fn the_order_is_that_of_the_keyed_places_and_the_months_are_those_of_the_batch() {
    let comments: Vec<Waiting> = (0..6).map(|n| waiting(n, "Rất tốt.", MONDAY - 40 + 10 * n as i32)).collect();
    let batch = released(comments, MONDAY + 60).remove(0);
    let ids: Vec<u128> = batch.comments.iter().map(|comment| comment.response.as_u128()).collect();
    assert_eq!(ids, [5, 4, 3, 2, 1, 0]);
    assert_eq!(crate::domain::days::year_and_month(batch.months.0), (2018, 10));
    assert_eq!(crate::domain::days::year_and_month(batch.months.1), (2018, 11));
}

#[test]
fn what_is_sensitive_is_apart_and_does_not_fill_up_the_batch_of_the_agency() {
    let mut comments: Vec<Waiting> = (0..4).map(|n| waiting(n, "Rất tốt.", MONDAY)).collect();
    comments.push(waiting(4, "Cán bộ đòi tiền mới làm.", MONDAY));
    comments.push(waiting(5, "Bị hạch sách đủ thứ.", MONDAY));
    let batches = released(comments, MONDAY + 1);
    let kinds: Vec<_> = batches.iter().map(|batch| (batch.sensitive, batch.comments.len())).collect();
    assert_eq!(kinds, [(Some(Sensitive::Corruption), 1), (Some(Sensitive::Harassment), 1)]);
}

#[test]
fn numbers_and_addresses_that_lead_to_a_person_are_masked() {
    for (body, read) in [
        ("Gọi tôi 0912345678 nhé", "Gọi tôi [đã che] nhé"),
        ("Gọi 0912 345 678.", "Gọi [đã che]."),
        ("Gọi 0912.345.678", "Gọi [đã che]"),
        ("+84 (912) 345-678", "+[đã che]"),
        ("bàn 0292 3 812 345", "bàn [đã che]"),
        ("CMND 361234567", "CMND [đã che]"),
        ("CCCD 092 123 456 789 của tôi", "CCCD [đã che] của tôi"),
        ("số ０９１２３４５６７８", "số [đã che]"),
        ("thư: lan.nguyen+1@gmail.com.vn, cảm ơn", "thư: [đã che], cảm ơn"),
        ("LAN@CANTHO.GOV.VN", "[đã che]"),
        ("không chín một hai ba bốn năm sáu bảy tám nha", "[đã che] nha"),
        ("hồ sơ 0123456789, 0987654321", "hồ sơ [đã che], [đã che]"),
    ] {
        let scanned = scan(body);
        assert_eq!(scanned.text, read, "{body}");
        assert!(scanned.masked && scanned.text.contains(MASK), "{body}");
    }
}

#[test]
fn sums_dates_and_hours_stay() {
    for body in [
        "Lệ phí 150.000 đồng, chờ 2 tiếng",
        "Nộp ngày 12/11/2018 lúc 9:42",
        "Giấy hẹn ghi 15 ngày",
        "Hết 20.000.000 đồng",
        "Gọi 1022 không ai bắt máy",
        "@ ghế số 3",
        "một hai ba lần rồi",
        "",
    ] {
        let scanned = scan(body);
        assert_eq!((scanned.text.as_str(), scanned.masked), (body, false), "{body}");
    }
}

#[test]
fn corruption_and_harassment_are_told_with_and_without_marks() {
    for (body, kind) in [
        ("Phải đưa PHONG BÌ mới xong", Some(Sensitive::Corruption)),
        ("phai dua phong bi moi xong", Some(Sensitive::Corruption)),
        ("Cán bộ hối lộ", Some(Sensitive::Corruption)),
        ("He asked for a bribe.", Some(Sensitive::Corruption)),
        ("bị đe dọa", Some(Sensitive::Harassment)),
        ("bị đe doạ", Some(Sensitive::Harassment)),
        // With marks the words are compared with theirs: "hơi lo" is no "hối lộ".
        ("Tôi hơi lo vì chưa rõ", None),
        ("Chờ gần hai tiếng mới tới lượt.", None),
        ("", None),
    ] {
        assert_eq!(sensitive(body), kind, "{body}");
    }
}

#[test]
fn every_word_has_a_reason_and_is_found_in_itself() {
    for (at, (word, kind, reason)) in WORDS.iter().enumerate() {
        assert!(!reason.is_empty() && word.to_lowercase() == *word, "{word}");
        assert_eq!(sensitive(&format!("Ở đây {word}!")), Some(*kind), "{word}");
        assert!(WORDS.iter().take(at).all(|(other, ..)| other != word), "{word} twice");
    }
}

#[test]
fn a_public_sentence_is_there_when_something_was_done_and_names_nobody() {
    let long = "ế".repeat(SENTENCE_CHARS + 1);
    for (typed, progress, fault) in [
        ("  ", Progress::Acknowledged, SentenceFault::Missing),
        ("", Progress::Resolved, SentenceFault::Missing),
        (long.as_str(), Progress::Resolved, SentenceFault::TooLong),
        ("Gọi 0912345678", Progress::Resolved, SentenceFault::PersonalData),
    ] {
        assert_eq!(public_sentence(typed, progress), Err(fault), "{typed}");
    }
    assert_eq!(public_sentence(" Đã thêm\n 10 ghế. ", Progress::Resolved).as_deref(), Ok("Đã thêm 10 ghế."));
    assert_eq!(public_sentence("Đang xem", Progress::New).as_deref(), Ok(""));
}
