//! One-way tables of respondents (month, desk, lĩnh vực, mode, language, a fact about the respondent), per agency and
//! for the totals above them: what of each is shown.
//!
//! A table is laid out in *blocks* whose sums are known: a category alone, neighbours merged (ordered categories), or
//! those that are kept back ("< 5", "ẩn"). An agency's layout depends on its own counts only, so that what others
//! answered never moves it. The tables of totals are then made coarser until no agency can be worked out (`audit`).
//! Sensitive facts (phiền hà, nộp thêm tiền) have no such table: they are answers, shown per agency and round.

use serde::{Deserialize, Serialize};

use super::audit::{self, Row, Total};
use super::category::Count;
use super::suppress::sum;
use super::{Counts, LEAST_RESPONDENTS, Pattern};
use crate::domain::ids::AgencyId;

/// A share of answers from which on it is only said that it is so high.
const NEARLY_ALL: f64 = 0.95;
/// From this number on "≥ 95 %" leaves a person's answer open; below it says that all gave it.
const NEARLY_ALL_FROM: i64 = 20;
/// What was kept back may be shown when every category of it grew by this much since: then each earlier version still
/// allows any number from 1 to 4.
const OPENS_AFTER: i64 = LEAST_RESPONDENTS - 2;
/// A table moves when it grew by this part of itself: small steps would keep for ever closed what was once kept back.
const STEP_OF_TABLE: i64 = 4;

/// What a table counts by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// "month", "desk", "field", "mode", "language", or the code of a question about the respondent.
    pub key: String,
    /// Categories have an order, so that neighbours may be merged (months, age groups).
    pub ordered: bool,
    /// Tells something of a person, so that "all of them" is not said.
    pub personal: bool,
    /// Levels and the city show it too. Never for desks, whose categories are not the same.
    pub of_totals: bool,
}

/// The counts of one dimension: for each agency, in the order of the round, one a category. Respondents without an
/// answer are a category too, so that each row adds up to the agency's n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it counts by.
    pub dimension: Dimension,
    /// Agency by agency.
    pub counts: Vec<Vec<i64>>,
}

impl Table {
    fn row(&self, agency: usize) -> &[i64] {
        self.counts.get(agency).map_or(&[], Vec::as_slice)
    }

    /// The counts of several agencies together.
    pub fn total(&self, members: &[usize]) -> Vec<i64> {
        let categories = members.iter().map(|m| self.row(*m).len()).max().unwrap_or(0);
        (0..categories).map(|c| members.iter().filter_map(|m| self.row(*m).get(c)).sum()).collect()
    }
}

/// How a block of categories is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One category, with its count.
    Exact,
    /// Neighbours, with their sum.
    Merged,
    /// Each of 1 to 4 reads "< 5", the others "ẩn".
    Few,
    /// All read "ẩn".
    Kept,
}

/// Categories whose sum is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Positions of the categories.
    pub categories: Vec<usize>,
    /// How they are told.
    pub kind: Kind,
}

/// What is shown of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Nothing ("ẩn").
    Hidden,
    /// All gave one answer: "≥ 95 %" there, "≤ 5 %" elsewhere.
    OneAnswer(usize),
    /// These blocks, which hold every category once.
    Blocks(Vec<Block>),
}

/// What a cell may say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A count, "< 5" or "ẩn".
    Count(Count),
    /// "≥ 95 %".
    AtLeast(f64),
    /// "≤ 5 %".
    AtMost(f64),
}

/// One printed line of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The categories it stands for, neighbours together.
    pub categories: Vec<usize>,
    /// What is said.
    pub told: Told,
}

impl Layout {
    /// The lines of a table with these counts.
    pub fn lines(&self, counts: &[i64]) -> Vec<Line> {
        let line = |category: usize, told: Told| Line { categories: vec![category], told };
        match self {
            Self::Hidden => (0..counts.len()).map(|c| line(c, Told::Count(Count::Hidden))).collect(),
            Self::OneAnswer(at) => (0..counts.len())
                .map(|c| line(c, if c == *at { Told::AtLeast(NEARLY_ALL) } else { Told::AtMost(1.0 - NEARLY_ALL) }))
                .collect(),
            Self::Blocks(blocks) => {
                let mut lines: Vec<Line> = blocks.iter().flat_map(|block| block_lines(block, counts)).collect();
                lines.sort_by(|a, b| a.categories.cmp(&b.categories));
                lines
            }
        }
    }

    /// The same with "ẩn" in the place of "< 5".
    fn without_few(self) -> Self {
        let Self::Blocks(mut blocks) = self else { return self };
        for block in blocks.iter_mut().filter(|block| block.kind == Kind::Few) {
            block.kind = Kind::Kept;
        }
        Self::Blocks(blocks)
    }

    /// Whether something is kept back, so that the note must stand on the page.
    pub fn hides_something(&self) -> bool {
        match self {
            Self::Blocks(blocks) => blocks.iter().any(|block| block.kind != Kind::Exact),
            _ => true,
        }
    }

    /// The block of each category; those of a table that is not shown are in one.
    fn block_of(&self, categories: usize) -> Vec<usize> {
        let mut block_of = vec![0; categories];
        if let Self::Blocks(blocks) = self {
            for (at, block) in blocks.iter().enumerate() {
                for category in &block.categories {
                    if let Some(slot) = block_of.get_mut(*category) {
                        *slot = at;
                    }
                }
            }
        }
        block_of
    }

    /// The least that was said of a category with these counts: it has not become less, and who looks back knows it.
    fn least(&self, category: usize, counts: &[i64]) -> i64 {
        match self {
            Self::OneAnswer(at) if *at == category => (NEARLY_ALL * counts.iter().sum::<i64>() as f64).ceil() as i64,
            _ if self.shows_exactly(category) => counts.get(category).copied().unwrap_or(0),
            _ => 0,
        }
    }

    pub(super) fn shows_exactly(&self, category: usize) -> bool {
        matches!(self, Self::Blocks(blocks)
            if blocks.iter().any(|b| b.kind == Kind::Exact && b.categories.contains(&category)))
    }
}

fn block_lines(block: &Block, counts: &[i64]) -> Vec<Line> {
    let count = |category: &usize| counts.get(*category).copied().unwrap_or(0);
    if matches!(block.kind, Kind::Exact | Kind::Merged) {
        let told = Told::Count(Count::Exactly(sum(counts, &block.categories)));
        return vec![Line { categories: block.categories.clone(), told }];
    }
    let told = |category: &usize| match block.kind {
        Kind::Few if few(count(category)) => Count::Few,
        _ => Count::Hidden,
    };
    block.categories.iter().map(|c| Line { categories: vec![*c], told: Told::Count(told(c)) }).collect()
}

/// What is shown of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionPattern {
    /// Which one.
    pub key: String,
    agencies: Vec<(AgencyId, Layout)>,
    totals: Vec<Layout>,
}

/// What is shown of all one-way tables of a stream; stored at the freeze.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablesPattern {
    dimensions: Vec<DimensionPattern>,
}

impl TablesPattern {
    /// What is shown of an agency's table; what was not decided on is hidden.
    pub fn agency(&self, key: &str, agency: AgencyId) -> &Layout {
        let found = self.dimension(key).and_then(|d| d.agencies.iter().find(|(id, _)| *id == agency));
        found.map_or(&Layout::Hidden, |(_, layout)| layout)
    }

    /// What is shown of the table of a total, by its position.
    pub fn total(&self, key: &str, position: usize) -> &Layout {
        self.dimension(key).and_then(|d| d.totals.get(position)).unwrap_or(&Layout::Hidden)
    }

    fn dimension(&self, key: &str) -> Option<&DimensionPattern> {
        self.dimensions.iter().find(|d| d.key == key)
    }

    /// Puts another layout in the place of the one that was decided, for a test of the attacker.
    #[cfg(test)]
    pub(super) fn agencies_for_test(&mut self, key: &str, agency: usize, layout: Layout) {
        let dimension = self.dimensions.iter_mut().find(|d| d.key == key).unwrap();
        dimension.agencies[agency].1 = layout;
    }
}

/// What was shown last in a round whose figures move.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// The pattern.
    pub pattern: &'a TablesPattern,
    /// The counts it was shown with, agencies in the same order.
    pub tables: &'a [Table],
}

/// Decides on all one-way tables of a stream, for all agencies, totals and roles at once. `pattern` is what was decided
/// on the figures of the same agencies and totals, `past` what was shown while figures moved.
pub fn decide_tables(
    agencies: &[Counts],
    totals: &[Vec<usize>],
    pattern: &Pattern,
    tables: &[Table],
    past: Option<Past<'_>>,
) -> TablesPattern {
    let decide = |table: &Table| decide_table(agencies, totals, pattern, table, past);
    TablesPattern { dimensions: tables.iter().map(decide).collect() }
}

/// The next version of the tables of agencies while figures move: each is renewed only when it may be, see
/// [`may_replace_table`], and stays as it was until then. Returns what is shown, counts and pattern, to be kept as the
/// `past` of the next version and of the freeze. Totals have no tables yet: two versions of a city's table, between
/// which one agency moved, would be a table of that agency.
pub fn step_tables(
    agencies: &[Counts],
    pattern: &Pattern,
    now: &[Table],
    past: Option<Past<'_>>,
) -> (Vec<Table>, TablesPattern) {
    let mut fresh = decide_tables(agencies, &[], pattern, now, past);
    let mut tables = now.to_vec();
    for (table, decided) in tables.iter_mut().zip(&mut fresh.dimensions) {
        let key = table.dimension.key.clone();
        let before = past.and_then(|p| Some((p.pattern, p.tables.iter().find(|t| t.dimension.key == key)?)));
        for (at, (row, (agency, layout))) in table.counts.iter_mut().zip(&mut decided.agencies).enumerate() {
            let old = before.map(|(pattern, table)| (table.row(at), pattern.agency(&key, *agency)));
            match old.filter(|(was, _)| was.iter().sum::<i64>() > 0) {
                // A table that was never shown has no past.
                None if *layout == Layout::Hidden => row.fill(0),
                None => {}
                Some((was, shown)) => {
                    let replaces = *layout != Layout::Hidden
                        && may_replace_table(was, shown, row)
                        && may_replace_table(was, layout, row);
                    if !replaces {
                        *row = was.to_vec();
                        let hidden = pattern.agency(*agency).is_none_or(|figures| !figures.shown);
                        *layout = if hidden { Layout::Hidden } else { shown.clone() };
                    }
                }
            }
        }
    }
    (tables, fresh)
}

/// Whether a newer table of one agency may take the place of the one that is shown: it grew by a quarter and 5, and
/// every sum that both versions tell is the same or differs by enough people that none of them stands out.
pub fn may_replace_table(shown: &[i64], layout: &Layout, now: &[i64]) -> bool {
    let (before, after): (i64, i64) = (shown.iter().sum(), now.iter().sum());
    if after.abs_diff(before) < LEAST_RESPONDENTS.max(before / STEP_OF_TABLE).unsigned_abs() {
        return false;
    }
    let Layout::Blocks(blocks) = layout else { return true };
    blocks.iter().all(|block| {
        let moved = sum(now, &block.categories).abs_diff(sum(shown, &block.categories));
        let count = |counts: &[i64], c: &usize| counts.get(*c).copied().unwrap_or(0);
        let new_few = block.categories.iter().filter(|c| few(count(now, c)) && !few(count(shown, c))).count() as u64;
        // Each category that is few only now may be any number from 1 to 4, the others of them at least 1.
        moved == 0 && new_few == 0 || moved >= (LEAST_RESPONDENTS.unsigned_abs() - 1) + new_few.max(1)
    })
}

fn few(count: i64) -> bool {
    (1..LEAST_RESPONDENTS).contains(&count)
}

fn decide_table(
    agencies: &[Counts],
    totals: &[Vec<usize>],
    pattern: &Pattern,
    table: &Table,
    past: Option<Past<'_>>,
) -> DimensionPattern {
    let dimension = &table.dimension;
    let before = past.and_then(|past| {
        let counts = past.tables.iter().find(|t| t.dimension.key == dimension.key)?;
        Some((past.pattern, counts))
    });
    let shown = |a: &Counts| pattern.agency(a.agency).is_some_and(|row| row.shown);
    let layouts: Vec<(AgencyId, Layout)> = agencies
        .iter()
        .enumerate()
        .map(|(at, agency)| {
            if !shown(agency) {
                return (agency.agency, Layout::Hidden);
            }
            let before = before
                .map(|(pattern, counts)| (pattern.agency(&dimension.key, agency.agency), counts.row(at)))
                .filter(|(_, counts)| counts.iter().sum::<i64>() > 0);
            let row = table.row(at);
            let decided = layout(row, dimension, Kind::Few, before);
            // A freeze may come after one response: then even that a count passed from "< 5" to "ẩn" would say too much.
            let steps = before.is_none_or(|(shown, was)| {
                row == was || may_replace_table(was, shown, row) && may_replace_table(was, &decided, row)
            });
            (agency.agency, if steps { decided } else { decided.without_few() })
        })
        .collect();
    if !dimension.of_totals {
        return DimensionPattern { key: dimension.key.clone(), agencies: layouts, totals: Vec::new() };
    }
    let of_total: Vec<Layout> = totals
        .iter()
        .enumerate()
        .map(|(at, members)| {
            if !pattern.total(at).is_some_and(|row| row.shown) {
                return Layout::Hidden;
            }
            let counts = table.total(members);
            // Only a total that had a table has a past.
            let before =
                before.filter(|(pattern, _)| pattern.dimension(&dimension.key).is_some_and(|d| !d.totals.is_empty()));
            let before = before.map(|(pattern, table)| (pattern.total(&dimension.key, at), table.total(members)));
            let before = before.as_ref().filter(|(_, c)| c.iter().sum::<i64>() > 0).map(|(l, c)| (*l, c.as_slice()));
            match layout(&counts, dimension, Kind::Kept, before) {
                Layout::OneAnswer(_) => Layout::Hidden,
                layout => layout,
            }
        })
        .collect();

    let categories = table.counts.iter().map(Vec::len).max().unwrap_or(0);
    let mut audited: Vec<Total> = totals
        .iter()
        .zip(&of_total)
        .map(|(members, layout)| Total {
            members: members.clone(),
            block_of: matches!(layout, Layout::Blocks(_)).then(|| layout.block_of(categories)),
        })
        .collect();
    let within = |at: usize| -> Vec<bool> { totals.iter().map(|members| members.contains(&at)).collect() };
    let mut rows: Vec<Row> = Vec::new();
    let mut unseen: Vec<(Vec<bool>, Vec<i64>)> = Vec::new();
    for (at, ((_, layout), agency)) in layouts.iter().zip(agencies).enumerate() {
        let mut counts = table.row(at).to_vec();
        counts.resize(categories, 0);
        if shown(agency) {
            let mut row = row_of(layout, counts, within(at), dimension);
            if let Some((pattern, before)) = before {
                let layout = pattern.agency(&dimension.key, agency.agency);
                for (category, low) in row.low.iter_mut().enumerate() {
                    let told = layout.least(category, before.row(at));
                    *low = (*low).max(told.min(row.counts.get(category).copied().unwrap_or(0)));
                }
                for category in still_closed(layout, before.row(at), table.row(at)).into_iter().flatten() {
                    if let Some(closed) = row.closed.get_mut(category) {
                        *closed = true;
                    }
                }
            }
            rows.push(row);
        } else {
            // What was shown of it before makes it a known one: no table of totals can count on it to hide another.
            if before.is_some_and(|(_, table)| table.row(at).iter().sum::<i64>() > 0) {
                for total in audited.iter_mut().filter(|total| total.members.contains(&at)) {
                    total.block_of = None;
                }
            }
            // Agencies that are hidden in the same totals are one to who looks from outside.
            let seen: Vec<bool> = within(at)
                .into_iter()
                .enumerate()
                .map(|(total, inside)| inside && pattern.total(total).is_some_and(|row| row.shown))
                .collect();
            match unseen.iter_mut().find(|(other, _)| *other == seen) {
                Some((_, sums)) => sums.iter_mut().zip(&counts).for_each(|(sum, c)| *sum += c),
                None => unseen.push((seen, counts)),
            }
        }
    }
    rows.extend(unseen.into_iter().map(|(seen, counts)| row_of(&Layout::Hidden, counts, seen, dimension)));
    audit::coarsen(&rows, &mut audited, dimension.ordered);
    let kind = if dimension.ordered { Kind::Merged } else { Kind::Kept };
    let of_total = of_total
        .into_iter()
        .zip(audited)
        .map(|(layout, total)| match total.block_of {
            Some(block_of) => blocks_of(&block_of, kind),
            None => match layout {
                Layout::Blocks(_) => Layout::Hidden,
                layout => layout,
            },
        })
        .collect();
    DimensionPattern { key: dimension.key.clone(), agencies: layouts, totals: of_total }
}

/// What an attacker knows of the cells of one row, and what must stay open to him.
fn row_of(layout: &Layout, counts: Vec<i64>, within: Vec<bool>, dimension: &Dimension) -> Row {
    let n: i64 = counts.iter().sum();
    let block_of = layout.block_of(counts.len());
    let kind = |category: usize| match layout {
        Layout::Blocks(blocks) => blocks.iter().find(|b| b.categories.contains(&category)).map(|b| b.kind),
        _ => None,
    };
    let limits = |(category, count): (usize, &i64)| match (layout, kind(category)) {
        (Layout::OneAnswer(at), _) if *at == category => ((NEARLY_ALL * n as f64).ceil() as i64, n),
        (Layout::OneAnswer(_), _) => (0, ((1.0 - NEARLY_ALL) * n as f64).floor() as i64),
        (_, Some(Kind::Exact)) => (*count, *count),
        (_, Some(Kind::Few)) if few(*count) => (1, LEAST_RESPONDENTS - 1),
        (_, Some(Kind::Few)) => (LEAST_RESPONDENTS.min(*count), i64::MAX / 4),
        _ => (0, i64::MAX / 4),
    };
    let (low, high) = counts.iter().enumerate().map(limits).unzip();
    // That all gave one answer must not come out either where the table is hidden.
    let unsaid = dimension.personal && counts.len() > 1 && !matches!(layout, Layout::Blocks(_));
    let one_answer = counts.iter().position(|c| *c == n && n > 0).filter(|_| unsaid);
    let closed = vec![false; counts.len()];
    Row { counts, block_of, low, high, within, one_answer, closed }
}

fn blocks_of(block_of: &[usize], several: Kind) -> Layout {
    let mut ids: Vec<usize> = Vec::new();
    for id in block_of {
        if !ids.contains(id) {
            ids.push(*id);
        }
    }
    let block = |id: &usize| {
        let categories: Vec<usize> = (0..block_of.len()).filter(|c| block_of.get(*c) == Some(id)).collect();
        Block { kind: if categories.len() > 1 { several } else { Kind::Exact }, categories }
    };
    Layout::Blocks(ids.iter().map(block).collect())
}

/// The layout of one table by itself, `kept` saying how what is kept back is told. `before` is what was shown last,
/// with its counts.
fn layout(counts: &[i64], dimension: &Dimension, kept: Kind, before: Option<(&Layout, &[i64])>) -> Layout {
    let n: i64 = counts.iter().sum();
    let closed = before.map(|(layout, was)| still_closed(layout, was, counts)).unwrap_or_default();
    if n == 0 {
        return blocks_of(&(0..counts.len()).collect::<Vec<_>>(), kept);
    }
    if n < LEAST_RESPONDENTS || (counts.len() > 1 && closed.iter().any(|block| block.len() == counts.len())) {
        return Layout::Hidden;
    }
    let one = counts.iter().position(|c| *c == n).filter(|_| dimension.personal && counts.len() > 1);
    if let Some(at) = one.filter(|_| closed.is_empty()) {
        return if n >= NEARLY_ALL_FROM { Layout::OneAnswer(at) } else { Layout::Hidden };
    }
    if dimension.ordered {
        return merged(counts, &closed);
    }
    let floor = |c: usize| before.map_or(0, |(layout, was)| layout.least(c, was));
    let floors: Vec<i64> = (0..counts.len()).map(floor).collect();
    kept_back(counts, &floors, before.map_or(&[], |(_, was)| was), &closed, kept)
}

/// The blocks that were kept back and may not be opened yet.
fn still_closed(layout: &Layout, was: &[i64], now: &[i64]) -> Vec<Vec<usize>> {
    let opens = |categories: &[usize]| {
        categories.iter().all(|c| {
            let (was, now) = (was.get(*c).copied().unwrap_or(0), now.get(*c).copied().unwrap_or(0));
            now >= was + OPENS_AFTER || (was == 0 && now == 0)
        })
    };
    match layout {
        Layout::OneAnswer(_) => Vec::new(),
        Layout::Hidden => {
            let all: Vec<usize> = (0..now.len()).collect();
            if opens(&all) { Vec::new() } else { vec![all] }
        }
        Layout::Blocks(blocks) => blocks
            .iter()
            .filter(|b| b.kind != Kind::Exact && !opens(&b.categories))
            .map(|b| b.categories.clone())
            .collect(),
    }
}

/// Neighbours together until each block is empty or has 5.
fn merged(counts: &[i64], closed: &[Vec<usize>]) -> Layout {
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    for category in 0..counts.len() {
        let goes_on = closed.iter().any(|b| b.contains(&category) && category > 0 && b.contains(&(category - 1)));
        match blocks.last_mut().filter(|_| goes_on) {
            Some(block) => block.push(category),
            None => blocks.push(vec![category]),
        }
    }
    while let Some(at) = blocks.iter().position(|b| few(sum(counts, b))) {
        let of = |at: usize| blocks.get(at).map(|b| (sum(counts, b), at));
        // A neighbour without anybody hides nobody; it is taken only where there is no other.
        let neighbours = [at.checked_sub(1).and_then(of), of(at + 1)];
        let rank = |(n, at): &(i64, usize)| (*n == 0, *n, *at);
        let Some((_, other)) = neighbours.into_iter().flatten().min_by_key(rank) else {
            return Layout::Hidden;
        };
        let tail = blocks.remove(at.max(other));
        if let Some(block) = blocks.get_mut(at.min(other)) {
            block.extend(tail);
        }
    }
    let kind = |b: &Vec<usize>| if b.len() > 1 { Kind::Merged } else { Kind::Exact };
    Layout::Blocks(blocks.into_iter().map(|b| Block { kind: kind(&b), categories: b }).collect())
}

/// Keeps back each category of 1 to 4, and others with them until any number from 1 to 4 could stand in each, the
/// others having at least 5 and their `floors`. Those that became few since the version with the counts `was` need as
/// many who came since, for the sums of that version are known.
fn kept_back(counts: &[i64], floors: &[i64], was: &[i64], closed: &[Vec<usize>], kind: Kind) -> Layout {
    let mut back: Vec<bool> =
        counts.iter().enumerate().map(|(c, n)| few(*n) || closed.iter().any(|b| b.contains(&c))).collect();
    loop {
        let kept = || counts.iter().zip(&back).filter(|(_, back)| **back).map(|(n, _)| *n);
        let (few_ones, others) =
            (kept().filter(|n| few(*n)).count() as i64, kept().filter(|n| !few(*n)).count() as i64);
        let people: i64 = kept().sum();
        let least_others = counts.iter().zip(floors).zip(&back).filter(|((n, _), back)| **back && !few(**n));
        let least_others: i64 = least_others.map(|((_, floor), _)| LEAST_RESPONDENTS.max(*floor)).sum();
        let before = |c: usize| was.get(c).copied().unwrap_or(0);
        let had: i64 = (0..counts.len()).filter(|c| back.get(*c) == Some(&true)).map(before).sum::<i64>();
        let new_few = counts.iter().enumerate().filter(|(c, n)| few(**n) && !few(before(*c))).count() as i64;
        let hides_new = was.is_empty() || new_few == 0 || people - had >= (LEAST_RESPONDENTS - 1) * new_few;
        let enough = hides_new
            && match kind {
                Kind::Few => others > 0 && people >= (LEAST_RESPONDENTS - 1) * few_ones + least_others,
                _ => few_ones + others > 1 && people >= LEAST_RESPONDENTS,
            };
        if enough || few_ones == 0 {
            break;
        }
        let open = counts.iter().zip(&back).enumerate().filter(|(_, (n, back))| **n > 0 && !**back);
        let next = open.min_by_key(|(_, (n, _))| **n).map(|(at, _)| at);
        let Some(next) = next.and_then(|at| back.get_mut(at)) else {
            return Layout::Hidden;
        };
        *next = true;
    }
    let mut blocks: Vec<Block> = back
        .iter()
        .enumerate()
        .filter(|(_, back)| !**back)
        .map(|(c, _)| Block { categories: vec![c], kind: Kind::Exact })
        .collect();
    let categories: Vec<usize> = back.iter().enumerate().filter(|(_, back)| **back).map(|(c, _)| c).collect();
    if !categories.is_empty() {
        blocks.push(Block { categories, kind });
    }
    Layout::Blocks(blocks)
}
