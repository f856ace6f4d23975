//! The release of comments as this server does it: the rules of the domain, the calendar of Việt Nam, a key of its own.

use uuid::Uuid;

use super::keys::{KEY_BYTES, Keys, mac};
use crate::domain::comment::{Batch, Waiting, release};
use crate::domain::days::is_working_day;
use crate::domain::response::local_day;
use crate::domain::role::ReadComments;
use crate::store::{Store, StoreError};

/// The place of a response among all comments: 63 bits under the key, so that no two meet.
fn place(key: &[u8; KEY_BYTES], response: Uuid) -> i64 {
    let digest = mac(key, response.as_bytes());
    let head = digest.first_chunk::<8>().copied().unwrap_or_default();
    (u64::from_be_bytes(head) >> 1).cast_signed()
}

/// Releases what may be read today.
pub async fn release_due(store: &Store, keys: &Keys, may: &ReadComments) -> Result<(), StoreError> {
    let key = keys.derive("comments");
    let decide = move |waiting: Vec<Waiting>, today: i32| -> Vec<Batch> {
        release(waiting, today, &is_working_day, &|response| place(&key, response))
    };
    store.release_comments(may, local_day(store.clock().now_ms()), &decide).await
}
