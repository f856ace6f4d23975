//! The second factor: its code, and its set-up.

use std::net::SocketAddr;
use std::sync::Arc;

use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::sign_in::{CodePage, EnrolPage, SignInFault, code_title, code_view, enrol_title, enrol_view};
use app::server_side::guard::{Step, Visitor};
use app::server_side::seal::Seal;
use app::server_side::second_factor::SharedSecret;
use app::server_side::{guard, token};
use app::store::StoreError;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::guard::{Head, Visiting, agent, busy, field, fields, go, outside, safe_next, step_address};
use super::throttle::From;
use super::{Tools, cookies};
use crate::routes::ready::pairs;
use crate::state::AppState;

fn seal(state: &AppState) -> Seal {
    Seal::new(&state.keys, "second-factor")
}

/// Elsewhere, where this step is not the one that is asked.
fn elsewhere(visiting: &Visiting, here: Step, next: &str) -> Option<Response> {
    match visiting.visitor.step() {
        Some(step) if step == here => None,
        Some(step) => Some(go(&step_address(step, next, visiting.lang))),
        None => Some(go(&in_lang(next, visiting.lang))),
    }
}

fn status_of(fault: Option<SignInFault>) -> StatusCode {
    match fault {
        None => StatusCode::OK,
        Some(SignInFault::Wait(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn code_page(state: &AppState, lang: Lang, next: &str, fault: Option<SignInFault>) -> Response {
    let page = CodePage { lang, next: next.to_owned(), fault };
    let head = Head::plain(code_title(&page), "/quan-tri/dang-nhap/ma", lang);
    outside(state, &head, status_of(fault), || code_view(&page))
}

fn enrol_page(
    state: &AppState,
    visiting: &Visiting,
    next: &str,
    secret: &SharedSecret,
    fault: Option<SignInFault>,
) -> Response {
    let account = &visiting.visitor.account;
    let Some(sealed) = secret.seal(&seal(state), account.id) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let page = EnrolPage {
        lang: visiting.lang,
        next: next.to_owned(),
        qr: secret.qr(&account.login),
        words: secret.words(),
        sealed: URL_SAFE_NO_PAD.encode(sealed),
        fault,
    };
    let head = Head::plain(enrol_title(&page), "/quan-tri/dang-nhap/thiet-lap", visiting.lang);
    outside(state, &head, status_of(fault), || enrol_view(&page))
}

/// `GET /quan-tri/dang-nhap/ma`.
pub(super) async fn show_code(
    visiting: Visiting,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = pairs(query.as_deref());
    let next = safe_next(field(&pairs, "tiep"));
    elsewhere(&visiting, Step::SecondFactor, next).unwrap_or_else(|| code_page(&state, visiting.lang, next, None))
}

/// `GET /quan-tri/dang-nhap/thiet-lap`: a new secret each time, kept nowhere until its code was given.
pub(super) async fn show_enrolment(
    visiting: Visiting,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = pairs(query.as_deref());
    let next = safe_next(field(&pairs, "tiep"));
    if let Some(elsewhere) = elsewhere(&visiting, Step::Enrolment, next) {
        return elsewhere;
    }
    match SharedSecret::new() {
        Ok(secret) => enrol_page(&state, &visiting, next, &secret, None),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What the two posts share.
struct Try<'a> {
    state: &'a AppState,
    tools: &'a Tools,
    visiting: &'a Visiting,
    headers: &'a HeaderMap,
    peer: Option<SocketAddr>,
    next: &'a str,
}

impl Try<'_> {
    /// The key of the budget: codes have one apart from passwords.
    fn login(&self) -> String {
        format!("{} code", self.visiting.visitor.account.login)
    }

    fn take(&self) -> Result<(), SignInFault> {
        let known = cookies::known_browser(self.state, self.headers, &self.visiting.visitor.account.login);
        let from = match &known {
            Some(id) => From::Known(id),
            None => From::Unknown(cookies::address(self.peer, self.headers)),
        };
        let taken = self.tools.throttle.take(&self.login(), from, self.state.clock.now_ms());
        taken.map_err(|wait| SignInFault::Wait(wait.minutes()))
    }

    async fn refused(&self, why: &str) -> Result<(), StoreError> {
        let visitor = &self.visiting.visitor;
        self.state.store.log(&visitor.who(), Act::SignInRefused, &visitor.account.login, why).await
    }

    /// A new token in the place of the one that had only the password, and on to where one wanted to go.
    async fn in_order(&self) -> Result<Response, StoreError> {
        let (state, visitor) = (self.state, &self.visiting.visitor);
        let Ok(token) = token::new() else { return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()) };
        let old = cookies::session(state, self.headers).map(token::hash);
        let id = visitor.account.id;
        state.store.begin_session(id, token::hash(&token), true, agent(self.headers), old).await?;
        let step = guard::visitor(&state.store, &token).await?.and_then(|visitor| visitor.step());
        let lang = self.visiting.lang;
        let mut response =
            go(&step.map_or_else(|| in_lang(self.next, lang), |step| step_address(step, self.next, lang)));
        cookies::give_session(state, &mut response, &token);
        cookies::mark_browser(state, &mut response, &visitor.account.login);
        Ok(response)
    }

    async fn give_code(&self, code: &str) -> Result<Response, StoreError> {
        let lang = self.visiting.lang;
        if let Err(fault) = self.take() {
            return Ok(code_page(self.state, lang, self.next, Some(fault)));
        }
        if !self.code_is_right(code).await? {
            self.refused("sai mã xác thực").await?;
            return Ok(code_page(self.state, lang, self.next, Some(SignInFault::Code)));
        }
        let visitor = &self.visiting.visitor;
        self.state.store.log(&visitor.who(), Act::SignIn, &visitor.account.login, "mã xác thực").await?;
        self.in_order().await
    }

    async fn code_is_right(&self, code: &str) -> Result<bool, StoreError> {
        let Visitor { account, .. } = &self.visiting.visitor;
        let sealed = account.totp_secret.as_deref().unwrap_or_default();
        let step = SharedSecret::open(sealed, &seal(self.state), account.id)
            .and_then(|secret| secret.step_of(code, self.state.clock.now_ms()));
        match step {
            Some(step) => self.state.store.spend_step(account.id, step).await,
            None => Ok(false),
        }
    }

    async fn enrol(&self, sealed: &str, code: &str) -> Result<Response, StoreError> {
        let account = &self.visiting.visitor.account;
        let sealed = URL_SAFE_NO_PAD.decode(sealed).unwrap_or_default();
        let Some(secret) = SharedSecret::open(&sealed, &seal(self.state), account.id) else {
            return Ok(go(&step_address(Step::Enrolment, self.next, self.visiting.lang)));
        };
        let again = |fault| Ok(enrol_page(self.state, self.visiting, self.next, &secret, Some(fault)));
        if let Err(fault) = self.take() {
            return again(fault);
        }
        let Some(step) = secret.step_of(code, self.state.clock.now_ms()) else { return again(SignInFault::Code) };
        let who = self.visiting.visitor.who();
        if !self.state.store.set_second_factor(&who, account.id, &sealed, step).await? {
            // Another window was faster: its code is asked here too.
            return Ok(go(&step_address(Step::SecondFactor, self.next, self.visiting.lang)));
        }
        self.in_order().await
    }
}

/// `POST /quan-tri/dang-nhap/ma`.
pub(super) async fn give_code(
    visiting: Visiting,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let next = safe_next(field(&fields, "tiep"));
    if let Some(elsewhere) = elsewhere(&visiting, Step::SecondFactor, next) {
        return elsewhere;
    }
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let attempt = Try { state: &state, tools: &tools, visiting: &visiting, headers: &headers, peer, next };
    attempt.give_code(field(&fields, "ma")).await.unwrap_or_else(busy)
}

/// `POST /quan-tri/dang-nhap/thiet-lap`.
pub(super) async fn enrol(
    visiting: Visiting,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let next = safe_next(field(&fields, "tiep"));
    if let Some(elsewhere) = elsewhere(&visiting, Step::Enrolment, next) {
        return elsewhere;
    }
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let attempt = Try { state: &state, tools: &tools, visiting: &visiting, headers: &headers, peer, next };
    attempt.enrol(field(&fields, "khoa"), field(&fields, "ma")).await.unwrap_or_else(busy)
}
