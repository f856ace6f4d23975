//! `/quan-tri/cong-bo`: rounds are frozen, published and corrected. Who may is Sở Nội vụ alone; the store notes each act
//! in the log, in the transaction of the act.

use std::sync::Arc;

use app::domain::limits;
use app::domain::response::Stream;
use app::domain::role::Publish;
use app::domain::round::RoundState;
use app::pages::results::city_model::city_page;
use app::pages::results::hidden;
use app::pages::results::query::Query;
use app::pages::staff::in_lang;
use app::pages::staff::publication::{
    ActFault, ConfirmPage, RoundLine, RoundsPage, Stage, Step, confirm_title, confirm_view, rounds_title, rounds_view,
};
use app::server_side::publication::{Preview, Sha2AndEd25519, Signer, draft, make, preview, with_round};
use app::store::{Freeze, FreezeFault, Publication, RoundContext, StoreError, Unfinished};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::guard::{Head, Staff, busy, field, fields, go, missing, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

const HERE: &str = "/quan-tri/cong-bo";

/// `GET /quan-tri/cong-bo`: the rounds, and whether all that was published is whole.
pub(super) async fn show(staff: Staff<Publish>, State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let done = Step::from_word(field(&pairs(query.as_deref()), "xong"));
    listed(&state, &staff, None, done).await.unwrap_or_else(busy)
}

async fn listed(
    state: &AppState,
    staff: &Staff<Publish>,
    fault: Option<ActFault>,
    done: Option<Step>,
) -> Result<Response, StoreError> {
    let (freezes, publications) = (state.store.freezes().await?, state.store.publications().await?);
    let rounds = state.store.rounds().await?;
    let lines = rounds.iter().rev().map(|context| line(state, staff, context, &freezes, &publications));
    let view = RoundsPage {
        lang: staff.lang,
        rounds: lines.collect(),
        broken: state.store.verify_publications(&Sha2AndEd25519, staff.lang).await?,
        fault,
        done,
    };
    let head = Head::plain(rounds_title(staff.lang).to_owned(), HERE, staff.lang);
    let status = if fault.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || rounds_view(&view)))
}

fn line(
    state: &AppState,
    staff: &Staff<Publish>,
    context: &RoundContext,
    freezes: &[Freeze],
    publications: &[Publication],
) -> RoundLine {
    let id = context.round.id;
    let last = publications.iter().rfind(|p| p.round == id);
    let frozen = freezes.iter().rfind(|f| f.round == id);
    let stage = match (last, frozen) {
        (Some(last), _) => Stage::Published(last.number, last.code(), last.published_at),
        (None, Some(frozen)) => Stage::Frozen(frozen.frozen_at),
        (None, None) if context.round.state(state.clock.now_ms()) == RoundState::Over => Stage::Closed,
        (None, None) => Stage::Open,
    };
    RoundLine {
        code: context.round.code.clone(),
        name: context.round.name.get(staff.lang).to_owned(),
        sample_data: context.round.sample_data,
        stage,
    }
}

/// The round and the act of an address; none where one of them is unknown.
async fn found(state: &AppState, round: &str, act: &str) -> Result<Option<(Arc<RoundContext>, Step)>, StoreError> {
    let rounds = state.store.rounds().await?;
    let context = rounds.iter().find(|context| context.round.code == round).cloned();
    Ok(context.zip(Step::from_word(act)))
}

/// `GET /quan-tri/cong-bo/{round}/{act}`: what the act means.
pub(super) async fn confirm(
    staff: Staff<Publish>,
    State(state): State<AppState>,
    Path((round, act)): Path<(String, String)>,
) -> Response {
    let shown = async {
        match found(&state, &round, &act).await? {
            Some((context, step)) => asked(&state, &staff, &context, step, None, String::new()).await,
            None => Ok(missing()),
        }
    };
    shown.await.unwrap_or_else(busy)
}

async fn asked(
    state: &AppState,
    staff: &Staff<Publish>,
    context: &RoundContext,
    step: Step,
    fault: Option<ActFault>,
    reason: String,
) -> Result<Response, StoreError> {
    let (freezes, publications) = (state.store.freezes().await?, state.store.publications().await?);
    let round = line(state, staff, context, &freezes, &publications);
    if round.stage.next() != step {
        return listed(state, staff, Some(ActFault::Stage), None).await;
    }
    let figures = if step == Step::Publish { preview(&state.store, context).await? } else { None };
    let (hidden, preview) = match figures {
        Some(Preview { collected, strata, stamp }) => with_round(context, &strata, |data| {
            let streams = Stream::ALL.iter().copied().filter(|stream| collected.n(*stream) > 0);
            let page = |stream| {
                let query = Query { lang: staff.lang, stream: Some(stream), ..Query::default() };
                city_page(data, &collected, stamp, &query)
            };
            (hidden(data, &collected), streams.map(page).collect())
        }),
        None => (Vec::new(), Vec::new()),
    };
    let unfinished = match step {
        Step::Freeze => state.store.unfinished(&staff.may, context.round.id).await?,
        Step::Publish | Step::Correct => Unfinished::default(),
    };
    let place = state.site.info.place.clone();
    let view = ConfirmPage { lang: staff.lang, round, step, hidden, preview, place, unfinished, fault, reason };
    let head = Head {
        address: format!("{HERE}/{}/{}", context.round.code, step.word()),
        sample_data: context.round.sample_data,
        ..Head::plain(confirm_title(&view), HERE, staff.lang)
    };
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(page(state, &staff.actor, &head, status, || confirm_view(&view)))
}

/// `POST /quan-tri/cong-bo/{round}/{act}`.
pub(super) async fn act(
    staff: Staff<Publish>,
    State(state): State<AppState>,
    Path((round, act)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let done = async {
        let Some((context, step)) = found(&state, &round, &act).await? else { return Ok(missing()) };
        let fields = fields(&body);
        let reason = field(&fields, "ly-do").trim().to_owned();
        let done = match step {
            Step::Freeze => freeze(&state, &staff, &context, field(&fields, "dong") == "1").await?,
            Step::Publish => publish(&state, &staff, &context, None).await?,
            Step::Correct => correct(&state, &staff, &context, &reason).await?,
        };
        match done {
            Ok(()) => Ok(go(&in_lang(&format!("{HERE}?xong={}", step.word()), staff.lang))),
            Err(fault @ (ActFault::Open | ActFault::Reason)) => {
                let reason = reason.chars().take(limits::REASON_CHARS).collect();
                asked(&state, &staff, &context, step, Some(fault), reason).await
            }
            Err(fault) => listed(&state, &staff, Some(fault), None).await,
        }
    };
    done.await.unwrap_or_else(busy)
}

type Done = Result<Result<(), ActFault>, StoreError>;

async fn freeze(state: &AppState, staff: &Staff<Publish>, context: &RoundContext, close: bool) -> Done {
    // Again is for corrections, which publish in the same act.
    if state.store.publications().await?.iter().any(|p| p.round == context.round.id) {
        return Ok(Err(ActFault::Stage));
    }
    let frozen = state.store.freeze(&staff.may, &staff.actor.who(), context.round.id, close).await?;
    Ok(match frozen {
        Ok(_) => Ok(()),
        Err(FreezeFault::Open) => Err(ActFault::Open),
        Err(FreezeFault::Frozen | FreezeFault::Unknown) => Err(ActFault::Stage),
    })
}

/// Publishes the last freeze of a round; with a reason it corrects the publication before.
async fn publish(state: &AppState, staff: &Staff<Publish>, context: &RoundContext, reason: Option<&str>) -> Done {
    let Some(draft) = draft(&state.store, context).await? else { return Ok(Err(ActFault::Stage)) };
    let publications = state.store.publications().await?;
    let published = publications.iter().any(|p| p.freeze == draft.freeze.id);
    if published || draft.corrects.is_some() != reason.is_some() {
        return Ok(Err(ActFault::Stage));
    }
    let signer = Signer::new(&state.keys);
    let by = (state.clock.now_ms(), state.site.info.authority.as_str());
    let new = make(context, &draft, publications.last(), reason, by, &signer)?;
    let added = state.store.publish(&staff.may, &staff.actor.who(), &new).await?;
    Ok(added.map_err(|_| ActFault::Overtaken))
}

async fn correct(state: &AppState, staff: &Staff<Publish>, context: &RoundContext, reason: &str) -> Done {
    let chars = reason.chars().count();
    let unfit = |c: char| c.is_control() && c != '\n' && c != '\r';
    if chars == 0 || chars > limits::REASON_CHARS || reason.contains(unfit) {
        return Ok(Err(ActFault::Reason));
    }
    if !state.store.publications().await?.iter().any(|p| p.round == context.round.id) {
        return Ok(Err(ActFault::Stage));
    }
    match state.store.freeze(&staff.may, &staff.actor.who(), context.round.id, true).await? {
        // A correction that was cut off after its freeze goes on here.
        Ok(_) | Err(FreezeFault::Frozen) => publish(state, staff, context, Some(reason)).await,
        Err(FreezeFault::Open | FreezeFault::Unknown) => Ok(Err(ActFault::Stage)),
    }
}
