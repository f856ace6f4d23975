//! Making publications: the bundle from the models of the pages, its seal, and a published round as the pages read it.
//!
//! The layout of the file stands in [`crate::domain::publication`]. The signing key is derived from the secret key;
//! without that file nobody can publish in the name of this installation.

use std::collections::HashMap;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::keys::Keys;
use crate::components::charts::SAMPLE_MARK;
use crate::components::number::{iso_day, iso_instant};
use crate::components::page::{Edition, FiguresState, Stamp};
use crate::domain::agency::Agency;
use crate::domain::hex::hex;
use crate::domain::outcome::Ends;
use crate::domain::publication::{Code, Crypto, FORMAT, NOTHING_BEFORE, Seal, canonical, message};
use crate::domain::quality::decision::Reason;
use crate::domain::response::{Stream, local_day};
use crate::domain::round::Stratum;
use crate::domain::text::sort_key;
use crate::pages::results::agency_model::agency_page;
use crate::pages::results::city_model::city_page;
use crate::pages::results::collect::{CellKey, Collected, Patterns, RoundData};
use crate::pages::results::json::{AgencyJson, CityJson};
use crate::pages::results::patterns;
use crate::pages::results::query::Query;
use crate::store::{Freeze, Frozen, NewPublication, Publication, RoundContext, Store, StoreError};

/// What a page of figures repeats of its round; in a bundle it stands once.
const OF_THE_ROUND: [&str; 8] =
    ["round", "questionnaire", "method", "sample_data", "stamp", "stream", "streams", "target"];

/// SHA-256 and Ed25519 as RustCrypto and dalek have them.
#[derive(Clone, Copy, Debug)]
pub struct Sha2AndEd25519;

impl Crypto for Sha2AndEd25519 {
    fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    fn is_signed(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(key)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

/// Seals publications.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Signer({})", hex(&self.public()))
    }
}

impl Signer {
    /// The signer of an installation.
    pub fn new(keys: &Keys) -> Self {
        Self(SigningKey::from_bytes(&keys.derive("publications")))
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Seals a bundle.
    pub fn seal(&self, bundle: &str) -> Seal {
        let hash = Sha2AndEd25519.sha256(bundle.as_bytes());
        Seal { hash, key: self.public(), signature: self.0.sign(&message(&hash)).to_bytes() }
    }
}

/// Hands a round to whoever makes something of it, with these strata and its agencies in their order.
pub fn with_round<T>(context: &RoundContext, strata: &[Stratum], make: impl FnOnce(&RoundData<'_>) -> T) -> T {
    let mut agencies: Vec<&Agency> = context.agencies.values().collect();
    agencies.sort_by_cached_key(|a| (a.level, sort_key(&a.name), a.id));
    make(&RoundData {
        round: &context.round,
        questionnaire: &context.questionnaire,
        method: &context.method,
        shape: &context.shape,
        strata,
        agencies: &agencies,
    })
}

/// A published round as its pages have it.
#[derive(Clone, Debug)]
pub struct Published {
    /// The publication.
    pub publication: Publication,
    /// Its counts, with what is hidden decided.
    pub collected: Collected,
    /// Its strata, as they were frozen.
    pub strata: Vec<Stratum>,
    /// What its figures stand on.
    pub stamp: Stamp,
    /// How many responses decisions left out, by reason. Nothing is decided once a round is frozen, so that these are
    /// the counts of the publication.
    pub excluded: Vec<(Reason, u32)>,
    /// What became of the drawn people, as it was frozen.
    pub ends: Option<Ends>,
}

/// What was counted at a freeze.
pub fn collected(frozen: &Frozen) -> Collected {
    let found = Collected::from_cells(frozen.cells.iter().map(|(cell, tally)| {
        let key = CellKey { agency: cell.agency, stratum: cell.stratum, stream: cell.stream, standing: cell.standing };
        (key, tally)
    }));
    found.held(frozen.held.iter().map(|held| ((held.agency, held.stream, held.part), &held.snapshot)))
}

/// Reads a publication; none where there is none of this number.
///
/// # Errors
/// [`StoreError::Inconsistent`] where what it rests on is not as it was frozen.
pub async fn published(store: &Store, number: i32) -> Result<Option<Published>, StoreError> {
    let publications = store.publications().await?;
    let Some(publication) = publications.iter().find(|p| p.number == number) else { return Ok(None) };
    let frozen = frozen(store, publication.freeze).await?;
    let earlier = publications.iter().filter(|p| p.round == publication.round && p.number < number);
    let collected = reissued(store, collected(&frozen), &earlier.collect::<Vec<_>>()).await?;
    let pattern = store.publication_pattern(number).await?.unwrap_or_default();
    let pattern: Patterns = serde_json::from_str(&pattern)
        .map_err(|_| StoreError::Inconsistent(format!("publication {number}: its pattern cannot be read")))?;
    let edition = Edition { number, code: publication.code() };
    Ok(Some(Published {
        publication: publication.clone(),
        collected: collected.decided(pattern),
        strata: frozen.freeze.strata,
        stamp: Stamp {
            data_until: frozen.freeze.data_until,
            frozen_at: Some(frozen.freeze.frozen_at),
            state: FiguresState::Published(edition),
        },
        excluded: store.excluded_by_reason(publication.round).await?,
        ends: store.frozen_ends(publication.freeze).await?,
    }))
}

async fn frozen(store: &Store, id: i32) -> Result<Frozen, StoreError> {
    let frozen = store.frozen(id).await?;
    frozen.ok_or_else(|| StoreError::Inconsistent(format!("freeze {id} is gone")))
}

/// The counts of a correction, held back in steps from one publication of the round to the next.
async fn reissued(store: &Store, now: Collected, earlier: &[&Publication]) -> Result<Collected, StoreError> {
    let mut before: Option<Collected> = None;
    let Some(first) = earlier.first() else { return Ok(now) };
    let context = store.round(first.round).await?;
    let step = context.map_or(1, |context| context.round.step);
    for publication in earlier {
        let counts = collected(&frozen(store, publication.freeze).await?);
        before = Some(match before {
            Some(before) => counts.reissued(&before, step),
            None => counts,
        });
    }
    Ok(match before {
        Some(before) => now.reissued(&before, step),
        None => now,
    })
}

/// A round about to be published.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The freeze.
    pub freeze: Freeze,
    /// Its counts, as they would be published.
    pub collected: Collected,
    /// The publication that it would correct.
    pub corrects: Option<i32>,
    /// As [`Published::excluded`].
    pub excluded: Vec<(Reason, u32)>,
    /// As [`Published::ends`].
    pub ends: Option<Ends>,
}

/// The last freeze of a round as it would be published; none where it is not frozen.
///
/// # Errors
/// As [`published`].
pub async fn draft(store: &Store, context: &RoundContext) -> Result<Option<Draft>, StoreError> {
    let freezes = store.freezes().await?;
    let Some(freeze) = freezes.into_iter().rfind(|freeze| freeze.round == context.round.id) else { return Ok(None) };
    let publications = store.publications().await?;
    let of_round: Vec<&Publication> = publications.iter().filter(|p| p.round == context.round.id).collect();
    let earlier: Vec<&Publication> = of_round.iter().copied().filter(|p| p.freeze < freeze.id).collect();
    let collected = collected(&frozen(store, freeze.id).await?);
    let collected = reissued(store, collected, &earlier).await?;
    let excluded = store.excluded_by_reason(context.round.id).await?;
    let ends = store.frozen_ends(freeze.id).await?;
    Ok(Some(Draft { freeze, collected, corrects: of_round.last().map(|p| p.number), excluded, ends }))
}

/// A frozen round as staff see it until it is published: the figures that the publication will have.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Its counts, with what is hidden decided as the publication decides it.
    pub collected: Collected,
    /// Its strata, as they were frozen.
    pub strata: Vec<Stratum>,
    /// What its figures stand on.
    pub stamp: Stamp,
}

/// The last freeze of a round as it would be published; none where the round is not frozen.
///
/// # Errors
/// As [`published`].
pub async fn preview(store: &Store, context: &RoundContext) -> Result<Option<Preview>, StoreError> {
    let Some(Draft { freeze, collected, .. }) = draft(store, context).await? else { return Ok(None) };
    let decided = with_round(context, &freeze.strata, |data| patterns(data, &collected));
    Ok(Some(Preview {
        collected: collected.decided(decided),
        stamp: Stamp { data_until: freeze.data_until, frozen_at: Some(freeze.frozen_at), state: FiguresState::Frozen },
        strata: freeze.strata,
    }))
}

/// Makes the next publication of a draft. `last` is the last publication of all, `reason` that of a correction.
///
/// # Errors
/// [`StoreError::Inconsistent`] where something of it cannot be written as JSON: nothing is signed then.
pub fn make(
    context: &RoundContext,
    draft: &Draft,
    last: Option<&Publication>,
    reason: Option<&str>,
    (now, authority): (i64, &str),
    signer: &Signer,
) -> Result<NewPublication, StoreError> {
    let number = last.map_or(1, |last| last.number + 1);
    let previous = last.map_or(NOTHING_BEFORE, |last| last.seal.hash);
    let corrects = draft.corrects.zip(reason).map(|(number, reason)| (number, reason.to_owned()));
    let made = with_round(context, &draft.freeze.strata, |data| {
        let pattern = patterns(data, &draft.collected);
        let pattern_text = serde_json::to_string(&pattern)?;
        let collected = draft.collected.clone().decided(pattern);
        let head = json!({
            "format": FORMAT,
            "number": number,
            "previous": hex(&previous),
            "corrects": corrects.as_ref().map(|(number, _)| number),
            "reason": corrects.as_ref().map(|(_, reason)| reason),
            "published_at": iso_instant(now),
            "published_by": authority,
            "frozen_at": iso_instant(draft.freeze.frozen_at),
            "data_until": draft.freeze.data_until.map(|ms| iso_day(local_day(ms))),
            "tallies": hex(&draft.freeze.hash),
            "hidden": hex(&Sha2AndEd25519.sha256(pattern_text.as_bytes())),
            "sample_data": context.round.sample_data,
            "mark": context.round.sample_data.then_some(SAMPLE_MARK),
            "strata": strata(data),
            "excluded_by_reason": draft.excluded.iter().map(|(reason, n)| (reason.word(), n)).collect::<HashMap<_, _>>(),
        });
        let mut head = if let Value::Object(map) = head { map } else { Map::new() };
        if let Some(ends) = &draft.ends {
            head.insert("response_rate".to_owned(), response_rate(ends));
        }
        Ok::<_, serde_json::Error>((pattern_text, bundle(data, &collected, head)?))
    });
    let (pattern, bundle) =
        made.map_err(|error| StoreError::Inconsistent(format!("publication {number} cannot be written: {error}")))?;
    let seal = signer.seal(&bundle);
    Ok(NewPublication {
        number,
        round: context.round.id,
        freeze: draft.freeze.id,
        published_at: now,
        pattern,
        bundle,
        seal,
        previous,
        corrects,
    })
}

/// The response rate of the drawn people, of all agencies together: of one alone it could say how many answered where that
/// is hidden.
fn response_rate(ends: &Ends) -> Value {
    json!({
        "definition": "AAPOR RR1",
        "rate": ends.rate(),
        "complete": ends.complete,
        "partial": ends.partial,
        "refused": ends.refused,
        "not_found": ends.not_found,
        "unable": ends.unable,
        "replaced": ends.replaced,
        "unknown": ends.open + ends.void,
        "out_of_scope": ends.out_of_scope,
        "no_result": ends.no_result,
    })
}

fn strata(data: &RoundData<'_>) -> Value {
    let code = |stratum: &Stratum| data.agencies.iter().find(|a| a.id == stratum.agency).map(|a| a.code.as_str());
    let field = |stratum: &Stratum| {
        let field = stratum.field.and_then(|field| usize::try_from(field).ok());
        field.and_then(|field| data.round.fields.get(field)).map(|field| field.code.as_str())
    };
    let one = |s: &Stratum| json!({"agency": code(s), "field": field(s), "population": s.population});
    data.strata.iter().map(one).collect()
}

/// The canonical JSON of all figures of a round: for each stream the answers of `/api/v1/results`, in Vietnamese.
fn bundle(data: &RoundData<'_>, collected: &Collected, head: Map<String, Value>) -> serde_json::Result<String> {
    // The hash comes after the figures, so what they will stand on has no code yet; with it they have the digits of
    // what is published.
    let edition = Edition { number: 0, code: Code::of(&NOTHING_BEFORE) };
    let stamp = Stamp { state: FiguresState::Published(edition), ..Stamp::default() };
    let mut whole = head;
    let mut streams = vec![];
    let with_responses: Vec<Stream> = Stream::ALL.iter().copied().filter(|s| collected.n(*s) > 0).collect();
    // A round without responses still says what it is.
    let asked = if with_responses.is_empty() { vec![Stream::Sample] } else { with_responses };
    for stream in asked {
        let query = Query { stream: Some(stream), ..Query::default() };
        let page = city_page(data, collected, stamp, &query);
        let mut city = as_map(CityJson::new(data, &page))?;
        for name in OF_THE_ROUND {
            let value = city.remove(name);
            if !["stamp", "stream", "sample_data"].contains(&name) {
                whole.entry(name).or_insert(value.unwrap_or_default());
            }
        }
        let pages = data.agencies.iter().filter_map(|a| agency_page(data, collected, stamp, &query, &a.code));
        let agencies = pages.map(|page| {
            let mut agency = as_map(AgencyJson::new(data, &page))?;
            for name in OF_THE_ROUND {
                agency.remove(name);
            }
            Ok(Value::Object(agency))
        });
        let agencies = agencies.collect::<serde_json::Result<Vec<Value>>>()?;
        streams.push(json!({"stream": stream, "city": city, "agencies": agencies}));
    }
    whole.insert("figures".to_owned(), Value::Array(streams));
    Ok(canonical(&Value::Object(whole)))
}

fn as_map(answer: impl serde::Serialize) -> serde_json::Result<Map<String, Value>> {
    serde_json::from_value(serde_json::to_value(answer)?)
}
