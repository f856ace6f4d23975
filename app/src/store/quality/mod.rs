//! Quality control: interviews as they are looked at, call-backs, and decisions about them.
//!
//! The answers of a sheet stay here but for what [`Answers`] says of them. A change of standing goes the way of every other:
//! the response and one delta row in one transaction, so that tallies, moving figures and recount agree.

mod callback;
mod decide;
mod record;
mod standing;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use super::rows::{statement, within};
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::field_work::Outcome;
use crate::domain::ids::{AccountId, AgencyId, DeviceId, RoundId};
use crate::domain::quality::flags::{ClockSpan, Clocks, clock_was_set};
use crate::domain::quality::overview::Visit;
use crate::domain::quality::{Answers, INTERVIEWS, Interview, Interviewer};
use crate::domain::response::{Marks, Mode, Standing, Stream};
use crate::domain::role::ControlQuality;

pub use callback::{Callback, CallbackDraw, CallbackFault, Candidate, NewDraw};
pub use decide::{NewProposal, QualityFault, RuleUse};
pub use record::Decision;

impl Store {
    /// The interviews of a round in the order of arrival: whatever came of a drawn list or of every k-th visitor.
    ///
    /// # Errors
    /// The database's, and [`StoreError::Inconsistent`] for a response that cannot be read.
    pub async fn interviews(&self, _may: &ControlQuality, round: &RoundContext) -> Result<Vec<Interview>, StoreError> {
        // Only where there are any: a round may have millions of other responses, and the index begins with the agency.
        let tallies = self.tallies().await?;
        let mut agencies: Vec<AgencyId> = tallies
            .round(round.round.id)
            .filter(|(cell, _)| INTERVIEWS.contains(&cell.stream))
            .map(|(cell, _)| cell.agency)
            .collect();
        agencies.sort_unstable();
        agencies.dedup();
        let [sample, intercept] = INTERVIEWS.map(Stream::code);
        let prefix = format!(
            "SELECT r.id, r.agency_id, r.device_id, f.account_id, r.stream, r.mode, r.standing, r.marks, r.started_at, \
             r.finished_at, r.received_at, r.sheet FROM response r LEFT JOIN field_device f ON f.device_id = r.device_id \
             WHERE r.round_id = {} AND r.stream IN ({sample}, {intercept}) AND r.agency_id",
            round.round.id.0
        );
        let mut interviews = vec![];
        for chunk in agencies.chunks(super::rows::MOST_ROWS) {
            let values: Vec<Value> = chunk.iter().map(|agency| agency.0.into()).collect();
            for row in self.reader().query_all_raw(within(self.backend(), &prefix, "", values)).await? {
                interviews.push(interview(round, &row)?);
            }
        }
        interviews.sort_by_key(|interview| (interview.received_at, interview.id));
        Ok(interviews)
    }

    /// How the clocks of the devices of a round stood.
    pub async fn device_clocks(&self, _may: &ControlQuality, round: RoundId) -> Result<Clocks, StoreError> {
        let sql = "SELECT c.device_id, c.from_at, c.until_at, c.offset_ms FROM device_clock c \
                   JOIN field_device f ON f.device_id = c.device_id JOIN team m ON m.id = f.team_id \
                   WHERE m.round_id = ? ORDER BY c.device_id, c.from_at";
        let mut clocks = Clocks::new();
        for row in self.reader().query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            let span = ClockSpan {
                from: row.try_get_by_index(1)?,
                until: row.try_get_by_index(2)?,
                offset: row.try_get_by_index(3)?,
            };
            clocks.entry(DeviceId(row.try_get_by_index(0)?)).or_default().push(span);
        }
        Ok(clocks)
    }

    /// The visits of a round, without whom they went to.
    pub async fn visits(&self, _may: &ControlQuality, round: RoundId) -> Result<Vec<Visit>, StoreError> {
        let sql = "SELECT t.device_id, f.account_id, u.agency_id, t.outcome FROM attempt t \
                   JOIN sample_unit u ON u.id = t.unit_id LEFT JOIN field_device f ON f.device_id = t.device_id \
                   WHERE u.round_id = ?";
        let mut visits = vec![];
        for row in self.reader().query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            let (device, account) = (row.try_get_by_index(0)?, row.try_get_by_index::<Option<i32>>(1)?);
            let Some(outcome) = Outcome::from_code(row.try_get_by_index(3)?) else { continue };
            visits.push(Visit {
                by: Interviewer::of(Mode::Tablet, Some(DeviceId(device)), account.map(AccountId)),
                agency: AgencyId(row.try_get_by_index(2)?),
                outcome,
            });
        }
        Ok(visits)
    }

    /// The names of interviewers: of people, and of devices that nobody holds.
    pub async fn interviewer_names(&self, _may: &ControlQuality) -> Result<BTreeMap<Interviewer, String>, StoreError> {
        let mut names = BTreeMap::new();
        let people = "SELECT DISTINCT a.id, a.name FROM account a JOIN field_device f ON f.account_id = a.id";
        for row in self.reader().query_all_raw(statement(self.backend(), people, vec![])).await? {
            names.insert(Interviewer::Account(AccountId(row.try_get_by_index(0)?)), row.try_get_by_index(1)?);
        }
        let devices = "SELECT id, name FROM device";
        for row in self.reader().query_all_raw(statement(self.backend(), devices, vec![])).await? {
            names.insert(Interviewer::Device(DeviceId(row.try_get_by_index(0)?)), row.try_get_by_index(1)?);
        }
        Ok(names)
    }

    /// Notes at a contact how far a device's clock is off: a new span where it was set since the last one.
    pub(super) async fn note_clock(
        &self,
        tx: &DatabaseTransaction,
        device: DeviceId,
        now: i64,
        offset: i64,
    ) -> Result<(), StoreError> {
        let last = "SELECT from_at, offset_ms FROM device_clock WHERE device_id = ? ORDER BY from_at DESC LIMIT 1";
        let row = tx.query_one_raw(statement(self.backend(), last, vec![device.0.into()])).await?;
        let held =
            row.map(|row| Ok::<_, StoreError>((row.try_get_by_index::<i64>(0)?, row.try_get_by_index::<i64>(1)?)));
        let (sql, values): (_, Vec<Value>) = match held.transpose()? {
            Some((from, before)) if !clock_was_set(before, offset) => (
                "UPDATE device_clock SET until_at = ? WHERE device_id = ? AND from_at = ?",
                vec![now.into(), device.0.into(), from.into()],
            ),
            _ => (
                "INSERT INTO device_clock (device_id, from_at, until_at, offset_ms) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (device_id, from_at) DO UPDATE SET offset_ms = excluded.offset_ms",
                vec![device.0.into(), now.into(), now.into(), offset.into()],
            ),
        };
        tx.execute_raw(statement(self.backend(), sql, values)).await?;
        Ok(())
    }
}

fn interview(round: &RoundContext, row: &sea_orm::QueryResult) -> Result<Interview, StoreError> {
    let damaged = || StoreError::Inconsistent("an interview cannot be read".to_owned());
    let code = |at: usize| row.try_get_by_index::<i16>(at);
    let (device, account) = (row.try_get_by_index::<Option<i32>>(2)?, row.try_get_by_index::<Option<i32>>(3)?);
    let (device, account) = (device.map(DeviceId), account.map(AccountId));
    let mode = Mode::from_code(code(5)?).ok_or_else(damaged)?;
    let sheet: Vec<u8> = row.try_get_by_index(11)?;
    let sheet = Sheet::unpack(&sheet, &round.questionnaire).ok_or_else(damaged)?;
    Ok(Interview {
        id: row.try_get_by_index(0)?,
        by: Interviewer::of(mode, device, account),
        device,
        agency: AgencyId(row.try_get_by_index(1)?),
        stream: Stream::from_code(code(4)?).ok_or_else(damaged)?,
        mode,
        standing: Standing::from_code(code(6)?).ok_or_else(damaged)?,
        marks: Marks(code(7)?.into()),
        started_at: row.try_get_by_index(8)?,
        finished_at: row.try_get_by_index(9)?,
        received_at: row.try_get_by_index(10)?,
        answers: Answers::of(&sheet),
    })
}
