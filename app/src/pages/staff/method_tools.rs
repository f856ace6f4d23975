//! Tools of the method, for Sở Nội vụ: the other rules side by side, whether the sample is large enough, the points of
//! the administrative reform index. On rounds that are not published, and never exported.
//!
//! An agency appears here with figures only where the results page says its index and its number of responses: what
//! is hidden there is hidden under every rule.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{in_lang, options};
use crate::components::conclusions;
use crate::components::number::{count, decimal, say};
use crate::components::page::Stamp;
use crate::components::tables::Scroll;
use crate::domain::agency::Level;
use crate::domain::conclude::Adequacy;
use crate::domain::index::{self, side_by_side};
use crate::domain::method::{CityRule, OverallRule};
use crate::domain::response::Stream;
use crate::domain::tally::Tally;
use crate::domain::text::Lang;
use crate::pages::results::city_model::city_page;
use crate::pages::results::collect::{Collected, RoundData};
use crate::pages::results::model::Count;
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::words;

/// Where the page is.
pub const PATH: &str = "/quan-tri/phuong-phap";

/// The city under one pair of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct CityLine {
    /// How factors become an index.
    pub overall: OverallRule,
    /// How agencies become the city.
    pub city: CityRule,
    /// The method's own rules.
    pub published: bool,
    /// The index.
    pub figure: Shown,
}

/// One agency.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitLine {
    /// Its name.
    pub name: String,
    /// The plain mean of its factors.
    pub mean_of_factors: Shown,
    /// Satisfied over answered, over all criteria.
    pub pooled: Shown,
    /// The second less the first, in points; none where one of them is not said.
    pub gap: Option<f64>,
    /// Its sample against the rule of the method; none where the number of responses is hidden.
    pub sample: Option<Adequacy>,
    /// Points and band of the administrative reform index.
    pub points: Option<String>,
}

/// The page of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodToolsPage {
    /// Language.
    pub lang: Lang,
    /// Name of the round.
    pub round: String,
    /// Code and name of all rounds that may be looked at.
    pub rounds: Vec<(String, String)>,
    /// Code of this one.
    pub code: String,
    /// What it stands on.
    pub stamp: Stamp,
    /// Title of the method.
    pub method: String,
    /// The city; empty where its figure is hidden.
    pub city: Vec<CityLine>,
    /// The agencies by level, in the order of their names.
    pub levels: Vec<(Level, Vec<UnitLine>)>,
    /// Something is hidden.
    pub hides_something: bool,
}

/// Computes the page of the sample stream of a round.
pub fn method_tools_page(
    data: &RoundData<'_>,
    collected: &Collected,
    stamp: Stamp,
    rounds: Vec<(String, String)>,
    lang: Lang,
) -> MethodToolsPage {
    let query = Query { lang, stream: Some(Stream::Sample), ..Query::default() };
    let said = city_page(data, collected, stamp, &query);
    let is_sample = said.heading.stream == Stream::Sample;
    let lines: BTreeMap<&str, _> = said.groups.iter().flat_map(|g| &g.lines).map(|l| (l.code.as_str(), l)).collect();
    let zero = Tally::zero(data.shape);
    let agencies = collected.of_stream(data, Stream::Sample, &zero);
    let members: Vec<&index::Agency<'_>> = agencies.iter().collect();
    let results = index::agencies(data.shape, data.method, &agencies);
    let both = side_by_side(data.shape, data.method, &members);
    let city_is_said = is_sample && said.headline.as_ref().is_some_and(|h| h.figure.value().is_some());
    let city = both.city.into_iter().filter(|_| city_is_said).map(|line| CityLine {
        overall: line.overall,
        city: line.city,
        published: line.published,
        figure: Shown::from(&line.figure),
    });
    let mut levels: BTreeMap<Level, Vec<UnitLine>> = BTreeMap::new();
    for ((agency, own), under) in data.agencies.iter().zip(&results).zip(&both.units) {
        let Some(line) = lines.get(agency.code.as_str()).filter(|_| is_sample) else { continue };
        let is_said = line.figure.value().is_some() && matches!(line.n, Count::Exactly(_));
        let shown = |figure: &index::Figure| match (&line.figure, is_said) {
            (Shown::Absent(why), _) => Shown::Absent(*why),
            (_, true) => Shown::from(figure),
            (_, false) => Shown::Hidden,
        };
        let (mean_of_factors, pooled) = (shown(&under.mean_of_factors), shown(&under.pooled));
        let published = if data.method.overall == OverallRule::Pooled { &under.pooled } else { &under.mean_of_factors };
        let points = published.as_ref().ok().filter(|_| is_said).and_then(|e| index::par(data.method, e));
        levels.entry(agency.level).or_default().push(UnitLine {
            name: line.name.clone(),
            gap: mean_of_factors.value().zip(pooled.value()).map(|(mean, pooled)| 100.0 * (pooled - mean)),
            mean_of_factors,
            pooled,
            sample: matches!(line.n, Count::Exactly(_)).then(|| Adequacy::of(data.method, &own.figures)),
            points: points.map(|points| conclusions::par(&points, lang)),
        });
    }
    MethodToolsPage {
        lang,
        round: data.round.name.get(lang).to_owned(),
        rounds,
        code: data.round.code.clone(),
        stamp,
        method: data.method.title.get(lang).to_owned(),
        city: city.collect(),
        levels: levels.into_iter().collect(),
        hides_something: said.hides_something,
    }
}

/// The title.
pub fn method_tools_title(lang: Lang) -> &'static str {
    say(lang, "Công cụ phương pháp", "Method tools")
}

/// What stands there when every round is published, or there is none.
pub fn no_round_view(lang: Lang) -> AnyView {
    view! {
        <h1>{method_tools_title(lang)}</h1>
        <div class="empty">
            <p>
                {say(
                    lang,
                    "Không có đợt nào chưa công bố: công cụ này chỉ mở trước khi công bố.",
                    "There is no unpublished round: these tools are open only before publication.",
                )}
            </p>
            <p>
                <a href=in_lang("/quan-tri", lang)>{say(lang, "Về trang đầu", "Back to the start")}</a>
            </p>
        </div>
    }
    .into_any()
}

fn overall_name(rule: OverallRule, lang: Lang) -> &'static str {
    match rule {
        OverallRule::MeanOfFactors => say(lang, "Trung bình các yếu tố", "Mean of factors"),
        OverallRule::Pooled => say(lang, "Gộp mọi tiêu chí", "All criteria pooled"),
    }
}

fn city_name(rule: CityRule, lang: Lang) -> &'static str {
    match rule {
        CityRule::PooledByN => say(lang, "theo số hồ sơ", "weighted by dossiers"),
        CityRule::MeanOfUnits => say(lang, "trung bình các cơ quan", "mean of agencies"),
    }
}

/// The page.
pub fn method_tools_view(page: &MethodToolsPage) -> AnyView {
    let lang = page.lang;
    let city = (!page.city.is_empty()).then(|| city_table(page));
    let levels: Vec<_> = page.levels.iter().map(|(level, lines)| level_table(*level, lines, lang)).collect();
    let body = if page.levels.is_empty() {
        view! {
            <div class="empty">
                <p>{say(lang, "Chưa có phiếu điều tra mẫu nào trong đợt này.", "No sample responses in this round yet.")}</p>
                <p>
                    <a href=in_lang("/quan-tri", lang)>{say(lang, "Về trang đầu", "Back to the start")}</a>
                </p>
            </div>
        }
        .into_any()
    } else {
        view! { {city} {levels} }.into_any()
    };
    let hidden = page.hides_something.then(|| {
        view! {
            <p class="secondary">
                {say(
                    lang,
                    "“Ẩn”: dưới 5 người trả lời, hoặc từ đó suy ra được số của cơ quan khác.",
                    "“Hidden”: fewer than 5 people answered, or another agency’s figure could be worked out from it.",
                )}
            </p>
        }
    });
    view! {
        <h1>{method_tools_title(lang)}</h1>
        <p class="secondary">{format!("{} · {}", page.round, page.stamp.words(lang))}</p>
        {rounds_form(page)}
        <p class="prose">
            {say(
                lang,
                "Cùng một số phiếu, tính theo các quy tắc khác nhau, để cân nhắc trước khi chốt số liệu. Chỉ số công bố theo: ",
                "The same responses under different rules, to weigh before the round is closed. The published index follows: ",
            )}
            <strong>{page.method.clone()}</strong>
            {say(
                lang,
                ". Trang này chỉ Sở Nội vụ thấy, không tải về được.",
                ". Only Sở Nội vụ sees this page, and it cannot be downloaded.",
            )}
        </p>
        {body}
        {hidden}
    }
    .into_any()
}

fn rounds_form(page: &MethodToolsPage) -> Option<AnyView> {
    let lang = page.lang;
    (page.rounds.len() > 1).then(|| {
        let options = options(&page.rounds, &page.code);
        view! {
            <form class="filter" method="get" action=PATH>
                {(lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> })}
                <div class="filter__field">
                    <label class="label" for="dot">
                        {say(lang, "Đợt đo lường", "Round")}
                    </label>
                    <select class="field" id="dot" name="dot">
                        {options}
                    </select>
                </div>
                <button class="button">{say(lang, "Xem", "Show")}</button>
            </form>
        }
        .into_any()
    })
}

fn city_table(page: &MethodToolsPage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .city
        .iter()
        .map(|line| {
            let rule = format!("{}, {}", overall_name(line.overall, lang), city_name(line.city, lang));
            let mark = line.published.then(|| say(lang, " (quy tắc công bố)", " (the published rule)"));
            view! {
                <tr>
                    <th scope="row">
                        {rule} {mark.map(|mark| view! { <strong>{mark}</strong> })}
                    </th>
                    <td class="num">{line.figure.words(lang)}</td>
                    <td class="num">{line.figure.precision_words(lang)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <h2>{say(lang, "Toàn thành phố", "The city")}</h2>
        <Scroll label=say(lang, "Toàn thành phố", "The city")>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Quy tắc", "Rule")}</th>
                        <th scope="col" class="num">
                            {say(lang, "Chỉ số", "Index")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Khoảng tin cậy 95%", "95% interval")}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

fn level_table(level: Level, lines: &[UnitLine], lang: Lang) -> AnyView {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let gap = line.gap.map_or_else(|| "–".to_owned(), |gap| conclusions::points(gap / 100.0, lang));
            let hidden = || say(lang, "ẩn", "hidden").to_owned();
            let sample = line.sample.as_ref();
            let responses = sample.map_or_else(hidden, |sample| {
                let wanted = sample.wanted.map_or_else(String::new, |wanted| format!(" / {}", count(wanted, lang)));
                format!("{}{wanted}", count(sample.reached, lang))
            });
            let lacks = sample.map_or_else(hidden, |sample| conclusions::adequacy(sample, lang));
            let width = sample.and_then(|sample| sample.half_width);
            let width = width.map_or_else(|| "–".to_owned(), |width| decimal(100.0 * width, 1, lang));
            view! {
                <tr>
                    <th scope="row">{line.name.clone()}</th>
                    <td class="num">{line.mean_of_factors.words(lang)}</td>
                    <td class="num">{line.pooled.words(lang)}</td>
                    <td class="num">{gap}</td>
                    <td class="num">{responses}</td>
                    <td class="num">{lacks}</td>
                    <td class="num">{width}</td>
                    <td class="num">{line.points.clone().unwrap_or_else(|| "–".to_owned())}</td>
                </tr>
            }
        })
        .collect();
    let name = words::level(level, lang);
    view! {
        <h2>{name}</h2>
        <Scroll label=name>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                        <th scope="col" class="num">
                            {overall_name(OverallRule::MeanOfFactors, lang)}
                        </th>
                        <th scope="col" class="num">
                            {overall_name(OverallRule::Pooled, lang)}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Chênh (điểm)", "Gap (points)")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Phiếu / cỡ mẫu", "Responses / sample size")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "So với cỡ mẫu", "Against the size")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Sai số (± điểm)", "Half-width (points)")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "PAR INDEX (ước tính nội bộ)", "PAR INDEX (internal estimate)")}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::results::sample::{STAMP, Sample};

    fn page_of(sample: &Sample) -> MethodToolsPage {
        sample.with(|data| method_tools_page(data, &sample.collected, STAMP, Vec::new(), Lang::Vi))
    }

    #[test]
    fn four_pairs_of_rules_stand_side_by_side_and_one_is_the_published() {
        let page = page_of(&Sample::city(4_000));
        assert_eq!(page.city.len(), 4);
        let published: Vec<&CityLine> = page.city.iter().filter(|line| line.published).collect();
        assert_eq!(published.len(), 1);
        assert_eq!(published[0].overall, OverallRule::MeanOfFactors);
        let html = method_tools_view(&page).to_html();
        assert!(html.contains("(quy tắc công bố)") && html.contains("ước tính nội bộ"), "{html}");
    }

    #[test]
    fn what_the_results_hide_is_hidden_under_every_rule() {
        let page = page_of(&Sample::small(&[&[5, 4, 4], &[5; 40], &[4, 4, 2, 5, 5, 1, 3, 4, 4, 4]]));
        let lines: Vec<&UnitLine> = page.levels.iter().flat_map(|(_, lines)| lines).collect();
        assert_eq!(lines.len(), 3);
        for line in lines.iter().filter(|line| line.sample.is_none()) {
            assert_eq!((line.mean_of_factors.value(), line.pooled.value(), &line.points), (None, None, &None));
        }
        assert!(lines.iter().any(|line| line.sample.is_none()) && page.hides_something);
    }

    #[test]
    fn a_round_without_responses_says_so() {
        let page = page_of(&Sample::city(0));
        let html = method_tools_view(&page).to_html();
        assert!(!html.contains('%') && html.contains("–"), "{html}");
    }
}
