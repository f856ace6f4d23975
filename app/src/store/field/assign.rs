//! Who is to visit whom.

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::TeamLine;
use crate::domain::ids::{AccountId, AgencyId};
use crate::domain::role::{LeadTeam, Scope};
use crate::domain::staff_log::{Act, Who};
use crate::store::rows::statement;
use crate::store::{Store, StoreError};

/// A unit of a list that can still be handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeUnit {
    /// Key.
    pub unit: Uuid,
    /// Held in reserve.
    pub reserve: bool,
    /// Whom to visit, sealed; none once erased.
    pub sealed: Option<Vec<u8>>,
}

/// How many units of each list nobody has.
pub type FreeLists = Vec<(i32, i32, i64)>;

impl Store {
    /// The agencies whose drawn people a team may take.
    pub async fn team_agencies(&self, team: &TeamLine) -> Result<Vec<AgencyId>, StoreError> {
        let sql = "SELECT agency_id FROM team_agency WHERE team_id = ? ORDER BY agency_id";
        let rows = self.reader().query_all_raw(statement(self.backend(), sql, vec![team.id.into()])).await?;
        rows.into_iter().map(|row| Ok(AgencyId(row.try_get_by_index(0)?))).collect()
    }

    /// The agencies of a team's round of which people were drawn.
    pub async fn drawn_agencies(&self, team: &TeamLine) -> Result<Vec<AgencyId>, StoreError> {
        let sql = "SELECT DISTINCT agency_id FROM sample_list WHERE round_id = ? ORDER BY agency_id";
        let rows = self.reader().query_all_raw(statement(self.backend(), sql, vec![team.round.0.into()])).await?;
        rows.into_iter().map(|row| Ok(AgencyId(row.try_get_by_index(0)?))).collect()
    }

    /// Gives a team the drawn people of an agency to take, or no more of them; what it has stays with it. False for a
    /// supervisor: only Sở Nội vụ gives.
    pub async fn give_agency(
        &self,
        may: &LeadTeam,
        who: &Who,
        team: &TeamLine,
        (agency, give): (AgencyId, bool),
    ) -> Result<bool, StoreError> {
        if *may.scope() != Scope::City || !self.drawn_agencies(team).await?.contains(&agency) {
            return Ok(false);
        }
        let (sql, act) = if give {
            ("INSERT INTO team_agency (team_id, agency_id) VALUES (?, ?) ON CONFLICT DO NOTHING", "giao")
        } else {
            ("DELETE FROM team_agency WHERE team_id = ? AND agency_id = ?", "thôi giao")
        };
        let code = self.known_agencies().await?.get(&agency).map(|agency| agency.code.clone()).unwrap_or_default();
        let values = vec![team.id.into(), agency.0.into()];
        self.noted(who, Act::TeamChanged, &team.name, &format!("{act} cơ quan {code}"), sql, values).await?;
        Ok(true)
    }

    /// The lists of a team's round with how many of their units nobody has and this account may hand out: key, agency,
    /// units.
    pub async fn free_lists(&self, may: &LeadTeam, team: &TeamLine) -> Result<FreeLists, StoreError> {
        let sql = format!(
            "SELECT u.list_id, u.agency_id, COUNT(*) FROM sample_unit u \
             WHERE u.round_id = ? AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.unit_id = u.id){} \
             GROUP BY u.list_id, u.agency_id ORDER BY u.list_id",
            given_to(may, team)
        );
        let rows = self.reader().query_all_raw(statement(self.backend(), &sql, vec![team.round.0.into()])).await?;
        rows.into_iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?)))
            .collect()
    }

    /// The units of a list that nobody has and this account may hand out, in the order of the walk, those in reserve last.
    pub async fn free_units(&self, may: &LeadTeam, team: &TeamLine, list: i32) -> Result<Vec<FreeUnit>, StoreError> {
        let sql = format!(
            "SELECT u.id, u.reserve, c.sealed FROM sample_unit u LEFT JOIN sample_contact c ON c.unit_id = u.id \
             WHERE u.list_id = ? AND u.round_id = ? \
             AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.unit_id = u.id){} ORDER BY u.number",
            given_to(may, team)
        );
        let values = vec![list.into(), team.round.0.into()];
        let rows = self.reader().query_all_raw(statement(self.backend(), &sql, values)).await?;
        rows.into_iter()
            .map(|row| {
                Ok(FreeUnit {
                    unit: row.try_get_by_index(0)?,
                    reserve: row.try_get_by_index(1)?,
                    sealed: row.try_get_by_index(2)?,
                })
            })
            .collect()
    }

    /// Hands units out to members of a team. One that somebody has been given meanwhile stays theirs, and who leads a team
    /// hands out none but of its agencies. Says how many were handed out.
    pub async fn assign(
        &self,
        may: &LeadTeam,
        who: &Who,
        team: &TeamLine,
        shares: &[(Uuid, AccountId)],
    ) -> Result<u64, StoreError> {
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let mut given = 0;
        for (unit, account) in shares {
            if !team.members.iter().any(|member| member.id == *account) {
                continue;
            }
            let sql = "INSERT INTO assignment (unit_id, team_id, account_id, assigned_at) SELECT u.id, ?, ?, ? \
                       FROM sample_unit u WHERE u.id = ? AND u.round_id = ?{given} ON CONFLICT (unit_id) DO NOTHING";
            let sql = sql.replace("{given}", &given_to(may, team));
            // PostgreSQL takes a bare place in a SELECT for text.
            let sql = sql.replace("u.id, ?, ?, ?", "u.id, CAST(? AS INTEGER), CAST(? AS INTEGER), CAST(? AS BIGINT)");
            let values: Vec<Value> =
                vec![team.id.into(), account.0.into(), now.into(), (*unit).into(), team.round.0.into()];
            given += tx.execute_raw(statement(self.backend(), &sql, values)).await?.rows_affected();
        }
        if given > 0 {
            let head = log.append(&tx, now, who, Act::Assigned, &team.name, &format!("giao {given} người")).await?;
            tx.commit().await?;
            log.moved(head);
        }
        Ok(given)
    }

    /// Moves what one member still has to visit to another. What was interviewed stays. Says how many moved.
    pub async fn reassign(
        &self,
        _may: &LeadTeam,
        who: &Who,
        team: &TeamLine,
        from: AccountId,
        to: AccountId,
    ) -> Result<u64, StoreError> {
        if !team.members.iter().any(|member| member.id == to) {
            return Ok(0);
        }
        let sql = format!("UPDATE assignment SET account_id = ? WHERE team_id = ? AND account_id = ? AND {UNDONE}");
        let values = vec![to.0.into(), team.id.into(), from.0.into()];
        self.counted(who, team, &[(&sql, values)], "chuyển").await
    }

    /// Takes back what a member still has to visit, for anybody to have. What was interviewed stays; what is held but not
    /// sent yet is still taken from this team.
    pub async fn take_back(
        &self,
        _may: &LeadTeam,
        who: &Who,
        team: &TeamLine,
        from: AccountId,
    ) -> Result<u64, StoreError> {
        let values: Vec<Value> = vec![team.id.into(), from.0.into()];
        let remember = format!(
            "INSERT INTO former_assignment (unit_id, team_id) SELECT unit_id, team_id FROM assignment \
             WHERE team_id = ? AND account_id = ? AND {UNDONE} ON CONFLICT DO NOTHING"
        );
        let forget = format!("DELETE FROM assignment WHERE team_id = ? AND account_id = ? AND {UNDONE}");
        self.counted(who, team, &[(&remember, values.clone()), (&forget, values)], "thu hồi").await
    }

    /// Statements that move units, the last of which says how many.
    async fn counted(
        &self,
        who: &Who,
        team: &TeamLine,
        statements: &[(&str, Vec<Value>)],
        what: &str,
    ) -> Result<u64, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let mut moved = 0;
        for (sql, values) in statements {
            moved = tx.execute_raw(statement(self.backend(), sql, values.clone())).await?.rows_affected();
        }
        if moved > 0 {
            let now = self.clock().now_ms();
            let head = log.append(&tx, now, who, Act::Assigned, &team.name, &format!("{what} {moved} người")).await?;
            tx.commit().await?;
            log.moved(head);
        }
        Ok(moved)
    }
}

/// Of the units `u`, those that an account may hand out to a team: all of them, for Sở Nội vụ; else those of the agencies
/// that the team was given.
fn given_to(may: &LeadTeam, team: &TeamLine) -> String {
    if *may.scope() == Scope::City {
        return String::new();
    }
    let of = format!("SELECT 1 FROM team_agency g WHERE g.team_id = {} AND g.agency_id = u.agency_id", team.id);
    format!(" AND EXISTS ({of})")
}

/// The unit of an assignment was not interviewed: neither told so (outcome 1) nor sent the answers, links or none.
const UNDONE: &str = "NOT EXISTS (SELECT 1 FROM attempt t WHERE t.unit_id = assignment.unit_id AND t.outcome = 1) \
                      AND NOT EXISTS (SELECT 1 FROM sample_unit i WHERE i.id = assignment.unit_id \
                      AND i.interview IS NOT NULL) \
                      AND NOT EXISTS (SELECT 1 FROM sample_link l WHERE l.unit_id = assignment.unit_id)";
