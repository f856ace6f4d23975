//! The scale of a statement: five tiles in a row, 1 to 5 from left to right as on paper, and "0" on its own row.

use leptos::prelude::*;

use super::fault::fault_line;
use crate::domain::answer::Answer;

/// One statement to rate.
pub struct Statement {
    /// Code of the criterion: the name of the field.
    pub code: String,
    /// "Câu 6/22".
    pub counter: String,
    /// Words that make a routed statement read right when it cannot be hidden.
    pub lead: Option<String>,
    /// The statement.
    pub text: String,
    /// When it is asked, for script: `question=option,option`.
    pub asked_when: Option<String>,
    /// What was answered.
    pub answer: Answer,
    /// What is wrong with it.
    pub fault: Option<String>,
    /// A link of the page leads here.
    pub anchor: bool,
}

/// The fieldset of a statement. `labels` are the words of 1 to 5, `not_applicable` those of 0.
pub fn scale(statement: Statement, labels: &[String], not_applicable: &str) -> impl IntoView + use<> {
    let Statement { code, counter, lead, text, asked_when, answer, fault, anchor } = statement;
    let wrong = fault.is_some();
    let radio = |value: u8, checked: bool| {
        view! { <input type="radio" name=code.clone() value=value.to_string() checked=checked /> }
    };
    let tiles = (1_u8..).zip(labels).map(|(value, label)| {
        view! {
            <label>
                {radio(value, answer.score() == Some(value))}
                <span>
                    <b>{value.to_string()}</b>
                    {format!(" {label}")}
                </span>
            </label>
        }
    });
    let tiles = tiles.collect_view();
    let zero = radio(0, answer == Answer::NotApplicable);
    view! {
        <fieldset
            id=anchor.then(|| format!("c-{code}"))
            class=wrong.then_some("wrong")
            data-if=asked_when
            tabindex=anchor.then_some("-1")
            aria-describedby=wrong.then(|| format!("e-{code}"))
        >
            <legend>
                <small>{counter}</small>
                {lead.map(|lead| format!("{lead} "))}
                {text}
            </legend>
            {fault.map(|fault| fault_line(&code, fault))}
            <div class="scale">{tiles}</div>
            <label class="row">
                {zero}
                <span>{not_applicable.to_owned()}</span>
            </label>
        </fieldset>
    }
}
