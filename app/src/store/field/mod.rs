//! Field teams: devices and their enrolment, what they take along, what they tell, and who is to visit whom.
//!
//! Contact data pass through sealed; this room cannot read them.

mod arrive;
mod assign;
mod carried;
mod have;
mod interview;
mod kit;
mod progress;
mod sync;
mod team;
mod visit;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};

use super::entity::{account, device, enrolment, field_device, team as team_row};
use super::rows::statement;
use super::{Device, Store, StoreError};
use crate::domain::field_work::{Waiting, Work};
use crate::domain::ids::{AccountId, AgencyId, DeviceId, RoundId};
use crate::domain::limits;
use crate::domain::role::{Role, Scope};
use crate::domain::staff_log::{Act, Who};

pub use arrive::{Arrivals, Link, PostPlace, UnitPlace};
pub use assign::{FreeLists, FreeUnit};
pub(in crate::store) use interview::{note_interview, recount_interviews, recount_unit};
pub use kit::KitData;
pub use progress::UnitRecord;
pub use sync::{SyncFault, Told};
pub use team::{DeviceLine, MemberLine, NewPost, NewTeam, PostLine, TeamFault, TeamLine};
pub(in crate::store) use visit::Visit;

/// What a device is in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDevice {
    /// Its team.
    pub team: i32,
    /// The round that the team works in.
    pub round: RoundId,
    /// At what.
    pub work: Work,
    /// The surveyor or clerk; none at a kiosk.
    pub account: Option<AccountId>,
    /// The one post that it is bound to; none: all of its team.
    pub post: Option<i32>,
    /// When it was signed out from afar, milliseconds since 1970.
    pub signed_out_at: Option<i64>,
}

pub(super) async fn field_device<C: ConnectionTrait>(db: &C, id: i32) -> Result<Option<FieldDevice>, StoreError> {
    let Some(row) = field_device::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let team = team_row::Entity::find_by_id(row.team_id).one(db).await?;
    let team = team.ok_or_else(|| StoreError::Inconsistent(format!("device {id} has no team")))?;
    Ok(Some(FieldDevice {
        team: team.id,
        round: RoundId(team.round_id),
        work: work_of(&team)?,
        account: row.account_id.map(AccountId),
        post: row.post_id,
        signed_out_at: row.signed_out_at,
    }))
}

fn work_of(team: &team_row::Model) -> Result<Work, StoreError> {
    Work::from_code(team.work).ok_or_else(|| StoreError::Inconsistent(format!("team {}: work {}", team.id, team.work)))
}

impl Store {
    /// Whether an agency is measured in a round, or is below one that is. Its people measure nothing then. The agency of
    /// an administrator (Sở Nội vụ) draws the samples and is no party.
    pub async fn is_measured(&self, round: RoundId, agency: AgencyId) -> Result<bool, StoreError> {
        let Some(round) = self.round(round).await? else { return Ok(true) };
        let agencies = self.known_agencies().await?;
        let below = round.agencies.keys().any(|measured| Scope::Subtree(*measured).covers(agency, &agencies));
        Ok(below && !self.is_agency_of_an_admin(agency).await?)
    }

    /// Makes a device of whoever holds a code: by the HMAC of the code, which is good once and for a day. None where it
    /// is unknown, used or too old: the three are told apart to nobody.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the surveyor may not measure in that round any more.
    pub async fn enrol(
        &self,
        code_mac: [u8; 32],
        api: u16,
        token_hash: [u8; 32],
    ) -> Result<Option<DeviceId>, StoreError> {
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let sql = "UPDATE enrolment SET used_at = ? WHERE code_mac = ? AND used_at IS NULL AND made_at > ?";
        let oldest = now - limits::ENROLMENT_MS;
        let spent = statement(self.backend(), sql, vec![now.into(), code_mac.to_vec().into(), oldest.into()]);
        if tx.execute_raw(spent).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let code = enrolment::Entity::find_by_id(code_mac.to_vec()).one(&tx).await?;
        let code = code.ok_or_else(|| StoreError::Inconsistent("an enrolment code vanished".to_owned()))?;
        let team = team_row::Entity::find_by_id(code.team_id).one(&tx).await?;
        let team = team.ok_or_else(|| StoreError::Inconsistent(format!("team {} is gone", code.team_id)))?;
        let work = work_of(&team)?;
        let who = self.enrolled_by(&tx, &code, RoundId(team.round_id), work).await?;
        let id = self.insert_device(&tx, &code, work, api, token_hash).await?;
        let detail = format!("{} · {}", team.name, work.word());
        let head = log.append(&tx, now, &who, Act::Enrolled, &code.name, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Some(id))
    }

    /// The rows of a new device.
    async fn insert_device(
        &self,
        tx: &DatabaseTransaction,
        code: &enrolment::Model,
        work: Work,
        api: u16,
        token_hash: [u8; 32],
    ) -> Result<DeviceId, StoreError> {
        let now = self.clock().now_ms();
        let id = device::Entity::find().order_by_desc(device::Column::Id).one(tx).await?.map_or(1, |d| d.id + 1);
        let row = device::ActiveModel {
            id: Set(id),
            name: Set(code.name.clone()),
            agency_id: Set(self.agency_of_device(tx, code).await?.0),
            stream: Set(work.stream().code()),
            token_hash: Set(token_hash.to_vec()),
            created_at: Set(now),
            revoked_at: Set(None),
        };
        device::Entity::insert(row).exec_without_returning(tx).await?;
        let row = field_device::ActiveModel {
            device_id: Set(id),
            team_id: Set(code.team_id),
            account_id: Set(code.account_id),
            post_id: Set(code.post_id),
            api: Set(i16::try_from(api).unwrap_or(i16::MAX)),
            seen_at: Set(now),
            asked_day: Set(0),
            waiting: Set(None),
            signed_out_at: Set(None),
        };
        field_device::Entity::insert(row).exec_without_returning(tx).await?;
        Ok(DeviceId(id))
    }

    /// Who a code makes a device for, if they may (still) measure.
    async fn enrolled_by(
        &self,
        tx: &DatabaseTransaction,
        code: &enrolment::Model,
        round: RoundId,
        work: Work,
    ) -> Result<Who, StoreError> {
        let Some(id) = code.account_id else { return Ok(Who::nobody()) };
        let row = account::Entity::find_by_id(id).one(tx).await?;
        let row = row.filter(|row| row.disabled_at.is_none());
        let row = row.ok_or_else(|| StoreError::Refused("the account of this code is disabled".to_owned()))?;
        self.refuse_measured(round, work, row.agency_id.map(AgencyId)).await?;
        Ok(Who { account: Some(AccountId(id)), name: row.login })
    }

    /// # Errors
    /// [`StoreError::Refused`] for work on a drawn sample by people of an agency that is measured.
    async fn refuse_measured(&self, round: RoundId, work: Work, agency: Option<AgencyId>) -> Result<(), StoreError> {
        let draws = matches!(work, Work::Sample | Work::Paper);
        if let Some(agency) = agency.filter(|_| draws)
            && self.is_measured(round, agency).await?
        {
            return Err(StoreError::Refused("the measured agency measures nothing".to_owned()));
        }
        Ok(())
    }

    /// The agency that a device is booked on: of its post, its surveyor, or Sở Nội vụ.
    async fn agency_of_device(
        &self,
        tx: &DatabaseTransaction,
        code: &enrolment::Model,
    ) -> Result<AgencyId, StoreError> {
        if let Some(post) = code.post_id
            && let Some(post) = super::entity::post::Entity::find_by_id(post).one(tx).await?
        {
            return Ok(AgencyId(post.agency_id));
        }
        let mut account = None;
        if let Some(id) = code.account_id {
            account = account::Entity::find_by_id(id).one(tx).await?;
        }
        if let Some(agency) = account.and_then(|account| account.agency_id) {
            return Ok(AgencyId(agency));
        }
        let admin = account::Entity::find()
            .filter(account::Column::Role.eq(Role::Admin.code()))
            .filter(account::Column::AgencyId.is_not_null())
            .order_by_asc(account::Column::Id)
            .one(tx)
            .await?;
        if let Some(agency) = admin.and_then(|admin| admin.agency_id) {
            return Ok(AgencyId(agency));
        }
        let agencies = self.known_agencies().await?;
        let today = crate::domain::response::local_day(self.clock().now_ms());
        let home = crate::domain::agency::by_code(agencies.values(), HOME_AGENCY, today);
        let home = home.or_else(|| agencies.values().find(|agency| agency.code == HOME_AGENCY));
        home.map(|agency| agency.id).ok_or_else(|| {
            StoreError::Refused(format!("there is no agency {HOME_AGENCY} that the device could be booked on"))
        })
    }

    /// A device has asked for its kit: notes when, and how much it said was still on it.
    pub async fn device_seen(&self, device: &Device, waiting: Option<u32>) -> Result<(), StoreError> {
        let now = self.clock().now_ms();
        let waiting = waiting.map(|n| i32::try_from(n).unwrap_or(i32::MAX));
        let sql = "UPDATE field_device SET seen_at = ?, asked_day = ?, waiting = ? WHERE device_id = ?";
        let day = crate::domain::response::local_day(now);
        let values = vec![now.into(), day.into(), waiting.into(), device.id.0.into()];
        self.writer_connection().execute_raw(statement(self.backend(), sql, values)).await?;
        Ok(())
    }
}

impl Store {
    /// Notes what a tablet says is still on it, of the people of one team.
    pub async fn devices_waiting(&self, team: i32, waiting: &[Waiting]) -> Result<(), StoreError> {
        let sql = "UPDATE field_device SET waiting = ? WHERE device_id = ? AND team_id = ?";
        for Waiting { device, left } in waiting.iter().take(limits::TEAM_MEMBERS) {
            let left = i32::try_from(*left).unwrap_or(i32::MAX);
            let values = vec![left.into(), (*device).into(), team.into()];
            self.writer_connection().execute_raw(statement(self.backend(), sql, values)).await?;
        }
        Ok(())
    }
}

/// Sở Nội vụ, which draws the samples.
const HOME_AGENCY: &str = "so-noi-vu";
