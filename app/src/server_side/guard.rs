//! The guard: from a session to who acts, and from who acts to what they may. The only maker of capabilities.

use super::token;
use crate::domain::agency::Agency;
use crate::domain::ids::{AccountId, AgencyId};
use crate::domain::limits;
use crate::domain::role::{Capability, Holder, Role, Scope};
use crate::domain::staff_log::Who;
use crate::store::{Account, Store, StoreError};

/// What a session still asks of its owner, in the order it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The code of the second factor.
    SecondFactor,
    /// A password of their own, in the place of the one-time one.
    NewPassword,
    /// A second factor.
    Enrolment,
}

/// Who is signed in, their session in order so far as [`Visitor::step`] says.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The account.
    pub account: Account,
    /// Key of the session.
    pub session: i64,
    /// Whether the second factor was given in it.
    pub verified: bool,
    /// When it began, milliseconds since 1970.
    pub began: i64,
}

impl Visitor {
    /// What is still asked; nothing of who may go on.
    pub fn step(&self) -> Option<Step> {
        let account = &self.account;
        if account.totp_secret.is_some() && !self.verified {
            Some(Step::SecondFactor)
        } else if account.must_change {
            Some(Step::NewPassword)
        } else if account.role.needs_second_factor() && account.totp_secret.is_none() {
            Some(Step::Enrolment)
        } else {
            None
        }
    }

    /// As the log names them.
    pub fn who(&self) -> Who {
        Who { account: Some(self.account.id), name: self.account.login.clone() }
    }
}

/// A member of staff who may act.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Key of the account.
    pub id: AccountId,
    /// Login name.
    pub login: String,
    /// Name of the person.
    pub name: String,
    /// The agency that the account belongs to.
    pub agency: Option<AgencyId>,
    /// Key of the session.
    pub session: i64,
    holder: Holder,
}

impl Actor {
    /// The capability, if the role has it. A handler asks for it by the type of its first argument, see `Staff`.
    pub fn may<C: Capability>(&self) -> Option<C> {
        self.holder.may()
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.holder.role()
    }

    /// Role and scope.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// As the log names them.
    pub fn who(&self) -> Who {
        Who { account: Some(self.id), name: self.login.clone() }
    }
}

/// The owner of a session token; none where no session holds.
pub async fn visitor(store: &Store, token: &str) -> Result<Option<Visitor>, StoreError> {
    let Some(signed_in) = store.session(token::hash(token)).await? else { return Ok(None) };
    let visitor = Visitor {
        session: signed_in.session.id,
        verified: signed_in.session.verified,
        began: signed_in.session.created_at,
        account: signed_in.account,
    };
    // Half a sign-in is not left lying about.
    let late = visitor.step().is_some() && store.clock().now_ms() - visitor.began >= limits::SESSION_BEGUN_MS;
    Ok((!late).then_some(visitor))
}

/// What a visitor may do.
///
/// # Errors
/// The step that comes first; [`Stop::Nothing`] for an account that says too little (an officer without an agency).
pub fn actor(visitor: Visitor, agency: Option<&Agency>) -> Result<Actor, Stop> {
    if let Some(step) = visitor.step() {
        return Err(Stop::Step(step));
    }
    let account = visitor.account;
    let scope = Scope::of(account.role, account.id, agency).ok_or(Stop::Nothing)?;
    Ok(Actor {
        id: account.id,
        login: account.login,
        name: account.name,
        agency: account.agency,
        session: visitor.session,
        holder: Holder { role: account.role, scope },
    })
}

/// Why a visitor may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Something is asked first.
    Step(Step),
    /// The account gives no scope.
    Nothing,
}

/// Who owns a session token, as an actor; none where no session holds or something is still asked of its owner.
pub async fn actor_of(store: &Store, token: &str) -> Result<Option<Actor>, StoreError> {
    let Some(visitor) = visitor(store, token).await? else { return Ok(None) };
    let agencies = store.known_agencies().await?;
    let agency = visitor.account.agency.and_then(|id| agencies.get(&id));
    Ok(actor(visitor, agency).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(role: Role, secret: bool, must_change: bool, verified: bool) -> Visitor {
        let account = Account {
            id: AccountId(1),
            login: "lan".into(),
            name: "Lan".into(),
            role,
            agency: None,
            password_hash: String::new(),
            password_at: 0,
            must_change,
            totp_secret: secret.then(Vec::new),
            created_at: 0,
            disabled_at: None,
        };
        Visitor { account, session: 1, verified, began: 0 }
    }

    #[test]
    fn an_admin_gives_a_code_then_a_password_then_sets_up_the_second_factor() {
        assert_eq!(visitor(Role::Admin, true, true, false).step(), Some(Step::SecondFactor));
        assert_eq!(visitor(Role::Admin, true, true, true).step(), Some(Step::NewPassword));
        assert_eq!(visitor(Role::Admin, false, true, false).step(), Some(Step::NewPassword));
        assert_eq!(visitor(Role::Admin, false, false, true).step(), Some(Step::Enrolment));
        assert_eq!(visitor(Role::Admin, true, false, true).step(), None);
    }

    #[test]
    fn others_change_the_one_time_password_and_are_in() {
        assert_eq!(visitor(Role::Auditor, false, true, false).step(), Some(Step::NewPassword));
        assert_eq!(visitor(Role::Auditor, false, false, false).step(), None);
    }

    #[test]
    fn nobody_acts_before_everything_asked_was_given() {
        let step = actor(visitor(Role::Admin, false, false, true), None).map(|_| ());
        assert_eq!(step, Err(Stop::Step(Step::Enrolment)));
        assert_eq!(actor(visitor(Role::AgencyOfficer, false, false, false), None).map(|_| ()), Err(Stop::Nothing));
        assert!(actor(visitor(Role::Auditor, false, false, false), None).is_ok());
    }
}
