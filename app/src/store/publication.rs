//! The chain of publications: written once, read, checked, never changed. Published figures are made of a freeze alone
//! ([`super::freeze`]).

use std::sync::Arc;

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, QuerySelect};
use serde_json::Value;

use super::entity::publication;
use super::{Store, StoreError};
use crate::domain::hex::hex;
use crate::domain::ids::RoundId;
use crate::domain::publication::{Code, Crypto, Link, NOTHING_BEFORE, Seal, file, open, walk};
use crate::domain::role::Publish;
use crate::domain::staff_log::{Act, Who};
use crate::domain::text::Lang;

/// Why nothing was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// Another publication came between.
    Overtaken,
}

/// A publication, without its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Number, from 1 over all rounds.
    pub number: i32,
    /// Its round.
    pub round: RoundId,
    /// The freeze that its figures are of.
    pub freeze: i32,
    /// When, milliseconds since 1970.
    pub published_at: i64,
    /// Hash, key, signature.
    pub seal: Seal,
    /// The hash of the one before.
    pub previous: [u8; 32],
    /// The one that it corrects.
    pub corrects: Option<i32>,
    /// Why.
    pub reason: Option<String>,
    /// The one that corrects it.
    pub corrected_by: Option<i32>,
}

impl Publication {
    /// "4F7A".
    pub fn code(&self) -> Code {
        Code::of(&self.seal.hash)
    }
}

/// A publication that was made and sealed.
#[derive(Clone, Debug)]
pub struct NewPublication {
    /// The number that its bundle names.
    pub number: i32,
    /// Its round.
    pub round: RoundId,
    /// The freeze that its figures are of.
    pub freeze: i32,
    /// When, as its bundle says.
    pub published_at: i64,
    /// What is hidden, by stream, as JSON.
    pub pattern: String,
    /// Canonical JSON.
    pub bundle: String,
    /// Hash, key, signature.
    pub seal: Seal,
    /// The hash of the one before, as its bundle names it.
    pub previous: [u8; 32],
    /// The one that it corrects, and why.
    pub corrects: Option<(i32, String)>,
}

/// The publications, the first one first.
pub(super) type Publications = Arc<Vec<Publication>>;

impl Store {
    /// Adds a publication to the chain.
    ///
    /// # Errors
    /// What the database says.
    pub async fn publish(
        &self,
        _may: &Publish,
        who: &Who,
        new: &NewPublication,
    ) -> Result<Result<(), PublishFault>, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let last = publication::Entity::find()
            .select_only()
            .columns([publication::Column::Number, publication::Column::Hash])
            .order_by_desc(publication::Column::Number)
            .into_tuple::<(i32, Vec<u8>)>()
            .one(&tx)
            .await?;
        let (number, hash) = last.unwrap_or((0, NOTHING_BEFORE.to_vec()));
        if new.number != number + 1 || new.previous.as_slice() != hash {
            return Ok(Err(PublishFault::Overtaken));
        }
        let (corrects, reason) = new.corrects.clone().unzip();
        let detail = match (&corrects, &reason) {
            (Some(number), Some(reason)) => format!("đính chính bản số {number}: {reason}"),
            _ => String::new(),
        };
        let row = publication::ActiveModel {
            number: Set(new.number),
            round_id: Set(new.round.0),
            freeze_id: Set(new.freeze),
            published_at: Set(new.published_at),
            published_by: Set(who.name.clone()),
            pattern: Set(new.pattern.clone()),
            bundle: Set(new.bundle.clone()),
            hash: Set(new.seal.hash.to_vec()),
            previous: Set(new.previous.to_vec()),
            key: Set(new.seal.key.to_vec()),
            signature: Set(new.seal.signature.to_vec()),
            corrects: Set(corrects),
            reason: Set(reason),
        };
        publication::Entity::insert(row).exec_without_returning(&tx).await?;
        let object = format!("bản số {} mã {}", new.number, hex(&new.seal.hash));
        let head = log.append(&tx, self.clock().now_ms(), who, Act::Publish, &object, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(()))
    }

    /// All publications, remembered for two seconds at most.
    pub async fn publications(&self) -> Result<Publications, StoreError> {
        let load = || {
            let store = self.clone();
            async move { load_publications(store.reader()).await.map(Arc::new) }
        };
        self.caches().publications.get(&(), self.clock().now_ms(), load).await
    }

    /// What is hidden in a publication, by stream, as JSON.
    pub async fn publication_pattern(&self, number: i32) -> Result<Option<String>, StoreError> {
        self.publication_text(number, publication::Column::Pattern).await
    }

    /// The canonical JSON of a publication.
    pub async fn publication_bundle(&self, number: i32) -> Result<Option<String>, StoreError> {
        self.publication_text(number, publication::Column::Bundle).await
    }

    async fn publication_text(&self, number: i32, column: publication::Column) -> Result<Option<String>, StoreError> {
        let one = publication::Entity::find_by_id(number).select_only().column(column);
        Ok(one.into_tuple().one(self.reader()).await?)
    }

    /// Checks all publications: the chain, each file, the counts that they rest on. What is wrong, in words; nothing
    /// where all is as it was published.
    pub async fn verify_publications(&self, crypto: &impl Crypto, lang: Lang) -> Result<Vec<String>, StoreError> {
        let publications = load_publications(self.reader()).await?;
        let mut faults = vec![];
        let links: Vec<Link> =
            publications.iter().map(|p| Link { number: p.number, previous: p.previous, hash: p.seal.hash }).collect();
        if let Err(broken) = walk(&links) {
            faults.push(broken.words(lang));
        }
        for publication in &publications {
            let number = publication.number;
            let place = |what: String| match lang {
                Lang::Vi => format!("Bản công bố số {number}: {what}"),
                Lang::En => format!("Publication No. {number}: {what}"),
            };
            let bundle = self.publication_bundle(number).await?.unwrap_or_default();
            match open(file(&bundle, &publication.seal).as_bytes(), None, crypto) {
                Err(fault) => faults.push(place(fault.words(lang))),
                Ok(opened) => match self.frozen(publication.freeze).await {
                    Ok(Some(frozen)) => {
                        let named = opened.bundle.get("tallies").and_then(Value::as_str);
                        if named != Some(hex(&frozen.freeze.hash).as_str()) {
                            faults.push(place("it rests on other counts than those that are frozen".to_owned()));
                        }
                    }
                    Ok(None) => faults.push(place(format!("freeze {} is gone", publication.freeze))),
                    Err(StoreError::Inconsistent(what)) => faults.push(place(what)),
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(faults)
    }
}

async fn load_publications<C: ConnectionTrait>(db: &C) -> Result<Vec<Publication>, StoreError> {
    use publication::Column;
    type Row = (i32, i32, i32, i64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Option<i32>, Option<String>);
    let rows: Vec<Row> = publication::Entity::find()
        .select_only()
        .columns([
            Column::Number,
            Column::RoundId,
            Column::FreezeId,
            Column::PublishedAt,
            Column::Hash,
            Column::Key,
            Column::Signature,
            Column::Previous,
            Column::Corrects,
            Column::Reason,
        ])
        .order_by_asc(Column::Number)
        .into_tuple()
        .all(db)
        .await?;
    let corrections: Vec<(i32, i32)> =
        rows.iter().filter_map(|row| row.8.map(|corrected| (corrected, row.0))).collect();
    rows.into_iter()
        .map(|(number, round, freeze, published_at, hash, key, signature, previous, corrects, reason)| {
            let damaged = |_| StoreError::Inconsistent(format!("publication {number} cannot be read"));
            Ok(Publication {
                number,
                round: RoundId(round),
                freeze,
                published_at,
                seal: Seal {
                    hash: hash.try_into().map_err(damaged)?,
                    key: key.try_into().map_err(damaged)?,
                    signature: signature.try_into().map_err(damaged)?,
                },
                previous: previous.try_into().map_err(damaged)?,
                corrects,
                reason,
                corrected_by: corrections.iter().find(|(corrected, _)| *corrected == number).map(|(_, by)| *by),
            })
        })
        .collect()
}
