//! The desks of the simulated city, with real codes: the demonstration runs on a network where others can guess.

use super::frame::Office;
use crate::domain::ids::{DeskId, RoundId};
use crate::domain::round::Desk;
use crate::server_side::desk_codes::DeskCodes;

/// Dossiers from which an office has another desk.
const MORE_DESKS: &[u64] = &[5_800, 25_000];

/// The desks of the offices, at least one each, in order. The codes depend on `entropy` and on the seed: the seed is
/// known to everyone when it is the default, so the entropy must not be.
pub(super) fn desks(offices: &[Office], round: RoundId, seed: u64, entropy: [u8; 32]) -> Vec<Desk> {
    let mut codes = DeskCodes::new(entropy, seed);
    let mut desks = Vec::new();
    for office in offices {
        let count = 1 + MORE_DESKS.iter().filter(|from| office.population >= **from).count();
        for number in 1..=count {
            let name = match count {
                1 => "Bộ phận Tiếp nhận và Trả kết quả".to_owned(),
                _ => format!("Bộ phận Tiếp nhận và Trả kết quả, quầy {number}"),
            };
            let id = DeskId(i32::try_from(desks.len() + 1).unwrap_or(i32::MAX));
            desks.push(Desk { id, code: codes.next_code(), agency: office.agency, round, name });
        }
    }
    desks
}
