//! `hailong index` against what the R package *survey* says of the same files (`reference/README.md`): every figure
//! to 1e-9, relative.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use app::server_side::catalogue::Catalogue;
use app::server_side::index_file;
use serde_json::Value;

fn read(set: &str, file: &str) -> Vec<u8> {
    let path = format!("{}/tests/reference/{set}/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn report(set: &str) -> Value {
    let catalogue = Catalogue::builtin().unwrap();
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).unwrap();
    let method = catalogue.method(&questionnaire.method, None).unwrap();
    let (responses, population) = (read(set, "responses.csv"), read(set, "population.csv"));
    let report = index_file::run(&responses[..], &population[..], &questionnaire, &method);
    let report = report.unwrap_or_else(|error| panic!("{set}: {error}"));
    serde_json::from_str(&report.to_json().unwrap()).unwrap()
}

/// Compares all that is expected; null there means that there is nothing to compare. Returns how many figures agreed.
fn compare(path: &str, expected: &Value, got: &Value) -> usize {
    match expected {
        Value::Null => 0,
        Value::Object(fields) => fields.iter().map(|(key, e)| compare(&format!("{path}.{key}"), e, &got[key])).sum(),
        Value::Array(items) => {
            let length = got.as_array().map(Vec::len);
            assert_eq!(length, Some(items.len()), "{path}: another number of items");
            items.iter().enumerate().map(|(i, e)| compare(&format!("{path}[{i}]"), e, &got[i])).sum()
        }
        Value::Number(_) => {
            let e = expected.as_f64().unwrap();
            let g = got.as_f64().unwrap_or_else(|| panic!("{path}: expected {e}, got {got}"));
            assert!((g - e).abs() <= 1e-9 * e.abs(), "{path}: expected {e}, got {g}");
            1
        }
        other => {
            assert_eq!(other, got, "{path}");
            1
        }
    }
}

fn agrees(set: &str, at_least: usize) {
    let expected: Value = serde_json::from_slice(&read(set, "expected.json")).unwrap();
    let agreed = compare(set, &expected, &report(set));
    assert!(agreed >= at_least, "only {agreed} figures were compared");
}

#[test]
fn five_agencies_with_one_stratum_each_agree_with_r() {
    agrees("a", 1000);
}

#[test]
fn eight_agencies_with_one_stratum_each_agree_with_r() {
    agrees("b", 1500);
}

#[test]
fn strata_invalid_rows_a_census_stratum_and_a_missing_factor_agree_with_r() {
    agrees("c", 1000);
}
