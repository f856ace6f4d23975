use serde_json::{Value, json};

use super::*;
use crate::domain::fixture::{form, form_json, read};
use crate::domain::method::{Band, CityRule, IntervalRule, OverallRule, Par, Target, Tone};
use crate::domain::questionnaire::Source;

/// The defects of the fixture after one value was exchanged; `pointer` is a JSON pointer.
fn defects(pointer: &str, value: Value) -> Vec<(String, String)> {
    let mut json = form_json();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    match json.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Value::Object(map) => {
            map.insert(key.to_owned(), value);
        }
        other => other[key.parse::<usize>().expect("a position")] = value,
    }
    read(json).check().err().unwrap_or_default().into_iter().map(|d| (d.place, d.reason)).collect()
}

/// The one defect of the fixture after one value was exchanged.
#[track_caller]
fn one(pointer: &str, value: Value, place: &str, reason: &str) {
    assert_eq!(defects(pointer, value), [(place.to_owned(), reason.to_owned())]);
}

#[test]
fn the_fixture_is_well_formed() {
    assert_eq!(form().check(), Ok(()));
}

#[test]
fn a_text_is_there_in_both_languages_composed_and_on_one_line() {
    let place = "factors[0].criteria[2].text.en";
    let at = "/factors/0/criteria/2/text/en";
    one(at, json!(""), place, "the text is empty");
    one(at, json!(" \u{a0}"), place, "the text is empty");
    one(at, json!(" Enough seats"), place, "the text begins or ends with blanks");
    one(at, json!("Enough\nseats"), place, "the text holds a control character or a line break");
    one(at, json!("x".repeat(601)), place, "the text is longer than 600 characters");
    one("/title/vi", json!("Phie\u{302}\u{301}u"), "title.vi", "the text is not in Unicode form NFC");
    one("/questions/4/options/31/text/vi", json!(""), "questions[4].options[31].text.vi", "the text is empty");
    one("/comment/en", json!(""), "comment.en", "the text is empty");
    one("/scale/not_applicable/en", json!(""), "scale.not_applicable.en", "the text is empty");
}

#[test]
fn a_code_is_ascii_short_and_unique_among_criteria_and_questions() {
    let at = "/factors/0/criteria/1/code";
    let place = "factors[0].criteria[1].code";
    one(at, json!(""), place, "the code is empty");
    one(at, json!("1.1"), place, "the code `1.1` is used twice");
    one(at, json!("đ1"), place, "the code `đ1` may hold only the letters a to z, digits and - . _");
    one(at, json!("1 2"), place, "the code `1 2` may hold only the letters a to z, digits and - . _");
    one(at, json!("x".repeat(41)), place, "the code is longer than 40 characters");
    one("/questions/5/code", json!("1.1"), "questions[5].code", "the code `1.1` is used twice");
    one("/questions/4/options/7/code", json!("o6"), "questions[4].options[7].code", "the code `o6` is used twice");
    one("/factors/1/code", json!("1"), "factors[1].code", "the code `1` is used twice");
    one("/key", json!("Thu"), "key", "the key `Thu` must be in lower case and without dots");
    one("/version", json!(0), "version", "versions begin at 1");
}

#[test]
fn the_scale_has_five_labels() {
    let mut json = form_json();
    json["scale"]["labels"].as_array_mut().expect("labels").pop();
    let found = read(json).check().expect_err("four labels");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].place.as_str(), found[0].reason.as_str()),
        ("scale.labels", "the scale needs 5 labels, 1 to 5, and has 4")
    );
}

#[test]
fn a_condition_points_to_an_earlier_single_choice_and_to_options_that_exist() {
    let when = |question: &str, option: &str| json!({ "question": question, "any_of": [option] });
    let factor = "factors[1].asked_when.question";
    let at = "/factors/1/asked_when";
    one(at, when("nowhere", "x"), factor, "there is no question `nowhere`");
    one(at, when("1.1", "x"), factor, "there is no question `1.1`");
    one(at, when("mong-doi", "o1"), factor, "the question `mong-doi` is not a single choice");
    one(at, when("hen", "tre"), factor, "the question `hen` does not come earlier on the page");
    one(at, when("visit", "x"), "factors[1].asked_when.any_of[0]", "the question `visit` has no option `x`");
    one(
        at,
        json!({ "question": "visit", "any_of": [] }),
        "factors[1].asked_when.any_of",
        "at least one option must be named",
    );
    // A gate stands inside its factor: it cannot decide whether the factor is asked, nor what stands before it.
    let mut json = form_json();
    json["questions"][1]["before"] = json!("3.1");
    json["factors"][2]["asked_when"] = when("gate", "co");
    json["factors"][2]["lead"] = json!({ "vi": "Nếu:", "en": "If:" });
    let found = read(json).check().expect_err("the gate stands behind the head of its factor");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].reason, "the question `gate` does not come earlier on the page");
    one(
        "/questions/3/asked_when",
        when("thu", "co"),
        "questions[3].asked_when.question",
        "the question `thu` does not come earlier on the page",
    );
    one(
        "/questions/0/asked_when",
        when("hen", "tre"),
        "questions[0].asked_when.question",
        "the question `hen` does not come earlier on the page",
    );
}

#[test]
fn what_is_routed_has_a_lead_and_what_is_not_has_none() {
    one(
        "/factors/2/criteria/1/lead",
        Value::Null,
        "factors[2].criteria[1].lead",
        "the first of the criteria routed together needs a lead",
    );
    one(
        "/factors/1/lead",
        Value::Null,
        "factors[1].lead",
        "a routed factor needs a lead, so that it reads right where it cannot be hidden",
    );
    one(
        "/questions/5/lead",
        json!({ "vi": "Nếu:", "en": "If:" }),
        "questions[5].lead",
        "a lead belongs to `asked_when`, which is missing",
    );
}

#[test]
fn a_gate_stands_before_a_criterion_and_nothing_else_does() {
    one("/questions/1/before", json!("9.9"), "questions[1].before", "there is no criterion `9.9`");
    one(
        "/questions/1/before",
        Value::Null,
        "questions[1]",
        "a gate needs `before`, the code of the criterion it stands before",
    );
    one("/questions/5/before", json!("1.1"), "questions[5].before", "only a gate stands before a criterion");
}

#[test]
fn there_is_one_visit_question_and_only_facts_are_sensitive() {
    one(
        "/questions/2/purpose",
        json!("visit"),
        "questions[2].purpose",
        "there may be only one question with this purpose",
    );
    one("/questions/4/sensitive", json!(true), "questions[4].sensitive", "only a fact can be sensitive");
    assert_eq!(defects("/questions/2/sensitive", json!(true)), []);
}

#[test]
fn numbers_are_sensible() {
    one("/questions/4/most", json!(0), "questions[4].most", "between 1 and 32 options may be chosen");
    one("/questions/4/most", json!(33), "questions[4].most", "between 1 and 32 options may be chosen");
    one("/questions/5/max", json!(0), "questions[5].max", "the most must be above the least");
    one("/questions/5/max", json!(65_535), "questions[5].max", "a number may be 65534 at most");
    assert_eq!(defects("/questions/5/unit", json!("")), []);
    one("/legal_basis/0/date", json!("19/3/2018"), "legal_basis[0].date", "the date must be written YYYY-MM-DD");
    one("/legal_basis/0/date", json!("2018-13-19"), "legal_basis[0].date", "the date must be written YYYY-MM-DD");
    one("/legal_basis", json!([]), "legal_basis", "at least one document must be cited");
}

#[test]
fn limits_hold_at_their_edge() {
    let mut form = form();
    let option = form.questions[4].options()[0].clone();
    if let Kind::Multiple { options, .. } = &mut form.questions[4].kind {
        options.push(super::super::questionnaire::Choice { code: "one-more".to_owned(), ..option });
    }
    let found = form.check().expect_err("33 options");
    assert_eq!(found[0].reason, "there must be 2 to 32 options");

    let mut form = fixture_with_criteria(limits::CRITERIA);
    assert_eq!(form.check(), Ok(()));
    form = fixture_with_criteria(limits::CRITERIA + 1);
    assert_eq!(form.check().expect_err("too many")[0].reason, "there may be at most 120 criteria");
    form.factors.iter_mut().for_each(|f| f.optional = true);
    assert!(
        form.check().expect_err("all optional").iter().any(|d| d.reason.starts_with("at least one factor must not"))
    );
    form.factors.clear();
    assert_eq!(form.check().expect_err("no factors")[0].reason, "there must be 1 to 8 factors");
}

fn fixture_with_criteria(n: usize) -> Questionnaire {
    let mut form = form();
    let criterion = form.factors[0].criteria[0].clone();
    for i in form.n_criteria()..n {
        form.factors[0].criteria.push(Criterion { code: format!("x{i}"), ..criterion.clone() });
    }
    form
}

#[test]
fn a_question_of_one_kind_takes_no_key_of_another() {
    let refusal = |index: usize, key: &str, value: Value| {
        let mut json = form_json();
        json["questions"][index][key] = value;
        serde_json::from_value::<Questionnaire>(json).expect_err("a foreign key").to_string()
    };
    assert!(refusal(0, "most", json!(2)).contains("`visit` is of another kind than `most`, `min`, `max`, `unit`"));
    assert!(refusal(4, "min", json!(2)).contains("`mong-doi` is of another kind than `min`, `max`, `unit`"));
    assert!(refusal(5, "most", json!(2)).contains("`dap-ung` is of another kind than `options`, `most`"));
    assert!(refusal(5, "unit", Value::Null).contains("`dap-ung` needs `unit`"));
    assert!(refusal(5, "weight", json!(1)).contains("unknown field `weight`"));
}

#[test]
fn a_form_written_out_reads_back_the_same() {
    let form = form();
    assert_eq!(read(serde_json::to_value(&form).expect("plain data")), form);
}

fn text(vi: &str) -> Text {
    Text { vi: vi.to_owned(), en: vi.to_owned() }
}

fn band(from: f64, tone: Tone) -> Band {
    Band { from, exclusive: false, name: text("Mức"), tone }
}

fn method() -> Method {
    Method {
        key: "thu".to_owned(),
        version: 1,
        title: text("Phương pháp thử"),
        source: Source::Reference,
        legal_basis: vec![LegalBasis {
            document: "Quyết định thử".to_owned(), date: None, gives: text("cách tính")
        }],
        overall: OverallRule::MeanOfFactors,
        city: CityRule::PooledByN,
        interval: IntervalRule::Own,
        satisfied_from: 4,
        min_factor_respondents: 5,
        outside_visits: vec!["nop-ho-so".to_owned()],
        rank_min_n: 30,
        rank_max_half_width: 0.05,
        bands: vec![band(0.9, Tone::High), band(0.8, Tone::Mid), band(0.0, Tone::Low)],
        bands_basis: Some("Quyết định thử".to_owned()),
        targets: vec![Target { at: 0.8, label: text("Mục tiêu 80"), basis: "Nghị quyết thử".to_owned() }],
        margin_permille: 50,
        par: Some(Par {
            maximum_points: 10.0,
            basis: "Quyết định thử".to_owned(),
            bands: vec![band(0.9, Tone::High), band(0.8, Tone::Mid)],
            bands_basis: Some("Công bố thử".to_owned()),
        }),
        beside: Vec::new(),
    }
}

/// The places of the defects of a method after one change.
fn places(change: impl FnOnce(&mut Method)) -> Vec<String> {
    let mut method = method();
    change(&mut method);
    method.check().err().unwrap_or_default().into_iter().map(|d| d.place).collect()
}

#[test]
fn a_method_has_sensible_thresholds() {
    assert_eq!(places(|_| {}), [""; 0]);
    assert_eq!(places(|m| m.satisfied_from = 1), ["satisfied_from"]);
    assert_eq!(places(|m| m.satisfied_from = 6), ["satisfied_from"]);
    assert_eq!(places(|m| m.min_factor_respondents = 0), ["min_factor_respondents"]);
    assert_eq!(places(|m| m.rank_min_n = 1), ["rank_min_n"]);
    for half_width in [0.0, -0.1, 0.51, f64::NAN, f64::INFINITY] {
        assert_eq!(places(|m| m.rank_max_half_width = half_width), ["rank_max_half_width"], "{half_width}");
    }
    assert_eq!(places(|m| m.outside_visits.push("nop-ho-so".to_owned())), ["outside_visits[1]"]);
    assert_eq!(places(|m| m.targets[0].at = 80.0), ["targets[0].at"]);
    assert_eq!(places(|m| m.targets[0].basis.clear()), ["targets[0].basis"]);
    assert_eq!(places(|m| m.legal_basis.clear()), ["legal_basis"]);
    assert_eq!(places(|m| m.title.en.clear()), ["title.en"]);
}

#[test]
fn bands_stand_from_the_highest_down_and_cite_their_basis() {
    assert_eq!(places(|m| m.bands_basis = None), ["bands"]);
    assert_eq!(places(|m| m.bands.clear()), ["bands_basis"]);
    assert_eq!(places(|m| m.bands.swap(0, 1)), ["bands[1].from"]);
    assert_eq!(places(|m| m.bands[1].from = 0.9), ["bands[1].from"]);
    assert_eq!(places(|m| m.bands[0].from = 90.0), ["bands[0].from"]);
    assert_eq!(places(|m| m.bands[0].from = f64::NAN), ["bands[0].from"]);
}

#[test]
fn points_in_the_reform_index_cite_their_basis_too() {
    let par = |change: fn(&mut Par)| places(|m| change(m.par.as_mut().unwrap()));
    assert_eq!(places(|m| m.par = None), [""; 0]);
    assert_eq!(par(|p| p.maximum_points = 0.0), ["par.maximum_points"]);
    assert_eq!(par(|p| p.maximum_points = f64::NAN), ["par.maximum_points"]);
    assert_eq!(par(|p| p.basis.clear()), ["par.basis"]);
    assert_eq!(par(|p| p.bands_basis = None), ["par.bands"]);
    assert_eq!(par(|p| p.bands.swap(0, 1)), ["par.bands[1].from"]);
    assert_eq!(places(|m| m.margin_permille = 0), ["margin_permille"]);
    assert_eq!(places(|m| m.margin_permille = 501), ["margin_permille"]);
}
