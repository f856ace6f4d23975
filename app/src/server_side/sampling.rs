//! The draw of an agency's sample, and its repetition from the recorded facts.
//!
//! # Chance
//! The numbers come from the seed alone. For a seed of 32 hexadecimal digits (in small letters) and the key of a stratum,
//! block i = 0, 1, 2, … is the SHA-256 of the ASCII text `hailong-draw-1/SEED/STRATUM/i`; its 32 bytes are four numbers of
//! 64 bits, big-endian, used in order. So anybody with a few lines of any language can draw again; in Python:
//!
//! ```text
//! def numbers(seed, stratum):
//!     i = 0
//!     while True:
//!         block = hashlib.sha256(f"hailong-draw-1/{seed}/{stratum}/{i}".encode()).digest()
//!         yield from struct.unpack(">4Q", block)
//!         i += 1
//! ```

use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::contacts::ContactKey;
use crate::domain::hex::hex;
use crate::domain::ids::StratumId;
use crate::domain::role::DrawSample;
use crate::domain::sample::draw::{Drawn, Rule, draw};
use crate::domain::sample::plan::{LeftOut, Planned, Size, plan};
use crate::domain::sample::walk::walk_key;
use crate::domain::staff_log::Who;
use crate::store::{Frame, NewSample, NewUnit, SampleFault, SampleList, SampleUnit, Store, StoreError};

/// The numbers of chance of a seed for one stratum.
pub fn numbers(seed: &str, stratum: StratumId) -> impl FnMut() -> u64 {
    let (seed, stratum) = (seed.to_owned(), stratum.0);
    let mut at = 0_u64;
    let mut block = [0_u8; 32];
    move || {
        let within = usize::try_from(at % 4).unwrap_or(0);
        if within == 0 {
            block = Sha256::digest(format!("hailong-draw-1/{seed}/{stratum}/{}", at / 4)).into();
        }
        at += 1;
        block
            .chunks_exact(8)
            .nth(within)
            .map_or(0, |bytes| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }
}

/// A seed as it was typed: 32 hexadecimal digits, in small letters.
pub fn seed_of(typed: &str) -> Option<String> {
    let seed = typed.trim().to_ascii_lowercase();
    (seed.len() == 32 && seed.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(seed)
}

/// A seed from the system.
///
/// # Errors
/// [`StoreError::Unavailable`] where the system gives no random bytes.
pub fn new_seed() -> Result<String, StoreError> {
    Ok(hex(&random::<16>()?))
}

fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Unavailable("the system gave no random bytes".to_owned()))?;
    Ok(bytes)
}

/// How a sample is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct How {
    /// The rule.
    pub rule: Rule,
    /// n.
    pub size: Size,
    /// Reserve in per cent of n.
    pub reserve_percent: u32,
    /// 32 hexadecimal digits.
    pub seed: String,
}

/// Why an agency's sample was not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawFault {
    /// The plan leaves it out.
    LeftOut(LeftOut),
    /// Its list changed meanwhile, or the contact data were erased.
    Sample(SampleFault),
    /// What names its people cannot be opened: the contact key is another one.
    Sealed,
}

/// Draws the sample of a frame and keeps it.
///
/// # Errors
/// The store's; inside, why it was not drawn.
pub async fn draw_frame(
    store: &Store,
    key: &ContactKey,
    (may, who): (&DrawSample, &Who),
    frame: &Frame,
    how: &How,
) -> Result<Result<i32, DrawFault>, StoreError> {
    let counted = store.frame_strata(&[frame.id]).await?.remove(&frame.id).unwrap_or_default();
    let planned = match plan(&counted, &how.size, how.reserve_percent) {
        Ok(planned) => planned,
        Err(left_out) => return Ok(Err(DrawFault::LeftOut(left_out))),
    };
    let order = store.frame_order(may, frame.id).await?;
    let chosen = chosen(&planned, how, &order);
    let places: Vec<u32> = chosen.keys().copied().collect();
    let mut people = Vec::with_capacity(places.len());
    for unit in store.frame_people(may, frame.id, &places).await? {
        let Some(contact) = key.open_in_frame(frame.id, unit.pos, &unit.contact) else {
            return Ok(Err(DrawFault::Sealed));
        };
        people.push((unit, contact));
    }
    if people.len() != places.len() {
        return Ok(Err(DrawFault::Sample(SampleFault::Frame)));
    }
    // Those asked first, then the reserve, each in the order of the walk.
    people.sort_by_cached_key(|(unit, contact)| {
        (chosen.get(&unit.pos).is_some_and(|(_, reserve)| *reserve), walk_key(&contact.address), unit.pos)
    });
    let mut units = Vec::with_capacity(people.len());
    for (number, (unit, contact)) in (1..).zip(people) {
        let Some((pos, reserve)) = chosen.get(&unit.pos).copied() else { continue };
        let id = uuid::Builder::from_random_bytes(random::<16>()?).into_uuid();
        let Some(sealed) = key.seal_unit(id, &contact) else { return Ok(Err(DrawFault::Sealed)) };
        let (stratum, field, party) = (unit.stratum, unit.field, unit.party);
        units.push(NewUnit { id, stratum, field, party, number, pos, reserve, sealed });
    }
    let margin = match how.size {
        Size::Margin(margin) => Some(margin),
        Size::ByHand(_) => None,
    };
    let new = NewSample {
        frame,
        rule: how.rule,
        seed: &how.seed,
        margin,
        strata: &planned,
        units: &units,
        program: env!("CARGO_PKG_VERSION"),
    };
    let saved = store.save_sample(may, who, &new).await?;
    if saved.is_ok() {
        store.sweep_frames().await?;
    }
    Ok(saved.map_err(DrawFault::Sample))
}

/// Who is drawn: by place in the frame, the place within the stratum and whether it is of the reserve.
fn chosen(planned: &[Planned], how: &How, order: &[(u32, StratumId)]) -> BTreeMap<u32, (u32, bool)> {
    let mut drawn: HashMap<StratumId, HashMap<u32, bool>> = HashMap::new();
    for stratum in planned {
        let Drawn { main, reserve } = drawn_of(stratum, how.rule, &how.seed);
        let main = main.into_iter().map(|place| (place, false));
        drawn.insert(stratum.counted.stratum, main.chain(reserve.into_iter().map(|place| (place, true))).collect());
    }
    let mut seen: HashMap<StratumId, u32> = HashMap::new();
    let mut chosen = BTreeMap::new();
    for (pos, stratum) in order {
        let place = seen.entry(*stratum).or_default();
        *place += 1;
        if let Some(reserve) = drawn.get(stratum).and_then(|places| places.get(place)) {
            chosen.insert(*pos, (*place, *reserve));
        }
    }
    chosen
}

fn drawn_of(stratum: &Planned, rule: Rule, seed: &str) -> Drawn {
    let mut chance = numbers(seed, stratum.counted.stratum);
    draw(rule, stratum.counted.people, stratum.n, stratum.reserve, &mut chance)
}

/// What drawing again comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnAgain {
    /// Units that both draws have.
    pub same: usize,
    /// Units that only one of the two has, or that are of the reserve in one alone.
    pub different: usize,
}

/// Draws a sample again from its seed, its rule and its counts alone, and compares with what is kept.
pub fn draw_again(list: &SampleList, units: &[SampleUnit]) -> DrawnAgain {
    let mut again: HashSet<(StratumId, u32, bool)> = HashSet::new();
    for stratum in &list.strata {
        let id = stratum.counted.stratum;
        let Drawn { main, reserve } = drawn_of(stratum, list.rule, &list.seed);
        again.extend(main.into_iter().map(|place| (id, place, false)));
        again.extend(reserve.into_iter().map(|place| (id, place, true)));
    }
    let kept: HashSet<(StratumId, u32, bool)> = units.iter().map(|u| (u.stratum, u.pos, u.reserve)).collect();
    DrawnAgain { same: kept.intersection(&again).count(), different: kept.symmetric_difference(&again).count() }
}

/// Whom units name, for who may see it: `None` for a unit whose contact was erased or cannot be opened. The caller notes
/// the look in the log first.
///
/// # Errors
/// The store's.
pub async fn contacts_of(
    store: &Store,
    key: &ContactKey,
    may: &impl crate::domain::role::SeesSample,
    units: &[Uuid],
) -> Result<HashMap<Uuid, Option<crate::domain::field_work::Contact>>, StoreError> {
    let mut sealed = store.sealed_contacts(may, units).await?;
    Ok(units.iter().map(|unit| (*unit, sealed.remove(unit).and_then(|sealed| key.open_unit(*unit, &sealed)))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: [u64; 5] = [
        0x3d5e_890b_6c86_0b13,
        0x19c6_c7de_721d_424b,
        0x1003_f424_95af_84f2,
        0x3919_d1a5_f412_f0b2,
        0xe1ea_fcb9_14e8_e8da,
    ];

    #[test]
    fn the_numbers_of_a_seed_are_those_that_the_recipe_gives() {
        // Computed with the recipe above, by Python's hashlib.
        let mut numbers = numbers("00112233445566778899aabbccddeeff", StratumId(7));
        let found: Vec<u64> = std::iter::repeat_with(&mut numbers).take(5).collect();
        assert_eq!(found, RECIPE);
    }

    #[test]
    fn a_seed_is_32_digits_and_nothing_else() {
        let seed = "00112233445566778899AABBCCDDEEFF";
        assert_eq!(seed_of(&format!(" {seed} ")), Some(seed.to_lowercase()));
        for bad in ["", "0011", &seed[1..], "00112233445566778899aabbccddeefg"] {
            assert_eq!(seed_of(bad), None, "{bad}");
        }
    }
}
