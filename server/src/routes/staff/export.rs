//! `/quan-tri/xuat`: files of a round, within the scope of who asks. Each is noted in the log before its first byte.
//!
//! What a file may hold is decided in `server_side/export`; here stands who asks, and for which agencies.

use std::collections::HashMap;
use std::sync::Arc;

use app::domain::agency::Agency;
use app::domain::ids::AgencyId;
use app::domain::response::Stream;
use app::domain::role::{Export, Scope};
use app::domain::round::RoundState;
use app::domain::staff_log::Act;
use app::domain::text::Lang;
use app::pages::results::query::Query;
use app::pages::staff::export::{Answers, Chosen, EXPORT_PATH, ExportPage, export_title, export_view, file_address};
use app::pages::staff::report::{REPORT_FILE, report_title, report_view};
use app::server_side::export::microdata::{Plan, Refused, responses_csv};
use app::server_side::export::report::{self, Office, yearly};
use app::server_side::export::tables::{Pages, Table, tables, tables_of};
use app::server_side::export::{Source, csv, file_name, json, title_of_file, xlsx};
use app::store::{RoundContext, StoreError};
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::closed::show_rest;
use super::guard::{Head, Staff, busy, missing, page};
use crate::routes::ready::pairs;
use crate::routes::results::{Current, Tools};
use crate::state::AppState;

type Agencies = Arc<HashMap<AgencyId, Agency>>;

/// Files of answers that go out at once: each may hold `limits::EXPORT_BYTES`.
const AT_ONCE: usize = 2;

/// What the exports share: the figures as the pages have them, and how many files of answers may go out at once.
#[derive(Clone)]
pub(super) struct Exports {
    results: Arc<Tools>,
    answers: Arc<Semaphore>,
}

impl Exports {
    pub(super) fn new(results: Arc<Tools>) -> Self {
        Self { results, answers: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// A round as somebody may take it along.
struct Taken {
    current: Current,
    query: Query,
    scope: Scope,
    agencies: Agencies,
}

/// Whether somebody has an agency in a round.
fn has_agency(round: &RoundContext, scope: &Scope, agencies: &Agencies) -> bool {
    round.agencies.keys().any(|agency| scope.covers(*agency, agencies))
}

impl Taken {
    /// The round that the address names, otherwise the newest in which the reader has an agency; none where there is
    /// none of it in the scope, whether it exists or not.
    async fn of(
        state: &AppState,
        exports: &Exports,
        staff: &Staff<Export>,
        query: Query,
    ) -> Result<Option<Self>, StoreError> {
        let (agencies, scope) = (state.store.known_agencies().await?, staff.may.scope().clone());
        let rounds = state.store.rounds().await?;
        let mut own = rounds.iter().filter(|round| has_agency(round, &scope, &agencies));
        let found = if let Some(code) = &query.round {
            own.find(|context| context.round.code == *code)
        } else {
            // One that has not begun has nothing to take along yet.
            let now = state.clock.now_ms();
            let own: Vec<_> = own.collect();
            own.iter().rfind(|round| round.round.state(now) != RoundState::NotBegun).or(own.last()).copied()
        };
        let Some(code) = found.map(|context| context.round.code.clone()) else { return Ok(None) };
        let query = Query { lang: staff.lang, round: Some(code), stream: query.stream, ..Query::default() };
        let mut current = Current::of(state, &exports.results, &query).await?;
        if let Some(round) = &current
            && show_rest(state, &exports.results, &staff.actor, round).await?
        {
            current = Current::of(state, &exports.results, &query).await?;
        }
        Ok(current.map(|current| Self { current, query, scope, agencies }))
    }

    /// Hands the round and the scope to whoever makes a file of them.
    fn with<T>(&self, make: impl FnOnce(&Source<'_>, &dyn Fn(AgencyId) -> bool) -> T) -> T {
        let scope = |agency: AgencyId| self.scope.covers(agency, &self.agencies);
        self.current
            .with(|data, collected, stamp| make(&Source { data: *data, collected, stamp, query: &self.query }, &scope))
    }
}

/// `GET /quan-tri/xuat`.
pub(super) async fn show(
    staff: Staff<Export>,
    State(state): State<AppState>,
    Extension(exports): Extension<Exports>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref()));
    match shown(&state, &exports, &staff, query).await {
        Ok(Some(response)) => response,
        Ok(None) => missing(),
        Err(error) => busy(error),
    }
}

async fn shown(
    state: &AppState,
    exports: &Exports,
    staff: &Staff<Export>,
    query: Query,
) -> Result<Option<Response>, StoreError> {
    let lang = staff.lang;
    let named = query.round.is_some();
    let taken = Taken::of(state, exports, staff, query).await?;
    if taken.is_none() && named {
        return Ok(None);
    }
    let now = state.clock.now_ms();
    let (mut view, mut head) = (
        ExportPage { lang, rounds: vec![], chosen: None },
        Head::plain(export_title(lang).to_owned(), EXPORT_PATH, lang),
    );
    if let Some(taken) = taken {
        let rounds = state.store.rounds().await?;
        let own = rounds.iter().rev().filter(|round| has_agency(round, &taken.scope, &taken.agencies));
        view.rounds = own.map(|c| (c.round.code.clone(), c.round.name.get(lang).to_owned())).collect();
        head.sample_data = taken.current.context.round.sample_data;
        let (chosen, stamp) =
            working(move || taken.with(|source, scope| (chosen(source, scope, now, lang), source.stamp))).await?;
        head.stamp = Some(stamp);
        head.address = chosen.query(Lang::Vi).href(EXPORT_PATH);
        view.chosen = Some(chosen);
    }
    Ok(Some(page(state, &staff.actor, &head, StatusCode::OK, || export_view(&view))))
}

fn chosen(source: &Source<'_>, scope: &dyn Fn(AgencyId) -> bool, now: i64, lang: Lang) -> Chosen {
    let pages = Pages::new(source, scope);
    let stream = pages.city.heading.stream;
    let answers = match Plan::of(source, &pages, now) {
        Ok(plan) => {
            Answers::Some { responses: plan.n_responses(), agencies: plan.n_agencies(), kept: plan.kept().len() }
        }
        Err(Refused::StillOpen) => Answers::StillOpen,
        Err(Refused::Unpublished) => Answers::Unpublished,
        Err(Refused::NothingThere) => Answers::Nothing,
    };
    let mut streams: Vec<Stream> =
        Stream::ALL.iter().copied().filter(|stream| source.collected.n(*stream) > 0).collect();
    if !streams.contains(&stream) {
        streams.push(stream);
    }
    Chosen {
        code: source.data.round.code.clone(),
        name: source.data.round.name.get(lang).to_owned(),
        stream,
        streams,
        agencies: pages.agencies.len(),
        sees_all: pages.sees_all,
        tables: tables_of(source, &pages).iter().map(|table| (table.key, table.title)).collect(),
        answers,
    }
}

/// Makes something that takes a processor for a while, where it holds up nobody.
async fn working<T: Send + 'static>(make: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let made = tokio::task::spawn_blocking(make).await;
    made.map_err(|error| StoreError::Inconsistent(format!("an export was not made: {error}")))
}

/// A file, made or to be read, before anything of it goes out.
struct File {
    /// In ASCII, and for people.
    names: [String; 2],
    kind: &'static str,
    content: Content,
    /// For the log: the round, the stream, how much.
    detail: String,
}

enum Content {
    Made(Vec<u8>),
    /// The answers, which are read while they go out.
    Answers(Box<Plan>, OwnedSemaphorePermit),
}

/// Why there is no file.
enum NoFile {
    /// There is none of this name, or not now.
    Missing,
    /// Too many go out already.
    Busy,
    /// It could not be made.
    Failed(StoreError),
}

impl From<StoreError> for NoFile {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// `GET /quan-tri/xuat/{file}`.
pub(super) async fn file(
    staff: Staff<Export>,
    State(state): State<AppState>,
    Extension(exports): Extension<Exports>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref()));
    match sent(&state, &exports, staff, query, &name).await {
        Ok(response) => response,
        Err(NoFile::Missing) => missing(),
        Err(NoFile::Busy) => {
            let retry = [(header::RETRY_AFTER, HeaderValue::from_static("30"))];
            (StatusCode::SERVICE_UNAVAILABLE, retry).into_response()
        }
        Err(NoFile::Failed(error)) => busy(error),
    }
}

/// Who reports: the office of the site, or the agency of who asks.
async fn office_of(state: &AppState, staff: &Staff<Export>) -> Result<Office, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let own = staff.actor.agency.filter(|_| *staff.may.scope() != Scope::City).and_then(|id| agencies.get(&id));
    let info = &state.site.info;
    Ok(own.map_or_else(|| Office::of_site(info), |agency| Office::of_agency(info, &agency.name)))
}

/// `GET /quan-tri/xuat/bao-cao`: the yearly report as a page that prints.
pub(super) async fn report(
    staff: Staff<Export>,
    State(state): State<AppState>,
    Extension(exports): Extension<Exports>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Query::from_pairs(pairs(query.as_deref()));
    match reported(&state, &exports, &staff, query).await {
        Ok(Some(response)) => response,
        Ok(None) => missing(),
        Err(error) => busy(error),
    }
}

async fn reported(
    state: &AppState,
    exports: &Exports,
    staff: &Staff<Export>,
    query: Query,
) -> Result<Option<Response>, StoreError> {
    let (lang, now) = (staff.lang, state.clock.now_ms());
    let office = office_of(state, staff).await?;
    let Some(taken) = Taken::of(state, exports, staff, query).await? else { return Ok(None) };
    let sample_data = taken.current.context.round.sample_data;
    let made = working(move || {
        taken.with(|source, scope| {
            let detail = noted(source, scope);
            (yearly(source, scope, &office), chosen(source, scope, now, lang), source.stamp, detail)
        })
    });
    let (report, chosen, stamp, detail) = made.await?;
    state.store.log(&staff.actor.who(), Act::Export, REPORT_FILE, &detail).await?;
    let head = Head {
        title: report_title(lang).to_owned(),
        here: EXPORT_PATH,
        address: file_address(&chosen, REPORT_FILE, Lang::Vi),
        lang,
        sample_data,
        stamp: Some(stamp),
    };
    Ok(Some(page(state, &staff.actor, &head, StatusCode::OK, || report_view(&report, &chosen, lang))))
}

async fn sent(
    state: &AppState,
    exports: &Exports,
    staff: Staff<Export>,
    query: Query,
    name: &str,
) -> Result<Response, NoFile> {
    let office = office_of(state, &staff).await?;
    let taken = Taken::of(state, exports, &staff, query).await?.ok_or(NoFile::Missing)?;
    let questionnaire = Arc::clone(&taken.current.context.questionnaire);
    let answers = if name == "phieu.csv" {
        Some(Arc::clone(&exports.answers).try_acquire_owned().map_err(|_| NoFile::Busy)?)
    } else {
        None
    };
    let (now, asked) = (state.clock.now_ms(), name.to_owned());
    let file = working(move || taken.with(|source, scope| made(source, scope, &asked, &office, now, answers))).await?;
    let file = file?.ok_or(NoFile::Missing)?;
    let [ascii, _] = &file.names;
    state.store.log(&staff.actor.who(), Act::Export, ascii, &file.detail).await?;
    let body = match file.content {
        Content::Made(bytes) => Body::from(bytes),
        Content::Answers(plan, permit) => {
            let key = state.keys.derive("exports");
            let chunks = responses_csv(state.store.clone(), staff.may, questionnaire, *plan, key);
            let chunks = chunks.map_ok(move |chunk| {
                // Kept until the file is out.
                let _place = &permit;
                Bytes::from(chunk)
            });
            Body::from_stream(chunks.map_err(|error| {
                // The client sees the file break off, which is what happened.
                tracing::error!(%error, "an export of answers broke off");
                std::io::Error::other(error)
            }))
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.kind)),
        (header::CONTENT_DISPOSITION, disposition(&file.names)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, body).into_response())
}

/// What the log says of an export: the round, the stream, how much.
fn noted(source: &Source<'_>, scope: &dyn Fn(AgencyId) -> bool) -> String {
    let n = source.data.agencies.iter().filter(|agency| scope(agency.id)).count();
    // As the pages choose it: the one that is asked for, otherwise the first that has responses.
    let has = |stream: &Stream| source.collected.n(*stream) > 0;
    let stream =
        source.query.stream.filter(has).or_else(|| Stream::ALL.iter().copied().find(has)).map_or("", Stream::word);
    format!("đợt {} · nguồn {stream} · {n} cơ quan trong phạm vi", source.data.round.code)
}

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

fn made(
    source: &Source<'_>,
    scope: &dyn Fn(AgencyId) -> bool,
    name: &str,
    office: &Office,
    now: i64,
    answers: Option<OwnedSemaphorePermit>,
) -> Result<Option<File>, StoreError> {
    let lang = source.query.lang;
    let (Some((what, ending)), round) = (name.rsplit_once('.'), source.data.round) else { return Ok(None) };
    let failed = |error: &dyn std::fmt::Display| StoreError::Inconsistent(format!("{name} was not made: {error}"));
    let detail = noted(source, scope);
    let file = |title: &str, kind, content| {
        let names = [file_name(round, what, ending), title_of_file(round, title, ending, lang)];
        Some(File { names, kind, content, detail: detail.clone() })
    };
    let (vi, en) = match name {
        "tat-ca.xlsx" | "tat-ca.json" => ("Tất cả bảng", "All tables"),
        "bao-cao.docx" => ("Báo cáo năm", "Yearly report"),
        "phieu.csv" => ("Phiếu trả lời", "Answers"),
        "tong-the.csv" => ("Số hồ sơ", "Dossiers"),
        "giu-lai.csv" => ("Cơ quan không có trong tệp", "Agencies that stay"),
        _ => {
            let table = |table: &Table| ending == "csv" && table.key == what;
            let found = tables(source, scope).into_iter().find(table);
            return Ok(found.and_then(|table| file(table.title, CSV, Content::Made(csv::table(&table).into_bytes()))));
        }
    };
    let title = app::components::number::say(lang, vi, en);
    Ok(match name {
        "tat-ca.xlsx" => {
            let bytes = xlsx::workbook(source, scope).map_err(|error| failed(&error))?;
            file(title, XLSX, Content::Made(bytes))
        }
        "tat-ca.json" => {
            let text = json::document(source, scope).map_err(|error| failed(&error))?;
            file(title, "application/json", Content::Made(text.into_bytes()))
        }
        "bao-cao.docx" => {
            let bytes = report::docx(&yearly(source, scope, office)).map_err(|error| failed(&error))?;
            file(title, DOCX, Content::Made(bytes))
        }
        _ => {
            let Ok(plan) = Plan::new(source, scope, now) else { return Ok(None) };
            let content = match (what, answers) {
                ("phieu", Some(permit)) => Content::Answers(Box::new(plan), permit),
                ("tong-the", _) => Content::Made(plan.population_csv().into_bytes()),
                _ => Content::Made(plan.kept_csv(lang).into_bytes()),
            };
            file(title, CSV, content)
        }
    })
}

/// `attachment` with a name in ASCII and one in UTF-8 (RFC 6266, RFC 8187).
fn disposition([ascii, title]: &[String; 2]) -> HeaderValue {
    let mut encoded = String::with_capacity(title.len() * 2);
    for byte in title.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let line = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}");
    HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_name_for_every_browser() {
        let names = ["hailong-2018-xep-hang.csv".to_owned(), "Xếp hạng \"2018\".csv".to_owned()];
        assert_eq!(
            disposition(&names),
            "attachment; filename=\"hailong-2018-xep-hang.csv\"; filename*=UTF-8''X%E1%BA%BFp%20h%E1%BA%A1ng%20%222018%22.csv"
        );
    }
}
