//! "Giải thích con số này": the formula with the counts of this very figure put in.

use leptos::prelude::*;

use super::model::{ExplainedDesign, ExplainedFactor, ExplainedStratum, Explanation, Headline};
use crate::components::number::{count, decimal, percent, say};
use crate::domain::limits;
use crate::domain::text::Lang;

/// The section that an index links to.
pub(in crate::pages) fn explanation(explanation: &Explanation, headline: &Headline, lang: Lang) -> AnyView {
    let several = explanation.several;
    view! {
        <section class="explain" aria-labelledby="giai-thich">
            <h2 id="giai-thich">{say(lang, "Giải thích con số này", "How this figure came about")}</h2>
            <ol class="prose">
                <li>{first_step(several, lang)}</li>
                {several.then(|| view! { <li>{say(lang, WEIGHTS.0, WEIGHTS.1)}</li> })}
                {merged(&explanation.merged, lang).map(|words| view! { <li>{words}</li> })}
                <li>{overall(explanation, lang)}</li>
                <li>{precision(explanation, headline, lang)}</li>
            </ol>
            {factors(&explanation.factors, several, lang)}
            {(several && !explanation.strata.is_empty()).then(|| strata(&explanation.strata, lang))}
        </section>
    }
    .into_any()
}

const WEIGHTS: (&str, &str) = (
    "Mỗi phiếu đại diện cho số hồ sơ của lĩnh vực chia cho số phiếu của lĩnh vực đó.",
    "Each response stands for the dossiers of its field divided by the responses of that field.",
);

fn first_step(several: bool, lang: Lang) -> &'static str {
    if several {
        say(
            lang,
            "Mỗi yếu tố: tổng có trọng số các câu trả lời ở mức 4 hoặc 5 chia cho tổng có trọng số các câu trả lời từ 1 đến 5. Mức 0, câu bỏ trống không tính vào bên nào.",
            "Each factor: the weighted sum of answers 4 or 5 over the weighted sum of answers 1 to 5. Answers 0 and blanks count on neither side.",
        )
    } else {
        say(
            lang,
            "Mỗi yếu tố: số câu trả lời ở mức 4 hoặc 5 chia cho số câu trả lời từ 1 đến 5. Mức 0, câu bỏ trống không tính vào bên nào.",
            "Each factor: answers 4 or 5 over answers 1 to 5. Answers 0 and blanks count on neither side.",
        )
    }
}

/// "(81,92% + 83,33% + …) : 5 = 84,62%".
fn overall(explanation: &Explanation, lang: Lang) -> String {
    let index = percent(explanation.index, lang);
    if explanation.pooled {
        let sums: Option<Vec<(i64, i64)>> = explanation.factors.iter().map(|f| f.counted).collect();
        let Some(sums) = sums else {
            return match lang {
                Lang::Vi => format!("Chỉ số: tính gộp mọi tiêu chí, có trọng số, bằng {index}."),
                Lang::En => format!("The index pools all criteria, weighted: {index}."),
            };
        };
        let (satisfied, answered) = sums.iter().fold((0, 0), |(s, a), (k, m)| (s + k, a + m));
        let (satisfied, answered) = (count(satisfied, lang), count(answered, lang));
        return match lang {
            Lang::Vi => format!("Chỉ số: tính gộp mọi tiêu chí, {satisfied} : {answered} câu trả lời, bằng {index}."),
            Lang::En => format!("The index pools all criteria, {satisfied} of {answered} answers: {index}."),
        };
    }
    let counted: Vec<String> =
        explanation.factors.iter().filter(|f| f.counts).map(|f| percent(f.share, lang)).collect();
    let (sum, number) = (counted.join(" + "), counted.len());
    match lang {
        Lang::Vi => format!("Chỉ số: trung bình cộng của {number} yếu tố, ({sum}) : {number} = {index}."),
        Lang::En => format!("The index is the plain mean of {number} factors, ({sum}) / {number} = {index}."),
    }
}

/// Which fields are computed as one, and why.
fn merged(groups: &[Vec<String>], lang: Lang) -> Option<String> {
    if groups.is_empty() {
        return None;
    }
    let least = limits::STRATUM_RESPONSES;
    let groups = groups.iter().map(|group| group.join(" + ")).collect::<Vec<_>>().join("; ");
    Some(match lang {
        Lang::Vi => format!("Lĩnh vực có dưới {least} phiếu được gộp với lĩnh vực ít phiếu kế tiếp: {groups}."),
        Lang::En => {
            format!("Fields with fewer than {least} responses are joined to the next smallest: {groups}.")
        }
    })
}

/// p, n, N, A, D, n_eff, df and the limits of an agency under version 2.
fn design(design: &ExplainedDesign, explanation: &Explanation, headline: &Headline, lang: Lang) -> String {
    let (p, n) = (percent(explanation.index, lang), count(design.n, lang));
    let population = design.population.map_or_else(|| "–".to_owned(), |population| count(population, lang));
    let (a, ratio) = (decimal(design.a, 8, lang), decimal(design.ratio, 4, lang));
    let (n_effective, df) = (decimal(design.n_effective, 1, lang), decimal(design.df, 1, lang));
    let range = headline.figure.precision_words(lang);
    match lang {
        Lang::Vi => format!(
            "Khoảng tin cậy 95% tính theo Wilson: p = {p}, n = {n} phiếu, N = {population} hồ sơ, A = {a} (từ N và n của các lĩnh vực), hệ số thiết kế của đợt D = {ratio} (ước lượng chung từ mọi cơ quan; bằng 1 khi đợt chưa đủ số liệu), cỡ mẫu hiệu dụng 1 : (D × A) = {n_effective}, {df} bậc tự do; khoảng {range}."
        ),
        Lang::En => format!(
            "The 95% interval is Wilson’s: p = {p}, n = {n} responses, N = {population} dossiers, A = {a} (from N and n of the fields), design ratio of the round D = {ratio} (estimated over all agencies; 1 where the round has too few), effective sample size 1 / (D × A) = {n_effective}, {df} degrees of freedom; {range}."
        ),
    }
}

fn precision(explanation: &Explanation, headline: &Headline, lang: Lang) -> String {
    if let Some(why) = headline.figure.why(lang) {
        return why.to_owned();
    }
    if let Some(rests_on) = &explanation.design {
        return design(rests_on, explanation, headline, lang);
    }
    match explanation.logit {
        Some((se, df)) => {
            let (se, df) = (decimal(100.0 * se, 2, lang), count(df, lang));
            let range = headline.figure.precision_words(lang);
            match lang {
                Lang::Vi => format!(
                    "Sai số chuẩn {se} điểm phần trăm với {df} bậc tự do (đơn vị chọn mẫu là người trả lời, có hiệu chỉnh theo số hồ sơ). Khoảng tin cậy 95% tính trên thang logit: {range}."
                ),
                Lang::En => format!(
                    "Standard error {se} percentage points with {df} degrees of freedom (the respondent is the sampling unit; corrected for the number of dossiers). The 95% interval is taken on the logit scale: {range}."
                ),
            }
        }
        None => headline.figure.precision_words(lang),
    }
}

fn factors(factors: &[ExplainedFactor], several: bool, lang: Lang) -> AnyView {
    let share = if several {
        say(lang, "Tỷ lệ có trọng số", "Weighted share")
    } else {
        say(lang, "Tỷ lệ", "Share")
    };
    let row = |factor: &ExplainedFactor| {
        let note = (!factor.counts).then(|| say(lang, "không tính vào chỉ số", "not in the index"));
        view! {
            <tr>
                <th scope="row">
                    {factor.name.clone()}
                    {note.map(|note| view! { <span class="note">{note}</span> })}
                </th>
                {(!several).then(|| view! {
                    <td class="num">{factor.counted.map(|(satisfied, _)| count(satisfied, lang))}</td>
                    <td class="num">{factor.counted.map(|(_, answered)| count(answered, lang))}</td>
                })}
                <td class="num strong">{percent(factor.share, lang)}</td>
            </tr>
        }
    };
    view! {
        <table class="plain">
            <thead>
                <tr>
                    <th scope="col">{say(lang, "Yếu tố", "Factor")}</th>
                    {(!several).then(|| view! {
                        <th scope="col" class="num">{say(lang, "Câu ở mức 4, 5", "Answers 4, 5")}</th>
                        <th scope="col" class="num">{say(lang, "Câu từ 1 đến 5", "Answers 1 to 5")}</th>
                    })}
                    <th scope="col" class="num">{share}</th>
                </tr>
            </thead>
            <tbody>{factors.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn strata(strata: &[ExplainedStratum], lang: Lang) -> AnyView {
    let row = |stratum: &ExplainedStratum| {
        view! {
            <tr>
                <th scope="row">{stratum.name.clone()}</th>
                <td class="num">{count(stratum.population, lang)}</td>
                <td class="num">{count(stratum.n, lang)}</td>
                <td class="num">{decimal(stratum.population as f64 / stratum.n as f64, 2, lang)}</td>
            </tr>
        }
    };
    view! {
        <table class="plain">
            <thead>
                <tr>
                    <th scope="col">{say(lang, "Lĩnh vực", "Field")}</th>
                    <th scope="col" class="num">{say(lang, "Hồ sơ", "Dossiers")}</th>
                    <th scope="col" class="num">{say(lang, "Phiếu", "Responses")}</th>
                    <th scope="col" class="num">{say(lang, "Trọng số", "Weight")}</th>
                </tr>
            </thead>
            <tbody>{strata.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
