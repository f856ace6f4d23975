//! The log of staff: appended to, read and verified, never changed.
//!
//! One chain a process, begun with its first entry. Entries are written one after the other under a lock, in the
//! transaction of what they tell. The first entry of a chain, and one an hour later on, anchors the heads of the other
//! chains. The layout of the hashed bytes stands in [`crate::domain::staff_log`].

use sea_orm::{
    AccessMode, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, ExprTrait as _,
    IsolationLevel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use super::entity::{staff_log, staff_log_head};
use super::{Store, StoreError};
use crate::domain::hex::hex;
use crate::domain::ids::AccountId;
use crate::domain::limits;
use crate::domain::role::ReadLog;
use crate::domain::staff_log::{Act, Entry, Who, heads_of};

/// Heads in one anchor: their words stay under the limit of a detail many times over.
const HEADS: u64 = 200;
/// Entries read at a time while a chain is walked.
const STEP: u64 = 1_000;

/// The chain of this process.
#[derive(Debug, Default)]
pub(super) struct Chain {
    head: Mutex<Option<Head>>,
}

/// Where the chain of this process ends.
#[derive(Clone, Debug)]
pub(super) struct Head {
    chain: String,
    seq: i64,
    hash: Vec<u8>,
    anchored_at: i64,
}

/// The chain, held while one act and its entry are written.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    head: MutexGuard<'a, Option<Head>>,
}

impl Writing<'_> {
    /// Appends an entry inside `tx`. The caller commits, and says so with [`Self::moved`]; if it does not, the next
    /// entry begins a new chain, for what became of this one is not known.
    pub(super) async fn append(
        &mut self,
        tx: &DatabaseTransaction,
        now: i64,
        who: &Who,
        act: Act,
        object: &str,
        detail: &str,
    ) -> Result<Head, StoreError> {
        let mut head = match self.head.take() {
            Some(head) => head,
            None => Head { chain: new_name()?, seq: 0, hash: vec![0; 32], anchored_at: i64::MIN },
        };
        if now.saturating_sub(head.anchored_at) >= limits::LOG_ANCHOR_MS {
            anchor(tx, &mut head, now).await?;
        }
        write(tx, &mut head, now, who, act, object, detail).await?;
        Ok(head)
    }

    /// The transaction of an entry was committed.
    pub(super) fn moved(&mut self, head: Head) {
        *self.head = Some(head);
    }
}

fn new_name() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Unavailable("the system gave no random bytes".to_owned()))?;
    Ok(hex(&bytes))
}

async fn write(
    tx: &DatabaseTransaction,
    head: &mut Head,
    now: i64,
    who: &Who,
    act: Act,
    object: &str,
    detail: &str,
) -> Result<(), StoreError> {
    let mut entry = Entry {
        chain: head.chain.clone(),
        seq: head.seq + 1,
        at: now,
        who: who.clone(),
        act: act.word().to_owned(),
        object: object.chars().filter(|c| !c.is_control()).take(limits::LOG_CHARS).collect(),
        // An anchor must be whole; everything else is bounded.
        detail: if act == Act::Anchor {
            detail.to_owned()
        } else {
            detail.chars().filter(|c| !c.is_control()).take(limits::LOG_CHARS).collect()
        },
        previous: std::mem::take(&mut head.hash),
        hash: vec![],
    };
    entry.hash = Sha256::digest(entry.canonical_bytes()).to_vec();
    let first = entry.seq == 1;
    (head.seq, head.hash) = (entry.seq, entry.hash.clone());
    staff_log::Entity::insert(row_of(entry)).exec_without_returning(tx).await?;
    if first {
        let row = staff_log_head::ActiveModel {
            chain: Set(head.chain.clone()),
            seq: Set(head.seq),
            hash: Set(head.hash.clone()),
            anchored_seq: Set(0),
        };
        staff_log_head::Entity::insert(row).exec_without_returning(tx).await?;
    } else {
        staff_log_head::Entity::update_many()
            .col_expr(staff_log_head::Column::Seq, sea_orm::sea_query::Expr::value(head.seq))
            .col_expr(staff_log_head::Column::Hash, sea_orm::sea_query::Expr::value(head.hash.clone()))
            .filter(staff_log_head::Column::Chain.eq(head.chain.clone()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Writes the heads of the other chains that nobody has anchored yet into this one.
async fn anchor(tx: &DatabaseTransaction, head: &mut Head, now: i64) -> Result<(), StoreError> {
    use sea_orm::sea_query::Expr;
    let others = staff_log_head::Entity::find()
        .filter(staff_log_head::Column::Chain.ne(head.chain.clone()))
        .filter(Expr::col(staff_log_head::Column::Seq).gt(Expr::col(staff_log_head::Column::AnchoredSeq)))
        .order_by_asc(staff_log_head::Column::Chain)
        .limit(HEADS)
        .all(tx)
        .await?;
    head.anchored_at = now;
    if others.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = others.iter().map(|h| format!("{}/{}/{}", h.chain, h.seq, hex(&h.hash))).collect();
    for other in others {
        staff_log_head::Entity::update_many()
            .col_expr(staff_log_head::Column::AnchoredSeq, Expr::value(other.seq))
            .filter(staff_log_head::Column::Chain.eq(other.chain))
            .filter(staff_log_head::Column::AnchoredSeq.lt(other.seq))
            .exec(tx)
            .await?;
    }
    write(tx, head, now, &Who::command("hailong"), Act::Anchor, "", &words.join(" ")).await
}

fn row_of(entry: Entry) -> staff_log::ActiveModel {
    staff_log::ActiveModel {
        chain: Set(entry.chain),
        seq: Set(entry.seq),
        at: Set(entry.at),
        account_id: Set(entry.who.account.map(|account| account.0)),
        account_name: Set(entry.who.name),
        act: Set(entry.act),
        object: Set(entry.object),
        detail: Set(entry.detail),
        previous: Set(entry.previous),
        hash: Set(entry.hash),
    }
}

fn entry_of(row: staff_log::Model) -> Entry {
    Entry {
        chain: row.chain,
        seq: row.seq,
        at: row.at,
        who: Who { account: row.account_id.map(AccountId), name: row.account_name },
        act: row.act,
        object: row.object,
        detail: row.detail,
        previous: row.previous,
        hash: row.hash,
    }
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// From this instant, milliseconds since 1970.
    pub from: Option<i64>,
    /// Before this instant.
    pub before: Option<i64>,
    /// The word of the act.
    pub act: Option<String>,
    /// The login name of who did it, or what it was done to.
    pub account: Option<String>,
    /// Only what stands behind this entry (its time, chain and place) in the order from the newest down.
    pub after: Option<(i64, String, i64)>,
}

/// Some entries of the log, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Whether more stand behind them.
    pub more: bool,
}

/// What the walk over the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogVerdict {
    /// All is as it was written.
    Whole {
        /// Chains.
        chains: u64,
        /// Entries in them.
        entries: u64,
    },
    /// The first entry that is not, by its name "chain/seq", and what is wrong with it.
    Broken {
        /// "chain/seq".
        entry: String,
        /// What is wrong.
        why: String,
    },
}

impl Store {
    pub(super) async fn log_chain(&self) -> Writing<'_> {
        Writing { head: self.inner.log.head.lock().await }
    }

    /// Notes an act that changes nothing else in the database: a look, an export, a refusal. What is not noted must not
    /// happen: on an error the caller refuses. `object` says to what (a code, a login name), `detail` the rest.
    ///
    /// # Errors
    /// What the database says.
    pub async fn log(&self, who: &Who, act: Act, object: &str, detail: &str) -> Result<(), StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let head = log.append(&tx, self.clock().now_ms(), who, act, object, detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(())
    }

    /// Anchors the heads of the other chains into this one, if there are new ones; hourly, by the server.
    pub async fn anchor_log(&self) -> Result<(), StoreError> {
        let mut log = self.log_chain().await;
        let Some(mut head) = log.head.take() else { return Ok(()) };
        let tx = self.begin_write().await?;
        anchor(&tx, &mut head, self.clock().now_ms()).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(())
    }

    /// Entries of the log, the newest first, at most `limit`.
    pub async fn log_entries(&self, _may: &ReadLog, filter: &LogFilter, limit: u64) -> Result<LogPage, StoreError> {
        use staff_log::Column;
        let mut query = staff_log::Entity::find();
        if let Some(from) = filter.from {
            query = query.filter(Column::At.gte(from));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::At.lt(before));
        }
        if let Some(act) = &filter.act {
            query = query.filter(Column::Act.eq(act.as_str()));
        }
        if let Some(account) = &filter.account {
            query = query.filter(Column::AccountName.eq(account.as_str()).or(Column::Object.eq(account.as_str())));
        }
        if let Some((at, chain, seq)) = &filter.after {
            let same = Column::At.eq(*at);
            let behind = Column::At
                .lt(*at)
                .or(same.clone().and(Column::Chain.lt(chain.as_str())))
                .or(same.and(Column::Chain.eq(chain.as_str())).and(Column::Seq.lt(*seq)));
            query = query.filter(behind);
        }
        let rows = query
            .order_by_desc(Column::At)
            .order_by_desc(Column::Chain)
            .order_by_desc(Column::Seq)
            .limit(limit + 1)
            .all(self.reader())
            .await?;
        let more = rows.len() as u64 > limit;
        let entries = rows.into_iter().take(limit as usize).map(entry_of).collect();
        Ok(LogPage { entries, more })
    }

    /// Walks every chain from its first entry, in one snapshot, and checks every link, every hash, every end and every
    /// anchor.
    pub async fn verify_log(&self) -> Result<LogVerdict, StoreError> {
        let tx = match self.backend() {
            DbBackend::Postgres => {
                self.reader()
                    .begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
                    .await?
            }
            // A deferred transaction on SQLite reads one snapshot from its first statement on.
            _ => self.reader().begin().await?,
        };
        let heads = staff_log_head::Entity::find().order_by_asc(staff_log_head::Column::Chain).all(&tx).await?;
        let mut entries = 0;
        for head in &heads {
            match walk(&tx, head).await? {
                Ok(n) => entries += n,
                Err((seq, why)) => {
                    return Ok(LogVerdict::Broken { entry: format!("{}/{seq}", head.chain), why: why.to_owned() });
                }
            }
        }
        if staff_log::Entity::find().count(&tx).await? != entries {
            let known = heads.iter().map(|head| head.chain.clone());
            let stray = staff_log::Entity::find()
                .filter(staff_log::Column::Chain.is_not_in(known))
                .order_by_asc(staff_log::Column::Chain)
                .order_by_asc(staff_log::Column::Seq)
                .one(&tx)
                .await?;
            let entry = stray.map_or_else(|| "?".to_owned(), |row| entry_of(row).name());
            return Ok(LogVerdict::Broken { entry, why: "it belongs to no chain that is known".to_owned() });
        }
        Ok(LogVerdict::Whole { chains: heads.len() as u64, entries })
    }
}

/// Walks one chain to its end: how many entries it has, or the place of the first that is wrong, and why.
async fn walk(
    tx: &DatabaseTransaction,
    end: &staff_log_head::Model,
) -> Result<Result<u64, (i64, &'static str)>, StoreError> {
    let (mut seq, mut hash) = (0, vec![0; 32]);
    loop {
        let rows = staff_log::Entity::find()
            .filter(staff_log::Column::Chain.eq(end.chain.as_str()))
            .filter(staff_log::Column::Seq.gt(seq))
            .order_by_asc(staff_log::Column::Seq)
            .limit(STEP)
            .all(tx)
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let entry = entry_of(row);
            if entry.seq != seq + 1 {
                return Ok(Err((seq + 1, "the entry is missing")));
            }
            if entry.previous != hash {
                return Ok(Err((entry.seq, "it does not follow the entry before it")));
            }
            if *Sha256::digest(entry.canonical_bytes()) != entry.hash[..] {
                return Ok(Err((entry.seq, "it was changed after it was written")));
            }
            if entry.act == Act::Anchor.word()
                && let Some(why) = fault_of_anchor(tx, &entry).await?
            {
                return Ok(Err((entry.seq, why)));
            }
            (seq, hash) = (entry.seq, entry.hash);
        }
    }
    if seq < end.seq {
        return Ok(Err((seq + 1, "the entry is missing")));
    }
    if seq > end.seq || hash != end.hash {
        return Ok(Err((seq, "it is not the end that the chain is known by")));
    }
    Ok(Ok(seq.unsigned_abs()))
}

/// What is wrong with the heads that an anchor names; nothing in a good one.
async fn fault_of_anchor(tx: &DatabaseTransaction, entry: &Entry) -> Result<Option<&'static str>, StoreError> {
    let Some(heads) = heads_of(&entry.detail) else { return Ok(Some("its anchors cannot be read")) };
    for (chain, seq, hash) in heads {
        let row = staff_log::Entity::find_by_id((chain.to_owned(), seq)).one(tx).await?;
        if row.is_none_or(|row| hex(&row.hash) != hash) {
            return Ok(Some("it anchors an entry of another chain that is gone or was changed"));
        }
    }
    Ok(None)
}
