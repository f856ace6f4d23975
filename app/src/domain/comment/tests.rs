use super::scan::MASK;
use super::words::{WORDS, sensitive};
use super::*;
use crate::domain::days::is_working_day;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

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
        // A letter may lack marks, never have others: "hơi lo" is no "hối lộ".
        ("Tôi hơi lo vì chưa rõ", None),
        ("Chờ gần hai tiếng mới tới lượt.", None),
        ("", None),
    ] {
        assert_eq!(sensitive(body), kind, "{body}");
    }
}

#[test]
fn a_complaint_is_told_however_it_is_typed() {
    for body in [
        "phai dua phong bi moi xong 😡",
        "Can bo doi tien “ca phe”",
        "can bo noi: ‘dua tien’ di",
        "phải đưa phong bi mới xong",
        "PHAI ĐƯA PHONG BÌ",
        "phong\u{200b} bì",
        "pho\u{200d}ng b\u{ad}ì",
        "p.h.o.n.g b.ì",
        "h ố i l ộ",
        "h-ố-i_l-ộ",
        "hối…lộ",
        "hối 💰 lộ",
        "hố😀i lộ",
        "hốilộ",
        "hôi lô",
        "hối lô",
        "𝗵𝗼𝗻𝗴 biết, 𝗵𝗼̂́𝗶 𝗹𝗼̣̂",
        "ｈｏｉ ｌｏ 5️⃣00k",
        "h\u{336}ố\u{336}i\u{336} l\u{336}ộ",
        "phoℹng bì",
        "đưa cho công an 2 phong bì❤️",
    ] {
        let composed = sensitive(body);
        assert_eq!(composed, Some(Sensitive::Corruption), "{body}");
        assert_eq!(sensitive(&body.nfd().collect::<String>()), composed, "{body}, decomposed");
    }
    for body in ["bị đe doa", "bi đe dọa", "BỊ HẠCH-SÁCH", "bị chưi 🤬"] {
        assert_eq!(sensitive(body), Some(Sensitive::Harassment), "{body}");
    }
}

#[test]
fn what_the_scan_cannot_read_never_reaches_the_agency() {
    // Letters that look alike, and letters of other languages.
    for body in [
        "hoi lo".replace('o', "\u{43e}"),
        "п\u{43e}ng".to_owned(),
        "ខ្ញុំ".to_owned(),
        "hoái loä".to_owned(),
        "🅷🅾🅸".to_owned(),
    ] {
        assert!(sensitive(&body).is_some(), "{body}");
    }
    let mut comments: Vec<Waiting> = (0..4).map(|n| waiting(n, "Rất tốt.", MONDAY)).collect();
    comments.push(waiting(4, "ខ្ញុំ", MONDAY));
    let batches = released(comments, MONDAY + 1);
    assert_eq!(batches.iter().map(|batch| batch.sensitive).collect::<Vec<_>>(), [Some(Sensitive::Unreadable)]);
}

#[test]
fn what_people_write_every_day_is_not_held_back() {
    for body in [
        "Rất hài lòng ❤️👍🏽 “tuyệt vời” – 10/10 ✅",
        "Cán bộ nhiệt tình, hướng dẫn kỹ… cảm ơn nhiều!!! 🙏🏼",
        "Chờ lâu quá 😞 từ 7h30’ đến 10h½",
        "Very kind staff — I’d come again 🇻🇳",
        "Nên có thêm ghế (≥ 20 cái) & quạt; phòng chật.",
        "Sạch nhiều hơn trước, quay rồi mới thấy quầy số 3",
    ] {
        assert_eq!(sensitive(body), None, "{body}");
    }
}

#[test]
fn numbers_that_lead_to_a_person_are_masked_whatever_divides_their_figures() {
    for body in [
        "0\u{200b}912\u{200b}345678",
        "0912😀345😀678",
        "0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
        "٠٩١٢٣٤٥٦٧٨",
        "0912’345’678",
        "lan\u{200b}@gmail.com",
    ] {
        let scanned = scan(body);
        assert!(scanned.masked && !scanned.text.chars().any(char::is_numeric), "{body}: {}", scanned.text);
    }
}

proptest! {
    #[test]
    fn one_more_sign_anywhere_keeps_a_sensitive_comment_sensitive(
        word in 0..WORDS.len(),
        bare in any::<bool>(),
        decomposed in any::<bool>(),
        at in 0_usize..60,
        sign in prop_oneof![
            "[\u{2018}-\u{201f}\u{ab}\u{bb}'\"]",
            "[\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2064}\u{feff}\u{ad}\u{fe0e}\u{fe0f}\u{34f}]",
            "[\u{1f300}-\u{1faff}\u{2600}-\u{27bf}\u{1f1e6}-\u{1f1ff}\u{2139}\u{2122}\u{24c2}\u{20e3}]",
            // Not the marks of Vietnamese: with another tone it is another word.
            "[\u{304}\u{305}\u{307}\u{308}\u{30a}-\u{30f}\u{321}\u{322}\u{324}-\u{338}\u{346}-\u{362}]",
            "[ -/:-@\\[-`{-~0-9\u{a0}\u{2026}\u{2013}]",
        ],
    ) {
        let word = if bare { crate::domain::text::fold(WORDS[word].0) } else { WORDS[word].0.to_owned() };
        let body = format!("Ở đây {word} nhé");
        let mut letters: Vec<char> = if decomposed { body.nfd().collect() } else { body.chars().collect() };
        letters.splice(at.min(letters.len())..at.min(letters.len()), sign.chars());
        let body: String = letters.into_iter().collect();
        prop_assert!(sensitive(&body).is_some(), "{body}");
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
