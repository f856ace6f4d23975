//! One-way tables of an agency: month, desk, field, mode, language, and facts about the respondent. Never crossed. One
//! disclosure pass lays out each table, and while figures move a table moves only in steps, so that what was shown last
//! is an argument.

use std::collections::BTreeMap;

use super::agency_model::result_of;
use super::covered::Seen;
use crate::domain::breakdown::{Breakdown, Dimension};
use crate::domain::disclosure::{self, Count, Counts, Layout, Past, Table, TablesPattern, Told};
use crate::domain::ids::AgencyId;
use crate::domain::index::{self, Parts};
use crate::domain::response::Stream;
use crate::domain::tally::Tally;
use crate::domain::text::Lang;
use crate::pages::results::shown::Shown;
use crate::pages::results::solve::{Results, Solved, told};
use crate::pages::results::words;

/// What is shown of the tables of one agency in one stream, to be held against what comes later.
#[derive(Clone, Debug)]
pub struct Kept {
    tables: Vec<Table>,
    pattern: TablesPattern,
    lines: Vec<OneWay>,
}

/// One table before it is put into words.
#[derive(Clone, Debug, PartialEq)]
struct OneWay {
    dimension: Dimension,
    /// The values by their positions in the table; new ones stand behind, so that positions never change.
    values: Vec<i32>,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    values: Vec<i32>,
    told: Told,
    figure: Shown,
    factors: Option<(usize, usize)>,
}

/// A table as a page prints it.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakdownTable {
    /// "Tháng".
    pub title: String,
    /// Its lines.
    pub lines: Vec<BreakdownLine>,
}

impl BreakdownTable {
    /// Something is kept back, so that the note must stand on the page.
    pub fn hides_something(&self) -> bool {
        self.lines.iter().any(|line| !matches!(line.told, Told::Count(Count::Exactly(_))))
    }
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakdownLine {
    /// Name of the value, or of several that were merged.
    pub name: String,
    /// How many.
    pub told: Told,
    /// The index of those.
    pub figure: Shown,
    /// "trên 4/5 yếu tố", where some are missing.
    pub note: Option<String>,
}

/// The next version of the tables; none where the round has no such agency. `breakdowns` are those of the agency in the
/// stream, one a dimension.
pub fn step(
    now: &Seen<'_>,
    agency: AgencyId,
    stream: Stream,
    breakdowns: &[Breakdown],
    past: Option<&Kept>,
) -> Option<Kept> {
    let zero = Tally::zero(now.data.shape);
    let solved = Solved::new(&now.data, now.collected, stream, &zero);
    let counts = match &solved.results {
        Results::Probability(results) => Counts::of(agency, &result_of(results, agency)?.figures),
        Results::Voluntary(results) => {
            let result = results.iter().find(|r| r.agency == agency)?;
            Counts { agency, n: result.n, factors: Vec::new(), criteria: Vec::new() }
        }
    };
    let voluntary = matches!(solved.results, Results::Voluntary(_));
    let (mut tables, mut values) = (Vec::new(), Vec::new());
    for breakdown in breakdowns {
        let found = of_values(now, agency, breakdown, voluntary);
        let mut order = kept_values(past, breakdown.dimension);
        order.extend(breakdown.values().into_iter().filter(|v| !order.contains(v)).collect::<Vec<_>>());
        let n = |value: &i32| found.get(value).map_or(0, |(n, _, _)| *n);
        tables.push(Table { dimension: described(breakdown.dimension), counts: vec![order.iter().map(n).collect()] });
        values.push(order);
    }
    let before = past.map(|past| Past { pattern: &past.pattern, tables: &past.tables });
    let (stepped, pattern) = disclosure::step_tables(&[counts], solved.pattern(), &tables, before);
    let all = breakdowns.iter().zip(&stepped).zip(&tables).zip(values);
    let lines = all
        .map(|(((breakdown, shown), fresh), values)| {
            let layout = pattern.agency(&shown.dimension.key, agency);
            let old = past.and_then(|past| past.lines.iter().find(|t| t.dimension == breakdown.dimension));
            let counts = shown.counts.first().map_or(&[][..], Vec::as_slice);
            let moved = old.is_none() || (shown.counts == fresh.counts && !unmoved(past, shown));
            let lines = match old {
                Some(old) if !moved && *layout != Layout::Hidden => old.lines.clone(),
                _ => laid_out(now, agency, breakdown, voluntary, layout, &values, counts),
            };
            OneWay { dimension: breakdown.dimension, values, lines }
        })
        .collect();
    Some(Kept { tables: stepped, pattern, lines })
}

/// Whether a table has the counts that were shown last.
fn unmoved(past: Option<&Kept>, shown: &Table) -> bool {
    let was = past.and_then(|past| past.tables.iter().find(|t| t.dimension.key == shown.dimension.key));
    was.is_some_and(|was| was.counts == shown.counts)
}

fn kept_values(past: Option<&Kept>, dimension: Dimension) -> Vec<i32> {
    let table = past.and_then(|past| past.lines.iter().find(|table| table.dimension == dimension));
    table.map_or_else(Vec::new, |table| table.values.clone())
}

fn described(dimension: Dimension) -> disclosure::Dimension {
    disclosure::Dimension {
        key: dimension.to_string(),
        ordered: dimension == Dimension::Month,
        personal: matches!(dimension, Dimension::Respondent(_)),
        of_totals: false,
    }
}

/// n, index, and factors that count of how many, where some are missing.
type Value = (i64, Shown, Option<(usize, usize)>);

/// What every value says.
fn of_values(now: &Seen<'_>, agency: AgencyId, breakdown: &Breakdown, voluntary: bool) -> BTreeMap<i32, Value> {
    let data = &now.data;
    let missing = |counted: usize, all: usize| (counted < all).then_some((counted, all));
    if voluntary {
        let values = index::open_by_value(data.shape, data.method, agency, data.strata, breakdown);
        let line = |of: index::OfValue<index::OpenResult>| {
            let answers = of.figures.factors.iter().map(|f| (f.n_satisfied, f.n_answered));
            let figure = told(Shown::from(of.figures.index), answers, of.figures.n, of.figures.n >= LEAST);
            (of.value, (of.figures.n, figure, missing(of.figures.factors_counted, of.figures.factors.len())))
        };
        return values.into_iter().map(line).collect();
    }
    let parts = Parts::new(data.strata.iter().filter(|s| s.agency == agency), breakdown);
    let line = |of: index::OfValue<index::Figures>| {
        let figures = &of.figures;
        let answers = figures.factors.iter().map(|f| (f.n_satisfied, f.n_answered));
        let figure = told(Shown::from(figures.index()), answers, figures.n, figures.n >= LEAST);
        (of.value, (figures.n, figure, missing(figures.overall.factors_counted, figures.overall.n_factors)))
    };
    index::by_value(data.shape, data.method, &parts).into_iter().map(line).collect()
}

const LEAST: i64 = disclosure::LEAST_RESPONDENTS;

/// The lines of a layout with the figures of those whose number is told; neighbours that stand together are one.
fn laid_out(
    now: &Seen<'_>,
    agency: AgencyId,
    breakdown: &Breakdown,
    voluntary: bool,
    layout: &Layout,
    values: &[i32],
    counts: &[i64],
) -> Vec<Line> {
    let lines = layout.lines(counts);
    let of_line = |line: &disclosure::Line| -> Vec<i32> {
        line.categories.iter().filter_map(|at| values.get(*at).copied()).collect()
    };
    let mut together = breakdown.clone();
    for line in &lines {
        let of_line = of_line(line);
        let Some(first) = of_line.first() else { continue };
        for row in together.rows.iter_mut().filter(|row| of_line.contains(&row.value)) {
            row.value = *first;
        }
    }
    merge_rows(&mut together);
    let found = of_values(now, agency, &together, voluntary);
    let line = |line: &disclosure::Line| {
        let values = of_line(line);
        let of_first = values.first().and_then(|first| found.get(first));
        let (figure, factors) = match (line.told, of_first) {
            (Told::Count(Count::Exactly(n)), Some((_, figure, factors))) if n >= LEAST => (figure.clone(), *factors),
            _ => (Shown::Hidden, None),
        };
        Line { values, told: line.told, figure, factors }
    };
    // A value that nobody has is no line.
    lines.iter().map(line).filter(|line| line.told != Told::Count(Count::Exactly(0))).collect()
}

/// Rows of one stratum and value as one.
fn merge_rows(breakdown: &mut Breakdown) {
    breakdown.rows.sort_by_key(|row| (row.agency, row.stratum, row.value));
    breakdown.rows.dedup_by(|next, kept| {
        let same = (next.agency, next.stratum, next.value) == (kept.agency, kept.stratum, kept.value);
        if same {
            kept.tally.merge(&next.tally);
        }
        same
    });
}

/// The tables in words. `desks` are the names of desks by their keys.
pub fn in_words(kept: &Kept, now: &Seen<'_>, desks: &BTreeMap<i32, String>, lang: Lang) -> Vec<BreakdownTable> {
    let data = &now.data;
    let name =
        |dimension: Dimension, value: i32| match dimension.value_title(value, data.questionnaire, &data.round.fields) {
            Some(title) => title.get(lang).to_owned(),
            None => desks.get(&value).cloned().unwrap_or_else(|| value.to_string()),
        };
    let table = |table: &OneWay| {
        let line = |line: &Line| BreakdownLine {
            name: line.values.iter().map(|value| name(table.dimension, *value)).collect::<Vec<_>>().join(", "),
            told: line.told,
            figure: line.figure.clone(),
            note: line
                .factors
                .filter(|_| line.figure.value().is_some())
                .map(|(counted, of)| words::factors(counted, of, lang)),
        };
        BreakdownTable {
            title: table.dimension.title(data.questionnaire).get(lang).to_owned(),
            lines: table.lines.iter().map(line).collect(),
        }
    };
    // A table of one line says nothing that the agency's figure does not say.
    kept.lines.iter().filter(|t| t.lines.len() > 1).map(table).collect()
}
