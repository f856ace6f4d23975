//! The last page: thanks and the receipt; never the answers.

use leptos::prelude::*;

use super::after::same_phone;
use crate::components::phone::document::{Document, Form, Switches, document};
use crate::components::phone::look::{Look, Place};
use crate::components::phone::words::words;

/// The last page as HTML. `receipt` reads "7K3F-92QD"; `earlier` as in [`super::after::after_page`].
pub fn done_page(look: Look, place: &Place, receipt: &str, earlier: Option<&str>) -> String {
    let w = words(look.lang);
    let query = [&format!("ma={receipt}"), look.query().as_str()].join("&");
    let check = format!("/bien-nhan?{}", query.trim_end_matches('&'));
    let main = view! {
        <h1>{w.thanks}</h1>
        <p>{w.received}</p>
        <h2>{w.receipt}</h2>
        <p class="receipt">{receipt.to_owned()}</p>
        <p class="hint">{w.receipt_hint}</p>
        <p><a class="link" href=check>{w.receipt_check}</a></p>
        {earlier.map(|at| same_phone(w, at))}
    };
    let (place, switches, title) = (Some(place), Switches::Buttons, w.received.trim_end_matches('.').to_owned());
    document(
        Document { look, title, place, switches, form: Form::Answers { action: None, closed: true, kept: false } },
        main,
    )
}
