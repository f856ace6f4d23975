//! `/quan-tri/dang-nhap`: name and password.

use std::net::SocketAddr;
use std::sync::Arc;

use app::domain::limits;
use app::domain::password::fold_login;
use app::domain::staff_log::{Act, Who};
use app::domain::text::Lang;
use app::pages::staff::sign_in::{SignInFault, SignInPage, sign_in_title, sign_in_view};
use app::server_side::guard;
use app::server_side::password::Check;
use app::server_side::token;
use app::store::{Account, StoreError};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::guard::{Head, OwnPost, agent, busy, field, fields, go, outside, safe_next, step_address};
use super::throttle::From;
use super::{Tools, cookies};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// Longest password that is looked at, in bytes: four a character of the longest.
const PASSWORD_BYTES: usize = 4 * limits::PASSWORD_CHARS_MAX;

/// `GET`: the form.
pub(super) async fn show(State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let lang = Lang::from_tag(field(&pairs, "lang"));
    let next = safe_next(field(&pairs, "tiep")).to_owned();
    match form(&state, lang, String::new(), next, None).await {
        Ok(response) => response,
        Err(error) => busy(error),
    }
}

async fn form(
    state: &AppState,
    lang: Lang,
    login: String,
    next: String,
    fault: Option<SignInFault>,
) -> Result<Response, StoreError> {
    let no_admin = !state.store.has_admin().await?;
    let page = SignInPage { lang, no_admin, login, next, fault };
    let head = Head::plain(sign_in_title(&page), "/quan-tri/dang-nhap", lang);
    let status = match fault {
        None => StatusCode::OK,
        Some(SignInFault::Wrong | SignInFault::Code) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(SignInFault::Wait(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(SignInFault::Busy) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = outside(state, &head, status, || sign_in_view(&page));
    if let Some(SignInFault::Wait(minutes)) = fault {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(minutes * 60));
    }
    Ok(response)
}

/// `POST`: lets in who knows the password, as far as the next step.
pub(super) async fn enter(
    own: OwnPost,
    State(state): State<AppState>,
    Extension(tools): Extension<Arc<Tools>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let entry = Entry { state: &state, tools: &tools, lang: own.lang, headers: &headers, peer };
    entry.enter(&fields).await.unwrap_or_else(busy)
}

struct Entry<'a> {
    state: &'a AppState,
    tools: &'a Tools,
    lang: Lang,
    headers: &'a HeaderMap,
    peer: Option<SocketAddr>,
}

impl Entry<'_> {
    async fn enter(&self, fields: &[(String, String)]) -> Result<Response, StoreError> {
        let (typed, password) = (field(fields, "ten"), field(fields, "mat-khau"));
        let next = safe_next(field(fields, "tiep"));
        let login = fold_login(typed).unwrap_or_default();
        let shown: String = typed.trim().chars().take(limits::LOGIN_CHARS).collect();
        let again = |fault| form(self.state, self.lang, shown.clone(), next.to_owned(), Some(fault));

        let known = cookies::known_browser(self.state, self.headers, &login);
        let from = match &known {
            Some(id) => From::Known(id),
            None => From::Unknown(cookies::address(self.peer, self.headers)),
        };
        let now = self.state.clock.now_ms();
        if let Err(wait) = self.tools.throttle.take(&login, from, now) {
            if wait.first {
                self.refused(&login, "thử quá nhiều lần").await?;
            }
            return again(SignInFault::Wait(wait.minutes())).await;
        }
        let account = self.state.store.account(&login).await?;
        let usable = account.as_ref().filter(|account| is_usable(account, now));
        let stored = usable.filter(|_| password.len() <= PASSWORD_BYTES).map(|account| account.password_hash.as_str());
        let password: String = password.chars().take(limits::PASSWORD_CHARS_MAX).collect();
        let Ok(check) = self.tools.hasher.check(&password, stored).await else {
            return again(SignInFault::Busy).await;
        };
        let Some(account) = usable.filter(|_| check != Check::Wrong) else {
            // What was typed in the place of an unknown name may be a password: it is not noted.
            let (object, why) = match &account {
                None => ("", "không có tên này"),
                Some(account) if account.disabled_at.is_some() => (login.as_str(), "tài khoản đã khoá"),
                Some(_) if usable.is_none() => (login.as_str(), "mật khẩu dùng một lần quá hạn"),
                Some(_) => (login.as_str(), "sai mật khẩu"),
            };
            self.refused(object, why).await?;
            return again(SignInFault::Wrong).await;
        };
        if check == Check::RightButOld
            && let Ok(hash) = self.tools.hasher.hash(&password).await
        {
            self.state.store.rehash_password(account.id, &hash).await?;
        }
        self.tools.throttle.give_back(&login, from, now);
        self.begin(account, known.is_some(), next).await
    }

    async fn refused(&self, object: &str, why: &str) -> Result<(), StoreError> {
        self.state.store.log(&Who::nobody(), Act::SignInRefused, object, why).await
    }

    async fn begin(&self, account: &Account, known: bool, next: &str) -> Result<Response, StoreError> {
        let who = Who { account: Some(account.id), name: account.login.clone() };
        let browser = if known { "trình duyệt quen" } else { "trình duyệt mới" };
        let step = if account.totp_secret.is_some() { "mật khẩu, chờ mã xác thực" } else { "mật khẩu" };
        self.state.store.log(&who, Act::SignIn, &account.login, &format!("{step}, {browser}")).await?;
        let Ok(token) = token::new() else { return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()) };
        let old = cookies::session(self.state, self.headers).map(token::hash);
        self.state.store.begin_session(account.id, token::hash(&token), false, agent(self.headers), old).await?;
        let step = guard::visitor(&self.state.store, &token).await?.and_then(|visitor| visitor.step());
        let to = step
            .map_or_else(|| app::pages::staff::in_lang(next, self.lang), |step| step_address(step, next, self.lang));
        let mut response = go(&to);
        cookies::give_session(self.state, &mut response, &token);
        // With a second factor to come, the browser is known once that was given.
        if account.totp_secret.is_none() && !known {
            cookies::mark_browser(self.state, &mut response, &account.login);
        }
        Ok(response)
    }
}

/// Whether an account may be signed in to at all.
fn is_usable(account: &Account, now: i64) -> bool {
    let too_old = account.must_change && now - account.password_at >= limits::ONE_TIME_MS;
    account.disabled_at.is_none() && !too_old
}
