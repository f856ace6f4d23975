//! The one-way tallies in the database: read when asked for, by the few rows of one agency and dimension.
//!
//! They follow the main tallies within some five seconds: the fold passes its changes on, a slower fold adds them up.

mod build;
mod fold;
mod one_way;

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Value};

use super::rows::{chunks, insert, statement, within};
use super::{RoundContext, Store, StoreError};
use crate::domain::breakdown::{Breakdown, Dimension, Row};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::Stream;
use crate::domain::tally::Tally;

pub(super) use fold::{PassedOn, run};
pub(super) use one_way::OneWay;

/// One cell of the one-way tallies, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OneWayCell {
    /// Round.
    pub round: RoundId,
    /// Agency.
    pub agency: AgencyId,
    /// Stream.
    pub stream: Stream,
    /// By what.
    pub dimension: Dimension,
    /// Stratum, or outside, or unknown.
    pub stratum: StratumId,
    /// Value in the dimension.
    pub value: i32,
}

impl OneWayCell {
    fn new(
        round: i32,
        agency: i32,
        stream: i16,
        dimension: Dimension,
        stratum: i32,
        value: i32,
    ) -> Result<Self, StoreError> {
        let unknown = || StoreError::Inconsistent(format!("a one-way tally has the unknown stream {stream}"));
        Ok(Self {
            round: RoundId(round),
            agency: AgencyId(agency),
            stream: Stream::from_code(stream).ok_or_else(unknown)?,
            dimension,
            stratum: StratumId(stratum),
            value,
        })
    }

    /// The cell of a row that begins with the columns of the key.
    fn of_row(row: &QueryResult) -> Result<Self, StoreError> {
        let code: i16 = row.try_get_by_index(3)?;
        let unknown = || StoreError::Inconsistent(format!("a one-way tally has the unknown dimension {code}"));
        let dimension = Dimension::from_code(code).ok_or_else(unknown)?;
        let stream = row.try_get_by_index(2)?;
        let stratum = row.try_get_by_index(4)?;
        Self::new(
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            stream,
            dimension,
            stratum,
            row.try_get_by_index(5)?,
        )
    }
}

impl std::fmt::Display for OneWayCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { round, agency, stream, dimension, stratum, value } = self;
        let (stream, dimension) = (stream.word(), dimension.to_string());
        write!(
            f,
            "round {} agency {} stratum {} stream {stream} dimension {dimension} value ",
            round.0, agency.0, stratum.0
        )?;
        match self.dimension {
            Dimension::Month => {
                let (year, month) = crate::domain::days::year_and_month(*value);
                write!(f, "{year}-{month:02}")
            }
            _ => write!(f, "{value}"),
        }
    }
}

/// The columns of the key, in its order.
const KEY: &str = "round_id, agency_id, stream, dimension, stratum_id, value";

impl Store {
    /// One agency by one dimension in one stream.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a round that does not exist.
    pub async fn breakdown(
        &self,
        round: RoundId,
        agency: AgencyId,
        stream: Stream,
        dimension: Dimension,
    ) -> Result<Breakdown, StoreError> {
        let round = self.round_for_breakdown(round).await?;
        self.read_breakdown(&round, &[agency], stream, dimension).await
    }

    /// All agencies of a round by one dimension in one stream: some thousand rows. For figures of the city.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a round that does not exist.
    pub async fn breakdown_of_round(
        &self,
        round: RoundId,
        stream: Stream,
        dimension: Dimension,
    ) -> Result<Breakdown, StoreError> {
        let round = self.round_for_breakdown(round).await?;
        let mut agencies: Vec<AgencyId> = round.agencies.keys().copied().collect();
        agencies.sort_unstable();
        self.read_breakdown(&round, &agencies, stream, dimension).await
    }

    /// The version of the one-way tallies; pages that show them are good until it moves.
    pub async fn breakdown_version(&self) -> Result<i64, StoreError> {
        let sql = "SELECT version FROM fold_state WHERE id = 2";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![])).await?;
        let row = row.ok_or_else(|| StoreError::Inconsistent("fold_state has no second row".to_owned()))?;
        Ok(row.try_get_by_index(0)?)
    }

    async fn round_for_breakdown(&self, id: RoundId) -> Result<Arc<RoundContext>, StoreError> {
        self.round(id).await?.ok_or_else(|| StoreError::Refused("the round does not exist".to_owned()))
    }

    async fn read_breakdown(
        &self,
        round: &RoundContext,
        agencies: &[AgencyId],
        stream: Stream,
        dimension: Dimension,
    ) -> Result<Breakdown, StoreError> {
        // One statement, so that version and rows are of one moment. An empty list of agencies asks for none.
        let places = if agencies.is_empty() { "NULL".to_owned() } else { vec!["?"; agencies.len()].join(", ") };
        let sql = format!(
            "SELECT s.version, s.folded_at, b.agency_id, b.stratum_id, b.value, b.counts FROM fold_state s \
             LEFT JOIN breakdown b ON b.round_id = ? AND b.stream = ? AND b.dimension = ? AND b.agency_id IN ({places}) \
             WHERE s.id = 2"
        );
        let values: Vec<Value> = [round.round.id.0.into(), stream.code().into(), dimension.code().into()]
            .into_iter()
            .chain(agencies.iter().map(|a| a.0.into()))
            .collect();
        let mut breakdown = Breakdown { dimension, stream, version: 0, folded_at: 0, rows: vec![] };
        for row in self.reader().query_all_raw(statement(self.backend(), &sql, values)).await? {
            breakdown.version = row.try_get_by_index(0)?;
            breakdown.folded_at = row.try_get_by_index(1)?;
            let Some(agency) = row.try_get_by_index::<Option<i32>>(2)? else { continue };
            let (stratum, value): (i32, i32) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
            let counts: Vec<u8> = row.try_get_by_index(5)?;
            let tally = Tally::unpack(&round.shape, &counts).ok_or_else(|| {
                StoreError::Inconsistent(format!("agency {agency} by {dimension}, value {value}: cannot be read"))
            })?;
            if !tally.is_zero() {
                breakdown.rows.push(Row { agency: AgencyId(agency), stratum: StratumId(stratum), value, tally });
            }
        }
        breakdown.rows.sort_by_key(|row| (row.agency, row.stratum, row.value));
        Ok(breakdown)
    }
}

/// All one-way tallies, and the cells whose counts cannot be read.
pub(super) async fn read_all<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    rounds: &[Arc<RoundContext>],
) -> Result<(BTreeMap<OneWayCell, Tally>, Vec<OneWayCell>), StoreError> {
    let sql = format!("SELECT {KEY}, counts FROM breakdown");
    let mut cells = BTreeMap::new();
    let mut unreadable = vec![];
    for row in db.query_all_raw(statement(backend, &sql, vec![])).await? {
        let cell = OneWayCell::of_row(&row)?;
        let counts: Vec<u8> = row.try_get_by_index(6)?;
        let round = rounds.iter().find(|r| r.round.id == cell.round);
        match round.and_then(|r| Tally::unpack(&r.one_way_shape, &counts)) {
            Some(tally) => {
                cells.insert(cell, tally);
            }
            None => unreadable.push(cell),
        }
    }
    Ok((cells, unreadable))
}

/// Adds to the rows of the table, which the caller has locked: reads what is there for the agencies, and writes what
/// has changed.
async fn add_to_rows<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    rounds: &[Arc<RoundContext>],
    mut changes: BTreeMap<OneWayCell, Tally>,
) -> Result<(), StoreError> {
    let mut agencies: Vec<(RoundId, AgencyId)> = changes.keys().map(|cell| (cell.round, cell.agency)).collect();
    agencies.dedup();
    for of_round in agencies.chunk_by(|a, b| a.0 == b.0) {
        for chunk in chunks(of_round) {
            let Some((round, _)) = chunk.first() else { continue };
            let prefix = format!("SELECT {KEY}, counts FROM breakdown WHERE round_id = {} AND agency_id", round.0);
            let ids = chunk.iter().map(|(_, agency)| agency.0.into()).collect();
            for row in db.query_all_raw(within(backend, &prefix, "", ids)).await? {
                let cell = OneWayCell::of_row(&row)?;
                let Some(change) = changes.get_mut(&cell) else { continue };
                let counts: Vec<u8> = row.try_get_by_index(6)?;
                let shape = rounds.iter().find(|r| r.round.id == cell.round).map(|r| &r.one_way_shape);
                let there = shape.and_then(|s| Tally::unpack(s, &counts));
                let there = there.ok_or_else(|| StoreError::Inconsistent(format!("{cell}: cannot be read")))?;
                change.merge(&there);
            }
        }
    }
    write_rows(db, backend, &changes).await
}

/// Writes these rows, in the place of what is there.
async fn write_rows<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    cells: &BTreeMap<OneWayCell, Tally>,
) -> Result<(), StoreError> {
    let rows: Vec<(&OneWayCell, &Tally)> = cells.iter().collect();
    let columns: Vec<&str> = KEY.split(", ").chain(["counts"]).collect();
    let suffix = format!("ON CONFLICT ({KEY}) DO UPDATE SET counts = excluded.counts");
    for chunk in chunks(&rows) {
        let values = chunk.iter().flat_map(|(cell, tally)| row_values(cell, tally)).collect();
        db.execute_raw(insert(backend, "breakdown", &columns, chunk.len(), &suffix, values)).await?;
    }
    Ok(())
}

fn row_values(cell: &OneWayCell, tally: &Tally) -> [Value; 7] {
    [
        cell.round.0.into(),
        cell.agency.0.into(),
        cell.stream.code().into(),
        cell.dimension.code().into(),
        cell.stratum.0.into(),
        cell.value.into(),
        tally.pack().into(),
    ]
}

/// Takes the lock of the one-way tallies among processes; on SQLite the transaction is the lock.
async fn lock<C: ConnectionTrait>(db: &C, backend: DbBackend) -> Result<(), StoreError> {
    if backend == DbBackend::Postgres {
        db.query_one_raw(statement(backend, "SELECT version FROM fold_state WHERE id = 2 FOR UPDATE", vec![])).await?;
    }
    Ok(())
}

/// Moves the version of the one-way tallies.
async fn bump<C: ConnectionTrait>(db: &C, backend: DbBackend, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE fold_state SET version = version + 1, folded_at = ? WHERE id = 2";
    db.execute_raw(statement(backend, sql, vec![now.into()])).await?;
    Ok(())
}
