//! The document around every phone page: head, header with the two switches, the one form, footer.

use leptos::prelude::*;

use super::assets::{self, Kind};
use super::look::{Look, Place};
use super::words::words;
use crate::components::page::without_markers;
use crate::domain::form::{Press, Switch, names};
use crate::domain::text::Lang;

/// How the switches "English" and "Chữ to" work on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switches {
    /// Links that keep these parameters (empty or `name=value&…`): nothing on the page could be lost.
    Links(String),
    /// Submit buttons: the address carries what the page, the same for everyone, does not know, and answers are kept.
    Buttons,
    /// None: the page is the answer to a post and cannot be asked for again.
    None,
}

/// The one form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Posts answers, or asks for another page about them.
    Answers(Answers),
    /// Asks this address with GET; no script.
    Lookup(&'static str),
}

/// What a form that posts answers says of itself.
#[expect(clippy::struct_excessive_bools, reason = "facts of a page that do not exclude each other")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Where it posts to; none: to the address of the page.
    pub action: Option<String>,
    /// The response is closed: script forgets its draft and its id.
    pub closed: bool,
    /// The page shows answers that the server gave back: script leaves them.
    pub kept: bool,
    /// A part of the form was sent: script keeps draft and id for the rest.
    pub rest: bool,
    /// Nothing is typed here: on a device at the desk the page is left when it is not touched.
    pub idle: bool,
    /// It has more than one part: Enter in a text field must not end it.
    pub parts: bool,
}

/// What a document needs to know.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Language and size.
    pub look: Look,
    /// The state first: "Lỗi: …", "Đã ghi nhận: Hài lòng".
    pub title: String,
    /// Where the citizen stands; none when the code is unknown.
    pub place: Option<&'a Place>,
    /// How the switches work.
    pub switches: Switches,
    /// The form.
    pub form: Form,
}

/// The whole page as HTML.
pub fn document(document: Document<'_>, main: impl IntoView) -> String {
    let Document { look, title, place, switches, form } = document;
    let w = words(look.lang);
    let title = match place {
        Some(place) => format!("{title} · {}", place.agency),
        None => title,
    };
    let place_line = place.map(|p| view! { <p>{format!("{} · {}", p.agency, p.desk)}</p> });
    let sample = place.filter(|p| p.sample_data).map(|_| view! { <p class="sample">{w.sample_data}</p> });
    let reference = place.filter(|p| p.reference).map(|_| view! { <p class="hint">{w.reference_form}</p> });
    let header = view! { <header>{place_line} {switch_row(look, switches)}</header> };
    let kind = match &form {
        Form::Answers(answers) if answers.parts => Kind::Form,
        Form::Answers(_) | Form::Lookup(_) => Kind::Faces,
    };
    let body = match form {
        Form::Lookup(action) => view! {
            <form method="get" action=action autocomplete="off">{header}<main>{main}</main></form>
            <footer>{reference} {sample}</footer>
        }
        .into_any(),
        Form::Answers(answers) => view! {
            <form
                method="post"
                action=answers.action
                autocomplete="off"
                data-closed=answers.closed.then_some("")
                data-kept=answers.kept.then_some("")
                data-rest=answers.rest.then_some("")
                data-idle=answers.idle.then_some("")
            >
                // Enter in a text field presses the first submit button; it must not be a face or a switch.
                <button
                    class="away"
                    name=names::GO
                    value=if answers.parts { Press::Stop } else { Press::Send }.word()
                    tabindex="-1"
                    aria-hidden="true"
                >
                    {w.send}
                </button>
                {header}
                <main>{main}</main>
                <input type="hidden" name=names::ID />
                <input type="hidden" name=names::STARTED />
                <input type="hidden" name=names::SENT />
                <label class="away" aria-hidden="true">
                    {w.leave_empty} <input name=names::HONEYPOT tabindex="-1" autocomplete="off" />
                </label>
            </form>
            <footer>{reference} {sample}</footer>
            <p id="net" role="status" data-busy=w.sending data-wait=w.offline></p>
            <script inner_html=assets::script(kind)></script>
        }
        .into_any(),
    };
    let html = view! {
        <html lang=look.lang.tag() class=if look.large { "large" } else { look.lang.tag() }>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width,initial-scale=1" />
                <title>{title}</title>
                <link rel="icon" href="data:," />
                <style inner_html=assets::style(kind)></style>
            </head>
            <body>{body}</body>
        </html>
    };
    let html = Owner::new().with(|| html.to_html());
    format!("<!DOCTYPE html>{}", without_markers(&html))
}

fn switch_row(look: Look, switches: Switches) -> Option<AnyView> {
    let w = words(look.lang);
    let size = if look.large { w.normal } else { w.large };
    let other = look.translated().lang.tag();
    match switches {
        Switches::None => None,
        Switches::Links(keep) => {
            let href = |look: Look| {
                let mut query = [keep.clone(), look.query()].to_vec();
                query.retain(|part| !part.is_empty());
                format!("?{}", query.join("&"))
            };
            let nav = view! {
                <nav>
                    <a href=href(look.translated()) hreflang=other lang=other>{w.other_language}</a>
                    <a href=href(look.resized())>{size}</a>
                </nav>
            };
            Some(nav.into_any())
        }
        Switches::Buttons => {
            let language = if look.lang == Lang::En { Switch::Vietnamese } else { Switch::English };
            let larger = if look.large { Switch::Normal } else { Switch::Large };
            let nav = view! {
                <nav>
                    <button name=names::SWITCH value=language.word() lang=other>{w.other_language}</button>
                    <button name=names::SWITCH value=larger.word()>{size}</button>
                </nav>
            };
            Some(nav.into_any())
        }
    }
}
