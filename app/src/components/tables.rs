//! The frames of tables: the head that all tables of bars share, and the frame in which a wide table moves sideways.

use leptos::prelude::*;

use super::charts::IntervalBarHead;
use super::number::say;
use crate::domain::text::Lang;

/// What stands above the bars.
#[derive(Clone, Debug, PartialEq)]
pub enum BarScale {
    /// The scale from 0 to 100, with the target line and its name where there is one.
    Axis(Option<(f64, String)>),
    /// Nothing: the table stands below another that has the scale.
    None,
    /// A sentence.
    Words(&'static str),
}

/// The head of a table of bars: what a row is, the bar, its figure, the interval where there is one, and of how many.
#[component]
pub fn BarsHead(
    lang: Lang,
    /// What a row is: "Yếu tố".
    first: &'static str,
    scale: BarScale,
    /// What the figure is: "Chỉ số".
    value: &'static str,
    /// What stands right of the figure: "Khoảng"; none in a voluntary stream.
    range: Option<&'static str>,
    /// Of how many: "Phiếu"; and what else stands right of it.
    counts: Vec<String>,
) -> impl IntoView {
    let chart = match scale {
        BarScale::Words(words) => words.into_any(),
        scale => {
            let axis = if let BarScale::Axis(target) = scale { Some(target) } else { None };
            view! {
                {axis.map(|target| view! { <IntervalBarHead target=target/> })}
                <span class="hidden">{say(lang, "Biểu đồ", "Chart")}</span>
            }
            .into_any()
        }
    };
    view! {
        <thead>
            <tr>
                <th scope="col">{first}</th>
                <th scope="col" class="bars__bar">
                    {chart}
                </th>
                <th scope="col" class="bars__value">
                    {value}
                </th>
                {range.map(|range| view! { <th scope="col" class="bars__range">{range}</th> })}
                {counts
                    .into_iter()
                    .map(|count| view! { <th scope="col" class="bars__n">{count}</th> })
                    .collect_view()}
            </tr>
        </thead>
    }
}

/// "Khoảng tin cậy 95%", the long name of the interval.
pub fn interval_name(lang: Lang) -> &'static str {
    say(lang, "Khoảng tin cậy 95%", "95% interval")
}

/// A frame in which a wide table moves sideways, by keyboard too. Its name is `label`, or that of the element with the
/// id `labelled_by`.
#[component]
pub fn Scroll(
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional)] labelled_by: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="scroll" role="group" aria-label=label aria-labelledby=labelled_by tabindex="0">
            {children()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(scale: BarScale, range: Option<&'static str>) -> String {
        view! {
            <table>
                <BarsHead lang=Lang::Vi first="Yếu tố" scale=scale value="Chỉ số" range=range counts=vec!["Phiếu".into()]/>
            </table>
        }
        .to_html()
    }

    #[test]
    fn a_voluntary_stream_has_no_column_for_an_interval() {
        let axis = || BarScale::Axis(Some((0.8, "Mục tiêu 80".into())));
        assert_eq!(head(axis(), None).matches("scope=\"col\"").count(), 4);
        assert!(head(axis(), Some("Khoảng")).contains("bars__range"));
    }

    #[test]
    fn every_column_has_a_name() {
        for scale in [BarScale::Axis(None), BarScale::None] {
            assert!(head(scale, None).contains("Biểu đồ"));
        }
        assert!(head(BarScale::Words("Phần trăm"), None).contains("Phần trăm"));
    }
}
