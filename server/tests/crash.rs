//! What is acknowledged survives the death of the process, on both databases: real servers, real connections, kill -9.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of starting and stopping use more of it")]
#[path = "support/binary.rs"]
mod binary;
#[path = "support/wire.rs"]
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use binary::{Server, run};
use serde_json::{Value, json};
use testkit::{Folder, Postgres};
use uuid::Uuid;
use wire::Connection;

const CONNECTIONS: usize = 20;
const KILLS: u128 = 50;
/// Responses that are acknowledged before the process is killed.
const BURST: usize = 400;
/// Simulated responses that are there before.
const SIMULATED: usize = 200;

/// A sample city on one database, with a tablet.
struct Site {
    folder: Folder,
    database: String,
    key: String,
    desks: Vec<String>,
    token: String,
}

impl Site {
    /// One on SQLite and one on PostgreSQL.
    fn both(name: &str) -> [Self; 2] {
        let folder = Folder::new(name);
        let url = folder.sqlite_url();
        [Self::new(folder, url), Self::new(Folder::new(name), Postgres::shared().database_url(name))]
    }

    fn new(folder: Folder, database: String) -> Self {
        let key = folder.path().join("secret.key").display().to_string();
        let mut site = Self { folder, database, key, desks: vec![], token: String::new() };
        site.hailong(&["migrate"]);
        site.hailong(&["demo", "--responses", &SIMULATED.to_string()]);
        let desks: Value = serde_json::from_str(&site.hailong(&["desks", "--format", "json"])).expect("JSON");
        let desks = desks.as_array().expect("a list");
        site.desks = desks.iter().map(|desk| desk["code"].as_str().expect("a code").to_owned()).collect();
        let agency = desks[0]["agency_code"].as_str().expect("a code");
        let token = site.hailong(&["device", "add", "Máy tính bảng 1", "--agency", agency, "--stream", "intercept"]);
        token.trim().clone_into(&mut site.token);
        site
    }

    fn flags(&self) -> [&str; 4] {
        ["--database-url", &self.database, "--secret-key-file", &self.key]
    }

    /// Runs a command that must do its work; what it printed.
    fn hailong(&self, arguments: &[&str]) -> String {
        let end = run(&self.folder, &[arguments, &self.flags()[..]].concat());
        end.is_done();
        end.out
    }

    fn serve(&self) -> Server {
        Server::start_with(&self.folder, &self.flags())
    }

    fn connect(&self, server: &Server) -> Connection {
        Connection::open(&server.address, &self.token).expect("the server listens")
    }

    /// The response of an id, the same whenever it is asked for: a form, a form with a comment, or a tap alone.
    fn response(&self, id: u128) -> Value {
        let score = 1 + id % 5;
        let desk = &self.desks[id as usize % self.desks.len()];
        let mut response = json!({ "id": Uuid::from_u128(id).to_string(), "desk": desk, "mode": "tablet" });
        if id.is_multiple_of(7) {
            response["tap"] = json!(score as u8);
            return response;
        }
        response["visit"] = "ket-qua".into();
        for code in ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "4.1", "4.2", "5.1"] {
            response["answers"][code] = json!(score as u8);
        }
        if id.is_multiple_of(4) {
            response["comment"] = json!(format!("Ý kiến số {}", id as u32));
        }
        response
    }

    /// Sends these; the status and receipt of each, once the server has answered 200.
    fn send(&self, connection: &mut Connection, ids: &[u128]) -> std::io::Result<Vec<(String, String)>> {
        let responses: Vec<Value> = ids.iter().map(|id| self.response(*id)).collect();
        let body = connection.post("/api/v1/responses", &json!({ "responses": responses }).to_string())?;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let results = body["results"].as_array().expect("a list");
        assert_eq!(results.len(), ids.len());
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let one = |(result, id): (&Value, &u128)| {
            assert_eq!(result["id"], Uuid::from_u128(*id).to_string());
            (word(&result["status"]), word(&result["receipt"]))
        };
        Ok(results.iter().zip(ids).map(one).collect())
    }

    /// The tallies say what the responses say, and there are this many.
    fn holds(&self, responses: usize) {
        let recount = self.hailong(&["recount"]);
        let words: Vec<&str> = recount.split_whitespace().collect();
        assert_eq!(words[..2], ["responses", &responses.to_string()], "{recount}");
        assert_eq!(words[4..], ["differences", "0"], "{recount}");
    }
}

/// What the tablets know: all that they sent, and the receipts of what was acknowledged.
#[derive(Default)]
struct Known {
    sent: BTreeSet<u128>,
    receipts: BTreeMap<u128, String>,
}

impl Known {
    fn add(&mut self, other: Self) {
        self.sent.extend(other.sent);
        self.receipts.extend(other.receipts);
    }
}

/// Sends singles and batches until the connection breaks.
fn hammer(site: &Site, mut connection: Connection, first: u128, acknowledged: &AtomicUsize) -> Known {
    let mut known = Known::default();
    let mut next = first;
    for size in [1, 1, 24].into_iter().cycle() {
        let ids: Vec<u128> = (next..next + size).collect();
        next += size;
        known.sent.extend(&ids);
        let Ok(results) = site.send(&mut connection, &ids) else { break };
        for (id, (status, receipt)) in ids.into_iter().zip(results) {
            assert_eq!(status, "stored");
            assert!(!receipt.is_empty());
            known.receipts.insert(id, receipt);
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }
    known
}

/// A burst from all connections with a kill in the middle.
fn burst_and_kill(site: &Site, round: u128) -> Known {
    let server = site.serve();
    let acknowledged = AtomicUsize::new(0);
    let mut known = Known::default();
    std::thread::scope(|scope| {
        let tablets: Vec<_> = (0..CONNECTIONS as u128)
            .map(|tablet| {
                let (connection, acknowledged) = (site.connect(&server), &acknowledged);
                scope.spawn(move || hammer(site, connection, ((round + 1) << 96) | (tablet << 32), acknowledged))
            })
            .collect();
        let mut waited = 0;
        while acknowledged.load(Ordering::Relaxed) < BURST {
            std::thread::sleep(Duration::from_millis(1));
            waited += 1;
            assert!(waited < 20_000, "the burst is not answered");
        }
        server.signal("KILL");
        for tablet in tablets {
            known.add(tablet.join().expect("no panic"));
        }
    });
    known
}

fn nothing_acknowledged_is_lost(site: &Site) {
    let mut all = Known::default();
    for round in 0..KILLS {
        let known = burst_and_kill(site, round);
        assert!(known.receipts.len() >= BURST);
        assert!(known.sent.len() > known.receipts.len(), "the kill came in the middle");
        all.add(known);

        // Counted before anybody helps: all that was acknowledged, at most what was sent, and nothing twice.
        let recount = site.hailong(&["recount"]);
        let n: usize = recount.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number");
        assert!((all.receipts.len()..=all.sent.len()).contains(&(n - SIMULATED)), "{recount}");

        let server = site.serve();
        let mut connection = site.connect(&server);
        let (acknowledged, lost): (Vec<u128>, Vec<u128>) =
            all.sent.iter().partition(|id| all.receipts.contains_key(*id));
        for ids in acknowledged.chunks(200) {
            for (id, (status, receipt)) in ids.iter().zip(site.send(&mut connection, ids).expect("answered")) {
                assert_eq!((status.as_str(), &receipt), ("duplicate", &all.receipts[id]), "{id:x}");
            }
        }
        // What was not acknowledged may be there or not; sent again, it is there once.
        for ids in lost.chunks(200) {
            for (id, (status, receipt)) in ids.iter().zip(site.send(&mut connection, ids).expect("answered")) {
                assert!(status == "stored" || status == "duplicate", "{status}");
                all.receipts.insert(*id, receipt);
            }
        }
        let receipts: BTreeSet<&String> = all.receipts.values().collect();
        assert_eq!(receipts.len(), all.sent.len(), "no receipt is given twice");
        // Beside the running server.
        site.holds(SIMULATED + all.sent.len());
    }
}

#[test]
fn every_acknowledged_response_is_there_after_kill_9() {
    std::thread::scope(|scope| {
        let sites = Site::both("kill_nine");
        for site in sites {
            scope.spawn(move || nothing_acknowledged_is_lost(&site));
        }
    });
}

#[test]
fn the_same_response_a_hundred_times_at_once_is_stored_once() {
    for site in Site::both("same_hundred") {
        let server = site.serve();
        let start = Arc::new(Barrier::new(CONNECTIONS));
        let mut answers = vec![];
        std::thread::scope(|scope| {
            let tablets: Vec<_> = (0..CONNECTIONS)
                .map(|_| {
                    let (mut connection, start, site) = (site.connect(&server), start.clone(), &site);
                    scope.spawn(move || {
                        start.wait();
                        let mut send = |_| site.send(&mut connection, &[1]).expect("answered").remove(0);
                        (0..5).map(&mut send).collect::<Vec<_>>()
                    })
                })
                .collect();
            for tablet in tablets {
                answers.extend(tablet.join().expect("no panic"));
            }
        });
        let count = |word: &str| answers.iter().filter(|(status, _)| status == word).count();
        assert_eq!((count("stored"), count("duplicate")), (1, 99));
        let receipts: BTreeSet<&String> = answers.iter().map(|(_, receipt)| receipt).collect();
        assert_eq!(receipts.len(), 1);
        site.holds(SIMULATED + 1);
    }
}
