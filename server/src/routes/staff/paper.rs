//! `/quan-tri/phieu-giay`: batches of paper forms are made, printed, keyed once or twice, and settled. An account of a
//! measured agency does none of it.

use app::components::number::{instant, say};
use app::domain::answer::Problem;
use app::domain::limits;
use app::domain::paper::{
    Again, CODE_TAIL, COLLECTED, COMMENT, FormCode, Keyed, Part, Pass, differences, layout, rates,
};
use app::domain::response::{Stream, local_day};
use app::domain::role::{KeyPaper, SeePaper, SettlePaper};
use app::domain::sheet::{self, SheetFault};
use app::domain::staff_log::Act;
use app::domain::text::{Lang, sort_key};
use app::pages::staff::in_lang;
use app::pages::staff::paper::entry::{EntryPage, day_field, entry_title, entry_view};
use app::pages::staff::paper::print::{PrintPage, Sheet, print_title, print_view};
use app::pages::staff::paper::settle::{
    BatchPage, SettlePage, batch_title, batch_view, candidates, settle_title, settle_view,
};
use app::pages::staff::paper::{
    BatchForm, BatchHead, BatchRow, BatchesPage, PAPER, SCRIPT, STREAMS, TypedBatch, batches_title, batches_view,
    forms_of, measured_view,
};
use app::server_side::desk_codes::DeskCodes;
use app::server_side::guard::Actor;
use app::server_side::poster;
use app::store::{KeyDone, KeyFault, NewBatch, PaperBatch, PaperFault, PaperForm, RoundContext, StoreError};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

type Made = Result<Response, StoreError>;
type Fields = Vec<(String, String)>;

/// `GET /quan-tri/phieu-giay.js`.
pub(super) async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, SCRIPT).into_response()
}

/// Whether somebody belongs to an agency that a round measures.
async fn measured(state: &AppState, actor: &Actor, round: &RoundContext) -> Result<bool, StoreError> {
    match actor.agency {
        Some(agency) => state.store.is_measured(agency, round).await,
        None => Ok(false),
    }
}

/// The refusal, noted.
async fn refused(state: &AppState, actor: &Actor, lang: Lang) -> Made {
    state.store.log(&actor.who(), Act::Refused, PAPER, "tài khoản thuộc cơ quan được đo lường").await?;
    let head = Head::plain(say(lang, "Không có quyền", "Not allowed").to_owned(), PAPER, lang);
    Ok(page(state, actor, &head, StatusCode::FORBIDDEN, || measured_view(lang)))
}

/// Why a batch is not shown.
enum Shut {
    Missing,
    Measured,
}

/// A batch that somebody may work on.
async fn opened(state: &AppState, actor: &Actor, id: &str) -> Result<Result<PaperBatch, Shut>, StoreError> {
    let number = id.parse::<i32>().ok().filter(|n| n.to_string() == id);
    let (Some(may), Some(number)) = (actor.may::<SeePaper>(), number) else { return Ok(Err(Shut::Missing)) };
    let Some(batch) = state.store.paper_batch(&may, number).await? else { return Ok(Err(Shut::Missing)) };
    Ok(if measured(state, actor, &batch.round).await? { Err(Shut::Measured) } else { Ok(batch) })
}

async fn shut(state: &AppState, actor: &Actor, why: Shut, lang: Lang) -> Made {
    match why {
        Shut::Missing => Ok(missing()),
        Shut::Measured => refused(state, actor, lang).await,
    }
}

fn head_of(batch: &PaperBatch, lang: Lang) -> BatchHead {
    let round = &batch.round.round;
    let field = batch.field.and_then(|at| usize::try_from(at).ok()).and_then(|at| round.fields.get(at));
    BatchHead {
        id: batch.id,
        round: round.name.get(lang).to_owned(),
        agency: batch.round.agencies.get(&batch.agency).map_or_else(String::new, |agency| agency.name.clone()),
        field: field.map(|field| field.name.get(lang).to_owned()),
        stream: batch.stream,
        progress: batch.progress,
    }
}

fn framing<'a>(title: String, batch: &PaperBatch, below: &str, lang: Lang) -> Head<'a> {
    Head {
        address: format!("{PAPER}/{}{below}", batch.id),
        sample_data: batch.round.round.sample_data,
        ..Head::plain(title, PAPER, lang)
    }
}

/// `GET /quan-tri/phieu-giay`.
pub(super) async fn list(staff: Staff<SeePaper>, State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query.as_deref());
    let done = (field(&query, "xong") == "lap").then(|| {
        let words = say(staff.lang, "Đã lập tập phiếu. Tiếp theo: in phiếu.", "The batch is made. Next: print it.");
        words.to_owned()
    });
    listed(&state, &staff.actor, &staff.may, staff.lang, (TypedBatch::default(), vec![]), done)
        .await
        .unwrap_or_else(busy)
}

async fn listed(
    state: &AppState,
    actor: &Actor,
    may: &SeePaper,
    lang: Lang,
    (typed, faults): (TypedBatch, Vec<SheetFault>),
    done: Option<String>,
) -> Made {
    let mut batches = vec![];
    for batch in state.store.paper_batches(may).await? {
        if !measured(state, actor, &batch.round).await? {
            batches.push(BatchRow { head: head_of(&batch, lang), made: (batch.made_by.clone(), batch.made_at) });
        }
    }
    let rounds = state.store.rounds().await?;
    let open: Vec<_> = rounds.iter().rev().filter(|context| context.frozen_at.is_none()).collect();
    let mut agencies: Vec<(String, String)> = open
        .iter()
        .flat_map(|context| context.strata.iter().filter_map(|stratum| context.agencies.get(&stratum.agency)))
        .map(|agency| (agency.code.clone(), agency.name.clone()))
        .collect();
    agencies.sort_by_cached_key(|(code, name)| (sort_key(name), code.clone()));
    agencies.dedup();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let form = actor.may::<SettlePaper>().map(|_| BatchForm {
        typed,
        faults,
        rounds: open.iter().map(|c| (c.round.code.clone(), c.round.name.get(lang).to_owned())).collect(),
        agencies,
    });
    let view = BatchesPage { lang, batches, keys: actor.may::<KeyPaper>().is_some(), form, done };
    let mut head = Head::plain(batches_title(&view), PAPER, lang);
    head.sample_data = state.store.holds_sample_data().await?;
    Ok(page(state, actor, &head, status, || batches_view(&view)))
}

/// `POST /quan-tri/phieu-giay`: a new batch.
pub(super) async fn make(staff: Staff<SettlePaper>, State(state): State<AppState>, body: Bytes) -> Response {
    let fields = fields(&body);
    let text = |name: &str| field(&fields, name).trim().chars().take(limits::CODE_BYTES).collect::<String>();
    let typed = TypedBatch {
        round: text("dot"),
        agency: text("co-quan"),
        field: text("linh-vuc"),
        stream: text("nguon"),
        forms: text("so"),
        again: text("nhap-lai"),
        lang: text("tieng"),
    };
    made(&state, &staff, typed).await.unwrap_or_else(busy)
}

async fn made(state: &AppState, staff: &Staff<SettlePaper>, typed: TypedBatch) -> Made {
    let (actor, lang) = (&staff.actor, staff.lang);
    let faults = match read_batch(state, &typed).await? {
        Ok((context, new)) => {
            if measured(state, actor, &context).await? {
                return refused(state, actor, lang).await;
            }
            let fault = match state.store.make_paper_batch(&staff.may, &actor.who(), &new).await? {
                Ok(_) => return Ok(go(&in_lang(&format!("{PAPER}?xong=lap"), lang))),
                Err(PaperFault::Frozen) => SheetFault::new(0, "dot", "Đợt này đã khoá sổ.", "This round is frozen."),
                Err(PaperFault::NoStratum | PaperFault::Nothing) => no_stratum(),
            };
            vec![fault]
        }
        Err(faults) => faults,
    };
    let Some(may) = actor.may::<SeePaper>() else { return Ok(missing()) };
    listed(state, actor, &may, lang, (typed, faults), None).await
}

fn no_stratum() -> SheetFault {
    let vi = "Cơ quan này (với lĩnh vực này) không có số hồ sơ trong đợt.";
    SheetFault::new(0, "co-quan", vi, "The agency, with this field, has no dossiers in the round.")
}

async fn read_batch(
    state: &AppState,
    typed: &TypedBatch,
) -> Result<Result<(std::sync::Arc<RoundContext>, NewBatch), Vec<SheetFault>>, StoreError> {
    let rounds = state.store.rounds().await?;
    let Some(context) = rounds.iter().find(|context| context.round.code == typed.round) else {
        return Ok(Err(vec![SheetFault::new(0, "dot", "Xin chọn đợt.", "Choose a round.")]));
    };
    let mut faults = vec![];
    let agency = context.codes.get(typed.agency.as_str()).copied();
    if agency.is_none() {
        faults.push(SheetFault::new(
            0,
            "co-quan",
            "Đợt này không có cơ quan nào mang mã đó.",
            "No agency of the round has this code.",
        ));
    }
    let at = context.round.field_index(&typed.field);
    if at.is_none() && !typed.field.is_empty() {
        faults.push(SheetFault::new(0, "linh-vuc", "Đợt này không có lĩnh vực đó.", "The round has no such field."));
    }
    let forms = forms_of(&typed.forms);
    if forms.is_none() {
        faults.push(SheetFault::new(0, "so", "Số phiếu từ 1 đến 50.", "The number of forms is 1 to 50."));
    }
    let stream = Stream::from_word(&typed.stream).filter(|stream| STREAMS.contains(stream));
    if stream.is_none() {
        faults.push(SheetFault::new(0, "nguon", "Xin chọn nguồn phiếu.", "Choose a stream."));
    }
    let again = Again::from_word(&typed.again);
    if again.is_none() {
        let vi = "Xin chọn bao nhiêu phiếu được nhập lần hai.";
        faults.push(SheetFault::new(0, "nhap-lai", vi, "Choose how many forms are keyed twice."));
    }
    let (Some(agency), Some(forms), Some(stream), Some(again), true) =
        (agency, forms, stream, again, faults.is_empty())
    else {
        return Ok(Err(faults));
    };
    let no_chance = |_| StoreError::Unavailable("the system gave no random bytes".to_owned());
    let mut codes = DeskCodes::fresh().map_err(no_chance)?;
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).map_err(no_chance)?;
    let codes: Vec<FormCode> = std::iter::repeat_with(|| codes.next_code())
        .filter_map(|letters| FormCode::with_check(letters.get(..CODE_TAIL)?))
        .take(forms.into())
        .collect();
    let new = NewBatch {
        round: context.round.id,
        agency,
        field: at,
        stream,
        lang: Lang::from_tag(&typed.lang),
        again,
        // What is printed on a page and read by people: below 10¹⁰.
        seed: u64::from_le_bytes(seed) % 10_000_000_000,
        codes,
    };
    Ok(Ok((std::sync::Arc::clone(context), new)))
}

/// `GET /quan-tri/phieu-giay/{batch}/in`.
pub(super) async fn print(
    staff: Staff<SettlePaper>,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Response {
    let printed = async {
        let batch = match opened(&state, &staff.actor, &id).await? {
            Ok(batch) => batch,
            Err(why) => return shut(&state, &staff.actor, why, staff.lang).await,
        };
        let parts = layout(&batch.round.questionnaire);
        let forms = state.store.paper_forms(&staff.may, batch.id).await?;
        let sheets = forms.iter().filter_map(|form| {
            let qr = poster::qr(form.code.as_str())?;
            Some(Sheet { number: form.number, code: form.code.words(), qr })
        });
        let view = PrintPage {
            lang: staff.lang,
            form_lang: batch.lang,
            head: head_of(&batch, batch.lang),
            questionnaire: &batch.round.questionnaire,
            parts: &parts,
            sheets: sheets.collect(),
            sample_data: batch.round.round.sample_data,
        };
        let head = framing(print_title(&view), &batch, "/in", staff.lang);
        Ok(page(&state, &staff.actor, &head, StatusCode::OK, || print_view(&view)))
    };
    printed.await.unwrap_or_else(busy)
}

fn pass_of(word: &str) -> Pass {
    Pass::from_word(word).unwrap_or(Pass::First)
}

/// Why a form is not keyed, in words.
fn key_fault(fault: &KeyFault, lang: Lang) -> String {
    match fault {
        KeyFault::Unknown => {
            say(lang, "Tập này không có phiếu mang mã đó.", "No form of this batch has the code.").to_owned()
        }
        KeyFault::Keyed(who, at) => match lang {
            Lang::Vi => format!("Phiếu này {who} đã nhập lúc {}.", instant(*at, lang)),
            Lang::En => format!("{who} keyed this form at {}.", instant(*at, lang)),
        },
        KeyFault::Own => say(
            lang,
            "Ông/Bà đã nhập phiếu này lần một; lần hai do người khác nhập.",
            "You keyed this form first; somebody else keys it again.",
        )
        .to_owned(),
        KeyFault::Once => {
            say(lang, "Phiếu này không được bốc để nhập lần hai.", "This form was not drawn to be keyed again.")
                .to_owned()
        }
        KeyFault::NoFirst => {
            say(lang, "Phiếu này chưa được nhập lần một.", "This form was not keyed a first time yet.").to_owned()
        }
        KeyFault::Outdated => say(
            lang,
            "Mẫu phiếu của đợt đã đổi sau khi in tập này, nên không nhập được. Xin lập và in tập mới.",
            "The round’s questionnaire changed after this batch was printed. Make and print a new one.",
        )
        .to_owned(),
    }
}

/// What stands in the fields of the entry screen.
#[derive(Default)]
struct Typed {
    code: String,
    day: String,
    keyed: Keyed,
    comment: String,
    wrong: Vec<String>,
    fault: Option<String>,
    done: Option<String>,
}

async fn entry_page(state: &AppState, staff: &Staff<KeyPaper>, batch: &PaperBatch, pass: Pass, typed: Typed) -> Made {
    let parts = layout(&batch.round.questionnaire);
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
pub(super) async fn entry(
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
        let done =
            field(&query, "xong").parse::<u16>().ok().map(|number| stored_words(number.cast_signed(), staff.lang));
        let typed = Typed { done, ..Typed::default() };
        entry_page(&state, &staff, &batch, pass_of(field(&query, "lan")), typed).await
    };
    shown.await.unwrap_or_else(busy)
}

fn stored_words(number: i16, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("Đã lưu phiếu số {number}."),
        Lang::En => format!("Form {number} is saved."),
    }
}

fn open_words(open: usize, lang: Lang) -> String {
    match lang {
        Lang::Vi => format!("Còn {open} phiếu."),
        Lang::En => format!("{open} forms left."),
    }
}

/// `GET /quan-tri/phieu-giay/{batch}/ma/{code}`: may this form be keyed? For the script.
pub(super) async fn check(
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

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}

/// `POST /quan-tri/phieu-giay/{batch}`: one form. The script asks for JSON; the same again is the same success.
pub(super) async fn key(
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

/// What is wrong with a posted form: its words and its fields.
struct Wrong {
    words: String,
    fields: Vec<String>,
}

fn read_form(state: &AppState, parts: &[Part], fields: &Fields, lang: Lang) -> (Keyed, Result<FormCode, Wrong>) {
    let code = FormCode::read(field(fields, "ma"));
    let today = local_day(state.clock.now_ms());
    // Ten years back no round was measured on such forms; it is a slip of the hand.
    let day = sheet::day(field(fields, "ngay")).filter(|day| (today - 3_653..=today).contains(day));
    let get = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect::<Vec<String>>();
    let (keyed, faults) = match Keyed::read(parts, day.unwrap_or_default(), &get) {
        Ok(keyed) => (keyed, vec![]),
        Err((keyed, faults)) => (keyed, faults),
    };
    let mut wrong = Wrong { words: String::new(), fields: vec![] };
    let mut add = |name: &str, words: String| {
        if !wrong.words.is_empty() {
            wrong.words.push(' ');
        }
        wrong.words.push_str(&words);
        wrong.fields.push(name.to_owned());
    };
    if code.is_none() {
        let words = say(
            lang,
            "Mã phiếu không đúng: xin gõ hoặc quét lại.",
            "This is no code of a form: type or scan it again.",
        );
        add("ma", words.to_owned());
    }
    if day.is_none() {
        let words =
            say(lang, "Xin ghi ngày trả lời, không ở sau hôm nay.", "Give the date on the form, not after today.");
        add("ngay", words.to_owned());
    }
    for fault in faults {
        let words = match (fault.problem, lang) {
            (Problem::TooLong { most }, Lang::Vi) => format!("Ý kiến dài quá {most} ký tự."),
            (Problem::TooLong { most }, Lang::En) => format!("The comment is longer than {most} characters."),
            (_, Lang::Vi) => format!("Câu {}: giá trị này không có trên phiếu.", fault.field),
            (_, Lang::En) => format!("Question {}: the form has no such value.", fault.field),
        };
        add(&fault.field, words);
    }
    match code {
        Some(code) if wrong.fields.is_empty() => (keyed, Ok(code)),
        _ => (keyed, Err(wrong)),
    }
}

async fn keyed(state: &AppState, staff: &Staff<KeyPaper>, id: &str, fields: &Fields, wants_json: bool) -> Made {
    let lang = staff.lang;
    let batch = match opened(state, &staff.actor, id).await? {
        Ok(batch) => batch,
        Err(why) => return shut(state, &staff.actor, why, lang).await,
    };
    let pass = pass_of(field(fields, "lan"));
    let parts = layout(&batch.round.questionnaire);
    let (form, read) = read_form(state, &parts, fields, lang);
    let who = (staff.actor.id, staff.actor.login.as_str());
    let wrong = match read {
        Ok(code) => match state.store.key_form(&staff.may, who, batch.id, (&code, pass), &form).await? {
            Ok(KeyDone::Stored(number) | KeyDone::Duplicate(number)) => {
                if wants_json {
                    let open = state.store.paper_open(&staff.may, batch.id, pass, staff.actor.id).await?.len();
                    let words = stored_words(number, lang);
                    let body = serde_json::json!({ "good": true, "words": words, "open": open_words(open, lang) });
                    return Ok(json(StatusCode::OK, &body));
                }
                let address = format!("{PAPER}/{}?lan={}&xong={number}", batch.id, pass.word());
                return Ok(go(&in_lang(&address, lang)));
            }
            Err(fault) => Wrong { words: key_fault(&fault, lang), fields: vec!["ma".to_owned()] },
        },
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
        keyed: form,
        comment: field(fields, "comment").chars().take(limits::COMMENT_CHARS + 1).collect(),
        wrong: wrong.fields,
        fault: Some(wrong.words),
        done: None,
    };
    entry_page(state, staff, &batch, pass, typed).await
}

/// `GET /quan-tri/phieu-giay/{batch}/doi-chieu`.
pub(super) async fn batch(
    staff: Staff<SettlePaper>,
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
        let parts = layout(&batch.round.questionnaire);
        let forms = state.store.paper_forms(&staff.may, batch.id).await?;
        let differing = forms.iter().filter(|form| form.differs()).filter_map(|form| {
            let found = differences(&parts, &form.first.as_ref()?.keyed, &form.second.as_ref()?.keyed);
            Some((form.code.words(), form.number, found.len()))
        });
        let twice = forms.iter().filter(|form| form.second.is_some());
        let passes = twice.filter_map(|form| Some((form, form.settled.as_ref()?))).flat_map(|(form, settled)| {
            let both = [&form.first, &form.second].into_iter().flatten();
            both.map(move |pass| (pass.login.as_str(), &pass.keyed, settled))
        });
        let spoilt = forms.iter().filter_map(|form| form.settled.as_ref()).map(Keyed::spoilt);
        let view = BatchPage {
            lang: staff.lang,
            head: head_of(&batch, staff.lang),
            differing: differing.collect(),
            spoilt: spoilt.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)),
            rates: rates(&parts, passes),
            seed: batch.seed,
            done: (field(&query, "xong") == "chot")
                .then(|| say(staff.lang, "Đã chốt phiếu.", "The form is settled.").to_owned()),
        };
        let head = framing(batch_title(&view), &batch, "/doi-chieu", staff.lang);
        Ok(page(&state, &staff.actor, &head, StatusCode::OK, || batch_view(&view)))
    };
    shown.await.unwrap_or_else(busy)
}

/// A form of a batch that two people keyed differently.
async fn differing(
    state: &AppState,
    may: &SettlePaper,
    batch: &PaperBatch,
    code: &str,
) -> Result<Option<PaperForm>, StoreError> {
    let Some(code) = FormCode::read(code) else { return Ok(None) };
    let forms = state.store.paper_forms(may, batch.id).await?;
    Ok(forms.into_iter().find(|form| form.code == code && form.differs()))
}

async fn settle_page(
    state: &AppState,
    staff: &Staff<SettlePaper>,
    batch: &PaperBatch,
    form: &PaperForm,
    chosen: Vec<(String, String)>,
    fault: Option<String>,
) -> Made {
    let (Some(first), Some(second)) = (&form.first, &form.second) else { return Ok(missing()) };
    let parts = layout(&batch.round.questionnaire);
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = SettlePage {
        lang: staff.lang,
        form_lang: batch.lang,
        head: head_of(batch, staff.lang),
        form: (form.code.words(), form.number),
        questionnaire: &batch.round.questionnaire,
        parts: &parts,
        keyed: (&first.keyed, &second.keyed),
        differences: differences(&parts, &first.keyed, &second.keyed),
        chosen,
        fault,
    };
    let head = framing(settle_title(&view), batch, &format!("/doi-chieu/{}", form.code.words()), staff.lang);
    Ok(page(state, &staff.actor, &head, status, || settle_view(&view)))
}

/// `GET /quan-tri/phieu-giay/{batch}/doi-chieu/{code}`.
pub(super) async fn show(
    staff: Staff<SettlePaper>,
    State(state): State<AppState>,
    Path((id, code)): Path<(String, String)>,
) -> Response {
    let shown = async {
        let batch = match opened(&state, &staff.actor, &id).await? {
            Ok(batch) => batch,
            Err(why) => return shut(&state, &staff.actor, why, staff.lang).await,
        };
        match differing(&state, &staff.may, &batch, &code).await? {
            Some(form) => settle_page(&state, &staff, &batch, &form, vec![], None).await,
            None => Ok(missing()),
        }
    };
    shown.await.unwrap_or_else(busy)
}

/// `POST /quan-tri/phieu-giay/{batch}/doi-chieu/{code}`.
pub(super) async fn settle(
    staff: Staff<SettlePaper>,
    State(state): State<AppState>,
    Path((id, code)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    settled(&state, &staff, &id, &code, &fields).await.unwrap_or_else(busy)
}

async fn settled(state: &AppState, staff: &Staff<SettlePaper>, id: &str, code: &str, fields: &Fields) -> Made {
    let lang = staff.lang;
    let batch = match opened(state, &staff.actor, id).await? {
        Ok(batch) => batch,
        Err(why) => return shut(state, &staff.actor, why, lang).await,
    };
    let Some(form) = differing(state, &staff.may, &batch, code).await? else { return Ok(missing()) };
    let (Some(first), Some(second)) = (&form.first, &form.second) else { return Ok(missing()) };
    let parts = layout(&batch.round.questionnaire);
    let mut counts = first.keyed.clone();
    let (mut chosen, mut open) = (vec![], 0);
    for place in differences(&parts, &first.keyed, &second.keyed) {
        // Blank may be chosen too, so that what is chosen begins with a sign.
        let Some(value) = field(fields, &place).strip_prefix('=') else {
            open += 1;
            continue;
        };
        let item = parts.iter().flat_map(|part| &part.items).find(|item| item.code == place);
        let good = match (item, place.as_str(), value) {
            (Some(item), ..) => {
                let known = candidates(item, first.keyed.value(&place), second.keyed.value(&place));
                let known = known.iter().any(|candidate| candidate == value);
                counts.values.remove(&place);
                if known && !value.is_empty() {
                    counts.values.insert(place.clone(), value.to_owned());
                }
                known
            }
            (None, COMMENT | COLLECTED, "1") => true,
            (None, COMMENT, "2") => {
                counts.comment.clone_from(&second.keyed.comment);
                true
            }
            (None, COLLECTED, "2") => {
                counts.collected_day = second.keyed.collected_day;
                true
            }
            _ => false,
        };
        open += usize::from(!good);
        if good {
            chosen.push((place, value.to_owned()));
        }
    }
    if open > 0 {
        let words = match lang {
            Lang::Vi => format!("Còn {open} chỗ chưa chọn."),
            Lang::En => format!("{open} places are still open."),
        };
        return settle_page(state, staff, &batch, &form, chosen, Some(words)).await;
    }
    match state.store.settle_form(&staff.may, &staff.actor.who(), batch.id, &form.code, &counts).await? {
        Ok(()) => Ok(go(&in_lang(&format!("{PAPER}/{}/doi-chieu?xong=chot", batch.id), lang))),
        Err(_) => Ok(missing()),
    }
}
