//! `/quan-tri/mau`: Sở Nội vụ draws the samples of a round, repeats a draw, takes the N of the lists, and ends the contact
//! data. The measured agency measures nothing: no officer of one comes here.

use std::collections::HashMap;
use std::sync::Arc;

use app::domain::ids::{AgencyId, StratumId};
use app::domain::limits;
use app::domain::role::DrawSample;
use app::domain::sample::MARGIN_PERMILLE;
use app::domain::sample::draw::Rule;
use app::domain::sample::plan::{Counted, LeftOut, Planned, Size, plan};
use app::domain::text::{Lang, sort_key};
use app::pages::staff::in_lang;
use app::pages::staff::samples::{
    AgencyLine, MARGINS, OnePage, PopulationAgency, PopulationLine, Prospect, Purge, SAMPLES_PATH, SamplesPage,
    StratumLine, Wish, change_of, one_title, one_view, samples_title, samples_view,
};
use app::server_side::sampling::{DrawFault, How, draw_frame, new_seed, seed_of};
use app::store::{
    Frame, FrameStanding, PopulationChange, PopulationFault, RoundContext, SampleFault, SampleList, StoreError,
};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// What a form says of how to draw; nonsense reads as the default.
fn wish_of(form: &[(String, String)]) -> Wish {
    let margin = field(form, "sai-so").parse().ok().filter(|margin| MARGINS.contains(margin));
    let reserve = field(form, "du-phong").parse().ok().filter(|percent| *percent <= 100);
    Wish {
        rule: Rule::from_word(field(form, "cach")).unwrap_or(Rule::Systematic),
        margin: margin.unwrap_or(MARGIN_PERMILLE),
        reserve: reserve.unwrap_or(limits::RESERVE_PERCENT),
        seed: field(form, "hat-giong").trim().chars().take(40).collect(),
    }
}

/// The seed of a wish; the system's where none was typed. None: what was typed is no seed.
fn seed(wish: &Wish) -> Result<Option<String>, StoreError> {
    if wish.seed.is_empty() { new_seed().map(Some) } else { Ok(seed_of(&wish.seed)) }
}

fn fault_words(fault: DrawFault, lang: Lang) -> String {
    let (vi, en) = match fault {
        DrawFault::LeftOut(left_out) => return left_out.words(lang),
        DrawFault::Sample(SampleFault::Frame) => (
            "Danh sách của cơ quan vừa thay đổi. Xin xem lại rồi rút.",
            "The list of the agency changed just now. Look again, then draw.",
        ),
        DrawFault::Sample(SampleFault::Purged) => (
            "Dữ liệu liên hệ của đợt này đã xoá; không rút mẫu được nữa.",
            "The contact data of this round were erased; nothing can be drawn any more.",
        ),
        DrawFault::Sealed => (
            "Không mở được dữ liệu liên hệ: tệp khoá của đợt không còn hoặc là khoá khác. Xin báo người vận hành.",
            "The contact data cannot be opened: the key file of the round is gone or another one. Tell the operator.",
        ),
    };
    if lang == Lang::Vi { vi.to_owned() } else { en.to_owned() }
}

fn bad_seed(lang: Lang) -> String {
    match lang {
        Lang::Vi => "Hạt giống gồm đúng 32 chữ số thập lục phân (0–9, a–f); để trống thì máy tự lấy.".to_owned(),
        Lang::En => "A seed is 32 hexadecimal digits (0–9, a–f); left empty, the machine takes one.".to_owned(),
    }
}

/// `GET /quan-tri/mau`.
pub(super) async fn show(
    staff: Staff<DrawSample>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let form = pairs(query.as_deref());
    let done = done_words(field(&form, "xong"), field(&form, "so"), staff.lang);
    listed(&state, &staff, field(&form, "dot"), wish_of(&form), None, done).await.unwrap_or_else(busy)
}

fn done_words(what: &str, count: &str, lang: Lang) -> Option<String> {
    let count: u32 = count.parse().unwrap_or(0);
    Some(match (what, lang) {
        ("rut", Lang::Vi) => format!("Đã rút mẫu của {count} cơ quan."),
        ("rut", Lang::En) => format!("The samples of {count} agencies were drawn."),
        ("n", Lang::Vi) => format!("Đã lấy N từ danh sách cho {count} tầng."),
        ("n", Lang::En) => format!("N was taken from the lists for {count} strata."),
        ("huy", Lang::Vi) => "Đã huỷ lần rút; cơ quan cần nộp danh sách khác.".to_owned(),
        ("huy", Lang::En) => "The sample was voided; the agency hands in another list.".to_owned(),
        ("xoa", Lang::Vi) => "Đã xoá dữ liệu liên hệ của đợt.".to_owned(),
        ("xoa", Lang::En) => "The contact data of the round were erased.".to_owned(),
        _ => return None,
    })
}

/// The frames of a round that count, by agency.
async fn counting(state: &AppState, context: &RoundContext) -> Result<HashMap<AgencyId, Frame>, StoreError> {
    let frames = state.store.frames(context.round.id).await?;
    let counts = |frame: &Frame| matches!(frame.standing, FrameStanding::Uploaded | FrameStanding::Drawn);
    Ok(frames.into_iter().filter(counts).map(|frame| (frame.agency, frame)).collect())
}

/// N and people, over strata.
fn sums(strata: &[Counted]) -> (u32, u32) {
    strata.iter().fold((0, 0), |(dossiers, people), s| (dossiers + s.dossiers, people + s.people))
}

/// n and reserve, over strata.
fn drawn_sums(strata: &[Planned]) -> (u32, u32) {
    strata.iter().fold((0, 0), |(n, reserve), s| (n + s.n, reserve + s.reserve))
}

fn prospect(
    frame: Option<&Frame>,
    counted: &[Counted],
    list: Option<&SampleList>,
    wish: &Wish,
    lang: Lang,
) -> Prospect {
    if let Some(list) = list {
        let (n, reserve) = drawn_sums(&list.strata);
        return Prospect::Drawn(list.id, n, reserve);
    }
    let Some(frame) = frame else { return Prospect::LeftOut(LeftOut::NoFrame.words(lang), None) };
    match plan(counted, &Size::Margin(wish.margin), wish.reserve) {
        Ok(planned) => {
            let (n, reserve) = drawn_sums(&planned);
            Prospect::Planned { n, reserve, frame: frame.id }
        }
        Err(why) => Prospect::LeftOut(why.words(lang), Some(frame.id)),
    }
}

async fn listed(
    state: &AppState,
    staff: &Staff<DrawSample>,
    code: &str,
    mut wish: Wish,
    fault: Option<String>,
    done: Option<String>,
) -> Result<Response, StoreError> {
    let lang = staff.lang;
    let rounds = state.store.rounds().await?;
    let context = rounds.iter().rev().find(|context| context.round.code == code).or(rounds.last());
    if wish.seed.is_empty() {
        wish.seed = new_seed()?;
    }
    let names = rounds.iter().rev().map(|c| (c.round.code.clone(), c.round.name.get(lang).to_owned())).collect();
    let mut view = SamplesPage {
        lang,
        voided: Vec::new(),
        rounds: names,
        code: String::new(),
        agencies: Vec::new(),
        wish,
        populations: Vec::new(),
        purge: Purge::Nothing,
        fault,
        done,
    };
    if let Some(context) = context {
        fill(state, staff, context, &mut view).await?;
    }
    let head = Head {
        sample_data: context.is_some_and(|context| context.round.sample_data),
        ..Head::plain(samples_title(&view), SAMPLES_PATH, lang)
    };
    let status = if view.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || samples_view(&view)))
}

async fn fill(
    state: &AppState,
    staff: &Staff<DrawSample>,
    context: &RoundContext,
    view: &mut SamplesPage,
) -> Result<(), StoreError> {
    let frames = counting(state, context).await?;
    let keys: Vec<i32> = frames.values().map(|frame| frame.id).collect();
    let counted = state.store.frame_strata(&keys).await?;
    let lists = state.store.sample_lists(&staff.may, context.round.id).await?;
    let mut agencies: Vec<_> = context
        .agencies
        .values()
        .filter(|agency| context.strata.iter().any(|stratum| stratum.agency == agency.id))
        .collect();
    agencies.sort_by_cached_key(|agency| (agency.level, sort_key(&agency.name)));
    view.code.clone_from(&context.round.code);
    view.agencies = agencies
        .into_iter()
        .map(|agency| {
            let frame = frames.get(&agency.id);
            let strata = frame.and_then(|frame| counted.get(&frame.id)).map_or(&[][..], Vec::as_slice);
            let list = lists.iter().find(|list| list.agency == agency.id);
            AgencyLine {
                name: agency.name.clone(),
                counted: frame.map(|_| sums(strata)),
                prospect: prospect(frame, strata, list, &view.wish, staff.lang),
            }
        })
        .collect();
    let voided = state.store.voided_samples(&staff.may, context.round.id).await?;
    view.voided = voided.into_iter().map(|one| (agency_name(context, one.agency), one)).collect();
    if context.frozen_at.is_none() {
        view.populations = changes(state, staff, context).await?;
    }
    view.purge = match state.store.contacts_purged_at(context.round.id).await? {
        Some(at) => Purge::Erased(at),
        None if state.store.has_frames(context.round.id).await? => {
            Purge::Kept(context.round.closes_at.map(|at| at + limits::CONTACTS_MS))
        }
        None => Purge::Nothing,
    };
    Ok(())
}

/// The N that differ from the lists, by agency in the order of their names.
async fn changes(
    state: &AppState,
    staff: &Staff<DrawSample>,
    context: &RoundContext,
) -> Result<Vec<PopulationAgency>, StoreError> {
    let mut agencies: HashMap<AgencyId, PopulationAgency> = HashMap::new();
    for change in state.store.population_changes(&staff.may, context.round.id).await? {
        let agency = context.strata.iter().find(|stratum| stratum.id == change.stratum).map(|stratum| stratum.agency);
        let Some(agency) = agency.and_then(|id| context.agencies.get(&id)) else { continue };
        let empty = || PopulationAgency { code: agency.code.clone(), name: agency.name.clone(), strata: Vec::new() };
        agencies.entry(agency.id).or_insert_with(empty).strata.push(PopulationLine {
            stratum: change.stratum.0,
            name: stratum_name(context, change.stratum, staff.lang),
            before: change.before,
            after: change.after,
        });
    }
    let mut agencies: Vec<PopulationAgency> = agencies.into_values().collect();
    agencies.sort_by_cached_key(|agency| (sort_key(&agency.name), agency.code.clone()));
    Ok(agencies)
}

async fn round_of(state: &AppState, code: &str) -> Result<Option<Arc<RoundContext>>, StoreError> {
    Ok(state.store.rounds().await?.iter().find(|context| context.round.code == code).cloned())
}

pub(super) fn after(code: &str, what: &str, count: usize, lang: Lang) -> Response {
    go(&in_lang(&format!("{SAMPLES_PATH}?dot={code}&xong={what}&so={count}"), lang))
}

/// `POST /quan-tri/mau`: draws every agency of a round that can be drawn, by the formula.
pub(super) async fn draw_all(staff: Staff<DrawSample>, State(state): State<AppState>, body: Bytes) -> Response {
    let form = fields(&body);
    let drawn = async {
        let Some(context) = round_of(&state, field(&form, "dot")).await? else { return Ok(missing()) };
        let (code, wish) = (&context.round.code, wish_of(&form));
        let again = |fault: String| listed(&state, &staff, code, wish.clone(), Some(fault), None);
        let Some(seed) = seed(&wish)? else { return again(bad_seed(staff.lang)).await };
        let how = How { rule: wish.rule, size: Size::Margin(wish.margin), reserve_percent: wish.reserve, seed };
        let Ok(key) = state.contact_keys.load(context.round.id) else {
            return again(fault_words(DrawFault::Sealed, staff.lang)).await;
        };
        let mut frames: Vec<Frame> = counting(&state, &context).await?.into_values().collect();
        frames.sort_by_key(|frame| frame.id);
        let (mut drawn, who) = (0, staff.actor.who());
        for frame in frames.iter().filter(|frame| frame.standing == FrameStanding::Uploaded) {
            match draw_frame(&state.store, &key, (&staff.may, &who), frame, &how).await? {
                Ok(_) => drawn += 1,
                // The page says why; one that changed meanwhile waits for the next press.
                Err(DrawFault::LeftOut(_) | DrawFault::Sample(SampleFault::Frame)) => {}
                Err(fault) => return again(fault_words(fault, staff.lang)).await,
            }
        }
        Ok(after(code, "rut", drawn, staff.lang))
    };
    drawn.await.unwrap_or_else(busy)
}

/// A frame that can be drawn, with its round.
async fn drawable(state: &AppState, frame: &str) -> Result<Option<(Frame, Arc<RoundContext>)>, StoreError> {
    let Ok(id) = frame.parse() else { return Ok(None) };
    let frame = state.store.frame(id).await?.filter(|frame| frame.standing == FrameStanding::Uploaded);
    let Some(frame) = frame else { return Ok(None) };
    Ok(state.store.round(frame.round).await?.map(|context| (frame, context)))
}

/// "Hộ tịch" of a stratum; the whole agency where it is not drawn by field.
fn stratum_name(context: &RoundContext, id: StratumId, lang: Lang) -> String {
    let field = context.strata.iter().find(|stratum| stratum.id == id).and_then(|stratum| stratum.field);
    let field = field.and_then(|at| usize::try_from(at).ok()).and_then(|at| context.round.fields.get(at));
    match (field, lang) {
        (Some(field), _) => field.name.get(lang).to_owned(),
        (None, Lang::Vi) => "Toàn cơ quan".to_owned(),
        (None, Lang::En) => "The whole agency".to_owned(),
    }
}

pub(super) fn lines(context: &RoundContext, strata: &[Planned], lang: Lang) -> Vec<StratumLine> {
    let line = |planned: &Planned| StratumLine {
        name: stratum_name(context, planned.counted.stratum, lang),
        planned: *planned,
    };
    strata.iter().map(line).collect()
}

pub(super) fn agency_name(context: &RoundContext, agency: AgencyId) -> String {
    context.agencies.get(&agency).map(|agency| agency.name.clone()).unwrap_or_default()
}

/// `GET /quan-tri/mau/khung/{id}`: one agency, n by the formula to begin with.
pub(super) async fn one(
    staff: Staff<DrawSample>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let wish = wish_of(&pairs(query.as_deref()));
    let shown = async {
        let Some((frame, context)) = drawable(&state, &id).await? else { return Ok(missing()) };
        let counted = state.store.frame_strata(&[frame.id]).await?.remove(&frame.id).unwrap_or_default();
        let planned = plan(&counted, &Size::Margin(wish.margin), wish.reserve);
        let nothing = |counted: &Counted| Planned { counted: *counted, n: 0, reserve: 0 };
        let planned = planned.unwrap_or_else(|_| counted.iter().map(nothing).collect());
        asked(&state, &staff, &frame, &context, planned, wish, None)
    };
    shown.await.unwrap_or_else(busy)
}

fn asked(
    state: &AppState,
    staff: &Staff<DrawSample>,
    frame: &Frame,
    context: &RoundContext,
    planned: Vec<Planned>,
    mut wish: Wish,
    fault: Option<String>,
) -> Result<Response, StoreError> {
    if wish.seed.is_empty() {
        wish.seed = new_seed()?;
    }
    let view = OnePage {
        lang: staff.lang,
        frame: frame.id,
        agency: agency_name(context, frame.agency),
        round: (context.round.code.clone(), context.round.name.get(staff.lang).to_owned()),
        strata: lines(context, &planned, staff.lang),
        wish,
        fault,
    };
    let head = Head {
        address: format!("{SAMPLES_PATH}/khung/{}", frame.id),
        sample_data: context.round.sample_data,
        ..Head::plain(one_title(&view), SAMPLES_PATH, staff.lang)
    };
    let status = if view.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || one_view(&view)))
}

/// `POST /quan-tri/mau/khung/{id}`: draws one agency with n by hand.
pub(super) async fn draw_one(
    staff: Staff<DrawSample>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let drawn = async {
        let Some((frame, context)) = drawable(&state, &id).await? else { return Ok(missing()) };
        let wish = wish_of(&form);
        let counted = state.store.frame_strata(&[frame.id]).await?.remove(&frame.id).unwrap_or_default();
        let n = |s: &Counted| field(&form, &format!("n-{}", s.stratum.0)).trim().parse().unwrap_or(0);
        let sizes: Vec<(StratumId, u32)> = counted.iter().map(|s| (s.stratum, n(s))).collect();
        let again = |fault: String| {
            let typed = counted.iter().zip(&sizes).map(|(s, (_, n))| Planned { counted: *s, n: *n, reserve: 0 });
            asked(&state, &staff, &frame, &context, typed.collect(), wish.clone(), Some(fault))
        };
        let Some(seed) = seed(&wish)? else { return again(bad_seed(staff.lang)) };
        let Ok(key) = state.contact_keys.load(context.round.id) else {
            return again(fault_words(DrawFault::Sealed, staff.lang));
        };
        let size = Size::ByHand(sizes.clone());
        let how = How { rule: wish.rule, size, reserve_percent: wish.reserve, seed };
        match draw_frame(&state.store, &key, (&staff.may, &staff.actor.who()), &frame, &how).await? {
            Ok(list) => Ok(go(&in_lang(&format!("{SAMPLES_PATH}/danh-sach/{list}?xong=1"), staff.lang))),
            Err(fault) => again(fault_words(fault, staff.lang)),
        }
    };
    drawn.await.unwrap_or_else(busy)
}

/// `POST /quan-tri/mau/n`: the N of the lists become the N of the strata of the chosen agencies, as they were shown.
pub(super) async fn populations(staff: Staff<DrawSample>, State(state): State<AppState>, body: Bytes) -> Response {
    let form = fields(&body);
    let done = async {
        let Some(context) = round_of(&state, field(&form, "dot")).await? else { return Ok(missing()) };
        let code = &context.round.code;
        let chosen = |agency: AgencyId| {
            let agency = context.agencies.get(&agency);
            agency.is_some_and(|agency| form.iter().any(|(name, value)| name == "lay" && *value == agency.code))
        };
        let change = |stratum: &app::domain::round::Stratum| {
            let (before, after) = change_of(field(&form, &format!("n-{}", stratum.id.0)))?;
            Some(PopulationChange { stratum: stratum.id, before, after })
        };
        let chosen: Vec<PopulationChange> =
            context.strata.iter().filter(|stratum| chosen(stratum.agency)).filter_map(change).collect();
        let (vi, en) = if chosen.is_empty() {
            ("Chưa lấy N: xin đánh dấu ít nhất một cơ quan.", "No N was taken: tick at least one agency.")
        } else {
            match state.store.take_populations(&staff.may, &staff.actor.who(), context.round.id, &chosen).await? {
                Ok(changed) => return Ok(after(code, "n", changed, staff.lang)),
                Err(PopulationFault::Frozen) => {
                    ("Đợt này đã chốt số liệu; N không đổi được nữa.", "The round is frozen; its N stay as they are.")
                }
                Err(PopulationFault::Changed) => (
                    "Chưa lấy N: số liệu đã thay đổi từ khi trang này hiện ra. Xin xem lại các số dưới đây.",
                    "No N was taken: something changed since this page was shown. Look at the numbers below again.",
                ),
            }
        };
        let words = if staff.lang == Lang::Vi { vi } else { en };
        listed(&state, &staff, code, wish_of(&[]), Some(words.to_owned()), None).await
    };
    done.await.unwrap_or_else(busy)
}

/// `POST /quan-tri/mau/xoa`: the end of the contact data of a round.
pub(super) async fn purge(staff: Staff<DrawSample>, State(state): State<AppState>, body: Bytes) -> Response {
    let form = fields(&body);
    let done = async {
        let Some(context) = round_of(&state, field(&form, "dot")).await? else { return Ok(missing()) };
        let code = &context.round.code;
        if field(&form, "dong-y") != "1" {
            let words = match staff.lang {
                Lang::Vi => "Chưa xoá: xin đánh dấu vào ô đồng ý. Việc này không làm lại được.",
                Lang::En => "Nothing was erased: tick the box. It cannot be undone.",
            };
            return listed(&state, &staff, code, wish_of(&[]), Some(words.to_owned()), None).await;
        }
        state.contact_keys.purge(&state.store, &staff.actor.who(), context.round.id).await?;
        Ok(after(code, "xoa", 0, staff.lang))
    };
    done.await.unwrap_or_else(busy)
}
