//! Quality control put together: a round with all that stands out in it, and the draw of call-backs from a seed.
//!
//! The numbers of chance are those of samples ([`super::sampling`]), the interviewer's number in the place of the stratum's.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::sampling::numbers;
use crate::domain::ids::StratumId;
use crate::domain::quality::burst::{BURST_MS, BURST_RESPONSES};
use crate::domain::quality::callback::{CallbackOutcome, drawn};
use crate::domain::quality::decision::NamedRule;
use crate::domain::quality::flags::{Flag, Lengths, flags};
use crate::domain::quality::overview::{Line, overview};
use crate::domain::quality::{ITEM_MS, Interview, Interviewer, MEDIAN_PART};
use crate::domain::response::{Marks, Stream};
use crate::domain::role::ControlQuality;
use crate::domain::staff_log::Who;
use crate::store::kiosk::Marked;
use crate::store::quality::{Callback, CallbackDraw, CallbackFault, NewDraw};
use crate::store::{RoundContext, Store, StoreError};

/// A round as quality control sees it.
#[derive(Debug)]
pub struct Look {
    /// Its interviews, in the order of arrival.
    pub interviews: Vec<Interview>,
    /// What stands out of each.
    pub flags: Vec<Vec<Flag>>,
    /// By interviewer.
    pub lines: Vec<Line>,
    /// Who is called back.
    pub callbacks: Vec<Callback>,
    /// Names of interviewers.
    pub names: BTreeMap<Interviewer, String>,
    /// What is marked as of a burst at a kiosk, by kiosk and time.
    pub marked: Vec<Marked>,
    lengths: Lengths,
}

impl Look {
    /// Looks at a round.
    ///
    /// # Errors
    /// The store's.
    pub async fn at(store: &Store, may: &ControlQuality, round: &RoundContext) -> Result<Self, StoreError> {
        let id = round.round.id;
        let interviews = store.interviews(may, round).await?;
        let flags = flags(&interviews, &store.device_clocks(may, id).await?);
        let lines = overview(&interviews, &flags, &store.visits(may, id).await?);
        Ok(Self {
            lengths: Lengths::of(&interviews),
            lines,
            flags,
            interviews,
            callbacks: store.callbacks(may, id).await?,
            names: store.interviewer_names(may).await?,
            marked: store.marked_bursts(may, id).await?,
        })
    }

    /// All that a rule fits now.
    pub fn fits(&self, rule: NamedRule) -> Vec<Uuid> {
        let said: HashMap<Uuid, CallbackOutcome> =
            self.callbacks.iter().filter_map(|callback| Some((callback.response?, callback.outcome?))).collect();
        if rule == NamedRule::Burst {
            // Not among the interviews: nobody held them.
            let marked = [Flag::Arrival(Marks::BURST)];
            return self.marked.iter().filter(|m| rule.fits(m.standing, &marked, None)).map(|m| m.id).collect();
        }
        let both = self.interviews.iter().zip(&self.flags);
        both.filter(|(i, flags)| rule.fits(i.standing, flags, said.get(&i.id).copied())).map(|(i, _)| i.id).collect()
    }

    /// What a rule measures by now, as it is written down, to the millisecond.
    pub fn parameters(&self, rule: NamedRule) -> String {
        match rule {
            NamedRule::Denied => String::new(),
            NamedRule::Burst => format!("từ {BURST_RESPONSES} phiếu của một máy trong {} giây", seconds(BURST_MS)),
            NamedRule::TooFast => {
                let mut words = format!("{} giây mỗi câu", seconds(ITEM_MS));
                for (stream, name) in [(Stream::Sample, "danh sách mẫu"), (Stream::Intercept, "tại quầy")] {
                    if let Some(median) = self.lengths.median(stream) {
                        words.push_str(&format!("; {name}: 1/{MEDIAN_PART} của trung vị {} giây", seconds(median)));
                    }
                }
                words
            }
        }
    }
}

/// "770,032": seconds with all digits that are not 0.
fn seconds(ms: i64) -> String {
    let (whole, rest) = (ms / 1_000, ms % 1_000);
    let digits = format!("{rest:03}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { whole.to_string() } else { format!("{whole},{digits}") }
}

/// Draws a tenth of what arrived since the last draw.
///
/// # Errors
/// The store's; inside, why nothing was drawn.
pub async fn draw_callbacks(
    store: &Store,
    (may, who): (&ControlQuality, &Who),
    round: &RoundContext,
    seed: &str,
) -> Result<Result<i32, CallbackFault>, StoreError> {
    let (candidates, (since, until)) = store.callback_candidates(may, round.round.id).await?;
    // The candidates come in the order of the units' keys, and so stay those of each interviewer.
    let mut by: BTreeMap<Interviewer, Vec<Uuid>> = BTreeMap::new();
    for candidate in candidates {
        by.entry(candidate.by).or_default().push(candidate.unit);
    }
    let mut interviews = vec![];
    let mut units = vec![];
    for (by, of) in by {
        let n = u32::try_from(of.len()).unwrap_or(u32::MAX);
        interviews.push((by, n));
        for place in places(seed, by, n) {
            let at = usize::try_from(place).ok().and_then(|place| place.checked_sub(1));
            units.extend(at.and_then(|at| of.get(at)).map(|unit| (*unit, by, place)));
        }
    }
    let program = env!("CARGO_PKG_VERSION");
    let new = NewDraw { seed, since, until, program, interviews: &interviews, units: &units };
    store.save_callbacks(may, who, round.round.id, &new).await
}

fn places(seed: &str, by: Interviewer, interviews: u32) -> Vec<u32> {
    drawn(interviews, &mut numbers(seed, StratumId(by.code())))
}

/// Draws again from the seed and the counts alone: whether the same places come out as are kept.
pub fn same_again(draw: &CallbackDraw, callbacks: &[Callback]) -> bool {
    let kept: HashSet<(Interviewer, u32)> = callbacks
        .iter()
        .filter(|callback| callback.draw == draw.id)
        .map(|callback| (callback.by, callback.pos))
        .collect();
    let again: HashSet<(Interviewer, u32)> = draw
        .interviews
        .iter()
        .flat_map(|(by, n)| places(&draw.seed, *by, *n).into_iter().map(|place| (*by, place)))
        .collect();
    kept == again
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::AccountId;

    const SEED: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn seconds_lose_no_millisecond() {
        assert_eq!([0, 2_000, 770_032, 1_500, 1].map(seconds), ["0", "2", "770,032", "1,5", "0,001"]);
    }

    #[test]
    fn interviewers_are_drawn_apart_and_the_draw_can_be_repeated() {
        let [one, two] = [1, 2].map(|id| Interviewer::Account(AccountId(id)));
        assert_eq!(places(SEED, one, 100).len(), 10);
        assert_ne!(places(SEED, one, 100), places(SEED, two, 100));
        let mut draw = CallbackDraw {
            id: 1,
            seed: SEED.to_owned(),
            since: 0,
            until: 1,
            by: String::new(),
            at: 1,
            interviews: vec![(one, 100), (two, 3)],
        };
        let callback = |by, pos| Callback {
            unit: Uuid::nil(),
            draw: 1,
            by,
            pos,
            number: 1,
            agency: crate::domain::ids::AgencyId(1),
            response: None,
            outcome: None,
            note: String::new(),
            noted: None,
        };
        let kept: Vec<Callback> = draw
            .interviews
            .iter()
            .flat_map(|(by, n)| places(SEED, *by, *n).into_iter().map(|p| callback(*by, p)))
            .collect();
        assert_eq!(kept.len(), 11);
        assert!(same_again(&draw, &kept));
        draw.seed = SEED.replace('0', "1");
        assert!(!same_again(&draw, &kept));
    }
}
