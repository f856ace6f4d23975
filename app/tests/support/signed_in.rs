//! Somebody signed in, for tests of what the store gives only to who may have it.

use app::domain::ids::AgencyId;
use app::domain::role::{Capability, Role};
use app::domain::staff_log::Who;
use app::server_side::guard::{self, Actor};
use app::server_side::token;
use app::store::{NewAccount, Store};

/// Somebody of this role, at this agency, everything of sign-in in order.
pub(crate) async fn signed_in(store: &Store, role: Role, agency: Option<AgencyId>) -> Actor {
    let login = format!("{}-{}", role.word(), agency.map_or(0, |agency| agency.0));
    let new = NewAccount { login: &login, name: "Lan", role, agency, password_hash: "one-time" };
    let id = store.add_account(&Who::command("test"), &new).await.expect("an account");
    let who = Who { account: Some(id), name: login.clone() };
    store.change_password(&who, id, "own", 0).await.expect("changed");
    if role.needs_second_factor() {
        store.set_second_factor(&who, id, b"sealed", 0).await.expect("set");
    }
    store.begin_session(id, token::hash(&login), true, "Firefox", None).await.expect("begun");
    guard::actor_of(store, &login).await.expect("asked").expect("everything is in order")
}

/// The capability of somebody of this role, at this agency.
pub(crate) async fn may<C: Capability>(store: &Store, role: Role, agency: Option<AgencyId>) -> C {
    signed_in(store, role, agency).await.may().expect("the role has it")
}
