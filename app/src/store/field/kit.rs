//! What a device takes along.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::FieldDevice;
use crate::domain::field_work::{Lease, Outcome, Party, Post, Unit, Work};
use crate::domain::ids::{AccountId, AgencyId};
use crate::domain::response::local_day;
use crate::domain::staff_log::Who;
use crate::store::entity::{account, desk, field_device, lease, post, team};
use crate::store::rows::statement;
use crate::store::{Device, Store, StoreError};

/// The parts of a kit that come from the database.
#[derive(Clone, Debug)]
pub struct KitData {
    /// Name of the team.
    pub team: String,
    /// Full name of the surveyor.
    pub surveyor: Option<String>,
    /// Units, without their contact data.
    pub units: Vec<Unit>,
    /// Sealed contact data by unit; only for the surveyor who is to visit them.
    pub sealed: HashMap<Uuid, Vec<u8>>,
    /// Posts.
    pub posts: Vec<Post>,
    /// Codes and names of the agencies that these name.
    pub agencies: Vec<(String, String)>,
    /// The contact data of the round were erased.
    pub purged: bool,
    /// Who asks, as the log names them: the surveyor, else nobody.
    pub who: Who,
    /// The device was signed out, or its person does not work in the team any more.
    pub barred: bool,
    /// Units of the team that this surveyor has no more: their contact data leave the device.
    pub gone: Vec<Uuid>,
    /// The device has not asked for its kit today.
    pub first_today: bool,
}

impl Store {
    /// Reads what a device takes along. One that was signed out, or whose person left, takes nothing.
    pub async fn kit(&self, device: &Device, field: &FieldDevice) -> Result<KitData, StoreError> {
        let db = self.reader();
        let mut kit = KitData {
            team: String::new(),
            surveyor: None,
            units: vec![],
            sealed: HashMap::new(),
            posts: vec![],
            agencies: vec![],
            purged: false,
            who: Who::nobody(),
            barred: field.signed_out_at.is_some() || self.is_barred(field).await?,
            gone: vec![],
            first_today: false,
        };
        if let Some(team) = team::Entity::find_by_id(field.team).one(db).await? {
            kit.team = team.name;
        }
        if let Some(id) = field.account {
            let row = account::Entity::find_by_id(id.0).one(db).await?;
            kit.who = Who { account: Some(id), name: row.as_ref().map(|row| row.login.clone()).unwrap_or_default() };
            kit.surveyor = row.map(|row| row.name);
        }
        let seen = field_device::Entity::find_by_id(device.id.0).one(db).await?.map_or(0, |row| row.asked_day);
        kit.first_today = seen != local_day(self.clock().now_ms());
        let purged =
            statement(self.backend(), "SELECT 1 FROM contact_purge WHERE round_id = ?", vec![field.round.0.into()]);
        kit.purged = db.query_one_raw(purged).await?.is_some();
        if kit.barred {
            return Ok(kit);
        }
        let agencies = self.known_agencies().await?;
        let code = |id: AgencyId| agencies.get(&id).map_or_else(String::new, |agency| agency.code.clone());
        let mut named: Vec<AgencyId> = vec![];
        if matches!(field.work, Work::Sample | Work::Paper) {
            self.kit_units(field, &mut kit, &mut named, &code).await?;
        } else {
            self.kit_posts(device, field, &mut kit, &mut named, &code).await?;
        }
        named.sort_unstable();
        named.dedup();
        kit.agencies = named
            .iter()
            .filter_map(|id| agencies.get(id).map(|agency| (agency.code.clone(), agency.name.clone())))
            .collect();
        Ok(kit)
    }

    async fn kit_units(
        &self,
        field: &FieldDevice,
        kit: &mut KitData,
        named: &mut Vec<AgencyId>,
        code: &impl Fn(AgencyId) -> String,
    ) -> Result<(), StoreError> {
        let (db, backend) = (self.reader(), self.backend());
        let round = self.round(field.round).await?;
        // A clerk keys the forms of the whole team, and needs no address for that.
        let (whose, mut values) = match field.account {
            Some(account) if field.work == Work::Sample => ("AND a.account_id = ?", vec![account.0.into()]),
            _ => ("", vec![]),
        };
        values.insert(0, field.team.into());
        let attempts = format!(
            "SELECT t.unit_id, t.day, t.outcome FROM attempt t JOIN assignment a ON a.unit_id = t.unit_id \
             WHERE a.team_id = ? {whose} ORDER BY t.at, t.id"
        );
        let mut tried: HashMap<Uuid, Vec<(i32, Outcome)>> = HashMap::new();
        for row in db.query_all_raw(statement(backend, &attempts, values.clone())).await? {
            if let Some(outcome) = Outcome::from_code(row.try_get_by_index(2)?) {
                tried.entry(row.try_get_by_index(0)?).or_default().push((row.try_get_by_index(1)?, outcome));
            }
        }
        if let Some(account) = field.account.filter(|_| field.work == Work::Sample) {
            kit.gone = self.units_gone(field.team, account).await?;
        }
        let units = format!(
            "SELECT u.id, u.number, u.agency_id, u.field, u.party, u.reserve, g.unit_id, b.unit_id, c.sealed \
             FROM assignment a JOIN sample_unit u ON u.id = a.unit_id \
             LEFT JOIN replacement g ON g.unit_id = u.id LEFT JOIN replacement b ON b.by_id = u.id \
             LEFT JOIN sample_contact c ON c.unit_id = u.id \
             WHERE a.team_id = ? {whose} ORDER BY u.agency_id, u.number"
        );
        for row in db.query_all_raw(statement(backend, &units, values)).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            let agency = AgencyId(row.try_get_by_index(2)?);
            let position: Option<i16> = row.try_get_by_index(3)?;
            let given_up: Option<Uuid> = row.try_get_by_index(6)?;
            let called_up: Option<Uuid> = row.try_get_by_index(7)?;
            let sealed: Option<Vec<u8>> = row.try_get_by_index(8)?;
            let fields = round.as_ref().map(|round| &round.round.fields);
            named.push(agency);
            if let Some(sealed) = sealed.filter(|_| field.work == Work::Sample && !kit.purged) {
                kit.sealed.insert(id, sealed);
            }
            kit.units.push(Unit {
                unit: id.to_string(),
                number: row.try_get_by_index::<i32>(1)?.unsigned_abs(),
                agency: code(agency),
                field: position.and_then(|at| Some(fields?.get(usize::try_from(at).ok()?)?.code.clone())),
                party: Party::from_code(row.try_get_by_index(4)?).unwrap_or(Party::Person),
                reserve: row.try_get_by_index::<bool>(5)? && called_up.is_none(),
                replaced: given_up.is_some(),
                contact: None,
                attempts: tried.remove(&id).unwrap_or_default(),
            });
        }
        Ok(())
    }

    /// Units that the team has or had and that are not this surveyor's: taken back, or moved to a colleague.
    async fn units_gone(&self, team: i32, account: AccountId) -> Result<Vec<Uuid>, StoreError> {
        let sql = "SELECT x.unit_id FROM (SELECT unit_id FROM former_assignment WHERE team_id = ? \
                   UNION SELECT unit_id FROM assignment WHERE team_id = ?) x WHERE NOT EXISTS \
                   (SELECT 1 FROM assignment a WHERE a.unit_id = x.unit_id AND a.team_id = ? AND a.account_id = ?) \
                   ORDER BY x.unit_id";
        let values = vec![team.into(), team.into(), team.into(), account.0.into()];
        let rows = self.reader().query_all_raw(statement(self.backend(), sql, values)).await?;
        rows.into_iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    async fn kit_posts(
        &self,
        device: &Device,
        field: &FieldDevice,
        kit: &mut KitData,
        named: &mut Vec<AgencyId>,
        code: &impl Fn(AgencyId) -> String,
    ) -> Result<(), StoreError> {
        let db = self.reader();
        let mut posts = post::Entity::find().filter(post::Column::TeamId.eq(field.team));
        if let Some(only) = field.post {
            posts = posts.filter(post::Column::Id.eq(only));
        }
        let held = lease::Entity::find().filter(lease::Column::DeviceId.eq(device.id.0)).all(db).await?;
        for row in posts.order_by_asc(post::Column::Id).all(db).await? {
            let Some(desk) = desk::Entity::find_by_id(row.desk_id).one(db).await? else { continue };
            named.push(AgencyId(row.agency_id));
            let held = held.iter().find(|lease| lease.post_id == row.id);
            kit.posts.push(Post {
                post: row.id,
                agency: code(AgencyId(row.agency_id)),
                desk: desk.code,
                name: row.name,
                every: row.every.unsigned_abs(),
                lease: row.target.map(|_| held.map_or(Lease { granted: 0, used: 0 }, lease_of)),
            });
        }
        Ok(())
    }
}

pub(super) fn lease_of(row: &lease::Model) -> Lease {
    Lease { granted: row.granted.unsigned_abs(), used: row.used.unsigned_abs() }
}
