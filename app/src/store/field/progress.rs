//! How far the teams are: every unit with all that is known of it, without a name.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::domain::field_work::Outcome;
use crate::domain::ids::{AccountId, AgencyId, RoundId};
use crate::domain::response::Standing;
use crate::domain::role::{LeadTeam, Scope};
use crate::store::rows::statement;
use crate::store::{Store, StoreError};

/// What is known of one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not exclude each other")]
pub struct UnitRecord {
    /// Key.
    pub unit: Uuid,
    /// Number on the printed list.
    pub number: u32,
    /// Agency.
    pub agency: AgencyId,
    /// Drawn in reserve, and not called up.
    pub reserve: bool,
    /// Team and surveyor.
    pub with: (i32, AccountId),
    /// Local day and end of each attempt, in order.
    pub attempts: Vec<(i32, Outcome)>,
    /// Given up for another.
    pub replaced: bool,
    /// Its answers are here.
    pub answered: bool,
    /// And too little of them.
    pub partial: bool,
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
        let attempts = format!(
            "SELECT t.unit_id, t.day, t.outcome FROM attempt t JOIN assignment a ON a.unit_id = t.unit_id \
             JOIN team m ON m.id = a.team_id WHERE m.round_id = ?{whose} ORDER BY t.at, t.id"
        );
        let mut tried: HashMap<Uuid, Vec<(i32, Outcome)>> = HashMap::new();
        for row in db.query_all_raw(statement(backend, &attempts, values.clone())).await? {
            if let Some(outcome) = Outcome::from_code(row.try_get_by_index(2)?) {
                tried.entry(row.try_get_by_index(0)?).or_default().push((row.try_get_by_index(1)?, outcome));
            }
        }
        let units = format!(
            "SELECT u.id, u.number, u.agency_id, u.reserve, a.team_id, a.account_id, g.unit_id, b.unit_id, r.standing \
             FROM assignment a JOIN team m ON m.id = a.team_id JOIN sample_unit u ON u.id = a.unit_id \
             LEFT JOIN replacement g ON g.unit_id = u.id LEFT JOIN replacement b ON b.by_id = u.id \
             LEFT JOIN sample_link l ON l.unit_id = u.id LEFT JOIN response r ON r.id = l.response_id \
             WHERE m.round_id = ?{whose} ORDER BY u.agency_id, u.list_id, u.number"
        );
        let rows = db.query_all_raw(statement(backend, &units, values)).await?;
        rows.into_iter()
            .map(|row| {
                let unit: Uuid = row.try_get_by_index(0)?;
                let standing: Option<i16> = row.try_get_by_index(8)?;
                Ok(UnitRecord {
                    unit,
                    number: row.try_get_by_index::<i32>(1)?.unsigned_abs(),
                    agency: AgencyId(row.try_get_by_index(2)?),
                    reserve: row.try_get_by_index::<bool>(3)? && row.try_get_by_index::<Option<Uuid>>(7)?.is_none(),
                    with: (row.try_get_by_index(4)?, AccountId(row.try_get_by_index(5)?)),
                    attempts: tried.remove(&unit).unwrap_or_default(),
                    replaced: row.try_get_by_index::<Option<Uuid>>(6)?.is_some(),
                    answered: standing.is_some(),
                    partial: standing == Some(Standing::Incomplete.code()),
                })
            })
            .collect()
    }
}
