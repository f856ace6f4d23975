//! Charts as SVG made on the server, without script and without inline style.
//!
//! Every chart stands inside a real table cell that holds its figures and is hidden from assistive technology.
//! Horizontal places are percentages of the cell, so that a chart fits any width without distortion; vertical ones are
//! pixels. Colours come from the style sheet. Geometry: `look.md`.

pub mod difference;
pub mod dot_plot;
pub mod interval_bar;
pub mod likert;

use leptos::prelude::*;

pub use difference::{DifferenceBar, DifferenceHead};
pub use dot_plot::{DotPlot, DotPlotHead};
pub use interval_bar::{IntervalBar, IntervalBarHead};
pub use likert::{LikertBar, LikertLegend, LikertScale, can_be_drawn};

/// What every picture made of sample data says, at 12 % of the ink.
pub const SAMPLE_MARK: &str = "SỐ LIỆU MÔ PHỎNG";

/// Room at both ends of an axis, in percent of the width, so that a dot at 100 is whole.
const MARGIN: f64 = 3.0;

/// A scale from shares to percent of the width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The share at the left end.
    pub from: f64,
    /// The share at the right end.
    pub to: f64,
}

impl Axis {
    /// From 0 to 100 %.
    pub const WHOLE: Self = Self { from: 0.0, to: 1.0 };

    /// From 50 % to 100 %, or from the ten below the lowest figure when that is lower.
    pub fn from_tens_below(lowest: f64) -> Self {
        let from = (lowest * 10.0).floor() / 10.0;
        Self { from: from.clamp(0.0, 0.5), to: 1.0 }
    }

    /// Where a share stands, in percent of the width.
    fn at(self, share: f64) -> f64 {
        let along = ((share - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        MARGIN + (100.0 - 2.0 * MARGIN) * along
    }

    /// Whole percentages that are printed under or over the axis: every 10, every 20 over a wide axis.
    fn ticks(self) -> impl Iterator<Item = i32> {
        let step = if self.to - self.from > 0.6 { 20 } else { 10 };
        let first = (self.from * 100.0).round() as i32;
        (0..=100).step_by(10).filter(move |t| *t >= first && (100 - t) % step == 0)
    }
}

/// A place as an SVG length.
fn pc(percent: f64) -> String {
    let text = format!("{percent:.2}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The words of sample data inside a picture of this height, in pixels.
fn sample_mark(sample_data: bool, y: f64) -> Option<impl IntoView> {
    sample_data.then(|| {
        view! {
            <text class="chart__mark" x=pc(MARGIN) y=y>
                {SAMPLE_MARK}
            </text>
        }
    })
}

/// Patterns that the charts of a page refer to; once a page, before the first chart.
#[component]
pub fn ChartPatterns() -> impl IntoView {
    view! {
        <svg class="chart-patterns" width="0" height="0" aria-hidden="true">
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <line class="likert__hatch" x1="0" y1="0" x2="0" y2="6"></line>
            </pattern>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_goes_down_in_tens_and_never_above_fifty() {
        assert_eq!(Axis::from_tens_below(0.87), Axis { from: 0.5, to: 1.0 });
        assert_eq!(Axis::from_tens_below(0.43), Axis { from: 0.4, to: 1.0 });
        assert_eq!(Axis::from_tens_below(0.0), Axis::WHOLE);
    }

    #[test]
    fn ticks_are_round_and_end_at_a_hundred() {
        assert_eq!(Axis::WHOLE.ticks().collect::<Vec<_>>(), [0, 20, 40, 60, 80, 100]);
        assert_eq!(Axis::from_tens_below(0.6).ticks().collect::<Vec<_>>(), [50, 60, 70, 80, 90, 100]);
        assert_eq!(Axis::from_tens_below(0.31).ticks().collect::<Vec<_>>(), [40, 60, 80, 100]);
    }

    #[test]
    fn places_stay_inside_the_picture() {
        assert_eq!(pc(Axis::WHOLE.at(0.0)), "3%");
        assert_eq!(pc(Axis::WHOLE.at(1.0)), "97%");
        assert_eq!(pc(Axis::WHOLE.at(0.5)), "50%");
        assert_eq!(pc(Axis { from: 0.5, to: 1.0 }.at(0.2)), "3%");
    }
}
