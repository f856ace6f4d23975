//! One row of the dot plot beside the ranking: a dot on its interval, hollow for a voluntary stream.

use leptos::prelude::*;

use super::{Axis, pc, sample_mark};

const HEIGHT: f64 = 44.0;
const MIDDLE: f64 = HEIGHT / 2.0;
const CAP: f64 = 10.0;

/// The dot of one agency. `value`, limits and `bands` are shares; without `value` (hidden, nothing yet) only the frame.
#[component]
pub fn DotPlot(
    axis: Axis,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    hollow: bool,
    bands: Vec<f64>,
    sample_data: bool,
) -> impl IntoView {
    let (top, bottom) = (MIDDLE - CAP / 2.0, MIDDLE + CAP / 2.0);
    view! {
        <svg class="chart" height=HEIGHT aria-hidden="true">
            <line class="chart__axis" x1=pc(axis.at(axis.from)) x2=pc(axis.at(axis.to)) y1=MIDDLE y2=MIDDLE></line>
            {bands
                .into_iter()
                .filter(|at| *at > axis.from)
                .map(|at| {
                    view! { <line class="chart__band" x1=pc(axis.at(at)) x2=pc(axis.at(at)) y1="0" y2=HEIGHT></line> }
                })
                .collect_view()}
            {interval
                .map(|(low, high)| {
                    let (low, high) = (pc(axis.at(low)), pc(axis.at(high)));
                    view! {
                        <line class="chart__range" x1=low.clone() x2=high.clone() y1=MIDDLE y2=MIDDLE></line>
                        <line class="chart__cap" x1=low.clone() x2=low y1=top y2=bottom></line>
                        <line class="chart__cap" x1=high.clone() x2=high y1=top y2=bottom></line>
                    }
                })}
            {value
                .map(|value| {
                    let class = if hollow { "chart__dot chart__dot--hollow" } else { "chart__dot" };
                    view! { <circle class=class cx=pc(axis.at(value)) cy=MIDDLE r="5"></circle> }
                })}
            {sample_mark(sample_data, MIDDLE + 19.0)}
        </svg>
    }
}

/// The ticks of the dot plot, for the head of its column.
#[component]
pub fn DotPlotHead(axis: Axis) -> impl IntoView {
    view! {
        <svg class="chart" height="22" aria-hidden="true">
            {axis
                .ticks()
                .map(|tick| {
                    view! {
                        <text class="chart__tick" x=pc(axis.at(f64::from(tick) / 100.0)) y="16">
                            {tick}
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

    fn row(value: Option<f64>, interval: Option<(f64, f64)>, hollow: bool) -> String {
        let axis = Axis::from_tens_below(0.5);
        view! { <DotPlot axis value interval hollow bands=vec![0.8, 0.3] sample_data=false/> }.to_html()
    }

    #[test]
    fn the_dot_stands_on_its_interval_and_limits_below_the_axis_are_left_out() {
        let html = row(Some(0.75), Some((0.7, 0.8)), false);
        assert!(html.contains(r#"cx="50%""#) && html.matches("chart__cap").count() == 2, "{html}");
        assert_eq!(html.matches("chart__band").count(), 1);
    }

    #[test]
    fn a_voluntary_stream_has_a_hollow_dot_and_a_hidden_figure_none() {
        assert!(row(Some(0.9), None, true).contains("chart__dot--hollow"));
        assert!(!row(None, None, false).contains("chart__dot"));
    }
}
