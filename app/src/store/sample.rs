//! Samples: drawn once for each agency of a round, visited unit by unit, linked to responses, and at the end cut off from
//! the people they named.
//!
//! Whom a unit names comes here sealed and leaves sealed; who may see a sample at all shows it by a capability.

use std::collections::HashMap;

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::{contact_purge, frame, sample_contact, sample_list, sample_stratum, sample_unit};
use super::frame::{Frame, FrameStanding};
use super::rows::{chunks, insert, statement};
use super::{Store, StoreError};
use crate::domain::field_work::{Outcome, Party};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::role::{DrawSample, SeesSample};
use crate::domain::sample::draw::Rule;
use crate::domain::sample::plan::{Counted, Planned};
use crate::domain::staff_log::{Act, Who};

/// A sample that was drawn: the facts by which anybody can draw it again. Whoever has the agency's list can tell from the
/// seed who was drawn, so these are as private as the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleList {
    /// Key.
    pub id: i32,
    /// The round.
    pub round: RoundId,
    /// Whose people.
    pub agency: AgencyId,
    /// The frame it was drawn from.
    pub frame: i32,
    /// How.
    pub rule: Rule,
    /// 32 hexadecimal digits.
    pub seed: String,
    /// SHA-256 over the people of the frame in their order.
    pub frame_hash: Vec<u8>,
    /// Margin of error in parts of a thousand; none where n was set by hand.
    pub margin: Option<u16>,
    /// Login name of who drew it.
    pub drawn_by: String,
    /// When, milliseconds since 1970 UTC.
    pub drawn_at: i64,
    /// Version of the program.
    pub program: String,
    /// By stratum: N, people, n and reserve.
    pub strata: Vec<Planned>,
}

/// Somebody who was drawn, without name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleUnit {
    /// Key; the `sample_unit` of the response.
    pub id: Uuid,
    /// The sample it belongs to.
    pub list: i32,
    /// The round.
    pub round: RoundId,
    /// The agency.
    pub agency: AgencyId,
    /// The stratum.
    pub stratum: StratumId,
    /// Position of the field in the round.
    pub field: Option<i16>,
    /// Citizen or organisation.
    pub party: Party,
    /// Number on the printed list, from 1: the order of the walk, the reserve behind all others.
    pub number: u32,
    /// Place among the people of its stratum in the order of the frame, from 1.
    pub pos: u32,
    /// Drawn into the reserve. Stays so when it takes the place of another: the draw is what it was.
    pub reserve: bool,
    /// How the last contact ended.
    pub outcome: Option<Outcome>,
    /// Contacts so far.
    pub attempts: u16,
    /// The unit that took its place; it stays in the denominator.
    pub replaced_by: Option<Uuid>,
    /// When nothing more was to be done, milliseconds since 1970 UTC.
    pub closed_at: Option<i64>,
}

/// A sample that is to be kept.
#[derive(Clone, Debug)]
pub struct NewSample<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// How it was drawn.
    pub rule: Rule,
    /// 32 hexadecimal digits.
    pub seed: &'a str,
    /// Margin of error in parts of a thousand; none where n was set by hand.
    pub margin: Option<u16>,
    /// By stratum.
    pub strata: &'a [Planned],
    /// Who was drawn.
    pub units: &'a [NewUnit],
    /// Version of the program.
    pub program: &'a str,
}

/// Somebody who was drawn, with the sealed contact.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// Key.
    pub id: Uuid,
    /// The stratum.
    pub stratum: StratumId,
    /// Position of the field in the round.
    pub field: Option<i16>,
    /// Citizen or organisation.
    pub party: Party,
    /// Number on the printed list.
    pub number: u32,
    /// Place among the people of its stratum.
    pub pos: u32,
    /// Held in reserve.
    pub reserve: bool,
    /// Whom to visit, sealed for this key.
    pub sealed: Vec<u8>,
}

/// Why a sample is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFault {
    /// The frame is not there, or was drawn or replaced meanwhile.
    Frame,
    /// The contact data of the round have been erased.
    Purged,
}

fn whole(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn stored(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn unit_of(row: sample_unit::Model) -> Result<SampleUnit, StoreError> {
    let bad = |what: &str| StoreError::Inconsistent(format!("sample unit {}: {what}", row.id));
    let outcome = row.outcome.map(|code| Outcome::from_code(code).ok_or_else(|| bad("outcome"))).transpose()?;
    Ok(SampleUnit {
        id: row.id,
        list: row.list_id,
        round: RoundId(row.round_id),
        agency: AgencyId(row.agency_id),
        stratum: StratumId(row.stratum_id),
        field: row.field,
        party: Party::from_code(row.party).ok_or_else(|| bad("party"))?,
        number: whole(row.number),
        pos: whole(row.pos),
        reserve: row.reserve,
        outcome,
        attempts: u16::try_from(row.attempts).unwrap_or(0),
        replaced_by: row.replaced_by,
        closed_at: row.closed_at,
    })
}

impl Store {
    /// Keeps a sample and notes it, all or nothing; from then on the people of its frame are nobody's business, and
    /// [`Store::sweep_frames`] takes them away.
    pub async fn save_sample(
        &self,
        _may: &DrawSample,
        who: &Who,
        new: &NewSample<'_>,
    ) -> Result<Result<i32, SampleFault>, StoreError> {
        let (round, agency) = (new.frame.round, new.frame.agency);
        let agencies = self.known_agencies().await?;
        let code = agencies.get(&agency).map_or("?", |agency| agency.code.as_str());
        let round_code = self.round(round).await?.map_or_else(|| "?".to_owned(), |r| r.round.code.clone());
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if contact_purge::Entity::find_by_id(round.0).one(&tx).await?.is_some() {
            return Ok(Err(SampleFault::Purged));
        }
        let taken = "UPDATE frame SET standing = ? WHERE id = ? AND standing = ?";
        let (drawn, uploaded) = (FrameStanding::Drawn.code(), FrameStanding::Uploaded.code());
        let values = vec![drawn.into(), new.frame.id.into(), uploaded.into()];
        if tx.execute_raw(statement(self.backend(), taken, values)).await?.rows_affected() != 1 {
            return Ok(Err(SampleFault::Frame));
        }
        let last = sample_list::Entity::find().order_by_desc(sample_list::Column::Id).one(&tx).await?;
        // A key that a voided sample had is not given again.
        let voided =
            tx.query_one_raw(statement(self.backend(), "SELECT MAX(list_id) FROM sample_void", vec![])).await?;
        let voided = voided.map(|row| row.try_get_by_index::<Option<i32>>(0)).transpose()?.flatten();
        let id = last.map_or(0, |list| list.id).max(voided.unwrap_or(0)) + 1;
        let now = self.clock().now_ms();
        let row = sample_list::ActiveModel {
            id: Set(id),
            round_id: Set(round.0),
            agency_id: Set(agency.0),
            frame_id: Set(new.frame.id),
            rule: Set(new.rule.code()),
            seed: Set(new.seed.to_owned()),
            frame_hash: Set(new.frame.hash.clone()),
            margin: Set(new.margin.and_then(|margin| i16::try_from(margin).ok())),
            drawn_by: Set(who.name.clone()),
            drawn_at: Set(now),
            program: Set(new.program.to_owned()),
        };
        sample_list::Entity::insert(row).exec_without_returning(&tx).await?;
        let rows = new.strata.iter().map(|s| sample_stratum::ActiveModel {
            list_id: Set(id),
            stratum_id: Set(s.counted.stratum.0),
            dossiers: Set(stored(s.counted.dossiers)),
            people: Set(stored(s.counted.people)),
            n: Set(stored(s.n)),
            reserve: Set(stored(s.reserve)),
        });
        sample_stratum::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        let columns = [
            "id",
            "list_id",
            "round_id",
            "agency_id",
            "stratum_id",
            "field",
            "party",
            "number",
            "pos",
            "reserve",
            "attempts",
        ];
        for chunk in chunks(new.units) {
            let values = chunk.iter().flat_map(|unit| {
                [
                    unit.id.into(),
                    id.into(),
                    round.0.into(),
                    agency.0.into(),
                    unit.stratum.0.into(),
                    unit.field.into(),
                    unit.party.code().into(),
                    stored(unit.number).into(),
                    stored(unit.pos).into(),
                    unit.reserve.into(),
                    0_i16.into(),
                ]
            });
            tx.execute_raw(insert(self.backend(), "sample_unit", &columns, chunk.len(), "", values.collect())).await?;
            let sealed = chunk.iter().flat_map(|unit| [unit.id.into(), unit.sealed.clone().into()]);
            let contacts = ["unit_id", "sealed"];
            tx.execute_raw(insert(self.backend(), "sample_contact", &contacts, chunk.len(), "", sealed.collect()))
                .await?;
        }
        let (n, reserve) = new.strata.iter().fold((0, 0), |(n, r), s| (n + s.n, r + s.reserve));
        // Not the seed: the log has more readers than the sample.
        let detail = format!("round {round_code} rule {} n {n} reserve {reserve} list {id}", new.rule.word());
        let head = log.append(&tx, now, who, Act::SampleDrawn, code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(id))
    }

    /// The samples of a round, by key.
    pub async fn sample_lists(&self, _may: &impl SeesSample, round: RoundId) -> Result<Vec<SampleList>, StoreError> {
        let rows = sample_list::Entity::find()
            .filter(sample_list::Column::RoundId.eq(round.0))
            .order_by_asc(sample_list::Column::Id)
            .all(self.reader())
            .await?;
        self.with_strata(rows).await
    }

    /// One sample.
    pub async fn sample_list(&self, _may: &impl SeesSample, id: i32) -> Result<Option<SampleList>, StoreError> {
        let row = sample_list::Entity::find_by_id(id).one(self.reader()).await?;
        Ok(self.with_strata(row.into_iter().collect()).await?.pop())
    }

    async fn with_strata(&self, rows: Vec<sample_list::Model>) -> Result<Vec<SampleList>, StoreError> {
        let mut strata: HashMap<i32, Vec<Planned>> = HashMap::new();
        for chunk in rows.chunks(500) {
            let found = sample_stratum::Entity::find()
                .filter(sample_stratum::Column::ListId.is_in(chunk.iter().map(|row| row.id)))
                .order_by_asc(sample_stratum::Column::StratumId)
                .all(self.reader())
                .await?;
            for row in found {
                strata.entry(row.list_id).or_default().push(Planned {
                    counted: Counted {
                        stratum: StratumId(row.stratum_id),
                        dossiers: whole(row.dossiers),
                        people: whole(row.people),
                    },
                    n: whole(row.n),
                    reserve: whole(row.reserve),
                });
            }
        }
        rows.into_iter()
            .map(|row| {
                let rule = Rule::from_code(row.rule)
                    .ok_or_else(|| StoreError::Inconsistent(format!("sample list {}: rule", row.id)))?;
                Ok(SampleList {
                    strata: strata.remove(&row.id).unwrap_or_default(),
                    id: row.id,
                    round: RoundId(row.round_id),
                    agency: AgencyId(row.agency_id),
                    frame: row.frame_id,
                    rule,
                    seed: row.seed,
                    frame_hash: row.frame_hash,
                    margin: row.margin.and_then(|margin| u16::try_from(margin).ok()),
                    drawn_by: row.drawn_by,
                    drawn_at: row.drawn_at,
                    program: row.program,
                })
            })
            .collect()
    }

    /// The units of a sample, in the order of the printed list.
    pub async fn sample_units(&self, _may: &impl SeesSample, list: i32) -> Result<Vec<SampleUnit>, StoreError> {
        let rows = sample_unit::Entity::find()
            .filter(sample_unit::Column::ListId.eq(list))
            .order_by_asc(sample_unit::Column::Number)
            .all(self.reader())
            .await?;
        rows.into_iter().map(unit_of).collect()
    }

    /// The units with these keys, in no order; unknown ones are left out.
    pub async fn sample_units_of(&self, _may: &impl SeesSample, units: &[Uuid]) -> Result<Vec<SampleUnit>, StoreError> {
        let mut found = Vec::with_capacity(units.len());
        for chunk in units.chunks(500) {
            let rows = sample_unit::Entity::find().filter(sample_unit::Column::Id.is_in(chunk.to_vec()));
            for row in rows.all(self.reader()).await? {
                found.push(unit_of(row)?);
            }
        }
        Ok(found)
    }

    /// Whom the units name, sealed; `ContactKey::open_unit` reads them. None of those that were erased. The caller notes
    /// the look ([`Act::SampleSeen`]) before it shows anything.
    pub async fn sealed_contacts(
        &self,
        _may: &impl SeesSample,
        units: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<u8>>, StoreError> {
        let mut found = HashMap::with_capacity(units.len());
        for chunk in units.chunks(500) {
            let rows = sample_contact::Entity::find().filter(sample_contact::Column::UnitId.is_in(chunk.to_vec()));
            found.extend(rows.all(self.reader()).await?.into_iter().map(|row| (row.unit_id, row.sealed)));
        }
        Ok(found)
    }

    /// When the contact data of a round were erased, milliseconds since 1970 UTC; none while they are there.
    pub async fn contacts_purged_at(&self, round: RoundId) -> Result<Option<i64>, StoreError> {
        Ok(contact_purge::Entity::find_by_id(round.0).one(self.reader()).await?.map(|row| row.purged_at))
    }

    /// The rounds whose contact data were erased.
    pub async fn purged_rounds(&self) -> Result<Vec<RoundId>, StoreError> {
        let rows = contact_purge::Entity::find().all(self.reader()).await?;
        Ok(rows.into_iter().map(|row| RoundId(row.round_id)).collect())
    }

    /// Erases whom a round visited and which response is whose, and notes it; counts and outcomes stay. The key of the
    /// round is for the caller: `server_side::contacts` deletes it after this. No where it was done before.
    pub async fn purge_contacts(&self, who: &Who, round: RoundId) -> Result<bool, StoreError> {
        let code = self.round(round).await?.map_or_else(|| "?".to_owned(), |r| r.round.code.clone());
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let now = self.clock().now_ms();
        let row = contact_purge::ActiveModel {
            round_id: Set(round.0),
            purged_at: Set(now),
            purged_by: Set(who.name.clone()),
        };
        let new = contact_purge::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        let of_round = "WHERE unit_id IN (SELECT id FROM sample_unit WHERE round_id = ?)";
        let mut erased = [0; 2];
        for (table, count) in ["sample_contact", "sample_link"].into_iter().zip(&mut erased) {
            let sql = format!("DELETE FROM {table} {of_round}");
            *count = tx.execute_raw(statement(self.backend(), &sql, vec![round.0.into()])).await?.rows_affected();
        }
        super::paper::forget_units(&tx, self.backend(), round).await?;
        // Lists that were never drawn lose their people too; the sweep takes them.
        let sql = "UPDATE frame SET standing = ? WHERE round_id = ? AND standing = ?";
        let values = vec![FrameStanding::Replaced.code().into(), round.0.into(), FrameStanding::Uploaded.code().into()];
        tx.execute_raw(statement(self.backend(), sql, values)).await?;
        // What arrived after the first purge, by another process, goes as well; it is no new act.
        let first = matches!(new, sea_orm::TryInsertResult::Inserted(rows) if rows > 0);
        let head = if first {
            let detail = format!("contacts {} links {}", erased[0], erased[1]);
            Some(log.append(&tx, now, who, Act::ContactsPurged, &code, &detail).await?)
        } else {
            None
        };
        tx.commit().await?;
        if let Some(head) = head {
            log.moved(head);
        }
        let arriving = frame::Entity::find()
            .filter(frame::Column::RoundId.eq(round.0))
            .filter(frame::Column::Standing.eq(FrameStanding::Arriving.code()))
            .all(self.reader())
            .await?;
        for frame in arriving {
            self.drop_frame(frame.id).await?;
        }
        self.sweep_frames().await?;
        Ok(first)
    }
}
