//! "Ông/Bà nói, cơ quan làm": what an agency says to the public about comments. The comments themselves are not here.

use leptos::prelude::*;

use crate::components::number::say;
use crate::domain::comment::{Progress, Theme};
use crate::domain::text::Lang;

/// One sentence: its subject, whether it was taken up or resolved, the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidLine {
    /// Subject.
    pub theme: Option<Theme>,
    /// Taken up or resolved.
    pub progress: Progress,
    /// The sentence.
    pub sentence: String,
}

/// A page with the sentences below it; the page alone where there are none.
pub fn with_said(page: AnyView, said: &[SaidLine], lang: Lang) -> AnyView {
    if said.is_empty() {
        return page;
    }
    let lines: Vec<_> = said
        .iter()
        .map(|line| {
            let theme = line.theme.map(|theme| format!("{} · ", theme.name(lang)));
            view! {
                <li>
                    {line.sentence.clone()}
                    <span class="note">{theme} {line.progress.name(lang)}</span>
                </li>
            }
        })
        .collect();
    view! {
        {page}
        <section aria-labelledby="co-quan-lam">
            <h2 id="co-quan-lam">{say(lang, "Ông/Bà nói, cơ quan làm", "You said, we did")}</h2>
            <p class="secondary">
                {say(
                    lang,
                    "Cơ quan trả lời những ý kiến đã nhận. Ý kiến không đăng, để không ai nhận ra người viết.",
                    "The agency answers the comments that it got. The comments are not shown, so that nobody knows who wrote them.",
                )}
            </p>
            <ul>{lines}</ul>
        </section>
    }
    .into_any()
}
