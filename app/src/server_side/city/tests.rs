//! The embedded city, and what a malformed one is told.

use super::*;
use crate::domain::agency::Level;

fn city() -> City {
    City::load().unwrap()
}

fn day(y: i32, m: u32, d: u32) -> i32 {
    day_number(NaiveDate::from_ymd_opt(y, m, d).unwrap())
}

fn count(city: &City, level: Level, day: i32) -> usize {
    city.units(level, day).count()
}

fn labels(city: &City, query: &str, day: i32) -> Vec<String> {
    city.search(query, day, 10).into_iter().map(|a| city.label(a)).collect()
}

#[test]
fn the_city_of_2018_has_20_agencies_9_districts_and_85_communes() {
    let (city, day) = (city(), day(2018, 6, 1));
    assert_eq!(Level::ALL.iter().map(|l| count(&city, *l, day)).collect::<Vec<_>>(), [20, 9, 85]);
    let kinds = |kind: &str| city.units(Level::Commune, day).filter(|a| a.kind == kind).count();
    assert_eq!([kinds("phường"), kinds("xã"), kinds("thị trấn")], [44, 36, 5]);
}

#[test]
fn mergers_take_effect_on_their_day_and_leave_103_units_without_districts() {
    let city = city();
    for (day, units) in [
        (day(2019, 12, 31), 85),
        (day(2020, 1, 1), 83),
        (day(2024, 10, 31), 83),
        (day(2024, 11, 1), 80),
        (day(2025, 6, 30), 80),
        (day(2025, 7, 1), 103),
    ] {
        assert_eq!(count(&city, Level::Commune, day), units, "day {day}");
    }
    assert_eq!(count(&city, Level::District, day(2025, 6, 30)), 9);
    assert_eq!(count(&city, Level::District, day(2025, 7, 1)), 0);
    let today = day(2025, 7, 1);
    let kinds = |kind: &str| city.units(Level::Commune, today).filter(|a| a.kind == kind).count();
    assert_eq!([kinds("phường"), kinds("xã")], [31, 72]);
}

#[test]
fn every_code_is_unique_on_every_day_and_every_key_at_all_times() {
    let city = city();
    let mut keys = HashSet::new();
    assert!(city.agencies().iter().all(|a| keys.insert(a.id)));
    // Between two changes nothing changes, so the days on which something begins or ends are all days.
    let days: HashSet<i32> =
        city.agencies().iter().flat_map(|a| std::iter::once(a.valid_from).chain(a.valid_to)).collect();
    for day in days {
        let mut codes = HashSet::new();
        assert!(city.agencies_on(day).all(|a| codes.insert(&a.code)), "day {day}");
    }
}

#[test]
fn every_record_lies_within_its_parent_and_every_successor_begins_when_it_ends() {
    let city = city();
    for agency in city.agencies() {
        if let Some(id) = agency.parent {
            let parent = city.get(id).unwrap();
            assert!(parent.valid_from <= agency.valid_from, "{}", agency.name);
            assert!(parent.valid_to.is_none_or(|end| agency.valid_to.is_some_and(|to| to <= end)), "{}", agency.name);
            assert!(parent.level <= agency.level);
        }
        for id in &agency.successors {
            assert_eq!(agency.valid_to.map(|to| to + 1), Some(city.get(*id).unwrap().valid_from), "{}", agency.name);
        }
    }
}

#[test]
fn one_code_is_another_unit_on_another_day() {
    let city = city();
    let name = |code, day| city.by_code(code, day).map(|a| a.name.as_str());
    assert_eq!(name("31135", day(2018, 6, 1)), Some("Phường Tân An"));
    assert_eq!(name("31135", day(2025, 7, 1)), Some("Phường Ninh Kiều"));
    assert_eq!(name("31147", day(2018, 6, 1)), Some("Phường Hưng Lợi"));
    assert_eq!(name("31147", day(2025, 7, 1)), Some("Phường Tân An"));
    assert_eq!(name("31153", day(2018, 6, 1)), Some("Phường Châu Văn Liêm"));
    assert_eq!(name("31153", day(2025, 7, 1)), Some("Phường Ô Môn"));
    assert_eq!(name("31132", day(2020, 1, 1)), None);
    assert_eq!(name("SO-NOI-VU", day(2018, 6, 1)), Some("Sở Nội vụ"));
}

#[test]
fn successors_lead_from_a_ward_of_2018_to_the_unit_of_2025() {
    let city = city();
    let follow = |code: &str| {
        let mut agency = city.by_code(code, day(2018, 6, 1)).unwrap();
        let mut path = vec![agency.name.clone()];
        while let Some(next) = agency.successors.first() {
            agency = city.get(*next).unwrap();
            path.push(agency.name.clone());
        }
        path
    };
    assert_eq!(follow("31132"), ["Phường An Hội", "Phường Tân An", "Phường Ninh Kiều"]);
    assert_eq!(follow("31126"), ["Phường An Nghiệp", "Phường Thới Bình", "Phường Ninh Kiều"]);
    assert_eq!(follow("31267"), ["Xã Thới Thạnh", "Phường Ô Môn"]);
    assert_eq!(follow("31213"), ["Phường Tân Lộc", "Phường Tân Lộc"]);
    // No source of ours says who took over Long Tuyền, which was split.
    assert_eq!(follow("31183"), ["Phường Long Tuyền"]);
}

#[test]
fn the_two_thanh_an_of_vinh_thanh_are_told_apart() {
    let labels = labels(&city(), "Thạnh An", day(2018, 6, 1));
    assert_eq!(labels, ["Thị trấn Thạnh An, huyện Vĩnh Thạnh", "Xã Thạnh An, huyện Vĩnh Thạnh"]);
}

#[test]
fn search_does_not_care_where_the_tone_stands_or_whether_there_is_one() {
    let city = city();
    for day in [day(2018, 6, 1), day(2025, 7, 1)] {
        let plain = labels(&city, "hoa an", day);
        assert!(!plain.is_empty());
        assert_eq!(labels(&city, "hòa an", day), plain);
        assert_eq!(labels(&city, "hoà an", day), plain);
    }
    assert_eq!(labels(&city, "hoa an", day(2025, 7, 1)), ["Xã Hoà An, thành phố Cần Thơ"]);
}

#[test]
fn both_spellings_of_binh_thuy_are_found() {
    let city = city();
    let old = ["Quận Bình Thủy", "Phường Bình Thủy, quận Bình Thủy"];
    assert_eq!(labels(&city, "binh thuy", day(2018, 6, 1)), old);
    assert_eq!(labels(&city, "Bình Thuỷ", day(2018, 6, 1)), old);
    for query in ["binh thuy", "Bình Thủy", "Bình Thuỷ"] {
        assert_eq!(labels(&city, query, day(2025, 7, 1)), ["Phường Bình Thuỷ, thành phố Cần Thơ"]);
    }
}

#[test]
fn agencies_are_found_by_short_name_gso_code_and_identifier() {
    let (city, then) = (city(), day(2018, 6, 1));
    for (query, code) in [
        ("tn&mt", "so-tnmt"),
        ("sở tnmt", "so-tnmt"),
        ("SO LDTBXH", "so-ldtbxh"),
        ("tai nguyen", "so-tnmt"),
        ("916", "916"),
        ("31117", "31117"),
        ("H13", "tp-can-tho"),
        ("000.00.00.H13", "tp-can-tho"),
    ] {
        assert_eq!(city.search(query, then, 1).first().map(|a| a.code.as_str()), Some(code), "{query}");
    }
    assert!(city.search("H13", day(2025, 7, 1), 1).is_empty());
}

#[test]
fn every_agency_of_2018_serves_a_field() {
    let (city, day) = (city(), day(2018, 6, 1));
    let serves = |agency: &Agency| {
        city.fields().iter().flat_map(|f| &f.offered_by).any(|(who, _)| match who {
            Offerer::Level(level) => *level == agency.level,
            Offerer::Agency(code) => *code == agency.code,
        })
    };
    for level in Level::ALL {
        for agency in city.units(*level, day) {
            assert!(serves(agency), "{}", agency.name);
        }
    }
}

/// The embedded tables, one of them changed.
fn refusal(name: &str, change: impl Fn(&str) -> String) -> String {
    let changed = |file: &str| {
        let data = Data::get(file)?.data;
        if file != name {
            return Some(data);
        }
        Some(Cow::Owned(change(std::str::from_utf8(&data).unwrap()).into_bytes()))
    };
    City::from_files(changed).unwrap_err().to_string()
}

#[test]
fn a_malformed_table_is_refused_with_file_line_column_and_reason() {
    let twice = refusal(UNITS_2018, |t| t.replace("31120", "31117"));
    assert_eq!(twice, "cantho_units_2018.csv, line 3, column unit_code: \"31117\": a second time");
    let renamed = refusal(UNITS_2018, |t| t.replacen("916,Quận Ninh Kiều,31120", "916,Quận Ô Môn,31120", 1));
    assert_eq!(renamed, "cantho_units_2018.csv, line 3, column district: 916 was \"Quận Ninh Kiều\" above");
    let kind = refusal(UNITS_2025, |t| t.replacen("Phường Cái Khế,phường", "Phường Cái Khế,xã", 1));
    assert_eq!(kind, "cantho_units_2025.csv, line 2, column unit: must begin with \"xã\"");
    let code = refusal(CITY_AGENCIES, |t| t.replace("so-noi-vu", "Sở"));
    assert_eq!(code, "agencies_city_2018.csv, line 3, column code: \"Sở\": only a-z, 0-9 and hyphens");
    let gone = refusal(CHANGES, |t| t.replace("31135 31132", "31135 99999"));
    assert_eq!(gone, "changes.csv, line 2, column from: no unit 99999 on the day before");
    let nobody = refusal(FIELDS, |t| t.replace("so-tnmt:70", "so-la:70"));
    assert_eq!(nobody, "fields_2018.csv, line 4, column offered_by: no agency \"so-la\"");
}

#[test]
fn a_missing_table_is_named() {
    let error = City::from_files(|name| (name != FIELDS).then(|| Data::get(name).unwrap().data)).unwrap_err();
    assert_eq!(error.to_string(), "fields_2018.csv: no such file");
}
