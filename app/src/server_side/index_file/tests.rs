use super::*;
use crate::domain::index::tests::fixture::{method, questionnaire};

const HEADER: &str =
    "respondent_id,agency,1.1,1.2,1.3,1.4,2.1,2.2,2.3,2.4,2.5,3.1,3.2,3.3,3.4,3.5,3.6,4.1,4.2,4.3,5.1,5.2,5.3,5.4";

/// A row with the same figure everywhere.
fn row(agency: &str, figure: &str) -> String {
    format!("r,{agency}{}", format!(",{figure}").repeat(22))
}

fn responses(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

fn run_text(responses: &str, population: &str) -> Result<Report, IndexFileError> {
    run(responses.as_bytes(), population.as_bytes(), &questionnaire(), &method())
}

/// The line that the operator sees.
fn refusal(responses: impl AsRef<[u8]>, population: impl AsRef<[u8]>) -> String {
    let run = run(responses.as_ref(), population.as_ref(), &questionnaire(), &method());
    run.map_or_else(|error| error.message("r.csv", "p.csv"), |_| String::from("accepted"))
}

fn refused(responses: impl AsRef<[u8]>, population: impl AsRef<[u8]>, wanted: &str) {
    let line = refusal(responses, population);
    assert!(line.starts_with(wanted), "{line}");
    assert_eq!(line.lines().count(), 1, "one line: {line}");
}

const POPULATION: &str = "agency,population\nA,100\nB,50\n";

fn report(responses: &str, population: &str) -> serde_json::Value {
    serde_json::from_str(&run_text(responses, population).unwrap().to_json().unwrap()).unwrap()
}

#[test]
fn a_score_of_six_is_named_by_line_and_column() {
    let bad = row("A", "4").replacen(",4", ",6", 1);
    let text = responses(&[row("A", "5"), bad]);
    refused(text, POPULATION, "r.csv:3: cột 3 \"1.1\": điểm \"6\" không hợp lệ");
    for value in ["-1", "4.0", "x", "55", "４"] {
        refused(responses(&[row("A", value)]), POPULATION, "r.csv:2: cột 3 \"1.1\": điểm");
    }
}

#[test]
fn headings_are_checked_before_any_row() {
    refused(responses(&[]).replace("5.4", "5.5"), POPULATION, "r.csv:1: cột 24 \"5.5\": mẫu phiếu không có cột này");
    refused(responses(&[]).replace("1.2", "1.1"), POPULATION, "r.csv:1: cột 4 \"1.1\": cột bị lặp lại");
    refused(responses(&[]).replace("agency,", ""), POPULATION, "r.csv:1: thiếu cột \"agency\"");
    refused(responses(&[]).replace("2.3,", ""), POPULATION, "r.csv:1: thiếu cột \"2.3\"");
    refused("", POPULATION, "r.csv:1: tệp trống");
    refused(responses(&[]), "agency,N\nA,1\n", "p.csv:1: cột 2 \"N\": mẫu phiếu không có cột này");
    refused(responses(&[]), "agency\nA\n", "p.csv:1: thiếu cột \"population\"");
    refused(responses(&[]), "", "p.csv:1: tệp trống");
}

#[test]
fn rows_must_have_as_many_cells_as_headings() {
    refused(responses(&[row("A", "4") + ",4"]), POPULATION, "r.csv:2: có 25 ô, tiêu đề có 24 cột");
    refused(responses(&[row("A", "4"), "r,A,4".to_owned()]), POPULATION, "r.csv:3: có 3 ô");
    refused(responses(&[]), "agency,population\nA\n", "p.csv:2: có 1 ô");
}

#[test]
fn text_in_another_encoding_is_refused_where_it_stands() {
    let mut bytes = responses(&[row("A", "4"), row("X", "4")]).into_bytes();
    let at = bytes.iter().rposition(|b| *b == b'X').unwrap();
    bytes[at] = 0xd0; // "Đ" in Windows-1258
    refused(bytes, POPULATION, "r.csv:3: cột 2 \"agency\": không phải mã UTF-8");
    refused(responses(&[]), b"agency,population\n\xff\xfe,3\n", "p.csv:2: cột 1 \"agency\": không phải mã UTF-8");
    refused(responses(&[row("\"A", "4")]), POPULATION, "r.csv:2: cột 2 \"agency\": dấu ngoặc kép");
}

#[test]
fn agencies_and_strata_must_be_in_the_population() {
    refused(responses(&[row("C", "4")]), POPULATION, "r.csv:2: cột 2 \"agency\": cơ quan \"C\" không có");
    refused(responses(&[row("", "4")]), POPULATION, "r.csv:2: cột 2 \"agency\": ô này không được để trống");
    let strata = "agency,stratum,population\nA,dat-dai,10\nA,ho-tich,20\n";
    refused(responses(&[row("A", "4")]), strata, "r.csv:2: cột 2 \"agency\": cơ quan \"A\" có nhiều tầng");
    let with = responses(&[row("A,xay-dung", "4")]).replace("agency,", "agency,stratum,");
    refused(with, strata, "r.csv:2: cột 3 \"stratum\": cơ quan \"A\" không có tầng \"xay-dung\"");
    refused(responses(&[]), "agency,population\nA,1\nB,1\nA,2\n", "p.csv:4: cột 1 \"agency\": cơ quan hoặc tầng đã có");
}

#[test]
fn a_population_is_a_whole_number_of_dossiers() {
    for value in ["-5", "1.5", "1e3", "99999999999999999999", "nhiều"] {
        let population = format!("agency,population\nA,{value}\n");
        refused(responses(&[]), population, "p.csv:2: cột 2 \"population\": ");
    }
}

#[test]
fn more_responses_than_dossiers_are_an_input_error_that_names_the_stratum() {
    let rows = vec![row("B", "4"); 51];
    let line = refusal(responses(&rows), POPULATION);
    assert!(
        line.starts_with("p.csv:3: cột 2 \"population\": cơ quan \"B\": 51 phiếu hợp lệ, nhiều hơn 50 hồ sơ"),
        "{line}"
    );
    // Rows that are not valid are not counted.
    let mut rows = vec![row("B", "4"); 50];
    rows.push(row("B", ""));
    assert_eq!(report(&responses(&rows), POPULATION)["agencies"][1]["n_invalid"], 1);
}

#[test]
fn files_from_a_spreadsheet_are_read() {
    let text = responses(&[row("\" A \"", "4"), String::new(), row("B", "\"5\"")]).replace('\n', "\r\n");
    let report = report(&format!("\u{feff}{text}"), &format!("\u{feff}{POPULATION}"));
    assert_eq!((&report["agencies"][0]["n"], &report["agencies"][1]["n"]), (&1.into(), &1.into()));
    // Names are compared composed, however they were typed.
    let decomposed = responses(&[row("Sơ\u{0309} Y tê\u{0301}", "4")]);
    assert_eq!(self::report(&decomposed, "agency,population\nSở Y tế,9\n")["agencies"][0]["n"], 1);
}

#[test]
fn what_has_no_figure_is_null_with_the_reason_beside_it() {
    let rows: Vec<String> = [vec![row("A", "5"); 10], vec![row("B", "4"); 10]].concat();
    let report = report(&responses(&rows), "agency,population\nA,100\nB,\nC,30\n");
    let overall = |at: usize| &report["agencies"][at]["overall"]["mean_of_factors"];
    assert_eq!((&overall(0)["interval"], overall(0)["index"].as_f64()), (&"wilson".into(), Some(1.0)));
    assert_eq!((&overall(1)["ci95"], overall(1)["index"].as_f64()), (&serde_json::Value::Null, Some(1.0)));
    assert!(overall(1)["reason"].as_str().unwrap().contains("thiếu số hồ sơ"));
    assert!(overall(2)["index"].is_null());
    let city = &report["city"];
    assert!(city["published"]["index"].is_null() && city["mean_of_units"]["index"].is_null());
    assert!(city["published"]["reason"].as_str().unwrap().contains("cơ quan B"));
    assert_eq!(city["unmeasured"][0]["agency"], "C");
}

#[test]
fn the_table_is_for_people() {
    let mut rows: Vec<String> = [vec![row("A", "5"); 8], vec![row("A", "2"); 2], vec![row("B", "4"); 50]].concat();
    rows.push(row("A", ""));
    let table = run_text(&responses(&rows), POPULATION).unwrap().to_table();
    assert!(table.contains("A               80,00%"), "{table}");
    assert!(table.contains("B              100,00%      điều tra toàn bộ"), "{table}");
    assert!(table.contains("Độ phủ: 100,00% số hồ sơ"), "{table}");
}
