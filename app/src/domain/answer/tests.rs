use proptest::prelude::*;

use super::*;
use crate::domain::fixture::form;
use crate::domain::questionnaire::{Choice, Question, Source};
use crate::domain::text::Text;

fn score(figure: u8) -> Answer {
    Answer::from_figure(i64::from(figure)).expect("0 to 5")
}

/// A sheet of the fixture: answers in the order of the criteria (`-` blank), then single choices by question code.
fn sheet(answers: &str, choices: &[(&str, &str)]) -> (Questionnaire, Sheet) {
    let form = form();
    let mut sheet = Sheet::blank(&form);
    for (slot, figure) in sheet.answers.iter_mut().zip(answers.bytes()) {
        *slot = if figure == b'-' { Answer::Blank } else { score(figure - b'0') };
    }
    for (question, option) in choices {
        let index = form.question_index(question).expect("a question");
        let chosen = form.questions[index].options().iter().position(|o| o.code == *option).expect("an option");
        sheet.values[index] = Value::Single(u8::try_from(chosen).expect("few"));
    }
    (form, sheet)
}

fn validity(answers: &str, choices: &[(&str, &str)]) -> Validity {
    let (form, sheet) = sheet(answers, choices);
    sheet.validity(&form)
}

#[test]
fn a_figure_is_0_to_5_and_nothing_else() {
    assert_eq!(Answer::from_figure(0), Some(Answer::NotApplicable));
    assert_eq!(Answer::from_figure(5).and_then(Answer::score), Some(5));
    for foreign in [-1, 6, 256, 257, i64::MAX, i64::MIN] {
        assert_eq!(Answer::from_figure(foreign), None, "{foreign}");
    }
    assert_eq!(Answer::NotApplicable.score(), None);
}

#[test]
fn half_of_what_is_asked_is_enough_and_less_is_not() {
    const SUBMITS: &[(&str, &str)] = &[("visit", "nop-ho-so")];
    const RECEIVES: &[(&str, &str)] = &[("visit", "ket-qua")];
    // 4 are asked of who submits, 6 of who receives.
    assert_eq!(validity("45------", SUBMITS), Validity::Valid);
    assert_eq!(validity("4-------", SUBMITS), Validity::Incomplete);
    assert_eq!(validity("45------", RECEIVES), Validity::Incomplete);
    assert_eq!(validity("45--1---", RECEIVES), Validity::Valid);
    // Who does not say why he came is asked everything.
    assert_eq!(validity("45------", &[]), Validity::Incomplete);
    assert_eq!(validity("454-----", &[]), Validity::Valid);
}

#[test]
fn not_applicable_is_an_answer_but_one_must_be_a_score() {
    const SUBMITS: &[(&str, &str)] = &[("visit", "nop-ho-so")];
    assert_eq!(validity("10------", SUBMITS), Validity::Valid);
    assert_eq!(validity("0000----", SUBMITS), Validity::Incomplete);
    assert_eq!(validity("--------", SUBMITS), Validity::Incomplete);
}

#[test]
fn an_optional_factor_does_not_complete_a_sheet_and_an_unasked_factor_neither() {
    const SUBMITS: &[(&str, &str)] = &[("visit", "nop-ho-so")];
    assert_eq!(validity("------55", SUBMITS), Validity::Incomplete);
    assert_eq!(validity("4---55--", SUBMITS), Validity::Incomplete);
    assert_eq!(validity("4---55--", &[("visit", "ket-qua")]), Validity::Valid);
}

#[test]
fn the_tap_alone_is_neither_a_form_nor_nothing() {
    let form = form();
    let mut tapped = Sheet::blank(&form);
    assert!(tapped.is_blank() && tapped.has_no_form());
    tapped.tap = Score::new(4);
    assert!(!tapped.is_blank() && tapped.has_no_form());
    assert_eq!(tapped.validity(&form), Validity::Incomplete);
    tapped.values[0] = Value::Single(0);
    assert!(!tapped.has_no_form());
}

#[test]
fn routing_follows_the_chain_and_a_blank_hides_nothing() {
    let asked = |choices: &[(&str, &str)], item: &str| {
        let (form, sheet) = sheet("", choices);
        let question = &form.questions[form.question_index(item).expect("a question")];
        sheet.asks(&form, question.asked_when.as_ref())
    };
    assert!(asked(&[], "hen") && asked(&[], "thu") && asked(&[], "visit"));
    assert!(asked(&[("visit", "ket-qua")], "hen"));
    assert!(!asked(&[("visit", "nop-ho-so")], "hen"));
    assert!(asked(&[("visit", "ket-qua"), ("hen", "tre")], "thu"));
    assert!(!asked(&[("visit", "ket-qua"), ("hen", "dung")], "thu"));
    // He has no result, so nothing can have been late, whatever stands on the sheet.
    assert!(!asked(&[("visit", "nop-ho-so")], "thu"));
    assert!(!asked(&[("visit", "nop-ho-so"), ("hen", "tre")], "thu"));
}

#[test]
fn a_gate_opens_and_shuts_its_criteria() {
    let asked = |choices: &[(&str, &str)]| {
        let (form, sheet) = sheet("", choices);
        let (_, criterion) = form.criteria().find(|(_, c)| c.code == "3.2").expect("a criterion");
        sheet.asks(&form, criterion.asked_when.as_ref())
    };
    assert!(asked(&[]) && asked(&[("gate", "co")]) && !asked(&[("gate", "khong")]));
}

#[test]
fn routing_in_a_circle_ends() {
    // `check` refuses such a form; a sheet must not hang on it all the same.
    let (mut form, sheet) = sheet("", &[("hen", "tre"), ("thu", "co")]);
    let hen = form.question_index("hen").expect("a question");
    form.questions[hen].asked_when = Some(Condition { question: "thu".to_owned(), any_of: vec!["co".to_owned()] });
    assert!(sheet.asks(&form, form.questions[hen].asked_when.as_ref()));
}

#[test]
fn the_chosen_option_is_found_by_its_purpose() {
    let (form, sheet) = sheet("", &[("visit", "ket-qua")]);
    assert_eq!(sheet.chosen(&form, Purpose::Visit), Some("ket-qua"));
    assert_eq!(sheet.chosen(&form, Purpose::Gate), None);
    assert_eq!(sheet.chosen(&form, Purpose::RespondentType), None);
}

#[test]
fn a_sheet_packs_small_and_a_blank_one_to_two_bytes() {
    let (form, mut full) = sheet("55555555", &[("visit", "ket-qua"), ("gate", "co"), ("hen", "tre"), ("thu", "co")]);
    assert_eq!(Sheet::blank(&form).pack(&form).len(), 2);
    full.tap = Score::new(5);
    full.values[4] = Value::Multiple(1 << 31 | 1);
    full.values[5] = Value::Number(65_534);
    let bytes = full.pack(&form);
    assert_eq!(bytes.len(), 2 + 4 + 4 + 4 + 2);
    assert_eq!(Sheet::unpack(&bytes, &form), Some(full));
}

#[test]
fn bytes_that_do_not_fit_the_questionnaire_are_refused() {
    let (form, full) = sheet("55555555", &[("visit", "ket-qua")]);
    let bytes = full.pack(&form);
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes.resize(bytes.len().max(at + 1), 0);
        bytes[at] = byte;
        Sheet::unpack(&bytes, &form)
    };
    assert!(with(0, 1).is_some(), "the format is 1");
    assert_eq!(with(0, 2), None, "another format");
    assert_eq!(with(1, 6), None, "a tap of 6");
    assert_eq!(with(2, 7), None, "no such answer");
    assert_eq!(with(6, 3), None, "the visit has two options");
    assert_eq!(with(2 + 4 + 4 + 4 + 2, 1), None, "one byte too many");
    assert_eq!(Sheet::unpack(&[1], &form), None);
    let mut few = form.clone();
    if let Kind::Multiple { options, .. } = &mut few.questions[4].kind {
        options.truncate(4);
    }
    assert_eq!(Sheet::unpack(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0b1_0000], &few), None, "the fifth of four options");
    assert!(Sheet::unpack(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0b1_000], &few).is_some());
}

#[test]
fn a_comment_is_kept_composed_trimmed_and_with_plain_line_breaks() {
    assert_eq!(clean_comment("  Cho\u{301} lâu\r\nqua\u{301}\r "), Ok(Some("Chó lâu\nquá".to_owned())));
    assert_eq!(clean_comment(" \r\n\t "), Ok(None));
    assert_eq!(clean_comment("a\0b"), Err(Problem::ControlCharacter));
    assert_eq!(clean_comment("a\u{1b}[31mb"), Err(Problem::ControlCharacter));
    assert_eq!(clean_comment("<script>"), Ok(Some("<script>".to_owned())), "escaping is the page's work");
    let longest = "ế".repeat(limits::COMMENT_CHARS);
    assert_eq!(clean_comment(&longest), Ok(Some(longest.clone())));
    assert_eq!(clean_comment(&format!("{longest}x")), Err(Problem::TooLong { most: limits::COMMENT_CHARS }));
}

/// A questionnaire of `criteria` statements and questions of these kinds; only what packing looks at.
fn shaped(criteria: usize, kinds: &[Kind]) -> Questionnaire {
    let mut form = form();
    let mut factor = form.factors.remove(0);
    let template = factor.criteria.remove(0);
    factor.criteria = vec![template; criteria];
    form.factors = vec![factor];
    let question = |kind: &Kind| Question {
        code: String::new(),
        purpose: Purpose::Fact,
        text: Text::default(),
        source: Source::Sourced,
        sensitive: false,
        before: None,
        asked_when: None,
        lead: None,
        kind: kind.clone(),
    };
    form.questions = kinds.iter().map(question).collect();
    form
}

fn choices(n: usize) -> Vec<Choice> {
    (0..n).map(|i| Choice { code: i.to_string(), text: Text::default() }).collect()
}

fn a_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        (2..=limits::OPTIONS).prop_map(|n| Kind::Single { options: choices(n) }),
        (2..=limits::OPTIONS).prop_map(|n| Kind::Multiple { most: n as u8, options: choices(n) }),
        (0..limits::NUMBER)
            .prop_flat_map(|min| (Just(min), min + 1..=limits::NUMBER))
            .prop_map(|(min, max)| { Kind::Number { min, max, unit: String::new() } }),
    ]
}

fn a_value(kind: &Kind) -> BoxedStrategy<Value> {
    let given = match kind {
        Kind::Single { options } => (0..options.len()).prop_map(|i| Value::Single(i as u8)).boxed(),
        Kind::Multiple { options, .. } => {
            (1..1_u64 << options.len()).prop_map(|bits| Value::Multiple(bits as u32)).boxed()
        }
        Kind::Number { min, max, .. } => (*min..=*max).prop_map(Value::Number).boxed(),
    };
    prop_oneof![1 => Just(Value::Blank), 3 => given].boxed()
}

fn an_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![Just(Answer::Blank), (0..=5_u8).prop_map(score)]
}

/// Any questionnaire within the limits, and a sheet that fits it.
fn a_filled_form() -> impl Strategy<Value = (Questionnaire, Sheet)> {
    (1..=limits::CRITERIA, prop::collection::vec(a_kind(), 0..12)).prop_flat_map(|(criteria, kinds)| {
        let tap = prop::option::of((1..=5_u8).prop_map(|s| Score::new(s).expect("1 to 5")));
        let answers = prop::collection::vec(an_answer(), criteria);
        let values: Vec<_> = kinds.iter().map(a_value).collect();
        (Just(shaped(criteria, &kinds)), (tap, answers, values))
            .prop_map(|(form, (tap, answers, values))| (form, Sheet { tap, answers, values }))
    })
}

proptest! {
    #[test]
    fn what_is_packed_comes_back((form, sheet) in a_filled_form()) {
        let bytes = sheet.pack(&form);
        prop_assert!(bytes.len() <= 2 + form.n_criteria().div_ceil(2) + 4 * form.questions.len());
        prop_assert_eq!(Sheet::unpack(&bytes, &form), Some(sheet));
    }

    #[test]
    fn any_bytes_are_a_sheet_or_refused((form, _) in a_filled_form(), bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        if let Some(sheet) = Sheet::unpack(&bytes, &form) {
            prop_assert_eq!(Sheet::unpack(&sheet.pack(&form), &form), Some(sheet));
        }
    }

    #[test]
    fn one_more_answer_never_spoils_a_valid_sheet(
        answers in prop::collection::vec(an_answer(), 8),
        visit in prop_oneof![Just(Value::Blank), (0..2_u8).prop_map(Value::Single)],
        at in 0..8_usize,
        more in (0..=5_u8).prop_map(score),
    ) {
        let form = form();
        let mut sheet = Sheet::blank(&form);
        sheet.answers = answers;
        sheet.values[0] = visit;
        let before = sheet.validity(&form);
        if sheet.answers[at] == Answer::Blank {
            sheet.answers[at] = more;
            prop_assert!(before == Validity::Incomplete || sheet.validity(&form) == Validity::Valid);
        }
    }

    #[test]
    fn a_comment_is_cleaned_once_and_for_all(raw in any::<String>()) {
        if let Ok(Some(clean)) = clean_comment(&raw) {
            prop_assert_eq!(clean_comment(&clean), Ok(Some(clean)));
        }
    }
}
