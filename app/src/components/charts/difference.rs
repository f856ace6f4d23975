//! A difference on its interval, left and right of zero: whether the interval reaches zero is what a pair comes down to.

use leptos::prelude::*;

use super::{Axis, pc, sample_mark};

const HEIGHT: f64 = 44.0;
const MIDDLE: f64 = HEIGHT / 2.0;
const CAP: f64 = 10.0;

impl Axis {
    /// An axis with zero in its middle that holds all these limits, in whole tens of points.
    pub fn around_zero(limits: impl IntoIterator<Item = f64>) -> Self {
        let widest = limits.into_iter().fold(0.0_f64, |widest, limit| widest.max(limit.abs()));
        let end = ((widest * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
        Self { from: -end, to: end }
    }
}

/// One difference: `value` and its limits as shares; nothing but the zero line where there is none.
#[component]
pub fn DifferenceBar(axis: Axis, difference: Option<(f64, f64, f64)>, sample_data: bool) -> impl IntoView {
    let (top, bottom) = (MIDDLE - CAP / 2.0, MIDDLE + CAP / 2.0);
    let zero = pc(axis.at(0.0));
    view! {
        <svg class="chart" height=HEIGHT aria-hidden="true">
            <line class="chart__axis" x1=pc(axis.at(axis.from)) x2=pc(axis.at(axis.to)) y1=MIDDLE y2=MIDDLE></line>
            <line class="chart__target" x1=zero.clone() x2=zero y1="0" y2=HEIGHT></line>
            {difference
                .map(|(value, low, high)| {
                    let (low, high) = (pc(axis.at(low)), pc(axis.at(high)));
                    view! {
                        <line class="chart__range" x1=low.clone() x2=high.clone() y1=MIDDLE y2=MIDDLE></line>
                        <line class="chart__cap" x1=low.clone() x2=low y1=top y2=bottom></line>
                        <line class="chart__cap" x1=high.clone() x2=high y1=top y2=bottom></line>
                        <circle class="chart__dot" cx=pc(axis.at(value)) cy=MIDDLE r="5"></circle>
                    }
                })}
            {sample_mark(sample_data, MIDDLE + 19.0)}
        </svg>
    }
}

/// The ends and the middle of the axis, for the head of its column.
#[component]
pub fn DifferenceHead(axis: Axis) -> impl IntoView {
    let end = (100.0 * axis.to).round() as i32;
    let ticks = [(axis.from, format!("−{end}")), (0.0, "0".to_owned()), (axis.to, format!("+{end}"))];
    view! {
        <svg class="chart" height="22" aria-hidden="true">
            {ticks
                .into_iter()
                .map(|(at, words)| {
                    view! {
                        <text class="chart__tick" x=pc(axis.at(at)) y="16">
                            {words}
                        </text>
                    }
                })
                .collect_view()}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_stands_in_the_middle_and_every_limit_is_on_the_axis() {
        let axis = Axis::around_zero([0.166, -0.02, 0.233]);
        assert!((axis.from + 0.3).abs() < 1e-12 && (axis.to - 0.3).abs() < 1e-12, "{axis:?}");
        assert_eq!(pc(axis.at(0.0)), "50%");
        assert_eq!(Axis::around_zero([]), Axis { from: -0.1, to: 0.1 });
    }

    #[test]
    fn without_a_difference_there_is_the_zero_line_alone() {
        let axis = Axis::around_zero([]);
        let html = view! { <DifferenceBar axis difference=None sample_data=true/> }.to_html();
        assert!(html.contains("chart__target") && !html.contains("chart__dot") && html.contains("MÔ PHỎNG"), "{html}");
    }
}
