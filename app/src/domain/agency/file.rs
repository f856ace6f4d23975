//! Agencies from a file: what each row asks for, against the dated records that are known. Pure.
//!
//! A record is known by its code and its first day. A row that says of it what is known changes nothing, so a file may be
//! sent again. A known record may still be given its last day, another code or a successor; its name, kind, level and
//! parent never change: what was answered about it stays about what it was. The change is a record of its own, from its
//! own first day, beside the old one with its last day.

use std::collections::{HashMap, HashSet};

use super::{Agency, Level};
use crate::domain::ids::AgencyId;
use crate::domain::limits;
use crate::domain::sheet::SheetFault;

/// Keys of imported records begin here: those below belong to the city inside the binary (`server_side::city`).
const FIRST_KEY: i32 = 1_000_000_000;
/// Deepest chain of parents that is believed; beyond it the links are a ring.
const DEPTH: usize = 8;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyRow {
    /// Its line.
    pub line: u64,
    /// Code.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Kind, in small letters.
    pub kind: String,
    /// Level.
    pub level: Level,
    /// Code of the agency above on the first day; empty: none.
    pub parent: String,
    /// First day.
    pub valid_from: i32,
    /// Last day.
    pub valid_to: Option<i32>,
    /// Codes of those that took over, on the day after the last.
    pub successors: Vec<String>,
    /// Other codes and short names.
    pub aliases: Vec<String>,
}

/// What a file changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgencyPlan {
    /// New records with aliases and successors, parents before their children.
    pub new: Vec<Agency>,
    /// Known records that end now, with their last day.
    pub ended: Vec<(AgencyId, i32)>,
    /// Other codes that known records get.
    pub aliases: Vec<(AgencyId, String)>,
    /// Successors that known records get.
    pub successors: Vec<(AgencyId, AgencyId)>,
    /// Rows that say what is known.
    pub unchanged: usize,
}

impl AgencyPlan {
    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.ended.is_empty() && self.aliases.is_empty() && self.successors.is_empty()
    }
}

/// What the rows change of the known records.
///
/// # Errors
/// Everything that is wrong with them; then nothing of the file may be used.
#[expect(clippy::implicit_hasher, reason = "the store reads agencies with the hasher of std")]
pub fn plan(known: &HashMap<AgencyId, Agency>, rows: &[AgencyRow]) -> Result<AgencyPlan, Vec<SheetFault>> {
    let mut planner = Planner::new(known);
    let keys: Vec<Option<AgencyId>> = rows.iter().map(|row| planner.record(row)).collect();
    for (row, key) in rows.iter().zip(&keys) {
        if let Some(key) = key {
            planner.link(row, *key);
        }
    }
    for (row, key) in rows.iter().zip(&keys) {
        if let Some(key) = key {
            planner.check(row, *key);
        }
    }
    planner.finish(rows.len())
}

struct Planner<'k> {
    known: &'k HashMap<AgencyId, Agency>,
    /// All records as they will be.
    after: HashMap<AgencyId, Agency>,
    seen: HashSet<AgencyId>,
    next: i32,
    faults: Vec<SheetFault>,
}

impl<'k> Planner<'k> {
    fn new(known: &'k HashMap<AgencyId, Agency>) -> Self {
        let next = known.keys().map(|id| id.0 + 1).max().unwrap_or(FIRST_KEY).max(FIRST_KEY);
        Self { known, after: known.clone(), seen: HashSet::new(), next, faults: Vec::new() }
    }

    fn wrong(&mut self, row: &AgencyRow, column: &str, vi: impl Into<String>, en: impl Into<String>) {
        self.faults.push(SheetFault::new(row.line, column, vi, en));
    }

    /// The key of the row's record, known or new; none where the row cannot be used.
    fn record(&mut self, row: &AgencyRow) -> Option<AgencyId> {
        if row.valid_to.is_some_and(|to| to < row.valid_from) {
            self.wrong(row, "valid_to", "ngày cuối trước ngày đầu", "the last day is before the first");
            return None;
        }
        let found = self.after.values().find(|a| a.code == row.code && a.valid_from == row.valid_from).map(|a| a.id);
        let id = match found {
            Some(id) => id,
            None => AgencyId(self.next),
        };
        if !self.seen.insert(id) {
            self.wrong(
                row,
                "code",
                format!("{} có hai dòng cùng ngày bắt đầu", row.code),
                format!("{} stands twice with the same first day", row.code),
            );
            return None;
        }
        if let Some(known) = self.known.get(&id).cloned() {
            self.known_record(row, &known);
        } else {
            self.next += 1;
            let agency = Agency {
                id,
                code: row.code.clone(),
                name: row.name.clone(),
                kind: row.kind.clone(),
                level: row.level,
                parent: None,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                aliases: row.aliases.clone(),
                successors: Vec::new(),
            };
            self.after.insert(id, agency);
        }
        Some(id)
    }

    /// A row about a record that is known: what it may add, and what it may not change.
    fn known_record(&mut self, row: &AgencyRow, known: &Agency) {
        const ADVICE: (&str, &str) = (
            "muốn đổi, xin ghi ngày cuối (valid_to) cho bản ghi này và thêm một dòng mới bắt đầu từ hôm sau",
            "for a change give this record its last day (valid_to) and add a row that begins the day after",
        );
        if known.name != row.name {
            self.wrong(
                row,
                "name",
                format!("bản ghi này đang có tên “{}”; {}", known.name, ADVICE.0),
                format!("the record is named \"{}\"; {}", known.name, ADVICE.1),
            );
        }
        if known.kind != row.kind {
            self.wrong(
                row,
                "kind",
                format!("bản ghi này đang là “{}”; {}", known.kind, ADVICE.0),
                format!("the record's kind is \"{}\"; {}", known.kind, ADVICE.1),
            );
        }
        if known.level != row.level {
            self.wrong(
                row,
                "level",
                format!("bản ghi này đang thuộc cấp khác; {}", ADVICE.0),
                format!("the record is of another level; {}", ADVICE.1),
            );
        }
        match (known.valid_to, row.valid_to) {
            (Some(was), asked) if asked != Some(was) => self.wrong(
                row,
                "valid_to",
                "bản ghi này đã có ngày cuối khác, không đổi được",
                "the record has another last day already, which never changes",
            ),
            (None, Some(to)) => {
                if let Some(agency) = self.after.get_mut(&known.id) {
                    agency.valid_to = Some(to);
                }
            }
            _ => {}
        }
        if let Some(agency) = self.after.get_mut(&known.id) {
            for alias in &row.aliases {
                if !agency.aliases.contains(alias) {
                    agency.aliases.push(alias.clone());
                }
            }
        }
    }

    /// Parent and successors, once all records stand.
    fn link(&mut self, row: &AgencyRow, id: AgencyId) {
        let parent = if row.parent.is_empty() {
            None
        } else {
            let found = super::by_code(self.after.values(), &row.parent, row.valid_from);
            let found = found.map(|parent| (parent.id, parent.level, parent.name.clone()));
            match found {
                None => {
                    self.wrong(
                        row,
                        "parent",
                        format!("không có cơ quan nào mang mã {} vào ngày bắt đầu của dòng này", row.parent),
                        format!("no agency bears the code {} on the first day of this row", row.parent),
                    );
                    return;
                }
                Some((parent, _, _)) if parent == id => {
                    self.wrong(row, "parent", "là chính cơ quan này", "is the agency itself");
                    return;
                }
                Some((_, level, name)) if level > row.level => {
                    self.wrong(
                        row,
                        "parent",
                        format!("“{name}” thuộc cấp thấp hơn"),
                        format!("\"{name}\" is of a lower level"),
                    );
                    return;
                }
                Some((parent, _, _)) => Some(parent),
            }
        };
        let known_parent = self.known.get(&id).map(|known| known.parent);
        if known_parent.is_some_and(|known| known != parent) {
            self.wrong(
                row,
                "parent",
                "bản ghi này đang thuộc cơ quan khác; muốn đổi, xin ghi ngày cuối và thêm một dòng mới",
                "the record belongs to another agency; for a change give it its last day and add a new row",
            );
            return;
        }
        let mut successors = Vec::new();
        for code in &row.successors {
            let Some(to) = row.valid_to else {
                self.wrong(
                    row,
                    "successors",
                    "chỉ có khi đã ghi ngày cuối (valid_to)",
                    "only with a last day (valid_to)",
                );
                return;
            };
            match super::by_code(self.after.values(), code, to + 1).map(|next| next.id) {
                Some(next) => successors.push(next),
                None => self.wrong(
                    row,
                    "successors",
                    format!("không có cơ quan nào mang mã {code} vào ngày hôm sau"),
                    format!("no agency bears the code {code} on the day after"),
                ),
            }
        }
        if let Some(agency) = self.after.get_mut(&id) {
            agency.parent = parent;
            for next in successors {
                if !agency.successors.contains(&next) {
                    agency.successors.push(next);
                }
            }
        }
    }

    /// What only shows when everything stands: two records of a code at one time, and rings of parents.
    fn check(&mut self, row: &AgencyRow, id: AgencyId) {
        let Some(agency) = self.after.get(&id) else { return };
        let last = |agency: &Agency| agency.valid_to.unwrap_or(i32::MAX);
        let other = self.after.values().find(|other| {
            other.id != id
                && other.code == agency.code
                && other.valid_from <= last(agency)
                && agency.valid_from <= last(other)
        });
        let other = other.map(|other| other.name.clone());
        let mut above = agency.parent;
        let mut ring = true;
        for _ in 0..DEPTH {
            let Some(parent) = above.and_then(|parent| self.after.get(&parent)) else {
                ring = false;
                break;
            };
            above = parent.parent;
        }
        if let Some(name) = other {
            self.wrong(
                row,
                "code",
                format!(
                    "trùng mã và thời gian với “{name}”; xin ghi ngày cuối (valid_to) cho bản ghi cũ, trước ngày bắt đầu ở đây"
                ),
                format!("\"{name}\" bears the same code at the same time; end the older record before this one begins"),
            );
        }
        if ring {
            self.wrong(row, "parent", "các cơ quan thuộc lẫn nhau", "the links to parents run in a ring");
        }
    }

    fn finish(mut self, rows: usize) -> Result<AgencyPlan, Vec<SheetFault>> {
        if !self.faults.is_empty() {
            self.faults.sort_by_key(|fault| fault.line);
            return Err(self.faults);
        }
        let mut plan = AgencyPlan::default();
        let mut changed = HashSet::new();
        for (id, before) in self.known.iter().filter(|(id, _)| self.seen.contains(id)) {
            let Some(after) = self.after.get(id) else { continue };
            if let (None, Some(to)) = (before.valid_to, after.valid_to) {
                plan.ended.push((*id, to));
                changed.insert(*id);
            }
            for alias in after.aliases.iter().filter(|alias| !before.aliases.contains(alias)) {
                plan.aliases.push((*id, alias.clone()));
                changed.insert(*id);
            }
            for next in after.successors.iter().filter(|next| !before.successors.contains(next)) {
                plan.successors.push((*id, *next));
                changed.insert(*id);
            }
        }
        plan.new = self.after.values().filter(|agency| !self.known.contains_key(&agency.id)).cloned().collect();
        plan.unchanged = rows - plan.new.len() - changed.len();
        let depth = |agency: &Agency| {
            let mut above = agency.parent;
            let mut depth = 0;
            while let Some(parent) = above.and_then(|parent| self.after.get(&parent)).filter(|_| depth <= DEPTH) {
                above = parent.parent;
                depth += 1;
            }
            depth
        };
        plan.new.sort_by_key(|agency| (depth(agency), agency.id));
        plan.ended.sort();
        Ok(plan)
    }
}

/// Why a code cannot be one; none where it can.
pub fn code_fault(code: &str) -> Option<(&'static str, &'static str)> {
    if code.len() > limits::CODE_BYTES {
        return Some(("dài quá 40 ký tự", "longer than 40 letters"));
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (code.is_empty() || !code.bytes().all(plain)).then_some((
        "chỉ gồm chữ thường không dấu a–z, số và dấu gạch nối",
        "only small letters a–z, figures and hyphens",
    ))
}

#[cfg(test)]
mod tests;
