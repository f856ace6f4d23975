//! Kiosks: what was pressed on them, and the marks of bursts. Nobody stands beside a kiosk, so what comes in quick
//! succession is marked when it arrives; it stays where it is until somebody decides
//! ([`crate::domain::quality::decision::NamedRule::Burst`]).

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use super::rows::{MOST_ROWS, statement, within};
use super::{Store, StoreError};
use crate::domain::field_work::Work;
use crate::domain::ids::{AgencyId, DeviceId, RoundId};
use crate::domain::quality::burst::{in_burst, spans};
use crate::domain::response::{Marks, Mode, Standing};
use crate::domain::role::ControlQuality;

/// A kiosk of a round, and what was done on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// Name of the device.
    pub name: String,
    /// Agency.
    pub agency: AgencyId,
    /// Name of the post; none for a device that was not enrolled with a team.
    pub post: Option<String>,
    /// Days that it told of.
    pub days: u32,
    /// Taps on faces that it told of.
    pub taps: u32,
    /// Taps that it ignored after the thanks.
    pub ignored: u32,
    /// Forms left behind.
    pub abandoned: u32,
    /// Answers received.
    pub received: u32,
    /// Of these, in bursts.
    pub in_burst: u32,
}

/// An answer that is marked as one of a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The response.
    pub id: Uuid,
    /// The kiosk.
    pub device: DeviceId,
    /// When it ended, milliseconds by the clock of the device.
    pub ended_at: i64,
    /// How it stands now.
    pub standing: Standing,
}

fn whole(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(if n < 0 { 0 } else { u32::MAX })
}

/// What kiosks sent to a round, named twice: device by device, each from the index of kiosk answers alone (`+ 0` and CROSS
/// JOIN keep SQLite from reading the whole round). A device of a team answers for the round of the team and no other, so
/// those of other rounds are not read at all.
fn answers_of_round() -> String {
    format!(
        "FROM device d LEFT JOIN field_device f ON f.device_id = d.id LEFT JOIN team t ON t.id = f.team_id \
         CROSS JOIN response r WHERE (t.round_id = ? OR t.id IS NULL) AND r.mode = {} AND r.device_id = d.id \
         AND r.round_id + 0 = ?",
        Mode::Kiosk.code()
    )
}

impl Store {
    /// Which of the answers that arrive from a kiosk are of a burst, together with what it sent before: that is marked
    /// here. Pairs are ids and ends by the clock of the device.
    ///
    /// # Errors
    /// The database's.
    pub async fn mark_bursts(&self, device: DeviceId, new: &[(Uuid, i64)]) -> Result<HashSet<Uuid>, StoreError> {
        let ends: Vec<i64> = new.iter().map(|(_, end)| *end).collect();
        // Each id once, with whether it stands there unmarked.
        let mut known: HashMap<Uuid, (i64, bool)> = HashMap::new();
        let near = format!(
            "SELECT id, finished_at, marks FROM response WHERE mode = {} AND device_id = ? AND finished_at BETWEEN ? AND ?",
            Mode::Kiosk.code()
        );
        for (from, to) in spans(&ends) {
            let values = vec![device.0.into(), from.into(), to.into()];
            for row in self.reader().query_all_raw(statement(self.backend(), &near, values)).await? {
                let marks = Marks(row.try_get_by_index::<i16>(2)?.into());
                known.insert(row.try_get_by_index(0)?, (row.try_get_by_index(1)?, !marks.has(Marks::BURST)));
            }
        }
        let new: HashMap<Uuid, i64> = new.iter().copied().collect();
        for (id, end) in &new {
            known.entry(*id).or_insert((*end, false)).0 = *end;
        }
        let mut all: Vec<(i64, Uuid, bool)> =
            known.into_iter().map(|(id, (end, unmarked))| (end, id, unmarked)).collect();
        all.sort_unstable();
        let inside = in_burst(&all.iter().map(|(end, ..)| *end).collect::<Vec<_>>());
        let of_burst: Vec<_> = all.into_iter().zip(inside).filter(|(_, inside)| *inside).map(|(one, _)| one).collect();
        let mut earlier: Vec<Uuid> =
            of_burst.iter().filter(|(_, _, unmarked)| *unmarked).map(|(_, id, _)| *id).collect();
        earlier.sort_unstable();
        // Marks are in no tally, so nothing else changes with them.
        let mark = format!("UPDATE response SET marks = marks | {} WHERE id", Marks::BURST.0);
        for chunk in earlier.chunks(MOST_ROWS) {
            let values: Vec<Value> = chunk.iter().map(|id| (*id).into()).collect();
            self.writer_connection().execute_raw(within(self.backend(), &mark, "", values)).await?;
        }
        Ok(of_burst.into_iter().map(|(_, id, _)| id).filter(|id| new.contains_key(id)).collect())
    }

    /// The kiosks of a round: those of its teams, and other devices that sent answers of kiosks to it.
    pub async fn kiosks(&self, _may: &ControlQuality, round: RoundId) -> Result<Vec<(DeviceId, Kiosk)>, StoreError> {
        let backend = self.backend();
        let mut kiosks: HashMap<DeviceId, Kiosk> = HashMap::new();
        let told = "SELECT d.id, d.name, p.agency_id, p.name, CAST(COUNT(s.day) AS BIGINT), \
                    CAST(COALESCE(SUM(s.taps), 0) AS BIGINT), CAST(COALESCE(SUM(s.ignored), 0) AS BIGINT), \
                    CAST(COALESCE(SUM(s.abandoned), 0) AS BIGINT) FROM team t JOIN field_device f ON f.team_id = t.id \
                    JOIN device d ON d.id = f.device_id JOIN post p ON p.id = f.post_id \
                    LEFT JOIN presses s ON s.device_id = d.id WHERE t.round_id = ? AND t.work = ? \
                    GROUP BY d.id, d.name, p.agency_id, p.name";
        let values = vec![round.0.into(), Work::Kiosk.code().into()];
        for row in self.reader().query_all_raw(statement(backend, told, values)).await? {
            let sum = |at: usize| row.try_get_by_index::<i64>(at).map(whole);
            let kiosk = Kiosk {
                name: row.try_get_by_index(1)?,
                agency: AgencyId(row.try_get_by_index(2)?),
                post: Some(row.try_get_by_index(3)?),
                days: sum(4)?,
                taps: sum(5)?,
                ignored: sum(6)?,
                abandoned: sum(7)?,
                received: 0,
                in_burst: 0,
            };
            kiosks.insert(DeviceId(row.try_get_by_index(0)?), kiosk);
        }
        let received = format!(
            "SELECT d.id, d.name, d.agency_id, CAST(COUNT(*) AS BIGINT), \
             CAST(SUM(CASE WHEN r.marks & {} <> 0 THEN 1 ELSE 0 END) AS BIGINT) {} GROUP BY d.id, d.name, d.agency_id",
            Marks::BURST.0,
            answers_of_round()
        );
        for row in
            self.reader().query_all_raw(statement(backend, &received, vec![round.0.into(), round.0.into()])).await?
        {
            let (name, agency) = (row.try_get_by_index(1)?, AgencyId(row.try_get_by_index(2)?));
            let (received, in_burst) = (whole(row.try_get_by_index(3)?), whole(row.try_get_by_index(4)?));
            kiosks
                .entry(DeviceId(row.try_get_by_index(0)?))
                .and_modify(|kiosk| (kiosk.received, kiosk.in_burst) = (received, in_burst))
                .or_insert(Kiosk {
                    name,
                    agency,
                    post: None,
                    days: 0,
                    taps: 0,
                    ignored: 0,
                    abandoned: 0,
                    received,
                    in_burst,
                });
        }
        let mut kiosks: Vec<_> = kiosks.into_iter().collect();
        kiosks.sort_by(|(a, x), (b, y)| (&x.name, a).cmp(&(&y.name, b)));
        Ok(kiosks)
    }

    /// All answers of a round that are marked as of a burst, by device and end.
    pub async fn marked_bursts(&self, _may: &ControlQuality, round: RoundId) -> Result<Vec<Marked>, StoreError> {
        let sql = format!(
            "SELECT r.id, r.device_id, r.finished_at, r.standing {} AND r.marks & {} <> 0 AND r.finished_at IS NOT NULL \
             ORDER BY r.device_id, r.finished_at, r.id",
            answers_of_round(),
            Marks::BURST.0
        );
        let mut marked = vec![];
        for row in
            self.reader().query_all_raw(statement(self.backend(), &sql, vec![round.0.into(), round.0.into()])).await?
        {
            let standing = Standing::from_code(row.try_get_by_index(3)?);
            marked.push(Marked {
                id: row.try_get_by_index(0)?,
                device: DeviceId(row.try_get_by_index(1)?),
                ended_at: row.try_get_by_index(2)?,
                standing: standing.ok_or_else(|| StoreError::Inconsistent("a response cannot be read".to_owned()))?,
            });
        }
        Ok(marked)
    }
}
