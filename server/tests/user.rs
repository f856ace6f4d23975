//! `hailong user`, `hailong device --stream sample` and `hailong verify --log`, as an operator has them: refusals first.

#[expect(dead_code, reason = "no server is started here")]
#[path = "support/binary.rs"]
mod binary;

use binary::run;
use sea_orm::ConnectionTrait as _;
use testkit::Folder;

#[test]
fn a_wrong_command_makes_no_account_and_says_what_is_wrong() {
    let folder = Folder::new("user-wrong");
    run(&folder, &["migrate"]).is_done();
    run(&folder, &["user", "add", "lan", "--role", "king"]).fails_with(2, "'king'");
    run(&folder, &["user", "add", "a b", "--role", "admin"]).fails_with(2, "NAME: ");
    run(&folder, &["user", "add", "lan", "--role", "agency-officer"]).fails_with(2, "--agency: ");
    run(&folder, &["user", "add", "lan", "--role", "admin", "--agency", "nobody"])
        .fails_with(2, "no agency has the code");
    run(&folder, &["user", "reset", "lan"]).fails_with(2, "there is no account lan");
    run(&folder, &["user", "disable", "lan"]).fails_with(2, "there is no account lan");
    assert_eq!(run(&folder, &["user", "list"]).out, "");
}

#[test]
fn a_one_time_password_stands_alone_on_standard_output() {
    let folder = Folder::new("user-add");
    run(&folder, &["demo", "--responses", "0"]).is_done();
    let added = run(&folder, &["user", "add", "Lan", "--role", "admin", "--agency", "so-noi-vu"]);
    added.is_done();
    let password = added.out.trim_end();
    assert_eq!((password.len(), added.out.lines().count()), (24, 1), "{added:?}");
    run(&folder, &["user", "add", "LAN", "--role", "auditor"]).fails_with(2, "is taken");
    run(&folder, &["user", "add", "minh", "--role", "sector-lead", "--agency", "so-noi-vu"])
        .fails_with(2, "lead a sector");
    run(&folder, &["user", "add", "minh", "--role", "sector-lead", "--agency", "so-y-te"]).is_done();
    run(&folder, &["user", "disable", "minh"]).is_done();
    let list = run(&folder, &["user", "list"]).out;
    assert_eq!(list, "lan  admin  so-noi-vu  one-time-password\nminh  sector-lead  so-y-te  disabled\n");
    let reset = run(&folder, &["user", "reset", "minh"]);
    assert_ne!(reset.out.trim_end(), "");
    assert!(run(&folder, &["user", "list"]).out.ends_with("minh  sector-lead  so-y-te  one-time-password\n"));
}

#[test]
fn the_measured_agency_measures_nothing() {
    let folder = Folder::new("user-device");
    run(&folder, &["demo", "--responses", "0"]).is_done();
    let add =
        |agency: &str, stream: &str| run(&folder, &["device", "add", "Máy 1", "--agency", agency, "--stream", stream]);
    add("so-y-te", "sample").fails_with(2, "the measured agency measures nothing");
    add("so-noi-vu", "sample").fails_with(2, "the measured agency measures nothing");
    add("so-y-te", "open").is_done();
    // Sở Nội vụ draws the samples: it is where the administrator is.
    run(&folder, &["user", "add", "lan", "--role", "admin", "--agency", "so-noi-vu"]).is_done();
    add("so-noi-vu", "sample").is_done();
    add("so-y-te", "sample").fails_with(2, "the measured agency measures nothing");
    run(&folder, &["user", "disable", "lan"]).is_done();
    add("so-noi-vu", "sample").fails_with(2, "the measured agency measures nothing");
}

#[tokio::test]
async fn one_changed_word_of_the_log_is_named_and_the_answer_is_no() {
    let folder = Folder::new("user-log");
    for name in ["lan", "minh", "hoa"] {
        run(&folder, &["user", "add", name, "--role", "auditor"]).is_done();
    }
    run(&folder, &["verify"]).fails_with(2, "<FILE>");
    let whole = run(&folder, &["verify", "--log"]);
    assert_eq!((whole.code, whole.out.as_str()), (Some(0), "log ok chains 3 entries 5\n"), "{whole:?}");
    let db = sea_orm::Database::connect(folder.sqlite_url()).await.expect("opens");
    db.execute_unprepared("UPDATE staff_log SET object = 'x' WHERE object = 'minh'").await.expect("changed");
    db.close().await.expect("closes");
    let broken = run(&folder, &["verify", "--log"]);
    assert_eq!(broken.code, Some(1));
    assert!(broken.out.starts_with("fault: log entry ") && broken.out.contains("was changed"), "{broken:?}");
}
