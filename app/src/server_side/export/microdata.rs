//! The answers themselves, as far as design 9 lets them go: agency, stratum and answers of one stream, shuffled; in the
//! shape that `hailong index` reads, with the population beside, so that anyone can compute the page's figures again.
//!
//! - An agency goes out whole or not at all. It stays when its page hides or merges figures of it (fewer than 5 people,
//!   or all of one opinion), or when one of its strata has 1 to 4 responses: leaving out the stratum alone would give it
//!   away, since the figure of the agency is shown.
//! - A factor that is hidden and does not count in the index goes out blank.
//! - The order says nothing: rows are first put in the order of their content, which forgets when they came, and then
//!   dealt out by a keyed generator. Who knew the key would get back the order of content, never that of arrival.
//! - Streams are never added up, so each has its own file. A voluntary stream has no strata and no population.
//! - A round that still takes answers gives none, unless its data are simulated: two files would differ by the newest.
//!
//! Memory: the answers of some agencies at a time, 13 bytes each for 22 criteria, at most [`limits::EXPORT_BYTES`]; an
//! agency that has more is dealt out in blocks of that many.

mod deck;

use std::collections::{BTreeMap, HashMap, VecDeque};

use deck::Deck;
use futures::stream::{Stream as Chunks, try_unfold};

use super::csv::{BOM, text};
use super::tables::Pages;
use super::{Scope, Source};
use crate::components::number::say;
use crate::domain::answer::Sheet;
use crate::domain::disclosure::{Count, LEAST_RESPONDENTS};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::index::Absence;
use crate::domain::limits;
use crate::domain::method::OverallRule;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::response::Stream;
use crate::domain::role::Export;
use crate::domain::round::{RoundState, Stratum};
use crate::domain::text::Lang;
use crate::pages::results::model::AgencyPage;
use crate::pages::results::shown::Shown;
use crate::server_side::keys::mac;
use crate::store::{AnswersRow, Store, StoreError};

/// The name of a stratum that is a whole agency.
const WHOLE: &str = "chung";

/// Why the answers of an agency stay in the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Nobody answered.
    Empty,
    /// Its page hides figures of it, or says only "≥ 95 %".
    Hidden,
    /// A stratum has 1 to 4 responses.
    SmallStratum,
    /// Its figures are older than its responses, which would tell what came since.
    Held,
}

impl Kept {
    /// The reason in words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Empty => say(lang, "chưa có phiếu hợp lệ", "no valid responses"),
            Self::Hidden => say(
                lang,
                "có số liệu bị ẩn hoặc mọi người trả lời giống nhau",
                "some of its figures are hidden, or all gave one answer",
            ),
            Self::SmallStratum => {
                say(lang, "có lĩnh vực chỉ có từ 1 đến 4 phiếu", "one of its fields has only 1 to 4 responses")
            }
            Self::Held => say(
                lang,
                "số liệu công bố giữ theo lần hiện trước, vì chênh nhau dưới 5 phiếu",
                "its published figures are those shown before, fewer than 5 responses apart",
            ),
        }
    }
}

/// What goes out, decided before the first row is read.
#[derive(Clone, Debug)]
pub struct Plan {
    round: RoundId,
    stream: Stream,
    criteria: Vec<String>,
    agencies: Vec<Planned>,
    kept: Vec<(String, Kept)>,
}

#[derive(Clone, Debug)]
struct Planned {
    id: AgencyId,
    code: String,
    n: usize,
    /// Key, name in the file, N.
    strata: Vec<(StratumId, String, Option<i64>)>,
    /// Criteria that go out blank.
    blank: Vec<bool>,
}

/// Why nothing goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The round still takes answers.
    StillOpen,
    /// It is over and not published yet: late answers of tablets still come, and figures still move.
    Unpublished,
    /// The stream has no responses that are shown.
    NothingThere,
}

impl Plan {
    /// Decides what goes out of a round at `now` (milliseconds since 1970).
    ///
    /// # Errors
    /// [`Refused`].
    pub fn new(source: &Source<'_>, scope: Scope<'_>, now: i64) -> Result<Self, Refused> {
        Self::of(source, &Pages::new(source, scope), now)
    }

    /// The same, of pages that are made already.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn of(source: &Source<'_>, pages: &Pages, now: i64) -> Result<Self, Refused> {
        let round = source.data.round;
        if !round.sample_data && round.state(now) != RoundState::Over {
            return Err(Refused::StillOpen);
        }
        if !round.sample_data && source.stamp.edition().is_none() {
            return Err(Refused::Unpublished);
        }
        let stream = pages.city.heading.stream;
        if source.collected.n(stream) == 0 || source.query.stream.is_some_and(|asked| asked != stream) {
            return Err(Refused::NothingThere);
        }
        let criteria = source.data.questionnaire.criteria().map(|(_, c)| c.code.clone()).collect();
        let mut plan = Self { round: round.id, stream, criteria, agencies: vec![], kept: vec![] };
        for page in &pages.agencies {
            let Some(agency) = source.data.agencies.iter().find(|agency| agency.code == page.code) else { continue };
            match planned(source, page, agency.id, stream) {
                Ok(planned) => plan.agencies.push(planned),
                Err(why) => plan.kept.push((page.code.clone(), why)),
            }
        }
        Ok(plan)
    }

    /// The stream that goes out.
    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// How many agencies go out.
    pub fn n_agencies(&self) -> usize {
        self.agencies.len()
    }

    /// How many responses go out, as far as they were counted.
    pub fn n_responses(&self) -> usize {
        self.agencies.iter().map(|agency| agency.n).sum()
    }

    /// The agencies that stay, each with its reason.
    pub fn kept(&self) -> &[(String, Kept)] {
        &self.kept
    }

    /// POPULATION.csv.
    pub fn population_csv(&self) -> String {
        let mut out = format!("{BOM}agency,stratum,population\r\n");
        for agency in &self.agencies {
            for (_, stratum, population) in &agency.strata {
                let population = population.map(|n| n.to_string()).unwrap_or_default();
                out.push_str(&format!("{},{},{population}\r\n", text(&agency.code), text(stratum)));
            }
        }
        out
    }

    /// KEPT.csv: which agencies stay, and why.
    pub fn kept_csv(&self, lang: Lang) -> String {
        let mut out = format!("{BOM}agency,{}\r\n", say(lang, "ly_do", "reason"));
        for (code, why) in &self.kept {
            out.push_str(&format!("{},{}\r\n", text(code), text(why.words(lang))));
        }
        out
    }

    fn head(&self) -> String {
        let mut out = format!("{BOM}agency,stratum");
        for code in &self.criteria {
            out.push(',');
            out.push_str(&text(code));
        }
        out + "\r\n"
    }

    /// Bytes of one row in memory: the stratum, then two answers a byte.
    fn row_bytes(&self) -> usize {
        2 + self.criteria.len().div_ceil(2)
    }

    /// Agencies that are read together, so that a pass stays within the bound.
    fn passes(&self) -> VecDeque<Vec<usize>> {
        let mut passes: VecDeque<Vec<usize>> = VecDeque::new();
        let mut room = 0;
        for (at, agency) in self.agencies.iter().enumerate() {
            let bytes = agency.n * self.row_bytes();
            match passes.back_mut() {
                Some(pass) if bytes <= room => {
                    pass.push(at);
                    room -= bytes;
                }
                _ => {
                    passes.push_back(vec![at]);
                    room = limits::EXPORT_BYTES.saturating_sub(bytes);
                }
            }
        }
        passes
    }
}

fn planned(source: &Source<'_>, page: &AgencyPage, id: AgencyId, stream: Stream) -> Result<Planned, Kept> {
    let counted = source.collected.counted(id, stream);
    let n_of =
        |stratum: StratumId| counted.and_then(|c| c.strata.get(&stratum)).map_or(0, crate::domain::tally::Tally::n);
    let of_agency: Vec<&Stratum> = source.data.strata.iter().filter(|s| s.agency == id).collect();
    let strata: Vec<(StratumId, String, Option<i64>)> = if stream == Stream::Open {
        // Nobody drew these people: they stand for no number of dossiers.
        vec![(StratumId::WHOLE, WHOLE.to_owned(), None)]
    } else {
        of_agency.iter().map(|s| (s.id, stratum_code(source, s), s.population)).collect()
    };
    let sizes = || strata.iter().map(|(id, ..)| n_of(*id));
    let n: i64 = sizes().sum();
    if n == 0 {
        return Err(Kept::Empty);
    }
    if source.collected.is_held(id, stream) {
        return Err(Kept::Held);
    }
    if sizes().any(|n| (1..LEAST_RESPONDENTS).contains(&n)) {
        return Err(Kept::SmallStratum);
    }
    let exact = |shown: &Shown| matches!(shown, Shown::Known { .. } | Shown::Absent(Absence::NobodyAnswered));
    if !matches!(page.headline.figure, Shown::Known { .. }) || !matches!(page.headline.n, Count::Exactly(_)) {
        return Err(Kept::Hidden);
    }
    let mut blank = vec![false; page.criteria.len()];
    for (at, factor) in page.factors.iter().enumerate() {
        let own = || page.criteria.iter().zip(0..).filter(|(line, _)| line.factor == at);
        if exact(&factor.figure) && own().all(|(line, _)| exact(&line.figure)) {
            continue;
        }
        // Blank answers change nothing where the factor is no part of the index and of the rule of validity.
        let optional = source.data.questionnaire.factors.get(at).is_some_and(|f| f.optional);
        if factor.counts || !optional || source.data.method.overall == OverallRule::Pooled {
            return Err(Kept::Hidden);
        }
        for (_, criterion) in own() {
            if let Some(blank) = blank.get_mut::<usize>(criterion) {
                *blank = true;
            }
        }
    }
    Ok(Planned { id, code: page.code.clone(), n: usize::try_from(n).unwrap_or(0), strata, blank })
}

fn stratum_code(source: &Source<'_>, stratum: &Stratum) -> String {
    let field = stratum.field.and_then(|at| usize::try_from(at).ok());
    field.and_then(|at| source.data.round.fields.get(at)).map_or_else(|| WHOLE.to_owned(), |field| field.code.clone())
}

/// RESPONSES.csv in chunks of about 64 KB. The database is read in pages and never waits for who reads the file.
/// `key` is for this purpose alone (`Keys::derive("exports")`); the plan was made within the scope of `may`.
pub fn responses_csv(
    store: Store,
    may: Export,
    questionnaire: std::sync::Arc<Questionnaire>,
    plan: Plan,
    key: [u8; 32],
) -> impl Chunks<Item = Result<Vec<u8>, StoreError>> + Send {
    let head = Some(plan.head().into_bytes());
    let passes = plan.passes();
    let state = Writing { store, may, questionnaire, plan, key, head, passes, decks: VecDeque::new() };
    try_unfold(state, |mut state| async move {
        let chunk = state.next().await?;
        Ok(chunk.map(|chunk| (chunk, state)))
    })
}

struct Writing {
    store: Store,
    may: Export,
    questionnaire: std::sync::Arc<Questionnaire>,
    plan: Plan,
    key: [u8; 32],
    head: Option<Vec<u8>>,
    passes: VecDeque<Vec<usize>>,
    /// Shuffled rows that wait to be sent, a deck an agency.
    decks: VecDeque<Deck>,
}

impl Writing {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        loop {
            if let Some(deck) = self.decks.front_mut() {
                let chunk = deck.deal(&self.plan);
                if deck.is_dealt() {
                    self.decks.pop_front();
                }
                if !chunk.is_empty() {
                    return Ok(Some(chunk));
                }
                continue;
            }
            let Some(pass) = self.passes.pop_front() else { return Ok(None) };
            self.decks = self.read(&pass).await?;
        }
    }

    /// Reads the answers of some agencies and shuffles them.
    async fn read(&self, pass: &[usize]) -> Result<VecDeque<Deck>, StoreError> {
        let row_bytes = self.plan.row_bytes();
        let most_rows = (limits::EXPORT_BYTES / row_bytes).max(1);
        let mut open: BTreeMap<AgencyId, Deck> = BTreeMap::new();
        for at in pass {
            if let Some(agency) = self.plan.agencies.get(*at) {
                open.insert(agency.id, Deck::new(*at, agency.n.min(most_rows), row_bytes));
            }
        }
        let ids: Vec<AgencyId> = open.keys().copied().collect();
        let strata: HashMap<(AgencyId, StratumId), u16> = pass
            .iter()
            .filter_map(|at| self.plan.agencies.get(*at))
            .flat_map(|agency| agency.strata.iter().zip(0_u16..).map(|((id, ..), at)| ((agency.id, *id), at)))
            .collect();
        let voluntary = self.plan.stream == Stream::Open;
        let mut full = VecDeque::new();
        let sheet_of = |row: &AnswersRow| {
            let unreadable = || StoreError::Inconsistent("a response cannot be read".to_owned());
            Sheet::unpack(&row.sheet, &self.questionnaire).ok_or_else(unreadable)
        };
        let take = |row: AnswersRow| {
            // Outside the population, or in a stratum that is not said: in no figure either.
            let stratum = match row.stratum {
                StratumId::OUTSIDE => return Ok(()),
                _ if voluntary => StratumId::WHOLE,
                stratum => stratum,
            };
            let Some(stratum) = strata.get(&(row.agency, stratum)) else { return Ok(()) };
            let sheet = sheet_of(&row)?;
            let Some(deck) = open.get_mut(&row.agency) else { return Ok(()) };
            deck.put(*stratum, &sheet.answers);
            if deck.len() >= most_rows {
                let next = Deck::new(deck.agency, most_rows, row_bytes);
                full.push_back(std::mem::replace(deck, next));
            }
            Ok(())
        };
        self.store.each_answers(&self.may, self.plan.round, self.plan.stream, &ids, take).await?;
        let mut decks: VecDeque<Deck> = full.into_iter().chain(open.into_values()).collect();
        let seed = |at: usize, block: usize| {
            mac(&self.key, format!("{:?} {} {at} {block}", self.plan.round, self.plan.stream.word()).as_bytes())
        };
        let seeds: Vec<[u8; 32]> = decks.iter().enumerate().map(|(block, deck)| seed(deck.agency, block)).collect();
        let shuffled = tokio::task::spawn_blocking(move || {
            for (deck, seed) in decks.iter_mut().zip(seeds) {
                deck.shuffle(seed);
            }
            decks
        });
        shuffled.await.map_err(|error| StoreError::Inconsistent(format!("the answers were not shuffled: {error}")))
    }
}
