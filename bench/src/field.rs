//! 200 tablets come home in the same minute, each with 100 sealed interviews of its own list.
//!
//! Teams, lists and devices are put into the database as the pages would; what is measured is what the server does with
//! the answers: opening, linking to the list, storing once, proving.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use app::domain::hex::from_hex;
use app::offline::seal;
use app::server_side::token;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use crate::http::{Connection, request};
use crate::load::now;
use crate::server::Site;
use crate::{Report, payload};

const TABLETS: u32 = 200;
const INTERVIEWS: u32 = 100;
/// Interviews of one request.
const BATCH: usize = 25;
/// All of them have to be in by then.
const MINUTE: Duration = Duration::from_mins(1);

/// Measures and reports.
pub(crate) async fn run(binary: &Path, report: &Report) -> Result<(), Box<dyn Error>> {
    let site = Site::new(binary, None, 10_000)?;
    let db = Database::connect(site.database()).await?;
    prepare(&db).await?;
    let payload = payload(&site)?;
    let (running, _) = site.serve().await?;

    let public = sealing_key(&site).await?;
    let mut loads = vec![];
    for tablet in 0..TABLETS {
        let items: Vec<String> = (0..INTERVIEWS)
            .map(|n| {
                let (unit, item) = (unit(tablet * INTERVIEWS + n), tablet * INTERVIEWS + n);
                let plain = payload.interview(Uuid::from_u128(ITEMS + u128::from(item)), unit);
                let mut seed = [0; 32];
                seed[..4].copy_from_slice(&item.to_be_bytes());
                let sealed = seal::seal(&public.1, seed, plain.as_bytes()).ok_or("the key seals")?;
                Ok(format!(r#"{{"sealed":"{}","key":"{}"}}"#, seal::letters(&sealed), public.0))
            })
            .collect::<Result<_, Box<dyn Error>>>()?;
        let headers = format!("content-type: application/json\r\nauthorization: Bearer {}\r\n", name(tablet));
        let requests: Vec<Vec<u8>> = items
            .chunks(BATCH)
            .map(|batch| {
                let body = format!(r#"{{"responses":[{}]}}"#, batch.join(","));
                request("POST", "/api/v1/responses", &headers, &body)
            })
            .collect();
        loads.push(requests);
    }

    let start = now();
    let tasks: Vec<_> = loads.into_iter().map(|load| tokio::spawn(send(site.address.clone(), load))).collect();
    let mut latencies = vec![];
    let mut again = 0;
    for task in tasks {
        let (times, busy) = task.await??;
        latencies.extend(times);
        again += busy;
    }
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    let at = |share: f64| {
        let place = (latencies.len() as f64 * share) as usize;
        latencies.get(place.min(latencies.len().saturating_sub(1))).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    };
    let what = format!("{TABLETS} tablets × {INTERVIEWS} sealed interviews, all at once");
    let all = TABLETS * INTERVIEWS;
    let rate = f64::from(all) / elapsed.as_secs_f64();
    report.line(&what, &format!("{:.1} s, {rate:.0}/s", elapsed.as_secs_f64()), "≤ 60 s")?;
    let figures = format!("median {:.0} ms, p99 {:.0} ms, asked to wait {again}", at(0.5), at(0.99));
    report.line(&format!("a batch of {BATCH}"), &figures, "")?;
    report.line("memory, highest", &format!("{:.1} MiB", running.memory().1), "≤ 100")?;
    if elapsed > MINUTE {
        report.line("", "NOT ALL WELL: it took more than a minute", "")?;
    }
    drop(running);
    report.line("recount", site.hailong(&["recount"])?.trim(), "0 differences")?;
    let valid =
        number(&db, "SELECT COUNT(*) FROM response WHERE stream = 1 AND standing = 1 AND device_id >= 1000").await?;
    let links = number(&db, "SELECT COUNT(*) FROM sample_link").await?;
    report.line("stored and valid, linked", &format!("{valid}, {links}"), &format!("{all} each, once"))
}

/// The first 64 bits of the ids of units and interviews.
const UNITS: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0000;
const ITEMS: u128 = 0x0190_1111_0000_7000_8000_0000_0000_0000;

fn unit(n: u32) -> Uuid {
    Uuid::from_u128(UNITS + u128::from(n))
}

fn name(tablet: u32) -> String {
    format!("tablet-{tablet}")
}

/// Sends the batches of one tablet, each until it is taken. Their times in microseconds, and how often it had to wait.
async fn send(address: String, requests: Vec<Vec<u8>>) -> std::io::Result<(Vec<u32>, u32)> {
    let mut connection = Connection::open(&address).await?;
    let (mut times, mut busy) = (vec![], 0);
    for request in requests {
        let asked = now();
        loop {
            let (status, _) = connection.ask(&request).await?;
            if status == 200 {
                break;
            }
            if status != 503 {
                return Err(std::io::Error::other(format!("status {status}")));
            }
            busy += 1;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok((times, busy))
}

/// Name and public half of the key of the round, from the kit of the first tablet.
async fn sealing_key(site: &Site) -> Result<(String, [u8; 32]), Box<dyn Error>> {
    let headers = format!("authorization: Bearer {}\r\n", name(0));
    let mut connection = Connection::open(&site.address).await?;
    let (status, _) = connection.ask(&request("GET", "/api/v1/field/kit", &headers, "")).await?;
    let kit: serde_json::Value = serde_json::from_slice(connection.body())?;
    if status != 200 {
        return Err(format!("the kit: {status} {kit}").into());
    }
    let sealing = &kit["round"]["sealing"];
    let public = sealing["public"].as_str().and_then(from_hex).ok_or("a kit has a key")?;
    Ok((sealing["key"].as_str().ok_or("a key has a name")?.to_owned(), public))
}

/// One team, 200 surveyors' tablets, a list of 20,000, each unit assigned.
async fn prepare(db: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    let round = number(db, "SELECT MIN(id) FROM round").await?;
    let stratum = number(db, &format!("SELECT MIN(id) FROM stratum WHERE round_id = {round}")).await?;
    let agency = number(db, &format!("SELECT agency_id FROM stratum WHERE id = {stratum}")).await?;
    let mut run: Vec<String> = vec![
        "INSERT INTO account (id, login, name, role, password_hash, password_at, must_change, totp_step, created_at) \
         VALUES (9000, 'to', 'To', 4, '', 0, false, 0, 0)"
            .to_owned(),
        format!(
            "INSERT INTO team (id, round_id, name, work, supervisor_id, created_at) VALUES (1, {round}, 'Team', 1, 9000, 0)"
        ),
        format!(
            "INSERT INTO frame (id, round_id, agency_id, file_name, sha256, lines, dossiers, people, bad_lines, mapping, \
             uploaded_by, uploaded_at, standing) VALUES (1, {round}, {agency}, 'f', x'00', 1, 1, 1, 0, '', '', 0, 2)"
        ),
        format!(
            "INSERT INTO sample_list (id, round_id, agency_id, frame_id, rule, seed, frame_hash, drawn_by, drawn_at, \
             program) VALUES (1, {round}, {agency}, 1, 1, '', x'00', '', 0, '')"
        ),
    ];
    for tablet in 0..TABLETS {
        let (device, account) = (1_000 + tablet, 10_000 + tablet);
        let hash = app::domain::hex::hex(&token::hash(&name(tablet)));
        run.push(format!(
            "INSERT INTO account (id, login, name, role, password_hash, password_at, must_change, totp_step, created_at) \
             VALUES ({account}, 's{tablet}', 'S', 5, '', 0, false, 0, 0)"
        ));
        run.push(format!(
            "INSERT INTO device (id, name, agency_id, stream, token_hash, created_at) \
             VALUES ({device}, 'T', {agency}, 1, x'{hash}', 0)"
        ));
        run.push(format!(
            "INSERT INTO field_device (device_id, team_id, account_id, api, seen_at, asked_day) \
             VALUES ({device}, 1, {account}, 1, 0, 0)"
        ));
        let units = (0..INTERVIEWS).map(|n| tablet * INTERVIEWS + n);
        let hex = |n: u32| format!("x'{}'", unit(n).as_simple());
        let rows: Vec<String> = units
            .clone()
            .map(|n| format!("({}, 1, {round}, {agency}, {stratum}, 1, {n}, {n}, false, 0)", hex(n)))
            .collect();
        run.push(format!(
            "INSERT INTO sample_unit (id, list_id, round_id, agency_id, stratum_id, party, number, pos, reserve, attempts) \
             VALUES {}",
            rows.join(", ")
        ));
        let rows: Vec<String> = units.map(|n| format!("({}, 1, {account}, 0)", hex(n))).collect();
        run.push(format!(
            "INSERT INTO assignment (unit_id, team_id, account_id, assigned_at) VALUES {}",
            rows.join(", ")
        ));
    }
    db.execute_unprepared(&format!("BEGIN; {}; COMMIT", run.join("; "))).await?;
    Ok(())
}

async fn number(db: &DatabaseConnection, sql: &str) -> Result<i64, Box<dyn Error>> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql.to_owned())).await?;
    Ok(row.ok_or("a row")?.try_get_by_index(0)?)
}
