//! The answers of one agency in memory: packed, shuffled, dealt out as text.

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha20Rng;

use super::Plan;
use crate::domain::answer::Answer;
use crate::server_side::export::csv::text;

/// Bytes that are sent at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// The answers of an agency, packed, in the order in which they are dealt.
#[derive(Debug)]
pub(super) struct Deck {
    /// Position in the plan.
    pub(super) agency: usize,
    row_bytes: usize,
    rows: Vec<u8>,
    order: Vec<u32>,
    dealt: usize,
}

impl Deck {
    pub(super) fn new(agency: usize, rows: usize, row_bytes: usize) -> Self {
        Self { agency, row_bytes, rows: Vec::with_capacity(rows * row_bytes), order: Vec::new(), dealt: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() / self.row_bytes
    }

    pub(super) fn put(&mut self, stratum: u16, answers: &[Answer]) {
        self.rows.extend(stratum.to_be_bytes());
        for pair in answers.chunks(2) {
            let [first, second] = [pair.first(), pair.get(1)].map(|answer| answer.copied().map_or(BLANK, figure));
            self.rows.push((first << 4) | second);
        }
    }

    fn row(&self, at: u32) -> &[u8] {
        let from = at as usize * self.row_bytes;
        self.rows.get(from..from + self.row_bytes).unwrap_or_default()
    }

    pub(super) fn shuffle(&mut self, seed: [u8; 32]) {
        let mut order: Vec<u32> = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).collect();
        // Rows of one content are the same, so the order among them is nobody's.
        order.sort_unstable_by(|a, b| self.row(*a).cmp(self.row(*b)));
        order.shuffle(&mut ChaCha20Rng::from_seed(seed));
        self.order = order;
    }

    pub(super) fn is_dealt(&self) -> bool {
        self.dealt >= self.order.len()
    }

    /// The next rows as text.
    pub(super) fn deal(&mut self, plan: &Plan) -> Vec<u8> {
        let Some(agency) = plan.agencies.get(self.agency) else { return Vec::new() };
        let code = text(&agency.code);
        let strata: Vec<String> =
            agency.strata.iter().map(|(_, stratum, _)| format!("{code},{}", text(stratum))).collect();
        let mut out = Vec::with_capacity(CHUNK_BYTES + 512);
        while out.len() < CHUNK_BYTES {
            let Some(at) = self.order.get(self.dealt) else { break };
            self.dealt += 1;
            let Some(([high, low], answers)) = self.row(*at).split_first_chunk::<2>().map(|(head, rest)| (*head, rest))
            else {
                continue;
            };
            let stratum = usize::from(u16::from_be_bytes([high, low]));
            out.extend(strata.get(stratum).map_or("", String::as_str).bytes());
            for (criterion, blank) in agency.blank.iter().enumerate() {
                out.push(b',');
                let byte = answers.get(criterion / 2).copied().unwrap_or(BLANK << 4 | BLANK);
                let figure = if criterion % 2 == 0 { byte >> 4 } else { byte & 15 };
                if figure <= 5 && !blank {
                    out.push(b'0' + figure);
                }
            }
            out.extend(b"\r\n");
        }
        out
    }
}

/// The figure of a blank in a packed row; the others are those of paper, 0 to 5.
const BLANK: u8 = 15;

fn figure(answer: Answer) -> u8 {
    match answer {
        Answer::Blank => BLANK,
        Answer::NotApplicable => 0,
        Answer::Score(score) => score.get(),
    }
}
