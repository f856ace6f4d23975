//! The order of the questions on the paper, the same for print, keying and comparing.

use crate::domain::questionnaire::{Condition, Kind, Purpose, Question, Questionnaire};
use crate::domain::response::Stream;
use crate::domain::text::Text;

/// The keys of the options, in order, as they stand on the paper too. Without M and X, which say what a pen did.
pub const OPTION_KEYS: &str = "123456789abcdefghijklnopqrstuvwyz";

/// How an item is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 1 to 5, or 0.
    Scale,
    /// One of the options.
    Single(Vec<Text>),
    /// At most so many of the options.
    Multiple(u8, Vec<Text>),
    /// A number from, to, and its sign.
    Number(u16, u16, String),
}

/// One question on the paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Code of the criterion or question.
    pub code: String,
    /// Words.
    pub text: Text,
    /// "Nếu trễ hẹn:", above or before it.
    pub lead: Option<Text>,
    /// The answer.
    pub shape: Shape,
}

/// A group of questions under one heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Heading.
    pub title: Text,
    /// "Nếu đã nhận kết quả:".
    pub lead: Option<Text>,
    /// Its questions.
    pub items: Vec<Item>,
}

/// The parts of a form in order: the visit, the factors with the questions that stand before their criteria, what
/// happened, expectations, who answers. Parts without questions are left out. The comment comes after all of them. The
/// stream decides whether the visit is asked about ([`Stream::asks_visit`]).
pub fn layout(questionnaire: &Questionnaire, stream: Stream) -> Vec<Part> {
    let text = |vi: &str, en: &str| Text { vi: vi.to_owned(), en: en.to_owned() };
    let lead =
        |lead: Option<&Text>, condition: Option<&Condition>| questionnaire.lead_in(stream, lead, condition).cloned();
    let item = |question: &Question| Item {
        lead: lead(question.lead.as_ref(), question.asked_when.as_ref()),
        ..question_item(question)
    };
    let part = |title: Text, purposes: &[Purpose]| {
        let of = purposes.iter().flat_map(|purpose| questionnaire.questions_for(*purpose));
        let of = of.filter(|(_, question)| question.purpose != Purpose::Visit || stream.asks_visit());
        Part { title, lead: None, items: of.map(|(_, question)| item(question)).collect() }
    };
    let mut parts = vec![part(text("Lần đến này", "This visit"), &[Purpose::Visit, Purpose::RespondentType])];
    for (at, factor) in questionnaire.factors.iter().enumerate() {
        let mut items = Vec::new();
        for criterion in &factor.criteria {
            let gates = questionnaire.questions_for(Purpose::Gate).map(|(_, gate)| gate);
            items.extend(gates.filter(|gate| gate.before.as_ref() == Some(&criterion.code)).map(item));
            items.push(Item {
                code: criterion.code.clone(),
                text: criterion.text.clone(),
                lead: lead(criterion.lead.as_ref(), criterion.asked_when.as_ref()),
                shape: Shape::Scale,
            });
        }
        let number = at + 1;
        let title = text(&format!("{number}. {}", factor.name.vi), &format!("{number}. {}", factor.name.en));
        parts.push(Part { title, lead: lead(factor.lead.as_ref(), factor.asked_when.as_ref()), items });
    }
    parts.push(part(text("Nhận định, đánh giá", "What happened"), &[Purpose::Fact]));
    parts.push(part(text("Mong đợi", "Expectations"), &[Purpose::Expectation]));
    parts.push(part(text("Về người trả lời", "About you"), &[Purpose::Respondent]));
    parts.retain(|part| !part.items.is_empty());
    parts
}

fn question_item(question: &Question) -> Item {
    let words = question.options().iter().map(|option| option.text.clone()).collect();
    let shape = match &question.kind {
        Kind::Single { .. } => Shape::Single(words),
        Kind::Multiple { most, .. } => Shape::Multiple(*most, words),
        Kind::Number { min, max, unit } => Shape::Number(*min, *max, unit.clone()),
    };
    Item { code: question.code.clone(), text: question.text.clone(), lead: question.lead.clone(), shape }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limits;

    #[test]
    fn paper_of_drawn_people_does_not_ask_why_they_came() {
        let form = crate::domain::fixture::form();
        for (stream, asked) in [(Stream::Sample, false), (Stream::Intercept, true), (Stream::Open, true)] {
            let parts = layout(&form, stream);
            let codes = |code: &str| parts.iter().flat_map(|part| &part.items).any(|item| item.code == code);
            assert_eq!(codes("visit"), asked, "{stream:?}");
            assert!(codes("2.1") && codes("hen"), "{stream:?}");
            let routed = parts.iter().find(|part| part.items.iter().any(|item| item.code == "2.1"));
            assert_eq!(routed.is_some_and(|part| part.lead.is_some()), asked, "{stream:?}");
        }
    }

    #[test]
    fn there_is_a_key_for_every_option_and_none_says_what_a_pen_did() {
        assert!(OPTION_KEYS.len() >= limits::OPTIONS);
        assert!(!OPTION_KEYS.contains(['m', 'x', '0', ' ']));
    }
}
