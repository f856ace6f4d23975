//! A whole server in process, with a small city of its own on SQLite, and a phone that talks to it.

use std::sync::Arc;

use app::domain::ids::{AgencyId, DeskId, RoundId, StratumId};
use app::domain::round::{Desk, Round, Stratum};
use app::server_side::catalogue::Catalogue;
use app::server_side::city::City;
use app::server_side::clock::Clock;
use app::server_side::keys::Keys;
use app::store::{NewRound, Store};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use hailong_server::http::limits::DeskBudget;
use hailong_server::http::metrics::Metrics;
use hailong_server::routes;
use hailong_server::state::{AppState, Shared, Site};
use http_body_util::BodyExt as _;
use testkit::Folder;
use tower::ServiceExt as _;

/// 2018-11-12 9:42 in Cần Thơ.
pub(crate) const NOW: i64 = 1_541_990_520_000;
/// The desk whose round is open.
pub(crate) const OPEN: &str = "AB2C";
/// A desk whose round begins tomorrow.
pub(crate) const EARLY: &str = "AB3C";
/// A desk whose round ended yesterday.
pub(crate) const LATE: &str = "AB4C";
const DAY: i64 = 24 * 3600 * 1000;

/// A server with three desks of one agency.
pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    _folder: Folder,
}

impl World {
    pub(crate) async fn new(budget_desk: u32) -> Self {
        let folder = Folder::new("desk");
        let clock = Clock::fixed(NOW);
        let store = Store::open(&folder.sqlite_url(), clock.clone()).await.expect("the database opens");
        store.migrate().await.expect("the schema comes up");
        let agency = fill(&store).await;
        assert!(agency.0 != 0);
        store.start();
        let state = AppState::new(Shared {
            store: store.clone(),
            catalogue: Arc::new(Catalogue::builtin().expect("built in")),
            keys: Keys::from_bytes([7; 32]),
            contact_keys: app::server_side::contacts::ContactKeys::beside(&folder.path().join("hailong.key")),
            metrics: Metrics::new(&clock),
            clock: clock.clone(),
            site: Site {
                base_url: "http://hailong.test".into(),
                https: false,
                info: app::components::page::SiteInfo::default(),
                metrics_open: false,
                data_folder: None,
            },
            desk_budget: DeskBudget::new(budget_desk),
        });
        Self { router: routes::router(state), store, clock, _folder: folder }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("axum answers");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

async fn fill(store: &Store) -> AgencyId {
    let (catalogue, city) = (Catalogue::builtin().expect("built in"), City::load().expect("built in"));
    let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("built in");
    let method = catalogue.method(&questionnaire.method, None).expect("built in");
    store.save_agencies(city.agencies()).await.expect("agencies");
    let agency = city.agencies_on((NOW / DAY) as i32).last().expect("an agency").id;
    let rounds = [(1, OPEN, None, None), (2, EARLY, Some(NOW + DAY), None), (3, LATE, None, Some(NOW - DAY))];
    for (id, code, opens_at, closes_at) in rounds {
        let round = Round {
            id: RoundId(id),
            code: format!("r{id}"),
            name: questionnaire.short_title.clone(),
            questionnaire: (questionnaire.key.clone(), questionnaire.version),
            method: (method.key.clone(), method.version),
            period: ((NOW / DAY) as i32 - 90, (NOW / DAY) as i32 + 90),
            opens_at,
            closes_at,
            fields: vec![],
            step: 1,
            sample_data: true,
        };
        let stratum = Stratum { id: StratumId(id), agency, field: None, population: Some(1_000) };
        let desk = Desk { id: DeskId(id), code: code.into(), agency, round: RoundId(id), name: "Quầy 2".into() };
        let (strata, desks) = ([stratum], [desk]);
        let new =
            NewRound { round: &round, questionnaire: &questionnaire, method: &method, strata: &strata, desks: &desks };
        store.save_round(&new).await.expect("a round");
    }
    agency
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Head and body as they cross the wire, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let line = "HTTP/1.1 200 OK\r\n\r\n".len() + "date: Mon, 12 Nov 2018 02:42:00 GMT\r\n".len();
        let length = "content-length: \r\n".len() + 5;
        let headers: usize = self.headers.iter().map(|(n, v)| n.as_str().len() + v.len() + 4).sum();
        line + length + headers + self.body.len()
    }
}

/// A phone: it follows redirects and may keep cookies; it has no script.
pub(crate) struct Phone<'w> {
    world: &'w World,
    cookies: bool,
    cookie: Option<String>,
    /// Where it is.
    pub(crate) at: String,
}

impl<'w> Phone<'w> {
    pub(crate) fn new(world: &'w World, desk: &str) -> Self {
        Self { world, cookies: true, cookie: None, at: format!("/k/{desk}") }
    }

    pub(crate) fn without_cookies(world: &'w World, desk: &str) -> Self {
        Self { cookies: false, ..Self::new(world, desk) }
    }

    /// Opens the page where it is.
    pub(crate) async fn open(&mut self) -> Answer {
        let request = Request::get(&self.at).header(header::HOST, "hailong.test");
        let answer = self.world.send(self.with_cookie(request).body(Body::empty()).expect("a request")).await;
        self.keep_cookie(&answer);
        answer
    }

    /// Posts to the page where it is; does not follow.
    pub(crate) async fn post_raw(&mut self, body: &str) -> Answer {
        let request = Request::post(&self.at)
            .header(header::HOST, "hailong.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = self.with_cookie(request).body(Body::from(body.to_owned())).expect("a request");
        let answer = self.world.send(request).await;
        self.keep_cookie(&answer);
        answer
    }

    /// Posts and follows the redirect.
    pub(crate) async fn post(&mut self, body: &str) -> Answer {
        let answer = self.post_raw(body).await;
        if answer.status != StatusCode::SEE_OTHER {
            return answer;
        }
        answer.header(header::LOCATION).clone_into(&mut self.at);
        self.open().await
    }

    /// Posts, and the answer gets lost on its way: the phone learns nothing.
    pub(crate) async fn post_without_listening(&mut self, body: &str) -> Answer {
        let before = self.cookie.clone();
        let answer = self.post_raw(body).await;
        self.cookie = before;
        answer
    }

    /// Scans the code on the sign again.
    pub(crate) fn scan(&mut self, desk: &str) {
        self.at = format!("/k/{desk}");
    }

    fn with_cookie(&self, request: axum::http::request::Builder) -> axum::http::request::Builder {
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    fn keep_cookie(&mut self, answer: &Answer) {
        let line = answer.header(header::SET_COOKIE);
        if self.cookies && !line.is_empty() {
            let gone = line.contains("Max-Age=0");
            self.cookie = line.split(';').next().filter(|_| !gone).map(str::to_owned);
        }
    }
}

/// A form in which the first `n` statements got 4, sent.
pub(crate) fn form(n: usize) -> String {
    let codes =
        ["1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6"];
    let codes = codes.iter().chain(&["4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4"]);
    let answers: Vec<String> = codes.take(n).map(|code| format!("{code}=4&")).collect();
    answers.concat() + "di=gui"
}
