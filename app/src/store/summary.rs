//! One-page summaries that were shown, under their marks: written once, never changed.

use sea_orm::{ConnectionTrait, Value};

use super::rows::statement;
use super::{Store, StoreError};
use crate::domain::ids::{AgencyId, RoundId};
use crate::domain::limits;
use crate::domain::role::SeeWorkspace;

/// A summary as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSummary {
    /// Its round.
    pub round: RoundId,
    /// The agency it speaks of; none for the city and its levels.
    pub agency: Option<AgencyId>,
    /// When it was first shown, milliseconds since 1970.
    pub shown_at: i64,
    /// What it said, as JSON.
    pub content: String,
}

impl Store {
    /// The summary of a mark; the caller sees to the scope, and says the same where there is none and where it is not
    /// theirs.
    pub async fn summary(&self, _may: &SeeWorkspace, mark: &str) -> Result<Option<KeptSummary>, StoreError> {
        let sql = "SELECT round_id, agency_id, shown_at, content FROM summary_sheet WHERE mark = ?";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![mark.into()])).await?;
        let Some(row) = row else { return Ok(None) };
        let agency: i32 = row.try_get_by_index(1)?;
        Ok(Some(KeptSummary {
            round: RoundId(row.try_get_by_index(0)?),
            agency: Some(AgencyId(agency)).filter(|_| agency != 0),
            shown_at: row.try_get_by_index(2)?,
            content: row.try_get_by_index(3)?,
        }))
    }

    /// Whether a mark has its summary.
    pub async fn has_summary(&self, mark: &str) -> Result<bool, StoreError> {
        let sql = "SELECT shown_at FROM summary_sheet WHERE mark = ?";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![mark.into()])).await?;
        Ok(row.is_some())
    }

    /// Keeps a summary under its mark; one that is there stays as it is. Beyond [`limits::SUMMARIES`] the oldest go.
    pub async fn keep_summary(&self, mark: &str, new: &KeptSummary) -> Result<(), StoreError> {
        let (backend, db) = (self.backend(), self.writer_connection());
        let sql = "INSERT INTO summary_sheet (mark, round_id, agency_id, shown_at, content) VALUES (?, ?, ?, ?, ?) \
                   ON CONFLICT (mark) DO NOTHING";
        let agency = new.agency.map_or(0, |agency| agency.0);
        let values: Vec<Value> =
            vec![mark.into(), new.round.0.into(), agency.into(), new.shown_at.into(), new.content.as_str().into()];
        db.execute_raw(statement(backend, sql, values)).await?;
        let sql = "SELECT COUNT(*) FROM summary_sheet";
        let n: i64 = match db.query_one_raw(statement(backend, sql, vec![])).await? {
            Some(row) => row.try_get_by_index(0)?,
            None => 0,
        };
        if n > limits::SUMMARIES {
            let sql = "DELETE FROM summary_sheet WHERE mark IN \
                       (SELECT mark FROM summary_sheet ORDER BY shown_at, mark LIMIT ?)";
            db.execute_raw(statement(backend, sql, vec![(n - limits::SUMMARIES).into()])).await?;
        }
        Ok(())
    }
}
