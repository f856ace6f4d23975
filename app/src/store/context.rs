//! What a desk, a device or a round means, read from the catalogue tables and kept for two seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{agency, agency_alias, agency_successor, catalogue_version, desk, device, freeze, round, stratum};
use super::{Store, StoreError};
use crate::domain::agency::{Agency, Level};
use crate::domain::answer::{Sheet, Validity};
use crate::domain::breakdown::Dimension;
use crate::domain::ids::{AgencyId, DeskId, DeviceId, RoundId, StratumId};
use crate::domain::method::Method;
use crate::domain::questionnaire::{Purpose, Questionnaire};
use crate::domain::response::{Marks, NewResponse, Standing, Stream};
use crate::domain::round::{Desk, Round, Stratum};
use crate::domain::tally::Shape;
use crate::domain::text::Text;

/// How long a desk, a token or a round is remembered, in milliseconds: several processes may share one database.
pub(super) const CACHE_MS: i64 = 2_000;
/// Most entries remembered; a guesser of desk codes must not fill the memory.
const CACHE_ENTRIES: usize = 4_096;

/// A round with the questionnaire and method versions it was opened with.
#[derive(Debug)]
pub struct RoundContext {
    /// The round.
    pub round: Round,
    /// Its questionnaire version, as it was when first used.
    pub questionnaire: Arc<Questionnaire>,
    /// Its method version, likewise.
    pub method: Arc<Method>,
    /// Its strata.
    pub strata: Vec<Stratum>,
    /// The shape of its tallies.
    pub shape: Shape,
    /// The shape of its one-way tallies.
    pub one_way_shape: Shape,
    /// By what its responses are broken down, in the order in which it is shown.
    pub dimensions: Vec<Dimension>,
    /// The agencies that have a stratum or desk in it, by id.
    pub agencies: HashMap<AgencyId, Agency>,
    /// The same agencies by code and by every alias.
    pub codes: HashMap<String, AgencyId>,
    /// When it was first frozen, milliseconds since 1970: what arrives from then on is kept and is in no figure.
    pub frozen_at: Option<i64>,
}

impl RoundContext {
    /// What arrives after the freeze is kept, marked as late and counted apart.
    pub(super) fn settle(&self, response: &mut NewResponse) {
        if self.frozen_at.is_some() {
            response.marks = response.marks.with(Marks::LATE);
            if matches!(response.standing, Standing::Valid | Standing::Incomplete) {
                response.standing = Standing::Suspect;
            }
        }
    }

    /// How a response stands by what it answers and where it counts. Without its stratum a drawn response has no weight.
    pub fn standing(&self, sheet: &Sheet, stratum: StratumId, stream: Stream) -> Standing {
        let weighed = stratum != StratumId::UNKNOWN || stream == Stream::Open;
        if weighed && sheet.counted(&self.questionnaire, stream).validity(&self.questionnaire) == Validity::Valid {
            Standing::Valid
        } else {
            Standing::Incomplete
        }
    }

    /// Where a response counts: outside when the person has no result yet (they are not among the dossiers returned),
    /// else the stratum of the agency and field. Who was drawn has the result.
    pub fn locate(&self, agency: AgencyId, field: Option<i16>, sheet: &Sheet, stream: Stream) -> StratumId {
        let sheet = sheet.counted(&self.questionnaire, stream);
        let visit = sheet.chosen(&self.questionnaire, Purpose::Visit);
        if visit.is_some_and(|visit| self.method.outside_visits.iter().any(|v| v == visit)) {
            StratumId::OUTSIDE
        } else {
            self.stratum(agency, field)
        }
    }

    /// The stratum of a response of this agency with this field: the one of the field where the agency is drawn by
    /// field, its only one otherwise.
    pub fn stratum(&self, agency: AgencyId, field: Option<i16>) -> StratumId {
        let mut of_agency = self.strata.iter().filter(|s| s.agency == agency);
        match (of_agency.next(), of_agency.next()) {
            (None, _) => StratumId::UNKNOWN,
            (Some(only), None) if only.field.is_none() || only.field == field || field.is_none() => only.id,
            _ => self
                .strata
                .iter()
                .find(|s| s.agency == agency && s.field.is_some() && s.field == field)
                .map_or(StratumId::UNKNOWN, |s| s.id),
        }
    }
}

/// A desk with its agency and round.
#[derive(Clone, Debug)]
pub struct DeskContext {
    /// The desk.
    pub desk: Desk,
    /// Its agency.
    pub agency: Agency,
    /// Its round.
    pub round: Arc<RoundContext>,
}

/// An enrolled device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Key.
    pub id: DeviceId,
    /// Name given at enrolment.
    pub name: String,
    /// The agency it works for.
    pub agency: AgencyId,
    /// The stream of everything that it sends.
    pub stream: Stream,
    /// What it is in the field; none for a device that the operator added.
    pub field: Option<super::field::FieldDevice>,
}

/// What was found, and when.
type Remembered<K, V> = Mutex<HashMap<K, (i64, V)>>;
/// The rounds, oldest first.
type Rounds = Arc<Vec<Arc<RoundContext>>>;

/// All agencies, by id.
type Agencies = Arc<HashMap<AgencyId, Agency>>;

/// Small caches in front of the catalogue tables.
#[derive(Debug, Default)]
pub(super) struct Caches {
    desks: Remembered<String, Option<Arc<DeskContext>>>,
    devices: Remembered<[u8; 32], Option<Device>>,
    rounds: Mutex<Option<(i64, Rounds)>>,
    agencies: Mutex<Option<(i64, Agencies)>>,
    pub(super) publications: Mutex<Option<(i64, super::publication::Publications)>>,
}

impl Caches {
    /// Forgets everything, after a change made by this process.
    pub(super) fn clear(&self) {
        lock(&self.desks).clear();
        lock(&self.devices).clear();
        *lock(&self.rounds) = None;
        *lock(&self.agencies) = None;
        *lock(&self.publications) = None;
    }
}

/// A poisoned lock only says that a thread panicked while it held a map of copies; the map is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn remember<K: std::hash::Hash + Eq, V>(map: &Remembered<K, V>, key: K, now: i64, value: V) {
    let mut map = lock(map);
    if map.len() >= CACHE_ENTRIES {
        map.clear();
    }
    map.insert(key, (now, value));
}

impl Store {
    /// All rounds, oldest first.
    pub async fn rounds(&self) -> Result<Rounds, StoreError> {
        let now = self.clock().now_ms();
        if let Some((at, rounds)) = &*lock(&self.caches().rounds)
            && now - at < CACHE_MS
        {
            return Ok(rounds.clone());
        }
        let rounds = Arc::new(self.load_rounds(self.reader()).await?);
        *lock(&self.caches().rounds) = Some((now, rounds.clone()));
        Ok(rounds)
    }

    /// The round with this key.
    pub async fn round(&self, id: RoundId) -> Result<Option<Arc<RoundContext>>, StoreError> {
        Ok(self.rounds().await?.iter().find(|r| r.round.id == id).cloned())
    }

    pub(super) async fn load_rounds<C: ConnectionTrait>(&self, db: &C) -> Result<Vec<Arc<RoundContext>>, StoreError> {
        let rounds = round::Entity::find().order_by_asc(round::Column::Id).all(db).await?;
        if rounds.is_empty() {
            return Ok(vec![]);
        }
        let agencies = load_agencies(db).await?;
        let desks = desk::Entity::find().all(db).await?;
        let strata = stratum::Entity::find().order_by_asc(stratum::Column::Id).all(db).await?;
        let frozen: Vec<(i32, i64)> = freeze::Entity::find()
            .select_only()
            .columns([freeze::Column::RoundId, freeze::Column::FrozenAt])
            .order_by_asc(freeze::Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        let mut out = Vec::with_capacity(rounds.len());
        for row in rounds {
            let questionnaire: Questionnaire =
                load_version(db, "questionnaire", &row.questionnaire_key, row.questionnaire_version).await?;
            let method: Method = load_version(db, "method", &row.method_key, row.method_version).await?;
            let strata: Vec<Stratum> = strata
                .iter()
                .filter(|s| s.round_id == row.id)
                .map(|s| Stratum {
                    id: StratumId(s.id),
                    agency: AgencyId(s.agency_id),
                    field: s.field,
                    population: s.population,
                })
                .collect();
            let of_round: HashMap<AgencyId, Agency> = strata
                .iter()
                .map(|s| s.agency)
                .chain(desks.iter().filter(|d| d.round_id == row.id).map(|d| AgencyId(d.agency_id)))
                .filter_map(|id| agencies.get(&id).map(|a| (id, a.clone())))
                .collect();
            let shape = Shape::new(&questionnaire, &method);
            out.push(Arc::new(RoundContext {
                one_way_shape: shape.of_criteria_only(),
                shape,
                dimensions: Dimension::all(&questionnaire),
                questionnaire: Arc::new(questionnaire),
                method: Arc::new(method),
                strata,
                codes: of_round
                    .values()
                    .flat_map(|a| a.aliases.iter().chain([&a.code]).map(|code| (code.clone(), a.id)))
                    .collect(),
                agencies: of_round,
                frozen_at: frozen.iter().find(|(round, _)| *round == row.id).map(|(_, at)| *at),
                round: Round {
                    id: RoundId(row.id),
                    code: row.code,
                    name: Text { vi: row.name_vi, en: row.name_en },
                    questionnaire: (row.questionnaire_key, row.questionnaire_version as u16),
                    method: (row.method_key, row.method_version as u16),
                    period: (row.period_from, row.period_to),
                    opens_at: row.opens_at,
                    closes_at: row.closes_at,
                    fields: serde_json::from_str(&row.fields)
                        .map_err(|e| StoreError::Inconsistent(format!("round {}: fields: {e}", row.id)))?,
                    step: u32::try_from(row.step).unwrap_or(1).max(1),
                    sample_data: row.sample_data,
                },
            }));
        }
        Ok(out)
    }

    /// The desk with this code (as normalised by [`crate::domain::round::normalise_code`]).
    pub async fn desk(&self, code: &str) -> Result<Option<Arc<DeskContext>>, StoreError> {
        let now = self.clock().now_ms();
        if let Some((at, found)) = lock(&self.caches().desks).get(code)
            && now - at < CACHE_MS
        {
            return Ok(found.clone());
        }
        let row = desk::Entity::find().filter(desk::Column::Code.eq(code)).one(self.reader()).await?;
        let found = match row {
            None => None,
            Some(row) => {
                let round = self.round(RoundId(row.round_id)).await?;
                let round = round.ok_or_else(|| StoreError::Inconsistent(format!("desk {} has no round", row.id)))?;
                let agency = round.agencies.get(&AgencyId(row.agency_id)).cloned();
                let agency =
                    agency.ok_or_else(|| StoreError::Inconsistent(format!("desk {} has no agency", row.id)))?;
                Some(Arc::new(DeskContext { desk: desk_of(row), agency, round }))
            }
        };
        remember(&self.caches().desks, code.to_owned(), now, found.clone());
        Ok(found)
    }

    /// All desks, those of `hanh-chinh-2018` first, then by agency and code.
    pub async fn desks(&self) -> Result<Vec<DeskContext>, StoreError> {
        let rounds = self.rounds().await?;
        let rows = desk::Entity::find()
            .order_by_asc(desk::Column::AgencyId)
            .order_by_asc(desk::Column::Id)
            .all(self.reader())
            .await?;
        let mut desks: Vec<DeskContext> = rows
            .into_iter()
            .filter_map(|row| {
                let round = rounds.iter().find(|r| r.round.id.0 == row.round_id)?.clone();
                let agency = round.agencies.get(&AgencyId(row.agency_id))?.clone();
                Some(DeskContext { desk: desk_of(row), agency, round })
            })
            .collect();
        desks.sort_by_key(|d| d.round.round.questionnaire.0 != "hanh-chinh-2018");
        Ok(desks)
    }

    /// The device of a token, by the token's SHA-256; none when unknown or revoked.
    pub async fn device(&self, token_hash: [u8; 32]) -> Result<Option<Device>, StoreError> {
        let now = self.clock().now_ms();
        if let Some((at, found)) = lock(&self.caches().devices).get(&token_hash)
            && now - at < CACHE_MS
        {
            return Ok(found.clone());
        }
        let row = device::Entity::find()
            .filter(device::Column::TokenHash.eq(token_hash.to_vec()))
            .filter(device::Column::RevokedAt.is_null())
            .one(self.reader())
            .await?;
        let found = match row {
            None => None,
            Some(row) => self.device_of(row).await?,
        };
        remember(&self.caches().devices, token_hash, now, found.clone());
        Ok(found)
    }

    /// The device of a key, revoked or not: for what was carried by hand to who has this database.
    pub async fn device_by_key(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        match device::Entity::find_by_id(id.0).one(self.reader()).await? {
            None => Ok(None),
            Some(row) => self.device_of(row).await,
        }
    }

    /// The device of a key, unless it was revoked.
    pub async fn device_in_use(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let in_use = device::Entity::find_by_id(id.0).filter(device::Column::RevokedAt.is_null());
        match in_use.one(self.reader()).await? {
            None => Ok(None),
            Some(row) => self.device_of(row).await,
        }
    }

    async fn device_of(&self, row: device::Model) -> Result<Option<Device>, StoreError> {
        let field = super::field::field_device(self.reader(), row.id).await?;
        let (id, agency) = (DeviceId(row.id), AgencyId(row.agency_id));
        Ok(Stream::from_code(row.stream).map(|stream| Device { id, name: row.name, agency, stream, field }))
    }

    /// As [`Self::agencies`], remembered for two seconds: what a page decides its scope by.
    pub async fn known_agencies(&self) -> Result<Agencies, StoreError> {
        let now = self.clock().now_ms();
        if let Some((at, agencies)) = &*lock(&self.caches().agencies)
            && now - at < CACHE_MS
        {
            return Ok(agencies.clone());
        }
        let agencies = Arc::new(load_agencies(self.reader()).await?);
        *lock(&self.caches().agencies) = Some((now, agencies.clone()));
        Ok(agencies)
    }

    /// All agencies with aliases and successors, by id.
    pub async fn agencies(&self) -> Result<HashMap<AgencyId, Agency>, StoreError> {
        load_agencies(self.reader()).await
    }
}

fn desk_of(row: desk::Model) -> Desk {
    Desk {
        id: DeskId(row.id),
        code: row.code,
        agency: AgencyId(row.agency_id),
        round: RoundId(row.round_id),
        name: row.name,
    }
}

pub(super) async fn load_agencies<C: ConnectionTrait>(db: &C) -> Result<HashMap<AgencyId, Agency>, StoreError> {
    let mut agencies = HashMap::new();
    for row in agency::Entity::find().all(db).await? {
        let level = Level::from_code(row.level)
            .ok_or_else(|| StoreError::Inconsistent(format!("agency {}: level {}", row.id, row.level)))?;
        let id = AgencyId(row.id);
        agencies.insert(
            id,
            Agency {
                id,
                code: row.code,
                name: row.name,
                kind: row.kind,
                level,
                parent: row.parent_id.map(AgencyId),
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                aliases: vec![],
                successors: vec![],
            },
        );
    }
    for row in agency_alias::Entity::find().all(db).await? {
        if let Some(agency) = agencies.get_mut(&AgencyId(row.agency_id)) {
            agency.aliases.push(row.alias);
        }
    }
    for row in agency_successor::Entity::find().all(db).await? {
        if let Some(agency) = agencies.get_mut(&AgencyId(row.agency_id)) {
            agency.successors.push(AgencyId(row.successor_id));
        }
    }
    Ok(agencies)
}

async fn load_version<T: serde::de::DeserializeOwned, C: ConnectionTrait>(
    db: &C,
    kind: &str,
    key: &str,
    version: i16,
) -> Result<T, StoreError> {
    let row = catalogue_version::Entity::find_by_id((kind.to_owned(), key.to_owned(), version)).one(db).await?;
    let row =
        row.ok_or_else(|| StoreError::Inconsistent(format!("{kind} {key} version {version} is not in the database")))?;
    serde_json::from_str(&row.content)
        .map_err(|e| StoreError::Inconsistent(format!("{kind} {key} version {version}: {e}")))
}
