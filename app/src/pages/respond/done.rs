//! The last page: thanks and the receipt; never the answers.

use leptos::prelude::*;

use super::after::same_phone;
use crate::components::phone::document::{Answers, Document, Form, Switches, document};
use crate::components::phone::look::{Look, Place};
use crate::components::phone::words::words;
use crate::domain::form::{Press, names};

/// The last page.
#[derive(Clone, Debug)]
pub struct DonePage<'a> {
    /// Language and size.
    pub look: Look,
    /// Where.
    pub place: &'a Place,
    /// The receipt: "7K3F-92QD".
    pub receipt: &'a str,
    /// As in [`super::after::after_page`].
    pub earlier: Option<&'a str>,
    /// A part of the form was sent, and the rest may follow.
    pub resumable: bool,
    /// Where its buttons post to, when not to the address of the page.
    pub action: Option<String>,
}

/// The last page as HTML.
pub fn done_page(page: DonePage<'_>) -> String {
    let DonePage { look, place, receipt, earlier, resumable, action } = page;
    let w = words(look.lang);
    let query = [&format!("ma={receipt}"), look.query().as_str()].join("&");
    let check = format!("/bien-nhan?{}", query.trim_end_matches('&'));
    let rest = resumable.then(|| {
        view! {
            <p>{w.rest_hint}</p>
            <p><button class="main" name=names::GO value=Press::Form.word()>{w.rest}</button></p>
            <p><button class="link" name=names::GO value=Press::Other.word()>{w.other_dossier}</button></p>
        }
    });
    let main = view! {
        <h1>{w.thanks}</h1>
        <p>{w.received}</p>
        {rest}
        <h2>{w.receipt}</h2>
        <p class="receipt">{receipt.to_owned()}</p>
        <p class="hint">{w.receipt_hint}</p>
        <p><a class="link" href=check>{w.receipt_check}</a></p>
        {earlier.filter(|_| !resumable).map(|at| same_phone(w, at))}
    };
    let (place, switches, title) = (Some(place), Switches::Buttons, w.received.trim_end_matches('.').to_owned());
    let form = Answers { action, closed: !resumable, rest: resumable, idle: true, ..Answers::default() };
    document(Document { look, title, place, switches, form: Form::Answers(form) }, main)
}
