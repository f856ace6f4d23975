//! "Giải thích" of any one figure: the counts, the formula with the numbers put in, the method, what was left out.

use leptos::prelude::*;

use super::agency_model::AgencyWork;
use crate::components::number::{count, say};
use crate::domain::text::Lang;
use crate::pages::results::model::{Count, CriterionLine, ExplainedFactor};
use crate::pages::results::parts::responses;
use crate::pages::results::shown::{Precision, Shown};
use crate::pages::results::words;

/// What a criterion rests on; nothing where its answers are kept back in part.
pub(super) fn criterion(work: &AgencyWork, line: &CriterionLine) -> Option<AnyView> {
    let whole = |from: u8| {
        let mut sum = 0;
        for group in line.scores.iter().filter(|group| group.from >= from) {
            let Count::Exactly(n) = group.count else { return None };
            sum += n;
        }
        Some(sum)
    };
    // A merged group that reaches over the limit of "satisfied" leaves the count open.
    if line.scores.is_empty() || line.scores.iter().any(|group| group.from < 4 && group.to >= 4) {
        return None;
    }
    Some(details(work, Some((whole(4)?, whole(1)?)), &line.figure))
}

/// What a factor rests on.
pub(super) fn factor(work: &AgencyWork, factor: &ExplainedFactor, figure: &Shown) -> AnyView {
    details(work, factor.counted, figure)
}

/// `counted` (satisfied, answered) where responses have no weights.
fn details(work: &AgencyWork, counted: Option<(i64, i64)>, figure: &Shown) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    let formula = match (counted, lang) {
        (Some((satisfied, answered)), _) => {
            format!("{} : {} = {}", count(satisfied, lang), count(answered, lang), figure.words(lang))
        }
        (None, Lang::Vi) => format!("tính với trọng số N : n của từng lĩnh vực, bằng {}", figure.words(lang)),
        (None, Lang::En) => format!("with the weight N / n of each field: {}", figure.words(lang)),
    };
    let interval = match figure {
        Shown::Known { precision: Precision::Interval(low, high), .. } => {
            let limits = crate::components::number::range(*low, *high, lang);
            Some(format!(
                "{}: {limits}",
                if page.explanation.as_ref().is_some_and(|e| e.design.is_some()) {
                    say(
                        lang,
                        "Khoảng tin cậy 95% (Wilson, hệ số thiết kế của đợt)",
                        "95% interval (Wilson, design ratio of the round)",
                    )
                } else {
                    say(lang, "Khoảng tin cậy 95% trên thang logit", "95% interval on the logit scale")
                }
            ))
        }
        _ => None,
    };
    let left_out: Vec<String> = words::left_out(&page.headline.left_out, lang)
        .iter()
        .map(|(kind, n)| format!("{} {kind}", responses(Count::Exactly(*n), lang)))
        .collect();
    let left_out = if left_out.is_empty() {
        say(lang, "không có phiếu nào", "no response").to_owned()
    } else {
        left_out.join("; ")
    };
    view! {
        <details class="desk-explain">
            <summary>{say(lang, "Giải thích", "Explain")}</summary>
            <p>{say(lang, "Câu ở mức 4, 5 chia cho câu từ 1 đến 5: ", "Answers 4, 5 over answers 1 to 5: ")} {formula}</p>
            {interval.map(|words| view! { <p>{words}</p> })}
            <p>{say(lang, "Không tính: ", "Left out: ")} {left_out}</p>
            <p>{say(lang, "Phương pháp: ", "Method: ")} {work.method.clone()}</p>
        </details>
    }
    .into_any()
}
