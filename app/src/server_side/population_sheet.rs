//! The file of a round's agencies with their N, cell by cell; what its rows mean is in `domain::round::setup`.

use super::sheet::{self, Column};
use crate::domain::limits;
use crate::domain::round::setup::PopulationRow;
use crate::domain::sheet::SheetFault;

/// The columns, in any order.
pub const COLUMNS: &[Column] = &[Column::required("agency"), Column::optional("field"), Column::required("n")];

/// Reads the file.
///
/// # Errors
/// Every line and cell that cannot be read.
pub fn read(bytes: &[u8]) -> Result<Vec<PopulationRow>, Vec<SheetFault>> {
    let (rows, mut faults) = sheet::read(bytes, COLUMNS);
    let mut read = Vec::with_capacity(rows.len());
    for row in &rows {
        match row.text("agency", limits::CODE_BYTES) {
            Ok(code) => read.push(PopulationRow {
                line: row.line,
                code,
                field: row.cell("field").to_owned(),
                population: row.cell("n").to_owned(),
            }),
            Err(fault) => faults.push(fault),
        }
    }
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}
