//! `/quan-tri/khung`: an agency hands in its list of dossiers in two steps, the file and then its columns. What is in the
//! list is shown to who sent it, in the answer to that, and never again.

use std::sync::Arc;

use app::domain::agency::Agency;
use app::domain::hex::hex;
use app::domain::limits;
use app::domain::role::UploadFrame;
use app::domain::sample::frame::{Mapping, Part, Reading};
use app::domain::text::{Lang, sort_key};
use app::pages::staff::frames::{
    ColumnsPage, FRAMES_PATH, Found, FrameLine, FramesPage, columns_title, columns_view, frames_title, frames_view,
};
use app::pages::staff::in_lang;
use app::server_side::contacts::ContactKey;
use app::server_side::frame::{
    Decisions, FileFault, Place, Preview, Scan, Table, TakeInFault, file_of, finish, keep_file, preview, scan_with,
    sha256, table,
};
use app::store::{Frame, FrameFault, FrameStanding, NewFrame, RoundContext, StoreError};
use axum::body::Bytes;
use axum::extract::multipart::Field;
use axum::extract::{Extension, Multipart, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::http::budget::declared;
use crate::routes::ready::pairs;
use crate::state::AppState;

/// Room in the body for the choices and the marks of the form, and for reading a file that is too large to its end, so
/// that the browser gets an answer in words.
pub(super) const BODY_BYTES: usize = 2 * limits::FRAME_FILE_BYTES;
/// Longest name of a file that is kept, in characters.
const NAME_CHARS: usize = 120;

/// Lists are read one after the other: each may take as much memory as its file and its people.
#[derive(Debug)]
pub(super) struct Intake {
    turn: Semaphore,
}

impl Default for Intake {
    fn default() -> Self {
        Self { turn: Semaphore::new(1) }
    }
}

/// Why a list is not taken, in words.
fn frame_words(fault: FrameFault, lang: Lang) -> String {
    let (vi, en) = match fault {
        FrameFault::Unknown => {
            ("Danh sách này đã được nhận hoặc đã bị thay.", "This list was taken or replaced already.")
        }
        FrameFault::Drawn => (
            "Mẫu của cơ quan này đã rút; danh sách không thay được nữa.",
            "The sample of this agency has been drawn; the list cannot be replaced.",
        ),
        FrameFault::Purged => (
            "Dữ liệu liên hệ của đợt này đã xoá; đợt không nhận danh sách nữa.",
            "The contact data of this round were erased; it takes no more lists.",
        ),
    };
    if lang == Lang::Vi { vi.to_owned() } else { en.to_owned() }
}

fn no_key(lang: Lang) -> String {
    match lang {
        Lang::Vi => "Máy chủ không mở được khoá dữ liệu liên hệ của đợt này. Xin báo người vận hành.",
        Lang::En => "The server cannot open the contact key of this round. Tell the operator.",
    }
    .to_owned()
}

/// `GET /quan-tri/khung`.
pub(super) async fn show(
    staff: Staff<UploadFrame>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let done = field(&pairs(query.as_deref()), "xong") == "1";
    listed(&state, &staff, Default::default(), None, done).await.unwrap_or_else(busy)
}

/// Agencies of a round that somebody may hand in for.
fn own<'a>(
    staff: &Staff<UploadFrame>,
    context: &'a RoundContext,
    agencies: &std::collections::HashMap<app::domain::ids::AgencyId, Agency>,
) -> Vec<&'a Agency> {
    let has_stratum = |agency: &Agency| context.strata.iter().any(|s| s.agency == agency.id);
    let covered = |agency: &&Agency| has_stratum(agency) && staff.may.scope().covers(agency.id, agencies);
    context.agencies.values().filter(covered).collect()
}

async fn listed(
    state: &AppState,
    staff: &Staff<UploadFrame>,
    chosen: (String, String),
    fault: Option<String>,
    done: bool,
) -> Result<Response, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let purged = state.store.purged_rounds().await?;
    let (mut rounds, mut names, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let mut sample_data = false;
    for context in state.store.rounds().await?.iter().rev() {
        let own = own(staff, context, &agencies);
        if own.is_empty() {
            continue;
        }
        sample_data |= context.round.sample_data;
        let name = context.round.name.get(staff.lang).to_owned();
        if context.frozen_at.is_none() && !purged.contains(&context.round.id) {
            rounds.push((context.round.code.clone(), name.clone()));
            names.extend(own.iter().map(|agency| (agency.code.clone(), agency.name.clone())));
        }
        for frame in state.store.frames(context.round.id).await? {
            let Some(agency) = own.iter().find(|agency| agency.id == frame.agency) else { continue };
            lines.push(FrameLine {
                agency: agency.name.clone(),
                round: name.clone(),
                file: frame.file_name,
                print: hex(&frame.sha256).chars().take(12).collect(),
                at: frame.uploaded_at,
                dossiers: frame.dossiers,
                people: frame.people,
                bad: frame.bad_lines,
                standing: frame.standing,
            });
        }
    }
    names.sort_by_cached_key(|(code, name)| (sort_key(name), code.clone()));
    names.dedup();
    let view = FramesPage { lang: staff.lang, rounds, agencies: names, chosen, lines, fault, done };
    let head = Head { sample_data, ..Head::plain(frames_title(&view), FRAMES_PATH, staff.lang) };
    let status = if view.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || frames_view(&view)))
}

/// A file as it was sent.
struct Sent {
    name: String,
    bytes: Vec<u8>,
    too_large: bool,
}

async fn text_of(part: Field<'_>) -> Result<String, Response> {
    let text = part.text().await.map_err(IntoResponse::into_response)?;
    Ok(text.trim().chars().take(limits::CODE_BYTES).collect())
}

async fn file_sent(mut part: Field<'_>) -> Result<Sent, Response> {
    let name = part.file_name().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
    let mut sent = Sent { name, bytes: Vec::new(), too_large: false };
    while let Some(chunk) = part.chunk().await.map_err(IntoResponse::into_response)? {
        if sent.bytes.len() + chunk.len() > limits::FRAME_FILE_BYTES {
            sent.too_large = true;
            sent.bytes = Vec::new();
        }
        if !sent.too_large {
            sent.bytes.extend_from_slice(&chunk);
        }
    }
    Ok(sent)
}

/// `POST /quan-tri/khung`: a file. It is kept, sealed, and its columns are asked for.
pub(super) async fn upload(
    staff: Staff<UploadFrame>,
    State(state): State<AppState>,
    Extension(intake): Extension<Arc<Intake>>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    // The file as it is sent, and as text.
    let bytes = declared(&headers, limits::FRAME_FILE_BYTES) * 2;
    let Some(_room) = state.budgets().lists.take(bytes) else { return busy(StoreError::Busy) };
    let (mut round, mut agency, mut sent) = (String::new(), String::new(), None);
    loop {
        let part = match form.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) => return error.into_response(),
        };
        let name = part.name().unwrap_or_default().to_owned();
        let read = match name.as_str() {
            "dot" => text_of(part).await.map(|text| round = text),
            "co-quan" => text_of(part).await.map(|text| agency = text),
            "tep" => file_sent(part).await.map(|file| sent = Some(file)),
            _ => Ok(()),
        };
        if let Err(response) = read {
            return response;
        }
    }
    let chosen = (round, agency);
    match kept(&state, &staff, &intake, &chosen, sent).await {
        Ok(Ok(response)) => response,
        Ok(Err(fault)) => listed(&state, &staff, chosen, Some(fault), false).await.unwrap_or_else(busy),
        Err(error) => busy(error),
    }
}

/// Where a list belongs: a round that takes lists, and an agency in it that the reader may hand in for.
async fn place_of(
    state: &AppState,
    staff: &Staff<UploadFrame>,
    (round, agency): (&str, &str),
) -> Result<Option<Place>, StoreError> {
    let agencies = state.store.known_agencies().await?;
    let rounds = state.store.rounds().await?;
    let context = rounds.iter().find(|context| context.round.code == round && context.frozen_at.is_none());
    Ok(context.and_then(|context| {
        let agency = own(staff, context, &agencies).into_iter().find(|found| found.code == agency)?.id;
        Some(Place { round: Arc::clone(context), agency })
    }))
}

async fn kept(
    state: &AppState,
    staff: &Staff<UploadFrame>,
    intake: &Intake,
    (round, agency): &(String, String),
    sent: Option<Sent>,
) -> Result<Result<Response, String>, StoreError> {
    let lang = staff.lang;
    let Some(place) = place_of(state, staff, (round, agency)).await? else {
        return Ok(Err(match lang {
            Lang::Vi => "Xin chọn đợt và cơ quan trong danh sách.".to_owned(),
            Lang::En => "Choose a round and an agency of the list.".to_owned(),
        }));
    };
    if let Some(fault) = closed(state, &place).await? {
        return Ok(Err(frame_words(fault, lang)));
    }
    let sent = match sent {
        Some(sent) if sent.too_large => return Ok(Err(FileFault::TooLarge.words(lang))),
        Some(sent) => sent,
        None => return Ok(Err(FileFault::Empty.words(lang))),
    };
    let Ok(key) = state.contact_keys.for_upload(&state.store, place.round.round.id).await? else {
        return Ok(Err(no_key(lang)));
    };
    let _turn = intake.turn.acquire().await.map_err(|_| StoreError::Busy)?;
    let print = sha256(&sent.bytes);
    let table = match blocking(move || table(sent.bytes)).await? {
        Ok(table) => table,
        Err(fault) => return Ok(Err(fault.words(lang))),
    };
    let (table, preview) = blocking(move || {
        let preview = preview(&table, None);
        (table, preview)
    })
    .await?;
    let by = staff.actor.who().name;
    let new = NewFrame {
        round: place.round.round.id,
        agency: place.agency,
        file_name: &sent.name,
        sha256: print,
        reading: &preview.reading,
        by: &by,
    };
    let frame = keep_file(&state.store, &key, &table, &new).await?;
    // By the columns that the headings suggest, so that most lists are seen whole before they are handed in.
    let found = if preview.reading.columns.missing(place.by_field()).is_none() {
        let parts = (Arc::new(table), Arc::new(preview.reading.clone()), Arc::new(place.clone()), Arc::new(key));
        scanned(&parts, Decisions::default()).await?.ok().map(|scan| Found::of(&scan, lang))
    } else {
        None
    };
    let replaces = replaced(state, &place).await?;
    let shown = Shown { place: &place, frame, file: sent.name, replaces };
    Ok(Ok(columns_page(state, staff, shown, preview, None, found)))
}

/// Why a round takes no list of an agency any more.
async fn closed(state: &AppState, place: &Place) -> Result<Option<FrameFault>, StoreError> {
    let round = place.round.round.id;
    if state.store.contacts_purged_at(round).await?.is_some() {
        return Ok(Some(FrameFault::Purged));
    }
    let frames = state.store.frames(round).await?;
    let drawn = |frame: &Frame| frame.agency == place.agency && frame.standing == FrameStanding::Drawn;
    Ok(frames.iter().any(drawn).then_some(FrameFault::Drawn))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Inconsistent(format!("reading a list: {error}")))
}

struct Shown<'a> {
    place: &'a Place,
    frame: i32,
    file: String,
    /// The list that it takes the place of: its file and N.
    replaces: Option<(String, u32)>,
}

/// The list of an agency that was taken and not drawn: a later one takes its place.
async fn replaced(state: &AppState, place: &Place) -> Result<Option<(String, u32)>, StoreError> {
    let frames = state.store.frames(place.round.round.id).await?;
    let waits = |frame: &Frame| frame.agency == place.agency && frame.standing == FrameStanding::Uploaded;
    Ok(frames.into_iter().find(waits).map(|frame| (frame.file_name, frame.dossiers)))
}

fn columns_page(
    state: &AppState,
    staff: &Staff<UploadFrame>,
    shown: Shown<'_>,
    preview: Preview,
    fault: Option<String>,
    found: Option<Found>,
) -> Response {
    let context = &shown.place.round;
    let agency = context.agencies.get(&shown.place.agency).map(|agency| agency.name.clone());
    let view = ColumnsPage {
        lang: staff.lang,
        frame: shown.frame,
        agency: agency.unwrap_or_default(),
        round: context.round.name.get(staff.lang).to_owned(),
        file: shown.file,
        replaces: shown.replaces,
        preview,
        fault,
        found,
    };
    let head =
        Head { sample_data: context.round.sample_data, ..Head::plain(columns_title(&view), FRAMES_PATH, staff.lang) };
    let status = if view.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(state, &staff.actor, &head, status, || columns_view(&view))
}

/// `POST /quan-tri/khung/{id}`: the columns of a file that the reader sent. The list is read whole; it is taken whole, or
/// every bad line is named.
pub(super) async fn columns(
    staff: Staff<UploadFrame>,
    State(state): State<AppState>,
    Extension(intake): Extension<Arc<Intake>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    chosen(&state, &staff, &intake, &id, &fields(&body)).await.unwrap_or_else(busy)
}

async fn chosen(
    state: &AppState,
    staff: &Staff<UploadFrame>,
    intake: &Intake,
    id: &str,
    form: &[(String, String)],
) -> Result<Response, StoreError> {
    let lang = staff.lang;
    let Some((frame, place)) = arriving(state, staff, id).await? else { return Ok(missing()) };
    let list = |fault: String| listed(state, staff, Default::default(), Some(fault), false);
    let Ok(key) = state.contact_keys.load(frame.round) else { return list(no_key(lang)).await };
    let _turn = intake.turn.acquire().await.map_err(|_| StoreError::Busy)?;
    let table = match file_of(&state.store, &key, frame.id, frame.reading.separator).await? {
        Ok(table) => table,
        Err(fault) => return list(fault.words(lang)).await,
    };
    let mut reading = reading_of(form, &frame.reading);
    let replaces = replaced(state, &place).await?;
    if field(form, "viec") == "xem" {
        reading.columns = Mapping::default();
        let headings = preview(&table, Some(&reading)).headings;
        reading.columns = Mapping::guess(&headings);
        let shown = Shown { place: &place, frame: frame.id, file: frame.file_name, replaces };
        return Ok(columns_page(state, staff, shown, preview(&table, Some(&reading)), None, None));
    }
    let shown = preview(&table, Some(&reading));
    let again = |fault: String, found: Option<Found>| {
        let replaces = replaces.clone();
        let at = Shown { place: &place, frame: frame.id, file: frame.file_name.clone(), replaces };
        Ok(columns_page(state, staff, at, shown.clone(), Some(fault), found))
    };
    if let Some(missing) = reading.columns.missing(place.by_field()) {
        return again(missing.words(lang).to_owned(), None);
    }
    let decided = decisions(form);
    let parts = (Arc::new(table), Arc::new(reading), Arc::new(place.clone()), Arc::new(key));
    let scan = match scanned(&parts, decided.clone()).await? {
        Ok(scan) => scan,
        Err(fault) => return again(fault.words(lang), None),
    };
    if let Some(fault) = undecided(&scan, form, lang) {
        let found = Found {
            joined: decided.joined.iter().copied().collect(),
            drop_alike: Some(decided.drop_alike).filter(|_| !field(form, "trung").is_empty()),
            ..Found::of(&scan, lang)
        };
        return again(fault.to_owned(), Some(found));
    }
    let (table, reading, place_, key) = parts;
    match finish(&state.store, &staff.actor.who(), frame.id, (table, reading, place_), scan, key).await? {
        Ok(()) => Ok(go(&in_lang(&format!("{FRAMES_PATH}?xong=1"), lang))),
        Err(TakeInFault::File(fault)) => again(fault.words(lang), None),
        Err(TakeInFault::Frame(fault)) => list(frame_words(fault, lang)).await,
    }
}

/// What the form decides of groups and of lines that are alike.
fn decisions(form: &[(String, String)]) -> Decisions {
    let joined = form.iter().filter(|(name, _)| name == "gop").filter_map(|(_, line)| line.parse().ok());
    Decisions { joined: joined.collect(), drop_alike: field(form, "trung") == "bo" }
}

/// What keeps a list that was read from being taken, in words.
fn undecided(scan: &Scan, form: &[(String, String)], lang: Lang) -> Option<&'static str> {
    let (vi, en) = if scan.dossiers() == 0 || (scan.bad > 0 && field(form, "bo-loi") != "1") {
        (
            "Chưa nhận: có dòng lỗi. Xin sửa tệp rồi tải lại, chọn lại cột, hoặc bỏ các dòng ấy.",
            "Not taken: there are bad lines. Mend the file, choose other columns, or leave these lines out.",
        )
    } else if field(form, "da-xem") != scan.mark() {
        (
            "Chưa nhận: xin xem các dòng nêu dưới đây, rồi bấm “Nộp danh sách” lần nữa.",
            "Not taken yet: see the lines named below, then press “Hand the list in” again.",
        )
    } else if scan.alike_count > 0 && !matches!(field(form, "trung"), "bo" | "giu") {
        (
            "Chưa nhận: xin chọn cách tính các dòng giống hệt nhau.",
            "Not taken yet: decide how lines that are the same count.",
        )
    } else {
        return None;
    };
    Some(if lang == Lang::Vi { vi } else { en })
}

/// A file, how it is read, where it belongs, and the key of its round.
type Parts = (Arc<Table>, Arc<Reading>, Arc<Place>, Arc<ContactKey>);

async fn scanned(parts: &Parts, decided: Decisions) -> Result<Result<Scan, FileFault>, StoreError> {
    let (table, reading, place, key) = parts.clone();
    blocking(move || scan_with(&table.text, &reading, &place, &key, &decided)).await
}

/// A frame that the reader sent, whose columns are not chosen yet.
async fn arriving(
    state: &AppState,
    staff: &Staff<UploadFrame>,
    id: &str,
) -> Result<Option<(Frame, Place)>, StoreError> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(frame) = state.store.frame(id).await? else { return Ok(None) };
    if frame.standing != FrameStanding::Arriving || frame.uploaded_by != staff.actor.who().name {
        return Ok(None);
    }
    let Some(context) = state.store.round(frame.round).await? else { return Ok(None) };
    let Some(agency) = context.agencies.get(&frame.agency) else { return Ok(None) };
    let place = place_of(state, staff, (&context.round.code, &agency.code)).await?;
    Ok(place.map(|place| (frame, place)))
}

/// What the form says; what makes no sense is left as it was.
fn reading_of(form: &[(String, String)], was: &Reading) -> Reading {
    let heading = field(form, "tieu-de").parse().ok().filter(|line| (1..=1_000).contains(line));
    let column = |part: &Part| {
        let at = field(form, part.word()).parse::<usize>().ok().filter(|at| *at < limits::FRAME_COLUMNS)?;
        Some((*part, at))
    };
    Reading {
        separator: was.separator,
        heading: heading.unwrap_or(was.heading),
        columns: Mapping(Part::ALL.iter().filter_map(column).collect()),
    }
}
