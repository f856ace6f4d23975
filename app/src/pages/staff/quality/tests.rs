//! What the pages say, and what they keep to themselves.

use std::collections::{BTreeMap, HashMap};

use leptos::prelude::*;
use uuid::Uuid;

use super::callbacks::{CallbacksPage, callbacks_view};
use super::decisions::{Decisions, decision_name};
use super::flagged::{Filter, FlaggedPage, Row, Which, flagged_title, flagged_view};
use super::kiosks::{KiosksPage, kiosks_view};
use super::round::{Called, RoundPage, called_words, compared_words, round_view};
use super::{flag_words, list_view, name_of, span_words};
use crate::domain::ids::{AccountId, AgencyId};
use crate::domain::quality::Interviewer;
use crate::domain::quality::burst::Burst;
use crate::domain::quality::callback::CallbackOutcome;
use crate::domain::quality::compare::Compared;
use crate::domain::quality::decision::{DecisionKind, NamedRule, Reason, Verdict};
use crate::domain::quality::flags::{Flag, FlagKind};
use crate::domain::quality::overview::{Line, Measure};
use crate::domain::response::{Marks, Standing};
use crate::domain::text::Lang;
use crate::store::kiosk::Kiosk;
use crate::store::quality::Decision;

fn shown(view: impl FnOnce() -> AnyView) -> String {
    Owner::new().with(|| view().to_html())
}

fn line() -> Line {
    Line {
        by: Interviewer::Account(AccountId(7)),
        n: 40,
        valid: 38,
        excluded: 2,
        flagged: 5,
        kinds: BTreeMap::from([(FlagKind::TooFast, 3), (FlagKind::Straight, 2)]),
        median: Some(310_000),
        visits: (60, 8, 12),
        compared: vec![(Measure::Answers, Compared::Differs(1e-9)), (Measure::Straight, Compared::Alike(0.4))],
    }
}

fn decision(id: i32, kind: DecisionKind, verdict: Verdict, by: i32) -> Decision {
    Decision {
        id,
        kind,
        rule: (!kind.needs_two()).then_some((NamedRule::TooFast, 1)),
        parameters: "2 giây mỗi câu".to_owned(),
        withdraws: None,
        reason: Reason::NotHeld,
        words: "Người dân không nhớ có ai đến.".to_owned(),
        proposed_by: AccountId(by),
        proposed_name: "lan".to_owned(),
        proposed_at: 0,
        verdict,
        decided: None,
        about: 2,
        changed: 0,
    }
}

fn page(all: Vec<Decision>, frozen: bool) -> RoundPage {
    RoundPage {
        lang: Lang::Vi,
        round: ("2018".to_owned(), "Đợt 2018".to_owned()),
        lines: vec![line()],
        names: BTreeMap::from([(Interviewer::Account(AccountId(7)), "Trần Thị Tuyết Nhung".to_owned())]),
        called: HashMap::new(),
        decisions: Decisions {
            me: Some(AccountId(1)),
            rules: vec![(NamedRule::TooFast, "x".to_owned(), 3)],
            all,
            frozen,
        },
        ended: None,
        may_end: false,
        fault: None,
        done: None,
    }
}

#[test]
fn spans_are_said_as_people_say_them() {
    let spans = [0, 43_999, 60_000, 100_000, 3_600_000, 11_520_000, -300_000];
    let said = ["0 giây", "43 giây", "1 phút", "1 phút 40 giây", "1 giờ", "3 giờ 12 phút", "5 phút"];
    assert_eq!(spans.map(|ms| span_words(ms, Lang::Vi)), said);
    assert_eq!(span_words(100_000, Lang::En), "1 min 40 s");
}

#[test]
fn a_row_of_one_answer_is_named_without_its_answer() {
    assert_eq!(flag_words(Flag::Straight { answered: 22 }, Lang::Vi), "Cả 22 câu cùng một mức trả lời.");
    assert_eq!(
        flag_words(Flag::TooFast { took: 10_000, least: 100_000 }, Lang::Vi),
        "Chỉ 10 giây; ít nhất phải 1 phút 40 giây."
    );
    let marks =
        [Marks::EARLY, Marks::LATE, Marks::CLOCK, Marks::BURST, Marks::SECOND_OF_UNIT, Marks::OVER_QUOTA, Marks::FAST];
    let said: std::collections::BTreeSet<String> = marks.map(|mark| flag_words(Flag::Arrival(mark), Lang::Vi)).into();
    assert_eq!(said.len(), marks.len(), "each mark has words of its own");
}

#[test]
fn an_interviewer_is_compared_in_words_and_never_by_counts_of_answers() {
    assert_eq!(compared_words(&line(), Lang::Vi), "khác rõ: câu trả lời");
    let html = shown(|| round_view(&page(vec![], false)));
    for words in
        ["Trần Thị Tuyết Nhung", "5 phút 10 giây", "quá nhanh 3, cùng một mức 2", "60: 8, 12", "khác rõ: câu trả lời"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
    let quiet = Line { compared: vec![(Measure::Lengths, Compared::Alike(0.2))], ..line() };
    assert_eq!(compared_words(&quiet, Lang::En), "no clear difference");
    let few = Line { compared: vec![(Measure::Lengths, Compared::NotEnough)], ..line() };
    assert_eq!(compared_words(&few, Lang::Vi), "chưa đủ để so sánh");
    assert_eq!(name_of(Interviewer::Unknown, &BTreeMap::new(), Lang::Vi), "Không ghi người hỏi");
}

#[test]
fn nobody_sees_a_button_to_agree_to_the_own_proposal() {
    let own = shown(|| round_view(&page(vec![decision(1, DecisionKind::Out, Verdict::Open, 1)], false)));
    assert!(!own.contains("value=\"dong-y\"") && own.contains("Rút đề nghị"), "{own}");
    let other = shown(|| round_view(&page(vec![decision(1, DecisionKind::Out, Verdict::Open, 2)], false)));
    assert!(other.contains("value=\"dong-y\"") && other.contains("Không đồng ý"), "{other}");
    let frozen = shown(|| round_view(&page(vec![decision(1, DecisionKind::RuleOut, Verdict::Agreed, 2)], true)));
    assert!(!frozen.contains("value=\"dong-y\"") && !frozen.contains("Áp dụng quy tắc"), "{frozen}");
    assert!(frozen.contains("chốt số liệu") && !frozen.contains("rut-quy-tac"), "{frozen}");
}

#[test]
fn a_rule_that_was_applied_can_be_withdrawn_once() {
    let applied = decision(1, DecisionKind::RuleOut, Verdict::Agreed, 1);
    let html = shown(|| round_view(&page(vec![applied.clone()], false)));
    assert!(html.contains("rut-quy-tac") && html.contains("Loại theo quy tắc “Phỏng vấn quá nhanh”, bản 1"), "{html}");
    let gone = Decision { withdraws: Some(1), ..decision(2, DecisionKind::RuleBack, Verdict::Agreed, 1) };
    assert!(decision_name(&gone, Lang::Vi).starts_with("Rút quy tắc"));
    let html = shown(|| round_view(&page(vec![gone, applied], false)));
    assert!(!html.contains("rut-quy-tac"), "{html}");
}

#[test]
fn what_was_typed_stays_and_an_error_stands_first() {
    let filter = Filter { which: Which::All, by: Some(7), kind: Some(FlagKind::Overlap), decision: None, page: 2 };
    assert_eq!(filter.query(), "nao=tat-ca&ai=7&dau=trung-gio");
    let id = Uuid::from_u128(5);
    let flagged = FlaggedPage {
        lang: Lang::Vi,
        round: ("2018".to_owned(), "Đợt 2018".to_owned()),
        filter,
        people: vec![("7".to_owned(), "Nhung".to_owned())],
        rows: vec![Row {
            id,
            by: "Nhung".to_owned(),
            agency: "Sở Y tế".to_owned(),
            at: 0,
            length: None,
            standing: Standing::Incomplete,
            flags: vec![],
        }],
        of: 101,
        more: false,
        chosen: vec![id],
        words: "vì \"thế\"".to_owned(),
        reason: "khac".to_owned(),
        frozen: false,
        fault: Some("Xin ghi lý do."),
    };
    assert!(flagged_title(&flagged).starts_with("Lỗi: "));
    let html = shown(|| flagged_view(&flagged));
    assert!(html.contains("vì &quot;thế&quot;") && html.contains("trang=1"), "{html}");
    assert!(!html.contains("name=\"phieu\""), "what is incomplete cannot be proposed");
}

#[test]
fn a_kiosk_that_tells_of_no_presses_has_dashes_and_the_oldest_bursts_are_counted_only() {
    let kiosk = |post: Option<&str>| Kiosk {
        name: "Máy <1>".to_owned(),
        agency: AgencyId(1),
        post: post.map(str::to_owned),
        days: 3,
        taps: 1_240,
        ignored: 31,
        abandoned: 4,
        received: 900,
        in_burst: 12,
    };
    let burst = Burst { from: 0, to: 40_000, n: 12 };
    let page = |kiosks, bursts, of| KiosksPage {
        lang: Lang::Vi,
        round: ("2018".to_owned(), "Đợt 2018".to_owned()),
        kiosks,
        bursts,
        of,
    };
    let kiosks = vec![(kiosk(Some("Quầy 2")), "Sở Y tế".to_owned())];
    let html = shown(|| kiosks_view(&page(kiosks, vec![("Máy <1>".to_owned(), burst)], 60)));
    for words in ["Máy &lt;1&gt;", "Sở Y tế · Quầy 2", ">1.240<", ">900<", "40 giây", "1 loạt mới nhất trong 60 loạt."]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
    let html = shown(|| kiosks_view(&page(vec![(kiosk(None), "Sở Y tế".to_owned())], vec![], 0)));
    assert!(html.contains(">–<") && !html.contains("1.240") && html.contains("Chưa có loạt nào."), "{html}");
    assert!(shown(|| kiosks_view(&page(vec![], vec![], 0))).contains("Đợt này chưa có máy đặt tại quầy."));
}

#[test]
fn empty_pages_say_what_comes() {
    assert!(shown(|| list_view(&[], Lang::Vi)).contains("Khi các đội điều tra gửi phiếu về"));
    let empty = CallbacksPage {
        lang: Lang::Vi,
        round: ("2018".to_owned(), "Đợt 2018".to_owned()),
        draws: vec![],
        people: vec![],
        waiting: 0,
        open: false,
        ended: false,
        fault: None,
        done: None,
    };
    let html = shown(|| callbacks_view(&empty));
    assert!(html.contains("Chưa rút ai để gọi lại") && !html.contains("lien-he=1"), "{html}");
    let mut called = Called::default();
    for outcome in [None, Some(CallbackOutcome::Denied), Some(CallbackOutcome::Confirmed)] {
        called.add(outcome);
    }
    assert_eq!(called_words(called, Lang::Vi), "2/3, 1 phủ nhận");
    assert_eq!(called_words(Called::default(), Lang::Vi), "–");
}
