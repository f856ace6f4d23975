//! Enrolment of tablets and kiosks.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};

use super::entity::device;
use super::{Store, StoreError};
use crate::domain::ids::{AgencyId, DeviceId};
use crate::domain::response::Stream;

impl Store {
    /// Enrols a device by the SHA-256 of its token.
    ///
    /// The measured agency measures nothing: a device of an agency that a round measures never sends the stream
    /// `sample`. The agency of an administrator (Sở Nội vụ) draws the samples, so its devices may.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where that is not kept.
    pub async fn add_device(
        &self,
        name: &str,
        agency: AgencyId,
        stream: Stream,
        token_hash: [u8; 32],
    ) -> Result<DeviceId, StoreError> {
        if stream == Stream::Sample
            && self.rounds().await?.iter().any(|round| round.agencies.contains_key(&agency))
            && !self.is_agency_of_an_admin(agency).await?
        {
            return Err(StoreError::Refused(
                "--stream sample: the measured agency measures nothing, and a round measures this one; give the code of \
                 Sở Nội vụ (the agency of an administrator) or of one that no round measures"
                    .to_owned(),
            ));
        }
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
