//! What devices tell of the way: each event is kept once, by its id, or refused for good.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::FieldDevice;
use super::kit::lease_of;
use super::visit::Visit;
use crate::domain::field_work::{Event, EventStatus, Lease, Outcome, What, Work};
use crate::domain::ids::DeviceId;
use crate::domain::lease::grant;
use crate::domain::limits;
use crate::domain::moment::{Arrival, day_of, moment};
use crate::domain::response::local_day;
use crate::store::entity::{lease, post, replacement};
use crate::store::rows::statement;
use crate::store::{Device, Store, StoreError};

/// Why an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncFault {
    /// Its id, or one that it names, is no UUID.
    Id,
    /// Its time is none that a device could mean.
    Time,
    /// The unit is not, and never was, the team's.
    Unit,
    /// The post is not the device's.
    Post,
    /// The unit was given up already, or was interviewed.
    GivenUp,
    /// The one in its place is not of the reserve of the same stratum, or is used.
    Reserve,
    /// The device was signed out: it gets no more.
    SignedOut,
    /// There is no quota at the post.
    NoQuota,
}

impl SyncFault {
    /// In words for the surveyor.
    pub fn words(self) -> &'static str {
        match self {
            Self::Id => "Mã số không đọc được.",
            Self::Time => "Thời gian không đọc được; xin xem lại giờ của máy.",
            Self::Unit => "Người này không thuộc danh sách của đội.",
            Self::Post => "Điểm này không thuộc đội của máy.",
            Self::GivenUp => "Người này đã được thay hoặc đã phỏng vấn.",
            Self::Reserve => "Người thay phải còn trong danh sách dự phòng cùng lĩnh vực và chưa dùng.",
            Self::SignedOut => "Máy đã bị đăng xuất: không nhận thêm việc.",
            Self::NoQuota => "Điểm này không có chỉ tiêu để chia.",
        }
    }
}

/// What became of one event: its status, why it was refused, the lease after it.
pub type Told = (EventStatus, Option<SyncFault>, Option<Lease>);

impl Store {
    /// Takes events in order, all in one transaction; `offset` is the server's clock minus the device's.
    ///
    /// # Errors
    /// Nothing was kept then, and the same may be told again.
    pub async fn sync(
        &self,
        device: &Device,
        field: &FieldDevice,
        events: &[Event],
        offset: i64,
    ) -> Result<Vec<Told>, StoreError> {
        if events.is_empty() {
            return Ok(vec![]);
        }
        let now = self.clock().now_ms();
        let tx = self.begin_write().await?;
        self.note_clock(&tx, device.id, now, offset).await?;
        let opens_at = self.round(field.round).await?.and_then(|round| round.round.opens_at);
        let one = One { store: self, tx: &tx, device: device.id, field, arrival: Arrival { now, offset }, opens_at };
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            told.push(one.take(event).await?);
        }
        tx.commit().await?;
        Ok(told)
    }
}

/// One device telling.
struct One<'a> {
    store: &'a Store,
    tx: &'a DatabaseTransaction,
    device: DeviceId,
    field: &'a FieldDevice,
    arrival: Arrival,
    opens_at: Option<i64>,
}

/// The year 2200, as for responses.
const LAST: i64 = 7_258_118_400_000;

impl One<'_> {
    async fn take(&self, event: &Event) -> Result<Told, StoreError> {
        let Ok(id) = Uuid::try_parse(&event.id) else { return Ok(refused(SyncFault::Id)) };
        if !(0..LAST).contains(&event.at) {
            return Ok(refused(SyncFault::Time));
        }
        let at = moment(event.at, event.clock, self.opens_at, self.arrival).at;
        let sql = "INSERT INTO field_event (id, device_id, at, received_at) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (id) DO NOTHING";
        let values = vec![id.into(), self.device.0.into(), at.into(), self.arrival.now.into()];
        if self.run(sql, values).await? == 0 {
            let lease = match event.what {
                What::Lease { post, .. } => self.held(post).await?.as_ref().map(lease_of),
                _ => None,
            };
            return Ok((EventStatus::Duplicate, None, lease));
        }
        match self.apply(id, at, event).await? {
            Ok(lease) => Ok((EventStatus::Stored, None, lease)),
            Err(fault) => {
                self.run("DELETE FROM field_event WHERE id = ?", vec![id.into()]).await?;
                Ok(refused(fault))
            }
        }
    }

    async fn apply(&self, id: Uuid, at: i64, event: &Event) -> Result<Result<Option<Lease>, SyncFault>, StoreError> {
        let today = local_day(self.arrival.now);
        match &event.what {
            What::Attempt { unit, outcome, note } => {
                Ok(self.attempt(id, at, unit, *outcome, note).await?.map(|()| None))
            }
            What::Replace { unit, by, reason } => Ok(self.replace(at, unit, by, reason).await?.map(|()| None)),
            What::Shift { shift, post, day, passers, asked, refused } => {
                let Ok(shift) = Uuid::try_parse(shift) else { return Ok(Err(SyncFault::Id)) };
                let Some(post) = self.post(*post).await? else { return Ok(Err(SyncFault::Post)) };
                // Its day was read off the same clock.
                let moved = local_day(at).saturating_sub(local_day(event.at));
                let day = day_of(day.saturating_add(moved), today);
                // Counts only grow, so the larger one is the later one, whatever was done to the clock in between.
                let sql = "INSERT INTO shift (id, post_id, device_id, day, passers, asked, refused, at) \
                           VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET day = excluded.day, \
                           passers = excluded.passers, asked = excluded.asked, refused = excluded.refused, \
                           at = excluded.at WHERE excluded.passers + excluded.asked + excluded.refused >= \
                           shift.passers + shift.asked + shift.refused AND excluded.device_id = shift.device_id";
                let values = vec![
                    shift.into(),
                    post.id.into(),
                    self.device.0.into(),
                    day.into(),
                    count(*passers).into(),
                    count(*asked).into(),
                    count(*refused).into(),
                    at.into(),
                ];
                self.run(sql, values).await?;
                Ok(Ok(None))
            }
            What::Presses { post, day, taps, ignored, abandoned } => {
                let Some(post) = self.post(*post).await? else { return Ok(Err(SyncFault::Post)) };
                let sql = "INSERT INTO presses (post_id, device_id, day, taps, ignored, abandoned, at) \
                           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (post_id, device_id, day) DO UPDATE SET \
                           taps = excluded.taps, ignored = excluded.ignored, abandoned = excluded.abandoned, \
                           at = excluded.at WHERE excluded.taps + excluded.ignored + excluded.abandoned >= \
                           presses.taps + presses.ignored + presses.abandoned";
                let values = vec![
                    post.id.into(),
                    self.device.0.into(),
                    day_of(*day, today).into(),
                    count(*taps).into(),
                    count(*ignored).into(),
                    count(*abandoned).into(),
                    at.into(),
                ];
                self.run(sql, values).await?;
                Ok(Ok(None))
            }
            What::Lease { post, want } => Ok(self.lease(*post, *want).await?.map(Some)),
        }
    }

    async fn attempt(
        &self,
        id: Uuid,
        at: i64,
        unit: &str,
        outcome: Outcome,
        note: &str,
    ) -> Result<Result<(), SyncFault>, StoreError> {
        let Some(unit) = self.unit(unit).await? else { return Ok(Err(SyncFault::Unit)) };
        // A clerk keys what others knocked for.
        let by = self.field.account.filter(|_| self.field.work == Work::Sample);
        let visit = Visit { id, unit, at, outcome, device: Some(self.device), by, note: clean(note) };
        visit.keep(self.tx, self.store.backend()).await?;
        Ok(Ok(()))
    }

    async fn replace(&self, at: i64, unit: &str, by: &str, reason: &str) -> Result<Result<(), SyncFault>, StoreError> {
        let (Some(unit), Some(by)) = (self.unit(unit).await?, self.unit(by).await?) else {
            return Ok(Err(SyncFault::Unit));
        };
        // The one given up is not interviewed nor given up already; the one in its place is of the reserve of the same
        // stratum, and of nobody else's.
        let open = "SELECT 1 FROM sample_unit u WHERE u.id = ? AND u.replaced_by IS NULL AND NOT EXISTS \
                    (SELECT 1 FROM attempt t WHERE t.unit_id = u.id AND t.outcome = 1)";
        if self.tx.query_one_raw(self.statement(open, vec![unit.into()])).await?.is_none() {
            return Ok(Err(SyncFault::GivenUp));
        }
        let free = "SELECT 1 FROM sample_unit u JOIN sample_unit r ON r.list_id = u.list_id AND r.stratum_id = u.stratum_id \
                    WHERE u.id = ? AND r.id = ? AND r.reserve = ? AND NOT EXISTS \
                    (SELECT 1 FROM replacement x WHERE x.by_id = r.id)";
        if self.tx.query_one_raw(self.statement(free, vec![unit.into(), by.into(), true.into()])).await?.is_none() {
            return Ok(Err(SyncFault::Reserve));
        }
        let row = replacement::ActiveModel {
            unit_id: Set(unit),
            by_id: Set(by),
            reason: Set(clean(reason)),
            at: Set(at),
            device_id: Set(self.device.0),
        };
        replacement::Entity::insert(row).exec_without_returning(self.tx).await?;
        let sql = "UPDATE sample_unit SET replaced_by = ?, closed_at = ? WHERE id = ?";
        self.run(sql, vec![by.into(), at.into(), unit.into()]).await?;
        Ok(Ok(()))
    }

    async fn lease(&self, post: i32, want: u32) -> Result<Result<Lease, SyncFault>, StoreError> {
        let Some(post) = self.post(post).await? else { return Ok(Err(SyncFault::Post)) };
        // A write that changes nothing: it locks the post, so that two devices do not share out the same rest.
        self.run("UPDATE post SET target = target WHERE id = ?", vec![post.id.into()]).await?;
        let Some(target) = post::Entity::find_by_id(post.id).one(self.tx).await?.and_then(|row| row.target) else {
            return Ok(Err(SyncFault::NoQuota));
        };
        let leases = lease::Entity::find().filter(lease::Column::PostId.eq(post.id)).all(self.tx).await?;
        let held = leases.iter().find(|lease| lease.device_id == self.device.0);
        let held = held.map_or(Lease { granted: 0, used: 0 }, lease_of);
        let barred = self.field.signed_out_at.is_some() || self.store.is_barred(self.field).await?;
        if barred && want > held.granted {
            return Ok(Err(SyncFault::SignedOut));
        }
        let others =
            leases.iter().filter(|lease| lease.device_id != self.device.0).map(|lease| lease.granted).sum::<i32>();
        let after = grant(target.unsigned_abs(), others.unsigned_abs(), held, want);
        let sql = "INSERT INTO lease (post_id, device_id, granted, used) VALUES (?, ?, ?, 0) \
                   ON CONFLICT (post_id, device_id) DO UPDATE SET granted = excluded.granted";
        self.run(sql, vec![post.id.into(), self.device.0.into(), count(after.granted).into()]).await?;
        Ok(Ok(after))
    }

    /// A unit that is, or was, the team's.
    async fn unit(&self, unit: &str) -> Result<Option<Uuid>, StoreError> {
        let Ok(id) = Uuid::try_parse(unit) else { return Ok(None) };
        let sql = "SELECT 1 FROM sample_unit u WHERE u.id = ? AND \
                   (EXISTS (SELECT 1 FROM assignment a WHERE a.unit_id = u.id AND a.team_id = ?) \
                   OR EXISTS (SELECT 1 FROM former_assignment f WHERE f.unit_id = u.id AND f.team_id = ?))";
        let values = vec![id.into(), self.field.team.into(), self.field.team.into()];
        let found = self.tx.query_one_raw(self.statement(sql, values)).await?;
        Ok(found.map(|_| id))
    }

    async fn post(&self, id: i32) -> Result<Option<post::Model>, StoreError> {
        let found = post::Entity::find_by_id(id).filter(post::Column::TeamId.eq(self.field.team)).one(self.tx).await?;
        Ok(found.filter(|post| self.field.post.is_none_or(|only| only == post.id)))
    }

    async fn held(&self, post: i32) -> Result<Option<lease::Model>, StoreError> {
        Ok(lease::Entity::find_by_id((post, self.device.0)).one(self.tx).await?)
    }

    fn statement(&self, sql: &str, values: Vec<sea_orm::Value>) -> sea_orm::Statement {
        statement(self.store.backend(), sql, values)
    }

    async fn run(&self, sql: &str, values: Vec<sea_orm::Value>) -> Result<u64, StoreError> {
        Ok(self.tx.execute_raw(self.statement(sql, values)).await?.rows_affected())
    }
}

fn refused(fault: SyncFault) -> Told {
    (EventStatus::Refused, Some(fault), None)
}

fn count(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Words of a surveyor: on one line, and not more than anybody reads.
fn clean(words: &str) -> String {
    words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(limits::NOTE_CHARS)
        .collect::<String>()
        .trim()
        .to_owned()
}
