//! Quantiles and intervals: the few pieces of statistics that the index needs.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// z of the Wilson interval at 95 %, as the design writes it.
pub const Z95: f64 = 1.959_964;

/// The quantile of the standard normal distribution, 0 < p < 1.
pub fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The quantile of Student's t with `df` ≥ 1 degrees of freedom, 0 < p < 1.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |t| t.inverse_cdf(p))
}

/// Wilson's score interval of a share seen in `n` respondents (`n` > 0, not necessarily whole).
pub fn wilson_interval(share: f64, n: f64, z: f64) -> (f64, f64) {
    let z2 = z * z;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// The interval of a share strictly inside (0, 1), symmetric on the logit scale: logit(p) ± t·se/(p(1−p)).
/// `complement` is 1 − p with its own digits.
pub fn logit_interval(share: f64, complement: f64, se: f64, t: f64) -> (f64, f64) {
    let centre = (share / complement).ln();
    let half = t * se / (share * complement);
    let expit = |x: f64| 1.0 / (1.0 + (-x).exp());
    (expit(centre - half), expit(centre + half))
}
