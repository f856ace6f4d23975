//! Comments on their way to the agency (design 9): what is masked in them, who may read them, and when. Pure.
//!
//! They go out in shuffled batches of five or more, on the next working day at the earliest, with the months of the batch
//! only, so that nobody at a desk can tell who wrote what. What speaks of corruption or harassment goes to Sở Nội vụ and
//! the inspectorate only, and is no part of the batches of the agency; so does what cannot be scanned. A comment is shown while its response is valid or
//! incomplete: what is suspect, excluded or withdrawn stays in the house.

mod letters;
pub mod scan;
pub mod words;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::days::{month_of, next_working_day};
use super::response::{Standing, coded};
use super::text::Lang;
use scan::{Scanned, scan};

/// Fewest comments in a batch that reaches an agency.
pub const BATCH: usize = 5;

/// Longest public sentence, in characters: two lines on a phone.
pub const SENTENCE_CHARS: usize = 300;
/// Longest name of who deals with a comment, in characters.
pub const ASSIGNED_CHARS: usize = 120;

/// The standings whose comments are shown.
pub const SHOWN: [Standing; 2] = [Standing::Valid, Standing::Incomplete];

coded!(
    /// What a comment speaks of that its agency must not read.
    Sensitive {
        /// Money or favours for an act of office.
        Corruption = 1 "corruption",
        /// Threats, insults, molesting, obstruction on purpose.
        Harassment = 2 "harassment",
        /// Written in letters that the scan does not know.
        Unreadable = 3 "unreadable",
    }
);

impl Sensitive {
    /// Its name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Corruption => ("có dấu hiệu nhũng nhiễu, tiêu cực về tiền", "speaks of corruption"),
            Self::Harassment => ("có dấu hiệu sách nhiễu, xúc phạm", "speaks of harassment"),
            Self::Unreadable => {
                ("không quét được tự động, cần người đọc", "could not be scanned, to be read by a person")
            }
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

coded!(
    /// What a comment is about.
    Theme {
        /// Papers and steps.
        Procedure = 1 "thu-tuc",
        /// How people were treated.
        Attitude = 2 "thai-do",
        /// Waiting, delays.
        Time = 3 "thoi-gian",
        /// Rooms, seats, parking.
        Place = 4 "co-so-vat-chat",
        /// Fees.
        Fees = 5 "phi-le-phi",
        /// What was explained or posted.
        Guidance = 6 "huong-dan",
        /// Services over the network.
        Online = 7 "truc-tuyen",
        /// Praise.
        Praise = 8 "khen",
        /// Anything else.
        Other = 9 "khac",
    }
);

impl Theme {
    /// Its name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::Procedure => ("Thủ tục, giấy tờ", "Papers and steps"),
            Self::Attitude => ("Thái độ phục vụ", "Attitude"),
            Self::Time => ("Thời gian, hẹn trả", "Time"),
            Self::Place => ("Nơi tiếp, cơ sở vật chất", "Premises"),
            Self::Fees => ("Phí, lệ phí", "Fees"),
            Self::Guidance => ("Hướng dẫn, thông tin", "Guidance"),
            Self::Online => ("Dịch vụ trực tuyến", "Online services"),
            Self::Praise => ("Lời khen", "Praise"),
            Self::Other => ("Khác", "Other"),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

coded!(
    /// How far a comment has been dealt with.
    Progress {
        /// Nothing was done yet.
        New = 1 "moi",
        /// Đã tiếp thu.
        Acknowledged = 2 "da-tiep-thu",
        /// Đã giải quyết.
        Resolved = 3 "da-giai-quyet",
    }
);

impl Progress {
    /// Its name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        let (vi, en) = match self {
            Self::New => ("chưa xử lý", "not yet handled"),
            Self::Acknowledged => ("đã tiếp thu", "taken up"),
            Self::Resolved => ("đã giải quyết", "resolved"),
        };
        if lang == Lang::Vi { vi } else { en }
    }
}

/// A comment that nobody has read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its response.
    pub response: Uuid,
    /// As it was written.
    pub body: String,
    /// The local day on which it arrived.
    pub arrived: i32,
    /// The local day that decides its month.
    pub day: i32,
}

/// A comment in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Its response.
    pub response: Uuid,
    /// Its place among all, which is its name towards staff: keyed, so it says nothing of when it came.
    pub place: i64,
    /// As it is read.
    pub body: String,
    /// Something in it was masked.
    pub masked: bool,
}

/// Comments that are released together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// First and last month of [`month_of`].
    pub months: (i32, i32),
    /// Goes to Sở Nội vụ and the inspectorate only.
    pub sensitive: Option<Sensitive>,
    /// The comments, in keyed order.
    pub comments: Vec<Released>,
}

/// Comments with the month of each.
type Pool = Vec<(i32, Released)>;

/// The comments on one agency in one round that may be read from `today` on. `place` is a keyed number of a response;
/// what stays waiting is not returned.
pub fn release(
    waiting: Vec<Waiting>,
    today: i32,
    is_working: &dyn Fn(i32) -> bool,
    place: &dyn Fn(Uuid) -> i64,
) -> Vec<Batch> {
    let kinds = std::iter::once(None).chain(Sensitive::ALL.iter().copied().map(Some));
    let mut pools: Vec<(Option<Sensitive>, Pool)> = kinds.map(|kind| (kind, vec![])).collect();
    for comment in waiting {
        if next_working_day(comment.arrived, is_working) > today {
            continue;
        }
        let Scanned { text, masked, sensitive } = scan(&comment.body);
        let released = Released { response: comment.response, place: place(comment.response), body: text, masked };
        if let Some((_, pool)) = pools.iter_mut().find(|(kind, _)| *kind == sensitive) {
            pool.push((month_of(comment.day), released));
        }
    }
    let mut batches = vec![];
    for (sensitive, mut pool) in pools {
        // Who reads what is sensitive is not of the agency: nothing has to be gathered to hide among.
        let least = if sensitive.is_none() { BATCH } else { 1 };
        let months = pool.iter().map(|(month, _)| *month);
        let (Some(first), Some(last)) = (months.clone().min(), months.max()) else { continue };
        if pool.len() < least {
            continue;
        }
        pool.sort_by_key(|(_, comment)| comment.place);
        let comments = pool.into_iter().map(|(_, comment)| comment).collect();
        batches.push(Batch { months: (first, last), sensitive, comments });
    }
    batches
}

/// What an agency says to the public about a comment, if it may be said.
///
/// # Errors
/// [`SentenceFault`].
pub fn public_sentence(typed: &str, progress: Progress) -> Result<String, SentenceFault> {
    let sentence = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if sentence.chars().any(char::is_control) || sentence.chars().count() > SENTENCE_CHARS {
        return Err(SentenceFault::TooLong);
    }
    if scan(&sentence).masked {
        return Err(SentenceFault::PersonalData);
    }
    match progress {
        Progress::New => Ok(String::new()),
        Progress::Acknowledged | Progress::Resolved if sentence.is_empty() => Err(SentenceFault::Missing),
        Progress::Acknowledged | Progress::Resolved => Ok(sentence),
    }
}

/// Why a sentence is not made public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentenceFault {
    /// What is taken up or resolved says so to the public.
    Missing,
    /// Over [`SENTENCE_CHARS`], or with signs that cannot be read.
    TooLong,
    /// It holds a telephone number, an address of electronic mail or the number of a paper.
    PersonalData,
}

#[cfg(test)]
mod tests;
