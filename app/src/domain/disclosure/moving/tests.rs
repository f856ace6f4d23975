//! The attacker keeps every version that was ever on a page, over restarts, and holds each against each other and
//! against the frozen one. He knows the rules and subtracts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::answer::{Answer, Score, Sheet};
use crate::domain::fixture;
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;

const STEP: u32 = 5;

/// Something that happens to one agency in one stream.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A response comes: stratum, score, and whether it begins with a tap.
    Comes(i32, u8, bool),
    /// One of those that are there is left out, or taken back.
    Goes(usize),
    /// A fold ends: what is shown is on the pages from now on.
    Fold,
    /// The program ends and begins anew, or another process looks: all is read from the database.
    Restart,
}

struct World {
    questionnaire: Questionnaire,
    shape: Shape,
    part: Part,
    people: BTreeMap<usize, (StratumId, Tally)>,
    /// Whether each who ever came gave a tap.
    taps: Vec<bool>,
    moving: Moving,
    due: Option<Arc<Snapshot>>,
    /// Who is in each snapshot.
    who: Vec<(Arc<Snapshot>, BTreeSet<usize>)>,
    /// Every version that anybody could see.
    seen: Vec<(Snapshot, BTreeSet<usize>)>,
}

impl World {
    fn new(part: Part) -> Self {
        let questionnaire = fixture::form();
        let method: Method = serde_json::from_value(serde_json::json!({
            "key": "thu", "version": 1, "title": { "vi": "thử", "en": "trial" }, "source": "reference",
            "legal_basis": [], "overall": "mean_of_factors", "city": "pooled_by_n", "satisfied_from": 4,
            "min_factor_respondents": 5, "rank_min_n": 30, "rank_max_half_width": 0.05,
        }))
        .expect("a method");
        let shape = Shape::new(&questionnaire, &method);
        let moving = Moving::default();
        let who = vec![(Arc::clone(&moving.pending), BTreeSet::new()), (Arc::clone(&moving.shown), BTreeSet::new())];
        let people = BTreeMap::new();
        Self { questionnaire, shape, part, people, taps: vec![], moving, due: None, who, seen: vec![] }
    }

    fn now(&self) -> Snapshot {
        let cells = self.people.values().map(|(stratum, tally)| (*stratum, Standing::Valid, tally));
        Snapshot::of(self.part, Stream::Sample, &self.shape, cells)
    }

    fn follow(&mut self) {
        let now = self.now();
        let n = now.n();
        if let Some(due) = self.moving.follow(n, STEP, || now) {
            self.due = Some(due);
            let there = self.people.keys().copied().collect();
            self.who.push((Arc::clone(&self.moving.pending), there));
        }
    }

    fn people_in(&self, snapshot: &Arc<Snapshot>) -> BTreeSet<usize> {
        let found = self.who.iter().find(|(known, _)| Arc::ptr_eq(known, snapshot));
        found.map(|(_, people)| people.clone()).expect("every snapshot was noted")
    }

    /// As the store looks them up: by number.
    fn past(&self, n: i64) -> Vec<Snapshot> {
        let near = |was: &&(Snapshot, BTreeSet<usize>)| was.0.n().abs_diff(n) < u64::from(STEP);
        self.seen.iter().filter(near).map(|(snapshot, _)| snapshot.clone()).collect()
    }

    fn fold(&mut self) {
        let Some(due) = self.due.take() else { return };
        if due != self.moving.shown && may_be_shown(&due, &self.past(due.n()), STEP, &self.shape) {
            self.seen.push(((*due).clone(), self.people_in(&due)));
            self.moving.shown = due;
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Comes(stratum, score, tap) => {
                let mut sheet = Sheet::blank(&self.questionnaire);
                let score = Score::new(score).expect("1 to 5");
                sheet.answers.iter_mut().for_each(|answer| *answer = Answer::Score(score));
                sheet.tap = tap.then_some(score);
                self.people.insert(self.taps.len(), (StratumId(stratum), Tally::of(&self.shape, &sheet)));
                self.taps.push(tap);
                self.follow();
            }
            Event::Goes(which) => {
                let gone = self.people.keys().nth(which % self.people.len().max(1)).copied();
                if let Some(gone) = gone {
                    self.people.remove(&gone);
                    self.follow();
                }
            }
            Event::Fold => self.fold(),
            Event::Restart => {
                self.fold();
                for at in [true, false] {
                    let old = Arc::clone(if at { &self.moving.shown } else { &self.moving.pending });
                    let new = Arc::new(Snapshot::unpack(&self.shape, &old.pack()).expect("it was packed"));
                    assert_eq!(new, old);
                    self.who.push((Arc::clone(&new), self.people_in(&old)));
                    *(if at { &mut self.moving.shown } else { &mut self.moving.pending }) = new;
                }
            }
        }
    }

    /// Publishes, and says whether it is all that came.
    fn freeze(&mut self) -> bool {
        self.fold();
        let found = self.now();
        let past = self.past(found.n());
        if let Some(held) = instead(&found, &past, STEP, &self.shape) {
            // One of those that were seen.
            assert!(self.seen.iter().any(|(seen, _)| seen == held));
            return false;
        }
        self.seen.push((found, self.people.keys().copied().collect()));
        true
    }

    /// Two versions that are not the same and fewer than a step of responses apart.
    fn given_away(&self) -> Option<(usize, usize)> {
        for (a, (one, of_one)) in self.seen.iter().enumerate() {
            for (b, (other, of_other)) in self.seen.iter().enumerate().skip(a + 1) {
                let responds = |id: &&usize| self.part == Part::Valid || self.taps[**id];
                let apart = of_one.symmetric_difference(of_other).filter(responds).count();
                if one != other && apart < STEP as usize {
                    return Some((a, b));
                }
            }
        }
        None
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        12 => (1..3_i32, 1..6_u8, any::<bool>()).prop_map(|(stratum, score, tap)| Event::Comes(stratum, score, tap)),
        5 => any::<usize>().prop_map(Event::Goes),
        4 => Just(Event::Fold),
        1 => Just(Event::Restart),
    ]
}

fn arrival() -> impl Strategy<Value = Event> {
    event().prop_map(|event| if let Event::Goes(_) = event { Event::Fold } else { event })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_two_versions_that_were_seen_are_the_same_or_five_responses_apart(
        events in prop::collection::vec(event(), 1..160),
    ) {
        for part in Part::ALL {
            let mut world = World::new(part);
            for event in &events {
                world.happens(*event);
            }
            world.freeze();
            prop_assert_eq!(world.given_away(), None);
        }
    }

    /// The proof of the head in numbers: nothing has to be held back, and nobody waits for more than nine responses.
    #[test]
    fn where_responses_only_come_the_frozen_version_is_complete_and_the_shown_one_near(
        events in prop::collection::vec(arrival(), 1..160),
    ) {
        let mut world = World::new(Part::Valid);
        for event in events {
            world.happens(event);
            if matches!(event, Event::Fold | Event::Restart) {
                let behind = world.people.len() as i64 - world.moving.shown.n();
                prop_assert!(behind < 2 * i64::from(STEP), "{}", behind);
            }
        }
        prop_assert!(world.freeze());
        prop_assert_eq!(world.given_away(), None);
    }
}

#[test]
fn one_response_after_a_wave_that_was_left_out_does_not_come_out() {
    let mut world = World::new(Part::Valid);
    let comes = |world: &mut World, score, many: usize| {
        for _ in 0..many {
            world.happens(Event::Comes(1, score, false));
            world.happens(Event::Fold);
        }
    };
    comes(&mut world, 4, 25);
    comes(&mut world, 5, 60);
    assert_eq!(world.moving.shown.n(), 80);
    // All but the first twenty are found to be made up, and one person comes.
    for _ in 0..65 {
        world.happens(Event::Goes(20));
        world.happens(Event::Fold);
    }
    comes(&mut world, 1, 1);
    assert_eq!((world.now().n(), world.freeze(), world.given_away()), (21, false, None));
    let past = world.past(21);
    let published = instead(&world.now(), &past, STEP, &world.shape).map(Snapshot::n);
    assert_eq!(published, Some(20), "the version before the wave is published, without the one person");
}

#[test]
fn what_is_surely_other_responses_is_shown_though_the_number_was_there_before() {
    let mut world = World::new(Part::Valid);
    for score in [5, 1] {
        for _ in 0..20 {
            world.happens(Event::Comes(1, score, false));
            world.happens(Event::Fold);
        }
    }
    for _ in 0..20 {
        world.happens(Event::Goes(0));
        world.happens(Event::Fold);
    }
    assert!(world.freeze(), "twenty who are not satisfied are not the twenty who were");
    assert_eq!(world.given_away(), None);
}

#[test]
fn bytes_that_are_cut_off_are_no_snapshot() {
    let mut world = World::new(Part::Valid);
    (0..7).for_each(|at| world.happens(Event::Comes(1 + at % 2, 3, true)));
    let bytes = world.now().pack();
    assert_eq!(Snapshot::unpack(&world.shape, &bytes), Some(world.now()));
    for end in [1, 5, bytes.len() - 1] {
        assert_eq!(Snapshot::unpack(&world.shape, &bytes[..end]), None, "{end}");
    }
    assert_eq!(Part::ALL.map(Part::code).map(Part::from_code), Part::ALL.map(Some));
}

#[test]
fn no_more_responses_wait_than_a_page_says() {
    let shape = World::new(Part::Taps).shape;
    let of = |n: i64| {
        let taps = Tally::of_taps(&shape, [0, 0, 0, 0, n]);
        Snapshot::of(Part::Taps, Stream::Code, &shape, [(StratumId::WHOLE, Standing::Valid, &taps)])
    };
    let mut moving = Moving::default();
    let mut most = 0;
    for n in 1..200 {
        if let Some(next) = moving.follow(n, STEP, || of(n)) {
            moving.shown = next;
        }
        most = most.max(n - moving.shown.n());
    }
    assert_eq!(most, i64::from(most_behind(STEP)));
    assert_eq!(most_behind(1), 0, "the figures of sample data are never behind");
}
