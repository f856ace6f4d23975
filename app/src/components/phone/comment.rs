//! The open question. The one place where a citizen's own words come back into a page.

use leptos::prelude::*;

use crate::domain::form::names;

/// A text area with `typed` in it. leptos 0.8 does not escape the children of `<textarea>`, so it is done here;
/// quotes too, so that nothing typed looks like a piece of the page.
pub fn comment_field(typed: &str, described_by: String, wrong: bool) -> impl IntoView {
    view! {
        <textarea
            id=names::COMMENT
            name=names::COMMENT
            rows="5"
            aria-describedby=described_by
            aria-invalid=wrong.then_some("true")
            // A line break right after the tag is eaten by the parser: give it one to eat.
            inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(typed))
        ></textarea>
    }
}
