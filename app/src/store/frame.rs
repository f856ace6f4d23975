//! The lists that agencies hand in: a file that arrives in sealed pieces, then its people, visible with the last small
//! transaction. Whatever names somebody comes here sealed and leaves sealed.
//!
//! A frame counts once its standing says so; rows of one that does not are swept away in small pieces.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{contact_purge, frame, frame_part, frame_stratum, sample_list};
use super::rows::{chunks, insert, statement, within};
use super::{Store, StoreError};
use crate::domain::field_work::Party;
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::limits;
use crate::domain::response::coded;
use crate::domain::role::DrawSample;
use crate::domain::sample::frame::Reading;
use crate::domain::sample::plan::Counted;
use crate::domain::staff_log::{Act, Who};
use serde::{Deserialize, Serialize};

/// Rows deleted in one transaction: some milliseconds, so that the writer of responses never waits for a sweep.
const SWEEP_ROWS: i64 = 5_000;

coded!(
    /// How far a frame has come. Its rows stay, whatever becomes of it.
    FrameStanding {
        /// Uploaded, its columns are not chosen yet; nothing of it counts.
        Arriving = 0 "arriving",
        /// Taken, not drawn.
        Uploaded = 1 "uploaded",
        /// Its sample was drawn and its people erased.
        Drawn = 2 "drawn",
        /// A later one took its place before the draw.
        Replaced = 3 "replaced",
    }
);

/// A frame: counts and facts, no people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Key.
    pub id: i32,
    /// The round.
    pub round: RoundId,
    /// Whose list.
    pub agency: AgencyId,
    /// Name of the file as it was sent.
    pub file_name: String,
    /// SHA-256 of the file as it was sent.
    pub sha256: Vec<u8>,
    /// Lines below the headings.
    pub lines: u32,
    /// N: good lines.
    pub dossiers: u32,
    /// People and organisations, each once.
    pub people: u32,
    /// Bad lines, left out.
    pub bad_lines: u32,
    /// How the file is read.
    pub reading: Reading,
    /// Login name of who sent it.
    pub uploaded_by: String,
    /// When, milliseconds since 1970 UTC.
    pub uploaded_at: i64,
    /// How far it has come.
    pub standing: FrameStanding,
    /// SHA-256 over its people in their order; empty while arriving.
    pub hash: Vec<u8>,
}

/// A file that arrives.
#[derive(Clone, Debug)]
pub struct NewFrame<'a> {
    /// The round.
    pub round: RoundId,
    /// Whose list.
    pub agency: AgencyId,
    /// Name of the file.
    pub file_name: &'a str,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// How it seems to be read.
    pub reading: &'a Reading,
    /// Login name of who sends it.
    pub by: &'a str,
}

/// A person or organisation of a frame.
#[derive(Clone, Debug)]
pub struct FrameUnit {
    /// Order in the file, from 1.
    pub pos: u32,
    /// The stratum.
    pub stratum: StratumId,
    /// Position of the field in the round.
    pub field: Option<i16>,
    /// Citizen or organisation.
    pub party: Party,
    /// Keyed fingerprint of the identity.
    pub fingerprint: Vec<u8>,
    /// Whom to visit, sealed.
    pub contact: Vec<u8>,
}

/// What the lines of a frame came to.
#[derive(Clone, Debug)]
pub struct FrameCounts {
    /// Lines below the headings.
    pub lines: u32,
    /// Bad ones among them.
    pub bad_lines: u32,
    /// By stratum.
    pub strata: Vec<Counted>,
    /// SHA-256 over the people in their order.
    pub hash: [u8; 32],
}

/// Why a frame is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFault {
    /// It is not there, or was taken or replaced already.
    Unknown,
    /// The sample of the agency has been drawn.
    Drawn,
    /// The contact data of the round have been erased.
    Purged,
}

fn whole(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn stored(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

fn frame_of(row: frame::Model) -> Result<Frame, StoreError> {
    let bad = |what: &str| StoreError::Inconsistent(format!("frame {}: {what}", row.id));
    Ok(Frame {
        standing: FrameStanding::from_code(row.standing).ok_or_else(|| bad("standing"))?,
        reading: serde_json::from_str(&row.mapping).map_err(|_| bad("mapping"))?,
        id: row.id,
        round: RoundId(row.round_id),
        agency: AgencyId(row.agency_id),
        file_name: row.file_name,
        sha256: row.sha256,
        lines: whole(row.lines),
        dossiers: whole(row.dossiers),
        people: whole(row.people),
        bad_lines: whole(row.bad_lines),
        uploaded_by: row.uploaded_by,
        uploaded_at: row.uploaded_at,
        hash: row.hash.unwrap_or_default(),
    })
}

fn as_json(reading: &Reading) -> Result<String, StoreError> {
    serde_json::to_string(reading).map_err(|e| StoreError::Inconsistent(e.to_string()))
}

impl Store {
    /// Whether anybody handed in a list for a round: its contact key must be there then, and is never made anew.
    pub async fn has_frames(&self, round: RoundId) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM frame WHERE round_id = ? LIMIT 1";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![round.0.into()])).await?;
        Ok(row.is_some())
    }

    /// A sample unit of a round with its sealed contact data, if it has any: so that a key can be tried.
    pub async fn one_sealed_contact(&self, round: RoundId) -> Result<Option<(uuid::Uuid, Vec<u8>)>, StoreError> {
        let sql = "SELECT c.unit_id, c.sealed FROM sample_contact c JOIN sample_unit u ON u.id = c.unit_id \
                   WHERE u.round_id = ? LIMIT 1";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![round.0.into()])).await?;
        row.map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()
    }

    /// Keeps a file until its columns are chosen: begins a frame that does not count, and gives its key.
    pub async fn begin_frame(&self, new: &NewFrame<'_>) -> Result<i32, StoreError> {
        let tx = self.begin_write().await?;
        let last = frame::Entity::find().order_by_desc(frame::Column::Id).one(&tx).await?;
        let id = last.map_or(1, |frame| frame.id + 1);
        let row = frame::ActiveModel {
            id: Set(id),
            round_id: Set(new.round.0),
            agency_id: Set(new.agency.0),
            file_name: Set(new.file_name.to_owned()),
            sha256: Set(new.sha256.to_vec()),
            lines: Set(0),
            dossiers: Set(0),
            people: Set(0),
            bad_lines: Set(0),
            mapping: Set(as_json(new.reading)?),
            uploaded_by: Set(new.by.to_owned()),
            uploaded_at: Set(self.clock().now_ms()),
            standing: Set(FrameStanding::Arriving.code()),
            hash: Set(None),
        };
        frame::Entity::insert(row).exec_without_returning(&tx).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps the next sealed piece of the file of a frame that arrives.
    pub async fn add_frame_part(&self, frame: i32, seq: i32, sealed: Vec<u8>) -> Result<(), StoreError> {
        let row = frame_part::ActiveModel { frame_id: Set(frame), seq: Set(seq), sealed: Set(sealed) };
        frame_part::Entity::insert(row).exec_without_returning(self.writer_connection()).await?;
        Ok(())
    }

    /// One sealed piece of the file of a frame; none behind the last.
    pub async fn frame_part(&self, frame: i32, seq: i32) -> Result<Option<Vec<u8>>, StoreError> {
        let row = frame_part::Entity::find_by_id((frame, seq)).one(self.reader()).await?;
        Ok(row.map(|row| row.sealed))
    }

    /// Begins with the people of a frame: what an attempt that was cut off left is taken away first.
    pub async fn clear_frame_units(&self, frame: i32) -> Result<(), StoreError> {
        self.delete_in_pieces("frame_unit", "pos", frame).await
    }

    /// Adds people to a frame that arrives, in one transaction; give a thousand or so at a time.
    pub async fn add_frame_units(&self, frame: i32, units: &[FrameUnit]) -> Result<(), StoreError> {
        let columns = ["frame_id", "pos", "stratum_id", "field", "party", "fingerprint", "contact"];
        let tx = self.begin_write().await?;
        for chunk in chunks(units) {
            let values = chunk.iter().flat_map(|unit| {
                [
                    frame.into(),
                    stored(unit.pos).into(),
                    unit.stratum.0.into(),
                    unit.field.into(),
                    unit.party.code().into(),
                    unit.fingerprint.clone().into(),
                    unit.contact.clone().into(),
                ]
            });
            let statement = insert(self.backend(), "frame_unit", &columns, chunk.len(), "", values.collect());
            tx.execute_raw(statement).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Makes a frame count, in the place of the one before, and notes it. Its file is erased.
    pub async fn finish_frame(
        &self,
        who: &Who,
        id: i32,
        reading: &Reading,
        counts: &FrameCounts,
    ) -> Result<Result<(), FrameFault>, StoreError> {
        let rounds = self.rounds().await?;
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let arriving = FrameStanding::Arriving.code();
        let found = frame::Entity::find_by_id(id).filter(frame::Column::Standing.eq(arriving)).one(&tx).await?;
        let Some(found) = found else { return Ok(Err(FrameFault::Unknown)) };
        let drawn = sample_list::Entity::find()
            .filter(sample_list::Column::RoundId.eq(found.round_id))
            .filter(sample_list::Column::AgencyId.eq(found.agency_id))
            .one(&tx)
            .await?;
        if drawn.is_some() {
            return Ok(Err(FrameFault::Drawn));
        }
        if contact_purge::Entity::find_by_id(found.round_id).one(&tx).await?.is_some() {
            return Ok(Err(FrameFault::Purged));
        }
        let replaced = "UPDATE frame SET standing = ? WHERE round_id = ? AND agency_id = ? AND standing = ?";
        let values = vec![
            FrameStanding::Replaced.code().into(),
            found.round_id.into(),
            found.agency_id.into(),
            FrameStanding::Uploaded.code().into(),
        ];
        tx.execute_raw(statement(self.backend(), replaced, values)).await?;
        let rows = counts.strata.iter().map(|s| frame_stratum::ActiveModel {
            frame_id: Set(id),
            stratum_id: Set(s.stratum.0),
            dossiers: Set(stored(s.dossiers)),
            people: Set(stored(s.people)),
        });
        frame_stratum::Entity::insert_many(rows).on_conflict_do_nothing().exec_without_returning(&tx).await?;
        let (dossiers, people) = counts.strata.iter().fold((0, 0), |(d, p), s| (d + s.dossiers, p + s.people));
        let row = frame::ActiveModel {
            id: Set(id),
            lines: Set(stored(counts.lines)),
            dossiers: Set(stored(dossiers)),
            people: Set(stored(people)),
            bad_lines: Set(stored(counts.bad_lines)),
            mapping: Set(as_json(reading)?),
            standing: Set(FrameStanding::Uploaded.code()),
            hash: Set(Some(counts.hash.to_vec())),
            ..Default::default()
        };
        row.update(&tx).await?;
        frame_part::Entity::delete_many().filter(frame_part::Column::FrameId.eq(id)).exec(&tx).await?;
        let agencies = self.known_agencies().await?;
        let code = agencies.get(&AgencyId(found.agency_id)).map_or("?", |agency| agency.code.as_str());
        let round = rounds.iter().find(|r| r.round.id.0 == found.round_id).map_or("?", |r| r.round.code.as_str());
        let detail = format!(
            "round {round} lines {} dossiers {dossiers} people {people} bad {}",
            counts.lines, counts.bad_lines
        );
        let now = self.clock().now_ms();
        let head = log.append(&tx, now, who, Act::FrameUploaded, code, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(()))
    }

    /// A frame, however far it has come.
    pub async fn frame(&self, id: i32) -> Result<Option<Frame>, StoreError> {
        frame::Entity::find_by_id(id).one(self.reader()).await?.map(frame_of).transpose()
    }

    /// The frames of a round that counted at some time, the newest first.
    pub async fn frames(&self, round: RoundId) -> Result<Vec<Frame>, StoreError> {
        let rows = frame::Entity::find()
            .filter(frame::Column::RoundId.eq(round.0))
            .filter(frame::Column::Standing.ne(FrameStanding::Arriving.code()))
            .order_by_desc(frame::Column::Id)
            .all(self.reader())
            .await?;
        rows.into_iter().map(frame_of).collect()
    }

    /// The counts of the strata of frames, by frame.
    pub async fn frame_strata(&self, frames: &[i32]) -> Result<HashMap<i32, Vec<Counted>>, StoreError> {
        let mut strata: HashMap<i32, Vec<Counted>> = HashMap::new();
        for chunk in frames.chunks(500) {
            let rows = frame_stratum::Entity::find()
                .filter(frame_stratum::Column::FrameId.is_in(chunk.to_vec()))
                .order_by_asc(frame_stratum::Column::StratumId)
                .all(self.reader())
                .await?;
            for row in rows {
                strata.entry(row.frame_id).or_default().push(Counted {
                    stratum: StratumId(row.stratum_id),
                    dossiers: whole(row.dossiers),
                    people: whole(row.people),
                });
            }
        }
        Ok(strata)
    }

    /// The order of a frame that counts: stratum of each person, by place from 1.
    pub async fn frame_order(&self, _may: &DrawSample, frame: i32) -> Result<Vec<(u32, StratumId)>, StoreError> {
        let sql = "SELECT pos, stratum_id FROM frame_unit WHERE frame_id = ? ORDER BY pos";
        let rows = self.reader().query_all_raw(statement(self.backend(), sql, vec![frame.into()])).await?;
        let place = |row: &sea_orm::QueryResult| -> Result<(u32, StratumId), StoreError> {
            Ok((whole(row.try_get_by_index(0)?), StratumId(row.try_get_by_index(1)?)))
        };
        rows.iter().map(place).collect()
    }

    /// The people of a frame at these places, in no order.
    pub async fn frame_people(
        &self,
        _may: &DrawSample,
        frame: i32,
        places: &[u32],
    ) -> Result<Vec<FrameUnit>, StoreError> {
        let mut units = Vec::with_capacity(places.len());
        for chunk in places.chunks(500) {
            let prefix = format!(
                "SELECT pos, stratum_id, field, party, fingerprint, contact FROM frame_unit WHERE frame_id = {frame} AND pos"
            );
            let values = chunk.iter().map(|place| stored(*place).into()).collect();
            for row in self.reader().query_all_raw(within(self.backend(), &prefix, "", values)).await? {
                let party: i16 = row.try_get_by_index(3)?;
                units.push(FrameUnit {
                    pos: whole(row.try_get_by_index(0)?),
                    stratum: StratumId(row.try_get_by_index(1)?),
                    field: row.try_get_by_index(2)?,
                    party: Party::from_code(party)
                        .ok_or_else(|| StoreError::Inconsistent(format!("frame {frame}: party {party}")))?,
                    fingerprint: row.try_get_by_index(4)?,
                    contact: row.try_get_by_index(5)?,
                });
            }
        }
        Ok(units)
    }

    /// Erases what nobody needs any more: the people of frames that were drawn or replaced, and files whose columns
    /// nobody chose within a day. Called after a draw, at the start and hourly.
    pub async fn sweep_frames(&self) -> Result<(), StoreError> {
        let late = self.clock().now_ms() - limits::FRAME_ARRIVING_MS;
        let rows: Vec<(i32, i16, i64)> = frame::Entity::find()
            .select_only()
            .columns([frame::Column::Id, frame::Column::Standing, frame::Column::UploadedAt])
            .into_tuple()
            .all(self.reader())
            .await?;
        for (id, standing, at) in rows {
            match FrameStanding::from_code(standing) {
                Some(FrameStanding::Drawn | FrameStanding::Replaced) => {
                    self.delete_in_pieces("frame_unit", "pos", id).await?;
                }
                Some(FrameStanding::Arriving) if at < late => self.drop_frame(id).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes away a frame that never counted.
    pub async fn drop_frame(&self, id: i32) -> Result<(), StoreError> {
        self.delete_in_pieces("frame_part", "seq", id).await?;
        self.delete_in_pieces("frame_unit", "pos", id).await?;
        frame::Entity::delete_many()
            .filter(frame::Column::Id.eq(id))
            .filter(frame::Column::Standing.eq(FrameStanding::Arriving.code()))
            .exec(self.writer_connection())
            .await?;
        Ok(())
    }

    /// Deletes the rows of a frame in one of its tables (by its second key), some at a time.
    async fn delete_in_pieces(&self, table: &str, key: &str, frame: i32) -> Result<(), StoreError> {
        let sql = format!(
            "DELETE FROM {table} WHERE frame_id = ? AND {key} IN (SELECT {key} FROM {table} WHERE frame_id = ? LIMIT ?)"
        );
        loop {
            let values = vec![frame.into(), frame.into(), SWEEP_ROWS.into()];
            let done = self.writer_connection().execute_raw(statement(self.backend(), &sql, values)).await?;
            if done.rows_affected() < SWEEP_ROWS.unsigned_abs() {
                return Ok(());
            }
        }
    }
}
