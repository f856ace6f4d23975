//! Sessions of staff: the browser holds a random token, the database its SHA-256.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait as _, QueryFilter, QueryOrder};

use super::account::{Account, account_of};
use super::entity::{account, session};
use super::{Store, StoreError};
use crate::domain::ids::AccountId;
use crate::domain::limits;
use crate::domain::staff_log::{Act, Who};

/// Longest name of a browser that is kept, in characters.
const AGENT_CHARS: usize = 120;

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Key; opens nothing.
    pub id: i64,
    /// Whether the second factor was given in it.
    pub verified: bool,
    /// When it began, milliseconds since 1970.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// What the browser calls itself, shortened.
    pub agent: String,
}

impl Session {
    /// Whether it still holds.
    fn holds(&self, now: i64) -> bool {
        let age = now - self.created_at;
        now - self.seen_at < limits::SESSION_IDLE_MS && age < limits::SESSION_MS
    }
}

/// A session with its account.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// The account; never a disabled one.
    pub account: Account,
    /// The session.
    pub session: Session,
}

fn session_of(row: session::Model) -> Session {
    Session { id: row.id, verified: row.verified, created_at: row.created_at, seen_at: row.seen_at, agent: row.agent }
}

impl Store {
    /// The session of a token's SHA-256, if it holds; notes at most once a minute that it is used.
    pub async fn session(&self, token_hash: [u8; 32]) -> Result<Option<SignedIn>, StoreError> {
        let found = session::Entity::find()
            .filter(session::Column::TokenHash.eq(token_hash.to_vec()))
            .one(self.reader())
            .await?;
        let Some(row) = found else { return Ok(None) };
        let (account_id, session) = (row.account_id, session_of(row));
        let now = self.clock().now_ms();
        if !session.holds(now) {
            return Ok(None);
        }
        let Some(account) = account::Entity::find_by_id(account_id).one(self.reader()).await? else { return Ok(None) };
        if account.disabled_at.is_some() {
            return Ok(None);
        }
        if now - session.seen_at >= limits::SESSION_TOUCH_MS {
            session::Entity::update_many()
                .col_expr(session::Column::SeenAt, sea_orm::sea_query::Expr::value(now))
                .filter(session::Column::Id.eq(session.id))
                .exec(self.writer_connection())
                .await?;
        }
        Ok(Some(SignedIn { account: account_of(account)?, session }))
    }

    /// Begins a session; the one with the hash `instead_of` ends. What is over is swept out on the way.
    pub async fn begin_session(
        &self,
        account: AccountId,
        token_hash: [u8; 32],
        verified: bool,
        agent: &str,
        instead_of: Option<[u8; 32]>,
    ) -> Result<(), StoreError> {
        let now = self.clock().now_ms();
        let tx = self.begin_write().await?;
        let over = session::Column::SeenAt
            .lte(now - limits::SESSION_IDLE_MS)
            .or(session::Column::CreatedAt.lte(now - limits::SESSION_MS));
        session::Entity::delete_many().filter(over).exec(&tx).await?;
        if let Some(old) = instead_of {
            session::Entity::delete_many().filter(session::Column::TokenHash.eq(old.to_vec())).exec(&tx).await?;
        }
        let row = session::ActiveModel {
            token_hash: Set(token_hash.to_vec()),
            account_id: Set(account.0),
            verified: Set(verified),
            created_at: Set(now),
            seen_at: Set(now),
            agent: Set(agent.chars().filter(|c| !c.is_control()).take(AGENT_CHARS).collect()),
            ..Default::default()
        };
        session::Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The sessions of an account that hold, the last used first.
    pub async fn sessions(&self, account: AccountId) -> Result<Vec<Session>, StoreError> {
        let now = self.clock().now_ms();
        let rows = session::Entity::find()
            .filter(session::Column::AccountId.eq(account.0))
            .order_by_desc(session::Column::SeenAt)
            .order_by_desc(session::Column::Id)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(session_of).filter(|session| session.holds(now)).collect())
    }

    /// Ends one session of an account, or all of them where `session` is none; another account's are out of reach.
    pub async fn end_sessions(&self, who: &Who, account: AccountId, session: Option<i64>) -> Result<u64, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let mut delete = session::Entity::delete_many().filter(session::Column::AccountId.eq(account.0));
        if let Some(id) = session {
            delete = delete.filter(session::Column::Id.eq(id));
        }
        let ended = delete.exec(&tx).await?.rows_affected;
        if ended == 0 {
            return Ok(0);
        }
        let detail = if session.is_some() { "một phiên" } else { "mọi nơi" };
        let head = log.append(&tx, self.clock().now_ms(), who, Act::SignOut, &who.name, detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(ended)
    }
}
