//! Whether tables of totals give an agency away, and how much coarser they must be.
//!
//! A number is open when there are other tables that fit everything shown. Such a table is made by moving a person of
//! an agency from one category to another within a block (its sum stays), either where the blocks of all totals above
//! allow it, or together with the reverse move in a second agency, so that the totals stay. Whoever solves, subtracts or
//! enumerates cannot tell these tables from the true one: what the moves leave open is open to everybody.

use super::LEAST_RESPONDENTS;

/// One agency, or those that nobody can tell apart.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// True counts, one a category.
    pub(super) counts: Vec<i64>,
    /// The block of each category, whose sum is known.
    pub(super) block_of: Vec<usize>,
    /// The least that an attacker must reckon with.
    pub(super) low: Vec<i64>,
    /// The most.
    pub(super) high: Vec<i64>,
    /// Whether it lies in each total.
    pub(super) within: Vec<bool>,
    /// The answer that all gave, where that is not said.
    pub(super) one_answer: Option<usize>,
    /// Categories that were kept back in an earlier version, whose counts then must stay open too.
    pub(super) closed: Vec<bool>,
}

/// One total with the blocks of its table; none where it has no table.
#[derive(Clone, Debug)]
pub(super) struct Total {
    /// Positions of its agencies.
    pub(super) members: Vec<usize>,
    /// The block of each category.
    pub(super) block_of: Option<Vec<usize>>,
}

impl Total {
    fn allows(&self, a: usize, b: usize) -> bool {
        self.block_of.as_ref().is_none_or(|blocks| blocks.get(a) == blocks.get(b))
    }

    /// Puts two categories into one block, with all between them where they have an order; otherwise everything that
    /// is kept back is one block.
    fn join(&mut self, a: usize, b: usize, ordered: bool) {
        let Some(blocks) = &mut self.block_of else { return };
        let alone = |c: usize| blocks.iter().filter(|id| Some(*id) == blocks.get(c)).count() == 1;
        let touched: Vec<usize> = if ordered {
            let joins = |c: &usize| blocks.get(*c) == blocks.get(a) || blocks.get(*c) == blocks.get(b);
            let first = (0..blocks.len()).find(joins).unwrap_or(a);
            let last = (0..blocks.len()).rfind(joins).unwrap_or(b);
            let ids: Vec<usize> = blocks.iter().skip(first).take(last + 1 - first).copied().collect();
            (0..blocks.len()).filter(|c| blocks.get(*c).is_some_and(|id| ids.contains(id))).collect()
        } else {
            (0..blocks.len()).filter(|c| *c == a || *c == b || !alone(*c)).collect()
        };
        let id = touched.iter().filter_map(|c| blocks.get(*c)).min().copied().unwrap_or(0);
        for category in touched {
            if let Some(slot) = blocks.get_mut(category) {
                *slot = id;
            }
        }
    }
}

/// Makes the tables of totals coarser until every number from 1 to 4, and who all gave one answer, stays open.
pub(super) fn coarsen(rows: &[Row], totals: &mut [Total], ordered: bool) {
    for at in 0..rows.len() {
        let Some(row) = rows.get(at) else { continue };
        for category in 0..row.counts.len() {
            while !is_open(rows, totals, at, category) {
                if !coarsen_for(row, totals, category, ordered) {
                    break;
                }
            }
        }
    }
    // A join never takes a move away, but it may leave a row that cannot be helped: its totals go without a table.
    for (at, row) in rows.iter().enumerate() {
        if (0..row.counts.len()).any(|category| !is_open(rows, totals, at, category)) {
            for (total, _) in totals.iter_mut().zip(&row.within).filter(|(_, within)| **within) {
                total.block_of = None;
            }
        }
    }
}

/// Joins the category with another of its block in the totals above; false when there is nothing left to join.
fn coarsen_for(row: &Row, totals: &mut [Total], category: usize, ordered: bool) -> bool {
    let same_block = |c: &usize| *c != category && row.block_of.get(*c) == row.block_of.get(category);
    let open = |c: &usize| totals.iter().zip(&row.within).any(|(total, within)| *within && !total.allows(category, *c));
    let room = |c: usize| row.counts.get(c).zip(row.low.get(c)).map_or(0, |(n, low)| n - low);
    let candidates = (0..row.counts.len()).filter(same_block).filter(open);
    let other = if ordered {
        candidates.min_by_key(|c| (c.abs_diff(category), std::cmp::Reverse(room(*c))))
    } else {
        candidates.max_by_key(|c| room(*c))
    };
    let Some(other) = other else { return false };
    for (total, _) in totals.iter_mut().zip(&row.within).filter(|(_, within)| **within) {
        total.join(category, other, ordered);
    }
    true
}

/// Whether what is kept back in a cell stays open: a count of 1 to 4 may be anything from 1 to 4, and the people it
/// could be told apart from are at least 5; where all gave one answer, one may have given another. It stays so for an
/// officer who knows every count of one other agency.
fn is_open(rows: &[Row], totals: &[Total], at: usize, category: usize) -> bool {
    let Some(row) = rows.get(at) else { return true };
    let count = value(&row.counts, category);
    let alone = row.block_of.iter().filter(|id| Some(*id) == row.block_of.get(category)).count() == 1;
    let mut wanted: Vec<(Way, bool, i64)> = Vec::new();
    if row.one_answer == Some(category) {
        wanted.push((Way::Down, false, 1));
    }
    if !alone && (1..LEAST_RESPONDENTS).contains(&count) {
        wanted.push((Way::Up, false, LEAST_RESPONDENTS - 1 - count));
        wanted.push((Way::Down, false, count - 1));
        wanted.push((Way::Up, true, LEAST_RESPONDENTS - count));
    }
    if !alone && row.closed.get(category) == Some(&true) {
        // It may have been 1 when it could have been 4, and the other way round.
        let far = LEAST_RESPONDENTS - 2;
        wanted.push((Way::Up, false, far));
        wanted.push((Way::Down, false, far.min(count - value(&row.low, category))));
    }
    wanted.iter().all(|(way, anything, steps)| {
        let mut helpers = Vec::new();
        let question = Question { row: at, category, way: *way, anything: *anything };
        reach(rows, totals, question, None, &mut helpers) >= *steps
            && helpers.clone().into_iter().all(|one| reach(rows, totals, question, Some(one), &mut helpers) >= *steps)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// Which cell is moved, and whether every other cell may be emptied or filled at will.
#[derive(Clone, Copy)]
struct Question {
    row: usize,
    category: usize,
    way: Way,
    anything: bool,
}

/// How far a cell can move by moves that nobody sees, at most 5, without the help of one agency. The agencies that
/// helped are added to `helpers`.
fn reach(rows: &[Row], totals: &[Total], question: Question, without: Option<usize>, helpers: &mut Vec<usize>) -> i64 {
    let Question { category, way, anything, .. } = question;
    let Some(row) = rows.get(question.row) else { return 0 };
    let less = |row: &Row, c: usize| {
        let low = if anything { 0 } else { value(&row.low, c) };
        (value(&row.counts, c) - low).clamp(0, LEAST_RESPONDENTS)
    };
    let more = |row: &Row, c: usize| {
        let most = if anything { i64::MAX } else { value(&row.high, c) };
        most.saturating_sub(value(&row.counts, c)).clamp(0, LEAST_RESPONDENTS)
    };
    // What each second agency has moved already in the category itself, so that no person is moved twice.
    let mut used = vec![0_i64; rows.len()];
    let mut moved = 0;
    for other in (0..row.counts.len()).filter(|c| *c != category && same(&row.block_of, *c, category)) {
        let mut room = if way == Way::Up { less(row, other) } else { more(row, other) };
        let seen = totals.iter().zip(&row.within).any(|(total, within)| *within && !total.allows(category, other));
        if !seen {
            moved += room;
            continue;
        }
        for (at, (second, used)) in rows.iter().zip(&mut used).enumerate() {
            if moved >= LEAST_RESPONDENTS || room == 0 {
                break;
            }
            let helps = at != question.row
                && Some(at) != without
                && same(&second.block_of, other, category)
                && unseen(totals, row, second, category, other);
            if !helps {
                continue;
            }
            let (own, across) = match way {
                Way::Up => (less(second, category), more(second, other)),
                Way::Down => (more(second, category), less(second, other)),
            };
            let step = room.min(across).min(own - *used);
            if step > 0 {
                *used += step;
                room -= step;
                moved += step;
                if !helpers.contains(&at) {
                    helpers.push(at);
                }
            }
        }
    }
    moved.min(LEAST_RESPONDENTS)
}

/// Whether a move in one row and its reverse in another leave every table of totals as it is.
fn unseen(totals: &[Total], first: &Row, second: &Row, a: usize, b: usize) -> bool {
    totals
        .iter()
        .zip(first.within.iter().zip(&second.within))
        .all(|(total, (in_first, in_second))| in_first == in_second || total.allows(a, b))
}

fn same(blocks: &[usize], a: usize, b: usize) -> bool {
    blocks.get(a) == blocks.get(b)
}

fn value(counts: &[i64], at: usize) -> i64 {
    counts.get(at).copied().unwrap_or(0)
}
