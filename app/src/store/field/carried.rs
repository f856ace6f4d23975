//! Devices that are known by a file alone: they were enrolled after the backup that was restored, and a supervisor says
//! whose they are. Nobody has their token.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::team::TeamFault;
use super::{TeamLine, enrolment};
use crate::domain::ids::{AccountId, DeviceId};
use crate::domain::limits;
use crate::domain::staff_log::{Act, Who};
use crate::store::entity::{device, field_device, team_member};
use crate::store::{Store, StoreError};

impl Store {
    /// The device of a team under which the records of a file count: for this holder (as of a code) and name, made once.
    /// `token_hash` is of a token that is thrown away.
    pub async fn carried_device(
        &self,
        who: &Who,
        team: &TeamLine,
        holder: (Option<AccountId>, Option<i32>),
        name: &str,
        token_hash: [u8; 32],
    ) -> Result<Result<DeviceId, TeamFault>, StoreError> {
        if let Err(fault) = self.holder_fits(team, holder).await? {
            return Ok(Err(fault));
        }
        let label: String = format!("Tệp: {}", name.trim()).chars().filter(|c| !c.is_control()).collect();
        let label: String = label.chars().take(limits::LABEL_NAME_CHARS).collect();
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let of_team = field_device::Entity::find().filter(field_device::Column::TeamId.eq(team.id)).all(&tx).await?;
        for row in of_team.iter().filter(|row| (row.account_id.map(AccountId), row.post_id) == holder) {
            let known = device::Entity::find_by_id(row.device_id).one(&tx).await?;
            if known.is_some_and(|known| known.name == label) {
                return Ok(Ok(DeviceId(row.device_id)));
            }
        }
        let code = enrolment::Model {
            code_mac: vec![],
            team_id: team.id,
            account_id: holder.0.map(|account| account.0),
            post_id: holder.1,
            name: label.clone(),
            made_at: now,
            used_at: Some(now),
        };
        let id = self.insert_device(&tx, &code, team.work, 0, token_hash).await?;
        let head = log.append(&tx, now, who, Act::Enrolled, &label, &format!("{} · từ tệp", team.name)).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().clear();
        Ok(Ok(id))
    }

    /// The teams that somebody is a member of: for a command, which has the whole database.
    pub async fn teams_of(&self, account: AccountId) -> Result<Vec<TeamLine>, StoreError> {
        let rows = team_member::Entity::find().filter(team_member::Column::AccountId.eq(account.0));
        let ids: Vec<i32> = rows.all(self.reader()).await?.into_iter().map(|row| row.team_id).collect();
        self.team_lines(Some(ids), None).await
    }
}
