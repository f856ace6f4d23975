//! Every view with every kind of data, in both languages; and what the pages must and must not say.

use leptos::prelude::*;

use super::agency::agency_view;
use super::agency_model::agency_page;
use super::city::city_view;
use super::city_model::city_page;
use super::model::Place;
use super::query::Query;
use super::sample::{STAMP, Sample};
use crate::components::page::without_markers;
use crate::domain::text::Lang;

fn query(address: &str) -> Query {
    Query::from_pairs(address.split('&').filter_map(|pair| pair.split_once('=')))
}

fn city_html(sample: &Sample, address: &str) -> String {
    let view = |page| city_view(&page, "thành phố Cần Thơ").to_html();
    without_markers(&sample.with(|data| view(city_page(data, &sample.collected, STAMP, &query(address)))))
}

fn agency_html(sample: &Sample, address: &str, code: &str) -> String {
    sample.with(|data| {
        let page = agency_page(data, &sample.collected, STAMP, &query(address), code).expect("the agency");
        without_markers(&agency_view(&page).to_html())
    })
}

/// What holds for every page whatever its data.
fn assert_sound(html: &str) {
    for wrong in ["NaN", "inf%", ">inf", " style=", "±", "Infinity", "<script"] {
        assert!(!html.contains(wrong), "{wrong} in the page");
    }
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(!html.contains("chart__axis") || html.contains("SỐ LIỆU MÔ PHỎNG"));
}

#[test]
fn every_page_renders_with_every_kind_of_data() {
    let thirty: &[u8] = &[5; 30];
    let mixed: &[u8] =
        &[5, 4, 4, 3, 5, 1, 2, 4, 5, 4, 4, 3, 5, 4, 2, 4, 5, 5, 4, 4, 4, 3, 5, 4, 4, 4, 5, 4, 4, 4, 3, 4];
    let samples = [
        ("nothing", Sample::small(&[&[], &[]])),
        ("one respondent", Sample::small(&[&[4], &[]])),
        ("all satisfied", Sample::small(&[thirty, thirty])),
        ("nobody satisfied", Sample::small(&[&[1; 40], mixed])),
        ("only not applicable", Sample::small(&[&[0; 9], mixed])),
        ("everybody asked", Sample::small(&[&[5; 100], mixed])),
        ("more than there are", Sample::small(&[&[5; 101], mixed])),
        ("the city", Sample::city(4_000)),
    ];
    for (_, sample) in &samples {
        for lang in ["lang=vi", "lang=en"] {
            for address in ["", "&nguon=open", "&sap=-chi-so", "&tim=phuong", "&tim=khong-co&cap=quan-huyen"] {
                assert_sound(&city_html(sample, &format!("{lang}{address}")));
            }
            for agency in sample.agencies.iter().take(3) {
                assert_sound(&agency_html(sample, lang, &agency.code));
                assert_sound(&agency_html(sample, &format!("{lang}&nguon=open"), &agency.code));
            }
        }
    }
}

#[test]
fn long_names_and_250_agencies_are_all_there() {
    let people: &[u8] = &[4; 30];
    let mut sample = Sample::small(&vec![people; 250]);
    for agency in &mut sample.agencies {
        agency.name = format!("Chi nhánh Văn phòng đăng ký đất đai {} <b>", "Nghĩa trang liệt sĩ ".repeat(8));
    }
    let html = city_html(&sample, "");
    assert_sound(&html);
    assert_eq!(html.matches("ranking__name").count(), 251);
    assert!(!html.contains("<b>") && html.contains("&lt;b&gt;"));
}

#[test]
fn a_round_without_responses_says_what_to_do() {
    let html = city_html(&Sample::small(&[&[], &[]]), "");
    assert!(html.contains("Chưa có phiếu nào trong đợt này.") && html.contains("Nhập mã trên bảng"));
    assert!(!html.contains("<table"));
}

#[test]
fn a_voluntary_stream_has_no_interval_no_rank_and_no_sum() {
    let sample = Sample::city(4_000);
    let page = sample.with(|data| city_page(data, &sample.collected, STAMP, &query("nguon=open")));
    assert!(page.headline.is_none() && page.levels.is_empty());
    assert!(
        page.groups.iter().flat_map(|g| &g.lines).all(|l| l.place == Place::Unranked && l.figure.interval().is_none())
    );
    let html = city_view(&page, "thành phố Cần Thơ").to_html();
    assert!(html.contains("chart__dot--hollow") && !html.contains("chart__range"));
    assert!(html.contains("không suy rộng"));
}

#[test]
fn ranks_are_within_a_level_and_come_with_the_range_that_the_data_allow() {
    let sample = Sample::city(14_000);
    let page = sample.with(|data| city_page(data, &sample.collected, STAMP, &query("")));
    for group in &page.groups {
        let of_level = group.lines.len();
        for line in &group.lines {
            if let Place::Ranked { rank, best, worst, of } = line.place {
                assert!(best <= rank && rank <= worst && worst <= of && of <= of_level, "{line:?}");
            }
        }
    }
    let first = page.groups.first().and_then(|g| g.lines.first()).map(|l| l.place);
    assert!(matches!(first, Some(Place::Ranked { rank: 1, .. })), "{first:?}");
}

#[test]
fn search_folds_diacritics_and_keeps_to_the_level() {
    let sample = Sample::city(1_000);
    let lines = |address: &str| {
        let page = sample.with(|data| city_page(data, &sample.collected, STAMP, &query(address)));
        page.groups.iter().flat_map(|g| &g.lines).map(|l| l.name.clone()).collect::<Vec<_>>()
    };
    let found = lines("tim=BINH THUY");
    assert!(
        found.iter().any(|n| n.starts_with("Quận Bình Th")) && found.iter().any(|n| n.starts_with("Phường Bình Th")),
        "{found:?}"
    );
    assert!(lines("tim=binh thuy&cap=quan-huyen").iter().all(|n| n.starts_with("Quận")));
    assert_eq!(lines("cap=quan-huyen").len(), 9);
}

#[test]
fn an_explanation_uses_the_counts_of_its_own_figure() {
    let sample = Sample::small(&[&[5, 5, 5, 4, 4, 4, 4, 3, 3, 2], &[]]);
    let html = agency_html(&sample, "", "p1");
    // 10 people, 7 satisfied with all: factor 1 has 4 criteria, so 28 of 40.
    assert!(html.contains(">28</td>") && html.contains(">40</td>") && html.contains("70,00%"));
    assert!(html.contains("(70,00% + 70,00% + 70,00% + 70,00% + 70,00%) : 5 = 70,00%"));
}

#[test]
fn an_unknown_agency_is_none() {
    let sample = Sample::small(&[&[4], &[]]);
    assert!(sample.with(|data| agency_page(data, &sample.collected, STAMP, &query(""), "p9")).is_none());
    assert!(sample.with(|data| agency_page(data, &sample.collected, STAMP, &query(""), "P1")).is_some());
}

#[test]
fn a_criterion_is_marked_only_where_its_whole_interval_lies_lower() {
    let sample = Sample::city(14_000);
    for agency in &sample.agencies {
        let page = sample.with(|data| agency_page(data, &sample.collected, STAMP, &query(""), &agency.code));
        let page = page.expect("the agency");
        for line in page.criteria.iter().filter(|c| c.clearly_lower) {
            let (own, index) = (line.figure.interval(), page.headline.figure.interval());
            assert!(own.zip(index).is_some_and(|(own, index)| own.1 < index.0));
        }
    }
}

#[test]
fn english_pages_are_english() {
    let sample = Sample::city(1_000);
    let html = city_html(&sample, "lang=en");
    assert!(html.contains("Satisfaction index") && html.contains("from ") && !html.contains("Xếp hạng"));
    assert_eq!(Query::from_pairs([("lang", "en")]).lang, Lang::En);
}
