//! Comments as staff read them. Everything here takes the capability and reads within its scope; who wrote a comment,
//! what else they answered, when and at which desk does not leave this room.
//!
//! Only comments of responses whose standing is valid or incomplete are handed out ([`comment::SHOWN`]): one that is set
//! aside later is gone from every page at once.

mod release;

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::rows::statement;
use super::{Store, StoreError};
use crate::domain::agency::Agency;
use crate::domain::comment::{self, Progress, Sensitive, Theme};
use crate::domain::ids::{AgencyId, RoundId};
use crate::domain::role::{ReadComments, Scope};
use crate::domain::staff_log::{Act, Who};

/// The code of the inspectorate, who reads what is sensitive of every agency.
const INSPECTORATE: &str = "thanh-tra-tp";
/// Sentences of one agency and round that the public page shows, the newest batches first.
const SAID: usize = 20;

/// The columns of a row, in the order of [`row_of`].
const COLUMNS: &str = "i.id, i.round_id, i.agency_id, i.first_month, i.last_month, i.sensitive, i.masked, i.body, i.theme, \
                       i.assigned, i.progress, i.sentence";

/// A comment as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRow {
    /// Its name towards staff; keyed.
    pub id: i64,
    /// The round.
    pub round: RoundId,
    /// The agency it is about.
    pub agency: AgencyId,
    /// First and last month of its batch, of `days::month_of`.
    pub months: (i32, i32),
    /// What it speaks of that its agency must not read.
    pub sensitive: Option<Sensitive>,
    /// Something in it is masked.
    pub masked: bool,
    /// As it is read.
    pub body: String,
    /// What it is about.
    pub theme: Option<Theme>,
    /// Who deals with it.
    pub assigned: String,
    /// How far.
    pub progress: Progress,
    /// What the public reads.
    pub sentence: String,
}

/// Which comments are asked for; the scope limits them further.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// On this agency.
    pub agency: Option<AgencyId>,
    /// On this subject.
    pub theme: Option<Theme>,
    /// So far dealt with.
    pub progress: Option<Progress>,
    /// So many are passed over.
    pub skip: u64,
}

/// Some comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentPage {
    /// The comments; those of the newest batch first, in keyed order within it.
    pub comments: Vec<CommentRow>,
    /// There are more.
    pub more: bool,
}

/// What is done with a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is about.
    pub theme: Option<Theme>,
    /// Who deals with it.
    pub assigned: String,
    /// How far.
    pub progress: Progress,
    /// What the public reads, checked by `comment::public_sentence`.
    pub sentence: String,
}

/// A sentence for the public.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Said {
    /// What it is about.
    pub theme: Option<Theme>,
    /// Taken up or resolved.
    pub progress: Progress,
    /// The sentence.
    pub sentence: String,
}

/// What the public reads of every agency, the newest batch first.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    by_agency: HashMap<(RoundId, AgencyId), Vec<Said>>,
}

impl Kept {
    /// Of one agency in one round.
    pub fn of(&self, round: RoundId, agency: AgencyId) -> &[Said] {
        self.by_agency.get(&(round, agency)).map_or(&[], Vec::as_slice)
    }
}

/// The part of a condition that keeps what somebody may read, and its values.
fn reach(may: &ReadComments, agencies: &HashMap<AgencyId, Agency>) -> (String, Vec<Value>) {
    let scope = may.scope();
    if *scope == Scope::City {
        return ("1 = 1".to_owned(), vec![]);
    }
    let own: Vec<Value> = scope.agencies(agencies).iter().map(|agency| agency.id.0.into()).collect();
    let marks = if own.is_empty() { "-1".to_owned() } else { vec!["?"; own.len()].join(", ") };
    let inspects = matches!(scope, Scope::Subtree(root) if agencies.get(root).is_some_and(|a| a.code == INSPECTORATE));
    let sensitive = if inspects { " OR i.sensitive <> 0" } else { "" };
    (format!("((i.sensitive = 0 AND i.agency_id IN ({marks})){sensitive})"), own)
}

/// The standings that are shown, for a condition.
fn shown() -> String {
    comment::SHOWN.map(|standing| standing.code().to_string()).join(", ")
}

fn row_of(row: &QueryResult) -> Result<CommentRow, StoreError> {
    let id: i64 = row.try_get_by_index(0)?;
    let unknown = |what: &str| StoreError::Inconsistent(format!("comment {id}: {what}"));
    let (sensitive, theme): (i16, i16) = (row.try_get_by_index(5)?, row.try_get_by_index(8)?);
    let progress: i16 = row.try_get_by_index(10)?;
    Ok(CommentRow {
        id,
        round: RoundId(row.try_get_by_index(1)?),
        agency: AgencyId(row.try_get_by_index(2)?),
        months: (row.try_get_by_index(3)?, row.try_get_by_index(4)?),
        sensitive: Sensitive::from_code(sensitive),
        masked: row.try_get_by_index(6)?,
        body: row.try_get_by_index(7)?,
        theme: Theme::from_code(theme),
        assigned: row.try_get_by_index(9)?,
        progress: Progress::from_code(progress).ok_or_else(|| unknown("progress"))?,
        sentence: row.try_get_by_index(11)?,
    })
}

impl Store {
    /// Comments within the scope, at most `limit`. The caller notes the look before it shows them.
    pub async fn comments(&self, may: &ReadComments, asked: &Asked, limit: u64) -> Result<CommentPage, StoreError> {
        let agencies = self.known_agencies().await?;
        let (reach, mut values) = reach(may, &agencies);
        let mut sql = format!(
            "SELECT {COLUMNS} FROM comment_item i JOIN response r ON r.id = i.response_id WHERE r.standing IN ({}) AND {reach}",
            shown()
        );
        let conditions = [
            asked.agency.map(|agency| (" AND i.agency_id = ?", Value::from(agency.0))),
            asked.theme.map(|theme| (" AND i.theme = ?", theme.code().into())),
            asked.progress.map(|progress| (" AND i.progress = ?", progress.code().into())),
        ];
        for (condition, value) in conditions.into_iter().flatten() {
            sql.push_str(condition);
            values.push(value);
        }
        sql.push_str(" ORDER BY i.released_day DESC, i.agency_id, i.id LIMIT ? OFFSET ?");
        let number = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        values.extend([number(limit.saturating_add(1)), number(asked.skip)]);
        let rows = self.reader().query_all_raw(statement(self.backend(), &sql, values)).await?;
        let mut comments = rows.iter().map(row_of).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = comments.len() > limit;
        comments.truncate(limit);
        Ok(CommentPage { comments, more })
    }

    /// One comment within the scope; none where there is none in it, whether it exists or not.
    pub async fn comment(&self, may: &ReadComments, id: i64) -> Result<Option<CommentRow>, StoreError> {
        let agencies = self.known_agencies().await?;
        let (reach, mut values) = reach(may, &agencies);
        let sql = format!(
            "SELECT {COLUMNS} FROM comment_item i JOIN response r ON r.id = i.response_id WHERE r.standing IN ({}) AND {reach} \
             AND i.id = ?",
            shown()
        );
        values.push(id.into());
        let row = self.reader().query_one_raw(statement(self.backend(), &sql, values)).await?;
        row.as_ref().map(row_of).transpose()
    }

    /// Labels, assigns, answers a comment, and notes it in the same transaction; no where there is none in the scope.
    pub async fn change_comment(
        &self,
        may: &ReadComments,
        who: &Who,
        id: i64,
        change: &Change,
    ) -> Result<bool, StoreError> {
        let Some(before) = self.comment(may, id).await? else { return Ok(false) };
        let mut log = self.log_chain().await;
        let tx = self.begin_write().await?;
        let sql = "UPDATE comment_item SET theme = ?, assigned = ?, progress = ?, sentence = ? WHERE id = ?";
        let values: Vec<Value> = vec![
            change.theme.map_or(0, Theme::code).into(),
            change.assigned.as_str().into(),
            change.progress.code().into(),
            change.sentence.as_str().into(),
            id.into(),
        ];
        tx.execute_raw(statement(self.backend(), sql, values)).await?;
        let theme = change.theme.map_or("", Theme::word);
        let detail = format!(
            "{} → {} · chủ đề {theme} · giao {} · {}",
            before.progress.word(),
            change.progress.word(),
            change.assigned,
            change.sentence
        );
        let object = comment_name(id);
        let head = log.append(&tx, self.clock().now_ms(), who, Act::CommentChanged, &object, &detail).await?;
        tx.commit().await?;
        log.moved(head);
        self.caches().said.clear();
        Ok(true)
    }

    /// A comment as it was written, for Sở Nội vụ alone; the look is noted before it is read.
    pub async fn original_comment(&self, may: &ReadComments, who: &Who, id: i64) -> Result<Option<String>, StoreError> {
        if *may.scope() != Scope::City || self.comment(may, id).await?.is_none() {
            return Ok(None);
        }
        self.log(who, Act::CommentsRead, &comment_name(id), "nguyên văn").await?;
        let sql = "SELECT c.body FROM comment_item i JOIN comment c ON c.response_id = i.response_id WHERE i.id = ?";
        let row = self.reader().query_one_raw(statement(self.backend(), sql, vec![id.into()])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
    }

    /// What agencies say to the public, at most 2 s old. Nothing of what is sensitive is in it.
    pub async fn said(&self) -> Result<Arc<Kept>, StoreError> {
        let load = || {
            let store = self.clone();
            async move { store.load_said().await }
        };
        self.caches().said.get(&(), self.clock().now_ms(), load).await
    }

    async fn load_said(&self) -> Result<Arc<Kept>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM comment_item i JOIN response r ON r.id = i.response_id WHERE r.standing IN ({}) \
             AND i.progress > ? AND i.sensitive = 0 ORDER BY i.released_day DESC, i.id",
            shown()
        );
        let values = vec![Progress::New.code().into()];
        let rows = self.reader().query_all_raw(statement(self.backend(), &sql, values)).await?;
        let mut kept = Kept::default();
        for row in rows {
            let CommentRow { round, agency, theme, progress, sentence, .. } = row_of(&row)?;
            let said = kept.by_agency.entry((round, agency)).or_default();
            let new = Said { theme, progress, sentence };
            // Several comments may have one answer: it is said once.
            if said.len() < SAID && !new.sentence.is_empty() && !said.contains(&new) {
                said.push(new);
            }
        }
        Ok(Arc::new(kept))
    }
}

/// The name of a comment in addresses and in the log.
fn comment_name(id: i64) -> String {
    format!("ý kiến {id:x}")
}
