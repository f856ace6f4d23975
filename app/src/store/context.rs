//! What a desk, a device or a round means, read from the catalogue tables and kept for two seconds at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::cache::{Ages, Cache};
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

/// How long a desk, a token or a round is remembered at most, in milliseconds: several processes may share one database,
/// and what one of them revokes, closes or freezes is honoured by the others after this time, whatever happens.
pub(super) const CACHE_MS: i64 = 2_000;
/// Renewal in the background leaves half a second to read anew, several times what that takes on a busy machine.
const AGES: Ages = Ages { due: 1_000, spread: 500, oldest: CACHE_MS };
/// Most keys remembered; a guesser of desk codes must not fill the memory.
const CACHE_KEYS: usize = 4_096;

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

/// The rounds, oldest first.
type Rounds = Arc<Vec<Arc<RoundContext>>>;

/// All agencies, by id.
type Agencies = Arc<HashMap<AgencyId, Agency>>;

/// Small caches in front of the catalogue tables.
#[derive(Debug)]
pub(super) struct Caches {
    desks: Cache<String, Option<Arc<DeskContext>>>,
    devices: Cache<[u8; 32], Option<Device>>,
    rounds: Cache<(), Rounds>,
    agencies: Cache<(), Agencies>,
    pub(super) publications: Cache<(), super::publication::Publications>,
    pub(super) said: Cache<(), Arc<super::comment::Kept>>,
}

impl Default for Caches {
    fn default() -> Self {
        Self {
            desks: Cache::new(AGES, CACHE_KEYS),
            devices: Cache::new(AGES, CACHE_KEYS),
            rounds: Cache::new(AGES, 1),
            agencies: Cache::new(AGES, 1),
            publications: Cache::new(AGES, 1),
            said: Cache::new(AGES, 1),
        }
    }
}

impl Caches {
    /// Forgets everything, after a change made by this process.
    pub(super) fn clear(&self) {
        self.desks.clear();
        self.devices.clear();
        self.rounds.clear();
        self.agencies.clear();
        self.publications.clear();
        self.said.clear();
    }
}

/// A poisoned lock only says that a thread panicked while it held a map of copies; the map is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Store {
    /// All rounds, oldest first.
    pub async fn rounds(&self) -> Result<Rounds, StoreError> {
        let load = || {
            let store = self.clone();
            async move { store.load_rounds(store.reader()).await.map(Arc::new) }
        };
        self.caches().rounds.get(&(), self.clock().now_ms(), load).await
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
        let load = || {
            let (store, code) = (self.clone(), code.to_owned());
            async move { store.load_desk(&code).await }
        };
        let desks = &self.caches().desks;
        let Some(found) = desks.get(code, self.clock().now_ms(), load).await? else { return Ok(None) };
        // The round has an age of its own: a desk must not carry one that is older than may be served.
        let round = self.round(found.round.round.id).await?;
        let Some(round) = round.filter(|round| !Arc::ptr_eq(round, &found.round)) else { return Ok(Some(found)) };
        let Some(agency) = round.agencies.get(&found.agency.id).cloned() else { return Ok(Some(found)) };
        let renewed = Arc::new(DeskContext { desk: found.desk.clone(), agency, round });
        desks.amend(code, |known| {
            known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &found)).then(|| Some(Arc::clone(&renewed)))
        });
        Ok(Some(renewed))
    }

    async fn load_desk(&self, code: &str) -> Result<Option<Arc<DeskContext>>, StoreError> {
        let row = desk::Entity::find().filter(desk::Column::Code.eq(code)).one(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let round = self.round(RoundId(row.round_id)).await?;
        let round = round.ok_or_else(|| StoreError::Inconsistent(format!("desk {} has no round", row.id)))?;
        let agency = round.agencies.get(&AgencyId(row.agency_id)).cloned();
        let agency = agency.ok_or_else(|| StoreError::Inconsistent(format!("desk {} has no agency", row.id)))?;
        Ok(Some(Arc::new(DeskContext { desk: desk_of(row), agency, round })))
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
        let load = || {
            let store = self.clone();
            async move { store.load_device(token_hash).await }
        };
        self.caches().devices.get(&token_hash, self.clock().now_ms(), load).await
    }

    async fn load_device(&self, token_hash: [u8; 32]) -> Result<Option<Device>, StoreError> {
        let row = device::Entity::find()
            .filter(device::Column::TokenHash.eq(token_hash.to_vec()))
            .filter(device::Column::RevokedAt.is_null())
            .one(self.reader())
            .await?;
        match row {
            None => Ok(None),
            Some(row) => self.device_of(row).await,
        }
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

    /// As [`Self::agencies`], remembered for two seconds at most: what a page decides its scope by.
    pub async fn known_agencies(&self) -> Result<Agencies, StoreError> {
        let load = || {
            let store = self.clone();
            async move { load_agencies(store.reader()).await.map(Arc::new) }
        };
        self.caches().agencies.get(&(), self.clock().now_ms(), load).await
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
