//! Agencies as dated records: a code or a name may come back for another area, the surrogate key never does.

pub mod file;

use serde::{Deserialize, Serialize};

use super::ids::AgencyId;
use super::text::{fold, sort_key};

/// The level of an agency in the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The city itself and its specialised agencies (sở, ban).
    City,
    /// Quận, huyện (to 30/6/2025).
    District,
    /// Xã, phường, thị trấn.
    Commune,
}

impl Level {
    /// All levels from the top down.
    pub const ALL: &[Self] = &[Self::City, Self::District, Self::Commune];

    /// The stored number.
    pub fn code(self) -> i16 {
        match self {
            Self::City => 1,
            Self::District => 2,
            Self::Commune => 3,
        }
    }

    /// The level of a stored number.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.iter().copied().find(|l| l.code() == code)
    }
}

/// One dated record of an agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agency {
    /// Surrogate key.
    pub id: AgencyId,
    /// Short stable code used in addresses, the API and exports, unique among the records of one day.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Kind as written in the source: "sở", "quận", "phường", …
    pub kind: String,
    /// Level.
    pub level: Level,
    /// The agency it belongs to, as of the same dates.
    pub parent: Option<AgencyId>,
    /// First day, as days since 1970-01-01.
    pub valid_from: i32,
    /// Last day, inclusive; none while it exists.
    pub valid_to: Option<i32>,
    /// Other codes and short names under which it is known (GSO, both kinds of mã định danh, "TN&MT").
    pub aliases: Vec<String>,
    /// The records that took over its area.
    pub successors: Vec<AgencyId>,
}

impl Agency {
    /// Whether the record holds on a day.
    pub fn exists_on(&self, day: i32) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }
}

impl Agency {
    /// The name as a search result shows it. Communes share names ("Thị trấn Thạnh An", "Xã Thạnh An"), so theirs stands
    /// with the kind, which is part of the name, and with the agency above: "Xã Thạnh An, huyện Vĩnh Thạnh".
    pub fn label(&self, parent: Option<&Self>) -> String {
        match (self.level, parent) {
            (Level::Commune, Some(parent)) => format!("{}, {}", self.name, small_first(&parent.name)),
            _ => self.name.clone(),
        }
    }

    /// The folded name without its kind: "thanh an" of "Thị trấn Thạnh An".
    fn bare_name<'n>(&self, folded: &'n str) -> &'n str {
        folded.strip_prefix(&fold(&self.kind)).map_or(folded, str::trim_start)
    }
}

fn small_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The record that bears a canonical code on a day, letters of any case.
pub fn by_code<'a>(agencies: impl IntoIterator<Item = &'a Agency>, code: &str, day: i32) -> Option<&'a Agency> {
    agencies.into_iter().find(|a| a.exists_on(day) && a.code.eq_ignore_ascii_case(code))
}

/// How well a name answers a query, from the best down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The code or an alias, whole.
    Code,
    /// The name, whole, with or without its kind.
    Whole,
    /// The name without its kind begins so.
    Begins,
    /// The name with its kind begins so.
    BeginsWithKind,
    /// The words stand in the name one after the other.
    Phrase,
    /// Every word begins some word of the name, the code or an alias.
    Words,
}

/// The agencies of a day that answer a query, the best first, at most `limit`. Case, diacritics and tone placement do
/// not matter; codes and aliases count beside names; equals stand by level, then in Vietnamese order. A query
/// without letters or figures finds nothing.
pub fn search<'a>(
    agencies: impl IntoIterator<Item = &'a Agency>,
    query: &str,
    day: i32,
    limit: usize,
) -> Vec<&'a Agency> {
    let query = fold(query);
    if query.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<_> =
        agencies.into_iter().filter(|a| a.exists_on(day)).filter_map(|a| Some((fit(a, &query)?, a))).collect();
    found.sort_by_cached_key(|(fit, a)| (*fit, a.level, sort_key(&a.name), a.id));
    found.into_iter().take(limit).map(|(_, a)| a).collect()
}

fn fit(agency: &Agency, query: &str) -> Option<Fit> {
    let name = fold(&agency.name);
    let bare = agency.bare_name(&name);
    let codes: Vec<String> = std::iter::once(&agency.code).chain(&agency.aliases).map(|code| fold(code)).collect();
    let squashed = squash(query);
    let fit = if codes.iter().any(|code| squash(code) == squashed) {
        Fit::Code
    } else if name == query || bare == query {
        Fit::Whole
    } else if bare.starts_with(query) {
        Fit::Begins
    } else if name.starts_with(query) {
        Fit::BeginsWithKind
    } else if format!(" {name}").contains(&format!(" {query}")) {
        Fit::Phrase
    } else {
        let words =
            || std::iter::once(name.as_str()).chain(codes.iter().map(String::as_str)).flat_map(str::split_whitespace);
        let every = query.split_whitespace().all(|asked| words().any(|word| word.starts_with(asked)));
        return every.then_some(Fit::Words);
    };
    Some(fit)
}

/// A folded code without its spaces, so that "000.00.00.H13", "TN&MT" and "so tnmt" compare as typed or not.
fn squash(folded: &str) -> String {
    folded.chars().filter(|c| *c != ' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: i32 = 17_600;

    fn agency(id: i32, kind: &str, name: &str) -> Agency {
        Agency {
            id: AgencyId(id),
            code: id.to_string(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            level: if kind == "sở" { Level::City } else { Level::Commune },
            parent: None,
            valid_from: TODAY - 100,
            valid_to: None,
            aliases: Vec::new(),
            successors: Vec::new(),
        }
    }

    fn names<'a>(agencies: &'a [Agency], query: &str) -> Vec<&'a str> {
        search(agencies, query, TODAY, 10).into_iter().map(|a| a.name.as_str()).collect()
    }

    #[test]
    fn what_begins_with_the_words_stands_before_what_contains_them() {
        let agencies = [
            agency(1, "phường", "Phường Thới An Đông"),
            agency(2, "phường", "Phường Đông Thới An"),
            agency(3, "phường", "Phường An Thới"),
            agency(4, "phường", "Phường Thới An"),
        ];
        assert_eq!(
            names(&agencies, "thoi an"),
            ["Phường Thới An", "Phường Thới An Đông", "Phường Đông Thới An", "Phường An Thới"]
        );
    }

    #[test]
    fn a_word_is_found_from_its_beginning_only() {
        let agencies = [agency(1, "phường", "Phường Cái Khế")];
        assert_eq!(names(&agencies, "kh"), ["Phường Cái Khế"]);
        assert!(names(&agencies, "he").is_empty());
    }

    #[test]
    fn codes_and_short_names_are_found_as_people_type_them() {
        let mut land = agency(7, "sở", "Sở Tài nguyên và Môi trường");
        land.code = "so-tnmt".to_owned();
        land.aliases = vec!["TN&MT".to_owned(), "TNMT".to_owned(), "000.00.12.H13".to_owned()];
        let agencies = [land];
        for query in ["TNMT", "tn&mt", "Sở TN&MT", "so tnmt", "so-tnmt", "000.00.12.h13", "moi truong so"] {
            assert_eq!(names(&agencies, query).len(), 1, "{query}");
        }
    }

    #[test]
    fn a_query_of_signs_finds_nothing_and_a_limit_is_kept() {
        let agencies = [agency(1, "xã", "Xã Thạnh An"), agency(2, "xã", "Xã Thạnh Lộc")];
        assert!(names(&agencies, " -- ").is_empty());
        assert_eq!(search(&agencies, "thanh", TODAY, 1).len(), 1);
        assert!(search(&agencies, "thanh", TODAY, 0).is_empty());
    }

    #[test]
    fn a_record_is_found_only_on_its_days() {
        let mut old = agency(1, "xã", "Xã Thạnh An");
        old.valid_to = Some(TODAY);
        let agencies = [old];
        assert_eq!(search(&agencies, "thanh an", TODAY, 5).len(), 1);
        assert!(search(&agencies, "thanh an", TODAY + 1, 5).is_empty());
        assert!(by_code(&agencies, "1", TODAY + 1).is_none());
        assert!(by_code(&agencies, "1", TODAY).is_some());
    }

    #[test]
    fn a_commune_is_told_from_its_namesake_by_kind_and_place() {
        let above = agency(9, "huyện", "Huyện Vĩnh Thạnh");
        assert_eq!(agency(1, "xã", "Xã Thạnh An").label(Some(&above)), "Xã Thạnh An, huyện Vĩnh Thạnh");
        assert_eq!(agency(2, "sở", "Sở Y tế").label(Some(&above)), "Sở Y tế");
    }
}
