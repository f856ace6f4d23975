//! Splitting a list among surveyors: by area, so that nobody crosses another's path, or evenly. Pure.

use super::text::fold;

/// The area of an address: its last two parts, hamlet and ward, folded so that two spellings are one. Empty where the
/// address has no parts.
///
/// ```
/// use app::domain::assign::area;
/// assert_eq!(area("Số 9, ấp Thới Hoà, xã Thới Hưng"), area("12,Ấp Thới Hòa , Xã Thới Hưng"));
/// ```
pub fn area(address: &str) -> String {
    let parts: Vec<&str> = address.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let from = parts.len().saturating_sub(2).max(usize::from(parts.len() > 1));
    parts.get(from..).unwrap_or_default().iter().map(|part| fold(part)).collect::<Vec<_>>().join(", ")
}

/// Which of `people` gets each unit, by the areas of the units: whole areas, the largest first to who has least so far.
/// An area larger than an even share is cut into runs of the walk. `areas` stand in the order of the walk.
pub fn by_area(areas: &[String], people: usize) -> Vec<usize> {
    let mut shares = vec![0; areas.len()];
    if people == 0 {
        return shares;
    }
    let share = areas.len().div_ceil(people).max(1);
    let mut groups: Vec<(&str, Vec<usize>)> = vec![];
    for (unit, area) in areas.iter().enumerate() {
        match groups.iter_mut().find(|(known, units)| known == area && units.len() < share) {
            Some((_, units)) => units.push(unit),
            None => groups.push((area, vec![unit])),
        }
    }
    groups.sort_by_key(|(_, units)| std::cmp::Reverse(units.len()));
    let mut loads = vec![0; people];
    for (_, units) in groups {
        let least = loads.iter().enumerate().min_by_key(|(_, load)| **load).map_or(0, |(person, _)| person);
        if let Some(load) = loads.get_mut(least) {
            *load += units.len();
        }
        for unit in units {
            if let Some(share) = shares.get_mut(unit) {
                *share = least;
            }
        }
    }
    shares
}

/// Which of `people` gets each of `units`: runs of the walk whose lengths differ by one at most.
pub fn evenly(units: usize, people: usize) -> Vec<usize> {
    (0..units).map(|unit| if people == 0 { 0 } else { unit * people / units.max(1) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_of_one_part_is_its_own_area_and_of_two_its_ward() {
        assert_eq!(area(""), "");
        assert_eq!(area("ấp 1"), fold("ấp 1"));
        assert_eq!(area("Số 2, phường Cái Khế"), fold("phường Cái Khế"));
    }

    #[test]
    fn areas_stay_whole_and_a_large_one_is_cut() {
        let areas: Vec<String> = ["a", "a", "b", "b", "c", "c"].map(str::to_owned).to_vec();
        let shares = by_area(&areas, 3);
        assert!(shares.chunks(2).all(|pair| pair[0] == pair[1]), "{shares:?}");
        assert_eq!(by_area(&vec!["a".to_owned(); 4], 2).iter().filter(|s| **s == 0).count(), 2);
    }

    proptest! {
        #[test]
        fn everybody_is_given_to_somebody_there_is(areas in prop::collection::vec("[a-e]", 0..60), people in 1_usize..9) {
            let shares = by_area(&areas, people);
            prop_assert_eq!(shares.len(), areas.len());
            prop_assert!(shares.iter().all(|share| *share < people));
            // Nobody has more than twice an even share: areas are cut at one.
            let share = areas.len().div_ceil(people);
            for person in 0..people {
                prop_assert!(shares.iter().filter(|s| **s == person).count() <= 2 * share);
            }
        }

        #[test]
        fn even_shares_differ_by_one_and_follow_the_walk(units in 0_usize..500, people in 1_usize..40) {
            let shares = evenly(units, people);
            prop_assert!(shares.is_sorted());
            let loads: Vec<usize> = (0..people).map(|p| shares.iter().filter(|s| **s == p).count()).collect();
            let (most, least) = (loads.iter().max().copied(), loads.iter().min().copied());
            prop_assert!(most.unwrap_or(0) - least.unwrap_or(0) <= 1, "{:?}", loads);
        }
    }
}
