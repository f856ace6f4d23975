//! What the address says: round, stream, level, search, order, language. All of it works without script, and any value
//! that is not known reads as the default, because a page must never fail over its address.

use crate::domain::agency::Level;
use crate::domain::limits;
use crate::domain::response::Stream;
use crate::domain::text::Lang;

/// By which column the ranking is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// The rank, and below the ranked ones the others by name.
    #[default]
    Rank,
    /// The name in Vietnamese order.
    Name,
    /// The index.
    Index,
    /// Valid responses.
    Responses,
    /// Dossiers.
    Population,
}

impl SortKey {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 5] = [Self::Rank, Self::Name, Self::Index, Self::Responses, Self::Population];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rank => "hang",
            Self::Name => "ten",
            Self::Index => "chi-so",
            Self::Responses => "phieu",
            Self::Population => "ho-so",
        }
    }

    /// Whether the first click orders from the largest down.
    fn falls_first(self) -> bool {
        matches!(self, Self::Index | Self::Responses | Self::Population)
    }
}

/// An order: a column and a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub key: SortKey,
    /// From the largest down.
    pub descending: bool,
}

impl Sort {
    /// The order that a click on the head of a column asks for: its own first direction, the other one if it already
    /// stands so.
    #[must_use]
    pub fn clicked(self, key: SortKey) -> Self {
        if self.key == key { Self { key, descending: !self.descending } } else { Self::by(key) }
    }

    /// The direction in which a column is ordered at first.
    #[must_use]
    pub fn by(key: SortKey) -> Self {
        Self { key, descending: key.falls_first() }
    }

    /// The word in the address: `-` stands before a falling order.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key.word())
    }

    fn from_word(word: &str) -> Option<Self> {
        let (descending, key) = word.strip_prefix('-').map_or((false, word), |key| (true, key));
        SortKey::ALL.into_iter().find(|k| k.word() == key).map(|key| Self { key, descending })
    }
}

/// The word of a level in the address.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::City => "thanh-pho",
        Level::District => "quan-huyen",
        Level::Commune => "phuong-xa",
    }
}

/// The address of a results page, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `lang`.
    pub lang: Lang,
    /// `dot`: code of a round; none is the newest.
    pub round: Option<String>,
    /// `nguon`: none is the first stream that has responses.
    pub stream: Option<Stream>,
    /// `cap`: only this level.
    pub level: Option<Level>,
    /// `tim`: what is searched for, as typed.
    pub search: String,
    /// `sap`.
    pub sort: Sort,
}

impl Query {
    /// Reads the pairs of an address, already decoded; of repeated names the last one counts.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut query = Self::default();
        for (name, value) in pairs {
            let value = value.as_ref().trim();
            match name.as_ref() {
                "lang" => query.lang = Lang::from_tag(value),
                "dot" => query.round = Some(short(value)).filter(|code| !code.is_empty()),
                "nguon" => query.stream = Stream::from_word(value),
                "cap" => query.level = Level::ALL.iter().copied().find(|l| level_word(*l) == value),
                "tim" => query.search = short(value),
                "sap" => query.sort = Sort::from_word(value).unwrap_or_default(),
                _ => {}
            }
        }
        query
    }

    /// The address of `path` with this query, in one canonical spelling: defaults are left out.
    pub fn href(&self, path: &str) -> String {
        let mut href = path.to_owned();
        for (name, value) in self.fields() {
            href.push(if href.len() == path.len() { '?' } else { '&' });
            href.push_str(name);
            href.push('=');
            encode(&value, &mut href);
        }
        href
    }

    /// Names and values that differ from the default, for links and for the hidden fields of a form.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut field = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        field("dot", self.round.clone());
        field("nguon", self.stream.map(|s| s.word().to_owned()));
        field("cap", self.level.map(|l| level_word(l).to_owned()));
        field("tim", Some(self.search.clone()).filter(|s| !s.is_empty()));
        field("sap", Some(self.sort.word()).filter(|_| self.sort != Sort::default()));
        field("lang", (self.lang != Lang::default()).then(|| self.lang.tag().to_owned()));
        fields
    }

    /// The query of another page of the same round and stream: without search, filter and order.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { lang: self.lang, round: self.round.clone(), stream: self.stream, ..Self::default() }
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(limits::SEARCH_CHARS).collect()
}

/// Percent-encodes all but unreserved characters.
fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_anything_is_the_default_and_is_spelled_bare() {
        let query = Query::from_pairs::<&str, &str>([]);
        assert_eq!(query, Query::default());
        assert_eq!(query.href("/ket-qua"), "/ket-qua");
    }

    #[test]
    fn what_is_not_known_reads_as_the_default() {
        let query = Query::from_pairs([("lang", "fr"), ("nguon", "all"), ("cap", "9"), ("sap", "-mau"), ("x", "y")]);
        assert_eq!(query, Query::default());
    }

    #[test]
    fn an_address_survives_reading_and_writing() {
        let pairs = [
            ("tim", "  Bình Thuỷ & \"Ô Môn\" "),
            ("sap", "-chi-so"),
            ("cap", "phuong-xa"),
            ("nguon", "open"),
            ("dot", "2018"),
            ("lang", "en"),
        ];
        let query = Query::from_pairs(pairs);
        assert_eq!(
            query.href("/ket-qua"),
            "/ket-qua?dot=2018&nguon=open&cap=phuong-xa&tim=B%C3%ACnh%20Thu%E1%BB%B7%20%26%20%22%C3%94%20M%C3%B4n%22\
             &sap=-chi-so&lang=en"
        );
        assert_eq!(Query::from_pairs(query.fields()), query);
    }

    #[test]
    fn a_search_is_cut_to_a_length() {
        let query = Query::from_pairs([("tim", "ữ".repeat(5_000))]);
        assert_eq!(query.search.chars().count(), limits::SEARCH_CHARS);
    }

    #[test]
    fn a_second_click_turns_the_order_round() {
        let first = Sort::default().clicked(SortKey::Index);
        assert_eq!(first.word(), "-chi-so");
        assert_eq!(first.clicked(SortKey::Index).word(), "chi-so");
        assert_eq!(first.clicked(SortKey::Name).word(), "ten");
        assert_eq!(Sort::default().clicked(SortKey::Rank).word(), "-hang");
    }
}
