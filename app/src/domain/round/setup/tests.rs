use super::*;
use crate::domain::agency::Level;
use crate::domain::ids::RoundId;
use crate::domain::text::Lang;

fn typed() -> TypedRound {
    TypedRound {
        code: "y-te-2026".into(),
        name_vi: "Đợt đo lường y tế năm 2026".into(),
        name_en: String::new(),
        questionnaire: "y-te-noi-tru-2019@1".into(),
        method: String::new(),
        period_from: "2026-01-01".into(),
        period_to: "2026-12-31".into(),
        opens: "2026-11-01T07:30".into(),
        closes: "2026-12-15T17:00".into(),
        fields: "noi; Khoa Nội; Internal medicine\n\nngoai; Khoa Ngoại\n".into(),
    }
}

#[test]
fn everything_that_is_wrong_with_a_form_is_said_at_once() {
    let bad = TypedRound {
        code: "Y tế".into(),
        name_vi: " ".into(),
        period_to: "2025-12-31".into(),
        closes: "2026-11-01T07:30".into(),
        fields: "noi".into(),
        ..typed()
    };
    let faults = bad.read().expect_err("refused");
    let columns: Vec<&str> = faults.iter().map(|fault| fault.column.as_str()).collect();
    assert_eq!(columns, ["ma", "ten", "tu-ngay", "mo", "linh-vuc"]);
}

#[test]
fn a_good_form_becomes_a_round_of_local_time() {
    let draft = typed().read().expect("good");
    assert_eq!(draft.closes_at - draft.opens_at, (44 * 24 * 60 + 9 * 60 + 30) * 60_000);
    assert_eq!(draft.name.en, draft.name.vi, "no English name is the Vietnamese one");
    let fields: Vec<(&str, &str)> = draft.fields.iter().map(|f| (f.code.as_str(), f.name.en.as_str())).collect();
    assert_eq!(fields, [("noi", "Internal medicine"), ("ngoai", "Khoa Ngoại")]);
    for twice in ["noi; A\nnoi; B", "noi; ", "Nội; A"] {
        assert!(TypedRound { fields: twice.into(), ..typed() }.read().is_err(), "{twice}");
    }
}

fn city() -> HashMap<AgencyId, Agency> {
    let agency = |id: i32, code: &str| Agency {
        id: AgencyId(id),
        code: code.to_owned(),
        name: code.to_owned(),
        kind: "bệnh viện".into(),
        level: Level::City,
        parent: None,
        valid_from: 0,
        valid_to: None,
        aliases: vec![],
        successors: vec![],
    };
    [agency(1, "bv-a"), agency(2, "bv-b")].into_iter().map(|a| (a.id, a)).collect()
}

fn round() -> Round {
    let draft = typed().read().expect("good");
    Round {
        id: RoundId(1),
        code: draft.code,
        name: draft.name,
        questionnaire: ("y-te-noi-tru-2019".into(), 1),
        method: ("y-te-2019".into(), 1),
        period: draft.period,
        opens_at: Some(draft.opens_at),
        closes_at: Some(draft.closes_at),
        fields: draft.fields,
        step: 5,
        sample_data: false,
    }
}

fn row(line: u64, code: &str, field: &str, population: &str) -> PopulationRow {
    PopulationRow { line, code: code.into(), field: field.into(), population: population.into() }
}

#[test]
fn every_row_that_cannot_be_used_is_named_and_nothing_is_half_done() {
    let strata = [Stratum { id: StratumId(1), agency: AgencyId(2), field: None, population: Some(9) }];
    let rows = [
        row(2, "bv-x", "", "100"),
        row(3, "bv-a", "khoa-mat", "100"),
        row(4, "bv-a", "", "nhiều"),
        row(5, "bv-a", "", "0"),
        row(6, "bv-a", "", "1.200"),
        row(7, "bv-a", "", "1200"),
        row(8, "bv-b", "noi", "100"),
    ];
    let faults = population_plan(&round(), &strata, &city(), &HashSet::new(), &rows).expect_err("refused");
    let said: Vec<String> = faults.iter().map(|fault| fault.words(Lang::En)).collect();
    for (said, start) in said.iter().zip([
        "line 2, column agency: no agency",
        "line 3, column field: the round has no field",
        "line 4, column n: \"nhiều\"",
        "line 5, column n: \"0\"",
        "line 7, column agency: \"bv-a\" stands twice",
        "line 8, column field: \"bv-b\" has an N as a whole",
    ]) {
        assert!(said.starts_with(start), "{said}");
    }
    assert_eq!(said.len(), 6, "{said:#?}");
}

#[test]
fn an_agency_with_responses_keeps_its_strata_and_may_get_another_n() {
    let strata = [Stratum { id: StratumId(1), agency: AgencyId(1), field: Some(0), population: Some(9) }];
    let answered = HashSet::from([AgencyId(1)]);
    let plan = population_plan(&round(), &strata, &city(), &answered, &[row(0, "bv-a", "noi", "10")]).expect("good");
    assert_eq!(plan.changed, [(StratumId(1), Some(10))]);
    let more = population_plan(&round(), &strata, &city(), &answered, &[row(0, "bv-a", "ngoai", "10")]);
    assert!(more.expect_err("refused")[0].words(Lang::Vi).contains("đã có phiếu"));
}
