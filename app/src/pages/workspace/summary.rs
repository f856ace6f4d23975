//! `/quan-tri/tom-tat`: one A4 page for the meeting.

use leptos::prelude::*;

use super::address;
use super::overview::percent_line;
use super::overview_model::Need;
use super::parts::need_words;
use super::sheet::mark_form;
use super::summary_model::{Marked, Summary, mark_of, summary_title};
use crate::components::charts::{ChartPatterns, IntervalBar};
use crate::components::number::{count, say};
use crate::components::page::StampLine;
use crate::components::tables::{BarScale, BarsHead, interval_name};
use crate::domain::agency::Level;
use crate::domain::text::Lang;
use crate::pages::results::model::FactorLine;
use crate::pages::results::parts::{HeadlineBlock, HiddenNote, count_words};
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::words;

/// The page. `whole`: the scope is the city, so that levels may be chosen.
pub fn summary_view(page: &Summary, whole: bool) -> AnyView {
    let lang = page.heading.query.lang;
    let level = page.heading.query.level.filter(|_| page.path.is_empty());
    let hidden = page.factors.iter().any(|f| f.figure == Shown::Hidden) || page.headline.figure == Shown::Hidden;
    let change = Some(page.change.clone()).filter(|words| !words.is_empty());
    let cover = cover(page);
    view! {
        <div class="brief">
            <ChartPatterns/>
            <div class="heading">
                <p class="heading__above">
                    {format!("{} · {}", summary_title(lang), page.heading.round)}
                </p>
                <h1>{capital(&page.subject)}</h1>
                <StampLine stamp=page.heading.stamp lang=lang/>
            </div>
            {(whole && page.path.is_empty()).then(|| levels(page, level))}
            {marked(page)}
            <HeadlineBlock headline=page.headline.clone() heading=page.heading.clone() subject=page.subject.clone()>
                {change.map(|words| view! { <p>{words}</p> })}
                {cover.map(|words| view! { <p>{words}</p> })}
            </HeadlineBlock>
            {(!page.factors.is_empty()).then(|| factors(page))}
            <div class="desk-columns">
                {below(page)}
                {lowest(page)}
            </div>
            {hidden.then(|| view! { <HiddenNote lang=lang/> })}
            <p class="brief__mark">{mark(page)}</p>
            {mark_form(&page.heading)}
        </div>
    }
    .into_any()
}

/// "Thành phố Cần Thơ" at the head of a page.
fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn levels(page: &Summary, current: Option<Level>) -> AnyView {
    let lang = page.heading.query.lang;
    let link = |level: Option<Level>| {
        let href = Query { level, ..page.heading.query.elsewhere() }.href(address::SUMMARY);
        let name = level.map_or_else(|| say(lang, "Toàn thành phố", "Whole city"), |level| words::level(level, lang));
        view! {
            <li>
                <a href=href aria-current=(level == current).then_some("true")>
                    {name}
                </a>
            </li>
        }
    };
    let all = std::iter::once(None).chain(Level::ALL.iter().copied().map(Some));
    view! {
        <nav class="tabs" aria-label=say(lang, "Cấp", "Level")>
            <ul>{all.map(link).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

fn marked(page: &Summary) -> Option<AnyView> {
    let lang = page.heading.query.lang;
    let words = match (&page.marked, lang) {
        (Marked::No, _) => return None,
        (Marked::Same, Lang::Vi) => "Số liệu trên trang này đúng như trên bản in mang mã đã nhập.".to_owned(),
        (Marked::Same, Lang::En) => "The figures on this page are those of the print with this mark.".to_owned(),
        (Marked::Moved(mark), Lang::Vi) => {
            format!(
                "Số liệu đã thay đổi từ khi in bản mang mã {mark}. Trang này là số liệu hiện nay, mã {}.",
                page.mark
            )
        }
        (Marked::Moved(mark), Lang::En) => {
            format!(
                "The figures have moved since the print marked {mark}. This page shows those of now, {}.",
                page.mark
            )
        }
    };
    let class = if page.marked == Marked::Same { "done" } else { "error" };
    let old = match &page.marked {
        Marked::Moved(mark) => {
            let href = Query { lang, ..Query::default() }.href(&format!("{}/ma/{}", address::SUMMARY, mark_of(mark)));
            Some(view! { <a href=href>{say(lang, "Mở số liệu đã in", "Open what was printed")}</a> })
        }
        _ => None,
    };
    Some(
        view! {
            <p class=class role="status">
                {words} " " {old}
            </p>
        }
        .into_any(),
    )
}

pub(super) fn cover(page: &Summary) -> Option<String> {
    let lang = page.heading.query.lang;
    if page.headline.figure.is_voluntary() {
        return None;
    }
    match (page.coverage, page.need, lang) {
        (Some((enough, all)), _, Lang::Vi) => {
            Some(format!("{enough} trong {all} cơ quan đủ phiếu để sai số không quá 5 điểm về mỗi phía."))
        }
        (Some((enough, all)), _, Lang::En) => {
            Some(format!("{enough} of {all} agencies have enough responses for 5 points to either side."))
        }
        (None, Some(Need::More(more)), Lang::Vi) => {
            Some(format!("Cần thêm khoảng {} phiếu để sai số còn 5 điểm.", count(more, lang)))
        }
        (None, need @ Some(_), Lang::Vi) => Some(format!("Để sai số còn 5 điểm: {}.", need_words(need, lang))),
        (None, need @ Some(_), Lang::En) => Some(format!("For 5 points to either side: {}.", need_words(need, lang))),
        (None, None, Lang::Vi) => Some("Đã đủ phiếu để sai số không quá 5 điểm về mỗi phía.".to_owned()),
        (None, None, Lang::En) => Some("There are enough responses for 5 points to either side.".to_owned()),
    }
}

fn factors(page: &Summary) -> AnyView {
    let lang = page.heading.query.lang;
    let target = page.heading.target.as_ref().map(|t| t.0);
    let row = |line: &FactorLine| {
        view! {
            <tr>
                <th scope="row" class="bars__name">{format!("{}. {}", line.code, line.name)}</th>
                <td class="bars__bar">
                    <IntervalBar
                        value=line.figure.value()
                        interval=line.figure.interval()
                        target=target
                        sample_data=page.heading.sample_data
                    />
                </td>
                <td class="bars__value">{line.figure.words(lang)}</td>
                <td class="bars__range">{line.figure.precision_words(lang)}</td>
                <td class="bars__n">
                    {count_words(line.n, lang)}
                    <span class="narrow">{say(lang, " người", " people")}</span>
                </td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="yeu-to">
            <h2 id="yeu-to">{say(lang, "Các yếu tố", "Factors")}</h2>
            <table class="bars">
                <BarsHead
                    lang=lang
                    first=say(lang, "Yếu tố", "Factor")
                    scale=BarScale::Axis(page.heading.target.clone())
                    value=say(lang, "Tỷ lệ", "Share")
                    range=Some(interval_name(lang))
                    counts=vec![say(lang, "Người trả lời", "Respondents").to_owned()]
                />
                <tbody>{page.factors.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn below(page: &Summary) -> AnyView {
    let lang = page.heading.query.lang;
    let Some((at, _)) = &page.heading.target else { return ().into_any() };
    let line = percent_line(*at, lang);
    let title = match lang {
        Lang::Vi => format!("Chắc chắn dưới mức {line}"),
        Lang::En => format!("Surely below {line}"),
    };
    let (lines, more) = &page.below;
    let body = if lines.is_empty() {
        let nothing = match (page.coverage, lang) {
            (Some(_), Lang::Vi) => "Chưa có cơ quan nào.",
            (Some(_), Lang::En) => "No agency.",
            (None, Lang::Vi) => "Chưa có yếu tố nào.",
            (None, Lang::En) => "No factor.",
        };
        view! { <p>{nothing}</p> }.into_any()
    } else {
        let item = |(name, figure): &(String, String)| view! { <li>{format!("{name}: {figure}")}</li> };
        let more = (*more > 0).then(|| match lang {
            Lang::Vi => format!("và {more} cơ quan khác"),
            Lang::En => format!("and {more} more"),
        });
        view! {
            <ul class="desk-list">
                {lines.iter().map(item).collect_view()}
                {more.map(|words| view! { <li>{words}</li> })}
            </ul>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="duoi-muc">
            <h2 id="duoi-muc">{title}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn lowest(page: &Summary) -> AnyView {
    let lang = page.heading.query.lang;
    let body = if page.lowest.is_empty() {
        let words = say(
            lang,
            "Chưa có tiêu chí nào chắc chắn thấp hơn chỉ số chung.",
            "No criterion is surely lower than the index.",
        );
        view! { <p>{words}</p> }.into_any()
    } else {
        let item = |c: &super::overview_model::LowCriterion| {
            view! { <li>{format!("{} {}: {}", c.code, c.text, c.figure.words(lang))}</li> }
        };
        view! { <ul class="desk-list">{page.lowest.iter().map(item).collect_view()}</ul> }.into_any()
    };
    view! {
        <section aria-labelledby="thap-nhat">
            <h2 id="thap-nhat">{say(lang, "Tiêu chí chắc chắn thấp nhất", "Surely lowest criteria")}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// What the print stands on, and the address that tells whether it still holds.
fn mark(page: &Summary) -> AnyView {
    let lang = page.heading.query.lang;
    let level = page.heading.query.level.filter(|_| page.path.is_empty());
    let query = Query { level, round: page.heading.query.round.clone(), ..page.heading.query.elsewhere() };
    let href = query.href(&format!("{}{}", address::SUMMARY, page.path));
    let href = format!("{href}{}ma={}", if href.contains('?') { '&' } else { '?' }, page.mark);
    view! {
        {format!("{}. {} ", words::stream(page.heading.stream, lang), page.heading.stamp.note(lang))}
        {say(lang, "Mã của số liệu này: ", "Mark of these figures: ")}
        <a href=href>{page.mark.clone()}</a>
        {say(lang, " (mở địa chỉ này để biết số liệu còn đúng không).", " (open this address to see whether they still hold).")}
    }
    .into_any()
}
