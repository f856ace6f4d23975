//! A round by interviewer: how many, how long, what stands out, and whether their work looks like that of the others.

use std::collections::{BTreeMap, HashMap};

use super::compare::{Compared, LEVEL, Stratum, compare};
use super::flags::{Flag, FlagKind};
use super::{Interview, Interviewer, median};
use crate::domain::field_work::Outcome;
use crate::domain::ids::AgencyId;
use crate::domain::response::Standing;

/// What is compared between interviewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// The answer that each interview gives most often: 1 to 5.
    Answers,
    /// Whether an interview is a row of one answer.
    Straight,
    /// In which quarter of all lengths it lies.
    Lengths,
    /// How visits end: held, refused, nobody there, other.
    Visits,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Answers, Self::Straight, Self::Lengths, Self::Visits];

    fn categories(self) -> usize {
        match self {
            Self::Answers => 5,
            Self::Straight => 2,
            Self::Lengths | Self::Visits => 4,
        }
    }
}

/// A visit to somebody on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Who went.
    pub by: Interviewer,
    /// About which agency.
    pub agency: AgencyId,
    /// How it ended.
    pub outcome: Outcome,
}

/// One interviewer.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Who.
    pub by: Interviewer,
    /// Interviews.
    pub n: u32,
    /// Of them in the index.
    pub valid: u32,
    /// Of them left out by a decision.
    pub excluded: u32,
    /// Of them with something that stands out.
    pub flagged: u32,
    /// How many of each kind.
    pub kinds: BTreeMap<FlagKind, u32>,
    /// Median length, in milliseconds.
    pub median: Option<i64>,
    /// Visits, and of them refused and nobody there.
    pub visits: (u32, u32, u32),
    /// Beside the others.
    pub compared: Vec<(Measure, Compared)>,
}

/// Counts by measure, interviewer and agency.
type Tables = HashMap<(Measure, AgencyId), BTreeMap<Interviewer, Vec<u32>>>;

/// The interviewers of a round, those with most that stands out first. `flags` are in the order of the interviews.
pub fn overview(interviews: &[Interview], flags: &[Vec<Flag>], visits: &[Visit]) -> Vec<Line> {
    let mut lines: BTreeMap<Interviewer, Line> = BTreeMap::new();
    let mut lengths: BTreeMap<Interviewer, Vec<i64>> = BTreeMap::new();
    let quarters = quarters(interviews);
    let mut tables = Tables::new();
    let mut count = |measure: Measure, agency, by, category: usize| {
        let counts = tables.entry((measure, agency)).or_default().entry(by);
        let counts = counts.or_insert_with(|| vec![0; measure.categories()]);
        if let Some(n) = counts.get_mut(category) {
            *n += 1;
        }
    };
    for (interview, flags) in interviews.iter().zip(flags) {
        let line = lines.entry(interview.by).or_insert_with(|| Line::new(interview.by));
        line.n += 1;
        line.valid += u32::from(interview.standing == Standing::Valid);
        line.excluded += u32::from(interview.standing == Standing::Excluded);
        line.flagged += u32::from(!flags.is_empty());
        let mut kinds: Vec<FlagKind> = flags.iter().map(|flag| flag.kind()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *line.kinds.entry(kind).or_default() += 1;
        }
        let length = interview.length();
        lengths.entry(interview.by).or_default().extend(length);
        if interview.by == Interviewer::Unknown {
            continue;
        }
        if let Some(modal) = interview.answers.modal {
            count(Measure::Answers, interview.agency, interview.by, usize::from(modal).saturating_sub(1));
            count(Measure::Straight, interview.agency, interview.by, usize::from(interview.answers.straight));
        }
        if let Some(length) = length {
            let quarter = quarters.iter().filter(|limit| length > **limit).count();
            count(Measure::Lengths, interview.agency, interview.by, quarter);
        }
    }
    for visit in visits {
        let line = lines.entry(visit.by).or_insert_with(|| Line::new(visit.by));
        line.visits.0 += 1;
        line.visits.1 += u32::from(visit.outcome == Outcome::Refused);
        line.visits.2 += u32::from(visit.outcome == Outcome::NotHome);
        let category = match visit.outcome {
            Outcome::Done => 0,
            Outcome::Refused => 1,
            Outcome::NotHome => 2,
            Outcome::NotFound | Outcome::Unable | Outcome::OutOfScope | Outcome::NoResult => 3,
        };
        count(Measure::Visits, visit.agency, visit.by, category);
    }
    let tested = lines.keys().filter(|by| **by != Interviewer::Unknown).count() * Measure::ALL.len();
    let level = LEVEL / tested.max(1) as f64;
    for (by, line) in &mut lines {
        line.median = median(lengths.remove(by).unwrap_or_default());
        if *by != Interviewer::Unknown {
            line.compared = Measure::ALL.map(|measure| (measure, beside(&tables, measure, *by, level))).to_vec();
        }
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.differs()), std::cmp::Reverse(line.flagged), line.by));
    lines
}

impl Line {
    fn new(by: Interviewer) -> Self {
        Self {
            by,
            n: 0,
            valid: 0,
            excluded: 0,
            flagged: 0,
            kinds: BTreeMap::new(),
            median: None,
            visits: (0, 0, 0),
            compared: vec![],
        }
    }

    /// In how many measures the interviewer surely differs from the others.
    pub fn differs(&self) -> usize {
        self.compared.iter().filter(|(_, compared)| matches!(compared, Compared::Differs(_))).count()
    }
}

/// The three limits between the quarters of all lengths.
fn quarters(interviews: &[Interview]) -> Vec<i64> {
    let mut lengths: Vec<i64> = interviews.iter().filter_map(Interview::length).collect();
    lengths.sort_unstable();
    (1..4).filter_map(|quarter| lengths.get((lengths.len() * quarter / 4).saturating_sub(1)).copied()).collect()
}

fn beside(tables: &Tables, measure: Measure, by: Interviewer, level: f64) -> Compared {
    let strata: Vec<Stratum> = tables
        .iter()
        .filter(|((of, _), _)| *of == measure)
        .filter_map(|(_, people)| {
            let own = people.get(&by)?.clone();
            let mut all = vec![0; measure.categories()];
            for counts in people.values() {
                all.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
            }
            Some(Stratum { own, all })
        })
        .collect();
    compare(&strata, level)
}

#[cfg(test)]
mod tests {
    use super::super::flags::{Clocks, flags};
    use super::super::tests::interview;
    use super::*;
    use crate::domain::ids::AccountId;

    const HOUR: i64 = 3_600_000;

    /// Forty interviews each of three people at one agency, answers in turn.
    fn round() -> Vec<Interview> {
        (0..120)
            .map(|n| {
                let mut one =
                    interview(n, i32::try_from(n % 3).expect("small") + 1, i64::try_from(n).expect("small") * HOUR);
                one.answers.modal = Some(3 + u8::try_from(n / 3 % 3).expect("small"));
                one
            })
            .collect()
    }

    fn line(lines: &[Line], by: i32) -> &Line {
        lines.iter().find(|line| line.by == Interviewer::Account(AccountId(by))).expect("there")
    }

    #[test]
    fn people_who_ask_alike_are_not_told_apart() {
        let round = round();
        let lines = overview(&round, &flags(&round, &Clocks::new()), &[]);
        assert_eq!(
            lines.iter().map(|line| (line.n, line.flagged, line.differs())).collect::<Vec<_>>(),
            [(40, 0, 0); 3]
        );
        assert_eq!(line(&lines, 1).median, Some(300_000));
        let visits = line(&lines, 1).compared.iter().find(|(measure, _)| *measure == Measure::Visits);
        assert_eq!(visits.map(|(_, compared)| *compared), Some(Compared::NotEnough));
    }

    #[test]
    fn who_hears_one_answer_everywhere_comes_first() {
        let mut round = round();
        for one in round.iter_mut().filter(|one| one.by == Interviewer::Account(AccountId(3))) {
            one.answers.modal = Some(5);
            one.answers.straight = true;
        }
        let lines = overview(&round, &flags(&round, &Clocks::new()), &[]);
        assert_eq!(lines[0].by, Interviewer::Account(AccountId(3)));
        let odd: Vec<Measure> = (lines[0].compared.iter())
            .filter(|(_, compared)| matches!(compared, Compared::Differs(_)))
            .map(|(measure, _)| *measure)
            .collect();
        assert_eq!(odd, [Measure::Answers, Measure::Straight]);
        assert_eq!((lines[0].flagged, lines[0].kinds.get(&FlagKind::Straight)), (40, Some(&40)));
    }

    #[test]
    fn who_meets_nobody_at_home_is_told_apart_by_visits_and_what_nobody_signed_by_nothing() {
        let visit = |by, outcome| Visit { by: Interviewer::Account(AccountId(by)), agency: AgencyId(1), outcome };
        let mut visits: Vec<Visit> = (0..90).map(|n| visit(1 + n % 3, Outcome::Done)).collect();
        visits.extend((0..30).map(|_| visit(2, Outcome::NotHome)));
        visits.push(Visit { by: Interviewer::Unknown, agency: AgencyId(1), outcome: Outcome::Done });
        let lines = overview(&[], &[], &visits);
        let two = line(&lines, 2);
        assert_eq!((two.visits, two.differs(), two.n), ((60, 0, 30), 1, 0));
        let nobody = lines.iter().find(|line| line.by == Interviewer::Unknown).expect("there");
        assert!(nobody.compared.is_empty());
    }

    #[test]
    fn decisions_are_counted_beside_what_stands_out() {
        let mut round = round();
        round[0].standing = Standing::Excluded;
        round[3].standing = Standing::Suspect;
        let lines = overview(&round, &flags(&round, &Clocks::new()), &[]);
        let one = line(&lines, 1);
        assert_eq!((one.n, one.valid, one.excluded), (40, 38, 1));
    }
}
