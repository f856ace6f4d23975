//! Accounts of staff. Passwords arrive hashed and second-factor secrets sealed: this room sees neither.
//!
//! Every change writes its entry of the log in the same transaction, so that none is without the other.

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::entity::{account, session};
use super::{Store, StoreError};
use crate::domain::ids::{AccountId, AgencyId};
use crate::domain::role::{ManageAccounts, Role};
use crate::domain::staff_log::{Act, Who};

/// An account as the guard and the pages see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Key.
    pub id: AccountId,
    /// Login name, folded.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The agency it belongs to.
    pub agency: Option<AgencyId>,
    /// Argon2id with its parameters, as text.
    pub password_hash: String,
    /// When the password was set, milliseconds since 1970.
    pub password_at: i64,
    /// The password was made by another person.
    pub must_change: bool,
    /// The sealed second-factor secret.
    pub totp_secret: Option<Vec<u8>>,
    /// When it was made, milliseconds since 1970.
    pub created_at: i64,
    /// When it was disabled.
    pub disabled_at: Option<i64>,
}

/// An account to be made; its password is a one-time one.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// Login name, folded.
    pub login: &'a str,
    /// Name of the person.
    pub name: &'a str,
    /// Role.
    pub role: Role,
    /// The agency it belongs to.
    pub agency: Option<AgencyId>,
    /// Argon2id of the one-time password.
    pub password_hash: &'a str,
}

/// How an account is changed by somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change<'a> {
    Disabled(bool),
    OneTimePassword(&'a str),
    SecondFactorGone,
}

pub(super) fn account_of(row: account::Model) -> Result<Account, StoreError> {
    let role = Role::from_code(row.role)
        .ok_or_else(|| StoreError::Inconsistent(format!("account {}: role {}", row.id, row.role)))?;
    Ok(Account {
        id: AccountId(row.id),
        login: row.login,
        name: row.name,
        role,
        agency: row.agency_id.map(AgencyId),
        password_hash: row.password_hash,
        password_at: row.password_at,
        must_change: row.must_change,
        totp_secret: row.totp_secret,
        created_at: row.created_at,
        disabled_at: row.disabled_at,
    })
}

impl Store {
    /// Whether an administrator can sign in: before the first one, the sign-in page says how to make one.
    pub async fn has_admin(&self) -> Result<bool, StoreError> {
        let admins = account::Entity::find()
            .filter(account::Column::Role.eq(Role::Admin.code()))
            .filter(account::Column::DisabledAt.is_null());
        Ok(admins.count(self.reader()).await? > 0)
    }

    /// Whether an administrator who can sign in belongs to an agency.
    pub(super) async fn is_agency_of_an_admin(&self, agency: AgencyId) -> Result<bool, StoreError> {
        let admins = account::Entity::find()
            .filter(account::Column::Role.eq(Role::Admin.code()))
            .filter(account::Column::AgencyId.eq(agency.0))
            .filter(account::Column::DisabledAt.is_null());
        Ok(admins.count(self.reader()).await? > 0)
    }

    /// The account of a folded login name, disabled ones included.
    pub async fn account(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let row = account::Entity::find().filter(account::Column::Login.eq(login)).one(self.reader()).await?;
        row.map(account_of).transpose()
    }

    /// All accounts, by login name; for the command line, which is the operator.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows = account::Entity::find().order_by_asc(account::Column::Login).all(self.reader()).await?;
        rows.into_iter().map(account_of).collect()
    }

    /// All accounts, for who manages them.
    pub async fn managed_accounts(&self, _may: &ManageAccounts) -> Result<Vec<Account>, StoreError> {
        self.accounts().await
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the login name is taken.
    pub async fn add_account(&self, who: &Who, new: &NewAccount<'_>) -> Result<AccountId, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if account::Entity::find().filter(account::Column::Login.eq(new.login)).count(&tx).await? > 0 {
            return Err(StoreError::Refused(format!("the login name {} is taken", new.login)));
        }
        let last = account::Entity::find().order_by_desc(account::Column::Id).one(&tx).await?;
        let id = last.map_or(1, |account| account.id + 1);
        let now = self.clock().now_ms();
        let row = account::ActiveModel {
            id: Set(id),
            login: Set(new.login.to_owned()),
            name: Set(new.name.to_owned()),
            role: Set(new.role.code()),
            agency_id: Set(new.agency.map(|agency| agency.0)),
            password_hash: Set(new.password_hash.to_owned()),
            password_at: Set(now),
            must_change: Set(true),
            totp_secret: Set(None),
            totp_step: Set(0),
            created_at: Set(now),
            disabled_at: Set(None),
        };
        account::Entity::insert(row).exec_without_returning(&tx).await?;
        let detail = new
            .agency
            .map_or_else(|| new.role.word().to_owned(), |agency| format!("{} agency {}", new.role.word(), agency.0));
        let head = log.append(&tx, now, who, Act::AccountAdded, new.login, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(AccountId(id))
    }

    /// Disables an account, or lets it in again. A disabled one is signed out everywhere.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when there is no such account.
    pub async fn disable_account(&self, who: &Who, id: AccountId, disabled: bool) -> Result<(), StoreError> {
        self.change(who, id, Change::Disabled(disabled)).await
    }

    /// Gives an account a one-time password and signs it out everywhere.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when there is no such account.
    pub async fn reset_password(&self, who: &Who, id: AccountId, password_hash: &str) -> Result<(), StoreError> {
        self.change(who, id, Change::OneTimePassword(password_hash)).await
    }

    /// Takes an account's second factor away, so that it is set up anew at the next sign-in; signs it out everywhere.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when there is no such account.
    pub async fn reset_second_factor(&self, who: &Who, id: AccountId) -> Result<(), StoreError> {
        self.change(who, id, Change::SecondFactorGone).await
    }

    async fn change(&self, who: &Who, id: AccountId, change: Change<'_>) -> Result<(), StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let row = account::Entity::find_by_id(id.0).one(&tx).await?;
        let row = row.ok_or_else(|| StoreError::Refused("there is no such account".to_owned()))?;
        let login = row.login.clone();
        let now = self.clock().now_ms();
        let mut row: account::ActiveModel = row.into();
        let (act, detail) = match change {
            Change::Disabled(disabled) => {
                row.disabled_at = Set(disabled.then_some(now));
                (Act::AccountChanged, if disabled { "khoá" } else { "mở lại" })
            }
            Change::OneTimePassword(hash) => {
                row.password_hash = Set(hash.to_owned());
                row.password_at = Set(now);
                row.must_change = Set(true);
                (Act::AccountReset, "mật khẩu dùng một lần")
            }
            Change::SecondFactorGone => {
                row.totp_secret = Set(None);
                (Act::AccountReset, "bỏ mã xác thực")
            }
        };
        row.update(&tx).await?;
        session::Entity::delete_many().filter(session::Column::AccountId.eq(id.0)).exec(&tx).await?;
        let head = log.append(&tx, now, who, act, &login, detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(())
    }

    /// Changes the own password; every other session of the account ends.
    pub async fn change_password(
        &self,
        who: &Who,
        id: AccountId,
        password_hash: &str,
        keep_session: i64,
    ) -> Result<(), StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let now = self.clock().now_ms();
        let row = account::ActiveModel {
            id: Set(id.0),
            password_hash: Set(password_hash.to_owned()),
            password_at: Set(now),
            must_change: Set(false),
            ..Default::default()
        };
        row.update(&tx).await?;
        session::Entity::delete_many()
            .filter(session::Column::AccountId.eq(id.0))
            .filter(session::Column::Id.ne(keep_session))
            .exec(&tx)
            .await?;
        let head = log.append(&tx, now, who, Act::PasswordChanged, &who.name, "").await?;
        tx.commit().await?;
        log.moved(head);
        Ok(())
    }

    /// Keeps the hash of the same password with newer parameters.
    pub async fn rehash_password(&self, id: AccountId, password_hash: &str) -> Result<(), StoreError> {
        let row =
            account::ActiveModel { id: Set(id.0), password_hash: Set(password_hash.to_owned()), ..Default::default() };
        row.update(self.writer_connection()).await?;
        Ok(())
    }

    /// Keeps the second factor that an account has just shown to have; no where it has one already.
    pub async fn set_second_factor(
        &self,
        who: &Who,
        id: AccountId,
        sealed: &[u8],
        step: i64,
    ) -> Result<bool, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let set = account::Entity::update_many()
            .col_expr(account::Column::TotpSecret, sea_orm::sea_query::Expr::value(sealed.to_vec()))
            .col_expr(account::Column::TotpStep, sea_orm::sea_query::Expr::value(step))
            .filter(account::Column::Id.eq(id.0))
            .filter(account::Column::TotpSecret.is_null())
            .exec(&tx)
            .await?;
        if set.rows_affected != 1 {
            return Ok(false);
        }
        let head = log.append(&tx, self.clock().now_ms(), who, Act::SecondFactorSet, &who.name, "").await?;
        tx.commit().await?;
        log.moved(head);
        Ok(true)
    }

    /// Spends the code of a time step: yes once, and never again for it or one before it, whoever asks at once.
    pub async fn spend_step(&self, id: AccountId, step: i64) -> Result<bool, StoreError> {
        let spent = account::Entity::update_many()
            .col_expr(account::Column::TotpStep, sea_orm::sea_query::Expr::value(step))
            .filter(account::Column::Id.eq(id.0))
            .filter(account::Column::TotpStep.lt(step))
            .exec(self.writer_connection())
            .await?;
        Ok(spent.rows_affected == 1)
    }
}
