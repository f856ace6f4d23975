//! The list of a surveyor on the device: who is still to be visited, who was, and how it ended. Pure.
//!
//! The kit says what the server knows; what happened since lies in the outbox. Both together decide.

use std::collections::HashMap;

use crate::domain::field_work::{Event, Outcome, Unit, What};
use crate::domain::response::local_day;

/// Attempts on different days after which a unit counts as not found (design 11).
pub const DAYS: usize = 3;

/// How far a unit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nobody has been there.
    New,
    /// Visited, and to be visited again: so many days so far.
    Again(usize),
    /// The interview is done.
    Done,
    /// Ended without an interview.
    Ended(Outcome),
    /// Nobody there on three different days.
    NotReached,
    /// Given up for another, by its number in the list.
    Replaced(u32),
}

impl Progress {
    /// Whether a visit may still bring an interview.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::New | Self::Again(_))
    }
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The unit, its contact included where the device still has it.
    pub unit: Unit,
    /// How far it is.
    pub progress: Progress,
    /// All attempts, the first first: local day and outcome.
    pub attempts: Vec<(i32, Outcome)>,
    /// A reserve unit that has not been called up is no visit yet.
    pub called: bool,
}

impl Person {
    /// Hamlet and ward, as far as the address says: its last two parts.
    pub fn area(&self) -> String {
        let address = self.unit.contact.as_ref().map_or("", |contact| contact.address.as_str());
        let parts: Vec<&str> = address.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        parts[parts.len().saturating_sub(2)..].join(", ")
    }

    /// Whether a search finds it: number, name, address or telephone, without regard to diacritics. `fold` is that of
    /// [`crate::domain::text`]; on the device the browser has the tables of letters, and a bundle need not carry them.
    pub fn is_found(&self, folded: &str, fold: &dyn Fn(&str) -> String) -> bool {
        if folded.is_empty() {
            return true;
        }
        let contact = self.unit.contact.clone().unwrap_or_default();
        let text = format!("{} {} {} {}", self.unit.number, contact.name, contact.address, contact.phone);
        fold(&text).contains(folded)
    }
}

/// What the outbox says of one unit.
#[derive(Default)]
struct Since {
    attempts: Vec<(i32, Outcome)>,
    /// By which number.
    replaced: Option<u32>,
    called: bool,
}

/// The list as it stands: the kit's units with what has happened since.
pub fn people(units: &[Unit], events: &[Event]) -> Vec<Person> {
    // Every kind of map weighs on the bundle: one of all that happened, and none sorted.
    let mut since: HashMap<&str, Since> = HashMap::new();
    for event in events {
        match &event.what {
            What::Attempt { unit, outcome, .. } => {
                since.entry(unit).or_default().attempts.push((local_day(event.at), *outcome));
            }
            What::Replace { unit, by, .. } => {
                let number = units.iter().find(|unit| unit.unit == *by).map_or(0, |unit| unit.number);
                since.entry(unit).or_default().replaced = Some(number);
                since.entry(by).or_default().called = true;
            }
            What::Shift { .. } | What::Lease { .. } | What::Presses { .. } => {}
        }
    }
    let person = |unit: &Unit| {
        let mut attempts = unit.attempts.clone();
        // What the server knows already may still be in the outbox as a second copy.
        let since = since.get(unit.unit.as_str());
        for attempt in since.into_iter().flat_map(|since| &since.attempts) {
            if !attempts.contains(attempt) {
                attempts.push(*attempt);
            }
        }
        attempts.sort_by_key(|(day, _)| *day);
        let progress = match since.and_then(|since| since.replaced) {
            Some(by) => Progress::Replaced(by),
            // On another device, or so long ago that the word of it is gone: by whom is not known here.
            None if unit.replaced => Progress::Replaced(0),
            None => progress(&attempts),
        };
        let called = !unit.reserve || since.is_some_and(|since| since.called) || !attempts.is_empty();
        Person { unit: unit.clone(), progress, attempts, called }
    };
    units.iter().map(person).collect()
}

fn progress(attempts: &[(i32, Outcome)]) -> Progress {
    if attempts.iter().any(|(_, outcome)| *outcome == Outcome::Done) {
        return Progress::Done;
    }
    let ended = attempts.iter().rev().find(|(_, outcome)| *outcome != Outcome::NotHome);
    if let Some((_, outcome)) = ended {
        return Progress::Ended(*outcome);
    }
    let mut days: Vec<i32> = attempts.iter().map(|(day, _)| *day).collect();
    // The attempts are in the order of their days.
    days.dedup();
    match days.len() {
        0 => Progress::New,
        days if days >= DAYS => Progress::NotReached,
        days => Progress::Again(days),
    }
}

/// The first reserve unit that may take the place of another: of the same agency and field, neither called up nor visited.
pub fn reserve_for<'p>(people: &'p [Person], unit: &Unit) -> Option<&'p Person> {
    people.iter().find(|person| {
        person.unit.reserve
            && !person.called
            && person.unit.agency == unit.agency
            && person.unit.field == unit.field
            && person.progress == Progress::New
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field_work::{Contact, Party};
    use crate::domain::text::fold;

    const DAY: i64 = 86_400_000;

    fn unit(number: u32, reserve: bool) -> Unit {
        Unit {
            unit: format!("u{number}"),
            number,
            agency: "H13.1".to_owned(),
            field: Some("dat-dai".to_owned()),
            party: Party::Person,
            reserve,
            replaced: false,
            contact: Some(Contact {
                name: format!("Nguyễn Thị Út {number}"),
                address: "12 đường số 3, ấp Thới Hòa, xã Thới Lai".to_owned(),
                phone: "0900".to_owned(),
                note: String::new(),
            }),
            attempts: vec![],
        }
    }

    fn attempt(number: u32, day: i64, outcome: Outcome) -> Event {
        let what = What::Attempt { unit: format!("u{number}"), outcome, note: String::new() };
        Event { id: format!("{number}-{day}-{outcome:?}"), at: day * DAY, clock: None, what }
    }

    #[test]
    fn three_visits_on_one_day_are_one_day() {
        let events: Vec<Event> = (0..3).map(|_| attempt(1, 5, Outcome::NotHome)).collect();
        assert_eq!(people(&[unit(1, false)], &events)[0].progress, Progress::Again(1));
        let events: Vec<Event> = (5..8).map(|day| attempt(1, day, Outcome::NotHome)).collect();
        assert_eq!(people(&[unit(1, false)], &events)[0].progress, Progress::NotReached);
    }

    #[test]
    fn an_interview_after_a_refusal_is_an_interview() {
        let events = [attempt(1, 5, Outcome::Refused), attempt(1, 6, Outcome::Done)];
        assert_eq!(people(&[unit(1, false)], &events)[0].progress, Progress::Done);
        assert_eq!(people(&[unit(1, false)], &events[..1])[0].progress, Progress::Ended(Outcome::Refused));
    }

    #[test]
    fn what_server_and_outbox_both_know_counts_once() {
        let mut known = unit(1, false);
        known.attempts = vec![(5, Outcome::NotHome)];
        let list = people(&[known], &[attempt(1, 5, Outcome::NotHome)]);
        assert_eq!(list[0].attempts.len(), 1);
    }

    #[test]
    fn a_reserve_unit_waits_until_it_takes_a_place_and_takes_one_only() {
        let units = [unit(1, false), unit(2, false), unit(3, true), unit(4, true)];
        let list = people(&units, &[]);
        assert!(!list[2].called);
        assert_eq!(reserve_for(&list, &units[0]).map(|person| person.unit.number), Some(3));
        let what = What::Replace { unit: "u1".to_owned(), by: "u3".to_owned(), reason: "chuyển đi".to_owned() };
        let list = people(&units, &[Event { id: "r".to_owned(), at: 0, clock: None, what }]);
        assert_eq!(list[0].progress, Progress::Replaced(3));
        assert!(list[2].called && !list[0].progress.is_open());
        assert_eq!(reserve_for(&list, &units[1]).map(|person| person.unit.number), Some(4));
        let other = Unit { field: Some("ho-tich".to_owned()), ..unit(9, false) };
        assert_eq!(reserve_for(&list, &other), None);
    }

    #[test]
    fn search_knows_no_diacritics_and_the_area_is_hamlet_and_ward() {
        let list = people(&[unit(7, false)], &[]);
        for found in ["", "ut 7", "thoi hoa", "0900", "7"] {
            assert!(list[0].is_found(found, &fold), "{found}");
        }
        assert!(!list[0].is_found("o mon", &fold));
        assert_eq!(list[0].area(), "ấp Thới Hòa, xã Thới Lai");
        let purged = Unit { contact: None, ..unit(7, false) };
        assert_eq!(people(&[purged], &[])[0].area(), "");
    }
}
