//! `/k/{desk}` and `/bien-nhan`: what a citizen at a desk sees and sends.
//!
//! Plain handlers, not leptos routes: the pages are the same bytes for everyone, without nonces. The address carries a
//! sealed resume token after the first post; it opens with the cookie of the phone.

mod address;
mod identity;
mod page;
mod post;
mod token;

use std::sync::Arc;

use app::components::phone::look::Look;
use app::domain::answer::Sheet;
use app::domain::form::{Fields, Posted};
use app::domain::limits;
use app::domain::receipt::ReceiptStatus;
use app::domain::round::{RoundState, normalise_code};
use app::pages::receipt::{ReceiptAnswer, receipt_page};
use app::pages::respond::after::after_page;
use app::pages::respond::clock_time;
use app::pages::respond::done::{DonePage, done_page};
use app::pages::respond::form::{FormNotice, FormPage, form_page};
use app::pages::respond::state::{State as Matter, state_page};
use app::server_side::receipt::Receipts;
use app::store::{DeskContext, StoreError};
use axum::Router;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;

use crate::state::AppState;
use address::{Address, Stage};
use page::{Pages, Shared, own, place};
use token::{Kept, Opened, Progress, ResumeToken, Tokens, open};

/// Seconds after which a busy server may be asked again; the page says "chờ một phút".
const RETRY_S: u32 = 60;

/// The cookie that recognises a phone at its desk, for [`limits::RESUME_S`].
const COOKIE: &str = "hailong";
/// The value of the cookie before the first answer: it says only that the phone keeps cookies.
const COOKIE_EMPTY: &str = "1";

/// What these addresses prepare once.
struct Tools {
    tokens: Tokens,
    receipts: Receipts,
    pages: Pages,
}

/// The addresses of the phone page.
pub fn routes(state: &AppState) -> Router<AppState> {
    let tools =
        Arc::new(Tools { tokens: Tokens::new(&state.keys), receipts: Receipts::new(&state.keys), pages: Pages::new() });
    let (for_get, for_post, for_receipt) = (tools.clone(), tools.clone(), tools);
    Router::new()
        .route(
            "/k/{desk}",
            get(move |state: State<AppState>, Path(code): Path<String>, RawQuery(query), headers: HeaderMap| async move {
                show(&state, &for_get, &code, query.as_deref(), &headers).await
            })
            .post(move |state: State<AppState>, Path(code): Path<String>, request: Request| async move {
                post::take(&state, &for_post, &code, request).await
            }),
        )
        .route(
            "/bien-nhan",
            get(move |state: State<AppState>, RawQuery(query), headers: HeaderMap| async move {
                receipt(&state, &for_receipt, query.as_deref(), &headers).await
            }),
        )
}

/// `GET /k/{desk}`.
async fn show(state: &AppState, tools: &Tools, code: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let address = Address::read(query);
    let look = address.look;
    let canonical = normalise_code(code);
    let desk = match open_desk(state, &canonical, look, headers, false).await {
        Ok(desk) => desk,
        Err(page) => return *page,
    };
    if canonical != code {
        return see_other(&address.path(&canonical));
    }
    let now_ms = state.clock.now_ms();
    let kept = tools.kept(&canonical, headers);
    let view = View { state, tools, desk: &desk, look, headers, kept, now_ms };
    let mut response = match (address.stage, tools.opened(&canonical, address.token.as_deref(), kept, now_ms)) {
        (_, Opened::Closed) => return matter_page(look, Some(&desk), Matter::ElsewhereAnswered, headers, false),
        (Stage::Form, opened) => view.form(&address, opened).await,
        (_, Opened::Absent) => {
            let page = Shared::Tap { chosen: None, carried: false };
            tools.pages.shared(&desk, page, look, headers, true)
        }
        (stage, Opened::Own(token)) => view.of_response(&address, stage, token, true),
        (stage, Opened::Visit(token)) => view.of_response(&address, stage, token, false),
    };
    // A phone that scans a code sees this page first; the form has no byte to spare for it.
    if kept == Kept::Nothing && address.token.is_none() && address.stage == Stage::Start {
        set_cookie(state, &canonical, COOKIE_EMPTY, limits::VISIT_S, &mut response);
    }
    response
}

impl Tools {
    /// What the request has as its cookie of this desk.
    fn kept(&self, desk: &str, headers: &HeaderMap) -> Kept {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        match pairs.find(|(name, _)| *name == COOKIE) {
            None => Kept::Nothing,
            Some((_, value)) => self.tokens.read(desk, value).map_or(Kept::Empty, Kept::Token),
        }
    }

    /// What the token of an address gives to this request.
    fn opened(&self, desk: &str, text: Option<&str>, kept: Kept, now_ms: i64) -> Opened {
        match text.map(|text| self.tokens.read(desk, text)) {
            None => Opened::Absent,
            Some(None) => Opened::Closed,
            Some(Some(token)) => open(token, kept, now_ms),
        }
    }
}

/// Puts the cookie of a desk on an answer.
fn set_cookie(state: &AppState, desk: &str, value: &str, age_s: i64, response: &mut Response) {
    let secure = if state.site.https { "; Secure" } else { "" };
    let line = format!("{COOKIE}={value}; Path=/k/{desk}; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(line) = HeaderValue::try_from(line) {
        response.headers_mut().insert(header::SET_COOKIE, line);
    }
}

/// One look at a page of a desk.
struct View<'a> {
    state: &'a AppState,
    tools: &'a Tools,
    desk: &'a DeskContext,
    look: Look,
    headers: &'a HeaderMap,
    kept: Kept,
    now_ms: i64,
}

impl View<'_> {
    /// A page about a response; `own` says that the phone is the one that answered.
    fn of_response(&self, address: &Address, stage: Stage, token: ResumeToken, own: bool) -> Response {
        let Self { tools, desk, look, headers, .. } = *self;
        let shared = |page, keep| tools.pages.shared(desk, page, look, headers, keep);
        if stage == Stage::Done && token.progress != Progress::Open {
            return self.done(token, own, None);
        }
        if !own {
            return match stage {
                Stage::Again => shared(Shared::Tap { chosen: None, carried: true }, false),
                _ => shared(Shared::After(None), false),
            };
        }
        match (stage, token.tap, earlier(token)) {
            (Stage::Start | Stage::Done, Some(tap), None) => shared(Shared::After(Some(tap)), false),
            (Stage::Start | Stage::Done, Some(tap), at) => {
                let questionnaire = &desk.round.questionnaire;
                let html = after_page(look, &place(desk), questionnaire, Some(tap), at.as_deref());
                page::own(StatusCode::OK, &html, headers)
            }
            _ => shared(Shared::Tap { chosen: token.tap, carried: address.token.is_some() }, false),
        }
    }

    /// The last page of a response. `action` is where its buttons post to, when not to the address of the page.
    fn done(&self, token: ResumeToken, own: bool, action: Option<String>) -> Response {
        let open = token.progress == Progress::Part && self.now_ms - i64::from(token.at_s) * 1000 < limits::OPEN_MS;
        let html = done_page(DonePage {
            look: self.look,
            place: &place(self.desk),
            receipt: &self.tools.receipts.code(token.serial),
            earlier: earlier(token).as_deref(),
            resumable: own && open,
            action,
        });
        page::own(StatusCode::OK, &html, self.headers)
    }

    /// The form: empty, with what was sent of it while it is open, or the last page where it was sent.
    async fn form(&self, address: &Address, opened: Opened) -> Response {
        let blank = || self.tools.pages.shared(self.desk, Shared::Form, self.look, self.headers, false);
        let known = self.kept.token().filter(|known| self.now_ms / 1000 - i64::from(known.at_s) < limits::RESUME_S);
        let mut last = match (opened, known) {
            (Opened::Own(token), Some(known)) if known.id == token.id => known,
            (Opened::Own(token), _) => token,
            (Opened::Absent, Some(known)) if known.progress == Progress::Part || !forgotten(known, self.now_ms) => {
                known
            }
            _ => return blank(),
        };
        let part = last.progress == Progress::Part;
        if !part && last.progress != Progress::Sent {
            return blank();
        }
        if part && opened != Opened::Absent {
            match self.state.store.open_part(last.id, &self.desk.round).await {
                Ok(Some((sheet, comment))) => return self.rest(sheet, comment),
                Ok(None) => last.progress = Progress::Sent,
                Err(error) => {
                    log_unless_busy(&error);
                    return matter_page(self.look, Some(self.desk), Matter::Busy, self.headers, false);
                }
            }
        }
        if opened == Opened::Absent && last.progress == Progress::Sent {
            // Without the address of its response this may be another dossier: the page says when the last one was sent.
            last.earlier_s = Some(last.at_s);
        }
        let token = self.tools.tokens.write(&self.desk.desk.code, &last);
        let action = Address { token, stage: Stage::Done, look: address.look }.path(&self.desk.desk.code);
        self.done(last, true, Some(action))
    }

    /// The form with what was sent of it.
    fn rest(&self, sheet: Sheet, comment: Option<String>) -> Response {
        let questionnaire = &self.desk.round.questionnaire;
        let posted = Posted::sent(sheet, comment, questionnaire);
        let html = form_page(&FormPage {
            look: self.look,
            place: &place(self.desk),
            questionnaire,
            posted: &posted,
            action: None,
            notice: FormNotice::Rest,
        });
        own(StatusCode::OK, &html, self.headers)
    }
}

/// When this phone had sent another response before, as a time of day.
fn earlier(token: ResumeToken) -> Option<String> {
    token.earlier_s.map(|s| clock_time(i64::from(s) * 1000))
}

/// The phone is no longer recognised by a response so old.
fn forgotten(token: ResumeToken, now_ms: i64) -> bool {
    now_ms / 1000 - i64::from(token.at_s) >= limits::COOKIE_S
}

/// The desk of a code while its round takes answers; otherwise the page that says why not.
async fn open_desk(
    state: &AppState,
    code: &str,
    look: Look,
    headers: &HeaderMap,
    answer: bool,
) -> Result<Arc<DeskContext>, Box<Response>> {
    let matter = |matter, desk: Option<&DeskContext>| Box::new(matter_page(look, desk, matter, headers, answer));
    let desk = match state.store.desk(code).await {
        Ok(Some(desk)) => desk,
        Ok(None) => return Err(matter(Matter::UnknownDesk, None)),
        Err(error) => {
            log_unless_busy(&error);
            return Err(matter(Matter::Busy, None));
        }
    };
    match desk.round.round.state(state.clock.now_ms()) {
        RoundState::Open => Ok(desk),
        RoundState::NotBegun => Err(matter(Matter::NotBegun, Some(&desk))),
        RoundState::Over => Err(matter(Matter::Over, Some(&desk))),
    }
}

/// A page that says what is the matter.
fn matter_page(look: Look, desk: Option<&DeskContext>, matter: Matter, headers: &HeaderMap, answer: bool) -> Response {
    let html = state_page(look, desk.map(place).as_ref(), matter, answer);
    let status = StatusCode::from_u16(matter.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    busy_header(own(status, &html, headers))
}

/// Says when to ask again, on answers that say "later".
fn busy_header(mut response: Response) -> Response {
    if matches!(response.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_S.into());
    }
    response
}

/// A full queue is counted elsewhere; anything else belongs into the log. Answers never do.
fn log_unless_busy(error: &StoreError) {
    if !matches!(error, StoreError::Busy) {
        tracing::error!(%error, "the store did not serve a desk");
    }
}

/// On to another page, by GET.
fn see_other(path: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /bien-nhan?ma=…`.
async fn receipt(state: &AppState, tools: &Tools, query: Option<&str>, headers: &HeaderMap) -> Response {
    let look = Address::read(query).look;
    let fields = Fields::decode(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let typed = fields.get("ma").unwrap_or_default().trim();
    let answer = match tools.receipts.serial(typed) {
        _ if typed.is_empty() => ReceiptAnswer::NotAsked,
        None => ReceiptAnswer::NoReceipt,
        Some(serial) => match state.store.receipt_facts(serial).await {
            Ok(Some(facts)) => ReceiptAnswer::Found(ReceiptStatus::of(facts)),
            Ok(None) => ReceiptAnswer::Unknown,
            Err(error) => {
                log_unless_busy(&error);
                ReceiptAnswer::Busy
            }
        },
    };
    let status = if answer == ReceiptAnswer::Busy { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let typed: String = typed.chars().take(limits::CODE_BYTES).collect();
    busy_header(own(status, &receipt_page(look, &typed, &answer), headers))
}
