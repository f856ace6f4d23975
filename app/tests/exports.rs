//! Files that people take along, made of a stored city: refusals first, then that every file says what the page says.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails loudly")]

#[path = "support/signed_in.rs"]
mod signed_in;
#[path = "support/stored_city.rs"]
mod stored_city;
#[path = "support/unzip.rs"]
mod unzip;

use std::collections::{BTreeMap, BTreeSet};

use app::components::page::SiteInfo;
use app::domain::ids::AgencyId;
use app::domain::response::Stream;
use app::domain::role::{Export, Role};
use app::domain::text::Lang;
use app::pages::results::shown::Shown;
use app::server_side::export::microdata::{Kept, Plan, Refused, responses_csv};
use app::server_side::export::report::{self, Office};
use app::server_side::export::tables::{Cell, Pages, tables};
use app::server_side::export::{csv, json, tame, xlsx};
use app::server_side::index_file;
use futures::TryStreamExt as _;
use serde_json::Value;
use stored_city::{StoredCity, everything};
use unzip::unzip;

const KEY: [u8; 32] = [7; 32];

async fn responses(city: &StoredCity, plan: Plan, key: [u8; 32]) -> String {
    let may = city.admin.may().expect("an administrator exports");
    responses_of(city, may, plan, key).await
}

async fn responses_of(city: &StoredCity, may: Export, plan: Plan, key: [u8; 32]) -> String {
    let questionnaire = city.context.questionnaire.clone();
    let chunks: Vec<Vec<u8>> =
        responses_csv(city.store.clone(), may, questionnaire, plan, key).try_collect().await.expect("the answers");
    assert!(chunks.iter().all(|chunk| chunk.len() < 70_000), "a chunk is small whatever the file");
    String::from_utf8(chunks.concat()).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_still_takes_answers_gives_none_of_them_away() {
    let mut city = StoredCity::new("export-open", 400).await;
    city.real();
    city.with(None, |source| {
        assert_eq!(Plan::new(source, everything, stored_city::NOW).err(), Some(Refused::StillOpen));
    });
    city.closed();
    city.with(None, |source| {
        assert_eq!(Plan::new(source, everything, stored_city::NOW).err(), Some(Refused::Unpublished));
    });
    city.published();
    city.with(None, |source| assert!(Plan::new(source, everything, stored_city::NOW).is_ok()));
    city.with(Some(Stream::Code), |source| {
        assert_eq!(Plan::new(source, everything, stored_city::NOW).err(), Some(Refused::NothingThere));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_takes_along_their_own_agencies_and_no_total() {
    let city = StoredCity::new("export-scope", 4_000).await;
    let agency = city.context.agencies.values().find(|a| a.name == "Quận Ninh Kiều").expect("it is there");
    let (own, code) = (agency.id, agency.code.clone());
    let scope = |agency: AgencyId| agency == own;
    let (texts, json, plan) = city.with(None, |source| {
        let texts: Vec<String> = tables(source, &scope).iter().map(csv::table).collect();
        (texts, json::document(source, &scope).expect("JSON"), Plan::new(source, &scope, stored_city::NOW).unwrap())
    });
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert!(document["city"].is_null() && document["agencies"].as_array().unwrap().len() == 1);
    // The officer's own capability, which the store asks for.
    let may = signed_in::may(&city.store, Role::AgencyOfficer, Some(own)).await;
    let answers = responses_of(&city, may, plan, KEY).await;
    for text in texts.iter().chain([&json, &answers]) {
        for agency in city.context.agencies.values().filter(|agency| agency.id != own) {
            let code = format!("{},", agency.code);
            assert!(!text.lines().any(|line| line.starts_with(&code) || line.contains(&format!(",{code}"))), "{code}");
        }
    }
    assert!(!texts.concat().contains("Toàn thành phố"));
    assert!(answers.lines().skip(1).all(|line| line.starts_with(&format!("{code},"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn few_answers_stay_in_the_house_and_it_is_said_why() {
    // A few responses an agency: most have fewer than 5, or a small field.
    let city = StoredCity::new("export-few", 900).await;
    let (plan, hidden) = city.with(None, |source| {
        let pages = Pages::new(source, everything);
        let hidden: BTreeSet<String> =
            pages.agencies.iter().filter(|p| p.headline.figure == Shown::Hidden).map(|p| p.code.clone()).collect();
        (Plan::new(source, everything, stored_city::NOW).unwrap(), hidden)
    });
    assert!(!hidden.is_empty());
    let kept: BTreeMap<String, Kept> = plan.kept().iter().cloned().collect();
    let csv = plan.kept_csv(Lang::Vi);
    for code in kept.keys() {
        assert!(csv.contains(&format!("\r\n{code},")), "{code}");
    }
    let (population, answers) = (plan.population_csv(), responses(&city, plan, KEY).await);
    let mut groups: BTreeMap<(String, String), i32> = BTreeMap::new();
    for line in answers.lines().skip(1) {
        let mut fields = line.split(',').map(str::to_owned);
        *groups.entry((fields.next().unwrap(), fields.next().unwrap())).or_default() += 1;
    }
    assert!(groups.values().all(|n| *n >= 5), "{groups:?}");
    for (agency, _) in groups.keys() {
        assert!(!kept.contains_key(agency) && !hidden.contains(agency), "{agency}");
    }
    for code in hidden.iter().chain(kept.keys()) {
        assert!(!population.contains(&format!("\n{code},")) && !answers.contains(&format!("\n{code},")), "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_page_hides_is_in_no_file() {
    let city = StoredCity::new("export-hidden", 900).await;
    city.with(None, |source| {
        let pages = Pages::new(source, everything);
        let hidden: BTreeSet<&str> =
            pages.agencies.iter().filter(|p| p.headline.figure == Shown::Hidden).map(|p| p.code.as_str()).collect();
        assert!(hidden.len() > 5, "{hidden:?}");
        let mut seen = 0;
        for table in tables(source, everything) {
            for row in &table.rows {
                let of = row.iter().find_map(|cell| match cell {
                    Cell::Text(code) if hidden.contains(code.as_str()) => Some(code.clone()),
                    _ => None,
                });
                let Some(of) = of else { continue };
                seen += 1;
                // N is known to all; the one-tap answers have their own counts.
                let shares = row.iter().filter(|cell| matches!(cell, Cell::Share(_))).count();
                let counts = row.iter().filter(|cell| matches!(cell, Cell::Count(_))).count();
                let allowed = usize::from(table.key == "xep-hang");
                assert!(table.key == "cau-hoi" || (shares == 0 && counts <= allowed), "{of} in {}: {row:?}", table.key);
            }
        }
        assert!(seen > 100, "{seen}");
    });
}

#[test]
fn no_spreadsheet_finds_a_formula() {
    for (text, tamed) in [
        ("=1+1", "'=1+1"),
        ("+84 292", "'+84 292"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("\n=1", "' =1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("a\0b", "a b"),
        ("Sở Nội vụ", "Sở Nội vụ"),
        ("", ""),
    ] {
        assert_eq!(tame(text), tamed, "{text:?}");
    }
    assert_eq!(csv::text("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    assert_eq!(csv::text("a,b"), "\"a,b\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_look_like_formulas_or_markup_do_no_harm_in_any_file() {
    let mut city = StoredCity::new("export-names", 3_000).await;
    let names = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "<b>&amp;\"\0\u{7}\u{ffff}"];
    city.rename(&names);
    city.with(None, |source| {
        for table in tables(source, everything) {
            for line in csv::table(&table).lines().skip(1) {
                for field in line.split(',') {
                    let field = field.trim_start_matches('"');
                    let number = field.parse::<f64>().is_ok();
                    let bad = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number;
                    assert!(!bad && !field.contains('\0'), "{field:?}");
                }
            }
        }
        for file in [
            xlsx::workbook(source, everything).unwrap(),
            report::docx(&report::yearly(source, everything, &Office::of_site(&SiteInfo::default()))).unwrap(),
        ] {
            for (name, content) in unzip(&file) {
                if std::path::Path::new(&name).extension().is_some_and(|end| end == "png") {
                    continue;
                }
                let text = String::from_utf8(content).expect("UTF-8");
                assert!(!text.contains("<f>") && !text.contains("<b>&amp;amp"), "{name}");
                assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{ffff}'), "{name}");
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_the_answers_hangs_on_the_key_and_not_on_who_came_first() {
    let city = StoredCity::new("export-order", 3_000).await;
    let plan = || city.with(None, |source| Plan::new(source, everything, stored_city::NOW).unwrap());
    let (one, again, other) = (
        responses(&city, plan(), KEY).await,
        responses(&city, plan(), KEY).await,
        responses(&city, plan(), [8; 32]).await,
    );
    assert_eq!(one, again);
    assert_ne!(one, other);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&one), sorted(&other));
    // The same people in the opposite order of arrival, under other ids: the same file, byte for byte.
    let turned = StoredCity::turned("export-order-turned", 3_000).await;
    let turned_plan = turned.with(None, |source| Plan::new(source, everything, stored_city::NOW).unwrap());
    assert_eq!(responses(&turned, turned_plan, KEY).await, one);
}

/// The figures of `hailong index` on what was exported.
async fn computed_again(city: &StoredCity, stream: Stream) -> (Value, Plan) {
    let plan = city.with(Some(stream), |source| Plan::new(source, everything, stored_city::NOW).unwrap());
    let answers = responses(city, plan.clone(), KEY).await;
    let population = plan.population_csv();
    let (questionnaire, method) = (&city.context.questionnaire, &city.context.method);
    let report = index_file::run(answers.as_bytes(), population.as_bytes(), questionnaire, method);
    let report = report.unwrap_or_else(|e| panic!("{}", e.message("RESPONSES", "POPULATION")));
    (serde_json::from_str(&report.to_json().expect("JSON")).expect("JSON"), plan)
}

/// How large the city is in which all figures are held against each other: 40,000 responses, or as many as
/// `HAILONG_EQUALITY` says.
#[expect(clippy::disallowed_methods, reason = "the size of a test comes from who runs it")]
fn equality_responses() -> usize {
    const USUAL: usize = 40_000;
    std::env::var("HAILONG_EQUALITY").ok().and_then(|n| n.parse().ok()).unwrap_or(USUAL)
}

#[tokio::test(flavor = "multi_thread")]
async fn page_json_workbook_and_answers_through_hailong_index_say_the_same() {
    let city = StoredCity::new("export-equal", equality_responses()).await;
    for stream in [Stream::Sample, Stream::Open] {
        let (again, plan) = computed_again(&city, stream).await;
        assert!(plan.n_agencies() > 60, "{} {:?}", plan.n_agencies(), plan.kept());
        city.with(Some(stream), |source| {
            let pages = Pages::new(source, everything);
            let json: Value = serde_json::from_str(&json::document(source, everything).unwrap()).unwrap();
            let sheets = unzip(&xlsx::workbook(source, everything).unwrap());
            let sheet = |title: &str| {
                let tables = tables(source, everything);
                let at = tables.iter().position(|t| t.title == title).unwrap() + 1;
                let name = format!("xl/worksheets/sheet{at}.xml");
                String::from_utf8(sheets.iter().find(|(n, _)| *n == name).unwrap().1.clone()).unwrap()
            };
            let (ranking, criteria) = (sheet("Xếp hạng"), sheet("Tiêu chí"));
            for line in again["agencies"].as_array().unwrap() {
                let code = line["agency"].as_str().unwrap();
                let page = pages.agencies.iter().find(|p| p.code == code).unwrap();
                let json = json["agencies"].as_array().unwrap().iter().find(|a| a["agency"]["code"] == code).unwrap();
                let Shown::Known { value, .. } = page.headline.figure else { panic!("{code} was exported") };
                let index = line["overall"]["mean_of_factors"]["index"].as_f64().unwrap();
                assert!((index - value).abs() < 1e-12, "{stream:?} {code}: {index} and {value}");
                // Reading a number back may lose its last bit; the text itself has them all.
                assert!((json["figure"]["share"].as_f64().unwrap() - value).abs() < 1e-15, "{code}");
                assert_eq!(json["n"], line["n"], "{code}");
                assert!(ranking.contains(&format!("<v>{value}</v>")), "{code}");
                for (line, page) in line["criteria"].as_array().unwrap().iter().zip(&page.criteria) {
                    let Some(share) = page.figure.value() else { continue };
                    let index = line["index"].as_f64().unwrap();
                    assert!((index - share).abs() < 1e-12, "{code} {}: {index} and {share}", page.code);
                    assert!(criteria.contains(&format!("<v>{share}</v>")), "{code} {}", page.code);
                }
                if let Some((low, high)) = page.headline.figure.interval() {
                    // The design ratio is that of the whole round, and the file lacks the agencies that are kept back:
                    // the limits then agree to a part of their width. `reference_database` holds them to 1e-9.
                    let slack = if plan.kept().is_empty() { 1e-9 } else { (high - low) / 50.0 };
                    let ci = &line["overall"]["mean_of_factors"]["ci95"];
                    let [from, to] = [ci[0].as_f64().unwrap(), ci[1].as_f64().unwrap()];
                    assert!((from - low).abs() < slack && (to - high).abs() < slack, "{code}: {ci} {low} {high}");
                } else {
                    assert!(line["overall"]["mean_of_factors"]["ci95"].is_null(), "{stream:?} {code}");
                }
            }
        });
    }
}
