//! The same figures by plain sums over respondents, as the formulas are written.

use proptest::prelude::*;

use super::fixture::{self, SIZES};
use crate::domain::answer::Sheet;
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{self, Figure, NestedStratum};
use crate::domain::tally::Tally;

/// (k, m) of a sheet for one part of an index.
pub(super) type Part<'a> = &'a dyn Fn(&Sheet) -> (f64, f64);

/// A stratum as a list of respondents.
#[derive(Clone, Debug)]
pub(super) struct Respondents {
    pub(super) population: i64,
    pub(super) sheets: Vec<Sheet>,
}

/// 2 to 25 respondents with any answers, at least the first being a score, and 0 to 60 dossiers more.
pub(super) fn respondents() -> impl Strategy<Value = Respondents> {
    let figures = prop::collection::vec(0_u8..=7, 21);
    let sheet = (1_u8..=5, figures).prop_map(|(first, rest)| {
        let all: Vec<u8> = std::iter::once(first).chain(rest).collect();
        fixture::sheet(&all)
    });
    (prop::collection::vec(sheet, 2..25), 0_i64..60)
        .prop_map(|(sheets, more)| Respondents { population: sheets.len() as i64 + more, sheets })
}

pub(super) fn tally(respondents: &Respondents) -> Tally {
    let shape = fixture::shape();
    let mut tally = Tally::zero(&shape);
    for sheet in &respondents.sheets {
        tally.add(&shape, sheet, 1, true);
    }
    tally
}

/// Ratio and standard error of Σ_F share·(Σw·k_F / Σw·m_F) over parts, each given as (k, m) of a sheet. Sheets for
/// which `inside` is false have a residual of 0.
fn direct(strata: &[Respondents], parts: &[Part<'_>], inside: &dyn Fn(usize) -> bool) -> Option<(f64, Vec<Vec<f64>>)> {
    let weight = |s: &Respondents| s.population as f64 / s.sheets.len() as f64;
    let mut value = 0.0;
    let mut residuals: Vec<Vec<f64>> = strata.iter().map(|s| vec![0.0; s.sheets.len()]).collect();
    for part in parts {
        let (mut k, mut m) = (0.0, 0.0);
        for stratum in strata {
            for (_, sheet) in stratum.sheets.iter().enumerate().filter(|(i, _)| inside(*i)) {
                k += weight(stratum) * part(sheet).0;
                m += weight(stratum) * part(sheet).1;
            }
        }
        if m == 0.0 {
            return None;
        }
        let share = 1.0 / parts.len() as f64;
        value += share * k / m;
        for (stratum, z) in strata.iter().zip(&mut residuals) {
            for (i, sheet) in stratum.sheets.iter().enumerate().filter(|(i, _)| inside(*i)) {
                z[i] += share * (part(sheet).0 - k / m * part(sheet).1) / m;
            }
        }
    }
    Some((value, residuals))
}

fn se(strata: &[Respondents], residuals: &[Vec<f64>]) -> f64 {
    let mut variance = 0.0;
    for (stratum, z) in strata.iter().zip(residuals) {
        let (n, big) = (z.len() as f64, stratum.population as f64);
        let mean = z.iter().sum::<f64>() / n;
        let s2 = z.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        variance += big * big * (1.0 - n / big) * s2 / n;
    }
    variance.sqrt()
}

pub(super) fn agrees(figure: &Figure, strata: &[Respondents], parts: &[Part<'_>], inside: &dyn Fn(usize) -> bool) {
    let Some((value, residuals)) = direct(strata, parts, inside) else {
        assert!(figure.is_err());
        return;
    };
    let estimate = figure.as_ref().unwrap();
    assert!((estimate.value() - value).abs() < 1e-12, "{} {value}", estimate.value());
    let se = se(strata, &residuals);
    let got = estimate.se().unwrap();
    assert!((got - se).abs() < 1e-9 * se + 1e-12, "se {got}, directly {se}");
}

pub(super) fn counts(sheet: &Sheet, criteria: std::ops::Range<usize>) -> (f64, f64) {
    let scores = sheet.answers[criteria].iter().filter_map(|a| a.score());
    scores.fold((0.0, 0.0), |(k, m), s| (k + f64::from(u8::from(s >= 4)), m + 1.0))
}

/// The criteria of a factor.
pub(super) fn of_factor(f: usize) -> std::ops::Range<usize> {
    let start = SIZES[..f].iter().sum::<usize>();
    start..start + SIZES[f]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_figure_agrees_with_sums_over_respondents(strata in prop::collection::vec(respondents(), 1..4)) {
        let (shape, method) = (fixture::shape(), fixture::method());
        let tallies: Vec<Tally> = strata.iter().map(tally).collect();
        let pairs: Vec<_> = strata.iter().zip(&tallies).map(|(s, t)| (Some(s.population), t)).collect();
        let figures = index::agency(&shape, &method, &fixture::agency(1, &pairs)).figures;
        let everybody = |_: usize| true;
        for (j, criterion) in figures.criteria.iter().enumerate() {
            agrees(&criterion.figure, &strata, &[&|s: &Sheet| counts(s, j..j + 1)], &everybody);
        }
        let factor = |f: usize| move |s: &Sheet| counts(s, of_factor(f));
        let parts = [factor(0), factor(1), factor(2), factor(3), factor(4)];
        for (f, part) in parts.iter().enumerate() {
            agrees(&figures.factors[f].figure, &strata, &[part], &everybody);
        }
        agrees(&figures.overall.pooled, &strata, &[&|s: &Sheet| counts(s, 0..22)], &everybody);
        let counted: Vec<Part<'_>> = figures
            .factors
            .iter()
            .zip(&parts)
            .filter(|(f, _)| f.respondents >= 5)
            .map(|(_, p)| p as Part<'_>)
            .collect();
        if counted.is_empty() {
            prop_assert!(figures.overall.mean_of_factors.is_err());
        } else {
            agrees(&figures.overall.mean_of_factors, &strata, &counted, &everybody);
        }
        let happy = |s: &Sheet| {
            let (k, m) = counts(s, 0..22);
            (f64::from(u8::from(k >= m)), 1.0)
        };
        agrees(&figures.all_satisfied, &strata, &[&happy], &everybody);
    }

    /// A month is a domain: weights and n_h of the whole stratum, residual 0 outside. Its difference with the whole
    /// uses the joint residual.
    #[test]
    fn a_part_and_its_difference_with_the_whole_agree_with_sums_over_respondents(
        strata in prop::collection::vec(respondents(), 1..4),
    ) {
        let (shape, mut method) = (fixture::shape(), fixture::method());
        method.overall = crate::domain::method::OverallRule::Pooled;
        let inside = |i: usize| i.is_multiple_of(2);
        let part_of = |s: &Respondents| Respondents {
            population: s.population,
            sheets: s.sheets.iter().step_by(2).cloned().collect(),
        };
        let wholes: Vec<Tally> = strata.iter().map(tally).collect();
        let parts: Vec<Tally> = strata.iter().map(|s| tally(&part_of(s))).collect();
        let nested: Vec<NestedStratum<'_>> = strata
            .iter()
            .zip(wholes.iter().zip(&parts))
            .zip(1..)
            .map(|((s, (whole, part)), id)| NestedStratum {
                agency: AgencyId(1),
                id: StratumId(id),
                population: Some(s.population),
                whole,
                part: Some(part),
            })
            .collect();
        let figures = index::filtered(&shape, &method, &nested);
        let census = strata.iter().all(|s| s.population == s.sheets.len() as i64);
        for (j, criterion) in figures.criteria.iter().enumerate() {
            agrees(&criterion.figure, &strata, &[&|s: &Sheet| counts(s, j..j + 1)], &inside);
        }
        let all = |s: &Sheet| counts(s, 0..22);
        agrees(figures.index(), &strata, &[&all], &inside);

        let difference = index::difference_with_total(&shape, &method, &nested, 0.95).unwrap();
        let (part, z_part) = direct(&strata, &[&all], &inside).unwrap();
        let (whole, z_whole) = direct(&strata, &[&all], &|_| true).unwrap();
        let z: Vec<Vec<f64>> = z_part
            .iter()
            .zip(&z_whole)
            .map(|(p, w)| p.iter().zip(w).map(|(p, w)| p - w).collect())
            .collect();
        prop_assert!((difference.value - (part - whole)).abs() < 1e-12);
        let df: i64 = strata.iter().map(|s| s.sheets.len() as i64 - 1).sum();
        let half = crate::domain::stats::t_quantile(0.975, df as f64) * se(&strata, &z);
        prop_assert!((difference.high - difference.value - half).abs() < 1e-9 || difference.high >= 1.0);
        prop_assert!(!census || difference.high - difference.low < 1e-12);
    }

    /// An agency within the city: its strata are the part.
    #[test]
    fn an_agency_less_the_city_that_holds_it_uses_the_joint_residual(
        strata in prop::collection::vec(respondents(), 2..4),
    ) {
        let (shape, mut method) = (fixture::shape(), fixture::method());
        method.overall = crate::domain::method::OverallRule::Pooled;
        let wholes: Vec<Tally> = strata.iter().map(tally).collect();
        let nested: Vec<NestedStratum<'_>> = strata
            .iter()
            .zip(&wholes)
            .zip(1..)
            .map(|((s, whole), id)| NestedStratum {
                agency: AgencyId(id),
                id: StratumId(id),
                population: Some(s.population),
                whole,
                part: (id == 1).then_some(whole),
            })
            .collect();
        let difference = index::difference_with_total(&shape, &method, &nested, 0.95).unwrap();
        let all = |s: &Sheet| counts(s, 0..22);
        let (part, z_part) = direct(&strata[..1], &[&all], &|_| true).unwrap();
        let (whole, mut z) = direct(&strata, &[&all], &|_| true).unwrap();
        for row in &mut z {
            for w in row.iter_mut() {
                *w = -*w;
            }
        }
        for (w, p) in z[0].iter_mut().zip(&z_part[0]) {
            *w += p;
        }
        prop_assert!((difference.value - (part - whole)).abs() < 1e-12);
        let df: i64 = strata.iter().map(|s| s.sheets.len() as i64 - 1).sum();
        let half = crate::domain::stats::t_quantile(0.975, df as f64) * se(&strata, &z);
        prop_assert!((difference.value - difference.low - half).abs() < 1e-9 || difference.low <= -1.0);
    }
}
