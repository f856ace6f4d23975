//! The city as data: dated records of its agencies, and the fields (lĩnh vực) they serve, from the tables in `app/data`
//! inside the binary. The first malformed cell refuses the whole city, with file, line, column and reason.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rust_embed::RustEmbed;

use super::table::{self, Row, TableError, day_number};
use crate::domain::agency::{self, Agency, Level};
use crate::domain::ids::AgencyId;
use crate::domain::round::Field;
use crate::domain::text::Text;

#[derive(RustEmbed)]
#[folder = "data"]
struct Data;

const CITY: &str = "city.csv";
const CITY_AGENCIES: &str = "agencies_city_2018.csv";
const UNITS_2018: &str = "cantho_units_2018.csv";
const UNITS_2025: &str = "cantho_units_2025.csv";
const CHANGES: &str = "changes.csv";
const FIELDS: &str = "fields_2018.csv";

/// The days on which our sources begin and on which the two-tier city begins.
struct Days {
    /// The agencies ranked in the PAR index of 2017. They are older; how much, no source of ours says.
    agencies: i32,
    /// The date of the list of units; the same holds.
    units: i32,
    /// Nghị quyết 1668/NQ-UBTVQH15: no quận and huyện, 103 units.
    two_tiers: i32,
}

/// Who serves a field: every agency of a level, or one agency by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offerer {
    /// `cap-xa`, `cap-huyen`.
    Level(Level),
    /// One agency.
    Agency(String),
}

/// A field with those who serve it, each with the simulated share of its dossiers in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedField {
    /// Code and name.
    pub field: Field,
    /// Who serves it.
    pub offered_by: Vec<(Offerer, u32)>,
}

/// Why the city could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CityError {
    /// A table is not there.
    #[error("{0}: no such file")]
    Missing(&'static str),
    /// A table is malformed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// The city over the years.
#[derive(Clone, Debug)]
pub struct City {
    agencies: Vec<Agency>,
    positions: HashMap<AgencyId, usize>,
    fields: Vec<OfferedField>,
}

impl City {
    /// Loads the tables inside the binary.
    ///
    /// # Errors
    /// The first thing that is wrong with them.
    pub fn load() -> Result<Self, CityError> {
        Self::from_files(|name| Data::get(name).map(|file| file.data))
    }

    fn from_files(file: impl Fn(&str) -> Option<Cow<'static, [u8]>>) -> Result<Self, CityError> {
        let rows = |name: &'static str, columns: &'static [&'static str]| {
            let bytes = file(name).ok_or(CityError::Missing(name))?;
            table::read(name, &bytes, columns).map_err(CityError::from)
        };
        let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).map_or(i32::MIN, day_number);
        let days = Days { agencies: date(2017, 1, 1), units: date(2017, 10, 15), two_tiers: date(2025, 7, 1) };
        let mut builder = Builder { agencies: Vec::new(), days };
        builder.city(&rows(CITY, &["number", "code", "name", "valid_from", "valid_to", "aliases"])?)?;
        builder.city_agencies(&rows(CITY_AGENCIES, &["code", "name", "kind", "aliases"])?)?;
        builder.units_2018(&rows(UNITS_2018, &["district_code", "district", "unit_code", "unit", "type"])?)?;
        builder.units_2025(&rows(UNITS_2025, &["unit_code", "unit", "type", "area_before_merger"])?)?;
        builder.changes(&rows(CHANGES, &["day", "unit_code", "from", "basis"])?)?;
        let agencies = builder.finish();
        let fields = fields(&rows(FIELDS, &["code", "vi", "en", "offered_by"])?, &agencies)?;
        let positions = agencies.iter().enumerate().map(|(i, a)| (a.id, i)).collect();
        Ok(Self { agencies, positions, fields })
    }

    /// All records of all days, in the order of their keys.
    pub fn agencies(&self) -> &[Agency] {
        &self.agencies
    }

    /// The records that hold on a day, the city itself among them.
    pub fn agencies_on(&self, day: i32) -> impl Iterator<Item = &Agency> {
        self.agencies.iter().filter(move |a| a.exists_on(day))
    }

    /// The units of a level on a day; at the level of the city its agencies, without the city itself.
    pub fn units(&self, level: Level, day: i32) -> impl Iterator<Item = &Agency> {
        self.agencies_on(day).filter(move |a| a.level == level && a.parent.is_some())
    }

    /// The record of a key.
    pub fn get(&self, id: AgencyId) -> Option<&Agency> {
        self.positions.get(&id).and_then(|position| self.agencies.get(*position))
    }

    /// The record that bears a canonical code on a day.
    pub fn by_code(&self, code: &str, day: i32) -> Option<&Agency> {
        agency::by_code(&self.agencies, code, day)
    }

    /// The agency above a record.
    pub fn parent(&self, agency: &Agency) -> Option<&Agency> {
        self.get(agency.parent?)
    }

    /// The name as a search result shows it, see [`Agency::label`].
    pub fn label(&self, agency: &Agency) -> String {
        agency.label(self.parent(agency))
    }

    /// The agencies of a day that answer a query, the best first, see [`agency::search`].
    pub fn search(&self, query: &str, day: i32, limit: usize) -> Vec<&Agency> {
        agency::search(&self.agencies, query, day, limit)
    }

    /// The fields of 2018, in order.
    pub fn fields(&self) -> &[OfferedField] {
        &self.fields
    }
}

/// Puts the records together, table after table, in the order in which they refer to each other.
struct Builder {
    agencies: Vec<Agency>,
    days: Days,
}

/// The key of a unit that our first list has: its GSO code, which is below 100,000.
/// The key of one born later: the year, then five figures of the code. So keys never depend on the order of rows.
fn key(born: Option<i32>, gso: i32) -> AgencyId {
    AgencyId(born.map_or(gso, |year| year * 100_000 + gso))
}

impl Builder {
    fn city(&mut self, rows: &[Row]) -> Result<(), TableError> {
        for row in rows {
            self.add(
                row,
                "code",
                Agency {
                    id: AgencyId(row.parse("number")?),
                    code: row.text("code")?,
                    name: row.text("name")?,
                    kind: "thành phố".to_owned(),
                    level: Level::City,
                    parent: None,
                    valid_from: row.day("valid_from")?,
                    valid_to: row.day_or_none("valid_to")?,
                    aliases: row.list("aliases", ';')?,
                    successors: Vec::new(),
                },
            )?;
        }
        // One city after the other: each record but the last is followed by the next.
        let ids: Vec<AgencyId> = self.agencies.iter().map(|a| a.id).collect();
        for (city, next) in self.agencies.iter_mut().zip(ids.into_iter().skip(1)) {
            city.successors.push(next);
        }
        Ok(())
    }

    fn city_agencies(&mut self, rows: &[Row]) -> Result<(), TableError> {
        for (number, row) in (1..).zip(rows) {
            let parent = self.city_on(row, self.days.units)?;
            self.add(
                row,
                "code",
                Agency {
                    id: AgencyId(number),
                    code: row.text("code")?,
                    name: row.text("name")?,
                    kind: row.text("kind")?,
                    level: Level::City,
                    parent: Some(parent),
                    valid_from: self.days.agencies,
                    valid_to: Some(self.days.two_tiers - 1),
                    aliases: row.list("aliases", ';')?,
                    successors: Vec::new(),
                },
            )?;
        }
        Ok(())
    }

    fn units_2018(&mut self, rows: &[Row]) -> Result<(), TableError> {
        for row in rows {
            let city = self.city_on(row, self.days.units)?;
            let district = gso(row, "district_code")?;
            let name = row.text("district")?;
            match self.agencies.iter().find(|a| a.id == key(None, district)) {
                None => {
                    let kind = name.split(' ').next().unwrap_or_default().to_lowercase();
                    let days = (self.days.units, Some(self.days.two_tiers - 1));
                    let unit = unit(key(None, district), district, name, kind, Level::District, city, days);
                    self.add(row, "district_code", unit)?;
                }
                Some(known) if known.name != name => {
                    return Err(row.wrong("district", format_args!("{district} was \"{}\" above", known.name)));
                }
                Some(_) => {}
            }
            let code = gso(row, "unit_code")?;
            let days = (self.days.units, Some(self.days.two_tiers - 1));
            let unit =
                unit(key(None, code), code, row.text("unit")?, kind(row)?, Level::Commune, key(None, district), days);
            self.add(row, "unit_code", unit)?;
        }
        Ok(())
    }

    fn units_2025(&mut self, rows: &[Row]) -> Result<(), TableError> {
        for row in rows {
            let city = self.city_on(row, self.days.two_tiers)?;
            let code = gso(row, "unit_code")?;
            let days = (self.days.two_tiers, None);
            let unit = unit(key(Some(2025), code), code, row.text("unit")?, kind(row)?, Level::Commune, city, days);
            self.add(row, "unit_code", unit)?;
        }
        Ok(())
    }

    /// Mergers, one row each: on `day` the unit with `unit_code` takes over the area of the units in `from`. A unit
    /// that keeps code and name through it becomes a new record all the same, because its area is another.
    fn changes(&mut self, rows: &[Row]) -> Result<(), TableError> {
        for row in rows {
            let day = row.day("day")?;
            row.text("basis")?;
            let code = row.text("unit_code")?;
            let before = |agencies: &[Agency], code: &str| {
                agencies.iter().position(|a| a.level == Level::Commune && a.code == code && a.exists_on(day - 1))
            };
            let mut old = Vec::new();
            for from in row.list("from", ' ')? {
                old.push(
                    before(&self.agencies, &from)
                        .ok_or_else(|| row.wrong("from", format_args!("no unit {from} on the day before")))?,
                );
            }
            let born = self.agencies.iter().find(|a| a.code == code && a.valid_from == day).map(|a| a.id);
            let follower = before(&self.agencies, &code).and_then(|position| self.agencies.get(position)).cloned();
            for position in &old {
                if let Some(agency) = self.agencies.get_mut(*position) {
                    agency.valid_to = Some(day - 1);
                }
            }
            let successor = match (born, follower) {
                (Some(id), _) => id,
                (None, Some(follower)) => {
                    let year = row.text("day")?.split('-').next().and_then(|year| year.parse().ok());
                    let id = key(year, gso(row, "unit_code")?);
                    self.add(row, "unit_code", Agency { id, valid_from: day, ..follower })?;
                    id
                }
                (None, None) => return Err(row.wrong("unit_code", "no such unit on the day or the day before")),
            };
            for position in old {
                if let Some(agency) = self.agencies.get_mut(position) {
                    agency.successors.push(successor);
                }
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Vec<Agency> {
        self.agencies.sort_by_key(|a| a.id);
        self.agencies
    }

    fn add(&mut self, row: &Row, column: &str, agency: Agency) -> Result<(), TableError> {
        let overlaps = |other: &Agency| {
            agency.valid_to.is_none_or(|to| other.valid_from <= to)
                && other.valid_to.is_none_or(|to| agency.valid_from <= to)
        };
        if agency.valid_to.is_some_and(|to| to < agency.valid_from) {
            return Err(row.wrong("valid_to", "before the first day"));
        }
        if !agency.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            return Err(row.wrong(column, format_args!("\"{}\": only a-z, 0-9 and hyphens", agency.code)));
        }
        if self.agencies.iter().any(|a| a.id == agency.id) {
            return Err(row.wrong(column, format_args!("\"{}\": a second time", agency.code)));
        }
        if self.agencies.iter().any(|a| a.code == agency.code && overlaps(a)) {
            return Err(row.wrong(column, format_args!("\"{}\": two at one time", agency.code)));
        }
        self.agencies.push(agency);
        Ok(())
    }

    fn city_on(&self, row: &Row, day: i32) -> Result<AgencyId, TableError> {
        self.agencies
            .iter()
            .find(|a| a.parent.is_none() && a.exists_on(day))
            .map(|a| a.id)
            .ok_or_else(|| row.wrong("", "no city at that time in city.csv"))
    }
}

/// A GSO code of a district or commune.
fn gso(row: &Row, column: &str) -> Result<i32, TableError> {
    let code: i32 = row.parse(column)?;
    if (100..100_000).contains(&code) { Ok(code) } else { Err(row.wrong(column, "a GSO code has 3 to 5 figures")) }
}

/// "phường", "xã" or "thị trấn", which must be how the name begins.
fn kind(row: &Row) -> Result<String, TableError> {
    let kind = row.text("type")?;
    if !["phường", "xã", "thị trấn"].contains(&kind.as_str()) {
        return Err(row.wrong("type", format_args!("\"{kind}\": must be phường, xã or thị trấn")));
    }
    if !row.text("unit")?.to_lowercase().starts_with(&format!("{kind} ")) {
        return Err(row.wrong("unit", format_args!("must begin with \"{kind}\"")));
    }
    Ok(kind)
}

fn unit(
    id: AgencyId,
    gso: i32,
    name: String,
    kind: String,
    level: Level,
    parent: AgencyId,
    (valid_from, valid_to): (i32, Option<i32>),
) -> Agency {
    let code = gso.to_string();
    let aliases = vec![code.clone()];
    Agency { id, code, name, kind, level, parent: Some(parent), valid_from, valid_to, aliases, successors: Vec::new() }
}

fn fields(rows: &[Row], agencies: &[Agency]) -> Result<Vec<OfferedField>, TableError> {
    let mut seen = HashSet::new();
    let mut fields = Vec::new();
    for row in rows {
        let code = row.text("code")?;
        if !seen.insert(code.clone()) {
            return Err(row.wrong("code", format_args!("\"{code}\": a second time")));
        }
        let mut offered_by = Vec::new();
        for part in row.list("offered_by", ' ')? {
            let (who, share) = part
                .split_once(':')
                .and_then(|(who, share)| Some((who, share.parse::<u32>().ok()?)))
                .ok_or_else(|| row.wrong("offered_by", format_args!("\"{part}\": must read like cap-xa:38")))?;
            let offerer = match who {
                "cap-xa" => Offerer::Level(Level::Commune),
                "cap-huyen" => Offerer::Level(Level::District),
                who if agencies.iter().any(|a| a.code == who) => Offerer::Agency(who.to_owned()),
                who => return Err(row.wrong("offered_by", format_args!("no agency \"{who}\""))),
            };
            offered_by.push((offerer, share));
        }
        let name = Text { vi: row.text("vi")?, en: row.text("en")? };
        fields.push(OfferedField { field: Field { code, name }, offered_by });
    }
    Ok(fields)
}

#[cfg(test)]
mod tests;
