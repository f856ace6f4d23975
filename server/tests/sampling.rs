//! Lists and samples by actor, refusals first: the agency hands its list in and sees no more of it; Sở Nội vụ draws.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/binary.rs"]
mod binary;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/city.rs"]
mod city;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use std::fmt::Write as _;

use app::domain::role::Role;
use axum::http::StatusCode;
use site::Answer;
use staff::{Browser, Office};
use testkit::Folder;

const LISTS: &str = "/quan-tri/khung";
const SAMPLES: &str = "/quan-tri/mau";

/// An office over the city of 2018 without responses.
async fn office(name: &str) -> Office {
    let (state, _, folder) = city::city(name, 0, true).await;
    Office::over(state, folder)
}

/// A list with a title above its headings, so many good lines, and these.
fn list(people: u32, more: &str) -> String {
    let mut text = "DANH SÁCH HỒ SƠ;;;\nMã hồ sơ;Họ tên;Điện thoại;Địa chỉ\n".to_owned();
    for n in 1..=people {
        writeln!(text, "HS{n};Nguyễn Văn Thử {n};09{:08};ấp {}, xã Thới Hưng", 12_000_000 + n, n % 5).expect("text");
    }
    text + more
}

async fn send(browser: &mut Browser, agency: &str, file: &str) -> Answer {
    let part = |name: &str, more: &str, body: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{body}\r\n")
    };
    let body = part("dot", "", "2018")
        + &part("co-quan", "", agency)
        + &part("tep", "; filename=\"C:\\tep\\danh-sach.csv\"", file)
        + "--x--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x"), ("sec-fetch-site", "same-origin")];
    browser.send("POST", LISTS, &headers, body).await
}

/// The address that the page of columns posts to.
fn columns_address(page: &Answer) -> String {
    let from = page.body.find("action=\"/quan-tri/khung/").expect("a form of columns") + "action=\"".len();
    page.body[from..].chars().take_while(|c| *c != '"').collect()
}

/// As the page has them chosen: the second line has the headings.
fn columns(more: &[(&str, &str)]) -> String {
    let mut form =
        vec![("tieu-de", "2"), ("ma-ho-so", "0"), ("ten", "1"), ("dien-thoai", "2"), ("dia-chi", "3"), ("viec", "nop")];
    form.extend(more);
    Browser::form(&form)
}

async fn handed_in(browser: &mut Browser, agency: &str, people: u32) {
    let page = send(browser, agency, &list(people, "")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let answer = browser.post(&columns_address(&page), &columns(&[])).await;
    assert_eq!(answer.header("location"), "/quan-tri/khung?xong=1", "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_hands_in_for_the_own_agency_alone() {
    let office = office("sampling-own").await;
    let mut officer = office.signed_in_at(Role::AgencyOfficer, "so-y-te").await;
    let other = send(&mut officer, "so-nnptnt", &list(60, "")).await;
    let unknown = send(&mut officer, "so-khong-co", &list(60, "")).await;
    assert_eq!((other.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert!(other.body.contains("Xin chọn đợt và cơ quan"), "{}", other.body);
    assert!(!office.state.store.has_frames(app::domain::ids::RoundId(1)).await.expect("read"));

    let page = send(&mut officer, "so-y-te", &list(60, "")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("Nguyễn Văn Thử 1") && page.body.contains("danh-sach.csv"), "{}", page.body);
    assert!(!page.body.contains("C:\\tep"), "the folder on the officer's machine is nobody's business");
    let address = columns_address(&page);
    // A colleague of another agency, and Sở Nội vụ itself, find nothing there: it is the sender's own.
    for mut stranger in
        [office.signed_in_at(Role::AgencyOfficer, "so-xay-dung").await, office.signed_in(Role::Admin).await]
    {
        assert_eq!(stranger.post(&address, &columns(&[])).await.status, StatusCode::NOT_FOUND);
    }
    let taken = officer.post(&address, &columns(&[])).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let shown = officer.get("/quan-tri/khung?xong=1").await;
    assert!(shown.body.contains("Đã nhận danh sách") && shown.body.contains("đã nhận, chưa rút mẫu"), "{}", shown.body);
    assert!(!shown.body.contains("Nguyễn Văn Thử"), "nobody is shown again");
    // What was taken is taken.
    assert_eq!(officer.post(&address, &columns(&[])).await.status, StatusCode::NOT_FOUND);
    let noted = office.log().await.into_iter().find(|entry| entry.act == "frame-uploaded").expect("noted");
    assert_eq!((noted.object.as_str(), noted.who.name.as_str()), ("so-y-te", "the-agency-officer-so-y-te"));
    assert!(noted.detail.contains("dossiers 60 people 60 bad 0"), "{}", noted.detail);
}

/// A hidden field of a page.
fn hidden(page: &Answer, name: &str) -> String {
    let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field");
    rest.split('"').next().expect("a value").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_official_should_see_is_shown_before_a_list_is_taken() {
    let office = office("sampling-seen").await;
    let mut officer = office.signed_in_at(Role::AgencyOfficer, "so-y-te").await;
    // Pasted twice, with a total at its end.
    let once = list(60, "");
    let body: String = once.lines().skip(2).flat_map(|line| [line, "\n"]).collect();
    let page = send(&mut officer, "so-y-te", &format!("{once}{body};Tổng cộng: 120 hồ sơ;;\n")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in ["dòng 63: mã hồ sơ hs1 đã có ở dòng 3", "dòng 123: dòng tổng cộng", "N = 60 hồ sơ"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let (address, mark) = (columns_address(&page), hidden(&page, "da-xem"));
    let unseen = officer.post(&address, &columns(&[])).await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unseen.body.contains("xin xem các dòng nêu dưới đây"), "{}", unseen.body);
    assert_eq!(hidden(&unseen, "da-xem"), mark);
    assert_eq!(officer.post(&address, &columns(&[("da-xem", mark.as_str())])).await.status, StatusCode::SEE_OTHER);
    let noted = office.log().await.into_iter().find(|entry| entry.act == "frame-uploaded").expect("noted");
    assert!(noted.detail.contains("dossiers 60 people 60 bad 0"), "{}", noted.detail);
    // The same list once more takes the place of the first and is not added to it; the page says so before.
    let again = send(&mut officer, "so-y-te", &once).await;
    assert!(again.body.contains("sẽ thay danh sách đã nộp trước (danh-sach.csv, N = 60)"), "{}", again.body);
    assert_eq!(officer.post(&columns_address(&again), &columns(&[])).await.status, StatusCode::SEE_OTHER);
    let mut admin = office.signed_in(Role::Admin).await;
    let counted = admin.get("/quan-tri/mau?dot=2018").await;
    assert!(counted.body.contains(":60\""), "N of the list is 60: {}", counted.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_one_number_stay_apart_until_they_are_joined_and_copies_are_decided() {
    let office = office("sampling-joined").await;
    let mut officer = office.signed_in_at(Role::AgencyOfficer, "so-y-te").await;
    let file = "Họ tên;CCCD;Địa chỉ\nNguyễn Văn An;092085001111;ấp 1\nTrần Thị Bích;092085001111;ấp 2\n\
                Lê Văn Cường;;ấp 3\nLê Văn Cường;;ấp 3\n";
    let page = send(&mut officer, "so-y-te", file).await;
    let (address, mark) = (columns_address(&page), hidden(&page, "da-xem"));
    assert!(page.body.contains("Gộp thành một người: Nguyễn Văn An · Trần Thị Bích"), "{}", page.body);
    let form = |more: &[(&str, &str)]| {
        let given = [
            ("tieu-de", "1"),
            ("ten", "0"),
            ("so-dinh-danh", "1"),
            ("dia-chi", "2"),
            ("viec", "nop"),
            ("da-xem", mark.as_str()),
        ];
        Browser::form(&given.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
    };
    let open = officer.post(&address, &form(&[("gop", "2")])).await;
    assert_eq!(open.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(open.body.contains("chọn cách tính các dòng giống hệt nhau"), "{}", open.body);
    assert!(open.body.contains("name=\"gop\" type=\"checkbox\" value=\"2\" checked"), "{}", open.body);
    let taken = officer.post(&address, &form(&[("gop", "2"), ("trung", "bo")])).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let noted = office.log().await.into_iter().find(|entry| entry.act == "frame-uploaded").expect("noted");
    assert!(noted.detail.contains("dossiers 3 people 2 bad 0"), "{}", noted.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_are_named_and_taken_out_only_when_asked_to() {
    let office = office("sampling-lines").await;
    let mut officer = office.signed_in_at(Role::AgencyOfficer, "so-y-te").await;
    for (file, why) in
        [("", "không có dòng nào"), ("\u{0}\u{0}", "không phải UTF-8"), ("PK\u{3}\u{4}", "hỏng hoặc có mật khẩu")]
    {
        let answer = send(&mut officer, "so-y-te", file).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(why), "{why}: {}", answer.body);
        assert!(answer.body.contains("<title>Lỗi"), "{}", answer.body);
    }
    let page = send(&mut officer, "so-y-te", &list(60, ";;;\n;;;ấp 1\nHS62;Lê Văn Cường;;\n")).await;
    let address = columns_address(&page);
    let none = officer.post(&address, "tieu-de=2&ten=1&viec=nop").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Xin chọn cột địa chỉ hoặc cột điện thoại"), "{}", none.body);
    let answer = officer.post(&address, &columns(&[])).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "dòng 64, cột B (Họ tên): thiếu họ tên và mã hồ sơ",
        "dòng 65, cột D (Địa chỉ): thiếu địa chỉ và điện thoại",
        "Đã đọc 62 dòng: 60 người và tổ chức, 2 dòng lỗi.",
        "id=\"bo-loi\"",
    ] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    let english = officer.post(&format!("{address}?lang=en"), &columns(&[])).await;
    assert!(english.body.contains("line 64, column B (Họ tên): neither a name nor a dossier code"), "{}", english.body);
    // Another line of headings reads the columns anew.
    let again = officer.post(&address, "tieu-de=1&viec=xem").await;
    assert!(again.status == StatusCode::OK && again.body.contains("A · DANH SÁCH HỒ SƠ"), "{}", again.body);
    let taken = officer.post(&address, &columns(&[("bo-loi", "1")])).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_department_of_home_affairs_comes_near_a_sample() {
    let office = office("sampling-roles").await;
    let mut admin = office.signed_in(Role::Admin).await;
    handed_in(&mut admin, "so-y-te", 400).await;
    let drawn = admin.post(SAMPLES, "dot=2018").await;
    assert_eq!(drawn.header("location"), "/quan-tri/mau?dot=2018&xong=rut&so=1", "{}", drawn.body);
    let mut officer = office.signed_in_at(Role::AgencyOfficer, "so-y-te").await;
    let mut lead = office.signed_in_at(Role::SectorLead, "so-y-te").await;
    for browser in [&mut officer, &mut lead] {
        for path in ["", "?dot=2018", "/danh-sach/1", "/danh-sach/1?kiem-tra=1", "/khung/1"] {
            assert_eq!(browser.get(&format!("{SAMPLES}{path}")).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        for path in ["", "/n", "/xoa", "/khung/1"] {
            let answer = browser.post(&format!("{SAMPLES}{path}"), "dot=2018&dong-y=1").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        let page = browser.get(LISTS).await;
        assert!(page.body.contains("đã rút mẫu, đã xoá danh sách"), "{}", page.body);
        for private in ["hạt giống", "Hạt giống", "Nguyễn Văn", "/quan-tri/mau"] {
            assert!(!page.body.contains(private), "{private}");
        }
        let late = send(browser, "so-y-te", &list(60, "")).await;
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.body.contains("danh sách không thay được nữa"), "{}", late.body);
    }
    assert_eq!(office.state.store.contacts_purged_at(app::domain::ids::RoundId(1)).await.expect("read"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_proposed_with_its_formula_drawn_and_drawn_again() {
    let office = office("sampling-draw").await;
    let mut admin = office.signed_in(Role::Admin).await;
    let empty = admin.get(SAMPLES).await;
    assert!(empty.body.contains("Chưa cơ quan nào nộp danh sách hồ sơ"), "{}", empty.body);
    handed_in(&mut admin, "so-y-te", 400).await;
    handed_in(&mut admin, "so-xay-dung", 49).await;
    let page = admin.get("/quan-tri/mau?dot=2018").await;
    for words in [
        "400 / (1 + 400 × 0,05²) → 200",
        "49 hồ sơ, dưới mức tối thiểu 50 hồ sơ",
        "Rút mẫu của 1 cơ quan",
        "Lấy N từ danh sách",
        "Xoá dữ liệu liên hệ",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let wrong = admin.post(SAMPLES, "dot=2018&hat-giong=abc").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("đúng 32 chữ số") && wrong.body.contains("value=\"abc\""), "{}", wrong.body);

    let seed = "0123456789ABCDEF0123456789abcdef";
    let form = format!("dot=2018&sai-so=50&du-phong=20&cach=simple&hat-giong={seed}");
    let drawn = admin.post(SAMPLES, &form).await;
    assert_eq!(drawn.header("location"), "/quan-tri/mau?dot=2018&xong=rut&so=1", "{}", drawn.body);
    let again = admin.post(SAMPLES, &form).await;
    assert_eq!(again.header("location"), "/quan-tri/mau?dot=2018&xong=rut&so=0", "once is once");
    let facts = admin.get("/quan-tri/mau/danh-sach/1?kiem-tra=1").await;
    for words in
        [&seed.to_lowercase()[..], "Ngẫu nhiên đơn giản", "trùng khớp cả 240 người", "theo công thức, sai số 5%"]
    {
        assert!(facts.body.contains(words), "{words}: {}", facts.body);
    }
    assert!(!facts.body.contains("Nguyễn Văn"), "nobody is named on the page of facts");

    // The small agency by hand, in English.
    let one = admin.get("/quan-tri/mau/khung/2?lang=en").await;
    assert!(one.body.contains("The whole agency") && one.body.contains("max=\"49\""), "{}", one.body);
    let stratum =
        one.body.split("name=\"n-").nth(1).and_then(|rest| rest.split('"').next()).expect("a field").to_owned();
    let nobody = admin.post("/quan-tri/mau/khung/2", &format!("n-{stratum}=0")).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    let by_hand = admin.post("/quan-tri/mau/khung/2", &format!("n-{stratum}=10&du-phong=10")).await;
    assert_eq!(by_hand.header("location"), "/quan-tri/mau/danh-sach/2?xong=1", "{}", by_hand.body);
    assert_eq!(admin.get("/quan-tri/mau/khung/2").await.status, StatusCode::NOT_FOUND, "drawn");
    assert!(admin.get("/quan-tri/mau/danh-sach/2").await.body.contains("ấn định bằng tay"));

    // N of the lists beside N of the round; nothing changes for an agency that is not chosen.
    let page = admin.get("/quan-tri/mau?dot=2018").await.body;
    let hidden: Vec<(String, String)> = page
        .split("<input type=\"hidden\" name=\"n-")
        .skip(1)
        .map(|rest| {
            let (id, rest) = rest.split_once('"').expect("a name");
            let value = rest.split("value=\"").nth(1).and_then(|value| value.split('"').next()).expect("a value");
            (format!("n-{id}"), value.to_owned())
        })
        .collect();
    assert_eq!(hidden.len(), 2, "{page}");
    assert!(hidden.iter().any(|(_, change)| change.ends_with(":400")), "{hidden:?}");
    let form = |chosen: &[&str]| {
        let chosen = chosen.iter().map(|code| ("lay", *code));
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Browser::form(&[("dot", "2018")].into_iter().chain(chosen).chain(hidden).collect::<Vec<_>>())
    };
    let nobody = admin.post("/quan-tri/mau/n", &form(&[])).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("đánh dấu ít nhất một cơ quan"), "{}", nobody.body);
    let taken = admin.post("/quan-tri/mau/n", &form(&["so-y-te"])).await;
    assert_eq!(taken.header("location"), "/quan-tri/mau?dot=2018&xong=n&so=1", "{}", taken.body);
    let again = admin.post("/quan-tri/mau/n", &form(&["so-y-te", "so-xay-dung"])).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "what was shown is no longer so");
    assert!(again.body.contains("đã thay đổi từ khi trang này hiện ra"), "{}", again.body);
    let acts: Vec<String> = office.log().await.into_iter().map(|entry| entry.act).collect();
    assert!(
        acts.iter().filter(|act| *act == "sample-drawn").count() == 2 && acts[0] == "populations-taken",
        "{acts:?}"
    );
    assert!(
        office.log().await.iter().all(|entry| !entry.detail.contains("0123456789abcdef")),
        "the seed is not in the log"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_the_wrong_list_is_voided_and_stays_told() {
    let office = office("sampling-void").await;
    let mut admin = office.signed_in(Role::Admin).await;
    handed_in(&mut admin, "so-y-te", 100).await;
    admin.post(SAMPLES, "dot=2018").await;
    let address = "/quan-tri/mau/danh-sach/1/huy";
    let unsure = admin.post(address, "ly-do=%3Cnham%3E").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains("<title>Lỗi: ") && unsure.body.contains("&lt;nham&gt;"), "{}", unsure.body);
    assert_eq!(
        admin.post("/quan-tri/mau/danh-sach/7/huy", "ly-do=mot+ly+do+du+dai").await.status,
        StatusCode::NOT_FOUND
    );
    let voided = admin.post(address, "ly-do=Danh+s%C3%A1ch+c%E1%BB%A7a+n%C4%83m+tr%C6%B0%E1%BB%9Bc.").await;
    assert_eq!(voided.header("location"), "/quan-tri/mau?dot=2018&xong=huy&so=1", "{}", voided.body);
    let page = admin.get("/quan-tri/mau?dot=2018&xong=huy&so=1").await;
    for words in
        ["Đã huỷ lần rút", "Lần rút đã huỷ", "mẫu số 1 (80 người, dự phòng 16)", "Lý do: Danh sách của năm trước."]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(admin.get("/quan-tri/mau/danh-sach/1").await.status, StatusCode::NOT_FOUND);
    let entry = office.log().await.into_iter().next().expect("an entry");
    assert_eq!(
        (entry.act.as_str(), entry.detail.as_str()),
        ("sample-voided", "round 2018 list 1: Danh sách của năm trước.")
    );
    handed_in(&mut admin, "so-y-te", 120).await;
    let again = admin.post(SAMPLES, "dot=2018").await;
    assert_eq!(again.header("location"), "/quan-tri/mau?dot=2018&xong=rut&so=1", "{}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_are_erased_once_and_on_purpose() {
    let office = office("sampling-purge").await;
    let mut admin = office.signed_in(Role::Admin).await;
    handed_in(&mut admin, "so-y-te", 100).await;
    admin.post(SAMPLES, "dot=2018").await;
    let unsure = admin.post("/quan-tri/mau/xoa", "dot=2018").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains("Chưa xoá: xin đánh dấu"), "{}", unsure.body);
    let erased = admin.post("/quan-tri/mau/xoa", "dot=2018&dong-y=1").await;
    assert_eq!(erased.header("location"), "/quan-tri/mau?dot=2018&xong=xoa&so=0", "{}", erased.body);
    let page = admin.get("/quan-tri/mau?dot=2018").await;
    assert!(page.body.contains("Đã xoá ngày 12/11/2018"), "{}", page.body);
    assert!(!page.body.contains("id=\"dong-y\""), "there is nothing left to erase");
    let none = admin.get(LISTS).await;
    assert!(none.body.contains("Chưa có đợt đo lường nào đang chờ"), "{}", none.body);
    assert_eq!(send(&mut admin, "so-y-te", &list(60, "")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[test]
fn the_command_line_takes_a_list_whole_or_names_its_lines() {
    let folder = Folder::new("import-sample");
    binary::run(&folder, &["demo", "--responses", "0"]).is_done();
    let file = folder.path().join("danh-sach.csv");
    let path = file.to_str().expect("a path").to_owned();
    let import = |more: &[&str]| {
        let mut arguments = vec!["import", "sample", &path, "--round", "2018"];
        arguments.extend(more);
        binary::run(&folder, &arguments)
    };
    import(&["--agency", "so-y-te"]).fails_with(2, "danh-sach.csv");
    std::fs::write(&file, list(60, ";;;x\n")).expect("written");
    import(&["--agency", "so-khong-co"]).fails_with(2, "--agency");
    let bad = import(&["--agency", "so-y-te"]);
    assert_eq!((bad.code, bad.out.as_str()), (Some(2), ""), "{bad:?}");
    assert!(bad.err.contains("1 bad lines, nothing was taken"), "{}", bad.err);
    assert!(bad.err.contains("line 63, column B (Họ tên)"), "{}", bad.err);
    let done = import(&["--agency", "so-y-te", "--skip-bad"]);
    done.is_done();
    assert_eq!(done.out, "lines 61 bad 1 dossiers 60 people 60\n");
    assert!(!done.err.contains("Nguyễn"), "{}", done.err);
}
