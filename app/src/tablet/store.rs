//! What the device keeps: one box of keys and texts in IndexedDB. A write of several keys happens wholly or not at all,
//! and is on the disk (`durability: strict`) when it is answered.

use idb::{Factory, KeyRange, ObjectStoreParams, Query, Transaction};
use wasm_bindgen::JsValue;

use super::device::{call, member, object, sleep};

const DATABASE: &str = "thuc-dia";
const BOX: &str = "box";

/// Why nothing was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no room left.
    Full,
    /// Anything else, as the browser said it.
    Broken(String),
}

/// What becomes of a key of the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Holds this from now on. None is a value that could not be made: then nothing of the whole is written, so that a
    /// failure never erases what was there.
    Keep(Option<String>),
    /// Holds nothing any more.
    Erase,
}

impl From<idb::Error> for Trouble {
    fn from(error: idb::Error) -> Self {
        use idb::Error as E;
        // What the browser says of each call made here. The crate's own sentences for all of its calls would weigh a
        // kilobyte.
        Self::Broken(match &error {
            E::DomException(said) => words(said),
            E::IndexedDbOpenFailed(said)
            | E::ObjectStoreNotFound(said)
            | E::KeyRangeCreateFailed(said)
            | E::GetAllKeysFailed(said)
            | E::GetAllFailed(said)
            | E::GetFailed(said)
            | E::AddFailed(said)
            | E::UpdateFailed(said)
            | E::DeleteFailed(said) => words(said),
            _ => "IndexedDB".to_owned(),
        })
    }
}

/// The box.
#[derive(Clone, Debug)]
pub(super) struct Store {
    database: JsValue,
}

impl Store {
    /// Opens the box, and makes it where there is none.
    pub(super) async fn open() -> Result<Self, Trouble> {
        use idb::DatabaseEvent as _;
        let mut request = Factory::new()?.open(DATABASE, Some(1))?;
        request.on_upgrade_needed(|event| {
            // Where it cannot be made, the open request fails and says so.
            if let Ok(database) = event.database() {
                let _ = database.create_object_store(BOX, ObjectStoreParams::new());
            }
        });
        let database = request.await?;
        Ok(Self { database: web_sys::IdbDatabase::from(database).into() })
    }

    fn begin(&self, mode: &str) -> Result<Transaction, Trouble> {
        // The crate knows no options; older browsers ignore them.
        let options = object(&[("durability", "strict".into())]);
        let transaction = call(&self.database, "transaction", &[BOX.into(), mode.into(), options]);
        let transaction = transaction.map_err(|error| Trouble::Broken(words(&error)))?;
        Ok(Transaction::try_from(transaction)?)
    }

    /// Everything whose key begins with `prefix`, in the order of the keys.
    pub(super) async fn read(&self, prefix: &str) -> Result<Vec<(String, String)>, Trouble> {
        let transaction = self.begin("readonly")?;
        let store = transaction.object_store(BOX)?;
        let end = format!("{prefix}\u{ffff}");
        let range = || KeyRange::bound(&prefix.into(), &end.as_str().into(), None, None).map(Query::from);
        let keys = store.get_all_keys(Some(range()?), None)?;
        let values = store.get_all(Some(range()?), None)?;
        let (keys, values) = (keys.await?, values.await?);
        let texts =
            keys.into_iter().zip(values).filter_map(|(key, value)| Some((key.as_string()?, value.as_string()?)));
        Ok(texts.collect())
    }

    /// One value.
    pub(super) async fn get(&self, key: &str) -> Result<Option<String>, Trouble> {
        let transaction = self.begin("readonly")?;
        let value = transaction.object_store(BOX)?.get(Query::from(JsValue::from(key)))?.await?;
        Ok(value.and_then(|value| value.as_string()))
    }

    /// Puts (`Some`) and removes (`None`) all of these together.
    pub(super) async fn write(&self, changes: &[(String, Change)]) -> Result<(), Trouble> {
        if let Some((key, _)) = changes.iter().find(|(_, change)| *change == Change::Keep(None)) {
            return Err(Trouble::Broken(format!("{key}: -")));
        }
        let transaction = self.begin("readwrite")?;
        let store = transaction.object_store(BOX)?;
        let mut puts = Vec::new();
        for (key, change) in changes {
            let key = JsValue::from(key.as_str());
            if let Change::Keep(Some(value)) = change {
                puts.push(store.put(&value.as_str().into(), Some(&key))?);
            } else {
                drop(store.delete(Query::from(key))?);
            }
        }
        let raw = web_sys::IdbTransaction::from(transaction);
        let done = Transaction::from(raw.clone()).await;
        drop(puts);
        match done {
            Ok(result) if result.is_committed() => Ok(()),
            Ok(_) | Err(_) => {
                // A failed request is told before the transaction that it ends knows why.
                sleep(0).await;
                let error = member(&raw, "error");
                if member(&error, "name").as_string().as_deref() == Some("QuotaExceededError") {
                    Err(Trouble::Full)
                } else {
                    Err(Trouble::Broken(words(&error)))
                }
            }
        }
    }
}

fn words(error: &JsValue) -> String {
    member(error, "message").as_string().or_else(|| error.as_string()).unwrap_or_else(|| "IndexedDB".to_owned())
}
