//! The simulated city as its users see it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::*;
use crate::domain::answer::Value;
use crate::domain::ids::AgencyId;
use crate::domain::questionnaire::Purpose;
use crate::domain::round::CODE_ALPHABET;
use crate::server_side::catalogue::Catalogue;

fn questionnaire() -> Arc<Questionnaire> {
    Catalogue::builtin().unwrap().questionnaire("hanh-chinh-2018", None).unwrap()
}

fn simulated(seed: u64, n: usize) -> SimulatedCity {
    let catalogue = Catalogue::builtin().unwrap();
    let questionnaire = questionnaire();
    let method = catalogue.method(&questionnaire.method, None).unwrap();
    city_of_2018(seed, n, [7; 32], &City::load().unwrap(), &questionnaire, &method)
}

/// Satisfied and answered over all criteria.
fn satisfied(responses: &[&NewResponse]) -> (f64, f64) {
    let scores = responses.iter().flat_map(|r| &r.sheet.answers).filter_map(|a| a.score());
    scores.fold((0.0, 0.0), |(k, m), score| (k + f64::from(u8::from(score >= 4)), m + 1.0))
}

fn share(responses: &[NewResponse], question: &str, option: &str) -> f64 {
    let q = questionnaire();
    let index = q.question_index(question).unwrap();
    let chosen = q.questions[index].options().iter().position(|o| o.code == option).unwrap();
    let answered = responses.iter().filter(|r| r.sheet.values[index] != Value::Blank).count();
    let here = responses.iter().filter(|r| r.sheet.values[index] == Value::Single(chosen as u8)).count();
    here as f64 / answered as f64
}

#[test]
fn the_round_is_open_marked_as_simulated_and_over_all_114_agencies() {
    let city = simulated(1, 0);
    assert!(city.round.sample_data && city.round.opens_at.is_none() && city.round.step == 1);
    assert_eq!(city.round.method.0, "tham-khao-2640");
    let agencies: HashSet<AgencyId> = city.strata.iter().map(|s| s.agency).collect();
    assert_eq!(agencies.len(), 114);
    assert_eq!(city.strata.iter().filter_map(|s| s.population).sum::<i64>(), 617_081);
    assert!(city.strata.iter().all(|s| s.population.is_some_and(|n| n > 0)));
    let by_field = city.strata.iter().filter(|s| s.field.is_some()).count();
    assert!((8..=15).contains(&by_field), "{by_field}");
}

#[test]
fn every_agency_has_a_desk_and_every_desk_a_code_of_its_own() {
    let city = simulated(1, 0);
    let with_desk: HashSet<AgencyId> = city.desks.iter().map(|d| d.agency).collect();
    assert_eq!(with_desk.len(), 114);
    assert!((130..=150).contains(&city.desks.len()), "{}", city.desks.len());
    let codes: HashSet<&str> = city.desks.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes.len(), city.desks.len());
    assert!(codes.iter().all(|c| c.len() == 8 && c.bytes().all(|b| CODE_ALPHABET.contains(&b))));
}

#[test]
fn codes_of_desks_cannot_be_had_from_the_seed() {
    let catalogue = Catalogue::builtin().unwrap();
    let questionnaire = questionnaire();
    let method = catalogue.method(&questionnaire.method, None).unwrap();
    let codes = |seed, entropy| {
        let city = city_of_2018(seed, 0, entropy, &City::load().unwrap(), &questionnaire, &method);
        city.desks.into_iter().map(|d| d.code).collect::<HashSet<String>>()
    };
    assert_eq!(codes(1, [7; 32]), codes(1, [7; 32]));
    assert!(codes(1, [7; 32]).is_disjoint(&codes(1, [8; 32])));
    assert!(codes(1, [7; 32]).is_disjoint(&codes(2, [7; 32])));
}

#[test]
fn no_response_and_one_response_are_cities_too() {
    assert_eq!(simulated(1, 0).responses().count(), 0);
    let one: Vec<NewResponse> = simulated(1, 1).responses().collect();
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].stream, Stream::Sample);
}

#[test]
fn the_same_seed_and_number_give_the_same_responses_and_another_seed_others() {
    let all = |seed, n| simulated(seed, n).responses().collect::<Vec<_>>();
    assert_eq!(all(5, 800), all(5, 800));
    let ids = |seed| all(seed, 800).into_iter().map(|r| r.id).collect::<HashSet<_>>();
    assert!(ids(5).is_disjoint(&ids(6)));
}

#[test]
fn every_number_is_met_exactly_and_no_stratum_gives_more_than_it_has() {
    for n in [3, 59, 60, 500, 2_000, 12_300, 40_000] {
        let city = simulated(2, n);
        let mut drawn: HashMap<StratumId, i64> = HashMap::new();
        let mut count = 0;
        for response in city.responses() {
            count += 1;
            if response.stream == Stream::Sample {
                *drawn.entry(response.stratum).or_default() += 1;
            }
        }
        assert_eq!(count, n);
        assert_eq!(city.n_responses(), n as u64);
        for stratum in &city.strata {
            let n_h = drawn.remove(&stratum.id).unwrap_or(0);
            assert!(n_h <= stratum.population.unwrap(), "{stratum:?}: {n_h}");
        }
        assert!(drawn.is_empty(), "an interview outside the strata: {drawn:?}");
    }
}

#[test]
fn more_than_there_are_dossiers_goes_to_the_open_stream() {
    let city = simulated(2, 10_000_000);
    let sample: u64 = city.quotas.iter().filter(|q| matches!(q.origin, Origin::Sample(..))).map(|q| q.count).sum();
    assert_eq!(sample, 617_081);
    assert_eq!(city.n_responses(), 10_000_000);
}

#[test]
fn a_small_demonstration_asks_the_largest_agencies_enough_to_be_ranked() {
    let city = simulated(1, 2_000);
    let mut interviews: HashMap<AgencyId, u32> = HashMap::new();
    for response in city.responses().filter(|r| r.stream == Stream::Sample) {
        *interviews.entry(response.agency).or_default() += 1;
    }
    let ranked = interviews.values().filter(|n| **n >= 30).count();
    assert!((20..60).contains(&ranked), "{ranked}");
}

#[test]
fn streams_keep_apart_in_mode_desk_and_stratum() {
    let city = simulated(3, 12_300);
    let strata: HashMap<StratumId, AgencyId> = city.strata.iter().map(|s| (s.id, s.agency)).collect();
    let desks: HashMap<DeskId, AgencyId> = city.desks.iter().map(|d| (d.id, d.agency)).collect();
    for r in city.responses() {
        let stratum = strata.get(&r.stratum);
        assert!(stratum.is_none_or(|agency| *agency == r.agency));
        if r.stream == Stream::Sample {
            assert!(matches!(r.mode, Mode::Tablet | Mode::Paper) && r.desk.is_none() && stratum.is_some());
            assert!(r.field.is_some() && r.sheet.tap.is_none());
        } else {
            assert_eq!(r.stream, Stream::Open);
            assert!(matches!(r.mode, Mode::Qr | Mode::Kiosk));
            assert_eq!(r.desk.and_then(|d| desks.get(&d)), Some(&r.agency));
        }
    }
}

#[test]
fn ids_grow_with_time_and_days_lie_in_the_period() {
    let city = simulated(3, 5_000);
    let responses: Vec<NewResponse> = city.responses().collect();
    let millis = |r: &NewResponse| r.id.get_timestamp().map(|t| t.to_unix());
    assert!(responses.is_sorted_by_key(millis));
    assert_eq!(responses.iter().map(|r| r.id).collect::<HashSet<_>>().len(), responses.len());
    let (first, last) = city.round.period;
    let months: HashSet<i32> = responses.iter().map(|r| (r.local_day - first) / 31).collect();
    assert_eq!(months.len(), 10);
    for r in &responses {
        assert!((first..=last).contains(&r.local_day));
        assert!(r.started_at <= r.finished_at.or(r.started_at));
        assert!(r.finished_at.is_none_or(|at| at <= r.received_at));
    }
}

#[test]
fn sheets_fit_the_questionnaire_and_its_routing() {
    let q = questionnaire();
    let city = simulated(4, 6_000);
    for r in city.responses() {
        assert_eq!(Sheet::unpack(&r.sheet.pack(&q), &q).as_ref(), Some(&r.sheet));
        let mut routed = q.criteria().zip(&r.sheet.answers).filter(|((factor, c), _)| {
            !r.sheet.asks(&q, q.factors[*factor].asked_when.as_ref()) || !r.sheet.asks(&q, c.asked_when.as_ref())
        });
        assert!(routed.all(|(_, answer)| *answer == crate::domain::answer::Answer::Blank));
        assert_eq!(r.phase == Phase::Tap, r.sheet.has_no_form());
        let outside = r.sheet.chosen(&q, Purpose::Visit).is_some_and(|visit| visit != "ket-qua");
        assert_eq!(r.stratum == StratumId::OUTSIDE, outside);
    }
}

#[test]
fn the_standing_is_what_the_rules_say() {
    let q = questionnaire();
    let responses: Vec<NewResponse> = simulated(4, 12_300).responses().collect();
    let mut standings: HashMap<(Stream, Standing), u32> = HashMap::new();
    for r in &responses {
        *standings.entry((r.stream, r.standing)).or_default() += 1;
        let suspect = r.marks.has(Marks::FAST) || r.marks.has(Marks::HONEYPOT);
        assert_eq!(r.standing == Standing::Suspect, suspect);
        if !suspect {
            assert_eq!(r.standing == Standing::Valid, r.sheet.validity(&q) == Validity::Valid);
        }
    }
    let of = |stream, standing| standings.get(&(stream, standing)).copied().unwrap_or(0);
    assert!((9_000..9_225).contains(&of(Stream::Sample, Standing::Valid)));
    assert!((20..200).contains(&of(Stream::Sample, Standing::Incomplete)));
    assert_eq!(of(Stream::Sample, Standing::Suspect), 0);
    assert!((1_600..2_200).contains(&of(Stream::Open, Standing::Valid)), "{standings:?}");
    assert!((900..1_400).contains(&of(Stream::Open, Standing::Incomplete)), "{standings:?}");
    assert!((20..120).contains(&of(Stream::Open, Standing::Suspect)), "{standings:?}");
}

#[test]
fn the_city_is_near_84_percent_and_agencies_between_62_and_97() {
    for seed in [1, 2018] {
        let city = simulated(seed, 60_000);
        let responses: Vec<NewResponse> = city.responses().filter(|r| r.stream == Stream::Sample).collect();
        let mut of_agency: HashMap<AgencyId, Vec<&NewResponse>> = HashMap::new();
        for r in &responses {
            of_agency.entry(r.agency).or_default().push(r);
        }
        let population = |id: AgencyId| -> f64 {
            city.strata.iter().filter(|s| s.agency == id).filter_map(|s| s.population).map(|n| n as f64).sum()
        };
        let (mut whole, mut shares) = (0.0, Vec::new());
        for (id, responses) in &of_agency {
            let (k, m) = satisfied(responses);
            whole += population(*id) * k / m / 617_081.0;
            shares.push(k / m);
        }
        shares.sort_by(f64::total_cmp);
        assert!((0.82..0.86).contains(&whole), "city {whole}");
        assert!((0.58..0.75).contains(&shares[0]), "lowest {}", shares[0]);
        assert!((0.93..0.99).contains(shares.last().unwrap()), "highest {:?}", shares.last());
    }
}

#[test]
fn answers_of_one_person_hang_together() {
    let responses: Vec<NewResponse> = simulated(1, 8_000).responses().filter(|r| r.stream == Stream::Sample).collect();
    let pairs: Vec<(f64, f64)> = responses
        .iter()
        .filter_map(|r| Some((f64::from(r.sheet.answers[0].score()?), f64::from(r.sheet.answers[12].score()?))))
        .collect();
    let n = pairs.len() as f64;
    let (x, y) = pairs.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let sum = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
    let correlation =
        sum(&|p| (p.0 - x) * (p.1 - y)) / (sum(&|p| (p.0 - x).powi(2)) * sum(&|p| (p.1 - y).powi(2))).sqrt();
    assert!((0.3..0.7).contains(&correlation), "{correlation}");
}

#[test]
fn what_goes_wrong_does_so_about_as_often_as_the_country_reports() {
    let responses: Vec<NewResponse> = simulated(1, 80_000).responses().filter(|r| r.stream == Stream::Sample).collect();
    let near = |question, option, expected: f64| {
        let found = share(&responses, question, option);
        assert!((expected * 0.75..expected * 1.3).contains(&found), "{question}: {found}");
    };
    near("phien-ha", "co", 0.012);
    near("nop-them-tien", "co", 0.006);
    near("hen-tra", "tre-hen", 0.04);
    near("di-lai", "4-lan", 0.05);
    let feedback = responses.iter().filter(|r| r.sheet.answers[18..].iter().any(|a| a.score().is_some())).count();
    let feedback = feedback as f64 / responses.len() as f64;
    assert!((0.12..0.18).contains(&feedback), "{feedback}");
}

#[test]
fn the_open_stream_is_of_more_extreme_opinion() {
    let responses: Vec<NewResponse> = simulated(1, 40_000).responses().collect();
    let extremes = |stream| {
        let scores: Vec<u8> = responses
            .iter()
            .filter(|r| r.stream == stream && r.standing == Standing::Valid)
            .flat_map(|r| r.sheet.answers.iter().filter_map(|a| a.score()))
            .collect();
        scores.iter().filter(|s| matches!(s, 1 | 5)).count() as f64 / scores.len() as f64
    };
    assert!(extremes(Stream::Open) > extremes(Stream::Sample) + 0.02);
}

#[test]
fn most_answer_in_vietnamese_and_some_write_a_comment() {
    let responses: Vec<NewResponse> = simulated(1, 12_300).responses().collect();
    let english = responses.iter().filter(|r| r.lang == Lang::En).count();
    assert!((5..80).contains(&english), "{english}");
    let comments: Vec<&str> = responses.iter().filter_map(|r| r.comment.as_deref()).collect();
    assert!((400..1_000).contains(&comments.len()), "{}", comments.len());
    assert!(comments.iter().collect::<HashSet<_>>().len() > 45);
}

#[test]
fn every_question_of_the_form_has_its_habit() {
    for question in &questionnaire().questions {
        let placed = question.purpose == Purpose::RespondentType || question.code == "noi-song";
        let habit = habits::HABITS.iter().find(|h| h.question == question.code);
        assert!(placed || habit.is_some(), "{}", question.code);
        for code in habit.iter().flat_map(|h| h.weights.iter().map(|w| w.0).chain(h.mishap.map(|m| m.0))) {
            assert!(question.options().iter().any(|o| o.code == code), "{}: {code}", question.code);
        }
    }
}
