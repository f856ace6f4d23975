//! Every page of the workspace with every kind of data, and what it must not say.

use std::collections::{BTreeMap, HashMap};

use leptos::prelude::*;

use super::agency::agency_work_view;
use super::agency_model::{AgencyWork, TrendLine, agency_work};
use super::breakdown_model::{Kept, in_words, step};
use super::overview::{nothing_view, overview_view};
use super::overview_model::{Need, Overview, overview};
use super::pair::pair_view;
use super::pair_model::pair_page;
use super::ranking::{ranking_page, ranking_view};
use super::summary::summary_view;
use super::summary_model::{Asked, Marked, Summary, summary};
use super::{Covered, Reader, Seen};
use crate::components::page::without_markers;
use crate::domain::agency::{Agency, Level};
use crate::domain::breakdown::{Breakdown, Dimension, Row};
use crate::domain::disclosure::Told;
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::response::{Standing, Stream};
use crate::domain::role::Scope;
use crate::domain::tally::Tally;
use crate::domain::trend::Break;
use crate::pages::results::collect::{CellKey, Collected};
use crate::pages::results::model::{Count, Place};
use crate::pages::results::query::Query;
use crate::pages::results::sample::{STAMP, Sample};
use crate::pages::results::shown::Shown;

const PLACE: &str = "thành phố Cần Thơ";
const MIXED: [u8; 40] = [
    5, 4, 4, 3, 5, 1, 2, 4, 5, 4, 4, 3, 5, 4, 2, 4, 5, 5, 4, 4, 4, 3, 5, 4, 4, 4, 5, 4, 4, 4, 3, 4, 4, 4, 2, 5, 4, 3,
    4, 4,
];

fn query(address: &str) -> Query {
    Query::from_pairs(address.split('&').filter_map(|pair| pair.split_once('=')))
}

/// Rounds one after the other, and who looks at the last of them.
struct Office<'s> {
    samples: Vec<&'s Sample>,
    known: HashMap<AgencyId, Agency>,
    covered: Covered,
}

impl<'s> Office<'s> {
    fn new(samples: &[&'s Sample], scope: &Scope) -> Self {
        let agencies = samples.iter().flat_map(|s| &s.agencies).map(|a| (a.id, a.clone()));
        let known: HashMap<_, _> = agencies.collect();
        Self { samples: samples.to_vec(), covered: Covered::of(scope, &known), known }
    }

    fn with<T>(&self, make: impl FnOnce(&[Seen<'_>]) -> T) -> T {
        let agencies: Vec<Vec<&Agency>> = self.samples.iter().map(|s| s.agencies.iter().collect()).collect();
        let seen: Vec<Seen<'_>> = self
            .samples
            .iter()
            .zip(&agencies)
            .map(|(sample, agencies)| Seen {
                data: crate::pages::results::collect::RoundData {
                    round: &sample.round,
                    questionnaire: &sample.fixture.questionnaire,
                    method: &sample.fixture.method,
                    shape: &sample.fixture.shape,
                    strata: &sample.strata,
                    agencies,
                },
                collected: &sample.collected,
                stamp: STAMP,
            })
            .collect();
        make(&seen)
    }

    fn reader(&self) -> Reader<'_> {
        Reader { known: &self.known, covered: &self.covered, place: PLACE }
    }

    fn overview(&self, address: &str) -> Overview {
        self.with(|seen| {
            let (now, earlier) = seen.split_last().expect("a round");
            overview(now, earlier.last(), &self.reader(), &query(address), Vec::new())
        })
    }

    fn agency(&self, address: &str, code: &str) -> Option<AgencyWork> {
        self.with(|seen| agency_work(seen, &self.reader(), &query(address), code))
    }

    fn summary(&self, address: &str, asked: Asked<'_>, mark: Option<&str>) -> Option<Summary> {
        self.with(|seen| {
            let (now, earlier) = seen.split_last().expect("a round");
            let before = earlier.last();
            summary(now, before, &self.reader(), &query(address), asked, 7, mark)
        })
    }

    /// Every page that this reader gets, as HTML.
    fn pages(&self, address: &str) -> Vec<String> {
        let whole = self.covered.is_whole();
        let mut pages = vec![overview_view(&self.overview(address), "thu").to_html()];
        self.with(|seen| {
            let now = seen.last().expect("a round");
            let ranked = ranking_page(now, &self.covered, &query(address));
            pages.push(ranking_view(&ranked, &[], "thu", whole).to_html());
            for asked in [(None, None), (Some("p1"), None), (Some("p1"), Some("p2"))] {
                let pair = pair_page(now, &self.covered, &query(address), asked);
                pages.extend(pair.map(|pair| pair_view(&pair, &[], "thu").to_html()));
            }
        });
        let last = self.samples.last().expect("a round");
        for agency in last.agencies.iter().take(3) {
            let work = self.agency(address, &agency.code);
            pages.extend(work.map(|work| agency_work_view(&work, &[], &[], "thu").to_html()));
            let page = self.summary(address, Asked::Agency(&agency.code), None);
            pages.extend(page.map(|page| summary_view(&page, whole).to_html()));
        }
        for asked in [Asked::Own, Asked::Level(Level::Commune)] {
            pages.extend(
                self.summary(address, asked, Some("1-00000000")).map(|page| summary_view(&page, whole).to_html()),
            );
        }
        pages.iter().map(|html| without_markers(html)).collect()
    }
}

fn assert_sound(html: &str) {
    for wrong in ["NaN", "inf%", ">inf", " style=", "±", "Infinity", "<script"] {
        assert!(!html.contains(wrong), "{wrong} in the page");
    }
    assert_eq!(html.matches("<h1").count(), 1);
}

fn own() -> Scope {
    Scope::Subtree(AgencyId(1))
}

#[test]
fn an_officer_gets_nothing_of_another_agency() {
    let sample = Sample::small(&[&MIXED, &[5; 50], &[4; 60]]);
    let office = Office::new(&[&sample], &own());
    assert!(office.agency("", "p2").is_none() && office.agency("", "p9").is_none());
    assert!(office.summary("", Asked::Agency("p2"), None).is_none());
    assert!(office.summary("", Asked::Level(Level::Commune), None).is_none());
    office.with(|seen| {
        let pair = pair_page(&seen[0], &office.covered, &query(""), (Some("p1"), Some("p2")));
        assert!(pair.is_none());
        let ranked = ranking_page(&seen[0], &office.covered, &query(""));
        assert!(ranked.headline.is_none() && ranked.levels.is_empty(), "no sums");
        assert_eq!(ranked.groups.iter().flat_map(|g| &g.lines).count(), 1);
    });
    for html in office.pages("") {
        assert!(!html.contains("Phường thứ 2") && !html.contains("Phường thứ 3"), "{html}");
    }
}

#[test]
fn what_others_answered_moves_no_byte_of_an_officers_pages() {
    let (few, many) = (Sample::small(&[&MIXED, &[2; 40]]), Sample::small(&[&MIXED, &[5; 90]]));
    let pages = |sample: &Sample| Office::new(&[sample], &own()).pages("");
    assert_eq!(pages(&few), pages(&many));
}

#[test]
fn every_page_renders_with_every_kind_of_data() {
    let samples = [
        Sample::small(&[&[], &[]]),
        Sample::small(&[&[4], &[]]),
        Sample::small(&[&[4, 5, 3], &[2, 2]]),
        Sample::small(&[&MIXED, &[5; 30]]),
        Sample::small(&[&[1; 40], &MIXED]),
        Sample::small(&[&[5; 100], &MIXED]),
        Sample::city(4_000),
    ];
    for sample in &samples {
        for scope in [Scope::City, own()] {
            let office = Office::new(&[sample], &scope);
            for address in ["lang=vi", "lang=en", "lang=vi&nguon=open"] {
                office.pages(address).iter().for_each(|html| assert_sound(html));
            }
        }
    }
    assert_sound(&nothing_view(crate::domain::text::Lang::Vi).to_html());
}

#[test]
fn long_names_and_250_agencies_are_all_there() {
    let mut sample = Sample::small(&vec![&MIXED[..30]; 250]);
    for agency in &mut sample.agencies {
        agency.name = format!("Chi nhánh Văn phòng đăng ký đất đai {} <b>", "Nghĩa trang liệt sĩ ".repeat(8));
    }
    let office = Office::new(&[&sample], &Scope::City);
    for html in office.pages("") {
        assert_sound(&html);
        assert!(!html.contains("<b>"));
    }
    assert_eq!(office.overview("").agencies.len(), 250);
}

#[test]
fn the_first_round_says_that_there_is_nothing_to_compare_with() {
    let sample = Sample::small(&[&MIXED, &MIXED]);
    let office = Office::new(&[&sample], &Scope::City);
    assert_eq!(office.overview("").changes.sentence, "Đợt đầu, chưa có số để so sánh");
    assert!(office.agency("", "p1").expect("p1").trend.len() == 1);
}

#[test]
fn a_change_is_named_only_where_it_is_sure() {
    let mut before = Sample::small(&[&[2; 40], &MIXED]);
    before.round.id = RoundId(0);
    before.round.period = (17_167, 17_531);
    let mut low = [2_u8; 60];
    low[..6].fill(5);
    let mut high = [5_u8; 60];
    high[..6].fill(2);
    let before = Sample { collected: Sample::small(&[&low, &MIXED]).collected, ..before };
    let now = Sample::small(&[&high, &MIXED]);
    let office = Office::new(&[&before, &now], &Scope::City);
    let page = office.overview("");
    assert_eq!(page.changes.compared, 2);
    let codes: Vec<&str> = page.changes.lines.iter().map(|line| line.agency.code.as_str()).collect();
    assert_eq!(codes, ["p1"]);
    let work = office.agency("", "p1").expect("p1");
    assert!(work.change.starts_with("Tăng so với năm 2017 (+80,0 điểm"), "{}", work.change);
    assert!(work.last.iter().all(|last| last.is_some_and(|last| (last - 0.1).abs() < 1e-9)));
    assert!(
        office.agency("", "p2").expect("p2").change.starts_with("Chưa đủ căn cứ nói tăng hay giảm so với năm 2017")
    );
    let other = Office::new(&[&before, &now], &Scope::Subtree(AgencyId(2)));
    assert!(other.overview("").changes.lines.is_empty(), "the other agency's change is its own");
}

#[test]
fn a_series_breaks_at_another_method_and_draws_no_point_below_thirty() {
    let mut first = Sample::small(&[&MIXED]);
    (first.round.id, first.round.period) = (RoundId(-1), (16_801, 17_166));
    first.round.method.1 = 9;
    let mut second = Sample::small(&[&MIXED[..20]]);
    (second.round.id, second.round.period) = (RoundId(0), (17_167, 17_531));
    let third = Sample::small(&[&MIXED]);
    let work = Office::new(&[&first, &second, &third], &own()).agency("", "p1").expect("p1");
    assert!(
        matches!(
            work.trend.as_slice(),
            [
                TrendLine::Point { n: 40, .. },
                TrendLine::Break(Break::Method),
                TrendLine::Nothing { too_few: true, .. },
                TrendLine::Point { .. }
            ]
        ),
        "{:?}",
        work.trend
    );
    let html = agency_work_view(&work, &[], &[], "thu").to_html();
    assert!(html.contains("đổi phương pháp tính") && html.contains("dưới 30 phiếu"));
}

#[test]
fn an_agency_with_forty_responses_hears_what_may_be_concluded_and_what_is_missing() {
    let work = Office::new(&[&Sample::small(&[&MIXED])], &own()).agency("", "p1").expect("p1");
    assert!(matches!(work.need, Some(Need::More(more)) if (1..=60).contains(&more)), "{:?}", work.need);
    let html = agency_work_view(&work, &[], &[], "thu").to_html();
    assert!(html.contains("Kết luận được gì") && html.contains("Cần thêm khoảng"), "{html}");
}

#[test]
fn of_three_responses_not_even_the_number_is_said() {
    let (sample, other) = (Sample::small(&[&[5, 4, 2]]), Sample::small(&[&[1, 1, 2, 5]]));
    let office = Office::new(&[&sample], &own());
    let page = office.overview("");
    assert!(page.agencies.iter().all(|line| line.n == Count::Hidden && matches!(line.need, Some(Need::InAll(_)))));
    let (three, four) = (office.pages(""), Office::new(&[&other], &own()).pages(""));
    assert_eq!(three, four, "three and four responses look the same");
    assert!(office.agency("", "p1").expect("p1").needed.is_empty());
}

#[test]
fn a_pair_is_compared_only_where_both_are_printed() {
    let sample = Sample::small(&[&MIXED, &[4; 40], &[5, 3]]);
    let office = Office::new(&[&sample], &Scope::City);
    office.with(|seen| {
        let sides = |a, b| {
            let page = pair_page(&seen[0], &office.covered, &query(""), (Some(a), Some(b))).expect("both are there");
            page.sides.expect("two agencies")
        };
        let bound = sides("p1", "p2");
        assert!(matches!(bound.index.second, Shown::AtLeast(_)) && bound.index.difference.is_none());
        let hidden = sides("p1", "p3");
        assert!(hidden.index.difference.is_none() && hidden.second.1 == Count::Hidden);
        let same = pair_page(&seen[0], &office.covered, &query(""), (Some("p1"), Some("P1"))).expect("one agency");
        assert!(same.sides.is_none());
    });
}

#[test]
fn a_mark_opens_the_same_figures_or_says_that_they_have_moved() {
    let (sample, moved) = (Sample::small(&[&MIXED]), Sample::small(&[&MIXED[..39]]));
    let mark = Office::new(&[&sample], &own()).summary("", Asked::Own, None).expect("a page").mark;
    let again = |sample: &Sample, lang| {
        Office::new(&[sample], &own()).summary(lang, Asked::Own, Some(&mark)).expect("a page").marked
    };
    assert!(mark.starts_with("7-") && mark.len() == 14, "{mark}");
    assert_eq!(again(&sample, "lang=vi"), Marked::Same);
    assert_eq!(again(&sample, "lang=en"), Marked::Same);
    assert_eq!(again(&moved, "lang=vi"), Marked::Moved(mark.clone()));
}

#[test]
fn an_agency_has_one_rank_whoever_reads_and_however_the_table_is_filtered() {
    let sample = Sample::city(14_000);
    let ranked = |office: &Office<'_>, address: &str, code: &str| {
        office.with(|seen| {
            let page = ranking_page(&seen[0], &office.covered, &query(address));
            let mut lines = page.groups.into_iter().flat_map(|group| group.lines);
            lines.find(|line| line.code == code).map(|line| line.place).expect("its line")
        })
    };
    let city = Office::new(&[&sample], &Scope::City);
    let mut compared = 0;
    for district in sample.agencies.iter().filter(|a| a.level == Level::District) {
        let office = Office::new(&[&sample], &Scope::Subtree(district.id));
        let own = office.agency("", &district.code).expect("its page").page.place;
        for address in ["", "cap=quan-huyen", "sap=-chi-so"] {
            assert_eq!(ranked(&office, address, &district.code), own, "{}", district.name);
            assert_eq!(ranked(&city, address, &district.code), own, "{}", district.name);
        }
        compared += usize::from(matches!(own, Place::Ranked { of, .. } if of > 1));
    }
    assert!(compared > 1, "{compared}");
}

/// The round before a merger, a year earlier: its first two agencies became the first of the round after, the others
/// stayed.
fn before_a_merger(people: &[&[u8]]) -> Sample {
    let mut sample = Sample::small(people);
    (sample.round.id, sample.round.period) = (RoundId(0), (17_167, 17_531));
    let then = |id: AgencyId| if id.0 <= 2 { AgencyId(100 + id.0) } else { id };
    let key = |id: i32| CellKey {
        agency: then(AgencyId(id)),
        stratum: StratumId(id),
        stream: Stream::Sample,
        standing: Standing::Valid,
    };
    let tallies: Vec<_> = (1..).zip(people).map(|(id, people)| (key(id), sample.fixture.tally(people))).collect();
    sample.collected = Collected::from_cells(tallies.iter().map(|(key, tally)| (*key, tally)));
    for agency in sample.agencies.iter_mut().take(2) {
        (agency.id, agency.successors) = (then(agency.id), vec![AgencyId(1)]);
    }
    for stratum in &mut sample.strata {
        stratum.agency = then(stratum.agency);
    }
    sample
}

#[test]
fn a_city_is_compared_only_over_the_agencies_whose_area_stayed() {
    let (mut low, mut high) = ([2_u8; 60], [5_u8; 60]);
    low[..6].fill(5);
    high[..6].fill(2);
    // All agencies were made anew: nothing of the city is comparable, however much its figure moved.
    let (before, now) = (before_a_merger(&[&low, &low]), Sample::small(&[&high]));
    let page = Office::new(&[&before, &now], &Scope::City).overview("");
    assert_eq!(page.changes.sentence, "Không so sánh được: địa bàn đã thay đổi");
    // One stayed, and its index is the same: that the merged ones rose says nothing.
    let (before, now) = (before_a_merger(&[&low, &low, &MIXED]), Sample::small(&[&high, &high, &MIXED]));
    let office = Office::new(&[&before, &now], &Scope::City);
    let sentence = office.overview("").changes.sentence;
    assert!(sentence.starts_with("Chưa đủ căn cứ nói tăng hay giảm so với năm 2017 (0,0 điểm"), "{sentence}");
    assert!(sentence.ends_with("tính trên 1 cơ quan có phiếu ở cả hai đợt và giữ nguyên địa bàn"), "{sentence}");
    let level = office.summary("cap=phuong-xa", Asked::Level(Level::Commune), None).expect("a page");
    assert_eq!(level.change, sentence);
}

#[test]
fn a_sentence_on_the_city_speaks_of_the_measured_agencies_alone() {
    let all = "tất cả người đã nhận kết quả tại thành phố Cần Thơ";
    let part = Sample::small(&[&MIXED, &[], &[], &[]]);
    for scope_page in Office::new(&[&part], &Scope::City).pages("") {
        assert!(!scope_page.contains(all), "{scope_page}");
    }
    let overview = overview_view(&Office::new(&[&part], &Scope::City).overview(""), "thu").to_html();
    let words = "các cơ quan đã đo, chiếm 25,00% số hồ sơ của thành phố Cần Thơ (100/400)";
    assert!(without_markers(&overview).contains(words), "{overview}");
    let whole = Sample::small(&[&MIXED, &MIXED]);
    let overview = overview_view(&Office::new(&[&whole], &Scope::City).overview(""), "thu").to_html();
    assert!(without_markers(&overview).contains(all), "{overview}");
}

#[test]
fn one_tap_answers_are_on_the_page_of_the_agency_and_in_no_index() {
    let mut sample = Sample::small(&[&MIXED]);
    let index = Office::new(&[&sample], &own()).agency("", "p1").expect("p1").page.headline.figure;
    let mut taps = |counts| {
        let key = CellKey {
            agency: AgencyId(1),
            stratum: StratumId::OUTSIDE,
            stream: Stream::Open,
            standing: Standing::Incomplete,
        };
        let person = CellKey { stratum: StratumId(1), stream: Stream::Sample, standing: Standing::Valid, ..key };
        let (tapped, people) = (Tally::of_taps(&sample.fixture.shape, counts), sample.fixture.tally(&MIXED));
        sample.collected = Collected::from_cells([(key, &tapped), (person, &people)]);
        Office::new(&[&sample], &own()).agency("", "p1").expect("p1")
    };
    let work = taps([6, 0, 7, 20, 40]);
    assert_eq!(work.page.headline.figure, index);
    let html = without_markers(&agency_work_view(&work, &[], &[], "thu").to_html());
    assert!(html.contains("id=\"cham-nhanh\"") && html.contains("73 phiếu"), "{html}");
    let few = taps([1, 0, 0, 1, 1]);
    let html = without_markers(&agency_work_view(&few, &[], &[], "thu").to_html());
    assert!(html.contains("id=\"cham-nhanh\"") && html.contains("&lt; 5"), "{html}");
}

/// The answers of one agency by language: `vi` in Vietnamese, `en` in English.
fn by_language(sample: &Sample, vi: &[u8], en: &[u8]) -> Breakdown {
    let row = |value: i32, people: &[u8]| Row {
        agency: AgencyId(1),
        stratum: StratumId(1),
        value,
        tally: sample.fixture.tally(people),
    };
    let rows = vec![row(0, vi), row(1, en)].into_iter().filter(|row| !row.tally.is_zero()).collect();
    Breakdown { dimension: Dimension::Language, stream: Stream::Sample, version: 1, folded_at: 0, rows }
}

fn stepped(sample: &Sample, breakdown: &Breakdown, past: Option<&Kept>) -> Kept {
    let office = Office::new(&[sample], &own());
    office.with(|seen| {
        step(&seen[0], AgencyId(1), Stream::Sample, std::slice::from_ref(breakdown), past).expect("the agency")
    })
}

fn lines(sample: &Sample, kept: &Kept) -> Vec<(String, Told, String)> {
    let tables = Office::new(&[sample], &own())
        .with(|seen| in_words(kept, &seen[0], &BTreeMap::new(), crate::domain::text::Lang::Vi));
    let lines = tables.into_iter().flat_map(|table| table.lines);
    lines.map(|l| (l.name, l.told, l.figure.words(crate::domain::text::Lang::Vi))).collect()
}

#[test]
fn a_group_of_four_has_neither_number_nor_figure_and_neither_has_what_is_left() {
    let (vi, en) = (&MIXED[..36], &MIXED[36..]);
    let sample = Sample::small(&[&MIXED]);
    let kept = stepped(&sample, &by_language(&sample, vi, en), None);
    for (name, told, figure) in lines(&sample, &kept) {
        assert!(!matches!(told, Told::Count(Count::Exactly(_))), "{name}: {told:?}");
        assert_eq!(figure, "ẩn", "{name}");
    }
}

#[test]
fn a_table_has_an_index_for_every_group_that_is_large_enough() {
    let sample = Sample::small(&[&MIXED]);
    let kept = stepped(&sample, &by_language(&sample, &MIXED[..20], &MIXED[20..]), None);
    let lines = lines(&sample, &kept);
    let names: Vec<&str> = lines.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["Tiếng Việt", "Tiếng Anh"]);
    let satisfied = MIXED[..20].iter().filter(|a| **a >= 4).count();
    assert_eq!(lines[0].1, Told::Count(Count::Exactly(20)));
    assert_eq!(lines[0].2, format!("{},00%", satisfied * 5));
}

#[test]
fn a_table_stands_still_while_few_responses_come() {
    let before = Sample::small(&[&MIXED]);
    let kept = stepped(&before, &by_language(&before, &MIXED[..20], &MIXED[20..]), None);
    let mut more = MIXED.to_vec();
    more.extend([1, 1, 1, 1, 1, 1]);
    let now = Sample::small(&[&more]);
    let six = stepped(&now, &by_language(&now, &more[..20], &more[20..]), Some(&kept));
    assert_eq!(lines(&now, &six), lines(&before, &kept), "six more do not show");
    let mut many = MIXED[20..].to_vec();
    many.extend([1; 20]);
    let all: Vec<u8> = MIXED[..20].iter().chain(&many).copied().collect();
    let later = Sample::small(&[&all]);
    let moved = stepped(&later, &by_language(&later, &MIXED[..20], &many), Some(&six));
    assert_eq!(lines(&later, &moved)[1].1, Told::Count(Count::Exactly(40)));
}
