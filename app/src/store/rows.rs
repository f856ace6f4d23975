//! Statements over many rows with few distinct texts: rows go in chunks whose sizes are powers of two, so that the
//! prepared-statement cache of the driver hits.

use std::fmt::Write as _;

use sea_orm::{DbBackend, Statement, Value};

/// Most rows of one statement; 19 columns stay well below the 32,766 parameters of SQLite.
pub(super) const MOST_ROWS: usize = 512;

/// Splits rows into chunks of 512, 256, … 1.
pub(super) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        if rows.is_empty() {
            return None;
        }
        let size = MOST_ROWS.min(1 << rows.len().ilog2());
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// `INSERT INTO table (columns) VALUES (…), (…) suffix` with the values of all rows in order.
pub(super) fn insert(
    backend: DbBackend,
    table: &str,
    columns: &[&str],
    rows: usize,
    suffix: &str,
    values: Vec<Value>,
) -> Statement {
    let mut sql = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    push_rows(&mut sql, backend, rows, columns.len(), 0);
    sql.push(' ');
    sql.push_str(suffix);
    Statement::from_sql_and_values(backend, sql, values)
}

/// Appends `(?, ?, …), (?, ?, …)`; places are numbered from `n` + 1. Returns the number of the last.
pub(super) fn push_rows(sql: &mut String, backend: DbBackend, rows: usize, columns: usize, mut n: usize) -> usize {
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                sql.push_str(", ");
            }
            n += 1;
            place(sql, backend, n);
        }
        sql.push(')');
    }
    n
}

/// `prefix IN (?, ?, …) suffix`.
pub(super) fn within(backend: DbBackend, prefix: &str, suffix: &str, values: Vec<Value>) -> Statement {
    let mut sql = format!("{prefix} IN (");
    for n in 1..=values.len() {
        if n > 1 {
            sql.push_str(", ");
        }
        place(&mut sql, backend, n);
    }
    sql.push_str(") ");
    sql.push_str(suffix);
    Statement::from_sql_and_values(backend, sql, values)
}

/// A statement written with `?`, for either database.
pub(super) fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    if backend == DbBackend::Sqlite {
        return Statement::from_sql_and_values(backend, sql, values);
    }
    let mut numbered = String::with_capacity(sql.len() + 2 * values.len());
    let mut n = 0;
    for c in sql.chars() {
        if c == '?' {
            n += 1;
            place(&mut numbered, backend, n);
        } else {
            numbered.push(c);
        }
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

fn place(sql: &mut String, backend: DbBackend, n: usize) {
    if backend == DbBackend::Postgres {
        // Writing to a String cannot fail.
        let _ = write!(sql, "${n}");
    } else {
        sql.push('?');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_powers_of_two_and_lose_nothing() {
        let rows: Vec<u32> = (0..1_300).collect();
        let sizes: Vec<usize> = chunks(&rows).map(<[u32]>::len).collect();
        assert_eq!(sizes, [512, 512, 256, 16, 4]);
        assert_eq!(chunks(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(chunks::<u32>(&[]).count(), 0);
    }

    #[test]
    fn parameters_are_numbered_for_postgresql_only() {
        let sqlite = insert(DbBackend::Sqlite, "t", &["a", "b"], 2, "", vec![]);
        assert_eq!(sqlite.sql, "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ");
        let postgres = insert(DbBackend::Postgres, "t", &["a", "b"], 2, "", vec![]);
        assert_eq!(postgres.sql, "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ");
        assert_eq!(statement(DbBackend::Postgres, "a = ? AND b = ?", vec![]).sql, "a = $1 AND b = $2");
    }
}
