use super::*;
use crate::domain::text::Lang;

const DAY: i32 = 17_000;

fn row(line: u64, code: &str, name: &str, parent: &str) -> AgencyRow {
    AgencyRow {
        line,
        code: code.to_owned(),
        name: name.to_owned(),
        kind: if name.starts_with("Bệnh viện") { "bệnh viện" } else { "sở" }.to_owned(),
        level: Level::City,
        parent: parent.to_owned(),
        valid_from: DAY,
        valid_to: None,
        successors: Vec::new(),
        aliases: Vec::new(),
    }
}

fn known() -> HashMap<AgencyId, Agency> {
    let rows = [row(2, "can-tho", "Thành phố Cần Thơ", ""), row(3, "so-y-te", "Sở Y tế", "can-tho")];
    plan(&HashMap::new(), &rows).expect("two good rows").new.into_iter().map(|a| (a.id, a)).collect()
}

fn faults(known: &HashMap<AgencyId, Agency>, rows: &[AgencyRow]) -> Vec<String> {
    plan(known, rows).expect_err("refused").iter().map(|fault| fault.words(Lang::En)).collect()
}

#[test]
fn every_bad_row_is_named_and_nothing_of_the_file_is_used() {
    let rows = [
        row(2, "bv-a", "Bệnh viện A", "so-y-te"),
        row(3, "bv-b", "Bệnh viện B", "nowhere"),
        AgencyRow { valid_to: Some(DAY - 1), ..row(4, "bv-c", "Bệnh viện C", "so-y-te") },
        row(5, "bv-a", "Bệnh viện A cơ sở 2", "so-y-te"),
        row(6, "bv-d", "Bệnh viện D", "bv-d"),
        AgencyRow { successors: vec!["bv-a".into()], ..row(7, "bv-e", "Bệnh viện E", "so-y-te") },
    ];
    let said = faults(&known(), &rows);
    assert_eq!(said.len(), 5, "{said:#?}");
    for (said, start) in said.iter().zip([
        "line 3, column parent: no agency bears the code nowhere",
        "line 4, column valid_to: the last day is before the first",
        "line 5, column code: bv-a stands twice",
        "line 6, column parent: is the agency itself",
        "line 7, column successors: only with a last day",
    ]) {
        assert!(said.starts_with(start), "{said}");
    }
}

#[test]
fn a_name_or_kind_that_was_known_otherwise_is_refused_with_what_to_do() {
    let mut known = known();
    let hospital = plan(&known, &[row(2, "bv-a", "Bệnh viện A", "so-y-te")]).expect("good").new.remove(0);
    known.insert(hospital.id, hospital);
    let renamed = AgencyRow { kind: "phòng khám".into(), ..row(2, "bv-a", "Bệnh viện Đa khoa A", "can-tho") };
    let said = faults(&known, &[renamed]);
    assert!(said[0].starts_with("line 2, column name: the record is named \"Bệnh viện A\""), "{said:?}");
    assert!(said[1].starts_with("line 2, column kind: the record's kind is \"bệnh viện\""), "{said:?}");
    assert!(said[2].starts_with("line 2, column parent: the record belongs to another"), "{said:?}");

    // As the advice says: the old record ends, the new one begins the day after.
    let rows = [
        AgencyRow {
            valid_to: Some(DAY + 99),
            successors: vec!["bv-a".into()],
            ..row(2, "bv-a", "Bệnh viện A", "so-y-te")
        },
        AgencyRow { valid_from: DAY + 100, ..row(3, "bv-a", "Bệnh viện Đa khoa A", "so-y-te") },
    ];
    let plan = plan(&known, &rows).expect("good");
    assert_eq!((plan.new.len(), plan.ended.len(), plan.successors.len(), plan.unchanged), (1, 1, 1, 0));
    assert_eq!(plan.successors[0].1, plan.new[0].id);
}

#[test]
fn two_records_of_a_code_never_hold_on_one_day() {
    let later = AgencyRow { valid_from: DAY + 5, ..row(2, "so-y-te", "Sở Y tế và Dân số", "can-tho") };
    let said = faults(&known(), &[later]);
    assert!(said[0].starts_with("line 2, column code: \"Sở Y tế\" bears the same code"), "{said:?}");
}

#[test]
fn a_file_that_was_sent_before_changes_nothing() {
    let rows = [row(2, "bv-a", "Bệnh viện A", "so-y-te"), row(3, "bv-b", "Bệnh viện B", "bv-a")];
    let mut known = known();
    let first = plan(&known, &rows).expect("good");
    assert_eq!(first.new.iter().map(|a| a.code.as_str()).collect::<Vec<_>>(), ["bv-a", "bv-b"], "parents first");
    known.extend(first.new.into_iter().map(|a| (a.id, a)));
    let again = plan(&known, &rows).expect("good");
    assert!(again.is_empty() && again.unchanged == 2, "{again:?}");
}

#[test]
fn rings_of_parents_are_refused() {
    let rows = [row(2, "a", "Sở A", "b"), row(3, "b", "Sở B", "a")];
    let said = faults(&HashMap::new(), &rows);
    assert!(said.iter().all(|said| said.contains("ring")) && said.len() == 2, "{said:?}");
}
