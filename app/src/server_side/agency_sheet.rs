//! The file of `hailong import agencies`, cell by cell; what its rows mean together is in `domain::agency::file`.

use super::sheet::{self, Column, SheetRow};
use crate::domain::agency::Level;
use crate::domain::agency::file::{AgencyRow, code_fault};
use crate::domain::limits;
use crate::domain::sheet::{SheetFault, day};

/// The columns, in any order.
pub const COLUMNS: &[Column] = &[
    Column::required("code"),
    Column::required("name"),
    Column::required("kind"),
    Column::required("level"),
    Column::required("parent"),
    Column::required("valid_from"),
    Column::optional("valid_to"),
    Column::optional("successors"),
    Column::optional("aliases"),
];

/// Reads the file.
///
/// # Errors
/// Every cell that cannot be used.
pub fn read(bytes: &[u8]) -> Result<Vec<AgencyRow>, Vec<SheetFault>> {
    let (rows, mut faults) = sheet::read(bytes, COLUMNS);
    let mut read = Vec::with_capacity(rows.len());
    for row in &rows {
        match agency(row) {
            Ok(agency) => read.push(agency),
            Err(wrong) => faults.extend(wrong),
        }
    }
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

fn agency(row: &SheetRow) -> Result<AgencyRow, Vec<SheetFault>> {
    let code = row.text("code", limits::CODE_BYTES).and_then(|code| match code_fault(&code) {
        Some((vi, en)) => Err(row.wrong("code", vi, en)),
        None => Ok(code),
    });
    let name = row.text("name", limits::FILE_NAME_BYTES);
    let kind = row.text("kind", limits::CODE_BYTES).map(|kind| kind.to_lowercase());
    let level = row.text("level", limits::CODE_BYTES).and_then(|word| {
        level(&word).ok_or_else(|| {
            row.wrong(
                "level",
                format!("“{word}”: xin ghi thanh-pho, quan-huyen hoặc phuong-xa"),
                format!("\"{word}\": write thanh-pho, quan-huyen or phuong-xa"),
            )
        })
    });
    let valid_from = row.text("valid_from", limits::CODE_BYTES).and_then(|cell| a_day(row, "valid_from", &cell));
    let valid_to = match row.cell("valid_to") {
        "" => Ok(None),
        cell => a_day(row, "valid_to", cell).map(Some),
    };
    let aliases: Vec<String> = row.cell("aliases").split(';').map(|alias| alias.trim().to_owned()).collect();
    let aliases: Vec<String> = aliases.into_iter().filter(|alias| !alias.is_empty()).collect();
    let long = aliases.iter().any(|alias| alias.chars().count() > limits::CODE_BYTES);
    let aliases =
        if long { Err(row.wrong("aliases", "dài quá 40 ký tự", "longer than 40 letters")) } else { Ok(aliases) };
    match (code, name, kind, level, valid_from, valid_to, aliases) {
        (Ok(code), Ok(name), Ok(kind), Ok(level), Ok(valid_from), Ok(valid_to), Ok(aliases)) => Ok(AgencyRow {
            line: row.line,
            code,
            name,
            kind,
            level,
            parent: row.cell("parent").to_owned(),
            valid_from,
            valid_to,
            successors: row.list("successors"),
            aliases,
        }),
        (code, name, kind, level, valid_from, valid_to, aliases) => {
            Err([code.err(), name.err(), kind.err(), level.err(), valid_from.err(), valid_to.err(), aliases.err()]
                .into_iter()
                .flatten()
                .collect())
        }
    }
}

fn level(word: &str) -> Option<Level> {
    match word {
        "thanh-pho" | "city" => Some(Level::City),
        "quan-huyen" | "district" => Some(Level::District),
        "phuong-xa" | "commune" => Some(Level::Commune),
        _ => None,
    }
}

fn a_day(row: &SheetRow, column: &str, cell: &str) -> Result<i32, SheetFault> {
    day(cell).ok_or_else(|| {
        row.wrong(
            column,
            format!("“{cell}” không phải ngày; xin ghi 2018-11-12 hoặc 12/11/2018"),
            format!("\"{cell}\" is no day; write 2018-11-12 or 12/11/2018"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Lang;

    #[test]
    fn the_file_in_the_manual_is_read() {
        let rows = read(include_bytes!("../../../docs/co-quan-mau.csv")).expect("good");
        assert!(rows.iter().any(|row| row.kind == "bệnh viện" && row.parent == "so-y-te"));
        assert!(crate::domain::agency::file::plan(&std::collections::HashMap::new(), &rows).is_ok());
    }

    #[test]
    fn every_cell_that_cannot_be_used_is_named() {
        let file = "code,name,kind,level,parent,valid_from\n\
                    BV A,,bệnh viện,tỉnh,so-y-te,hôm qua\n\
                    bv-b,Bệnh viện B,Bệnh viện,thanh-pho,so-y-te,01/01/2018\n";
        let said: Vec<String> =
            read(file.as_bytes()).expect_err("refused").iter().map(|fault| fault.words(Lang::En)).collect();
        assert_eq!(said.len(), 4, "{said:#?}");
        for (said, start) in said.iter().zip([
            "line 2, column code: only small",
            "line 2, column name: empty",
            "line 2, column level: \"tỉnh\"",
            "line 2, column valid_from: \"hôm qua\" is no day",
        ]) {
            assert!(said.starts_with(start), "{said}");
        }
    }
}
