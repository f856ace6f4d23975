//! The distribution of the answers 1 to 5 around one zero line at the boundary 3|4: right of it is exactly "hài lòng".

use leptos::prelude::*;

use super::{pc, sample_mark};
use crate::components::number::say;
use crate::domain::disclosure::{Count, ScaleGroup};
use crate::domain::questionnaire::Scale;
use crate::domain::text::Lang;

const HEIGHT: f64 = 24.0;
/// The narrowest that a bar is drawn, in pixels: a phone of 360 px less its gutters. Whether a figure fits is decided here.
const NARROW_PX: f64 = 320.0;
/// A segment carries its figure from this width, in pixels.
const FIGURE_PX: f64 = 24.0;
/// The highest answer that stands left of the zero line.
const LEFT: u8 = 3;

/// One scale for all rows of a table, placed so that the widest left side fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikertScale {
    left: f64,
    right: f64,
}

impl LikertScale {
    /// The scale for these distributions; those with a count that is not said have no bar and do not matter.
    pub fn fitting<'a>(rows: impl IntoIterator<Item = &'a [ScaleGroup]>) -> Self {
        let mut scale = Self { left: 0.0, right: 0.0 };
        for segments in rows.into_iter().filter_map(segments) {
            let (left, right) = sides(&segments);
            scale.left = scale.left.max(left);
            scale.right = scale.right.max(right);
        }
        if scale.left + scale.right == 0.0 { Self { left: 0.5, right: 0.5 } } else { scale }
    }

    /// The width of a share, in percent of the bar's width. Half a percent at each end is left for the outline.
    fn width(self, share: f64) -> f64 {
        99.0 * share / (self.left + self.right)
    }

    fn zero(self) -> f64 {
        0.5 + self.width(self.left)
    }
}

/// One segment of a bar: its answers and their share.
#[derive(Clone, Copy, Debug)]
struct Segment {
    from: u8,
    to: u8,
    share: f64,
}

impl Segment {
    fn is_left(self) -> bool {
        self.to <= LEFT
    }

    /// The tint of the answer; merged answers have one of their own.
    fn look(self) -> Look {
        Look::of(self.from, self.to)
    }
}

/// How a segment is drawn: its tint, and whether it carries the hatch of the two low answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    tint: &'static str,
    hatched: bool,
}

impl Look {
    fn of(from: u8, to: u8) -> Self {
        let tint = match (from, to) {
            (1, 1) => "1",
            (1 | 2, 2) => "2",
            (1..=3, 3) => "3",
            (4, 4 | 5) => "4",
            _ => "5",
        };
        Self { tint, hatched: from <= 2 }
    }
}

/// Whether every count of a distribution is said, so that it can be drawn.
pub fn can_be_drawn(groups: &[ScaleGroup]) -> bool {
    segments(groups).is_some()
}

/// The segments of a distribution; none where a count in it is not said.
fn segments(groups: &[ScaleGroup]) -> Option<Vec<Segment>> {
    let counts: Vec<i64> = groups
        .iter()
        .map(|g| match g.count {
            Count::Exactly(n) => Some(n),
            Count::Few | Count::Hidden => None,
        })
        .collect::<Option<_>>()?;
    let n: i64 = counts.iter().sum();
    let segment = |(group, count): (&ScaleGroup, &i64)| Segment {
        from: group.from,
        to: group.to,
        share: *count as f64 / n as f64,
    };
    (n > 0).then(|| groups.iter().zip(&counts).map(segment).collect())
}

fn sides(segments: &[Segment]) -> (f64, f64) {
    let side = |left: bool| segments.iter().filter(|s| s.is_left() == left).map(|s| s.share).sum();
    (side(true), side(false))
}

/// The bar of one criterion.
#[component]
pub fn LikertBar(groups: Vec<ScaleGroup>, scale: LikertScale, sample_data: bool) -> impl IntoView {
    let zero = scale.zero();
    let drawn = segments(&groups).map(|segments| {
        let mut at = zero - scale.width(sides(&segments).0);
        let place = |segment: Segment| {
            let from = at;
            at += scale.width(segment.share);
            (segment, from)
        };
        let placed: Vec<_> = segments.into_iter().filter(|s| s.share > 0.0).map(place).collect();
        placed.into_iter().map(|(segment, x)| draw(segment, x, scale.width(segment.share))).collect_view()
    });
    view! {
        <svg class="chart chart--likert" height=HEIGHT aria-hidden="true">
            {drawn}
            <line class="likert__zero" x1=pc(zero) x2=pc(zero) y1="0" y2=HEIGHT></line>
            {sample_mark(sample_data, HEIGHT + 10.0)}
        </svg>
    }
}

fn draw(segment: Segment, x: f64, width: f64) -> impl IntoView {
    let Look { tint, hatched } = segment.look();
    let fits = width / 100.0 * NARROW_PX >= FIGURE_PX;
    view! {
        <rect class=format!("likert__segment likert__segment--{tint}") x=pc(x) y="0.5" width=pc(width) height=HEIGHT - 1.0></rect>
        {hatched.then(|| view! { <rect class="likert__hatched" x=pc(x) y="0.5" width=pc(width) height=HEIGHT - 1.0></rect> })}
        {fits
            .then(|| {
                view! {
                    <text class=format!("likert__figure likert__figure--{tint}") x=pc(x + width / 2.0) y="17">
                        {(segment.share * 100.0).round()}
                    </text>
                }
            })}
    }
}

/// What the tints mean, in the words of the questionnaire's scale; `merged` are the answers that some row shows as one.
#[component]
pub fn LikertLegend(scale: Scale, merged: Vec<(u8, u8)>, lang: Lang) -> impl IntoView {
    let single = (1..).zip(&scale.labels).map(|(score, label)| (score, score, format!("{score} {}", label.get(lang))));
    let together = merged.into_iter().map(|(from, to)| {
        let words = say(lang, "gộp, vì có mức dưới 5 người", "merged, few people gave one of them");
        (from, to, format!("{from}–{to} {words}"))
    });
    let key = |(from, to, words): (u8, u8, String)| {
        let Look { tint, hatched } = Look::of(from, to);
        view! {
            <li>
                <svg class="legend__key" width="24" height="16" aria-hidden="true">
                    <rect class=format!("likert__segment likert__segment--{tint}") x="0.5" y="0.5" width="23" height="15"></rect>
                    {hatched.then(|| view! { <rect class="likert__hatched" x="0.5" y="0.5" width="23" height="15"></rect> })}
                </svg>
                {words}
            </li>
        }
    };
    view! { <ul class="legend">{single.chain(together).map(key).collect_view()}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(counts: [i64; 5]) -> Vec<ScaleGroup> {
        (1..).zip(counts).map(|(answer, n)| ScaleGroup { from: answer, to: answer, count: Count::Exactly(n) }).collect()
    }

    fn bar(groups: &[ScaleGroup]) -> String {
        let scale = LikertScale::fitting([groups]);
        view! { <LikertBar groups=groups.to_vec() scale sample_data=false/> }.to_html()
    }

    #[test]
    fn the_widest_left_side_fits_and_the_zero_line_is_the_same_for_all() {
        let rows = [groups([10, 10, 20, 30, 30]), groups([0, 0, 10, 40, 50])];
        let scale = LikertScale::fitting(rows.iter().map(Vec::as_slice));
        assert!((scale.left - 0.4).abs() < 1e-12 && (scale.right - 0.9).abs() < 1e-12);
        assert!(scale.zero() - scale.width(0.4) >= 0.5 - 1e-9);
        assert!(scale.zero() + scale.width(0.9) <= 99.5 + 1e-9);
    }

    #[test]
    fn answers_of_one_kind_and_no_answers_are_drawn_too() {
        for counts in [[0, 0, 0, 0, 7], [7, 0, 0, 0, 0], [0; 5]] {
            let html = bar(&groups(counts));
            assert!(html.contains("likert__zero") && !html.contains("NaN"), "{html}");
        }
    }

    #[test]
    fn the_two_low_answers_are_hatched_and_narrow_segments_carry_no_figure() {
        let html = bar(&groups([1, 10, 9, 40, 40]));
        assert_eq!(html.matches("likert__hatched").count(), 2);
        assert_eq!(html.matches("likert__figure ").count(), 4);
    }

    #[test]
    fn merged_answers_are_one_segment_and_a_count_that_is_not_said_leaves_no_bar() {
        let merged = |from, to, count| ScaleGroup { from, to, count };
        let html = bar(&[merged(1, 3, Count::Exactly(20)), merged(4, 5, Count::Exactly(80))]);
        assert_eq!(html.matches("likert__segment ").count(), 2);
        let html = bar(&[merged(1, 3, Count::Few), merged(4, 5, Count::Hidden)]);
        assert!(!html.contains("likert__segment"));
    }
}
