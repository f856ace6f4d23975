use super::account::{
    AccountPage, ChangeFault, PasswordPage, SessionLine, account_view, password_title, password_view,
};
use super::frame::{PAGES, first_page, staff_nav};
use super::log::{Asked, LogView, log_view};
use super::people::{Made, PeoplePage, PersonFault, PersonLine, Typed, people_title, people_view};
use super::refused::{Refusal, refused_view};
use super::sign_in::{
    CodePage, EnrolPage, SignInFault, SignInPage, code_view, enrol_view, sign_in_title, sign_in_view,
};
use super::*;
use crate::domain::ids::AccountId;
use crate::domain::password::PasswordFault;
use crate::domain::role::Role;
use crate::domain::staff_log::{Entry, Who};
use crate::server_side::guard::{Actor, Visitor, actor};
use crate::store::Account;

const EVIL: &str = "\"><script>x</script>";

fn someone(role: Role) -> Actor {
    let account = Account {
        id: AccountId(1),
        login: "lan".into(),
        name: EVIL.into(),
        role,
        agency: None,
        password_hash: String::new(),
        password_at: 0,
        must_change: false,
        totp_secret: Some(vec![]),
        created_at: 0,
        disabled_at: None,
    };
    actor(Visitor { account, session: 1, verified: true, began: 0 }, None).expect("everything is in order")
}

fn sign_in(lang: Lang, fault: Option<SignInFault>) -> SignInPage {
    SignInPage { lang, no_admin: true, login: EVIL.into(), next: EVIL.into(), fault }
}

#[test]
fn what_people_typed_is_text_on_every_page() {
    let person = PersonLine {
        id: 1,
        login: "lan".into(),
        name: EVIL.into(),
        role: Role::Admin,
        agency: Some(EVIL.into()),
        created_at: 0,
        one_time: true,
        second_factor: true,
        disabled: true,
        own: false,
    };
    let people = PeoplePage {
        lang: Lang::Vi,
        people: vec![person],
        agencies: vec![(EVIL.into(), EVIL.into())],
        typed: Typed { login: EVIL.into(), name: EVIL.into(), role: EVIL.into(), agency: EVIL.into() },
        fault: Some(PersonFault::Login),
        made: Some(Made { login: EVIL.into(), password: EVIL.into() }),
        done: None,
    };
    let entry = Entry {
        chain: EVIL.into(),
        seq: 1,
        at: 0,
        who: Who { account: None, name: EVIL.into() },
        act: EVIL.into(),
        object: EVIL.into(),
        detail: EVIL.into(),
        previous: vec![],
        hash: vec![],
    };
    let log = LogView {
        lang: Lang::En,
        asked: Asked { from: EVIL.into(), to: EVIL.into(), act: EVIL.into(), account: EVIL.into() },
        entries: vec![entry],
        older: Some(EVIL.into()),
        file: EVIL.into(),
    };
    let account = AccountPage {
        lang: Lang::Vi,
        name: EVIL.into(),
        login: EVIL.into(),
        role: "",
        agency: Some(EVIL.into()),
        sessions: vec![SessionLine { id: 1, agent: EVIL.into(), began: 0, seen: 0, own: false }],
        done: None,
    };
    let password = PasswordPage { lang: Lang::Vi, forced: false, login: EVIL.into(), next: EVIL.into(), fault: None };
    let enrol =
        EnrolPage { lang: Lang::Vi, next: EVIL.into(), qr: None, words: EVIL.into(), sealed: EVIL.into(), fault: None };
    for view in [
        sign_in_view(&sign_in(Lang::Vi, Some(SignInFault::Wrong))),
        code_view(&CodePage { lang: Lang::Vi, next: EVIL.into(), fault: None }),
        enrol_view(&enrol),
        people_view(&people),
        log_view(&log),
        account_view(&account),
        password_view(&password),
        staff_nav(&someone(Role::Admin), "", Lang::Vi),
    ] {
        let html = view.to_html();
        assert!(!html.contains("<script"), "{html}");
    }
    assert!(people_title(&people).starts_with("Lỗi"));
}

#[test]
fn before_the_first_admin_the_page_says_the_command() {
    for lang in [Lang::Vi, Lang::En] {
        let html = sign_in_view(&sign_in(lang, None)).to_html();
        assert!(html.contains("hailong user add NAME --role admin"), "{html}");
        let later = SignInPage { no_admin: false, ..sign_in(lang, None) };
        assert!(!sign_in_view(&later).to_html().contains("hailong user add"));
    }
}

#[test]
fn an_error_stands_first_in_the_title_and_beside_its_field() {
    let page = sign_in(Lang::Vi, Some(SignInFault::Wrong));
    assert!(sign_in_title(&page).starts_with("Lỗi"));
    assert!(sign_in_view(&page).to_html().contains(r#"aria-describedby="loi""#));
    let fault = Some(ChangeFault::New(PasswordFault::Short));
    let page = PasswordPage { lang: Lang::Vi, forced: true, login: "lan".into(), next: String::new(), fault };
    assert!(password_title(&page).starts_with("Lỗi"));
    let html = password_view(&page).to_html();
    assert!(html.contains("ít nhất 12 ký tự") && !html.contains(r#"name="cu""#), "{html}");
}

#[test]
fn the_navigation_shows_each_role_its_own_pages() {
    let paths = |role| -> Vec<&str> {
        let actor = someone(role);
        PAGES.iter().filter(|page| (page.open_to)(&actor)).map(|page| page.path).collect()
    };
    assert!(paths(Role::Admin).contains(&"/quan-tri/nguoi-dung"));
    assert!(!paths(Role::Auditor).contains(&"/quan-tri/nguoi-dung"));
    assert!(paths(Role::Auditor).contains(&"/quan-tri/nhat-ky"));
    assert_eq!(paths(Role::Surveyor), ["/quan-tri/tai-khoan"]);
    assert_eq!(first_page(&someone(Role::Auditor)), "/quan-tri/nhat-ky");
    let html = staff_nav(&someone(Role::Auditor), "/quan-tri/nhat-ky", Lang::En).to_html();
    assert!(html.contains(r#"href="/quan-tri/nhat-ky?lang=en""#) && html.contains(r#"aria-current="page""#), "{html}");
}

#[test]
fn a_refusal_says_what_to_do_in_both_languages() {
    for why in [Refusal::Role, Refusal::Foreign, Refusal::NoScope] {
        let pages = [Lang::Vi, Lang::En].map(|lang| refused_view(why, lang).to_html());
        assert_ne!(pages[0], pages[1]);
    }
}

#[test]
fn an_empty_log_leads_back_to_all_of_it() {
    let asked = Asked { act: "export".into(), ..Asked::default() };
    assert_eq!(asked.pairs(), [("viec", "export")]);
    let page = LogView { lang: Lang::Vi, asked, entries: vec![], older: None, file: String::new() };
    assert!(log_view(&page).to_html().contains("Không có mục nào khớp"));
}

#[test]
fn browsers_are_named_as_people_know_them() {
    let named = |agent| browser(agent, Lang::Vi);
    assert_eq!(named("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"), "Firefox, Windows");
    assert_eq!(named("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36"), "Chrome, Linux");
    assert_eq!(named("curl/8"), "Trình duyệt khác");
}
