//! What comes with the answers of field devices: the units they may name, and whose a unit and a quota are. Nothing of
//! this is asked of other devices. Bursts of kiosks are marked here too, whoever enrolled them.

use std::collections::HashMap;

use app::domain::field_work::Work;
use app::domain::response::{Marks, Mode, NewResponse};
use app::store::field::Link;
use app::store::{Device, Outcome, StoreError, Stored};
use uuid::Uuid;

use super::Refusal;
use super::body::Given;
use super::read::{Claim, Known};
use crate::state::AppState;

/// What the items of a request may name; none for a device that was not enrolled.
pub(super) async fn known(state: &AppState, device: &Device, items: &[Given<'_>]) -> Result<Option<Known>, Refusal> {
    let Some(field) = device.field else { return Ok(None) };
    let units: Vec<Uuid> = items
        .iter()
        .filter_map(|item| match item {
            Given::Item(item) => Uuid::try_parse(item.sample_unit.as_deref()?).ok(),
            Given::Unreadable(_) | Given::Sealed(_) => None,
        })
        .collect();
    let (arrivals, desks) = state.store.arrivals(&field, &units).await?;
    Ok(Some(Known { work: field.work, round: field.round, post: field.post, desks, arrivals }))
}

/// Links units and spends quotas, before anything is stored: should the storing fail, the resend finds its own claims.
/// A second response for a unit, and one past the quota, are kept and marked.
pub(super) async fn claim(
    state: &AppState,
    device: &Device,
    claims: &[Claim],
    taken: &mut [NewResponse],
) -> Result<(), Refusal> {
    let mut by_round: HashMap<_, Vec<(Uuid, Uuid)>> = HashMap::new();
    let mut quotas = vec![];
    for (claim, response) in claims.iter().zip(taken.iter()) {
        if let Some((unit, round)) = claim.unit {
            by_round.entry(round).or_default().push((unit, response.id));
        }
        quotas.extend(claim.quota.map(|post| (response.id, post)));
    }
    let mut links = HashMap::new();
    for (round, pairs) in by_round {
        links.extend(state.store.link_units(round, &pairs).await?);
    }
    let beyond = state.store.spend_leases(device.id, &quotas).await?;
    for (claim, response) in claims.iter().zip(taken) {
        let second = claim.unit.is_some_and(|(unit, _)| links.get(&(unit, response.id)) == Some(&Link::Other));
        for (on, mark) in [(second, Marks::SECOND_OF_UNIT), (beyond.contains(&response.id), Marks::OVER_QUOTA)] {
            if on {
                response.mark_suspect(mark);
            }
        }
    }
    Ok(())
}

/// Keeps at the units that their answers are here. A resend does so again, should this have failed the first time.
pub(super) async fn noted<'a>(
    state: &AppState,
    device: &Device,
    stored: impl Iterator<Item = ((&'a Claim, Uuid), &'a Result<Outcome, StoreError>)>,
) -> Result<(), Refusal> {
    let kept = stored.filter(|(_, outcome)| outcome.as_ref().is_ok_and(|done| done.stored != Stored::Conflict));
    let pairs: Vec<_> = kept.filter_map(|((claim, id), _)| Some((claim.unit?.0, id))).collect();
    // A clerk keys what others held.
    let by = device.field.filter(|field| field.work == Work::Sample).and_then(|field| field.account);
    Ok(state.store.note_interviews(&pairs, by).await?)
}

/// Marks what came from a kiosk in quick succession, also with what it sent before. What says no end is not judged: its
/// arrival says nothing of when it was answered.
pub(super) async fn bursts(state: &AppState, device: &Device, taken: &mut [NewResponse]) -> Result<(), Refusal> {
    let ends: Vec<(Uuid, i64)> = taken
        .iter()
        .filter(|response| response.mode == Mode::Kiosk)
        .filter_map(|response| Some((response.id, response.finished_at?)))
        .collect();
    if ends.is_empty() {
        return Ok(());
    }
    let marked = state.store.mark_bursts(device.id, &ends).await?;
    for response in taken.iter_mut().filter(|response| marked.contains(&response.id)) {
        response.marks = response.marks.with(Marks::BURST);
    }
    Ok(())
}
