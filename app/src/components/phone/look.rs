//! How a phone page looks and where the citizen stands: what a cached page depends on.

use crate::domain::agency::Agency;
use crate::domain::questionnaire::{Questionnaire, Source};
use crate::domain::round::{Desk, Round};
use crate::domain::text::Lang;

/// How the page is to look; the same bytes for everyone who wants it so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Look {
    /// Language.
    pub lang: Lang,
    /// "Chữ to".
    pub large: bool,
}

impl Look {
    /// The parameters of an address that ask for this look, none for the usual one: `lang=en&chu=to`.
    pub fn query(self) -> String {
        let lang = if self.lang == Lang::En { "lang=en" } else { "" };
        let large = if self.large { "chu=to" } else { "" };
        [lang, large].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("&")
    }

    /// The other language, all else kept.
    #[must_use]
    pub fn translated(self) -> Self {
        let lang = if self.lang == Lang::En { Lang::Vi } else { Lang::En };
        Self { lang, ..self }
    }

    /// The other size, all else kept.
    #[must_use]
    pub fn resized(self) -> Self {
        Self { large: !self.large, ..self }
    }
}

/// Where the citizen stands, and what may be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Name of the agency, shortened the usual way.
    pub agency: String,
    /// Words on the sign of the desk.
    pub desk: String,
    /// All data of the round are simulated.
    pub sample_data: bool,
    /// Some of the wording is a reconstruction.
    pub reference: bool,
}

impl Place {
    /// The place of a desk.
    pub fn new(agency: &Agency, desk: &Desk, round: &Round, questionnaire: &Questionnaire) -> Self {
        Self {
            agency: short_name(&agency.name),
            desk: desk.name.clone(),
            sample_data: round.sample_data,
            reference: questionnaire.criteria().any(|(_, c)| c.source == Source::Reference),
        }
    }
}

/// "UBND" as every sign has it; the faces must stand in the first 512 px of a small phone.
fn short_name(name: &str) -> String {
    ["Ủy ban nhân dân ", "Uỷ ban nhân dân "]
        .iter()
        .find_map(|long| name.strip_prefix(long))
        .map_or_else(|| name.to_owned(), |rest| format!("UBND {rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_asked_for_by_the_parameters_that_differ() {
        assert_eq!(Look::default().query(), "");
        assert_eq!(Look { lang: Lang::En, large: true }.query(), "lang=en&chu=to");
    }

    #[test]
    fn agencies_are_called_as_on_their_sign() {
        assert_eq!(short_name("Ủy ban nhân dân phường An Bình"), "UBND phường An Bình");
        assert_eq!(short_name("Sở Y tế"), "Sở Y tế");
    }
}
