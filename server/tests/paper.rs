//! Paper forms, actor by actor: refusals first, then a batch from the press to the tallies.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/city.rs"]
mod city;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::paper::FormCode;
use app::domain::response::{Mode, Standing, Stream};
use app::domain::role::Role;
use app::store::{Cell, paper_response_id};
use axum::http::StatusCode;
use site::Answer;
use staff::{Browser, Office};

const PATH: &str = "/quan-tri/phieu-giay";
/// What a browser's script says that it wants.
const SCRIPT: [(&str, &str); 2] = [("sec-fetch-site", "same-origin"), ("accept", "application/json")];

struct Desk {
    office: Office,
    agency: String,
    supervisor: Browser,
}

/// The city of 2018 without a response, and a supervisor.
async fn desk(name: &str) -> Desk {
    let (state, simulated, folder) = city::city(name, 0, false).await;
    let agency = city::code(&simulated, 0);
    let office = Office::over(state, folder);
    let supervisor = office.signed_in(Role::Supervisor).await;
    Desk { office, agency, supervisor }
}

fn batch_form(agency: &str, forms: &str, again: &str) -> Vec<(&'static str, String)> {
    [("dot", "2018"), ("co-quan", agency), ("linh-vuc", ""), ("nguon", "sample"), ("so", forms), ("nhap-lai", again)]
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .chain([("tieng", "vi".to_owned())])
        .collect()
}

fn encode(fields: &[(&'static str, String)]) -> String {
    serde_urlencoded::to_string(fields).expect("a form")
}

impl Desk {
    /// A batch of so many forms; the codes that its print shows.
    async fn batch(&mut self, id: i32, forms: usize, again: &str) -> Vec<FormCode> {
        let form = encode(&batch_form(&self.agency, &forms.to_string(), again));
        let made = self.supervisor.post(PATH, &form).await;
        assert_eq!(made.header("location"), "/quan-tri/phieu-giay?xong=lap", "{}", made.body);
        let print = self.supervisor.get(&format!("{PATH}/{id}/in")).await;
        assert_eq!(print.status, StatusCode::OK);
        let codes: Vec<FormCode> = print
            .body
            .split("Mã phiếu ")
            .skip(1)
            .filter_map(|rest| FormCode::read(rest.trim_start_matches(' ').trim_start_matches("<b>").get(..9)?))
            .collect();
        assert_eq!(codes.len(), forms, "each form has its code");
        codes
    }

    async fn clerk(&self, login: &str, agency: Option<&str>) -> Browser {
        self.office.account(login, Role::DataEntry, agency).await;
        let mut browser = self.office.browser();
        assert_eq!(browser.sign_in(login, staff::PASSWORD).await.status, StatusCode::SEE_OTHER);
        browser
    }

    /// Responses in the tallies of the main agency, by cell.
    async fn counted(&self) -> Vec<(Cell, i64)> {
        let store = &self.office.state.store;
        store.fold_all().await.expect("folded");
        let recount = store.recount().await.expect("recounted");
        assert_eq!(recount.n_differences(), 0, "{recount:?}");
        let round = store.rounds().await.expect("rounds")[0].round.id;
        let tallies = store.renewed_tallies().await.expect("tallies");
        tallies.round(round).map(|(cell, tally)| (*cell, tally.n())).filter(|(_, n)| *n > 0).collect()
    }
}

/// A whole form as the keys say it.
fn form(code: &FormCode, pass: &str, changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, String)> {
    let mut fields = vec![("ma", code.words()), ("lan", pass.to_owned()), ("ngay", "2018-11-10".to_owned())];
    let criteria =
        ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6"];
    fields.extend(criteria.iter().map(|name| (*name, "4".to_owned())));
    fields.extend([("4.1", "5"), ("4.2", "5"), ("4.3", "5"), ("hom-nay", "2")].map(|(n, v)| (n, v.to_owned())));
    for (name, value) in changes {
        fields.retain(|(found, _)| found != name);
        fields.push((name, (*value).to_owned()));
    }
    fields
}

async fn key(browser: &mut Browser, id: i32, fields: &[(&'static str, String)]) -> Answer {
    browser.ask_with("POST", &format!("{PATH}/{id}"), &SCRIPT, &encode(fields)).await
}

fn good(answer: &Answer) -> bool {
    answer.status == StatusCode::OK && answer.body.contains("\"good\":true")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_of_the_measured_agency_does_not_even_see_that_there_are_forms() {
    let mut desk = desk("paper-officer").await;
    let agency = desk.agency.clone();
    let codes = desk.batch(1, 1, "10").await;
    let mut officer = desk.office.signed_in_at(Role::AgencyOfficer, &agency).await;
    for path in ["", "/1", "/1?lan=2", "/1/in", "/1/doi-chieu", &format!("/1/ma/{}", codes[0].as_str())] {
        let answer = officer.get(&format!("{PATH}{path}")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!answer.body.contains("Tập 1"), "{path}");
    }
    for (path, body) in [
        ("", encode(&batch_form(&agency, "5", "10"))),
        ("/1", encode(&form(&codes[0], "1", &[]))),
        ("/1/dong", String::new()),
        ("/1/doi-chieu/x", String::new()),
    ] {
        assert_eq!(officer.post(&format!("{PATH}{path}"), &body).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(key(&mut officer, 1, &form(&codes[0], "1", &[])).await.status, StatusCode::FORBIDDEN);
    assert!(desk.supervisor.get(PATH).await.body.contains("0/1 đã nhập"));
    assert!(desk.counted().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_measured_agency_neither_makes_nor_keys_nor_settles() {
    let mut desk = desk("paper-measured").await;
    let agency = desk.agency.clone();
    let codes = desk.batch(1, 2, "10").await;
    let mut clerk = desk.clerk("nguoi-nha", Some(&agency)).await;
    for path in [format!("{PATH}/1"), format!("{PATH}/1/ma/{}", codes[0].as_str())] {
        let answer = clerk.get(&path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.body.contains("Cơ quan được đo lường không lập, không nhập"), "{path}");
    }
    let answer = key(&mut clerk, 1, &form(&codes[0], "1", &[])).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(clerk.post(&format!("{PATH}/1/dong"), "").await.status, StatusCode::FORBIDDEN);
    assert!(clerk.get(PATH).await.body.contains("Chưa có tập phiếu nào để nhập"), "nor does it see the batch");

    desk.office.account("to-truong-nha", Role::Supervisor, Some(&agency)).await;
    let mut lead = desk.office.browser();
    lead.sign_in("to-truong-nha", staff::PASSWORD).await;
    let made = lead.post(PATH, &encode(&batch_form(&agency, "5", "10"))).await;
    assert_eq!(made.status, StatusCode::FORBIDDEN);
    for path in [format!("{PATH}/1/in"), format!("{PATH}/1/doi-chieu")] {
        assert_eq!(lead.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let refusals = desk.office.log().await.into_iter().filter(|entry| entry.act == "refused").count();
    assert_eq!(refusals, 7, "each is in the log");
    assert!(desk.counted().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_batch_is_said_and_none_is_made() {
    let mut desk = desk("paper-batch").await;
    let empty = desk.supervisor.get(PATH).await;
    assert!(empty.body.contains("Chưa có tập phiếu nào: lập một tập dưới đây"), "{}", empty.body);
    let agency = desk.agency.clone();
    for (name, value, words) in [
        ("dot", "1999", "Xin chọn đợt"),
        ("co-quan", "khong-co", "không có cơ quan nào mang mã đó"),
        ("linh-vuc", "khong-co", "không có lĩnh vực đó"),
        ("so", "51", "Số phiếu từ 1 đến 50"),
        ("so", "0", "Số phiếu từ 1 đến 50"),
        ("nguon", "code", "Xin chọn nguồn phiếu"),
        ("nhap-lai", "50", "được nhập lần hai"),
    ] {
        let mut form = batch_form(&agency, "50", "10");
        form.retain(|(found, _)| *found != name);
        form.push((name, value.to_owned()));
        let answer = desk.supervisor.post(PATH, &encode(&form)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}={value}");
        assert!(answer.body.contains(words) && answer.body.contains("<title>Lỗi: "), "{name}={value}: {}", answer.body);
    }
    for path in ["1", "1/in", "1/doi-chieu", "x", "01"] {
        assert_ne!(desk.supervisor.get(&format!("{PATH}/{path}")).await.status, StatusCode::OK, "{path}");
    }
    desk.batch(1, 50, "10").await;
    let log = desk.office.log().await;
    let entry = log.iter().find(|entry| entry.act == "paper-batch").expect("noted");
    assert!(entry.detail.contains("50 phiếu · sample · nhập lại 10%"), "{}", entry.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_keyed_once_and_what_was_keyed_before_says_by_whom() {
    let mut desk = desk("paper-keyed").await;
    let codes = desk.batch(1, 1, "10").await;
    let other = desk.batch(2, 1, "10").await;
    let (mut hoa, mut an) = (desk.clerk("hoa", None).await, desk.clerk("an", None).await);
    for (fields, words) in [
        (form(&codes[0], "1", &[("ma", "AAAA-AAA2")]), "Mã phiếu không đúng"),
        (form(&codes[0], "1", &[("ngay", "2018-11-13")]), "không ở sau hôm nay"),
        (form(&codes[0], "1", &[("1.1", "6")]), "Câu 1.1: giá trị này không có trên phiếu"),
        (form(&other[0], "1", &[]), "Tập này không có phiếu mang mã đó"),
        (form(&codes[0], "2", &[]), "chưa được nhập lần một"),
    ] {
        let answer = key(&mut hoa, 1, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        // The plain form says the same, and keeps what was typed.
        let plain = hoa.post(&format!("{PATH}/1"), &encode(&fields)).await;
        assert_eq!(plain.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        assert!(plain.body.contains(words) && plain.body.contains("<title>Lỗi: "), "{words}");
        assert!(plain.body.contains("value=\"5\" selected"), "{words}: what was keyed is kept");
    }
    let fields = form(&codes[0], "1", &[("2.1", "x"), ("2.2", "m")]);
    assert!(good(&key(&mut hoa, 1, &fields).await));
    assert!(good(&key(&mut hoa, 1, &fields).await), "its answer was lost: the same again is the same success");
    let again = key(&mut an, 1, &form(&codes[0], "1", &[])).await;
    assert!(again.body.contains("Phiếu này hoa đã nhập lúc 10:00 ngày 12/11/2018"), "{}", again.body);
    let check = an.get(&format!("{PATH}/1/ma/{}", codes[0].words())).await;
    assert!(check.body.contains("\"good\":false") && check.body.contains("hoa đã nhập"), "{}", check.body);
    let own = key(&mut hoa, 1, &form(&codes[0], "2", &[])).await;
    assert!(own.body.contains("lần hai do người khác nhập"), "{}", own.body);
    assert!(desk.counted().await.is_empty(), "a form that is keyed twice waits for the second");

    // Without script: a post, and back to the screen.
    let plain = an.post(&format!("{PATH}/1"), &encode(&form(&codes[0], "2", &[("2.1", "X"), ("2.2", "M")]))).await;
    assert_eq!(
        plain.header("location"),
        format!("/quan-tri/phieu-giay/1?lan=2&xong=1&ma={}", codes[0].words()),
        "{}",
        plain.body
    );
    let counted = desk.counted().await;
    assert_eq!(counted.len(), 1, "{counted:?}");
    let (cell, n) = counted[0];
    assert_eq!((cell.stream, cell.mode, cell.standing, n), (Stream::Sample, Mode::Paper, Standing::Valid, 1));
    let figures = desk.supervisor.get(&format!("{PATH}/1/doi-chieu")).await.body;
    assert!(figures.contains("Không đọc được: 1 · Đánh hai ô: 1"), "{figures}");
    assert!(good(&key(&mut hoa, 1, &fields).await), "still the same success");
    assert_eq!(desk.counted().await, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_blind_passes_are_settled_by_a_supervisor_who_sees_both() {
    let mut desk = desk("paper-settle").await;
    let codes = desk.batch(1, 2, "100").await;
    let (mut hoa, mut an) = (desk.clerk("hoa", None).await, desk.clerk("an", None).await);
    let comment = ("comment", "Cán bộ nhiệt tình");
    assert!(good(&key(&mut hoa, 1, &form(&codes[0], "1", &[comment, ("1.1", "1")])).await));
    let blind = an.get(&format!("{PATH}/1?lan=2")).await;
    assert!(blind.body.contains("Còn 1 phiếu chờ nhập lần hai"), "{}", blind.body);
    assert!(!blind.body.contains("nhiệt tình") && !blind.body.contains("value=\"1\" selected"), "blind");
    let second = form(&codes[0], "2", &[comment, ("1.1", "2"), ("1.2", ""), ("biet-qua", "1"), ("ngay", "2018-10-31")]);
    assert!(good(&key(&mut an, 1, &second).await));
    assert!(desk.counted().await.is_empty());

    let list = desk.supervisor.get(&format!("{PATH}/1/doi-chieu")).await.body;
    assert!(list.contains("4 chỗ khác nhau"), "{list}");
    let at = format!("{PATH}/1/doi-chieu/{}", codes[0].words());
    assert_eq!(
        desk.supervisor.get(&format!("{PATH}/1/doi-chieu/{}", codes[1].words())).await.status,
        StatusCode::NOT_FOUND
    );
    let shown = desk.supervisor.get(&at).await.body;
    assert!(
        shown.contains("Lần 1: ") && shown.contains("1 – Rất không hài lòng") && shown.contains("31/10/2018"),
        "{shown}"
    );
    for some in [
        "",
        "1.1=%3D2",
        "1.1=%3D9&1.2=%3D4&collected_on=%3D1",
        "1.1=2&1.2=4&collected_on=1",
        "1.1=%3D3&1.2=%3D&biet-qua=%3D*&khac-biet-qua=31&collected_on=%3D2",
    ] {
        let answer = desk.supervisor.post(&at, some).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{some}");
        assert!(answer.body.contains("chỗ chưa chọn"), "{some}");
    }
    // The paper says 3, which nobody keyed, and two boxes of several; 1.2 is blank; the day is the second's.
    let right = "1.1=%3D3&1.2=%3D&biet-qua=%3D*&khac-biet-qua=13&collected_on=%3D2";
    let answer = desk.supervisor.post(&at, right).await;
    assert_eq!(answer.header("location"), "/quan-tri/phieu-giay/1/doi-chieu?xong=chot", "{}", answer.body);
    assert_eq!(desk.supervisor.post(&at, right).await.status, StatusCode::NOT_FOUND);
    let counted = desk.counted().await;
    assert_eq!(counted.iter().map(|(_, n)| n).sum::<i64>(), 1, "{counted:?}");
    let figures = desk.supervisor.get(&format!("{PATH}/1/doi-chieu")).await.body;
    assert!(!figures.contains("nhiệt tình"), "the comment left with the response");
    let rows: Vec<&str> = figures.split("<tbody>").nth(1).expect("rates").split("<tr>").skip(1).collect();
    assert!(rows[0].contains(">an<") && rows[0].contains(">2<"), "two fields of an's were wrong: {}", rows[0]);
    assert!(rows[1].contains(">hoa<") && rows[1].contains(">3<"), "three of hoa's: {}", rows[1]);
    // The same over all batches of the round, for who settles; clerks see how none of them keys.
    let list = desk.supervisor.get(PATH).await.body;
    let of_round = list.split("id=\"ti-le-").nth(1).expect("a section of the round");
    assert!(of_round.contains(rows[0]) && of_round.contains("của mọi tập trong đợt"), "{of_round}");
    let mut clerk = desk.office.signed_in(Role::DataEntry).await;
    assert!(!clerk.get(PATH).await.body.contains("Tỉ lệ nhập sai"));
    let log = desk.office.log().await;
    let entry = log.iter().find(|entry| entry.act == "paper-settled").expect("noted");
    assert_eq!(entry.detail, "4 chỗ khác nhau");
    assert_eq!(paper_response_id(&codes[0]), paper_response_id(&codes[0]));
    assert_ne!(paper_response_id(&codes[0]), paper_response_id(&codes[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_keyed_once_is_corrected_until_its_batch_is_closed_and_counts_then() {
    let mut desk = desk("paper-close").await;
    let codes = desk.batch(1, 11, "10").await;
    let mut hoa = desk.clerk("hoa", None).await;
    for code in &codes {
        assert!(good(&key(&mut hoa, 1, &form(code, "1", &[])).await));
    }
    assert!(desk.counted().await.is_empty(), "nothing counts while it may be corrected");
    let mut an = desk.clerk("an", None).await;
    let other = an.get(&format!("{PATH}/1?sua={}", codes[0].words())).await;
    assert!(other.body.contains("Phiếu này hoa đã nhập lúc") && !other.body.contains("value=\"4\" selected"));
    let shown = hoa.get(&format!("{PATH}/1?sua={}", codes[0].words())).await;
    assert!(shown.body.contains(&codes[0].words()) && shown.body.contains("name=\"sua\" value=\"1\""));
    assert!(shown.body.contains("value=\"4\" selected") && shown.body.contains("value=\"2018-11-10\""));
    let asked = hoa.get(&format!("{PATH}/1/ma/{}?lan=1&sua=1", codes[0].words())).await;
    assert!(asked.body.contains("\"good\":true") && asked.body.contains("\"1.1\":\"4\""), "{}", asked.body);
    let by_the_way = key(&mut hoa, 1, &form(&codes[0], "1", &[("1.1", "1")])).await;
    assert_eq!(by_the_way.status, StatusCode::UNPROCESSABLE_ENTITY);
    let corrected = form(&codes[0], "1", &[("1.1", "1"), ("sua", "1")]);
    let answer = hoa.post(&format!("{PATH}/1"), &encode(&corrected)).await;
    assert!(answer.header("location").contains("xong=1&ma="), "{}", answer.body);
    let next = hoa.get(answer.header("location")).await;
    assert!(next.body.contains("Đã lưu phiếu số 1") && next.body.contains("Sửa phiếu vừa nhập"), "{}", next.body);
    assert!(next.body.contains("Đóng tập: tính 9 phiếu đã nhập một lần"), "{}", next.body);

    let closed = hoa.post(&format!("{PATH}/1/dong"), "").await;
    assert_eq!(closed.header("location"), "/quan-tri/phieu-giay?xong=dong", "{}", closed.body);
    assert_eq!(desk.counted().await.iter().map(|(_, n)| n).sum::<i64>(), 9);
    let refused: Vec<bool> = {
        let mut all = vec![];
        for code in &codes {
            let answer = key(&mut hoa, 1, &form(code, "1", &[("1.1", "2"), ("sua", "1")])).await;
            all.push(answer.body.contains("không sửa được nữa"));
        }
        all
    };
    assert_eq!(refused.iter().filter(|refused| **refused).count(), 9, "the drawn two may still be corrected");
    let figures = desk.supervisor.get(&format!("{PATH}/1/doi-chieu")).await.body;
    assert!(figures.contains("trên 2 phiếu được bốc ngẫu nhiên (số bốc "), "{figures}");
    let log = desk.office.log().await;
    assert_eq!(log.iter().filter(|entry| entry.act == "paper-corrected").count(), 3);
    assert_eq!(log.iter().find(|entry| entry.act == "paper-closed").expect("noted").detail, "9 phiếu");
}
