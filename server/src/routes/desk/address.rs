//! The address of a phone page: which desk, which response, how far, which look.

use app::components::phone::look::Look;
use app::domain::form::Fields;
use app::domain::text::Lang;

/// The stages of the page, as `b` in the address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// The faces, or with a token what was recorded.
    Start,
    /// "Chọn lại": the faces again.
    Again,
    /// The form.
    Form,
    /// Thanks.
    Done,
}

impl Stage {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Start => None,
            Self::Again => Some("lai"),
            Self::Form => Some("phieu"),
            Self::Done => Some("xong"),
        }
    }
}

/// What the parameters of an address say. What cannot be read is as if it were not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The resume token as it came, not yet opened.
    pub token: Option<String>,
    /// The stage.
    pub stage: Stage,
    /// Language and size.
    pub look: Look,
}

impl Address {
    pub(super) fn read(query: Option<&str>) -> Self {
        let fields = Fields::decode(query.unwrap_or_default().as_bytes()).unwrap_or_default();
        let stages = [Stage::Again, Stage::Form, Stage::Done];
        Self {
            token: fields.get("p").map(str::to_owned),
            stage: stages.into_iter().find(|s| s.word() == fields.get("b")).unwrap_or(Stage::Start),
            look: Look {
                lang: Lang::from_tag(fields.get("lang").unwrap_or_default()),
                large: fields.get("chu") == Some("to"),
            },
        }
    }

    /// The address as it is sent: `/k/AB2C?p=…&b=phieu&lang=en`.
    pub(super) fn path(&self, desk: &str) -> String {
        let mut parts = Vec::with_capacity(3);
        parts.extend(self.token.as_ref().map(|token| format!("p={token}")));
        parts.extend(self.stage.word().map(|word| format!("b={word}")));
        parts.extend(Some(self.look.query()).filter(|query| !query.is_empty()));
        if parts.is_empty() { format!("/k/{desk}") } else { format!("/k/{desk}?{}", parts.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        for query in ["", "p=abc", "b=phieu", "p=abc&b=lai&chu=to", "p=abc&b=xong&lang=en&chu=to"] {
            let address = Address::read(Some(query));
            let path = address.path("AB2C");
            assert_eq!(path.trim_start_matches("/k/AB2C").trim_start_matches('?'), query);
        }
    }

    #[test]
    fn an_address_that_makes_no_sense_is_the_first_page() {
        for query in ["b=nowhere", "lang=km", "%", "chu=1", "&&&"] {
            assert_eq!(Address::read(Some(query)).path("AB2C"), "/k/AB2C", "{query}");
        }
    }
}
