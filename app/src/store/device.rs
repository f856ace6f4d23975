//! Enrolment of tablets and kiosks.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};

use super::entity::device;
use super::{Store, StoreError};
use crate::domain::ids::{AgencyId, DeviceId};
use crate::domain::response::Stream;

impl Store {
    /// Enrols a device by the SHA-256 of its token.
    pub async fn add_device(
        &self,
        name: &str,
        agency: AgencyId,
        stream: Stream,
        token_hash: [u8; 32],
    ) -> Result<DeviceId, StoreError> {
        let tx = self.begin_write().await?;
        let last = device::Entity::find().order_by_desc(device::Column::Id).one(&tx).await?;
        let id = last.map_or(1, |d| d.id + 1);
        let row = device::ActiveModel {
            id: Set(id),
            name: Set(name.to_owned()),
            agency_id: Set(agency.0),
            stream: Set(stream.code()),
            token_hash: Set(token_hash.to_vec()),
            created_at: Set(self.clock().now_ms()),
            revoked_at: Set(None),
        };
        device::Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await?;
        self.caches().clear();
        Ok(DeviceId(id))
    }
}
