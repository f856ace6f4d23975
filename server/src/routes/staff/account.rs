//! The own account: sessions, password, the way out.

use std::net::SocketAddr;
use std::sync::Arc;

use app::domain::limits;
use app::domain::password::{self, PasswordFault};
use app::domain::role::OwnAccount;
use app::pages::staff::account::{
    AccountPage, ChangeFault, PasswordPage, SessionLine, account_title, account_view, password_title, password_view,
};
use app::pages::staff::in_lang;
use app::server_side::guard::Step;
use app::server_side::password::Check;
use app::server_side::{guard, token};
use app::store::StoreError;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::guard::{Head, Staff, Visiting, agent, busy, field, fields, go, outside, page, safe_next, step_address};
use super::throttle::From;
use super::{Tools, cookies};
use crate::routes::ready::pairs;
use crate::state::AppState;

const HERE: &str = "/quan-tri/tai-khoan";

/// `POST /quan-tri/dang-xuat`; also from the middle of signing in.
pub(super) async fn sign_out(visiting: Visiting, State(state): State<AppState>) -> Response {
    let visitor = &visiting.visitor;
    match state.store.end_sessions(&visitor.who(), visitor.account.id, Some(visitor.session)).await {
        Ok(_) => {
            let mut response = go(&in_lang("/quan-tri/dang-nhap", visiting.lang));
            cookies::take_session(&state, &mut response);
            response
        }
        Err(error) => busy(error),
    }
}

/// `GET /quan-tri/tai-khoan`.
pub(super) async fn show(
    staff: Staff<OwnAccount>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let done = match field(&pairs(query.as_deref()), "xong") {
        "mat-khau" => Some(("Đã đổi mật khẩu.", "The password was changed.")),
        "phien" => Some(("Đã đăng xuất phiên đó.", "That session was signed out.")),
        _ => None,
    };
    let lang = staff.lang;
    let made = async {
        let agencies = state.store.known_agencies().await?;
        let sessions = state.store.sessions(staff.actor.id).await?;
        Ok::<_, StoreError>(AccountPage {
            lang,
            name: staff.actor.name.clone(),
            login: staff.actor.login.clone(),
            role: staff.actor.role().name(lang),
            agency: staff.actor.agency.and_then(|id| agencies.get(&id)).map(|agency| agency.name.clone()),
            sessions: sessions
                .into_iter()
                .map(|session| SessionLine {
                    own: session.id == staff.actor.session,
                    id: session.id,
                    agent: session.agent,
                    began: session.created_at,
                    seen: session.seen_at,
                })
                .collect(),
            done: done.map(|(vi, en)| app::components::number::say(lang, vi, en)),
        })
    };
    match made.await {
        Ok(view) => {
            let head = Head::plain(account_title(lang).to_owned(), HERE, lang);
            page(&state, &staff.actor, &head, StatusCode::OK, || account_view(&view))
        }
        Err(error) => busy(error),
    }
}

/// `POST /quan-tri/tai-khoan/dang-xuat`: one session of one's own; another's does not exist here.
pub(super) async fn end_one(staff: Staff<OwnAccount>, State(state): State<AppState>, body: Bytes) -> Response {
    let fields = fields(&body);
    let session = field(&fields, "phien").parse().unwrap_or(0);
    match state.store.end_sessions(&staff.actor.who(), staff.actor.id, Some(session)).await {
        Ok(_) => go(&in_lang(&format!("{HERE}?xong=phien"), staff.lang)),
        Err(error) => busy(error),
    }
}

/// `POST /quan-tri/tai-khoan/dang-xuat-het`: everywhere, here too.
pub(super) async fn end_all(staff: Staff<OwnAccount>, State(state): State<AppState>) -> Response {
    match state.store.end_sessions(&staff.actor.who(), staff.actor.id, None).await {
        Ok(_) => {
            let mut response = go(&in_lang("/quan-tri/dang-nhap", staff.lang));
            cookies::take_session(&state, &mut response);
            response
        }
        Err(error) => busy(error),
    }
}

/// Elsewhere, where the second factor comes first; the password itself may be changed at any time after it.
fn not_yet(visiting: &Visiting, next: &str) -> Option<Response> {
    (visiting.visitor.step() == Some(Step::SecondFactor))
        .then(|| go(&step_address(Step::SecondFactor, next, visiting.lang)))
}

fn password_page(state: &AppState, visiting: &Visiting, next: &str, fault: Option<ChangeFault>) -> Response {
    let account = &visiting.visitor.account;
    let view = PasswordPage {
        lang: visiting.lang,
        forced: account.must_change,
        login: account.login.clone(),
        next: next.to_owned(),
        fault,
    };
    let head = Head::plain(password_title(&view), "/quan-tri/mat-khau", visiting.lang);
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    outside(state, &head, status, || password_view(&view))
}

/// `GET /quan-tri/mat-khau`.
pub(super) async fn show_password(
    visiting: Visiting,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = pairs(query.as_deref());
    let next = safe_next(field(&pairs, "tiep"));
    not_yet(&visiting, next).unwrap_or_else(|| password_page(&state, &visiting, next, None))
}

/// `POST /quan-tri/mat-khau`.
pub(super) async fn change_password(
    visiting: Visiting,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let next = safe_next(field(&fields, "tiep"));
    if let Some(elsewhere) = not_yet(&visiting, next) {
        return elsewhere;
    }
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let change = Change { state: &state, tools: &tools, visiting: &visiting, headers: &headers, peer };
    match change.run(&fields).await {
        Ok(Ok(())) => change.after(next).await.unwrap_or_else(busy),
        Ok(Err(fault)) => password_page(&state, &visiting, next, Some(fault)),
        Err(error) => busy(error),
    }
}

struct Change<'a> {
    state: &'a AppState,
    tools: &'a Tools,
    visiting: &'a Visiting,
    headers: &'a HeaderMap,
    peer: Option<SocketAddr>,
}

impl Change<'_> {
    async fn run(&self, fields: &[(String, String)]) -> Result<Result<(), ChangeFault>, StoreError> {
        let visitor = &self.visiting.visitor;
        let account = &visitor.account;
        let (old, new) = (field(fields, "cu"), field(fields, "moi"));
        if let Err(fault) = password::check(new, &account.login) {
            return Ok(Err(ChangeFault::New(fault)));
        }
        if password::normal(new) != password::normal(field(fields, "lai")) {
            return Ok(Err(ChangeFault::New(PasswordFault::Repeat)));
        }
        if !account.must_change
            && let Err(fault) = self.knows_the_old_one(old).await
        {
            return Ok(Err(fault));
        }
        // The one-time password is not to be chosen again, nor the old one.
        match self.tools.hasher.check(new, Some(&account.password_hash)).await {
            Ok(Check::Wrong) => {}
            Ok(Check::Right | Check::RightButOld) => return Ok(Err(ChangeFault::New(PasswordFault::Same))),
            Err(_) => return Ok(Err(ChangeFault::Busy)),
        }
        let Ok(hash) = self.tools.hasher.hash(new).await else { return Ok(Err(ChangeFault::Busy)) };
        self.state.store.change_password(&visitor.who(), account.id, &hash, visitor.session).await?;
        Ok(Ok(()))
    }

    async fn knows_the_old_one(&self, old: &str) -> Result<(), ChangeFault> {
        let account = &self.visiting.visitor.account;
        let known = cookies::known_browser(self.state, self.headers, &account.login);
        let from = match &known {
            Some(id) => From::Known(id),
            None => From::Unknown(cookies::address(self.peer, self.headers)),
        };
        let now = self.state.clock.now_ms();
        self.tools.throttle.take(&account.login, from, now).map_err(|_| ChangeFault::Busy)?;
        let old: String = old.chars().take(limits::PASSWORD_CHARS_MAX).collect();
        match self.tools.hasher.check(&old, Some(&account.password_hash)).await {
            Ok(Check::Wrong) => Err(ChangeFault::Old),
            Ok(Check::Right | Check::RightButOld) => {
                self.tools.throttle.give_back(&account.login, from, now);
                Ok(())
            }
            Err(_) => Err(ChangeFault::Busy),
        }
    }

    /// A new token in the place of the one that the old password gave.
    async fn after(&self, next: &str) -> Result<Response, StoreError> {
        let (state, visitor, lang) = (self.state, &self.visiting.visitor, self.visiting.lang);
        let Ok(token) = token::new() else { return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()) };
        let old = cookies::session(state, self.headers).map(token::hash);
        let hash = token::hash(&token);
        state.store.begin_session(visitor.account.id, hash, visitor.verified, agent(self.headers), old).await?;
        let step = guard::visitor(&state.store, &token).await?.and_then(|visitor| visitor.step());
        let to = match step {
            Some(step) => step_address(step, next, lang),
            None if visitor.account.must_change => in_lang(next, lang),
            None => in_lang(&format!("{HERE}?xong=mat-khau"), lang),
        };
        let mut response = go(&to);
        cookies::give_session(state, &mut response, &token);
        Ok(response)
    }
}
