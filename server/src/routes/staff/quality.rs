//! `/quan-tri/chat-luong`: quality control, for Sở Nội vụ alone: no measured agency, no surveyor and no supervisor comes
//! here. What is decided is decided in the store; here it is asked for and told.

use std::collections::HashMap;
use std::sync::Arc;

use app::domain::quality::Interviewer;
use app::domain::quality::decision::{DecisionKind, NamedRule, Reason, Verdict};
use app::domain::quality::flags::FlagKind;
use app::domain::response::{Standing, Stream};
use app::domain::role::ControlQuality;
use app::domain::round::RoundState;
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::quality::decisions::{Decisions, fault_words};
use app::pages::staff::quality::flagged::{Filter, FlaggedPage, Row, Which, flagged_title, flagged_view};
use app::pages::staff::quality::round::{Called, RoundPage, round_title, round_view};
use app::pages::staff::quality::{QUALITY_PATH, RoundRow, list_title, list_view, name_of};
use app::server_side::quality::Look;
use app::store::kiosk::Kiosk;
use app::store::quality::{NewProposal, QualityFault, RuleUse};
use app::store::{RoundContext, StoreError};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use super::quality_callbacks as callbacks;
use crate::routes::ready::pairs;
use crate::state::AppState;

/// Interviews on one page of the list: as many as one proposal may be about.
const ROWS: usize = app::domain::quality::decision::PROPOSAL;

pub(super) type Form = [(String, String)];

/// `GET /quan-tri/chat-luong`: the rounds that have interviews, the newest first.
pub(super) async fn list(staff: Staff<ControlQuality>, State(state): State<AppState>) -> Response {
    let shown = async {
        let tallies = state.store.tallies().await?;
        let mut rows = vec![];
        for context in state.store.rounds().await?.iter().rev() {
            let id = context.round.id;
            let mut counts = (0, 0, 0);
            let of_teams = tallies.round(id).filter(|(c, _)| matches!(c.stream, Stream::Sample | Stream::Intercept));
            for (cell, tally) in of_teams {
                match cell.standing {
                    Standing::Valid => counts.0 += tally.n(),
                    Standing::Suspect => counts.1 += tally.n(),
                    Standing::Excluded => counts.2 += tally.n(),
                    Standing::Incomplete | Standing::Withdrawn => {}
                }
            }
            let kiosks = state.store.kiosks(&staff.may, id).await?;
            if counts == (0, 0, 0) && kiosks.is_empty() {
                continue;
            }
            let sum = |of: fn(&Kiosk) -> u32| kiosks.iter().map(|(_, kiosk)| i64::from(of(kiosk))).sum();
            let decisions = state.store.decisions(&staff.may, id).await?;
            let called = state.store.callbacks(&staff.may, id).await?;
            rows.push(RoundRow {
                code: context.round.code.clone(),
                name: context.round.name.get(staff.lang).to_owned(),
                counts,
                waiting: decisions.iter().filter(|decision| decision.verdict == Verdict::Open).count(),
                kiosks: (sum(|k| k.received), sum(|k| k.in_burst)),
                callbacks: (called.iter().filter(|c| c.outcome.is_some()).count(), called.len()),
                ended: state.store.quality_ended_at(id).await?.is_some(),
            });
        }
        let head = Head::plain(list_title(staff.lang).to_owned(), QUALITY_PATH, staff.lang);
        Ok(page(&state, &staff.actor, &head, StatusCode::OK, || list_view(&rows, staff.lang)))
    };
    shown.await.unwrap_or_else(busy)
}

pub(super) async fn round_of(state: &AppState, code: &str) -> Result<Option<Arc<RoundContext>>, StoreError> {
    Ok(state.store.rounds().await?.iter().find(|context| context.round.code == code).cloned())
}

/// What the frame needs to know of a page of a round.
pub(super) fn head(context: &RoundContext, title: String, rest: &str, lang: Lang) -> Head<'static> {
    Head {
        address: format!("{QUALITY_PATH}/{}{rest}", context.round.code),
        sample_data: context.round.sample_data,
        ..Head::plain(title, QUALITY_PATH, lang)
    }
}

pub(super) fn status<T>(fault: Option<&T>) -> StatusCode {
    if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

fn done_words(form: &Form, lang: Lang) -> Option<String> {
    let n: u32 = field(form, "so").parse().unwrap_or(0);
    Some(match (field(form, "xong"), lang) {
        ("quy-tac", Lang::Vi) => format!("Đã loại {n} phiếu theo quy tắc."),
        ("quy-tac", Lang::En) => format!("{n} responses were left out by the rule."),
        ("rut-quy-tac", Lang::Vi) => format!("Đã rút quy tắc; {n} phiếu trở lại như trước."),
        ("rut-quy-tac", Lang::En) => format!("The rule was withdrawn; {n} responses stand as before."),
        ("de-nghi", Lang::Vi) => "Đã ghi đề nghị. Cần một người khác đồng ý.".to_owned(),
        ("de-nghi", Lang::En) => "The proposal waits for another person.".to_owned(),
        ("duyet", Lang::Vi) => format!("Đã đồng ý; {n} phiếu thay đổi tình trạng."),
        ("duyet", Lang::En) => format!("Agreed; {n} responses changed their standing."),
        ("khong", Lang::Vi) => "Đề nghị không được thông qua; không phiếu nào thay đổi.".to_owned(),
        ("khong", Lang::En) => "The proposal was not agreed to; nothing changed.".to_owned(),
        ("ket-thuc", Lang::Vi) => "Đã kết thúc kiểm tra chất lượng và xoá dữ liệu liên hệ.".to_owned(),
        ("ket-thuc", Lang::En) => "Quality control has ended; the contact data were erased.".to_owned(),
        _ => return None,
    })
}

/// `GET /quan-tri/chat-luong/{code}`.
pub(super) async fn show(
    staff: Staff<ControlQuality>,
    State(state): State<AppState>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let done = done_words(&pairs(query.as_deref()), staff.lang);
    let shown = async {
        let Some(context) = round_of(&state, &code).await? else { return Ok(missing()) };
        overview(&state, &staff, &context, None, done).await
    };
    shown.await.unwrap_or_else(busy)
}

async fn overview(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    fault: Option<&'static str>,
    done: Option<String>,
) -> Result<Response, StoreError> {
    let id = context.round.id;
    let look = Look::at(&state.store, &staff.may, context).await?;
    let rules = NamedRule::ALL.iter().map(|rule| (*rule, look.parameters(*rule), look.fits(*rule).len())).collect();
    let mut called: HashMap<Interviewer, Called> = HashMap::new();
    look.callbacks.iter().for_each(|callback| called.entry(callback.by).or_default().add(callback.outcome));
    let view = RoundPage {
        lang: staff.lang,
        round: (context.round.code.clone(), context.round.name.get(staff.lang).to_owned()),
        lines: look.lines,
        names: look.names,
        called,
        decisions: Decisions {
            me: staff.actor.who().account,
            rules,
            all: state.store.decisions(&staff.may, id).await?,
            frozen: context.frozen_at.is_some(),
        },
        ended: state.store.quality_ended_at(id).await?,
        may_end: context.round.state(state.clock.now_ms()) == RoundState::Over,
        fault,
        done,
    };
    let head = head(context, round_title(&view), "", staff.lang);
    Ok(page(state, &staff.actor, &head, status(fault.as_ref()), || round_view(&view)))
}

fn filter_of(form: &Form) -> Filter {
    Filter {
        which: Which::from_word(field(form, "nao")).unwrap_or(Which::Flagged),
        by: field(form, "ai").parse().ok(),
        kind: FlagKind::from_word(field(form, "dau")),
        decision: field(form, "de-nghi").parse().ok(),
        page: field(form, "trang").parse().ok().filter(|page| *page >= 1).unwrap_or(1),
    }
}

/// `GET /quan-tri/chat-luong/{code}/phieu`: interviews one by one.
pub(super) async fn interviews(
    staff: Staff<ControlQuality>,
    State(state): State<AppState>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let filter = filter_of(&pairs(query.as_deref()));
    let shown = async {
        let Some(context) = round_of(&state, &code).await? else { return Ok(missing()) };
        listed(&state, &staff, &context, filter, &[], None).await
    };
    shown.await.unwrap_or_else(busy)
}

async fn listed(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    filter: Filter,
    typed: &Form,
    fault: Option<&'static str>,
) -> Result<Response, StoreError> {
    let lang = staff.lang;
    let look = Look::at(&state.store, &staff.may, context).await?;
    let of_decision = match filter.decision {
        Some(id) => Some(state.store.decided_responses(&staff.may, id).await?),
        None => None,
    };
    let both = look.interviews.iter().zip(&look.flags).filter(|(interview, flags)| {
        let which = match (&of_decision, filter.which) {
            (Some(ids), _) => ids.contains(&interview.id),
            (None, Which::Flagged) => !flags.is_empty(),
            (None, Which::All) => true,
            (None, Which::Excluded) => interview.standing == Standing::Excluded,
        };
        which
            && filter.by.is_none_or(|by| interview.by.code() == by)
            && filter.kind.is_none_or(|kind| flags.iter().any(|flag| flag.kind() == kind))
    });
    let found: Vec<_> = both.collect();
    let agency = |id| context.agencies.get(&id).map(|agency| agency.name.clone()).unwrap_or_default();
    let from = (filter.page - 1).saturating_mul(ROWS);
    let rows = found.iter().skip(from).take(ROWS).map(|(interview, flags)| Row {
        id: interview.id,
        by: name_of(interview.by, &look.names, lang),
        agency: agency(interview.agency),
        at: interview.started_at.unwrap_or(interview.received_at),
        length: interview.length(),
        standing: interview.standing,
        flags: (*flags).clone(),
    });
    let mut people: Vec<(String, String)> =
        look.lines.iter().map(|line| (line.by.code().to_string(), name_of(line.by, &look.names, lang))).collect();
    people.sort_by_cached_key(|(_, name)| app::domain::text::sort_key(name));
    let view = FlaggedPage {
        lang,
        round: (context.round.code.clone(), context.round.name.get(lang).to_owned()),
        filter,
        people,
        rows: rows.collect(),
        of: found.len(),
        more: found.len() > from.saturating_add(ROWS),
        chosen: chosen(typed),
        words: field(typed, "loi").chars().take(app::domain::limits::REASON_CHARS).collect(),
        reason: field(typed, "ly-do").chars().take(40).collect(),
        frozen: context.frozen_at.is_some(),
        fault,
    };
    let head = head(context, flagged_title(&view), "/phieu", lang);
    Ok(page(state, &staff.actor, &head, status(fault.as_ref()), || flagged_view(&view)))
}

/// The responses that were ticked.
fn chosen(form: &Form) -> Vec<Uuid> {
    form.iter().filter(|(name, _)| name == "phieu").filter_map(|(_, id)| Uuid::try_parse(id).ok()).collect()
}

/// `POST /quan-tri/chat-luong/{code}/{what}`.
pub(super) async fn change(
    staff: Staff<ControlQuality>,
    State(state): State<AppState>,
    Path((code, what)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let form = fields(&body);
    let changed = async {
        let Some(context) = round_of(&state, &code).await? else { return Ok(missing()) };
        match what.as_str() {
            "quy-tac" => rule(&state, &staff, &context, &form).await,
            "rut-quy-tac" => {
                let decision = field(&form, "quyet-dinh").parse().unwrap_or(0);
                let (who, words) = (staff.actor.who(), field(&form, "ly-do-rut"));
                let done = state.store.withdraw_rule(&staff.may, &who, context.round.id, decision, words).await?;
                told(&state, &staff, &context, done, "rut-quy-tac").await
            }
            "de-nghi" => propose(&state, &staff, &context, &form).await,
            "duyet" => {
                let (decision, agree) =
                    (field(&form, "de-nghi").parse().unwrap_or(0), field(&form, "viec") == "dong-y");
                let who = staff.actor.who();
                let done = state.store.decide(&staff.may, &who, context.round.id, (decision, agree)).await?;
                told(&state, &staff, &context, done, if agree { "duyet" } else { "khong" }).await
            }
            "ket-thuc" => end(&state, &staff, &context, &form).await,
            "rut" => callbacks::draw(&state, &staff, &context, &form).await,
            "goi" => callbacks::note(&state, &staff, &context, &form).await,
            _ => Ok(missing()),
        }
    };
    changed.await.unwrap_or_else(busy)
}

/// Back to the page of the round: what was done, or why not.
async fn told(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    done: Result<usize, QualityFault>,
    what: &str,
) -> Result<Response, StoreError> {
    match done {
        Ok(n) => {
            let address = format!("{QUALITY_PATH}/{}?xong={what}&so={n}", context.round.code);
            Ok(go(&in_lang(&address, staff.lang)))
        }
        Err(fault) => overview(state, staff, context, Some(fault_words(fault, staff.lang)), None).await,
    }
}

async fn rule(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    form: &Form,
) -> Result<Response, StoreError> {
    let Some(rule) = NamedRule::from_word(field(form, "quy-tac")) else { return Ok(missing()) };
    if field(form, "dong-y") != "1" {
        let words = match staff.lang {
            Lang::Vi => "Chưa loại phiếu nào: xin đánh dấu vào ô đồng ý.",
            Lang::En => "Nothing was left out: tick the box.",
        };
        return overview(state, staff, context, Some(words), None).await;
    }
    let look = Look::at(&state.store, &staff.may, context).await?;
    let (ids, parameters) = (look.fits(rule), look.parameters(rule));
    let applied = RuleUse { rule, parameters: &parameters, ids: &ids };
    let done = state.store.apply_rule(&staff.may, &staff.actor.who(), context.round.id, &applied).await?;
    told(state, staff, context, done, "quy-tac").await
}

async fn propose(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    form: &Form,
) -> Result<Response, StoreError> {
    let kind = match field(form, "viec") {
        "loai" => DecisionKind::Out,
        "lay-lai" => DecisionKind::Back,
        "nhan-vao" => DecisionKind::In,
        _ => return Ok(missing()),
    };
    let ids = chosen(form);
    let reason = Reason::from_word(field(form, "ly-do")).unwrap_or(Reason::Other);
    let new = NewProposal { kind, ids: &ids, reason, words: field(form, "loi") };
    match state.store.propose(&staff.may, &staff.actor.who(), context.round.id, &new).await? {
        Ok(_) => told(state, staff, context, Ok(ids.len()), "de-nghi").await,
        Err(fault) => {
            let filter = filter_of(&pairs(Some(field(form, "loc"))));
            listed(state, staff, context, filter, form, Some(fault_words(fault, staff.lang))).await
        }
    }
}

/// The end of quality control: it is noted with what the call-backs came to, then the contact data of the round go.
async fn end(
    state: &AppState,
    staff: &Staff<ControlQuality>,
    context: &RoundContext,
    form: &Form,
) -> Result<Response, StoreError> {
    let again = match (field(form, "dong-y"), context.round.state(state.clock.now_ms()), staff.lang) {
        ("1", RoundState::Over, _) => None,
        ("1", _, Lang::Vi) => Some("Đợt này còn nhận phiếu: chưa kết thúc kiểm tra chất lượng được."),
        ("1", _, Lang::En) => Some("The round still takes answers: quality control cannot end yet."),
        (_, _, Lang::Vi) => Some("Chưa xoá: xin đánh dấu vào ô đồng ý. Việc này không làm lại được."),
        (_, _, Lang::En) => Some("Nothing was erased: tick the box. It cannot be undone."),
    };
    if let Some(words) = again {
        return overview(state, staff, context, Some(words), None).await;
    }
    let who = staff.actor.who();
    state.store.end_quality(&staff.may, &who, context.round.id).await?;
    // Whatever was noted before: a purge that was cut off is finished here.
    state.contact_keys.purge(&state.store, &who, context.round.id).await?;
    told(state, staff, context, Ok(0), "ket-thuc").await
}
