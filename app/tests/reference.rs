//! `hailong index` against what the R package *survey* says of the same files (`reference/README.md`): every figure
//! to 1e-9, relative.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

#[path = "support/reference.rs"]
mod support;

use app::server_side::catalogue::Catalogue;
use app::server_side::index_file;
use serde_json::Value;
use support::{agrees, read};

fn report(set: &str) -> Value {
    let catalogue = Catalogue::builtin().unwrap();
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).unwrap();
    let method = catalogue.method(&questionnaire.method, None).unwrap();
    let (responses, population) = (read(set, "responses.csv"), read(set, "population.csv"));
    let report = index_file::run(&responses[..], &population[..], &questionnaire, &method);
    let report = report.unwrap_or_else(|error| panic!("{set}: {error}"));
    serde_json::from_str(&report.to_json().unwrap()).unwrap()
}

#[test]
fn five_agencies_with_one_stratum_each_agree_with_r() {
    agrees("a", &report("a"), 1000);
}

#[test]
fn eight_agencies_with_one_stratum_each_agree_with_r() {
    agrees("b", &report("b"), 1500);
}

#[test]
fn strata_invalid_rows_a_census_stratum_and_a_missing_factor_agree_with_r() {
    agrees("c", &report("c"), 1000);
}
