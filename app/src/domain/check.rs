//! What a well-formed questionnaire and a well-formed method are: everything that a file can get wrong although it
//! has the right shape. Each defect names its place, so that the loader can name the line.

use std::collections::HashSet;

use unicode_normalization::is_nfc;

use super::limits;
use super::method::{Band, Method};
use super::questionnaire::{Condition, Criterion, Factor, Kind, LegalBasis, Purpose, Question, Questionnaire};
use super::text::Text;

/// One thing that is wrong in a questionnaire or a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Where, as a dotted path with positions from 0: `factors[1].criteria[3].text.en`.
    pub place: String,
    /// What is wrong, one sentence without a full stop, for whoever wrote the file.
    pub reason: String,
}

/// Collects defects, so that one look at a file shows all of them.
#[derive(Default)]
struct Findings(Vec<Defect>);

impl Findings {
    fn add(&mut self, place: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Defect { place: place.into(), reason: reason.into() });
    }

    fn result(self) -> Result<(), Vec<Defect>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }

    /// A line of words: not empty, NFC, no stray blanks, no control characters, of bearable length.
    fn words(&mut self, place: String, words: &str) {
        if words.trim().is_empty() {
            self.add(place, "the text is empty");
        } else if words.trim() != words {
            self.add(place, "the text begins or ends with blanks");
        } else if words.chars().any(char::is_control) {
            self.add(place, "the text holds a control character or a line break");
        } else if !is_nfc(words) {
            self.add(place, "the text is not in Unicode form NFC");
        } else if words.chars().count() > limits::LABEL_CHARS {
            self.add(place, format!("the text is longer than {} characters", limits::LABEL_CHARS));
        }
    }

    fn text(&mut self, place: &str, text: &Text) {
        self.words(format!("{place}.vi"), &text.vi);
        self.words(format!("{place}.en"), &text.en);
    }

    /// A code: ASCII letters, digits and `-._`, because it stands in addresses, form fields and column heads.
    fn code(&mut self, place: &str, code: &str) {
        let fine = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if code.is_empty() {
            self.add(place, "the code is empty");
        } else if code.len() > limits::CODE_BYTES {
            self.add(place, format!("the code is longer than {} characters", limits::CODE_BYTES));
        } else if !code.chars().all(fine) {
            self.add(place, format!("the code `{code}` may hold only the letters a to z, digits and - . _"));
        }
    }

    /// A key: as a code, in lower case and without dots, because it names a file.
    fn key(&mut self, place: &str, key: &str) {
        self.code(place, key);
        if key.contains(|c: char| c.is_ascii_uppercase() || c == '.') {
            self.add(place, format!("the key `{key}` must be in lower case and without dots"));
        }
    }

    fn version(&mut self, version: u16) {
        if version == 0 {
            self.add("version", "versions begin at 1");
        }
    }

    fn unique<'a>(&mut self, seen: &mut HashSet<&'a str>, place: &str, code: &'a str) {
        if !seen.insert(code) {
            self.add(place, format!("the code `{code}` is used twice"));
        }
    }

    fn legal_basis(&mut self, list: &[LegalBasis]) {
        if list.is_empty() {
            self.add("legal_basis", "at least one document must be cited");
        }
        for (i, basis) in list.iter().enumerate() {
            let place = format!("legal_basis[{i}]");
            self.words(format!("{place}.document"), &basis.document);
            self.text(&format!("{place}.gives"), &basis.gives);
            if basis.date.as_deref().is_some_and(|date| !is_date(date)) {
                self.add(format!("{place}.date"), "the date must be written YYYY-MM-DD");
            }
        }
    }
}

/// Whether a text is a date `YYYY-MM-DD` of the calendar's shape (month 1 to 12, day 1 to 31).
fn is_date(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    let number = |part: &str, digits: usize| {
        (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u32>().ok()).flatten()
    };
    match parts.as_slice() {
        [year, month, day] => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|m| (1..=12).contains(&m))
                && number(day, 2).is_some_and(|d| (1..=31).contains(&d))
        }
        _ => false,
    }
}

/// Where something stands on the page: part of the page, criterion, what comes first beside that criterion, order.
/// The head of a factor comes before a gate, a gate before its criterion.
type Rank = (u8, usize, u8, usize);

/// The rank of the head of the factor whose first criterion is number `criterion`.
fn factor_rank(criterion: usize) -> Rank {
    (2, criterion, 0, 0)
}

/// The rank of a criterion.
fn criterion_rank(criterion: usize) -> Rank {
    (2, criterion, 2, 0)
}

/// The rank of a question; none for a gate that stands before no criterion.
fn question_rank(questionnaire: &Questionnaire, index: usize, question: &Question) -> Option<Rank> {
    Some(match question.purpose {
        Purpose::Visit => (0, 0, 0, index),
        Purpose::RespondentType => (1, 0, 0, index),
        Purpose::Gate => (2, questionnaire.criterion_index(question.before.as_deref()?)?, 1, index),
        Purpose::Fact => (3, 0, 0, index),
        Purpose::Expectation => (4, 0, 0, index),
        Purpose::Respondent => (5, 0, 0, index),
    })
}

impl Questionnaire {
    /// Checks everything that the types leave open: codes, texts in both languages, the scale, routing, limits.
    ///
    /// # Errors
    /// All defects, in the order of the file.
    pub fn check(&self) -> Result<(), Vec<Defect>> {
        let mut found = Findings::default();
        found.key("key", &self.key);
        found.version(self.version);
        found.text("title", &self.title);
        found.text("short_title", &self.short_title);
        found.key("method", &self.method);
        found.legal_basis(&self.legal_basis);
        found.text("source_note", &self.source_note);
        found.text("tap", &self.tap);
        if self.scale.labels.len() != 5 {
            found.add("scale.labels", format!("the scale needs 5 labels, 1 to 5, and has {}", self.scale.labels.len()));
        }
        for (i, label) in self.scale.labels.iter().enumerate() {
            found.text(&format!("scale.labels[{i}]"), label);
        }
        found.text("scale.not_applicable", &self.scale.not_applicable);
        let mut codes = HashSet::new();
        self.check_factors(&mut found, &mut codes);
        self.check_questions(&mut found, &mut codes);
        if let Some(comment) = &self.comment {
            found.text("comment", comment);
        }
        found.result()
    }

    fn check_factors<'a>(&'a self, found: &mut Findings, codes: &mut HashSet<&'a str>) {
        if self.factors.is_empty() || self.factors.len() > limits::FACTORS {
            found.add("factors", format!("there must be 1 to {} factors", limits::FACTORS));
        }
        if self.n_criteria() > limits::CRITERIA {
            found.add("factors", format!("there may be at most {} criteria", limits::CRITERIA));
        }
        if !self.factors.is_empty() && self.factors.iter().all(|f| f.optional) {
            found.add("factors", "at least one factor must not be optional, or nothing decides what is complete");
        }
        let mut factor_codes = HashSet::new();
        let mut first = 0;
        for (i, factor) in self.factors.iter().enumerate() {
            let place = format!("factors[{i}]");
            found.code(&format!("{place}.code"), &factor.code);
            found.unique(&mut factor_codes, &format!("{place}.code"), &factor.code);
            found.text(&format!("{place}.name"), &factor.name);
            self.check_factor_routing(found, &place, factor, first);
            if factor.criteria.is_empty() {
                found.add(format!("{place}.criteria"), "a factor needs at least one criterion");
            }
            let mut previous = None;
            for (j, criterion) in factor.criteria.iter().enumerate() {
                let place = format!("{place}.criteria[{j}]");
                found.code(&format!("{place}.code"), &criterion.code);
                found.unique(codes, &format!("{place}.code"), &criterion.code);
                found.text(&format!("{place}.text"), &criterion.text);
                self.check_criterion_routing(found, &place, criterion, previous, first + j);
                previous = Some(criterion);
            }
            first += factor.criteria.len();
        }
    }

    fn check_factor_routing(&self, found: &mut Findings, place: &str, factor: &Factor, first: usize) {
        self.check_condition(found, place, factor.asked_when.as_ref(), Some(factor_rank(first)));
        check_lead(found, place, factor.lead.as_ref(), factor.asked_when.as_ref());
        if factor.asked_when.is_some() && factor.lead.is_none() {
            found.add(
                format!("{place}.lead"),
                "a routed factor needs a lead, so that it reads right where it cannot be hidden",
            );
        }
    }

    fn check_criterion_routing(
        &self,
        found: &mut Findings,
        place: &str,
        criterion: &Criterion,
        previous: Option<&Criterion>,
        position: usize,
    ) {
        self.check_condition(found, place, criterion.asked_when.as_ref(), Some(criterion_rank(position)));
        check_lead(found, place, criterion.lead.as_ref(), criterion.asked_when.as_ref());
        let follows = previous.is_some_and(|p| p.asked_when == criterion.asked_when);
        if criterion.asked_when.is_some() && criterion.lead.is_none() && !follows {
            found.add(format!("{place}.lead"), "the first of the criteria routed together needs a lead");
        }
    }

    fn check_questions<'a>(&'a self, found: &mut Findings, codes: &mut HashSet<&'a str>) {
        if self.questions.len() > limits::QUESTIONS {
            found.add("questions", format!("there may be at most {} questions", limits::QUESTIONS));
        }
        for (i, question) in self.questions.iter().enumerate() {
            let place = format!("questions[{i}]");
            found.code(&format!("{place}.code"), &question.code);
            found.unique(codes, &format!("{place}.code"), &question.code);
            found.text(&format!("{place}.text"), &question.text);
            self.check_purpose(found, &place, i, question);
            self.check_condition(found, &place, question.asked_when.as_ref(), question_rank(self, i, question));
            check_lead(found, &place, question.lead.as_ref(), question.asked_when.as_ref());
            check_kind(found, &place, &question.kind);
        }
    }

    fn check_purpose(&self, found: &mut Findings, place: &str, index: usize, question: &Question) {
        let alone = matches!(question.purpose, Purpose::Visit | Purpose::RespondentType);
        if alone && self.questions.iter().take(index).any(|q| q.purpose == question.purpose) {
            found.add(format!("{place}.purpose"), "there may be only one question with this purpose");
        }
        if (alone || question.purpose == Purpose::Gate) && !matches!(question.kind, Kind::Single { .. }) {
            found.add(format!("{place}.kind"), "a question with this purpose must be a single choice");
        }
        if question.sensitive && question.purpose != Purpose::Fact {
            found.add(format!("{place}.sensitive"), "only a fact can be sensitive");
        }
        match (question.purpose, question.before.as_deref()) {
            (Purpose::Gate, None) => {
                found.add(place, "a gate needs `before`, the code of the criterion it stands before");
            }
            (Purpose::Gate, Some(code)) if self.criterion_index(code).is_none() => {
                found.add(format!("{place}.before"), format!("there is no criterion `{code}`"));
            }
            (Purpose::Gate, Some(_)) | (_, None) => {}
            (_, Some(_)) => found.add(format!("{place}.before"), "only a gate stands before a criterion"),
        }
    }

    /// A condition asks an earlier single-choice question for options that it has. An item without a rank has
    /// another defect that says so.
    fn check_condition(&self, found: &mut Findings, place: &str, condition: Option<&Condition>, rank: Option<Rank>) {
        let Some(condition) = condition else { return };
        let at = format!("{place}.asked_when");
        let code = &condition.question;
        let Some((index, question)) = self.questions.iter().enumerate().find(|(_, q)| q.code == *code) else {
            return found.add(format!("{at}.question"), format!("there is no question `{code}`"));
        };
        if !matches!(question.kind, Kind::Single { .. }) {
            return found.add(format!("{at}.question"), format!("the question `{code}` is not a single choice"));
        }
        if let (Some(this), Some(asked)) = (rank, question_rank(self, index, question))
            && asked >= this
        {
            found.add(format!("{at}.question"), format!("the question `{code}` does not come earlier on the page"));
        }
        if condition.any_of.is_empty() {
            found.add(format!("{at}.any_of"), "at least one option must be named");
        }
        for (i, option) in condition.any_of.iter().enumerate() {
            if question.options().iter().all(|o| o.code != *option) {
                found.add(format!("{at}.any_of[{i}]"), format!("the question `{code}` has no option `{option}`"));
            }
        }
    }
}

fn check_lead(found: &mut Findings, place: &str, lead: Option<&Text>, condition: Option<&Condition>) {
    let Some(lead) = lead else { return };
    found.text(&format!("{place}.lead"), lead);
    if condition.is_none() {
        found.add(format!("{place}.lead"), "a lead belongs to `asked_when`, which is missing");
    }
}

fn check_kind(found: &mut Findings, place: &str, kind: &Kind) {
    match kind {
        Kind::Single { options } => check_options(found, place, options),
        Kind::Multiple { most, options } => {
            check_options(found, place, options);
            if *most == 0 || usize::from(*most) > options.len() {
                found.add(format!("{place}.most"), format!("between 1 and {} options may be chosen", options.len()));
            }
        }
        Kind::Number { min, max, unit } => {
            if min >= max {
                found.add(format!("{place}.max"), "the most must be above the least");
            }
            if *max > limits::NUMBER {
                found.add(format!("{place}.max"), format!("a number may be {} at most", limits::NUMBER));
            }
            if !unit.is_empty() {
                found.words(format!("{place}.unit"), unit);
            }
        }
    }
}

fn check_options(found: &mut Findings, place: &str, options: &[super::questionnaire::Choice]) {
    if options.len() < 2 || options.len() > limits::OPTIONS {
        found.add(format!("{place}.options"), format!("there must be 2 to {} options", limits::OPTIONS));
    }
    let mut codes = HashSet::new();
    for (i, option) in options.iter().enumerate() {
        let place = format!("{place}.options[{i}]");
        found.code(&format!("{place}.code"), &option.code);
        found.unique(&mut codes, &format!("{place}.code"), &option.code);
        found.text(&format!("{place}.text"), &option.text);
    }
}

impl Method {
    /// Checks everything that the types leave open: the key, texts in both languages, thresholds, bands and targets.
    ///
    /// # Errors
    /// All defects, in the order of the file.
    pub fn check(&self) -> Result<(), Vec<Defect>> {
        let mut found = Findings::default();
        found.key("key", &self.key);
        found.version(self.version);
        found.text("title", &self.title);
        found.legal_basis(&self.legal_basis);
        if !(2..=5).contains(&self.satisfied_from) {
            found.add("satisfied_from", "satisfaction begins at a score of 2 to 5");
        }
        if self.min_factor_respondents == 0 {
            found.add("min_factor_respondents", "a factor needs at least 1 respondent");
        }
        let mut visits = HashSet::new();
        for (i, code) in self.outside_visits.iter().enumerate() {
            found.code(&format!("outside_visits[{i}]"), code);
            found.unique(&mut visits, &format!("outside_visits[{i}]"), code);
        }
        if self.rank_min_n < 2 {
            found.add("rank_min_n", "a rank needs at least 2 responses");
        }
        // Written so that NaN, which TOML can spell, is refused too.
        if !(self.rank_max_half_width > 0.0 && self.rank_max_half_width <= 0.5) {
            found.add("rank_max_half_width", "the half-width is a share above 0 and at most 0.5");
        }
        check_bands(&mut found, "", &self.bands, self.bands_basis.as_ref());
        if let Some(par) = &self.par {
            if !(par.maximum_points > 0.0 && par.maximum_points <= 100.0) {
                found.add("par.maximum_points", "the points are above 0 and at most 100");
            }
            found.words("par.basis".to_owned(), &par.basis);
            check_bands(&mut found, "par.", &par.bands, par.bands_basis.as_ref());
        }
        if !(1..=500).contains(&self.margin_permille) {
            found.add("margin_permille", "the margin is 1 to 500 parts of a thousand");
        }
        for (i, target) in self.targets.iter().enumerate() {
            let place = format!("targets[{i}]");
            if !(target.at > 0.0 && target.at <= 1.0) {
                found.add(format!("{place}.at"), "a target is a share above 0 and at most 1");
            }
            found.text(&format!("{place}.label"), &target.label);
            found.words(format!("{place}.basis"), &target.basis);
        }
        found.result()
    }
}

/// Bands stand from the highest down and cite the document that gives them. `at` goes before each place.
fn check_bands(found: &mut Findings, at: &str, bands: &[Band], basis: Option<&String>) {
    match basis {
        Some(basis) => found.words(format!("{at}bands_basis"), basis),
        None if !bands.is_empty() => {
            found.add(format!("{at}bands"), "bands need `bands_basis`, the document that gives them");
        }
        None => {}
    }
    if basis.is_some() && bands.is_empty() {
        found.add(format!("{at}bands_basis"), "there are no bands that this document gives");
    }
    let mut above = 1.0;
    for (i, band) in bands.iter().enumerate() {
        let place = format!("{at}bands[{i}]");
        if !(0.0..1.0).contains(&band.from) {
            found.add(format!("{place}.from"), "a band begins at a share from 0 to below 1");
        } else if band.from >= above {
            found.add(format!("{place}.from"), "bands must stand from the highest down");
        }
        above = band.from;
        found.text(&format!("{place}.name"), &band.name);
    }
}

#[cfg(test)]
mod tests;
