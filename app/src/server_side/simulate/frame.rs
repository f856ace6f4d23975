//! Whom the simulated round measures: every agency of the city in 2018, its fields, and how many dossiers it returned.
//! The total is that of the report (617,081 in 2018); how it falls to the agencies is simulated.

use super::chance::Chance;
use crate::domain::agency::{Agency, Level};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::round::{Field, Stratum};
use crate::domain::sample::proportional;
use crate::server_side::city::{City, Offerer};

/// Dossiers of the whole city in 2018, Báo cáo 278/BC-UBND.
pub(super) const DOSSIERS: u64 = 617_081;

/// The smallest offices, in dossiers; fewer than 50 kept an agency out of the survey of 2019, so they are not scaled.
const FEW: &[(&str, u64)] = &[("vp-ubnd", 58), ("thanh-tra-tp", 46), ("ban-dan-toc", 38)];

/// Rough sizes of the city's agencies beside the rest, in dossiers before scaling; invented.
const SIZES: &[(&str, f64)] = &[
    ("so-noi-vu", 900.0),
    ("so-tu-phap", 16_000.0),
    ("so-khdt", 11_000.0),
    ("so-tai-chinh", 350.0),
    ("so-cong-thuong", 9_000.0),
    ("so-nnptnt", 2_600.0),
    ("so-gtvt", 42_000.0),
    ("so-xay-dung", 2_200.0),
    ("so-tnmt", 30_000.0),
    ("so-tttt", 420.0),
    ("so-ldtbxh", 5_200.0),
    ("so-vhttdl", 1_300.0),
    ("so-khcn", 520.0),
    ("so-gddt", 2_400.0),
    ("so-y-te", 6_200.0),
    ("so-ngoai-vu", 480.0),
    ("bql-kcx-cn", 1_500.0),
    ("916", 32_000.0),
];

/// The agencies drawn by field, each with the fields that were drawn; the others have one list.
const BY_FIELD: &[(&str, &[&str])] = &[
    ("916", &["dat-dai", "kinh-doanh", "xay-dung"]),
    ("918", &["dat-dai", "chung-thuc"]),
    ("so-tnmt", &["dat-dai", "moi-truong"]),
    ("so-gtvt", &["giay-phep-lai-xe", "van-tai"]),
    ("so-khdt", &["dang-ky-doanh-nghiep", "dau-tu"]),
];

/// One agency under measurement.
pub(super) struct Office {
    pub(super) agency: AgencyId,
    /// N of the agency.
    pub(super) population: u64,
    pub(super) strata: Vec<Stratum>,
    /// Positions of the fields it serves, with their shares.
    pub(super) fields: Vec<(i16, u32)>,
    /// Share of respondents who come for an organisation.
    pub(super) organisations: f64,
    /// Share of respondents who live in town.
    pub(super) urban: f64,
}

/// The fields of the round and the agencies, in the order of their keys.
pub(super) struct Frame {
    pub(super) fields: Vec<Field>,
    pub(super) offices: Vec<Office>,
}

/// The frame of the agencies that exist on `day`.
pub(super) fn frame(city: &City, day: i32, chance: &mut Chance) -> Frame {
    let agencies: Vec<&Agency> = city.agencies_on(day).filter(|a| a.parent.is_some()).collect();
    let few = |a: &Agency| FEW.iter().find(|(code, _)| *code == a.code).map(|(_, n)| *n);
    let sizes: Vec<f64> = agencies.iter().map(|a| if few(a).is_some() { 0.0 } else { size(a, chance) }).collect();
    let scaled = proportional(DOSSIERS - FEW.iter().map(|(_, n)| n).sum::<u64>(), &sizes);
    let mut next_stratum = 1;
    let offices = agencies
        .iter()
        .zip(scaled)
        .map(|(agency, scaled)| {
            let population = few(agency).unwrap_or(scaled);
            let fields = fields_of(city, agency);
            let strata = strata(city, agency, population, &fields, &mut next_stratum);
            Office {
                agency: agency.id,
                population,
                strata,
                fields,
                organisations: organisations(agency),
                urban: urban(agency),
            }
        })
        .collect();
    Frame { fields: city.fields().iter().map(|f| f.field.clone()).collect(), offices }
}

fn size(agency: &Agency, chance: &mut Chance) -> f64 {
    let usual = SIZES.iter().find(|(code, _)| *code == agency.code).map_or_else(
        || match agency.kind.as_str() {
            "quận" => 15_000.0,
            "huyện" => 11_000.0,
            "phường" => 4_600.0,
            "thị trấn" => 4_200.0,
            _ => 3_600.0,
        },
        |(_, size)| *size,
    );
    usual * (1.0 + 0.25 * chance.normal()).max(0.4)
}

/// The fields that name the agency; otherwise those of its level.
fn fields_of(city: &City, agency: &Agency) -> Vec<(i16, u32)> {
    let of = |wanted: &dyn Fn(&Offerer) -> bool| -> Vec<(i16, u32)> {
        (0..)
            .zip(city.fields())
            .filter_map(|(position, f)| {
                f.offered_by.iter().find(|(who, _)| wanted(who)).map(|(_, share)| (position, *share))
            })
            .collect()
    };
    let own = of(&|who| *who == Offerer::Agency(agency.code.clone()));
    if own.is_empty() { of(&|who| *who == Offerer::Level(agency.level)) } else { own }
}

fn strata(city: &City, agency: &Agency, population: u64, fields: &[(i16, u32)], next: &mut i32) -> Vec<Stratum> {
    let mut stratum = |field, population: u64| {
        let id = StratumId(*next);
        *next += 1;
        Stratum { id, agency: agency.id, field, population: i64::try_from(population).ok() }
    };
    let Some((_, drawn)) = BY_FIELD.iter().find(|(code, _)| *code == agency.code) else {
        return vec![stratum(None, population)];
    };
    let is_drawn = |position: i16| {
        usize::try_from(position)
            .ok()
            .and_then(|p| city.fields().get(p))
            .is_some_and(|f| drawn.contains(&f.field.code.as_str()))
    };
    let drawn: Vec<_> = fields.iter().filter(|(position, _)| is_drawn(*position)).collect();
    let weights: Vec<f64> = drawn.iter().map(|(_, share)| f64::from(*share)).collect();
    drawn.iter().zip(proportional(population, &weights)).map(|((field, _), n)| stratum(Some(*field), n)).collect()
}

fn organisations(agency: &Agency) -> f64 {
    match (agency.code.as_str(), agency.level) {
        ("so-khdt" | "bql-kcx-cn", _) => 0.75,
        ("so-cong-thuong" | "so-xay-dung" | "so-khcn", _) => 0.45,
        ("so-gtvt" | "so-tu-phap", _) => 0.08,
        (_, Level::City) => 0.25,
        (_, Level::District) => 0.12,
        (_, Level::Commune) => 0.04,
    }
}

fn urban(agency: &Agency) -> f64 {
    match agency.kind.as_str() {
        "phường" | "quận" => 0.93,
        "thị trấn" => 0.7,
        "xã" => 0.06,
        "huyện" => 0.25,
        _ => 0.66,
    }
}
