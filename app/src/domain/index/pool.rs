//! A set of strata taken together: weighted ratios and their variances from the integer moments of the tallies.

use super::super::ids::{AgencyId, StratumId};
use super::super::stats;
use super::super::tally::{Shape, Tally};
use super::estimate::{Absence, Basis, Estimate, Figure, Interval, NoInterval, Uncertainty};
use super::exact::Exact;

/// One stratum with responses.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) agency: AgencyId,
    pub(super) stratum: StratumId,
    pub(super) population: Option<i64>,
    /// Valid responses of the whole stratum, also when the tally holds a part of it.
    pub(super) n: i64,
    pub(super) tally: &'a Tally,
}

/// What may be said about precision in a pool, the same for all its figures.
#[derive(Clone, Copy)]
enum Precision {
    Sampled { df: i64, t95: f64 },
    Census,
    Unknown(NoInterval),
}

/// Strata that can be weighted.
pub(super) struct Pool<'a> {
    shape: &'a Shape,
    cells: Vec<Cell<'a>>,
    /// N/n of each cell.
    weights: Vec<Exact>,
    rough_weights: Vec<f64>,
    precision: Precision,
}

/// Satisfied and unsatisfied over answered: R and T = 1 − R, and the weighted number answered M.
#[derive(Clone, Copy)]
pub(super) struct Ratio {
    pub(super) r: Exact,
    pub(super) t: Exact,
    pub(super) m: Exact,
}

impl Ratio {
    fn sides(&self) -> (f64, f64) {
        (self.r.to_f64(), self.t.to_f64())
    }
}

/// A linearised figure: z_i = Σ_F (α_F·m_iF − c_F·u_iF), one pair a factor that takes part.
#[derive(Clone)]
pub(super) struct Linear {
    factors: Vec<usize>,
    alpha: Vec<Exact>,
    c: Vec<Exact>,
}

/// Σz and Σz² over the respondents of a tally, with the size of the terms that were added.
#[derive(Clone, Copy)]
struct Moments {
    sum: Exact,
    squares: Exact,
    size: f64,
}

/// Differences below this part of the terms they are taken from are 0: the terms carry 31 digits.
const NOTHING: f64 = 1e-24;

impl<'a> Pool<'a> {
    /// The pool of all cells with responses.
    ///
    /// # Errors
    /// [`Absence`] when nobody answered, a stratum has more responses than dossiers, or several strata cannot be
    /// weighted for want of an N.
    pub(super) fn new(shape: &'a Shape, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<Self, Absence> {
        let cells: Vec<Cell<'a>> = cells.into_iter().filter(|c| c.n > 0).collect();
        for cell in &cells {
            if let Some(population) = cell.population.filter(|p| *p < cell.n) {
                let Cell { agency, stratum, n, .. } = *cell;
                return Err(Absence::MoreThanPopulation { agency, stratum, n, population });
            }
        }
        if cells.is_empty() {
            return Err(Absence::NobodyAnswered);
        }
        let without = cells.iter().find(|c| c.population.is_none());
        if let Some(cell) = without.filter(|_| cells.len() > 1) {
            return Err(Absence::PopulationMissing { agency: cell.agency, stratum: cell.stratum });
        }
        // Without N there is one cell only, and its weight cancels.
        let weights: Vec<Exact> =
            cells.iter().map(|c| Exact::from(c.population.unwrap_or(c.n)) / Exact::from(c.n)).collect();
        let alone = cells.iter().find(|c| c.n == 1 && c.population != Some(1));
        let precision = if let Some(cell) = without {
            Precision::Unknown(NoInterval::PopulationMissing { stratum: cell.stratum })
        } else if let Some(cell) = alone {
            Precision::Unknown(NoInterval::SingleRespondent { stratum: cell.stratum })
        } else if cells.iter().all(|c| c.population == Some(c.n)) {
            Precision::Census
        } else {
            let df = degrees_of_freedom(&cells);
            Precision::Sampled { df, t95: stats::t_quantile(0.975, df as f64) }
        };
        let rough_weights = weights.iter().map(|w| w.to_f64()).collect();
        Ok(Self { shape, cells, weights, rough_weights, precision })
    }

    pub(super) fn cells(&self) -> &[Cell<'a>] {
        &self.cells
    }

    /// Degrees of freedom of the pool.
    pub(super) fn df(&self) -> i64 {
        degrees_of_freedom(&self.cells)
    }

    /// Σ w·x over the cells.
    fn weighted(&self, count: impl Fn(&Tally) -> i64) -> Exact {
        self.cells.iter().zip(&self.weights).map(|(c, w)| *w * Exact::from(count(c.tally))).sum()
    }

    /// The ratio of counts (satisfied, answered); none when nobody answered.
    pub(super) fn ratio(&self, counts: impl Fn(&Tally) -> (i64, i64)) -> Option<Ratio> {
        let m = self.weighted(|t| counts(t).1);
        if !m.is_positive() {
            return None;
        }
        let k = self.weighted(|t| counts(t).0);
        let u = self.weighted(|t| counts(t).1 - counts(t).0);
        Some(Ratio { r: k / m, t: u / m, m })
    }

    /// Kish's number of respondents among `answered`, divided by the part of the dossiers that was not asked.
    fn wilson_n(&self, answered: impl Fn(&Tally) -> i64) -> f64 {
        let (mut sum, mut squares, mut n, mut population) = (0.0, 0.0, 0_i64, 0_i64);
        for (cell, w) in self.cells.iter().zip(&self.rough_weights) {
            let a = answered(cell.tally) as f64;
            sum += w * a;
            squares += w * w * a;
            n += cell.n;
            population += cell.population.unwrap_or(cell.n);
        }
        sum * sum / squares * (population as f64 / (population - n) as f64)
    }

    /// Σ w·x over the cells, in doubles: enough for sums of positive terms.
    fn rough_sum(&self, count: impl Fn(&Tally) -> i64) -> f64 {
        self.cells.iter().zip(&self.rough_weights).map(|(c, w)| w * count(c.tally) as f64).sum()
    }

    /// The weighted mean of a sum over a number; none when the number is 0.
    pub(super) fn mean(&self, sum: impl Fn(&Tally) -> i64, number: impl Fn(&Tally) -> i64) -> Option<f64> {
        let number = self.rough_sum(number);
        (number > 0.0).then(|| self.rough_sum(sum) / number)
    }

    /// Both sides of a share with its variance and the number that Wilson's interval would rest on.
    fn estimate(
        &self,
        (value, complement): (f64, f64),
        variance: impl FnOnce() -> f64,
        wilson_n: impl FnOnce() -> f64,
    ) -> Estimate {
        let uncertainty = match self.precision {
            Precision::Census => Uncertainty::Census,
            Precision::Unknown(why) => Uncertainty::None { why },
            Precision::Sampled { .. } if value <= 0.0 || complement <= 0.0 => wilson(value, wilson_n()),
            Precision::Sampled { df, t95 } => logit(value, complement, variance().max(0.0).sqrt(), df, t95),
        };
        Estimate::from_sides(value, complement, uncertainty)
    }

    /// A share of respondents: `counts` gives (yes, answered), at most one answer a respondent.
    pub(super) fn proportion(&self, counts: impl Fn(&Tally) -> (i64, i64)) -> Figure {
        // All sums here have positive terms only, so that doubles hold all digits.
        let (mut yes, mut no, mut answered) = (0.0, 0.0, 0.0);
        for (cell, w) in self.cells.iter().zip(&self.rough_weights) {
            let (k, a) = counts(cell.tally);
            yes += w * k as f64;
            no += w * (a - k) as f64;
            answered += w * a as f64;
        }
        if answered <= 0.0 {
            return Err(Absence::NobodyAnswered);
        }
        let (share, complement) = (yes / answered, no / answered);
        let variance = || {
            // The residual takes three values: T for yes, T − 1 for no, 0 for not answered. Its spread is summed over
            // pairs of respondents.
            let mut total = 0.0;
            for (cell, scale) in self.scales() {
                let (k, a) = counts(cell.tally);
                let (all, yes, no, blank) = (cell.n as f64, k as f64, (a - k) as f64, (cell.n - a) as f64);
                total += scale * (blank * (yes * complement * complement + no * share * share) + yes * no) / all;
            }
            total / (answered * answered)
        };
        Ok(self.estimate((share, complement), variance, || self.wilson_n(|t| counts(t).1)))
    }

    /// N_h·(N_h − n_h)/(n_h·(n_h − 1)) of the cells that were sampled: what the sum of squares about the mean of a
    /// stratum is multiplied with.
    fn scales(&self) -> impl Iterator<Item = (Cell<'a>, f64)> {
        self.cells.iter().filter_map(move |cell| {
            let population = cell.population.filter(|p| *p > cell.n)?;
            let (big, n) = (population as f64, cell.n as f64);
            Some((*cell, big * (big - n) / (n * (n - 1.0))))
        })
    }

    /// A figure over factors: its ratio and its linear form.
    pub(super) fn linear_estimate(&self, ratio: Ratio, linear: &Linear, wilson_factors: &[usize]) -> Estimate {
        let wilson_n = || {
            wilson_factors
                .iter()
                .map(|f| self.wilson_n(|t| t.factor(self.shape, *f).respondents))
                .fold(f64::INFINITY, f64::min)
        };
        self.estimate(ratio.sides(), || self.variance(linear), wilson_n)
    }

    /// Wilson's number over all respondents.
    pub(super) fn linear_estimate_of_all(&self, ratio: Ratio, linear: &Linear) -> Estimate {
        self.estimate(ratio.sides(), || self.variance(linear), || self.wilson_n(Tally::n))
    }

    /// Σ_h N_h²·(1 − n_h/N_h)·s²_h(z)/n_h.
    fn variance(&self, linear: &Linear) -> f64 {
        let products = linear.products();
        self.scales()
            .map(|(cell, scale)| scale * products.moments(self.shape, linear, cell.tally).about_the_mean(cell.n))
            .sum()
    }

    /// The variance of part less whole, where the part is `parts` (a tally within the cell of the same position).
    pub(super) fn joint_variance(&self, whole: &Linear, part: &Linear, parts: &[Option<&Tally>]) -> f64 {
        // z = z_part·1(in the part) − z_whole
        //   = (z_part − z_whole) in the part, −z_whole outside of it.
        let both = part.minus(whole);
        let (both_products, whole_products) = (both.products(), whole.products());
        let mut total = 0.0;
        for (cell, scale) in self.scales() {
            let all = whole_products.moments(self.shape, whole, cell.tally);
            let inside = self
                .cells
                .iter()
                .zip(parts)
                .find(|(c, _)| c.agency == cell.agency && c.stratum == cell.stratum)
                .and_then(|(_, part)| *part);
            let moments = match inside {
                None => all,
                Some(tally) => {
                    let outside = all.less(whole_products.moments(self.shape, whole, tally));
                    let inside = both_products.moments(self.shape, &both, tally);
                    Moments {
                        sum: inside.sum - outside.sum,
                        squares: inside.squares + outside.squares,
                        size: inside.size + outside.size,
                    }
                }
            };
            total += scale * moments.about_the_mean(cell.n);
        }
        total
    }
}

/// Respondents of the tallies less the strata they come from, at least 0.
fn degrees_of_freedom(cells: &[Cell<'_>]) -> i64 {
    cells.iter().filter(|c| c.tally.n() > 0).map(|c| c.tally.n() - 1).sum()
}

/// A logit interval, or the word that there is no spread.
pub(super) fn logit(value: f64, complement: f64, se: f64, df: i64, t95: f64) -> Uncertainty {
    if se <= 0.0 {
        return Uncertainty::None { why: NoInterval::NoSpread };
    }
    let (low, high) = stats::logit_interval(value, complement, se, t95);
    Uncertainty::Interval(Interval { low, high, basis: Basis::Logit { se, df } })
}

/// Wilson's interval at 0 or 1.
pub(super) fn wilson(value: f64, n_effective: f64) -> Uncertainty {
    let (low, high) = stats::wilson_interval(value, n_effective, stats::Z95);
    Uncertainty::Interval(Interval { low, high, basis: Basis::Wilson { n_effective } })
}

impl Linear {
    /// The linear form of Σ_F share·R_F over factors with their ratios: c = share/M, α = c·T.
    pub(super) fn new(parts: impl IntoIterator<Item = (usize, Ratio)>, share: Exact) -> Self {
        let (mut factors, mut alpha, mut c) = (Vec::new(), Vec::new(), Vec::new());
        for (factor, ratio) in parts {
            let scale = share / ratio.m;
            factors.push(factor);
            alpha.push(scale * ratio.t);
            c.push(scale);
        }
        Self { factors, alpha, c }
    }

    fn coefficient(&self, factor: usize) -> (Exact, Exact) {
        let at = self.factors.iter().position(|f| *f == factor);
        at.map_or((Exact::ZERO, Exact::ZERO), |at| (self.alpha[at], self.c[at]))
    }

    fn minus(&self, other: &Self) -> Self {
        let mut factors: Vec<usize> = self.factors.iter().chain(&other.factors).copied().collect();
        factors.sort_unstable();
        factors.dedup();
        let of = |f: &usize| {
            let ((a1, c1), (a2, c2)) = (self.coefficient(*f), other.coefficient(*f));
            (a1 - a2, c1 - c2)
        };
        let (alpha, c) = factors.iter().map(of).unzip();
        Self { factors, alpha, c }
    }

    fn products(&self) -> Products {
        let mut products = Products(Vec::with_capacity(self.factors.len() * (self.factors.len() + 1) / 2));
        for a in 0..self.factors.len() {
            for b in a..self.factors.len() {
                let twice = Exact::from(if a == b { 1 } else { 2 });
                products.0.push(Product {
                    a: self.factors[a],
                    b: self.factors[b],
                    mm: twice * self.alpha[a] * self.alpha[b],
                    uu: twice * self.c[a] * self.c[b],
                    // Off the diagonal each of the two mixed terms stands twice, on it the one term does.
                    ua_mb: -(Exact::from(2) * self.c[a] * self.alpha[b]),
                    ub_ma: if a == b { Exact::ZERO } else { -(Exact::from(2) * self.c[b] * self.alpha[a]) },
                });
            }
        }
        products
    }
}

/// The products of the coefficients of a linear form, made once a form and used once a stratum.
struct Products(Vec<Product>);

struct Product {
    a: usize,
    b: usize,
    mm: Exact,
    uu: Exact,
    ua_mb: Exact,
    ub_ma: Exact,
}

impl Products {
    fn moments(&self, shape: &Shape, linear: &Linear, tally: &Tally) -> Moments {
        let mut sum = Exact::ZERO;
        for ((factor, alpha), c) in linear.factors.iter().zip(&linear.alpha).zip(&linear.c) {
            let sums = tally.factor(shape, *factor);
            sum = sum + (*alpha * Exact::from(sums.m) - *c * Exact::from(sums.u));
        }
        let (mut squares, mut size) = (Exact::ZERO, 0.0);
        let mut take = |coefficient: Exact, count: i64| {
            let term = coefficient * Exact::from(count);
            size += term.size();
            squares = squares + term;
        };
        for p in &self.0 {
            take(p.mm, tally.mm(shape, p.a, p.b));
            take(p.uu, tally.uu(shape, p.a, p.b));
            take(p.ua_mb, tally.um(shape, p.a, p.b));
            if p.a != p.b {
                take(p.ub_ma, tally.um(shape, p.b, p.a));
            }
        }
        Moments { sum, squares, size }
    }
}

impl Moments {
    fn less(self, other: Self) -> Self {
        Self { sum: self.sum - other.sum, squares: self.squares - other.squares, size: self.size + other.size }
    }

    /// Σz² − (Σz)²/n; what is nothing but rounding is 0.
    fn about_the_mean(self, n: i64) -> f64 {
        let spread = self.squares - self.sum * self.sum / Exact::from(n);
        let spread = spread.to_f64();
        if spread <= NOTHING * self.size { 0.0 } else { spread }
    }
}
