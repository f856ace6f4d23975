//! Writing the catalogue: agencies, rounds with their versions, strata and desks.

use sea_orm::{ActiveValue::Set, EntityTrait};

use super::entity::{agency, agency_alias, agency_successor, catalogue_version, desk, round, stratum};
use super::{Store, StoreError};
use crate::domain::agency::Agency;
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::round::{Desk, Round, Stratum};

/// Rows per statement of the catalogue: nine columns stay far below the parameter limit of SQLite.
pub(super) const ROWS: usize = 200;

/// A round with all that belongs to it. Ids are given by the caller and must be free or the same.
#[derive(Clone, Debug)]
pub struct NewRound<'a> {
    /// The round.
    pub round: &'a Round,
    /// The questionnaire version it uses.
    pub questionnaire: &'a Questionnaire,
    /// The method version it uses.
    pub method: &'a Method,
    /// Its strata.
    pub strata: &'a [Stratum],
    /// Its desks.
    pub desks: &'a [Desk],
}

impl Store {
    /// Saves agencies; those that are there already stay as they are.
    pub async fn save_agencies(&self, agencies: &[Agency]) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        // Parents before children: the foreign key asks for it.
        let mut ordered: Vec<&Agency> = agencies.iter().collect();
        ordered.sort_by_key(|a| (a.level, a.parent.is_some(), a.id));
        for chunk in ordered.chunks(ROWS) {
            let rows = chunk.iter().map(|a| agency::ActiveModel {
                id: Set(a.id.0),
                code: Set(a.code.clone()),
                name: Set(a.name.clone()),
                kind: Set(a.kind.clone()),
                level: Set(a.level.code()),
                parent_id: Set(a.parent.map(|p| p.0)),
                valid_from: Set(a.valid_from),
                valid_to: Set(a.valid_to),
            });
            agency::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        }
        let aliases: Vec<_> =
            agencies.iter().flat_map(|a| a.aliases.iter().map(move |alias| (a.id.0, alias.clone()))).collect();
        for chunk in aliases.chunks(ROWS) {
            let rows = chunk
                .iter()
                .map(|(id, alias)| agency_alias::ActiveModel { agency_id: Set(*id), alias: Set(alias.clone()) });
            agency_alias::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        }
        let successors: Vec<_> =
            agencies.iter().flat_map(|a| a.successors.iter().map(move |s| (a.id.0, s.0))).collect();
        for chunk in successors.chunks(ROWS) {
            let rows = chunk
                .iter()
                .map(|(id, s)| agency_successor::ActiveModel { agency_id: Set(*id), successor_id: Set(*s) });
            agency_successor::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        self.caches().clear();
        Ok(())
    }

    /// Saves a round with its versions, strata and desks; what is there already stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when a questionnaire or method version was used before with other content.
    pub async fn save_round(&self, new: &NewRound<'_>) -> Result<(), StoreError> {
        let tx = self.begin_write().await?;
        let (q, m) = (new.questionnaire, new.method);
        let as_json = |e: serde_json::Error| StoreError::Inconsistent(e.to_string());
        let questionnaire = serde_json::to_string(q).map_err(as_json)?;
        let method = serde_json::to_string(m).map_err(as_json)?;
        keep_version(&tx, "questionnaire", &q.key, q.version, questionnaire).await?;
        keep_version(&tx, "method", &m.key, m.version, method).await?;
        let r = new.round;
        let row = round::ActiveModel {
            id: Set(r.id.0),
            code: Set(r.code.clone()),
            name_vi: Set(r.name.vi.clone()),
            name_en: Set(r.name.en.clone()),
            questionnaire_key: Set(q.key.clone()),
            questionnaire_version: Set(q.version as i16),
            method_key: Set(m.key.clone()),
            method_version: Set(m.version as i16),
            period_from: Set(r.period.0),
            period_to: Set(r.period.1),
            opens_at: Set(r.opens_at),
            closes_at: Set(r.closes_at),
            fields: Set(serde_json::to_string(&r.fields).map_err(as_json)?),
            step: Set(r.step as i32),
            sample_data: Set(r.sample_data),
        };
        round::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        for chunk in new.strata.chunks(ROWS) {
            let rows = chunk.iter().map(|s| stratum::ActiveModel {
                id: Set(s.id.0),
                round_id: Set(r.id.0),
                agency_id: Set(s.agency.0),
                field: Set(s.field),
                population: Set(s.population),
            });
            stratum::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        }
        for chunk in new.desks.chunks(ROWS) {
            let rows = chunk.iter().map(|d| desk::ActiveModel {
                id: Set(d.id.0),
                code: Set(d.code.clone()),
                round_id: Set(r.id.0),
                agency_id: Set(d.agency.0),
                name: Set(d.name.clone()),
            });
            desk::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        self.caches().clear();
        Ok(())
    }
}

pub(super) async fn keep_version<C: sea_orm::ConnectionTrait>(
    db: &C,
    kind: &str,
    key: &str,
    version: u16,
    content: String,
) -> Result<(), StoreError> {
    let id = (kind.to_owned(), key.to_owned(), version as i16);
    match catalogue_version::Entity::find_by_id(id).one(db).await? {
        Some(kept) if kept.content == content => Ok(()),
        Some(_) => Err(StoreError::Refused(format!(
            "{kind} {key}: version {version} has been used in this database and its file has changed since; give the change a new version"
        ))),
        None => {
            let row = catalogue_version::ActiveModel {
                kind: Set(kind.to_owned()),
                key: Set(key.to_owned()),
                version: Set(version as i16),
                content: Set(content),
            };
            catalogue_version::Entity::insert(row).exec_without_returning(db).await?;
            Ok(())
        }
    }
}
