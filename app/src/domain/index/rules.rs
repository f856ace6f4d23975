//! The other rules side by side, from the same tallies: how far an index would be another under another rule. For
//! Sở Nội vụ, on rounds that are not published, and never exported.

use super::super::ids::AgencyId;
use super::super::method::{CityRule, Method, OverallRule};
use super::super::tally::Shape;
use super::Agency;
use super::compute;
use super::estimate::Figure;
use super::result::AgencyResult;

/// One agency under both overall rules.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitUnder {
    /// The agency.
    pub agency: AgencyId,
    /// Plain mean of its factors.
    pub mean_of_factors: Figure,
    /// Satisfied over answered, over all criteria.
    pub pooled: Figure,
}

/// A group under one pair of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct CityUnder {
    /// How factors become an index.
    pub overall: OverallRule,
    /// How agencies become the group.
    pub city: CityRule,
    /// The method's own rules.
    pub published: bool,
    /// The index.
    pub figure: Figure,
}

/// All rules side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct SideBySide {
    /// Agency by agency.
    pub units: Vec<UnitUnder>,
    /// The group under the four pairs of rules.
    pub city: Vec<CityUnder>,
}

/// The agencies of a group, and the group, under every rule.
pub fn side_by_side(shape: &Shape, method: &Method, members: &[&Agency<'_>]) -> SideBySide {
    let mut city = Vec::new();
    let mut units = Vec::new();
    for overall in [OverallRule::MeanOfFactors, OverallRule::Pooled] {
        let under = Method { overall, ..method.clone() };
        let all: Vec<Agency<'_>> = members.iter().map(|a| (*a).clone()).collect();
        let results: Vec<AgencyResult> = compute::agencies(shape, &under, &all);
        let pairs: Vec<(&Agency<'_>, &AgencyResult)> = members.iter().copied().zip(&results).collect();
        let group = compute::group(shape, &under, &pairs);
        for (rule, figure) in
            [(CityRule::PooledByN, *group.pooled_by_n.index()), (CityRule::MeanOfUnits, group.mean_of_units)]
        {
            let published = overall == method.overall && rule == method.city;
            city.push(CityUnder { overall, city: rule, published, figure });
        }
        if units.is_empty() {
            let unit = |r: &AgencyResult| UnitUnder {
                agency: r.agency,
                mean_of_factors: r.figures.overall.mean_of_factors,
                pooled: r.figures.overall.pooled,
            };
            units = results.iter().map(unit).collect();
        }
    }
    SideBySide { units, city }
}
