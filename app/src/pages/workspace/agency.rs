//! `/quan-tri/co-quan/{code}`: one agency as its officers work with it.

use leptos::prelude::*;

use super::agency_model::{AgencyWork, TrendLine};
use super::breakdown::breakdowns;
use super::breakdown_model::BreakdownTable;
use super::overview_model::Need;
use super::parts::{heading, rounds};
use super::{address, explain};
use crate::components::charts::{ChartPatterns, IntervalBar};
use crate::components::conclusions;
use crate::components::fold::{Contents, Fold};
use crate::components::number::{count, decimal, say};
use crate::components::tables::{BarScale, BarsHead, interval_name};
use crate::domain::text::Lang;
use crate::pages::results::agency::{bars_head, beside, distribution, figure_cells, questions, streams, taps_title};
use crate::pages::results::explain::explanation;
use crate::pages::results::model::{Count, CriterionLine, FactorLine};
use crate::pages::results::parts::{Basis, HeadlineBlock, HiddenNote, StreamTabs, count_words, place_words};

/// How many criteria stand open, the lowest first; the rest is folded.
const LOWEST: usize = 8;

/// The page.
pub fn agency_work_view(
    work: &AgencyWork,
    tables: &[BreakdownTable],
    all_rounds: &[(String, String)],
    round: &str,
) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    let path = format!("{}{}", address::AGENCY, page.code);
    let above = view! {
        <p class="heading__above">
            <a href=page.heading.query.elsewhere().href(address::OVERVIEW)>{say(lang, "Tổng quan", "Overview")}</a>
            {page.parent.clone().map(|parent| format!(" · {parent}"))}
        </p>
    }
    .into_any();
    let place = place_words(page.place, page.level, lang);
    let has_answers = matches!(page.headline.n, Count::Exactly(n) if n > 0);
    let change = Some(work.change.clone()).filter(|words| !words.is_empty());
    let links = links(work);
    let hides = page.hides_something || tables.iter().any(BreakdownTable::hides_something);
    let parts = parts(work, has_answers, !tables.is_empty());
    view! {
        <div>
            <ChartPatterns/>
            {heading(&page.heading, page.name.clone(), Some(above))}
            {rounds(&page.heading, all_rounds, round, &path)}
            <StreamTabs heading=page.heading.clone() path=path.clone()/>
            <HeadlineBlock headline=page.headline.clone() heading=page.heading.clone() subject=page.name.clone()>
                {change.map(|words| view! { <p>{words}</p> })}
                {place.map(|place| view! { <p>{place}</p> })}
                <p class="jump">{links}</p>
            </HeadlineBlock>
            {(parts.len() > 2).then(|| view! { <Contents parts=parts lang=lang/> })}
            {concluded(work)}
            {trend(work)}
            {(page.streams.len() > 1).then(|| streams(page, &path))}
            {has_answers.then(|| beside(page))}
            {has_answers.then(|| factors(work))}
            {has_answers.then(|| criteria(work))}
            {has_answers.then(|| distribution(page))}
            {(!page.facts.is_empty())
                .then(|| questions(page, "nhan-dinh", say(lang, "Nhận định, đánh giá", "What happened"), &page.facts))}
            {(!page.expectations.is_empty())
                .then(|| questions(page, "mong-doi", say(lang, "Mong đợi", "Expectations"), &page.expectations))}
            {page.taps.as_ref().map(|taps| questions(page, "cham-nhanh", taps_title(lang), std::slice::from_ref(taps)))}
            {breakdowns(&page.heading, tables)}
            {hides.then(|| view! { <HiddenNote lang=lang/> })}
            {page.explanation.as_ref().map(|e| explanation(e, &page.headline, lang))}
            <Basis heading=page.heading.clone()/>
        </div>
    }
    .into_any()
}

/// The parts that this page has, for its list of contents.
fn parts(work: &AgencyWork, has_answers: bool, has_tables: bool) -> Vec<(&'static str, &'static str)> {
    let page = &work.page;
    let lang = page.heading.query.lang;
    let all = [
        (!page.headline.figure.is_voluntary(), "ket-luan", say(lang, "Kết luận được gì", "What may be concluded")),
        (work.trend.len() > 1, "qua-cac-dot", say(lang, "Qua các đợt", "Over rounds")),
        (has_answers, "yeu-to", say(lang, "Yếu tố", "Factors")),
        (has_answers, "tieu-chi", say(lang, "Tiêu chí", "Criteria")),
        (has_answers, "phan-bo", say(lang, "Phân bố câu trả lời", "How people answered")),
        (!page.facts.is_empty(), "nhan-dinh", say(lang, "Nhận định", "What happened")),
        (!page.expectations.is_empty(), "mong-doi", say(lang, "Mong đợi", "Expectations")),
        (page.taps.is_some(), "cham-nhanh", say(lang, "Chạm nhanh", "One-tap answers")),
        (has_tables, "tung-nhom", say(lang, "Từng nhóm", "By group")),
        (page.explanation.is_some(), "giai-thich", say(lang, "Giải thích con số", "The figure explained")),
    ];
    all.into_iter().filter(|(there, _, _)| *there).map(|(_, id, name)| (id, name)).collect()
}

fn links(work: &AgencyWork) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    let elsewhere = page.heading.query.elsewhere();
    let summary = elsewhere.href(&format!("{}/{}", address::SUMMARY, page.code));
    let pair = elsewhere.href(address::PAIR);
    let pair = format!("{pair}{}a={}", if pair.contains('?') { '&' } else { '?' }, page.code);
    let explained = page.explanation.as_ref().map(|_| {
        view! {
            " · "
            <a href="#giai-thich">{say(lang, "Giải thích con số này", "Explain this figure")}</a>
        }
    });
    view! {
        <a href=summary>{say(lang, "Bản tóm tắt 1 trang", "One-page summary")}</a>
        " · "
        <a href=pair>{say(lang, "So sánh với cơ quan khác", "Compare with another agency")}</a>
        {explained}
    }
    .into_any()
}

/// What may be concluded, and how many more responses it takes for more.
fn concluded(work: &AgencyWork) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    if page.headline.figure.is_voluntary() {
        return ().into_any();
    }
    let mut lines: Vec<String> = work.targets.clone();
    if let Some(half) = work.half_width {
        let half = decimal(100.0 * half, 1, lang);
        lines.push(match lang {
            Lang::Vi => format!("Sai số đạt được: {half} điểm về mỗi phía."),
            Lang::En => format!("Precision reached: {half} points to either side."),
        });
    }
    lines.extend(work.needed.iter().map(|needed| conclusions::needed(needed, lang)));
    if let Some(Need::InAll(all)) = work.need {
        let all = count(all, lang);
        lines.push(match lang {
            Lang::Vi => format!("Chưa kết luận được gì: cần khoảng {all} phiếu để sai số còn 5 điểm."),
            Lang::En => format!("Nothing can be concluded yet: about {all} responses are needed for 5 points."),
        });
    }
    view! {
        <section aria-labelledby="ket-luan">
            <h2 id="ket-luan">{say(lang, "Kết luận được gì", "What may be concluded")}</h2>
            <ul class="desk-list">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn factors(work: &AgencyWork) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    let with_interval = !page.headline.figure.is_voluntary();
    let any_last = work.last.iter().any(Option::is_some);
    let row = |(at, line): (usize, &FactorLine)| {
        let note = (!line.counts).then(|| {
            say(lang, "dưới 5 người trả lời, chưa tính vào chỉ số", "fewer than 5 respondents, not in the index yet")
        });
        let change = work.factor_changes.get(at).and_then(Option::as_ref);
        let change = change.map(|change| conclusions::change_short(change, lang)).filter(|words| *words != "–");
        let explained = page.explanation.as_ref().and_then(|e| e.factors.iter().find(|f| f.name == line.name));
        view! {
            <tr>
                <th scope="row" class="bars__name">
                    {format!("{}. {}", line.code, line.name)}
                    {note.map(|note| view! { <span class="note">{note}</span> })}
                    {change.map(|words| view! { <span class="note">{format!("{}: {words}", say(lang, "so với đợt trước", "since the last round"))}</span> })}
                    {explained.map(|factor| explain::factor(work, factor, &line.figure))}
                </th>
                <td class="bars__bar">
                    <IntervalBar
                        value=line.figure.value()
                        interval=line.figure.interval()
                        target=page.heading.target.as_ref().map(|t| t.0)
                        last=work.last.get(at).copied().flatten()
                        sample_data=page.heading.sample_data
                    />
                </td>
                <td class="bars__value">{line.figure.words(lang)}</td>
                {with_interval.then(|| view! { <td class="bars__range">{line.figure.precision_words(lang)}</td> })}
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
            {any_last.then(|| view! { <p class="secondary">{say(lang, "▲ dưới thanh: đợt trước.", "▲ below a bar: the last round.")}</p> })}
            <table class="bars">
                {bars_head(page, say(lang, "Yếu tố", "Factor"), say(lang, "Người trả lời", "Respondents"))}
                <tbody>{page.factors.iter().enumerate().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// The criteria, the lowest first; what is not shown stands below.
fn criteria(work: &AgencyWork) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    let mut sorted: Vec<&CriterionLine> = page.criteria.iter().collect();
    sorted.sort_by(|a, b| a.figure.value().unwrap_or(2.0).total_cmp(&b.figure.value().unwrap_or(2.0)));
    let row = |line: &CriterionLine| {
        let mark = line.clearly_lower.then(|| {
            view! {
                <span class="note note--mark">
                    {say(lang, "▼ thấp rõ hơn chỉ số chung", "▼ clearly lower than the index")}
                </span>
            }
        });
        view! {
            <tr>
                <th scope="row" class="bars__name">
                    {format!("{} {}", line.code, line.text)}
                    {mark}
                    {explain::criterion(work, line)}
                </th>
                {figure_cells(page, &line.figure)}
                <td class="bars__n">
                    {count_words(line.n, lang)}
                    <span class="narrow">{say(lang, " người", " people")}</span>
                </td>
            </tr>
        }
    };
    let table = |lines: &[&CriterionLine]| {
        view! {
            <table class="bars" aria-labelledby="tieu-chi">
                {bars_head(page, say(lang, "Tiêu chí", "Criterion"), say(lang, "Người trả lời", "Respondents"))}
                <tbody>{lines.iter().copied().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    let (first, rest) = sorted.split_at_checked(LOWEST).unwrap_or((&sorted, &[]));
    let rest = (!rest.is_empty()).then(|| {
        let many = match lang {
            Lang::Vi => format!("{} tiêu chí", rest.len()),
            Lang::En => format!("{} criteria", rest.len()),
        };
        let (name, table) = (say(lang, "Các tiêu chí còn lại", "The other criteria"), table(rest));
        view! { <Fold id="tieu-chi-khac".to_owned() name=name.to_owned() note=many>{table}</Fold> }
    });
    view! {
        <section aria-labelledby="tieu-chi">
            <h2 id="tieu-chi">{say(lang, "Các tiêu chí, thấp nhất trước", "Criteria, the lowest first")}</h2>
            <p class="prose secondary">
                {say(
                    lang,
                    "Dấu ▼ chỉ đặt ở tiêu chí mà cả khoảng tin cậy nằm dưới khoảng của chỉ số chung; thứ tự của các tiêu chí khác có thể chỉ do ngẫu nhiên.",
                    "▼ marks only criteria whose whole interval lies below that of the index; the order of the others may be chance.",
                )}
            </p>
            {table(first)}
            {rest}
        </section>
    }
    .into_any()
}

/// The series over rounds; nothing where this is the first.
fn trend(work: &AgencyWork) -> AnyView {
    let page = &work.page;
    let lang = page.heading.query.lang;
    if work.trend.len() < 2 {
        return ().into_any();
    }
    let target = page.heading.target.as_ref().map(|t| t.0);
    let line = |step: &TrendLine| {
        match step {
        TrendLine::Point { round, n, figure } => view! {
            <tr>
                <th scope="row" class="bars__name">{round.clone()}</th>
                <td class="bars__bar">
                    <IntervalBar value=figure.value() interval=figure.interval() target=target sample_data=page.heading.sample_data/>
                </td>
                <td class="bars__value">{figure.words(lang)}</td>
                <td class="bars__range">{figure.precision_words(lang)}</td>
                <td class="bars__n">
                    {count(*n, lang)}
                    <span class="narrow">{say(lang, " phiếu", " responses")}</span>
                </td>
            </tr>
        }
        .into_any(),
        TrendLine::Nothing { round, too_few } => {
            let why = if *too_few {
                say(lang, "dưới 30 phiếu, không vẽ", "fewer than 30 responses, not drawn")
            } else {
                say(lang, "chưa có chỉ số", "no index")
            };
            view! {
                <tr>
                    <th scope="row" class="bars__name">
                        {round.clone()}
                        <span class="note">{why}</span>
                    </th>
                    <td class="bars__bar"></td>
                    <td class="bars__value">"–"</td>
                    <td class="bars__range"></td>
                    <td class="bars__n"></td>
                </tr>
            }
            .into_any()
        }
        TrendLine::Break(why) => view! {
            <tr class="desk-break">
                <th scope="row" colspan="5">
                    {format!("{}: {}", say(lang, "Không so sánh được qua vạch này", "Not comparable across this line"), conclusions::break_reason(*why, lang))}
                </th>
            </tr>
        }
        .into_any(),
    }
    };
    view! {
        <section aria-labelledby="qua-cac-dot">
            <h2 id="qua-cac-dot">{say(lang, "Qua các đợt", "Over rounds")}</h2>
            <table class="bars">
                <BarsHead
                    lang=lang
                    first=say(lang, "Đợt", "Round")
                    scale=BarScale::Axis(page.heading.target.clone())
                    value=say(lang, "Chỉ số", "Index")
                    range=Some(interval_name(lang))
                    counts=vec![say(lang, "Phiếu", "Responses").to_owned()]
                />
                <tbody>{work.trend.iter().map(line).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

/// The title of the page.
pub fn agency_work_title(work: &AgencyWork, lang: Lang) -> String {
    format!("{} · {}", work.page.name, say(lang, "Tổng quan", "Overview"))
}
