//! The report for people.

use std::fmt::Write;

use super::{FigureLine, FiguresLine, IntervalWord, Report};
use crate::domain::method::OverallRule;

impl Report {
    /// The report for people: a line an agency, then what is left out and what has no figure.
    pub fn to_table(&self) -> String {
        let mut out = String::new();
        let width = self.agencies.iter().map(|a| a.agency.chars().count()).max().unwrap_or(0).max(12);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}", self.method.title);
        let _ = writeln!(
            out,
            "Mẫu phiếu {} bản {} · phương pháp {} bản {}\n",
            self.questionnaire.key, self.questionnaire.version, self.method.key, self.method.version
        );
        let _ = writeln!(
            out,
            "{:<width$}  {:>8}  {:>20}  {:>7}  {:>9}  {:>6}",
            "Cơ quan", "Chỉ số", "Khoảng 95 %", "Phiếu", "Hồ sơ", "Loại"
        );
        let mut notes = Vec::new();
        let mut line = |name: &str, figure: &FigureLine, figures: &FiguresLine| {
            let index = figure.index.map_or("–".to_owned(), percent);
            let interval = match (figure.interval, figure.ci95) {
                (_, Some((low, high))) => format!("{} đến {}", percent(low), percent(high)),
                (IntervalWord::Census, _) => "điều tra toàn bộ".to_owned(),
                _ => "–".to_owned(),
            };
            let population = figures.population.map_or("–".to_owned(), whole);
            let (n, left) = (whole(figures.n), whole(figures.n_invalid));
            let _ = writeln!(out, "{name:<width$}  {index:>8}  {interval:>20}  {n:>7}  {population:>9}  {left:>6}");
            if let Some(reason) = &figure.reason {
                notes.push(format!("{name}: {reason}"));
            }
            let overall = &figures.overall;
            if figures.n > 0 && overall.factors_counted < overall.factors_of {
                notes.push(format!("{name}: trên {}/{} yếu tố", overall.factors_counted, overall.factors_of));
            }
        };
        line("Thành phố", &self.city.published, &self.city.figures);
        for agency in &self.agencies {
            let overall = &agency.figures.overall;
            let figure = match self.method.overall {
                OverallRule::MeanOfFactors => &overall.mean_of_factors,
                OverallRule::Pooled => &overall.pooled,
            };
            line(&agency.agency, figure, &agency.figures);
        }
        if let Some(coverage) = self.city.coverage {
            notes.insert(0, format!("Độ phủ: {} số hồ sơ", percent(coverage)));
        }
        for stratum in &self.city.unmeasured {
            let name = stratum.stratum.as_ref().map_or(String::new(), |s| format!(", tầng {s}"));
            notes.push(format!("{}{name}: chưa có phiếu, không nằm trong tổng", stratum.agency));
        }
        if !notes.is_empty() {
            let _ = writeln!(out, "\n{}", notes.join("\n"));
        }
        out
    }
}

/// "84,62%": rounded half up, two decimals, for showing only.
fn percent(share: f64) -> String {
    let hundredths = (share * 10_000.0).round();
    format!("{},{:02}%", (hundredths / 100.0).floor(), hundredths % 100.0)
}

/// "12.345".
fn whole(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(c);
    }
    out
}
