//! `/quan-tri/so-sanh`: what may be said of two agencies.

use leptos::prelude::*;

use super::address;
use super::overview_model::Named;
use super::pair_model::{PairLine, PairPage, Sides};
use super::parts::{agency_link, heading, rounds, streams};
use crate::components::charts::{Axis, DifferenceBar, DifferenceHead};
use crate::components::conclusions;
use crate::components::number::say;
use crate::domain::text::Lang;
use crate::pages::results::parts::{Basis, HiddenNote, responses};
use crate::pages::results::shown::Shown;

/// The title of the page.
pub fn pair_title(lang: Lang) -> &'static str {
    say(lang, "So sánh hai cơ quan", "Two agencies compared")
}

/// The page.
pub fn pair_view(page: &PairPage, all_rounds: &[(String, String)], round: &str) -> AnyView {
    let lang = page.heading.query.lang;
    let body = if let Some(sides) = &page.sides {
        compared(page, sides)
    } else {
        let words = if page.voluntary {
            say(
                lang,
                "Phản hồi tự nguyện không có khoảng tin cậy, nên không so sánh cơ quan này với cơ quan khác.",
                "Voluntary feedback has no interval, so agencies are not compared by it.",
            )
        } else if page.choices.len() < 2 {
            say(
                lang,
                "Phạm vi của Ông/Bà chỉ có một cơ quan trong đợt này.",
                "Your scope has only one agency in this round.",
            )
        } else {
            say(lang, "Xin chọn hai cơ quan khác nhau.", "Please choose two different agencies.")
        };
        view! { <p class="prose">{words}</p> }.into_any()
    };
    view! {
        <div>
            {heading(&page.heading, pair_title(lang).to_owned(), None)}
            {rounds(&page.heading, all_rounds, round, address::PAIR)}
            {streams(&page.heading, address::PAIR)}
            {choose(page)}
            {body}
            <Basis heading=page.heading.clone()/>
        </div>
    }
    .into_any()
}

fn choose(page: &PairPage) -> AnyView {
    let lang = page.heading.query.lang;
    let kept = page.heading.query.elsewhere().fields();
    let kept =
        kept.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let select = |name: &'static str, label: &'static str, asked: &Option<String>| {
        let option = |agency: &Named| {
            let selected = asked.as_ref() == Some(&agency.code);
            view! {
                <option value=agency.code.clone() selected=selected>
                    {agency.name.clone()}
                </option>
            }
        };
        view! {
            <div class="filter__field">
                <label class="label" for=name>{label}</label>
                <select class="field" id=name name=name>{page.choices.iter().map(option).collect_view()}</select>
            </div>
        }
    };
    view! {
        <form class="filter" method="get" action=address::PAIR>
            {kept}
            {select("a", say(lang, "Cơ quan thứ nhất", "First agency"), &page.asked.0)}
            {select("b", say(lang, "Cơ quan thứ hai", "Second agency"), &page.asked.1)}
            <button class="button button--secondary">{say(lang, "So sánh", "Compare")}</button>
        </form>
    }
    .into_any()
}

fn compared(page: &PairPage, sides: &Sides) -> AnyView {
    let lang = page.heading.query.lang;
    let (first, second) = (&sides.first.0.name, &sides.second.0.name);
    let saying = saying(&sides.index, sides, lang);
    let all = std::iter::once(&sides.index).chain(&sides.factors).filter_map(limits);
    let axis = Axis::around_zero(all.flat_map(|(_, low, high)| [low, high]));
    let row = |line: &PairLine| {
        view! {
            <tr>
                <th scope="row" class="desk-table__name">{line.name.clone()}</th>
                <td class="num strong">
                    <span class="narrow">{format!("{first}: ")}</span>
                    {line.first.words(lang)}
                </td>
                <td class="num strong">
                    <span class="narrow">{format!("{second}: ")}</span>
                    {line.second.words(lang)}
                </td>
                <td class="desk-difference">
                    <DifferenceBar axis=axis difference=limits(line) sample_data=page.heading.sample_data/>
                </td>
                <td class="num">{figures(line, lang)}</td>
                <td>{self::saying(line, sides, lang)}</td>
            </tr>
        }
    };
    let n = |side: &(Named, _)| format!("{}: {}", side.0.name, responses(side.1, lang));
    let hidden = std::iter::once(&sides.index).chain(&sides.factors).any(|l| l.difference.is_none());
    view! {
        <section aria-labelledby="so-sanh">
            <h2 id="so-sanh">{saying}</h2>
            <p>
                {agency_link(&page.heading, &sides.first.0)}
                " · "
                {agency_link(&page.heading, &sides.second.0)}
            </p>
            <p class="secondary">{format!("{} · {}", n(&sides.first), n(&sides.second))}</p>
            <table class="plain desk-table" aria-labelledby="so-sanh">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "So theo", "Compared by")}</th>
                        <th scope="col" class="num">{first.clone()}</th>
                        <th scope="col" class="num">{second.clone()}</th>
                        <th scope="col" class="desk-difference">
                            <DifferenceHead axis=axis/>
                            <span class="hidden">{say(lang, "Biểu đồ chênh lệch", "Chart of the difference")}</span>
                        </th>
                        <th scope="col" class="num">{say(lang, "Chênh lệch, khoảng tin cậy 95%", "Difference, 95% interval")}</th>
                        <th scope="col">{say(lang, "Nói được gì", "What may be said")}</th>
                    </tr>
                </thead>
                <tbody>{std::iter::once(&sides.index).chain(&sides.factors).map(row).collect_view()}</tbody>
            </table>
            {hidden.then(|| view! { <HiddenNote lang=lang/> })}
        </section>
    }
    .into_any()
}

/// A difference and its limits, as shares.
fn limits(line: &PairLine) -> Option<(f64, f64, f64)> {
    match &line.difference {
        Some(Ok(difference)) => Some((difference.value, difference.low, difference.high)),
        _ => None,
    }
}

fn figures(line: &PairLine, lang: Lang) -> String {
    match &line.difference {
        Some(Ok(difference)) => conclusions::difference(difference, lang),
        _ => "–".to_owned(),
    }
}

fn saying(line: &PairLine, sides: &Sides, lang: Lang) -> String {
    let (first, second) = (&sides.first.0.name, &sides.second.0.name);
    match &line.difference {
        Some(Ok(difference)) => conclusions::pair(difference.of_pair(sides.margin), first, second, lang),
        Some(Err(why)) => conclusions::not_compared(*why, lang).to_owned(),
        None => {
            let bound = |shown: &Shown| matches!(shown, Shown::AtLeast(_) | Shown::AtMost(_));
            if bound(&line.first) || bound(&line.second) {
                say(
                    lang,
                    "Chưa so sánh: một bên chỉ được nêu giới hạn",
                    "Not compared: one side is only told as a bound",
                )
            } else {
                say(lang, "Chưa so sánh: số liệu được ẩn", "Not compared: the figure is hidden")
            }
            .to_owned()
        }
    }
}
