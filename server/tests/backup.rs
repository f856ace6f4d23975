//! Backups: made beside a running server, checked, restored, and nothing is ever written over.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of start and stop use the rest")]
#[path = "support/binary.rs"]
mod binary;

use std::os::unix::fs::PermissionsExt;

use app::domain::agency::{Agency, Level};
use app::domain::ids::AgencyId;
use app::server_side::clock::Clock;
use app::store::Store;
use binary::{Server, names, run, run_with};
use migrations::{Migrator, MigratorTrait};
use testkit::Folder;

/// A database with one agency, code `so-y-te`.
async fn database(folder: &Folder) -> Store {
    let store = Store::open(&folder.sqlite_url(), Clock::fixed(0)).await.expect("a database");
    store.migrate().await.expect("the schema");
    let agency = Agency {
        id: AgencyId(1),
        code: "so-y-te".to_owned(),
        name: "Sở Y tế".to_owned(),
        kind: "sở".to_owned(),
        level: Level::City,
        parent: None,
        valid_from: 0,
        valid_to: None,
        aliases: vec!["000.12.H13".to_owned()],
        successors: vec![],
    };
    store.save_agencies(&[agency]).await.expect("saved");
    store
}

async fn count_agencies(folder: &Folder) -> usize {
    let store = Store::open(&folder.sqlite_url(), Clock::fixed(0)).await.expect("a database");
    store.agencies().await.expect("agencies").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_refused_where_it_would_lose_something() {
    let folder = Folder::new("backup");
    run(&folder, &["backup", "copy.db"]).fails_with(2, "no such database");
    drop(database(&folder).await);
    std::fs::write(folder.path().join("copy.db"), "precious").expect("written");
    run(&folder, &["backup", "copy.db"]).fails_with(2, "exists already");
    assert_eq!(std::fs::read_to_string(folder.path().join("copy.db")).expect("there"), "precious");
    run(&folder, &["backup", "no/such/folder/copy.db"]).fails_with(3, "cannot be written");
    let postgres = [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")];
    run_with(&folder, &postgres, &["backup", "other.db"]).fails_with(2, "pg_dump");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_is_whole_private_and_without_the_key() {
    let folder = Folder::new("backup");
    drop(database(&folder).await);
    let server = Server::start(&folder);
    let made = run(&folder, &["backup", "copy.db"]);
    made.is_done();
    assert!(made.out.starts_with("copy.db ") && made.out.ends_with(" bytes, integrity ok\n"), "{made:?}");
    assert!(made.err.contains("NOT inside") && made.err.contains("hailong.key"), "{made:?}");
    let copy = folder.path().join("copy.db");
    assert_eq!(std::fs::metadata(&copy).expect("there").permissions().mode() & 0o777, 0o600);
    let key = std::fs::read(folder.path().join("hailong.key")).expect("a key");
    let bytes = std::fs::read(&copy).expect("a copy");
    assert!(!bytes.windows(64).any(|window| window == &key[..64]));
    assert!(
        !names(folder.path())
            .iter()
            .any(|name| std::path::Path::new(name).extension().is_some_and(|end| end == "part"))
    );
    drop(server);

    let before = std::fs::read(&copy).expect("a copy");
    let verified = run(&folder, &["verify", "copy.db"]);
    verified.is_done();
    assert_eq!(verified.out, "integrity ok\nschema current\nresponses 0\ntallies ok\n");
    assert_eq!(std::fs::read(&copy).expect("a copy"), before, "looking changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_no_to_what_is_damaged_foreign_or_newer() {
    let folder = Folder::new("backup");
    run(&folder, &["verify", "copy.db"]).fails_with(2, "copy.db: no such file");
    std::fs::write(folder.path().join("words.db"), "these are only words, and many of them".repeat(50))
        .expect("written");
    run(&folder, &["verify", "words.db"]).fails_with(2, "words.db: not a SQLite database");

    drop(database(&folder).await);
    run(&folder, &["backup", "copy.db"]).is_done();
    let mut bytes = std::fs::read(folder.path().join("copy.db")).expect("a copy");
    for page in bytes.chunks_mut(4096).skip(2) {
        page[..100].fill(0xff);
    }
    std::fs::write(folder.path().join("damaged.db"), bytes).expect("written");
    let damaged = run(&folder, &["verify", "damaged.db"]);
    assert!(matches!(damaged.code, Some(1 | 3)), "{damaged:?}");
    let refused = run(&folder, &["restore", "damaged.db", "--move-aside"]);
    assert!(matches!(refused.code, Some(2 | 3)), "{refused:?}");
    assert_eq!(count_agencies(&folder).await, 1, "the database is untouched");

    let newer = sea_orm::Database::connect(format!("sqlite://{}", folder.path().join("copy.db").display()))
        .await
        .expect("opened");
    sea_orm::ConnectionTrait::execute_unprepared(&newer, "INSERT INTO seaql_migrations VALUES ('m9999_tomorrow', 0)")
        .await
        .expect("written");
    newer.close().await.expect("closed");
    let newer = run(&folder, &["verify", "copy.db"]);
    assert_eq!(newer.code, Some(1), "{newer:?}");
    assert!(newer.out.contains("made by a newer program (schema step m9999_tomorrow)"), "{newer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_never_loses_the_database_that_was_there() {
    let folder = Folder::new("backup");
    let store = database(&folder).await;
    run(&folder, &["backup", "copy.db"]).is_done();
    let second = Agency {
        id: AgencyId(2),
        code: "so-tu-phap".to_owned(),
        name: "Sở Tư pháp".to_owned(),
        aliases: vec![],
        ..store.agencies().await.expect("agencies")[&AgencyId(1)].clone()
    };
    store.save_agencies(&[second]).await.expect("saved");
    drop(store);

    run(&folder, &["restore", "copy.db"]).fails_with(2, "--move-aside");
    let server = Server::start(&folder);
    run(&folder, &["restore", "copy.db", "--move-aside"]).fails_with(2, "in use by a running server");
    drop(server);
    assert_eq!(count_agencies(&folder).await, 2);

    let restored = run(&folder, &["restore", "copy.db", "--move-aside"]);
    restored.is_done();
    assert_eq!(count_agencies(&folder).await, 1);
    let aside = names(folder.path()).into_iter().find(|name| name.contains(".replaced-")).expect("kept");
    let url = format!("sqlite://{}", folder.path().join(aside).display());
    let kept = Store::open(&url, Clock::fixed(0)).await.expect("a database");
    assert_eq!(kept.agencies().await.expect("agencies").len(), 2, "with what stood in its log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_on_a_bare_machine_makes_the_folder() {
    let (folder, bare) = (Folder::new("backup"), Folder::new("backup"));
    drop(database(&folder).await);
    run(&folder, &["backup", "copy.db"]).is_done();
    let copy = folder.path().join("copy.db").display().to_string();
    let url = format!("sqlite://{}", bare.path().join("data/hailong.db").display());
    run_with(&bare, &[("DATABASE_URL", &url)], &["restore", &copy]).is_done();
    assert_eq!(names(&bare.path().join("data")), ["hailong.db"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_brought_up_after_a_copy() {
    let folder = Folder::new("backup");
    drop(database(&folder).await);
    let db = sea_orm::Database::connect(folder.sqlite_url()).await.expect("opened");
    Migrator::down(&db, Some(1)).await.expect("one step back");
    db.close().await.expect("closed");

    run(&folder, &["desks"]).fails_with(2, "1 steps behind");
    let up = run(&folder, &["migrate"]);
    up.is_done();
    assert_eq!(up.out, "migrations applied 1\n");
    let copies: Vec<_> = names(folder.path()).into_iter().filter(|name| name.contains(".before-migration-")).collect();
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert_eq!(run(&folder, &["migrate"]).out, "migrations applied 0\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_enrolled_for_an_agency_that_exists_and_its_token_stands_alone() {
    let folder = Folder::new("backup");
    let store = database(&folder).await;
    run(&folder, &["device", "add", "Máy 1", "--agency", "nobody"]).fails_with(2, "no agency has the code nobody");
    run(&folder, &["device", "add", " ", "--agency", "so-y-te"]).fails_with(2, "NAME: ");
    run(&folder, &["device", "add", "Máy 1", "--agency", "so-y-te", "--stream", "river"]).fails_with(2, "river");

    for code in ["so-y-te", "000.12.H13"] {
        let added = run(&folder, &["device", "add", "Máy 1", "--agency", code, "--stream", "intercept"]);
        added.is_done();
        let token = added.out.strip_suffix('\n').expect("a line");
        let device = store.device(app::server_side::token::hash(token)).await.expect("asked").expect("known");
        assert_eq!((device.agency, device.stream.word()), (AgencyId(1), "intercept"));
        assert!(!added.err.contains(token), "the token is in no log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_without_desks_lists_none_and_counts_right() {
    let folder = Folder::new("backup");
    run(&folder, &["desks"]).fails_with(2, "no such database");
    drop(database(&folder).await);
    assert_eq!(run(&folder, &["desks", "--format", "json"]).out, "[]\n");
    assert_eq!(run(&folder, &["recount"]).out, "responses 0 pending 0 differences 0\n");
}
