use proptest::prelude::*;

use super::*;

pub(super) fn parts(overall: OverallRule) -> Parts<'static> {
    Parts { factor_of: &[0, 0, 1, 1], overall }
}

pub(super) fn counts(id: i32, n: i64) -> Counts {
    Counts { agency: AgencyId(id), n, factors: vec![n; 2], criteria: vec![n; 4] }
}

fn decided(ns: &[i64], totals: &[Vec<usize>]) -> Pattern {
    let agencies: Vec<Counts> = ns.iter().zip(0..).map(|(n, id)| counts(id, *n)).collect();
    decide(&agencies, totals, parts(OverallRule::MeanOfFactors))
}

fn shown(pattern: &Pattern, id: i32) -> bool {
    pattern.agency(AgencyId(id)).unwrap().shown
}

#[test]
fn a_small_agency_hides_a_second_one_so_that_the_level_does_not_give_it_away() {
    let pattern = decided(&[3, 40, 9, 20], &[vec![0, 1, 2, 3]]);
    assert_eq!([0, 1, 2, 3].map(|id| shown(&pattern, id)), [false, true, false, true]);
    assert!(pattern.total(0).unwrap().shown);
    let hidden = pattern.agency(AgencyId(2)).unwrap();
    assert_eq!(
        (hidden.whole(9), hidden.factor(0, 9), hidden.criterion(3, 9)),
        (Shown::Hidden, Shown::Hidden, Shown::Hidden)
    );
}

#[test]
fn two_small_agencies_that_reach_five_together_need_no_third() {
    let pattern = decided(&[3, 2, 40], &[vec![0, 1, 2]]);
    assert_eq!([0, 1, 2].map(|id| shown(&pattern, id)), [false, false, true]);
}

#[test]
fn nobody_gives_nothing_away() {
    let pattern = decided(&[0, 40], &[vec![0, 1]]);
    assert!(shown(&pattern, 0) && shown(&pattern, 1));
}

#[test]
fn a_level_of_one_small_agency_is_hidden_and_another_level_with_it() {
    // Levels {0}, {1, 2}, and the city.
    let pattern = decided(&[3, 40, 50], &[vec![0], vec![1, 2], vec![0, 1, 2]]);
    assert!(!shown(&pattern, 0));
    assert!(!pattern.total(0).unwrap().shown);
    // City less the second level would be the small agency: that level goes, and one of its agencies.
    assert_eq!((pattern.total(1).unwrap().shown, pattern.total(2).unwrap().shown), (false, true));
    assert!(!shown(&pattern, 1) && shown(&pattern, 2));
}

#[test]
fn without_totals_only_the_small_one_is_hidden() {
    let pattern = decided(&[3, 40], &[]);
    assert_eq!([shown(&pattern, 0), shown(&pattern, 1)], [false, true]);
}

#[test]
fn a_factor_that_three_answered_is_hidden_there_and_at_a_second_agency() {
    let mut agencies = [counts(0, 40), counts(1, 50), counts(2, 60)];
    agencies[0].factors[1] = 3;
    agencies[0].criteria[2] = 3;
    agencies[0].criteria[3] = 3;
    let pattern = decide(&agencies, &[vec![0, 1, 2]], parts(OverallRule::MeanOfFactors));
    let first = pattern.agency(AgencyId(0)).unwrap();
    assert_eq!(
        (first.shown, &first.factors, &first.criteria),
        (true, &vec![true, false], &vec![true, true, false, false])
    );
    let second = pattern.agency(AgencyId(1)).unwrap();
    assert!(second.shown && !second.factors[1]);
    assert!(!second.factors[0], "its index less one factor would be the other");
    assert!(pattern.agency(AgencyId(0)).unwrap().hides_something());
}

#[test]
fn a_criterion_that_few_answered_takes_a_second_one_of_its_factor() {
    let mut agencies = [counts(0, 40)];
    agencies[0].criteria[2] = 4;
    let pattern = decide(&agencies, &[], parts(OverallRule::MeanOfFactors));
    assert_eq!(pattern.agency(AgencyId(0)).unwrap().criteria, [true, true, false, false]);
    assert_eq!(pattern.agency(AgencyId(0)).unwrap().factors, [true, true]);
}

#[test]
fn under_the_pooled_rule_a_small_factor_takes_a_second_one() {
    let mut agencies = [counts(0, 40)];
    agencies[0].factors[1] = 3;
    let pattern = decide(&agencies, &[], parts(OverallRule::Pooled));
    assert_eq!(pattern.agency(AgencyId(0)).unwrap().factors, [false, false]);
}

#[test]
fn a_pattern_is_stored_and_read_back() {
    let pattern = decided(&[3, 40, 9], &[vec![0, 1, 2]]);
    let text = serde_json::to_string(&pattern).unwrap();
    assert_eq!(serde_json::from_str::<Pattern>(&text).unwrap(), pattern);
}

#[test]
fn answers_of_a_few_are_merged_with_their_neighbours_side_by_side() {
    let groups = |scores| match scale(scores) {
        Shown::Value(groups) => groups.iter().map(|g| (g.from, g.to, g.count)).collect::<Vec<_>>(),
        Shown::Hidden => Vec::new(),
    };
    let e = Count::Exactly;
    assert_eq!(groups([5, 0, 7, 9, 8]).len(), 5);
    assert_eq!(groups([2, 6, 7, 9, 8]), [(1, 2, e(8)), (3, 3, e(7)), (4, 4, e(9)), (5, 5, e(8))]);
    assert_eq!(groups([6, 6, 2, 9, 3]), [(1, 3, e(14)), (4, 5, e(12))]);
    assert_eq!(groups([0, 1, 1, 9, 30]), [(1, 3, Count::Few), (4, 5, Count::Hidden)]);
    assert_eq!(groups([2, 1, 0, 1, 2]), [(1, 3, Count::Hidden), (4, 5, Count::Hidden)]);
    assert_eq!(scale([1, 0, 0, 1, 2]), Shown::Hidden);
}

#[test]
fn an_option_of_a_few_is_told_as_few_and_cannot_be_worked_out() {
    let e = Count::Exactly;
    assert_eq!(options(&[2, 10, 30], 42, true), Shown::Value(vec![Count::Few, Count::Hidden, e(30)]));
    // 1 + 5: were only these two left out, 6 less at least 5 would be 1.
    assert_eq!(options(&[1, 5, 30], 36, true), Shown::Value(vec![Count::Few, Count::Hidden, Count::Hidden]));
    assert_eq!(options(&[0, 12, 30], 42, true), Shown::Value(vec![e(0), e(12), e(30)]));
    assert_eq!(options(&[2, 2], 4, true), Shown::Hidden);
    // Several choices do not add up; who did not choose what all others chose would stand out.
    assert_eq!(options(&[3, 39, 20], 42, false), Shown::Value(vec![Count::Few, Count::Hidden, e(20)]));
}

#[test]
fn all_of_one_answer_is_told_as_a_bound() {
    assert_eq!(said(30, 30, 30), Said::AtLeast(0.95));
    assert_eq!(said(0, 30, 30), Said::AtMost(0.05));
    assert_eq!(said(29, 30, 30), Said::Exactly);
    assert_eq!(said(4, 4, 4), Said::Nothing);
}

#[test]
fn a_small_month_hides_the_next_smallest() {
    let v = Shown::Value;
    assert_eq!(breakdown(&[3, 20, 8]), [Shown::Hidden, v(20), Shown::Hidden]);
    assert_eq!(breakdown(&[0, 20, 8]), [v(0), v(20), v(8)]);
}

#[test]
fn figures_move_in_steps_and_a_step_of_none_is_one() {
    assert!(!may_replace(10, 14, 5) && may_replace(10, 15, 5) && may_replace(10, 5, 5));
    assert!(may_replace(10, 11, 1) && !may_replace(10, 10, 0));
}

/// Every combination of shown figures with coefficients −1, 0, 1 that counts a set of people: the set is empty or has
/// five.
fn attack(ns: &[i64], totals: &[Vec<usize>], pattern: &Pattern) -> Result<(), String> {
    let mut known: Vec<Vec<i64>> = Vec::new();
    for (at, id) in (0..ns.len()).zip(0..) {
        if shown(pattern, id) {
            known.push((0..ns.len()).map(|i| i64::from(i == at)).collect());
        }
    }
    for (at, members) in totals.iter().enumerate() {
        if pattern.total(at).is_some_and(|row| row.shown) {
            known.push((0..ns.len()).map(|i| i64::from(members.contains(&i))).collect());
        }
    }
    for code in 0..3_usize.pow(known.len() as u32) {
        let mut sum = vec![0; ns.len()];
        let mut rest = code;
        for row in &known {
            let coefficient = (rest % 3) as i64 - 1;
            rest /= 3;
            for (s, r) in sum.iter_mut().zip(row) {
                *s += coefficient * r;
            }
        }
        if sum.iter().all(|s| (0..=1).contains(s)) {
            let people: i64 = sum.iter().zip(ns).map(|(s, n)| s * n).sum();
            if (1..LEAST_RESPONDENTS).contains(&people) {
                return Err(format!("{sum:?} of {ns:?} are {people} people"));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Levels that divide the agencies, the city over them, and any other overlapping totals.
    #[test]
    fn no_subtraction_of_shown_totals_yields_fewer_than_five(
        ns in prop::collection::vec(prop_oneof![0_i64..8, 0_i64..40], 1..6),
        levels in prop::collection::vec(0_usize..3, 6),
        other in prop::collection::vec(prop::collection::vec(any::<bool>(), 6), 0..2),
    ) {
        let of = |keep: &dyn Fn(usize) -> bool| (0..ns.len()).filter(|at| keep(*at)).collect::<Vec<_>>();
        let mut totals: Vec<Vec<usize>> = (0..3).map(|level| of(&|at| levels[at] == level)).collect();
        totals.push(of(&|_| true));
        totals.extend(other.iter().map(|mask| of(&|at| mask[at])));
        let pattern = decided(&ns, &totals);
        prop_assert_eq!(attack(&ns, &totals, &pattern), Ok(()));
        // Nothing is hidden where nothing is small.
        if ns.iter().all(|n| *n == 0 || *n >= LEAST_RESPONDENTS) && other.is_empty() {
            prop_assert!((0..ns.len() as i32).all(|id| shown(&pattern, id)));
        }
    }

    /// Whatever stands in the place of "< 5" and "ẩn", the shown options leave several possibilities open.
    #[test]
    fn no_option_of_a_few_can_be_worked_out(counts in prop::collection::vec(0_i64..12, 2..6)) {
        let n: i64 = counts.iter().sum();
        if let Shown::Value(shown) = options(&counts, n, true) {
            let few = shown.iter().filter(|c| **c == Count::Few).count() as i64;
            let hidden = shown.iter().filter(|c| **c == Count::Hidden).count() as i64;
            let exactly: i64 = shown.iter().map(|c| if let Count::Exactly(c) = c { *c } else { 0 }).sum();
            if few > 0 {
                let rest = n - exactly;
                // All "< 5" may be 1, and all may be 4, with at least 5 in each hidden one.
                prop_assert!(hidden > 0 && rest - few >= 5 * hidden && rest - 4 * few >= 5 * hidden);
            }
            for (count, shown) in counts.iter().zip(&shown) {
                prop_assert!(!(1..5).contains(count) || *shown == Count::Few);
            }
        }
    }

    #[test]
    fn no_group_of_the_scale_that_is_shown_has_a_few(scores in prop::array::uniform5(0_i64..15)) {
        if let Shown::Value(groups) = scale(scores) {
            for group in &groups {
                let count: i64 = scores[usize::from(group.from) - 1..usize::from(group.to)].iter().sum();
                match group.count {
                    Count::Exactly(shown) => prop_assert!(shown == count && !(1..5).contains(&shown)),
                    Count::Few => prop_assert!((1..5).contains(&count)),
                    Count::Hidden => {}
                }
            }
            prop_assert_eq!(groups.first().map(|g| g.from), Some(1));
            prop_assert_eq!(groups.last().map(|g| g.to), Some(5));
        }
    }
}
