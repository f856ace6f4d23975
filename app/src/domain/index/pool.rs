//! A set of strata taken together: weighted ratios and their variances from the integer moments of the tallies.

use super::super::ids::{AgencyId, StratumId};
use super::super::stats;
use super::super::tally::{Shape, Tally};
use super::design::{Contribution, DesignRatios};
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

/// Which variance the intervals of a pool rest on.
#[derive(Clone, Copy)]
pub(super) enum Variance<'d> {
    /// That of the answers in the pool, respondents less strata as degrees of freedom (method version 1).
    Own,
    /// That of the answers in the pool, with Satterthwaite's degrees of freedom (groups of version 2).
    Direct,
    /// p(1 − p) with the design ratio of the round (agencies of version 2).
    Pooled(&'d DesignRatios),
}

/// Which figure is estimated: each has a design ratio of its own.
#[derive(Clone, Copy)]
pub(super) enum Of {
    MeanOfFactors,
    Pooled,
    Factor(usize),
    Criterion(usize),
    AllSatisfied,
    /// An option of a question beside the criteria.
    Option,
}

/// What may be said about precision in a pool, the same for all its figures.
#[derive(Clone, Copy)]
enum Precision<'d> {
    Sampled { df: i64, t95: f64 },
    Direct,
    Pooled(&'d DesignRatios),
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
    precision: Precision<'a>,
}

/// A variance and Σ v_h²/(n_h − 1) of the strata that it is the sum of.
#[derive(Clone, Copy, Default)]
struct Spread {
    variance: f64,
    squares: f64,
}

impl Spread {
    /// The sum of the strata (v_h, n_h), each times `scale`.
    fn of(terms: impl Iterator<Item = (f64, i64)>, scale: f64) -> Self {
        let mut spread = Self::default();
        for (term, n) in terms {
            spread.variance += term;
            spread.squares += term * term / (n - 1) as f64;
        }
        Self { variance: spread.variance / scale, squares: spread.squares / (scale * scale) }
    }

    /// Satterthwaite's degrees of freedom.
    fn df(self) -> f64 {
        self.variance * self.variance / self.squares
    }
}

/// A and what goes with it, see [`super::design`].
struct Terms {
    n: i64,
    a: f64,
    df: f64,
    /// A stratum with a single response that is no census.
    alone: Option<StratumId>,
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
    pub(super) fn new(
        shape: &'a Shape,
        cells: impl IntoIterator<Item = Cell<'a>>,
        variance: Variance<'a>,
    ) -> Result<Self, Absence> {
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
        } else if let Variance::Pooled(ratios) = variance {
            Precision::Pooled(ratios)
        } else if let Some(cell) = alone {
            Precision::Unknown(NoInterval::SingleRespondent { stratum: cell.stratum })
        } else if cells.iter().all(|c| c.population == Some(c.n)) {
            Precision::Census
        } else if matches!(variance, Variance::Direct) {
            Precision::Direct
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

    /// Both sides of a share: `answered` counts those who answered it, `variance` is that of their answers, and
    /// `wilson_n` the number that Wilson's interval would rest on.
    fn estimate(
        &self,
        of: Of,
        (value, complement): (f64, f64),
        answered: impl Fn(&Tally) -> i64,
        variance: impl FnOnce() -> Spread,
        wilson_n: impl FnOnce() -> f64,
    ) -> Estimate {
        let at_an_end = value <= 0.0 || complement <= 0.0;
        let uncertainty = match self.precision {
            Precision::Census => Uncertainty::Census,
            Precision::Unknown(why) => Uncertainty::None { why },
            Precision::Pooled(ratios) => pooled(value, &self.terms(answered), ratios.of_figure(of)),
            Precision::Sampled { .. } | Precision::Direct if at_an_end => wilson(value, wilson_n()),
            Precision::Sampled { df, t95 } => logit(value, complement, variance().variance.max(0.0).sqrt(), df, t95),
            Precision::Direct => {
                let spread = variance();
                direct(value, complement, spread.variance, spread.df())
            }
        };
        Estimate::from_sides(value, complement, uncertainty)
    }

    /// A and its degrees of freedom for a figure that `answered` counts the respondents of.
    fn terms(&self, answered: impl Fn(&Tally) -> i64) -> Terms {
        let counted = || self.cells.iter().zip(&self.rough_weights).map(|(c, w)| (c, *w, answered(c.tally)));
        let total: f64 = counted().map(|(_, w, m)| w * m as f64).sum();
        let (mut n, mut a, mut squares, mut least, mut alone) = (0, 0.0, 0.0, f64::INFINITY, None);
        for (cell, w, m) in counted().filter(|(.., m)| *m > 0) {
            n += m;
            let population = cell.population.unwrap_or(cell.n);
            if population <= cell.n {
                continue;
            }
            let left = (population - cell.n) as f64 / population as f64;
            let term = (w * m as f64 / total).powi(2) * left / m as f64;
            a += term;
            if m == 1 {
                alone = alone.or(Some(cell.stratum));
            } else {
                squares += term * term / (m - 1) as f64;
                least = least.min((m - 1) as f64);
            }
        }
        // Never below the smallest of its terms, from which rounding would take it.
        Terms { n, a, df: (a * a / squares).max(least), alone }
    }

    /// Whether the pool has a variance: it is no census, every N is known, and no stratum has a single response.
    pub(super) fn is_sampled(&self) -> bool {
        matches!(self.precision, Precision::Sampled { .. } | Precision::Direct)
    }

    /// What a figure over factors contributes to its design ratio; none where all who answered it were a census.
    pub(super) fn linear_contribution(
        &self,
        ratio: Ratio,
        linear: &Linear,
        answered: impl Fn(&Tally) -> i64,
    ) -> Option<Contribution> {
        let (share, complement) = ratio.sides();
        let terms = self.terms(answered);
        (terms.a > 0.0).then(|| {
            let variance = self.variance(linear).variance;
            Contribution { n: terms.n, share, complement, variance, a: terms.a }
        })
    }

    /// The same of a share of respondents.
    pub(super) fn proportion_contribution(&self, counts: impl Fn(&Tally) -> (i64, i64)) -> Option<Contribution> {
        let sides = self.sides(&counts)?;
        let terms = self.terms(|t| counts(t).1);
        (terms.a > 0.0).then(|| {
            let variance = self.proportion_variance(&counts, sides).variance;
            Contribution { n: terms.n, share: sides.share, complement: sides.complement, variance, a: terms.a }
        })
    }

    /// A share of respondents: `counts` gives (yes, answered), at most one answer a respondent.
    pub(super) fn proportion(&self, of: Of, counts: impl Fn(&Tally) -> (i64, i64)) -> Figure {
        let sides = self.sides(&counts).ok_or(Absence::NobodyAnswered)?;
        let variance = || self.proportion_variance(&counts, sides);
        let answered = |t: &Tally| counts(t).1;
        Ok(self.estimate(of, (sides.share, sides.complement), answered, variance, || self.wilson_n(answered)))
    }

    /// Both sides of a share of respondents and the weighted number of those who answered.
    fn sides(&self, counts: &impl Fn(&Tally) -> (i64, i64)) -> Option<Sides> {
        // All sums here have positive terms only, so that doubles hold all digits.
        let (mut yes, mut no, mut answered) = (0.0, 0.0, 0.0);
        for (cell, w) in self.cells.iter().zip(&self.rough_weights) {
            let (k, a) = counts(cell.tally);
            yes += w * k as f64;
            no += w * (a - k) as f64;
            answered += w * a as f64;
        }
        (answered > 0.0).then(|| Sides { share: yes / answered, complement: no / answered, answered })
    }

    fn proportion_variance(&self, counts: &impl Fn(&Tally) -> (i64, i64), sides: Sides) -> Spread {
        let Sides { share, complement, answered } = sides;
        // The residual takes three values: T for yes, T − 1 for no, 0 for not answered. Its spread is summed over
        // pairs of respondents.
        let term = |(cell, scale): (Cell<'a>, f64)| {
            let (k, a) = counts(cell.tally);
            let (all, yes, no, blank) = (cell.n as f64, k as f64, (a - k) as f64, (cell.n - a) as f64);
            let pairs = blank * (yes * complement * complement + no * share * share) + yes * no;
            (scale * pairs / all, cell.n)
        };
        Spread::of(self.scales().map(term), answered * answered)
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

    /// A figure over factors: its ratio and its linear form. `answered` counts those who answered any of it.
    pub(super) fn linear_estimate(
        &self,
        of: Of,
        ratio: Ratio,
        linear: &Linear,
        answered: impl Fn(&Tally) -> i64,
        wilson_factors: &[usize],
    ) -> Estimate {
        let wilson_n = || {
            wilson_factors
                .iter()
                .map(|f| self.wilson_n(|t| t.factor(self.shape, *f).respondents))
                .fold(f64::INFINITY, f64::min)
        };
        self.estimate(of, ratio.sides(), answered, || self.variance(linear), wilson_n)
    }

    /// Wilson's number over all respondents.
    pub(super) fn linear_estimate_of_all(&self, ratio: Ratio, linear: &Linear) -> Estimate {
        self.estimate(Of::Pooled, ratio.sides(), Tally::n, || self.variance(linear), || self.wilson_n(Tally::n))
    }

    /// Σ_h N_h²·(1 − n_h/N_h)·s²_h(z)/n_h.
    fn variance(&self, linear: &Linear) -> Spread {
        let products = linear.products();
        let term = |(cell, scale): (Cell<'a>, f64)| {
            (scale * products.moments(self.shape, linear, cell.tally).about_the_mean(cell.n), cell.n)
        };
        Spread::of(self.scales().map(term), 1.0)
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

/// Both sides of a share of respondents.
#[derive(Clone, Copy)]
struct Sides {
    share: f64,
    complement: f64,
    /// Σ w·answered.
    answered: f64,
}

/// The interval of an agency from the design ratio of the round; it needs no special case at 0 or 1.
fn pooled(value: f64, terms: &Terms, design: f64) -> Uncertainty {
    if terms.a <= 0.0 {
        return Uncertainty::Census;
    }
    if let Some(stratum) = terms.alone {
        return Uncertainty::None { why: NoInterval::SingleRespondent { stratum } };
    }
    wilson_pooled(value, terms.n, terms.a, design, terms.df)
}

/// Wilson's interval at n_eff = 1/(D·A), with the t quantile in place of z.
pub(super) fn wilson_pooled(value: f64, n: i64, a: f64, design: f64, df: f64) -> Uncertainty {
    let n_effective = 1.0 / (design * a);
    let (low, high) = stats::wilson_around(value, n_effective, stats::t_quantile(0.975, df));
    Uncertainty::Interval(Interval { low, high, basis: Basis::Pooled { n, a, design, n_effective, df } })
}

/// A logit interval of a group with Satterthwaite's degrees of freedom.
pub(super) fn direct(value: f64, complement: f64, variance: f64, df: f64) -> Uncertainty {
    if variance <= 0.0 {
        return Uncertainty::None { why: NoInterval::NoSpread };
    }
    let se = variance.sqrt();
    let (low, high) = stats::logit_interval(value, complement, se, stats::t_quantile(0.975, df));
    Uncertainty::Interval(Interval { low, high, basis: Basis::Direct { se, df } })
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
