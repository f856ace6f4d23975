use leptos::prelude::*;

use super::one::{MadeCode, TeamPage, team_title, team_view};
use super::print::{Letter, PrintLine, PrintList, accepted_view, card_view, letter_view, list_view};
use super::progress::{DayRow, Progress, rate_words};
use super::*;
use crate::components::page::SiteInfo;
use crate::domain::field_work::{Contact, Outcome};
use crate::domain::ids::{AccountId, AgencyId, DeviceId, RoundId};
use crate::server_side::export::report::Office;
use crate::store::field::{DeviceLine, MemberLine, PostLine, TeamLine};

const LONG: &str = "Đội điều tra số 1 của Hội Cựu chiến binh xã Thạnh Phú, huyện Cờ Đỏ, đợt đo lường";

fn html(view: impl FnOnce() -> AnyView) -> String {
    Owner::new().with(|| view().to_html())
}

fn member(id: i32) -> MemberLine {
    MemberLine { id: AccountId(id), login: format!("dtv{id}"), name: "Nguyễn Thị <Lan>".to_owned() }
}

fn ends() -> Ends {
    Ends {
        complete: 6,
        partial: 1,
        refused: 1,
        not_found: 1,
        unable: 0,
        replaced: 1,
        open: 1,
        void: 1,
        out_of_scope: 1,
        no_result: 1,
    }
}

fn page(work: Work, lang: Lang) -> TeamPage {
    let team = TeamLine {
        id: 3,
        round: RoundId(1),
        name: LONG.to_owned(),
        work,
        supervisor: member(1),
        members: vec![member(2)],
    };
    let agencies = (0..250).map(|n| (format!("Ủy ban nhân dân xã số {n}"), ends())).collect();
    TeamPage {
        lang,
        team,
        round: "Đợt năm 2018".to_owned(),
        candidates: vec![("4".to_owned(), "Trần Văn Bé".to_owned())],
        lists: vec![("1".to_owned(), "Sở Y tế (còn 42 người)".to_owned())],
        given: vec![("1".to_owned(), "Sở Y tế".to_owned())],
        to_give: Some(vec![("2".to_owned(), "Sở Tư pháp".to_owned())]),
        posts: vec![(
            PostLine {
                id: 1,
                agency: AgencyId(1),
                desk: "AB2C".to_owned(),
                name: "Quầy 2".to_owned(),
                every: 5,
                target: Some(30),
                granted: 20,
                used: 12,
                base: (300, 60, 9),
            },
            "Sở Y tế".to_owned(),
        )],
        devices: vec![DeviceLine {
            id: DeviceId(7),
            name: "Máy 07".to_owned(),
            surveyor: Some("Lan".to_owned()),
            post: None,
            seen_at: 0,
            waiting: Some(3),
            signed_out_at: None,
        }],
        progress: Progress {
            ends: ends(),
            reserve: 4,
            people: vec![("Lan".to_owned(), ends())],
            agencies,
            days: vec![DayRow { day: 17_847, visits: 9, done: 6, refused: 1 }],
        },
        code: None,
        fault: None,
        done: None,
        file_error: None,
    }
}

#[test]
fn no_team_says_what_to_do_first() {
    let empty = TeamsPage {
        lang: Lang::Vi,
        teams: vec![],
        rounds: vec![],
        supervisors: vec![],
        typed: String::new(),
        fault: None,
        keyless: vec![],
    };
    let html = html(|| teams_view(&empty));
    assert!(html.contains("Chưa có đội nào") && html.contains("Cần có một đợt"), "{html}");
}

#[test]
fn the_rate_stands_with_its_formula_and_numbers() {
    // 6 / (6 + 1 + 1 + 1 + (0 + 1) + 2)
    let words = rate_words(&ends(), Lang::Vi);
    assert_eq!(words, "RR1 = I / (I + P + R + NC + O + U) = 6 / (6 + 1 + 1 + 1 + 1 + 2) = 50,00%");
    assert!(rate_words(&Ends::default(), Lang::En).contains("nobody"));
}

#[test]
fn every_kind_of_team_shows_its_own_parts_in_both_languages() {
    for lang in [Lang::Vi, Lang::En] {
        for work in Work::ALL {
            let html = html(|| team_view(&page(*work, lang)));
            assert_eq!(html.contains("RR1 ="), matches!(work, Work::Sample | Work::Paper), "{work:?}");
            assert_eq!(html.contains("id=\"diem\""), matches!(work, Work::Intercept | Work::Kiosk), "{work:?}");
            assert_eq!(html.contains("/in/danh-sach"), *work == Work::Sample, "{work:?}");
            assert!(!html.contains("<Lan>") && html.contains("id=\"may\""), "{work:?}");
        }
    }
}

#[test]
fn a_code_is_shown_once_with_its_picture_and_an_error_comes_first_in_the_title() {
    let mut one = page(Work::Sample, Lang::Vi);
    one.code =
        Some(MadeCode { device: "Máy 1".to_owned(), code: "ABCD-EFGH-JKMN".to_owned(), qr: "<svg></svg>".to_owned() });
    let shown = html(|| team_view(&one));
    assert!(shown.contains("ABCD-EFGH-JKMN") && shown.contains("<svg></svg>"), "{shown}");
    one.fault = Some(TeamFault::Measured);
    assert!(team_title(&one).starts_with("Lỗi: "));
    assert!(html(|| team_view(&one)).contains("cơ quan được đo không tự đo"));
}

#[test]
fn lists_to_walk_by_have_names_and_lists_to_accept_by_have_none() {
    let contact =
        Contact { name: "Lê Thị Tám".into(), address: "ấp 1".into(), phone: "0912".into(), note: String::new() };
    let line = PrintLine {
        number: 5,
        agency: "Sở Y tế".to_owned(),
        reserve: false,
        contact: Some(contact),
        attempts: vec![(17_847, Outcome::NotHome), (17_848, Outcome::Done)],
        answered: true,
    };
    let (surveyor, team, round) = ("Lan".to_owned(), LONG.to_owned(), "Đợt 2018".to_owned());
    let mut list = PrintList { lang: Lang::Vi, surveyor, team, round, lines: vec![line] };
    assert!(html(|| list_view(&list)).contains("Lê Thị Tám"));
    let accepted = html(|| accepted_view(&list));
    assert!(!accepted.contains("Lê Thị Tám") && accepted.contains("vắng nhà") && accepted.contains("1 phiếu đã nhận"));
    list.lines.clear();
    assert!(html(|| list_view(&list)).contains("Chưa giao ai"));
}

#[test]
fn the_letter_and_the_card_are_whole() {
    let letter = Letter {
        lang: Lang::En,
        surveyor: "Lan".to_owned(),
        team: LONG.to_owned(),
        round: "Đợt 2018".to_owned(),
        agencies: vec!["Sở Y tế".to_owned()],
        office: Office::of_site(&SiteInfo::default()),
        until: Some(17_847),
    };
    let html_letter = html(|| letter_view(&letter));
    assert!(html_letter.contains("GIẤY GIỚI THIỆU") && html_letter.contains("12/11/2018"), "{html_letter}");
    assert!(
        html_letter.contains("/GGT-SNV") && html_letter.contains("SỞ NỘI VỤ trân trọng giới thiệu"),
        "{html_letter}"
    );
    let card = html(|| card_view(Lang::Vi));
    assert_eq!(card.matches("<svg").count(), 5);
    assert!(card.contains("Rất không hài lòng") && card.contains("Rất hài lòng"));
}
