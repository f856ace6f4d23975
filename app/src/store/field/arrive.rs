//! Answers of field devices on their way to the writer: whose they are, and whether a quota is spent.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Value};
use uuid::Uuid;

use super::FieldDevice;
use crate::domain::ids::{AgencyId, DeskId, DeviceId, RoundId, StratumId};
use crate::store::entity::{desk, post};
use crate::store::rows::{MOST_ROWS, chunks, insert, statement, within};
use crate::store::{Store, StoreError};

/// Where a unit of a sample counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPlace {
    /// Round.
    pub round: RoundId,
    /// Agency.
    pub agency: AgencyId,
    /// Stratum it was drawn from.
    pub stratum: StratumId,
    /// Position of its field in the round.
    pub field: Option<i16>,
}

/// Where a post stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostPlace {
    /// Key.
    pub id: i32,
    /// Agency.
    pub agency: AgencyId,
    /// Desk.
    pub desk: DeskId,
    /// Whether only so many interviews are wanted there.
    pub limited: bool,
}

/// What the answers of one request may name.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// Units of the device's team, of those that were asked for.
    pub units: HashMap<Uuid, UnitPlace>,
    /// Posts of the device.
    pub posts: Vec<PostPlace>,
}

/// What became of the claim that a response is a unit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It is, from now on.
    New,
    /// It was already.
    Same,
    /// Another response is.
    Other,
}

impl Store {
    /// The units among `ids` that are, or were, assigned to the team of a device, and its posts; beside them the codes of
    /// the desks of these.
    pub async fn arrivals(&self, device: &FieldDevice, ids: &[Uuid]) -> Result<(Arrivals, Vec<String>), StoreError> {
        let mut arrivals = Arrivals::default();
        let columns = "SELECT u.id, u.round_id, u.agency_id, u.stratum_id, u.field FROM sample_unit u WHERE ";
        let ours = "(EXISTS (SELECT 1 FROM assignment a WHERE a.unit_id = u.id AND a.team_id = {team}) OR EXISTS (SELECT 1 \
                    FROM former_assignment f WHERE f.unit_id = u.id AND f.team_id = {team})) AND u.id";
        let prefix = columns.to_owned() + &ours.replace("{team}", &device.team.to_string());
        for chunk in ids.chunks(MOST_ROWS) {
            let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
            for row in self.reader().query_all_raw(within(self.backend(), &prefix, "", values)).await? {
                let place = UnitPlace {
                    round: RoundId(row.try_get_by_index(1)?),
                    agency: AgencyId(row.try_get_by_index(2)?),
                    stratum: StratumId(row.try_get_by_index(3)?),
                    field: row.try_get_by_index(4)?,
                };
                arrivals.units.insert(row.try_get_by_index(0)?, place);
            }
        }
        let mut posts = post::Entity::find().filter(post::Column::TeamId.eq(device.team));
        if let Some(only) = device.post {
            posts = posts.filter(post::Column::Id.eq(only));
        }
        let mut desks = vec![];
        for row in posts.order_by_asc(post::Column::Id).all(self.reader()).await? {
            let desk = desk::Entity::find_by_id(row.desk_id).one(self.reader()).await?;
            desks.push(desk.map_or_else(String::new, |desk| desk.code));
            arrivals.posts.push(PostPlace {
                id: row.id,
                agency: AgencyId(row.agency_id),
                desk: DeskId(row.desk_id),
                limited: row.target.is_some(),
            });
        }
        Ok((arrivals, desks))
    }

    /// Claims units for responses, before these are stored: of two for one unit the first is its own. Pairs are (unit,
    /// response), all of one round. Once the round was purged nothing is linked any more, and nothing can be said.
    pub async fn link_units(
        &self,
        round: RoundId,
        pairs: &[(Uuid, Uuid)],
    ) -> Result<HashMap<(Uuid, Uuid), Link>, StoreError> {
        let mut links = HashMap::with_capacity(pairs.len());
        if pairs.is_empty() {
            return Ok(links);
        }
        let backend = self.backend();
        let _turn = self.write_turn().await;
        let tx = self.begin_write().await?;
        let purged = statement(backend, "SELECT 1 FROM contact_purge WHERE round_id = ?", vec![round.0.into()]);
        if tx.query_one_raw(purged).await?.is_some() {
            return Ok(links);
        }
        let units: Vec<Value> = pairs.iter().map(|(unit, _)| (*unit).into()).collect();
        let mut before: HashMap<Uuid, Uuid> = HashMap::new();
        for chunk in units.chunks(MOST_ROWS) {
            before.extend(linked(&tx, self.backend(), chunk.to_vec()).await?);
        }
        let mut new: Vec<(Uuid, Uuid)> = pairs.iter().filter(|(unit, _)| !before.contains_key(unit)).copied().collect();
        // In the order of the units, so that two processes wait for each other and not in a ring; of two in one request
        // the earlier is first, for the sort keeps their order.
        new.sort_by_key(|(unit, _)| *unit);
        new.dedup_by_key(|(unit, _)| *unit);
        for chunk in chunks(&new) {
            let values = chunk.iter().flat_map(|(unit, response)| [Value::from(*unit), (*response).into()]).collect();
            let columns = ["unit_id", "response_id"];
            let once = "ON CONFLICT (unit_id) DO NOTHING";
            tx.execute_raw(insert(backend, "sample_link", &columns, chunk.len(), once, values)).await?;
        }
        // A new statement, so that it sees what the insert above waited for.
        let mut after: HashMap<Uuid, Uuid> = HashMap::new();
        for chunk in units.chunks(MOST_ROWS) {
            after.extend(linked(&tx, backend, chunk.to_vec()).await?);
        }
        tx.commit().await?;
        for (unit, response) in pairs {
            let link = match (after.get(unit), before.contains_key(unit)) {
                (Some(owner), true) if owner == response => Link::Same,
                (Some(owner), false) if owner == response => Link::New,
                _ => Link::Other,
            };
            links.insert((*unit, *response), link);
        }
        Ok(links)
    }

    /// Counts responses at posts with a quota, each once, and says which are past the lease of the device.
    pub async fn spend_leases(&self, device: DeviceId, responses: &[(Uuid, i32)]) -> Result<HashSet<Uuid>, StoreError> {
        let mut beyond = HashSet::new();
        if responses.is_empty() {
            return Ok(beyond);
        }
        let backend = self.backend();
        let mut sorted = responses.to_vec();
        sorted.sort_unstable();
        sorted.dedup_by_key(|(response, _)| *response);
        let _turn = self.write_turn().await;
        let tx = self.begin_write().await?;
        for (response, post) in sorted {
            let sql = "INSERT INTO post_response (response_id, post_id, device_id, beyond) VALUES (?, ?, ?, ?) \
                       ON CONFLICT (response_id) DO NOTHING";
            let values = vec![response.into(), post.into(), device.0.into(), false.into()];
            let new = tx.execute_raw(statement(backend, sql, values)).await?.rows_affected() > 0;
            let past = if new {
                let sql = "UPDATE lease SET used = used + 1 WHERE post_id = ? AND device_id = ? AND used < granted";
                let spent = tx.execute_raw(statement(backend, sql, vec![post.into(), device.0.into()])).await?;
                let past = spent.rows_affected() == 0;
                if past {
                    let sql = "UPDATE post_response SET beyond = ? WHERE response_id = ?";
                    tx.execute_raw(statement(backend, sql, vec![true.into(), response.into()])).await?;
                }
                past
            } else {
                let sql = "SELECT beyond FROM post_response WHERE response_id = ?";
                let row = tx.query_one_raw(statement(backend, sql, vec![response.into()])).await?;
                row.map_or(Ok(false), |row| row.try_get_by_index(0))?
            };
            if past {
                beyond.insert(response);
            }
        }
        tx.commit().await?;
        Ok(beyond)
    }
}

async fn linked<C: ConnectionTrait>(
    db: &C,
    backend: sea_orm::DbBackend,
    units: Vec<Value>,
) -> Result<HashMap<Uuid, Uuid>, StoreError> {
    let rows = db
        .query_all_raw(within(backend, "SELECT unit_id, response_id FROM sample_link WHERE unit_id", "", units))
        .await?;
    let mut links = HashMap::with_capacity(rows.len());
    for row in rows {
        links.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    }
    Ok(links)
}
