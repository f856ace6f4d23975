//! Setting rounds up: made, changed, filled with agencies, their N and desks. What has a response never changes, and after
//! the freeze nothing does. Every change writes its entry of the log in the same transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder,
};

use super::city::{ROWS, keep_version};
use super::context::load_agencies;
use super::entity::{desk, frame, freeze, round, stratum};
use super::frame::FrameStanding;
use super::rows::statement;
use super::{RoundContext, Store, StoreError};
use crate::domain::ids::{AgencyId, RoundId};
use crate::domain::limits;
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::role::SetUpRounds;
use crate::domain::round::RoundState;
use crate::domain::round::setup::{PopulationPlan, PopulationRow, RoundDraft, population_plan};
use crate::domain::sheet::SheetFault;
use crate::domain::staff_log::{Act, Who};

/// Under this name a database that `hailong demo` made keeps how: all that is in it is sample data.
pub const SAMPLE_DATA: &str = "sample-data";

/// Why a round was not made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundFault {
    /// There is no such round.
    Unknown,
    /// Another round has this code.
    CodeTaken,
    /// It takes answers, or took some, or has agencies whose devices may send any moment.
    Begun,
    /// It is frozen.
    Frozen,
    /// It would close before it opens, or in the past.
    Closes,
    /// The agency has responses, desks or a list of dossiers in it.
    InUse,
    /// It has too many desks.
    TooMany,
}

/// A desk to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDesk {
    /// The agency it stands in; it has a stratum in the round.
    pub agency: AgencyId,
    /// Words on the sign.
    pub name: String,
    /// Its code.
    pub code: String,
}

type Done<T> = Result<Result<T, RoundFault>, StoreError>;

impl Store {
    /// Whether the database was made by `hailong demo`.
    pub async fn holds_sample_data(&self) -> Result<bool, StoreError> {
        Ok(self.meta(SAMPLE_DATA).await?.is_some())
    }

    /// Whether any response was given in a round, of whatever standing.
    pub async fn has_responses(&self, round: RoundId) -> Result<bool, StoreError> {
        answered(self.reader(), round, None).await
    }

    /// Makes a round with the versions it uses, as they are now. Its data are real, unless all of the database is sample
    /// data.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when a version was used before with other content.
    pub async fn make_round(
        &self,
        _may: &SetUpRounds,
        who: &Who,
        draft: &RoundDraft,
        (questionnaire, method): (&Questionnaire, &Method),
    ) -> Done<RoundId> {
        let sample_data = self.holds_sample_data().await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if code_is_taken(&tx, draft, None).await? {
            return Ok(Err(RoundFault::CodeTaken));
        }
        keep_versions(&tx, questionnaire, method).await?;
        let last = round::Entity::find().order_by_desc(round::Column::Id).one(&tx).await?;
        let id = last.map_or(1, |round| round.id + 1);
        let step = if sample_data { 1 } else { limits::STEP };
        let row = round::ActiveModel {
            id: Set(id),
            step: Set(step as i32),
            sample_data: Set(sample_data),
            ..row_of(draft, questionnaire, method)?
        };
        round::Entity::insert(row).exec_without_returning(&tx).await?;
        let detail = detail_of(draft, questionnaire, method);
        let head = log.append(&tx, self.clock().now_ms(), who, Act::RoundMade, &draft.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(RoundId(id)))
    }

    /// Changes a round that has not opened and has no response. Where it has strata, its fields stay: strata refer to
    /// them by position.
    ///
    /// # Errors
    /// As [`Self::make_round`].
    pub async fn change_round(
        &self,
        _may: &SetUpRounds,
        who: &Who,
        id: RoundId,
        draft: &RoundDraft,
        (questionnaire, method): (&Questionnaire, &Method),
    ) -> Done<()> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let context = match self.open_to_change(&tx, id).await? {
            Ok(context) => context,
            Err(fault) => return Ok(Err(fault)),
        };
        let now = self.clock().now_ms();
        if context.round.state(now) != RoundState::NotBegun || answered(&tx, id, None).await? {
            return Ok(Err(RoundFault::Begun));
        }
        if context.strata.iter().any(|s| s.field.is_some()) && context.round.fields != draft.fields {
            return Ok(Err(RoundFault::InUse));
        }
        if code_is_taken(&tx, draft, Some(id)).await? {
            return Ok(Err(RoundFault::CodeTaken));
        }
        keep_versions(&tx, questionnaire, method).await?;
        let row = round::ActiveModel { id: Set(id.0), ..row_of(draft, questionnaire, method)? };
        row.update(&tx).await?;
        let detail = detail_of(draft, questionnaire, method);
        let head = log.append(&tx, now, who, Act::RoundChanged, &context.round.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(()))
    }

    /// Moves when a round closes; not before now, and never once it is frozen.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_closing(&self, _may: &SetUpRounds, who: &Who, id: RoundId, closes_at: i64) -> Done<()> {
        /// A form tells minutes: "now" may lie a minute back.
        const MINUTE_MS: i64 = 60_000;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let context = match self.open_to_change(&tx, id).await? {
            Ok(context) => context,
            Err(fault) => return Ok(Err(fault)),
        };
        let now = self.clock().now_ms();
        if closes_at < now - MINUTE_MS || context.round.opens_at.is_some_and(|opens| closes_at <= opens) {
            return Ok(Err(RoundFault::Closes));
        }
        let row = round::ActiveModel { id: Set(id.0), closes_at: Set(Some(closes_at)), ..Default::default() };
        row.update(&tx).await?;
        let was = context.round.closes_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let detail = format!("closes_at {was} -> {closes_at}");
        let head = log.append(&tx, now, who, Act::RoundChanged, &context.round.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(()))
    }

    /// Puts agencies with their N into a round, all rows or none.
    ///
    /// # Errors
    /// The store's; inside, everything that is wrong with the rows.
    pub async fn set_populations(
        &self,
        _may: &SetUpRounds,
        who: &Who,
        id: RoundId,
        rows: &[PopulationRow],
    ) -> Result<Result<PopulationPlan, Vec<SheetFault>>, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let context = match self.open_to_change(&tx, id).await? {
            Ok(context) => context,
            Err(RoundFault::Frozen) => return Ok(Err(vec![frozen_words()])),
            Err(_) => return Err(StoreError::Refused(format!("there is no round {}", id.0))),
        };
        let agencies = load_agencies(&tx).await?;
        let mut with_answers = HashSet::new();
        for agency in context.agencies.keys() {
            if answered(&tx, id, Some(*agency)).await? {
                with_answers.insert(*agency);
            }
        }
        let plan = population_plan(&context.round, &context.strata, &agencies, &with_answers, rows);
        let plan = match plan {
            Ok(plan) => plan,
            Err(faults) => return Ok(Err(faults)),
        };
        if plan.new.is_empty() && plan.changed.is_empty() {
            return Ok(Ok(plan));
        }
        let last = stratum::Entity::find().order_by_desc(stratum::Column::Id).one(&tx).await?;
        let first = last.map_or(1, |stratum| stratum.id + 1);
        let new: Vec<stratum::ActiveModel> = (first..)
            .zip(&plan.new)
            .map(|(key, (agency, field, population))| stratum::ActiveModel {
                id: Set(key),
                round_id: Set(id.0),
                agency_id: Set(agency.0),
                field: Set(*field),
                population: Set(*population),
            })
            .collect();
        for chunk in new.chunks(ROWS) {
            stratum::Entity::insert_many(chunk.to_vec()).exec_without_returning(&tx).await?;
        }
        for (stratum, population) in &plan.changed {
            let row = stratum::ActiveModel { id: Set(stratum.0), population: Set(*population), ..Default::default() };
            row.update(&tx).await?;
        }
        let detail = populations_in_words(&context, &agencies_by_id(&agencies), &plan);
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::RoundAgencies, &context.round.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(plan))
    }

    /// Takes an agency out of a round again, which nobody answered for and which has no desk.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_agency_out(&self, _may: &SetUpRounds, who: &Who, id: RoundId, agency: AgencyId) -> Done<()> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let context = match self.open_to_change(&tx, id).await? {
            Ok(context) => context,
            Err(fault) => return Ok(Err(fault)),
        };
        let Some(found) = context.agencies.get(&agency) else { return Ok(Err(RoundFault::Unknown)) };
        let desks = desk::Entity::find()
            .filter(desk::Column::RoundId.eq(id.0))
            .filter(desk::Column::AgencyId.eq(agency.0))
            .count(&tx)
            .await?;
        let listed = frame::Entity::find()
            .filter(frame::Column::RoundId.eq(id.0))
            .filter(frame::Column::AgencyId.eq(agency.0))
            .filter(frame::Column::Standing.is_in([FrameStanding::Uploaded.code(), FrameStanding::Drawn.code()]))
            .count(&tx)
            .await?;
        if desks > 0 || listed > 0 || answered(&tx, id, Some(agency)).await? {
            return Ok(Err(RoundFault::InUse));
        }
        stratum::Entity::delete_many()
            .filter(stratum::Column::RoundId.eq(id.0))
            .filter(stratum::Column::AgencyId.eq(agency.0))
            .exec(&tx)
            .await?;
        let detail = format!("out {}", found.code);
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::RoundAgencies, &context.round.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(()))
    }

    /// Adds desks, each to an agency of the round.
    ///
    /// # Errors
    /// The store's; [`StoreError::Refused`] when a code is taken, which chance alone never brings about.
    pub async fn add_desks(&self, _may: &SetUpRounds, who: &Who, id: RoundId, desks: &[NewDesk]) -> Done<()> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let context = match self.open_to_change(&tx, id).await? {
            Ok(context) => context,
            Err(fault) => return Ok(Err(fault)),
        };
        if desks.iter().any(|desk| !context.strata.iter().any(|s| s.agency == desk.agency)) {
            return Ok(Err(RoundFault::Unknown));
        }
        let there = desk::Entity::find().filter(desk::Column::RoundId.eq(id.0)).count(&tx).await?;
        if there + desks.len() as u64 > limits::DESKS as u64 {
            return Ok(Err(RoundFault::TooMany));
        }
        let codes: Vec<&str> = desks.iter().map(|desk| desk.code.as_str()).collect();
        for chunk in codes.chunks(ROWS) {
            if desk::Entity::find().filter(desk::Column::Code.is_in(chunk.to_vec())).count(&tx).await? > 0 {
                return Err(StoreError::Refused("the code of a desk is taken".to_owned()));
            }
        }
        let last = desk::Entity::find().order_by_desc(desk::Column::Id).one(&tx).await?;
        let first = last.map_or(1, |desk| desk.id + 1);
        let rows: Vec<desk::ActiveModel> = (first..)
            .zip(desks)
            .map(|(key, new)| desk::ActiveModel {
                id: Set(key),
                code: Set(new.code.clone()),
                round_id: Set(id.0),
                agency_id: Set(new.agency.0),
                name: Set(new.name.clone()),
            })
            .collect();
        for chunk in rows.chunks(ROWS) {
            desk::Entity::insert_many(chunk.to_vec()).exec_without_returning(&tx).await?;
        }
        let detail = match desks {
            [one] => format!("1: {} {}", context.agencies.get(&one.agency).map_or("?", |a| &a.code), one.name),
            many => format!("{}", many.len()),
        };
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::DesksAdded, &context.round.code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(()))
    }

    /// The round, if it is there and not frozen.
    async fn open_to_change(&self, tx: &DatabaseTransaction, id: RoundId) -> Done<Arc<RoundContext>> {
        let rounds = self.load_rounds(tx).await?;
        let Some(context) = rounds.into_iter().find(|context| context.round.id == id) else {
            return Ok(Err(RoundFault::Unknown));
        };
        let frozen = freeze::Entity::find().filter(freeze::Column::RoundId.eq(id.0)).count(tx).await? > 0;
        Ok(if frozen { Err(RoundFault::Frozen) } else { Ok(context) })
    }
}

/// What is said where a round is frozen.
fn frozen_words() -> SheetFault {
    SheetFault::new(
        0,
        "",
        "Đợt này đã chốt số liệu; N không đổi được nữa.",
        "The round is frozen; its N stay as they are.",
    )
}

async fn answered<C: ConnectionTrait>(db: &C, round: RoundId, agency: Option<AgencyId>) -> Result<bool, StoreError> {
    let (sql, values) = match agency {
        None => ("SELECT agency_id FROM response WHERE round_id = ? LIMIT 1", vec![round.0.into()]),
        Some(agency) => (
            "SELECT agency_id FROM response WHERE round_id = ? AND agency_id = ? LIMIT 1",
            vec![round.0.into(), agency.0.into()],
        ),
    };
    Ok(db.query_one_raw(statement(db.get_database_backend(), sql, values)).await?.is_some())
}

async fn code_is_taken(tx: &DatabaseTransaction, draft: &RoundDraft, but: Option<RoundId>) -> Result<bool, StoreError> {
    let found = round::Entity::find().filter(round::Column::Code.eq(draft.code.as_str())).one(tx).await?;
    Ok(found.is_some_and(|round| but.is_none_or(|but| round.id != but.0)))
}

async fn keep_versions(
    tx: &DatabaseTransaction,
    questionnaire: &Questionnaire,
    method: &Method,
) -> Result<(), StoreError> {
    let as_json = |e: serde_json::Error| StoreError::Inconsistent(e.to_string());
    let (q, m) = (questionnaire, method);
    keep_version(tx, "questionnaire", &q.key, q.version, serde_json::to_string(q).map_err(as_json)?).await?;
    keep_version(tx, "method", &m.key, m.version, serde_json::to_string(m).map_err(as_json)?).await
}

/// All that a draft says; id, step and kind of data are for the caller.
fn row_of(draft: &RoundDraft, q: &Questionnaire, m: &Method) -> Result<round::ActiveModel, StoreError> {
    let fields = serde_json::to_string(&draft.fields).map_err(|e| StoreError::Inconsistent(e.to_string()))?;
    Ok(round::ActiveModel {
        code: Set(draft.code.clone()),
        name_vi: Set(draft.name.vi.clone()),
        name_en: Set(draft.name.en.clone()),
        questionnaire_key: Set(q.key.clone()),
        questionnaire_version: Set(q.version as i16),
        method_key: Set(m.key.clone()),
        method_version: Set(m.version as i16),
        period_from: Set(draft.period.0),
        period_to: Set(draft.period.1),
        opens_at: Set(Some(draft.opens_at)),
        closes_at: Set(Some(draft.closes_at)),
        fields: Set(fields),
        ..Default::default()
    })
}

fn detail_of(draft: &RoundDraft, q: &Questionnaire, m: &Method) -> String {
    format!(
        "code {} questionnaire {}@{} method {}@{} period {} {} opens_at {} closes_at {} fields {}",
        draft.code,
        q.key,
        q.version,
        m.key,
        m.version,
        draft.period.0,
        draft.period.1,
        draft.opens_at,
        draft.closes_at,
        draft.fields.len()
    )
}

fn agencies_by_id(agencies: &HashMap<AgencyId, crate::domain::agency::Agency>) -> HashMap<AgencyId, &str> {
    agencies.iter().map(|(id, agency)| (*id, agency.code.as_str())).collect()
}

/// "bv-a = 1200" of each stratum, old N included where there was one; the log keeps the first of a long list.
fn populations_in_words(context: &RoundContext, codes: &HashMap<AgencyId, &str>, plan: &PopulationPlan) -> String {
    let n = |population: Option<i64>| population.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let name = |agency: AgencyId, field: Option<i16>| {
        let field = field.and_then(|at| usize::try_from(at).ok()).and_then(|at| context.round.fields.get(at));
        let code = codes.get(&agency).copied().unwrap_or("?");
        field.map_or_else(|| code.to_owned(), |field| format!("{code}/{}", field.code))
    };
    let new =
        plan.new.iter().map(|(agency, field, population)| format!("{} = {}", name(*agency, *field), n(*population)));
    let changed = plan.changed.iter().filter_map(|(id, population)| {
        let was = context.strata.iter().find(|s| s.id == *id)?;
        Some(format!("{} {} -> {}", name(was.agency, was.field), n(was.population), n(*population)))
    });
    let counts = format!("new {} changed {}", plan.new.len(), plan.changed.len());
    changed.chain(new).fold(counts, |words, one| format!("{words}; {one}"))
}
