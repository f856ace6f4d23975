//! What is still under way in a round, for who is about to freeze it: counts alone, of nobody's answers.

use sea_orm::{ConnectionTrait, Value};

use super::rows::statement;
use super::{Store, StoreError};
use crate::domain::ids::RoundId;
use crate::domain::quality::decision::Verdict;
use crate::domain::role::Publish;

/// Work that a freeze would come before. None of it is lost, but what is done afterwards is in no figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// Paper forms that were keyed and do not count yet: a batch that is not closed, a second keying or a decision that is
    /// missing.
    pub paper: i64,
    /// Records that tablets said to hold when they were last in touch.
    pub on_tablets: i64,
    /// Proposals on responses that wait for a second person.
    pub proposals: i64,
}

impl Store {
    /// What is under way in a round.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unfinished(&self, _may: &Publish, round: RoundId) -> Result<Unfinished, StoreError> {
        let of = async |sql: &str, mut values: Vec<Value>| {
            values.insert(0, round.0.into());
            let row = self.reader().query_one_raw(statement(self.backend(), sql, values)).await?;
            Ok::<i64, StoreError>(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0))
        };
        let paper = "SELECT CAST(COUNT(*) AS BIGINT) FROM paper_form f JOIN paper_batch b ON b.id = f.batch_id \
                     WHERE b.round_id = ? AND f.responded = 0 \
                     AND EXISTS (SELECT 1 FROM paper_pass p WHERE p.code = f.code)";
        let tablets = "SELECT CAST(COALESCE(SUM(f.waiting), 0) AS BIGINT) FROM field_device f \
                       JOIN team t ON t.id = f.team_id WHERE t.round_id = ?";
        let proposals = "SELECT CAST(COUNT(*) AS BIGINT) FROM quality_decision WHERE round_id = ? AND verdict = ?";
        Ok(Unfinished {
            paper: of(paper, vec![]).await?,
            on_tablets: of(tablets, vec![]).await?,
            proposals: of(proposals, vec![Verdict::Open.code().into()]).await?,
        })
    }
}
