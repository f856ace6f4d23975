//! Looks for telephone numbers, e-mail and numbers of identity papers in a comment, and for what makes it sensitive.
//!
//! It errs on the side of hiding: any long run of figures is masked, dossier numbers included, for they lead to a person
//! too. Sums of money up to eight figures and dates stay.

use super::Sensitive;
use super::letters::is_unseen;
use super::words::sensitive;

/// What stands where something was masked.
pub const MASK: &str = "[đã che]";
/// Fewest figures of a run that is masked: a number of CMND and a landline with its area code have nine and ten, a mobile
/// number ten, CCCD twelve.
const FIGURES: usize = 9;
/// Most signs of the keyboard between two figures of one run: "0912 - 345". Emoji and what is not seen do not count.
const GAP: usize = 3;

/// A comment after the scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The text, with [`MASK`] in it.
    pub text: String,
    /// Something was masked.
    pub masked: bool,
    /// What it speaks of.
    pub sensitive: Option<Sensitive>,
}

/// Scans a comment.
pub fn scan(body: &str) -> Scanned {
    let letters: Vec<char> = body.chars().collect();
    let mut hidden = vec![false; letters.len()];
    for (from, to) in emails(&letters).into_iter().chain(figures(&letters)).chain(spelled(&letters)) {
        hidden.iter_mut().take(to).skip(from).for_each(|each| *each = true);
    }
    let mut text = String::with_capacity(body.len());
    let mut before = false;
    for (letter, hide) in letters.iter().zip(&hidden) {
        if !hide {
            text.push(*letter);
        } else if !before {
            text.push_str(MASK);
        }
        before = *hide;
    }
    Scanned { text, masked: hidden.contains(&true), sensitive: sensitive(body) }
}

/// A figure in any width, ring or script.
fn is_figure(letter: char) -> bool {
    letter.is_numeric()
}

/// Runs of figures with little between them.
fn figures(letters: &[char]) -> Vec<(usize, usize)> {
    let mut runs = vec![];
    let (mut from, mut to, mut n) = (0, 0, 0);
    let mut close = |from: usize, to: usize, n: usize| {
        if n >= FIGURES {
            runs.push((from, to));
        }
    };
    for (at, letter) in letters.iter().enumerate() {
        if !is_figure(*letter) {
            continue;
        }
        let between = letters.get(to..at).unwrap_or_default();
        let signs = between.iter().filter(|c| c.is_ascii() || " ·–\u{a0}".contains(**c)).count();
        let near =
            signs <= GAP && between.iter().all(|c| " .-_()'\"*".contains(*c) || !c.is_ascii() && !c.is_alphanumeric());
        if n > 0 && near {
            n += 1;
        } else {
            close(from, to, n);
            (from, n) = (at, 1);
        }
        to = at + 1;
    }
    close(from, to, n);
    runs
}

/// Addresses of electronic mail: signs, an @, and a name with a dot in it.
fn emails(letters: &[char]) -> Vec<(usize, usize)> {
    let part = |c: char| c.is_alphanumeric() || "._%+-".contains(c) || is_unseen(c);
    let mut found = vec![];
    for (at, _) in letters.iter().enumerate().filter(|(_, letter)| matches!(letter, '@' | '＠')) {
        let before = letters.iter().take(at).rev().take_while(|c| part(**c)).count();
        let name: Vec<char> = letters.iter().skip(at + 1).take_while(|c| part(**c)).copied().collect();
        if before > 0 && name.iter().skip(1).any(|c| *c == '.') {
            found.push((at - before, at + 1 + name.len()));
        }
    }
    found
}

/// Figures as people spell them.
const SPELLED: [&str; 17] = [
    "không", "khong", "một", "mot", "hai", "ba", "bốn", "bon", "tư", "năm", "nam", "sáu", "sau", "bảy", "bay", "tám",
    "chín",
];

/// Runs of nine and more figures that are spelled out.
fn spelled(letters: &[char]) -> Vec<(usize, usize)> {
    let mut runs = vec![];
    let (mut from, mut to, mut n, mut at) = (0, 0, 0, 0);
    while at < letters.len() {
        let word: String =
            letters.iter().skip(at).take_while(|c| c.is_alphanumeric()).flat_map(|c| c.to_lowercase()).collect();
        let length = word.chars().count();
        if length == 0 {
            at += 1;
            continue;
        }
        if SPELLED.contains(&word.as_str()) {
            if n == 0 {
                from = at;
            }
            (n, to) = (n + 1, at + length);
        } else {
            if n >= FIGURES {
                runs.push((from, to));
            }
            n = 0;
        }
        at += length;
    }
    if n >= FIGURES {
        runs.push((from, to));
    }
    runs
}
