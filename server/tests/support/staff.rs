//! An office with accounts, and browsers of its staff.

use std::collections::BTreeMap;

use app::domain::ids::AccountId;
use app::domain::role::Role;
use app::domain::staff_log::{Entry, Who};
use app::server_side::city::City;
use app::server_side::password::hash_now;
use app::server_side::seal::Seal;
use app::server_side::second_factor::SharedSecret;
use app::server_side::{guard, token};
use app::store::{LogFilter, NewAccount};
use axum::Router;
use axum::body::Body;
use hailong_server::routes;
use hailong_server::state::AppState;
use testkit::Folder;

use super::site::{self, Answer};

/// The password of every account here that has chosen one.
pub(crate) const PASSWORD: &str = "lục bình trôi trên sông";

/// A site with the agencies of the city and whatever accounts a test makes.
pub(crate) struct Office {
    pub(crate) state: AppState,
    pub(crate) router: Router,
    pub(crate) _folder: Folder,
}

impl Office {
    pub(crate) async fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let state = site::site(&folder).await;
        let city = City::load().expect("the built-in data");
        state.store.save_agencies(city.agencies()).await.expect("agencies");
        Self::over(state, folder)
    }

    /// An office over a site that stands.
    pub(crate) fn over(state: AppState, folder: Folder) -> Self {
        Self { router: routes::router(state.clone()), state, _folder: folder }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// An account with a one-time password.
    pub(crate) async fn one_time(&self, login: &str, role: Role, agency: Option<&str>, password: &str) -> AccountId {
        let agency = match agency {
            Some(code) => {
                let agencies = self.state.store.agencies().await.expect("agencies");
                Some(agencies.values().find(|agency| agency.code == code).expect(code).id)
            }
            None => None,
        };
        let hash = hash_now(password).expect("hashed");
        let new = NewAccount { login, name: login, role, agency, password_hash: &hash };
        self.state.store.add_account(&Who::command("test"), &new).await.expect("an account")
    }

    /// An account whose owner has chosen [`PASSWORD`].
    pub(crate) async fn account(&self, login: &str, role: Role, agency: Option<&str>) -> AccountId {
        let id = self.one_time(login, role, agency, PASSWORD).await;
        let hash = hash_now(PASSWORD).expect("hashed");
        let who = Who { account: Some(id), name: login.to_owned() };
        self.state.store.change_password(&who, id, &hash, 0).await.expect("changed");
        id
    }

    pub(crate) async fn disable(&self, login: &str) {
        let id = self.state.store.account(login).await.expect("read").expect(login).id;
        self.state.store.disable_account(&Who::command("test"), id, true).await.expect("disabled");
    }

    /// An administrator with password and second factor.
    pub(crate) async fn admin_with_secret(&self, login: &str) -> AccountId {
        let id = self.account(login, Role::Admin, None).await;
        let secret = SharedSecret::from_bytes(b"12345678901234567890").expect("twenty bytes");
        let sealed = secret.seal(&Seal::new(&self.state.keys, "second-factor"), id).expect("sealed");
        let who = Who { account: Some(id), name: login.to_owned() };
        assert!(self.state.store.set_second_factor(&who, id, &sealed, 0).await.expect("set"));
        id
    }

    /// A browser in which somebody of this role is signed in, everything in order.
    pub(crate) async fn signed_in(&self, role: Role) -> Browser {
        self.signed_in_as(&format!("the-{}", role.word()), role, "so-y-te").await
    }

    /// The same, at the agency with this code.
    pub(crate) async fn signed_in_at(&self, role: Role, agency: &str) -> Browser {
        self.signed_in_as(&format!("the-{}-{agency}", role.word()), role, agency).await
    }

    async fn signed_in_as(&self, login: &str, role: Role, agency: &str) -> Browser {
        let id = match self.state.store.account(login).await.expect("read") {
            Some(account) => account.id,
            None if role == Role::Admin => self.admin_with_secret(login).await,
            None => self.account(login, role, role.needs_agency().then_some(agency)).await,
        };
        let token = token::new().expect("random");
        self.state.store.begin_session(id, token::hash(&token), true, "Firefox", None).await.expect("begun");
        let mut browser = self.browser();
        browser.keep("__Host-hailong-staff", &token);
        browser
    }

    /// The log, the newest entry first.
    pub(crate) async fn log(&self) -> Vec<Entry> {
        let id = match self.state.store.account("log-reader").await.expect("read") {
            Some(account) => account.id,
            None => self.account("log-reader", Role::Auditor, None).await,
        };
        self.state
            .store
            .begin_session(id, token::hash("reader"), true, "", Some(token::hash("reader")))
            .await
            .expect("begun");
        let actor = guard::actor_of(&self.state.store, "reader").await.expect("asked").expect("an auditor");
        let may = actor.may().expect("an auditor reads the log");
        let page = self.state.store.log_entries(&may, &LogFilter::default(), 10_000).await.expect("read");
        page.entries.into_iter().filter(|e| e.object != "log-reader" && e.act != "anchor").collect()
    }
}

/// A browser with its cookies; it follows nothing by itself.
pub(crate) struct Browser {
    pub(crate) router: Router,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn form(fields: &[(&str, &str)]) -> String {
        serde_urlencoded::to_string(fields).expect("a form")
    }

    pub(crate) fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.get(name).cloned()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, body).await
    }

    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.post("/quan-tri/dang-nhap", &Self::form(&[("ten", name), ("mat-khau", password)])).await
    }

    /// As a browser asks from a page of the same site.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &str) -> Answer {
        self.ask_with(method, path, &[("sec-fetch-site", "same-origin")], body).await
    }

    pub(crate) async fn ask_with(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = headers.to_vec();
        all.push(("content-type", "application/x-www-form-urlencoded"));
        self.send(method, path, &all, body.to_owned()).await
    }

    /// A request of any kind.
    pub(crate) async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut all = headers.to_vec();
        all.push(("host", "hailong.example.vn"));
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        let answer = site::ask(&self.router, site::request(method, path, &all, Body::from(body))).await;
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().expect("ASCII");
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
