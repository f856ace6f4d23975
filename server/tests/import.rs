//! `hailong import agencies`, as an operator has it: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "no server is started here")]
#[path = "support/binary.rs"]
mod binary;

use std::fs;

use binary::{End, run};
use testkit::Folder;

const SAMPLE: &str = include_str!("../../docs/co-quan-mau.csv");

fn import(folder: &Folder, text: &str) -> End {
    fs::write(folder.path().join("co-quan.csv"), text).expect("written");
    run(folder, &["import", "agencies", "co-quan.csv"])
}

#[test]
fn a_file_with_bad_rows_changes_nothing_and_one_line_names_them_all() {
    let folder = Folder::new("import-bad");
    run(&folder, &["migrate"]).is_done();
    run(&folder, &["import", "agencies"]).fails_with(2, "<FILE>");
    run(&folder, &["import", "agencies", "nowhere.csv"]).fails_with(2, "nowhere.csv: ");
    let bad = import(&folder, "code,name\nso-y-te,Sở Y tế\n");
    bad.fails_with(2, "co-quan.csv: line 1: the column \"kind\" is missing");
    let rows = "bv-a,Bệnh viện A,bệnh viện,thanh-pho,so-y-te,2018-01-01\n\
                bv-b,Bệnh viện B,bệnh viện,xã,so-y-te,2018-01-01\n\
                bv-c,,bệnh viện,thanh-pho,so-y-te,hôm qua\n";
    let bad = import(&folder, &format!("code,name,kind,level,parent,valid_from\n{rows}"));
    for words in
        ["line 3, column level: \"xã\"", "line 4, column name: empty", "line 4, column valid_from: \"hôm qua\""]
    {
        bad.fails_with(2, words);
    }
    // Every cell reads, and the agency above is unknown.
    let bad = import(&folder, &SAMPLE.replace("so-y-te,Sở Y tế,sở", "so-y-te-2,Sở Y tế,sở"));
    bad.fails_with(2, "line 6, column parent: no agency bears the code so-y-te");
    run(&folder, &["user", "add", "lan", "--role", "agency-officer", "--agency", "so-gddt"])
        .fails_with(2, "no agency has the code so-gddt");
}

#[test]
fn a_file_is_taken_whole_and_may_be_sent_again() {
    let folder = Folder::new("import-good");
    let first = import(&folder, SAMPLE);
    first.is_done();
    assert_eq!(first.out, "agencies new 9 ended 0 unchanged 0\n");
    assert_eq!(import(&folder, SAMPLE).out, "agencies new 0 ended 0 unchanged 9\n");
    let user = ["user", "add", "lan", "--role", "sector-lead", "--agency", "so-y-te"];
    run(&folder, &user).is_done();
    // Another name is a record of its own.
    let renamed = SAMPLE.replace("Trung tâm Y tế số 1 (tên mẫu)", "Trung tâm Y tế khu vực 1");
    import(&folder, &renamed).fails_with(2, "line 8, column name: the record is named");
    let rows = "ttyt-so-1,Trung tâm Y tế số 1 (tên mẫu),trung tâm y tế,thanh-pho,so-y-te,2025-07-01,31/12/2026,ttyt-so-1,\n\
                ttyt-so-1,Trung tâm Y tế khu vực 1,trung tâm y tế,thanh-pho,so-y-te,2027-01-01,,,\n";
    let heading = SAMPLE.lines().next().expect("a heading");
    assert_eq!(import(&folder, &format!("{heading}\n{rows}")).out, "agencies new 1 ended 1 unchanged 0\n");
    run(&folder, &["demo", "--responses", "0"]).fails_with(2, "real agencies");
    run(&folder, &["verify", "--log"]).is_done();
}

#[test]
fn the_help_tells_every_column() {
    let help = run(&Folder::new("import-help"), &["import", "agencies", "--help"]);
    help.is_done();
    for column in app::server_side::agency_sheet::COLUMNS {
        assert!(help.out.contains(&format!("  {} ", column.name)), "{}: {}", column.name, help.out);
    }
}
