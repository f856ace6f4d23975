//! The simulated city of 2018: a round with its strata, desks and responses, all of one seed. The total of dossiers is
//! that of a report; everything else that has a number is invented, and the round says so (`sample_data`).
//!
//! May use the domain, the city's data and chance with a seed; no clock, no database.

mod calendar;
mod chance;
mod comments;
mod desks;
mod form;
mod frame;
mod habits;
mod opinion;
mod quotas;
mod schedule;

use chrono::NaiveDate;
use uuid::Uuid;

use self::calendar::Day;
use self::chance::Chance;
use self::form::{Care, Form};
use self::frame::Office;
use self::opinion::{Opinions, Person};
use self::schedule::{Origin, Quota, Schedule, Ticket};
use super::city::City;
use super::table::day_number;
use crate::domain::answer::{Sheet, Validity};
use crate::domain::ids::{DeskId, RoundId, StratumId};
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream};
use crate::domain::round::{Desk, Round, Stratum};
use crate::domain::text::{Lang, Text};

const ROUND: RoundId = RoundId(1);
const MINUTE_MS: u32 = 60_000;
const HOUR_MS: u32 = 60 * MINUTE_MS;

/// The streams of chance, one a purpose.
mod purpose {
    pub(super) const FRAME: u64 = 1;
    pub(super) const QUOTAS: u64 = 2;
    pub(super) const OPINIONS: u64 = 3;
    pub(super) const SCHEDULE: u64 = 4;
    pub(super) const RESPONSES: u64 = 5;
}

/// A round and all that belongs to it, and the recipe of its responses.
pub struct SimulatedCity {
    /// The round, marked as sample data and always open.
    pub round: Round,
    /// Its strata; every agency of 2018 has at least one, with N.
    pub strata: Vec<Stratum>,
    /// Its desks; every agency has at least one.
    pub desks: Vec<Desk>,
    questionnaire: Questionnaire,
    seed: u64,
    offices: Vec<Office>,
    /// The desks of each office.
    office_desks: Vec<Vec<DeskId>>,
    form: Form,
    opinions: Opinions,
    days: Vec<Day>,
    quotas: Vec<Quota>,
}

/// The city of 2018 with `n_responses` responses to come, about three of four of them in the stream `sample`, as far as
/// there are dossiers, and the rest in `open`. The same seed and number give the same city, but for the codes of
/// the desks, which need `code_entropy` that nobody can guess.
pub fn city_of_2018(
    seed: u64,
    n_responses: usize,
    code_entropy: [u8; 32],
    city: &City,
    questionnaire: &Questionnaire,
    method: &Method,
) -> SimulatedCity {
    let date = |month, day| NaiveDate::from_ymd_opt(2018, month, day).unwrap_or_default();
    let (first, last) = (date(1, 1), date(10, 31));
    let days = calendar::days(first, last);
    let frame = frame::frame(city, day_number(first), &mut Chance::new(seed, purpose::FRAME));
    let form = Form::new(questionnaire, method);
    let (factors, criteria) = form.size();
    let opinions = Opinions::new(&frame.offices, factors, criteria, &mut Chance::new(seed, purpose::OPINIONS));
    let quotas = all_quotas(n_responses as u64, &frame.offices, &days, &mut Chance::new(seed, purpose::QUOTAS));
    let desks = desks::desks(&frame.offices, ROUND, seed, code_entropy);
    let office_desks = frame
        .offices
        .iter()
        .map(|office| desks.iter().filter(|d| d.agency == office.agency).map(|d| d.id).collect())
        .collect();
    let round = Round {
        id: ROUND,
        code: "2018".to_owned(),
        name: Text {
            vi: "Đợt đo lường năm 2018 (mô phỏng)".to_owned(),
            en: "Survey round of 2018 (simulated)".to_owned(),
        },
        questionnaire: (questionnaire.key.clone(), questionnaire.version),
        method: (method.key.clone(), method.version),
        period: (day_number(first), day_number(last)),
        opens_at: None,
        closes_at: None,
        fields: frame.fields,
        step: 1,
        sample_data: true,
    };
    SimulatedCity {
        round,
        strata: frame.offices.iter().flat_map(|o| o.strata.iter().cloned()).collect(),
        desks,
        questionnaire: questionnaire.clone(),
        seed,
        offices: frame.offices,
        office_desks,
        form,
        opinions,
        days,
        quotas,
    }
}

fn all_quotas(responses: u64, offices: &[Office], days: &[Day], chance: &mut Chance) -> Vec<Quota> {
    let samples = quotas::samples(quotas::sample_total(responses), offices);
    let drawn: u64 = samples.iter().flatten().sum();
    let open = quotas::open(responses - drawn, offices, chance);
    let whole = days.last().map_or(1, |d| d.by_evening);
    let mut quota = |origin, count| Quota { origin, count, phase: u64::from(chance.below(whole as u32)) };
    let mut all = Vec::new();
    for (office, (strata, open)) in samples.iter().zip(open).enumerate() {
        for (stratum, count) in strata.iter().enumerate() {
            all.push(quota(Origin::Sample(office, stratum), *count));
        }
        all.push(quota(Origin::Desk(office), open));
    }
    all
}

impl SimulatedCity {
    /// How many responses there will be.
    pub fn n_responses(&self) -> u64 {
        self.quotas.iter().map(|q| q.count).sum()
    }

    /// The responses in the order of time, made one after the other as they are taken; the same each time.
    pub fn responses(&self) -> impl Iterator<Item = NewResponse> + '_ {
        let schedule = Schedule::new(&self.days, &self.quotas, Chance::new(self.seed, purpose::SCHEDULE));
        let mut chance = Chance::new(self.seed, purpose::RESPONSES);
        schedule.filter_map(move |ticket| match ticket.origin {
            Origin::Sample(office, stratum) => self.interview(ticket, office, stratum, &mut chance),
            Origin::Desk(office) => self.at_desk(ticket, office, &mut chance),
        })
    }

    /// One dossier of the list, asked about by an interviewer.
    fn interview(&self, ticket: Ticket, index: usize, stratum: usize, chance: &mut Chance) -> Option<NewResponse> {
        let office = self.offices.get(index)?;
        let stratum = office.strata.get(stratum)?;
        let person = self.opinions.person(index, false, chance);
        let care = if chance.happens(0.006) { self.gives_up(chance) } else { Care::Whole };
        let mut sheet = self.form.blank();
        self.form.fill(&mut sheet, &self.opinions, person, office, care, chance);
        let shares: Vec<u32> = office.fields.iter().map(|(_, share)| *share).collect();
        let field = stratum
            .field
            .or_else(|| chance.choose(&shares).and_then(|i| office.fields.get(i)).map(|(position, _)| *position));
        let mode = if chance.happens(0.68) { Mode::Tablet } else { Mode::Paper };
        let finished = ticket.moment + 6 * MINUTE_MS + chance.below(14 * MINUTE_MS);
        // Tablets send in the evening, paper is keyed in within the week.
        let later = match mode {
            Mode::Tablet => chance.below(8 * HOUR_MS),
            _ => 20 * HOUR_MS + chance.below(100 * HOUR_MS),
        };
        let comment = chance.happens(0.05).then(|| comments::comment(person.overall(), Lang::Vi, chance)).flatten();
        Some(NewResponse {
            stratum: stratum.id,
            field,
            stream: Stream::Sample,
            mode,
            standing: standing(&sheet, &self.questionnaire),
            comment,
            finished_at: Some(calendar::instant(ticket.day, finished)),
            received_at: calendar::instant(ticket.day, finished + later),
            ..self.response(ticket, office, sheet, chance)
        })
    }

    /// Someone who scans the code at a desk, or uses the tablet that stands there.
    fn at_desk(&self, ticket: Ticket, index: usize, chance: &mut Chance) -> Option<NewResponse> {
        let office = self.offices.get(index)?;
        let desks = self.office_desks.get(index)?;
        let desk = desks.get(chance.below(desks.len() as u32) as usize).copied();
        let person = self.opinions.person(index, true, chance);
        let mode = if chance.happens(0.8) { Mode::Qr } else { Mode::Kiosk };
        let lang = if mode == Mode::Qr && chance.happens(0.012) { Lang::En } else { Lang::Vi };
        let base = NewResponse {
            stream: Stream::Open,
            mode,
            lang,
            desk,
            ..self.response(ticket, office, self.form.blank(), chance)
        };
        if chance.happens(0.3) {
            return Some(tap_only(base, person, ticket, chance));
        }
        let care = if chance.happens(0.1) {
            self.gives_up(chance)
        } else if chance.happens(0.025) {
            Care::Careless
        } else {
            Care::Whole
        };
        let mut sheet = self.form.blank();
        if !chance.happens(0.05) {
            sheet.tap = person.tap(chance);
        }
        self.form.fill(&mut sheet, &self.opinions, person, office, care, chance);
        let (marks, takes) = match care {
            Care::Careless if chance.happens(0.3) => (Marks::HONEYPOT, 900 + chance.below(3_000)),
            Care::Careless => (Marks::FAST, 900 + chance.below(4_000)),
            _ if mode == Mode::Qr && chance.happens(0.02) => (Marks::SAME_PHONE, 2 * MINUTE_MS),
            _ if mode == Mode::Kiosk && chance.happens(0.02) => (Marks::BURST, 2 * MINUTE_MS),
            _ => (Marks::default(), MINUTE_MS + chance.below(8 * MINUTE_MS)),
        };
        let standing = if care == Care::Careless { Standing::Suspect } else { standing(&sheet, &self.questionnaire) };
        let comment = (care == Care::Whole && chance.happens(0.12))
            .then(|| comments::comment(person.overall(), lang, chance))
            .flatten();
        let finished = ticket.moment + takes;
        Some(NewResponse {
            stratum: if self.form.is_outside(&sheet) { StratumId::OUTSIDE } else { base.stratum },
            standing,
            marks,
            sheet,
            comment,
            finished_at: Some(calendar::instant(ticket.day, finished)),
            received_at: calendar::instant(ticket.day, finished) + 200,
            ..base
        })
    }

    /// A response of an office as far as all have it in common.
    fn response(&self, ticket: Ticket, office: &Office, sheet: Sheet, chance: &mut Chance) -> NewResponse {
        let started = calendar::instant(ticket.day, ticket.moment);
        let stratum = match office.strata.as_slice() {
            [only] => only.id,
            _ => StratumId::UNKNOWN,
        };
        NewResponse {
            id: id(started, chance),
            round: self.round.id,
            agency: office.agency,
            desk: None,
            device: None,
            stratum,
            field: None,
            stream: Stream::Open,
            standing: Standing::Incomplete,
            mode: Mode::Qr,
            lang: Lang::Vi,
            marks: Marks::default(),
            phase: Phase::Form,
            sheet,
            comment: None,
            started_at: Some(started),
            finished_at: None,
            local_day: ticket.day,
            received_at: started,
        }
    }

    /// Somewhere in the first third of the form.
    fn gives_up(&self, chance: &mut Chance) -> Care {
        let (_, criteria) = self.form.size();
        Care::GivenUpAfter(1 + chance.below(criteria as u32 / 3) as usize)
    }
}

/// A response that stayed at the one tap.
fn tap_only(base: NewResponse, person: Person, ticket: Ticket, chance: &mut Chance) -> NewResponse {
    let sheet = Sheet { tap: person.tap(chance), ..base.sheet };
    let received_at = calendar::instant(ticket.day, ticket.moment + 1_500 + chance.below(9_000));
    NewResponse { sheet, phase: Phase::Tap, received_at, ..base }
}

fn standing(sheet: &Sheet, questionnaire: &Questionnaire) -> Standing {
    match sheet.validity(questionnaire) {
        Validity::Valid => Standing::Valid,
        Validity::Incomplete => Standing::Incomplete,
    }
}

/// A UUIDv7 of the simulated time.
fn id(at: i64, chance: &mut Chance) -> Uuid {
    let millis = u64::try_from(at).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance.ten_bytes()).into_uuid()
}

#[cfg(test)]
mod tests;
