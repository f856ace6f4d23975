//! `hailong index` against what the R package *survey* says of the same files (`reference/README.md`): every figure
//! to 1e-9, relative.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

#[path = "support/reference.rs"]
mod support;

use app::server_side::catalogue::Catalogue;
use app::server_side::index_file;
use serde_json::Value;
use support::{agrees, read};

fn report(set: &str, version: u16) -> Value {
    let catalogue = Catalogue::builtin().unwrap();
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).unwrap();
    let method = catalogue.method_named(&format!("{}@{version}", questionnaire.method)).unwrap();
    let (responses, population) = (read(set, "responses.csv"), read(set, "population.csv"));
    let report = index_file::run(&responses[..], &population[..], &questionnaire, &method);
    let report = report.unwrap_or_else(|error| panic!("{set}: {error}"));
    serde_json::from_str(&report.to_json().unwrap()).unwrap()
}

#[test]
fn five_agencies_with_one_stratum_each_agree_with_r() {
    agrees("a", "expected.json", &report("a", 1), 1000);
}

#[test]
fn eight_agencies_with_one_stratum_each_agree_with_r() {
    agrees("b", "expected.json", &report("b", 1), 1500);
}

#[test]
fn strata_invalid_rows_a_census_stratum_and_a_missing_factor_agree_with_r() {
    agrees("c", "expected.json", &report("c", 1), 1000);
}

#[test]
fn pooled_intervals_of_version_2_agree_with_the_reference() {
    for (set, at_least) in [("a", 700), ("b", 1000), ("c", 700)] {
        agrees(set, "expected-pooled.json", &report(set, 2), at_least);
    }
}

#[test]
fn version_2_gives_no_standard_error_of_an_agency() {
    let report = report("c", 2);
    for agency in report["agencies"].as_array().unwrap() {
        assert!(agency["overall"]["mean_of_factors"]["se"].is_null());
        assert!(agency["criteria"].as_array().unwrap().iter().all(|c| c["se"].as_f64().unwrap_or(0.0) == 0.0));
    }
    assert_eq!(report["city"]["rule"], "direct");
}
