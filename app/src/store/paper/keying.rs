//! Keying: which forms stand open for whom, and what somebody keyed of one. A second keyer learns nothing of the first.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    KeyDone, KeyFault, KeyedForm, PaperBatch, PaperForm, PaperPass, code_of, damaged, json, keyed_of, unit_column,
};
use crate::domain::ids::AccountId;
use crate::domain::paper::{FormCode, Keyed, Pass, differences, layout};
use crate::domain::role::{KeyPaper, SettlePaper};
use crate::domain::staff_log::{Act, Who};
use crate::store::entity::{paper_batch, paper_form, paper_pass};
use crate::store::rows::statement;
use crate::store::{Store, StoreError};

impl Store {
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
        let open = forms.into_iter().filter(|form| open_to(form, clerk, pass).is_ok());
        Ok(open.map(|form| (form.code, form.number)).collect())
    }

    pub(super) async fn forms(&self, batch: i32) -> Result<Vec<PaperForm>, StoreError> {
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
        let mut by_form: HashMap<String, Vec<paper_pass::Model>> = HashMap::with_capacity(rows.len());
        for pass in passes {
            by_form.entry(pass.code.clone()).or_default().push(pass);
        }
        rows.into_iter()
            .map(|row| {
                let passes = by_form.remove(&row.code).unwrap_or_default();
                form_of(row, passes)
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

    /// What a clerk keyed first of a form and may still correct; its number.
    pub async fn correctable_form(
        &self,
        _may: &KeyPaper,
        clerk: AccountId,
        batch: i32,
        code: &FormCode,
    ) -> Result<Result<(i16, Keyed), KeyFault>, StoreError> {
        let forms = self.forms(batch).await?;
        let Some(form) = forms.into_iter().find(|form| form.code == *code) else { return Ok(Err(KeyFault::Unknown)) };
        Ok(match (correction(&form, clerk), form.first) {
            (Ok(()), Some(first)) => Ok((form.number, first.keyed)),
            (Err(fault), _) => Err(fault),
            (Ok(()), None) => Err(KeyFault::NoFirst),
        })
    }

    /// Keeps what a clerk keyed of a form; the same again is the same success. A form of which two people keyed the same
    /// becomes a response; one that is keyed once does when its batch is closed.
    pub async fn key_form(
        &self,
        _may: &KeyPaper,
        (clerk, login): (AccountId, &str),
        batch: i32,
        form: KeyedForm<'_>,
    ) -> Result<Result<KeyDone, KeyFault>, StoreError> {
        let Some(of) = self.batch(batch).await? else { return Ok(Err(KeyFault::Unknown)) };
        if of.outdated {
            return Ok(Err(KeyFault::Outdated));
        }
        if let Some(number) = form.keyed.unit
            && self.listed_unit(&of, number).await?.is_none()
        {
            return Ok(Err(KeyFault::NoUnit));
        }
        let who = Who { account: Some(clerk), name: login.to_owned() };
        let done = self.keep_pass(&of, (clerk, &who), form).await?;
        if done.is_ok() {
            self.hand_over(&of).await?;
        }
        Ok(done)
    }

    async fn keep_pass(
        &self,
        batch: &PaperBatch,
        (clerk, who): (AccountId, &Who),
        KeyedForm { code, pass, keyed, correct }: KeyedForm<'_>,
    ) -> Result<Result<KeyDone, KeyFault>, StoreError> {
        let now = self.clock().now_ms();
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        // The row of the form is the lock of all that is keyed of it.
        let mut find = paper_form::Entity::find_by_id(code.as_str().to_owned());
        if self.backend() == DbBackend::Postgres {
            find = find.lock(LockType::Update);
        }
        let Some(row) = find.one(&tx).await?.filter(|row| row.batch_id == batch.id) else {
            return Ok(Err(KeyFault::Unknown));
        };
        let passes = paper_pass::Entity::find().filter(paper_pass::Column::Code.eq(code.as_str())).all(&tx).await?;
        let form = form_of(row, passes)?;
        let before = if pass == Pass::First { &form.first } else { &form.second };
        if before.as_ref().is_some_and(|before| before.account == clerk && same(&form, &before.keyed, keyed)) {
            return Ok(Ok(KeyDone::Duplicate(form.number)));
        }
        let parts = layout(&batch.round.questionnaire, batch.stream);
        if let (true, Pass::First, Some(first)) = (correct, pass, &form.first) {
            if let Err(fault) = correction(&form, clerk) {
                return Ok(Err(fault));
            }
            self.correct_pass(&tx, code, keyed).await?;
            let places = differences(&parts, &first.keyed, keyed).join(", ");
            let object = format!("tập {}, phiếu {}", batch.id, form.number);
            // The places, not the answers: the log has more readers than the forms.
            let head = log.append(&tx, now, who, Act::PaperCorrected, &object, &format!("sửa: {places}")).await?;
            tx.commit().await?;
            log.moved(head);
            return Ok(Ok(KeyDone::Corrected(form.number)));
        }
        if let Err(fault) = open_to(&form, clerk, pass) {
            return Ok(Err(fault));
        }
        let row = paper_pass::ActiveModel {
            code: Set(code.as_str().to_owned()),
            pass: Set(pass.code()),
            account_id: Set(clerk.0),
            login: Set(who.name.clone()),
            keyed_at: Set(now),
            keyed: Set(json(keyed)?),
            unit: Set(unit_column(keyed)),
            former: Set(None),
        };
        paper_pass::Entity::insert(row).exec_without_returning(&tx).await?;
        if let (Pass::Second, Some(first)) = (pass, &form.first)
            && differences(&parts, &first.keyed, keyed).is_empty()
        {
            let row = paper_form::ActiveModel {
                code: Set(code.as_str().to_owned()),
                settled: Set(Some(json(&first.keyed)?)),
                unit: Set(unit_column(&first.keyed)),
                settled_by: Set(Some(who.name.clone())),
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

    /// Puts a correction in the place of the first pass; what stood there is kept beside it.
    async fn correct_pass(&self, tx: &DatabaseTransaction, code: &FormCode, keyed: &Keyed) -> Result<(), StoreError> {
        let key = (code.as_str().to_owned(), Pass::First.code());
        let Some(row) = paper_pass::Entity::find_by_id(key).one(tx).await? else { return Err(damaged("a pass")) };
        let mut former = former_of(row.former.as_deref())?;
        former.push(keyed_of(&row.keyed, None)?);
        let former = serde_json::to_string(&former).map_err(|_| damaged("a correction"))?;
        let sql = "UPDATE paper_pass SET keyed = ?, unit = ?, former = ? WHERE code = ? AND pass = ?";
        let values = vec![
            json(keyed)?.into(),
            unit_column(keyed).into(),
            former.into(),
            row.code.into(),
            Pass::First.code().into(),
        ];
        tx.execute_raw(statement(self.backend(), sql, values)).await?;
        Ok(())
    }
}

/// What a clerk keyed before each correction, in order.
pub(super) fn former_of(text: Option<&str>) -> Result<Vec<Keyed>, StoreError> {
    text.map_or(Ok(vec![]), |text| serde_json::from_str(text).map_err(|_| damaged("a correction")))
}

fn form_of(row: paper_form::Model, passes: Vec<paper_pass::Model>) -> Result<PaperForm, StoreError> {
    let mut form = PaperForm {
        code: code_of(&row.code)?,
        number: row.number,
        twice: row.twice == 1,
        first: None,
        second: None,
        settled: row.settled.as_deref().map(|settled| keyed_of(settled, row.unit)).transpose()?,
        responded: row.responded == 1,
    };
    for row in passes {
        let pass = PaperPass {
            account: AccountId(row.account_id),
            keyed: keyed_of(&row.keyed, row.unit)?,
            corrections: former_of(row.former.as_deref())?.len(),
            login: row.login,
            at: row.keyed_at,
        };
        *(if row.pass == Pass::First.code() { &mut form.first } else { &mut form.second }) = Some(pass);
    }
    Ok(form)
}

/// Whether the same was keyed; comment and number left the tables of paper with the response.
fn same(form: &PaperForm, before: &Keyed, keyed: &Keyed) -> bool {
    before.values == keyed.values
        && before.collected_day == keyed.collected_day
        && (form.responded || (before.comment == keyed.comment && before.unit == keyed.unit))
}

/// Whether a clerk may key a form in a pass.
fn open_to(form: &PaperForm, clerk: AccountId, pass: Pass) -> Result<(), KeyFault> {
    let keyed = |pass: &PaperPass| Err(KeyFault::Keyed(pass.login.clone(), pass.at));
    match (pass, &form.first, &form.second) {
        (Pass::First, Some(first), _) => keyed(first),
        (Pass::Second, ..) if !form.twice => Err(KeyFault::Once),
        (Pass::Second, None, _) => Err(KeyFault::NoFirst),
        (Pass::Second, Some(first), _) if first.account == clerk => Err(KeyFault::Own),
        (Pass::Second, _, Some(second)) => keyed(second),
        (Pass::First, None, _) | (Pass::Second, Some(_), None) => Ok(()),
    }
}

/// Whether a clerk may correct the first pass of a form: the own one, until somebody keyed it again or it counts. A
/// second pass is never corrected: that it could be, or could not, would tell its keyer whether it differs.
fn correction(form: &PaperForm, clerk: AccountId) -> Result<(), KeyFault> {
    match &form.first {
        None => Err(KeyFault::NoFirst),
        Some(first) if first.account != clerk => Err(KeyFault::Keyed(first.login.clone(), first.at)),
        Some(_) if form.second.is_some() || form.settled.is_some() => Err(KeyFault::Final),
        Some(_) => Ok(()),
    }
}
