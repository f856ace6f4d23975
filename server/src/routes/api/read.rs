//! Reading one item of `POST /api/v1/responses`: where it belongs, what it answers, how it stands.

use std::collections::HashSet;
use std::sync::Arc;

use app::domain::answer::{FieldError, Problem, Sheet};
use app::domain::field_work::Work;
use app::domain::ids::{AgencyId, DeskId, RoundId, StratumId};
use app::domain::limits;
use app::domain::moment::{Arrival, Moment, day_of, moment};
use app::domain::response::{Marks, Mode, NewResponse, Phase, Standing, local_day};
use app::domain::round::{RoundState, normalise_code};
use app::domain::submission::{Instant, Item, ItemResult};
use app::domain::text::Lang;
use app::store::field::{Arrivals, PostPlace, UnitPlace};
use app::store::{Device, RoundContext};
use uuid::Uuid;
use validator::Validate;

use super::Refusal;
use super::field::mode_of;
use crate::state::AppState;

/// A device whose clock is off by more than this is marked, in milliseconds (a day).
const CLOCK_MS: i64 = 24 * 3_600_000;

/// A refusal that names every place once, with what was found there first.
fn invalid(id: String, mut errors: Vec<FieldError>) -> ItemResult {
    let mut seen = HashSet::with_capacity(errors.len());
    errors.retain(|error| seen.insert(error.field.clone()));
    ItemResult::invalid(id, errors)
}

/// Where an item belongs.
struct Place {
    round: Arc<RoundContext>,
    agency: AgencyId,
    desk: Option<DeskId>,
    /// The unit of a sample whose answers these are.
    unit: Option<(Uuid, UnitPlace)>,
    /// The post with a quota at which they were given.
    quota: Option<i32>,
}

/// What a response claims beside being stored.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Claim {
    /// The unit and its round.
    pub(super) unit: Option<(Uuid, RoundId)>,
    /// The post with a quota.
    pub(super) quota: Option<i32>,
}

/// An item that was read: its id as it was sent, the response, and what it claims.
pub(super) type Read = Result<(String, NewResponse, Claim), ItemResult>;

/// Reads one item for the store, or says why it is refused. `known`: what an enrolled device may name.
pub(super) async fn read(
    state: &AppState,
    rounds: &[Arc<RoundContext>],
    device: &Device,
    known: Option<&Known>,
    item: &Item<'_>,
    times: Arrival,
) -> Result<Read, Refusal> {
    let id = item.id.to_string();
    let mut errors: Vec<FieldError> = vec![];
    if let Err(faults) = item.validate() {
        errors.extend(
            faults.field_errors().keys().map(|field| FieldError::new(field.to_string(), Problem::ForeignValue)),
        );
    }
    let uuid = Uuid::try_parse(&item.id).ok().filter(|id| !id.is_nil());
    if uuid.is_none() && errors.iter().all(|e| e.field != "id") {
        errors.push(FieldError::new("id", Problem::ForeignValue));
    }
    let found = match known {
        Some(known) => known.place(rounds, item),
        None if item.post.is_some() => Ok(Err(FieldError::new("post", Problem::ForeignValue))),
        None => place(state, rounds, item).await,
    };
    let place = match found? {
        Ok(place) => place,
        Err(error) => {
            errors.push(error);
            return Ok(Err(invalid(id, errors)));
        }
    };
    let response = match (item.read(&place.round.questionnaire), uuid) {
        (Ok((sheet, comment)), Some(uuid)) => {
            Some(respond(item, &place, device, times, uuid, sheet, comment, &mut errors))
        }
        (Err(faults), _) => {
            errors.extend(faults);
            None
        }
        (Ok(_), None) => None,
    };
    Ok(match response.filter(|_| errors.is_empty()) {
        Some(response) => {
            let claim = Claim { unit: place.unit.map(|(unit, at)| (unit, at.round)), quota: place.quota };
            Ok((id, response, claim))
        }
        None => Err(invalid(id, errors)),
    })
}

/// What an enrolled device may name in the items of one request.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) work: Work,
    pub(super) round: RoundId,
    /// The post that it is bound to.
    pub(super) post: Option<i32>,
    /// Codes of its desks, in the order of the posts.
    pub(super) desks: Vec<String>,
    pub(super) arrivals: Arrivals,
}

impl Known {
    /// Where an item of such a device belongs: its unit or its post says, whatever else it says.
    fn place(&self, rounds: &[Arc<RoundContext>], item: &Item<'_>) -> Result<Result<Place, FieldError>, Refusal> {
        let foreign = |member: &str| Ok(Err(FieldError::new(member, Problem::ForeignValue)));
        let found = match (self.work, &item.sample_unit) {
            (Work::Sample | Work::Paper, Some(unit)) => {
                let unit = Uuid::try_parse(unit).ok();
                let Some((id, at)) = unit.and_then(|id| Some((id, *self.arrivals.units.get(&id)?))) else {
                    return foreign("sample_unit");
                };
                (at.round, at.agency, None, Some((id, at)), None)
            }
            (Work::Paper, None) => {
                let round = rounds.iter().find(|round| round.round.id == self.round);
                let agency = item.agency.as_deref().and_then(|code| round?.codes.get(code));
                let Some(agency) = agency else { return foreign("agency") };
                (self.round, *agency, None, None, None)
            }
            (Work::Sample, None) | (Work::Intercept | Work::Kiosk, Some(_)) => return foreign("sample_unit"),
            (Work::Intercept | Work::Kiosk, None) => {
                let Some(post) = self.post_of(item) else { return foreign("post") };
                (self.round, post.agency, Some(post.desk), None, post.limited.then_some(post.id))
            }
        };
        let (round, agency, desk, unit, quota) = found;
        let Some(round) = rounds.iter().find(|known| known.round.id == round) else {
            return foreign("questionnaire");
        };
        if let Some(member) = misfit(item, round) {
            return foreign(member);
        }
        Ok(Ok(Place { round: round.clone(), agency, desk, unit, quota }))
    }

    /// The post that an item names, by key or by the code of its desk; else the only one there is.
    fn post_of(&self, item: &Item<'_>) -> Option<&PostPlace> {
        let posts = &self.arrivals.posts;
        if let Some(id) = item.post.or(self.post) {
            return posts.iter().find(|post| post.id == id);
        }
        match item.desk.as_deref().map(normalise_code) {
            Some(code) => self.desks.iter().zip(posts).find(|(desk, _)| **desk == code).map(|(_, post)| post),
            None => posts.first().filter(|_| posts.len() == 1),
        }
    }
}

async fn place(
    state: &AppState,
    rounds: &[Arc<RoundContext>],
    item: &Item<'_>,
) -> Result<Result<Place, FieldError>, Refusal> {
    let foreign = |field: &str| Ok(Err(FieldError::new(field, Problem::ForeignValue)));
    let fits = |round: &RoundContext| misfit(item, round).is_none();
    if let Some(code) = &item.desk {
        let Some(desk) = state.store.desk(&normalise_code(code)).await? else { return foreign("desk") };
        if item.agency.as_deref().is_some_and(|a| desk.round.codes.get(a) != Some(&desk.agency.id)) {
            return foreign("agency");
        }
        if let Some(member) = misfit(item, &desk.round) {
            return foreign(member);
        }
        return Ok(Ok(Place {
            round: desk.round.clone(),
            agency: desk.agency.id,
            desk: Some(desk.desk.id),
            unit: None,
            quota: None,
        }));
    }
    let Some(code) = &item.agency else { return foreign("desk") };
    // Without a desk the round is the newest that takes answers, then the newest that did: one that is only set up takes
    // none of those of the round that runs.
    let now = state.clock.now_ms();
    let mut latest: Vec<_> =
        rounds.iter().rev().filter_map(|r| r.codes.get(code.as_ref()).map(|agency| (r, *agency))).collect();
    latest.sort_by_key(|(round, _)| match round.round.state(now) {
        RoundState::Open => 0,
        RoundState::Over => 1,
        RoundState::NotBegun => 2,
    });
    if latest.is_empty() {
        return foreign("agency");
    }
    match latest.into_iter().find(|(round, _)| fits(round)) {
        Some((round, agency)) => Ok(Ok(Place { round: round.clone(), agency, desk: None, unit: None, quota: None })),
        None => foreign("version"),
    }
}

/// Which member says another questionnaire than that of the round.
fn misfit(item: &Item<'_>, round: &RoundContext) -> Option<&'static str> {
    let (key, version) = &round.round.questionnaire;
    if item.questionnaire.as_deref().is_some_and(|k| k != key) {
        Some("questionnaire")
    } else {
        item.version.is_some_and(|v| v != *version).then_some("version")
    }
}

/// Puts the response together; faults go to `errors`.
#[expect(clippy::too_many_arguments, reason = "the parts of one response, each from another source")]
fn respond(
    item: &Item<'_>,
    place: &Place,
    device: &Device,
    times: Arrival,
    id: Uuid,
    sheet: Sheet,
    comment: Option<String>,
    errors: &mut Vec<FieldError>,
) -> NewResponse {
    let round = &place.round;
    let mut known = |field: &str, given: Option<&str>, find: &dyn Fn(&str) -> Option<i16>| {
        let found = given.map(find);
        if found == Some(None) {
            errors.push(FieldError::new(field, Problem::ForeignValue));
        }
        found.flatten()
    };
    let field = match place.unit {
        // What was drawn says it, not the surveyor.
        Some((_, unit)) => unit.field,
        None => known("field", item.field.as_deref(), &|code| round.round.field_index(code)),
    };
    let mode = known("mode", item.mode.as_deref(), &|word| Mode::from_word(word).map(Mode::code));
    known("lang", item.lang.as_deref(), &|tag| ["vi", "en"].contains(&tag).then_some(0));
    if place.unit.is_none() {
        // Units are known to enrolled devices alone.
        known("sample_unit", item.sample_unit.as_deref(), &|_| None);
    }
    let mut time = |name: &str, given: Option<&Instant>| match given.map(|at| instant(name, at)) {
        None => None,
        Some(Ok(at)) => Some(at),
        Some(Err(error)) => {
            errors.push(error);
            None
        }
    };
    let started_at = time("started_at", item.started_at.as_ref());
    let finished_at = time("finished_at", item.finished_at.as_ref());
    let held = match finished_at {
        Some(at) => moment(at, item.clock, round.round.opens_at, times),
        None => Moment { at: times.now, doubtful: false },
    };
    let collected = item.collected_on.as_deref().map(day);
    if collected == Some(None) {
        errors.push(FieldError::new("collected_on", Problem::ForeignValue));
    }
    let default_mode = device.field.map_or(Mode::Tablet, |field| mode_of(field.work));
    let phase = if sheet.has_no_form() && comment.is_none() { Phase::Tap } else { Phase::Form };
    let stratum = match (round.locate(place.agency, field, &sheet, device.stream), place.unit) {
        (StratumId::OUTSIDE, _) => StratumId::OUTSIDE,
        (_, Some((_, unit))) => unit.stratum,
        (found, None) => found,
    };
    let today = local_day(times.now);
    let collected = collected.flatten();
    let (standing, mut marks) = judge(place, device, &sheet, stratum, (started_at, finished_at), held);
    if collected.is_some_and(|day| day_of(day, today) != day) {
        marks = marks.with(Marks::CLOCK);
    }
    NewResponse {
        id,
        round: round.round.id,
        agency: place.agency,
        desk: place.desk,
        device: Some(device.id),
        stratum,
        field,
        stream: device.stream,
        standing,
        mode: mode.and_then(Mode::from_code).unwrap_or(default_mode),
        lang: Lang::from_tag(item.lang.as_deref().unwrap_or_default()),
        marks,
        phase,
        sheet,
        comment,
        started_at,
        finished_at,
        local_day: collected.map_or_else(|| local_day(held.at), |day| day_of(day, today)),
        received_at: times.now,
    }
}

/// Standing and marks by the rules of arrival. What was recorded is kept in any case.
fn judge(
    place: &Place,
    device: &Device,
    sheet: &Sheet,
    stratum: StratumId,
    (started_at, finished_at): (Option<i64>, Option<i64>),
    held: Moment,
) -> (Standing, Marks) {
    let round = &place.round.round;
    let mut marks = Marks::default();
    let mut mark = |on: bool, mark| marks = if on { marks.with(mark) } else { marks };
    let late = round.closes_at.is_some_and(|at| held.at >= at);
    let early = round.opens_at.is_some_and(|at| held.at < at);
    mark(late, Marks::LATE);
    mark(early, Marks::EARLY);
    let off = finished_at.map_or(0, |at| held.at.saturating_sub(at).saturating_abs());
    mark(held.doubtful || off > CLOCK_MS, Marks::CLOCK);
    let filled = started_at.zip(finished_at).map(|(from, to)| to.saturating_sub(from));
    mark(filled.is_some_and(|ms| ms < limits::FAST_MS), Marks::FAST);
    let standing = if early || late { Standing::Suspect } else { place.round.standing(sheet, stratum, device.stream) };
    (standing, marks)
}

/// Milliseconds since 1970 UTC.
pub(super) fn instant(field: &str, at: &Instant) -> Result<i64, FieldError> {
    /// The year 2200: no clock is that wrong, and sums of such times stay far from overflow.
    const LAST: i64 = 7_258_118_400_000;
    let millis = match at {
        Instant::Millis(millis) => Some(*millis),
        Instant::Text(text) => chrono::DateTime::parse_from_rfc3339(text).ok().map(|t| t.timestamp_millis()),
    };
    millis.filter(|ms| (0..LAST).contains(ms)).ok_or_else(|| FieldError::new(field, Problem::ForeignValue))
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
fn day(text: &str) -> Option<i32> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    i32::try_from(date.signed_duration_since(chrono::NaiveDate::default()).num_days())
        .ok()
        .filter(|d| (0..84_000).contains(d))
}
