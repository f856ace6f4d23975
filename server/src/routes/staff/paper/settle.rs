//! A batch as who settles sees it, its closing, and the differences of one form.

use app::components::number::say;
use app::domain::paper::{
    Again, COLLECTED, COMMENT, FormCode, Keyed, KeyedPass, Part, UNIT, differences, is_value, layout, rates,
};
use app::domain::role::{SeePaper, SettlePaper};
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::paper::PAPER;
use app::pages::staff::paper::settle::{
    BatchPage, OTHER, RateBase, SettlePage, batch_title, batch_view, candidates, other_name, settle_title, settle_view,
};
use app::store::{PaperBatch, PaperForm, StoreError};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::guard::{Staff, busy, field, fields, go, missing, page};
use super::{Fields, Made, framing, head_of, opened, shut};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// What was keyed of the forms that were keyed twice and are settled.
pub(super) fn passes<'a>(parts: &'a [Part], forms: &'a [PaperForm]) -> impl Iterator<Item = KeyedPass<'a>> {
    let twice = forms.iter().filter(|form| form.second.is_some());
    twice.filter_map(|form| Some((form, form.settled.as_ref()?))).flat_map(move |(form, settled)| {
        let both = [&form.first, &form.second].into_iter().flatten();
        both.map(move |pass| (parts, pass.login.as_str(), &pass.keyed, settled))
    })
}

/// `GET /quan-tri/phieu-giay/{batch}/doi-chieu`.
pub(in crate::routes::staff) async fn batch(
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
        let parts = layout(&batch.round.questionnaire, batch.stream);
        let forms = state.store.paper_forms(&staff.may, batch.id).await?;
        let differing = forms.iter().filter(|form| form.differs()).filter_map(|form| {
            let found = differences(&parts, &form.first.as_ref()?.keyed, &form.second.as_ref()?.keyed);
            Some((form.code.words(), form.number, found.len()))
        });
        let spoilt = forms.iter().filter_map(|form| form.settled.as_ref()).map(Keyed::spoilt);
        let view = BatchPage {
            lang: staff.lang,
            head: head_of(&batch, staff.lang),
            differing: differing.collect(),
            spoilt: spoilt.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)),
            rates: rates(passes(&parts, &forms)),
            base: RateBase {
                settled: forms.iter().filter(|form| form.second.is_some() && form.settled.is_some()).count(),
                twice: forms.iter().filter(|form| form.twice).count(),
                forms: forms.len(),
                seed: (batch.again == Again::Tenth).then_some(batch.seed),
                corrected: forms.iter().filter(|form| form.first.as_ref().is_some_and(|p| p.corrections > 0)).count(),
            },
            done: done_words(field(&query, "xong"), staff.lang),
        };
        let head = framing(batch_title(&view), &batch, "/doi-chieu", staff.lang);
        Ok(page(&state, &staff.actor, &head, StatusCode::OK, || batch_view(&view)))
    };
    shown.await.unwrap_or_else(busy)
}

fn done_words(what: &str, lang: Lang) -> Option<String> {
    let words = match what {
        "chot" => say(lang, "Đã chốt phiếu.", "The form is settled."),
        "dong" => say(lang, "Đã đóng tập: các phiếu đã nhập được tính.", "The batch is closed: what is keyed counts."),
        _ => return None,
    };
    Some(words.to_owned())
}

/// `POST /quan-tri/phieu-giay/{batch}/dong`: closes a batch as far as it was keyed.
pub(in crate::routes::staff) async fn close(
    staff: Staff<SeePaper>,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Response {
    let closed = async {
        let batch = match opened(&state, &staff.actor, &id).await? {
            Ok(batch) => batch,
            Err(why) => return shut(&state, &staff.actor, why, staff.lang).await,
        };
        state.store.close_batch(&staff.may, &staff.actor.who(), batch.id).await?;
        // Who settles sees what became of it; a clerk goes back to the batches.
        let to = match staff.actor.may::<SettlePaper>() {
            Some(_) => format!("{PAPER}/{}/doi-chieu?xong=dong", batch.id),
            None => format!("{PAPER}?xong=dong"),
        };
        Ok(go(&in_lang(&to, staff.lang)))
    };
    closed.await.unwrap_or_else(busy)
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

fn settle_page(
    state: &AppState,
    staff: &Staff<SettlePaper>,
    batch: &PaperBatch,
    form: &PaperForm,
    chosen: Vec<(String, String)>,
    fault: Option<String>,
) -> Response {
    let (Some(first), Some(second)) = (&form.first, &form.second) else { return missing() };
    let parts = layout(&batch.round.questionnaire, batch.stream);
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
    page(state, &staff.actor, &head, status, || settle_view(&view))
}

/// `GET /quan-tri/phieu-giay/{batch}/doi-chieu/{code}`.
pub(in crate::routes::staff) async fn show(
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
            Some(form) => Ok(settle_page(&state, &staff, &batch, &form, vec![], None)),
            None => Ok(missing()),
        }
    };
    shown.await.unwrap_or_else(busy)
}

/// `POST /quan-tri/phieu-giay/{batch}/doi-chieu/{code}`.
pub(in crate::routes::staff) async fn settle(
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
    let parts = layout(&batch.round.questionnaire, batch.stream);
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
            (Some(item), _, OTHER) => {
                // Any value that can stand there, read as a posted form is.
                let typed = field(fields, &other_name(&place)).trim().to_lowercase();
                let known = !typed.is_empty() && is_value(item, &typed);
                if known {
                    counts.values.insert(place.clone(), typed);
                }
                known
            }
            (Some(item), ..) => {
                let known = candidates(item, first.keyed.value(&place), second.keyed.value(&place));
                let known = known.iter().any(|candidate| candidate == value);
                counts.values.remove(&place);
                if known && !value.is_empty() {
                    counts.values.insert(place.clone(), value.to_owned());
                }
                known
            }
            (None, COMMENT | COLLECTED | UNIT, "1") => true,
            (None, COMMENT, "2") => {
                counts.comment.clone_from(&second.keyed.comment);
                true
            }
            (None, UNIT, "2") => {
                counts.unit = second.keyed.unit;
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
        return Ok(settle_page(state, staff, &batch, &form, chosen, Some(words)));
    }
    match state.store.settle_form(&staff.may, &staff.actor.who(), batch.id, &form.code, &counts).await? {
        Ok(()) => Ok(go(&in_lang(&format!("{PAPER}/{}/doi-chieu?xong=chot", batch.id), lang))),
        Err(_) => Ok(missing()),
    }
}
