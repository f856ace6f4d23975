//! How a figure came about: the counts, the formulas with the numbers put in, the method, and what was left out.

use serde::Serialize;

use super::super::method::{Method, OverallRule};
use super::super::questionnaire::Questionnaire;
use super::super::stats;
use super::super::tally::{Shape, Tally};
use super::super::text::Text;
use super::compute::cells;
use super::estimate::{Basis, Interval, Uncertainty};
use super::result::{Figures, LeftOut, StratumLine};
use super::strata::Joined;
use super::{Agency, Estimate};

/// The explanation of a published index.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Key and version of the method.
    pub method: (String, u16),
    /// Its title, which says what it rests on.
    pub title: Text,
    /// Valid responses.
    pub n: i64,
    /// N over all strata, where known.
    pub population: Option<i64>,
    /// The strata; those with n = 0 are outside the sums.
    pub strata: Vec<StratumLine>,
    /// Responses that are in no figure.
    pub left_out: LeftOut,
    /// The way to the figure, in order.
    pub steps: Vec<Step>,
}

/// One step: what is computed, and the formula with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// In words.
    pub what: Text,
    /// With the numbers put in; decimals by the habit of the language.
    pub formula: Text,
}

/// Explains the published index of one agency from its tallies and figures; none where it has no index.
pub fn explain(
    shape: &Shape,
    questionnaire: &Questionnaire,
    method: &Method,
    agency: &Agency<'_>,
    figures: &Figures,
) -> Option<Explanation> {
    let estimate = figures.estimate()?;
    let joined = Joined::new(method, &cells(agency).collect::<Vec<_>>());
    let measured: Vec<_> = joined.cells().into_iter().filter(|s| s.n > 0).collect();
    let weight = |s: &super::pool::Cell<'_>| match s.population {
        Some(population) if measured.len() > 1 => population as f64 / s.n as f64,
        _ => 1.0,
    };
    let weighted =
        |count: &dyn Fn(&Tally) -> i64| -> f64 { measured.iter().map(|s| weight(s) * count(s.tally) as f64).sum() };
    let mut steps = Vec::new();
    if measured.len() > 1 {
        for s in &measured {
            let formula = format!("{} / {} = {:.4}", s.population.unwrap_or_default(), s.n, weight(s));
            let id = s.stratum.0;
            steps.push(step(
                &format!("Trọng số của tầng {id}: số hồ sơ chia cho số phiếu hợp lệ"),
                &format!("Weight of stratum {id}: dossiers over valid responses"),
                &formula,
            ));
        }
    }
    let mut shares = Vec::new();
    let (mut all_satisfied, mut all_answered) = (0.0, 0.0);
    for (f, (factor, result)) in questionnaire.factors.iter().zip(&figures.factors).enumerate() {
        let satisfied = weighted(&|t| t.factor(shape, f).m - t.factor(shape, f).u);
        let answered = weighted(&|t| t.factor(shape, f).m);
        all_satisfied += satisfied;
        all_answered += answered;
        let Ok(share) = &result.figure else { continue };
        if method.overall == OverallRule::MeanOfFactors && !result.counts {
            steps.push(step(
                &format!("{}: chỉ {} người trả lời, không tính", factor.name.vi, result.respondents),
                &format!("{}: answered by {} only, does not count", factor.name.en, result.respondents),
                "–",
            ));
            continue;
        }
        shares.push(share.value());
        steps.push(step(
            &format!(
                "{}: câu trả lời mức {} trở lên chia cho câu trả lời 1 đến 5",
                factor.name.vi, method.satisfied_from
            ),
            &format!("{}: answers of {} and above over answers 1 to 5", factor.name.en, method.satisfied_from),
            &format!("{} / {} = {}", sum(satisfied), sum(answered), percent(share.value())),
        ));
    }
    let index = percent(estimate.value());
    steps.push(match method.overall {
        OverallRule::MeanOfFactors => {
            let terms: Vec<String> = shares.iter().map(|s| percent(*s)).collect();
            step(
                "Chỉ số chung: trung bình cộng các yếu tố được tính",
                "Overall index: plain mean of the factors that count",
                &format!("({}) / {} = {index}", terms.join(" + "), terms.len()),
            )
        }
        OverallRule::Pooled => step(
            "Chỉ số chung: mọi câu trả lời hài lòng chia cho mọi câu trả lời",
            "Overall index: all satisfied answers over all answers",
            &format!("{} / {} = {index}", sum(all_satisfied), sum(all_answered)),
        ),
    });
    steps.push(precision(estimate));
    Some(Explanation {
        method: (method.key.clone(), method.version),
        title: method.title.clone(),
        n: figures.n,
        population: figures.population,
        strata: figures.strata.clone(),
        left_out: figures.left_out,
        steps,
    })
}

fn precision(estimate: &Estimate) -> Step {
    match estimate.uncertainty() {
        Uncertainty::Interval(Interval { low, high, basis: Basis::Logit { se, df } }) => {
            let p = estimate.value();
            let t = stats::t_quantile(0.975, df as f64);
            step(
                &format!("Khoảng tin cậy 95 % trên thang logit, {df} bậc tự do"),
                &format!("95 % interval on the logit scale, {df} degrees of freedom"),
                &format!(
                    "logit({p:.6}) ± {t:.4} × {se:.6} / ({p:.6} × {:.6}) → {} – {}",
                    1.0 - p,
                    percent(low),
                    percent(high)
                ),
            )
        }
        Uncertainty::Interval(Interval { low, high, basis: Basis::Direct { se, df } }) => {
            let p = estimate.value();
            let t = stats::t_quantile(0.975, df);
            step(
                &format!("Khoảng tin cậy 95 % trên thang logit, {df:.1} bậc tự do (Satterthwaite)"),
                &format!("95 % interval on the logit scale, {df:.1} degrees of freedom (Satterthwaite)"),
                &format!(
                    "logit({p:.6}) ± {t:.4} × {se:.6} / ({p:.6} × {:.6}) → {} – {}",
                    1.0 - p,
                    percent(low),
                    percent(high)
                ),
            )
        }
        Uncertainty::Interval(Interval { low, high, basis: Basis::Pooled { n, a, design, n_effective, df } }) => {
            let t = stats::t_quantile(0.975, df);
            step(
                "Khoảng tin cậy 95 % Wilson với cỡ mẫu hiệu dụng, theo hệ số thiết kế D của đợt",
                "Wilson’s 95 % interval at the effective sample size, with the design ratio D of the round",
                &format!(
                    "n = {n}, A = {a:.8}, D = {design:.4}, 1 / (D × A) = {n_effective:.1}, df = {df:.1}, t = {t:.4} → {} – {}",
                    percent(low),
                    percent(high)
                ),
            )
        }
        Uncertainty::Interval(Interval { low, high, basis: Basis::Wilson { n_effective } }) => step(
            "Khoảng tin cậy 95 % Wilson, vì mọi câu trả lời như nhau",
            "Wilson’s 95 % interval, because all answers are alike",
            &format!("n = {n_effective:.1}, z = {} → {} – {}", stats::Z95, percent(low), percent(high)),
        ),
        Uncertainty::Census => step(
            "Điều tra toàn bộ: không có sai số chọn mẫu",
            "Everybody was asked: there is no sampling error",
            "n = N",
        ),
        Uncertainty::None { .. } => step("Không tính được khoảng tin cậy", "No interval can be computed", "–"),
    }
}

fn step(vi: &str, en: &str, formula: &str) -> Step {
    let what = Text { vi: vi.to_owned(), en: en.to_owned() };
    // Formulas hold points only as decimal signs.
    Step { what, formula: Text { vi: formula.replace('.', ","), en: formula.to_owned() } }
}

/// A weighted sum: whole where it is whole.
fn sum(value: f64) -> String {
    if (value - value.round()).abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Two decimals, half up, for showing.
fn percent(share: f64) -> String {
    format!("{:.2}%", (share * 10_000.0 + 1e-9).round() / 100.0)
}
