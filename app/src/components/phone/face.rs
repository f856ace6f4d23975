//! The five faces. One colour for all: a coloured face steers the answer.

use leptos::prelude::*;

use crate::domain::form::names;

/// Eyes are strokes without length: round caps make them dots of radius 1.4.
const EYES: &str = "M8.5 9.5h0M15.5 9.5h0";
const MOUTHS: [&str; 5] = [
    "M7.5 17.5Q12 11.8 16.5 17.5M6.3 6.2L10 7.6M17.7 6.2L14 7.6",
    "M8 16.8Q12 13.6 16 16.8",
    "M8 15.5H16",
    "M8 14.6Q12 17.8 16 14.6",
    "M7 13.6Q12 20.6 17 13.6Z",
];

/// A face that is a submit button: its level from 1, its word, its accessible name, whether it is the one chosen.
pub fn face_button(level: u8, word: String, name: String, chosen: bool) -> impl IntoView {
    let mouth = MOUTHS.get(usize::from(level).saturating_sub(1)).copied().unwrap_or_default();
    view! {
        <button
            class=chosen.then_some("on")
            name=names::TAP
            value=level.to_string()
            aria-label=name
            aria-pressed=chosen.then_some("true")
        >
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <circle cx="12" cy="12" r="10.5"></circle>
                <path class="eyes" d=EYES></path>
                <path class=(level == 5).then_some("full") d=mouth></path>
            </svg>
            {word}
        </button>
    }
}

/// A face alone, for print: its level from 1. It brings its own strokes.
pub fn face(level: u8) -> impl IntoView + use<> {
    let mouth = MOUTHS.get(usize::from(level).saturating_sub(1)).copied().unwrap_or_default();
    let fill = if level == 5 { "currentColor" } else { "none" };
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round">
            <circle cx="12" cy="12" r="10.5" stroke-width="1.5"></circle>
            <path d=EYES stroke-width="2.8"></path>
            <path d=mouth stroke-width="1.8" fill=fill></path>
        </svg>
    }
}
