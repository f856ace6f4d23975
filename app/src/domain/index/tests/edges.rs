use serde_json::json;

use super::fixture::{agency, all, method, pattern, shape, tally};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{self, Absence, Basis, Figure, NoInterval, Uncertainty};
use crate::domain::method::{CityRule, OverallRule};
use crate::domain::stats::Z95;

fn why(figure: &Figure) -> NoInterval {
    match figure.as_ref().unwrap().uncertainty() {
        Uncertainty::None { why } => why,
        other => panic!("{other:?}"),
    }
}

fn close(got: f64, wanted: f64) {
    assert!((got - wanted).abs() <= 1e-12 * wanted.abs(), "got {got}, wanted {wanted}");
}

#[test]
fn nobody_asked_is_no_figure_and_the_stratum_is_listed() {
    let (shape, method) = (shape(), method());
    let (some, none) = (tally(&shape, &[(all(5), 10), (all(2), 10)]), tally(&shape, &[]));
    let empty = index::agency(&shape, &method, &agency(1, &[(Some(100), &none)])).figures;
    assert_eq!(empty.index(), &Err(Absence::NobodyAnswered));
    assert_eq!((empty.n, empty.df, empty.population), (0, 0, Some(100)));

    // Beside a stratum with responses it is outside the sums.
    let both = index::agency(&shape, &method, &agency(1, &[(Some(100), &some), (Some(300), &none)])).figures;
    let alone = index::agency(&shape, &method, &agency(1, &[(Some(100), &some)])).figures;
    assert_eq!(both.index(), alone.index());
    assert_eq!(both.unmeasured().map(|s| s.stratum).collect::<Vec<_>>(), [StratumId(102)]);
    assert_eq!((both.population, both.population_measured, both.coverage()), (Some(400), Some(100), Some(0.25)));
}

#[test]
fn a_single_respondent_has_an_index_without_interval_and_so_has_every_sum_with_it() {
    let (shape, mut method) = (shape(), method());
    method.min_factor_respondents = 1;
    let (one, many) = (tally(&shape, &[(all(5), 1)]), tally(&shape, &[(all(5), 10), (all(2), 10)]));
    let (first, second) = (agency(1, &[(Some(50), &one)]), agency(2, &[(Some(100), &many)]));
    let results = index::agencies(&shape, &method, &[first.clone(), second.clone()]);
    let single = NoInterval::SingleRespondent { stratum: StratumId(101) };
    assert_eq!(why(results[0].figures.index()), single);
    assert_eq!(why(&results[0].figures.criteria[0].figure), single, "not even Wilson's at 100 %");
    assert!(results[1].figures.estimate().unwrap().interval().is_some());
    let city = index::group(&shape, &method, &[(&first, &results[0]), (&second, &results[1])]);
    assert_eq!(why(city.pooled_by_n.index()), single);
    assert_eq!(why(&city.mean_of_units), NoInterval::UnitWithout { agency: AgencyId(1) });
}

#[test]
fn everybody_asked_is_a_census_and_one_respondent_of_one_is_one_too() {
    let (shape, mut method) = (shape(), method());
    method.min_factor_respondents = 1;
    let (one, many) = (tally(&shape, &[(all(5), 1)]), tally(&shape, &[(all(5), 12), (all(2), 8)]));
    let census = index::agency(&shape, &method, &agency(1, &[(Some(20), &many), (Some(1), &one)])).figures;
    let estimate = census.estimate().unwrap();
    assert_eq!(estimate.uncertainty(), Uncertainty::Census);
    close(estimate.value(), 13.0 / 21.0);
    assert_eq!((estimate.se(), estimate.interval(), estimate.half_width()), (Some(0.0), None, Some(0.0)));

    // A census stratum adds no variance to a sampled one, and does not stop the interval.
    let mixed = index::agency(&shape, &method, &agency(1, &[(Some(90), &many), (Some(1), &one)])).figures;
    assert!(mixed.estimate().unwrap().interval().is_some());
}

#[test]
fn more_responses_than_dossiers_take_every_figure_and_name_the_stratum() {
    let (shape, method) = (shape(), method());
    let many = tally(&shape, &[(all(5), 12), (all(2), 8)]);
    let (wrong, right) = (agency(1, &[(Some(100), &many), (Some(19), &many)]), agency(2, &[(Some(100), &many)]));
    let all = [wrong.clone(), right.clone()];
    let results = index::agencies(&shape, &method, &all);
    let absence = Absence::MoreThanPopulation { agency: AgencyId(1), stratum: StratumId(102), n: 20, population: 19 };
    assert_eq!(results[0].figures.index(), &Err(absence));
    assert_eq!(results[0].figures.criteria[3].figure, Err(absence));
    assert_eq!(results[0].figures.n, 40, "the counts stay");
    assert!(results[1].figures.index().is_ok());
    let city = index::group(&shape, &method, &[(&wrong, &results[0]), (&right, &results[1])]);
    assert_eq!((city.pooled_by_n.index(), &city.mean_of_units), (&Err(absence), &Err(absence)));
    assert_eq!(index::more_than_population(&all), Some((AgencyId(1), StratumId(102), 20, 19)));
}

#[test]
fn without_n_an_agency_of_one_stratum_has_its_index_and_the_city_has_none() {
    let (shape, method) = (shape(), method());
    let many = tally(&shape, &[(all(5), 12), (all(2), 8)]);
    let (without, with) = (agency(1, &[(None, &many)]), agency(2, &[(Some(100), &many)]));
    let results = index::agencies(&shape, &method, &[without.clone(), with.clone()]);
    close(results[0].figures.estimate().unwrap().value(), 0.6);
    assert_eq!(why(results[0].figures.index()), NoInterval::PopulationMissing { stratum: StratumId(101) });
    let missing = Err(Absence::PopulationMissing { agency: AgencyId(1), stratum: StratumId(101) });
    let city = index::group(&shape, &method, &[(&without, &results[0]), (&with, &results[1])]);
    assert_eq!((city.pooled_by_n.index(), &city.mean_of_units), (&missing, &missing));
    assert_eq!((city.pooled_by_n.population, city.pooled_by_n.coverage()), (None, None));

    // Two strata of one agency cannot be weighted.
    let two = index::agency(&shape, &method, &agency(1, &[(None, &many), (Some(100), &many)])).figures;
    assert_eq!(two.index(), &missing);
    assert_eq!(two.criteria[0].n_answered, 40);
}

#[test]
fn all_satisfied_stands_on_wilson_with_the_unasked_part_of_the_dossiers() {
    let (shape, method) = (shape(), method());
    let happy = tally(&shape, &[(all(5), 30)]);
    let figures = index::agency(&shape, &method, &agency(1, &[(Some(120), &happy)])).figures;
    let n = 30.0 / (1.0 - 30.0 / 120.0);
    for figure in [
        &figures.criteria[0].figure,
        &figures.factors[4].figure,
        &figures.overall.mean_of_factors,
        &figures.overall.pooled,
        &figures.all_satisfied,
    ] {
        let estimate = figure.as_ref().unwrap();
        let interval = estimate.interval().unwrap();
        assert_eq!(estimate.value().to_bits(), 1.0_f64.to_bits());
        assert_eq!(interval.high.to_bits(), 1.0_f64.to_bits());
        close(interval.low, n / (n + Z95 * Z95));
        assert!(matches!(interval.basis, Basis::Wilson { n_effective } if (n_effective - n).abs() < 1e-9));
        assert_eq!(estimate.se(), Some(0.0));
    }

    // Over two strata: Kish's n of those who answered, and n and N of both.
    let few = tally(&shape, &[(all(5), 10)]);
    let both = index::agency(&shape, &method, &agency(1, &[(Some(120), &happy), (Some(200), &few)])).figures;
    let (w1, w2) = (4.0, 20.0);
    let kish = (w1 * 30.0_f64 + w2 * 10.0).powi(2) / (w1 * w1 * 30.0 + w2 * w2 * 10.0);
    let n = kish / (1.0 - 40.0 / 320.0);
    close(both.factors[0].figure.as_ref().unwrap().interval().unwrap().low, n / (n + Z95 * Z95));

    // Nobody satisfied: the same from below.
    let sad = tally(&shape, &[(all(1), 30)]);
    let figures = index::agency(&shape, &method, &agency(1, &[(Some(120), &sad)])).figures;
    let interval = figures.criteria[0].figure.as_ref().unwrap().interval().unwrap();
    let n = 40.0;
    close(interval.high, Z95 * Z95 / (n + Z95 * Z95));
    assert_eq!(interval.low.to_bits(), 0.0_f64.to_bits());
}

#[test]
fn a_standard_error_of_0_between_0_and_1_is_no_interval() {
    let (shape, method) = (shape(), method());
    // Everybody is satisfied with the same third of factor 3: the share is 1/3 and nothing varies.
    let same = tally(&shape, &[(pattern([2, 3, 2, 1, 2]), 40)]);
    let figures = index::agency(&shape, &method, &agency(1, &[(Some(400), &same)])).figures;
    assert_eq!(why(&figures.factors[2].figure), NoInterval::NoSpread);
    assert_eq!(why(&figures.overall.mean_of_factors), NoInterval::NoSpread);
    assert_eq!(why(&figures.overall.pooled), NoInterval::NoSpread);
    assert_eq!(figures.estimate().unwrap().se(), Some(0.0));
}

#[test]
fn a_factor_that_four_answered_has_a_figure_and_no_part_in_the_mean() {
    let (shape, method) = (shape(), method());
    let mut without = [4; 22];
    without[18..].fill(9);
    let mut unhappy = [5; 22];
    unhappy[18..].fill(1);
    let sheets = [(super::fixture::sheet(&without), 40), (super::fixture::sheet(&unhappy), 4)];
    let four = tally(&shape, &sheets);
    let figures = index::agency(&shape, &method, &agency(1, &[(Some(400), &four)])).figures;
    assert_eq!((figures.overall.factors_counted, figures.overall.is_complete()), (4, false));
    assert!(!figures.factors[4].counts);
    close(figures.estimate().unwrap().value(), 1.0);
    assert_eq!(figures.factors[4].figure.as_ref().unwrap().value().to_bits(), 0.0_f64.to_bits());
    // One more and it counts.
    let five = tally(&shape, &[sheets[0].clone(), (sheets[1].0.clone(), 5)]);
    let figures = index::agency(&shape, &method, &agency(1, &[(Some(400), &five)])).figures;
    assert!(figures.overall.is_complete());
    close(figures.estimate().unwrap().value(), 0.8);
}

#[test]
fn three_responses_have_criteria_and_no_mean_of_factors() {
    let (shape, mut method) = (shape(), method());
    let three = tally(&shape, &[(all(5), 2), (all(1), 1)]);
    let subject = agency(1, &[(Some(400), &three)]);
    let figures = index::agency(&shape, &method, &subject).figures;
    assert_eq!(figures.index(), &Err(Absence::NoFactorCounts));
    assert!(figures.criteria[0].figure.is_ok());
    method.overall = OverallRule::Pooled;
    assert!(index::agency(&shape, &method, &subject).figures.index().is_ok());
}

#[test]
fn the_method_says_which_city_figure_is_published() {
    let (shape, mut method) = (shape(), method());
    let (high, low) = (tally(&shape, &[(all(5), 18), (all(2), 2)]), tally(&shape, &[(all(5), 10), (all(2), 10)]));
    let (small, large) = (agency(1, &[(Some(100), &high)]), agency(2, &[(Some(900), &low)]));
    let results = index::agencies(&shape, &method, &[small.clone(), large.clone()]);
    let members = [(&small, &results[0]), (&large, &results[1])];
    close(index::group(&shape, &method, &members).published().as_ref().unwrap().value(), 0.54);
    method.city = CityRule::MeanOfUnits;
    let city = index::group(&shape, &method, &members);
    let published = city.published().as_ref().unwrap();
    close(published.value(), 0.7);
    let se = |i: usize| results[i].figures.estimate().unwrap().se().unwrap();
    close(published.se().unwrap(), se(0).hypot(se(1)) / 2.0);
    assert_eq!((city.agencies, city.measured, city.units), (2, 2, 2));
}

#[test]
fn volunteers_have_shares_and_no_precision() {
    let (shape, method) = (shape(), method());
    let tally = tally(&shape, &[(all(5), 15), (all(2), 5)]);
    let result = index::open(&shape, &method, &agency(1, &[(Some(80), &tally)]));
    assert_eq!(result.index.map(index::OpenShare::value), Some(0.75));
    assert_eq!(result.share_of_population(), Some(0.25));
    let none = super::fixture::tally(&shape, &[]);
    let result = index::open(&shape, &method, &agency(1, &[(None, &none)]));
    assert_eq!((result.index, result.share_of_population()), (None, None));
}

#[test]
fn what_if_says_what_a_criterion_with_these_counts_would_say() {
    let (shape, method) = (shape(), method());
    for (population, n, satisfied) in [(400, 50, 41), (50, 50, 41), (400, 50, 50), (400, 50, 0), (400, 1, 1)] {
        let counted = tally(&shape, &[(all(5), satisfied), (all(1), n - satisfied)]);
        let figures = index::agency(&shape, &method, &agency(1, &[(Some(population), &counted)])).figures;
        let criterion = figures.criteria[0].figure.unwrap();
        let guess = index::what_if(population, n, satisfied).unwrap();
        close(guess.value(), criterion.value());
        match (guess.interval(), criterion.interval()) {
            (Some(a), Some(b)) => {
                assert!((a.low - b.low).abs() < 1e-12 && (a.high - b.high).abs() < 1e-12);
            }
            (a, b) => assert_eq!(a.is_some(), b.is_some()),
        }
    }
    assert_eq!(index::what_if(10, 11, 3), None);
    assert_eq!(index::what_if(10, 5, 6), None);
    assert_eq!(index::what_if(10, 0, 0), None);
}

#[test]
fn a_band_is_read_from_the_unrounded_value_and_says_when_the_limit_is_near() {
    let mut method = method();
    let band = |from: f64, name: &str, exclusive: bool| crate::domain::method::Band {
        from,
        exclusive,
        name: crate::domain::text::Text { vi: name.to_owned(), en: name.to_owned() },
        tone: crate::domain::method::Tone::High,
    };
    method.bands = vec![band(0.9, "Rất tốt", true), band(0.8, "Tốt", false), band(0.0, "Khá", false)];
    let high = index::what_if(10_000, 2000, 1800).unwrap();
    assert!(index::band(&method, &high).is_none(), "no basis, no band");
    method.bands_basis = Some("Quyết định thử".to_owned());
    let reading = index::band(&method, &high).unwrap();
    assert_eq!((reading.band.name.vi.as_str(), reading.near_limit), ("Tốt", true));
    let reading = index::band(&method, &index::what_if(10_000, 2000, 1700).unwrap());
    assert_eq!(reading.map(|r| (r.band.name.vi.as_str(), r.near_limit)), Some(("Tốt", false)));
}

#[test]
fn two_censuses_differ_by_what_they_differ_by() {
    let census = index::what_if(400, 400, 340).unwrap();
    let other = index::what_if(400, 400, 341).unwrap();
    assert_eq!(index::difference(&census, &other, 0.95).unwrap().verdict(), index::Verdict::Lower);
}

#[test]
fn points_and_their_band_come_from_the_unrounded_index() {
    let mut method = method();
    let estimate = index::what_if(1_000_000, 400, 360).unwrap();
    assert!(index::par(&method, &estimate).is_none(), "no rule, no points");
    let band = |from: f64, exclusive: bool, name: &str| json!({ "from": from, "exclusive": exclusive, "name": { "vi": name, "en": name }, "tone": "high" });
    method.par = serde_json::from_value(json!({
        "maximum_points": 10, "basis": "thử", "bands_basis": "thử",
        "bands": [band(0.9, true, "Rất tốt"), band(0.8, false, "Tốt")],
    }))
    .unwrap();
    let name = |e: &index::Estimate| {
        let band = index::par(&method, e).unwrap().band.unwrap();
        (band.band.name.vi.clone(), band.near_limit)
    };
    let reading = index::par(&method, &estimate).unwrap();
    close(reading.points, 9.0);
    let interval = estimate.interval().unwrap();
    assert_eq!(reading.range, Some((interval.low * 10.0, interval.high * 10.0)));
    assert_eq!(name(&estimate), ("Tốt".to_owned(), true), "90 itself is not above 90, and the interval crosses it");
    assert_eq!(name(&index::what_if(1_000_000, 400_000, 360_001).unwrap()).0, "Rất tốt", "89,99… and 90,00… differ");
    assert_eq!(name(&index::what_if(1_000_000, 40_000, 34_000).unwrap()), ("Tốt".to_owned(), false));
    let low = index::what_if(1_000_000, 40_000, 20_000).unwrap();
    assert!(index::par(&method, &low).unwrap().band.is_none(), "no document names the bands below");
}
