//! The assembly of `/quan-tri/tom-tat`: one page for the meeting, and the mark of the figures it stands on.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::changes;
use super::covered::{Covered, Reader, Seen};
use super::overview_model::{LowCriterion, Need, need_of};
use super::subject::{Subject, Whom};
use crate::components::number::say;
use crate::domain::agency::{Agency, Level};
use crate::domain::tally::Tally;
use crate::domain::text::Lang;
use crate::pages::results::model::{FactorLine, Heading, Headline};
use crate::pages::results::query::Query;
use crate::pages::results::solve::Solved;
use crate::pages::results::words;

/// How many criteria the page has room for.
const CRITERIA: usize = 5;
/// Bytes of a mark: among as many summaries as are kept, two with one mark are less likely than one in a million.
const MARK_BYTES: usize = 6;
/// How many agencies.
const AGENCIES: usize = 6;

/// Of whom a summary is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'c> {
    /// The whole scope: the city, or the own agency.
    Own,
    /// A level of the city.
    Level(Level),
    /// An agency, by its code.
    Agency(&'c str),
}

/// What the mark in the address says of the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// No mark was given.
    No,
    /// They are the same.
    Same,
    /// They have moved since; the mark that was given.
    Moved(String),
}

/// The page.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The round.
    pub heading: Heading,
    /// Whom it speaks of.
    pub subject: String,
    /// The address below `/quan-tri/tom-tat`, without its query.
    pub path: String,
    /// The figure.
    pub headline: Headline,
    /// What changed, as a sentence.
    pub change: String,
    /// The factors.
    pub factors: Vec<FactorLine>,
    /// Agencies, or factors, surely below the target: names with figures, and how many more.
    pub below: (Vec<(String, String)>, usize),
    /// The criteria surely lower than the index, the lowest first.
    pub lowest: Vec<LowCriterion>,
    /// What is missing for a half-width of 5 points; agencies only.
    pub need: Option<Need>,
    /// How many agencies have enough responses, of how many; the city and levels only.
    pub coverage: Option<(usize, usize)>,
    /// The mark of these figures: version and hash.
    pub mark: String,
    /// What a given mark says.
    pub marked: Marked,
}

/// Makes the page; none where there is nothing to say of whom is asked for: not in the scope, not in the round, or a
/// stream that is never added up. `version` is that of the tallies, `given` a mark in the address.
pub fn summary(
    now: &Seen<'_>,
    before: Option<&Seen<'_>>,
    reader: &Reader<'_>,
    query: &Query,
    asked: Asked<'_>,
    version: i64,
    given: Option<&str>,
) -> Option<Summary> {
    let lang = query.lang;
    let Reader { covered, place, .. } = *reader;
    let heading = now.heading(query, covered);
    let (whom, path) = whom(now, covered, asked)?;
    let zero = Tally::zero(now.data.shape);
    let solved = Solved::new(&now.data, now.collected, heading.stream, &zero);
    let subject = Subject::of(now, &solved, whom);
    let headline = subject.headline.clone()?;
    let records = changes::records(reader.known);
    let zero_then = before.map(|before| Tally::zero(before.data.shape));
    let then = before.zip(zero_then.as_ref());
    let then = then.map(|(before, zero)| (before, Solved::new(&before.data, before.collected, heading.stream, zero)));
    let then = then.as_ref().map(|(before, solved)| (*before, solved));
    let factors = subject.factors(now, lang);
    let of_group = |agency: &Agency| match whom {
        Whom::City => true,
        Whom::Level(level) => agency.level == level,
        Whom::Agency(_) => false,
    };
    let target = heading.target.as_ref().map(|(at, _)| *at);
    let below: Vec<(String, String)> = match (target, whom) {
        (None, _) => Vec::new(),
        (Some(at), Whom::Agency(_)) => factors
            .iter()
            .filter(|f| f.figure.interval().is_some_and(|(_, high)| high < at))
            .map(|f| (f.name.clone(), f.figure.words(lang)))
            .collect(),
        (Some(at), _) => super::overview_model::below(now, &solved, &of_group, at)
            .into_iter()
            .map(|line| (line.agency.name, line.figure.words(lang)))
            .collect(),
    };
    let more = below.len().saturating_sub(AGENCIES);
    let coverage = super::overview_model::coverage_of(now, &solved, &of_group);
    let (need, coverage) = match whom {
        Whom::Agency(id) => (need_of(&solved, id, &headline), None),
        _ => (None, Some(coverage)),
    };
    let mut page = Summary {
        subject: match whom {
            Whom::City => place.to_owned(),
            Whom::Level(level) => words::level(level, lang).to_owned(),
            Whom::Agency(_) => subject.own.as_ref().map(|own| own.name.clone()).unwrap_or_default(),
        },
        path,
        change: subject.change(now, &solved, then, &records, lang),
        factors,
        below: (below.into_iter().take(AGENCIES).collect(), more),
        lowest: subject.lowest(now, lang).into_iter().take(CRITERIA).collect(),
        need,
        coverage,
        headline,
        heading,
        mark: String::new(),
        marked: Marked::No,
    };
    let hash = page.hash(&now.data.round.code);
    page.mark = format!("{version}-{hash}");
    page.marked = match given {
        None => Marked::No,
        Some(given) if given.rsplit('-').next() == Some(hash.as_str()) => Marked::Same,
        Some(given) => Marked::Moved(given.to_owned()),
    };
    Some(page)
}

fn whom(now: &Seen<'_>, covered: &Covered, asked: Asked<'_>) -> Option<(Whom, String)> {
    let agency = |found: &dyn Fn(&Agency) -> bool| {
        let agency = now.data.agencies.iter().find(|a| covered.holds(a.id) && found(a))?;
        Some((Whom::Agency(agency.id), format!("/{}", agency.code)))
    };
    match asked {
        Asked::Own if covered.is_whole() => Some((Whom::City, String::new())),
        Asked::Own => agency(&|a| Some(a.id) == covered.root()),
        Asked::Level(level) => covered.is_whole().then(|| (Whom::Level(level), String::new())),
        Asked::Agency(code) => agency(&|a| a.code.eq_ignore_ascii_case(code)),
    }
}

impl Summary {
    /// Twelve letters that stand for every figure of the page, in either language the same.
    fn hash(&self, round: &str) -> String {
        let figure = |figure: &crate::pages::results::shown::Shown| {
            format!("{} {}", figure.words(Lang::Vi), figure.precision_words(Lang::Vi))
        };
        let level = self.heading.query.level.filter(|_| self.path.is_empty());
        let level = level.map_or("", |level| words::level(level, Lang::Vi));
        let mut lines =
            vec![round.to_owned(), self.heading.stream.word().to_owned(), self.path.clone(), level.to_owned()];
        lines.push(figure(&self.headline.figure));
        lines.push(format!("{:?} {:?} {:?}", self.headline.n, self.headline.population, self.headline.left_out));
        lines.extend(self.factors.iter().map(|f| format!("{} {} {:?}", f.code, figure(&f.figure), f.n)));
        lines.extend(self.lowest.iter().map(|c| format!("{} {}", c.code, figure(&c.figure))));
        lines.push(format!("{} {:?}", self.below.0.len() + self.below.1, self.coverage));
        let digest = Sha256::digest(lines.join("\n").as_bytes());
        digest.iter().take(MARK_BYTES).fold(String::new(), |mut mark, byte| {
            // Writing into a string does not fail.
            let _ = write!(mark, "{byte:02X}");
            mark
        })
    }
}

/// What of a mark stands for the figures, as it was typed: its last twelve letters.
pub fn mark_of(given: &str) -> String {
    let last = given.trim().rsplit('-').next().unwrap_or_default();
    last.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_uppercase()).take(2 * MARK_BYTES).collect()
}

/// The title of the page.
pub fn summary_title(lang: Lang) -> &'static str {
    say(lang, "Bản tóm tắt 1 trang", "One-page summary")
}
