//! Batches: made with the codes of their forms, listed with how far they are.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder};

use super::{NewBatch, PaperBatch, PaperFault, PaperProgress, damaged};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::paper::{Again, drawn_twice};
use crate::domain::response::Stream;
use crate::domain::role::{SeePaper, SettlePaper};
use crate::domain::staff_log::{Act, Who};
use crate::domain::text::Lang;
use crate::store::entity::{paper_batch, paper_form};
use crate::store::rows::statement;
use crate::store::{RoundContext, Store, StoreError};

impl Store {
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
            lang: Set(i16::from(new.lang == Lang::En)),
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
            unit: Set(None),
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

    pub(super) async fn batch(&self, id: i32) -> Result<Option<PaperBatch>, StoreError> {
        let row = paper_batch::Entity::find_by_id(id).one(self.reader()).await?;
        Ok(self.batches_of(row.into_iter().collect()).await?.pop())
    }

    async fn batches_of(&self, rows: Vec<paper_batch::Model>) -> Result<Vec<PaperBatch>, StoreError> {
        let sql = "SELECT f.batch_id, COUNT(*), COUNT(p.code), \
                   COUNT(CASE WHEN f.twice = 1 AND p.code IS NOT NULL AND q.code IS NULL THEN 1 END), \
                   COUNT(CASE WHEN q.code IS NOT NULL AND f.settled IS NULL THEN 1 END), COUNT(f.settled), \
                   COUNT(CASE WHEN f.twice = 0 AND p.code IS NOT NULL AND f.settled IS NULL THEN 1 END) \
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
            let (forms, first, again, differ) = (n(1)?, n(2)?, n(3)?, n(4)?);
            let of = PaperProgress { forms, first, again, differ, settled: n(5)?, waiting: n(6)? };
            progress.insert(row.try_get_by_index::<i32>(0)?, of);
        }
        let rounds = self.rounds().await?;
        let lists = self.reader().query_all_raw(statement(
            self.backend(),
            "SELECT round_id, agency_id FROM sample_list",
            vec![],
        ));
        let lists: HashSet<(i32, i32)> = lists
            .await?
            .iter()
            .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
            .collect::<Result<_, sea_orm::DbErr>>()?;
        rows.into_iter()
            .map(|row| {
                let round = rounds.iter().find(|context| context.round.id.0 == row.round_id);
                let round = round.cloned().ok_or_else(|| damaged("the round of a batch"))?;
                let stream = Stream::from_code(row.stream).ok_or_else(|| damaged("a batch"))?;
                Ok(PaperBatch {
                    id: row.id,
                    listed: stream == Stream::Sample && lists.contains(&(row.round_id, row.agency_id)),
                    agency: AgencyId(row.agency_id),
                    field: row.field,
                    stream,
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
}

fn version(round: &RoundContext) -> String {
    format!("{}@{}", round.round.questionnaire.0, round.round.questionnaire.1)
}
