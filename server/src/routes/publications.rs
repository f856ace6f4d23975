//! `/cong-bo`: publications and their open data, open to all, and the check of a code or file.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use app::components::number::say;
use app::components::page::{AnyView, Edition, FiguresState, Frame, Place, Stamp, document};
use app::domain::hex::hex;
use app::domain::limits::{BUNDLE_BYTES, BUNDLE_WEIGHT};
use app::domain::publication::{Break, Fault, Link, file, first_difference, open, recognise, walk, weight};
use app::domain::response::Stream;
use app::domain::text::Lang;
use app::pages::publications::list::{list_title, list_view};
use app::pages::publications::one::{OnePage, one_title, one_view};
use app::pages::publications::verify::{Verdict, VerifyPage, verify_title, verify_view};
use app::pages::publications::{Line, citation};
use app::pages::results::query::Query;
use app::pages::results::words;
use app::server_side::export::tables::tables;
use app::server_side::export::{Source, csv, file_name};
use app::server_side::publication::{Published, Sha2AndEd25519, Signer, published, with_round};
use app::store::{Publication, RoundContext, StoreError};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::sync::Semaphore;

use super::ready::{Frames, pairs};
use crate::http::budget::declared;
use crate::state::AppState;

/// Room for the code and the marks of the form beside the file.
const FORM_BYTES: usize = 16 * 1024;
/// Publications kept in memory, with their tables of some megabytes.
const KNOWN: usize = 4;
/// The tables of a stream: key in `app::server_side::export::tables`, name.
const TABLES: [(&str, &str, &str); 7] = [
    ("phuong-phap", "Phương pháp", "Method"),
    ("cap", "Thành phố và các cấp", "City and levels"),
    ("xep-hang", "Xếp hạng", "Ranking"),
    ("yeu-to", "Yếu tố", "Factors"),
    ("tieu-chi", "Tiêu chí", "Criteria"),
    ("phan-bo", "Phân bố câu trả lời", "Distribution of answers"),
    ("cau-hoi", "Nhận định, mong đợi", "Facts and expectations"),
];
/// Fewest digits of a code that is looked up.
const CODE_DIGITS: usize = 4;

/// What the handlers share.
struct Tools {
    frames: Frames,
    key: [u8; 32],
    /// Those that were read last, at most [`KNOWN`].
    known: Mutex<HashMap<i32, Arc<Known>>>,
    /// Files are checked one after the other.
    turn: Semaphore,
}

/// The addresses of publications.
pub fn routes(state: &AppState) -> Router<AppState> {
    let tools = Arc::new(Tools {
        frames: Frames::new(state),
        key: Signer::new(&state.keys).public(),
        known: Mutex::default(),
        turn: Semaphore::new(1),
    });
    let (for_one, for_file) = (Arc::clone(&tools), Arc::clone(&tools));
    let (for_page, for_check) = (Arc::clone(&tools), Arc::clone(&tools));
    let verify = get(move |RawQuery(query), state: State<AppState>| async move {
        answer(for_page.ask(&state, lang_of(query.as_deref()), String::new(), None).await)
    })
    .post(move |RawQuery(query): RawQuery, state: State<AppState>, headers: HeaderMap, form: Multipart| async move {
        // Anybody may send a file, so the room for them is bounded for all together.
        match state.budgets().checks.take(declared(&headers, BUNDLE_BYTES + FORM_BYTES)) {
            Some(_room) => answer(check(&state, &for_check, lang_of(query.as_deref()), form).await),
            None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    })
    .layer(DefaultBodyLimit::max(BUNDLE_BYTES + FORM_BYTES));
    Router::new()
        .route(
            "/cong-bo",
            get(move |RawQuery(query), state: State<AppState>| async move {
                answer(list(&state, &tools, lang_of(query.as_deref())).await)
            }),
        )
        .route("/cong-bo/kiem-tra", verify)
        .route(
            "/cong-bo/{number}",
            get(move |Path(number): Path<String>, RawQuery(query), state: State<AppState>| async move {
                answer(one(&state, &for_one, &number, lang_of(query.as_deref())).await)
            }),
        )
        .route(
            "/cong-bo/{number}/{file}",
            get(move |Path((number, name)): Path<(String, String)>, state: State<AppState>| async move {
                answer(download(&state, &for_file, &number, &name).await)
            }),
        )
}

fn lang_of(query: Option<&str>) -> Lang {
    pairs(query).iter().find(|(name, _)| name == "lang").map_or(Lang::Vi, |(_, tag)| Lang::from_tag(tag))
}

fn answer(made: Result<Response, StoreError>) -> Response {
    made.unwrap_or_else(|error| {
        tracing::error!(%error, "a publication could not be read");
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    })
}

fn line(publication: &Publication, context: Option<&RoundContext>, lang: Lang) -> Line {
    Line {
        number: publication.number,
        code: publication.code(),
        round: context.map(|c| c.round.name.get(lang).to_owned()).unwrap_or_default(),
        published_at: publication.published_at,
        corrects: publication.corrects,
        corrected_by: publication.corrected_by,
        sample_data: context.is_some_and(|c| c.round.sample_data),
    }
}

async fn list(state: &AppState, tools: &Tools, lang: Lang) -> Result<Response, StoreError> {
    let (publications, rounds) = (state.store.publications().await?, state.store.rounds().await?);
    let context = |p: &Publication| rounds.iter().find(|r| r.round.id == p.round).map(|r| &**r);
    let lines: Vec<Line> = publications.iter().rev().map(|p| line(p, context(p), lang)).collect();
    let sample_data = lines.iter().any(|line| line.sample_data);
    let page = tools.page("/cong-bo", list_title(lang), lang, sample_data, None, || list_view(&lines, lang));
    Ok((StatusCode::OK, page).into_response())
}

/// The publication of a number in the address, with its round.
async fn found(state: &AppState, number: &str) -> Result<Option<(Publication, Arc<RoundContext>)>, StoreError> {
    let publications = state.store.publications().await?;
    let publication = publications.iter().find(|p| p.number.to_string() == number).cloned();
    let Some(publication) = publication else { return Ok(None) };
    let context = state.store.round(publication.round).await?;
    Ok(context.map(|context| (publication, context)))
}

async fn one(state: &AppState, tools: &Tools, number: &str, lang: Lang) -> Result<Response, StoreError> {
    let Some((publication, context)) = found(state, number).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let line = line(&publication, Some(&context), lang);
    let query = Query { lang, round: Some(context.round.code.clone()), ..Query::default() };
    let Some(known) = tools.known(state, &publication, &context).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let files = known.streams().flat_map(|stream| {
        TABLES.map(|(key, vi, en)| {
            let title = format!("{}: {} (CSV)", words::stream(stream, lang), say(lang, vi, en));
            (format!("/cong-bo/{number}/{}", table_file(stream, key)), title)
        })
    });
    let page = OnePage {
        lang,
        citation: citation(&line, &tools.frames.site, lang),
        reason: publication.reason.clone(),
        results: publication.corrected_by.is_none().then(|| query.href("/ket-qua")),
        hash: hex(&publication.seal.hash),
        previous: hex(&publication.previous),
        key: hex(&publication.seal.key),
        tables: files.collect(),
        excluded: known.published.excluded.clone(),
        ends: known.published.ends,
        line,
    };
    let path = format!("/cong-bo/{number}");
    let title = one_title(&page.line, lang);
    let edition = Edition { number: publication.number, code: publication.code() };
    let stamp = Stamp { state: FiguresState::Published(edition), ..Stamp::default() };
    let html = tools.page(&path, &title, lang, page.line.sample_data, Some(stamp), || one_view(&page));
    Ok((StatusCode::OK, html).into_response())
}

/// A publication that was read, with its tables once somebody has asked for one.
struct Known {
    published: Published,
    context: Arc<RoundContext>,
    tables: OnceLock<Vec<(String, String)>>,
}

impl Known {
    /// The streams that have responses.
    fn streams(&self) -> impl Iterator<Item = Stream> {
        Stream::ALL.iter().copied().filter(|stream| self.published.collected.n(*stream) > 0)
    }

    /// Names and contents of the files, made once: a publication never changes.
    fn tables(&self) -> &[(String, String)] {
        let Published { collected, strata, stamp, .. } = &self.published;
        self.tables.get_or_init(|| {
            with_round(&self.context, strata, |data| {
                let of_stream = |stream: Stream| {
                    let query = Query { stream: Some(stream), ..Query::default() };
                    let source = Source { data: *data, collected, stamp: *stamp, query: &query };
                    let made = tables(&source, &|_| true);
                    made.iter().map(|t| (table_file(stream, t.key), csv::table(t))).collect::<Vec<_>>()
                };
                self.streams().flat_map(of_stream).collect()
            })
        })
    }
}

fn table_file(stream: Stream, table: &str) -> String {
    format!("{}-{table}.csv", stream.word())
}

async fn download(state: &AppState, tools: &Tools, number: &str, name: &str) -> Result<Response, StoreError> {
    let Some((publication, context)) = found(state, number).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let number = publication.number;
    if name == "ban-cong-bo.json" {
        let Some(bundle) = state.store.publication_bundle(number).await? else {
            return Err(StoreError::Inconsistent(format!("publication {number} has no file")));
        };
        let name = file_name(&context.round, &format!("ban-cong-bo-{number}"), "json");
        return Ok(attachment(file(&bundle, &publication.seal), "application/json", &name));
    }
    let Some(known) = tools.known(state, &publication, &context).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let Some((found, text)) = known.tables().iter().find(|(found, _)| found == name) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let what = format!("ban-cong-bo-{number}-{}", found.trim_end_matches(".csv"));
    let name = file_name(&context.round, &what, "csv");
    Ok(attachment(text.clone(), "text/csv; charset=utf-8", &name))
}

fn attachment(body: String, kind: &'static str, name: &str) -> Response {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, body).into_response()
}

/// What was sent to be checked: a file counts before a code.
async fn check(state: &AppState, tools: &Tools, lang: Lang, mut form: Multipart) -> Result<Response, StoreError> {
    let (mut code, mut bytes) = (String::new(), None);
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => return Ok(error.into_response()),
        };
        match field.name() {
            Some("ma") => match field.text().await {
                Ok(text) => code = text.chars().take(200).collect(),
                Err(error) => return Ok(error.into_response()),
            },
            Some("tep") => match field.bytes().await {
                Ok(sent) => bytes = Some(sent).filter(|sent| !sent.is_empty()),
                Err(error) => return Ok(error.into_response()),
            },
            _ => {}
        }
    }
    let verdict = match bytes {
        Some(bytes) => file_verdict(state, tools, bytes, lang).await?,
        None => code_verdict(state, &code, lang).await?,
    };
    tools.ask(state, lang, code, Some(verdict)).await
}

async fn file_verdict(state: &AppState, tools: &Tools, bytes: Bytes, lang: Lang) -> Result<Verdict, StoreError> {
    let _turn = tools.turn.acquire().await.map_err(|_| StoreError::Busy)?;
    let no = |why: String| Verdict { yes: false, why, number: None };
    let key = tools.key;
    let looked = aside(move || {
        let seal = recognise(&bytes, &key, &Sha2AndEd25519);
        let light = seal.is_none() && weight(&bytes) <= BUNDLE_WEIGHT;
        let fault = light.then(|| open(&bytes, Some(&key), &Sha2AndEd25519).err());
        (seal, fault, bytes)
    });
    let (seal, fault, bytes) = looked.await?;
    if let Some(seal) = seal {
        let publications = state.store.publications().await?;
        let known = publications.iter().find(|p| p.seal.hash == seal.hash);
        return Ok(match (known, lang) {
            (Some(known), _) => Verdict { yes: true, why: yes_words(known, lang), number: Some(known.number) },
            (None, Lang::Vi) => {
                no("Tệp mang chữ ký của nơi này nhưng không có trong các bản công bố ở đây.".to_owned())
            }
            (None, Lang::En) => no("It bears our signature and is not among the publications here.".to_owned()),
        });
    }
    let Some(fault) = fault else {
        return Ok(no(match lang {
            Lang::Vi => "Tệp này không đúng từng byte như một bản công bố ở đây, và quá lớn để tìm chỗ khác.",
            Lang::En => {
                "The file is not byte by byte a publication of ours, and too large to look for the place that differs."
            }
        }
        .to_owned()));
    };
    let place = changed_place(state, bytes).await?;
    let place = place.map(|path| match lang {
        Lang::Vi => format!(" Chỗ khác đầu tiên so với bản ở đây: {path}."),
        Lang::En => format!(" The first place that differs from ours: {path}."),
    });
    let words = fault.unwrap_or(Fault::NotAPublication).words(lang);
    Ok(no(words + &place.unwrap_or_default()))
}

/// Work for the processor, away from the threads that answer requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Inconsistent(format!("checking a file: {error}")))
}

/// Where a file that reads as a publication of ours differs from it.
async fn changed_place(state: &AppState, bytes: Bytes) -> Result<Option<String>, StoreError> {
    let read = move || serde_json::from_slice::<serde_json::Value>(&bytes).ok();
    let Some(theirs) = aside(read).await? else { return Ok(None) };
    let number = theirs.pointer("/bundle/number").and_then(serde_json::Value::as_i64);
    let Some(number) = number.and_then(|number| i32::try_from(number).ok()) else { return Ok(None) };
    let ours = state.store.publication_bundle(number).await?;
    let Some(ours) = ours.filter(|ours| weight(ours.as_bytes()) <= BUNDLE_WEIGHT) else { return Ok(None) };
    aside(move || {
        let ours = serde_json::from_str(&ours).ok();
        ours.zip(theirs.get("bundle")).and_then(|(ours, theirs)| first_difference(&ours, theirs))
    })
    .await
}

fn yes_words(publication: &Publication, lang: Lang) -> String {
    let (number, code) = (publication.number, publication.code());
    let words = match lang {
        Lang::Vi => format!("Đây là bản công bố số {number}, mã {code}, đúng như đã công bố."),
        Lang::En => format!("This is publication No. {number}, code {code}, as it was published."),
    };
    let corrected = publication.corrected_by.map(|by| match lang {
        Lang::Vi => format!(" Bản này đã được đính chính bằng bản số {by}."),
        Lang::En => format!(" It was corrected by No. {by}."),
    });
    words + &corrected.unwrap_or_default()
}

/// Looks a code up: the last word of hexadecimal digits in what was typed.
async fn code_verdict(state: &AppState, typed: &str, lang: Lang) -> Result<Verdict, StoreError> {
    let no = |vi: &str, en: &str| Verdict {
        yes: false,
        why: if lang == Lang::Vi { vi } else { en }.to_owned(),
        number: None,
    };
    let mut words = typed.split(|c: char| !c.is_ascii_alphanumeric());
    let code = words.rfind(|w| w.len() >= CODE_DIGITS && w.chars().all(|c| c.is_ascii_hexdigit()));
    let Some(code) = code.map(str::to_ascii_lowercase) else {
        return Ok(no(
            "Xin nhập mã gồm ít nhất 4 ký tự, hoặc chọn một tệp.",
            "Please enter a code of at least 4 signs, or choose a file.",
        ));
    };
    let publications = state.store.publications().await?;
    Ok(match publications.iter().rfind(|p| hex(&p.seal.hash).starts_with(&code)) {
        Some(found) => Verdict { yes: true, why: yes_words(found, lang), number: Some(found.number) },
        None => no("Không có bản công bố nào mang mã này.", "No publication has this code."),
    })
}

impl Tools {
    async fn known(
        &self,
        state: &AppState,
        publication: &Publication,
        context: &Arc<RoundContext>,
    ) -> Result<Option<Arc<Known>>, StoreError> {
        let number = publication.number;
        let held = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held().get(&number).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(published) = published(&state.store, number).await? else { return Ok(None) };
        let known = Arc::new(Known { published, context: Arc::clone(context), tables: OnceLock::new() });
        let mut held = held();
        if held.len() >= KNOWN {
            held.clear();
        }
        held.insert(number, Arc::clone(&known));
        Ok(Some(known))
    }

    async fn ask(
        &self,
        state: &AppState,
        lang: Lang,
        code: String,
        verdict: Option<Verdict>,
    ) -> Result<Response, StoreError> {
        let publications = state.store.publications().await?;
        let links: Vec<Link> =
            publications.iter().map(|p| Link { number: p.number, previous: p.previous, hash: p.seal.hash }).collect();
        let broken = walk(&links).err().map(|broken: Break| broken.words(lang));
        let view = VerifyPage { lang, code, verdict, broken, key: hex(&self.key) };
        let title = verify_title(&view);
        let html = self.page("/cong-bo/kiem-tra", title, lang, false, None, || verify_view(&view));
        Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], html).into_response())
    }

    fn page(
        &self,
        path: &str,
        title: &str,
        lang: Lang,
        sample_data: bool,
        stamp: Option<Stamp>,
        main: impl FnOnce() -> AnyView,
    ) -> Html<String> {
        let other = if lang == Lang::Vi { Lang::En } else { Lang::Vi };
        let frame = Frame {
            lang,
            title: title.to_owned(),
            place: Place::Publications,
            other_language: Query { lang: other, ..Query::default() }.href(path),
            sample_data,
            stamp,
            printed_address: format!("{}{path}", self.frames.host),
            has_island: false,
            assets: &self.frames.assets,
            site: &self.frames.site,
        };
        Html(document(&frame, main))
    }
}
