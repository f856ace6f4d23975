//! `/quan-tri/y-kien`: comments within the scope. A look is noted before it is shown, a change with the change itself.

use std::collections::HashMap;

use app::domain::agency::Agency;
use app::domain::comment::{ASSIGNED_CHARS, Progress, SENTENCE_CHARS, Theme, public_sentence};
use app::domain::ids::AgencyId;
use app::domain::role::{ReadComments, Scope};
use app::domain::staff_log::Act;
use app::domain::text::{Lang, sort_key};
use app::pages::staff::comments::one::{CommentFault, CommentPage, Typed, comment_title, comment_view};
use app::pages::staff::comments::{COMMENTS_PATH, CommentsPage, Shown, comment_address, comments_title, comments_view};
use app::pages::staff::in_lang;
use app::server_side::comments::release_due;
use app::store::{Asked, Change, CommentRow, StoreError};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

/// Comments on one page.
const PAGE: u64 = 20;
/// Most comments that are passed over: beyond it nobody turns pages, one filters.
const SKIP: u64 = 100_000;

/// The id of a comment as addresses spell it.
fn id_of(text: &str) -> Option<i64> {
    i64::from_str_radix(text, 16).ok().filter(|id| *id >= 0 && text == format!("{id:x}"))
}

/// Whether anything is of simulated data.
async fn sample_data(state: &AppState) -> Result<bool, StoreError> {
    Ok(state.store.rounds().await?.iter().any(|context| context.round.sample_data))
}

fn with_name(row: CommentRow, agencies: &HashMap<AgencyId, Agency>) -> Shown {
    let agency = agencies.get(&row.agency).map_or_else(String::new, |agency| agency.name.clone());
    Shown { row, agency }
}

/// `GET /quan-tri/y-kien`.
pub(super) async fn list(
    staff: Staff<ReadComments>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Response {
    let pairs = pairs(query.as_deref());
    match listed(&state, &staff, &pairs).await {
        Ok(Some(response)) => response,
        Ok(None) => missing(),
        Err(error) => busy(error),
    }
}

async fn listed(
    state: &AppState,
    staff: &Staff<ReadComments>,
    pairs: &[(String, String)],
) -> Result<Option<Response>, StoreError> {
    let (store, lang) = (&state.store, staff.lang);
    release_due(store, &state.keys, &staff.may).await?;
    let (known, rounds) = (store.known_agencies().await?, store.rounds().await?);
    let mut measured: Vec<&Agency> = staff.may.scope().agencies(&known);
    measured.retain(|agency| rounds.iter().any(|round| round.agencies.contains_key(&agency.id)));
    measured.sort_by_cached_key(|agency| sort_key(&agency.name));
    let code = field(pairs, "co-quan");
    let agency = measured.iter().find(|agency| agency.code == code);
    if !code.is_empty() && agency.is_none() {
        return Ok(None);
    }
    let asked = Asked {
        agency: agency.map(|agency| agency.id),
        theme: Theme::from_word(field(pairs, "chu-de")),
        progress: Progress::from_word(field(pairs, "tinh-trang")),
        skip: field(pairs, "bo-qua").parse().unwrap_or(0).min(SKIP),
    };
    let found = store.comments(&staff.may, &asked, PAGE).await?;
    let object = if code.is_empty() { "mọi cơ quan trong phạm vi" } else { code };
    let detail = format!("{} ý kiến, từ thứ {}", found.comments.len(), asked.skip + 1);
    store.log(&staff.actor.who(), Act::CommentsRead, object, &detail).await?;
    let address = |skip: u64| {
        let mut query = vec![];
        for (name, value) in [
            ("co-quan", code),
            ("chu-de", asked.theme.map_or("", Theme::word)),
            ("tinh-trang", asked.progress.map_or("", Progress::word)),
        ] {
            query.extend((!value.is_empty()).then(|| (name, value.to_owned())));
        }
        query.extend((skip > 0).then(|| ("bo-qua", skip.to_string())));
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        if query.is_empty() { COMMENTS_PATH.to_owned() } else { format!("{COMMENTS_PATH}?{query}") }
    };
    let done = match field(pairs, "xong") {
        "luu" => Some(app::components::number::say(lang, "Đã lưu.", "Saved.")),
        _ => None,
    };
    let view = CommentsPage {
        lang,
        comments: found.comments.into_iter().map(|row| with_name(row, &known)).collect(),
        agencies: measured.iter().map(|agency| (agency.code.clone(), agency.name.clone())).collect(),
        agency: code.to_owned(),
        theme: asked.theme,
        progress: asked.progress,
        next: found.more.then(|| in_lang(&address(asked.skip + PAGE), lang)),
        done,
    };
    let mut head = Head::plain(comments_title(lang).to_owned(), COMMENTS_PATH, lang);
    head.address = address(asked.skip);
    head.sample_data = sample_data(state).await?;
    Ok(Some(page(state, &staff.actor, &head, StatusCode::OK, || comments_view(&view))))
}

/// A comment within the scope, with what stands in its form; the look is noted.
async fn looked_at(state: &AppState, staff: &Staff<ReadComments>, id: &str) -> Result<Option<CommentPage>, StoreError> {
    let Some(id) = id_of(id) else { return Ok(None) };
    let Some(row) = state.store.comment(&staff.may, id).await? else { return Ok(None) };
    let known = state.store.known_agencies().await?;
    let typed = Typed {
        theme: row.theme.map_or("", Theme::word).to_owned(),
        assigned: row.assigned.clone(),
        progress: row.progress.word().to_owned(),
        sentence: row.sentence.clone(),
    };
    let may_see_original = *staff.may.scope() == Scope::City;
    let comment = with_name(row, &known);
    Ok(Some(CommentPage { lang: staff.lang, comment, typed, fault: None, may_see_original, original: None }))
}

async fn answer(state: &AppState, staff: &Staff<ReadComments>, view: &CommentPage) -> Result<Response, StoreError> {
    let mut head = Head::plain(comment_title(view), COMMENTS_PATH, staff.lang);
    head.address = comment_address(view.comment.row.id, Lang::Vi);
    head.sample_data = sample_data(state).await?;
    let status = if view.fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || comment_view(view)))
}

/// `GET /quan-tri/y-kien/{id}`.
pub(super) async fn show(
    staff: Staff<ReadComments>,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let Some(view) = looked_at(&state, &staff, &id).await? else { return Ok(missing()) };
        state.store.log(&staff.actor.who(), Act::CommentsRead, &format!("ý kiến {id}"), "").await?;
        answer(&state, &staff, &view).await
    };
    shown.await.unwrap_or_else(busy)
}

/// `POST /quan-tri/y-kien/{id}`.
pub(super) async fn change(
    staff: Staff<ReadComments>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let fields = fields(&body);
    let short = |name: &str, most: usize| field(&fields, name).chars().take(most + 1).collect::<String>();
    let typed = Typed {
        theme: short("chu-de", 20),
        assigned: short("giao", ASSIGNED_CHARS).trim().to_owned(),
        progress: short("tinh-trang", 20),
        sentence: short("cau", SENTENCE_CHARS),
    };
    let changed = async {
        let Some(mut view) = looked_at(&state, &staff, &id).await? else { return Ok(missing()) };
        match change_of(&typed) {
            Ok(change) => {
                let id = view.comment.row.id;
                if !state.store.change_comment(&staff.may, &staff.actor.who(), id, &change).await? {
                    return Ok(missing());
                }
                Ok(go(&in_lang(&format!("{COMMENTS_PATH}?xong=luu"), staff.lang)))
            }
            Err(fault) => {
                state.store.log(&staff.actor.who(), Act::CommentsRead, &format!("ý kiến {id}"), "").await?;
                (view.typed, view.fault) = (typed, Some(fault));
                answer(&state, &staff, &view).await
            }
        }
    };
    changed.await.unwrap_or_else(busy)
}

fn change_of(typed: &Typed) -> Result<Change, CommentFault> {
    let progress = Progress::from_word(&typed.progress).ok_or(CommentFault::State)?;
    if typed.assigned.chars().count() > ASSIGNED_CHARS || typed.assigned.chars().any(char::is_control) {
        return Err(CommentFault::Assigned);
    }
    let sentence = public_sentence(&typed.sentence, progress).map_err(CommentFault::Sentence)?;
    Ok(Change { theme: Theme::from_word(&typed.theme), assigned: typed.assigned.clone(), progress, sentence })
}

/// `POST /quan-tri/y-kien/{id}/nguyen-van`: as it was written, for Sở Nội vụ; for all others there is no such thing.
pub(super) async fn original(
    staff: Staff<ReadComments>,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let Some(mut view) = looked_at(&state, &staff, &id).await? else { return Ok(missing()) };
        let id = view.comment.row.id;
        view.original = state.store.original_comment(&staff.may, &staff.actor.who(), id).await?;
        if view.original.is_none() {
            return Ok(missing());
        }
        answer(&state, &staff, &view).await
    };
    shown.await.unwrap_or_else(busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!(id_of("1f"), Some(31));
        for wrong in ["", "1F", "01f", "-1", "x", "8000000000000000", "+1"] {
            assert_eq!(id_of(wrong), None, "{wrong}");
        }
    }
}
