use super::*;
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::sample::frame::{Mapping, Reading};
use crate::domain::sample::plan::{Counted, Planned};
use crate::pages::staff::frames::{ColumnsPage, Found, FrameLine, FramesPage, columns_view, frames_title, frames_view};
use crate::server_side::frame::{Group, Preview, Shared};
use crate::store::{FrameStanding, VoidFault, VoidedSample};

const EVIL: &str = "\"><script>x</script>";
const LONG: &str = "Ban Quản lý các khu chế xuất và công nghiệp thành phố Cần Thơ";

fn wish() -> Wish {
    Wish { rule: Rule::Systematic, margin: 50, reserve: 20, seed: EVIL.into() }
}

fn samples(lang: Lang) -> SamplesPage {
    let line = |name: &str, counted, prospect| AgencyLine { name: name.into(), counted, prospect };
    SamplesPage {
        lang,
        rounds: vec![("2018".into(), EVIL.into())],
        code: "2018".into(),
        agencies: vec![
            line(LONG, Some((2_000, 1_900)), Prospect::Planned { n: 334, reserve: 67, frame: 1 }),
            line(EVIL, Some((49, 49)), Prospect::LeftOut("49 hồ sơ".into(), Some(2))),
            line("Sở Y tế", None, Prospect::LeftOut(EVIL.into(), None)),
            line("Sở Tư pháp", Some((500, 480)), Prospect::Drawn(3, 223, 45)),
        ],
        wish: wish(),
        populations: vec![PopulationAgency {
            code: "so-y-te".into(),
            name: "Sở Y tế".into(),
            strata: vec![PopulationLine { stratum: 3, name: "Hộ tịch".into(), before: Some(5_000), after: 8 }],
        }],
        purge: Purge::Kept(Some(0)),
        voided: vec![(
            LONG.into(),
            VoidedSample {
                list: 2,
                agency: AgencyId(1),
                drawn: (334, 67),
                by: ("lan".into(), 0),
                voided: (EVIL.into(), 0),
                reason: EVIL.into(),
            },
        )],
        fault: Some(EVIL.into()),
        done: Some(EVIL.into()),
    }
}

fn strata() -> Vec<StratumLine> {
    let counted = Counted { stratum: StratumId(7), dossiers: 2_000, people: 1_900 };
    vec![StratumLine { name: EVIL.into(), planned: Planned { counted, n: 334, reserve: 67 } }]
}

fn columns(lang: Lang) -> ColumnsPage {
    let row = || vec![EVIL.to_owned(), LONG.to_owned()];
    let reading = Reading { separator: ';', heading: 2, columns: Mapping::default() };
    ColumnsPage {
        lang,
        frame: 1,
        agency: EVIL.into(),
        round: EVIL.into(),
        file: EVIL.into(),
        preview: Preview { reading, headings: row(), rows: vec![row()], top: vec![(1, row()), (2, row())] },
        fault: Some(EVIL.into()),
        replaces: Some((EVIL.into(), 5_000)),
        found: Some(Found {
            lines: 10,
            bad: 3,
            people: 7,
            faults: vec![EVIL.into()],
            aside: (2, vec![EVIL.into()]),
            repeats: (1, vec![EVIL.into()]),
            alike: (1, vec![EVIL.into()]),
            groups: (
                1,
                vec![Group {
                    shared: Shared::Number,
                    lines: vec![2, 3],
                    count: 9,
                    names: vec![EVIL.into(), LONG.into()],
                }],
            ),
            placeholders: 4,
            mark: "0123456789abcdef".into(),
            joined: vec![2],
            ..Found::default()
        }),
    }
}

fn frames(lang: Lang, standing: FrameStanding) -> FramesPage {
    let line = FrameLine {
        agency: LONG.into(),
        round: EVIL.into(),
        file: EVIL.into(),
        print: "0123456789ab".into(),
        at: 0,
        dossiers: 2_000,
        people: 1_900,
        bad: 3,
        standing,
    };
    FramesPage {
        lang,
        rounds: vec![("2018".into(), EVIL.into())],
        agencies: vec![("a".into(), EVIL.into())],
        chosen: ("2018".into(), "a".into()),
        lines: vec![line],
        fault: Some(EVIL.into()),
        done: true,
    }
}

#[test]
fn what_people_and_files_say_is_text_on_every_page() {
    for lang in [Lang::Vi, Lang::En] {
        let one = OnePage {
            lang,
            frame: 1,
            agency: EVIL.into(),
            round: ("2018".into(), EVIL.into()),
            strata: strata(),
            wish: wish(),
            fault: Some(EVIL.into()),
        };
        let list = ListPage {
            lang,
            list: 1,
            agency: EVIL.into(),
            round: ("2018".into(), EVIL.into()),
            rule: Rule::Simple,
            seed: EVIL.into(),
            frame_hash: "ab".into(),
            file_hash: "cd".into(),
            margin: None,
            by: EVIL.into(),
            at: 0,
            program: "1".into(),
            strata: strata(),
            again: Some((239, 2)),
            done: true,
            voiding: (EVIL.into(), Some(VoidFault::Used)),
        };
        let pages = FrameStanding::ALL.iter().map(|standing| frames_view(&frames(lang, *standing)));
        let pages =
            pages.chain([columns_view(&columns(lang)), samples_view(&samples(lang)), one_view(&one), list_view(&list)]);
        for view in pages {
            let html = view.to_html();
            assert!(!html.contains("<script"), "{html}");
        }
        assert!(list_view(&list).to_html().contains(say(lang, "KHÔNG khớp", "NOT the same")));
    }
}

#[test]
fn a_page_with_nothing_says_what_to_do() {
    for lang in [Lang::Vi, Lang::En] {
        let page = FramesPage { rounds: vec![], lines: vec![], fault: None, ..frames(lang, FrameStanding::Uploaded) };
        let html = frames_view(&page).to_html();
        assert!(!html.contains("type=\"file\"") && html.matches("class=\"empty\"").count() == 2, "{html}");
        assert!(!frames_title(&page).contains(':'));
        let page = SamplesPage { rounds: vec![], fault: None, ..samples(lang) };
        assert!(samples_view(&page).to_html().contains("class=\"empty\""));
        let page = SamplesPage { agencies: vec![], populations: vec![], purge: Purge::Nothing, ..samples(lang) };
        let html = samples_view(&page).to_html();
        assert!(!html.contains("hat-giong") && !html.contains("dong-y"), "{html}");
    }
}

#[test]
fn nothing_is_drawn_once_contact_data_were_erased_and_the_formula_has_its_numbers() {
    let page = SamplesPage { purge: Purge::Erased(0), ..samples(Lang::Vi) };
    let html = samples_view(&page).to_html();
    assert!(!html.contains("hat-giong") && html.contains("Đã xoá ngày"), "{html}");
    assert_eq!(formula(2_000, 50, Lang::Vi), "2.000 / (1 + 2.000 × 0,05²) → 334");
    assert_eq!(formula(2_000, 50, Lang::En), "2,000 / (1 + 2,000 × 0.05²) → 334");
    assert_eq!([margin_words(50, Lang::Vi), margin_words(25, Lang::Vi)], ["5%", "2,5%"]);
}
