//! Call-backs: which interviews may be drawn, who was drawn, what they said of the interview.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::domain::ids::{AccountId, AgencyId, DeviceId, RoundId};
use crate::domain::quality::Interviewer;
use crate::domain::quality::callback::{CallbackOutcome, SETTLED_MS};
use crate::domain::response::{Mode, Standing};
use crate::domain::role::ControlQuality;
use crate::domain::staff_log::{Act, Who};
use crate::store::field::recount_unit;
use crate::store::rows::{chunks, insert, statement};
use crate::store::{Store, StoreError};

/// An interview that may be drawn: it was held with somebody who was drawn, and still names whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The unit.
    pub unit: Uuid,
    /// Who held it.
    pub by: Interviewer,
}

/// A draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackDraw {
    /// Key.
    pub id: i32,
    /// 32 hexadecimal digits.
    pub seed: String,
    /// Of what arrived after this, milliseconds since 1970 UTC.
    pub since: i64,
    /// Up to this.
    pub until: i64,
    /// Login name of who drew.
    pub by: String,
    /// When.
    pub at: i64,
    /// Out of how many interviews of each interviewer.
    pub interviews: Vec<(Interviewer, u32)>,
}

/// A draw that is to be kept.
#[derive(Clone, Debug)]
pub struct NewDraw<'a> {
    /// 32 hexadecimal digits.
    pub seed: &'a str,
    /// Of what arrived after this.
    pub since: i64,
    /// Up to this.
    pub until: i64,
    /// Version of the program.
    pub program: &'a str,
    /// Out of how many interviews of each interviewer.
    pub interviews: &'a [(Interviewer, u32)],
    /// Who was drawn: unit, interviewer, place.
    pub units: &'a [(Uuid, Interviewer, u32)],
}

/// Somebody who is called back, without name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The unit.
    pub unit: Uuid,
    /// The draw.
    pub draw: i32,
    /// Whose interview.
    pub by: Interviewer,
    /// Place among the interviewer's interviews.
    pub pos: u32,
    /// Number on the printed list, and the agency.
    pub number: u32,
    /// The agency.
    pub agency: AgencyId,
    /// The response, while the link is kept.
    pub response: Option<Uuid>,
    /// How it ended.
    pub outcome: Option<CallbackOutcome>,
    /// What was otherwise; never about the answers.
    pub note: String,
    /// Who noted it, and when.
    pub noted: Option<(String, i64)>,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackFault {
    /// Quality control of the round has ended, or its contact data were erased.
    Ended,
    /// There is nobody who could be drawn.
    Nobody,
    /// Another draw came between.
    Overtaken,
    /// Nobody of that key was drawn in this round.
    Unknown,
    /// Something was otherwise, and the note does not say what.
    Note,
}

impl Store {
    /// The interviews that no draw could have drawn yet, in the order of the units' keys, with the span of arrival that a
    /// draw would cover.
    pub async fn callback_candidates(
        &self,
        _may: &ControlQuality,
        round: RoundId,
    ) -> Result<(Vec<Candidate>, (i64, i64)), StoreError> {
        let since = self.drawn_until(self.reader(), round).await?;
        let until = (self.clock().now_ms() - SETTLED_MS).max(since);
        let sql = "SELECT u.id, r.device_id, f.account_id, r.mode FROM sample_unit u \
                   JOIN sample_link l ON l.unit_id = u.id JOIN response r ON r.id = l.response_id \
                   LEFT JOIN field_device f ON f.device_id = r.device_id \
                   WHERE u.round_id = ? AND r.received_at > ? AND r.received_at <= ? AND r.standing <> ?";
        let values = vec![round.0.into(), since.into(), until.into(), Standing::Withdrawn.code().into()];
        let mut found = vec![];
        for row in self.reader().query_all_raw(statement(self.backend(), sql, values)).await? {
            let (device, account) = (row.try_get_by_index::<Option<i32>>(1)?, row.try_get_by_index::<Option<i32>>(2)?);
            let mode = Mode::from_code(row.try_get_by_index(3)?).unwrap_or(Mode::Tablet);
            let by = Interviewer::of(mode, device.map(DeviceId), account.map(AccountId));
            found.push(Candidate { unit: row.try_get_by_index(0)?, by });
        }
        found.sort_unstable_by_key(|candidate| candidate.unit);
        Ok((found, (since, until)))
    }

    async fn drawn_until<C: ConnectionTrait>(&self, db: &C, round: RoundId) -> Result<i64, StoreError> {
        let sql = "SELECT until_at FROM callback_draw WHERE round_id = ? ORDER BY until_at DESC LIMIT 1";
        let row = db.query_one_raw(statement(self.backend(), sql, vec![round.0.into()])).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    /// Keeps a draw and notes it, all or nothing.
    pub async fn save_callbacks(
        &self,
        _may: &ControlQuality,
        who: &Who,
        round: RoundId,
        new: &NewDraw<'_>,
    ) -> Result<Result<i32, CallbackFault>, StoreError> {
        if new.units.is_empty() {
            return Ok(Err(CallbackFault::Nobody));
        }
        let backend = self.backend();
        let code = self.round(round).await?.map_or_else(|| "?".to_owned(), |r| r.round.code.clone());
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        if self.has_ended(&tx, round).await? {
            return Ok(Err(CallbackFault::Ended));
        }
        if self.drawn_until(&tx, round).await? != new.since {
            return Ok(Err(CallbackFault::Overtaken));
        }
        let last = tx.query_one_raw(statement(backend, "SELECT MAX(id) FROM callback_draw", vec![])).await?;
        let id = last.map(|row| row.try_get_by_index::<Option<i32>>(0)).transpose()?.flatten().unwrap_or(0) + 1;
        let now = self.clock().now_ms();
        let sql = "INSERT INTO callback_draw (id, round_id, seed, since_at, until_at, drawn_by, drawn_at, program) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let values = vec![
            id.into(),
            round.0.into(),
            new.seed.into(),
            new.since.into(),
            new.until.into(),
            who.name.clone().into(),
            now.into(),
            new.program.into(),
        ];
        tx.execute_raw(statement(backend, sql, values)).await?;
        for chunk in chunks(new.interviews) {
            let values = chunk.iter().flat_map(|(by, n)| [id.into(), by.code().into(), stored(*n).into()]).collect();
            let columns = ["draw_id", "interviewer", "interviews"];
            tx.execute_raw(insert(backend, "callback_interviewer", &columns, chunk.len(), "", values)).await?;
        }
        for chunk in chunks(new.units) {
            let row = |(unit, by, pos): &(Uuid, Interviewer, u32)| {
                [(*unit).into(), id.into(), by.code().into(), stored(*pos).into(), "".into(), "".into()]
            };
            let columns = ["unit_id", "draw_id", "interviewer", "pos", "note", "noted_by"];
            let values = chunk.iter().flat_map(row).collect();
            tx.execute_raw(insert(backend, "callback_unit", &columns, chunk.len(), "", values)).await?;
        }
        let of: u32 = new.interviews.iter().map(|(_, n)| n).sum();
        let detail = format!("draw {id} n {} of {of} seed {}", new.units.len(), new.seed);
        let head = log.append(&tx, now, who, Act::CallbacksDrawn, &code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(id))
    }

    /// The draws of a round, the first one first.
    pub async fn callback_draws(&self, _may: &ControlQuality, round: RoundId) -> Result<Vec<CallbackDraw>, StoreError> {
        let of = "SELECT i.draw_id, i.interviewer, i.interviews FROM callback_interviewer i \
                  JOIN callback_draw d ON d.id = i.draw_id WHERE d.round_id = ? ORDER BY i.draw_id, i.interviewer";
        let mut interviews: HashMap<i32, Vec<(Interviewer, u32)>> = HashMap::new();
        for row in self.reader().query_all_raw(statement(self.backend(), of, vec![round.0.into()])).await? {
            let by = Interviewer::from_code(row.try_get_by_index(1)?);
            interviews
                .entry(row.try_get_by_index(0)?)
                .or_default()
                .push((by, row.try_get_by_index::<i32>(2)?.unsigned_abs()));
        }
        let sql =
            "SELECT id, seed, since_at, until_at, drawn_by, drawn_at FROM callback_draw WHERE round_id = ? ORDER BY id";
        let mut draws = vec![];
        for row in self.reader().query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            let id = row.try_get_by_index(0)?;
            draws.push(CallbackDraw {
                id,
                seed: row.try_get_by_index(1)?,
                since: row.try_get_by_index(2)?,
                until: row.try_get_by_index(3)?,
                by: row.try_get_by_index(4)?,
                at: row.try_get_by_index(5)?,
                interviews: interviews.remove(&id).unwrap_or_default(),
            });
        }
        Ok(draws)
    }

    /// Who is called back in a round, by draw and interviewer.
    pub async fn callbacks(&self, _may: &ControlQuality, round: RoundId) -> Result<Vec<Callback>, StoreError> {
        let sql = "SELECT c.unit_id, c.draw_id, c.interviewer, c.pos, u.number, u.agency_id, l.response_id, c.outcome, c.note, \
                   c.noted_by, c.noted_at FROM callback_unit c JOIN callback_draw d ON d.id = c.draw_id \
                   JOIN sample_unit u ON u.id = c.unit_id LEFT JOIN sample_link l ON l.unit_id = c.unit_id \
                   WHERE d.round_id = ? ORDER BY c.draw_id, c.interviewer, c.pos";
        let mut callbacks = vec![];
        for row in self.reader().query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            let by: String = row.try_get_by_index(9)?;
            callbacks.push(Callback {
                unit: row.try_get_by_index(0)?,
                draw: row.try_get_by_index(1)?,
                by: Interviewer::from_code(row.try_get_by_index(2)?),
                pos: row.try_get_by_index::<i32>(3)?.unsigned_abs(),
                number: row.try_get_by_index::<i32>(4)?.unsigned_abs(),
                agency: AgencyId(row.try_get_by_index(5)?),
                response: row.try_get_by_index(6)?,
                outcome: row.try_get_by_index::<Option<i16>>(7)?.and_then(CallbackOutcome::from_code),
                note: row.try_get_by_index(8)?,
                noted: row.try_get_by_index::<Option<i64>>(10)?.map(|at| (by, at)),
            });
        }
        Ok(callbacks)
    }

    /// Whom to call back, sealed: of those drawn for it and of nobody else. The caller notes the look
    /// ([`Act::CallbackSeen`]) first.
    pub async fn callback_contacts(
        &self,
        _may: &ControlQuality,
        round: RoundId,
    ) -> Result<HashMap<Uuid, Vec<u8>>, StoreError> {
        let sql = "SELECT s.unit_id, s.sealed FROM sample_contact s JOIN callback_unit c ON c.unit_id = s.unit_id \
                   JOIN callback_draw d ON d.id = c.draw_id WHERE d.round_id = ?";
        let mut contacts = HashMap::new();
        for row in self.reader().query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            contacts.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
        Ok(contacts)
    }

    /// Notes how a call-back ended; again, where the next call found out more.
    pub async fn note_callback(
        &self,
        _may: &ControlQuality,
        who: &Who,
        round: RoundId,
        unit: Uuid,
        (outcome, note): (CallbackOutcome, &str),
    ) -> Result<Result<(), CallbackFault>, StoreError> {
        let note: String = note.split_whitespace().collect::<Vec<_>>().join(" ");
        let note: String = note.chars().take(crate::domain::limits::NOTE_CHARS).collect();
        if outcome == CallbackOutcome::Differs && note.is_empty() {
            return Ok(Err(CallbackFault::Note));
        }
        let code = self.round(round).await?.map_or_else(|| "?".to_owned(), |r| r.round.code.clone());
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        if self.has_ended(&tx, round).await? {
            return Ok(Err(CallbackFault::Ended));
        }
        let now = self.clock().now_ms();
        let sql = "UPDATE callback_unit SET outcome = ?, note = ?, noted_by = ?, noted_at = ? WHERE unit_id = ? \
                   AND EXISTS (SELECT 1 FROM callback_draw d WHERE d.id = callback_unit.draw_id AND d.round_id = ?)";
        let values =
            vec![outcome.code().into(), note.into(), who.name.clone().into(), now.into(), unit.into(), round.0.into()];
        if tx.execute_raw(statement(self.backend(), sql, values)).await?.rows_affected() == 0 {
            return Ok(Err(CallbackFault::Unknown));
        }
        recount_unit(&tx, self.backend(), unit).await?;
        let head = log.append(&tx, now, who, Act::CallbackNoted, &code, &format!("{unit} {}", outcome.word())).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(()))
    }

    /// Whether nobody of a round is called back any more.
    async fn has_ended<C: ConnectionTrait>(&self, db: &C, round: RoundId) -> Result<bool, StoreError> {
        let sql =
            "SELECT 1 FROM quality_end WHERE round_id = ? UNION ALL SELECT 1 FROM contact_purge WHERE round_id = ?";
        let values = vec![round.0.into(), round.0.into()];
        Ok(db.query_one_raw(statement(self.backend(), sql, values)).await?.is_some())
    }

    /// Notes that quality control of a round is over, with what the call-backs came to. The caller erases the contact data
    /// next. No where it was over before.
    pub async fn end_quality(&self, _may: &ControlQuality, who: &Who, round: RoundId) -> Result<bool, StoreError> {
        let code = self.round(round).await?.map_or_else(|| "?".to_owned(), |r| r.round.code.clone());
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        self.lock_figures(&tx).await?;
        let now = self.clock().now_ms();
        let sql =
            "INSERT INTO quality_end (round_id, ended_by, ended_at) VALUES (?, ?, ?) ON CONFLICT (round_id) DO NOTHING";
        let values = vec![round.0.into(), who.name.clone().into(), now.into()];
        if tx.execute_raw(statement(self.backend(), sql, values)).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "SELECT CAST(COALESCE(c.outcome, 0) AS INTEGER), CAST(COUNT(*) AS BIGINT) FROM callback_unit c \
                   JOIN callback_draw d ON d.id = c.draw_id WHERE d.round_id = ? GROUP BY 1 ORDER BY 1";
        let mut detail = vec![];
        for row in tx.query_all_raw(statement(self.backend(), sql, vec![round.0.into()])).await? {
            let outcome = CallbackOutcome::from_code(i16::try_from(row.try_get_by_index::<i32>(0)?).unwrap_or(0));
            detail.push(format!(
                "{} {}",
                outcome.map_or("chua-goi", CallbackOutcome::word),
                row.try_get_by_index::<i64>(1)?
            ));
        }
        let head = log.append(&tx, now, who, Act::QualityEnded, &code, &detail.join(", ")).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(true)
    }

    /// When quality control of a round ended, milliseconds since 1970 UTC; none while it goes on.
    pub async fn quality_ended_at(&self, round: RoundId) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT ended_at FROM quality_end WHERE round_id = ?";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![round.0.into()])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
    }
}

fn stored(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
