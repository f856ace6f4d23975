//! The distribution of the answers 1 to 5 around one zero line at the boundary 3|4: right of it is exactly "hài lòng".

use leptos::prelude::*;

use super::{pc, sample_mark};
use crate::domain::questionnaire::Scale;
use crate::domain::text::Lang;

const HEIGHT: f64 = 24.0;
/// The narrowest that a bar is drawn, in pixels: a phone of 360 px less its gutters. Whether a figure fits is decided here.
const NARROW_PX: f64 = 320.0;
/// A segment carries its figure from this width, in pixels.
const FIGURE_PX: f64 = 24.0;
/// How many of the five answers stand left of the zero line.
const LEFT: usize = 3;

/// One scale for all rows of a table, placed so that the widest left side fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikertScale {
    left: f64,
    right: f64,
}

impl LikertScale {
    /// The scale for these distributions.
    pub fn fitting<'a>(rows: impl IntoIterator<Item = &'a [i64; 5]>) -> Self {
        let mut scale = Self { left: 0.0, right: 0.0 };
        for shares in rows.into_iter().filter_map(shares) {
            scale.left = scale.left.max(shares[..LEFT].iter().sum());
            scale.right = scale.right.max(shares[LEFT..].iter().sum());
        }
        if scale.left + scale.right == 0.0 { Self { left: 0.5, right: 0.5 } } else { scale }
    }

    /// The width of a share, in percent of the bar's width. One pixel at each end is left for the outline.
    fn width(self, share: f64) -> f64 {
        99.0 * share / (self.left + self.right)
    }

    fn zero(self) -> f64 {
        0.5 + self.width(self.left)
    }
}

fn shares(counts: &[i64; 5]) -> Option<[f64; 5]> {
    let n: i64 = counts.iter().sum();
    (n > 0).then(|| counts.map(|c| c as f64 / n as f64))
}

/// The bar of one criterion; counts of the answers 1 to 5.
#[component]
pub fn LikertBar(counts: [i64; 5], scale: LikertScale, sample_data: bool) -> impl IntoView {
    let zero = scale.zero();
    let segments = shares(&counts).map(|shares| {
        let mut at = zero - scale.width(shares[..LEFT].iter().sum());
        let mut place = |share: f64| {
            let from = at;
            at += scale.width(share);
            (from, at - from)
        };
        shares
            .into_iter()
            .enumerate()
            .filter(|(_, share)| *share > 0.0)
            .map(|(i, share)| {
                let (x, width) = place(share);
                let score = i + 1;
                let hatched = score <= 2;
                let fits = width / 100.0 * NARROW_PX >= FIGURE_PX;
                view! {
                    <rect class=format!("likert__segment likert__segment--{score}") x=pc(x) y="0.5" width=pc(width) height=HEIGHT - 1.0></rect>
                    {hatched.then(|| view! { <rect class="likert__hatched" x=pc(x) y="0.5" width=pc(width) height=HEIGHT - 1.0></rect> })}
                    {fits
                        .then(|| {
                            view! {
                                <text class=format!("likert__figure likert__figure--{score}") x=pc(x + width / 2.0) y="17">
                                    {(share * 100.0).round()}
                                </text>
                            }
                        })}
                }
            })
            .collect_view()
    });
    view! {
        <svg class="chart chart--likert" height=HEIGHT aria-hidden="true">
            {segments}
            <line class="likert__zero" x1=pc(zero) x2=pc(zero) y1="0" y2=HEIGHT></line>
            {sample_mark(sample_data, 16.0)}
        </svg>
    }
}

/// What the five tints mean, in the words of the questionnaire's scale.
#[component]
pub fn LikertLegend(scale: Scale, lang: Lang) -> impl IntoView {
    view! {
        <ul class="legend">
            {scale
                .labels
                .iter()
                .enumerate()
                .map(|(i, label)| {
                    let score = i + 1;
                    view! {
                        <li>
                            <svg class="legend__key" width="24" height="16" aria-hidden="true">
                                <rect class=format!("likert__segment likert__segment--{score}") x="0.5" y="0.5" width="23" height="15"></rect>
                                {(score <= 2).then(|| view! { <rect class="likert__hatched" x="0.5" y="0.5" width="23" height="15"></rect> })}
                            </svg>
                            {format!("{score} {}", label.get(lang))}
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_left_side_fits_and_the_zero_line_is_the_same_for_all() {
        let scale = LikertScale::fitting([&[10, 10, 20, 30, 30], &[0, 0, 10, 40, 50]]);
        assert!((scale.left - 0.4).abs() < 1e-12 && (scale.right - 0.9).abs() < 1e-12);
        assert!(scale.zero() - scale.width(0.4) >= 0.5 - 1e-9);
        assert!(scale.zero() + scale.width(0.9) <= 99.5 + 1e-9);
    }

    #[test]
    fn answers_of_one_kind_and_no_answers_are_drawn_too() {
        for counts in [[0, 0, 0, 0, 7], [7, 0, 0, 0, 0], [0; 5]] {
            let scale = LikertScale::fitting([&counts]);
            let html = view! { <LikertBar counts scale sample_data=false/> }.to_html();
            assert!(html.contains("likert__zero") && !html.contains("NaN"), "{html}");
        }
    }

    #[test]
    fn the_two_low_answers_are_hatched_and_narrow_segments_carry_no_figure() {
        let counts = [1, 10, 9, 40, 40];
        let html = view! { <LikertBar counts scale=LikertScale::fitting([&counts]) sample_data=false/> }.to_html();
        assert_eq!(html.matches("likert__hatched").count(), 2);
        assert_eq!(html.matches("likert__figure ").count(), 4);
    }
}
