//! The 22 criteria of the administrative form, its method, and respondents as short strings.

use serde_json::json;

use crate::domain::answer::{Answer, Sheet, Value};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{Agency, LeftOut, Stratum};
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::tally::{Shape, Tally};

/// Criteria of each factor.
pub(crate) const SIZES: [usize; 5] = [4, 5, 6, 3, 4];

/// 22 criteria in 5 factors, the last one optional, and one question with two options.
pub(crate) fn questionnaire() -> Questionnaire {
    let text = |t: &str| json!({ "vi": t, "en": t });
    let factors: Vec<_> = SIZES
        .iter()
        .enumerate()
        .map(|(f, size)| {
            let criteria: Vec<_> = (1..=*size)
                .map(|c| json!({ "code": format!("{}.{c}", f + 1), "text": text("c"), "source": "sourced" }))
                .collect();
            let code = (f + 1).to_string();
            json!({ "code": code, "name": text("f"), "optional": f == 4, "criteria": criteria })
        })
        .collect();
    serde_json::from_value(json!({
        "key": "thu", "version": 1, "title": text("thử"), "short_title": text("thử"), "service": "administrative",
        "method": "thu", "legal_basis": [], "source_note": text("thử"), "tap": text("thử"),
        "scale": { "labels": [], "not_applicable": text("không") }, "factors": factors,
        "questions": [{ "code": "tre-hen", "purpose": "fact", "kind": "single", "source": "sourced", "text": text("hẹn"),
            "options": [{ "code": "co", "text": text("có") }, { "code": "khong", "text": text("không") }] }],
    }))
    .unwrap()
}

/// Mean of factors, pooled by N, ranks from 30 responses and 5 points.
pub(crate) fn method() -> Method {
    serde_json::from_value(json!({
        "key": "thu", "version": 1, "title": { "vi": "thử", "en": "trial" }, "source": "reference", "legal_basis": [],
        "overall": "mean_of_factors", "city": "pooled_by_n", "satisfied_from": 4, "min_factor_respondents": 5,
        "rank_min_n": 30, "rank_max_half_width": 0.05,
    }))
    .unwrap()
}

pub(crate) fn shape() -> Shape {
    Shape::new(&questionnaire(), &method())
}

/// A sheet of 22 figures; 0 is "không áp dụng", anything else than 0 to 5 is blank.
pub(crate) fn sheet(figures: &[u8]) -> Sheet {
    let answers = figures.iter().map(|f| Answer::from_figure(i64::from(*f)).unwrap_or_default()).collect();
    Sheet { tap: None, answers, values: vec![Value::Blank] }
}

/// A sheet with the same figure everywhere.
pub(crate) fn all(figure: u8) -> Sheet {
    sheet(&[figure; 22])
}

/// A sheet that is satisfied with the first `satisfied[F]` criteria of each factor and not with the others.
pub(crate) fn pattern(satisfied: [usize; 5]) -> Sheet {
    let figures = SIZES.iter().zip(satisfied).flat_map(|(size, k)| (0..*size).map(move |c| if c < k { 5 } else { 2 }));
    sheet(&figures.collect::<Vec<_>>())
}

/// The tally of sheets, each as often as said.
pub(crate) fn tally(shape: &Shape, sheets: &[(Sheet, i64)]) -> Tally {
    let mut tally = Tally::zero(shape);
    for (sheet, times) in sheets {
        tally.add(shape, sheet, *times, true);
    }
    tally
}

/// An agency of strata (N, tally), keyed from 1 within the agency.
pub(crate) fn agency<'a>(id: i32, strata: &[(Option<i64>, &'a Tally)]) -> Agency<'a> {
    let strata = strata.iter().zip(1..).map(|((population, tally), stratum)| Stratum {
        id: StratumId(100 * id + stratum),
        population: *population,
        tally,
    });
    Agency { id: AgencyId(id), strata: strata.collect(), left_out: LeftOut::default() }
}
