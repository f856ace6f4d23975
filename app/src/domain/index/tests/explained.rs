use super::fixture::{agency, all, method, pattern, questionnaire, shape, tally};
use crate::domain::index;

#[test]
fn an_explanation_puts_its_own_numbers_into_the_formulas() {
    let (shape, questionnaire, method) = (shape(), questionnaire(), method());
    let answers = tally(&shape, &[(all(5), 30), (pattern([2, 5, 3, 3, 4]), 10)]);
    let subject = agency(1, &[(Some(200), &answers)]);
    let figures = index::agency(&shape, &method, &subject).figures;
    let explanation = index::explain(&shape, &questionnaire, &method, &subject, &figures).unwrap();
    assert_eq!((explanation.n, explanation.population, explanation.method.1), (40, Some(200), 1));
    let formulas: Vec<&str> = explanation.steps.iter().map(|s| s.formula.vi.as_str()).collect();
    assert_eq!(formulas[0], "140 / 160 = 87,50%");
    assert_eq!(formulas[2], "210 / 240 = 87,50%");
    assert_eq!(formulas[5], "(87,50% + 100,00% + 87,50% + 100,00% + 100,00%) / 5 = 95,00%");
    assert!(formulas[6].starts_with("logit(0,950000) ± 2,0227 × "), "{}", formulas[6]);
    assert_eq!(explanation.steps[6].formula.en.matches('.').count(), formulas[6].matches(',').count());
}

#[test]
fn strata_show_their_weights_and_a_factor_that_does_not_count_says_so() {
    let (shape, questionnaire, mut method) = (shape(), questionnaire(), method());
    let mut without = [4; 22];
    without[18..].fill(9);
    let few = [(super::fixture::sheet(&without), 20), (all(2), 4)];
    let (first, second) = (tally(&shape, &few), tally(&shape, &[(super::fixture::sheet(&without), 10)]));
    let subject = agency(1, &[(Some(240), &first), (Some(50), &second)]);
    let figures = index::agency(&shape, &method, &subject).figures;
    let explanation = index::explain(&shape, &questionnaire, &method, &subject, &figures).unwrap();
    let formulas: Vec<&str> = explanation.steps.iter().map(|s| s.formula.en.as_str()).collect();
    assert_eq!(formulas[..2], ["240 / 24 = 10.0000", "50 / 10 = 5.0000"]);
    assert_eq!(formulas[2], "1000 / 1160 = 86.21%");
    assert_eq!((formulas[6], explanation.steps[6].what.en.contains("answered by 4 only")), ("–", true));
    method.overall = crate::domain::method::OverallRule::Pooled;
    let figures = index::agency(&shape, &method, &subject).figures;
    let explanation = index::explain(&shape, &questionnaire, &method, &subject, &figures).unwrap();
    assert!(explanation.steps.iter().any(|s| s.formula.en == "4500 / 5380 = 83.64%"));
}

#[test]
fn what_has_no_index_has_no_explanation() {
    let (shape, questionnaire, method) = (shape(), questionnaire(), method());
    let nothing = tally(&shape, &[]);
    let subject = agency(1, &[(Some(200), &nothing)]);
    let figures = index::agency(&shape, &method, &subject).figures;
    assert_eq!(index::explain(&shape, &questionnaire, &method, &subject, &figures), None);
}
