//! Keying: the entry screen, the look at a code, and one form kept or corrected.

use app::components::number::{iso_day, say};
use app::domain::limits;
use app::domain::paper::{FormCode, Keyed, Pass, UNIT, layout};
use app::domain::response::local_day;
use app::domain::role::KeyPaper;
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::paper::PAPER;
use app::pages::staff::paper::entry::{EntryPage, day_field, entry_title, entry_view};
use app::store::{KeyDone, KeyFault, KeyedForm, PaperBatch};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::guard::{Staff, busy, field, fields, go, page};
use super::form::{Wrong, key_fault, read_form};
use super::{Fields, Made, framing, head_of, opened, shut};
use crate::routes::ready::pairs;
use crate::state::AppState;

fn pass_of(word: &str) -> Pass {
    Pass::from_word(word).unwrap_or(Pass::First)
}

/// What stands in the fields of the entry screen.
#[derive(Default)]
struct Typed {
    code: String,
    day: String,
    unit: String,
    correct: bool,
    last: Option<String>,
    keyed: Keyed,
    comment: String,
    wrong: Vec<String>,
    fault: Option<String>,
    done: Option<String>,
}

async fn entry_page(state: &AppState, staff: &Staff<KeyPaper>, batch: &PaperBatch, pass: Pass, typed: Typed) -> Made {
    let parts = layout(&batch.round.questionnaire, batch.stream);
    let open = state.store.paper_open(&staff.may, batch.id, pass, staff.actor.id).await?.len();
    let status = if typed.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = EntryPage {
        lang: staff.lang,
        form_lang: batch.lang,
        head: head_of(batch, staff.lang),
        pass,
        clerk: staff.actor.login.clone(),
        open,
        questionnaire: &batch.round.questionnaire,
        parts: &parts,
        listed: batch.listed,
        unit: typed.unit,
        correct: typed.correct,
        last: typed.last,
        day: if typed.day.is_empty() { day_field(batch.collected_day) } else { typed.day },
        code: typed.code,
        keyed: typed.keyed,
        comment: typed.comment,
        wrong: typed.wrong,
        fault: typed.fault,
        done: typed.done,
    };
    let below = if pass == Pass::Second { "?lan=2" } else { "" };
    let head = framing(entry_title(&view), batch, below, staff.lang);
    Ok(page(state, &staff.actor, &head, status, || entry_view(&view)))
}

/// `GET /quan-tri/phieu-giay/{batch}`.
pub(in crate::routes::staff) async fn entry(
    staff: Staff<KeyPaper>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.as_deref());
    let shown = async {
        let batch = match opened(&state, &staff.actor, &id).await? {
            Ok(batch) => batch,
            Err(why) => return shut(&state, &staff.actor, why, staff.lang).await,
        };
        let pass = pass_of(field(&query, "lan"));
        if let Some(code) = FormCode::read(field(&query, "sua")) {
            let typed = match state.store.correctable_form(&staff.may, staff.actor.id, batch.id, &code).await? {
                Ok((_, keyed)) => typed_again(&code, keyed),
                Err(fault) => Typed {
                    code: code.words(),
                    wrong: vec!["ma".to_owned()],
                    fault: Some(key_fault(&fault, staff.lang)),
                    ..Typed::default()
                },
            };
            return entry_page(&state, &staff, &batch, Pass::First, typed).await;
        }
        let done =
            field(&query, "xong").parse::<u16>().ok().map(|number| stored_words(number.cast_signed(), staff.lang));
        let last = FormCode::read(field(&query, "ma")).filter(|_| done.is_some() && pass == Pass::First);
        let typed = Typed { done, last: last.map(|code| code.words()), ..Typed::default() };
        entry_page(&state, &staff, &batch, pass, typed).await
    };
    shown.await.unwrap_or_else(busy)
}

/// What was keyed of a form, to be corrected.
fn typed_again(code: &FormCode, keyed: Keyed) -> Typed {
    Typed {
        code: code.words(),
        day: iso_day(keyed.collected_day),
        unit: keyed.unit.map_or_else(String::new, |unit| unit.to_string()),
        comment: keyed.comment.clone().unwrap_or_default(),
        correct: true,
        keyed,
        ..Typed::default()
    }
}

fn stored_words(number: i16, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("Đã lưu phiếu số {number}."),
        Lang::En => format!("Form {number} is saved."),
    }
}

fn open_words(open: usize, lang: Lang) -> String {
    match lang {
        _ if open == 0 => say(lang, "Không còn phiếu nào chờ nhập.", "No form is left.").to_owned(),
        Lang::Vi => format!("Còn {open} phiếu."),
        Lang::En => format!("{open} forms left."),
    }
}

/// `GET /quan-tri/phieu-giay/{batch}/ma/{code}`: may this form be keyed, or, with `sua`, what did I key of it? For the
/// script.
pub(in crate::routes::staff) async fn check(
    staff: Staff<KeyPaper>,
    State(state): State<AppState>,
    Path((id, code)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let lang = staff.lang;
    let query = pairs(query.as_deref());
    let checked = async {
        let batch = match opened(&state, &staff.actor, &id).await? {
            Ok(batch) => batch,
            Err(why) => return shut(&state, &staff.actor, why, lang).await,
        };
        if field(&query, "sua") == "1" {
            return again(&state, &staff, &batch, &code).await;
        }
        let pass = pass_of(field(&query, "lan"));
        let found = match FormCode::read(&code) {
            _ if batch.outdated => Err(KeyFault::Outdated),
            Some(code) => state.store.may_key_form(&staff.may, staff.actor.id, batch.id, &code, pass).await?,
            None => Err(KeyFault::Unknown),
        };
        let words = match &found {
            Ok(number) => format!("{} {number}", say(lang, "Phiếu số", "Form")),
            Err(fault) => key_fault(fault, lang),
        };
        Ok(json(StatusCode::OK, &serde_json::json!({ "good": found.is_ok(), "words": words })))
    };
    checked.await.unwrap_or_else(busy)
}

async fn again(state: &AppState, staff: &Staff<KeyPaper>, batch: &PaperBatch, code: &str) -> Made {
    let found = match FormCode::read(code) {
        _ if batch.outdated => Err(KeyFault::Outdated),
        Some(code) => state.store.correctable_form(&staff.may, staff.actor.id, batch.id, &code).await?,
        None => Err(KeyFault::Unknown),
    };
    let body = match found {
        Ok((number, keyed)) => {
            let words = match staff.lang {
                Lang::Vi => format!("Sửa phiếu số {number}."),
                Lang::En => format!("Correcting form {number}."),
            };
            let mut values = keyed.values;
            values.extend(keyed.unit.map(|unit| (UNIT.to_owned(), unit.to_string())));
            let comment = keyed.comment.unwrap_or_default();
            let kept = serde_json::json!({ "day": iso_day(keyed.collected_day), "values": values, "comment": comment });
            serde_json::json!({ "good": true, "words": words, "kept": kept })
        }
        Err(fault) => serde_json::json!({ "good": false, "words": key_fault(&fault, staff.lang) }),
    };
    Ok(json(StatusCode::OK, &body))
}

/// `POST /quan-tri/phieu-giay/{batch}`: one form. The script asks for JSON; the same again is the same success.
pub(in crate::routes::staff) async fn key(
    staff: Staff<KeyPaper>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let wants_json = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == b"application/json");
    let fields = fields(&body);
    keyed(&state, &staff, &id, &fields, wants_json).await.unwrap_or_else(busy)
}

/// The field that a refusal is about.
fn place_of(fault: &KeyFault) -> &'static str {
    if *fault == KeyFault::NoUnit { UNIT } else { "ma" }
}

async fn keyed(state: &AppState, staff: &Staff<KeyPaper>, id: &str, fields: &Fields, wants_json: bool) -> Made {
    let lang = staff.lang;
    let batch = match opened(state, &staff.actor, id).await? {
        Ok(batch) => batch,
        Err(why) => return shut(state, &staff.actor, why, lang).await,
    };
    let pass = pass_of(field(fields, "lan"));
    let parts = layout(&batch.round.questionnaire, batch.stream);
    let (form, read) = read_form(local_day(state.clock.now_ms()), &parts, fields, lang);
    let correct = field(fields, "sua") == "1";
    let who = (staff.actor.id, staff.actor.login.as_str());
    let wrong = match read {
        Ok(code) => {
            let keyed = KeyedForm { code: &code, pass, keyed: &form, correct };
            match state.store.key_form(&staff.may, who, batch.id, keyed).await? {
                Ok(KeyDone::Stored(number) | KeyDone::Duplicate(number) | KeyDone::Corrected(number)) => {
                    if wants_json {
                        let open = state.store.paper_open(&staff.may, batch.id, pass, staff.actor.id).await?.len();
                        let words = stored_words(number, lang);
                        let body = serde_json::json!({ "good": true, "words": words, "open": open_words(open, lang) });
                        return Ok(json(StatusCode::OK, &body));
                    }
                    let code = code.words();
                    let address = format!("{PAPER}/{}?lan={}&xong={number}&ma={code}", batch.id, pass.word());
                    return Ok(go(&in_lang(&address, lang)));
                }
                Err(fault) => Wrong { words: key_fault(&fault, lang), fields: vec![place_of(&fault).to_owned()] },
            }
        }
        Err(wrong) => wrong,
    };
    if wants_json {
        let body = serde_json::json!({ "good": false, "words": wrong.words });
        return Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &body));
    }
    let short = |name: &str| field(fields, name).chars().take(limits::CODE_BYTES).collect::<String>();
    let typed = Typed {
        code: short("ma"),
        day: short("ngay"),
        unit: short(UNIT),
        correct,
        last: None,
        keyed: form,
        comment: field(fields, "comment").chars().take(limits::COMMENT_CHARS + 1).collect(),
        wrong: wrong.fields,
        fault: Some(wrong.words),
        done: None,
    };
    entry_page(state, staff, &batch, pass, typed).await
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}
