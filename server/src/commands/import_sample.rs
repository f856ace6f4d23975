//! `hailong import sample`: the list of an agency from a file, columns by their headings; the same as the page of lists.

use std::path::Path;
use std::sync::Arc;

use app::domain::sample::frame::Part;
use app::domain::staff_log::Who;
use app::domain::text::Lang;
use app::server_side::clock::Clock;
use app::server_side::frame::{FileFault, Place, Scan, TakeInFault, finish, keep_file, preview, scan, sha256, table};
use app::store::{FrameFault, NewFrame, Store};

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Reads the file, names every bad line on standard error, and takes the list whole; with `skip_bad` without them.
///
/// # Errors
/// [`Failure::Usage`] for a file that cannot be read, an unknown round or agency, missing columns, and bad lines.
pub async fn run(
    settings: &Settings,
    file: &Path,
    round: &str,
    agency: &str,
    skip_bad: bool,
) -> Result<Answer, Failure> {
    let shown = file.display();
    let size = std::fs::metadata(file).map_err(|error| Failure::Usage(format!("{shown}: {error}")))?.len();
    if size > app::domain::limits::FRAME_FILE_BYTES as u64 {
        return Err(Failure::Usage(format!("{shown}: {}", FileFault::TooLarge.words(Lang::En))));
    }
    let bytes = std::fs::read(file).map_err(|error| Failure::Usage(format!("{shown}: {error}")))?;
    let usage = |fault: FileFault| Failure::Usage(format!("{shown}: {}", fault.words(Lang::En)));
    let (store, _keys) = open::with_key(settings, &Clock::System).await?;
    let place = place_of(&store, round, agency).await?;
    let id = place.round.round.id;
    if store.contacts_purged_at(id).await?.is_some() {
        return Err(Failure::Usage(fault_words(FrameFault::Purged).to_owned()));
    }
    let key = open::contact_keys(settings)?.for_upload(&store, id).await??;
    let print_of_file = sha256(&bytes);
    let table = table(bytes).map_err(usage)?;
    let reading = preview(&table, None).reading;
    if let Some(missing) = reading.columns.missing(place.by_field()) {
        return Err(Failure::Usage(format!("{shown}: line {}: {}", reading.heading, missing.words(Lang::En))));
    }
    for part in Part::ALL.iter().filter(|part| reading.columns.column(**part).is_none()) {
        tracing::info!(column = part.name(Lang::En), "no heading says this");
    }
    let scan = scan(&table.text, &reading, &place, &key).map_err(usage)?;
    for fault in &scan.faults {
        tracing::warn!("{shown}: {}", fault.words(Lang::En));
    }
    warn_of(&scan, &shown.to_string());
    if scan.dossiers() == 0 || (scan.bad > 0 && !skip_bad) {
        let bad = scan.bad;
        return Err(Failure::Usage(format!(
            "{shown}: {bad} bad lines, nothing was taken; mend them, or give --skip-bad to leave them out"
        )));
    }
    let (lines, bad, dossiers, people) = (scan.lines, scan.bad, scan.dossiers(), scan.people());
    let who = Who::command("hailong import sample");
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let new = NewFrame {
        round: id,
        agency: place.agency,
        file_name: &name,
        sha256: print_of_file,
        reading: &reading,
        by: &who.name,
    };
    let frame = keep_file(&store, &key, &table, &new).await?;
    let parts = (Arc::new(table), Arc::new(reading), Arc::new(place));
    match finish(&store, &who, frame, parts, scan, Arc::new(key)).await? {
        Ok(()) => {}
        Err(fault) => {
            store.drop_frame(frame).await?;
            return Err(match fault {
                TakeInFault::File(fault) => usage(fault),
                TakeInFault::Frame(fault) => Failure::Usage(fault_words(fault).to_owned()),
            });
        }
    }
    print(&format!("lines {lines} bad {bad} dossiers {dossiers} people {people}\n"))?;
    Ok(Answer::Yes)
}

/// Names what is left out, what may be counted twice, and who is kept apart.
fn warn_of(scan: &Scan, file: &str) {
    for (line, aside) in &scan.aside {
        tracing::warn!("{file}: line {line}: left out: {}", aside.words(Lang::En));
    }
    for repeat in &scan.repeats {
        let (line, first, code) = (repeat.line, repeat.first, &repeat.code);
        tracing::warn!("{file}: line {line}: not counted: the dossier code {code} is on line {first}");
    }
    for repeat in &scan.alike {
        let (line, first) = (repeat.line, repeat.first);
        tracing::warn!("{file}: line {line}: counted, and the same as line {first}: is it one dossier?");
    }
    for group in &scan.groups {
        tracing::warn!("{file}: lines {:?}: different names share a number; they are kept apart", group.lines);
    }
    if scan.placeholders > 0 {
        tracing::warn!("{file}: {} lines have an identity number of nobody", scan.placeholders);
    }
}

fn fault_words(fault: FrameFault) -> &'static str {
    match fault {
        FrameFault::Unknown => "another list came between; run it again",
        FrameFault::Drawn => "--agency: its sample has been drawn; the list cannot be replaced",
        FrameFault::Purged => "--round: its contact data were erased; it takes no more lists",
    }
}

async fn place_of(store: &Store, round: &str, agency: &str) -> Result<Place, Failure> {
    let rounds = store.rounds().await?;
    let context = rounds.iter().find(|context| context.round.code == round);
    let context = context.ok_or_else(|| Failure::Usage(format!("--round: there is no round {round}")))?;
    if context.frozen_at.is_some() {
        return Err(Failure::Usage(format!("--round: {round} is frozen and takes no more lists")));
    }
    let found = context.codes.get(agency).filter(|id| context.strata.iter().any(|stratum| stratum.agency == **id));
    let found = found.ok_or_else(|| Failure::Usage(format!("--agency: {agency} is not in the round {round}")))?;
    Ok(Place { round: Arc::clone(context), agency: *found })
}
