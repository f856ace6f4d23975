//! Staff, actor by actor: refusals first. Other pages of staff add their rows to [`ROUTES`].
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/site.rs"]
mod site;
#[expect(dead_code, reason = "not every test needs every helper")]
#[path = "support/staff.rs"]
mod staff;

use app::domain::limits;
use app::domain::role::Role;
use app::server_side::second_factor::SharedSecret;
use axum::http::StatusCode;
use site::NOW_MS;
use staff::{Browser, Office, PASSWORD};

const EVERYBODY: &[Role] = Role::ALL;
const ADMIN: &[Role] = &[Role::Admin];
const LOG: &[Role] = &[Role::Admin, Role::Auditor];
const TEAMS: &[Role] = &[Role::Admin, Role::Supervisor];
const SETTLE: &[Role] = &[Role::Admin, Role::Supervisor];
const PAPER: &[Role] = &[Role::Admin, Role::Supervisor, Role::DataEntry];
const CLERKS: &[Role] = &[Role::DataEntry];
const WORKSPACE: &[Role] = &[Role::Admin, Role::SectorLead, Role::AgencyOfficer];

/// Every address of staff that asks for a role: method, address, who may.
const ROUTES: &[(&str, &str, &[Role])] = &[
    ("GET", "/quan-tri", EVERYBODY),
    ("GET", "/quan-tri/tai-khoan", EVERYBODY),
    ("POST", "/quan-tri/tai-khoan/dang-xuat", EVERYBODY),
    ("POST", "/quan-tri/tai-khoan/dang-xuat-het", EVERYBODY),
    ("GET", "/quan-tri/mat-khau", EVERYBODY),
    ("POST", "/quan-tri/mat-khau", EVERYBODY),
    ("POST", "/quan-tri/dang-xuat", EVERYBODY),
    ("GET", "/quan-tri/nguoi-dung", ADMIN),
    ("POST", "/quan-tri/nguoi-dung", ADMIN),
    ("POST", "/quan-tri/nguoi-dung/1/khoa", ADMIN),
    ("POST", "/quan-tri/nguoi-dung/1/mo", ADMIN),
    ("POST", "/quan-tri/nguoi-dung/1/mat-khau", ADMIN),
    ("POST", "/quan-tri/nguoi-dung/1/ma", ADMIN),
    ("GET", "/quan-tri/cong-bo", ADMIN),
    ("GET", "/quan-tri/cong-bo/2018/khoa-so", ADMIN),
    ("POST", "/quan-tri/cong-bo/2018/khoa-so", ADMIN),
    ("POST", "/quan-tri/cong-bo/2018/cong-bo", ADMIN),
    ("POST", "/quan-tri/cong-bo/2018/dinh-chinh", ADMIN),
    ("GET", "/quan-tri/dot", ADMIN),
    ("POST", "/quan-tri/dot", ADMIN),
    ("GET", "/quan-tri/dot/2018", ADMIN),
    ("GET", "/quan-tri/dot/2018/bang", ADMIN),
    ("POST", "/quan-tri/dot/2018/danh-sach", ADMIN),
    ("POST", "/quan-tri/dot/2018/sua", ADMIN),
    ("POST", "/quan-tri/dot/2018/dong", ADMIN),
    ("POST", "/quan-tri/dot/2018/co-quan", ADMIN),
    ("POST", "/quan-tri/dot/2018/bo-co-quan", ADMIN),
    ("POST", "/quan-tri/dot/2018/quay", ADMIN),
    ("POST", "/quan-tri/dot/2018/moi-noi-mot-quay", ADMIN),
    ("GET", "/quan-tri/khung", WORKSPACE),
    ("POST", "/quan-tri/khung", WORKSPACE),
    ("POST", "/quan-tri/khung/1", WORKSPACE),
    // The measured agency measures nothing: its officers come to no page of the draw.
    ("GET", "/quan-tri/mau", ADMIN),
    ("POST", "/quan-tri/mau", ADMIN),
    ("POST", "/quan-tri/mau/n", ADMIN),
    ("POST", "/quan-tri/mau/xoa", ADMIN),
    ("GET", "/quan-tri/mau/khung/1", ADMIN),
    ("POST", "/quan-tri/mau/khung/1", ADMIN),
    ("GET", "/quan-tri/mau/danh-sach/1", ADMIN),
    ("POST", "/quan-tri/mau/danh-sach/1/huy", ADMIN),
    ("GET", "/quan-tri/phieu-giay", PAPER),
    ("POST", "/quan-tri/phieu-giay", SETTLE),
    ("GET", "/quan-tri/phieu-giay/1", CLERKS),
    ("POST", "/quan-tri/phieu-giay/1", CLERKS),
    ("GET", "/quan-tri/phieu-giay/1/ma/7K3F92QD", CLERKS),
    ("POST", "/quan-tri/phieu-giay/1/dong", PAPER),
    ("GET", "/quan-tri/phieu-giay/1/in", SETTLE),
    ("GET", "/quan-tri/phieu-giay/1/doi-chieu", SETTLE),
    ("GET", "/quan-tri/phieu-giay/1/doi-chieu/7K3F92QD", SETTLE),
    ("POST", "/quan-tri/phieu-giay/1/doi-chieu/7K3F92QD", SETTLE),
    ("GET", "/quan-tri/phuong-phap", ADMIN),
    ("GET", "/quan-tri/nhat-ky", LOG),
    ("GET", "/quan-tri/nhat-ky.csv", LOG),
    ("GET", "/quan-tri/y-kien", WORKSPACE),
    ("GET", "/quan-tri/y-kien/1f", WORKSPACE),
    ("POST", "/quan-tri/y-kien/1f", WORKSPACE),
    ("POST", "/quan-tri/y-kien/1f/nguyen-van", WORKSPACE),
    ("GET", "/quan-tri/xuat", WORKSPACE),
    ("GET", "/quan-tri/xuat/tat-ca.xlsx", WORKSPACE),
    ("GET", "/quan-tri/xuat/bao-cao", WORKSPACE),
    ("GET", "/quan-tri/doi", TEAMS),
    ("POST", "/quan-tri/doi", TEAMS),
    ("GET", "/quan-tri/doi/the-tra-loi", TEAMS),
    ("GET", "/quan-tri/doi/1", TEAMS),
    ("POST", "/quan-tri/doi/1/ma", TEAMS),
    ("GET", "/quan-tri/doi/1/in/danh-sach", TEAMS),
    // Who is controlled controls nothing: no surveyor, no supervisor, and no measured agency.
    ("GET", "/quan-tri/chat-luong", ADMIN),
    ("GET", "/quan-tri/chat-luong/2018", ADMIN),
    ("GET", "/quan-tri/chat-luong/2018/phieu", ADMIN),
    ("GET", "/quan-tri/chat-luong/2018/goi-lai", ADMIN),
    ("GET", "/quan-tri/chat-luong/2018/may", ADMIN),
    ("POST", "/quan-tri/chat-luong/2018/quy-tac", ADMIN),
    ("POST", "/quan-tri/chat-luong/2018/duyet", ADMIN),
    ("GET", "/quan-tri/co-quan/so-y-te", WORKSPACE),
    ("GET", "/quan-tri/xep-hang", WORKSPACE),
    ("GET", "/quan-tri/so-sanh", WORKSPACE),
    ("GET", "/quan-tri/tom-tat", WORKSPACE),
    ("GET", "/quan-tri/tom-tat/so-y-te", WORKSPACE),
    ("GET", "/quan-tri/tom-tat/ma?ma=1-00", WORKSPACE),
    ("GET", "/quan-tri/tom-tat/ma/00", WORKSPACE),
];

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_is_led_to_the_door_and_back() {
    let office = Office::new("staff-door").await;
    let mut nobody = office.browser();
    for (method, path, _) in ROUTES {
        let answer = nobody.ask(method, path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path}");
        assert!(answer.header("location").starts_with("/quan-tri/dang-nhap"), "{method} {path}: {answer:?}");
    }
    let answer = nobody.get("/quan-tri/nhat-ky?viec=export&lang=en").await;
    let back = "/quan-tri/dang-nhap?tiep=%2Fquan-tri%2Fnhat-ky%3Fviec%3Dexport%26lang%3Den&lang=en";
    assert_eq!(answer.header("location"), back);
    // A made-up token is no session either.
    nobody.keep("__Host-hailong-staff", &"a".repeat(43));
    assert!(nobody.get("/quan-tri/tai-khoan").await.header("location").starts_with("/quan-tri/dang-nhap"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_is_let_in_where_it_may_and_nowhere_else() {
    let office = Office::new("staff-matrix").await;
    office.account("somebody", Role::Auditor, None).await;
    for role in Role::ALL {
        for (method, path, who) in ROUTES {
            // A session of its own: some of these addresses end it.
            let mut browser = office.signed_in(*role).await;
            let answer = browser.ask(method, path, "").await;
            let place = format!("{role:?}: {method} {path}");
            if who.contains(role) {
                assert_ne!(answer.status, StatusCode::FORBIDDEN, "{place}");
                assert!(!answer.header("location").contains("tiep="), "{place}: {answer:?}");
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{place}");
                assert!(answer.body.contains("không có quyền"), "{place}: {answer:?}");
            }
            assert_eq!(answer.header("cache-control"), "no-store", "{place}");
        }
    }
    let refusals = office.log().await.into_iter().filter(|entry| entry.act == "refused").count();
    let expected: usize = ROUTES.iter().map(|(_, _, who)| Role::ALL.len() - who.len()).sum();
    assert_eq!(refusals, expected, "each refusal is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_no_page_of_ours_sent_changes_nothing() {
    let office = Office::new("staff-foreign").await;
    let posts = ROUTES.iter().filter(|(method, ..)| *method == "POST").map(|(_, path, _)| *path);
    let posts: Vec<&str> =
        posts.chain(["/quan-tri/dang-nhap", "/quan-tri/dang-nhap/ma", "/quan-tri/dang-nhap/thiet-lap"]).collect();
    let mut admin = office.signed_in(Role::Admin).await;
    let before = office.log().await.len();
    for path in posts {
        for headers in [
            vec![],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "none")],
            vec![("origin", "null")],
            vec![("origin", "https://evil.example")],
            vec![("origin", "https://hailong.example.vn.evil.example")],
            // The plain page of the same host, as a stranger on the network would serve it.
            vec![("origin", "http://hailong.example.vn")],
            vec![("sec-fetch-site", "cross-site"), ("origin", "https://hailong.example.vn")],
        ] {
            let answer = admin.ask_with("POST", path, &headers, "ten=a").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert_eq!(office.log().await.len(), before);
    assert_eq!(admin.get("/quan-tri/tai-khoan").await.status, StatusCode::OK, "still signed in");
    // Where the browser says nothing of the site, the origin speaks for it.
    let own = [("origin", "https://hailong.example.vn")];
    let answer = admin.ask_with("POST", "/quan-tri/dang-xuat", &own, "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let office = Office::new("staff-wrong").await;
    office.account("lan", Role::Auditor, None).await;
    office.account("out", Role::Auditor, None).await;
    office.disable("out").await;
    let mut pages = vec![];
    for (name, password) in [("lan", "sai mật khẩu rồi"), ("nobody", PASSWORD), ("out", PASSWORD), ("<b>", PASSWORD)]
    {
        let answer = office.browser().sign_in(name, password).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(!answer.headers.contains_key("set-cookie"), "{name}");
        pages.push(answer.body.replace(&format!("value=\"{}\"", name.replace('<', "&lt;").replace('>', "&gt;")), ""));
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]), "{pages:#?}");
    let why: Vec<_> = office.log().await.into_iter().filter(|e| e.act == "sign-in-refused").map(|e| e.detail).collect();
    assert_eq!(why, ["không có tên này", "tài khoản đã khoá", "không có tên này", "sai mật khẩu"], "the newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_slows_down_and_a_colleague_still_gets_in() {
    let office = Office::new("staff-guess").await;
    office.account("lan", Role::Auditor, None).await;
    let mut lan = office.browser();
    assert_eq!(lan.sign_in("lan", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert_eq!(lan.post("/quan-tri/dang-xuat", "").await.status, StatusCode::SEE_OTHER);

    let mut guesser = office.browser();
    for _ in 0..10 {
        let answer = guesser.sign_in("lan", "mot cau doan mo").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = guesser.sign_in("lan", PASSWORD).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "120"));
    assert!(answer.body.contains("Xin chờ"), "{answer:?}");
    // The browser that has signed in before has a budget of its own.
    assert_eq!(lan.sign_in("lan", PASSWORD).await.status, StatusCode::SEE_OTHER);
    // Nothing is locked: the next try of a stranger comes by itself.
    office.state.clock.set(NOW_MS + 90_000);
    assert_eq!(office.browser().sign_in("lan", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_opens_only_the_page_that_changes_it_and_only_for_a_week() {
    let office = Office::new("staff-one-time").await;
    office.one_time("lan", Role::AgencyOfficer, Some("so-y-te"), "mot-lan-dau-tien").await;
    let mut lan = office.browser();
    let answer = lan.sign_in("lan", "mot-lan-dau-tien").await;
    assert_eq!(answer.header("location"), "/quan-tri/mat-khau");
    assert_eq!(
        lan.get("/quan-tri/tai-khoan").await.header("location"),
        "/quan-tri/mat-khau?tiep=%2Fquan-tri%2Ftai-khoan"
    );
    for (new, again, words) in [
        ("ngan qua", "ngan qua", "ít nhất 12 ký tự"),
        ("mat khau 123456", "mat khau 123456", "quá phổ biến"),
        ("mot-lan-dau-tien", "mot-lan-dau-tien", "phải khác"),
        ("sông hậu nước lớn", "sông hậu nước ròng", "không giống nhau"),
    ] {
        let answer = lan.post("/quan-tri/mat-khau", &form(&[("moi", new), ("lai", again)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        assert!(answer.body.contains(words), "{new}: {}", answer.body);
    }
    let fields = [("moi", "sông hậu nước lớn"), ("lai", "sông hậu nước lớn"), ("tiep", "/quan-tri/tai-khoan")];
    let answer = lan.post("/quan-tri/mat-khau", &form(&fields)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/quan-tri/tai-khoan"));
    let page = lan.get("/quan-tri/tai-khoan").await;
    assert!(page.status == StatusCode::OK && page.body.contains("Sở Y tế"), "{page:?}");

    office.one_time("minh", Role::Auditor, None, "mot-lan-thu-hai").await;
    office.state.clock.set(NOW_MS + limits::ONE_TIME_MS);
    let late = office.browser().sign_in("minh", "mot-lan-thu-hai").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_first_with_a_password_then_sets_up_the_second_factor() {
    let office = Office::new("staff-admin").await;
    assert!(office.browser().get("/quan-tri/dang-nhap").await.body.contains("hailong user add NAME --role admin"));
    office.one_time("lan", Role::Admin, None, "mot-lan-dau-tien").await;
    assert!(!office.browser().get("/quan-tri/dang-nhap").await.body.contains("hailong user add"));

    let mut lan = office.browser();
    lan.sign_in("lan", "mot-lan-dau-tien").await;
    let fields = [("moi", PASSWORD), ("lai", PASSWORD)];
    let answer = lan.post("/quan-tri/mat-khau", &form(&fields)).await;
    assert_eq!(answer.header("location"), "/quan-tri/dang-nhap/thiet-lap");
    // No page opens before the second factor stands.
    assert_eq!(lan.get("/quan-tri/nguoi-dung").await.status, StatusCode::SEE_OTHER);

    let page = lan.get("/quan-tri/dang-nhap/thiet-lap").await;
    assert!(page.body.contains("<svg"), "{page:?}");
    let sealed = between(&page.body, "name=\"khoa\" value=\"", "\"");
    let words = between(&page.body, "staff-key\">", "<");
    let secret = secret_of(&words);
    let wrong = lan.post("/quan-tri/dang-nhap/thiet-lap", &form(&[("khoa", &sealed), ("ma", "000000")])).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(&words), "the same secret is shown again");
    let code = secret.code_at(NOW_MS).expect("a code");
    let right = lan.post("/quan-tri/dang-nhap/thiet-lap", &form(&[("khoa", &sealed), ("ma", &code)])).await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/quan-tri"));
    assert_eq!(lan.get("/quan-tri/nguoi-dung").await.status, StatusCode::OK);

    // Next time the code is asked for, and the one of the set-up is spent.
    let mut again = office.browser();
    let answer = again.sign_in("lan", PASSWORD).await;
    assert_eq!(answer.header("location"), "/quan-tri/dang-nhap/ma");
    assert_eq!(
        again.get("/quan-tri/nguoi-dung").await.header("location"),
        "/quan-tri/dang-nhap/ma?tiep=%2Fquan-tri%2Fnguoi-dung"
    );
    assert_eq!(again.get("/quan-tri/mat-khau").await.header("location"), "/quan-tri/dang-nhap/ma");
    let answer = again.post("/quan-tri/dang-nhap/ma", &form(&[("ma", &code)])).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a code is never taken twice");
    office.state.clock.set(NOW_MS + 30_000);
    let code = secret.code_at(NOW_MS + 30_000).expect("a code");
    let before = again.cookie("__Host-hailong-staff");
    let next = [("ma", code.as_str()), ("tiep", "/quan-tri/nguoi-dung")];
    let answer = again.post("/quan-tri/dang-nhap/ma", &form(&next)).await;
    assert_eq!(answer.header("location"), "/quan-tri/nguoi-dung");
    assert_ne!(again.cookie("__Host-hailong-staff"), before, "a token that had only the password is not kept");
    assert_eq!(again.get("/quan-tri/nguoi-dung").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_sign_in_is_over_after_a_quarter_of_an_hour() {
    let office = Office::new("staff-half").await;
    office.one_time("lan", Role::Auditor, None, "mot-lan-dau-tien").await;
    let mut lan = office.browser();
    lan.sign_in("lan", "mot-lan-dau-tien").await;
    office.state.clock.set(NOW_MS + limits::SESSION_BEGUN_MS);
    let answer = lan.get("/quan-tri/mat-khau").await;
    assert!(answer.header("location").starts_with("/quan-tri/dang-nhap"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_guessed_at_will() {
    let office = Office::new("staff-codes").await;
    let mut lan = office.browser();
    office.admin_with_secret("lan").await;
    lan.sign_in("lan", PASSWORD).await;
    let mut last = StatusCode::OK;
    for n in 0..11 {
        last = lan.post("/quan-tri/dang-nhap/ma", &form(&[("ma", &format!("{n:06}"))])).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_leads_to_our_own_pages_only() {
    let office = Office::new("staff-next").await;
    office.account("lan", Role::Auditor, None).await;
    for (next, to) in [
        ("https://evil.example/quan-tri", "/quan-tri"),
        ("//evil.example", "/quan-tri"),
        ("/quan-tri/nhat-ky?viec=export", "/quan-tri/nhat-ky?viec=export"),
    ] {
        let body = form(&[("ten", "LAN"), ("mat-khau", PASSWORD), ("tiep", next)]);
        let answer = office.browser().post("/quan-tri/dang-nhap", &body).await;
        assert_eq!(answer.header("location"), to, "{next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_out_of_reach_of_scripts_and_of_other_hosts() {
    let office = Office::new("staff-cookie").await;
    office.account("lan", Role::Auditor, None).await;
    let answer = office.browser().sign_in("lan", PASSWORD).await;
    for line in answer.headers.get_all("set-cookie") {
        let line = line.to_str().expect("ASCII");
        assert!(line.starts_with("__Host-hailong-"), "{line}");
        for part in ["Path=/;", "HttpOnly", "SameSite=Lax", "Secure"] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        assert!(!line.contains("Domain"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sees_and_ends_ones_own_sessions_and_nobody_elses() {
    let office = Office::new("staff-sessions").await;
    office.account("lan", Role::Auditor, None).await;
    office.account("minh", Role::Auditor, None).await;
    let (mut here, mut there, mut minh) = (office.browser(), office.browser(), office.browser());
    here.sign_in("lan", PASSWORD).await;
    there.sign_in("lan", PASSWORD).await;
    minh.sign_in("minh", PASSWORD).await;
    let page = here.get("/quan-tri/tai-khoan").await.body;
    let other = between(&page, "name=\"phien\" value=\"", "\"");
    minh.post("/quan-tri/tai-khoan/dang-xuat", &form(&[("phien", &other)])).await;
    assert_eq!(there.get("/quan-tri/tai-khoan").await.status, StatusCode::OK, "minh cannot");
    here.post("/quan-tri/tai-khoan/dang-xuat", &form(&[("phien", &other)])).await;
    assert_eq!(there.get("/quan-tri/tai-khoan").await.status, StatusCode::SEE_OTHER, "lan can");

    // A new password ends every other session, and the token of this one is a new one.
    there.sign_in("lan", PASSWORD).await;
    let wrong = [("cu", "khong phai cau nay"), ("moi", "chợ nổi cái răng sáng"), ("lai", "chợ nổi cái răng sáng")];
    let answer = here.post("/quan-tri/mat-khau", &form(&wrong)).await;
    assert!(answer.body.contains("hiện tại không đúng"), "{answer:?}");
    let right = [("cu", PASSWORD), wrong[1], wrong[2]];
    let answer = here.post("/quan-tri/mat-khau", &form(&right)).await;
    assert_eq!(answer.header("location"), "/quan-tri/tai-khoan?xong=mat-khau");
    assert!(here.get("/quan-tri/tai-khoan?xong=mat-khau").await.body.contains("Đã đổi mật khẩu."));
    assert_eq!(there.get("/quan-tri/tai-khoan").await.status, StatusCode::SEE_OTHER);

    let answer = here.post("/quan-tri/tai-khoan/dang-xuat-het", "").await;
    assert_eq!(answer.header("location"), "/quan-tri/dang-nhap");
    assert_eq!(here.get("/quan-tri/tai-khoan").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_an_account_and_its_password_is_shown_once() {
    let office = Office::new("staff-people").await;
    let mut admin = office.signed_in(Role::Admin).await;
    for (fields, words) in [
        (vec![("ten", "a b"), ("ho-ten", "Lan"), ("vai-tro", "auditor")], "Tên đăng nhập gồm"),
        (vec![("ten", "lan"), ("ho-ten", " "), ("vai-tro", "auditor")], "Xin ghi họ tên"),
        (vec![("ten", "lan"), ("ho-ten", "Lan"), ("vai-tro", "king")], "Xin chọn vai trò"),
        (vec![("ten", "lan"), ("ho-ten", "Lan"), ("vai-tro", "agency-officer")], "cần mã cơ quan"),
        (vec![("ten", "lan"), ("ho-ten", "Lan"), ("vai-tro", "auditor"), ("co-quan", "khong-co")], "cần mã cơ quan"),
        (
            vec![("ten", "lan"), ("ho-ten", "Lan"), ("vai-tro", "sector-lead"), ("co-quan", "so-noi-vu")],
            "phụ trách ngành",
        ),
    ] {
        let answer = admin.post("/quan-tri/nguoi-dung", &form(&fields)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.body.contains(words), "{fields:?}: {}", answer.body);
    }
    let fields = [("ten", "Lan"), ("ho-ten", "Nguyễn Thị Lan"), ("vai-tro", "agency-officer"), ("co-quan", "so-y-te")];
    let answer = admin.post("/quan-tri/nguoi-dung", &form(&fields)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/quan-tri/nguoi-dung"));
    let page = admin.get("/quan-tri/nguoi-dung").await.body;
    let password = between(&page, "staff-key\">", "<");
    assert!(page.contains("Nguyễn Thị Lan") && page.contains("chưa đổi mật khẩu lần đầu"), "{page}");
    assert!(!admin.get("/quan-tri/nguoi-dung").await.body.contains(&password), "shown once");
    assert_eq!(office.browser().sign_in("lan", &password).await.header("location"), "/quan-tri/mat-khau");

    let again = admin.post("/quan-tri/nguoi-dung", &form(&fields)).await;
    assert!(again.body.contains("đã có"), "{again:?}");
    let id = office.state.store.account("lan").await.expect("read").expect("lan").id.0;
    let answer = admin.post(&format!("/quan-tri/nguoi-dung/{id}/khoa"), "").await;
    assert_eq!(answer.header("location"), "/quan-tri/nguoi-dung?xong=khoa");
    assert_eq!(office.browser().sign_in("lan", &password).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_admin_disables_the_own_account_and_unknown_ones_are_all_alike() {
    let office = Office::new("staff-own").await;
    let mut admin = office.signed_in(Role::Admin).await;
    let own = office.state.store.accounts().await.expect("read").remove(0).id.0;
    let answer = admin.post(&format!("/quan-tri/nguoi-dung/{own}/khoa"), "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut bodies = vec![];
    for path in ["/quan-tri/nguoi-dung/999/khoa", "/quan-tri/nguoi-dung/abc/khoa", "/quan-tri/nguoi-dung/999/xyz"] {
        let answer = admin.post(path, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_filters_and_exports_the_log() {
    let office = Office::new("staff-log").await;
    office.account("lan", Role::AgencyOfficer, Some("so-y-te")).await;
    office.browser().sign_in("lan", "sai mật khẩu rồi").await;
    office.browser().sign_in("lan", PASSWORD).await;
    let mut auditor = office.signed_in(Role::Auditor).await;
    let page = auditor.get("/quan-tri/nhat-ky").await.body;
    assert!(page.contains("Từ chối đăng nhập") && page.contains("Thêm tài khoản"), "{page}");
    let some = auditor.get("/quan-tri/nhat-ky?viec=sign-in-refused&ai=Lan&tu=2018-11-12&den=2018-11-12").await.body;
    let body = some.split("<tbody>").nth(1).expect("a table").to_owned();
    assert_eq!(body.matches("<tr>").count(), 1, "{body}");
    let none = auditor.get("/quan-tri/nhat-ky?den=2018-11-11").await.body;
    assert!(none.contains("Không có mục nào khớp"));

    let file = auditor.get("/quan-tri/nhat-ky.csv?ai=lan").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines[0], "\u{feff}at,account,act,object,detail,chain,seq,hash");
    assert!(lines[1..].iter().all(|line| line.starts_with("\"2018-11-12T10:00:00+07:00\"")), "{lines:?}");
    assert!(file.body.contains("\"sign-in-refused\",\"lan\",\"sai mật khẩu\""), "{lines:?}");
    assert_eq!(office.log().await[0].act, "log-export");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_lost_its_agency_is_told_and_sees_nothing() {
    let office = Office::new("staff-no-scope").await;
    office.account("lan", Role::AgencyOfficer, None).await;
    let mut lan = office.browser();
    lan.sign_in("lan", PASSWORD).await;
    let answer = lan.get("/quan-tri/tai-khoan").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("chưa gắn với cơ quan nào"), "{answer:?}");
}

fn form(fields: &[(&str, &str)]) -> String {
    Browser::form(fields)
}

fn between(text: &str, from: &str, to: &str) -> String {
    let (_, rest) = text.split_once(from).expect(from);
    rest.split_once(to).expect(to).0.to_owned()
}

/// The secret behind the words of the page, as an authenticator reads them.
fn secret_of(words: &str) -> SharedSecret {
    let (mut bits, mut n, mut bytes) = (0_u32, 0, vec![]);
    for letter in words.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = if letter.is_ascii_alphabetic() { letter - b'A' } else { letter - b'2' + 26 };
        (bits, n) = (bits << 5 | u32::from(value), n + 5);
        if n >= 8 {
            n -= 8;
            bytes.push((bits >> n) as u8);
            bits &= (1 << n) - 1;
        }
    }
    SharedSecret::from_bytes(&bytes).expect("twenty bytes")
}
