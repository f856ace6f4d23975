//! What is wrong: the summary first on the page, and the line under a legend.

use leptos::prelude::*;

/// A fault as the summary lists it.
pub struct Fault {
    /// The anchor on the page; none where the page has no such field.
    pub anchor: Option<String>,
    /// What is wrong and what to do.
    pub text: String,
}

/// The line under the legend of `code`.
pub fn fault_line(code: &str, text: String) -> impl IntoView + use<> {
    view! { <p class="fault" id=format!("e-{code}")>{text}</p> }
}

/// The summary: a heading, and each fault as a link to its field.
pub fn fault_summary(heading: &'static str, faults: Vec<Fault>) -> impl IntoView {
    let line = |fault: Fault| match fault.anchor {
        Some(anchor) => view! { <li><a href=format!("#{anchor}")>{fault.text}</a></li> }.into_any(),
        None => view! { <li>{fault.text}</li> }.into_any(),
    };
    view! {
        <div class="notice wrong" role="alert">
            <h2>{heading}</h2>
            <ul>{faults.into_iter().map(line).collect_view()}</ul>
        </div>
    }
}
