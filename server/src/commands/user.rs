//! `hailong user …`: accounts of staff, by the operator of the machine. A one-time password stands alone on standard
//! output, the only time that it is ever seen.

use app::domain::ids::AccountId;
use app::domain::limits;
use app::domain::password::fold_login;
use app::domain::role::{Role, Scope};
use app::domain::staff_log::Who;
use app::server_side::clock::Clock;
use app::server_side::password::{hash_now, one_time};
use app::store::{Account, NewAccount, Store};

use super::{open, print};
use crate::agencies;
use crate::cli::UserCommand;
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Carries out a command on accounts.
///
/// # Errors
/// [`Failure::Usage`] for a name that is none or taken, an agency that is missing or unknown, an account that is not
/// there.
pub async fn run(settings: &Settings, command: &UserCommand) -> Result<Answer, Failure> {
    let (store, _keys) = open::with_key(settings, &Clock::System).await?;
    let who = Who::command("hailong user");
    match command {
        UserCommand::Add { name, role, agency, person } => {
            add(&store, &who, name, *role, agency.as_deref(), person.as_deref()).await?;
        }
        UserCommand::List => list(&store).await?,
        UserCommand::Disable { name } => {
            store.disable_account(&who, find(&store, name).await?.id, true).await?;
        }
        UserCommand::Reset { name } => {
            let account = find(&store, name).await?;
            let (password, hash) = made()?;
            store.reset_second_factor(&who, account.id).await?;
            store.reset_password(&who, account.id, &hash).await?;
            if account.disabled_at.is_some() {
                store.disable_account(&who, account.id, false).await?;
            }
            print(&format!("{password}\n"))?;
        }
    }
    Ok(Answer::Yes)
}

async fn add(
    store: &Store,
    who: &Who,
    name: &str,
    role: Role,
    agency: Option<&str>,
    person: Option<&str>,
) -> Result<(), Failure> {
    let login = fold_login(name).ok_or_else(|| {
        let most = limits::LOGIN_CHARS;
        Failure::Usage(format!("NAME: write 1 to {most} letters, figures, dots, hyphens and underscores"))
    })?;
    let person = person.unwrap_or(name).trim();
    if person.is_empty() || person.chars().count() > limits::PERSON_CHARS || person.chars().any(char::is_control) {
        return Err(Failure::Usage(format!("--person: write 1 to {} characters on one line", limits::PERSON_CHARS)));
    }
    let agency = match agency {
        Some(code) => {
            let found = agencies::find(store, code).await?;
            Some(found.map_err(|words| Failure::Usage(format!("--agency: {words}")))?)
        }
        None => None,
    };
    if role.needs_agency() && agency.is_none() {
        return Err(Failure::Usage(format!("--agency: the role {} belongs to an agency; give its code", role.word())));
    }
    if Scope::of(role, AccountId(0), agency.as_ref()).is_none() {
        return Err(Failure::Usage("--agency: only so-y-te and so-gddt lead a sector".to_owned()));
    }
    let (password, hash) = made()?;
    let agency = agency.map(|agency| agency.id);
    store.add_account(who, &NewAccount { login: &login, name: person, role, agency, password_hash: &hash }).await?;
    print(&format!("{password}\n"))
}

async fn list(store: &Store) -> Result<(), Failure> {
    let agencies = store.agencies().await?;
    let accounts = store.accounts().await?;
    let lines = accounts
        .iter()
        .map(|account| {
            let agency = account.agency.and_then(|id| agencies.get(&id)).map_or("-", |agency| agency.code.as_str());
            let state = if account.disabled_at.is_some() {
                "disabled"
            } else if account.must_change {
                "one-time-password"
            } else {
                "active"
            };
            format!("{}  {}  {agency}  {state}\n", account.login, account.role.word())
        })
        .collect::<Vec<String>>()
        .concat();
    print(&lines)
}

async fn find(store: &Store, name: &str) -> Result<Account, Failure> {
    let found = match fold_login(name) {
        Some(login) => store.account(&login).await?,
        None => None,
    };
    found.ok_or_else(|| Failure::Usage(format!("NAME: there is no account {name}; `hailong user list` lists them")))
}

fn made() -> Result<(String, String), Failure> {
    let password = one_time().map_err(|_| Failure::System("the system gave no random bytes".to_owned()))?;
    let hash = hash_now(&password).ok_or_else(|| Failure::System("the password could not be hashed".to_owned()))?;
    Ok((password, hash))
}
