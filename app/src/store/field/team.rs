//! Teams, their members, posts and devices. Whoever leads a team sees and changes that one; Sở Nội vụ all.
//!
//! Every change writes its entry of the log in the same transaction.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Value};

use crate::domain::field_work::Work;
use crate::domain::ids::{AccountId, AgencyId, DeviceId, RoundId};
use crate::domain::limits;
use crate::domain::role::{LeadTeam, Role, Scope};
use crate::domain::staff_log::{Act, Who};
use crate::store::entity::{account, desk, enrolment, lease, post, team, team_member};
use crate::store::rows::statement;
use crate::store::{Store, StoreError};

/// A team to be made.
#[derive(Clone, Debug)]
pub struct NewTeam<'a> {
    /// The round it works in.
    pub round: RoundId,
    /// Name.
    pub name: &'a str,
    /// At what.
    pub work: Work,
    /// Who leads it.
    pub supervisor: AccountId,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamLine {
    /// Key.
    pub id: i32,
    /// Its round.
    pub round: RoundId,
    /// Name.
    pub name: String,
    /// At what.
    pub work: Work,
    /// Who leads it.
    pub supervisor: MemberLine,
    /// Who is in it, by name.
    pub members: Vec<MemberLine>,
}

/// Somebody in a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberLine {
    /// Key of the account.
    pub id: AccountId,
    /// Login name.
    pub login: String,
    /// Full name.
    pub name: String,
}

impl MemberLine {
    /// The name as a list of choices needs it: two people of one name are told apart by their login names.
    pub fn chosen_by(&self) -> String {
        format!("{} ({})", self.name, self.login)
    }
}

/// A post to be made.
#[derive(Clone, Debug)]
pub struct NewPost<'a> {
    /// Code of the desk, normalised.
    pub desk: &'a str,
    /// Words on its sign.
    pub name: &'a str,
    /// Every k-th visitor is asked.
    pub every: u32,
    /// Interviews wanted in all; none: as many as come.
    pub target: Option<u32>,
}

/// A post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostLine {
    /// Key.
    pub id: i32,
    /// Agency.
    pub agency: AgencyId,
    /// Code of its desk.
    pub desk: String,
    /// Words on its sign.
    pub name: String,
    /// Every k-th visitor is asked.
    pub every: u32,
    /// Interviews wanted.
    pub target: Option<u32>,
    /// Lent to devices.
    pub granted: u32,
    /// Of them the server has.
    pub used: u32,
    /// Who passed, was asked, did not want to: over all shifts.
    pub base: (i64, i64, i64),
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLine {
    /// Key.
    pub id: DeviceId,
    /// Words on its label.
    pub name: String,
    /// Who works with it.
    pub surveyor: Option<String>,
    /// The post that it is bound to.
    pub post: Option<i32>,
    /// When it last asked for its kit, milliseconds since 1970.
    pub seen_at: i64,
    /// What it said was still on it; none: it has not said.
    pub waiting: Option<u32>,
    /// When it was signed out.
    pub signed_out_at: Option<i64>,
}

/// Why nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TeamFault {
    /// No name, or too long a one.
    Name,
    /// No such account, or one that cannot do this work.
    Account,
    /// The account's agency is measured in this round.
    Measured,
    /// No such desk in the round of the team.
    Desk,
    /// k is not between 1 and the most.
    Every,
    /// The quota is out of bounds, or below what devices hold.
    Target,
    /// The team is full.
    Full,
    /// Such a team has no posts, or the work needs one.
    Post,
}

/// A change that was made, or why it was not.
type Done<T> = Result<Result<T, TeamFault>, StoreError>;

impl Store {
    /// The teams in the scope, the newest first.
    pub async fn teams(&self, may: &LeadTeam) -> Result<Vec<TeamLine>, StoreError> {
        match may.scope() {
            Scope::City => self.team_lines(None, None).await,
            Scope::Team(leader) => self.team_lines(None, Some(*leader)).await,
            _ => Ok(vec![]),
        }
    }

    /// Teams of these keys, led by this account; where neither is given, all.
    pub(super) async fn team_lines(
        &self,
        ids: Option<Vec<i32>>,
        leader: Option<AccountId>,
    ) -> Result<Vec<TeamLine>, StoreError> {
        let mut rows = team::Entity::find();
        if let Some(ids) = ids {
            rows = rows.filter(team::Column::Id.is_in(ids));
        }
        if let Some(leader) = leader {
            rows = rows.filter(team::Column::SupervisorId.eq(leader.0));
        }
        let rows = rows.order_by_desc(team::Column::Id).all(self.reader()).await?;
        let ids: Vec<i32> = rows.iter().map(|row| row.id).collect();
        let members =
            team_member::Entity::find().filter(team_member::Column::TeamId.is_in(ids)).all(self.reader()).await?;
        let people = account::Entity::find().order_by_asc(account::Column::Name).all(self.reader()).await?;
        let line = |row: &account::Model| MemberLine {
            id: AccountId(row.id),
            login: row.login.clone(),
            name: row.name.clone(),
        };
        rows.into_iter()
            .map(|row| {
                let leader = people.iter().find(|account| account.id == row.supervisor_id);
                let within = |id: i32| members.iter().any(|m| m.team_id == row.id && m.account_id == id);
                Ok(TeamLine {
                    work: super::work_of(&row)?,
                    supervisor: leader
                        .map(line)
                        .ok_or_else(|| StoreError::Inconsistent(format!("team {} has no supervisor", row.id)))?,
                    members: people.iter().filter(|account| within(account.id)).map(line).collect(),
                    id: row.id,
                    round: RoundId(row.round_id),
                    name: row.name,
                })
            })
            .collect()
    }

    /// One team, if it is in the scope.
    pub async fn team(&self, may: &LeadTeam, id: i32) -> Result<Option<TeamLine>, StoreError> {
        Ok(self.teams(may).await?.into_iter().find(|team| team.id == id))
    }

    /// Who can be put into a team or lead one: accounts in use of those roles, by name.
    pub async fn field_people(&self, _may: &LeadTeam, roles: &[Role]) -> Result<Vec<MemberLine>, StoreError> {
        let roles: Vec<i16> = roles.iter().map(|role| role.code()).collect();
        let rows = account::Entity::find()
            .filter(account::Column::Role.is_in(roles))
            .filter(account::Column::DisabledAt.is_null())
            .order_by_asc(account::Column::Name)
            .all(self.reader())
            .await?;
        let line = |row: account::Model| MemberLine { id: AccountId(row.id), login: row.login, name: row.name };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Makes a team. A supervisor makes only teams of their own.
    pub async fn add_team(&self, may: &LeadTeam, who: &Who, new: &NewTeam<'_>) -> Done<i32> {
        let Some(name) = label(new.name) else { return Ok(Err(TeamFault::Name)) };
        if let Scope::Team(leader) = may.scope()
            && *leader != new.supervisor
        {
            return Ok(Err(TeamFault::Account));
        }
        if let Err(fault) = self.fit(new.round, new.work, new.supervisor, &[Role::Supervisor, Role::Admin]).await? {
            return Ok(Err(fault));
        }
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let id = team::Entity::find().order_by_desc(team::Column::Id).one(&tx).await?.map_or(1, |team| team.id + 1);
        let row = team::ActiveModel {
            id: Set(id),
            round_id: Set(new.round.0),
            name: Set(name.clone()),
            work: Set(new.work.code()),
            supervisor_id: Set(new.supervisor.0),
            created_at: Set(now),
        };
        team::Entity::insert(row).exec_without_returning(&tx).await?;
        let head = log.append(&tx, now, who, Act::TeamChanged, &name, new.work.word()).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(id))
    }

    /// Puts somebody into a team.
    pub async fn add_member(&self, who: &Who, team: &TeamLine, account: AccountId) -> Done<()> {
        let roles: &[Role] =
            if team.work == Work::Paper { &[Role::DataEntry] } else { &[Role::Surveyor, Role::Supervisor] };
        if team.members.len() >= limits::TEAM_MEMBERS {
            return Ok(Err(TeamFault::Full));
        }
        if let Err(fault) = self.fit(team.round, team.work, account, roles).await? {
            return Ok(Err(fault));
        }
        let sql = "INSERT INTO team_member (team_id, account_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let detail = format!("thêm người {}", account.0);
        self.noted(who, Act::TeamChanged, &team.name, &detail, sql, vec![team.id.into(), account.0.into()]).await?;
        Ok(Ok(()))
    }

    /// Takes somebody out of a team. Their devices and assignments stay until they are taken back.
    pub async fn remove_member(&self, who: &Who, team: &TeamLine, account: AccountId) -> Result<(), StoreError> {
        let sql = "DELETE FROM team_member WHERE team_id = ? AND account_id = ?";
        let detail = format!("bớt người {}", account.0);
        self.noted(who, Act::TeamChanged, &team.name, &detail, sql, vec![team.id.into(), account.0.into()]).await?;
        Ok(())
    }

    /// The posts of a team.
    pub async fn posts(&self, team: &TeamLine) -> Result<Vec<PostLine>, StoreError> {
        let db = self.reader();
        let mut lines = vec![];
        for row in
            post::Entity::find().filter(post::Column::TeamId.eq(team.id)).order_by_asc(post::Column::Id).all(db).await?
        {
            let leases = lease::Entity::find().filter(lease::Column::PostId.eq(row.id)).all(db).await?;
            let desk = desk::Entity::find_by_id(row.desk_id).one(db).await?;
            let sql = "SELECT CAST(COALESCE(SUM(passers), 0) AS BIGINT), CAST(COALESCE(SUM(asked), 0) AS BIGINT), \
                       CAST(COALESCE(SUM(refused), 0) AS BIGINT) FROM shift WHERE post_id = ?";
            let base = db.query_one_raw(statement(self.backend(), sql, vec![row.id.into()])).await?;
            lines.push(PostLine {
                id: row.id,
                agency: AgencyId(row.agency_id),
                desk: desk.map_or_else(String::new, |desk| desk.code),
                name: row.name,
                every: row.every.unsigned_abs(),
                target: row.target.map(i32::unsigned_abs),
                granted: leases.iter().map(|lease| lease.granted.unsigned_abs()).sum(),
                used: leases.iter().map(|lease| lease.used.unsigned_abs()).sum(),
                base: match base {
                    Some(row) => (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?),
                    None => (0, 0, 0),
                },
            });
        }
        Ok(lines)
    }

    /// Makes a post at a desk of the team's round.
    pub async fn add_post(&self, who: &Who, team: &TeamLine, new: &NewPost<'_>) -> Done<()> {
        let Some(name) = label(new.name) else { return Ok(Err(TeamFault::Name)) };
        if !matches!(team.work, Work::Intercept | Work::Kiosk) {
            return Ok(Err(TeamFault::Post));
        }
        if !(1..=limits::EVERY_MAX).contains(&new.every) {
            return Ok(Err(TeamFault::Every));
        }
        if new.target.is_some_and(|target| target > limits::QUOTA_MAX) {
            return Ok(Err(TeamFault::Target));
        }
        let Some(desk) = self.desk(new.desk).await?.filter(|desk| desk.round.round.id == team.round) else {
            return Ok(Err(TeamFault::Desk));
        };
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let id = post::Entity::find().order_by_desc(post::Column::Id).one(&tx).await?.map_or(1, |post| post.id + 1);
        let row = post::ActiveModel {
            id: Set(id),
            team_id: Set(team.id),
            agency_id: Set(desk.agency.id.0),
            desk_id: Set(desk.desk.id.0),
            name: Set(name.clone()),
            every: Set(i32::try_from(new.every).unwrap_or(1)),
            target: Set(new.target.and_then(|target| i32::try_from(target).ok())),
        };
        post::Entity::insert(row).exec_without_returning(&tx).await?;
        let head = log.append(&tx, now, who, Act::TeamChanged, &team.name, &format!("thêm điểm {name}")).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(()))
    }

    /// Sets the quota of a post; never below what devices hold of it.
    pub async fn set_target(&self, who: &Who, team: &TeamLine, post: i32, target: u32) -> Done<()> {
        let sql = "UPDATE post SET target = ? WHERE id = ? AND team_id = ? AND target IS NOT NULL \
                   AND ? >= (SELECT COALESCE(SUM(granted), 0) FROM lease WHERE lease.post_id = post.id)";
        let Some(target) = Some(target).filter(|t| *t <= limits::QUOTA_MAX).and_then(|t| i32::try_from(t).ok()) else {
            return Ok(Err(TeamFault::Target));
        };
        let values = vec![target.into(), post.into(), team.id.into(), target.into()];
        let detail = format!("chỉ tiêu điểm {post}: {target}");
        let done = self.noted(who, Act::TeamChanged, &team.name, &detail, sql, values).await?;
        Ok(if done { Ok(()) } else { Err(TeamFault::Target) })
    }

    /// The devices of a team, the latest first.
    pub async fn devices(&self, team: &TeamLine) -> Result<Vec<DeviceLine>, StoreError> {
        let sql = "SELECT f.device_id, d.name, a.name, f.post_id, f.seen_at, f.waiting, f.signed_out_at \
                   FROM field_device f JOIN device d ON d.id = f.device_id LEFT JOIN account a ON a.id = f.account_id \
                   WHERE f.team_id = ? ORDER BY f.device_id DESC";
        let rows = self.reader().query_all_raw(statement(self.backend(), sql, vec![team.id.into()])).await?;
        rows.into_iter()
            .map(|row| {
                Ok(DeviceLine {
                    id: DeviceId(row.try_get_by_index(0)?),
                    name: row.try_get_by_index(1)?,
                    surveyor: row.try_get_by_index(2)?,
                    post: row.try_get_by_index(3)?,
                    seen_at: row.try_get_by_index(4)?,
                    waiting: row.try_get_by_index::<Option<i32>>(5)?.map(i32::unsigned_abs),
                    signed_out_at: row.try_get_by_index(6)?,
                })
            })
            .collect()
    }

    /// Signs a device of a team out: it erases its contact data at the next contact and records nothing more. What is
    /// on it is still taken. No where the team has no such device.
    pub async fn sign_out_device(&self, who: &Who, team: &TeamLine, device: DeviceId) -> Result<bool, StoreError> {
        let sql = "UPDATE field_device SET signed_out_at = ? WHERE device_id = ? AND team_id = ? \
                   AND signed_out_at IS NULL";
        let values = vec![self.clock().now_ms().into(), device.0.into(), team.id.into()];
        let detail = format!("máy {}", device.0);
        let done = self.noted(who, Act::DeviceSignedOut, &team.name, &detail, sql, values).await?;
        self.caches().clear();
        Ok(done)
    }

    /// Keeps the HMAC of a new enrolment code: for a member of the team, or for a kiosk at one of its posts.
    pub async fn add_code(
        &self,
        who: &Who,
        team: &TeamLine,
        holder: (Option<AccountId>, Option<i32>),
        device: &str,
        code_mac: [u8; 32],
    ) -> Done<()> {
        let Some(name) = label(device) else { return Ok(Err(TeamFault::Name)) };
        let (account, post) = holder;
        if let Err(fault) = self.holder_fits(team, holder).await? {
            return Ok(Err(fault));
        }
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        // What can enrol nothing any more goes on the way.
        let old = enrolment::Column::MadeAt.lte(now - limits::ENROLMENT_MS);
        enrolment::Entity::delete_many().filter(old).exec(&tx).await?;
        let row = enrolment::ActiveModel {
            code_mac: Set(code_mac.to_vec()),
            team_id: Set(team.id),
            account_id: Set(account.map(|account| account.0)),
            post_id: Set(post),
            name: Set(name.clone()),
            made_at: Set(now),
            used_at: Set(None),
        };
        enrolment::Entity::insert(row).exec_without_returning(&tx).await?;
        let detail = format!("cấp mã cho máy {name}");
        let head = log.append(&tx, now, who, Act::Enrolled, &team.name, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(()))
    }

    /// Whether a device of a team can be this member's, or stand at this post.
    pub(super) async fn holder_fits(
        &self,
        team: &TeamLine,
        (account, post): (Option<AccountId>, Option<i32>),
    ) -> Done<()> {
        if (team.work == Work::Kiosk) != account.is_none() {
            return Ok(Err(TeamFault::Account));
        }
        if let Some(account) = account {
            if !team.members.iter().any(|member| member.id == account) {
                return Ok(Err(TeamFault::Account));
            }
            if let Err(fault) = self.fit(team.round, team.work, account, Role::ALL).await? {
                return Ok(Err(fault));
            }
        }
        let known = match post {
            Some(post) => self.posts(team).await?.iter().any(|line| line.id == post),
            None => team.work != Work::Kiosk,
        };
        if !known {
            return Ok(Err(TeamFault::Post));
        }
        Ok(Ok(()))
    }

    /// Whether an account can do this work in this round.
    async fn fit(&self, round: RoundId, work: Work, account: AccountId, roles: &[Role]) -> Done<()> {
        let row = account::Entity::find_by_id(account.0).one(self.reader()).await?;
        let fits = |row: &account::Model| Role::from_code(row.role).is_some_and(|role| roles.contains(&role));
        let Some(row) = row.filter(|row| row.disabled_at.is_none() && fits(row)) else {
            return Ok(Err(TeamFault::Account));
        };
        match self.refuse_measured(round, work, row.agency_id.map(AgencyId)).await {
            Err(StoreError::Refused(_)) => Ok(Err(TeamFault::Measured)),
            Err(error) => Err(error),
            Ok(()) => Ok(Ok(())),
        }
    }

    /// One statement and its entry of the log. Says whether a row was changed; where none was, nothing is noted.
    pub(super) async fn noted(
        &self,
        who: &Who,
        act: Act,
        object: &str,
        detail: &str,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<bool, StoreError> {
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        if tx.execute_raw(statement(self.backend(), sql, values)).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let head = log.append(&tx, self.clock().now_ms(), who, act, object, detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(true)
    }
}

/// A name as it stands on a label: trimmed, on one line, not too long.
fn label(name: &str) -> Option<String> {
    let name = name.trim();
    let good =
        !name.is_empty() && name.chars().count() <= limits::LABEL_NAME_CHARS && !name.chars().any(char::is_control);
    good.then(|| name.to_owned())
}
