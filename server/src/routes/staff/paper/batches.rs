//! The list of batches, a new one, and its print.

use app::components::number::say;
use app::domain::limits;
use app::domain::paper::{Again, CODE_TAIL, FormCode, layout, rates};
use app::domain::response::Stream;
use app::domain::role::{KeyPaper, SeePaper, SettlePaper};
use app::domain::sheet::SheetFault;
use app::domain::text::{Lang, sort_key};
use app::pages::staff::in_lang;
use app::pages::staff::paper::print::{PrintPage, Sheet, print_title, print_view};
use app::pages::staff::paper::rates::RoundRates;
use app::pages::staff::paper::{
    BatchForm, BatchRow, BatchesPage, PAPER, STREAMS, TypedBatch, batches_title, batches_view, forms_of,
};
use app::server_side::desk_codes::DeskCodes;
use app::server_side::guard::Actor;
use app::server_side::poster;
use app::store::{NewBatch, PaperBatch, PaperFault, RoundContext, StoreError};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use super::settle::passes;
use super::{Made, framing, head_of, measured, opened, refused, shut};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// `GET /quan-tri/phieu-giay`.
pub(in crate::routes::staff) async fn list(
    staff: Staff<SeePaper>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = pairs(query.as_deref());
    let done = match field(&query, "xong") {
        "lap" => Some(say(staff.lang, "Đã lập tập phiếu. Tiếp theo: in phiếu.", "The batch is made. Next: print it.")),
        "dong" => Some(say(
            staff.lang,
            "Đã đóng tập: các phiếu đã nhập được tính.",
            "The batch is closed: what is keyed counts.",
        )),
        _ => None,
    };
    let done = done.map(str::to_owned);
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
    let mut seen = vec![];
    for batch in state.store.paper_batches(may).await? {
        if !measured(state, actor, &batch.round).await? {
            seen.push(batch);
        }
    }
    let batches =
        seen.iter().map(|batch| BatchRow { head: head_of(batch, lang), made: (batch.made_by.clone(), batch.made_at) });
    let settles = actor.may::<SettlePaper>();
    let rates = match &settles {
        Some(may) => round_rates(state, may, &seen, lang).await?,
        None => vec![],
    };
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
    let form = settles.map(|_| BatchForm {
        typed,
        faults,
        rounds: open.iter().map(|c| (c.round.code.clone(), c.round.name.get(lang).to_owned())).collect(),
        agencies,
    });
    let view = BatchesPage {
        lang,
        batches: batches.collect(),
        clerk: actor.may::<KeyPaper>().map(|_| actor.login.clone()),
        form,
        rates,
        done,
    };
    let mut head = Head::plain(batches_title(&view), PAPER, lang);
    head.sample_data = state.store.holds_sample_data().await?;
    Ok(page(state, actor, &head, status, || batches_view(&view)))
}

/// How well the clerks key, by round over all its batches that are seen, the newest round first.
async fn round_rates(
    state: &AppState,
    may: &SettlePaper,
    batches: &[PaperBatch],
    lang: Lang,
) -> Result<Vec<RoundRates>, StoreError> {
    let mut rounds = vec![];
    for context in state.store.rounds().await?.iter().rev() {
        // What stands on a form depends on how its people were reached.
        let mut keyed = vec![];
        for batch in batches.iter().filter(|batch| batch.round.round.id == context.round.id) {
            let forms = state.store.paper_forms(may, batch.id).await?;
            keyed.push((layout(&context.questionnaire, batch.stream), forms));
        }
        rounds.push(RoundRates {
            code: context.round.code.clone(),
            name: context.round.name.get(lang).to_owned(),
            rates: rates(keyed.iter().flat_map(|(parts, forms)| passes(parts, forms))),
        });
    }
    Ok(rounds)
}

/// `POST /quan-tri/phieu-giay`: a new batch.
pub(in crate::routes::staff) async fn make(
    staff: Staff<SettlePaper>,
    State(state): State<AppState>,
    body: Bytes,
) -> Response {
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
                Err(PaperFault::Frozen) => {
                    SheetFault::new(0, "dot", "Đợt này đã chốt số liệu.", "This round is frozen.")
                }
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
pub(in crate::routes::staff) async fn print(
    staff: Staff<SettlePaper>,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Response {
    let printed = async {
        let batch = match opened(&state, &staff.actor, &id).await? {
            Ok(batch) => batch,
            Err(why) => return shut(&state, &staff.actor, why, staff.lang).await,
        };
        let parts = layout(&batch.round.questionnaire, batch.stream);
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
            listed: batch.listed,
            sample_data: batch.round.round.sample_data,
        };
        let head = framing(print_title(&view), &batch, "/in", staff.lang);
        Ok(page(&state, &staff.actor, &head, StatusCode::OK, || print_view(&view)))
    };
    printed.await.unwrap_or_else(busy)
}
