//! Setting a round up: what is typed into the form, what a valid one is, and whom it measures. Pure.

use std::collections::{HashMap, HashSet};

use super::{Field, Round, Stratum};
use crate::domain::agency::{Agency, by_code};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::limits;
use crate::domain::sheet::{SheetFault, count, day, local_instant};
use crate::domain::text::Text;

/// What was typed into the form of a round, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedRound {
    /// Code.
    pub code: String,
    /// Name in Vietnamese.
    pub name_vi: String,
    /// Name in English; empty: the Vietnamese one.
    pub name_en: String,
    /// `key@version` of the questionnaire.
    pub questionnaire: String,
    /// `key@version` of the method; empty: that of the questionnaire.
    pub method: String,
    /// First day of the period.
    pub period_from: String,
    /// Last day of the period.
    pub period_to: String,
    /// When it opens, local.
    pub opens: String,
    /// When it closes, local.
    pub closes: String,
    /// One field a line: code, name, English name, semicolons between.
    pub fields: String,
}

/// A round to be made, without its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundDraft {
    /// Code in addresses.
    pub code: String,
    /// Name.
    pub name: Text,
    /// First and last day of the period.
    pub period: (i32, i32),
    /// When it opens, milliseconds since 1970.
    pub opens_at: i64,
    /// When it closes.
    pub closes_at: i64,
    /// Fields.
    pub fields: Vec<Field>,
}

/// Key and version of `key@version`.
pub fn version_of(word: &str) -> Option<(&str, u16)> {
    let (key, version) = word.rsplit_once('@')?;
    Some((key, version.parse().ok()?))
}

impl TypedRound {
    /// The round, as far as no database is needed to tell.
    ///
    /// # Errors
    /// Everything that is wrong, each with the name of its field in the form.
    pub fn read(&self) -> Result<RoundDraft, Vec<SheetFault>> {
        let mut faults = Vec::new();
        let mut wrong = |column: &str, vi: &str, en: &str| faults.push(SheetFault::new(0, column, vi, en));
        let code = self.code.trim().to_owned();
        if crate::domain::agency::file::code_fault(&code).is_some() {
            wrong(
                "ma",
                "Mã gồm chữ thường không dấu a–z, số và dấu gạch nối, nhiều nhất 40 ký tự.",
                "A code is made of small letters a–z, figures and hyphens, at most 40 of them.",
            );
        }
        let vi = self.name_vi.trim();
        let fits = |name: &str| name.chars().count() <= limits::ROUND_NAME_CHARS && !name.chars().any(char::is_control);
        if vi.is_empty() || !fits(vi) || !fits(self.name_en.trim()) {
            wrong("ten", "Xin ghi tên đợt, nhiều nhất 120 ký tự.", "Write a name of at most 120 letters.");
        }
        let en = if self.name_en.trim().is_empty() { vi } else { self.name_en.trim() };
        let period = day(self.period_from.trim()).zip(day(self.period_to.trim()));
        if period.is_none_or(|(from, to)| to < from) {
            wrong(
                "tu-ngay",
                "Xin ghi ngày đầu và ngày cuối của kỳ đo lường, ngày cuối không trước ngày đầu.",
                "Write the first and the last day of the period, the last not before the first.",
            );
        }
        let times = local_instant(self.opens.trim()).zip(local_instant(self.closes.trim()));
        if times.is_none_or(|(opens, closes)| closes <= opens) {
            wrong(
                "mo",
                "Xin ghi ngày giờ mở và đóng nhận phiếu; giờ đóng sau giờ mở.",
                "Write when the round opens and closes; it closes after it opens.",
            );
        }
        let fields = fields(&self.fields);
        if let Err((vi, en)) = &fields {
            wrong("linh-vuc", vi, en);
        }
        match (period, times, fields) {
            (Some(period), Some((opens_at, closes_at)), Ok(fields)) if faults.is_empty() => Ok(RoundDraft {
                code,
                name: Text { vi: vi.to_owned(), en: en.to_owned() },
                period,
                opens_at,
                closes_at,
                fields,
            }),
            _ => Err(faults),
        }
    }
}

/// The fields of the form.
fn fields(typed: &str) -> Result<Vec<Field>, (String, String)> {
    let mut fields: Vec<Field> = Vec::new();
    for (number, line) in (1..).zip(typed.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let at = |vi: &str, en: &str| Err((format!("Dòng {number}: {vi}"), format!("Line {number}: {en}")));
        let parts: Vec<&str> = line.split(';').map(str::trim).collect();
        let (code, vi, en) = match parts.as_slice() {
            [code, vi] => (*code, *vi, *vi),
            [code, vi, en] => (*code, *vi, if en.is_empty() { *vi } else { *en }),
            _ => return at("xin ghi mã; tên; tên tiếng Anh (nếu có).", "write code; name; English name (if any)."),
        };
        if let Some((why_vi, why_en)) = crate::domain::agency::file::code_fault(code) {
            return at(&format!("mã “{code}” {why_vi}."), &format!("code \"{code}\": {why_en}."));
        }
        let long = |name: &str| name.chars().count() > limits::ROUND_NAME_CHARS || name.chars().any(char::is_control);
        if vi.is_empty() || long(vi) || long(en) {
            return at("tên trống hoặc quá dài.", "the name is empty or too long.");
        }
        if fields.iter().any(|field| field.code == code) {
            return at(&format!("mã “{code}” có hai lần."), &format!("code \"{code}\" stands twice."));
        }
        fields.push(Field { code: code.to_owned(), name: Text { vi: vi.to_owned(), en: en.to_owned() } });
    }
    if fields.len() > limits::FIELDS {
        return Err((
            format!("Nhiều nhất {} lĩnh vực.", limits::FIELDS),
            format!("At most {} fields.", limits::FIELDS),
        ));
    }
    Ok(fields)
}

/// One row of a round's list of agencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulationRow {
    /// Its line; 0 from a form.
    pub line: u64,
    /// Code of the agency.
    pub code: String,
    /// Code of the field; empty: the agency as a whole.
    pub field: String,
    /// N; empty: not known yet.
    pub population: String,
}

/// What a list changes in a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PopulationPlan {
    /// New strata: agency, field, N.
    pub new: Vec<(AgencyId, Option<i16>, Option<i64>)>,
    /// Strata whose N changes.
    pub changed: Vec<(StratumId, Option<i64>)>,
    /// Rows that say what is there.
    pub unchanged: usize,
}

/// The agency of a code in a round: the one that holds on the last day of the period, else on the first.
#[expect(clippy::implicit_hasher, reason = "the store reads agencies with the hasher of std")]
pub fn agency_of<'a>(agencies: &'a HashMap<AgencyId, Agency>, code: &str, period: (i32, i32)) -> Option<&'a Agency> {
    by_code(agencies.values(), code, period.1).or_else(|| by_code(agencies.values(), code, period.0))
}

/// What the rows change in a round. `answered` are the agencies that have responses in it: their strata stay the ones
/// that those were counted in.
///
/// # Errors
/// Everything that is wrong with the rows; then nothing of them may be used.
#[expect(clippy::implicit_hasher, reason = "the store reads agencies with the hasher of std")]
pub fn population_plan(
    round: &Round,
    strata: &[Stratum],
    agencies: &HashMap<AgencyId, Agency>,
    answered: &HashSet<AgencyId>,
    rows: &[PopulationRow],
) -> Result<PopulationPlan, Vec<SheetFault>> {
    let mut plan = PopulationPlan::default();
    let mut faults = Vec::new();
    let mut seen: HashSet<(AgencyId, Option<i16>)> = HashSet::new();
    // Who is drawn by field, and who as a whole: never both.
    let mut by_field: HashMap<AgencyId, bool> = strata.iter().map(|s| (s.agency, s.field.is_some())).collect();
    for row in rows {
        let mut wrong = |column: &str, vi: String, en: String| {
            faults.push(SheetFault { line: row.line, column: column.to_owned(), why: Text { vi, en } });
        };
        let agency = agency_of(agencies, &row.code, round.period);
        let Some(agency) = agency else {
            wrong(
                "agency",
                format!("không có cơ quan nào mang mã “{}” trong kỳ đo lường", row.code),
                format!("no agency bears the code \"{}\" in the period", row.code),
            );
            continue;
        };
        let field = match (row.field.as_str(), round.field_index(&row.field)) {
            ("", _) => None,
            (_, Some(at)) => Some(at),
            (code, None) => {
                wrong(
                    "field",
                    format!("đợt này không có lĩnh vực “{code}”"),
                    format!("the round has no field \"{code}\""),
                );
                continue;
            }
        };
        let population = match row.population.as_str() {
            "" => None,
            cell => {
                let Some(n) = count(cell).filter(|n| (1..=limits::POPULATION).contains(n)) else {
                    wrong(
                        "n",
                        format!("“{cell}” không phải số hồ sơ; xin ghi số nguyên từ 1 trở lên, để trống nếu chưa biết"),
                        format!("\"{cell}\" is no number of dossiers; write a whole number from 1 up, or nothing"),
                    );
                    continue;
                };
                Some(n)
            }
        };
        if !seen.insert((agency.id, field)) {
            wrong("agency", format!("“{}” có hai dòng", row.code), format!("\"{}\" stands twice", row.code));
            continue;
        }
        if *by_field.entry(agency.id).or_insert(field.is_some()) != field.is_some() {
            wrong(
                "field",
                format!("“{}” vừa có N chung vừa có N theo lĩnh vực; chỉ chọn một cách", row.code),
                format!("\"{}\" has an N as a whole and Ns by field; choose one of the two", row.code),
            );
            continue;
        }
        match strata.iter().find(|s| s.agency == agency.id && s.field == field) {
            Some(known) if known.population == population => plan.unchanged += 1,
            Some(known) => plan.changed.push((known.id, population)),
            None if answered.contains(&agency.id) => wrong(
                "agency",
                format!("“{}” đã có phiếu trong đợt này nên không thêm tầng mới được", row.code),
                format!("\"{}\" has responses in this round, so no stratum can be added", row.code),
            ),
            None => plan.new.push((agency.id, field, population)),
        }
    }
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}

#[cfg(test)]
mod tests;
