//! How many of each stratum: from N by the formula or by hand, with a reserve, and who is left out and why.

use super::{proportional, yamane};
use crate::domain::ids::StratumId;
use crate::domain::limits;
use crate::domain::text::Lang;

/// A stratum as a frame counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The stratum.
    pub stratum: StratumId,
    /// N: its dossiers.
    pub dossiers: u32,
    /// Its people and organisations, each once.
    pub people: u32,
}

/// How n is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    /// By Yamane's formula from the N of the agency, with this margin of error in parts of a thousand.
    Margin(u16),
    /// By hand: so many of each stratum; what is not named is not asked.
    ByHand(Vec<(StratumId, u32)>),
}

/// A stratum with what is drawn of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The stratum as it was counted.
    pub counted: Counted,
    /// How many are asked; never more than there are people.
    pub n: u32,
    /// How many are held in reserve.
    pub reserve: u32,
}

/// Why an agency is not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It has fewer dossiers than the least (`limits::SAMPLE_DOSSIERS_MIN`).
    Few(u32),
    /// Nobody would be asked.
    Nobody,
    /// It has handed in no list.
    NoFrame,
}

impl LeftOut {
    /// The reason in words.
    pub fn words(self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Few(dossiers), Lang::Vi) => {
                format!("{dossiers} hồ sơ, dưới mức tối thiểu {} hồ sơ", limits::SAMPLE_DOSSIERS_MIN)
            }
            (Self::Few(dossiers), Lang::En) => {
                format!("{dossiers} dossiers, fewer than the least of {}", limits::SAMPLE_DOSSIERS_MIN)
            }
            (Self::Nobody, Lang::Vi) => "không tầng nào có người để hỏi".to_owned(),
            (Self::Nobody, Lang::En) => "no stratum has anybody to ask".to_owned(),
            (Self::NoFrame, Lang::Vi) => "chưa nộp danh sách hồ sơ".to_owned(),
            (Self::NoFrame, Lang::En) => "has handed in no list".to_owned(),
        }
    }
}

/// The plan of one agency: n by stratum, in proportion to N, at least [`LEAST`] where there are so many; and a reserve of
/// `reserve_percent` of each n, rounded up.
///
/// # Errors
/// Why the agency is left out. An n by hand leaves out only who asks nobody.
pub fn plan(strata: &[Counted], size: &Size, reserve_percent: u32) -> Result<Vec<Planned>, LeftOut> {
    let sizes: Vec<u32> = match size {
        Size::Margin(margin) => {
            let dossiers = strata.iter().map(|s| s.dossiers).sum();
            if dossiers < limits::SAMPLE_DOSSIERS_MIN {
                return Err(LeftOut::Few(dossiers));
            }
            by_formula(strata, u64::from(dossiers), *margin)
        }
        Size::ByHand(sizes) => strata
            .iter()
            .map(|s| sizes.iter().find(|(id, _)| *id == s.stratum).map_or(0, |(_, n)| (*n).min(s.people)))
            .collect(),
    };
    if sizes.iter().all(|n| *n == 0) {
        return Err(LeftOut::Nobody);
    }
    Ok(strata
        .iter()
        .zip(sizes)
        .map(|(counted, n)| {
            let reserve = (u64::from(n) * u64::from(reserve_percent)).div_ceil(100);
            let reserve = u32::try_from(reserve).unwrap_or(u32::MAX).min(counted.people - n);
            Planned { counted: *counted, n, reserve }
        })
        .collect())
}

/// Fewest of a stratum that has so many people: with one respondent the index of the agency has no interval.
pub const LEAST: u32 = 2;

fn by_formula(strata: &[Counted], dossiers: u64, margin: u16) -> Vec<u32> {
    let total = yamane(dossiers, margin);
    let mut sizes = vec![0_u32; strata.len()];
    // What a stratum has too few people for goes to the others, until all is given or nobody has room.
    loop {
        let given: u64 = sizes.iter().map(|n| u64::from(*n)).sum();
        let left = total.saturating_sub(given);
        let room = |(s, n): (&Counted, &u32)| if s.people > *n { f64::from(s.dossiers) } else { 0.0 };
        let weights: Vec<f64> = strata.iter().zip(&sizes).map(room).collect();
        if left == 0 || weights.iter().sum::<f64>() <= 0.0 {
            break;
        }
        for ((size, more), s) in sizes.iter_mut().zip(proportional(left, &weights)).zip(strata) {
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            *size = size.saturating_add(more).min(s.people);
        }
    }
    sizes.iter().zip(strata).map(|(n, s)| (*n).max(LEAST.min(s.people))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(stratum: i32, dossiers: u32, people: u32) -> Counted {
        Counted { stratum: StratumId(stratum), dossiers, people }
    }

    fn sizes(plan: &[Planned]) -> Vec<(u32, u32)> {
        plan.iter().map(|p| (p.n, p.reserve)).collect()
    }

    #[test]
    fn an_agency_under_fifty_dossiers_is_left_out_with_its_number() {
        let few = plan(&[counted(1, 30, 30), counted(2, 19, 19)], &Size::Margin(50), 20);
        assert_eq!(few, Err(LeftOut::Few(49)));
        assert_eq!(LeftOut::Few(49).words(Lang::Vi), "49 hồ sơ, dưới mức tối thiểu 50 hồ sơ");
        assert!(plan(&[counted(1, 30, 30), counted(2, 20, 20)], &Size::Margin(50), 20).is_ok());
        assert_eq!(plan(&[counted(1, 60, 0)], &Size::Margin(50), 20), Err(LeftOut::Nobody));
    }

    #[test]
    fn n_comes_from_the_dossiers_of_the_agency_and_is_shared_in_proportion() {
        // N = 2,000: n = 334; shares 3:1 → 250.5 and 83.5.
        let plan = plan(&[counted(1, 1_500, 1_400), counted(2, 500, 450)], &Size::Margin(50), 20).unwrap();
        assert_eq!(sizes(&plan), [(251, 51), (83, 17)]);
    }

    #[test]
    fn one_person_with_many_dossiers_is_asked_once_and_the_others_make_up_for_it() {
        let plan = plan(&[counted(1, 1_000, 20), counted(2, 1_000, 900)], &Size::Margin(50), 20).unwrap();
        assert_eq!(sizes(&plan), [(20, 0), (314, 63)]);
    }

    #[test]
    fn a_small_stratum_has_two_so_that_there_is_an_interval() {
        let plan =
            plan(&[counted(1, 9_990, 9_000), counted(2, 9, 9), counted(3, 1, 1)], &Size::Margin(50), 20).unwrap();
        assert_eq!(plan.iter().map(|p| p.n).collect::<Vec<_>>(), [385, 2, 1]);
    }

    #[test]
    fn by_hand_is_by_hand_up_to_everybody() {
        let size = Size::ByHand(vec![(StratumId(1), 10), (StratumId(2), 99)]);
        let plan = plan(&[counted(1, 30, 30), counted(2, 8, 7), counted(3, 8, 7)], &size, 10).unwrap();
        assert_eq!(sizes(&plan), [(10, 1), (7, 0), (0, 0)]);
    }

    proptest! {
        #[test]
        fn a_plan_never_asks_more_than_there_are_and_as_many_as_the_formula_says(
            strata in prop::collection::vec((1_u32..5_000, 0_u32..5_000), 1..8),
        ) {
            let strata: Vec<Counted> =
                (1..).zip(strata).map(|(id, (people, more))| counted(id, people + more, people)).collect();
            let dossiers: u32 = strata.iter().map(|s| s.dossiers).sum();
            if let Ok(plan) = plan(&strata, &Size::Margin(50), 20) {
                prop_assert!(plan.iter().all(|p| p.n + p.reserve <= p.counted.people));
                let n: u64 = plan.iter().map(|p| u64::from(p.n)).sum();
                let people: u64 = strata.iter().map(|s| u64::from(s.people)).sum();
                prop_assert!(n >= yamane(u64::from(dossiers), 50).min(people));
                prop_assert!(n <= yamane(u64::from(dossiers), 50) + 2 * strata.len() as u64);
            }
        }
    }
}
