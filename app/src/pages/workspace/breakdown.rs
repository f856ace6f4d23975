//! One-way tables as bars with intervals.

use leptos::prelude::*;

use super::breakdown_model::{BreakdownLine, BreakdownTable};
use crate::components::charts::IntervalBar;
use crate::components::fold::Fold;
use crate::components::number::{decimal, say};
use crate::components::tables::{BarScale, BarsHead};
use crate::domain::disclosure::Told;
use crate::domain::text::Lang;
use crate::pages::results::model::Heading;
use crate::pages::results::parts::count_words;

/// The tables of an agency; nothing where there are none.
pub(super) fn breakdowns(heading: &Heading, tables: &[BreakdownTable]) -> AnyView {
    let lang = heading.query.lang;
    if tables.is_empty() {
        let waits = !heading.sample_data && heading.stamp.edition().is_none();
        return waits.then(|| later(lang)).into_any();
    }
    view! {
        <section class="appendix" aria-labelledby="tung-nhom">
            <h2 id="tung-nhom">{say(lang, "Chỉ số theo từng nhóm", "The index by group")}</h2>
            <p class="prose secondary">
                {say(
                    lang,
                    "Mỗi bảng chia phiếu theo một cách và không kết hợp hai cách với nhau. Khoảng chồng lên nhau thì chưa thể nói nhóm nào hơn. Bảng chỉ thay đổi khi có thêm ít nhất một phần tư số phiếu.",
                    "Each table divides the responses in one way, and no two ways are combined. Where intervals overlap it cannot be said which group is higher. A table moves only when a quarter more responses have come.",
                )}
            </p>
            {tables.iter().enumerate().map(|(at, table)| one(heading, format!("tung-nhom-{at}"), table)).collect_view()}
        </section>
    }
    .into_any()
}

/// Of a round whose figures move.
fn later(lang: Lang) -> AnyView {
    view! {
        <p class="prose secondary">
            {say(
                lang,
                "Chỉ số theo tháng, quầy, lĩnh vực và người trả lời có sau khi công bố. Khi phiếu còn về, đem số của từng nhóm so với số chung sẽ biết từng người trả lời gì.",
                "The index by month, desk, field and respondent is here once the round is published. While responses still come, groups held against the whole would tell what single people answered.",
            )}
        </p>
    }
    .into_any()
}

fn one(heading: &Heading, id: String, table: &BreakdownTable) -> AnyView {
    let lang = heading.query.lang;
    let target = heading.target.as_ref().map(|t| t.0);
    let row = |line: &BreakdownLine| {
        view! {
            <tr>
                <th scope="row" class="bars__name">
                    {line.name.clone()}
                    {line.note.clone().map(|note| view! { <span class="note">{note}</span> })}
                </th>
                <td class="bars__bar">
                    <IntervalBar
                        value=line.figure.value()
                        interval=line.figure.interval()
                        target=target
                        sample_data=heading.sample_data
                    />
                </td>
                <td class="bars__value">{line.figure.words(lang)}</td>
                <td class="bars__range">{line.figure.precision_words(lang)}</td>
                <td class="bars__n">
                    {told_words(line.told, lang)}
                    <span class="narrow">{say(lang, " phiếu", " responses")}</span>
                </td>
            </tr>
        }
    };
    let groups = match lang {
        Lang::Vi => format!("{} nhóm", table.lines.len()),
        Lang::En => format!("{} groups", table.lines.len()),
    };
    let lines = view! {
        <table class="bars" aria-labelledby=id.clone()>
            <BarsHead
                lang=lang
                first=say(lang, "Nhóm", "Group")
                scale=BarScale::None
                value=say(lang, "Chỉ số", "Index")
                range=Some(say(lang, "Khoảng", "Interval"))
                counts=vec![say(lang, "Phiếu", "Responses").to_owned()]
            />
            <tbody>{table.lines.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any();
    view! {
        <Fold id=id name=table.title.clone() note=groups>{lines}</Fold>
    }
    .into_any()
}

/// "312", "< 5", "ẩn", "≥ 95%".
fn told_words(told: Told, lang: Lang) -> String {
    match told {
        Told::Count(count) => count_words(count, lang),
        Told::AtLeast(share) => format!("≥ {}%", decimal(100.0 * share, 0, lang)),
        Told::AtMost(share) => format!("≤ {}%", decimal(100.0 * share, 0, lang)),
    }
}
