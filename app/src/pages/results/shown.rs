//! A figure as a page may print it. Views get nothing else, so none can print what is hidden, or an interval where there
//! is none.

use crate::components::number::{decimal, percent, range, say};
use crate::domain::disclosure::Said;
use crate::domain::index::{Absence, Estimate, Figure, NoInterval, OpenShare, Uncertainty};
use crate::domain::text::Lang;

/// A figure, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// A share with what may be said of its precision.
    Known {
        /// The share, unrounded.
        value: f64,
        /// Its precision.
        precision: Precision,
    },
    /// All gave one answer: only that it is high is said.
    AtLeast(f64),
    /// All gave one answer: only that it is low is said.
    AtMost(f64),
    /// Kept back, so that nobody's answer can be read.
    Hidden,
    /// There is none.
    Absent(Absence),
}

/// What may be said of the precision of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// A 95 % interval, as shares.
    Interval(f64, f64),
    /// Everybody was asked.
    Census,
    /// None can be computed.
    Without(NoInterval),
    /// A voluntary stream: there is nothing to be precise about.
    Voluntary,
}

impl From<&Figure> for Shown {
    fn from(figure: &Figure) -> Self {
        match figure {
            Ok(estimate) => Self::from(estimate),
            Err(absence) => Self::Absent(*absence),
        }
    }
}

impl From<&Estimate> for Shown {
    fn from(estimate: &Estimate) -> Self {
        let precision = match estimate.uncertainty() {
            Uncertainty::Interval(interval) => Precision::Interval(interval.low, interval.high),
            Uncertainty::Census => Precision::Census,
            Uncertainty::None { why } => Precision::Without(why),
        };
        Self::Known { value: estimate.value(), precision }
    }
}

impl From<Option<OpenShare>> for Shown {
    fn from(share: Option<OpenShare>) -> Self {
        share.map_or(Self::Absent(Absence::NobodyAnswered), |share| Self::Known {
            value: share.value(),
            precision: Precision::Voluntary,
        })
    }
}

impl Shown {
    /// The figure as far as disclosure lets it be said.
    #[must_use]
    pub fn told(self, said: Said) -> Self {
        match said {
            _ if matches!(self, Self::Absent(_)) => self,
            Said::Exactly => self,
            Said::AtLeast(share) => Self::AtLeast(share),
            Said::AtMost(share) => Self::AtMost(share),
            Said::Nothing => Self::Hidden,
        }
    }

    /// The share, where it is known.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Known { value, .. } => Some(*value),
            _ => None,
        }
    }

    /// The interval, where there is one.
    pub fn interval(&self) -> Option<(f64, f64)> {
        match self {
            Self::Known { precision: Precision::Interval(low, high), .. } => Some((*low, *high)),
            _ => None,
        }
    }

    /// Whether this is a figure of a voluntary stream, whose dot is hollow.
    pub fn is_voluntary(&self) -> bool {
        matches!(self, Self::Known { precision: Precision::Voluntary, .. })
    }

    /// The figure in a table cell: "84,62%", "≥ 95%", "ẩn", "–".
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Known { value, .. } => percent(*value, lang),
            Self::AtLeast(share) => format!("≥ {}%", decimal(100.0 * share, 0, lang)),
            Self::AtMost(share) => format!("≤ {}%", decimal(100.0 * share, 0, lang)),
            Self::Hidden => say(lang, "ẩn", "hidden").to_owned(),
            Self::Absent(_) => "–".to_owned(),
        }
    }

    /// The precision in a table cell: "từ 83,3 đến 85,8", "điều tra toàn bộ", or nothing.
    pub fn precision_words(&self, lang: Lang) -> String {
        match self {
            Self::Known { precision: Precision::Interval(low, high), .. } => range(*low, *high, lang),
            Self::Known { precision: Precision::Census, .. } => {
                say(lang, "điều tra toàn bộ", "all were asked").to_owned()
            }
            Self::Known { precision: Precision::Without(_), .. } => {
                say(lang, "không tính được", "not computable").to_owned()
            }
            _ => String::new(),
        }
    }

    /// One sentence on why there is no figure or no interval; none where nothing is missing.
    pub fn why(&self, lang: Lang) -> Option<&'static str> {
        let words = match self {
            Self::Absent(Absence::NobodyAnswered) => say(lang, "Chưa có phiếu hợp lệ nào.", "No valid responses yet."),
            Self::Absent(Absence::NoFactorCounts) => say(
                lang,
                "Chưa có yếu tố nào được ít nhất 5 người trả lời.",
                "No factor has been answered by at least 5 people yet.",
            ),
            Self::Absent(Absence::PopulationMissing { .. }) => say(
                lang,
                "Chưa có số hồ sơ của ít nhất một cơ quan, nên chưa thể cộng.",
                "The number of dossiers of at least one agency is missing, so nothing can be added up.",
            ),
            Self::Absent(Absence::MoreThanPopulation { .. }) => say(
                lang,
                "Số phiếu lớn hơn số hồ sơ: một trong hai số sai, cần kiểm tra.",
                "There are more responses than dossiers: one of the two is wrong and has to be checked.",
            ),
            Self::Known { precision: Precision::Without(why), .. } => match why {
                NoInterval::SingleRespondent { .. } => say(
                    lang,
                    "Không có khoảng tin cậy: ít nhất một tầng chỉ có một phiếu.",
                    "No interval: at least one stratum has a single response.",
                ),
                NoInterval::PopulationMissing { .. } => say(
                    lang,
                    "Không có khoảng tin cậy: chưa có số hồ sơ.",
                    "No interval: the number of dossiers is missing.",
                ),
                NoInterval::NoSpread => say(
                    lang,
                    "Không có khoảng tin cậy: mọi người trả lời giống nhau.",
                    "No interval: everybody answered alike.",
                ),
                NoInterval::UnitWithout { .. } => say(
                    lang,
                    "Không có khoảng tin cậy: một cơ quan trong nhóm không có khoảng.",
                    "No interval: one agency of the group has none.",
                ),
            },
            Self::Hidden => say(
                lang,
                "Số liệu được ẩn để không thể suy ra câu trả lời của một người.",
                "The figure is hidden, so that nobody’s answer can be worked out.",
            ),
            _ => return None,
        };
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::index::what_if;

    #[test]
    fn a_figure_reads_with_its_interval_and_never_with_plus_minus() {
        let shown = what_if(2_004, 312, 264).as_ref().map(Shown::from);
        let words = shown.map(|s| (s.words(Lang::Vi), s.precision_words(Lang::Vi)));
        assert_eq!(words, Some(("84,62%".into(), "từ 80,5 đến 88,0".into())));
    }

    #[test]
    fn a_hidden_figure_has_no_digit_and_says_why() {
        let hidden = Shown::Hidden;
        assert_eq!(hidden.words(Lang::Vi), "ẩn");
        assert!(hidden.why(Lang::Vi).is_some() && hidden.value().is_none() && hidden.interval().is_none());
    }

    #[test]
    fn a_census_says_so_instead_of_an_interval() {
        let shown = what_if(30, 30, 27).as_ref().map(Shown::from);
        assert_eq!(shown.map(|s| s.precision_words(Lang::Vi)), Some("điều tra toàn bộ".into()));
    }
}
