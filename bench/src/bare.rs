//! What the machine can do without us: how long a sync of the disk takes, and how many rows of a response's size a
//! database takes in a second when nothing else happens.

use crate::load::now;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbErr, Statement, TransactionTrait, Value};
use std::fs::File;
use std::io::Write;
use std::time::Duration;
use testkit::Folder;

/// As many rows a transaction as the writer puts in one.
const ROWS: usize = 512;

/// The median time of a synced append of 4 KiB, in microseconds.
pub(crate) fn sync_us() -> std::io::Result<f64> {
    let folder = Folder::new("sync");
    let mut file = File::create(folder.path().join("file"))?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(times.len() / 2).copied().unwrap_or(f64::NAN))
}

/// Rows a second, durably, by one connection.
pub(crate) async fn insert(url: &str, duration: Duration) -> Result<f64, DbErr> {
    let sqlite = url.starts_with("sqlite");
    let url = if sqlite { format!("{url}?mode=rwc") } else { url.to_owned() };
    let database = Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await?;
    if sqlite {
        database.execute_unprepared("PRAGMA journal_mode=WAL").await?;
        database.execute_unprepared("PRAGMA synchronous=FULL").await?;
    }
    let kind = if sqlite { "BLOB" } else { "BYTEA" };
    let table = format!("CREATE TABLE bare (id {kind} PRIMARY KEY, agency INTEGER, arrived BIGINT, sheet {kind})");
    database.execute_unprepared(&table).await?;
    let rows: Vec<String> = (0..ROWS)
        .map(|row| {
            if sqlite {
                "(?,?,?,?)".to_owned()
            } else {
                format!("(${},${},${},${})", row * 4 + 1, row * 4 + 2, row * 4 + 3, row * 4 + 4)
            }
        })
        .collect();
    let sql = format!("INSERT INTO bare VALUES {}", rows.join(","));

    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let (start, mut inserted) = (now(), 0_usize);
    while start.elapsed() < duration {
        let mut values: Vec<Value> = Vec::with_capacity(ROWS * 4);
        for row in 0..ROWS {
            let mut id = [0_u8; 16];
            id[..8].copy_from_slice(&((inserted + row) as u64).to_be_bytes());
            id[8..].copy_from_slice(&chance.random::<[u8; 8]>());
            values.extend([id.to_vec().into(), chance.random_range(1..115).into(), (inserted as i64).into()]);
            values.push(chance.random::<[u8; 40]>().to_vec().into());
        }
        let transaction = database.begin().await?;
        transaction.execute_raw(Statement::from_sql_and_values(database.get_database_backend(), &sql, values)).await?;
        transaction.commit().await?;
        inserted += ROWS;
    }
    Ok(inserted as f64 / start.elapsed().as_secs_f64())
}
