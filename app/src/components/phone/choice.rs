//! A question beside the criteria: one of several, several of many, or a number.

use leptos::prelude::*;

use super::fault::fault_line;

/// One option of a question.
pub struct Option_ {
    /// Code: the value of the field.
    pub code: String,
    /// Words.
    pub text: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// How the question is answered.
pub enum Field {
    /// One option.
    Single(Vec<Option_>),
    /// Several options.
    Multiple(Vec<Option_>),
    /// A number as typed, and its unit.
    Number {
        /// As typed.
        typed: String,
        /// Unit behind the field.
        unit: String,
    },
}

/// One question.
pub struct Asked {
    /// Code: the name of the field.
    pub code: String,
    /// Words that make a routed question read right when it cannot be hidden.
    pub lead: Option<String>,
    /// The question.
    pub text: String,
    /// How many may be chosen, limits of a number.
    pub hint: Option<String>,
    /// When it is asked, for script: `question=option,option`.
    pub asked_when: Option<String>,
    /// The answer.
    pub field: Field,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// The fieldset of a question.
pub fn choice(asked: Asked) -> impl IntoView {
    let Asked { code, lead, text, hint, asked_when, field, fault } = asked;
    let wrong = fault.is_some();
    let rows = |kind: &'static str, options: Vec<Option_>| {
        let row = |option: Option_| {
            view! {
                <label class="row">
                    <input type=kind name=code.clone() value=option.code checked=option.chosen />
                    <span>{option.text}</span>
                </label>
            }
        };
        options.into_iter().map(row).collect_view().into_any()
    };
    let field = match field {
        Field::Single(options) => rows("radio", options),
        Field::Multiple(options) => rows("checkbox", options),
        Field::Number { typed, unit } => view! {
            <label class="number">
                <input type="text" inputmode="numeric" name=code.clone() value=typed aria-label=text.clone() />
                {unit}
            </label>
        }
        .into_any(),
    };
    let hint_id = format!("h-{code}");
    let described_by = [hint.is_some().then(|| hint_id.clone()), wrong.then(|| format!("e-{code}"))];
    let described_by = described_by.into_iter().flatten().collect::<Vec<_>>().join(" ");
    view! {
        <fieldset
            id=wrong.then(|| format!("c-{code}"))
            class=wrong.then_some("wrong")
            data-if=asked_when
            tabindex=wrong.then_some("-1")
            aria-describedby=(!described_by.is_empty()).then_some(described_by)
        >
            <legend>
                {lead.map(|lead| format!("{lead} "))}
                {text}
            </legend>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {fault.map(|fault| fault_line(&code, fault))}
            {field}
        </fieldset>
    }
}
