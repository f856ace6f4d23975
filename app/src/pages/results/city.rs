//! `/ket-qua`: the city, its levels, and below them the ranking.

use leptos::prelude::*;

use super::model::{CityPage, LevelLine};
use super::parts::{Basis, Empty, HeadlineBlock, HiddenNote, PageHeading, StreamTabs, count_words, population_words};
use super::query::Query;
use super::ranking::{RANKING, ranking};
use super::words;
use crate::components::charts::{ChartPatterns, IntervalBar};
use crate::components::number::{percent, say};
use crate::components::tables::{BarScale, BarsHead, interval_name};
use crate::domain::text::Lang;

const PATH: &str = "/ket-qua";

/// The page of a round; `place` is the name of what its agencies belong to.
pub fn city_view(page: &CityPage, place: &str) -> AnyView {
    let heading = &page.heading;
    let lang = heading.query.lang;
    let head = view! { <PageHeading heading=heading.clone() title=title(lang).to_owned() above=None/> };
    if heading.streams.is_empty() {
        let none = say(lang, "Chưa có phiếu nào trong đợt này.", "There are no responses in this round yet.");
        let what = say(
            lang,
            "Kết quả hiện ra ở đây khi có phiếu. Nếu Ông/Bà vừa làm thủ tục, xin nhập mã trên bảng tại quầy để đánh giá.",
            "Results appear here as responses come in. If you have just dealt with an agency, enter the code on the sign at its desk.",
        );
        let href = Query { lang, ..Query::default() }.href("/");
        let button = say(lang, "Nhập mã trên bảng", "Enter the code");
        return view! {
            <div class="city">
                {head}
                <Empty why=none.to_owned() what=what.to_owned() href=href button=button/>
                <Basis heading=heading.clone()/>
            </div>
        }
        .into_any();
    }
    let headline = page.headline.clone().map(|headline| {
        let coverage = coverage(page, lang);
        view! {
            <HeadlineBlock headline=headline heading=heading.clone() subject=place.to_owned()>
                <p>{coverage}</p>
            </HeadlineBlock>
        }
    });
    view! {
        <div class="city">
            <ChartPatterns/>
            {head}
            <StreamTabs heading=heading.clone() path=PATH.to_owned()/>
            {headline}
            {(!page.levels.is_empty()).then(|| levels(page))}
            {ranking(page)}
            {page.hides_something.then(|| view! { <HiddenNote lang=lang/> })}
            <Basis heading=heading.clone()/>
        </div>
    }
    .into_any()
}

/// How many agencies have responses, and what share of the dossiers they stand for.
fn coverage(page: &CityPage, lang: Lang) -> String {
    let (all, measured) = page.levels.iter().fold((0, 0), |(a, m), l| (a + l.agencies, m + l.measured));
    let share = page.headline.as_ref().and_then(|headline| headline.coverage);
    let of_dossiers = match (share, lang) {
        (None, _) => String::new(),
        (Some(share), Lang::Vi) if share >= 1.0 => ", đại diện cho toàn bộ số hồ sơ của đợt".to_owned(),
        (Some(share), Lang::En) if share >= 1.0 => ", standing for all dossiers of the round".to_owned(),
        (Some(share), Lang::Vi) => format!(", đại diện cho {} số hồ sơ của đợt", percent(share, lang)),
        (Some(share), Lang::En) => format!(", standing for {} of the dossiers of the round", percent(share, lang)),
    };
    match lang {
        Lang::Vi => format!("{measured} trong {all} cơ quan đã có phiếu{of_dossiers}."),
        Lang::En => format!("{measured} of {all} agencies have responses{of_dossiers}."),
    }
}

fn levels(page: &CityPage) -> AnyView {
    let lang = page.heading.query.lang;
    let sample_data = page.heading.sample_data;
    let target = page.heading.target.clone();
    let row = |line: &LevelLine| {
        let href = Query { level: Some(line.level), search: String::new(), ..page.heading.query.clone() }.href(PATH);
        let measured = match lang {
            Lang::Vi => format!("{} trong {} cơ quan có phiếu", line.measured, line.agencies),
            Lang::En => format!("{} of {} agencies with responses", line.measured, line.agencies),
        };
        view! {
            <tr>
                <th scope="row" class="bars__name">
                    <a href=format!("{href}#{RANKING}")>{words::level(line.level, lang)}</a>
                    <span class="note">{measured}</span>
                </th>
                <td class="bars__bar">
                    <IntervalBar
                        value=line.figure.value()
                        interval=line.figure.interval()
                        target=target.as_ref().map(|t| t.0)
                        sample_data=sample_data
                    />
                </td>
                <td class="bars__value">{line.figure.words(lang)}</td>
                <td class="bars__range">{line.figure.precision_words(lang)}</td>
                <td class="bars__n">{count_words(line.n, lang)}<span class="narrow">{say(lang, " phiếu", " responses")}</span></td>
                <td class="bars__n">
                    <span class="narrow">" / "</span>
                    {population_words(line.population, lang)}
                    <span class="narrow">{say(lang, " hồ sơ", " dossiers")}</span>
                </td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="cac-cap">
            <h2 id="cac-cap">{say(lang, "Theo cấp", "By level")}</h2>
            <table class="bars">
                <BarsHead
                    lang=lang
                    first=say(lang, "Cấp", "Level")
                    scale=BarScale::Axis(page.heading.target.clone())
                    value=say(lang, "Chỉ số", "Index")
                    range=Some(interval_name(lang))
                    counts=vec![
                        say(lang, "Phiếu", "Responses").to_owned(),
                        say(lang, "Hồ sơ", "Dossiers").to_owned(),
                    ]
                />
                <tbody>{page.levels.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// The page where there is nothing to show: no round at all, or one (`round`) whose results are not published yet.
pub fn nothing_view(round: Option<&str>, lang: Lang) -> AnyView {
    let (why, what) = match (round, lang) {
        (None, Lang::Vi) => {
            ("Chưa có đợt đo lường nào.".to_owned(), "Kết quả hiện ra ở đây khi có đợt đo lường đầu tiên.")
        }
        (None, Lang::En) => ("There is no survey round yet.".to_owned(), "Results appear here with the first round."),
        (Some(round), Lang::Vi) => {
            (format!("Kết quả của “{round}” chưa được công bố."), "Kết quả hiện ra ở đây sau khi công bố.")
        }
        (Some(round), Lang::En) => {
            (format!("The results of “{round}” have not been published."), "They appear here once they are published.")
        }
    };
    let href = Query { lang, ..Query::default() }.href("/");
    view! {
        <div class="city">
            <h1>{title(lang)}</h1>
            <Empty why=why what=what.to_owned() href=href button=say(lang, "Nhập mã trên bảng", "Enter the code")/>
        </div>
    }
    .into_any()
}

/// The page of an agency that the round does not have.
pub fn unknown_agency_view(lang: Lang) -> AnyView {
    let href = Query { lang, ..Query::default() }.href(PATH);
    let what = say(
        lang,
        "Xin tìm cơ quan theo tên trong trang kết quả.",
        "Please find the agency by its name among the results.",
    );
    view! {
        <div class="city">
            <h1>{say(lang, "Không có cơ quan này", "No such agency")}</h1>
            <Empty
                why=say(lang, "Đợt đo lường này không có cơ quan mang mã đó.", "This round has no agency with that code.").to_owned()
                what=what.to_owned()
                href=href
                button=say(lang, "Xem kết quả", "See the results")
            />
        </div>
    }
    .into_any()
}

/// Title and heading of the page.
pub fn title(lang: Lang) -> &'static str {
    say(lang, "Kết quả đo lường sự hài lòng", "Results of the satisfaction survey")
}
