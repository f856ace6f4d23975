//! Paper forms: batches, what was keyed of each form, and the response that a settled one becomes.
//!
//! A form is settled first and handed to the writer then; its response has an id derived from its code, so that handing
//! it over again, after a crash in between, changes nothing. What waits is handed over with the next form of its batch.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::entity::{paper_batch, paper_form, paper_pass};
use super::rows::statement;
use super::writer::Stored;
use super::{RoundContext, Store, StoreError};
use crate::domain::answer::Validity;
use crate::domain::ids::{AccountId, AgencyId, RoundId, StratumId};
use crate::domain::paper::{Again, FormCode, Keyed, Pass, differences, drawn_twice, layout};
use crate::domain::response::{Marks, Mode, NewResponse, Phase, Standing, Stream, local_day};
use crate::domain::role::{KeyPaper, SeePaper, SettlePaper};
use crate::domain::staff_log::{Act, Who};
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
    /// What.
    pub keyed: Keyed,
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
    /// The first keying.
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
}

/// What became of a keyed form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyDone {
    /// Kept now; the number of the form.
    Stored(i16),
    /// The same was kept before.
    Duplicate(i16),
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
    let hash: [u8; 32] = Sha256::digest(format!("hailong-paper-1 {}", code.as_str())).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn damaged(what: &str) -> StoreError {
    StoreError::Inconsistent(format!("{what} cannot be read"))
}

fn json(keyed: &Keyed) -> Result<String, StoreError> {
    serde_json::to_string(keyed).map_err(|_| StoreError::Inconsistent("a form cannot be written".to_owned()))
}

fn keyed_of(text: &str) -> Result<Keyed, StoreError> {
    serde_json::from_str(text).map_err(|_| damaged("a keyed form"))
}

fn code_of(text: &str) -> Result<FormCode, StoreError> {
    FormCode::read(text).ok_or_else(|| damaged("the code of a form"))
}

impl Store {
    /// Whether a round measures an agency or what is above it. The agency of an administrator measures, though it may
    /// be measured too.
    pub async fn is_measured(&self, agency: AgencyId, round: &RoundContext) -> Result<bool, StoreError> {
        /// City, district, commune, unit of a commune, and one to spare: a ring of links ends here.
        const DEPTH: usize = 5;
        let known = self.known_agencies().await?;
        let mut here = Some(agency);
        for _ in 0..DEPTH {
            let Some(id) = here else { break };
            if self.is_agency_of_an_admin(id).await? {
                return Ok(false);
            }
            if round.agencies.contains_key(&id) {
                return Ok(true);
            }
            here = known.get(&id).and_then(|agency| agency.parent);
        }
        Ok(false)
    }

    /// Makes a batch; its number.
    pub async fn make_paper_batch(
        &self,
        _may: &SettlePaper,
        who: &Who,
        new: &NewBatch,
    ) -> Result<Result<i32, PaperFault>, StoreError> {
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let rounds = self.load_rounds(&tx).await?;
        let Some(round) = rounds.iter().find(|context| context.round.id == new.round) else {
            return Ok(Err(PaperFault::NoStratum));
        };
        if round.frozen_at.is_some() {
            return Ok(Err(PaperFault::Frozen));
        }
        let agency = round.agencies.get(&new.agency);
        let Some(agency) = agency.filter(|_| round.stratum(new.agency, new.field) != StratumId::UNKNOWN) else {
            return Ok(Err(PaperFault::NoStratum));
        };
        let last = paper_batch::Entity::find().order_by_desc(paper_batch::Column::Id).one(&tx).await?;
        let id = last.map_or(1, |batch| batch.id + 1);
        let forms = u16::try_from(new.codes.len()).unwrap_or(u16::MAX);
        let twice = drawn_twice(forms, new.again, new.seed);
        let row = paper_batch::ActiveModel {
            id: Set(id),
            round_id: Set(new.round.0),
            agency_id: Set(new.agency.0),
            field: Set(new.field),
            stream: Set(new.stream.code()),
            lang: Set(if new.lang == Lang::Vi { 0 } else { 1 }),
            again: Set(new.again.code()),
            seed: Set(new.seed.cast_signed()),
            questionnaire: Set(version(round)),
            collected_day: Set(None),
            made_by: Set(who.name.clone()),
            made_at: Set(now),
        };
        paper_batch::Entity::insert(row).exec_without_returning(&tx).await?;
        let rows = (1_u16..).zip(&new.codes).map(|(number, code)| paper_form::ActiveModel {
            code: Set(code.as_str().to_owned()),
            batch_id: Set(id),
            number: Set(number.cast_signed()),
            twice: Set(i16::from(twice.contains(&number))),
            settled: Set(None),
            settled_by: Set(None),
            settled_at: Set(None),
            responded: Set(0),
        });
        paper_form::Entity::insert_many(rows).exec_without_returning(&tx).await?;
        let detail = format!(
            "{} · {} · {forms} phiếu · {} · nhập lại {}% · số bốc {}",
            round.round.code,
            agency.code,
            new.stream.word(),
            new.again.word(),
            new.seed
        );
        let head = log.append(&tx, now, who, Act::PaperBatch, &format!("tập {id}"), &detail).await?;
        tx.commit().await?;
        log.moved(head);
        Ok(Ok(id))
    }

    /// All batches, the newest first.
    pub async fn paper_batches(&self, _may: &SeePaper) -> Result<Vec<PaperBatch>, StoreError> {
        let rows = paper_batch::Entity::find().order_by_desc(paper_batch::Column::Id).all(self.reader()).await?;
        self.batches_of(rows).await
    }

    /// One batch.
    pub async fn paper_batch(&self, _may: &SeePaper, id: i32) -> Result<Option<PaperBatch>, StoreError> {
        self.batch(id).await
    }

    async fn batch(&self, id: i32) -> Result<Option<PaperBatch>, StoreError> {
        let row = paper_batch::Entity::find_by_id(id).one(self.reader()).await?;
        Ok(self.batches_of(row.into_iter().collect()).await?.pop())
    }

    async fn batches_of(&self, rows: Vec<paper_batch::Model>) -> Result<Vec<PaperBatch>, StoreError> {
        let sql = "SELECT f.batch_id, COUNT(*), COUNT(p.code), \
                   COUNT(CASE WHEN f.twice = 1 AND p.code IS NOT NULL AND q.code IS NULL THEN 1 END), \
                   COUNT(CASE WHEN q.code IS NOT NULL AND f.settled IS NULL THEN 1 END), COUNT(f.settled) \
                   FROM paper_form f LEFT JOIN paper_pass p ON p.code = f.code AND p.pass = 1 \
                   LEFT JOIN paper_pass q ON q.code = f.code AND q.pass = 2";
        let only = rows.first().filter(|_| rows.len() == 1).map(|row| row.id);
        let (sql, values) = match only {
            Some(id) => (format!("{sql} WHERE f.batch_id = ? GROUP BY f.batch_id"), vec![id.into()]),
            None => (format!("{sql} GROUP BY f.batch_id"), vec![]),
        };
        let mut progress = HashMap::new();
        for row in self.reader().query_all_raw(statement(self.backend(), &sql, values)).await? {
            let n = |at: usize| row.try_get_by_index::<i64>(at);
            let of = PaperProgress { forms: n(1)?, first: n(2)?, again: n(3)?, differ: n(4)?, settled: n(5)? };
            progress.insert(row.try_get_by_index::<i32>(0)?, of);
        }
        let rounds = self.rounds().await?;
        rows.into_iter()
            .map(|row| {
                let round = rounds.iter().find(|context| context.round.id.0 == row.round_id);
                let round = round.cloned().ok_or_else(|| damaged("the round of a batch"))?;
                Ok(PaperBatch {
                    id: row.id,
                    agency: AgencyId(row.agency_id),
                    field: row.field,
                    stream: Stream::from_code(row.stream).ok_or_else(|| damaged("a batch"))?,
                    lang: if row.lang == 1 { Lang::En } else { Lang::Vi },
                    again: Again::from_code(row.again).ok_or_else(|| damaged("a batch"))?,
                    seed: row.seed.cast_unsigned(),
                    collected_day: row.collected_day,
                    made_by: row.made_by,
                    made_at: row.made_at,
                    outdated: row.questionnaire != version(&round),
                    progress: progress.get(&row.id).copied().unwrap_or_default(),
                    round,
                })
            })
            .collect()
    }

    /// The forms of a batch with all that was keyed, for who settles.
    pub async fn paper_forms(&self, _may: &SettlePaper, batch: i32) -> Result<Vec<PaperForm>, StoreError> {
        self.forms(batch).await
    }

    /// Which forms of a batch stand open for a clerk in a pass: their codes and numbers. Of the first pass all that
    /// nobody keyed; of the second those of others.
    pub async fn paper_open(
        &self,
        _may: &KeyPaper,
        batch: i32,
        pass: Pass,
        clerk: AccountId,
    ) -> Result<Vec<(FormCode, i16)>, StoreError> {
        let forms = self.forms(batch).await?;
        let is_open = |form: &&PaperForm| match pass {
            Pass::First => form.first.is_none(),
            Pass::Second => {
                form.twice && form.second.is_none() && form.first.as_ref().is_some_and(|first| first.account != clerk)
            }
        };
        Ok(forms.iter().filter(is_open).map(|form| (form.code.clone(), form.number)).collect())
    }

    async fn forms(&self, batch: i32) -> Result<Vec<PaperForm>, StoreError> {
        let rows = paper_form::Entity::find()
            .filter(paper_form::Column::BatchId.eq(batch))
            .order_by_asc(paper_form::Column::Number)
            .all(self.reader())
            .await?;
        let of_batch = paper_form::Entity::find()
            .select_only()
            .column(paper_form::Column::Code)
            .filter(paper_form::Column::BatchId.eq(batch));
        let passes = paper_pass::Entity::find()
            .filter(paper_pass::Column::Code.in_subquery(sea_orm::QueryTrait::into_query(of_batch)))
            .all(self.reader())
            .await?;
        let mut by_form: HashMap<(String, i16), PaperPass> = HashMap::with_capacity(passes.len());
        for row in passes {
            let pass = PaperPass {
                account: AccountId(row.account_id),
                login: row.login,
                at: row.keyed_at,
                keyed: keyed_of(&row.keyed)?,
            };
            by_form.insert((row.code, row.pass), pass);
        }
        rows.into_iter()
            .map(|row| {
                Ok(PaperForm {
                    first: by_form.remove(&(row.code.clone(), Pass::First.code())),
                    second: by_form.remove(&(row.code.clone(), Pass::Second.code())),
                    code: code_of(&row.code)?,
                    number: row.number,
                    twice: row.twice == 1,
                    settled: row.settled.as_deref().map(keyed_of).transpose()?,
                    responded: row.responded == 1,
                })
            })
            .collect()
    }

    /// Whether a clerk may key a form now; its number. What was keyed is not told.
    pub async fn may_key_form(
        &self,
        _may: &KeyPaper,
        clerk: AccountId,
        batch: i32,
        code: &FormCode,
        pass: Pass,
    ) -> Result<Result<i16, KeyFault>, StoreError> {
        let forms = self.forms(batch).await?;
        let Some(form) = forms.into_iter().find(|form| form.code == *code) else { return Ok(Err(KeyFault::Unknown)) };
        Ok(open_to(&form, clerk, pass).map(|()| form.number))
    }

    /// Keeps what a clerk keyed of a form; the same again is the same success. A form that needs nothing more becomes a
    /// response.
    pub async fn key_form(
        &self,
        _may: &KeyPaper,
        who: (AccountId, &str),
        batch: i32,
        (code, pass): (&FormCode, Pass),
        keyed: &Keyed,
    ) -> Result<Result<KeyDone, KeyFault>, StoreError> {
        let Some(of) = self.batch(batch).await? else { return Ok(Err(KeyFault::Unknown)) };
        if of.outdated {
            return Ok(Err(KeyFault::Outdated));
        }
        let done = self.keep_pass(&of, who, code, pass, keyed).await?;
        if done.is_ok() {
            self.hand_over(&of).await?;
        }
        Ok(done)
    }

    async fn keep_pass(
        &self,
        batch: &PaperBatch,
        (account, login): (AccountId, &str),
        code: &FormCode,
        pass: Pass,
        keyed: &Keyed,
    ) -> Result<Result<KeyDone, KeyFault>, StoreError> {
        let now = self.clock().now_ms();
        let tx = self.begin_write().await?;
        // The row of the form is the lock of all that is keyed of it.
        let mut find = paper_form::Entity::find_by_id(code.as_str().to_owned());
        if self.backend() == DbBackend::Postgres {
            find = find.lock(LockType::Update);
        }
        let Some(row) = find.one(&tx).await?.filter(|row| row.batch_id == batch.id) else {
            return Ok(Err(KeyFault::Unknown));
        };
        let mut form = PaperForm {
            code: code.clone(),
            number: row.number,
            twice: row.twice == 1,
            first: None,
            second: None,
            settled: row.settled.as_deref().map(keyed_of).transpose()?,
            responded: row.responded == 1,
        };
        for row in paper_pass::Entity::find().filter(paper_pass::Column::Code.eq(code.as_str())).all(&tx).await? {
            let keyed = keyed_of(&row.keyed)?;
            let found = PaperPass { account: AccountId(row.account_id), login: row.login, at: row.keyed_at, keyed };
            *(if row.pass == Pass::First.code() { &mut form.first } else { &mut form.second }) = Some(found);
        }
        let before = if pass == Pass::First { &form.first } else { &form.second };
        if let Some(before) = before
            && before.account == account
            && before.keyed.values == keyed.values
            && before.keyed.collected_day == keyed.collected_day
            // The comment left this table with the response.
            && (form.responded || before.keyed.comment == keyed.comment)
        {
            return Ok(Ok(KeyDone::Duplicate(form.number)));
        }
        if let Err(fault) = open_to(&form, account, pass) {
            return Ok(Err(fault));
        }
        let row = paper_pass::ActiveModel {
            code: Set(code.as_str().to_owned()),
            pass: Set(pass.code()),
            account_id: Set(account.0),
            login: Set(login.to_owned()),
            keyed_at: Set(now),
            keyed: Set(json(keyed)?),
        };
        paper_pass::Entity::insert(row).exec_without_returning(&tx).await?;
        let agreed = match (pass, &form.first) {
            (Pass::First, _) => !form.twice,
            (Pass::Second, Some(first)) => {
                differences(&layout(&batch.round.questionnaire), &first.keyed, keyed).is_empty()
            }
            (Pass::Second, None) => false,
        };
        if agreed {
            let counts = form.first.as_ref().map_or(keyed, |first| &first.keyed);
            let row = paper_form::ActiveModel {
                code: Set(code.as_str().to_owned()),
                settled: Set(Some(json(counts)?)),
                settled_by: Set(Some(login.to_owned())),
                settled_at: Set(Some(now)),
                ..Default::default()
            };
            row.update(&tx).await?;
        }
        paper_batch::Entity::update_many()
            .col_expr(paper_batch::Column::CollectedDay, Expr::value(keyed.collected_day))
            .filter(paper_batch::Column::Id.eq(batch.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(Ok(KeyDone::Stored(form.number)))
    }

    /// Settles a form that two people keyed differently, and makes it a response. Both passes stay.
    pub async fn settle_form(
        &self,
        _may: &SettlePaper,
        who: &Who,
        batch: i32,
        code: &FormCode,
        settled: &Keyed,
    ) -> Result<Result<(), PaperFault>, StoreError> {
        let Some(of) = self.batch(batch).await? else { return Ok(Err(PaperFault::Nothing)) };
        let forms = self.forms(batch).await?;
        let Some(form) = forms.iter().find(|form| form.code == *code && form.differs()) else {
            return Ok(Err(PaperFault::Nothing));
        };
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let changed = paper_form::Entity::update_many()
            .col_expr(paper_form::Column::Settled, Expr::value(json(settled)?))
            .col_expr(paper_form::Column::SettledBy, Expr::value(who.name.clone()))
            .col_expr(paper_form::Column::SettledAt, Expr::value(now))
            .filter(paper_form::Column::Code.eq(code.as_str()))
            .filter(paper_form::Column::Settled.is_null())
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Ok(Err(PaperFault::Nothing));
        }
        let n = match (&form.first, &form.second) {
            (Some(a), Some(b)) => differences(&layout(&of.round.questionnaire), &a.keyed, &b.keyed).len(),
            _ => 0,
        };
        let (object, detail) = (format!("tập {batch}, phiếu {}", form.number), format!("{n} chỗ khác nhau"));
        let head = log.append(&tx, now, who, Act::PaperSettled, &object, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.hand_over(&of).await?;
        Ok(Ok(()))
    }

    /// Gives the settled forms of a batch that have no response yet to the writer, and notes that they have.
    async fn hand_over(&self, batch: &PaperBatch) -> Result<(), StoreError> {
        let due = paper_form::Entity::find()
            .filter(paper_form::Column::BatchId.eq(batch.id))
            .filter(paper_form::Column::Settled.is_not_null())
            .filter(paper_form::Column::Responded.eq(0))
            .all(self.reader())
            .await?;
        for row in due {
            let code = code_of(&row.code)?;
            let settled = keyed_of(row.settled.as_deref().unwrap_or_default())?;
            let outcome = self.submit(response_of(batch, &code, &settled, self.clock().now_ms())).await?;
            if outcome.stored == Stored::Conflict {
                return Err(StoreError::Inconsistent(format!("another response has the id of form {}", row.code)));
            }
            self.forget_comment(&row.code, &settled).await?;
        }
        Ok(())
    }

    /// The response has the comment now; here it would be read by those who may not read comments.
    async fn forget_comment(&self, code: &str, settled: &Keyed) -> Result<(), StoreError> {
        let without = |keyed: Keyed| json(&Keyed { comment: None, ..keyed });
        let tx = self.begin_write().await?;
        for row in paper_pass::Entity::find().filter(paper_pass::Column::Code.eq(code)).all(&tx).await? {
            let keyed = without(keyed_of(&row.keyed)?)?;
            paper_pass::Entity::update_many()
                .col_expr(paper_pass::Column::Keyed, Expr::value(keyed))
                .filter(paper_pass::Column::Code.eq(code))
                .filter(paper_pass::Column::Pass.eq(row.pass))
                .exec(&tx)
                .await?;
        }
        paper_form::Entity::update_many()
            .col_expr(paper_form::Column::Settled, Expr::value(without(settled.clone())?))
            .col_expr(paper_form::Column::Responded, Expr::value(1_i16))
            .filter(paper_form::Column::Code.eq(code))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

fn version(round: &RoundContext) -> String {
    format!("{}@{}", round.round.questionnaire.0, round.round.questionnaire.1)
}

/// Whether a clerk may key a form in a pass.
fn open_to(form: &PaperForm, clerk: AccountId, pass: Pass) -> Result<(), KeyFault> {
    let keyed = |pass: &PaperPass| Err(KeyFault::Keyed(pass.login.clone(), pass.at));
    match (pass, &form.first, &form.second) {
        (Pass::First, Some(first), _) => keyed(first),
        (Pass::First, None, _) => Ok(()),
        (Pass::Second, ..) if !form.twice => Err(KeyFault::Once),
        (Pass::Second, None, _) => Err(KeyFault::NoFirst),
        (Pass::Second, Some(first), _) if first.account == clerk => Err(KeyFault::Own),
        (Pass::Second, _, Some(second)) => keyed(second),
        (Pass::Second, Some(_), None) => Ok(()),
    }
}

/// The response of a settled form. The day on which it was filled in decides the month, and whether it is early or late.
fn response_of(batch: &PaperBatch, code: &FormCode, settled: &Keyed, now: i64) -> NewResponse {
    let round = &batch.round.round;
    let sheet = settled.sheet(&batch.round.questionnaire);
    let stratum = batch.round.locate(batch.agency, batch.field, &sheet);
    let early = round.opens_at.is_some_and(|at| settled.collected_day < local_day(at));
    let late = round.closes_at.is_some_and(|at| settled.collected_day > local_day(at));
    let mut marks = Marks::default();
    marks = if early { marks.with(Marks::EARLY) } else { marks };
    marks = if late { marks.with(Marks::LATE) } else { marks };
    let standing = if early || late {
        Standing::Suspect
    } else if sheet.validity(&batch.round.questionnaire) == Validity::Incomplete
        // Without its stratum a drawn response has no weight.
        || (stratum == StratumId::UNKNOWN && batch.stream != Stream::Open)
    {
        Standing::Incomplete
    } else {
        Standing::Valid
    };
    NewResponse {
        id: paper_response_id(code),
        round: round.id,
        agency: batch.agency,
        desk: None,
        device: None,
        stratum,
        field: batch.field,
        stream: batch.stream,
        standing,
        mode: Mode::Paper,
        lang: batch.lang,
        marks,
        phase: Phase::Form,
        sheet,
        comment: settled.comment.clone(),
        started_at: None,
        finished_at: None,
        local_day: settled.collected_day,
        received_at: now,
    }
}
