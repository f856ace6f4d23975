//! Rounds side by side: what changed for certain, and the series of an agency with its breaks.
//!
//! Only rounds of one method, one questionnaire version and one stream are compared, and only an agency whose area
//! stayed the same. A change is named where the interval of the difference, at 1 − 0.05/(number compared), leaves out 0:
//! so all changes that are named together are right with 95 %.

use serde::Serialize;

use super::agency::Agency;
use super::ids::{AgencyId, RoundId};
use super::index::{Absence, Compared, Difference, Estimate, Figure, NotCompared, compared};
use super::limits::TREND_RESPONDENTS;
use super::response::Stream;

/// The published index of an agency (or a total) in one round.
#[derive(Clone, Copy, Debug)]
pub struct RoundFigure<'a> {
    /// The round.
    pub round: RoundId,
    /// The dated record of the agency in it.
    pub agency: AgencyId,
    /// Key and version of the questionnaire.
    pub questionnaire: (&'a str, u16),
    /// Key and version of the method.
    pub method: (&'a str, u16),
    /// The stream.
    pub stream: Stream,
    /// Valid responses.
    pub n: i64,
    /// The index.
    pub figure: &'a Figure,
}

/// Why two rounds cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Break {
    /// Another method, or another version of it.
    Method,
    /// Another questionnaire, or another version of it.
    Questionnaire,
    /// Respondents came another way.
    Stream,
    /// The agency has another area: it was merged, divided, or made anew.
    Area,
}

/// What lies between two rounds, if anything.
pub fn break_between(agencies: &[Agency], before: &RoundFigure<'_>, now: &RoundFigure<'_>) -> Option<Break> {
    if before.method != now.method {
        Some(Break::Method)
    } else if before.questionnaire != now.questionnaire {
        Some(Break::Questionnaire)
    } else if before.stream != now.stream {
        Some(Break::Stream)
    } else if same_area(agencies, before.agency, now.agency) {
        None
    } else {
        Some(Break::Area)
    }
}

/// Whether two records are one agency with one area: the same record, or each the only successor of the one before and
/// that one its only predecessor (a new name).
pub fn same_area(agencies: &[Agency], before: AgencyId, now: AgencyId) -> bool {
    let mut at = before;
    // Records follow each other in time, so that no chain is longer than there are records.
    for _ in 0..=agencies.len() {
        if at == now {
            return true;
        }
        let Some([next]) = agencies.iter().find(|a| a.id == at).map(|a| a.successors.as_slice()) else {
            return false;
        };
        if agencies.iter().filter(|a| a.successors.contains(next)).count() != 1 {
            return false;
        }
        at = *next;
    }
    false
}

/// One step of a series, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// An index that may be drawn.
    Point {
        /// The round.
        round: RoundId,
        /// Valid responses.
        n: i64,
        /// The index with its interval.
        estimate: Estimate,
    },
    /// Fewer than 30 responses: no point.
    TooFew {
        /// The round.
        round: RoundId,
        /// Valid responses.
        n: i64,
    },
    /// No index.
    Absent {
        /// The round.
        round: RoundId,
        /// Why.
        why: Absence,
    },
    /// The line is broken here.
    Break {
        /// Why.
        why: Break,
    },
}

/// The series of an agency over rounds, from the first. What follows a break may be drawn, and joins nothing before it.
pub fn series(agencies: &[Agency], rounds: &[RoundFigure<'_>]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(rounds.len());
    let mut last: Option<&RoundFigure<'_>> = None;
    for round in rounds {
        if let Some(why) = last.and_then(|last| break_between(agencies, last, round)) {
            steps.push(Step::Break { why });
        }
        last = Some(round);
        let RoundFigure { round, n, figure, .. } = *round;
        steps.push(match figure {
            Err(why) => Step::Absent { round, why: *why },
            Ok(_) if n < TREND_RESPONDENTS => Step::TooFew { round, n },
            Ok(estimate) => Step::Point { round, n, estimate: *estimate },
        });
    }
    steps
}

/// Why no change can be told.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoChange {
    /// "Đợt đầu, chưa có số để so sánh".
    FirstRound,
    /// The rounds cannot be compared.
    Broken {
        /// Why.
        why: Break,
    },
    /// Fewer than 30 responses in one of the rounds.
    TooFew {
        /// The smaller number.
        n: i64,
    },
    /// One of the figures is not there, or has no interval.
    NotCompared {
        /// Why.
        why: NotCompared,
    },
}

/// The change of one agency, now less before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The agency as it is now.
    pub agency: AgencyId,
    /// The difference with its interval at the level of all comparisons together, or why there is none.
    pub change: Result<Difference, NoChange>,
}

/// The changes of many agencies between two rounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changes {
    /// How many could be compared.
    pub compared: usize,
    /// The level of each interval, 1 − 0.05/(number compared).
    pub level: f64,
    /// One an agency, in the order given.
    pub lines: Vec<Change>,
}

/// Changes between two rounds: for each agency what it was (none in its first round) and what it is.
pub fn changes(agencies: &[Agency], pairs: &[(Option<RoundFigure<'_>>, RoundFigure<'_>)]) -> Changes {
    let at = |level: f64| -> Vec<Change> {
        let line = |(before, now): &(Option<RoundFigure<'_>>, RoundFigure<'_>)| Change {
            agency: now.agency,
            change: change(agencies, before.as_ref(), now, level),
        };
        pairs.iter().map(line).collect()
    };
    let compared = at(0.95).iter().filter(|line| line.change.is_ok()).count();
    let level = 1.0 - 0.05 / compared.max(1) as f64;
    Changes { compared, level, lines: at(level) }
}

/// One change by itself, at a confidence level.
///
/// # Errors
/// [`NoChange`] where there is nothing to compare.
pub fn change(
    agencies: &[Agency],
    before: Option<&RoundFigure<'_>>,
    now: &RoundFigure<'_>,
    level: f64,
) -> Result<Difference, NoChange> {
    let before = before.ok_or(NoChange::FirstRound)?;
    if let Some(why) = break_between(agencies, before, now) {
        return Err(NoChange::Broken { why });
    }
    let difference: Compared = compared(now.figure, before.figure, level);
    let difference = difference.map_err(|why| NoChange::NotCompared { why })?;
    let n = before.n.min(now.n);
    if n < TREND_RESPONDENTS { Err(NoChange::TooFew { n }) } else { Ok(difference) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agency::Level;
    use crate::domain::index::{Verdict, what_if};

    fn figure(n: i64, satisfied: i64) -> Figure {
        what_if(100_000, n, satisfied).ok_or(Absence::NobodyAnswered)
    }

    fn round(id: i32, agency: i32, n: i64, figure: &Figure) -> RoundFigure<'_> {
        RoundFigure {
            round: RoundId(id),
            agency: AgencyId(agency),
            questionnaire: ("thu", 1),
            method: ("thu", 1),
            stream: Stream::Sample,
            n,
            figure,
        }
    }

    fn record(id: i32, successors: &[i32]) -> Agency {
        Agency {
            id: AgencyId(id),
            code: id.to_string(),
            name: id.to_string(),
            kind: "xã".to_owned(),
            level: Level::Commune,
            parent: None,
            valid_from: 0,
            valid_to: None,
            aliases: Vec::new(),
            successors: successors.iter().copied().map(AgencyId).collect(),
        }
    }

    #[test]
    fn the_first_round_has_nothing_to_be_compared_with() {
        let now = figure(400, 340);
        assert_eq!(change(&[], None, &round(2, 1, 400, &now), 0.95), Err(NoChange::FirstRound));
    }

    #[test]
    fn another_method_form_stream_or_area_is_a_break_and_no_figure() {
        let (before, now) = (figure(400, 300), figure(400, 340));
        let (first, second) = (round(1, 1, 400, &before), round(2, 1, 400, &now));
        let broken = |now: RoundFigure<'_>| match change(&[], Some(&first), &now, 0.95) {
            Err(NoChange::Broken { why }) => Some(why),
            _ => None,
        };
        assert_eq!(broken(second), None);
        assert_eq!(broken(RoundFigure { method: ("thu", 2), ..second }), Some(Break::Method));
        assert_eq!(broken(RoundFigure { questionnaire: ("khac", 1), ..second }), Some(Break::Questionnaire));
        assert_eq!(broken(RoundFigure { stream: Stream::Intercept, ..second }), Some(Break::Stream));
        assert_eq!(broken(RoundFigure { agency: AgencyId(2), ..second }), Some(Break::Area));
    }

    #[test]
    fn a_new_name_is_the_same_area_and_a_merger_is_not() {
        let renamed = [record(1, &[2]), record(2, &[3]), record(3, &[])];
        assert!(same_area(&renamed, AgencyId(1), AgencyId(3)));
        let merged = [record(1, &[3]), record(2, &[3]), record(3, &[])];
        assert!(!same_area(&merged, AgencyId(1), AgencyId(3)));
        let divided = [record(1, &[2, 3]), record(2, &[]), record(3, &[])];
        assert!(!same_area(&divided, AgencyId(1), AgencyId(2)));
        assert!(!same_area(&renamed, AgencyId(3), AgencyId(1)), "time has one direction");
        let circle = [record(1, &[2]), record(2, &[1])];
        assert!(!same_area(&circle, AgencyId(1), AgencyId(9)));
    }

    #[test]
    fn a_change_is_named_only_where_all_comparisons_together_allow_it() {
        let (before, now) = (figure(400, 300), figure(400, 340));
        let pair = |id: i32| (Some(round(1, id, 400, &before)), round(2, id, 400, &now));
        let alone = changes(&[], &[pair(1)]);
        assert_eq!((alone.compared, alone.lines[0].change.unwrap().verdict()), (1, Verdict::Higher));
        let many: Vec<_> = (0..1000).map(pair).collect();
        let many = changes(&[], &many);
        assert_eq!(many.compared, 1000);
        assert_eq!(many.lines[0].change.unwrap().verdict(), Verdict::NotClear);
        // Who cannot be compared does not make the others wait.
        let with_first_rounds: Vec<_> =
            std::iter::once(pair(1)).chain((2..1000).map(|id| (None, round(2, id, 400, &now)))).collect();
        let with_first_rounds = changes(&[], &with_first_rounds);
        assert_eq!((with_first_rounds.compared, with_first_rounds.lines[0].change), (1, alone.lines[0].change));
    }

    #[test]
    fn a_series_draws_no_point_below_thirty_and_shows_where_it_breaks() {
        let (few, many, none) = (figure(29, 20), figure(30, 20), Err(Absence::NobodyAnswered));
        let rounds = [
            round(1, 1, 29, &few),
            round(2, 1, 30, &many),
            RoundFigure { method: ("thu", 2), ..round(3, 1, 30, &many) },
            RoundFigure { method: ("thu", 2), ..round(4, 1, 0, &none) },
        ];
        let steps = series(&[], &rounds);
        assert_eq!(steps[0], Step::TooFew { round: RoundId(1), n: 29 });
        assert!(matches!(steps[1], Step::Point { round: RoundId(2), n: 30, .. }));
        assert_eq!(steps[2], Step::Break { why: Break::Method });
        assert!(matches!(steps[3], Step::Point { round: RoundId(3), .. }));
        assert_eq!(steps[4], Step::Absent { round: RoundId(4), why: Absence::NobodyAnswered });
        let short = changes(&[], &[(Some(rounds[0]), rounds[1])]);
        assert_eq!(short.lines[0].change, Err(NoChange::TooFew { n: 29 }));
    }
}
