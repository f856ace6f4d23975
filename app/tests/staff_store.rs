//! Accounts, sessions and the log on both databases: refusals first.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use app::domain::ids::AccountId;
use app::domain::limits;
use app::domain::role::{ReadLog, Role};
use app::domain::staff_log::{Act, Who};
use app::server_side::clock::Clock;
use app::server_side::{guard, token};
use app::store::{LogFilter, LogVerdict, NewAccount, Store, StoreError};
use sea_orm::ConnectionTrait as _;
use testkit::{Folder, Postgres};

/// 2018-11-12 10:30 UTC.
const NOW: i64 = 1_542_018_600_000;

struct Place {
    store: Store,
    clock: Clock,
    url: String,
    _folder: Option<Folder>,
}

/// One empty store of each kind.
async fn places(name: &str) -> Vec<Place> {
    let folder = Folder::new(name);
    let mut places = vec![];
    for (url, folder) in [(folder.sqlite_url(), Some(folder)), (Postgres::shared().database_url(name), None)] {
        let clock = Clock::fixed(NOW);
        let store = Store::open(&url, clock.clone()).await.expect("the database opens");
        store.migrate().await.expect("the schema comes up");
        places.push(Place { store, clock, url, _folder: folder });
    }
    places
}

fn operator() -> Who {
    Who::command("hailong user")
}

impl Place {
    async fn add(&self, login: &str, role: Role) -> AccountId {
        let new = NewAccount { login, name: "Lan", role, agency: None, password_hash: "one-time" };
        self.store.add_account(&operator(), &new).await.expect("added")
    }

    /// A token of a session of an account that has everything in order.
    async fn sign_in(&self, id: AccountId) -> &'static str {
        self.store.begin_session(id, token::hash("t"), true, "Firefox", None).await.expect("begun");
        "t"
    }

    /// The capability to read the log, of an auditor signed in as `log-reader`.
    async fn reader(&self) -> ReadLog {
        let id = self.add("log-reader", Role::Auditor).await;
        self.store.begin_session(id, token::hash("reader"), false, "", None).await.expect("begun");
        let me = Who { account: Some(id), name: "log-reader".into() };
        let session = self.store.sessions(id).await.expect("sessions").remove(0);
        self.store.change_password(&me, id, "own", session.id).await.expect("changed");
        let actor = guard::actor_of(&self.store, "reader").await.expect("asked").expect("an actor");
        actor.may().expect("an auditor reads the log")
    }

    async fn broken(&self) -> (String, String) {
        match self.store.verify_log().await.expect("it can be walked") {
            LogVerdict::Broken { entry, why } => (entry, why),
            LogVerdict::Whole { .. } => panic!("the log is whole"),
        }
    }

    async fn run(&self, sql: &str) {
        // Around the store, as somebody with the file would.
        let db = sea_orm::Database::connect(&self.url).await.expect("connects");
        db.execute_unprepared(sql).await.expect("runs");
        db.close().await.expect("closes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_name_is_taken_once() {
    for place in places("staff_taken").await {
        place.add("lan", Role::Admin).await;
        let again = NewAccount { login: "lan", name: "L", role: Role::Auditor, agency: None, password_hash: "x" };
        let refused = place.store.add_account(&operator(), &again).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        assert_eq!(place.store.accounts().await.expect("read").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_out_at_once_and_no_admin_any_more() {
    for place in places("staff_disabled").await {
        assert!(!place.store.has_admin().await.expect("asked"));
        let id = place.add("lan", Role::Admin).await;
        assert!(place.store.has_admin().await.expect("asked"));
        let token = token::hash(place.sign_in(id).await);
        assert!(place.store.session(token).await.expect("asked").is_some());
        place.store.disable_account(&operator(), id, true).await.expect("disabled");
        assert!(place.store.session(token).await.expect("asked").is_none());
        assert!(!place.store.has_admin().await.expect("asked"));
        let nobody = place.store.disable_account(&operator(), AccountId(99), true).await;
        assert!(matches!(nobody, Err(StoreError::Refused(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_idles_and_when_it_is_old_however_busy() {
    for place in places("staff_session_end").await {
        let id = place.add("lan", Role::Auditor).await;
        let token = token::hash(place.sign_in(id).await);
        place.clock.set(NOW + limits::SESSION_IDLE_MS);
        assert!(place.store.session(token).await.expect("asked").is_none());

        place.clock.set(NOW);
        let mut now = NOW;
        while now < NOW + limits::SESSION_MS {
            place.clock.set(now);
            assert!(place.store.session(token).await.expect("asked").is_some(), "{} ms on", now - NOW);
            now += limits::SESSION_IDLE_MS - 1;
        }
        place.clock.set(NOW + limits::SESSION_MS);
        assert!(place.store.session(token).await.expect("asked").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_other_session_and_a_stranger_ends_none() {
    for place in places("staff_sessions").await {
        let (lan, minh) = (place.add("lan", Role::Auditor).await, place.add("minh", Role::Auditor).await);
        for name in ["a", "b", "c"] {
            place.store.begin_session(lan, token::hash(name), false, name, None).await.expect("begun");
        }
        let mine = place.store.session(token::hash("b")).await.expect("asked").expect("it holds").session.id;
        let me = Who { account: Some(minh), name: "minh".into() };
        assert_eq!(place.store.end_sessions(&me, minh, Some(mine)).await.expect("asked"), 0);
        assert_eq!(place.store.sessions(lan).await.expect("listed").len(), 3);

        let me = Who { account: Some(lan), name: "lan".into() };
        place.store.change_password(&me, lan, "new", mine).await.expect("changed");
        let left: Vec<_> = place.store.sessions(lan).await.expect("listed").into_iter().map(|s| s.agent).collect();
        assert_eq!(left, ["b"]);
        assert_eq!(place.store.end_sessions(&me, lan, None).await.expect("asked"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_spent_once_whoever_asks_at_once() {
    for place in places("staff_step").await {
        let id = place.add("lan", Role::Admin).await;
        let me = Who { account: Some(id), name: "lan".into() };
        assert!(place.store.set_second_factor(&me, id, b"sealed", 100).await.expect("asked"));
        assert!(!place.store.set_second_factor(&me, id, b"other", 1).await.expect("asked"), "it has one already");
        let all = futures::future::join_all((0..8).map(|_| place.store.spend_step(id, 101))).await;
        assert_eq!(all.into_iter().filter(|spent| *spent.as_ref().expect("asked")).count(), 1);
        assert!(!place.store.spend_step(id, 100).await.expect("asked"), "nor one before it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_changed_word_of_the_log_is_found_and_named() {
    for place in places("staff_log_changed").await {
        for n in 0..5 {
            place.store.log(&operator(), Act::Export, "ninh-kieu", &n.to_string()).await.expect("noted");
        }
        assert_eq!(place.store.verify_log().await.expect("walked"), LogVerdict::Whole { chains: 1, entries: 5 });
        place.run("UPDATE staff_log SET object = 'cai-rang' WHERE seq = 3").await;
        let (entry, why) = place.broken().await;
        assert!(entry.ends_with("/3") && why.contains("changed"), "{entry}: {why}");
        place.run("UPDATE staff_log SET object = 'ninh-kieu' WHERE seq = 3").await;
        place.run("DELETE FROM staff_log WHERE seq = 4").await;
        assert!(place.broken().await.0.ends_with("/4"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_cut_off_is_missed() {
    for place in places("staff_log_cut").await {
        for _ in 0..3 {
            place.store.log(&operator(), Act::Export, "", "").await.expect("noted");
        }
        place.run("DELETE FROM staff_log WHERE seq = 3").await;
        let (entry, why) = place.broken().await;
        assert!(entry.ends_with("/3") && why.contains("missing"), "{entry}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_anchor_each_other_so_that_a_whole_chain_cannot_vanish() {
    for place in places("staff_log_anchor").await {
        place.store.log(&operator(), Act::Export, "a", "").await.expect("noted");
        let other = Store::open(&place.url, place.clock.clone()).await.expect("another process");
        other.log(&operator(), Act::Export, "b", "").await.expect("noted");
        place.store.log(&operator(), Act::Export, "c", "").await.expect("noted");
        place.clock.set(NOW + limits::LOG_ANCHOR_MS);
        place.store.anchor_log().await.expect("anchored");
        let verdict = place.store.verify_log().await.expect("walked");
        assert_eq!(verdict, LogVerdict::Whole { chains: 2, entries: 5 });

        let may = place.reader().await;
        let anchors = LogFilter { act: Some("anchor".into()), ..LogFilter::default() };
        let anchors = place.store.log_entries(&may, &anchors, 10).await.expect("read");
        assert_eq!(anchors.entries.len(), 2, "{anchors:?}");
        // The second process knew the first from its beginning: without the first, it tells.
        let first = &anchors.entries[0].chain;
        place.run(&format!("DELETE FROM staff_log WHERE chain <> '{first}'")).await;
        place.run(&format!("DELETE FROM staff_log_head WHERE chain <> '{first}'")).await;
        let (entry, why) = place.broken().await;
        assert!(entry.starts_with(first.as_str()) && why.contains("another chain"), "{entry}: {why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_by_page_and_by_what_is_asked() {
    for place in places("staff_log_read").await {
        let may = place.reader().await;
        for n in 0..7 {
            place.clock.set(NOW + n * 1_000);
            let act = if n % 2 == 0 { Act::Export } else { Act::CommentsRead };
            place.store.log(&operator(), act, "ninh-kieu", &n.to_string()).await.expect("noted");
        }
        let mut filter = LogFilter { act: Some("export".into()), ..LogFilter::default() };
        let page = place.store.log_entries(&may, &filter, 3).await.expect("read");
        let details = |page: &app::store::LogPage| page.entries.iter().map(|e| e.detail.clone()).collect::<Vec<_>>();
        assert_eq!((details(&page), page.more), (vec!["6".to_owned(), "4".into(), "2".into()], true));
        let last = &page.entries[2];
        filter.after = Some((last.at, last.chain.clone(), last.seq));
        let page = place.store.log_entries(&may, &filter, 3).await.expect("read");
        assert_eq!((details(&page), page.more), (vec!["0".to_owned()], false));
        let window = LogFilter {
            from: Some(NOW + 1_000),
            before: Some(NOW + 3_000),
            account: Some("ninh-kieu".into()),
            ..LogFilter::default()
        };
        let page = place.store.log_entries(&may, &window, 10).await.expect("read");
        assert_eq!(details(&page), ["2", "1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_once_makes_one_chain() {
    for place in places("staff_log_at_once").await {
        let all = (0..20).map(|_| async { place.store.log(&operator(), Act::Export, "", "").await });
        for noted in futures::future::join_all(all).await {
            noted.expect("noted");
        }
        let verdict = place.store.verify_log().await.expect("walked");
        assert_eq!(verdict, LogVerdict::Whole { chains: 1, entries: 20 });
    }
}
