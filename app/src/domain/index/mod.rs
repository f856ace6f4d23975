//! The index, exactly (design 8).
//!
//! For respondent i in stratum h and criterion j: *answered* when the answer is 1 to 5, *satisfied* when it is 4 or 5
//! (`Method::satisfied_from`); 0 ("không áp dụng") and blank count in neither. k_iF and m_iF are how many criteria of
//! factor F the respondent is satisfied with, and has answered; N_h the dossiers of the stratum, n_h its valid
//! responses, w = N_h/n_h.
//!
//! ```text
//! criterion   Σ w·satisfied / Σ w·answered
//! factor      R_F = Σ w·k_F / Σ w·m_F
//! overall     mean_of_factors: ΣR_F / #F over the factors that at least 5 respondents answered
//!             pooled:          Σ w·k / Σ w·m over all criteria
//! city        pooled_by_N:     the same sums over all strata
//!             mean_of_units:   Σ overall / H, variance Σ variance / H²
//! residual    z_i = Σ_F (k_iF − R_F·m_iF) / (M_F·#F),  M_F = Σ w·m_F
//! variance    Σ_h N_h²·(1 − n_h/N_h)·s²_h(z)/n_h,      s² with n_h − 1
//! interval    logit(p) ± t(df)·se/(p(1−p)),            df = n − number of strata with responses
//! at 0 or 1   Wilson, z = 1.959964, with Kish's n of those who answered over 1 − n/N
//!
//! version 2   strata below 10 responses merged; an agency: Wilson at n_eff = 1/(D·A) with t(df), see [`design`];
//!             a group of 5 agencies and 500 responses: as above with df = (Σ v_h)² / Σ v_h²/(n_h − 1)
//! ```
//!
//! In terms of the tallies, u = m − k and T = 1 − R, so that k − R·m = T·m − u: near 100 % both terms are small, and
//! Σz, Σz² follow from the integer sums of u, m, uu, um and mm. Tallies add up, so order and splitting do not matter.
//! A stratum with n = 0 is outside the sums and listed; n = 1 takes the interval from every sum it is in; n = N is a
//! census without sampling error; n > N leaves no figure and is named; without N an agency of one stratum has its index
//! and no interval, and a group with it has no figure. The overall index at 0 or 1 takes Wilson's interval with the
//! fewest respondents of any factor it counts.
//!
//! # Worked example
//! A form of one factor with two criteria; 4 of 40 dossiers were answered for. Answers (5,4) (4,3) (5,blank) (2,1):
//! satisfied 2, 1, 1, 0 of answered 2, 2, 1, 2. R = 4/7 and M = 7. Residuals k − R·m: 6/7, −1/7, 3/7, −8/7, whose
//! squares sum to 110/49. s² = 110/147, and the variance of R is (1 − 4/40)·4·s²/7² = 0.054977…
//!
//! ```
//! use app::domain::answer::{Answer, Sheet};
//! use app::domain::ids::{AgencyId, StratumId};
//! use app::domain::index::{self, Agency, LeftOut, Stratum};
//! use app::domain::tally::{Shape, Tally};
//! # let text = serde_json::json!({ "vi": "", "en": "" });
//! # let criterion = |code: &str| serde_json::json!({ "code": code, "text": text, "source": "reference" });
//! # let questionnaire = serde_json::from_value(serde_json::json!({
//! #     "key": "vi-du", "version": 1, "title": text, "short_title": text, "service": "administrative",
//! #     "method": "vi-du", "legal_basis": [], "source_note": text, "tap": text,
//! #     "scale": { "labels": [], "not_applicable": text },
//! #     "factors": [{ "code": "1", "name": text, "criteria": [criterion("1.1"), criterion("1.2")] }],
//! # }))?;
//! # let method = serde_json::from_value(serde_json::json!({
//! #     "key": "vi-du", "version": 1, "title": text, "source": "reference", "legal_basis": [],
//! #     "overall": "pooled", "city": "pooled_by_n", "satisfied_from": 4, "min_factor_respondents": 5,
//! #     "rank_min_n": 30, "rank_max_half_width": 0.05,
//! # }))?;
//! let shape = Shape::new(&questionnaire, &method);
//! let mut tally = Tally::zero(&shape);
//! for answers in [[5, 4], [4, 3], [5, -1], [2, 1]] {
//!     let answers = answers.map(|figure| Answer::from_figure(figure).unwrap_or_default()).to_vec();
//!     tally.add(&shape, &Sheet { answers, ..Sheet::default() }, 1, true);
//! }
//! let strata = vec![Stratum { id: StratumId(1), population: Some(40), tally: &tally }];
//! let agency = Agency { id: AgencyId(1), strata, left_out: LeftOut::default() };
//! let figures = index::agency(&shape, &method, &agency).figures;
//!
//! let index = figures.index().expect("there are answers");
//! assert!((index.value() - 4.0 / 7.0).abs() < 1e-15);
//! let variance: f64 = (1.0 - 4.0 / 40.0) * 4.0 * (110.0 / 147.0) / 49.0;
//! assert!((index.se().expect("four respondents") - variance.sqrt()).abs() < 1e-15);
//! assert_eq!(figures.df, 3);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod by_value;
mod compare;
mod compute;
mod design;
pub mod estimate;
mod exact;
mod explain;
mod open;
mod pair;
mod pool;
pub mod result;
mod rules;
mod strata;

pub use by_value::{OfValue, Parts, by_value, group_by_value, open_by_value};
pub use compare::{
    BandReading, Difference, ParReading, Reading, Verdict, band, difference, difference_with_mean_of_units,
    difference_with_total, factor_difference_with_total, par, reading, what_if,
};
pub use compute::{agencies, agency, chosen, filtered, group, more_than_population, question};
pub use design::DesignRatios;
pub use estimate::{Absence, Basis, Estimate, Figure, Interval, NoInterval, Uncertainty};
pub use explain::{Explanation, Step, explain};
pub use open::open;
pub use pair::{Compared, NotCompared, Pair, PairVerdict, compared, pair, pair_with_total, within};
pub use result::{
    AgencyResult, CriterionResult, FactorResult, Figures, GroupResult, LeftOut, MergedStrata, OpenCriterion,
    OpenFactor, OpenResult, OpenShare, OptionResult, Overall, QuestionResult, StratumLine,
};

pub use rules::{CityUnder, SideBySide, UnitUnder, side_by_side};

use super::ids::{AgencyId, StratumId};
use super::tally::Tally;

/// A stratum with what was counted in it.
#[derive(Clone, Copy, Debug)]
pub struct Stratum<'a> {
    /// Its key.
    pub id: StratumId,
    /// N: dossiers in the frame; none while not known.
    pub population: Option<i64>,
    /// The valid responses of the stratum in one stream.
    pub tally: &'a Tally,
}

/// An agency with its strata in one stream.
#[derive(Clone, Debug)]
pub struct Agency<'a> {
    /// Its key.
    pub id: AgencyId,
    /// Its strata, those without responses too.
    pub strata: Vec<Stratum<'a>>,
    /// What is in no figure.
    pub left_out: LeftOut,
}

/// A stratum of a total with the part of it that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct NestedStratum<'a> {
    /// Its agency.
    pub agency: AgencyId,
    /// Its key.
    pub id: StratumId,
    /// N of the whole stratum.
    pub population: Option<i64>,
    /// The valid responses of the whole stratum.
    pub whole: &'a Tally,
    /// Those of them in the part; none when the stratum has nothing to do with it.
    pub part: Option<&'a Tally>,
}

#[cfg(test)]
pub(crate) mod tests;
