//! Items that are not of the shape of a response: which of their members are wrong. Off the hot path.

use std::collections::HashSet;

use app::domain::answer::{FieldError, Problem};
use app::domain::submission::{Item, ItemResult, Pairs};
use serde_json::value::RawValue;

/// Members that hold several answers.
const LISTS: [&str; 3] = ["answers", "facts", "respondent"];

/// An item that is not of the shape: its id is given back where it can be found, so that the device knows which, and
/// every member that cannot be read is named. Each is tried alone, for serde says what is wrong and not where.
pub(super) fn unreadable(raw: &RawValue) -> ItemResult {
    let members = serde_json::from_str::<Members<'_>>(raw.get()).unwrap_or_default().0;
    let id: Option<String> =
        members.iter().find(|(name, _)| name == "id").and_then(|(_, v)| serde_json::from_str(v.get()).ok());
    let mut seen = HashSet::with_capacity(members.len());
    let mut errors: Vec<FieldError> = vec![];
    for (name, value) in &members {
        let Some(problem) = fault(name, value.get()).or((!seen.insert(name)).then_some(Problem::ForeignValue)) else {
            continue;
        };
        // Of a list of answers only those are named that are wrong.
        let list = Some(value.get()).filter(|_| LISTS.contains(&name.as_ref()));
        let parts = list.and_then(|list| serde_json::from_str::<Members<'_>>(list).ok()).unwrap_or_default().0;
        let wrong = parts.iter().filter(|(part, v)| fault(name, &alone(part, v.get())).is_some());
        let before = errors.len();
        if problem == Problem::ForeignValue {
            errors.extend(wrong.map(|(part, _)| FieldError::new(part.to_string(), Problem::ForeignValue)));
        }
        if errors.len() == before {
            errors.push(FieldError::new(name.to_string(), problem));
        }
    }
    if errors.is_empty() {
        errors.push(FieldError::new("", Problem::ForeignValue));
    }
    ItemResult::invalid(id.unwrap_or_default(), errors)
}

/// The members of an object, each as it was written.
type Members<'a> = Pairs<'a, &'a RawValue>;

/// An object with this one member.
fn alone(name: &str, value: &str) -> String {
    format!("{{{}:{value}}}", serde_json::Value::from(name))
}

/// What is wrong with one member of an item, looked at alone.
fn fault(name: &str, value: &str) -> Option<Problem> {
    let error = serde_json::from_str::<Item<'_>>(&alone(name, value)).err()?;
    Some(if error.to_string().starts_with("unknown field") { Problem::UnknownField } else { Problem::ForeignValue })
}
