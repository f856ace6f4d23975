//! `/ket-qua/{agency}`: one agency in one stream, from the figure down to every answer and the counts behind it.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::explain::explanation;
use super::model::{AgencyPage, BesideLine, Count, CriterionLine, FactorLine, OptionLine, QuestionBlock, StreamLine};
use super::parts::{
    Basis, HeadlineBlock, HiddenNote, PageHeading, StreamTabs, count_words, place_words, responses, share_words,
};
use super::query::Query;
use super::shown::Shown;
use super::words;
use crate::components::charts::{ChartPatterns, IntervalBar, LikertBar, LikertLegend, can_be_drawn};
use crate::components::fold::Fold;
use crate::components::number::say;
use crate::components::tables::{BarScale, BarsHead, interval_name};
use crate::domain::disclosure::ScaleGroup;
use crate::domain::text::Lang;

/// The page of one agency.
pub fn agency_view(page: &AgencyPage) -> AnyView {
    let heading = &page.heading;
    let lang = heading.query.lang;
    let path = format!("/ket-qua/{}", page.code);
    let back = heading.query.elsewhere().href("/ket-qua");
    let above = view! {
        <p class="heading__above">
            <a href=back>{say(lang, "Kết quả", "Results")}</a>
            {page.parent.clone().map(|parent| format!(" · {parent}"))}
        </p>
    }
    .into_any();
    let place = place_words(page.place, page.level, lang);
    let band = page.band.clone().map(|band| format!("{}: {}.", say(lang, "Mức", "Band"), band.words));
    let has_answers = matches!(page.headline.n, Count::Exactly(n) if n > 0);
    let explained = page.explanation.is_some();
    view! {
        <div>
            <ChartPatterns/>
            <PageHeading heading=heading.clone() title=page.name.clone() above=Some(above)/>
            <StreamTabs heading=heading.clone() path=path.clone()/>
            <HeadlineBlock headline=page.headline.clone() heading=heading.clone() subject=page.name.clone()>
                {place.map(|place| view! { <p>{place}</p> })}
                {band.map(|band| view! { <p>{band}</p> })}
                {explained
                    .then(|| {
                        view! {
                            <p class="jump">
                                <a href="#giai-thich">{say(lang, "Giải thích con số này", "Explain this figure")}</a>
                            </p>
                        }
                    })}
            </HeadlineBlock>
            {(page.streams.len() > 1).then(|| streams(page, &path))}
            {has_answers.then(|| answers(page))}
            {page.taps.as_ref().map(|taps| questions(page, "cham-nhanh", taps_title(lang), std::slice::from_ref(taps)))}
            {page.hides_something.then(|| view! { <HiddenNote lang=lang/> })}
            {page.explanation.as_ref().map(|e| explanation(e, &page.headline, lang))}
            <Basis heading=heading.clone()/>
        </div>
    }
    .into_any()
}

/// The heading of the one-tap answers.
pub(in crate::pages) fn taps_title(lang: Lang) -> &'static str {
    say(lang, "Chạm nhanh tại quầy, không tính vào chỉ số", "One-tap answers at desks, not in the index")
}

fn answers(page: &AgencyPage) -> AnyView {
    let lang = page.heading.query.lang;
    view! {
        {beside(page)}
        {factors(page)}
        {criteria(page)}
        {distribution(page)}
        {(!page.facts.is_empty())
            .then(|| questions(page, "nhan-dinh", say(lang, "Nhận định, đánh giá", "What happened"), &page.facts))}
        {(!page.expectations.is_empty())
            .then(|| questions(page, "mong-doi", say(lang, "Mong đợi", "Expectations"), &page.expectations))}
    }
    .into_any()
}

/// What the method gives beside the index: "Hài lòng toàn diện", "Đáp ứng mong đợi", "Sẽ quay lại".
pub(in crate::pages) fn beside(page: &AgencyPage) -> AnyView {
    if page.beside.is_empty() {
        return ().into_any();
    }
    let lang = page.heading.query.lang;
    let row = |line: &BesideLine| {
        let (value, precision) = match (&line.share, &line.mean) {
            (Some(share), _) => (share.words(lang), share.precision_words(lang)),
            (None, Some(mean)) => (mean.words(lang), String::new()),
            (None, None) => (Shown::Hidden.words(lang), String::new()),
        };
        view! {
            <tr>
                <th scope="row" class="desk-table__name">{line.label.clone()}</th>
                <td class="num strong">{value}</td>
                <td class="num">{precision}</td>
                <td class="num">
                    {count_words(line.n, lang)}
                    <span class="narrow">{say(lang, " người", " people")}</span>
                </td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="ben-canh">
            <h2 id="ben-canh">{say(lang, "Bên cạnh chỉ số", "Beside the index")}</h2>
            <table class="plain desk-table" aria-labelledby="ben-canh">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Số liệu", "Figure")}</th>
                        <th scope="col" class="num">{say(lang, "Kết quả", "Result")}</th>
                        <th scope="col" class="num">{say(lang, "Khoảng", "Interval")}</th>
                        <th scope="col" class="num">{say(lang, "Người trả lời", "Respondents")}</th>
                    </tr>
                </thead>
                <tbody>{page.beside.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// All streams side by side, never added up.
pub(in crate::pages) fn streams(page: &AgencyPage, path: &str) -> AnyView {
    let lang = page.heading.query.lang;
    let row = |line: &StreamLine| {
        let href = Query { stream: Some(line.stream), ..page.heading.query.clone() }.href(path);
        view! {
            <tr>
                <th scope="row" class="desk-table__name">
                    <a href=href>{words::stream(line.stream, lang)}</a>
                    <span class="note">{words::stream_note(line.stream, lang)}</span>
                </th>
                <td class="num strong">{line.figure.words(lang)}</td>
                <td class="num">{line.figure.precision_words(lang)}</td>
                <td class="num">
                    {count_words(line.n, lang)}
                    <span class="narrow">{say(lang, " phiếu", " responses")}</span>
                </td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="nguon">
            <h2 id="nguon">{say(lang, "Theo nguồn phiếu, không cộng với nhau", "By stream, never added up")}</h2>
            <table class="plain desk-table" aria-labelledby="nguon">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Nguồn phiếu", "Stream")}</th>
                        <th scope="col" class="num">{say(lang, "Chỉ số", "Index")}</th>
                        <th scope="col" class="num">{say(lang, "Khoảng", "Interval")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu", "Responses")}</th>
                    </tr>
                </thead>
                <tbody>{page.streams.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn factors(page: &AgencyPage) -> AnyView {
    let lang = page.heading.query.lang;
    let row = |line: &FactorLine| {
        let note = (!line.counts).then(|| {
            say(lang, "dưới 5 người trả lời, chưa tính vào chỉ số", "fewer than 5 respondents, not in the index yet")
        });
        view! {
            <tr>
                <th scope="row" class="bars__name">
                    {format!("{}. {}", line.code, line.name)}
                    {note.map(|note| view! { <span class="note">{note}</span> })}
                </th>
                {figure_cells(page, &line.figure)}
                <td class="bars__n">{count_words(line.n, lang)}<span class="narrow">{say(lang, " người", " people")}</span></td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="yeu-to">
            <h2 id="yeu-to">{say(lang, "Các yếu tố", "Factors")}</h2>
            <table class="bars">
                {bars_head(page, say(lang, "Yếu tố", "Factor"), say(lang, "Người trả lời", "Respondents"))}
                <tbody>{page.factors.iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

pub(in crate::pages) fn bars_head(page: &AgencyPage, first: &'static str, last: &'static str) -> AnyView {
    let lang = page.heading.query.lang;
    let range = (!page.headline.figure.is_voluntary()).then(|| interval_name(lang));
    let scale = BarScale::Axis(page.heading.target.clone());
    let value = say(lang, "Tỷ lệ", "Share");
    view! { <BarsHead lang=lang first=first scale=scale value=value range=range counts=vec![last.to_owned()]/> }
        .into_any()
}

/// Bar, share and, in a probability stream, interval.
pub(in crate::pages) fn figure_cells(page: &AgencyPage, figure: &super::shown::Shown) -> AnyView {
    let lang = page.heading.query.lang;
    let with_interval = !page.headline.figure.is_voluntary();
    view! {
        <td class="bars__bar">
            <IntervalBar
                value=figure.value()
                interval=figure.interval()
                target=page.heading.target.as_ref().map(|t| t.0)
                sample_data=page.heading.sample_data
            />
        </td>
        <td class="bars__value">{figure.words(lang)}</td>
        {with_interval.then(|| view! { <td class="bars__range">{figure.precision_words(lang)}</td> })}
    }
    .into_any()
}

fn criteria(page: &AgencyPage) -> AnyView {
    let lang = page.heading.query.lang;
    let any_lower = page.criteria.iter().any(|c| c.clearly_lower);
    let row = |line: &CriterionLine| {
        let mark = line.clearly_lower.then(|| {
            view! { <span class="note note--mark">{say(lang, "▼ thấp rõ hơn chỉ số chung", "▼ clearly lower than the index")}</span> }
        });
        view! {
            <tr>
                <th scope="row" class="bars__name">
                    {format!("{} {}", line.code, line.text)}
                    {mark}
                </th>
                {figure_cells(page, &line.figure)}
                <td class="bars__n">{count_words(line.n, lang)}<span class="narrow">{say(lang, " người", " people")}</span></td>
            </tr>
        }
    };
    let columns = if page.headline.figure.is_voluntary() { 4 } else { 5 };
    view! {
        <section aria-labelledby="tieu-chi">
            <h2 id="tieu-chi">{say(lang, "Các tiêu chí", "Criteria")}</h2>
            {any_lower
                .then(|| {
                    view! {
                        <p class="prose secondary">
                            {say(
                                lang,
                                "Dấu ▼ chỉ đặt ở tiêu chí mà cả khoảng tin cậy nằm dưới khoảng của chỉ số chung.",
                                "▼ marks only criteria whose whole interval lies below that of the index.",
                            )}
                        </p>
                    }
                })}
            <table class="bars">
                {bars_head(page, say(lang, "Tiêu chí", "Criterion"), say(lang, "Người trả lời", "Respondents"))}
                {by_factor(page, columns, row)}
            </table>
        </section>
    }
    .into_any()
}

/// The criteria in the order of the questionnaire, one group of rows a factor.
fn by_factor<V: IntoView + 'static>(page: &AgencyPage, columns: usize, row: impl Fn(&CriterionLine) -> V) -> AnyView {
    page.factors
        .iter()
        .enumerate()
        .map(|(position, factor)| {
            let rows = page.criteria.iter().filter(|c| c.factor == position).map(&row).collect_view();
            view! {
                <tbody>
                    <tr class="rowgroup">
                        <th scope="rowgroup" colspan=columns>
                            {format!("{}. {}", factor.code, factor.name)}
                        </th>
                    </tr>
                    {rows}
                </tbody>
            }
        })
        .collect_view()
        .into_any()
}

pub(in crate::pages) fn distribution(page: &AgencyPage) -> AnyView {
    let lang = page.heading.query.lang;
    let with_interval = !page.headline.figure.is_voluntary();
    let row = |line: &CriterionLine| {
        let drawn = can_be_drawn(&line.scores);
        let bar = drawn.then(|| {
            view! { <LikertBar groups=line.scores.clone() scale=page.likert sample_data=page.heading.sample_data/> }
        });
        // Where nothing can be drawn, the words stand in its place for all to see.
        let class = if drawn { "hidden" } else { "note" };
        let words = view! { <span class=class>{spoken(&line.scores, lang)}</span> };
        view! {
            <tr>
                <th scope="row" class="bars__name">{format!("{} {}", line.code, line.text)}</th>
                <td class="bars__bar">
                    {bar}
                    {words}
                </td>
                <td class="bars__value">{line.figure.words(lang)}</td>
                {with_interval.then(|| view! { <td class="bars__range">{line.figure.precision_words(lang)}</td> })}
                <td class="bars__n">{count_words(line.n, lang)}<span class="narrow">{say(lang, " người", " people")}</span></td>
                <td class="bars__n">
                    <span class="narrow">{format!("{}: ", page.scale.not_applicable.get(lang))}</span>
                    {count_words(line.not_applicable, lang)}
                </td>
            </tr>
        }
    };
    let columns = if with_interval { 6 } else { 5 };
    let many = match lang {
        Lang::Vi => format!("{} tiêu chí", page.criteria.len()),
        Lang::En => format!("{} criteria", page.criteria.len()),
    };
    let table = view! {
        <table class="bars bars--likert" aria-labelledby="phan-bo">
            <BarsHead
                lang=lang
                first=say(lang, "Tiêu chí", "Criterion")
                scale=BarScale::Words(
                    say(
                        lang,
                        "Phần trăm số người trả lời; bên phải vạch là hài lòng",
                        "Per cent of respondents; right of the line is satisfied",
                    ),
                )
                value=say(lang, "Tỷ lệ", "Share")
                range=with_interval.then(|| say(lang, "Khoảng", "Interval"))
                counts=vec![
                    say(lang, "Người trả lời", "Respondents").to_owned(),
                    page.scale.not_applicable.get(lang).to_owned(),
                ]
            />
            {by_factor(page, columns, row)}
        </table>
    }
    .into_any();
    view! {
        <section aria-labelledby="phan-bo">
            <h2 id="phan-bo">{say(lang, "Phân bố câu trả lời", "How people answered")}</h2>
            <LikertLegend scale=page.scale.clone() merged=merged(page) lang=lang/>
            <Fold id="phan-bo-bang".to_owned() name=say(lang, "Từng tiêu chí", "Criterion by criterion").to_owned() note=many>
                {table}
            </Fold>
        </section>
    }
    .into_any()
}

/// The answers that some bar shows as one.
fn merged(page: &AgencyPage) -> Vec<(u8, u8)> {
    let drawn = page.criteria.iter().filter(|c| can_be_drawn(&c.scores)).flat_map(|c| &c.scores);
    let merged: BTreeSet<_> = drawn.filter(|g| g.from < g.to).map(|g| (g.from, g.to)).collect();
    merged.into_iter().collect()
}

/// The counts of a Likert bar in words, for who cannot see it.
fn spoken(groups: &[ScaleGroup], lang: Lang) -> String {
    if groups.is_empty() {
        return say(lang, "ẩn", "hidden").to_owned();
    }
    let part = |group: &ScaleGroup| {
        let answers =
            if group.from == group.to { group.from.to_string() } else { format!("{}–{}", group.from, group.to) };
        format!("{} {answers}: {}", say(lang, "mức", "score"), count_words(group.count, lang))
    };
    groups.iter().map(part).collect::<Vec<_>>().join("; ")
}

pub(in crate::pages) fn questions(
    page: &AgencyPage,
    id: &'static str,
    title: &'static str,
    blocks: &[QuestionBlock],
) -> AnyView {
    let blocks =
        blocks.iter().enumerate().map(|(at, block)| question(page, format!("{id}-{at}"), block)).collect_view();
    view! {
        <section class="appendix" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            {blocks}
        </section>
    }
    .into_any()
}

fn question(page: &AgencyPage, id: String, block: &QuestionBlock) -> AnyView {
    let lang = page.heading.query.lang;
    let answered = match lang {
        Lang::Vi => format!("{} có trả lời câu này", responses(block.n, lang)),
        Lang::En => format!("{} to this question", responses(block.n, lang)),
    };
    let several = block.several.then(|| say(lang, "; được chọn nhiều mục", "; several could be chosen"));
    if let Some(mean) = &block.mean {
        return view! {
            <h3>{block.text.clone()}</h3>
            <p>
                {say(lang, "Trung bình ", "Mean ")}
                <strong>{mean.words(lang)}</strong>
                {format!(" ({answered})")}
            </p>
        }
        .into_any();
    }
    let row = |option: &OptionLine| {
        view! {
            <tr>
                <th scope="row" class="bars__name">{option.text.clone()}</th>
                <td class="bars__bar">
                    <IntervalBar
                        value=option.share.value()
                        interval=option.share.interval()
                        target=None
                        sample_data=page.heading.sample_data
                    />
                </td>
                <td class="bars__value">{share_words(&option.share, lang)}</td>
                <td class="bars__range">{option.share.precision_words(lang)}</td>
                <td class="bars__n">{count_words(option.n, lang)}<span class="narrow">{say(lang, " người", " people")}</span></td>
            </tr>
        }
    };
    let note = format!("{answered}{}", several.unwrap_or_default());
    let table = view! {
        <table class="bars" aria-labelledby=id.clone()>
            <BarsHead
                lang=lang
                first=say(lang, "Trả lời", "Answer")
                scale=BarScale::None
                value=say(lang, "Tỷ lệ", "Share")
                range=Some(say(lang, "Khoảng", "Interval"))
                counts=vec![say(lang, "Số người", "People").to_owned()]
            />
            <tbody>{block.options.iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any();
    view! {
        <Fold id=id name=block.text.clone() note=note>{table}</Fold>
    }
    .into_any()
}
