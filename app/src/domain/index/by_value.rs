//! A one-way table: the figures of every value of a dimension.
//!
//! A value is a domain (design 8): the weights and n_h are those of the whole stratum, and the residual of everybody
//! outside the value is 0, so that Σz and Σz² over the stratum are those over the value. The whole of a stratum is the
//! sum over its values, one of which everybody has: parts and whole are then always of the same moment.

use std::collections::BTreeMap;

use super::super::breakdown::{Breakdown, NOT_SAID};
use super::super::ids::{AgencyId, StratumId};
use super::super::method::Method;
use super::super::round;
use super::super::tally::{Shape, Tally};
use super::compute::{Counts, filtered, group_of};
use super::estimate::Estimate;
use super::result::{AgencyResult, Figures, GroupResult, LeftOut, OpenResult};
use super::{Agency, NestedStratum, Stratum, open};

/// One line of a one-way table.
#[derive(Clone, Debug, PartialEq)]
pub struct OfValue<F> {
    /// The value in the dimension; [`NOT_SAID`] is "không trả lời" and stands last.
    pub value: i32,
    /// Its figures.
    pub figures: F,
}

/// A breakdown laid beside the strata that it is about.
#[expect(clippy::struct_field_names, reason = "`parts` is what the strata are split into")]
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    strata: Vec<&'a round::Stratum>,
    wholes: BTreeMap<StratumId, Tally>,
    /// By value, in the order in which they are shown.
    parts: BTreeMap<(bool, i32), BTreeMap<StratumId, &'a Tally>>,
    left_out: BTreeMap<i32, LeftOut>,
}

impl<'a> Parts<'a> {
    /// The strata of a round (or those of one agency) with the breakdown of the same agencies. Rows of other agencies
    /// count nowhere; rows of these agencies that are in none of the strata are left out and counted as such.
    pub fn new(strata: impl IntoIterator<Item = &'a round::Stratum>, breakdown: &'a Breakdown) -> Self {
        let strata: Vec<&round::Stratum> = strata.into_iter().collect();
        let mut wholes: BTreeMap<StratumId, Tally> = BTreeMap::new();
        let mut parts: BTreeMap<(bool, i32), BTreeMap<StratumId, &Tally>> = BTreeMap::new();
        let mut left_out: BTreeMap<i32, LeftOut> = BTreeMap::new();
        for row in breakdown.rows.iter().filter(|row| strata.iter().any(|s| s.agency == row.agency)) {
            let of_value = parts.entry((row.value == NOT_SAID, row.value)).or_default();
            if strata.iter().any(|s| s.id == row.stratum) {
                of_value.insert(row.stratum, &row.tally);
                let whole = wholes.entry(row.stratum);
                whole.and_modify(|whole| whole.merge(&row.tally)).or_insert_with(|| row.tally.clone());
            } else {
                let out = left_out.entry(row.value).or_default();
                match row.stratum {
                    StratumId::OUTSIDE => out.outside += row.tally.n(),
                    _ => out.unknown_stratum += row.tally.n(),
                }
            }
        }
        Self { strata, wholes, parts, left_out }
    }

    /// The values, in the order in which they are shown.
    pub fn values(&self) -> impl Iterator<Item = i32> {
        self.parts.keys().map(|(_, value)| *value)
    }

    /// The strata with their part of this value, for [`super::difference_with_total`]. `zero` is a tally of nothing.
    pub fn nested<'s>(&'s self, value: i32, zero: &'s Tally) -> Vec<NestedStratum<'s>> {
        self.nested_of(value, zero, |_| true)
    }

    fn nested_of<'s>(&'s self, value: i32, zero: &'s Tally, of: impl Fn(AgencyId) -> bool) -> Vec<NestedStratum<'s>> {
        let of_value = self.parts.get(&(value == NOT_SAID, value));
        let strata = self.strata.iter().filter(|s| of(s.agency));
        strata
            .map(|s| NestedStratum {
                agency: s.agency,
                id: s.id,
                population: s.population,
                whole: self.wholes.get(&s.id).unwrap_or(zero),
                part: of_value.and_then(|parts| parts.get(&s.id).copied()),
            })
            .collect()
    }

    fn reaches(&self, value: i32, agency: AgencyId) -> bool {
        let of_value = self.parts.get(&(value == NOT_SAID, value));
        of_value.is_some_and(|parts| self.strata.iter().any(|s| s.agency == agency && parts.contains_key(&s.id)))
    }

    fn left_out(&self, value: i32) -> LeftOut {
        self.left_out.get(&value).copied().unwrap_or_default()
    }

    fn agencies(&self) -> Vec<AgencyId> {
        let mut agencies: Vec<AgencyId> = self.strata.iter().map(|s| s.agency).collect();
        agencies.sort_unstable();
        agencies.dedup();
        agencies
    }
}

/// The figures of every value, over the strata of one agency in a probability stream.
pub fn by_value(shape: &Shape, method: &Method, parts: &Parts<'_>) -> Vec<OfValue<Figures>> {
    let zero = Tally::zero(shape);
    let of_value = |value: i32| {
        let mut figures = filtered(shape, method, &parts.nested(value, &zero));
        figures.left_out = parts.left_out(value);
        OfValue { value, figures }
    };
    parts.values().map(of_value).collect()
}

/// The figures of every value, over the agencies of a level or of the city in a probability stream, by both city rules.
pub fn group_by_value(shape: &Shape, method: &Method, parts: &Parts<'_>) -> Vec<OfValue<GroupResult>> {
    let zero = Tally::zero(shape);
    let agencies = parts.agencies();
    let of_value = |value: i32| {
        let of_agency = |agency: &AgencyId| {
            let nested = parts.nested_of(value, &zero, |a| a == *agency);
            AgencyResult { agency: *agency, figures: filtered(shape, method, &nested), design: None }
        };
        // Who has nobody with the value has no index in it.
        let members: Vec<AgencyResult> = agencies.iter().filter(|a| parts.reaches(value, **a)).map(of_agency).collect();
        let measured = members.iter().filter(|m| m.figures.n > 0).count();
        let units: Vec<(AgencyId, Estimate)> =
            members.iter().filter_map(|m| m.figures.estimate().map(|e| (m.agency, *e))).collect();
        let nested = parts.nested(value, &zero);
        let counts = Counts { agencies: agencies.len(), measured };
        let figures = group_of(shape, method, &nested, parts.left_out(value), &units, counts);
        OfValue { value, figures }
    };
    parts.values().map(of_value).collect()
}

/// What the volunteers of one agency said, by value: n and shares, with nothing that could be taken for precision.
/// `strata` are those of the agency; the N beside is that of the whole agency.
pub fn open_by_value(
    shape: &Shape,
    method: &Method,
    agency: AgencyId,
    strata: &[round::Stratum],
    breakdown: &Breakdown,
) -> Vec<OfValue<OpenResult>> {
    let population = strata.iter().filter(|s| s.agency == agency).map(|s| s.population).sum();
    let rows = || breakdown.rows.iter().filter(|row| row.agency == agency);
    let of_value = |value: i32| {
        let mut tally = Tally::zero(shape);
        let mut left_out = LeftOut::default();
        for row in rows().filter(|row| row.value == value) {
            // Nobody drew this stream, so that who does not say the field is in it all the same.
            if row.stratum == StratumId::OUTSIDE {
                left_out.outside += row.tally.n();
            } else {
                tally.merge(&row.tally);
            }
        }
        let strata = vec![Stratum { id: StratumId::WHOLE, population, tally: &tally }];
        OfValue { value, figures: open(shape, method, &Agency { id: agency, strata, left_out }) }
    };
    let mut values = breakdown.values();
    values.retain(|value| rows().any(|row| row.value == *value));
    values.into_iter().map(of_value).collect()
}
