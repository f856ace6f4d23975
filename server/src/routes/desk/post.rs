//! `POST /k/{desk}`: read → judge → keep → answer. One plain form, with or without script.

use app::components::phone::look::Look;
use app::domain::answer::{FieldError, Problem, Sheet, Validity};
use app::domain::form::{Fields, Posted, Press, Switch};
use app::domain::limits;
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream, local_day};
use app::domain::round::normalise_code;
use app::domain::text::Lang;
use app::pages::respond::form::{FormNotice, FormPage, form_page};
use app::pages::respond::state::{State as Matter, busy_words, too_many_words};
use app::pages::respond::tap::{TapNotice, TapPage, tap_page};
use app::store::{DeskContext, Outcome, Store, StoreError, Stored};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use uuid::Uuid;

use super::address::{Address, Stage};
use super::identity::{Identity, WhenClosed, derived, identify};
use super::page::{own, place};
use super::token::{Kept, Opened, Progress, ResumeToken};
use super::{Tools, busy_header, log_unless_busy, matter_page, open_desk, see_other, set_cookie};
use crate::state::AppState;

/// A device's clock may be off by this much, in milliseconds, before it is marked: a day.
const CLOCK_OFF_MS: i64 = 24 * 3600 * 1000;

/// One post under way.
struct Post<'a> {
    state: &'a AppState,
    tools: &'a Tools,
    desk: &'a DeskContext,
    code: String,
    headers: HeaderMap,
    address: Address,
    kept: Kept,
    opened: Opened,
    now_ms: i64,
}

/// What to do with the cookie.
enum Cookie {
    Leave,
    Set(String),
    /// The phone is forgotten; that it keeps cookies is not.
    Empty,
}

/// `POST /k/{desk}`.
pub(super) async fn take(state: &AppState, tools: &Tools, code: &str, request: Request) -> Response {
    let address = Address::read(request.uri().query());
    let (parts, body) = request.into_parts();
    let (look, headers, code) = (address.look, parts.headers, normalise_code(code));
    let desk = match open_desk(state, &code, look, &headers, true).await {
        Ok(desk) => desk,
        Err(page) => return *page,
    };
    let fields = match read_body(&headers, body).await {
        Ok(fields) => fields,
        Err(matter) => return matter_page(look, Some(&desk), matter, &headers, true),
    };
    let posted = Posted::read(&fields, &desk.round.questionnaire);
    let now_ms = state.clock.now_ms();
    let kept = tools.kept(&code, &headers);
    let opened = tools.opened(&code, address.token.as_deref(), kept, now_ms);
    // A token that does not open is as if it were not there: what is sent with it is an answer of its own.
    let token = address.token.filter(|_| opened != Opened::Closed);
    let address = Address { token, ..address };
    Post { state, tools, desk: &desk, code, headers, address, kept, opened, now_ms }.answer(posted).await
}

/// The fields of a body, within its limit and encoding.
async fn read_body(headers: &HeaderMap, body: Body) -> Result<Fields, Matter> {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if !kind.is_empty() && !kind.to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded") {
        return Err(Matter::Unreadable);
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|n| n > limits::FORM_BYTES) {
        return Err(Matter::TooLarge);
    }
    // Without an announced length the limit is found while reading; a connection that breaks has nobody to tell.
    let bytes = to_bytes(body, limits::FORM_BYTES).await.map_err(|_| Matter::TooLarge)?;
    Fields::decode(&bytes).map_err(|_| Matter::Unreadable)
}

impl Post<'_> {
    async fn answer(&self, mut posted: Posted) -> Response {
        match posted.press {
            Press::Other => {
                return self.go(Address { token: None, stage: Stage::Start, ..self.address.clone() }, Cookie::Empty);
            }
            Press::Again => return self.on(Stage::Again),
            Press::Form => return self.on(Stage::Form),
            Press::Switch(switch) => return self.switch(&posted, switch),
            Press::Enough => return self.enough(),
            Press::Tap | Press::Send | Press::Stop => {}
        }
        let tapped = posted.press == Press::Tap;
        if !tapped && posted.has_no_form() && posted.errors.is_empty() {
            posted.errors.push(FieldError::new("", Problem::NothingAnswered));
        }
        if !posted.errors.is_empty() {
            return self.again(&posted, StatusCode::UNPROCESSABLE_ENTITY, FormNotice::Faults);
        }
        let (asked, answered) = posted.sheet.completeness(&self.desk.round.questionnaire);
        let stopped = posted.press == Press::Stop;
        if !tapped && !posted.asked && (2 * answered < asked || stopped && answered < asked) {
            return self.again(&posted, StatusCode::OK, FormNotice::LeftOpen(asked - answered));
        }
        if !self.state.desk_budget.take(self.desk.desk.id, self.now_ms) {
            let words = too_many_words(self.address.look.lang).to_owned();
            return self.again(&posted, StatusCode::TOO_MANY_REQUESTS, FormNotice::NotTaken(words));
        }
        // Only a phone that keeps cookies can come back to the rest.
        let phase = match posted.press {
            Press::Tap => Phase::Tap,
            Press::Stop if self.kept != Kept::Nothing => Phase::Part,
            _ => Phase::Form,
        };
        let (address, cookie) = (self.opened.response(tapped), self.kept.token());
        let identity = identify(address, posted.id, cookie, phase, self.now_ms, fresh_id(self.now_ms));
        posted.sheet.tap = posted.sheet.tap.or(identity.tap);
        match self.keep(&posted, &identity, phase).await {
            Ok(Some(outcome)) => self.kept(&posted, &identity, phase, &outcome),
            Ok(None) => self.matter(Matter::Conflict),
            Err(error @ (StoreError::Busy | StoreError::Unavailable(_))) => {
                log_unless_busy(&error);
                let words = busy_words(self.address.look.lang).to_owned();
                self.again(&posted, StatusCode::SERVICE_UNAVAILABLE, FormNotice::NotTaken(words))
            }
            Err(error) => {
                log_unless_busy(&error);
                // The frame puts words and a reference on it.
                let mut response = Response::default();
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    /// Puts it into the store; none when the response is closed with other answers and that must be said.
    async fn keep(&self, posted: &Posted, identity: &Identity, phase: Phase) -> Result<Option<Outcome>, StoreError> {
        let response = self.response(posted, identity, phase);
        // A tap after its form would be taken for a resend; from a phone that has finished, it is somebody new.
        let at_once = identity.when_closed == WhenClosed::DeriveAtOnce
            || phase == Phase::Tap && identity.when_closed == WhenClosed::Derive && identity.earlier_s.is_some();
        let mut other = match identity.when_closed {
            WhenClosed::Refuse => {
                let outcome = self.store().submit(response).await?;
                return Ok((outcome.stored != Stored::Conflict).then_some(outcome));
            }
            _ => response.clone(),
        };
        if !at_once {
            let outcome = self.store().submit(response).await?;
            if outcome.stored != Stored::Conflict {
                return Ok(Some(outcome));
            }
        }
        let comment = other.comment.as_deref();
        other.id = derived(identity.id, phase, &other.sheet, comment, &self.desk.round.questionnaire);
        other.marks = other.marks.with(Marks::SAME_PHONE);
        let outcome = self.store().submit(other).await?;
        Ok((outcome.stored != Stored::Conflict).then_some(outcome))
    }

    fn store(&self) -> &Store {
        &self.state.store
    }

    fn response(&self, posted: &Posted, identity: &Identity, phase: Phase) -> NewResponse {
        let round = &self.desk.round;
        let questionnaire = &round.questionnaire;
        // A tap is one answer; what a form keeps of it was known before.
        let sheet = match phase {
            Phase::Tap => Sheet { tap: posted.sheet.tap, ..Sheet::blank(questionnaire) },
            Phase::Part | Phase::Form => posted.sheet.clone(),
        };
        let (standing, marks) = self.judge(posted, identity, phase, &sheet);
        let agency = self.desk.agency.id;
        NewResponse {
            id: identity.id,
            round: round.round.id,
            agency,
            desk: Some(self.desk.desk.id),
            device: None,
            stratum: round.locate(agency, None, &sheet, Stream::Open),
            field: None,
            stream: Stream::Open,
            standing,
            mode: Mode::Qr,
            lang: self.address.look.lang,
            marks,
            phase,
            sheet,
            comment: posted.comment.clone(),
            started_at: posted.started_at,
            finished_at: posted.sent_at,
            local_day: local_day(self.now_ms),
            received_at: self.now_ms,
        }
    }

    /// Marks and standing by the rules of arrival; nothing is dropped.
    fn judge(&self, posted: &Posted, identity: &Identity, phase: Phase, sheet: &Sheet) -> (Standing, Marks) {
        let mut marks = Marks::default();
        let touched = identity.touched_s.map(|s| self.now_ms - i64::from(s) * 1000);
        let fill_ms = posted.fill_ms().or(touched);
        if posted.honeypot {
            marks = marks.with(Marks::HONEYPOT);
        }
        if phase == Phase::Form && fill_ms.is_some_and(|ms| (0..limits::FAST_MS).contains(&ms)) {
            marks = marks.with(Marks::FAST);
        }
        let suspect = marks != Marks::default();
        if posted.sent_at.is_some_and(|at| (at - self.now_ms).abs() > CLOCK_OFF_MS) {
            marks = marks.with(Marks::CLOCK);
        }
        if identity.earlier_s.is_some() {
            marks = marks.with(Marks::SAME_PHONE);
        }
        let standing = match sheet.validity(&self.desk.round.questionnaire) {
            _ if suspect => Standing::Suspect,
            Validity::Valid => Standing::Valid,
            Validity::Incomplete => Standing::Incomplete,
        };
        (standing, marks)
    }

    /// It is in the store: on to the next page, with a token that says what was kept.
    fn kept(&self, posted: &Posted, identity: &Identity, phase: Phase, outcome: &Outcome) -> Response {
        let now_s = seconds(self.now_ms);
        // The same answers again under the same id are a resend, not a second answer.
        let resent = outcome.stored == Stored::Duplicate && outcome.id == identity.id;
        let known = self.kept.token().map(|token| token.phone);
        let (progress, stage) = match phase {
            Phase::Tap => (Progress::Open, Stage::Start),
            Phase::Part => (Progress::Part, Stage::Done),
            Phase::Form => (Progress::Sent, Stage::Done),
        };
        let token = ResumeToken {
            id: outcome.id,
            at_s: if phase == Phase::Tap { identity.touched_s.unwrap_or(now_s) } else { now_s },
            phone: known.unwrap_or_else(|| u64::from_be_bytes(chance())),
            bound: self.kept != Kept::Nothing,
            serial: outcome.serial,
            tap: posted.sheet.tap,
            progress,
            earlier_s: identity.earlier_s.filter(|_| !resent),
        };
        self.on_with(token, stage)
    }

    /// "Thế là đủ": nothing new to keep.
    fn enough(&self) -> Response {
        match self.opened {
            Opened::Own(token) | Opened::Visit(token) if token.progress == Progress::Open => {
                let token = ResumeToken { progress: Progress::Enough, at_s: seconds(self.now_ms), ..token };
                self.on_with(token, Stage::Done)
            }
            Opened::Own(_) | Opened::Visit(_) => self.on(Stage::Done),
            Opened::Absent | Opened::Closed => self.on(Stage::Start),
        }
    }

    /// Another language or size; answers on the page are kept.
    fn switch(&self, posted: &Posted, switch: Switch) -> Response {
        let look = self.address.look;
        let look = match switch {
            Switch::Vietnamese => Look { lang: Lang::Vi, ..look },
            Switch::English => Look { lang: Lang::En, ..look },
            Switch::Large => Look { large: true, ..look },
            Switch::Normal => Look { large: false, ..look },
        };
        let address = Address { look, ..self.address.clone() };
        if posted.has_no_form() {
            return self.go(address, Cookie::Leave);
        }
        let notice = FormNotice::None;
        let html = form_page(&FormPage {
            look,
            place: &place(self.desk),
            questionnaire: &self.desk.round.questionnaire,
            posted,
            action: Some(address.path(&self.code)),
            notice,
        });
        own(StatusCode::OK, &html, &self.headers)
    }

    /// The same page again, answers kept, with what is to be said above them.
    fn again(&self, posted: &Posted, status: StatusCode, notice: FormNotice) -> Response {
        if self.wants_json() {
            // Script then posts natively and shows the page that this answer would be.
            let mut response = json("null");
            *response.status_mut() = status;
            return busy_header(response);
        }
        let faces = self.address.stage != Stage::Form && posted.has_no_form();
        let (look, place, questionnaire) = (self.address.look, &place(self.desk), &self.desk.round.questionnaire);
        let html = if faces {
            let notice = match notice {
                FormNotice::NotTaken(words) => TapNotice::NotTaken(words),
                _ => TapNotice::Nothing,
            };
            let action = Some(self.address.path(&self.code));
            let (chosen, carried) = (posted.sheet.tap, self.address.token.is_some());
            tap_page(TapPage { look, place, questionnaire, chosen, carried, action, notice })
        } else {
            let action = Some(Address { stage: Stage::Form, ..self.address.clone() }.path(&self.code));
            form_page(&FormPage { look, place, questionnaire, posted, action, notice })
        };
        busy_header(own(status, &html, &self.headers))
    }

    fn matter(&self, matter: Matter) -> Response {
        matter_page(self.address.look, Some(self.desk), matter, &self.headers, true)
    }

    fn on(&self, stage: Stage) -> Response {
        self.go(Address { stage, ..self.address.clone() }, Cookie::Leave)
    }

    fn on_with(&self, token: ResumeToken, stage: Stage) -> Response {
        let token = self.tools.tokens.write(&self.code, &token);
        let cookie = token.clone().map_or(Cookie::Leave, Cookie::Set);
        self.go(Address { token, stage, look: self.address.look }, cookie)
    }

    fn go(&self, address: Address, cookie: Cookie) -> Response {
        let path = address.path(&self.code);
        let mut response =
            if self.wants_json() { json(&serde_json::Value::from(path).to_string()) } else { see_other(&path) };
        match cookie {
            Cookie::Leave => {}
            Cookie::Set(token) => set_cookie(self.state, &self.code, &token, limits::RESUME_S, &mut response),
            Cookie::Empty => set_cookie(self.state, &self.code, super::COOKIE_EMPTY, limits::VISIT_S, &mut response),
        }
        response
    }

    fn wants_json(&self) -> bool {
        self.headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == b"application/json")
    }
}

/// `{"next":…}`, what script asked for.
fn json(next: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{{\"next\":{next}}}")));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A new UUIDv7 at this time.
fn fresh_id(now_ms: i64) -> Uuid {
    // Without chance the id is only as new as its millisecond; a clash is answered as a conflict, nothing is lost.
    uuid::Builder::from_unix_timestamp_millis(now_ms.unsigned_abs(), &chance()).into_uuid()
}

/// Random bytes; zeros where the system gives none.
fn chance<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::error!("the system gave no random bytes");
    }
    bytes
}

fn seconds(now_ms: i64) -> u32 {
    u32::try_from(now_ms / 1000).unwrap_or(u32::MAX)
}
