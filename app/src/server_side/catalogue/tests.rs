use std::path::PathBuf;

use super::*;
use crate::domain::questionnaire::{Kind, Question, Source};

const ADMINISTRATIVE: &str = include_str!("../../../questionnaires/hanh-chinh-2018.toml");
const METHOD: &str = include_str!("../../../questionnaires/methods/tham-khao-2640.toml");

fn builtin() -> Catalogue {
    Catalogue::builtin().unwrap_or_else(|error| panic!("{error}"))
}

/// The faults of one questionnaire file, as they are shown.
fn refusal(text: &str) -> Vec<String> {
    refusal_of(&[("q/hanh-chinh-2018.toml", text), ("q/methods/tham-khao-2640.toml", METHOD)])
}

fn refusal_of(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), Ok(text.as_bytes().to_vec())));
    match Catalogue::default().with(files) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

/// The administrative form with one piece exchanged; the piece must be there exactly once.
fn spoilt(piece: &str, by: &str) -> String {
    assert_eq!(ADMINISTRATIVE.matches(piece).count(), 1, "{piece}");
    ADMINISTRATIVE.replace(piece, by)
}

/// The line of the administrative form on which a piece begins.
fn line_of(text: &str, piece: &str) -> usize {
    line_at(text.as_bytes(), text.find(piece).expect("the piece is there"))
}

/// An empty directory of this test's own.
fn directory(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("hailong-catalogue-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join(METHODS)).expect("a directory");
    dir
}

#[test]
fn every_built_in_file_loads_and_the_administrative_form_stands_first() {
    let catalogue = builtin();
    let keys: Vec<&str> = catalogue.questionnaires().map(|q| q.key.as_str()).collect();
    assert_eq!(keys.first(), Some(&FIRST));
    let files = Embedded::iter().filter(|name| is_toml(name)).count();
    assert_eq!(files, keys.len() + catalogue.methods().count());
}

#[test]
fn the_administrative_form_has_five_factors_and_22_criteria_of_which_9_are_sourced() {
    let form = builtin().questionnaire("hanh-chinh-2018", Some(1)).expect("the form");
    let sizes: Vec<usize> = form.factors.iter().map(|f| f.criteria.len()).collect();
    assert_eq!(sizes, [4, 5, 6, 3, 4]);
    let optional: Vec<&str> = form.factors.iter().filter(|f| f.optional).map(|f| f.code.as_str()).collect();
    assert_eq!(optional, ["5"]);
    let sourced: Vec<&str> =
        form.criteria().filter(|(_, c)| c.source == Source::Sourced).map(|(_, c)| c.code.as_str()).collect();
    assert_eq!(sourced, ["3.1", "3.6", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4"]);
    assert_eq!(form.questions_for(Purpose::Fact).count(), 6);
    let [(_, expectations)] = form.questions_for(Purpose::Expectation).collect::<Vec<_>>()[..] else {
        panic!("one question on expectations")
    };
    assert!(matches!(&expectations.kind, Kind::Multiple { most: 3, options } if options.len() == 11));
}

/// Codes of the factors with the number of criteria of each.
fn sizes(key: &str) -> Vec<(String, usize)> {
    let form = builtin().questionnaire(key, Some(1)).expect("the form");
    form.factors.iter().map(|f| (f.code.clone(), f.criteria.len())).collect()
}

fn of(sizes: &[(&str, usize)]) -> Vec<(String, usize)> {
    sizes.iter().map(|(code, n)| ((*code).to_owned(), *n)).collect()
}

#[test]
fn the_other_forms_have_the_criteria_of_their_papers() {
    assert_eq!(sizes("y-te-noi-tru-2019"), of(&[("A", 5), ("B", 7), ("C", 11), ("D", 7), ("E", 6)]));
    assert_eq!(sizes("y-te-ngoai-tru-2019"), of(&[("A", 5), ("B", 10), ("C", 8), ("D", 4), ("E", 4)]));
    assert_eq!(sizes("giao-duc-tham-khao"), of(&[("1", 5), ("2", 7), ("3", 6), ("4", 6), ("5", 6)]));
    assert_eq!(sizes("quoc-gia-2022"), of(&[("I", 4), ("II", 4), ("III", 5), ("IV", 3), ("V", 3)]));
    let national = builtin().questionnaire("quoc-gia-2022", None).expect("the form");
    let codes: Vec<String> = national.criteria().map(|(_, c)| c.code.clone()).collect();
    assert_eq!(codes, (15..=33).map(|i| i.to_string()).collect::<Vec<_>>());
}

#[test]
fn health_wording_is_sourced_and_education_wording_is_not() {
    let count = |key: &str, source: Source| {
        let form = builtin().questionnaire(key, None).expect("the form");
        form.criteria().filter(|(_, c)| c.source == source).count()
    };
    assert_eq!(count("y-te-noi-tru-2019", Source::Sourced), 36);
    assert_eq!(count("y-te-ngoai-tru-2019", Source::Sourced), 31);
    assert_eq!(count("giao-duc-tham-khao", Source::Reference), 30);
    assert_eq!(count("quoc-gia-2022", Source::Reference), 3);
}

#[test]
fn expectations_met_take_more_than_a_hundred_percent() {
    for (key, code) in [("y-te-noi-tru-2019", "G1"), ("y-te-ngoai-tru-2019", "G1"), ("giao-duc-tham-khao", "dap-ung")] {
        let form = builtin().questionnaire(key, None).expect("the form");
        let question = &form.questions[form.question_index(code).expect("the question")];
        assert!(matches!(question.kind, Kind::Number { min: 0, max: 200, .. }), "{key}");
    }
}

#[test]
fn every_built_in_file_is_composed_unicode() {
    for name in Embedded::iter() {
        let file = Embedded::get(&name).expect("the file");
        let text = std::str::from_utf8(&file.data).expect("UTF-8");
        assert!(unicode_normalization::is_nfc(text), "{name}");
    }
}

#[test]
fn who_has_no_result_yet_skips_factor_4_and_lateness() {
    use crate::domain::answer::{Sheet, Value};
    let form = builtin().questionnaire(FIRST, None).expect("the form");
    let mut sheet = Sheet::blank(&form);
    let visit = form.question_index("hom-nay").expect("the visit");
    let submits = form.questions[visit].options().iter().position(|o| o.code == "nop-ho-so").expect("an option");
    sheet.values[visit] = Value::Single(u8::try_from(submits).expect("few"));
    let skipped: Vec<&str> =
        form.factors.iter().filter(|f| !sheet.asks(&form, f.asked_when.as_ref())).map(|f| f.code.as_str()).collect();
    assert_eq!(skipped, ["4"]);
    let skipped: Vec<&str> =
        form.questions.iter().filter(|q| !sheet.asks(&form, q.asked_when.as_ref())).map(|q| q.code.as_str()).collect();
    assert_eq!(skipped, ["hen-tra", "thu-xin-loi"]);
    assert_eq!(sheet.completeness(&form), (15, 0));
}

#[test]
fn harassment_and_extra_money_are_sensitive_and_nothing_else_is() {
    let catalogue = builtin();
    let sensitive: Vec<(&str, &str)> = catalogue
        .questionnaires()
        .flat_map(|form| form.questions.iter().filter(|q| q.sensitive).map(|q| (form.key.as_str(), q.code.as_str())))
        .collect();
    assert_eq!(
        sensitive,
        [(FIRST, "phien-ha"), (FIRST, "nop-them-tien"), ("quoc-gia-2022", "C4"), ("quoc-gia-2022", "C5")]
    );
}

#[test]
fn nobody_is_asked_for_ethnicity_name_or_phone() {
    for form in builtin().questionnaires() {
        for Question { text, .. } in &form.questions {
            let words = crate::domain::text::fold(&text.vi);
            for asked in ["dan toc", "ho ten", "ho va ten", "dien thoai", "dia chi"] {
                assert!(!words.contains(asked), "{}: {}", form.key, text.vi);
            }
        }
    }
}

#[test]
fn reconstructed_forms_and_methods_say_so() {
    let catalogue = builtin();
    for form in catalogue.questionnaires() {
        let reconstructed = form.criteria().any(|(_, c)| c.source == Source::Reference);
        assert!(!reconstructed || form.source_note.vi.contains("Mẫu tham khảo"), "{}", form.key);
        assert!(!reconstructed || form.source_note.en.contains("Reference form"), "{}", form.key);
    }
    for method in catalogue.methods().filter(|m| m.source == Source::Reference) {
        assert!(method.title.vi.contains("tham khảo"), "{}", method.key);
    }
}

#[test]
fn the_default_method_is_the_reference_after_2640_without_bands() {
    let method = builtin().method("tham-khao-2640", None).expect("the method");
    assert_eq!(
        method.title.vi,
        "Phương pháp tham khảo theo Quyết định 2640/QĐ-BNV, chưa đối chiếu toàn văn Quyết định 703/QĐ-UBND"
    );
    assert_eq!(method.outside_visits, ["nop-ho-so", "hoi-thong-tin", "viec-khac"]);
    assert!(method.bands.is_empty() && method.band(0.95).is_none());
    let par = method.par.as_ref().expect("points for Sở Nội vụ");
    assert!((par.maximum_points - 10.0).abs() < 1e-12 && par.basis.contains("2948/QĐ-BNV"));
    assert_eq!(par.bands.iter().map(|b| b.name.vi.as_str()).collect::<Vec<_>>(), ["Rất tốt", "Tốt", "Khá"]);
    assert_eq!(method.margin_permille, 50);
}

#[test]
fn a_syntax_error_names_its_line() {
    let text = spoilt("short_title.vi = \"Hành chính 2018\"", "short_title.vi = \"Hành chính 2018");
    let faults = refusal(&text);
    let line = line_of(&text, "short_title.vi");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with(&format!("q/hanh-chinh-2018.toml:{line}: ")), "{faults:?}");
    assert!(faults[0].contains("invalid basic string"), "{faults:?}");
}

#[test]
fn an_unknown_key_is_refused_wherever_it_stands() {
    for (piece, by) in [
        ("service = \"administrative\"", "weight = 3\nservice = \"administrative\""),
        ("optional = true", "weight = 3\noptional = true"),
        ("before = \"5.2\"", "weight = 3\nbefore = \"5.2\""),
        ("code = \"1.1\"", "weight = 3\ncode = \"1.1\""),
        ("[scale]", "[scale]\nweight = 3"),
    ] {
        let text = spoilt(piece, by);
        let faults = refusal(&text);
        assert_eq!(faults.len(), 1, "{faults:?}");
        let start = format!("q/hanh-chinh-2018.toml:{}: unknown field `weight`", line_of(&text, "weight = 3"));
        assert!(faults[0].starts_with(&start), "{faults:?}, expected {start}");
    }
}

#[test]
fn a_code_that_is_used_twice_is_refused_where_it_comes_back() {
    let text = spoilt("code = \"1.2\"", "code = \"1.1\" # again");
    let expected = format!(
        "q/hanh-chinh-2018.toml:{}: factors[0].criteria[1].code: the code `1.1` is used twice",
        line_of(&text, "code = \"1.1\" # again")
    );
    assert_eq!(refusal(&text), [expected]);
}

#[test]
fn a_condition_on_a_later_question_is_refused() {
    let condition = "asked_when = { question = \"hom-nay\", any_of = [\"ket-qua\"] }\nlead = { vi = \"Nếu Ông/Bà đã nhận kết quả:\", en = \"If you have received the result:\" }\n\n[[factors.criteria]]";
    let text = spoilt(condition, &condition.replace("hom-nay", "phien-ha").replace("\"ket-qua\"", "\"co\""));
    let expected = format!(
        "q/hanh-chinh-2018.toml:{}: factors[3].asked_when.question: the question `phien-ha` does not come earlier on the page",
        line_of(&text, "asked_when = { question = \"phien-ha\"")
    );
    assert_eq!(refusal(&text), [expected]);
}

#[test]
fn a_missing_language_is_refused_at_the_text_that_lacks_it() {
    let english = "text.en = \"The equipment for the public at the agency is modern\"\n";
    let text = spoilt(english, "");
    let faults = refusal(&text);
    let line = line_of(&text, "text.vi = \"Trang thiết bị phục vụ người dân, tổ chức tại cơ quan hiện đại\"");
    assert_eq!(faults, [format!("q/hanh-chinh-2018.toml:{line}: missing field `en`")]);

    let text = spoilt(english, "text.en = \"\" # nothing\n");
    let line = line_of(&text, "text.en = \"\" # nothing");
    assert_eq!(
        refusal(&text),
        [format!("q/hanh-chinh-2018.toml:{line}: factors[0].criteria[2].text.en: the text is empty")]
    );
}

#[test]
fn a_question_that_lacks_what_its_kind_needs_is_refused_on_its_line() {
    let text = spoilt("kind = \"multiple\"\nmost = 3", "kind = \"multiple\"");
    let faults = refusal(&text);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let at = line_of(&text, "code = \"mong-doi\"") - 1; // the line of [[questions]]
    assert_eq!(faults[0], format!("q/hanh-chinh-2018.toml:{at}: the question `mong-doi` needs `most`"));
}

#[test]
fn every_defect_of_a_file_is_shown_each_on_its_own_line() {
    let text = spoilt("code = \"1.2\"", "code = \"1.1\" # again").replace("en = \"Very satisfied\"", "en = \" \"");
    let faults = refusal(&text);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].ends_with("scale.labels[4].en: the text is empty"), "{faults:?}");
    assert!(faults[0].contains(&format!(":{}:", line_of(&text, "en = \" \""))), "{faults:?}");
}

#[test]
fn the_name_of_the_file_must_agree_with_key_and_version() {
    let second = ADMINISTRATIVE.replace("version = 1\n", "version = 2\n");
    let method = ("q/methods/tham-khao-2640.toml", METHOD);
    assert_eq!(
        refusal_of(&[("q/hanh-chinh.toml", ADMINISTRATIVE), method]),
        ["q/hanh-chinh.toml:4: `hanh-chinh-2018` version 1 belongs in a file `hanh-chinh-2018.toml`"]
    );
    for name in ["q/hanh-chinh-2018.toml", "q/hanh-chinh-2018.v3.toml", "q/hanh-chinh-2018.v02x.toml"] {
        assert_eq!(
            refusal_of(&[(name, &second), method]),
            [format!("{name}:5: `hanh-chinh-2018` version 2 belongs in a file `hanh-chinh-2018.v2.toml`")]
        );
    }
    assert_eq!(
        refusal_of(&[("q/hanh-chinh-2018.v1.toml", ADMINISTRATIVE), method]),
        ["q/hanh-chinh-2018.v1.toml:5: `hanh-chinh-2018` version 1 belongs in a file `hanh-chinh-2018.toml`"]
    );
    assert_eq!(refusal_of(&[("q/hanh-chinh-2018.v2.toml", &second), method]), [""; 0]);
}

#[test]
fn a_method_that_does_not_exist_or_does_not_fit_is_refused_where_it_is_named() {
    let line = line_of(ADMINISTRATIVE, "method = ");
    assert_eq!(
        refusal_of(&[("q/hanh-chinh-2018.toml", ADMINISTRATIVE)]),
        [format!("q/hanh-chinh-2018.toml:{line}: there is no method `tham-khao-2640`")]
    );
    let method = METHOD.replace("\"viec-khac\"", "\"viec-la\"");
    let faults = refusal_of(&[("q/hanh-chinh-2018.toml", ADMINISTRATIVE), ("q/methods/tham-khao-2640.toml", &method)]);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with(&format!("q/hanh-chinh-2018.toml:{line}: ")) && faults[0].contains("`viec-la`"));
}

#[test]
fn a_method_with_bands_of_no_basis_is_refused() {
    let bands = "\n[[bands]]\nfrom = 0.9\nname = { vi = \"Rất tốt\", en = \"Very good\" }\ntone = \"high\"\n";
    let method = format!("{METHOD}{bands}");
    let line = line_of(&method, "[[bands]]");
    assert_eq!(
        refusal_of(&[("q/methods/tham-khao-2640.toml", &method)]),
        [format!(
            "q/methods/tham-khao-2640.toml:{line}: bands: bands need `bands_basis`, the document that gives them"
        )]
    );
}

#[test]
fn a_file_in_another_encoding_is_refused_at_the_first_foreign_byte() {
    let bytes = b"key = \"x\"\ntitle = \"Phi\xea\xb5u\"\n".to_vec();
    let error = Catalogue::default().with([("q/x.toml".to_owned(), Ok(bytes))]).expect_err("not UTF-8");
    assert_eq!(error.to_string(), "q/x.toml:2: the file is not UTF-8");
}

#[test]
fn a_directory_adds_a_version_and_leaves_the_old_one_alone() {
    let dir = directory("adds");
    let second = spoilt("version = 1", "version = 2").replace("short_title.vi = \"", "short_title.vi = \"Mới: ");
    fs::write(dir.join("hanh-chinh-2018.v2.toml"), second).expect("written");
    fs::write(dir.join("notes.txt"), "not a form").expect("written");
    fs::write(dir.join(METHODS).join("rieng.toml"), METHOD.replace("\"tham-khao-2640\"", "\"rieng\""))
        .expect("written");
    let catalogue = builtin().with_dir(&dir).unwrap_or_else(|error| panic!("{error}"));
    let newest = catalogue.questionnaire(FIRST, None).expect("a version");
    assert_eq!((newest.version, newest.short_title.vi.as_str()), (2, "Mới: Hành chính 2018"));
    assert_eq!(catalogue.questionnaire(FIRST, Some(1)).expect("the old version").short_title.vi, "Hành chính 2018");
    assert!(catalogue.method("rieng", Some(1)).is_some());
    assert!(catalogue.questionnaire(FIRST, Some(3)).is_none() && catalogue.questionnaire("khac", None).is_none());
}

#[test]
fn a_directory_cannot_change_a_version_that_exists() {
    let dir = directory("changes");
    fs::write(dir.join("hanh-chinh-2018.toml"), ADMINISTRATIVE).expect("written");
    let error = builtin().with_dir(&dir).expect_err("the version exists");
    assert_eq!(error.faults.len(), 1);
    assert!(error.to_string().ends_with(
        "hanh-chinh-2018.toml:5: version 1 of `hanh-chinh-2018` exists already and never changes; write a new version"
    ));
}

#[test]
fn a_directory_that_is_not_there_is_an_error_with_its_name() {
    let missing = directory("missing").join("nowhere");
    let error = builtin().with_dir(&missing).expect_err("no such directory");
    assert!(error.to_string().starts_with(&format!("{}:1: the directory cannot be read", missing.display())));
}
