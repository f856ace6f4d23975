//! A bar from 0 to 100 with its interval: factors, criteria, levels.

use leptos::prelude::*;

use super::{Axis, pc, sample_mark};

const HEIGHT: f64 = 44.0;
const BAR: f64 = 16.0;
const CAP: f64 = 10.0;
const MIDDLE: f64 = HEIGHT / 2.0;

/// The bar of one figure. `value`, the limits and `last`, the figure of the round before, are shares.
#[component]
pub fn IntervalBar(
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    target: Option<f64>,
    sample_data: bool,
    #[prop(optional_no_strip)] last: Option<f64>,
) -> impl IntoView {
    let axis = Axis::WHOLE;
    let left = axis.at(0.0);
    let top = MIDDLE - BAR / 2.0;
    view! {
        <svg class="chart" height=HEIGHT aria-hidden="true">
            <rect class="chart__track" x=pc(left) y=top width=pc(axis.at(1.0) - left) height=BAR></rect>
            {value
                .map(|value| {
                    view! {
                        <rect class="chart__bar" x=pc(left) y=top width=pc(axis.at(value) - left) height=BAR></rect>
                    }
                })}
            {target.map(|at| Target(TargetProps { at: axis.at(at) }))}
            {last
                .map(|last| {
                    view! {
                        <svg class="chart__place" x=pc(axis.at(last)) y=top + BAR + 1.0 width="1" height="4">
                            <path class="chart__last" d="M0 0L5 4H-5Z"></path>
                        </svg>
                    }
                })}
            {interval.map(|(low, high)| Whisker(WhiskerProps { low: axis.at(low), high: axis.at(high) }))}
            {sample_mark(sample_data, MIDDLE + 19.0)}
        </svg>
    }
}

/// The scale of a column of bars, for its head: ticks, and what the dashed line is.
#[component]
pub fn IntervalBarHead(target: Option<(f64, String)>) -> impl IntoView {
    let axis = Axis::WHOLE;
    let labelled = target.is_some();
    let ticks_y = if labelled { 38 } else { 16 };
    view! {
        <svg class="chart" height=if labelled { 44 } else { 22 } aria-hidden="true">
            {target
                .map(|(at, label)| {
                    view! {
                        <text class="chart__label" x=pc(axis.at(at)) y="15">
                            {label}
                        </text>
                        <line class="chart__target" x1=pc(axis.at(at)) x2=pc(axis.at(at)) y1="20" y2="24"></line>
                    }
                })}
            {axis
                .ticks()
                .map(|tick| {
                    view! {
                        <text class="chart__tick" x=pc(axis.at(f64::from(tick) / 100.0)) y=ticks_y>
                            {tick}
                        </text>
                    }
                })
                .collect_view()}
        </svg>
    }
}

#[component]
fn Target(at: f64) -> impl IntoView {
    view! {
        <line class="chart__halo" x1=pc(at) x2=pc(at) y1="0" y2=HEIGHT></line>
        <line class="chart__target" x1=pc(at) x2=pc(at) y1="0" y2=HEIGHT></line>
    }
}

#[component]
fn Whisker(low: f64, high: f64) -> impl IntoView {
    let (top, bottom) = (MIDDLE - CAP / 2.0, MIDDLE + CAP / 2.0);
    let (low, high) = (pc(low), pc(high));
    let strokes = |class: &'static str| {
        view! {
            <line class=class x1=low.clone() x2=high.clone() y1=MIDDLE y2=MIDDLE></line>
            <line class=class x1=low.clone() x2=low.clone() y1=top y2=bottom></line>
            <line class=class x1=high.clone() x2=high.clone() y1=top y2=bottom></line>
        }
    };
    view! {
        {strokes("chart__halo")}
        {strokes("chart__interval")}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_without_interval_has_a_bar_and_no_whisker() {
        let html = view! { <IntervalBar value=Some(0.8) interval=None target=None sample_data=false/> }.to_html();
        assert!(html.contains("chart__bar") && !html.contains("chart__interval") && !html.contains("MÔ PHỎNG"));
    }

    #[test]
    fn a_picture_of_sample_data_says_so() {
        let html = view! { <IntervalBar value=None interval=None target=Some(0.8) sample_data=true/> }.to_html();
        assert!(html.contains("SỐ LIỆU MÔ PHỎNG") && html.contains("chart__target") && !html.contains("chart__bar"));
    }
}
