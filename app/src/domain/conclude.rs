//! What may be concluded of an agency, and how many more responses it needs for more.

use serde::Serialize;

use super::ids::StratumId;
use super::index::{self, Absence, Agency, BandReading, Basis, Estimate, Figures, Interval, Uncertainty};
use super::limits::TREND_RESPONDENTS;
use super::method::{Method, Target};
use super::sample::yamane;
use super::stats::{Z95, t_quantile};
use super::tally::Shape;

/// Half-widths that an agency is told how to reach, as shares: 5 points is enough for a rank, 3 is comfortable.
pub const HALF_WIDTHS: [f64; 2] = [0.05, 0.03];

/// A figure against a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Surely at or above: the whole interval is.
    Above,
    /// Surely below.
    Below,
    /// The interval holds the line, or there is none: not decided.
    Undecided,
}

/// Where an index stands against a line (a share).
pub fn against(estimate: &Estimate, line: f64) -> Against {
    let limits = match estimate.uncertainty() {
        Uncertainty::Interval(interval) => Some((interval.low, interval.high)),
        Uncertainty::Census => Some((estimate.value(), estimate.value())),
        Uncertainty::None { .. } => None,
    };
    match limits {
        Some((low, _)) if low >= line => Against::Above,
        Some((_, high)) if high < line => Against::Below,
        _ => Against::Undecided,
    }
}

/// How many responses a half-width needs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Needed {
    /// The half-width, as a share.
    pub half_width: f64,
    /// Responses in all; never more than N.
    pub wanted: i64,
    /// How many more than there are; 0 where it is reached.
    pub more: i64,
    /// From the spread of the agency's own answers; otherwise as if half were satisfied, the widest there is.
    pub own_variance: bool,
}

/// How many responses the 95 % interval needs to be no wider than `half_width` to either side: t²·σ²/h² with the
/// finite population correction, n = n₀/(1 + n₀/N). σ² is that of the agency's answers once 30 answered, as its standard
/// error gives it; below, and at 0 or 1, that of p = 0.5. Over several strata this is the number at the present shares.
/// Without N the population is taken as endless.
pub fn needed(estimate: Option<&Estimate>, n: i64, population: Option<i64>, half_width: f64) -> Needed {
    let reached = estimate.and_then(Estimate::half_width).is_some_and(|own| own <= half_width);
    let left = population.filter(|p| *p > 0).map_or(1.0, |p| 1.0 - n as f64 / p as f64);
    let own = estimate.and_then(|e| match e.uncertainty() {
        Uncertainty::Interval(Interval { basis: Basis::Logit { se, .. }, .. })
            if n >= TREND_RESPONDENTS && left > 0.0 =>
        {
            Some(se * se * n as f64 / left)
        }
        // At 0 or 1 the share says nothing of the spread.
        Uncertainty::Interval(Interval { basis: Basis::Direct { .. } | Basis::Pooled { .. }, .. })
            if n >= TREND_RESPONDENTS && left > 0.0 =>
        {
            e.variance().filter(|variance| *variance > 0.0).map(|variance| variance * n as f64 / left)
        }
        _ => None,
    });
    let variance = own.unwrap_or(0.25);
    let mut quantile = Z95;
    let mut wanted = 1.0;
    // The quantile depends on the number that is looked for; it settles at once.
    for _ in 0..4 {
        let endless = quantile * quantile * variance / (half_width * half_width);
        wanted = population.filter(|p| *p > 0).map_or(endless, |p| endless / (1.0 + endless / p as f64)).ceil();
        quantile = t_quantile(0.975, (wanted - 1.0).max(1.0));
    }
    let most = population.unwrap_or(i64::MAX).max(n);
    let wanted = (wanted as i64).clamp(1, most);
    // The interval lies on the logit scale, so that it may still be a little wider than the number promises.
    let wanted = if reached { wanted.min(n) } else { wanted.max(n.saturating_add(1)).min(most) };
    Needed { half_width, wanted, more: wanted - n.min(wanted), own_variance: own.is_some() }
}

/// What may be concluded of an agency, a level or the city.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion<'m> {
    /// Valid responses.
    pub n: i64,
    /// N, where known.
    pub population: Option<i64>,
    /// The published index, or why there is none.
    pub index: Result<Estimate, Absence>,
    /// Each target line of the method, and where the index stands; empty without an index.
    pub targets: Vec<(&'m Target, Against)>,
    /// The band, where the method cites a document for bands.
    pub band: Option<BandReading<'m>>,
    /// What [`HALF_WIDTHS`] need.
    pub needed: [Needed; 2],
}

/// What the published index allows to say.
pub fn conclude<'m>(method: &'m Method, figures: &Figures) -> Conclusion<'m> {
    let estimate = figures.estimate();
    let targets = |e: &Estimate| method.targets.iter().map(|t| (t, against(e, t.at))).collect();
    Conclusion {
        n: figures.n,
        population: figures.population,
        index: *figures.index(),
        targets: estimate.map(targets).unwrap_or_default(),
        band: estimate.and_then(|e| index::band(method, e)),
        needed: HALF_WIDTHS.map(|h| needed(estimate, figures.n, figures.population, h)),
    }
}

/// A sample against the rule of the method, and against what it reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Adequacy {
    /// N, where known.
    pub population: Option<i64>,
    /// n = N/(1 + N·e²), rounded up; none without N.
    pub wanted: Option<i64>,
    /// Valid responses.
    pub reached: i64,
    /// Half the width of the 95 % interval of the published index, as a share.
    pub half_width: Option<f64>,
    /// e of the method, as a share.
    pub margin: f64,
}

impl Adequacy {
    /// As many answered as the rule asks for; none without N.
    pub fn enough(&self) -> Option<bool> {
        self.wanted.map(|wanted| self.reached >= wanted)
    }

    /// The interval is as narrow as e, whatever the number; none without an interval.
    pub fn precise(&self) -> Option<bool> {
        self.half_width.map(|half_width| half_width <= self.margin)
    }

    /// The sample that figures rest on.
    pub fn of(method: &Method, figures: &Figures) -> Self {
        let wanted = |p: i64| i64::try_from(yamane(p.unsigned_abs(), method.margin_permille)).unwrap_or(p);
        Self {
            population: figures.population,
            wanted: figures.population.filter(|p| *p >= 0).map(wanted),
            reached: figures.n,
            half_width: figures.estimate().and_then(Estimate::half_width),
            margin: f64::from(method.margin_permille) / 1000.0,
        }
    }
}

/// The sample of one agency, as a whole and field by field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgencyAdequacy {
    /// The agency.
    pub whole: Adequacy,
    /// Its strata, each by itself.
    pub strata: Vec<(StratumId, Adequacy)>,
}

/// The sample of an agency and of each of its strata against the rule of the method.
pub fn adequacy(shape: &Shape, method: &Method, agency: &Agency<'_>) -> AgencyAdequacy {
    let figures = |agency: &Agency<'_>| Adequacy::of(method, &index::agency(shape, method, agency).figures);
    let alone = |s: &index::Stratum<'_>| (s.id, figures(&Agency { strata: vec![*s], ..agency.clone() }));
    AgencyAdequacy { whole: figures(agency), strata: agency.strata.iter().map(alone).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::index::tests::fixture::{agency, all, method, shape, tally};
    use crate::domain::index::what_if;

    #[test]
    fn a_line_is_passed_only_by_the_whole_interval() {
        let estimate = what_if(100_000, 1000, 850).unwrap();
        let interval = estimate.interval().unwrap();
        assert_eq!(against(&estimate, 0.80), Against::Above);
        assert_eq!(against(&estimate, 0.84), Against::Undecided);
        assert_eq!(against(&estimate, 0.90), Against::Below);
        assert_eq!(against(&estimate, interval.low), Against::Above);
        assert_eq!(against(&estimate, interval.high), Against::Undecided);
        assert_eq!(against(&what_if(850, 850, 680).unwrap(), 0.8), Against::Above, "a census is its own point");
        assert_eq!(against(&what_if(850, 1, 1).unwrap(), 0.8), Against::Undecided, "one answer says nothing");
    }

    #[test]
    fn without_a_spread_of_its_own_an_agency_is_told_the_widest() {
        // 1,96²·0,25/0,05² = 384,1…, and 385 with t.
        let endless = needed(None, 0, None, 0.05);
        assert_eq!((endless.wanted, endless.own_variance), (387, false));
        assert_eq!(needed(None, 0, Some(100), 0.05).wanted, 80);
        let few = what_if(1000, 20, 10).unwrap();
        assert!(!needed(Some(&few), 20, Some(1000), 0.05).own_variance, "20 answers have no spread to build on");
        assert_eq!(needed(None, 7, Some(7), 0.05).more, 0, "there is nobody else");
    }

    #[test]
    fn with_its_own_spread_the_number_reaches_the_half_width() {
        for (population, n, k) in [(2000, 40, 34), (5000, 60, 30), (100_000, 100, 80), (300, 50, 40)] {
            let estimate = what_if(population, n, k).unwrap();
            for half_width in HALF_WIDTHS {
                let needed = needed(Some(&estimate), n, Some(population), half_width);
                assert!(needed.own_variance && needed.more == needed.wanted - n && needed.more > 0);
                let later = what_if(population, needed.wanted, needed.wanted * k / n).unwrap();
                let reached = later.half_width().unwrap();
                assert!((reached - half_width).abs() < 0.15 * half_width, "{needed:?} reaches {reached}");
            }
        }
        let wide = needed(Some(&what_if(100_000, 2000, 1600).unwrap()), 2000, Some(100_000), 0.05);
        assert_eq!(wide.more, 0);
    }

    #[test]
    fn a_sample_is_held_against_the_rule_of_the_method_and_against_its_interval() {
        let (shape, method) = (shape(), method());
        let (many, few) = (tally(&shape, &[(all(5), 300), (all(2), 34)]), tally(&shape, &[(all(5), 20), (all(2), 10)]));
        let agency = agency(1, &[(Some(2_000), &many), (Some(100), &few), (None, &few)]);
        let adequacy = adequacy(&shape, &method, &agency);
        let [first, second, third] = [0, 1, 2].map(|at| adequacy.strata[at].1);
        assert_eq!(
            (first.wanted, first.reached, first.enough(), first.precise()),
            (Some(334), 334, Some(true), Some(true))
        );
        assert_eq!((second.wanted, second.enough(), second.precise()), (Some(80), Some(false), Some(false)));
        assert_eq!(
            (third.wanted, third.enough(), third.precise()),
            (None, None, None),
            "without N nothing can be said"
        );
        assert_eq!((adequacy.whole.reached, adequacy.whole.wanted), (394, None));
    }

    #[test]
    fn a_conclusion_names_each_target_and_what_is_missing() {
        let (shape, mut method) = (shape(), method());
        method.targets = serde_json::from_value(serde_json::json!([
            { "at": 0.8, "label": { "vi": "Mục tiêu 80", "en": "Target 80" }, "basis": "thử" },
        ]))
        .unwrap();
        let tally = tally(&shape, &[(all(5), 380), (all(2), 20)]);
        let result = index::agency(&shape, &method, &agency(1, &[(Some(9000), &tally)]));
        let conclusion = conclude(&method, &result.figures);
        assert_eq!(conclusion.targets.iter().map(|(_, a)| *a).collect::<Vec<_>>(), [Against::Above]);
        assert!(conclusion.band.is_none() && conclusion.needed.iter().all(|needed| needed.more == 0));
        let nobody =
            index::agency(&shape, &method, &agency(1, &[(Some(9000), &crate::domain::tally::Tally::zero(&shape))]));
        let conclusion = conclude(&method, &nobody.figures);
        assert!(conclusion.targets.is_empty() && conclusion.index.is_err() && conclusion.needed[0].more > 300);
    }
}
