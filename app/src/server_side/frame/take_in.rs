//! The two steps of an upload: a file is kept, sealed, until its columns are chosen; then its people are written in pieces
//! that one small last transaction makes visible.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::super::contacts::ContactKey;
use super::lines::Place;
use super::people::Scan;
use super::sheet::{FileFault, Table};
use crate::domain::sample::frame::Reading;
use crate::domain::staff_log::Who;
use crate::store::{FrameCounts, FrameFault, FrameUnit, NewFrame, Store, StoreError};

/// Bytes of a piece of a file: a row of this size is written in a few milliseconds.
const PIECE: usize = 1024 * 1024;
/// People written in one transaction (design 6).
const BATCH: usize = 1_000;

/// Why a list was not taken in.
#[derive(Debug)]
pub enum TakeInFault {
    /// Something about the file.
    File(FileFault),
    /// Something about its place.
    Frame(FrameFault),
}

fn no_chance() -> StoreError {
    StoreError::Unavailable("the system gave no random bytes".to_owned())
}

/// Keeps a file, sealed, and gives the key of its frame. `sent` is the SHA-256 of the file as it was sent.
///
/// # Errors
/// The store's.
pub async fn keep_file(store: &Store, key: &ContactKey, table: &Table, new: &NewFrame<'_>) -> Result<i32, StoreError> {
    let frame = store.begin_frame(new).await?;
    for (seq, piece) in (0..).zip(table.text.chunks(PIECE)) {
        let sealed = key.seal_part(frame, seq, piece).ok_or_else(no_chance)?;
        store.add_frame_part(frame, seq, sealed).await?;
    }
    Ok(frame)
}

/// The file of a frame that arrives.
///
/// # Errors
/// The store's; inside, [`FileFault::Gone`] where it cannot be opened.
pub async fn file_of(
    store: &Store,
    key: &ContactKey,
    frame: i32,
    separator: char,
) -> Result<Result<Table, FileFault>, StoreError> {
    let mut text = Vec::new();
    for seq in 0.. {
        let Some(sealed) = store.frame_part(frame, seq).await? else { break };
        match key.open_part(frame, seq, &sealed) {
            Some(piece) => text.extend(piece),
            None => return Ok(Err(FileFault::Gone)),
        }
    }
    Ok(if text.is_empty() { Err(FileFault::Gone) } else { Ok(Table { text, separator }) })
}

/// Writes the people of a scanned list and makes the frame count.
///
/// # Errors
/// The store's; inside, why it was not taken.
pub async fn finish(
    store: &Store,
    who: &Who,
    frame: i32,
    (table, reading, place): (Arc<Table>, Arc<Reading>, Arc<Place>),
    scan: Scan,
    key: Arc<ContactKey>,
) -> Result<Result<(), TakeInFault>, StoreError> {
    store.clear_frame_units(frame).await?;
    let counts = FrameCounts { lines: scan.lines, bad_lines: scan.bad, strata: scan.strata.clone(), hash: scan.hash };
    // Sealing is work for the processor, writing for the database: one hands over to the other, two pieces at most between.
    let (give, mut take) = tokio::sync::mpsc::channel::<Vec<FrameUnit>>(2);
    let as_read = Arc::clone(&reading);
    let sealing = tokio::task::spawn_blocking(move || {
        scan.seal(frame, (&table.text, &as_read, &place), &key, BATCH, &mut |batch| give.blocking_send(batch).is_ok())
    });
    while let Some(batch) = take.recv().await {
        store.add_frame_units(frame, &batch).await?;
    }
    match sealing.await {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => return Ok(Err(TakeInFault::File(fault))),
        Err(error) => return Err(StoreError::Inconsistent(format!("sealing a list: {error}"))),
    }
    Ok(store.finish_frame(who, frame, &reading, &counts).await?.map_err(TakeInFault::Frame))
}

/// SHA-256 of a file as it was sent.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
