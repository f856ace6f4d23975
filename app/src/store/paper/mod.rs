//! Paper forms: batches, what was keyed of each form, and the response that a settled one becomes.
//!
//! A form is settled first and handed to the writer then; its response has an id derived from its code, so that handing
//! it over again, after a crash in between, changes nothing. What waits is handed over with the next form of its batch.

mod batch;
mod keying;
mod settle;

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::rows::statement;
use super::{RoundContext, StoreError};
use crate::domain::ids::{AccountId, AgencyId, RoundId};
use crate::domain::paper::{Again, FormCode, Keyed, Pass};
use crate::domain::response::Stream;
use crate::domain::text::Lang;

/// A batch to be made.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Its round.
    pub round: RoundId,
    /// Its agency; it has a stratum in the round.
    pub agency: AgencyId,
    /// Position of the field.
    pub field: Option<i16>,
    /// How the respondents come.
    pub stream: Stream,
    /// Language of the form.
    pub lang: Lang,
    /// How many are keyed twice.
    pub again: Again,
    /// What they are drawn by.
    pub seed: u64,
    /// The codes of its forms, in order.
    pub codes: Vec<FormCode>,
}

/// A batch.
#[derive(Clone, Debug)]
pub struct PaperBatch {
    /// Key, from 1.
    pub id: i32,
    /// Its round.
    pub round: Arc<RoundContext>,
    /// Its agency.
    pub agency: AgencyId,
    /// Position of the field.
    pub field: Option<i16>,
    /// How the respondents come.
    pub stream: Stream,
    /// Language of the form.
    pub lang: Lang,
    /// How many are keyed twice.
    pub again: Again,
    /// What they were drawn by.
    pub seed: u64,
    /// The day last said.
    pub collected_day: Option<i32>,
    /// Login name.
    pub made_by: String,
    /// Milliseconds since 1970 UTC.
    pub made_at: i64,
    /// The round has another questionnaire now than was printed.
    pub outdated: bool,
    /// Its forms are of people on a drawn list: each is to name its number there.
    pub listed: bool,
    /// How far it is.
    pub progress: PaperProgress,
}

/// How far a batch is, in forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaperProgress {
    /// All.
    pub forms: i64,
    /// Keyed.
    pub first: i64,
    /// Keyed once, to be keyed again.
    pub again: i64,
    /// Keyed twice, with differences that nobody settled.
    pub differ: i64,
    /// Keyed once and to be keyed once: they count when the batch is closed.
    pub waiting: i64,
    /// Settled.
    pub settled: i64,
}

/// What somebody keyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperPass {
    /// Who.
    pub account: AccountId,
    /// Their login name.
    pub login: String,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// What; after the last correction.
    pub keyed: Keyed,
    /// How often it was corrected.
    pub corrections: usize,
}

/// What a clerk keys of one form.
#[derive(Clone, Copy, Debug)]
pub struct KeyedForm<'a> {
    /// Its code.
    pub code: &'a FormCode,
    /// Which pass.
    pub pass: Pass,
    /// What.
    pub keyed: &'a Keyed,
    /// It may take the place of what the same clerk keyed of it before.
    pub correct: bool,
}

/// One form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperForm {
    /// Its code.
    pub code: FormCode,
    /// Number on the paper.
    pub number: i16,
    /// Keyed twice.
    pub twice: bool,
    /// The first keying, as it was corrected.
    pub first: Option<PaperPass>,
    /// The second.
    pub second: Option<PaperPass>,
    /// What counts.
    pub settled: Option<Keyed>,
    /// Its response is stored.
    pub responded: bool,
}

impl PaperForm {
    /// Keyed twice, differing, not settled.
    pub fn differs(&self) -> bool {
        self.first.is_some() && self.second.is_some() && self.settled.is_none()
    }
}

/// Why nothing was keyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// No form of this batch has the code.
    Unknown,
    /// It was keyed by somebody at some time.
    Keyed(String, i64),
    /// Who keyed the first pass does not key the second.
    Own,
    /// It is not keyed twice.
    Once,
    /// It was not keyed a first time yet.
    NoFirst,
    /// The round has another questionnaire than was printed.
    Outdated,
    /// The drawn list has no such number.
    NoUnit,
    /// It was keyed by the same clerk, but is corrected no more: keyed a second time, or settled.
    Final,
}

/// What became of a keyed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDone {
    /// Kept now; the number of the form.
    Stored(i16),
    /// The same was kept before.
    Duplicate(i16),
    /// Kept in the place of what the same clerk had keyed.
    Corrected(i16),
}

/// Why no batch was made or nothing settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperFault {
    /// The agency, with this field, has no stratum in the round.
    NoStratum,
    /// The round is frozen.
    Frozen,
    /// There is no such form, or nothing to settle about it.
    Nothing,
}

/// The id of the response of a form: bytes of a hash, marked as version 8.
pub fn paper_response_id(code: &FormCode) -> Uuid {
    hashed("hailong-paper-1", code)
}

fn damaged(what: &str) -> StoreError {
    StoreError::Inconsistent(format!("{what} cannot be read"))
}

/// The id of the visit that a form of a drawn person stands for.
fn visit_id(code: &FormCode) -> Uuid {
    hashed("hailong-paper-visit-1", code)
}

fn hashed(what: &str, code: &FormCode) -> Uuid {
    let hash: [u8; 32] = Sha256::digest(format!("{what} {}", code.as_str())).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn json(keyed: &Keyed) -> Result<String, StoreError> {
    serde_json::to_string(keyed).map_err(|_| StoreError::Inconsistent("a form cannot be written".to_owned()))
}

/// What was keyed, from its two columns: the number on the drawn list is erased with the links of its round.
fn keyed_of(text: &str, unit: Option<i32>) -> Result<Keyed, StoreError> {
    let keyed: Keyed = serde_json::from_str(text).map_err(|_| damaged("a keyed form"))?;
    Ok(Keyed { unit: unit.and_then(|unit| u32::try_from(unit).ok()), ..keyed })
}

fn unit_column(keyed: &Keyed) -> Option<i32> {
    keyed.unit.and_then(|unit| i32::try_from(unit).ok())
}

fn code_of(text: &str) -> Result<FormCode, StoreError> {
    FormCode::read(text).ok_or_else(|| damaged("the code of a form"))
}

/// Takes the numbers of a drawn list off the forms of a round: who answered which form is known to nobody then.
pub(super) async fn forget_units(
    tx: &DatabaseTransaction,
    backend: DbBackend,
    round: RoundId,
) -> Result<(), StoreError> {
    let of_round = "(SELECT f.code FROM paper_form f JOIN paper_batch b ON b.id = f.batch_id WHERE b.round_id = ?)";
    for table in ["paper_pass", "paper_form"] {
        let sql = format!("UPDATE {table} SET unit = NULL WHERE unit IS NOT NULL AND code IN {of_round}");
        tx.execute_raw(statement(backend, &sql, vec![round.0.into()])).await?;
    }
    Ok(())
}
