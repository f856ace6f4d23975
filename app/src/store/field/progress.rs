//! How far the teams are: every unit with all that is known of it, without a name; and the outcomes of a round.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, DbBackend, Value};
use uuid::Uuid;

use crate::domain::field_work::Outcome;
use crate::domain::ids::{AccountId, AgencyId, RoundId};
use crate::domain::outcome::{Disposition, Ends, Interview, decided_by, end};
use crate::domain::role::{LeadTeam, Scope};
use crate::store::rows::statement;
use crate::store::{Store, StoreError};

/// What is known of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRecord {
    /// Key.
    pub unit: Uuid,
    /// Number on the printed list.
    pub number: u32,
    /// Agency.
    pub agency: AgencyId,
    /// Drawn in reserve, and not called up.
    pub reserve: bool,
    /// Team and surveyor who have it now.
    pub with: (i32, AccountId),
    /// Local day and end of each attempt, in order.
    pub attempts: Vec<(i32, Outcome)>,
    /// What became of it.
    pub end: Disposition,
    /// Whose end that is: who knocked or held the interview; while nothing is decided, who has it.
    pub by: AccountId,
    /// Its answers are here.
    pub answered: bool,
}

/// The attempts at units, in order, each with who knocked.
type Tried = HashMap<Uuid, Vec<(i32, Outcome, Option<AccountId>)>>;

async fn tried<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    of: &str,
    values: Vec<Value>,
) -> Result<Tried, StoreError> {
    let sql = format!("SELECT t.unit_id, t.day, t.outcome, t.account_id FROM attempt t {of} ORDER BY t.at, t.id");
    let mut tried = Tried::new();
    for row in db.query_all_raw(statement(backend, &sql, values)).await? {
        if let Some(outcome) = Outcome::from_code(row.try_get_by_index(2)?) {
            let by = row.try_get_by_index::<Option<i32>>(3)?.map(AccountId);
            tried.entry(row.try_get_by_index(0)?).or_default().push((row.try_get_by_index(1)?, outcome, by));
        }
    }
    Ok(tried)
}

/// What one unit came to, with its attempts and who decided it.
fn ended(
    tried: Vec<(i32, Outcome, Option<AccountId>)>,
    replaced: bool,
    interview: Option<Interview>,
) -> (Vec<(i32, Outcome)>, Disposition, Option<AccountId>) {
    let attempts: Vec<(i32, Outcome)> = tried.iter().map(|(day, outcome, _)| (*day, *outcome)).collect();
    let end = end(&attempts, replaced, interview);
    let by = decided_by(&attempts, end).and_then(|at| tried.get(at)).and_then(|(.., by)| *by);
    (attempts, end, by)
}

impl Store {
    /// The units handed out in a round, of the teams in the scope; of one team where it is named. By agency and number.
    pub async fn unit_records(
        &self,
        may: &LeadTeam,
        round: RoundId,
        team: Option<i32>,
    ) -> Result<Vec<UnitRecord>, StoreError> {
        let (mut whose, mut values) = (String::new(), vec![round.0.into()]);
        match may.scope() {
            Scope::City => {}
            Scope::Team(leader) => {
                whose.push_str(" AND m.supervisor_id = ?");
                values.push(leader.0.into());
            }
            _ => return Ok(vec![]),
        }
        if let Some(team) = team {
            whose.push_str(" AND m.id = ?");
            values.push(team.into());
        }
        let (db, backend) = (self.reader(), self.backend());
        let of = format!(
            "JOIN assignment a ON a.unit_id = t.unit_id JOIN team m ON m.id = a.team_id WHERE m.round_id = ?{whose}"
        );
        let mut tried = tried(db, backend, &of, values.clone()).await?;
        let units = format!(
            "SELECT u.id, u.number, u.agency_id, u.reserve, a.team_id, a.account_id, g.unit_id, b.unit_id, u.interview, \
             u.interviewer FROM assignment a JOIN team m ON m.id = a.team_id JOIN sample_unit u ON u.id = a.unit_id \
             LEFT JOIN replacement g ON g.unit_id = u.id LEFT JOIN replacement b ON b.by_id = u.id \
             WHERE m.round_id = ?{whose} ORDER BY u.agency_id, u.list_id, u.number"
        );
        let rows = db.query_all_raw(statement(backend, &units, values)).await?;
        rows.into_iter()
            .map(|row| {
                let unit: Uuid = row.try_get_by_index(0)?;
                let replaced = row.try_get_by_index::<Option<Uuid>>(6)?.is_some();
                let interview = row.try_get_by_index::<Option<i16>>(8)?.and_then(Interview::from_code);
                let interviewer = row.try_get_by_index::<Option<i32>>(9)?.map(AccountId);
                let (attempts, end, knocked) = ended(tried.remove(&unit).unwrap_or_default(), replaced, interview);
                let with = AccountId(row.try_get_by_index(5)?);
                let held = interviewer.filter(|_| matches!(end, Disposition::Done | Disposition::Partial));
                Ok(UnitRecord {
                    unit,
                    number: row.try_get_by_index::<i32>(1)?.unsigned_abs(),
                    agency: AgencyId(row.try_get_by_index(2)?),
                    reserve: row.try_get_by_index::<bool>(3)? && row.try_get_by_index::<Option<Uuid>>(7)?.is_none(),
                    with: (row.try_get_by_index(4)?, with),
                    attempts,
                    end,
                    by: held.or(knocked).unwrap_or(with),
                    answered: interview.is_some_and(|interview| interview != Interview::Void),
                })
            })
            .collect()
    }

    /// What became of all drawn people of a round, by agency, whether a team has them or not; those in reserve only once
    /// they were called up.
    pub(in crate::store) async fn round_ends<C: ConnectionTrait>(
        &self,
        db: &C,
        round: RoundId,
    ) -> Result<BTreeMap<AgencyId, Ends>, StoreError> {
        let backend = self.backend();
        let of = "JOIN sample_unit u ON u.id = t.unit_id WHERE u.round_id = ?";
        let mut tried = tried(db, backend, of, vec![round.0.into()]).await?;
        let sql = "SELECT u.id, u.agency_id, u.interview, g.unit_id FROM sample_unit u \
                   LEFT JOIN replacement g ON g.unit_id = u.id LEFT JOIN replacement b ON b.by_id = u.id \
                   WHERE u.round_id = ? AND (u.reserve = ? OR b.unit_id IS NOT NULL)";
        let mut ends: BTreeMap<AgencyId, Ends> = BTreeMap::new();
        for row in db.query_all_raw(statement(backend, sql, vec![round.0.into(), false.into()])).await? {
            let unit: Uuid = row.try_get_by_index(0)?;
            let interview = row.try_get_by_index::<Option<i16>>(2)?.and_then(Interview::from_code);
            let replaced = row.try_get_by_index::<Option<Uuid>>(3)?.is_some();
            let (_, end, _) = ended(tried.remove(&unit).unwrap_or_default(), replaced, interview);
            ends.entry(AgencyId(row.try_get_by_index(1)?)).or_default().add(end);
        }
        Ok(ends)
    }
}
