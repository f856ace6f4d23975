//! Recount: the tallies computed again from the responses, and compared.

use std::collections::BTreeMap;

use futures::TryStreamExt as _;
use sea_orm::{AccessMode, ConnectionTrait, DbBackend, IsolationLevel, StreamTrait, TransactionTrait};

use super::contribution::Contribution;
use super::rows::statement;
use super::tallies::{Cell, read_tallies};
use super::{Store, StoreError};
use crate::domain::answer::Sheet;
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::{Mode, Standing, Stream};
use crate::domain::tally::Tally;

/// A cell whose tally is not what its responses say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub cell: Cell,
    /// How many responses the tally has.
    pub tally_n: i64,
    /// How many there are.
    pub responses_n: i64,
}

/// The result of a recount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// Responses read.
    pub responses: u64,
    /// Changes that are committed and not folded yet; they were added before the comparison.
    pub pending: u64,
    /// Cells that differ.
    pub differences: Vec<Difference>,
}

impl Store {
    /// Counts everything again in one snapshot, beside a running server.
    pub async fn recount(&self) -> Result<Recount, StoreError> {
        let backend = self.backend();
        let tx = match backend {
            DbBackend::Postgres => {
                self.reader()
                    .begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly))
                    .await?
            }
            // A deferred transaction on SQLite reads one snapshot from its first statement on.
            _ => self.reader().begin().await?,
        };
        let rounds = self.load_rounds(&tx).await?;
        let find = |id: RoundId| rounds.iter().find(|r| r.round.id == id);
        let mut said: BTreeMap<Cell, Tally> =
            read_tallies(&tx, backend, &rounds).await?.cells.into_iter().map(|(c, t)| (c, (*t).clone())).collect();
        let mut recount = Recount::default();
        let add = |cells: &mut BTreeMap<Cell, Tally>, cell: Cell, sheet: &[u8], sign: i64| {
            let unreadable = || StoreError::Inconsistent(format!("a response of {cell:?} cannot be read"));
            let round = find(cell.round).ok_or_else(unreadable)?;
            let sheet = Sheet::unpack(sheet, &round.questionnaire).ok_or_else(unreadable)?;
            cells.entry(cell).or_insert_with(|| Tally::zero(&round.shape)).add(&round.shape, &sheet, sign, true);
            Ok::<_, StoreError>(())
        };
        for row in tx.query_all_raw(statement(backend, "SELECT changes FROM delta ORDER BY id", vec![])).await? {
            let changes: Vec<u8> = row.try_get_by_index(0)?;
            let changes = Contribution::read_all(&changes)
                .ok_or_else(|| StoreError::Inconsistent("a delta row cannot be read".to_owned()))?;
            for change in changes {
                add(&mut said, change.cell, &change.sheet, change.sign.into())?;
                recount.pending += 1;
            }
        }
        let mut counted: BTreeMap<Cell, Tally> = BTreeMap::new();
        {
            let sql = "SELECT round_id, agency_id, stratum_id, stream, mode, standing, sheet FROM response";
            let mut rows = tx.stream_raw(statement(backend, sql, vec![])).await?;
            while let Some(row) = rows.try_next().await? {
                let damaged =
                    || StoreError::Inconsistent("a response has an unknown stream, mode or standing".to_owned());
                let cell = Cell {
                    round: RoundId(row.try_get_by_index(0)?),
                    agency: AgencyId(row.try_get_by_index(1)?),
                    stratum: StratumId(row.try_get_by_index(2)?),
                    stream: Stream::from_code(row.try_get_by_index(3)?).ok_or_else(damaged)?,
                    mode: Mode::from_code(row.try_get_by_index(4)?).ok_or_else(damaged)?,
                    standing: Standing::from_code(row.try_get_by_index(5)?).ok_or_else(damaged)?,
                };
                let sheet: Vec<u8> = row.try_get_by_index(6)?;
                add(&mut counted, cell, &sheet, 1)?;
                recount.responses += 1;
            }
        }
        tx.rollback().await?;
        let cells: std::collections::BTreeSet<Cell> = said.keys().chain(counted.keys()).copied().collect();
        for cell in cells {
            let (said, counted) = (said.get(&cell), counted.get(&cell));
            let same = match (said, counted) {
                (Some(said), Some(counted)) => said == counted,
                (Some(one), None) | (None, Some(one)) => one.is_zero(),
                (None, None) => true,
            };
            if !same {
                recount.differences.push(Difference {
                    cell,
                    tally_n: said.map_or(0, Tally::n),
                    responses_n: counted.map_or(0, Tally::n),
                });
            }
        }
        Ok(recount)
    }
}
