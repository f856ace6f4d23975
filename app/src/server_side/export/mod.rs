//! Files that people take along: tables as CSV, XLSX and JSON, answers as CSV, the yearly report as DOCX
//! and as a page.
//!
//! All of them are made of the models that the pages print (`pages::results`), so no figure can differ and nothing
//! hidden can come out; the answers have a rule of their own, in [`microdata`]. Who may have which agency comes in as
//! `scope`; the guard in front of the addresses makes it. Every file of sample data says so in its name and inside.

pub mod csv;
mod docx;
pub mod json;
pub mod microdata;
mod package;
pub mod picture;
pub mod report;
pub mod tables;
pub mod xlsx;

use crate::components::number::say;
use crate::components::page::Stamp;
use crate::domain::ids::AgencyId;
use crate::domain::round::Round;
use crate::domain::text::Lang;
use crate::pages::results::collect::{Collected, RoundData};
use crate::pages::results::query::Query;

/// Which agencies the caller may take along.
pub type Scope<'a> = &'a dyn Fn(AgencyId) -> bool;

/// What an export is made of: the round as the pages have it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The round with its versions, strata and agencies.
    pub data: RoundData<'a>,
    /// What may be counted of it now, held back in steps.
    pub collected: &'a Collected,
    /// What the figures stand on.
    pub stamp: Stamp,
    /// Language and stream.
    pub query: &'a Query,
}

/// The name of a file in ASCII: what it holds, the round, and whether its data are simulated.
pub fn file_name(round: &Round, what: &str, ending: &str) -> String {
    let plain = |text: &str| -> String {
        let kept = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
        kept.take(40).collect()
    };
    let sample = if round.sample_data { "-so-lieu-mo-phong" } else { "" };
    format!("hailong-{}-{}{sample}.{ending}", plain(&round.code), plain(what))
}

/// The same name for people: with the letters of the language, and without what a file system refuses.
pub fn title_of_file(round: &Round, what: &str, ending: &str, lang: Lang) -> String {
    const LONGEST: usize = 60;
    let plain = |text: &str| -> String {
        let refused = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
        let kept: String = text.chars().map(|c| if refused(c) { ' ' } else { c }).take(LONGEST).collect();
        kept.trim().to_owned()
    };
    let sample = if round.sample_data { say(lang, " – số liệu mô phỏng", " – simulated data") } else { "" };
    format!("Hài Lòng – {} – {}{sample}.{ending}", plain(round.name.get(lang)), plain(what))
}

/// A text in which no spreadsheet sees a formula (OWASP): what begins with `= + - @`, a tab or a line end gets an
/// apostrophe before it. Control characters become spaces, for no format of ours may hold them.
pub fn tame(text: &str) -> String {
    let bare: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Full-width signs are read as their plain ones by some programs; spaces before a sign are ignored by others.
    let first = text.trim_start_matches(' ').chars().next();
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'));
    if formula { format!("'{bare}") } else { bare }
}
